package rest_test

import (
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	kerrors "github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"hotline/api/rest"
)

func encode(err error, traceparent string) *httptest.ResponseRecorder {
	req := httptest.NewRequest("GET", "/v1/x", nil)
	if traceparent != "" {
		req.Header.Set("traceparent", traceparent)
	}
	res := httptest.NewRecorder()
	rest.ErrorEncoder(res, req, err)
	return res
}

func TestErrorShape(t *testing.T) {
	err := kerrors.New(429, "TOO_MANY", "请稍等。").WithMetadata(map[string]string{
		"field.petitioner.phone": "不是电话号码。", "field.a": "必填。", "trace_id": "abc", "retry_after": "30", "tenant": "secret",
	}).WithCause(errors.New("secret"))
	for _, e := range []error{err, fmt.Errorf("secret: %w", err), kerrors.FromError(err.GRPCStatus().Err())} {
		res := encode(e, "")
		const want = `{"code":429,"reason":"TOO_MANY","message":"请稍等。","violations":[{"field":"a","description":"必填。"},{"field":"petitioner.phone","description":"不是电话号码。"}],"traceId":"abc"}`
		if res.Code != 429 || res.Body.String() != want || res.Header().Get("Retry-After") != "30" {
			t.Errorf("%d %v\n%s\n%s", res.Code, res.Header(), res.Body, want)
		}
	}
}

func TestErrorsHidden(t *testing.T) {
	const tail = `"reason":"INTERNAL","message":"系统出了点问题，请稍后再试；如仍有问题请告知追踪号。","violations":[],"traceId":"`
	md := map[string]string{"trace_id": "abc", "field.secret": "secret", "retry_after": "soon\r\nX: y"}
	for _, err := range []error{
		errors.New("secret"),
		kerrors.New(404, "", "secret").WithMetadata(md),
		kerrors.New(500, "SECRET", "secret").WithMetadata(md),
		kerrors.New(0, "SECRET", "secret"),
		kerrors.New(200, "SECRET", "secret"),
		kerrors.New(1000, "SECRET", "secret"),
		status.Error(codes.NotFound, "secret"),
		nil,
	} {
		res := encode(err, "")
		if body := res.Body.String(); res.Code != 500 || !strings.Contains(body, tail) || strings.Contains(strings.ToLower(body), "secret") {
			t.Errorf("%v: %d %s", err, res.Code, body)
		}
		if res.Header().Get("Retry-After") != "" {
			t.Errorf("%v: %v", err, res.Header())
		}
	}
}

func TestTraceID(t *testing.T) {
	const id = "4bf92f3577b34da6a3ce929d0e0e4736"
	if body := encode(errors.New("x"), "00-"+id+"-00f067aa0ba902b7-01").Body.String(); !strings.Contains(body, `"traceId":"`+id+`"`) {
		t.Error(body)
	}
	if body := encode(kerrors.New(500, "X", "x").WithMetadata(map[string]string{"trace_id": "abc"}), "00-"+id+"-00f067aa0ba902b7-01").Body.String(); !strings.Contains(body, `"traceId":"abc"`) {
		t.Error(body)
	}
	for _, bad := range []string{"", "rubbish", "00-" + strings.Repeat("0", 32) + "-00f067aa0ba902b7-01"} {
		body := encode(errors.New("x"), bad).Body.String()
		if strings.Contains(body, `"traceId":""`) || strings.Contains(body, "00000000000000000000") {
			t.Error(body)
		}
	}
	if body := encode(kerrors.NotFound("X", "没有。"), "").Body.String(); !strings.Contains(body, `"traceId":""`) {
		t.Error(body)
	}
}
