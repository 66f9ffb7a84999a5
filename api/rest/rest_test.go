package rest_test

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/go-kratos/kratos/v2/middleware"
	"github.com/go-kratos/kratos/v2/transport"
	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/emptypb"

	"hotline/api/rest"
	"hotline/api/rest/resttest"
)

// probe echoes every request. The operation is what the middleware saw.
type probe struct {
	resttest.UnimplementedProbeServer
}

type operationKey struct{}

func echo(ctx context.Context, method string, e *resttest.Echo) (*resttest.Echo, error) {
	e.Method = method
	e.Operation, _ = ctx.Value(operationKey{}).(string)
	return e, nil
}

func (probe) GetOrder(ctx context.Context, r *resttest.GetOrderRequest) (*resttest.Echo, error) {
	return echo(ctx, "GetOrder", &resttest.Echo{Name: r.Name})
}

func (probe) GetDefault(ctx context.Context, _ *resttest.GetDefaultRequest) (*resttest.Echo, error) {
	return echo(ctx, "GetDefault", &resttest.Echo{})
}

func (probe) ListOrders(ctx context.Context, r *resttest.ListOrdersRequest) (*resttest.Echo, error) {
	return echo(ctx, "ListOrders", &resttest.Echo{Name: r.Parent, List: r})
}

func (probe) CreateOrder(ctx context.Context, r *resttest.CreateOrderRequest) (*resttest.Echo, error) {
	return echo(ctx, "CreateOrder", &resttest.Echo{Name: r.Parent, Create: r, StateSeen: r.GetWorkOrder().GetState(), Count: r.GetWorkOrder().GetCount()})
}

func (probe) UpdateOrder(ctx context.Context, r *resttest.UpdateOrderRequest) (*resttest.Echo, error) {
	return echo(ctx, "UpdateOrder", &resttest.Echo{Name: r.GetWorkOrder().GetName(), Update: r})
}

func (probe) ReplaceTags(ctx context.Context, r *resttest.ReplaceTagsRequest) (*resttest.Echo, error) {
	return echo(ctx, "ReplaceTags", &resttest.Echo{Name: r.Name, Replace: r})
}

func (probe) DispatchOrder(ctx context.Context, r *resttest.DispatchOrderRequest) (*resttest.Echo, error) {
	return echo(ctx, "DispatchOrder", &resttest.Echo{Name: r.Name, Dispatch: r})
}

func (probe) DeleteOrder(context.Context, *resttest.GetOrderRequest) (*emptypb.Empty, error) {
	return &emptypb.Empty{}, nil
}

func (probe) GetPage(ctx context.Context, r *resttest.GetPageRequest) (*resttest.Echo, error) {
	return echo(ctx, "GetPage", &resttest.Echo{Count: int64(r.Page)})
}

func (probe) GetFile(ctx context.Context, r *resttest.GetOrderRequest) (*resttest.Echo, error) {
	return echo(ctx, "GetFile", &resttest.Echo{Name: r.Name})
}

// remember is the middleware: it passes on the operation and refuses by header.
func remember(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		tr, _ := transport.FromServerContext(ctx)
		if tr.RequestHeader().Get("X-Refuse") != "" {
			return nil, io.ErrUnexpectedEOF
		}
		return next(context.WithValue(ctx, operationKey{}, tr.Operation()), in)
	}
}

func newServer() *khttp.Server {
	return khttp.NewServer(
		khttp.Middleware(remember),
		khttp.ErrorEncoder(rest.ErrorEncoder),
		khttp.NotFoundHandler(rest.NotFound()),
		khttp.MethodNotAllowedHandler(rest.MethodNotAllowed()),
	)
}

func newProbe(t testing.TB) http.Handler {
	t.Helper()
	s := newServer()
	if err := rest.Mount(s, &resttest.Probe_ServiceDesc, probe{}); err != nil {
		t.Fatal(err)
	}
	return s
}

// call sends one request; body "" is none, and headers come as name, value, ….
func call(t testing.TB, h http.Handler, verb, address, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	var r io.Reader
	if body != "" {
		r = strings.NewReader(body)
	}
	req := httptest.NewRequest(verb, address, r)
	for i := 0; i+1 < len(headers); i += 2 {
		req.Header.Set(headers[i], headers[i+1])
	}
	res := httptest.NewRecorder()
	h.ServeHTTP(res, req)
	return res
}

// echoed sends a request that has to succeed.
func echoed(t testing.TB, h http.Handler, verb, address, body string) *resttest.Echo {
	t.Helper()
	res := call(t, h, verb, address, body, "Content-Type", "application/json")
	if res.Code != http.StatusOK {
		t.Fatalf("%s %s %s: %d %s", verb, address, body, res.Code, res.Body)
	}
	e := new(resttest.Echo)
	if err := protojson.Unmarshal(res.Body.Bytes(), e); err != nil {
		t.Fatal(err)
	}
	return e
}

type refusal struct {
	Code       int
	Reason     string
	Message    string
	Violations []struct{ Field, Description string }
	TraceID    string
}

// refused sends a request that has to fail, and checks status and reason.
func refused(t testing.TB, h http.Handler, code int, reason, verb, address, body string, headers ...string) refusal {
	t.Helper()
	res := call(t, h, verb, address, body, headers...)
	var p refusal
	if err := json.Unmarshal(res.Body.Bytes(), &p); err != nil {
		t.Fatalf("%s %s: %d %q: %v", verb, address, res.Code, res.Body, err)
	}
	if res.Code != code || p.Code != code || p.Reason != reason || p.Message == "" {
		t.Errorf("%s %s %.80s: %d %s, want %d %s", verb, address, body, res.Code, res.Body, code, reason)
	}
	if ct := res.Header().Get("Content-Type"); ct != "application/json" {
		t.Errorf("%s %s: Content-Type %q", verb, address, ct)
	}
	return p
}

func TestRoutes(t *testing.T) {
	h := newProbe(t)
	for _, c := range []struct{ verb, address, body, method, name string }{
		{"GET", "/v1/tenants/1/workOrders/2", "", "GetOrder", "tenants/1/workOrders/2"},
		{"GET", "/v1/tenants/0/workOrders/default", "", "GetDefault", ""},
		{"GET", "/v1/tenants/1/workOrders", "", "ListOrders", "tenants/1"},
		{"GET", "/v1/workOrders?parent=tenants/9", "", "ListOrders", "tenants/9"},
		{"POST", "/v1/tenants/1/workOrders:search", `{"pageSize":3}`, "ListOrders", "tenants/1"},
		{"POST", "/v1/tenants/1/workOrders", `{"title":"x"}`, "CreateOrder", "tenants/1"},
		{"PATCH", "/v1/tenants/1/workOrders/2", `{"title":"x"}`, "UpdateOrder", "tenants/1/workOrders/2"},
		{"PUT", "/v1/tenants/1/workOrders/2/tags", `["a"]`, "ReplaceTags", "tenants/1/workOrders/2"},
		{"POST", "/v1/tenants/1/workOrders/2:dispatch", `{}`, "DispatchOrder", "tenants/1/workOrders/2"},
		{"GET", "/v1/pages/7", "", "GetPage", ""},
		{"GET", "/v1/files/a/b/c.txt:read", "", "GetFile", "a/b/c.txt"},
		{"GET", "/v1/tenants/北京/workOrders/%E5%B7%A5%E5%8D%95", "", "GetOrder", "tenants/北京/workOrders/工单"},
		{"GET", "/v1/tenants/a%20b/workOrders/%2525+", "", "GetOrder", "tenants/a b/workOrders/%25+"},
		{"GET", "/v1/tenants/1/workOrders/dispatch", "", "GetOrder", "tenants/1/workOrders/dispatch"},
	} {
		e := echoed(t, h, c.verb, c.address, c.body)
		if e.Method != c.method || e.Name != c.name || e.Operation != "/hotline.resttest.Probe/"+c.method {
			t.Errorf("%s %s: %v", c.verb, c.address, e)
		}
	}
	if res := call(t, h, "DELETE", "/v1/tenants/1/workOrders/2", ""); res.Code != 200 || res.Body.String() != "{}" {
		t.Errorf("DELETE: %d %s", res.Code, res.Body)
	}
}

func TestAddressTricks(t *testing.T) {
	h := newProbe(t)
	const dispatch = "/v1/tenants/1/workOrders/2:dispatch"
	for _, c := range []struct{ verb, address string }{
		{"POST", dispatch + ":dispatch"},
		{"POST", "/v1/tenants/1/workOrders/2:x:dispatch"},
		{"POST", "/v1/tenants/1/workOrders/2:unknown"},
		{"POST", "/v1/tenants/1/workOrders/:dispatch"},
		{"POST", "/v1/tenants/1/workOrders/2%3Adispatch"},
		{"POST", "/v1/tenants/1/workOrders/2%3adispatch"},
		{"POST", "/v1/tenants/1:2/workOrders/2:dispatch"},
		{"GET", "/v1/tenants/1/workOrders/2:get"},
		{"GET", "/v1/tenants/1/workOrders/2%3Aget"},
		{"GET", "/v1/tenants/1%2FworkOrders%2F2"},
		{"GET", "/v1/tenants/1/workOrders/2%2F3"},
		{"GET", "/v1/files/a%2Fb:read"},
		{"GET", "/v1/files/a%2fb:read"},
		{"GET", "/v1/tenants//workOrders"},
		{"GET", "/V1/tenants/1/workOrders/2"},
		{"GET", "/v1/nowhere"},
	} {
		res := call(t, h, c.verb, c.address, "")
		if res.Code == http.StatusMovedPermanently && strings.Contains(c.address, "//") {
			continue // the router cleans the address first; what it redirects to is tried anew
		}
		refused(t, h, 404, "NOT_FOUND", c.verb, c.address, "")
	}
	for _, address := range []string{"/v1/tenants/1/workOrders/../../2/workOrders/3", "/v1/tenants/1/workOrders/%2e%2e", "/v1/tenants/..%2F2/workOrders/3"} {
		if res := call(t, h, "GET", address, ""); res.Code != http.StatusMovedPermanently {
			t.Errorf("%s reached a method: %d %s", address, res.Code, res.Body)
		}
	}
	p := refused(t, h, 400, "INVALID_PATH", "GET", "/v1/tenants/1/workOrders/%FF", "")
	if len(p.Violations) != 1 || p.Violations[0].Field != "name" {
		t.Errorf("%+v", p)
	}
	refused(t, h, 400, "INVALID_PATH", "GET", "/v1/tenants/1/workOrders/a%00b", "")
	refused(t, h, 400, "INVALID_PATH", "GET", "/v1/tenants/1/workOrders/a%0Ab", "")
	refused(t, h, 400, "INVALID_PATH", "GET", "/v1/pages/seven", "")
	refused(t, h, 400, "INVALID_PATH", "GET", "/v1/pages/99999999999", "")
}

func TestNoRoute(t *testing.T) {
	h := newProbe(t)
	if p := refused(t, h, 404, "NOT_FOUND", "GET", "/nowhere", ""); p.Message != "没有这个地址。" || p.Violations == nil {
		t.Errorf("%+v", p)
	}
	refused(t, h, 405, "METHOD_NOT_ALLOWED", "PUT", "/v1/tenants/1/workOrders/2", "")
	refused(t, h, 405, "METHOD_NOT_ALLOWED", "GET", "/v1/tenants/1/workOrders/2:dispatch", "")
	refused(t, h, 405, "METHOD_NOT_ALLOWED", "POST", "/v1/tenants/1/workOrders/2", "")
}

func TestReplyIsProtoJSON(t *testing.T) {
	res := call(t, newProbe(t), "POST", "/v1/tenants/1/workOrders", `{"state":"STATE_OPEN","count":"9007199254740993"}`, "Accept", "application/xml")
	var got map[string]any
	if err := json.Unmarshal(res.Body.Bytes(), &got); err != nil {
		t.Fatalf("%v: %s", err, res.Body)
	}
	if got["stateSeen"] != "STATE_OPEN" || got["count"] != "9007199254740993" {
		t.Errorf("enums go by name and int64 as text: %s", res.Body)
	}
	create, _ := got["create"].(map[string]any)
	order, _ := create["workOrder"].(map[string]any)
	if create["requestId"] != "" || order["tags"] == nil || order["labels"] == nil {
		t.Errorf("zero values are missing: %s", res.Body)
	}
	if list, ok := got["list"]; ok {
		t.Errorf("a message that is not there is %v: %s", list, res.Body)
	}
	if ct := res.Header().Get("Content-Type"); ct != "application/json" {
		t.Errorf("Content-Type %q", ct)
	}
}

func TestMiddlewareCanRefuse(t *testing.T) {
	p := refused(t, newProbe(t), 500, "INTERNAL", "GET", "/v1/pages/1", "", "X-Refuse", "1")
	if strings.Contains(p.Message, "EOF") || len(p.TraceID) != 32 {
		t.Errorf("%+v", p)
	}
}

// broken answers with what no client may see.
type broken struct {
	resttest.UnimplementedProbeServer
}

func (broken) GetPage(context.Context, *resttest.GetPageRequest) (*resttest.Echo, error) {
	return &resttest.Echo{Name: "\xff secret"}, nil
}

func TestInternalErrorsAreHidden(t *testing.T) {
	s := newServer()
	if err := rest.Mount(s, &resttest.Probe_ServiceDesc, broken{}); err != nil {
		t.Fatal(err)
	}
	for _, address := range []string{"/v1/pages/1", "/v1/tenants/1/workOrders/2"} {
		res := call(t, s, "GET", address, "")
		if res.Code != 500 || !strings.Contains(res.Body.String(), "系统出了点问题") {
			t.Errorf("%s: %d %s", address, res.Code, res.Body)
		}
		for _, inside := range []string{"secret", "proto", "UTF-8", "Unimplemented", "not implemented"} {
			if strings.Contains(res.Body.String(), inside) {
				t.Errorf("%s tells %q: %s", address, inside, res.Body)
			}
		}
	}
}

type streamer struct {
	resttest.UnimplementedStreamerServer
}
type bare struct {
	resttest.UnimplementedBareServer
}
type clash struct {
	resttest.UnimplementedClashServer
}

func TestMountRefuses(t *testing.T) {
	mounted := newServer()
	if err := rest.Mount(mounted, &resttest.Probe_ServiceDesc, probe{}); err != nil {
		t.Fatal(err)
	}
	unknown := resttest.Bare_ServiceDesc
	unknown.ServiceName = "hotline.resttest.Missing"
	message := resttest.Bare_ServiceDesc
	message.ServiceName = "hotline.resttest.Echo"
	renamed := resttest.Bare_ServiceDesc
	renamed.Methods = []grpc.MethodDesc{{MethodName: "Other"}}
	for _, c := range []struct {
		s    *khttp.Server
		desc *grpc.ServiceDesc
		impl any
		want string
	}{
		{newServer(), &resttest.Streamer_ServiceDesc, streamer{}, "streams"},
		{newServer(), &resttest.Bare_ServiceDesc, bare{}, "no google.api.http annotation"},
		{newServer(), &resttest.Probe_ServiceDesc, bare{}, "does not implement"},
		{newServer(), &resttest.Probe_ServiceDesc, nil, "does not implement"},
		{newServer(), &unknown, bare{}, "Missing"},
		{newServer(), &message, bare{}, "not a service"},
		{newServer(), &renamed, bare{}, "not in the proto"},
		{mounted, &resttest.Clash_ServiceDesc, clash{}, "taken"},
		{mounted, &resttest.Probe_ServiceDesc, probe{}, "taken"},
	} {
		if err := rest.Mount(c.s, c.desc, c.impl); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, want %q", c.desc.ServiceName, err, c.want)
		}
	}
	if res := call(t, mounted, "GET", "/v1/pages/1", ""); res.Code != 200 {
		t.Errorf("a refused service broke the server: %d", res.Code)
	}
}

// equal compares messages, which have internals that == and reflect must not see.
func equal(t testing.TB, got, want proto.Message) {
	t.Helper()
	if !proto.Equal(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
}
