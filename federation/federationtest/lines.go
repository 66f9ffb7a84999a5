package federationtest

import (
	"context"
	"errors"
	"net"
	"sync"

	"hotline/federation"
)

// Lines are the connections between the nodes. A cut line swallows everything without a word, as a dead router does: who waits
// on it finds out by its own deadline.
type Lines struct {
	mu    sync.Mutex
	names map[string]string // by address
	cut   map[[2]string]chan struct{}
	conns map[*conn]bool
}

// NewLines are whole.
func NewLines() *Lines {
	return &Lines{names: map[string]string{}, cut: map[[2]string]chan struct{}{}, conns: map[*conn]bool{}}
}

// Name says which node lives at an address.
func (l *Lines) Name(p federation.Peer) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.names[p.Address] = p.Name
}

func (l *Lines) named(address string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.names[address] != ""
}

// Dialer is how the node called from reaches the others.
func (l *Lines) Dialer(from string) func(ctx context.Context, network, address string) (net.Conn, error) {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		l.mu.Lock()
		way := [2]string{from, l.names[address]}
		healed := l.cut[way]
		l.mu.Unlock()
		if healed != nil {
			select {
			case <-ctx.Done():
				return nil, ctx.Err()
			case <-healed:
				return nil, errors.New("the line was cut while dialling")
			}
		}
		raw, err := new(net.Dialer).DialContext(ctx, network, address)
		if err != nil {
			return nil, err
		}
		c := &conn{Conn: raw, lines: l, way: way}
		l.mu.Lock()
		defer l.mu.Unlock()
		c.dead = l.cut[way] != nil
		l.conns[c] = true
		return c, nil
	}
}

// Cut cuts the line between two nodes.
func (l *Lines) Cut(a, b string) {
	l.CutOneWay(a, b)
	l.CutOneWay(b, a)
}

// CutOneWay swallows what goes over streams that from opened to to, in both directions, and lets none be opened.
func (l *Lines) CutOneWay(from, to string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	way := [2]string{from, to}
	if l.cut[way] == nil {
		l.cut[way] = make(chan struct{})
	}
	for c := range l.conns {
		if c.way == way {
			c.dead = true
		}
	}
}

// Heal mends all lines; streams that were cut break.
func (l *Lines) Heal() {
	l.mu.Lock()
	defer l.mu.Unlock()
	for way, healed := range l.cut {
		close(healed)
		delete(l.cut, way)
	}
	for c := range l.conns {
		if c.dead {
			c.Conn.Close()
		}
	}
}

type conn struct {
	net.Conn
	lines *Lines
	way   [2]string
	dead  bool // under the lock of lines
}

func (c *conn) isDead() bool {
	c.lines.mu.Lock()
	defer c.lines.mu.Unlock()
	return c.dead
}

func (c *conn) Read(p []byte) (int, error) {
	for {
		n, err := c.Conn.Read(p)
		if err != nil || !c.isDead() {
			return n, err
		}
	}
}

func (c *conn) Write(p []byte) (int, error) {
	if c.isDead() {
		return len(p), nil
	}
	return c.Conn.Write(p)
}

func (c *conn) Close() error {
	c.lines.mu.Lock()
	delete(c.lines.conns, c)
	c.lines.mu.Unlock()
	return c.Conn.Close()
}
