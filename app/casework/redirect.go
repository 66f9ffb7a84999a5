package casework

import (
	"context"
	"strings"

	pb "hotline/api/casework/v1"
)

// Redirect (转告) ends an order by showing the citizen the right door, or refers it to the police. A referral takes two
// people: who redirects is not who took the order in (flow.md, police_referral).
func (s *Service) Redirect(ctx context.Context, in *pb.RedirectRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Redirect, in, func(a *act) error {
		if err := a.hold(); err != nil {
			return err
		}
		if in.GetDisposition() == pb.Disposition_POLICE_REFERRAL {
			if a.order.Evidence.Empty() {
				return refused("NO_EVIDENCE", "移送公安前要在受理时固定证据。")
			}
			if a.order.TakenBy == a.v.Login {
				return refused("SECOND_PERSON", "移送公安须由受理人以外的另一人审批。")
			}
		}
		if err := finished(strings.TrimSpace(in.GetTold())); err != nil {
			return err
		}
		now := a.now
		a.order.State, a.order.Holder, a.order.ClosedAt = string(Redirected), "", &now
		a.order.Disposition = word(in.GetDisposition())
		a.order.Reason, a.order.Told = in.GetReason(), in.GetTold()
		if err := a.clean(&a.order.Reason, &a.order.Told); err != nil {
			return err
		}
		a.summary, a.public = dispositionTitles[in.GetDisposition()]+"："+a.order.Reason, true
		if err := a.splitChildren("已转告"); err != nil {
			return err
		}
		return a.stop("", ClockDispatch)
	})
}
