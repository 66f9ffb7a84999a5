package crossing

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/ent"
	"hotline/ent/outgoing"
	"hotline/ent/store"
	"hotline/ent/transfer"
	"hotline/federation"
	"hotline/federation/ledger"
	"hotline/federation/seal"
	"hotline/tenants"
	"hotline/tenants/calendar"
)

// shipping sends what waits in one region, city by city, whenever something new waits and every second. Each region has its own: one that
// does not answer keeps no other waiting.
func (s *Service) shipping(ctx context.Context, r *federation.Region) {
	for ctx.Err() == nil {
		woken := s.waking()
		s.shipAll(ctx, r)
		t := time.NewTimer(pause)
		select {
		case <-ctx.Done():
		case <-woken:
		case <-t.C:
		}
		t.Stop()
	}
}

// shipAll sends for all cities; when the region does not answer the one, it is not asked for the others.
func (s *Service) shipAll(ctx context.Context, r *federation.Region) {
	cities, err := s.locals(ctx, r)
	if err != nil {
		s.log.Error("courier", "error", err)
		return
	}
	for _, city := range cities {
		err := s.ship(as(ctx, city), r)
		if err != nil && ctx.Err() == nil {
			s.report(r.Name(), city, err)
		}
		if errors.Is(err, errAway) {
			return
		}
	}
}

// report notes that a region does not answer, once; other errors are an operator's.
func (s *Service) report(region, city string, err error) {
	if !errors.Is(err, errAway) {
		s.log.Error("courier", "region", region, "city", city, "error", err)
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cut[region].IsZero() {
		s.cut[region] = time.Now()
		s.log.Warn("the region does not answer: acts wait", "region", region, "error", err)
	}
}

func (s *Service) answered(region string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.cut[region].IsZero() {
		s.log.Info("the region answers again", "region", region, "cut_off", time.Since(s.cut[region]).Round(time.Second))
		delete(s.cut, region)
	}
}

// errAway: the region did not answer; everything stays where it is.
var errAway = errors.New("the region does not answer")

// ship sends the waiting acts of the viewer's city in a region, in the order in which they were asked for.
func (s *Service) ship(ctx context.Context, r *federation.Region) error {
	at := line{r.Name(), tenants.From(ctx).Tenant}
	if err := s.easeOver(ctx, at); err != nil {
		return err
	}
	held := s.resting(at, time.Now()) // transfers one of whose acts has to wait: those after it wait too
	later := map[uuid.UUID]bool{}     // acts that wait without keeping others: what a clock said too early is nobody's word
	full := false                     // too much of the city waits in the ledger: what it answers to others still goes
	for {
		rows, err := s.waiting(ctx, r.Name(), held, later, full)
		if err != nil || len(rows) == 0 {
			return err
		}
		rows = first(rows)
		s.mu.Lock()
		s.waits[at] = true
		s.mu.Unlock()
		sent, failed, err := s.sendTogether(ctx, r, rows)
		for _, row := range rows {
			switch {
			case sent[row.ID]:
				s.eased(at, sending(row))
			case failed[row.ID] != nil: // it alone has to wait
				s.rests(at, sending(row), row.TransferID, failed[row.ID], time.Now())
				held[row.TransferID], full = true, full || errors.Is(failed[row.ID], errFull)
			case row.Act == "expire":
				later[row.ID] = true
			default:
				held[row.TransferID] = true
			}
		}
		if err != nil {
			return err
		}
	}
}

// first are the first acts of each transfer: what follows one of them is for its place when that is taken.
func first(rows []*ent.Outgoing) []*ent.Outgoing {
	seen := map[uuid.UUID]bool{}
	return slices.DeleteFunc(rows, func(row *ent.Outgoing) bool {
		later := seen[row.TransferID]
		seen[row.TransferID] = true
		return later
	})
}

const shipPage = 64

func (s *Service) waiting(ctx context.Context, region string, held, later map[uuid.UUID]bool, full bool) (rows []*ent.Outgoing, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		q := s.db.Ent.Outgoing.Query().Where(outgoing.SentAtIsNil(), outgoing.Region(region),
			outgoing.TransferIDNotIn(slices.Collect(maps.Keys(held))...), outgoing.IDNotIn(slices.Collect(maps.Keys(later))...))
		if full {
			q = q.Where(outgoing.ActNEQ("offer"))
		}
		rows, err = q.Order(ent.Asc(outgoing.FieldID)).Limit(shipPage).All(ctx)
		if err != nil {
			return fmt.Errorf("outgoing: %w", err)
		}
		return nil
	})
	return rows, err
}

// letter is an act on its way to the ledger.
type letter struct {
	row     *ent.Outgoing
	command *federationv1.Command
	result  ledger.Result
	err     error
}

// sendTogether proposes acts of different transfers side by side, signed together (签名树), and says which of them the ledger has taken or
// refused, and which can't be sent and why. The others have to wait. The error is that of the region or the database.
func (s *Service) sendTogether(ctx context.Context, r *federation.Region, rows []*ent.Outgoing) (sent map[uuid.UUID]bool, failed map[uuid.UUID]error, err error) {
	sent, failed = map[uuid.UUID]bool{}, map[uuid.UUID]error{}
	var letters []*letter
	var key *pen // every command is signed with the last: should they differ, the city's keys were changed between them
	for _, row := range rows {
		c, k, err := s.write(ctx, r, row)
		switch {
		case ctx.Err() != nil:
			return sent, nil, ctx.Err()
		case err != nil:
			failed[row.ID] = err
		case c != nil:
			letters, key = append(letters, &letter{row: row, command: c}), k
		}
	}
	if len(letters) == 0 {
		return sent, failed, nil
	}
	if err := s.proposeTogether(ctx, r, letters, key); err != nil {
		return sent, failed, err
	}
	var taken, again []*letter
	for _, l := range letters {
		switch {
		case l.err != nil:
			err = l.err
		case l.result.Reason == 0:
			taken = append(taken, l)
		case slices.Contains(anew, l.result.Reason):
			again = append(again, l)
		default:
			if sent[l.row.ID], l.err = s.judged(ctx, r, l); l.err != nil {
				failed[l.row.ID] = l.err
			}
		}
	}
	if err := s.sent(ctx, taken); err != nil {
		return sent, failed, err
	}
	for _, l := range taken {
		sent[l.row.ID] = true
	}
	if err != nil {
		return sent, failed, err
	}
	for _, l := range again { // by itself
		if sent[l.row.ID], l.err = s.send(ctx, r, l.row); errors.Is(l.err, errAway) || ctx.Err() != nil {
			return sent, failed, l.err
		} else if l.err != nil {
			failed[l.row.ID] = l.err
		}
	}
	return sent, failed, nil
}

// anew are the refusals after which an act is written anew: a key was changed, or the moments have moved since.
var anew = []federationv1.Reason{federationv1.Reason_WRONG_KEY, federationv1.Reason_WRONG_SEAL, federationv1.Reason_WRONG_DUE}

// proposeTogether fills in what the ledger says of each.
func (s *Service) proposeTogether(ctx context.Context, r *federation.Region, letters []*letter, key *pen) error {
	commands := make([]*federationv1.Command, len(letters))
	for i, l := range letters {
		commands[i] = l.command
	}
	signed, err := ledger.SignAll(commands, key.public, key.signer, r.Ledger().Figures().Version)
	if err != nil {
		return err
	}
	var all sync.WaitGroup
	for i, l := range letters {
		all.Go(func() { l.result, l.err = s.propose(ctx, r, signed[i]) })
	}
	all.Wait()
	return nil
}

// tries are how often an act is written anew at once, when a key was changed or the moments have moved since it was written.
const tries = 10

// send proposes one act until the ledger has taken or refused it. It is false when the act has to wait.
func (s *Service) send(ctx context.Context, r *federation.Region, row *ent.Outgoing) (sent bool, err error) {
	for try := 0; ; try++ {
		c, key, err := s.write(ctx, r, row)
		if err != nil || c == nil {
			return false, err
		}
		signed, err := ledger.Sign(c, key.public, key.signer)
		if err != nil {
			return false, err
		}
		result, err := s.propose(ctx, r, signed)
		if err != nil {
			return false, err
		}
		l := &letter{row: row, command: c, result: result}
		switch {
		case result.Reason == 0:
			return true, s.sent(ctx, []*letter{l})
		case slices.Contains(anew, result.Reason):
			// Write it anew, when this node has seen what changed. Moments that are wrong twice are wrong by a clock or a rule.
			if try == tries || try > 0 && result.Reason == federationv1.Reason_WRONG_DUE {
				return false, notYet(result.Refusal().GetMessage() + map[bool]string{true: "，请核对本机时钟和转办时限"}[result.Reason == federationv1.Reason_WRONG_DUE])
			}
			rest(ctx, 20*time.Millisecond)
		default:
			return s.judged(ctx, r, l)
		}
	}
}

// errFull: the region holds as much of the city as its rules allow (台账积压上限).
var errFull error = notYet("本市送出而对方尚未收讫的内容已达上限")

// judged is for an act that the ledger did not take: it waits, or was refused for good.
func (s *Service) judged(ctx context.Context, r *federation.Region, l *letter) (refused bool, err error) {
	switch l.result.Reason {
	case federationv1.Reason_WRONG_SEQUENCE: // another act has the place: it comes here first
		return false, nil
	case federationv1.Reason_NOT_DUE:
		return false, nil
	case federationv1.Reason_BACKLOG:
		return false, errFull
	case federationv1.Reason_WRONG_CLOCK, federationv1.Reason_UNSUPPORTED: // somebody has to set a clock, or to bring a city up to date
		return false, notYet(l.result.Refusal().GetMessage())
	}
	s.log.Warn("the region did not take an act", "region", r.Name(), "city", l.command.GetCity(), "act", l.row.Act, "transfer", l.command.GetTransfer(), "reason", l.result.Reason)
	return true, s.casework.Refused(ctx, l.row.ID, l.result.Reason.String(), l.result.Refusal().GetMessage())
}

// propose waits a few seconds for the ledger's word.
func (s *Service) propose(ctx context.Context, r *federation.Region, signed []byte) (ledger.Result, error) {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	result, err := r.Propose(ctx, signed)
	if err != nil {
		return result, fmt.Errorf("%w: %w", errAway, err)
	}
	s.answered(r.Name())
	return result, nil
}

// sent marks acts that the ledger has taken, so that they are not proposed again; what they do here comes with the ledger's entries.
func (s *Service) sent(ctx context.Context, taken []*letter) error {
	if len(taken) == 0 {
		return nil
	}
	ids := make([]uuid.UUID, len(taken))
	for i, l := range taken {
		ids[i] = l.row.ID
	}
	return s.db.Do(ctx, func(ctx context.Context) error {
		return s.db.Ent.Outgoing.Update().Where(outgoing.IDIn(ids...), outgoing.SentAtIsNil()).SetSentAt(store.Now(ctx)).Exec(ctx)
	})
}

// pen is the key that a command is signed with.
type pen struct {
	public *federationv1.Key
	signer crypto.Signer
}

// write makes the command of a waiting act, for the place right behind the last act that is here: what came before it, whoever asked for
// it could know. The place is noted before it is proposed. It is proposed for another only when some act of that place has come here, and
// had that been this one it would not wait any more; so it counts once. The command is nil when the act no longer waits, or not yet.
func (s *Service) write(ctx context.Context, r *federation.Region, row *ent.Outgoing) (c *federationv1.Command, key *pen, err error) {
	days, err := s.days(ctx, row)
	if err != nil {
		return nil, nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		t, err := s.db.Ent.Transfer.Query().Where(transfer.ID(row.TransferID)).Only(ctx)
		if err != nil {
			return fmt.Errorf("transfer of an outgoing act: %w", err)
		}
		last, now := t.Sequence, r.Ledger().Transfer(t.Origin, uint64(t.Number))
		if now != nil && !party(now, tenants.From(ctx).Tenant) { // what came before is not sent to us
			last = int(now.GetSequence())
		}
		if int(now.GetSequence()) > last {
			return nil
		}
		row.Sequence = max(row.Sequence, last+1)
		n, err := s.db.Ent.Outgoing.Update().Where(outgoing.ID(row.ID), outgoing.SentAtIsNil()).SetSequence(row.Sequence).AddTries(1).Save(ctx)
		if err != nil || n == 0 {
			return err
		}
		w := writing{s: s, ctx: ctx, r: r, t: t, row: row, members: r.Ledger().Members(), now: s.now(), days: days}
		c, key, err = w.command()
		return err
	})
	return c, key, err
}

func party(t *federationv1.TransferRecord, city string) bool {
	return slices.ContainsFunc(t.GetParties(), func(p *federationv1.PartyRecord) bool { return p.GetCity() == city })
}

// writing is one act on its way to becoming a command.
type writing struct {
	s       *Service
	ctx     context.Context
	r       *federation.Region
	t       *ent.Transfer
	row     *ent.Outgoing
	members []*federationv1.MemberRecord
	now     time.Time
	content *pb.Content
	days    *calendar.Calendar // of the city that an offer is for
}

// days is the calendar of the city that an offer is for: a deadline falls on a working day of the city that must act. A city of another
// deployment has the nation's days, as far as it is known here.
func (s *Service) days(ctx context.Context, row *ent.Outgoing) (*calendar.Calendar, error) {
	if row.Act != "offer" {
		return nil, nil
	}
	var target string
	err := s.db.View(ctx, func(ctx context.Context) error {
		t, err := s.db.Ent.Transfer.Query().Where(transfer.ID(row.TransferID)).Only(ctx)
		if err != nil {
			return fmt.Errorf("transfer of an outgoing act: %w", err)
		}
		target = t.Target
		return nil
	})
	if err != nil {
		return nil, err
	}
	if s.here(ctx, target) {
		ctx = as(ctx, target)
	}
	rules, err := s.book.InForce(ctx)
	if err != nil {
		return nil, err
	}
	return rules.Calendar, nil
}

func (w *writing) command() (*federationv1.Command, *pen, error) {
	me := tenants.From(w.ctx).Tenant
	keys, err := w.s.vault.Keyring(w.ctx)
	if err != nil {
		return nil, nil, err
	}
	text, err := keys.Secret(w.row.Content, w.row.ID.String())
	if err != nil {
		return nil, nil, fmt.Errorf("outgoing act: %w", err)
	}
	w.content = &pb.Content{}
	if err := proto.Unmarshal([]byte(text), w.content); err != nil {
		return nil, nil, fmt.Errorf("outgoing act: %w", err)
	}
	own, err := w.s.keysOf(w.ctx)
	if err != nil {
		return nil, nil, err
	}
	public, signer, err := own.signer(member(w.members, me))
	if err != nil {
		return nil, nil, err
	}
	c := &federationv1.Command{Id: w.row.ID[:], Group: w.r.Name(), City: me, Time: w.now.UnixMilli(),
		Transfer: &federationv1.TransferId{Origin: w.t.Origin, Number: uint64(w.t.Number)}, Sequence: uint64(w.row.Sequence)}
	return c, &pen{public, signer}, w.fill(c)
}

// fill writes what the act says: openly what the rules need, sealed what concerns the citizen.
func (w *writing) fill(c *federationv1.Command) error {
	open := w.content.GetOpen()
	other := w.t.Origin // the city that hears of it
	if w.t.Origin == c.GetCity() {
		other = w.t.Target
	}
	boxes, err := w.seal(w.receivers(other)...)
	if err != nil {
		return err
	}
	switch w.row.Act {
	case "offer":
		offer, err := w.offer(boxes)
		c.Act = &federationv1.Command_Offer{Offer: offer}
		return err
	case "deliver":
		c.Act = &federationv1.Command_Deliver{Deliver: &federationv1.Deliver{}}
	case "sign":
		c.Act = &federationv1.Command_Sign{Sign: &federationv1.Sign{}}
	case "accept":
		c.Act = &federationv1.Command_Accept{Accept: &federationv1.Accept{Order: open.GetOrder()}}
	case "decline":
		c.Time = w.row.CreatedAt.UnixMilli() // when it was asked for: it may have waited, and the rules give it a while
		c.Act = &federationv1.Command_Decline{Decline: &federationv1.Decline{Reason: federationv1.DeclineReason(open.GetReason()),
			Basis: open.GetBasis(), Responsible: open.GetResponsible(), Sealed: boxes}}
	case "dispute":
		c.Act = &federationv1.Command_Dispute{Dispute: &federationv1.Dispute{Basis: open.GetBasis(), Sealed: boxes}}
	case "designate":
		c.Act = &federationv1.Command_Designate{Designate: &federationv1.Designate{Target: open.GetTarget(), Basis: open.GetBasis(),
			Callback: open.GetCallback(), Sealed: boxes}}
	case "handle":
		c.Act = &federationv1.Command_Handle{Handle: &federationv1.Handle{Sealed: boxes}}
	case "reply":
		c.Act = &federationv1.Command_Reply{Reply: &federationv1.Reply{Sealed: boxes}}
	case "conclude":
		c.Act = &federationv1.Command_Conclude{Conclude: &federationv1.Conclude{Sealed: boxes}}
	case "callback":
		c.Act = &federationv1.Command_Callback{Callback: &federationv1.Callback{Rework: open.GetRework(), Sealed: boxes}}
	case "withdraw":
		c.Act = &federationv1.Command_Withdraw{Withdraw: &federationv1.Withdraw{Sealed: boxes}}
	case "expire":
		c.Act = &federationv1.Command_Expire{Expire: &federationv1.Expire{}}
	case "supplement":
		c.Act = &federationv1.Command_Supplement{Supplement: &federationv1.Supplement{Sealed: boxes}}
	default:
		return fmt.Errorf("nobody knows how to write the act %q", w.row.Act)
	}
	return nil
}

// receivers are the cities that what the act says in confidence is for.
func (w *writing) receivers(other string) []string {
	switch w.row.Act {
	case "deliver", "sign", "accept", "expire":
		return nil
	case "dispute":
		coordinator, _ := w.r.Ledger().Region()
		return []string{coordinator}
	case "designate":
		return []string{w.t.Origin, w.content.GetOpen().GetTarget()}
	}
	return []string{other}
}

// seal closes the content for each receiver; what is said to nobody, or to oneself, is not said.
func (w *writing) seal(to ...string) ([]*federationv1.Sealed, error) {
	content := proto.CloneOf(w.content)
	content.Open = nil
	plain, err := proto.Marshal(content)
	if err != nil {
		return nil, err
	}
	var boxes []*federationv1.Sealed
	for i, city := range to {
		if i > 0 && city == to[i-1] || city == tenants.From(w.ctx).Tenant || len(plain) == 0 {
			continue
		}
		m := member(w.members, city)
		if m == nil || m.GetRevoked() {
			continue
		}
		about := seal.About{Group: w.r.Name(), Transfer: &federationv1.TransferId{Origin: w.t.Origin, Number: uint64(w.t.Number)}, Receiver: city,
			Sender: tenants.From(w.ctx).Tenant, Sequence: uint64(w.row.Sequence)}
		box, err := seal.For(inForce(m.GetSealing()), about, plain)
		if err != nil {
			return nil, fmt.Errorf("seal for %s: %w", city, err)
		}
		boxes = append(boxes, box)
	}
	return boxes, nil
}

// offer works the moments out now, for it may have waited: the other city's calendar counts, as far as it is known here.
func (w *writing) offer(boxes []*federationv1.Sealed) (*federationv1.Offer, error) {
	sign, answer, err := w.dues()
	if err != nil {
		return nil, err
	}
	return &federationv1.Offer{Target: w.t.Target, Mode: federationv1.Mode(federationv1.Mode_value[upper(w.t.Mode)]),
		Urgency: federationv1.Urgency(federationv1.Urgency_value[upper(w.t.Urgency)]), Order: w.t.OrderNumber, Category: w.t.Category,
		TargetCategory: w.t.TargetCategory, Basis: w.t.Basis, SignDue: sign.UnixMilli(), AnswerDue: answer.UnixMilli(),
		Started: w.t.StartedAt.UnixMilli(), Callback: w.t.Callback, Consent: w.t.Consent, Confidential: w.t.Confidential, Sealed: boxes}, nil
}

// dues are when the offer must be signed for and when silence is acceptance: by the city's spans, and no sooner than the region allows.
func (w *writing) dues() (sign, answer time.Time, err error) {
	rules, err := w.s.book.InForce(w.ctx)
	if err != nil {
		return sign, answer, err
	}
	side, region := rules.Policy.GetSideLives(), w.regionRules()
	spans := [2]string{side.GetTransferSign(), side.GetTransferAnswer()}
	least := [2]int64{region.GetSignLeast(), region.GetAnswerLeast()}
	if w.t.Urgency == "critical" {
		spans = [2]string{side.GetTransferCritical(), side.GetTransferCritical()}
		least = [2]int64{region.GetCriticalSignLeast(), region.GetCriticalAnswerLeast()}
	}
	var due [2]time.Time
	for i, text := range spans {
		span, err := calendar.ParseSpan(text)
		if err != nil {
			return sign, answer, err
		}
		due[i], err = w.days.Add(w.now, span)
		if unknown := new(calendar.UnknownYearError); errors.As(err, &unknown) { // next year's days off are not known yet: a case does not wait for them
			due[i], err = w.days.Add(w.now, span.Natural())
		}
		if err != nil {
			return sign, answer, err
		}
		// A little more than the least, for the way to the ledger takes a moment.
		if soonest := w.now.Add(time.Duration(least[i]+30) * time.Second); due[i].Before(soonest) {
			due[i] = soonest
		}
	}
	latest := w.now.Add(time.Duration(region.GetAnswerMost()) * time.Second)
	for i := range due {
		if due[i].After(latest) {
			due[i] = latest
		}
	}
	if due[1].Before(due[0]) {
		due[1] = due[0]
	}
	return due[0], due[1], nil
}

func (w *writing) regionRules() *federationv1.Rules {
	_, rules := w.r.Ledger().Region()
	return rules
}

func upper(word string) string { return strings.ToUpper(word) }
