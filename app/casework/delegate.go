package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/ent"
)

// Delegate (下派) hands a unit's part down to a unit below it. The unit below has clocks of its own, none of them later than the
// unit's; the unit that hands down stays answerable and answers itself.
func (s *Service) Delegate(ctx context.Context, in *pb.DelegateRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Delegate, in, func(a *act) error {
		part, err := a.mine()
		if err != nil {
			return err
		}
		if State(part.State) != Handling {
			return refused("NOT_SIGNED", "请先签收，再下派。")
		}
		below, err := a.unit("unit", in.GetUnit())
		if err != nil {
			return err
		}
		if below.Code == part.Unit || !strings.HasPrefix(below.Path, part.Path) {
			return refused("NOT_BELOW", "只能下派给本单位的下级单位，%s不是。", below.Title)
		}
		if err := a.notToStreet(below); err != nil {
			return err
		}
		parts, err := a.parts()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(parts, func(p *ent.Assignment) bool { return p.Unit == below.Code }) {
			return refused("ALREADY_ON_IT", "%s已在办理这件工单。", below.Title)
		}
		instruction := in.GetInstruction()
		if err := a.clean(&instruction); err != nil {
			return err
		}
		if _, err := a.assignUnder(below, false, instruction, &part.ID); err != nil {
			return err
		}
		a.inside(part.Unit, below.Code)
		a.summary = a.titleOf(part.Unit) + "下派" + below.Title
		return nil
	})
}

// inside cuts the clocks of the unit below to what the unit above has left.
func (a *act) inside(unit, below string) {
	for _, up := range a.running(unit, ClockReply) {
		for _, c := range a.running(below, ClockSign, ClockContact, ClockReply) {
			if c.DueAt.After(up.DueAt) {
				c.DueAt, c.WarnAt = up.DueAt, nil
				c.WarnAt = warnAt(a.rules, c)
			}
		}
	}
}

// assignUnder makes one unit's part, under the part it was handed down from if any, and starts its clocks.
func (a *act) assignUnder(u *ent.Unit, lead bool, instruction string, parent *uuid.UUID) (uuid.UUID, error) {
	id := newID()
	err := a.s.ent().Assignment.Create().SetID(id).SetWorkOrderID(a.order.ID).SetUnit(u.Code).SetPath(u.Path).SetLead(lead).
		SetNillableParentID(parent).SetState(string(Dispatched)).SetInstruction(instruction).SetDispatchedAt(a.now).Exec(a.ctx)
	if err != nil {
		return id, fmt.Errorf("assign %s: %w", u.Code, err)
	}
	for _, step := range []string{ClockSign, ClockContact, ClockReply} {
		if err := a.start(step, u.Code); err != nil {
			return id, err
		}
	}
	return id, nil
}
