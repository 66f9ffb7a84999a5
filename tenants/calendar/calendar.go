// Package calendar knows China's working days (工作日) and turns spans of time
// (时限) into due moments (截止时刻).
//
// All days begin and end in Zone (+08:00). DESIGN.md states the counting rule.
// Values of this package are safe for use by many goroutines.
package calendar

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Calendar is one city's working-day calendar (工作日历): the national notices, the
// city's own days, and its office hours. It is immutable and safe to share; the
// With methods return another one. Start from National.
type Calendar struct {
	first, last int            // known years, both included
	base        int            // number of 1 January of the first year
	marks       map[int]Day    // entries by day number, later ones in place of earlier
	sources     map[int]string // the notice of each year

	office    []Session
	officeDay time.Duration // office hours of one working day

	// Both tables let any count of working days be one look-up instead of a walk:
	// before[i] is how many working days lie before day base+i (one longer than
	// the known days), working lists the working days' offsets in order.
	before  []int32
	working []int32
}

// before is a calendar that knows no year yet and expects the given one first.
func before(year int) *Calendar {
	c := &Calendar{
		first: year, last: year - 1,
		base:  Date{Year: year, Month: time.January, Day: 1}.number(),
		marks: map[int]Day{}, sources: map[int]string{},
		before: []int32{0},
	}
	c.setOffice(defaultOffice)
	return c
}

// With adds a city's own days off and working days (地方放假、上班安排), for example
// 彝族年 in 凉山. An addition overrides the nation's entry and earlier additions for
// the same date.
//
// Errors: *InvalidError for a day that is no day, has no kind, or comes twice in
// one call; *UnknownYearError (wrapped) for a year that the calendar doesn't know.
func (c *Calendar) With(additions ...Day) (*Calendar, error) {
	next := c.clone()
	seen := map[Date]bool{}
	for _, d := range additions {
		if err := d.check(); err != nil {
			return nil, err
		}
		if seen[d.Date] {
			return nil, invalid("date", "%s重复登记", d.Date)
		}
		seen[d.Date] = true
		number := d.Date.number()
		if !c.knows(number - c.base) {
			return nil, fmt.Errorf("登记%s：%w", d.Date, c.unknown(number-c.base))
		}
		next.marks[number] = d
	}
	next.count()
	return next, nil
}

// WithYear adds the nation's arrangement for the year after the last known one, as
// typed from the State Council's notice (国务院办公厅关于某年部分节假日安排的通知).
// The source is the notice's title, with its document number where it has one.
// Entries may lie in that year or in the December before it, since a New Year's
// notice may move days across the year's end.
//
// Errors are *InvalidError. A list is refused when it can't be a whole notice:
// fewer than 13 days off, one of the fixed statutory holidays missing
// (《全国年节及纪念日放假办法》), or a make-up day that isn't a Saturday or Sunday.
func (c *Calendar) WithYear(year int, source string, days ...Day) (*Calendar, error) {
	if year != c.last+1 {
		return nil, invalid("year", "只能录入%d年的节假日安排，不能录入%d年", c.last+1, year)
	}
	if strings.TrimSpace(source) == "" {
		return nil, invalid("source", "请写明%d年节假日安排的依据（通知名称和文号）", year)
	}
	if err := checkNotice(year, days); err != nil {
		return nil, err
	}
	next := c.clone()
	next.last = year
	next.sources[year] = source
	next.count() // makes the year known, so that With accepts its days
	return next.With(days...)
}

// checkNotice catches half-typed lists: a missing holiday would not be noticed
// until a citizen's due date falls on it.
func checkNotice(year int, days []Day) error {
	off := map[Date]bool{}
	for _, d := range days {
		if err := d.check(); err != nil {
			return err
		}
		december := Date{Year: year - 1, Month: time.December, Day: d.Date.Day}
		if d.Date.Year != year && d.Date != december {
			return invalid("date", "%s不在%d年（可含上一年12月）", d.Date, year)
		}
		if d.Kind == Workday && !weekend(d.Date.number()) {
			return invalid("kind", "%s是%s，调休上班日应在周六或周日", d.Date, weekdayWords(d.Date.number()))
		}
		if d.Kind == Holiday {
			off[d.Date] = true
		}
	}
	for _, fixed := range fixedHolidays {
		want := Date{Year: year, Month: fixed.Month, Day: fixed.Day}
		if !off[want] {
			return invalid("date", "缺少法定节假日%s，请核对通知是否录全", want.Words())
		}
	}
	const statutory = 13
	if len(off) < statutory {
		return invalid("date", "%d年只录入了%d天放假，少于法定的%d天，请核对通知是否录全", year, len(off), statutory)
	}
	return nil
}

// fixedHolidays are the statutory holidays with a fixed date: 元旦, 劳动节 (two days
// since 2025), 国庆节.
var fixedHolidays = []Date{
	{Month: time.January, Day: 1},
	{Month: time.May, Day: 1}, {Month: time.May, Day: 2},
	{Month: time.October, Day: 1}, {Month: time.October, Day: 2}, {Month: time.October, Day: 3},
}

// Years are the first and the last known year, both included.
func (c *Calendar) Years() (first, last int) { return c.first, c.last }

// Horizon is the last known day (日历末日): 31 December of the last known year.
func (c *Calendar) Horizon() Date { return Date{Year: c.last, Month: time.December, Day: 31} }

// Source names the notice that a year was entered from, "" for an unknown year.
func (c *Calendar) Source(year int) string { return c.sources[year] }

// Days lists the entries in force for a year in order of date, the nation's and
// the city's together. The slice is the caller's.
func (c *Calendar) Days(year int) []Day {
	var list []Day
	for _, d := range c.marks {
		if d.Date.Year == year {
			list = append(list, d)
		}
	}
	slices.SortFunc(list, func(a, b Day) int { return a.Date.number() - b.Date.number() })
	return list
}

// IsWorkingDay tells whether the day of t in Zone is a working day (工作日). The
// error is an *UnknownYearError when the day's year isn't known.
func (c *Calendar) IsWorkingDay(t time.Time) (bool, error) {
	i := dayNumber(t) - c.base
	if !c.knows(i) {
		return false, c.unknown(i)
	}
	return c.works(i), nil
}

// NextWorkingDay is the first working day after the day of t in Zone, never that
// day itself. The error is an *UnknownYearError.
func (c *Calendar) NextWorkingDay(t time.Time) (Date, error) {
	number, err := c.nthWorkingDay(dayNumber(t), 1)
	if err != nil {
		return Date{}, err
	}
	return dateOf(number), nil
}

// nthWorkingDay is the number of the nth working day after the given day; n=0 is
// the day itself if it is a working day, else the next one.
func (c *Calendar) nthWorkingDay(number, n int) (int, error) {
	from := number - c.base
	if n > 0 {
		from, n = from+1, n-1
	}
	if !c.knows(from) {
		return 0, c.unknown(from)
	}
	k := int(c.before[from]) + n
	if k >= len(c.working) {
		return 0, c.unknown(len(c.before) - 1)
	}
	return c.base + int(c.working[k]), nil
}

// knows tells whether the day at offset i from base lies in a known year.
func (c *Calendar) knows(i int) bool { return i >= 0 && i < len(c.before)-1 }

// works tells whether the known day at offset i is a working day.
func (c *Calendar) works(i int) bool { return c.before[i+1] != c.before[i] }

func (c *Calendar) unknown(i int) *UnknownYearError {
	return &UnknownYearError{Year: dateOf(c.base + i).Year, First: c.first, Last: c.last}
}

func (c *Calendar) clone() *Calendar {
	next := *c
	next.marks = maps.Clone(c.marks)
	next.sources = maps.Clone(c.sources)
	return &next
}

// count builds the tables from the week and the entries.
func (c *Calendar) count() {
	days := c.Horizon().number() - c.base + 1
	c.before = make([]int32, 1, days+1)
	c.working = make([]int32, 0, days)
	for i := range days {
		off := weekend(c.base + i)
		if mark, ok := c.marks[c.base+i]; ok {
			off = mark.Kind == Holiday
		}
		if !off {
			c.working = append(c.working, int32(i))
		}
		c.before = append(c.before, int32(len(c.working)))
	}
}
