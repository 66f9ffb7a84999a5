package gate

import (
	"context"
	"io"
	"net"
	"net/http"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"

	caseworkpb "hotline/api/casework/v1"
)

// serve runs the gate on free ports; end asks it to stop, done says how it ended.
func serve(t *testing.T, h *house) (web, far string, end context.CancelFunc, done chan error) {
	t.Helper()
	ctx, end := context.WithCancel(t.Context())
	bound := make(chan [2]string, 2)
	h.Listening = func(network, address string) { bound <- [2]string{network, address} }
	done = make(chan error, 1)
	go func() { done <- h.Serve(ctx, "127.0.0.1:0", "127.0.0.1:0") }()
	for range 2 {
		if b := <-bound; b[0] == "http" {
			web = b[1]
		} else {
			far = b[1]
		}
	}
	return web, far, end, done
}

func TestAtTheEndRunningCallsAreFinished(t *testing.T) {
	h := open(t)
	entered, release := make(chan struct{}), make(chan struct{})
	h.orders.get = func(ctx context.Context, in *caseworkpb.GetWorkOrderRequest) (*caseworkpb.WorkOrder, error) {
		entered <- struct{}{}
		<-release
		return &caseworkpb.WorkOrder{Name: in.GetName()}, ctx.Err()
	}
	web, far, end, done := serve(t, h)
	conn, err := grpc.NewClient(far, grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close() }()
	results := make(chan error, 2)
	go func() { results <- fetch(t.Context(), "http://"+web+"/v1/"+here) }()
	go func() {
		_, err := caseworkpb.NewWorkOrdersClient(conn).GetWorkOrder(bearing(t.Context(), "Bearer agent"), &caseworkpb.GetWorkOrderRequest{Name: here})
		results <- err
	}()
	<-entered
	<-entered
	end()
	for _, address := range []string{web, far} { // the door shuts while the two are still inside
		for {
			c, err := net.Dial("tcp", address)
			if err != nil {
				break
			}
			_ = c.Close()
		}
	}
	select {
	case err := <-done:
		t.Fatalf("gone with calls inside: %v", err)
	default:
	}
	close(release)
	for range 2 {
		if err := <-results; err != nil {
			t.Error(err)
		}
	}
	if err := <-done; err != nil {
		t.Error(err)
	}
}

type status int

func (s status) Error() string { return http.StatusText(int(s)) }

func fetch(ctx context.Context, url string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	r.Header.Set("Authorization", "Bearer agent")
	res, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return status(res.StatusCode)
	}
	return nil
}

func TestAnAddressThatIsTakenIsAnError(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	address := taken.Addr().String()
	if err := open(t).Serve(t.Context(), address, ""); err == nil {
		t.Error("HTTP")
	}
	if err := open(t).Serve(t.Context(), "127.0.0.1:0", address); err == nil {
		t.Error("gRPC")
	}
}

func TestSlowSendersAreCutOff(t *testing.T) {
	h := open(t)
	if h.HTTP.ReadHeaderTimeout <= 0 || h.HTTP.ReadTimeout <= callTimeout || h.HTTP.IdleTimeout <= 0 || h.HTTP.MaxHeaderBytes <= 0 {
		t.Error("a limit is missing")
	}
	if h.HTTP.WriteTimeout != 0 {
		t.Error("a write timeout would cut event streams")
	}
}

// BenchmarkChain is what the door costs: a call whose handler does nothing.
func BenchmarkChain(b *testing.B) {
	h := open(b, func(p *Parts) {
		p.Rates = func(context.Context, string) (int, int) { return 1 << 40, 1 << 40 }
	})
	b.Run("HTTP", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if w := h.web("GET", "/v1/"+here, "", "Authorization", "Bearer agent"); w.Code != http.StatusOK {
				b.Fatal(w.Body)
			}
		}
	})
	b.Run("gRPC", func(b *testing.B) {
		b.ReportAllocs()
		client, ctx := caseworkpb.NewWorkOrdersClient(h.grpc), bearing(b.Context(), "Bearer agent")
		for b.Loop() {
			if _, err := client.GetWorkOrder(ctx, &caseworkpb.GetWorkOrderRequest{Name: here}); err != nil {
				b.Fatal(err)
			}
		}
	})
}
