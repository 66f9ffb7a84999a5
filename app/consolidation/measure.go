package consolidation

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/assignment"
	"hotline/ent/callback"
	"hotline/ent/store"
	"hotline/ent/workorder"
	"hotline/tenants/privacy"
)

// level (服务水平) are the figures of one period as somebody entered them.
type level struct {
	Phase, From, To                 string
	Calls, Answered, Seconds        int
	Source, By                      string
	orders, onTime, solved, sampled int // computed, never stored
}

// level is the latest of a phase.
func (r *row) level(phase string) *level {
	for i := len(r.levels) - 1; i >= 0; i-- {
		if r.levels[i].Phase == phase {
			return &r.levels[i]
		}
	}
	return nil
}

// Measure (登记服务水平) enters the figures of a period: before the cut-over those of the number itself, after it those of 12345 for its
// callers. Every entry stays; the latest of a phase counts.
func (s *Service) Measure(ctx context.Context, req *pb.MeasureRequest) (*pb.Number, error) {
	return s.change(ctx, req.GetName(), req.GetEtag(), "measure", func(c *change) error {
		for field, date := range map[string]string{"from_date": req.GetFromDate(), "to_date": req.GetToDate()} {
			if err := day(field, date); err != nil {
				return err
			}
		}
		l := level{Phase: "before", From: req.GetFromDate(), To: req.GetToDate(), Calls: int(req.GetCalls()), Answered: int(req.GetAnsweredPermille()),
			Seconds: int(req.GetAnswerSeconds()), Source: privacy.Scrub(req.GetSource()), By: c.v.Login}
		if req.GetAfter() {
			l.Phase = "after"
		}
		switch {
		case l.To < l.From || l.To > today(c.now):
			return invalid("to_date", "统计时段应已结束，且止日不早于起日。")
		case l.Phase == "after" && (c.CutOverAt == nil || c.Target != ""):
			return refused("NOT_CUT_OVER", "%s还没有切换，不能登记归并后的服务水平。", c.Number)
		case l.Phase == "after" && l.From < today(*c.CutOverAt):
			return invalid("from_date", "归并后的时段应从切换日%s以后算起。", today(*c.CutOverAt))
		case l.Phase == "before" && c.Target == "" && c.Mode != "":
			return refused("CUT_OVER", "%s已经切换，归并前的服务水平不能再改。", c.Number)
		}
		c.levels = append(c.levels, l)
		c.summary = fmt.Sprintf("登记归并%s服务水平：%s至%s，来电%d，接通率%s，来源：%s", map[string]string{"before": "前", "after": "后"}[l.Phase],
			l.From, l.To, l.Calls, permille(l.Answered), l.Source)
		return nil
	})
}

func permille(n int) string { return fmt.Sprintf("%d.%d%%", n/10, n%10) }

// notWorse holds the figures after the cut-over against those before it.
func (c *change) notWorse() error {
	before, after := c.level("before"), c.level("after")
	switch {
	case after == nil || c.CutOverAt != nil && after.From < today(*c.CutOverAt):
		return refused("NO_FIGURES", "还没有登记归并后的服务水平，不能核查。")
	case before == nil:
		return refused("NO_FIGURES", "没有归并前的服务水平可以比较。")
	case after.Answered < before.Answered:
		return refused("SERVICE_DROPPED", "接通率由%s降到%s，服务水平降低，请改进后重新登记%s。", permille(before.Answered), permille(after.Answered), clauseSmooth)
	}
	return nil
}

const sampled = 2000 // orders that the computed figures look at, the latest first

// computed are the figures of the orders that the responsible unit got since the cut-over; nil when there is nothing to compute from.
func (s *Service) computed(ctx context.Context, r *row) (*level, error) {
	if r.CutOverAt == nil || r.Unit == "" {
		return nil, nil
	}
	parts, err := s.ent().Assignment.Query().Where(assignment.Unit(r.Unit), assignment.DispatchedAtGTE(*r.CutOverAt)).
		Order(ent.Desc(assignment.FieldDispatchedAt)).Limit(sampled).Select(assignment.FieldWorkOrderID).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("orders of unit %s: %w", r.Unit, err)
	}
	var ids []uuid.UUID
	seen := map[uuid.UUID]bool{}
	for _, p := range parts {
		if !seen[p.WorkOrderID] {
			seen[p.WorkOrderID] = true
			ids = append(ids, p.WorkOrderID)
		}
	}
	l := &level{Phase: "computed", From: today(*r.CutOverAt), To: today(store.Moment(ctx)), Source: "本平台工单", orders: len(ids)}
	if len(ids) == 0 {
		return l, nil
	}
	late, err := s.ent().WorkOrder.Query().Where(workorder.IDIn(ids...), workorder.Overdue(true)).Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("orders of unit %s: %w", r.Unit, err)
	}
	l.onTime = (l.orders - late) * 1000 / l.orders
	calls, err := s.ent().Callback.Query().Where(callback.WorkOrderIDIn(ids...), callback.Reached(true)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("callbacks of unit %s: %w", r.Unit, err)
	}
	solved := 0
	for _, c := range calls {
		if c.Solved {
			solved++
		}
	}
	if l.sampled = len(calls); l.sampled > 0 {
		l.solved = solved * 1000 / l.sampled
	}
	return l, nil
}

func (l *level) render() *pb.ServiceLevel {
	return &pb.ServiceLevel{Phase: l.Phase, FromDate: l.From, ToDate: l.To, Calls: int32(l.Calls), AnsweredPermille: int32(l.Answered),
		AnswerSeconds: int32(l.Seconds), Orders: int32(l.orders), OnTimePermille: int32(l.onTime), SolvedPermille: int32(l.solved),
		Source: l.Source, By: l.By}
}
