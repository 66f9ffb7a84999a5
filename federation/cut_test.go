package federation_test

import (
	"crypto/tls"
	"io"
	"os"
	"testing"
	"time"

	"hotline/federation/federationtest"
)

// opens opens a stream of a kind to v1 and leaves it open.
func opens(t *testing.T, c *federationtest.Cluster, cert, key, as string, kind byte) *tls.Conn {
	t.Helper()
	conn, err := knockBy(t, c, cert, key, 0)
	if err != nil {
		t.Fatal(err)
	}
	b := append([]byte{kind, byte(len(group))}, group...)
	if _, err := conn.Write(append(append(b, byte(len(as))), as...)); err != nil {
		t.Fatal(err)
	}
	return conn
}

// stays says that nothing comes and nothing ends for a moment.
func stays(conn *tls.Conn) bool {
	conn.SetReadDeadline(time.Now().Add(time.Second))
	_, err := conn.Read(make([]byte, 1))
	return os.IsTimeout(err)
}

// ends waits until the other side has ended it.
func ends(t *testing.T, conn *tls.Conn, what string) {
	t.Helper()
	conn.NetConn().SetReadDeadline(time.Now().Add(20 * time.Second)) // below TLS, where the time that ran out before is forgotten
	if _, err := io.ReadFull(conn.NetConn(), make([]byte, 1<<16)); err == nil || os.IsTimeout(err) {
		t.Errorf("%s: %v", what, err)
	}
}

func TestStreamsThatAreOpenEndWhenTheirCertificateIsRevoked(t *testing.T) {
	t.Parallel()
	c := federationtest.Prepare(t, 3, group)
	list := c.Authority.Revoke()
	for _, p := range c.Voters {
		c.Config(p.Name).Revoked = list
	}
	c.Found()
	c.Leader(group)
	conf := c.Config("v3")
	raft := opens(t, c, conf.Certificate, conf.Key, "v3", 'R')
	proposals := opens(t, c, conf.Certificate, conf.Key, "v3", 'P')
	if !stays(raft) || !stays(proposals) {
		t.Fatal("a member's streams end by themselves")
	}
	// Half of a list: nobody is let in, and nobody who is in is put out.
	text, err := os.ReadFile(list)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(list, text[:len(text)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	if !stays(raft) {
		t.Error("a damaged list ends the streams of all")
	}
	c.Authority.Revoke(conf.Certificate)
	ends(t, raft, "raft's stream")
	ends(t, proposals, "the proposals' stream")
	// The others call it no more either: it hears of nothing that comes after.
	c.Until("the two others go on", func() bool {
		_, err := c.Node("v1").Propose(within(t, 10*time.Second), group, federationtest.Command("after", "key", 0))
		return err == nil
	})
	c.Until("the stolen node is cut off", func() bool {
		s := c.Node("v3").Status(group)
		return s.Leader == "" && s.Applied < c.Node("v1").Status(group).Applied
	})
}

func TestAllStreamsOfAMemberEndWhenItIsRemoved(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group)
	conf := c.Config("v3")
	c.Kill("v3")
	raft := opens(t, c, conf.Certificate, conf.Key, "v3", 'R')
	proposals := opens(t, c, conf.Certificate, conf.Key, "v3", 'P')
	if !stays(raft) || !stays(proposals) {
		t.Fatal("a member's streams end by themselves")
	}
	if err := c.Node("v1").Remove(within(t, 20*time.Second), group, "v3"); err != nil {
		t.Fatal(err)
	}
	ends(t, raft, "raft's stream")
	ends(t, proposals, "the proposals' stream")
}
