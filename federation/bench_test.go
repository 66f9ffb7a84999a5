package federation_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"hotline/federation/federationtest"
)

// BenchmarkProposals commits commands of 1 KiB on three nodes with fsync, each proposed on a member that does not lead: over TLS
// to the leader and back. Run it with -benchtime 20000x or more; time per command is that of all proposers together.
func BenchmarkProposals(b *testing.B) {
	for _, proposers := range []int{1, 16, 64, 256} {
		b.Run(strconv.Itoa(proposers), func(b *testing.B) { benchmarkProposals(b, proposers) })
	}
}

func benchmarkProposals(b *testing.B, proposers int) {
	c := federationtest.Open(b, 3, 0, group)
	node := c.Node(follower(c))
	commands := make([][]byte, b.N)
	for i := range commands {
		commands[i] = federationtest.Command(strconv.Itoa(i), "key", 1024)
	}
	took := make([]time.Duration, b.N)
	var next atomic.Int64
	var done sync.WaitGroup
	b.ResetTimer()
	for range proposers {
		done.Go(func() {
			for i := next.Add(1) - 1; i < int64(b.N); i = next.Add(1) - 1 {
				start := time.Now()
				if _, err := node.Propose(context.Background(), group, commands[i]); err != nil {
					panic(fmt.Sprintf("command %d: %v", i, err))
				}
				took[i] = time.Since(start)
			}
		})
	}
	done.Wait()
	b.StopTimer()
	slices.Sort(took)
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commands/s")
	b.ReportMetric(float64(took[len(took)/2].Microseconds())/1000, "p50-ms")
	b.ReportMetric(float64(took[len(took)*99/100].Microseconds())/1000, "p99-ms")
}
