package federationtest

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"hotline/federation"
)

// Load is commands that come all the time, over several nodes, while a test breaks things.
type Load struct {
	c     *Cluster
	group string
	stop  func()
	ended chan struct{}
	done  sync.WaitGroup
	acked atomic.Int64

	mu      sync.Mutex
	answers map[string]string // acknowledged, by id
	keys    map[string]int    // acknowledged, by key
	faults  []string
}

// StartLoad proposes over the nodes named, one command after another on each. A command whose fate is unknown is proposed
// again with the same id, as every proposer must.
func (c *Cluster) StartLoad(group string, names ...string) *Load {
	l := &Load{c: c, group: group, ended: make(chan struct{}), answers: map[string]string{}, keys: map[string]int{}}
	l.stop = sync.OnceFunc(func() { close(l.ended) })
	c.loads++
	for _, name := range names {
		node, key := c.Node(name), fmt.Sprintf("%s-%d", name, c.loads)
		l.done.Go(func() { l.run(node, key) })
	}
	c.t.Cleanup(l.stop)
	return l
}

func (l *Load) run(node *federation.Node, key string) {
	for n := 1; ; n++ {
		id := key + "-" + strconv.Itoa(n)
		for {
			select {
			case <-l.ended:
				return
			default:
			}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			answer, err := node.Propose(ctx, l.group, Command(id, key, 64))
			cancel()
			if err == nil {
				l.ack(id, key, string(answer), n)
				break
			}
			if errors.Is(err, federation.ErrClosed) {
				return
			}
		}
	}
}

func (l *Load) ack(id, key, answer string, n int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if answer != strconv.Itoa(n) {
		l.faults = append(l.faults, fmt.Sprintf("%s was number %s", id, answer))
	}
	l.answers[id], l.keys[key] = answer, n
	l.acked.Add(1)
}

// More waits until so many more commands were acknowledged.
func (l *Load) More(n int64) {
	l.c.t.Helper()
	until := l.acked.Load() + n
	l.c.Until(fmt.Sprintf("%d commands more are acknowledged", n), func() bool { return l.acked.Load() >= until })
}

// Check ends the load and proves on every running node that no acknowledged command is lost and none counted twice. It may be
// called again after the nodes were restarted.
func (l *Load) Check() {
	l.c.t.Helper()
	l.stop()
	l.done.Wait()
	l.c.SameState(l.group)
	for _, f := range l.faults {
		l.c.t.Error(f)
	}
	for _, name := range l.c.Running() {
		tally := l.c.Tally(name, l.group)
		for id, answer := range l.answers {
			if got := tally.Answer(id); got != answer {
				l.c.t.Errorf("%s: %s was acknowledged as number %s and is number %q", name, id, answer, got)
			}
		}
		for key, n := range l.keys {
			// One command may have been on its way when the load ended.
			if sum := tally.Sum(key); sum != n && sum != n+1 {
				l.c.t.Errorf("%s: %s counted %d commands, %d were acknowledged", name, key, sum, n)
			}
		}
	}
}
