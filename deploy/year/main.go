// Command year plays a year of one city with injected time (时间推演): a hundred thousand orders by default, people who are late,
// forget, return, dispute and are not reached, and a sweep of the clocks every half hour. It then checks that every clock did
// what it should once, that every order ended or rightly waits, and that the figures come out the same from two sides.
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"runtime"
	"runtime/pprof"
	"time"

	"hotline/ent/store/pgtest"
)

func main() {
	orders := flag.Int("orders", 100_000, "orders in the year")
	seed := flag.Uint64("seed", 2025, "of the dice")
	db := flag.String("db", "sqlite", "sqlite or postgres")
	profile := flag.String("profile", "", "write a CPU profile to this file")
	flag.Parse()
	if *profile != "" {
		f, err := os.Create(*profile)
		if err != nil {
			log.Fatal(err)
		}
		if err := pprof.StartCPUProfile(f); err != nil {
			log.Fatal(err)
		}
		defer pprof.StopCPUProfile()
	}
	if err := run(context.Background(), *orders, *seed, *db); err != nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context, orders int, seed uint64, db string) error {
	url, done, err := database(ctx, db)
	if err != nil {
		return err
	}
	defer done()
	began := time.Now()
	y, err := open(ctx, url, seed)
	if err != nil {
		return err
	}
	defer func() { _ = y.house.Close() }()
	if err := y.play(orders); err != nil {
		return err
	}
	played := time.Since(began)
	report, err := y.check()
	if err != nil {
		return err
	}
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	fmt.Print(report)
	fmt.Printf("%d acts in %s (%.0f/s), checked in %s, heap %d MiB, from the system %d MiB, %s, %s\n", y.acts, played.Round(time.Second),
		float64(y.acts)/played.Seconds(), (time.Since(began) - played).Round(time.Second), m.HeapAlloc>>20, m.Sys>>20, db, os.Args[1:])
	return nil
}

// database is an empty one, and what takes it away again.
func database(ctx context.Context, kind string) (url string, done func(), err error) {
	if kind == "sqlite" {
		dir, err := os.MkdirTemp("", "hotline-year")
		return "sqlite:" + dir + "/year.db", func() { _ = os.RemoveAll(dir) }, err
	}
	pg, err := pgtest.Start(pgtest.Options{})
	if err != nil {
		return "", nil, err
	}
	if err := pg.Create(ctx, "year", false); err != nil {
		pg.Stop()
		return "", nil, err
	}
	return pg.URL("year"), func() { pg.Stop() }, nil
}
