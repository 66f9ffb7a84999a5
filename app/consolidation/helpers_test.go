package consolidation_test

import (
	"context"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"

	pb "hotline/api/consolidation/v1"
	"hotline/app/house/housetest"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
	"hotline/tenants/calendar"
)

// beijing and others are cities of the demo nation; office and others the places above them.
const (
	beijing, nanjing, suzhou, shanghai = "110000", "320100", "320500", "310000"
	office, province, ministry         = "000000", "100032", "100101"
)

// each runs the test on both databases.
func each(t *testing.T, test func(t *testing.T, town *housetest.Town)) {
	t.Helper()
	t.Parallel()
	housetest.Each(t, test)
}

// apart are houses with databases of their own, as separate processes are.
func apart(t *testing.T, n int) (towns []*housetest.Town) {
	t.Helper()
	for i := range n {
		url := storetest.SQLiteURL(t)
		if i == 0 {
			url = storetest.PostgresURL(t)
		}
		towns = append(towns, housetest.OpenBare(t, url, io.Discard))
	}
	return towns
}

// noon of a day, for acts at a given moment.
func noon(date string) time.Time {
	d, err := calendar.ParseDate(date)
	if err != nil {
		panic(err)
	}
	return d.Start().Add(12 * time.Hour)
}

// as is a person at work: role, or role with a 2 for the second one, at a place.
func as(place, who string) context.Context {
	return tenants.With(context.Background(), &tenants.Viewer{Account: uuid.New(), Login: who + "." + place, Tenant: place,
		Posts: []tenants.Post{{Role: tenants.Role(strings.TrimSuffix(who, "2"))}}})
}

func on(ctx context.Context, date string) context.Context { return store.At(ctx, noon(date)) }

func name(city, number string) string { return "tenants/" + city + "/numbers/" + number }

// must fails the test on an error.
func must[T any](t testing.TB) func(v T, err error) T {
	t.Helper()
	return func(v T, err error) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}

// wants a refusal with the reason, whose sentence holds the words.
func wants(t testing.TB, err error, reason, words string) {
	t.Helper()
	if errors.Reason(err) != reason || !strings.Contains(errors.FromError(err).GetMessage(), words) {
		t.Errorf("got %v, want %s with “%s”", err, reason, words)
	}
}

func papers() []*pb.Paper {
	return []*pb.Paper{{Title: "归并工作方案", Reference: "试办发〔2026〕1号"}}
}

// adopt chooses the mode.
func adopt(t testing.TB, town *housetest.Town, ctx context.Context, city, number string, mode pb.Mode) *pb.Number {
	t.Helper()
	return must[*pb.Number](t)(town.Consolidation.Adopt(ctx, &pb.AdoptRequest{Name: name(city, number), Mode: mode, Unit: "U06", Seats: 12, ExpertSeats: 2,
		Approvals: papers()}))
}

// ready does everything that a cut-over waits for.
func ready(t testing.TB, town *housetest.Town, ctx, second context.Context, city, number, start string) {
	t.Helper()
	c := town.Consolidation
	ok := must[*pb.Number](t)
	n := ok(c.Plan(ctx, &pb.PlanRequest{Name: name(city, number), StartDate: start, Owner: "热线办综合科"}))
	until := calendar.DateOf(store.Moment(ctx).AddDate(0, 6, 0)).String()
	ok(c.Prompt(ctx, &pb.PromptRequest{Name: name(city, number), Text: number + "已并入12345，请拨打12345，现在为您转接。", UntilDate: until}))
	ok(c.Route(ctx, &pb.RouteRequest{Name: name(city, number), Line: "8001", Skill: "市场监管"}))
	ok(c.Test(second, &pb.TestRequest{Name: name(city, number), Connected: true, Words: "三秒内接通"}))
	ok(c.Measure(ctx, &pb.MeasureRequest{Name: name(city, number), FromDate: "2026-01-01", ToDate: "2026-01-31", Calls: 3000, AnsweredPermille: 900,
		AnswerSeconds: 20, Source: "原热线话务报表"}))
	for _, st := range n.GetSteps() {
		if st.GetCode() == "cutover" || st.GetCode() == "aftercheck" {
			continue
		}
		ok(c.Complete(ctx, &pb.CompleteRequest{Name: st.GetName(), Evidence: "验收记录", Papers: papers()}))
		if st.GetNeedsConfirmation() {
			ok(c.Confirm(second, &pb.ConfirmRequest{Name: st.GetName()}))
		}
	}
}

// edit is a change of entries in a draft, the head staying as it is.
func edit(d *pb.ListDraft, effective string, entries ...*pb.Entry) *pb.EditRequest {
	return &pb.EditRequest{Name: d.GetName(), Title: d.GetList().GetTitle(), Basis: "国办函〔2026〕1号", EffectiveDate: effective,
		DeadlineDate: effective[:4] + "-12-31", Entries: entries}
}

// signed drafts, reviews and signs a version at the office.
func signed(t testing.TB, town *housetest.Town, date string, entries ...*pb.Entry) *pb.ListDraft {
	t.Helper()
	c, one, two := town.Consolidation, on(as(office, "central_admin"), date), on(as(office, "central_admin2"), date)
	ok := must[*pb.ListDraft](t)
	d := ok(c.Draft(one, &pb.DraftRequest{Parent: "tenants/" + office}))
	ok(c.Edit(one, edit(d, date, entries...)))
	ok(c.Submit(one, &pb.DraftActRequest{Name: d.GetName()}))
	ok(c.Review(two, &pb.ReviewDraftRequest{Name: d.GetName(), Pass: true, Words: "同意"}))
	return ok(c.Sign(one, &pb.DraftActRequest{Name: d.GetName()}))
}

// publish sends the next version out.
func publish(t testing.TB, town *housetest.Town, date string, entries ...*pb.Entry) *pb.List {
	t.Helper()
	d := signed(t, town, date, entries...)
	return must[*pb.List](t)(town.Consolidation.Publish(on(as(office, "central_admin"), date), &pb.DraftActRequest{Name: d.GetName()}))
}

// promoted is 12366 led from 设分中心 to 双号并行.
func promoted() *pb.Entry {
	return &pb.Entry{Mode: pb.Mode_DUAL_NUMBER, Seq: 15, Number: "12366", Title: "全国税务系统统一电话", Authority: "税务总局"}
}

func viewer(ctx context.Context) *tenants.Viewer { return tenants.From(ctx) }

func with(v *tenants.Viewer) context.Context { return tenants.With(context.Background(), v) }
