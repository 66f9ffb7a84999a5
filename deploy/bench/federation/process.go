package main

import (
	"crypto/x509"
	"fmt"
	"net"
	"os"
	"os/signal"
	"runtime/pprof"
	"strconv"
	"strings"
	"syscall"
	"time"

	"hotline/federation/authority"
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

// issue makes a certificate of the CA of both networks.
func issue(ca *authority.Authority, name string) (cert, key string) {
	cert, key, err := ca.Renew(name, func(c *x509.Certificate) { c.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)} })
	must(err)
	return cert, key
}

// freePort is one that nobody uses now.
func freePort() int {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	must(err)
	defer ln.Close()
	return ln.Addr().(*net.TCPAddr).Port
}
