package pgtest_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/ent/store/pgtest"
)

// TestMain lets the test run itself as the process that is killed.
func TestMain(m *testing.M) {
	if os.Getenv("PGTEST_VICTIM") == "" {
		os.Exit(m.Run())
	}
	s, err := pgtest.Start(pgtest.Options{})
	if err != nil {
		fmt.Println(err)
		os.Exit(1)
	}
	fmt.Println(s.URL("postgres"))
	select {}
}

// until waits for the condition.
func until(t *testing.T, what string, done func() bool) {
	t.Helper()
	deadline := time.After(30 * time.Second)
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for !done() {
		select {
		case <-deadline:
			t.Fatalf("never: %s", what)
		case <-tick.C:
		}
	}
}

func TestAServerDiesWithItsProcessAndLeavesNoFiles(t *testing.T) {
	c := exec.Command(os.Args[0])
	c.Env = append(os.Environ(), "PGTEST_VICTIM=1")
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	url, err := bufio.NewReader(out).ReadString('\n')
	url = strings.TrimSpace(url)
	_, dir, ok := strings.Cut(url, "host=")
	if err != nil || !ok {
		t.Fatalf("the process says %q, %v", url, err)
	}
	conn, err := pgx.Connect(context.Background(), url)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	if err := c.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = c.Wait()
	until(t, "the server is gone", func() bool { return conn.Ping(context.Background()) != nil })
	until(t, "its files are gone", func() bool {
		left, err := os.ReadDir(dir) // the folder itself may stay in a /tmp of root's, empty
		return errors.Is(err, fs.ErrNotExist) || len(left) == 0
	})
}

func TestASeedIsFilledOnceAndClonedOften(t *testing.T) {
	dir, err := os.MkdirTemp("", "seeds") // t.TempDir lies in a folder that the server's user may not enter
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	t.Setenv("TMPDIR", dir)
	filled := 0
	o := pgtest.Options{Seed: "test", Fill: func(url string) error {
		filled++
		conn, err := pgx.Connect(context.Background(), url)
		if err != nil {
			return err
		}
		defer func() { _ = conn.Close(context.Background()) }()
		_, err = conn.Exec(context.Background(), "create table planted (id int)")
		return err
	}}
	for range 2 {
		s, err := pgtest.Start(o)
		if err != nil {
			t.Fatal(err)
		}
		defer s.Stop()
		if err := s.Create(context.Background(), "clone", true); err != nil {
			t.Fatal(err)
		}
		conn, err := pgx.Connect(context.Background(), s.URL("clone"))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := conn.Exec(context.Background(), "select from planted"); err != nil {
			t.Error(err)
		}
		_ = conn.Close(context.Background())
	}
	if filled != 1 {
		t.Errorf("filled %d times", filled)
	}
}
