package federation

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"sync"
	"time"
)

// The first byte after the handshake says what a stream is for; the group's and the caller's name follow.
const (
	kindRaft    = 'R' // raft's own traffic
	kindPropose = 'P' // commands on their way to the leader
	kindAsk     = 'A' // one question, one answer
)

const (
	handshakeTime = 5 * time.Second
	// How many may be there at once that have not shown who they are: all, and from one address, so that one can't keep out the others.
	strangers     = 256
	strangersFrom = 64
)

// hello opens every stream.
type hello struct {
	kind        byte
	group, from string
}

func (h hello) write(w io.Writer) error {
	b := append([]byte{h.kind, byte(len(h.group))}, h.group...)
	b = append(append(b, byte(len(h.from))), h.from...)
	_, err := w.Write(b)
	return err
}

func readHello(r io.Reader) (h hello, err error) {
	var kind [1]byte
	if _, err = io.ReadFull(r, kind[:]); err != nil {
		return h, err
	}
	h.kind = kind[0]
	if h.group, err = readName(r); err != nil {
		return h, err
	}
	h.from, err = readName(r)
	return h, err
}

func readName(r io.Reader) (string, error) {
	var b [256]byte
	if _, err := io.ReadFull(r, b[:1]); err != nil {
		return "", err
	}
	name := b[1 : 1+int(b[0])]
	_, err := io.ReadFull(r, name)
	return string(name), err
}

// mux shares one port between the groups of a node and the kinds of streams.
type mux struct {
	ln    net.Listener
	id    *identity
	dial  func(ctx context.Context, network, address string) (net.Conn, error)
	serve func(h hello, conn *tls.Conn) // takes over the stream

	mu      sync.Mutex
	pending map[string]int     // by address, and all of them under ""
	open    map[net.Conn]hello // what they said first; empty before
	closed  bool
	done    sync.WaitGroup
}

func newMux(ln net.Listener, id *identity, dial func(context.Context, string, string) (net.Conn, error)) *mux {
	return &mux{ln: ln, id: id, dial: dial, pending: map[string]int{}, open: map[net.Conn]hello{}}
}

// run accepts until the listener is closed. Whoever comes while too many have not yet shown who they are is turned away: it
// may try again, but can't fill the memory of a node.
func (m *mux) run() {
	conf := m.id.server()
	for {
		conn, err := m.ln.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil { // out of file descriptors: others have to close first
			time.Sleep(50 * time.Millisecond)
			continue
		}
		if from := addressOf(conn); m.enter(from) {
			m.done.Go(func() { m.greet(tls.Server(conn, conf), from) })
		} else {
			conn.Close()
		}
	}
}

func addressOf(conn net.Conn) string {
	host, _, _ := net.SplitHostPort(conn.RemoteAddr().String())
	return host
}

// enter takes a place among those who have not shown who they are, if there is one.
func (m *mux) enter(from string) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.pending[""] >= strangers || m.pending[from] >= strangersFrom {
		return false
	}
	m.pending[""]++
	m.pending[from]++
	return true
}

func (m *mux) leave(from string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pending[""]--
	if m.pending[from]--; m.pending[from] == 0 {
		delete(m.pending, from)
	}
}

// greet lets the stream through if the caller holds the name that it gives.
func (m *mux) greet(conn *tls.Conn, from string) {
	h, err := func() (hello, error) {
		defer m.leave(from)
		if !m.keep(conn, hello{}) {
			return hello{}, net.ErrClosed
		}
		conn.SetDeadline(time.Now().Add(handshakeTime))
		h, err := readHello(conn)
		if err == nil {
			err = conn.ConnectionState().PeerCertificates[0].VerifyHostname(h.from)
		}
		conn.SetDeadline(time.Time{})
		return h, err
	}()
	if err != nil || !m.keep(conn, h) {
		m.drop(conn)
		return
	}
	m.serve(h, conn)
}

// call opens a stream to a peer.
func (m *mux) call(ctx context.Context, p Peer, h hello) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, handshakeTime)
	defer cancel()
	if m.isCut() {
		return nil, ErrClosed
	}
	raw, err := m.dial(ctx, "tcp", p.Address)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(raw, m.id.client(p.Name))
	if err := conn.HandshakeContext(ctx); err != nil {
		raw.Close()
		return nil, fmt.Errorf("handshake with %s at %s: %w", p.Name, p.Address, err)
	}
	h.from = m.id.name
	if err := h.write(conn); err != nil {
		raw.Close()
		return nil, err
	}
	return conn, nil
}

// keep remembers a stream that came in, so that close ends it; false if the node is closed already.
func (m *mux) keep(conn net.Conn, h hello) bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	if !m.closed {
		m.open[conn] = h
	}
	return !m.closed
}

// dropFrom ends raft's streams of a group from those of whom gone is true.
func (m *mux) dropFrom(group string, gone func(name string) bool) {
	m.mu.Lock()
	by := map[string][]net.Conn{}
	for conn, h := range m.open {
		if h.kind == kindRaft && h.group == group {
			by[h.from] = append(by[h.from], conn)
		}
	}
	m.mu.Unlock()
	for name, conns := range by {
		if !gone(name) {
			continue
		}
		for _, conn := range conns {
			m.drop(conn)
		}
	}
}

func (m *mux) drop(conn net.Conn) {
	m.mu.Lock()
	delete(m.open, conn)
	m.mu.Unlock()
	conn.Close()
}

// cut ends all streams that came in, and lets none be opened in either direction.
func (m *mux) cut() {
	m.ln.Close()
	m.mu.Lock()
	defer m.mu.Unlock()
	m.closed = true
	for conn := range m.open {
		// A close of TLS may wait for a peer that reads no more; what lies below does not.
		conn.(*tls.Conn).NetConn().Close()
	}
}

func (m *mux) isCut() bool {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.closed
}

// streams are those of one kind that members have open here. One who opens too many loses the oldest: that may be one whose end was never
// heard of, and so nobody is kept out.
type streams struct {
	most int
	mu   sync.Mutex
	by   map[string][]net.Conn
}

func newStreams(most int) *streams { return &streams{most: most, by: map[string][]net.Conn{}} }

// add counts a stream until the function that it returns is called.
func (s *streams) add(from string, conn net.Conn) (remove func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.by[from] = append(s.by[from], conn)
	if len(s.by[from]) > s.most {
		go s.by[from][0].Close() // it may wait for a peer that reads no more
		s.by[from] = slices.Delete(s.by[from], 0, 1)
	}
	return func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.by[from] = slices.DeleteFunc(s.by[from], func(c net.Conn) bool { return c == conn }); len(s.by[from]) == 0 {
			delete(s.by, from)
		}
	}
}
