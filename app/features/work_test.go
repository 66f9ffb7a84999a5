package features

import (
	"context"
	"fmt"
	"slices"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
	"hotline/app/nation"
)

const goodAnswer = "您好！您反映的问题我单位已到现场核实，当日完成修复，并设置了安全警示。感谢您的监督。"

// The sentences of 派单办结.
func workSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(北京|天津|上海|合肥)有一张“(.+)”的工单，由城管局主办$`, w.standing)
	sc.Step(`^(\S+的派单员)派给(\S+)主办$`, w.dispatches)
	sc.Step(`^(\S+的派单员)派给(\S+)主办、(\S+)协办$`, w.dispatchesTwo)
	sc.Step(`^(\S+)签收$`, func(ctx context.Context, who string) error { return w.act(ctx, who, "sign", &pb.SignRequest{}) })
	sc.Step(`^(\S+)电话联系了市民$`, w.contacts)
	sc.Step(`^(\S+的承办人)答复“(.+)”$`, w.replies)
	sc.Step(`^(\S+)办理完毕并规范答复$`, func(ctx context.Context, who string) error { return w.replies(ctx, who, goodAnswer) })
	sc.Step(`^(\S+)以“联系不上”答复$`, func(ctx context.Context, who string) error {
		return w.act(ctx, who, "reply", draft(goodAnswer, pb.Conclusion_UNREACHABLE))
	})
	sc.Step(`^(北京|天津|上海|合肥)的审核员审核通过$`, func(ctx context.Context, city string) error {
		return w.act(ctx, city+"的审核员", "review", &pb.ReviewRequest{Pass: true})
	})
	sc.Step(`^(\S+)退回返工，意见是“(.*)”$`, func(ctx context.Context, who, remark string) error {
		return w.act(ctx, who, "review", &pb.ReviewRequest{Remark: remark})
	})
	sc.Step(`^(\S+)仍在“(.+)”$`, w.partStands)
	sc.Step(`^工单记有(\d+)次返工或重办$`, func(n int32) error { return want(fmt.Sprint(w.order.GetMarks().GetReworks()), fmt.Sprint(n)) })
	sc.Step(`^公开答复是“(.+)”$`, func(text string) error { return want(w.order.GetPublicAnswer(), text) })
}

func draft(public string, how pb.Conclusion) *pb.ReplyRequest {
	return &pb.ReplyRequest{Draft: &pb.Draft{PublicPart: public, InternalPart: "已现场核查并留存照片。", Conclusion: how,
		Measures: "现场核查、修复", Ground: "《城市道路管理条例》第二十四条"}}
}

func (w *world) dispatches(ctx context.Context, who, lead string) error {
	return w.act(ctx, who, "dispatch", &pb.DispatchRequest{Lead: w.unit(lead), Instruction: "请依法办理并答复。"})
}

func (w *world) dispatchesTwo(ctx context.Context, who, lead, assist string) error {
	return w.act(ctx, who, "dispatch", &pb.DispatchRequest{Lead: w.unit(lead), Assist: []string{w.unit(assist)}})
}

// unit is the code of a name in the scenario's city; a name that the city does not know goes out as it is.
func (w *world) unit(title string) string {
	if code := nation.UnitOf(w.city, title); code != "" {
		return code
	}
	return title
}

func (w *world) contacts(ctx context.Context, who string) error {
	return w.act(ctx, who, "contact", &pb.ContactRequest{Reached: true, Means: "phone", Note: "已核实情况，说明办理安排。"})
}

func (w *world) replies(ctx context.Context, who, text string) error {
	return w.act(ctx, who, "reply", draft(text, pb.Conclusion_SOLVED))
}

// standing walks a fresh order the straight way to the state.
func (w *world) standing(ctx context.Context, city, title string) error {
	if err := w.calls("王桂兰", city, "朝阳区", "人行道井盖破损，存在安全隐患"); err != nil {
		return err
	}
	unit := city + "城管局的承办人"
	way := []struct {
		to string
		do func() error
	}{
		{"待派单", func() error {
			return w.takeIn(ctx, city+"的话务员", &pb.IntakeRequest{Disposition: pb.Disposition_IN_SCOPE})
		}},
		{"待签收", func() error { return w.dispatches(ctx, city+"的派单员", "城管局") }},
		{"办理中", func() error { return w.act(ctx, unit, "sign", &pb.SignRequest{}) }},
		{"", func() error { return w.contacts(ctx, unit) }},
		{"待审核", func() error { return w.replies(ctx, unit, goodAnswer) }},
		{"待回访", func() error { return w.act(ctx, city+"的审核员", "review", &pb.ReviewRequest{Pass: true}) }},
		{"已归档", func() error { return w.reaches(ctx, city+"的回访员", "已解决", "满意") }},
	}
	for _, step := range way {
		if err := step.do(); err != nil {
			return err
		}
		if w.refused != nil {
			return fmt.Errorf("到“%s”之前：%w", title, w.refused)
		}
		if step.to == title {
			return nil
		}
	}
	return fmt.Errorf("不认识状态“%s”", title)
}

func (w *world) partStands(unit, title string) error {
	i := slices.IndexFunc(w.order.GetAssignments(), func(a *pb.Assignment) bool { return a.GetUnitTitle() == unit || a.GetUnit() == w.unit(unit) })
	if i < 0 {
		return fmt.Errorf("%s不在工单上", unit)
	}
	part := &world{order: &pb.WorkOrder{State: w.order.GetAssignments()[i].GetState()}}
	return part.stands(title)
}
