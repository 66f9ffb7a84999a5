package casework

import (
	"context"
	"slices"
	"strings"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/tenants"
	"hotline/tenants/access"
)

// acts is what the viewer may do now, and for the acts of their posts that are closed now, why.
func (s *Service) acts(ctx context.Context, o *ent.WorkOrder) []*pb.Act {
	v := tenants.From(ctx)
	var out []*pb.Act
	for _, verb := range staffVerbs {
		if !s.access.May(v.Roles(), "work_order", string(verb)) {
			continue
		}
		one := &pb.Act{Verb: string(verb), Title: VerbTitles[verb], Allowed: true}
		switch {
		case !allows(State(o.State), verb):
			one.Allowed, one.WhyNot = false, "工单"+StateTitles[State(o.State)]+"，现在不能"+VerbTitles[verb]+"。"
		case o.Adjudicating && waitsForVerdict[verb]:
			one.Allowed, one.WhyNot = false, "工单正在裁决，请等待裁决结果。"
		case o.Locked && (verb == Return || verb == Dispute):
			one.Allowed, one.WhyNot = false, "工单已经裁决并锁定，不得退单。"
		case pooled[verb] && o.Holder != "" && o.Holder != v.Login:
			one.Allowed, one.WhyNot = false, "工单已由 "+o.Holder+" 领取。"
		case verb == Reclaim && o.Holder == "":
			one.Allowed, one.WhyNot = false, "工单已在公共池中，不需要收回。"
		}
		out = append(out, one)
	}
	return out
}

var staffVerbs = []Verb{Answer, Redirect, HandOff, Dispatch, Merge, Split, Sign, Contact, Await, Delegate, Reply, Review, Callback, Close,
	Reopen, Supplement, Attach, InviteRating, Return, Hear, DecideReturn, Dispute, Adjudicate, Extend, DecideExtension, Suspend,
	DecideSuspension, ReviewSuspension, Resume, ClaimUnreasonable, DecideUnreasonable, DecideAppeal, AppealScore, DecideScoreAppeal,
	DecideContest, Urge, Supervise, Escalate, Reclaim, HandBack, Transfer, Recall, Refer, SignFor, Accept, Decline}

// waitsForVerdict are the verbs that an open adjudication holds up.
var waitsForVerdict = map[Verb]bool{Reply: true, Return: true, DecideReturn: true, Dispute: true, Callback: true, Close: true, Escalate: true}

// pooled are the verbs of those who take orders from a pool: only the holder does them.
var pooled = map[Verb]bool{Answer: true, Redirect: true, Dispatch: true, Review: true, Callback: true, Close: true, Transfer: true}

// decides are the acts that settle an application, and its kind.
var decides = map[Verb]string{DecideReturn: kindReturn, Adjudicate: kindAdjudication, DecideExtension: kindExtension,
	DecideSuspension: kindSuspension, DecideUnreasonable: kindUnreasonable, DecideAppeal: kindAppeal,
	DecideScoreAppeal: kindScoreAppeal, DecideContest: kindContest}

// byPart are the acts that a unit does on its own part.
var byPart = []Verb{Sign, Contact, Reply, Await, Delegate, Extend, Suspend, Return, Dispute, ClaimUnreasonable, AppealScore}

// narrow closes the acts of an order shown whole for which there is nothing to do: no part of the viewer's unit in it, no
// application to decide, nothing to say or to give back.
func (s *Service) narrow(ctx context.Context, out *pb.WorkOrder) error {
	v := tenants.From(ctx)
	tree, err := s.directory.Tree(ctx)
	if err != nil {
		return err
	}
	for _, one := range out.GetActs() {
		if !one.GetAllowed() {
			continue
		}
		verb := Verb(one.GetVerb())
		why := ""
		switch {
		case slices.Contains(byPart, verb):
			why = whyNotPart(verb, s.partOf(v, tree, verb, out.GetAssignments()))
		case decides[verb] != "":
			why = whyNotDecide(v, decides[verb], out.GetApplications())
		case verb == Hear && !asksMe(v, out.GetApplications()):
			why = "没有需要本单位陈述意见的退单申请。"
		case slices.Contains(betweenVerbs, verb):
			why = whyNotBetween(verb, out.GetTransfer())
		case verb == HandBack && !handedMe(v, out.GetHandOffs()):
			why = "没有转给本单位的紧急联动。"
		}
		if why != "" {
			one.Allowed, one.WhyNot = false, why
		}
	}
	return nil
}

// partOf is the part that an act of the viewer would be about, as mine finds it.
func (s *Service) partOf(v *tenants.Viewer, tree map[string]*ent.Unit, verb Verb, parts []*pb.Assignment) *pb.Assignment {
	units := codes(v)
	for _, p := range parts {
		if p.GetEndTime() == nil && slices.Contains(units, p.GetUnit()) {
			return p
		}
	}
	if s.access.Scope(v.Roles(), "work_order", string(verb)) != access.Subtree {
		return nil
	}
	for _, p := range parts {
		for _, code := range units {
			below, own := tree[p.GetUnit()], tree[code]
			if p.GetEndTime() == nil && below != nil && own != nil && strings.HasPrefix(below.Path, own.Path) {
				return p
			}
		}
	}
	return nil
}

func whyNotPart(verb Verb, p *pb.Assignment) string {
	if p == nil {
		return "这件工单没有派给本单位。"
	}
	switch verb {
	case Sign:
		if p.GetSignTime() != nil {
			return "本单位已签收。"
		}
	case Contact, Reply, Await, Delegate:
		if p.GetSignTime() == nil {
			return "请先签收。"
		}
	}
	if (verb == Reply || verb == Await || verb == Delegate) && p.GetState() != pb.State_HANDLING {
		return "本单位已答复。"
	}
	if verb == Suspend && !p.GetLead() {
		return "挂账由主办单位申请。"
	}
	return ""
}

// whyNotDecide: there must be an application that waits, and not only the viewer's own.
func whyNotDecide(v *tenants.Viewer, kind string, apps []*pb.Application) string {
	why := "没有待审核的" + Kinds[kind] + "申请。"
	for _, p := range apps {
		if p.GetKind() != kind || p.GetStanding() != standsOpen && p.GetStanding() != standsFirst {
			continue
		}
		if v.Login != p.GetAskedBy() && v.Login != p.GetFirstBy() {
			return ""
		}
		why = "申请人和前一级审核人不能审核同一份申请。"
	}
	return why
}

// asksMe says whether a return names the viewer's unit and waits for its word.
func asksMe(v *tenants.Viewer, apps []*pb.Application) bool {
	return slices.ContainsFunc(apps, func(p *pb.Application) bool {
		return p.GetKind() == kindReturn && p.GetStanding() == standsOpen && p.GetHeard() == "" && slices.Contains(codes(v), p.GetSuggestedUnit())
	})
}

// handedMe says whether the viewer's unit was handed the order and did not give it back.
func handedMe(v *tenants.Viewer, list []*pb.HandOff) bool {
	return slices.ContainsFunc(list, func(h *pb.HandOff) bool {
		return h.GetBackTime() == nil && h.GetOutcome() != pb.Outcome_KEPT && slices.Contains(codes(v), h.GetUnit())
	})
}
