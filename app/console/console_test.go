package console

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"
)

// built is a build as the sources make it, small.
func built() *Pages {
	return serving(fstest.MapFS{
		"index.html": {Data: []byte("<title>citizen</title>")}, "console/index.html": {Data: []byte("<title>console</title>")},
		"assets/app-1a2b.js": {Data: []byte("plain")}, "assets/app-1a2b.js.gz": {Data: []byte("gz")}, "assets/app-1a2b.js.br": {Data: []byte("br")},
		"icon.svg": {Data: []byte("<svg/>")},
	})
}

func get(t *testing.T, p http.Handler, path string, header ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	p.ServeHTTP(w, r)
	return w.Result()
}

func body(t *testing.T, r *http.Response) string {
	t.Helper()
	b, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestEveryPathIsAFileThePageThatKnowsItOrNotFound(t *testing.T) {
	t.Parallel()
	p := built()
	for path, want := range map[string]string{
		"/": "citizen", "/follow": "citizen", "/rate/110000/abc-DEF_1": "citizen", "/console": "console", "/console/": "console",
		"/console/orders/110000202611230100000101": "console", "/icon.svg": "svg", "/assets/app-1a2b.js": "plain",
		"/v1/nothing": "", "/v1": "", "/.well-known/nothing": "", "/assets/gone.js": "", "/assets/": "", "/index.html": "",
		"/console/index.html": "", "/../console.go": "", "/console/../../x.js": "", "/favicon.ico": "", "/assets/app-1a2b.js/x.js": "",
	} {
		r := get(t, p, path)
		if text := body(t, r); want == "" && r.StatusCode != http.StatusNotFound || !strings.Contains(text, want) {
			t.Errorf("%s: %d %q, want %q", path, r.StatusCode, text, want)
		}
	}
}

func TestAPageLoadsNothingButWhatThisProgramServes(t *testing.T) {
	t.Parallel()
	for _, path := range []string{"/", "/console/orders", "/assets/app-1a2b.js"} {
		h := get(t, built(), path).Header
		csp := h.Get("Content-Security-Policy")
		for _, must := range []string{"default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "connect-src 'self'"} {
			if !strings.Contains(csp, must) {
				t.Errorf("%s: the policy lacks %s", path, must)
			}
		}
		for _, mustNot := range []string{"unsafe", "http:", "https:", "*"} {
			if strings.Contains(csp, mustNot) {
				t.Errorf("%s: the policy says %s", path, mustNot)
			}
		}
		if h.Get("X-Content-Type-Options") != "nosniff" || h.Get("Cross-Origin-Opener-Policy") != "same-origin" {
			t.Errorf("%s: headers that keep browsers safe are missing: %v", path, h)
		}
	}
}

func TestHashedFilesAreKeptForeverAndPagesNever(t *testing.T) {
	t.Parallel()
	for path, want := range map[string]string{"/": "no-store", "/console/x": "no-store", "/assets/app-1a2b.js": "public, max-age=31536000, immutable"} {
		if got := get(t, built(), path).Header.Get("Cache-Control"); got != want {
			t.Errorf("%s: %q, want %q", path, got, want)
		}
	}
}

func TestTheSmallestFormThatTheBrowserReadsIsSent(t *testing.T) {
	t.Parallel()
	for accept, want := range map[string]string{
		"gzip, deflate, br": "br", "gzip": "gz", "": "plain", "br;q=0, gzip": "gz", "br;q=0.0,gzip;q=0": "plain", "identity": "plain", "br; q=0.5": "br",
	} {
		r := get(t, built(), "/assets/app-1a2b.js", "Accept-Encoding", accept)
		if got := body(t, r); got != want || r.Header.Get("Vary") != "Accept-Encoding" {
			t.Errorf("%q: %q, want %q", accept, got, want)
		}
		if ct := r.Header.Get("Content-Type"); ct != "text/javascript; charset=utf-8" {
			t.Errorf("%q: type %s", accept, ct)
		}
	}
}

func TestNobodyPostsToAPage(t *testing.T) {
	t.Parallel()
	w := httptest.NewRecorder()
	built().ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/", nil))
	if w.Code != http.StatusMethodNotAllowed {
		t.Errorf("POST / answers %d", w.Code)
	}
}

func TestTheProgramServesItsPagesOrSaysHowToBuildThem(t *testing.T) {
	t.Parallel()
	r := get(t, New(), "/console/", "Accept-Encoding", "gzip")
	var from io.Reader = r.Body
	if r.Header.Get("Content-Encoding") == "gzip" {
		packed, err := gzip.NewReader(r.Body)
		if err != nil {
			t.Fatal(err)
		}
		from = packed
	}
	text, err := io.ReadAll(from)
	if err != nil || r.StatusCode != http.StatusOK || !strings.Contains(string(text), "<!doctype html>") {
		t.Errorf("%d %v %s", r.StatusCode, err, text)
	}
	if strings.Contains(string(text), "<style") || strings.Contains(string(text), "<script>") {
		t.Error("the page has something inline, which its own policy forbids")
	}
}
