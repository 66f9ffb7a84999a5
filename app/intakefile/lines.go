package intakefile

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
)

// line is one line of text without its end.
type line struct {
	no   int
	text []byte
	long bool // longer than maxLine; the text is gone
}

// lines reads line by line in bounded memory, and takes lines back that were read too far.
type lines struct {
	r    *bufio.Reader
	no   int
	back []line
}

// sniffed is how much of a file is looked at before the first line: for the byte order mark and the encoding.
const sniffed = 1 << 16

var mark = []byte("\xef\xbb\xbf")

func newLines(r io.Reader) (l *lines, start []byte, marked bool, err error) {
	l = &lines{r: bufio.NewReaderSize(r, sniffed)}
	start, err = l.r.Peek(sniffed)
	if err != nil && !errors.Is(err, io.EOF) {
		return nil, nil, false, fmt.Errorf("read the file: %w", err)
	}
	if bytes.HasPrefix(start, mark) {
		_, err := l.r.Discard(len(mark))
		return l, start[len(mark):], true, err
	}
	return l, start, false, nil
}

func (l *lines) next() (line, error) {
	if len(l.back) > 0 {
		one := l.back[0]
		l.back = l.back[1:]
		return one, nil
	}
	one := line{no: l.no + 1}
	for {
		part, err := l.r.ReadSlice('\n')
		if len(part) > 0 && !one.long {
			if one.long = len(one.text)+len(part) > maxLine+2; one.long {
				one.text = nil
			} else {
				one.text = append(one.text, part...)
			}
		}
		ended := errors.Is(err, io.EOF)
		switch {
		case errors.Is(err, bufio.ErrBufferFull):
			continue
		case err != nil && !ended:
			return line{}, fmt.Errorf("read the file: %w", err)
		case ended && len(one.text) == 0 && !one.long:
			return line{}, io.EOF
		}
		l.no++
		one.text = bytes.TrimSuffix(bytes.TrimSuffix(one.text, []byte("\n")), []byte("\r"))
		return one, nil
	}
}

// unread puts lines back so that they come next, in their order.
func (l *lines) unread(all []line) { l.back = append(all, l.back...) }

func tooLong() error { return bad("这一行超过 1 MiB，已跳过。") }
