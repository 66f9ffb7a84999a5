package seal

import (
	"bytes"
	"slices"

	federationv1 "hotline/api/federation/v1"
)

// For closes a box as commands carry it.
func For(to *federationv1.Key, about About, plain []byte) (*federationv1.Sealed, error) {
	box, err := Seal(to, about, plain)
	if err != nil {
		return nil, err
	}
	return &federationv1.Sealed{City: about.Receiver, Key: to.ID(), Sealed: box}, nil
}

// Ring (密钥环) is a city's private keys, the newest last. After a rotation the old one stays until no box on the way needs it. A Ring never
// changes; Add and Drop give another.
type Ring struct {
	keys []*Private
}

// Add puts a new key in force.
func (r Ring) Add(p *Private) Ring { return Ring{append(slices.Clip(r.keys), p)} }

// Drop forgets a key: what was sealed to it can't be opened here any more.
func (r Ring) Drop(keyID []byte) Ring {
	return Ring{slices.DeleteFunc(slices.Clone(r.keys), func(p *Private) bool { return bytes.Equal(p.public.ID(), keyID) })}
}

// Public is the key in force, nil if there is none.
func (r Ring) Public() *federationv1.Key {
	if len(r.keys) == 0 {
		return nil
	}
	return r.keys[len(r.keys)-1].public
}

// Open opens a box that is for this city.
func (r Ring) Open(about About, box *federationv1.Sealed) ([]byte, error) {
	if box.GetCity() != about.Receiver {
		return nil, ErrUnreadable
	}
	for _, p := range r.keys {
		if bytes.Equal(p.public.ID(), box.GetKey()) {
			return p.Open(about, box.GetSealed())
		}
	}
	return nil, ErrNoKey
}
