package ledger

import (
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	federationv1 "hotline/api/federation/v1"
)

// While a region is upgraded, nodes of two versions apply the same log. What the older can't read the newer must not count either: so a
// command is refused by all alike as long as it holds anything newer than the version of the region, which is the lowest of its members'.
// To the older node that is an unknown field, to the newer one a field whose `since` is too high.

// known says since which version fields and values of enums are known, where that is not the first.
type known map[protoreflect.FullName]uint32

var commandKnown = knownIn(new(federationv1.Command).ProtoReflect().Descriptor(), known{}, map[protoreflect.FullName]bool{})

func knownIn(d protoreflect.MessageDescriptor, k known, seen map[protoreflect.FullName]bool) known {
	if seen[d.FullName()] {
		return k
	}
	seen[d.FullName()] = true
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		if since, _ := proto.GetExtension(f.Options(), federationv1.E_Since).(uint32); since > 1 {
			k[f.FullName()] = since
		}
		if f.Message() != nil {
			knownIn(f.Message(), k, seen)
		}
		if f.Enum() == nil {
			continue
		}
		for j := range f.Enum().Values().Len() {
			v := f.Enum().Values().Get(j)
			if since, _ := proto.GetExtension(v.Options(), federationv1.E_ValueSince).(uint32); since > 1 {
				k[v.FullName()] = since
			}
		}
	}
	return k
}

// newer says that the message holds something that the version does not know.
func (k known) newer(m protoreflect.Message, version uint32) bool {
	if len(m.GetUnknown()) > 0 {
		return true
	}
	found := false
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		found = k[f.FullName()] > version || k.newerIn(f, v, version)
		return !found
	})
	return found
}

func (k known) newerIn(f protoreflect.FieldDescriptor, v protoreflect.Value, version uint32) bool {
	if f.IsList() {
		for i := range v.List().Len() {
			if k.newerOne(f, v.List().Get(i), version) {
				return true
			}
		}
		return false
	}
	return k.newerOne(f, v, version)
}

func (k known) newerOne(f protoreflect.FieldDescriptor, v protoreflect.Value, version uint32) bool {
	switch f.Kind() {
	case protoreflect.MessageKind:
		return k.newer(v.Message(), version)
	case protoreflect.EnumKind:
		value := f.Enum().Values().ByNumber(v.Enum())
		return value == nil || k[value.FullName()] > version
	}
	return false
}
