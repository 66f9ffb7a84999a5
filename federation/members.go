package federation

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// Member is how one member of a group stands, asked by another.
type Member struct {
	Peer
	Voter   bool          `json:"voter"`
	Leader  bool          `json:"leader"`
	Applied uint64        `json:"applied"`
	Lag     uint64        `json:"lag"`     // entries that are committed and not applied there
	Contact time.Duration `json:"contact"` // since it last heard of the leader
	Clock   time.Duration `json:"clock"`   // how far its clock is ahead
	Speaks  uint32        `json:"speaks"`  // the newest version that its machine knows; 0 where it does not say
	Problem string        `json:"problem,omitempty"`
}

// status is how this node stands.
func (g *group) status() *Member {
	m := &Member{Peer: Peer{g.node.conf.Name, g.node.conf.Address}, Leader: g.raft.State() == raft.Leader, Applied: g.raft.AppliedIndex(), Speaks: g.conf.Speaks}
	if last := g.raft.LastContact(); !m.Leader && !last.IsZero() {
		m.Contact = time.Since(last)
	}
	return m
}

// Observe asks all members how they stand. One that does not answer is in the list with the reason.
func (n *Node) Observe(ctx context.Context, group string) ([]Member, error) {
	g, err := n.group(group)
	if err != nil {
		return nil, err
	}
	servers := g.servers()
	members, commits := make([]Member, len(servers)), make([]uint64, len(servers))
	var done sync.WaitGroup
	for i, s := range servers {
		done.Go(func() { members[i], commits[i] = g.observe(ctx, s) })
	}
	done.Wait()
	commit := slices.Max(append(commits, g.raft.CommitIndex()))
	for i := range members {
		if members[i].Problem == "" {
			members[i].Lag = commit - min(commit, members[i].Applied)
		}
	}
	slices.SortFunc(members, func(a, b Member) int { return strings.Compare(a.Name, b.Name) })
	return members, nil
}

func (g *group) observe(ctx context.Context, s raft.Server) (Member, uint64) {
	m := Member{Peer: Peer{string(s.ID), string(s.Address)}}
	sent := g.node.conf.Now()
	a, err := g.ask(ctx, m.Peer, question{Op: opStatus})
	back := g.node.conf.Now()
	switch {
	case err != nil:
		m.Problem = "no answer: " + err.Error()
	case a.Status == nil:
		m.Problem = a.Refused + a.Later
	default:
		p := m.Peer
		m = *a.Status
		m.Peer, m.Clock = p, a.Now.Sub(sent.Add(back.Sub(sent)/2))
	}
	m.Voter = s.Suffrage == raft.Voter
	return m, a.Commit
}

// join asks the founders to let this node in, until one does or ctx ends.
func (g *group) join(ctx context.Context) error {
	q := question{Op: opJoin, Peer: Peer{g.node.conf.Name, g.node.conf.Address}}
	return g.order(ctx, q, func() []Peer { return g.conf.others(g.node.conf.Name) })
}

// order has the leader do what only it can. asked gives those who may know it.
func (g *group) order(ctx context.Context, q question, asked func() []Peer) error {
	last := errors.New("nobody was asked")
	for {
		for _, p := range asked() {
			// Whoever is asked may know the leader, and so on: a few steps are enough, an election starts anew.
			for step, next := 0, &p; next != nil && step < 3; step++ {
				a, err := g.ask(ctx, *next, q)
				if err == nil && a.Refused == "" && a.Later == "" {
					return nil
				}
				if a.Refused != "" {
					return fmt.Errorf("group %s: %s", g.conf.Name, a.Refused)
				}
				if last = err; err == nil {
					last = errors.New(a.Later)
				}
				next = a.Leader
			}
		}
		select {
		case <-ctx.Done():
			return fmt.Errorf("group %s: no leader did it in time (%w, last: %w): more than half of the voters must run and reach each other", g.conf.Name, ctx.Err(), last)
		case <-g.closed:
			return ErrClosed
		case <-g.node.stopped:
			return g.node.reason
		case <-time.After(g.node.conf.Timing.Heartbeat / 4):
		}
	}
}

// peers are the members as this node knows them; before the log has told it, the founders.
func (g *group) peers() []Peer {
	var out []Peer
	for _, s := range g.servers() {
		out = append(out, Peer{string(s.ID), string(s.Address)})
	}
	if len(out) == 0 {
		return g.conf.Voters
	}
	return out
}

// Promote gives a member that follows a vote.
func (n *Node) Promote(ctx context.Context, group, name string) error {
	return n.order(ctx, group, question{Op: opPromote, Peer: Peer{Name: name}})
}

// Remove takes a member out, dead or alive. Only a voter may, and each for itself.
func (n *Node) Remove(ctx context.Context, group, name string) error {
	return n.order(ctx, group, question{Op: opRemove, Peer: Peer{Name: name}})
}

func (n *Node) order(ctx context.Context, group string, q question) error {
	g, err := n.group(group)
	if err != nil {
		return err
	}
	return g.order(ctx, q, g.peers)
}

// Leave takes this node out of a group. A leader hands over first, so that somebody stays who can confirm it.
func (n *Node) Leave(ctx context.Context, group string) error {
	g, err := n.group(group)
	if err != nil {
		return err
	}
	peers := slices.DeleteFunc(g.peers(), func(p Peer) bool { return p.Name == n.conf.Name })
	if len(peers) == 0 {
		return fmt.Errorf("%s is the last member of group %s and can't leave it", n.conf.Name, group)
	}
	if g.raft.State() == raft.Leader {
		if err := g.raft.LeadershipTransfer().Error(); err != nil {
			return fmt.Errorf("group %s: handing over before leaving: %w", group, err)
		}
	}
	return g.order(ctx, question{Op: opRemove, Peer: Peer{Name: n.conf.Name}}, func() []Peer { return peers })
}

// Replace puts a fresh member, which follows already and is near the end of the log, in the place of a voter that is gone for
// good. The dead one goes first: it counts for the majority as long as it is in the list.
func (n *Node) Replace(ctx context.Context, group, dead, fresh string) error {
	g, err := n.group(group)
	if err != nil {
		return err
	}
	s, ok := g.member(fresh)
	if !ok {
		return fmt.Errorf("%s is no member of group %s: start it first, so that it follows", fresh, group)
	}
	m, err := g.caughtUp(ctx, s)
	if err != nil {
		return fmt.Errorf("group %s: %s can't replace %s yet: %w", group, fresh, dead, err)
	}
	if err := n.Remove(ctx, group, dead); err != nil {
		return err
	}
	return n.Promote(ctx, group, m.Name)
}

// caughtUp waits until a member is near the end of the log.
func (g *group) caughtUp(ctx context.Context, s raft.Server) (Member, error) {
	for {
		m, _ := g.observe(ctx, s)
		if m.Problem == "" && m.Applied+appendAtOnce >= g.raft.CommitIndex() {
			return m, nil
		}
		select {
		case <-ctx.Done():
			return m, fmt.Errorf("it is at entry %d of %d (%s, %w)", m.Applied, g.raft.CommitIndex(), m.Problem, ctx.Err())
		case <-time.After(g.node.conf.Timing.Heartbeat / 4):
		}
	}
}

// mayReplicate says whether raft's streams are taken from a node: only who votes can lead, and raft itself would follow anybody. A
// member that was away, or is new, does not know those that came since: so one whom this node knows no vote of is let in if another
// voter knows it, or if too few can be asked to tell that it has none.
func (g *group) mayReplicate(name string) bool {
	if g.votes(name) {
		return true
	}
	servers := g.servers()
	if len(servers) == 0 {
		servers = g.conf.founders()
	}
	g.mu.Lock()
	until := g.barred[name]
	g.mu.Unlock()
	if time.Now().Before(until) {
		return false
	}
	voters, no, yes := g.askWhoKnows(name, servers)
	if yes || 2*no <= voters {
		return true
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.barred) < 1024 { // names are those of certificates, so there are not that many
		g.barred[name] = time.Now().Add(g.node.conf.Timing.patience())
	}
	return false
}

// askWhoKnows counts the voters, and those among them, this node included, that know no vote of the one called name.
func (g *group) askWhoKnows(name string, servers []raft.Server) (voters, no int, yes bool) {
	ctx, cancel := context.WithTimeout(context.Background(), g.node.conf.Timing.patience())
	defer cancel()
	answers := make(chan answer, len(servers))
	for _, s := range servers {
		if s.Suffrage != raft.Voter {
			continue
		}
		voters++
		go func() {
			a, err := g.ask(ctx, Peer{string(s.ID), string(s.Address)}, question{Op: opVoter, Peer: Peer{Name: name}})
			if err != nil {
				a.Later = err.Error()
			}
			answers <- a
		}()
	}
	for range voters {
		if a := <-answers; a.Later == "" && a.Refused == "" {
			if a.Known {
				return voters, no, true
			}
			no++
		}
	}
	return voters, no, false
}
