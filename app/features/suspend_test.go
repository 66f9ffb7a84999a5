package features

import (
	"context"
	"time"

	"github.com/cucumber/godog"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/tenants/calendar"
)

// The sentences of 挂账.
func suspendSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+)因(季节|工程|历史遗留)申请挂账至(\d+)年(\d+)月(\d+)日$`, func(ctx context.Context, who, reason string, y, m, d int) error {
		return w.suspends(ctx, who, reason, time.Date(y, time.Month(m), d, 18, 0, 0, 0, calendar.Zone), "道路养护科科长 陈立")
	})
	sc.Step(`^(\S+)申请挂账(\d+)天，责任人写“(.*)”$`, func(ctx context.Context, who string, days int, responsible string) error {
		return w.suspends(ctx, who, "工程", time.Now().AddDate(0, 0, days), responsible)
	})
	sc.Step(`^(\S+?)(同意|不同意)挂账，“(.+)”$`, func(ctx context.Context, who, how, words string) error {
		return w.decides(ctx, who, "decideSuspension", "挂账", how == "同意", words)
	})
	sc.Step(`^(\S+)复核挂账，(继续|终止)，“(.+)”$`, func(ctx context.Context, who, how, words string) error {
		return w.decides(ctx, who, "reviewSuspension", "挂账", how == "继续", words)
	})
	sc.Step(`^(\S+)提前恢复办理，“(.+)”$`, func(ctx context.Context, who, words string) error {
		return w.act(ctx, who, "resume", &pb.ResumeRequest{Words: words})
	})
}

func (w *world) suspends(ctx context.Context, who, reason string, until time.Time, responsible string) error {
	return w.act(ctx, who, "suspend", &pb.SuspendRequest{Reason: map[string]string{"季节": "season", "工程": "engineering", "历史遗留": "history"}[reason],
		Ground: "《城市道路管理条例》第二十五条", UntilTime: timestamppb.New(until), Responsible: responsible,
		Milestones: "六月完成设计，九月进场，年底前完工"})
}
