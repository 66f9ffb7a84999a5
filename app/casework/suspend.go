package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/application"
	"hotline/tenants/calendar"
)

var suspensionReasons = map[string]string{"season": "季节条件所限", "engineering": "工程条件所限", "history": "历史遗留问题"}

// Suspend (申请挂账): the lead says what can't be done now and why, until when, who answers for it and by which milestones.
func (s *Service) Suspend(ctx context.Context, in *pb.SuspendRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Suspend, in, func(a *act) error {
		part, err := a.mine()
		if err != nil {
			return err
		}
		if !part.Lead {
			return refused("NOT_LEAD", "挂账由主办单位申请。")
		}
		if p, err := a.pending(kindSuspension, ""); err != nil || p != nil {
			if err != nil {
				return err
			}
			return refused("ALREADY_ASKED", "挂账申请正在审批。")
		}
		until, months := in.GetUntilTime().AsTime().Truncate(time.Microsecond), int(a.rules.Policy.GetSideLives().GetSuspensionMonths())
		if !until.After(a.now) || until.After(a.now.AddDate(0, months, 0)) {
			return invalid("until_time", "挂账期限应晚于现在，最长 %d 个月。", months)
		}
		a.summary = fmt.Sprintf("%s申请挂账至%s（%s）", a.titleOf(part.Unit), calendar.DateOf(until), suspensionReasons[in.GetReason()])
		return a.apply(&ent.Application{Kind: kindSuspension, AssignmentID: &part.ID, AskedUnit: part.Unit, Reason: in.GetReason(),
			Ground: in.GetGround(), UntilAt: &until, Responsible: in.GetResponsible(), Milestones: in.GetMilestones()}, "", ClockSuspension)
	})
}

// DecideSuspension (挂账审批): approved, the units' clocks are held until the date, and a review is due every month.
func (s *Service) DecideSuspension(ctx context.Context, in *pb.DecideRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, DecideSuspension, in, func(a *act) error {
		app, err := a.asked(in.GetApplication(), kindSuspension)
		if err != nil {
			return err
		}
		if err := a.other(app, app.AskedBy); err != nil {
			return err
		}
		words := in.GetWords()
		if err := a.clean(&words); err != nil {
			return err
		}
		if !in.GetUphold() {
			a.summary = "不同意挂账：" + words
			return a.decide(app, standsRejected, words)
		}
		if err := a.nothingElse(app); err != nil {
			return err
		}
		if !app.UntilAt.After(a.now) {
			return refused("TOO_LATE", "申请的挂账期限已过，请重新申请。")
		}
		if err := a.decide(app, standsUpheld, words); err != nil {
			return err
		}
		if err := a.pause(""); err != nil {
			return err
		}
		if err := a.until(app, ClockSuspended, *app.UntilAt); err != nil {
			return err
		}
		a.order.State = string(Suspended)
		a.summary = fmt.Sprintf("经批准挂账至%s（%s），责任人：%s", calendar.DateOf(*app.UntilAt), suspensionReasons[app.Reason], app.Responsible)
		a.public = true
		return a.startFor(app, ClockReviewing)
	})
}

// nothingElse: what else is asked about the work is settled before it is laid by.
func (a *act) nothingElse(app *ent.Application) error {
	apps, err := a.applications()
	if err != nil {
		return err
	}
	for _, p := range apps {
		if p.ID != app.ID && p.Standing == standsOpen && slices.Contains(workKinds, p.Kind) {
			return refused("STILL_OPEN", "工单还有待审核的%s申请，请先办理，再批准挂账。", Kinds[p.Kind])
		}
	}
	if len(a.running("", ClockAwaiting)) > 0 {
		return refused("STILL_OPEN", "工单正在等待诉求人补充，请待其补充或期满后再批准挂账。")
	}
	return nil
}

// ReviewSuspension (挂账复核) says every month whether the suspension still holds.
func (s *Service) ReviewSuspension(ctx context.Context, in *pb.DecideRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, ReviewSuspension, in, func(a *act) error {
		app, err := a.suspension()
		if err != nil {
			return err
		}
		if rowOf(app.ID) != in.GetApplication() {
			return invalid("application", "这不是正在生效的挂账。")
		}
		if err := a.other(app, app.AskedBy); err != nil {
			return err
		}
		words := in.GetWords()
		if err := a.clean(&words); err != nil {
			return err
		}
		if !in.GetUphold() {
			a.summary, a.public = "挂账复核：终止挂账，恢复办理。"+words, true
			return a.endSuspension(app)
		}
		if err := a.stop("", ClockReviewing); err != nil {
			return err
		}
		a.summary = "挂账复核：继续挂账。" + words
		return a.startFor(app, ClockReviewing)
	})
}

// Resume (恢复办理) ends a suspension before its date.
func (s *Service) Resume(ctx context.Context, in *pb.ResumeRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Resume, in, func(a *act) error {
		app, err := a.suspension()
		if err != nil {
			return err
		}
		words := in.GetWords()
		if err := a.clean(&words); err != nil {
			return err
		}
		a.summary, a.public = "恢复办理："+words, true
		return a.endSuspension(app)
	})
}

// suspension is the one in force.
func (a *act) suspension() (*ent.Application, error) {
	apps, err := a.applications()
	if err != nil {
		return nil, err
	}
	for _, p := range apps {
		if p.Kind == kindSuspension && p.Standing == standsUpheld {
			return p, nil
		}
	}
	return nil, refused("NOT_SUSPENDED", "工单没有正在生效的挂账。")
}

// endSuspension lets the units' clocks go on with what was left of them. The suspension's end is kept: until then it left the
// order out of scoring.
func (a *act) endSuspension(app *ent.Application) error {
	now := a.now
	app.UntilAt = &now
	if err := a.s.ent().Application.Update().Where(application.ID(app.ID)).SetUntilAt(now).Exec(a.ctx); err != nil {
		return fmt.Errorf("end suspension: %w", err)
	}
	if err := a.stand(app, standsExpired); err != nil {
		return err
	}
	a.order.State = string(Handling)
	return a.goOn("", causeSuspension)
}
