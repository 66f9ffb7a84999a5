package consolidation_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	pb "hotline/api/consolidation/v1"
	tenantv1 "hotline/api/tenant/v1"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants/policy"
)

func resolved(t testing.TB, town *housetest.Town, city, number string, at time.Time) *pb.Dial {
	t.Helper()
	return must[*pb.Dial](t)(town.Consolidation.ResolveDial(as(city, "agent"), &pb.ResolveDialRequest{Parent: "tenants/" + city, Number: number,
		At: timestamppb.New(at)}))
}

func TestEveryDialledNumberIsAnswered(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		for _, c := range []struct{ sentence, number, leg, says, because string }{
			{"12345 itself", "12345", "queue", "", "7×24小时"},
			{"an emergency line is left alone", "119", "emergency", "", "紧急热线"},
			{"a listed number before anything is done", "12358", "network", "", "尚未归并"},
			{"a number nobody knows", "95999", "queue", "未登记", "不在归并清单"},
			{"a number with too many digits", "0102223334445", "queue", "未登记", "不在归并清单"},
		} {
			d := resolved(t, town, beijing, c.number, noon("2026-12-01"))
			if len(d.GetLegs()) == 0 || d.GetLegs()[0].GetKind() != c.leg || !strings.Contains(d.GetSays(), c.says) ||
				!strings.Contains(strings.Join(d.GetBecause(), ""), c.because) {
				t.Errorf("%s: %v", c.sentence, d)
			}
		}
	})
}

func TestTheDialPlanOfAnyMomentAndAsAFile(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin, second := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01"), on(as(beijing, "supervisor"), "2026-12-01")
		adopt(t, town, admin, beijing, "12315", pb.Mode_DUAL_NUMBER)
		ready(t, town, admin, second, beijing, "12315", "2026-10-01")
		must[*pb.Number](t)(c.CutOver(admin, &pb.CutOverRequest{Name: name(beijing, "12315")}))
		for date, want := range map[string]string{"2026-11-30": "network", "2026-12-02": "queue", "2029-01-01": "queue"} {
			if d := resolved(t, town, beijing, "12315", noon(date)); d.GetLegs()[0].GetKind() != want {
				t.Errorf("on %s: %v", date, d)
			}
		}
		d := resolved(t, town, beijing, "12315", noon("2026-12-02"))
		if len(d.GetLegs()) != 2 || d.GetLegs()[1].GetKind() != "expert" || d.GetSays() == "" || d.GetChangeSeq() == 0 {
			t.Errorf("双号并行 with expert seats: %v", d)
		}
		file := must[*pb.Sheet](t)(c.ExportDialPlan(admin, &pb.ExportDialPlanRequest{Parent: "tenants/" + beijing, At: timestamppb.New(noon("2026-12-02"))}))
		rows, err := csv.NewReader(bytes.NewReader(file.GetContent())).ReadAll()
		if err != nil || len(rows) != 1+5+32 {
			t.Fatalf("%d lines, %v", len(rows), err)
		}
		i := slices.IndexFunc(rows, func(r []string) bool { return r[0] == "12315" })
		if rows[i][2] != "queue|12345|市场监管" || rows[i][3] != "expert|12345|市场监管" || !strings.Contains(rows[i][1], "12345") {
			t.Errorf("%v", rows[i])
		}
	})
}

// TestNoSequenceOfActsRestoresANumberOrLeavesACallUnanswered lets a city do anything in any order, while the list is promoted and days
// pass: a number that was merged whole once stays so, no mode is ever led back, and whoever dials any number at any moment finds people.
func TestNoSequenceOfActsRestoresANumberOrLeavesACallUnanswered(t *testing.T) {
	t.Parallel()
	town := housetest.Open(t, storetest.SQLiteURL(t), io.Discard)
	round, cutOvers := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		city := fresh(t, town, 600000+round) // each life in a city of its own
		round++
		l := &life{rt: rt, town: town, city: city, gone: map[string]bool{}, now: noon("2027-01-04"), numbers: []string{"12358", "12315", "12366", "96001", "110", "96002"}}
		for range rapid.IntRange(20, 60).Draw(rt, "acts") {
			l.step()
		}
		cutOvers += l.cutOvers
	})
	if cutOvers == 0 {
		t.Error("no life ever cut a number over: the acts don't reach what they are to show")
	}
	t.Logf("%d cities, %d cut-overs", round, cutOvers)
}

// fresh founds a city with one unit.
func fresh(t *testing.T, town *housetest.Town, code int) string {
	t.Helper()
	city := fmt.Sprint(code)
	d := nation.Deps{Store: town.Store, Vault: town.Vault, Book: town.Book, Directory: town.Directory}
	if err := nation.FoundCity(context.Background(), d, nation.City{Code: city, Title: "试验市" + city, Suite: "aes"}, policy.Default()); err != nil {
		t.Fatal(err)
	}
	must[*tenantv1.Unit](t)(town.Directory.PutUnit(as(city, "city_admin"), &tenantv1.PutUnitRequest{Parent: "tenants/" + city,
		Unit: &tenantv1.Unit{Code: "U06", Title: "市场监管局", Kind: "department"}}))
	return city
}

// life is one city's random doings.
type life struct {
	rt       *rapid.T
	town     *housetest.Town
	city     string
	now      time.Time
	numbers  []string
	cutOvers int

	standings map[string]pb.Standing // now
	seen      map[string]pb.Mode     // when it was looked at last
	gone      map[string]bool        // cancelled, with no transition left
}

func (l *life) step() {
	rt, c := l.rt, l.town.Consolidation
	number := rapid.SampledFrom(l.numbers).Draw(rt, "number")
	mode := pb.Mode(rapid.IntRange(1, 3).Draw(rt, "mode"))
	one, two := store.At(as(l.city, "city_admin"), l.now), store.At(as(l.city, "supervisor"), l.now)
	at := name(l.city, number)
	var err error
	switch act := rapid.SampledFrom([]string{"merge", "enroll", "promote", "adopt", "amend", "prompt", "route", "test", "plan", "complete", "ready", "ready", "cut", "cut",
		"confirm", "confirm", "except", "days"}).Draw(rt, "act"); act {
	case "merge": // the whole way, as far as it is let
		_, _ = c.Adopt(one, &pb.AdoptRequest{Name: at, Mode: mode, Unit: "U06", ExpertSeats: 1})
		_, _ = c.Promote(one, &pb.PromoteRequest{Name: at, Mode: mode, Approvals: papers()})
		l.prepare(one, two, at)
		if _, err = c.CutOver(one, &pb.CutOverRequest{Name: at}); err == nil {
			l.cutOvers++
		}
	case "adopt":
		_, err = c.Adopt(one, &pb.AdoptRequest{Name: at, Mode: mode, Unit: "U06", ExpertSeats: 1, SeatsStay: rapid.Bool().Draw(rt, "stay")})
	case "enroll":
		_, err = c.Enroll(one, &pb.EnrollRequest{Parent: "tenants/" + l.city, Number: number, Title: "便民电话", Purpose: "便民", Unit: "U06",
			FoundedDate: rapid.SampledFrom([]string{"2010-01-01", "2024-01-01"}).Draw(rt, "founded"), Approvals: papers()})
	case "confirm":
		_, err = c.ConfirmNumber(two, &pb.ConfirmNumberRequest{Name: at})
	case "promote":
		_, err = c.Promote(one, &pb.PromoteRequest{Name: at, Mode: mode, Approvals: papers()})
	case "amend":
		_, err = c.Amend(one, &pb.AmendRequest{Name: at, Title: "另一个名称"})
	case "prompt":
		_, err = c.Prompt(one, &pb.PromptRequest{Name: at, Text: "已并入，请拨打12345，现在转接", UntilDate: l.now.AddDate(0, 1, 0).Format(time.DateOnly)})
	case "route":
		_, err = c.Route(one, &pb.RouteRequest{Name: at, Line: rapid.SampledFrom([]string{"", "8001", "110", number}).Draw(rt, "line"), Skill: "综合"})
	case "test":
		_, err = c.Test(two, &pb.TestRequest{Name: at, Connected: rapid.Bool().Draw(rt, "connected"), Words: "试拨"})
	case "plan":
		_, err = c.Plan(one, &pb.PlanRequest{Name: at, StartDate: "2027-01-01", Owner: "热线办"})
	case "complete":
		_, err = c.Complete(one, &pb.CompleteRequest{Name: at + "/steps/people", Evidence: "记录"})
	case "ready":
		l.prepare(one, two, at)
	case "cut":
		if _, err = c.CutOver(one, &pb.CutOverRequest{Name: at}); err == nil {
			l.cutOvers++
		}
	case "except":
		e, failed := c.ApplyException(one, &pb.ApplyExceptionRequest{Parent: "tenants/" + l.city, Kind: pb.ExceptionKind(rapid.IntRange(1, 3).Draw(rt, "kind")),
			Number: number, Wanted: "便民电话", Words: "申请恢复或者新设这个号码", Papers: papers()})
		if err = failed; err == nil {
			id := e.GetName()[strings.LastIndexByte(e.GetName(), '/')+1:]
			_, err = c.DecideException(store.At(as(office, "central_admin"), l.now), &pb.DecideExceptionRequest{Name: "tenants/000000/exceptions/" + id, Grant: true,
				Decision: "同意", Reference: "一号"})
		}
	case "days":
		l.now = l.now.AddDate(0, 0, rapid.IntRange(1, 60).Draw(rt, "days"))
	}
	if err != nil && errors.FromError(err).GetCode() >= 500 {
		rt.Fatalf("%v", err)
	}
	if err == nil {
		l.hold()
	}
	l.now = l.now.Add(time.Minute)
}

// prepare does all that a cut-over waits for, as far as it is let.
func (l *life) prepare(one, two context.Context, at string) {
	c := l.town.Consolidation
	_, _ = c.ConfirmNumber(two, &pb.ConfirmNumberRequest{Name: at})
	_, _ = c.Plan(one, &pb.PlanRequest{Name: at, StartDate: "2027-01-01", Owner: "热线办"})
	_, _ = c.Prompt(one, &pb.PromptRequest{Name: at, Text: "已并入，请拨打12345，现在转接", UntilDate: l.now.AddDate(0, 1, 0).Format(time.DateOnly)})
	_, _ = c.Route(one, &pb.RouteRequest{Name: at, Line: "8001", Skill: "综合"})
	_, _ = c.Test(two, &pb.TestRequest{Name: at, Connected: true, Words: "试拨"})
	_, _ = c.Measure(one, &pb.MeasureRequest{Name: at, FromDate: "2026-01-01", ToDate: "2026-02-01", Calls: 1, AnsweredPermille: 900, Source: "报表"})
	for _, code := range strings.Fields("people site workflow systems indicators knowledge funds roster prompt") {
		_, _ = c.Complete(one, &pb.CompleteRequest{Name: at + "/steps/" + code, Evidence: "记录"})
		_, _ = c.Confirm(two, &pb.ConfirmRequest{Name: at + "/steps/" + code})
	}
}

func (l *life) modes() map[string]pb.Mode {
	res, err := l.town.Consolidation.ListNumbers(store.At(as(l.city, "agent"), l.now), &pb.ListNumbersRequest{Parent: "tenants/" + l.city})
	if err != nil {
		l.rt.Fatal(err)
	}
	modes := map[string]pb.Mode{}
	l.standings = map[string]pb.Standing{}
	for _, n := range res.GetNumbers() {
		l.standings[n.GetNumber()] = n.GetStanding()
		modes[n.GetNumber()] = n.GetMode()
	}
	return modes
}

// hold is what must be so after every act.
func (l *life) hold() {
	rt := l.rt
	after := l.modes()
	for number, was := range l.seen {
		if after[number] < was {
			rt.Fatalf("%s was %s and is %s", number, was, after[number])
		}
	}
	l.seen = after
	for number := range l.gone {
		if n := l.standings[number]; n != pb.Standing_CANCELLED {
			rt.Fatalf("%s was cancelled and is %s", number, n)
		}
	}
	for number, n := range l.standings {
		if n == pb.Standing_CANCELLED {
			l.gone[number] = true
		}
	}
	for _, number := range append([]string{"12345", "119", "95001"}, l.numbers...) {
		for _, at := range []time.Time{l.now.AddDate(-8, 0, 0), l.now, l.now.AddDate(0, 0, 40)} {
			d, err := l.town.Consolidation.ResolveDial(as(l.city, "agent"), &pb.ResolveDialRequest{Parent: "tenants/" + l.city, Number: number, At: timestamppb.New(at)})
			if err != nil {
				rt.Fatal(err)
			}
			// The last place where a call ends, but for the expert's seat that people lead on to, has people for certain.
			legs := slices.DeleteFunc(slices.Clone(d.GetLegs()), func(leg *pb.Leg) bool { return leg.GetKind() == "expert" })
			if len(legs) == 0 || len(d.GetBecause()) == 0 || !slices.Contains([]string{"queue", "emergency"}, legs[len(legs)-1].GetKind()) ||
				slices.ContainsFunc(legs, func(leg *pb.Leg) bool { return leg.GetTarget() == "" }) {
				rt.Fatalf("nobody answers %s at %s: %v", number, at, d)
			}
			own := slices.ContainsFunc(d.GetLegs(), func(leg *pb.Leg) bool { return leg.GetKind() == "seats" })
			if after[number] == pb.Mode_WHOLE_MERGE && !at.Before(l.now) && (own || d.GetSays() == "") {
				rt.Fatalf("%s is cancelled and is answered as if it were not: %v", number, d)
			}
		}
	}
	if after["110"] != 0 || after["119"] != 0 {
		rt.Fatal("an emergency line is in the register")
	}
}
