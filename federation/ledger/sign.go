package ledger

import (
	"bytes"
	"crypto"
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"math/big"
	"time"

	"github.com/emmansun/gmsm/sm2"
	"google.golang.org/protobuf/proto"

	federationv1 "hotline/api/federation/v1"
)

// prefix keeps signatures of commands apart from any other use of the key.
const prefix = "hotline.federation.v1.Command\x00"

// maxSignature is longer than any signature of the algorithms below, with what says how long it is.
const maxSignature = 96

// Sign writes a command down and signs it, with an ed25519.PrivateKey or an *sm2.PrivateKey. It names the key in the command.
func Sign(c *federationv1.Command, public *federationv1.Key, key crypto.Signer) ([]byte, error) {
	c.Key = public.ID()
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(c)
	if err != nil {
		return nil, err
	}
	return signOne(text, public, key)
}

// signOne signs a command that was written down, by itself.
func signOne(text []byte, public *federationv1.Key, key crypto.Signer) ([]byte, error) {
	signature, err := signText(append([]byte(prefix), text...), public, key)
	if err != nil {
		return nil, err
	}
	return proto.Marshal(&federationv1.Signed{Command: text, Signature: signature})
}

func signText(text []byte, public *federationv1.Key, key crypto.Signer) ([]byte, error) {
	var opts crypto.SignerOpts = crypto.Hash(0)
	if public.GetAlgorithm() == federationv1.Algorithm_SM2_SM3 {
		opts = sm2.NewSM2SignerOption(true, nil) // hashes with the default identity of GB/T 32918
	}
	return key.Sign(rand.Reader, text, opts)
}

// aside is what a city signs beside the log.
const aside = "hotline.federation.v1.Aside\x00"

// SignAside signs what a city says to another outside the log, such as a question for a file, with the key by which the region knows it.
func SignAside(text []byte, public *federationv1.Key, key crypto.Signer) ([]byte, error) {
	return signText(append([]byte(aside), text...), public, key)
}

// VerifyAside says whether a member's key in force signed what came from it outside the log.
func (l *Ledger) VerifyAside(code string, text, signature []byte) bool {
	who, _ := parseCity(code)
	l.mu.RLock()
	var key *federationv1.Key
	if l.active(who) {
		key = last(l.members[who].signing)
	}
	l.mu.RUnlock()
	verify := verifiers[key.GetAlgorithm()]
	return verify != nil && verify(key.GetPublic(), append([]byte(aside), text...), signature)
}

// verifiers check a signature; a further algorithm is one more row and a later version.
var verifiers = map[federationv1.Algorithm]func(public, message, signature []byte) bool{
	federationv1.Algorithm_ED25519: func(public, message, signature []byte) bool {
		return len(public) == ed25519.PublicKeySize && ed25519.Verify(public, message, signature)
	},
	federationv1.Algorithm_SM2_SM3: func(public, message, signature []byte) bool {
		key := sm2Point(public)
		return key != nil && sm2.VerifyASN1WithSM2(key, nil, message, signature)
	},
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

// signs says that the key is one to verify signatures with.
func signs(k *federationv1.Key) bool {
	switch k.GetAlgorithm() {
	case federationv1.Algorithm_ED25519:
		return len(k.GetPublic()) == ed25519.PublicKeySize
	case federationv1.Algorithm_SM2_SM3:
		return sm2Point(k.GetPublic()) != nil
	}
	return false
}

// seals says that the key is one to seal for.
func seals(k *federationv1.Key) bool {
	switch k.GetAlgorithm() {
	case federationv1.Algorithm_HPKE_X25519:
		_, err := ecdh.X25519().NewPublicKey(k.GetPublic())
		return err == nil
	case federationv1.Algorithm_SM2_SM4:
		return sm2Point(k.GetPublic()) != nil
	}
	return false
}

// command is a Command that was read, with what reading it found out.
type command struct {
	*federationv1.Command
	envelope
	signed  []byte // as it came
	version uint32 // of the region by which it was read
	key     *federationv1.Key
	who     city
	id      id // of the transfer, zero for an act on the region
	at      int64
	proven  *federationv1.Key // the key under which it was found genuine at the door
}

// verifies says that every node verifies the command before it counts. That is not asked of those who act on it: of acts on the region,
// acknowledgements and designations nobody else would find the forgery of a stolen leader in time, or at all. For the rest of the acts on a
// transfer the coordinator may leave it to the cities (verify_at_apply).
func (l *Ledger) verifies(c *command) bool {
	return l.rules.GetVerifyAtApply() || c.id == id{} || c.GetDesignate() != nil
}

// genuine verifies the signature, that of a tree's head once for all its commands. What was verified lately is remembered: that saves work
// and changes no answer, as the same bytes under the same key are always genuine or always not.
func (l *Ledger) genuine(c *command) bool {
	verify := verifiers[c.key.GetAlgorithm()]
	switch {
	case verify == nil:
		return false
	case c.proven == c.key:
		return true
	}
	covered := append([]byte(prefix), c.text...)
	if c.branch != nil {
		covered = head(c.text, c.branch)
	}
	name := proofName(c.key, covered, c.signature)
	if _, known := l.verified.get(name); known {
		return true
	}
	if !verify(c.key.GetPublic(), covered, c.signature) {
		return false
	}
	l.verified.add(name, struct{}{})
	return true
}

// decode reads the bytes and nothing of the ledger but its version.
func decode(signed []byte, version uint32) (*command, federationv1.Reason) {
	if len(signed) > MaxCommand {
		return nil, federationv1.Reason_MALFORMED
	}
	c := &command{Command: new(federationv1.Command), signed: signed, version: version}
	var reason federationv1.Reason
	if c.envelope, reason = open(signed, version); reason != ok {
		return nil, reason
	}
	if reason = read(c.text, c.Command, version); reason != ok {
		return nil, reason
	}
	if !c.complete() {
		return nil, federationv1.Reason_MALFORMED
	}
	return c, ok
}

// maxTime is far off, and leaves room to add spans to.
const maxTime = 1 << 45

// complete says that all that every command needs is there, and fills who and id.
func (c *command) complete() bool {
	var known bool
	if c.who, known = parseCity(c.GetCity()); !known || c.GetAct() == nil {
		return false
	}
	if len(c.GetId()) != 16 || c.GetTime() <= 0 || c.GetTime() > maxTime {
		return false
	}
	if t := c.GetTransfer(); t != nil {
		c.id.number = t.GetNumber()
		if c.id.origin, known = parseCity(t.GetOrigin()); !known || c.id.number == 0 {
			return false
		}
	}
	_, onTransfer := acts[kindOf(c.Command)]
	return onTransfer == (c.id != id{})
}

// find decodes a command and finds its city and key. Nothing changes.
func (l *Ledger) find(signed []byte) (*command, federationv1.Reason) {
	c, reason := l.decodeOnce(signed)
	if reason != ok {
		return nil, reason
	}
	if c.GetGroup() != l.group {
		return nil, federationv1.Reason_WRONG_GROUP
	}
	m := l.members[c.who]
	if m == nil || m.revoked {
		return nil, federationv1.Reason_NOT_A_MEMBER
	}
	c.key = last(m.signing)
	if !bytes.Equal(c.GetKey(), m.signingID) {
		// That of a change of keys which comes twice is not in force any more.
		if c.key = m.keyOf(c.GetKey()); c.key == nil || !m.did(c) {
			return nil, federationv1.Reason_WRONG_KEY
		}
	}
	return c, ok
}

// decodeOnce reads a command that was not read at the door. What was, the leader gets back as the very same bytes, which it keeps until then,
// so that no others can lie in their place.
func (l *Ledger) decodeOnce(signed []byte) (*command, federationv1.Reason) {
	if len(signed) == 0 {
		return nil, federationv1.Reason_MALFORMED
	}
	if c, was := l.admitted.take(&signed[0]); was && len(c.signed) == len(signed) && c.version == l.version {
		return c, ok
	}
	return decode(signed, l.version)
}

// Admit judges a command at the door of the log, with this node's clock: only what is whole and genuine comes in. Whether it fits the
// state is for Apply, as other commands may come before it.
func (l *Ledger) Admit(signed []byte, now time.Time) *federationv1.Refusal {
	l.mu.RLock()
	c, reason := l.find(signed)
	skew := l.rules.GetSkew() * 1000
	l.mu.RUnlock()
	switch {
	case reason != ok:
	case c.GetTime() > now.UnixMilli()+skew:
		reason = federationv1.Reason_WRONG_CLOCK
	case !l.genuine(c):
		reason = federationv1.Reason_FORGED
	default:
		c.proven = c.key
		l.admitted.add(&signed[0], c)
	}
	return Result{Reason: reason}.Refusal()
}

// Verify is what a city does before it acts on an entry of the log or of Waiting: it finds the forgery of a stolen leader, who can skip
// admission but has no other city's key. Keys that were replaced since still count, as do cities that were revoked since: Apply saw to it
// that they were in force then.
func (l *Ledger) Verify(signed []byte) (*federationv1.Command, *federationv1.Refusal) {
	l.mu.RLock()
	c, reason := decode(signed, l.version)
	if reason == ok {
		reason = federationv1.Reason_WRONG_KEY
		if m := l.members[c.who]; m != nil && c.GetGroup() == l.group {
			if c.key = m.keyOf(c.GetKey()); c.key != nil {
				reason = ok
			}
		}
	}
	l.mu.RUnlock()
	if reason == ok && !l.genuine(c) {
		reason = federationv1.Reason_FORGED
	}
	if reason != ok {
		return nil, Result{Reason: reason}.Refusal()
	}
	return c.Command, nil
}
