package identity

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/rsa"
	"encoding/base64"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"testing"
	"time"

	kratos "github.com/go-kratos/kratos/v2/errors"
	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/account"
	"hotline/ent/grant"
	"hotline/ent/signingkey"
	"hotline/tenants"
)

// rows are the signing keys in the table.
func (w *world) rows() (keys []*ent.SigningKey) {
	w.t.Helper()
	err := w.db.View(w.ctx(), func(ctx context.Context) (err error) {
		keys, err = w.db.Ent.SigningKey.Query().Order(ent.Asc(signingkey.FieldKid)).All(ctx)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return keys
}

// forge signs claims like those of the token, changed, with whatever key and header the forger likes.
func forge(t testing.TB, like string, method jwt.SigningMethod, key any, kid any, change func(jwt.MapClaims)) string {
	t.Helper()
	c := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(like, c); err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(c)
	}
	tok := jwt.NewWithClaims(method, c)
	if kid != nil {
		tok.Header["kid"] = kid
	}
	signed, err := tok.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestAnAccessTokenLivesTenMinutes(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		tokens := w.login("zhang", "")
		w.now = morning.Add(10*time.Minute - time.Second)
		w.identify(tokens.AccessToken)
		w.now = morning.Add(10 * time.Minute)
		_, err := w.Identify(w.ctx(), tokens.AccessToken) // also when its signature is remembered
		w.wants(err, "UNAUTHENTICATED")
		_, err = w.replica(w.db).Identify(w.ctx(), tokens.AccessToken)
		w.wants(err, "UNAUTHENTICATED")
	})
}

func TestForgedAndTamperedTokensAreRefusedInOneSentence(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		w.staff(ningbo, "zhang", role(tenants.CityAdmin))
		w.staff(hangzhou, "li", role(tenants.CityAdmin))
		good := w.login("zhang", hangzhou).AccessToken
		other := w.identify(w.login("li", "").AccessToken)
		for sentence, token := range w.forgeries(good, other) {
			v, err := w.Identify(w.ctx(), "Bearer "+token)
			if v != nil || kratos.Reason(err) != "UNAUTHENTICATED" || err.Error() != unauthenticated().Error() {
				w.t.Errorf("%s: %v, %v", sentence, v, err)
			}
		}
		w.identify(good)
	})
}

// forgeries are tokens by somebody who even knows our key; none of them may pass.
func (w *world) forgeries(good string, other *tenants.Viewer) map[string]string {
	w.t.Helper()
	row := w.rows()[0]
	seed, _ := flip(row.Sealed)
	real := ed25519.NewKeyFromSeed(seed)
	public, stranger, _ := ed25519.GenerateKey(rand.Reader)
	rsaKey, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		w.t.Fatal(err)
	}
	set := func(name string, value any) func(jwt.MapClaims) {
		return func(c jwt.MapClaims) { c[name] = value }
	}
	eddsa := func(change func(jwt.MapClaims)) string {
		return forge(w.t, good, jwt.SigningMethodEdDSA, real, row.Kid, change)
	}
	w.identify(eddsa(nil)) // the forger of these tests can sign: only what follows makes the difference
	parts := strings.Split(good, ".")
	flipped := []byte(parts[1])
	flipped[10] ^= 1
	return map[string]string{
		"nothing":                      "",
		"no token":                     "Basic emhhbmc6eA==",
		"alg none":                     forge(w.t, good, jwt.SigningMethodNone, jwt.UnsafeAllowNoneSignatureType, row.Kid, nil),
		"HS256 with the public key":    forge(w.t, good, jwt.SigningMethodHS256, []byte(row.Public), row.Kid, nil),
		"RS256":                        forge(w.t, good, jwt.SigningMethodRS256, rsaKey, row.Kid, nil),
		"a stranger's key":             forge(w.t, good, jwt.SigningMethodEdDSA, stranger, row.Kid, nil),
		"an unknown kid":               forge(w.t, good, jwt.SigningMethodEdDSA, stranger, "k20991231", nil),
		"no kid":                       forge(w.t, good, jwt.SigningMethodEdDSA, real, nil, nil),
		"a kid that is a number":       forge(w.t, good, jwt.SigningMethodEdDSA, real, 7, nil),
		"a kid that is an injection":   forge(w.t, good, jwt.SigningMethodEdDSA, stranger, "' or 1=1 --", nil),
		"its own key in the header":    embedded(w.t, good, stranger, public),
		"tampered claims":              parts[0] + "." + string(flipped) + "." + parts[2],
		"signature cut off":            parts[0] + "." + parts[1] + ".",
		"signature of another":         parts[0] + "." + parts[1] + "." + strings.Split(w.login("zhang", hangzhou).AccessToken, ".")[2],
		"another issuer":               eddsa(set("iss", "elsewhere")),
		"another audience":             eddsa(set("aud", "elsewhere")),
		"no expiry":                    eddsa(func(c jwt.MapClaims) { delete(c, "exp") }),
		"another city":                 eddsa(set("ten", ningbo)),
		"another account":              eddsa(set("sub", other.Account.String())),
		"another's session":            eddsa(set("sid", other.Session.String())),
		"an unknown session":           eddsa(set("sid", uuid.NewString())),
		"a session that is no id":      eddsa(set("sid", "x")),
		"claims of the wrong type":     eddsa(set("sid", 1)),
		"far too long":                 strings.Repeat("a", 1<<20) + ".b.c",
		"not yet valid":                eddsa(set("nbf", morning.Add(time.Hour).Unix())),
		"expired and signed correctly": eddsa(set("exp", morning.Unix())),
	}
}

func embedded(t testing.TB, like string, key ed25519.PrivateKey, public ed25519.PublicKey) string {
	t.Helper()
	c := jwt.MapClaims{}
	_, _, _ = jwt.NewParser().ParseUnverified(like, c)
	tok := jwt.NewWithClaims(jwt.SigningMethodEdDSA, c)
	tok.Header["jwk"] = map[string]string{"kty": "OKP", "crv": "Ed25519", "x": base64.RawURLEncoding.EncodeToString(public)}
	signed, err := tok.SignedString(key)
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestAGrantTakenAwayCountsOnTheNextRequest(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent), role(tenants.Reviewer))
		token := w.login("zhang", "").AccessToken
		elsewhere := w.replica(w.db)
		if v, err := elsewhere.Identify(w.ctx(), token); err != nil || !v.Has(tenants.Reviewer) {
			w.t.Fatalf("%v, %v", v, err)
		}
		w.drop("zhang", "reviewer")
		if v, err := elsewhere.Identify(w.ctx(), token); err != nil || v.Has(tenants.Reviewer) || !v.Has(tenants.Agent) {
			w.t.Errorf("%v, %v", v, err)
		}
		w.drop("zhang", "agent")
		_, err := elsewhere.Identify(w.ctx(), token)
		w.wants(err, "UNAUTHENTICATED")
	})
}

// drop takes a role away behind the service's back.
func (w *world) drop(login, role string) {
	w.t.Helper()
	err := w.db.Do(w.ctx(), func(ctx context.Context) error {
		id, err := w.db.Ent.Account.Query().Where(account.Login(login)).OnlyID(ctx)
		if err != nil {
			return err
		}
		_, err = w.db.Ent.Grant.Delete().Where(grant.AccountID(id), grant.Role(role)).Exec(ctx)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestKeysChangeDailyAndOverlap(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		w.now = time.Date(2026, 11, 23, 23, 59, 0, 0, time.UTC)
		old := w.login("zhang", "").AccessToken
		w.now = w.now.Add(2 * time.Minute)
		young := w.login("zhang", "").AccessToken
		rows := w.rows()
		if len(rows) != 2 || rows[0].Kid != "k20261123" || rows[1].Kid != "k20261124" {
			w.t.Fatalf("keys: %v", rows)
		}
		w.identify(old)
		w.identify(young)
		if got := w.jwks(); len(got) != 2 || got[0]["kid"] != "k20261123" || got[0]["x"] != base64.RawURLEncoding.EncodeToString(rows[0].Public) {
			w.t.Errorf("published: %v", got)
		}
		w.now = time.Date(2026, 11, 24, 0, 20, 0, 0, time.UTC)
		if got := w.jwks(); len(got) != 1 || got[0]["kid"] != "k20261124" || got[0]["alg"] != "EdDSA" || got[0]["d"] != "" {
			w.t.Errorf("published: %v", got)
		}
		seed, _ := flip(rows[0].Sealed)
		late := forge(w.t, old, jwt.SigningMethodEdDSA, ed25519.NewKeyFromSeed(seed), rows[0].Kid,
			func(c jwt.MapClaims) { c["exp"] = w.now.Add(time.Hour).Unix() })
		_, err := w.Identify(w.ctx(), late)
		w.wants(err, "UNAUTHENTICATED")
	})
}

func (w *world) jwks() []map[string]string {
	w.t.Helper()
	b, err := w.JWKS(w.ctx())
	if err != nil {
		w.t.Fatal(err)
	}
	var set struct{ Keys []map[string]string }
	if err := json.Unmarshal(b, &set); err != nil {
		w.t.Fatal(err)
	}
	return set.Keys
}

func TestReplicasThatStartTogetherAgreeOnOneKey(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		if got := w.jwks(); len(got) != 0 {
			w.t.Errorf("a key before anybody needs one: %v", got)
		}
		kids := make([]string, 4)
		var wg sync.WaitGroup
		for i := range kids {
			s := w.replica(w.db)
			wg.Go(func() {
				err := s.db.Do(w.ctx(), func(ctx context.Context) error {
					k, err := s.signer(ctx)
					if err == nil {
						kids[i] = string(k.public)
					}
					return err
				})
				if err != nil {
					w.t.Error(err)
				}
			})
		}
		wg.Wait()
		rows := w.rows()
		for _, k := range kids {
			if len(rows) != 1 || k != string(rows[0].Public) {
				w.t.Errorf("%d keys, one of them differs", len(rows))
			}
		}
		seed, _ := flip(rows[0].Sealed)
		if len(seed) != ed25519.SeedSize || string(rows[0].Sealed) == string(seed) {
			w.t.Error("the private half is not sealed")
		}
	})
}

func TestAKeyMadeInATransactionThatFailedSignsNothing(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		boom := errors.New("boom")
		err := w.db.Do(w.ctx(), func(ctx context.Context) error {
			if _, err := w.signer(ctx); err != nil {
				return err
			}
			return boom
		})
		if !errors.Is(err, boom) || len(w.rows()) != 0 {
			w.t.Fatalf("%v, %d keys", err, len(w.rows()))
		}
		if _, err := w.replica(w.db).Identify(w.ctx(), w.login("zhang", "").AccessToken); err != nil {
			w.t.Errorf("nobody else can verify it: %v", err)
		}
	})
}

func TestADeletedKeyIsDeadAMinuteLater(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		token := w.login("zhang", "").AccessToken
		w.identify(token)
		err := w.db.Do(w.ctx(), func(ctx context.Context) error {
			_, err := w.db.Ent.SigningKey.Delete().Exec(ctx)
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
		w.now = w.now.Add(61 * time.Second)
		_, err = w.Identify(w.ctx(), token)
		w.wants(err, "UNAUTHENTICATED")
	})
}

func TestABrokenSealIsOurFaultAndNotTheirs(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		w.login("zhang", "")
		other := w.replica(w.db)
		for sentence, open := range map[string]func([]byte) ([]byte, error){
			"another master key": func([]byte) ([]byte, error) { return nil, errors.New("wrong master") },
			"not a seed":         func([]byte) ([]byte, error) { return []byte("x"), nil },
			"another seed":       func([]byte) ([]byte, error) { return make([]byte, 32), nil },
		} {
			other.opts.Open = open
			err := other.db.Do(w.ctx(), func(ctx context.Context) error {
				_, err := other.signer(ctx)
				return err
			})
			if err == nil || kratos.Code(err) != 500 {
				w.t.Errorf("%s: %v", sentence, err)
			}
		}
	})
}

func TestMalformedRefreshTokensAreRefusedInOneSentence(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		good := w.login("zhang", "").RefreshToken
		id, rest, _ := strings.Cut(good, ".")
		for _, token := range []string{"", ".", id, id + ".", id + "." + rest[:42], id + "." + rest + "A", strings.ToUpper(id) + "." + rest,
			"{" + id + "}." + rest, uuid.NewString() + "." + rest, strings.Repeat("x", 200)} {
			_, err := w.Refresh(w.ctx(), refreshing(token))
			w.wants(err, "UNAUTHENTICATED")
		}
		if _, err := w.Refresh(w.ctx(), refreshing(good)); err != nil {
			w.t.Errorf("the session did not survive nonsense: %v", err)
		}
	})
}

func TestRememberedSignaturesStayFew(t *testing.T) {
	p := newProven(4)
	for i := range 100 {
		p.put([32]byte{byte(i)}, proof{kid: "k"})
		if len(p.young)+len(p.old) > 8 {
			t.Fatalf("%d remembered", len(p.young)+len(p.old))
		}
		if _, ok := p.get([32]byte{byte(i)}); !ok {
			t.Fatal("forgot the last one")
		}
	}
	if _, ok := p.get([32]byte{0}); ok {
		t.Error("remembers the first one")
	}
}
