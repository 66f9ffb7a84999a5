// Package federation is one node of the hubs' network: a process that may be a member of several raft groups (a region, the
// nation) over one port with mutual TLS. It carries commands and never looks into them; what they mean is the Machine's.
package federation

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"syscall"
	"time"

	"github.com/hashicorp/raft"
)

// Peer is a node as others call it: by the name in its certificate, at its address.
type Peer struct {
	Name    string `json:"name"`
	Address string `json:"address"`
}

// Group is the membership of this node in one raft group.
type Group struct {
	Name string
	// Voters are those with whom the group was or will be founded. The list stays the same on every node and at every start:
	// a node on the list with an empty folder founds the group, a node that is not on it asks those on it to be let in.
	Voters  []Peer
	Machine Machine
	// Check is asked on the leader before a command enters the log: what it answers, if anything, is the answer, and the log never
	// sees the command. now is the leader's clock. It may be asked by several at a time.
	Check func(command []byte, now time.Time) []byte
	// Admit is asked on the leader before a node is let in; nil lets in whomever the CA has signed.
	Admit func(p Peer) error
	// Charter is what the machine was founded with, if that is configured: nodes whose charters differ would come to different
	// states by the same log, so they are compared at start.
	Charter string
	// Speaks is the newest version of the commands that this node's machine knows. Others may ask for it (Member.Speaks).
	Speaks uint32
	// MaxCommand is how many bytes a command of this group has at most; 0 is 1 MiB, which is the most.
	MaxCommand int
	// SnapshotEvery is the number of entries after which the state is written and the log is cut; 0 is 8192.
	SnapshotEvery uint64
	// SegmentBytes is the size of the log's files, of which the last is reserved on disk as a whole; 0 is 32 MiB.
	SegmentBytes int
}

// Timing says how soon a silent member is given up. It must be the same on all nodes.
type Timing struct {
	// Heartbeat is how long a follower waits for its leader before it asks for votes, Election how long a vote may take.
	Heartbeat, Election time.Duration
}

// BetweenProvinces fits lines of some 60 ms there and back which sometimes drop everything for a second.
var BetweenProvinces = Timing{Heartbeat: 2 * time.Second, Election: 3 * time.Second}

// patience is how long one exchange with a peer may take.
func (t Timing) patience() time.Duration { return 5 * t.Heartbeat }

// Config is all that a node is told; it is the same for its first start, each restart and growth.
type Config struct {
	Name    string
	Listen  string // where to listen
	Address string // where the others reach this node; empty: Listen
	Folder  string
	// PEM files: the authority of the network, and this node's certificate and key.
	CA, Certificate, Key string
	// Revoked is the CA's list of revoked certificates (CRL) in PEM, if it has one. It is read again at every handshake, so that a
	// certificate that was stolen is refused as soon as the file says so.
	Revoked string
	Groups  []Group
	Timing  Timing
	Log     io.Writer // warnings as JSON lines; nil: standard error
	// Serve answers what the process behind a member asks this one (Node.Call); nil and empty: nothing.
	Serve func(ctx context.Context, group, from string, question []byte) []byte

	// Dial and Now are replaced by tests that cut lines and put clocks wrong.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	Now  func() time.Time
	// Disk wraps the log of each group in tests whose disk is slow.
	Disk func(raft.LogStore) raft.LogStore
}

var nodeName = regexp.MustCompile(`^[a-z0-9]([-a-z0-9.]{0,61}[a-z0-9])?$`)
var groupName = regexp.MustCompile(`^[a-z0-9][-a-z0-9]{0,31}$`)

func (c *Config) defaults() {
	if c.Address == "" {
		c.Address = c.Listen
	}
	if c.Timing == (Timing{}) {
		c.Timing = BetweenProvinces
	}
	if c.Log == nil {
		c.Log = os.Stderr
	}
	if c.Dial == nil {
		c.Dial = (&net.Dialer{}).DialContext
	}
	if c.Now == nil {
		c.Now = time.Now
	}
	c.Groups = slices.Clone(c.Groups)
	for i := range c.Groups {
		if g := &c.Groups[i]; g.MaxCommand <= 0 || g.MaxCommand > MaxCommand {
			g.MaxCommand = MaxCommand
		}
	}
	if c.Disk == nil {
		c.Disk = func(log raft.LogStore) raft.LogStore { return log }
	}
}

func (c *Config) check() error {
	if !nodeName.MatchString(c.Name) {
		return fmt.Errorf("the node's name %q must be small letters, digits, dots and hyphens, at most 63", c.Name)
	}
	host, port, err := net.SplitHostPort(c.Address)
	if ip := net.ParseIP(host); err != nil || host == "" || port == "0" || ip != nil && ip.IsUnspecified() {
		return fmt.Errorf("the address %q must be host:port as the other nodes reach this one", c.Address)
	}
	if c.Timing.Heartbeat < 20*time.Millisecond || c.Timing.Election < c.Timing.Heartbeat {
		return fmt.Errorf("the election time %s must not be shorter than the heartbeat %s, and that not than 20ms", c.Timing.Election, c.Timing.Heartbeat)
	}
	if len(c.Groups) == 0 {
		return errors.New("the node is a member of no group: name at least one with its voters")
	}
	seen := map[string]bool{}
	for _, g := range c.Groups {
		if seen[g.Name] {
			return fmt.Errorf("group %q is named twice: name it once with all its voters", g.Name)
		}
		seen[g.Name] = true
		if err := g.check(c.Name, c.Address); err != nil {
			return err
		}
	}
	return nil
}

func (g *Group) check(self, address string) error {
	if !groupName.MatchString(g.Name) {
		return fmt.Errorf("the group's name %q must be small letters, digits and hyphens, at most 32", g.Name)
	}
	if g.Machine == nil {
		return fmt.Errorf("group %q has no state machine", g.Name)
	}
	if len(g.Voters) == 0 {
		return fmt.Errorf("group %q lists no voters: list those that found it, the same on every node", g.Name)
	}
	names, addresses := map[string]bool{}, map[string]bool{}
	for _, p := range g.Voters {
		if !nodeName.MatchString(p.Name) {
			return fmt.Errorf("voter %q of group %q must be small letters, digits, dots and hyphens, at most 63", p.Name, g.Name)
		}
		if names[p.Name] {
			return fmt.Errorf("two voters of group %q are called %q: each node needs a name of its own", g.Name, p.Name)
		}
		if addresses[p.Address] {
			return fmt.Errorf("two voters of group %q have the address %s: each node needs its own", g.Name, p.Address)
		}
		names[p.Name], addresses[p.Address] = true, true
		if p.Name == self && p.Address != address {
			return fmt.Errorf("group %q lists %s at %s, but this node is to be reached at %s: make them the same", g.Name, self, p.Address, address)
		}
		if p.Name != self && p.Address == address {
			return fmt.Errorf("group %q lists %s at %s, which is this node's own address: correct the list or the address", g.Name, p.Name, address)
		}
	}
	return nil
}

// founder says whether the node called name founds the group.
func (g *Group) founder(name string) bool {
	return slices.ContainsFunc(g.Voters, func(p Peer) bool { return p.Name == name })
}

// founders are the voters as raft has them.
func (g *Group) founders() []raft.Server {
	var out []raft.Server
	for _, p := range g.Voters {
		out = append(out, raft.Server{Suffrage: raft.Voter, ID: raft.ServerID(p.Name), Address: raft.ServerAddress(p.Address)})
	}
	return out
}

// others are the founding voters but for the node called name.
func (g *Group) others(name string) []Peer {
	return slices.DeleteFunc(slices.Clone(g.Voters), func(p Peer) bool { return p.Name == name })
}

// lockFolder makes the folder, proves that it can be written and keeps other processes out of it. Two nodes that write the same
// log would destroy it.
func lockFolder(folder, name string) (*os.File, error) {
	if folder == "" {
		return nil, errors.New("the node needs a folder for its log: name one")
	}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("the folder %s can't be made (%w): make it writable for the user that runs the node", folder, err)
	}
	f, err := os.OpenFile(filepath.Join(folder, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, fmt.Errorf("the folder %s can't be written (%w): make it writable for the user that runs the node", folder, err)
	}
	if err := syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		f.Close()
		return nil, fmt.Errorf("the folder %s is in use by another process: stop that one, or give each node its own folder", folder)
	}
	if err := ownFolder(folder, name); err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// ownFolder keeps a node out of the folder of another: it would speak with the other's votes.
func ownFolder(folder, name string) error {
	path := filepath.Join(folder, "node")
	owner, err := os.ReadFile(path)
	if errors.Is(err, os.ErrNotExist) {
		return writeDurably(path, []byte(name))
	}
	if err != nil {
		return fmt.Errorf("the folder %s can't be read: %w", folder, err)
	}
	if string(owner) != name {
		return fmt.Errorf("the folder %s belongs to node %q, not to %q: name the right folder or the right node", folder, owner, name)
	}
	return nil
}

// writeDurably leaves the whole file or none, also after the power failed.
func writeDurably(path string, data []byte) error {
	f, err := os.Create(path + ".new")
	if err != nil {
		return fmt.Errorf("the file %s can't be written: %w", path, err)
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("the file %s can't be written: %w", path, err)
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("the file %s can't be written: %w", path, err)
	}
	d, err := os.Open(filepath.Dir(path))
	if err != nil {
		return err
	}
	return errors.Join(d.Sync(), d.Close())
}
