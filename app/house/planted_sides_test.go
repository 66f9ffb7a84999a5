package house_test

import (
	"strings"
	"time"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/app/nation"
)

// The planted person in the branches at intake and the side lives of orders.

// others are the branches at intake and the citizen's own door.
func (f *field) others(r nation.Request) {
	kept, code := f.order, f.code
	for _, in := range []*pb.IntakeRequest{
		{Disposition: pb.Disposition_ANSWERED_ON_SPOT, Told: "答复" + planted, Citation: "知识库，" + planted},
		{Disposition: pb.Disposition_EXPLAIN_DECLINE, Told: "已向" + planted + "说明", Reason: "找" + plantedPhone + plantedName},
		{Disposition: pb.Disposition_POLICE_REFERRAL, Evidence: "证据" + planted, Reason: "找" + plantedPhone + plantedName},
	} {
		in.Facts = f.facts(r)
		_, raw := f.do("agent.110000", "POST", "WorkOrders.Intake "+in.GetDisposition().String(), "/v1/tenants/110000/workOrders:intake", in)
		var out pb.IntakeResponse
		if protojson.Unmarshal([]byte(raw), &out) == nil && out.GetCode() != "" {
			f.order, f.code = out.GetWorkOrder(), out.GetCode()
			f.look()
		}
	}
	f.do("", "POST", "Portal.Submit", "/v1/tenants/110000/petitions:submit", &pb.SubmitRequest{Words: "我是" + planted, Kind: pb.Kind_HELP,
		Location: plantedHome, Caller: f.facts(r).GetCaller()})
	f.order, f.code = kept, code
}

// linkedUnit is the one that emergencies are handed to.
const linkedUnit = "u47.110000"

// sides are the side lives of orders, with the planted person in every word that goes with them. At the end of each, everybody looks.
func (f *field) sides(r nation.Request) {
	kept, code := f.order, f.code
	unit, other := nation.UnitCode(r.Lead), "U07"
	if unit == other {
		other = "U06"
	}
	handler, second := strings.ToLower(unit)+".110000", strings.ToLower(other)+".110000"
	f.roles = append(f.roles, second, linkedUnit)
	f.step(handler, "appealScore", &pb.AppealScoreRequest{Figure: pb.Figure_SATISFACTION, Ground: "找" + planted, Evidence: "证据" + planted})
	f.decide("lead."+handler, "decideScoreAppeal", true)
	f.decide("supervisor.110000", "decideScoreAppeal", true)
	f.look()
	f.dispute(r, unit, other, handler, second)
	f.pauses(handler)
	f.claims(handler)
	f.emergency(r)
	f.contested(r)
	f.order, f.code = kept, code
}

// step is an act that must succeed, at which nobody looks yet but who did it.
func (f *field) step(who, verb string, in proto.Message) {
	f.Helper()
	code, raw := f.do(who, "POST", "WorkOrders:"+verb, "/v1/"+f.order.GetName()+":"+verb, in)
	if code != 200 {
		f.Fatalf("%s %s: %d %s", who, verb, code, raw)
	}
	f.order = order(f.T, raw)
}

// decide says yes or no to the order's last application.
func (f *field) decide(who, verb string, uphold bool) {
	f.Helper()
	f.step(who, verb, &pb.DecideRequest{Application: f.last(), Uphold: uphold, Words: "审核：" + planted})
}

func (f *field) last() string {
	all := f.order.GetApplications()
	return all[len(all)-1].GetId()
}

// fresh reads the order again after its citizen did something.
func (f *field) fresh() {
	_, raw := f.as("auditor.110000").call(f.T, "GET", "/v1/"+f.order.GetName(), "")
	f.order = order(f.T, raw)
}

func (f *field) dispute(r nation.Request, unit, other, handler, second string) {
	f.take("/v1/tenants/110000/", r)
	f.step("dispatcher.110000", "dispatch", &pb.DispatchRequest{Lead: unit, Instruction: "请联系" + planted, Brief: "派单内容：" + planted})
	f.step(handler, "sign", &pb.SignRequest{})
	f.step(handler, "return", &pb.ReturnRequest{Reason: pb.ReturnReason_OTHER_DUTY, Ground: "依据" + planted, SuggestedUnit: other, Evidence: "证据" + planted})
	f.look()
	f.step(second, "hear", &pb.HearRequest{Application: f.last(), Words: "不同意，" + planted})
	f.step("dispatcher.110000", "decideReturn", &pb.DecideReturnRequest{Application: f.last(), Words: "不同意，" + planted})
	f.step(handler, "dispute", &pb.DisputeRequest{Application: f.last(), Ground: "不服，" + planted})
	f.step("adjudicator.110000", "adjudicate", &pb.AdjudicateRequest{Application: f.last(), Lead: unit, Assist: []string{other},
		Words: "裁决：" + planted})
	f.look()
}

func (f *field) pauses(handler string) {
	f.step(handler, "extend", &pb.ExtendRequest{Days: 1, Reason: "因" + planted, Ground: "依据" + planted})
	f.decide("supervisor.110000", "decideExtension", true)
	f.step(handler, "await", &pb.AwaitRequest{Question: "请问" + planted})
	f.look()
	f.citizen("add", &pb.AddRequest{Code: f.code, Facts: "答：" + planted})
	f.citizen("correct", &pb.CorrectRequest{Code: f.code, Email: plantedMail, Location: plantedHome})
	f.step("supervisor.110000", "urge", &pb.UrgeUnitRequest{Words: "请尽快联系" + planted})
	f.step("supervisor.110000", "supervise", &pb.SuperviseRequest{Supervised: true, Words: "关注" + planted})
	f.step(handler, "contact", &pb.ContactRequest{Means: "relay", Note: "请转告" + planted})
	f.step(handler, "suspend", &pb.SuspendRequest{Reason: "season", Ground: "依据" + planted, Responsible: plantedName + plantedPhone,
		Milestones: "先找" + planted, UntilTime: timestamppb.New(time.Now().AddDate(0, 0, 20))})
	f.decide("supervisor.110000", "decideSuspension", true)
	f.step("supervisor.110000", "reviewSuspension", &pb.DecideRequest{Application: f.last(), Uphold: true, Words: "复核" + planted})
	f.look()
	f.step(handler, "resume", &pb.ResumeRequest{Words: "已找到" + planted})
}

func (f *field) claims(handler string) {
	f.step(handler, "claimUnreasonable", &pb.ClaimUnreasonableRequest{Ground: "因" + planted, Evidence: "证据" + planted})
	f.decide("reviewer.110000", "decideUnreasonable", true)
	f.decide("supervisor.110000", "decideUnreasonable", true)
	f.citizen("appeal", &pb.AppealRequest{Code: f.code, Ground: "不服，" + planted})
	f.fresh()
	f.decide("adjudicator.110000", "decideAppeal", true)
	f.look()
}

func (f *field) emergency(r nation.Request) {
	f.take("/v1/tenants/110000/", r)
	f.step("agent.110000", "handOff", &pb.HandOffRequest{Unit: "U48", ThreeWay: true, Outcome: pb.Outcome_KEPT, Words: "对方说" + planted})
	f.step("agent.110000", "handOff", &pb.HandOffRequest{Unit: "U47", LifeAtRisk: true, Outcome: pb.Outcome_TAKEN, Words: "速找" + planted})
	f.look()
	if !f.clear[linkedUnit]["petitioner.phone"] || !f.clear[linkedUnit]["location"] {
		f.Errorf("the linked unit could not reach the caller or the place: %v", f.clear[linkedUnit])
	}
	f.step(linkedUnit, "handBack", &pb.HandBackRequest{Reason: "非警务：" + planted, Words: "已告知" + planted})
	f.look()
}

// contested is a refusal that its citizen contests, then a part that is handed down and moved up, and a merge that is undone.
func (f *field) contested(r nation.Request) {
	const dispatcher = "dispatcher.110000"
	main := f.order.GetNumber()
	f.take("/v1/tenants/110000/", r)
	f.step("reviewer.110000", "redirect", &pb.RedirectRequest{Disposition: pb.Disposition_EXPLAIN_DECLINE, Reason: "因" + plantedName, Told: "已告知" + planted})
	f.citizen("contest", &pb.ContestRequest{Code: f.code, Ground: "不服，" + planted})
	f.fresh()
	f.decide("supervisor.110000", "decideContest", true)
	f.step(dispatcher, "merge", &pb.MergeRequest{Main: main, Words: "同为" + planted})
	f.look()
	f.step(dispatcher, "split", &pb.SplitRequest{Words: "不是" + planted})
	f.step(dispatcher, "dispatch", &pb.DispatchRequest{Lead: "D01U02", Instruction: "请联系" + planted})
	f.step("supervisor.110000", "escalate", &pb.EscalateRequest{Words: "因" + planted})
	f.step("d01.110000", "sign", &pb.SignRequest{})
	f.step("d01.110000", "delegate", &pb.DelegateRequest{Unit: "D01U06", Instruction: "请找" + planted})
	f.look()
}
