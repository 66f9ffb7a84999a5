package federationv1

import "crypto/sha256"

// ID names a public key (密钥编号) in commands and on boxes: the first half of the SHA-256 of its algorithm and its bytes. It can't be chosen.
func (x *Key) ID() []byte {
	sum := sha256.Sum256(append([]byte{byte(x.GetAlgorithm())}, x.GetPublic()...))
	return sum[:16]
}
