package federation

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// Machine is the state that a group agrees on. All members apply the same commands in the same order, so Apply must be pure:
// no clock, no chance, nothing read from outside. A command that was proposed twice (its proposer could not know whether the
// first one arrived) comes twice: the machine knows it by the id inside, changes nothing and answers as it did the first time.
type Machine interface {
	// Apply answers the proposer; refusals are answers too. at is when the leader let the command in, by the leader's clock: it is
	// in the log, the same on every node. An error stops this node before the entry: it would come to a state of its own. The
	// command's memory must not be kept.
	Apply(index uint64, at time.Time, command []byte) ([]byte, error)
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
	// broken is why nothing is applied here any more; stop is told once.
	broken error
	stop   func(error)
	// changed is told that the members have.
	changed func()
}

func newFSM(m Machine, stop func(error), changed func()) *fsm {
	return &fsm{machine: m, feed: newFeed(), stop: stop, changed: changed}
}

// stamp is the leader's clock as it stands beside a command in the log.
func stamp(now time.Time) []byte { return binary.BigEndian.AppendUint64(nil, uint64(now.UnixMilli())) }

func stamped(l *raft.Log) time.Time {
	if len(l.Extensions) != 8 {
		return time.Time{} // no leader of ours writes this; it must be the same on all nodes all the same
	}
	return time.UnixMilli(int64(binary.BigEndian.Uint64(l.Extensions)))
}

// ApplyBatch is how raft calls when many entries are committed at once.
func (f *fsm) ApplyBatch(logs []*raft.Log) []any {
	answers, entries := make([]any, len(logs)), make([]Entry, 0, len(logs))
	f.mu.Lock()
	for i, l := range logs {
		if l.Type == raft.LogConfiguration {
			f.changed()
		}
		if l.Type != raft.LogCommand {
			continue
		}
		answer, err := f.apply(l)
		if err != nil {
			answers[i] = err
			continue
		}
		answers[i] = answer
		entries = append(entries, Entry{l.Index, stamped(l), l.Data, answer})
	}
	f.mu.Unlock()
	f.feed.add(entries)
	return answers
}

func (f *fsm) apply(l *raft.Log) ([]byte, error) {
	if f.broken != nil {
		return nil, f.broken
	}
	answer, err := f.machine.Apply(l.Index, stamped(l), l.Data)
	if err != nil {
		f.fail(fmt.Errorf("entry %d: %w", l.Index, err))
		return nil, f.broken
	}
	f.applied = l.Index
	return answer, nil
}

// fail is called under the lock.
func (f *fsm) fail(err error) {
	if f.broken == nil {
		f.broken = err
		f.stop(err)
	}
}

func (f *fsm) failed() error {
	f.mu.RLock()
	defer f.mu.RUnlock()
	return f.broken
}

func (f *fsm) Apply(l *raft.Log) any { return f.ApplyBatch([]*raft.Log{l})[0] }

// read runs fn while nothing is applied.
func (f *fsm) read(fn func(index uint64)) {
	f.mu.RLock()
	defer f.mu.RUnlock()
	fn(f.applied)
}

func (f *fsm) Snapshot() (raft.FSMSnapshot, error) {
	if err := f.failed(); err != nil {
		return nil, err // raft counts what was not applied here as applied
	}
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
	if f.broken != nil {
		return f.broken
	}
	if err := f.machine.Restore(r); err != nil {
		err = fmt.Errorf("snapshot of entry %d: %w", index, err)
		f.fail(err)
		return err
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
