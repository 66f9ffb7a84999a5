package privacy

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hmac"
	"crypto/sha256"
	"hash"

	"github.com/emmansun/gmsm/sm3"
	"github.com/emmansun/gmsm/sm4"
)

// Suite is the set of algorithms (密码套件) that a tenant chose.
type Suite uint8

// The suites.
const (
	AES    Suite = iota + 1 // AES-256-GCM, HMAC-SHA-256
	SM                      // SM4-GCM, HMAC-SM3 (国密)
	suites                  // one more than the last
)

var suiteNames = [suites]string{"", "aes", "sm"}

// algorithms is what a suite consists of; a third suite is one more row.
var algorithms = [suites]struct {
	keySize int
	block   func(key []byte) (cipher.Block, error)
	hash    func() hash.Hash
}{
	AES: {32, aes.NewCipher, sha256.New},
	SM:  {sm4.BlockSize, sm4.NewCipher, sm3.New},
}

func (s Suite) known() bool { return s > 0 && s < suites }

// String gives "aes" or "sm".
func (s Suite) String() string { return nameAt(suiteNames[:], int(s), "suite") }

// ParseSuite reads "aes" or "sm".
func ParseSuite(text string) (Suite, error) {
	i, err := indexOf(suiteNames[:], text, "密码套件")
	return Suite(i), err
}

// aead builds the sealing cipher of a data key.
func (s Suite) aead(key []byte) (cipher.AEAD, error) {
	block, err := algorithms[s].block(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// mac is a keyed hash over a purpose and parts. Each part is preceded by its length,
// so that ("ab","c") and ("a","bc") differ; the purpose keeps uses of one key apart.
func (s Suite) mac(key []byte, purpose string, parts ...[]byte) []byte {
	h := hmac.New(algorithms[s].hash, key)
	var buf [8 + 16]byte
	_, _ = h.Write(append(sized(buf[:0], len(purpose)), purpose...))
	for _, part := range parts {
		_, _ = h.Write(sized(buf[:0], len(part)))
		_, _ = h.Write(part)
	}
	return h.Sum(nil)
}
