package gate

import (
	"errors"
	"fmt"
	"sync"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	privacypb "hotline/api/privacy"
)

// Privacy is the last look at an answer: a personal field may leave only as Shown, which the renderer alone fills. An answer
// that carries one as plain text is a fault of the room, and does not leave.
func Privacy(out proto.Message) error {
	if out == nil {
		return nil
	}
	m := out.ProtoReflect()
	if m.Descriptor().FullName() == anything {
		return errAny
	}
	return walk(m)
}

const anything = "google.protobuf.Any"

var errAny = errors.New("what is in a google.protobuf.Any cannot be told")

// personal caches for each message type which of its fields must be looked at.
var personal sync.Map // protoreflect.FullName → []protoreflect.FieldDescriptor

func looked(d protoreflect.MessageDescriptor) []protoreflect.FieldDescriptor {
	if v, ok := personal.Load(d.FullName()); ok {
		return v.([]protoreflect.FieldDescriptor)
	}
	var out []protoreflect.FieldDescriptor
	for i := range d.Fields().Len() {
		f := d.Fields().Get(i)
		class := classOf(f)
		if shown := f.Message() != nil && f.Message().FullName() == "hotline.privacy.Shown"; shown {
			continue
		}
		if personalClass(class) || f.Message() != nil && (f.Message().ParentFile().Package() != "google.protobuf" || f.Message().Name() == "Any") {
			out = append(out, f)
		}
	}
	personal.Store(d.FullName(), out)
	return out
}

func classOf(f protoreflect.FieldDescriptor) privacypb.Class {
	class, _ := proto.GetExtension(f.Options(), privacypb.E_Class).(privacypb.Class)
	return class
}

// personalClass counts every class but SECRET as personal, one that this program does not know yet too.
func personalClass(c privacypb.Class) bool {
	return c != privacypb.Class_CLASS_UNSPECIFIED && c != privacypb.Class_SECRET
}

func walk(m protoreflect.Message) error {
	for _, f := range looked(m.Descriptor()) {
		if !m.Has(f) {
			continue
		}
		if personalClass(classOf(f)) {
			return fmt.Errorf("personal field %s leaves as plain text", f.FullName())
		}
		switch v := m.Get(f); {
		case !f.IsMap() && f.Message().FullName() == anything:
			return fmt.Errorf("field %s: %w", f.FullName(), errAny)
		case f.IsList():
			for i := range v.List().Len() {
				if err := walk(v.List().Get(i).Message()); err != nil {
					return err
				}
			}
		case f.IsMap():
			if f.MapValue().Message() != nil {
				return fmt.Errorf("field %s: maps of messages are not looked through", f.FullName())
			}
		default:
			if err := walk(v.Message()); err != nil {
				return err
			}
		}
	}
	return nil
}
