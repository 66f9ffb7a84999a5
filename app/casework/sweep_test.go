package casework_test

import (
	"context"
	"testing"
	"time"

	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/app/house/housetest"
	"hotline/ent/store"
	"hotline/tenants"
)

func running(t *testing.T, o *pb.WorkOrder, step string) *pb.Clock {
	t.Helper()
	for _, c := range o.GetClocks() {
		if c.GetStep() == step && c.GetStopTime() == nil {
			return c
		}
	}
	t.Fatalf("no clock %s runs", step)
	return nil
}

func TestHoweverManyClocksFailTheNextOneStillFires(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		system := tenants.With(context.Background(), tenants.System(city))
		broken, good := take(t, town, "broken"), take(t, town, "good")
		if _, err := town.Casework.Dispatch(dispatcher(1), dispatch(t, good)); err != nil {
			t.Fatal(err)
		}
		long := time.Now().AddDate(0, -1, 0).UTC()
		err := town.Store.Do(system, func(ctx context.Context) error {
			o, err := town.Store.Ent.WorkOrder.Query().All(ctx)
			if err != nil {
				return err
			}
			for _, one := range o {
				for range 250 {
					if one.Number != broken.GetNumber() {
						break
					}
					err := town.Store.Ent.Clock.Create().SetID(uuid.Must(uuid.NewV7())).SetWorkOrderID(one.ID).SetStep(casework.ClockHearing).
						SetSpan("1wd").SetPolicy(1).SetStartAt(long).SetDueAt(long).SetFires(true).Exec(ctx)
					if err != nil {
						return err
					}
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		late := running(t, seen(t, town, dispatcher(1), good), casework.ClockSign).GetDueTime().AsTime().Add(time.Minute)
		if _, err := town.Casework.Sweep(store.At(system, late)); err == nil {
			t.Error("the broken clocks are not reported")
		}
		if n := seen(t, town, dispatcher(1), good).GetMarks().GetEscalations(); n == 0 {
			t.Error("the clock behind them did not fire")
		}
	})
}

func TestTheCitizensSilenceMakesNoOrderOverdue(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := atWork(t, town, "silent", asItIs)
		if _, err := town.Casework.Contact(handler(), &pb.ContactRequest{Name: o.GetName(), Reached: true, Means: "phone", Note: "已核实"}); err != nil {
			t.Fatal(err)
		}
		o, err := town.Casework.Await(handler(), &pb.AwaitRequest{Name: o.GetName(), Question: "请补充位置"})
		if err != nil {
			t.Fatal(err)
		}
		late := running(t, o, casework.ClockAwaiting).GetDueTime().AsTime().Add(time.Minute)
		ctx := store.At(tenants.With(context.Background(), tenants.System(city)), late)
		if n, err := town.Casework.Sweep(ctx); err != nil || n.Fired != 1 {
			t.Fatalf("%v, %v", n, err)
		}
		if o := seen(t, town, store.At(handler(), late), o); o.GetMarks().GetOverdue() {
			t.Errorf("the order is overdue by %v", o.GetClocks())
		}
	})
}
