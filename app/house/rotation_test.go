package house_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	tenantpb "hotline/api/tenant/v1"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/tenants"
)

// shift are people at work on two replicas while the city's keys are changed under their hands.
type shift struct {
	*testing.T
	towns   [2]*housetest.Town
	walks   []*play.Walk
	mu      sync.Mutex
	changes int
	reads   atomic.Int64
}

func TestAKeyIsChangedWhilePeopleWorkAndNobodyIsDisturbed(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s := &shift{T: t, towns: [2]*housetest.Town{town, housetest.Reopen(t, town.URL, town.Master, town.Blobs, io.Discard)}}
		var samples []nation.Request
		for _, r := range nation.Requests() {
			if r.City == "110000" && r.Disposition == "in_scope" {
				samples = append(samples, r)
			}
		}
		working, stop := context.WithCancel(context.Background())
		var people, others sync.WaitGroup
		for i := range 4 {
			people.Go(func() {
				for n := i; n < len(samples); n += 4 {
					s.walk(s.towns[i%2], samples[n])
				}
			})
		}
		others.Go(func() { s.change(working) })
		others.Go(func() { s.read(working, s.towns[0]) })
		others.Go(func() { s.read(working, s.towns[1]) })
		people.Wait()
		stop()
		others.Wait()
		s.after()
		t.Logf("%d orders, %d changes of the key, %d lists read", len(s.walks), s.changes, s.reads.Load())
	})
}

// walk brings a sample to its end; only who was slower than somebody else goes again.
func (s *shift) walk(town *housetest.Town, r nation.Request) {
	for range 9 {
		w, err := town.Stage.Go(context.Background(), r, pb.State_CLOSED)
		var refusal *play.Refusal
		if errors.As(err, &refusal) && refusal.Reason == "CONFLICT" {
			continue
		}
		if err != nil {
			s.Errorf("at work: %v", err)
			return
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		s.walks = append(s.walks, w)
		return
	}
	s.Errorf("%s was refused nine times", r.ID)
}

// change gives the city one new key after the other and moves the data, as the chore does, on one replica and the other.
func (s *shift) change(ctx context.Context) {
	city := tenants.With(context.Background(), tenants.System("110000"))
	for ; ctx.Err() == nil; s.changes++ {
		town := s.towns[s.changes%2]
		admin, err := town.Stage.As(context.Background(), "city_admin.110000")
		if err == nil {
			_, err = play.Post[tenantpb.RotateKeysResponse](context.Background(), admin, "/v1/tenants/110000/keys:rotate",
				&tenantpb.RotateKeysRequest{Reason: "演练"})
		}
		if err != nil {
			s.Errorf("change of the key: %v", err)
			return
		}
		if err := s.towns[(s.changes+1)%2].Reseal(city); err != nil {
			s.Errorf("moving the data: %v", err)
		}
	}
}

// read looks at everything, all the time.
func (s *shift) read(ctx context.Context, town *housetest.Town) {
	for ctx.Err() == nil {
		p, err := town.Stage.As(context.Background(), "callback_agent.110000")
		if err == nil {
			err = p.Do(context.Background(), http.MethodGet, "/v1/tenants/110000/workOrders", nil, nil)
		}
		if err != nil {
			s.Errorf("reading: %v", err)
			return
		}
		s.reads.Add(1)
	}
}

// after moves the last data, drops all old keys and reads everything once more.
func (s *shift) after() {
	ctx := tenants.With(context.Background(), tenants.System("110000"))
	town := s.towns[0]
	before := map[*play.Walk]*pb.Petition{}
	for _, w := range s.walks {
		before[w] = s.track(w)
	}
	if err := town.Reseal(ctx); err != nil {
		s.Fatal(err)
	}
	for generation := range s.changes {
		if err := town.Vault.Drop(ctx, generation+1); err != nil {
			s.Fatal(err)
		}
	}
	clear := 0
	for _, w := range s.walks {
		p := s.track(w)
		if !proto.Equal(p.GetPetitioner(), before[w].GetPetitioner()) {
			s.Errorf("%s reads otherwise: %v, was %v", w.Sample.ID, p.GetPetitioner(), before[w].GetPetitioner())
		}
		if p.GetPetitioner().GetPhone().GetText() != "" { // of a confidential case it stays hidden
			clear++
		}
	}
	if _, _, broken, err := town.Casework.Verify(ctx); err != nil || len(broken) > 0 {
		s.Errorf("chains: %v, %v", broken, err)
	}
	if s.changes < 3 || s.reads.Load() < 3 || len(s.walks) < 5 || clear < 5 {
		s.Errorf("only %d changes, %d reads, %d walks, %d readable", s.changes, s.reads.Load(), len(s.walks), clear)
	}
}

// track reads a case as its citizen.
func (s *shift) track(w *play.Walk) *pb.Petition {
	s.Helper()
	p, err := s.towns[0].Stage.Track(context.Background(), w)
	if err != nil {
		s.Errorf("%s can't be read: %v", w.Sample.ID, err)
	}
	return p
}
