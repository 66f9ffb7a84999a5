package calendar

import (
	"encoding/json"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func Test时限的写法与中文(t *testing.T) {
	for text, want := range map[string]struct {
		span  Span
		words string
	}{
		"30m":    {Span{30, Minute}, "30分钟"},
		"2h":     {Span{2, Hour}, "2小时"},
		"2wh":    {Span{2, WorkingHour}, "2个工作小时"},
		"15d":    {Span{15, NaturalDay}, "15个自然日"},
		"5wd":    {Span{5, WorkingDay}, "5个工作日"},
		"0wd":    {Span{0, WorkingDay}, "0个工作日"},
		"10000m": {Span{10000, Minute}, "10000分钟"},
	} {
		got, err := ParseSpan(text)
		if err != nil || got != want.span || got.String() != text || got.Words() != want.words {
			t.Errorf("%s = %v %s, %v", text, got, got.Words(), err)
		}
	}
}

func Test写错的时限被拒绝(t *testing.T) {
	for _, text := range []string{"", "5", "wd", "5 wd", " 5wd", "5wd ", "05wd", "+5wd", "-5wd", "5WD", "5w", "5dd", "5hd", "1.5h",
		"５wd", "5个工作日", "1e3d", "99999999999999999999d"} {
		_, err := ParseSpan(text)
		wantInvalid(t, err, "span", "写法不对")
	}
	_, err := ParseSpan("10001d")
	wantInvalid(t, err, "span", "0至10000")
}

func Test不成立的时限不能推算也不能保存(t *testing.T) {
	for _, test := range []struct {
		span         Span
		field, words string
	}{
		{Span{}, "span", "没有填写"},
		{Span{5, 0}, "unit", "单位无效"},
		{Span{5, 9}, "unit", "单位无效"},
		{Span{-1, WorkingDay}, "span", "超出范围"},
		{Span{10001, Hour}, "span", "超出范围"},
	} {
		_, err := National().Add(at(t, "2026-03-02"), test.span)
		wantInvalid(t, err, test.field, test.words)
		_, err = test.span.MarshalText()
		wantInvalid(t, err, test.field, test.words)
	}
	if got := (Span{5, 9}).String() + (Span{5, 9}).Words(); got != "5?" {
		t.Errorf("单位无效的时限写作%q", got)
	}
}

func Test时限可存入JSON并可不填(t *testing.T) {
	type rule struct {
		Reply  Span `json:"reply"`
		Review Span `json:"review,omitzero"`
	}
	text, err := json.Marshal(rule{Reply: Span{5, WorkingDay}})
	if err != nil || string(text) != `{"reply":"5wd"}` {
		t.Fatalf("%s, %v", text, err)
	}
	var back rule
	if err := json.Unmarshal(text, &back); err != nil || back.Reply != (Span{5, WorkingDay}) || !back.Review.IsZero() {
		t.Errorf("%v, %v", back, err)
	}
	wantInvalid(t, json.Unmarshal([]byte(`{"reply":"五天"}`), &back), "span", "五天")
}

// Each row: from the start, the span ends at the due moment; 24:00 of a day is
// written as 00:00 of the next.
func Test截止时刻的推算(t *testing.T) {
	for _, test := range []struct{ name, start, span, due string }{
		{"分钟按钟点走，不管放假", "2026-02-17 23:50", "30m", "2026-02-18 00:20"},
		{"小时按钟点走，不管放假", "2025-10-01 09:30", "24h", "2025-10-02 09:30"},
		{"小时不需要日历", "2026-12-31 23:00", "2h", "2027-01-01 01:00"},

		{"自然日不计当日，末日二十四时届满", "2026-03-02 09:00", "15d", "2026-03-18 00:00"},
		{"自然日的末日逢休息日不顺延", "2026-03-02 09:00", "5d", "2026-03-08 00:00"},
		{"零个自然日到当日二十四时", "2026-03-07 09:00", "0d", "2026-03-08 00:00"},
		{"自然日可以跨入未录入的年份", "2026-12-31 09:00", "15d", "2027-01-16 00:00"},
		{"自然日经过闰年二月", "2024-02-28 09:00", "2d", "2024-03-02 00:00"},

		{"当日不计入工作日", "2026-03-02 00:00", "1wd", "2026-03-04 00:00"},
		{"当日最后一刻派单与早上派单同日到期", "2026-03-02 23:59", "1wd", "2026-03-04 00:00"},
		{"周五派单的1个工作日到下周一", "2026-03-06 16:00", "1wd", "2026-03-10 00:00"},
		{"周六派单的1个工作日到下周一", "2026-03-07 16:00", "1wd", "2026-03-10 00:00"},
		{"零个工作日在工作日当天届满", "2026-03-02 09:00", "0wd", "2026-03-03 00:00"},
		{"零个工作日在休息日顺到下一工作日", "2026-03-07 09:00", "0wd", "2026-03-10 00:00"},

		{"春节前一天派单到节后第一天", "2025-01-27 10:00", "1wd", "2025-02-06 00:00"},
		{"春节后的调休周六计入", "2025-01-27 10:00", "4wd", "2025-02-09 00:00"},
		{"调休周六之后的周日不计", "2025-01-27 10:00", "5wd", "2025-02-11 00:00"},
		{"春节前的调休周日计入", "2025-01-24 10:00", "1wd", "2025-01-27 00:00"},
		{"春节假期中派单从节后算起", "2026-02-18 10:00", "1wd", "2026-02-25 00:00"},
		{"2026年春节前后两个调休周六都计入", "2026-02-13 10:00", "6wd", "2026-03-01 00:00"},
		{"2024年除夕是工作日", "2024-02-08 10:00", "1wd", "2024-02-10 00:00"},

		{"国庆节前一天派单到节后第一天", "2025-09-30 17:00", "1wd", "2025-10-10 00:00"},
		{"国庆节后的调休周六计入", "2025-09-30 17:00", "3wd", "2025-10-12 00:00"},
		{"2026年国庆节后第四个工作日", "2026-09-30 17:00", "4wd", "2026-10-13 00:00"},
		{"国庆节前的调休周日计入", "2026-09-18 09:00", "1wd", "2026-09-21 00:00"},
		{"中秋节三天不计", "2026-09-24 09:00", "1wd", "2026-09-29 00:00"},
		{"劳动节后的调休周六计入", "2026-04-30 09:00", "4wd", "2026-05-10 00:00"},
		{"清明节后的调休周日计入", "2024-04-03 09:00", "1wd", "2024-04-08 00:00"},

		{"2025年末跨到2026年元旦后的调休周日", "2025-12-31 09:00", "1wd", "2026-01-05 00:00"},
		{"15个工作日跨年", "2025-12-22 09:00", "15wd", "2026-01-14 00:00"},
		{"到日历末日二十四时为止仍可推算", "2026-12-30 09:00", "1wd", "2027-01-01 00:00"},
		{"日历末日当天的零个工作日", "2026-12-31 09:00", "0wd", "2027-01-01 00:00"},
		{"日历首日之前一天起算，不需要知道当日", "2023-12-31 09:00", "1wd", "2024-01-03 00:00"},

		{"工作小时在上午走", "2026-03-02 09:00", "2wh", "2026-03-02 11:00"},
		{"工作小时跳过午休", "2026-03-02 11:00", "2wh", "2026-03-02 14:30"},
		{"工作小时恰到上午下班", "2026-03-02 11:00", "1wh", "2026-03-02 12:00"},
		{"工作小时恰到当日下班", "2026-03-02 09:00", "7wh", "2026-03-02 17:30"},
		{"下班前一小时起跨到第二天", "2026-03-02 16:30", "2wh", "2026-03-03 10:00"},
		{"半小时的零头跨到第二天", "2026-03-02 17:00", "2wh", "2026-03-03 10:30"},
		{"周五傍晚起跨过周末", "2026-03-06 17:00", "2wh", "2026-03-09 10:30"},
		{"凌晨派单从上班算起", "2026-03-02 03:00", "2wh", "2026-03-02 11:00"},
		{"夜里派单从第二天上班算起", "2026-03-02 22:00", "2wh", "2026-03-03 11:00"},
		{"午休派单从下午上班算起", "2026-03-02 12:40", "2wh", "2026-03-02 15:30"},
		{"休息日派单从下一工作日上班算起", "2026-03-07 10:00", "2wh", "2026-03-09 11:00"},
		{"工作小时在调休周六照走", "2026-02-13 17:00", "2wh", "2026-02-14 10:30"},
		{"工作小时跨过春节", "2026-02-14 17:00", "2wh", "2026-02-24 10:30"},
		{"零个工作小时在办公时间内就是此刻", "2026-03-02 10:10", "0wh", "2026-03-02 10:10"},
		{"零个工作小时在午休顺到下午上班", "2026-03-02 12:10", "0wh", "2026-03-02 13:30"},
		{"零个工作小时在休息日顺到下一工作日上班", "2026-03-07 10:10", "0wh", "2026-03-09 09:00"},
		{"零个工作小时在夜里顺到第二天上班", "2026-03-02 20:10", "0wh", "2026-03-03 09:00"},
		{"工作小时可走到日历末日下班", "2026-12-31 09:00", "7wh", "2026-12-31 17:30"},
	} {
		t.Run(test.name, func(t *testing.T) {
			span, err := ParseSpan(test.span)
			if err != nil {
				t.Fatal(err)
			}
			due, err := National().Add(at(t, test.start), span)
			if err != nil || !due.Equal(at(t, test.due)) || due.Location() != Zone {
				t.Errorf("%s 起 %s = %v, %v，应为 %s", test.start, span.Words(), due, err, test.due)
			}
		})
	}
}

func Test到2026年末明确拒绝而不猜测(t *testing.T) {
	for _, test := range []struct {
		name, start, span string
		year              int
	}{
		{"末日派单的1个工作日", "2026-12-31 09:00", "1wd", 2027},
		{"15个工作日超出末日", "2026-12-11 09:00", "15wd", 2027},
		{"极大的工作日数", "2024-01-01 09:00", "10000wd", 2027},
		{"末日傍晚的工作小时", "2026-12-31 17:00", "2wh", 2027},
		{"末日下班后的零个工作小时", "2026-12-31 18:00", "0wh", 2027},
		{"极大的工作小时数", "2024-01-02 09:00", "10000wh", 2027},
		{"起算日在未录入的年份", "2029-05-06 09:00", "1wd", 2029},
		{"起算日在未录入年份的工作小时", "2027-01-01 00:00", "1wh", 2027},
		{"起算日早于日历", "2023-12-30 09:00", "1wd", 2023},
		{"起算日早于日历的零个工作日", "2023-12-31 09:00", "0wd", 2023},
		{"起算日早于日历的工作小时", "2023-12-31 09:00", "1wh", 2023},
	} {
		t.Run(test.name, func(t *testing.T) {
			span, err := ParseSpan(test.span)
			if err != nil {
				t.Fatal(err)
			}
			due, err := National().Add(at(t, test.start), span)
			wantUnknownYear(t, err, test.year)
			if !due.IsZero() {
				t.Errorf("拒绝时不应给出日期 %v", due)
			}
		})
	}
	if _, err := National().Add(at(t, "2026-12-11 09:00"), Span{14, WorkingDay}); err != nil {
		t.Errorf("恰到末日的14个工作日应可推算：%v", err)
	}
}

func Test延期从原截止日的次日起算不多给一天(t *testing.T) {
	for _, test := range []struct{ name, due, span, want string }{
		{"周二二十四时到期延2个工作日到周四", "2026-03-04 00:00", "2wd", "2026-03-06 00:00"},
		{"跨周末延期", "2026-03-07 00:00", "1wd", "2026-03-10 00:00"},
		{"钟点到期的延期按当日算", "2026-03-03 15:00", "2wd", "2026-03-06 00:00"},
		{"自然日延期", "2026-03-04 00:00", "3d", "2026-03-07 00:00"},
		{"小时延期从截止时刻走", "2026-03-04 00:00", "3h", "2026-03-04 03:00"},
		{"末日二十四时到期延零日仍可推算", "2027-01-01 00:00", "0wd", "2027-01-01 00:00"},
	} {
		t.Run(test.name, func(t *testing.T) {
			span, err := ParseSpan(test.span)
			if err != nil {
				t.Fatal(err)
			}
			got, err := National().Extend(at(t, test.due), span)
			if err != nil || !got.Equal(at(t, test.want)) {
				t.Errorf("= %v, %v，应为 %s", got, err, test.want)
			}
		})
	}
	_, err := National().Extend(at(t, "2026-12-31 00:00"), Span{2, WorkingDay})
	wantUnknownYear(t, err, 2027)
}

// moments draws instants from a range that leaves room for the spans drawn below.
func moments(t *rapid.T, label string) time.Time {
	from := Date{2024, time.January, 1}.Start()
	seconds := rapid.Int64Range(0, 29*30*24*3600).Draw(t, label)
	nanos := rapid.SampledFrom([]int64{0, 1, 999_999_999}).Draw(t, label+" nanos")
	zone := rapid.SampledFrom([]*time.Location{Zone, time.UTC, time.FixedZone("", -5*3600)}).Draw(t, label+" zone")
	return from.Add(time.Duration(seconds)*time.Second + time.Duration(nanos)).In(zone)
}

func mustAdd(t *rapid.T, start time.Time, s Span) time.Time {
	due, err := National().Add(start, s)
	if err != nil {
		t.Fatalf("%v + %v: %v", start, s, err)
	}
	return due
}

func Test性质_起点越晚或数目越大截止不会更早(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := moments(t, "a"), moments(t, "b")
		if b.Before(a) {
			a, b = b, a
		}
		unit := Unit(rapid.IntRange(int(Minute), int(WorkingDay)).Draw(t, "unit"))
		n, more := rapid.IntRange(0, 40).Draw(t, "n"), rapid.IntRange(0, 40).Draw(t, "more")
		if mustAdd(t, a, Span{n, unit}).After(mustAdd(t, b, Span{n, unit})) {
			t.Fatalf("%v起比%v起更晚到期", a, b)
		}
		if mustAdd(t, a, Span{n, unit}).After(mustAdd(t, a, Span{n + more, unit})) {
			t.Fatalf("%d比%d更晚到期", n, n+more)
		}
		if mustAdd(t, a, Span{n, unit}).Before(a) {
			t.Fatal("截止早于起点")
		}
	})
}

func Test性质_工作日时限总在工作日二十四时届满且与逐日数相同(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		c, start := National(), moments(t, "start")
		n := rapid.IntRange(0, 60).Draw(t, "n")
		due := mustAdd(t, start, Span{n, WorkingDay})
		if sinceMidnight(due) != 0 {
			t.Fatalf("%v不是二十四时", due)
		}
		if ok, err := c.IsWorkingDay(due.Add(-1)); err != nil || !ok {
			t.Fatalf("%v的前一刻不是工作日 %v", due, err)
		}
		// The same by walking from day to day.
		number, counted := dayNumber(start), 0
		for working := false; counted < n || !working && n == 0; {
			if n > 0 {
				number++
			}
			if working, _ = c.IsWorkingDay(startOf(number)); working {
				counted++
			} else if n == 0 {
				number++
			}
		}
		if !due.Equal(endOf(number)) {
			t.Fatalf("%v起%d个工作日 = %v，逐日数是%v", start, n, due, endOf(number))
		}
	})
}

func Test性质_工作小时与逐分钟数相同(t *testing.T) {
	c := National()
	rapid.Check(t, func(t *rapid.T) {
		start := moments(t, "start").Truncate(time.Minute)
		n := rapid.IntRange(1, 20).Draw(t, "n")
		due := mustAdd(t, start, Span{n, WorkingHour})
		moment := start
		for left := n * 60; left > 0; moment = moment.Add(time.Minute) {
			working, err := c.IsWorkingDay(moment)
			if err != nil {
				t.Fatal(err)
			}
			clock := Clock(sinceMidnight(moment) / time.Minute)
			for _, s := range c.OfficeHours() {
				if working && s.Open <= clock && clock < s.Close {
					left--
				}
			}
		}
		if !due.Equal(moment) {
			t.Fatalf("%v起%d个工作小时 = %v，逐分钟数是%v", start, n, due, moment)
		}
	})
}

func Test性质_先后两段相接等于一段(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		start := moments(t, "start")
		unit := Unit(rapid.IntRange(int(Minute), int(WorkingDay)).Draw(t, "unit"))
		// The first part is not zero: 0wd from a day off moves to a working day.
		a, b := rapid.IntRange(1, 30).Draw(t, "a"), rapid.IntRange(0, 30).Draw(t, "b")
		got, err := National().Extend(mustAdd(t, start, Span{a, unit}), Span{b, unit})
		if want := mustAdd(t, start, Span{a + b, unit}); err != nil || !got.Equal(want) {
			t.Fatalf("%d再%d = %v, %v，应为%v", a, b, got, err, want)
		}
	})
}

func Test性质_时限写出再读回不变(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := Span{rapid.IntRange(0, MaxSpan).Draw(t, "n"), Unit(rapid.IntRange(int(Minute), int(WorkingDay)).Draw(t, "unit"))}
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back Span
		if err := back.UnmarshalText(text); err != nil || back != s {
			t.Fatalf("%s 读回 %v, %v", text, back, err)
		}
	})
}

func FuzzParseSpan(f *testing.F) {
	for _, seed := range []string{"5wd", "30m", "2wh", "15d", "2h", "0d", "10000m", "", "wd", "-1d", "00d", "１d"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := ParseSpan(text)
		if err != nil {
			if _, ok := err.(*InvalidError); !ok {
				t.Fatalf("%q: %T", text, err)
			}
			return
		}
		if s.String() != text || s.check() != nil {
			t.Fatalf("%q 读成 %v", text, s)
		}
		if _, err := National().Add(National().Horizon().Start(), s); err != nil {
			wantUnknownYear(t, err, 2027)
		}
	})
}

func BenchmarkAdd15个工作日(b *testing.B) {
	c, start := National(), at(b, "2026-01-28 10:00")
	for b.Loop() {
		if _, err := c.Add(start, Span{15, WorkingDay}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkAdd40个工作小时(b *testing.B) {
	c, start := National(), at(b, "2026-01-28 10:00")
	for b.Loop() {
		if _, err := c.Add(start, Span{40, WorkingHour}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkBetween(b *testing.B) {
	c, from, to := National(), at(b, "2026-01-28 10:00"), at(b, "2026-03-01")
	for b.Loop() {
		if l := c.Between(from, to); l.Days == 0 {
			b.Fatal(l)
		}
	}
}

func BenchmarkIsWorkingDay(b *testing.B) {
	c, moment := National(), at(b, "2026-02-14 10:00")
	for b.Loop() {
		if ok, err := c.IsWorkingDay(moment); err != nil || !ok {
			b.Fatal(ok, err)
		}
	}
}
