package casework

import (
	"fmt"
	"slices"
	"time"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/transfer"
	"hotline/tenants/calendar"
	"hotline/tenants/privacy"
)

// What the ledger says, as it comes to an order that was transferred away (转出件的回执).

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
	from := State(a.order.State)
	switch e.Act {
	case "offer":
		if from != Transferring {
			return false, nil
		}
		a.summary = "转办已送出，等待" + other + "接收"
		return true, a.answerBy(r.t)
	case "deliver":
		a.summary = other + "已送达"
	case "sign":
		a.summary, a.public = other+"已签收", true
	case "accept", "expire":
		a.summary, a.public = other+map[string]string{"accept": "已接收", "expire": "逾期未答复，视为接收"}[e.Act]+"，由其办理", true
		if from != Transferring {
			return true, nil
		}
		a.order.State = string(Transferred)
		if err := r.tooLate(a); err != nil {
			return false, err
		}
		return true, a.stop("", awayClocks...)
	case "decline":
		return true, a.declined(r.t, e, other)
	case "dispute":
		if e.City == me {
			return false, nil
		}
		a.summary = a.cityTitle(e.City) + "向区域协调方提交材料"
		if r.t.Objected {
			a.summary = a.cityTitle(e.City) + "对逾期视为接收提出异议，提请区域协调方指定；指定之前仍由其办理"
		}
	case "designate":
		return true, r.designated(a)
	case "handle":
		a.summary, a.public = other+"："+handled(e.Content.GetWords()), true
		if err := a.clean(&a.summary); err != nil {
			return false, err
		}
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
		a.summary, a.public = other+"已答复", true
		if from != Transferred && from != Concluded && !from.Ended() { // we handle it ourselves by now
			break
		}
		a.order.PublicAnswer, a.order.Conclusion = text, ""
		if c := answer.GetConclusion(); c != 0 && pb.Conclusion_name[int32(c)] != "" {
			a.order.Conclusion = word(c)
		}
	case "conclude":
		return true, a.concludedElsewhere(r.t, other)
	case "callback":
		switch {
		case e.City == me && from == Concluded:
			return true, a.calledBack(r.t, e.Open.Rework)
		case e.City == me:
			return false, nil
		}
		if lost, err := r.contradicted(a, other); lost || err != nil {
			return true, err
		}
		return true, a.calledElsewhere(r.t, e, other)
	case "withdraw":
		if from != Transferring {
			return false, nil
		}
		return true, a.withdrawn(r)
	default:
		return false, nil
	}
	return true, nil
}

// answerBy runs our own clock to when the other city must have answered: an hour after the moment at which its silence counts.
func (a *act) answerBy(t *ent.Transfer) error {
	if err := a.stop("", awayClocks...); err != nil {
		return err
	}
	if t.AnswerDueAt == nil {
		return fmt.Errorf("an offer without moments: %s", t.ID)
	}
	due := t.AnswerDueAt.Add(time.Hour)
	a.put(ClockAway, "", calendar.Span{N: int(max(0, min(due.Sub(a.now)/time.Hour/24, calendar.MaxSpan))), Unit: calendar.NaturalDay}, due)
	return nil
}

// tooLate: the citizen took the case back a moment after another city had got it. Who has it now has to know.
func (r *relaying) tooLate(a *act) error {
	if r.asked != "withdraw" {
		return nil
	}
	a.summary += "；诉求人此前要求撤回，已转告"
	return a.send(r.t, "supplement", &pb.Content{Words: "诉求人要求撤回诉求，请与其联系确认。"})
}

// declined: somebody here decides anew by the clock of dispatch, unless the coordinator has it already.
func (a *act) declined(t *ent.Transfer, e *Told, other string) error {
	a.summary, a.note = other+"拒收："+e.Open.Basis, e.Content.GetWords()
	if err := a.clean(&a.summary); err != nil {
		return err
	}
	if t.State == "disputed" {
		a.summary += "，已转区域协调方指定"
	}
	switch {
	case State(a.order.State) != Transferring || t.Pending != "": // a recall or a withdrawal follows, and settles it
		return nil
	case t.State == "disputed":
		return a.away()
	}
	if err := a.stop("", awayClocks...); err != nil {
		return err
	}
	return a.start(ClockDispatch, "")
}

// designated: the coordinator's word binds. A city that never had the packet gets it now.
func (r *relaying) designated(a *act) error {
	a.summary, a.public, a.note = "区域协调方指定"+a.cityTitle(r.t.Target)+"承办："+privacy.Scrub(r.e.Open.Basis), true, r.e.Content.GetWords()
	from := State(a.order.State)
	away := from == Transferring || from == Transferred || from == Concluded
	if r.t.Target == a.v.Tenant {
		switch {
		case away:
			if err := a.stop("", ClockCallback, ClockAdjudicate); err != nil {
				return err
			}
			return a.home()
		case from.Ended():
			return a.answerOrigin(r.t)
		}
		return nil
	}
	if a.order.TargetCity = r.t.Target; !away && !from.Ended() && from != Offered {
		if err := a.giveUp(Transferred, "已由其他城市承办"); err != nil {
			return err
		}
	}
	if away {
		a.order.State = string(Transferred)
	}
	if State(a.order.State) == Transferred {
		a.order.Disposition, a.order.ConcludedAt, a.order.ClosedAt = word(pb.Disposition_CROSS_CITY), nil, nil
	}
	if err := a.stop("", slices.Concat(awayClocks, []string{ClockCallback, ClockAdjudicate})...); err != nil {
		return err
	}
	packet, err := a.packet(r.t, &pb.TransferRequest{})
	if err != nil {
		return err
	}
	if err := a.send(r.t, "supplement", &pb.Content{Packet: packet}); err != nil {
		return err
	}
	return r.tooLate(a)
}

// concludedElsewhere: who calls back is named in the offer.
func (a *act) concludedElsewhere(t *ent.Transfer, other string) error {
	a.summary, a.public = other+"已办结", true
	if t.Callback != a.v.Tenant || State(a.order.State) != Transferred {
		return nil
	}
	now := a.now
	a.order.State, a.order.ConcludedAt = string(Concluded), &now
	return a.start(ClockCallback, "")
}

// calledElsewhere ends the order, or lets it wait for a callback of our own when it falls into the sample (抽查).
func (a *act) calledElsewhere(t *ent.Transfer, e *Told, other string) error {
	a.public = true
	taken := State(a.order.State) == Concluded // we were about to call back ourselves
	if e.Open.Rework {
		a.summary = other + "回访：诉求人认为未解决，重新办理"
		if taken {
			a.order.State, a.order.ConcludedAt, a.order.Holder = string(Transferred), nil, ""
			return a.stop("", ClockCallback, ClockAdjudicate)
		}
		return nil
	}
	a.summary = other + "回访完成"
	if !taken && State(a.order.State) != Transferred {
		return nil
	}
	now := a.now
	if a.order.ConcludedAt == nil {
		a.order.ConcludedAt = &now
	}
	if !inSample(a.order.Number, int(a.rules.Policy.GetSideLives().GetTransferSample())) {
		a.summary += "，归档"
		if err := a.stop("", ClockCallback, ClockAdjudicate); err != nil {
			return err
		}
		return a.end()
	}
	a.order.State = string(Concluded)
	a.summary += "，列入抽查回访"
	t.Sampled = true
	if err := a.s.ent().Transfer.Update().Where(transfer.ID(t.ID)).SetSampled(true).Exec(a.ctx); err != nil {
		return fmt.Errorf("sample: %w", err)
	}
	if taken {
		return nil // its clock runs already
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
	return a.withdrawNow()
}
