// Command federation measures a region (区域) of three nodes beside a three-node etcd on the same machine in the same run: commands
// of 1 KiB, fsync on, TLS with certificates on both sides. Ours are signed offers of transfers that go through the ledger; etcd
// stores bytes under a key. It prints lines for deploy/bench/RESULTS.md.
//
//	go run . -etcd /path/to/etcd
package main

import (
	"flag"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"hotline/federation/authority"
)

var (
	proposers = flag.String("proposers", "1,16,64,256", "how many propose at once, by turns")
	span      = flag.Duration("span", 8*time.Second, "how long each turn takes")
	failovers = flag.Int("failovers", 10, "how often the leader is killed")
	etcdPath  = flag.String("etcd", "etcd", "the etcd server's program")
	folder    = flag.String("folder", "/var/tmp", "where the logs lie: a disk, not memory")
	only      = flag.String("only", "", "etcd or region: leave the other out; with -size what has not been acknowledged: nothing, open offers or anything")
	sizes     = flag.Bool("size", false, "measure memory and restart on a million transfers instead")
	profile   = flag.String("profile", "", "write CPU profiles of the three nodes at 64 proposers: the proposing one into this file, the others beside it")
	proposing = flag.Int("cities", 1, "how many cities share the proposers; each signs together what waits of its own")
	onWay     = flag.Int("onway", 2, "how many batches of a city are on their way at once; what comes meanwhile waits for the next")
	verify    = flag.Bool("verify", true, "every node verifies as it applies, as in a new region")
	turns     = flag.Int("turns", 2, "how often each is measured; the best counts")
)

// system is one of the two that are compared.
type system interface {
	name() string
	// prepare makes ready what n commands are, before the clock runs.
	prepare(n int)
	// commit brings one prepared command in.
	commit(i int) error
	// failover kills the leader and says when the next command was in.
	failover() time.Duration
	processes() []int
	stop()
}

func main() {
	log.SetFlags(0)
	if len(os.Args) == 3 && os.Args[1] == "node" {
		serveNode(os.Args[2])
		return
	}
	flag.Parse()
	dir, err := os.MkdirTemp(*folder, "federation-bench-")
	must(err)
	defer os.RemoveAll(dir)
	ca, err := authority.Open(filepath.Join(dir, "ca"))
	must(err)
	if *sizes {
		for _, kept := range []string{nothing, offers, all} {
			if *only == "" || *only == kept {
				size(dir, ca, kept)
			}
		}
		return
	}
	var open []func() system
	if *only != "region" {
		open = append(open, func() system { return startEtcd(dir, ca) })
	}
	if *only != "etcd" {
		open = append(open, func() system { return startRegion(dir, ca) })
	}
	fmt.Println("| | proposers | per second | p50 ms | p99 ms | processor µs each | memory MB a node |\n|---|---|---|---|---|---|---|")
	for _, text := range strings.Split(*proposers, ",") {
		n, err := strconv.Atoi(text)
		must(err)
		for _, start := range open {
			fmt.Println(measure(start, n))
		}
	}
	for _, start := range open {
		s := start()
		var took []time.Duration
		for range *failovers {
			took = append(took, s.failover())
		}
		slices.Sort(took)
		s.stop()
		if len(took) > 0 {
			fmt.Printf("%s: from killing the leader to the next commit: median %d ms, %d to %d ms\n", s.name(), took[len(took)/2].Milliseconds(), took[0].Milliseconds(), took[len(took)-1].Milliseconds())
		}
	}
}

func must(err error) {
	if err != nil {
		log.Fatal(err)
	}
}

// row is what one turn measured.
type row struct {
	system    string
	proposers int
	rate      float64
	p50, p99  time.Duration
	processor time.Duration
	memory    float64
}

func (r row) String() string {
	return fmt.Sprintf("| %s | %d | %.0f | %.1f | %.1f | %d | %.0f |", r.system, r.proposers, r.rate, r.p50.Seconds()*1000, r.p99.Seconds()*1000, r.processor.Microseconds(), r.memory)
}

// measure starts the system afresh for every turn, so that neither carries more than the other.
func measure(start func() system, proposers int) (best row) {
	for range *turns {
		s := start()
		if r := turn(s, proposers); r.rate > best.rate {
			best = r
		}
		s.stop()
	}
	return best
}

// warm is not counted.
const warm = time.Second

func turn(s system, proposers int) row {
	total := int((*span + warm).Seconds() * 40_000)
	if proposers < 16 {
		total /= 4
	}
	s.prepare(total)
	took := make([][]time.Duration, proposers)
	var next atomic.Int64
	var done sync.WaitGroup
	counted, end := time.Now().Add(warm), time.Now().Add(warm+*span)
	var before time.Duration
	time.AfterFunc(warm, func() { before = processor(s.processes()) })
	stopProfile := startProfile(s, proposers)
	for p := range proposers {
		done.Go(func() {
			for {
				began := time.Now()
				i := int(next.Add(1) - 1)
				if began.After(end) || i >= total {
					return
				}
				must(s.commit(i))
				if began.After(counted) {
					took[p] = append(took[p], time.Since(began))
				}
			}
		})
	}
	done.Wait()
	ran := time.Since(counted)
	used := processor(s.processes()) - before
	stopProfile()
	all := slices.Concat(took...)
	slices.Sort(all)
	return row{s.name(), proposers, float64(len(all)) / ran.Seconds(), all[len(all)/2], all[len(all)*99/100], used / time.Duration(len(all)), memory(s.processes()[1:])}
}
