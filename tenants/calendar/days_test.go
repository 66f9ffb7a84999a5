package calendar

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode/utf8"
)

func Test节假日清单的几种写法(t *testing.T) {
	want := []Day{
		{date(t, "2026-11-20"), Holiday, "彝族年"},
		{date(t, "2026-11-22"), Workday, ""},
	}
	for name, text := range map[string]string{
		"有表头的CSV":       "date,kind,name\n2026-11-20,holiday,彝族年\n2026-11-22,workday,\n",
		"中文表头":          "日期,类型,名称\n2026-11-20,放假,彝族年\n2026-11-22,调休上班,",
		"没有表头":          "2026-11-20,holiday,彝族年\n2026-11-22,workday",
		"表格软件存出的CSV":    "\ufeff日期,类型,名称,,\r\n2026/11/20,休,彝族年,,\r\n,,,,\r\n2026/11/22,班,,,\r\n",
		"注释空行和空格":       "# 依据：州政府通知\n\n2026-11-20, holiday , 彝族年 \n# 完\n2026-11-22,workday\n",
		"带引号的CSV":       "\"2026-11-20\",\"holiday\",\"彝族年\"\n2026-11-22,workday,",
		"JSON一行一天":      `{"date":"2026-11-20","kind":"holiday","name":"彝族年"}` + "\n" + `{"date":"2026-11-22","kind":"workday"}`,
		"JSON带注释空行和换行符": "\ufeff# 注释\r\n" + `{"date":"2026/11/20","kind":"放假","name":" 彝族年 "}` + "\r\n\r\n" + `  {"date":"2026-11-22","kind":"上班"}` + "\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseDays(text)
			if err != nil || !slices.Equal(got, want) {
				t.Errorf("读成 %v, %v", got, err)
			}
		})
	}
}

func Test有误的清单说明第几行错在哪里(t *testing.T) {
	var many strings.Builder
	for i := range maxDays + 1 {
		fmt.Fprintf(&many, "%s,holiday\n", dateOf(i))
	}
	for name, test := range map[string]struct {
		text, field, words string
	}{
		"空文件":         {"", "text", "没有读到任何日期"},
		"只有表头":        {"date,kind,name\n", "text", "没有读到任何日期"},
		"日期不存在":       {"date,kind\n2026-02-30,holiday", "date", "第2行：日期“2026-02-30”不存在"},
		"年份为零":        {"0000-01-01,holiday", "date", "第1行"},
		"日期为空":        {",holiday,春节", "date", "第1行"},
		"类型不认识":       {"2026-02-17,假,春节", "kind", "第1行：类型“假”无效"},
		"列数太少":        {"2026-02-17", "text", "三列"},
		"列数太多":        {"2026-02-17,holiday,春节,多", "text", "三列"},
		"日期重复":        {"# 注\n2026-02-17,holiday\n2026/2/17,workday", "date", "第3行：2026-02-17与第2行重复"},
		"引号不成对":       {"2026-02-17,holiday,\"春节", "text", "引号不成对"},
		"名称含控制字符":     {"2026-02-17,holiday,\"春\n节\"", "name", "不可见"},
		"名称过长":        {"2026-02-17,holiday," + strings.Repeat("春", 41), "name", "超过40个字"},
		"不是UTF8":      {"2026-02-17,holiday,\xb4\xba\xbd\xda", "text", "UTF-8"},
		"文件太大":        {strings.Repeat(" ", maxDaysBytes+1), "text", "超过1MB"},
		"天数太多":        {many.String(), "text", "第1001行：超过1000天"},
		"过长的输入不照抄":    {strings.Repeat("9", 200) + ",holiday", "date", strings.Repeat("9", 40) + "…"},
		"JSON不完整":     {`{"date":"2026-02-17"`, "text", "第1行：这一行不是正确的JSON"},
		"JSON有多余的字段":  {`{"date":"2026-02-17","kind":"holiday","city":"西昌"}`, "text", "JSON"},
		"JSON一行两个":    {`{"date":"2026-02-17","kind":"holiday"}{}`, "text", "JSON"},
		"JSON字段类型不对":  {`{"date":20260217,"kind":"holiday"}`, "text", "JSON"},
		"JSON缺日期":     {"# 注\n" + `{"kind":"holiday"}`, "date", "第2行"},
		"JSON中混入CSV行": {`{"date":"2026-02-17","kind":"holiday"}` + "\n2026-02-18,holiday", "text", "第2行"},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := ParseDays(test.text)
			wantInvalid(t, err, test.field, test.words)
			if got != nil {
				t.Errorf("出错时不应返回部分结果：%v", got)
			}
		})
	}
}

func Test日期和类型可存为文字再读回(t *testing.T) {
	want := Day{date(t, "2026-02-17"), Holiday, "春节"}
	text, err := json.Marshal(want)
	if err != nil || string(text) != `{"date":"2026-02-17","kind":"holiday","name":"春节"}` {
		t.Fatalf("%s, %v", text, err)
	}
	var back Day
	if err := json.Unmarshal(text, &back); err != nil || back != want {
		t.Errorf("%v, %v", back, err)
	}
	wantInvalid(t, json.Unmarshal([]byte(`{"date":"2026-2-17"}`), &back), "date", "2026-2-17")
	wantInvalid(t, json.Unmarshal([]byte(`{"kind":"off"}`), &back), "kind", "off")
	for _, bad := range []Day{{Kind: Holiday}, {Date: want.Date}} {
		if _, err := json.Marshal(bad); err == nil {
			t.Errorf("%v 不应能保存", bad)
		}
	}
	if Kind(0).String() != "" || Workday.String() != "workday" || want.Date.Words() != "2026年2月17日" {
		t.Error("文字形式不对")
	}
}

func Test日期推算在公元1970年之前也正确(t *testing.T) {
	for text, weekday := range map[string]string{"1949-10-01": "周六", "1969-12-31": "周三", "1970-01-01": "周四", "2026-02-17": "周二"} {
		d := date(t, text)
		if weekdayWords(d.number()) != weekday || DateOf(d.Start()) != d || DateOf(d.Start().Add(day-1)) != d {
			t.Errorf("%s %s", d, weekdayWords(d.number()))
		}
		if sinceMidnight(d.Start()) != 0 || sinceMidnight(d.Start().Add(day-1)) != day-1 {
			t.Errorf("%s 的零时不对", d)
		}
	}
}

func Test内置数据文件有误时不会被接受(t *testing.T) {
	good, err := nationalFiles.ReadFile("national/2024.csv")
	if err != nil {
		t.Fatal(err)
	}
	for name, files := range map[string]fstest.MapFS{
		"没有文件":     {},
		"文件名不是年份":  {"national/holidays.csv": {Data: good}},
		"文件名与内容不符": {"national/2025.csv": {Data: good}},
		"内容有误":     {"national/2024.csv": {Data: append(slices.Clone(good), "2024-13-01,holiday\n"...)}},
		"中间缺一年":    {"national/2024.csv": {Data: good}, "national/2026.csv": {Data: good}},
		"不能读取":     {"national/2024.csv": {Mode: 1 << 31}},
	} {
		t.Run(name, func(t *testing.T) {
			if c, err := readNational(files); err == nil {
				t.Errorf("读成了 %v", c)
			}
		})
	}
}

func FuzzParseDays(f *testing.F) {
	for _, seed := range []string{
		"date,kind,name\n2026-11-20,holiday,彝族年\n", "2026/1/4,上班,元旦\r\n", "\ufeff# 注\n2026-11-20,workday",
		`{"date":"2026-11-20","kind":"holiday","name":"彝族年"}` + "\n", `{"date":"2026-11-20","kind":"班"}{`,
		"\"2026-11-20\",holiday,\"a\"\"b\"", ",,,", "{", "\"", "2026-02-30,holiday", "9999-12-31,休", "0001-01-01,休",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		days, err := ParseDays(text)
		if err != nil {
			wrong, ok := errors.AsType[*InvalidError](err)
			if !ok || !utf8.ValidString(wrong.Error()) || wrong.Reason == "" {
				t.Fatalf("%q: %T %v", text, err, err)
			}
			return
		}
		// What was read can be written as JSON lines and read back the same, and the
		// calendar takes it or refuses it with one of its two errors.
		var lines strings.Builder
		for _, d := range days {
			line, err := json.Marshal(d)
			if err != nil {
				t.Fatal(err)
			}
			lines.Write(append(line, '\n'))
		}
		back, err := ParseDays(lines.String())
		if err != nil || !slices.Equal(back, days) {
			t.Fatalf("%q 读回 %v, %v", lines.String(), back, err)
		}
		if _, err := National().With(days...); err != nil {
			if _, ok := errors.AsType[*UnknownYearError](err); !ok {
				t.Fatal(err)
			}
		}
	})
}
