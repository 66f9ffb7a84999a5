// Package crossingtest links real houses to each other for a test: real nodes, sockets and disks.
package crossingtest

import (
	"context"
	"net"
	"testing"
	"time"

	federationv1 "hotline/api/federation/v1"
	"hotline/app/crossing"
	"hotline/app/house"
	"hotline/federation"
	"hotline/federation/authority"
	"hotline/tenants"
)

// Link lets one house be a region of its own: a node of one, in which the cities are members. The courier runs until the test ends.
func Link(t testing.TB, h *house.House, region, coordinator string, cities ...string) {
	t.Helper()
	ctx := context.Background()
	ca := must(authority.Open(t.TempDir()))(t)
	name := coordinator + "-1"
	cert, key, err := ca.Issue(name)
	if err != nil {
		t.Fatal(err)
	}
	first, err := h.Crossing.EnsureKeys(tenants.With(ctx, tenants.System(coordinator)))
	if err != nil {
		t.Fatal(err)
	}
	address := Free(t)
	conf := crossing.Config{Name: name, Listen: address, Folder: t.TempDir(), CA: ca.CA(), Certificate: cert, Key: key, HeartbeatMs: 300, ElectionMs: 300,
		Regions: []crossing.RegionConfig{{Name: region, Voters: []federation.Peer{{Name: name, Address: address}}, Coordinator: first}}}
	Start(t, h, conf)
	for _, city := range cities {
		JoinCity(t, h, h, region, coordinator, city)
	}
}

// Start links a house by a configuration and lets its courier run until the test ends.
func Start(t testing.TB, h *house.House, conf crossing.Config) {
	t.Helper()
	ctx, stop := context.WithCancel(context.Background())
	begin, cancel := context.WithTimeout(ctx, 60*time.Second)
	defer cancel()
	if err := h.Crossing.Start(begin, conf); err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		h.Crossing.Run(ctx)
		close(done)
	}()
	t.Cleanup(func() {
		stop()
		<-done
		if err := h.Crossing.Close(); err != nil {
			t.Error(err)
		}
	})
}

// JoinCity makes a city a member: its keys come from the house that serves it, the act from the house that serves the coordinator.
func JoinCity(t testing.TB, serves, coordinates *house.House, region, coordinator, city string) {
	t.Helper()
	ctx := context.Background()
	keys, err := serves.Crossing.EnsureKeys(tenants.With(ctx, tenants.System(city)))
	if err != nil {
		t.Fatal(err)
	}
	join := &federationv1.Join{City: city, Signing: keys.Signing.Key(), Sealing: keys.Sealing.Key(), Speaks: 1}
	err = coordinates.Crossing.Govern(tenants.With(ctx, tenants.System(coordinator)), region, &federationv1.Command{Act: &federationv1.Command_Join{Join: join}})
	if err != nil {
		t.Fatalf("%s joins: %v", city, err)
	}
}

// Free is an address on loopback that nobody listens on.
func Free(t testing.TB) string {
	t.Helper()
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = ln.Close() }()
	return ln.Addr().String()
}

func must[T any](v T, err error) func(t testing.TB) T {
	return func(t testing.TB) T {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
}
