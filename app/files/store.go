package files

import (
	"context"
	"crypto/aes"
	"crypto/cipher"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"gocloud.dev/blob"
	_ "gocloud.dev/blob/fileblob" // file:///folder
	_ "gocloud.dev/blob/s3blob"   // s3://bucket, and whatever speaks the same language
)

// Store keeps files in a folder or a bucket, each encrypted under its own random key. Whoever has the store alone has nothing:
// the keys lie in the database, sealed with the city's.
type Store struct {
	bucket *blob.Bucket
	folder string // empty for a bucket
}

// Open opens the folder or bucket of an address: file:///folder or s3://bucket?region=….
func Open(ctx context.Context, address string) (*Store, error) {
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "file" && u.Scheme != "s3" {
		return nil, errors.New("where attachments lie: want file:///folder or s3://bucket?region=…")
	}
	s := &Store{}
	if u.Scheme == "file" {
		s.folder = filepath.FromSlash(u.Path)
		// Written beside its place and renamed, a file is whole or not there; nothing but the encrypted bytes is kept.
		q := u.Query()
		for k, v := range map[string]string{"create_dir": "true", "dir_file_mode": "0700", "no_tmp_dir": "true", "metadata": "skip"} {
			q.Set(k, v)
		}
		u.RawQuery = q.Encode()
	}
	if s.bucket, err = blob.OpenBucket(ctx, u.String()); err != nil {
		return nil, fmt.Errorf("where attachments lie: %w", err)
	}
	return s, nil
}

// Close lets go of the folder or bucket.
func (s *Store) Close() error { return s.bucket.Close() }

// Digest is the SHA-256 of a content, in hex.
func Digest(content []byte) string {
	sum := sha256.Sum256(content)
	return hex.EncodeToString(sum[:])
}

// Put encrypts a content under a fresh key and writes it; the key is what Get wants back, as text.
func (s *Store) Put(ctx context.Context, name string, content []byte) (key string, err error) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // never fails: the runtime stops the program instead
	box, err := boxOf(secret)
	if err != nil {
		return "", err
	}
	// The name is bound: a blob moved to another place does not open there.
	if err := s.Keep(ctx, name, box.Seal(nil, nil, content, []byte(name))); err != nil {
		return "", err
	}
	return hex.EncodeToString(secret), nil
}

// Keep writes bytes that are sealed already.
func (s *Store) Keep(ctx context.Context, name string, sealed []byte) error {
	if err := s.bucket.WriteAll(ctx, name, sealed, &blob.WriterOptions{ContentType: "application/octet-stream"}); err != nil {
		return fmt.Errorf("write attachment: %w", err)
	}
	if err := s.flush(name); err != nil {
		return fmt.Errorf("write attachment: %w", err)
	}
	return nil
}

// Sealed reads the bytes as they lie here, from an offset on, at most so many; and how many there are in all.
func (s *Store) Sealed(ctx context.Context, name string, from, most int64) (part []byte, size int64, err error) {
	r, err := s.bucket.NewRangeReader(ctx, name, from, most, nil)
	if err != nil {
		return nil, 0, fmt.Errorf("read attachment: %w", err)
	}
	defer func() { _ = r.Close() }()
	part, err = io.ReadAll(r)
	if err != nil {
		return nil, 0, fmt.Errorf("read attachment: %w", err)
	}
	return part, r.Size(), nil
}

// flush waits until a file of a folder is on the disk: its row will be, and a power cut must not leave the row alone.
func (s *Store) flush(name string) error {
	if s.folder == "" {
		return nil
	}
	path := filepath.Join(s.folder, filepath.FromSlash(name))
	for _, p := range []string{path, filepath.Dir(path), filepath.Dir(filepath.Dir(path)), s.folder} {
		f, err := os.Open(p)
		if err != nil {
			return err
		}
		if err := errors.Join(f.Sync(), f.Close()); err != nil {
			return err
		}
	}
	return nil
}

// ErrDamaged: the blob, its key or its digest is not what was written.
var ErrDamaged = errors.New("attachment is damaged")

// Get reads and decrypts a content and holds it against its digest. It was sealed under the name bound, which is its own unless it
// came from another city as it lay there.
func (s *Store) Get(ctx context.Context, name, bound, key, digest string) ([]byte, error) {
	sealed, err := s.bucket.ReadAll(ctx, name)
	if err != nil {
		return nil, fmt.Errorf("read attachment: %w", err)
	}
	return Unseal(sealed, bound, key, digest)
}

// Unseal opens sealed bytes that lay under the name bound.
func Unseal(sealed []byte, bound, key, digest string) ([]byte, error) {
	secret, err := hex.DecodeString(key)
	if err != nil {
		return nil, ErrDamaged // the key is not repeated in an error
	}
	box, err := boxOf(secret)
	if err != nil {
		return nil, ErrDamaged
	}
	content, err := box.Open(nil, nil, sealed, []byte(bound))
	if err != nil || Digest(content) != digest {
		return nil, ErrDamaged
	}
	return content, nil
}

// Remove takes a blob away that nothing refers to.
func (s *Store) Remove(ctx context.Context, name string) error {
	if err := s.bucket.Delete(ctx, name); err != nil {
		return fmt.Errorf("remove attachment: %w", err)
	}
	return nil
}

// Each shows the names of the blobs whose names begin with a prefix and that were written before a moment.
func (s *Store) Each(ctx context.Context, prefix string, before time.Time, one func(name string) error) error {
	all := s.bucket.List(&blob.ListOptions{Prefix: prefix})
	for {
		o, err := all.Next(ctx)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("list attachments: %w", err)
		}
		if o.ModTime.Before(before) {
			if err := one(o.Key); err != nil {
				return err
			}
		}
	}
}

// boxOf is AES-256-GCM with its nonce before the text.
func boxOf(secret []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(secret)
	if err != nil {
		return nil, fmt.Errorf("attachment key: %w", err)
	}
	return cipher.NewGCMWithRandomNonce(block)
}
