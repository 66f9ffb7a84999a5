package report_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	casework "hotline/api/casework/v1"
	pb "hotline/api/report/v1"
	"hotline/app/house/housetest"
	"hotline/app/play"
	"hotline/ent"
	"hotline/tenants"
	"hotline/tenants/calendar"
)

const city = "110000"

// ward is a city with orders of all sorts, made by chance from one seed, and all its rows for whoever counts by hand.
type ward struct {
	*testing.T
	town    *housetest.Town
	r       *rand.Rand
	now     time.Time
	orders  map[string]*ent.WorkOrder // by id
	parts   []*ent.Assignment
	clocks  []*ent.Clock
	calls   []*ent.Callback
	ratings []*ent.Rating
	tree    map[string]*ent.Unit
	people  map[string]*play.Person
}

var some = struct{ states, categories, districts, units, steps, conclusions, excluded []string }{
	states:      []string{"received", "dispatched", "handling", "replied", "concluded", "closed", "closed", "closed", "answered", "withdrawn", "suspended", "offered", "declined"},
	categories:  []string{"00", "01", "0101", "0102", "0201", "0301", "0404"},
	districts:   []string{"东城区", "西城区", "朝阳区", ""},
	units:       []string{"U02", "U03", "D01", "D01U02", "D01U06", "D01S1"},
	steps:       []string{"dispatch", "sign", "contact", "contact", "contact", "reply", "review", "callback", "awaiting", "climb", "adjudication"},
	conclusions: []string{"", "solved", "partly_solved", "explained", "to_legal_procedure", "unreachable", "withdrawn_by_citizen", "unreasonable"},
	excluded:    []string{"", "", "", "", "satisfaction", "response,satisfaction", "solved_rate", "timeliness"},
}

func (w *ward) one(of []string) string  { return of[w.r.IntN(len(of))] }
func (w *ward) chance(percent int) bool { return w.r.IntN(100) < percent }

// within is a moment within the last days, or the next when negative, never near enough to now to pass it while the test runs.
func (w *ward) within(before, after int) time.Time {
	for {
		at := w.now.AddDate(0, 0, -before).Add(time.Duration(w.r.Int64N(int64(before+after) * int64(24*time.Hour)))).Truncate(time.Microsecond)
		if d := at.Sub(w.now); d > time.Hour || d < -time.Hour {
			return at
		}
	}
}

func (w *ward) maybe(percent, before, after int) *time.Time {
	if !w.chance(percent) {
		return nil
	}
	at := w.within(before, after)
	return &at
}

func build(t *testing.T, town *housetest.Town) *ward {
	t.Helper()
	w := &ward{T: t, town: town, r: rand.New(rand.NewPCG(7, 12345)), now: time.Now().UTC(), orders: map[string]*ent.WorkOrder{},
		people: map[string]*play.Person{}}
	ctx := tenants.With(context.Background(), tenants.System(city))
	err := town.Store.Do(ctx, func(ctx context.Context) (err error) {
		if w.tree, err = town.Directory.Tree(ctx); err != nil {
			return err
		}
		for i := range 400 {
			if err := w.order(ctx, i); err != nil {
				return err
			}
		}
		return nil
	})
	w.must(err)
	err = town.Store.View(ctx, func(ctx context.Context) (err error) {
		db := town.Store.Ent
		all, err := db.WorkOrder.Query().All(ctx)
		for _, o := range all {
			w.orders[o.ID.String()] = o
		}
		w.must(err)
		w.parts, err = db.Assignment.Query().All(ctx)
		w.must(err)
		w.clocks, err = db.Clock.Query().All(ctx)
		w.must(err)
		w.calls, err = db.Callback.Query().All(ctx)
		w.must(err)
		w.ratings, err = db.Rating.Query().All(ctx)
		return err
	})
	w.must(err)
	return w
}

func (w *ward) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// order writes one order with whatever may hang on it. Nothing of it need be possible: the recount knows no rule of the flow.
func (w *ward) order(ctx context.Context, i int) error {
	db := w.town.Store.Ent
	lead := w.one(append(some.units, ""))
	path := ""
	if lead != "" {
		path = w.tree[lead].Path
	}
	o, err := db.WorkOrder.Create().SetNumber(fmt.Sprintf("11000020261123%010d", i)).SetState(w.one(some.states)).
		SetDisposition(w.one([]string{"in_scope", "in_scope", "answered_on_spot"})).SetKind("complaint").SetCategory(w.one(some.categories)).
		SetUrgency("normal").SetChannel("phone").SetTitle("路灯不亮").SetDistrict(w.one(some.districts)).SetConfidential(w.chance(20)).
		SetLawEnforcement(w.chance(10)).SetUnreasonable(w.chance(10)).SetConclusion(w.one(some.conclusions)).SetExcluded(w.one(some.excluded)).
		SetLead(lead).SetLeadPath(path).SetReceivedAt(w.within(20, 0)).SetNillableDispatchedAt(w.maybe(70, 20, 0)).
		SetNillableConcludedAt(w.maybe(60, 20, 0)).SetDueAt(w.now).Save(ctx)
	if err != nil {
		return err
	}
	for range w.r.IntN(3) {
		unit := w.one(some.units)
		if w.chance(60) && lead != "" {
			unit = lead
		}
		path := w.tree[unit].Path
		if w.chance(5) { // it stood elsewhere then
			path = "X/" + path
		}
		err := db.Assignment.Create().SetWorkOrderID(o.ID).SetUnit(unit).SetPath(path).SetLead(unit == lead).SetState("handling").
			SetDispatchedAt(w.within(20, 0)).SetNillableContactedAt(w.maybe(60, 20, 0)).SetNillableRepliedAt(w.maybe(40, 20, 0)).Exec(ctx)
		if err != nil {
			return err
		}
		if err := w.clock(ctx, o, unit); err != nil {
			return err
		}
	}
	for range w.r.IntN(3) {
		if err := w.clock(ctx, o, w.one(append(some.units, ""))); err != nil {
			return err
		}
	}
	for n := range w.r.IntN(4) {
		err := db.Callback.Create().SetWorkOrderID(o.ID).SetRound(1).SetAttempt(n + 1).SetReached(w.chance(80)).SetSolved(w.chance(60)).
			SetResultGrade(w.r.IntN(6)).SetChannel("phone").SetAuthor("callback_agent.110000").SetCreatedAt(w.within(20, 0)).Exec(ctx)
		if err != nil {
			return err
		}
	}
	if w.chance(30) {
		return db.Rating.Create().SetWorkOrderID(o.ID).SetToken([]byte(fmt.Sprint("token", i))).SetExpiresAt(w.now).
			SetNillableRatedAt(w.maybe(80, 20, 0)).SetResultGrade(1 + w.r.IntN(5)).Exec(ctx)
	}
	return nil
}

func (w *ward) clock(ctx context.Context, o *ent.WorkOrder, unit string) error {
	start := w.within(20, 0)
	due := w.within(18, 4)
	c := w.town.Store.Ent.Clock.Create().SetWorkOrderID(o.ID).SetStep(w.one(some.steps)).SetUnit(unit).SetSpan("1wd").SetPolicy(1).
		SetStartAt(start).SetDueAt(due).SetWarned(w.r.IntN(3) * 40).SetNillableStopAt(w.maybe(50, 18, 0)).SetNillableOverdueAt(w.maybe(30, 18, 0))
	if w.chance(10) {
		c.SetPausedAt(start)
	}
	return c.Exec(ctx)
}

func (w *ward) as(login string) *play.Person {
	w.Helper()
	if w.people[login] == nil {
		p, err := w.town.Stage.As(context.Background(), login)
		w.must(err)
		w.people[login] = p
	}
	return w.people[login]
}

const base = "/v1/tenants/" + city

// eye is one viewer, and what lies in their reach.
type eye struct {
	login string
	tops  []string // paths; nil for the whole city
}

func (w *ward) unitOf(e eye, unit string) bool {
	u := w.tree[unit]
	return e.tops == nil || u != nil && slices.ContainsFunc(e.tops, func(top string) bool { return strings.HasPrefix(u.Path, top) })
}

func (w *ward) orderOf(e eye, id string) bool {
	return e.tops == nil || slices.ContainsFunc(w.parts, func(p *ent.Assignment) bool {
		return p.WorkOrderID.String() == id && w.unitOf(e, p.Unit) &&
			slices.ContainsFunc(e.tops, func(top string) bool { return strings.HasPrefix(p.Path, top) })
	})
}

// on is the day a moment lies on, in Beijing.
func on(at time.Time) string { return calendar.DateOf(at).String() }

func between(at *time.Time, from, to string) bool {
	return at != nil && on(*at) >= from && on(*at) <= to
}

// behind lists what the filter of a number says, page by page, as the viewer.
func (w *ward) behind(e eye, c *pb.Count) []string {
	w.Helper()
	var numbers []string
	for token := ""; ; {
		var out casework.ListWorkOrdersResponse
		q := url.Values{"filter": {c.GetFilter()}, "page_size": {"100"}, "page_token": {token}}
		w.must(w.as(e.login).Do(context.Background(), "GET", base+"/workOrders?"+q.Encode(), nil, &out))
		for _, o := range out.GetWorkOrders() {
			numbers = append(numbers, o.GetNumber())
		}
		if token = out.GetNextPageToken(); token == "" {
			slices.Sort(numbers)
			return numbers
		}
	}
}

// holds compares a number, and for one in so many the orders behind it, with what was counted by hand.
func (w *ward) holds(e eye, what string, c *pb.Count, want map[string]bool, listed bool) {
	w.Helper()
	if int(c.GetOrders()) != len(want) {
		w.Errorf("%s: %s says %d, by hand it is %d", e.login, what, c.GetOrders(), len(want))
	}
	if !listed || c.GetOrders() == 0 {
		return
	}
	var numbers []string
	for id := range want {
		numbers = append(numbers, w.orders[id].Number)
	}
	slices.Sort(numbers)
	if got := w.behind(e, c); !slices.Equal(got, numbers) {
		w.Errorf("%s: behind %s (%s) are %d orders, want %d", e.login, what, c.GetFilter(), len(got), len(numbers))
	}
}

func TestEveryFigureIsWhatACountByHandSaysAndListsItsOrders(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		w := build(t, town)
		for _, e := range []eye{{"supervisor.110000", nil}, {"lead.d01.110000", []string{w.tree["D01"].Path}}} {
			w.overview(e)
			w.pressure(e)
			w.heat(e, "")
			w.heat(e, "01")
			w.rates(e)
		}
	})
}

// ours leaves out what another city only offered, or took back before it was ours.
func ours(o *ent.WorkOrder) bool {
	return o.State != "offered" && o.State != "declined" && (o.State != "withdrawn" || o.Conclusion != "")
}

func (w *ward) overview(e eye) {
	w.Helper()
	var out pb.Overview
	w.must(w.as(e.login).Do(context.Background(), "GET", base+"/reports/overview", nil, &out))
	now := out.GetCreateTime().AsTime()
	fits := map[string]func(o *ent.WorkOrder) *time.Time{
		"received": func(o *ent.WorkOrder) *time.Time {
			if ours(o) {
				return &o.ReceivedAt
			}
			return nil
		},
		"answered": func(o *ent.WorkOrder) *time.Time {
			if o.Disposition == "answered_on_spot" {
				return &o.ReceivedAt
			}
			return nil
		},
		"dispatched": func(o *ent.WorkOrder) *time.Time { return o.DispatchedAt },
		"concluded":  func(o *ent.WorkOrder) *time.Time { return o.ConcludedAt },
	}
	for _, f := range out.GetFigures() {
		if len(f.GetTrend()) != 14 || f.GetTrend()[13].GetDate() != on(now) || f.GetYesterday().GetDate() != f.GetTrend()[12].GetDate() {
			w.Fatalf("%s: trend of %d days to %s", f.GetKey(), len(f.GetTrend()), f.GetToday().GetDate())
		}
		for i, day := range f.GetTrend() {
			if f.GetKey() == "satisfaction" {
				w.rate(e, "satisfaction of "+day.GetDate(), day.GetRate(), w.satisfied(e, day.GetDate(), day.GetDate()), "satisfaction", i%5 == 0)
				continue
			}
			want, byNow := map[string]bool{}, map[string]bool{}
			count := func(id string, at *time.Time) {
				if between(at, day.GetDate(), day.GetDate()) {
					want[id] = true
					if i == 12 && at.Before(now.AddDate(0, 0, -1)) {
						byNow[id] = true
					}
				}
			}
			for id, o := range w.orders {
				if at := fits[f.GetKey()]; at != nil && w.orderOf(e, id) {
					count(id, at(o))
				}
			}
			for _, c := range w.clocks {
				if f.GetKey() == "overdue" && w.unitOf(e, c.Unit) && w.orderOf(e, c.WorkOrderID.String()) {
					count(c.WorkOrderID.String(), c.OverdueAt)
				}
			}
			w.holds(e, f.GetKey()+" on "+day.GetDate(), day.GetCount(), want, i%5 == 2)
			if i == 12 && int(f.GetYesterdayByNow()) != len(byNow) {
				w.Errorf("%s: %s yesterday by now is %d, by hand %d", e.login, f.GetKey(), f.GetYesterdayByNow(), len(byNow))
			}
		}
	}
}

func (w *ward) pressure(e eye) {
	w.Helper()
	var out pb.Pressure
	w.must(w.as(e.login).Do(context.Background(), "GET", base+"/reports/pressure", nil, &out))
	now := out.GetCreateTime().AsTime()
	by := map[string][2]map[string]bool{"": {{}, {}}}
	for _, c := range w.clocks {
		id := c.WorkOrderID.String()
		if c.StopAt != nil || c.PausedAt != nil || c.Step == "awaiting" || c.Step == "climb" || !w.unitOf(e, c.Unit) || !w.orderOf(e, id) {
			continue
		}
		which := 1
		if c.DueAt.After(now) {
			if which = 0; c.Warned < 80 {
				continue
			}
		}
		for _, key := range []string{"", c.Step + "|" + c.Unit} {
			if by[key][0] == nil {
				by[key] = [2]map[string]bool{{}, {}}
			}
			by[key][which][id] = true
		}
	}
	w.holds(e, "all warned", out.GetWarned(), by[""][0], true)
	w.holds(e, "all overdue", out.GetOverdue(), by[""][1], true)
	if len(out.GetRows()) != len(by)-1 {
		w.Errorf("%s: %d rows at risk, by hand %d", e.login, len(out.GetRows()), len(by)-1)
	}
	for i, r := range out.GetRows() {
		key := r.GetStep() + "|" + r.GetUnit()
		w.holds(e, "warned "+key, r.GetWarned(), by[key][0], i%6 == 0)
		w.holds(e, "overdue "+key, r.GetOverdue(), by[key][1], i%6 == 0)
	}
}

func (w *ward) heat(e eye, parent string) {
	w.Helper()
	from, to := on(w.now.AddDate(0, 0, -9)), on(w.now)
	var out pb.Heat
	w.must(w.as(e.login).Do(context.Background(), "GET", base+"/reports/heat?from="+from+"&to="+to+"&category="+parent, nil, &out))
	cells, secret, shown := map[string]map[string]bool{}, map[string]bool{}, map[string]bool{}
	for id, o := range w.orders {
		if !ours(o) || !between(&o.ReceivedAt, from, to) || !w.orderOf(e, id) {
			continue
		}
		if o.Confidential {
			secret[id] = true
			continue
		}
		if !strings.HasPrefix(o.Category, parent) {
			continue
		}
		key := o.Category[:min(len(o.Category), len(parent)+2)] + "|" + o.District
		if cells[key] == nil {
			cells[key] = map[string]bool{}
		}
		cells[key][id], shown[id] = true, true
	}
	if len(out.GetCells()) != len(cells) {
		w.Errorf("%s: %d cells, by hand %d", e.login, len(out.GetCells()), len(cells))
	}
	w.holds(e, "the whole map", out.GetShown(), shown, true)
	w.holds(e, "the confidential orders", out.GetConfidential(), secret, true)
	for i, c := range out.GetCells() {
		w.holds(e, "cell "+c.GetCategory()+" "+c.GetDistrict(), c.GetOrders(), cells[c.GetCategory()+"|"+c.GetDistrict()], i%3 == 0)
	}
	for i, line := range append(out.GetCategories(), out.GetDistricts()...) {
		sum := map[string]bool{}
		for key, ids := range cells {
			category, district, _ := strings.Cut(key, "|")
			if i < len(out.GetCategories()) && category == line.GetKey() || i >= len(out.GetCategories()) && district == line.GetKey() {
				for id := range ids {
					sum[id] = true
				}
			}
		}
		w.holds(e, "line "+line.GetTitle(), line.GetOrders(), sum, i%4 == 0)
	}
}

// scored is one order that counts for a rate: good or not, for which unit.
type scored struct {
	unit string
	good bool
	at   time.Time
}

// ground is why an order is left out of a rate, "" for one that counts.
func ground(o *ent.WorkOrder, figure string) string {
	if figure == "satisfaction" {
		switch {
		case o.LawEnforcement:
			return "law_enforcement"
		case o.Conclusion == "to_legal_procedure":
			return "legal_procedure"
		case o.Unreasonable:
			return "unreasonable"
		case o.State == "withdrawn" || o.Conclusion == "withdrawn_by_citizen":
			return "withdrawn"
		case o.Conclusion == "unreachable":
			return "unreachable"
		}
	}
	if o.State == "suspended" {
		return "suspended"
	}
	if slices.Contains(strings.Split(o.Excluded, ","), figure) {
		return "appeal"
	}
	return ""
}

func (w *ward) last(into map[string]scored, id string, at *time.Time, from, to string, s scored) {
	if !between(at, from, to) {
		return
	}
	if s.at = *at; into[id].at.Before(s.at) {
		into[id] = s
	}
}

func (w *ward) satisfied(e eye, from, to string) map[string]scored {
	all := map[string]scored{}
	see := func(id string, at *time.Time, grade int) {
		if o := w.orders[id]; grade > 0 && w.unitOf(e, o.Lead) && w.orderOf(e, id) {
			w.last(all, id, at, from, to, scored{unit: o.Lead, good: grade <= 3})
		}
	}
	for _, c := range w.calls {
		if c.Reached {
			see(c.WorkOrderID.String(), &c.CreatedAt, c.ResultGrade)
		}
	}
	for _, r := range w.ratings {
		see(r.WorkOrderID.String(), r.RatedAt, r.ResultGrade)
	}
	return all
}

func (w *ward) solved(e eye, from, to string) map[string]scored {
	all := map[string]scored{}
	for _, c := range w.calls {
		id := c.WorkOrderID.String()
		if o := w.orders[id]; c.Reached && w.unitOf(e, o.Lead) && w.orderOf(e, id) {
			w.last(all, id, &c.CreatedAt, from, to, scored{unit: o.Lead, good: c.Solved})
		}
	}
	return all
}

// responded are the first contacts that fell due, of one unit, or of all together with "*".
func (w *ward) responded(e eye, from, to string, now time.Time, unit string) map[string]scored {
	all := map[string]scored{}
	for _, c := range w.clocks {
		id := c.WorkOrderID.String()
		if c.Step != "contact" || c.PausedAt != nil || !between(&c.DueAt, from, to) || !w.unitOf(e, c.Unit) || !w.orderOf(e, id) || unit != "*" && unit != c.Unit {
			continue
		}
		kept, replied := false, false
		for _, p := range w.parts {
			if p.WorkOrderID == c.WorkOrderID && p.Unit == c.Unit {
				kept = kept || p.ContactedAt != nil && !p.ContactedAt.Before(c.StartAt) && !p.ContactedAt.After(c.DueAt)
				replied = replied || p.RepliedAt != nil && !p.RepliedAt.Before(c.StartAt)
			}
		}
		left := c.StopAt != nil && c.StopAt.Before(c.DueAt) && !replied
		if !kept && (c.DueAt.After(now) || left) {
			continue
		}
		if s, ok := all[id]; !ok || c.DueAt.Before(s.at) {
			all[id] = scored{unit: c.Unit, good: kept, at: c.DueAt}
		}
	}
	return all
}

// rate compares one rate in both ways of counting.
func (w *ward) rate(e eye, what string, r *pb.Rate, all map[string]scored, figure string, listed bool) {
	w.Helper()
	good, due, goodBefore, dueBefore := map[string]bool{}, map[string]bool{}, map[string]bool{}, map[string]bool{}
	out := map[string]map[string]bool{}
	for id, s := range all {
		g := ground(w.orders[id], figure)
		dueBefore[id] = true
		if s.good {
			goodBefore[id] = true
		}
		if g != "" {
			if out[g] == nil {
				out[g] = map[string]bool{}
			}
			out[g][id] = true
			continue
		}
		if due[id] = true; s.good {
			good[id] = true
		}
	}
	w.holds(e, what+", good", r.GetGood(), good, listed)
	w.holds(e, what+", due", r.GetDue(), due, listed)
	w.holds(e, what+", good before", r.GetGoodBefore(), goodBefore, listed)
	w.holds(e, what+", due before", r.GetDueBefore(), dueBefore, listed)
	if len(r.GetExcluded()) != len(out) {
		w.Errorf("%s: %s is left out on %d grounds, by hand %d", e.login, what, len(r.GetExcluded()), len(out))
	}
	for _, x := range r.GetExcluded() {
		w.holds(e, what+", out by "+x.GetGround(), x.GetOrders(), out[x.GetGround()], listed)
	}
}

func (w *ward) rates(e eye) {
	w.Helper()
	from, to := on(w.now.AddDate(0, 0, -12)), on(w.now)
	var out pb.Rates
	w.must(w.as(e.login).Do(context.Background(), "GET", base+"/reports/rates?from="+from+"&to="+to, nil, &out))
	now := out.GetCreateTime().AsTime()
	solved, satisfied := w.solved(e, from, to), w.satisfied(e, from, to)
	w.rate(e, "response", out.GetTotal().GetResponse(), w.responded(e, from, to, now, "*"), "response", true)
	w.rate(e, "solved", out.GetTotal().GetSolved(), solved, "solved_rate", true)
	w.rate(e, "satisfaction", out.GetTotal().GetSatisfaction(), satisfied, "satisfaction", true)
	of := func(all map[string]scored, unit string) map[string]scored {
		own := map[string]scored{}
		for id, s := range all {
			if s.unit == unit {
				own[id] = s
			}
		}
		return own
	}
	if len(out.GetUnits()) < 3 {
		w.Fatalf("%s: rates of %d units", e.login, len(out.GetUnits()))
	}
	for i, u := range out.GetUnits() {
		w.rate(e, "response of "+u.GetUnit(), u.GetResponse(), w.responded(e, from, to, now, u.GetUnit()), "response", i == 0)
		w.rate(e, "solved of "+u.GetUnit(), u.GetSolved(), of(solved, u.GetUnit()), "solved_rate", i == 0)
		w.rate(e, "satisfaction of "+u.GetUnit(), u.GetSatisfaction(), of(satisfied, u.GetUnit()), "satisfaction", i == 0)
		if i > 0 && u.Score != nil && u.GetScore() > out.GetUnits()[i-1].GetScore() {
			w.Errorf("%s stands below a lower score", u.GetUnit())
		}
	}
}
