package federation

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"
	wal "github.com/hashicorp/raft-wal"
	"github.com/hashicorp/raft-wal/metadb"
)

// Measured best on three nodes with fsync: many small commands share one write.
const (
	appendAtOnce  = 256
	appendsOnWay  = 8
	cachedEntries = 2048
	keptSnapshots = 2
)

// group is this node's part in one raft group.
type group struct {
	node   *Node
	conf   Group
	log    *slog.Logger
	folder string
	layer  *layer
	fsm    *fsm
	lines  *streams // over which members propose
	calls  *streams // over which they call the process
	slots  chan struct{}
	ready  chan struct{} // closed when what follows is set
	closed chan struct{}
	done   sync.WaitGroup

	wal       *wal.WAL
	meta      metadb.BoltMetaDB // the log does not close it
	transport *raft.NetworkTransport
	raft      *raft.Raft

	mu       sync.Mutex
	toLeader *line
	barred   map[string]time.Time // who is no member, and until when that need not be asked again
	judges   chan struct{}        // as many commands are judged at once as there are processors
	entered  chan struct{}        // commands of this process that have no answer yet
	empty    atomic.Bool          // nothing was on disk when it was opened
	settled  atomic.Uint64        // the term of which all before it is applied here
}

func newGroup(n *Node, conf Group) *group {
	g := &group{
		node: n, conf: conf, log: n.conf.Log.With("node", n.conf.Name, "group", conf.Name), folder: filepath.Join(n.conf.Folder, conf.Name),
		barred: map[string]time.Time{}, lines: newStreams(linesOfOne), calls: newStreams(callsOfOne),
		entered: make(chan struct{}, waitingProposals), slots: make(chan struct{}, waitingProposals),
		judges: make(chan struct{}, runtime.GOMAXPROCS(0)), ready: make(chan struct{}), closed: make(chan struct{}),
	}
	g.fsm = newFSM(conf.Machine, func(err error) { n.stop(fmt.Errorf("group %s: %w", conf.Name, err)) },
		func() { go n.mux.dropFrom(conf.Name, g.gone) })
	g.layer = newLayer(n.mux, conf.Name, n.conf.Address, g.nameAt)
	return g
}

func (g *group) start(ctx context.Context) error {
	stores, err := g.openStores()
	if err != nil {
		return fmt.Errorf("group %s: %w", g.conf.Name, err)
	}
	fresh := !stores.used
	g.empty.Store(fresh)
	founder := fresh && g.conf.founder(g.node.conf.Name)
	var absent bool
	if founder {
		absent, err = g.meetAll(ctx)
	} else {
		absent, _, err = g.meet(ctx, fresh)
	}
	if err != nil {
		return fmt.Errorf("group %s: %w", g.conf.Name, err)
	}
	found := founder && !absent
	if err := g.openRaft(stores, found); err != nil {
		return fmt.Errorf("group %s: %w", g.conf.Name, err)
	}
	close(g.ready)
	if fresh && !found {
		if err := g.join(ctx); err != nil {
			return err
		}
	}
	g.done.Go(g.announce)
	g.done.Go(g.keepTime)
	g.done.Go(g.noticeSilence)
	return nil
}

// stores is what a group has on disk.
type stores struct {
	log       raft.LogStore
	stable    raft.StableStore
	snapshots raft.SnapshotStore
	used      bool // something was written before
}

func (g *group) openStores() (*stores, error) {
	folder := filepath.Join(g.folder, "log")
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("the folder %s can't be made (%w): make it writable for the user that runs the node", folder, err)
	}
	size := g.conf.SegmentBytes
	if size == 0 {
		size = 32 << 20
	}
	var err error
	if g.wal, err = wal.Open(folder, wal.WithSegmentSize(size), wal.WithLogger(g.library("log")), wal.WithMetaStore(&g.meta)); err != nil {
		return nil, fmt.Errorf("the log in %s can't be opened (%w): if it is damaged, remove this node from the group, empty the folder and start it again",
			folder, err)
	}
	snapshots, err := raft.NewFileSnapshotStoreWithLogger(g.folder, keptSnapshots, g.library("snapshot"))
	if err != nil {
		return nil, fmt.Errorf("the snapshots in %s can't be opened: %w", g.folder, err)
	}
	kept := &disk{g.node.conf.Disk(g.wal), g.wal, g}
	cache, err := raft.NewLogCache(cachedEntries, kept)
	if err != nil {
		return nil, err
	}
	used, err := raft.HasExistingState(g.wal, g.wal, snapshots)
	return &stores{cache, kept, snapshots, used}, err
}

func (g *group) openRaft(s *stores, found bool) error {
	g.transport = raft.NewNetworkTransportWithConfig(&raft.NetworkTransportConfig{Stream: g.layer, MaxPool: 3, Logger: g.library("net"),
		MaxRPCsInFlight: appendsOnWay, Timeout: g.node.conf.Timing.patience(), MsgpackUseNewTimeFormat: true})
	conf := g.raftConfig()
	if found {
		if err := raft.BootstrapCluster(conf, s.log, s.stable, s.snapshots, g.transport, raft.Configuration{Servers: g.conf.founders()}); err != nil {
			return fmt.Errorf("founding: %w", err)
		}
	}
	r, err := raft.NewRaft(conf, g.fsm, s.log, s.stable, s.snapshots, g.transport)
	if err != nil {
		return fmt.Errorf("opening: %w", errors.Join(g.fsm.failed(), err))
	}
	g.mu.Lock() // the layer may be asked for names already
	g.raft = r
	g.mu.Unlock()
	return nil
}

func (g *group) raftConfig() *raft.Config {
	c := raft.DefaultConfig()
	c.LocalID = raft.ServerID(g.node.conf.Name)
	c.HeartbeatTimeout, c.ElectionTimeout = g.node.conf.Timing.Heartbeat, g.node.conf.Timing.Election
	c.LeaderLeaseTimeout = g.node.conf.Timing.Heartbeat / 2
	c.MaxAppendEntries, c.BatchApplyCh = appendAtOnce, true
	if c.SnapshotThreshold = g.conf.SnapshotEvery; c.SnapshotThreshold == 0 {
		c.SnapshotThreshold = 8192
	}
	// A member that was away for less than this many entries gets the entries, not the whole state.
	c.TrailingLogs = c.SnapshotThreshold
	c.SnapshotInterval = 10 * g.node.conf.Timing.Heartbeat
	c.NoLegacyTelemetry = true
	c.Logger = g.library("raft")
	return c
}

func (g *group) isReady() bool {
	select {
	case <-g.ready:
		return true
	default:
		return false
	}
}

// close may be called on a group that never opened.
func (g *group) close() error {
	close(g.closed)
	g.done.Wait()
	g.fsm.feed.close()
	g.mu.Lock()
	if g.toLeader != nil {
		g.toLeader.kill()
	}
	g.mu.Unlock()
	var err error
	if g.raft != nil {
		err = g.raft.Shutdown().Error()
	}
	if g.transport != nil {
		g.transport.CloseStreams()
		err = errors.Join(err, g.transport.Close())
	}
	if g.wal != nil {
		err = errors.Join(err, g.wal.Close())
	}
	err = errors.Join(err, g.meta.Close())
	return err
}

// servers are the members as this node knows them; none before it is one.
func (g *group) servers() []raft.Server {
	g.mu.Lock()
	r := g.raft
	g.mu.Unlock()
	if r == nil {
		return nil
	}
	f := r.GetConfiguration()
	if f.Error() != nil {
		return nil
	}
	return f.Configuration().Servers
}

func (g *group) member(name string) (raft.Server, bool) {
	for _, s := range g.servers() {
		if string(s.ID) == name {
			return s, true
		}
	}
	return raft.Server{}, false
}

func (g *group) knows(name string) bool {
	_, ok := g.member(name)
	return ok
}

func (g *group) votes(name string) bool {
	s, ok := g.member(name)
	return ok && s.Suffrage == raft.Voter
}

func (g *group) nameAt(address string) (string, bool) {
	for _, s := range g.servers() {
		if string(s.Address) == address {
			return string(s.ID), true
		}
	}
	for _, p := range g.conf.Voters {
		if p.Address == address {
			return p.Name, true
		}
	}
	return "", false
}

func (g *group) leader() (Peer, bool) {
	address, id := g.raft.LeaderWithID()
	return Peer{string(id), string(address)}, id != "" && address != ""
}

// noticeSilence lets raft look at once when the leader has been silent for too long. By itself it looks at moments that are up to
// two timeouts apart, and all voters have to have noticed before one of them is elected: that made up most of a change of leaders.
func (g *group) noticeSilence() {
	timeout := g.node.conf.Timing.Heartbeat
	tick := time.NewTicker(timeout / 20)
	defer tick.Stop()
	patience := func() time.Duration { return timeout + rand.N(timeout/4+1) } // not all at the same moment
	wait, since := patience(), time.Now()
	for {
		select {
		case <-g.closed:
			return
		case <-tick.C:
		}
		last := g.raft.LastContact()
		if g.raft.State() != raft.Follower || last.IsZero() || time.Since(last) < wait || time.Since(since) < wait {
			continue
		}
		// Raft looks whenever this timeout is made shorter, be it by so little.
		c := g.raft.ReloadableConfig()
		c.HeartbeatTimeout--
		if err := g.raft.ReloadConfig(c); err != nil {
			g.log.Warn("raft was not told", "error", err)
		}
		wait, since = patience(), time.Now()
	}
}

// keepTime sees that a clock that is far off does not lead: its leader would refuse what is right. It hands over to another.
func (g *group) keepTime() {
	tick := time.NewTicker(g.node.conf.Timing.patience())
	defer tick.Stop()
	for {
		select {
		case <-g.closed:
			return
		case <-g.raft.LeaderCh():
		case <-tick.C:
		}
		if g.raft.State() != raft.Leader {
			continue
		}
		if off := g.clockOff(); off != "" {
			g.log.Error("this machine's clock is off from most others': it hands the lead over; set it, best by NTP", "off", off)
			if err := g.raft.LeadershipTransfer().Error(); err != nil {
				g.log.Warn("nobody took the lead over", "error", err)
			}
		}
	}
}

// clockOff says by how much this clock is off, if it is from most of the voters that answer.
func (g *group) clockOff() string {
	ctx, cancel := context.WithTimeout(context.Background(), g.node.conf.Timing.patience())
	defer cancel()
	var mu sync.Mutex
	var done sync.WaitGroup
	answered, skewed := 0, []string(nil)
	for _, s := range g.servers() {
		if s.Suffrage != raft.Voter || string(s.ID) == g.node.conf.Name {
			continue
		}
		done.Go(func() {
			m, _ := g.observe(ctx, s)
			mu.Lock()
			defer mu.Unlock()
			if m.Problem == "" {
				answered++
			}
			if m.Clock.Abs() > clockOff {
				skewed = append(skewed, fmt.Sprintf("%s by %s", m.Name, m.Clock.Round(time.Second)))
			}
		})
	}
	done.Wait()
	if 2*len(skewed) <= answered {
		return ""
	}
	return strings.Join(skewed, ", ")
}

// announce tells the founders once that this node has begun to keep the log, so that they would know it again if it came
// back with an empty disk.
func (g *group) announce() {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() {
		<-g.closed
		cancel()
	}()
	left := g.conf.others(g.node.conf.Name)
	for len(left) > 0 {
		left = slices.DeleteFunc(left, func(p Peer) bool {
			if g.raft.LastIndex() == 0 {
				return false
			}
			a, err := g.ask(ctx, p, question{Op: opBegun})
			return err == nil && a.Later == ""
		})
		select {
		case <-ctx.Done():
			return
		case <-time.After(g.node.conf.Timing.patience()):
		}
	}
}
