package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"golang.org/x/crypto/argon2"
)

// The cost of one try: OWASP's minimum for argon2id. A login may not cost so much that logging in becomes the attack.
const (
	argonMemory = 19 * 1024 // KiB
	argonTime   = 2
	argonLanes  = 1
	saltSize    = 16
	hashSize    = 32
)

// Bounds of what a stored hash may ask for, so that a corrupt row can't eat the machine.
const (
	maxMemory = 128 * 1024
	maxTime   = 16
	maxLanes  = 4
)

// phc is a hashed password in its parts.
type phc struct {
	memory, time uint32
	lanes        uint8
	salt, hash   []byte
}

func hashPassword(password string) string {
	p := phc{memory: argonMemory, time: argonTime, lanes: argonLanes, salt: make([]byte, saltSize)}
	_, _ = rand.Read(p.salt) // never fails: the runtime stops the program instead
	p.hash = argon2.IDKey([]byte(password), p.salt, p.time, p.memory, p.lanes, hashSize)
	return p.String()
}

// String is the PHC form: $argon2id$v=19$m=19456,t=2,p=1$salt$hash.
func (p phc) String() string {
	b := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, p.memory, p.time, p.lanes,
		b.EncodeToString(p.salt), b.EncodeToString(p.hash))
}

var errPHC = errors.New("password hash: not argon2id in PHC form, or beyond its bounds")

// parsePHC reads only what String writes: there is one spelling of each hash.
func parsePHC(text string) (phc, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || len(text) > 256 {
		return phc{}, errPHC
	}
	var p phc
	if _, err := fmt.Sscanf(parts[3], "m=%d,t=%d,p=%d", &p.memory, &p.time, &p.lanes); err != nil {
		return phc{}, errPHC
	}
	var err1, err2 error
	p.salt, err1 = base64.RawStdEncoding.Strict().DecodeString(parts[4])
	p.hash, err2 = base64.RawStdEncoding.Strict().DecodeString(parts[5])
	switch {
	case err1 != nil || err2 != nil || p.String() != text,
		p.lanes < 1 || p.lanes > maxLanes,
		p.time < 1 || p.time > maxTime,
		p.memory < 8*uint32(p.lanes) || p.memory > maxMemory,
		len(p.salt) < 8 || len(p.salt) > 64,
		len(p.hash) < 16 || len(p.hash) > 64:
		return phc{}, errPHC
	}
	return p, nil
}

func (p phc) matches(password string) bool {
	got := argon2.IDKey([]byte(password), p.salt, p.time, p.memory, p.lanes, uint32(len(p.hash))) //nolint:gosec // at most 64
	return subtle.ConstantTimeCompare(got, p.hash) == 1
}

// randomPassword has 79 bits and no letters that look alike.
func randomPassword() string {
	const letters = "23456789abcdefghjkmnpqrstuvwxyz"
	var b strings.Builder
	buf := make([]byte, 1)
	for n := 0; n < 16; {
		_, _ = rand.Read(buf)
		if int(buf[0]) >= 256/len(letters)*len(letters) {
			continue // the rest would prefer the first letters
		}
		if n > 0 && n%4 == 0 {
			b.WriteByte('-')
		}
		b.WriteByte(letters[int(buf[0])%len(letters)])
		n++
	}
	return b.String()
}

// checkPassword is what a new password must fulfil.
func checkPassword(field, login, password string) error {
	switch {
	case utf8.RuneCountInString(password) < 10 || utf8.RuneCountInString(password) > 200:
		return invalid(field, "新口令至少 10 个字符、至多 200 个字符，请加长后重试。")
	case len(login) >= 4 && strings.Contains(strings.ToLower(password), login):
		return invalid(field, "新口令不能包含账号，请换一个。")
	}
	return nil
}

// gate lets few people hash at once and few more wait: each hash takes 19 MiB, and a flood of logins must not eat the memory.
type gate struct{ inside, queue chan struct{} }

func newGate(inside, queue int) *gate {
	return &gate{make(chan struct{}, inside), make(chan struct{}, inside+queue)}
}

// enter waits for a place; leave gives it back.
func (g *gate) enter(ctx context.Context) (leave func(), err error) {
	select {
	case g.queue <- struct{}{}:
	default:
		return nil, busy()
	}
	select {
	case g.inside <- struct{}{}:
		return func() { <-g.inside; <-g.queue }, nil
	case <-ctx.Done():
		<-g.queue
		return nil, busy()
	}
}

// hash hashes a new password behind the gate.
func (s *Service) hash(ctx context.Context, password string) (string, error) {
	leave, err := s.hashing.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	return hashPassword(password), nil
}

// prove says whether the password fits, and counts the try before it is made: many tries sent at the same moment count like
// many tries one after the other. A success is forgiven by the caller. Without an account the work is the same.
func (s *Service) prove(ctx context.Context, hash, password string, keys ...string) (bool, error) {
	leave, err := s.hashing.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	if err := s.Try(ctx, keys...); err != nil {
		return false, err
	}
	exists := hash != ""
	if !exists {
		hash = s.nobody
	}
	p, err := parsePHC(hash)
	if err != nil {
		return false, err
	}
	return p.matches(password) && exists, nil
}

// HashPassword is the stored form of a password, for set-up that makes many accounts at once (the demo nation).
func HashPassword(password string) string { return hashPassword(password) }
