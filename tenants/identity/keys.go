package identity

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"hotline/ent"
	"hotline/ent/signingkey"
	"hotline/ent/store"
)

// remembered is how long a key read from the table is used without asking again: a key deleted there is dead soon after.
const remembered = time.Minute

// key is a signing key (签名密钥); private is nil until it has to sign.
type key struct {
	kid           string
	public        ed25519.PublicKey
	private       ed25519.PrivateKey
	verifiesUntil time.Time
	read          time.Time
}

// keyring remembers keys that are committed in the table.
type keyring struct {
	mu   sync.Mutex
	keys map[string]*key
}

func newKeyring() *keyring { return &keyring{keys: map[string]*key{}} }

func (r *keyring) get(kid string, now time.Time) *key {
	r.mu.Lock()
	defer r.mu.Unlock()
	k := r.keys[kid]
	if k == nil || now.Sub(k.read).Abs() > remembered {
		return nil
	}
	return k
}

func (r *keyring) put(k *key) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for kid, old := range r.keys {
		if old.verifiesUntil.Before(k.read) {
			delete(r.keys, kid)
		}
	}
	if old := r.keys[k.kid]; old != nil && k.private == nil && old.public.Equal(k.public) {
		k.private = old.private
	}
	r.keys[k.kid] = k
}

// verifier finds the key a token names, while it still verifies; nil otherwise.
func (s *Service) verifier(ctx context.Context, kid string) (*key, error) {
	now := store.Moment(ctx)
	k := s.keys.get(kid, now)
	if k == nil {
		var err error
		if k, err = s.readKey(ctx, kid); k == nil || err != nil {
			return nil, err
		}
	}
	if !now.Before(k.verifiesUntil) || len(k.public) != ed25519.PublicKeySize {
		return nil, nil
	}
	return k, nil
}

// readKey takes the key from the table into memory; nil when it isn't there.
func (s *Service) readKey(ctx context.Context, kid string) (k *key, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		row, err := s.db.Ent.SigningKey.Query().Where(signingkey.Kid(kid)).Only(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("signing key: %w", err)
		}
		k = &key{kid: row.Kid, public: row.Public, verifiesUntil: row.VerifiesUntil, read: store.Now(ctx)}
		store.AfterCommit(ctx, func() { s.keys.put(k) })
		return nil
	})
	return k, err
}

// signer is the key of the day, made at first need. Its name is the day's, so that two replicas at midnight agree on one.
// Inside a writing transaction.
func (s *Service) signer(ctx context.Context) (*key, error) {
	now := store.Now(ctx)
	day := now.Truncate(24 * time.Hour)
	kid := day.Format("k20060102")
	if k := s.keys.get(kid, now); k != nil && k.private != nil {
		return k, nil
	}
	row, err := s.db.Ent.SigningKey.Query().Where(signingkey.Kid(kid)).Only(ctx)
	if ent.IsNotFound(err) {
		row, err = s.createKey(ctx, kid, day.Add(24*time.Hour))
	}
	if err != nil {
		return nil, fmt.Errorf("signing key: %w", err)
	}
	seed, err := s.opts.Open(row.Sealed)
	if err != nil {
		return nil, fmt.Errorf("open signing key %s: %w", kid, err)
	}
	if len(seed) != ed25519.SeedSize {
		return nil, errors.New("signing key " + kid + ": not a seed")
	}
	k := &key{kid: kid, public: row.Public, private: ed25519.NewKeyFromSeed(seed), verifiesUntil: row.VerifiesUntil, read: now}
	if !bytes.Equal(k.private.Public().(ed25519.PublicKey), row.Public) {
		return nil, errors.New("signing key " + kid + ": its halves don't fit")
	}
	store.AfterCommit(ctx, func() { s.keys.put(k) }) // not before: another replica's key may be the one that stays
	return k, nil
}

func (s *Service) createKey(ctx context.Context, kid string, signsUntil time.Time) (*ent.SigningKey, error) {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	sealed, err := s.opts.Seal(private.Seed())
	if err != nil {
		return nil, fmt.Errorf("seal: %w", err)
	}
	err = s.db.Ent.SigningKey.Create().SetKid(kid).SetPublic(public).SetSealed(sealed).SetSignsUntil(signsUntil).
		SetVerifiesUntil(signsUntil.Add(2 * accessLife)).SetCreatedAt(store.Now(ctx)).
		OnConflictColumns(signingkey.FieldKid).Ignore().Exec(ctx)
	if err != nil {
		return nil, err
	}
	return s.db.Ent.SigningKey.Query().Where(signingkey.Kid(kid)).Only(ctx)
}

// RewrapKeys (更换主密钥) seals the signing keys that still count by the master key of now; tokens stay good.
func (s *Service) RewrapKeys(ctx context.Context) error {
	return s.db.Do(ctx, func(ctx context.Context) error {
		rows, err := s.db.Ent.SigningKey.Query().Where(signingkey.VerifiesUntilGT(store.Now(ctx))).All(ctx)
		if err != nil {
			return fmt.Errorf("signing keys: %w", err)
		}
		for _, r := range rows {
			seed, err := s.opts.Open(r.Sealed)
			if err != nil {
				return fmt.Errorf("open signing key %s: %w", r.Kid, err)
			}
			sealed, err := s.opts.Seal(seed)
			if err != nil {
				return fmt.Errorf("seal: %w", err)
			}
			if err := r.Update().SetSealed(sealed).Exec(ctx); err != nil {
				return fmt.Errorf("signing key %s: %w", r.Kid, err)
			}
		}
		return nil
	})
}

type jwk struct {
	Kty string `json:"kty"`
	Crv string `json:"crv"`
	Alg string `json:"alg"`
	Use string `json:"use"`
	Kid string `json:"kid"`
	X   string `json:"x"`
}

// JWKS is the content of /.well-known/jwks.json: the public halves of all keys that still verify.
func (s *Service) JWKS(ctx context.Context) ([]byte, error) {
	set := struct {
		Keys []jwk `json:"keys"`
	}{[]jwk{}}
	err := s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.db.Ent.SigningKey.Query().Where(signingkey.VerifiesUntilGT(store.Now(ctx))).
			Order(ent.Asc(signingkey.FieldKid)).All(ctx)
		for _, r := range rows {
			set.Keys = append(set.Keys, jwk{"OKP", "Ed25519", "EdDSA", "sig", r.Kid, base64.RawURLEncoding.EncodeToString(r.Public)})
		}
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("signing keys: %w", err)
	}
	return json.Marshal(set)
}
