// Package crossingtest links real houses to each other for a test: real nodes, sockets and disks.
package crossingtest

import (
	"context"
	"errors"
	"net"
	"sync"
	"testing"
	"time"

	federationv1 "hotline/api/federation/v1"
	"hotline/app/crossing"
	"hotline/app/house"
	"hotline/app/nation"
	"hotline/federation"
	"hotline/federation/authority"
	"hotline/federation/ledger"
	"hotline/tenants"
)

// Link lets one house be a region of its own: a node of one, in which the cities are members. The courier runs until the test ends.
func Link(t testing.TB, h *house.House, region, coordinator string, cities ...string) *Node {
	t.Helper()
	n := Alone(t, h, region, coordinator)
	n.Carry()
	for _, city := range cities {
		JoinCity(t, h, h, region, coordinator, city)
	}
	return n
}

// Alone is a region of one node in which the coordinator is the only member; its courier rests.
func Alone(t testing.TB, h *house.House, region, coordinator string) *Node {
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
	n := &Node{Conf: conf, t: t, house: h}
	t.Cleanup(n.Stop)
	if err := n.open(); err != nil {
		t.Fatal(err)
	}
	return n
}

// Voter is a house that takes part in a region with a node of its own.
type Voter struct {
	House *house.House
	City  string // after which its node is called
}

// LinkAll makes several houses the voters of one region; the first serves the coordinator. The cities become members.
func LinkAll(t testing.TB, region, coordinator string, voters []Voter) []*Node {
	t.Helper()
	ca := must(authority.Open(t.TempDir()))(t)
	first, err := voters[0].House.Crossing.EnsureKeys(tenants.With(context.Background(), tenants.System(coordinator)))
	if err != nil {
		t.Fatal(err)
	}
	var peers []federation.Peer
	titles := map[string]string{}
	for _, c := range nation.Cities() {
		titles[c.Code] = c.Title
	}
	for _, v := range voters {
		peers = append(peers, federation.Peer{Name: v.City + "-1", Address: Free(t)})
	}
	nodes, failed := make([]*Node, len(voters)), make([]error, len(voters))
	var all sync.WaitGroup
	for i, v := range voters {
		cert, key, err := ca.Issue(peers[i].Name)
		if err != nil {
			t.Fatal(err)
		}
		nodes[i] = &Node{t: t, house: v.House, Conf: crossing.Config{Name: peers[i].Name, Listen: peers[i].Address, Folder: t.TempDir(), CA: ca.CA(),
			Certificate: cert, Key: key, HeartbeatMs: 300, ElectionMs: 300, Titles: titles,
			Regions: []crossing.RegionConfig{{Name: region, Voters: peers, Coordinator: first}}}}
		t.Cleanup(nodes[i].Stop)
		all.Go(func() { failed[i] = nodes[i].start() })
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
	for _, v := range voters {
		JoinCity(t, v.House, voters[0].House, region, coordinator, v.City)
	}
	return nodes
}

// Node is a house's place in its regions. It can be stopped and started again on what it has on disk.
type Node struct {
	Conf  crossing.Config
	t     testing.TB
	house *house.House
	stop  func()
}

// Start links a house by a configuration and lets its courier run until the test ends.
func Start(t testing.TB, h *house.House, conf crossing.Config) *Node {
	t.Helper()
	n := &Node{Conf: conf, t: t, house: h}
	t.Cleanup(n.Stop)
	n.Again()
	return n
}

// Found is Start for the founders of a group, who wait for each other.
func Found(t testing.TB, houses []*house.House, confs []crossing.Config) {
	t.Helper()
	failed := make([]error, len(houses))
	var all sync.WaitGroup
	for i, h := range houses {
		n := &Node{Conf: confs[i], t: t, house: h}
		t.Cleanup(n.Stop)
		all.Go(func() { failed[i] = n.start() })
	}
	all.Wait()
	if err := errors.Join(failed...); err != nil {
		t.Fatal(err)
	}
}

// Again starts a node that was stopped.
func (n *Node) Again() {
	n.t.Helper()
	if err := n.start(); err != nil {
		n.t.Fatal(err)
	}
}

func (n *Node) start() error {
	if err := n.open(); err != nil {
		return err
	}
	n.Carry()
	return nil
}

// open is start without the courier.
func (n *Node) open() error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	return n.house.Crossing.Start(ctx, n.Conf)
}

// Carry lets the courier of a node run, until Rest, Stop or the end of the test.
func (n *Node) Carry() {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		n.house.Crossing.Run(ctx)
		close(done)
	}()
	n.stop = func() {
		stop()
		<-done
	}
}

// Rest stops the courier wherever it is just now; the node goes on.
func (n *Node) Rest() {
	if n.stop != nil {
		n.stop()
		n.stop = nil
	}
}

// Stop ends courier and node.
func (n *Node) Stop() {
	n.Rest()
	if err := n.house.Crossing.Close(); err != nil {
		n.t.Error(err)
	}
}

// JoinCity makes a city a member: its keys come from the house that serves it, the act from the house that serves the coordinator.
func JoinCity(t testing.TB, serves, coordinates *house.House, region, coordinator, city string) {
	t.Helper()
	ctx := context.Background()
	keys, err := serves.Crossing.EnsureKeys(tenants.With(ctx, tenants.System(city)))
	if err != nil {
		t.Fatal(err)
	}
	join := &federationv1.Join{City: city, Signing: keys.Signing.Key(), Sealing: keys.Sealing.Key(), Speaks: ledger.Version}
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
