package calendar

import (
	"fmt"
	"time"
)

// Describe names the day of t in Zone for people, with its year:
// "2026年2月14日（周六，调休上班）". It never fails: a day of an unknown year says so.
func (c *Calendar) Describe(t time.Time) string {
	number := dayNumber(t)
	return dateOf(number).Words() + c.remark(number)
}

// DescribeFrom is Describe without the year when the day is in now's year:
// "10月1日（周四，国庆节）".
func (c *Calendar) DescribeFrom(now, t time.Time) string {
	number := dayNumber(t)
	return shortWords(now, number) + c.remark(number)
}

// DescribeDue names a due moment: "11月28日24:00前（周五，工作日）", without the year
// when it is now's. A due moment at 00:00 is written as 24:00 of the day before,
// since that is the day people have until.
func (c *Calendar) DescribeDue(now, due time.Time) string {
	number, clock := dayNumber(due), Clock(sinceMidnight(due)/time.Minute)
	if sinceMidnight(due) == 0 {
		number, clock = number-1, endOfDayClock
	}
	return shortWords(now, number) + clock.String() + "前" + c.remark(number)
}

func shortWords(now time.Time, number int) string {
	d := dateOf(number)
	if d.Year == DateOf(now).Year {
		return fmt.Sprintf("%d月%d日", int(d.Month), d.Day)
	}
	return d.Words()
}

// remark is "（周六，调休上班）".
func (c *Calendar) remark(number int) string {
	return "（" + weekdayWords(number) + "，" + c.kindWords(number) + "）"
}

func (c *Calendar) kindWords(number int) string {
	mark, marked := c.marks[number]
	off := weekend(number)
	switch {
	case !c.knows(number - c.base):
		return fmt.Sprintf("%d年节假日安排未录入", dateOf(number).Year)
	case marked && mark.Kind == Holiday && mark.Name != "":
		return mark.Name
	case marked && mark.Kind == Holiday:
		return "放假"
	case marked && off:
		return "调休上班"
	case off:
		return "休息日"
	}
	return "工作日"
}

func weekdayWords(number int) string {
	return [...]string{"周日", "周一", "周二", "周三", "周四", "周五", "周六"}[weekdayOf(number)]
}

// DefaultNotice is how long before the Horizon Warn begins to warn: 120 days, so
// that 15-working-day limits and the year's end are months away when it is seen.
const DefaultNotice = 120 * day

// Warn is a Chinese warning when the Horizon is less than within away from now, ""
// when it is not; within <= 0 means DefaultNotice. It never fails.
func (c *Calendar) Warn(now time.Time, within time.Duration) string {
	if within <= 0 {
		within = DefaultNotice
	}
	end := endOf(c.Horizon().number())
	if end.Sub(now) >= within {
		return ""
	}
	next := c.last + 1
	if !now.Before(end) {
		return fmt.Sprintf("工作日历已于%s用完，工作日时限无法计算：请管理员立即按国务院办公厅《关于%d年部分节假日安排的通知》录入放假和调休上班日期",
			c.Horizon().Words(), next)
	}
	return fmt.Sprintf("工作日历到%s为止，还有%d天：跨入%d年的工作日时限无法计算，请管理员在国务院办公厅发布《关于%d年部分节假日安排的通知》（一般在上一年10月下旬至12月）后尽快录入",
		c.Horizon().Words(), c.Horizon().number()-dayNumber(now), next, next)
}
