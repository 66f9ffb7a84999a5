package ledger

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	federationv1 "hotline/api/federation/v1"
)

// envelope is a Signed that was opened. Its parts lie in the bytes that came.
type envelope struct {
	text      []byte // the command, which the signature covers
	signature []byte
	branch    *federationv1.Branch // nil: it was signed by itself
}

// open reads a Signed. A field that is there but zero is lost in reading. To a node that does not know the field it would be unknown, to
// another nothing: only the shortest bytes of a message are one, here and in read.
func open(signed []byte, version uint32) (envelope, federationv1.Reason) {
	e, plain := openPlain(signed)
	if !plain {
		var s federationv1.Signed
		if proto.Unmarshal(signed, &s) != nil {
			return e, federationv1.Reason_MALFORMED
		}
		if unknown(s.ProtoReflect()) || signedKnown.newer(s.ProtoReflect(), version) {
			return e, federationv1.Reason_UNSUPPORTED
		}
		if proto.Size(&s) != len(signed) {
			return e, federationv1.Reason_MALFORMED
		}
		e = envelope{s.GetCommand(), s.GetSignature(), s.Branch}
	}
	switch {
	case e.branch == nil:
	case version < treesSince:
		return e, federationv1.Reason_UNSUPPORTED
	case !sound(e.branch):
		return e, federationv1.Reason_MALFORMED
	}
	return e, ok
}

// openPlain reads what all of us write, without a copy: each field at most once, in order, in its shortest bytes. What is otherwise may still
// be right.
func openPlain(b []byte) (e envelope, plain bool) {
	if e.text, b, plain = field(b, 1); !plain {
		return e, false
	}
	if e.signature, b, plain = field(b, 2); !plain || len(b) == 0 {
		return e, plain
	}
	inner, b, plain := field(b, 3)
	if !plain || len(b) > 0 {
		return e, false
	}
	e.branch = new(federationv1.Branch)
	if len(inner) > 0 && inner[0] == 1<<3|byte(protowire.VarintType) {
		leaf, n := protowire.ConsumeVarint(inner[1:])
		if n < 0 || n != protowire.SizeVarint(leaf) || leaf == 0 || leaf >= maxLeaves {
			return e, false
		}
		e.branch.Leaf, inner = uint32(leaf), inner[1+n:]
	}
	e.branch.Path, inner, plain = field(inner, 2)
	return e, plain && len(inner) == 0
}

// field takes a field of bytes from the front.
func field(b []byte, number protowire.Number) (value, rest []byte, plain bool) {
	if len(b) == 0 || b[0] != byte(number)<<3|byte(protowire.BytesType) {
		return nil, b, false
	}
	length, n := protowire.ConsumeVarint(b[1:])
	if n < 0 || n != protowire.SizeVarint(length) || length == 0 || length > uint64(len(b)-1-n) {
		return nil, b, false
	}
	b = b[1+n:]
	return b[:length:length], b[length:], true
}

// read reads a command out of its bytes.
func read(text []byte, c *federationv1.Command, version uint32) federationv1.Reason {
	if (proto.UnmarshalOptions{DiscardUnknown: true}).Unmarshal(text, c) != nil {
		return federationv1.Reason_MALFORMED
	}
	if commandKnown.newer(c.ProtoReflect(), version) {
		return federationv1.Reason_UNSUPPORTED
	}
	if proto.Size(c) == len(text) { // nothing was discarded
		return ok
	}
	var whole federationv1.Command
	if proto.Unmarshal(text, &whole) == nil && unknown(whole.ProtoReflect()) {
		return federationv1.Reason_UNSUPPORTED
	}
	return federationv1.Reason_MALFORMED
}
