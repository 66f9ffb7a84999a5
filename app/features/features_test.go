// Package features holds the executable rulebook (可执行的规则书): one Chinese feature a rule, driven through the real HTTP API
// on both databases.
package features

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/cucumber/godog"

	"hotline/app/crossing/crossingtest"
	"hotline/app/house/housetest"
)

func TestRulebook(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		node := crossingtest.Link(t, town.House, jingJinJi, "100001", "110000", "120000", "130100")
		suite := godog.TestSuite{Name: t.Name(), ScenarioInitializer: func(sc *godog.ScenarioContext) { steps(sc, town, node, t) },
			Options: &godog.Options{Format: "pretty", Output: t.Output(), NoColors: true, Paths: []string{"."}, Strict: true, TestingT: t}}
		if suite.Run() != 0 {
			t.Error("a rule does not hold, or has a step that nobody defined")
		}
	})
}

// steps binds the sentences of every theme to one scenario's world. A refusal that the next sentence does not expect fails
// the scenario.
func steps(sc *godog.ScenarioContext, town *housetest.Town, node *crossingtest.Node, t testing.TB) {
	w := &world{town: town, node: node}
	sc.StepContext().Before(func(ctx context.Context, st *godog.Step) (context.Context, error) {
		if w.refused != nil && !strings.HasPrefix(st.Text, "系统") {
			return ctx, fmt.Errorf("没有料到的拒绝：%w", w.refused)
		}
		return ctx, nil
	})
	sc.After(func(ctx context.Context, _ *godog.Scenario, err error) (context.Context, error) {
		if err == nil && w.refused != nil {
			return ctx, fmt.Errorf("没有料到的拒绝：%w", w.refused)
		}
		return ctx, nil
	})
	sc.Step(`^系统拒绝，并说明“(.+)”$`, w.isRefused)
	sc.Step(`^系统如同没有这张工单一样答复$`, w.isUnknown)
	sc.Step(`^系统不允许这个岗位这样做$`, w.isForbidden)
	intakeSteps(sc, w)
	workSteps(sc, w)
	callbackSteps(sc, w)
	timeSteps(sc, w)
	citizenSteps(sc, w)
	privacySteps(sc, w)
	tenancySteps(sc, w)
	attachmentSteps(sc, w)
	sideSteps(sc, w)
	returnSteps(sc, w)
	extendSteps(sc, w)
	suspendSteps(sc, w)
	awaitSteps(sc, w)
	mergeSteps(sc, w)
	delegateSteps(sc, w)
	escalateSteps(sc, w)
	reviewSteps(sc, w)
	reworkSteps(sc, w)
	unreasonableSteps(sc, w)
	contestSteps(sc, w)
	reportSteps(sc, w)
	emergencySteps(sc, w)
	ratingSteps(sc, w)
	w.merging.t = t
	listSteps(sc, w)
	keySteps(sc, w)
	numberSteps(sc, w)
	oversightSteps(sc, w)
	transferSteps(sc, w)
}
