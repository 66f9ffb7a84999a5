package consolidation

import (
	"context"
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/listletter"
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

// shown (步骤公示) is a step as those above the city see it: what and when, and what proves it, not who.
type shown struct {
	Code        string     `json:"code"`
	Title       string     `json:"title"`
	Due         string     `json:"due"`
	After       []string   `json:"after,omitempty"`
	Risk        string     `json:"risk,omitempty"`
	Confirm     bool       `json:"confirm,omitempty"`
	Evidence    string     `json:"evidence,omitempty"`
	Papers      []paper    `json:"papers,omitempty"`
	DoneAt      *time.Time `json:"doneAt,omitempty"`
	ConfirmedAt *time.Time `json:"confirmedAt,omitempty"`
}

func planShown(steps []*step) string {
	out := make([]shown, 0, len(steps))
	for _, st := range steps {
		out = append(out, shown{Code: st.Code, Title: st.Title, Due: st.Due, After: st.After, Risk: st.Risk, Confirm: st.Confirm,
			Evidence: st.Evidence, Papers: st.Papers, DoneAt: st.DoneAt, ConfirmedAt: st.ConfirmedAt})
	}
	return text(out)
}

func shownOf(plan string) (out []shown, err error) {
	if err := json.Unmarshal([]byte(plan), &out); err != nil {
		return nil, fmt.Errorf("plan: %w", err)
	}
	return out, nil
}

// soundPlan holds what another deployment reports to the bounds of what is entered here.
func soundPlan(plan []shown) bool {
	return len(plan) <= 2*len(planTemplate) && !slices.ContainsFunc(plan, func(s shown) bool {
		return len(s.Title) > 200 || len(s.Evidence) > 2000 || len(s.Risk) > 2000 || len(s.Papers) > 20 || len(s.After) > len(planTemplate)
	})
}

// GetProgress (归并进度详情) opens one cell of the matrix: the same reach, the same projection.
func (s *Service) GetProgress(ctx context.Context, req *pb.GetProgressRequest) (*pb.Progress, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	v, err := s.overview(ctx)
	if err != nil {
		return nil, err
	}
	c := v.city(req.GetCity())
	if c == nil {
		return nil, notFound()
	}
	all := v.of(c.Code)
	i := slices.IndexFunc(all, func(a cell) bool { return a.number == req.GetNumber() })
	if i < 0 {
		return nil, notFound()
	}
	one := &all[i]
	at, _, late := v.judge(one)
	out := &pb.Progress{City: c.Code, CityTitle: c.Title, Number: one.number, Title: one.title, Authority: one.authority, Baseline: pb.Mode_WHOLE_MERGE,
		Mode: modeOf(one.mode), Target: modeOf(one.target), Standing: at, StandingTitle: standingTitles[at], Overdue: late}
	if a, listed := v.aims[one.number]; listed {
		out.Baseline = modeOf(a.mode)
	}
	return out, s.fillProgress(ctx, v.now, out)
}

func (s *Service) fillProgress(ctx context.Context, now time.Time, out *pb.Progress) error {
	return s.db.View(ctx, func(ctx context.Context) error {
		p, err := s.ent().ListProgress.Query().Where(listprogress.City(out.GetCity()), listprogress.Number(out.GetNumber())).Only(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("progress: %w", err)
		}
		if p != nil {
			plan, err := shownOf(p.Plan)
			if err != nil {
				return err
			}
			out.UpdateTime = timestamppb.New(p.UpdatedAt)
			for _, st := range plan {
				out.Steps = append(out.Steps, st.render(now))
			}
		}
		letters, err := s.ent().ListLetter.Query().Where(listletter.Kind(urge), listletter.Place(placeOf(ctx)), listletter.City(out.GetCity()),
			listletter.NumberIn("", out.GetNumber())).Order(ent.Desc(listletter.FieldID)).Limit(50).All(ctx)
		if err != nil {
			return fmt.Errorf("urges: %w", err)
		}
		for _, l := range letters {
			out.Urges = append(out.Urges, renderUrge(l))
		}
		return nil
	})
}

func (s shown) render(now time.Time) *pb.Step {
	st := step{Code: s.Code, Title: s.Title, Due: s.Due, After: s.After, Risk: s.Risk, Confirm: s.Confirm, Evidence: s.Evidence, Papers: s.Papers,
		DoneAt: s.DoneAt, ConfirmedAt: s.ConfirmedAt}
	return st.render("", now)
}
