package features

import (
	"context"
	"slices"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
)

// The sentences of 不予受理与异议.
func contestSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^市民提出异议，“(.*)”$`, func(ctx context.Context, ground string) error {
		return w.door(ctx, "contest", w.order.GetNumber(), &pb.ContestRequest{Code: w.code, Ground: ground})
	})
	sc.Step(`^(\S+)复核异议，(受理|维持)，“(.+)”$`, func(ctx context.Context, who, how, words string) error {
		return w.decides(ctx, who, "decideContest", "不予受理异议", how == "受理", words)
	})
	sc.Step(`^(\S+)改为解释说明，事由“(.+)”，告知“(.+)”$`, func(ctx context.Context, who, reason, told string) error {
		return w.act(ctx, who, "redirect", &pb.RedirectRequest{Disposition: pb.Disposition_EXPLAIN_DECLINE, Reason: reason, Told: told})
	})
	sc.Step(`^历史工单是“(.+)”$`, func(name string) { w.facts.RepeatOf = w.kept[name].order.GetNumber() })
	sc.Step(`^市民现在可以(异议|申诉|催办|补充|撤回)$`, func(ctx context.Context, act string) error { return w.mayDo(ctx, act, true) })
	sc.Step(`^市民现在不能(异议|申诉|催办|补充|撤回)$`, func(ctx context.Context, act string) error { return w.mayDo(ctx, act, false) })
}

// mayDo says whether the case offers the act to its citizen.
func (w *world) mayDo(ctx context.Context, act string, may bool) error {
	if _, err := w.seenByCitizen(ctx); err != nil {
		return err
	}
	word := map[string]string{"异议": "contest", "申诉": "appeal", "催办": "urge", "补充": "add", "撤回": "withdraw"}[act]
	if slices.Contains(w.found.GetActs(), word) != may {
		return want("", w.found.String())
	}
	return nil
}
