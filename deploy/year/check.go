package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"hotline/app/casework"
	"hotline/ent"
	"hotline/ent/application"
	"hotline/ent/assignment"
	"hotline/ent/clock"
	"hotline/ent/clockmove"
	"hotline/ent/event"
	"hotline/ent/workorder"
)

// check looks at what the year left behind and tells it in words; an error names what is not as it must be.
func (y *year) check() (string, error) {
	var b strings.Builder
	for _, look := range []func(ctx context.Context, b *strings.Builder) error{y.clocks, y.orders, y.figures} {
		if err := y.house.Store.View(y.platform(), func(ctx context.Context) error { return look(ctx, &b) }); err != nil {
			return b.String(), err
		}
	}
	orders, lines, broken, err := y.house.Casework.Verify(y.platform())
	if err != nil {
		return b.String(), err
	}
	if len(broken) > 0 {
		return b.String(), fmt.Errorf("%d chains are broken, the first: %w", len(broken), broken[0])
	}
	fmt.Fprintf(&b, "chains: %d orders, %d lines intact\n", orders, lines)
	for _, verb := range names(y.done) {
		fmt.Fprintf(&b, "%s %d; ", verb, y.done[verb])
	}
	b.WriteString("\nrefused: ")
	for _, why := range names(y.refused) {
		fmt.Fprintf(&b, "%s %d; ", why, y.refused[why])
	}
	b.WriteString("\n")
	return b.String(), nil
}

// clocks: each did what its end brings once, was marked late exactly when it was, and none of the work's runs where work ended.
func (y *year) clocks(ctx context.Context, b *strings.Builder) error {
	ended := map[uuid.UUID]bool{}
	orders, err := y.house.Store.Ent.WorkOrder.Query().Select(workorder.FieldID, workorder.FieldState).All(ctx)
	if err != nil {
		return err
	}
	for _, o := range orders {
		ended[o.ID] = casework.State(o.State).Ended()
	}
	all, fired, late := 0, 0, 0
	for after := uuid.Nil; ; {
		page, err := y.house.Store.Ent.Clock.Query().Where(clock.IDGT(after)).Order(ent.Asc(clock.FieldID)).Limit(5000).All(ctx)
		if err != nil {
			return err
		}
		if len(page) == 0 {
			break
		}
		for _, c := range page {
			after = c.ID
			all++
			if c.FiredAt != nil {
				fired++
			}
			if c.OverdueAt != nil {
				late++
			}
			if err := y.rightly(c, ended[c.WorkOrderID]); err != nil {
				return fmt.Errorf("clock %s of order %s: %w", c.Step, c.WorkOrderID, err)
			}
		}
	}
	acts, err := y.house.Store.Ent.Event.Query().Where(event.VerbIn(string(casework.Climb), string(casework.Lapse))).Count(ctx)
	if err != nil {
		return err
	}
	// An extension that came after the due moment gave the clock another one, which may run out again.
	again, err := y.house.Store.Ent.ClockMove.Query().Where(func(s *sql.Selector) {
		s.Where(sql.And(sql.EQ(s.C(clockmove.FieldCause), "extension"), sql.ColumnsLTE(s.C(clockmove.FieldBeforeAt), s.C(clockmove.FieldCreatedAt))))
	}).Count(ctx)
	if err != nil {
		return err
	}
	if acts != y.fired || fired > acts || fired+again < acts {
		return fmt.Errorf("%d clocks fired, %d got another due moment late, the sweeps say %d, the histories %d", fired, again, y.fired, acts)
	}
	fmt.Fprintf(b, "clocks: %d, late %d, ends that did something %d, each once\n", all, late, fired)
	return nil
}

// rightly says whether a clock is as it must be after the last sweep, half an hour ago at most.
func (y *year) rightly(c *ent.Clock, ended bool) error {
	swept := y.now.Add(-31 * time.Minute)
	stopped := y.now
	if c.StopAt != nil {
		stopped = *c.StopAt
	}
	missed := c.DueAt.Before(stopped.Add(-31*time.Minute)) && c.PausedAt == nil && c.Step != casework.ClockExpiry
	switch {
	case c.StopAt == nil && ended && !slices.Contains(casework.SideClocks(), c.Step):
		return fmt.Errorf("it runs on in an ended order")
	case missed && c.OverdueAt == nil:
		return fmt.Errorf("due %s, not marked late", c.DueAt)
	case c.OverdueAt != nil && c.OverdueAt.Before(c.DueAt):
		return fmt.Errorf("marked late before it was due")
	case c.Fires && c.StopAt == nil && c.PausedAt == nil && c.FiredAt == nil && c.DueAt.Before(swept):
		return fmt.Errorf("due %s, nothing happened", c.DueAt)
	}
	return nil
}

// orders: each ended, or a clock runs that will bring somebody to it, or it waits for its main order.
func (y *year) orders(ctx context.Context, b *strings.Builder) error {
	states := map[string]int{}
	open := 0
	orders, err := y.house.Store.Ent.WorkOrder.Query().Select(workorder.FieldID, workorder.FieldState, workorder.FieldDueAt, workorder.FieldNumber,
		workorder.FieldMainID).All(ctx)
	if err != nil {
		return err
	}
	for _, o := range orders {
		states[o.State]++
		if casework.State(o.State).Ended() {
			continue
		}
		open++
		if o.DueAt.Year() == 9999 && o.MainID == nil {
			running, err := y.house.Store.Ent.Clock.Query().Where(clock.WorkOrderID(o.ID), clock.StopAtIsNil()).Count(ctx)
			if err != nil {
				return err
			}
			if running == 0 {
				return fmt.Errorf("order %s is %s and no clock will ever bring anybody to it", o.Number, o.State)
			}
		}
	}
	fmt.Fprintf(b, "orders: %d, still open %d, by state %v\n", len(orders), open, states)
	return nil
}

// figures: the counts kept on orders and parts are those that histories and applications give.
func (y *year) figures(ctx context.Context, b *strings.Builder) error {
	client := y.house.Store.Ent
	orders, err := client.WorkOrder.Query().Select(workorder.FieldUrges, workorder.FieldReworks, workorder.FieldReturns,
		workorder.FieldImproperReturns, workorder.FieldEscalations).All(ctx)
	if err != nil {
		return err
	}
	kept := map[string]int{}
	for _, o := range orders {
		kept["urges"] += o.Urges
		kept["returns"] += o.Returns
		kept["improper"] += o.ImproperReturns
		kept["escalations"] += o.Escalations
	}
	counted := map[string]int{}
	for figure, query := range map[string]*ent.EventQuery{
		"urges":       client.Event.Query().Where(event.Verb(string(casework.Urge))),
		"returns":     client.Event.Query().Where(event.Verb(string(casework.Return))),
		"escalations": client.Event.Query().Where(event.VerbIn(string(casework.Escalate), string(casework.Climb))),
	} {
		if counted[figure], err = query.Count(ctx); err != nil {
			return err
		}
	}
	counted["improper"], err = client.Application.Query().Where(application.Kind("return"), application.Standing("rejected")).Count(ctx)
	if err != nil {
		return err
	}
	for figure := range kept {
		if kept[figure] != counted[figure] {
			return fmt.Errorf("%s: the orders say %d, the histories %d", figure, kept[figure], counted[figure])
		}
	}
	signed, err := client.Assignment.Query().Where(assignment.SignedAtNotNil()).Count(ctx)
	if err != nil {
		return err
	}
	onTime, err := client.Clock.Query().Where(clock.Step(casework.ClockReply), clock.StopAtNotNil(), clock.OverdueAtIsNil()).Count(ctx)
	if err != nil {
		return err
	}
	replies, err := client.Clock.Query().Where(clock.Step(casework.ClockReply), clock.StopAtNotNil()).Count(ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(b, "figures: %v, parts signed %d, answers in time %d of %d\n", kept, signed, onTime, replies)
	return nil
}
