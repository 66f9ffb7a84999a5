package features

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cucumber/godog"
	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/app/play"
	"hotline/ent/store"
	"hotline/tenants"
)

// The sentences of 回访评价.
func callbackSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+)回访接通，市民说(已解决|没有解决)，对结果(非常满意|满意|基本满意|不满意|非常不满意)$`, w.reaches)
	sc.Step(`^(\S+)回访未接通$`, w.misses)
	sc.Step(`^(\S+)办理归档$`, func(ctx context.Context, who string) error { return w.act(ctx, who, "close", &pb.CloseRequest{}) })
	sc.Step(`^(\S+)重启工单，理由是“(.+)”$`, func(ctx context.Context, who, why string) error {
		return w.act(ctx, who, "reopen", &pb.ReopenRequest{Reason: why})
	})
	sc.Step(`^(\S+)重新办理、(\S+)审核通过$`, w.redo)
	sc.Step(`^(\S+)发出一次性评价链接$`, w.invites)
	sc.Step(`^市民用链接评价(非常满意|满意|基本满意|不满意|非常不满意)$`, w.rates)
	sc.Step(`^(\S+)能看到市民自己评的(.+)$`, w.seesRating)
	sc.Step(`^兼任回访员的北京城管局承办人去回访这张工单$`, w.callsOwn)
	sc.Step(`^工单留有(\d+)次回访记录$`, w.hasCallbacks)
	sc.Step(`^工单正在裁决$`, func() error {
		if !w.order.GetMarks().GetAdjudicating() {
			return errors.New("工单没有在裁决")
		}
		return nil
	})
}

var grades = map[string]pb.Grade{"非常满意": 1, "满意": 2, "基本满意": 3, "不满意": 4, "非常不满意": 5}

func (w *world) reaches(ctx context.Context, who, solved, grade string) error {
	return w.act(ctx, who, "callback", &pb.CallbackRequest{Reached: true, Contacted: true, Solved: solved == "已解决",
		ResultGrade: grades[grade], AttitudeGrade: pb.Grade_SATISFIED, Channel: "phone"})
}

// callsOwn is the handler with a second post: no demo account holds two, so the viewer is built by hand and goes behind the gate.
func (w *world) callsOwn(ctx context.Context) error {
	ctx = tenants.With(store.At(ctx, w.now), &tenants.Viewer{Account: uuid.New(), Login: "u02.110000", Tenant: "110000",
		Posts: []tenants.Post{{Role: tenants.Handler, Unit: "U02"}, {Role: tenants.CallbackAgent}}})
	_, err := w.town.Casework.Callback(ctx, &pb.CallbackRequest{Name: w.order.GetName(), Reached: true, Contacted: true, Solved: true,
		ResultGrade: pb.Grade_SATISFIED, AttitudeGrade: pb.Grade_SATISFIED, Channel: "phone"})
	return w.note(err)
}

func (w *world) misses(ctx context.Context, who string) error {
	return w.act(ctx, who, "callback", &pb.CallbackRequest{Channel: "phone"})
}

func (w *world) redo(ctx context.Context, unit, reviewer string) error {
	if err := w.replies(ctx, unit, goodAnswer); err != nil || w.refused != nil {
		return err
	}
	return w.act(ctx, reviewer, "review", &pb.ReviewRequest{Pass: true})
}

func (w *world) invites(ctx context.Context, who string) error {
	out, err := send[pb.InviteRatingResponse](ctx, w, who, "inviteRating", &pb.InviteRatingRequest{})
	if err == nil {
		w.link = out.GetLink()[strings.LastIndexByte(out.GetLink(), '/')+1:]
	}
	return w.note(err)
}

func (w *world) rates(ctx context.Context, grade string) error {
	in := &pb.RateRequest{Parent: "tenants/" + w.city, Token: w.link, ResultGrade: grades[grade], AttitudeGrade: grades[grade]}
	if !w.now.IsZero() {
		_, err := w.town.Casework.Rate(tenants.With(store.At(ctx, w.now), tenants.CitizenOf(w.city)), in)
		return w.note(err)
	}
	_, err := play.Post[pb.RateResponse](ctx, w.town.Stage.Nobody(), "/v1/"+in.GetParent()+"/petitions:rate", in)
	return w.note(err)
}

func (w *world) seesRating(ctx context.Context, who, grade string) error {
	if err := w.look(ctx, who); err != nil || w.refused != nil {
		return err
	}
	if got := w.order.GetRating().GetResultGrade(); got != grades[grade] {
		return errors.New("看到的评价是 " + got.String())
	}
	return nil
}

func (w *world) hasCallbacks(n int) error {
	if got := len(w.order.GetCallbacks()); got != n {
		return fmt.Errorf("回访记录有 %d 次", got)
	}
	return nil
}
