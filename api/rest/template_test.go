package rest

import (
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"

	khttp "github.com/go-kratos/kratos/v2/transport/http"
)

func TestParseTemplate(t *testing.T) {
	for source, want := range map[string]string{
		"/v1/me":                                       "/v1/me",
		"/v1/me:changePassword":                        "/v1/me:changePassword",
		"/v1/pages/{page}":                             "/v1/pages/{page:[^/:]+}",
		"/v1/{parent=tenants/*}/workOrders":            "/v1/{parent:tenants/[^/:]+}/workOrders",
		"/v1/{parent=tenants/*}/orders:search":         "/v1/{parent:tenants/[^/:]+}/orders:search",
		"/v1/{name=tenants/*/workOrders/*}:dispatch":   "/v1/{name:tenants/[^/:]+/workOrders/[^/:]+}:dispatch",
		"/v1/{work_order.name=tenants/*/workOrders/*}": "/v1/{work_order.name:tenants/[^/:]+/workOrders/[^/:]+}",
		"/v1/{name=tenants/*/policy}":                  "/v1/{name:tenants/[^/:]+/policy}",
		"/v1/{a=x/*}/y/{b=z.z/*}":                      `/v1/{a:x/[^/:]+}/y/{b:z\.z/[^/:]+}`,
		"/v1/files/{name=**}:read":                     "/v1/files/{name:[^/:]+(?:/[^/:]+)*}:read",
	} {
		got, err := parseTemplate(source)
		if err != nil || got.pattern != want {
			t.Errorf("%s: got %q, %v, want %q", source, got.pattern, err, want)
		}
	}
}

func TestParseTemplateRefuses(t *testing.T) {
	for _, source := range []string{
		"", "v1/x", "/", "/v1/", "/v1//x", "/v1/*", "/v1/**/x", "/v1/{name=**}/x", "/v1/..", "/v1/./x",
		"/v1/{name", "/v1/name}", "/v1/{}", "/v1/{=x}", "/v1/{name=}", "/v1/{name=a//b}", "/v1/x{name}",
		"/v1/{name}x", "/v1/{name}{b}", "/v1/{a={b}}", "/v1/{name}/{name}", "/v1/{na me}", "/v1/{a..b}",
		"/v1/{name:[a-z]+}", "/v1/x:", "/v1/x:a:b", "/v1/x:a b", "/v1/x?y=1", "/v1/a%2Fb", "/v1/工单", "/v1/(a)",
	} {
		if got, err := parseTemplate(source); err == nil {
			t.Errorf("%q was taken as %q", source, got.pattern)
		}
	}
}

func TestShapeIgnoresNames(t *testing.T) {
	a, err := parseTemplate("/v1/{name=tenants/*/x.y}:go")
	if err != nil {
		t.Fatal(err)
	}
	b, err := parseTemplate("/v1/tenants/{tenant}/x.y:go")
	if err != nil {
		t.Fatal(err)
	}
	if shape(a.pattern) != shape(b.pattern) {
		t.Errorf("%q and %q are the same addresses", shape(a.pattern), shape(b.pattern))
	}
}

// FuzzParseTemplate: whatever is taken makes a route that the router accepts, that an
// address built from the template reaches with every variable filled, and whose
// variables never hold the custom verb.
func FuzzParseTemplate(f *testing.F) {
	for _, s := range []string{
		"/v1/me", "/v1/{name=tenants/*/workOrders/*}:dispatch", "/v1/{parent=tenants/*}/x", "/v1/{a.b=**}:read",
		"/v1/{x}/{y=a.b/*}:v-1", "/{a=*/*}", "/v1/{", "/v1/}:{", "/v1/{a=:}", "//", "/v1/{a={*}}",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, source string) {
		tmpl, err := parseTemplate(source)
		if err != nil {
			return
		}
		var vars map[string][]string
		s := khttp.NewServer(khttp.NotFoundHandler(http.NotFoundHandler()), khttp.StrictSlash(false))
		s.Route("/").Handle(http.MethodGet, tmpl.pattern, func(c khttp.Context) error {
			vars = c.Vars()
			return nil
		})
		address := exampleAddress(source)
		res := httptest.NewRecorder()
		s.ServeHTTP(res, httptest.NewRequest(http.MethodGet, address, nil))
		if res.Code != http.StatusOK {
			t.Fatalf("%q as %q does not take %q: %d", source, tmpl.pattern, address, res.Code)
		}
		if len(vars) != len(tmpl.vars) {
			t.Fatalf("%q: variables %v, want %v", source, vars, tmpl.vars)
		}
		for name, v := range vars {
			if len(v) != 1 || v[0] == "" || strings.Contains(v[0], ":") {
				t.Fatalf("%q: variable %s is %q", source, name, v)
			}
		}
		res = httptest.NewRecorder()
		s.ServeHTTP(res, httptest.NewRequest(http.MethodGet, address+":extra", nil))
		if res.Code != http.StatusNotFound {
			t.Fatalf("%q swallows a custom verb: %d", source, res.Code)
		}
	})
}

var variableRE = regexp.MustCompile(`\{[^={}]+(?:=([^{}]*))?\}`)

// exampleAddress replaces the variables and wildcards of a valid template by words.
func exampleAddress(source string) string {
	s := variableRE.ReplaceAllStringFunc(source, func(v string) string {
		if value := variableRE.FindStringSubmatch(v)[1]; value != "" {
			return value
		}
		return "*"
	})
	return strings.ReplaceAll(strings.ReplaceAll(s, "**", "p/q"), "*", "w")
}
