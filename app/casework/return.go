package casework

import (
	"context"
	"fmt"
	"slices"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/application"
	"hotline/ent/assignment"
)

// returnReasons are the words for 退单理由 (flow.md "Return, dispute, adjudication").
var returnReasons = map[pb.ReturnReason]string{
	pb.ReturnReason_OTHER_PLACE: "属地不符", pb.ReturnReason_OTHER_DUTY: "职能不符", pb.ReturnReason_UNCLEAR_OWNER: "权属不清",
	pb.ReturnReason_SHARED_DUTY: "职责交叉", pb.ReturnReason_INSUFFICIENT: "信息不足", pb.ReturnReason_DUPLICATE: "重复件",
	pb.ReturnReason_IN_PROCEDURE: "已进法定程序", pb.ReturnReason_OTHER: "其他",
}

// Return (申请退单): the unit says in time that the matter is not its duty, on what ground, and whose it believes it is. After
// the window it has accepted. No clock stops; the return that is one too many goes straight to adjudication.
func (s *Service) Return(ctx context.Context, in *pb.ReturnRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Return, in, func(a *act) error {
		part, err := a.mine()
		if err != nil {
			return err
		}
		if err := a.mayReturn(part); err != nil {
			return err
		}
		suggested, err := a.suggested(in, part)
		if err != nil {
			return err
		}
		app := &ent.Application{Kind: kindReturn, AssignmentID: &part.ID, AskedUnit: part.Unit, Reason: word(in.GetReason()),
			Ground: in.GetGround(), SuggestedUnit: in.GetSuggestedUnit()}
		if err := a.apply(app, in.GetEvidence(), ClockReturn); err != nil {
			return err
		}
		a.order.Returns++
		a.summary = fmt.Sprintf("%s申请退单（%s）", a.titleOf(part.Unit), returnReasons[in.GetReason()])
		if suggested != nil {
			a.summary += "，建议由" + suggested.Title + "承办"
		}
		if a.order.Returns >= int(a.rules.Policy.GetSideLives().GetReturns()) {
			a.summary += fmt.Sprintf("；第%d次退单，转裁决", a.order.Returns)
			return a.refer(part.Unit, app, "returns")
		}
		if suggested == nil {
			return nil
		}
		return a.startFor(app, ClockHearing)
	})
}

// mayReturn: a locked order, a part handed down, an answered one, a second try and a late one can't be returned.
func (a *act) mayReturn(part *ent.Assignment) error {
	if a.order.Locked {
		return refused("LOCKED", "工单已经裁决并锁定，不得退单，请先行办理。")
	}
	if a.order.Adjudicating {
		return refused("ADJUDICATING", "工单正在裁决，请等待裁决结果。")
	}
	if part.ParentID != nil {
		return refused("HANDED_DOWN", "本任务由上级单位下派，请与上级单位协商，不走退单。")
	}
	if State(part.State) == Replied {
		return refused("ALREADY_REPLIED", "本单位已答复，不能再退单。")
	}
	apps, err := a.applications()
	if err != nil {
		return err
	}
	for _, p := range apps {
		if p.Kind == kindReturn && p.AssignmentID != nil && *p.AssignmentID == part.ID {
			return refused("ALREADY_RETURNED", "本单位已就此申请过退单（%s），不能重复申请；对不同意有异议的，可提出一次退单异议。", Standings[p.Standing])
		}
	}
	span, err := a.rules.Span("return_within", a.order.Kind, a.order.Urgency)
	if err != nil {
		return err
	}
	last, err := a.rules.Calendar.Add(part.DispatchedAt, span)
	if err != nil {
		return refused("CALENDAR_UNKNOWN", "%s", err.Error())
	}
	if a.now.After(last) {
		return refused("RETURN_WINDOW_CLOSED", "派单已超过%s，视为接收，不能再退单。", span.Words())
	}
	return nil
}

// suggested is the unit believed responsible; only some reasons go without one.
func (a *act) suggested(in *pb.ReturnRequest, part *ent.Assignment) (*ent.Unit, error) {
	code := in.GetSuggestedUnit()
	if code == "" {
		if slices.Contains([]pb.ReturnReason{pb.ReturnReason_INSUFFICIENT, pb.ReturnReason_DUPLICATE, pb.ReturnReason_IN_PROCEDURE}, in.GetReason()) {
			return nil, nil
		}
		return nil, invalid("suggested_unit", "以“%s”退单，要写明认为应由哪个单位承办。", returnReasons[in.GetReason()])
	}
	if code == part.Unit {
		return nil, invalid("suggested_unit", "建议的承办单位不能是本单位。")
	}
	return a.unit("suggested_unit", code)
}

// Hear (陈述意见): the unit that was named says whether it agrees to take the matter.
func (s *Service) Hear(ctx context.Context, in *pb.HearRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Hear, in, func(a *act) error {
		app, err := a.asked(in.GetApplication(), kindReturn)
		if err != nil {
			return err
		}
		if !a.isOf(app.SuggestedUnit) {
			return notFound()
		}
		if app.Heard != "" {
			return refused("ALREADY_HEARD", "本单位已陈述过意见。")
		}
		if app.AskedBy == a.v.Login {
			return refused("SECOND_PERSON", "退单申请人不能代被建议的单位陈述意见，请由他人陈述。")
		}
		words, heard := in.GetWords(), "objects"
		if in.GetAgree() {
			heard = "agrees"
		}
		if err := a.clean(&words); err != nil {
			return err
		}
		if err := a.hear(app, heard, words); err != nil {
			return err
		}
		a.summary = a.titleOf(app.SuggestedUnit) + map[string]string{"agrees": "同意承办：", "objects": "不同意承办："}[heard] + words
		return nil
	})
}

func (a *act) hear(app *ent.Application, heard, words string) error {
	app.Heard, app.HeardBy, app.HeardWords = heard, a.v.Login, words
	err := a.s.ent().Application.Update().Where(application.ID(app.ID)).SetHeard(heard).SetHeardBy(a.v.Login).SetHeardWords(words).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("hear: %w", err)
	}
	for _, c := range a.running("", ClockHearing) {
		if c.ApplicationID != nil && *c.ApplicationID == app.ID {
			return a.stopClock(c)
		}
	}
	return nil
}

// isOf says whether the viewer holds a post in the unit.
func (a *act) isOf(unit string) bool {
	for _, p := range a.v.Posts {
		if p.Unit != "" && p.Unit == unit {
			return true
		}
	}
	return false
}

// DecideReturn (退单审核): upheld, the unit is out, and the order goes to the next lead in the same act or back to the pool;
// rejected, the unit works on and the return counts as improper (不当退单).
func (s *Service) DecideReturn(ctx context.Context, in *pb.DecideReturnRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, DecideReturn, in, func(a *act) error {
		app, err := a.asked(in.GetApplication(), kindReturn)
		if err != nil {
			return err
		}
		if err := a.other(app, app.AskedBy, app.HeardBy); err != nil {
			return err
		}
		if a.order.Adjudicating {
			return refused("ADJUDICATING", "本次退单已转裁决，由裁决员决定。")
		}
		words, instruction := in.GetWords(), in.GetInstruction()
		if err := a.clean(&words, &instruction); err != nil {
			return err
		}
		unit := a.titleOf(app.AskedUnit)
		if !in.GetUphold() {
			a.order.ImproperReturns++
			a.summary = "不同意" + unit + "退单：" + words
			return a.decide(app, standsRejected, words)
		}
		if app.SuggestedUnit != "" && in.GetLead() == app.SuggestedUnit && app.Heard == "" {
			return refused("HEARING_OPEN", "%s尚在陈述意见期内，请待其陈述或期满后再改派。", a.titleOf(app.SuggestedUnit))
		}
		if err := a.decide(app, standsUpheld, words); err != nil {
			return err
		}
		a.summary = "同意" + unit + "退单：" + words
		return a.redispatch(app, in, instruction)
	})
}

// redispatch takes the returned part away and says what becomes of the order.
func (a *act) redispatch(app *ent.Application, in *pb.DecideReturnRequest, instruction string) error {
	parts, err := a.parts()
	if err != nil {
		return err
	}
	i := slices.IndexFunc(parts, func(p *ent.Assignment) bool { return p.ID == *app.AssignmentID })
	if i < 0 {
		return refused("ALREADY_ENDED", "该单位的任务已经结束。")
	}
	part := parts[i]
	if !part.Lead {
		return a.endPart(part, parts)
	}
	if in.GetLead() == "" {
		for _, p := range parts {
			if err := a.endPart(p, nil); err != nil {
				return err
			}
		}
		a.order.State, a.order.Lead, a.order.LeadPath, a.order.Holder = string(Received), "", "", ""
		a.summary += "；退回待派单"
		return a.start(ClockDispatch, "")
	}
	lead, assist, err := a.units(&pb.DispatchRequest{Lead: in.GetLead(), Assist: in.GetAssist()})
	if err != nil {
		return err
	}
	if lead.Code == part.Unit {
		return invalid("lead", "已同意该单位退单，请改派其他单位。")
	}
	if err := a.endPart(part, parts); err != nil {
		return err
	}
	a.order.State = string(Dispatched)
	a.summary, a.public = a.summary+"；改派主办"+lead.Title, true
	return a.place(lead, assist, instruction)
}

// place makes parts for a lead and assisting units; a unit that already works on the order keeps its part. Not so who is to lead
// an order that waits for its lead to sign, or worked on what was handed down to it: it starts over, with time of its own.
func (a *act) place(lead *ent.Unit, assist []*ent.Unit, instruction string) error {
	parts, err := a.parts()
	if err != nil {
		return err
	}
	for _, u := range append([]*ent.Unit{lead}, assist...) {
		is := u == lead
		i := slices.IndexFunc(parts, func(p *ent.Assignment) bool { return p.Unit == u.Code })
		if i >= 0 && is && (a.verb == DecideReturn || parts[i].ParentID != nil) {
			if err := a.endPart(parts[i], parts); err != nil {
				return err
			}
			i = -1
		}
		if i < 0 {
			if err := a.assign(u, is, instruction); err != nil {
				return err
			}
			continue
		}
		update := a.s.ent().Assignment.Update().Where(assignment.ID(parts[i].ID)).SetLead(is)
		if State(parts[i].State) == Concluded { // named again after the order had concluded: it has something to do again
			update.SetState(string(Handling))
			if err := a.startBy(ClockReply, u.Code, "rework"); err != nil {
				return err
			}
		}
		if err := update.Exec(a.ctx); err != nil {
			return fmt.Errorf("place %s: %w", u.Code, err)
		}
	}
	a.order.Lead, a.order.LeadPath = lead.Code, lead.Path
	return nil
}

// parts are the units' parts that have not ended, the lead first.
func (a *act) parts() ([]*ent.Assignment, error) {
	parts, err := a.s.ent().Assignment.Query().Where(assignment.WorkOrderID(a.order.ID), assignment.EndedAtIsNil()).
		Order(ent.Desc(assignment.FieldLead), ent.Asc(assignment.FieldID)).All(a.ctx)
	if err != nil {
		return nil, fmt.Errorf("assignments of %s: %w", a.order.Number, err)
	}
	return parts, nil
}

// endPart takes a unit out of the order, and those of all that it handed its part down to; its clocks end.
func (a *act) endPart(part *ent.Assignment, all []*ent.Assignment) error {
	if err := a.s.ent().Assignment.Update().Where(assignment.ID(part.ID)).SetEndedAt(a.now).Exec(a.ctx); err != nil {
		return fmt.Errorf("end part of %s: %w", part.Unit, err)
	}
	if err := a.stop(part.Unit, unitClocks...); err != nil {
		return err
	}
	if err := a.lapse(part.Unit); err != nil {
		return err
	}
	for _, p := range all {
		if p.ParentID != nil && *p.ParentID == part.ID {
			if err := a.endPart(p, all); err != nil {
				return err
			}
		}
	}
	return nil
}
