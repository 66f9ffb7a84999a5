package federation

import (
	"crypto/x509"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"

	"hotline/federation/authority"
)

// Two CAs may give the same number to different certificates; the list of one says nothing of the other's.
func TestAListOfRevokedCertificatesCountsForItsOwnCAAlone(t *testing.T) {
	number := func(c *x509.Certificate) { c.SerialNumber = big.NewInt(7) }
	var both, certs []string
	var lists []byte
	for range 2 {
		ca, err := authority.Open(t.TempDir())
		if err != nil {
			t.Fatal(err)
		}
		cert, _, err := ca.Renew("110000-1", number)
		if err != nil {
			t.Fatal(err)
		}
		certs, both = append(certs, cert), append(both, ca.CA())
		var revoked []string
		if len(certs) == 1 {
			revoked = []string{cert}
		}
		list, err := ca.Revoke(revoked...)
		if err != nil {
			t.Fatal(err)
		}
		lists = append(lists, read(t, list)...)
	}
	id := &identity{list: filepath.Join(t.TempDir(), "revoked.pem")}
	if err := os.WriteFile(id.list, lists, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, ca := range both {
		id.issuers = append(id.issuers, certificates(read(t, ca))...)
	}
	for i, path := range certs {
		block, _ := pem.Decode(read(t, path))
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			t.Fatal(err)
		}
		if id.isRevoked(c) != (i == 0) {
			t.Errorf("certificate 7 of CA %d: revoked is %v", i, i != 0)
		}
		if c.AuthorityKeyId = nil; i == 0 && !id.isRevoked(c) {
			t.Error("a revoked certificate that does not say which key signed it passes")
		}
	}
}

func read(t *testing.T, path string) []byte {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return b
}
