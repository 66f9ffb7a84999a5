// Package authority issues the certificates by which nodes know each other (节点证书): for the demo, for tests and for whoever has no
// authority of their own yet. A region that has one uses that.
package authority

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"math/big"
	"os"
	"path/filepath"
	"time"
)

// Authority is a CA whose key and certificate lie in a folder.
type Authority struct {
	folder string
	cert   *x509.Certificate
	key    *ecdsa.PrivateKey
}

// Open opens the authority of a folder; at first it makes one that is valid for ten years.
func Open(folder string) (*Authority, error) {
	a := &Authority{folder: folder}
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	text, err := os.ReadFile(a.path("ca.key"))
	if errors.Is(err, fs.ErrNotExist) {
		return a, a.found()
	}
	if err != nil {
		return nil, fmt.Errorf("authority: %w", err)
	}
	return a, a.read(text)
}

// CA is the file of its certificate.
func (a *Authority) CA() string { return a.path("ca.pem") }

func (a *Authority) path(name string) string { return filepath.Join(a.folder, name) }

func (a *Authority) found() (err error) {
	if a.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	template := &x509.Certificate{SerialNumber: serial(), Subject: pkix.Name{CommonName: "hotline nodes"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(10, 0, 0), KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &a.key.PublicKey, a.key)
	if err != nil {
		return err
	}
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	if err := write(a.CA(), "CERTIFICATE", der); err != nil {
		return err
	}
	return writeKey(a.path("ca.key"), a.key)
}

func (a *Authority) read(text []byte) error {
	block, _ := pem.Decode(text)
	cert, err := os.ReadFile(a.CA())
	if err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	outer, _ := pem.Decode(cert)
	if block == nil || outer == nil {
		return errors.New("authority: ca.key or ca.pem is no PEM file")
	}
	key, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	var ok bool
	if a.key, ok = key.(*ecdsa.PrivateKey); !ok {
		return errors.New("authority: ca.key is no key of this program")
	}
	a.cert, err = x509.ParseCertificate(outer.Bytes)
	return err
}

// Issue makes a certificate for a node, valid for two years, unless there is one; it says where the two files lie.
func (a *Authority) Issue(name string) (cert, key string, err error) {
	if _, err := os.Stat(a.path(name + ".pem")); err == nil {
		return a.path(name + ".pem"), a.path(name + ".key"), nil
	}
	return a.Renew(name)
}

// Renew makes a certificate in place of the one that is there. What is to be different in it is changed before it is signed.
func (a *Authority) Renew(name string, change ...func(*x509.Certificate)) (cert, key string, err error) {
	cert, key = a.path(name+".pem"), a.path(name+".key")
	k, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", "", err
	}
	template := &x509.Certificate{SerialNumber: serial(), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().AddDate(2, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	for _, c := range change {
		c(template)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.cert, &k.PublicKey, a.key)
	if err != nil {
		return "", "", err
	}
	if err := writeKey(key, k); err != nil {
		return "", "", err
	}
	return cert, key, write(cert, "CERTIFICATE", der)
}

// Revoke writes the list of revoked certificates (CRL) anew, with those of these files, and says where it lies.
func (a *Authority) Revoke(certs ...string) (list string, err error) {
	template := &x509.RevocationList{Number: serial(), ThisUpdate: time.Now(), NextUpdate: time.Now().AddDate(1, 0, 0)}
	for _, path := range certs {
		text, err := os.ReadFile(path)
		if err != nil {
			return "", fmt.Errorf("authority: %w", err)
		}
		block, _ := pem.Decode(text)
		if block == nil {
			return "", fmt.Errorf("authority: %s is no PEM file", path)
		}
		c, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return "", fmt.Errorf("authority: %w", err)
		}
		template.RevokedCertificateEntries = append(template.RevokedCertificateEntries, x509.RevocationListEntry{SerialNumber: c.SerialNumber, RevocationTime: time.Now()})
	}
	der, err := x509.CreateRevocationList(rand.Reader, template, a.cert, a.key)
	if err != nil {
		return "", fmt.Errorf("authority: %w", err)
	}
	return a.path("revoked.pem"), write(a.path("revoked.pem"), "X509 CRL", der)
}

func serial() *big.Int {
	n, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		panic("authority: no random numbers: " + err.Error())
	}
	return n
}

func writeKey(path string, k *ecdsa.PrivateKey) error {
	der, err := x509.MarshalPKCS8PrivateKey(k)
	if err != nil {
		return err
	}
	return write(path, "PRIVATE KEY", der)
}

func write(path, kind string, der []byte) error {
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: der}), 0o600); err != nil {
		return fmt.Errorf("authority: %w", err)
	}
	return nil
}
