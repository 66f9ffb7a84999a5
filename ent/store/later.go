package store

import (
	"context"
	"database/sql"
	"fmt"
	"log/slog"
	"time"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"

	"hotline/tenants"
)

// quiet is for the clients and migrators whose errors we return ourselves.
var quiet = slog.New(slog.DiscardHandler)

// CityJob is a job of one city: its arguments carry the city's code. Arguments lie open in the queue's table, so they hold
// ids, never personal data.
type CityJob interface {
	river.JobArgs
	City() string
}

// inserter writes a job into a transaction.
type inserter func(ctx context.Context, a *ambient, args river.JobArgs, opts *river.InsertOpts) error

func (s *Store) openQueue() error {
	conf := &river.Config{Logger: quiet} // no workers: this client only inserts
	if s.dialect == dialect.SQLite {
		c, err := river.NewClient(riversqlite.New(s.write), conf)
		if err != nil {
			return fmt.Errorf("queue: %w", err)
		}
		s.queue = func(ctx context.Context, a *ambient, args river.JobArgs, opts *river.InsertOpts) error {
			_, err := c.InsertTx(ctx, a.sql, args, opts)
			return err
		}
		return nil
	}
	c, err := river.NewClient(riverpgxv5.New(s.pool), conf)
	if err != nil {
		return fmt.Errorf("queue: %w", err)
	}
	s.queue = func(ctx context.Context, a *ambient, args river.JobArgs, opts *river.InsertOpts) error {
		_, err := c.InsertTx(ctx, a.pgx, args, opts)
		return err
	}
	return nil
}

// Later puts a job into the queue as part of the transaction: both are there or neither.
func (s *Store) Later(ctx context.Context, args river.JobArgs, opts *river.InsertOpts) error {
	a, err := ambientOf(ctx)
	if err != nil {
		return err
	}
	if !a.write {
		return fmt.Errorf("job %s in a reading transaction", args.Kind())
	}
	if c, ok := args.(CityJob); ok && c.City() != a.tenant {
		return fmt.Errorf("job %s: %w", args.Kind(), errCrossTenant)
	}
	if err := a.send(ctx); err != nil {
		return err
	}
	if err := a.note(s.queue(ctx, a, args, opts)); err != nil {
		return fmt.Errorf("job %s: %w", args.Kind(), err)
	}
	return nil
}

// Jobs are what a process does when it works off the queue.
type Jobs struct {
	workers  *river.Workers
	periodic []*river.PeriodicJob
}

// NewJobs is the empty list.
func NewJobs() *Jobs { return &Jobs{workers: river.NewWorkers()} }

// Handle says what to do with the jobs of a kind. fn runs as the platform in the job's city (in none when the job is no
// CityJob) and opens its transaction with Do. A job may run twice, so fn must look whether it is still due; on error it is
// tried again later.
func Handle[T river.JobArgs](j *Jobs, fn func(ctx context.Context, args T) error) {
	river.AddWorker(j.workers, river.WorkFunc(func(ctx context.Context, job *river.Job[T]) error {
		city := ""
		if c, ok := any(job.Args).(CityJob); ok {
			city = c.City()
		}
		return fn(tenants.With(ctx, tenants.System(city)), job.Args)
	}))
}

// Every puts the job into the queue at the start and then in every period, once for all replicas; not while the one before
// waits or runs.
func (j *Jobs) Every(period time.Duration, args river.JobArgs) {
	opts := &river.InsertOpts{UniqueOpts: river.UniqueOpts{ByArgs: true, ByState: []rivertype.JobState{
		rivertype.JobStateAvailable, rivertype.JobStatePending, rivertype.JobStateRetryable,
		rivertype.JobStateRunning, rivertype.JobStateScheduled}}}
	j.periodic = append(j.periodic, river.NewPeriodicJob(river.PeriodicInterval(period),
		func() (river.JobArgs, *river.InsertOpts) { return args, opts },
		&river.PeriodicJobOpts{RunOnStart: true}))
}

// Work works off the queue until stop is called; stop lets running jobs finish while its context lasts, then cancels them.
func (s *Store) Work(ctx context.Context, jobs *Jobs, log *slog.Logger) (stop func(context.Context) error, err error) {
	conf := &river.Config{
		Logger:       log,
		Workers:      jobs.workers,
		PeriodicJobs: jobs.periodic,
		Queues:       map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 8}},
		// Rebuilding indexes needs their owner, and the runtime role is not.
		ReindexerSchedule: river.NeverSchedule(),
	}
	ctx = context.WithoutCancel(ctx) // a signal must not cut jobs short: stop ends them
	if s.dialect == dialect.SQLite {
		// One connection is shared with everybody who writes: more workers would only queue for it.
		conf.Queues = map[string]river.QueueConfig{river.QueueDefault: {MaxWorkers: 2}}
		return work[*sql.Tx](ctx, riversqlite.New(s.write), conf)
	}
	return work[pgx.Tx](ctx, riverpgxv5.New(s.pool), conf)
}

func work[Tx any](ctx context.Context, driver riverdriver.Driver[Tx], conf *river.Config) (func(context.Context) error, error) {
	c, err := river.NewClient(driver, conf)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	if err := c.Start(ctx); err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	return func(ctx context.Context) error {
		err := c.Stop(ctx)
		if ctx.Err() != nil {
			hard, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
			defer cancel()
			err = c.StopAndCancel(hard)
		}
		if err != nil {
			return fmt.Errorf("stop the queue: %w", err)
		}
		return nil
	}, nil
}
