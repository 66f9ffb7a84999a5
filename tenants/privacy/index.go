package privacy

import (
	"strings"
	"unicode"
)

// indexSize keeps blind indexes short; 128 bits leave no chance meeting in a city.
const indexSize = 16

// Blind gives the keyed index (盲索引) of a normalised value, for exact search: equal
// phones of one tenant have equal indexes however they were typed, and nobody without
// the key can try numbers. Nil when nothing is left to search by.
//
// Like all keyed hashes here it panics after Forget: an empty or zero-keyed answer
// would match other rows or break a chain silently.
func (k *Keyring) Blind(class Class, text string) []byte {
	norm := normal(class, text)
	if norm == "" {
		return nil
	}
	return k.keyed(kindIndex, "blind", []byte{byte(class)}, []byte(norm))[:indexSize]
}

// Code gives the keyed hash of a follow-up code (查询码) or one-time token: stored in
// its place, so that a stolen table opens nothing.
func (k *Keyring) Code(text string) []byte {
	return k.keyed(kindIndex, "code", []byte(text))
}

// MAC gives the keyed hash that links lines of the history and of the read ledger
// into a chain (哈希链). Parts don't flow into each other.
func (k *Keyring) MAC(parts ...[]byte) []byte {
	return k.keyed(kindChain, "chain", parts...)
}

// Digest gives the keyed digest of a plaintext, for the chain in its place: it stays
// the same when the data key rotates and the ciphertext changes.
func (k *Keyring) Digest(row, plain string) []byte {
	return k.keyed(kindChain, "digest", []byte(row), []byte(plain))
}

func (k *Keyring) keyed(kind, purpose string, parts ...[]byte) []byte {
	s := k.s
	s.mu.RLock()
	defer s.mu.RUnlock()
	if s.gone {
		panic(ErrForgotten)
	}
	key := s.chain
	if kind == kindIndex {
		key = s.index
	}
	return s.suite.mac(key, purpose, parts...)
}

// normal writes equal values equally, class by class.
func normal(class Class, text string) string {
	switch class {
	case Phone:
		return normalPhone(text)
	case IDNumber:
		return strings.ToUpper(strings.Map(dropBlank, text))
	case Email:
		return strings.ToLower(strings.Map(dropBlank, text))
	}
	return strings.TrimFunc(text, blank)
}

// normalPhone keeps one form of a number: no blanks, dashes, country or long-distance
// prefix before a mobile, and a leading 0 before an area code.
func normalPhone(text string) string {
	digits := strings.Map(dropJoiner, text)
	rest, abroad := digits, false
	for _, prefix := range []string{"+86", "0086"} {
		if cut, ok := strings.CutPrefix(digits, prefix); ok {
			rest, abroad = cut, true
			break
		}
	}
	if cut, ok := strings.CutPrefix(rest, "86"); ok && mobile(cut) {
		return cut
	}
	if cut, ok := strings.CutPrefix(rest, "0"); ok && mobile(cut) {
		return cut
	}
	toll := strings.HasPrefix(rest, "400") || strings.HasPrefix(rest, "800")
	if abroad && !mobile(rest) && !toll && (len(rest) == 10 || len(rest) == 11) && rest[0] != '0' {
		return "0" + rest
	}
	return rest
}

// mobile tells an 11-digit Chinese mobile number.
func mobile[T string | []byte](digits T) bool {
	if len(digits) != 11 || digits[0] != '1' || digits[1] < '3' {
		return false
	}
	for i := range len(digits) {
		if digits[i] < '0' || digits[i] > '9' {
			return false
		}
	}
	return true
}

func dropJoiner(r rune) rune {
	r = narrow(r)
	if blank(r) || strings.ContainsRune("-‐‑‒–—―−ー.·()_/", r) {
		return -1
	}
	return r
}

func dropBlank(r rune) rune {
	if blank(r) {
		return -1
	}
	return narrow(r)
}

// blank also counts what nobody sees: zero-width marks come along with pasted text.
func blank(r rune) bool {
	return unicode.IsSpace(r) || unicode.Is(unicode.Cf, r)
}

// narrow turns a full-width character (全角) into its ASCII form.
func narrow(r rune) rune {
	switch {
	case r >= '！' && r <= '～':
		return r - '！' + '!'
	case r == '　':
		return ' '
	}
	return r
}
