package calendar

import (
	"fmt"
	"time"
)

// Zone is China Standard Time (中国标准时间, +08:00), in which every day of this
// package begins and ends. It is fixed and needs no tzdata: the country has one
// legal time, without summer time, Xinjiang and Tibet included.
var Zone = time.FixedZone("中国标准时间", 8*60*60)

const (
	secondsPerDay = 24 * 60 * 60
	zoneSeconds   = 8 * 60 * 60
	day           = 24 * time.Hour
)

// Date is a day of the Gregorian calendar (公历日) without time or zone, so that a
// day read from a database in another zone can't slip to its neighbour.
// Comparable; the zero Date is no day.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the day that t falls on in Zone.
func DateOf(t time.Time) Date { return dateOf(dayNumber(t)) }

// ParseDate reads "2026-02-14". Its error is an *InvalidError.
func ParseDate(text string) (Date, error) { return parseDate(time.DateOnly, text) }

func parseDate(layout, text string) (Date, error) {
	t, err := time.Parse(layout, text)
	if err != nil {
		return Date{}, invalid("date", "日期“%s”不存在或写法不对，应写作2026-02-14", clip(text))
	}
	d := Date{Year: t.Year(), Month: t.Month(), Day: t.Day()}
	return d, d.check()
}

// Start is 00:00 of the day in Zone.
func (d Date) Start() time.Time { return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, Zone) }

// String is the form that ParseDate reads: "2026-02-14".
func (d Date) String() string { return fmt.Sprintf("%04d-%02d-%02d", d.Year, int(d.Month), d.Day) }

// Words is the day as people write it: "2026年2月14日".
func (d Date) Words() string { return fmt.Sprintf("%d年%d月%d日", d.Year, int(d.Month), d.Day) }

// MarshalText writes "2026-02-14"; a Date that is no real day is an *InvalidError.
func (d Date) MarshalText() ([]byte, error) {
	if err := d.check(); err != nil {
		return nil, err
	}
	return []byte(d.String()), nil
}

// UnmarshalText reads what MarshalText writes; errors as ParseDate.
func (d *Date) UnmarshalText(text []byte) error {
	parsed, err := ParseDate(string(text))
	if err != nil {
		return err
	}
	*d = parsed
	return nil
}

func (d Date) check() error {
	if d == (Date{}) {
		return invalid("date", "日期没有填写")
	}
	if d.Year < 1 || d.Year > 9999 || dateOf(d.number()) != d {
		return invalid("date", "日期“%s”不存在", d)
	}
	return nil
}

// number counts days from 1970-01-01. Days are handled as numbers inside, because
// tables are indexed by them and differences need no calendar arithmetic.
func (d Date) number() int {
	return int(time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC).Unix() / secondsPerDay)
}

func dateOf(number int) Date {
	y, m, d := time.Unix(int64(number)*secondsPerDay, 0).UTC().Date()
	return Date{Year: y, Month: m, Day: d}
}

// dayNumber is the number of the day that t falls on in Zone, rounding down also
// before 1970.
func dayNumber(t time.Time) int {
	seconds := t.Unix() + zoneSeconds
	number := seconds / secondsPerDay
	if seconds%secondsPerDay < 0 {
		number--
	}
	return int(number)
}

// startOf is 00:00 of the numbered day in Zone.
func startOf(number int) time.Time {
	return time.Unix(int64(number)*secondsPerDay-zoneSeconds, 0).In(Zone)
}

// endOf is 24:00 of the numbered day (当日二十四时), that is 00:00 of the next.
func endOf(number int) time.Time { return startOf(number + 1) }

// sinceMidnight is the clock time of t in Zone.
func sinceMidnight(t time.Time) time.Duration {
	seconds := t.Unix() + zoneSeconds - int64(dayNumber(t))*secondsPerDay
	return time.Duration(seconds)*time.Second + time.Duration(t.Nanosecond())
}

func weekdayOf(number int) time.Weekday {
	// Day 0, 1970-01-01, was a Thursday; the second +7 keeps days before it positive.
	return time.Weekday(((number+int(time.Thursday))%7 + 7) % 7)
}

func weekend(number int) bool {
	w := weekdayOf(number)
	return w == time.Saturday || w == time.Sunday
}

// clip keeps hostile or pasted input from filling an error message.
func clip(text string) string {
	const most = 40
	runes := []rune(text)
	if len(runes) <= most {
		return text
	}
	return string(runes[:most]) + "…"
}
