package features

import (
	"context"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
)

// The sentences of 待补充.
func awaitSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+)请市民补充“(.*)”$`, func(ctx context.Context, who, question string) error {
		return w.act(ctx, who, "await", &pb.AwaitRequest{Question: question})
	})
	sc.Step(`^(\S+)代市民补充“(.+)”$`, func(ctx context.Context, who, facts string) error {
		return w.act(ctx, who, "supplement", &pb.SupplementRequest{Facts: facts})
	})
	sc.Step(`^市民被问到“(.*)”$`, func(ctx context.Context, question string) error {
		if _, err := w.seenByCitizen(ctx); err != nil {
			return err
		}
		return exactly(w.found.GetQuestion(), question)
	})
}
