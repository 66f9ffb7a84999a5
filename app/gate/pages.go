package gate

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"hotline/api/rest"
	"hotline/tenants/privacy"
)

// readyTimeout is shorter than an orchestrator waits, so that it hears "not ready" and not nothing.
const readyTimeout = 2 * time.Second

// meters are what /metrics shows.
type meters struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	streams  prometheus.Gauge
}

func newMeters(forged func() map[string]int) *meters {
	m := &meters{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "hotline_requests_total", Help: "Calls by operation and result."},
			[]string{"operation", "code"}),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "hotline_request_seconds", Help: "Time a call took.",
			Buckets: []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}}, []string{"operation"}),
	}
	m.streams = prometheus.NewGauge(prometheus.GaugeOpts{Name: "hotline_streams", Help: "Event streams that are open."})
	if forged != nil {
		m.registry.MustRegister(forgeries(forged))
	}
	m.registry.MustRegister(m.requests, m.seconds, m.streams, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// forgeries are counted by the courier; here they are only read.
type forgeries func() map[string]int

var forgedEntries = prometheus.NewDesc("hotline_region_forged_entries_total", "Entries of a region's ledger with a forged signature: a node that led may be stolen.",
	[]string{"region"}, nil)

func (forgeries) Describe(to chan<- *prometheus.Desc) { to <- forgedEntries }

func (f forgeries) Collect(to chan<- prometheus.Metric) {
	for region, n := range f() {
		to <- prometheus.MustNewConstMetric(forgedEntries, prometheus.CounterValue, float64(n), region)
	}
}

func (m *meters) count(operation string, code int, took time.Duration) {
	m.requests.WithLabelValues(operation, strconv.Itoa(code)).Inc()
	m.seconds.WithLabelValues(operation).Observe(took.Seconds())
}

// pages mounts what is no part of the contract.
func (g *Gate) pages() {
	g.HTTP.HandleFunc("/healthz", func(w http.ResponseWriter, _ *http.Request) { text(w, http.StatusOK, "ok\n") })
	g.HTTP.HandleFunc("/readyz", g.readyz)
	g.HTTP.Handle("/metrics", promhttp.HandlerFor(g.meters.registry, promhttp.HandlerOpts{}))
	g.HTTP.HandleFunc("/openapi.yaml", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/yaml")
		_, _ = w.Write(g.parts.OpenAPI)
	})
	g.HTTP.HandleFunc("/.well-known/jwks.json", g.jwks)
	g.HTTP.HandlePrefix("/v1/", rest.Unmatched(g.HTTP))
	if g.parts.Pages != nil {
		g.HTTP.HandlePrefix("/", g.parts.Pages)
	}
}

func text(w http.ResponseWriter, code int, s string) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write([]byte(s))
}

// Unready is an error of Parts.Ready that says which part is at fault; without it, that is the database.
type Unready struct {
	Part  string
	Cause error
}

func (u *Unready) Error() string { return u.Part + ": " + u.Cause.Error() }

func (u *Unready) Unwrap() error { return u.Cause }

// readyz says whether calls can be served, and if not by which part; what exactly is wrong goes to the log.
func (g *Gate) readyz(w http.ResponseWriter, r *http.Request) {
	ctx, cancel := context.WithTimeout(r.Context(), readyTimeout)
	defer cancel()
	err := g.parts.Ready(ctx)
	if err == nil {
		text(w, http.StatusOK, "ok\n"+g.cutOff()+g.forged())
		return
	}
	part := "database"
	if u := new(Unready); errors.As(err, &u) {
		part = u.Part
	}
	g.parts.Log.ErrorContext(ctx, "not ready", "trace", traceOf(ctx), "part", part, "error", privacy.Scrub(err.Error()))
	text(w, http.StatusServiceUnavailable, part+" not ready\n")
}

// cutOff is a line for each region that does not answer.
func (g *Gate) cutOff() string {
	if g.parts.CutOff == nil {
		return ""
	}
	var lines strings.Builder
	for _, region := range g.parts.CutOff() {
		lines.WriteString("region " + region + " cut off: transfers wait\n")
	}
	return lines.String()
}

// forged is a line for each region in whose ledger somebody forges.
func (g *Gate) forged() string {
	if g.parts.Forged == nil {
		return ""
	}
	var lines []string
	for region, n := range g.parts.Forged() {
		if n > 0 {
			lines = append(lines, fmt.Sprintf("region %s: %d forged entries, none followed; a node that led may be stolen\n", region, n))
		}
	}
	slices.Sort(lines)
	return strings.Join(lines, "")
}

func (g *Gate) jwks(w http.ResponseWriter, r *http.Request) {
	keys, err := g.parts.JWKS(r.Context())
	if err != nil {
		g.parts.Log.ErrorContext(r.Context(), "signing keys", "trace", traceOf(r.Context()), "error", privacy.Scrub(err.Error()))
		rest.ErrorEncoder(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "public, max-age=300")
	_, _ = w.Write(keys)
}
