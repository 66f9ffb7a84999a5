package crossing

import (
	"bytes"
	"context"
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/emmansun/gmsm/sm2"
	"github.com/emmansun/gmsm/smx509"
	"github.com/google/uuid"

	federationv1 "hotline/api/federation/v1"
	"hotline/ent"
	"hotline/ent/citykey"
	"hotline/ent/store"
	"hotline/federation"
	"hotline/federation/ledger"
	"hotline/federation/seal"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// Keys of a city (城市密钥): one pair to sign its acts, one to open what is sealed to it. Their private halves lie in the database like
// the citizens' data, under the city's own data key. Which of them is in force, the ledger of each region says.

const (
	signing = "signing"
	sealing = "sealing"
)

// Public (城市公钥) are the keys that the other cities know a city by.
type Public struct {
	City    string     `json:"city"`
	Signing *PublicKey `json:"signing"`
	Sealing *PublicKey `json:"sealing"`
	// Speaks is the newest version of the ledger that the process knows which printed the line; 0 in lines of before.
	Speaks uint32 `json:"speaks,omitempty"`
}

// PublicKey is one of them as it stands in a configuration.
type PublicKey struct {
	Algorithm string `json:"algorithm"`
	Public    []byte `json:"public"`
}

// Key is the same for the ledger.
func (p *PublicKey) Key() *federationv1.Key {
	return &federationv1.Key{Algorithm: federationv1.Algorithm(federationv1.Algorithm_value[p.Algorithm]), Public: p.Public}
}

func plainKey(k *federationv1.Key) *PublicKey {
	return &PublicKey{k.GetAlgorithm().String(), k.GetPublic()}
}

// String is the line that goes into the configuration of every node of a region.
func (p Public) String() string {
	b, err := json.Marshal(p)
	if err != nil {
		panic("crossing: public keys can't be written: " + err.Error())
	}
	return string(b)
}

// EnsureKeys gives the viewer's city its keys, the newest; it makes the first ones.
func (s *Service) EnsureKeys(ctx context.Context) (out Public, err error) {
	err = s.db.Do(ctx, func(ctx context.Context) error {
		pair, err := s.newest(ctx)
		if err == nil && pair == nil {
			if pair, err = s.makeKeys(ctx); err != nil {
				return err
			}
		}
		if err != nil {
			return err
		}
		out = Public{tenants.From(ctx).Tenant, plainKey(pair[signing]), plainKey(pair[sealing]), ledger.Version}
		return nil
	})
	return out, err
}

func (s *Service) newest(ctx context.Context) (map[string]*federationv1.Key, error) {
	pair := map[string]*federationv1.Key{}
	for _, purpose := range []string{signing, sealing} {
		row, err := s.db.Ent.CityKey.Query().Where(citykey.Purpose(purpose)).Order(ent.Desc(citykey.FieldID)).First(ctx)
		if ent.IsNotFound(err) {
			return nil, nil
		}
		if err != nil {
			return nil, fmt.Errorf("city keys: %w", err)
		}
		pair[purpose] = &federationv1.Key{Algorithm: federationv1.Algorithm(row.Algorithm), Public: row.Public}
	}
	return pair, nil
}

// makeKeys makes a new pair of each, of the city's cipher suite.
func (s *Service) makeKeys(ctx context.Context) (map[string]*federationv1.Key, error) {
	keys, err := s.vault.Keyring(ctx)
	if err != nil {
		return nil, err
	}
	suite, private, public, err := newSigner(keys.Suite())
	if err != nil {
		return nil, err
	}
	opener, err := seal.Generate(suite)
	if err != nil {
		return nil, err
	}
	secret, err := opener.Bytes()
	if err != nil {
		return nil, err
	}
	pair := map[string]*federationv1.Key{signing: public, sealing: opener.Public()}
	for purpose, private := range map[string][]byte{signing: private, sealing: secret} {
		id := uuid.Must(uuid.NewV7())
		sealed, err := keys.Seal(privacy.Text, id.String(), string(private))
		if err != nil {
			return nil, err
		}
		err = s.db.Ent.CityKey.Create().SetID(id).SetPurpose(purpose).SetAlgorithm(int(pair[purpose].GetAlgorithm())).SetPublic(pair[purpose].GetPublic()).
			SetPrivate(sealed).SetCreatedAt(store.Now(ctx)).Exec(ctx)
		if err != nil {
			return nil, fmt.Errorf("city key: %w", err)
		}
	}
	return pair, nil
}

// RotateKeys (更换密钥) gives the viewer's city new keys and makes them known to every region it is in. What was sealed to the old ones
// can still be opened, what waits in the outbox is signed with the new. Where a region did not answer, calling it again goes on with the
// same keys.
func (s *Service) RotateKeys(ctx context.Context) (Public, error) {
	me := tenants.From(ctx).Tenant
	keys, err := s.EnsureKeys(ctx)
	if err != nil {
		return keys, err
	}
	mine := slices.DeleteFunc(slices.Clone(s.regions()), func(r *federation.Region) bool { return !active(r.Ledger().Members(), me) })
	known := func(r *federation.Region) bool {
		m := member(r.Ledger().Members(), me)
		return bytes.Equal(inForce(m.GetSigning()).GetPublic(), keys.Signing.Public) && bytes.Equal(inForce(m.GetSealing()).GetPublic(), keys.Sealing.Public)
	}
	if !slices.ContainsFunc(mine, func(r *federation.Region) bool { return !known(r) }) {
		err := s.db.Do(ctx, func(ctx context.Context) error {
			pair, err := s.makeKeys(ctx)
			if err == nil {
				keys = Public{me, plainKey(pair[signing]), plainKey(pair[sealing]), ledger.Version}
			}
			return err
		})
		if err != nil {
			return keys, err
		}
	}
	for _, r := range mine {
		if known(r) {
			continue
		}
		rotate := &federationv1.RotateKeys{City: me, Signing: keys.Signing.Key(), Sealing: keys.Sealing.Key()}
		if err := s.Govern(ctx, r.Name(), &federationv1.Command{Act: &federationv1.Command_RotateKeys{RotateKeys: rotate}}); err != nil {
			return keys, fmt.Errorf("keys of %s in %s: %w", me, r.Name(), err)
		}
	}
	return keys, nil
}

func newSigner(suite privacy.Suite) (sealSuite seal.Suite, private []byte, public *federationv1.Key, err error) {
	if suite == privacy.SM {
		key, err := sm2.GenerateKey(rand.Reader)
		if err != nil {
			return 0, nil, nil, err
		}
		if private, err = smx509.MarshalSM2PrivateKey(key); err != nil {
			return 0, nil, nil, err
		}
		point, err := smPoint(&key.PublicKey)
		return seal.SM, private, &federationv1.Key{Algorithm: federationv1.Algorithm_SM2_SM3, Public: point}, err
	}
	pub, key, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		return 0, nil, nil, err
	}
	private, err = x509.MarshalPKCS8PrivateKey(key)
	return seal.AES, private, &federationv1.Key{Algorithm: federationv1.Algorithm_ED25519, Public: pub}, err
}

func smPoint(k *ecdsa.PublicKey) ([]byte, error) {
	p := make([]byte, 65)
	p[0] = 4
	k.X.FillBytes(p[1:33])
	k.Y.FillBytes(p[33:])
	return p, nil
}

// own are the city's private keys.
type own struct {
	signers map[string]crypto.Signer // by the id of the public key
	ring    seal.Ring
}

// keysOf opens the keys of the viewer's city, all that it ever had and has not thrown away.
func (s *Service) keysOf(ctx context.Context) (*own, error) {
	k, err := s.vault.Keyring(ctx)
	if err != nil {
		return nil, err
	}
	rows, err := s.db.Ent.CityKey.Query().Order(ent.Asc(citykey.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("city keys: %w", err)
	}
	o := &own{signers: map[string]crypto.Signer{}}
	for _, row := range rows {
		private, err := k.Secret(row.Private, row.ID.String())
		if err != nil {
			return nil, fmt.Errorf("city key: %w", err)
		}
		public := &federationv1.Key{Algorithm: federationv1.Algorithm(row.Algorithm), Public: row.Public}
		if row.Purpose == sealing {
			p, err := seal.Parse(public.GetAlgorithm(), []byte(private))
			if err != nil {
				return nil, fmt.Errorf("city key: %w", err)
			}
			o.ring = o.ring.Add(p)
			continue
		}
		signer, err := parseSigner(public.GetAlgorithm(), []byte(private))
		if err != nil {
			return nil, fmt.Errorf("city key: %w", err)
		}
		o.signers[string(public.ID())] = signer
	}
	return o, nil
}

var errSigner = errors.New("a signing key can't be read")

func parseSigner(algorithm federationv1.Algorithm, private []byte) (crypto.Signer, error) {
	if algorithm == federationv1.Algorithm_SM2_SM3 {
		return smx509.ParseSM2PrivateKey(private)
	}
	key, err := x509.ParsePKCS8PrivateKey(private)
	if signer, ok := key.(ed25519.PrivateKey); ok && err == nil {
		return signer, nil
	}
	return nil, errSigner
}

// inForce is the key of a member that the region knows it by now.
func inForce(list []*federationv1.Key) *federationv1.Key {
	if len(list) == 0 {
		return nil
	}
	return list[len(list)-1]
}

// signer is the city's private key that the region takes its acts by.
func (o *own) signer(m *federationv1.MemberRecord) (*federationv1.Key, crypto.Signer, error) {
	public := inForce(m.GetSigning())
	signer := o.signers[string(public.ID())]
	if signer == nil {
		return nil, nil, fmt.Errorf("this deployment does not have the signing key by which the region knows %s: its own are %d others", m.GetCity(), len(o.signers))
	}
	return public, signer, nil
}

// ReadPublic reads the line that Public.String gives.
func ReadPublic(b []byte) (p Public, err error) {
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(&p); err != nil {
		return p, fmt.Errorf("public keys: want the line that `hotline member keys` prints: %w", err)
	}
	if p.Signing == nil || p.Sealing == nil {
		return p, errors.New("public keys: want the line that `hotline member keys` prints: one of the two keys is missing")
	}
	return p, nil
}
