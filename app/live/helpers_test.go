package live_test

import (
	"bufio"
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/encoding/protojson"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/app/nation"
)

const city = "110000"

// patience is how long a test waits for what must come.
const patience = 10 * time.Second

// reader is one open stream.
type reader struct {
	t      *testing.T
	events chan *pb.Change
	stop   context.CancelFunc
	last   string // id of the last event read
	status int
}

// tokenOf signs somebody in.
func tokenOf(t *testing.T, town *housetest.Town, login string) string {
	t.Helper()
	p, err := town.Stage.As(t.Context(), login)
	if err != nil {
		t.Fatal(err)
	}
	return p.Token()
}

// watch opens a stream and waits until it is ready; query is what stands behind the ?, last the id of the last event.
func watch(t *testing.T, town *housetest.Town, token, query, last string) *reader {
	t.Helper()
	r := open(t, town, token, query, last)
	if r.status != http.StatusOK {
		t.Fatalf("stream refused: %d", r.status)
	}
	r.until(pb.ChangeKind_READY)
	return r
}

func open(t *testing.T, town *housetest.Town, token, query, last string) *reader {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, town.Server.URL+"/v1/tenants/"+city+"/events?"+query, nil)
	if err != nil {
		t.Fatal(err)
	}
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	}
	if last != "" {
		req.Header.Set("Last-Event-ID", last)
	}
	res, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		t.Fatal(err)
	}
	r := &reader{t: t, events: make(chan *pb.Change, 4096), stop: stop, status: res.StatusCode}
	done := make(chan struct{})
	go func() {
		defer close(done)
		defer close(r.events)
		defer func() { _ = res.Body.Close() }()
		lines := bufio.NewScanner(res.Body)
		for lines.Scan() {
			if data, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
				c := &pb.Change{}
				err := protojson.Unmarshal([]byte(data), c)
				if ctx.Err() != nil {
					return // cut by the test, perhaps in the middle of a line
				}
				if err != nil {
					t.Errorf("event %q: %v", data, err)
				}
				r.events <- c
			}
		}
	}()
	t.Cleanup(func() { stop(); <-done })
	return r
}

// next is the next event that is no sign of life; nil when the stream has ended.
func (r *reader) next() *pb.Change {
	r.t.Helper()
	for {
		select {
		case c := <-r.events:
			if c.GetId() != "" {
				r.last = c.GetId()
			}
			if c.GetKind() != pb.ChangeKind_ALIVE {
				return c
			}
		case <-time.After(patience):
			r.t.Fatal("nothing came")
		}
	}
}

// until reads on to the first event of a kind.
func (r *reader) until(kind pb.ChangeKind) *pb.Change {
	r.t.Helper()
	for {
		c := r.next()
		if c == nil {
			r.t.Fatalf("the stream ended before %s", kind)
		}
		if c.GetKind() == kind {
			return c
		}
	}
}

// verb reads on to the first act of a verb.
func (r *reader) verb(want string) *pb.Change {
	r.t.Helper()
	for {
		c := r.next()
		if c == nil {
			r.t.Fatalf("the stream ended before %s", want)
		}
		if c.GetVerb() == want {
			return c
		}
	}
}

// sample is one that goes to a unit.
func sample(t *testing.T) nation.Request {
	t.Helper()
	for _, r := range nation.Requests() {
		if r.City == city && r.Disposition == "in_scope" && nation.UnitCode(r.Lead) != "" && !r.Confidential {
			r.Assist = nil
			return r
		}
	}
	t.Fatal("no sample")
	return nation.Request{}
}

// otherUnit is the login of a handler whose unit has nothing to do with the sample.
func otherUnit(t *testing.T) string {
	t.Helper()
	for _, u := range []string{"U02", "U03", "U07"} {
		if nation.UnitCode(sample(t).Lead) != u && !slices.Contains(sample(t).Assist, u) {
			return strings.ToLower(u) + "." + city
		}
	}
	t.Fatal("no other unit")
	return ""
}

func handlerOf(t *testing.T) string {
	return strings.ToLower(nation.UnitCode(sample(t).Lead)) + "." + city
}
