package consolidation

import (
	"context"
	"time"

	"hotline/ent"
)

// Age makes the memory as old as it is after a while.
func (s *Service) Age() {
	a := *s.memory.Load()
	a.seen = time.Time{}
	s.memory.Store(&a)
}

// Late hands the key over by what is known now, whenever it is called.
func (s *Service) Late(ctx context.Context) (func(ctx context.Context) error, error) {
	a, err := s.fresh(ctx)
	return func(ctx context.Context) error {
		return s.db.Do(ctx, func(ctx context.Context) error {
			return s.rekey(ctx, a, &ent.KeyProposal{Slot: len(a.eras) + 1, Suite: "sm", Reason: "年度例行更换"})
		})
	}, err
}

// Thief (窃密者) has a private key of the office, or one of its own.
type Thief struct{ key *officeKey }

// Steal takes the office's key as it is now.
func (s *Service) Steal(ctx context.Context) (*Thief, error) {
	key, err := s.office(nowhere(ctx))
	return &Thief{key}, err
}

// Forge makes a key that is nobody's.
func Forge(suite string) (*Thief, error) {
	key, err := newKey(suite)
	return &Thief{key}, err
}

// Public is the public half.
func (t *Thief) Public() string { return t.key.public }

// List signs a list as the version after another.
func (t *Thief) List(after *Document, change func(d *Document)) []byte {
	d := *after
	d.Version, d.Previous, d.Key, d.digest, d.Issued = after.Version+1, after.Digest(), t.key.public, "", time.Unix(1_780_000_000, 0)
	d.Entries = append([]Entry(nil), after.Entries...)
	change(&d)
	d.Signature, _ = t.key.sign(d.body())
	return d.Bytes()
}

// Act makes an act by which a key of the thief replaces the one before; old signs it, if there is one.
func (t *Thief) Act(k KeyAct, old *Thief) []byte {
	k.New = t.key.public
	k.Proof, _ = t.key.sign(k.body())
	if k.Handed = nil; old != nil {
		k.Handed, _ = old.key.sign(k.body())
	}
	return k.Bytes()
}
