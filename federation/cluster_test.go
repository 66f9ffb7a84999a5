package federation_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"hotline/federation"
	"hotline/federation/federationtest"
)

const group = "jingjinji"

func within(t testing.TB, d time.Duration) context.Context {
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

// follower names a running voter that does not lead.
func follower(c *federationtest.Cluster) string {
	leader := c.Leader(group)
	for _, p := range c.Voters {
		if p.Name != leader && c.Node(p.Name) != nil {
			return p.Name
		}
	}
	return ""
}

func except(names []string, name string) (out []string) {
	for _, n := range names {
		if n != name {
			out = append(out, n)
		}
	}
	return out
}

func TestEveryMemberOfThreeVotersAndTwoFollowersProposesAndReads(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 2, group)
	for i, name := range c.Names() {
		answer, err := c.Node(name).Propose(within(t, 10*time.Second), group, federationtest.Command("id-"+name, "key", 0))
		if err != nil || string(answer) != fmt.Sprint(i+1) {
			t.Errorf("%s: %q %v", name, answer, err)
		}
	}
	again, err := c.Node("f1").Propose(within(t, 10*time.Second), group, federationtest.Command("id-f1", "key", 0))
	if err != nil || string(again) != "1" {
		t.Errorf("repeated: %q %v", again, err)
	}
	c.SameState(group)
	if sum := c.Tally("f2", group).Sum("key"); sum != 5 {
		t.Errorf("a follower reads %d", sum)
	}
}

func TestOneProcessIsMemberOfSeveralGroupsOverOnePort(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group, "nation")
	for _, g := range c.Groups {
		if _, err := c.Node("v2").Propose(within(t, 10*time.Second), g, federationtest.Command("one", g, 0)); err != nil {
			t.Fatal(err)
		}
		c.SameState(g)
	}
	if c.Tally("v1", group).Sum("nation") != 0 || c.Tally("v1", "nation").Sum("nation") != 1 {
		t.Error("a command went into the wrong group")
	}
	_, err := c.Node("v1").Propose(within(t, time.Second), "yangtze", []byte("x"))
	if !errors.Is(err, federation.ErrUnknownGroup) {
		t.Errorf("another group: %v", err)
	}
}

func TestNothingIsLostOrDoubledWhenTheLeaderIsKilled(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 2, group)
	leader := c.Leader(group)
	load := c.StartLoad(group, except(c.Names(), leader)...)
	load.More(100)
	c.Kill(leader)
	load.More(100)
	c.Start(leader)
	load.More(100)
	load.Check()
}

func TestNothingIsLostOrDoubledWhenAFollowerIsKilled(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 2, group)
	down := follower(c)
	load := c.StartLoad(group, except(c.Names(), down)...)
	load.More(50)
	c.Kill(down)
	load.More(100)
	c.Start(down)
	load.More(50)
	load.Check()
}

func TestAllNodesComeBackFromDiskWithWhatTheyHad(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 2, group)
	load := c.StartLoad(group, c.Names()...)
	load.More(200)
	load.Check()
	want := c.Tally("v1", group).Order()
	for _, name := range c.Names() {
		c.Kill(name)
	}
	for _, name := range []string{"v1", "v2", "v3", "f1", "f2"} {
		c.Start(name)
	}
	c.Until("the state is back", func() bool { return c.Tally("f2", group).Order() == want })
	load.Check()
}

func TestNothingIsLostOrDoubledWhenAnyPairIsCut(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 2, group)
	load := c.StartLoad(group, c.Names()...)
	for _, pair := range [][2]string{{"v1", "v2"}, {"v1", "v3"}, {"v2", "v3"}, {"v1", "f1"}, {"v2", "f1"}, {"v3", "f1"}} {
		c.Cut(pair[0], pair[1])
		load.More(100)
		c.Heal()
		c.Leader(group)
	}
	load.Check()
}

func TestALeaderWithoutAMajorityGivesUpAndItsCommandsAreNotLost(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group)
	old := c.Leader(group)
	load := c.StartLoad(group, c.Names()...)
	load.More(50)
	for _, name := range except(c.Names(), old) {
		c.Cut(old, name)
	}
	_, err := c.Node(old).Propose(within(t, 2*time.Second), group, federationtest.Command("alone", "alone", 0))
	if !errors.Is(err, federation.ErrUncertain) && !errors.Is(err, federation.ErrNotProposed) {
		t.Errorf("a leader alone: %v", err)
	}
	load.More(100)
	c.Heal()
	load.More(100)
	load.Check()
}

func TestNothingIsLostOrDoubledWhenLinesFailInOneDirection(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 2, group)
	load := c.StartLoad(group, c.Names()...)
	for range 2 {
		leader := c.Leader(group)
		c.CutOneWay(leader, follower(c))
		load.More(100)
		c.Heal()
		c.CutOneWay(follower(c), c.Leader(group))
		load.More(100)
		c.Heal()
	}
	load.Check()
}

func TestANewNodeTakesTheStateWhereTheLogIsCut(t *testing.T) {
	t.Parallel()
	c := federationtest.Prepare(t, 3, group)
	c.ShortLogs(50, 8<<10)
	c.Found()
	load := c.StartLoad(group, "v1", "v2", "v3")
	load.More(300)
	for _, p := range c.Voters {
		if err := c.Node(p.Name).Snapshot(group); err != nil {
			t.Fatal(err)
		}
	}
	c.Add("late")
	c.Start("late")
	load.More(50)
	load.Check()
	// Whoever reads its entries is told so; from there on they come one by one.
	if _, err := c.Node("late").Next(within(t, time.Second), group, 1, 10); !errors.Is(err, federation.ErrTakeState) {
		t.Errorf("it has the first entries, so the state was not taken: %v", err)
	}
}

func TestARecordThatAPowerFailureToreOffIsNoEntry(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group)
	for range 2 {
		for _, pick := range []func() string{func() string { return follower(c) }, func() string { return c.Leader(group) }} {
			name := pick()
			load := c.StartLoad(group, except(c.Names(), name)...)
			load.More(50)
			c.Kill(name)
			c.TearTail(name, group)
			c.Start(name)
			load.More(50)
			load.Check()
		}
	}
}

func TestANodeWhoseLogLostItsEndGetsItFromTheOthers(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group)
	load := c.StartLoad(group, "v1", "v2", "v3")
	load.More(100)
	load.Check()
	down := follower(c)
	c.Kill(down)
	c.LoseTail(down, group)
	c.Start(down)
	c.SameState(group)
}
