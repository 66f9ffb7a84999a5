package calendar

import (
	"strconv"
	"strings"
	"time"
)

// Unit is what a Span counts.
type Unit uint8

const (
	// Minute is sixty seconds that pass, day or night (分钟).
	Minute Unit = iota + 1
	// Hour is sixty minutes that pass, day or night (小时).
	Hour
	// WorkingHour is an hour inside office hours on a working day (工作小时).
	WorkingHour
	// NaturalDay is any day of the calendar (自然日).
	NaturalDay
	// WorkingDay is a day on which offices work (工作日).
	WorkingDay
)

// units hold each Unit's text form and words, in the order of the constants.
var units = [...]struct{ text, words string }{
	Minute:      {"m", "分钟"},
	Hour:        {"h", "小时"},
	WorkingHour: {"wh", "个工作小时"},
	NaturalDay:  {"d", "个自然日"},
	WorkingDay:  {"wd", "个工作日"},
}

func (u Unit) valid() bool { return u >= Minute && u <= WorkingDay }

// String is the unit's text form: m, h, wh, d, wd; "?" for no unit.
func (u Unit) String() string {
	if !u.valid() {
		return "?"
	}
	return units[u].text
}

// MaxSpan is the largest N of a Span in any unit, so that a slip of the finger
// can't set a date beyond all reason.
const MaxSpan = 10000

// Span is a length of time as the rules state it (时限): a number of units. The
// zero Span is "not set" and is refused by everything that computes.
type Span struct {
	N    int // 0 to MaxSpan
	Unit Unit
}

// ParseSpan reads "30m", "2h", "2wh", "15d" or "5wd". There is one way to write a
// span: no sign, no leading zero, no blanks, lower case. The error is an
// *InvalidError.
func ParseSpan(text string) (Span, error) {
	digits := strings.TrimRight(text, "mhwd")
	n, err := strconv.Atoi(digits)
	if err != nil || strconv.Itoa(n) != digits || n < 0 {
		return Span{}, badSpan(text)
	}
	for u := Minute; u <= WorkingDay; u++ {
		if units[u].text == text[len(digits):] {
			s := Span{N: n, Unit: u}
			return s, s.check()
		}
	}
	return Span{}, badSpan(text)
}

func badSpan(text string) error {
	return invalid("span", "时限“%s”写法不对，应为数字加单位：30m（分钟）、2h（小时）、2wh（工作小时）、15d（自然日）、5wd（工作日）", clip(text))
}

func (s Span) check() error {
	if s.IsZero() {
		return invalid("span", "时限没有填写")
	}
	if !s.Unit.valid() {
		return invalid("unit", "时限的单位无效")
	}
	if s.N < 0 || s.N > MaxSpan {
		return invalid("span", "时限的数字%d超出范围，应在0至%d之间", s.N, MaxSpan)
	}
	return nil
}

// Natural is the span in days and hours of the clock: what stands in while a year's working days are not known.
func (s Span) Natural() Span {
	switch s.Unit {
	case WorkingHour:
		s.Unit = Hour
	case WorkingDay:
		s.Unit = NaturalDay
	}
	return s
}

// IsZero tells whether the span is not set. "0wd" is set.
func (s Span) IsZero() bool { return s == Span{} }

// String is the form that ParseSpan reads, "5wd".
func (s Span) String() string { return strconv.Itoa(s.N) + s.Unit.String() }

// Words is the span for people: "5个工作日", "30分钟"; "" when there is no unit.
func (s Span) Words() string {
	if !s.Unit.valid() {
		return ""
	}
	return strconv.Itoa(s.N) + units[s.Unit].words
}

// MarshalText writes "5wd"; an unset or impossible span is an *InvalidError.
func (s Span) MarshalText() ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	return []byte(s.String()), nil
}

// UnmarshalText reads what ParseSpan reads.
func (s *Span) UnmarshalText(text []byte) error {
	parsed, err := ParseSpan(string(text))
	if err != nil {
		return err
	}
	*s = parsed
	return nil
}

// Add is the due moment (截止时刻), in Zone, of a span that begins at start:
//
//   - minutes and hours pass on the clock, day or night;
//   - natural days: the start's day isn't counted (《民法典》第二百零一条) and the span
//     ends at 24:00 of the Nth day after it (第二百零三条第二款), written as 00:00 of
//     the day that follows. A last day that is a day off stays the last day: the
//     roll-over of 第二百零三条第一款 is not applied, see DESIGN.md;
//   - working days: likewise, counting working days only. N=0 ends with the start's
//     day if that is a working day, else with the next working day;
//   - working hours pass only in office hours. N=0 is the start itself in office
//     hours, else the next opening.
//
// Errors: *InvalidError for an impossible span; *UnknownYearError when working days
// or hours need a year that the calendar doesn't know. The other units never do.
func (c *Calendar) Add(start time.Time, s Span) (time.Time, error) {
	if err := s.check(); err != nil {
		return time.Time{}, err
	}
	switch s.Unit {
	case Minute:
		return start.Add(time.Duration(s.N) * time.Minute).In(Zone), nil
	case Hour:
		return start.Add(time.Duration(s.N) * time.Hour).In(Zone), nil
	case WorkingHour:
		return c.addWorkingHours(start, s.N)
	case NaturalDay:
		return endOf(dayNumber(start) + s.N), nil
	default:
		number, err := c.nthWorkingDay(dayNumber(start), s.N)
		if err != nil {
			return time.Time{}, err
		}
		return endOf(number), nil
	}
}

// Extend moves a due moment on by a span (延期). It differs from Add only for due
// moments at 24:00, which are stored as 00:00 of the next day: Add would take that
// next day for the start and give a day too many. For a due moment made from
// working days, Extend by b after Add of a is the same as Add of a+b.
// Errors as Add.
func (c *Calendar) Extend(due time.Time, s Span) (time.Time, error) {
	if s.Unit == NaturalDay || s.Unit == WorkingDay {
		due = due.Add(-time.Nanosecond)
	}
	return c.Add(due, s)
}
