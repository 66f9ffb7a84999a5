package calendar

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func Test剩余时间的说法(t *testing.T) {
	for _, test := range []struct{ name, now, due, words string }{
		{"周二夜里到周三二十四时", "2026-03-03 21:00", "2026-03-05 00:00", "还剩1个工作日3小时"},
		{"周一上午到周二中午", "2026-03-02 09:00", "2026-03-03 12:00", "还剩1个工作日3小时"},
		{"整天不说小时", "2026-03-03 00:00", "2026-03-05 00:00", "还剩2个工作日"},
		{"周六到下周二二十四时", "2026-03-07 10:00", "2026-03-11 00:00", "还剩2个工作日"},
		{"国庆假期不计", "2025-10-01 10:00", "2025-10-10 00:00", "还剩1个工作日"},
		{"调休周六计入", "2026-10-09 00:00", "2026-10-13 00:00", "还剩3个工作日"},
		{"不足一个工作日按钟点说", "2026-03-03 21:00", "2026-03-04 12:00", "还剩15小时"},
		{"休息日里走钟点的时限照说", "2026-03-08 10:00", "2026-03-08 12:20", "还剩2小时"},
		{"跨周末不足一个工作日按自然日说", "2026-03-06 20:00", "2026-03-09 12:00", "还剩2天16小时（含休息日）"},
		{"最后一小时说分钟", "2026-03-03 21:35", "2026-03-03 22:00", "还剩25分钟"},
		{"不足一分钟", "2026-03-03 22:00", "2026-03-03 22:00", "还剩不到1分钟"},
		{"恰一小时", "2026-03-03 21:00", "2026-03-03 22:00", "还剩1小时"},
		{"超期整天", "2026-03-06 00:00", "2026-03-04 00:00", "已超2个工作日"},
		{"超期跨周末", "2026-03-10 09:00", "2026-03-07 00:00", "已超1个工作日9小时"},
		{"超期刚过周末", "2026-03-09 09:00", "2026-03-07 00:00", "已超2天9小时（含休息日）"},
		{"超期不足一小时", "2026-03-04 00:59", "2026-03-04 00:00", "已超59分钟"},
		{"日历末日二十四时到期", "2026-12-29 12:00", "2027-01-01 00:00", "还剩2个工作日12小时"},
		{"跨入未录入的年份仍给出自然日", "2026-12-29 12:00", "2027-01-15 00:00", "还剩16天12小时（自然日，2027年节假日安排未录入）"},
		{"未录入年份里的当天时限", "2027-02-01 10:00", "2027-02-01 12:00", "还剩2小时"},
		{"早于日历的旧单仍说超期", "2024-01-02 00:00", "2023-12-30 00:00", "已超3天（自然日，2023年节假日安排未录入）"},
	} {
		t.Run(test.name, func(t *testing.T) {
			if got := National().Between(at(t, test.now), at(t, test.due)).Words(); got != test.words {
				t.Errorf("%s，应为%s", got, test.words)
			}
		})
	}
	if got := National().Between(at(t, "2026-03-04 00:00").Add(time.Second), at(t, "2026-03-04 00:00")).Words(); got != "已超不到1分钟" {
		t.Errorf("超期一秒说成%s", got)
	}
}

func Test剩余时间的数目(t *testing.T) {
	got := National().Between(at(t, "2026-03-10 09:20"), at(t, "2026-03-07 00:00"))
	if want := (Left{Overdue: true, Working: true, Days: 1, Hours: 9, Minutes: 20}); got != want {
		t.Errorf("%+v，应为%+v", got, want)
	}
	if got := National().Between(at(t, "2026-03-10"), time.Time{}); !got.Overdue || got.Days < 100_000 {
		t.Errorf("极远的时刻也不应出错：%+v", got)
	}
}

func Test性质_剩余与超期对称且与推算一致(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, a, b := National(), moments(t, "a"), moments(t, "b")
		there, back := c.Between(a, b), c.Between(b, a)
		if !a.Equal(b) && there.Overdue == back.Overdue {
			t.Fatal("一个剩余，一个应是超期")
		}
		there.Overdue = back.Overdue
		if there != back {
			t.Fatalf("%+v 与 %+v 不对称", there, back)
		}
		n := rapid.IntRange(1, 60).Draw(t, "n")
		left := c.Between(endOf(dayNumber(a)), mustAdd(t, a, Span{n, WorkingDay}))
		if want := (Left{Working: true, Days: n}); left != want {
			t.Fatalf("当日二十四时起%d个工作日还剩%+v", n, left)
		}
	})
}

func Test日期的说法(t *testing.T) {
	liangshan, err := National().With(
		Day{date(t, "2026-11-20"), Holiday, "彝族年"},
		Day{date(t, "2026-11-23"), Holiday, ""},
		Day{date(t, "2026-10-07"), Workday, ""})
	if err != nil {
		t.Fatal(err)
	}
	for day, want := range map[string]string{
		"2025-11-28": "2025年11月28日（周五，工作日）",
		"2026-02-14": "2026年2月14日（周六，调休上班）",
		"2026-10-01": "2026年10月1日（周四，国庆节）",
		"2025-10-06": "2025年10月6日（周一，国庆节、中秋节）",
		"2026-03-07": "2026年3月7日（周六，休息日）",
		"2026-11-20": "2026年11月20日（周五，彝族年）",
		"2026-11-23": "2026年11月23日（周一，放假）",
		"2026-10-07": "2026年10月7日（周三，工作日）",
		"2027-01-04": "2027年1月4日（周一，2027年节假日安排未录入）",
	} {
		if got := liangshan.Describe(at(t, day).Add(23 * time.Hour)); got != want {
			t.Errorf("%s，应为%s", got, want)
		}
	}
	now := at(t, "2026-09-30 10:00")
	if got := National().DescribeFrom(now, at(t, "2026-10-01")); got != "10月1日（周四，国庆节）" {
		t.Error(got)
	}
	if got := National().DescribeFrom(now, at(t, "2025-11-28")); got != "2025年11月28日（周五，工作日）" {
		t.Error(got)
	}
}

func Test截止时刻的说法以二十四时为当日(t *testing.T) {
	now := at(t, "2025-11-20 10:00")
	for due, want := range map[string]string{
		"2025-11-29 00:00": "11月28日24:00前（周五，工作日）",
		"2025-11-28 17:30": "11月28日17:30前（周五，工作日）",
		"2026-01-01 00:00": "12月31日24:00前（周三，工作日）",
		"2026-02-14 12:00": "2026年2月14日12:00前（周六，调休上班）",
	} {
		if got := National().DescribeDue(now, at(t, due)); got != want {
			t.Errorf("%s，应为%s", got, want)
		}
	}
}

func Test日历快用完时提前提醒(t *testing.T) {
	c := National()
	for _, test := range []struct {
		name, now string
		within    time.Duration
		words     string
	}{
		{"还早时不提醒", "2026-08-01 00:00", 0, ""},
		{"恰120天不提醒", "2026-09-03 00:00", 0, ""},
		{"不足120天提醒", "2026-09-03 00:01", 0, "到2026年12月31日为止，还有119天"},
		{"提醒说明要录入哪一年", "2026-11-01 00:00", DefaultNotice, "《关于2027年部分节假日安排的通知》"},
		{"自定提前量", "2026-11-01 00:00", 30 * 24 * time.Hour, ""},
		{"最后一天", "2026-12-31 23:59", 0, "还有0天"},
		{"已经用完", "2027-01-01 00:00", 0, "已于2026年12月31日用完"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := c.Warn(at(t, test.now), test.within)
			if (got == "") != (test.words == "") || !strings.Contains(got, test.words) {
				t.Errorf("%q，应含%q", got, test.words)
			}
		})
	}
	longer, err := c.WithYear(2027, "假设的通知", imagined(t)...)
	if err != nil || longer.Warn(at(t, "2026-12-31"), 0) != "" {
		t.Errorf("录入新一年后不再提醒：%v", err)
	}
}
