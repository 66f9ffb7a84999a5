package federation

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/raft"
)

// What one node may ask another, one question and one answer on a stream.
const (
	opMeet    = "meet"    // at start: may I?
	opBegun   = "begun"   // I keep the log now
	opStatus  = "status"  // how do you stand?
	opVoter   = "voter"   // has the one called Name a vote, as you know them?
	opJoin    = "join"    // let me in
	opRemove  = "remove"  // the member called Name leaves
	opPromote = "promote" // the member called Name gets a vote
)

const (
	questionBytes = 64 << 10
	// A clock that is wrong by more would put wrong times into commands, which everybody keeps for ever.
	clockOff = 5 * time.Minute
)

type question struct {
	Op   string `json:"op"`
	Peer        // the asker at a meeting and when it joins, or the member that is meant
	// At a meeting, what the asker's machine was founded with.
	Charter string `json:"charter,omitempty"`
}

type answer struct {
	Refused string    `json:"refused,omitempty"` // why not, for good
	Later   string    `json:"later,omitempty"`   // why not yet
	Leader  *Peer     `json:"leader,omitempty"`  // ask this one instead
	Now     time.Time `json:"now"`
	Known   bool      `json:"known,omitempty"`  // the asker is a member and has kept the log before; or the one asked about has a vote
	Absent  bool      `json:"absent,omitempty"` // there is a group, and the asker is no member
	Empty   bool      `json:"empty,omitempty"`  // there is no group yet: the folder is empty here too
	Taken   string    `json:"taken,omitempty"`  // the asker's name belongs to a member at this address
	Status  *Member   `json:"status,omitempty"`
	Commit  uint64    `json:"commit,omitempty"`
}

// ask asks a peer, or this node itself.
func (g *group) ask(ctx context.Context, p Peer, q question) (answer, error) {
	if p.Name == g.node.conf.Name {
		return g.reply(p.Name, q), nil
	}
	ctx, cancel := context.WithTimeout(ctx, g.node.conf.Timing.patience())
	defer cancel()
	conn, err := g.node.mux.call(ctx, p, hello{kind: kindAsk, group: g.conf.Name})
	if err != nil {
		return answer{}, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	var a answer
	if err := json.NewEncoder(conn).Encode(q); err != nil {
		return a, err
	}
	if err := json.NewDecoder(io.LimitReader(conn, questionBytes)).Decode(&a); err != nil {
		return a, fmt.Errorf("%s at %s gave no answer: %w", p.Name, p.Address, err)
	}
	return a, nil
}

func (n *Node) serveQuestion(g *group, h hello, conn *tls.Conn) {
	conn.SetDeadline(time.Now().Add(2 * n.conf.Timing.patience()))
	var q question
	if json.NewDecoder(io.LimitReader(conn, questionBytes)).Decode(&q) != nil {
		return
	}
	a := answer{Now: n.conf.Now(), Refused: fmt.Sprintf("%s is no member of a group called %q: correct the group's name or the list of its voters", n.conf.Name, h.group)}
	if g != nil {
		a = g.reply(h.from, q)
	}
	_ = json.NewEncoder(conn).Encode(a) // whoever is gone needs no answer
}

func (g *group) reply(from string, q question) answer {
	a := answer{Now: g.node.conf.Now()}
	if q.Op == opMeet {
		return g.replyMeeting(from, q, a)
	}
	if !g.isReady() {
		a.Later = g.node.conf.Name + " is still starting"
		return a
	}
	if q.Name != "" && !nodeName.MatchString(q.Name) { // names become names of files here
		a.Refused = fmt.Sprintf("%q is no node's name", q.Name)
		return a
	}
	switch q.Op {
	case opBegun:
		if err := g.remember(from); err != nil {
			a.Later = err.Error()
		}
	case opStatus:
		if !g.knows(from) {
			a.Refused = fmt.Sprintf("%s is no member of group %s", from, g.conf.Name)
			break
		}
		a.Status, a.Commit = g.status(), g.raft.CommitIndex()
	case opVoter:
		a.Known = g.votes(q.Name)
	case opJoin, opRemove, opPromote:
		return g.lead(from, q, a)
	default:
		a.Refused = fmt.Sprintf("%s does not understand %q: it may be older than %s", g.node.conf.Name, q.Op, from)
	}
	return a
}

func (g *group) replyMeeting(from string, q question, a answer) answer {
	if q.Charter != g.conf.Charter {
		a.Refused = fmt.Sprintf("%s is configured with another coordinator, or other keys of the coordinator, for group %s: make them the same on all nodes", g.node.conf.Name, g.conf.Name)
		return a
	}
	servers := g.servers()
	if len(servers) == 0 {
		if a.Empty = g.empty.Load(); !a.Empty {
			a.Later = g.node.conf.Name + " is still starting"
		}
		for _, p := range g.conf.Voters {
			if p.Name == from && p.Address != q.Address {
				a.Taken = p.Address
			}
		}
		return a
	}
	s, member := g.member(from)
	switch {
	case !member:
		a.Absent = true
	case string(s.Address) != q.Address:
		a.Taken = string(s.Address)
	default:
		_, err := os.Stat(g.begunFile(from))
		a.Known = err == nil
	}
	return a
}

func (g *group) begunFile(name string) string { return filepath.Join(g.folder, "begun-"+name) }

func (g *group) remember(name string) error {
	if !g.knows(name) {
		return fmt.Errorf("%s does not know %s yet", g.node.conf.Name, name)
	}
	if _, err := os.Stat(g.begunFile(name)); err == nil {
		return nil
	}
	return writeDurably(g.begunFile(name), nil)
}

// lead does what only the leader can, or says who that is.
func (g *group) lead(from string, q question, a answer) answer {
	if g.raft.State() != raft.Leader {
		if p, ok := g.leader(); ok && p.Name != g.node.conf.Name {
			a.Leader = &p
		}
		a.Later = fmt.Sprintf("group %s has no leader", g.conf.Name)
		return a
	}
	if a.Refused = g.mayChange(from, q); a.Refused != "" {
		return a
	}
	if err := g.change(q).Error(); err != nil {
		a.Later = err.Error()
		return a
	}
	if q.Op == opRemove { // it may come back with an empty disk
		os.Remove(g.begunFile(q.Name))
	}
	return a
}

// change changes the membership; what is so already may be asked for again. A founder comes in with its vote, all others follow until
// a voter promotes them: no node takes a vote by its own configuration.
func (g *group) change(q question) raft.Future {
	id, patience := raft.ServerID(q.Name), g.node.conf.Timing.patience()
	s, member := g.member(q.Name)
	switch {
	case q.Op == opRemove:
		return g.raft.RemoveServer(id, 0, patience)
	case q.Op == opPromote:
		return g.raft.AddVoter(id, s.Address, 0, patience)
	case member && (s.Suffrage == raft.Voter || !g.conf.founder(q.Name)):
		return g.raft.VerifyLeader()
	case g.conf.founder(q.Name):
		return g.raft.AddVoter(id, raft.ServerAddress(q.Address), 0, patience)
	}
	return g.raft.AddNonvoter(id, raft.ServerAddress(q.Address), 0, patience)
}

// mayChange says why the member that asks may not have it so; empty if it may.
func (g *group) mayChange(from string, q question) string {
	s, member := g.member(q.Name)
	switch {
	case q.Op == opJoin && from != q.Name:
		return fmt.Sprintf("%s can't join for %s", from, q.Name)
	case q.Op == opJoin && member && string(s.Address) != q.Address:
		return taken(q.Name, string(s.Address))
	case q.Op == opJoin && g.conf.Admit != nil:
		if err := g.conf.Admit(q.Peer); err != nil {
			return err.Error()
		}
	case q.Op == opPromote && !member:
		return fmt.Sprintf("%s is no member of group %s: start it first, so that it follows", q.Name, g.conf.Name)
	case q.Op == opRemove && from == q.Name:
	case q.Op != opJoin && !g.votes(from):
		return fmt.Sprintf("%s has no vote in group %s: only voters change who is a member", from, g.conf.Name)
	}
	return ""
}

func taken(name, address string) string {
	return fmt.Sprintf("there is a node called %s at %s already: give this node a name of its own, or, if it moved, remove it from the group and start it again",
		name, address)
}

// meet asks the founders, before anything is opened, whether this node may start as it is. absent: they are a group already
// and this node, whose folder is empty, is no member, so it has to be let in. missing are those that gave no answer.
func (g *group) meet(ctx context.Context, fresh bool) (absent bool, missing []string, err error) {
	type met struct {
		Peer
		answer
		err  error
		skew time.Duration
	}
	others := g.conf.others(g.node.conf.Name)
	results := make(chan met, len(others))
	for _, p := range others {
		go func() {
			sent := g.node.conf.Now()
			a, err := g.ask(ctx, p, question{Op: opMeet, Peer: Peer{g.node.conf.Name, g.node.conf.Address}, Charter: g.conf.Charter})
			back := g.node.conf.Now()
			results <- met{p, a, err, a.Now.Sub(sent.Add(back.Sub(sent) / 2))}
		}()
	}
	var distrusted, skewed, refused []string
	answered := 0
	for range others {
		m := <-results
		if m.err != nil {
			if why := distrust(m.Peer, m.err); why != "" {
				distrusted = append(distrusted, why)
			}
			missing = append(missing, m.Name)
			continue
		}
		if m.Later != "" {
			missing = append(missing, m.Name)
		}
		answered++
		absent = absent || m.Absent
		switch {
		case m.Refused != "":
			refused = append(refused, m.Refused)
		case m.Taken != "":
			return false, nil, fmt.Errorf("%s", taken(g.node.conf.Name, m.Taken))
		case m.Known && fresh:
			return false, nil, fmt.Errorf("%s is a member whose log was lost: its folder %s is empty, and it might vote against what it had agreed to; remove it from the group with another member, then start it again",
				g.node.conf.Name, g.folder)
		}
		if m.skew.Abs() > clockOff {
			skewed = append(skewed, fmt.Sprintf("%s by %s", m.Name, m.skew.Round(time.Second)))
		}
	}
	return absent, missing, g.judge(answered, distrusted, skewed, refused)
}

// meetAll is meet for a founder with an empty folder. It can't tell alone whether the group is yet to be founded or its disk was
// lost, and founded twice it might vote against what it had agreed to: so it waits until all founders have answered.
func (g *group) meetAll(ctx context.Context) (absent bool, err error) {
	for told := false; ; told = true {
		absent, missing, err := g.meet(ctx, true)
		if err != nil || absent || len(missing) == 0 {
			return absent, err
		}
		why := fmt.Sprintf("the folder %s is empty, and %s gave no answer: a group is founded when all its founders run; if this one was a member already, remove it from the group with another member",
			g.folder, strings.Join(missing, ", "))
		if !told {
			g.logger("start").Warn(why)
		}
		select {
		case <-ctx.Done():
			return false, fmt.Errorf("%s (%w)", why, ctx.Err())
		case <-g.closed:
			return false, ErrClosed
		case <-time.After(g.node.conf.Timing.Heartbeat / 4):
		}
	}
}

// judge refuses to start if most of those that answered disagree: one bad node must not keep the others from starting.
func (g *group) judge(answered int, distrusted, skewed, refused []string) error {
	switch {
	case answered == 0 && len(distrusted) > 0:
		return fmt.Errorf("no other node trusts this one: %s", strings.Join(distrusted, "; "))
	case 2*len(skewed) > answered:
		return fmt.Errorf("this machine's clock is more than %s off from that of the others (%s): set it, best by NTP", clockOff, strings.Join(skewed, ", "))
	case 2*len(refused) > answered:
		return fmt.Errorf("%s", strings.Join(refused, "; "))
	}
	return nil
}
