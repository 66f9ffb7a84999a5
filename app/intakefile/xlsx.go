package intakefile

import (
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/xuri/excelize/v2"

	"hotline/tenants/calendar"
)

// maxUnzipped bounds what a workbook may unfold to: a small file can be made to fill any disk.
const maxUnzipped = 1 << 30

// workbook is the first sheet of an Excel file. Cells are read raw: as shown, a long number loses digits and a date takes
// the form of whoever saved the file.
type workbook struct {
	file *excelize.File
	rows *excelize.Rows
	no   int
	from bool // days are counted from 1904
}

func openXLSX(r io.Reader, mapped map[string]string) (reader, error) {
	file, err := excelize.OpenReader(r, excelize.Options{RawCellValue: true, UnzipSizeLimit: maxUnzipped})
	if err != nil {
		return nil, fmt.Errorf("Excel 文件打不开：%w", err)
	}
	t, err := sheet(file, mapped)
	if err != nil {
		_ = file.Close()
		return nil, err
	}
	return t, nil
}

func sheet(file *excelize.File, mapped map[string]string) (*table, error) {
	names := file.GetSheetList()
	if len(names) == 0 {
		return nil, errors.New("Excel 文件里没有工作表。")
	}
	w := &workbook{file: file}
	if p, err := file.GetWorkbookProps(); err == nil && p.Date1904 != nil {
		w.from = *p.Date1904
	}
	var err error
	if w.rows, err = file.Rows(names[0]); err != nil {
		return nil, fmt.Errorf("Excel 文件打不开：%w", err)
	}
	t, err := openTable(w.row, mapped, false)
	if err != nil {
		return nil, err
	}
	t.cell, t.close = w.cell, func() error { return errors.Join(w.rows.Close(), w.file.Close()) }
	return t, nil
}

func (w *workbook) row() (int, []string, error) {
	if !w.rows.Next() {
		if err := w.rows.Error(); err != nil {
			return w.no, nil, fmt.Errorf("read the sheet: %w", err)
		}
		return w.no, nil, io.EOF
	}
	w.no++
	cells, err := w.rows.Columns()
	if err != nil {
		return w.no, nil, fmt.Errorf("read the sheet: %w", err)
	}
	return w.no, cells, nil
}

// exact is up to where Excel keeps every digit of a number.
const exact = 1e15

// cell undoes what Excel does to dates and to long numbers typed without a quote before them.
func (w *workbook) cell(field, text string) (string, error) {
	number, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsNaN(number) || math.IsInf(number, 0) {
		return text, nil
	}
	if field == "received_at" {
		day, err := excelize.ExcelDateToTime(number, w.from)
		if err != nil {
			return "", wrongField(field, "日期不对。")
		}
		day = day.Round(time.Second)
		y, m, d := day.Date()
		return time.Date(y, m, d, day.Hour(), day.Minute(), day.Second(), 0, calendar.Zone).Format(time.RFC3339), nil
	}
	if !strings.ContainsAny(text, "eE") {
		return text, nil
	}
	if math.Abs(number) >= exact {
		return "", wrongField(field, "被 Excel 存成了数字，末几位已丢失，请把该列改为文本后重新填写。")
	}
	return strconv.FormatFloat(number, 'f', -1, 64), nil
}
