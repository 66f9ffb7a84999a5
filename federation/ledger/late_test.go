package ledger

import (
	"bytes"
	"testing"
	"time"

	federationv1 "hotline/api/federation/v1"
)

// lateDecline is asked for at one moment and comes to the log at another.
func (r *region) lateDecline(i *federationv1.TransferId, asked, came time.Time) federationv1.Reason {
	r.t.Helper()
	c := r.on(tianjin, i, r.act("decline", i))
	c.Time = asked.UnixMilli()
	r.now = came
	return r.play(c).Reason
}

func TestADeclineAskedForInTimeCountsUntilTheGraceIsOverAndNoLonger(t *testing.T) {
	due, skew, grace := noon.Add(24*time.Hour), 2*time.Minute, 30*time.Minute
	for name, c := range map[string]struct {
		asked, came time.Time
		critical    bool
		want        federationv1.Reason
	}{
		"asked in time, come in the grace":                {due.Add(-time.Minute), due.Add(skew + grace), false, ok},
		"asked in time, come after it":                    {due.Add(-time.Minute), due.Add(skew + grace + 1e6), false, federationv1.Reason_TOO_LATE},
		"asked too late, come in the grace":               {due.Add(time.Second), due.Add(time.Minute), false, federationv1.Reason_TOO_LATE},
		"backdated by a day, come after the grace":        {noon, due.Add(24 * time.Hour), false, federationv1.Reason_TOO_LATE},
		"what is critical waits for nobody who is late":   {due.Add(-time.Minute), due.Add(skew + 1e6), true, federationv1.Reason_TOO_LATE},
		"what is critical may be late by the clocks' own": {due.Add(-time.Minute), due.Add(skew), true, ok},
	} {
		t.Run(name, func(t *testing.T) {
			r := upgraded(t)
			r.rule(func(rules *federationv1.Rules) { rules.DeclineGrace = int64(grace / time.Second) })
			o := r.offer(beijing, tianjin)
			if c.critical {
				o.GetOffer().Urgency = federationv1.Urgency_CRITICAL
			}
			r.take(o)
			if got := r.lateDecline(o.Transfer, c.asked, c.came); got != c.want {
				t.Error(got)
			}
		})
	}
}

func TestSilenceWaitsForTheGraceAndIsFinal(t *testing.T) {
	r := upgraded(t)
	r.rule(func(rules *federationv1.Rules) { rules.DeclineGrace = 1800 })
	i := r.walk()
	due := noon.Add(24 * time.Hour)
	r.now = due.Add(31 * time.Minute)
	r.refuse(r.on(beijing, i, r.act("expire", i)), federationv1.Reason_NOT_DUE)
	r.now = due.Add(32 * time.Minute)
	r.steps(i, [2]string{beijing, "expire"})
	if got := r.lateDecline(i, due.Add(-time.Hour), r.now); got != federationv1.Reason_WRONG_STATE {
		t.Error("after silence a decline is ", got)
	}
	if r.state(i) != expired {
		t.Error(r.state(i))
	}
}

func TestBeforeAllKnowTheGraceNobodyHasIt(t *testing.T) {
	r := newRegion(t)
	_, rules := r.ledger.Region()
	rules.Version, rules.DeclineGrace = rules.Version+1, 60
	r.refuse(r.govern(beijing, setRules(rules)), federationv1.Reason_UNSUPPORTED)
	rules.DeclineGrace = 0
	r.take(r.govern(beijing, setRules(rules)))
	i := r.walk()
	r.now = noon.Add(24*time.Hour + 2*time.Minute)
	r.steps(i, [2]string{beijing, "expire"})
	r.refuse(r.on(tianjin, i, r.act("dispute", i)), federationv1.Reason_NOT_YOURS)
	up := upgraded(t)
	_, bad := up.ledger.Region()
	bad.Version, bad.DeclineGrace = bad.Version+1, -1
	up.refuse(up.govern(beijing, setRules(bad)), federationv1.Reason_MALFORMED)
}

// expired is a case that Tianjin has by its silence.
func (r *region) expired() *federationv1.TransferId {
	r.t.Helper()
	i := r.walk()
	r.now = r.now.Add(24*time.Hour + 2*time.Minute)
	r.steps(i, [2]string{beijing, "expire"})
	return i
}

func TestWhoHasACaseByItsSilenceMayObjectAndKeepsItUntilTheCoordinatorSpeaks(t *testing.T) {
	r := upgraded(t)
	i := r.expired()
	r.refuse(r.on(hebei, i, r.act("dispute", i)), federationv1.Reason_NOT_YOURS) // no party
	r.refuse(r.on(beijing, i, r.act("designate", i)), federationv1.Reason_WRONG_STATE)
	r.steps(i, [2]string{tianjin, "dispute"})
	got := r.ledger.Transfer(beijing, 1)
	if got.GetState() != expired || Custodian(got) != tianjin || !got.GetObjected() {
		t.Fatal(got)
	}
	if !bytes.Equal(r.bytes(), snapshotBytes(t, newLike(t, r))) {
		t.Error("a snapshot forgets the objection")
	}
	r.steps(i, [2]string{tianjin, "handle"}, [2]string{beijing, "designate"})
	got = r.ledger.Transfer(beijing, 1)
	if Custodian(got) != hebei || got.GetObjected() {
		t.Error(got)
	}
	r.refuse(r.on(beijing, i, r.act("designate", i)), federationv1.Reason_WRONG_STATE)
}

func TestOneWhoHasBegunOrAcceptedObjectsNoMore(t *testing.T) {
	r := upgraded(t)
	i := r.expired()
	r.steps(i, [2]string{tianjin, "handle"})
	r.refuse(r.on(tianjin, i, r.act("dispute", i)), federationv1.Reason_NOT_YOURS)
	i = r.walk([2]string{tianjin, "accept"})
	r.refuse(r.on(tianjin, i, r.act("dispute", i)), federationv1.Reason_NOT_YOURS)
	// What was concluded all the same is not taken away.
	i = r.expired()
	r.steps(i, [2]string{tianjin, "dispute"}, [2]string{tianjin, "reply"}, [2]string{tianjin, "conclude"})
	r.refuse(r.on(beijing, i, r.act("designate", i)), federationv1.Reason_WRONG_STATE)
}

func TestACallbackThatTheTargetLetsPassIsTheOriginsAfterTheRulesTime(t *testing.T) {
	r := upgraded(t)
	r.rule(func(rules *federationv1.Rules) { rules.CallbackDue, rules.CallbackHandover = day, 2*day })
	end := [][2]string{{tianjin, "accept"}, {tianjin, "reply"}, {tianjin, "conclude"}}
	i := r.walk(end...)
	concludedAt := r.now
	r.now = concludedAt.Add(48 * time.Hour)
	r.steps(i, [2]string{beijing, "supplement"}) // an urge does not put it off
	r.refuse(r.on(beijing, i, r.act("callback", i)), federationv1.Reason_NOT_DUE)
	r.refuse(r.on(hebei, i, r.act("callback", i)), federationv1.Reason_NOT_YOURS)
	r.now = concludedAt.Add(48*time.Hour + 2*time.Minute)
	early := r.on(beijing, i, r.act("callback", i))
	if result, err := r.ledger.Apply(r.sign(early), concludedAt.Add(47*time.Hour)); err != nil || result.Reason != federationv1.Reason_NOT_DUE {
		t.Error("the city's own fast clock helps: ", result, err)
	}
	if !bytes.Equal(r.bytes(), snapshotBytes(t, newLike(t, r))) {
		t.Error("a snapshot forgets when it was concluded")
	}
	r.steps(i, [2]string{beijing, "rework"})
	// It is the origin's from now on.
	r.steps(i, [2]string{tianjin, "reply"}, [2]string{tianjin, "conclude"})
	r.refuse(r.on(tianjin, i, r.act("callback", i)), federationv1.Reason_NOT_YOURS)
	r.steps(i, [2]string{beijing, "callback"})
}

func TestTheTargetsOwnCallbackIsNeverTooLateWhileTheOriginHasNotCalled(t *testing.T) {
	r := upgraded(t)
	i := r.walk([2]string{tianjin, "accept"}, [2]string{tianjin, "reply"}, [2]string{tianjin, "conclude"})
	r.now = r.now.Add(13 * 24 * time.Hour)
	r.refuse(r.on(beijing, i, r.act("callback", i)), federationv1.Reason_NOT_DUE) // a fortnight where the rules say nothing
	r.now = r.now.Add(7 * 24 * time.Hour)
	r.steps(i, [2]string{tianjin, "callback"})
}

func TestUnderTheFirstVersionNobodyTakesACallbackOver(t *testing.T) {
	r := newRegion(t)
	i := r.walk([2]string{tianjin, "accept"}, [2]string{tianjin, "reply"}, [2]string{tianjin, "conclude"})
	r.now = r.now.Add(100 * 24 * time.Hour)
	r.refuse(r.on(beijing, i, r.act("callback", i)), federationv1.Reason_NOT_YOURS)
	if r.ledger.Transfer(beijing, 1).GetConcluded() != 0 {
		t.Error("a node of version 1 could not read the snapshot")
	}
	// What was concluded before all knew of it is measured from then.
	r.upgrade(Version)
	r.steps(i, [2]string{beijing, "callback"})
}
