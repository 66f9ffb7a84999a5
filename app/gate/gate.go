// Package gate is the one door (门): every request, HTTP or gRPC, passes the same chain before a room sees it. See DESIGN.md.
package gate

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/netip"
	"time"

	klog "github.com/go-kratos/kratos/v2/log"
	"github.com/go-kratos/kratos/v2/middleware"
	kgrpc "github.com/go-kratos/kratos/v2/transport/grpc"
	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"google.golang.org/grpc"

	accesspb "hotline/api/access"
	"hotline/api/rest"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// Service is one service of the contract and what carries it out.
type Service struct {
	Desc *grpc.ServiceDesc
	Impl any
}

// Parts are what the gate asks of the rest of the house.
type Parts struct {
	Services []Service
	Watch    Watch // the one stream; may be nil
	// Identify finds the viewer behind an Authorization header.
	Identify func(ctx context.Context, header string) (*tenants.Viewer, error)
	// Address puts the caller's address into the context, for throttles.
	Address func(ctx context.Context, address string) context.Context
	RuleOf  func(operation string) *accesspb.Rule
	May     func(roles []string, object, act string) bool
	// Rates are the calls a minute for one account, and for one address without login.
	Rates func(ctx context.Context, tenant string) (account, address int)
	// Again says that a call failed only because this process did not yet know what another had just done, and that it knows
	// now: the call, which left nothing behind, is made once more. May be nil.
	Again func(ctx context.Context, err error) bool
	Ready func(ctx context.Context) error
	// CutOff names the regions that don't answer: calls are served all the same, /readyz says so.
	CutOff func() []string
	// Forged counts, by region, the entries of its ledger whose signature is not the city's: /readyz and /metrics show them. May be nil.
	Forged  func() map[string]int
	JWKS    func(ctx context.Context) ([]byte, error)
	OpenAPI []byte
	Pages   http.Handler // what a browser gets for every path that is nobody else's; may be nil
	Log     *slog.Logger
	Proxies []netip.Prefix   // reverse proxies whose X-Forwarded-For is believed
	MaxBody int64            // bytes of a request; rest.MaxBody when zero
	Large   map[string]int64 // bytes of a request of the few methods that carry files, by full name
}

// Gate is both servers with the chain before them.
type Gate struct {
	HTTP  *khttp.Server
	GRPC  *kgrpc.Server
	parts Parts
	// Listening is called with the bound address of each server before it takes calls; may be nil.
	Listening func(network, address string)
	meters    *meters
	limits    *limits
	leaving   context.Context // ends when the HTTP side is shut down, and with it all streams
}

const (
	callTimeout = 30 * time.Second // how long one call may take
	largeAtOnce = 32               // requests with files in memory at once
	farewell    = 10 * time.Second // how long running calls may go on after the end was asked for
)

// New builds both servers. A service with a method that has no route or no rule is refused here, not at its first call.
// It also turns kratos' own log, of which a process has one, over to Parts.Log.
func New(p Parts) (*Gate, error) {
	if p.MaxBody <= 0 {
		p.MaxBody = rest.MaxBody
	}
	klog.SetLogger(slogger{p.Log})
	leaving, leave := context.WithCancel(context.Background())
	g := &Gate{parts: p, meters: newMeters(p.Forged), limits: newLimits(), leaving: leaving}
	chain := middleware.Chain(
		g.audit, rest.Conceal(traceOf), g.size, g.timeout, g.identify, g.tenant, g.permit, g.limit, check, g.again, g.reword, g.conceal,
	)
	g.HTTP = khttp.NewServer(append(rest.Options(),
		khttp.Timeout(0), // event streams live longer; calls have their own limit in the chain
		khttp.Filter(g.enter),
		khttp.RequestDecoder(rest.RequestDecoder(p.MaxBody)),
		khttp.ErrorEncoder(g.refuse),
		khttp.Middleware(chain))...)
	largest := p.MaxBody
	for _, size := range p.Large {
		largest = max(largest, size)
	}
	g.GRPC = kgrpc.NewServer(kgrpc.Timeout(0), kgrpc.Middleware(g.enterGRPC, chain), kgrpc.CustomHealth(),
		kgrpc.Options(grpc.MaxRecvMsgSize(int(largest)), grpc.MaxConcurrentStreams(256), grpc.StreamInterceptor(noStreams)))
	g.HTTP.ReadHeaderTimeout, g.HTTP.ReadTimeout, g.HTTP.IdleTimeout = 10*time.Second, 60*time.Second, 120*time.Second
	g.HTTP.MaxHeaderBytes = 32 << 10
	g.HTTP.RegisterOnShutdown(leave)
	g.HTTP.ErrorLog = slog.NewLogLogger(p.Log.Handler(), slog.LevelDebug)
	uploads := make(chan struct{}, largeAtOnce)
	for _, s := range p.Services {
		if err := g.checkRules(s.Desc); err != nil {
			return nil, err
		}
		if err := rest.Mount(g.HTTP, s.Desc, s.Impl, rest.BodyLimit(p.MaxBody), rest.LargeBodies(p.Large, uploads)); err != nil {
			return nil, fmt.Errorf("gate: %w", err)
		}
		g.GRPC.RegisterService(s.Desc, s.Impl)
	}
	if err := g.watch(); err != nil {
		return nil, err
	}
	g.pages()
	return g, nil
}

// checkRules wants exactly one kind of rule beside each method.
func (g *Gate) checkRules(desc *grpc.ServiceDesc) error {
	for _, m := range desc.Methods {
		if err := g.checkRule("/" + desc.ServiceName + "/" + m.MethodName); err != nil {
			return err
		}
	}
	return nil
}

func (g *Gate) checkRule(op string) error {
	r := g.parts.RuleOf(op)
	if r == nil {
		return fmt.Errorf("gate: %s declares no access rule", op)
	}
	kinds := 0
	for _, said := range []bool{r.GetPublic(), r.GetAny(), r.GetObject() != "" || r.GetAct() != ""} {
		if said {
			kinds++
		}
	}
	if kinds != 1 || (r.GetObject() == "") != (r.GetAct() == "") {
		return fmt.Errorf("gate: %s declares an access rule that contradicts itself", op)
	}
	return nil
}

// noStreams refuses what the chain cannot see: the one stream of the contract is HTTP's, but kratos registers reflection, which would
// tell anybody the contract, and falls over a stream when the server was not started its way.
func noStreams(any, grpc.ServerStream, *grpc.StreamServerInfo, grpc.StreamHandler) error {
	return noRule()
}

// Handler is the HTTP side as a handler, for tests.
func (g *Gate) Handler() http.Handler { return g.HTTP }

// slogger carries what kratos itself logs into our log.
type slogger struct{ log *slog.Logger }

// Log is kratos' logger. Texts are scrubbed (脱敏): the cause of an error may quote what somebody wrote.
func (s slogger) Log(level klog.Level, pairs ...any) error {
	clean := make([]any, len(pairs))
	for i, p := range pairs {
		switch p := p.(type) {
		case bool, int, int64, float64:
			clean[i] = p
		default:
			clean[i] = privacy.Scrub(fmt.Sprint(p))
		}
	}
	s.log.Log(context.Background(), map[klog.Level]slog.Level{klog.LevelDebug: slog.LevelDebug, klog.LevelInfo: slog.LevelDebug,
		klog.LevelWarn: slog.LevelWarn, klog.LevelError: slog.LevelError, klog.LevelFatal: slog.LevelError}[level], "kratos", clean...)
	return nil
}
