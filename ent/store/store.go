// Package store opens the database and is the only way to it: every statement runs in a transaction that carries its
// city (the viewer's), on SQLite and PostgreSQL alike. See DESIGN.md.
package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync/atomic"
	"time"

	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
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
	queue   inserter
}

// Open connects to "sqlite:PATH" or "postgres://…". It does not migrate, see Migrate; call Check before serving.
func Open(ctx context.Context, url string) (*Store, error) {
	name, path, err := parse(url)
	if err != nil {
		return nil, err
	}
	s := &Store{dialect: name}
	if name == dialect.SQLite {
		err = s.openSQLite(path)
	} else {
		err = s.openPostgres(ctx, url)
	}
	if err == nil {
		err = s.openQueue()
	}
	if err != nil {
		_ = s.Close()
		return nil, err
	}
	s.Ent = guard(ent.NewClient(ent.Driver(router{s.dialect})))
	return s, nil
}

// parse finds the dialect of an address, and the path of SQLite's file.
func parse(url string) (name, path string, err error) {
	switch {
	case strings.HasPrefix(url, "sqlite:") && len(url) > len("sqlite:"):
		return dialect.SQLite, strings.TrimPrefix(url, "sqlite:"), nil
	case strings.HasPrefix(url, "postgres://"), strings.HasPrefix(url, "postgresql://"):
		return dialect.Postgres, "", nil
	}
	return "", "", errors.New("database address: want sqlite:PATH or postgres://…")
}

// sqliteOptions: WAL with synchronous FULL, because "已受理" must survive a power cut; the writer takes its lock at BEGIN,
// so that two transactions never deadlock on upgrading; times are text that sorts, which needs one zone.
const sqliteOptions = "?_pragma=busy_timeout(10000)&_pragma=journal_mode(WAL)&_pragma=synchronous(FULL)" +
	"&_pragma=foreign_keys(1)&_pragma=cache_size(-16000)&_time_format=sqlite&_timezone=UTC"

func sqliteURL(path, more string) string {
	return "file:" + strings.NewReplacer("%", "%25", "?", "%3f", "#", "%23").Replace(path) + sqliteOptions + more
}

func (s *Store) openSQLite(path string) (err error) {
	if s.write, err = sql.Open("sqlite", sqliteURL(path, "&_txlock=immediate")); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	s.write.SetMaxOpenConns(1) // SQLite has one writer; a queue in Go is fairer than its busy loop
	if err := s.write.Ping(); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	if s.read, err = sql.Open("sqlite", sqliteURL(path, "&mode=ro&_pragma=query_only(1)")); err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	s.read.SetMaxOpenConns(4)
	s.read.SetMaxIdleConns(4)
	return nil
}

func (s *Store) openPostgres(ctx context.Context, url string) error {
	conf, err := pgxpool.ParseConfig(url)
	if err != nil {
		return fmt.Errorf("database address: %w", err)
	}
	if !strings.Contains(url, "pool_max_conns") {
		conf.MaxConns = 16 // pgx takes the number of cores; ours wait for the disk, and the queue listens on one
	}
	conf.AfterConnect = becomeRuntime
	if s.pool, err = pgxpool.NewWithConfig(ctx, conf); err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	s.write = stdlib.OpenDBFromPool(s.pool)
	s.read = s.write
	if err := s.write.PingContext(ctx); err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	return s.powerless(ctx)
}

// becomeRuntime gives up the rights of whoever signed in: row-level security does not hold for superusers and can be switched
// off by owners, and one address must do for migrating and serving.
func becomeRuntime(ctx context.Context, conn *pgx.Conn) error {
	_, err := conn.Exec(ctx, "set role hotline_app")
	var pg *pgconn.PgError
	switch {
	case !errors.As(err, &pg):
		return err
	case pg.Code == "22023": // no such role
		return fmt.Errorf("%w (%w)", ErrOlder, err)
	case pg.Code == "42501":
		return fmt.Errorf("%s is no member of the role hotline_app: GRANT hotline_app TO it (%w)", conn.Config().User, err)
	}
	return err
}

// powerless refuses to serve when the runtime role could evade row-level security.
func (s *Store) powerless(ctx context.Context) error {
	var super, owns bool
	err := s.pool.QueryRow(ctx, `select rolsuper or rolbypassrls, exists (select from pg_class
		where relowner = r.oid and relnamespace = current_schema()::regnamespace) from pg_roles r where rolname = current_user`).
		Scan(&super, &owns)
	if err != nil {
		return fmt.Errorf("rights of the runtime role: %w", err)
	}
	if super || owns {
		return errors.New("the role hotline_app is a superuser, bypasses row-level security or owns tables: cities would not be kept apart")
	}
	return nil
}

// Close ends all connections.
func (s *Store) Close() (err error) {
	if s.write != nil {
		err = s.write.Close()
	}
	if s.read != nil && s.read != s.write {
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

// ambient is the transaction a context carries. Like every transaction it is for one goroutine.
type ambient struct {
	exec   entsql.ExecQuerier
	sql    *sql.Tx // SQLite
	write  bool
	tenant string
	now    time.Time
	after  []func()
	over   bool
	failed error // the first statement that failed

	count *atomic.Int64 // of statements, when somebody wants to know

	soon func(error) error // says how the write fails that may wait; nil when none may

	// PostgreSQL, see trip.go
	conn    *pgx.Conn
	begin   pgx.TxOptions
	pgx     pgx.Tx // nil before the first statement
	waiting []waiting
}

func ambientOf(ctx context.Context) (*ambient, error) {
	a, ok := ctx.Value(ambientKey{}).(*ambient)
	switch {
	case !ok:
		return nil, errNoTransaction
	case a.over:
		return nil, errOver
	}
	return a, nil
}

// note remembers a failure. PostgreSQL lets nothing pass after one; SQLite would commit the half, so we stop it (settle).
func (a *ambient) note(err error) error {
	if err != nil && a.failed == nil {
		a.failed = err
	}
	return err
}

// settle is asked before committing.
func (a *ambient) settle() error {
	if a.failed != nil {
		return fmt.Errorf("rolled back, because a statement had failed: %w", a.failed)
	}
	return nil
}

// Now is the one moment of the transaction, UTC, to the microsecond (what both databases keep).
func Now(ctx context.Context) time.Time {
	a, ok := ctx.Value(ambientKey{}).(*ambient) // also when it is over: an AfterCommit may ask
	if !ok {
		panic("store.Now outside a transaction")
	}
	return a.now
}

type nowKey struct{}

// At fixes the moment of the transactions begun under the context: for chores, imports and tests.
func At(ctx context.Context, now time.Time) context.Context {
	return context.WithValue(ctx, nowKey{}, now)
}

// Moment is the now of a transaction that would begin under the context.
func Moment(ctx context.Context) time.Time { return moment(ctx) }

func moment(ctx context.Context) time.Time {
	now, ok := ctx.Value(nowKey{}).(time.Time)
	if !ok {
		now = time.Now()
	}
	return now.UTC().Truncate(time.Microsecond)
}

type countKey struct{}

// Counting counts the statements of the transactions begun under the context: what an act costs must not grow unseen.
func Counting(ctx context.Context) (context.Context, *atomic.Int64) {
	n := new(atomic.Int64)
	return context.WithValue(ctx, countKey{}, n), n
}

func (a *ambient) counted() {
	if a.count != nil {
		a.count.Add(1)
	}
}

// AfterCommit runs fn once the transaction has committed; never when it rolled back.
func AfterCommit(ctx context.Context, fn func()) {
	a, err := ambientOf(ctx)
	if err != nil {
		panic("store.AfterCommit outside a transaction")
	}
	a.after = append(a.after, fn)
}

// Do runs fn in one writing transaction of the viewer's city and commits it, or rolls back on error or panic. A statement
// that failed is fatal to it on both databases. Inside another Do it joins that one. When two transactions waited for each other,
// the one that lost is run again.
func (s *Store) Do(ctx context.Context, fn func(ctx context.Context) error) error {
	return s.run(ctx, true, fn)
}

// View runs fn in one reading transaction: all it sees is of one moment.
func (s *Store) View(ctx context.Context, fn func(ctx context.Context) error) error {
	return s.run(ctx, false, fn)
}

// Glance is one query of tables that are no city's, each row given to one: a snapshot by itself, which spares it the trips of a
// transaction. It has no city, so row-level security shows it no city's rows.
func (s *Store) Glance(ctx context.Context, query string, args []any, one func(scan func(into ...any) error) error) error {
	if !strings.HasPrefix(query, "SELECT ") {
		return errors.New("a glance only reads")
	}
	var rows interface {
		Next() bool
		Scan(into ...any) error
		Err() error
	}
	if s.pool != nil {
		found, err := s.pool.Query(ctx, query, quick(args)...)
		if err != nil {
			return err
		}
		defer found.Close()
		rows = found
	} else {
		found, err := s.read.QueryContext(ctx, query, args...)
		if err != nil {
			return err
		}
		defer func() { _ = found.Close() }()
		rows = found
	}
	for rows.Next() {
		if err := one(rows.Scan); err != nil {
			return err
		}
	}
	return rows.Err()
}

func (s *Store) run(ctx context.Context, write bool, fn func(ctx context.Context) error) error {
	tenant := ""
	if v := tenants.From(ctx); v != nil {
		tenant = v.Tenant
	}
	a, err := ambientOf(ctx)
	switch {
	case err == nil && write && !a.write:
		return errors.New("a writing transaction inside a reading one")
	case err == nil && tenant != a.tenant:
		return fmt.Errorf("a transaction inside another city's: %w", errCrossTenant)
	case err == nil:
		return fn(ctx)
	case errors.Is(err, errOver):
		return err
	}
	for try := 0; ; try++ {
		a = &ambient{write: write, tenant: tenant, now: moment(ctx)}
		a.count, _ = ctx.Value(countKey{}).(*atomic.Int64)
		if s.dialect == dialect.SQLite {
			err = s.inSQLite(ctx, a, fn)
		} else {
			err = s.inPostgres(ctx, a, fn)
		}
		if !clashed(err) || try == 3 || ctx.Err() != nil {
			break
		}
	}
	if err != nil {
		return err
	}
	for _, f := range a.after {
		f()
	}
	return nil
}

// clashed says that PostgreSQL ended the transaction because two waited for each other. Nothing of it happened, so it may be
// done again from the start; fn must bear that.
func clashed(err error) bool {
	var pg *pgconn.PgError
	return errors.As(err, &pg) && (pg.Code == "40P01" || pg.Code == "40001")
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
	defer func() {
		a.over = true
		_ = tx.Rollback()
	}()
	a.exec, a.sql = tx, tx
	if err := fn(context.WithValue(ctx, ambientKey{}, a)); err != nil {
		return err
	}
	if err := a.settle(); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	return nil
}

func (s *Store) inPostgres(ctx context.Context, a *ambient, fn func(ctx context.Context) error) error {
	if !a.write {
		a.begin = pgx.TxOptions{IsoLevel: pgx.RepeatableRead, AccessMode: pgx.ReadOnly}
	}
	conn, err := s.write.Conn(ctx)
	if err != nil {
		return fmt.Errorf("connection: %w", err)
	}
	defer func() { _ = conn.Close() }()
	if err := conn.Raw(func(dc any) error { a.conn = dc.(*stdlib.Conn).Conn(); return nil }); err != nil {
		return fmt.Errorf("connection: %w", err)
	}
	a.exec = conn
	defer func() { // also when fn panics; the request may be cancelled already, the rollback must not be
		a.over = true
		if a.conn.PgConn().TxStatus() == 'I' {
			return
		}
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
		defer cancel()
		_, _ = a.conn.Exec(ctx, "rollback")
	}()
	if err := fn(context.WithValue(ctx, ambientKey{}, a)); err != nil {
		return err
	}
	if err := a.settle(); err != nil {
		return err
	}
	return a.commit(ctx)
}
