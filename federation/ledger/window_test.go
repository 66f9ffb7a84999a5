package ledger

import (
	"testing"

	"pgregory.net/rapid"
)

func TestANumberIsFreeOnceHoweverTheyCome(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var w window
		used := map[uint64]bool{}
		for range rapid.IntRange(1, 200).Draw(t, "offers") {
			n := uint64(max(0, int(w.highest)+rapid.OneOf(rapid.IntRange(-1100, 1100), rapid.IntRange(-1100, maxLeap+10)).Draw(t, "distance")))
			want := n > 0 && !used[n] && n+windowSize > w.highest && n <= w.highest+maxLeap
			if w.free(n) != want {
				t.Fatalf("%d after %d: %v", n, w.highest, !want)
			}
			if want {
				w.use(n)
				used[n] = true
			}
		}
	})
}
