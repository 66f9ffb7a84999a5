package crossing_test

import (
	"context"
	"testing"
	"time"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/ent/outgoing"
)

func TestWhatLeftTheOutboxLongAgoIsRemovedAndWhatWaitsStays(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, node := linked(t, town)
		first := s.as("dispatcher.110000", s.taken(beijing).Order.GetName(), "transfer", cold(tianjin))
		s.coming(tianjin, first.GetNumber())
		node.Rest()
		second := s.as("dispatcher.110000", s.takenAgain(beijing).Order.GetName(), "transfer", cold(tianjin))
		count := func() (sent, waiting int) {
			err := town.Store.View(in(beijing), func(ctx context.Context) (err error) {
				if sent, err = town.Store.Ent.Outgoing.Query().Where(outgoing.SentAtNotNil()).Count(ctx); err == nil {
					waiting, err = town.Store.Ent.Outgoing.Query().Where(outgoing.SentAtIsNil()).Count(ctx)
				}
				return err
			})
			if err != nil {
				t.Fatal(err)
			}
			return sent, waiting
		}
		for _, c := range []struct {
			days, sent, waiting int
		}{{89, 1, 1}, {91, 0, 1}} {
			if err := town.Crossing.Sweep(context.Background(), time.Now().AddDate(0, 0, c.days)); err != nil {
				t.Fatal(err)
			}
			if sent, waiting := count(); sent != c.sent || waiting != c.waiting {
				t.Errorf("after %d days %d sent and %d waiting acts are there", c.days, sent, waiting)
			}
		}
		node.Carry()
		s.coming(tianjin, second.GetNumber())
		s.until("dispatcher.110000", first.GetName(), pb.State_TRANSFERRING)
	})
}
