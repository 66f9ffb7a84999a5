package store

import (
	"context"
	"database/sql"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/riverqueue/river"
	"github.com/riverqueue/river/riverdriver"
	"github.com/riverqueue/river/riverdriver/riverpgxv5"
	"github.com/riverqueue/river/riverdriver/riversqlite"
	"github.com/riverqueue/river/rivertype"
)

// Trouble (定时任务故障) is a job that failed and waits for its next try, or was given up.
type Trouble struct {
	Kind    string
	Args    string // ids, never personal data
	Tries   int
	GivenUp bool
	Next    time.Time
	Last    string // why the last try failed
}

// Troubles are the jobs that an operator should look at, at most a hundred, the newest first.
func (s *Store) Troubles(ctx context.Context) ([]Trouble, error) {
	if s.pool == nil {
		return troubles[*sql.Tx](ctx, riversqlite.New(s.read))
	}
	return troubles[pgx.Tx](ctx, riverpgxv5.New(s.pool))
}

func troubles[Tx any](ctx context.Context, driver riverdriver.Driver[Tx]) ([]Trouble, error) {
	c, err := river.NewClient(driver, &river.Config{Logger: quiet})
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	found, err := c.JobList(ctx, river.NewJobListParams().First(100).OrderBy(river.JobListOrderByID, river.SortOrderDesc).
		Where("errors IS NOT NULL").
		States(rivertype.JobStateRetryable, rivertype.JobStateDiscarded, rivertype.JobStateAvailable, rivertype.JobStateScheduled))
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	var out []Trouble
	for _, j := range found.Jobs {
		t := Trouble{Kind: j.Kind, Args: string(j.EncodedArgs), Tries: j.Attempt, GivenUp: j.State == rivertype.JobStateDiscarded, Next: j.ScheduledAt}
		if n := len(j.Errors); n > 0 {
			t.Last = j.Errors[n-1].Error
		}
		out = append(out, t)
	}
	return out, nil
}
