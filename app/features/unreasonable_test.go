package features

import (
	"context"
	"fmt"
	"slices"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
)

// The sentences of 无理诉求与申诉.
func unreasonableSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+)申请认定不合理诉求，依据“(.+)”，证据是“(.*)”$`, func(ctx context.Context, who, ground, evidence string) error {
		return w.act(ctx, who, "claimUnreasonable", &pb.ClaimUnreasonableRequest{Ground: ground, Evidence: evidence})
	})
	sc.Step(`^(\S+?)(同意|不同意)不合理认定，“(.+)”$`, func(ctx context.Context, who, how, words string) error {
		return w.decides(ctx, who, "decideUnreasonable", "不合理诉求认定", how == "同意", words)
	})
	sc.Step(`^市民申诉，“(.*)”$`, func(ctx context.Context, ground string) error {
		return w.door(ctx, "appeal", w.order.GetNumber(), &pb.AppealRequest{Code: w.code, Ground: ground})
	})
	sc.Step(`^(\S+)复核申诉，(撤销|维持)认定，“(.+)”$`, func(ctx context.Context, who, how, words string) error {
		return w.decides(ctx, who, "decideAppeal", "不合理认定申诉", how == "撤销", words)
	})
	sc.Step(`^(\S+)就(响应率|解决率|满意率|按时办结率)提出考核申诉，“(.+)”$`, func(ctx context.Context, who, figure, ground string) error {
		return w.act(ctx, who, "appealScore", &pb.AppealScoreRequest{Figure: figures[figure], Ground: ground, Evidence: "通话记录与现场照片"})
	})
	sc.Step(`^(\S+?)(同意|不同意)考核申诉，“(.+)”$`, func(ctx context.Context, who, how, words string) error {
		return w.decides(ctx, who, "decideScoreAppeal", "考核申诉", how == "同意", words)
	})
	sc.Step(`^工单(仍计入|不计入)(响应率|解决率|满意率|按时办结率)$`, w.counts)
}

var figures = map[string]pb.Figure{"响应率": 1, "解决率": 2, "满意率": 3, "按时办结率": 4}

func (w *world) counts(ctx context.Context, how, figure string) error {
	o, err := w.fresh(ctx)
	if err != nil {
		return err
	}
	word := map[string]string{"响应率": "response", "解决率": "solved_rate", "满意率": "satisfaction", "按时办结率": "timeliness"}[figure]
	if slices.Contains(o.GetExcluded(), word) != (how == "不计入") {
		return fmt.Errorf("不计入的是 %v", o.GetExcluded())
	}
	return nil
}
