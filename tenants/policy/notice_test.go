package policy

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/go-kratos/kratos/v2/errors"

	tenantv1 "hotline/api/tenant/v1"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants/calendar"
	"hotline/tenants/vault/lately"
)

// next is the year that no release brings yet.
func next() int {
	_, last := calendar.National().Years()
	return last + 1
}

// notice is an invented list of a year, whole enough to be taken.
func notice(year int, more ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "# 关于%d年部分节假日安排的通知（样例）\ndate,kind,name\n", year)
	for _, d := range []string{"01-01", "02-10", "02-11", "02-12", "02-13", "04-05", "05-01", "05-02", "06-09", "09-15", "10-01", "10-02", "10-03"} {
		fmt.Fprintf(&b, "%d-%s,holiday,假日\n", year, d)
	}
	for _, line := range more {
		b.WriteString(line + "\n")
	}
	return b.String()
}

func worksOn(t *testing.T, b *Book, day string) (bool, error) {
	t.Helper()
	f, err := b.InForce(in(beijing))
	must(t, err)
	at, err := time.ParseInLocation(time.DateOnly, day, calendar.Zone)
	must(t, err)
	return f.Calendar.IsWorkingDay(at)
}

func TestANoticeThatAnOperatorEntersIsInForceOnEveryReplicaWithinTwoSeconds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := open(t, s)
		now := time.Now()
		b.kept.Now = func() time.Time { return now }
		workday, holiday := fmt.Sprintf("%d-03-10", next()), fmt.Sprintf("%d-02-11", next())
		if _, err := worksOn(t, b, workday); err == nil {
			t.Fatal("a year that nobody entered is known")
		}
		year, c, err := New(s, b.vault, b.rec).EnterYear(context.Background(), notice(next()), "", false)
		if err != nil || year != next() || !strings.Contains(c.Source(year), "样例") {
			t.Fatalf("%d, %v", year, err)
		}
		now = now.Add(lately.Age)
		if works, err := worksOn(t, b, workday); err != nil || !works {
			t.Errorf("%s: %v, %v", workday, works, err)
		}
		if works, err := worksOn(t, b, holiday); err != nil || works {
			t.Errorf("%s: %v, %v", holiday, works, err)
		}
		// A city's own days of that year are sense now, and stay so when a program brings the year itself.
		_, err = b.PutPolicy(in(beijing), put(beijing, 1, func(p *tenantv1.Policy) {
			p.Days = append(p.Days, &tenantv1.CityDay{Date: workday, Title: "地方假日"})
		}))
		must(t, err)
		if works, err := worksOn(t, b, workday); err != nil || works {
			t.Errorf("the city's own day: %v, %v", works, err)
		}
	})
}

func TestACorrectedListReplacesTheLastEnteredYear(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := open(t, s)
		now := time.Now()
		b.kept.Now = func() time.Time { return now }
		ctx := context.Background()
		for _, year := range []int{next(), next() + 1} {
			_, _, err := b.EnterYear(ctx, notice(year), "", false)
			must(t, err)
		}
		extra := fmt.Sprintf("%d-03-10", next()+1)
		_, _, err := b.EnterYear(ctx, notice(next()+1, extra+`,holiday,"又一个,""假日"""`), "", true)
		must(t, err)
		now = now.Add(lately.Age)
		if works, err := worksOn(t, b, extra); err != nil || works {
			t.Errorf("%v, %v", works, err)
		}
		for _, year := range []int{next(), next() - 1, next() + 2} {
			if _, _, err := b.EnterYear(ctx, notice(year), "", true); errors.Reason(err) != "NOT_REPLACEABLE" {
				t.Errorf("replacing %d: %v", year, err)
			}
		}
		if _, _, err := b.EnterYear(ctx, notice(next()+1, "2027-13-01,holiday,假日"), "", true); err == nil {
			t.Error("a list with a fault replaced a good one")
		}
		if c, err := b.Nation(ctx); err != nil || c.Horizon().Year != next()+1 {
			t.Errorf("%v, %v", c.Horizon(), err)
		}
	})
}

func TestNonsenseInANoticeIsRefusedInASentence(t *testing.T) {
	b := open(t, storetest.SQLite(t))
	year := next()
	for sentence, c := range map[string]struct{ text, source string }{
		fmt.Sprintf("只能录入%d年的节假日安排，不能录入%d年", year, year+1): {notice(year + 1), ""},
		fmt.Sprintf("只能录入%d年的节假日安排，不能录入%d年", year, year-1): {notice(year - 1), ""},
		"请写明":                       {notice(year)[strings.Index(notice(year), "date"):], ""},
		fmt.Sprintf("没有写%d年", year): {notice(year), "关于2020年部分节假日安排的通知"},
		"至多 200 个字":                 {notice(year), strings.Repeat("长", 201)},
		"不是UTF-8":                   {notice(year) + "\xff", ""},
		"没有读到任何日期":                  {"", ""},
		"类型“也许”无效":                  {notice(year, fmt.Sprintf("%d-03-01,也许,假日", year)), ""},
		"重复":                        {notice(year, fmt.Sprintf("%d-01-01,holiday,元旦", year)), ""},
		"缺少法定节假日":                   {strings.Replace(notice(year), "10-02", "10-04", 1), ""},
		"请核对通知是否录全":                 {strings.Replace(notice(year), fmt.Sprintf("%d-06-09,holiday,假日\n", year), "", 1), ""},
		"应在周六或周日":                   {notice(year, someWeekday(year)+",workday,补班"), ""},
		fmt.Sprintf("不在%d年", year):  {notice(year, fmt.Sprintf("%d-11-30,holiday,假日", year-1)), ""},
	} {
		_, _, err := b.EnterYear(context.Background(), c.text, c.source, false)
		if !errors.IsBadRequest(err) || !strings.Contains(errors.FromError(err).Message, sentence) {
			t.Errorf("should say %q: %v", sentence, err)
		}
	}
	if c, err := b.Nation(context.Background()); err != nil || c.Horizon().Year != year-1 {
		t.Errorf("something was kept: %v, %v", c.Horizon(), err)
	}
}

func someWeekday(year int) string {
	day := time.Date(year, time.March, 1, 0, 0, 0, 0, calendar.Zone)
	for day.Weekday() == time.Saturday || day.Weekday() == time.Sunday {
		day = day.AddDate(0, 0, 1)
	}
	return day.Format(time.DateOnly)
}

func TestTheMissingYearIsToldFromOctoberOn(t *testing.T) {
	c := calendar.National()
	_, last := c.Years()
	october := time.Date(last, time.October, 1, 0, 0, 0, 0, calendar.Zone)
	if w := Missing(c, october.Add(-time.Second)); w != "" {
		t.Errorf("in September: %s", w)
	}
	for _, now := range []time.Time{october, october.AddDate(0, 2, 0), october.AddDate(1, 0, 0)} {
		if w := Missing(c, now); !strings.Contains(w, fmt.Sprintf("%d年", last+1)) {
			t.Errorf("at %s: %q", now, w)
		}
	}
}
