package ledger

import (
	"bytes"
	"crypto"
	"crypto/rand"
	"fmt"
	"io"
	"slices"
	"testing"

	"github.com/emmansun/gmsm/sm2"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	federationv1 "hotline/api/federation/v1"
)

// newTreeRegion is a region all of whose members know trees.
func newTreeRegion(t testing.TB) *region {
	r := newRegion(t)
	for _, code := range []string{beijing, tianjin, hebei, shanxi} {
		r.take(r.govern(code, announce(Version)))
	}
	return r
}

// offers are so many offers of a city, each under its own number.
func (r *region) offers(from, to string, n int) (list []*federationv1.Command) {
	number, _ := r.ledger.Next(from)
	for k := range n {
		list = append(list, r.offerAs(&federationv1.TransferId{Origin: from, Number: number + uint64(k)}, to))
	}
	return list
}

func (r *region) signAll(list ...*federationv1.Command) [][]byte {
	r.t.Helper()
	o := r.cities[list[0].GetCity()]
	all, err := SignAll(list, o.signing, o.private, r.ledger.Figures().Version)
	if err != nil {
		r.t.Fatal(err)
	}
	return all
}

func TestActsSignedTogetherAreEachVerifiedByThemselves(t *testing.T) {
	for _, n := range []int{1, 2, 3, 5, 64, 300} {
		t.Run(fmt.Sprint(n), func(t *testing.T) {
			r := newTreeRegion(t)
			list := r.offers(beijing, tianjin, n)
			for k, signed := range r.signAll(list...) {
				alone := newLike(t, r) // it has seen no other act of the tree
				if refusal := alone.Admit(signed, r.now); refusal != nil {
					t.Fatal(k, refusal)
				}
				c, refusal := newLike(t, r).Verify(signed)
				if refusal != nil || !proto.Equal(c, list[k]) {
					t.Fatal(k, refusal)
				}
				if result := r.playBytes(signed); result.Reason != ok {
					t.Fatal(k, result)
				}
				if n > 5 && k == 9 {
					break
				}
			}
		})
	}
}

// A city that gets them from a snapshot, long after, has nothing but the acts.
func TestActsSignedTogetherAreVerifiedOutOfASnapshot(t *testing.T) {
	r := newTreeRegion(t)
	for _, signed := range r.signAll(r.offers(beijing, tianjin, 7)...) {
		r.playBytes(signed)
	}
	r.take(r.govern(beijing, rotate(newOffice(beijing, "second"))))
	other := newLike(t, r)
	waiting := other.Waiting(tianjin)
	if len(waiting) != 7 {
		t.Fatal(len(waiting))
	}
	for _, a := range waiting {
		if _, refusal := other.Verify(a.GetSigned()); refusal != nil {
			t.Error(refusal)
		}
	}
}

// respell opens a signed act, changes what is signed or how, and closes it again.
func respell(t testing.TB, signed []byte, change func(*federationv1.Signed)) []byte {
	t.Helper()
	s := new(federationv1.Signed)
	if err := proto.Unmarshal(signed, s); err != nil {
		t.Fatal(err)
	}
	change(s)
	return marshal(t, s)
}

func rewrite(t testing.TB, text []byte) []byte {
	t.Helper()
	c := new(federationv1.Command)
	if err := proto.Unmarshal(text, c); err != nil {
		t.Fatal(err)
	}
	c.GetOffer().Basis = "别处"
	return marshal(t, c)
}

func TestWhatATreeDoesNotBearIsForged(t *testing.T) {
	r := newTreeRegion(t)
	ours := r.signAll(r.offers(beijing, tianjin, 6)...)
	others := r.signAll(r.offers(hebei, tianjin, 6)...)
	alone := r.sign(r.offers(beijing, tianjin, 1)[0])
	var foreign, single federationv1.Signed
	if err := proto.Unmarshal(others[2], &foreign); err != nil {
		t.Fatal(err)
	}
	if err := proto.Unmarshal(alone, &single); err != nil {
		t.Fatal(err)
	}
	thief := r.cities[hebei]
	byThief, err := SignAll(r.offers(beijing, tianjin, 6), r.cities[beijing].signing, thief.private, Version)
	if err != nil {
		t.Fatal(err)
	}
	forgeries := map[string][]byte{
		"one act of the batch rewritten": respell(t, ours[2], func(s *federationv1.Signed) { s.Command = rewrite(t, s.GetCommand()) }),
		"another leaf":                   respell(t, ours[2], func(s *federationv1.Signed) { s.Branch.Leaf ^= 1 }),
		"a hash of the path changed":     respell(t, ours[2], func(s *federationv1.Signed) { s.Branch.Path[40] ^= 1 }),
		"a shorter path":                 respell(t, ours[0], func(s *federationv1.Signed) { s.Branch.Path = s.Branch.Path[:64] }),
		"a longer path":                  respell(t, ours[2], func(s *federationv1.Signed) { s.Branch.Path = append(s.Branch.Path, make([]byte, 32)...) }),
		"the branch of another act":      respell(t, ours[2], func(s *federationv1.Signed) { s.Branch = branchOf(t, ours[3]) }),
		"the tree of another city":       respell(t, ours[2], func(s *federationv1.Signed) { s.Signature, s.Branch = foreign.Signature, foreign.Branch }),
		"another head's signature":       respell(t, ours[2], func(s *federationv1.Signed) { s.Signature = foreign.Signature }),
		"a head's signature, no branch":  respell(t, ours[2], func(s *federationv1.Signed) { s.Branch = nil }),
		"a single signature, a branch":   respell(t, ours[2], func(s *federationv1.Signed) { s.Signature = single.Signature }),
		"a signature spoilt":             respell(t, ours[2], func(s *federationv1.Signed) { s.Signature[5] ^= 1 }),
		"a tree that a thief has signed": byThief[1],
	}
	strict := newLike(t, r)
	strict.rules = proto.CloneOf(strict.rules)
	strict.rules.VerifyAtApply = true
	for _, remembered := range []bool{false, true} {
		for name, forged := range forgeries {
			t.Run(fmt.Sprint(name, remembered), func(t *testing.T) {
				r.t = t
				r.refuseBytes(forged, federationv1.Reason_FORGED)
				if _, refusal := r.ledger.Verify(forged); refusal.GetReason() != federationv1.Reason_FORGED {
					t.Error("a city would act on it", refusal)
				}
				if result, err := strict.Apply(forged, r.now); err != nil || result.Reason != federationv1.Reason_FORGED {
					t.Error("a node would apply it", result, err)
				}
			})
		}
		// The same once more when the door knows the genuine heads.
		for _, signed := range [][]byte{ours[5], others[5]} {
			for _, l := range []*Ledger{r.ledger, strict} {
				if refusal := l.Admit(signed, r.now); refusal != nil {
					t.Fatal(refusal)
				}
			}
		}
	}
	if result := r.playBytes(ours[2]); result.Reason != ok {
		t.Error("the genuine one", result)
	}
}

func branchOf(t testing.TB, signed []byte) *federationv1.Branch {
	var s federationv1.Signed
	if err := proto.Unmarshal(signed, &s); err != nil {
		t.Fatal(err)
	}
	return s.Branch
}

func TestABranchHasOneSpelling(t *testing.T) {
	r := newTreeRegion(t)
	signed := r.signAll(r.offers(beijing, tianjin, 4)...)[1]
	for name, change := range map[string]func(*federationv1.Signed){
		"no path":              func(s *federationv1.Signed) { s.Branch.Path = nil },
		"an empty branch":      func(s *federationv1.Signed) { s.Branch = &federationv1.Branch{} },
		"half a hash":          func(s *federationv1.Signed) { s.Branch.Path = s.Branch.Path[:48] },
		"a leaf beside it":     func(s *federationv1.Signed) { s.Branch.Leaf += 4 },
		"a leaf far beside it": func(s *federationv1.Signed) { s.Branch.Leaf |= 1 << 31 },
		"eleven hashes":        func(s *federationv1.Signed) { s.Branch.Path = make([]byte, 11*32) },
	} {
		t.Run(name, func(t *testing.T) {
			r.t = t
			r.refuseBytes(respell(t, signed, change), federationv1.Reason_MALFORMED)
		})
	}
	r.t = t
	first := r.signAll(r.offers(beijing, tianjin, 4)...)[0]
	zero := respell(t, first, func(s *federationv1.Signed) { s.Branch = nil })
	branch := marshal(t, branchOf(t, first))
	zero = protowire.AppendTag(zero, 3, protowire.BytesType)
	zero = protowire.AppendBytes(zero, append([]byte{1 << 3, 0}, branch...)) // leaf 0, said although it is zero
	r.refuseBytes(zero, federationv1.Reason_MALFORMED)
	strange := respell(t, first, func(s *federationv1.Signed) { s.Branch.ProtoReflect().SetUnknown([]byte{9 << 3, 1}) })
	r.refuseBytes(strange, federationv1.Reason_UNSUPPORTED)
	if result := r.playBytes(first); result.Reason != ok {
		t.Error(result)
	}
}

func TestARegionOfAnOlderVersionTakesNoTreesAndItsCitiesSignSingly(t *testing.T) {
	r := newRegion(t)
	o, list := r.cities[beijing], r.offers(beijing, tianjin, 3)
	tree, err := SignAll(list, o.signing, o.private, Version)
	if err != nil {
		t.Fatal(err)
	}
	for _, signed := range tree {
		r.refuseBytes(signed, federationv1.Reason_UNSUPPORTED)
		if _, refusal := r.ledger.Verify(signed); refusal.GetReason() != federationv1.Reason_UNSUPPORTED {
			t.Error(refusal)
		}
		// To a build of the version before, the branch is a field that it does not know.
		if f := new(federationv1.Signed).ProtoReflect().Descriptor().Fields().ByName("branch"); since(f) != 2 || f.Number() != 3 {
			t.Error(f)
		}
	}
	for _, signed := range r.signAll(list...) {
		if branchOf(t, signed) != nil {
			t.Error("signed as a tree in a region of version 1")
		}
		if result := r.playBytes(signed); result.Reason != ok {
			t.Error(result)
		}
	}
}

func TestAnActThatHasNoRoomForABranchIsSignedByItself(t *testing.T) {
	r := newTreeRegion(t)
	list := r.offers(beijing, tianjin, 3)
	list[1].GetOffer().Sealed[0].Sealed = make([]byte, MaxCommand-500)
	all := r.signAll(list...)
	for k, alone := range []bool{false, true, false} {
		if (branchOf(t, all[k]) == nil) != alone {
			t.Error(k, alone)
		}
		if result := r.playBytes(all[k]); result.Reason != ok {
			t.Error(k, result)
		}
	}
}

func TestSM2SignsTreesAsWell(t *testing.T) {
	r := newTreeRegion(t)
	key, err := sm2.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	public := append([]byte{4}, key.X.FillBytes(make([]byte, 32))...)
	signing := &federationv1.Key{Algorithm: federationv1.Algorithm_SM2_SM3, Public: append(public, key.Y.FillBytes(make([]byte, 32))...)}
	r.take(r.govern(hebei, &federationv1.Command{Act: &federationv1.Command_RotateKeys{RotateKeys: &federationv1.RotateKeys{City: hebei, Signing: signing}}}))
	all, err := SignAll(r.offers(hebei, tianjin, 3), signing, key, Version)
	if err != nil {
		t.Fatal(err)
	}
	r.refuseBytes(respell(t, all[1], func(s *federationv1.Signed) { s.Branch.Leaf ^= 1 }), federationv1.Reason_FORGED)
	for _, signed := range all {
		if result := r.playBytes(signed); result.Reason != ok {
			t.Error(result)
		}
	}
}

// counted counts how often a key was asked.
type counted struct {
	crypto.Signer
	times int
}

func (c *counted) Sign(random io.Reader, text []byte, opts crypto.SignerOpts) ([]byte, error) {
	c.times++
	return c.Signer.Sign(random, text, opts)
}

func TestABatchTakesOneSignatureAndOneVerification(t *testing.T) {
	r := newTreeRegion(t)
	o := r.cities[beijing]
	pen := &counted{Signer: o.private}
	all, err := SignAll(r.offers(beijing, tianjin, 200), o.signing, pen, Version)
	if err != nil || pen.times != 1 {
		t.Fatal(pen.times, err)
	}
	before := len(r.ledger.verified.young)
	for _, signed := range all {
		if refusal := r.ledger.Admit(signed, r.now); refusal != nil {
			t.Fatal(refusal)
		}
	}
	if n := len(r.ledger.verified.young) - before; n != 1 {
		t.Errorf("%d heads are remembered", n)
	}
}

func TestWhatTheDoorRemembersIsBounded(t *testing.T) {
	r := newTreeRegion(t)
	var l lately[int, struct{}]
	for k := range 10 * atLeast {
		l.add(k, struct{}{})
		if n := len(l.young) + len(l.old); n > 2*atLeast {
			t.Fatalf("%d are remembered", n)
		}
		for _, recent := range []int{k, max(0, k-atLeast/2)} {
			if _, is := l.get(recent); !is {
				t.Fatalf("%d is forgotten at %d", recent, k)
			}
		}
	}
	// What was admitted is forgotten as it is applied, and what never is does not stay for ever.
	offers := r.signAll(r.offers(beijing, tianjin, 3)...)
	for range 3 {
		for _, signed := range offers {
			if refusal := r.ledger.Admit(bytes.Clone(signed), r.now); refusal != nil {
				t.Fatal(refusal)
			}
		}
	}
	before := len(r.ledger.admitted.young)
	for _, signed := range offers {
		r.playBytes(signed)
	}
	if after := len(r.ledger.admitted.young); before != 9 || after != before {
		t.Error(before, after)
	}
}

func TestALeafIsNoNode(t *testing.T) {
	left, right := leafHash([]byte("a")), leafHash([]byte("b"))
	if nodeHash(left, right) == leafHash(slices.Concat(left[:], right[:])) {
		t.Error("a command could be made of two hashes")
	}
	if bytes.HasPrefix(headText(1, left), []byte(prefix)) || bytes.HasPrefix([]byte(prefix), []byte(treePrefix)) {
		t.Error("a head could be a command")
	}
}

// readPlainly is read as it can be said in the fewest words.
func readPlainly(text []byte, version uint32) federationv1.Reason {
	var c federationv1.Command
	switch {
	case proto.Unmarshal(text, &c) != nil:
		return federationv1.Reason_MALFORMED
	case newerPlainly(c.ProtoReflect(), version):
		return federationv1.Reason_UNSUPPORTED
	case proto.Size(&c) != len(text):
		return federationv1.Reason_MALFORMED
	}
	return ok
}

// newerPlainly walks through everything that is there.
func newerPlainly(m protoreflect.Message, version uint32) bool {
	newer := len(m.GetUnknown()) > 0
	look := func(f protoreflect.FieldDescriptor, v protoreflect.Value) {
		switch f.Kind() {
		case protoreflect.MessageKind:
			newer = newer || newerPlainly(v.Message(), version)
		case protoreflect.EnumKind:
			known := valuesOf(f.Enum())[v.Enum()]
			newer = newer || known == 0 || known > version
		}
	}
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		newer = newer || since(f) > version
		if !f.IsList() {
			look(f, v)
			return true
		}
		for i := range v.List().Len() {
			look(f, v.List().Get(i))
		}
		return true
	})
	return newer
}

func seeds(f *testing.F) [][]byte {
	r := newTreeRegion(f)
	all := r.signAll(r.offers(beijing, tianjin, 5)...)
	i := r.walk()
	for _, name := range actNames {
		all = append(all, r.sign(r.on(tianjin, i, r.act(name, i))))
	}
	for _, c := range []*federationv1.Command{r.joining(shanghai), announce(2), rotate(newOffice(beijing, "2")), appoint(hebei), setRules(DefaultRules())} {
		all = append(all, r.sign(r.govern(beijing, c)))
	}
	return append(all, r.sign(r.acknowledge(tianjin, 1, i)))
}

// FuzzRead: the short way of reading finds what the plain one does, for any bytes.
func FuzzRead(f *testing.F) {
	for _, signed := range seeds(f) {
		e, _ := open(signed, Version)
		f.Add(e.text)
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		for version := uint32(1); version <= Version; version++ {
			if got, want := read(text, new(federationv1.Command), version), readPlainly(text, version); got != want {
				t.Errorf("version %d: %v, not %v", version, got, want)
			}
		}
	})
}

// FuzzOpen: what is opened without a copy is what the library would read, and there is one spelling of it.
func FuzzOpen(f *testing.F) {
	for _, signed := range seeds(f) {
		f.Add(signed)
	}
	f.Fuzz(func(t *testing.T, signed []byte) {
		var s federationv1.Signed
		bad := proto.Unmarshal(signed, &s) != nil
		if e, plain := openPlain(signed); plain {
			if bad || !bytes.Equal(e.text, s.GetCommand()) || !bytes.Equal(e.signature, s.GetSignature()) || !proto.Equal(e.branch, s.Branch) || proto.Size(&s) != len(signed) || unknown(s.ProtoReflect()) {
				t.Fatalf("%v is not %v", e, &s)
			}
		}
		for version := uint32(1); version <= Version; version++ {
			want := ok
			switch {
			case bad:
				want = federationv1.Reason_MALFORMED
			case unknown(s.ProtoReflect()) || s.Branch != nil && version < treesSince:
				want = federationv1.Reason_UNSUPPORTED
			case proto.Size(&s) != len(signed) || s.Branch != nil && !sound(s.Branch):
				want = federationv1.Reason_MALFORMED
			}
			if _, got := open(signed, version); got != want {
				t.Errorf("version %d: %v, not %v", version, got, want)
			}
			if c, reason := decode(signed, version); reason == ok {
				if c.branch != nil {
					head(c.text, c.branch) // any branch that is sound leads somewhere
				}
			}
		}
	})
}
