package gate

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	kerrors "github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/test/bufconn"

	accesspb "hotline/api/access"
	caseworkpb "hotline/api/casework/v1"
	tenantpb "hotline/api/tenant/v1"
	"hotline/tenants"
	"hotline/tenants/access"
)

const (
	here  = "tenants/110000/workOrders/110000202611230000000001"
	there = "tenants/310000/workOrders/310000202611230000000001"
	phone = "13912345678"
)

// orders is a room whose answers the test decides.
type orders struct {
	caseworkpb.UnimplementedWorkOrdersServer
	get    func(context.Context, *caseworkpb.GetWorkOrderRequest) (*caseworkpb.WorkOrder, error)
	search func(context.Context, *caseworkpb.SearchRequest) (*caseworkpb.ListWorkOrdersResponse, error)
}

func (o *orders) GetWorkOrder(ctx context.Context, in *caseworkpb.GetWorkOrderRequest) (*caseworkpb.WorkOrder, error) {
	if o.get == nil {
		return &caseworkpb.WorkOrder{Name: in.GetName()}, nil
	}
	return o.get(ctx, in)
}

func (o *orders) Search(ctx context.Context, in *caseworkpb.SearchRequest) (*caseworkpb.ListWorkOrdersResponse, error) {
	if o.search == nil {
		return &caseworkpb.ListWorkOrdersResponse{}, nil
	}
	return o.search(ctx, in)
}

// passersBy is the citizen's side; it remembers who came.
type passersBy struct {
	caseworkpb.UnimplementedPortalServer
	seen chan *tenants.Viewer
}

func (p *passersBy) Track(ctx context.Context, in *caseworkpb.TrackRequest) (*caseworkpb.Petition, error) {
	p.seen <- tenants.From(ctx)
	return &caseworkpb.Petition{Name: in.GetName()}, nil
}

// record is a log that a test reads while the servers write.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

// house is a gate with its rooms, and a client on each side.
type house struct {
	*Gate
	orders *orders
	portal *passersBy
	log    *record
	grpc   *grpc.ClientConn
}

var viewers = map[string]*tenants.Viewer{
	"Bearer agent":   {Login: "zhang", Name: "张三", Tenant: "110000", Posts: []tenants.Post{{Role: tenants.Agent}}},
	"Bearer editor":  {Login: "li", Name: "李四", Tenant: "110000", Posts: []tenants.Post{{Role: tenants.KnowledgeEditor}}},
	"Bearer faraway": {Login: "zhang", Name: "张三", Tenant: "310000", Posts: []tenants.Post{{Role: tenants.Agent}}},
}

func identify(_ context.Context, bearer string) (*tenants.Viewer, error) {
	if v := viewers[bearer]; v != nil {
		return v, nil
	}
	return nil, kerrors.Unauthorized("UNAUTHENTICATED", "登录已失效，请重新登录。")
}

func open(t testing.TB, change ...func(*Parts)) *house {
	t.Helper()
	acc, err := access.New()
	if err != nil {
		t.Fatal(err)
	}
	h := &house{orders: &orders{}, portal: &passersBy{seen: make(chan *tenants.Viewer, 100)}, log: &record{}}
	parts := Parts{
		Services: []Service{
			{&caseworkpb.WorkOrders_ServiceDesc, h.orders}, {&caseworkpb.Portal_ServiceDesc, h.portal},
			{&tenantpb.Sessions_ServiceDesc, tenantpb.UnimplementedSessionsServer{}},
		},
		Identify: identify, RuleOf: access.RuleOf, May: acc.May,
		Rates:   func(context.Context, string) (int, int) { return 6000, 6000 },
		Ready:   func(context.Context) error { return nil },
		JWKS:    func(context.Context) ([]byte, error) { return []byte(`{"keys":[]}`), nil },
		OpenAPI: []byte("openapi: 3.0.3\n"),
		Log:     slog.New(slog.NewJSONHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
	}
	for _, c := range change {
		c(&parts)
	}
	if h.Gate, err = New(parts); err != nil {
		t.Fatal(err)
	}
	lis := bufconn.Listen(1 << 20)
	go func() { _ = h.GRPC.Serve(lis) }()
	t.Cleanup(h.GRPC.Server.Stop)
	h.grpc, err = grpc.NewClient("passthrough:gate", grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) { return lis.DialContext(ctx) }))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = h.grpc.Close() })
	return h
}

// refusal is what the caller gets to know of an error, on either side. A success has none.
type refusal struct {
	Code       int
	Reason     string
	Message    string
	Violations []struct{ Field, Description string }
	TraceID    string
}

func (r refusal) field(name string) string {
	for _, v := range r.Violations {
		if v.Field == name {
			return v.Description
		}
	}
	return ""
}

// web sends a request over HTTP; headers come in pairs.
func (h *house) web(verb, path, body string, headers ...string) *httptest.ResponseRecorder {
	r := httptest.NewRequest(verb, path, strings.NewReader(body))
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	return w
}

func read(t testing.TB, w *httptest.ResponseRecorder) (out refusal) {
	t.Helper()
	if w.Code == http.StatusOK {
		return refusal{}
	}
	if err := json.Unmarshal(w.Body.Bytes(), &out); err != nil {
		t.Fatalf("%d %s: %v", w.Code, w.Body, err)
	}
	if out.Code != w.Code {
		t.Errorf("status %d, body says %d", w.Code, out.Code)
	}
	return out
}

func readGRPC(err error) (out refusal) {
	if err == nil {
		return refusal{}
	}
	e := kerrors.FromError(err)
	out = refusal{Code: int(e.Code), Reason: e.Reason, Message: e.Message, TraceID: e.Metadata["trace_id"]}
	for k, v := range e.Metadata {
		if field, ok := strings.CutPrefix(k, "field."); ok {
			out.Violations = append(out.Violations, struct{ Field, Description string }{field, v})
		}
	}
	return out
}

func bearing(ctx context.Context, bearer string) context.Context {
	if bearer == "" {
		return ctx
	}
	return metadata.AppendToOutgoingContext(ctx, "authorization", bearer)
}

// get asks for a work order on both sides, which must say the same.
func (h *house) get(t testing.TB, bearer, name string) refusal {
	t.Helper()
	var headers []string
	if bearer != "" {
		headers = []string{"Authorization", bearer}
	}
	web := read(t, h.web("GET", "/v1/"+name, "", headers...))
	_, err := caseworkpb.NewWorkOrdersClient(h.grpc).GetWorkOrder(bearing(t.Context(), bearer), &caseworkpb.GetWorkOrderRequest{Name: name})
	far := readGRPC(err)
	if web.Reason != far.Reason || web.Message != far.Message || len(web.Violations) != len(far.Violations) {
		t.Errorf("HTTP says %+v, gRPC says %+v", web, far)
	}
	// gRPC has fewer codes than HTTP, so only the kind of failure is compared.
	if web.Code/100 != far.Code/100 {
		t.Errorf("HTTP code %d, gRPC as HTTP %d", web.Code, far.Code)
	}
	if web.Reason != "" && (len(web.TraceID) != 32 || len(far.TraceID) != 32) {
		t.Errorf("trace ids %q, %q", web.TraceID, far.TraceID)
	}
	web.TraceID = ""
	return web
}

func TestOneStepAfterTheOtherDecides(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		name, bearer, order string
		code                int
		reason, message     string
	}{
		{"nobody sees nothing", "", here, 401, "UNAUTHENTICATED", "请先登录。"},
		{"a bad token is no token", "Bearer forged", here, 401, "UNAUTHENTICATED", "请先登录。"},
		{"nobody learns nothing of another city", "", there, 401, "UNAUTHENTICATED", "请先登录。"},
		{"nobody learns nothing of what is allowed as a name", "", "tenants/110000/workOrders/1", 401, "UNAUTHENTICATED", "请先登录。"},
		{"another city's order is not there", "Bearer agent", there, 404, "NOT_FOUND", "没有找到，或不在您可见的范围内。"},
		{"another city comes before what the post may do", "Bearer editor", there, 404, "NOT_FOUND", "没有找到，或不在您可见的范围内。"},
		{"another city comes before what is filled in", "Bearer agent", "tenants/310000/workOrders/1", 404, "NOT_FOUND", "没有找到，或不在您可见的范围内。"},
		{"a city that is no city", "Bearer agent", "tenants/x/workOrders/1", 404, "NOT_FOUND", "没有找到，或不在您可见的范围内。"},
		{"a post that may not", "Bearer editor", here, 403, "DENIED", "您的岗位不能做这件事。如确有需要，请联系本市管理员。"},
		{"a post that may not, before what is filled in", "Bearer editor", "tenants/110000/workOrders/1", 403, "DENIED", "您的岗位不能做这件事。如确有需要，请联系本市管理员。"},
		{"filled in wrong", "Bearer agent", "tenants/110000/workOrders/1", 400, "INVALID_ARGUMENT", "请检查填写的内容。"},
		{"one's own city", "Bearer agent", here, 0, "", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			if r := h.get(t, c.bearer, c.order); r.Code != c.code || r.Reason != c.reason || r.Message != c.message {
				t.Errorf("%+v", r)
			}
		})
	}
}

func TestAnotherCityAndNothingThereLookAlike(t *testing.T) {
	h := open(t)
	h.orders.get = func(context.Context, *caseworkpb.GetWorkOrderRequest) (*caseworkpb.WorkOrder, error) {
		return nil, notFound()
	}
	mine, theirs := h.get(t, "Bearer agent", here), h.get(t, "Bearer agent", there)
	if mine.Message != theirs.Message || mine.Reason != theirs.Reason || mine.Code != theirs.Code || len(mine.Violations)+len(theirs.Violations) > 0 {
		t.Errorf("nothing there: %+v, another city: %+v", mine, theirs)
	}
}

func TestWhatDeclaresNoRuleIsDeniedToEverybody(t *testing.T) {
	none := false
	h := open(t, func(p *Parts) {
		of := p.RuleOf
		p.RuleOf = func(operation string) *accesspb.Rule {
			if none {
				return nil
			}
			return of(operation)
		}
	})
	none = true
	if r := h.get(t, "", here); r.Reason != "UNAUTHENTICATED" {
		t.Errorf("nobody: %+v", r)
	}
	if r := h.get(t, "Bearer agent", there); r.Reason != "NOT_FOUND" {
		t.Errorf("another city: %+v", r)
	}
	if r := h.get(t, "Bearer agent", here); r.Reason != "NO_RULE" || r.Code != 403 {
		t.Errorf("signed in: %+v", r)
	}
}

func TestTheHouseDoesNotOpenWithARuleMissingOrContradictory(t *testing.T) {
	for name, rule := range map[string]*accesspb.Rule{
		"none": nil, "empty": {}, "public and any": {Public: true, Any: true},
		"public with an object": {Public: true, Object: "work_order", Act: "get"}, "object without act": {Object: "work_order"},
	} {
		_, err := New(Parts{
			Services: []Service{{&caseworkpb.Portal_ServiceDesc, &passersBy{}}},
			RuleOf:   func(string) *accesspb.Rule { return rule }, Log: slog.New(slog.DiscardHandler),
		})
		if err == nil || !strings.Contains(err.Error(), "access rule") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestPassersByActAsTheCityCitizenWhateverTheirToken(t *testing.T) {
	h := open(t)
	const petition = "tenants/110000/petitions/110000202611230000000001"
	for _, bearer := range []string{"", "Bearer forged", "Bearer faraway", "Bearer agent"} {
		w := h.web("POST", "/v1/"+petition+":track", `{"code":"1234"}`, "Authorization", bearer)
		if w.Code != 200 {
			t.Fatalf("%q: %d %s", bearer, w.Code, w.Body)
		}
		_, err := caseworkpb.NewPortalClient(h.grpc).Track(bearing(t.Context(), bearer), &caseworkpb.TrackRequest{Name: petition, Code: "1234"})
		if err != nil {
			t.Fatal(err)
		}
		for range 2 {
			if v := <-h.portal.seen; v == nil || v.Tenant != "110000" || v.Login != "" || !v.Has(tenants.Citizen) || len(v.Posts) != 1 {
				t.Errorf("%q comes as %+v", bearer, v)
			}
		}
	}
	for _, name := range []string{"tenants/11000/petitions/1", "tenants/1100000/petitions/1", "tenants/-/petitions/1"} {
		if r := read(t, h.web("POST", "/v1/"+name+":track", `{"code":"1234"}`)); r.Reason != "NOT_FOUND" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}

// twoCities is a request that names a city twice.
type twoCities struct{ name, parent string }

func (c twoCities) GetName() string   { return c.name }
func (c twoCities) GetParent() string { return c.parent }

func TestARequestNamesOneCityOrNone(t *testing.T) {
	for _, c := range []struct {
		in    any
		code  string
		named bool
	}{
		{&caseworkpb.GetWorkOrderRequest{Name: here}, "110000", true},
		{&caseworkpb.SearchRequest{Parent: "tenants/110000"}, "110000", true},
		{&tenantpb.LoginRequest{}, "", false},
		{&caseworkpb.SearchRequest{}, "", true},
		{&caseworkpb.SearchRequest{Parent: "tenants/110000\n"}, "", true},
		{&caseworkpb.SearchRequest{Parent: "x/tenants/110000"}, "", true},
		{&caseworkpb.SearchRequest{Parent: "tenants/１１００００"}, "", true},
		{twoCities{here, "tenants/110000"}, "110000", true},
		{twoCities{here, "tenants/310000"}, "", true},
	} {
		if code, named := cityOf(c.in); code != c.code || named != c.named {
			t.Errorf("%+v: %q %v", c.in, code, named)
		}
	}
}

func TestFailuresAreHiddenFromPeopleAndToldToTheOperator(t *testing.T) {
	h := open(t)
	for _, c := range []struct {
		name   string
		fail   func() error
		code   int
		reason string
		logged string
	}{
		{"a panic", func() error { panic("nil map of 张三 " + phone) }, 500, "INTERNAL", "goroutine"},
		{"a database error", func() error { return errors.New("ent: constraint failed: UNIQUE work_orders.phone " + phone) }, 500, "INTERNAL", "UNIQUE"},
		{"an error of ours with code 500", func() error { return kerrors.InternalServer("SQL", "select 1") }, 500, "INTERNAL", "select 1"},
		{"too slow", func() error { return context.DeadlineExceeded }, 504, "TIMEOUT", ""},
		{"the caller hung up", func() error { return context.Canceled }, 499, "CANCELLED", ""},
		{"a refusal of the room", func() error { return kerrors.Conflict("WRONG_STATE", "工单已办结。") }, 409, "WRONG_STATE", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			h.orders.get = func(context.Context, *caseworkpb.GetWorkOrderRequest) (*caseworkpb.WorkOrder, error) {
				return nil, c.fail()
			}
			r := h.get(t, "Bearer agent", here)
			if r.Code != c.code || r.Reason != c.reason {
				t.Errorf("%+v", r)
			}
			if strings.ContainsAny(r.Message, "abcdefghijklmnopqrstuvwxyz0123456789") {
				t.Errorf("the person is told %q", r.Message)
			}
			if !strings.Contains(h.log.String(), c.logged) {
				t.Errorf("the operator is not told: %s", h.log)
			}
		})
	}
	if strings.Contains(h.log.String(), phone) {
		t.Errorf("the phone number is in the log: %s", h.log)
	}
}

func TestPanicsOutsideTheChainAreHiddenToo(t *testing.T) {
	h := open(t)
	h.HTTP.HandleFunc("/broken", func(http.ResponseWriter, *http.Request) { panic("inner " + phone) })
	w := h.web("GET", "/broken", "")
	r := read(t, w)
	if r.Reason != "INTERNAL" || r.TraceID != w.Header().Get("X-Trace-Id") || strings.Contains(w.Body.String(), "inner") {
		t.Errorf("%+v", r)
	}
	if l := h.log.String(); !strings.Contains(l, "inner") || !strings.Contains(l, r.TraceID) || strings.Contains(l, phone) {
		t.Error(l)
	}
}

func TestACallThatCameAMomentTooEarlyIsMadeOnceMoreAndNoOther(t *testing.T) {
	early, asked := errors.New("key not known yet"), 0
	h := open(t, func(p *Parts) {
		p.Again = func(ctx context.Context, err error) bool {
			return errors.Is(err, early) && tenants.From(ctx).Tenant == "110000"
		}
	})
	for _, c := range []struct {
		sentence string
		errs     []error // of one try after the other
		code     int
	}{
		{"a good one", []error{nil}, 0},
		{"too early", []error{early, nil}, 0},
		{"much too early", []error{early, early}, 500},
		{"wrong", []error{errors.New("broken")}, 500},
	} {
		asked = 0
		h.orders.get = func(_ context.Context, in *caseworkpb.GetWorkOrderRequest) (*caseworkpb.WorkOrder, error) {
			asked++
			return &caseworkpb.WorkOrder{Name: in.GetName()}, c.errs[(asked-1)%len(c.errs)]
		}
		if got := read(t, h.web("GET", "/v1/"+here, "", "Authorization", "Bearer agent")); got.Code != c.code || asked != len(c.errs) {
			t.Errorf("%s: %d after %d tries", c.sentence, got.Code, asked)
		}
	}
}

func TestPagesLieWhereNothingElseDoes(t *testing.T) {
	h := open(t, func(p *Parts) {
		p.Pages = http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = w.Write([]byte("page " + r.URL.Path)) })
	})
	for path, page := range map[string]bool{"/": true, "/console/orders": true, "/rate/110000/x": true, "/v1/nothing": false, "/v1/tenants/110000/nothing": false,
		"/healthz": false, "/openapi.yaml": false, "/.well-known/jwks.json": false} {
		w := h.web("GET", path, "")
		if got := strings.HasPrefix(w.Body.String(), "page "); got != page {
			t.Errorf("%s is answered with %d %.40q", path, w.Code, w.Body.String())
		}
	}
	if w := h.web("GET", "/v1/nothing", ""); w.Code != http.StatusNotFound {
		t.Errorf("an address that is nothing of the API's answers %d", w.Code)
	}
}
