package identity

import (
	"context"
	"strings"
	"testing"

	kratos "github.com/go-kratos/kratos/v2/errors"
)

func TestAPasswordIsKeptAsArgon2idWithOWASPsMinimum(t *testing.T) {
	hash := hashPassword("open sesame")
	if !strings.HasPrefix(hash, "$argon2id$v=19$m=19456,t=2,p=1$") || hash == hashPassword("open sesame") {
		t.Errorf("hash %s", hash)
	}
	p, err := parsePHC(hash)
	if err != nil {
		t.Fatal(err)
	}
	if !p.matches("open sesame") || p.matches("open sesamE") || p.matches("") {
		t.Error("matching is broken")
	}
}

func TestAForeignHashIsRefused(t *testing.T) {
	salt, sum := "AAAAAAAAAAAAAAAAAAAAAA", strings.Repeat("A", 43)
	head := "$argon2id$v=19$m=19456,t=2,p=1$"
	if _, err := parsePHC(head + salt + "$" + sum); err != nil {
		t.Fatal(err)
	}
	for sentence, text := range map[string]string{
		"empty": "", "bcrypt": "$2a$10$abc", "argon2i": "$argon2i$v=19$m=19456,t=2,p=1$" + salt + "$" + sum,
		"old version": "$argon2id$v=16$m=19456,t=2,p=1$" + salt + "$" + sum, "another order": "$argon2id$v=19$t=2,m=19456,p=1$" + salt + "$" + sum,
		"too much memory": "$argon2id$v=19$m=4194304,t=2,p=1$" + salt + "$" + sum, "no lanes": "$argon2id$v=19$m=19456,t=2,p=0$" + salt + "$" + sum,
		"too long a time": "$argon2id$v=19$m=19456,t=99,p=1$" + salt + "$" + sum, "too many lanes": "$argon2id$v=19$m=19456,t=2,p=300$" + salt + "$" + sum,
		"no salt": head + "$" + sum, "short hash": head + salt + "$AAAA", "padding": head + salt + "==$" + sum,
		"leading zero": "$argon2id$v=19$m=019456,t=2,p=1$" + salt + "$" + sum, "something behind": head + salt + "$" + sum + "$x",
	} {
		if _, err := parsePHC(text); err == nil {
			t.Errorf("%s: taken", sentence)
		}
	}
}

func TestRandomPasswordsAreLongAndNeverTheSame(t *testing.T) {
	seen := map[string]bool{}
	for range 1000 {
		p := randomPassword()
		if len(p) != 19 || strings.ContainsAny(p, "01oilOIL") || seen[p] || checkPassword("p", "zhang", p) != nil {
			t.Fatalf("password %q", p)
		}
		seen[p] = true
	}
}

func TestAFloodOfLoginsNeitherHashesNorWaitsWithoutLimit(t *testing.T) {
	g := newGate(2, 1)
	leave1, err1 := g.enter(context.Background())
	leave2, err2 := g.enter(context.Background())
	if err1 != nil || err2 != nil {
		t.Fatal(err1, err2)
	}
	gone, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := g.enter(gone); kratos.Reason(err) != "BUSY" {
		t.Errorf("a third hashes: %v", err)
	}
	entered := make(chan func())
	go func() {
		leave, err := g.enter(context.Background())
		if err != nil {
			t.Error(err)
		}
		entered <- leave
	}()
	for len(g.queue) < 3 { // until the one behind the door waits
		select {
		case <-entered:
			t.Fatal("a third hashes")
		default:
		}
	}
	if _, err := g.enter(context.Background()); kratos.Reason(err) != "BUSY" {
		t.Errorf("a fourth waits: %v", err)
	}
	leave1()
	(<-entered)()
	leave2()
	if len(g.inside) != 0 || len(g.queue) != 0 {
		t.Error("somebody never left")
	}
}

func TestAnUnknownLoginCostsTheSameWork(t *testing.T) {
	p, err := parsePHC(hashPassword("x"))
	if err != nil {
		t.Fatal(err)
	}
	s, err := New(nil, nil, Options{Seal: flip, Open: flip})
	if err != nil {
		t.Fatal(err)
	}
	n, err := parsePHC(s.nobody)
	if err != nil || n.memory != p.memory || n.time != p.time || n.lanes != p.lanes || len(n.hash) != len(p.hash) {
		t.Errorf("nobody's hash: %+v, %v", n, err)
	}
	if _, err := New(nil, nil, Options{}); err == nil {
		t.Error("signing keys would lie open")
	}
}
