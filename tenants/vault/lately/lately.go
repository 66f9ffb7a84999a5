// Package lately keeps one value per city in memory that the database holds (近期副本): keys, rules, directory. Within Age it
// is served without a look at the database; after that a cheap mark tells whether it changed, here or on another replica.
package lately

import (
	"context"
	"sync"
	"time"

	"hotline/ent/store"
	"hotline/tenants"
)

// Age is how long another replica may go on without noticing a change.
const Age = 2 * time.Second

// Kept holds the values of all cities. Mark and load run in one transaction of the viewer's city.
type Kept[T any] struct {
	// Now is the clock of the ageing; tests move it.
	Now func() time.Time

	db   *store.Store
	mark func(ctx context.Context) (string, error)
	load func(ctx context.Context) (T, error)

	mu     sync.Mutex
	cities map[string]*city[T]
}

type city[T any] struct {
	epoch int // counts the drops: what was read before a drop may not be kept after it
	kept  bool
	value T
	mark  string
	seen  time.Time
}

// Keep makes the memory of what load reads; mark must change whenever that changes.
func Keep[T any](db *store.Store, mark func(context.Context) (string, error), load func(context.Context) (T, error)) *Kept[T] {
	return &Kept[T]{Now: time.Now, db: db, mark: mark, load: load, cities: map[string]*city[T]{}}
}

// Get is the value of the viewer's city. Inside a transaction it is what was committed before, unless nothing is kept yet:
// then it is read in the transaction, and kept only if that commits.
func (k *Kept[T]) Get(ctx context.Context) (T, error) {
	code := codeOf(ctx)
	was := k.state(code)
	if was.kept && k.Now().Sub(was.seen) < Age {
		return was.value, nil
	}
	next := city[T]{epoch: was.epoch, kept: true, seen: k.Now()}
	err := k.db.View(ctx, func(ctx context.Context) (err error) {
		if next.mark, err = k.mark(ctx); err != nil {
			return err
		}
		if was.kept && was.mark == next.mark {
			next.value = was.value
		} else if next.value, err = k.load(ctx); err != nil {
			k.put(code, city[T]{epoch: was.epoch}) // what it was holds no more: a shredded city's keys leave the memory
			return err
		}
		store.AfterCommit(ctx, func() { k.put(code, next) })
		return nil
	})
	return next.value, err
}

// Drop forgets the viewer's city once the transaction in the context has committed.
func (k *Kept[T]) Drop(ctx context.Context) {
	store.AfterCommit(ctx, func() { k.Forget(ctx) })
}

// Forget forgets the viewer's city now: somebody has met data that is newer than the copy.
func (k *Kept[T]) Forget(ctx context.Context) {
	code := codeOf(ctx)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.cities[code] = &city[T]{epoch: k.at(code).epoch + 1}
}

func (k *Kept[T]) state(code string) city[T] {
	k.mu.Lock()
	defer k.mu.Unlock()
	return *k.at(code)
}

func (k *Kept[T]) put(code string, next city[T]) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.at(code).epoch == next.epoch {
		k.cities[code] = &next
	}
}

// at is the entry of a city; an absent one has epoch 0.
func (k *Kept[T]) at(code string) *city[T] {
	if c := k.cities[code]; c != nil {
		return c
	}
	return &city[T]{}
}

func codeOf(ctx context.Context) string {
	if v := tenants.From(ctx); v != nil {
		return v.Tenant
	}
	return ""
}
