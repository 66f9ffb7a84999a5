package casework

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/workorder"
)

// Merge (并单): one answer serves a repeat. The order keeps its own caller, privacy, callback and rating; until its main order
// (主单) concludes nobody works on it apart.
func (s *Service) Merge(ctx context.Context, in *pb.MergeRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Merge, in, func(a *act) error {
		if a.order.TargetCity != "" || a.order.Disposition == word(pb.Disposition_POLICE_REFERRAL) {
			return refused("NOT_MERGEABLE", "跨市转办和拟移送公安的工单不能并单。")
		}
		main, err := a.mergeable(in.GetMain())
		if err != nil {
			return err
		}
		words := in.GetWords()
		if err := a.clean(&words); err != nil {
			return err
		}
		if err := a.cleanFor(main, &words); err != nil { // this order's citizen reads them
			return err
		}
		parts, err := a.parts()
		if err != nil {
			return err
		}
		for _, p := range parts {
			if p.SignedAt != nil {
				return refused("ALREADY_SIGNED", "%s已经签收办理，不能再并单；请由其办理或先申请退单。", a.titleOf(p.Unit))
			}
			if err := a.endPart(p, nil); err != nil {
				return err
			}
		}
		// The main order takes note in the same transaction: if somebody concludes it at this moment, one of the two acts fails,
		// and no order is left waiting for an answer that was given already.
		_, err = a.s.carry(a.onward(), Join, named(main), func(m *act) error {
			m.summary, m.order.Sides = "工单 "+a.order.Number+" 并入一并办理", true
			return nil
		})
		if err != nil {
			return err
		}
		a.order.State, a.order.MainID, a.order.Holder, a.order.Sides = string(Merged), &main.ID, "", true
		a.order.Lead, a.order.LeadPath = "", ""
		a.summary, a.public = "并入工单 "+main.Number+" 一并办理："+words, true
		return a.stop("", ClockDispatch)
	})
}

// mergeable is the order to merge into: in work, and neither this one nor merged itself nor one that others were merged into us.
func (a *act) mergeable(number string) (*ent.WorkOrder, error) {
	main, err := a.s.find(a.ctx, number, string(Merge))
	if err != nil {
		return nil, invalid("main", "没有找到主单 %s。", number)
	}
	switch State(main.State) {
	case Received, Dispatched, Handling, Replied, Suspended:
	default:
		return nil, refused("MAIN_ENDED", "工单 %s %s，不能作为主单。", number, StateTitles[State(main.State)])
	}
	if main.ID == a.order.ID {
		return nil, invalid("main", "不能并入自己。")
	}
	children, err := a.s.children(a.ctx, a.order.ID)
	if err != nil {
		return nil, err
	}
	if len(children) > 0 {
		return nil, refused("HAS_MERGED", "本工单有 %d 件并入件，请先拆出，或把对方并入本工单。", len(children))
	}
	return main, nil
}

// children (并入件) are the orders that wait for this one's answer.
func (s *Service) children(ctx context.Context, main uuid.UUID) ([]*ent.WorkOrder, error) {
	list, err := s.ent().WorkOrder.Query().Where(workorder.MainID(main), workorder.State(string(Merged))).
		Order(ent.Asc(workorder.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("merged orders: %w", err)
	}
	return list, nil
}

// Split (拆单) undoes a merge: the order waits for dispatch as before.
func (s *Service) Split(ctx context.Context, in *pb.SplitRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Split, in, func(a *act) error {
		words := in.GetWords()
		if err := a.clean(&words); err != nil {
			return err
		}
		return a.split("撤销并单，待派单：" + words)
	})
}

func (a *act) split(summary string) error {
	a.order.State, a.order.MainID = string(Received), nil
	a.summary, a.public = summary, true
	return a.start(ClockDispatch, "")
}

// splitChildren lets every merged order go its own way, since this one will bring no answer: nobody's case is lost with another's.
func (a *act) splitChildren(why string) error {
	if !a.order.Sides {
		return nil
	}
	children, err := a.s.children(a.ctx, a.order.ID)
	if err != nil {
		return err
	}
	for _, c := range children {
		_, err := a.s.carry(a.onward(), Split, named(c), func(child *act) error { return child.split("主单" + why + "，拆出单独办理，待派单") })
		if err != nil {
			return err
		}
	}
	return nil
}

type onwardKey struct{}

// onward is the context of an act on another order that follows from this one by rule: the viewer's own scope, which let this one
// happen, says nothing about it.
func (a *act) onward() context.Context { return context.WithValue(a.ctx, onwardKey{}, true) }

// named is the request of an act that no person sends.
func named(o *ent.WorkOrder) request {
	return &pb.GetWorkOrderRequest{Name: "tenants/" + o.Tenant + "/workOrders/" + o.Number}
}

// concludeChildren gives the main order's answer to every merged order; each is called back and rated for itself.
func (a *act) concludeChildren(lead *ent.Assignment, last *ent.Reply) error {
	if !a.order.Sides {
		return nil
	}
	children, err := a.s.children(a.ctx, a.order.ID)
	if err != nil {
		return err
	}
	for _, c := range children {
		is, err := tells(a.keys, c.Name, c, last.PublicPart)
		if err != nil {
			return err
		}
		if is { // all of them read it
			return refused("PERSONAL_DATA", "%s", namesPetitioner)
		}
		if _, err := a.s.carry(a.onward(), Conclude, named(c), func(child *act) error { return child.takeOver(a.order, lead, last) }); err != nil {
			return err
		}
	}
	return nil
}

// takeOver makes the main order's lead and answer the merged order's own: if its citizen is not content it is reworked by
// itself, without the main order.
func (a *act) takeOver(main *ent.WorkOrder, lead *ent.Assignment, last *ent.Reply) error {
	now, part := a.now, newID()
	err := a.s.ent().Assignment.Create().SetID(part).SetWorkOrderID(a.order.ID).SetUnit(lead.Unit).SetPath(lead.Path).SetLead(true).
		SetState(string(Concluded)).SetHandler(lead.Handler).SetRound(1).SetDispatchedAt(now).SetSignedAt(now).
		SetNillableContactedAt(lead.ContactedAt).SetRepliedAt(now).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("take over: %w", err)
	}
	err = a.s.ent().Reply.Create().SetWorkOrderID(a.order.ID).SetAssignmentID(part).SetRound(1).SetPublicPart(last.PublicPart).
		SetConclusion(last.Conclusion).SetMeasures(last.Measures).SetGround(last.Ground).SetAuthor(last.Author).
		SetVerdict("passed").SetRemark("随主单 " + main.Number + " 办结").SetCreatedAt(now).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("take over: %w", err)
	}
	a.order.State, a.order.ConcludedAt, a.order.DispatchedAt = string(Concluded), &now, &now
	a.order.Conclusion, a.order.PublicAnswer = last.Conclusion, last.PublicPart
	a.order.Lead, a.order.LeadPath = lead.Unit, lead.Path
	a.summary, a.public = "随主单 "+main.Number+" 办结，待回访", true
	return a.start(ClockCallback, "")
}
