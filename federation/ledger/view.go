package ledger

import (
	"cmp"
	"slices"

	federationv1 "hotline/api/federation/v1"
)

// Transfers shows all transfers that are in memory, in the order of origin and number, without their acts: for the coordinator.
func (l *Ledger) Transfers() []*federationv1.TransferRecord {
	l.mu.RLock()
	defer l.mu.RUnlock()
	all := make([]*federationv1.TransferRecord, 0, len(l.transfers))
	for i, t := range l.transfers {
		shown := *t
		shown.acts = nil
		all = append(all, shown.record(i))
	}
	slices.SortFunc(all, func(a, b *federationv1.TransferRecord) int {
		return cmp.Or(cmp.Compare(a.GetId().GetOrigin(), b.GetId().GetOrigin()), cmp.Compare(a.GetId().GetNumber(), b.GetId().GetNumber()))
	})
	return all
}
