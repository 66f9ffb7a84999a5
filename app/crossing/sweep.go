package crossing

import (
	"context"
	"fmt"
	"time"

	"hotline/ent/outgoing"
)

const (
	// sentKept is how long an act that the ledger took or refused stays in the outbox, for whoever asks what became of it.
	sentKept   = 90 * 24 * time.Hour
	sweepEvery = time.Hour
)

// sweeping keeps the outbox from growing with the years.
func (s *Service) sweeping(ctx context.Context) {
	for ctx.Err() == nil {
		if err := s.Sweep(ctx, s.now()); err != nil && ctx.Err() == nil {
			s.log.Warn("the outbox could not be swept", "error", err)
		}
		rest(ctx, sweepEvery)
	}
}

// Sweep removes from the outboxes of the cities here what left them long ago.
func (s *Service) Sweep(ctx context.Context, now time.Time) error {
	cities, err := s.places(ctx)
	if err != nil {
		return err
	}
	for city := range cities {
		ctx := as(ctx, city)
		err := s.db.Do(ctx, func(ctx context.Context) error {
			_, err := s.db.Ent.Outgoing.Delete().Where(outgoing.SentAtLT(now.Add(-sentKept))).Exec(ctx)
			return err
		})
		if err != nil {
			return fmt.Errorf("outgoing of %s: %w", city, err)
		}
	}
	return nil
}
