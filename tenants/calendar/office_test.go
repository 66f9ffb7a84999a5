package calendar

import (
	"slices"
	"testing"
)

func Test办公时间可按城市调整(t *testing.T) {
	sessions, err := ParseSessions("10:00-14:00,15:30-19:30")
	if err != nil {
		t.Fatal(err)
	}
	urumqi, err := National().WithOfficeHours(sessions...)
	if err != nil {
		t.Fatal(err)
	}
	for start, want := range map[string]string{
		"2026-03-02 09:00": "2026-03-02 12:00",
		"2026-03-02 13:00": "2026-03-02 16:30",
		"2026-03-06 19:00": "2026-03-09 11:30",
	} {
		if due, err := urumqi.Add(at(t, start), Span{2, WorkingHour}); err != nil || !due.Equal(at(t, want)) {
			t.Errorf("%s起2个工作小时 = %v, %v，应为%s", start, due, err, want)
		}
	}
	if got := urumqi.OfficeHours(); !slices.Equal(got, sessions) || got[0].String() != "10:00-14:00" {
		t.Errorf("办公时间 %v", got)
	}
	urumqi.OfficeHours()[0] = Session{}
	sessions[0] = Session{}
	if urumqi.OfficeHours()[0].Open != 600 || National().OfficeHours()[0].String() != "09:00-12:00" {
		t.Error("改动取出的办公时间不应影响日历")
	}
}

func Test全天办公时工作小时只跳过休息日(t *testing.T) {
	whole, err := National().WithOfficeHours(Session{0, 24 * 60})
	if err != nil {
		t.Fatal(err)
	}
	for span, want := range map[int]string{2: "2026-03-07 00:00", 3: "2026-03-09 01:00"} {
		if due, err := whole.Add(at(t, "2026-03-06 22:00"), Span{span, WorkingHour}); err != nil || !due.Equal(at(t, want)) {
			t.Errorf("%d个工作小时 = %v, %v，应为%s", span, due, err, want)
		}
	}
}

func Test增加地方放假不改变办公时间(t *testing.T) {
	c, err := National().WithOfficeHours(Session{8 * 60, 16 * 60})
	if err != nil {
		t.Fatal(err)
	}
	if c, err = c.With(Day{date(t, "2026-03-03"), Holiday, ""}); err != nil {
		t.Fatal(err)
	}
	if due, err := c.Add(at(t, "2026-03-02 15:00"), Span{2, WorkingHour}); err != nil || !due.Equal(at(t, "2026-03-04 09:00")) {
		t.Errorf("= %v, %v", due, err)
	}
}

func Test办公时间不成立时拒绝(t *testing.T) {
	for name, test := range map[string]struct {
		sessions []Session
		words    string
	}{
		"一段也没有":  {nil, "1至8段"},
		"段数太多":   {make([]Session, 9), "1至8段"},
		"结束早于开始": {[]Session{{720, 540}}, "12:00-09:00"},
		"长度为零":   {[]Session{{540, 540}}, "结束应晚于开始"},
		"超过24点":  {[]Session{{540, 1441}}, "00:00至24:00"},
		"早于零点":   {[]Session{{-1, 540}}, "00:00至24:00"},
		"两段重叠":   {[]Session{{540, 720}, {700, 800}}, "重叠"},
		"两段次序颠倒": {[]Session{{810, 1050}, {540, 720}}, "次序"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := National().WithOfficeHours(test.sessions...)
			wantInvalid(t, err, "office", test.words)
		})
	}
}

func Test办公时段的写法(t *testing.T) {
	for _, text := range []string{"", "09:00", "9:00-12:00", "09:00-12:60", "09:00-24:01", "25:00-26:00", "09:00-12:00,", "09:00-12:00 ", "-9:00-12:00", "09:00-1200", "+9:00-12:00"} {
		_, err := ParseSessions(text)
		wantInvalid(t, err, "clock", "写法不对")
	}
	_, err := ParseSessions("01:00-02:00,,,,,,,,")
	wantInvalid(t, err, "office", "不能超过8段")
	for text, want := range map[string]Clock{"00:00": 0, "09:05": 545, "24:00": 1440} {
		if got, err := ParseClock(text); err != nil || got != want || got.String() != text {
			t.Errorf("%s = %d, %v", text, got, err)
		}
	}
}
