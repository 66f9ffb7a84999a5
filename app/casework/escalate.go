package casework

import (
	"context"
	"fmt"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/assignment"
)

// Escalate (提级办理) moves the lead one level up the unit tree; the former lead works on under it, and the unit above answers.
func (s *Service) Escalate(ctx context.Context, in *pb.EscalateRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Escalate, in, func(a *act) error {
		if a.order.Adjudicating {
			return refused("ADJUDICATING", "工单正在裁决，请等待裁决结果。")
		}
		tree, err := a.s.directory.Tree(a.ctx)
		if err != nil {
			return err
		}
		up := above(tree, a.order.Lead)
		if up == nil {
			return refused("NO_UNIT_ABOVE", "%s已是最上一级承办单位，请列入督办。", a.titleOf(a.order.Lead))
		}
		words := in.GetWords()
		if err := a.clean(&words); err != nil {
			return err
		}
		if err := a.raise(up, words); err != nil {
			return err
		}
		a.order.State, a.order.Escalations = string(Dispatched), a.order.Escalations+1
		a.summary, a.public = "提级办理：由"+up.Title+"主办。"+words, true
		return nil
	})
}

// above is the next unit up that works.
func above(tree map[string]*ent.Unit, unit string) *ent.Unit {
	u := tree[unit]
	for n := 0; u != nil && n < len(tree); n++ {
		u = tree[u.Parent]
		if u != nil && !u.Retired {
			return u
		}
	}
	return nil
}

// raise makes the unit above the lead and hangs the former lead under it.
func (a *act) raise(up *ent.Unit, words string) error {
	parts, err := a.parts()
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.Unit == up.Code { // it assisted: it starts over as the lead, and so does what it handed down
			if err := a.endPart(p, parts); err != nil {
				return err
			}
		}
	}
	id, err := a.assignUnder(up, true, "提级办理："+words, nil)
	if err != nil {
		return err
	}
	for _, p := range parts {
		if p.Lead {
			err := a.s.ent().Assignment.Update().Where(assignment.ID(p.ID)).SetLead(false).SetParentID(id).Exec(a.ctx)
			if err != nil {
				return fmt.Errorf("escalate: %w", err)
			}
		}
	}
	a.order.Lead, a.order.LeadPath = up.Code, up.Path
	return nil
}
