package consolidation

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/listletter"
	"hotline/ent/listprogress"
)

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
