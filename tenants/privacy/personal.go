package privacy

import (
	"database/sql/driver"
	"encoding/binary"
	"fmt"
	"io"
	"log/slog"
)

// The sealed form: format, suite, class, generation (2 bytes), nonce (12), ciphertext
// and tag (16). The first five are in clear, so that a value knows its class and
// its key without opening; they are bound by the tag.
const (
	format     = 1
	headerSize = 5
	nonceSize  = 12
	tagSize    = 16
	minSealed  = headerSize + nonceSize + tagSize
)

// Personal is one sealed piece of personal data (个人信息). The zero value means that
// none was given. Whatever prints, logs or encodes it gets a token such as 〔电话〕;
// only a Reader opens it. It is immutable and stored as bytes.
type Personal struct {
	// A string, not a slice: nobody can change it behind our back, and an entity
	// holding it stays comparable.
	sealed string
}

// Empty tells that no data was given.
func (p Personal) Empty() bool { return p.sealed == "" }

// Class tells the kind of the data; zero when empty.
func (p Personal) Class() Class {
	if p.Empty() {
		return 0
	}
	return Class(p.sealed[2])
}

func (p Personal) suite() Suite { return Suite(p.sealed[1]) }

func (p Personal) generation() int {
	return int(binary.BigEndian.Uint16([]byte(p.sealed[3:headerSize])))
}

// String gives the token of the class, never the data.
func (p Personal) String() string {
	if p.Empty() {
		return ""
	}
	return "〔" + p.Class().Title() + "〕"
}

// GoString keeps %#v from walking into the sealed bytes.
func (p Personal) GoString() string { return p.String() }

// Format answers every verb, also %x and %q, with the token.
func (p Personal) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, p.String()) }

// MarshalJSON writes the token.
func (p Personal) MarshalJSON() ([]byte, error) { return []byte(`"` + p.String() + `"`), nil }

// MarshalText writes the token.
func (p Personal) MarshalText() ([]byte, error) { return []byte(p.String()), nil }

// LogValue gives slog the token.
func (p Personal) LogValue() slog.Value { return slog.StringValue(p.String()) }

// UnmarshalJSON refuses: sealed bytes never come from a request.
func (p *Personal) UnmarshalJSON([]byte) error { return ErrRefused }

// UnmarshalText refuses, as UnmarshalJSON does.
func (p *Personal) UnmarshalText([]byte) error { return ErrRefused }

// Value gives the database the sealed bytes, NULL when empty.
func (p Personal) Value() (driver.Value, error) {
	if p.Empty() {
		return nil, nil
	}
	return []byte(p.sealed), nil
}

// Scan takes sealed bytes from the database. It checks the outer form only; whether
// they are genuine shows when they are opened.
func (p *Personal) Scan(from any) error {
	var sealed string
	switch v := from.(type) {
	case nil:
	case []byte:
		sealed = string(v)
	case string:
		sealed = v
	default:
		return fmt.Errorf("个人信息列的类型 %T 不可读", from)
	}
	if sealed != "" && !wellFormed(sealed) {
		return fmt.Errorf("个人信息列: %w", ErrUnreadable)
	}
	p.sealed = sealed
	return nil
}

func wellFormed(sealed string) bool {
	return len(sealed) >= minSealed && sealed[0] == format &&
		Suite(sealed[1]).known() && Class(sealed[2]).known()
}
