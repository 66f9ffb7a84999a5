package casework

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode"

	"buf.build/go/protovalidate"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/ent"
	"hotline/ent/outgoing"
	"hotline/ent/store"
	"hotline/ent/transfer"
	"hotline/ent/transferact"
	"hotline/tenants/calendar"
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
	Forged   bool        // the signature is not the city's: a stolen leader wrote it, nothing here follows it
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
		r := relaying{s: s, ctx: ctx, e: e, t: t, number: number, was: t.Target, asked: t.Pending}
		return r.take()
	})
}

// brings says whether a city may have to make an order of it: an offer to it, readable or not, or the packet that follows a designation.
func (e *Told) brings(city string) bool {
	return e.City != city && (e.Content.GetPacket() != nil || e.Act == "offer" && e.Open.Target == city)
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
	}
	if answeredBy(t.Pending, e.Act) {
		t.Pending = ""
	}
	err := r.s.ent().Transfer.Update().Where(transfer.ID(t.ID)).SetSequence(t.Sequence).SetState(t.State).SetTarget(t.Target).SetCallback(t.Callback).
		SetMode(t.Mode).SetUrgency(t.Urgency).SetOrderNumber(t.OrderNumber).SetCategory(t.Category).SetCategoryTitle(t.CategoryTitle).SetCall(t.Call).
		SetTargetCategory(t.TargetCategory).SetBasis(t.Basis).SetConsent(t.Consent).SetConfidential(t.Confidential).SetDeclines(t.Declines).
		SetReason(t.Reason).SetGround(t.Ground).SetResponsible(t.Responsible).SetNillableSignDueAt(t.SignDueAt).SetNillableAnswerDueAt(t.AnswerDueAt).
		SetStartedAt(t.StartedAt).SetPending(t.Pending).SetChangedAt(t.ChangedAt).Exec(r.ctx)
	if err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	return nil
}

// answeredBy says whether the act settles what was asked here: by being it, or by having come before it.
func answeredBy(pending, act string) bool {
	switch act {
	case "accept", "expire", "decline", "withdraw", "designate":
		return true
	case "offer", "dispute":
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
		if row.Act == "offer" {
			return s.offerFailed(ctx, row.TransferID, words)
		}
		pending := map[string][]string{"accept": {"accept"}, "decline": {"decline"}, "withdraw": {"recall", "withdraw"}, "dispute": {"dispute"}, "designate": {"designate"}}
		return s.ent().Transfer.Update().Where(transfer.ID(row.TransferID), transfer.PendingIn(pending[row.Act]...)).SetPending("").SetChangedAt(now).Exec(ctx)
	})
}

// handled are the words by which another city may say on our citizen's page how far it is.
func handled(words string) string {
	if words == suspendedThere {
		return words
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
		if err := a.stop("", ClockDispatch); err != nil {
			return err
		}
		return a.start(ClockDispatch, "")
	})
	return err
}

// lastOffer is to whom the ledger has the case offered, since what was asked for after it did not come about.
func (s *Service) lastOffer(ctx context.Context, t *ent.Transfer) (target, callback string, err error) {
	row, err := s.ent().TransferAct.Query().Where(transferact.TransferID(t.ID), transferact.Act("offer")).Order(ent.Desc(transferact.FieldSequence)).First(ctx)
	if err != nil {
		return "", "", fmt.Errorf("last offer: %w", err)
	}
	var signed federationv1.Signed
	var c federationv1.Command
	if err := proto.Unmarshal(row.Signed, &signed); err != nil {
		return "", "", fmt.Errorf("last offer: %w", err)
	}
	if err := proto.Unmarshal(signed.GetCommand(), &c); err != nil {
		return "", "", fmt.Errorf("last offer: %w", err)
	}
	return c.GetOffer().GetTarget(), c.GetOffer().GetCallback(), nil
}

// home brings an order back to dispatch.
func (a *act) home() error {
	if err := a.stop("", ClockDispatch); err != nil {
		return err
	}
	a.order.State, a.order.Disposition, a.order.TargetCity = string(Received), word(pb.Disposition_IN_SCOPE), ""
	return a.start(ClockDispatch, "")
}

// move lets the order here follow.
func (r *relaying) move(keys *privacy.Keyring, o *ent.WorkOrder) error {
	me := tenantOf(r.ctx)
	switch {
	case r.t.Origin == me && o != nil:
		return r.carry(o, r.atOrigin)
	case o == nil && r.e.brings(me) && r.t.Target == me:
		return r.takeOver()
	case o == nil:
		return nil // a coordinator, or a city designated before its packet has come
	case r.t.Target == me || r.was == me:
		return r.carry(o, r.atTarget)
	}
	return nil
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

// atOrigin is what an act of the ledger does to the order that was transferred.
func (r *relaying) atOrigin(a *act) (did bool, err error) {
	e, me := r.e, a.v.Tenant
	if e.City == me && r.t.Target == me { // the case came home by designation: what we do with it we know
		if e.Act != "designate" {
			return false, nil
		}
		return true, r.designated(a)
	}
	other := a.cityTitle(r.t.Target) + "12345"
	switch e.Act {
	case "deliver":
		a.summary = other + "已送达"
	case "sign":
		a.summary, a.public = other+"已签收", true
	case "accept", "expire":
		a.summary, a.public = other+map[string]string{"accept": "已接收", "expire": "逾期未答复，视为接收"}[e.Act]+"，由其办理", true
		a.order.State = string(Transferred)
		if r.asked == "withdraw" { // the citizen took it back a moment too late: who has the case now has to know
			a.summary += "；诉求人此前要求撤回，已转告"
			if err := a.send(r.t, "supplement", &pb.Content{Words: "诉求人要求撤回诉求，请与其联系确认。"}); err != nil {
				return false, err
			}
		}
		return true, a.stop("", ClockDispatch)
	case "decline":
		return true, a.declined(r.t, e, other)
	case "dispute":
		if e.City == me {
			return false, nil
		}
		a.summary = a.cityTitle(e.City) + "向区域协调方提交材料"
	case "designate":
		return true, r.designated(a)
	case "handle":
		a.summary, a.public = other+"："+handled(e.Content.GetWords()), true
	case "reply":
		answer := e.Content.GetAnswer()
		if answer == nil {
			a.summary = other + "已答复，公开答复无法读取，请联系对方"
			break
		}
		text := answer.GetPublicAnswer()
		if err := a.clean(&text); err != nil {
			return false, err
		}
		a.order.PublicAnswer, a.order.Conclusion = text, ""
		if c := answer.GetConclusion(); c != 0 && pb.Conclusion_name[int32(c)] != "" {
			a.order.Conclusion = word(c)
		}
		a.summary, a.public = other+"已答复", true
	case "conclude":
		return true, a.concludedElsewhere(r.t, other)
	case "callback":
		if e.City == me {
			return false, nil
		}
		return true, a.calledElsewhere(r.t, e, other)
	case "withdraw":
		return true, a.withdrawn(r)
	default:
		return false, nil
	}
	return true, nil
}

// declined: somebody here decides anew by the clock of dispatch, unless the coordinator has it already.
func (a *act) declined(t *ent.Transfer, e *Told, other string) error {
	a.summary, a.note = other+"拒收："+e.Open.Basis, e.Content.GetWords()
	if err := a.clean(&a.summary); err != nil {
		return err
	}
	if t.State == "disputed" {
		a.summary += "，已转区域协调方指定"
		return nil
	}
	if err := a.stop("", ClockDispatch); err != nil {
		return err
	}
	return a.start(ClockDispatch, "")
}

// designated: the coordinator's word binds. A city that never had the packet gets it now.
func (r *relaying) designated(a *act) error {
	a.summary, a.public, a.note = "区域协调方指定"+a.cityTitle(r.t.Target)+"承办："+privacy.Scrub(r.e.Open.Basis), true, r.e.Content.GetWords()
	a.order.TargetCity = r.t.Target
	if r.t.Target == a.v.Tenant {
		if err := a.stop("", ClockCallback, ClockAdjudicate); err != nil {
			return err
		}
		return a.home()
	}
	if err := a.stop("", ClockDispatch, ClockCallback, ClockAdjudicate); err != nil {
		return err
	}
	a.order.State, a.order.ConcludedAt = string(Transferred), nil
	packet, err := a.packet(r.t, &pb.TransferRequest{})
	if err != nil {
		return err
	}
	return a.send(r.t, "supplement", &pb.Content{Packet: packet})
}

// concludedElsewhere: who calls back is named in the offer.
func (a *act) concludedElsewhere(t *ent.Transfer, other string) error {
	a.summary, a.public = other+"已办结", true
	if t.Callback != a.v.Tenant {
		return nil
	}
	now := a.now
	a.order.State, a.order.ConcludedAt = string(Concluded), &now
	return a.start(ClockCallback, "")
}

// calledElsewhere ends the order, or lets it wait for a callback of our own when it falls into the sample (抽查).
func (a *act) calledElsewhere(t *ent.Transfer, e *Told, other string) error {
	a.public = true
	if e.Open.Rework {
		a.summary = other + "回访：诉求人认为未解决，重新办理"
		return nil
	}
	a.summary = other + "回访完成"
	now := a.now
	if a.order.ConcludedAt == nil {
		a.order.ConcludedAt = &now
	}
	if !inSample(a.order.Number, int(a.rules.Policy.GetSideLives().GetTransferSample())) {
		a.summary += "，归档"
		return a.end()
	}
	a.order.State = string(Concluded)
	a.summary += "，列入抽查回访"
	t.Sampled = true
	if err := a.s.ent().Transfer.Update().Where(transfer.ID(t.ID)).SetSampled(true).Exec(a.ctx); err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	return a.start(ClockCallback, "")
}

// inSample chooses so many in a hundred, by the order's number, so that nobody can choose which.
func inSample(number string, percent int) bool {
	sum := 0
	for _, d := range number {
		sum = (sum*31 + int(d)) % 9973
	}
	return sum%100 < percent
}

// withdrawn: what we asked for, the ledger has agreed to.
func (a *act) withdrawn(r *relaying) error {
	if r.asked != "withdraw" {
		a.summary = "转办已收回，待派单"
		return a.home()
	}
	a.summary, a.public = "诉求人撤回，转办终止", true
	if err := a.stop("", ClockDispatch); err != nil {
		return err
	}
	return a.withdrawNow()
}

// atTarget is what an act of the ledger does to the order that another city offers, or gave us.
func (r *relaying) atTarget(a *act) (did bool, err error) {
	e := r.e
	origin := a.cityTitle(r.t.Origin) + "12345"
	was := State(a.order.State)
	waits := was == Offered || was == Declined || was == Withdrawn
	switch {
	case r.t.Target != a.v.Tenant && e.Act == "offer":
		return false, nil // another city is asked now
	case e.Act == "offer":
		return true, r.offeredAgain(a, origin)
	case e.Act == "designate" && r.t.Target != a.v.Tenant:
		return true, r.designatedElsewhere(a)
	case (e.Act == "accept" || e.Act == "expire") && waits, e.Act == "designate" && waits && r.t.Target == a.v.Tenant:
		a.summary = map[string]string{"accept": "已接收" + origin + "转办，待派单", "expire": "逾期未答复，视为接收，待派单",
			"designate": "区域协调方指定本市承办：" + privacy.Scrub(e.Open.Basis)}[e.Act]
		a.note = e.Content.GetWords()
		return true, a.takeOn()
	case e.Act == "decline" && was == Offered && e.City == a.v.Tenant:
		now := a.now
		a.summary, a.order.State, a.order.ClosedAt = "已拒收，退回"+origin, string(Declined), &now
		return true, a.stop("", offerClocks...)
	case e.Act == "withdraw" && was == Offered:
		now := a.now
		a.summary, a.order.State, a.order.ClosedAt = origin+"已撤回", string(Withdrawn), &now
		return true, a.stop("", offerClocks...)
	case e.Act == "supplement" && (e.Content.GetWords() != "" || len(e.Content.GetFiles()) > 0):
		a.summary, a.note = origin+"补充情况", e.Content.GetWords()
		a.order.Supplements++
		if err := r.s.fetchLater(r.ctx, r.t, a.order, e.Content.GetFiles()); err != nil {
			return false, err
		}
		return true, a.heardFrom()
	case e.Act == "callback" && e.City != a.v.Tenant && e.Open.Rework && (was == Answered || was == Redirected):
		return true, a.reworkAnswer(origin)
	case e.Act == "callback" && e.City != a.v.Tenant && was == Concluded:
		return true, a.calledByOrigin(e, origin)
	}
	return false, nil
}

// offeredAgain: the same case comes once more, after we had declined it or it had been taken back.
func (r *relaying) offeredAgain(a *act, origin string) error {
	a.order.State, a.order.ClosedAt = string(Offered), nil
	a.summary = origin + "再次转来，待接收"
	if err := a.offerClocks(r.t); err != nil {
		return err
	}
	return a.send(r.t, "deliver", &pb.Content{})
}

// designatedElsewhere: the dispute that we were part of is settled. What we were working on when the coordinator took it from us goes on
// here no more.
func (r *relaying) designatedElsewhere(a *act) error {
	a.summary, a.note = "区域协调方指定"+a.cityTitle(r.t.Target)+"承办："+privacy.Scrub(r.e.Open.Basis), r.e.Content.GetWords()
	if State(a.order.State).Ended() {
		return nil
	}
	if err := a.end(); err != nil {
		return err
	}
	a.order.State, a.order.MainID = string(Withdrawn), nil
	if err := a.lapse(""); err != nil {
		return err
	}
	if err := a.splitChildren("已由其他城市承办"); err != nil {
		return err
	}
	return a.stop("", slices.Concat(offerClocks, []string{ClockDispatch, ClockReview, ClockCallback}, workClocks)...)
}

// reworkAnswer: what was answered at once did not help, says the citizen to the origin. Somebody here dispatches it.
func (a *act) reworkAnswer(origin string) error {
	a.summary, a.public, a.order.Supervised, a.order.ClosedAt = origin+"回访：诉求人认为未解决，重新受理", true, true, nil
	a.order.Reworks++
	return a.home()
}

// takeOn begins the work on what is ours now.
func (a *act) takeOn() error {
	if err := a.stop("", offerClocks...); err != nil {
		return err
	}
	a.order.State, a.order.ClosedAt = string(Received), nil
	return a.start(ClockDispatch, "")
}

// offerClocks run to the moments that the offer carries.
func (a *act) offerClocks(t *ent.Transfer) error {
	side := a.rules.Policy.GetSideLives()
	for step, one := range map[string]struct {
		due  *time.Time
		span string
	}{ClockSignFor: {t.SignDueAt, side.GetTransferSign()}, ClockAnswer: {t.AnswerDueAt, side.GetTransferAnswer()}} {
		span, err := calendar.ParseSpan(one.span)
		if err != nil || one.due == nil {
			return errors.Join(err, fmt.Errorf("an offer without moments: %s", t.ID))
		}
		a.put(step, "", span, *one.due)
	}
	return nil
}

// calledByOrigin: the origin called back, as the offer said.
func (a *act) calledByOrigin(e *Told, origin string) error {
	if err := a.stop("", ClockCallback, ClockAdjudicate); err != nil {
		return err
	}
	if !e.Open.Rework {
		a.summary, a.public = origin+"回访完成，归档", true
		return a.end()
	}
	lead, _, err := a.lastReply()
	if err != nil {
		return err
	}
	a.summary, a.public, a.order.Supervised = origin+"回访：诉求人认为未解决，重办", true, true
	return a.rework(lead)
}

// takeOver makes the order here from the packet: for an offer it waits for acceptance, after a designation it is ours at once.
func (r *relaying) takeOver() error {
	a, err := r.s.open(r.ctx, Intake)
	if err != nil {
		return err
	}
	to := Offered
	if custodian(r.t) == a.v.Tenant {
		to = Received
	}
	p := r.e.Content.GetPacket()
	f := soundFacts(p.GetFacts())
	f.Channel, f.RepeatOf, f.SourceId = pb.Channel_CITY_TRANSFER, "", fmt.Sprintf("%s/%s/%d", r.t.Region, r.t.Origin, r.t.Number)
	if f.Category = r.t.TargetCategory; !a.knownCategory(f.GetCategory()) {
		f.Category = Unsorted
	}
	if t := f.GetReceiveTime(); !t.IsValid() || t.AsTime().After(a.now) || t.AsTime().Year() < 2000 {
		f.ReceiveTime = nil
	}
	in := &pb.IntakeRequest{Facts: f, Disposition: pb.Disposition_IN_SCOPE}
	if err := a.fill(in, r.number, newCode(), "", to); err != nil {
		return err
	}
	a.order.TransferID, a.order.Sides = &r.t.ID, true
	origin := a.cityTitle(r.t.Origin) + "12345"
	if to == Offered {
		a.summary = origin + "转来，待接收"
		err = a.offerClocks(r.t)
	} else {
		a.summary = "区域协调方指定本市承办，" + origin + "转来，待派单"
		err = a.start(ClockDispatch, "")
	}
	if err != nil {
		return err
	}
	a.note = p.GetDone()
	if err := a.line(None); err != nil {
		return err
	}
	a.order.DueAt = soonest(a.clocks)
	if err := a.create(); err != nil {
		return err
	}
	if err := a.follow(in, ""); err != nil {
		return err
	}
	if err := r.s.ent().Transfer.Update().Where(transfer.ID(r.t.ID)).SetWorkOrderID(a.order.ID).Exec(r.ctx); err != nil {
		return fmt.Errorf("order of transfer: %w", err)
	}
	if err := r.s.fetchLater(r.ctx, r.t, a.order, p.GetFiles()); err != nil {
		return err
	}
	if to == Offered {
		return a.send(r.t, "deliver", &pb.Content{})
	}
	return nil
}

func (a *act) knownCategory(code string) bool {
	c, err := a.s.directory.Category(a.ctx, code)
	return err == nil && !c.Retired
}

// soundFacts holds what another city sent to the rules of every intake. What is not sound is left out, and the order says so: a person
// here can decline it, and nothing else waits for it.
func soundFacts(f *pb.Facts) *pb.Facts {
	if f != nil && protovalidate.Validate(f) == nil {
		return proto.CloneOf(f)
	}
	out := &pb.Facts{Kind: pb.Kind_HELP, Category: Unsorted, Urgency: pb.Urgency_NORMAL, Channel: pb.Channel_CITY_TRANSFER,
		Title: "外市转来诉求（内容不合规范，请联系转出城市）", Caller: &pb.Caller{Anonymous: true}, Confidential: true}
	return out
}

// tidy takes out of what another city wrote whatever no honest city writes: control characters, which a database may not even take, and
// texts that are too long. It may be old, or stolen.
func (e *Told) tidy() {
	for _, text := range []*string{&e.Open.Target, &e.Open.Callback, &e.Open.Mode, &e.Open.Urgency, &e.Open.Order, &e.Open.Category,
		&e.Open.CategoryFor, &e.Open.Basis, &e.Open.Reason, &e.Open.Responsible} {
		*text = tidy(*text)
	}
	if e.Content != nil {
		tidyIn(e.Content.ProtoReflect())
		if p := e.Content.GetPacket(); p != nil {
			p.Call, p.CategoryTitle = cut(p.GetCall(), 80), cut(p.GetCategoryTitle(), 60)
		}
	}
	last := time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, at := range []*time.Time{&e.At, &e.Open.SignDue, &e.Open.AnswerDue, &e.Open.Started} {
		if at.After(last) {
			*at = last
		}
	}
}

func tidyIn(m protoreflect.Message) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsList() && f.Message() != nil:
			for i := range v.List().Len() {
				tidyIn(v.List().Get(i).Message())
			}
		case f.Message() != nil:
			tidyIn(v.Message())
		case f.Kind() == protoreflect.StringKind && !f.IsList():
			m.Set(f, protoreflect.ValueOfString(tidy(v.String())))
		}
		return true
	})
}

func tidy(text string) string {
	return cut(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, text), 20_000)
}

// cut keeps the first so many characters.
func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}
