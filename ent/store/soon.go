package store

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql/sqlgraph"
	"github.com/jackc/pgx/v5"
)

// waiting is a write that waits for the next round trip.
type waiting struct {
	query  string
	args   []any
	failed func(error) error
}

// Soon carries out a write whose result nobody waits for, such as ent's Create().Exec. PostgreSQL gets all that wait in one
// round trip, in their order, with the next statement of the transaction or with its commit; a failure comes out there, as
// failed puts it, and is as fatal as any other. SQLite, to which the way is short, gets the write at once.
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

// wait keeps a statement for the next round trip, when it may wait.
func (a *ambient) wait(query string, args any) bool {
	values, ok := args.([]any)
	if !ok || a.soon == nil || a.pgx == nil {
		return false
	}
	a.waiting = append(a.waiting, waiting{query, values, a.soon})
	return true
}

// send sends what waits. Whatever goes to the database at once sends it first, so that nothing is overtaken.
func (a *ambient) send(ctx context.Context) error {
	if len(a.waiting) == 0 {
		return nil
	}
	all := a.waiting
	a.waiting = nil
	batch := &pgx.Batch{}
	for _, w := range all {
		batch.Queue(w.query, w.args...)
	}
	results := a.pgx.Conn().SendBatch(ctx, batch)
	defer func() { _ = results.Close() }()
	for _, w := range all {
		if _, err := results.Exec(); err != nil {
			return a.note(w.failed(err))
		}
	}
	return nil
}

// commit sends the end of the transaction after what waits. PostgreSQL skips it when one of them fails.
func (a *ambient) commit(ctx context.Context) error {
	a.waiting = append(a.waiting, waiting{"commit", nil, func(err error) error { return fmt.Errorf("commit: %w", err) }})
	return a.send(ctx)
}
