package casework

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/clock"
	"hotline/ent/store"
	"hotline/ent/workorder"
)

// sweepPage marks at most a hundred overdue clocks in one transaction, so that nobody waits long for the writer.
func (s *Service) sweepPage(ctx context.Context) (n int, err error) {
	err = s.db.Do(ctx, func(ctx context.Context) error {
		now := store.Now(ctx)
		late, err := s.ent().Clock.Query().
			Where(clock.StopAtIsNil(), clock.OverdueAtIsNil(), clock.DueAtLTE(now)).
			Order(ent.Asc(clock.FieldDueAt)).Limit(100).All(ctx)
		if err != nil || len(late) == 0 {
			return err
		}
		var clocks, orders []uuid.UUID
		for _, c := range late {
			clocks, orders = append(clocks, c.ID), append(orders, c.WorkOrderID)
		}
		n, err = s.ent().Clock.Update().Where(clock.IDIn(clocks...), clock.OverdueAtIsNil()).SetOverdueAt(now).Save(ctx)
		if err != nil {
			return fmt.Errorf("mark overdue clocks: %w", err)
		}
		// The mark is no act: it neither moves the order's version nor its history, the clocks themselves are the record.
		return s.ent().WorkOrder.Update().Where(workorder.IDIn(orders...)).SetOverdue(true).Exec(ctx)
	})
	return n, err
}
