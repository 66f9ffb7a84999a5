package federation

import (
	"context"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/hashicorp/raft"
)

// layer is the share of one group in the node's port, as raft wants it.
type layer struct {
	mux     *mux
	group   string
	address string
	name    func(address string) (string, bool) // who lives there
	in      chan net.Conn
	done    chan struct{}
	once    sync.Once
}

func newLayer(m *mux, group, address string, name func(string) (string, bool)) *layer {
	return &layer{mux: m, group: group, address: address, name: name, in: make(chan net.Conn), done: make(chan struct{})}
}

// hand gives a stream that came in to raft, which reads it from now on.
func (l *layer) hand(conn net.Conn) {
	select {
	case l.in <- &kept{conn, l.mux}:
	case <-l.done:
		l.mux.drop(conn)
	}
}

func (l *layer) Accept() (net.Conn, error) {
	select {
	case c := <-l.in:
		return c, nil
	case <-l.done:
		return nil, net.ErrClosed
	}
}

func (l *layer) Close() error {
	l.once.Do(func() { close(l.done) })
	return nil
}

func (l *layer) Addr() net.Addr { return advertised(l.address) }

// Dial calls the member that the group knows at the address; whoever answers must hold its name.
func (l *layer) Dial(address raft.ServerAddress, timeout time.Duration) (net.Conn, error) {
	name, ok := l.name(string(address))
	if !ok {
		return nil, fmt.Errorf("group %s knows nobody at %s", l.group, address)
	}
	ctx, cancel := context.WithTimeout(context.Background(), timeout)
	defer cancel()
	return l.mux.call(ctx, Peer{name, string(address)}, hello{kind: kindRaft, group: l.group})
}

// advertised is the address by which the others call this node, which need not be the one it listens on.
type advertised string

func (a advertised) Network() string { return "tcp" }
func (a advertised) String() string  { return string(a) }
