package main

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/tenants"
)

// life is one order and what fate has in store for it. The shares follow domain.md §6 and §8.
type life struct {
	y      *year
	dice   *rand.Rand
	sample nation.Request
	order  *pb.WorkOrder
	code   string
	unit   string
	fate   map[string]bool
	calls  int
	idle   int  // wakes without an act
	known  bool // the order is as the last act left it
}

// fates are what may befall an order, in per mille.
var fates = map[string]int{"return": 40, "returnAgain": 15, "extend": 60, "suspend": 6, "await": 30, "delegate": 80, "withdraw": 10,
	"urge": 90, "press": 20, "escalate": 8, "supervise": 10, "unreasonable": 4, "appealScore": 6, "late": 60, "lateSign": 50,
	"rate": 200, "reopen": 4, "unsolved": 60, "contest": 60, "merge": 30, "handOff": 5, "silent": 300, "file": 0}

// born takes the order in.
func (y *year) born(i uint64) error {
	l := &life{y: y, dice: rand.New(rand.NewPCG(y.seed, i+1)), fate: map[string]bool{}}
	l.sample = y.samples[l.dice.IntN(len(y.samples))]
	l.sample.City, l.sample.ID, l.unit = city, "", nation.UnitCode(l.sample.Lead)
	for _, name := range names(fates) { // always in one order, so that the dice fall alike
		l.fate[name] = l.dice.IntN(1000) < fates[name]
	}
	in := play.Intake(l.sample)
	in.RequestId, in.Facts.SourceId = "", ""
	in.Facts.Location = fmt.Sprintf("%s%d号", in.Facts.GetLocation(), l.dice.IntN(200))
	in.Facts.Caller.Phone = fmt.Sprintf("1%d%d0000%04d", 3+l.dice.IntN(6), l.dice.IntN(10), l.dice.IntN(10000))
	in.Facts.Urgency = []pb.Urgency{pb.Urgency_CRITICAL, pb.Urgency_URGENT, pb.Urgency_COMPLEX, pb.Urgency_NORMAL}[pick(l.dice, 10, 80, 50)]
	switch pick(l.dice, 500, 30) { // half is answered at once, a few are shown another door
	case 0:
		in.Facts.Kind, in.Disposition, in.Told, in.Citation = pb.Kind_CONSULT, pb.Disposition_ANSWERED_ON_SPOT, "请先到属地窗口登记。", "知识库 第1版"
	case 1:
		in.Disposition, in.Reason, in.Told = pb.Disposition_LEGAL_CHANNEL, "诉讼", "请向有管辖权的人民法院起诉，可拨12368咨询。"
	}
	out, err := y.house.Casework.Intake(y.as(tenants.Agent, "", false), in)
	if ok, fatal := y.tried("intake", err); !ok {
		return fatal
	}
	l.order, l.code = out.GetWorkOrder(), out.GetCode()
	if y.lives = append(y.lives, l); len(y.lives) > 400 { // only the latest are merged into
		y.lives = slices.Clone(y.lives[200:])
	}
	l.wake(l.wait(5, 40))
	return nil
}

// pick is the index of the per mille share that the dice hit, or their number for the rest.
func pick(dice *rand.Rand, shares ...int) int {
	n := dice.IntN(1000)
	for i, s := range shares {
		if n < s {
			return i
		}
		n -= s
	}
	return len(shares)
}

// wait is a span of minutes between two bounds.
func (l *life) wait(from, to int) time.Duration {
	return time.Duration(from+l.dice.IntN(to-from)) * time.Minute
}

// wake lets the people look at the order again after a while, in their hours.
func (l *life) wake(after time.Duration) {
	at := l.y.now.Add(after)
	l.y.at(at, l.live)
}

// live is one look at the order: at most one act, by whoever's turn it is.
func (l *life) live() error {
	if !l.known {
		o, err := l.y.house.Casework.GetWorkOrder(l.y.as(tenants.Supervisor, "", false), &pb.GetWorkOrderRequest{Name: l.order.GetName()})
		if err != nil {
			return err
		}
		l.order = o
	}
	l.known = false
	acted, again, err := l.turn()
	if err != nil {
		return err
	}
	if l.idle++; acted {
		l.idle = 0
	}
	if again == 0 || l.idle > 400 {
		return nil
	}
	l.known = l.known && acted && again < 12*hour
	l.wake(again)
	return nil
}

const (
	hour = time.Hour
	day  = 24 * hour
)

// turn says who does what now, and when somebody looks again; 0 when nothing is left to do.
func (l *life) turn() (acted bool, again time.Duration, err error) {
	if p := l.waiting(); p != nil {
		if err := l.decide(p); err != nil {
			return false, 0, err
		}
		return true, l.wait(30, 240), nil
	}
	switch l.order.GetState() {
	case pb.State_RECEIVED:
		return l.received()
	case pb.State_DISPATCHED:
		return l.dispatched()
	case pb.State_HANDLING:
		return l.handling()
	case pb.State_REPLIED:
		acted, err = l.do("review", tenants.Reviewer, "", func(c acting) (*pb.WorkOrder, error) {
			return c.Review(c.ctx, &pb.ReviewRequest{Name: c.name, Pass: l.dice.IntN(100) >= 8, Remark: "请补充办理结果"})
		})
		return acted, l.wait(60, 600), err
	case pb.State_CONCLUDED:
		return l.concluded()
	case pb.State_SUSPENDED:
		return l.suspended()
	case pb.State_MERGED:
		return true, 2 * day, nil
	case pb.State_CLOSED, pb.State_REDIRECTED:
		return l.ended()
	}
	return false, 0, nil
}

func (l *life) received() (acted bool, again time.Duration, err error) {
	if l.once("merge") {
		if main := l.y.other(l); main != "" {
			acted, err = l.do("merge", tenants.Dispatcher, "", func(c acting) (*pb.WorkOrder, error) {
				return c.Merge(c.ctx, &pb.MergeRequest{Name: c.name, Main: main, Words: "同一事项"})
			})
			return acted, day, err
		}
	}
	if l.once("handOff") {
		acted, err = l.do("hand_off", tenants.Agent, "", func(c acting) (*pb.WorkOrder, error) {
			return c.HandOff(c.ctx, &pb.HandOffRequest{Name: c.name, Unit: "U47", ThreeWay: true, Outcome: pb.Outcome_BOTH, Words: "双方同时处置"})
		})
		return acted, hour, err
	}
	acted, err = l.do("dispatch", tenants.Dispatcher, "", func(c acting) (*pb.WorkOrder, error) {
		return c.Dispatch(c.ctx, &pb.DispatchRequest{Name: c.name, Lead: l.unit, Assist: l.assist(), Brief: l.brief(), Instruction: "请依法办理"})
	})
	return acted, l.lateOr("lateSign", l.wait(10, 300)), err
}

// lateOr is the span, or days when it is the order's fate to be late.
func (l *life) lateOr(fate string, span time.Duration) time.Duration {
	if l.fate[fate] {
		return time.Duration(2+l.dice.IntN(12)) * day
	}
	return span
}

// once says whether a fate is due, and takes it away.
func (l *life) once(fate string) bool {
	due := l.fate[fate]
	l.fate[fate] = false
	return due
}

func (l *life) assist() []string {
	var out []string
	for _, a := range l.sample.Assist {
		if code := nation.UnitCode(a); code != "" && code != l.unit {
			out = append(out, code)
		}
	}
	return out
}

func (l *life) brief() string {
	if l.sample.Kind == "report" {
		return "市民举报：" + l.sample.Title
	}
	return ""
}

func (l *life) dispatched() (acted bool, again time.Duration, err error) {
	lead := l.lead()
	if l.once("return") || l.order.GetMarks().GetReturns() > 0 && l.once("returnAgain") {
		acted, err = l.do("return", tenants.Handler, lead, func(c acting) (*pb.WorkOrder, error) {
			return c.Return(c.ctx, &pb.ReturnRequest{Name: c.name, Reason: pb.ReturnReason_OTHER_DUTY, Ground: "三定方案规定由其他部门负责",
				SuggestedUnit: l.elsewhere(lead), Evidence: "附职责分工"})
		})
		return acted, l.wait(120, 900), err
	}
	if l.once("press") {
		acted, err = l.do("urge", tenants.Supervisor, "", func(c acting) (*pb.WorkOrder, error) {
			return c.Urge(c.ctx, &pb.UrgeUnitRequest{Name: c.name, Words: "请抓紧签收"})
		})
		return acted, l.wait(60, 600), err
	}
	acted, err = l.do("sign", tenants.Handler, lead, func(c acting) (*pb.WorkOrder, error) { return c.Sign(c.ctx, &pb.SignRequest{Name: c.name}) })
	return acted, l.wait(60, 600), err
}

// elsewhere is another unit than this.
func (l *life) elsewhere(unit string) string {
	other := l.y.samples[l.dice.IntN(len(l.y.samples))]
	if code := nation.UnitCode(other.Lead); code != unit {
		return code
	}
	return map[bool]string{true: "U03", false: "U02"}[unit == "U02"]
}

func (l *life) lead() string {
	for _, a := range l.order.GetAssignments() {
		if a.GetLead() && a.GetEndTime() == nil {
			return a.GetUnit()
		}
	}
	return ""
}

// part is the unit's part that has not ended.
func (l *life) part(unit string) *pb.Assignment {
	for _, a := range l.order.GetAssignments() {
		if a.GetUnit() == unit && a.GetEndTime() == nil {
			return a
		}
	}
	return nil
}

func (l *life) handling() (acted bool, again time.Duration, err error) {
	lead := l.lead()
	if l.awaiting() { // the citizen answers, or stays silent until the clock ends
		if l.fate["silent"] {
			return false, day, nil
		}
		acted, err = l.citizen("add", func(c acting) error {
			_, err := c.Add(c.ctx, &pb.AddRequest{Name: l.petition(), Code: l.code, Facts: "补充门牌和时间"})
			return err
		})
		return acted, l.wait(60, 600), err
	}
	if l.part(lead).GetSignTime() == nil {
		acted, err = l.do("sign", tenants.Handler, lead, func(c acting) (*pb.WorkOrder, error) { return c.Sign(c.ctx, &pb.SignRequest{Name: c.name}) })
		return acted, l.wait(60, 600), err
	}
	if l.part(lead).GetContactTime() == nil {
		acted, err = l.do("contact", tenants.Handler, lead, func(c acting) (*pb.WorkOrder, error) {
			return c.Contact(c.ctx, &pb.ContactRequest{Name: c.name, Reached: true, Means: "phone", Note: "已与诉求人核实"})
		})
		return acted, l.lateOr("late", l.wait(300, 2400)), err
	}
	if acted, again, err = l.befalls(lead); acted || err != nil {
		return acted, again, err
	}
	if acted, err = l.assisting(lead); acted || err != nil {
		return acted, l.wait(30, 300), err
	}
	acted, err = l.do("reply", tenants.Handler, lead, func(c acting) (*pb.WorkOrder, error) {
		return c.Reply(c.ctx, &pb.ReplyRequest{Name: c.name, Draft: answer(pb.Conclusion_SOLVED)})
	})
	return acted, l.wait(60, 900), err
}

func answer(conclusion pb.Conclusion) *pb.Draft {
	return &pb.Draft{Conclusion: conclusion, InternalPart: "已现场核查", Measures: "现场核查、责令整改", Ground: "《信访工作条例》第二条",
		PublicPart: "您好！您反映的问题已收悉。我单位已安排人员到现场核实，并按职责采取措施处理，现场已设置安全警示。感谢您的监督。"}
}

// befalls is what fate has in store while a unit works.
func (l *life) befalls(lead string) (acted bool, again time.Duration, err error) {
	switch {
	case l.once("withdraw"):
		acted, err = l.citizen("withdraw", func(c acting) error {
			_, err := c.Withdraw(c.ctx, &pb.WithdrawRequest{Name: l.petition(), Code: l.code})
			return err
		})
		return acted, 0, err
	case l.once("urge"):
		acted, err = l.citizen("urge", func(c acting) error {
			_, err := c.UrgeFor(c.ctx, &pb.UrgeRequest{Name: l.petition(), Code: l.code})
			return err
		})
	case l.once("await"):
		acted, err = l.do("await", tenants.Handler, lead, func(c acting) (*pb.WorkOrder, error) {
			return c.Await(c.ctx, &pb.AwaitRequest{Name: c.name, Question: "请补充具体门牌和时间"})
		})
	case l.once("extend"):
		acted, err = l.do("extend", tenants.Handler, lead, func(c acting) (*pb.WorkOrder, error) {
			return c.Extend(c.ctx, &pb.ExtendRequest{Name: c.name, Days: 3 + int32(l.dice.IntN(7)), Reason: "需要检测", Ground: "检测需要时日"})
		})
	case l.once("suspend"):
		acted, err = l.do("suspend", tenants.Handler, lead, func(c acting) (*pb.WorkOrder, error) {
			return c.Suspend(c.ctx, &pb.SuspendRequest{Name: c.name, Reason: "engineering", Ground: "管线改造期间不能施工", Responsible: "工程科长",
				Milestones: "三月勘察，五月施工", UntilTime: timestamppb.New(l.y.now.AddDate(0, 1+l.dice.IntN(5), 0))})
		})
	case l.once("delegate"):
		acted, err = l.delegate(lead)
	case l.once("supervise"):
		acted, err = l.do("supervise", tenants.Supervisor, "", func(c acting) (*pb.WorkOrder, error) {
			return c.Supervise(c.ctx, &pb.SuperviseRequest{Name: c.name, Supervised: true, Words: "重点关注"})
		})
	case l.once("escalate"):
		acted, err = l.do("escalate", tenants.Supervisor, "", func(c acting) (*pb.WorkOrder, error) {
			return c.Escalate(c.ctx, &pb.EscalateRequest{Name: c.name, Words: "久拖不决"})
		})
	case l.once("unreasonable"):
		acted, err = l.do("claim_unreasonable", tenants.Handler, lead, func(c acting) (*pb.WorkOrder, error) {
			return c.ClaimUnreasonable(c.ctx, &pb.ClaimUnreasonableRequest{Name: c.name, Ground: "同一事实反复提出", Evidence: "历次答复"})
		})
	}
	return acted, l.wait(60, 900), err
}
