package casework

import (
	"context"
	"fmt"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/assignment"
	"hotline/tenants/privacy"
)

// Reply (答复): the unit answers in a public and an internal part. The lead's reply moves the order to review; an assisting
// unit's stands beside it for the lead to take up.
func (s *Service) Reply(ctx context.Context, in *pb.ReplyRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Reply, in, func(a *act) error {
		part, err := a.mine()
		if err != nil {
			return err
		}
		if part.SignedAt == nil {
			return refused("NOT_SIGNED", "请先签收，再答复。")
		}
		if State(part.State) != Handling {
			return refused("ALREADY_REPLIED", "本单位已答复，待审核。")
		}
		d := in.GetDraft()
		if err := a.check(part, d); err != nil {
			return err
		}
		if err := a.keepReply(part, d); err != nil {
			return err
		}
		if err := a.stop(part.Unit, ClockContact, ClockReply, ClockClimb, ClockAwaiting); err != nil {
			return err
		}
		if err := a.lapse(part.Unit); err != nil {
			return err
		}
		if !part.Lead {
			a.summary = "协办单位" + a.titleOf(part.Unit) + "答复"
			return nil
		}
		a.order.State = string(Replied)
		a.summary, a.public = "主办单位"+a.titleOf(part.Unit)+"答复，待审核", true
		return a.start(ClockReview, "")
	})
}

// check refuses a reply that a blocking rule stands against, naming the sentence that failed.
func (a *act) check(part *ent.Assignment, d *pb.Draft) error {
	if d.GetConclusion() == pb.Conclusion_UNREACHABLE {
		if n := part.Missed; n < 3 {
			return refused("TOO_FEW_ATTEMPTS", "以“联系不上”办结须有至少三次联系留痕，现有 %d 次。", n)
		}
	} else if part.ContactedAt == nil && !a.order.Anonymous && (!a.order.Phone.Empty() || !a.order.Email.Empty()) {
		return refused("NOT_CONTACTED", "答复前须先联系诉求人并留痕。")
	}
	if d.GetConclusion() == pb.Conclusion_UNREASONABLE && !a.order.Unreasonable {
		return refused("NOT_FOUND_UNREASONABLE", "以“不合理诉求”办结，须先经两级审核认定。")
	}
	if a.order.Adjudicating {
		return refused("ADJUDICATING", "工单正在裁决，请等待裁决结果再答复。")
	}
	findings, err := a.s.findings(a.ctx, a.keys, a.rules, a.order, d)
	if err != nil {
		return err
	}
	for _, f := range findings {
		if f.GetBlocking() {
			return refused(f.GetRule(), "%s（“%s”）", f.GetMessage(), f.GetSentence())
		}
	}
	return nil
}

func (a *act) keepReply(part *ent.Assignment, d *pb.Draft) error {
	id, measures, ground := newID(), d.GetMeasures(), d.GetGround()
	if err := a.clean(&measures, &ground); err != nil {
		return err
	}
	internal, err := a.keys.Seal(privacy.Text, rowOf(id), d.GetInternalPart())
	if err != nil {
		return err
	}
	err = a.s.ent().Reply.Create().SetID(id).SetWorkOrderID(a.order.ID).SetAssignmentID(part.ID).SetRound(part.Round + 1).
		SetPublicPart(d.GetPublicPart()).SetInternalPart(internal).SetConclusion(word(d.GetConclusion())).
		SetMeasures(measures).SetGround(ground).SetAuthor(a.v.Login).SetCreatedAt(a.now).Exec(a.ctx)
	if ent.IsConstraintError(err) {
		return conflict()
	}
	if err != nil {
		return fmt.Errorf("reply: %w", err)
	}
	err = a.s.ent().Assignment.Update().Where(assignment.ID(part.ID)).SetState(string(Replied)).SetRound(part.Round + 1).
		SetRepliedAt(a.now).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("reply: %w", err)
	}
	return nil
}

// CheckReply (答复自查) runs the checks for the editor without saving anything.
func (s *Service) CheckReply(ctx context.Context, in *pb.CheckReplyRequest) (out *pb.CheckReplyResponse, err error) {
	keys, err := s.vault.Keyring(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		o, err := s.find(ctx, numberOf(in.GetName()), "reply")
		if err != nil {
			return err
		}
		rules, err := s.book.InForce(ctx)
		if err != nil {
			return err
		}
		findings, err := s.findings(ctx, keys, rules, o, in.GetDraft())
		out = &pb.CheckReplyResponse{Findings: findings}
		return err
	})
	return out, err
}
