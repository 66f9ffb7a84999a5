package play

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	"hotline/app/nation"
)

// Walk is one sample's way: how far it went, and the papers to go on with.
type Walk struct {
	Sample nation.Request
	Order  *pb.WorkOrder
	Code   string
	Acts   []string // who did what, in order
}

// Facts of a sample as the agent writes them down.
func Facts(r nation.Request) *pb.Facts {
	return &pb.Facts{
		Kind: enum[pb.Kind](pb.Kind_value, r.Kind), Category: r.Category, Urgency: enum[pb.Urgency](pb.Urgency_value, r.Urgency),
		Channel: channel(r.Channel), Title: r.Title, Body: r.Body, Words: r.Transcript, District: r.District, Location: r.Location,
		Caller: &pb.Caller{Name: r.Caller.Name, Phone: r.Caller.Phone, IdNumber: r.Caller.IDNumber, Address: r.Caller.Address,
			Anonymous: r.Caller.Name == "匿名"},
		Confidential: r.Confidential, LawEnforcement: r.LawEnforcement, SourceId: r.ID,
	}
}

func enum[E ~int32](values map[string]int32, word string) E { return E(values[strings.ToUpper(word)]) }

func channel(word string) pb.Channel {
	if word == "110_transfer" {
		return pb.Channel_TRANSFER_110
	}
	return enum[pb.Channel](pb.Channel_value, word)
}

// Intake of a sample by its branch, with what that branch must carry.
func Intake(r nation.Request) *pb.IntakeRequest {
	in := &pb.IntakeRequest{Parent: "tenants/" + r.City, Facts: Facts(r), Reason: r.Reason, RequestId: "sample-" + r.ID}
	switch r.Disposition {
	case "answer_on_spot":
		in.Disposition, in.Told, in.Citation = pb.Disposition_ANSWERED_ON_SPOT, r.Answer, "知识库 "+r.Category+" 第1版"
	case "police_referral":
		in.Disposition, in.Evidence = pb.Disposition_POLICE_REFERRAL, "录音与通话记录已固定，编号 "+r.ID
	case "cross_city":
		in.Disposition, in.TargetCity = pb.Disposition_CROSS_CITY, r.CrossCity
	case "in_scope":
		in.Disposition, in.Reason = pb.Disposition_IN_SCOPE, ""
	default:
		in.Disposition, in.Told = enum[pb.Disposition](pb.Disposition_value, r.Disposition), door(r.Reason)
	}
	return in
}

// door is what the citizen is told for a reason.
func door(code string) string {
	for _, r := range nation.Reasons() {
		if r.Code == code && r.Door != "" {
			return "已为您" + map[bool]string{true: "转接 " + r.Door + "。", false: "说明：" + r.Door}[len(r.Door) == 3]
		}
	}
	return "已向您说明办理的渠道。"
}

// End is where a sample should end when everybody does their step.
func End(r nation.Request) pb.State {
	switch r.Disposition {
	case "answer_on_spot":
		return pb.State_ANSWERED
	case "in_scope":
		return pb.State_CLOSED
	case "cross_city":
		return pb.State_RECEIVED // it waits to be handed to the other city
	}
	return pb.State_REDIRECTED
}

// Go walks a sample through intake and on, as far as the state asked for; what is behind that state stays undone.
func (s *Stage) Go(ctx context.Context, r nation.Request, until pb.State) (*Walk, error) {
	w := &Walk{Sample: r}
	agent, err := s.As(ctx, "agent."+r.City)
	if err != nil {
		return w, err
	}
	taken, err := Post[pb.IntakeResponse](ctx, agent, "/v1/tenants/"+r.City+"/workOrders:intake", Intake(r))
	if err != nil {
		return w, fmt.Errorf("%s intake: %w", r.ID, err)
	}
	w.Order, w.Code = taken.GetWorkOrder(), taken.GetCode()
	w.Acts = append(w.Acts, agent.Login+" 受理")
	for w.Order.GetState() != until {
		next, ok := steps[w.Order.GetState()]
		if !ok || w.Order.GetTargetCity() != "" {
			return w, nil
		}
		if err := next(s, ctx, w); err != nil {
			return w, fmt.Errorf("%s at %s: %w", r.ID, w.Order.GetState(), err)
		}
	}
	return w, nil
}

// steps are what the people do with an order in each state.
var steps = map[pb.State]func(s *Stage, ctx context.Context, w *Walk) error{
	pb.State_RECEIVED:   (*Stage).decide,
	pb.State_DISPATCHED: (*Stage).sign,
	pb.State_HANDLING:   (*Stage).handle,
	pb.State_REPLIED:    (*Stage).review,
	pb.State_CONCLUDED:  (*Stage).callback,
}

// act calls one verb on the walk's order as the person and keeps the answer.
func (s *Stage) act(ctx context.Context, w *Walk, login, verb, title string, in proto.Message) error {
	p, err := s.As(ctx, login)
	if err != nil {
		return err
	}
	out, err := Post[pb.WorkOrder](ctx, p, "/v1/"+w.Order.GetName()+":"+verb, in)
	if err != nil {
		return fmt.Errorf("%s %s: %w", login, verb, err)
	}
	w.Order = out
	w.Acts = append(w.Acts, login+" "+title)
	return nil
}

// decide is the dispatcher's step; a referral to the police is approved by a second person instead.
func (s *Stage) decide(ctx context.Context, w *Walk) error {
	r := w.Sample
	if w.Order.GetDisposition() == pb.Disposition_POLICE_REFERRAL {
		return s.act(ctx, w, "dispatcher."+r.City, "redirect", "审批移送", &pb.RedirectRequest{Disposition: pb.Disposition_POLICE_REFERRAL,
			Reason: r.Reason, Told: "该线索已依法移送公安机关。"})
	}
	in := &pb.DispatchRequest{Lead: nation.UnitCode(r.Lead), Instruction: "请依法依规办理并答复诉求人。"}
	if r.Kind == "report" { // the units read this in place of the informer's words
		in.Brief = "市民举报：" + r.Title
	}
	for _, a := range r.Assist {
		if code := nation.UnitCode(a); code != "" && code != in.Lead {
			in.Assist = append(in.Assist, code)
		}
	}
	return s.act(ctx, w, "dispatcher."+r.City, "dispatch", "派单", in)
}

func (w *Walk) handler(unit string) string { return strings.ToLower(unit) + "." + w.Sample.City }

func (w *Walk) lead() string {
	for _, a := range w.Order.GetAssignments() {
		if a.GetLead() {
			return a.GetUnit()
		}
	}
	return ""
}

// sign: assisting units sign first, then the lead, whose signing moves the order.
func (s *Stage) sign(ctx context.Context, w *Walk) error {
	for _, a := range w.Order.GetAssignments() {
		if !a.GetLead() && a.GetSignTime() == nil {
			if err := s.act(ctx, w, w.handler(a.GetUnit()), "sign", "协办签收", &pb.SignRequest{}); err != nil {
				return err
			}
		}
	}
	return s.act(ctx, w, w.handler(w.lead()), "sign", "签收", &pb.SignRequest{})
}

// handle: the lead contacts the citizen and answers.
func (s *Stage) handle(ctx context.Context, w *Walk) error {
	login := w.handler(w.lead())
	err := s.act(ctx, w, login, "contact", "联系", &pb.ContactRequest{Reached: true, Means: "phone", Note: "已与诉求人核实情况，说明办理安排。"})
	if err != nil {
		return err
	}
	return s.act(ctx, w, login, "reply", "答复", &pb.ReplyRequest{Draft: &pb.Draft{
		PublicPart:   "您好！您反映的问题已收悉。我单位已安排工作人员到现场核实，并按职责采取措施处理，现场已设置安全警示。感谢您的监督。",
		InternalPart: "已现场核查并留存照片。", Conclusion: pb.Conclusion_SOLVED, Measures: "现场核查、责令整改", Ground: "《信访工作条例》第二条"}})
}

func (s *Stage) review(ctx context.Context, w *Walk) error {
	return s.act(ctx, w, "reviewer."+w.Sample.City, "review", "审核", &pb.ReviewRequest{Pass: true})
}

func (s *Stage) callback(ctx context.Context, w *Walk) error {
	return s.act(ctx, w, "callback_agent."+w.Sample.City, "callback", "回访", &pb.CallbackRequest{Reached: true, Contacted: true,
		Solved: true, ResultGrade: pb.Grade_SATISFIED, AttitudeGrade: pb.Grade_VERY_SATISFIED, Channel: "phone"})
}

// Rate sends a rating link and uses it as the citizen.
func (s *Stage) Rate(ctx context.Context, w *Walk) error {
	p, err := s.As(ctx, "callback_agent."+w.Sample.City)
	if err != nil {
		return err
	}
	link, err := Post[pb.InviteRatingResponse](ctx, p, "/v1/"+w.Order.GetName()+":inviteRating", &pb.InviteRatingRequest{})
	if err != nil {
		return fmt.Errorf("%s invite: %w", w.Sample.ID, err)
	}
	token := link.GetLink()[strings.LastIndexByte(link.GetLink(), '/')+1:]
	_, err = Post[pb.RateResponse](ctx, s.Nobody(), "/v1/tenants/"+w.Sample.City+"/petitions:rate", &pb.RateRequest{Token: token,
		ResultGrade: pb.Grade_SATISFIED, AttitudeGrade: pb.Grade_VERY_SATISFIED, Words: "办得不错"})
	if err != nil {
		return fmt.Errorf("%s rate: %w", w.Sample.ID, err)
	}
	w.Acts = append(w.Acts, "群众 评价")
	return nil
}

// Track follows the case as its citizen.
func (s *Stage) Track(ctx context.Context, w *Walk) (*pb.Petition, error) {
	return Post[pb.Petition](ctx, s.Nobody(), "/v1/tenants/"+w.Sample.City+"/petitions/"+w.Order.GetNumber()+":track",
		&pb.TrackRequest{Code: w.Code})
}
