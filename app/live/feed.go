package live

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/google/uuid"

	"hotline/app/casework"
)

const (
	page = 500  // changes read at once
	kept = 2000 // changes in memory; a stream that is further behind is too slow
	// gap is the least time between two looks, so that a busy city is read a few times a second, however many act.
	gap = 100 * time.Millisecond
)

// feed reads the changes of one city, once for all its streams.
type feed struct {
	s        *Service
	city     string
	ctx      context.Context
	stop     context.CancelFunc
	wake     chan struct{}
	streams  int           // under Service.mu
	first    chan struct{} // closed when head is known
	mu       sync.Mutex
	base     casework.Place // all settled changes after it, up to head, are in recent
	head     casework.Place
	recent   []*casework.Changed
	more     chan struct{} // closed when there is more
	presence map[uuid.UUID]bool
}

func newFeed(s *Service, city string) *feed {
	ctx, stop := context.WithCancel(system(city, context.Background()))
	return &feed{s: s, city: city, ctx: ctx, stop: stop, wake: make(chan struct{}, 1), first: make(chan struct{}),
		more: make(chan struct{}), presence: map[uuid.UUID]bool{}}
}

// run looks for changes until the feed is dropped.
func (f *feed) run() {
	for f.ctx.Err() == nil {
		here, err := f.s.Cases.Here(f.ctx)
		if err == nil {
			f.base, f.head = here, here
			close(f.first)
			break
		}
		f.failed(err)
		f.wait(f.s.Poll)
	}
	signed := time.Now()
	for f.ctx.Err() == nil {
		if err := f.look(); errors.Is(err, casework.ErrLost) { // another database under us: everybody begins anew
			f.s.mu.Lock()
			f.s.drop(f)
			f.s.mu.Unlock()
			f.mu.Lock()
			f.broadcast()
			f.mu.Unlock()
		} else if err != nil {
			f.failed(err)
		}
		if time.Since(signed) >= f.s.Sign {
			signed = time.Now()
			f.sign()
		}
		f.wait(gap)
		select {
		case <-f.wake:
		case <-f.ctx.Done():
		case <-time.After(f.s.Poll - gap):
		}
	}
}

func (f *feed) wait(d time.Duration) {
	select {
	case <-f.ctx.Done():
	case <-time.After(d):
	}
}

func (f *feed) failed(err error) {
	if f.ctx.Err() == nil {
		f.s.Log.ErrorContext(f.ctx, "changes", "tenant", f.city, "error", err.Error())
	}
}

// look reads what is new.
func (f *feed) look() error {
	for {
		fresh, err := f.s.Cases.Changes(f.ctx, f.head, page)
		if err != nil {
			return err
		}
		f.add(fresh)
		if len(fresh) < page {
			return nil
		}
	}
}

func (f *feed) add(fresh []*casework.Changed) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.head.On = time.Now()
	if len(fresh) == 0 {
		return
	}
	f.head = fresh[len(fresh)-1].Place
	f.recent = append(f.recent, fresh...)
	defer f.broadcast()
	if over := len(f.recent) - kept; over > 0 {
		f.base = f.recent[over-1].Place
		f.recent = slices.Clone(f.recent[over:]) // streams may still read the old ones
	}
}

// broadcast lets all streams look; under mu.
func (f *feed) broadcast() {
	close(f.more)
	f.more = make(chan struct{})
}

// begun waits until the feed knows where it stands.
func (f *feed) begun(ctx context.Context) (casework.Place, error) {
	select {
	case <-ctx.Done():
		return casework.Place{}, ctx.Err()
	case <-f.first:
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.head, nil
}

// since are the changes after a place, not to be changed, and a channel that closes when there are more; not ok when the feed can't
// tell any more, because the place is too far behind or the feed has ended.
func (f *feed) since(at casework.Place) (fresh []*casework.Changed, more <-chan struct{}, ok bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ctx.Err() != nil || at.Before(f.base) {
		return nil, nil, false
	}
	i, _ := slices.BinarySearchFunc(f.recent, at, func(c *casework.Changed, at casework.Place) int {
		if at.Before(c.Place) {
			return 1
		}
		return -1
	})
	return f.recent[i:], f.more, true
}

// stays keeps the presence of a stream alive, or no longer.
func (f *feed) stays(stream uuid.UUID, there bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if there {
		f.presence[stream] = true
	} else {
		delete(f.presence, stream)
	}
}

// sign renews all presences of this process in the city at once.
func (f *feed) sign() {
	f.mu.Lock()
	var streams []uuid.UUID
	for id := range f.presence {
		streams = append(streams, id)
	}
	f.mu.Unlock()
	if len(streams) == 0 {
		return
	}
	if err := f.s.Cases.Stay(f.ctx, streams); err != nil {
		f.failed(err)
	}
}
