package intakefile

import (
	"errors"
	"fmt"
	"io"
	"strings"
)

// rows gives one row after the other with its line number.
type rows func() (int, []string, error)

// table reads rows under a header: CSV and Excel.
type table struct {
	rows   rows
	strict bool // CSV writes every cell, so a row of another width is damaged; Excel leaves empty cells out
	fields []string
	note   *Note
	cell   func(field, text string) (string, error)
	close  func() error
}

func openTable(next rows, mapped map[string]string, strict bool) (*table, error) {
	for {
		no, header, err := next()
		if errors.Is(err, io.EOF) {
			return nil, errors.New("文件是空的，没有表头。")
		}
		if err != nil {
			return nil, fmt.Errorf("读不出表头：%w", err)
		}
		if blank(header) {
			continue
		}
		fields, unknown, err := bind(header, mapped)
		if err != nil {
			return nil, err
		}
		t := &table{rows: next, strict: strict, fields: fields}
		if len(unknown) > 0 {
			// By position, not by name: in a file without a header the first row is somebody's data.
			t.note = &Note{fmt.Sprintf("第 %s 列的表头不认识或重复，已忽略。", strings.Join(unknown, "、")), no}
		}
		return t, nil
	}
}

func (t *table) Close() error {
	if t.close == nil {
		return nil
	}
	return t.close()
}

func (t *table) next() (int, record, *Note, error) {
	if note := t.note; note != nil {
		line, r, _, err := t.read()
		t.note = nil
		return line, r, note, err
	}
	return t.read()
}

func (t *table) read() (int, record, *Note, error) {
	for {
		no, cells, err := t.rows()
		if err != nil {
			return no, nil, nil, err
		}
		if blank(cells) {
			continue
		}
		r, err := t.record(cells)
		return no, r, nil, err
	}
}

func (t *table) record(cells []string) (record, error) {
	if t.strict && len(cells) != len(t.fields) || len(cells) > len(t.fields) && !blank(cells[len(t.fields):]) {
		return nil, bad("有 %d 列，与表头的 %d 列不符。", len(cells), len(t.fields))
	}
	r, size := record{}, 0
	for i, text := range cells {
		if size += len(text); size > maxLine {
			return nil, tooLong()
		}
		if i >= len(t.fields) || t.fields[i] == "" {
			continue
		}
		if text = strings.TrimSpace(text); text == "" {
			continue
		}
		if t.cell != nil {
			var err error
			if text, err = t.cell(t.fields[i], text); err != nil {
				return nil, err
			}
		}
		r[t.fields[i]] = text
	}
	return r, nil
}
