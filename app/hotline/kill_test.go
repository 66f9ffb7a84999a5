package main

import (
	"bufio"
	"context"
	"database/sql"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	_ "modernc.org/sqlite" // to look into the file when the program is dead

	pb "hotline/api/casework/v1"
	"hotline/app/nation"
	"hotline/app/play"
)

const (
	killCity = "110000"
	killSeed = 20261123
	kills    = 5
)

// program builds the binary.
func program(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "hotline")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// demo is one run of the program.
type demo struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string
	ended   chan struct{}
	said    *strings.Builder // what it printed; to be read after ended
}

var greeting = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// start runs the demo on the data folder until it is ready.
func start(t *testing.T, bin, data string) *demo {
	t.Helper()
	d := &demo{t: t, ended: make(chan struct{}), said: &strings.Builder{},
		cmd: exec.CommandContext(t.Context(), bin, "demo", "--data", data, "--http", "127.0.0.1:0")}
	out, in := io.Pipe()
	d.cmd.Stdout, d.cmd.Stderr = in, in
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	go func() {
		for lines := bufio.NewScanner(out); lines.Scan(); {
			d.said.WriteString(lines.Text() + "\n")
			if a := greeting.FindString(lines.Text()); a != "" && len(found) == 0 {
				found <- a
			}
		}
		close(d.ended)
	}()
	go func() { _ = d.cmd.Wait(); _ = in.Close() }()
	select {
	case d.address = <-found:
	case <-d.ended:
		t.Fatalf("the demo ended at its start: %s", d.said)
	case <-time.After(20 * time.Second):
		t.Fatal("the demo did not say where it listens")
	}
	until(t, "ready", func() bool { return d.ready() })
	return d
}

func (d *demo) ready() bool {
	req, err := http.NewRequestWithContext(d.t.Context(), http.MethodGet, d.address+"/readyz", http.NoBody)
	if err != nil {
		d.t.Fatal(err)
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	_ = res.Body.Close()
	return res.StatusCode == http.StatusOK
}

// kill ends this one process at once, in the middle of whatever it does.
func (d *demo) kill() {
	d.t.Helper()
	if err := d.cmd.Process.Kill(); err != nil {
		d.t.Fatalf("kill: %v: %s", err, d.said)
	}
	<-d.ended
}

func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("never: %s", what)
		case <-tick.C:
		}
	}
}

// promise is what a client was told of one intake.
type promise struct {
	number, code string
	state        pb.State
}

// client takes requests in and dispatches every other one, and remembers what was acknowledged.
type client struct {
	mu       sync.Mutex
	promises map[int]promise
	acks     int // acknowledgements of this run
}

func (c *client) keep(i int, p promise) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.promises[i] = p
	c.acks++
}

func (c *client) count() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.acks
}

// sample is an in-scope request of the city, under an id of our own.
func sample(i int) nation.Request {
	for _, r := range nation.Requests() {
		if r.City == killCity && r.Disposition == "in_scope" && nation.UnitCode(r.Lead) != "" {
			r.ID = fmt.Sprintf("kill-%04d", i)
			return r
		}
	}
	panic("the city has no sample in scope")
}

// work goes on from the last request that was not fully acknowledged until the program dies. It retries that one under
// its own request_id and gives back what was wrong: an acknowledgement that was taken back.
func (c *client) work(ctx context.Context, base string) error {
	stage := &play.Stage{Base: base, Client: &http.Client{Timeout: 10 * time.Second}, Password: demoPassword}
	for i := 0; ; i++ {
		c.mu.Lock()
		old, known := c.promises[i]
		c.mu.Unlock()
		if known && (i%2 == 0 || old.state == pb.State_DISPATCHED) && c.has(i+1) {
			continue
		}
		if err := c.one(ctx, stage, i, old); err != nil {
			return err
		}
		if ctx.Err() != nil || !c.has(i) {
			return nil // it died
		}
	}
}

func (c *client) has(i int) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, ok := c.promises[i]
	return ok
}

// one takes request i in and, when it is odd, dispatches it; a call that was cut off is no error.
func (c *client) one(ctx context.Context, stage *play.Stage, i int, old promise) error {
	r := sample(i)
	agent, err := stage.As(ctx, "agent."+killCity)
	if err != nil {
		return cutOff(err)
	}
	out, err := play.Post[pb.IntakeResponse](ctx, agent, "/v1/tenants/"+killCity+"/workOrders:intake", play.Intake(r))
	if err != nil {
		return cutOff(err)
	}
	p := promise{out.GetWorkOrder().GetNumber(), out.GetCode(), out.GetWorkOrder().GetState()}
	if old.number != "" && (old.number != p.number || old.code != p.code || p.state < old.state) {
		return fmt.Errorf("request %d: promised %v, now %v", i, old, p)
	}
	c.keep(i, p)
	if i%2 == 0 || p.state != pb.State_RECEIVED {
		return nil
	}
	dispatcher, err := stage.As(ctx, "dispatcher."+killCity)
	if err != nil {
		return cutOff(err)
	}
	sent, err := play.Post[pb.WorkOrder](ctx, dispatcher, "/v1/"+out.GetWorkOrder().GetName()+":dispatch",
		&pb.DispatchRequest{Lead: nation.UnitCode(r.Lead), Instruction: "请办理", RequestId: "dispatch-" + r.ID})
	if err != nil {
		return cutOff(err)
	}
	p.state = sent.GetState()
	c.keep(i, p)
	return nil
}

// cutOff keeps the platform's own refusals and forgives a connection that broke.
func cutOff(err error) error {
	if strings.Contains(err.Error(), "EOF") || strings.Contains(err.Error(), "refused") ||
		strings.Contains(err.Error(), "reset") || strings.Contains(err.Error(), "canceled") || strings.Contains(err.Error(), "broken pipe") {
		return nil
	}
	return err
}

// run lets the client work beside the playing demo until it has so many acknowledgements, and kills the demo.
func (c *client) run(t *testing.T, d *demo, acks int) {
	t.Helper()
	ctx, stop := context.WithCancel(t.Context())
	defer stop()
	c.mu.Lock()
	c.acks = 0
	c.mu.Unlock()
	done := make(chan error, 1)
	go func() { done <- c.work(ctx, d.address) }()
	ended := false
	until(t, fmt.Sprint(acks, " acknowledgements"), func() bool {
		select {
		case err := <-done:
			if err != nil {
				t.Error(err)
			}
			ended = true
		default:
		}
		return ended || c.count() >= acks
	})
	d.kill()
	if ended {
		t.Errorf("the client stopped before the demo was killed; the demo said:\n%s", d.said)
	}
	if strings.Contains(d.said.String(), "没有全部放入") {
		t.Errorf("the demo stopped playing:\n%s", d.said)
	}
	stop()
	if !ended {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// rows reads pairs of words from the file.
func rows(t *testing.T, data, query string) map[string]string {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(data, "hotline.db")+"?_pragma=busy_timeout(10000)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	found, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
	out := map[string]string{}
	for found.Next() {
		var a, b string
		if err := found.Scan(&a, &b); err != nil {
			t.Fatal(err)
		}
		out[a] = b
	}
	if err := found.Err(); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestFiveKillsLoseNothingThatWasAcknowledgedAndDoubleNothing(t *testing.T) {
	bin, data := program(t), filepath.Join(t.TempDir(), "data")
	t.Logf("seed %d", killSeed)
	dice := rand.New(rand.NewPCG(killSeed, kills))
	c := &client{promises: map[int]promise{}}
	for range kills {
		acks := 2 + dice.IntN(40)
		t.Logf("kill after %d acknowledgements", acks)
		c.run(t, start(t, bin, data), acks)
	}
	d := start(t, bin, data)
	until(t, "all samples are taken in", func() bool {
		n := rows(t, data, "select 'n', count(distinct tenant||source_id) from work_orders where source_id not like 'kill-%'")
		return n["n"] == fmt.Sprint(len(nation.Requests()))
	})
	d.kill()
	if strings.Contains(d.said.String(), "没有全部放入") {
		t.Errorf("the demo stopped playing:\n%s", d.said)
	}
	for id, n := range rows(t, data, "select tenant||' '||source_id, count(*) from work_orders group by tenant, source_id having count(*) > 1") {
		t.Errorf("%s is there %s times", id, n)
	}
	states := rows(t, data, "select number, state from work_orders")
	for i, p := range c.promises {
		now := pb.State(pb.State_value[strings.ToUpper(states[p.number])])
		if now < p.state || now == pb.State_STATE_UNSPECIFIED {
			t.Errorf("request %d: %s was acknowledged as %s and is %q", i, p.number, p.state, states[p.number])
		}
	}
	verify := exec.CommandContext(t.Context(), bin, "audit", "verify", "--data", data)
	verify.Env = os.Environ()
	if out, err := verify.CombinedOutput(); err != nil {
		t.Errorf("audit: %v\n%s", err, out)
	}
	t.Logf("%d requests were acknowledged", len(c.promises))
}
