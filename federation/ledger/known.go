package ledger

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	federationv1 "hotline/api/federation/v1"
)

// While a region is upgraded, nodes of two versions apply the same log. What the older can't read the newer must not count either: so a
// command is refused by all alike as long as it holds anything newer than the version of the region, which is the lowest of its members'.
// To the older node that is an unknown field, to the newer one a field whose `since` is too high.

// known are the fields of each message that may hold something that is not known since the first version, or to nobody: enums, fields and
// values that came later, and the messages around them. No command is looked at for anything else.
type known map[protoreflect.FullName]watched

type watched struct {
	fields []watchedField
}

type watchedField struct {
	protoreflect.FieldDescriptor
	since  uint32
	values map[protoreflect.EnumNumber]uint32 // since when, of an enum
}

var (
	commandKnown = knownIn(new(federationv1.Command).ProtoReflect().Descriptor())
	signedKnown  = knownIn(new(federationv1.Signed).ProtoReflect().Descriptor())
)

func knownIn(d protoreflect.MessageDescriptor) known {
	k := known{}
	k.watch(d)
	return k
}

// watch finds what is to be looked at in a message; it is false where that is nothing.
func (k known) watch(d protoreflect.MessageDescriptor) bool {
	if w, seen := k[d.FullName()]; seen {
		return len(w.fields) > 0
	}
	k[d.FullName()] = watched{}
	var w watched
	for i := range d.Fields().Len() {
		f := watchedField{FieldDescriptor: d.Fields().Get(i), since: since(d.Fields().Get(i)), values: valuesOf(d.Fields().Get(i).Enum())}
		if f.since > 1 || f.values != nil || f.Message() != nil && k.watch(f.Message()) {
			w.fields = append(w.fields, f)
		}
	}
	k[d.FullName()] = w
	return len(w.fields) > 0
}

func since(f protoreflect.FieldDescriptor) uint32 {
	n, _ := proto.GetExtension(f.Options(), federationv1.E_Since).(uint32)
	return max(n, 1)
}

func valuesOf(e protoreflect.EnumDescriptor) map[protoreflect.EnumNumber]uint32 {
	if e == nil {
		return nil
	}
	values := map[protoreflect.EnumNumber]uint32{}
	for i := range e.Values().Len() {
		v := e.Values().Get(i)
		n, _ := proto.GetExtension(v.Options(), federationv1.E_ValueSince).(uint32)
		values[v.Number()] = max(n, 1)
	}
	return values
}

// newer says that the message holds something that the version does not know. Fields that this build does not know are unknown's.
func (k known) newer(m protoreflect.Message, version uint32) bool {
	for _, f := range k[m.Descriptor().FullName()].fields {
		if m.Has(f.FieldDescriptor) && (f.since > version || k.newerIn(f, m.Get(f.FieldDescriptor), version)) {
			return true
		}
	}
	return false
}

func (k known) newerIn(f watchedField, v protoreflect.Value, version uint32) bool {
	if !f.IsList() {
		return k.newerOne(f, v, version)
	}
	for i := range v.List().Len() {
		if k.newerOne(f, v.List().Get(i), version) {
			return true
		}
	}
	return false
}

func (k known) newerOne(f watchedField, v protoreflect.Value, version uint32) bool {
	if f.values != nil {
		since := f.values[v.Enum()]
		return since == 0 || since > version
	}
	return f.Message() != nil && k.newer(v.Message(), version)
}

// unknown says that a message, or one in it, holds a field that this build does not know.
func unknown(m protoreflect.Message) bool {
	found := len(m.GetUnknown()) > 0
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case found || f.Message() == nil:
		case f.IsList():
			for i := range v.List().Len() {
				found = found || unknown(v.List().Get(i).Message())
			}
		default:
			found = unknown(v.Message())
		}
		return !found
	})
	return found
}
