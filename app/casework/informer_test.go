package casework_test

import (
	"context"
	"strings"
	"testing"

	pb "hotline/api/casework/v1"
	tenantv1 "hotline/api/tenant/v1"
	"hotline/app/house/housetest"
	"hotline/tenants"
)

const informers = "我是渣土场看门的，昨晚两点亲眼看见三辆车进场"

// tip is a 举报 that nobody has dispatched yet, in the informer's own words.
func tip(t *testing.T, id string) *pb.IntakeRequest {
	in := request(t, id)
	in.Facts.Kind, in.Facts.Words, in.Facts.Body, in.Facts.Location = pb.Kind_REPORT, informers, informers, "渣土场值班室对面"
	return in
}

// answered is an order that U02 has contacted the citizen of and answered.
func answered(t *testing.T, town *housetest.Town, o *pb.WorkOrder) {
	t.Helper()
	if _, err := town.Casework.Contact(handler(), &pb.ContactRequest{Name: o.GetName(), Reached: true, Means: "phone", Note: "已核实"}); err != nil {
		t.Fatal(err)
	}
	d := &pb.Draft{PublicPart: "您好！您反映的问题已收悉，执法人员当晚到场核查并立案查处。", Conclusion: pb.Conclusion_SOLVED}
	if _, err := town.Casework.Reply(handler(), &pb.ReplyRequest{Name: o.GetName(), Draft: d}); err != nil {
		t.Fatal(err)
	}
}

func reviewer() context.Context { return as("reviewer."+city, tenants.Reviewer, "") }

func TestAReportThatWasMergedShowsTheUnitNothingOfWhatTheInformerSaid(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		main, _ := atWork(t, town, "main", asItIs)
		taken, err := town.Casework.Intake(agent(), tip(t, "tip"))
		if err != nil {
			t.Fatal(err)
		}
		child := taken.GetWorkOrder()
		in := &pb.MergeRequest{Name: child.GetName(), Main: main.GetNumber(), Words: "同一事项"}
		if _, err := town.Casework.Merge(dispatcher(1), in); err != nil {
			t.Fatal(err)
		}
		answered(t, town, main)
		if _, err := town.Casework.Review(reviewer(), &pb.ReviewRequest{Name: main.GetName(), Pass: true}); err != nil {
			t.Fatal(err)
		}
		if o := seen(t, town, handler(), child); strings.Contains(o.String(), "看门") || strings.Contains(o.String(), "值班室") {
			t.Errorf("the unit reads %v", o)
		}
	})
}

// secret is a 举报 that U02 works on by a brief; its title is the first sentence of what the informer wrote.
func secret(t *testing.T, town *housetest.Town, id string) (*pb.WorkOrder, string) {
	t.Helper()
	return atWork(t, town, id, func(in *pb.IntakeRequest, d *pb.DispatchRequest) {
		f := tip(t, id).GetFacts()
		f.Title, f.Caller = informers, &pb.Caller{Name: "王桂兰", Phone: "13800138001"}
		in.Facts, d.Brief = f, "北苑路一带夜间有车辆偷排渣土，请核查。"
	})
}

func TestWhatAnInformerSaysLaterStaysWithTheHotlineWhoeverWritesItDown(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := secret(t, town, "later")
		if _, err := town.Casework.Supplement(agent(), &pb.SupplementRequest{Name: o.GetName(), Facts: informers}); err != nil {
			t.Fatal(err)
		}
		history, err := town.Casework.ListEvents(handler(), &pb.ListEventsRequest{Parent: o.GetName()})
		if err != nil || strings.Contains(history.String(), "看门") {
			t.Errorf("the unit reads in the history %v, %v", history, err)
		}
		if _, err := town.Casework.Contact(handler(), &pb.ContactRequest{Name: o.GetName(), Means: "relay", Note: "感谢线索"}); err != nil {
			t.Fatal(err)
		}
		d := &pb.Draft{PublicPart: "您好！您反映的问题已收悉，执法人员当晚到场核查并立案查处。", Conclusion: pb.Conclusion_SOLVED}
		if _, err := town.Casework.Reply(handler(), &pb.ReplyRequest{Name: o.GetName(), Draft: d}); err != nil {
			t.Fatal(err)
		}
		if _, err := town.Casework.Review(reviewer(), &pb.ReviewRequest{Name: o.GetName(), Pass: true}); err != nil {
			t.Fatal(err)
		}
		call := &pb.CallbackRequest{Name: o.GetName(), Reached: true, Contacted: true, Solved: true, ResultGrade: pb.Grade_SATISFIED,
			AttitudeGrade: pb.Grade_SATISFIED, Channel: "phone", Words: informers}
		if _, err := town.Casework.Callback(as("callback_agent."+city, tenants.CallbackAgent, ""), call); err != nil {
			t.Fatal(err)
		}
		if o := seen(t, town, handler(), o); strings.Contains(o.String(), "看门") {
			t.Errorf("the unit reads %v", o)
		}
		history, err = town.Casework.ListEvents(handler(), &pb.ListEventsRequest{Parent: o.GetName()})
		if err != nil || strings.Contains(history.String(), "看门") {
			t.Errorf("the unit reads in the history %v, %v", history, err)
		}
	})
}

func TestTheTitleOfAReportTellsTheUnitNothingOfWhatTheInformerSaid(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := secret(t, town, "title")
		if o.GetTitle() == "" || strings.Contains(o.String(), "看门") {
			t.Errorf("the unit reads the title %q", o.GetTitle())
		}
		list, err := town.Casework.ListWorkOrders(handler(), &pb.ListWorkOrdersRequest{Parent: "tenants/" + city})
		if err != nil || len(list.GetWorkOrders()) == 0 || strings.Contains(list.String(), "看门") {
			t.Errorf("the unit's list shows %v, %v", list, err)
		}
		draft, err := town.Casework.DraftReply(handler(), &pb.DraftReplyRequest{Name: o.GetName()})
		if err != nil || strings.Contains(draft.GetPublicPart(), "看门") {
			t.Errorf("the draft says %q, %v", draft.GetPublicPart(), err)
		}
		if o := seen(t, town, dispatcher(1), o); !strings.Contains(o.GetTitle(), "看门") {
			t.Errorf("the hotline reads %q", o.GetTitle())
		}
	})
}

// disputed is the adjudication that an order waits for after U02 disputed the rejection of its return.
func disputed(t *testing.T, town *housetest.Town, o *pb.WorkOrder) string {
	t.Helper()
	o, err := town.Casework.Return(handler(), &pb.ReturnRequest{Name: o.GetName(), Reason: pb.ReturnReason_OTHER_DUTY, Ground: "三定方案", SuggestedUnit: "U03"})
	if err != nil {
		t.Fatal(err)
	}
	app := o.GetApplications()[0].GetId()
	if _, err := town.Casework.DecideReturn(dispatcher(1), &pb.DecideReturnRequest{Name: o.GetName(), Application: app, Words: "属你单位职责"}); err != nil {
		t.Fatal(err)
	}
	o, err = town.Casework.Dispute(handler(), &pb.DisputeRequest{Name: o.GetName(), Application: app, Ground: "职责确不在我单位"})
	if err != nil {
		t.Fatal(err)
	}
	return o.GetApplications()[1].GetId()
}

func TestAVerdictOnAReportMakesNoRuleOutOfTheInformersWords(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := secret(t, town, "verdict")
		app := disputed(t, town, o)
		in := &pb.AdjudicateRequest{Name: o.GetName(), Application: app, Lead: "U02", Words: "属该单位职责", Catalogue: true}
		if _, err := town.Casework.Adjudicate(as("adjudicator."+city, tenants.Adjudicator, ""), in); err != nil {
			t.Fatal(err)
		}
		rules, err := town.Directory.ListCatalogue(stranger(), &tenantv1.ListCatalogueRequest{Parent: "tenants/" + city})
		if err != nil || !strings.Contains(rules.String(), o.GetNumber()) || strings.Contains(rules.String(), "看门") {
			t.Errorf("another unit reads in the catalogue %v, %v", rules, err)
		}
	})
}

func TestAUnitCantFindOutByTryingWhoTheInformerIs(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := secret(t, town, "guess")
		tried := func(names string) string {
			d := &pb.Draft{PublicPart: "您好，" + names}
			out, err := town.Casework.CheckReply(handler(), &pb.CheckReplyRequest{Name: o.GetName(), Draft: d})
			if err != nil {
				t.Fatal(err)
			}
			_, no := town.Casework.Reply(handler(), &pb.ReplyRequest{Name: o.GetName(), Draft: d})
			_, unknown := town.Casework.Delegate(handler(), &pb.DelegateRequest{Name: o.GetName(), Unit: names})
			said := out.String() + no.Error() + unknown.Error()
			return strings.ReplaceAll(said, names, "…")
		}
		if right, wrong := tried("王桂兰"), tried("李桂芳"); right != wrong {
			t.Errorf("the informer's name is answered with\n%s, another with\n%s", right, wrong)
		}
		d := &pb.Draft{PublicPart: "您好！王桂兰反映的渣土问题已收悉，执法人员当晚到场核查并立案查处。", Conclusion: pb.Conclusion_SOLVED}
		if _, err := town.Casework.Contact(handler(), &pb.ContactRequest{Name: o.GetName(), Means: "relay", Note: "感谢线索"}); err != nil {
			t.Fatal(err)
		}
		if _, err := town.Casework.Reply(handler(), &pb.ReplyRequest{Name: o.GetName(), Draft: d}); err != nil {
			t.Fatal(err)
		}
		_, err := town.Casework.Review(reviewer(), &pb.ReviewRequest{Name: o.GetName(), Pass: true})
		refusedAs(t, "to pass an answer with the informer's name", err, "PERSONAL_DATA")
	})
}

func TestWhoMayNotAskForAnInformersNumberDoesNotFindTheReportByIt(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, _ := secret(t, town, "search")
		find := func(ctx context.Context) string {
			out, err := town.Casework.Search(ctx, &pb.SearchRequest{Parent: "tenants/" + city, Phone: "13800138001"})
			if err != nil {
				t.Fatal(err)
			}
			return out.String()
		}
		if strings.Contains(find(agent()), o.GetNumber()) {
			t.Error("an agent finds the report by the number of whom they suspect")
		}
		if !strings.Contains(find(as("supervisor."+city, tenants.Supervisor, "")), o.GetNumber()) {
			t.Error("the supervisor does not find it")
		}
		suspect := request(t, "suspect").GetFacts()
		suspect.Title, suspect.Category, suspect.Caller = "停水", "", &pb.Caller{Phone: "13800138001"}
		hints, err := town.Casework.Hint(agent(), &pb.HintRequest{Parent: "tenants/" + city, Facts: suspect})
		if err != nil || strings.Contains(hints.String(), o.GetNumber()) {
			t.Errorf("the hint says %v, %v", hints, err)
		}
		repeat := request(t, "repeat")
		repeat.Disposition, repeat.Reason, repeat.Told = pb.Disposition_EXPLAIN_DECLINE, "重复诉求无新情况", "您的诉求已办结。"
		repeat.Facts.RepeatOf = o.GetNumber()
		said := func(phone string) string {
			repeat.Facts.Caller = &pb.Caller{Phone: phone}
			_, err := town.Casework.Intake(agent(), repeat)
			return err.Error()
		}
		if right, wrong := said("13800138001"), said("13900139002"); right != wrong {
			t.Errorf("the informer's number is answered with\n%s, another with\n%s", right, wrong)
		}
	})
}

func TestOfTwoMergedCitizensNeitherIsNamedToTheOther(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		main, _ := atWork(t, town, "first", func(in *pb.IntakeRequest, _ *pb.DispatchRequest) {
			in.Facts.Caller = &pb.Caller{Name: "赵铁柱", Phone: "13800138002"}
		})
		in := request(t, "second")
		in.Facts.Caller = &pb.Caller{Name: "王桂兰", Phone: "13800138001"}
		taken, err := town.Casework.Intake(agent(), in)
		if err != nil {
			t.Fatal(err)
		}
		child := taken.GetWorkOrder()
		merge := &pb.MergeRequest{Name: child.GetName(), Main: main.GetNumber(), Words: "与赵铁柱反映的是同一事项"}
		if _, err := town.Casework.Merge(dispatcher(1), merge); err != nil {
			t.Fatal(err)
		}
		citizen := tenants.With(context.Background(), tenants.CitizenOf(city))
		p, err := town.Portal.Track(citizen, &pb.TrackRequest{Name: petition(child), Code: taken.GetCode()})
		if err != nil || strings.Contains(p.String(), "赵铁柱") {
			t.Errorf("the citizen whose order was merged reads %v, %v", p, err)
		}
		if _, err := town.Casework.Contact(handler(), &pb.ContactRequest{Name: main.GetName(), Reached: true, Means: "phone", Note: "已核实"}); err != nil {
			t.Fatal(err)
		}
		d := &pb.Draft{PublicPart: "您好！您和王桂兰反映的问题已收悉，执法人员当晚到场核查并立案查处。", Conclusion: pb.Conclusion_SOLVED}
		if _, err := town.Casework.Reply(handler(), &pb.ReplyRequest{Name: main.GetName(), Draft: d}); err != nil {
			t.Fatal(err)
		}
		_, err = town.Casework.Review(reviewer(), &pb.ReviewRequest{Name: main.GetName(), Pass: true})
		refusedAs(t, "to pass an answer that names whose order was merged", err, "PERSONAL_DATA")
	})
}
