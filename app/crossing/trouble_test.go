package crossing_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/app/house/housetest"
	"hotline/ent/outgoing"
	"hotline/ent/transfer"
)

func TestAnActThatCanNotBeSentKeepsNoOtherWaitingAndTheScreenSaysSo(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, node := linked(t, town)
		murmur := uuid.Must(uuid.NewV7())
		stuck := s.as("dispatcher.110000", s.taken(beijing).Order.GetName(), "transfer", cold(tianjin))
		s.coming(tianjin, stuck.GetNumber())
		number := s.stands(beijing, stuck.GetNumber(), "delivered").GetNumber()
		node.Rest()
		err := town.Store.Do(in(beijing), func(ctx context.Context) error {
			row, err := town.Store.Ent.Transfer.Query().Where(transfer.Number(number)).Only(ctx)
			if err != nil {
				return err
			}
			return town.Store.Ent.Outgoing.Create().SetID(murmur).SetRegion(region).SetTransferID(row.ID).SetAct("murmur").
				SetCreatedAt(time.Now()).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		node.Carry()
		next := s.as("dispatcher.110000", s.takenAgain(beijing).Order.GetName(), "transfer", cold(tianjin))
		s.coming(tianjin, next.GetNumber())
		s.settle("the screen says that something can't be sent", func() bool { return strings.Contains(s.status(), "1 件转办事项暂时无法送出") })
		err = town.Store.Do(in(beijing), func(ctx context.Context) error { return town.Store.Ent.Outgoing.DeleteOneID(murmur).Exec(ctx) })
		if err != nil {
			t.Fatal(err)
		}
		s.settle("and no longer when it need not be", func() bool { return !strings.Contains(s.status(), "暂时无法送出") })
	})
}

// status is what the screen says of the region in the first city.
func (s *story) status() string {
	s.t.Helper()
	var regions pb.ListRegionsResponse
	if err := s.person("dispatcher.110000").Do(context.Background(), "GET", "/v1/tenants/110000/regions", nil, &regions); err != nil {
		s.t.Fatal(err)
	}
	s.last = regions.GetRegions()[0].GetStatus()
	return s.last
}

func TestWhatSomebodyHasToMendBeforeItIsTakenStandsOnTheScreenAndWhatOnlyComesLaterDoesNot(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		linked(t, town)
		for reason, mend := range map[federationv1.Reason]bool{federationv1.Reason_BACKLOG: true, federationv1.Reason_WRONG_CLOCK: true,
			federationv1.Reason_UNSUPPORTED: true, federationv1.Reason_NOT_DUE: false, federationv1.Reason_WRONG_SEQUENCE: false} {
			if over, err := town.Crossing.Judged(in(beijing), region, reason); over || (err != nil) != mend {
				t.Errorf("%s: over %v, %v", reason, over, err)
			}
		}
	})
}

func TestABatchIsNotPassedOverWhileTheDatabaseDoesNotAnswer(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		linked(t, town)
		ctx, end := context.WithCancel(in(beijing))
		end()
		if err := town.Crossing.Unknown(ctx, region); err == nil {
			t.Error("the batch counts as taken though nobody knows whose it is")
		}
	})
}

func TestWhatWasOfferedToACityThatIsRevokedComesBackToDispatch(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		o := s.as("dispatcher.110000", s.taken(beijing).Order.GetName(), "transfer", cold(shijiazhuang))
		s.coming(shijiazhuang, o.GetNumber())
		offer := s.stands(beijing, o.GetNumber(), "delivered")
		if err := town.Crossing.Govern(in(coordinator), region, &federationv1.Command{Act: &federationv1.Command_Revoke{Revoke: &federationv1.Revoke{City: shijiazhuang}}}); err != nil {
			t.Fatal(err)
		}
		if err := town.Crossing.Expire(in(beijing), region, offer.GetAnswerDueTime().AsTime().Add(48*time.Hour)); err != nil {
			t.Fatal(err)
		}
		s.until("dispatcher.110000", o.GetName(), pb.State_RECEIVED)
		s.contains(s.history("dispatcher.110000", o.GetName()), "已退出区域联动，自动收回转办")
		err := town.Store.View(in(beijing), func(ctx context.Context) error {
			n, err := town.Store.Ent.Outgoing.Query().Where(outgoing.Act("expire")).Count(ctx)
			if n > 0 {
				t.Errorf("silence of nobody was asked for %d times", n)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}
