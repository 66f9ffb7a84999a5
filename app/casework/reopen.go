package casework

import (
	"context"
	"fmt"

	pb "hotline/api/casework/v1"
	"hotline/ent/assignment"
	"hotline/tenants/calendar"
)

// Reopen (重启) brings an ended order back within the days the city allows: a handled one to its lead, another to dispatch.
func (s *Service) Reopen(ctx context.Context, in *pb.ReopenRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Reopen, in, func(a *act) error {
		if err := a.stillOpenable(); err != nil {
			return err
		}
		t, err := a.transfer()
		if err != nil {
			return err
		}
		if t != nil && t.Target == a.v.Tenant && t.Origin != a.v.Tenant {
			return refused("REOPEN_AT_ORIGIN", "这件工单由%s转来，请由转出城市重启后再转办。", a.cityTitle(t.Origin))
		}
		was := State(a.order.State)
		a.order.ClosedAt, a.note, a.public = nil, in.GetReason(), true
		if a.elsewhere() {
			a.order.TargetCity = ""
		}
		if was != Closed || a.elsewhere() {
			a.order.State, a.order.Disposition = string(Received), word(pb.Disposition_IN_SCOPE)
			a.summary = "重启，待派单"
			return a.start(ClockDispatch, "")
		}
		lead, err := a.s.ent().Assignment.Query().
			Where(assignment.WorkOrderID(a.order.ID), assignment.Lead(true), assignment.EndedAtIsNil()).Only(a.ctx)
		if err != nil {
			return fmt.Errorf("lead of %s: %w", a.order.Number, err)
		}
		a.summary = "重启，由" + a.titleOf(lead.Unit) + "继续办理"
		return a.rework(lead)
	})
}

func (a *act) stillOpenable() error {
	within, err := calendar.ParseSpan(a.rules.Policy.GetReopenWithin())
	if err != nil {
		return err
	}
	if a.order.ClosedAt == nil {
		return nil
	}
	last, err := a.rules.Calendar.Add(*a.order.ClosedAt, within)
	if err != nil {
		return refused("CALENDAR_UNKNOWN", "%s", err.Error())
	}
	if a.now.After(last) {
		return refused("TOO_LATE", "归档已超过%s，请作为新诉求受理并关联历史工单。", within.Words())
	}
	return nil
}
