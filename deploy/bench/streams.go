package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/app/nation"
	"hotline/app/play"
)

// manyStreams is how many people watch at once.
const manyStreams = 1000

// streams measures what a thousand open event streams cost this process, and how soon all of them hear of an act. The listeners are a
// process of their own (listen), so that only the platform's side is counted.
func streams(ctx context.Context, stage *play.Stage, name string) error {
	r := nation.Requests()[0]
	for _, s := range nation.Requests() {
		if s.Disposition == "in_scope" && s.City == r.City {
			r = s
			break
		}
	}
	watcher, err := stage.As(ctx, "dispatcher."+r.City)
	if err != nil {
		return err
	}
	if err := signIn(ctx, stage, r); err != nil {
		return err
	}
	before := memory()
	listeners := exec.CommandContext(ctx, os.Args[0])
	listeners.Env = append(os.Environ(), "BENCH_LISTEN="+stage.Base, "BENCH_CITY="+r.City, "BENCH_TOKEN="+watcher.Token())
	listeners.Stderr = os.Stderr
	out, err := listeners.StdoutPipe()
	if err != nil {
		return err
	}
	if err := listeners.Start(); err != nil {
		return err
	}
	defer func() { _ = listeners.Process.Kill(); _ = listeners.Wait() }()
	heard := bufio.NewScanner(out)
	if !heard.Scan() || heard.Text() != "open" {
		return errors.New("the streams did not open")
	}
	after := memory()
	fmt.Printf("| %s: %d event streams | heap and stacks %.1f KiB each | resident %.1f KiB each | %d goroutines |\n", name, manyStreams,
		float64(after.mapped-before.mapped)/1024/manyStreams, float64(after.resident-before.resident)/1024/manyStreams, runtime.NumGoroutine())
	var delays []time.Duration
	cpu, _ := used()
	for range 20 {
		r.ID = uuid.NewString()
		start := time.Now()
		if _, err := stage.Go(ctx, r, pb.State_RECEIVED); err != nil {
			return err
		}
		if !heard.Scan() {
			return errors.New("the streams were cut")
		}
		delays = append(delays, time.Since(start))
	}
	spent, _ := used()
	report(name+": intake until all streams have heard of it", result{times: delays, done: int64(len(delays)), span: total(delays)})
	fmt.Printf("processor time of the platform: %s for each intake told %d times\n", ((spent - cpu) / 20).Round(10*time.Microsecond), manyStreams)
	return nil
}

func total(all []time.Duration) (sum time.Duration) {
	for _, d := range all {
		sum += d
	}
	return sum
}

type size struct{ mapped, resident int64 }

func memory() size {
	debug.FreeOSMemory()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	raw, _ := os.ReadFile("/proc/self/statm")
	pages, _ := strconv.ParseInt(strings.Fields(string(raw))[1], 10, 64)
	return size{int64(m.HeapInuse + m.StackInuse), pages * int64(os.Getpagesize())}
}

// listen opens the streams and says a line when all are open, and one each time that all have heard of one more act.
func listen(base, city, token string) error {
	address := strings.TrimPrefix(base, "http://")
	var ready sync.WaitGroup
	ready.Add(manyStreams)
	acts := make(chan struct{}, manyStreams)
	failed := make(chan error, manyStreams)
	for range manyStreams {
		go func() {
			c, err := net.Dial("tcp", address)
			if err != nil {
				failed <- err
				return
			}
			_, err = fmt.Fprintf(c, "GET /v1/tenants/%s/events HTTP/1.1\r\nHost: bench\r\nAuthorization: Bearer %s\r\n\r\n", city, token)
			lines := bufio.NewReaderSize(c, 1024)
			status, line := "", ""
			for first := true; err == nil; {
				if line, err = lines.ReadString('\n'); first {
					status, first = line, false
				}
				switch {
				case strings.HasPrefix(line, "event: READY"):
					ready.Done()
				case strings.HasPrefix(line, "event: ACT"):
					acts <- struct{}{}
				}
			}
			if !errors.Is(err, io.EOF) || !strings.Contains(status, strconv.Itoa(http.StatusOK)) {
				failed <- fmt.Errorf("%s %w", strings.TrimSpace(status), err)
			}
		}()
	}
	go func() {
		fmt.Fprintln(os.Stderr, <-failed)
		os.Exit(1)
	}()
	ready.Wait()
	fmt.Println("open")
	for n := 1; ; n++ {
		if <-acts; n%manyStreams == 0 {
			fmt.Println("heard")
		}
	}
}
