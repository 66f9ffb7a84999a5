package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"hotline/ent"
	"hotline/ent/assignment"
	"hotline/ent/clock"
	"hotline/ent/store"
	"hotline/ent/workorder"
)

// firing are the clocks whose end itself does something, and the act it is: being overdue climbs the unit tree, silence counts,
// a suspension and a finding end. All other clocks are only marked overdue.
var firing = map[string]Verb{
	ClockSign: Climb, ClockReply: Climb, ClockClimb: Climb,
	ClockHearing: Lapse, ClockAwaiting: Lapse, ClockSuspended: Lapse, ClockReviewing: Lapse, ClockExpiry: Lapse,
}

// Swept is what one sweep did.
type Swept struct {
	Overdue, Warned, Fired int
}

// Sweep (时限清扫) goes through the clocks of the viewer's city that ran out before now: marks the overdue, warns at the city's
// thresholds, and lets happen what a clock's end brings, each once, in the order in which they ran out; a late start catches up.
// One order's trouble keeps no other waiting: it is reported and tried again by the next sweep.
func (s *Service) Sweep(ctx context.Context) (done Swept, err error) {
	var late, near error // what fails here must not keep a suspension from ending
	done.Overdue, late = pages(ctx, s.overduePage)
	done.Warned, near = pages(ctx, s.warnPage)
	done.Fired, err = s.fireAll(ctx)
	return done, errors.Join(late, near, err)
}

// pages calls a page of work until there is none left.
func pages(ctx context.Context, page func(ctx context.Context) (int, error)) (total int, err error) {
	for {
		n, err := page(ctx)
		total += n
		if err != nil || n == 0 {
			return total, err
		}
	}
}

// fireAll looks for clocks that ran out until it finds none that it has not tried; what an act starts may itself be due already.
func (s *Service) fireAll(ctx context.Context) (fired int, err error) {
	var failed error
	tried := map[string]bool{}
	for {
		due, err := s.dueToFire(ctx, firePage+len(tried)-fired) // those that failed come first again
		if err != nil {
			return fired, err
		}
		fresh := 0
		for _, c := range due {
			if tried[rowOf(c.ID)] {
				continue
			}
			tried[rowOf(c.ID)] = true
			fresh++
			switch err := s.fire(ctx, c); {
			case err == nil:
				fired++
			case isConflict(err) || errors.Is(err, errNotDue): // somebody acted meanwhile
			default:
				failed = errors.Join(failed, fmt.Errorf("clock %s of %s: %w", c.Step, c.WorkOrderID, err))
			}
		}
		if fresh == 0 {
			return fired, failed
		}
	}
}

const firePage = 200

// dueToFire are clocks that ran out and have not done what their end brings, the oldest first.
func (s *Service) dueToFire(ctx context.Context, most int) (due []*ent.Clock, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		due, err = s.ent().Clock.Query().Where(clock.Fires(true), clock.StopAtIsNil(), clock.FiredAtIsNil(), clock.PausedAtIsNil(),
			clock.DueAtLTE(store.Now(ctx))).Order(ent.Asc(clock.FieldDueAt), ent.Asc(clock.FieldID)).Limit(most).All(ctx)
		return err
	})
	return due, err
}

var errNotDue = errors.New("the clock was stopped, held or has fired")

// fire does in one act what the end of a clock brings.
func (s *Service) fire(ctx context.Context, c *ent.Clock) error {
	return s.db.Do(ctx, func(ctx context.Context) error {
		o, err := s.ent().WorkOrder.Query().Where(workorder.ID(c.WorkOrderID)).Only(ctx)
		if err != nil {
			return fmt.Errorf("order of clock: %w", err)
		}
		_, err = s.carry(ctx, firing[c.Step], named(o), func(a *act) error {
			i := slices.IndexFunc(a.clocks, func(x *ent.Clock) bool { return x.ID == c.ID })
			if i < 0 || a.clocks[i].StopAt != nil || a.clocks[i].PausedAt != nil || a.clocks[i].FiredAt != nil || a.now.Before(a.clocks[i].DueAt) {
				return errNotDue
			}
			now := a.now
			a.clocks[i].FiredAt = &now
			if err := s.ent().Clock.Update().Where(clock.ID(c.ID)).SetFiredAt(now).Exec(a.ctx); err != nil {
				return fmt.Errorf("fire clock: %w", err)
			}
			if firing[c.Step] == Climb {
				return a.climb(a.clocks[i])
			}
			return a.lapseOf(a.clocks[i])
		})
		return err
	})
}

// climb reports an overdue unit to the unit above (超期上报), one level each time, and at the top to 督办.
func (a *act) climb(c *ent.Clock) error {
	parts, err := a.parts()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(parts, func(p *ent.Assignment) bool { return p.Unit == c.Unit })
	if i < 0 {
		return errNotDue
	}
	if err := a.stop(c.Unit, ClockClimb); err != nil {
		return err
	}
	tree, err := a.s.directory.Tree(a.ctx)
	if err != nil {
		return err
	}
	from := parts[i].ClimbedTo
	if from == "" {
		from = c.Unit
	}
	what := map[string]string{ClockSign: "超期未签收", ClockReply: "超期未答复", ClockClimb: "仍未办结"}[c.Step]
	a.order.Escalations++
	up := above(tree, from)
	if up == nil {
		a.order.Supervised = true
		a.summary = a.titleOf(c.Unit) + what + "，列入督办"
		return nil
	}
	a.summary = a.titleOf(c.Unit) + what + "，上报" + up.Title
	if err := a.s.ent().Assignment.Update().Where(assignment.ID(parts[i].ID)).SetClimbedTo(up.Code).Exec(a.ctx); err != nil {
		return fmt.Errorf("climb: %w", err)
	}
	return a.start(ClockClimb, c.Unit)
}

// lapseOf is what silence or a date brings.
func (a *act) lapseOf(c *ent.Clock) error {
	if c.Step == ClockAwaiting {
		a.summary, a.public = "诉求人未在期限内补充，承办单位恢复计时", true
		return a.heardFrom()
	}
	apps, err := a.applications()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(apps, func(p *ent.Application) bool { return c.ApplicationID != nil && p.ID == *c.ApplicationID })
	if i < 0 {
		return fmt.Errorf("clock %s belongs to no application", c.Step)
	}
	switch c.Step {
	case ClockHearing:
		a.summary = a.titleOf(apps[i].SuggestedUnit) + "逾期未陈述意见，视为同意承办"
		return a.hear(apps[i], "silent", "")
	case ClockSuspended:
		a.summary, a.public = "挂账到期，恢复办理", true
		return a.endSuspension(apps[i])
	case ClockReviewing:
		a.summary, a.public = "挂账逾期未复核，自动终止，恢复办理", true
		return a.endSuspension(apps[i])
	case ClockExpiry:
		a.summary, a.order.Unreasonable = "不合理诉求认定到期失效", false
		return a.stand(apps[i], standsExpired)
	}
	return fmt.Errorf("nothing is known to happen when %s runs out", c.Step)
}
