package record

import (
	"context"
	"database/sql"
	stderrors "errors"
	"fmt"
	"testing"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/jackc/pgx/v5"

	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
	"hotline/tenants/privacy"
	"hotline/tenants/vault"
)

func in(code string) context.Context {
	return tenants.With(context.Background(), tenants.System(code))
}

func open(t *testing.T, s *store.Store, cities ...string) *Record {
	t.Helper()
	m, _ := privacy.NewMaster()
	v := vault.New(s, m)
	for _, code := range cities {
		must(t, s.Do(in(code), func(ctx context.Context) error {
			if err := s.Ent.City.Create().SetCode(code).SetTitle(code).Exec(ctx); err != nil {
				return err
			}
			return v.Create(ctx, privacy.AES)
		}))
	}
	return New(s, v)
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// each runs the test on both databases with a way past all rules of ours, as somebody who owns the database has it.
func each(t *testing.T, fn func(t *testing.T, r *Record, past func(statement string))) {
	for name, urlOf := range map[string]func(testing.TB) string{"sqlite": storetest.SQLiteURL, "postgres": storetest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			url := urlOf(t)
			s, err := store.Open(context.Background(), url)
			must(t, err)
			t.Cleanup(func() { _ = s.Close() })
			fn(t, open(t, s, "110000", "310000"), func(statement string) { t.Helper(); past(t, url, statement) })
		})
	}
}

func past(t *testing.T, url, statement string) {
	t.Helper()
	if len(url) > 7 && url[:7] == "sqlite:" {
		db, err := sql.Open("sqlite", "file:"+url[7:]+"?_pragma=busy_timeout(5000)")
		must(t, err)
		defer func() { _ = db.Close() }()
		_, err = db.Exec(statement)
		must(t, err)
		return
	}
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, url)
	must(t, err)
	defer func() { _ = conn.Close(ctx) }()
	// Row-level security is forced on the owner too; an intruder would begin by switching it off.
	_, err = conn.Exec(ctx, "alter table records disable row level security; "+statement)
	must(t, err)
}

func write(t *testing.T, r *Record, code string, n int) {
	t.Helper()
	for i := range n {
		must(t, r.Write(in(code), "policy.edit", fmt.Sprintf("第 %d 次修改", i+1)))
	}
}

func TestTheRecordOfACityIsOneUnbrokenChain(t *testing.T) {
	each(t, func(t *testing.T, r *Record, _ func(string)) {
		write(t, r, "110000", 5)
		write(t, r, "310000", 2)
		for code, want := range map[string]int{"110000": 5, "310000": 2} {
			if lines, err := r.Verify(in(code)); err != nil || lines != want {
				t.Errorf("%s: %d lines, %v", code, lines, err)
			}
			if seq, err := r.Latest(in(code)); err != nil || seq != want {
				t.Errorf("%s: latest %d, %v", code, seq, err)
			}
		}
		list, err := r.List(in("310000"), 0, 10)
		if err != nil || len(list) != 2 || list[0].Seq != 2 || list[0].Actor != "system" {
			t.Errorf("list %v, %v", list, err)
		}
	})
}

func TestTamperingWithTheRecordIsFound(t *testing.T) {
	for name, c := range map[string]struct {
		statement string
		seq       int
	}{
		"an edited summary":      {"update records set summary = 'x' where tenant = '110000' and seq = 3", 3},
		"another actor":          {"update records set actor = 'agent' where tenant = '110000' and seq = 2", 2},
		"a line from the middle": {"delete from records where tenant = '110000' and seq = 3", 3},
		"the first line":         {"delete from records where tenant = '110000' and seq = 1", 1},
		"another seal":           {"update records set seal = (select seal from records where tenant = '310000' and seq = 1) where tenant = '110000' and seq = 5", 5},
		"a gap that is closed":   {"delete from records where tenant = '110000' and seq = 3; update records set seq = seq - 1 where tenant = '110000' and seq = 4", 3},
		"two lines that change places": {"update records set seq = 99 where tenant = '110000' and seq = 2; update records set seq = 2 where tenant = '110000' and seq = 4; " +
			"update records set seq = 4 where tenant = '110000' and seq = 99", 2},
		"a line of another city": {"delete from records where tenant = '110000' and seq = 1; update records set tenant = '110000' where tenant = '310000' and seq = 1", 1},
	} {
		t.Run(name, func(t *testing.T) {
			each(t, func(t *testing.T, r *Record, past func(string)) {
				write(t, r, "110000", 5)
				write(t, r, "310000", 1)
				past(c.statement)
				_, err := r.Verify(in("110000"))
				var broken *Broken
				if !stderrors.As(err, &broken) || broken.Seq != c.seq {
					t.Errorf("verify says %v, want line %d", err, c.seq)
				}
			})
		})
	}
}

func TestALineStandsOrFallsWithItsCause(t *testing.T) {
	each(t, func(t *testing.T, r *Record, _ func(string)) {
		err := r.db.Do(in("110000"), func(ctx context.Context) error {
			if err := r.Write(ctx, "unit.edit", "两行"); err != nil {
				return err
			}
			if err := r.Write(ctx, "unit.edit", "在一个事务中"); err != nil {
				return err
			}
			return context.Canceled
		})
		if !stderrors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		if lines, err := r.Verify(in("110000")); lines != 0 || err != nil {
			t.Errorf("%d lines, %v", lines, err)
		}
	})
}

func TestOfTwoWritersAtOnceTheSlowerIsToldSo(t *testing.T) {
	each(t, func(t *testing.T, r *Record, _ func(string)) {
		done := make(chan error, 8)
		for range cap(done) {
			go func() { done <- r.Write(in("110000"), "policy.edit", "同时修改") }()
		}
		won := 0
		for range cap(done) {
			switch err := <-done; {
			case err == nil:
				won++
			case errors.Reason(err) != "CONFLICT":
				t.Errorf("write: %v", err)
			}
		}
		if lines, err := r.Verify(in("110000")); err != nil || lines != won || won == 0 {
			t.Errorf("%d writers won, %d lines, %v", won, lines, err)
		}
	})
}

func TestALongRecordIsReadInPages(t *testing.T) {
	s := storetest.SQLite(t)
	r := open(t, s, "110000")
	must(t, s.Do(in("110000"), func(ctx context.Context) error {
		for range page + 3 {
			if err := r.Write(ctx, "unit.edit", "一行"); err != nil {
				return err
			}
		}
		return nil
	}))
	if lines, err := r.Verify(in("110000")); err != nil || lines != page+3 {
		t.Errorf("%d lines, %v", lines, err)
	}
}
