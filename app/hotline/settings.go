package main

import (
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"hotline/tenants/privacy"
)

// settings are the flags that every command on a database shares.
type settings struct {
	data     string
	database string
	key      string
	oldKeys  []string
	blobs    string
	listKey  string
	http     string
	grpc     string
	proxies  []string
	// federation is the file that says which regions this process is in; none when empty.
	federation string
	// nation links all cities of the demo to each other within this process.
	nation bool
	// unlimited lifts the calls-a-minute limits; only the demo does.
	unlimited bool
}

func (s *settings) flags(c *cobra.Command) {
	f := c.Flags()
	f.StringVar(&s.data, "data", "data", "data folder: embedded database, master key and attachments")
	f.StringVar(&s.database, "database", os.Getenv("HOTLINE_DATABASE"), "database address, e.g. postgres://…; default: SQLite in the data folder (env HOTLINE_DATABASE)")
	f.StringVar(&s.key, "master-key", os.Getenv("HOTLINE_MASTER_KEY_FILE"), "file with the master key; default: master.key in the data folder, made at first start (env HOTLINE_MASTER_KEY_FILE)")
	f.StringSliceVar(&s.oldKeys, "old-master-key", nil, "files with earlier master keys, until `tenant rewrap` has been through")
	f.StringVar(&s.blobs, "blobs", os.Getenv("HOTLINE_BLOBS"), "where attachments lie, encrypted: file:///folder or s3://bucket?region=…; default: blobs in the data folder (env HOTLINE_BLOBS)")
	f.StringVar(&s.listKey, "list-key", os.Getenv("HOTLINE_LIST_KEY"), "public key that national lists must be signed by; default: that of the first list, which must be the annex of 国办发〔2020〕53号 (env HOTLINE_LIST_KEY)")
}

func (s *settings) serverFlags(c *cobra.Command) {
	s.flags(c)
	f := c.Flags()
	f.StringVar(&s.http, "http", "127.0.0.1:8080", "HTTP address")
	f.StringVar(&s.grpc, "grpc", "", "gRPC address; none when empty")
	f.StringVar(&s.federation, "federation", "", "file with this node's regions (区域联动); the city stands alone when empty")
	f.StringSliceVar(&s.proxies, "trusted-proxy", nil, "reverse proxies whose X-Forwarded-For counts, e.g. 10.0.0.0/8")
}

// embedded says that the database is the SQLite file in the data folder, which we migrate ourselves.
func (s *settings) embedded() bool { return s.database == "" }

func (s *settings) url() (string, error) {
	if !s.embedded() {
		return s.database, nil
	}
	if err := os.MkdirAll(s.data, 0o700); err != nil {
		return "", fmt.Errorf("data folder: %w", err)
	}
	return "sqlite:" + filepath.Join(s.data, "hotline.db"), nil
}

// master loads the master key. Only beside the embedded database one is made at first start: who runs PostgreSQL must say
// where the key lies, or every replica would make its own.
func (s *settings) master() (*privacy.Master, error) {
	path := s.key
	if path == "" {
		path = filepath.Join(s.data, "master.key")
	}
	m, err := privacy.LoadMaster(path)
	if err == nil || !errors.Is(err, fs.ErrNotExist) {
		return m, err
	}
	if !s.embedded() {
		return nil, fmt.Errorf("master key %s is missing: make one with `openssl rand -hex 32` and keep it apart from the database", path)
	}
	if _, err := os.Stat(filepath.Join(s.data, "hotline.db")); err == nil {
		return nil, fmt.Errorf("master key %s is missing, but there is a database that it belongs to", path)
	}
	m, text := privacy.NewMaster()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	if err := os.WriteFile(path+".new", []byte(text+"\n"), 0o600); err != nil {
		return nil, fmt.Errorf("master key: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil { // whole or not at all, also when killed here
		return nil, fmt.Errorf("master key: %w", err)
	}
	return m, nil
}

// older loads the master keys before the one of now.
func (s *settings) older() (all []*privacy.Master, err error) {
	for _, path := range s.oldKeys {
		m, err := privacy.LoadMaster(path)
		if err != nil {
			return nil, err
		}
		all = append(all, m)
	}
	return all, nil
}

// blobURL is where attachments lie. The folder is chosen only beside the embedded database: with PostgreSQL there may be several
// replicas, and each would keep files that the others don't find; who serves must say it (errNoBlobs).
func (s *settings) blobURL() (string, error) {
	if s.blobs != "" {
		return s.blobs, nil
	}
	if !s.embedded() {
		return "", nil
	}
	folder, err := filepath.Abs(filepath.Join(s.data, "blobs"))
	if err != nil {
		return "", fmt.Errorf("attachments: %w", err)
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(folder)}
	return u.String(), nil
}

var errNoBlobs = errors.New("say where attachments lie: --blobs s3://bucket?region=… or file:///folder that all replicas share")

func (s *settings) proxyList() (out []netip.Prefix, err error) {
	for _, p := range s.proxies {
		prefix, err := netip.ParsePrefix(p)
		if err != nil {
			return nil, fmt.Errorf("trusted proxy %q: %w", p, err)
		}
		out = append(out, prefix)
	}
	return out, nil
}
