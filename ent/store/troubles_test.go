package store_test

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"

	"hotline/ent/store"
	"hotline/ent/store/storetest"
)

func TestAJobThatFailsIsInSightOfTheOperator(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		if found, err := s.Troubles(t.Context()); err != nil || len(found) != 0 {
			t.Fatalf("before anything failed: %v, %v", found, err)
		}
		jobs := store.NewJobs()
		failed := make(chan struct{}, 10)
		store.Handle(jobs, func(context.Context, ping) error { failed <- struct{}{}; return errors.New("the pipe is broken") })
		stop, err := s.Work(t.Context(), jobs, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		do(t, s, here, func(ctx context.Context) error { return s.Later(ctx, ping{Tenant: here}, nil) })
		<-failed
		if err := stop(t.Context()); err != nil { // which lets it write down how it went
			t.Fatal(err)
		}
		found, err := s.Troubles(t.Context())
		if err != nil || len(found) != 1 || found[0].GivenUp || !strings.Contains(found[0].Last, "pipe") {
			t.Errorf("%+v, %v", found, err)
		}
	})
}
