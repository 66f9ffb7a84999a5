package federation

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"
)

// identity is who this node is and whom it trusts.
type identity struct {
	name string
	cert tls.Certificate
	ca   *x509.CertPool
	// The CA's certificates one by one, and the file that lists those that it revoked.
	issuers []*x509.Certificate
	list    string
}

// loadIdentity reads the three files and finds at start what would otherwise be an unexplained silence on the line.
func loadIdentity(c *Config) (*identity, error) {
	text, err := os.ReadFile(c.CA)
	if err != nil {
		return nil, fmt.Errorf("the CA file can't be read: %w", err)
	}
	id := &identity{name: c.Name, ca: x509.NewCertPool(), list: c.Revoked, issuers: certificates(text)}
	if !id.ca.AppendCertsFromPEM(text) {
		return nil, fmt.Errorf("the CA file %s holds no certificate in PEM", c.CA)
	}
	if id.cert, err = tls.LoadX509KeyPair(c.Certificate, c.Key); err != nil {
		return nil, fmt.Errorf("the certificate %s and its key %s can't be used: %w", c.Certificate, c.Key, err)
	}
	if err := id.check(c.Certificate, c.CA, c.Now()); err != nil {
		return nil, err
	}
	lists, err := id.revocations()
	if err == nil {
		err = id.current(lists, c.Now())
	}
	if err != nil {
		return nil, err
	}
	if id.isRevoked(id.cert.Leaf) {
		return nil, fmt.Errorf("the certificate %s was revoked by its CA: have another one issued", c.Certificate)
	}
	return id, nil
}

func certificates(text []byte) (out []*x509.Certificate) {
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		if c, err := x509.ParseCertificate(block.Bytes); err == nil {
			out = append(out, c)
		}
	}
	return out
}

// revocations reads the lists of revoked certificates, one of each CA; nil if there is no file.
func (id *identity) revocations() (lists []*x509.RevocationList, err error) {
	if id.list == "" {
		return nil, nil
	}
	text, err := os.ReadFile(id.list)
	if err != nil {
		return nil, fmt.Errorf("the list of revoked certificates can't be read: %w", err)
	}
	bad := fmt.Errorf("the file %s is no list of revoked certificates (CRL) of this network's CA in PEM", id.list)
	for block, rest := pem.Decode(text); block != nil; block, rest = pem.Decode(rest) {
		list, err := x509.ParseRevocationList(block.Bytes)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", bad, err)
		}
		if !slices.ContainsFunc(id.issuers, func(c *x509.Certificate) bool { return list.CheckSignatureFrom(c) == nil }) {
			return nil, bad
		}
		lists = append(lists, list)
	}
	if len(lists) == 0 {
		return nil, bad
	}
	return lists, nil
}

// current refuses a list that its CA should have replaced: whoever was revoked since is not on it. That is said at start, when somebody is
// there to fetch the next one; a list that grows old while the node runs goes on to count, or forgetting it would cut the city off.
func (id *identity) current(lists []*x509.RevocationList, now time.Time) error {
	for _, l := range lists {
		if !l.NextUpdate.IsZero() && now.After(l.NextUpdate) {
			return fmt.Errorf("the list of revoked certificates %s was to be replaced by %s: have the CA issue the next one", id.list, l.NextUpdate.Format(time.DateOnly))
		}
	}
	return nil
}

// isRevoked looks into the list as it is now; if that is damaged, everybody is: who spoils the file must not open the door.
func (id *identity) isRevoked(c *x509.Certificate) bool {
	list, err := id.revocations()
	if err != nil {
		return true
	}
	return onList(list, c)
}

// onList says that the CA which issued a certificate lists it; another CA may have given the same number to another one. Which key it was is
// compared where both say so: a certificate made without extensions does not.
func onList(lists []*x509.RevocationList, c *x509.Certificate) bool {
	return slices.ContainsFunc(lists, func(l *x509.RevocationList) bool {
		sameKey := len(l.AuthorityKeyId) == 0 || len(c.AuthorityKeyId) == 0 || bytes.Equal(l.AuthorityKeyId, c.AuthorityKeyId)
		return bytes.Equal(l.RawIssuer, c.RawIssuer) && sameKey &&
			slices.ContainsFunc(l.RevokedCertificateEntries, func(e x509.RevocationListEntry) bool { return e.SerialNumber.Cmp(c.SerialNumber) == 0 })
	})
}

// listed tells one state of the file of revoked certificates from another.
func (id *identity) listed() string {
	if id.list == "" {
		return ""
	}
	f, err := os.Stat(id.list)
	if err != nil {
		return err.Error()
	}
	return fmt.Sprint(f.ModTime().UnixNano(), f.Size())
}

// refuseRevoked is asked at the end of every handshake.
func (id *identity) refuseRevoked(s tls.ConnectionState) error {
	if id.isRevoked(s.PeerCertificates[0]) {
		return errors.New("the certificate was revoked, or the list of revoked certificates can't be read")
	}
	return nil
}

func (id *identity) check(certFile, caFile string, now time.Time) error {
	leaf, between := id.cert.Leaf, x509.NewCertPool()
	for _, der := range id.cert.Certificate[1:] {
		if c, err := x509.ParseCertificate(der); err == nil {
			between.AddCert(c)
		}
	}
	if err := leaf.VerifyHostname(id.name); err != nil {
		return fmt.Errorf("the certificate %s names %q, not this node %q: have one issued with the node's name as a DNS name",
			certFile, strings.Join(leaf.DNSNames, ", "), id.name)
	}
	for _, usage := range []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth} {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: id.ca, Intermediates: between, CurrentTime: now, KeyUsages: []x509.ExtKeyUsage{usage}})
		invalid := x509.CertificateInvalidError{}
		switch {
		case err == nil:
		case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
			return fmt.Errorf("the certificate %s holds from %s to %s, and this machine's clock says %s: renew it or set the clock",
				certFile, leaf.NotBefore.Format(time.DateOnly), leaf.NotAfter.Format(time.DateOnly), now.Format(time.DateTime))
		case errors.As(err, &invalid) && invalid.Reason == x509.IncompatibleUsage:
			return fmt.Errorf("the certificate %s must be issued for both server and client: a node is both", certFile)
		default:
			return fmt.Errorf("the certificate %s was not issued by the CA in %s (%w): take the certificate and the CA of the same network", certFile, caFile, err)
		}
	}
	return nil
}

func (id *identity) server() *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{id.cert}, ClientAuth: tls.RequireAndVerifyClientCert,
		ClientCAs: id.ca, SessionTicketsDisabled: true, VerifyConnection: id.refuseRevoked}
}

// client is how the node called peer is dialled: whoever answers must hold that name.
func (id *identity) client(peer string) *tls.Config {
	return &tls.Config{MinVersion: tls.VersionTLS13, Certificates: []tls.Certificate{id.cert}, RootCAs: id.ca, ServerName: peer,
		VerifyConnection: id.refuseRevoked}
}

// distrust says in a sentence why two nodes don't trust each other; empty if that is not what is wrong.
func distrust(p Peer, err error) string {
	unknown, wrongName, alert := x509.UnknownAuthorityError{}, x509.HostnameError{}, tls.AlertError(0)
	switch {
	case errors.As(err, &unknown):
		return fmt.Sprintf("%s at %s shows a certificate of another CA: both nodes need certificates of the same CA", p.Name, p.Address)
	case errors.As(err, &wrongName):
		return fmt.Sprintf("whoever answers at %s is not %s (%s): correct the address or the name in the list of voters", p.Address, p.Name, wrongName.Error())
	case errors.As(err, &alert) || strings.Contains(fmt.Sprint(err), "remote error: tls"):
		return fmt.Sprintf("%s at %s refuses this node's certificate (%v): both nodes need certificates of the same CA", p.Name, p.Address, err)
	}
	return ""
}
