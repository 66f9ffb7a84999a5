package casework

import (
	"strings"
	"time"
	"unicode"

	"google.golang.org/protobuf/reflect/protoreflect"
)

// What another city writes is brought into a shape that this city's tables can hold.

// tidy takes out of what another city wrote whatever no honest city writes: control characters, which a database may not even take, and
// texts that are too long. It may be old, or stolen.
func (e *Told) tidy() {
	for _, text := range []*string{&e.Open.Target, &e.Open.Callback, &e.Open.Mode, &e.Open.Urgency, &e.Open.Order, &e.Open.Category,
		&e.Open.CategoryFor, &e.Open.Basis, &e.Open.Reason, &e.Open.Responsible,
		&e.Last.Target, &e.Last.Callback, &e.Last.Mode, &e.Last.Urgency, &e.Last.Order} {
		*text = Tidy(*text)
	}
	if e.Content != nil {
		tidyIn(e.Content.ProtoReflect())
		if p := e.Content.GetPacket(); p != nil {
			p.Call, p.CategoryTitle = cut(p.GetCall(), 80), cut(p.GetCategoryTitle(), 60)
		}
	}
	last := time.Date(2999, 1, 1, 0, 0, 0, 0, time.UTC)
	for _, at := range []*time.Time{&e.At, &e.Open.SignDue, &e.Open.AnswerDue, &e.Open.Started, &e.CallbackDue} {
		if at.After(last) {
			*at = last
		}
	}
}

func tidyIn(m protoreflect.Message) {
	m.Range(func(f protoreflect.FieldDescriptor, v protoreflect.Value) bool {
		switch {
		case f.IsList() && f.Message() != nil:
			for i := range v.List().Len() {
				tidyIn(v.List().Get(i).Message())
			}
		case f.Message() != nil:
			tidyIn(v.Message())
		case f.Kind() == protoreflect.StringKind && !f.IsList():
			m.Set(f, protoreflect.ValueOfString(Tidy(v.String())))
		}
		return true
	})
}

// Tidy leaves of a text of another city what a table can hold.
func Tidy(text string) string {
	return cut(strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && r != '\n' && r != '\t' || r == unicode.ReplacementChar {
			return -1
		}
		return r
	}, text), 20_000)
}

// cut keeps the first so many characters.
func cut(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most])
	}
	return text
}
