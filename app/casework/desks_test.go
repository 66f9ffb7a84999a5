package casework_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/tenants"
)

func supervisor() context.Context { return as("supervisor."+city, tenants.Supervisor, "") }

func called(phone, title string) func(in *pb.IntakeRequest, _ *pb.DispatchRequest) {
	return func(in *pb.IntakeRequest, _ *pb.DispatchRequest) {
		in.Facts.Title, in.Facts.Caller = title, &pb.Caller{Name: "王小明", Phone: phone}
	}
}

func recognize(t *testing.T, town *housetest.Town, ctx context.Context, phone string) *pb.RecognizeResponse {
	t.Helper()
	out, err := town.Casework.Recognize(ctx, &pb.RecognizeRequest{Parent: "tenants/" + city, Phone: phone})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestTheCardOfACallerShowsWhatIsOpenMaskedAndWhatMayBeDone(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		const phone = "13800000071"
		o, _ := atWork(t, town, "card", called(phone, "路灯坏了三天"))
		card := recognize(t, town, agent(), "+86 138-0000-0071")
		if len(card.GetOpen()) != 1 || card.GetOpen()[0].GetNumber() != o.GetNumber() || len(card.GetEnded()) != 0 {
			t.Fatalf("the card has %v", card)
		}
		if strings.Contains(card.String(), "王小明") || strings.Contains(card.String(), phone) || card.GetCaller().GetName().GetText() == "" {
			t.Errorf("the caller stands there as %v", card.GetCaller())
		}
		open := func(verb string) bool {
			return slices.ContainsFunc(card.GetOpen()[0].GetActs(), func(a *pb.Act) bool { return a.GetVerb() == verb && a.GetAllowed() })
		}
		if !open("urge") || !open("supplement") || open("reply") {
			t.Errorf("may be done: %v", card.GetOpen()[0].GetActs())
		}
		if _, err := town.Casework.Urge(agent(), &pb.UrgeUnitRequest{Name: o.GetName(), Words: "来电人催问何时修好"}); err != nil {
			t.Fatal(err)
		}
		if got := recognize(t, town, agent(), phone).GetOpen()[0].GetMarks().GetUrges(); got != 1 {
			t.Errorf("%d urges", got)
		}
		for _, part := range []string{"0071", "1380000007"} { // part of a number finds nobody
			if card := recognize(t, town, agent(), part); card.GetCaller() != nil || len(card.GetOpen()) > 0 {
				t.Errorf("%s finds %v", part, card)
			}
		}
	})
}

func TestTheCardOfACallerHidesAConfidentialOrderFromWhoMayNotAskForItsNumber(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		const phone = "13800000072"
		atWork(t, town, "confidential", func(in *pb.IntakeRequest, d *pb.DispatchRequest) {
			called(phone, "反映单位违规")(in, d)
			in.Facts.Confidential = true
		})
		if card := recognize(t, town, agent(), phone); len(card.GetOpen()) != 0 {
			t.Errorf("the agent finds %v", card)
		}
		if card := recognize(t, town, supervisor(), phone); len(card.GetOpen()) != 1 {
			t.Errorf("who watches finds %v", card)
		}
	})
}

func find(town *housetest.Town, ctx context.Context, words string) ([]string, error) {
	out, err := town.Casework.Find(ctx, &pb.FindRequest{Parent: "tenants/" + city, Words: words})
	var numbers []string
	for _, o := range out.GetWorkOrders() {
		numbers = append(numbers, o.GetNumber())
	}
	return numbers, err
}

func TestWordsOfATitleFindOrdersWithinTheScopeAlone(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := atWork(t, town, "found", called("13800000073", "梧桐里3号楼 LED 路灯闪烁"))
		for _, c := range []struct {
			who   context.Context
			words string
			finds bool
		}{
			{agent(), "路灯 梧桐里", true}, {agent(), "led", true}, {agent(), "路灯 喷泉", false}, {handler(), "闪烁", true}, {stranger(), "闪烁", false},
			{agent(), "%", false}, {agent(), "_____", false}, // no letter stands for others
		} {
			numbers, err := find(town, c.who, c.words)
			if c.words == "%" {
				numbers, err = find(town, c.who, "梧%里")
			}
			if err != nil || slices.Contains(numbers, o.GetNumber()) != c.finds {
				t.Errorf("%s looks for %q: %v, %v", tenants.From(c.who).Login, c.words, numbers, err)
			}
		}
		for _, words := range []string{"13800000073", "一 二 三 四 五 六"} {
			if _, err := find(town, agent(), words); errors.Reason(err) != "INVALID_ARGUMENT" {
				t.Errorf("%q: %v", words, err)
			}
		}
	})
}

func TestNoUnitGuessesTheWordsOfAnInformer(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := secret(t, town, "guess")
		if numbers, err := find(town, handler(), "看门"); err != nil || len(numbers) > 0 {
			t.Errorf("the unit finds %v, %v", numbers, err)
		}
		if numbers, err := find(town, agent(), "看门"); err != nil || !slices.Contains(numbers, o.GetNumber()) {
			t.Errorf("the hotline finds %v, %v", numbers, err)
		}
	})
}

func TestAnAuditorVerifiesOneOrderOrADay(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		whole, _ := atWork(t, town, "whole", asItIs)
		broken, _ := atWork(t, town, "broken", asItIs)
		breakIn(t, town.URL).flip("events", "summary", at(broken.GetNumber(), 2))
		verify := func(name, day string) (*pb.VerifyChainsResponse, error) {
			return town.Casework.VerifyChains(auditor(), &pb.VerifyChainsRequest{Name: name, Day: day})
		}
		out, err := verify(whole.GetName(), "")
		if err != nil || out.GetOrders() != 1 || out.GetLines() < 3 || len(out.GetBreaks()) > 0 {
			t.Errorf("the whole one: %v, %v", out, err)
		}
		out, err = verify(broken.GetName(), "")
		if err != nil || len(out.GetBreaks()) != 1 || out.GetBreaks()[0].GetSeq() != 2 || out.GetBreaks()[0].GetChain() != "event" {
			t.Errorf("the broken one: %v, %v", out, err)
		}
		day := broken.GetReceiveTime().AsTime().In(time.FixedZone("", 8*3600)).Format(time.DateOnly)
		out, err = verify("tenants/"+city+"/workOrders/-", day)
		if err != nil || out.GetOrders() < 2 || len(out.GetBreaks()) != 1 || out.GetBreaks()[0].GetNumber() != broken.GetNumber() {
			t.Errorf("the day: %v, %v", out, err)
		}
		if out, err = verify("tenants/"+city+"/workOrders/-", "2001-01-01"); err != nil || out.GetOrders() != 0 {
			t.Errorf("a day before: %v, %v", out, err)
		}
		if _, err = verify("tenants/"+city+"/workOrders/-", ""); errors.Reason(err) != "INVALID_ARGUMENT" {
			t.Errorf("the whole city: %v", err)
		}
		if _, err = verify("tenants/"+city+"/workOrders/"+strings.Repeat("9", 24), ""); !errors.IsNotFound(err) {
			t.Errorf("an order that is not there: %v", err)
		}
	})
}

func TestTheLedgerIsSearchedByTimeAndKind(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := atWork(t, town, "ledger", asItIs)
		reveal := &pb.RevealRequest{Name: o.GetName(), Fields: []string{"petitioner.phone"}, Reason: "约时间上门"}
		if _, err := town.Casework.Reveal(handler(), reveal); err != nil {
			t.Fatal(err)
		}
		now := time.Now()
		for _, c := range []struct {
			name string
			in   *pb.ListReadingsRequest
			want int
		}{
			{"all of the order", &pb.ListReadingsRequest{}, 1},
			{"of this kind", &pb.ListReadingsRequest{Situation: "reveal"}, 1},
			{"of another kind", &pb.ListReadingsRequest{Situation: "print"}, 0},
			{"since an hour", &pb.ListReadingsRequest{StartTime: timestamppb.New(now.Add(-time.Hour))}, 1},
			{"until an hour ago", &pb.ListReadingsRequest{EndTime: timestamppb.New(now.Add(-time.Hour))}, 0},
		} {
			c.in.Parent = o.GetName()
			out, err := town.Casework.ListReadings(auditor(), c.in)
			if err != nil || len(out.GetReadings()) != c.want {
				t.Errorf("%s: %v, %v", c.name, out, err)
			}
		}
	})
}

func TestALetterSaysWhatIsAskedOfTheUnitsAndNothingOfTheCitizen(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := secret(t, town, "letter")
		write := func(verb string) (*pb.Letter, error) {
			return town.Casework.WriteLetter(supervisor(), &pb.WriteLetterRequest{Name: o.GetName(), Verb: verb})
		}
		_, err := write("supervise")
		refusedAs(t, "a letter before there is anything to say", err, "NOTHING_TO_WRITE")
		if _, err := town.Casework.Supervise(supervisor(), &pb.SuperviseRequest{Name: o.GetName(), Supervised: true, Words: "群众反复反映，请限时办结"}); err != nil {
			t.Fatal(err)
		}
		letter, err := write("supervise")
		if err != nil {
			t.Fatal(err)
		}
		text := strings.Join(letter.GetParagraphs(), "\n")
		if letter.GetTo() == "" || !strings.Contains(text, "限时办结") || !strings.Contains(text, o.GetNumber()) || !strings.Contains(letter.GetFrom(), "12345") {
			t.Errorf("the letter: %v", letter)
		}
		if strings.Contains(letter.String(), "王桂兰") || strings.Contains(letter.String(), "看门") {
			t.Errorf("the letter tells of the citizen: %v", letter)
		}
		if _, err = write("urge"); errors.Reason(err) != "NOTHING_TO_WRITE" {
			t.Errorf("a letter of urging: %v", err)
		}
	})
}

func TestTheMapCountsWhatIsLateByUnitAndState(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		atWork(t, town, "intime", asItIs)
		late, _ := atWork(t, town, "late", asItIs)
		breakIn(t, town.URL).one("update work_orders set overdue = true where number = $1", late.GetNumber())
		out, err := town.Casework.MapOverdue(supervisor(), &pb.MapOverdueRequest{Parent: "tenants/" + city})
		if err != nil || len(out.GetCells()) != 1 {
			t.Fatalf("the map: %v, %v", out, err)
		}
		if c := out.GetCells()[0]; c.GetUnit() != "U02" || c.GetUnitTitle() == "" || c.GetState() != pb.State_HANDLING || c.GetOverdue() != 1 || c.GetWarned() != 0 {
			t.Errorf("the cell: %v", c)
		}
	})
}

func TestAnAdjudicatorReadsPastVerdictsOfTheSameMatterOrUnit(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		past, _ := atWork(t, town, "past", asItIs)
		id := disputed(t, town, past)
		judge := as("adjudicator."+city, tenants.Adjudicator, "")
		verdict := &pb.AdjudicateRequest{Name: past.GetName(), Application: id, Lead: "U02", Words: "由其主办，先办后议"}
		if _, err := town.Casework.Adjudicate(judge, verdict); err != nil {
			t.Fatal(err)
		}
		next, _ := atWork(t, town, "next", asItIs)
		out, err := town.Casework.ListVerdicts(judge, &pb.ListVerdictsRequest{Name: next.GetName()})
		if err != nil || len(out.GetVerdicts()) != 1 {
			t.Fatalf("past verdicts: %v, %v", out, err)
		}
		if v := out.GetVerdicts()[0]; v.GetNumber() != past.GetNumber() || !strings.Contains(v.GetSummary(), "先办后议") || !slices.Equal(v.GetNear(), []string{"同类事项", "同一单位"}) {
			t.Errorf("the verdict: %v", v)
		}
		other, _ := atWork(t, town, "other", func(in *pb.IntakeRequest, _ *pb.DispatchRequest) { in.Facts.Category = "1203" })
		out, err = town.Casework.ListVerdicts(judge, &pb.ListVerdictsRequest{Name: other.GetName()})
		if err != nil || len(out.GetVerdicts()) != 1 || !slices.Equal(out.GetVerdicts()[0].GetNear(), []string{"同一单位"}) {
			t.Errorf("of the same unit: %v, %v", out, err)
		}
	})
}

func TestPaperShowsLessThanTheScreenAndTheLedgerKnowsOfIt(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, code := atWork(t, town, "paper", called("13800000074", "路灯坏了三天"))
		if _, err := town.Casework.Reveal(handler(), &pb.RevealRequest{Name: o.GetName(), Fields: []string{"petitioner.phone"}, Reason: "约时间上门"}); err != nil {
			t.Fatal(err)
		}
		out, err := town.Casework.PrintWorkOrder(handler(), &pb.PrintWorkOrderRequest{Name: o.GetName()})
		if err != nil {
			t.Fatal(err)
		}
		paper := out.String()
		if strings.Contains(paper, "13800000074") || strings.Contains(paper, "王小明") || out.GetWorkOrder().GetPetitioner().GetPhone().GetText() != "" {
			t.Errorf("on paper stands %v", out.GetWorkOrder().GetPetitioner())
		}
		if len(out.GetEvents()) < 3 || out.GetWorkOrder().GetWatermark() == "" {
			t.Errorf("the paper lacks history or watermark: %v", out)
		}
		ledger, err := town.Casework.ListReadings(auditor(), &pb.ListReadingsRequest{Parent: o.GetName(), Situation: "print"})
		if err != nil || len(ledger.GetReadings()) != 1 || ledger.GetReadings()[0].GetActor() != "u02."+city {
			t.Errorf("the ledger: %v, %v", ledger, err)
		}
		seen, err := town.Portal.ListViewers(citizen(), &pb.ListViewersRequest{Name: petition(o), Code: code})
		if err != nil || !strings.Contains(seen.String(), "打印") {
			t.Errorf("the citizen: %v, %v", seen, err)
		}
		if _, err := town.Casework.PrintWorkOrder(stranger(), &pb.PrintWorkOrderRequest{Name: o.GetName()}); !errors.IsNotFound(err) {
			t.Errorf("another unit prints: %v", err)
		}
		if _, _, broken, err := town.Casework.Verify(tenants.With(context.Background(), tenants.System(city))); err != nil || len(broken) > 0 {
			t.Errorf("the chains: %v, %v", broken, err)
		}
	})
}

func TestAnIntakeCarriesOnlyWhatBelongsToItsBranch(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		full := func(d pb.Disposition, id string) *pb.IntakeRequest {
			in := request(t, id)
			in.Disposition, in.Reason, in.Told, in.Citation, in.Evidence, in.TargetCity = d, "", "", "", "", ""
			return in
		}
		for d, refused := range map[pb.Disposition]string{
			pb.Disposition_IN_SCOPE: "target_city", pb.Disposition_ANSWERED_ON_SPOT: "target_city", pb.Disposition_EMERGENCY_TRANSFER: "target_city",
			pb.Disposition_LEGAL_CHANNEL: "citation", pb.Disposition_EXPLAIN_DECLINE: "evidence", pb.Disposition_POLICE_REFERRAL: "target_city",
			pb.Disposition_CROSS_CITY: "evidence",
		} {
			in := full(d, "branch-"+d.String())
			switch refused {
			case "target_city":
				in.TargetCity = "310000"
			case "citation":
				in.Citation = "手册 第1版"
			case "evidence":
				in.Evidence = "录音 1"
			}
			if _, err := town.Casework.Intake(agent(), in); errors.FromError(err).GetMetadata()["field."+refused] == "" {
				t.Errorf("%v with %s: %v", d, refused, err)
			}
		}
		in := full(pb.Disposition_IN_SCOPE, "told")
		in.Told = "情况紧急，请不要挂机"
		if _, err := town.Casework.Intake(agent(), in); errors.FromError(err).GetMetadata()["field.told"] == "" {
			t.Errorf("in scope with words of another branch: %v", err)
		}
	})
}

func TestNobodyIsSentAwayWithHalfASentence(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		doors, err := town.Casework.ListDoors(agent(), &pb.ListDoorsRequest{Parent: "tenants/" + city})
		if err != nil {
			t.Fatal(err)
		}
		halves := 0
		for i, d := range doors.GetDoors() {
			if !strings.HasSuffix(d.GetTold(), "：") {
				continue
			}
			halves++
			in := request(t, "half-"+string(rune('a'+i)))
			in.Disposition, in.Reason, in.Told = d.GetDisposition(), d.GetReason(), d.GetTold()+" "
			if _, err := town.Casework.Intake(agent(), in); errors.FromError(err).GetMetadata()["field.told"] == "" {
				t.Errorf("%s is told %q: %v", d.GetReason(), d.GetTold(), err)
			}
			o := take(t, town, "redirect-"+string(rune('a'+i)))
			_, err := town.Casework.Redirect(dispatcher(1), &pb.RedirectRequest{Name: o.GetName(), Disposition: d.GetDisposition(), Reason: d.GetReason(), Told: d.GetTold()})
			if errors.FromError(err).GetMetadata()["field.told"] == "" {
				t.Errorf("redirected with %q: %v", d.GetTold(), err)
			}
		}
		if halves == 0 {
			t.Error("no door begins a sentence any more: the check can go")
		}
	})
}
