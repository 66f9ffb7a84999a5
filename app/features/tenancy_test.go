package features

import (
	"context"
	"fmt"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
	"hotline/app/play"
)

// The sentences of 租户隔离.
func tenancySteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+)试着给这张工单派单$`, func(ctx context.Context, who string) error { return w.dispatches(ctx, who, "城管局") })
	sc.Step(`^有人到(\S+)的查询页用这张工单的号码和查询码查询$`, w.wrongCity)
	sc.Step(`^(\S+)列出(北京|天津|上海|合肥)的工单$`, w.lists)
	sc.Step(`^(\S+)用市民的电话号码查找$`, w.searches)
	sc.Step(`^找到的里面(有|没有)这张工单$`, w.contains)
}

func (w *world) wrongCity(ctx context.Context, city string) error {
	was := w.city
	w.city = cityCodes[city]
	err := w.door(ctx, "track", w.order.GetNumber(), &pb.TrackRequest{Code: w.code})
	w.city = was
	return err
}

func (w *world) lists(ctx context.Context, who, city string) error {
	w.list = new(pb.ListWorkOrdersResponse)
	return w.note(w.get(ctx, who, "tenants/"+cityCodes[city]+"/workOrders?page_size=200", w.list))
}

func (w *world) searches(ctx context.Context, who string) error {
	login, city, _, err := loginOf(who)
	if err != nil {
		return err
	}
	p, err := w.town.Stage.As(ctx, login)
	if err != nil {
		return err
	}
	w.list, err = play.Post[pb.ListWorkOrdersResponse](ctx, p, "/v1/tenants/"+city+"/workOrders:search",
		&pb.SearchRequest{Phone: phone, PageSize: 200})
	return w.note(err)
}

func (w *world) contains(is string) error {
	there := false
	for _, o := range w.list.GetWorkOrders() {
		there = there || o.GetNumber() == w.order.GetNumber()
	}
	if there != (is == "有") {
		return fmt.Errorf("共 %d 张，有这张：%v", len(w.list.GetWorkOrders()), there)
	}
	return nil
}
