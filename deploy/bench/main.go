// Command bench measures the platform through its real HTTP API beside the same statements hand-written on the same PostgreSQL,
// in one run, and prints a table for RESULTS.md.
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"log"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protojson"

	pb "hotline/api/casework/v1"
	"hotline/app/house"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent/store"
	"hotline/ent/store/pgtest"
	"hotline/tenants/access"
	"hotline/tenants/identity"
	"hotline/tenants/privacy"
)

const password = "bench-password-12345"

func main() {
	if base := os.Getenv("BENCH_LISTEN"); base != "" { // the other side of streams
		log.Fatal(listen(base, os.Getenv("BENCH_CITY"), os.Getenv("BENCH_TOKEN")))
	}
	clients := flag.Int("clients", 16, "clients at once")
	span := flag.Duration("span", 8*time.Second, "how long each load runs")
	orders := flag.Int("orders", 1_000_000, "orders of the big city when its list is measured")
	flag.StringVar(&what, "what", "intake way lists", "what to measure: these, reports, and national or streams alone")
	flag.IntVar(&lines, "lines", 10_000_000, "lines of history beside the nation's matrix")
	flag.StringVar(&on, "on", "SQLite PostgreSQL", "on which databases")
	flag.StringVar(&profile, "profile", "", "write a CPU profile of the last intake load to this file")
	flag.Parse()
	if err := run(context.Background(), *clients, *span, *orders); err != nil {
		log.Fatal(err)
	}
}

// what and on are words of the command line.
var what, on string

// lines is how many lines of history lie beside the nation's matrix.
var lines int

func run(ctx context.Context, clients int, span time.Duration, orders int) error {
	fmt.Printf("%s, %s, %d cores, %s\n\n", time.Now().Format(time.DateOnly), runtime.Version(), runtime.NumCPU(), os.Args)
	pg, err := pgtest.Start(pgtest.Options{Durable: true})
	if err != nil {
		return err
	}
	defer pg.Stop()
	_, pgDir, _ = strings.Cut(pg.URL(""), "host=")
	dir, err := os.MkdirTemp("", "hotline-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := pg.Create(ctx, "bench", false); err != nil {
		return err
	}
	for _, db := range []struct{ name, url, super string }{
		{"SQLite", "sqlite:" + dir + "/bench.db", ""}, {"PostgreSQL", pg.URL("bench"), pg.SuperURL("bench")},
	} {
		if !strings.Contains(on, db.name) {
			continue
		}
		if err := measure(ctx, db.name, db.url, db.super, clients, span, orders); err != nil {
			return fmt.Errorf("%s: %w", db.name, err)
		}
	}
	return decide()
}

// town is the nation on one database, behind a real HTTP server on loopback.
func town(ctx context.Context, url string) (*house.House, *play.Stage, func(), error) {
	if err := store.Migrate(ctx, url); err != nil {
		return nil, nil, nil, err
	}
	master, _ := privacy.NewMaster()
	h, err := house.Open(ctx, house.Config{URL: url, Master: master, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Unlimited: true,
		Blobs: "file://" + os.TempDir()}) // no attachment is ever written
	if err != nil {
		return nil, nil, nil, err
	}
	err = nation.Build(ctx, nation.Deps{Store: h.Store, Vault: h.Vault, Book: h.Book, Directory: h.Directory,
		Hash: identity.HashPassword, Password: password})
	if err != nil {
		return nil, nil, nil, err
	}
	srv := httptest.NewServer(h.Gate.Handler())
	client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64}}
	return h, &play.Stage{Base: srv.URL, Client: client, Password: password}, func() { srv.Close(); _ = h.Close() }, nil
}

func measure(ctx context.Context, name, url, super string, clients int, span time.Duration, orders int) error {
	h, stage, stop, err := town(ctx, url)
	if err != nil {
		return err
	}
	defer stop()
	if what == "streams" {
		return streams(ctx, stage, name)
	}
	samples := nation.Requests()
	if strings.Contains(what, "intake") || strings.Contains(what, "way") {
		for _, r := range samples { // everybody is at work before the clocks start: hashing a password is slow on purpose
			if err := signIn(ctx, stage, r); err != nil {
				return err
			}
		}
	}
	if strings.Contains(what, "intake") {
		if err := intake(ctx, stage, name, url, clients, span); err != nil {
			return err
		}
	}
	if strings.Contains(what, "way") {
		turns(ctx, clients, span, &work{name: name + ": whole way over HTTP (9 acts)", do: func(ctx context.Context, i int64) error {
			r := samples[i%int64(len(samples))]
			if r.Disposition != "in_scope" {
				return errSkip
			}
			r.ID = uuid.NewString()
			_, err := stage.Go(ctx, r, pb.State_CLOSED)
			return err
		}})
	}
	if strings.Contains(what, "lists") {
		if err := lists(ctx, h, stage, name, super, orders, span); err != nil {
			return err
		}
	}
	if strings.Contains(what, "reports") {
		if err := reports(ctx, h, stage, name, super, orders, span); err != nil {
			return err
		}
	}
	if strings.Contains(what, "national") {
		return national(ctx, h, stage, name, super, lines, span)
	}
	return nil
}

// intake measures agents taking requests in, on PostgreSQL in turns with the same statements by hand.
func intake(ctx context.Context, stage *play.Stage, name, url string, clients int, span time.Duration) error {
	agents, err := agents(ctx, stage, name, clients)
	if err != nil {
		return err
	}
	defer agents.close()
	all := []*work{agents}
	if name == "PostgreSQL" {
		var next atomic.Int64
		drive(ctx, clients, time.Second, &next, agents.do) // writes the rows that are copied by hand
		byHand, err := floor(ctx, url)
		if err != nil {
			return err
		}
		defer byHand.close()
		all = append(all, byHand)
	}
	stopProfile, err := startProfile()
	if err != nil {
		return err
	}
	defer stopProfile()
	turns(ctx, clients, span, all...)
	return nil
}

// agents take requests in, in all cities.
func agents(ctx context.Context, stage *play.Stage, name string, clients int) (*work, error) {
	const id = "REQUEST-ID"
	var bodies, paths, tokens []string
	for _, r := range nation.Requests() {
		r.Disposition, r.Category = "in_scope", "1203"
		in := play.Intake(r)
		in.Facts.SourceId, in.RequestId = "", id
		body, err := protojson.Marshal(in)
		if err != nil {
			return nil, err
		}
		bodies = append(bodies, string(body))
	}
	for _, c := range nation.Cities() {
		p, err := stage.As(ctx, "agent."+c.Code)
		if err != nil {
			return nil, err
		}
		paths, tokens = append(paths, "/v1/tenants/"+c.Code+"/workOrders:intake"), append(tokens, p.Token())
	}
	w := newWires(stage.Base, clients)
	return &work{name: name + ": intake over HTTP", close: w.close, do: func(ctx context.Context, i int64) error {
		city := i % int64(len(paths))
		return w.post(ctx, paths[city], tokens[city], strings.Replace(bodies[i%int64(len(bodies))], id, uuid.NewString(), 1))
	}}, nil
}

var profile string

// startProfile profiles what follows, over what an earlier load wrote.
func startProfile() (stop func(), err error) {
	if profile == "" {
		return func() {}, nil
	}
	f, err := os.Create(profile)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() { pprof.StopCPUProfile(); _ = f.Close() }, nil
}

// signIn signs in all the people a sample's way needs.
func signIn(ctx context.Context, stage *play.Stage, r nation.Request) error {
	logins := []string{"agent", "dispatcher", "reviewer", "callback_agent", "supervisor"}
	for _, unit := range append([]string{r.Lead}, r.Assist...) {
		if code := nation.UnitCode(unit); code != "" {
			logins = append(logins, strings.ToLower(code))
		}
	}
	for _, login := range logins {
		if _, err := stage.As(ctx, login+"."+r.City); err != nil {
			return err
		}
	}
	return nil
}

// decide measures one access decision; it costs the same whatever the number of cities and people, since it knows roles only.
func decide() error {
	a, err := access.New()
	if err != nil {
		return err
	}
	roles, n := []string{"handler", "dispatcher"}, 1_000_000
	start := time.Now()
	for range n {
		if !a.May(roles, "work_order", "dispatch") {
			return fmt.Errorf("a dispatcher may not dispatch")
		}
	}
	fmt.Printf("access decision: %d ns\n", time.Since(start).Nanoseconds()/int64(n))
	return nil
}

var errSkip = fmt.Errorf("skip")

type result struct {
	done         int64
	span         time.Duration
	failed       int64
	times        []time.Duration
	ours, theirs time.Duration // processor time, see used
}

// work is something to do again and again.
type work struct {
	name  string
	do    func(ctx context.Context, i int64) error
	close func()
}

// turns does each work for a second in turn, until each had its span, so that whatever else the machine does hits all; the first
// turn only warms up connections and statements.
func turns(ctx context.Context, clients int, span time.Duration, all ...*work) {
	next, sums := make([]atomic.Int64, len(all)), make([]result, len(all))
	for turn := time.Duration(0); turn <= span; turn += time.Second {
		for i, w := range all {
			ours, theirs := used()
			r := drive(ctx, clients, time.Second, &next[i], w.do)
			if turn == 0 {
				continue
			}
			o, t := used()
			sum := &sums[i]
			sum.done, sum.failed, sum.span, sum.times = sum.done+r.done, sum.failed+r.failed, sum.span+r.span, append(sum.times, r.times...)
			sum.ours, sum.theirs = sum.ours+o-ours, sum.theirs+t-theirs
		}
	}
	for i, w := range all {
		report(w.name, sums[i])
	}
}

// drive does it from so many clients for a span.
func drive(ctx context.Context, clients int, span time.Duration, next *atomic.Int64, do func(ctx context.Context, i int64) error) result {
	var failed atomic.Int64
	var mu sync.Mutex
	var times []time.Duration
	start := time.Now()
	var wg sync.WaitGroup
	for range clients {
		wg.Go(func() {
			for time.Since(start) < span {
				t := time.Now()
				switch err := do(ctx, next.Add(1)-1); err {
				case nil:
					mu.Lock()
					times = append(times, time.Since(t))
					mu.Unlock()
				case errSkip:
				default:
					if failed.Add(1) == 1 {
						fmt.Fprintln(os.Stderr, "first failure:", err)
					}
				}
			}
		})
	}
	wg.Wait()
	return result{done: int64(len(times)), span: time.Since(start), failed: failed.Load(), times: times}
}

func report(name string, r result) {
	slices.Sort(r.times)
	at := func(p float64) time.Duration {
		if len(r.times) == 0 {
			return 0
		}
		return r.times[int(p*float64(len(r.times)-1))].Round(10 * time.Microsecond)
	}
	cpu := ""
	if r.ours > 0 && r.done > 0 {
		cpu = fmt.Sprintf(" processor %d µs + PostgreSQL's %d µs each |", r.ours.Microseconds()/r.done, r.theirs.Microseconds()/r.done)
	}
	fmt.Printf("| %s | %.0f/s | p50 %s | p99 %s |%s failed %d |\n", name, float64(r.done)/r.span.Seconds(), at(.5), at(.99), cpu, r.failed)
}
