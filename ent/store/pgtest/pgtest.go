// Package pgtest starts a private PostgreSQL that ends with the process: for tests, benchmarks and the generator of the
// migrations. It imports nothing of ours. Starting from a seed costs a copy of some 30 MB instead of an initdb.
package pgtest

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"sort"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/jackc/pgx/v5"
)

// Owner is the role the servers are used as. It may create databases and roles but is no superuser, like the owner of a
// real installation: a superuser would not notice missing rights.
const Owner = "hotline_owner"

// Options of a server.
type Options struct {
	// Durable keeps fsync on, for measuring.
	Durable bool
	// Seed names what Fill puts into the database "hotline_seed" that databases can be cloned from. The filled cluster is kept in
	// the temporary folder under this name and copied by later servers, so it must change with the content.
	Seed string
	Fill func(url string) error
}

// Server is a running PostgreSQL.
type Server struct {
	dir  string
	stop func()
}

// Start starts a server. It stops with Stop or when this process ends, however it ends, and leaves no files.
func Start(o Options) (*Server, error) {
	m, err := newMachine()
	if err != nil {
		return nil, err
	}
	from := ""
	if o.Seed != "" {
		if from, err = m.seeded(o.Seed, o.Fill); err != nil {
			return nil, fmt.Errorf("seed of the test server: %w", err)
		}
	}
	return m.start(parent(o.Durable), from, o.Durable)
}

// parent is the folder for servers. Cloning a database makes 300 files, which takes 0.2 s on a disk and 0.01 s in memory.
func parent(durable bool) string {
	const memory, enough = "/dev/shm", 2 << 30
	var fs syscall.Statfs_t
	if durable || syscall.Statfs(memory, &fs) != nil || fs.Bavail*uint64(fs.Bsize) < enough {
		return os.TempDir()
	}
	return memory
}

// URL of a database as Owner.
func (s *Server) URL(database string) string {
	return "postgres://" + Owner + "@/" + database + "?host=" + s.dir
}

// SuperURL is the same as superuser.
func (s *Server) SuperURL(database string) string {
	return "postgres://postgres@/" + database + "?host=" + s.dir
}

// Stop ends the server and removes its files.
func (s *Server) Stop() { s.stop() }

// Create makes an empty database, or a clone of the seed.
func (s *Server) Create(ctx context.Context, name string, clone bool) error {
	return Create(ctx, s.URL("postgres"), name, clone)
}

// Create makes an empty database on the server of the URL, or a clone of its database "hotline_seed".
func Create(ctx context.Context, url, name string, clone bool) error {
	query := "create database " + pgx.Identifier{name}.Sanitize()
	if clone {
		query += " template hotline_seed strategy file_copy" // quicker than the log for a small database with fsync off
	}
	return exec1(ctx, url, query)
}

// Drop removes a database and throws out whoever uses it.
func Drop(ctx context.Context, url, name string) error {
	return exec1(ctx, url, "drop database if exists "+pgx.Identifier{name}.Sanitize()+" with (force)")
}

func exec1(ctx context.Context, url, query string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	_, err = conn.Exec(ctx, query)
	return err
}

// machine is where PostgreSQL is installed and whom it runs as.
type machine struct {
	bin  string
	cred *syscall.Credential // set when we are root, whom PostgreSQL refuses
}

func newMachine() (*machine, error) {
	found, _ := filepath.Glob("/usr/lib/postgresql/*/bin/postgres") // not PATH: Debian puts wrappers there
	sort.Strings(found)
	if len(found) == 0 {
		path, err := exec.LookPath("postgres")
		if err != nil {
			return nil, errors.New("PostgreSQL is not installed: apt-get install postgresql (or set HOTLINE_TEST_PG to the " +
				"address of a server whose user may create databases and roles)")
		}
		found = []string{path}
	}
	m := &machine{bin: filepath.Dir(found[len(found)-1])}
	if os.Getuid() != 0 {
		return m, nil
	}
	u, err := user.Lookup("postgres")
	if err != nil {
		u, err = user.Lookup("nobody")
	}
	if err != nil {
		return nil, fmt.Errorf("a user to run PostgreSQL as: %w", err)
	}
	uid, _ := strconv.ParseUint(u.Uid, 10, 32)
	gid, _ := strconv.ParseUint(u.Gid, 10, 32)
	m.cred = &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}
	return m, nil
}

func (m *machine) command(dir, name string, args ...string) *exec.Cmd {
	c := exec.Command(name, args...)
	c.Dir = dir
	c.SysProcAttr = &syscall.SysProcAttr{Credential: m.cred}
	return c
}

func (m *machine) run(dir, name string, args ...string) error {
	if out, err := m.command(dir, name, args...).CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", filepath.Base(name), err, out)
	}
	return nil
}

// folder makes a private folder that the server's user owns.
func (m *machine) folder(parent string) (string, error) {
	dir, err := os.MkdirTemp(parent, "hotpg") // short: the path of a socket may have 107 bytes
	if err == nil && m.cred != nil {
		err = os.Chown(dir, int(m.cred.Uid), int(m.cred.Gid))
	}
	return dir, err
}

// start runs a server in a folder under parent, on a copy of the data folder from or on a new one.
func (m *machine) start(parent, from string, durable bool) (_ *Server, err error) {
	dir, err := m.folder(parent)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = os.RemoveAll(dir)
		}
	}()
	if from != "" {
		err = m.run(dir, "cp", "-a", "--reflink=auto", from, dir+"/d")
	} else {
		err = m.run(dir, m.bin+"/initdb", "-D", dir+"/d", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8",
			"--wal-segsize=1", "-N") // small log files, so that copies are cheap
	}
	if err != nil {
		return nil, err
	}
	s, err := m.watch(dir, durable)
	if err != nil {
		return nil, err
	}
	if err = s.ready(); err == nil && from == "" {
		err = exec1(context.Background(), s.SuperURL("postgres"), "create role "+Owner+" login createdb createrole")
	}
	if err != nil {
		s.Stop()
		return nil, err
	}
	return s, nil
}

// watcher keeps the server only as long as its standard input is open: the kernel closes that when our process ends, even
// when it is killed. A death signal would stop the server too, but leave its files.
const watcher = `"$@" >log 2>&1 </dev/null & pid=$!
cat >/dev/null
kill -INT $pid; wait $pid; cd /; rm -rf "$DIR"`

// running holds the watchers' inputs.
var running sync.Map

func (m *machine) watch(dir string, durable bool) (*Server, error) {
	args := []string{"-c", watcher, "sh", m.bin + "/postgres", "-D", dir + "/d", "-c", "listen_addresses=",
		"-c", "unix_socket_directories=" + dir, "-c", "max_connections=200", "-c", "shared_buffers=32MB",
		"-c", "autovacuum=" + map[bool]string{true: "on", false: "off"}[durable]}
	if !durable {
		args = append(args, "-c", "fsync=off", "-c", "full_page_writes=off", "-c", "synchronous_commit=off")
	}
	c := m.command(dir, "/bin/sh", args...)
	c.Env = []string{"PATH=/usr/bin:/bin", "DIR=" + dir, "LC_ALL=C.UTF-8"}
	c.SysProcAttr.Setsid = true // Ctrl-C is for us; the watcher must live to tidy up
	in, err := c.StdinPipe()
	if err != nil {
		return nil, err
	}
	if err := c.Start(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	running.Store(dir, in) // were it collected as garbage, it would be closed
	var once sync.Once
	return &Server{dir: dir, stop: func() {
		once.Do(func() {
			running.Delete(dir)
			_ = in.Close()
			_ = c.Wait()
			_ = os.RemoveAll(dir) // the server's user may not remove a folder of root's /tmp
		})
	}}, nil
}

// ready waits until the server answers.
func (s *Server) ready() error {
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	for {
		err := exec1(ctx, s.SuperURL("postgres"), "select 1")
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			log, _ := os.ReadFile(s.dir + "/log")
			return fmt.Errorf("PostgreSQL does not answer: %w: %s", err, log)
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// seeded is the data folder of a stopped cluster with the seed in it; the first who wants it makes it, others wait.
func (m *machine) seeded(name string, fill func(url string) error) (string, error) {
	sum := sha256.Sum256([]byte(m.bin + "\n" + name))
	base := filepath.Join(os.TempDir(), fmt.Sprintf("hotline-pg-%d-%s", os.Getuid(), hex.EncodeToString(sum[:8])))
	if err := os.Mkdir(base, 0o755); err != nil && !errors.Is(err, os.ErrExist) {
		return "", err
	}
	// The name can be guessed, so somebody else could have put a folder of theirs there.
	if st, err := os.Lstat(base); err != nil || !st.IsDir() || st.Sys().(*syscall.Stat_t).Uid != uint32(os.Getuid()) {
		return "", fmt.Errorf("%s is not ours", base)
	}
	lock, err := os.OpenFile(base+"/lock", os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return "", err
	}
	defer func() { _ = lock.Close() }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return "", err
	}
	done := base + "/d"
	if _, err := os.Stat(done); err == nil {
		return done, nil
	}
	return done, m.seed(done, fill)
}

// seed makes the cluster in a folder of its own and moves it to its place only when it is complete and stopped.
func (m *machine) seed(done string, fill func(url string) error) error {
	s, err := m.start(os.TempDir(), "", false) // where it can be moved from
	if err != nil {
		return err
	}
	defer s.Stop()
	if err := s.Create(context.Background(), "hotline_seed", false); err != nil {
		return err
	}
	if err := fill(s.URL("hotline_seed")); err != nil {
		return err
	}
	if err := m.run(s.dir, m.bin+"/pg_ctl", "-D", s.dir+"/d", "-m", "fast", "-w", "stop"); err != nil {
		return err
	}
	_ = os.Remove(s.dir + "/d/postmaster.opts")
	return os.Rename(s.dir+"/d", done)
}

// Digest of files, to name a seed after what it is made of.
func Digest(parts ...io.Reader) string {
	h := sha256.New()
	for _, p := range parts {
		_, _ = io.Copy(h, p)
	}
	return strings.ToLower(hex.EncodeToString(h.Sum(nil)))
}
