package casework

// State is where a work order stands (工单状态). The words are those of the contract in lower case.
type State string

// The states of flow.md; the side lives add theirs beside the assignment, not here.
const (
	None       State = ""           // before intake
	Received   State = "received"   // 已受理 待派单
	Dispatched State = "dispatched" // 已派单 待签收
	Handling   State = "handling"   // 办理中
	Replied    State = "replied"    // 已答复 待审核
	Concluded  State = "concluded"  // 已办结 待回访
	Closed     State = "closed"     // 已回访 归档
	Answered   State = "answered"   // 已直接答复
	Redirected State = "redirected" // 已转告
	Withdrawn  State = "withdrawn"  // 已撤回
)

// StateTitles are the states as screens and sentences call them.
var StateTitles = map[State]string{
	Received: "待派单", Dispatched: "待签收", Handling: "办理中", Replied: "待审核", Concluded: "待回访",
	Closed: "已归档", Answered: "已直接答复", Redirected: "已转告", Withdrawn: "已撤回",
}

// Ended says that nothing runs any more.
func (s State) Ended() bool {
	return s == Closed || s == Answered || s == Redirected || s == Withdrawn
}

// Verb is one act on a work order; the same word names the method, the file, the permission, the route and the button.
type Verb string

// The verbs of the straight way.
const (
	Intake       Verb = "intake"
	Answer       Verb = "answer"
	Redirect     Verb = "redirect"
	Dispatch     Verb = "dispatch"
	Sign         Verb = "sign"
	Contact      Verb = "contact"
	Reply        Verb = "reply"
	Review       Verb = "review"
	Callback     Verb = "callback"
	Close        Verb = "close"
	Reopen       Verb = "reopen"
	Supplement   Verb = "supplement"
	Urge         Verb = "urge"
	Withdraw     Verb = "withdraw"
	InviteRating Verb = "invite_rating"
	Rate         Verb = "rate"
)

// VerbTitles are the acts as screens and sentences call them.
var VerbTitles = map[Verb]string{
	Intake: "受理", Answer: "直接答复", Redirect: "转告", Dispatch: "派单", Sign: "签收", Contact: "联系诉求人",
	Reply: "答复", Review: "审核", Callback: "回访", Close: "归档", Reopen: "重启", Supplement: "补充",
	Urge: "催办", Withdraw: "撤回", InviteRating: "发出评价邀请", Rate: "评价",
}

// The clocks of the straight way (flow.md "Clocks").
const (
	ClockDispatch = "dispatch"
	ClockSign     = "sign"
	ClockContact  = "contact"
	ClockReply    = "reply"
	ClockReview   = "review"
	ClockCallback = "callback"
)

// ClockTitles are the clocks as screens call them.
var ClockTitles = map[string]string{
	ClockDispatch: "派单", ClockSign: "签收", ClockContact: "首次联系", ClockReply: "办理", ClockReview: "审核", ClockCallback: "回访",
}

// Who may act besides what the access rule says: nobody decides here, it is what the diagram and the acts show.
const (
	byStaff   = "staff"
	byUnit    = "unit"
	byCitizen = "citizen"
)

// Step is one row of the table of life: from this state, this verb leads to that state; these clocks start and stop.
// A unit's own clocks (sign, contact, reply) start and stop per assignment.
type Step struct {
	From   State
	Verb   Verb
	To     State
	Who    string
	Starts []string
	Stops  []string
}

// Flow is the whole straight way of a work order. No act happens that has no row here.
var Flow = []Step{
	{None, Intake, Received, byStaff, []string{ClockDispatch}, nil},
	{None, Intake, Answered, byStaff, nil, nil},
	{None, Intake, Redirected, byStaff, nil, nil},

	{Received, Answer, Answered, byStaff, nil, []string{ClockDispatch}},
	{Received, Redirect, Redirected, byStaff, nil, []string{ClockDispatch}},
	{Received, Dispatch, Dispatched, byStaff, []string{ClockSign, ClockContact, ClockReply}, []string{ClockDispatch}},

	{Dispatched, Sign, Handling, byUnit, nil, []string{ClockSign}},
	{Dispatched, Sign, Dispatched, byUnit, nil, []string{ClockSign}}, // an assisting unit before the lead
	{Handling, Sign, Handling, byUnit, nil, []string{ClockSign}},     // … or after it
	{Replied, Sign, Replied, byUnit, nil, []string{ClockSign}},
	{Dispatched, Contact, Dispatched, byUnit, nil, []string{ClockContact}}, // an assisting unit that signed early
	{Handling, Contact, Handling, byUnit, nil, []string{ClockContact}},
	{Replied, Contact, Replied, byUnit, nil, []string{ClockContact}},
	{Handling, Reply, Replied, byUnit, []string{ClockReview}, []string{ClockReply, ClockContact}},
	{Handling, Reply, Handling, byUnit, nil, []string{ClockReply, ClockContact}}, // an assisting unit's part
	{Dispatched, Reply, Dispatched, byUnit, nil, []string{ClockReply, ClockContact}},
	{Replied, Reply, Replied, byUnit, nil, []string{ClockReply, ClockContact}},

	{Replied, Review, Concluded, byStaff, []string{ClockCallback}, []string{ClockReview, ClockSign, ClockContact, ClockReply}},
	{Replied, Review, Handling, byStaff, []string{ClockReply}, []string{ClockReview}}, // 返工

	{Concluded, Callback, Concluded, byStaff, nil, nil}, // not reached
	{Concluded, Callback, Closed, byStaff, nil, []string{ClockCallback}},
	{Concluded, Callback, Handling, byStaff, []string{ClockReply}, []string{ClockCallback}}, // 重办
	{Concluded, Close, Closed, byStaff, nil, []string{ClockCallback}},

	{Closed, Reopen, Handling, byStaff, []string{ClockReply}, nil},
	{Answered, Reopen, Received, byStaff, []string{ClockDispatch}, nil},
	{Redirected, Reopen, Received, byStaff, []string{ClockDispatch}, nil},

	{Received, Supplement, Received, byCitizen, nil, nil},
	{Dispatched, Supplement, Dispatched, byCitizen, nil, nil},
	{Handling, Supplement, Handling, byCitizen, nil, nil},
	{Replied, Supplement, Replied, byCitizen, nil, nil},
	{Received, Urge, Received, byCitizen, nil, nil},
	{Dispatched, Urge, Dispatched, byCitizen, nil, nil},
	{Handling, Urge, Handling, byCitizen, nil, nil},
	{Replied, Urge, Replied, byCitizen, nil, nil},
	{Received, Withdraw, Withdrawn, byCitizen, nil, []string{ClockDispatch}},
	{Dispatched, Withdraw, Withdrawn, byCitizen, nil, []string{ClockSign, ClockContact, ClockReply}},
	{Handling, Withdraw, Withdrawn, byCitizen, nil, []string{ClockSign, ClockContact, ClockReply}},

	{Concluded, InviteRating, Concluded, byStaff, nil, nil},
	{Closed, InviteRating, Closed, byStaff, nil, nil},
	{Answered, InviteRating, Answered, byStaff, nil, nil},
	{Concluded, Rate, Concluded, byCitizen, nil, nil},
	{Closed, Rate, Closed, byCitizen, nil, nil},
	{Answered, Rate, Answered, byCitizen, nil, nil},
	{Handling, Rate, Handling, byCitizen, nil, nil}, // a link sent before the order was reopened
	{Replied, Rate, Replied, byCitizen, nil, nil},
	{Received, Rate, Received, byCitizen, nil, nil},
}

// allows says whether the verb can be done at all in the state.
func allows(from State, verb Verb) bool {
	for _, s := range Flow {
		if s.From == from && s.Verb == verb {
			return true
		}
	}
	return false
}

// leads says whether the verb may lead from the one state to the other.
func leads(from State, verb Verb, to State) bool {
	for _, s := range Flow {
		if s.From == from && s.Verb == verb && s.To == to {
			return true
		}
	}
	return false
}
