package store

import (
	"context"
	"fmt"
	"math"

	"entgo.io/ent/dialect"
)

// Settled (已定) is for rows that say in which transaction they were written (ent/schema Change, place): of those below the number
// that it answers none will come or go any more, so who reads up to it and goes on from there misses none and meets none twice.
//
// Neither ids nor times tell that: of two writers at once, the one that began first may commit last. PostgreSQL numbers its writing
// transactions, and a snapshot knows the lowest number that is still at work; a writer that takes long holds back what came after
// it, and only that. SQLite has one writer, so all that is visible is settled.
func (s *Store) Settled(ctx context.Context) (below int64, err error) {
	if s.dialect == dialect.SQLite {
		return math.MaxInt64, nil
	}
	rows, err := router{s.dialect}.QueryContext(ctx, "select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
	if err != nil {
		return 0, fmt.Errorf("settled: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := rows.Scan(&below); err != nil {
			return 0, fmt.Errorf("settled: %w", err)
		}
	}
	return below, rows.Err()
}
