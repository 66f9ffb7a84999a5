package gate

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"regexp"
	"runtime/debug"
	"strings"
	"time"

	"github.com/go-kratos/kratos/v2/middleware"
	"github.com/go-kratos/kratos/v2/transport"
	"google.golang.org/grpc/peer"

	"hotline/api/rest"
	"hotline/tenants/privacy"
)

type traceKey struct{}

// traceOf is the trace id (追踪号) of the call.
func traceOf(ctx context.Context) string {
	id, _ := ctx.Value(traceKey{}).(string)
	return id
}

var traceparent = regexp.MustCompile(`^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}(-|$)`)

// trace takes the trace id from a W3C traceparent, or makes one.
func trace(parent string) string {
	if m := traceparent.FindStringSubmatch(parent); m != nil && strings.Trim(m[1], "0") != "" {
		return m[1]
	}
	var b [16]byte
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

// enter is the first thing every HTTP request meets, mounted or not: trace id, address, headers that keep browsers safe.
func (g *Gate) enter(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		id := trace(r.Header.Get("traceparent"))
		// What fails before the chain reads the id from here.
		r.Header.Set("traceparent", "00-"+id+"-"+id[:16]+"-00")
		h := w.Header()
		h.Set("X-Trace-Id", id)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Content-Security-Policy", "default-src 'self'; frame-ancestors 'none'")
		if strings.HasPrefix(r.URL.Path, "/v1") {
			h.Set("Cache-Control", "no-store")
		}
		ctx := context.WithValue(r.Context(), traceKey{}, id)
		ctx = context.WithValue(ctx, callKey{}, &call{start: time.Now()})
		// Every line of the header: a proxy may add its own instead of lengthening what the caller sent.
		ctx = g.from(ctx, g.address(r.RemoteAddr, r.Header.Values("X-Forwarded-For")))
		r = r.WithContext(ctx)
		defer g.recover(w, r)
		next.ServeHTTP(w, r)
	})
}

// recover catches what falls outside the chain: reading the request, the plain pages, hand-written routes.
func (g *Gate) recover(w http.ResponseWriter, r *http.Request) {
	v := recover()
	if v == nil {
		return
	}
	if v == http.ErrAbortHandler {
		panic(v) // the wish to drop the connection, not an accident
	}
	g.parts.Log.ErrorContext(r.Context(), "panic", "trace", traceOf(r.Context()), "panic", privacy.Scrub(fmt.Sprint(v)),
		"stack", privacy.Scrub(string(debug.Stack())))
	rest.ErrorEncoder(w, r, errors.New("panic"))
}

// enterGRPC does the same for gRPC.
func (g *Gate) enterGRPC(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		tr, ok := transport.FromServerContext(ctx)
		if !ok {
			return nil, errors.New("gate: call without a transport")
		}
		id := trace(tr.RequestHeader().Get("traceparent"))
		tr.ReplyHeader().Set("X-Trace-Id", id)
		ctx = context.WithValue(ctx, traceKey{}, id)
		ctx = context.WithValue(ctx, callKey{}, &call{start: time.Now()})
		if p, ok := peer.FromContext(ctx); ok {
			ctx = g.from(ctx, g.address(p.Addr.String(), tr.RequestHeader().Values("x-forwarded-for")))
		}
		return next(ctx, in)
	}
}

type addressKey struct{}

func (g *Gate) from(ctx context.Context, address string) context.Context {
	ctx = context.WithValue(ctx, addressKey{}, address)
	if g.parts.Address != nil {
		ctx = g.parts.Address(ctx, address)
	}
	return ctx
}

// address is who really calls: behind trusted proxies the last address that is none of them.
func (g *Gate) address(remote string, forwarded []string) string {
	host, _, err := net.SplitHostPort(remote)
	if err != nil {
		host = remote
	}
	hops := strings.Split(strings.Join(forwarded, ","), ",")
	for i := len(hops) - 1; i >= 0 && g.trusted(host); i-- {
		hop := strings.TrimSpace(hops[i])
		if _, err := netip.ParseAddr(hop); err != nil {
			break
		}
		host = hop
	}
	return host
}

func (g *Gate) trusted(host string) bool {
	a, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	for _, p := range g.parts.Proxies {
		if p.Contains(a.Unmap()) {
			return true
		}
	}
	return false
}
