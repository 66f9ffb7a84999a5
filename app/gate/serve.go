package gate

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
)

// Serve listens and answers until the context ends, then lets running calls finish for ten seconds. Without a gRPC address
// only HTTP is served. A Gate serves once.
func (g *Gate) Serve(ctx context.Context, httpAddress, grpcAddress string) error {
	web, err := g.listen(ctx, "http", httpAddress)
	if err != nil {
		return err
	}
	failed := make(chan error, 2)
	if grpcAddress != "" {
		l, err := g.listen(ctx, "grpc", grpcAddress)
		if err != nil {
			_ = web.Close()
			return err
		}
		go func() { failed <- g.GRPC.Serve(l) }()
	}
	// The embedded server, not kratos' Start: that ties every request to ctx, and the end would cut them off.
	go func() { failed <- g.HTTP.Serve(web) }()
	select {
	case err := <-failed:
		_ = g.HTTP.Close()
		g.GRPC.Server.Stop()
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
		return g.leave(context.WithoutCancel(ctx))
	}
}

// leave takes no new calls and waits for the running ones, on both servers at once: a slow one must not use up the other's time.
func (g *Gate) leave(ctx context.Context) (err error) {
	ctx, cancel := context.WithTimeout(ctx, farewell)
	defer cancel()
	var both sync.WaitGroup
	both.Go(func() {
		if err = g.HTTP.Shutdown(ctx); errors.Is(err, context.DeadlineExceeded) {
			err = g.HTTP.Close()
		}
	})
	both.Go(func() {
		stop := context.AfterFunc(ctx, g.GRPC.Server.Stop)
		defer stop()
		g.GRPC.GracefulStop()
	})
	both.Wait()
	if errors.Is(err, http.ErrServerClosed) {
		return nil
	}
	return err
}

func (g *Gate) listen(ctx context.Context, network, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	if err != nil {
		return nil, fmt.Errorf("listen for %s: %w", network, err)
	}
	if g.Listening != nil {
		g.Listening(network, l.Addr().String())
	}
	return l, nil
}
