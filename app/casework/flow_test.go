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
		if !allows(s.From, s.Verb) || step(s.From, s.Verb, s.To) == nil {
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
	for _, f := range []protoreflect.FileDescriptor{pb.File_casework_v1_work_orders_proto, pb.File_casework_v1_applications_proto, pb.File_casework_v1_transfers_proto} {
		for i := range f.Services().Len() {
			methods := f.Services().Get(i).Methods()
			for j := range methods.Len() {
				m := methods.Get(j)
				if r := access.RuleOf(operation(m)); r != nil && r.GetObject() == "work_order" {
					acts[r.GetAct()] = true
				}
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
		if s.Who == byCitizen || s.Who == byClock {
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

// mayRun are the clocks that may run in each state after any path: what a row starts, and what ran before it and is not surely
// stopped. A unit's row stops the clocks of that unit only, so others may run on.
func mayRun() map[State]map[string]bool {
	may := map[State]map[string]bool{}
	for changed := true; changed; {
		changed = false
		for _, s := range Flow {
			if may[s.To] == nil {
				may[s.To] = map[string]bool{}
			}
			before := len(may[s.To])
			for c := range may[s.From] {
				if s.Who == byUnit || !slices.Contains(s.Stops, c) {
					may[s.To][c] = true
				}
			}
			for _, c := range s.Starts {
				may[s.To][c] = true
			}
			changed = changed || len(may[s.To]) > before
		}
	}
	return may
}

func TestNoClockOfTheWorkRunsOnInAnEndedStateAfterAnyPath(t *testing.T) {
	may := mayRun()
	for _, s := range everyState(t) {
		if !s.Ended() {
			continue
		}
		for c := range may[s] {
			if !slices.Contains(sideClocks, c) {
				t.Errorf("%s is ended and the clock %s may run on", s, c)
			}
		}
	}
	if !may[Handling][ClockReply] || !may[Closed][ClockScoreAppeal] {
		t.Error("the walk found too little")
	}
}

func TestWhatHoldsAUnitsClocksIsFollowedByWhatFreesThem(t *testing.T) {
	for _, verb := range slices.Concat(holding, freeing) {
		if !slices.ContainsFunc(Flow, func(s Step) bool { return s.Verb == verb }) {
			t.Errorf("%s has no row", verb)
		}
	}
	for _, s := range Flow {
		if !slices.Contains(holding, s.Verb) {
			continue
		}
		freed := false
		for at := range from(s.To) {
			for _, verb := range freeing {
				freed = freed || allows(at, verb)
			}
		}
		if !freed {
			t.Errorf("after %s in %s nothing lets the clocks go on", s.Verb, s.From)
		}
	}
}

func TestEveryClockThatDoesSomethingAtItsEndHasARowForIt(t *testing.T) {
	may := mayRun()
	for c, verb := range firing {
		if ClockTitles[c] == "" {
			t.Errorf("clock %s has no title", c)
		}
		for _, s := range everyState(t) {
			if may[s][c] && !allows(s, verb) && !s.Ended() {
				t.Errorf("the clock %s may run out in %s, where %s can't be done", c, s, verb)
			}
		}
	}
}
