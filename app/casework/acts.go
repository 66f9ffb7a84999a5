package casework

import (
	"context"
	"slices"
	"strings"

	"github.com/go-kratos/kratos/v2/errors"

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
			shut(one, refused("WRONG_STATE", "工单%s，现在不能%s。", StateTitles[State(o.State)], VerbTitles[verb]))
		case o.Adjudicating && waitsForVerdict[verb]:
			shut(one, refused("ADJUDICATING", "工单正在裁决，请等待裁决结果。"))
		case o.Locked && (verb == Return || verb == Dispute):
			shut(one, refused("LOCKED", "工单已经裁决并锁定，不得退单。"))
		case pooled[verb] && o.Holder != "" && o.Holder != v.Login:
			shut(one, refused("HELD", "工单已由 %s 领取。", o.Holder))
		case verb == Reclaim && o.Holder == "":
			shut(one, refused("NOT_HELD", "工单已在公共池中，不需要收回。"))
		}
		out = append(out, one)
	}
	return out
}

// shut closes an act with the refusal that it would meet: its sentence, and its code for who reads another language.
func shut(one *pb.Act, why error) {
	said := errors.FromError(why)
	one.Allowed, one.WhyNot, one.Reason = false, said.GetMessage(), said.GetReason()
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
		var why error
		switch {
		case slices.Contains(byPart, verb):
			why = whyNotPart(verb, s.partOf(v, tree, verb, out.GetAssignments()))
		case decides[verb] != "":
			why = whyNotDecide(v, decides[verb], out.GetApplications())
		case verb == ReviewSuspension && len(s.about(v, verb, out.GetApplications())) == 0:
			why = refused("NOT_SUSPENDED", "没有正在生效的挂账。")
		case verb == Hear && !asksMe(v, out.GetApplications()):
			why = refused("NOTHING_TO_HEAR", "没有需要本单位陈述意见的退单申请。")
		case slices.Contains(betweenVerbs, verb):
			why = whyNotBetween(verb, out.GetTransfer())
		case verb == HandBack && !handedMe(v, out.GetHandOffs()):
			why = refused("NOT_HANDED", "没有转给本单位的紧急联动。")
		}
		if verb == Dispute && why == nil && len(s.about(v, verb, out.GetApplications())) == 0 {
			why = refused("NOTHING_TO_DISPUTE", "没有本单位被驳回的退单申请。")
		}
		if why != nil {
			shut(one, why)
			continue
		}
		one.Applications = s.about(v, verb, out.GetApplications())
	}
	if one := s.mainOf(v, tree, out); one != nil {
		one.Main = true
	}
	return nil
}

// about are the applications that an open act may be about now, so that no screen works that out again.
func (s *Service) about(v *tenants.Viewer, verb Verb, apps []*pb.Application) (ids []string) {
	for _, p := range apps {
		waits := p.GetStanding() == standsOpen || p.GetStanding() == standsFirst
		fits := false
		switch verb {
		case Hear:
			fits = asksMe(v, []*pb.Application{p})
		case Dispute:
			fits = p.GetKind() == kindReturn && p.GetStanding() == standsRejected && slices.Contains(codes(v), p.GetAskedUnit())
		case ReviewSuspension:
			fits = p.GetKind() == kindSuspension && p.GetStanding() == standsUpheld
		default:
			fits = p.GetKind() == decides[verb] && waits && v.Login != p.GetAskedBy() && v.Login != p.GetFirstBy()
		}
		if fits {
			ids = append(ids, p.GetId())
		}
	}
	return ids
}

// mains are the acts that move an order on (首要操作), those that others wait for first.
var mains = []Verb{DecideReturn, Adjudicate, DecideExtension, DecideSuspension, DecideUnreasonable, DecideAppeal, DecideScoreAppeal,
	DecideContest, Hear, HandBack, Dispatch, Sign, Contact, Reply, Review, Callback}

// mainOf is the open act that moves the order on for this viewer; nil when their part is done or not yet come.
func (s *Service) mainOf(v *tenants.Viewer, tree map[string]*ent.Unit, out *pb.WorkOrder) *pb.Act {
	for _, verb := range mains {
		for _, one := range out.GetActs() {
			if one.GetVerb() != string(verb) || !one.GetAllowed() {
				continue
			}
			// The citizen is called first; once that is done, the answer is what everybody waits for.
			if p := s.partOf(v, tree, verb, out.GetAssignments()); verb == Contact && (p.GetContactTime() != nil || p.GetState() != pb.State_HANDLING) {
				continue
			}
			return one
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

func whyNotPart(verb Verb, p *pb.Assignment) error {
	if p == nil {
		return refused("NOT_YOUR_PART", "这件工单没有派给本单位。")
	}
	switch verb {
	case Sign:
		if p.GetSignTime() != nil {
			return refused("ALREADY_SIGNED", "本单位已签收。")
		}
	case Contact, Reply, Await, Delegate:
		if p.GetSignTime() == nil {
			return refused("NOT_SIGNED", "请先签收。")
		}
	}
	if (verb == Reply || verb == Await || verb == Delegate) && p.GetState() != pb.State_HANDLING {
		return refused("ALREADY_REPLIED", "本单位已答复。")
	}
	if verb == Suspend && !p.GetLead() {
		return refused("NOT_LEAD", "挂账由主办单位申请。")
	}
	return nil
}

// whyNotDecide: there must be an application that waits, and not only the viewer's own.
func whyNotDecide(v *tenants.Viewer, kind string, apps []*pb.Application) error {
	why := refused("NOTHING_TO_DECIDE", "没有待审核的%s申请。", Kinds[kind])
	for _, p := range apps {
		if p.GetKind() != kind || p.GetStanding() != standsOpen && p.GetStanding() != standsFirst {
			continue
		}
		if v.Login != p.GetAskedBy() && v.Login != p.GetFirstBy() {
			return nil
		}
		why = refused("SECOND_PERSON", "申请人和前一级审核人不能审核同一份申请。")
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
