package consolidation

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"hotline/ent"
	"hotline/ent/acknowledgement"
	"hotline/ent/city"
	"hotline/ent/farplace"
	"hotline/ent/listprogress"
	"hotline/ent/listtrust"
	"hotline/ent/store"
	"hotline/tenants"
)

// What a city tells those above it who are served by other deployments (归并进度上报): the centre and its province all of it, a ministry the
// column of that ministry and nothing else. No citizen is in it.

// Report (归并进度上报) is what one of them gets.
type Report struct {
	City   string         `json:"city"`
	Title  string         `json:"title"`
	Region string         `json:"region,omitempty"`
	Taken  *Acknowledged  `json:"taken,omitempty"` // the newest version that it has
	Keys   []int          `json:"keys,omitempty"`  // of the office that it confirmed
	Rows   []ReportedCell `json:"rows,omitempty"`
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

// ErrLater: what came rests on something that has not come yet; it is to be brought again.
var ErrLater = errors.New("what it rests on has not come yet")

// Province (省级) is the place of work of a city's province.
func Province(city string) string { return "1000" + city[:2] }

func isCity(code string) bool     { return len(code) == 6 && code >= "110000" }
func isMinistry(code string) bool { return len(code) == 6 && strings.HasPrefix(code, "1001") }
func isProvince(code string) bool {
	return len(code) == 6 && strings.HasPrefix(code, "1000") && code[4:] >= "11"
}

// The marks of what a city has to report, each a few small numbers that change whenever it does.
var reportMarks = []string{
	"SELECT city, COUNT(*), CAST(SUM(revision) AS bigint) FROM list_progresses GROUP BY city",
	"SELECT city, MAX(version), COUNT(acknowledged_at) FROM acknowledgements GROUP BY city",
	"SELECT place, COUNT(*), MAX(slot) FROM list_trusts GROUP BY place",
}

// ReportMarks gives the cities of this deployment, each with a mark that changes when it has something new to report.
func (s *Service) ReportMarks(ctx context.Context) (map[string]string, error) {
	ctx = nowhere(ctx)
	a, err := s.archive(ctx)
	if err != nil {
		return nil, err
	}
	cities, err := s.directory.Cities(ctx)
	if err != nil {
		return nil, err
	}
	marks := map[string]string{}
	for _, c := range cities {
		list := 0
		if d := a.view(c.Code).at(store.Moment(ctx)); d != nil {
			list = d.Version
		}
		marks[c.Code] = fmt.Sprintf("%d %s", list, c.Title)
	}
	for _, query := range reportMarks {
		err := s.db.Glance(ctx, query, nil, func(scan func(...any) error) error {
			var code string
			var a, b int64
			err := scan(&code, &a, &b)
			if _, here := marks[code]; here {
				marks[code] += fmt.Sprintf(" %d/%d", a, b)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("marks of reports: %w", err)
		}
	}
	return marks, nil
}

// Reports gives what a city of this deployment has to say to each place above it, by the places' codes. Ministries are the names that the
// list has for them, by the codes of their places.
func (s *Service) Reports(ctx context.Context, code string, ministries map[string]string) (map[string][]byte, error) {
	ctx = nowhere(ctx)
	whole, err := s.report(ctx, code)
	if err != nil {
		return nil, err
	}
	out := map[string][]byte{Office: []byte(text(whole)), Province(code): []byte(text(whole))}
	a, err := s.archive(ctx)
	if err != nil {
		return nil, err
	}
	list := a.view(code).at(store.Moment(ctx))
	if list == nil {
		return out, nil // before the first list there are no columns
	}
	for place, title := range ministries {
		if listed := column(list, title); len(listed) > 0 && isMinistry(place) {
			part := *whole
			part.Rows = slices.DeleteFunc(slices.Clone(whole.Rows), func(c ReportedCell) bool { return !slices.Contains(listed, c.Number) })
			out[place] = []byte(text(part))
		}
	}
	return out, nil
}

// elsewhere stands for evidence that did not fit.
const elsewhere = "依据较多，未随进度上报，请向该市调阅。"

// Shorter (缩略上报) leaves the evidence out of the number that carries the most, so that a report fits a post; the steps stay. It is false
// when there is nothing left to leave out.
func Shorter(body []byte) ([]byte, bool) {
	var r Report
	if json.Unmarshal(body, &r) != nil {
		return nil, false
	}
	var longest []shown
	most := 0
	for _, c := range r.Rows {
		bytes := 0
		for _, s := range c.Plan {
			if s.Evidence != elsewhere && (s.Evidence != "" || s.Papers != nil) {
				bytes += len(s.Evidence) + len(text(s.Papers))
			}
		}
		if bytes > most {
			longest, most = c.Plan, bytes
		}
	}
	for i := range longest {
		if s := &longest[i]; s.Evidence != "" || s.Papers != nil {
			s.Evidence, s.Papers = elsewhere, nil
		}
	}
	return []byte(text(&r)), most > 0
}

// column (条线) are the numbers that the list has under an authority.
func column(list *Document, authority string) (numbers []string) {
	for _, e := range list.Entries {
		if e.Authority == authority {
			numbers = append(numbers, e.Number)
		}
	}
	return numbers
}

func (s *Service) report(ctx context.Context, code string) (r *Report, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		c, err := s.ent().City.Query().Where(city.Code(code)).Only(ctx)
		if err != nil {
			return fmt.Errorf("city %s: %w", code, err)
		}
		r = &Report{City: code, Title: c.Title, Region: c.Region}
		a, err := s.ent().Acknowledgement.Query().Where(acknowledgement.City(code)).Order(ent.Desc(acknowledgement.FieldVersion)).First(ctx)
		if err == nil {
			r.Taken = &Acknowledged{Version: a.Version, Digest: a.Digest, Received: a.ReceivedAt, At: a.AcknowledgedAt}
		} else if !ent.IsNotFound(err) {
			return fmt.Errorf("acknowledgement: %w", err)
		}
		if err := s.ent().ListTrust.Query().Where(listtrust.Place(code)).Order(ent.Asc(listtrust.FieldSlot)).Select(listtrust.FieldSlot).Scan(ctx, &r.Keys); err != nil {
			return fmt.Errorf("confirmed keys: %w", err)
		}
		rows, err := s.ent().ListProgress.Query().Where(listprogress.City(code)).Order(ent.Asc(listprogress.FieldNumber)).All(ctx)
		for _, p := range rows {
			plan, err := shownOf(p.Plan)
			if err != nil {
				return fmt.Errorf("progress of %s: %w", code, err)
			}
			r.Rows = append(r.Rows, ReportedCell{Number: p.Number, Title: p.Title, Origin: p.Origin, Authority: p.Authority, Mode: p.Mode, Target: p.Target,
				PromptUntil: p.PromptUntil, Steps: p.Steps, Done: p.Done, Evidence: p.Evidence, Plan: plan, DueAt: p.DueAt,
				UpdatedAt: p.UpdatedAt})
		}
		return err
	})
	return r, err
}

var numberForm = regexp.MustCompile(`^[0-9-]{3,20}$`)

// TakeReport (收取上报) writes down at a place above the cities what a city of another deployment reports of itself. A city speaks only for
// itself, and one of this deployment is its own witness; a ministry keeps its column, whatever else it is told.
func (s *Service) TakeReport(ctx context.Context, from, to string, body []byte) error {
	ctx = nowhere(ctx)
	r, err := readReport(from, body)
	if err != nil {
		return err
	}
	a, err := s.archive(ctx)
	if err != nil {
		return err
	}
	m := a.whole()
	if t := r.Taken; t != nil {
		switch {
		case t.Version > len(m.versions):
			return fmt.Errorf("%s has version %d of the list: %w", from, t.Version, ErrLater)
		case t.Version < 1 || m.versions[t.Version-1].Digest() != t.Digest:
			return refused("LIST_FORGED", "%s签收的第 %d 版与发布的不一致，请核查该市收到的清单。", from, t.Version)
		}
	}
	cities, err := s.directory.Cities(ctx)
	if err != nil || holds(cities, from) {
		return err
	}
	return s.db.Do(ctx, func(ctx context.Context) error {
		listed, err := s.columnOf(ctx, a.view(to), to, from)
		if err != nil {
			return err
		}
		err = s.ent().FarPlace.Create().SetCode(from).SetTitle(r.Title).SetRegion(r.Region).SetCreatedAt(store.Now(ctx)).OnConflictColumns(farplace.FieldCode).
			Update(func(u *ent.FarPlaceUpsert) { u.UpdateTitle().UpdateRegion() }).Exec(ctx)
		if err != nil {
			return fmt.Errorf("far city: %w", err)
		}
		if err := s.takeAcknowledged(ctx, from, r, len(a.eras)); err != nil {
			return err
		}
		return s.takeRows(ctx, from, r.Rows, listed)
	})
}

func readReport(from string, body []byte) (*Report, error) {
	r := &Report{}
	if err := json.Unmarshal(body, r); err != nil || r.City != from || !isCity(from) {
		return nil, refused("REPORT_UNREADABLE", "%s上报的归并进度无法读取。", from)
	}
	if n := utf8.RuneCountInString(r.Title); n == 0 || n > 40 || strings.ContainsFunc(r.Title+r.Region, unicode.IsControl) || len(r.Region) > 120 {
		r.Title, r.Region = provinces[from[:2]]+from, ""
	}
	if len(r.Rows) > 500 {
		return nil, refused("REPORT_UNREADABLE", "%s上报的号码过多。", from)
	}
	for _, c := range r.Rows {
		_, knownMode := modeTitles[c.Mode]
		_, knownTarget := modeTitles[c.Target]
		if !numberForm.MatchString(c.Number) || enterable(c.Number) != nil || len(c.Title) > 200 || len(c.Authority) > 200 || strings.ContainsFunc(c.Title+c.Authority, unprintable) || !knownMode || !knownTarget ||
			c.Origin != national && c.Origin != local && c.Origin != granted || c.Steps < 0 || c.Steps > 100 || c.Done < 0 || c.Done > c.Steps || c.Evidence < 0 || c.Evidence > c.Steps ||
			!soundPlan(c.Plan) {
			return nil, refused("REPORT_UNREADABLE", "%s上报的归并进度有误：%s。", from, c.Number)
		}
	}
	return r, nil
}

// columnOf are the numbers that a place may be told of by a city: nil stands for all. Only the centre, the city's own province and the
// ministries are told anything.
func (s *Service) columnOf(ctx context.Context, m *memory, to, from string) ([]string, error) {
	if to == Office || to == Province(from) {
		return nil, nil
	}
	list := m.at(store.Now(ctx))
	if !isMinistry(to) || list == nil {
		return nil, refused("REPORT_UNREADABLE", "%s的上报不是给%s的。", from, to)
	}
	place, err := s.ent().City.Query().Where(city.Code(to)).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("place %s: %w", to, err)
	}
	return append([]string{}, column(list, place.Title)...), nil
}

func (s *Service) takeAcknowledged(ctx context.Context, from string, r *Report, keys int) error {
	if t := r.Taken; t != nil {
		err := s.ent().Acknowledgement.Create().SetCity(from).SetVersion(t.Version).SetDigest(t.Digest).SetReceivedAt(t.Received).
			SetNillableAcknowledgedAt(t.At).OnConflictColumns(acknowledgement.FieldCity, acknowledgement.FieldVersion).
			Update(func(u *ent.AcknowledgementUpsert) { u.UpdateAcknowledgedAt() }).Exec(ctx)
		if err != nil {
			return fmt.Errorf("acknowledgement of %s: %w", from, err)
		}
	}
	for _, slot := range r.Keys {
		if slot < 2 || slot > keys {
			continue // there is no such key to confirm
		}
		err := s.ent().ListTrust.Create().SetSlot(slot).SetPlace(from).SetBy("").SetCreatedAt(store.Now(ctx)).
			OnConflictColumns(listtrust.FieldSlot, listtrust.FieldPlace).Ignore().Exec(ctx)
		if err != nil {
			return fmt.Errorf("confirmed keys of %s: %w", from, err)
		}
	}
	return nil
}

// takeRows writes the rows, and takes away what the city does not report any more of what this place is told of.
func (s *Service) takeRows(ctx context.Context, from string, rows []ReportedCell, listed []string) error {
	gone := s.ent().ListProgress.Delete().Where(listprogress.City(from))
	if listed != nil {
		gone.Where(listprogress.NumberIn(listed...))
	}
	for _, c := range rows {
		if listed != nil && !slices.Contains(listed, c.Number) {
			continue
		}
		gone.Where(listprogress.NumberNEQ(c.Number))
		if now := store.Now(ctx); c.UpdatedAt.After(now) {
			c.UpdatedAt = now
		}
		err := s.putProgress(ctx, &ent.ListProgress{City: from, Number: c.Number, Title: c.Title, Origin: c.Origin, Authority: c.Authority, Mode: c.Mode,
			Target: c.Target, PromptUntil: c.PromptUntil, Steps: c.Steps, Done: c.Done, Evidence: c.Evidence, Plan: text(c.Plan),
			DueAt: c.DueAt, UpdatedAt: c.UpdatedAt})
		if err != nil {
			return fmt.Errorf("progress of %s: %w", from, err)
		}
	}
	if _, err := gone.Exec(ctx); err != nil {
		return fmt.Errorf("progress of %s: %w", from, err)
	}
	return nil
}

// putProgress writes a cell.
func (s *Service) putProgress(ctx context.Context, p *ent.ListProgress) error {
	return s.ent().ListProgress.Create().SetCity(p.City).SetNumber(p.Number).SetTitle(p.Title).SetOrigin(p.Origin).SetAuthority(p.Authority).
		SetMode(p.Mode).SetTarget(p.Target).SetNillablePromptUntil(p.PromptUntil).SetSteps(p.Steps).SetDone(p.Done).SetEvidence(p.Evidence).SetPlan(p.Plan).
		SetNillableDueAt(p.DueAt).SetUpdatedAt(p.UpdatedAt).
		OnConflictColumns(listprogress.FieldCity, listprogress.FieldNumber).
		Update(func(u *ent.ListProgressUpsert) {
			u.UpdateTitle().UpdateAuthority().UpdateMode().UpdateTarget().UpdatePromptUntil().UpdateSteps().UpdateDone().UpdateEvidence().UpdatePlan().
				UpdateDueAt().UpdateUpdatedAt().AddRevision(1)
		}).Exec(ctx)
}

// Admit (列入统筹单位) says at the centre which member of the nation's group is which ministry, under the name that the list has for it: the
// cities then report that ministry's column to it.
func (s *Service) Admit(ctx context.Context, code, authority string) error {
	if !isMinistry(code) {
		return refused("NO_MINISTRY", "部委的代码为 1001 加两位序号，%s不是。", code)
	}
	_, list, err := s.inForce(tenants.With(ctx, tenants.System(Office)))
	if err != nil {
		return err
	}
	if len(column(list, authority)) == 0 {
		return refused("NO_COLUMN", "清单上没有责任单位“%s”，请与清单上的名称一致。", authority)
	}
	return s.db.Do(nowhere(ctx), func(ctx context.Context) error {
		err := s.ent().FarPlace.Create().SetCode(code).SetTitle(authority).SetCreatedAt(store.Now(ctx)).OnConflictColumns(farplace.FieldCode).
			Update(func(u *ent.FarPlaceUpsert) { u.UpdateTitle() }).Exec(ctx)
		if err != nil {
			return fmt.Errorf("ministry: %w", err)
		}
		return nil
	})
}

// Ministries (统筹单位名录) are the ministries' places by code, as the centre knows them: those that work here, and those it admitted.
func (s *Service) Ministries(ctx context.Context) (map[string]string, error) {
	ctx = nowhere(ctx)
	out := map[string]string{}
	err := s.db.View(ctx, func(ctx context.Context) error {
		far, err := s.ent().FarPlace.Query().Where(farplace.CodeLT("110000")).All(ctx)
		if err != nil {
			return fmt.Errorf("ministries: %w", err)
		}
		for _, p := range far {
			out[p.Code] = p.Title
		}
		here, err := s.directory.All(ctx)
		for _, c := range here {
			if c.ShreddedAt == nil {
				out[c.Code] = c.Title
			}
		}
		return err
	})
	maps.DeleteFunc(out, func(code, _ string) bool { return !isMinistry(code) })
	return out, err
}

// far are the cities of other deployments that reported here.
func (s *Service) far(ctx context.Context, here []*ent.City) (out []*ent.City, err error) {
	rows, err := s.ent().FarPlace.Query().Where(farplace.CodeGTE("110000")).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("far cities: %w", err)
	}
	for _, p := range rows {
		if !holds(here, p.Code) {
			out = append(out, &ent.City{Code: p.Code, Title: p.Title, Region: p.Region})
		}
	}
	return out, nil
}

// nowhere is the context of what belongs to no city: the tables of the list are nobody's.
func nowhere(ctx context.Context) context.Context {
	return tenants.With(ctx, &tenants.Viewer{Login: "system", Name: "平台"})
}
