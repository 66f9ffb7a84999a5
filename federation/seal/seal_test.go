package seal

import (
	"bytes"
	"errors"
	"testing"

	"pgregory.net/rapid"

	federationv1 "hotline/api/federation/v1"
)

var suites = map[string]Suite{"aes": AES, "sm": SM}

var about = About{Group: "jing-jin-ji", Transfer: &federationv1.TransferId{Origin: "110000", Number: 7}, Receiver: "120000"}

// planted looks like a citizen's data; the number belongs to nobody.
const planted = "王某 13900001234 和平区某小区"

func generate(t testing.TB, suite Suite) *Private {
	t.Helper()
	p, err := Generate(suite)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestABoxOpensForItsReceiverAlone(t *testing.T) {
	for name, suite := range suites {
		t.Run(name, func(t *testing.T) {
			key := generate(t, suite)
			box, err := Seal(key.Public(), about, []byte(planted))
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(box, []byte("13900001234")) || bytes.Contains(box, []byte("王某")) {
				t.Error("the box gives its content away")
			}
			if plain, err := key.Open(about, box); err != nil || string(plain) != planted {
				t.Error(string(plain), err)
			}
			if _, err := generate(t, suite).Open(about, box); !errors.Is(err, ErrUnreadable) {
				t.Error("another key:", err)
			}
			for other, of := range suites {
				if other != name {
					if _, err := generate(t, of).Open(about, box); !errors.Is(err, ErrUnreadable) {
						t.Error("a key of the other suite:", err)
					}
				}
			}
			if second, _ := Seal(key.Public(), about, []byte(planted)); bytes.Equal(box, second) {
				t.Error("the same content gives the same box")
			}
		})
	}
}

func TestABoxBelongsToItsTransfer(t *testing.T) {
	for name, suite := range suites {
		key := generate(t, suite)
		box, err := Seal(key.Public(), about, []byte(planted))
		if err != nil {
			t.Fatal(err)
		}
		for what, other := range map[string]About{
			"another group":    {Group: "cheng-yu", Transfer: about.Transfer, Receiver: about.Receiver},
			"another origin":   {Group: about.Group, Transfer: &federationv1.TransferId{Origin: "130000", Number: 7}, Receiver: about.Receiver},
			"another number":   {Group: about.Group, Transfer: &federationv1.TransferId{Origin: "110000", Number: 8}, Receiver: about.Receiver},
			"another receiver": {Group: about.Group, Transfer: about.Transfer, Receiver: "130000"},
			"a post":           {Group: about.Group, Transfer: about.Transfer, Topic: "mail/120000", Receiver: about.Receiver},
			"shifted parts":    {Group: "jing-jin-ji1", Transfer: &federationv1.TransferId{Origin: "10000", Number: 7}, Receiver: about.Receiver},
		} {
			if _, err := key.Open(other, box); !errors.Is(err, ErrUnreadable) {
				t.Errorf("%s: %s opened it: %v", name, what, err)
			}
		}
	}
}

func TestADamagedBoxStaysShut(t *testing.T) {
	for name, suite := range suites {
		key := generate(t, suite)
		box, err := Seal(key.Public(), about, []byte(planted))
		if err != nil {
			t.Fatal(err)
		}
		for i := range box {
			bad := bytes.Clone(box)
			bad[i] ^= 1
			if _, err := key.Open(about, bad); !errors.Is(err, ErrUnreadable) {
				t.Errorf("%s: byte %d is not covered: %v", name, i, err)
			}
			if _, err := key.Open(about, box[:i]); !errors.Is(err, ErrUnreadable) {
				t.Errorf("%s: cut at %d it opens: %v", name, i, err)
			}
		}
	}
}

func TestAKeyIsReplacedWithoutLosingABox(t *testing.T) {
	for name, suite := range suites {
		t.Run(name, func(t *testing.T) {
			old := generate(t, suite)
			ring := Ring{}.Add(old)
			onTheWay, err := For(ring.Public(), about, []byte(planted))
			if err != nil {
				t.Fatal(err)
			}
			ring = ring.Add(generate(t, suite))
			fresh, err := For(ring.Public(), about, []byte("new"))
			if err != nil {
				t.Fatal(err)
			}
			for want, box := range map[string]*federationv1.Sealed{planted: onTheWay, "new": fresh} {
				if plain, err := ring.Open(about, box); err != nil || string(plain) != want {
					t.Error(string(plain), err)
				}
			}
			ring = ring.Drop(old.Public().ID())
			if _, err := ring.Open(about, onTheWay); !errors.Is(err, ErrNoKey) {
				t.Error("a dropped key still opens:", err)
			}
			fresh.City = "130000"
			if _, err := ring.Open(about, fresh); !errors.Is(err, ErrUnreadable) {
				t.Error("a box for another city:", err)
			}
		})
	}
}

func TestAKeyIsKeptAsBytes(t *testing.T) {
	for name, suite := range suites {
		key := generate(t, suite)
		text, err := key.Bytes()
		if err != nil {
			t.Fatal(err)
		}
		same, err := Parse(suite, text)
		if err != nil || !bytes.Equal(same.Public().ID(), key.Public().ID()) {
			t.Fatal(name, err)
		}
		box, _ := Seal(key.Public(), about, []byte(planted))
		if plain, err := same.Open(about, box); err != nil || string(plain) != planted {
			t.Error(name, string(plain), err)
		}
	}
}

func TestWhatIsNoKeyIsRefused(t *testing.T) {
	zero := make([]byte, 32)
	if _, err := Parse(SM, zero); !errors.Is(err, ErrBadKey) {
		t.Error(err)
	}
	if _, err := Parse(AES, zero[:31]); !errors.Is(err, ErrBadKey) {
		t.Error(err)
	}
	if _, err := Generate(federationv1.Algorithm_ED25519); !errors.Is(err, ErrBadKey) {
		t.Error(err)
	}
	for _, key := range []*federationv1.Key{
		nil, {Algorithm: AES, Public: zero}, {Algorithm: AES, Public: zero[:8]}, {Algorithm: SM, Public: append([]byte{4}, make([]byte, 64)...)},
		{Algorithm: SM, Public: bytes.Repeat([]byte{4}, 65)}, {Algorithm: SM, Public: zero}, {Algorithm: federationv1.Algorithm_ED25519, Public: zero},
	} {
		if _, err := Seal(key, about, nil); !errors.Is(err, ErrBadKey) {
			t.Errorf("%v: %v", key, err)
		}
	}
}

func TestAnyContentComesBack(t *testing.T) {
	keys := map[string]*Private{}
	for name, suite := range suites {
		keys[name] = generate(t, suite)
	}
	rapid.Check(t, func(t *rapid.T) {
		key := keys[rapid.SampledFrom([]string{"aes", "sm"}).Draw(t, "suite")]
		plain := rapid.SliceOf(rapid.Byte()).Draw(t, "plain")
		box, err := Seal(key.Public(), about, plain)
		if err != nil {
			t.Fatal(err)
		}
		if got, err := key.Open(about, box); err != nil || !bytes.Equal(got, plain) {
			t.Fatal(got, err)
		}
	})
}

func FuzzOpen(f *testing.F) {
	keys := map[string]*Private{"aes": generate(f, AES), "sm": generate(f, SM)}
	for _, key := range keys {
		box, _ := Seal(key.Public(), about, []byte(planted))
		f.Add(box)
		f.Add(box[:20])
	}
	f.Fuzz(func(t *testing.T, box []byte) {
		for name, key := range keys {
			// Keys are new in each run: what opens was sealed in this very process, by the seeds.
			if plain, err := key.Open(about, box); err == nil && string(plain) != planted {
				t.Errorf("%s opened what nobody sealed: %q", name, plain)
			}
		}
	})
}

func BenchmarkSealAndOpen(b *testing.B) {
	for name, suite := range suites {
		b.Run(name, func(b *testing.B) {
			key := generate(b, suite)
			plain := make([]byte, 1024)
			for b.Loop() {
				box, err := Seal(key.Public(), about, plain)
				if err != nil {
					b.Fatal(err)
				}
				if _, err := key.Open(about, box); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
