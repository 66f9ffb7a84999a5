// Package store opens the database and is the only way to it: every statement runs in a transaction that carries its
// city (the viewer's), on SQLite and PostgreSQL alike. See DESIGN.md.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	_ "modernc.org/sqlite" // the embedded default

	"hotline/ent"
	"hotline/tenants"
)

// Store is an open database. Its ent client works only with a context that Do or View made.
type Store struct {
	Ent     *ent.Client
	dialect string
	write   *sql.DB
	read    *sql.DB // the same as write on PostgreSQL
	pool    *pgxpool.Pool
}

// Open connects to "sqlite:PATH" or "postgres://…". It does not migrate; see Migrate.
func Open(ctx context.Context, url string) (*Store, error) {
	s := &Store{}
	switch {
	case strings.HasPrefix(url, "sqlite:"):
		if err := s.openSQLite(strings.TrimPrefix(url, "sqlite:")); err != nil {
			return nil, err
		}
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		if err := s.openPostgres(ctx, url); err != nil {
			return nil, err
		}
	default:
		return nil, errors.New("database address: want sqlite:PATH or postgres://…")
	}
	s.Ent = guard(ent.NewClient(ent.Driver(router{s.dialect})))
	return s, nil
}

// sqliteOptions: WAL with synchronous FULL, because "已受理" must survive a power cut; the writer takes its lock at BEGIN,
// so that two transactions never deadlock on upgrading.
const sqliteOptions = "?_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)&_pragma=busy_timeout(10000)" +
	"&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)&_time_format=sqlite"

func (s *Store) openSQLite(path string) (err error) {
	s.dialect = dialect.SQLite
	if s.write, err = sql.Open("sqlite", "file:"+path+sqliteOptions+"&_txlock=immediate"); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	s.write.SetMaxOpenConns(1) // SQLite has one writer; a queue in Go is fairer than its busy loop
	if err := s.write.Ping(); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	if s.read, err = sql.Open("sqlite", "file:"+path+sqliteOptions+"&mode=ro&_pragma=query_only(1)"); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	s.read.SetMaxOpenConns(4)
	return nil
}

func (s *Store) openPostgres(ctx context.Context, url string) (err error) {
	s.dialect = dialect.Postgres
	if s.pool, err = pgxpool.New(ctx, url); err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	s.write = stdlib.OpenDBFromPool(s.pool)
	s.read = s.write
	if err := s.write.PingContext(ctx); err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	return nil
}

// Close ends all connections.
func (s *Store) Close() error {
	err := s.write.Close()
	if s.read != s.write {
		err = errors.Join(err, s.read.Close())
	}
	if s.pool != nil {
		s.pool.Close()
	}
	return err
}

// Dialect is "sqlite3" or "postgres".
func (s *Store) Dialect() string { return s.dialect }

// Ping says whether the database answers.
func (s *Store) Ping(ctx context.Context) error { return s.write.PingContext(ctx) }

type ambientKey struct{}

// ambient is the transaction a context carries.
type ambient struct {
	exec  entsql.ExecQuerier
	sql   *sql.Tx // SQLite
	pgx   pgx.Tx  // PostgreSQL
	write bool
	now   time.Time
	after []func()
}

// Now is the one moment of the transaction, UTC, to the microsecond (what both databases keep).
func Now(ctx context.Context) time.Time {
	if a, ok := ctx.Value(ambientKey{}).(*ambient); ok {
		return a.now
	}
	panic("store.Now outside a transaction")
}

type nowKey struct{}

// At fixes the moment of the transactions begun under the context: for chores, imports and tests.
func At(ctx context.Context, now time.Time) context.Context {
	return context.WithValue(ctx, nowKey{}, now)
}

func moment(ctx context.Context) time.Time {
	now, ok := ctx.Value(nowKey{}).(time.Time)
	if !ok {
		now = time.Now()
	}
	return now.UTC().Truncate(time.Microsecond)
}

// AfterCommit runs fn once the transaction has committed; never when it rolled back.
func AfterCommit(ctx context.Context, fn func()) {
	if a, ok := ctx.Value(ambientKey{}).(*ambient); ok {
		a.after = append(a.after, fn)
	}
}

// Do runs fn in one writing transaction of the viewer's city and commits it, or rolls back on error.
// Inside another Do it joins that one.
func (s *Store) Do(ctx context.Context, fn func(ctx context.Context) error) error {
	return s.run(ctx, true, fn)
}

// View runs fn in one reading transaction: all it sees is of one moment.
func (s *Store) View(ctx context.Context, fn func(ctx context.Context) error) error {
	return s.run(ctx, false, fn)
}

func (s *Store) run(ctx context.Context, write bool, fn func(ctx context.Context) error) error {
	if a, ok := ctx.Value(ambientKey{}).(*ambient); ok {
		if write && !a.write {
			return errors.New("a writing transaction inside a reading one")
		}
		return fn(ctx)
	}
	a := &ambient{write: write, now: moment(ctx)}
	var err error
	if s.dialect == dialect.SQLite {
		err = s.inSQLite(ctx, a, fn)
	} else {
		err = s.inPostgres(ctx, a, fn)
	}
	if err == nil {
		for _, f := range a.after {
			f()
		}
	}
	return err
}

func (s *Store) inSQLite(ctx context.Context, a *ambient, fn func(ctx context.Context) error) error {
	db := s.read
	if a.write {
		db = s.write
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback() }()
	a.exec, a.sql = tx, tx
	if err := fn(context.WithValue(ctx, ambientKey{}, a)); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (s *Store) inPostgres(ctx context.Context, a *ambient, fn func(ctx context.Context) error) error {
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connection: %w", err)
	}
	defer func() { _ = conn.Close() }()
	var pc *pgx.Conn
	if err := conn.Raw(func(dc any) error { pc = dc.(*stdlib.Conn).Conn(); return nil }); err != nil {
		return fmt.Errorf("connection: %w", err)
	}
	begin, err := beginQuery(ctx, a.write)
	if err != nil {
		return err
	}
	tx, err := pc.BeginTx(ctx, pgx.TxOptions{BeginQuery: begin})
	if err != nil {
		return fmt.Errorf("begin: %w", err)
	}
	defer func() { _ = tx.Rollback(context.WithoutCancel(ctx)) }()
	a.exec, a.pgx = conn, tx
	if err := fn(context.WithValue(ctx, ambientKey{}, a)); err != nil {
		return err
	}
	if err := tx.Commit(ctx); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

// beginQuery opens the transaction and tells row-level security the city, in one round trip.
func beginQuery(ctx context.Context, write bool) (string, error) {
	begin := "begin read only"
	if write {
		begin = "begin"
	}
	tenant := ""
	if v := tenants.From(ctx); v != nil {
		tenant = v.Tenant
	}
	for _, c := range tenant { // it goes into SQL text: digits only
		if c < '0' || c > '9' {
			return "", fmt.Errorf("tenant code %q", tenant)
		}
	}
	return begin + "; set local app.tenant = '" + tenant + "'", nil
}
