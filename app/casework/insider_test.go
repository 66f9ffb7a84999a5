package casework_test

import (
	"context"
	"testing"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/tenants"
)

// posts adds posts to a person.
func posts(ctx context.Context, more ...tenants.Post) context.Context {
	v := *tenants.From(ctx)
	v.Posts = append(more, v.Posts...)
	return tenants.With(ctx, &v)
}

func TestNoSecondPostLetsAUnitWaitForTheCitizenOnceMore(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, code := atWork(t, town, "await", asItIs)
		citizen := tenants.With(context.Background(), tenants.CitizenOf(city))
		two := posts(handler(), tenants.Post{Role: tenants.Auditor})
		for range 2 {
			if _, err := town.Casework.Await(two, &pb.AwaitRequest{Name: o.GetName(), Question: "请补充位置"}); err != nil {
				t.Fatal(err)
			}
			if _, err := town.Portal.Add(citizen, &pb.AddRequest{Name: petition(o), Code: code, Facts: "北门"}); err != nil {
				t.Fatal(err)
			}
		}
		_, err := town.Casework.Await(two, &pb.AwaitRequest{Name: o.GetName(), Question: "请再补充位置"})
		refusedAs(t, "to wait a third time", err, "TOO_MANY_AWAITS")
	})
}

func TestNobodyHandsAnOrderOffToTheirOwnUnit(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		taken, err := town.Casework.Intake(agent(), tip(t, "own"))
		if err != nil {
			t.Fatal(err)
		}
		line := linkedUnit(t, town)
		two := posts(agent(), tenants.Post{Role: tenants.Handler, Unit: line})
		in := &pb.HandOffRequest{Name: taken.GetWorkOrder().GetName(), Unit: line, Outcome: pb.Outcome_BOTH, Words: "请处置"}
		_, err = town.Casework.HandOff(two, in)
		refusedAs(t, "to hand an order to one's own unit", err, "SECOND_PERSON")
	})
}

func linkedUnit(t *testing.T, town *housetest.Town) (code string) {
	t.Helper()
	ctx := tenants.With(context.Background(), tenants.System(city))
	err := town.Store.View(ctx, func(ctx context.Context) error {
		tree, err := town.Directory.Tree(ctx)
		for _, u := range tree {
			if u.Kind == "emergency" || u.Kind == "utility" {
				code = u.Code
			}
		}
		return err
	})
	if err != nil || code == "" {
		t.Fatalf("the city has no linked unit: %v", err)
	}
	return code
}

func TestWhoHandledAnOrderNeitherClosesNorRatesNorUpholdsIt(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := atWork(t, town, "close", func(in *pb.IntakeRequest, _ *pb.DispatchRequest) { in.Facts.Caller = &pb.Caller{Anonymous: true} })
		answered(t, town, o)
		if _, err := town.Casework.Review(reviewer(), &pb.ReviewRequest{Name: o.GetName(), Pass: true}); err != nil {
			t.Fatal(err)
		}
		two := posts(handler(), tenants.Post{Role: tenants.CallbackAgent})
		_, err := town.Casework.Close(two, &pb.CloseRequest{Name: o.GetName()})
		refusedAs(t, "to close one's own order", err, "SECOND_PERSON")
		_, err = town.Casework.InviteRating(two, &pb.InviteRatingRequest{Name: o.GetName()})
		refusedAs(t, "to hold the link by which one's own order is rated", err, "SECOND_PERSON")
	})
}

func TestAUnitThatIsOutOfAnOrderAsksForNobodysNumber(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := atWork(t, town, "out", asItIs)
		o, err := town.Casework.Return(handler(), &pb.ReturnRequest{Name: o.GetName(), Reason: pb.ReturnReason_DUPLICATE, Ground: "重复"})
		if err != nil {
			t.Fatal(err)
		}
		in := &pb.DecideReturnRequest{Name: o.GetName(), Application: o.GetApplications()[0].GetId(), Uphold: true, Words: "同意"}
		if _, err := town.Casework.DecideReturn(dispatcher(1), in); err != nil {
			t.Fatal(err)
		}
		out, err := town.Casework.Reveal(handler(), &pb.RevealRequest{Name: o.GetName(), Fields: []string{"petitioner.phone"}, Reason: "想联系一下市民"})
		if err == nil {
			t.Errorf("the unit that is out reads %v", out.GetPetitioner().GetPhone())
		}
	})
}

func TestARefusalThatWasOverturnedAndRepeatedMayBeContestedAgain(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		taken, err := town.Casework.Intake(agent(), request(t, "refusal"))
		if err != nil {
			t.Fatal(err)
		}
		o, citizen := taken.GetWorkOrder(), tenants.With(context.Background(), tenants.CitizenOf(city))
		refuse := func() {
			in := &pb.RedirectRequest{Name: o.GetName(), Disposition: pb.Disposition_EXPLAIN_DECLINE, Reason: "非本市职权", Told: "请向有关部门反映。"}
			if _, err := town.Casework.Redirect(dispatcher(1), in); err != nil {
				t.Fatal(err)
			}
		}
		contest := func() error {
			_, err := town.Portal.Contest(citizen, &pb.ContestRequest{Name: petition(o), Code: taken.GetCode(), Ground: "这是本市的事"})
			return err
		}
		refuse()
		if err := contest(); err != nil {
			t.Fatal(err)
		}
		refusedAs(t, "to contest one refusal twice", contest(), "ALREADY_CONTESTED")
		app := seen(t, town, reviewer(), o).GetApplications()[0].GetId()
		if _, err := town.Casework.DecideContest(reviewer(), &pb.DecideRequest{Name: o.GetName(), Application: app, Uphold: true, Words: "应受理"}); err != nil {
			t.Fatal(err)
		}
		refuse()
		if err := contest(); err != nil {
			t.Errorf("the second refusal: %v", err)
		}
	})
}

func TestNobodyDecidesForTheirOwnUnitThroughASecondPost(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := atWork(t, town, "own unit", asItIs)
		o, err := town.Casework.Return(handler(), &pb.ReturnRequest{Name: o.GetName(), Reason: pb.ReturnReason_DUPLICATE, Ground: "重复"})
		if err != nil {
			t.Fatal(err)
		}
		unit := tenants.From(handler()).Posts[0].Unit
		in := &pb.DecideReturnRequest{Name: o.GetName(), Application: o.GetApplications()[0].GetId(), Uphold: true, Words: "同意"}
		_, err = town.Casework.DecideReturn(posts(dispatcher(2), tenants.Post{Role: tenants.Handler, Unit: unit}), in)
		refusedAs(t, "to decide on one's own unit's return", err, "OWN_UNIT")
		if _, err := town.Casework.DecideReturn(dispatcher(3), in); err != nil {
			t.Errorf("somebody else: %v", err)
		}
	})
}

func TestAReplayShowsNothingToWhoLostTheirPost(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := atWork(t, town, "replay", asItIs)
		in := &pb.ContactRequest{Name: o.GetName(), RequestId: "once", Reached: true, Means: "phone", Note: "已核实"}
		if _, err := town.Casework.Contact(handler(), in); err != nil {
			t.Fatal(err)
		}
		elsewhere := *tenants.From(handler())
		elsewhere.Posts = []tenants.Post{{Role: tenants.Handler, Unit: "U50"}}
		if out, err := town.Casework.Contact(tenants.With(context.Background(), &elsewhere), in); err == nil {
			t.Errorf("who moved to another unit still sees %s", out.GetNumber())
		}
	})
}
