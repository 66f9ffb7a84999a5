package casework

import (
	"context"
	"fmt"
	"strings"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/assignment"
	"hotline/ent/reply"
)

// Review (审核) passes the lead's reply, which concludes the order, or sends it back with a remark (返工, counted).
func (s *Service) Review(ctx context.Context, in *pb.ReviewRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Review, in, func(a *act) error {
		if err := a.hold(); err != nil {
			return err
		}
		lead, last, err := a.lastReply()
		if err != nil {
			return err
		}
		if last.Author == a.v.Login {
			return refused("SECOND_PERSON", "答复人不能审核自己的答复。")
		}
		remark := strings.TrimSpace(in.GetRemark())
		if err := a.clean(&remark); err != nil {
			return err
		}
		if !in.GetPass() && remark == "" {
			return invalid("remark", "退回返工要写明原因。")
		}
		if in.GetPass() {
			is, err := tells(a.keys, a.order.Name, a.order, last.PublicPart)
			if err != nil {
				return err
			}
			if is {
				return refused("PERSONAL_DATA", "%s", namesPetitioner)
			}
		}
		if err := a.stop("", ClockReview); err != nil {
			return err
		}
		a.order.Holder = ""
		if in.GetPass() {
			return a.conclude(lead, last, remark)
		}
		return a.sendBack(lead, last, remark)
	})
}

// lastReply is the lead's part and the reply that waits for review.
func (a *act) lastReply() (*ent.Assignment, *ent.Reply, error) {
	lead, err := a.s.ent().Assignment.Query().
		Where(assignment.WorkOrderID(a.order.ID), assignment.Lead(true), assignment.EndedAtIsNil()).Only(a.ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("lead of %s: %w", a.order.Number, err)
	}
	last, err := a.s.ent().Reply.Query().Where(reply.AssignmentID(lead.ID)).Order(ent.Desc(reply.FieldRound)).First(a.ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("reply of %s: %w", a.order.Number, err)
	}
	return lead, last, nil
}

func (a *act) judge(r *ent.Reply, verdict, remark string) error {
	if err := a.s.ent().Reply.Update().Where(reply.ID(r.ID)).SetVerdict(verdict).SetRemark(remark).Exec(a.ctx); err != nil {
		return fmt.Errorf("verdict: %w", err)
	}
	return nil
}

// sendBack is 返工: the lead handles again on the rework clock.
func (a *act) sendBack(lead *ent.Assignment, last *ent.Reply, remark string) error {
	if err := a.judge(last, "failed", remark); err != nil {
		return err
	}
	a.summary = "审核未通过，退回返工：" + remark
	return a.rework(lead)
}

// rework puts the lead back to work by the city's 重办 span.
func (a *act) rework(lead *ent.Assignment) error {
	a.order.State = string(Handling)
	a.order.Reworks++
	if err := a.s.ent().Assignment.Update().Where(assignment.ID(lead.ID)).SetState(string(Handling)).ClearEndedAt().Exec(a.ctx); err != nil {
		return fmt.Errorf("rework: %w", err)
	}
	return a.startBy(ClockReply, lead.Unit, "rework")
}
