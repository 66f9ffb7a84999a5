package federation

import (
	"context"
	"errors"
	"sort"
	"sync"
	"time"
)

// Entry is a command that was applied here, with the answer of the machine. Nobody may write into either.
type Entry struct {
	Index   uint64
	At      time.Time // when the leader let it in, by the leader's clock
	Command []byte
	Answer  []byte
}

// ErrTakeState tells a reader that the entries after its position are no longer at hand one by one: it reads the whole state
// (Node.Read) and goes on from the index at which it saw it.
var ErrTakeState = errors.New("the entries after this position are gone: take the whole state and go on from its index")

// What the feed keeps for readers that are a little behind.
const (
	keptEntries = 8192
	keptBytes   = 16 << 20
)

// feed keeps the last applied entries. They are kept in memory because a command in the log does not tell what the machine
// answered, and asking a later state would tell something else.
type feed struct {
	mu      sync.Mutex
	base    uint64 // all entries after it are kept
	entries []Entry
	bytes   int
	more    chan struct{} // closed when something changed, if somebody waits
	closed  bool
}

func newFeed() *feed { return &feed{} }

func (f *feed) add(entries []Entry) {
	if len(entries) == 0 {
		return
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, e := range entries {
		f.bytes += size(e)
	}
	f.entries = append(f.entries, entries...)
	drop := 0
	for len(f.entries)-drop > keptEntries || f.bytes > keptBytes {
		f.base = f.entries[drop].Index
		f.bytes -= size(f.entries[drop])
		f.entries[drop] = Entry{}
		drop++
	}
	f.entries = f.entries[drop:]
	f.wake()
}

func size(e Entry) int { return len(e.Command) + len(e.Answer) + 64 }

// reset is called when the state was replaced by one that stands at index.
func (f *feed) reset(index uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.base, f.entries, f.bytes = index, nil, 0
	f.wake()
}

func (f *feed) close() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.closed = true
	f.wake()
}

func (f *feed) wake() {
	if f.more != nil {
		close(f.more)
		f.more = nil
	}
}

// next returns up to limit entries after the position, at least one: it waits for it.
func (f *feed) next(ctx context.Context, after uint64, limit int) ([]Entry, error) {
	for {
		entries, more, err := f.look(after, limit)
		if err != nil || len(entries) > 0 {
			return entries, err
		}
		select {
		case <-more:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

func (f *feed) look(after uint64, limit int) ([]Entry, <-chan struct{}, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.closed {
		return nil, nil, ErrClosed
	}
	if after < f.base {
		return nil, nil, ErrTakeState
	}
	// Entries are a little apart, where raft wrote entries of its own between them.
	i := sort.Search(len(f.entries), func(i int) bool { return f.entries[i].Index > after })
	if i < len(f.entries) {
		out := make([]Entry, min(limit, len(f.entries)-i))
		copy(out, f.entries[i:])
		return out, nil, nil
	}
	if f.more == nil {
		f.more = make(chan struct{})
	}
	return nil, f.more, nil
}
