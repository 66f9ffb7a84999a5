package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// pgDir is where this run's PostgreSQL lives.
var pgDir string

// used is the processor time that this program and the PostgreSQL of this run have used so far.
func used() (ours, theirs time.Duration) {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	ours = time.Duration(u.Utime.Nano() + u.Stime.Nano())
	all, _ := filepath.Glob("/proc/[0-9]*")
	for _, p := range all {
		if cwd, _ := os.Readlink(p + "/cwd"); pgDir == "" || !strings.HasPrefix(cwd, pgDir) {
			continue
		}
		stat, _ := os.ReadFile(p + "/stat")
		if !bytes.Contains(stat, []byte("(postgres)")) {
			continue
		}
		f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')'):]))
		for _, i := range []int{12, 13} {
			n, _ := strconv.Atoi(f[i])
			theirs += time.Duration(n) * 10 * time.Millisecond
		}
	}
	return ours, theirs
}
