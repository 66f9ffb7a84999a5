package rest

import (
	"bytes"
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"

	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"github.com/gorilla/mux"
	"google.golang.org/protobuf/proto"
)

// Options makes a whole kratos HTTP server speak as mounted services do, hand-written routes,
// unknown addresses and wrong verbs included. Options of the caller's own go after these.
func Options() []khttp.ServerOption {
	return []khttp.ServerOption{
		khttp.RequestDecoder(RequestDecoder(MaxBody)),
		khttp.ResponseEncoder(ResponseEncoder),
		khttp.ErrorEncoder(ErrorEncoder),
		// A stray slash is an unknown address: a redirect would turn a POST into a GET.
		khttp.StrictSlash(false),
		func(s *khttp.Server) {
			unmatched := Unmatched(s)
			khttp.NotFoundHandler(unmatched)(s)
			khttp.MethodNotAllowedHandler(unmatched)(s)
		},
	}
}

// ResponseEncoder writes JSON whatever the Accept header says, on hand-written routes.
func ResponseEncoder(w http.ResponseWriter, _ *http.Request, v any) error {
	if msg, ok := v.(proto.Message); ok {
		return reply(w, msg)
	}
	data, err := json.Marshal(v)
	if err != nil {
		return err
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	_, _ = w.Write(data) // the client may be gone
	return nil
}

// RequestDecoder reads bodies of at most limit bytes on hand-written routes, as strictly as
// on mounted ones.
func RequestDecoder(limit int64) khttp.DecodeRequestFunc {
	return func(r *http.Request, v any) error {
		data, err := readBody(nil, r, limit)
		if err != nil || len(data) == 0 {
			return err
		}
		if err := checkContentType(r.Header.Get("Content-Type")); err != nil {
			return err
		}
		if msg, ok := v.(proto.Message); ok {
			return decodeJSON(data, msg)
		}
		d := json.NewDecoder(bytes.NewReader(data))
		d.DisallowUnknownFields()
		if err := d.Decode(v); err != nil || d.More() {
			return invalid(invalidJSON, "请求正文不是所要求的 JSON。", "", "").WithCause(err)
		}
		return nil
	}
}

// Unmatched answers what no route of s takes: 405 with the Allow header if the address
// exists for another verb, else 404. A server with a catch-all route (the console) mounts it
// before that, or the catch-all would answer for the API:
//
//	s.HandlePrefix("/v1/", rest.Unmatched(s))
func Unmatched(s *khttp.Server) http.Handler {
	// All routes are mounted by the time the first request arrives.
	known := sync.OnceValue(func() []address { return addresses(s) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var allow []string
		if !disguised(r.URL.EscapedPath()) {
			allow = verbsFor(known(), r)
		}
		if len(allow) == 0 || slices.Contains(allow, r.Method) {
			NotFound().ServeHTTP(w, r)
			return
		}
		w.Header().Set("Allow", strings.Join(allow, ", "))
		MethodNotAllowed().ServeHTTP(w, r)
	})
}

// address is the path of a route, to be tried without its verb.
type address struct {
	verb  string
	route *mux.Route
}

func addresses(s *khttp.Server) []address {
	var all []address
	router := mux.NewRouter()
	// The walk fails only if its function does.
	_ = s.WalkRoute(func(r khttp.RouteInfo) error {
		all = append(all, address{r.Method, router.Path(r.Path)})
		return nil
	})
	return all
}

// verbsFor lists, sorted, the verbs that some route has for the address of r.
func verbsFor(all []address, r *http.Request) []string {
	var verbs []string
	for _, a := range all {
		if a.route.Match(r, new(mux.RouteMatch)) {
			verbs = append(verbs, a.verb)
		}
	}
	slices.Sort(verbs)
	return slices.Compact(verbs)
}
