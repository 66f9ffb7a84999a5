package ledger

import "slices"

// window remembers which numbers a city has offered under, in constant space: the highest, and one bit for each of the numbers up to it. What
// lies further behind counts as used. So an offer can't be played twice, however long its transfer has been over and forgotten, and a city
// with many offers on the way need not have them arrive in order.
type window struct {
	highest uint64
	used    []uint64 // empty until the first number
}

const windowSize = 1024

// maxLeap is how far a number may lie ahead. Numbers of offers that a city took back before they were sent are never seen here, so it may
// be far; a leap closes the numbers left behind, which are the city's own. With the bound, whoever stole a city's key can't use them up.
const maxLeap = 1 << 20

func (w *window) free(n uint64) bool {
	switch {
	case n == 0 || n > w.highest+maxLeap || n > maxTime:
		return false
	case n > w.highest:
		return true
	case w.highest-n >= windowSize:
		return false
	}
	return w.used[n%windowSize/64]&(1<<(n%64)) == 0
}

// use marks a free number.
func (w *window) use(n uint64) {
	if w.used == nil {
		w.used = make([]uint64, windowSize/64)
	}
	if n > w.highest+windowSize { // nothing of what is remembered is within reach
		clear(w.used)
		w.highest = n
	}
	for w.highest < n {
		w.highest++
		w.used[w.highest%windowSize/64] &^= 1 << (w.highest % 64)
	}
	w.used[n%windowSize/64] |= 1 << (n % 64)
}

func (w *window) clone() window { return window{w.highest, slices.Clone(w.used)} }
