package ledger

import (
	"bytes"
	"crypto/rand"
	"testing"
	"time"

	"github.com/emmansun/gmsm/sm2"

	federationv1 "hotline/api/federation/v1"
)

func rotate(o *office) *federationv1.Command {
	return &federationv1.Command{Act: &federationv1.Command_RotateKeys{RotateKeys: &federationv1.RotateKeys{
		City: o.code, Signing: o.signing, Sealing: o.sealing,
	}}}
}

func revoke(code string) *federationv1.Command {
	return &federationv1.Command{Act: &federationv1.Command_Revoke{Revoke: &federationv1.Revoke{City: code}}}
}

func appoint(code string) *federationv1.Command {
	return &federationv1.Command{Act: &federationv1.Command_Appoint{Appoint: &federationv1.Appoint{City: code}}}
}

func announce(speaks uint32) *federationv1.Command {
	return &federationv1.Command{Act: &federationv1.Command_Announce{Announce: &federationv1.Announce{Speaks: speaks}}}
}

func setRules(r *federationv1.Rules) *federationv1.Command {
	return &federationv1.Command{Act: &federationv1.Command_SetRules{SetRules: &federationv1.SetRules{Rules: r}}}
}

func TestOnlyTheCoordinatorGoverns(t *testing.T) {
	r := newRegion(t)
	_, rules := r.ledger.Region()
	rules.Version++
	for name, c := range map[string]*federationv1.Command{
		"join": r.joining(shanghai), "revoke": revoke(shanxi), "appoint": appoint(tianjin), "rules": setRules(rules),
		"another city's keys": rotate(newOffice(hebei, "second")),
	} {
		t.Run(name, func(t *testing.T) {
			r.t = t
			r.refuse(r.govern(tianjin, clone(c)), federationv1.Reason_NOT_COORDINATOR)
			late := r.govern(beijing, clone(c))
			late.Sequence++
			r.refuse(late, federationv1.Reason_WRONG_SEQUENCE)
			sent := r.govern(beijing, clone(c))
			if name == "appoint" {
				return // it would change who governs
			}
			r.take(sent)
			if again := r.take(sent); !again.Again {
				t.Error("it counted twice")
			}
		})
	}
}

func TestActsOnTheRegionMustBeSound(t *testing.T) {
	r := newRegion(t)
	bad := r.joining(shanghai)
	bad.GetJoin().Signing = &federationv1.Key{Algorithm: federationv1.Algorithm_HPKE_X25519, Public: make([]byte, 32)}
	shared := r.joining(shanghai)
	shared.GetJoin().Signing = r.cities[hebei].signing
	silent := r.joining(shanghai)
	silent.GetJoin().Speaks = 0
	_, leap := r.ledger.Region()
	leap.Version += 2
	_, hasty := r.ledger.Region()
	hasty.Version, hasty.SignLeast = hasty.Version+1, 0
	for name, c := range map[string]struct {
		command *federationv1.Command
		want    federationv1.Reason
	}{
		"a member can't join":                   {r.joining(hebei), federationv1.Reason_WRONG_CITY},
		"a key to seal can't sign":              {bad, federationv1.Reason_MALFORMED},
		"two cities can't share a key":          {shared, federationv1.Reason_MALFORMED},
		"a city must speak the version":         {silent, federationv1.Reason_UNSUPPORTED},
		"a key doesn't come back":               {rotate(r.cities[beijing]), federationv1.Reason_MALFORMED},
		"the coordinator can't revoke itself":   {revoke(beijing), federationv1.Reason_WRONG_CITY},
		"a stranger can't be revoked":           {revoke(shanghai), federationv1.Reason_WRONG_CITY},
		"a stranger can't coordinate":           {appoint(shanghai), federationv1.Reason_WRONG_CITY},
		"versions of the rules are not skipped": {setRules(leap), federationv1.Reason_MALFORMED},
		"rules leave time to sign":              {setRules(hasty), federationv1.Reason_MALFORMED},
		"a version isn't taken back":            {announce(0), federationv1.Reason_MALFORMED},
	} {
		t.Run(name, func(t *testing.T) {
			r.t = t
			r.refuse(r.govern(beijing, c.command), c.want)
		})
	}
}

func TestAReplacedKeySignsNoMore(t *testing.T) {
	r := newRegion(t)
	c := r.offer(beijing, tianjin)
	r.take(c)
	old := r.cities[tianjin]
	underOldKey := r.sign(r.on(tianjin, c.Transfer, r.act("sign", c.Transfer)))
	before := r.on(tianjin, c.Transfer, r.act("deliver", c.Transfer))
	r.take(before)
	fresh := newOffice(tianjin, "second")
	r.take(r.govern(tianjin, rotate(fresh)))
	r.refuseBytes(underOldKey, federationv1.Reason_WRONG_KEY)
	// What it signed before can still be verified.
	if _, refusal := r.ledger.Verify(r.ledger.Waiting(beijing)[1].GetSigned()); refusal != nil {
		t.Error(refusal)
	}
	// What others seal to the old key comes back to be sealed anew.
	stale := r.on(beijing, c.Transfer, r.act("supplement", c.Transfer))
	r.refuse(stale, federationv1.Reason_WRONG_SEAL)
	r.cities[tianjin] = fresh
	if again := r.take(before); !again.Again { // the same act under the new key is still the same act
		t.Error(again)
	}
	r.steps(c.Transfer, [2]string{tianjin, "accept"}, [2]string{beijing, "supplement"})
	r.cities[tianjin] = old
	r.refuse(r.on(tianjin, c.Transfer, r.act("handle", c.Transfer)), federationv1.Reason_WRONG_KEY)
}

func TestTheCoordinatorReplacesALostKey(t *testing.T) {
	r := newRegion(t)
	fresh := newOffice(hebei, "second")
	r.take(r.govern(beijing, rotate(fresh)))
	r.cities[hebei] = fresh
	r.take(r.offer(hebei, tianjin))
}

func TestARevokedCityLosesItsVoiceAndNoCaseIsLost(t *testing.T) {
	r := newRegion(t)
	with := r.walk([2]string{tianjin, "accept"})
	waiting := r.walk()
	c := r.offer(tianjin, hebei)
	r.take(c)
	r.take(r.govern(beijing, revoke(tianjin)))
	r.refuse(r.on(tianjin, with, r.act("handle", with)), federationv1.Reason_NOT_A_MEMBER)
	r.refuse(r.offer(beijing, tianjin), federationv1.Reason_WRONG_CITY)

	// The case that it had, and the one that it brought, go where the coordinator says.
	for _, i := range []*federationv1.TransferId{with, c.Transfer} {
		r.steps(i, [2]string{beijing, "designate"})
		if got := r.ledger.Transfer(i.GetOrigin(), i.GetNumber()); Custodian(got) != hebei {
			t.Error(got)
		}
	}
	// The one that it never answered stays with the origin.
	r.now = r.now.Add(48 * time.Hour)
	r.refuse(r.on(shanxi, waiting, r.act("expire", waiting)), federationv1.Reason_WRONG_CITY)
	r.steps(waiting, [2]string{beijing, "withdraw"})
	r.take(r.acknowledge(beijing, 2, waiting))
	if r.ledger.Transfer(beijing, waiting.GetNumber()) != nil {
		t.Error("it waits for a city that is no member")
	}
	// It may come back with new keys, and its numbers stay used.
	r.refuse(r.govern(beijing, r.joining(tianjin)), federationv1.Reason_MALFORMED)
	r.cities[tianjin] = newOffice(tianjin, "second")
	r.take(r.govern(beijing, r.joining(tianjin)))
	if number, _ := r.ledger.Next(tianjin); number != 2 {
		t.Error(number)
	}
}

func TestTheOfficeIsHandedOnWithItsDisputes(t *testing.T) {
	r := newRegion(t)
	i := r.walk([2]string{tianjin, "decline"}, [2]string{beijing, "dispute"})
	r.take(r.govern(beijing, appoint(shanxi)))
	r.refuse(r.on(beijing, i, r.act("designate", i)), federationv1.Reason_NOT_COORDINATOR)
	r.refuse(r.govern(beijing, appoint(beijing)), federationv1.Reason_NOT_COORDINATOR)
	if len(r.ledger.Waiting(shanxi)) == 0 {
		t.Error("the new coordinator does not get the papers")
	}
	r.steps(i, [2]string{shanxi, "designate"})
}

func TestARegionGoesByTheLowestVersionOfItsMembers(t *testing.T) {
	r := newRegion(t)
	old := newLike(t, r)
	old.knows = 1
	played := func(c *federationv1.Command) error {
		signed := r.sign(c)
		r.playBytes(signed)
		_, err := old.Apply(signed, r.now)
		return err
	}
	for _, code := range []string{beijing, tianjin, hebei} {
		if err := played(r.govern(code, announce(2))); err != nil || r.ledger.Figures().Version != 1 {
			t.Fatal(code, err, r.ledger.Figures())
		}
	}
	if err := played(r.govern(shanxi, announce(2))); err != nil || r.ledger.Figures().Version != 2 {
		t.Fatal(err)
	}
	if !bytes.Equal(r.bytes(), snapshotBytes(t, old)) {
		t.Error("the two went apart")
	}
	// A node that was forgotten stops; it goes no way of its own.
	if err := played(r.offer(beijing, tianjin)); err != ErrTooOld {
		t.Error(err)
	}
	if err := old.Restore(bytes.NewReader(r.bytes())); err != ErrTooOld {
		t.Error(err)
	}
	r.refuse(r.govern(beijing, r.joining(shanghai)), federationv1.Reason_UNSUPPORTED) // which speaks 1
}

// newLike is another node of the same region.
func newLike(t testing.TB, r *region) *Ledger {
	l, err := New(newOffice(beijing, "").genesis("jing-jin-ji"))
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Restore(bytes.NewReader(r.bytes())); err != nil {
		t.Fatal(err)
	}
	return l
}

func TestSM2SignsAsWell(t *testing.T) {
	r := newRegion(t)
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public := append([]byte{4}, key.X.FillBytes(make([]byte, 32))...)
	public = append(public, key.Y.FillBytes(make([]byte, 32))...)
	signing := &federationv1.Key{Algorithm: federationv1.Algorithm_SM2_SM3, Public: public}
	r.take(r.govern(hebei, &federationv1.Command{Act: &federationv1.Command_RotateKeys{RotateKeys: &federationv1.RotateKeys{City: hebei, Signing: signing}}}))
	signed, err := Sign(r.offer(hebei, tianjin), signing, key)
	if err != nil {
		t.Fatal(err)
	}
	bad := bytes.Clone(signed)
	bad[len(bad)-1] ^= 1
	r.refuseBytes(bad, federationv1.Reason_FORGED)
	if result := r.playBytes(signed); result.Reason != ok {
		t.Error(result)
	}
	r.refuse(r.offer(hebei, tianjin), federationv1.Reason_WRONG_KEY) // under the ed25519 key of before
}

func TestALedgerIsFoundedOnSoundGrounds(t *testing.T) {
	good := newOffice(beijing, "").genesis("jing-jin-ji")
	for name, spoil := range map[string]func(*Genesis){
		"no name": func(g *Genesis) { g.Group = "" }, "no city": func(g *Genesis) { g.Coordinator = "北京" },
		"no key to sign": func(g *Genesis) { g.Signing = g.Sealing }, "no key to seal": func(g *Genesis) { g.Sealing = nil },
	} {
		g := good
		spoil(&g)
		if _, err := New(g); err == nil {
			t.Error(name)
		}
	}
}
