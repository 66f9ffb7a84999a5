package calendar

import (
	"fmt"
	"strings"
	"time"
)

// Left is how much time lies between now and a due moment (剩余或超期时间), cut down
// to whole units. Made by Calendar.Between.
type Left struct {
	Overdue bool // the due moment has passed; the numbers then say by how much
	Working bool // Days are working days (工作日), else natural days (自然日)
	Days    int
	Hours   int // 0 to 23
	Minutes int // 0 to 59

	// UnknownYear is the year whose missing arrangement forced natural days; 0 when
	// the calendar knows all that is needed.
	UnknownYear int
}

// Between is how much is left at moment a until moment b, Overdue when b is
// before a. A working day counts 24 hours and a day off none: on a Saturday, 24:00
// of Tuesday is two working days away.
//
// It never fails. Where that count is no whole working day (a two-hour clock that
// runs on a Sunday must not read "nothing left"), or where a year is unknown, it
// gives the time on the clock in natural days.
func (c *Calendar) Between(a, b time.Time) Left {
	overdue := b.Before(a)
	if overdue {
		a, b = b, a
	}
	left, working := b.Sub(a), false // Sub stops at 292 years rather than overflow
	from, unknownA := c.workingClock(a)
	to, unknownB := c.workingClock(b)
	unknown := unknownA
	if unknown == 0 {
		unknown = unknownB
	}
	if unknown == 0 && to-from >= day {
		left, working = to-from, true
	}
	return Left{
		Overdue: overdue, Working: working, UnknownYear: unknown,
		Days:    int(left / day),
		Hours:   int(left % day / time.Hour),
		Minutes: int(left % time.Hour / time.Minute),
	}
}

// workingClock reads a clock that runs through all 24 hours of working days and
// stands still on days off; otherwise it names the unknown year. The very end of
// the last known day can be read: it is where due moments of December fall.
func (c *Calendar) workingClock(t time.Time) (reading time.Duration, unknown int) {
	i, clock := dayNumber(t)-c.base, sinceMidnight(t)
	if c.knows(i) {
		reading = time.Duration(c.before[i]) * day
		if c.works(i) {
			reading += clock
		}
		return reading, 0
	}
	if i == len(c.before)-1 && clock == 0 {
		return time.Duration(c.before[i]) * day, 0
	}
	return 0, dateOf(c.base + i).Year
}

// Words says it in Chinese: 还剩1个工作日3小时, 已超2个工作日, 还剩25分钟. Minutes show
// only within the last hour. Natural days say that they are natural, and why.
func (l Left) Words() string {
	var b strings.Builder
	b.WriteString("还剩")
	if l.Overdue {
		b.Reset()
		b.WriteString("已超")
	}
	switch {
	case l.Days > 0 && l.Working:
		fmt.Fprintf(&b, "%d个工作日", l.Days)
	case l.Days > 0:
		fmt.Fprintf(&b, "%d天", l.Days)
	case l.Hours == 0 && l.Minutes == 0:
		b.WriteString("不到1分钟")
	case l.Hours == 0:
		fmt.Fprintf(&b, "%d分钟", l.Minutes)
	}
	if l.Hours > 0 {
		fmt.Fprintf(&b, "%d小时", l.Hours)
	}
	switch {
	case l.Days == 0 || l.Working:
	case l.UnknownYear != 0:
		fmt.Fprintf(&b, "（自然日，%d年节假日安排未录入）", l.UnknownYear)
	default:
		b.WriteString("（含休息日）")
	}
	return b.String()
}
