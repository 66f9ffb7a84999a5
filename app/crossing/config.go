package crossing

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"time"

	"hotline/federation"
	"hotline/federation/ledger"
)

// Config (联动配置) is what an operator says of this node and its regions. It is the same file for the first start, every restart and
// growth.
type Config struct {
	Name    string `json:"name"`              // of the node, beginning with the six digits of one of its cities: 110000-1
	Listen  string `json:"listen"`            // where the other nodes' lines come in
	Address string `json:"address,omitempty"` // where they reach it, if that is another
	Folder  string `json:"folder"`            // of log and snapshots
	// PEM files: the authority of the network, this node's certificate and key.
	CA          string `json:"ca"`
	Certificate string `json:"certificate"`
	Key         string `json:"key"`
	Revoked     string `json:"revoked,omitempty"` // the authority's list of revoked certificates, read again at every handshake
	// Regions, the nearest first: a case goes by the first that both cities are in.
	Regions []RegionConfig `json:"regions"`
	// Titles are names of cities that other deployments serve.
	Titles map[string]string `json:"titles,omitempty"`
	// Heartbeat and election in milliseconds; leave them out between provinces.
	HeartbeatMs int `json:"heartbeatMs,omitempty"`
	ElectionMs  int `json:"electionMs,omitempty"`

	// Dial and Now are replaced by tests that cut lines and let time pass.
	Dial func(ctx context.Context, network, address string) (net.Conn, error) `json:"-"`
	Now  func() time.Time                                                     `json:"-"`
}

// RegionConfig is one region, or the nation.
type RegionConfig struct {
	Name        string            `json:"name"`
	Voters      []federation.Peer `json:"voters"`               // those with whom it was or will be founded
	Coordinator Public            `json:"coordinator"`          // the first coordinator, as `hotline member keys` prints it
	SegmentMiB  int               `json:"segmentMiB,omitempty"` // size of the log's files; 32 when left out
}

// ReadConfig reads the file.
func ReadConfig(path string) (Config, error) {
	var c Config
	text, err := os.ReadFile(path)
	if err != nil {
		return c, fmt.Errorf("federation: %w", err)
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&c); err != nil {
		return c, fmt.Errorf("federation: %s: %w", path, err)
	}
	for _, r := range c.Regions {
		if r.Coordinator.Signing == nil || r.Coordinator.Sealing == nil {
			return c, fmt.Errorf("federation: %s: region %s: say who coordinates it first, with the line that `hotline member keys CITY` prints there", path, r.Name)
		}
	}
	return c, nil
}

// Start starts the node, gives every city here its keys, and links the courier to it.
func (s *Service) Start(ctx context.Context, c Config) error {
	known, err := s.places(ctx)
	if err != nil {
		return err
	}
	for city := range known {
		if _, err := s.EnsureKeys(as(ctx, city)); err != nil {
			return fmt.Errorf("keys of %s: %w", city, err)
		}
	}
	conf := federation.Config{Name: c.Name, Listen: c.Listen, Address: c.Address, Folder: c.Folder, CA: c.CA, Certificate: c.Certificate, Key: c.Key, Revoked: c.Revoked,
		Serve: s.serveFile, Log: s.log, Dial: c.Dial, Now: c.Now,
		Timing: federation.Timing{Heartbeat: time.Duration(c.HeartbeatMs) * time.Millisecond, Election: time.Duration(c.ElectionMs) * time.Millisecond}}
	var regions []*federation.Region
	for _, rc := range c.Regions {
		r, err := federation.NewRegion(ledger.Genesis{Group: rc.Name, Coordinator: rc.Coordinator.City, Signing: rc.Coordinator.Signing.Key(), Sealing: rc.Coordinator.Sealing.Key()})
		if err != nil {
			return fmt.Errorf("region %s: %w", rc.Name, err)
		}
		regions = append(regions, r)
		g := r.Group(rc.Voters)
		g.SegmentBytes = rc.SegmentMiB << 20
		conf.Groups = append(conf.Groups, g)
	}
	s.links.Store(&links{regions: regions, titles: c.Titles, clock: c.Now}) // they stand on the screens and in /readyz while the node is not let in
	n, err := federation.Start(ctx, conf)
	if err != nil {
		return fmt.Errorf("federation: %w", err)
	}
	for _, r := range regions {
		r.Join(n)
	}
	s.links.Store(&links{n, c.Name, regions, c.Titles, c.Now})
	return nil
}

// Close stops the node.
func (s *Service) Close() error {
	if n := s.node(); n != nil {
		return n.Close()
	}
	return nil
}
