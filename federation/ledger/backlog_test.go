package ledger

import (
	"bytes"
	"runtime"
	"testing"

	federationv1 "hotline/api/federation/v1"
)

// large makes an offer as long as an offer may be.
func (r *region) large(from, to string) *federationv1.Command {
	c := r.offer(from, to)
	c.GetOffer().Sealed[0].Sealed = make([]byte, 60<<10)
	return c
}

// offers until the region has no more room for a city's; it gives the first and how many were taken.
func (r *region) offersAll(from, to string) (first *federationv1.TransferId, n int) {
	r.t.Helper()
	for ; ; n++ {
		c := r.large(from, to)
		switch reason := r.play(c).Reason; {
		case reason == federationv1.Reason_BACKLOG:
			return first, n
		case reason != ok:
			r.t.Fatal(reason)
		case n == 0:
			first = c.GetTransfer()
		}
	}
}

// The rules of a region that was founded before may still say 256 MiB.
func TestFromVersion3OnACityHasItsOwnBoundWhateverTheRulesSay(t *testing.T) {
	r := upgraded(t)
	first, n := r.offersAll(tianjin, hebei)
	if m := r.ledger.members[r.id(tianjin)]; m.held > cityBacklog || m.held < cityBacklog-64<<10 {
		t.Fatal(n, " offers are ", m.held)
	}
	// What frees the others goes on, whoever does it, and so do they.
	more := r.on(tianjin, first, r.act("supplement", first))
	more.GetSupplement().Sealed[0].Sealed = make([]byte, 60<<10)
	r.refuse(more, federationv1.Reason_BACKLOG)
	r.steps(first, [2]string{hebei, "decline"}, [2]string{tianjin, "withdraw"})
	r.take(r.acknowledge(hebei, 3, first))
	r.take(r.acknowledge(tianjin, 3, first))
	r.take(r.large(tianjin, hebei)) // there is room again
	r.take(r.large(beijing, tianjin))
	less := upgraded(t)
	less.rule(func(rules *federationv1.Rules) { rules.Backlog = 1 << 20 })
	if _, n := less.offersAll(tianjin, hebei); n != 16 {
		t.Error("by its own rules the region takes ", n)
	}
}

func TestAFullRegionLeavesEachCityItsShare(t *testing.T) {
	r := upgraded(t)
	codes := []string{beijing, tianjin, hebei, shanxi}
	for _, code := range []string{"200001", "200002", "200003", "200004"} {
		r.cities[code] = newOffice(code, "")
		c := r.joining(code)
		c.GetJoin().Speaks = Version
		r.take(r.govern(beijing, c))
		codes = append(codes, code)
	}
	for k, code := range codes { // half of them leave all they may
		other := codes[(k+1)%len(codes)]
		_, n := r.offersAll(code, other)
		held, share := r.ledger.members[r.id(code)].held, uint64(regionBacklog/len(codes))
		if k < 4 && held < cityBacklog-64<<10 || k >= 4 && (held > share || held < share-64<<10) {
			t.Errorf("%s leaves %d in %d offers", code, held, n)
		}
	}
	if r.ledger.held > 2*regionBacklog {
		t.Error("the region keeps ", r.ledger.held)
	}
	// What was offered comes nearer to its end.
	r.steps(&federationv1.TransferId{Origin: beijing, Number: 1}, [2]string{tianjin, "accept"}, [2]string{tianjin, "reply"}, [2]string{tianjin, "conclude"})
	after := r.bytes()
	if err := r.ledger.Restore(bytes.NewReader(after)); err != nil || r.ledger.held <= regionBacklog {
		t.Error("after a restart the region counts ", r.ledger.held, err)
	}
}

func TestStepsThatEndNothingStopWhenARegionIsOverfull(t *testing.T) {
	r := upgraded(t)
	first, n := r.offersAll(tianjin, hebei)
	others := r.large(beijing, hebei)
	r.take(others)
	long := func(i *federationv1.TransferId, name string) *federationv1.Command {
		c := r.on(hebei, i, r.act(name, i))
		c.GetReply().Sealed = []*federationv1.Sealed{{City: tianjin, Key: r.cities[tianjin].sealing.ID(), Sealed: make([]byte, 60<<10)}}
		return c
	}
	refused := 0
	for k := range uint64(n) {
		i := &federationv1.TransferId{Origin: tianjin, Number: first.GetNumber() + k}
		if r.play(r.on(hebei, i, r.act("accept", i))).Reason != ok {
			t.Fatal("not accepted")
		}
		c := long(i, "reply")
		if reason := r.play(c).Reason; reason == federationv1.Reason_BACKLOG {
			refused++
		} else if reason != ok {
			t.Fatal(reason)
		}
	}
	if held := r.ledger.members[r.id(hebei)].held; refused != 0 || held > cityBacklog+cityBacklog/2 {
		t.Error(refused, " replies were refused at ", held)
	}
	for k := uint64(0); refused == 0; k++ { // the same city goes on and on
		c := r.large(shanxi, hebei)
		r.take(c)
		i := c.GetTransfer()
		r.take(r.on(hebei, i, r.act("accept", i)))
		c = r.on(hebei, i, r.act("reply", i))
		c.GetReply().Sealed = []*federationv1.Sealed{{City: shanxi, Key: r.cities[shanxi].sealing.ID(), Sealed: make([]byte, 60<<10)}}
		if reason := r.play(c).Reason; reason == federationv1.Reason_BACKLOG {
			refused++
		} else if reason != ok {
			t.Fatal(k, reason)
		}
	}
	if held := r.ledger.members[r.id(hebei)].held; held > cityBacklog+cityBacklog/2 {
		t.Error("a city leaves ", held)
	}
	r.steps(others.GetTransfer(), [2]string{hebei, "decline"}) // it can still say no
}

func TestBeforeAllKnowTheBoundsARegionGoesByItsRules(t *testing.T) {
	r := newRegion(t)
	r.upgrade(2)
	for range cityBacklog/(60<<10) + 1 {
		r.take(r.large(tianjin, hebei))
	}
	if r.ledger.members[r.id(tianjin)].held <= cityBacklog {
		t.Error("too little was offered to tell")
	}
	// When they do, what is there stays, and nothing comes to it.
	r.upgrade(3)
	r.refuse(r.large(tianjin, hebei), federationv1.Reason_BACKLOG)
}

func (r *region) id(code string) city {
	c, known := parseCity(code)
	if !known {
		r.t.Fatal(code)
	}
	return c
}

// BenchmarkFull is no speed but a size: forty cities offer short cases, none of which anybody takes, until the region is full. Run it with
// -benchtime 1x.
func BenchmarkFull(b *testing.B) {
	for b.Loop() {
		f := newFleet(b, 40, Version)
		for full := map[string]bool{}; len(full) < len(f.cities); {
			var offers []*federationv1.Command
			for k := range 25 * len(f.cities) {
				if from := f.cities[k%len(f.cities)]; !full[from] {
					offers = append(offers, f.opening(k))
				}
			}
			for i, signed := range f.signed(offers...) {
				result, err := f.ledger.Apply(signed, f.now)
				switch {
				case err == nil && result.Reason == federationv1.Reason_BACKLOG:
					full[offers[i].GetCity()] = true
				case err != nil || result.Reason != ok:
					b.Fatal(result, err)
				}
			}
		}
		b.ReportMetric(float64(f.ledger.Figures().Open), "transfers")
		b.ReportMetric(float64(f.ledger.held)/1e6, "MB-counted")
		var m runtime.MemStats
		b.ReportMetric(heapMB(), "MB-heap")
		b.ReportMetric(float64(len(snapshotBytes(b, f.ledger)))/1e6, "MB-snapshot")
		runtime.ReadMemStats(&m)
		b.ReportMetric(float64(m.Sys)/1e6, "MB-from-the-system")
		runtime.KeepAlive(f.ledger)
	}
}
