package features

import (
	"context"
	"fmt"
	"strings"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
)

// The sentences of 紧急联动.
func emergencySteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^([^\s，]+员)(转接|三方通话)(\S+)，(对方接处|热线先行受理|对方先行处置、热线同时受理)，“(.+)”$`,
		func(ctx context.Context, who, way, unit, outcome, words string) error {
			return w.handsOff(ctx, who, way, unit, outcome, words, false)
		})
	sc.Step(`^危及生命，([^\s，]+员)(转接|三方通话)(\S+)，(对方接处|热线先行受理|对方先行处置、热线同时受理)，“(.+)”$`,
		func(ctx context.Context, who, way, unit, outcome, words string) error {
			return w.handsOff(ctx, who, way, unit, outcome, words, true)
		})
	sc.Step(`^(\S+)退回，“(.+)”$`, func(ctx context.Context, who, reason string) error {
		return w.act(ctx, who, "handBack", &pb.HandBackRequest{Reason: reason, Words: "已电话说明"})
	})
	sc.Step(`^联动记录有(\d+)次，最后一次是(\S+)“(.+)”$`, w.handOffs)
	sc.Step(`^这件事由110转来$`, func() { w.facts.Channel = pb.Channel_TRANSFER_110 })
	sc.Step(`^工单号里的渠道是“(\d+)”$`, func(code string) error { return exactly(w.order.GetNumber()[14:16], code) })
	sc.Step(`^市民看到有人看过“(.+)”，是“(.+)”$`, func(what, who string) error {
		for _, v := range w.viewers.GetViewings() {
			if strings.Contains(v.GetWho(), who) && strings.Contains(v.GetWhat(), what) {
				return nil
			}
		}
		return fmt.Errorf("看到的是 %v", w.viewers)
	})
}

var outcomes = map[string]pb.Outcome{"对方接处": 1, "热线先行受理": 2, "对方先行处置、热线同时受理": 3}

func (w *world) handsOff(ctx context.Context, who, way, unit, outcome, words string, life bool) error {
	return w.act(ctx, who, "handOff", &pb.HandOffRequest{Unit: w.unit(unit), ThreeWay: way == "三方通话", LifeAtRisk: life,
		Outcome: outcomes[outcome], Words: words})
}

func (w *world) handOffs(ctx context.Context, n int, unit, back string) error {
	o, err := w.fresh(ctx)
	if err != nil {
		return err
	}
	all := o.GetHandOffs()
	if len(all) != n {
		return fmt.Errorf("联动记录有 %d 次", len(all))
	}
	last := all[n-1]
	if last.GetUnitTitle() != unit {
		return fmt.Errorf("最后一次是 %s", last.GetUnitTitle())
	}
	return want(map[pb.Outcome]string{1: "对方接处", 2: "热线先行受理", 3: "同时受理"}[last.GetOutcome()]+"；退回："+last.GetBackReason(), back)
}
