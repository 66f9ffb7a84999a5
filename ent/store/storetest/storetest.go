// Package storetest opens fresh, migrated databases for tests: SQLite in the test's folder and PostgreSQL on a private
// server of the test process, or on the server of HOTLINE_TEST_PG, whose user may create databases and roles.
package storetest

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"

	"hotline/ent/migrate"
	"hotline/ent/store"
	"hotline/ent/store/pgtest"
)

// Each runs the test on a fresh SQLite and on a fresh PostgreSQL.
func Each(t *testing.T, fn func(t *testing.T, s *store.Store)) {
	t.Helper()
	t.Run("sqlite", func(t *testing.T) { fn(t, SQLite(t)) })
	t.Run("postgres", func(t *testing.T) { fn(t, Postgres(t)) })
}

// SQLite is a fresh database.
func SQLite(t testing.TB) *store.Store {
	t.Helper()
	return open(t, SQLiteURL(t))
}

// Postgres is a fresh database.
func Postgres(t testing.TB) *store.Store {
	t.Helper()
	return open(t, PostgresURL(t))
}

func open(t testing.TB, url string) *store.Store {
	t.Helper()
	s, err := store.Open(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// migrated is the content of a migrated SQLite file; copying it is cheaper than migrating for each test.
var migrated = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "hotline")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "seed.db")
	if err := store.Migrate(context.Background(), "sqlite:"+file); err != nil {
		return nil, err
	}
	return os.ReadFile(file) // closing the last connection has emptied the log into it
})

// SQLiteURL is the address of a fresh, migrated SQLite.
func SQLiteURL(t testing.TB) string {
	t.Helper()
	content, err := migrated()
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "hotline.db")
	if err := os.WriteFile(file, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return "sqlite:" + file
}

// server is where this process's databases are. HOTLINE_TEST_FSYNC=1 makes a private one durable, for measuring.
var server = sync.OnceValues(func() (string, error) {
	seed, err := seedName()
	if err != nil {
		return "", err
	}
	if u := os.Getenv("HOTLINE_TEST_PG"); u != "" {
		return u, seedShared(u, seed)
	}
	s, err := pgtest.Start(pgtest.Options{Durable: os.Getenv("HOTLINE_TEST_FSYNC") != "", Seed: seed, Fill: fill})
	if err != nil {
		return "", err
	}
	return s.URL("postgres"), nil
})

func fill(url string) error { return store.Migrate(context.Background(), url) }

// seedName changes with the migrations, and with the code that applies them.
func seedName() (string, error) {
	var parts []io.Reader
	err := fs.WalkDir(migrate.Postgres, ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := migrate.Postgres.ReadFile(path)
		parts = append(parts, bytes.NewReader(b))
		return err
	})
	return pgtest.Digest(parts...) + " river 0.49", err
}

// counter numbers the databases of this process.
var counter atomic.Int64

// PostgresURL is the address of a fresh, migrated PostgreSQL database, as its owner.
func PostgresURL(t testing.TB) string {
	t.Helper()
	return database(t, true)
}

// EmptyPostgresURL is the address of a fresh PostgreSQL database that nobody has migrated.
func EmptyPostgresURL(t testing.TB) string {
	t.Helper()
	return database(t, false)
}

func database(t testing.TB, clone bool) string {
	t.Helper()
	admin, err := server()
	if err != nil {
		t.Fatal(err)
	}
	name := fmt.Sprintf("t%d_%d", os.Getpid(), counter.Add(1))
	if err := pgtest.Create(context.Background(), admin, name, clone); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pgtest.Drop(context.Background(), admin, name); err != nil {
			t.Errorf("drop the database of the test: %v", err)
		}
	})
	return at(admin, name)
}

// at is the address of another database on the server.
func at(admin, name string) string {
	u, err := url.Parse(admin)
	if err != nil {
		panic(err) // pgx has parsed it already
	}
	u.Path = "/" + name
	return u.String()
}

// seedShared makes the database "hotline_seed" on a server that is not ours alone; other processes wait for it.
func seedShared(admin, seed string) error {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, admin)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	if _, err := conn.Exec(ctx, "select pg_advisory_lock(123452)"); err != nil {
		return err
	}
	var is string
	err = conn.QueryRow(ctx, `select coalesce((select shobj_description(oid, 'pg_database') from pg_database
		where datname = 'hotline_seed'), '')`).Scan(&is)
	if err != nil || is == seed {
		return err
	}
	if err := pgtest.Drop(ctx, admin, "hotline_seed"); err != nil {
		return err
	}
	if err := pgtest.Create(ctx, admin, "hotline_seed", false); err != nil {
		return err
	}
	if err := fill(at(admin, "hotline_seed")); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "comment on database hotline_seed is '"+seed+"'")
	return err
}
