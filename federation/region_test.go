package federation_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

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
	t.Parallel()
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
	t.Parallel()
	cities := jingJinJi(t)
	c := federationtest.Region(t, cities, 3, 0, group)
	forged := cities.Sign(group, tianjin, time.Now(), 9, announce(3, 1))
	forged[len(forged)-1] ^= 1
	for _, name := range c.Names() {
		r := c.Region(name, group)
		before := uint64(0) // as the leader knows it: a follower may learn only now of what was there
		for _, other := range c.Names() {
			before = max(before, c.Region(other, group).Status().Commit)
		}
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
	t.Parallel()
	c := federationtest.Region(t, jingJinJi(t), 3, 0, group)
	for name, want := range map[string]string{"310000-1": "the city 310000 is no member", "shanghai": "must begin with the six digits"} {
		c.Add(name)
		if err := c.TryStart(within(t, 10*time.Second), name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
	c.Add("130000-2")
	c.Start("130000-2")
}

func TestANodeOlderThanItsRegionStopsWithASentence(t *testing.T) {
	t.Parallel()
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

// state is a ledger as its bytes.
func state(t *testing.T, r *federation.Region) string {
	t.Helper()
	var b bytes.Buffer
	if _, err := r.Ledger().Snapshot().WriteTo(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestAbuseThroughTheNetworkIsRefusedWithAReasonAndChangesNothing(t *testing.T) {
	t.Parallel()
	cities := jingJinJi(t)
	c := federationtest.Region(t, cities, 3, 1, group)
	now, id := time.Now(), &federationv1.TransferId{Origin: beijing, Number: 1}
	offer := func(sequence uint64) *federationv1.Command {
		return &federationv1.Command{Transfer: id, Sequence: sequence, Act: &federationv1.Command_Offer{Offer: cities.Offer(group, id, tianjin, now)}}
	}
	accept := func(sequence uint64) *federationv1.Command {
		return &federationv1.Command{Transfer: id, Sequence: sequence, Act: &federationv1.Command_Accept{Accept: &federationv1.Accept{Order: "theirs"}}}
	}
	signed := cities.Sign(group, beijing, now, 1, offer(1))
	far := c.Region("110000-2", group)
	if result, err := far.Propose(within(t, 10*time.Second), signed); err != nil || result.Reason != 0 {
		t.Fatal(result, err)
	}
	stranger := federationtest.NewCities(t, "310000")
	forged := bytes.Clone(cities.Sign(group, tianjin, now, 2, accept(2)))
	forged[len(forged)-1] ^= 1
	unsigned, err := proto.Marshal(&federationv1.Signed{Command: []byte("\x0a\x10")})
	if err != nil {
		t.Fatal(err)
	}
	before := state(t, far)
	c.Until("all have the offer", func() bool {
		for _, name := range c.Names() {
			if far.Status().Applied < 4 || state(t, c.Region(name, group)) != before {
				before = state(t, far)
				return false
			}
		}
		return true
	})
	revoke := &federationv1.Command{Sequence: 3, Act: &federationv1.Command_Revoke{Revoke: &federationv1.Revoke{City: hebei}}}
	for name, test := range map[string]struct {
		signed []byte
		want   federationv1.Reason
	}{
		"a forged signature":              {forged, federationv1.Reason_FORGED},
		"nothing signed":                  {unsigned, federationv1.Reason_MALFORMED},
		"a leap in the sequence":          {cities.Sign(group, tianjin, now, 3, accept(4)), federationv1.Reason_WRONG_SEQUENCE},
		"a step back":                     {cities.Sign(group, tianjin, now, 4, accept(1)), federationv1.Reason_WRONG_SEQUENCE},
		"another city accepts":            {cities.Sign(group, hebei, now, 5, accept(2)), federationv1.Reason_NOT_YOURS},
		"the number again":                {cities.Sign(group, beijing, now, 6, offer(1)), federationv1.Reason_WRONG_SEQUENCE},
		"a member that is no coordinator": {cities.Sign(group, tianjin, now, 7, revoke), federationv1.Reason_NOT_COORDINATOR},
		"another region's coordinator":    {stranger.Sign(group, "310000", now, 8, revoke), federationv1.Reason_NOT_A_MEMBER},
		"signed for another region":       {cities.Sign("changsanjiao", beijing, now, 9, revoke), federationv1.Reason_WRONG_GROUP},
		"a clock an hour ahead":           {cities.Sign(group, tianjin, now.Add(time.Hour), 10, accept(2)), federationv1.Reason_WRONG_CLOCK},
	} {
		result, err := far.Propose(within(t, 10*time.Second), test.signed)
		if err != nil || result.Reason != test.want || result.Refusal().GetMessage() == "" {
			t.Errorf("%s: %+v %v", name, result, err)
		}
	}
	for range 3 { // a replay is answered as it was
		if result, err := far.Propose(within(t, 10*time.Second), signed); err != nil || !result.Again {
			t.Errorf("played again: %+v %v", result, err)
		}
	}
	// Whatever is changed in a command that would be taken makes it one that is not.
	good, random := cities.Sign(group, tianjin, now, 11, accept(2)), rand.New(rand.NewPCG(1, 2))
	for range 300 {
		bad := bytes.Clone(good)
		for range 1 + random.IntN(3) {
			bad[random.IntN(len(bad))] ^= byte(1 + random.IntN(255))
		}
		bad = bad[:len(bad)-random.IntN(2)*random.IntN(40)]
		if bytes.Equal(bad, good) {
			continue
		}
		if result, err := far.Propose(within(t, 10*time.Second), bad); err != nil || result.Reason == 0 {
			t.Errorf("%x: %+v %v", bad, result, err)
		}
	}
	for _, name := range c.Names() {
		if state(t, c.Region(name, group)) != before {
			t.Errorf("%s has another state", name)
		}
	}
}

func TestANodeThatWasConfiguredForAnotherCoordinatorIsRefusedAtStart(t *testing.T) {
	t.Parallel()
	c := federationtest.Region(t, jingJinJi(t), 3, 0, group)
	other, err := federation.NewRegion(federationtest.NewCities(t, tianjin).Genesis(group)) // the same name, founded otherwise
	if err != nil {
		t.Fatal(err)
	}
	c.Add("130000-2")
	conf := *c.Config("130000-2")
	conf.Groups = []federation.Group{other.Group(c.Voters)}
	n, err := federation.Start(within(t, 10*time.Second), conf)
	if err == nil || !strings.Contains(err.Error(), "configured with another coordinator") {
		t.Errorf("%v %v", n, err)
	}
}
