package ledger

import (
	"bufio"
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io"
	"slices"

	"google.golang.org/protobuf/proto"

	federationv1 "hotline/api/federation/v1"
)

// maxRecord bounds what a damaged length can ask for: the acts of a transfer at their longest.
const maxRecord = 64 << 20

// Snapshot (快照) is the state at one moment, while the ledger goes on.
type Snapshot struct {
	ledger    *federationv1.LedgerRecord
	members   []*federationv1.MemberRecord
	posts     []*federationv1.PostRecord
	transfers map[id]transfer
}

// Snapshot takes one. It copies no acts, only where they are.
func (l *Ledger) Snapshot() *Snapshot {
	l.mu.RLock()
	defer l.mu.RUnlock()
	s := &Snapshot{transfers: make(map[id]transfer, len(l.transfers))}
	s.ledger = &federationv1.LedgerRecord{
		Genesis: bytes.Clone(l.genesis[:]), Version: l.version, Sequence: l.sequence, Coordinator: l.coordinator.String(),
		Rules: l.rules, Acts: l.acts, Gone: l.gone, Digest: bytes.Clone(l.digest[:]), Clocks: l.clocks.records(),
	}
	for _, c := range sorted(l.members, cmp.Compare) {
		s.members = append(s.members, l.members[c].record(c))
	}
	for _, p := range sorted(l.board, places) {
		s.posts = append(s.posts, l.board[p].record(p))
	}
	for i, t := range l.transfers {
		s.transfers[i] = *t
	}
	return s
}

// WriteTo writes the same bytes for the same state.
func (s *Snapshot) WriteTo(to io.Writer) (int64, error) {
	w := &recordWriter{to: bufio.NewWriterSize(to, 1<<16), hash: sha256.New()}
	w.write(&federationv1.Record{Record: &federationv1.Record_Ledger{Ledger: s.ledger}})
	for _, m := range s.members {
		w.write(&federationv1.Record{Record: &federationv1.Record_Member{Member: m}})
	}
	for _, p := range s.posts {
		w.write(&federationv1.Record{Record: &federationv1.Record_Post{Post: p}})
	}
	for _, i := range sorted(s.transfers, before) {
		t := s.transfers[i]
		w.write(&federationv1.Record{Record: &federationv1.Record_Transfer{Transfer: t.record(i)}})
	}
	end := &federationv1.EndRecord{Digest: w.hash.Sum(nil)}
	w.write(&federationv1.Record{Record: &federationv1.Record_End{End: end}})
	if w.err == nil {
		w.err = w.to.Flush()
	}
	return w.written, w.err
}

type recordWriter struct {
	to      *bufio.Writer
	hash    hash.Hash
	buffer  []byte
	written int64
	err     error // the first one; nothing is written after it
}

func (w *recordWriter) write(r *federationv1.Record) {
	if w.err != nil {
		return
	}
	w.buffer = binary.AppendUvarint(w.buffer[:0], uint64(proto.Size(r)))
	if w.buffer, w.err = (proto.MarshalOptions{Deterministic: true}).MarshalAppend(w.buffer, r); w.err != nil {
		return
	}
	_, _ = w.hash.Write(w.buffer)
	n, err := w.to.Write(w.buffer)
	w.written += int64(n)
	w.err = err
}

func (m *member) record(c city) *federationv1.MemberRecord {
	return &federationv1.MemberRecord{City: c.String(), Signing: m.signing, Sealing: m.sealing, Speaks: m.speaks, Revoked: m.revoked,
		Highest: m.numbers.highest, Used: m.numbers.clone().used, Last: m.last, LastSequence: m.lastAt, TookDown: m.tookDown}
}

func (a *act) record() *federationv1.ActRecord {
	return &federationv1.ActRecord{Index: a.index, Signed: a.signed}
}

func (t *transfer) record(i id) *federationv1.TransferRecord {
	r := &federationv1.TransferRecord{
		Id: i.record(), Target: t.target.String(), State: t.state, Sequence: t.sequence, Declines: t.declines, Callback: t.callback.String(),
		Mode: t.mode, Urgency: t.urgency, Order: t.order, Offered: t.offered, SignDue: t.signDue, AnswerDue: t.answerDue, Changed: t.changed,
		Digest: bytes.Clone(t.digest[:]), Objected: t.objected, Concluded: t.concluded,
	}
	for _, p := range t.parties {
		r.Parties = append(r.Parties, &federationv1.PartyRecord{City: p.city.String(), Taken: p.taken, Knows: p.knows})
	}
	for _, a := range t.acts {
		r.Acts = append(r.Acts, a.record())
	}
	return r
}

// ErrDamaged: the snapshot is cut, changed, or of another group.
var ErrDamaged = errors.New("区域台账快照损坏，或属于另一个区域")

// Restore puts the state of a snapshot in place of the ledger's own, or changes nothing.
func (l *Ledger) Restore(from io.Reader) error {
	next := &Ledger{genesis: l.genesis, group: l.group, knows: l.knows, members: map[city]*member{}, transfers: map[id]*transfer{}, board: map[place]*post{}}
	r := &recordReader{from: bufio.NewReaderSize(from, 1<<16), hash: sha256.New()}
	for {
		record, err := r.read()
		if err != nil {
			return err
		}
		if end := record.GetEnd(); end != nil {
			if !bytes.Equal(end.GetDigest(), r.before) || next.rules == nil || !next.active(next.coordinator) {
				return ErrDamaged
			}
			break
		}
		if err := next.load(record); err != nil {
			return err
		}
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.version, l.sequence, l.clocks, l.coordinator, l.rules = next.version, next.sequence, next.clocks, next.coordinator, next.rules
	l.members, l.transfers, l.board, l.acts, l.gone, l.digest, l.held = next.members, next.transfers, next.board, next.acts, next.gone, next.digest, next.held
	return nil
}

type recordReader struct {
	from   *bufio.Reader
	hash   hash.Hash
	before []byte // the hash of all before the last record
	buffer []byte
}

func (r *recordReader) read() (*federationv1.Record, error) {
	size, err := binary.ReadUvarint(r.from)
	if err != nil || size > maxRecord {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, cmp.Or(err, io.ErrUnexpectedEOF))
	}
	// The buffer grows as far as there are bytes, not as far as a length claims.
	data := bytes.NewBuffer(r.buffer[:0])
	if n, err := io.CopyN(data, r.from, int64(size)); err != nil {
		return nil, fmt.Errorf("%w: %d of %d: %w", ErrDamaged, n, size, err)
	}
	r.buffer = data.Bytes()
	r.before = r.hash.Sum(nil)
	_, _ = r.hash.Write(binary.AppendUvarint(nil, size))
	_, _ = r.hash.Write(r.buffer)
	var record federationv1.Record
	if err := proto.Unmarshal(r.buffer, &record); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if unknown(record.ProtoReflect()) {
		return nil, ErrTooOld
	}
	return &record, nil
}

// load takes one record over.
func (l *Ledger) load(record *federationv1.Record) error {
	if record.GetLedger() == nil && l.rules == nil {
		return ErrDamaged // the ledger comes first
	}
	switch r := record.GetRecord().(type) {
	case *federationv1.Record_Ledger:
		return l.loadLedger(r.Ledger)
	case *federationv1.Record_Member:
		return l.loadMember(r.Member)
	case *federationv1.Record_Post:
		return l.loadPost(r.Post)
	case *federationv1.Record_Transfer:
		return l.loadTransfer(r.Transfer)
	}
	return ErrDamaged
}

func (l *Ledger) loadLedger(r *federationv1.LedgerRecord) error {
	var good bool
	l.coordinator, good = parseCity(r.GetCoordinator())
	switch {
	case r.GetVersion() > l.knows:
		return ErrTooOld
	case !good || !bytes.Equal(r.GetGenesis(), l.genesis[:]) || len(r.GetDigest()) != len(l.digest) || r.GetRules() == nil || l.rules != nil,
		!l.clocks.load(r.GetClocks()):
		return ErrDamaged
	}
	l.version, l.sequence, l.rules = r.GetVersion(), r.GetSequence(), r.GetRules()
	l.acts, l.gone, l.digest = r.GetActs(), r.GetGone(), [sha256.Size]byte(r.GetDigest())
	return nil
}

func (l *Ledger) loadMember(r *federationv1.MemberRecord) error {
	code, good := parseCity(r.GetCity())
	if !good || l.members[code] != nil || len(r.GetSigning()) == 0 || len(r.GetSealing()) == 0 ||
		(len(r.GetUsed()) != windowSize/64) != (r.GetHighest() == 0) {
		return ErrDamaged
	}
	m := &member{signing: r.GetSigning(), sealing: r.GetSealing(), speaks: r.GetSpeaks(), revoked: r.GetRevoked(), numbers: window{r.GetHighest(), r.GetUsed()},
		last: r.GetLast(), lastAt: r.GetLastSequence(), tookDown: r.GetTookDown()}
	m.name()
	l.members[code] = m
	return nil
}

func (l *Ledger) loadTransfer(r *federationv1.TransferRecord) error {
	from, _ := parseCity(r.GetId().GetOrigin())
	i := id{from, r.GetId().GetNumber()}
	t := &transfer{
		state: r.GetState(), sequence: r.GetSequence(), declines: r.GetDeclines(), mode: r.GetMode(), urgency: r.GetUrgency(), order: r.GetOrder(),
		offered: r.GetOffered(), signDue: r.GetSignDue(), answerDue: r.GetAnswerDue(), changed: r.GetChanged(),
		objected: r.GetObjected(), concluded: r.GetConcluded(),
	}
	t.target, _ = parseCity(r.GetTarget())
	t.callback, _ = parseCity(r.GetCallback())
	known := l.members[from] != nil && l.members[t.target] != nil && l.members[t.callback] != nil
	if !known || l.transfers[i] != nil || t.state == none || len(r.GetDigest()) != len(t.digest) || uint64(len(r.GetActs())) > t.sequence {
		return ErrDamaged
	}
	t.digest = [sha256.Size]byte(r.GetDigest())
	l.hold(from, overhead)
	l.transfers[i] = t
	return l.loadParts(t, r)
}

func (l *Ledger) loadParts(t *transfer, r *federationv1.TransferRecord) error {
	for _, p := range r.GetParties() {
		c, _ := parseCity(p.GetCity())
		if l.members[c] == nil {
			return ErrDamaged
		}
		t.parties = append(t.parties, party{c, p.GetTaken(), p.GetKnows()})
	}
	t.parties = slices.Clip(t.parties)
	for n, a := range r.GetActs() {
		c, reason := decode(a.GetSigned(), l.version)
		if reason != ok || l.members[c.who] == nil {
			return ErrDamaged
		}
		key := l.members[c.who].keyOf(c.GetKey())
		if key == nil {
			return ErrDamaged
		}
		l.members[c.who].keeps(key, 1)
		t.acts = append(t.acts, act{
			// The acts that are left are the last ones.
			sequence: t.sequence - uint64(len(r.GetActs())-1-n), index: a.GetIndex(), by: c.who, key: key, id: [16]byte(c.GetId()), signed: a.GetSigned(),
		})
		l.hold(c.who, len(a.GetSigned()))
	}
	return nil
}
