package ledger

import (
	"bytes"
	"testing"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation/seal"
)

// The number belongs to nobody.
const planted = "王某 13900001234"

func TestNoCitizenCanBeReadFromTheLedger(t *testing.T) {
	for _, suite := range []seal.Suite{seal.AES, seal.SM} {
		r := newRegion(t)
		key, err := seal.Generate(suite)
		if err != nil {
			t.Fatal(err)
		}
		ring := seal.Ring{}.Add(key)
		r.cities[tianjin].sealing = ring.Public()
		r.take(r.govern(tianjin, &federationv1.Command{Act: &federationv1.Command_RotateKeys{RotateKeys: &federationv1.RotateKeys{
			City: tianjin, Sealing: ring.Public(),
		}}}))
		c := r.offer(beijing, tianjin)
		about := seal.About{Group: "jing-jin-ji", Transfer: c.GetTransfer(), Receiver: tianjin}
		box, err := seal.For(ring.Public(), about, []byte(planted))
		if err != nil {
			t.Fatal(err)
		}
		c.GetOffer().Sealed = []*federationv1.Sealed{box}
		signed := r.sign(c)
		if result := r.playBytes(signed); result.Reason != ok {
			t.Fatal(result)
		}
		for _, word := range []string{"王某", "13900001234"} {
			if bytes.Contains(signed, []byte(word)) || bytes.Contains(r.bytes(), []byte(word)) {
				t.Errorf("%s lies open", word)
			}
		}
		// The city that it is for finds it after a snapshot, sees whose it is, and opens it.
		waiting := newLike(t, r).Waiting(tianjin)
		got, refusal := r.ledger.Verify(waiting[0].GetSigned())
		if refusal != nil {
			t.Fatal(refusal)
		}
		if plain, err := ring.Open(about, got.GetOffer().GetSealed()[0]); err != nil || string(plain) != planted {
			t.Error(string(plain), err)
		}
	}
}
