package ledger

import (
	"bytes"
	"slices"
	"testing"
	"time"

	federationv1 "hotline/api/federation/v1"
)

func TestTheLifeOfATransfer(t *testing.T) {
	toTianjin := [][2]string{{tianjin, "deliver"}, {tianjin, "sign"}, {tianjin, "accept"}}
	worked := append(slices.Clone(toTianjin), [][2]string{{tianjin, "handle"}, {tianjin, "handle"}, {tianjin, "reply"}, {tianjin, "conclude"}}...)
	for _, c := range []struct {
		name      string
		steps     [][2]string
		state     federationv1.State
		custodian string
	}{
		{"an offer alone leaves the case with the origin", nil, offered, beijing},
		{"delivered and signed, it is still the origin's", toTianjin[:2], signed, beijing},
		{"accepted, it is the target's", toTianjin, accepted, tianjin},
		{"it may be accepted at once", [][2]string{{tianjin, "accept"}}, accepted, tianjin},
		{"declined, it is the origin's", [][2]string{{tianjin, "decline"}}, declined, beijing},
		{"a decline may be disputed at once", [][2]string{{tianjin, "decline"}, {beijing, "dispute"}, {tianjin, "dispute"}}, disputed, beijing},
		{"a designation binds", [][2]string{{tianjin, "decline"}, {beijing, "dispute"}, {beijing, "designate"}, {hebei, "handle"}}, handling, hebei},
		{"the citizen adds something meanwhile", append(slices.Clone(toTianjin), [2]string{beijing, "supplement"}), accepted, tianjin},
		{"concluded, it waits for the callback", worked, concluded, tianjin},
		{"the callback may send it back", append(slices.Clone(worked), [2]string{tianjin, "rework"}), handling, tianjin},
		{"the callback ends it", append(slices.Clone(worked), [2]string{tianjin, "callback"}), calledBack, tianjin},
		{"the origin may withdraw while nobody accepted", [][2]string{{tianjin, "sign"}, {beijing, "withdraw"}}, withdrawn, beijing},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRegion(t)
			i := r.walk(c.steps...)
			got := r.ledger.Transfer(beijing, i.GetNumber())
			if got.GetState() != c.state || Custodian(got) != c.custodian {
				t.Errorf("it is %v with %s, not %v with %s", got.GetState(), Custodian(got), c.state, c.custodian)
			}
		})
	}
}

// Every pair of state and act: what the table does not name is refused.
func TestWhatTheTableDoesNotNameIsRefused(t *testing.T) {
	ways := map[federationv1.State][][2]string{
		offered: nil, delivered: {{tianjin, "deliver"}}, signed: {{tianjin, "sign"}}, accepted: {{tianjin, "accept"}}, declined: {{tianjin, "decline"}},
		disputed: {{tianjin, "decline"}, {beijing, "dispute"}}, handling: {{tianjin, "accept"}, {tianjin, "handle"}},
		designated: {{tianjin, "decline"}, {beijing, "dispute"}, {beijing, "designate"}},
		replied:    {{tianjin, "accept"}, {tianjin, "reply"}}, concluded: {{tianjin, "accept"}, {tianjin, "reply"}, {tianjin, "conclude"}},
		calledBack: {{tianjin, "accept"}, {tianjin, "reply"}, {tianjin, "conclude"}, {tianjin, "callback"}}, withdrawn: {{beijing, "withdraw"}},
	}
	for state, way := range ways {
		for _, name := range actNames {
			r := newRegion(t)
			i := r.walk(way...)
			who := map[role]string{origin: beijing, coordinator: beijing, target: tianjin, caller: tianjin, concerned: beijing, anyone: hebei}
			if state == designated {
				who[target], who[caller] = hebei, beijing
			}
			c := r.act(name, i)
			row := acts[kindOf(c)]
			if name == "expire" {
				r.now = r.now.Add(48 * time.Hour)
			}
			c = r.on(who[row.by], i, c)
			if slices.Contains(row.from, state) {
				r.take(c)
			} else {
				r.refuse(c, federationv1.Reason_WRONG_STATE)
			}
		}
	}
}

func TestOnlyWhoMayActs(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps [][2]string
		who   string
		act   string
		want  federationv1.Reason
	}{
		{"the origin can't sign for the target", nil, beijing, "sign", federationv1.Reason_NOT_YOURS},
		{"the origin can't accept for the target", nil, beijing, "accept", federationv1.Reason_NOT_YOURS},
		{"a third city can't accept", nil, hebei, "accept", federationv1.Reason_NOT_YOURS},
		{"a third city can't decline", nil, hebei, "decline", federationv1.Reason_NOT_YOURS},
		{"the target can't withdraw", nil, tianjin, "withdraw", federationv1.Reason_NOT_YOURS},
		{"the origin can't reply", [][2]string{{tianjin, "accept"}}, beijing, "reply", federationv1.Reason_NOT_YOURS},
		{"the origin can't call back unless the offer says so", [][2]string{{tianjin, "accept"}, {tianjin, "reply"}, {tianjin, "conclude"}}, beijing, "callback", federationv1.Reason_NOT_YOURS},
		{"the target can't dispute its own decline", [][2]string{{tianjin, "decline"}}, tianjin, "dispute", federationv1.Reason_NOT_YOURS},
		{"who has no part lays down no papers", [][2]string{{tianjin, "decline"}, {beijing, "dispute"}}, shanxi, "dispute", federationv1.Reason_NOT_YOURS},
		{"only the coordinator designates", [][2]string{{tianjin, "decline"}, {beijing, "dispute"}}, tianjin, "designate", federationv1.Reason_NOT_COORDINATOR},
		{"another region's coordinator is nobody here", [][2]string{{tianjin, "decline"}, {beijing, "dispute"}}, shanghai, "designate", federationv1.Reason_NOT_A_MEMBER},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRegion(t)
			i := r.walk(c.steps...)
			r.refuse(r.on(c.who, i, r.act(c.act, i)), c.want)
		})
	}
}

func TestTheSecondDeclineGoesToTheCoordinator(t *testing.T) {
	r := newRegion(t)
	i := r.walk([2]string{tianjin, "decline"})
	again := r.offerAs(i, hebei)
	r.take(again)
	r.refuse(r.on(tianjin, i, r.act("accept", i)), federationv1.Reason_NOT_YOURS) // who declined is out of it
	r.steps(i, [2]string{hebei, "decline"})
	if r.state(i) != disputed {
		t.Fatal(r.state(i))
	}
	r.refuse(r.offerAs(i, shanxi), federationv1.Reason_WRONG_STATE)
	r.steps(i, [2]string{tianjin, "dispute"}, [2]string{hebei, "dispute"}, [2]string{beijing, "designate"})
	if got := r.ledger.Transfer(beijing, 1); Custodian(got) != hebei {
		t.Errorf("it is with %s", Custodian(got))
	}
	r.refuse(r.on(hebei, i, r.act("decline", i)), federationv1.Reason_WRONG_STATE)
}

func TestTheOriginCallsBackWhenTheOfferSaysSo(t *testing.T) {
	r := newRegion(t)
	c := r.offer(beijing, tianjin)
	c.GetOffer().Callback = beijing
	r.take(c)
	r.steps(c.Transfer, [2]string{tianjin, "accept"}, [2]string{tianjin, "reply"}, [2]string{tianjin, "conclude"})
	r.refuse(r.on(tianjin, c.Transfer, r.act("callback", c.Transfer)), federationv1.Reason_NOT_YOURS)
	r.steps(c.Transfer, [2]string{beijing, "callback"})
}

func TestSilenceIsAcceptance(t *testing.T) {
	due := noon.Add(24 * time.Hour)
	skew := 2 * time.Minute
	for _, c := range []struct {
		name         string
		command, log time.Time
		want         federationv1.Reason
	}{
		{"past the moment and the skew it counts", due.Add(skew), due.Add(skew), ok},
		{"before it does not", due.Add(skew - 1e6), due.Add(skew - 1e6), federationv1.Reason_NOT_DUE},
		{"a fast clock of the city does not help", due.Add(skew), due, federationv1.Reason_NOT_DUE},
		{"a fast clock of the leader does not help", due, due.Add(skew), federationv1.Reason_NOT_DUE},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRegion(t)
			i := r.walk()
			r.now = c.command
			signed := r.sign(r.on(shanxi, i, r.act("expire", i)))
			result, err := r.ledger.Apply(signed, c.log)
			if err != nil || result.Reason != c.want {
				t.Fatal(result, err)
			}
			if c.want != ok {
				return
			}
			if got := r.ledger.Transfer(beijing, 1); got.GetState() != expired || Custodian(got) != tianjin {
				t.Error(got)
			}
			r.steps(i, [2]string{tianjin, "handle"})
		})
	}
}

func TestADeclineAfterTheMomentIsTooLate(t *testing.T) {
	r := newRegion(t)
	i := r.walk()
	r.now = noon.Add(24*time.Hour + time.Second)
	r.refuse(r.on(tianjin, i, r.act("decline", i)), federationv1.Reason_TOO_LATE)
	r.steps(i, [2]string{tianjin, "accept"})
}

func TestAnOfferMustBeSound(t *testing.T) {
	for _, c := range []struct {
		name  string
		spoil func(*region, *federationv1.Offer)
		want  federationv1.Reason
	}{
		{"to a city that is no member", func(_ *region, o *federationv1.Offer) { o.Target = shanghai }, federationv1.Reason_WRONG_CITY},
		{"to itself", func(_ *region, o *federationv1.Offer) { o.Target = beijing }, federationv1.Reason_WRONG_CITY},
		{"a third city calls back", func(_ *region, o *federationv1.Offer) { o.Callback = hebei }, federationv1.Reason_WRONG_CITY},
		{"no box for the target", func(_ *region, o *federationv1.Offer) { o.Sealed = nil }, federationv1.Reason_WRONG_SEAL},
		{"a box for a third city", func(r *region, o *federationv1.Offer) { o.Sealed = append(o.Sealed, r.box(hebei)) }, federationv1.Reason_WRONG_SEAL},
		{"two boxes for one city", func(r *region, o *federationv1.Offer) { o.Sealed = append(o.Sealed, r.box(tianjin)) }, federationv1.Reason_WRONG_SEAL},
		{"sealed to another key", func(r *region, o *federationv1.Offer) { o.Sealed[0].Key = r.cities[hebei].sealing.ID() }, federationv1.Reason_WRONG_SEAL},
		{"an empty box", func(_ *region, o *federationv1.Offer) { o.Sealed[0].Sealed = nil }, federationv1.Reason_WRONG_SEAL},
		{"too little time to sign", func(_ *region, o *federationv1.Offer) { o.SignDue -= 2 * hour }, federationv1.Reason_WRONG_DUE},
		{"too little time to answer", func(_ *region, o *federationv1.Offer) { o.AnswerDue -= 20 * hour }, federationv1.Reason_WRONG_DUE},
		{"an answer before the signature", func(_ *region, o *federationv1.Offer) { o.SignDue = o.AnswerDue + 1 }, federationv1.Reason_WRONG_DUE},
		{"an answer in a month", func(_ *region, o *federationv1.Offer) { o.AnswerDue += 31 * 24 * hour }, federationv1.Reason_WRONG_DUE},
		{"no ground", func(_ *region, o *federationv1.Offer) { o.Basis = "" }, federationv1.Reason_MALFORMED},
		{"no order", func(_ *region, o *federationv1.Offer) { o.Order = "" }, federationv1.Reason_MALFORMED},
		{"no urgency", func(_ *region, o *federationv1.Offer) { o.Urgency = 0 }, federationv1.Reason_MALFORMED},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := newRegion(t)
			o := r.offer(beijing, tianjin)
			c.spoil(r, o.GetOffer())
			r.refuse(o, c.want)
		})
	}
}

func TestCriticalOffersHaveMinutes(t *testing.T) {
	r := newRegion(t)
	c := r.offer(beijing, tianjin)
	c.GetOffer().Urgency = federationv1.Urgency_CRITICAL
	c.GetOffer().SignDue = r.now.UnixMilli() + hour/6
	c.GetOffer().AnswerDue = r.now.UnixMilli() + hour/6
	r.take(c)
}

func TestAnOfferThatWaitedTooLongMustBeWorkedOutAnew(t *testing.T) {
	r := newRegion(t)
	c := r.offer(beijing, tianjin)
	c.GetOffer().SignDue -= hour // the least
	r.now = r.now.Add(3 * time.Minute)
	r.refuse(c, federationv1.Reason_WRONG_DUE)
}

func TestAnOfferThatWasRefusedDoesNotComeToLifeLater(t *testing.T) {
	r := newRegion(t)
	r.take(r.govern(beijing, revoke(tianjin)))
	refused := r.offer(beijing, tianjin)
	refused.GetOffer().AnswerDue += 200 * hour // it would not be too late for it
	r.refuse(refused, federationv1.Reason_WRONG_CITY)
	r.cities[tianjin] = newOffice(tianjin, "second")
	r.take(r.govern(beijing, r.joining(tianjin)))
	back := r.rotated(refused) // the box apart, which another key would refuse
	r.now = r.now.Add(12*time.Minute + time.Second)
	r.refuse(back, federationv1.Reason_WRONG_DUE)
}

// rotated is an offer as it was, but for the key that its box is sealed to.
func (r *region) rotated(c *federationv1.Command) *federationv1.Command {
	c = clone(c)
	c.GetOffer().Sealed = []*federationv1.Sealed{r.box(c.GetOffer().GetTarget())}
	return c
}

func TestACommandCountsOnce(t *testing.T) {
	r := newRegion(t)
	first := r.offer(beijing, tianjin)
	r.take(first)
	before := r.bytes()
	if again := r.take(first); !again.Again || again.Sequence != 1 {
		t.Error(again)
	}
	if string(before) != string(r.bytes()) {
		t.Error("the second time changed something")
	}
	other := r.fill(beijing, clone(first)) // the same place in the sequence, another act
	r.refuse(other, federationv1.Reason_WRONG_SEQUENCE)
	late := r.on(tianjin, first.Transfer, r.act("accept", first.Transfer))
	late.Sequence++
	r.refuse(late, federationv1.Reason_WRONG_SEQUENCE)
}

func TestANumberIsUsedOnce(t *testing.T) {
	r := newRegion(t)
	c := r.offer(beijing, tianjin)
	r.take(c)
	r.steps(c.Transfer, [2]string{beijing, "withdraw"})
	r.take(r.acknowledge(tianjin, 2, c.Transfer))
	r.take(r.acknowledge(beijing, 2, c.Transfer))
	if r.ledger.Transfer(beijing, 1) != nil {
		t.Fatal("it is still there")
	}
	r.refuse(c, federationv1.Reason_NUMBER_USED)
	r.refuse(r.offerAs(c.Transfer, hebei), federationv1.Reason_NUMBER_USED)
	r.refuse(r.on(tianjin, c.Transfer, r.act("accept", c.Transfer)), federationv1.Reason_NO_TRANSFER)
}

func TestNumbersNeedNotComeInOrder(t *testing.T) {
	r := newRegion(t)
	number := func(n uint64) *federationv1.Command {
		return r.offerAs(&federationv1.TransferId{Origin: beijing, Number: n}, tianjin)
	}
	for _, n := range []uint64{3, 1, 1024 + 3, 4} {
		r.take(number(n))
	}
	r.refuse(number(2), federationv1.Reason_NUMBER_USED) // too far behind
	other := number(5)                                   // another city's number
	other.City = tianjin
	r.refuse(other, federationv1.Reason_NOT_YOURS)
	r.refuse(number(1027+maxLeap+1), federationv1.Reason_NUMBER_USED) // whoever has a city's key can't use its numbers up
}

func TestACityThatTookBackAThousandOffersMayOfferAgain(t *testing.T) {
	r := newRegion(t)
	number := func(n uint64) *federationv1.Command {
		return r.offerAs(&federationv1.TransferId{Origin: beijing, Number: n}, tianjin)
	}
	r.take(number(1))
	r.take(number(1 + 1100)) // those between were recalled before they left
	r.take(number(maxLeap))
	for _, n := range []uint64{2, 1102} {
		r.refuse(r.fill(beijing, number(n)), federationv1.Reason_NUMBER_USED)
	}
	r.take(number(maxLeap - 1))
	if !bytes.Equal(r.bytes(), snapshotBytes(t, newLike(t, r))) {
		t.Error("a snapshot forgets numbers")
	}
}

func TestWhatAllHaveTakenLeavesMemory(t *testing.T) {
	r := newRegion(t)
	i := r.walk([2]string{tianjin, "accept"}, [2]string{tianjin, "reply"}, [2]string{tianjin, "conclude"}, [2]string{tianjin, "callback"})
	record := r.ledger.Transfer(beijing, 1)
	if len(record.GetActs()) != 5 || len(r.ledger.Waiting(beijing)) != 5 || len(r.ledger.Waiting(tianjin)) != 1 {
		t.Fatal(len(record.GetActs()), len(r.ledger.Waiting(beijing)), len(r.ledger.Waiting(tianjin)))
	}
	for _, a := range r.ledger.Waiting(beijing) {
		if _, refusal := r.ledger.Verify(a.GetSigned()); refusal != nil {
			t.Error(refusal)
		}
	}
	r.take(r.acknowledge(beijing, 4, i))
	if n := len(r.ledger.Transfer(beijing, 1).GetActs()); n != 1 {
		t.Errorf("%d acts are left", n)
	}
	if again := r.take(r.acknowledge(beijing, 3, i)); !again.Again {
		t.Error("an old acknowledgement changed something")
	}
	r.refuse(r.acknowledge(beijing, 6, i), federationv1.Reason_WRONG_SEQUENCE)
	r.refuse(r.acknowledge(hebei, 5, i), federationv1.Reason_NOT_YOURS)
	r.refuse(r.acknowledge(beijing, 5, i, &federationv1.TransferId{Origin: beijing, Number: 9}), federationv1.Reason_NO_TRANSFER)
	before := r.ledger.Figures()
	r.take(r.acknowledge(beijing, 5, i))
	r.take(r.acknowledge(tianjin, 5, i))
	after := r.ledger.Figures()
	if after.Open != 0 || after.Gone != 1 || string(after.Digest) == string(before.Digest) {
		t.Error(after)
	}
	if again := r.take(r.acknowledge(tianjin, 5, i)); !again.Again {
		t.Error("what is gone was acknowledged anew")
	}
	for who, m := range r.ledger.members {
		if m.held != 0 {
			t.Errorf("%v still holds %d bytes", who, m.held)
		}
	}
}

func TestOneCityCannotFillTheLedger(t *testing.T) {
	r := newRegion(t)
	_, rules := r.ledger.Region()
	rules.Version++
	rules.Backlog = 1 << 20
	r.take(r.govern(beijing, &federationv1.Command{Act: &federationv1.Command_SetRules{SetRules: &federationv1.SetRules{Rules: rules}}}))
	for n := 0; ; n++ {
		c := r.offer(tianjin, hebei)
		c.GetOffer().Sealed[0].Sealed = make([]byte, 60<<10)
		if reason := r.play(c).Reason; reason == federationv1.Reason_BACKLOG && n == 16 {
			break
		} else if reason != ok || n > 16 {
			t.Fatal(n, reason)
		}
	}
	r.take(r.offer(beijing, tianjin)) // the others go on
}

func TestATransferCannotGrowForEver(t *testing.T) {
	r := newRegion(t)
	i := r.walk([2]string{tianjin, "accept"})
	for r.ledger.Transfer(beijing, 1).GetSequence() < maxActs {
		r.steps(i, [2]string{tianjin, "handle"})
	}
	r.refuse(r.on(tianjin, i, r.act("handle", i)), federationv1.Reason_TOO_MANY_ACTS)
	r.refuse(r.on(beijing, i, r.act("supplement", i)), federationv1.Reason_TOO_MANY_ACTS)
	r.steps(i, [2]string{tianjin, "reply"}, [2]string{tianjin, "conclude"})
	r.refuse(r.on(tianjin, i, r.act("rework", i)), federationv1.Reason_TOO_MANY_ACTS)
	r.steps(i, [2]string{tianjin, "callback"})
}

func TestOfferedAgainItIsStillTheSameCase(t *testing.T) {
	r := newRegion(t)
	i := r.walk([2]string{tianjin, "decline"})
	c := r.offerAs(i, hebei)
	c.GetOffer().Order = "another"
	r.refuse(c, federationv1.Reason_MALFORMED)
}

func TestTheIdOfAnotherCitysActIsNotOnesOwn(t *testing.T) {
	r := newRegion(t)
	i := r.walk()
	accept := r.on(tianjin, i, r.act("accept", i))
	r.take(accept)
	copied := clone(accept)
	copied.City = hebei
	r.refuse(copied, federationv1.Reason_NOT_YOURS)
}
