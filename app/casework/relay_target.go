package casework

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"buf.build/go/protovalidate"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/transfer"
	"hotline/ent/transferact"
	"hotline/ent/workorder"
	"hotline/tenants/calendar"
	"hotline/tenants/privacy"
)

// What the ledger says, as it comes to an order that another city offers or gave us (转入件的回执).

// atTarget is what an act of the ledger does to the order that another city offers, or gave us.
func (r *relaying) atTarget(a *act) (did bool, err error) {
	e := r.e
	origin := a.cityTitle(r.t.Origin) + "12345"
	was := State(a.order.State)
	gone := was == Withdrawn && a.order.Conclusion == word(pb.Conclusion_WITHDRAWN_BY_CITIZEN) // that was our answer
	waits := was == Offered || was == Declined || was == Withdrawn && !gone
	ours := r.t.Target == a.v.Tenant
	switch {
	case !ours && e.Act == "offer":
		return false, nil // another city is asked now
	case e.Act == "offer" && (waits || gone):
		return true, r.offeredAgain(a, origin)
	case e.Act == "offer":
		return false, nil
	case e.Act == "designate" && !ours:
		return true, r.designatedElsewhere(a)
	case e.Act == "designate" && !waits:
		return true, r.designatedStill(a)
	case (e.Act == "accept" || e.Act == "expire" || e.Act == "designate") && waits && ours:
		a.summary = map[string]string{"accept": "已接收" + origin + "转办，待派单", "expire": "逾期未答复，视为接收，待派单",
			"designate": "区域协调方指定本市承办：" + privacy.Scrub(e.Open.Basis)}[e.Act]
		if r.t.Overruled {
			a.summary = "逾期视为接收，待派单。本市在期限内提交的拒收因区域联动中断未能及时送达，没有生效；" + objectHint
		}
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
	case e.Act == "supplement" && e.Content.GetPacket() != nil && ours:
		awaited, err := r.awaitsPacket()
		if err != nil {
			return false, err
		}
		if awaited {
			return true, r.refill(a, origin+"补送全部内容")
		}
		return true, r.addPacket(a, origin)
	case e.Act == "supplement" && (e.Content.GetWords() != "" || len(e.Content.GetFiles()) > 0):
		a.summary, a.note = origin+"补充情况", e.Content.GetWords()
		a.order.Supplements++
		if err := r.s.fetchLater(r.ctx, r.t, a.order, e.Content.GetFiles()); err != nil {
			return false, err
		}
		if e.Content.GetUrges() { // who waits for the citizen waits on
			return true, nil
		}
		return true, a.heardFrom()
	case was == Closed && r.reopens():
		if _, err := r.overtaken(); err != nil {
			return false, err
		}
		a.order.ClosedAt = nil
		return true, a.calledByOrigin(e, origin)
	case e.Act == "callback" && e.City != a.v.Tenant && e.Open.Rework && was.Ended() && was != Declined:
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
	if err := a.stop("", offerClocks...); err != nil {
		return err
	}
	if r.e.Content.GetPacket() != nil { // there is more in it than the first time
		if err := r.refill(a, a.summary); err != nil {
			return err
		}
	}
	if err := a.offerClocks(r.t); err != nil {
		return err
	}
	return a.send(r.t, "deliver", &pb.Content{})
}

// refill brings an order up to what its origin sends now: what was added since the first time is in it, and who the citizen is only when they
// agree to it now. What a unit works by here already, such as the category, stays.
func (r *relaying) refill(a *act, summary string) error {
	p, o := r.e.Content.GetPacket(), a.order
	if !sound(p.GetFacts()) { // what is here is better
		a.summary = summary + "，内容不合规范，未采用，请联系转出城市"
		return nil
	}
	f := r.factsOf(a, p)
	c := f.GetCaller()
	a.summary, a.note, o.Supplements = summary, p.GetDone(), o.Supplements+1
	fresh := &ent.WorkOrder{ID: o.ID}
	all := []sealing{{&fresh.Name, privacy.Name, c.GetName()}, {&fresh.Phone, privacy.Phone, c.GetPhone()}, {&fresh.IDNumber, privacy.IDNumber, c.GetIdNumber()},
		{&fresh.Address, privacy.Address, c.GetAddress()}, {&fresh.Email, privacy.Email, c.GetEmail()}, {&fresh.Words, privacy.Text, f.GetWords()},
		{&fresh.Body, privacy.Text, f.GetBody()}, {&fresh.Location, privacy.Text, f.GetLocation()}}
	if err := a.seal(all); err != nil {
		return err
	}
	confidential := f.GetConfidential() || f.GetKind() == pb.Kind_REPORT && !f.GetNamed()
	err := a.s.ent().WorkOrder.Update().Where(workorder.ID(o.ID)).SetTitle(privacy.Scrub(f.GetTitle(), c.GetName())).SetKind(word(f.GetKind())).
		SetDistrict(privacy.Scrub(f.GetDistrict(), c.GetName())).SetConfidential(confidential).SetAnonymous(c.GetAnonymous()).
		SetLawEnforcement(f.GetLawEnforcement()).SetName(fresh.Name).SetPhone(fresh.Phone).SetIDNumber(fresh.IDNumber).SetAddress(fresh.Address).
		SetEmail(fresh.Email).SetWords(fresh.Words).SetBody(fresh.Body).SetLocation(fresh.Location).
		SetPhoneIndex(a.keys.Blind(privacy.Phone, c.GetPhone())).SetPlaceIndex(placeIndex(a.keys, f.GetDistrict(), f.GetLocation())).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("content of %s: %w", o.Number, err)
	}
	o.Confidential, o.Anonymous, o.LawEnforcement, o.Kind = confidential, c.GetAnonymous(), f.GetLawEnforcement(), word(f.GetKind())
	if o.Category == Unsorted && State(o.State) == Received {
		o.Category = f.GetCategory()
	}
	return r.s.fetchLater(r.ctx, r.t, o, p.GetFiles())
}

// packetCame is how the whole content after a designation stands among the acts of a transfer.
const packetCame = "补送全部内容"

// awaitsPacket says that the whole content is still to come: after each designation its origin sends it once.
func (r *relaying) awaitsPacket() (bool, error) {
	designated, err := r.s.ent().TransferAct.Query().Where(transferact.TransferID(r.t.ID), transferact.Act("designate")).Order(ent.Desc(transferact.FieldSequence)).First(r.ctx)
	if ent.IsNotFound(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("designation: %w", err)
	}
	came, err := r.s.ent().TransferAct.Query().Where(transferact.TransferID(r.t.ID), transferact.SequenceGT(designated.Sequence),
		transferact.SequenceLT(r.e.Sequence), transferact.Act("supplement"), transferact.Summary(ActTitles["supplement"]+"："+packetCame)).Exist(r.ctx)
	if err != nil {
		return false, fmt.Errorf("supplements: %w", err)
	}
	return !came, nil
}

// addPacket adds what its origin sends once more: nothing of what somebody here works by is written over.
func (r *relaying) addPacket(a *act, origin string) error {
	p := r.e.Content.GetPacket()
	a.order.Supplements++
	a.summary = origin + "补充情况"
	for _, text := range []string{r.e.Content.GetWords(), p.GetFacts().GetWords(), p.GetFacts().GetBody(), p.GetDone()} {
		if text != "" && !strings.Contains(a.note, text) {
			a.note = strings.TrimSpace(a.note + "\n" + text)
		}
	}
	if err := r.s.fetchLater(r.ctx, r.t, a.order, p.GetFiles()); err != nil {
		return err
	}
	return a.heardFrom()
}

// factsOf are the facts of a packet as this city's tables hold them.
func (r *relaying) factsOf(a *act, p *pb.Packet) *pb.Facts {
	f := soundFacts(p.GetFacts())
	f.Channel, f.RepeatOf, f.SourceId = pb.Channel_CITY_TRANSFER, "", ""
	if f.Category = r.t.TargetCategory; !a.knownCategory(f.GetCategory()) {
		f.Category = Unsorted
	}
	if t := f.GetReceiveTime(); !t.IsValid() || t.AsTime().After(a.now) || t.AsTime().Year() < 2000 {
		f.ReceiveTime = nil
	}
	return f
}

// designatedElsewhere: the dispute that we were part of is settled. What we were working on when the coordinator took it from us goes on
// here no more.
func (r *relaying) designatedElsewhere(a *act) error {
	a.summary, a.note = "区域协调方指定"+a.cityTitle(r.t.Target)+"承办："+privacy.Scrub(r.e.Open.Basis), r.e.Content.GetWords()
	if s := State(a.order.State); s.Ended() || s == Transferring || s == Transferred {
		return nil
	}
	return a.giveUp(Withdrawn, "已由其他城市承办")
}

// giveUp ends all work here on what another city does now.
func (a *act) giveUp(to State, why string) error {
	if err := a.end(); err != nil {
		return err
	}
	a.order.State, a.order.MainID = string(to), nil
	if err := a.lapse(""); err != nil {
		return err
	}
	if err := a.splitChildren(why); err != nil {
		return err
	}
	return a.stop("", slices.Concat(offerClocks, []string{ClockDispatch, ClockReview, ClockCallback}, workClocks)...)
}

// designatedStill: the case was ours and stays ours, perhaps for the callback's sake. What we had said to its end the ledger has put aside,
// so it is said again.
func (r *relaying) designatedStill(a *act) error {
	a.summary, a.note = "区域协调方指定仍由本市承办："+privacy.Scrub(r.e.Open.Basis), r.e.Content.GetWords()
	if from := State(a.order.State); from == Concluded || from.Ended() {
		return a.answerOrigin(r.t)
	}
	return nil
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
	f := r.factsOf(a, p)
	if p == nil && to == Received {
		f.Title = "区域协调方指定承办的诉求（内容待转出城市补送）"
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
		if p == nil {
			a.summary = "区域协调方指定本市承办：" + privacy.Scrub(r.e.Open.Basis) + "；内容由" + origin + "补送"
		}
		err = a.start(ClockDispatch, "")
	}
	if err != nil {
		return err
	}
	if a.note = p.GetDone(); a.note == "" {
		a.note = r.e.Content.GetWords()
	}
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
	if sound(f) {
		return proto.CloneOf(f)
	}
	out := &pb.Facts{Kind: pb.Kind_HELP, Category: Unsorted, Urgency: pb.Urgency_NORMAL, Channel: pb.Channel_CITY_TRANSFER,
		Title: "外市转来诉求（内容不合规范，请联系转出城市）", Caller: &pb.Caller{Anonymous: true}, Confidential: true}
	return out
}

func sound(f *pb.Facts) bool { return f != nil && protovalidate.Validate(f) == nil }
