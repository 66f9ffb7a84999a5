package federationtest

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"sync"
	"testing"
	"time"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation/ledger"
	"hotline/federation/seal"
)

// Cities are the cities of a region with their keys; the first coordinates.
type Cities struct {
	t     testing.TB
	Codes []string
	keys  map[string]*cityKeys

	mu   sync.Mutex
	last map[string]uint64   // the highest number of a transfer
	free map[string][]uint64 // that were refused
}

// number is one under which a city has offered nothing yet.
func (c *Cities) number(code string) uint64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	if free := c.free[code]; len(free) > 0 {
		c.free[code] = free[1:]
		return free[0]
	}
	c.last[code]++
	return c.last[code]
}

// giveBack is for a number whose offer was refused: too many gaps are no longer numbers that the ledger takes.
func (c *Cities) giveBack(i *federationv1.TransferId) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.free[i.GetOrigin()] = append(c.free[i.GetOrigin()], i.GetNumber())
}

type cityKeys struct {
	signing *federationv1.Key
	private ed25519.PrivateKey
	ring    seal.Ring
}

// NewCities makes keys for so many cities: 110000, 120000 and so on.
func NewCities(t testing.TB, codes ...string) *Cities {
	c := &Cities{t: t, Codes: codes, keys: map[string]*cityKeys{}, last: map[string]uint64{}, free: map[string][]uint64{}}
	for _, code := range codes {
		seed := sha256.Sum256([]byte("signing " + code))
		private := ed25519.NewKeyFromSeed(seed[:])
		box, err := seal.Generate(seal.AES)
		if err != nil {
			t.Fatal(err)
		}
		c.keys[code] = &cityKeys{private: private, ring: seal.Ring{}.Add(box),
			signing: &federationv1.Key{Algorithm: federationv1.Algorithm_ED25519, Public: private.Public().(ed25519.PublicKey)}}
	}
	return c
}

// Genesis is what a group of these cities is founded with.
func (c *Cities) Genesis(group string) ledger.Genesis {
	first := c.keys[c.Codes[0]]
	return ledger.Genesis{Group: group, Coordinator: c.Codes[0], Signing: first.signing, Sealing: first.ring.Public()}
}

// Sign fills in what every command needs and signs it.
func (c *Cities) Sign(group, who string, now time.Time, nonce uint64, command *federationv1.Command) []byte {
	return c.SignAll(who, 1, fill(group, who, now, nonce, command))[0]
}

// SignAll signs acts of a city together, where the region's version knows that.
func (c *Cities) SignAll(who string, version uint32, commands ...*federationv1.Command) [][]byte {
	signed, err := ledger.SignAll(commands, c.keys[who].signing, c.keys[who].private, version)
	if err != nil {
		c.t.Error(err)
	}
	return signed
}

// fill puts in what every command needs. The id follows from the words, so that a test has the same ones each time.
func fill(group, who string, now time.Time, nonce uint64, command *federationv1.Command) *federationv1.Command {
	id := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(who), nonce))
	command.Id, command.Group, command.City, command.Time = bytes.Clone(id[:16]), group, who, now.UnixMilli()
	return command
}

// openly is what every offer says for all to read.
const openly = "噪声"

// Offer is an offer with the least that it needs, its content sealed to the target.
func (c *Cities) Offer(group string, i *federationv1.TransferId, to string, now time.Time) *federationv1.Offer {
	box, err := seal.For(c.keys[to].ring.Public(), seal.About{Group: group, Transfer: i, Receiver: to}, []byte(Planted))
	if err != nil {
		c.t.Fatal(err)
	}
	at := func(d time.Duration) int64 { return now.Add(d).UnixMilli() }
	return &federationv1.Offer{Target: to, Mode: federationv1.Mode_COLD, Urgency: federationv1.Urgency_ORDINARY, Order: "CN" + i.String(), Category: openly,
		TargetCategory: openly, Basis: "属地", SignDue: at(12 * time.Hour), AnswerDue: at(24 * time.Hour), Started: at(0), Callback: to, Consent: true,
		Sealed: []*federationv1.Sealed{box}}
}

// Joining makes a city a member; what it knows it announces later.
func (c *Cities) Joining(code string) *federationv1.Command {
	k := c.keys[code]
	return &federationv1.Command{Act: &federationv1.Command_Join{Join: &federationv1.Join{
		City: code, Signing: k.signing, Sealing: k.ring.Public(), Speaks: 1,
	}}}
}

// Others are the cities but for one.
func (c *Cities) Others(code string) []string {
	return slices.DeleteFunc(slices.Clone(c.Codes), func(other string) bool { return other == code })
}
