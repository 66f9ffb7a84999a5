package consolidation

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"hotline/ent"
	"hotline/ent/listprogress"
)

// What a deployment tells the centre of its cities, and what the centre of another deployment hears (进度上报). It is what the centre of
// one deployment reads of its own cities: no person, no citizen.

// Reported (归并进度上报) is the progress of one city.
type Reported struct {
	City string         `json:"city"`
	Rows []ReportedCell `json:"rows"`
}

// ReportedCell is one number of it.
type ReportedCell struct {
	Number      string     `json:"number"`
	Title       string     `json:"title"`
	Origin      string     `json:"origin"`
	Authority   string     `json:"authority,omitempty"`
	Mode        string     `json:"mode,omitempty"`
	Target      string     `json:"target,omitempty"`
	PromptUntil *time.Time `json:"promptUntil,omitempty"`
	Steps       int        `json:"steps"`
	Done        int        `json:"done"`
	Evidence    int        `json:"evidence"`
	Plan        []shown    `json:"plan,omitempty"`
	DueAt       *time.Time `json:"dueAt,omitempty"`
	UpdatedAt   time.Time  `json:"updatedAt"`
}

// Progress gives the progress of those cities of this deployment that has changed since a moment, and the moment to go on from.
func (s *Service) Progress(ctx context.Context, since time.Time) (out []Reported, newest time.Time, err error) {
	ctx = nowhere(ctx)
	newest = since
	cities, err := s.directory.Cities(ctx)
	if err != nil {
		return nil, newest, err
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		changed, err := s.ent().ListProgress.Query().Where(listprogress.UpdatedAtGT(since)).Select(listprogress.FieldCity, listprogress.FieldUpdatedAt).All(ctx)
		if err != nil {
			return fmt.Errorf("progress: %w", err)
		}
		var codes []string
		for _, r := range changed {
			if r.UpdatedAt.After(newest) {
				newest = r.UpdatedAt
			}
			if holds(cities, r.City) && !slices.Contains(codes, r.City) {
				codes = append(codes, r.City)
			}
		}
		slices.Sort(codes)
		for _, code := range codes {
			rows, err := s.ent().ListProgress.Query().Where(listprogress.City(code)).Order(ent.Asc(listprogress.FieldNumber)).All(ctx)
			if err != nil {
				return fmt.Errorf("progress: %w", err)
			}
			one, err := reported(code, rows)
			if err != nil {
				return err
			}
			out = append(out, one)
		}
		return nil
	})
	return out, newest, err
}

func reported(code string, rows []*ent.ListProgress) (Reported, error) {
	r := Reported{City: code}
	for _, p := range rows {
		plan, err := shownOf(p.Plan)
		if err != nil {
			return r, fmt.Errorf("progress of %s: %w", code, err)
		}
		r.Rows = append(r.Rows, ReportedCell{Number: p.Number, Title: p.Title, Origin: p.Origin, Authority: p.Authority, Mode: p.Mode, Target: p.Target,
			PromptUntil: p.PromptUntil, Steps: p.Steps, Done: p.Done, Evidence: p.Evidence, Plan: plan, DueAt: p.DueAt,
			UpdatedAt: p.UpdatedAt})
	}
	return r, nil
}

var numberForm = regexp.MustCompile(`^[0-9-]{3,20}$`)

// TakeProgress (收取进度) writes down at the centre what a city of another deployment reports of itself. One of this deployment is its
// own witness.
func (s *Service) TakeProgress(ctx context.Context, city string, body []byte) error {
	ctx = nowhere(ctx)
	var r Reported
	if err := json.Unmarshal(body, &r); err != nil || r.City != city {
		return refused("PROGRESS_UNREADABLE", "%s上报的归并进度无法读取。", city)
	}
	cities, err := s.directory.Cities(ctx)
	if err != nil {
		return err
	}
	if holds(cities, city) {
		return nil
	}
	return s.db.Do(ctx, func(ctx context.Context) error {
		numbers := make([]string, 0, len(r.Rows))
		for _, c := range r.Rows {
			if !numberForm.MatchString(c.Number) || len(c.Title) > 200 || c.Steps < 0 || c.Done < 0 || c.Done > c.Steps || !soundPlan(c.Plan) {
				return refused("PROGRESS_UNREADABLE", "%s上报的归并进度有误：%s。", city, c.Number)
			}
			numbers = append(numbers, c.Number)
			err := s.putProgress(ctx, &ent.ListProgress{City: city, Number: c.Number, Title: c.Title, Origin: c.Origin, Authority: c.Authority, Mode: c.Mode,
				Target: c.Target, PromptUntil: c.PromptUntil, Steps: c.Steps, Done: c.Done, Evidence: c.Evidence, Plan: text(c.Plan), DueAt: c.DueAt,
				UpdatedAt: c.UpdatedAt})
			if err != nil {
				return fmt.Errorf("progress of %s: %w", city, err)
			}
		}
		if _, err := s.ent().ListProgress.Delete().Where(listprogress.City(city), listprogress.NumberNotIn(numbers...)).Exec(ctx); err != nil {
			return fmt.Errorf("progress of %s: %w", city, err)
		}
		return nil
	})
}
