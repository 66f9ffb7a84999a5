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

func (w *window) free(n uint64) bool {
	switch {
	case n == 0 || n > w.highest+windowSize:
		return false // a leap would close the numbers below for good
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
	for w.highest < n {
		w.highest++
		w.used[w.highest%windowSize/64] &^= 1 << (w.highest % 64)
	}
	w.used[n%windowSize/64] |= 1 << (n % 64)
}

func (w *window) clone() window { return window{w.highest, slices.Clone(w.used)} }
