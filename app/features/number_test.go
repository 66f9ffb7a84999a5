package features

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/cucumber/godog"
	"google.golang.org/protobuf/proto"

	listpb "hotline/api/consolidation/v1"
	"hotline/app/nation"
)

// The sentences of 号码归并 and 不得新设号码.
func numberSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+)把(\d+)的归并方式定为“(.+)”，由(\S+)负责$`, w.adopts)
	sc.Step(`^(\S+)做好(\d+)切换前的准备$`, func(ctx context.Context, who, number string) error { return w.prepares(ctx, who, number, "") })
	sc.Step(`^(\S+)做好(\d+)切换前的准备，只差(\S+)$`, w.prepares)
	sc.Step(`^(\S+)切换(\d+)$`, func(ctx context.Context, who, number string) error {
		return w.onNumber(ctx, who, number, "cutOver", &listpb.CutOverRequest{})
	})
	sc.Step(`^(\S+)把(\d+)升级为“(.+)”$`, func(ctx context.Context, who, number, mode string) error {
		return w.onNumber(ctx, who, number, "promote", &listpb.PromoteRequest{Mode: modes[mode], Approvals: paper1()})
	})
	sc.Step(`^(\S+)把(\d+)改名为“(.+)”$`, func(ctx context.Context, who, number, title string) error {
		return w.onNumber(ctx, who, number, "amend", &listpb.AmendRequest{Title: title})
	})
	sc.Step(`^(\S+)把(\d+)的用途改为“(.+)”$`, func(ctx context.Context, who, number, purpose string) error {
		return w.onNumber(ctx, who, number, "amend", &listpb.AmendRequest{Purpose: purpose})
	})
	sc.Step(`^(\S+)复核(\d+)的(?:登记|归并决定)$`, func(ctx context.Context, who, number string) error {
		return w.onNumber(ctx, who, number, "confirm", &listpb.ConfirmNumberRequest{})
	})
	sc.Step(`^(\S+)登记自建热线(\d+)“(.+)”，设立于(\S+)$`, w.enrolls)
	sc.Step(`^(\S+)就(\d+)申请新设号码“(.+)”$`, w.applies)
	sc.Step(`^(\S+?)(不批准|批准)这个例外$`, w.decidesException)
	sc.Step(`^(\S+)登记(\d+)归并后的接通率([0-9.]+)%$`, w.measures)
	sc.Step(`^(\S+)完成(\d+)的切换后核查$`, func(ctx context.Context, who, number string) error {
		return w.onNumber(ctx, who, number+"/steps/aftercheck", "complete", &listpb.CompleteRequest{Evidence: "核查报告"})
	})
	sc.Step(`^(\S+)的(\d+)方案全部完成$`, w.isFinished)
	sc.Step(`^(\S+)的(\d+)状态是“(.+)”$`, w.numberStands)
	sc.Step(`^(\S+)的(\d+)归并后有(\d+)件本平台工单$`, w.hasOrders)
	sc.Step(`^在(\S+)拨打(\d+)，由“(.+)”接听$`, func(ctx context.Context, city, number, legs string) error {
		return w.dials(ctx, "", city, number, "", legs)
	})
	sc.Step(`^在(\S+)拨打(\d+)，先听到“(.+)”，由“(.+)”接听$`, func(ctx context.Context, city, number, says, legs string) error {
		return w.dials(ctx, "", city, number, says, legs)
	})
	sc.Step(`^到(\d+)年1月1日在(\S+)拨打(\d+)，先听到“(.+)”，由“(.+)”接听$`, w.dials)
	sc.Step(`^(\S+)的公开台账里有“(.+)”$`, w.published)
}

func paper1() []*listpb.Paper {
	return []*listpb.Paper{{Title: "归并工作方案", Reference: "试办发〔2026〕1号"}}
}

// onNumber is one act of the person on a number, or a step of one, of their city.
func (w *world) onNumber(ctx context.Context, who, number, verb string, in proto.Message) error {
	out := new(listpb.Number)
	err := w.asks(ctx, who, http.MethodPost, "{here}/numbers/"+number+":"+verb, in, out)
	if err == nil && w.refused == nil {
		w.merging.number = out
	}
	return err
}

func (w *world) adopts(ctx context.Context, who, number, mode, unit string) error {
	_, city, _, err := loginOf(who)
	if err != nil {
		return err
	}
	return w.onNumber(ctx, who, number, "adopt", &listpb.AdoptRequest{Mode: modes[mode], Unit: nation.UnitOf(city, unit), Seats: 6,
		ExpertSeats: map[string]int32{"12333": 2}[number], Approvals: paper1()})
}

// prepares does everything that a cut-over waits for, save one thing.
func (w *world) prepares(ctx context.Context, who, number, save string) error {
	city, _, _ := strings.Cut(who, "的")
	second := city + "的督办员"
	do := func(person, at, verb string, in proto.Message) error {
		err := w.onNumber(ctx, person, at, verb, in)
		if err == nil && w.refused != nil {
			return fmt.Errorf("%s：%w", verb, w.refused)
		}
		return err
	}
	if err := do(who, number, "plan", &listpb.PlanRequest{StartDate: "2026-01-05", Owner: "热线办综合科"}); err != nil {
		return err
	}
	steps := w.merging.number.GetSteps()
	if save != "语音提示" {
		if err := do(who, number, "prompt", &listpb.PromptRequest{Text: "本号码已并入12345，以后请拨打12345，现在为您转接。", UntilDate: time.Now().In(zone).AddDate(0, 11, 0).Format(time.DateOnly)}); err != nil {
			return err
		}
	}
	if err := do(who, number, "route", &listpb.RouteRequest{Line: "8001", Skill: "市场监管"}); err != nil {
		return err
	}
	if save != "试拨" {
		if err := do(second, number, "test", &listpb.TestRequest{Connected: true, Words: "三秒内接通"}); err != nil {
			return err
		}
	}
	if save != "服务水平" {
		if err := do(who, number, "measure", &listpb.MeasureRequest{FromDate: "2025-01-01", ToDate: "2025-12-31", Calls: 9000, AnsweredPermille: 900,
			AnswerSeconds: 25, Source: "原热线话务报表"}); err != nil {
			return err
		}
	}
	for _, st := range steps {
		code := st.GetCode()
		if code == "cutover" || code == "aftercheck" || save == "知识库" && code == "knowledge" || save == "语音提示" && code == "prompt" {
			continue
		}
		if err := do(who, number+"/steps/"+code, "complete", &listpb.CompleteRequest{Evidence: "验收记录", Papers: paper1()}); err != nil {
			return err
		}
		if st.GetNeedsConfirmation() && (save != "排班" || code != "roster") {
			if err := do(second, number+"/steps/"+code, "confirm", &listpb.ConfirmRequest{}); err != nil {
				return err
			}
		}
	}
	return nil
}

func (w *world) enrolls(ctx context.Context, who, number, title, founded string) error {
	return w.asks(ctx, who, http.MethodPost, "{here}/numbers:enroll", &listpb.EnrollRequest{Number: number, Title: title, Purpose: "便民咨询",
		FoundedDate: founded, Unit: "U13", Seats: 4, Approvals: paper1()}, new(listpb.Number))
}

func (w *world) applies(ctx context.Context, who, number, wanted string) error {
	out := new(listpb.Exception)
	err := w.asks(ctx, who, http.MethodPost, "{here}/exceptions:apply", &listpb.ApplyExceptionRequest{Kind: listpb.ExceptionKind_NEW_NUMBER, Number: number,
		Wanted: wanted, Words: "因重大活动需要临时设立，活动结束即并入。", Papers: paper1()}, out)
	w.merging.exception = out
	return err
}

func (w *world) decidesException(ctx context.Context, who, how string) error {
	id := w.merging.exception.GetName()[strings.LastIndexByte(w.merging.exception.GetName(), '/')+1:]
	return w.asks(ctx, who, http.MethodPost, "/v1/tenants/000000/exceptions/"+id+":decide", &listpb.DecideExceptionRequest{Grant: how == "批准",
		Decision: "限期一年，期满整体并入", Reference: "国办秘函〔2026〕9号"}, new(listpb.Exception))
}

func (w *world) measures(ctx context.Context, who, number string, percent float64) error {
	today := time.Now().In(zone).Format(time.DateOnly)
	return w.onNumber(ctx, who, number, "measure", &listpb.MeasureRequest{After: true, FromDate: today, ToDate: today, Calls: 120,
		AnsweredPermille: int32(percent * 10), Source: "平台话务报表"})
}

func (w *world) numberOf(ctx context.Context, city, number string) (*listpb.Number, error) {
	n := new(listpb.Number)
	err := w.asks(ctx, city+"的城市管理员", http.MethodGet, "{here}/numbers/"+number, nil, n)
	if err == nil && w.refused != nil {
		err = w.refused
	}
	return n, err
}

func (w *world) numberStands(ctx context.Context, city, number, title string) error {
	n, err := w.numberOf(ctx, city, number)
	if err != nil {
		return err
	}
	return exactly(n.GetStandingTitle(), title)
}

func (w *world) isFinished(ctx context.Context, city, number string) error {
	n, err := w.numberOf(ctx, city, number)
	if err != nil {
		return err
	}
	for _, st := range n.GetSteps() {
		if st.GetDoneBy() == "" {
			return fmt.Errorf("“%s”没有完成", st.GetTitle())
		}
	}
	return nil
}

func (w *world) hasOrders(ctx context.Context, city, number string, orders int32) error {
	n, err := w.numberOf(ctx, city, number)
	if err != nil {
		return err
	}
	last := n.GetLevels()[len(n.GetLevels())-1]
	return exactly(fmt.Sprint(last.GetPhase(), last.GetOrders(), last.GetOnTimePermille()), fmt.Sprint("computed", orders, 1000))
}

func (w *world) dials(ctx context.Context, year, city, number, says, legs string) error {
	path := "{here}/dialPlan:resolve?number=" + number
	if year != "" {
		path += "&at=" + year + "-01-01T00:00:00Z"
	}
	d := new(listpb.Dial)
	if err := w.asks(ctx, city+"的话务员", http.MethodGet, path, nil, d); err != nil {
		return err
	}
	var kinds []string
	for _, l := range d.GetLegs() {
		kinds = append(kinds, l.GetKind())
	}
	if err := want(d.GetSays(), says); err != nil {
		return err
	}
	return exactly(strings.Join(kinds, " "), legs)
}

func (w *world) published(ctx context.Context, city, words string) error {
	raw, err := w.town.Stage.Nobody().Raw(ctx, http.MethodGet, "/v1/tenants/"+cityCodes[city]+"/numbers:register", nil)
	if err != nil {
		return err
	}
	return want(string(raw), words)
}
