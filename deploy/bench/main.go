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
	clients := flag.Int("clients", 16, "clients at once")
	span := flag.Duration("span", 8*time.Second, "how long each load runs")
	orders := flag.Int("orders", 10_000, "orders in the city when its list is measured")
	flag.StringVar(&profile, "profile", "", "write a CPU profile of the last intake load to this file")
	flag.Parse()
	if err := run(context.Background(), *clients, *span, *orders); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, clients int, span time.Duration, orders int) error {
	fmt.Printf("%s, %s, %d cores, %s\n\n", time.Now().Format(time.DateOnly), runtime.Version(), runtime.NumCPU(), os.Args)
	pg, err := pgtest.Start(pgtest.Options{Durable: true})
	if err != nil {
		return err
	}
	defer pg.Stop()
	dir, err := os.MkdirTemp("", "hotline-bench")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := pg.Create(ctx, "bench", false); err != nil {
		return err
	}
	pgURL := pg.URL("bench")
	for _, db := range []struct{ name, url string }{{"SQLite", "sqlite:" + dir + "/bench.db"}, {"PostgreSQL", pgURL}} {
		if err := measure(ctx, db.name, db.url, clients, span, orders); err != nil {
			return fmt.Errorf("%s: %w", db.name, err)
		}
	}
	if err := floor(ctx, pgURL, clients, span); err != nil {
		return err
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

func measure(ctx context.Context, name, url string, clients int, span time.Duration, orders int) error {
	_, stage, stop, err := town(ctx, url)
	if err != nil {
		return err
	}
	defer stop()
	samples := nation.Requests()
	cities := nation.Cities()
	intake := func(ctx context.Context, city string, i int64) error {
		r := samples[i%int64(len(samples))]
		r.City, r.Disposition, r.Category = city, "in_scope", "1203"
		in := play.Intake(r)
		in.Facts.SourceId, in.RequestId = "", uuid.NewString()
		p, err := stage.As(ctx, "agent."+city)
		if err != nil {
			return err
		}
		_, err = play.Post[pb.IntakeResponse](ctx, p, "/v1/tenants/"+city+"/workOrders:intake", in)
		return err
	}
	for _, r := range samples { // everybody is at work before the clocks start: hashing a password is slow on purpose
		if err := signIn(ctx, stage, r); err != nil {
			return err
		}
	}
	stopProfile, err := startProfile()
	if err != nil {
		return err
	}
	report(name+": intake over HTTP", load(ctx, clients, span, func(ctx context.Context, i int64) error {
		return intake(ctx, cities[i%int64(len(cities))].Code, i)
	}))
	stopProfile()
	report(name+": whole way over HTTP (9 acts)", load(ctx, clients, span, func(ctx context.Context, i int64) error {
		r := samples[i%int64(len(samples))]
		if r.Disposition != "in_scope" {
			return errSkip
		}
		r.ID = uuid.NewString()
		_, err := stage.Go(ctx, r, pb.State_CLOSED)
		return err
	}))
	for i := range int64(orders) {
		if err := intake(ctx, "110000", i); err != nil {
			return err
		}
	}
	p, err := stage.As(ctx, "supervisor.110000")
	if err != nil {
		return err
	}
	report(fmt.Sprintf("%s: page of 50 of %d+ orders", name, orders), load(ctx, 1, span, func(ctx context.Context, _ int64) error {
		_, err := p.Raw(ctx, http.MethodGet, "/v1/tenants/110000/workOrders?page_size=50&order_by=due_time", nil)
		return err
	}))
	return nil
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
	done   int64
	span   time.Duration
	failed int64
	times  []time.Duration
}

// load runs do from so many clients for a span.
func load(ctx context.Context, clients int, span time.Duration, do func(ctx context.Context, i int64) error) result {
	var next, failed atomic.Int64
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
	return result{int64(len(times)), time.Since(start), failed.Load(), times}
}

func report(name string, r result) {
	slices.Sort(r.times)
	at := func(p float64) time.Duration {
		if len(r.times) == 0 {
			return 0
		}
		return r.times[int(p*float64(len(r.times)-1))].Round(10 * time.Microsecond)
	}
	fmt.Printf("| %s | %.0f/s | p50 %s | p99 %s | failed %d |\n", name, float64(r.done)/r.span.Seconds(), at(.5), at(.99), r.failed)
}
