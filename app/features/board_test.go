package features

import (
	"context"
	"fmt"
	"strings"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
	reportpb "hotline/api/report/v1"
	tenantpb "hotline/api/tenant/v1"
)

// The sentences of 看板与三率.
func boardSteps(sc *godog.ScenarioContext, w *world) {
	var rate *reportpb.Rate // the one looked at last
	var viewer string
	sc.Step(`^(\S+)看(合计|\S+)的(响应率|解决率|满意率)，剔除前(\d+)件中(\d+)件，剔除后(\d+)件中(\d+)件$`,
		func(ctx context.Context, who, unit, figure, dueBefore, goodBefore, due, good string) error {
			var err error
			if rate, err = w.rate(ctx, who, unit, figure); err != nil {
				return err
			}
			viewer = who
			return exactly(fmt.Sprintf("剔除前%d件中%d件，剔除后%d件中%d件", rate.GetDueBefore().GetOrders(), rate.GetGoodBefore().GetOrders(),
				rate.GetDue().GetOrders(), rate.GetGood().GetOrders()), "剔除前"+dueBefore+"件中"+goodBefore+"件，剔除后"+due+"件中"+good+"件")
		})
	sc.Step(`^因“(.+)”剔除1件，点开正是“(.+)”$`, func(ctx context.Context, title, name string) error {
		for _, x := range rate.GetExcluded() {
			if x.GetTitle() != title {
				continue
			}
			if err := exactly(fmt.Sprint(x.GetOrders().GetOrders()), "1"); err != nil {
				return err
			}
			ctx, err := w.at(ctx, viewer)
			if err != nil {
				return err
			}
			out, err := w.town.Casework.ListWorkOrders(ctx, &pb.ListWorkOrdersRequest{Parent: "tenants/" + w.city, Filter: x.GetOrders().GetFilter()})
			if err != nil || len(out.GetWorkOrders()) != 1 {
				return fmt.Errorf("点开 %d 件，%w", len(out.GetWorkOrders()), err)
			}
			return exactly(out.GetWorkOrders()[0].GetNumber(), w.kept[name].order.GetNumber())
		}
		return fmt.Errorf("没有因“%s”剔除的：%v", title, rate.GetExcluded())
	})
	sc.Step(`^(\S+)查看看板$`, func(ctx context.Context, who string) error {
		login, _, _, err := loginOf(who) // over HTTP, where the gate decides
		if err != nil {
			return err
		}
		p, err := w.town.Stage.As(ctx, login)
		if err != nil {
			return err
		}
		return w.note(p.Do(ctx, "GET", "/v1/tenants/"+w.city+"/reports/rates", nil, new(reportpb.Rates)))
	})
	sc.Step(`^(\S+)看热力图，格子里(\d+)件，另有保密(\d+)件$`, func(ctx context.Context, who, shown, hidden string) error {
		out := new(reportpb.Heat)
		if err := w.get(ctx, who, "tenants/"+w.city+"/reports/heat", out); err != nil {
			return err
		}
		return exactly(fmt.Sprintf("%d %d", out.GetShown().GetOrders(), out.GetConfidential().GetOrders()), shown+" "+hidden)
	})
	sc.Step(`^(北京|天津|上海|合肥)规定行政执法件不计入解决率$`, func(ctx context.Context, city string) error {
		return w.rules(ctx, city, func(p *tenantpb.Policy) {
			p.Scoring = &tenantpb.Scoring{ResponseWeight: 20, SolvedWeight: 40, SatisfactionWeight: 40, SolvedGrounds: []string{"law_enforcement"}}
		})
	})
}

// rate is one of the three, of a unit or of all together.
func (w *world) rate(ctx context.Context, who, unit, figure string) (*reportpb.Rate, error) {
	out := new(reportpb.Rates)
	if err := w.get(ctx, who, "tenants/"+w.city+"/reports/rates", out); err != nil {
		return nil, err
	}
	of := map[string]func(*reportpb.UnitRates) *reportpb.Rate{"响应率": (*reportpb.UnitRates).GetResponse, "解决率": (*reportpb.UnitRates).GetSolved,
		"满意率": (*reportpb.UnitRates).GetSatisfaction}[figure]
	if unit == "合计" {
		return of(out.GetTotal()), nil
	}
	for _, u := range out.GetUnits() {
		if strings.HasSuffix(u.GetTitle(), unit) {
			return of(u), nil
		}
	}
	return &reportpb.Rate{}, nil
}
