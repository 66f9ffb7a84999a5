package calendar

import "fmt"

// InvalidError says which input was wrong and why, in Chinese, so that the
// sentence can be shown to the person who typed it. Nothing was changed.
type InvalidError struct {
	Field  string // machine name of what was wrong: date, kind, name, year, source, span, unit, clock, office, text
	Line   int    // line of the imported text, counted from 1; 0 when there is no text
	Reason string // one Chinese sentence
}

// Error is the Chinese sentence, with the line in front where there is one.
func (e *InvalidError) Error() string {
	if e.Line > 0 {
		return fmt.Sprintf("第%d行：%s", e.Line, e.Reason)
	}
	return e.Reason
}

func invalid(field, format string, args ...any) *InvalidError {
	return &InvalidError{Field: field, Reason: fmt.Sprintf(format, args...)}
}

// UnknownYearError refuses a computation that needs a day of a year whose
// notice (国务院办公厅放假通知) is not in the calendar. The holidays of a coming
// year can't be derived: guessing "Monday to Friday" would promise citizens dates
// that the notice then breaks, so there is a refusal and never a guess.
type UnknownYearError struct {
	Year  int // the year without data
	First int // first known year, 0 when not told
	Last  int // last known year, 0 when not told
}

// Error is a Chinese sentence that says what to do.
func (e *UnknownYearError) Error() string {
	if e.First != 0 && e.Year < e.First {
		return fmt.Sprintf("工作日历从%d年起（至%d年），%d年的日期不能推算工作日：请核对日期是否填错",
			e.First, e.Last, e.Year)
	}
	known := ""
	if e.Last != 0 {
		known = fmt.Sprintf("（工作日历已录入%d年至%d年）", e.First, e.Last)
	}
	return fmt.Sprintf("%d年的节假日安排尚未录入%s，不能推算工作日：请管理员按国务院办公厅《关于%d年部分节假日安排的通知》录入该年的放假和调休上班日期",
		e.Year, known, e.Year)
}
