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
		if err := s.ent().WorkOrder.Update().Where(workorder.IDIn(orders...)).SetOverdue(true).SetWarning(100).Exec(ctx); err != nil {
			return fmt.Errorf("mark overdue orders: %w", err)
		}
		return s.tellOf(ctx, ChangeOverdue, orders)
	})
	return n, err
}

// warnPage passes thresholds of at most a hundred clocks in one transaction: a clock that missed several warns once, of the highest.
func (s *Service) warnPage(ctx context.Context) (n int, err error) {
	err = s.db.Do(ctx, func(ctx context.Context) error {
		n = 0
		near, err := s.ent().Clock.Query().Where(clock.StopAtIsNil(), clock.PausedAtIsNil(), clock.WarnAtLTE(store.Now(ctx))).
			Order(ent.Asc(clock.FieldWarnAt), ent.Asc(clock.FieldID)).Limit(100).All(ctx)
		if err != nil {
			return fmt.Errorf("clocks to warn of: %w", err)
		}
		if len(near) == 0 {
			return nil
		}
		rules, err := s.book.InForce(ctx)
		if err != nil {
			return err
		}
		var orders []uuid.UUID
		highest := map[uuid.UUID]int{}
		for _, c := range near { // first all clocks, then their orders: an act takes rows in that order too
			warned, err := s.warn(ctx, rules, c)
			if err != nil {
				return err
			}
			if !warned {
				continue
			}
			if n++; highest[c.WorkOrderID] == 0 {
				orders = append(orders, c.WorkOrderID)
			}
			highest[c.WorkOrderID] = max(highest[c.WorkOrderID], c.Warned)
		}
		for _, id := range orders {
			err := s.ent().WorkOrder.Update().Where(workorder.ID(id), workorder.WarningLT(highest[id])).SetWarning(highest[id]).Exec(ctx)
			if err != nil {
				return fmt.Errorf("mark warned orders: %w", err)
			}
		}
		return s.tellOf(ctx, ChangeWarning, orders)
	})
	return n, err
}

// warn says whether the clock warned now: not when somebody has stopped, held or moved it since it was read.
func (s *Service) warn(ctx context.Context, rules *policy.InForce, c *ent.Clock) (bool, error) {
	now, before := store.Now(ctx), c.Warned
	for c.WarnAt = warnAt(rules, c); c.WarnAt != nil && !c.WarnAt.After(now); c.WarnAt = warnAt(rules, c) {
		c.Warned = nextShare(rules, c.Warned)
	}
	update := s.ent().Clock.Update().Where(clock.ID(c.ID), clock.DueAt(c.DueAt), clock.Warned(before), clock.StopAtIsNil(), clock.PausedAtIsNil()).
		SetWarned(c.Warned).SetNillableWarnAt(c.WarnAt)
	if c.WarnAt == nil {
		update.ClearWarnAt()
	}
	n, err := update.Save(ctx)
	if err != nil {
		return false, fmt.Errorf("warn of clock %s: %w", c.Step, err)
	}
	return n > 0, nil
}

// tellOf writes a change of each order for who watches.
func (s *Service) tellOf(ctx context.Context, kind string, orders []uuid.UUID) error {
	rows, err := s.ent().WorkOrder.Query().Where(workorder.IDIn(orders...)).Order(ent.Asc(workorder.FieldID)).Select(told...).All(ctx)
	if err != nil {
		return fmt.Errorf("orders to tell of: %w", err)
	}
	for _, o := range rows {
		if err := s.tell(ctx, o, ent.Change{Kind: kind}); err != nil {
			return err
		}
	}
	return nil
}

// told are the columns that tell needs.
var told = []string{workorder.FieldID, workorder.FieldTenant, workorder.FieldNumber, workorder.FieldState, workorder.FieldVersion,
	workorder.FieldWarning, workorder.FieldDueAt}

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
