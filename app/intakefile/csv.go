package intakefile

import (
	"bytes"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// encoding is how a CSV file writes Chinese. Excel on Chinese Windows saves GB18030 unless told otherwise.
type encoding int

const (
	unsure encoding = iota // nothing but ASCII so far
	utf
	gb
)

// csvFile splits records itself: encoding/csv swallows the rest of the file after one quote that is never closed, and here one
// bad line must cost one line. Splitting before decoding is safe, since no later byte of a GB18030 character is a comma, a
// quote or a line end.
type csvFile struct {
	in   *lines
	code encoding
}

func openCSV(r io.Reader, mapped map[string]string) (reader, error) {
	in, start, marked, err := newLines(r)
	if err != nil {
		return nil, err
	}
	f := &csvFile{in: in, code: sniff(start)}
	if marked {
		f.code = utf
	}
	return openTable(f.row, mapped, true)
}

// sniff lets the lines vote, so that one damaged character does not turn a whole file into nonsense.
func sniff(start []byte) encoding {
	votes := map[encoding]int{}
	all := bytes.Split(start, []byte("\n"))
	for i, l := range all {
		if i == len(all)-1 && i > 0 && len(start) >= sniffed-len(mark) {
			break // cut off in the middle
		}
		switch {
		case ascii(l):
		case utf8.Valid(l):
			votes[utf]++
		default:
			votes[gb]++
		}
	}
	switch {
	case votes[gb] > votes[utf]:
		return gb
	case votes[utf] > 0:
		return utf
	}
	return unsure
}

func ascii(b []byte) bool {
	for _, c := range b {
		if c >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// row reads one record. When a quote is not closed within maxLine, only the record's first line is given up.
func (f *csvFile) row() (int, []string, error) {
	first, err := f.in.next()
	if err != nil {
		return 0, nil, err
	}
	if first.long {
		return first.no, nil, tooLong()
	}
	var s splitter
	var held []line
	s.feed(first.text)
	for size := len(first.text); s.state == quoted; {
		l, err := f.in.next()
		if err != nil && !errors.Is(err, io.EOF) {
			return first.no, nil, err
		}
		if err == nil {
			held = append(held, l)
			size += len(l.text) + 1
		}
		if err != nil || l.long || size > maxLine {
			f.in.unread(held)
			return first.no, nil, bad("引号没有成对，已跳过这一行。")
		}
		s.feed(l.text)
	}
	cells, err := f.decode(s.cells())
	return first.no, cells, err
}

func (f *csvFile) decode(raw [][]byte) ([]string, error) {
	cells := make([]string, len(raw))
	for i, b := range raw {
		valid := utf8.Valid(b)
		if f.code == unsure && !ascii(b) {
			f.code = utf
			if !valid {
				f.code = gb
			}
		}
		if f.code != gb {
			if !valid {
				return nil, bad("第 %d 列编码有误，不是 UTF-8。", i+1)
			}
			cells[i] = string(b)
			continue
		}
		text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(b)
		if err != nil || bytes.ContainsRune(text, utf8.RuneError) {
			return nil, bad("第 %d 列编码有误，不是 GB18030。", i+1)
		}
		cells[i] = string(text)
	}
	return cells, nil
}

// splitter takes a record apart, line by line.
type splitter struct {
	done  [][]byte
	cell  []byte
	state int
}

const (
	fresh  = iota // at the start of a cell
	plain         // in a cell without quotes; a quote here is a letter like any other
	quoted        // between quotes, where commas and line ends belong to the text
)

func (s *splitter) feed(text []byte) {
	if s.state == quoted {
		s.cell = append(s.cell, '\n')
	}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case s.state == quoted && c == '"' && i+1 < len(text) && text[i+1] == '"':
			s.cell = append(s.cell, c)
			i++
		case s.state == quoted && c == '"':
			s.state = plain
		case s.state == fresh && c == '"':
			s.state = quoted
		case s.state != quoted && c == ',':
			s.done = append(s.done, s.cell)
			s.cell, s.state = nil, fresh
		case s.state == quoted:
			s.cell = append(s.cell, c)
		default:
			s.cell, s.state = append(s.cell, c), plain
		}
	}
}

func (s *splitter) cells() [][]byte { return append(s.done, s.cell) }

func blank(cells []string) bool { return strings.TrimSpace(strings.Join(cells, "")) == "" }
