// Package intakefile is the batch file (批量受理文件): requests that another system kept come in from JSON Lines, CSV or Excel,
// one line one intake. A bad line is reported by its number and passed over, and a file may be run again after an
// interruption: what was taken in stays taken in once.
package intakefile

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	caseworkv1 "hotline/api/casework/v1"
)

// maxLine is how long one line may be. A hotline's text never comes near it; a damaged file must not fill the memory.
const maxLine = 1 << 20

// Bad (有误) is what is wrong with one line; the line is passed over and the next one can be read. Its text names the field,
// never the value: the value may be somebody's phone number.
type Bad struct{ Sentence string }

func (b *Bad) Error() string { return b.Sentence }

func bad(format string, args ...any) error { return &Bad{fmt.Sprintf(format, args...)} }

// Note (提示) is worth telling but spoils no line: columns that nobody knows.
type Note struct {
	Sentence string
	line     int
}

func (n *Note) Error() string { return n.Sentence }

// record is one line by the names of our fields, as text.
type record map[string]string

// reader is one format. A note comes before the line that is returned with it.
type reader interface {
	next() (line int, r record, note *Note, err error)
	Close() error
}

// Source (来源) gives the requests of a file one after the other.
type Source struct {
	in   reader
	held *item // the line that follows a note
}

type item struct {
	line int
	r    record
	err  error
}

// Open recognises the file's format, by its name when format is empty, and its columns.
func Open(r io.Reader, name, format, columns string) (*Source, error) {
	if format == "" {
		format = strings.TrimPrefix(filepath.Ext(name), ".")
	}
	mapped, err := parseColumns(columns)
	if err != nil {
		return nil, err
	}
	var in reader
	switch strings.ToLower(format) {
	case "jsonl":
		if len(mapped) > 0 {
			return nil, errors.New("列对应只用于 CSV 和 Excel；JSON Lines 按字段名读取。")
		}
		in = openJSONL(r)
	case "csv":
		in, err = openCSV(r, mapped)
	case "xlsx":
		in, err = openXLSX(r, mapped)
	default:
		return nil, errors.New("不认识的文件格式，请用 jsonl、csv 或 xlsx。")
	}
	if err != nil {
		return nil, err
	}
	return &Source{in: in}, nil
}

// Next gives the next line as a request, without parent and request_id. The error is io.EOF at the end, *Bad for a line that
// can't be taken in, *Note for something worth telling; any other error ends the reading.
func (s *Source) Next() (int, *caseworkv1.IntakeRequest, error) {
	one := s.held
	s.held = nil
	if one == nil {
		line, r, note, err := s.in.next()
		one = &item{line, r, err}
		if note != nil {
			s.held = one
			return note.line, nil, note
		}
	}
	if one.err != nil {
		return one.line, nil, one.err
	}
	in, err := one.r.request()
	return one.line, in, err
}

// Close lets go of what the format holds open; Import does it at its end.
func (s *Source) Close() error { return s.in.Close() }
