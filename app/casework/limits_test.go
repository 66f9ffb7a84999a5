package casework_test

import (
	"context"
	"testing"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/app/house/housetest"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/identity"
)

func citizen() context.Context { return tenants.With(context.Background(), tenants.CitizenOf(city)) }

func TestACitizenUrgesAndAddsOnlySoOftenADay(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, code := atWork(t, town, "often", asItIs)
		urge := func(ctx context.Context) error {
			_, err := town.Casework.UrgeFor(ctx, &pb.UrgeRequest{Name: petition(o), Code: code})
			return err
		}
		for range 3 {
			if err := urge(citizen()); err != nil {
				t.Fatal(err)
			}
		}
		refusedAs(t, "the fourth urge", urge(citizen()), "ENOUGH_TODAY")
		if err := urge(store.At(citizen(), time.Now().AddDate(0, 0, 1))); err != nil {
			t.Errorf("the next day: %v", err)
		}
		if _, err := town.Casework.Urge(as("supervisor."+city, tenants.Supervisor, ""), &pb.UrgeUnitRequest{Name: o.GetName(), Words: "请抓紧"}); err != nil {
			t.Errorf("the hotline's own: %v", err)
		}
		add := func() error {
			_, err := town.Casework.Add(citizen(), &pb.AddRequest{Name: petition(o), Code: code, Facts: "昨晚又坏了一盏"})
			return err
		}
		for range 10 {
			if err := add(); err != nil {
				t.Fatal(err)
			}
		}
		refusedAs(t, "the eleventh addition", add(), "ENOUGH_TODAY")
	})
}

func TestWrongCodesFromAfarLockNoCitizenOut(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, code := atWork(t, town, "guessed", asItIs)
		now := time.Now()
		track := func(address, code string) error {
			_, err := town.Portal.Track(identity.WithAddress(store.At(citizen(), now), address), &pb.TrackRequest{Name: petition(o), Code: code})
			return err
		}
		for _, afar := range []string{"198.51.100.1", "198.51.100.2", "198.51.100.3"} {
			for range 5 {
				if err := track(afar, "33333333"); errors.Reason(err) != "NOT_FOUND" {
					t.Errorf("a wrong code: %v", err)
				}
			}
			for _, code := range []string{"33333333", code} { // who guesses waits, and learns nothing meanwhile
				if err := track(afar, code); errors.Reason(err) != "TOO_MANY_TRIES" {
					t.Errorf("a guess too many: %v", err)
				}
			}
		}
		if err := track("203.0.113.9", code); err != nil {
			t.Errorf("the citizen: %v", err)
		}
	})
}

func TestWaitingForTheCitizenGivesAUnitBelowNoMoreTimeThanTheUnitAboveHas(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		above, below := as("d01."+city, tenants.UnitLead, "D01"), as("d01u06."+city, tenants.Handler, "D01U06")
		taken, err := town.Casework.Intake(agent(), request(t, "handed down"))
		if err != nil {
			t.Fatal(err)
		}
		name := taken.GetWorkOrder().GetName()
		for _, step := range []func() (*pb.WorkOrder, error){
			func() (*pb.WorkOrder, error) {
				return town.Casework.Dispatch(dispatcher(1), &pb.DispatchRequest{Name: name, Lead: "D01", Instruction: "请办理"})
			},
			func() (*pb.WorkOrder, error) { return town.Casework.Sign(above, &pb.SignRequest{Name: name}) },
			func() (*pb.WorkOrder, error) {
				return town.Casework.Delegate(above, &pb.DelegateRequest{Name: name, Unit: "D01U06", Instruction: "请办理"})
			},
			func() (*pb.WorkOrder, error) { return town.Casework.Sign(below, &pb.SignRequest{Name: name}) },
			func() (*pb.WorkOrder, error) {
				return town.Casework.Await(below, &pb.AwaitRequest{Name: name, Question: "请补充位置"})
			},
		} {
			if _, err := step(); err != nil {
				t.Fatal(err)
			}
		}
		later := time.Now().AddDate(0, 0, 2)
		_, err = town.Casework.Add(store.At(citizen(), later), &pb.AddRequest{Name: petition(taken.GetWorkOrder()), Code: taken.GetCode(), Facts: "在路口"})
		if err != nil {
			t.Fatal(err)
		}
		due := map[string]time.Time{}
		for _, c := range seen(t, town, store.At(dispatcher(1), later), taken.GetWorkOrder()).GetClocks() {
			if c.GetStep() == casework.ClockReply && c.GetStatus() == "running" {
				due[c.GetUnit()] = c.GetDueTime().AsTime()
			}
		}
		if len(due) != 2 || due["D01U06"].After(due["D01"]) {
			t.Errorf("%v", due)
		}
		system := store.At(tenants.With(context.Background(), tenants.System(city)), later.Add(time.Minute))
		if moved, err := town.Casework.Recompute(system); moved != 0 || err != nil {
			t.Errorf("worked out again it moves: %d, %v", moved, err)
		}
	})
}

func TestAFileWhoseUploadWasCutOffIsRemovedAfterAWeek(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := atWork(t, town, "files", asItIs)
		o, err := town.Casework.Attach(agent(), attach(o, "现场"))
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{city + "/" + uuid.NewString() + "/" + uuid.NewString(), "310000/" + uuid.NewString() + "/" + uuid.NewString(), city + "/readme"} {
			if _, err := town.Files.Put(t.Context(), name, []byte("x")); err != nil {
				t.Fatal(err)
			}
		}
		system := tenants.With(context.Background(), tenants.System(city))
		if n, err := town.Casework.RemoveStrays(system); n != 0 || err != nil {
			t.Errorf("an upload under way: %d removed, %v", n, err)
		}
		if n, err := town.Casework.RemoveStrays(store.At(system, time.Now().AddDate(0, 0, 8))); n != 1 || err != nil {
			t.Errorf("%d removed, %v", n, err)
		}
		if _, err := town.Casework.GetAttachment(agent(), &pb.GetAttachmentRequest{Name: o.GetAttachments()[0].GetName(), Reason: "核对现场"}); err != nil {
			t.Error(err)
		}
	})
}
