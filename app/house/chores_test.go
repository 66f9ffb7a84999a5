package house_test

import (
	"context"
	"testing"
	"time"

	pb "hotline/api/casework/v1"
	tenantpb "hotline/api/tenant/v1"
	"hotline/app/casework"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent/session"
	"hotline/ent/signingkey"
	"hotline/ent/store"
	"hotline/ent/throttle"
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
			agent, err := town.Stage.As(context.Background(), "agent."+city)
			if err != nil {
				t.Fatal(err)
			}
			again, err := play.Post[pb.IntakeResponse](context.Background(), agent, "/v1/tenants/"+city+"/workOrders:intake", play.Intake(w.Sample))
			if err != nil || again.GetCode() != w.Code {
				t.Errorf("%s: the intake tried again after the change: %v", city, err)
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

func TestOldThrottlesSessionsAndSigningKeysAreForgottenByAChore(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		ctx := context.Background()
		walked(t, town, "110000", pb.State_DISPATCHED) // people signed in today
		long := store.At(ctx, time.Now().AddDate(0, -6, 0))
		if err := town.Identity.Failed(long, "address:203.0.113.7"); err != nil {
			t.Fatal(err)
		}
		if err := town.Identity.Failed(ctx, "address:203.0.113.8"); err != nil {
			t.Fatal(err)
		}
		_, err := town.Identity.Login(long, &tenantpb.LoginRequest{Login: "auditor.110000", Password: housetest.Password})
		if err != nil {
			t.Fatal(err)
		}
		if old, _ := signedIn(t, town); old != 3 {
			t.Fatalf("%d old rows to begin with", old)
		}
		stop, err := town.Work(ctx)
		if err != nil {
			t.Fatal(err)
		}
		defer func() {
			if err := stop(ctx); err != nil {
				t.Error(err)
			}
		}()
		for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
			old, young := signedIn(t, town)
			if old == 0 && young >= 3 { // a throttle, sessions and a key of today
				return
			}
			if time.Since(begin) > 20*time.Second {
				t.Fatalf("%d old rows are there still, %d of today", old, young)
			}
		}
	})
}

// signedIn counts throttles, sessions and signing keys, those of half a year ago and those of today.
func signedIn(t *testing.T, town *housetest.Town) (old, young int) {
	t.Helper()
	line := time.Now().AddDate(0, -3, 0)
	err := town.Store.View(context.Background(), func(ctx context.Context) error {
		db := town.Store.Ent
		for _, count := range []func(context.Context) (int, error){
			db.Throttle.Query().Where(throttle.UpdatedAtLT(line)).Count, db.Session.Query().Where(session.ExpiresAtLT(line)).Count,
			db.SigningKey.Query().Where(signingkey.SignsUntilLT(line)).Count,
		} {
			n, err := count(ctx)
			if err != nil {
				return err
			}
			old += n
		}
		for _, count := range []func(context.Context) (int, error){
			db.Throttle.Query().Count, db.Session.Query().Count, db.SigningKey.Query().Count,
		} {
			n, err := count(ctx)
			if err != nil {
				return err
			}
			young += n
		}
		young -= old
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return old, young
}
