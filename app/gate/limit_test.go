package gate

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	kerrors "github.com/go-kratos/kratos/v2/errors"

	accesspb "hotline/api/access"
	caseworkpb "hotline/api/casework/v1"
	"hotline/tenants"
)

var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

// drain takes until the key is refused and says how many calls that were.
func drain(l *limits, key string, perMinute int, now time.Time) int {
	for n := range 10_000 {
		if l.take(key, perMinute, now) > 0 {
			return n
		}
	}
	return -1
}

func TestABucketEmptiesAndFills(t *testing.T) {
	l := newLimits()
	if n := drain(l, "a", 60, noon); n != 10 {
		t.Errorf("burst %d", n)
	}
	if wait := l.take("a", 60, noon); wait != time.Second {
		t.Errorf("wait %v", wait)
	}
	if n := drain(l, "b", 60, noon); n != 10 {
		t.Errorf("one caller's haste cost another %d", 10-n)
	}
	if n := drain(l, "a", 60, noon.Add(3*time.Second)); n != 3 {
		t.Errorf("after three seconds: %d", n)
	}
	if n := drain(l, "c", 6, noon); n != 5 {
		t.Errorf("the smallest burst is %d", n)
	}
	if wait := l.take("d", 0, noon); wait != longest {
		t.Errorf("no calls allowed: %v", wait)
	}
}

func TestTurningFromCityToCityFillsNoBucket(t *testing.T) {
	l := newLimits()
	drain(l, "address", 60, noon)
	for i := range 10 {
		if l.take("address", 60+i%2*30, noon) == 0 {
			t.Fatalf("call %d went through", i)
		}
	}
}

func TestBucketsAreBounded(t *testing.T) {
	l := newLimits()
	for i := range maxBuckets + 100 {
		l.take(strconv.Itoa(i), 60, noon)
	}
	if len(l.buckets) != maxBuckets || l.recent.Len() != maxBuckets {
		t.Errorf("%d, %d", len(l.buckets), l.recent.Len())
	}
	if _, ok := l.buckets["0"]; ok {
		t.Error("the longest unseen is still there")
	}
}

func TestWhoCallsTooFastIsToldWhenToComeBack(t *testing.T) {
	h := open(t, func(p *Parts) { p.Rates = func(context.Context, string) (int, int) { return 6, 6 } })
	for range 5 {
		if w := h.web("GET", "/v1/"+here, "", "Authorization", "Bearer agent"); w.Code != 200 {
			t.Fatal(w.Body)
		}
	}
	w := h.web("GET", "/v1/"+here, "", "Authorization", "Bearer agent")
	if r := read(t, w); r.Code != 429 || r.Reason != "TOO_FAST" {
		t.Errorf("%+v", r)
	}
	if after, err := strconv.Atoi(w.Header().Get("Retry-After")); err != nil || after < 1 || after > 60 {
		t.Errorf("Retry-After %q", w.Header().Get("Retry-After"))
	}
	_, err := caseworkpb.NewWorkOrdersClient(h.grpc).GetWorkOrder(bearing(t.Context(), "Bearer agent"), &caseworkpb.GetWorkOrderRequest{Name: here})
	if e := kerrors.FromError(err); e.Reason != "TOO_FAST" || e.Metadata["retry_after"] == "" {
		t.Errorf("gRPC, same account: %v", err)
	}
	// The same login in another city is another person's affair.
	if w := h.web("GET", "/v1/"+there, "", "Authorization", "Bearer faraway"); w.Code != 200 {
		t.Errorf("another city: %s", w.Body)
	}
}

func TestPassersByAreCountedByAddress(t *testing.T) {
	h := open(t, func(p *Parts) { p.Rates = func(context.Context, string) (int, int) { return 6000, 6 } })
	track := func(city string) int {
		return h.web("POST", "/v1/tenants/"+city+"/petitions/"+city+"202611230000000001:track", `{"code":"1234"}`).Code
	}
	for i := range 5 {
		if code := track(fmt.Sprintf("11000%d", i)); code != 200 {
			t.Fatal(code)
		}
	}
	if code := track("110009"); code != 429 {
		t.Errorf("a sixth city from the same address: %d", code)
	}
}

func TestAnAddressIsANetwork(t *testing.T) {
	for address, want := range map[string]string{
		"1.2.3.4": "1.2.3.4", "2001:db8:1:2:3::4": "2001:db8:1:2::/64", "fe80::1%eth0": "fe80::/64", "::ffff:1.2.3.4": "::ffff:1.2.3.4", "pipe": "pipe",
	} {
		if got := network(context.WithValue(t.Context(), addressKey{}, address)); got != want {
			t.Errorf("%s: %s", address, got)
		}
	}
}

func TestANoisyCityTakesOnlyItsShare(t *testing.T) {
	g := &Gate{parts: Parts{Rates: func(context.Context, string) (int, int) { return 60_000, 60_000 }}, limits: newLimits()}
	entered, release := make(chan struct{}), make(chan struct{})
	slow := g.limit(func(context.Context, any) (any, error) {
		entered <- struct{}{}
		<-release
		return nil, nil
	})
	quick := g.limit(func(context.Context, any) (any, error) { return nil, nil })
	as := func(v *tenants.Viewer, rule *accesspb.Rule) context.Context {
		return context.WithValue(tenants.With(t.Context(), v), ruleKey{}, rule)
	}
	staff, public := &accesspb.Rule{Any: true}, &accesspb.Rule{Public: true}
	noisy := as(&tenants.Viewer{Login: "a", Tenant: "110000"}, staff)
	done := make(chan error, perCityBusy)
	for range perCityBusy {
		go func() {
			_, err := slow(noisy, nil)
			done <- err
		}()
		<-entered
	}
	if _, err := quick(noisy, nil); kerrors.Reason(err) != "TOO_FAST" {
		t.Errorf("one more: %v", err)
	}
	for name, ctx := range map[string]context.Context{
		"another city":         as(&tenants.Viewer{Login: "a", Tenant: "310000"}, staff),
		"the city's citizens":  as(tenants.CitizenOf("110000"), public),
		"a login without city": context.WithValue(t.Context(), ruleKey{}, public),
	} {
		if _, err := quick(ctx, nil); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	close(release)
	for range perCityBusy {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if _, err := quick(noisy, nil); err != nil || len(g.limits.busy) != 0 {
		t.Errorf("afterwards: %v, %v", err, g.limits.busy)
	}
}

func TestOnlyTheMethodsThatCarryFilesTakeLargeRequests(t *testing.T) {
	large := caseworkpb.WorkOrders_Attach_FullMethodName
	h := open(t, func(p *Parts) { p.MaxBody, p.Large = 1000, map[string]int64{large: 5000} })
	const name = "tenants/110000/workOrders/110000202601010000000000"
	text, ctx, client := strings.Repeat("x", 2000), bearing(t.Context(), "Bearer agent"), caseworkpb.NewWorkOrdersClient(h.grpc)
	_, err := client.Supplement(ctx, &caseworkpb.SupplementRequest{Name: name, Facts: text})
	if r := readGRPC(err); r.Reason != "TOO_LARGE" || len(r.TraceID) != 32 {
		t.Errorf("words over gRPC: %+v", r)
	}
	if r := read(t, h.web("POST", "/v1/"+name+":supplement", `{"facts":"`+text+`"}`, "Authorization", "Bearer agent")); r.Code != 413 {
		t.Errorf("words over HTTP: %+v", r)
	}
	_, err = client.Attach(ctx, &caseworkpb.AttachRequest{Name: name, Title: "x", Content: []byte(text)})
	if r := readGRPC(err); r.Reason == "TOO_LARGE" || r.Code == 200 {
		t.Errorf("a file over gRPC does not reach its room: %+v", r)
	}
	for size, code := range map[int]int{1500: 500, 4000: 413} { // in base64; behind the gate stands nobody
		body := `{"title":"x","content":"` + base64.StdEncoding.EncodeToString(make([]byte, size)) + `"}`
		if r := read(t, h.web("POST", "/v1/"+name+":attach", body, "Authorization", "Bearer agent")); r.Code != code && r.Code != 501 {
			t.Errorf("a file of %d over HTTP: %+v", size, r)
		}
	}
}
