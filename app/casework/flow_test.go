package casework

import (
	"slices"
	"testing"

	"google.golang.org/protobuf/reflect/protoreflect"

	pb "hotline/api/casework/v1"
	"hotline/tenants/access"
)

// everyState are the states that the contract knows, as words.
func everyState(t *testing.T) []State {
	t.Helper()
	all := make([]State, 0, len(StateTitles))
	values := pb.State(0).Descriptor().Values()
	for i := range values.Len() {
		if n := pb.State(values.Get(i).Number()); n != pb.State_STATE_UNSPECIFIED {
			all = append(all, State(word(n)))
		}
	}
	return all
}

// from are the states that can be reached from one, itself included.
func from(start State) map[State]bool {
	seen, todo := map[State]bool{start: true}, []State{start}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		for _, s := range Flow {
			if s.From == at && !seen[s.To] {
				seen[s.To] = true
				todo = append(todo, s.To)
			}
		}
	}
	return seen
}

func TestEveryStateCanBeReachedFromNothing(t *testing.T) {
	reached := from(None)
	for _, s := range everyState(t) {
		if !reached[s] {
			t.Errorf("no way leads to %s", s)
		}
	}
	for s := range reached {
		if s != None && stateOf(s) == pb.State_STATE_UNSPECIFIED {
			t.Errorf("the contract does not know the state %q", s)
		}
	}
}

func TestEveryStateHasAWayToAnEnd(t *testing.T) {
	for _, s := range everyState(t) {
		ends := false
		for to := range from(s) {
			ends = ends || to.Ended()
		}
		if !ends {
			t.Errorf("from %s no way leads to an end", s)
		}
	}
}

func TestNoStepIsInTheTableTwice(t *testing.T) {
	seen := map[[3]string]bool{}
	for _, s := range Flow {
		key := [3]string{string(s.From), string(s.Verb), string(s.To)}
		if seen[key] {
			t.Errorf("twice: %v", key)
		}
		seen[key] = true
		if !allows(s.From, s.Verb) || !leads(s.From, s.Verb, s.To) {
			t.Errorf("the table does not allow its own row %v", key)
		}
	}
}

func TestAllStatesVerbsAndClocksHaveTitles(t *testing.T) {
	for _, s := range everyState(t) {
		if StateTitles[s] == "" {
			t.Errorf("state %s has no title", s)
		}
	}
	for _, s := range Flow {
		if VerbTitles[s.Verb] == "" {
			t.Errorf("verb %s has no title", s.Verb)
		}
		for _, c := range slices.Concat(s.Starts, s.Stops) {
			if ClockTitles[c] == "" {
				t.Errorf("clock %s has no title", c)
			}
		}
	}
	for v := range VerbTitles {
		if !slices.ContainsFunc(Flow, func(s Step) bool { return s.Verb == v }) {
			t.Errorf("verb %s has a title and no row", v)
		}
	}
}

// declared are the acts on work orders that the methods of the contract ask for.
func declared() map[string]bool {
	acts := map[string]bool{}
	services := pb.File_casework_v1_work_orders_proto.Services()
	for i := range services.Len() {
		methods := services.Get(i).Methods()
		for j := range methods.Len() {
			m := methods.Get(j)
			if r := access.RuleOf(operation(m)); r != nil && r.GetObject() == "work_order" {
				acts[r.GetAct()] = true
			}
		}
	}
	return acts
}

func operation(m protoreflect.MethodDescriptor) string {
	return "/" + string(m.Parent().FullName()) + "/" + string(m.Name())
}

// everyRole are all roles that could be given.
var everyRole = []string{"agent", "dispatcher", "reviewer", "adjudicator", "handler", "unit_lead", "expert", "callback_agent",
	"supervisor", "knowledge_editor", "knowledge_reviewer", "quality_inspector", "city_admin", "auditor", "machine"}

func TestEveryVerbOfTheStaffHasARuleAndARole(t *testing.T) {
	rules := declared()
	who, err := access.New()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range Flow {
		if s.Who == byCitizen {
			continue
		}
		if !rules[string(s.Verb)] {
			t.Errorf("no method declares the rule work_order.%s", s.Verb)
		}
		if !who.May(everyRole, "work_order", string(s.Verb)) {
			t.Errorf("no role may %s", s.Verb)
		}
	}
}

func TestEveryClockIsStartedAndStoppedBySomeRow(t *testing.T) {
	for c := range ClockTitles {
		if !slices.ContainsFunc(Flow, func(s Step) bool { return slices.Contains(s.Starts, c) }) {
			t.Errorf("no row starts the clock %s", c)
		}
		if !slices.ContainsFunc(Flow, func(s Step) bool { return slices.Contains(s.Stops, c) }) {
			t.Errorf("no row stops the clock %s", c)
		}
	}
}

// running is one place of the walk: the state and the clocks that run there, as a bit set. A unit's clocks run once for the
// lead and once for an assisting unit.
type running struct {
	state  State
	clocks uint16
}

var bits = map[string]uint16{"dispatch": 1, "review": 2, "callback": 4,
	"sign": 8, "contact": 16, "reply": 32} // those of the assisting unit lie three bits higher

const assisting = 3

// stopped clears the clocks of a row for the lead and the whole order, for the assisting unit, or for both.
func stopped(clocks uint16, steps []string, lead, assist bool) uint16 {
	for _, c := range steps {
		if lead || bits[c] < bits[ClockSign] {
			clocks &^= bits[c]
		}
		if assist && bits[c] >= bits[ClockSign] {
			clocks &^= bits[c] << assisting
		}
	}
	return clocks
}

// does walks one row in all ways it may be meant: which unit acts follows from where the row leads, as its comments say.
func does(at running, s Step) []running {
	var starts uint16
	for _, c := range s.Starts {
		starts |= bits[c]
	}
	lead := running{s.To, stopped(at.clocks, s.Stops, true, false) | starts}
	assist := running{s.To, stopped(at.clocks, s.Stops, false, true) | starts}
	both := running{s.To, stopped(at.clocks, s.Stops, true, true) | starts}
	switch {
	case s.Verb == Dispatch: // to a lead alone, or with an assisting unit
		return []running{both, {s.To, both.clocks | (bits[ClockSign]|bits[ClockContact]|bits[ClockReply])<<assisting}}
	case s.Who != byUnit: // the hotline or the citizen: what stops, stops for all units
		return []running{both}
	case s.From != s.To: // the lead moves the order
		return []running{lead}
	case s.Verb == Contact:
		return []running{lead, assist}
	}
	return []running{assist}
}

func TestNoClockRunsOnInAnEndedStateAfterAnyPath(t *testing.T) {
	const longest = 14
	seen := map[running][]Verb{{state: None}: nil}
	todo := []running{{state: None}}
	for len(todo) > 0 {
		at := todo[0]
		todo = todo[1:]
		path := seen[at]
		if at.state.Ended() && at.clocks != 0 {
			t.Errorf("%s is ended and clocks %09b run on after %v", at.state, at.clocks, path)
		}
		if len(path) == longest {
			continue
		}
		for _, s := range Flow {
			if s.From != at.state {
				continue
			}
			for _, next := range does(at, s) {
				if _, been := seen[next]; !been { // the shortest path to each place stands for all
					seen[next] = append(slices.Clone(path), s.Verb)
					todo = append(todo, next)
				}
			}
		}
	}
	if len(seen) < len(StateTitles) {
		t.Fatalf("walked only %d places", len(seen))
	}
}
