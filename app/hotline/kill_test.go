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
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	_ "github.com/jackc/pgx/v5/stdlib" // to look into the database when the program is dead
	_ "modernc.org/sqlite"

	pb "hotline/api/casework/v1"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent/store/storetest"
	"hotline/tenants/privacy"
)

const (
	killCity = "110000"
	killSeed = 20261123
)

// kills is how often the demo is killed on each database; HOTLINE_KILL_ROUNDS says how often for a long run.
func kills(t *testing.T) int {
	t.Helper()
	text := os.Getenv("HOTLINE_KILL_ROUNDS")
	if text == "" {
		return 5
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("HOTLINE_KILL_ROUNDS %q is no number of rounds", text)
	}
	return n
}

// installation is the program with its data: its own folder, or a folder for the key and a PostgreSQL.
type installation struct {
	bin, data string
	database  string // address of the PostgreSQL; empty for the file in the folder
}

// program builds the binary.
func program(t *testing.T) string {
	t.Helper()
	bin := filepath.Join(t.TempDir(), "hotline")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", bin, ".").CombinedOutput(); err != nil {
		t.Fatalf("build: %v\n%s", err, out)
	}
	return bin
}

// onPostgres is an installation on a migrated PostgreSQL, with the master key that an operator makes.
func onPostgres(t *testing.T, bin string) *installation {
	t.Helper()
	in := &installation{bin, t.TempDir(), storetest.PostgresURL(t)}
	_, text := privacy.NewMaster()
	if err := os.WriteFile(filepath.Join(in.data, "master.key"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return in
}

func (in *installation) command(ctx context.Context, args ...string) *exec.Cmd {
	args = append(args, "--data", in.data)
	if in.database != "" {
		args = append(args, "--database", in.database, "--blobs", "file://"+filepath.Join(in.data, "blobs"))
	}
	return exec.CommandContext(ctx, in.bin, args...)
}

// demo is one run of the program.
type demo struct {
	t       *testing.T
	cmd     *exec.Cmd
	address string
	found   chan string // where it listens, once it says so
	ended   chan struct{}
	said    *strings.Builder // what it printed; to be read after ended
}

var greeting = regexp.MustCompile(`http://127\.0\.0\.1:\d+`)

// launch runs the demo and waits for nothing.
func (in *installation) launch(t *testing.T) *demo {
	t.Helper()
	d := &demo{t: t, found: make(chan string, 1), ended: make(chan struct{}), said: &strings.Builder{},
		cmd: in.command(t.Context(), "demo", "--http", "127.0.0.1:0")}
	from, to := io.Pipe()
	d.cmd.Stdout, d.cmd.Stderr = to, to
	if err := d.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		for lines := bufio.NewScanner(from); lines.Scan(); {
			d.said.WriteString(lines.Text() + "\n")
			if a := greeting.FindString(lines.Text()); a != "" && len(d.found) == 0 {
				d.found <- a
			}
		}
		close(d.ended)
	}()
	go func() { _ = d.cmd.Wait(); _ = to.Close() }()
	return d
}

// start runs the demo until it is ready.
func (in *installation) start(t *testing.T) *demo {
	t.Helper()
	d := in.launch(t)
	select {
	case d.address = <-d.found:
	case <-d.ended:
		t.Fatalf("the demo ended at its start: %s", d.said)
	case <-time.After(20 * time.Second):
		t.Fatal("the demo did not say where it listens")
	}
	until(t, "ready", d.ready)
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
	deadline := time.After(2 * time.Minute)
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

// rows reads pairs of words. PostgreSQL shows even the owner one city at a time, so it is asked for each city.
func (in *installation) rows(t *testing.T, query string) map[string]string {
	t.Helper()
	driver, source := "pgx", in.database
	if source == "" {
		driver, source = "sqlite", "file:"+filepath.Join(in.data, "hotline.db")+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	db.SetMaxOpenConns(1)
	out := map[string]string{}
	if in.database == "" {
		read(t, db, query, out)
		return out
	}
	for _, c := range nation.Cities() {
		if _, err := db.ExecContext(t.Context(), "select set_config('app.tenant', $1, false)", c.Code); err != nil {
			t.Fatal(err)
		}
		read(t, db, query, out)
	}
	return out
}

func read(t *testing.T, db *sql.DB, query string, out map[string]string) {
	t.Helper()
	found, err := db.QueryContext(t.Context(), query)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = found.Close() }()
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
}

func TestKillsLoseNothingThatWasAcknowledgedAndDoubleNothing(t *testing.T) {
	bin := program(t)
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		(&installation{bin: bin, data: filepath.Join(t.TempDir(), "data")}).outlives(t, 1)
	})
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		onPostgres(t, bin).outlives(t, 2)
	})
}

// outlives kills the demo in its set-up, then again and again at work, and looks at what is left.
func (in *installation) outlives(t *testing.T, stream uint64) {
	t.Logf("seed %d, %d", killSeed, stream)
	dice := rand.New(rand.NewPCG(killSeed, stream))
	born := in.launch(t)
	time.Sleep(time.Duration(dice.IntN(1000)) * time.Millisecond)
	born.kill()
	c := &client{promises: map[int]promise{}}
	for range kills(t) {
		acks := 2 + dice.IntN(30)
		t.Logf("kill after %d acknowledgements", acks)
		c.run(t, in.start(t), acks)
	}
	d := in.start(t)
	until(t, "all samples are taken in", func() bool {
		return len(in.rows(t, "select tenant||source_id, '' from work_orders where source_id not like 'kill-%'")) == len(nation.Requests())
	})
	d.kill()
	if strings.Contains(d.said.String(), "没有全部放入") {
		t.Errorf("the demo stopped playing:\n%s", d.said)
	}
	in.kept(t, c)
	if out, err := in.command(t.Context(), "audit", "verify").CombinedOutput(); err != nil {
		t.Errorf("audit: %v\n%s", err, out)
	}
	t.Logf("%d requests were acknowledged", len(c.promises))
}

// kept holds what is in the database against what the clients were told.
func (in *installation) kept(t *testing.T, c *client) {
	t.Helper()
	for id, n := range in.rows(t, "select tenant||' '||source_id, count(*) from work_orders where source_id is not null group by tenant, source_id having count(*) > 1") {
		t.Errorf("%s is there %s times", id, n)
	}
	for number, n := range in.rows(t, `select w.number, count(*) from work_orders w join events e on e.tenant = w.tenant and e.work_order_id = w.id
		where w.source_id like 'kill-%' and e.verb = 'dispatch' group by w.number having count(*) > 1`) {
		t.Errorf("%s was dispatched %s times", number, n)
	}
	states := in.rows(t, "select number, state from work_orders")
	for i, p := range c.promises {
		now := pb.State(pb.State_value[strings.ToUpper(states[p.number])])
		if now < p.state || now == pb.State_STATE_UNSPECIFIED {
			t.Errorf("request %d: %s was acknowledged as %s and is %q", i, p.number, p.state, states[p.number])
		}
	}
}
