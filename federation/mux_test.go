package federation_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/federation"
	"hotline/federation/federationtest"
	"hotline/federation/ledger"
)

// knock opens a TLS connection to v1 with the certificate of the CA for name.
func knock(t *testing.T, c *federationtest.Cluster, a *federationtest.Authority, name string, version uint16) (*tls.Conn, error) {
	t.Helper()
	cert, key := a.Issue(name)
	return knockBy(t, c, cert, key, version)
}

// knockBy is knock with a certificate that was issued before.
func knockBy(t *testing.T, c *federationtest.Cluster, cert, key string, version uint16) (*tls.Conn, error) {
	t.Helper()
	return knockFrom(t, c, "127.0.0.1", cert, key, version)
}

func knockFrom(t *testing.T, c *federationtest.Cluster, from, cert, key string, version uint16) (*tls.Conn, error) {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	pem, err := os.ReadFile(c.Authority.CA)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	dialer := &net.Dialer{LocalAddr: &net.TCPAddr{IP: net.ParseIP(from)}}
	conn, err := tls.DialWithDialer(dialer, "tcp", c.Voters[0].Address, &tls.Config{RootCAs: pool, ServerName: c.Voters[0].Name, Certificates: []tls.Certificate{pair}, MaxVersion: version})
	if err == nil {
		conn.SetDeadline(time.Now().Add(20 * time.Second))
		t.Cleanup(func() { conn.Close() })
	}
	return conn, err
}

// hello is how a stream begins.
func hello(kind byte, group, as string) []byte {
	b := append([]byte{kind, byte(len(group))}, group...)
	return append(append(b, byte(len(as))), as...)
}

// proposes sends one command by hand and returns what came back.
func proposes(conn *tls.Conn, group, as string) (string, error) {
	if _, err := conn.Write(append(hello('P', group, as), 0, 0, 0, 4, 'a', '\n', 'k', '\n')); err != nil {
		return "", err
	}
	head := make([]byte, 5)
	if _, err := io.ReadFull(conn, head); err != nil {
		return "", err
	}
	words := make([]byte, head[4])
	_, err := io.ReadFull(conn, words)
	return string(words), err
}

func TestOnlyMembersWithACertificateProposeAndOnlyInTheirOwnName(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 1, 0, group)
	conn, err := knock(t, c, c.Authority, "v1", 0)
	if err != nil {
		t.Fatal(err)
	}
	if words, err := proposes(conn, group, "v1"); err != nil || words != "1" {
		t.Errorf("a member: %q %v", words, err)
	}
	conn, _ = knock(t, c, c.Authority, "stranger", 0)
	if words, err := proposes(conn, group, "stranger"); err != nil || !strings.Contains(words, "stranger is no member") {
		t.Errorf("one who is no member: %q %v", words, err)
	}
	conn, _ = knock(t, c, c.Authority, "stranger", 0)
	if words, err := proposes(conn, group, "v1"); err == nil {
		t.Errorf("in another's name: %q", words)
	}
	conn, _ = knock(t, c, c.Authority, "v1", 0)
	if words, err := proposes(conn, "yangtze", "v1"); err == nil {
		t.Errorf("in another group: %q", words)
	}
	if conn, err = knock(t, c, federationtest.NewAuthority(t), "v1", 0); err == nil {
		_, err = proposes(conn, group, "v1") // TLS 1.3 tells the caller with the first read
	}
	if err == nil {
		t.Error("a certificate of another CA was taken")
	}
	if _, err := knock(t, c, c.Authority, "v1", tls.VersionTLS12); err == nil {
		t.Error("TLS 1.2 was spoken")
	}
}

func TestThoseWhoSayNothingAreTurnedAwayAndTheOthersServed(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group)
	var silent []net.Conn
	for range 200 {
		conn, err := net.Dial("tcp", c.Voters[0].Address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
		silent = append(silent, conn)
	}
	// The last came when too many were waiting already.
	last := silent[len(silent)-1]
	last.SetReadDeadline(time.Now().Add(2 * time.Second))
	if _, err := last.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
		t.Errorf("one too many: %v", err)
	}
	for _, conn := range silent {
		conn.SetReadDeadline(time.Now().Add(20 * time.Second))
		if _, err := conn.Read(make([]byte, 1)); err == nil || os.IsTimeout(err) {
			t.Fatalf("a silent one was kept: %v", err)
		}
	}
	for _, p := range c.Voters {
		if _, err := c.Node(p.Name).Propose(within(t, 10*time.Second), group, federationtest.Command(p.Name, "key", 0)); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

func TestACommandThatIsTooLongOrEmptyIsRefusedAtOnce(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 1, 0, group)
	for _, size := range []int{0, federation.MaxCommand + 1} {
		if _, err := c.Node("v1").Propose(within(t, 10*time.Second), group, make([]byte, size)); !errors.Is(err, federation.ErrRefused) {
			t.Errorf("%d bytes: %v", size, err)
		}
	}
	if _, err := c.Node("v1").Propose(within(t, 10*time.Second), group, federationtest.Command("long", "key", federation.MaxCommand)); err != nil {
		t.Error(err)
	}
}

// replicates opens one of raft's streams to v1 and says whether it stays open.
func replicates(t *testing.T, c *federationtest.Cluster, as string) bool {
	t.Helper()
	conn, err := knock(t, c, c.Authority, as, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(hello('R', group, as)); err != nil {
		return false
	}
	conn.SetReadDeadline(time.Now().Add(3 * time.Second)) // raft says nothing before it is asked
	_, err = conn.Read(make([]byte, 1))
	return os.IsTimeout(err)
}

func TestRaftListensToMembersOnly(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group)
	c.Until("v1 is a member", func() bool {
		list, err := c.Node("v1").Observe(t.Context(), group)
		return err == nil && len(list) == 3
	})
	if !replicates(t, c, "v3") {
		t.Error("a member is not listened to")
	}
	if replicates(t, c, "stranger") {
		t.Error("a stranger with a certificate is listened to")
	}
	c.Kill("v3")
	if err := c.Node("v1").Remove(within(t, 20*time.Second), group, "v3"); err != nil {
		t.Fatal(err)
	}
	if replicates(t, c, "v3") {
		t.Error("a member that was removed is listened to")
	}
	conn, err := knock(t, c, c.Authority, "v3", 0)
	if err != nil {
		t.Fatal(err)
	}
	if words, err := proposes(conn, group, "v3"); err == nil && !strings.Contains(words, "v3 is no member") {
		t.Errorf("a member that was removed proposes: %q", words)
	}
}

func TestRaftListensToNobodyWithoutAVote(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 1, group)
	c.Until("v1 knows all", func() bool {
		list, err := c.Node("v1").Observe(t.Context(), group)
		return err == nil && len(list) == 4
	})
	if replicates(t, c, "f1") {
		t.Error("a node that follows may play the leader")
	}
	if err := c.Node("v1").Promote(within(t, 20*time.Second), group, "f1"); err != nil {
		t.Fatal(err)
	}
	c.Until("f1 votes, and is listened to", func() bool { return replicates(t, c, "f1") })
}

func TestAQuestionWithAPathInItsNameTouchesNoFile(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 1, 0, group)
	victim := filepath.Join(c.Config("v1").Folder, "victim")
	if err := os.WriteFile(victim, []byte("a key"), 0o600); err != nil {
		t.Fatal(err)
	}
	conn, err := knock(t, c, c.Authority, "v1", 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.Write(append(hello('A', group, "v1"), `{"op":"remove","name":"x/../../victim"}`...)); err != nil {
		t.Fatal(err)
	}
	if said, err := io.ReadAll(conn); err != nil || !strings.Contains(string(said), "is no node's name") {
		t.Errorf("%s %v", said, err)
	}
	if _, err := os.Stat(victim); err != nil {
		t.Errorf("a file beside the log is gone: %v", err)
	}
}

func TestACallToANodeThatIsStillStartingIsTurnedAway(t *testing.T) {
	t.Parallel()
	c := federationtest.Prepare(t, 3, group)
	ctx, cancel := context.WithCancel(t.Context())
	started := make(chan error, 1)
	go func() { started <- c.TryStart(ctx, "v1") }() // it waits for the other founders
	c.Until("v1 answers on its port", func() bool {
		conn, err := knock(t, c, c.Authority, "v2", 0)
		if err != nil {
			return false
		}
		_, err = conn.Write(append(hello('C', group, "v2"), 0, 0, 0, 1, '?'))
		if said, _ := io.ReadAll(conn); len(said) > 0 {
			t.Errorf("it answered %q", said)
		}
		return err == nil
	})
	cancel()
	if err := <-started; err == nil {
		t.Error("it founded alone")
	}
}

func TestOneAddressDoesNotKeepTheOthersOut(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 1, 0, group)
	for range 300 {
		conn, err := net.Dial("tcp", c.Voters[0].Address)
		if err != nil {
			t.Fatal(err)
		}
		defer conn.Close()
	}
	cert, key := c.Authority.Issue("v1")
	conn, err := knockFrom(t, c, "127.0.0.2", cert, key, 0)
	if err != nil {
		t.Fatal(err)
	}
	if words, err := proposes(conn, group, "v1"); err != nil || words != "1" {
		t.Errorf("from another address: %q %v", words, err)
	}
}

func TestARevokedCertificateIsNotTakenFromTheNextStreamOn(t *testing.T) {
	t.Parallel()
	c := federationtest.Prepare(t, 1, group)
	cert, key := c.Authority.Issue("stolen")
	c.Config("v1").Revoked = c.Authority.Revoke()
	c.Start("v1")
	conn, err := knockBy(t, c, cert, key, 0)
	if err != nil {
		t.Fatal(err)
	}
	if words, err := proposes(conn, group, "stolen"); err != nil || !strings.Contains(words, "no member") {
		t.Errorf("before: %q %v", words, err)
	}
	c.Authority.Revoke(cert) // the same file, written anew while the node runs
	if conn, err = knockBy(t, c, cert, key, 0); err == nil {
		_, err = proposes(conn, group, "stolen")
	}
	if err == nil {
		t.Error("a revoked certificate was taken")
	}
}

func TestAMemberThatOpensLineAfterLineLosesTheOldestAndKeepsNobodyOut(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 0, group)
	c.Until("v1 is a member", func() bool {
		list, err := c.Node("v1").Observe(t.Context(), group)
		return err == nil && len(list) == 3
	})
	var lines []*tls.Conn
	for range 12 {
		conn, err := knock(t, c, c.Authority, "v3", 0)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Write(hello('P', group, "v3")); err != nil {
			t.Fatal(err)
		}
		lines = append(lines, conn)
	}
	ended := 0
	for _, conn := range lines {
		conn.SetReadDeadline(time.Now().Add(2 * time.Second))
		if _, err := conn.Read(make([]byte, 1)); !os.IsTimeout(err) {
			ended++
		}
	}
	// v3 itself may have a line too.
	if ended < 8 || ended > 9 {
		t.Errorf("%d of 12 lines were ended", ended)
	}
	for _, p := range c.Voters {
		if _, err := c.Node(p.Name).Propose(within(t, 10*time.Second), group, federationtest.Command(p.Name, "key", 0)); err != nil {
			t.Errorf("%s: %v", p.Name, err)
		}
	}
}

func TestAFrameThatIsLongerThanACommandEndsItsLine(t *testing.T) {
	t.Parallel()
	c := federationtest.Region(t, jingJinJi(t), 3, 0, group)
	for _, long := range []bool{false, true} {
		conn, err := knock(t, c, c.Authority, "130000-1", 0)
		if err != nil {
			t.Fatal(err)
		}
		length := uint32(ledger.MaxCommand)
		if long {
			length++
		}
		if _, err := conn.Write(binary.BigEndian.AppendUint32(hello('P', group, "130000-1"), length)); err != nil {
			t.Fatal(err)
		}
		conn.SetReadDeadline(time.Now().Add(2 * time.Second))
		if _, err := conn.Read(make([]byte, 1)); os.IsTimeout(err) == long {
			t.Errorf("too long %v: %v", long, err)
		}
	}
}
