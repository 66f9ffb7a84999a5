package ledger

import "sync"

// lately remembers what was come by lately, at least so many and at most twice as many: then it forgets the older half.
type lately[K comparable, V any] struct {
	mu         sync.Mutex
	young, old map[K]V
}

// atLeast is how many things are remembered.
const atLeast = 2048

func (l *lately[K, V]) get(key K) (value V, is bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if value, is = l.young[key]; !is {
		value, is = l.old[key]
	}
	return value, is
}

func (l *lately[K, V]) add(key K, value V) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.young == nil || len(l.young) >= atLeast {
		l.young, l.old = make(map[K]V), l.young
	}
	l.young[key] = value
}

// take gets a thing and forgets it.
func (l *lately[K, V]) take(key K) (value V, is bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	value, is = l.young[key]
	if is {
		delete(l.young, key)
	} else if value, is = l.old[key]; is {
		delete(l.old, key)
	}
	return value, is
}
