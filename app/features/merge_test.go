package features

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
	"hotline/app/play"
)

// The sentences of 重复并单.
func mergeSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^来电号码是(\d+)$`, func(number string) { w.facts.Caller.Phone = number })
	sc.Step(`^(\S+的话务员)登记前查重$`, w.looksForRepeats)
	sc.Step(`^查重提示有“(.+)”，理由是“(.+)”$`, w.hinted)
	sc.Step(`^查重提示里没有“(.+)”$`, func(name string) error {
		if w.hint(name) != nil {
			return fmt.Errorf("提示了 %v", w.hints)
		}
		return nil
	})
	sc.Step(`^(\S+)把它并入“(.+)”$`, func(ctx context.Context, who, name string) error {
		return w.act(ctx, who, "merge", &pb.MergeRequest{Main: w.kept[name].order.GetNumber(), Words: "同一地点同一事项"})
	})
	sc.Step(`^(\S+)拆单，“(.+)”$`, func(ctx context.Context, who, words string) error {
		return w.act(ctx, who, "split", &pb.SplitRequest{Words: words})
	})
	sc.Step(`^派单的期限还在计时$`, func(ctx context.Context) error { return w.clockOf(ctx, "", "派单", "在计时") })
	sc.Step(`^它的主单是“(.+)”$`, func(ctx context.Context, name string) error {
		o, err := w.fresh(ctx)
		return errors.Join(err, exactly(o.GetMain(), w.kept[name].order.GetNumber()))
	})
	sc.Step(`^它有(\d+)件并入件$`, func(ctx context.Context, n int) error {
		o, err := w.fresh(ctx)
		return errors.Join(err, exactly(fmt.Sprint(len(o.GetMerged())), fmt.Sprint(n)))
	})
}

func (w *world) looksForRepeats(ctx context.Context, who string) (err error) {
	in := &pb.HintRequest{Parent: "tenants/" + w.city, Facts: w.facts}
	if !w.now.IsZero() {
		ctx, err := w.at(ctx, who)
		if err != nil {
			return err
		}
		w.hints, err = w.town.Casework.Hint(ctx, in)
		return w.note(err)
	}
	login, _, _, err := loginOf(who)
	if err != nil {
		return err
	}
	p, err := w.town.Stage.As(ctx, login)
	if err != nil {
		return err
	}
	w.hints, err = play.Post[pb.HintResponse](ctx, p, "/v1/"+in.GetParent()+"/workOrders:hint", in)
	return w.note(err)
}

func (w *world) hint(name string) *pb.Hint {
	for _, h := range w.hints.GetHints() {
		if h.GetNumber() == w.kept[name].order.GetNumber() {
			return h
		}
	}
	return nil
}

func (w *world) hinted(name, reason string) error {
	h := w.hint(name)
	if h == nil {
		return fmt.Errorf("没有提示：%v", w.hints)
	}
	return want(strings.Join(h.GetReasons(), "；"), reason)
}
