package federation_test

import (
	"crypto/sha256"
	"errors"
	"strings"
	"testing"
	"time"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation"
	"hotline/federation/federationtest"
	"hotline/federation/ledger"
)

const (
	beijing = "110000"
	tianjin = "120000"
	hebei   = "130000"
)

func jingJinJi(t testing.TB) *federationtest.Cities {
	return federationtest.NewCities(t, beijing, tianjin, hebei)
}

func announce(sequence uint64, version uint32) *federationv1.Command {
	return &federationv1.Command{Sequence: sequence, Act: &federationv1.Command_Announce{Announce: &federationv1.Announce{Speaks: version}}}
}

func TestARegionTakesActsOnEveryMemberAndGivesThemBackInOrder(t *testing.T) {
	cities := jingJinJi(t)
	c := federationtest.Region(t, cities, 3, 1, group)
	far := c.Region("110000-2", group)
	signed := cities.Sign(group, tianjin, time.Now(), 9, announce(3, 1))
	result, err := far.Propose(within(t, 10*time.Second), signed)
	if err != nil || result != (ledger.Result{Sequence: 3}) {
		t.Fatalf("%+v %v", result, err)
	}
	if again, err := far.Propose(within(t, 10*time.Second), signed); err != nil || again != (ledger.Result{Again: true, Sequence: 3}) {
		t.Errorf("twice: %+v %v", again, err)
	}
	var acts []federation.Act
	c.Until("the three acts are applied here", func() bool {
		acts, err = far.Next(within(t, 10*time.Second), 0, 100)
		return err != nil || len(acts) >= 3
	})
	if err != nil {
		t.Fatal(err)
	}
	if sum := sha256.Sum256(acts[2].Signed); sum != sha256.Sum256(signed) || time.Since(acts[2].At).Abs() > time.Minute || acts[2].Result.Sequence != 3 {
		t.Errorf("%+v", acts[2])
	}
	if s := far.Status(); s.Problem != nil || s.Leader != c.Leader(group) || s.Applied < acts[2].Index {
		t.Errorf("%+v", s)
	}
}

func TestGarbageIsAnsweredAtTheDoorAndNeverEntersTheLog(t *testing.T) {
	cities := jingJinJi(t)
	c := federationtest.Region(t, cities, 3, 0, group)
	forged := cities.Sign(group, tianjin, time.Now(), 9, announce(3, 1))
	forged[len(forged)-1] ^= 1
	for _, name := range c.Names() {
		r := c.Region(name, group)
		before := r.Status().Commit
		for _, test := range []struct {
			signed []byte
			want   federationv1.Reason
		}{{[]byte("garbage"), federationv1.Reason_MALFORMED}, {forged, federationv1.Reason_FORGED}} {
			if result, err := r.Propose(within(t, 10*time.Second), test.signed); err != nil || result.Reason != test.want {
				t.Errorf("%s: %+v %v", name, result, err)
			}
		}
		// A new leader writes one entry of its own before it refuses.
		if after := r.Status().Commit; after > before+1 {
			t.Errorf("%s: the log grew from %d to %d", name, before, after)
		}
	}
}

func TestOnlyNodesOfMembersAreLetIn(t *testing.T) {
	c := federationtest.Region(t, jingJinJi(t), 3, 0, group)
	for name, want := range map[string]string{"310000-1": "the city 310000 is no member", "shanghai": "must begin with the six digits"} {
		c.Add(name, false)
		if err := c.TryStart(within(t, 10*time.Second), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.Add("130000-2", false)
	c.Start("130000-2")
}

func TestANodeOlderThanItsRegionStopsWithASentence(t *testing.T) {
	cities := federationtest.NewCities(t, beijing)
	c := federationtest.Region(t, cities, 1, 0, group)
	r, node := c.Region("110000-1", group), c.Node("110000-1")
	// All nodes of the only member are said to know a version that this one does not.
	if result, err := r.Propose(within(t, 10*time.Second), cities.Sign(group, beijing, time.Now(), 1, announce(1, ledger.Version+1))); err != nil || result.Reason != 0 {
		t.Fatal(result, err)
	}
	_, err := r.Propose(within(t, 2*time.Second), cities.Sign(group, beijing, time.Now(), 2, announce(2, ledger.Version+1)))
	if !errors.Is(err, federation.ErrUncertain) && !errors.Is(err, federation.ErrClosed) {
		t.Error(err)
	}
	<-node.Stopped()
	if !errors.Is(node.Reason(), ledger.ErrTooOld) || !strings.Contains(node.Reason().Error(), "请先升级程序") {
		t.Error(node.Reason())
	}
	if s := r.Status(); s.Problem == nil {
		t.Errorf("%+v", s)
	}
}
