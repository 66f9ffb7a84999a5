package crossing_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/app/crossing/crossingtest"
	"hotline/app/house/housetest"
	"hotline/app/play"
	"hotline/federation"
	"hotline/federation/ledger"
	"hotline/federation/seal"
	"hotline/tenants"
)

// waiting lets Beijing's people hand three orders to Tianjin and add to the first, while the courier rests.
func (s *story) waiting() (numbers []string) {
	s.t.Helper()
	for k := range 3 {
		w := s.takenAgain(beijing)
		o := s.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
		numbers = append(numbers, o.GetNumber())
		if k > 0 {
			continue
		}
		add := &pb.AddRequest{Code: w.Code, Facts: "补充：在路口东侧。"}
		if _, err := play.Post[pb.Petition](context.Background(), s.stage[beijing].Nobody(), "/v1/tenants/110000/petitions/"+o.GetNumber()+":add", add); err != nil {
			s.t.Fatal(err)
		}
	}
	return numbers
}

// said are the acts of Beijing on transfers, as the feed gives them.
func (s *story) said(r *federation.Region) (acts []*federationv1.Command, signed []*federationv1.Signed) {
	s.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	entries, err := r.Next(ctx, 0, 10_000)
	if err != nil {
		s.t.Fatal(err)
	}
	for _, e := range entries {
		c, refusal := r.Ledger().Verify(e.Signed)
		if refusal != nil {
			s.t.Fatal(refusal)
		}
		if c.GetCity() == beijing && c.GetTransfer() != nil && e.Result.Reason == 0 {
			w := new(federationv1.Signed)
			if err := proto.Unmarshal(e.Signed, w); err != nil {
				s.t.Fatal(err)
			}
			acts, signed = append(acts, c), append(signed, w)
		}
	}
	return acts, signed
}

func TestWhatWaitsTogetherIsSignedTogetherAndEachTransferStaysInOrder(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, node := linked(t, town)
		r := town.House.Crossing.Region(region)
		s.settle("the cities know of trees", func() bool { return r.Ledger().Figures().Version == ledger.Version })
		node.Rest()
		numbers := s.waiting()
		node.Carry()
		for _, number := range numbers {
			s.coming(tianjin, number)
			s.stands(beijing, number, "delivered")
		}
		acts, signed := s.said(r)
		if len(acts) < 4 {
			t.Fatal(acts)
		}
		trees, last := map[string]int{}, map[uint64]uint64{}
		for k, c := range acts {
			if c.GetOffer() != nil && signed[k].Branch != nil {
				trees[string(signed[k].Signature)]++
			}
			if n := c.GetTransfer().GetNumber(); c.GetSequence() <= last[n] {
				t.Errorf("act %d of transfer %d comes after act %d", c.GetSequence(), n, last[n])
			} else {
				last[n] = c.GetSequence()
			}
		}
		if len(trees) != 1 {
			t.Errorf("three offers that waited together lie in %d trees", len(trees))
		}
		for _, leaves := range trees {
			if leaves != 3 {
				t.Errorf("the tree has %d of the three offers", leaves)
			}
		}
	})
}

// A city of another deployment has not been upgraded: nobody signs as it could not read.
func TestWhileACityOfTheRegionIsOlderTheOthersSignEachActByItself(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		node := crossingtest.Alone(t, town.House, region, coordinator)
		box, err := seal.Generate(seal.AES)
		if err != nil {
			t.Fatal(err)
		}
		old := &federationv1.Join{City: "130200", Sealing: box.Public(), Speaks: 1,
			Signing: &federationv1.Key{Algorithm: federationv1.Algorithm_ED25519, Public: make([]byte, 32)}}
		act := &federationv1.Command{Act: &federationv1.Command_Join{Join: old}}
		if err := town.House.Crossing.Govern(tenants.With(context.Background(), tenants.System(coordinator)), region, act); err != nil {
			t.Fatal(err)
		}
		for _, city := range []string{beijing, tianjin} {
			crossingtest.JoinCity(t, town.House, town.House, region, coordinator, city)
		}
		s := &story{t: t, stage: map[string]*play.Stage{beijing: town.Stage, tianjin: town.Stage, coordinator: town.Stage}}
		numbers := s.waiting()
		node.Carry()
		for _, number := range numbers {
			s.coming(tianjin, number)
		}
		r := town.House.Crossing.Region(region)
		acts, signed := s.said(r)
		if len(acts) < 3 || r.Ledger().Figures().Version != 1 {
			t.Fatal(len(acts), r.Ledger().Figures())
		}
		for k, w := range signed {
			if w.Branch != nil {
				t.Errorf("%v is signed so that an older node can't read it", acts[k])
			}
		}
	})
}
