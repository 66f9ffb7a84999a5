package house_test

import (
	"context"
	"testing"
	"time"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent/store"
	"hotline/tenants"
)

// walked brings the first handled sample of the city to the state.
func walked(t *testing.T, town *housetest.Town, city string, state pb.State) *play.Walk {
	t.Helper()
	for _, r := range nation.Requests() {
		if r.City == city && r.Disposition == "in_scope" && !r.Confidential {
			w, err := town.Stage.Go(context.Background(), r, state)
			if err != nil {
				t.Fatal(err)
			}
			return w
		}
	}
	t.Fatal("no sample of " + city)
	return nil
}

func TestAfterAKeyIsChangedAllDataMovesAndTheOldKeyCanGo(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		for _, city := range []string{"110000", "340100"} { // one under each cipher suite
			w := walked(t, town, city, pb.State_CLOSED)
			ctx := tenants.With(context.Background(), tenants.System(city))
			before, err := town.Vault.Keyring(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := town.Vault.Rotate(ctx); err != nil {
				t.Fatal(err)
			}
			if err := town.Casework.Reseal(ctx); err != nil {
				t.Fatal(err)
			}
			if err := town.Vault.Drop(ctx, before.Current()); err != nil {
				t.Fatal(err)
			}
			if _, _, broken, err := town.Casework.Verify(ctx); err != nil || len(broken) > 0 {
				t.Errorf("%s: chains after the change: %v, %v", city, broken, err)
			}
			p, err := town.Stage.Track(context.Background(), w)
			if err != nil || p.GetPetitioner().GetPhone().GetText() == "" {
				t.Errorf("%s: the citizen's case after the change: %v, %v", city, p, err)
			}
		}
	})
}

func TestAClockThatRanOutIsMarkedOnceHoweverLateTheSweep(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		w := walked(t, town, "110000", pb.State_DISPATCHED)
		ctx := tenants.With(context.Background(), tenants.System("110000"))
		if n, err := town.Casework.Sweep(ctx); err != nil || n != (casework.Swept{}) {
			t.Fatalf("before anything is due: %v, %v", n, err)
		}
		running := 0
		for _, c := range w.Order.GetClocks() {
			if c.GetStopTime() == nil {
				running++
			}
		}
		late := store.At(ctx, time.Now().AddDate(0, 2, 0))
		if n, err := town.Casework.Sweep(late); err != nil || n.Overdue != running || running == 0 {
			t.Fatalf("two months late: %v, want %d marked, %v", n, running, err)
		}
		if n, err := town.Casework.Sweep(late); err != nil || n != (casework.Swept{}) {
			t.Fatalf("again: %v, %v", n, err)
		}
		p, err := town.Stage.As(context.Background(), "supervisor.110000")
		if err != nil {
			t.Fatal(err)
		}
		var out pb.WorkOrder
		if err := p.Do(context.Background(), "GET", "/v1/"+w.Order.GetName(), nil, &out); err != nil || !out.GetMarks().GetOverdue() {
			t.Errorf("the order is not marked overdue: %v, %v", out.GetMarks(), err)
		}
	})
}
