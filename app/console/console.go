// Package console is the browser side (控制台): it serves the pages that are built from the sources beside it. See DESIGN.md.
package console

import (
	"bytes"
	"embed"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"time"
)

// pages holds unbuilt, which says how to build, and, once that is done, dist; so the program compiles from a fresh clone.
//
//go:embed all:pages
var pages embed.FS

// policy lets a page load what this program serves and nothing else; what is not named is forbidden. Scripts and styles come from
// files only: no inline script, no inline style, no eval. Pictures may be made in memory (attachments, which come sealed through the API).
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; " +
	"media-src blob:; manifest-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"

// Pages serves the citizen's pages under / and the staff's under /console/.
type Pages struct {
	files fs.FS
	start time.Time
}

// New serves what was built into the program.
func New() *Pages {
	for _, dir := range []string{"pages/dist", "pages/unbuilt"} {
		if sub, err := fs.Sub(pages, dir); err == nil {
			if _, err := fs.Stat(sub, "index.html"); err == nil {
				return serving(sub)
			}
		}
	}
	panic("console: no pages are embedded")
}

func serving(files fs.FS) *Pages { return &Pages{files: files, start: time.Now()} }

// entry is the page that a path without a file of its own belongs to; its router does the rest.
func entry(name string) string {
	if name == "console" || strings.HasPrefix(name, "console/") {
		return "console/index.html"
	}
	return "index.html"
}

// ServeHTTP answers with a file of the build, or with the page whose router knows the path. What only the API or the build could
// have is not found rather than a page: a wrong address must not look like an answer.
func (p *Pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		http.Error(w, "method not allowed", http.StatusMethodNotAllowed)
		return
	}
	name := strings.TrimPrefix(path.Clean("/"+r.URL.Path), "/")
	asset := strings.HasPrefix(name+"/", "assets/")
	if asset || path.Ext(name) != "" {
		if name != "index.html" && !strings.HasSuffix(name, "/index.html") && p.send(w, r, name, asset) {
			return
		}
		http.NotFound(w, r)
		return
	}
	if first, _, _ := strings.Cut(name, "/"); first == "v1" || first == ".well-known" || !p.send(w, r, entry(name), false) && !p.send(w, r, "index.html", false) {
		http.NotFound(w, r)
	}
}

// send writes a file in the smallest form that the browser reads; false when there is none of that name.
func (p *Pages) send(w http.ResponseWriter, r *http.Request, name string, forever bool) bool {
	h := w.Header()
	body, encoding, err := p.read(name, r.Header.Get("Accept-Encoding"))
	if err != nil {
		return false
	}
	h.Set("Content-Security-Policy", policy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()")
	h.Set("Vary", "Accept-Encoding")
	h.Set("Content-Type", typeOf(name))
	switch {
	case forever: // its name changes with its content
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	case strings.HasSuffix(name, ".html"):
		h.Set("Cache-Control", "no-store")
	default:
		h.Set("Cache-Control", "public, max-age=3600")
	}
	if encoding != "" {
		h.Set("Content-Encoding", encoding)
		h.Set("Content-Length", strconv.Itoa(len(body)))
		if r.Method != http.MethodHead {
			_, _ = w.Write(body)
		}
		return true
	}
	http.ServeContent(w, r, "", p.start, bytes.NewReader(body))
	return true
}

// read prefers brotli to gzip to plain; the build leaves the packed forms beside a file where they are worth it.
func (p *Pages) read(name, accepted string) (body []byte, encoding string, err error) {
	if !fs.ValidPath(name) {
		return nil, "", fs.ErrNotExist
	}
	for _, e := range []struct{ encoding, suffix string }{{"br", ".br"}, {"gzip", ".gz"}} {
		if !accepts(accepted, e.encoding) {
			continue
		}
		if body, err = fs.ReadFile(p.files, name+e.suffix); err == nil {
			return body, e.encoding, nil
		}
		if !errors.Is(err, fs.ErrNotExist) {
			return nil, "", err
		}
	}
	body, err = fs.ReadFile(p.files, name)
	return body, "", err
}

// accepts says whether the header names the encoding and does not refuse it by q=0.
func accepts(header, encoding string) bool {
	for part := range strings.SplitSeq(header, ",") {
		name, params, _ := strings.Cut(strings.TrimSpace(part), ";")
		if strings.EqualFold(strings.TrimSpace(name), encoding) {
			q := strings.ReplaceAll(params, " ", "")
			return q != "q=0" && !strings.HasPrefix(q, "q=0.0")
		}
	}
	return false
}

// typeOf does not ask the machine's own tables, which differ.
func typeOf(name string) string {
	switch path.Ext(name) {
	case ".html":
		return "text/html; charset=utf-8"
	case ".js":
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	case ".webmanifest":
		return "application/manifest+json"
	}
	if t := mime.TypeByExtension(path.Ext(name)); t != "" {
		return t
	}
	return "application/octet-stream"
}
