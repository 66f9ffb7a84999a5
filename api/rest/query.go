package rest

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
)

const invalidQuery = "INVALID_QUERY"

// maxDepth ends "a.a.a.…" into a message that contains itself.
const maxDepth = 16

// bindQuery fills m from the query string: every field that the body does not cover.
func (r route) bindQuery(rawQuery string, m protoreflect.Message) error {
	query, err := url.ParseQuery(rawQuery)
	if err != nil {
		return invalid(invalidQuery, "查询参数的写法不对。", "", "").WithCause(err)
	}
	seen := map[string]bool{}
	// In order, so that of several faults the same one is always reported.
	for _, key := range slices.Sorted(mapKeys(query)) {
		fields, err := resolve(m.Descriptor(), key)
		if err != nil || r.bodyAll || fields[0] == r.body {
			return invalid(invalidQuery, "不认识的查询参数："+clip(key)+"。", key, "没有这个查询参数。")
		}
		// pageSize and page_size are the same field.
		if name := canonical(fields); seen[name] {
			return invalid(invalidQuery, "查询参数重复："+clip(key)+"。", key, "同一个参数只能写一次。")
		} else {
			seen[name] = true
		}
		if err := setQuery(m, fields, query[key]); err != nil {
			return invalid(invalidQuery, "查询参数的值不对："+clip(key)+"。", key, "值的类型或格式不对。").WithCause(err)
		}
	}
	return nil
}

func mapKeys(v url.Values) func(yield func(string) bool) {
	return func(yield func(string) bool) {
		for k := range v {
			if !yield(k) {
				return
			}
		}
	}
}

// resolve finds the fields along a path such as "petitioner.phone", each by its proto
// name or its JSON name. Only the last may be repeated, and none a map.
func resolve(md protoreflect.MessageDescriptor, path string) ([]protoreflect.FieldDescriptor, error) {
	names := strings.SplitN(path, ".", maxDepth+1)
	if len(names) > maxDepth {
		return nil, fmt.Errorf("path of more than %d fields", maxDepth)
	}
	var fields []protoreflect.FieldDescriptor
	for i, name := range names {
		fd := md.Fields().ByJSONName(name)
		if fd == nil {
			fd = md.Fields().ByTextName(name)
		}
		if fd == nil || fd.IsMap() {
			return nil, fmt.Errorf("%s has no field %q for a path", md.FullName(), name)
		}
		fields = append(fields, fd)
		if i == len(names)-1 {
			break
		}
		if fd.IsList() || fd.Message() == nil || textual(fd.Message()) {
			return nil, fmt.Errorf("%s has nothing below it", fd.FullName())
		}
		md = fd.Message()
	}
	return fields, nil
}

func canonical(fields []protoreflect.FieldDescriptor) string {
	var b strings.Builder
	for _, fd := range fields {
		b.WriteString("." + string(fd.Name()))
	}
	return b.String()
}

// setQuery sets the field at the end of the path to the values of one parameter.
func setQuery(m protoreflect.Message, fields []protoreflect.FieldDescriptor, values []string) error {
	last := fields[len(fields)-1]
	for _, fd := range fields {
		// Two choices of a oneof contradict each other; taking either would be a guess.
		if oo := fd.ContainingOneof(); oo != nil {
			if set := m.WhichOneof(oo); set != nil && set != fd {
				return fmt.Errorf("%s is set already", set.FullName())
			}
		}
		if fd != last {
			m = m.Mutable(fd).Message()
		}
	}
	if !last.IsList() {
		if len(values) != 1 {
			return fmt.Errorf("%s has one value", last.FullName())
		}
		return setText(m, fields[len(fields)-1:], values[0])
	}
	list := m.Mutable(last).List()
	for _, s := range values {
		v, err := parse(last, list.NewElement, s)
		if err != nil {
			return err
		}
		list.Append(v)
	}
	return nil
}

// setText sets the single field at the end of the path from its text.
func setText(m protoreflect.Message, fields []protoreflect.FieldDescriptor, s string) error {
	last := len(fields) - 1
	for _, fd := range fields[:last] {
		m = m.Mutable(fd).Message()
	}
	v, err := parse(fields[last], func() protoreflect.Value { return m.NewField(fields[last]) }, s)
	if err != nil {
		return err
	}
	m.Set(fields[last], v)
	return nil
}

// textual tells whether a message is written as one JSON string or number, and so can be
// the value of a query parameter.
func textual(md protoreflect.MessageDescriptor) bool {
	switch md.FullName() {
	case "google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask":
		return true
	}
	return wrapper(md)
}

func wrapper(md protoreflect.MessageDescriptor) bool {
	return md.ParentFile().Path() == "google/protobuf/wrappers.proto"
}

// parse reads one value; fresh makes the message it goes into, if it is one.
func parse(fd protoreflect.FieldDescriptor, fresh func() protoreflect.Value, s string) (protoreflect.Value, error) {
	if fd.Message() == nil {
		return parseScalar(fd, s)
	}
	if !textual(fd.Message()) {
		return protoreflect.Value{}, fmt.Errorf("%s: message: %w", fd.FullName(), errUnsupported)
	}
	v := fresh()
	if wrapper(fd.Message()) {
		return v, setText(v.Message(), []protoreflect.FieldDescriptor{fd.Message().Fields().ByName("value")}, s)
	}
	quoted, err := json.Marshal(s)
	if err != nil {
		return protoreflect.Value{}, err
	}
	return v, protojson.Unmarshal(quoted, v.Message().Interface())
}

// parseScalar reads a single value that is no message.
func parseScalar(fd protoreflect.FieldDescriptor, s string) (protoreflect.Value, error) {
	switch fd.Kind() {
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(s), checkText(s)
	case protoreflect.BoolKind:
		if s != "true" && s != "false" {
			return protoreflect.Value{}, fmt.Errorf("%q is no bool", s)
		}
		return protoreflect.ValueOfBool(s == "true"), nil
	case protoreflect.EnumKind:
		return parseEnum(fd.Enum().Values(), s)
	case protoreflect.BytesKind:
		b, err := base64.RawURLEncoding.DecodeString(strings.TrimRight(strings.NewReplacer("+", "-", "/", "_").Replace(s), "="))
		return protoreflect.ValueOfBytes(b), err
	}
	return parseNumber(fd.Kind(), s)
}

// checkText refuses what a proto string cannot hold, and control characters other than
// line breaks and tabs, which no text that somebody typed has.
func checkText(s string) error {
	if !utf8.ValidString(s) {
		return fmt.Errorf("text is not UTF-8")
	}
	if strings.ContainsFunc(s, func(r rune) bool { return unicode.IsControl(r) && !strings.ContainsRune("\n\r\t", r) }) {
		return fmt.Errorf("text has control characters")
	}
	return nil
}

// parseEnum takes the name of a value, or the number of one that exists.
func parseEnum(values protoreflect.EnumValueDescriptors, s string) (protoreflect.Value, error) {
	v := values.ByName(protoreflect.Name(s))
	if v == nil {
		n, err := strconv.ParseInt(s, 10, 32)
		if err != nil {
			return protoreflect.Value{}, fmt.Errorf("no enum value %q", s)
		}
		if v = values.ByNumber(protoreflect.EnumNumber(n)); v == nil {
			return protoreflect.Value{}, fmt.Errorf("no enum value %d", n)
		}
	}
	return protoreflect.ValueOfEnum(v.Number()), nil
}

func parseNumber(kind protoreflect.Kind, s string) (protoreflect.Value, error) {
	switch kind {
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		n, err := strconv.ParseInt(s, 10, 32)
		return protoreflect.ValueOfInt32(int32(n)), err
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		n, err := strconv.ParseInt(s, 10, 64)
		return protoreflect.ValueOfInt64(n), err
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		n, err := strconv.ParseUint(s, 10, 32)
		return protoreflect.ValueOfUint32(uint32(n)), err
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		n, err := strconv.ParseUint(s, 10, 64)
		return protoreflect.ValueOfUint64(n), err
	case protoreflect.FloatKind:
		f, err := parseFloat(s, 32)
		return protoreflect.ValueOfFloat32(float32(f)), err
	case protoreflect.DoubleKind:
		f, err := parseFloat(s, 64)
		return protoreflect.ValueOfFloat64(f), err
	}
	return protoreflect.Value{}, fmt.Errorf("%s: %w", kind, errUnsupported)
}

// parseFloat leaves out NaN and the infinities: compared with them, every limit fails.
func parseFloat(s string, bits int) (float64, error) {
	f, err := strconv.ParseFloat(s, bits)
	if err == nil && (math.IsNaN(f) || math.IsInf(f, 0)) {
		err = fmt.Errorf("%q is no number", s)
	}
	return f, err
}
