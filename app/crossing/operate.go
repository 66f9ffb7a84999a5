package crossing

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	kratos "github.com/go-kratos/kratos/v2/errors"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation"
)

// Order (运维指令) is what the operator of this machine asks of the running process: `hotline member …` puts it to the socket in the
// node's folder, which nobody else on the machine can open.
type Order struct {
	Verb   string  `json:"verb"`
	Region string  `json:"region,omitempty"`
	City   string  `json:"city,omitempty"`
	Node   string  `json:"node,omitempty"`
	Fresh  string  `json:"fresh,omitempty"`
	Keys   *Public `json:"keys,omitempty"`
}

// Socket is where the process with this configuration listens to its operator.
func (c Config) Socket() string { return filepath.Join(c.Folder, "operator.sock") }

// Operate listens to the operator until the context ends.
func (s *Service) Operate(ctx context.Context, path string) error {
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) { // of a process that was killed; the folder is locked, so it is gone
		return fmt.Errorf("operator's socket: %w", err)
	}
	ln, err := net.Listen("unix", path)
	if err != nil {
		return fmt.Errorf("operator's socket: %w", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		return fmt.Errorf("operator's socket: %w", err)
	}
	srv := &http.Server{Handler: http.HandlerFunc(s.operate), ReadHeaderTimeout: 5 * time.Second}
	defer context.AfterFunc(ctx, func() { _ = srv.Close() })()
	if err := srv.Serve(ln); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *Service) operate(w http.ResponseWriter, r *http.Request) {
	var o Order
	if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 64<<10)).Decode(&o); err != nil {
		http.Error(w, "not an order", http.StatusBadRequest)
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), 2*time.Minute)
	defer cancel()
	answer, err := s.Carry(ctx, o)
	if err != nil {
		http.Error(w, plain(err), http.StatusConflict)
		return
	}
	_, _ = w.Write([]byte(answer))
}

// plain is the sentence of a refusal.
func plain(err error) string {
	if e := new(kratos.Error); errors.As(err, &e) && e.Code < 500 {
		return e.Message
	}
	return err.Error()
}

// Carry carries out an order of the operator and says what came of it.
func (s *Service) Carry(ctx context.Context, o Order) (string, error) {
	switch {
	case o.Verb == "list":
		return s.list(ctx, o.Region)
	case o.Verb == "rotate" && s.here(ctx, o.City):
		keys, err := s.RotateKeys(as(ctx, o.City))
		return keys.String() + "\n", err
	}
	r := s.region(o.Region)
	if r == nil {
		return "", fmt.Errorf("this node is in no region %q", o.Region)
	}
	switch o.Verb {
	case "join":
		if o.Keys == nil {
			return "", errors.New("say with which keys: the line that `hotline member keys` prints where the city is served")
		}
		return s.govern(ctx, r, o.Keys.City+" is a member of "+o.Region, &federationv1.Command{Act: &federationv1.Command_Join{Join: &federationv1.Join{
			City: o.Keys.City, Signing: o.Keys.Signing.Key(), Sealing: o.Keys.Sealing.Key(),
			Speaks: r.Ledger().Figures().Version}}}) // what else its nodes know, it announces itself
	case "revoke":
		return s.govern(ctx, r, o.City+" is no member of "+o.Region+" any more", &federationv1.Command{Act: &federationv1.Command_Revoke{Revoke: &federationv1.Revoke{City: o.City}}})
	case "appoint":
		return s.govern(ctx, r, o.City+" coordinates "+o.Region, &federationv1.Command{Act: &federationv1.Command_Appoint{Appoint: &federationv1.Appoint{City: o.City}}})
	case "leave":
		return o.Region + " left\n", s.node().Leave(ctx, o.Region)
	case "remove":
		return o.Node + " removed\n", s.node().Remove(ctx, o.Region, o.Node)
	case "promote":
		return o.Node + " votes\n", s.node().Promote(ctx, o.Region, o.Node)
	case "replace":
		return o.Fresh + " votes in the place of " + o.Node + "\n", s.node().Replace(ctx, o.Region, o.Node, o.Fresh)
	case "snapshot":
		return "written\n", s.node().Snapshot(o.Region)
	}
	return "", fmt.Errorf("no order %q", o.Verb)
}

// govern acts as the coordinator, if this deployment serves it.
func (s *Service) govern(ctx context.Context, r *federation.Region, done string, c *federationv1.Command) (string, error) {
	coordinator, _ := r.Ledger().Region()
	if !s.here(ctx, coordinator) {
		return "", fmt.Errorf("%s coordinates %s: do it where that is served", coordinator, r.Name())
	}
	return done + "\n", s.Govern(as(ctx, coordinator), r.Name(), c)
}

// list shows the regions: who coordinates, which cities are members, how the nodes stand.
func (s *Service) list(ctx context.Context, only string) (string, error) {
	var b strings.Builder
	for _, r := range s.regions() {
		if only != "" && only != r.Name() {
			continue
		}
		coordinator, rules := r.Ledger().Region()
		figures := r.Ledger().Figures()
		fmt.Fprintf(&b, "%s: coordinator %s, rules %d, version %d, transfers %d open and %d over\n", r.Name(), coordinator, rules.GetVersion(), figures.Version, figures.Open, figures.Gone)
		for _, m := range r.Ledger().Members() {
			fmt.Fprintf(&b, "  city %s %s%s\n", m.GetCity(), s.title(ctx, m.GetCity()), map[bool]string{true: " revoked"}[m.GetRevoked()])
		}
		nodes, err := s.node().Observe(ctx, r.Name())
		if err != nil {
			fmt.Fprintf(&b, "  the region does not answer: %v\n", err)
		}
		for _, n := range nodes {
			role := map[bool]string{true: "votes", false: "follows"}[n.Voter]
			if n.Leader {
				role = "leads"
			}
			fmt.Fprintf(&b, "  node %s %s %s, applied %d, behind %d, clock %s%s\n", n.Name, n.Address, role, n.Applied, n.Lag, n.Clock.Round(time.Millisecond),
				map[bool]string{true: ", " + n.Problem}[n.Problem != ""])
		}
	}
	return b.String(), nil
}

// Ask puts an order to the process with this configuration.
func Ask(ctx context.Context, c Config, o Order) (string, error) {
	body, err := json.Marshal(o)
	if err != nil {
		return "", err
	}
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", c.Socket())
	}}}
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://operator/", strings.NewReader(string(body)))
	if err != nil {
		return "", err
	}
	res, err := client.Do(req)
	if err != nil {
		return "", fmt.Errorf("the process of %s does not answer; is `hotline serve --federation` running on this machine? %w", c.Name, err)
	}
	defer func() { _ = res.Body.Close() }()
	text, err := io.ReadAll(res.Body)
	if err != nil {
		return "", fmt.Errorf("the answer of %s: %w", c.Name, err)
	}
	if res.StatusCode != http.StatusOK {
		return "", errors.New(strings.TrimSpace(string(text)))
	}
	return string(text), nil
}
