package consolidation

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"errors"
	"fmt"
	"math/big"
	"strings"

	"github.com/emmansun/gmsm/sm2"
)

// prefix keeps signatures of lists apart from any other use of a key.
const prefix = "hotline.consolidation.v1.List\x00"

// officeKey is the office's key with its private half.
type officeKey struct {
	public string // suite:base64
	secret []byte
	signer crypto.Signer
}

// newKey makes a key of the suite: aes stands for Ed25519 and SHA-256, sm for SM2 and SM3 (国密), as with a city's keys.
func newKey(suite string) (*officeKey, error) {
	switch suite {
	case "aes":
		_, private, err := ed25519.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return openKey("ed25519", private.Seed())
	case "sm":
		private, err := sm2.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return openKey("sm2", private.D.FillBytes(make([]byte, 32)))
	}
	return nil, fmt.Errorf("不认识的密码套件“%s”，应为 aes 或 sm", suite)
}

func openKey(kind string, secret []byte) (*officeKey, error) {
	var public []byte
	k := &officeKey{secret: secret}
	switch {
	case len(secret) != 32:
		return nil, errors.New("list key: not a key")
	case kind == "ed25519":
		private := ed25519.NewKeyFromSeed(secret)
		k.signer, public = private, private.Public().(ed25519.PublicKey)
	case kind == "sm2":
		private := new(sm2.PrivateKey)
		private.D, private.Curve = new(big.Int).SetBytes(secret), sm2.P256()
		private.X, private.Y = private.Curve.ScalarBaseMult(secret)
		k.signer = private
		public = append([]byte{4}, private.X.FillBytes(make([]byte, 32))...)
		public = append(public, private.Y.FillBytes(make([]byte, 32))...)
	default:
		return nil, fmt.Errorf("list key of an unknown kind %q", kind)
	}
	k.public = kind + ":" + base64.StdEncoding.EncodeToString(public)
	return k, nil
}

func (k *officeKey) sign(body []byte) ([]byte, error) {
	var opts crypto.SignerOpts = crypto.Hash(0)
	if strings.HasPrefix(k.public, "sm2:") {
		opts = sm2.NewSM2SignerOption(true, nil) // hashes with the default identity of GB/T 32918
	}
	return k.signer.Sign(rand.Reader, append([]byte(prefix), body...), opts)
}

// verify checks a signature by a public key written as suite:base64.
func verify(key string, body, signature []byte) bool {
	kind, text, _ := strings.Cut(key, ":")
	public, err := base64.StdEncoding.DecodeString(text)
	if err != nil {
		return false
	}
	message := append([]byte(prefix), body...)
	switch kind {
	case "ed25519":
		return len(public) == ed25519.PublicKeySize && ed25519.Verify(public, message, signature)
	case "sm2":
		point := sm2Point(public)
		return point != nil && sm2.VerifyASN1WithSM2(point, nil, message, signature)
	}
	return false
}

// sm2Point reads an uncompressed point of the curve, or gives nil.
func sm2Point(public []byte) *ecdsa.PublicKey {
	if len(public) != 65 || public[0] != 4 {
		return nil
	}
	x, y := new(big.Int).SetBytes(public[1:33]), new(big.Int).SetBytes(public[33:])
	if p := sm2.P256().Params().P; x.Cmp(p) >= 0 || y.Cmp(p) >= 0 || !sm2.P256().IsOnCurve(x, y) {
		return nil
	}
	return &ecdsa.PublicKey{Curve: sm2.P256(), X: x, Y: y}
}
