package ledger

import (
	"testing"

	federationv1 "hotline/api/federation/v1"
)

func TestTransfersAreShownInOrderPageByPage(t *testing.T) {
	r := newRegion(t)
	for range atATime {
		r.take(r.offer(tianjin, hebei))
		r.take(r.offer(beijing, tianjin))
	}
	var all []*federationv1.TransferId
	var after *federationv1.TransferId
	for pages := 0; pages == 0 || after != nil; pages++ {
		from, n := after, 0
		after = nil
		for shown := range r.ledger.Transfers(from) {
			if len(shown.GetActs()) > 0 || shown.GetState() != offered {
				t.Fatal(shown)
			}
			all = append(all, shown.GetId())
			if n++; n == 50 {
				after = shown.GetId()
				break
			}
		}
	}
	if len(all) != 2*atATime {
		t.Fatal(len(all), "are shown")
	}
	for n, i := range all {
		want := &federationv1.TransferId{Origin: beijing, Number: uint64(n + 1)}
		if n >= atATime {
			want = &federationv1.TransferId{Origin: tianjin, Number: uint64(n - atATime + 1)}
		}
		if i.String() != want.String() {
			t.Fatal(n, i)
		}
	}
	// What leaves while it is shown does not stop it.
	n := 0
	for shown := range r.ledger.Transfers(nil) {
		if n++; n == 1 {
			last := &federationv1.TransferId{Origin: tianjin, Number: atATime}
			r.take(r.on(tianjin, last, r.act("withdraw", last)))
			r.take(r.acknowledge(tianjin, 2, last))
			r.take(r.acknowledge(hebei, 2, last))
		}
		if shown.GetId().GetOrigin() == tianjin && shown.GetId().GetNumber() == atATime {
			t.Error("it is gone")
		}
	}
}
