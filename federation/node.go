package federation

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"maps"
	"net"
	"os"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// Node is this process among the others.
type Node struct {
	conf   Config
	lock   *os.File
	mux    *mux
	groups map[string]*group

	closing sync.Once
	closed  error
	opened  chan struct{} // closed when Start is done
	stopped chan struct{} // closed when the node stopped by itself
	reason  error         // why
	once    sync.Once
}

// Start opens the node: it founds its groups, goes on from disk, or asks to be let in, whatever its folder and the other
// nodes say is due. It returns when the node serves in all its groups; for one that is let in, that is when a leader has
// agreed. Until then ctx may end it.
func Start(ctx context.Context, conf Config) (*Node, error) {
	conf.defaults()
	if err := conf.check(); err != nil {
		return nil, err
	}
	id, err := loadIdentity(&conf)
	if err != nil {
		return nil, err
	}
	n := &Node{conf: conf, groups: map[string]*group{}, opened: make(chan struct{}), stopped: make(chan struct{})}
	defer close(n.opened)
	if n.lock, err = lockFolder(conf.Folder, conf.Name); err != nil {
		return nil, err
	}
	ln, err := net.Listen("tcp", conf.Listen)
	if err != nil {
		n.lock.Close()
		return nil, fmt.Errorf("the node can't listen on %s (%w): free the port or choose another", conf.Listen, err)
	}
	n.mux = newMux(ln, id, conf.Dial)
	n.mux.serve = n.serve
	for _, g := range conf.Groups {
		n.groups[g.Name] = newGroup(n, g)
	}
	// The others are answered from now on, so that nodes that start together don't wait for each other.
	n.mux.done.Go(n.mux.run)
	if conf.Revoked != "" {
		n.mux.done.Go(func() { n.mux.heed(conf.Timing.Heartbeat) })
	}
	for _, g := range conf.Groups {
		if err := n.groups[g.Name].start(ctx); err != nil {
			return nil, errors.Join(err, n.Close())
		}
	}
	if n.Reason() != nil {
		return nil, errors.Join(n.Reason(), n.Close())
	}
	return n, nil
}

// serve takes a stream whose caller has the certificate that it names; what each kind asks beyond that, such as to be a member, it says.
func (n *Node) serve(h hello, conn *tls.Conn) {
	g, ok := n.groups[h.group]
	switch {
	case h.kind == kindAsk:
		defer n.mux.drop(conn)
		n.serveQuestion(g, h, conn)
	case ok && h.kind == kindRaft && g.mayReplicate(h.from):
		g.layer.hand(conn)
	case ok && h.kind == kindPropose && g.isReady():
		defer n.mux.drop(conn)
		g.serveProposals(h.from, conn)
	case ok && h.kind == kindCall && g.isReady() && g.knows(h.from):
		defer n.mux.drop(conn)
		n.serveCall(h, conn)
	default:
		n.mux.drop(conn)
	}
}

// Close stops the node where it stands: what was committed is on disk, the others go on without it.
func (n *Node) Close() error {
	n.closing.Do(func() { n.closed = n.close() })
	return n.closed
}

// stop is for a node that must not go on. What called it is still at work in the node, so it is closed beside.
func (n *Node) stop(reason error) {
	n.once.Do(func() {
		n.reason = fmt.Errorf("this node stopped itself: %w", reason)
		n.conf.Log.Error(n.reason.Error(), "node", n.conf.Name)
		close(n.stopped)
		go func() {
			<-n.opened
			_ = n.Close()
		}()
	})
}

// Stopped is closed when the node stopped by itself because it must not go on; Reason tells why.
func (n *Node) Stopped() <-chan struct{} { return n.stopped }

// Reason is why the node stopped by itself, nil if it did not.
func (n *Node) Reason() error {
	select {
	case <-n.stopped:
		return n.reason
	default:
		return nil
	}
}

func (n *Node) close() error {
	n.mux.cut()
	for _, g := range n.groups {
		g.layer.Close() // streams may wait for a raft that was never opened
	}
	n.mux.done.Wait()
	var err error
	for _, g := range n.groups {
		err = errors.Join(err, g.close())
	}
	return errors.Join(err, n.lock.Close())
}

func (n *Node) group(name string) (*group, error) {
	g, ok := n.groups[name]
	if !ok {
		return nil, fmt.Errorf("%w %q, only of %s", ErrUnknownGroup, name, strings.Join(slices.Sorted(maps.Keys(n.groups)), ", "))
	}
	if !g.isReady() {
		return nil, fmt.Errorf("group %s is not open yet: %w", name, ErrClosed)
	}
	return g, nil
}

// Propose brings a command into the group's log, whoever leads it, and returns what the machine answered. It is tried until
// ctx ends. The error says whether the command may have been applied (ErrUncertain) or was not (all others).
func (n *Node) Propose(ctx context.Context, group string, command []byte) ([]byte, error) {
	g, err := n.group(group)
	if err != nil {
		return nil, err
	}
	return g.propose(ctx, command)
}

// Read runs fn while nothing is applied here, with the index of the last command that was. The state may be behind that of
// the leader.
func (n *Node) Read(group string, fn func(index uint64)) error {
	g, err := n.group(group)
	if err == nil {
		g.fsm.read(fn)
	}
	return err
}

// Next waits for entries after a position and returns up to limit of them in order. ErrTakeState means that the reader has to
// take the whole state by Read.
func (n *Node) Next(ctx context.Context, group string, after uint64, limit int) ([]Entry, error) {
	g, err := n.group(group)
	if err != nil {
		return nil, err
	}
	return g.fsm.feed.next(ctx, after, max(limit, 1))
}

// Leader is the one that this node follows now, if any.
func (n *Node) Leader(group string) (Peer, bool) {
	g, err := n.group(group)
	if err != nil {
		return Peer{}, false
	}
	return g.leader()
}

// Snapshot writes the state of a group to disk now and cuts the log.
func (n *Node) Snapshot(group string) error {
	g, err := n.group(group)
	if err != nil {
		return err
	}
	return g.raft.Snapshot().Error()
}

// Status is how this node stands in a group, without asking another.
func (n *Node) Status(group string) Status {
	g, err := n.group(group)
	if err == nil {
		err = n.Reason()
	}
	if err != nil {
		return Status{Problem: err}
	}
	s := Status{Applied: g.raft.AppliedIndex(), Commit: g.raft.CommitIndex()}
	if leader, ok := g.leader(); ok {
		s.Leader = leader.Name
	}
	if last := g.raft.LastContact(); g.raft.State() != raft.Leader && !last.IsZero() {
		s.Contact = time.Since(last)
	}
	return s
}
