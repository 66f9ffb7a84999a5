package casework

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/clock"
	"hotline/ent/clockmove"
	"hotline/ent/workorder"
	"hotline/tenants/calendar"
	"hotline/tenants/policy"
)

// never is the due moment of an order on which no clock runs: it sorts behind all others.
var never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// start lets a clock run: the span comes from the city's rules in force now, the due moment is stored and moves only by the
// causes of move.
func (a *act) start(step, unit string) error {
	return a.startBy(step, unit, step)
}

// startBy runs the clock of one step by the rule of another: rework replies run by 重办.
func (a *act) startBy(step, unit, rule string) error {
	span, err := a.rules.Span(rule, a.order.Kind, a.order.Urgency)
	if err != nil {
		return err
	}
	_, err = a.run(step, unit, span)
	return err
}

// startFor runs the clock of an application.
func (a *act) startFor(app *ent.Application, step string) error {
	span, err := a.rules.Span(step, a.order.Kind, a.order.Urgency)
	if err != nil {
		return err
	}
	c, err := a.run(step, "", span)
	if err == nil {
		c.ApplicationID = &app.ID
	}
	return err
}

// until runs the clock of an application to a moment.
func (a *act) until(app *ent.Application, step string, due time.Time) error {
	span := calendar.Span{N: int(min(due.Sub(a.now)/time.Hour/24, calendar.MaxSpan)), Unit: calendar.NaturalDay}
	c := a.put(step, "", span, due)
	c.ApplicationID = &app.ID
	return nil
}

func (a *act) run(step, unit string, span calendar.Span) (*ent.Clock, error) {
	due, err := a.add(span)
	if err != nil {
		return nil, refused("CALENDAR_UNKNOWN", "%s", err.Error())
	}
	return a.put(step, unit, span, due.UTC()), nil
}

// decided says that the ledger of a region has decided what happens now.
func (a *act) decided() bool {
	return a.verb == Relay || a.verb == Intake && a.order.TransferID != nil
}

// add is the moment so far from now in the city's calendar. What the ledger of a region has decided hangs on no calendar: where next year's
// days off are not known yet, natural days stand in, and the moment is worked out again when they come (recompute.go).
func (a *act) add(span calendar.Span) (time.Time, error) {
	due, err := a.rules.Calendar.Add(a.now, span)
	if unknown := new(calendar.UnknownYearError); a.decided() && errors.As(err, &unknown) {
		return a.rules.Calendar.Add(a.now, span.Natural())
	}
	return due, err
}

func (a *act) put(step, unit string, span calendar.Span, due time.Time) *ent.Clock {
	c := &ent.Clock{ID: newID(), WorkOrderID: a.order.ID, Step: step, Unit: unit, Span: span.String(), Policy: a.rules.Version,
		StartAt: a.now, DueAt: due, Fires: firing[step] != ""}
	c.WarnAt = warnAt(a.rules, c)
	a.clocks, a.started = append(a.clocks, c), append(a.started, c)
	return c
}

// warnAt is when the next threshold of the city's warnings passes: a share of the time from start to due, without the time that it
// was held. A clock that ran out warns no more.
func warnAt(rules *policy.InForce, c *ent.Clock) *time.Time {
	shares := slices.Sorted(slices.Values(rules.Policy.GetSideLives().GetWarnings()))
	for _, share := range shares {
		if int(share) > c.Warned {
			from := c.StartAt.Add(time.Duration(c.Held) * time.Second)
			at := from.Add(c.DueAt.Sub(from) / 100 * time.Duration(share)).Truncate(time.Microsecond)
			return &at
		}
	}
	return nil
}

// writeClocks saves the clocks that the verb started.
func (a *act) writeClocks() error {
	for _, c := range a.started {
		row := a.s.ent().Clock.Create().SetID(c.ID).SetWorkOrderID(c.WorkOrderID).SetStep(c.Step).SetUnit(c.Unit).SetSpan(c.Span).
			SetPolicy(c.Policy).SetStartAt(c.StartAt).SetDueAt(c.DueAt).SetFires(c.Fires).SetNillableWarnAt(c.WarnAt).
			SetNillableApplicationID(c.ApplicationID).SetNillableStopAt(c.StopAt)
		err := a.s.db.Soon(a.ctx, row.Exec, func(err error) error {
			return fmt.Errorf("start clocks of %s: %w", a.order.Number, err)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// running are the clocks of these steps that were not stopped: of one unit, or of all with "".
func (a *act) running(unit string, steps ...string) []*ent.Clock {
	var out []*ent.Clock
	for _, c := range a.clocks {
		if c.StopAt == nil && (unit == "" || c.Unit == unit) && slices.Contains(steps, c.Step) {
			out = append(out, c)
		}
	}
	return out
}

// stop ends the running clocks of these steps; of one unit, or of all with "".
func (a *act) stop(unit string, steps ...string) error {
	for _, c := range a.running(unit, steps...) {
		if err := a.stopClock(c); err != nil {
			return err
		}
	}
	return nil
}

// stopOf ends the running clocks of an application.
func (a *act) stopOf(app uuid.UUID) error {
	for _, c := range a.clocks {
		if c.StopAt == nil && c.ApplicationID != nil && *c.ApplicationID == app {
			if err := a.stopClock(c); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *act) stopClock(c *ent.Clock) error {
	now := a.now
	c.StopAt = &now
	a.ended = append(a.ended, c.Step)
	if now.After(c.DueAt) && c.OverdueAt == nil && c.PausedAt == nil && !slices.Contains(silences, c.Step) {
		c.OverdueAt = &now
	}
	if slices.Contains(a.started, c) {
		return nil // it is written as it ended
	}
	err := a.s.ent().Clock.Update().Where(clock.ID(c.ID), clock.StopAtIsNil()).SetStopAt(now).SetNillableOverdueAt(c.OverdueAt).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("stop clock %s: %w", c.Step, err)
	}
	return nil
}

// pause holds the clocks of a unit's answer while something that is not the unit's stands in the way; "" holds all units'. What
// ran out already stays so.
func (a *act) pause(unit string) error {
	if !slices.Contains(holding, a.verb) {
		return fmt.Errorf("flow: %s holds no clocks", a.verb)
	}
	for _, c := range a.running(unit, held...) {
		if c.PausedAt != nil || !a.now.Before(c.DueAt) {
			continue
		}
		span, err := calendar.ParseSpan(c.Span)
		if err != nil {
			return fmt.Errorf("clock %s: %w", c.Step, err)
		}
		left, err := a.left(span.Unit, c.DueAt)
		if err != nil {
			return err
		}
		now := a.now
		c.PausedAt, c.Remaining = &now, left.String()
		err = a.s.ent().Clock.Update().Where(clock.ID(c.ID)).SetPausedAt(now).SetRemaining(c.Remaining).Exec(a.ctx)
		if err != nil {
			return fmt.Errorf("pause clock %s: %w", c.Step, err)
		}
	}
	return nil
}

// left is the shortest span from now that reaches the due moment: whole working or natural days for clocks that count days,
// minutes for the others, or hours when an extension left more minutes than a span may count.
func (a *act) left(unit calendar.Unit, due time.Time) (calendar.Span, error) {
	if unit == calendar.Minute || unit == calendar.Hour {
		if n := int((due.Sub(a.now) + time.Minute - 1) / time.Minute); n <= calendar.MaxSpan {
			return calendar.Span{N: n, Unit: calendar.Minute}, nil
		}
		return calendar.Span{N: int((due.Sub(a.now) + time.Hour - 1) / time.Hour), Unit: calendar.Hour}, nil
	}
	n, span := 0, calendar.Span{}
	for ; n <= calendar.MaxSpan; n++ {
		span = calendar.Span{N: n, Unit: unit}
		at, err := a.rules.Calendar.Add(a.now, span)
		if err != nil {
			return span, refused("CALENDAR_UNKNOWN", "%s", err.Error())
		}
		if !at.Before(due) {
			break
		}
	}
	return span, nil
}

// goOn lets the held clocks of a unit run again with what was left of them.
func (a *act) goOn(unit, cause string) error {
	if !slices.Contains(freeing, a.verb) {
		return fmt.Errorf("flow: %s lets no clocks go on", a.verb)
	}
	for _, c := range a.running(unit, held...) {
		if c.PausedAt == nil {
			continue
		}
		left, err := calendar.ParseSpan(c.Remaining)
		if err != nil {
			return fmt.Errorf("clock %s: %w", c.Step, err)
		}
		if left, err = a.leftInside(c.Unit, left); err != nil {
			return err
		}
		due, err := a.add(left)
		if err != nil {
			return refused("CALENDAR_UNKNOWN", "%s", err.Error())
		}
		c.Held += max(0, int(due.Sub(c.DueAt)/time.Second))
		c.PausedAt, c.Remaining = nil, ""
		if err := a.move(c, cause, a.now, left, due.UTC()); err != nil {
			return err
		}
		if err := a.s.ent().Clock.Update().Where(clock.ID(c.ID)).ClearPausedAt().SetRemaining("").SetHeld(c.Held).Exec(a.ctx); err != nil {
			return fmt.Errorf("resume clock %s: %w", c.Step, err)
		}
	}
	return nil
}

// leftInside cuts what a unit has left to what the unit above has, when its part was handed down: waiting for the citizen gives the
// unit below no time that the unit above has not. The span is what is kept, so that the due moment can be worked out again.
func (a *act) leftInside(unit string, left calendar.Span) (calendar.Span, error) {
	parts, err := a.parts()
	if err != nil {
		return left, err
	}
	i := slices.IndexFunc(parts, func(p *ent.Assignment) bool { return p.Unit == unit && p.ParentID != nil })
	if i < 0 {
		return left, nil
	}
	up := slices.IndexFunc(parts, func(p *ent.Assignment) bool { return p.ID == *parts[i].ParentID })
	if up < 0 {
		return left, nil
	}
	for _, above := range a.running(parts[up].Unit, ClockReply) {
		limit := above.DueAt
		if above.PausedAt != nil { // it goes on no sooner than now
			rest, err := calendar.ParseSpan(above.Remaining)
			if err != nil {
				return left, fmt.Errorf("clock %s: %w", above.Step, err)
			}
			if limit, err = a.add(rest); err != nil {
				return left, refused("CALENDAR_UNKNOWN", "%s", err.Error())
			}
		}
		for ; left.N > 0; left.N-- {
			due, err := a.add(left)
			if err != nil {
				return left, refused("CALENDAR_UNKNOWN", "%s", err.Error())
			}
			if !due.After(limit) {
				break
			}
		}
	}
	return left, nil
}

// The causes that may move a due moment (flow.md "Clocks").
const (
	causeExtension    = "extension"
	causeSuspension   = "suspension"
	causeAwait        = "await"
	causeAdjudication = "adjudication"
	causeCalendar     = "calendar"
)

// move sets another due moment and keeps what it was: due = base + span.
func (a *act) move(c *ent.Clock, cause string, base time.Time, span calendar.Span, due time.Time) error {
	n, err := a.s.ent().ClockMove.Query().Where(clockmove.ClockID(c.ID)).Count(a.ctx)
	if err != nil {
		return fmt.Errorf("moves of clock %s: %w", c.Step, err)
	}
	err = a.s.ent().ClockMove.Create().SetWorkOrderID(c.WorkOrderID).SetClockID(c.ID).SetSeq(n + 1).SetCause(cause).SetBaseAt(base).
		SetSpan(span.String()).SetBeforeAt(c.DueAt).SetAfterAt(due).SetCreatedAt(a.now).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("move clock %s: %w", c.Step, err)
	}
	a.order.Sides = true
	c.DueAt, c.Warned = due, 0 // the next sweep warns of what has passed of the new time
	c.WarnAt = warnAt(a.rules, c)
	update := a.s.ent().Clock.Update().Where(clock.ID(c.ID)).SetDueAt(due).SetWarned(0).SetNillableWarnAt(c.WarnAt)
	if c.WarnAt == nil {
		update.ClearWarnAt()
	}
	if a.now.Before(due) && c.OverdueAt != nil {
		c.OverdueAt, c.FiredAt = nil, nil
		update.ClearOverdueAt().ClearFiredAt()
	}
	if err := update.Exec(a.ctx); err != nil {
		return fmt.Errorf("move clock %s: %w", c.Step, err)
	}
	return a.noLongerOverdue()
}

// noLongerOverdue takes the mark off an order none of whose clocks is late any more.
func (a *act) noLongerOverdue() error {
	if !a.order.Overdue || slices.ContainsFunc(a.clocks, func(c *ent.Clock) bool { return c.OverdueAt != nil }) {
		return nil
	}
	a.order.Overdue = false
	if err := a.s.ent().WorkOrder.Update().Where(workorder.ID(a.order.ID)).SetOverdue(false).Exec(a.ctx); err != nil {
		return fmt.Errorf("overdue mark of %s: %w", a.order.Number, err)
	}
	return nil
}

// soonest is the soonest due moment of the clocks that run; that a finding expires asks nobody to do anything.
func soonest(clocks []*ent.Clock) time.Time {
	first := never
	for _, c := range clocks {
		if c.StopAt == nil && c.PausedAt == nil && c.Step != ClockExpiry && c.DueAt.Before(first) {
			first = c.DueAt
		}
	}
	return first
}

// warning is the highest threshold that a running clock has passed.
func warning(clocks []*ent.Clock) int {
	highest := 0
	for _, c := range clocks {
		if c.StopAt == nil {
			highest = max(highest, c.Warned)
		}
	}
	return highest
}
