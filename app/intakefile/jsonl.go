package intakefile

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"
)

// passedOver are fields of the samples that intake has no place for: to whom a good dispatcher would send the order.
var passedOver = map[string]bool{"lead": true, "assist": true}

// callerFields are the fields that may stand under "caller".
var callerFields = map[string]bool{"name": true, "phone": true, "id_number": true, "address": true, "email": true, "anonymous": true}

type jsonl struct {
	r       io.Reader
	in      *lines
	unknown map[string]bool
}

func openJSONL(r io.Reader) *jsonl { return &jsonl{r: r, unknown: map[string]bool{}} }

func (j *jsonl) Close() error { return nil }

func (j *jsonl) next() (int, record, *Note, error) {
	if j.in == nil {
		in, _, _, err := newLines(j.r)
		if err != nil {
			return 0, nil, nil, err
		}
		j.in = in
	}
	for {
		l, err := j.in.next()
		if err != nil {
			return 0, nil, nil, err
		}
		if l.long {
			return l.no, nil, nil, tooLong()
		}
		text := bytes.TrimSpace(l.text)
		if len(text) == 0 {
			continue
		}
		r, unknown, err := parseJSONLine(text)
		return l.no, r, j.note(l.no, unknown), err
	}
}

// maxUnknown bounds what is remembered of a file that is all nonsense.
const maxUnknown = 100

// note tells of fields not seen before. Only what looks like a field's name is repeated: a damaged line may have a person's
// data in that place.
func (j *jsonl) note(at int, names []string) *Note {
	var fresh []string
	for _, name := range names {
		if !likeName(name) {
			name = "（名称不规范的字段）"
		}
		if !j.unknown[name] && len(j.unknown) < maxUnknown {
			j.unknown[name] = true
			fresh = append(fresh, name)
		}
	}
	if len(fresh) == 0 {
		return nil
	}
	return &Note{"不认识的字段，已忽略：" + strings.Join(fresh, "、"), at}
}

func likeName(s string) bool {
	return len(s) <= 40 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.") == ""
}

// parseJSONLine reads one object. Errors of encoding/json are put in other words, since they quote values.
func parseJSONLine(text []byte) (r record, unknown []string, err error) {
	if !utf8.Valid(text) {
		return nil, nil, bad("编码有误，JSON Lines 须为 UTF-8。")
	}
	top, err := object(text)
	if err != nil {
		return nil, nil, err
	}
	if top == nil {
		return nil, nil, bad("这一行应是一个 JSON 对象。")
	}
	r = record{}
	if nested, ok := top["caller"]; ok {
		caller, err := object(nested)
		if err != nil {
			return nil, nil, bad("caller：应是一个 JSON 对象。")
		}
		delete(top, "caller")
		for _, key := range slices.Sorted(maps.Keys(caller)) {
			if !callerFields[key] {
				unknown = append(unknown, "caller."+key)
			} else if err := r.put(key, caller[key]); err != nil {
				return nil, unknown, err
			}
		}
	}
	for _, key := range slices.Sorted(maps.Keys(top)) {
		field, known := fieldOf(key, false)
		switch {
		case passedOver[key]:
		case !known:
			unknown = append(unknown, key)
		default:
			if err := r.put(field, top[key]); err != nil {
				return nil, unknown, err
			}
		}
	}
	return r, unknown, nil
}

func object(text []byte) (m map[string]json.RawMessage, err error) {
	err = json.Unmarshal(text, &m)
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return nil, bad("不是有效的 JSON（第 %d 个字节附近）。", syntax.Offset)
	}
	if err != nil {
		return nil, bad("这一行应是一个 JSON 对象。")
	}
	return m, nil
}

// put takes a text, number or truth value as text; the first of two names of one field stays.
func (r record) put(field string, raw json.RawMessage) error {
	raw = bytes.TrimSpace(raw)
	value := string(raw)
	switch {
	case len(raw) == 0 || value == "null":
		return nil
	case raw[0] == '"':
		if err := json.Unmarshal(raw, &value); err != nil {
			return wrongField(field, "应为文字。")
		}
	case raw[0] == '{' || raw[0] == '[':
		return wrongField(field, "应为文字。")
	}
	if value = strings.TrimSpace(value); value != "" && r[field] == "" {
		r[field] = value
	}
	return nil
}
