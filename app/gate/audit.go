package gate

import (
	"context"
	"net/http"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/go-kratos/kratos/v2/middleware"

	"hotline/api/rest"
	"hotline/tenants/privacy"
)

// call is what the audit line says of a call. It belongs to the one goroutine that serves the request.
type call struct {
	login, tenant string
	start         time.Time
	audited       bool
}

type callKey struct{}

func note(ctx context.Context, write func(*call)) {
	if c, ok := ctx.Value(callKey{}).(*call); ok {
		write(c)
	}
}

// audit writes one line and one measure per call: who called what with which result, never a word of what was in it.
func (g *Gate) audit(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		out, err := next(ctx, in)
		g.write(ctx, err)
		return out, err
	}
}

func (g *Gate) write(ctx context.Context, err error) {
	c, ok := ctx.Value(callKey{}).(*call)
	if !ok || c.audited {
		return
	}
	c.audited = true
	code, reason := 200, ""
	if e := errors.FromError(err); e != nil {
		code, reason = int(e.Code), e.Reason
	}
	took := time.Since(c.start)
	g.meters.count(operation(ctx), code, took)
	g.parts.Log.InfoContext(ctx, "call", "trace", traceOf(ctx), "operation", operation(ctx), "tenant", c.tenant, "login", c.login,
		"code", code, "reason", reason, "ms", took.Milliseconds())
}

// refuse writes an error as HTTP. A request that could not even be read failed before the chain began, and is audited here;
// an answer that could not be written failed after it, and its cause would be lost.
func (g *Gate) refuse(w http.ResponseWriter, r *http.Request, err error) {
	g.write(r.Context(), err)
	if ours := new(errors.Error); !errors.As(err, &ours) {
		g.parts.Log.ErrorContext(r.Context(), "outside the chain", "trace", traceOf(r.Context()), "operation", operation(r.Context()),
			"error", privacy.Scrub(err.Error()))
	}
	rest.ErrorEncoder(w, r, worded(r, err))
}
