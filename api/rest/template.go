package rest

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// template is a path template of google.api.http, converted for the router.
type template struct {
	source  string
	pattern string   // as gorilla/mux takes it
	vars    []string // field paths, in the order of the address
	kinds   string   // one letter a segment, sorting fixed words before wildcards
}

// A wildcard takes no colon: the part after it is a custom verb, and with the colon a
// name would swallow the verb of a method that does not exist.
const (
	oneSegment   = `[^/:]+`
	manySegments = `[^/:]+(?:/[^/:]+)*`
)

const (
	kindWord = "a"
	kindOne  = "b"
	kindMany = "c"
)

var (
	wordRE = regexp.MustCompile(`^[A-Za-z0-9_~-][A-Za-z0-9._~-]*$`)
	pathRE = regexp.MustCompile(`^[a-z_][A-Za-z0-9_]*(?:\.[a-z_][A-Za-z0-9_]*)*$`)
	verbRE = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)
	openRE = regexp.MustCompile(`\{[^:{}]+:`)
)

// parseTemplate converts "/v1/{name=tenants/*}:close" to "/v1/{name:tenants/[^/:]+}:close".
func parseTemplate(source string) (template, error) {
	t := template{source: source}
	rest, verb, err := cutVerb(source)
	if err != nil {
		return template{}, err
	}
	rest, ok := strings.CutPrefix(rest, "/")
	if !ok {
		return template{}, fmt.Errorf("template %q does not begin with a slash", source)
	}
	for _, seg := range splitSegments(rest) {
		part, err := t.segment(seg)
		if err != nil {
			return template{}, fmt.Errorf("template %q: %w", source, err)
		}
		t.pattern += "/" + part
	}
	t.pattern += verb
	// "**" takes everything up to the verb; anything after it would be ambiguous.
	if i := strings.Index(t.kinds, kindMany); i >= 0 && i != len(t.kinds)-1 {
		return template{}, fmt.Errorf(`template %q: "**" is not last`, source)
	}
	return t, nil
}

// cutVerb splits the custom verb, with its colon, from the end of the template.
func cutVerb(source string) (path, verb string, err error) {
	i := strings.LastIndexByte(source, ':')
	if i <= strings.LastIndexAny(source, "/}") {
		return source, "", nil
	}
	if !verbRE.MatchString(source[i+1:]) {
		return "", "", fmt.Errorf("template %q: %q is no custom verb", source, source[i+1:])
	}
	return source[:i], source[i:], nil
}

// splitSegments splits at the slashes that are not inside braces.
func splitSegments(s string) []string {
	var segs []string
	start, depth := 0, 0
	for i := range len(s) {
		switch s[i] {
		case '{':
			depth++
		case '}':
			depth--
		case '/':
			if depth == 0 {
				segs = append(segs, s[start:i])
				start = i + 1
			}
		}
	}
	return append(segs, s[start:])
}

// segment converts a fixed word or a variable.
func (t *template) segment(seg string) (string, error) {
	inner, ok := strings.CutPrefix(seg, "{")
	if !ok {
		if seg == "*" || seg == "**" {
			return "", fmt.Errorf("a wildcard outside a variable fills no field")
		}
		if !wordRE.MatchString(seg) {
			return "", fmt.Errorf("%q is no path segment", seg)
		}
		t.kinds += kindWord
		return seg, nil
	}
	inner, ok = strings.CutSuffix(inner, "}")
	if !ok {
		return "", fmt.Errorf("%q has text beside the variable", seg)
	}
	name, value, ok := strings.Cut(inner, "=")
	if !ok {
		value = "*"
	}
	if !pathRE.MatchString(name) {
		return "", fmt.Errorf("%q is no field path", name)
	}
	if slices.Contains(t.vars, name) {
		return "", fmt.Errorf("variable %s is there twice", name)
	}
	t.vars = append(t.vars, name)
	pattern, err := t.value(value)
	if err != nil {
		return "", err
	}
	return "{" + name + ":" + pattern + "}", nil
}

// value converts the segments a variable stands for into a regular expression.
func (t *template) value(value string) (string, error) {
	var parts []string
	for _, seg := range strings.Split(value, "/") {
		switch {
		case seg == "*":
			t.kinds += kindOne
			parts = append(parts, oneSegment)
		case seg == "**":
			t.kinds += kindMany
			parts = append(parts, manySegments)
		case wordRE.MatchString(seg):
			t.kinds += kindWord
			parts = append(parts, regexp.QuoteMeta(seg))
		default:
			return "", fmt.Errorf("%q is no path segment", seg)
		}
	}
	return strings.Join(parts, "/"), nil
}

// shape is a pattern without the names of its variables, so that two patterns for the
// same addresses compare equal.
func shape(pattern string) string {
	s := openRE.ReplaceAllString(pattern, "")
	return strings.ReplaceAll(strings.ReplaceAll(s, "}", ""), `\`, "")
}
