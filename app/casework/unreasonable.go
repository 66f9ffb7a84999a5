package casework

import (
	"context"
	"slices"
	"time"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/application"
)

// ClaimUnreasonable (申请认定不合理诉求): a unit that worked on the order says, with evidence, why the request is unreasonable. The
// finding changes scoring and the handling of repeats only; the order goes on and the citizen is heard as before.
func (s *Service) ClaimUnreasonable(ctx context.Context, in *pb.ClaimUnreasonableRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, ClaimUnreasonable, in, func(a *act) error {
		part, err := a.mine()
		if err != nil {
			return err
		}
		apps, err := a.applications()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(apps, func(p *ent.Application) bool { return p.Kind == kindUnreasonable }) {
			return refused("ALREADY_ASKED", "对同一工单只能申请一次不合理诉求认定。")
		}
		a.summary = a.titleOf(part.Unit) + "申请认定为不合理诉求"
		return a.apply(&ent.Application{Kind: kindUnreasonable, AssignmentID: &part.ID, AskedUnit: part.Unit, Ground: in.GetGround()},
			in.GetEvidence(), ClockUnreason)
	})
}

// DecideUnreasonable (不合理诉求审核): two levels, two people, neither of them who asked. The citizen is told and may appeal.
func (s *Service) DecideUnreasonable(ctx context.Context, in *pb.DecideRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, DecideUnreasonable, in, func(a *act) error {
		app, settled, err := a.twoLevels(in, kindUnreasonable, ClockUnreason)
		if err != nil || !settled {
			return err
		}
		a.order.Unreasonable = true
		until := a.now.AddDate(0, 0, int(a.rules.Policy.GetSideLives().GetUnreasonableDays()))
		app.UntilAt = &until
		if err := a.s.ent().Application.Update().Where(application.ID(app.ID)).SetUntilAt(until).Exec(a.ctx); err != nil {
			return err
		}
		a.summary, a.public = "本诉求经两级审核认定为不合理诉求，仅影响承办单位考核；如有异议您可以申诉", true
		return a.until(app, ClockExpiry, until)
	})
}

// twoLevels carries an application one level on; settled says that both levels agree now.
func (a *act) twoLevels(in *pb.DecideRequest, kind, clock string) (app *ent.Application, settled bool, err error) {
	if app, err = a.asked(in.GetApplication(), kind); err != nil {
		return nil, false, err
	}
	if err := a.other(app, app.AskedBy, app.FirstBy); err != nil {
		return nil, false, err
	}
	words := in.GetWords()
	if err := a.clean(&words); err != nil {
		return nil, false, err
	}
	level := map[string]string{standsOpen: "一级审核", standsFirst: "二级审核"}[app.Standing]
	if !in.GetUphold() {
		a.summary = Kinds[kind] + level + "：不同意。" + words
		return app, false, a.decide(app, standsRejected, words)
	}
	if app.Standing == standsOpen {
		a.summary = Kinds[kind] + level + "：同意，待二级审核。" + words
		return app, false, a.first(app, words, clock)
	}
	a.summary = Kinds[kind] + level + "：同意。" + words
	return app, true, a.decide(app, standsUpheld, words)
}

// Appeal (申诉): the citizen says in time why the finding is wrong.
func (s *Service) Appeal(ctx context.Context, in *pb.AppealRequest) (*pb.Petition, error) {
	return s.byCitizen(ctx, Appeal, in, func(a *act) error {
		about, err := a.finding()
		if err != nil {
			return err
		}
		if err := a.inTime("appeal_within", *about.DecidedAt, "申诉"); err != nil {
			return err
		}
		apps, err := a.applications()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(apps, func(p *ent.Application) bool { return p.Kind == kindAppeal && *p.AboutID == about.ID }) {
			return refused("ALREADY_APPEALED", "您已就此申诉过，请等待或查看复核结果。")
		}
		a.summary, a.public = "诉求人对不合理认定提出申诉", true
		return a.apply(&ent.Application{Kind: kindAppeal, AboutID: &about.ID}, in.GetGround(), ClockAppeal)
	})
}

// finding is the finding in force.
func (a *act) finding() (*ent.Application, error) {
	apps, err := a.applications()
	if err != nil {
		return nil, err
	}
	for _, p := range apps {
		if p.Kind == kindUnreasonable && p.Standing == standsUpheld {
			return p, nil
		}
	}
	return nil, refused("NO_FINDING", "没有正在生效的不合理诉求认定。")
}

// inTime refuses what comes later than the city's span after a moment.
func (a *act) inTime(rule string, since time.Time, what string) error {
	span, err := a.rules.Span(rule, a.order.Kind, a.order.Urgency)
	if err != nil {
		return err
	}
	last, err := a.rules.Calendar.Add(since, span)
	if err != nil {
		return refused("CALENDAR_UNKNOWN", "%s", err.Error())
	}
	if a.now.After(last) {
		return refused("TOO_LATE", "已超过%s，不能再提出%s。", span.Words(), what)
	}
	return nil
}

// DecideAppeal (申诉复核): a third person looks again; upheld, the finding is revoked.
func (s *Service) DecideAppeal(ctx context.Context, in *pb.DecideRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, DecideAppeal, in, func(a *act) error {
		app, err := a.asked(in.GetApplication(), kindAppeal)
		if err != nil {
			return err
		}
		about, err := a.about(app)
		if err != nil {
			return err
		}
		if err := a.other(about, about.AskedBy, about.FirstBy, about.DecidedBy); err != nil {
			return err
		}
		words := in.GetWords()
		if err := a.clean(&words); err != nil {
			return err
		}
		a.public = true
		if !in.GetUphold() {
			a.summary = "申诉复核：维持原认定。" + words
			return a.decide(app, standsRejected, words)
		}
		a.summary, a.order.Unreasonable = "申诉复核：撤销不合理诉求认定。"+words, false
		if err := a.decide(app, standsUpheld, words); err != nil {
			return err
		}
		return a.stand(about, standsRevoked)
	})
}
