package rest

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"

	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"github.com/gorilla/mux"
)

// A route is a verb and a path that a server already answers.
type route struct {
	verb     string
	template template
}

type routeList []route

var muxVariable = regexp.MustCompile(`\{([^:{}]+)(?::([^{}]+))?\}`)

// routes lists what is mounted on s. Hand-written routes that are no path templates are left out:
// whoever writes those looks after their order.
func routes(s *khttp.Server) (routeList, error) {
	var all routeList
	err := s.WalkRoute(func(r khttp.RouteInfo) error {
		if t, err := parseTemplate(fromMux(r.Path)); err == nil {
			all = append(all, route{r.Method, t})
		}
		return nil
	})
	return all, err
}

// fromMux turns a mux pattern back into a path template; names of variables get lost.
func fromMux(pattern string) string {
	return muxVariable.ReplaceAllStringFunc(pattern, func(v string) string {
		match := muxVariable.FindStringSubmatch(v)
		if match[2] == "" {
			return one
		}
		text := strings.ReplaceAll(match[2], `[^/:]+(?:/[^/:]+)*`, many)
		return strings.ReplaceAll(strings.ReplaceAll(text, `[^/:]+`, one), `\.`, `.`)
	})
}

// hiding finds the route that takes all requests meant for t.
func (l routeList) hiding(verb string, t template) (string, bool) {
	i := slices.IndexFunc(l, func(r route) bool { return r.verb == verb && r.template.covers(t) })
	if i < 0 {
		return "", false
	}
	return l[i].template.mux(), true
}

// hasEncodedSeparator tells whether a path hides a separator behind percent-encoding.
// mux matches the decoded path, so that tenants%2Fa would become two segments and
// x%3Adispatch a verb, past any proxy that decides by the path it saw.
func hasEncodedSeparator(u *url.URL) bool {
	raw := u.EscapedPath()
	for i := 0; i+2 < len(raw); i++ {
		if raw[i] != '%' {
			continue
		}
		switch strings.ToUpper(raw[i+1 : i+3]) {
		case "2F", "3A", "5C":
			return true
		}
	}
	return false
}

// Unmatched answers what no route of s takes: 405 with an Allow header if the path
// exists for another verb, else 404. Options installs it on the router; a server with a
// catch-all route (the console) must mount it under /v1/ too, before the catch-all:
//
//	s.HandlePrefix("/v1/", rest.Unmatched(s, encode))
func Unmatched(s *khttp.Server, encode khttp.EncodeErrorFunc) http.Handler {
	// All routes are mounted by the time the first request arrives.
	candidates := sync.OnceValue(func() []candidate { return candidates(s) })
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var allow []string
		for _, c := range candidates() {
			if c.route.Match(r, new(mux.RouteMatch)) && !slices.Contains(allow, c.verb) {
				allow = append(allow, c.verb)
			}
		}
		if len(allow) == 0 || slices.Contains(allow, r.Method) || hasEncodedSeparator(r.URL) {
			encode(w, r, errNotFound)
			return
		}
		slices.Sort(allow)
		w.Header().Set("Allow", strings.Join(allow, ", "))
		encode(w, r, errMethodNotAllowed)
	})
}

// A candidate is a route tried for its path alone.
type candidate struct {
	verb  string
	route *mux.Route
}

func candidates(s *khttp.Server) []candidate {
	var all []candidate
	router := mux.NewRouter()
	// The walk's own error is always that of its function, which has none.
	_ = s.WalkRoute(func(r khttp.RouteInfo) error {
		all = append(all, candidate{r.Method, router.Path(r.Path)})
		return nil
	})
	return all
}
