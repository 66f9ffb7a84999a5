package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"hotline/tenants"
	"hotline/tenants/calendar"
)

func TestAnOperatorEntersANoticeAndARunningPlatformKnowsTheYear(t *testing.T) {
	eachOffice(t, func(o *office) {
		town := o.town(o.master) // runs already
		ctx := tenants.With(context.Background(), tenants.System("110000"))
		nation, err := town.Book.Nation(ctx)
		if err != nil {
			o.Fatal(err)
		}
		_, last := nation.Years()
		year := last + 1
		start := time.Date(year, time.March, 1, 9, 0, 0, 0, calendar.Zone)
		known := func() bool {
			f, err := town.Book.InForce(ctx)
			if err != nil {
				o.Fatal(err)
			}
			_, err = f.Due(start, calendar.Span{N: 3, Unit: calendar.WorkingDay})
			return err == nil
		}
		if known() {
			o.Fatal("the year is known already")
		}
		file := filepath.Join(o.dir, "notice.csv")
		o.write(file, "date,kind,name\n")
		o.refused("没有读到任何日期", "", "calendar", "add", file)
		list := "date,kind,name\n"
		for _, d := range []string{"01-01", "02-10", "02-11", "02-12", "02-13", "04-05", "05-01", "05-02", "06-09", "09-15", "10-01", "10-02", "10-03"} {
			list += fmt.Sprintf("%d-%s,holiday,假日\n", year, d)
		}
		o.write(file, list)
		o.refused("请写明", "", "calendar", "add", file)
		o.write(file, fmt.Sprintf("# 关于%d年部分节假日安排的通知（样例）\n", year)+list)
		if out := o.must("calendar", "add", file); !strings.Contains(out, fmt.Sprintf("已录入 %d 年：放假 13 天，调休上班 0 天", year)) {
			o.Errorf("add: %s", out)
		}
		o.refused(fmt.Sprintf("只能录入%d年", year+1), "", "calendar", "add", file)
		o.must("calendar", "add", file, "--replace")
		out := o.must("calendar", "list")
		if !strings.Contains(out, fmt.Sprintf("%d年  放假 13 天，调休上班 0 天  运维录入", year)) || !strings.Contains(out, "随程序发布") {
			o.Errorf("list: %s", out)
		}
		lines, err := town.Record.List(ctx, 0, 1)
		if err != nil || lines[0].Act != "calendar.enter" || !strings.Contains(lines[0].Summary, "样例") {
			o.Errorf("the record says %v, %v", lines, err)
		}
		until(o.T, "the platform knows the year", known)
	})
}

func (o *office) write(file, text string) {
	o.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		o.Fatal(err)
	}
}
