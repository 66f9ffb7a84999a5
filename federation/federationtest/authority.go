// Package federationtest runs real clusters of nodes in one process, over real sockets and real disks, with lines that can be
// cut and nodes that can be killed.
package federationtest

import (
	"crypto/x509"
	"testing"

	"hotline/federation/authority"
)

// Authority is a CA whose failures are the test's.
type Authority struct {
	t  testing.TB
	ca *authority.Authority
	CA string // its certificate's file
}

// NewAuthority makes a CA.
func NewAuthority(t testing.TB) *Authority {
	a := &Authority{t: t}
	var err error
	a.ca, err = authority.Open(t.TempDir())
	a.must(err)
	a.CA = a.ca.CA()
	return a
}

// Issue makes a certificate for a node, always a new one, and says where it and its key lie. change may spoil it before it is signed.
func (a *Authority) Issue(name string, change ...func(*x509.Certificate)) (cert, key string) {
	cert, key, err := a.ca.Renew(name, change...)
	a.must(err)
	return cert, key
}

// Revoke writes the list of revoked certificates anew, with those of these files, and says where it lies.
func (a *Authority) Revoke(certs ...string) string {
	list, err := a.ca.Revoke(certs...)
	a.must(err)
	return list
}

func (a *Authority) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}
