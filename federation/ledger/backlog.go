package ledger

import (
	"google.golang.org/protobuf/reflect/protoreflect"
)

// What some city has yet to take stays in the memory of every node. So that a node stays small whatever the cities do, that has bounds
// (积压上限): for each city, and from version 3 on for all together.
const (
	// overhead is what a transfer in memory counts in its origin's backlog, besides the acts.
	overhead = 512
	// cityBacklog is the most that one city may leave before it can't offer; the rules of a region may set less.
	cityBacklog = 16 << 20
	// regionBacklog is the most for all cities. Of a region that is full each city still has its even share, so that none
	// keeps the others from offering.
	regionBacklog = 64 << 20
)

// hold counts bytes that others have yet to take of a city, or have taken.
func (l *Ledger) hold(who city, bytes int) {
	l.members[who].held += uint64(bytes)
	l.held += uint64(bytes)
}

// room says whether a city may leave one more act for the others to take. What begins a transfer or can be repeated at will has the bounds
// themselves, what brings one nearer to its end half as much again; what frees the other city from it is always taken.
func (l *Ledger) room(c *command, k protoreflect.FieldNumber, more bool) bool {
	act := uint64(len(c.signed)) + overhead
	held := l.members[c.who].held + act
	if l.version < 3 {
		return !more || held <= l.rules.GetBacklog()
	}
	one, all := min(l.rules.GetBacklog(), cityBacklog), uint64(regionBacklog)
	switch {
	case k == kind.Decline, k == kind.Withdraw:
		return true
	case !more:
		one, all = one+one/2, all+all/2
	}
	return held <= one && (l.held+act <= all || held <= all/l.present())
}

// present counts the members that were not revoked.
func (l *Ledger) present() (n uint64) {
	for _, m := range l.members {
		if !m.revoked {
			n++
		}
	}
	return n
}
