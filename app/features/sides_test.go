package features

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
)

// The sentences that all side lives share: an application's standing, an order's marks and clocks, the history, the citizen's view.
func sideSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(退单|裁决|延期|挂账|不合理诉求认定|不合理认定申诉|考核申诉|不予受理异议)申请的结果是“(.+)”$`, w.applicationStands)
	sc.Step(`^工单(有|没有)“(.+)”标记$`, w.hasMark)
	sc.Step(`^工单记有(\d+)次不当退单$`, func(ctx context.Context, n int32) error {
		o, err := w.fresh(ctx)
		return errors.Join(err, exactly(fmt.Sprint(o.GetMarks().GetImproperReturns()), fmt.Sprint(n)))
	})
	sc.Step(`^流转记录里有“(.+)”$`, w.historyHas)
	sc.Step(`^市民查询时看到“(.+)”$`, w.citizenSees)
	sc.Step(`^市民查询时看不到“(.+)”$`, w.citizenSeesNot)
	sc.Step(`^(\S+)的(签收|首次联系|办理)时限(在计时|已暂停|已停止|已超期)$`, w.clockOf)
	sc.Step(`^(\S+)的(签收|首次联系|办理)时限是“(.+)”$`, w.clockDue)
	sc.Step(`^(\S+)的任务已经结束$`, w.partEnded)
	sc.Step(`^这张工单称为“(.+)”$`, func(name string) { w.keep(name) })
	sc.Step(`^说回“(.+)”$`, w.backTo)
}

// fresh is the order as it stands now, whoever acted last; the auditor sees every order of the city.
func (w *world) fresh(ctx context.Context) (*pb.WorkOrder, error) {
	out := new(pb.WorkOrder)
	for city, code := range cityCodes {
		if code == w.city {
			return out, w.get(ctx, city+"的审计员", w.order.GetName(), out)
		}
	}
	return nil, fmt.Errorf("no city %s", w.city)
}

// application is the order's last of the kind.
func (w *world) application(ctx context.Context, title string) (*pb.Application, error) {
	o, err := w.fresh(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range slices.Backward(o.GetApplications()) {
		if a.GetKindTitle() == title {
			return a, nil
		}
	}
	return nil, fmt.Errorf("工单上没有%s申请", title)
}

// decides lets the person say yes or no to the last application of the kind.
func (w *world) decides(ctx context.Context, who, verb, title string, uphold bool, words string) error {
	a, err := w.application(ctx, title)
	if err != nil {
		return err
	}
	return w.act(ctx, who, verb, &pb.DecideRequest{Application: a.GetId(), Uphold: uphold, Words: words})
}

func (w *world) applicationStands(ctx context.Context, title, standing string) error {
	a, err := w.application(ctx, title)
	if err != nil {
		return err
	}
	return exactly(a.GetStandingTitle(), standing)
}

func (w *world) hasMark(ctx context.Context, is, title string) error {
	o, err := w.fresh(ctx)
	if err != nil {
		return err
	}
	m := o.GetMarks()
	has, known := map[string]bool{"裁决中": m.GetAdjudicating(), "锁定": m.GetLocked(), "疑难": m.GetHard(), "督办": m.GetSupervised(),
		"不合理诉求": m.GetUnreasonable(), "聚集预警": m.GetClustered(), "评价异常": m.GetSuspicious(), "超期": m.GetOverdue(),
		"重复件": m.GetRepeated()}[title]
	if !known || has != (is == "有") {
		return fmt.Errorf("标记是 %v", m)
	}
	return nil
}

func (w *world) historyHas(ctx context.Context, text string) error {
	out, err := w.history(ctx)
	if err != nil {
		return err
	}
	return want(strings.Join(out, "；"), text)
}

// history are the lines of the order's history, the first line first.
func (w *world) history(ctx context.Context) (lines []string, err error) {
	out := new(pb.ListEventsResponse)
	for city, code := range cityCodes {
		if code == w.city {
			err = w.get(ctx, city+"的审计员", w.order.GetName()+"/events", out)
		}
	}
	for _, e := range out.GetEvents() {
		lines = append(lines, e.GetSummary())
	}
	return lines, err
}

// seenByCitizen is all that the case says to its citizen.
func (w *world) seenByCitizen(ctx context.Context) (string, error) {
	if err := w.door(ctx, "track", w.order.GetNumber(), &pb.TrackRequest{Code: w.code}); err != nil || w.refused != nil {
		return "", errors.Join(err, fmt.Errorf("查询：%v", w.refused))
	}
	all := []string{w.found.GetProgress(), w.found.GetAnswer(), w.found.GetQuestion(), "已用时" + w.found.GetElapsed()}
	for _, s := range w.found.GetSteps() {
		all = append(all, s.GetText())
	}
	return strings.Join(all, "；"), nil
}

func (w *world) citizenSees(ctx context.Context, text string) error {
	seen, err := w.seenByCitizen(ctx)
	if err != nil {
		return err
	}
	return want(seen, text)
}

func (w *world) citizenSeesNot(ctx context.Context, text string) error {
	seen, err := w.seenByCitizen(ctx)
	if err == nil && strings.Contains(seen, text) {
		err = fmt.Errorf("市民看到了“%s”", seen)
	}
	return err
}

// clock is the unit's last one of the step.
func (w *world) clock(ctx context.Context, unit, title string) (*pb.Clock, error) {
	o, err := w.fresh(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range slices.Backward(o.GetClocks()) {
		if c.GetUnit() == w.unit(unit) && casework.ClockTitles[c.GetStep()] == title {
			return c, nil
		}
	}
	return nil, fmt.Errorf("%s没有%s时限", unit, title)
}

func (w *world) clockOf(ctx context.Context, unit, title, status string) error {
	c, err := w.clock(ctx, unit, title)
	if err != nil {
		return err
	}
	return exactly(c.GetStatus(), map[string]string{"在计时": "running", "已暂停": "paused", "已停止": "stopped", "已超期": "overdue"}[status])
}

func (w *world) clockDue(ctx context.Context, unit, title, due string) error {
	c, err := w.clock(ctx, unit, title)
	if err != nil {
		return err
	}
	return exactly(c.GetDueTitle(), due)
}

func (w *world) partEnded(ctx context.Context, unit string) error {
	o, err := w.fresh(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(o.GetAssignments(), func(a *pb.Assignment) bool { return a.GetUnit() == w.unit(unit) && a.GetEndTime() != nil })
	if i < 0 {
		return fmt.Errorf("%s的任务没有结束", unit)
	}
	return nil
}

func (w *world) keep(name string) {
	if w.kept == nil {
		w.kept = map[string]paper{}
	}
	w.kept[name] = paper{w.order, w.code}
}

func (w *world) backTo(ctx context.Context, name string) (err error) {
	p, there := w.kept[name]
	if !there {
		return fmt.Errorf("没有称为“%s”的工单", name)
	}
	w.order, w.code = p.order, p.code
	w.order, err = w.fresh(ctx)
	return err
}
