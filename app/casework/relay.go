package casework

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/ent"
	"hotline/ent/outgoing"
	"hotline/ent/store"
	"hotline/ent/transfer"
	"hotline/ent/transferact"
	"hotline/tenants/privacy"
)

// Told (台账条目) is one act of the ledger as the courier hands it over: its signature is verified, what was sealed to this city is open.
type Told struct {
	Command  uuid.UUID // names the act; of an act of this city, the outgoing row
	Region   string
	Origin   string
	Number   int64
	Sequence int
	Act      string // offer, deliver, sign …
	City     string // who acted
	At       time.Time
	State    string // where the transfer stands after it
	Signed   []byte
	Open     Offer       // what an offer or a designation says openly
	Last     Offer       // what the last offer said openly, for who comes in later: a coordinator, a second target
	Declines int         // before it, for the same
	Content  *pb.Content // nil when nothing was sealed to this city, or it could not be opened
	// CallbackDue is when, after a conclusion, the target's callback is overdue by the region's rules.
	CallbackDue time.Time
	Forged      bool // the signature is not the city's: a stolen leader wrote it, nothing here follows it
}

// Offer (转办公开部分) is what an offer says openly; a designation says target, callback and basis, a decline reason, basis and city.
type Offer struct {
	Target, Callback      string
	Mode, Urgency         string
	Order                 string
	Category, CategoryFor string
	Basis                 string
	Reason, Responsible   string
	SignDue, AnswerDue    time.Time
	Started               time.Time
	Consent, Confidential bool
	Rework                bool
}

// ErrGap says that acts before this one are missing.
var ErrGap = errors.New("an act of the transfer is missing")

// Relay (跨域回执) takes an act of the ledger into the viewer's city: the transfer follows it, the signed act is kept, and the order
// here moves where it leads, all in one transaction. How many acts of a transfer are here is kept with it, so each counts once, however
// often it comes.
func (s *Service) Relay(ctx context.Context, e *Told) error {
	e.tidy()
	number, err := "", error(nil)
	if e.brings(tenantOf(ctx)) { // an order may have to be made
		if number, err = s.number(ctx, word(pb.Channel_CITY_TRANSFER), store.Moment(ctx)); err != nil {
			return err
		}
	}
	return s.db.Do(ctx, func(ctx context.Context) error {
		t, err := s.transferOf(ctx, e)
		if err != nil {
			return err
		}
		if t.Sequence >= e.Sequence {
			return nil
		}
		if e.Act == "designate" && e.City == tenantOf(ctx) { // what came before the coordinator was called in is not sent to it
			t.Sequence = e.Sequence - 1
		}
		if e.Sequence != t.Sequence+1 {
			return fmt.Errorf("%w: %s/%s/%d has %d, not %d", ErrGap, e.Region, e.Origin, e.Number, t.Sequence, e.Sequence)
		}
		r := relaying{s: s, ctx: ctx, e: e, t: t, number: number, was: t.Target, stood: t.State, asked: t.Pending}
		return r.take()
	})
}

// brings says whether a city may have to make an order of it: an offer to it, readable or not, a designation, whose packet may come later
// or never, or the packet.
func (e *Told) brings(city string) bool {
	return e.City != city && e.Origin != city && (e.Content.GetPacket() != nil || (e.Act == "offer" || e.Act == "designate") && e.Open.Target == city)
}

// transferOf finds the city's row of the transfer, or makes it.
func (s *Service) transferOf(ctx context.Context, e *Told) (*ent.Transfer, error) {
	t, err := s.held(s.ent().Transfer.Query().Where(transfer.Region(e.Region), transfer.Origin(e.Origin), transfer.Number(e.Number))).Only(ctx)
	if err == nil {
		return t, nil
	}
	if !ent.IsNotFound(err) {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	// A coordinator comes in with a dispute, a second target with its offer: what was before is not for them, their sequence begins there.
	t, err = s.ent().Transfer.Create().SetID(newID()).SetRegion(e.Region).SetOrigin(e.Origin).SetNumber(e.Number).SetTarget(e.Last.Target).
		SetState(e.State).SetSequence(e.Sequence - 1).SetMode(e.Last.Mode).SetUrgency(e.Last.Urgency).SetOrderNumber(e.Last.Order).SetDeclines(e.Declines).
		SetCallback(e.Last.Callback).SetStartedAt(e.At).SetChangedAt(e.At).SetCreatedAt(store.Now(ctx)).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	return t, nil
}

// relaying is one act of the ledger on its way into the city's tables.
type relaying struct {
	s      *Service
	ctx    context.Context
	e      *Told
	t      *ent.Transfer
	number string // for an order that has to be made
	was    string // target before the act
	stood  string // where the transfer stood before it
	asked  string // what was pending here before it
}

func (r *relaying) mine() bool { return r.e.City == tenantOf(r.ctx) }

func (r *relaying) take() error {
	keys, err := r.s.vault.Keyring(r.ctx)
	if err != nil {
		return err
	}
	if err := r.keep(keys); err != nil {
		return err
	}
	if r.e.Forged {
		return r.s.ent().Transfer.Update().Where(transfer.ID(r.t.ID)).SetSequence(r.e.Sequence).Exec(r.ctx)
	}
	if err := r.follow(); err != nil {
		return err
	}
	if r.mine() {
		now := store.Now(r.ctx)
		if err := r.s.ent().Outgoing.Update().Where(outgoing.ID(r.e.Command)).SetSentAt(now).SetContent(privacy.Personal{}).Exec(r.ctx); err != nil {
			return fmt.Errorf("outgoing: %w", err)
		}
	}
	o, err := r.s.orderOf(r.ctx, r.t)
	if err != nil {
		return err
	}
	return r.move(keys, o)
}

// keep writes the signed act down, its words sealed with the city's own keys.
func (r *relaying) keep(keys *privacy.Keyring) error {
	id := newID()
	words, err := keys.Seal(privacy.Text, rowOf(id), r.e.Content.GetWords())
	if err != nil {
		return err
	}
	err = r.s.ent().TransferAct.Create().SetID(id).SetTransferID(r.t.ID).SetSequence(r.e.Sequence).SetAct(r.e.Act).SetCity(r.e.City).
		SetSummary(privacy.Scrub(r.e.summary())).SetWords(words).SetSigned(r.e.Signed).SetActedAt(r.e.At).SetCreatedAt(store.Now(r.ctx)).Exec(r.ctx)
	if err != nil {
		return fmt.Errorf("act of transfer: %w", err)
	}
	return nil
}

// ActTitles are the acts of the ledger as screens call them.
var ActTitles = map[string]string{"offer": "转出", "deliver": "送达", "sign": "签收", "accept": "接收", "decline": "拒收", "dispute": "提请指定",
	"designate": "指定承办", "handle": "办理中", "reply": "答复", "conclude": "办结", "callback": "回访", "withdraw": "撤回", "expire": "逾期视为接收",
	"supplement": "补充"}

func (e *Told) summary() string {
	text := ActTitles[e.Act]
	if e.Forged {
		return text + "：签名无效，未采纳"
	}
	if e.Act == "callback" && e.Open.Rework {
		text += "：未解决，重办"
	}
	if e.Act == "supplement" && e.Content.GetPacket() != nil {
		text += "：" + packetCame
	}
	if e.Open.Basis != "" {
		text += "：" + e.Open.Basis
	}
	return text
}

// follow brings the transfer where the ledger has it.
func (r *relaying) follow() error {
	t, e := r.t, r.e
	t.Sequence, t.State, t.ChangedAt = e.Sequence, e.State, e.At
	switch e.Act {
	case "offer":
		t.Target, t.Callback, t.Mode, t.Urgency, t.OrderNumber = e.Open.Target, e.Open.Callback, e.Open.Mode, e.Open.Urgency, e.Open.Order
		t.Category, t.TargetCategory, t.Basis, t.Consent, t.Confidential = e.Open.Category, e.Open.CategoryFor, e.Open.Basis, e.Open.Consent, e.Open.Confidential
		t.SignDueAt, t.AnswerDueAt, t.StartedAt = &e.Open.SignDue, &e.Open.AnswerDue, e.Open.Started
		if p := e.Content.GetPacket(); p != nil {
			t.CategoryTitle, t.Call = privacy.Scrub(p.GetCategoryTitle()), p.GetCall()
		}
	case "decline":
		t.Declines++
		t.Reason, t.Ground, t.Responsible = e.Open.Reason, privacy.Scrub(e.Open.Basis), e.Open.Responsible
	case "designate":
		t.Target, t.Callback, t.Ground = e.Open.Target, e.Open.Callback, privacy.Scrub(e.Open.Basis)
		t.Overruled, t.Objected = false, false
		var err error
		if t.Consent, err = r.s.agreed(r.ctx, t); err != nil {
			return err
		}
	case "expire":
		if t.Target == tenantOf(r.ctx) && (t.Pending == "decline" || t.Overruled) {
			if err := r.overrule(); err != nil {
				return err
			}
		}
	case "dispute":
		t.Objected = e.State == "expired"
	case "accept":
		t.Overruled, t.Objected = false, false
	case "conclude":
		t.Overruled, t.Objected = false, false
		if t.Callback == t.Target && t.Target != t.Origin {
			t.CallbackDueAt = &e.CallbackDue
		}
	case "callback":
		t.Callback = e.City // the origin's, once it has taken it over
	}
	if e.Act == "callback" || e.Act == "designate" {
		t.CallbackDueAt, t.CallbackUrgedAt = nil, nil
	}
	if answeredBy(t.Pending, e.Act) {
		t.Pending = ""
	}
	update := r.s.ent().Transfer.Update().Where(transfer.ID(t.ID))
	if t.CallbackDueAt == nil {
		update.ClearCallbackDueAt().ClearCallbackUrgedAt()
	}
	err := update.SetNillableCallbackDueAt(t.CallbackDueAt).SetSequence(t.Sequence).SetState(t.State).SetTarget(t.Target).SetCallback(t.Callback).
		SetMode(t.Mode).SetUrgency(t.Urgency).SetOrderNumber(t.OrderNumber).SetCategory(t.Category).SetCategoryTitle(t.CategoryTitle).SetCall(t.Call).
		SetTargetCategory(t.TargetCategory).SetBasis(t.Basis).SetConsent(t.Consent).SetConfidential(t.Confidential).SetDeclines(t.Declines).
		SetReason(t.Reason).SetGround(t.Ground).SetResponsible(t.Responsible).SetNillableSignDueAt(t.SignDueAt).SetNillableAnswerDueAt(t.AnswerDueAt).
		SetStartedAt(t.StartedAt).SetPending(t.Pending).SetChangedAt(t.ChangedAt).SetOverruled(t.Overruled).
		SetObjected(t.Objected).Exec(r.ctx)
	if err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	return nil
}

// answeredBy says whether the act settles what was asked here: by being it, or by having come before it. What is taken back is taken back
// after a decline too.
func answeredBy(pending, act string) bool {
	switch act {
	case "accept", "expire", "withdraw", "designate":
		return true
	case "decline":
		return pending != "recall" && pending != "withdraw"
	case "offer", "dispute", "callback":
		return pending == act
	}
	return false
}

// Refused (台账拒收) is what becomes of an act of ours that the ledger did not take: what was asked is open again.
func (s *Service) Refused(ctx context.Context, id uuid.UUID, reason, words string) error {
	return s.db.Do(ctx, func(ctx context.Context) error {
		row, err := s.ent().Outgoing.Query().Where(outgoing.ID(id), outgoing.SentAtIsNil()).Only(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("outgoing: %w", err)
		}
		now := store.Now(ctx)
		err = s.ent().Outgoing.Update().Where(outgoing.ID(id)).SetSentAt(now).SetRefused(reason).SetContent(privacy.Personal{}).Exec(ctx)
		if err != nil {
			return fmt.Errorf("outgoing: %w", err)
		}
		switch row.Act {
		case "offer":
			return s.offerFailed(ctx, row.TransferID, words)
		case "callback":
			return s.callbackFailed(ctx, row.TransferID, words)
		}
		if err := s.unheard(ctx, row, reason, words); err != nil {
			return err
		}
		pending := map[string][]string{"accept": {"accept"}, "decline": {"decline"}, "withdraw": {"recall", "withdraw"}, "dispute": {"dispute"}, "designate": {"designate"}}
		return s.ent().Transfer.Update().Where(transfer.ID(row.TransferID), transfer.PendingIn(pending[row.Act]...)).SetPending("").SetChangedAt(now).Exec(ctx)
	})
}

// callbackFailed lets somebody here look again at a case whose callback the ledger did not take. A city that handled the case itself has
// closed it, and what the ledger says next opens it again.
func (s *Service) callbackFailed(ctx context.Context, id uuid.UUID, words string) error {
	t, err := s.held(s.ent().Transfer.Query().Where(transfer.ID(id))).Only(ctx)
	if err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	o, err := s.orderOf(ctx, t)
	if err != nil || o == nil || t.Pending != "callback" {
		return err
	}
	if err := s.ent().Transfer.Update().Where(transfer.ID(id)).SetPending("").SetChangedAt(store.Now(ctx)).Exec(ctx); err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	if State(o.State) != Concluded {
		return nil
	}
	_, err = s.carry(ctx, Relay, named(o), func(a *act) error {
		a.summary, a.order.Holder = "回访结果未被区域台账接受（"+words+"），请核对后重新回访", ""
		if err := a.stop("", ClockCallback); err != nil {
			return err
		}
		return a.start(ClockCallback, "")
	})
	return err
}

// handled are the words by which another city may say on our citizen's page how far it is, or ask the citizen for something.
func handled(words string) string {
	switch {
	case words == suspendedThere:
		return words
	case strings.HasPrefix(words, asking):
		return cut(strings.Join(strings.Fields(words), " "), 300)
	}
	return handledThere
}

// offerFailed brings an order home whose offer the ledger refused, and says why. What waited behind the offer has nowhere to go; a case
// that was offered before is still where the decline left it, and somebody here decides anew.
func (s *Service) offerFailed(ctx context.Context, id uuid.UUID, words string) error {
	t, err := s.held(s.ent().Transfer.Query().Where(transfer.ID(id))).Only(ctx)
	if err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	o, err := s.orderOf(ctx, t)
	if err != nil {
		return err
	}
	update, asked := s.ent().Transfer.Update().Where(transfer.ID(id)).SetChangedAt(store.Now(ctx)), t.Pending
	if t.State == transferQueued {
		update.SetState(transferCancelled).SetPending("")
		if _, err := s.ent().Outgoing.Delete().Where(outgoing.TransferID(id), outgoing.SentAtIsNil()).Exec(ctx); err != nil {
			return fmt.Errorf("outgoing: %w", err)
		}
	} else {
		if t.Pending == "offer" {
			update.SetPending("")
		}
		target, callback, err := s.lastOffer(ctx, t)
		if err != nil {
			return err
		}
		update.SetTarget(target).SetCallback(callback)
	}
	if err := update.Exec(ctx); err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	if o == nil || State(o.State) != Transferring {
		return nil
	}
	_, err = s.carry(ctx, Relay, named(o), func(a *act) error {
		a.summary = "转办未成功（" + words + "），待重新处理"
		switch {
		case t.State == transferQueued && asked == "withdraw":
			a.summary, a.public = "诉求人撤回", true
			return a.withdrawNow()
		case t.State == transferQueued:
			return a.home()
		case asked != "offer": // a recall or a withdrawal follows, and settles it
			return nil
		}
		if err := a.stop("", awayClocks...); err != nil {
			return err
		}
		return a.start(ClockDispatch, "")
	})
	return err
}

// agreed says whether the citizen agreed that the city which has the case now learns who they are (单独同意): consent was given for the
// city of an offer and for no other, so whoever is designated gets what went to it before, or the case alone.
func (s *Service) agreed(ctx context.Context, t *ent.Transfer) (bool, error) {
	rows, err := s.ent().TransferAct.Query().Where(transferact.TransferID(t.ID), transferact.Act("offer")).Order(ent.Desc(transferact.FieldSequence)).All(ctx)
	if err != nil {
		return false, fmt.Errorf("offers: %w", err)
	}
	for _, row := range rows {
		offer, err := offerOf(row.Signed)
		if err == nil && offer.GetTarget() == t.Target {
			return offer.GetConsent(), nil
		}
	}
	return false, nil
}

func offerOf(b []byte) (*federationv1.Offer, error) {
	var signed federationv1.Signed
	var c federationv1.Command
	if err := proto.Unmarshal(b, &signed); err != nil {
		return nil, fmt.Errorf("last offer: %w", err)
	}
	if err := proto.Unmarshal(signed.GetCommand(), &c); err != nil {
		return nil, fmt.Errorf("last offer: %w", err)
	}
	return c.GetOffer(), nil
}

// lastOffer is to whom the ledger has the case offered, since what was asked for after it did not come about.
func (s *Service) lastOffer(ctx context.Context, t *ent.Transfer) (target, callback string, err error) {
	row, err := s.ent().TransferAct.Query().Where(transferact.TransferID(t.ID), transferact.Act("offer")).Order(ent.Desc(transferact.FieldSequence)).First(ctx)
	if err != nil {
		return "", "", fmt.Errorf("last offer: %w", err)
	}
	offer, err := offerOf(row.Signed)
	return offer.GetTarget(), offer.GetCallback(), err
}

// home brings an order back to dispatch.
func (a *act) home() error {
	if err := a.stop("", awayClocks...); err != nil {
		return err
	}
	a.order.State, a.order.Disposition, a.order.TargetCity, a.order.ClosedAt = string(Received), word(pb.Disposition_IN_SCOPE), "", nil
	return a.start(ClockDispatch, "")
}

// move lets the order here follow.
func (r *relaying) move(keys *privacy.Keyring, o *ent.WorkOrder) error {
	me := tenantOf(r.ctx)
	switch {
	case r.t.Origin == me && r.stood == transferCancelled:
		return r.undo(keys)
	case r.t.Origin == me && o != nil && (o.TransferID == nil || *o.TransferID != r.t.ID):
		return nil // it goes another way by now
	case r.t.Origin == me && o != nil:
		return r.carry(o, r.atOrigin)
	case o == nil && r.e.brings(me) && r.t.Target == me:
		return r.takeOver()
	case o == nil:
		return nil // a coordinator
	case r.t.Target == me || r.was == me:
		return r.carry(o, r.atTarget)
	}
	return nil
}

// undo takes an offer back that came to life after the ledger had refused it: the case is handled here by now.
func (r *relaying) undo(keys *privacy.Keyring) error {
	if r.e.Act != "offer" {
		return nil
	}
	if err := r.s.ent().Transfer.Update().Where(transfer.ID(r.t.ID)).SetPending("recall").Exec(r.ctx); err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	return r.s.Send(r.ctx, keys, r.t, "withdraw", &pb.Content{})
}

// carry makes the relay an act on the order, if there is anything for the order in it.
func (r *relaying) carry(o *ent.WorkOrder, effect func(a *act) (bool, error)) error {
	if !allows(State(o.State), Relay) {
		return nil
	}
	errNothing := errors.New("nothing happened to the order")
	_, err := r.s.carry(r.ctx, Relay, named(o), func(a *act) error {
		did, err := effect(a)
		if err == nil && !did {
			return errNothing
		}
		return err
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}
