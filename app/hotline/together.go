package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"

	federationv1 "hotline/api/federation/v1"
	"hotline/app/crossing"
	"hotline/app/house"
	"hotline/app/nation"
	"hotline/federation"
	"hotline/federation/authority"
	"hotline/federation/ledger"
	"hotline/tenants"
)

// The demo's cities are all in one process, and go to each other by the same road as cities of several: real ledgers of three regions
// and of the nation, with one node each, which is this process.

// groups are the regions of the demo and the places that coordinate them, the nearest first.
var groups = []struct{ name, region, coordinator string }{
	{"jing-jin-ji", "京津冀", "100001"}, {"chang-san-jiao", "长三角", "100002"}, {"cheng-yu", "成渝", "100003"}, {"nation", "", "000000"},
}

// together is the configuration of the demo's own node, made at the first start.
func (s *settings) together(ctx context.Context, h *house.House) (conf crossing.Config, err error) {
	folder, err := filepath.Abs(filepath.Join(s.data, "federation"))
	if err != nil {
		return conf, err
	}
	file := filepath.Join(folder, "federation.json")
	if _, err := os.Stat(file); err == nil {
		return crossing.ReadConfig(file)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return conf, err
	}
	ca, err := authority.Open(folder)
	if err != nil {
		return conf, err
	}
	const name = "000000-1"
	conf = crossing.Config{Name: name, Folder: filepath.Join(folder, "node"), CA: ca.CA(), HeartbeatMs: 500, ElectionMs: 500}
	if conf.Certificate, conf.Key, err = ca.Issue(name); err != nil {
		return conf, err
	}
	if conf.Listen, err = freeAddress(); err != nil {
		return conf, err
	}
	for _, g := range groups {
		keys, err := h.Crossing.EnsureKeys(tenants.With(ctx, tenants.System(g.coordinator)))
		if err != nil {
			return conf, err
		}
		conf.Regions = append(conf.Regions, crossing.RegionConfig{Name: g.name, Voters: []federation.Peer{{Name: name, Address: conf.Listen}}, Coordinator: keys, SegmentMiB: 4})
	}
	text, err := json.MarshalIndent(conf, "", "  ")
	if err != nil {
		return conf, err
	}
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return conf, fmt.Errorf("federation: %w", err)
	}
	return conf, os.Rename(file+".new", file) // whole or not at all, also when killed here
}

func freeAddress() (string, error) {
	ln, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return ln.Addr().String(), ln.Close()
}

// joinAll lets every city of the demo be a member of its region and of the nation.
func joinAll(ctx context.Context, h *house.House) error {
	for _, g := range groups {
		for _, c := range nation.Cities() {
			if g.region != "" && c.Region != g.region {
				continue
			}
			keys, err := h.Crossing.EnsureKeys(tenants.With(ctx, tenants.System(c.Code)))
			if err != nil {
				return err
			}
			if h.Crossing.Member(g.name, c.Code) {
				continue
			}
			join := &federationv1.Join{City: c.Code, Signing: keys.Signing.Key(), Sealing: keys.Sealing.Key(), Speaks: ledger.Version}
			act := &federationv1.Command{Act: &federationv1.Command_Join{Join: join}}
			err = h.Crossing.Govern(tenants.With(ctx, tenants.System(g.coordinator)), g.name, act)
			if err != nil && !h.Crossing.Member(g.name, c.Code) { // after a restart the ledger may only now have come to where it was
				return fmt.Errorf("%s joins %s: %w", c.Code, g.name, err)
			}
		}
	}
	return nil
}
