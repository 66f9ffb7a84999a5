package ledger

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"testing"

	"google.golang.org/protobuf/proto"

	federationv1 "hotline/api/federation/v1"
)

// busy is a region with transfers in every state.
func busy(t testing.TB) *region {
	r := newRegion(t)
	r.walk()
	r.walk([2]string{tianjin, "decline"}, [2]string{beijing, "dispute"})
	r.walk([2]string{tianjin, "accept"}, [2]string{tianjin, "reply"})
	r.take(r.acknowledge(beijing, 3, r.walk([2]string{tianjin, "accept"}, [2]string{tianjin, "handle"})))
	gone := r.walk([2]string{beijing, "withdraw"})
	r.take(r.acknowledge(beijing, 2, gone))
	r.take(r.acknowledge(tianjin, 2, gone))
	r.take(r.govern(tianjin, rotate(newOffice(tianjin, "second"))))
	r.cities[tianjin] = newOffice(tianjin, "second")
	return r
}

func TestASnapshotBringsBackTheWholeState(t *testing.T) {
	r := busy(t)
	other := newLike(t, r)
	if !bytes.Equal(r.bytes(), snapshotBytes(t, other)) {
		t.Fatal("it is not the same")
	}
	for who := range r.cities {
		a, b := r.ledger.Waiting(who), other.Waiting(who)
		if len(a) != len(b) {
			t.Fatal(who, len(a), len(b))
		}
		for n := range a {
			if !proto.Equal(a[n], b[n]) {
				t.Error(who, n)
			}
		}
	}
	c := r.sign(r.offer(hebei, tianjin))
	r.playBytes(c)
	if _, err := other.Apply(c, r.now); err != nil || !bytes.Equal(r.bytes(), snapshotBytes(t, other)) {
		t.Error("they do not go on alike", err)
	}
}

func TestASnapshotStandsStillWhileTheLedgerGoesOn(t *testing.T) {
	r := busy(t)
	before := r.bytes()
	s := r.ledger.Snapshot()
	i := r.walk([2]string{tianjin, "accept"}, [2]string{tianjin, "handle"})
	r.take(r.acknowledge(beijing, 3, i))
	r.steps(&federationv1.TransferId{Origin: beijing, Number: 1}, [2]string{tianjin, "accept"})
	r.take(r.govern(beijing, revoke(shanxi)))
	r.take(r.govern(beijing, appoint(hebei)))
	var b bytes.Buffer
	if _, err := s.WriteTo(&b); err != nil || !bytes.Equal(b.Bytes(), before) {
		t.Error("it moved", err)
	}
}

func TestADamagedSnapshotChangesNothing(t *testing.T) {
	r := busy(t)
	good := r.bytes()
	try := func(name string, bad []byte) {
		t.Helper()
		if err := r.ledger.Restore(bytes.NewReader(bad)); !errors.Is(err, ErrDamaged) && !errors.Is(err, ErrTooOld) {
			t.Fatalf("%s: %v", name, err)
		}
	}
	for n := range good {
		try(fmt.Sprint("cut at ", n), good[:n])
		bad := bytes.Clone(good)
		bad[n] ^= 4
		try(fmt.Sprint("changed at ", n), bad)
	}
	try("a length beyond all bounds", binary.AppendUvarint(nil, 1<<60))
	if !bytes.Equal(good, r.bytes()) {
		t.Error("it changed something")
	}
}

func TestASnapshotOfAnotherGroupIsRefused(t *testing.T) {
	r := busy(t)
	other, err := New(newOffice(beijing, "").genesis("national"))
	if err != nil {
		t.Fatal(err)
	}
	if err := other.Restore(bytes.NewReader(r.bytes())); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
}

func FuzzApply(f *testing.F) {
	r := busy(f)
	i := &federationv1.TransferId{Origin: beijing, Number: 1}
	f.Add(r.sign(r.offer(beijing, hebei)))
	for _, name := range actNames {
		f.Add(r.sign(r.on(tianjin, i, r.act(name, i))))
	}
	f.Add(r.sign(r.acknowledge(tianjin, 1, i)))
	f.Add(r.sign(r.govern(beijing, revoke(hebei))))
	state := r.bytes()
	f.Fuzz(func(t *testing.T, signed []byte) {
		one, other := newLike(t, r), newLike(t, r)
		a, errA := one.Apply(bytes.Clone(signed), r.now)
		b, errB := other.Apply(signed, r.now)
		if a != b || errA != nil || errB != nil || !bytes.Equal(snapshotBytes(t, one), snapshotBytes(t, other)) {
			t.Fatal("two nodes went apart", a, b, errA, errB)
		}
		if (a.Reason != ok || a.Again) && !bytes.Equal(state, snapshotBytes(t, one)) {
			t.Fatal("what was refused changed the state", a)
		}
		refusal := one.Admit(signed, r.now)
		if _, again := one.Verify(signed); (refusal == nil) && again != nil {
			t.Fatal("admitted, but not verified", again)
		}
	})
}

func FuzzRestore(f *testing.F) {
	r := busy(f)
	f.Add(r.bytes())
	f.Fuzz(func(t *testing.T, b []byte) {
		l := newLike(t, r)
		if l.Restore(bytes.NewReader(b)) != nil && !bytes.Equal(r.bytes(), snapshotBytes(t, l)) {
			t.Fatal("a refused snapshot changed the state")
		}
	})
}
