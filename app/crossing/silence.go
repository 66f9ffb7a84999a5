package crossing

import (
	"context"
	"errors"
	"fmt"
	"time"

	"entgo.io/ent/dialect/sql"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/ent"
	"hotline/ent/outgoing"
	"hotline/ent/predicate"
	"hotline/ent/store"
	"hotline/ent/transfer"
	"hotline/federation"
	"hotline/federation/ledger"
	"hotline/tenants"
)

// expire asks the ledger to take silence for acceptance (逾期视为接收), once for each offer whose moment has passed by more than the
// clocks of two cities may differ. Whoever of the two comes first; the ledger judges by its own clock too.
func (s *Service) expire(ctx context.Context, r *federation.Region) {
	s.mu.Lock()
	due := time.Since(s.expired[r.Name()]) > 5*time.Second
	if due {
		s.expired[r.Name()] = time.Now()
	}
	s.mu.Unlock()
	if !due {
		return
	}
	cities, err := s.locals(ctx, r)
	if err != nil {
		s.fail(ctx, r, err)
		return
	}
	for _, city := range cities {
		if err := s.Expire(as(ctx, city), r.Name(), s.now()); err != nil && ctx.Err() == nil {
			s.log.Error("courier", "region", r.Name(), "city", city, "error", err)
		}
		if err := s.Callbacks(as(ctx, city), r.Name(), s.now()); err != nil && ctx.Err() == nil {
			s.log.Error("courier", "region", r.Name(), "city", city, "error", err)
		}
	}
}

// Callbacks urges the cities whose callback to a citizen of the viewer's city is overdue by now, and takes over what the rules let it.
func (s *Service) Callbacks(ctx context.Context, region string, now time.Time) error {
	r := s.region(region)
	if r == nil {
		return fmt.Errorf("no region %s", region)
	}
	_, rules := r.Ledger().Region()
	after := time.Duration(ledger.CallbackHandover(rules, 0)-ledger.CallbackDue(rules, 0)) * time.Millisecond
	// What the clocks of two cities may differ, so that the ledger agrees.
	taken := now.Add(-after - time.Duration(rules.GetSkew()+1)*time.Second)
	late, me := []*ent.Transfer(nil), tenants.From(ctx).Tenant
	due := []predicate.Transfer{transfer.And(transfer.CallbackDueAtLT(now), transfer.CallbackUrgedAtIsNil())}
	if r.Ledger().Figures().Version >= 2 {
		due = append(due, transfer.CallbackDueAtLT(taken))
	}
	err := s.db.View(ctx, func(ctx context.Context) (err error) {
		late, err = s.db.Ent.Transfer.Query().Where(transfer.Region(region), transfer.State("concluded"), transfer.Origin(me), transfer.CallbackNEQ(me),
			transfer.Or(due...)).Order(ent.Asc(transfer.FieldCallbackDueAt), ent.Asc(transfer.FieldID)).Limit(batch).All(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("transfers: %w", err)
	}
	return s.each(ctx, late, "callback", func(ctx context.Context, t *ent.Transfer) error {
		if t.CallbackUrgedAt == nil {
			return s.casework.UrgeCallback(ctx, t)
		}
		return s.casework.TakeCallback(ctx, t)
	})
}

// each does something to transfers one by one: somebody may act on an order just now, one may be broken, and the others do not wait for it.
func (s *Service) each(ctx context.Context, list []*ent.Transfer, what string, do func(ctx context.Context, t *ent.Transfer) error) error {
	var failed []error
	for _, t := range list {
		err := s.db.Do(ctx, func(ctx context.Context) error { return do(ctx, t) })
		if err != nil && !casework.IsConflict(err) {
			failed = append(failed, fmt.Errorf("%s of %s/%d: %w", what, t.Origin, t.Number, err))
		}
		if ctx.Err() != nil {
			break
		}
	}
	return errors.Join(failed...)
}

// Expire puts into the outbox of the viewer's city that offers have expired by now.
func (s *Service) Expire(ctx context.Context, region string, now time.Time) error {
	r := s.region(region)
	if r == nil {
		return fmt.Errorf("no region %s", region)
	}
	_, rules := r.Ledger().Region()
	before, members := now.Add(-time.Duration(rules.GetSkew()+1)*time.Second), r.Ledger().Members()
	var late []*ent.Transfer
	err := s.db.View(ctx, func(ctx context.Context) (err error) {
		late, err = s.db.Ent.Transfer.Query().Where(transfer.Region(region), transfer.StateIn("offered", "delivered", "signed"),
			transfer.Or(transfer.AnswerDueAtLT(before.Add(-time.Duration(rules.GetDeclineGrace())*time.Second)),
				transfer.And(transfer.Urgency("critical"), transfer.AnswerDueAtLT(before))), notAsked(now)).
			Order(ent.Asc(transfer.FieldAnswerDueAt), ent.Asc(transfer.FieldID)).Limit(batch).All(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("transfers: %w", err)
	}
	return s.each(store.At(ctx, now), late, "silence", func(ctx context.Context, t *ent.Transfer) error {
		if me := tenants.From(ctx).Tenant; t.Origin == me && !active(members, t.Target) { // nobody can answer any more
			return s.casework.TakeBack(ctx, t)
		}
		keys, err := s.vault.Keyring(ctx)
		if err != nil {
			return err
		}
		return s.casework.Send(ctx, keys, t, "expire", &pb.Content{})
	})
}

// again is how long after the ledger refused to take silence for acceptance it is asked anew: the other city may have been let in again.
const again = time.Hour

// notAsked leaves out the offers for which it waits in the outbox, is in the ledger, or was refused lately.
func notAsked(now time.Time) predicate.Transfer {
	return func(t *sql.Selector) {
		o := sql.Table(outgoing.Table)
		t.Where(sql.NotExists(sql.Select().From(o).Where(sql.And(
			sql.ColumnsEQ(o.C(outgoing.FieldTenant), t.C(transfer.FieldTenant)), sql.ColumnsEQ(o.C(outgoing.FieldTransferID), t.C(transfer.FieldID)),
			sql.EQ(o.C(outgoing.FieldAct), "expire"), sql.ColumnsGT(o.C(outgoing.FieldCreatedAt), t.C(transfer.FieldAnswerDueAt)),
			sql.Or(sql.EQ(o.C(outgoing.FieldRefused), ""), sql.GT(o.C(outgoing.FieldCreatedAt), now.Add(-again)))))))
	}
}
