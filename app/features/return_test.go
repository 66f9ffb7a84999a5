package features

import (
	"context"
	"errors"
	"fmt"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
)

// The sentences of 退单裁决.
func returnSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+)以“(.+)”申请退单，依据“(.*)”，建议由(\S+)承办$`, w.returns)
	sc.Step(`^(\S+)以“(.+)”申请退单，依据“(.*)”，未写建议单位$`, func(ctx context.Context, who, reason, ground string) error {
		return w.returns(ctx, who, reason, ground, "")
	})
	sc.Step(`^(\S+)陈述(同意|不同意)承办，“(.+)”$`, w.hears)
	sc.Step(`^(\S+)同意退单，改派(\S+)主办$`, func(ctx context.Context, who, lead string) error {
		return w.decidesReturn(ctx, who, &pb.DecideReturnRequest{Uphold: true, Words: "退单理由成立", Lead: w.unit(lead)})
	})
	sc.Step(`^(\S+)同意退单，退回待派单$`, func(ctx context.Context, who string) error {
		return w.decidesReturn(ctx, who, &pb.DecideReturnRequest{Uphold: true, Words: "退单理由成立"})
	})
	sc.Step(`^(\S+)不同意退单，“(.+)”$`, func(ctx context.Context, who, words string) error {
		return w.decidesReturn(ctx, who, &pb.DecideReturnRequest{Words: words})
	})
	sc.Step(`^(\S+)对退单审核提出异议，“(.+)”$`, w.disputes)
	sc.Step(`^(\S+)裁决由([^\s、，]+)主办，“(.+)”$`, func(ctx context.Context, who, lead, words string) error {
		return w.adjudicates(ctx, who, &pb.AdjudicateRequest{Lead: w.unit(lead), Words: words})
	})
	sc.Step(`^(\S+)裁决由([^\s、，]+)主办、([^\s、，]+)协办，“(.+)”$`, func(ctx context.Context, who, lead, assist, words string) error {
		return w.adjudicates(ctx, who, &pb.AdjudicateRequest{Lead: w.unit(lead), Assist: []string{w.unit(assist)}, Words: words})
	})
	sc.Step(`^(\S+)裁决由([^\s、，]+)主办并列入派单目录，“(.+)”$`, func(ctx context.Context, who, lead, words string) error {
		return w.adjudicates(ctx, who, &pb.AdjudicateRequest{Lead: w.unit(lead), Words: words, Catalogue: true})
	})
	sc.Step(`^(\S+)裁决维持办理结果，“(.+)”$`, func(ctx context.Context, who, words string) error {
		return w.adjudicates(ctx, who, &pb.AdjudicateRequest{Stands: true, Words: words})
	})
	sc.Step(`^派单建议里有(\S+)主办，依据写明“(.+)”$`, w.suggests)
	sc.Step(`^(\S+)打开工单，看得到工单$`, func(ctx context.Context, who string) error {
		err := w.look(ctx, who)
		if w.refused != nil {
			return errors.Join(err, w.refused)
		}
		return err
	})
}

var returnReasons = map[string]pb.ReturnReason{"属地不符": 1, "职能不符": 2, "权属不清": 3, "职责交叉": 4, "信息不足": 5, "重复件": 6,
	"已进法定程序": 7, "其他": 8}

func (w *world) returns(ctx context.Context, who, reason, ground, suggested string) error {
	return w.act(ctx, who, "return", &pb.ReturnRequest{Reason: returnReasons[reason], Ground: ground, SuggestedUnit: w.unit(suggested),
		Evidence: "现场照片两张，权属登记一份"})
}

func (w *world) hears(ctx context.Context, who, how, words string) error {
	a, err := w.application(ctx, "退单")
	if err != nil {
		return err
	}
	return w.act(ctx, who, "hear", &pb.HearRequest{Application: a.GetId(), Agree: how == "同意", Words: words})
}

func (w *world) decidesReturn(ctx context.Context, who string, in *pb.DecideReturnRequest) error {
	a, err := w.application(ctx, "退单")
	if err != nil {
		return err
	}
	in.Application = a.GetId()
	return w.act(ctx, who, "decideReturn", in)
}

func (w *world) disputes(ctx context.Context, who, ground string) error {
	a, err := w.application(ctx, "退单")
	if err != nil {
		return err
	}
	return w.act(ctx, who, "dispute", &pb.DisputeRequest{Application: a.GetId(), Ground: ground})
}

func (w *world) adjudicates(ctx context.Context, who string, in *pb.AdjudicateRequest) error {
	a, err := w.application(ctx, "裁决")
	if err != nil {
		return err
	}
	in.Application = a.GetId()
	return w.act(ctx, who, "adjudicate", in)
}

func (w *world) suggests(ctx context.Context, lead, ground string) error {
	out := new(pb.SuggestResponse)
	if err := w.get(ctx, "北京的派单员", w.order.GetName()+":suggest", out); err != nil {
		return err
	}
	var all string
	for _, s := range out.GetSuggestions() {
		if s.GetLead() == w.unit(lead) {
			all += s.GetGround() + "；"
		}
	}
	if all == "" {
		return fmt.Errorf("没有建议%s：%v", lead, out)
	}
	return want(all, ground)
}
