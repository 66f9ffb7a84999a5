package federationtest

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"io"
	"maps"
	"strconv"
	"sync"
	"time"
)

// Tally is a small state machine for tests: each command adds one to its key, once for each id.
type Tally struct {
	mu    sync.Mutex
	state tallyState
}

type tallyState struct {
	Answers map[string]string // by id
	Sums    map[string]int
	Order   uint64 // digest of the ids in their order
}

// NewTally makes an empty one.
func NewTally() *Tally {
	return &Tally{state: tallyState{Answers: map[string]string{}, Sums: map[string]int{}}}
}

// Command adds one to key; the id makes it safe to repeat. It is as long as size if that is not shorter than the words.
func Command(id, key string, size int) []byte {
	b := append(append([]byte(id+"\n"), key...), '\n')
	return append(b, bytes.Repeat([]byte{'.'}, max(0, size-len(b)))...)
}

// Apply answers with the key's new sum, and with the same one when the command comes again.
func (t *Tally) Apply(_ uint64, _ time.Time, command []byte) ([]byte, error) {
	id, rest, _ := bytes.Cut(command, []byte("\n"))
	key, _, _ := bytes.Cut(rest, []byte("\n"))
	t.mu.Lock()
	defer t.mu.Unlock()
	if answer, ok := t.state.Answers[string(id)]; ok {
		return []byte(answer), nil
	}
	t.state.Sums[string(key)]++
	answer := strconv.Itoa(t.state.Sums[string(key)])
	t.state.Answers[string(id)] = answer
	h := fnv.New64a()
	h.Write(binary.BigEndian.AppendUint64(nil, t.state.Order))
	h.Write(id)
	t.state.Order = h.Sum64()
	return []byte(answer), nil
}

// Snapshot copies the state.
func (t *Tally) Snapshot() (func(io.Writer) error, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := tallyState{maps.Clone(t.state.Answers), maps.Clone(t.state.Sums), t.state.Order}
	return func(w io.Writer) error { return json.NewEncoder(w).Encode(s) }, nil
}

// Restore reads what Snapshot wrote.
func (t *Tally) Restore(r io.Reader) error {
	var s tallyState
	if err := json.NewDecoder(r).Decode(&s); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.state = s
	return nil
}

// Order is a digest of everything that was applied, in its order.
func (t *Tally) Order() uint64 {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state.Order
}

// Sum is how often something was added to key.
func (t *Tally) Sum(key string) int {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state.Sums[key]
}

// Answer is what the command with the id was answered.
func (t *Tally) Answer(id string) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.state.Answers[id]
}
