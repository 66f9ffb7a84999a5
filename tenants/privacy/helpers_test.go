package privacy

import (
	"context"
	"testing"

	"pgregory.net/rapid"
)

// All numbers in these tests are of the pattern 1xx0000xxxx, which nobody has.

func newKeys(t testing.TB, suite Suite) *Keyring {
	t.Helper()
	k, err := NewKeyring("330100", suite)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func sealed(t testing.TB, k *Keyring, class Class, row, plain string) Personal {
	t.Helper()
	p, err := k.Seal(class, row, plain)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

var bothSuites = []Suite{AES, SM}

// ledger remembers what was written, or refuses with err.
type ledger struct {
	lines []Look
	err   error
}

func (l *ledger) write(_ context.Context, look Look) error {
	if l.err != nil {
		return l.err
	}
	l.lines = append(l.lines, look)
	return nil
}

var (
	anyClass     = rapid.Custom(func(t *rapid.T) Class { return Class(rapid.IntRange(1, int(classes)-1).Draw(t, "class")) })
	anySituation = rapid.Custom(func(t *rapid.T) Situation {
		return Situation(rapid.IntRange(1, int(situations)-1).Draw(t, "situation"))
	})
	anyRoles = rapid.SliceOfN(rapid.SampledFrom(roleNames[:]), 0, 4)
	anyPhone = rapid.StringMatching(`1[3-9][0-9]0000[0-9]{4}`)
)
