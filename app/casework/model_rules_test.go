package casework_test

import (
	"context"
	stderrors "errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
	"pgregory.net/rapid"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/ent"
	"hotline/ent/application"
	"hotline/ent/assignment"
	"hotline/ent/callback"
	"hotline/ent/clock"
	"hotline/ent/clockmove"
	"hotline/ent/event"
	"hotline/ent/handoff"
	"hotline/ent/rating"
	"hotline/ent/workorder"
	"hotline/tenants"
	"hotline/tenants/calendar"
)

// The rules that hold after every step, read from the tables themselves. Each breaks in its own function, so that a shrunk case
// stays with the rule it began with.

// load reads every order anew, with all that hangs on it.
func (m *model) load(t rapid.TB) {
	of := map[uuid.UUID]*dossier{}
	err := m.town.Store.View(m.as(tenants.System(m.city)), func(ctx context.Context) error {
		orders, err := m.town.Store.Ent.WorkOrder.Query().Order(ent.Asc(workorder.FieldID)).All(ctx)
		m.files = nil
		for i, o := range orders {
			of[o.ID] = &dossier{nth: i + 1, now: m.now, order: o}
			m.files = append(m.files, of[o.ID])
		}
		return stderrors.Join(err, m.read(ctx, of))
	})
	if err != nil || len(m.files) != len(m.orders) {
		t.Fatalf("%d of %d orders are there: %v", len(m.files), len(m.orders), err)
	}
}

func (m *model) read(ctx context.Context, of map[uuid.UUID]*dossier) error {
	db := m.town.Store.Ent
	parts, err1 := db.Assignment.Query().Order(ent.Asc(assignment.FieldID)).All(ctx)
	for _, x := range parts {
		of[x.WorkOrderID].parts = append(of[x.WorkOrderID].parts, x)
	}
	clocks, err2 := db.Clock.Query().Order(ent.Asc(clock.FieldID)).All(ctx)
	for _, x := range clocks {
		of[x.WorkOrderID].clocks = append(of[x.WorkOrderID].clocks, x)
	}
	moves, err3 := db.ClockMove.Query().Order(ent.Asc(clockmove.FieldSeq)).All(ctx)
	for _, x := range moves {
		of[x.WorkOrderID].moves = append(of[x.WorkOrderID].moves, x)
	}
	apps, err4 := db.Application.Query().Order(ent.Asc(application.FieldID)).All(ctx)
	for _, x := range apps {
		of[x.WorkOrderID].apps = append(of[x.WorkOrderID].apps, x)
	}
	events, err5 := db.Event.Query().Order(ent.Asc(event.FieldSeq)).All(ctx)
	for _, x := range events {
		of[x.WorkOrderID].events = append(of[x.WorkOrderID].events, x)
	}
	calls, err6 := db.Callback.Query().Order(ent.Asc(callback.FieldID)).All(ctx)
	for _, x := range calls {
		of[x.WorkOrderID].calls = append(of[x.WorkOrderID].calls, x)
	}
	ratings, err7 := db.Rating.Query().Order(ent.Asc(rating.FieldID)).All(ctx)
	for _, x := range ratings {
		of[x.WorkOrderID].ratings = append(of[x.WorkOrderID].ratings, x)
	}
	handed, err8 := db.HandOff.Query().Where(handoff.BackAtIsNil(), handoff.OutcomeNEQ("kept")).All(ctx)
	for _, x := range handed {
		of[x.WorkOrderID].handed++
	}
	return stderrors.Join(err1, err2, err3, err4, err5, err6, err7, err8)
}

// holds is what must be true after every step.
func (m *model) holds(t rapid.TB) {
	if len(m.orders) == 0 {
		return
	}
	before := m.before
	m.load(t)
	for i, d := range m.files {
		old := &dossier{order: &ent.WorkOrder{}}
		if i < len(before) {
			old = before[i]
		}
		m.tally(d, old)
		for _, rule := range []func(rapid.TB, *dossier){m.historyHolds, m.leadHolds, m.partsHold, m.peopleHold, m.applicationsHold,
			m.clocksHold, m.unitClocksHold, m.dueHolds, m.pausesHold, m.countersHold, m.callsHold} {
			rule(t, d)
		}
		m.lockHolds(t, d, old)
		m.firesOnce(t, d, old)
		if d.order.Version != old.order.Version && d.order.Version%3 == 0 { // seldom enough to be quick
			m.rendered(t, d)
		}
	}
	m.before = m.files
}

// tally counts the new lines of the history.
func (m *model) tally(d, old *dossier) {
	for _, e := range d.events[len(old.events):] {
		m.reached.verbs[e.Verb]++
		m.reached.rows[fmt.Sprint(e.FromState, " ", e.Verb, " ", e.ToState)]++
	}
}

// leaves are the only verbs that lead out of a state in which an order has ended.
var leaves = map[string][]casework.Verb{"closed": {casework.Reopen}, "answered": {casework.Reopen}, "withdrawn": {},
	"redirected": {casework.Reopen, casework.HandBack, casework.DecideContest}}

// historyHolds: every line is a row of the flow and goes on from the line before; what has ended comes back by few verbs only.
func (m *model) historyHolds(t rapid.TB, d *dossier) {
	state := ""
	for i, e := range d.events {
		if e.Seq != i+1 || e.FromState != state {
			t.Fatalf("order %d, line %d of the history: %s from %q after %q", d.nth, i+1, e.Verb, e.FromState, state)
		}
		row := func(s casework.Step) bool {
			return string(s.From) == e.FromState && string(s.Verb) == e.Verb && string(s.To) == e.ToState
		}
		if !slices.ContainsFunc(casework.Flow, row) {
			t.Fatalf("order %d: the flow has no row %s %s %s", d.nth, e.FromState, e.Verb, e.ToState)
		}
		if out, ended := leaves[state]; ended && e.ToState != state && !slices.Contains(out, casework.Verb(e.Verb)) {
			t.Fatalf("order %d was %s and became %s by %s", d.nth, state, e.ToState, e.Verb)
		}
		state = e.ToState
	}
	if state != d.order.State || len(d.events) != d.order.Events {
		t.Fatalf("order %d is %s with %d lines, its history says %s with %d", d.nth, d.order.State, d.order.Events, state, len(d.events))
	}
}

var working = []string{"dispatched", "handling", "replied", "suspended", "concluded", "closed"}

// leadHolds: an order with work in it has exactly one lead, the one it names, and the lead stands where the order stands.
func (m *model) leadHolds(t rapid.TB, d *dossier) {
	live := d.live()
	if slices.Contains([]string{"received", "answered", "redirected", "merged"}, d.order.State) {
		if len(live) > 0 || d.order.Lead != "" {
			t.Fatalf("order %d is %s and %d units still work on it, its lead is %q", d.nth, d.order.State, len(live), d.order.Lead)
		}
		return
	}
	leads := slices.DeleteFunc(live, func(p *ent.Assignment) bool { return !p.Lead })
	if d.order.State == "withdrawn" && len(leads) == 0 {
		return
	}
	if len(leads) != 1 || d.order.Lead != leads[0].Unit || d.order.LeadPath != leads[0].Path {
		t.Fatalf("order %d is %s, has %d leads and names %q", d.nth, d.order.State, len(leads), d.order.Lead)
	}
	lead, state := leads[0], d.order.State
	if state == "suspended" {
		state = "handling"
	}
	if slices.Contains(working, state) && lead.State != state {
		t.Fatalf("order %d is %s, the part of its lead %s is %s", d.nth, d.order.State, lead.Unit, lead.State)
	}
}

// partsHold: no unit works on an order twice, a part handed down hangs under one that goes on, and the lead under none.
func (m *model) partsHold(t rapid.TB, d *dossier) {
	seen, ids := map[string]bool{}, map[uuid.UUID]bool{}
	for _, p := range d.live() {
		if seen[p.Unit] {
			t.Fatalf("order %d: %s has two parts", d.nth, p.Unit)
		}
		seen[p.Unit], ids[p.ID] = true, true
	}
	for _, p := range d.live() {
		if p.ParentID != nil && !ids[*p.ParentID] && !d.order.Locked { // a verdict may keep a unit and leave out the one above
			t.Fatalf("order %d: the part of %s hangs under one that has ended", d.nth, p.Unit)
		}
		if p.Lead && p.ParentID != nil {
			t.Fatalf("order %d: its lead %s is handed down", d.nth, p.Unit)
		}
	}
}

// peopleHold: nobody decides what they asked for, or twice.
func (m *model) peopleHold(t rapid.TB, d *dossier) {
	for _, p := range d.apps {
		seen := map[string]bool{}
		for _, login := range []string{p.AskedBy, p.HeardBy, p.FirstBy, p.DecidedBy} {
			if login != "" && login != "system" && seen[login] {
				t.Fatalf("order %d: %s has two words in one application for %s", d.nth, login, p.Kind)
			}
			seen[login] = true
		}
	}
}

// applicationsHold: adjudicating says that an adjudication is open, and what has been settled runs no clock.
func (m *model) applicationsHold(t rapid.TB, d *dossier) {
	if open := d.pending("adjudication") != nil; d.order.Adjudicating != open {
		t.Fatalf("order %d: adjudicating is %v, an adjudication open %v", d.nth, d.order.Adjudicating, open)
	}
	for _, p := range d.apps {
		var running []string
		for _, c := range d.clocks {
			if c.StopAt == nil && c.ApplicationID != nil && *c.ApplicationID == p.ID && c.Step != casework.ClockHearing {
				running = append(running, c.Step)
			}
		}
		want := 0
		switch {
		case p.Standing == "open" && p.Kind == "return" && slices.ContainsFunc(d.apps, func(a *ent.Application) bool {
			return a.Kind == "adjudication" && a.AboutID != nil && *a.AboutID == p.ID
		}): // the adjudication's clock runs for it
		case p.Standing == "open" || p.Standing == "first" || p.Standing == "upheld" && p.Kind == "unreasonable":
			want = 1
		case p.Standing == "upheld" && p.Kind == "suspension":
			want = 2
		}
		if len(running) != want {
			t.Fatalf("order %d: the application for %s is %s and runs the clocks %v", d.nth, p.Kind, p.Standing, running)
		}
		if p.Standing == "open" && p.Kind == "return" && d.order.Locked {
			t.Fatalf("order %d is locked and a return of %s is still open", d.nth, p.AskedUnit)
		}
	}
}

// sideSteps run on whatever became of the order; runs are the others that may run in each state.
var (
	sideSteps = []string{casework.ClockUnreason, casework.ClockExpiry, casework.ClockAppeal, casework.ClockScoreAppeal, casework.ClockContest}
	unitSteps = []string{casework.ClockSign, casework.ClockContact, casework.ClockReply, casework.ClockClimb}
	workSteps = append([]string{casework.ClockReturn, casework.ClockHearing, casework.ClockAdjudicate, casework.ClockExtension,
		casework.ClockSuspension, casework.ClockAwaiting}, unitSteps...)
	runs = map[string][]string{"received": {casework.ClockDispatch}, "dispatched": workSteps, "handling": workSteps,
		"replied":   append([]string{casework.ClockReview}, workSteps...),
		"suspended": append([]string{casework.ClockSuspended, casework.ClockReviewing}, unitSteps...),
		"concluded": {casework.ClockCallback, casework.ClockAdjudicate}}
	// always runs exactly once in its state
	always = map[string][]string{"received": {casework.ClockDispatch}, "replied": {casework.ClockReview},
		"suspended": {casework.ClockSuspended, casework.ClockReviewing}}
)

// clocksHold: no clock runs in a state that it doesn't belong to, and what must be due is.
func (m *model) clocksHold(t rapid.TB, d *dossier) {
	count, first := map[string]int{}, time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, c := range d.clocks {
		if c.StopAt != nil {
			continue
		}
		count[c.Step]++
		if !slices.Contains(runs[d.order.State], c.Step) && !slices.Contains(sideSteps, c.Step) {
			t.Fatalf("order %d is %s and the clock %s of %q runs", d.nth, d.order.State, c.Step, c.Unit)
		}
		if c.PausedAt == nil && c.Step != casework.ClockExpiry && c.DueAt.Before(first) {
			first = c.DueAt
		}
	}
	for _, step := range always[d.order.State] {
		if count[step] != 1 {
			t.Fatalf("order %d is %s and runs %d clocks %s", d.nth, d.order.State, count[step], step)
		}
	}
	if n := count[casework.ClockCallback] + count[casework.ClockAdjudicate]; d.order.State == "concluded" && n != 1 {
		t.Fatalf("order %d is concluded and runs %d clocks of callback or adjudication", d.nth, n)
	}
	if !d.order.DueAt.Equal(first) {
		t.Fatalf("order %d is due %s, its clocks %s", d.nth, d.order.DueAt.In(calendar.Zone), first.In(calendar.Zone))
	}
}

// unitClocksHold: the clocks of a unit's part end with the part, there is one of each, and who handles has a time to answer by.
func (m *model) unitClocksHold(t rapid.TB, d *dossier) {
	running := map[string]int{}
	for _, c := range d.clocks {
		if c.StopAt == nil && c.Unit != "" {
			running[c.Unit+" "+c.Step]++
			if running[c.Unit+" "+c.Step] > 1 {
				t.Fatalf("order %d: %s runs the clock %s twice", d.nth, c.Unit, c.Step)
			}
			if !slices.ContainsFunc(d.live(), func(p *ent.Assignment) bool { return p.Unit == c.Unit }) {
				t.Fatalf("order %d: %s has no part and runs the clock %s", d.nth, c.Unit, c.Step)
			}
		}
	}
	for _, p := range d.live() {
		working := p.State == "dispatched" || p.State == "handling"
		if open := slices.Contains([]string{"dispatched", "handling", "replied", "suspended"}, d.order.State); open && working != (running[p.Unit+" reply"] == 1) {
			t.Fatalf("order %d: the part of %s is %s and runs %d clocks to reply", d.nth, p.Unit, p.State, running[p.Unit+" reply"])
		}
	}
}

// dueHolds replays every due moment from the clock's start, its span and its moves.
func (m *model) dueHolds(t rapid.TB, d *dossier) {
	rules, err := m.town.Book.InForce(m.as(tenants.System(m.city)))
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range d.clocks {
		moves := slices.DeleteFunc(slices.Clone(d.moves), func(v *ent.ClockMove) bool { return v.ClockID != c.ID })
		first := c.DueAt
		if len(moves) > 0 {
			first = moves[0].BeforeAt
		}
		m.firstDue(t, d, c, rules.Calendar, first)
		due := first
		for _, v := range moves {
			m.moveHolds(t, d, c, v, rules.Calendar, due)
			due = v.AfterAt
		}
		if !due.Equal(c.DueAt) {
			t.Fatalf("order %d: the clock %s of %q is due %s, its moves say %s", d.nth, c.Step, c.Unit, c.DueAt, due)
		}
	}
}

func span(t rapid.TB, text string) calendar.Span {
	s, err := calendar.ParseSpan(text)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// firstDue is start and span; for what was handed down, cut to what the unit above had; for what runs to a date, the date.
func (m *model) firstDue(t rapid.TB, d *dossier, c *ent.Clock, cal *calendar.Calendar, first time.Time) {
	s := span(t, c.Span)
	if c.Step == casework.ClockSuspended || c.Step == casework.ClockExpiry {
		if n := int(first.Sub(c.StartAt) / time.Hour / 24); n != s.N {
			t.Fatalf("order %d: the clock %s ran %s and %d days", d.nth, c.Step, c.Span, n)
		}
		return
	}
	due, err := cal.Add(c.StartAt, s)
	if err != nil {
		t.Fatal(err)
	}
	handedDown := slices.ContainsFunc(d.events, func(e *ent.Event) bool {
		return e.Verb == string(casework.Delegate) && e.CreatedAt.Equal(c.StartAt)
	})
	if first.Equal(due) || handedDown && first.Before(due) && slices.ContainsFunc(d.clocks, func(up *ent.Clock) bool {
		return up.Step == casework.ClockReply && up.Unit != c.Unit && d.wasDue(up, first)
	}) {
		return
	}
	t.Fatalf("order %d: the clock %s of %q began %s for %s and is due %s", d.nth, c.Step, c.Unit, c.StartAt, c.Span, first)
}

// wasDue says whether a clock was ever due then.
func (d *dossier) wasDue(c *ent.Clock, then time.Time) bool {
	return c.DueAt.Equal(then) || slices.ContainsFunc(d.moves, func(v *ent.ClockMove) bool {
		return v.ClockID == c.ID && (v.BeforeAt.Equal(then) || v.AfterAt.Equal(then))
	})
}

// moveHolds: a move goes on from where the clock stood, by one of the known causes, to base and span.
func (m *model) moveHolds(t rapid.TB, d *dossier, c *ent.Clock, v *ent.ClockMove, cal *calendar.Calendar, before time.Time) {
	add := cal.Add
	switch v.Cause {
	case "extension":
		add = cal.Extend
		if !v.BaseAt.Equal(before) {
			t.Fatalf("order %d: an extension of %s goes on from %s, it was due %s", d.nth, c.Unit, v.BaseAt, before)
		}
	case "suspension", "await", "adjudication":
	default:
		t.Fatalf("order %d: the clock %s was moved by %s", d.nth, c.Step, v.Cause)
	}
	due, err := add(v.BaseAt, span(t, v.Span))
	if err != nil {
		t.Fatal(err)
	}
	if !v.BeforeAt.Equal(before) || !v.AfterAt.Equal(due) {
		t.Fatalf("order %d: the clock %s of %q was due %s; it was moved from %s by %s to %s, and should be %s", d.nth, c.Step, c.Unit,
			before, v.BeforeAt, v.Cause, v.AfterAt, due)
	}
}

// pausesHold: only a unit's answer waits, and only while a verdict, a suspension's end or the citizen is waited for.
func (m *model) pausesHold(t rapid.TB, d *dossier) {
	for _, c := range d.clocks {
		if c.StopAt != nil || c.PausedAt == nil {
			continue
		}
		awaited := slices.ContainsFunc(d.clocks, func(w *ent.Clock) bool {
			return w.Step == casework.ClockAwaiting && w.StopAt == nil && w.Unit == c.Unit
		})
		p := d.pending("adjudication")
		if c.Step != casework.ClockContact && c.Step != casework.ClockReply || d.order.State != "suspended" && !awaited && (p == nil || p.AskedUnit != c.Unit) {
			t.Fatalf("order %d is %s and the clock %s of %s is paused for nothing", d.nth, d.order.State, c.Step, c.Unit)
		}
		if c.Remaining == "" {
			t.Fatalf("order %d: nothing is left of the paused clock %s of %s", d.nth, c.Step, c.Unit)
		}
	}
}

// countersHold: the marks count what the history and the applications say.
func (m *model) countersHold(t rapid.TB, d *dossier) {
	n := map[string]int{}
	for _, e := range d.events {
		n[e.Verb]++
		again := slices.Contains([]string{"review", "callback", "reopen", "adjudicate"}, e.Verb) && e.ToState == "handling" &&
			slices.Contains([]string{"replied", "concluded", "closed"}, e.FromState)
		if again {
			n["rework"]++
		}
	}
	o := d.order
	for _, c := range []struct {
		what        string
		marked, was int
	}{{"urges", o.Urges, n["urge"]}, {"supplements", o.Supplements, n["supplement"]}, {"reworks", o.Reworks, n["rework"]},
		{"returns", o.Returns, d.count("return", "")}, {"improper returns", o.ImproperReturns, d.count("return", "rejected")},
		{"escalations", o.Escalations, n["escalate"] + n["climb"]}, {"callbacks", len(d.calls), n["callback"]},
		{"rating links", len(d.ratings), n["invite_rating"]},
	} {
		if c.marked != c.was {
			t.Fatalf("order %d: %d %s are marked, there were %d", d.nth, c.marked, c.what, c.was)
		}
	}
}

// callsHold: an order that concluded through another is called back and rated for itself.
func (m *model) callsHold(t rapid.TB, d *dossier) {
	for _, e := range d.events {
		if e.Verb != string(casework.Conclude) {
			continue
		}
		own := func(c *ent.Clock) bool { return c.Step == casework.ClockCallback && c.StartAt.Equal(e.CreatedAt) }
		if !slices.ContainsFunc(d.clocks, own) {
			t.Fatalf("order %d concluded with another and has no callback of its own", d.nth)
		}
		for _, call := range d.calls {
			if call.CreatedAt.Before(e.CreatedAt) && !slices.ContainsFunc(d.events, func(x *ent.Event) bool {
				return x.Verb == string(casework.Callback) && x.CreatedAt.Equal(call.CreatedAt)
			}) {
				t.Fatalf("order %d took over a callback", d.nth)
			}
		}
	}
}

// lockHolds: once a verdict has locked an order, no return comes in any more.
func (m *model) lockHolds(t rapid.TB, d, old *dossier) {
	if old.order.Locked && (!d.order.Locked || d.count("return", "") > old.count("return", "")) {
		t.Fatalf("order %d was locked and is returned, or locked no more", d.nth)
	}
}

// firesOnce: what a clock's end brings happens once, unless the clock was moved on.
func (m *model) firesOnce(t rapid.TB, d, old *dossier) {
	for _, was := range old.clocks {
		i := slices.IndexFunc(d.clocks, func(c *ent.Clock) bool { return c.ID == was.ID })
		if i < 0 {
			t.Fatalf("order %d: a clock %s is gone", d.nth, was.Step)
		}
		c := d.clocks[i]
		if was.FiredAt != nil && (c.FiredAt == nil || !c.FiredAt.Equal(*was.FiredAt)) && c.DueAt.Equal(was.DueAt) {
			t.Fatalf("order %d: the clock %s of %q fired twice", d.nth, c.Step, c.Unit)
		}
		if was.StopAt != nil && (c.StopAt == nil || !c.StopAt.Equal(*was.StopAt)) {
			t.Fatalf("order %d: the clock %s of %q ran on after its end", d.nth, c.Step, c.Unit)
		}
	}
	fired := 0
	for _, c := range d.clocks {
		if c.FiredAt != nil {
			fired++
		}
	}
	chores := 0
	for _, e := range d.events {
		if e.Verb == string(casework.Climb) || e.Verb == string(casework.Lapse) {
			chores++
		}
	}
	// A clock that was moved on fires anew, so there may be more lines than clocks, but never fewer.
	if fired > chores {
		t.Fatalf("order %d: %d clocks fired and %d lines say so", d.nth, fired, chores)
	}
}

// swept: after a sweep nothing that ran out is left unmarked or undone.
func (m *model) swept(t rapid.TB, d *dossier) {
	for _, c := range d.clocks {
		if c.StopAt != nil || c.PausedAt != nil || c.DueAt.After(m.now) {
			continue
		}
		if c.Fires && c.FiredAt == nil || c.OverdueAt == nil && c.Step != casework.ClockExpiry {
			t.Fatalf("order %d: the clock %s of %q ran out and the sweep left it", d.nth, c.Step, c.Unit)
		}
	}
}

// rendered: what the clerk is shown is what the tables say, and the citizen can follow it.
func (m *model) rendered(t rapid.TB, d *dossier) {
	o, err := m.town.Casework.GetWorkOrder(m.clerk(), &pb.GetWorkOrderRequest{Name: d.name()})
	if err != nil {
		t.Fatalf("order %d can't be shown: %v", d.nth, err)
	}
	marks := o.GetMarks()
	if strings.ToLower(o.GetState().String()) != d.order.State || marks.GetAdjudicating() != d.order.Adjudicating ||
		marks.GetLocked() != d.order.Locked || len(o.GetApplications()) != len(d.apps) || len(o.GetClockMoves()) != len(d.moves) {
		t.Fatalf("order %d is shown otherwise than it is: %v", d.nth, o)
	}
	for i, c := range o.GetClocks() {
		if (c.GetStatus() == "paused") != (d.clocks[i].PausedAt != nil && d.clocks[i].StopAt == nil) {
			t.Fatalf("order %d: the clock %s is shown as %s", d.nth, c.GetStep(), c.GetStatus())
		}
	}
	var leads []string
	for _, p := range o.GetAssignments() {
		if p.GetLead() && p.GetEndTime() == nil {
			leads = append(leads, p.GetUnit())
		}
	}
	if slices.Contains(working, d.order.State) && !slices.Equal(leads, []string{d.order.Lead}) {
		t.Fatalf("order %d is shown with the leads %v", d.nth, leads)
	}
	p, err := m.town.Casework.Track(m.citizen(), &pb.TrackRequest{Name: d.petition(), Code: m.orders[d.nth-1].code})
	if err != nil || p.GetProgress() == "" {
		t.Fatalf("order %d can't be followed: %v, %v", d.nth, p, err)
	}
}
