package casework_test

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/ent"
	"hotline/tenants/access"
	"hotline/tenants/policy/fault"
)

// What people ask for: for each verb how likely it is on an order as it stands, and a request with sensible arguments.

// intake is a request of one of three callers about one of two places.
func intake(t *rapid.T, city string) *pb.IntakeRequest {
	in := &pb.IntakeRequest{Parent: "tenants/" + city, Disposition: among(t, "disposition", []pb.Disposition{pb.Disposition_IN_SCOPE,
		pb.Disposition_IN_SCOPE, pb.Disposition_IN_SCOPE, pb.Disposition_IN_SCOPE, pb.Disposition_ANSWERED_ON_SPOT,
		pb.Disposition_LEGAL_CHANNEL, pb.Disposition_POLICE_REFERRAL})}
	switch in.GetDisposition() {
	case pb.Disposition_ANSWERED_ON_SPOT:
		in.Told, in.Citation = "路灯由甲局维护，夜间巡查。", "知识库 01 第1版"
	case pb.Disposition_LEGAL_CHANNEL:
		in.Reason, in.Told = "诉讼", "请向人民法院提起诉讼。"
	case pb.Disposition_POLICE_REFERRAL:
		in.Reason, in.Evidence = "恶意骚扰", "录音编号试一"
	}
	in.Facts = &pb.Facts{Kind: among(t, "kind", []pb.Kind{pb.Kind_HELP, pb.Kind_CONSULT, pb.Kind_REPORT}), Named: true,
		Category: among(t, "category", []string{"01", "01", "02"}), Channel: pb.Channel_PHONE,
		Urgency: among(t, "urgency", []pb.Urgency{pb.Urgency_NORMAL, pb.Urgency_COMPLEX, pb.Urgency_URGENT}),
		Title:   "梧桐路的路灯不亮", Body: "梧桐路的路灯坏了三天。", Words: "路灯坏了三天，晚上看不见路。", District: "丁区",
		Location: among(t, "place", []string{"梧桐路", "云溪路"}),
		Caller: among(t, "caller", []*pb.Caller{{Name: "试一试", Phone: "13800000001"}, {Name: "试二试", Phone: "13800000002"},
			{Anonymous: true}})}
	return in
}

// act is one thing that somebody does with an order, mostly something the order's own acts allow.
func (m *model) act(t *rapid.T) {
	for range 3 { // whoever is turned away by what they see leaves the step to somebody else
		d := among(t, "order", m.files)
		if quiet := map[string]int{"withdrawn": 6, "answered": 6, "redirected": 4, "merged": 14}[d.order.State]; quiet > 0 && upto(t, "quiet", quiet) > 0 {
			continue // little happens to these
		}
		if m.tries(t, d) {
			return
		}
	}
}

func (m *model) tries(t *rapid.T, d *dossier) bool {
	verb := m.verb(t, d)
	if do, ok := byCitizen[verb]; ok && (byStaff[verb] == nil || upto(t, "the citizen?", 2) == 1) {
		m.went(t, fmt.Sprintf("the citizen of order %d: %s", d.nth, verb), do(m, t, d))
		return true
	}
	who, ok := m.pick(t, "who", func(p person) bool { return m.mayTry(p, verb, d) })
	if !ok {
		return false
	}
	shown := m.shown(t, who, verb, d)
	if !shown && upto(t, "try nevertheless", 8) != 7 {
		return false
	}
	what := fmt.Sprintf("%s: %s of order %d", who.login, verb, d.nth)
	var args string
	do := func(ctx context.Context) (err error) { args, err = byStaff[verb](m, ctx, t, d, who); return err }
	err := do(m.by(who))
	if shown && errors.IsNotFound(err) && m.town.Access.Scope(who.roles(), "work_order", string(verb)) == access.City {
		t.Fatalf("%s is shown that they may %s order %d, and then it is not found", who.login, verb, d.nth)
	}
	if m.went(t, strings.TrimSpace(what+" "+args), err) && !shown {
		t.Fatalf("%s did %s, which their acts of order %d showed as closed", who.login, verb, d.nth)
	}
	return true
}

// verb is mostly one that is likely now, sometimes any.
func (m *model) verb(t *rapid.T, d *dossier) casework.Verb {
	var some []casework.Verb
	for _, v := range slices.Concat(staffVerbs, citizenVerbs) {
		n := 0
		if slices.ContainsFunc(casework.Flow, func(s casework.Step) bool { return string(s.From) == d.order.State && s.Verb == v }) {
			n = likely(m, d, v)
		}
		some = append(some, slices.Repeat([]casework.Verb{v}, n)...)
	}
	if len(some) == 0 || upto(t, "any verb", 20) == 19 {
		some = slices.Concat(staffVerbs, citizenVerbs)
	}
	return some[upto(t, "verb", len(some))]
}

var staffVerbs = []casework.Verb{casework.Answer, casework.Redirect, casework.HandOff, casework.HandBack, casework.Dispatch, casework.Sign,
	casework.Contact, casework.Reply, casework.Review, casework.Callback, casework.Close, casework.Reopen, casework.Supplement, casework.Urge,
	casework.InviteRating, casework.Delegate, casework.Return, casework.Hear, casework.DecideReturn, casework.Dispute, casework.Adjudicate,
	casework.Extend, casework.DecideExtension, casework.Suspend, casework.DecideSuspension, casework.ReviewSuspension, casework.Resume,
	casework.Await, casework.ClaimUnreasonable, casework.DecideUnreasonable, casework.DecideAppeal, casework.AppealScore,
	casework.DecideScoreAppeal, casework.DecideContest, casework.Merge, casework.Split, casework.Supervise, casework.Escalate,
	casework.Reclaim}

var citizenVerbs = []casework.Verb{casework.Withdraw, casework.Correct, casework.Contest, casework.Appeal, casework.Rate}

// decides says which applications a verb waits for.
var decides = map[casework.Verb]string{casework.DecideReturn: "return", casework.Adjudicate: "adjudication", casework.DecideExtension: "extension",
	casework.DecideSuspension: "suspension", casework.DecideUnreasonable: "unreasonable", casework.DecideAppeal: "appeal",
	casework.DecideScoreAppeal: "score_appeal", casework.DecideContest: "contest", casework.Hear: "return", casework.ReviewSuspension: "suspension"}

// likely is the weight of a verb that the state allows.
func likely(m *model, d *dossier, v casework.Verb) int {
	if kind := decides[v]; kind != "" {
		if d.pending(kind) != nil || v == casework.ReviewSuspension {
			return 24
		}
		return 0
	}
	switch v {
	case casework.Rate:
		return 16 * min(1, len(m.orders[d.nth-1].links))
	case casework.Appeal:
		return 24 * min(1, max(0, d.count("unreasonable", "upheld")-d.count("appeal", "")))
	case casework.HandBack:
		return 10 * min(1, d.handed)
	case casework.Merge:
		return 16 * min(1, len(m.mains(d)))
	case casework.Close:
		return 1 + 30*min(1, max(0, len(d.calls)-2))
	case casework.Contact, casework.Delegate, casework.ClaimUnreasonable, casework.Extend, casework.AppealScore:
		return 12 * min(1, len(d.suits(v)))
	case casework.Sign, casework.Reply, casework.Return, casework.Dispute:
		return 40 * min(1, len(d.suits(v)))
	case casework.Dispatch, casework.Review, casework.Callback:
		return 40
	case casework.Reclaim:
		return 6 * min(1, len(d.order.Holder))
	case casework.Resume:
		return 40
	case casework.Contest:
		return 20
	case casework.Answer, casework.Redirect, casework.InviteRating, casework.Supplement, casework.Split:
		return 4
	case casework.Supervise, casework.Urge, casework.Withdraw, casework.Correct: // these would end most lives early or are but noise
		return 1
	}
	return 6
}

// mains are the orders that will soon have an answer for another, too.
func (m *model) mains(child *dossier) []*dossier {
	return slices.DeleteFunc(slices.Clone(m.files), func(d *dossier) bool {
		return d.nth == child.nth || !slices.Contains([]string{"handling", "replied"}, d.order.State)
	})
}

// suits are the units whose part waits for the verb.
func (d *dossier) suits(verb casework.Verb) (all []string) {
	for _, p := range d.live() {
		fits, asked := true, func(kind string) bool {
			return slices.ContainsFunc(d.apps, func(a *ent.Application) bool {
				return a.Kind == kind && *a.AssignmentID == p.ID && (kind == "return" || a.Standing == "open")
			})
		}
		switch verb {
		case casework.Sign:
			fits = p.State == "dispatched"
		case casework.Contact:
			fits = p.SignedAt != nil && p.ContactedAt == nil
		case casework.Reply:
			fits = p.State == "handling" && (p.ContactedAt != nil || d.order.Anonymous) && !d.order.Adjudicating
		case casework.Return:
			fits = p.ParentID == nil && p.State != "replied" && d.now.Sub(p.DispatchedAt) < 30*time.Hour && !d.order.Locked && !asked("return")
		case casework.Dispute:
			fits = !d.order.Locked && !d.order.Adjudicating && slices.ContainsFunc(d.apps, func(a *ent.Application) bool {
				return a.Kind == "return" && *a.AssignmentID == p.ID && a.Standing == "rejected" && d.now.Sub(*a.DecidedAt) < 30*time.Hour
			})
		case casework.Extend:
			fits = (p.State == "handling" || p.State == "dispatched") && !asked("extension")
		case casework.ClaimUnreasonable:
			fits = d.count("unreasonable", "") == 0
		case casework.Delegate:
			fits = p.State == "handling" && (p.Unit == "A" || p.Unit == "D" || p.Unit == "A1")
		}
		if fits {
			all = append(all, p.Unit)
		}
	}
	return all
}

// mayTry says whether the gate lets the person ask for the verb at all, and whether their unit has something to do with it.
func (m *model) mayTry(p person, verb casework.Verb, d *dossier) bool {
	if !m.town.Access.May(p.roles(), "work_order", string(verb)) {
		return false
	}
	switch m.town.Access.Scope(p.roles(), "work_order", string(verb)) {
	case access.Unit, access.Subtree:
		return slices.Contains(d.units(verb), p.posts[0].Unit)
	}
	return true
}

// shown says whether the order's acts, as this person sees them, allow the verb.
func (m *model) shown(t *rapid.T, p person, verb casework.Verb, d *dossier) bool {
	o, err := m.town.Casework.GetWorkOrder(m.by(p), &pb.GetWorkOrderRequest{Name: d.name()})
	if err != nil {
		if !m.went(t, fmt.Sprintf("%s looks for order %d", p.login, d.nth), err) {
			return false
		}
	}
	return slices.ContainsFunc(o.GetActs(), func(a *pb.Act) bool { return a.GetVerb() == string(verb) && a.GetAllowed() })
}

// send asks as the gate would: a request that the contract refuses is a mistake of the model.
func send[I proto.Message, O any](t *rapid.T, ctx context.Context, do func(context.Context, I) (O, error), in I) (O, error) {
	if faults, err := fault.Check(in, ""); err != nil || faults.Err() != nil {
		t.Fatalf("the model asks for what the gate refuses: %v, %v", err, faults.Err())
	}
	return do(ctx, in)
}

// bid is a verb's request by one of the staff; it returns the arguments worth reading.
type bid func(m *model, ctx context.Context, t *rapid.T, d *dossier, who person) (string, error)

// plain is a bid whose arguments are not worth reading.
func plain[I proto.Message](do func(*casework.Service, context.Context, I) (*pb.WorkOrder, error), in func(d *dossier, t *rapid.T) I) bid {
	return func(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
		by := func(ctx context.Context, in I) (*pb.WorkOrder, error) { return do(m.town.Casework, ctx, in) }
		_, err := send(t, ctx, by, in(d, t))
		return "", err
	}
}

func yes(t *rapid.T, what string) bool { return upto(t, what, 10) < 7 }

// other is a unit that may take the matter.
func other(t *rapid.T, what string) string {
	return among(t, what, []string{"A", "D", "DS", "B", "A1", "DA", "DT", "A11"})
}

// assist are up to two units beside the lead.
func assist(t *rapid.T, lead string) []string {
	var some []string
	for range upto(t, "assisting", 3) {
		if u := other(t, "assist"); u != lead && !slices.Contains(some, u) {
			some = append(some, u)
		}
	}
	return some
}

const nobody = "00000000-0000-0000-0000-000000000000"

// decision is a word on an application of the kind, the pending one if there is one.
func decision(d *dossier, t *rapid.T, kind string) (*pb.DecideRequest, string) {
	in := &pb.DecideRequest{Name: d.name(), Application: d.idOf(kind), Uphold: yes(t, "uphold"), Words: "经审核如此决定"}
	return in, fmt.Sprintf("uphold=%v", in.GetUphold())
}

func decide(kind string, do func(*casework.Service, context.Context, *pb.DecideRequest) (*pb.WorkOrder, error)) bid {
	return func(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
		in, args := decision(d, t, kind)
		by := func(ctx context.Context, in *pb.DecideRequest) (*pb.WorkOrder, error) {
			return do(m.town.Casework, ctx, in)
		}
		_, err := send(t, ctx, by, in)
		return args, err
	}
}

// byStaff are the bids of the straight way and of the side lives; those with more to say stand below.
var byStaff = map[casework.Verb]bid{}

func init() {
	maps.Copy(byStaff, map[casework.Verb]bid{
		casework.Answer: plain((*casework.Service).Answer,
			func(d *dossier, _ *rapid.T) *pb.AnswerRequest {
				return &pb.AnswerRequest{Name: d.name(), Answer: "路灯由甲局维护，夜间巡查。", Citation: "知识库 01 第1版"}
			}),
		casework.Redirect: plain((*casework.Service).Redirect,
			func(d *dossier, t *rapid.T) *pb.RedirectRequest {
				return &pb.RedirectRequest{Name: d.name(), Disposition: among(t, "door", []pb.Disposition{pb.Disposition_LEGAL_CHANNEL,
					pb.Disposition_POLICE_REFERRAL}), Reason: "另有渠道", Told: "请向有关部门反映。"}
			}),
		casework.Sign: plain((*casework.Service).Sign,
			func(d *dossier, _ *rapid.T) *pb.SignRequest { return &pb.SignRequest{Name: d.name()} }),
		casework.Contact: plain((*casework.Service).Contact,
			func(d *dossier, t *rapid.T) *pb.ContactRequest {
				return &pb.ContactRequest{Name: d.name(), Means: "phone", Reached: yes(t, "reached"), Note: "说明进展"}
			}),
		casework.Close: plain((*casework.Service).Close,
			func(d *dossier, _ *rapid.T) *pb.CloseRequest { return &pb.CloseRequest{Name: d.name()} }),
		casework.Reopen: plain((*casework.Service).Reopen,
			func(d *dossier, _ *rapid.T) *pb.ReopenRequest {
				return &pb.ReopenRequest{Name: d.name(), Reason: "来电反映未解决"}
			}),
		casework.Supplement: plain((*casework.Service).Supplement,
			func(d *dossier, _ *rapid.T) *pb.SupplementRequest {
				return &pb.SupplementRequest{Name: d.name(), Facts: "昨晚又坏了一盏"}
			}),
		casework.Urge: plain((*casework.Service).Urge,
			func(d *dossier, _ *rapid.T) *pb.UrgeUnitRequest {
				return &pb.UrgeUnitRequest{Name: d.name(), Words: "请抓紧"}
			}),
		casework.Supervise: plain((*casework.Service).Supervise,
			func(d *dossier, t *rapid.T) *pb.SuperviseRequest {
				return &pb.SuperviseRequest{Name: d.name(), Supervised: upto(t, "on", 2) == 1, Words: "久拖不决"}
			}),
		casework.Reclaim: plain((*casework.Service).Reclaim,
			func(d *dossier, _ *rapid.T) *pb.ReclaimRequest {
				return &pb.ReclaimRequest{Name: d.name(), Reason: "其今日请假"}
			}),
		casework.Escalate: plain((*casework.Service).Escalate,
			func(d *dossier, _ *rapid.T) *pb.EscalateRequest {
				return &pb.EscalateRequest{Name: d.name(), Words: "由上级办理"}
			}),
		casework.Split: plain((*casework.Service).Split,
			func(d *dossier, _ *rapid.T) *pb.SplitRequest {
				return &pb.SplitRequest{Name: d.name(), Words: "不是一回事"}
			}),
		casework.Dispatch: bidDispatch, casework.HandOff: bidHandOff, casework.Reply: bidReply, casework.Review: bidReview,
		casework.Callback: bidCallback, casework.InviteRating: bidInvite, casework.Merge: bidMerge,
	})
}

func init() {
	maps.Copy(byStaff, map[casework.Verb]bid{
		casework.HandBack: plain((*casework.Service).HandBack,
			func(d *dossier, _ *rapid.T) *pb.HandBackRequest {
				return &pb.HandBackRequest{Name: d.name(), Reason: "非警务"}
			}),
		casework.Await: plain((*casework.Service).Await,
			func(d *dossier, _ *rapid.T) *pb.AwaitRequest {
				return &pb.AwaitRequest{Name: d.name(), Question: "请说明路灯的位置"}
			}),
		casework.Resume: plain((*casework.Service).Resume,
			func(d *dossier, _ *rapid.T) *pb.ResumeRequest {
				return &pb.ResumeRequest{Name: d.name(), Words: "条件已具备"}
			}),
		casework.ClaimUnreasonable: plain((*casework.Service).ClaimUnreasonable, func(d *dossier, _ *rapid.T) *pb.ClaimUnreasonableRequest {
			return &pb.ClaimUnreasonableRequest{Name: d.name(), Ground: "超出规定的要求", Evidence: "通话记录一份"}
		}),
		casework.AppealScore: plain((*casework.Service).AppealScore,
			func(d *dossier, t *rapid.T) *pb.AppealScoreRequest {
				return &pb.AppealScoreRequest{Name: d.name(), Figure: pb.Figure(1 + upto(t, "figure", 4)), Ground: "不属本单位责任",
					Evidence: "现场照片一份"}
			}),
		casework.DecideExtension:    decide("extension", (*casework.Service).DecideExtension),
		casework.DecideSuspension:   decide("suspension", (*casework.Service).DecideSuspension),
		casework.ReviewSuspension:   decide("suspension", (*casework.Service).ReviewSuspension),
		casework.DecideUnreasonable: decide("unreasonable", (*casework.Service).DecideUnreasonable),
		casework.DecideAppeal:       decide("appeal", (*casework.Service).DecideAppeal),
		casework.DecideScoreAppeal:  decide("score_appeal", (*casework.Service).DecideScoreAppeal),
		casework.DecideContest:      decide("contest", (*casework.Service).DecideContest),
		casework.Delegate:           bidDelegate, casework.Return: bidReturn, casework.Hear: bidHear, casework.DecideReturn: bidDecideReturn,
		casework.Dispute: bidDispute, casework.Adjudicate: bidAdjudicate, casework.Extend: bidExtend, casework.Suspend: bidSuspend,
	})
}

func bidDispatch(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	in := &pb.DispatchRequest{Name: d.name(), Lead: other(t, "lead"), Instruction: "请办理", Brief: "路灯不亮，请修复。"}
	in.Assist = assist(t, in.GetLead())
	_, err := send(t, ctx, m.town.Casework.Dispatch, in)
	return fmt.Sprint("to ", in.GetLead(), " with ", in.GetAssist()), err
}

func bidHandOff(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	in := &pb.HandOffRequest{Name: d.name(), Unit: among(t, "line", []string{"E", "W"}), ThreeWay: true,
		Outcome: among(t, "outcome", []pb.Outcome{pb.Outcome_BOTH, pb.Outcome_TAKEN, pb.Outcome_KEPT}), Words: "说明情况"}
	_, err := send(t, ctx, m.town.Casework.HandOff, in)
	return fmt.Sprint("to ", in.GetUnit(), ", ", in.GetOutcome()), err
}

func bidReply(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	in := &pb.ReplyRequest{Name: d.name(), Draft: &pb.Draft{PublicPart: "经核实，梧桐路的路灯线路老化，已更换线路并恢复照明，感谢您的监督。",
		Conclusion: among(t, "conclusion", []pb.Conclusion{pb.Conclusion_SOLVED, pb.Conclusion_SOLVED, pb.Conclusion_EXPLAINED,
			pb.Conclusion_UNREASONABLE})}}
	_, err := send(t, ctx, m.town.Casework.Reply, in)
	return in.GetDraft().GetConclusion().String(), err
}

func bidReview(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	in := &pb.ReviewRequest{Name: d.name(), Pass: yes(t, "pass"), Remark: "请补充办理情况"}
	_, err := send(t, ctx, m.town.Casework.Review, in)
	return fmt.Sprintf("pass=%v", in.GetPass()), err
}

// bidCallback hardly ever reaches the citizen of order 2.
func bidCallback(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	in := &pb.CallbackRequest{Name: d.name(), Channel: "phone", Reached: upto(t, "reached", 10) < map[bool]int{true: 1, false: 7}[d.nth%3 == 2]}
	if in.GetReached() {
		in.Contacted, in.Solved = true, upto(t, "solved", 2) == 1
		in.ResultGrade, in.AttitudeGrade = pb.Grade_SATISFIED, pb.Grade_SATISFIED
	}
	_, err := send(t, ctx, m.town.Casework.Callback, in)
	return fmt.Sprintf("reached=%v solved=%v", in.GetReached(), in.GetSolved()), err
}

func bidInvite(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	out, err := send(t, ctx, m.town.Casework.InviteRating, &pb.InviteRatingRequest{Name: d.name()})
	if err == nil {
		f := m.orders[d.nth-1]
		f.links = append(f.links, out.GetLink()[strings.LastIndexByte(out.GetLink(), '/')+1:])
	}
	return "", err
}

func bidDelegate(m *model, ctx context.Context, t *rapid.T, d *dossier, who person) (string, error) {
	var below []string
	for _, u := range units {
		for up := u; up != ""; up = above[up] {
			if up == who.posts[0].Unit && up != u {
				below = append(below, u)
			}
		}
	}
	in := &pb.DelegateRequest{Name: d.name(), Unit: among(t, "below", append(below, "B")), Instruction: "请办理"}
	_, err := send(t, ctx, m.town.Casework.Delegate, in)
	return "to " + in.GetUnit(), err
}

func bidReturn(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	in := &pb.ReturnRequest{Name: d.name(), Reason: pb.ReturnReason_INSUFFICIENT, Ground: "职责分工规定"}
	if yes(t, "suggest") {
		in.Reason, in.SuggestedUnit = pb.ReturnReason_OTHER_DUTY, other(t, "suggested")
	}
	_, err := send(t, ctx, m.town.Casework.Return, in)
	return strings.TrimSpace("suggesting " + in.GetSuggestedUnit()), err
}

func bidHear(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	in := &pb.HearRequest{Name: d.name(), Application: d.idOf("return"), Agree: upto(t, "agree", 2) == 1, Words: "本单位的意见"}
	_, err := send(t, ctx, m.town.Casework.Hear, in)
	return fmt.Sprintf("agree=%v", in.GetAgree()), err
}

func bidDecideReturn(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	in := &pb.DecideReturnRequest{Name: d.name(), Application: d.idOf("return"), Uphold: upto(t, "uphold", 2) == 1, Words: "经审核如此决定"}
	if in.GetUphold() && upto(t, "redispatch", 2) == 1 {
		in.Lead = other(t, "lead")
		in.Assist = assist(t, in.GetLead())
	}
	_, err := send(t, ctx, m.town.Casework.DecideReturn, in)
	return fmt.Sprintf("uphold=%v to %s with %v", in.GetUphold(), in.GetLead(), in.GetAssist()), err
}

func bidDispute(m *model, ctx context.Context, t *rapid.T, d *dossier, who person) (string, error) {
	id := nobody
	for _, p := range d.apps {
		if p.Kind == "return" && p.Standing == "rejected" && (p.AskedUnit == who.posts[0].Unit || id == nobody) {
			id = p.ID.String()
		}
	}
	_, err := send(t, ctx, m.town.Casework.Dispute, &pb.DisputeRequest{Name: d.name(), Application: id, Ground: "确非本单位职责"})
	return "", err
}

func bidAdjudicate(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	in := &pb.AdjudicateRequest{Name: d.name(), Application: d.idOf("adjudication"), Words: "依职责分工裁决"}
	if d.order.State == "concluded" && upto(t, "stands", 2) == 1 {
		in.Stands = true
	} else {
		in.Lead = other(t, "lead")
		in.Assist = assist(t, in.GetLead())
	}
	_, err := send(t, ctx, m.town.Casework.Adjudicate, in)
	return fmt.Sprintf("stands=%v lead %s with %v", in.GetStands(), in.GetLead(), in.GetAssist()), err
}

func bidExtend(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	in := &pb.ExtendRequest{Name: d.name(), Days: int32(1 + upto(t, "days", 10)), Reason: "须采购", Ground: "采购须公示"}
	_, err := send(t, ctx, m.town.Casework.Extend, in)
	return fmt.Sprint(in.GetDays(), " days"), err
}

func bidSuspend(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	days := among(t, "until", []int{3, 20, 60})
	in := &pb.SuspendRequest{Name: d.name(), Reason: "season", Ground: "汛期不能开挖", UntilTime: timestamppb.New(m.now.AddDate(0, 0, days)),
		Responsible: "养护科", Milestones: "汛后开工"}
	_, err := send(t, ctx, m.town.Casework.Suspend, in)
	return fmt.Sprint("for ", days, " days"), err
}

func bidMerge(m *model, ctx context.Context, t *rapid.T, d *dossier, _ person) (string, error) {
	main := upto(t, "main", len(m.orders))
	if some := m.mains(d); len(some) > 0 && upto(t, "any main", 8) > 0 {
		main = among(t, "main in work", some).nth - 1
	}
	_, err := send(t, ctx, m.town.Casework.Merge, &pb.MergeRequest{Name: d.name(), Main: m.orders[main].number, Words: "同一事项"})
	return fmt.Sprint("into order ", main+1), err
}

// byCitizen are the acts of who holds number and code.
var byCitizen = map[casework.Verb]func(m *model, t *rapid.T, d *dossier) error{
	casework.Supplement: func(m *model, t *rapid.T, d *dossier) error {
		_, err := send(t, m.citizen(), m.town.Casework.Add, &pb.AddRequest{Name: d.petition(), Code: m.code(t, d), Facts: "路灯在路口"})
		return err
	},
	casework.Urge: func(m *model, t *rapid.T, d *dossier) error {
		_, err := send(t, m.citizen(), m.town.Casework.UrgeFor, &pb.UrgeRequest{Name: d.petition(), Code: m.code(t, d)})
		return err
	},
	casework.Withdraw: func(m *model, t *rapid.T, d *dossier) error {
		_, err := send(t, m.citizen(), m.town.Casework.Withdraw, &pb.WithdrawRequest{Name: d.petition(), Code: m.code(t, d)})
		return err
	},
	casework.Correct: func(m *model, t *rapid.T, d *dossier) error {
		_, err := send(t, m.citizen(), m.town.Casework.Correct, &pb.CorrectRequest{Name: d.petition(), Code: m.code(t, d), Phone: "13800000003"})
		return err
	},
	casework.Contest: func(m *model, t *rapid.T, d *dossier) error {
		_, err := send(t, m.citizen(), m.town.Casework.Contest, &pb.ContestRequest{Name: d.petition(), Code: m.code(t, d), Ground: "应由本市受理"})
		return err
	},
	casework.Appeal: func(m *model, t *rapid.T, d *dossier) error {
		_, err := send(t, m.citizen(), m.town.Casework.Appeal, &pb.AppealRequest{Name: d.petition(), Code: m.code(t, d), Ground: "要求是合理的"})
		return err
	},
	casework.Rate: func(m *model, t *rapid.T, d *dossier) error {
		token := "not-a-token-of-ours"
		if f := m.orders[d.nth-1]; len(f.links) > 0 {
			token, f.links = f.links[0], f.links[1:]
		}
		_, err := send(t, m.citizen(), m.town.Casework.Rate, &pb.RateRequest{Parent: "tenants/" + m.city, Token: token,
			ResultGrade: pb.Grade(1 + upto(t, "grade", 5)), AttitudeGrade: pb.Grade_SATISFIED})
		return err
	},
}

// code is the citizen's own; now and then somebody guesses.
func (m *model) code(t *rapid.T, d *dossier) string {
	if upto(t, "guess", 20) == 19 {
		return "AAAA3333"
	}
	return m.orders[d.nth-1].code
}

// dossier is one order with all that hangs on it, read from the database.
type dossier struct {
	nth     int
	now     time.Time
	order   *ent.WorkOrder
	parts   []*ent.Assignment
	clocks  []*ent.Clock
	moves   []*ent.ClockMove
	apps    []*ent.Application
	events  []*ent.Event
	calls   []*ent.Callback
	ratings []*ent.Rating
	handed  int // hand-offs that were not given back
}

func (d *dossier) name() string { return "tenants/" + d.order.Tenant + "/workOrders/" + d.order.Number }

func (d *dossier) petition() string {
	return "tenants/" + d.order.Tenant + "/petitions/" + d.order.Number
}

// live are the parts that have not ended.
func (d *dossier) live() []*ent.Assignment {
	return slices.DeleteFunc(slices.Clone(d.parts), func(p *ent.Assignment) bool { return p.EndedAt != nil })
}

// pending is the oldest undecided application of a kind.
func (d *dossier) pending(kind string) *ent.Application {
	for _, p := range d.apps {
		if p.Kind == kind && (p.Standing == "open" || p.Standing == "first") {
			return p
		}
	}
	return nil
}

func (d *dossier) count(kind, standing string) (n int) {
	for _, p := range d.apps {
		if p.Kind == kind && (standing == "" || p.Standing == standing) {
			n++
		}
	}
	return n
}

// idOf is the pending application of a kind, else the latest, else none.
func (d *dossier) idOf(kind string) string {
	if p := d.pending(kind); p != nil {
		return p.ID.String()
	}
	id := nobody
	for _, p := range d.apps {
		if p.Kind == kind {
			id = p.ID.String()
		}
	}
	return id
}

// units are those that have to do with the verb: of the parts that it suits and those above them, or of all parts when it suits
// none; those named in a return, and the lines.
func (d *dossier) units(verb casework.Verb) []string {
	var all []string
	fits := d.suits(verb)
	for _, p := range d.live() {
		for u := p.Unit; u != "" && (len(fits) == 0 || slices.Contains(fits, p.Unit)); u = above[u] {
			all = append(all, u)
		}
	}
	if p := d.pending("return"); p != nil && verb == casework.Hear {
		return []string{p.SuggestedUnit}
	}
	if d.handed > 0 && verb == casework.HandBack {
		return []string{"E", "W"}
	}
	return slices.DeleteFunc(all, func(u string) bool { return u == "" })
}
