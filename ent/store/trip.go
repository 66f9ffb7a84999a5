package store

import (
	"context"
	stdsql "database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/sqlgraph"
	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
)

// The way to PostgreSQL is long, so statements travel together: a transaction begins with its first statement, writes whose
// result nobody waits for go with the next one, and the last go with the commit.

// waiting is a statement that waits for the next trip.
type waiting struct {
	query  string
	args   []any
	failed func(error) error
}

// Soon carries out a write whose result nobody waits for, such as ent's Create().Exec. PostgreSQL gets it with the next
// statement of the transaction or with its commit; a failure comes out there, as failed puts it, and is as fatal as any other.
// SQLite gets the write at once.
func (s *Store) Soon(ctx context.Context, write func(ctx context.Context) error, failed func(error) error) error {
	a, err := ambientOf(ctx)
	if err != nil {
		return err
	}
	a.soon = failed
	defer func() { a.soon = nil }()
	if err := write(ctx); err != nil {
		return failed(err)
	}
	return nil
}

// IsConstraint says whether a write failed because such a row is there already, or because what it refers to is not.
func IsConstraint(err error) bool { return sqlgraph.IsConstraintError(err) }

// trip is one round trip: the begin if this is the first, what waits, and then the queries, whose results the caller reads and
// closes.
func (a *ambient) trip(ctx context.Context, queries ...waiting) (pgx.BatchResults, error) {
	before := a.waiting
	a.waiting = nil
	batch, first := &pgx.Batch{}, a.pgx == nil
	if first {
		batch.BeginTx(a.begin)
		// Local, so that nothing is left on the connection for the next city.
		batch.Queue("select set_config('app.tenant', $1, true)", a.tenant)
		before = append([]waiting{{failed: began}, {failed: began}}, before...)
	}
	for _, w := range append(before, queries...) {
		if w.query != "" {
			batch.Queue(w.query, quick(w.args)...)
		}
	}
	results := a.conn.SendBatch(ctx, batch)
	for _, w := range before {
		if _, err := results.Exec(); err != nil {
			_ = results.Close()
			return nil, a.note(w.failed(err))
		}
	}
	if first {
		a.pgx = results.Tx()
	}
	return results, nil
}

func began(err error) error { return fmt.Errorf("begin: %w", err) }

// quick spares ids the way through text that pgx takes with every driver.Valuer.
func quick(args []any) []any {
	for i, v := range args {
		if id, ok := v.(uuid.UUID); ok {
			args[i] = [16]byte(id)
		}
	}
	return args
}

// send makes sure that the transaction has begun and nothing waits, for who uses the connection in another way.
func (a *ambient) send(ctx context.Context) error {
	if a.conn == nil || a.pgx != nil && len(a.waiting) == 0 {
		return nil
	}
	results, err := a.trip(ctx)
	if err != nil {
		return err
	}
	return a.note(results.Close())
}

// commit ends the transaction. PostgreSQL skips it when one of the statements that go with it fails.
func (a *ambient) commit(ctx context.Context) error {
	if a.pgx == nil && len(a.waiting) == 0 {
		return nil // it has not even begun
	}
	results, err := a.trip(ctx, waiting{query: "commit"})
	if err != nil {
		return err
	}
	tag, err := results.Exec()
	if err = errors.Join(err, results.Close()); err != nil {
		return fmt.Errorf("commit: %w", err)
	}
	if tag.String() == "ROLLBACK" {
		return fmt.Errorf("commit: %w", pgx.ErrTxCommitRollback)
	}
	return nil
}

// execute is ent's Exec; v takes the result, when it is wanted.
func (a *ambient) execute(ctx context.Context, query string, args []any, v any) error {
	if v == nil && a.soon != nil {
		a.waiting = append(a.waiting, waiting{query, args, a.soon})
		return nil
	}
	results, err := a.trip(ctx, waiting{query: query, args: args})
	if err != nil {
		return err
	}
	tag, err := results.Exec()
	_ = results.Close()
	if res, ok := v.(*stdsql.Result); ok {
		*res = driver.RowsAffected(tag.RowsAffected())
	}
	return a.note(err)
}

// ask is ent's Query.
func (a *ambient) ask(ctx context.Context, query string, args []any, v *sql.Rows) error {
	results, err := a.trip(ctx, waiting{query: query, args: args})
	if err != nil {
		return err
	}
	found, err := results.Query()
	if err != nil {
		_ = results.Close()
		return a.note(err)
	}
	v.ColumnScanner = &rows{found, results, a}
	return nil
}

// rows are pgx's as ent reads them.
type rows struct {
	pgx.Rows
	results pgx.BatchResults
	a       *ambient
}

func (r *rows) Close() error {
	r.Rows.Close()
	return r.a.note(r.results.Close())
}

func (r *rows) Err() error { return r.a.note(r.Rows.Err()) }

func (r *rows) Columns() ([]string, error) {
	fields := r.FieldDescriptions()
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.Name
	}
	return names, nil
}

func (r *rows) NextResultSet() bool { return false }

func (r *rows) ColumnTypes() ([]*stdsql.ColumnType, error) {
	return nil, errors.New("store: the types of columns are not known")
}
