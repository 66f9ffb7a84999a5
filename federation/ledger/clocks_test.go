package ledger

import (
	"testing"
	"time"

	federationv1 "hotline/api/federation/v1"
)

func TestALeaderThatDatesItsOwnOfferBackHurriesNoSilence(t *testing.T) {
	r := newRegion(t)
	r.walk([2]string{tianjin, "deliver"}) // two cities have come past noon
	thief := r.cities[hebei]
	past := r.now.Add(-10 * 24 * time.Hour)
	c := r.offer(hebei, tianjin)
	c.Time = past.UnixMilli()
	o := c.GetOffer()
	o.SignDue, o.AnswerDue, o.Started = past.UnixMilli()+3*hour, past.UnixMilli()+24*hour, past.UnixMilli()
	signed, err := Sign(c, thief.signing, thief.private)
	if err != nil {
		t.Fatal(err)
	}
	before := string(r.bytes())
	if result, err := r.ledger.Apply(signed, past); err != nil || result.Reason == ok || string(r.bytes()) != before {
		t.Fatal("an offer of ten days ago: ", result, err)
	}
	// Nor can it push the region's time ahead for all others.
	r.now = r.now.Add(10 * 365 * 24 * time.Hour)
	for _, c := range []*federationv1.Command{r.posting(hebei, "far", 1, "x"), r.posting(hebei, "far", 2, "y")} {
		if result, err := r.ledger.Apply(r.sign(c), r.now); err != nil || result.Reason != ok {
			t.Fatal(result, err)
		}
	}
	if string(r.bytes()) != string(snapshotBytes(t, newLike(t, r))) {
		t.Error("a snapshot forgets the clocks")
	}
	r.now = noon.Add(time.Minute)
	i := r.walk([2]string{tianjin, "sign"})
	r.refuse(r.on(beijing, i, r.act("expire", i)), federationv1.Reason_NOT_DUE)
	r.take(r.govern(beijing, revoke(hebei)))
	r.walk()
	r.refuse(r.on(beijing, i, r.act("expire", i)), federationv1.Reason_NOT_DUE)
}

func TestTheRegionsTimeDoesNotOpenWhenOneOfItsClocksIsRevoked(t *testing.T) {
	r := upgraded(t)
	r.now = r.now.Add(hours(48))
	r.walk([2]string{tianjin, "deliver"})
	r.take(r.govern(beijing, revoke(tianjin)))
	past := r.now.Add(-hours(40))
	c := r.offer(hebei, shanxi)
	c.Time = past.UnixMilli()
	o := c.GetOffer()
	o.SignDue, o.AnswerDue, o.Started = past.UnixMilli()+3*hour, past.UnixMilli()+24*hour, past.UnixMilli()
	thief := r.cities[hebei]
	signed, err := Sign(c, thief.signing, thief.private)
	if err != nil {
		t.Fatal(err)
	}
	if result, err := r.ledger.Apply(signed, past); err != nil || result.Reason != federationv1.Reason_WRONG_DUE {
		t.Error("an offer that is overdue on arrival: ", result, err)
	}
	if string(r.bytes()) != string(snapshotBytes(t, newLike(t, r))) {
		t.Error("a snapshot forgets the clocks")
	}
}

func hours(n int) time.Duration { return time.Duration(n) * time.Hour }

func TestTheRegionsTimeIsWhereTwoCitiesHaveBeen(t *testing.T) {
	var k clocks
	for n, c := range []struct {
		who city
		at  int64
		is  int64
	}{{1, 100, 0}, {1, 500, 0}, {2, 90, 90}, {2, 80, 90}, {3, 95, 95}, {2, 600, 500}, {3, 550, 550}, {1, 700, 600}} {
		if k.hear(c.who, c.at); k.least() != c.is {
			t.Fatal(n, k)
		}
	}
	old := k
	if old.forgetAll(1); old.first.city != 2 || old.least() != 0 {
		t.Error(old)
	}
	// The region has been at 600, whoever leaves it, and what the one said beyond that is forgotten.
	for who, then := range map[city]int64{1: 600, 2: 650} {
		after := k
		after.forget(who)
		if after.least() != 600 || who == 1 && after.first.at != 600 {
			t.Error(who, after)
		}
		if after.hear(3, 650); after.least() != then {
			t.Error(who, after)
		}
	}
}

func TestADeclineIsNotDatedBack(t *testing.T) {
	for _, upgrade := range []bool{false, true} {
		r := newRegion(t)
		if upgrade {
			r.upgrade(Version)
		}
		i := r.walk()
		r.now = r.now.Add(3 * 24 * time.Hour)
		c := r.on(tianjin, i, r.act("decline", i))
		c.Time = noon.UnixMilli() + 24*hour - 1000
		r.refuse(c, federationv1.Reason_TOO_LATE)
	}
}
