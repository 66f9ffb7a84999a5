package rest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"google.golang.org/protobuf/encoding/protojson"

	"hotline/api/rest"
	"hotline/api/rest/resttest"
)

// newWhole is a server as the product runs it: hand-written routes, the API, and a console behind all.
func newWhole(t testing.TB, opts ...rest.Option) *khttp.Server {
	t.Helper()
	s := khttp.NewServer(append(rest.Options(), khttp.Middleware(rest.Conceal(nil), remember))...)
	if err := rest.Mount(s, &resttest.Probe_ServiceDesc, probe{}, opts...); err != nil {
		t.Fatal(err)
	}
	s.Route("/").POST("/hook", func(c khttp.Context) error {
		in := new(resttest.WorkOrder)
		if err := c.Bind(in); err != nil {
			return err
		}
		return c.Result(http.StatusOK, in)
	})
	s.Route("/").POST("/plain", func(c khttp.Context) error {
		var in struct{ Title string }
		if err := c.Bind(&in); err != nil {
			return err
		}
		return c.Result(http.StatusOK, map[string]any{"title": in.Title, "bad": in.Title == "chan"})
	})
	s.HandlePrefix("/v1/", rest.Unmatched(s))
	s.HandlePrefix("/", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "console") }))
	return s
}

func TestWrongVerbAndUnknownAddressBeforeACatchAll(t *testing.T) {
	s := newWhole(t)
	for _, c := range []struct {
		verb, address, allow string
		code                 int
	}{
		{"PUT", "/v1/tenants/1/workOrders/2", "DELETE, GET, PATCH", 405},
		{"GET", "/v1/tenants/1/workOrders/2:dispatch", "POST", 405},
		{"DELETE", "/v1/tenants/1/workOrders", "GET, POST", 405},
		{"GET", "/v1/tenants/1/workOrders/2:nothing", "", 404},
		{"PUT", "/v1/tenants/1/workOrders/2%2F3", "", 404},
		{"PUT", "/v1/tenants/1/workOrders/2%3Adispatch", "", 404},
		{"GET", "/v1/", "", 404},
		{"GET", "/v1/pages/1/", "", 404},
	} {
		res := call(t, s, c.verb, c.address, "")
		if res.Code != c.code || res.Header().Get("Allow") != c.allow {
			t.Errorf("%s %s: %d, Allow %q", c.verb, c.address, res.Code, res.Header().Get("Allow"))
		}
	}
	if res := call(t, s, "GET", "/anything", ""); res.Body.String() != "console" {
		t.Errorf("the console is gone: %d %s", res.Code, res.Body)
	}
}

func TestWrongVerbWithoutCatchAll(t *testing.T) {
	s := khttp.NewServer(rest.Options()...)
	if err := rest.Mount(s, &resttest.Probe_ServiceDesc, probe{}); err != nil {
		t.Fatal(err)
	}
	if res := call(t, s, "PUT", "/v1/pages/1", ""); res.Code != 405 || res.Header().Get("Allow") != "GET" {
		t.Errorf("%d, Allow %q", res.Code, res.Header().Get("Allow"))
	}
	refused(t, s, 404, "NOT_FOUND", "GET", "/v2", "")
}

func TestHandWrittenRoutesAreAsStrict(t *testing.T) {
	s := newWhole(t)
	if res := call(t, s, "POST", "/hook", `{"title":"井盖"}`, "Accept", "application/xml"); res.Code != 200 || !strings.Contains(res.Body.String(), `"井盖"`) {
		t.Errorf("%d %s", res.Code, res.Body)
	}
	if res := call(t, s, "POST", "/hook", ""); res.Code != 200 {
		t.Errorf("no body: %d %s", res.Code, res.Body)
	}
	if res := call(t, s, "POST", "/plain", `{"title":"井盖"}`); res.Code != 200 || res.Body.String() != `{"bad":false,"title":"井盖"}` {
		t.Errorf("%d %s", res.Code, res.Body)
	}
	for _, path := range []string{"/hook", "/plain"} {
		refused(t, s, 400, "INVALID_JSON", "POST", path, `{"titel":"x"}`)
		refused(t, s, 400, "INVALID_JSON", "POST", path, `{"title":"x"}{}`)
		refused(t, s, 400, "INVALID_JSON", "POST", path, `{"title":1}`)
		refused(t, s, 415, "UNSUPPORTED_MEDIA_TYPE", "POST", path, `{}`, "Content-Type", "text/plain")
		refused(t, s, 413, "TOO_LARGE", "POST", path, strings.Repeat(" ", rest.MaxBody+1))
	}
	refused(t, s, 400, "INVALID_JSON", "POST", "/hook", `{"title":"\u0000"}`)
	if err := rest.ResponseEncoder(httptest.NewRecorder(), nil, make(chan int)); err == nil {
		t.Error("what JSON cannot say is taken")
	}
}

func TestBodyLimitOfOneService(t *testing.T) {
	s := newWhole(t, rest.BodyLimit(64))
	long := `{"unit":"` + strings.Repeat("x", 64) + `"}`
	p := refused(t, s, 413, "TOO_LARGE", "POST", orders+"/2:dispatch", long)
	if !strings.Contains(p.Message, "64") {
		t.Errorf("which limit? %s", p.Message)
	}
	s = newWhole(t, rest.BodyLimit(4<<20))
	echoed(t, s, "POST", orders+"/2:dispatch", `{"unit":"`+strings.Repeat("x", 2<<20)+`"}`)
}

// TestOverTheWire runs what only a real connection shows: raw paths, large bodies, broken clients.
func TestOverTheWire(t *testing.T) {
	ts := httptest.NewServer(newWhole(t))
	defer ts.Close()
	ts.Client().CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	send := func(verb, path, body string) (int, string) {
		t.Helper()
		req, err := http.NewRequest(verb, ts.URL, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.URL.Opaque = path // as written, not as the client would clean it
		res, err := ts.Client().Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = res.Body.Close() }()
		b, err := io.ReadAll(res.Body)
		if err != nil {
			t.Fatal(err)
		}
		return res.StatusCode, string(b)
	}
	for _, c := range []struct {
		verb, path, body string
		code             int
		holds            string
	}{
		{"POST", orders + "/2:dispatch", `{"unit":"住建委"}`, 200, `"/hotline.resttest.Probe/DispatchOrder"`},
		{"GET", "/v1/tenants/%E5%8C%97%E4%BA%AC/workOrders/2", "", 200, "tenants/北京/workOrders/2"},
		{"GET", "/v1/tenants/1%2F..%2F2/workOrders/3", "", 301, ""},
		{"GET", "/v1/tenants/1/workOrders/2%2f3", "", 404, `"NOT_FOUND"`},
		{"POST", orders + "/2:dispatch:dispatch", "", 404, `"NOT_FOUND"`},
		{"POST", orders + "/2:dispatch", strings.Repeat("x", 8<<20), 413, `"TOO_LARGE"`},
		{"TRACE", orders, "", 405, `"METHOD_NOT_ALLOWED"`},
	} {
		code, body := send(c.verb, c.path, c.body)
		if code != c.code || !strings.Contains(body, c.holds) {
			t.Errorf("%s %s: %d %s", c.verb, c.path, code, body)
		}
	}
}

// FuzzPath: whatever address reaches a method, the name that the method gets is what the
// address spells out, segment by segment, with the verb that stands there undisguised.
func FuzzPath(f *testing.F) {
	s := newWhole(f)
	for _, p := range []string{
		"/v1/tenants/1/workOrders/2", "/v1/tenants/1/workOrders/2:dispatch", "/v1/tenants/1/workOrders/2%3Adispatch",
		"/v1/tenants/a%2Fb/workOrders/2", "/v1/tenants/%2e%2e/workOrders/2", "/v1/files/a/b%252F:read", "/v1/files/a:b:read",
		"/v1/tenants/%E5%8C%97/workOrders/+", "/v1//tenants/1/workOrders/2", "/v1/tenants/1/workOrders/%5C..",
	} {
		f.Add("GET", p)
		f.Add("POST", p)
	}
	f.Fuzz(func(t *testing.T, verb, raw string) {
		u, err := url.ParseRequestURI(raw)
		if err != nil || u.Host != "" || u.RawQuery != "" || (verb != "GET" && verb != "POST") {
			return
		}
		req := (&http.Request{Method: verb, URL: u, Header: http.Header{}, Body: http.NoBody}).WithContext(context.Background())
		res := httptest.NewRecorder()
		s.ServeHTTP(res, req)
		if res.Code != 200 || res.Body.String() == "console" {
			return
		}
		e := new(resttest.Echo)
		if err := protojson.Unmarshal(res.Body.Bytes(), e); err != nil || e.Name == "" {
			return
		}
		if want, err := spelled(u, e.Method); err != nil || e.Name != want {
			t.Fatalf("%s %s reached %s as %q, not %q: %v", verb, raw, e.Method, e.Name, want, err)
		}
	})
}

// spelled reads the name out of an address independently of router and templates.
func spelled(u *url.URL, method string) (string, error) {
	verbs := map[string]string{"DispatchOrder": ":dispatch", "GetFile": ":read", "ListOrders": "", "CreateOrder": "", "GetOrder": ""}
	verb, ok := verbs[method]
	if !ok {
		return "", fmt.Errorf("%s has no name", method)
	}
	path := strings.TrimPrefix(u.EscapedPath(), "/v1/")
	if method == "ListOrders" {
		path = strings.TrimSuffix(path, ":search")
	}
	if !strings.HasSuffix(path, verb) {
		return "", fmt.Errorf("%s has no verb %s", path, verb)
	}
	path = strings.TrimSuffix(path, verb)
	switch method {
	case "GetFile":
		path = strings.TrimPrefix(path, "files/")
	case "ListOrders", "CreateOrder":
		path = strings.TrimSuffix(path, "/workOrders")
	}
	segments := strings.Split(path, "/")
	for i, s := range segments {
		plain, err := url.PathUnescape(s)
		if err != nil || plain == "" || strings.ContainsAny(plain, "/:") {
			return "", fmt.Errorf("segment %q: %v", s, err)
		}
		segments[i] = plain
	}
	return strings.Join(segments, "/"), nil
}

func BenchmarkMount(b *testing.B) {
	s := newServer()
	if err := rest.Mount(s, &resttest.Probe_ServiceDesc, probe{}); err != nil {
		b.Fatal(err)
	}
	benchmark(b, s)
}

// BenchmarkKratosRoute is the same method the way that kratos' own generator mounts it.
func BenchmarkKratosRoute(b *testing.B) {
	s := newServer()
	s.Route("/").POST("/v1/{name:tenants/[^/]+/workOrders/[^/]+}:dispatch", func(c khttp.Context) error {
		var in resttest.DispatchOrderRequest
		if err := c.Bind(&in); err != nil {
			return err
		}
		if err := c.BindQuery(&in); err != nil {
			return err
		}
		if err := c.BindVars(&in); err != nil {
			return err
		}
		khttp.SetOperation(c, "/hotline.resttest.Probe/DispatchOrder")
		h := c.Middleware(func(ctx context.Context, in any) (any, error) {
			return probe{}.DispatchOrder(ctx, in.(*resttest.DispatchOrderRequest))
		})
		out, err := h(c, &in)
		if err != nil {
			return err
		}
		return c.Result(http.StatusOK, out)
	})
	benchmark(b, s)
}

func benchmark(b *testing.B, h http.Handler) {
	const body = `{"unit":"住建委","workOrder":{"title":"井盖","count":"3","tags":["a","b"],"petitioner":{"fullName":"李"}}}`
	b.ReportAllocs()
	for b.Loop() {
		if res := call(b, h, "POST", orders+"/2:dispatch", body, "Content-Type", "application/json"); res.Code != http.StatusOK {
			b.Fatalf("%d %s", res.Code, res.Body)
		}
	}
}
