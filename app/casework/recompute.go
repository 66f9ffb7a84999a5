package casework

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/assignment"
	"hotline/ent/clock"
	"hotline/ent/clockmove"
	"hotline/ent/workorder"
	"hotline/tenants/calendar"
)

// RecomputeJob works out a city's running due moments again after its calendar has changed (日历变更): a late notice, a day off of
// its own.
type RecomputeJob struct {
	Tenant string `json:"tenant"`
}

// Kind names the job in the queue.
func (RecomputeJob) Kind() string { return "recompute" }

// City is whose clocks are worked out.
func (j RecomputeJob) City() string { return j.Tenant }

// Recompute (重算时限) gives every running clock the due moment that its start, its span and its moves make in the calendar in
// force now. What differs is moved, with before and after kept. It is safe to run again: one clock's trouble keeps no other waiting,
// it is reported and tried again with the job.
func (s *Service) Recompute(ctx context.Context) (moved int, err error) {
	var failed error
	for after := uuid.Nil; ; {
		var page []*ent.Clock
		err := s.db.View(ctx, func(ctx context.Context) (err error) {
			page, err = s.ent().Clock.Query().Where(clock.StopAtIsNil(), clock.PausedAtIsNil(), clock.IDGT(after)).
				Order(ent.Asc(clock.FieldID)).Limit(200).All(ctx)
			return err
		})
		if err != nil || len(page) == 0 {
			return moved, errors.Join(failed, err)
		}
		for _, c := range page {
			after = c.ID
			n, err := s.recompute(ctx, c)
			for try := 0; isConflict(err) && try < 5; try++ {
				n, err = s.recompute(ctx, c)
			}
			moved += n
			if err != nil && ctx.Err() == nil {
				failed = errors.Join(failed, fmt.Errorf("clock %s of %s: %w", c.Step, c.WorkOrderID, err))
			}
		}
	}
}

// recompute moves one clock if the calendar says so. The order's own version guards against acts at the same time.
func (s *Service) recompute(ctx context.Context, c *ent.Clock) (moved int, err error) {
	err = s.db.Do(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, "recompute")
		if err != nil {
			return err
		}
		if a.order, err = s.ent().WorkOrder.Query().Where(workorder.ID(c.WorkOrderID)).Only(ctx); err != nil {
			return fmt.Errorf("order of clock: %w", err)
		}
		if a.clocks, err = s.ent().Clock.Query().Where(clock.WorkOrderID(a.order.ID)).Order(ent.Asc(clock.FieldID)).All(ctx); err != nil {
			return fmt.Errorf("clocks of %s: %w", a.order.Number, err)
		}
		for _, now := range a.clocks {
			if now.ID != c.ID || now.StopAt != nil || now.PausedAt != nil {
				continue
			}
			base, span, due, err := a.replay(now, a.now)
			if err != nil || due.Equal(now.DueAt) {
				return err
			}
			if err := a.move(now, causeCalendar, base, span, due); err != nil {
				return err
			}
			moved = 1
			n, err := s.ent().WorkOrder.Update().Where(workorder.ID(a.order.ID), workorder.Version(a.order.Version)).
				SetVersion(a.order.Version + 1).SetSides(true).SetDueAt(soonest(a.clocks)).Save(ctx)
			if err != nil {
				return fmt.Errorf("recompute %s: %w", a.order.Number, err)
			}
			if n == 0 {
				return conflict()
			}
			a.order.Version, a.order.DueAt = a.order.Version+1, soonest(a.clocks)
			return s.tell(ctx, a.order, ent.Change{Kind: ChangeAct, Verb: "recompute"})
		}
		return nil
	})
	if err != nil {
		moved = 0
	}
	return moved, err
}

// replay works a due moment out from the clock's start and its moves up to a moment: an extension goes on from the due moment
// before it, whatever that is now; what was held goes on from when it was let go.
func (a *act) replay(c *ent.Clock, until time.Time) (base time.Time, span calendar.Span, due time.Time, err error) {
	switch c.Step {
	case ClockSuspended, ClockExpiry, ClockSignFor, ClockAnswer, ClockAway: // a date, not a span
		return c.StartAt, calendar.Span{}, c.DueAt, nil
	}
	if span, err = calendar.ParseSpan(c.Span); err != nil {
		return base, span, due, fmt.Errorf("clock %s: %w", c.Step, err)
	}
	base = c.StartAt
	if due, err = a.rules.Calendar.Add(base, span); err != nil {
		return base, span, due, fmt.Errorf("clock %s: %w", c.Step, err)
	}
	if due, err = a.within(c, due); err != nil {
		return base, span, due, err
	}
	moves, err := a.s.ent().ClockMove.Query().Where(clockmove.ClockID(c.ID), clockmove.CauseNEQ(causeCalendar),
		clockmove.CreatedAtLTE(until)).Order(ent.Asc(clockmove.FieldSeq)).All(a.ctx)
	if err != nil {
		return base, span, due, fmt.Errorf("moves of clock %s: %w", c.Step, err)
	}
	for _, m := range moves {
		if span, err = calendar.ParseSpan(m.Span); err != nil {
			return base, span, due, fmt.Errorf("clock %s: %w", c.Step, err)
		}
		if m.Cause == causeExtension {
			base = due
			due, err = a.rules.Calendar.Extend(base, span)
		} else {
			base = m.BaseAt
			due, err = a.rules.Calendar.Add(base, span)
		}
		if err != nil {
			return base, span, due, fmt.Errorf("clock %s: %w", c.Step, err)
		}
	}
	return base, span, due.UTC(), nil
}

// within cuts a clock that was handed down to what the unit above had left at that moment, as delegate did: what became of the
// unit above since then — an extension, its answer, a part raised over this one — is no matter of the calendar.
func (a *act) within(c *ent.Clock, due time.Time) (time.Time, error) {
	if c.Unit == "" {
		return due, nil
	}
	up, err := a.handedBy(c)
	if err != nil || up == nil {
		return due, err
	}
	for _, above := range a.clocks {
		if above.Step != ClockReply || above.Unit != up.Unit || above.StartAt.After(c.StartAt) || above.StopAt != nil && !above.StopAt.After(c.StartAt) {
			continue
		}
		_, _, limit, err := a.replay(above, c.StartAt)
		if err != nil {
			return due, err
		}
		if due.After(limit) {
			due = limit
		}
	}
	return due, nil
}

// handedBy is the part by which a clock's part was handed down when the clock started; nil when it was not.
func (a *act) handedBy(c *ent.Clock) (*ent.Assignment, error) {
	part, err := a.s.ent().Assignment.Query().Where(assignment.WorkOrderID(a.order.ID), assignment.Unit(c.Unit),
		assignment.DispatchedAt(c.StartAt), assignment.ParentIDNotNil()).First(a.ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("part of %s: %w", c.Unit, err)
	}
	up, err := a.s.ent().Assignment.Query().Where(assignment.ID(*part.ParentID)).Only(a.ctx)
	if err != nil {
		return nil, fmt.Errorf("part above %s: %w", c.Unit, err)
	}
	if up.DispatchedAt.After(part.DispatchedAt) { // raised over it later
		return nil, nil
	}
	return up, nil
}
