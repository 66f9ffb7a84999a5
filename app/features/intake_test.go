package features

import (
	"context"
	"fmt"
	"strings"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/app/play"
)

// The sentences of 受理范围.
func intakeSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^市民(\S+)致电(北京|天津|上海|合肥)12345，反映(\S+区)的“(.+)”$`, w.calls)
	sc.Step(`^这件事属于(咨询|求助|投诉|举报|意见建议|表扬)，(特急|紧急|一般|复杂疑难)$`, w.sorts)
	sc.Step(`^(\S+的话务员)受理派单$`, func(ctx context.Context, who string) error {
		return w.takeIn(ctx, who, &pb.IntakeRequest{Disposition: pb.Disposition_IN_SCOPE})
	})
	sc.Step(`^(\S+的话务员)依据“(.+)”当场答复“(.+)”$`, func(ctx context.Context, who, source, answer string) error {
		return w.takeIn(ctx, who, &pb.IntakeRequest{Disposition: pb.Disposition_ANSWERED_ON_SPOT, Told: answer, Citation: source})
	})
	sc.Step(`^(\S+的话务员)不注明依据，当场答复“(.+)”$`, func(ctx context.Context, who, answer string) error {
		return w.takeIn(ctx, who, &pb.IntakeRequest{Disposition: pb.Disposition_ANSWERED_ON_SPOT, Told: answer})
	})
	sc.Step(`^(\S+的话务员)以“(.+)”为由(即时转紧急平台|告知法定途径|解释说明)，告知“(.*)”$`, w.redirects)
	sc.Step(`^(\S+的话务员)拟移送公安，证据是“(.*)”$`, func(ctx context.Context, who, evidence string) error {
		return w.takeIn(ctx, who, &pb.IntakeRequest{Disposition: pb.Disposition_POLICE_REFERRAL, Reason: "恶意骚扰", Evidence: evidence})
	})
	sc.Step(`^(\S+)审批移送公安$`, func(ctx context.Context, who string) error {
		return w.act(ctx, who, "redirect", &pb.RedirectRequest{Disposition: pb.Disposition_POLICE_REFERRAL, Reason: "恶意骚扰",
			Told: "该线索已依法移送公安机关。"})
	})
	sc.Step(`^(\S+的话务员)登记为(北京|天津|上海|合肥)的事项，待跨市转办$`, func(ctx context.Context, who, city string) error {
		return w.takeIn(ctx, who, &pb.IntakeRequest{Disposition: pb.Disposition_CROSS_CITY, TargetCity: cityCodes[city]})
	})
	sc.Step(`^工单的状态是“(.+)”$`, w.stands)
	sc.Step(`^话务员告诉市民的话里有工单号和查询码$`, func() error { return want(w.say, "查询码 "+w.code) })
}

var kinds = map[string]pb.Kind{"咨询": 1, "求助": 2, "投诉": 3, "举报": 4, "意见建议": 5, "表扬": 6}

var urgencies = map[string]pb.Urgency{"特急": 1, "紧急": 2, "一般": 3, "复杂疑难": 4}

const phone = "13800138001" // of every citizen in the rulebook; nobody's

func (w *world) calls(name, city, district, what string) error {
	w.city = cityCodes[city]
	w.facts = &pb.Facts{Kind: pb.Kind_COMPLAINT, Category: "1201", Urgency: pb.Urgency_NORMAL, Channel: pb.Channel_PHONE,
		Title: what, Body: "市民反映：" + what, Words: "我要反映：" + what, District: district, Location: district,
		Caller: &pb.Caller{Name: name, Phone: phone}}
	return nil
}

func (w *world) sorts(kind, urgency string) error {
	w.facts.Kind, w.facts.Urgency = kinds[kind], urgencies[urgency]
	return nil
}

func (w *world) redirects(ctx context.Context, who, reason, way, told string) error {
	d := map[string]pb.Disposition{"即时转紧急平台": pb.Disposition_EMERGENCY_TRANSFER, "告知法定途径": pb.Disposition_LEGAL_CHANNEL,
		"解释说明": pb.Disposition_EXPLAIN_DECLINE}[way]
	return w.takeIn(ctx, who, &pb.IntakeRequest{Disposition: d, Reason: reason, Told: told})
}

// takeIn takes the facts in by the branch of in.
func (w *world) takeIn(ctx context.Context, who string, in *pb.IntakeRequest) error {
	in.Parent, in.Facts = "tenants/"+w.city, w.facts
	out, err := w.intake(ctx, who, in)
	if err == nil {
		w.order, w.code, w.say = out.GetWorkOrder(), out.GetCode(), out.GetSay()
	}
	return w.note(err)
}

func (w *world) intake(ctx context.Context, who string, in *pb.IntakeRequest) (*pb.IntakeResponse, error) {
	if !w.now.IsZero() {
		ctx, err := w.at(ctx, who)
		if err != nil {
			return nil, err
		}
		return w.town.Casework.Intake(ctx, in)
	}
	login, _, _, err := loginOf(who)
	if err != nil {
		return nil, err
	}
	p, err := w.town.Stage.As(ctx, login)
	if err != nil {
		return nil, err
	}
	return play.Post[pb.IntakeResponse](ctx, p, "/v1/"+in.GetParent()+"/workOrders:intake", in)
}

func (w *world) stands(title string) error {
	for state, t := range casework.StateTitles {
		if t == title && pb.State(pb.State_value[strings.ToUpper(string(state))]) == w.order.GetState() {
			return nil
		}
	}
	return fmt.Errorf("工单的状态是 %s", w.order.GetState())
}
