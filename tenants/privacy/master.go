package privacy

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"os"
	"strings"
)

const masterSize = 32

// Master is the key that wraps tenants' keys (主密钥). It comes from a file, the
// environment or a key service, and never lies in the database. It prints opaque.
type Master struct{ s *masterSecret }

type masterSecret struct {
	id   string
	aead cipher.AEAD
}

// ParseMaster reads 32 bytes written as hex or base64. It refuses other lengths and
// one byte repeated, which is a placeholder that somebody forgot to replace.
func ParseMaster(text string) (*Master, error) {
	key, err := decodeKey(strings.TrimSpace(text))
	if err != nil {
		return nil, err
	}
	defer clear(key)
	same := true
	for _, b := range key {
		same = same && b == key[0]
	}
	if same {
		return nil, errors.New("主密钥的字节全部相同，不是随机密钥")
	}
	return newMaster(key)
}

func decodeKey(text string) ([]byte, error) {
	if key, err := hex.DecodeString(text); err == nil {
		// 64 hex digits are also valid base64 of 48 bytes, hence hex goes first.
		if len(key) != masterSize {
			return nil, fmt.Errorf("主密钥应为 %d 字节，实为 %d 字节", masterSize, len(key))
		}
		return key, nil
	}
	plain := strings.TrimRight(strings.NewReplacer("-", "+", "_", "/").Replace(text), "=")
	key, err := base64.RawStdEncoding.DecodeString(plain)
	if err != nil {
		// The cause would quote the key text.
		return nil, errors.New("主密钥既不是十六进制也不是 base64")
	}
	if len(key) != masterSize {
		return nil, fmt.Errorf("主密钥应为 %d 字节，实为 %d 字节", masterSize, len(key))
	}
	return key, nil
}

// LoadMaster reads the key from a file, where blanks around it don't matter.
func LoadMaster(path string) (*Master, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("主密钥文件: %w", err)
	}
	defer clear(text)
	m, err := ParseMaster(string(text))
	if err != nil {
		return nil, fmt.Errorf("主密钥文件 %s: %w", path, err)
	}
	return m, nil
}

// NewMaster makes a random key and its hex text, which the caller must store.
func NewMaster() (*Master, string) {
	key := make([]byte, masterSize)
	_, _ = rand.Read(key) // never fails: the runtime stops the program instead
	defer clear(key)
	m, err := newMaster(key)
	if err != nil {
		panic(err) // a key of the right size can't be refused
	}
	return m, hex.EncodeToString(key)
}

func newMaster(key []byte) (*Master, error) {
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, fmt.Errorf("主密钥: %w", err)
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, fmt.Errorf("主密钥: %w", err)
	}
	h := hmac.New(sha256.New, key)
	_, _ = io.WriteString(h, "hotline/master/id")
	return &Master{&masterSecret{id: hex.EncodeToString(h.Sum(nil)[:8]), aead: aead}}, nil
}

// ID names the key without telling anything of it: what is wrapped says by which.
func (m *Master) ID() string { return m.s.id }

// Format prints the key's name whatever the verb.
func (m Master) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, m.label()) }

// MarshalJSON writes the key's name.
func (m Master) MarshalJSON() ([]byte, error) { return []byte(`"` + m.label() + `"`), nil }

// LogValue gives slog the key's name.
func (m Master) LogValue() slog.Value { return slog.StringValue(m.label()) }

func (m Master) label() string {
	if m.s == nil {
		return "〔主密钥〕"
	}
	return "〔主密钥 " + m.s.id + "〕"
}

// WrappedKey is one key of a tenant as it lies in the database (被主密钥包裹的密钥).
type WrappedKey struct {
	Kind       string // data, index or chain
	Generation int    // counts from 1; only data keys have more than one
	Suite      string
	MasterID   string
	Wrapped    []byte
}

// wrap binds the key to its tenant, kind, generation and suite, so that rows of the
// key table can't be exchanged.
func (m *Master) wrap(tenant, kind string, generation int, suite Suite, key []byte) WrappedKey {
	nonce := make([]byte, nonceSize, nonceSize+len(key)+tagSize)
	_, _ = rand.Read(nonce)
	return WrappedKey{
		Kind: kind, Generation: generation, Suite: suite.String(), MasterID: m.ID(),
		Wrapped: m.s.aead.Seal(nonce, nonce, key, wrapBinding(tenant, kind, generation, suite)),
	}
}

func (m *Master) unwrap(tenant string, w WrappedKey, suite Suite) ([]byte, error) {
	if w.MasterID != m.ID() {
		return nil, fmt.Errorf("密钥 %s/%d 由另一把主密钥 %s 包裹", w.Kind, w.Generation, w.MasterID)
	}
	if len(w.Wrapped) < nonceSize+tagSize {
		return nil, fmt.Errorf("密钥 %s/%d: %w", w.Kind, w.Generation, ErrUnreadable)
	}
	key, err := m.s.aead.Open(nil, w.Wrapped[:nonceSize], w.Wrapped[nonceSize:], wrapBinding(tenant, w.Kind, w.Generation, suite))
	if err != nil {
		return nil, fmt.Errorf("密钥 %s/%d: %w", w.Kind, w.Generation, ErrUnreadable)
	}
	return key, nil
}

func wrapBinding(tenant, kind string, generation int, suite Suite) []byte {
	aad := append(sized(nil, len(tenant)), tenant...)
	aad = append(sized(aad, len(kind)), kind...)
	return append(sized(aad, generation), byte(suite))
}

// sized appends n as eight bytes; it stands before each part of variable length.
func sized(to []byte, n int) []byte { return binary.BigEndian.AppendUint64(to, uint64(n)) }
