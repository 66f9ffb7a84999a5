package rest

import (
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"net/http"
	"regexp"
	"sort"
	"strconv"
	"strings"

	kerrors "github.com/go-kratos/kratos/v2/errors"
	"github.com/go-kratos/kratos/v2/log"
)

// Metadata keys of a kratos error that the client gets to see. All others are dropped.
const (
	fieldKey      = "field."
	traceKey      = "trace_id"
	retryAfterKey = "retry_after"
)

// violation says what is wrong with one field of the request.
type violation struct {
	Field       string `json:"field"`
	Description string `json:"description"`
}

// problem is the body of every answer that is not a success.
type problem struct {
	Code       int         `json:"code"`
	Reason     string      `json:"reason"`
	Message    string      `json:"message"`
	Violations []violation `json:"violations"`
	TraceID    string      `json:"traceId"`
}

// ErrorEncoder writes err in the shape of all refusals; it is for khttp.ErrorEncoder.
// Metadata "field.X" becomes a violation of field X, "trace_id" the trace id and
// "retry_after" (seconds) the header. An error that is not meant for the caller — no
// kratos error, no reason, or code 500 — is answered with a fixed sentence.
//
// Where the error has no trace id, that of the request's traceparent is used. An internal
// error without either gets one made up and logged, for the caller is told to quote it.
func ErrorEncoder(w http.ResponseWriter, r *http.Request, err error) {
	e := kerrors.FromError(err)
	if e == nil {
		e = kerrors.New(kerrors.UnknownCode, kerrors.UnknownReason, "")
	}
	p := problem{Code: int(e.Code), Reason: e.Reason, Message: e.Message, Violations: violations(e.Metadata), TraceID: e.Metadata[traceKey]}
	if p.TraceID == "" {
		p.TraceID = traceOf(r)
	}
	// A code outside the errors is a slip of ours too, and net/http panics on some.
	if e.Reason == kerrors.UnknownReason || e.Code == http.StatusInternalServerError || e.Code < 400 || e.Code > 599 {
		if p.TraceID == "" {
			p.TraceID = newTraceID()
			log.Context(r.Context()).Errorw("msg", "internal error", "trace_id", p.TraceID, "path", r.URL.Path, "error", err)
		}
		p = problem{
			Code: http.StatusInternalServerError, Reason: "INTERNAL",
			Message:    concealed,
			Violations: []violation{}, TraceID: p.TraceID,
		}
	}
	if n, err := strconv.Atoi(e.Metadata[retryAfterKey]); err == nil && n >= 0 {
		w.Header().Set("Retry-After", strconv.Itoa(n))
	}
	writeProblem(w, p)
}

// NotFound answers for addresses that no route has; it is for khttp.NotFoundHandler.
func NotFound() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ErrorEncoder(w, r, notFound())
	})
}

// MethodNotAllowed answers for addresses that have no route with the request's verb; it
// is for khttp.MethodNotAllowedHandler.
func MethodNotAllowed() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ErrorEncoder(w, r, kerrors.New(http.StatusMethodNotAllowed, "METHOD_NOT_ALLOWED", "这个地址不支持这种请求方法。"))
	})
}

func notFound() *kerrors.Error { return kerrors.NotFound("NOT_FOUND", "没有这个地址。") }

// violations collects the field messages, sorted so that the answer is always the same.
func violations(metadata map[string]string) []violation {
	vs := []violation{}
	for k, description := range metadata {
		if field, ok := strings.CutPrefix(k, fieldKey); ok {
			vs = append(vs, violation{field, description})
		}
	}
	sort.Slice(vs, func(i, j int) bool { return vs[i].Field < vs[j].Field })
	return vs
}

var traceparentRE = regexp.MustCompile(`^[0-9a-f]{2}-([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}`)

// traceOf is the trace that the caller started, which tracing continues under its id.
func traceOf(r *http.Request) string {
	if m := traceparentRE.FindStringSubmatch(r.Header.Get("traceparent")); m != nil && strings.Trim(m[1], "0") != "" {
		return m[1]
	}
	return ""
}

func newTraceID() string {
	var b [16]byte
	// crypto/rand never returns an error; it ends the program if there is no randomness.
	_, _ = rand.Read(b[:])
	return hex.EncodeToString(b[:])
}

func writeProblem(w http.ResponseWriter, p problem) {
	data, err := json.Marshal(p)
	if err != nil { // not with these types, but an empty answer would hide it
		http.Error(w, http.StatusText(http.StatusInternalServerError), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	if p.Code == http.StatusUnauthorized {
		w.Header().Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(p.Code)
	_, _ = w.Write(data)
}
