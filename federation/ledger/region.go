package ledger

import (
	"bytes"
	"cmp"
	"slices"

	"google.golang.org/protobuf/proto"

	federationv1 "hotline/api/federation/v1"
)

// maxKeys is how many keys of a city are remembered, to verify what it signed before. A key is not forgotten as long as something is kept
// that it signed: no city can disown an act by changing its keys.
const maxKeys = 16

// member is a city of the group.
type member struct {
	signing, sealing     []*federationv1.Key       // the last one is in force
	signingID, sealingID []byte                    // its id
	kept                 map[*federationv1.Key]int // how many acts and posts are kept that a signing key signed
	last                 []byte                    // the id of its last act on the region
	lastAt               uint64                    // and its sequence
	speaks               uint32
	revoked              bool
	tookDown             uint64 // the highest number of a post with which it took a topic down
	numbers              window
	held                 uint64 // bytes of its acts that others have yet to take
}

func (l *Ledger) active(c city) bool {
	m := l.members[c]
	return m != nil && !m.revoked
}

// DefaultRules are in force until the coordinator sets others: two working hours to sign, one working day to answer, ten minutes for what is
// critical. A working day may be as short as seven hours, and an offer late on Friday before a long holiday waits for twelve days.
func DefaultRules() *federationv1.Rules {
	return &federationv1.Rules{
		SignLeast: 2 * 3600, AnswerLeast: 7 * 3600, CriticalSignLeast: 600, CriticalAnswerLeast: 600,
		AnswerMost: 15 * 24 * 3600, Skew: 120, Declines: 2, Backlog: 256 << 20, VerifyAtApply: true,
	}
}

// govern takes an act on the region itself. All that may refuse comes before all that changes.
func (l *Ledger) govern(c *command) Result {
	m := l.members[c.who]
	if m.did(c) {
		return Result{Again: true, Sequence: l.sequence}
	}
	reason := l.mayGovern(c)
	if reason != ok {
		return Result{Reason: reason, Sequence: l.sequence}
	}
	switch a := c.GetAct().(type) {
	case *federationv1.Command_Join:
		l.join(a.Join)
	case *federationv1.Command_RotateKeys:
		code, _ := parseCity(a.RotateKeys.GetCity())
		l.members[code].rotate(a.RotateKeys.GetSigning(), a.RotateKeys.GetSealing())
	case *federationv1.Command_Revoke:
		l.revoke(a.Revoke)
	case *federationv1.Command_Appoint:
		l.appoint(a.Appoint)
	case *federationv1.Command_SetRules:
		l.rules = a.SetRules.GetRules()
	case *federationv1.Command_Announce:
		m.speaks = a.Announce.GetSpeaks()
	}
	l.agree()
	l.acts++
	l.sequence++
	m.last, m.lastAt = bytes.Clone(c.GetId()), l.sequence
	return Result{Sequence: l.sequence}
}

// did says that a command is the city's last act on the region, come once more: its answer was lost.
func (m *member) did(c *command) bool {
	return c.id == id{} && m.lastAt > 0 && c.GetSequence() == m.lastAt && bytes.Equal(c.GetId(), m.last)
}

func (l *Ledger) mayGovern(c *command) federationv1.Reason {
	own := c.GetAnnounce() != nil || c.GetRotateKeys() != nil && c.GetRotateKeys().GetCity() == c.GetCity()
	switch {
	case !own && c.who != l.coordinator:
		return federationv1.Reason_NOT_COORDINATOR
	case c.GetSequence() != l.sequence+1:
		return federationv1.Reason_WRONG_SEQUENCE
	}
	switch a := c.GetAct().(type) {
	case *federationv1.Command_Join:
		return l.mayJoin(a.Join)
	case *federationv1.Command_RotateKeys:
		return l.mayRotate(a.RotateKeys)
	case *federationv1.Command_Revoke:
		return l.mayName(a.Revoke.GetCity())
	case *federationv1.Command_Appoint:
		return l.mayName(a.Appoint.GetCity())
	case *federationv1.Command_SetRules:
		return orMalformed(l.soundRules(a.SetRules.GetRules()))
	case *federationv1.Command_Announce:
		return orMalformed(a.Announce.GetSpeaks() >= l.version)
	}
	return federationv1.Reason_MALFORMED
}

// mayName: another member than the coordinator, who hands the office on before it is revoked.
func (l *Ledger) mayName(code string) federationv1.Reason {
	if who, _ := parseCity(code); !l.active(who) || who == l.coordinator {
		return federationv1.Reason_WRONG_CITY
	}
	return ok
}

func (l *Ledger) mayJoin(j *federationv1.Join) federationv1.Reason {
	who, known := parseCity(j.GetCity())
	switch {
	case !known || l.active(who):
		return federationv1.Reason_WRONG_CITY
	case j.GetSpeaks() < l.version:
		return federationv1.Reason_UNSUPPORTED
	}
	return orMalformed(signs(j.GetSigning()) && seals(j.GetSealing()) && l.unused(j.GetSigning(), j.GetSealing()))
}

func (l *Ledger) mayRotate(r *federationv1.RotateKeys) federationv1.Reason {
	who, _ := parseCity(r.GetCity())
	if !l.active(who) {
		return federationv1.Reason_WRONG_CITY
	}
	some := r.GetSigning() != nil || r.GetSealing() != nil
	good := (r.GetSigning() == nil || signs(r.GetSigning())) && (r.GetSealing() == nil || seals(r.GetSealing()))
	return orMalformed(some && good && l.unused(r.GetSigning(), r.GetSealing()))
}

// unused: no key comes back, and no two cities share one.
func (l *Ledger) unused(keys ...*federationv1.Key) bool {
	for _, m := range l.members {
		for _, old := range slices.Concat(m.signing, m.sealing) {
			if slices.ContainsFunc(keys, func(k *federationv1.Key) bool { return k != nil && bytes.Equal(k.GetPublic(), old.GetPublic()) }) {
				return false
			}
		}
	}
	return true
}

func (l *Ledger) soundRules(r *federationv1.Rules) bool {
	const most = 366 * 24 * 3600
	for _, span := range []int64{r.GetSignLeast(), r.GetAnswerLeast(), r.GetCriticalSignLeast(), r.GetCriticalAnswerLeast(), r.GetAnswerMost()} {
		if span <= 0 || span > most {
			return false
		}
	}
	for _, span := range []int64{r.GetDeclineGrace(), r.GetCallbackDue(), r.GetCallbackHandover()} {
		if span < 0 || span > most {
			return false
		}
	}
	return r.GetVersion() == l.rules.GetVersion()+1 && r.GetAnswerMost() >= max(r.GetAnswerLeast(), r.GetSignLeast(), r.GetCriticalAnswerLeast()) &&
		r.GetSkew() >= 0 && r.GetSkew() <= 3600 && r.GetDeclines() >= 1 && r.GetDeclines() <= 10 && r.GetBacklog() >= 1<<20
}

// join admits a city. One that was a member before keeps its numbers: what it offered then can't be offered again.
func (l *Ledger) join(j *federationv1.Join) {
	who, _ := parseCity(j.GetCity())
	m := l.members[who]
	if m == nil {
		m = new(member)
		l.members[who] = m
	}
	m.revoked, m.speaks = false, j.GetSpeaks()
	m.rotate(j.GetSigning(), j.GetSealing())
	l.welcome(who)
}

// welcome lets a city that was away begin with what is still kept of its transfers: for what the others have taken meanwhile nobody waited,
// and nobody can give it any more.
func (l *Ledger) welcome(who city) {
	for _, i := range sorted(l.transfers, before) {
		t := l.transfers[i]
		if t.take(who, t.sequence-uint64(len(t.acts))) {
			l.settle(i, t)
		}
	}
}

func (m *member) rotate(signing, sealing *federationv1.Key) {
	if signing != nil {
		m.signing = append(slices.Clone(m.signing), proto.CloneOf(signing)) // snapshots share the old list
		for n := 0; len(m.signing) > maxKeys && n < len(m.signing)-1; {
			if m.kept[m.signing[n]] == 0 {
				m.signing = slices.Delete(m.signing, n, n+1)
			} else {
				n++
			}
		}
	}
	if sealing != nil {
		m.sealing = newest(m.sealing, sealing)
	}
	m.name()
}

// name notes the ids of the keys in force, which every command is compared with.
func (m *member) name() { m.signingID, m.sealingID = last(m.signing).ID(), last(m.sealing).ID() }

// keyOf finds a signing key by its id, the newest first; nil if it is none of the city's.
func (m *member) keyOf(id []byte) *federationv1.Key {
	for _, k := range slices.Backward(m.signing) {
		if bytes.Equal(id, k.ID()) {
			return k
		}
	}
	return nil
}

// keeps counts what is kept that a key signed.
func (m *member) keeps(k *federationv1.Key, n int) {
	if m.kept == nil {
		m.kept = map[*federationv1.Key]int{}
	}
	if m.kept[k] += n; m.kept[k] == 0 {
		delete(m.kept, k)
	}
}

// newest makes a new list: snapshots share the old one.
func newest(keys []*federationv1.Key, k *federationv1.Key) []*federationv1.Key {
	keys = append(slices.Clip(keys), proto.CloneOf(k))
	return keys[max(0, len(keys)-maxKeys):]
}

// revoke ends a membership. Nobody waits for the city any more to take what is over.
func (l *Ledger) revoke(r *federationv1.Revoke) {
	who, _ := parseCity(r.GetCity())
	l.members[who].revoked = true
	if l.version >= 3 {
		l.clocks.forget(who)
	} else {
		l.clocks.forgetAll(who)
	}
	for _, i := range sorted(l.transfers, before) {
		if t := l.transfers[i]; t.party(who) >= 0 {
			l.settle(i, t)
		}
	}
}

// appoint hands on the office, and with it the disputes.
func (l *Ledger) appoint(a *federationv1.Appoint) {
	l.coordinator, _ = parseCity(a.GetCity())
	for _, t := range l.transfers {
		if t.state == disputed || t.objected {
			t.join(l.coordinator)
		}
	}
}

// agree raises the version to the lowest that a member speaks.
func (l *Ledger) agree() {
	lowest := uint32(0)
	for _, m := range l.members {
		if !m.revoked && (lowest == 0 || m.speaks < lowest) {
			lowest = m.speaks
		}
	}
	l.version = max(l.version, lowest)
}

// Members shows the members in the order of their codes.
func (l *Ledger) Members() []*federationv1.MemberRecord {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var list []*federationv1.MemberRecord
	for _, c := range sorted(l.members, cmp.Compare) {
		list = append(list, proto.CloneOf(l.members[c].record(c)))
	}
	return list
}

// Region tells who coordinates and by which rules.
func (l *Ledger) Region() (coordinator string, rules *federationv1.Rules) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.coordinator.String(), proto.CloneOf(l.rules)
}
