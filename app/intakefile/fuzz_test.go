package intakefile

import (
	"errors"
	"io"
	"strings"
	"testing"
)

// drain reads to the end: whatever stands in a file, it ends, line numbers don't run backwards past a record, and no line is
// both right and wrong.
func drain(t *testing.T, src *Source, content string) {
	t.Helper()
	most := 2*strings.Count(content, "\n") + 200
	for n := 0; ; n++ {
		line, in, err := src.Next()
		if errors.Is(err, io.EOF) {
			return
		}
		var b *Bad
		var note *Note
		if err != nil && !errors.As(err, &b) && !errors.As(err, &note) {
			t.Fatalf("line %d stops the reading: %v", line, err)
		}
		if (err == nil) != (in != nil) || line < 1 || n > most {
			t.Fatalf("line %d: %v, %v", line, in, err)
		}
		if err == nil && in.GetFacts().GetSourceId() == "" {
			t.Fatalf("line %d has no id", line)
		}
	}
}

func FuzzJSONLine(f *testing.F) {
	for _, seed := range []string{good("A1", ""), good("", `,"received_at":"2026-09-01T08:45:37+08:00"`), `{"caller":null}`, `null`,
		`{"caller":{"name":1}}`, "\ufeff{}\n\n[]", `{"id":"\ud800"}`, "{\"id\":\"a\"}\r\n{"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		src, err := Open(strings.NewReader(content), "a.jsonl", "", "")
		if err != nil {
			t.Fatal(err)
		}
		drain(t, src, content)
	})
}

func FuzzCSV(f *testing.F) {
	for _, seed := range []string{chinese, "\ufeff" + chinese, "id,title\n\"\n\"\"\n\"\"\"\n", "title\n\"a\"b\n", "title,kind\r\n\xc2\xb7\xb5\xc6,\xff\n",
		"title\n\xb1\xea\xcc\xe2\n"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, content string) {
		src, err := Open(strings.NewReader(content), "a.csv", "", "")
		if err == nil {
			drain(t, src, content)
		}
	})
}

func FuzzColumns(f *testing.F) {
	for _, seed := range []string{"", "title=标题,phone=来电号码", "title", "=", "title=标题=题", ",", "标题=电话", "title=*"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, columns string) {
		mapped, err := parseColumns(columns)
		if err != nil {
			return
		}
		header := []string{}
		for _, h := range mapped {
			header = append(header, h)
		}
		src, err := Open(strings.NewReader("标题,电话\n路灯,1\n"), "a.csv", "", columns)
		if err == nil {
			drain(t, src, "\n\n")
		}
		fields, _, err := bind(header, mapped)
		if err != nil {
			return
		}
		for i, name := range fields {
			if mapped[name] != header[i] {
				t.Errorf("%q: column %q became %q", columns, header[i], name)
			}
		}
	})
}
