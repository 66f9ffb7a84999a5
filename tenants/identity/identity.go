// Package identity knows the people (人员): their passwords, sessions and tokens, and the posts they hold in a city. It is
// the Sessions and the Accounts service of the contract. See DESIGN.md.
package identity

import (
	"context"
	"errors"
	"net"
	"net/netip"

	pb "hotline/api/tenant/v1"
	"hotline/ent/store"
	"hotline/tenants/access"
)

// Options are what the identity service needs from its surroundings.
type Options struct {
	// Seal and Open wrap the private halves of signing keys with the master key (主密钥).
	Seal func(plain []byte) ([]byte, error)
	Open func(sealed []byte) ([]byte, error)
	// Record writes a line into the city's record (审计记录) inside the transaction of the change itself; may be nil in tests.
	Record func(ctx context.Context, act, summary string) error
}

// Service answers for identity. It is safe for many goroutines.
type Service struct {
	pb.UnsafeSessionsServer // unsafe only for servers that forget a method: here the compiler says so
	pb.UnsafeAccountsServer

	db      *store.Store
	access  *access.Access
	opts    Options
	hashing *gate
	nobody  string // hash of a password nobody knows: what a login that does not exist is compared with
	keys    *keyring
	proven  *proven
}

// New makes the service.
func New(db *store.Store, acc *access.Access, opts Options) (*Service, error) {
	if opts.Seal == nil || opts.Open == nil {
		return nil, errors.New("identity: signing keys need Seal and Open")
	}
	if opts.Record == nil {
		opts.Record = func(context.Context, string, string) error { return nil }
	}
	return &Service{
		db: db, access: acc, opts: opts,
		hashing: newGate(2, 64),
		nobody:  hashPassword(randomPassword()),
		keys:    newKeyring(),
		proven:  newProven(4096),
	}, nil
}

var (
	_ pb.SessionsServer = (*Service)(nil)
	_ pb.AccountsServer = (*Service)(nil)
)

type addressKey struct{}

// WithAddress says from which address the request comes ("host:port" or "host"); guessing is slowed down per address.
// People with IPv6 own a whole /64, so that is what counts as one address.
func WithAddress(ctx context.Context, address string) context.Context {
	if host, _, err := net.SplitHostPort(address); err == nil {
		address = host
	}
	if ip, err := netip.ParseAddr(address); err == nil {
		ip = ip.Unmap().WithZone("")
		address = ip.String()
		if prefix, err := ip.Prefix(64); err == nil && ip.Is6() {
			address = prefix.String()
		}
	}
	return context.WithValue(ctx, addressKey{}, address)
}

// AddressKey is the throttle key of the caller's address; empty when it is not known.
func AddressKey(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	if address == "" {
		return ""
	}
	return addressPrefix + address
}
