package casework_test

import (
	"context"
	stderrors "errors"
	"flag"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"
	"pgregory.net/rapid"

	pb "hotline/api/casework/v1"
	tenantv1 "hotline/api/tenant/v1"
	"hotline/app/casework"
	"hotline/app/house/housetest"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
	"hotline/tenants/calendar"
	"hotline/tenants/directory"
	"hotline/tenants/policy"
	"hotline/tenants/privacy"
)

// The model of a work order's life: random acts by random people at random moments on a few orders of one small city, and after
// every step the rules that must hold whatever happened (model_rules_test.go). What the people may ask for is in
// model_acts_test.go. HOTLINE_MODEL_CHECKS sets how many lives are tried on SQLite; PostgreSQL gets half of them.

const (
	modelChecks = 6 // on SQLite, by default
	modelSteps  = "250"
)

// elsewhere are the verbs that other tests try: files take too long to make here (attach_test.go), and what happens between cities needs
// the ledger of a region (app/crossing).
var elsewhere = []casework.Verb{casework.Attach, casework.Transfer, casework.Recall, casework.Refer, casework.SignFor, casework.Accept,
	casework.Decline, casework.Relay}

func TestWhateverPeopleDoAnOrderKeepsToTheRulesOfItsLife(t *testing.T) {
	reached := &tally{verbs: map[string]int{}, rows: map[string]int{}, refusals: map[string]int{}}
	checks, seed := modelChecks, 7
	if n := os.Getenv("HOTLINE_MODEL_CHECKS"); n != "" {
		seed = 0 // any
		if _, err := fmt.Sscan(n, &checks); err != nil {
			t.Fatalf("HOTLINE_MODEL_CHECKS: %v", err)
		}
	}
	t.Run("SQLite", func(t *testing.T) {
		town := housetest.Open(t, storetest.SQLiteURL(t), io.Discard)
		lives(t, town, checks, seed, reached)
		for n := 0; n < 8 && len(reached.missing()) > 0; n++ { // what chance left out in so few lives a few more may still bring
			lives(t, town, 2, seed*(n+2), reached)
		}
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		lives(t, housetest.Open(t, storetest.PostgresURL(t), io.Discard), max(1, checks/2), seed*100, reached)
	})
	if !t.Failed() {
		reached.report(t)
		if m := reached.missing(); len(m) > 0 {
			t.Errorf("the generator is blind to %v: they never succeeded", m)
		}
	}
}

// lives tries so many lives in one town, each in a city of its own, so that none meets the traces of another. The same seed gives
// the same lives; 0 gives new ones each time.
func lives(t *testing.T, town *housetest.Town, checks, seed int, reached *tally) {
	set(t, "rapid.seed", fmt.Sprint(seed))
	set(t, "rapid.checks", fmt.Sprint(checks))
	set(t, "rapid.steps", modelSteps)
	set(t, "rapid.nofailfile", "true")
	rapid.Check(t, func(t *rapid.T) {
		m := found(t, town, reached)
		t.Cleanup(func() { t.Log("what happened:\n" + strings.Join(m.steps, "\n")) })
		m.pass(time.Duration(upto(t, "hour", 13)) * time.Hour)
		m.file(t)
		t.Repeat(map[string]func(*rapid.T){"": func(t *rapid.T) { m.holds(t) }, "step": m.step})
		m.intact(t)
	})
}

// given are the flags of the command line, which go before what this test sets.
var given = sync.OnceValue(func() map[string]bool {
	names := map[string]bool{}
	flag.Visit(func(f *flag.Flag) { names[f.Name] = true })
	return names
})

// set tunes rapid for this test.
func set(t *testing.T, name, value string) {
	t.Helper()
	if given()[name] {
		return
	}
	was := flag.Lookup(name).Value.String()
	if err := flag.Set(name, value); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = flag.Set(name, was) })
}

// person is a member of the city's staff.
type person struct {
	login string
	posts []tenants.Post
}

func (p person) roles() []string { return (&tenants.Viewer{Posts: p.posts}).Roles() }

// followed is an order as its citizen holds it: number, code and the links to rate it.
type followed struct {
	number, code string
	links        []string
}

// model is one life of one city.
type model struct {
	town    *housetest.Town
	city    string
	now     time.Time
	people  []person
	orders  []*followed
	files   []*dossier // of the orders, as they are after the last step
	before  []*dossier // … and before it
	steps   []string
	reached *tally
}

// cities numbers those of this process; the codes are of no real place.
var cities atomic.Int64

// found opens a city of its own for one life.
func found(t rapid.TB, town *housetest.Town, reached *tally) *model {
	t.Helper()
	m := &model{town: town, city: fmt.Sprintf("9%05d", cities.Add(1)), people: staff(), reached: reached}
	m.now = time.Date(2026, 3, 2, 8, 7, 0, 0, calendar.Zone)
	ctx := m.as(tenants.System(m.city))
	err := town.Store.Do(ctx, func(ctx context.Context) error {
		err := town.Store.Ent.City.Create().SetCode(m.city).SetTitle("试验市").SetSuite("aes").SetCreatedAt(m.now).Exec(ctx)
		if err != nil {
			return err
		}
		suite, err := privacy.ParseSuite("aes")
		if err != nil {
			return err
		}
		if err := town.Vault.Create(ctx, suite); err != nil {
			return err
		}
		if err := town.Book.Found(ctx, policy.Default(), privacy.DefaultPolicy()); err != nil {
			return err
		}
		return town.Directory.Found(ctx, tree())
	})
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// tree is a small city: two departments, one with offices below it, a district with two streets and an office, and two lines.
func tree() directory.Start {
	unit := func(code, parent, kind, title string) *tenantv1.Unit {
		return &tenantv1.Unit{Code: code, Parent: parent, Kind: kind, Title: title}
	}
	return directory.Start{
		Units: []*tenantv1.Unit{unit("A", "", "department", "甲局"), unit("A1", "A", "department", "甲局一所"),
			unit("A11", "A1", "department", "甲局一所一站"), unit("B", "", "department", "乙局"), unit("D", "", "district", "丁区政府"),
			unit("DS", "D", "street", "丁区云溪街道"), unit("DT", "D", "street", "丁区梧桐街道"), unit("DA", "D", "department", "丁区甲局"),
			unit("E", "", "emergency", "119"), unit("W", "", "utility", "水务集团")},
		Categories: []*tenantv1.Category{{Code: "01", Title: "道路设施", NationalTitle: "道路设施"},
			{Code: "02", Title: "市容环境", NationalTitle: "市容环境"}},
		Catalogue: []*tenantv1.CatalogueEntry{{Category: "02", Lead: "A", Ground: "职责分工", NotToStreet: true}},
	}
}

// above is the next unit up in the tree.
var above = map[string]string{"A1": "A", "A11": "A1", "DS": "D", "DT": "D", "DA": "D"}

var units = []string{"A", "A1", "A11", "B", "D", "DS", "DT", "DA", "E", "W"}

// staff are two of every role of the hotline, three people in every unit, and two who wear many hats: no rule that takes a
// second person may be got round by a second post.
func staff() []person {
	var all []person
	for _, r := range []tenants.Role{tenants.Agent, tenants.Dispatcher, tenants.Reviewer, tenants.Adjudicator, tenants.CallbackAgent,
		tenants.Supervisor} {
		for n := range 2 {
			all = append(all, person{fmt.Sprint(r, n+1), []tenants.Post{{Role: r}}})
		}
	}
	all = append(all, person{"expert", []tenants.Post{{Role: tenants.Expert, Unit: "B"}}})
	for _, u := range units {
		all = append(all, person{"handler1." + u, []tenants.Post{{Role: tenants.Handler, Unit: u}}},
			person{"handler2." + u, []tenants.Post{{Role: tenants.Handler, Unit: u}}},
			person{"lead." + u, []tenants.Post{{Role: tenants.UnitLead, Unit: u}}})
	}
	for _, u := range []string{"A", "D"} {
		all = append(all, person{"hats." + u, []tenants.Post{{Role: tenants.Handler, Unit: u}, {Role: tenants.Dispatcher}, {Role: tenants.Reviewer},
			{Role: tenants.Supervisor}, {Role: tenants.Adjudicator}, {Role: tenants.CallbackAgent}}})
	}
	return all
}

// as is the context of a viewer at the model's moment.
func (m *model) as(v *tenants.Viewer) context.Context {
	return tenants.With(store.At(context.Background(), m.now), v)
}

func (m *model) by(p person) context.Context {
	return m.as(&tenants.Viewer{Account: uuid.NewSHA1(uuid.Nil, []byte(p.login)), Login: p.login, Tenant: m.city, Posts: p.posts})
}

func (m *model) citizen() context.Context { return m.as(tenants.CitizenOf(m.city)) }

// clerk reads everything, for the model itself.
func (m *model) clerk() context.Context {
	return m.by(person{"auditor", []tenants.Post{{Role: tenants.Auditor}}})
}

// step is one thing that happens: mostly somebody acts, sometimes time passes, the platform sweeps or a citizen calls.
func (m *model) step(t *rapid.T) {
	m.pass(time.Duration(1+upto(t, "minutes", 9)) * time.Minute)
	kinds := slices.Concat(slices.Repeat([]func(*rapid.T){m.act}, 40), slices.Repeat([]func(*rapid.T){m.wait}, 5),
		slices.Repeat([]func(*rapid.T){m.sweep}, 4), slices.Repeat([]func(*rapid.T){m.file}, 3), []func(*rapid.T){m.recompute, m.stranger})
	kinds[upto(t, "kind of step", len(kinds))](t)
}

// lastMoment is as far as time goes: what starts then still ends in the year whose days off are known.
var lastMoment = time.Date(2026, 10, 20, 0, 0, 0, 0, calendar.Zone)

func (m *model) pass(d time.Duration) {
	if next := m.now.Add(d); next.Before(lastMoment) {
		m.now = next
	}
}

func (m *model) wait(t *rapid.T) {
	hours := among(t, "hours", []int{1, 2, 4, 10, 26, 26, 50, 75, 100, 170, 500})
	m.pass(time.Duration(hours) * time.Hour)
	m.say("%d hours pass", hours)
	if upto(t, "sweep?", 10) < 8 { // the platform is late now and then
		m.sweep(t)
	}
}

// upto draws a number below n, all alike: rapid's own ranges favour the small ones, and most lives would end early.
func upto(t *rapid.T, what string, n int) int {
	return rapid.Custom(func(t *rapid.T) int {
		bits := 0
		for range 10 {
			bits <<= 1
			if rapid.Bool().Draw(t, "bit") {
				bits++
			}
		}
		return bits * n >> 10
	}).Draw(t, what)
}

func among[T any](t *rapid.T, what string, all []T) T { return all[upto(t, what, len(all))] }

// say writes one line of what happened.
func (m *model) say(format string, args ...any) {
	m.steps = append(m.steps, m.now.In(calendar.Zone).Format("01-02 15:04 Mon  ")+fmt.Sprintf(format, args...))
}

// went notes how a request ended. Anything that is neither done nor refused with a reason is a fault.
func (m *model) went(t rapid.TB, what string, err error) bool {
	if err == nil {
		m.say("%s", what)
		return true
	}
	e := new(errors.Error)
	switch {
	case stderrors.Is(err, casework.ErrProof):
		m.reached.refusals["PROOF"]++
		m.say("%s: no proof", what)
	case stderrors.As(err, &e) && e.Code >= 400 && e.Code < 500 && e.Reason != "" && e.Reason != "CONFLICT":
		m.reached.refusals[e.Reason]++
		m.say("%s: refused, %s", what, e.Reason)
	default:
		m.say("%s: FAILED, %v", what, err)
		t.Fatalf("%s: %v", what, err)
	}
	return false
}

// file takes in another order, mostly of the same caller at the same place; a few are enough to merge and to confuse.
func (m *model) file(t *rapid.T) {
	open := slices.DeleteFunc(slices.Clone(m.files), func(d *dossier) bool { return casework.State(d.order.State).Ended() })
	if len(open) >= 3 || len(m.orders) >= 7 {
		return // a step that is skipped too often would end the life
	}
	in := intake(t, m.city)
	who, _ := m.pick(t, "agent", func(p person) bool { return p.posts[0].Role == tenants.Agent })
	out, err := m.town.Casework.Intake(m.by(who), in)
	if m.went(t, fmt.Sprintf("%s takes in order %d as %s, %s", who.login, len(m.orders)+1, in.GetDisposition(), in.GetFacts().GetUrgency()), err) {
		m.orders = append(m.orders, &followed{number: out.GetWorkOrder().GetNumber(), code: out.GetCode()})
	}
}

// pick finds somebody; false when nobody fits.
func (m *model) pick(t *rapid.T, what string, fits func(person) bool) (person, bool) {
	var some []person
	for _, p := range m.people {
		if fits(p) {
			some = append(some, p)
		}
	}
	if len(some) == 0 {
		return person{}, false
	}
	return among(t, what, some), true
}

// sweep is the platform's: afterwards nothing that has run out is left.
func (m *model) sweep(t *rapid.T) {
	done, err := m.town.Casework.Sweep(m.as(tenants.System(m.city)))
	m.went(t, fmt.Sprintf("sweep: %+v", done), err)
	m.load(t)
	for _, d := range m.files {
		m.swept(t, d)
	}
}

// recompute must find nothing to move, since no calendar changes here.
func (m *model) recompute(t *rapid.T) {
	moved, err := m.town.Casework.Recompute(m.as(tenants.System(m.city)))
	if m.went(t, "recompute", err) && moved != 0 {
		t.Fatalf("%d clocks were moved though no calendar changed", moved)
	}
}

// stranger is somebody of another city who has the number, and even the code.
func (m *model) stranger(t *rapid.T) {
	f := m.orders[upto(t, "order", len(m.orders))]
	v := &tenants.Viewer{Account: uuid.NewSHA1(uuid.Nil, []byte("stranger")), Login: "dispatcher1", Tenant: city,
		Posts: []tenants.Post{{Role: tenants.Dispatcher}, {Role: tenants.Auditor}, {Role: tenants.Supervisor}}}
	c, ctx := m.town.Casework, m.as(v)
	for _, where := range []string{m.city, city} {
		name := "tenants/" + where + "/workOrders/" + f.number
		if o, err := c.GetWorkOrder(ctx, &pb.GetWorkOrderRequest{Name: name}); !errors.IsNotFound(err) {
			t.Fatalf("a stranger gets %v, %v", o, err)
		}
		if _, err := c.Urge(ctx, &pb.UrgeUnitRequest{Name: name, Words: "请尽快"}); !errors.IsNotFound(err) {
			t.Fatalf("a stranger urges: %v", err)
		}
	}
	_, err := c.Track(m.as(tenants.CitizenOf(city)), &pb.TrackRequest{Name: "tenants/" + city + "/petitions/" + f.number, Code: f.code})
	if !stderrors.Is(err, casework.ErrProof) {
		t.Fatalf("a citizen tracks in another city: %v", err)
	}
	all, err := c.ListWorkOrders(ctx, &pb.ListWorkOrdersRequest{Parent: "tenants/" + city})
	apps, err2 := c.ListApplications(ctx, &pb.ListApplicationsRequest{Parent: "tenants/" + city + "/workOrders/-"})
	if len(all.GetWorkOrders())+len(apps.GetApplications()) > 0 || err != nil || err2 != nil {
		t.Fatalf("a stranger lists %v, %v, %v, %v", all, apps, err, err2)
	}
	m.say("a stranger finds nothing")
}

// intact: at the end both chains of every order are what was written.
func (m *model) intact(t rapid.TB) {
	orders, _, broken, err := m.town.Casework.Verify(m.as(tenants.System(m.city)))
	if err != nil || len(broken) > 0 || orders != len(m.orders) {
		t.Fatalf("%d orders of %d verified, broken %d %v, %v", orders, len(m.orders), len(broken), broken, err)
	}
}

// tally counts what the lives reached, so that the generator can't go blind.
type tally struct {
	verbs    map[string]int // acts that succeeded
	rows     map[string]int // rows of the flow that were gone
	refusals map[string]int // by reason
}

// missing are the verbs that never succeeded, of those that somebody can do.
func (r *tally) missing() (all []casework.Verb) {
	for _, s := range casework.Flow {
		if r.verbs[string(s.Verb)] == 0 && !slices.Contains(elsewhere, s.Verb) && !slices.Contains(all, s.Verb) {
			all = append(all, s.Verb)
		}
	}
	return all
}

func (r *tally) report(t *testing.T) {
	t.Logf("verbs that succeeded: %s", counts(r.verbs))
	var never []string
	for _, s := range casework.Flow {
		if row := fmt.Sprint(s.From, " ", s.Verb, " ", s.To); r.rows[row] == 0 {
			never = append(never, row)
		}
	}
	t.Logf("%d of %d rows of the flow were gone; never: %s", len(casework.Flow)-len(never), len(casework.Flow), strings.Join(never, ", "))
	t.Logf("refusals: %s", counts(r.refusals))
}

func counts(of map[string]int) string {
	var all []string
	for _, key := range slices.Sorted(maps.Keys(of)) {
		all = append(all, fmt.Sprint(key, " ", of[key]))
	}
	return strings.Join(all, ", ")
}
