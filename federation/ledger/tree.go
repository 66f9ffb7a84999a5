package ledger

import (
	"crypto"
	"crypto/sha256"
	"math/bits"
	"slices"

	"google.golang.org/protobuf/proto"

	federationv1 "hotline/api/federation/v1"
)

// A city whose acts wait together signs them together (签名树): the hashes of their bytes are the leaves of a tree, and it signs the head.
// Each act carries that signature with the way from its leaf to the head (签名枝), so whoever has the act alone can verify it, as ever.
// What that saves is signing and, at the door of the log, verifying: a head is verified once for all its acts.

// treePrefix keeps signatures of heads apart from those of commands and any other use of the key.
const treePrefix = "hotline.federation.v1.Tree\x00"

const (
	leafMark   = 0 // before the bytes of a leaf: no leaf is a node
	branchMark = 1 // before the two halves of a node
	maxDepth   = 10
	maxLeaves  = 1 << maxDepth
	// branchRoom is the most that a branch adds to a command.
	branchRoom = 2*4 + 4 + maxDepth*sha256.Size
)

type hashed = [sha256.Size]byte

func leafHash(text []byte) (sum hashed) {
	h := sha256.New()
	_, _ = h.Write([]byte{leafMark})
	_, _ = h.Write(text)
	h.Sum(sum[:0])
	return sum
}

func nodeHash(left, right hashed) hashed {
	var b [1 + 2*sha256.Size]byte
	b[0] = branchMark
	copy(b[1:], left[:])
	copy(b[1+sha256.Size:], right[:])
	return sha256.Sum256(b[:])
}

// headText is what the signature of a tree covers.
func headText(depth int, root hashed) []byte {
	b := append(make([]byte, 0, len(treePrefix)+1+sha256.Size), treePrefix...)
	return append(append(b, byte(depth)), root[:]...)
}

// head follows the way from a command up to the head of its tree.
func head(text []byte, b *federationv1.Branch) []byte {
	sum, at, path := leafHash(text), b.GetLeaf(), b.GetPath()
	for ; len(path) > 0; at, path = at/2, path[sha256.Size:] {
		if beside := hashed(path[:sha256.Size]); at%2 == 0 {
			sum = nodeHash(sum, beside)
		} else {
			sum = nodeHash(beside, sum)
		}
	}
	return headText(len(b.GetPath())/sha256.Size, sum)
}

// sound says that a branch is one, and that there is no other way to write it.
func sound(b *federationv1.Branch) bool {
	depth := len(b.GetPath()) / sha256.Size
	return len(b.GetPath())%sha256.Size == 0 && depth >= 1 && depth <= maxDepth && b.GetLeaf() < 1<<depth
}

// tree is all the hashes of some commands, level by level from the leaves up. Where there are no more commands the leaves are zero, which is
// no command's hash.
type tree [][]hashed

func grow(texts [][]byte) tree {
	level := make([]hashed, 1<<bits.Len(uint(len(texts)-1)))
	for i, text := range texts {
		level[i] = leafHash(text)
	}
	t := tree{level}
	for len(level) > 1 {
		above := make([]hashed, len(level)/2)
		for i := range above {
			above[i] = nodeHash(level[2*i], level[2*i+1])
		}
		t, level = append(t, above), above
	}
	return t
}

func (t tree) head() []byte { return headText(len(t)-1, t[len(t)-1][0]) }

func (t tree) branch(leaf int) *federationv1.Branch {
	b := &federationv1.Branch{Leaf: uint32(leaf), Path: make([]byte, 0, (len(t)-1)*sha256.Size)}
	for _, level := range t[:len(t)-1] {
		b.Path = append(b.Path, level[leaf^1][:]...)
		leaf /= 2
	}
	return b
}

// SignAll signs commands of one city together, if the region's version knows how, and one by one otherwise. They come back in their order.
// It names the key in each.
func SignAll(commands []*federationv1.Command, public *federationv1.Key, key crypto.Signer, version uint32) ([][]byte, error) {
	texts, all := make([][]byte, len(commands)), make([][]byte, len(commands))
	var together []int
	for i, c := range commands {
		var err error
		c.Key = public.ID()
		if texts[i], err = (proto.MarshalOptions{Deterministic: true}).Marshal(c); err != nil {
			return nil, err
		}
		if version >= treesSince && len(texts[i]) <= MaxCommand-branchRoom-maxSignature {
			together = append(together, i)
			continue
		}
		if all[i], err = signOne(texts[i], public, key); err != nil {
			return nil, err
		}
	}
	for some := range slices.Chunk(together, maxLeaves) {
		if err := signTree(some, texts, all, public, key); err != nil {
			return nil, err
		}
	}
	return all, nil
}

// treesSince is the version in which a region takes branches, as the proto says.
var treesSince = since(new(federationv1.Signed).ProtoReflect().Descriptor().Fields().ByName("branch"))

// signTree signs some of the texts together, and puts what goes through the log where they belong.
func signTree(some []int, texts, all [][]byte, public *federationv1.Key, key crypto.Signer) (err error) {
	if len(some) == 1 {
		all[some[0]], err = signOne(texts[some[0]], public, key)
		return err
	}
	leaves := make([][]byte, len(some))
	for leaf, i := range some {
		leaves[leaf] = texts[i]
	}
	t := grow(leaves)
	signature, err := signText(t.head(), public, key)
	if err != nil {
		return err
	}
	for leaf, i := range some {
		s := &federationv1.Signed{Command: texts[i], Signature: signature, Branch: t.branch(leaf)}
		if all[i], err = proto.Marshal(s); err != nil {
			return err
		}
	}
	return nil
}

// headName tells a signed head from every other. The signature is part of it, for an act must stand by the signature that it carries.
func headName(k *federationv1.Key, text, signature []byte) hashed {
	b := make([]byte, 0, 256)
	b = append(b, byte(k.GetAlgorithm()), byte(len(k.GetPublic())))
	b = append(append(b, k.GetPublic()...), text...) // a head's text has always the same length
	return sha256.Sum256(append(b, signature...))
}
