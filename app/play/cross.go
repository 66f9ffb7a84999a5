package play

import (
	"context"
	"errors"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	"hotline/app/nation"
)

// Cross (跨域转办) plays a case between three cities: taken in by the first, declined by the second, handled and called back by the
// third, while its citizen follows it at the first by the same number and code. Each city's stage may be another deployment's.
func Cross(ctx context.Context, stages map[string]*Stage, first, second, third string, tell func(format string, args ...any)) error {
	w, err := crossing(ctx, stages[first], first)
	if err != nil {
		return err
	}
	c := &cross{ctx: ctx, stages: stages, tell: tell, home: w.Order.GetName(), number: w.Order.GetNumber()}
	tell("%s 受理 %s，属于其他城市", first, c.number)
	if err := c.offer(first, second); err != nil {
		return err
	}
	if err := c.decline(second, third); err != nil {
		return err
	}
	if _, err := c.until(first, c.home, "待重新转办", func(o *pb.WorkOrder) bool { return o.GetTransfer().GetState() == "declined" }); err != nil {
		return err
	}
	tell("%s 拒收，认为应由 %s 办理；仍由 %s 负责", second, third, first)
	if err := c.offer(first, third); err != nil {
		return err
	}
	if err := c.handle(first, third); err != nil {
		return err
	}
	o, err := c.until(first, c.home, "归档或抽查", func(o *pb.WorkOrder) bool {
		return o.GetState() == pb.State_CLOSED || o.GetState() == pb.State_CONCLUDED
	})
	if err != nil {
		return err
	}
	p, err := stages[first].Track(ctx, w)
	if err != nil {
		return err
	}
	if p.GetAnswer() == "" || p.GetAnswer() != o.GetPublicAnswer() {
		return errors.New("the citizen does not read the other city's answer")
	}
	tell("诉求人凭原号码和查询码看到答复：%s", p.GetAnswer())
	for _, s := range p.GetSteps() {
		tell("    %s", s.GetText())
	}
	return nil
}

// crossing takes in the city's first sample that is another city's matter.
func crossing(ctx context.Context, stage *Stage, city string) (*Walk, error) {
	for _, r := range nation.Requests() {
		if r.City == city && r.Disposition == "cross_city" && !r.Confidential {
			r.ID = fmt.Sprintf("%s-cross-%d", r.ID, time.Now().UnixNano())
			return stage.Go(ctx, r, pb.State_RECEIVED)
		}
	}
	return nil, fmt.Errorf("no sample of %s is another city's", city)
}

// UnderWay (在途) leaves a case that is another city's somewhere on its way to it, by its number in the row of such cases: not yet offered,
// offered, accepted, declined, declined and before the coordinator.
func (s *Stage) UnderWay(ctx context.Context, w *Walk, n int) error {
	home, away := w.Sample.City, w.Sample.CrossCity
	c := &cross{ctx: ctx, stages: map[string]*Stage{home: s, away: s}, tell: func(string, ...any) {}, home: w.Order.GetName(), number: w.Order.GetNumber()}
	if n%4 == 0 {
		return nil
	}
	if err := c.offer(home, away); err != nil {
		return err
	}
	o, err := c.coming(away)
	if err != nil {
		return err
	}
	switch n % 8 {
	case 2, 6:
		return c.act(away, "dispatcher", o, "accept", &pb.AcceptRequest{})
	case 3:
		return c.decline(away, home)
	case 7:
		if err := c.decline(away, home); err != nil {
			return err
		}
		if _, err := c.until(home, c.home, "待重新转办", func(o *pb.WorkOrder) bool { return o.GetTransfer().GetState() == "declined" }); err != nil {
			return err
		}
		return c.act(home, "dispatcher", c.home, "refer", &pb.ReferRequest{Basis: "首接负责制", Words: "两市均认为不属本市，请协调指定。"})
	}
	return nil
}

// cross is one case on its way.
type cross struct {
	ctx          context.Context
	stages       map[string]*Stage
	tell         func(format string, args ...any)
	home, number string
}

func (c *cross) act(city, role, name, verb string, in proto.Message) error {
	p, err := c.stages[city].As(c.ctx, role+"."+city)
	if err != nil {
		return err
	}
	if _, err := Post[pb.WorkOrder](c.ctx, p, "/v1/"+name+":"+verb, in); err != nil {
		return fmt.Errorf("%s.%s %s: %w", role, city, verb, err)
	}
	return nil
}

func (c *cross) offer(from, to string) error {
	c.tell("%s 转办 %s（属地管理，诉求人同意提供联系方式）", from, to)
	return c.act(from, "dispatcher", c.home, "transfer", &pb.TransferRequest{Target: to, Mode: pb.Mode_COLD, Basis: "属地管理：事发地在对方辖区", Consent: true, Done: "已电话核实事发地"})
}

func (c *cross) decline(city, responsible string) error {
	o, err := c.coming(city)
	if err != nil {
		return err
	}
	if err := c.act(city, "dispatcher", o, "signFor", &pb.SignForRequest{}); err != nil {
		return err
	}
	return c.act(city, "dispatcher", o, "decline", &pb.DeclineRequest{Reason: pb.DeclineReason_NOT_OUR_PLACE, Basis: "属地管理：事发地不在本市", Responsible: responsible, Words: "经核实，事发地不在本市辖区。"})
}

// handle walks the order in the other city to its end, as its own people would any order.
func (c *cross) handle(origin, city string) error {
	o, err := c.coming(city)
	if err != nil {
		return err
	}
	if err := c.act(city, "dispatcher", o, "accept", &pb.AcceptRequest{}); err != nil {
		return err
	}
	if _, err := c.until(city, o, "已接收", func(o *pb.WorkOrder) bool { return o.GetState() == pb.State_RECEIVED }); err != nil {
		return err
	}
	if _, err := c.until(origin, c.home, "外市办理", func(o *pb.WorkOrder) bool { return o.GetTransfer().GetCustodian() == city }); err != nil {
		return err
	}
	c.tell("%s 接收，自此由 %s 对诉求人负责", city, city)
	for _, step := range []struct {
		role, verb string
		in         proto.Message
	}{
		{"dispatcher", "dispatch", &pb.DispatchRequest{Lead: "U02", Category: "1203", Instruction: "请依法依规办理并答复诉求人。"}},
		{"u02", "sign", &pb.SignRequest{}},
		{"u02", "contact", &pb.ContactRequest{Reached: true, Means: "phone", Note: "已电话联系"}},
		{"u02", "reply", &pb.ReplyRequest{Draft: &pb.Draft{PublicPart: "您好！您反映的问题已收悉，工作人员当日到场核实并已处理完毕，感谢您的监督。", Conclusion: pb.Conclusion_SOLVED, Measures: "现场核实并处理。"}}},
		{"reviewer", "review", &pb.ReviewRequest{Pass: true}},
		{"callback_agent", "callback", &pb.CallbackRequest{Reached: true, Contacted: true, Solved: true, ResultGrade: pb.Grade_SATISFIED, AttitudeGrade: pb.Grade_SATISFIED, Channel: "phone"}},
	} {
		if err := c.act(city, step.role, o, step.verb, step.in); err != nil {
			return err
		}
	}
	c.tell("%s 派单、办理、答复、回访完毕", city)
	return nil
}

// coming waits for the case to come to a city, and says under which name.
func (c *cross) coming(city string) (string, error) {
	p, err := c.stages[city].As(c.ctx, "dispatcher."+city)
	if err != nil {
		return "", err
	}
	for begin := time.Now(); time.Since(begin) < crossPatience; time.Sleep(20 * time.Millisecond) {
		var out pb.ListTransfersResponse
		if err := p.Do(c.ctx, "GET", "/v1/tenants/"+city+"/transfers?direction=in", nil, &out); err != nil {
			return "", err
		}
		for _, t := range out.GetTransfers() {
			if t.GetOrderNumber() == c.number && t.GetWorkOrder() != "" {
				return t.GetWorkOrder(), nil
			}
		}
	}
	return "", fmt.Errorf("%s has not come to %s", c.number, city)
}

const crossPatience = 30 * time.Second

func (c *cross) until(city, name, what string, is func(*pb.WorkOrder) bool) (*pb.WorkOrder, error) {
	p, err := c.stages[city].As(c.ctx, "dispatcher."+city)
	if err != nil {
		return nil, err
	}
	var out pb.WorkOrder
	for begin := time.Now(); time.Since(begin) < crossPatience; time.Sleep(20 * time.Millisecond) {
		if err := p.Do(c.ctx, "GET", "/v1/"+name, nil, &out); err != nil {
			return nil, err
		}
		if is(&out) {
			return &out, nil
		}
	}
	return nil, fmt.Errorf("%s in %s did not become %s: %s, %v", name, city, what, out.GetState(), out.GetTransfer())
}
