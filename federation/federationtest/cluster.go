package federationtest

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation"
	"hotline/federation/ledger"
)

// Fast is for tests on one machine that others use too.
var Fast = federation.Timing{Heartbeat: 300 * time.Millisecond, Election: 300 * time.Millisecond}

const patience = 30 * time.Second

// Clock is what nodes and cities go by; a test can let time pass.
type Clock struct{ ahead atomic.Int64 }

// Now is the moment by this clock.
func (c *Clock) Now() time.Time { return time.Now().Add(time.Duration(c.ahead.Load())) }

// Advance lets time pass.
func (c *Clock) Advance(d time.Duration) { c.ahead.Add(int64(d)) }

// Cluster is some nodes that are members of the same groups.
type Cluster struct {
	t             testing.TB
	Authority     *Authority
	Groups        []string
	Voters        []federation.Peer
	snapshotEvery uint64
	segmentBytes  int
	lines         *lines
	host          string
	members       map[string]*member
	loads         int
	cities        *Cities      // of the ledger, where the machine is one
	announced     int          // acts in the ledger by which they said what they know
	Clock         *Clock       // of all nodes and cities
	mu            sync.RWMutex // what runs may be asked for beside the test
	starting      sync.RWMutex // held while a node starts
}

type member struct {
	conf    federation.Config
	node    *federation.Node
	tallies map[string]*Tally
	regions map[string]*federation.Region
	skew    atomic.Int64 // of its clock
	knows   uint32       // the version of the ledger that its build knows; 0: this one's
}

// Open starts so many voters and so many members without a vote, in the groups named; each group's voters are all voters.
func Open(t testing.TB, voters, followers int, groups ...string) *Cluster {
	t.Helper()
	c := Prepare(t, voters, groups...)
	c.Found()
	for i := range followers {
		c.Add(fmt.Sprintf("f%d", i+1))
		c.Start(fmt.Sprintf("f%d", i+1))
	}
	for _, g := range c.Groups {
		c.Leader(g)
	}
	return c
}

// Prepare is a cluster of which nothing runs yet.
func Prepare(t testing.TB, voters int, groups ...string) *Cluster {
	c := prepare(t, groups...)
	for i := range voters {
		c.found(fmt.Sprintf("v%d", i+1))
	}
	c.addFounders()
	return c
}

func (c *Cluster) found(name string) {
	c.Voters = append(c.Voters, federation.Peer{Name: name, Address: c.freeAddress()})
}

func (c *Cluster) addFounders() {
	for _, p := range c.Voters {
		c.add(p)
	}
}

func prepare(t testing.TB, groups ...string) *Cluster {
	// An address of their own lets nodes come back to their ports: nobody else takes ports there.
	host := fmt.Sprintf("127.%d.%d.%d", 1+rand.IntN(250), rand.IntN(250), 1+rand.IntN(250))
	c := &Cluster{t: t, Authority: NewAuthority(t), Groups: groups, Clock: new(Clock), lines: newLines(), host: host, members: map[string]*member{}, snapshotEvery: 1 << 20}
	t.Cleanup(func() {
		for _, name := range c.Names() {
			c.Kill(name)
		}
	})
	return c
}

// Region starts so many voters, called 110000-1, 120000-1 and so on after the cities, whose machine is the ledger of a region in
// which all of the cities are members.
func Region(t testing.TB, cities *Cities, voters, followers int, group string) *Cluster {
	t.Helper()
	c := PrepareRegion(t, cities, voters, group)
	c.Found()
	c.Leader(group)
	c.JoinCities(group)
	for i := range followers {
		name := fmt.Sprintf("%s-%d", cities.Codes[i%len(cities.Codes)], i+2)
		c.Add(name)
		c.Start(name)
	}
	return c
}

// PrepareRegion is a Region of which nothing runs yet.
func PrepareRegion(t testing.TB, cities *Cities, voters int, groups ...string) *Cluster {
	c := prepare(t, groups...)
	c.cities = cities
	for i := range voters {
		c.found(fmt.Sprintf("%s-1", cities.Codes[i]))
	}
	c.addFounders()
	return c
}

// JoinCities makes all cities members, as the coordinator does.
func (c *Cluster) JoinCities(group string) {
	c.t.Helper()
	r := c.Region(c.Running()[0], group)
	for i, code := range c.cities.Codes[1:] {
		command := c.cities.Joining(code)
		command.Sequence = uint64(i + 1)
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		result, err := r.Propose(ctx, c.cities.Sign(group, c.cities.Codes[0], time.Now(), uint64(i+1), command))
		cancel()
		if err != nil || result.Refusal() != nil {
			c.t.Fatalf("%s does not join: %v %v", code, result.Refusal(), err)
		}
	}
}

// Agree lets all cities say that they know the newest version, so that the region goes by it.
func (c *Cluster) Agree(group string) {
	c.t.Helper()
	r := c.Region(c.Running()[0], group)
	sequence := uint64(len(c.cities.Codes)) // after those that joined
	for _, code := range c.cities.Codes {
		act := &federationv1.Command{Act: &federationv1.Command_Announce{Announce: &federationv1.Announce{Speaks: ledger.Version}}, Sequence: sequence}
		ctx, cancel := context.WithTimeout(context.Background(), patience)
		result, err := r.Propose(ctx, c.cities.Sign(group, code, c.Clock.Now(), sequence, act))
		cancel()
		if err != nil || result.Refusal() != nil {
			c.t.Fatalf("%s does not announce: %v %v", code, result.Refusal(), err)
		}
		sequence++
		c.announced++
	}
	c.Until("this node has it", func() bool { return r.Ledger().Figures().Version == ledger.Version })
}

// ShortLogs lets nodes that are started from now on write their state after so many entries, and their log into files of so
// many bytes. Only whole files are dropped.
func (c *Cluster) ShortLogs(entries uint64, bytes int) {
	c.snapshotEvery, c.segmentBytes = entries, bytes
}

func (c *Cluster) freeAddress() string {
	for {
		ln, err := net.Listen("tcp", c.host+":0")
		c.must(err)
		defer ln.Close()
		address := ln.Addr().String()
		if !c.lines.named(address) {
			return address
		}
	}
}

// Add makes a node that is not among the founders, without starting it.
func (c *Cluster) Add(name string) { c.add(federation.Peer{Name: name, Address: c.freeAddress()}) }

func (c *Cluster) add(p federation.Peer) {
	cert, key := c.Authority.Issue(p.Name)
	m := &member{tallies: map[string]*Tally{}, regions: map[string]*federation.Region{}, conf: federation.Config{Name: p.Name, Listen: p.Address, Address: p.Address, Folder: filepath.Join(c.t.TempDir(), p.Name),
		CA: c.Authority.CA, Certificate: cert, Key: key, Timing: Fast, Log: io.Discard, Dial: c.lines.dialer(p.Name)}}
	m.conf.Now = func() time.Time { return c.Clock.Now().Add(time.Duration(m.skew.Load())) }
	for _, g := range c.Groups {
		m.conf.Groups = append(m.conf.Groups, federation.Group{Name: g, Voters: c.Voters})
	}
	if path := os.Getenv("FEDERATION_LOG"); path != "" {
		m.conf.Log = os.Stderr
	}
	c.lines.name(p)
	c.mu.Lock()
	defer c.mu.Unlock()
	c.members[p.Name] = m
}

// Config is what the node is started with; a test may change it while it doesn't run.
func (c *Cluster) Config(name string) *federation.Config { return &c.member(name).conf }

// Found starts all founders at once: each waits for the others.
func (c *Cluster) Found() {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	errs := make(chan error, len(c.Voters))
	for _, p := range c.Voters {
		go func() { errs <- c.TryStart(ctx, p.Name) }()
	}
	for range c.Voters {
		c.must(<-errs)
	}
}

// Start starts a node that is not running, on the disk that it had.
func (c *Cluster) Start(name string) {
	c.t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c.must(c.TryStart(ctx, name))
}

// TryStart is Start for nodes that may be refused.
func (c *Cluster) TryStart(ctx context.Context, name string) error {
	m := c.member(name)
	m.conf.Groups = slices.Clone(m.conf.Groups)
	tallies, regions := map[string]*Tally{}, map[string]*federation.Region{}
	for i := range m.conf.Groups {
		g := &m.conf.Groups[i]
		if c.cities == nil {
			t := NewTally()
			tallies[g.Name], g.Machine = t, t
		} else {
			r, err := federation.NewRegion(c.cities.Genesis(g.Name))
			c.must(err)
			if m.knows != 0 {
				r.Ledger().Knowing(m.knows)
			}
			regions[g.Name] = r
			*g = r.Group(g.Voters)
		}
		g.SnapshotEvery, g.SegmentBytes = c.snapshotEvery, c.segmentBytes
	}
	c.starting.RLock()
	node, err := federation.Start(ctx, m.conf)
	c.starting.RUnlock()
	c.mu.Lock()
	defer c.mu.Unlock()
	m.node, m.tallies, m.regions = node, tallies, regions
	for _, r := range regions {
		r.Join(node)
	}
	return err
}

// letTimePass does so unless a node compares its clock with the others' just now.
func (c *Cluster) letTimePass(d time.Duration) {
	if c.starting.TryLock() {
		defer c.starting.Unlock()
		c.Clock.Advance(d)
	}
}

func (c *Cluster) member(name string) *member {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.members[name]
}

// Region is the node's ledger in a group.
func (c *Cluster) Region(name, group string) *federation.Region {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.members[name].regions[group]
}

// regionOf is the ledger on a node of the city that runs; when that was tried in vain, on the others by turns.
func (c *Cluster) regionOf(city, group string, attempt int) *federation.Region {
	running := c.Running()
	slices.SortStableFunc(running, func(a, b string) int { // the city's own first
		return cmp.Compare(strconv.FormatBool(!strings.HasPrefix(a, city)), strconv.FormatBool(!strings.HasPrefix(b, city)))
	})
	if len(running) == 0 {
		return nil
	}
	return c.Region(running[attempt%len(running)], group)
}

// Skew puts the clock of a node wrong by so much.
func (c *Cluster) Skew(name string, by time.Duration) { c.member(name).skew.Store(int64(by)) }

// Knows makes the node, when it is started the next time, one of a build that knows another version of the ledger.
func (c *Cluster) Knows(name string, version uint32) { c.member(name).knows = version }

// Kill stops a node without a word to the others.
func (c *Cluster) Kill(name string) {
	m := c.member(name)
	c.mu.Lock()
	node := m.node
	m.node = nil
	c.mu.Unlock()
	if node != nil {
		// What it says on its way out doesn't matter: nobody would read it after a power failure.
		_ = node.Close()
	}
}

// Node is the running node.
func (c *Cluster) Node(name string) *federation.Node {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.members[name].node
}

// Tally is the node's state in a group.
func (c *Cluster) Tally(name, group string) *Tally {
	c.mu.RLock()
	defer c.mu.RUnlock()
	return c.members[name].tallies[group]
}

// Names are those of all nodes.
func (c *Cluster) Names() []string {
	c.mu.RLock()
	defer c.mu.RUnlock()
	var out []string
	for name := range c.members {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

// Running are the names of the nodes that run.
func (c *Cluster) Running() []string {
	return slices.DeleteFunc(c.Names(), func(name string) bool { return c.Node(name) == nil })
}

// Cut cuts the line between two nodes.
func (c *Cluster) Cut(a, b string) {
	c.lines.cutWay(a, b)
	c.lines.cutWay(b, a)
}

// CutOneWay keeps from from reaching to, which may still reach it: a firewall that opens in one direction only.
func (c *Cluster) CutOneWay(from, to string) { c.lines.cutWay(from, to) }

// Heal mends all lines.
func (c *Cluster) Heal() { c.lines.heal() }

// Leader waits until more than half of the running nodes follow the same one, and names it.
func (c *Cluster) Leader(group string) string {
	c.t.Helper()
	var leader string
	c.Until("group "+group+" has a leader", func() bool {
		votes := map[string]int{}
		running := c.Running()
		for _, name := range running {
			if p, ok := c.Node(name).Leader(group); ok {
				if votes[p.Name]++; 2*votes[p.Name] > len(running) && c.Node(p.Name) != nil {
					leader = p.Name
					return true
				}
			}
		}
		return false
	})
	return leader
}

// Until waits for a condition and fails the test if it does not come true.
func (c *Cluster) Until(what string, holds func() bool) {
	c.t.Helper()
	deadline := time.Now().Add(patience)
	for !holds() {
		if time.Now().After(deadline) {
			c.t.Fatalf("it did not come true that %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

// SameState waits until all running nodes have applied the same.
func (c *Cluster) SameState(group string) {
	c.t.Helper()
	c.Until("all nodes have the same state", func() bool {
		orders := map[uint64]bool{}
		for _, name := range c.Running() {
			orders[c.Tally(name, group).Order()] = true
		}
		return len(orders) == 1
	})
}

// TearTail leaves a record half-written at the end of a killed node's log, as a power failure does.
func (c *Cluster) TearTail(name, group string) {
	// The head of a record of 400 bytes, then only a few of them.
	c.damage(name, group, 0, append([]byte{1, 0, 0, 0, 0x90, 1, 0, 0}, "torn off here"...))
}

// LoseTail destroys the end of what a killed node had written.
func (c *Cluster) LoseTail(name, group string) {
	c.damage(name, group, 24, []byte("0123456789abcdefghijklmn"))
}

// damage overwrites the log from so many bytes before its end.
func (c *Cluster) damage(name, group string, back int, with []byte) {
	c.t.Helper()
	files, err := filepath.Glob(filepath.Join(c.members[name].conf.Folder, group, "log", "*.wal"))
	c.must(err)
	slices.Sort(files)
	path := files[len(files)-1]
	b, err := os.ReadFile(path)
	c.must(err)
	end := len(b)
	for end > 0 && b[end-1] == 0 {
		end--
	}
	// Records are padded to eight bytes; the last one ends with a checksum that may end in zero.
	end = (end + 7) / 8 * 8
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	c.must(err)
	defer f.Close()
	_, err = f.WriteAt(with, int64(end-back))
	c.must(err)
}

func (c *Cluster) must(err error) {
	c.t.Helper()
	if err != nil {
		c.t.Fatal(err)
	}
}

// Begun says whether a node knows that another one keeps the log.
func (c *Cluster) Begun(name, group, other string) bool {
	_, err := os.Stat(filepath.Join(c.members[name].conf.Folder, group, "begun-"+other))
	return err == nil
}
