package casework

import (
	"context"
	"fmt"

	pb "hotline/api/casework/v1"
	"hotline/ent/callback"
)

// Close (归档) ends an order whose citizen could not be reached in the attempts the city demands, each on another day.
func (s *Service) Close(ctx context.Context, in *pb.CloseRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Close, in, func(a *act) error {
		if err := a.hold(); err != nil {
			return err
		}
		if a.order.Adjudicating {
			return refused("ADJUDICATING", "工单正在裁决，裁决后再归档。")
		}
		if err := a.mayCallOurselves(); err != nil {
			return err
		}
		if !a.elsewhere() {
			lead, last, err := a.lastReply()
			if err != nil {
				return err
			}
			if err := a.mayCall(lead, last); err != nil {
				return err
			}
		}
		n, err := a.s.ent().Callback.Query().
			Where(callback.WorkOrderID(a.order.ID), callback.Round(a.order.Reworks+1), callback.Reached(false)).Count(a.ctx)
		if err != nil {
			return fmt.Errorf("callbacks of %s: %w", a.order.Number, err)
		}
		contactable := !a.order.Phone.Empty() || !a.order.Email.Empty()
		if need := int(a.rules.Policy.GetCallbackAttempts()); contactable && n < need {
			return refused("TOO_FEW_ATTEMPTS", "归档前须在不同日期回访 %d 次，现有 %d 次未接通。", need, n)
		}
		a.summary, a.public, a.visit = "多次回访未接通，归档", true, &pb.Visit{}
		if asked, err := a.closeElsewhere(); asked || err != nil {
			return err
		}
		if err := a.stop("", ClockCallback); err != nil {
			return err
		}
		return a.end()
	})
}

// closeElsewhere lets the city that handled the case know that its citizen was not reached; the order ends when the ledger has it.
func (a *act) closeElsewhere() (asked bool, err error) {
	t, err := a.transfer()
	if err != nil || t == nil || t.Origin != a.v.Tenant || settled(t) || !a.elsewhere() {
		return false, err
	}
	return true, a.askCallback(t, false)
}
