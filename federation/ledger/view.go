package ledger

import (
	"iter"
	"slices"

	federationv1 "hotline/api/federation/v1"
)

// atATime is how many transfers are shown before others may have their turn at the ledger.
const atATime = 64

// Transfers shows the transfers in memory that come after one, in the order of origin and number, without their acts: for the coordinator.
// Only their names are gathered at once, so that a page costs the ledger little of its time; what leaves meanwhile is left out.
func (l *Ledger) Transfers(after *federationv1.TransferId) iter.Seq[*federationv1.TransferRecord] {
	return func(yield func(*federationv1.TransferRecord) bool) {
		for some := range slices.Chunk(l.names(after), atATime) {
			for _, t := range l.show(some) {
				if !yield(t) {
					return
				}
			}
		}
	}
}

func (l *Ledger) names(after *federationv1.TransferId) []id {
	from := id{number: after.GetNumber()}
	from.origin, _ = parseCity(after.GetOrigin())
	l.mu.RLock()
	names := make([]id, 0, len(l.transfers))
	for i := range l.transfers {
		if before(from, i) < 0 {
			names = append(names, i)
		}
	}
	l.mu.RUnlock()
	slices.SortFunc(names, before)
	return names
}

func (l *Ledger) show(names []id) (shown []*federationv1.TransferRecord) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	for _, i := range names {
		if t := l.transfers[i]; t != nil {
			bare := *t
			bare.acts = nil
			shown = append(shown, bare.record(i))
		}
	}
	return shown
}
