package rest

import (
	"cmp"
	"context"
	"errors"
	"net/http"
	"runtime/debug"

	kerrors "github.com/go-kratos/kratos/v2/errors"
	"github.com/go-kratos/kratos/v2/log"
	"github.com/go-kratos/kratos/v2/middleware"
	"github.com/go-kratos/kratos/v2/middleware/recovery"
	"github.com/go-kratos/kratos/v2/transport"
)

const concealed = "系统出了点问题，请稍后再试；如仍有问题请告知追踪号。"

// Violation gives a copy of err that also says what is wrong with a field, named as in
// JSON: petitioner.phone. A second sentence about the same field follows the first.
func Violation(err *kerrors.Error, field, description string) *kerrors.Error {
	out := kerrors.Clone(err)
	out.Metadata[fieldKey+field] += description
	return out
}

// Conceal is the outermost middleware but for tracing, on HTTP and gRPC alike. Every error
// leaves with a trace id, and one that was not made for callers leaves as INTERNAL without
// its text, which goes to the log. ErrorEncoder hides such texts too, but gRPC has no error
// encoder, and there kratos would send them as they are.
//
// It also recovers panics: kratos' own recovery writes the whole request to the log, with
// the personal data in it. traceID tells the current trace; if it is nil or has no answer,
// an id is made up.
func Conceal(traceID func(context.Context) string) middleware.Middleware {
	return func(next middleware.Handler) middleware.Handler {
		return func(ctx context.Context, in any) (out any, err error) {
			defer func() {
				if v := recover(); v != nil {
					if v == http.ErrAbortHandler {
						panic(v) // the wish to drop the connection, not an accident
					}
					err = &panicked{v, debug.Stack()}
				}
				if err != nil {
					out, err = nil, conceal(ctx, err, traceID)
				}
			}()
			return next(ctx, in)
		}
	}
}

// panicked is what a panic becomes. Its value and stack are for the log alone.
type panicked struct {
	value any
	stack []byte
}

func (*panicked) Error() string { return "panic" }

// conceal makes err one of ours, stamped with the trace id.
func conceal(ctx context.Context, err error, traceID func(context.Context) string) *kerrors.Error {
	id := ""
	if traceID != nil {
		id = traceID(ctx)
	}
	id = cmp.Or(id, newTraceID())
	ours := new(kerrors.Error)
	switch {
	case errors.As(err, &ours) && forCallers(ours):
		ours = kerrors.Clone(ours)
	case errors.Is(err, context.DeadlineExceeded):
		ours = withCause(kerrors.GatewayTimeout("TIMEOUT", "处理超时，请稍后再试。"), err)
	case errors.Is(err, context.Canceled):
		ours = withCause(kerrors.ClientClosed("CANCELLED", "请求已取消。"), err)
	default:
		report(ctx, err, id)
		ours = withCause(kerrors.InternalServer("INTERNAL", concealed), err)
	}
	ours.Metadata[traceKey] = cmp.Or(ours.Metadata[traceKey], id)
	return ours
}

// withCause keeps err for errors.Is; the cause stays off both transports.
func withCause(e *kerrors.Error, err error) *kerrors.Error {
	return e.WithMetadata(map[string]string{}).WithCause(err)
}

// forCallers tells errors made for callers from those that merely have the type.
func forCallers(e *kerrors.Error) bool {
	nameless := e.Reason == kerrors.UnknownReason || e.Is(recovery.ErrUnknownRequest)
	return !nameless && e.Code >= 400 && e.Code <= 599 && e.Code != http.StatusInternalServerError
}

// report writes to the log what the caller does not get to see.
func report(ctx context.Context, err error, id string) {
	operation := ""
	if tr, ok := transport.FromServerContext(ctx); ok {
		operation = tr.Operation()
	}
	pairs := []any{"msg", "internal error", "trace_id", id, "operation", operation, "error", err}
	if p := new(panicked); errors.As(err, &p) {
		pairs = append(pairs, "panic", p.value, "stack", string(p.stack))
	}
	log.Context(ctx).Errorw(pairs...)
}
