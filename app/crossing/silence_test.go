package crossing_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/app/crossing"
	"hotline/app/house/housetest"
	"hotline/ent"
	"hotline/ent/outgoing"
	"hotline/ent/transfer"
	"hotline/tenants"
)

func in(city string) context.Context {
	return tenants.With(context.Background(), tenants.System(city))
}

// waits counts the acts of a word that a city's outbox holds, sent or not.
func waits(t *testing.T, town *housetest.Town, city, act string) (all, unsent int) {
	t.Helper()
	err := town.Store.View(in(city), func(ctx context.Context) (err error) {
		if all, err = town.Store.Ent.Outgoing.Query().Where(outgoing.Act(act)).Count(ctx); err != nil {
			return err
		}
		unsent, err = town.Store.Ent.Outgoing.Query().Where(outgoing.Act(act), outgoing.SentAtIsNil()).Count(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all, unsent
}

func TestSilenceIsAskedForOnceAndTheLedgerDoesNotLetItBeHurried(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		w := s.taken(beijing)
		o := s.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
		there := s.coming(tianjin, o.GetNumber())
		offer := s.stands(beijing, o.GetNumber(), "delivered")
		due := offer.GetAnswerDueTime().AsTime()
		for _, at := range []time.Duration{0, time.Minute, 5 * time.Minute, 6 * time.Minute} {
			if err := town.Crossing.Expire(in(beijing), region, due.Add(at)); err != nil {
				t.Fatal(err)
			}
		}
		if all, unsent := waits(t, town, beijing, "expire"); all != 1 || unsent != 1 {
			t.Fatalf("%d asked for, %d wait", all, unsent)
		}
		// It waits without keeping the citizen's word waiting, and nobody's clock alone makes silence out of an answer.
		s.citizen(w, "urge", &pb.UrgeRequest{Code: w.Code})
		s.settle("the urge overtakes it", func() bool { return strings.Contains(s.history("dispatcher.120000", there.GetName()), "催办") })
		s.as("dispatcher.120000", there.GetName(), "decline", declining(shijiazhuang))
		s.stands(beijing, o.GetNumber(), "declined")
		s.settle("it is moot", func() bool { _, unsent := waits(t, town, beijing, "expire"); return unsent == 0 })
	})
}

func TestNothingNewIsOfferedBehindTooMuchThatWaits(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, node := linked(t, town)
		node.Rest()
		w := s.taken(beijing)
		o := s.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
		next := s.takenAgain(beijing)
		err := town.Store.Do(in(beijing), func(ctx context.Context) error {
			row, err := town.Store.Ent.Outgoing.Query().First(ctx)
			if err != nil {
				return err
			}
			for range crossing.Backlog / 500 {
				rows := make([]*ent.OutgoingCreate, 500)
				for i := range rows {
					rows[i] = town.Store.Ent.Outgoing.Create().SetID(uuid.Must(uuid.NewV7())).SetRegion(region).SetTransferID(row.TransferID).SetAct("supplement").
						SetContent(row.Content).SetCreatedAt(row.CreatedAt)
				}
				if err := town.Store.Ent.Outgoing.CreateBulk(rows...).Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		s.refused("REGION_BACKLOG", "dispatcher.110000", next.Order.GetName(), "transfer", cold(tianjin))
		// What is there can still be taken back.
		if back := s.as("dispatcher.110000", o.GetName(), "recall", &pb.RecallRequest{Reason: "由本市办理"}); back.GetState() != pb.State_RECEIVED {
			t.Errorf("it is %s", back.GetState())
		}
	})
}

func TestOneTransferThatFailsKeepsNoOtherAndLeavesNothingHalfDone(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, node := linked(t, town)
		node.Rest()
		for range 3 {
			s.as("dispatcher.110000", s.takenAgain(beijing).Order.GetName(), "transfer", cold(tianjin))
		}
		var all []*ent.Transfer
		err := town.Store.View(in(beijing), func(ctx context.Context) (err error) {
			all, err = town.Store.Ent.Transfer.Query().All(ctx)
			return err
		})
		if err != nil || len(all) != 3 {
			t.Fatal(all, err)
		}
		broken := errors.New("broken")
		err = town.Crossing.Each(in(beijing), all, func(ctx context.Context, one *ent.Transfer) error {
			if err := town.Store.Ent.Transfer.Update().Where(transfer.ID(one.ID)).SetGround("seen").Exec(ctx); err != nil {
				return err
			}
			if one.ID == all[0].ID {
				return broken
			}
			return nil
		})
		if !errors.Is(err, broken) {
			t.Error(err)
		}
		err = town.Store.View(in(beijing), func(ctx context.Context) (err error) {
			n, err := town.Store.Ent.Transfer.Query().Where(transfer.Ground("seen"), transfer.IDNEQ(all[0].ID)).Count(ctx)
			if first, e := town.Store.Ent.Transfer.Get(ctx, all[0].ID); e != nil || n != 2 || first.Ground != "" {
				t.Error(n, first, e)
			}
			return err
		})
		if err != nil {
			t.Error(err)
		}
	})
}
