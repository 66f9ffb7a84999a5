package features

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/cucumber/godog"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	tenantv1 "hotline/api/tenant/v1"
	"hotline/app/casework"
	"hotline/app/play"
	"hotline/federation/ledger"
	"hotline/tenants"
)

const jingJinJi = "jing-jin-ji"

// The sentences of 跨域转办.
func transferSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^北京受理了一件属于(天津|石家庄)的诉求，市民(同意|不同意)向当地提供身份$`, w.takesForeign)
	sc.Step(`^(北京的派单员)把工单冷转给(天津|石家庄)$`, func(ctx context.Context, who, city string) error {
		return w.transfers(ctx, who, &pb.TransferRequest{Target: cityCodes[city], Mode: pb.Mode_COLD})
	})
	sc.Step(`^(北京的话务员)把通话热转给(天津)，线路号“(.+)”$`, func(ctx context.Context, who, city, call string) error {
		return w.transfers(ctx, who, &pb.TransferRequest{Target: cityCodes[city], Mode: pb.Mode_HOT, Call: call})
	})
	sc.Step(`^(北京的话务员)受理为(天津|石家庄)的诉求$`, func(ctx context.Context, who, city string) error {
		return w.takeIn(ctx, who, &pb.IntakeRequest{Disposition: pb.Disposition_CROSS_CITY, TargetCity: cityCodes[city]})
	})
	sc.Step(`^(北京的派单员)把举报冷转给(天津)，派单内容是“(.+)”$`, func(ctx context.Context, who, city, brief string) error {
		return w.transfers(ctx, who, &pb.TransferRequest{Target: cityCodes[city], Mode: pb.Mode_COLD, Brief: brief})
	})
	sc.Step(`^天津看到的举报只有派单内容“(.+?)”，没有“(.+?)”“(.+?)”“(.+?)”$`, w.onlyBrief)
	sc.Step(`^(天津|石家庄)收到转办，状态是“(.+)”$`, w.arrives)
	sc.Step(`^(天津|石家庄)的(派单员|话务员)(签收|接收)转办$`, w.answersTransfer)
	sc.Step(`^(天津|石家庄)的派单员拒收，认为应由(天津|石家庄)办理，“(.+)”$`, w.declines)
	sc.Step(`^北京看到转办“(.+)”$`, w.seesTransfer)
	sc.Step(`^北京的工单变为“(.+)”，由(北京|天津|石家庄)负责$`, w.becomes)
	sc.Step(`^天津的工单变为“(.+)”$`, func(ctx context.Context, state string) error { return w.arrives(ctx, "天津", state) })
	sc.Step(`^天津办理、审核并回访，市民说已解决$`, func(ctx context.Context) error {
		if err := w.worksThere(ctx); err != nil {
			return err
		}
		return w.actThere(ctx, "callback_agent.120000", "callback", &pb.CallbackRequest{Reached: true, Contacted: true, Solved: true,
			ResultGrade: pb.Grade_SATISFIED, AttitudeGrade: pb.Grade_SATISFIED, Channel: "phone"})
	})
	sc.Step(`^天津办理、审核完毕$`, w.worksThere)
	sc.Step(`^(北京的派单员)提请指定，“(.+)”$`, func(ctx context.Context, who, words string) error {
		return w.act(ctx, who, "refer", &pb.ReferRequest{Basis: "首接负责制", Words: words})
	})
	sc.Step(`^京津冀的区域协调员看到双方材料后指定(天津)承办，“(.+)”$`, w.designates)
	sc.Step(`^(北京|天津)的工单经过里有“(.+)”$`, w.tells)
	sc.Step(`^天津到期没有答复$`, w.silent)
	sc.Step(`^(北京的派单员)收回转办，“(.+)”$`, func(ctx context.Context, who, why string) error {
		return w.act(ctx, who, "recall", &pb.RecallRequest{Reason: why})
	})
	sc.Step(`^天津的话务员按线路号“(.+)”找到这件诉求，内容完整，期限以分钟计$`, w.findsCall)
	sc.Step(`^天津的工单里没有市民的姓名和电话$`, w.nobodyThere)
	sc.Step(`^北京规定转办的诉求全部抽查$`, w.samples)
	sc.Step(`^京津冀规定办结(\d+)秒后督促回访，(\d+)秒后由首接城市回访$`, func(ctx context.Context, due, handover int64) error {
		return w.regionRules(ctx, func(r *pb.RegionRules) { r.Skew, r.CallbackDue, r.CallbackHandover = 1, &due, &handover })
	})
	sc.Step(`^京津冀规定转办(\d+)秒内答复$`, w.answerWithin)
	sc.Step(`^京津冀恢复原来的答复时限$`, func(ctx context.Context) error { return w.answerWithin(ctx, 0) })
	sc.Step(`^京津冀恢复原来的回访时限$`, func(ctx context.Context) error {
		return w.regionRules(ctx, func(r *pb.RegionRules) { r.Skew, r.CallbackDue, r.CallbackHandover = 120, new(int64), new(int64) })
	})
	sc.Step(`^北京与区域的联系中断$`, func() error { w.node.Stop(); return nil })
	sc.Step(`^北京与区域的联系恢复$`, func() error { w.node.Again(); return nil })
	sc.Step(`^(北京的派单员)看到“(区域联动.+)”$`, w.seesRegion)
}

func (w *world) takesForeign(ctx context.Context, city, agrees string) error {
	if err := w.calls("王桂兰", "北京", "朝阳区", "路面破损"); err != nil {
		return err
	}
	w.consent = agrees == "同意"
	return w.takeIn(ctx, "北京的话务员", &pb.IntakeRequest{Disposition: pb.Disposition_CROSS_CITY, TargetCity: cityCodes[city]})
}

func (w *world) transfers(ctx context.Context, who string, in *pb.TransferRequest) error {
	in.Basis, in.Consent, in.Done = "属地管理", w.consent, "已电话核实地点"
	return w.act(ctx, who, "transfer", in)
}

// patiently waits for what comes by the ledger of the region.
func patiently(holds func() error) error {
	for begin := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := holds()
		if err == nil || time.Since(begin) > 20*time.Second {
			return err
		}
	}
}

// arrives waits for the order that another city makes of the transfer.
func (w *world) arrives(ctx context.Context, city, state string) error {
	code := cityCodes[city]
	return patiently(func() error {
		var all pb.ListTransfersResponse
		if err := w.get(ctx, city+"的派单员", "tenants/"+code+"/transfers?direction=in&pageSize=200", &all); err != nil {
			return err
		}
		for _, t := range all.GetTransfers() {
			if t.GetOrderNumber() == w.order.GetNumber() && t.GetWorkOrder() != "" {
				w.there = new(pb.WorkOrder)
				if err := w.get(ctx, city+"的派单员", t.GetWorkOrder(), w.there); err != nil {
					return err
				}
				return want(titleOf(w.there), state)
			}
		}
		return fmt.Errorf("%s还没有收到转办", city)
	})
}

func titleOf(o *pb.WorkOrder) string {
	return casework.StateTitles[casework.State(strings.ToLower(o.GetState().String()))]
}

func (w *world) actThere(ctx context.Context, login, verb string, in proto.Message) error {
	p, err := w.town.Stage.As(ctx, login)
	if err != nil {
		return err
	}
	w.there, err = play.Post[pb.WorkOrder](ctx, p, "/v1/"+w.there.GetName()+":"+verb, in)
	return err
}

func (w *world) answersTransfer(ctx context.Context, city, who, how string) error {
	if err := w.arrives(ctx, city, "外市转入待接收"); err != nil {
		return err
	}
	login := map[string]string{"派单员": "dispatcher.", "话务员": "agent."}[who] + cityCodes[city]
	if how == "签收" {
		return w.actThere(ctx, login, "signFor", &pb.SignForRequest{})
	}
	if err := w.actThere(ctx, login, "accept", &pb.AcceptRequest{}); err != nil {
		return err
	}
	return w.arrives(ctx, city, "待派单")
}

func (w *world) declines(ctx context.Context, city, other, words string) error {
	if err := w.arrives(ctx, city, "外市转入待接收"); err != nil {
		return err
	}
	return w.actThere(ctx, "dispatcher."+cityCodes[city], "decline", &pb.DeclineRequest{Reason: pb.DeclineReason_NOT_OUR_PLACE, Basis: "属地管理",
		Responsible: cityCodes[other], Words: words})
}

func (w *world) seesTransfer(ctx context.Context, title string) error {
	return patiently(func() error {
		if err := w.look(ctx, "北京的派单员"); err != nil {
			return err
		}
		return want(w.order.GetTransfer().GetStateTitle(), title)
	})
}

func (w *world) becomes(ctx context.Context, state, city string) error {
	return patiently(func() error {
		if err := w.look(ctx, "北京的派单员"); err != nil {
			return err
		}
		if err := want(titleOf(w.order), state); err != nil {
			return err
		}
		return want(w.order.GetTransfer().GetCustodian(), cityCodes[city])
	})
}

// worksThere lets the other city's people handle the case.
func (w *world) worksThere(ctx context.Context) error {
	for _, one := range []struct {
		login, verb string
		in          proto.Message
	}{
		{"dispatcher.120000", "dispatch", &pb.DispatchRequest{Lead: "U02", Category: "1203", Instruction: "请依法办理并答复。"}},
		{"u02.120000", "sign", &pb.SignRequest{}},
		{"u02.120000", "contact", &pb.ContactRequest{Reached: true, Means: "phone", Note: "已核实"}},
		{"u02.120000", "reply", draft(goodAnswer, pb.Conclusion_SOLVED)},
		{"reviewer.120000", "review", &pb.ReviewRequest{Pass: true}},
	} {
		if err := w.actThere(ctx, one.login, one.verb, one.in); err != nil {
			return fmt.Errorf("%s %s: %w", one.login, one.verb, err)
		}
	}
	return nil
}

func (w *world) designates(ctx context.Context, city, words string) error {
	p, err := w.town.Stage.As(ctx, "regional_coordinator.100001")
	if err != nil {
		return err
	}
	var name string
	err = patiently(func() error {
		var all pb.ListTransfersResponse
		if err := p.Do(ctx, http.MethodGet, "/v1/tenants/100001/transfers?pageSize=200", nil, &all); err != nil {
			return err
		}
		for _, t := range all.GetTransfers() {
			if t.GetOrderNumber() != w.order.GetNumber() {
				continue
			}
			var one pb.Transfer
			if err := p.Do(ctx, http.MethodGet, "/v1/"+t.GetName(), nil, &one); err != nil {
				return err
			}
			for _, a := range one.GetActs() {
				if a.GetAct() == "dispute" && a.GetWords().GetText() != "" {
					name = t.GetName()
					return nil
				}
			}
		}
		return fmt.Errorf("协调员还没有看到材料")
	})
	if err != nil {
		return err
	}
	_, err = play.Post[pb.Transfer](ctx, p, "/v1/"+name+":designate", &pb.DesignateRequest{Target: cityCodes[city], Basis: "区域联动规则", Words: words})
	if err != nil {
		return err
	}
	return w.arrives(ctx, city, "待派单")
}

func (w *world) tells(ctx context.Context, city, words string) error {
	name := w.order.GetName()
	if city != "北京" {
		if err := w.arrives(ctx, city, ""); err != nil {
			return err
		}
		name = w.there.GetName()
	}
	return patiently(func() error {
		var lines pb.ListEventsResponse
		if err := w.get(ctx, city+"的派单员", name+"/events", &lines); err != nil {
			return err
		}
		text := ""
		for _, e := range lines.GetEvents() {
			text += e.GetSummary() + "\n"
		}
		return want(text, words)
	})
}

// answerWithin puts rules into the ledger by which silence counts after seconds, or the usual ones. No coordinator's screen allows so few.
func (w *world) answerWithin(ctx context.Context, seconds int64) error {
	p, err := w.town.Stage.As(ctx, "regional_coordinator.100001")
	if err != nil {
		return err
	}
	return patiently(func() error {
		var all pb.ListRegionsResponse
		if err := p.Do(ctx, http.MethodGet, "/v1/tenants/100001/regions", nil, &all); err != nil {
			return err
		}
		rules := ledger.DefaultRules()
		rules.Version = uint64(all.GetRegions()[0].GetRules().GetVersion()) + 1
		if seconds > 0 {
			rules.Skew, rules.SignLeast, rules.AnswerLeast, rules.CriticalSignLeast, rules.CriticalAnswerLeast, rules.AnswerMost = 1, 1, 1, 1, 1, seconds
		}
		return w.town.Crossing.Govern(tenants.With(ctx, tenants.System("100001")), jingJinJi,
			&federationv1.Command{Act: &federationv1.Command_SetRules{SetRules: &federationv1.SetRules{Rules: rules}}})
	})
}

// silent waits until both cities have it from the ledger that nobody has answered.
func (w *world) silent(ctx context.Context) error { return w.seesTransfer(ctx, "逾期视为接收") }

func (w *world) findsCall(ctx context.Context, call string) error {
	if err := w.arrives(ctx, "天津", "外市转入待接收"); err != nil {
		return err
	}
	var found pb.ListTransfersResponse
	if err := w.get(ctx, "天津的话务员", "tenants/120000/transfers?call="+url.QueryEscape(call), &found); err != nil {
		return err
	}
	for _, t := range found.GetTransfers() {
		if t.GetOrderNumber() != w.order.GetNumber() {
			continue
		}
		if left := time.Until(t.GetAnswerDueTime().AsTime()); left > 15*time.Minute {
			return fmt.Errorf("期限还有%s", left)
		}
		return want(w.there.GetTitle(), w.order.GetTitle())
	}
	return fmt.Errorf("按线路号没有找到：%v", found.GetTransfers())
}

func (w *world) nobodyThere(ctx context.Context) error {
	if err := w.arrives(ctx, "天津", ""); err != nil {
		return err
	}
	if p := w.there.GetPetitioner(); !p.GetAnonymous() || p.GetName().GetText() != "" || p.GetPhone().GetText() != "" {
		return fmt.Errorf("天津看到%v", p)
	}
	return nil
}

// onlyBrief: what the other city's dispatcher reads of a 举报 is what was written for it, and none of the informer's words.
func (w *world) onlyBrief(ctx context.Context, brief, one, two, three string) error {
	if err := w.arrives(ctx, "天津", ""); err != nil {
		return err
	}
	if err := exactly(w.there.GetBody().GetText(), brief); err != nil {
		return err
	}
	var lines pb.ListEventsResponse
	if err := w.get(ctx, "天津的派单员", w.there.GetName()+"/events", &lines); err != nil {
		return err
	}
	text := w.there.String() + lines.String()
	for _, v := range []string{one, two, three} {
		if strings.Contains(text, v) {
			return fmt.Errorf("天津看到了“%s”", v)
		}
	}
	return exactly(w.there.GetLocation().GetText()+w.there.GetWords().GetText(), "")
}

func (w *world) samples(ctx context.Context) error {
	ctx = tenants.With(ctx, tenants.System("110000"))
	now, err := w.town.Book.GetPolicy(ctx, &tenantv1.GetPolicyRequest{Name: "tenants/110000/policy"})
	if err != nil {
		return err
	}
	now.Policy.SideLives.TransferSample = 100
	_, err = w.town.Book.PutPolicy(ctx, &tenantv1.PutPolicyRequest{Name: "tenants/110000/policy", BaseVersion: now.GetVersion(), Policy: now.GetPolicy(), Reason: "全部抽查"})
	return err
}

// regionRules changes the region's rules as its coordinator does.
func (w *world) regionRules(ctx context.Context, change func(r *pb.RegionRules)) error {
	p, err := w.town.Stage.As(ctx, "regional_coordinator.100001")
	if err != nil {
		return err
	}
	return patiently(func() error { // the region's first rules, and the version that all its members know, may only now come into force
		var all pb.ListRegionsResponse
		if err := p.Do(ctx, http.MethodGet, "/v1/tenants/100001/regions", nil, &all); err != nil {
			return err
		}
		rules := all.GetRegions()[0].GetRules()
		rules.Version++
		change(rules)
		_, err := play.Post[pb.Region](ctx, p, "/v1/tenants/100001/regions/"+jingJinJi+":setRules", &pb.SetRegionRulesRequest{Rules: rules})
		return err
	})
}

func (w *world) seesRegion(ctx context.Context, who, words string) error {
	return patiently(func() error {
		var all pb.ListRegionsResponse
		if err := w.get(ctx, who, "tenants/110000/regions", &all); err != nil {
			return err
		}
		return want(fmt.Sprint(all.GetRegions()[0].GetStatus()), words)
	})
}
