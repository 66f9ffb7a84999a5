package casework

import (
	"context"
	"fmt"
	"strings"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/tenants/access"
	"hotline/tenants/calendar"
)

// Extend (申请延期): before its due moment a unit asks for more working days, with reason and ground, as often and as many as the
// city allows.
func (s *Service) Extend(ctx context.Context, in *pb.ExtendRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Extend, in, func(a *act) error {
		part, err := a.mine()
		if err != nil {
			return err
		}
		if err := a.mayExtend(part, int(in.GetDays())); err != nil {
			return err
		}
		reason := in.GetReason()
		if err := a.clean(&reason); err != nil {
			return err
		}
		span := calendar.Span{N: int(in.GetDays()), Unit: calendar.WorkingDay}
		a.summary = fmt.Sprintf("%s申请延期%s：%s", a.titleOf(part.Unit), span.Words(), reason)
		return a.apply(&ent.Application{Kind: kindExtension, AssignmentID: &part.ID, AskedUnit: part.Unit, Reason: reason,
			Ground: in.GetGround(), Span: span.String()}, "", ClockExtension)
	})
}

func (a *act) mayExtend(part *ent.Assignment, days int) error {
	side := a.rules.Policy.GetSideLives()
	if most := int(side.GetExtensionDays()); days > most {
		return invalid("days", "一次延期最多 %d 个工作日。", most)
	}
	replies := a.running(part.Unit, ClockReply)
	if len(replies) == 0 {
		return refused("NO_CLOCK", "本单位没有正在计时的办理时限。")
	}
	if !a.now.Before(replies[0].DueAt) {
		return refused("TOO_LATE", "延期须在到期前申请，该任务已经到期。")
	}
	if p, err := a.pending(kindExtension, part.Unit); err != nil || p != nil {
		if err != nil {
			return err
		}
		return refused("ALREADY_ASKED", "本单位的延期申请正在审批。")
	}
	times, err := a.count(kindExtension, part.ID)
	if err != nil {
		return err
	}
	if most := int(side.GetExtensionTimes()); times >= most {
		return refused("TOO_MANY_EXTENSIONS", "最多可延期 %d 次，已经用完。", most)
	}
	return nil
}

// DecideExtension (延期审批) is above the applicant: a first one may be decided in the unit's own line, a further one only by the
// hotline. Approved, the due moment moves and the citizen is told.
func (s *Service) DecideExtension(ctx context.Context, in *pb.DecideRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, DecideExtension, in, func(a *act) error {
		app, err := a.asked(in.GetApplication(), kindExtension)
		if err != nil {
			return err
		}
		if err := a.other(app, app.AskedBy); err != nil {
			return err
		}
		if err := a.mayApprove(app); err != nil {
			return err
		}
		words := in.GetWords()
		if err := a.clean(&words); err != nil {
			return err
		}
		unit := a.titleOf(app.AskedUnit)
		if !in.GetUphold() {
			a.summary = "不同意" + unit + "延期：" + words
			return a.decide(app, standsRejected, words)
		}
		if err := a.decide(app, standsUpheld, words); err != nil {
			return err
		}
		return a.extend(app, unit)
	})
}

// mayApprove: within a line of units only above the applicant, and only the first extension of a part.
func (a *act) mayApprove(app *ent.Application) error {
	if a.s.access.Scope(a.v.Roles(), "work_order", string(DecideExtension)) != access.Subtree {
		return nil
	}
	above, err := a.above(app.AskedUnit)
	if err != nil {
		return err
	}
	if !above {
		return notFound()
	}
	apps, err := a.applications()
	if err != nil {
		return err
	}
	for _, p := range apps {
		if p.Kind == kindExtension && p.Standing == standsUpheld && *p.AssignmentID == *app.AssignmentID {
			return refused("HOTLINE_DECIDES", "第二次及以后的延期由热线督办员审批。")
		}
	}
	return nil
}

// above says whether the unit is the viewer's own or lies below it in the tree.
func (a *act) above(unit string) (bool, error) {
	tree, err := a.s.directory.Tree(a.ctx)
	if err != nil {
		return false, err
	}
	u := tree[unit]
	for _, p := range a.v.Posts {
		if own := tree[p.Unit]; own != nil && u != nil && strings.HasPrefix(u.Path, own.Path) {
			return true, nil
		}
	}
	return false, nil
}

func (a *act) extend(app *ent.Application, unit string) error {
	replies := a.running(app.AskedUnit, ClockReply)
	if len(replies) == 0 {
		return refused("NO_CLOCK", "该单位已没有正在计时的办理时限。")
	}
	span, err := calendar.ParseSpan(app.Span)
	if err != nil {
		return fmt.Errorf("extension: %w", err)
	}
	c := replies[0]
	due, err := a.rules.Calendar.Extend(c.DueAt, span)
	if err != nil {
		return refused("CALENDAR_UNKNOWN", "%s", err.Error())
	}
	if inside, err := a.within(c, due.UTC()); err != nil || inside.Before(due) {
		if err != nil {
			return err
		}
		return refused("BEYOND_UNIT_ABOVE", "下派的任务不能晚于上级单位的时限，请上级单位先申请延期。")
	}
	if err := a.move(c, causeExtension, c.DueAt, span, due.UTC()); err != nil {
		return err
	}
	a.summary = fmt.Sprintf("%s经批准延期%s（%s），新的时限：%s", unit, span.Words(), app.Reason, a.rules.Calendar.DescribeDue(a.now, c.DueAt))
	a.public = true
	return a.stop(app.AskedUnit, ClockClimb) // it is in time again
}
