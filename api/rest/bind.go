package rest

import (
	"encoding/base64"
	"encoding/json"
	"math"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	kerrors "github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// lookup follows a dotted path of JSON or proto names through message fields.
func lookup(md protoreflect.MessageDescriptor, name string) ([]protoreflect.FieldDescriptor, bool) {
	var path []protoreflect.FieldDescriptor
	for i, step := range strings.Split(name, ".") {
		if i > 0 {
			parent := path[i-1]
			// A timestamp is one value in JSON: its seconds are nobody's field.
			if parent.Message() == nil || parent.IsList() || parent.IsMap() || isValue(parent) {
				return nil, false
			}
			md = parent.Message()
		}
		fd := field(md, step)
		if fd == nil {
			return nil, false
		}
		path = append(path, fd)
	}
	return path, true
}

// field finds a field by either of its names, as protojson does for bodies.
func field(md protoreflect.MessageDescriptor, name string) protoreflect.FieldDescriptor {
	if fd := md.Fields().ByJSONName(name); fd != nil {
		return fd
	}
	return md.Fields().ByTextName(name)
}

// isValue tells whether a field can be written as one text: a scalar, an enum,
// or one of the well-known messages that JSON writes as a string.
func isValue(fd protoreflect.FieldDescriptor) bool {
	if fd.IsMap() {
		return false
	}
	if fd.Message() == nil {
		return true
	}
	switch fd.Message().FullName() {
	case "google.protobuf.Timestamp", "google.protobuf.Duration", "google.protobuf.FieldMask":
		return true
	}
	return isWrapper(fd.Message())
}

func isWrapper(md protoreflect.MessageDescriptor) bool {
	return md.ParentFile().Path() == "google/protobuf/wrappers.proto"
}

// jsonPath writes a path as the caller of the API knows it.
func jsonPath(path []protoreflect.FieldDescriptor) string {
	names := make([]string, len(path))
	for i, fd := range path {
		names[i] = fd.JSONName()
	}
	return strings.Join(names, ".")
}

// decodePath puts the variables of the path into m, over whatever is there.
func (e *endpoint) decodePath(vars url.Values, m protoreflect.Message) error {
	for _, v := range e.vars {
		if reason := assign(m, v.path, vars[v.name]); reason != "" {
			return Violation(kerrors.BadRequest("INVALID_PATH", "地址中的 "+jsonPath(v.path)+" 不正确："+reason), jsonPath(v.path), reason)
		}
	}
	return nil
}

// decodeQuery puts the query parameters into m. All that is wrong is reported at once.
func (e *endpoint) decodeQuery(u *url.URL, m protoreflect.Message) error {
	if u.RawQuery == "" {
		return nil
	}
	values, err := url.ParseQuery(u.RawQuery)
	if err != nil {
		return kerrors.BadRequest("INVALID_QUERY", "查询参数的编码不正确。")
	}
	names := make([]string, 0, len(values))
	for name := range values {
		names = append(names, name)
	}
	slices.Sort(names)
	refusal := kerrors.BadRequest("INVALID_QUERY", "")
	for _, name := range names {
		shown, reason := e.assignQuery(m, name, values[name])
		if reason == "" {
			continue
		}
		refusal = Violation(refusal, shown, reason)
		if refusal.Message == "" {
			refusal.Message = "查询参数 " + shown + " 不正确：" + reason
		}
	}
	if refusal.Message != "" {
		return refusal
	}
	return nil
}

// assignQuery puts one parameter into m and gives the name to show and what is wrong.
func (e *endpoint) assignQuery(m protoreflect.Message, name string, texts []string) (shown, reason string) {
	path, ok := lookup(m.Descriptor(), name)
	// What the body carries is no query parameter; neither is a message as a whole.
	if !ok || !isValue(path[len(path)-1]) || e.body.holds(path[0]) {
		return printable(name), "没有这个查询参数。"
	}
	if reason := clash(m, path); reason != "" {
		return jsonPath(path), reason
	}
	return jsonPath(path), assign(m, path, texts)
}

// clash tells whether another member of a oneof was given already; the later would erase the earlier.
func clash(m protoreflect.Message, path []protoreflect.FieldDescriptor) string {
	for _, fd := range path {
		if of := fd.ContainingOneof(); of != nil {
			if set := m.WhichOneof(of); set != nil && set != fd {
				return "不能与 " + set.JSONName() + " 同时给出。"
			}
		}
		if fd.Message() == nil || fd.IsList() || !m.Has(fd) {
			return ""
		}
		m = m.Get(fd).Message()
	}
	return ""
}

// assign sets the field at path from texts; reason says what is wrong, for the caller to read.
func assign(m protoreflect.Message, path []protoreflect.FieldDescriptor, texts []string) (reason string) {
	last := path[len(path)-1]
	if !last.IsList() && len(texts) != 1 {
		return "应当只给一次。"
	}
	values := make([]protoreflect.Value, len(texts))
	for i, text := range texts {
		v, ok := parse(last, text)
		if !ok {
			return expected(last)
		}
		values[i] = v
	}
	for _, fd := range path[:len(path)-1] {
		m = m.Mutable(fd).Message()
	}
	if !last.IsList() {
		m.Set(last, values[0])
		return ""
	}
	list := m.NewField(last).List()
	for _, v := range values {
		list.Append(v)
	}
	m.Set(last, protoreflect.ValueOfList(list))
	return ""
}

// parse reads one text as a value of the field's kind.
func parse(fd protoreflect.FieldDescriptor, text string) (protoreflect.Value, bool) {
	switch fd.Kind() {
	case protoreflect.BoolKind:
		return protoreflect.ValueOfBool(text == "true"), text == "true" || text == "false"
	case protoreflect.StringKind:
		return protoreflect.ValueOfString(text), isText(text)
	case protoreflect.BytesKind:
		b, err := base64.RawURLEncoding.DecodeString(strings.NewReplacer("+", "-", "/", "_", "=", "").Replace(text))
		return protoreflect.ValueOfBytes(b), err == nil
	case protoreflect.EnumKind:
		return parseEnum(fd.Enum(), text)
	case protoreflect.MessageKind:
		return parseMessage(fd, text)
	}
	return parseNumber(fd.Kind(), text)
}

// isText refuses what no database column takes: broken UTF-8 and the NUL character.
func isText(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsRune(text, 0)
}

func parseNumber(kind protoreflect.Kind, text string) (protoreflect.Value, bool) {
	switch kind {
	case protoreflect.Int32Kind, protoreflect.Sint32Kind, protoreflect.Sfixed32Kind:
		n, err := strconv.ParseInt(text, 10, 32)
		return protoreflect.ValueOfInt32(int32(n)), err == nil
	case protoreflect.Int64Kind, protoreflect.Sint64Kind, protoreflect.Sfixed64Kind:
		n, err := strconv.ParseInt(text, 10, 64)
		return protoreflect.ValueOfInt64(n), err == nil
	case protoreflect.Uint32Kind, protoreflect.Fixed32Kind:
		n, err := strconv.ParseUint(text, 10, 32)
		return protoreflect.ValueOfUint32(uint32(n)), err == nil
	case protoreflect.Uint64Kind, protoreflect.Fixed64Kind:
		n, err := strconv.ParseUint(text, 10, 64)
		return protoreflect.ValueOfUint64(n), err == nil
	case protoreflect.FloatKind:
		f, err := strconv.ParseFloat(text, 32)
		return protoreflect.ValueOfFloat32(float32(f)), err == nil && finite(f)
	case protoreflect.DoubleKind:
		f, err := strconv.ParseFloat(text, 64)
		return protoreflect.ValueOfFloat64(f), err == nil && finite(f)
	}
	return protoreflect.Value{}, false
}

func finite(f float64) bool { return !math.IsNaN(f) && !math.IsInf(f, 0) }

// parseEnum takes a value's name or its number, as protojson does, but only known ones.
func parseEnum(ed protoreflect.EnumDescriptor, text string) (protoreflect.Value, bool) {
	if v := ed.Values().ByName(protoreflect.Name(text)); v != nil {
		return protoreflect.ValueOfEnum(v.Number()), true
	}
	n, err := strconv.ParseInt(text, 10, 32)
	known := err == nil && ed.Values().ByNumber(protoreflect.EnumNumber(n)) != nil
	return protoreflect.ValueOfEnum(protoreflect.EnumNumber(n)), known
}

// parseMessage lets protojson read the well-known types, so that query and body agree.
func parseMessage(fd protoreflect.FieldDescriptor, text string) (protoreflect.Value, bool) {
	m := newMessage(fd)
	if isWrapper(fd.Message()) {
		value := fd.Message().Fields().ByName("value")
		v, ok := parse(value, text)
		if ok {
			m.Set(value, v)
		}
		return protoreflect.ValueOfMessage(m), ok
	}
	if fd.Message().FullName() == "google.protobuf.Timestamp" {
		// A plus that nobody encoded arrives as a space: 2026-01-02T15:04:05 08:00.
		text = strings.Replace(text, " ", "+", 1)
	}
	quoted, err := json.Marshal(text)
	if err != nil || protojson.Unmarshal(quoted, m.Interface()) != nil {
		return protoreflect.Value{}, false
	}
	return protoreflect.ValueOfMessage(m), true
}

// newMessage makes an empty message of the field's Go type, for single and repeated fields.
func newMessage(fd protoreflect.FieldDescriptor) protoreflect.Message {
	return dynamic(fd.Message())
}

// expected says in one sentence what a field takes.
func expected(fd protoreflect.FieldDescriptor) string {
	switch fd.Kind() {
	case protoreflect.BoolKind:
		return "应为 true 或 false。"
	case protoreflect.StringKind:
		return "应为文字（UTF-8，不含空字符）。"
	case protoreflect.BytesKind:
		return "应为 Base64 编码。"
	case protoreflect.FloatKind, protoreflect.DoubleKind:
		return "应为数字。"
	case protoreflect.EnumKind:
		return "应为下列之一：" + enumNames(fd.Enum()) + "。"
	case protoreflect.MessageKind, protoreflect.GroupKind:
		return expectedMessage(fd.Message())
	}
	return "应为范围内的整数。"
}

func expectedMessage(md protoreflect.MessageDescriptor) string {
	switch md.FullName() {
	case "google.protobuf.Timestamp":
		return "应为带时区的时间，例如 2026-01-02T15:04:05+08:00。"
	case "google.protobuf.Duration":
		return "应为以秒计的时长，例如 90s。"
	case "google.protobuf.FieldMask":
		return "应为以逗号分隔的字段名，例如 title,petitioner.phone。"
	}
	if isWrapper(md) {
		return expected(md.Fields().ByName("value"))
	}
	return "应为对象。"
}

// enumNames lists what may be chosen; the zero value of an enum is "not given" and no choice.
func enumNames(ed protoreflect.EnumDescriptor) string {
	var names []string
	for i := range ed.Values().Len() {
		if v := ed.Values().Get(i); v.Number() != 0 || ed.Values().Len() == 1 {
			names = append(names, string(v.Name()))
		}
	}
	return strings.Join(names, "、")
}

// printable makes a name that came from outside fit for showing: short and without control characters.
func printable(name string) string {
	const limit = 64
	clean := strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || r == utf8.RuneError {
			return '·'
		}
		return r
	}, name)
	if runes := []rune(clean); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return clean
}
