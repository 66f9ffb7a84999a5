package consolidation

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"
)

// KeyAct (密钥更换令) is the act by which a new key of the office takes the place of the one before, as text that people and programs read
// alike. It names the version after which the old key signs nothing any more. The new key signs it, to show that the office holds it; the old
// one too, unless it is lost.
type KeyAct struct {
	Number   int    // of the new key; the first is 1 and needs no act
	Kind     string // handover or refounded
	After    int    // the last version of the old key
	Head     string // and its digest
	Moment   time.Time
	Reason   string
	Old, New string // suite:base64
	Previous string // digest of the act before
	Proof    []byte // of the new key
	Handed   []byte // of the old key; empty where it is lost

	raw []byte
}

const (
	keyFirstLine = "12345-consolidation-key 1"
	handover     = "handover"  // 交接: the old key signed
	refounded    = "refounded" // 重立: the old key is lost, so the new one is confirmed by another way
	maxKeyAct    = 8 << 10
)

// body is what the signatures cover.
func (k *KeyAct) body() []byte {
	return fmt.Appendf(nil, "%s\nnumber=%d\nkind=%s\nafter=%d\nhead=%s\nmoment=%s\nreason=%s\nold=%s\nnew=%s\nprevious=%s\n", keyFirstLine, k.Number, k.Kind,
		k.After, k.Head, k.Moment.UTC().Format(time.RFC3339), k.Reason, k.Old, k.New, k.Previous)
}

// Bytes is the whole act.
func (k *KeyAct) Bytes() []byte {
	return fmt.Appendf(k.body(), "proof=%s\nsignature=%s\n", base64.StdEncoding.EncodeToString(k.Proof), base64.StdEncoding.EncodeToString(k.Handed))
}

// Digest names the act by what was signed.
func (k *KeyAct) Digest() string { return digest(k.New, k.body()) }

// Fingerprint (密钥指纹) is what people read to each other by telephone.
func Fingerprint(public string) string {
	sum := sha256.Sum256([]byte(public))
	return hex.EncodeToString(sum[:])
}

// Spoken is a fingerprint in groups of four, as it is read aloud.
func Spoken(fingerprint string) string {
	var groups []string
	for four := range slices.Chunk([]byte(fingerprint), 4) {
		groups = append(groups, string(four))
	}
	return strings.Join(groups, " ")
}

// IsKeyAct says whether bytes are an act on a key rather than a list.
func IsKeyAct(raw []byte) bool { return bytes.HasPrefix(raw, []byte(keyFirstLine+"\n")) }

// VerifyKeyAct (验更换令) says whether the bytes are an act by which one key hands over to another. A refounded key only shows that
// somebody holds it: whether it is the office's, its fingerprint tells.
func VerifyKeyAct(raw []byte) (*KeyAct, error) {
	k, err := parseKeyAct(raw)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(k.Bytes(), raw) {
		return nil, ErrMalformed
	}
	k.raw = bytes.Clone(raw)
	switch {
	case k.Number < 2 || k.After < 1 || k.Old == k.New || k.Kind != handover && k.Kind != refounded:
		return nil, ErrMalformed
	case utf8.RuneCountInString(k.Reason) < 4 || strings.ContainsFunc(k.Reason, unicode.IsControl):
		return nil, ErrMalformed
	case !verify(k.New, k.body(), k.Proof):
		return nil, ErrForged
	case k.Kind == handover && !verify(k.Old, k.body(), k.Handed):
		return nil, ErrForged
	case k.Kind == refounded && len(k.Handed) > 0:
		return nil, ErrMalformed
	}
	return k, nil
}

func parseKeyAct(raw []byte) (*KeyAct, error) {
	if len(raw) > maxKeyAct || !utf8.Valid(raw) || !IsKeyAct(raw) {
		return nil, ErrMalformed
	}
	k := &KeyAct{}
	var number, after, moment, proof, handed string
	lines := strings.Split(string(raw), "\n")
	fields := []struct {
		tag  string
		text *string
	}{{"number=", &number}, {"kind=", &k.Kind}, {"after=", &after}, {"head=", &k.Head}, {"moment=", &moment}, {"reason=", &k.Reason}, {"old=", &k.Old},
		{"new=", &k.New}, {"previous=", &k.Previous}, {"proof=", &proof}, {"signature=", &handed}}
	if len(lines) != len(fields)+2 || lines[len(lines)-1] != "" {
		return nil, ErrMalformed
	}
	for i, f := range fields {
		text, ok := strings.CutPrefix(lines[i+1], f.tag)
		if !ok {
			return nil, ErrMalformed
		}
		*f.text = text
	}
	var err [5]error
	k.Number, err[0] = strconv.Atoi(number)
	k.After, err[1] = strconv.Atoi(after)
	k.Moment, err[2] = time.Parse(time.RFC3339, moment)
	k.Proof, err[3] = base64.StdEncoding.DecodeString(proof)
	k.Handed, err[4] = base64.StdEncoding.DecodeString(handed)
	for _, e := range err {
		if e != nil {
			return nil, ErrMalformed
		}
	}
	return k, nil
}

// carriesOn says why an act does not follow the keys up to a level; nil when it does.
func (a *archive) carriesOn(k *KeyAct, level int) error {
	before, m := a.eras[level-1], a.chain(level)
	previous := ""
	if before.act != nil {
		previous = before.act.Digest()
	}
	switch {
	case k.Number != level+1:
		return refused("KEY_GAP", "这里有 %d 把签名密钥，请先收取第 %d 号更换令。", level, level+1)
	case k.Old != before.public || k.Previous != previous:
		return refused("KEY_FORGED", "拒收密钥更换令：它不接在现用的密钥之后。")
	case k.After > len(m.versions):
		return refused("KEY_GAP", "这里只有到第 %d 版的清单，请先收取第 %d 版，再收密钥更换令。", len(m.versions), k.After)
	case before.act != nil && k.After < before.act.After || m.versions[k.After-1].Digest() != k.Head:
		return refused("KEY_CHAIN", "拒收密钥更换令：它所说的第 %d 版与这里的不同，请与国务院办公厅核实。", k.After)
	}
	for _, e := range a.eras[:level] {
		if e.public == k.New {
			return refused("KEY_FORGED", "拒收密钥更换令：换下的密钥不能再用。")
		}
	}
	return nil
}
