package casework_test

import (
	"context"
	"io"
	"testing"
	"time"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/app/house/housetest"
	"hotline/ent/store/storetest"
	"hotline/tenants"
)

// What the model once found, cut down to the steps that it takes. Each plays in the model's small city, and the rules of the model
// are looked at after every step.

// scene is one case: the life and the request that comes next.
type scene struct {
	*model
	t *testing.T
	c *casework.Service
}

func (s *scene) who(login string) context.Context {
	for _, p := range s.people {
		if p.login == login {
			return s.by(p)
		}
	}
	s.t.Fatalf("nobody is called %s", login)
	return nil
}

// ok goes on a minute after a step that must succeed.
func (s *scene) ok(_ *pb.WorkOrder, err error) {
	s.t.Helper()
	if err != nil {
		s.t.Fatal(err)
	}
	s.holds(s.t)
	s.pass(time.Minute)
}

// dispatched is an order taken in and sent to its units.
func (s *scene) dispatched(urgency pb.Urgency, lead string, assist ...string) (name string) {
	out, err := s.c.Intake(s.who("agent1"), &pb.IntakeRequest{Parent: "tenants/" + s.city, Disposition: pb.Disposition_IN_SCOPE,
		Facts: &pb.Facts{Kind: pb.Kind_HELP, Category: "01", Urgency: urgency, Channel: pb.Channel_PHONE, Title: "梧桐路的路灯不亮",
			Words: "路灯坏了三天。", District: "丁区", Location: "梧桐路", Caller: &pb.Caller{Anonymous: true}}})
	if err != nil {
		s.t.Fatal(err)
	}
	s.orders = append(s.orders, &followed{number: out.GetWorkOrder().GetNumber(), code: out.GetCode()})
	name = out.GetWorkOrder().GetName()
	s.ok(s.c.Dispatch(s.who("dispatcher1"), &pb.DispatchRequest{Name: name, Lead: lead, Assist: assist}))
	return name
}

// idOf is the order's application of a kind.
func (s *scene) idOf(kind string) string { return s.files[0].idOf(kind) }

func (s *scene) sign(name, login string) { s.ok(s.c.Sign(s.who(login), &pb.SignRequest{Name: name})) }

func (s *scene) returned(name, login string) {
	s.ok(s.c.Return(s.who(login), &pb.ReturnRequest{Name: name, Reason: pb.ReturnReason_INSUFFICIENT, Ground: "职责分工规定"}))
}

// unmoved: working due moments out again moves nothing, since no calendar changed.
func (s *scene) unmoved() {
	s.t.Helper()
	if moved, err := s.c.Recompute(s.as(tenants.System(s.city))); moved != 0 || err != nil {
		s.t.Errorf("%d clocks were moved, %v", moved, err)
	}
}

func TestWhatTheModelFoundStaysMended(t *testing.T) {
	town := housetest.Open(t, storetest.SQLiteURL(t), io.Discard)
	for name, play := range map[string]func(*scene){
		"an order raised to the unit above keeps its due moments when they are worked out again": raised,
		"what was handed down keeps its due moment when the unit above gets longer":              handedDown,
		"a verdict ends every return that waits":                                                 verdict,
		"an assisting unit that has signed starts over as the lead of an order sent on":          sentOn,
		"a clock of hours made long by an extension can be held and goes on":                     longHeld,
		"an assisting unit's return is upheld while it asks for an extension":                    upheldWhileAsking,
		"the answer of the main order concludes what was merged into it":                         concludedTogether,
		"who asked for a return has no word for the unit it names":                               ownWord,
		"an assisting unit that never signed does not sign when the order comes back":            neverSigned,
	} {
		t.Run(name, func(t *testing.T) {
			m := found(t, town, &tally{verbs: map[string]int{}, rows: map[string]int{}, refusals: map[string]int{}})
			play(&scene{m, t, town.Casework})
		})
	}
}

func raised(s *scene) {
	o := s.dispatched(pb.Urgency_URGENT, "DA")
	s.pass(time.Hour)
	s.ok(s.c.Escalate(s.who("supervisor1"), &pb.EscalateRequest{Name: o, Words: "由上级办理"}))
	s.unmoved()
}

func handedDown(s *scene) {
	o := s.dispatched(pb.Urgency_NORMAL, "A")
	s.sign(o, "handler1.A")
	s.pass(50 * time.Hour)
	s.ok(s.c.Delegate(s.who("handler1.A"), &pb.DelegateRequest{Name: o, Unit: "A1"}))
	s.unmoved()
	s.ok(s.c.Extend(s.who("handler1.A"), &pb.ExtendRequest{Name: o, Days: 5, Reason: "须采购", Ground: "采购须公示"}))
	s.ok(s.c.DecideExtension(s.who("supervisor1"), &pb.DecideRequest{Name: o, Application: s.idOf("extension"), Uphold: true, Words: "同意"}))
	s.unmoved()
}

func verdict(s *scene) {
	o := s.dispatched(pb.Urgency_NORMAL, "DS", "DT", "B")
	s.returned(o, "handler1.DT")
	s.returned(o, "handler1.DS")
	s.returned(o, "handler1.B")
	s.ok(s.c.Adjudicate(s.who("adjudicator1"), &pb.AdjudicateRequest{Name: o, Application: s.idOf("adjudication"), Lead: "DT", Words: "依职责裁决"}))
}

func sentOn(s *scene) {
	o := s.dispatched(pb.Urgency_NORMAL, "DA", "A11")
	s.sign(o, "handler1.A11")
	s.returned(o, "handler1.DA")
	s.ok(s.c.DecideReturn(s.who("dispatcher1"), &pb.DecideReturnRequest{Name: o, Application: s.idOf("return"), Uphold: true, Lead: "A11", Words: "同意"}))
	s.sign(o, "handler1.A11")
}

func longHeld(s *scene) {
	o := s.dispatched(pb.Urgency_URGENT, "B")
	s.sign(o, "handler1.B")
	s.ok(s.c.Extend(s.who("handler1.B"), &pb.ExtendRequest{Name: o, Days: 10, Reason: "须采购", Ground: "采购须公示"}))
	s.ok(s.c.DecideExtension(s.who("supervisor1"), &pb.DecideRequest{Name: o, Application: s.idOf("extension"), Uphold: true, Words: "同意"}))
	s.ok(s.c.Await(s.who("handler1.B"), &pb.AwaitRequest{Name: o, Question: "请说明路灯的位置"}))
	s.ok(s.c.Supplement(s.who("agent1"), &pb.SupplementRequest{Name: o, Facts: "路灯在路口"}))
}

func upheldWhileAsking(s *scene) {
	o := s.dispatched(pb.Urgency_NORMAL, "A", "D")
	s.sign(o, "handler1.A")
	s.sign(o, "handler1.D")
	s.ok(s.c.Extend(s.who("handler1.D"), &pb.ExtendRequest{Name: o, Days: 1, Reason: "须采购", Ground: "采购须公示"}))
	s.returned(o, "handler1.D")
	s.ok(s.c.DecideReturn(s.who("dispatcher1"), &pb.DecideReturnRequest{Name: o, Application: s.idOf("return"), Uphold: true, Words: "同意"}))
}

// answered is an order whose lead A answered and whose answer passed.
func (s *scene) answered(o string) {
	s.sign(o, "handler1.A")
	s.ok(s.c.Reply(s.who("handler1.A"), &pb.ReplyRequest{Name: o, Draft: &pb.Draft{Conclusion: pb.Conclusion_SOLVED,
		PublicPart: "经核实，梧桐路的路灯线路老化，已更换线路并恢复照明，感谢您的监督。"}}))
	s.ok(s.c.Review(s.who("reviewer1"), &pb.ReviewRequest{Name: o, Pass: true}))
}

func neverSigned(s *scene) {
	o := s.dispatched(pb.Urgency_NORMAL, "A", "B")
	s.answered(o)
	s.ok(s.c.Callback(s.who("callback_agent1"), &pb.CallbackRequest{Name: o, Channel: "phone", Reached: true, Contacted: true,
		ResultGrade: pb.Grade_DISSATISFIED, AttitudeGrade: pb.Grade_SATISFIED}))
	_, err := s.c.Sign(s.who("handler1.B"), &pb.SignRequest{Name: o})
	refusedAs(s.t, "sign", err, "PART_ENDED")
}

func concludedTogether(s *scene) {
	main, child := s.dispatched(pb.Urgency_NORMAL, "A"), s.dispatched(pb.Urgency_NORMAL, "B")
	s.ok(s.c.Merge(s.who("dispatcher1"), &pb.MergeRequest{Name: child, Main: s.orders[0].number, Words: "同一事项"}))
	s.answered(main)
	if s.files[1].order.State != "concluded" {
		s.t.Errorf("the merged order is %s", s.files[1].order.State)
	}
}

func ownWord(s *scene) {
	o := s.dispatched(pb.Urgency_NORMAL, "DS")
	s.ok(s.c.Return(s.who("lead.D"), &pb.ReturnRequest{Name: o, Reason: pb.ReturnReason_OTHER_DUTY, Ground: "职责分工规定", SuggestedUnit: "D"}))
	_, err := s.c.Hear(s.who("lead.D"), &pb.HearRequest{Name: o, Application: s.idOf("return"), Agree: true, Words: "同意承办"})
	refusedAs(s.t, "hear", err, "SECOND_PERSON")
}
