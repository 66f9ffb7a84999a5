package federation_test

import (
	"context"
	"errors"
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/hashicorp/raft"

	"hotline/federation"
	"hotline/federation/federationtest"
	"hotline/federation/ledger"
)

// whole starts three voters and one follower of a region between which transfers go on.
func whole(t testing.TB) (*federationtest.Cluster, *federationtest.Transfers) {
	t.Helper()
	c := federationtest.Region(t, jingJinJi(t), 3, 1, group)
	c.Agree(group)
	return c, c.StartTransfers(group, 7, 8)
}

func TestTransfersHaveOneCustodianWhenTheLeaderIsKilled(t *testing.T) {
	t.Parallel()
	c, load := whole(t)
	load.More(100)
	leader := c.Leader(group)
	c.Kill(leader)
	load.More(100)
	c.Start(leader)
	load.More(50)
	load.Check()
}

func TestTransfersHaveOneCustodianWhenAFollowerIsKilled(t *testing.T) {
	t.Parallel()
	c, load := whole(t)
	for _, name := range []string{follower(c), "110000-2"} {
		load.More(50)
		c.Kill(name)
		load.More(50)
		c.Start(name)
	}
	load.More(50)
	load.Check()
}

func TestTransfersHaveOneCustodianWhenPowerTearsTheLog(t *testing.T) {
	t.Parallel()
	c, load := whole(t)
	for _, name := range []string{c.Leader(group), follower(c)} {
		load.More(100)
		c.Kill(name)
		c.TearTail(name, group)
		c.Start(name)
	}
	load.More(50)
	load.Check()
}

func TestTransfersHaveOneCustodianWhenAnyTwoDoNotReachEachOther(t *testing.T) {
	t.Parallel()
	c, load := whole(t)
	names := c.Names()
	for i, a := range names {
		for _, b := range names[i+1:] {
			c.Cut(a, b)
			load.More(60)
			c.Heal()
		}
	}
	load.Check()
}

func TestTransfersHaveOneCustodianWhenLinesWorkInOneDirection(t *testing.T) {
	t.Parallel()
	c, load := whole(t)
	for range 2 {
		c.CutOneWay(c.Leader(group), follower(c))
		load.More(60)
		c.Heal()
		c.CutOneWay(follower(c), c.Leader(group))
		load.More(60)
		c.Heal()
	}
	load.Check()
}

func TestTransfersHaveOneCustodianWhenANodeTakesTheStateAsASnapshot(t *testing.T) {
	t.Parallel()
	c := federationtest.PrepareRegion(t, jingJinJi(t), 3, group)
	c.ShortLogs(50, 16<<10)
	c.Found()
	c.Leader(group)
	c.JoinCities(group)
	load := c.StartTransfers(group, 7, 8)
	load.More(100)
	away := follower(c)
	c.Kill(away)
	load.More(300)
	for _, name := range c.Running() {
		if err := c.Node(name).Snapshot(group); err != nil {
			t.Fatal(err)
		}
	}
	c.Add("130000-2")
	c.Start("130000-2")
	c.Start(away)
	load.More(100)
	if _, err := c.Region("130000-2", group).Next(within(t, time.Second), 1, 10); !errors.Is(err, federation.ErrTakeState) {
		t.Errorf("it has the first entries, so the state was not taken: %v", err)
	}
	// From what it took it goes on one by one.
	index, acts, err := c.Region("130000-2", group).Take(hebei)
	if err != nil || index == 0 {
		t.Fatal(index, err)
	}
	for _, a := range acts {
		if _, refusal := c.Region("130000-2", group).Ledger().Verify(a.GetSigned()); refusal != nil {
			t.Error(refusal)
		}
	}
	next, err := c.Region("130000-2", group).Next(within(t, 10*time.Second), index, 10)
	if err != nil || next[0].Index <= index {
		t.Error(next, err)
	}
	load.Check()
}

func TestTransfersHaveOneCustodianWhenAMemberIsReplaced(t *testing.T) {
	t.Parallel()
	c, load := whole(t)
	dead := follower(c)
	load.More(50)
	c.Kill(dead)
	c.Add("130000-2")
	c.Start("130000-2")
	if err := c.Node(c.Leader(group)).Replace(within(t, 20*time.Second), group, dead, "130000-2"); err != nil {
		t.Fatal(err)
	}
	load.More(50)
	c.Kill(follower(c))
	load.More(50)
	load.Check()
}

// slow lets every write of a log take its time.
type slow struct {
	raft.LogStore
	wait time.Duration
}

func (s slow) StoreLogs(logs []*raft.Log) error {
	time.Sleep(s.wait) // this is what is tested, nobody waits for it
	return s.LogStore.StoreLogs(logs)
}

func (s slow) IsMonotonic() bool { return true }

func TestTransfersHaveOneCustodianWhenADiskIsSlow(t *testing.T) {
	t.Parallel()
	c, load := whole(t)
	for _, name := range []string{follower(c), c.Leader(group)} {
		c.Kill(name)
		c.Config(name).Disk = func(log raft.LogStore) raft.LogStore { return slow{log, 50 * time.Millisecond} }
		c.Start(name)
		load.More(60)
	}
	load.Check()
}

func TestTransfersHaveOneCustodianWhenADiskIsFull(t *testing.T) {
	t.Parallel()
	c := federationtest.PrepareRegion(t, jingJinJi(t), 3, group)
	c.ShortLogs(1<<20, 64<<10)
	small := c.Voters[1].Name
	disk := smallDisk(t, c.Config(small).Folder, "1m")
	c.Found()
	c.Leader(group)
	c.JoinCities(group)
	load := c.StartTransfers(group, 7, 8)
	node := c.Node(small)
	select {
	case <-node.Stopped():
	case <-time.After(40 * time.Second):
		t.Fatal("the disk did not fill")
	}
	if err := node.Reason().Error(); !strings.Contains(err, "free space or replace the disk") {
		t.Error(err)
	}
	load.More(100) // the others go on
	c.Kill(small)
	if err := syscall.Mount("", disk, "", syscall.MS_REMOUNT, "size=64m"); err != nil {
		t.Fatal(err)
	}
	c.Start(small)
	load.More(50)
	load.Check()
}

// smallDisk makes the folder a file system of its own.
func smallDisk(t *testing.T, folder, size string) string {
	t.Helper()
	if err := os.MkdirAll(folder, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size="+size); err != nil {
		t.Fatalf("a small disk can't be mounted (%v): run the tests as root, or under `unshare -rm`", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder
}

func TestTransfersHaveOneCustodianWhenAClockIsDaysOff(t *testing.T) {
	t.Parallel()
	c, load := whole(t)
	wrong := c.Leader(group)
	load.More(50)
	for _, off := range []time.Duration{-72 * time.Hour, 96 * time.Hour} {
		c.Skew(wrong, off)
		load.More(60)
		c.Skew(wrong, 0)
		wrong = c.Leader(group)
	}
	load.Check()
}

func TestTransfersHaveOneCustodianWhileNodesAreUpgradedOneByOne(t *testing.T) {
	t.Parallel()
	cities := jingJinJi(t)
	const next = ledger.Version
	c := federationtest.PrepareRegion(t, cities, 3, group)
	c.Add("110000-2")
	for _, name := range c.Names() {
		c.Knows(name, next-1)
	}
	c.Found()
	c.Leader(group)
	c.JoinCities(group)
	c.Start("110000-2")
	load := c.StartTransfers(group, 7, 8)
	upgrade := func(name string) {
		c.Kill(name)
		c.Knows(name, next)
		c.Start(name)
		load.More(30)
	}
	say := func(who string, sequence uint64) ledger.Result {
		result, err := c.Region("110000-2", group).Propose(within(t, 20*time.Second), cities.Sign(group, who, c.Clock.Now(), sequence, announce(sequence, next)))
		if err != nil {
			t.Fatal(err)
		}
		return result
	}
	// The nodes one by one, and each city says so when all of its nodes are done. The region follows the last of them.
	for i, name := range []string{"110000-2", "110000-1", "120000-1", "130000-1"} {
		upgrade(name)
		if i > 0 {
			if result := say(name[:6], uint64(i+2)); result.Refusal() != nil {
				t.Fatal(name, result.Refusal())
			}
			load.Besides++
		}
		if version := c.Region("110000-2", group).Ledger().Figures().Version; version == next && i < 3 {
			t.Errorf("the region goes by version %d before %s does", version, "130000")
		}
	}
	c.Until("the region goes by the new version", func() bool { return c.Region("110000-2", group).Ledger().Figures().Version == next })
	load.More(50)
	if figures := load.Check(); figures.Together == 0 {
		t.Error("the cities sign no acts together although the region knows how")
	}
	// A node that was forgotten stops rather than go its own way.
	c.Kill("110000-2")
	c.Knows("110000-2", next-1)
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	err := c.TryStart(ctx, "110000-2")
	if err == nil {
		<-c.Node("110000-2").Stopped()
		err = c.Node("110000-2").Reason()
	}
	if !errors.Is(err, ledger.ErrTooOld) {
		t.Error(err)
	}
}
