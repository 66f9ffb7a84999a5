package casework

import (
	"fmt"

	"hotline/ent"
	"hotline/ent/assignment"
)

// conclude (办结) happens when a review passes: the answer becomes public, every unit's part ends and callback is due.
// Assisting units that are late don't hold it up; their clocks stop as late and count in their own score.
func (a *act) conclude(lead *ent.Assignment, last *ent.Reply, remark string) error {
	if err := a.judge(last, "passed", remark); err != nil {
		return err
	}
	now := a.now
	a.order.State, a.order.ConcludedAt = string(Concluded), &now
	a.order.Conclusion, a.order.PublicAnswer = last.Conclusion, last.PublicPart
	a.summary, a.public = "审核通过，办结，待回访", true
	err := a.s.ent().Assignment.Update().Where(assignment.WorkOrderID(a.order.ID), assignment.EndedAtIsNil()).SetState(string(Concluded)).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("conclude: %w", err)
	}
	if err := a.stop("", workClocks...); err != nil {
		return err
	}
	if err := a.lapse(""); err != nil {
		return err
	}
	if err := a.concludeChildren(lead, last); err != nil {
		return err
	}
	ours, err := a.callsBack()
	if err != nil || !ours {
		return err
	}
	return a.start(ClockCallback, "")
}
