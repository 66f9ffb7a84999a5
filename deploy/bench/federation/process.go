package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// processor is the time that processes have used so far.
func processor(pids []int) (sum time.Duration) {
	for _, pid := range pids {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		must(err)
		fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
		for _, ticks := range fields[11:13] {
			n, err := strconv.Atoi(ticks)
			must(err)
			sum += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return sum
}

// memory is the most that one of the processes has resident.
func memory(pids []int) (most float64) {
	for _, pid := range pids {
		b, err := os.ReadFile(fmt.Sprintf("/proc/%d/statm", pid))
		must(err)
		pages, err := strconv.Atoi(strings.Fields(string(b))[1])
		must(err)
		most = max(most, float64(pages*os.Getpagesize())/1e6)
	}
	return most
}

// startProfile profiles all three nodes of a region at 64 proposers: the proposing one into the file, the others beside it.
func startProfile(s system, proposers int) func() {
	r, ours := s.(*region)
	if *profile == "" || !ours || proposers != 64 {
		return func() {}
	}
	for _, c := range r.running {
		must(c.Process.Signal(syscall.SIGUSR1))
	}
	stop := profileInto(*profile)
	return func() {
		stop()
		for _, c := range r.running {
			must(c.Process.Signal(syscall.SIGUSR2))
		}
	}
}

func profileInto(path string) (stop func()) {
	f, err := os.Create(path)
	must(err)
	must(pprof.StartCPUProfile(f))
	return func() {
		pprof.StopCPUProfile()
		must(f.Close())
	}
}

// profileWhenTold lets a node in a process of its own be profiled from one signal to the other.
func profileWhenTold(path string) {
	told := make(chan os.Signal, 2)
	signal.Notify(told, syscall.SIGUSR1, syscall.SIGUSR2)
	for range told {
		stop := profileInto(path)
		<-told
		stop()
	}
}

// authority is the CA of both networks.
type authority struct {
	dir  string
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	file string
}

func newAuthority(dir string) *authority {
	a := &authority{dir: dir, file: filepath.Join(dir, "ca.pem")}
	var err error
	a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "bench"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign}
	a.cert = a.sign(a.file, template, template, &a.key.PublicKey)
	return a
}

func (a *authority) issue(name string) (cert, key string) {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	cert, key = filepath.Join(a.dir, name+".pem"), filepath.Join(a.dir, name+".key")
	a.sign(cert, template, a.cert, &k.PublicKey)
	der, err := x509.MarshalPKCS8PrivateKey(k)
	must(err)
	must(os.WriteFile(key, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: der}), 0o600))
	return cert, key
}

func (a *authority) sign(path string, template, parent *x509.Certificate, public *ecdsa.PublicKey) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, public, a.key)
	must(err)
	must(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der}), 0o600))
	c, err := x509.ParseCertificate(der)
	must(err)
	return c
}

// freePort is one that nobody uses now.
func freePort() int {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}
