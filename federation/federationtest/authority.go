// Package federationtest runs real clusters of nodes in one process, over real sockets and real disks, with lines that can be
// cut and nodes that can be killed.
package federationtest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Authority is a CA for tests, which keeps what it issues in a folder.
type Authority struct {
	t      testing.TB
	folder string
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
	CA     string // its certificate's file
}

// NewAuthority makes a CA.
func NewAuthority(t testing.TB) *Authority {
	a := &Authority{t: t, folder: t.TempDir()}
	a.key = a.newKey()
	a.CA = filepath.Join(a.folder, "ca.pem")
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "test"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(20, 0, 0), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	a.cert = a.sign(a.CA, template, template, a.key)
	return a
}

// Issue makes a certificate for a node and says where it and its key lie. change may spoil it before it is signed.
func (a *Authority) Issue(name string, change ...func(*x509.Certificate)) (cert, key string) {
	k := a.newKey()
	template := &x509.Certificate{SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(20, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	for _, c := range change {
		c(template)
	}
	cert, key = filepath.Join(a.folder, name+".pem"), filepath.Join(a.folder, name+".key")
	a.sign(cert, template, a.cert, k)
	der, err := x509.MarshalPKCS8PrivateKey(k)
	a.must(err)
	a.write(key, "PRIVATE KEY", der)
	return cert, key
}

func (a *Authority) sign(path string, template, parent *x509.Certificate, key *ecdsa.PrivateKey) *x509.Certificate {
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, a.key)
	a.must(err)
	a.write(path, "CERTIFICATE", der)
	c, err := x509.ParseCertificate(der)
	a.must(err)
	return c
}

func (a *Authority) newKey() *ecdsa.PrivateKey {
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	a.must(err)
	return k
}

func (a *Authority) write(path, kind string, der []byte) {
	a.must(os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600))
}

func (a *Authority) must(err error) {
	a.t.Helper()
	if err != nil {
		a.t.Fatal(err)
	}
}

// Revoke writes the list of revoked certificates anew, with those of these files, and says where it lies.
func (a *Authority) Revoke(certs ...string) string {
	list := &x509.RevocationList{Number: big.NewInt(time.Now().UnixNano()), ThisUpdate: time.Now(), NextUpdate: time.Now().AddDate(1, 0, 0)}
	for _, path := range certs {
		text, err := os.ReadFile(path)
		a.must(err)
		block, _ := pem.Decode(text)
		c, err := x509.ParseCertificate(block.Bytes)
		a.must(err)
		list.RevokedCertificateEntries = append(list.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: time.Now()})
	}
	der, err := x509.CreateRevocationList(rand.Reader, list, a.cert, a.key)
	a.must(err)
	path := filepath.Join(a.folder, "revoked.pem")
	a.write(path, "X509 CRL", der)
	return path
}
