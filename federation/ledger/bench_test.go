package ledger

import (
	"bytes"
	"fmt"
	"io"
	"runtime"
	"testing"
	"time"

	federationv1 "hotline/api/federation/v1"
)

// life are the acts of a whole transfer; with the acknowledgements of both cities it leaves memory.
var life = []string{"sign", "accept", "handle", "reply", "conclude", "callback"}

// fleet makes commands of many cities fast: they carry a signature in form only, which Apply does not look at.
type fleet struct {
	*region
	cities  []string
	numbers map[string]uint64
	applied int
}

func newFleet(b *testing.B, n int) *fleet {
	f := &fleet{region: newRegion(b), numbers: map[string]uint64{}}
	for k := range n {
		code := fmt.Sprintf("%06d", 200000+k)
		f.region.cities[code] = newOffice(code, "")
		f.take(f.govern(beijing, f.joining(code)))
		f.cities = append(f.cities, code)
	}
	return f
}

// unsigned is a command with a signature of the right length.
func (f *fleet) unsigned(c *federationv1.Command) []byte {
	c.Key = f.region.cities[c.GetCity()].signing.ID()
	return marshal(f.region.t, &federationv1.Signed{Command: marshal(f.region.t, c), Signature: make([]byte, 64)})
}

func (f *fleet) apply(signed []byte) {
	result, err := f.ledger.Apply(signed, f.now)
	if err != nil || result.Reason != ok {
		f.region.t.Fatal(result, err)
	}
	f.applied++
}

// opening is an offer of about 1 KiB from one city of the fleet to the next.
func (f *fleet) opening(k int) (*federationv1.TransferId, []byte) {
	from, to := f.cities[k%len(f.cities)], f.cities[(k+1)%len(f.cities)]
	f.numbers[from]++
	c := f.offerAs(&federationv1.TransferId{Origin: from, Number: f.numbers[from]}, to)
	c.GetOffer().Sealed[0].Sealed = make([]byte, 700)
	return c.GetTransfer(), f.unsigned(c)
}

// rest is what follows the offer, to the acknowledgements.
func (f *fleet) rest(i *federationv1.TransferId, to string) (commands [][]byte) {
	for n, name := range life {
		c := f.act(name, i)
		c.Transfer, c.Sequence = i, uint64(n+2)
		commands = append(commands, f.unsigned(f.fill(to, c)))
	}
	for _, who := range []string{i.GetOrigin(), to} {
		commands = append(commands, f.unsigned(f.acknowledge(who, uint64(len(life)+1), i)))
	}
	return commands
}

// BenchmarkApply is one act of a whole life, from the offer of 1 KiB to the two acknowledgements.
func BenchmarkApply(b *testing.B) {
	f := newFleet(b, 10)
	var commands [][]byte
	for k := 0; len(commands) < b.N; k++ {
		i, offer := f.opening(k)
		commands = append(commands, offer)
		commands = append(commands, f.rest(i, f.cities[(k+1)%len(f.cities)])...)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for _, c := range commands[:b.N] {
		f.apply(c)
	}
}

// BenchmarkApplyOffer is the dearest act alone.
func BenchmarkApplyOffer(b *testing.B) {
	f := newFleet(b, 10)
	commands := make([][]byte, b.N)
	for k := range commands {
		_, commands[k] = f.opening(k)
	}
	b.ReportAllocs()
	b.ResetTimer()
	for _, c := range commands {
		f.apply(c)
	}
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
					r.ledger.heads = lately[hashed, struct{}]{}
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
	const finished, open = 1_000_000, 100_000
	f := newFleet(b, 40)
	started := time.Now()
	for k := range finished {
		i, offer := f.opening(k)
		f.apply(offer)
		for _, c := range f.rest(i, f.cities[(k+1)%len(f.cities)]) {
			f.apply(c)
		}
	}
	for k := range open {
		i, offer := f.opening(k)
		f.apply(offer)
		if !waiting {
			f.apply(f.unsigned(f.acknowledge(i.GetOrigin(), 1, i)))
			f.apply(f.unsigned(f.acknowledge(f.cities[(k+1)%len(f.cities)], 1, i)))
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
