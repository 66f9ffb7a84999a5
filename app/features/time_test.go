package features

import (
	"context"
	"fmt"
	"time"

	"github.com/cucumber/godog"

	"hotline/app/casework"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/calendar"
)

// The sentences of 时限与调休. Once a scenario names its moment, its steps no longer travel over HTTP (see world.at): no client
// may choose the time.
func timeSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^现在是(\d+)年(\d+)月(\d+)日(\d+):(\d+)$`, func(y, m, d, h, min int) error {
		w.now = time.Date(y, time.Month(m), d, h, min, 0, 0, calendar.Zone)
		return nil
	})
	sc.Step(`^(派单|签收|首次联系|办理|审核|回访)的期限是“(.+)”$`, w.dueIn)
	sc.Step(`^(\S+)的期限清扫走过一遍$`, func(ctx context.Context, city string) error {
		_, err := w.town.Casework.Sweep(tenants.With(store.At(ctx, w.now), tenants.System(cityCodes[city])))
		return err
	})
	sc.Step(`^(\S+)看到工单(已|没有)标记超期$`, func(ctx context.Context, who, is string) error {
		if err := w.look(ctx, who); err != nil || w.refused != nil {
			return err
		}
		if got := w.order.GetMarks().GetOverdue(); got != (is == "已") {
			return fmt.Errorf("超期标记是 %v", got)
		}
		return nil
	})
}

// dueIn compares the last clock of the step, in the words the screens show.
func (w *world) dueIn(title, due string) error {
	got := "没有这个时钟"
	for _, c := range w.order.GetClocks() {
		if casework.ClockTitles[c.GetStep()] == title {
			got = c.GetDueTitle()
		}
	}
	if got != due {
		return fmt.Errorf("期限是“%s”", got)
	}
	return nil
}
