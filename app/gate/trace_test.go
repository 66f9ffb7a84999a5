package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"testing/synctest"

	kerrors "github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	reflectionpb "google.golang.org/grpc/reflection/grpc_reflection_v1"

	caseworkpb "hotline/api/casework/v1"
)

func TestTheTraceIDIsEverywhere(t *testing.T) {
	h := open(t)
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	parent := "00-" + id + "-00f067aa0ba902b7-01"

	w := h.web("GET", "/v1/"+there, "", "Authorization", "Bearer agent", "traceparent", parent)
	if got := w.Header().Get("X-Trace-Id"); got != id || read(t, w).TraceID != id {
		t.Errorf("HTTP: header %q, body %s", got, w.Body)
	}
	var header metadata.MD
	ctx := metadata.AppendToOutgoingContext(bearing(t.Context(), "Bearer agent"), "traceparent", parent)
	_, err := caseworkpb.NewWorkOrdersClient(h.grpc).GetWorkOrder(ctx, &caseworkpb.GetWorkOrderRequest{Name: there}, grpc.Header(&header))
	if got := header.Get("x-trace-id"); len(got) != 1 || got[0] != id || kerrors.FromError(err).Metadata["trace_id"] != id {
		t.Errorf("gRPC: header %v, error %v", got, err)
	}
	if n := strings.Count(h.log.String(), `"trace":"`+id+`"`); n != 2 {
		t.Errorf("%d lines carry it: %s", n, h.log)
	}
	// Answers that never meet the chain carry one too.
	for _, path := range []string{"/healthz", "/v1/nowhere", "/nowhere"} {
		if got := h.web("GET", path, "", "traceparent", parent).Header().Get("X-Trace-Id"); got != id {
			t.Errorf("%s: %q", path, got)
		}
	}
}

func TestABadTraceparentIsReplaced(t *testing.T) {
	h := open(t)
	seen := map[string]bool{}
	for _, parent := range []string{
		"", "x", "00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01", "00-4BF92F3577B34DA6A3CE929D0E0E4736-00f067aa0ba902b7-01",
		"00-4bf92f3577b34da6a3ce929d0e0e4736", "00-<script>-00f067aa0ba902b7-01",
	} {
		id := h.web("GET", "/healthz", "", "traceparent", parent).Header().Get("X-Trace-Id")
		if len(id) != 32 || strings.Trim(id, "0123456789abcdef") != "" || strings.Trim(id, "0") == "" || seen[id] {
			t.Errorf("%q gives %q", parent, id)
		}
		seen[id] = true
	}
}

func TestOnlyTrustedProxiesSayWhoCalls(t *testing.T) {
	g := &Gate{parts: Parts{Proxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("fd00::/8")}}}
	for _, c := range []struct {
		remote    string
		forwarded []string
		want      string
	}{
		{"1.2.3.4:5", nil, "1.2.3.4"},
		{"1.2.3.4:5", []string{"6.6.6.6"}, "1.2.3.4"},
		{"10.0.0.1:5", nil, "10.0.0.1"},
		{"10.0.0.1:5", []string{"1.2.3.4"}, "1.2.3.4"},
		{"10.0.0.1:5", []string{"6.6.6.6, 1.2.3.4"}, "1.2.3.4"},
		{"10.0.0.1:5", []string{"6.6.6.6, 1.2.3.4, 10.0.0.2"}, "1.2.3.4"},
		{"10.0.0.1:5", []string{"6.6.6.6", "1.2.3.4"}, "1.2.3.4"},
		{"10.0.0.1:5", []string{"garbage"}, "10.0.0.1"},
		{"[::ffff:10.0.0.1]:5", []string{"1.2.3.4"}, "1.2.3.4"},
		{"[fd00::1]:5", []string{"2001:db8::7"}, "2001:db8::7"},
	} {
		if got := g.address(c.remote, c.forwarded); got != c.want {
			t.Errorf("%s %q: %s, want %s", c.remote, c.forwarded, got, c.want)
		}
	}
}

func TestTheAddressReachesThrottlesOnBothSides(t *testing.T) {
	seen := make(chan string, 2)
	h := open(t, func(p *Parts) {
		p.Address = func(ctx context.Context, address string) context.Context {
			seen <- address
			return ctx
		}
	})
	h.web("GET", "/healthz", "")
	if got := <-seen; got != "192.0.2.1" { // httptest's caller
		t.Errorf("HTTP: %q", got)
	}
	h.parts.Proxies = []netip.Prefix{netip.MustParsePrefix("192.0.2.0/24")}
	// A proxy that adds its own line instead of lengthening the caller's, who lies.
	h.web("GET", "/healthz", "", "X-Forwarded-For", "6.6.6.6", "X-Forwarded-For", "1.2.3.4")
	if got := <-seen; got != "1.2.3.4" {
		t.Errorf("HTTP behind a proxy: %q", got)
	}
	_, _ = caseworkpb.NewWorkOrdersClient(h.grpc).GetWorkOrder(t.Context(), &caseworkpb.GetWorkOrderRequest{Name: here})
	if got := <-seen; got == "" {
		t.Error("gRPC: none")
	}
}

func TestACallHasHalfAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wait := (&Gate{}).timeout(func(ctx context.Context, _ any) (any, error) {
			<-ctx.Done()
			return nil, ctx.Err()
		})
		if _, err := wait(t.Context(), nil); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
	})
}

func TestStreamsAndKratosOwnServicesAreShut(t *testing.T) {
	h := open(t)
	s, err := reflectionpb.NewServerReflectionClient(h.grpc).ServerReflectionInfo(bearing(t.Context(), "Bearer agent"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Recv(); kerrors.Reason(err) != "NO_RULE" {
		t.Errorf("reflection: %v", err)
	}
	for bearer, want := range map[string]string{"": "UNAUTHENTICATED", "Bearer agent": "NO_RULE"} {
		err := h.grpc.Invoke(bearing(t.Context(), bearer), "/kratos.api.Metadata/ListServices", &caseworkpb.GetWorkOrderRequest{}, &caseworkpb.WorkOrder{})
		if kerrors.Reason(err) != want {
			t.Errorf("kratos' metadata for %q: %v", bearer, err)
		}
	}
}

func TestPlainPages(t *testing.T) {
	failure := error(nil)
	h := open(t, func(p *Parts) { p.Ready = func(context.Context) error { return failure } })
	for path, c := range map[string]struct{ kind, holds string }{
		"/healthz": {"text/plain", "ok"}, "/readyz": {"text/plain", "ok"}, "/openapi.yaml": {"application/yaml", "openapi:"},
		"/.well-known/jwks.json": {"application/json", "keys"}, "/metrics": {"text/plain", "go_goroutines"},
	} {
		w := h.web("GET", path, "")
		if w.Code != 200 || !strings.HasPrefix(w.Header().Get("Content-Type"), c.kind) || !strings.Contains(w.Body.String(), c.holds) {
			t.Errorf("%s: %d %s %.80s", path, w.Code, w.Header(), w.Body)
		}
	}
	for part, err := range map[string]error{"database": errors.New("dial tcp 10.1.1.1"), "keys": fmt.Errorf("ready: %w", &Unready{"keys", errors.New("dial tcp 10.1.1.1")})} {
		failure = err
		w := h.web("GET", "/readyz", "")
		if body := w.Body.String(); w.Code != 503 || body != part+" not ready\n" {
			t.Errorf("%s: %d %s", part, w.Code, body)
		}
	}
	if w := h.web("GET", "/healthz", ""); w.Code != 200 {
		t.Error("who is not ready is still alive")
	}
	if !strings.Contains(h.log.String(), "10.1.1.1") {
		t.Error("the operator is not told the cause")
	}
}

func TestKeysThatFailTellNobodyWhy(t *testing.T) {
	h := open(t, func(p *Parts) {
		p.JWKS = func(context.Context) ([]byte, error) { return nil, errors.New("no such table: signing_keys") }
	})
	w := h.web("GET", "/.well-known/jwks.json", "")
	if r := read(t, w); r.Reason != "INTERNAL" || strings.Contains(w.Body.String(), "table") || !strings.Contains(h.log.String(), "no such table") {
		t.Errorf("%s, log %s", w.Body, h.log)
	}
}

func TestHeadersKeepBrowsersSafe(t *testing.T) {
	h := open(t)
	for _, path := range []string{"/healthz", "/v1/" + here, "/v1/nowhere", "/nowhere", "/metrics"} {
		head := h.web("GET", path, "", "Origin", "https://evil.example").Header()
		if head.Get("X-Content-Type-Options") != "nosniff" || head.Get("Referrer-Policy") != "no-referrer" ||
			!strings.Contains(head.Get("Content-Security-Policy"), "frame-ancestors 'none'") {
			t.Errorf("%s: %v", path, head)
		}
		if strings.HasPrefix(path, "/v1/") != (head.Get("Cache-Control") == "no-store") {
			t.Errorf("%s: Cache-Control %q", path, head.Get("Cache-Control"))
		}
		for name := range head {
			if strings.HasPrefix(name, "Access-Control-") {
				t.Errorf("%s: %s", path, name)
			}
		}
	}
	if w := h.web("OPTIONS", "/v1/"+here, "", "Origin", "https://evil.example", "Access-Control-Request-Method", "GET"); w.Code != http.StatusMethodNotAllowed {
		t.Errorf("preflight: %d", w.Code)
	}
}
