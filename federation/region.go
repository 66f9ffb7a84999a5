package federation

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"sync/atomic"
	"time"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation/ledger"
)

// Region (区域) is a group whose machine is the ledger of a region, or of the nation.
type Region struct {
	name   string
	id     string // of the genesis
	ledger *ledger.Ledger
	node   atomic.Pointer[Node]
}

// NewRegion founds the ledger that this node keeps; what is on disk replaces it at start.
func NewRegion(g ledger.Genesis) (*Region, error) {
	l, err := ledger.New(g)
	if err != nil {
		return nil, err
	}
	return &Region{name: g.Group, id: g.ID(), ledger: l}, nil
}

// Group is the region's part in a node's configuration; Join follows when the node was started.
func (r *Region) Group(voters []Peer) Group {
	return Group{Name: r.name, Voters: voters, Machine: book{r.ledger}, Check: r.check, Admit: r.admit, Charter: r.id, Speaks: r.ledger.Knows(), MaxCommand: ledger.MaxCommand}
}

// Name is that of the group.
func (r *Region) Name() string { return r.name }

// Join binds the region to the node that was started with its Group.
func (r *Region) Join(n *Node) { r.node.Store(n) }

// Ledger is the state as this node has it, to read from.
func (r *Region) Ledger() *ledger.Ledger { return r.ledger }

// check lets in what is whole and genuine.
func (r *Region) check(signed []byte, now time.Time) []byte {
	if refusal := r.ledger.Admit(signed, now); refusal != nil {
		return encodeResult(ledger.Result{Reason: refusal.GetReason()})
	}
	return nil
}

var nodeOfCity = regexp.MustCompile(`^[0-9]{6}([-.]|$)`)

// admit lets in the nodes of members: a node's name begins with the six digits of its city, such as 110000-1. The founders are
// not asked.
func (r *Region) admit(p Peer) error {
	if !nodeOfCity.MatchString(p.Name) {
		return fmt.Errorf("the name %s of the node must begin with the six digits of its city, such as 110000-1", p.Name)
	}
	city := p.Name[:6]
	if !slices.ContainsFunc(r.ledger.Members(), func(m *federationv1.MemberRecord) bool { return m.GetCity() == city && !m.GetRevoked() }) {
		return fmt.Errorf("%s is no node of this region: the city %s is no member of %s; its coordinator lets it join first", p.Name, city, r.name)
	}
	return nil
}

// errNotJoined: nothing can be asked of a region before its node was started.
var errNotJoined = fmt.Errorf("the region's node was not started: %w", ErrClosed)

// Propose brings a signed command into the ledger and tells what became of it. A refusal is in the result. Errors are those of
// Node.Propose: after ErrUncertain the same bytes are proposed again.
func (r *Region) Propose(ctx context.Context, signed []byte) (ledger.Result, error) {
	n := r.node.Load()
	if n == nil {
		return ledger.Result{}, errNotJoined
	}
	if len(signed) == 0 || len(signed) > ledger.MaxCommand { // as the ledger would say, which never sees it
		return ledger.Result{Reason: federationv1.Reason_MALFORMED}, nil
	}
	answer, err := n.Propose(ctx, r.name, signed)
	if err != nil {
		return ledger.Result{}, err
	}
	return decodeResult(answer)
}

// Act is an entry of the ledger's log: a command that was taken, or refused, with what became of it. Nobody may write into
// Signed. Whoever acts on it verifies it first (ledger.Verify).
type Act struct {
	Index  uint64
	At     time.Time
	Signed []byte
	Result ledger.Result
}

// Next waits for acts after a position and returns up to limit of them in order, those that were refused and those that came
// twice among them. ErrTakeState means that Take has to be called.
func (r *Region) Next(ctx context.Context, after uint64, limit int) ([]Act, error) {
	n := r.node.Load()
	if n == nil {
		return nil, errNotJoined
	}
	entries, err := n.Next(ctx, r.name, after, limit)
	if err != nil {
		return nil, err
	}
	acts := make([]Act, len(entries))
	for i, e := range entries {
		result, err := decodeResult(e.Answer)
		if err != nil {
			return nil, fmt.Errorf("entry %d: %w", e.Index, err)
		}
		acts[i] = Act{e.Index, e.At, e.Command, result}
	}
	return acts, nil
}

// Take gives the acts that a city has yet to take, and the index of the log at which that is so: from there Next goes on.
func (r *Region) Take(city string) (index uint64, acts []*federationv1.ActRecord, err error) {
	n := r.node.Load()
	if n == nil {
		return 0, nil, errNotJoined
	}
	err = n.Read(r.name, func(at uint64) { index, acts = at, r.ledger.Waiting(city) })
	return index, acts, err
}

// Status is how this node stands in a group.
type Status struct {
	Leader  string        // the node that leads; empty if none is known
	Contact time.Duration // since this node last heard of a leader; 0 on the leader itself
	Applied uint64        // the last entry that is in the state here
	Commit  uint64        // the last entry that this node knows to be agreed on
	Problem error         // why the node stopped, or was not started
}

// Status tells whether the region can be reached from here.
func (r *Region) Status() Status {
	n := r.node.Load()
	if n == nil {
		return Status{Problem: errNotJoined}
	}
	return n.Status(r.name)
}

// book is a ledger in the shape that the node wants.
type book struct{ *ledger.Ledger }

func (b book) Apply(_ uint64, at time.Time, command []byte) ([]byte, error) {
	result, err := b.Ledger.Apply(command, at)
	if err != nil {
		return nil, err
	}
	return encodeResult(result), nil
}

func (b book) Snapshot() (func(io.Writer) error, error) {
	s := b.Ledger.Snapshot()
	return func(w io.Writer) error {
		_, err := s.WriteTo(w)
		return err
	}, nil
}

// encodeResult writes a result as it goes from node to node: four numbers, to which later versions may append.
func encodeResult(r ledger.Result) []byte {
	again := uint64(0)
	if r.Again {
		again = 1
	}
	b := make([]byte, 0, 8)
	for _, n := range []uint64{uint64(r.Reason), again, r.Sequence, uint64(r.State)} {
		b = binary.AppendUvarint(b, n)
	}
	return b
}

func decodeResult(b []byte) (ledger.Result, error) {
	var numbers [4]uint64
	for i := range numbers {
		n, size := binary.Uvarint(b)
		if size <= 0 {
			return ledger.Result{}, errors.New("an answer of the ledger is damaged")
		}
		numbers[i], b = n, b[size:]
	}
	return ledger.Result{Reason: federationv1.Reason(numbers[0]), Again: numbers[1] != 0, Sequence: numbers[2], State: federationv1.State(numbers[3])}, nil
}
