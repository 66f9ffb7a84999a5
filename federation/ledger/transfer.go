package ledger

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"slices"

	"google.golang.org/protobuf/reflect/protoreflect"

	federationv1 "hotline/api/federation/v1"
)

const (
	maxName   = 64  // of an order, a category, a group
	maxBasis  = 200 // of a clause
	maxSealed = 8   // boxes in one act
	// maxActs: after so many acts a transfer takes only those that bring it to its end.
	maxActs = 256
)

// transfer is one case on its way between two cities. Its origin is in its id.
type transfer struct {
	target, callback city
	state            federationv1.State
	mode             federationv1.Mode
	urgency          federationv1.Urgency
	declines         uint32
	sequence         uint64
	order            string
	offered, changed int64
	signDue          int64
	answerDue        int64
	digest           [sha256.Size]byte // rolls over all its acts
	parties          []party           // never changed in place: snapshots share it
	acts             []act             // those that a party has yet to take
	objected         bool              // the target objects to having it by its silence
	concluded        int64             // when the log took its conclusion; 0 before version 2
}

// party is a city that gets the acts of a transfer: origin, targets, coordinator of a dispute.
type party struct {
	city  city
	taken uint64 // it has all acts up to this one
	knows bool   // it may know the citizen: they agreed (单独同意), or the origin left the callback to it as there is nobody to call
}

// act is one act as it came.
type act struct {
	sequence uint64
	index    uint64
	by       city
	key      *federationv1.Key // of that city, which signed it
	id       [16]byte
	signed   []byte
}

func (t *transfer) party(c city) int {
	return slices.IndexFunc(t.parties, func(p party) bool { return p.city == c })
}

func (t *transfer) isKnownTo(c city) bool {
	p := t.party(c)
	return p >= 0 && t.parties[p].knows
}

func (t *transfer) join(c city) {
	if t.party(c) < 0 {
		t.parties = append(slices.Clip(t.parties), party{city: c})
	}
}

// take notes that a city has all acts up to one; it reports whether that is news.
func (t *transfer) take(c city, sequence uint64) bool {
	p := t.party(c)
	if p < 0 || t.parties[p].taken >= sequence {
		return false
	}
	t.parties = slices.Clone(t.parties)
	t.parties[p].taken = sequence
	return true
}

func (t *transfer) custodian(i id) city {
	if withTarget(t.state) {
		return t.target
	}
	return i.origin
}

// transfer takes an act on a transfer. All that may refuse comes before all that changes.
func (l *Ledger) transfer(c *command) Result {
	t := l.transfers[c.id]
	if t == nil {
		t = new(transfer)
	}
	for _, a := range t.acts {
		if a.sequence == c.GetSequence() && bytes.Equal(a.id[:], c.GetId()) && a.by == c.who {
			return Result{Again: true, Sequence: t.sequence, State: t.state}
		}
	}
	reason := l.mayAct(c, t)
	if reason == ok {
		reason = l.sound(c, t)
	}
	if reason != ok {
		return Result{Reason: reason, Sequence: t.sequence, State: t.state}
	}
	l.move(c, t)
	l.keep(c, t)
	l.settle(c.id, t)
	return Result{Sequence: t.sequence, State: t.state}
}

// mayAct asks the table: who, from where, in which place.
func (l *Ledger) mayAct(c *command, t *transfer) federationv1.Reason {
	k := kindOf(c.Command)
	row := acts[k]
	if t.state == none && k != kind.Offer {
		return federationv1.Reason_NO_TRANSFER
	}
	if !l.is(c.who, row.by, c.id, t) {
		if row.by == coordinator {
			return federationv1.Reason_NOT_COORDINATOR
		}
		return federationv1.Reason_NOT_YOURS
	}
	if t.state == none && !l.members[c.who].numbers.free(c.id.number) {
		return federationv1.Reason_NUMBER_USED
	}
	if c.GetSequence() != t.sequence+1 {
		return federationv1.Reason_WRONG_SEQUENCE
	}
	if !slices.Contains(row.from, t.state) && !(k == kind.Designate && (t.objected || l.orphaned(c.id, t))) && !l.objects(c, t) {
		return federationv1.Reason_WRONG_STATE
	}
	more := row.more || c.GetCallback().GetRework()
	if more && t.sequence >= maxActs {
		return federationv1.Reason_TOO_MANY_ACTS
	}
	if !l.room(c, k, more || k == kind.Offer) {
		return federationv1.Reason_BACKLOG
	}
	return ok
}

// is says that a city has a role in a transfer. Before the first offer there is an origin only.
func (l *Ledger) is(who city, r role, i id, t *transfer) bool {
	switch r {
	case origin:
		return who == i.origin
	case target:
		return who == t.target
	case caller:
		return who == t.callback || l.version >= 2 && who == i.origin // who waits until the target has let its time pass
	case coordinator:
		return who == l.coordinator
	case concerned:
		// A city that declined may lay down its papers, but only the origin brings the dispute up.
		return who == i.origin || t.party(who) >= 0 && (t.state == disputed || l.version >= 2 && who == t.target && t.state == expired)
	}
	return r == anyone
}

// objects says that the act is the objection (异议) of a target that has the case by its silence and has not begun to handle it. It moves
// nothing: whoever says that it answered in time and was not heard gets a hearing by it, and gets rid of no case.
func (l *Ledger) objects(c *command, t *transfer) bool {
	return l.version >= 2 && c.GetDispute() != nil && t.state == expired && c.who == t.target
}

// orphaned says that the case is with a city that was revoked, or waits for its callback: then the coordinator may designate another.
func (l *Ledger) orphaned(i id, t *transfer) bool {
	if over(t.state) {
		return false
	}
	return !l.active(t.custodian(i)) || withTarget(t.state) && !l.active(t.callback)
}

// sound looks at what the act says.
func (l *Ledger) sound(c *command, t *transfer) federationv1.Reason {
	skew := l.rules.GetSkew() * 1000
	if c.GetTime() < t.offered-skew {
		return federationv1.Reason_WRONG_CLOCK // an answer from before the question
	}
	switch a := c.GetAct().(type) {
	case *federationv1.Command_Offer:
		return l.soundOffer(c, t, a.Offer)
	case *federationv1.Command_Accept:
		return orMalformed(len(a.Accept.GetOrder()) <= maxName)
	case *federationv1.Command_Decline:
		return l.soundDecline(c, t, a.Decline)
	case *federationv1.Command_Dispute:
		return cmpReason(orMalformed(isBasis(a.Dispute.GetBasis())), l.soundSeals(c, t, a.Dispute.GetSealed(), 0))
	case *federationv1.Command_Designate:
		return l.soundDesignate(c, t, a.Designate)
	case *federationv1.Command_Handle:
		return l.soundSeals(c, t, a.Handle.GetSealed(), 0)
	case *federationv1.Command_Reply:
		return l.soundSeals(c, t, a.Reply.GetSealed(), c.id.origin)
	case *federationv1.Command_Conclude:
		return l.soundSeals(c, t, a.Conclude.GetSealed(), 0)
	case *federationv1.Command_Callback:
		return cmpReason(l.soundCaller(c, t, skew), l.soundSeals(c, t, a.Callback.GetSealed(), 0))
	case *federationv1.Command_Withdraw:
		return l.soundSeals(c, t, a.Withdraw.GetSealed(), 0)
	case *federationv1.Command_Supplement:
		return l.soundSeals(c, t, a.Supplement.GetSealed(), t.target)
	case *federationv1.Command_Expire:
		return l.soundExpire(c, t)
	}
	return ok
}

// cmpReason is the first refusal.
func cmpReason(reasons ...federationv1.Reason) federationv1.Reason {
	for _, r := range reasons {
		if r != ok {
			return r
		}
	}
	return ok
}

func orMalformed(good bool) federationv1.Reason {
	if good {
		return ok
	}
	return federationv1.Reason_MALFORMED
}

func isBasis(text string) bool { return text != "" && len(text) <= maxBasis }

func (l *Ledger) soundOffer(c *command, t *transfer, o *federationv1.Offer) federationv1.Reason {
	to, _ := parseCity(o.GetTarget())
	back, _ := parseCity(o.GetCallback())
	switch {
	case o.GetMode() == 0 || o.GetUrgency() == 0 || !isBasis(o.GetBasis()) || o.GetStarted() <= 0 || o.GetStarted() > maxTime,
		o.GetOrder() == "" || len(o.GetOrder()) > maxName || len(o.GetCategory()) > maxName || len(o.GetTargetCategory()) > maxName,
		t.state != none && o.GetOrder() != t.order: // offered again, it is still the same case
		return federationv1.Reason_MALFORMED
	case to == c.id.origin || !l.active(to) || back != c.id.origin && back != to:
		return federationv1.Reason_WRONG_CITY
	case c.GetTime() < c.at-freshFor-l.rules.GetSkew()*1000:
		return federationv1.Reason_WRONG_DUE // its city works it out anew, if it still wants it
	}
	return cmpReason(l.soundDues(c.at, o), l.soundSeals(c, t, o.GetSealed(), to))
}

// freshFor is how long an offer may be on its way from its signature to the log. One that was refused, and which its city has given up, lies
// in the log for all to see: nobody can bring it to life later, when what it was refused for has changed.
const freshFor = 10 * 60 * 1000

// soundDues measures from when the log took the offer: one that waited in a queue must be worked out anew, or the other city would be left
// no time.
func (l *Ledger) soundDues(at int64, o *federationv1.Offer) federationv1.Reason {
	sign, answer := l.rules.GetSignLeast(), l.rules.GetAnswerLeast()
	if o.GetUrgency() == federationv1.Urgency_CRITICAL {
		sign, answer = l.rules.GetCriticalSignLeast(), l.rules.GetCriticalAnswerLeast()
	}
	skew := l.rules.GetSkew()
	if o.GetSignDue() < at+(sign-skew)*1000 || o.GetAnswerDue() < at+(answer-skew)*1000 ||
		o.GetSignDue() > o.GetAnswerDue() || o.GetAnswerDue() > at+(l.rules.GetAnswerMost()+skew)*1000 {
		return federationv1.Reason_WRONG_DUE
	}
	return ok
}

func (l *Ledger) soundDecline(c *command, t *transfer, d *federationv1.Decline) federationv1.Reason {
	_, known := parseCity(d.GetResponsible()) // it may be in no region at all
	switch {
	case d.GetReason() == 0 || !isBasis(d.GetBasis()) || !known:
		return federationv1.Reason_MALFORMED
	case c.GetTime() > t.answerDue, c.at > l.silence(t):
		return federationv1.Reason_TOO_LATE
	}
	return l.soundSeals(c, t, d.GetSealed(), 0)
}

// silence is the moment from which no answer is acceptance, by the clock of the log. Until then a decline counts that was asked for before
// it was due. When that was its city says itself: a stolen or slow one wins the grace by a lie, and no more than the grace.
func (l *Ledger) silence(t *transfer) int64 {
	at := t.answerDue + l.rules.GetSkew()*1000
	if l.version >= 2 && t.urgency != federationv1.Urgency_CRITICAL {
		at += l.rules.GetDeclineGrace() * 1000
	}
	return at
}

// soundCaller: the origin calls back what was the target's to call back when the rules' time has passed, by both clocks.
func (l *Ledger) soundCaller(c *command, t *transfer, skew int64) federationv1.Reason {
	if c.who != t.callback && min(c.GetTime(), c.at) < CallbackHandover(l.rules, t.since())+skew {
		return federationv1.Reason_NOT_DUE
	}
	return ok
}

// since is when it was concluded; of what was concluded under version 1, when it was last acted upon.
func (t *transfer) since() int64 { return cmp.Or(t.concluded, t.changed) }

const day = 24 * 3600

// CallbackDue is when a callback that is the target's is overdue, CallbackHandover from when on the origin may do it itself. Moments are
// milliseconds, as in the ledger.
func CallbackDue(r *federationv1.Rules, concluded int64) int64 {
	return concluded + cmp.Or(r.GetCallbackDue(), 7*day)*1000
}

// CallbackHandover is never before CallbackDue.
func CallbackHandover(r *federationv1.Rules, concluded int64) int64 {
	return max(concluded+cmp.Or(r.GetCallbackHandover(), 14*day)*1000, CallbackDue(r, concluded))
}

// soundDesignate: who calls back must know the citizen, who agreed to the cities that the case was offered to and to no other. The origin
// knows them always, and calls back as long as it is a member.
func (l *Ledger) soundDesignate(c *command, t *transfer, d *federationv1.Designate) federationv1.Reason {
	to, _ := parseCity(d.GetTarget())
	back, _ := parseCity(d.GetCallback())
	switch {
	case !isBasis(d.GetBasis()):
		return federationv1.Reason_MALFORMED
	case !l.active(to) || !l.active(back) || back != c.id.origin && back != to:
		return federationv1.Reason_WRONG_CITY
	case back != c.id.origin && l.active(c.id.origin) && !t.isKnownTo(to):
		return federationv1.Reason_NO_CONSENT
	}
	return l.soundSeals(c, t, d.GetSealed(), 0)
}

// MayCallBack says that a city may know whom to call, should it be designated.
func MayCallBack(t *federationv1.TransferRecord, city string) bool {
	return slices.ContainsFunc(t.GetParties(), func(p *federationv1.PartyRecord) bool { return p.GetCity() == city && p.GetKnows() })
}

// soundExpire: the command's clock and the log's must both have passed the moment, so that no city alone can hurry it, not even as leader.
func (l *Ledger) soundExpire(c *command, t *transfer) federationv1.Reason {
	switch {
	case min(c.GetTime(), c.at) < l.silence(t):
		return federationv1.Reason_NOT_DUE
	case !l.active(t.target):
		return federationv1.Reason_WRONG_CITY // the origin may withdraw
	}
	return ok
}

// soundSeals: each box is for another city that takes part, sealed to its key in force, and the one that is needed is among them.
func (l *Ledger) soundSeals(c *command, t *transfer, boxes []*federationv1.Sealed, need city) federationv1.Reason {
	if len(boxes) > maxSealed {
		return federationv1.Reason_MALFORMED
	}
	found := need == 0 || need == c.who || !l.active(need)
	for i, box := range boxes {
		to, _ := parseCity(box.GetCity())
		if !l.active(to) || len(box.GetSealed()) == 0 || !bytes.Equal(box.GetKey(), l.members[to].sealingID) {
			return federationv1.Reason_WRONG_SEAL
		}
		named := c.GetOffer().GetTarget() == box.GetCity() || c.GetDesignate().GetTarget() == box.GetCity()
		if !named && t.party(to) < 0 && to != l.coordinator {
			return federationv1.Reason_WRONG_SEAL
		}
		if slices.ContainsFunc(boxes[:i], func(b *federationv1.Sealed) bool { return b.GetCity() == box.GetCity() }) {
			return federationv1.Reason_WRONG_SEAL
		}
		found = found || to == need
	}
	if !found {
		return federationv1.Reason_WRONG_SEAL
	}
	return ok
}

func last[T any](list []T) T { return list[len(list)-1] }

// move brings the transfer where the act leads.
func (l *Ledger) move(c *command, t *transfer) {
	k := kindOf(c.Command)
	switch a := c.GetAct().(type) {
	case *federationv1.Command_Offer:
		l.offer(c, t, a.Offer)
	case *federationv1.Command_Decline:
		t.declines++
	case *federationv1.Command_Designate:
		t.target, _ = parseCity(a.Designate.GetTarget())
		t.callback, _ = parseCity(a.Designate.GetCallback())
		t.join(l.coordinator)
		t.join(t.target)
		t.objected = false
	case *federationv1.Command_Dispute:
		t.objected = t.state == expired
	case *federationv1.Command_Callback:
		t.callback = c.who // the origin's, once it has taken it
	case *federationv1.Command_Conclude:
		t.objected = false  // it was done after all
		if l.version >= 2 { // nodes of version 1 could not read it in a snapshot
			t.concluded = c.at
		}
	}
	if to := l.next(c, t, k); to != same {
		t.state = to
	}
	if t.state == disputed || t.objected {
		t.join(l.coordinator)
	}
}

// next is where the table leads, but for two acts whose content decides.
func (l *Ledger) next(c *command, t *transfer, k protoreflect.FieldNumber) federationv1.State {
	switch {
	case k == kind.Decline && t.declines >= l.rules.GetDeclines():
		return disputed
	case t.objected && k == kind.Dispute:
		return same
	case c.GetCallback().GetRework():
		return handling
	}
	return acts[k].to
}

func (l *Ledger) offer(c *command, t *transfer, o *federationv1.Offer) {
	if t.state == none {
		l.transfers[c.id] = t
		l.members[c.who].numbers.use(c.id.number)
		l.hold(c.who, overhead)
		t.join(c.id.origin)
	}
	t.target, _ = parseCity(o.GetTarget())
	t.callback, _ = parseCity(o.GetCallback())
	t.mode, t.urgency, t.order = o.GetMode(), o.GetUrgency(), o.GetOrder()
	t.offered, t.signDue, t.answerDue = c.GetTime(), o.GetSignDue(), o.GetAnswerDue()
	t.join(t.target)
	t.parties = slices.Clone(t.parties)
	t.parties[t.party(t.target)].knows = o.GetConsent() || t.callback == t.target
}

// keep adds the act to those that the parties have to take. Who acts has taken what came before, for it knew the sequence.
func (l *Ledger) keep(c *command, t *transfer) {
	l.acts++
	t.take(c.who, t.sequence)
	t.sequence++
	t.changed = c.GetTime()
	t.digest = roll(t.digest, c.signed)
	a := act{sequence: t.sequence, index: l.acts, by: c.who, key: c.key, id: [16]byte(c.GetId()), signed: c.signed}
	t.acts = append(t.acts, a)
	l.hold(c.who, len(a.signed))
	l.members[c.who].keeps(c.key, 1)
}

// settle lets go of acts that all parties have taken, and of the transfer when it is over.
func (l *Ledger) settle(i id, t *transfer) {
	taken := t.sequence
	for _, p := range t.parties {
		if l.active(p.city) {
			taken = min(taken, p.taken)
		}
	}
	n := 0
	for ; n < len(t.acts) && t.acts[n].sequence <= taken; n++ {
		l.hold(t.acts[n].by, -len(t.acts[n].signed))
		l.members[t.acts[n].by].keeps(t.acts[n].key, -1)
	}
	if n > 0 {
		t.acts = slices.Clone(t.acts[n:]) // a new array, so that the old bytes can go
	}
	if over(t.state) && taken == t.sequence {
		l.leave(i, t)
	}
}

func (l *Ledger) leave(i id, t *transfer) {
	delete(l.transfers, i)
	l.hold(i.origin, -overhead)
	l.gone++
	b := binary.BigEndian.AppendUint32(nil, uint32(i.origin))
	b = binary.BigEndian.AppendUint64(b, i.number)
	b = binary.BigEndian.AppendUint64(append(b, byte(t.state)), t.sequence)
	l.digest = roll(l.digest, append(b, t.digest[:]...))
}

// roll goes on with a hash over a row of things.
func roll(digest [sha256.Size]byte, next []byte) (sum [sha256.Size]byte) {
	h := sha256.New()
	_, _ = h.Write(digest[:])
	_, _ = h.Write(next)
	return [sha256.Size]byte(h.Sum(sum[:0]))
}

// acknowledge takes note of what a city has in its own database. One wrong entry refuses them all.
func (l *Ledger) acknowledge(c *command) Result {
	if c.GetSequence() != 0 || len(c.GetAcknowledge().GetTaken()) == 0 {
		return Result{Reason: federationv1.Reason_MALFORMED}
	}
	var ids []id
	for _, taken := range c.GetAcknowledge().GetTaken() {
		i, reason := l.taken(c.who, taken)
		if reason != ok {
			return Result{Reason: reason}
		}
		ids = append(ids, i)
	}
	news := false
	for n, i := range ids {
		if t := l.transfers[i]; t != nil && t.take(c.who, c.GetAcknowledge().GetTaken()[n].GetSequence()) {
			news = true
			l.settle(i, t)
		}
	}
	if news {
		l.acts++
	}
	return Result{Again: !news}
}

// taken looks at one entry of an acknowledgement. What is gone was acknowledged before.
func (l *Ledger) taken(who city, taken *federationv1.Acknowledge_Taken) (i id, reason federationv1.Reason) {
	i.number = taken.GetTransfer().GetNumber()
	i.origin, _ = parseCity(taken.GetTransfer().GetOrigin())
	t := l.transfers[i]
	switch {
	case t == nil && (l.members[i.origin] == nil || i.number == 0 || l.members[i.origin].numbers.free(i.number) || i.number > l.members[i.origin].numbers.highest):
		return i, federationv1.Reason_NO_TRANSFER
	case t == nil:
		return i, ok
	case t.party(who) < 0:
		return i, federationv1.Reason_NOT_YOURS
	case taken.GetSequence() > t.sequence:
		return i, federationv1.Reason_WRONG_SEQUENCE
	}
	return i, ok
}
