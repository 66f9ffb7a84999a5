package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/jackc/pgx/v5/stdlib"
	"github.com/pressly/goose/v3"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivermigrate"

	"hotline/ent/migrate"
)

// What Check answers.
var (
	ErrOlder = errors.New("the database is older than this program: run hotline migrate up")
	ErrNewer = errors.New("the database is newer than this program: run a newer hotline")
)

// advisoryLock is any number that nobody else uses: whoever migrates holds it.
const advisoryLock = 0x12345_1

// Migrate brings the database of the address to this program's schema, River's tables included. On PostgreSQL the address
// must be its owner's. It uses connections of its own; migrating again does nothing.
func Migrate(ctx context.Context, url string) error {
	name, path, err := parse(url)
	if err != nil {
		return err
	}
	if name == dialect.SQLite {
		return migrateSQLite(ctx, path, migrations(name))
	}
	return migratePostgres(ctx, url, migrations(name))
}

// Status says how far the database of the address is migrated (0: not at all) and how far this program goes. It signs in
// as the address says and needs no runtime role, so it works before the first Migrate.
func Status(ctx context.Context, url string) (current, latest int64, err error) {
	name, path, err := parse(url)
	if err != nil {
		return 0, 0, err
	}
	var db *sql.DB
	if name == dialect.SQLite {
		if _, err := os.Stat(path); errors.Is(err, fs.ErrNotExist) {
			return 0, latestOf(migrations(name)), nil // asking must not create it
		}
		db, err = sql.Open("sqlite", sqliteURL(path, "&mode=ro"))
	} else {
		db, err = sql.Open("pgx", url)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("open database: %w", err)
	}
	defer func() { _ = db.Close() }()
	current, err = version(ctx, db, name)
	return current, latestOf(migrations(name)), err
}

// Check refuses a database that this program must not work on: ErrOlder or ErrNewer.
func (s *Store) Check(ctx context.Context) error {
	current, err := version(ctx, s.write, s.dialect)
	if err != nil {
		return err
	}
	latest := latestOf(migrations(s.dialect))
	if current > latest {
		return fmt.Errorf("%w (it is at %d, the program at %d)", ErrNewer, current, latest)
	}
	if current == latest {
		missing, err := s.queueMissing(ctx)
		if err != nil || !missing {
			return err
		}
	}
	return fmt.Errorf("%w (it is at %d, the program at %d)", ErrOlder, current, latest)
}

// queueMissing says whether River's tables are older than River.
func (s *Store) queueMissing(ctx context.Context) (bool, error) {
	ok := false
	err := s.queueMigrator(func(m queueMigrator) error {
		res, err := m.Validate(ctx, nil)
		if err == nil {
			ok = res.OK
		}
		return err
	})
	if err != nil {
		return false, fmt.Errorf("version of the queue: %w", err)
	}
	return !ok, nil
}

// queueMigrator is River's migrator, whichever transactions it uses.
type queueMigrator interface {
	Migrate(context.Context, rivermigrate.Direction, *rivermigrate.MigrateOpts) (*rivermigrate.MigrateResult, error)
	Validate(context.Context, *rivermigrate.ValidateOpts) (*rivermigrate.ValidateResult, error)
}

func (s *Store) queueMigrator(fn func(queueMigrator) error) error {
	if s.dialect == dialect.SQLite {
		return withMigrator(riversqlite.New(s.write), fn)
	}
	return withMigrator(riverpgxv5.New(s.pool), fn)
}

func withMigrator[Tx any](driver riverdriver.Driver[Tx], fn func(queueMigrator) error) error {
	m, err := rivermigrate.New(driver, &rivermigrate.Config{Logger: quiet})
	if err != nil {
		return err
	}
	return fn(m)
}

func migrateQueue(ctx context.Context) func(queueMigrator) error {
	return func(m queueMigrator) error {
		if _, err := m.Migrate(ctx, rivermigrate.DirectionUp, nil); err != nil {
			return fmt.Errorf("migrate the queue: %w", err)
		}
		return nil
	}
}

// migrations are the files of a dialect.
func migrations(name string) fs.FS {
	all, folder := fs.FS(migrate.Postgres), "postgres"
	if name == dialect.SQLite {
		all, folder = migrate.SQLite, "sqlite"
	}
	sub, err := fs.Sub(all, folder)
	if err != nil {
		panic(err) // the folder is embedded
	}
	return sub
}

// latestOf is the version of the last file: their names begin with it.
func latestOf(files fs.FS) (latest int64) {
	names, _ := fs.Glob(files, "*.sql")
	for _, n := range names {
		if v, err := goose.NumericComponent(n); err == nil && v > latest {
			latest = v
		}
	}
	return latest
}

// version is the last migration applied; 0 before the first.
func version(ctx context.Context, db *sql.DB, name string) (v int64, err error) {
	exists := "select to_regclass('goose_db_version') is not null"
	if name == dialect.SQLite {
		exists = "select count(*) > 0 from sqlite_master where name = 'goose_db_version'"
	}
	var there bool
	if err := db.QueryRowContext(ctx, exists).Scan(&there); err != nil {
		return 0, fmt.Errorf("version of the database: %w", err)
	}
	if !there {
		return 0, nil
	}
	err = db.QueryRowContext(ctx, "select coalesce(max(version_id), 0) from goose_db_version").Scan(&v)
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Code == "42501" {
		return 0, nil // a first migration that did not reach its end: the runtime role has no rights yet
	}
	if err != nil {
		return 0, fmt.Errorf("version of the database: %w", err)
	}
	return v, nil
}

// up applies what is pending, oldest first, each file in a transaction of its own.
func up(ctx context.Context, name goose.Dialect, db *sql.DB, files fs.FS) error {
	p, err := goose.NewProvider(name, db, files)
	if err != nil {
		return fmt.Errorf("migrations: %w", err)
	}
	if _, err := p.Up(ctx); err != nil {
		return fmt.Errorf("migrate: %w%s", err, hint(err))
	}
	return nil
}

// hint is what the database advises; pgx leaves it out of the message.
func hint(err error) string {
	var pg *pgconn.PgError
	if errors.As(err, &pg) && pg.Hint != "" {
		return "; " + pg.Hint
	}
	return ""
}

// migrateSQLite works with foreign keys off: SQLite changes a column by building the table anew, and dropping the old one
// would take its children along. Turning them off inside goose's transaction would do nothing. What is wrong afterwards
// is found by foreign_key_check.
func migrateSQLite(ctx context.Context, path string, files fs.FS) error {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o600) // SQLite would let everybody read it
	if err != nil {
		return fmt.Errorf("create database: %w", err)
	}
	_ = f.Close()
	dsn := strings.Replace(sqliteURL(path, "&_txlock=immediate"), "foreign_keys(1)", "foreign_keys(0)", 1)
	db, err := sql.Open("sqlite", dsn)
	if err != nil {
		return fmt.Errorf("open %s: %w", path, err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	if err := notNewer(ctx, db, dialect.SQLite, files); err != nil {
		return err
	}
	if err := up(ctx, goose.DialectSQLite3, db, files); err != nil {
		return err
	}
	if err := orphans(ctx, db); err != nil {
		return err
	}
	return withMigrator(riversqlite.New(db), migrateQueue(ctx))
}

// notNewer keeps an old program from touching a newer database.
func notNewer(ctx context.Context, db *sql.DB, name string, files fs.FS) error {
	current, err := version(ctx, db, name)
	if err == nil && current > latestOf(files) {
		return ErrNewer
	}
	return err
}

// orphans finds rows that point to nothing.
func orphans(ctx context.Context, db *sql.DB) error {
	rows, err := db.QueryContext(ctx, "select \"table\", parent, count(*) from pragma_foreign_key_check group by 1, 2")
	if err != nil {
		return fmt.Errorf("check foreign keys: %w", err)
	}
	defer func() { _ = rows.Close() }()
	var found []string
	for rows.Next() {
		var table, parent string
		var n int
		if err := rows.Scan(&table, &parent, &n); err != nil {
			return fmt.Errorf("check foreign keys: %w", err)
		}
		found = append(found, fmt.Sprintf("%d rows of %s point to no row of %s", n, table, parent))
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("check foreign keys: %w", err)
	}
	if found != nil {
		return fmt.Errorf("the migration broke the database, restore it from its backup: %s", strings.Join(found, "; "))
	}
	return nil
}

func migratePostgres(ctx context.Context, url string, files fs.FS) error {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer pool.Close()
	lock, err := pgx.Connect(ctx, url)
	if err != nil {
		return fmt.Errorf("connect to PostgreSQL: %w", err)
	}
	defer func() { _ = lock.Close(context.WithoutCancel(ctx)) }() // the lock goes with its connection
	if _, err := lock.Exec(ctx, "select pg_advisory_lock($1)", advisoryLock); err != nil {
		return fmt.Errorf("wait for another migration: %w", err)
	}
	db := stdlib.OpenDBFromPool(pool)
	defer func() { _ = db.Close() }()
	if err := notNewer(ctx, db, dialect.Postgres, files); err != nil {
		return err
	}
	if err := up(ctx, goose.DialectPostgres, db, files); err != nil {
		return err
	}
	if err := withMigrator(riverpgxv5.New(pool), migrateQueue(ctx)); err != nil {
		return err
	}
	if _, err := pool.Exec(ctx, "select hotline_protect()"); err != nil {
		return fmt.Errorf("row-level security and rights of hotline_app: %w", err)
	}
	return nil
}
