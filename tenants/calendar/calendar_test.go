package calendar

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"
)

// at reads "2026-02-14 15:04" in Zone, or a day alone as its 00:00.
func at(t testing.TB, text string) time.Time {
	t.Helper()
	layout := "2006-01-02 15:04"
	if len(text) == len(time.DateOnly) {
		layout = time.DateOnly
	}
	moment, err := time.ParseInLocation(layout, text, Zone)
	if err != nil {
		t.Fatal(err)
	}
	return moment
}

func date(t testing.TB, text string) Date {
	t.Helper()
	d, err := ParseDate(text)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// wantInvalid checks that err is an *InvalidError on the field whose Chinese
// sentence holds the words.
func wantInvalid(t *testing.T, err error, field, words string) {
	t.Helper()
	wrong, ok := errors.AsType[*InvalidError](err)
	if !ok {
		t.Fatalf("err = %v, want an *InvalidError", err)
	}
	if wrong.Field != field || !strings.Contains(wrong.Error(), words) {
		t.Errorf("err = %s: %q, want %s with %q", wrong.Field, wrong, field, words)
	}
}

func wantUnknownYear(t *testing.T, err error, year int) {
	t.Helper()
	unknown, ok := errors.AsType[*UnknownYearError](err)
	if !ok || unknown.Year != year {
		t.Errorf("err = %v, want *UnknownYearError of %d", err, year)
	}
}

// The counts were taken from the notices by hand: weekdays of the year, less
// weekdays off, plus make-up days.
func Test全国日历每年的工作日放假日和调休上班日的天数(t *testing.T) {
	for _, want := range []struct{ year, working, off, makeUp int }{
		{2024, 262 - 19 + 8, 28, 8},
		{2025, 261 - 18 + 5, 28, 5},
		{2026, 261 - 19 + 6, 33, 6},
	} {
		c := National()
		working := 0
		for d := (Date{want.year, time.January, 1}).number(); dateOf(d).Year == want.year; d++ {
			if ok, err := c.IsWorkingDay(startOf(d)); err != nil {
				t.Fatal(err)
			} else if ok {
				working++
			}
		}
		off, makeUp := 0, 0
		for _, d := range c.Days(want.year) {
			if d.Kind == Holiday {
				off++
			} else {
				makeUp++
			}
		}
		if working != want.working || off != want.off || makeUp != want.makeUp {
			t.Errorf("%d年：工作日%d、放假%d、调休上班%d，应为%d、%d、%d",
				want.year, working, off, makeUp, want.working, want.off, want.makeUp)
		}
	}
}

func Test全国日历的关键日期(t *testing.T) {
	for day, working := range map[string]bool{
		"2024-01-01": false, "2024-01-02": true,
		"2024-02-04": true, "2024-02-09": true, "2024-02-10": false, "2024-02-17": false, "2024-02-18": true, // 2024年除夕不放假
		"2024-04-04": false, "2024-04-07": true, "2024-04-28": true, "2024-05-03": false, "2024-05-11": true,
		"2024-06-08": false, "2024-06-10": false, "2024-09-14": true, "2024-09-16": false, "2024-09-17": false,
		"2024-09-29": true, "2024-10-07": false, "2024-10-08": true, "2024-10-12": true,
		"2025-01-01": false, "2025-01-02": true,
		"2025-01-26": true, "2025-01-27": true, "2025-01-28": false, "2025-02-04": false, "2025-02-05": true, "2025-02-08": true,
		"2025-04-04": false, "2025-04-07": true, "2025-04-27": true, "2025-05-05": false, "2025-05-06": true,
		"2025-06-02": false, "2025-09-28": true, "2025-10-08": false, "2025-10-09": true, "2025-10-11": true, "2025-10-12": false,
		"2026-01-02": false, "2026-01-03": false, "2026-01-04": true,
		"2026-02-14": true, "2026-02-15": false, "2026-02-17": false, "2026-02-23": false, "2026-02-24": true, "2026-02-28": true,
		"2026-04-06": false, "2026-05-05": false, "2026-05-09": true, "2026-06-19": false,
		"2026-09-20": true, "2026-09-25": false, "2026-10-07": false, "2026-10-08": true, "2026-10-10": true, "2026-12-31": true,
	} {
		got, err := National().IsWorkingDay(at(t, day))
		if err != nil || got != working {
			t.Errorf("%s 工作日 = %v, %v，应为 %v", day, got, err, working)
		}
	}
}

func Test调休上班日都在周末且每年的依据写明通知名称和文号(t *testing.T) {
	for year, number := range map[int]string{2024: "〔2023〕7号", 2025: "〔2024〕12号", 2026: "〔2025〕7号"} {
		source := National().Source(year)
		if !strings.HasPrefix(source, "国务院办公厅关于") || !strings.HasSuffix(source, "通知（国办发明电"+number+"）") {
			t.Errorf("%d年的依据是%q", year, source)
		}
		for _, d := range National().Days(year) {
			if d.Kind == Workday && !weekend(d.Date.number()) {
				t.Errorf("%s不是周末", d.Date)
			}
			if d.Name == "" {
				t.Errorf("%s没有节日名称", d.Date)
			}
		}
	}
	if first, last := National().Years(); first != 2024 || last != 2026 {
		t.Errorf("已知年份 %d至%d", first, last)
	}
	if National().Horizon() != date(t, "2026-12-31") || National().Source(2027) != "" {
		t.Errorf("日历末日 %s", National().Horizon())
	}
}

func Test一天以北京时间为界(t *testing.T) {
	// 16:00 UTC on Tuesday 30 September 2025 is 00:00 of National Day in Beijing.
	tuesday := time.Date(2025, 9, 30, 15, 59, 59, 999, time.UTC)
	if ok, _ := National().IsWorkingDay(tuesday); !ok {
		t.Error("国庆节前夜最后一刻应是工作日")
	}
	if ok, _ := National().IsWorkingDay(tuesday.Add(time.Second)); ok {
		t.Error("北京时间国庆节零时起应是放假日")
	}
	if DateOf(tuesday.Add(time.Second)) != date(t, "2025-10-01") {
		t.Error("日期应按北京时间")
	}
}

func Test下一个工作日越过假期并认得调休上班日(t *testing.T) {
	for day, want := range map[string]string{
		"2026-03-02": "2026-03-03", "2026-03-06": "2026-03-09",
		"2025-09-30": "2025-10-09", "2025-12-31": "2026-01-04",
		"2026-02-13": "2026-02-14", "2026-02-14": "2026-02-24",
	} {
		got, err := National().NextWorkingDay(at(t, day).Add(13 * time.Hour))
		if err != nil || got != date(t, want) {
			t.Errorf("%s 的下一个工作日 = %s, %v，应为 %s", day, got, err, want)
		}
	}
	_, err := National().NextWorkingDay(at(t, "2026-12-31"))
	wantUnknownYear(t, err, 2027)
}

func Test未录入的年份一律拒绝并说明怎么办(t *testing.T) {
	_, err := National().IsWorkingDay(at(t, "2027-01-04"))
	wantUnknownYear(t, err, 2027)
	for _, words := range []string{"2027年的节假日安排尚未录入", "2024年至2026年", "请管理员", "《关于2027年部分节假日安排的通知》"} {
		if !strings.Contains(err.Error(), words) {
			t.Errorf("%q 没有说明 %q", err, words)
		}
	}
	_, err = National().IsWorkingDay(at(t, "2023-12-29"))
	wantUnknownYear(t, err, 2023)
	if !strings.Contains(err.Error(), "请核对日期") {
		t.Errorf("早于日历起点的说明是 %q", err)
	}
	if got := (&UnknownYearError{Year: 2030}).Error(); !strings.Contains(got, "2030年的节假日安排尚未录入，不能推算") {
		t.Errorf("没有范围时的说明是 %q", got)
	}
}

func Test地方放假覆盖全国安排且不影响原日历(t *testing.T) {
	yi := Day{date(t, "2026-11-20"), Holiday, "彝族年"}
	duty := Day{date(t, "2026-10-07"), Workday, "防汛"}
	liangshan, err := National().With(yi, duty)
	if err != nil {
		t.Fatal(err)
	}
	for _, check := range []struct {
		c       *Calendar
		day     string
		working bool
	}{
		{liangshan, "2026-11-20", false}, {National(), "2026-11-20", true},
		{liangshan, "2026-10-07", true}, {National(), "2026-10-07", false},
		{liangshan, "2026-10-06", false},
	} {
		if got, err := check.c.IsWorkingDay(at(t, check.day)); err != nil || got != check.working {
			t.Errorf("%s = %v, %v", check.day, got, err)
		}
	}
	back, err := liangshan.With(Day{yi.Date, Workday, ""})
	if err != nil {
		t.Fatal(err)
	}
	if ok, _ := back.IsWorkingDay(at(t, "2026-11-20")); !ok {
		t.Error("后登记的应覆盖先登记的")
	}
	if !slices.Contains(liangshan.Days(2026), yi) || len(liangshan.Days(2026)) != len(National().Days(2026))+1 {
		t.Error("清单应含地方放假，覆盖的日期不重复列出")
	}
	if same, err := National().With(); err != nil || len(same.Days(2026)) != len(National().Days(2026)) {
		t.Errorf("没有地方安排时应与全国相同：%v", err)
	}
}

func Test地方放假登记有误时拒绝(t *testing.T) {
	good := date(t, "2026-11-20")
	for name, test := range map[string]struct {
		days         []Day
		field, words string
	}{
		"日期没有填写":  {[]Day{{Kind: Holiday}}, "date", "没有填写"},
		"日期不存在":   {[]Day{{Date{2026, 2, 30}, Holiday, ""}}, "date", "2026-02-30"},
		"月份不存在":   {[]Day{{Date{2026, 13, 1}, Holiday, ""}}, "date", "不存在"},
		"类型没有填写":  {[]Day{{Date: good}}, "kind", "2026-11-20"},
		"类型不认识":   {[]Day{{Date: good, Kind: 9}}, "kind", "类型无效"},
		"同一天登记两次": {[]Day{{good, Holiday, "彝族年"}, {good, Workday, ""}}, "date", "重复"},
		"名称过长":    {[]Day{{good, Holiday, strings.Repeat("长", 41)}}, "name", "超过40个字"},
		"名称含控制字符": {[]Day{{good, Holiday, "彝族\n年"}}, "name", "不可见"},
	} {
		t.Run(name, func(t *testing.T) {
			c, err := National().With(test.days...)
			wantInvalid(t, err, test.field, test.words)
			if c != nil {
				t.Error("出错时不应返回日历")
			}
		})
	}
	_, err := National().With(Day{date(t, "2027-11-20"), Holiday, "彝族年"})
	wantUnknownYear(t, err, 2027)
	if !strings.Contains(err.Error(), "登记2027-11-20") {
		t.Errorf("应说明是哪一天：%v", err)
	}
}

// imagined is a made-up notice for 2027: no such notice is known to this package.
// It moves a day across the year's end, as the notice for 2019 did.
func imagined(t testing.TB) []Day {
	t.Helper()
	days, err := ParseDays(`日期,类型,名称
2026/12/27,上班,元旦
2026/12/31,放假,元旦
2027/1/1,放假,元旦
2027/2/5,放假,春节
2027/2/8,放假,春节
2027/2/9,放假,春节
2027/2/10,放假,春节
2027/4/5,放假,清明节
2027/5/1,放假,劳动节
2027/5/2,放假,劳动节
2027/6/9,放假,端午节
2027/9/15,放假,中秋节
2027/10/1,放假,国庆节
2027/10/2,放假,国庆节
2027/10/3,放假,国庆节
`)
	if err != nil {
		t.Fatal(err)
	}
	return days
}

func Test管理员录入新一年的通知后即可推算(t *testing.T) {
	c, err := National().WithYear(2027, "假设的通知", imagined(t)...)
	if err != nil {
		t.Fatal(err)
	}
	if c.Horizon() != date(t, "2027-12-31") || c.Source(2027) != "假设的通知" {
		t.Errorf("末日%s 依据%q", c.Horizon(), c.Source(2027))
	}
	// 31 December 2026 became a day off, 27 December a working Sunday.
	due, err := c.Add(at(t, "2026-12-30 10:00"), Span{1, WorkingDay})
	if want := at(t, "2027-01-05"); err != nil || !due.Equal(want) {
		t.Errorf("2026-12-30起1个工作日 = %v, %v，应为%v", due, err, want)
	}
	if ok, _ := c.IsWorkingDay(at(t, "2026-12-27")); !ok {
		t.Error("跨年调休的上班日应生效")
	}
	if National().Horizon() != date(t, "2026-12-31") {
		t.Error("原日历不应改变")
	}
	if _, err := c.With(Day{date(t, "2027-11-20"), Holiday, "彝族年"}); err != nil {
		t.Errorf("新一年录入后应可登记地方放假：%v", err)
	}
}

func Test录入不全或有误的通知时拒绝(t *testing.T) {
	without := func(text string) []Day {
		return slices.DeleteFunc(imagined(t), func(d Day) bool { return d.Date == date(t, text) })
	}
	for name, test := range map[string]struct {
		year         int
		source       string
		days         []Day
		field, words string
	}{
		"跳过一年":        {2028, "通知", imagined(t), "year", "只能录入2027年"},
		"已有的年份":       {2026, "通知", imagined(t), "year", "不能录入2026年"},
		"没有依据":        {2027, "  ", imagined(t), "source", "依据"},
		"缺国庆节":        {2027, "通知", without("2027-10-03"), "date", "2027年10月3日"},
		"缺劳动节第二天":     {2027, "通知", without("2027-05-02"), "date", "2027年5月2日"},
		"放假天数少于法定":    {2027, "通知", slices.DeleteFunc(imagined(t), func(d Day) bool { return d.Name == "春节" }), "date", "少于法定的13天"},
		"调休上班日不在周末":   {2027, "通知", append(imagined(t), Day{date(t, "2027-03-03"), Workday, ""}), "kind", "2027-03-03是周三"},
		"日期在另一年":      {2027, "通知", append(imagined(t), Day{date(t, "2028-01-03"), Holiday, ""}), "date", "不在2027年"},
		"日期在上一年11月":   {2027, "通知", append(imagined(t), Day{date(t, "2026-11-03"), Holiday, ""}), "date", "不在2027年"},
		"同一天录入两次":     {2027, "通知", append(imagined(t), imagined(t)[0]), "date", "重复"},
		"日期没有填写":      {2027, "通知", append(imagined(t), Day{}), "date", "没有填写"},
		"空清单就是没有录入":   {2027, "通知", nil, "date", "缺少法定节假日2027年1月1日"},
		"类型没有填写的一天":   {2027, "通知", append(imagined(t), Day{Date: date(t, "2027-03-03")}), "kind", "类型无效"},
		"名称不可见的一天被拒绝": {2027, "通知", append(imagined(t), Day{date(t, "2027-03-03"), Holiday, "\u202e"}), "name", "不可见"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := National().WithYear(test.year, test.source, test.days...)
			wantInvalid(t, err, test.field, test.words)
		})
	}
}
