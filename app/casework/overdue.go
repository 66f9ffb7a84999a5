package casework

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/clock"
	"hotline/ent/store"
	"hotline/ent/workorder"
	"hotline/tenants/policy"
)

// overduePage marks at most a hundred overdue clocks in one transaction, so that nobody waits long for the writer.
func (s *Service) overduePage(ctx context.Context) (n int, err error) {
	err = s.db.Do(ctx, func(ctx context.Context) error {
		now := store.Now(ctx)
		late, err := s.ent().Clock.Query().
			Where(clock.StopAtIsNil(), clock.OverdueAtIsNil(), clock.PausedAtIsNil(), clock.StepNotIn(silences...), clock.DueAtLTE(now)).
			Order(ent.Asc(clock.FieldDueAt)).Limit(100).All(ctx)
		if err != nil || len(late) == 0 {
			return err
		}
		var clocks, orders []uuid.UUID
		for _, c := range late {
			clocks, orders = append(clocks, c.ID), append(orders, c.WorkOrderID)
		}
		// Somebody may have stopped, held or moved one since it was read.
		n, err = s.ent().Clock.Update().Where(clock.IDIn(clocks...), clock.OverdueAtIsNil(), clock.StopAtIsNil(), clock.PausedAtIsNil(),
			clock.DueAtLTE(now)).SetOverdueAt(now).
			SetWarned(100).ClearWarnAt().Save(ctx)
		if err != nil {
			return fmt.Errorf("mark overdue clocks: %w", err)
		}
		// The mark is no act: it neither moves the order's version nor its history, the clocks themselves are the record.
		return s.ent().WorkOrder.Update().Where(workorder.IDIn(orders...)).SetOverdue(true).SetWarning(100).Exec(ctx)
	})
	return n, err
}

// warnPage passes thresholds: a clock that missed several warns once, of the highest. Each clock has a transaction of its own,
// which takes rows in the order in which an act takes them: the clock, then its order.
func (s *Service) warnPage(ctx context.Context) (n int, err error) {
	var near []*ent.Clock
	err = s.db.View(ctx, func(ctx context.Context) error {
		near, err = s.ent().Clock.Query().Where(clock.StopAtIsNil(), clock.PausedAtIsNil(), clock.WarnAtLTE(store.Now(ctx))).
			Order(ent.Asc(clock.FieldWarnAt)).Limit(100).All(ctx)
		return err
	})
	if err != nil {
		return 0, fmt.Errorf("clocks to warn of: %w", err)
	}
	for _, c := range near {
		err := s.db.Do(ctx, func(ctx context.Context) error {
			rules, err := s.book.InForce(ctx)
			if err != nil {
				return err
			}
			moved, err := s.warn(ctx, rules, c)
			if err == nil && !moved {
				n++
			}
			return err
		})
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// warn says whether somebody has moved the clock since it was read: it has warnings of its own then.
func (s *Service) warn(ctx context.Context, rules *policy.InForce, c *ent.Clock) (moved bool, err error) {
	now := store.Now(ctx)
	for c.WarnAt = warnAt(rules, c); c.WarnAt != nil && !c.WarnAt.After(now); c.WarnAt = warnAt(rules, c) {
		c.Warned = nextShare(rules, c.Warned)
	}
	update := s.ent().Clock.Update().Where(clock.ID(c.ID), clock.DueAt(c.DueAt)).SetWarned(c.Warned).SetNillableWarnAt(c.WarnAt)
	if c.WarnAt == nil {
		update.ClearWarnAt()
	}
	n, err := update.Save(ctx)
	if err != nil {
		return false, fmt.Errorf("warn of clock %s: %w", c.Step, err)
	}
	if n == 0 {
		return true, nil
	}
	return false, s.ent().WorkOrder.Update().Where(workorder.ID(c.WorkOrderID), workorder.WarningLT(c.Warned)).SetWarning(c.Warned).Exec(ctx)
}

// nextShare is the lowest of the city's thresholds above one.
func nextShare(rules *policy.InForce, above int) int {
	next := 101
	for _, share := range rules.Policy.GetSideLives().GetWarnings() {
		if int(share) > above {
			next = min(next, int(share))
		}
	}
	return next
}
