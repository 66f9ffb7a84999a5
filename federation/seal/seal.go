// Package seal closes what concerns a citizen so that only the receiving city can read it (密封): no other member of the region, no log, no
// snapshot and no disk image gives it away.
//
// It is hybrid encryption as libraries have it: HPKE (RFC 9180) of the standard library, or SM2 for a fresh key of SM4-GCM (国密, GB/T 32918
// and GB/T 32907) in plain software, for which no certification (密评, 商用密码产品认证) is claimed. Anyone may seal: who did is proved by the
// signature of the command that carries the box.
package seal

import (
	"bytes"
	"crypto/cipher"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/hpke"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/sm4"

	federationv1 "hotline/api/federation/v1"
)

// Errors that callers may tell apart with errors.Is.
var (
	// ErrUnreadable: damaged, cut, sealed to another key or for another transfer. The cases are not told apart.
	ErrUnreadable = errors.New("密封内容无法解开：已损坏，或不是密封给本市这件转办的")
	// ErrNoKey: this city has no such key, or has it no more.
	ErrNoKey = errors.New("没有对应的解封私钥")
	// ErrBadKey: no key of this algorithm.
	ErrBadKey = errors.New("加密密钥无效")
)

// Suite is an algorithm to seal with. The words are those of a city's own keys: aes or sm.
type Suite = federationv1.Algorithm

// The suites.
const (
	AES = federationv1.Algorithm_HPKE_X25519 // X25519, HKDF-SHA-256, AES-256-GCM
	SM  = federationv1.Algorithm_SM2_SM4     // SM2, SM4-GCM (国密)
)

// About is what a box belongs to. It opens for nothing else: a box can't be moved to another transfer or another city.
type About struct {
	Group    string
	Transfer *federationv1.TransferId
	Topic    string // of a sealed post (密封公告) on the board: then Transfer has the sender and the number of the post
	Receiver string // the city that it is for
}

// bytes are what the tag covers; each part has its length before it.
func (a About) bytes() []byte {
	b, parts := []byte("hotline.federation.v1.Sealed\x00"), []string{a.Group, a.Transfer.GetOrigin(), a.Receiver}
	if a.Topic != "" {
		b, parts = []byte("hotline.federation.v1.SealedPost\x00"), append(parts, a.Topic)
	}
	for _, part := range parts {
		b = binary.BigEndian.AppendUint32(b, uint32(len(part)))
		b = append(b, part...)
	}
	return binary.BigEndian.AppendUint64(b, a.Transfer.GetNumber())
}

// format is the first byte of a box, so that a later one can differ; the second is the suite.
const format = 1

// Seal closes a box with the public key of the receiver.
func Seal(to *federationv1.Key, about About, plain []byte) ([]byte, error) {
	head := []byte{format, byte(to.GetAlgorithm())}
	switch to.GetAlgorithm() {
	case AES:
		return sealHPKE(head, to.GetPublic(), about.bytes(), plain)
	case SM:
		return sealSM(head, to.GetPublic(), about.bytes(), plain)
	}
	return nil, ErrBadKey
}

// Private is a key that opens boxes.
type Private struct {
	public *federationv1.Key
	hpke   hpke.PrivateKey // one of the two
	sm     *sm2.PrivateKey
}

// Generate makes a new key.
func Generate(suite Suite) (*Private, error) {
	switch suite {
	case AES:
		key, err := kem.GenerateKey()
		if err != nil {
			return nil, err
		}
		return fromHPKE(key), nil
	case SM:
		key, err := sm2.GenerateKey(rand.Reader)
		if err != nil {
			return nil, err
		}
		return fromSM(key), nil
	}
	return nil, ErrBadKey
}

// Parse reads what Bytes gave.
func Parse(suite Suite, private []byte) (*Private, error) {
	switch suite {
	case AES:
		key, err := kem.NewPrivateKey(private)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrBadKey, err)
		}
		return fromHPKE(key), nil
	case SM:
		d := new(big.Int).SetBytes(private)
		limit := new(big.Int).Sub(sm2.P256().Params().N, big.NewInt(1)) // SM2 has no key n-1
		if len(private) != 32 || d.Sign() == 0 || d.Cmp(limit) >= 0 {
			return nil, ErrBadKey
		}
		key := new(sm2.PrivateKey)
		key.D, key.Curve = d, sm2.P256()
		key.X, key.Y = key.Curve.ScalarBaseMult(private)
		return fromSM(key), nil
	}
	return nil, ErrBadKey
}

// Bytes is the key itself, to be kept like a city's other keys: wrapped.
func (p *Private) Bytes() ([]byte, error) {
	if p.sm != nil {
		return p.sm.D.FillBytes(make([]byte, 32)), nil
	}
	return p.hpke.Bytes()
}

// Public is what the other cities seal with; the ledger makes it known.
func (p *Private) Public() *federationv1.Key { return p.public }

// Open opens a box.
func (p *Private) Open(about About, box []byte) ([]byte, error) {
	if len(box) < 2 || box[0] != format || box[1] != byte(p.public.GetAlgorithm()) {
		return nil, ErrUnreadable
	}
	head, body := box[:2], box[2:]
	if p.sm != nil {
		return p.openSM(head, about.bytes(), body)
	}
	return p.openHPKE(head, about.bytes(), body)
}

var (
	kem = hpke.DHKEM(ecdh.X25519())
	kdf = hpke.HKDFSHA256()
)

// encSize is the length of the encapsulated key of X25519.
const encSize = 32

func fromHPKE(key hpke.PrivateKey) *Private {
	return &Private{hpke: key, public: &federationv1.Key{Algorithm: AES, Public: key.PublicKey().Bytes()}}
}

func sealHPKE(head, public, about, plain []byte) ([]byte, error) {
	key, err := kem.NewPublicKey(public)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadKey, err)
	}
	enc, sender, err := hpke.NewSender(key, kdf, hpke.AES256GCM(), head)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrBadKey, err)
	}
	text, err := sender.Seal(about, plain)
	if err != nil {
		return nil, err
	}
	return bytes.Join([][]byte{head, enc, text}, nil), nil
}

func (p *Private) openHPKE(head, about, body []byte) ([]byte, error) {
	if len(body) < encSize {
		return nil, ErrUnreadable
	}
	recipient, err := hpke.NewRecipient(body[:encSize], p.hpke, kdf, hpke.AES256GCM(), head)
	if err != nil {
		return nil, ErrUnreadable
	}
	plain, err := recipient.Open(about, body[encSize:])
	if err != nil {
		return nil, ErrUnreadable
	}
	return plain, nil
}

func fromSM(key *sm2.PrivateKey) *Private {
	public := append([]byte{4}, key.X.FillBytes(make([]byte, 32))...)
	public = append(public, key.Y.FillBytes(make([]byte, 32))...)
	return &Private{sm: key, public: &federationv1.Key{Algorithm: SM, Public: public}}
}

// smNonce may be the same each time: every box has a key of its own.
var smNonce = make([]byte, 12)

func smCipher(key []byte) (cipher.AEAD, error) {
	block, err := sm4.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}

// sealSM: head, length of the encrypted key, the key encrypted with SM2 (C1C3C2 in ASN.1), the text encrypted with SM4-GCM. The tag covers the
// head and what the box is about, and with them the encrypted key, which lies in no other box.
func sealSM(head, public, about, plain []byte) ([]byte, error) {
	to, err := smPublic(public)
	if err != nil {
		return nil, err
	}
	key := make([]byte, sm4.BlockSize)
	if _, err := rand.Read(key); err != nil {
		return nil, err
	}
	enc, err := sm2.EncryptASN1(rand.Reader, to, key)
	if err != nil {
		return nil, err
	}
	aead, err := smCipher(key)
	if err != nil {
		return nil, err
	}
	box := binary.BigEndian.AppendUint16(bytes.Clone(head), uint16(len(enc)))
	box = append(box, enc...)
	return aead.Seal(box, smNonce, plain, append(about, box...)), nil
}

func (p *Private) openSM(head, about, body []byte) ([]byte, error) {
	if len(body) < 2 {
		return nil, ErrUnreadable
	}
	size := 2 + int(binary.BigEndian.Uint16(body))
	if len(body) < size {
		return nil, ErrUnreadable
	}
	key, err := p.sm.Decrypt(rand.Reader, body[2:size], sm2.ASN1DecrypterOpts)
	if err != nil || len(key) != sm4.BlockSize {
		return nil, ErrUnreadable
	}
	aead, err := smCipher(key)
	if err != nil {
		return nil, ErrUnreadable
	}
	plain, err := aead.Open(nil, smNonce, body[size:], bytes.Join([][]byte{about, head, body[:size]}, nil))
	if err != nil {
		return nil, ErrUnreadable
	}
	return plain, nil
}

// smPublic reads an uncompressed point and sees that it lies on the curve.
func smPublic(public []byte) (*ecdsa.PublicKey, error) {
	if len(public) != 65 || public[0] != 4 {
		return nil, ErrBadKey
	}
	curve := sm2.P256()
	x, y := new(big.Int).SetBytes(public[1:33]), new(big.Int).SetBytes(public[33:])
	if x.Cmp(curve.Params().P) >= 0 || y.Cmp(curve.Params().P) >= 0 || !curve.IsOnCurve(x, y) {
		return nil, ErrBadKey
	}
	return &ecdsa.PublicKey{Curve: curve, X: x, Y: y}, nil
}
