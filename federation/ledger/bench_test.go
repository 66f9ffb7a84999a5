package ledger

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"slices"
	"syscall"
	"testing"
	"time"

	federationv1 "hotline/api/federation/v1"
)

// life are the acts of a whole transfer; with the acknowledgements of both cities it leaves memory.
var life = []string{"sign", "accept", "handle", "reply", "conclude", "callback"}

// fleet makes commands of many cities fast: each signs together what it has.
type fleet struct {
	*region
	cities  []string
	numbers map[string]uint64
	applied int
}

// newFleet are cities in a region of a version: from 3 on it takes no more offers than it has room for.
func newFleet(b testing.TB, n int, version uint32) *fleet {
	f := &fleet{region: newRegion(b), numbers: map[string]uint64{}}
	f.upgrade(version)
	for k := range n {
		code := fmt.Sprintf("%06d", 200000+k)
		f.region.cities[code] = newOffice(code, "")
		c := f.joining(code)
		c.GetJoin().Speaks = version
		f.take(f.govern(beijing, c))
		f.cities = append(f.cities, code)
	}
	return f
}

// signed are commands as they go through the log, in their order, up to 256 of a city in one tree.
func (f *fleet) signed(commands ...*federationv1.Command) [][]byte {
	all, of := make([][]byte, len(commands)), map[string][]int{}
	for i, c := range commands {
		of[c.GetCity()] = append(of[c.GetCity()], i)
	}
	for code, places := range of {
		o := f.region.cities[code]
		for some := range slices.Chunk(places, 256) {
			own := make([]*federationv1.Command, len(some))
			for k, i := range some {
				own[k] = commands[i]
			}
			signed, err := SignAll(own, o.signing, o.private, Version)
			if err != nil {
				f.region.t.Fatal(err)
			}
			for k, i := range some {
				all[i] = signed[k]
			}
		}
	}
	return all
}

func (f *fleet) apply(signed []byte) {
	result, err := f.ledger.Apply(signed, f.now)
	if err != nil || result.Reason != ok {
		f.region.t.Fatal(result, err)
	}
	f.applied++
}

// opening is an offer of about 1 KiB from one city of the fleet to the next.
func (f *fleet) opening(k int) *federationv1.Command {
	from, to := f.cities[k%len(f.cities)], f.cities[(k+1)%len(f.cities)]
	f.numbers[from]++
	c := f.offerAs(&federationv1.TransferId{Origin: from, Number: f.numbers[from]}, to)
	c.GetOffer().Sealed[0].Sealed = make([]byte, 700)
	return c
}

// rest is what follows the offer, to the acknowledgements.
func (f *fleet) rest(i *federationv1.TransferId, to string) (commands []*federationv1.Command) {
	for n, name := range life {
		c := f.act(name, i)
		c.Transfer, c.Sequence = i, uint64(n+2)
		commands = append(commands, f.fill(to, c))
	}
	for _, who := range []string{i.GetOrigin(), to} {
		commands = append(commands, f.acknowledge(who, uint64(len(life)+1), i))
	}
	return commands
}

// whole is the life of the next transfers, act after act.
func (f *fleet) whole(transfers int) (commands []*federationv1.Command) {
	for k := range transfers {
		offer := f.opening(k)
		commands = append(append(commands, offer), f.rest(offer.GetTransfer(), f.cities[(k+1)%len(f.cities)])...)
	}
	return commands
}

// BenchmarkApply is one act of a whole life, from the offer of 1 KiB to the two acknowledgements, on a node that sees it first: with what
// it takes to verify it.
func BenchmarkApply(b *testing.B) {
	f := newFleet(b, 10, 2)
	commands := f.signed(f.whole(b.N/9 + 1)...)
	b.ReportAllocs()
	b.ResetTimer()
	for _, c := range commands[:b.N] {
		f.apply(c)
	}
}

// BenchmarkApplyOffer is the dearest act alone, on a node that sees it first: signed with others, signed by itself, and where the coordinator
// left it to the cities to verify. Of a shared machine the processor's time tells more than the clock's.
func BenchmarkApplyOffer(b *testing.B) {
	for _, how := range []string{"together", "alone", "unverified"} {
		b.Run(how, func(b *testing.B) {
			f := newFleet(b, 10, 2)
			f.rule(func(r *federationv1.Rules) { r.VerifyAtApply, r.Backlog = how != "unverified", 1<<40 })
			offers := make([]*federationv1.Command, b.N)
			for k := range offers {
				offers[k] = f.opening(k)
			}
			var commands [][]byte
			if how == "alone" {
				for _, c := range offers {
					commands = append(commands, f.sign(c))
				}
			} else {
				commands = f.signed(offers...)
			}
			b.ReportAllocs()
			b.ResetTimer()
			before := processor(b)
			for _, c := range commands {
				f.apply(c)
			}
			b.ReportMetric(float64(processor(b)-before)/float64(b.N), "processor-ns/op")
		})
	}
}

// processor is the time that this process has had of all processors.
func processor(b *testing.B) int64 {
	var r syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &r); err != nil {
		b.Fatal(err)
	}
	return r.Utime.Nano() + r.Stime.Nano()
}

// BenchmarkAdmit is what the door costs an act of 1 KiB, the signature above all: signed by itself and together with others.
func BenchmarkAdmit(b *testing.B) {
	for _, together := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprint(together), func(b *testing.B) {
			r := newTreeRegion(b)
			list := r.offers(beijing, tianjin, together)
			for _, c := range list {
				c.GetOffer().Sealed[0].Sealed = make([]byte, 700)
			}
			all := r.signAll(list...)
			for n := 0; b.Loop(); n++ {
				if n%together == 0 { // another batch
					r.ledger.verified = lately[hashed, struct{}]{}
				}
				if refusal := r.ledger.Admit(all[n%together], r.now); refusal != nil {
					b.Fatal(refusal)
				}
			}
		})
	}
}

// BenchmarkMillion is no speed but a size: 100 thousand transfers open and a million over. Run it with -benchtime 1x.
// open: the parties have taken the offer, as is usual. waiting: the 1 KiB of every offer still waits for the other city.
func BenchmarkMillion(b *testing.B) {
	for _, waiting := range []bool{false, true} {
		b.Run(map[bool]string{false: "open", true: "waiting"}[waiting], func(b *testing.B) {
			for b.Loop() {
				million(b, waiting)
			}
		})
	}
}

func million(b *testing.B, waiting bool) {
	const finished, open, atOnce = 1_000_000, 100_000, 1000
	f := newFleet(b, 40, 2)
	started := time.Now()
	for range finished / atOnce {
		for _, c := range f.signed(f.whole(atOnce)...) {
			f.apply(c)
		}
	}
	for range open / atOnce {
		var commands []*federationv1.Command
		for k := range atOnce {
			offer := f.opening(k)
			if commands = append(commands, offer); !waiting {
				i := offer.GetTransfer()
				commands = append(commands, f.acknowledge(i.GetOrigin(), 1, i), f.acknowledge(f.cities[(k+1)%len(f.cities)], 1, i))
			}
		}
		for _, c := range f.signed(commands...) {
			f.apply(c)
		}
	}
	if figures := f.ledger.Figures(); figures.Open != open || figures.Gone != finished {
		b.Fatal(figures)
	}
	b.ReportMetric(float64(f.applied)/time.Since(started).Seconds(), "acts/s-made-and-applied")
	heap := heapMB()
	started = time.Now()
	s := f.ledger.Snapshot()
	b.ReportMetric(float64(time.Since(started).Milliseconds()), "ms-pause")
	size, err := s.WriteTo(io.Discard)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(started).Milliseconds()), "ms-snapshot")
	b.ReportMetric(float64(size)/1e6, "MB-snapshot")
	b.ReportMetric(heap, "MB-heap")
	text := snapshotBytes(b, f.ledger)
	started = time.Now()
	if err := f.ledger.Restore(bytes.NewReader(text)); err != nil {
		b.Fatal(err)
	}
	b.ReportMetric(float64(time.Since(started).Milliseconds()), "ms-restore")
}

func heapMB() float64 {
	runtime.GC()
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / 1e6
}
