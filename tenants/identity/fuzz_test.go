package identity

import (
	"strings"
	"testing"

	"github.com/golang-jwt/jwt/v5"
)

func FuzzPHC(f *testing.F) {
	f.Add("$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")
	f.Add("$argon2id$v=19$m=4294967295,t=4294967295,p=255$AAAAAAAAAAA$AAAA")
	f.Add("$argon2i$v=19$m=8,t=1,p=1$$")
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePHC(text)
		if err != nil {
			return
		}
		if p.String() != text {
			t.Errorf("%q is another spelling of %q", text, p)
		}
		if p.memory > maxMemory || p.time > maxTime || p.lanes > maxLanes || p.lanes == 0 || p.time == 0 || len(p.hash) < 16 || len(p.hash) > 64 {
			t.Errorf("beyond the bounds: %q", text)
		}
	})
}

func FuzzRefreshToken(f *testing.F) {
	f.Add("0199f1d0-0000-7000-8000-000000000000." + strings.Repeat("A", 43))
	f.Add("{0199f1d0-0000-7000-8000-0000000000}." + strings.Repeat("A", 43))
	f.Add(".")
	f.Fuzz(func(t *testing.T, text string) {
		if id, secret, ok := splitRefresh(text); ok && id.String()+"."+secret != text {
			t.Errorf("%q is another spelling", text)
		}
	})
}

func FuzzBearer(f *testing.F) {
	f.Add("Bearer a.b.c")
	f.Add("bearer  a.b.c ")
	f.Add("Basic eDp5")
	f.Add("Bearer eyJhbGciOiJub25lIn0.e30.")
	f.Fuzz(func(t *testing.T, header string) {
		token, ok := bearer(header)
		if !ok {
			return
		}
		if len(token) > 2048 || strings.Count(token, ".") != 2 || strings.ContainsAny(token, " \n") {
			t.Errorf("passed: %q", token)
		}
		if parsed, err := jwt.NewParser(jwt.WithValidMethods([]string{"EdDSA"})).Parse(token, func(*jwt.Token) (any, error) {
			return nil, errToken
		}); err == nil {
			t.Errorf("valid without a key: %v", parsed)
		}
	})
}
