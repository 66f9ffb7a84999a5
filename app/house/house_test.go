package house_test

import (
	"context"
	"testing"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/tenants"
)

func TestEverySampleOfACityEndsWhereItShould(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		ctx := context.Background()
		walked := 0
		for _, r := range nation.Requests() {
			if r.City != "110000" && r.City != "340100" { // one city under each cipher suite
				continue
			}
			w, err := town.Stage.Go(ctx, r, play.End(r))
			if err != nil {
				t.Fatalf("%s: %v", r.ID, err)
			}
			if w.Order.GetState() != play.End(r) {
				t.Errorf("%s ended %s, should be %s", r.ID, w.Order.GetState(), play.End(r))
			}
			if w.Order.GetState() == pb.State_CLOSED {
				if err := town.Stage.Rate(ctx, w); err != nil {
					t.Error(err)
				}
			}
			if _, err := town.Stage.Track(ctx, w); err != nil {
				t.Errorf("%s: %v", r.ID, err)
			}
			walked++
		}
		if walked < 30 {
			t.Fatalf("walked only %d samples", walked)
		}
		for _, city := range []string{"110000", "340100"} {
			orders, lines, broken, err := town.Casework.Verify(tenants.With(ctx, tenants.System(city)))
			if err != nil || len(broken) > 0 || orders == 0 || lines < orders {
				t.Errorf("%s: %d orders, %d lines, broken %v, %v", city, orders, lines, broken, err)
			}
		}
	})
}
