package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/ent/unit"
)

// soon writes a unit that may wait; its failure is called taken.
func soon(ctx context.Context, s *store.Store, code string) error {
	return s.Soon(ctx, newUnit(s, code).Exec, func(err error) error {
		return fmt.Errorf("taken %s (constraint %t): %w", code, store.IsConstraint(err), err)
	})
}

func TestAWriteThatWaitsIsSeenByTheNextStatementAndByTheCommit(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		do(t, s, here, func(ctx context.Context) error {
			for _, code := range []string{"a", "b"} {
				if err := soon(ctx, s, code); err != nil {
					return err
				}
			}
			if n, err := s.Ent.Unit.Query().Count(ctx); n != 2 || err != nil {
				t.Errorf("%d rows, %v", n, err)
			}
			if err := soon(ctx, s, "c"); err != nil {
				return err
			}
			if n, err := s.Ent.Unit.Update().Where(unit.Code("c")).SetTitle("x").Save(ctx); n != 1 || err != nil {
				t.Errorf("updated %d rows, %v", n, err)
			}
			res, err := s.Ent.ExecContext(ctx, "select 1")
			if err != nil {
				return err
			}
			_, err = res.RowsAffected()
			return errors.Join(err, soon(ctx, s, "d"))
		})
		if got := codes(t, s, here); got != "a b c d" {
			t.Errorf("written: %q", got)
		}
		if got := codes(t, s, there); got != "" {
			t.Errorf("the other city has %q", got)
		}
	})
}

func TestAWriteThatWaitsAndFailsRollsBackUnderItsOwnName(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		unitOf(t, s, here, "a")
		for name, after := range map[string]func(ctx context.Context) error{
			"commit": func(context.Context) error { return nil },
			"query": func(ctx context.Context) error {
				_, err := s.Ent.Unit.Query().Count(ctx)
				return err
			},
			"raw query": func(ctx context.Context) error {
				_, err := s.Ent.ExecContext(ctx, "select 1")
				return err
			},
			"swallowed": func(ctx context.Context) error {
				_, _ = s.Ent.Unit.Query().Count(ctx)
				return nil
			},
		} {
			err := s.Do(as(here), func(ctx context.Context) error {
				store.AfterCommit(ctx, func() { t.Errorf("%s: committed", name) })
				for _, code := range []string{"b", "a", "c"} {
					if err := soon(ctx, s, code); err != nil {
						return err
					}
				}
				return after(ctx)
			})
			wantError(t, err, "taken a (constraint true)")
			if got := codes(t, s, here); got != "a" {
				t.Errorf("%s: there is %q", name, got)
			}
		}
	})
}

func TestAWriteThatWaitsIsGuarded(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		wantError(t, s.Do(as(here), func(ctx context.Context) error {
			return s.Soon(ctx, newUnit(s, "a").SetTenant(there).Exec, func(err error) error { return err })
		}), "another city")
		wantError(t, soon(as(here), s, "a"), "outside a transaction")
		if err := s.View(as(here), func(ctx context.Context) error { return soon(ctx, s, "a") }); err == nil {
			t.Error("a reading transaction wrote")
		}
		if got := codes(t, s, here) + codes(t, s, there); got != "" {
			t.Errorf("written: %q", got)
		}
	})
}

func TestAWriteThatWaitsIsGoneWithItsTransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		boom := errors.New("boom")
		err := s.Do(as(here), func(ctx context.Context) error {
			return errors.Join(soon(ctx, s, "a"), boom)
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(as(here))
		if err := s.Do(ctx, func(ctx context.Context) error { defer cancel(); return soon(ctx, s, "a") }); err == nil {
			t.Error("committed a cancelled request")
		}
		if got := codes(t, s, here); got != "" {
			t.Errorf("stayed: %q", got)
		}
	})
}

func TestAGlanceOnlyReadsAndSeesNoCitysRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		unitOf(t, s, here, "a")
		none := func(func(...any) error) error { return nil }
		wantError(t, s.Glance(as(here), "DELETE FROM sessions", nil, none), "only reads")
		if s.Dialect() != "postgres" {
			return // SQLite has no row-level security: only tables of no city may be looked at
		}
		n := 0
		err := s.Glance(as(here), "SELECT code FROM units", nil, func(func(...any) error) error { n++; return nil })
		if n != 0 || err != nil {
			t.Errorf("%d rows, %v", n, err)
		}
	})
}
