package store_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"time"

	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
)

// ping is a job of a city.
type ping struct {
	Tenant string `json:"tenant"`
	Unit   string `json:"unit"`
}

func (ping) Kind() string   { return "ping" }
func (p ping) City() string { return p.Tenant }

// sweep is a job of no city.
type sweep struct{}

func (sweep) Kind() string { return "sweep" }

// works starts the queue with the jobs and stops it with the test.
func works(t *testing.T, s *store.Store, jobs *store.Jobs) {
	t.Helper()
	stop, err := s.Work(context.Background(), jobs, slog.New(slog.DiscardHandler))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := stop(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

func next[T any](t *testing.T, ch <-chan T) (v T) {
	t.Helper()
	select {
	case v = <-ch:
	case <-time.After(30 * time.Second):
		t.Fatal("no job came")
	}
	return v
}

func TestARowAndItsJobCommitOrRollBackTogether(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		write := func(code string, end error) error {
			return s.Do(as(here), func(ctx context.Context) error {
				if err := newUnit(s, code).Exec(ctx); err != nil {
					return err
				}
				if err := s.Later(ctx, ping{Tenant: here, Unit: code}, nil); err != nil {
					return err
				}
				return end
			})
		}
		boom := errors.New("boom")
		if err := write("never", boom); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		if err := write("done", nil); err != nil {
			t.Fatal(err)
		}
		jobs := store.NewJobs()
		ran := make(chan string, 8)
		store.Handle(jobs, func(ctx context.Context, p ping) error {
			return s.Do(ctx, func(ctx context.Context) error {
				n, err := s.Ent.Unit.Query().Count(ctx)
				store.AfterCommit(ctx, func() { ran <- p.Unit })
				if n != 1 || tenants.From(ctx).Tenant != here {
					t.Errorf("the job sees %d rows as %q", n, tenants.From(ctx).Tenant)
				}
				return err
			})
		})
		works(t, s, jobs)
		if got := next(t, ran); got != "done" {
			t.Errorf("ran the job of %q", got)
		}
		// A job written while the queue works is found too, after the one rolled back could have been.
		if err := write("more", boom); !errors.Is(err, boom) {
			t.Fatal(err)
		}
		do(t, s, here, func(ctx context.Context) error { return s.Later(ctx, ping{Tenant: here, Unit: "last"}, nil) })
		if got := next(t, ran); got != "last" {
			t.Errorf("ran the job of %q", got)
		}
	})
}

func TestAJobOfAnotherCityIsRefused(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		wantError(t, s.Do(as(here), func(ctx context.Context) error {
			return s.Later(ctx, ping{Tenant: there}, nil)
		}), "another city")
	})
}

func TestAPeriodicJobRunsAtTheStartAndInNoCity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		jobs := store.NewJobs()
		ran := make(chan string, 8)
		store.Handle(jobs, func(ctx context.Context, _ sweep) error {
			ran <- tenants.From(ctx).Tenant
			return nil
		})
		jobs.Every(time.Hour, sweep{})
		works(t, s, jobs)
		if city := next(t, ran); city != "" {
			t.Errorf("ran in city %q", city)
		}
	})
}

func TestStoppingCancelsAJobThatDoesNotEnd(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		jobs := store.NewJobs()
		started := make(chan bool, 1)
		store.Handle(jobs, func(ctx context.Context, _ ping) error {
			started <- true
			<-ctx.Done()
			return ctx.Err()
		})
		do(t, s, here, func(ctx context.Context) error { return s.Later(ctx, ping{Tenant: here}, nil) })
		stop, err := s.Work(context.Background(), jobs, slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		next(t, started)
		now, cancel := context.WithCancel(context.Background())
		cancel()
		if err := stop(now); err != nil {
			t.Fatal(err)
		}
	})
}
