package files_test

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/johannesboyne/gofakes3"
	"github.com/johannesboyne/gofakes3/backend/s3mem"

	"hotline/app/files"
)

const name, planted = "110000/order/file", "欧阳植入的照片"

func folder(t *testing.T) (*files.Store, string) {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "new")
	s, err := files.Open(context.Background(), "file://"+dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s, dir
}

func roundTrip(t *testing.T, s *files.Store) {
	t.Helper()
	ctx, digest := context.Background(), files.Digest([]byte(planted))
	key, err := s.Put(ctx, name, []byte(planted))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := s.Get(ctx, name, name, key, digest); err != nil || string(got) != planted {
		t.Errorf("%q, %v", got, err)
	}
	other, err := s.Put(ctx, name+"2", []byte(planted))
	if err != nil || other == key {
		t.Errorf("two files under one key: %v", err)
	}
	for what, try := range map[string][2]string{"another key": {other, digest}, "no key": {"", digest}, "another digest": {key, files.Digest(nil)}} {
		if _, err := s.Get(ctx, name, name, try[0], try[1]); !errors.Is(err, files.ErrDamaged) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := s.Remove(ctx, name); err != nil {
		t.Error(err)
	}
	if _, err := s.Get(ctx, name, name, key, digest); err == nil {
		t.Error("it is still there")
	}
}

func TestAFileComesBackFromAFolderOnlyWithItsKeyAndDigest(t *testing.T) {
	s, _ := folder(t)
	roundTrip(t, s)
}

func TestAFileComesBackFromABucketOnlyWithItsKeyAndDigest(t *testing.T) {
	backend := s3mem.New()
	if err := backend.CreateBucket("files"); err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewServer(gofakes3.New(backend).Server())
	t.Cleanup(srv.Close)
	t.Setenv("AWS_ACCESS_KEY_ID", "test")
	t.Setenv("AWS_SECRET_ACCESS_KEY", "test")
	s, err := files.Open(context.Background(), "s3://files?region=us-east-1&use_path_style=true&endpoint="+srv.URL)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	roundTrip(t, s)
}

func TestAFolderHoldsNothingReadableAndAFileMovedOrChangedDoesNotOpen(t *testing.T) {
	s, dir := folder(t)
	ctx, digest := context.Background(), files.Digest([]byte(planted))
	key, err := s.Put(ctx, name, []byte(planted))
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	_ = filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		found++
		raw, _ := os.ReadFile(path)
		if bytes.Contains(raw, []byte(planted)) {
			t.Errorf("%s can be read", path)
		}
		return nil
	})
	if info, err := os.Stat(dir); err != nil || found != 1 || info.Mode().Perm() != 0o700 {
		t.Errorf("%d files in a folder %s, %v", found, info.Mode(), err)
	}
	path := filepath.Join(dir, filepath.FromSlash(name))
	raw, _ := os.ReadFile(path)
	_ = os.WriteFile(path+"x", raw, 0o600)
	if _, err := s.Get(ctx, name+"x", name+"x", key, digest); !errors.Is(err, files.ErrDamaged) {
		t.Errorf("moved: %v", err)
	}
	raw[len(raw)/2] ^= 1
	_ = os.WriteFile(path, raw, 0o600)
	if _, err := s.Get(ctx, name, name, key, digest); !errors.Is(err, files.ErrDamaged) {
		t.Errorf("changed: %v", err)
	}
}

func TestAnAddressOfAnythingElseIsRefused(t *testing.T) {
	for _, address := range []string{"", "data/blobs", "mem://", "http://example.com/x", "gs://bucket"} {
		if _, err := files.Open(context.Background(), address); err == nil {
			t.Errorf("%q was opened", address)
		}
	}
}
