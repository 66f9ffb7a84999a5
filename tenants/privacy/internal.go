package privacy

import (
	"crypto/rand"
	"crypto/subtle"
	"fmt"
)

// Know tells the reader the name (姓名) of the person a row is about, so that it is taken out of the masked texts of all
// rows that hang on it: notes, replies, callbacks.
func (r *Reader) Know(row string, name Personal) error {
	if name.Empty() {
		return nil
	}
	plain, err := r.Keys.open(name, row)
	if err != nil {
		return fmt.Errorf("姓名: %w", err)
	}
	r.known = append(r.known, plain)
	return nil
}

// Matches says whether a sealed datum still is the one a digest was made of: for the check of the history chain.
// It shows nothing, so it needs no ledger.
func (k *Keyring) Matches(p Personal, row string, digest []byte) bool {
	plain, err := k.open(p, row)
	return err == nil && subtle.ConstantTimeCompare(k.Digest(row, plain), digest) == 1
}

// Likeness gives a sealed text to a comparison that returns a number, never the text: for the hint of repeats (重复提示).
func (k *Keyring) Likeness(p Personal, row string, measure func(plain string) int) (int, error) {
	plain, err := k.open(p, row)
	if err != nil {
		return 0, err
	}
	return measure(plain), nil
}

// Secret gives back a secret of the platform's own, such as a follow-up code kept for a retry. It refuses every datum of
// a class a person is known by.
func (k *Keyring) Secret(p Personal, row string) (string, error) {
	if !p.Empty() && p.Class() != Text {
		return "", ErrRefused
	}
	return k.open(p, row)
}

// SealSecret wraps a secret of the platform itself, such as the private half of a signing key; the purpose is bound to it.
func (m *Master) SealSecret(purpose string, secret []byte) []byte {
	nonce := make([]byte, m.s.aead.NonceSize())
	_, _ = rand.Read(nonce) // never fails: the runtime stops the program instead
	return m.s.aead.Seal(nonce, nonce, secret, []byte("secret|"+purpose))
}

// OpenSecret gives back what SealSecret wrapped. It is ErrUnreadable for another master key, another purpose or any change.
func (m *Master) OpenSecret(purpose string, sealed []byte) ([]byte, error) {
	n := m.s.aead.NonceSize()
	if len(sealed) < n {
		return nil, ErrUnreadable
	}
	secret, err := m.s.aead.Open(nil, sealed[:n], sealed[n:], []byte("secret|"+purpose))
	if err != nil {
		return nil, ErrUnreadable
	}
	return secret, nil
}

// ScrubOf is Scrub with the name of the person a row is about among what is taken out (去标识). The name itself is not shown.
func (k *Keyring) ScrubOf(text, row string, name Personal) (string, error) {
	if name.Empty() {
		return Scrub(text), nil
	}
	plain, err := k.open(name, row)
	if err != nil {
		return "", fmt.Errorf("姓名: %w", err)
	}
	return Scrub(text, plain), nil
}
