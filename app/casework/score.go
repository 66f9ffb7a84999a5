package casework

import (
	"context"
	"slices"
	"strings"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/tenants/access"
)

// Figures (指标) are what units are measured by, as screens call them.
var figures = map[pb.Figure]string{pb.Figure_RESPONSE: "响应率", pb.Figure_SOLVED_RATE: "解决率", pb.Figure_SATISFACTION: "满意率",
	pb.Figure_TIMELINESS: "按时办结率"}

// AppealScore (考核申诉): in time after the end a unit asks to leave the order out of one figure, with evidence.
func (s *Service) AppealScore(ctx context.Context, in *pb.AppealScoreRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, AppealScore, in, func(a *act) error {
		part, err := a.mine()
		if err != nil {
			return err
		}
		if err := a.inTime("score_appeal_within", *a.order.ClosedAt, "考核申诉"); err != nil {
			return err
		}
		figure := word(in.GetFigure())
		apps, err := a.applications()
		if err != nil {
			return err
		}
		if slices.ContainsFunc(apps, func(p *ent.Application) bool {
			return p.Kind == kindScoreAppeal && p.AskedUnit == part.Unit && p.Reason == figure
		}) {
			return refused("ALREADY_APPEALED", "本单位已就该工单的%s提出过考核申诉。", figures[in.GetFigure()])
		}
		a.summary = a.titleOf(part.Unit) + "提出考核申诉（" + figures[in.GetFigure()] + "）"
		return a.apply(&ent.Application{Kind: kindScoreAppeal, AssignmentID: &part.ID, AskedUnit: part.Unit, Reason: figure,
			Ground: in.GetGround()}, in.GetEvidence(), ClockScoreAppeal)
	})
}

// DecideScoreAppeal (考核申诉审核): first in the unit's own line or by the hotline, then by the hotline, two different people.
// Upheld on both levels the order is left out of that figure, visibly.
func (s *Service) DecideScoreAppeal(ctx context.Context, in *pb.DecideRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, DecideScoreAppeal, in, func(a *act) error {
		if err := a.mayScore(in.GetApplication()); err != nil {
			return err
		}
		app, settled, err := a.twoLevels(in, kindScoreAppeal, ClockScoreAppeal)
		if err != nil || !settled {
			return err
		}
		out := strings.FieldsFunc(a.order.Excluded, func(r rune) bool { return r == ',' })
		if !slices.Contains(out, app.Reason) {
			out = append(out, app.Reason)
		}
		a.order.Excluded = strings.Join(out, ",")
		return nil
	})
}

// mayScore: a unit's own line decides the first level only, and only above the applicant.
func (a *act) mayScore(id string) error {
	if a.s.access.Scope(a.v.Roles(), "work_order", string(DecideScoreAppeal)) != access.Subtree {
		return nil
	}
	app, err := a.asked(id, kindScoreAppeal)
	if err != nil {
		return err
	}
	above, err := a.above(app.AskedUnit)
	if err != nil {
		return err
	}
	if !above {
		return notFound()
	}
	if app.Standing == standsFirst {
		return refused("HOTLINE_DECIDES", "考核申诉的二级审核由热线办理。")
	}
	return nil
}
