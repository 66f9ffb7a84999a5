package features

import (
	"context"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
)

// The sentences of 延期.
func extendSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+)申请延期(\d+)个工作日，理由是“(.*)”$`, func(ctx context.Context, who string, days int32, reason string) error {
		return w.act(ctx, who, "extend", &pb.ExtendRequest{Days: days, Reason: reason, Ground: "《信访工作条例》第三十四条"})
	})
	sc.Step(`^(\S+?)(同意|不同意)延期，“(.+)”$`, func(ctx context.Context, who, how, words string) error {
		return w.decides(ctx, who, "decideExtension", "延期", how == "同意", words)
	})
	sc.Step(`^(\S+)规范答复，协办任务完成$`, func(ctx context.Context, who string) error {
		if err := w.contacts(ctx, who); err != nil || w.refused != nil {
			return err
		}
		return w.replies(ctx, who, goodAnswer)
	})
}
