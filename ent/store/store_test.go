package store_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/ent/unit"
	"hotline/tenants"
)

const (
	here  = "330100"
	there = "330200"
)

func as(city string) context.Context {
	return tenants.With(context.Background(), tenants.System(city))
}

// do runs fn in a transaction of the city and fails the test on error.
func do(t *testing.T, s *store.Store, city string, fn func(ctx context.Context) error) {
	t.Helper()
	if err := s.Do(as(city), fn); err != nil {
		t.Fatal(err)
	}
}

func newUnit(s *store.Store, code string) *ent.UnitCreate {
	return s.Ent.Unit.Create().SetCode(code).SetTitle(code).SetPath(code + "/").SetKind("department")
}

// unitOf writes a unit of the city.
func unitOf(t *testing.T, s *store.Store, city, code string) (u *ent.Unit) {
	t.Helper()
	do(t, s, city, func(ctx context.Context) (err error) {
		u, err = newUnit(s, code).Save(ctx)
		return err
	})
	return u
}

func codes(t *testing.T, s *store.Store, city string) string {
	t.Helper()
	var all []string
	err := s.View(as(city), func(ctx context.Context) (err error) {
		all, err = s.Ent.Unit.Query().Order(ent.Asc(unit.FieldCode)).Select(unit.FieldCode).Strings(ctx)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Join(all, " ")
}

func wantError(t *testing.T, err error, words string) {
	t.Helper()
	if err == nil || !strings.Contains(err.Error(), words) {
		t.Fatalf("error %v, want one with %q", err, words)
	}
}

func TestNothingIsReadOrWrittenOutsideATransaction(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		_, err := newUnit(s, "a").Save(as(here))
		wantError(t, err, "outside a transaction")
		_, err = s.Ent.Unit.Query().All(as(here))
		wantError(t, err, "outside a transaction")
		_, err = s.Ent.City.Query().All(as(here))
		wantError(t, err, "outside a transaction")
		_, err = s.Ent.QueryContext(as(here), "select 1")
		wantError(t, err, "outside a transaction")
		wantError(t, s.Later(as(here), ping{Tenant: here}, nil), "outside a transaction")
	})
}

func TestATransactionThatEndedCanNotBeUsed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		var kept context.Context
		do(t, s, here, func(ctx context.Context) error { kept = ctx; return nil })
		_, err := s.Ent.Unit.Query().All(kept)
		wantError(t, err, "after its transaction")
		wantError(t, s.Do(kept, func(context.Context) error { return nil }), "after its transaction")
	})
}

func TestWithoutACityItsTablesAreRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for _, ctx := range []context.Context{context.Background(), as("")} {
			wantError(t, s.Do(ctx, func(ctx context.Context) error { return newUnit(s, "a").Exec(ctx) }), "without a city")
			wantError(t, s.View(ctx, func(ctx context.Context) error {
				_, err := s.Ent.Unit.Query().Count(ctx)
				return err
			}), "without a city")
			if err := s.View(ctx, func(ctx context.Context) error {
				_, err := s.Ent.City.Query().Count(ctx)
				return err
			}); err != nil {
				t.Errorf("the table of cities belongs to no city, but: %v", err)
			}
		}
	})
}

func TestAnotherCitysRowDoesNotExist(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mine, theirs := unitOf(t, s, here, "mine"), unitOf(t, s, there, "theirs")
		if got := codes(t, s, here); got != "mine" {
			t.Errorf("this city sees %q", got)
		}
		do(t, s, here, func(ctx context.Context) error {
			if _, err := s.Ent.Unit.Get(ctx, theirs.ID); !ent.IsNotFound(err) {
				t.Errorf("get: %v", err)
			}
			if err := s.Ent.Unit.UpdateOneID(theirs.ID).SetTitle("x").Exec(ctx); !ent.IsNotFound(err) {
				t.Errorf("update one: %v", err)
			}
			if err := s.Ent.Unit.UpdateOne(theirs).SetTitle("x").Exec(ctx); !ent.IsNotFound(err) {
				t.Errorf("update the loaded: %v", err)
			}
			if u, err := s.Ent.Unit.UpdateOneID(theirs.ID).Save(ctx); !ent.IsNotFound(err) {
				t.Errorf("update that changes nothing: %v, %v", u, err)
			}
			if n, err := s.Ent.Unit.Update().SetTitle("x").Save(ctx); n != 1 || err != nil {
				t.Errorf("update all: %d, %v", n, err)
			}
			if err := s.Ent.Unit.DeleteOneID(theirs.ID).Exec(ctx); !ent.IsNotFound(err) {
				t.Errorf("delete one: %v", err)
			}
			if n, err := s.Ent.Unit.Delete().Exec(ctx); n != 1 || err != nil {
				t.Errorf("delete all: %d, %v", n, err)
			}
			_, err := s.Ent.Unit.Get(ctx, mine.ID)
			if !ent.IsNotFound(err) {
				t.Errorf("own row after deleting all: %v", err)
			}
			return nil
		})
		if got := codes(t, s, there); got != "theirs" {
			t.Errorf("the other city has %q", got)
		}
	})
}

func TestAnUpdatedRowIsReadBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		mine := unitOf(t, s, here, "mine")
		do(t, s, here, func(ctx context.Context) error {
			u, err := s.Ent.Unit.UpdateOneID(mine.ID).SetTitle("new").Save(ctx)
			if err == nil && (u.Title != "new" || u.Code != "mine" || u.Tenant != here) {
				t.Errorf("read back %v", u)
			}
			return err
		})
	})
}

func TestARowForAnotherCityIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		wantError(t, s.Do(as(here), func(ctx context.Context) error {
			return newUnit(s, "a").SetTenant(there).Exec(ctx)
		}), "another city")
		wantError(t, s.Do(as(here), func(ctx context.Context) error {
			return s.Ent.Unit.CreateBulk(newUnit(s, "a"), newUnit(s, "b").SetTenant(there)).Exec(ctx)
		}), "another city")
		if got := codes(t, s, here) + codes(t, s, there); got != "" {
			t.Errorf("written: %q", got)
		}
	})
}

func TestChangingTheViewerInsideATransactionOpensNoOtherCity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		unitOf(t, s, there, "theirs")
		do(t, s, here, func(ctx context.Context) error {
			other := tenants.With(ctx, tenants.System(there))
			_, err := s.Ent.Unit.Query().All(other)
			wantError(t, err, "another city")
			wantError(t, newUnit(s, "a").Exec(other), "another city")
			wantError(t, s.Do(other, func(context.Context) error { return nil }), "another city")
			return nil
		})
	})
}

func TestRowLevelSecurityHoldsWhenTheGuardIsBypassed(t *testing.T) {
	s := storetest.Postgres(t)
	unitOf(t, s, here, "mine")
	unitOf(t, s, there, "theirs")
	do(t, s, here, func(ctx context.Context) error {
		for query, want := range map[string]int64{
			"select from units": 1,
			"select from units where tenant = '" + there + "'": 0,
			"update units set title = 'x'":                     1,
			"delete from units where tenant = '" + there + "'": 0,
		} {
			res, err := s.Ent.ExecContext(ctx, query)
			if err != nil {
				return err
			}
			if n, _ := res.RowsAffected(); n != want {
				t.Errorf("%s: %d rows, want %d", query, n, want)
			}
		}
		return nil
	})
	for _, query := range []string{
		"insert into units (tenant, id, code, title, path, kind) values ('" + there + "', gen_random_uuid(), 'a', 'a', 'a/', 'a')",
		"update units set tenant = '" + there + "'",
	} {
		wantError(t, s.Do(as(here), func(ctx context.Context) error {
			_, err := s.Ent.ExecContext(ctx, query)
			return err
		}), "row-level security")
	}
	for _, query := range []string{"alter table units disable row level security", "drop policy city on units",
		"create table more (id int)", "delete from goose_db_version", "truncate units"} {
		wantError(t, s.Do(as(here), func(ctx context.Context) error {
			_, err := s.Ent.ExecContext(ctx, query)
			return err
		}), "42501")
	}
}

func TestWithoutACityRowLevelSecurityShowsNothing(t *testing.T) {
	s := storetest.Postgres(t)
	unitOf(t, s, here, "mine")
	err := s.Do(context.Background(), func(ctx context.Context) error {
		res, err := s.Ent.ExecContext(ctx, "select from units")
		if err != nil {
			return err
		}
		if n, _ := res.RowsAffected(); n != 0 {
			t.Errorf("%d rows", n)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestNothingLeaksFromOneTransactionToTheNextOnOneConnection(t *testing.T) {
	s, err := store.Open(context.Background(), storetest.PostgresURL(t)+"&pool_max_conns=1")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	unitOf(t, s, here, "mine")
	boom := errors.New("boom")
	for name, before := range map[string]func(ctx context.Context) error{
		"commit":   func(context.Context) error { return nil },
		"rollback": func(context.Context) error { return boom },
		"failure": func(ctx context.Context) error {
			_, err := s.Ent.ExecContext(ctx, "select 1/0")
			return err
		},
	} {
		_ = s.Do(as(here), before)
		if err := s.Do(context.Background(), func(ctx context.Context) error {
			rows, err := s.Ent.QueryContext(ctx, "select count(*), coalesce(current_setting('app.tenant', true), '') from units")
			if err != nil {
				return err
			}
			defer func() { _ = rows.Close() }()
			var n int
			var city string
			rows.Next()
			if err := rows.Scan(&n, &city); err != nil {
				return err
			}
			if n != 0 || city != "" {
				t.Errorf("after %s: %d rows of city %q", name, n, city)
			}
			return nil
		}); err != nil {
			t.Fatalf("after %s: %v", name, err)
		}
	}
}

func TestAReadingTransactionCanNotWrite(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if err := s.View(as(here), func(ctx context.Context) error { return newUnit(s, "a").Exec(ctx) }); err == nil {
			t.Error("a reading transaction wrote")
		}
		wantError(t, s.View(as(here), func(ctx context.Context) error {
			return s.Do(ctx, func(context.Context) error { return nil })
		}), "inside a reading one")
		wantError(t, s.View(as(here), func(ctx context.Context) error {
			return s.Later(ctx, ping{Tenant: here}, nil)
		}), "in a reading transaction")
		if got := codes(t, s, here); got != "" {
			t.Errorf("written: %q", got)
		}
	})
}

func TestAReadingTransactionSeesOneMoment(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		err := s.View(as(here), func(ctx context.Context) error {
			before, err := s.Ent.Unit.Query().Count(ctx)
			if err != nil {
				return err
			}
			unitOf(t, s, here, "meanwhile")
			after, err := s.Ent.Unit.Query().Count(ctx)
			if before != after {
				t.Errorf("saw %d rows, then %d", before, after)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestDoInsideDoJoinsIt(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		boom := errors.New("boom")
		err := s.Do(as(here), func(ctx context.Context) error {
			if err := s.Do(ctx, func(ctx context.Context) error { return newUnit(s, "inner").Exec(ctx) }); err != nil {
				return err
			}
			if err := s.View(ctx, func(ctx context.Context) error {
				n, err := s.Ent.Unit.Query().Count(ctx)
				if n != 1 {
					t.Errorf("the outer transaction sees %d rows of the inner", n)
				}
				return err
			}); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if got := codes(t, s, here); got != "" {
			t.Errorf("the inner transaction stayed: %q", got)
		}
	})
}

func TestAnErrorRollsBackAndRunsNothingAfterwards(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		boom := errors.New("boom")
		err := s.Do(as(here), func(ctx context.Context) error {
			store.AfterCommit(ctx, func() { t.Error("ran after a rollback") })
			if err := newUnit(s, "a").Exec(ctx); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if got := codes(t, s, here); got != "" {
			t.Errorf("stayed: %q", got)
		}
	})
}

func TestAPanicRollsBackAndGivesTheConnectionBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		for range 40 { // more than any pool holds
			func() {
				defer func() {
					if recover() == nil {
						t.Error("the panic was swallowed")
					}
				}()
				_ = s.Do(as(here), func(ctx context.Context) error {
					if err := newUnit(s, "a").Exec(ctx); err != nil {
						t.Error(err)
					}
					panic("boom")
				})
			}()
		}
		if got := codes(t, s, here); got != "" {
			t.Errorf("stayed: %q", got)
		}
		unitOf(t, s, here, "next")
	})
}

func TestACancelledRequestRollsBack(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		ctx, cancel := context.WithCancel(as(here))
		err := s.Do(ctx, func(ctx context.Context) error {
			if err := newUnit(s, "a").Exec(ctx); err != nil {
				return err
			}
			cancel()
			return nil
		})
		if err == nil {
			t.Error("committed")
		}
		if got := codes(t, s, here); got != "" {
			t.Errorf("stayed: %q", got)
		}
	})
}

func TestAFailedStatementIsFatalToItsTransactionEvenWhenSwallowed(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		unitOf(t, s, here, "a")
		err := s.Do(as(here), func(ctx context.Context) error {
			if err := newUnit(s, "b").Exec(ctx); err != nil {
				return err
			}
			if err := newUnit(s, "a").Exec(ctx); !ent.IsConstraintError(err) {
				t.Errorf("twice the same code: %v", err)
			}
			return nil
		})
		wantError(t, err, "rolled back")
		if got := codes(t, s, here); got != "a" {
			t.Errorf("there is %q", got)
		}
	})
}

func TestAfterCommitRunsOnceTheOthersCanSeeTheRows(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		seen := "nothing ran"
		do(t, s, here, func(ctx context.Context) error {
			if err := s.Do(ctx, func(ctx context.Context) error {
				store.AfterCommit(ctx, func() { seen = codes(t, s, here) })
				return nil
			}); err != nil {
				return err
			}
			if seen != "nothing ran" {
				t.Error("ran at the end of the inner transaction")
			}
			return newUnit(s, "a").Exec(ctx)
		})
		if seen != "a" {
			t.Errorf("it saw %q", seen)
		}
	})
}

func TestNowStandsStillInATransactionAndIsWhatTheDatabaseKeeps(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		fixed := time.Date(2026, 11, 23, 8, 30, 0, 123456789, time.FixedZone("", 8*3600))
		var id uuid.UUID
		err := s.Do(store.At(as(here), fixed), func(ctx context.Context) error {
			now := store.Now(ctx)
			if want := fixed.Truncate(time.Microsecond); !now.Equal(want) || now.Location() != time.UTC {
				t.Errorf("now is %v, want %v", now, want)
			}
			c, err := s.Ent.City.Create().SetCode(here).SetTitle("杭州").SetCreatedAt(fixed).Save(ctx)
			if err != nil {
				return err
			}
			id = c.ID
			return s.Do(ctx, func(inner context.Context) error {
				if store.Now(inner) != now {
					t.Error("another now in the inner transaction")
				}
				return nil
			})
		})
		if err != nil {
			t.Fatal(err)
		}
		err = s.View(as(here), func(ctx context.Context) error {
			c, err := s.Ent.City.Get(ctx, id)
			if err == nil && !c.CreatedAt.Truncate(time.Microsecond).Equal(fixed.Truncate(time.Microsecond)) {
				t.Errorf("kept %v, want %v", c.CreatedAt, fixed)
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestAReferenceToAnotherCitysRowIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		theirs := orderOf(t, s, there)
		err := s.Do(as(here), func(ctx context.Context) error {
			return s.Ent.Callback.Create().SetWorkOrderID(theirs).SetRound(1).SetAttempt(1).SetReached(true).
				SetChannel("phone").SetAuthor("a").Exec(ctx)
		})
		if !ent.IsConstraintError(err) {
			t.Errorf("the foreign key let it pass: %v", err)
		}
	})
}

// orderOf writes a work order of the city.
func orderOf(t *testing.T, s *store.Store, city string) (id uuid.UUID) {
	t.Helper()
	do(t, s, city, func(ctx context.Context) error {
		o, err := s.Ent.WorkOrder.Create().SetNumber("1").SetState("taken").SetDisposition("dispatch").SetKind("complaint").
			SetCategory("c").SetUrgency("normal").SetChannel("phone").SetTitle("t").
			SetReceivedAt(store.Now(ctx)).SetDueAt(store.Now(ctx)).Save(ctx)
		if err == nil {
			id = o.ID
		}
		return err
	})
	return id
}
