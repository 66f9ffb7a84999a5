package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/golang-jwt/jwt/v5"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/ent/store"
)

const (
	accessLife  = 10 * time.Minute
	sessionLife = 12 * time.Hour
	party       = "hotline" // who issues tokens, and for whom
)

// claims are what an access token says; roles are not among them, because they must count at once when they change.
type claims struct {
	jwt.RegisteredClaims
	Tenant  string `json:"ten"`
	Session string `json:"sid"`
}

// bearer takes the token out of an Authorization header ("Bearer …") or takes it as it is; only what looks like a signed
// token of bearable size passes.
func bearer(header string) (string, bool) {
	if len(header) >= 7 && strings.EqualFold(header[:7], "Bearer ") {
		header = header[7:]
	}
	token := strings.TrimSpace(header)
	return token, len(token) <= 2048 && strings.Count(token, ".") == 2 && !strings.ContainsAny(token, " \t\r\n")
}

// issue signs an access token for the session and names its refresh token. Inside a writing transaction.
func (s *Service) issue(ctx context.Context, session *ent.Session, secret string) (*pb.Tokens, error) {
	k, err := s.signer(ctx)
	if err != nil {
		return nil, err
	}
	now := store.Now(ctx)
	expires := now.Add(accessLife)
	if session.ExpiresAt.Before(expires) {
		expires = session.ExpiresAt
	}
	expires = expires.Truncate(time.Second) // what the token keeps
	t := jwt.NewWithClaims(jwt.SigningMethodEdDSA, claims{
		RegisteredClaims: jwt.RegisteredClaims{
			Issuer: party, Audience: jwt.ClaimStrings{party}, Subject: session.AccountID.String(),
			IssuedAt: jwt.NewNumericDate(now), ExpiresAt: jwt.NewNumericDate(expires),
		},
		Tenant: session.City, Session: session.ID.String(),
	})
	t.Header["kid"] = k.kid
	signed, err := t.SignedString(k.private)
	if err != nil {
		return nil, fmt.Errorf("sign access token: %w", err)
	}
	return &pb.Tokens{
		AccessToken: signed, AccessExpireTime: timestamppb.New(expires),
		RefreshToken: session.ID.String() + "." + secret, RefreshExpireTime: timestamppb.New(session.ExpiresAt),
	}, nil
}

var errToken = errors.New("token")

// verify checks an access token's signature and times. errToken for whatever is wrong with it; other errors are ours.
func (s *Service) verify(ctx context.Context, token string) (*claims, error) {
	now := store.Moment(ctx)
	sum := sha256.Sum256([]byte(token))
	if p, ok := s.proven.get(sum); ok && now.Before(p.claims.ExpiresAt.Time) {
		k, err := s.verifier(ctx, p.kid)
		if err != nil {
			return nil, err
		}
		if k != nil {
			return p.claims, nil
		}
	}
	c, kid, broken := &claims{}, "", error(nil)
	_, err := jwt.NewParser(jwt.WithValidMethods([]string{jwt.SigningMethodEdDSA.Alg()}), jwt.WithStrictDecoding(),
		jwt.WithIssuer(party), jwt.WithAudience(party), jwt.WithExpirationRequired(),
		jwt.WithTimeFunc(func() time.Time { return now }),
	).ParseWithClaims(token, c, func(t *jwt.Token) (any, error) {
		kid, _ = t.Header["kid"].(string)
		k, err := s.verifier(ctx, kid)
		if err != nil {
			broken = err
		}
		if k == nil {
			return nil, errToken
		}
		return k.public, nil
	})
	if broken != nil {
		return nil, broken
	}
	if err != nil {
		return nil, errToken
	}
	s.proven.put(sum, proof{c, kid})
	return c, nil
}

// proof is a token whose signature was good, and the key it was good with.
type proof struct {
	claims *claims
	kid    string
}

// proven remembers signatures that were checked, because a screen sends the same token a hundred times. It holds two
// generations: what was not asked for since the last change of generations is forgotten.
type proven struct {
	mu         sync.Mutex
	size       int
	young, old map[[sha256.Size]byte]proof
}

func newProven(size int) *proven {
	return &proven{size: size, young: map[[sha256.Size]byte]proof{}}
}

func (p *proven) get(sum [sha256.Size]byte) (proof, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	v, ok := p.young[sum]
	if !ok {
		if v, ok = p.old[sum]; ok {
			p.add(sum, v)
		}
	}
	return v, ok
}

func (p *proven) put(sum [sha256.Size]byte, v proof) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.add(sum, v)
}

func (p *proven) add(sum [sha256.Size]byte, v proof) {
	if len(p.young) >= p.size {
		p.old, p.young = p.young, make(map[[sha256.Size]byte]proof, p.size)
	}
	p.young[sum] = v
}

// newSecret is the second half of a refresh token, and what is stored of it.
func newSecret() (secret string, stored []byte) {
	b := make([]byte, 32)
	_, _ = rand.Read(b) // never fails
	secret = base64.RawURLEncoding.EncodeToString(b)
	return secret, hashSecret(secret)
}

func hashSecret(secret string) []byte {
	sum := sha256.Sum256([]byte(secret))
	return sum[:]
}

// splitRefresh takes a refresh token apart: "session.secret", in the one spelling that issue writes.
func splitRefresh(token string) (session uuid.UUID, secret string, ok bool) {
	id, secret, ok := strings.Cut(token, ".")
	if !ok || len(id) != 36 {
		return uuid.Nil, "", false
	}
	session, err := uuid.Parse(id)
	if err != nil || session.String() != id {
		return uuid.Nil, "", false
	}
	b, err := base64.RawURLEncoding.Strict().DecodeString(secret)
	if err != nil || len(b) != 32 || base64.RawURLEncoding.EncodeToString(b) != secret {
		return uuid.Nil, "", false
	}
	return session, secret, true
}
