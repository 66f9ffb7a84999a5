package casework

import (
	"context"
	"fmt"

	pb "hotline/api/casework/v1"
	"hotline/ent/assignment"
)

// Sign (签收): the unit acknowledges its part. The lead's signing moves the order to 办理中; no clock waits for it.
func (s *Service) Sign(ctx context.Context, in *pb.SignRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Sign, in, func(a *act) error {
		part, err := a.mine()
		if err != nil {
			return err
		}
		if part.SignedAt != nil {
			return refused("ALREADY_SIGNED", "本单位已签收（%s）。", part.Handler)
		}
		if State(part.State) != Dispatched { // it never signed, and the order concluded without it
			return refused("PART_ENDED", "工单已由主办单位办结，本单位的任务已经结束，不需要再签收。")
		}
		err = a.s.ent().Assignment.Update().Where(assignment.ID(part.ID)).SetState(string(Handling)).SetHandler(a.v.Login).
			SetSignedAt(a.now).Exec(a.ctx)
		if err != nil {
			return fmt.Errorf("sign: %w", err)
		}
		if part.Lead {
			a.order.State = string(Handling)
		}
		a.summary, a.public = a.titleOf(part.Unit)+"签收", part.Lead
		return a.stop(part.Unit, ClockSign, ClockClimb)
	})
}

// titleOf is the unit's name, or its code when it is no longer in the tree.
func (a *act) titleOf(unit string) string {
	if u, err := a.s.directory.Unit(a.ctx, unit); err == nil {
		return u.Title
	}
	return unit
}
