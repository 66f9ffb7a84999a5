package rest

import (
	"fmt"
	"regexp"
	"strings"
)

// A template is the parsed path of a google.api.http rule, for example
// /v1/{name=tenants/*/workOrders/*}:dispatch.
//
//	Template = "/" Part { "/" Part } [ ":" Verb ]
//	Part     = Segment | "{" FieldPath [ "=" Segment { "/" Segment } ] "}"
//	Segment  = "*" | "**" | Literal
type template struct {
	parts []part
	verb  string
}

// A part is a run of segments: one plain segment, or all those of a variable.
type part struct {
	field    string // path of the bound field, empty outside a variable
	segments []string
}

const (
	one  = "*"  // exactly one segment
	many = "**" // all remaining segments, at least one
)

var (
	fieldPath = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*(\.[A-Za-z_][A-Za-z0-9_]*)*$`)
	// Only characters that need no escaping in a URL, a regular expression's class or mux's braces.
	literal = regexp.MustCompile(`^[A-Za-z0-9_~-][A-Za-z0-9_~.-]*$`)
)

// parseTemplate reads a path template and refuses whatever could not be routed faithfully.
func parseTemplate(text string) (template, error) {
	rest, ok := strings.CutPrefix(text, "/")
	if !ok {
		return template{}, fmt.Errorf("path %q does not begin with /", text)
	}
	var t template
	// A colon after the last slash and brace begins the verb; elsewhere a colon is a mistake.
	if i := strings.LastIndexAny(rest, ":/}"); i >= 0 && rest[i] == ':' {
		rest, t.verb = rest[:i], rest[i+1:]
		if !literal.MatchString(t.verb) {
			return template{}, fmt.Errorf("path %q: verb %q", text, t.verb)
		}
	}
	for more := true; more; {
		var p part
		var err error
		if p, rest, more, err = parsePart(rest); err != nil {
			return template{}, fmt.Errorf("path %q: %w", text, err)
		}
		t.parts = append(t.parts, p)
	}
	if err := t.check(); err != nil {
		return template{}, fmt.Errorf("path %q: %w", text, err)
	}
	return t, nil
}

// parsePart takes the first part off text; more tells that a slash followed it.
func parsePart(text string) (p part, rest string, more bool, err error) {
	if !strings.HasPrefix(text, "{") {
		segment, rest, more := strings.Cut(text, "/")
		return part{segments: []string{segment}}, rest, more, nil
	}
	inside, rest, closed := strings.Cut(text[1:], "}")
	if !closed {
		return part{}, "", false, fmt.Errorf("brace is not closed")
	}
	field, segments, given := strings.Cut(inside, "=")
	if !given {
		segments = one
	}
	if !fieldPath.MatchString(field) {
		return part{}, "", false, fmt.Errorf("field %q", field)
	}
	after, more := strings.CutPrefix(rest, "/")
	if !more && rest != "" {
		return part{}, "", false, fmt.Errorf("%q follows a brace", rest)
	}
	return part{field: field, segments: strings.Split(segments, "/")}, after, more, nil
}

// check refuses bad segments, a ** that is not last, and fields bound twice.
func (t template) check() error {
	bound := map[string]bool{}
	segments := t.flat()
	for i, s := range segments {
		switch {
		case s == many && i < len(segments)-1:
			return fmt.Errorf("** is not the last segment")
		case s != one && s != many && !literal.MatchString(s):
			return fmt.Errorf("segment %q", s)
		}
	}
	for _, p := range t.parts {
		if p.field != "" && bound[p.field] {
			return fmt.Errorf("field %s is bound twice", p.field)
		}
		bound[p.field] = true
	}
	return nil
}

// flat lists all segments, those of variables included.
func (t template) flat() []string {
	var all []string
	for _, p := range t.parts {
		all = append(all, p.segments...)
	}
	return all
}

// fields lists the field paths that the template binds.
func (t template) fields() []string {
	var all []string
	for _, p := range t.parts {
		if p.field != "" {
			all = append(all, p.field)
		}
	}
	return all
}

// mux writes the template as gorilla/mux wants it:
// /v1/{name:tenants/[^/:]+/workOrders/[^/:]+}:dispatch.
// A wildcard never matches a colon, so that a verb is never swallowed by a name;
// a resource id with a colon is therefore not addressable, which no id of ours needs.
func (t template) mux() string {
	var b strings.Builder
	for i, p := range t.parts {
		b.WriteByte('/')
		switch {
		case p.field != "":
			fmt.Fprintf(&b, "{%s:%s}", p.field, segmentsRegexp(p.segments))
		case p.segments[0] == one || p.segments[0] == many:
			// mux knows patterns only in variables; a number is no field's name.
			fmt.Fprintf(&b, "{%d:%s}", i, segmentsRegexp(p.segments))
		default:
			b.WriteString(p.segments[0])
		}
	}
	if t.verb != "" {
		b.WriteString(":" + t.verb)
	}
	return b.String()
}

func segmentsRegexp(segments []string) string {
	out := make([]string, len(segments))
	for i, s := range segments {
		switch s {
		case one:
			out[i] = `[^/:]+`
		case many:
			out[i] = `[^/:]+(?:/[^/:]+)*`
		default:
			out[i] = regexp.QuoteMeta(s)
		}
	}
	return strings.Join(out, "/")
}

// rank orders templates so that the more literal one comes first:
// mux takes the first route that matches, and tenants/current must beat tenants/*.
func (t template) rank() string {
	var b strings.Builder
	for _, s := range t.flat() {
		switch s {
		case one:
			b.WriteByte('1')
		case many:
			b.WriteByte('2')
		default:
			b.WriteByte('0')
		}
	}
	return b.String()
}

// covers tells whether every path that u matches is matched by t too,
// so that u could never be reached after t.
func (t template) covers(u template) bool {
	if t.verb != u.verb {
		return false
	}
	a, b := t.flat(), u.flat()
	for i, s := range a {
		switch {
		case s == many:
			return len(b) > i
		case i >= len(b) || b[i] == many:
			return false
		case s != one && s != b[i]:
			return false
		}
	}
	return len(a) == len(b)
}
