package federation

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"slices"
	"time"
)

// Beside the log, a process may ask the process behind another node: for what is too large for the log, such as files.

const (
	kindCall     = 'C' // one question to the process behind the node, one answer
	callBytes    = 4 << 10
	answerBytes  = 2 << 20
	callPatience = 30 * time.Second
	callsOfOne   = 8 // that a member has open at most
)

// ErrNoAnswer: the other process has nothing to say to that.
var ErrNoAnswer = errors.New("the other node has no answer")

// Peers are the other members of a group, as this node knows them.
func (n *Node) Peers(group string) []Peer {
	g := n.groups[group]
	if g == nil {
		return nil
	}
	return slices.DeleteFunc(g.peers(), func(p Peer) bool { return p.Name == n.conf.Name })
}

// Call asks the process behind a peer.
func (n *Node) Call(ctx context.Context, group string, p Peer, question []byte) ([]byte, error) {
	if len(question) > callBytes {
		return nil, fmt.Errorf("a question of %d bytes is too long", len(question))
	}
	ctx, cancel := context.WithTimeout(ctx, callPatience)
	defer cancel()
	conn, err := n.mux.call(ctx, p, hello{kind: kindCall, group: group})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { conn.SetDeadline(time.Unix(1, 0)) })()
	if err := writeLong(conn, question); err != nil {
		return nil, err
	}
	answer, err := readLong(conn, answerBytes)
	if err != nil {
		return nil, fmt.Errorf("%s at %s gave no answer: %w", p.Name, p.Address, err)
	}
	if len(answer) == 0 {
		return nil, ErrNoAnswer
	}
	return answer, nil
}

// serveCall lets the process answer a member of the group.
func (n *Node) serveCall(h hello, conn *tls.Conn) {
	defer n.groups[h.group].calls.add(h.from, conn)()
	conn.SetDeadline(time.Now().Add(callPatience))
	question, err := readLong(conn, callBytes)
	if err != nil || n.conf.Serve == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), callPatience)
	defer cancel()
	answer := n.conf.Serve(ctx, h.group, h.from, question)
	if len(answer) > answerBytes {
		answer = nil
	}
	_ = writeLong(conn, answer)
}

func writeLong(w io.Writer, b []byte) error {
	_, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	return err
}

func readLong(r io.Reader, most uint32) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > most {
		return nil, fmt.Errorf("%d bytes are more than the %d that are taken", n, most)
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err
}
