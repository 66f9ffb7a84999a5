package casework_test

import (
	"context"
	"fmt"
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

func TestEachWarningComesOnceHoweverManySweepAtOnce(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		const orders = 5
		begin, err := town.Casework.Here(tenants.With(context.Background(), tenants.System(city)))
		if err != nil {
			t.Fatal(err)
		}
		var late time.Time
		for i := range orders {
			o := take(t, town, fmt.Sprint("warn", i))
			c := running(t, o, casework.ClockDispatch)
			late = c.GetDueTime().AsTime().Add(-time.Minute)
		}
		system := store.At(tenants.With(context.Background(), tenants.System(city)), late)
		done, errs := together(4, func(int) (casework.Swept, error) { return town.Casework.Sweep(system) })
		warned := 0
		for i, d := range done {
			if warned += d.Warned; errs[i] != nil {
				t.Error(errs[i])
			}
		}
		changes, err := town.Casework.Changes(system, begin, 1000)
		if err != nil {
			t.Fatal(err)
		}
		told := 0
		for _, c := range changes {
			if c.Kind == casework.ChangeWarning {
				told++
			}
		}
		if warned != orders || told != orders {
			t.Errorf("%d warnings, %d told, of %d orders", warned, told, orders)
		}
	})
}

func TestOneClockThatCannotBeWorkedOutKeepsNoOtherFromIt(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		system := tenants.With(context.Background(), tenants.System(city))
		broken, good := take(t, town, "broken"), take(t, town, "good")
		wrong := running(t, good, casework.ClockDispatch).GetDueTime().AsTime().Add(time.Hour)
		err := town.Store.Do(system, func(ctx context.Context) error {
			clocks, err := town.Store.Ent.Clock.Query().All(ctx)
			if err != nil {
				return err
			}
			for _, c := range clocks {
				o, err := town.Store.Ent.WorkOrder.Get(ctx, c.WorkOrderID)
				if err != nil {
					return err
				}
				update := town.Store.Ent.Clock.UpdateOneID(c.ID)
				if o.Number == broken.GetNumber() {
					update.SetSpan("nonsense")
				} else if o.Number == good.GetNumber() {
					update.SetDueAt(wrong)
				}
				if err := update.Exec(ctx); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		if moved, err := town.Casework.Recompute(system); err == nil || moved != 1 {
			t.Errorf("%d moved, %v", moved, err)
		}
		if due := running(t, seen(t, town, dispatcher(1), good), casework.ClockDispatch).GetDueTime().AsTime(); due.Equal(wrong) {
			t.Error("the clock behind the broken one was not worked out")
		}
	})
}
