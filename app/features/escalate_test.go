package features

import (
	"context"
	"errors"
	"fmt"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
)

// The sentences of 催办提级.
func escalateSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+)催办承办单位，“(.+)”$`, func(ctx context.Context, who, words string) error {
		return w.act(ctx, who, "urge", &pb.UrgeUnitRequest{Words: words})
	})
	sc.Step(`^(\S+)(列入|解除)督办，“(.+)”$`, func(ctx context.Context, who, how, words string) error {
		return w.act(ctx, who, "supervise", &pb.SuperviseRequest{Supervised: how == "列入", Words: words})
	})
	sc.Step(`^(\S+)提级办理，“(.+)”$`, func(ctx context.Context, who, words string) error {
		return w.act(ctx, who, "escalate", &pb.EscalateRequest{Words: words})
	})
	sc.Step(`^工单预警到(\d+)%$`, func(ctx context.Context, share int32) error {
		o, err := w.fresh(ctx)
		return errors.Join(err, exactly(fmt.Sprint(o.GetMarks().GetWarning()), fmt.Sprint(share)))
	})
	sc.Step(`^工单没有预警$`, func(ctx context.Context) error {
		o, err := w.fresh(ctx)
		return errors.Join(err, exactly(fmt.Sprint(o.GetMarks().GetWarning()), "0"))
	})
	sc.Step(`^(\S+)的超期已上报(\S+)$`, func(ctx context.Context, unit, up string) error {
		p, err := w.part(ctx, unit)
		if err != nil {
			return err
		}
		return exactly(p.GetClimbedTo(), w.unit(up))
	})
	sc.Step(`^工单记有(\d+)次超期上报或提级$`, func(ctx context.Context, n int32) error {
		o, err := w.fresh(ctx)
		return errors.Join(err, exactly(fmt.Sprint(o.GetMarks().GetEscalations()), fmt.Sprint(n)))
	})
}
