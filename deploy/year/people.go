package main

import (
	"context"
	"maps"
	"slices"
	"time"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/ent/store"
	"hotline/tenants"
)

// acting is the room, with the person who acts and the order it is about.
type acting struct {
	*casework.Service
	ctx  context.Context
	name string
}

// do lets a member of the staff act.
func (l *life) do(verb string, role tenants.Role, unit string, act func(c acting) (*pb.WorkOrder, error)) (bool, error) {
	return l.doAs(verb, l.y.as(role, unit, false), act)
}

func (l *life) doAs(verb string, ctx context.Context, act func(c acting) (*pb.WorkOrder, error)) (bool, error) {
	o, err := act(acting{l.y.house.Casework, ctx, l.order.GetName()})
	ok, fatal := l.y.tried(verb, err)
	if ok {
		l.order, l.known = o, true
	}
	return ok, fatal
}

// citizen lets the citizen act by number and code.
func (l *life) citizen(verb string, act func(c acting) error) (bool, error) {
	ctx := tenants.With(store.At(l.y.ctx, l.y.now), tenants.CitizenOf(city))
	return l.y.tried(verb, act(acting{l.y.house.Casework, ctx, l.order.GetName()}))
}

func (l *life) petition() string { return "tenants/" + city + "/petitions/" + l.order.GetNumber() }

// waiting is the first application that somebody has to decide.
func (l *life) waiting() *pb.Application {
	for _, p := range l.order.GetApplications() {
		if p.GetStanding() == "open" || p.GetStanding() == "first" {
			if p.GetKind() == "return" && l.order.GetMarks().GetAdjudicating() {
				continue
			}
			return p
		}
	}
	return nil
}

// decide lets whoever's it is decide an application.
func (l *life) decide(p *pb.Application) error {
	in := &pb.DecideRequest{Name: l.order.GetName(), Application: p.GetId(), Uphold: l.dice.IntN(100) < 65, Words: "经研究决定"}
	supervisor, second := l.y.as(tenants.Supervisor, "", false), l.y.as(tenants.Supervisor, "", true)
	verb, ctx, act := "", supervisor, (*casework.Service).DecideExtension
	switch p.GetKind() {
	case "return":
		return l.decideReturn(p)
	case "adjudication":
		return l.adjudicate(p)
	case "extension":
		verb = "decide_extension"
	case "suspension":
		verb, act, in.Uphold = "decide_suspension", (*casework.Service).DecideSuspension, true
	case "unreasonable":
		verb, act = "decide_unreasonable", (*casework.Service).DecideUnreasonable
	case "appeal":
		verb, act, ctx = "decide_appeal", (*casework.Service).DecideAppeal, l.y.as(tenants.Adjudicator, "", false)
	case "score_appeal":
		verb, act = "decide_score_appeal", (*casework.Service).DecideScoreAppeal
	case "contest":
		verb, act = "decide_contest", (*casework.Service).DecideContest
	}
	if p.GetStanding() == "first" {
		ctx = second
	}
	_, err := l.doAs(verb, ctx, func(c acting) (*pb.WorkOrder, error) { return act(c.Service, c.ctx, in) })
	return err
}

func (l *life) decideReturn(p *pb.Application) error {
	if p.GetHeard() == "" && p.GetSuggestedUnit() != "" && !l.fate["silent"] {
		_, err := l.do("hear", tenants.Handler, p.GetSuggestedUnit(), func(c acting) (*pb.WorkOrder, error) {
			return c.Hear(c.ctx, &pb.HearRequest{Name: c.name, Application: p.GetId(), Agree: l.dice.IntN(2) == 0, Words: "经核对职责"})
		})
		return err
	}
	uphold := l.dice.IntN(100) < 60
	ok, err := l.do("decide_return", tenants.Dispatcher, "", func(c acting) (*pb.WorkOrder, error) {
		in := &pb.DecideReturnRequest{Name: c.name, Application: p.GetId(), Uphold: uphold, Words: "依据派单目录"}
		if uphold && p.GetHeard() != "" && l.dice.IntN(2) == 0 {
			in.Lead = p.GetSuggestedUnit()
		}
		return c.DecideReturn(c.ctx, in)
	})
	if !ok || err != nil {
		return err
	}
	if lead := l.lead(); lead != "" {
		l.unit = lead
	} else if p.GetSuggestedUnit() != "" {
		l.unit = p.GetSuggestedUnit()
	}
	if !uphold && l.dice.IntN(100) < 30 {
		_, err = l.do("dispute", tenants.Handler, p.GetAskedUnit(), func(c acting) (*pb.WorkOrder, error) {
			return c.Dispute(c.ctx, &pb.DisputeRequest{Name: c.name, Application: p.GetId(), Ground: "与三定方案不符"})
		})
	}
	return err
}

func (l *life) adjudicate(p *pb.Application) error {
	_, err := l.do("adjudicate", tenants.Adjudicator, "", func(c acting) (*pb.WorkOrder, error) {
		in := &pb.AdjudicateRequest{Name: c.name, Application: p.GetId(), Words: "按职责分工裁决", Lead: l.elsewhere("")}
		if l.order.GetState() == pb.State_CONCLUDED && l.dice.IntN(2) == 0 {
			in.Stands, in.Lead = true, ""
		}
		return c.Adjudicate(c.ctx, in)
	})
	return err
}

// delegate hands the lead's part down to the first unit below it, where there is one.
func (l *life) delegate(lead string) (bool, error) {
	tree, err := l.y.house.Directory.Tree(l.y.platform())
	if err != nil {
		return false, err
	}
	for _, code := range names(tree) {
		if tree[code].Parent == lead && !tree[code].Retired {
			return l.do("delegate", tenants.Handler, lead, func(c acting) (*pb.WorkOrder, error) {
				return c.Delegate(c.ctx, &pb.DelegateRequest{Name: c.name, Unit: code, Instruction: "请现场核实"})
			})
		}
	}
	return false, nil
}

// assisting lets the other units of the order do their part; some are late and don't hold the lead up.
func (l *life) assisting(lead string) (bool, error) {
	for _, p := range l.order.GetAssignments() {
		if p.GetUnit() == lead || p.GetEndTime() != nil || l.dice.IntN(100) < 20 {
			continue
		}
		unit := p.GetUnit()
		switch {
		case p.GetSignTime() == nil:
			return l.do("sign", tenants.Handler, unit, func(c acting) (*pb.WorkOrder, error) { return c.Sign(c.ctx, &pb.SignRequest{Name: c.name}) })
		case p.GetContactTime() == nil:
			return l.do("contact", tenants.Handler, unit, func(c acting) (*pb.WorkOrder, error) {
				return c.Contact(c.ctx, &pb.ContactRequest{Name: c.name, Reached: true, Means: "visit", Note: "已到现场"})
			})
		case p.GetState() == pb.State_HANDLING:
			return l.do("reply", tenants.Handler, unit, func(c acting) (*pb.WorkOrder, error) {
				return c.Reply(c.ctx, &pb.ReplyRequest{Name: c.name, Draft: answer(pb.Conclusion_PARTLY_SOLVED)})
			})
		}
	}
	return false, nil
}

func (l *life) awaiting() bool {
	for _, c := range l.order.GetClocks() {
		if c.GetStep() == casework.ClockAwaiting && c.GetStopTime() == nil {
			return true
		}
	}
	return false
}

// concluded: the citizen is called, on different days and hours.
func (l *life) concluded() (acted bool, again time.Duration, err error) {
	l.calls++
	if l.calls%4 == 0 {
		acted, err = l.do("close", tenants.CallbackAgent, "", func(c acting) (*pb.WorkOrder, error) { return c.Close(c.ctx, &pb.CloseRequest{Name: c.name}) })
		return acted, l.wait(60, 300), err
	}
	reached, unsolved := l.dice.IntN(100) < 70, l.fate["unsolved"] && l.dice.IntN(10) < 8
	in := &pb.CallbackRequest{Reached: reached, Channel: "phone"}
	if reached {
		in.Contacted, in.Solved, in.ResultGrade, in.AttitudeGrade = true, !unsolved, pb.Grade(1+l.dice.IntN(3)), pb.Grade_SATISFIED
		if unsolved {
			in.ResultGrade = pb.Grade_DISSATISFIED
		}
	}
	acted, err = l.do("callback", tenants.CallbackAgent, "", func(c acting) (*pb.WorkOrder, error) {
		in.Name = c.name
		return c.Callback(c.ctx, in)
	})
	return acted, 25*hour + l.wait(0, 120), err
}

// suspended: the supervisor reviews every month, now and then forgets, and the platform ends it.
func (l *life) suspended() (acted bool, again time.Duration, err error) {
	if l.dice.IntN(100) < 10 {
		return false, 5 * day, nil
	}
	for _, p := range l.order.GetApplications() {
		if p.GetKind() == "suspension" && p.GetStanding() == "upheld" {
			acted, err = l.do("review_suspension", tenants.Supervisor, "", func(c acting) (*pb.WorkOrder, error) {
				return c.ReviewSuspension(c.ctx, &pb.DecideRequest{Name: c.name, Application: p.GetId(), Uphold: true, Words: "工程仍在进行"})
			})
		}
	}
	return acted, 25 * day, err
}

// ended: what may still happen to an order that is closed.
func (l *life) ended() (acted bool, again time.Duration, err error) {
	switch {
	case l.order.GetState() == pb.State_REDIRECTED && l.once("contest"):
		acted, err = l.citizen("contest", func(c acting) error {
			_, err := c.Contest(c.ctx, &pb.ContestRequest{Name: l.petition(), Code: l.code, Ground: "没有起诉，请求协调"})
			return err
		})
	case l.order.GetState() == pb.State_REDIRECTED:
		return false, 0, nil
	case l.once("rate"):
		acted, err = l.rate()
	case l.once("appealScore"):
		acted, err = l.do("appeal_score", tenants.Handler, l.order.GetAssignments()[0].GetUnit(), func(c acting) (*pb.WorkOrder, error) {
			return c.AppealScore(c.ctx, &pb.AppealScoreRequest{Name: c.name, Figure: pb.Figure_SATISFACTION, Ground: "属执法案件", Evidence: "立案文书"})
		})
	case l.order.GetMarks().GetUnreasonable() && !l.fate["silent"] && !l.asked("appeal"):
		acted, err = l.citizen("appeal", func(c acting) error {
			_, err := c.Appeal(c.ctx, &pb.AppealRequest{Name: l.petition(), Code: l.code, Ground: "情况有新变化"})
			return err
		})
	case l.once("reopen"):
		acted, err = l.do("reopen", tenants.Supervisor, "", func(c acting) (*pb.WorkOrder, error) {
			return c.Reopen(c.ctx, &pb.ReopenRequest{Name: c.name, Reason: "市民反映问题复发"})
		})
	default:
		return false, 0, nil
	}
	return acted, l.wait(60, 900), err
}

func (l *life) asked(kind string) bool {
	return slices.ContainsFunc(l.order.GetApplications(), func(p *pb.Application) bool { return p.GetKind() == kind })
}

func (l *life) rate() (bool, error) {
	link, err := l.y.house.Casework.InviteRating(l.y.as(tenants.CallbackAgent, "", false), &pb.InviteRatingRequest{Name: l.order.GetName()})
	if ok, fatal := l.y.tried("invite_rating", err); !ok {
		return false, fatal
	}
	token := link.GetLink()[len("/rate/"+city+"/"):]
	return l.citizen("rate", func(c acting) error {
		_, err := c.Rate(c.ctx, &pb.RateRequest{Parent: "tenants/" + city, Token: token, ResultGrade: pb.Grade(1 + l.dice.IntN(5)),
			AttitudeGrade: pb.Grade_SATISFIED})
		return err
	})
}

// other is the number of another order of the same lead that is in work.
func (y *year) other(l *life) string {
	for i := len(y.lives) - 1; i >= max(0, len(y.lives)-200); i-- {
		x := y.lives[i]
		if x != l && x.unit == l.unit && x.order.GetState() == pb.State_HANDLING {
			return x.order.GetNumber()
		}
	}
	return ""
}

// names are the keys of a map in one order.
func names[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
