package federation

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"

	"github.com/hashicorp/raft"
)

// Machine is the state that a group agrees on. All members apply the same commands in the same order, so Apply must be pure:
// no clock, no chance, nothing read from outside. A command that was proposed twice (its proposer could not know whether the
// first one arrived) comes twice: the machine knows it by the id inside, changes nothing and answers as it did the first time.
type Machine interface {
	// Apply answers the proposer; refusals are answers too. It must not keep the command's memory.
	Apply(index uint64, command []byte) []byte
	// Snapshot catches the state at once and returns what writes it later, while Apply goes on.
	Snapshot() (write func(io.Writer) error, err error)
	// Restore throws the state away and reads another.
	Restore(io.Reader) error
}

// fsm is a machine in the shape that raft wants, with the feed beside it.
type fsm struct {
	machine Machine
	feed    *feed
	// mu lets readers see the state between two batches, with the index that it stands at.
	mu      sync.RWMutex
	applied uint64
}

func newFSM(m Machine) *fsm { return &fsm{machine: m, feed: newFeed()} }

// ApplyBatch is how raft calls when many entries are committed at once.
func (f *fsm) ApplyBatch(logs []*raft.Log) []any {
	answers, entries := make([]any, len(logs)), make([]Entry, 0, len(logs))
	f.mu.Lock()
	for i, l := range logs {
		if l.Type != raft.LogCommand {
			continue
		}
		answer := f.machine.Apply(l.Index, l.Data)
		answers[i], f.applied = answer, l.Index
		entries = append(entries, Entry{l.Index, l.Data, answer})
	}
	f.mu.Unlock()
	f.feed.add(entries)
	return answers
}

func (f *fsm) Apply(l *raft.Log) any { return f.ApplyBatch([]*raft.Log{l})[0] }

// read runs fn while nothing is applied.
func (f *fsm) read(fn func(index uint64)) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	fn(f.applied)
}

func (f *fsm) Snapshot() (raft.FSMSnapshot, error) {
	write, err := f.machine.Snapshot()
	return &image{f.applied, write}, err
}

// Restore reads what Persist wrote: the index of the last command, then the machine's own words.
func (f *fsm) Restore(r io.ReadCloser) error {
	defer r.Close()
	var index uint64
	if err := binary.Read(r, binary.BigEndian, &index); err != nil {
		return fmt.Errorf("head of the snapshot: %w", err)
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if err := f.machine.Restore(r); err != nil {
		return fmt.Errorf("snapshot of entry %d: %w", index, err)
	}
	f.applied = index
	f.feed.reset(index)
	return nil
}

// image is a state on its way to the disk.
type image struct {
	index uint64
	write func(io.Writer) error
}

func (i *image) Persist(sink raft.SnapshotSink) error {
	err := binary.Write(sink, binary.BigEndian, i.index)
	if err == nil {
		err = i.write(sink)
	}
	if err != nil {
		sink.Cancel()
		return fmt.Errorf("snapshot of entry %d: %w", i.index, err)
	}
	return sink.Close()
}

func (*image) Release() {}
