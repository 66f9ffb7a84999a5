package features

import (
	"context"
	"fmt"
	"strings"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
	tenantpb "hotline/api/tenant/v1"
	"hotline/app/nation"
)

// The sentences of 评价异常与聚集预警.
func ratingSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(北京|天津|上海|合肥)规定(\d+)分钟内同一单位(\d+)个相同评价要提示异常$`, func(ctx context.Context, city string, minutes, n int32) error {
		return w.rules(ctx, city, func(p *tenantpb.Policy) { p.SideLives.RatingCluster, p.SideLives.RatingMinutes = n, minutes })
	})
	sc.Step(`^(北京|天津|上海|合肥)(\S+)办结的一件，市民评价(非常满意|满意|基本满意|不满意|非常不满意)，称为“(.+)”$`, w.rated)
	sc.Step(`^事发地在“(.+)”$`, func(place string) { w.facts.Location = place })
	sc.Step(`^这件事归类为“(.+)”$`, func(title string) error {
		for _, c := range nation.Requests() {
			if c.Category == title {
				w.facts.Category = title
				return nil
			}
		}
		return fmt.Errorf("没有分类 %s", title)
	})
	sc.Step(`^(\S+)查看聚集预警，有一处(\d+)件，含“(.+)”$`, w.clusters)
	sc.Step(`^(\S+)查看聚集预警$`, func(ctx context.Context, who string) error {
		return w.note(w.get(ctx, who, "tenants/"+w.city+"/workOrders:listClusters", new(pb.ListClustersResponse)))
	})
	sc.Step(`^(\S+)用(短信|网上)回访，未接通$`, func(ctx context.Context, who, channel string) error {
		return w.act(ctx, who, "callback", &pb.CallbackRequest{Channel: map[string]string{"短信": "sms", "网上": "web"}[channel]})
	})
}

// rated walks an order of the unit to its end and lets its citizen rate it by link.
func (w *world) rated(ctx context.Context, city, unit, grade, name string) error {
	if err := w.standing(ctx, city, "待派单"); err != nil {
		return err
	}
	who := city + unit + "的承办人"
	for _, do := range []func() error{
		func() error { return w.dispatches(ctx, city+"的派单员", unit) },
		func() error { return w.act(ctx, who, "sign", &pb.SignRequest{}) },
		func() error { return w.contacts(ctx, who) },
		func() error { return w.replies(ctx, who, goodAnswer) },
		func() error { return w.act(ctx, city+"的审核员", "review", &pb.ReviewRequest{Pass: true}) },
		func() error { return w.invites(ctx, city+"的回访员") },
		func() error { return w.rates(ctx, grade) },
	} {
		if err := do(); err != nil || w.refused != nil {
			return err
		}
	}
	w.keep(name)
	return nil
}

func (w *world) clusters(ctx context.Context, who string, n int, name string) error {
	out := new(pb.ListClustersResponse)
	if err := w.get(ctx, who, "tenants/"+w.city+"/workOrders:listClusters", out); err != nil {
		return err
	}
	for _, c := range out.GetClusters() {
		if strings.Contains(strings.Join(c.GetNumbers(), " "), w.kept[name].order.GetNumber()) {
			return exactly(fmt.Sprint(c.GetOrders()), fmt.Sprint(n))
		}
	}
	return fmt.Errorf("没有这一处：%v", out)
}
