package rest_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"strings"
	"testing"

	kerrors "github.com/go-kratos/kratos/v2/errors"
	"github.com/go-kratos/kratos/v2/middleware/recovery"
	kgrpc "github.com/go-kratos/kratos/v2/transport/grpc"
	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"

	"hotline/api/rest"
	"hotline/api/rest/resttest"
)

// failing answers GetPage as the test says.
type failing struct {
	resttest.UnimplementedProbeServer
	with func() error
}

func (f failing) GetPage(context.Context, *resttest.GetPageRequest) (*resttest.Echo, error) {
	return nil, f.with()
}

func traced(context.Context) string { return "trace-1" }

var invalidPhone = rest.Violation(rest.Violation(kerrors.BadRequest("INVALID", "内容不正确。"), "petitioner.phone", "不是电话号码。"), "title", "必填。")

// failures are what a method may end in, and how the caller sees it.
var failures = []struct {
	name   string
	with   func() error
	code   int
	reason string
}{
	{"an error for the caller", func() error { return fmt.Errorf("secret: %w", invalidPhone) }, 400, "INVALID"},
	{"an error of ours inside", func() error { return errors.New("secret") }, 500, "INTERNAL"},
	{"a 500 with a text", func() error { return kerrors.InternalServer("DB", "secret") }, 500, "INTERNAL"},
	{"an error without a reason", func() error { return kerrors.New(404, "", "secret") }, 500, "INTERNAL"},
	{"a code that is no error", func() error { return kerrors.New(200, "OK", "secret") }, 500, "INTERNAL"},
	{"what kratos' recovery makes of a panic", func() error { return recovery.ErrUnknownRequest }, 500, "INTERNAL"},
	{"a status of gRPC", func() error { return status.Error(codes.NotFound, "secret") }, 500, "INTERNAL"},
	{"a panic", func() error { panic("secret") }, 500, "INTERNAL"},
	{"a nil pointer", func() error { var r *resttest.GetPageRequest; r.Page++; return nil }, 500, "INTERNAL"},
	{"a deadline", func() error { return fmt.Errorf("secret: %w", context.DeadlineExceeded) }, 504, "TIMEOUT"},
	{"a caller who left", func() error { return fmt.Errorf("secret: %w", context.Canceled) }, 499, "CANCELLED"},
}

func TestErrorsAreConcealedOnHTTP(t *testing.T) {
	for _, c := range failures {
		s := khttp.NewServer(append(rest.Options(), khttp.Middleware(rest.Conceal(traced)))...)
		if err := rest.Mount(s, &resttest.Probe_ServiceDesc, failing{with: c.with}); err != nil {
			t.Fatal(err)
		}
		p := refused(t, s, c.code, c.reason, "GET", "/v1/pages/1", "")
		if p.TraceID != "trace-1" || strings.Contains(fmt.Sprint(p), "secret") {
			t.Errorf("%s: %+v", c.name, p)
		}
		if c.reason == "INVALID" && fmt.Sprint(p.Violations) != "[{petitioner.phone 不是电话号码。} {title 必填。}]" {
			t.Errorf("%s: %+v", c.name, p.Violations)
		}
	}
}

func TestErrorsAreConcealedOnGRPC(t *testing.T) {
	for _, c := range failures {
		err := callGRPC(t, c.with)
		st := status.Convert(err)
		if strings.Contains(fmt.Sprint(st.Proto()), "secret") || len(st.Details()) != 1 {
			t.Errorf("%s: %v %v", c.name, st, st.Details())
			continue
		}
		info, _ := st.Details()[0].(*errdetails.ErrorInfo)
		if info.GetReason() != c.reason || info.GetMetadata()["trace_id"] != "trace-1" {
			t.Errorf("%s: %v", c.name, info)
		}
		if c.reason == "INVALID" && (st.Code() != codes.InvalidArgument || info.GetMetadata()["field.petitioner.phone"] != "不是电话号码。") {
			t.Errorf("%s: %v %v", c.name, st, info)
		}
		// A kratos client turns it back into the error that HTTP shows.
		if e := kerrors.FromError(err); e.Reason != c.reason {
			t.Errorf("%s: %v", c.name, e)
		}
	}
}

// callGRPC asks a kratos gRPC server, over a real connection, for a page.
func callGRPC(t *testing.T, with func() error) error {
	t.Helper()
	lis, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := kgrpc.NewServer(kgrpc.Listener(lis), kgrpc.Middleware(rest.Conceal(traced)))
	resttest.RegisterProbeServer(s, failing{with: with})
	go func() { _ = s.Start(context.Background()) }()
	defer func() { _ = s.Stop(context.Background()) }()
	conn, err := grpc.NewClient(lis.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	_, err = resttest.NewProbeClient(conn).GetPage(t.Context(), &resttest.GetPageRequest{Page: 1})
	return err
}

func TestTraceIDIsMadeUpWhenThereIsNone(t *testing.T) {
	for name, traceID := range map[string]func(context.Context) string{"no tracing": nil, "no trace": func(context.Context) string { return "" }} {
		fail := func(context.Context, any) (any, error) { return nil, errors.New("secret") }
		_, err := rest.Conceal(traceID)(fail)(t.Context(), nil)
		if id := kerrors.FromError(err).Metadata["trace_id"]; len(id) != 32 {
			t.Errorf("%s: %q", name, id)
		}
	}
}

func TestConcealKeepsWhatSucceedsAndWhatAborts(t *testing.T) {
	ok := func(context.Context, any) (any, error) { return "reply", nil }
	if out, err := rest.Conceal(nil)(ok)(t.Context(), nil); out != "reply" || err != nil {
		t.Errorf("%v %v", out, err)
	}
	defer func() {
		if v := recover(); v != http.ErrAbortHandler {
			t.Errorf("recovered %v", v)
		}
	}()
	_, _ = rest.Conceal(nil)(func(context.Context, any) (any, error) { panic(http.ErrAbortHandler) })(t.Context(), nil)
}

func TestErrorThatIsSharedIsNotWrittenTo(t *testing.T) {
	shared := kerrors.NotFound("NOT_FOUND", "没有。")
	fail := func(context.Context, any) (any, error) { return nil, shared }
	_, _ = rest.Conceal(traced)(fail)(t.Context(), nil)
	_ = rest.Violation(shared, "title", "必填。")
	if len(shared.Metadata) != 0 {
		t.Errorf("%v", shared.Metadata)
	}
	twice := rest.Violation(rest.Violation(shared, "title", "必填。"), "title", "太短。")
	if got := twice.Metadata["field.title"]; got != "必填。太短。" {
		t.Error(got)
	}
}

func TestCallerWithoutTokenIsToldTheScheme(t *testing.T) {
	if got := encode(kerrors.Unauthorized("UNAUTHENTICATED", "请先登录。"), "").Header().Get("WWW-Authenticate"); got != "Bearer" {
		t.Errorf("WWW-Authenticate: %q", got)
	}
}
