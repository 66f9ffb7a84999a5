package gate

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	kerrors "github.com/go-kratos/kratos/v2/errors"

	caseworkpb "hotline/api/casework/v1"
	"hotline/tenants"
)

// watching is a gate whose stream the test carries.
func watching(t *testing.T, w Watch, who func() *tenants.Viewer) *house {
	t.Helper()
	return open(t, func(p *Parts) {
		p.Watch = w
		p.Identify = func(ctx context.Context, header string) (*tenants.Viewer, error) {
			if who != nil && header == "Bearer agent" {
				return who(), nil
			}
			return identify(ctx, header)
		}
	})
}

// forever sends one event and then nothing.
func forever(ctx context.Context, send func(*caseworkpb.Change) error) error {
	if err := send(&caseworkpb.Change{Kind: caseworkpb.ChangeKind_READY, Id: "1.a.b"}); err != nil {
		return err
	}
	<-ctx.Done()
	return nil
}

func always(context.Context, *caseworkpb.WatchRequest) (func(context.Context, func(*caseworkpb.Change) error) error, error) {
	return forever, nil
}

func listen(t *testing.T, web, token string) (*http.Response, *bufio.Reader) {
	t.Helper()
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "http://"+web+"/v1/tenants/110000/events", nil)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", token)
	res, err := (&http.Client{Transport: &http.Transport{}}).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = res.Body.Close() })
	return res, bufio.NewReader(res.Body)
}

func heard(t *testing.T, r io.Reader) string {
	t.Helper()
	all, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return strings.ReplaceAll(string(all), `": "`, `":"`) // protojson puts spaces as it likes
}

func TestAStreamEndsWithTheToken(t *testing.T) {
	h := watching(t, always, func() *tenants.Viewer {
		v := *viewers["Bearer agent"]
		v.Until = time.Now().Add(50 * time.Millisecond)
		return &v
	})
	web, _, _, _ := serve(t, h)
	res, body := listen(t, web, "Bearer agent")
	if res.Header.Get("Content-Type") != "text/event-stream; charset=utf-8" || res.Header.Get("Cache-Control") != "no-store" {
		t.Errorf("headers %v", res.Header)
	}
	all := heard(t, body)
	if !strings.HasPrefix(all, "retry: 2000\n\nid: 1.a.b\nevent: READY\ndata: {") || !strings.Contains(all, `"reason":"UNAUTHENTICATED"`) {
		t.Errorf("%q", all)
	}
}

func TestAStreamEndsWhenTheServiceDoes(t *testing.T) {
	web, _, end, done := serve(t, watching(t, always, nil))
	_, body := listen(t, web, "Bearer agent")
	if _, err := body.ReadString('}'); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	end()
	if all := heard(t, body); !strings.Contains(all, `"reason":"LEAVING"`) {
		t.Errorf("%q", all)
	}
	if err := <-done; err != nil || time.Since(began) > farewell/2 {
		t.Errorf("the end took %s: %v", time.Since(began), err)
	}
}

func TestWhoseTokenOrPostsNoLongerHoldHearsNothingMore(t *testing.T) {
	for name, c := range map[string]struct {
		then   *tenants.Viewer
		reason string
	}{
		"post taken away": {&tenants.Viewer{Tenant: "110000", Posts: []tenants.Post{{Role: tenants.Expert}}}, "POSTS_CHANGED"},
		"session ended":   {nil, "UNAUTHENTICATED"},
	} {
		t.Run(name, func(t *testing.T) {
			g := open(t, func(p *Parts) {
				p.Identify = func(context.Context, string) (*tenants.Viewer, error) { return c.then, nil }
			}).Gate
			s := &stream{g: g, v: viewers["Bearer agent"], proven: time.Now().Add(-proofLife)}
			err, ok := s.send(t.Context(), &caseworkpb.Change{}).(ending)
			if !ok || err.reason != c.reason {
				t.Errorf("%v", err)
			}
		})
	}
}

func TestWhatIsRefusedIsNoStream(t *testing.T) {
	h := watching(t, func(context.Context, *caseworkpb.WatchRequest) (func(context.Context, func(*caseworkpb.Change) error) error, error) {
		return nil, kerrors.New(429, "TOO_MANY_STREAMS", "打开的页面太多，请关闭不用的页面后重试。")
	}, nil)
	for token, want := range map[string]int{"": 401, "Bearer faraway": 404, "Bearer editor": 403, "Bearer agent": 429} {
		w := h.web("GET", "/v1/tenants/110000/events", "", "Authorization", token)
		if w.Code != want || w.Header().Get("Content-Type") != "application/json" {
			t.Errorf("%q: %d %s", token, w.Code, w.Body)
		}
	}
	if w := h.web("GET", "/v1/tenants/110000/events?work_order=13900007777", "", "Authorization", "Bearer agent"); w.Code != 400 {
		t.Errorf("a number that is none: %d", w.Code)
	}
}

func TestAReaderWhoReadsNothingIsDropped(t *testing.T) {
	gone := make(chan error, 1)
	h := watching(t, func(context.Context, *caseworkpb.WatchRequest) (func(context.Context, func(*caseworkpb.Change) error) error, error) {
		return func(ctx context.Context, send func(*caseworkpb.Change) error) error {
			for {
				if err := send(&caseworkpb.Change{Kind: caseworkpb.ChangeKind_ACT, Message: strings.Repeat("长", 100_000)}); err != nil {
					gone <- err
					return err
				}
			}
		}, nil
	}, nil)
	web, _, _, _ := serve(t, h)
	listen(t, web, "Bearer agent")
	select {
	case err := <-gone:
		if !strings.Contains(err.Error(), "timeout") {
			t.Error(err)
		}
	case <-time.After(writeWait + 20*time.Second):
		t.Fatal("the stream waits for its reader for ever")
	}
}
