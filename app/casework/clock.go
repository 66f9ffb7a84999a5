package casework

import (
	"context"
	"fmt"
	"time"

	"hotline/ent"
	"hotline/ent/clock"
)

// never is the due moment of an order on which no clock runs: it sorts behind all others.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// start lets a clock run: the span comes from the city's rules in force now, the due moment is stored once and for all.
func (a *act) start(step, unit string) error {
	return a.startBy(step, unit, step)
}

// startBy runs the clock of one step by the rule of another: rework replies run by 重办.
func (a *act) startBy(step, unit, rule string) error {
	span, err := a.rules.Span(rule, a.order.Kind, a.order.Urgency)
	if err != nil {
		return err
	}
	due, err := a.rules.Calendar.Add(a.now, span)
	if err != nil {
		return refused("CALENDAR_UNKNOWN", "%s", err.Error())
	}
	c := &ent.Clock{ID: newID(), WorkOrderID: a.order.ID, Step: step, Unit: unit, Span: span.String(), Policy: a.rules.Version,
		StartAt: a.now, DueAt: due.UTC()}
	a.clocks, a.started = append(a.clocks, c), append(a.started, c)
	return nil
}

// writeClocks saves the clocks that the verb started.
func (a *act) writeClocks() error {
	for _, c := range a.started {
		row := a.s.ent().Clock.Create().SetID(c.ID).SetWorkOrderID(c.WorkOrderID).SetStep(c.Step).SetUnit(c.Unit).SetSpan(c.Span).
			SetPolicy(c.Policy).SetStartAt(c.StartAt).SetDueAt(c.DueAt)
		err := a.s.db.Soon(a.ctx, row.Exec, func(err error) error {
			return fmt.Errorf("start clocks of %s: %w", a.order.Number, err)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// stop ends the running clocks of these steps; of one unit, or of all with "".
func (a *act) stop(unit string, steps ...string) error {
	for _, c := range a.clocks {
		if c.StopAt != nil || unit != "" && c.Unit != unit || !contains(steps, c.Step) {
			continue
		}
		now := a.now
		c.StopAt = &now
		if now.After(c.DueAt) && c.OverdueAt == nil {
			c.OverdueAt = &now
		}
		err := a.s.ent().Clock.Update().Where(clock.ID(c.ID), clock.StopAtIsNil()).
			SetStopAt(now).SetNillableOverdueAt(c.OverdueAt).Exec(a.ctx)
		if err != nil {
			return fmt.Errorf("stop clock %s: %w", c.Step, err)
		}
	}
	return nil
}

// due is the soonest due moment of the clocks that run.
func due(clocks []*ent.Clock) time.Time {
	soonest := never
	for _, c := range clocks {
		if c.StopAt == nil && c.DueAt.Before(soonest) {
			soonest = c.DueAt
		}
	}
	return soonest
}

// Sweep (超期清扫) marks the clocks of the viewer's city that ran out before now, in the order they ran out, and their
// orders. It is called again and again; each clock is marked once, and a late start catches up.
func (s *Service) Sweep(ctx context.Context) (marked int, err error) {
	for {
		n, err := s.sweepPage(ctx)
		marked += n
		if err != nil || n == 0 {
			return marked, err
		}
	}
}

func contains[T comparable](in []T, x T) bool {
	for _, y := range in {
		if x == y {
			return true
		}
	}
	return false
}
