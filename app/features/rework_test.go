package features

import (
	"context"

	"github.com/cucumber/godog"
)

// The sentences of 重办.
func reworkSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(北京|天津|上海|合肥)有一张重办两轮市民仍不满意的工单$`, w.afterLastRound)
	sc.Step(`^这件事属于行政执法办案$`, func() { w.facts.LawEnforcement = true })
	sc.Step(`^第(\d+)次回访记的是(已解决|没有解决)、(非常满意|满意|基本满意|不满意|非常不满意)$`, w.called)
}

func (w *world) afterLastRound(ctx context.Context, city string) error {
	if err := w.standing(ctx, city, "待回访"); err != nil {
		return err
	}
	for round := range 3 {
		if err := w.reaches(ctx, city+"的回访员", "没有解决", "不满意"); err != nil || w.refused != nil {
			return err
		}
		if round == 2 {
			break
		}
		if err := w.redo(ctx, city+"城管局的承办人", city+"的审核员"); err != nil || w.refused != nil {
			return err
		}
	}
	return nil
}

func (w *world) called(ctx context.Context, n int, solved, grade string) error {
	o, err := w.fresh(ctx)
	if err != nil {
		return err
	}
	if n > len(o.GetCallbacks()) {
		return want("", "更多回访")
	}
	c := o.GetCallbacks()[n-1]
	if c.GetSolved() != (solved == "已解决") || c.GetResultGrade() != grades[grade] {
		return want(c.String(), solved)
	}
	return nil
}
