package federation_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"hotline/federation"
	"hotline/federation/federationtest"
)

// members observes until the condition holds.
func members(t *testing.T, c *federationtest.Cluster, from, what string, holds func(map[string]federation.Member) bool) {
	t.Helper()
	c.Until(what, func() bool {
		list, err := c.Node(from).Observe(t.Context(), group)
		if err != nil {
			return false
		}
		by := map[string]federation.Member{}
		for _, m := range list {
			by[m.Name] = m
		}
		return holds(by)
	})
}

func TestAMemberIsReplacedWhileCommandsCome(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 1, group)
	dead := follower(c)
	load := c.StartLoad(group, except(c.Names(), dead)...)
	load.More(50)
	c.Kill(dead)
	c.Add("fresh")
	c.Start("fresh")
	if err := c.Node("f1").Replace(within(t, 3*time.Second), group, dead, "fresh"); err == nil {
		t.Error("a member without a vote changed who is a member")
	}
	if err := c.Node(c.Leader(group)).Replace(within(t, 20*time.Second), group, dead, "fresh"); err != nil {
		t.Fatal(err)
	}
	load.More(50)
	members(t, c, "fresh", "fresh votes instead of "+dead, func(m map[string]federation.Member) bool {
		_, there := m[dead]
		return !there && m["fresh"].Voter && len(m) == 4
	})
	// The fresh one's vote counts: with another voter gone there is still a majority.
	c.Kill(follower(c))
	load.More(20)
	load.Check()
}

func TestANodeWhoseDiskWasLostDoesNotComeBackAsIfNothingHappened(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group)
	load := c.StartLoad(group, "v1", "v2", "v3")
	load.More(50)
	load.Check()
	lost := follower(c)
	for _, name := range except(c.Names(), lost) {
		c.Until(name+" knows that "+lost+" keeps the log", func() bool { return c.Begun(name, group, lost) })
	}
	c.Kill(lost)
	c.Config(lost).Folder = t.TempDir()
	if err := c.TryStart(within(t, 10*time.Second), lost); err == nil || !strings.Contains(err.Error(), "remove it from the group") {
		t.Fatalf("it started: %v", err)
	}
	if err := c.Node(c.Leader(group)).Remove(within(t, 10*time.Second), group, lost); err != nil {
		t.Fatal(err)
	}
	c.Config(lost).Folder = t.TempDir()
	c.Start(lost) // the same configuration as ever: it is let in with its vote
	c.SameState(group)
	members(t, c, lost, "it votes again", func(m map[string]federation.Member) bool { return m[lost].Voter && len(m) == 3 })
	load.Check()
}

func TestMembersJoinGrowAndLeave(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 1, group)
	c.Add("v4")
	c.Start("v4")
	if err := c.Node("v4").Promote(within(t, 3*time.Second), group, "v4"); err == nil {
		t.Error("a node gave itself a vote")
	}
	if err := c.Node(c.Leader(group)).Promote(within(t, 10*time.Second), group, "v4"); err != nil {
		t.Fatal(err)
	}
	members(t, c, "f1", "four vote and one follows", func(m map[string]federation.Member) bool {
		return m["v4"].Voter && !m["f1"].Voter && len(m) == 5
	})
	if err := c.Node("v4").Promote(within(t, 10*time.Second), group, "f1"); err != nil {
		t.Fatal(err)
	}
	leader := c.Leader(group)
	if err := c.Node(leader).Leave(within(t, 10*time.Second), group); err != nil {
		t.Fatal(err)
	}
	c.Kill(leader)
	stays := except(c.Names(), leader)[0]
	members(t, c, stays, "the leader left", func(m map[string]federation.Member) bool {
		_, there := m[leader]
		return !there && m["f1"].Voter && len(m) == 4
	})
	if _, err := c.Node(stays).Propose(within(t, 10*time.Second), group, federationtest.Command("after", "after", 0)); err != nil {
		t.Error(err)
	}
}

func TestWhoIsNotAdmittedStaysOutside(t *testing.T) {
	t.Parallel()
	c := federationtest.Prepare(t, 3, group)
	for _, p := range c.Voters {
		c.Config(p.Name).Groups[0].Admit = func(p federation.Peer) error {
			if strings.HasPrefix(p.Name, "stranger") {
				return errors.New(p.Name + " is no city of this region")
			}
			return nil
		}
	}
	c.Found()
	c.Add("stranger")
	if err := c.TryStart(within(t, 20*time.Second), "stranger"); err == nil || !strings.Contains(err.Error(), "no city of this region") {
		t.Errorf("%v", err)
	}
}

func TestObserversSeeRoleLagAndLastContact(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 2, group)
	down := follower(c)
	c.Kill(down)
	leader := c.Leader(group)
	members(t, c, "f2", "all is seen", func(m map[string]federation.Member) bool {
		return len(m) == 5 && m[leader].Leader && m[leader].Voter && !m["f1"].Voter && m[down].Problem != "" &&
			m["f1"].Problem == "" && m["f1"].Lag == 0 && m["f1"].Contact > 0 && m["f1"].Contact < 10*time.Second && m["f1"].Clock.Abs() < time.Minute
	})
}
