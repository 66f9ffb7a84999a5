package federation_test

import (
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
	"testing"
	"time"

	"hotline/federation"
	"hotline/federation/federationtest"
)

// TestChaos breaks one thing after another for HOTLINE_CHAOS_SECONDS while five cities hand cases to each other. What is broken,
// and what each case does, follows from HOTLINE_CHAOS_SEED; what the machine makes of it does not, so a failure may take a few
// runs with its seed to come back. `make chaos` is the long run.
func TestChaos(t *testing.T) {
	t.Parallel()
	seed, span := fromEnvironment(t, "HOTLINE_CHAOS_SEED", 1), fromEnvironment(t, "HOTLINE_CHAOS_SECONDS", 5)
	t.Logf("seed %d, %d s", seed, span)
	c := federationtest.PrepareRegion(t, federationtest.NewCities(t, beijing, tianjin, hebei, "140000", "150000"), 3, group)
	c.ShortLogs(2000, 256<<10)
	c.Found()
	c.Leader(group)
	c.JoinCities(group)
	c.Agree(group)
	for _, name := range []string{"140000-1", "150000-1"} {
		c.Add(name)
		c.Start(name)
	}
	x := &chaos{t: t, c: c, random: rand.New(rand.NewPCG(seed, 0)), load: c.StartTransfers(group, seed, 24), voters: []string{"110000-1", "120000-1", "130000-1"}, done: map[string]int{}}
	for end := time.Now().Add(time.Duration(span) * time.Second); time.Now().Before(end); {
		x.breakOne()
		x.load.More(100)
	}
	figures := x.load.Check()
	if figures.Together == 0 {
		t.Error("no city signed acts together")
	}
	t.Logf("seed %d: %d cases, %d came to their end with %d acts (%d signed with others) in %d attempts; refused %v; broken %v", seed, figures.Cases, figures.Gone, figures.Acts, figures.Together, figures.Operations, figures.Refused, x.done)
}

func fromEnvironment(t *testing.T, name string, otherwise uint64) uint64 {
	text := os.Getenv(name)
	if text == "" {
		return otherwise
	}
	n, err := strconv.ParseUint(text, 10, 64)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return n
}

type chaos struct {
	t      *testing.T
	c      *federationtest.Cluster
	random *rand.Rand
	load   *federationtest.Transfers
	voters []string
	fresh  int
	done   map[string]int
}

func (x *chaos) breakOne() {
	faults := []struct {
		name string
		do   func()
	}{
		{"leader killed", func() { x.killed(x.c.Leader(group), func(string) {}) }},
		{"voter killed", func() { x.killed(x.voter(), func(string) {}) }},
		{"follower killed", func() { x.killed("140000-1", func(string) {}) }},
		{"log torn", func() { x.killed(x.voter(), func(name string) { x.c.TearTail(name, group) }) }},
		{"majority killed", x.majorityKilled},
		{"power failed everywhere", x.powerFailed},
		{"line cut", x.lineCut},
		{"line cut one way", func() { x.c.CutOneWay(x.any(), x.any()); x.load.More(50); x.c.Heal() }},
		{"cut off", x.cutOff},
		{"states written", x.written},
		{"clock wrong", x.clockWrong},
		{"member replaced", x.replaced},
	}
	f := faults[x.random.IntN(len(faults))]
	x.done[f.name]++
	f.do()
}

func (x *chaos) voter() string { return x.voters[x.random.IntN(len(x.voters))] }

func (x *chaos) any() string {
	names := x.c.Running()
	return names[x.random.IntN(len(names))]
}

func (x *chaos) killed(name string, change func(name string)) {
	x.c.Kill(name)
	x.load.More(50)
	change(name)
	x.c.Start(name)
}

// majorityKilled leaves the region without a leader for a while: nothing can be taken.
func (x *chaos) majorityKilled() {
	one := x.voter()
	for _, name := range x.voters {
		if name != one {
			x.c.Kill(name)
		}
	}
	for _, name := range x.voters {
		if name != one {
			x.c.Start(name)
		}
	}
}

func (x *chaos) powerFailed() {
	names := x.c.Running()
	for _, name := range names {
		x.c.Kill(name)
	}
	for _, name := range names {
		x.c.Start(name)
	}
}

func (x *chaos) lineCut() {
	x.c.Cut(x.any(), x.any())
	x.load.More(50)
	x.c.Heal()
}

func (x *chaos) cutOff() {
	alone := x.voter()
	for _, name := range except(x.c.Running(), alone) {
		x.c.Cut(alone, name)
	}
	x.load.More(50)
	x.c.Heal()
}

func (x *chaos) written() {
	for _, name := range x.c.Running() {
		// There may be nothing new to write; whether what was written is right shows when somebody reads it.
		_ = x.c.Node(name).Snapshot(group)
	}
}

func (x *chaos) clockWrong() {
	name := x.voter()
	x.c.Skew(name, time.Duration(x.random.IntN(240)-120)*time.Hour)
	x.load.More(50)
	x.c.Skew(name, 0)
}

func (x *chaos) replaced() {
	if x.fresh++; x.fresh > 20 {
		return // each leaves a folder and a certificate behind
	}
	i := x.random.IntN(len(x.voters))
	old := x.voters[i]
	x.voters[i] = fmt.Sprintf("%s-%d", old[:6], x.fresh+1)
	x.c.Kill(old)
	x.c.Add(x.voters[i])
	x.c.Start(x.voters[i])
	if err := x.c.Node(x.c.Leader(group)).Replace(within(x.t, 30*time.Second), group, old, x.voters[i]); err != nil {
		x.t.Fatal(err)
	}
	// Who comes next is told those that vote now: in the end no founder is left to ask.
	x.c.Voters = slices.Clone(x.c.Voters)
	x.c.Voters[i] = federation.Peer{Name: x.voters[i], Address: x.c.Config(x.voters[i]).Address}
}
