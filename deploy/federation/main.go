// Command federation starts three hotlines, each a process with a database of its own — 北京 with the coordinator of its region, 天津,
// 石家庄 — lets them found the region 京津冀, and plays a case from the first to the second and on to the third. With -keep they stay up.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"hotline/app/crossing"
	"hotline/app/play"
	"hotline/federation"
	"hotline/federation/authority"
)

const (
	region      = "jing-jin-ji"
	coordinator = "100001"
	password    = "demo-12345-hotline"
)

// hall is one process.
type hall struct {
	city, title string
	only        string // the codes it serves
	folder      string
	http        string
	conf        crossing.Config
	cmd         *exec.Cmd
}

func main() {
	program := flag.String("hotline", ".bin/hotline", "the program, as `make build` leaves it")
	folder := flag.String("data", "", "where the three keep their data; a new folder that goes away at the end when empty")
	keep := flag.Bool("keep", false, "leave the three running until Ctrl-C")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := run(ctx, *program, *folder, *keep); err != nil {
		fmt.Fprintln(os.Stderr, "federation:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, program, folder string, keep bool) (err error) {
	if folder == "" {
		if folder, err = os.MkdirTemp("", "hotline-federation-"); err != nil {
			return err
		}
		defer func() { _ = os.RemoveAll(folder) }()
	}
	if folder, err = filepath.Abs(folder); err != nil {
		return err
	}
	halls := []*hall{{city: "110000", title: "北京", only: "000000,110000," + coordinator}, {city: "120000", title: "天津", only: "120000"}, {city: "130100", title: "石家庄", only: "130100"}}
	if err := prepare(ctx, program, folder, halls); err != nil {
		return err
	}
	defer func() {
		for _, h := range halls {
			h.stop()
		}
	}()
	for _, h := range halls {
		if err := h.start(ctx, program); err != nil {
			return err
		}
		fmt.Printf("%s（%s）在 http://%s，数据在 %s\n", h.title, h.city, h.http, h.folder)
	}
	for _, h := range halls {
		if err := h.join(ctx, program, halls[0]); err != nil {
			return err
		}
	}
	fmt.Printf("三市加入区域 %s，协调方 %s\n\n", region, coordinator)
	stages := map[string]*play.Stage{}
	for _, h := range halls {
		stages[h.city] = &play.Stage{Base: "http://" + h.http, Client: &http.Client{Timeout: time.Minute}, Password: password}
	}
	tell := func(format string, args ...any) { fmt.Printf(format+"\n", args...) }
	if err := play.Cross(ctx, stages, halls[0].city, halls[1].city, halls[2].city, tell); err != nil {
		return err
	}
	fmt.Println("\n三个进程、三个数据库，一件转办走完。")
	if keep {
		fmt.Println("账号如 dispatcher.110000、dispatcher.120000、regional_coordinator.100001，口令都是 " + password + "；Ctrl-C 结束。")
		<-ctx.Done()
	}
	return nil
}

// prepare sets up each database with its city, then gives every node its certificate and its configuration.
func prepare(ctx context.Context, program, folder string, halls []*hall) error {
	ca, err := authority.Open(filepath.Join(folder, "authority"))
	if err != nil {
		return err
	}
	var voters []federation.Peer
	for _, h := range halls {
		h.folder = filepath.Join(folder, h.city)
		if _, err := command(ctx, program, "demo", "--build", "--only", h.only, "--data", h.folder); err != nil {
			return err
		}
		name := h.city + "-1"
		h.conf = crossing.Config{Name: name, Folder: filepath.Join(h.folder, "node"), CA: ca.CA(), Titles: map[string]string{}, HeartbeatMs: 500, ElectionMs: 500}
		if h.conf.Certificate, h.conf.Key, err = ca.Issue(name); err != nil {
			return err
		}
		if h.conf.Listen, err = free(); err != nil {
			return err
		}
		voters = append(voters, federation.Peer{Name: name, Address: h.conf.Listen})
	}
	line, err := command(ctx, program, "member", "keys", coordinator, "--data", halls[0].folder)
	if err != nil {
		return err
	}
	first, err := crossing.ReadPublic([]byte(line))
	if err != nil {
		return err
	}
	for _, h := range halls {
		for _, other := range halls {
			h.conf.Titles[other.city] = other.title
		}
		h.conf.Regions = []crossing.RegionConfig{{Name: region, Voters: voters, Coordinator: first, SegmentMiB: 4}}
		text, err := json.MarshalIndent(h.conf, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(h.file(), text, 0o600); err != nil {
			return err
		}
	}
	return nil
}

func (h *hall) file() string { return filepath.Join(h.folder, "federation.json") }

// start lets the process serve and waits until it does.
func (h *hall) start(ctx context.Context, program string) (err error) {
	if h.http, err = free(); err != nil {
		return err
	}
	h.cmd = exec.Command(program, "demo", "--only", h.only, "--data", h.folder, "--federation", h.file(), "--http", h.http)
	h.cmd.Stderr = os.Stderr
	h.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // who started them may be killed
	out, err := h.cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := h.cmd.Start(); err != nil {
		return err
	}
	ready := make(chan bool, 1)
	go func() {
		lines := bufio.NewScanner(out)
		for lines.Scan() {
			if strings.Contains(lines.Text(), "已就绪") {
				ready <- true
			}
		}
		ready <- false
	}()
	select {
	case ok := <-ready:
		if !ok {
			return fmt.Errorf("%s did not start", h.title)
		}
		return nil
	case <-time.After(time.Minute):
		return fmt.Errorf("%s did not start within a minute", h.title)
	case <-ctx.Done():
		return ctx.Err()
	}
}

// join lets the city be a member; the coordinator is served by the first.
func (h *hall) join(ctx context.Context, program string, first *hall) error {
	keys, err := command(ctx, program, "member", "keys", h.city, "--data", h.folder)
	if err != nil {
		return err
	}
	_, err = command(ctx, program, "member", "join", region, strings.TrimSpace(keys), "--federation", first.file())
	return err
}

func (h *hall) stop() {
	if h.cmd == nil || h.cmd.Process == nil {
		return
	}
	_ = h.cmd.Process.Signal(syscall.SIGTERM)
	defer time.AfterFunc(30*time.Second, func() { _ = h.cmd.Process.Kill() }).Stop() // one that does not heed it
	_ = h.cmd.Wait()
}

func command(ctx context.Context, program string, args ...string) (string, error) {
	c := exec.CommandContext(ctx, program, args...)
	var failed strings.Builder
	c.Stderr = io.Writer(&failed)
	out, err := c.Output()
	if err != nil {
		return "", errors.Join(fmt.Errorf("hotline %s: %s", strings.Join(args[:2], " "), strings.TrimSpace(failed.String())), err)
	}
	return string(out), nil
}

func free() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}
