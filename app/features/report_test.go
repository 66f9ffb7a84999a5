package features

import (
	"context"
	"strings"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
)

// The sentences of 保密与举报.
func reportSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^举报人同意公开身份$`, func() { w.facts.Named = true })
	sc.Step(`^诉求原文是“(.+)”$`, func(words string) { w.facts.Words, w.facts.Body = words, words })
	sc.Step(`^(\S+的派单员)派给(\S+)主办，派单内容是“(.+)”$`, func(ctx context.Context, who, lead, brief string) error {
		return w.act(ctx, who, "dispatch", &pb.DispatchRequest{Lead: w.unit(lead), Brief: brief})
	})
	sc.Step(`^看到的派单内容是“(.*)”$`, func(text string) error { return exactly(w.order.GetBrief().GetText(), text) })
	sc.Step(`^看到的诉求原文是“(.*)”$`, func(text string) error { return exactly(w.order.GetWords().GetText(), text) })
	sc.Step(`^看到的工单内容是“(.*)”$`, func(text string) error { return exactly(w.order.GetBody().GetText(), text) })
	sc.Step(`^看到的事发地是“(.*)”$`, func(text string) error { return exactly(w.order.GetLocation().GetText(), text) })
	sc.Step(`^(\S+)以“(.*)”为由查看(诉求原文|事发地)$`, func(ctx context.Context, who, reason, field string) error {
		name := map[string]string{"诉求原文": "words", "事发地": "location"}[field]
		return w.act(ctx, who, "reveal", &pb.RevealRequest{Fields: []string{name}, Reason: reason})
	})
	sc.Step(`^(\S+)经热线转达“(.+)”$`, func(ctx context.Context, who, note string) error {
		return w.act(ctx, who, "contact", &pb.ContactRequest{Means: "relay", Note: note})
	})
	sc.Step(`^(\S+)看到的流转记录里没有“(.+)”$`, func(ctx context.Context, who, text string) error {
		out := new(pb.ListEventsResponse)
		if err := w.get(ctx, who, w.order.GetName()+"/events", out); err != nil {
			return err
		}
		if strings.Contains(out.String(), text) {
			return want("", "没有“"+text+"”："+out.String())
		}
		return nil
	})
}
