package main

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"go.uber.org/zap"

	"hotline/federation/authority"
)

// etcd is three members, and eight clients that talk to the one that leads.
type etcd struct {
	dir      string
	args     [3][]string
	running  [3]*exec.Cmd
	ends     [3]string
	tls      *tls.Config
	clients  []*clientv3.Client
	value    string
	sequence int
}

func startEtcd(dir string, ca *authority.Authority) system {
	dir, err := os.MkdirTemp(dir, "etcd-")
	must(err)
	cert, key := issue(ca, "etcd")
	e := &etcd{dir: dir, value: strings.Repeat("x", 1024)}
	var cluster []string
	var peers [3]string
	for i := range 3 {
		e.ends[i], peers[i] = fmt.Sprintf("https://127.0.0.1:%d", freePort()), fmt.Sprintf("https://127.0.0.1:%d", freePort())
		cluster = append(cluster, fmt.Sprintf("e%d=%s", i, peers[i]))
	}
	for i := range 3 {
		e.args[i] = []string{"--name", fmt.Sprintf("e%d", i), "--data-dir", filepath.Join(dir, fmt.Sprint(i)), "--listen-client-urls", e.ends[i],
			"--advertise-client-urls", e.ends[i], "--listen-peer-urls", peers[i], "--initial-advertise-peer-urls", peers[i],
			"--initial-cluster", strings.Join(cluster, ","), "--cert-file", cert, "--key-file", key, "--trusted-ca-file", ca.CA(),
			"--client-cert-auth", "--peer-cert-file", cert, "--peer-key-file", key, "--peer-trusted-ca-file", ca.CA(), "--peer-client-cert-auth",
			"--heartbeat-interval", "100", "--election-timeout", "1000", "--quota-backend-bytes", "8000000000", "--logger", "zap", "--log-level", "fatal"}
		e.run(i)
	}
	pair, err := tls.LoadX509KeyPair(cert, key)
	must(err)
	pem, err := os.ReadFile(ca.CA())
	must(err)
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	e.tls = &tls.Config{Certificates: []tls.Certificate{pair}, RootCAs: pool, MinVersion: tls.VersionTLS13}
	leader := e.leader()
	for range 8 {
		e.clients = append(e.clients, e.client(e.ends[leader]))
	}
	return e
}

func (e *etcd) name() string { return "etcd" }

func (e *etcd) run(i int) {
	e.running[i] = exec.Command(*etcdPath, e.args[i]...)
	must(e.running[i].Start())
}

func (e *etcd) client(ends ...string) *clientv3.Client {
	c, err := clientv3.New(clientv3.Config{Endpoints: ends, TLS: e.tls, DialTimeout: 5 * time.Second, Logger: zap.NewNop()})
	must(err)
	return c
}

// leader waits until all members follow the same one.
func (e *etcd) leader() int {
	c := e.client(e.ends[:]...)
	defer c.Close()
	for {
		led, leads := map[uint64]int{}, -1
		for i, end := range e.ends {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			s, err := c.Status(ctx, end)
			cancel()
			if err == nil && s.Leader != 0 {
				led[s.Leader]++
				if s.Header.MemberId == s.Leader {
					leads = i
				}
			}
		}
		if len(led) == 1 && leads >= 0 {
			for _, n := range led {
				if n == 3 {
					return leads
				}
			}
		}
		time.Sleep(50 * time.Millisecond)
	}
}

func (e *etcd) prepare(int) {}

func (e *etcd) commit(i int) error {
	_, err := e.clients[i%len(e.clients)].Put(context.Background(), fmt.Sprintf("offer-%d", i), e.value)
	return err
}

func (e *etcd) failover() time.Duration {
	leader := e.leader()
	c := e.client(e.ends[:]...)
	defer c.Close()
	put := func() error {
		e.sequence++
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		_, err := c.Put(ctx, fmt.Sprintf("after-%d", e.sequence), e.value)
		return err
	}
	must(put())
	began := time.Now()
	must(e.running[leader].Process.Kill())
	for put() != nil {
		time.Sleep(5 * time.Millisecond)
	}
	took := time.Since(began)
	_ = e.running[leader].Wait()
	e.run(leader)
	return took
}

func (e *etcd) processes() []int {
	pids := []int{os.Getpid()}
	for _, c := range e.running {
		pids = append(pids, c.Process.Pid)
	}
	return pids
}

func (e *etcd) stop() {
	for _, c := range e.clients {
		c.Close()
	}
	for _, c := range e.running {
		must(c.Process.Kill())
		_ = c.Wait()
	}
	must(os.RemoveAll(e.dir))
}
