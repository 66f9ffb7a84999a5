package casework

import "slices"

// State is where a work order stands (工单状态). The words are those of the contract in lower case.
type State string

// The states of flow.md; what a side life is waiting for stands in its application, not here.
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
	Suspended  State = "suspended"  // 挂账
	Merged     State = "merged"     // 已并单: its main order's answer serves it
)

// The states between cities (跨域转办). Which city has the case stands in the ledger of the region; these follow it.
const (
	Transferring State = "transferring" // 转办待接收: offered, still ours
	Transferred  State = "transferred"  // 外市办理: another city has it
	Offered      State = "offered"      // 外市转入待接收: another city's still
	Declined     State = "declined"     // 已拒收
)

// StateTitles are the states as screens and sentences call them.
var StateTitles = map[State]string{
	Received: "待派单", Dispatched: "待签收", Handling: "办理中", Replied: "待审核", Concluded: "待回访",
	Closed: "已归档", Answered: "已直接答复", Redirected: "已转告", Withdrawn: "已撤回",
	Suspended: "挂账", Merged: "已并单",
	Transferring: "转办待接收", Transferred: "外市办理", Offered: "外市转入待接收", Declined: "已拒收",
}

// Ended says that nothing runs any more.
func (s State) Ended() bool {
	return s == Closed || s == Answered || s == Redirected || s == Withdrawn || s == Declined
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

// The verbs of the side lives.
const (
	Delegate           Verb = "delegate"
	Return             Verb = "return"
	Hear               Verb = "hear"
	DecideReturn       Verb = "decide_return"
	Dispute            Verb = "dispute"
	Adjudicate         Verb = "adjudicate"
	Extend             Verb = "extend"
	DecideExtension    Verb = "decide_extension"
	Suspend            Verb = "suspend"
	DecideSuspension   Verb = "decide_suspension"
	ReviewSuspension   Verb = "review_suspension"
	Resume             Verb = "resume"
	Await              Verb = "await"
	ClaimUnreasonable  Verb = "claim_unreasonable"
	DecideUnreasonable Verb = "decide_unreasonable"
	Appeal             Verb = "appeal"
	DecideAppeal       Verb = "decide_appeal"
	AppealScore        Verb = "appeal_score"
	DecideScoreAppeal  Verb = "decide_score_appeal"
	Contest            Verb = "contest"
	DecideContest      Verb = "decide_contest"
	Merge              Verb = "merge"
	Split              Verb = "split"
	Join               Verb = "join"
	Conclude           Verb = "conclude"
	Supervise          Verb = "supervise"
	Escalate           Verb = "escalate"
	Climb              Verb = "climb"
	Lapse              Verb = "lapse"
	HandOff            Verb = "hand_off"
	HandBack           Verb = "hand_back"
	Attach             Verb = "attach"
	Correct            Verb = "correct"
	Reclaim            Verb = "reclaim"
)

// The verbs between cities.
const (
	Transfer Verb = "transfer"
	Recall   Verb = "recall"
	Refer    Verb = "refer"
	SignFor  Verb = "sign_for"
	Accept   Verb = "accept"
	Decline  Verb = "decline"
	Relay    Verb = "relay"
)

// VerbTitles are the acts as screens and sentences call them.
var VerbTitles = map[Verb]string{
	Intake: "受理", Answer: "直接答复", Redirect: "转告", Dispatch: "派单", Sign: "签收", Contact: "联系诉求人",
	Reply: "答复", Review: "审核", Callback: "回访", Close: "归档", Reopen: "重启", Supplement: "补充",
	Urge: "催办", Withdraw: "撤回", InviteRating: "发出评价邀请", Rate: "评价",
	Delegate: "下派", Return: "申请退单", Hear: "陈述意见", DecideReturn: "退单审核", Dispute: "退单异议", Adjudicate: "裁决",
	Extend: "申请延期", DecideExtension: "延期审批", Suspend: "申请挂账", DecideSuspension: "挂账审批",
	ReviewSuspension: "挂账复核", Resume: "恢复办理", Await: "待补充", ClaimUnreasonable: "申请认定不合理诉求",
	DecideUnreasonable: "不合理诉求审核", Appeal: "申诉", DecideAppeal: "申诉复核", AppealScore: "考核申诉",
	DecideScoreAppeal: "考核申诉审核", Contest: "对不予受理提出异议", DecideContest: "异议复核", Merge: "并单", Split: "拆单",
	Join: "并入件", Conclude: "随主单办结", Supervise: "督办", Escalate: "提级办理", Climb: "超期上报", Lapse: "到期处理",
	HandOff: "紧急联动", HandBack: "联动退回", Attach: "上传附件", Correct: "更正", Reclaim: "收回领取",
	Transfer: "跨域转办", Recall: "收回转办", Refer: "提请指定", SignFor: "签收转办", Accept: "接收转办", Decline: "拒收转办", Relay: "跨域回执",
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

// The clocks of the side lives: those of a decision, and those whose end itself does something (chores.go).
const (
	ClockReturn      = "return_review"
	ClockHearing     = "hearing"
	ClockAdjudicate  = "adjudication"
	ClockExtension   = "extension_decision"
	ClockSuspension  = "suspension_decision"
	ClockSuspended   = "suspended"         // until the date of a suspension
	ClockReviewing   = "suspension_review" // until its next review
	ClockAwaiting    = "awaiting"
	ClockUnreason    = "unreasonable_review"
	ClockExpiry      = "unreasonable_expiry"
	ClockAppeal      = "appeal_review"
	ClockScoreAppeal = "score_appeal_review"
	ClockContest     = "contest_review"
	ClockClimb       = "climb"
)

// The clocks of what another city offers; when the second runs out, silence is acceptance. ClockAway is the origin's own: who took the
// case in stays answerable until the other city has it, so somebody here is told when no answer comes.
const (
	ClockSignFor = "transfer_sign"
	ClockAnswer  = "transfer_answer"
	ClockAway    = "transfer_away"
)

// ClockTitles are the clocks as screens call them.
var ClockTitles = map[string]string{
	ClockDispatch: "派单", ClockSign: "签收", ClockContact: "首次联系", ClockReply: "办理", ClockReview: "审核", ClockCallback: "回访",
	ClockReturn: "退单审核", ClockHearing: "听取意见", ClockAdjudicate: "裁决", ClockExtension: "延期审批",
	ClockSuspension: "挂账审批", ClockSuspended: "挂账", ClockReviewing: "挂账复核", ClockAwaiting: "待补充",
	ClockUnreason: "不合理诉求审核", ClockExpiry: "不合理认定有效期", ClockAppeal: "申诉复核", ClockScoreAppeal: "考核申诉审核",
	ClockContest: "异议复核", ClockClimb: "超期上报",
	ClockSignFor: "转办签收", ClockAnswer: "转办接收", ClockAway: "等待对方接收",
}

// sideClocks belong to applications and go on whatever the order's state; unitClocks are those of one unit's part.
var (
	sideClocks  = []string{ClockUnreason, ClockExpiry, ClockAppeal, ClockScoreAppeal, ClockContest}
	offerClocks = []string{ClockSignFor, ClockAnswer}
	awayClocks  = []string{ClockDispatch, ClockAway} // one of them runs while the case is on its way and still ours
	unitClocks  = []string{ClockSign, ClockContact, ClockReply, ClockClimb, ClockAwaiting}
	// silences are the clocks at whose end nobody is late: silence counts, or a date has come.
	silences = []string{ClockHearing, ClockAwaiting, ClockSuspended, ClockExpiry, ClockAnswer}
	// workClocks end with the work: none of them runs when an order has concluded.
	workClocks = append([]string{ClockReturn, ClockHearing, ClockAdjudicate, ClockExtension, ClockSuspension, ClockSuspended, ClockReviewing}, unitClocks...)
)

// held are the clocks of a unit's answer. They wait while something that is not the unit's stands in the way: holding are the acts
// that let them wait, freeing those that let them go on.
var (
	held    = []string{ClockContact, ClockReply}
	holding = []Verb{Await, DecideSuspension, Return, Dispute}
	freeing = []Verb{Supplement, Attach, Adjudicate, Resume, ReviewSuspension, Lapse, Relay}
)

// Who may act besides what the access rule says: nobody decides here, it is what the diagram and the acts show.
const (
	byStaff   = "staff"
	byUnit    = "unit"
	byCitizen = "citizen"
	byClock   = "platform" // a clock that ran out, or what follows from an act on another order
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

// Flow is the whole life of a work order. No act happens that has no row here.
var Flow = slices.Concat(straight, sides, between,
	stay(Supplement, byCitizen, nil, []string{ClockAwaiting}, open...),
	stay(Attach, byCitizen, nil, []string{ClockAwaiting}, open...),
	stay(Correct, byCitizen, nil, nil, Received, Dispatched, Handling, Suspended, Merged),
	stay(Urge, byCitizen, nil, nil, open...),
	stay(Supervise, byStaff, nil, nil, append(open, Concluded)...),
	stay(Reclaim, byStaff, nil, nil, Received, Replied, Concluded),
	stay(Return, byUnit, []string{ClockReturn, ClockHearing, ClockAdjudicate}, []string{ClockReturn}, Dispatched, Handling),
	stay(Hear, byUnit, nil, []string{ClockHearing}, atWork...),
	stay(Dispute, byUnit, []string{ClockAdjudicate}, nil, Dispatched, Handling),
	stay(Extend, byUnit, []string{ClockExtension}, nil, atWork...),
	stay(DecideExtension, byStaff, nil, []string{ClockExtension, ClockClimb}, atWork...),
	stay(Delegate, byUnit, []string{ClockSign, ClockContact, ClockReply}, nil, Dispatched, Handling),
	stay(HandOff, byStaff, nil, nil, append(atWork, Suspended)...), // a danger that shows later: both act
	stay(HandBack, byUnit, nil, nil, Received, Dispatched, Handling, Replied, Suspended),
	stay(Join, byClock, nil, nil, Received, Dispatched, Handling, Replied, Suspended), // another order was merged into this one
	stay(Climb, byClock, []string{ClockClimb}, []string{ClockClimb}, append(atWork, Suspended)...),
	stay(ClaimUnreasonable, byUnit, []string{ClockUnreason}, nil, Handling, Replied, Concluded, Closed),
	stay(DecideUnreasonable, byStaff, []string{ClockUnreason, ClockExpiry}, []string{ClockUnreason}, everywhere...),
	stay(Appeal, byCitizen, []string{ClockAppeal}, nil, everywhere...),
	stay(DecideAppeal, byStaff, nil, []string{ClockAppeal, ClockExpiry}, everywhere...),
	stay(AppealScore, byUnit, []string{ClockScoreAppeal}, nil, Closed),
	stay(DecideScoreAppeal, byStaff, []string{ClockScoreAppeal}, []string{ClockScoreAppeal}, everywhere...),
	stay(Rate, byCitizen, nil, nil, Concluded, Closed, Answered, Received, Dispatched, Handling, Replied, Suspended), // a link outlives a reopening
	stay(Lapse, byClock, nil, []string{ClockHearing, ClockAwaiting, ClockExpiry}, everywhere...),
)

// open are the states in which a citizen still waits for an answer, atWork those in which a unit works on one; everywhere are
// all that come after dispatch: a claim may be decided whatever has become of the order meanwhile.
var (
	answered   = append([]string{ClockReturn, ClockHearing, ClockExtension, ClockSuspension}, unitClocks...) // what a unit's answer ends
	open       = []State{Received, Dispatched, Handling, Replied, Suspended, Merged, Transferring, Transferred}
	atWork     = []State{Dispatched, Handling, Replied}
	everywhere = []State{Received, Dispatched, Handling, Replied, Suspended, Merged, Concluded, Closed, Withdrawn, Redirected, Answered,
		Transferring, Transferred, Offered, Declined}
)

// stay are the rows of an act that leaves the order where it is.
func stay(verb Verb, who string, starts, stops []string, in ...State) []Step {
	rows := make([]Step, len(in))
	for i, s := range in {
		rows[i] = Step{s, verb, s, who, starts, stops}
	}
	return rows
}

// sides are the side lives that move the order.
var sides = []Step{
	{Dispatched, DecideReturn, Dispatched, byStaff, []string{ClockSign, ClockContact, ClockReply}, workClocks},
	{Dispatched, DecideReturn, Received, byStaff, []string{ClockDispatch}, workClocks},
	{Handling, DecideReturn, Handling, byStaff, nil, answered}, // an assisting unit's, or one rejected
	{Replied, DecideReturn, Replied, byStaff, nil, answered},
	{Handling, DecideReturn, Dispatched, byStaff, []string{ClockSign, ClockContact, ClockReply}, workClocks},
	{Handling, DecideReturn, Received, byStaff, []string{ClockDispatch}, workClocks},
	{Dispatched, Adjudicate, Handling, byStaff, []string{ClockSign, ClockContact, ClockReply}, workClocks},
	{Handling, Adjudicate, Handling, byStaff, []string{ClockSign, ClockContact, ClockReply}, workClocks},
	{Concluded, Adjudicate, Handling, byStaff, []string{ClockSign, ClockContact, ClockReply}, []string{ClockAdjudicate, ClockCallback, ClockSign}},
	{Concluded, Adjudicate, Closed, byStaff, nil, []string{ClockAdjudicate, ClockCallback}},

	{Handling, Suspend, Handling, byUnit, []string{ClockSuspension}, nil},
	{Handling, DecideSuspension, Suspended, byStaff, []string{ClockSuspended, ClockReviewing}, []string{ClockSuspension}},
	{Handling, DecideSuspension, Handling, byStaff, nil, []string{ClockSuspension}},
	{Suspended, ReviewSuspension, Suspended, byStaff, []string{ClockReviewing}, []string{ClockReviewing}},
	{Suspended, ReviewSuspension, Handling, byStaff, nil, []string{ClockReviewing, ClockSuspended}},
	{Suspended, Resume, Handling, byUnit, nil, []string{ClockReviewing, ClockSuspended}},
	{Suspended, Lapse, Handling, byClock, nil, []string{ClockReviewing, ClockSuspended}},
	{Handling, Await, Handling, byUnit, []string{ClockAwaiting}, nil},

	{Dispatched, Escalate, Dispatched, byStaff, []string{ClockSign, ClockContact, ClockReply}, workClocks},
	{Handling, Escalate, Dispatched, byStaff, []string{ClockSign, ClockContact, ClockReply}, workClocks},

	{Received, Merge, Merged, byStaff, nil, []string{ClockDispatch}},
	{Dispatched, Merge, Merged, byStaff, nil, workClocks},
	{Merged, Split, Received, byStaff, []string{ClockDispatch}, nil},
	{Merged, Conclude, Concluded, byClock, []string{ClockCallback}, nil},

	{Received, HandOff, Received, byStaff, nil, nil},
	{Received, HandOff, Redirected, byStaff, nil, []string{ClockDispatch}},
	{Redirected, HandBack, Received, byUnit, []string{ClockDispatch}, nil},

	{Redirected, Contest, Redirected, byCitizen, []string{ClockContest}, nil},
	{Redirected, DecideContest, Redirected, byStaff, nil, []string{ClockContest}},
	{Redirected, DecideContest, Received, byStaff, []string{ClockDispatch}, []string{ClockContest}},
}

// between are the ways between cities. What a person asks for here changes nothing until the ledger has it; what the ledger says
// comes as a relay (跨域回执).
var between = slices.Concat([]Step{
	{Received, Transfer, Transferring, byStaff, []string{ClockAway}, []string{ClockDispatch}},
	{Transferring, Transfer, Transferring, byStaff, []string{ClockAway}, awayClocks}, // declined, and offered again
	{Transferring, Refer, Transferring, byStaff, []string{ClockAway}, awayClocks},
	{Declined, Refer, Declined, byStaff, nil, nil}, // our papers for the coordinator, when the origin disputes it
	{Received, Refer, Received, byStaff, nil, nil}, // our objection, when silence was quicker than our decline
	{Transferring, Recall, Transferring, byStaff, []string{ClockAway}, awayClocks},
	{Transferring, Recall, Received, byStaff, []string{ClockDispatch}, awayClocks}, // the offer had not left yet
	{Transferring, Withdraw, Transferring, byCitizen, []string{ClockAway}, awayClocks},
	{Transferring, Withdraw, Withdrawn, byCitizen, nil, awayClocks},
	{Transferring, Relay, Transferring, byClock, awayClocks, awayClocks}, // declined: somebody decides anew
	{Transferring, Relay, Transferred, byClock, nil, awayClocks},
	{Transferring, Relay, Received, byClock, []string{ClockDispatch}, awayClocks}, // recalled, or designated to us
	{Transferring, Relay, Withdrawn, byClock, nil, awayClocks},
	{Transferred, Relay, Transferred, byClock, nil, nil},
	{Transferred, Relay, Received, byClock, []string{ClockDispatch}, nil},
	{Transferred, Relay, Concluded, byClock, []string{ClockCallback}, nil},
	{Transferred, Relay, Closed, byClock, nil, nil},

	{None, Intake, Offered, byClock, offerClocks, nil},
	{Offered, SignFor, Offered, byStaff, nil, []string{ClockSignFor}},
	{Offered, Accept, Offered, byStaff, nil, []string{ClockSignFor}},
	{Offered, Decline, Offered, byStaff, nil, []string{ClockSignFor}},
	{Offered, Relay, Offered, byClock, offerClocks, offerClocks},
	{Offered, Relay, Received, byClock, []string{ClockDispatch}, offerClocks},
	{Offered, Relay, Declined, byClock, nil, offerClocks},
	{Offered, Relay, Withdrawn, byClock, nil, offerClocks},
	{Declined, Relay, Offered, byClock, offerClocks, nil},
	{Withdrawn, Relay, Offered, byClock, offerClocks, nil},

	{Concluded, Relay, Concluded, byClock, []string{ClockCallback}, []string{ClockCallback, ClockAwaiting}}, // the ledger did not take our callback
	{Concluded, Relay, Transferred, byClock, nil, []string{ClockCallback, ClockAdjudicate}},                 // the other city does it again, or another is designated
	{Concluded, Relay, Received, byClock, []string{ClockDispatch}, []string{ClockCallback, ClockAdjudicate}},
	{Concluded, Relay, Closed, byClock, nil, []string{ClockCallback, ClockAdjudicate}},
	{Concluded, Relay, Handling, byClock, []string{ClockReply}, []string{ClockCallback, ClockAdjudicate}},
	{Closed, Relay, Handling, byClock, []string{ClockReply}, nil}, // the origin called too, was first, and it did not help
},
	// What the ledger says has a line in the history wherever the order stands; TestEveryActOfTheLedgerFindsItsWayFromEveryStateOfAnOrder.
	stay(Relay, byClock, nil, []string{ClockAwaiting}, Received, Dispatched, Handling, Replied, Suspended, Merged),
	stay(Relay, byClock, nil, nil, Closed, Answered, Redirected, Withdrawn, Declined),
	// The case comes to us, or back to us: accepted by silence, designated, or the origin's callback says that it did not help.
	lead(Relay, byClock, []string{ClockDispatch}, nil, Received, Closed, Answered, Redirected, Withdrawn, Declined),
	// The region took the case from us, as it may from a city that it revoked: for us it is over, or, where it began here, another city's.
	lead(Relay, byClock, nil, slices.Concat([]string{ClockDispatch, ClockReview, ClockCallback}, workClocks), Withdrawn,
		Received, Dispatched, Handling, Replied, Suspended, Merged, Concluded),
	lead(Relay, byClock, nil, slices.Concat([]string{ClockDispatch, ClockReview}, workClocks), Transferred,
		Received, Dispatched, Handling, Replied, Suspended, Merged))

// lead are the rows of an act that brings the order to one state from wherever it is.
func lead(verb Verb, who string, starts, stops []string, to State, from ...State) []Step {
	rows := make([]Step, len(from))
	for i, s := range from {
		rows[i] = Step{s, verb, to, who, starts, stops}
	}
	return rows
}

// straight is the way of an order with nothing in its way.
var straight = []Step{
	{None, Intake, Received, byStaff, []string{ClockDispatch}, nil},
	{None, Intake, Answered, byStaff, nil, nil},
	{None, Intake, Redirected, byStaff, nil, nil},

	{Received, Answer, Answered, byStaff, nil, []string{ClockDispatch}},
	{Received, Redirect, Redirected, byStaff, nil, []string{ClockDispatch}},
	{Received, Dispatch, Dispatched, byStaff, []string{ClockSign, ClockContact, ClockReply}, []string{ClockDispatch}},

	{Dispatched, Sign, Handling, byUnit, nil, []string{ClockSign, ClockClimb}},
	{Dispatched, Sign, Dispatched, byUnit, nil, []string{ClockSign, ClockClimb}}, // an assisting unit before the lead
	{Handling, Sign, Handling, byUnit, nil, []string{ClockSign, ClockClimb}},     // … or after it
	{Replied, Sign, Replied, byUnit, nil, []string{ClockSign, ClockClimb}},
	{Dispatched, Contact, Dispatched, byUnit, nil, []string{ClockContact}}, // an assisting unit that signed early
	{Handling, Contact, Handling, byUnit, nil, []string{ClockContact}},
	{Replied, Contact, Replied, byUnit, nil, []string{ClockContact}},
	{Handling, Reply, Replied, byUnit, []string{ClockReview}, answered},
	{Handling, Reply, Handling, byUnit, nil, answered}, // an assisting unit's part
	{Dispatched, Reply, Dispatched, byUnit, nil, answered},
	{Replied, Reply, Replied, byUnit, nil, answered},

	{Replied, Review, Concluded, byStaff, []string{ClockCallback}, append([]string{ClockReview}, workClocks...)},
	{Replied, Review, Handling, byStaff, []string{ClockReply}, []string{ClockReview}}, // 返工

	{Concluded, Callback, Concluded, byStaff, []string{ClockAdjudicate}, []string{ClockCallback}}, // not reached, or unsolved after the last round
	{Concluded, Callback, Closed, byStaff, nil, []string{ClockCallback, ClockAdjudicate}},
	{Concluded, Callback, Received, byStaff, []string{ClockDispatch}, []string{ClockCallback, ClockAdjudicate}}, // 抽查: unsolved after all
	{Concluded, Callback, Handling, byStaff, []string{ClockReply}, []string{ClockCallback, ClockAdjudicate}},    // 重办
	{Concluded, Close, Closed, byStaff, nil, []string{ClockCallback, ClockAdjudicate}},
	{Concluded, Close, Concluded, byStaff, nil, []string{ClockCallback}}, // another city handled it: when the ledger has it

	{Closed, Reopen, Handling, byStaff, []string{ClockReply}, nil},
	{Closed, Reopen, Received, byStaff, []string{ClockDispatch}, nil}, // another city had it
	{Answered, Reopen, Received, byStaff, []string{ClockDispatch}, nil},
	{Redirected, Reopen, Received, byStaff, []string{ClockDispatch}, nil},

	{Received, Withdraw, Withdrawn, byCitizen, nil, []string{ClockDispatch}},
	{Dispatched, Withdraw, Withdrawn, byCitizen, nil, workClocks},
	{Handling, Withdraw, Withdrawn, byCitizen, nil, workClocks},
	{Suspended, Withdraw, Withdrawn, byCitizen, nil, workClocks},
	{Merged, Withdraw, Withdrawn, byCitizen, nil, nil},

	{Concluded, InviteRating, Concluded, byStaff, nil, nil},
	{Closed, InviteRating, Closed, byStaff, nil, nil},
	{Answered, InviteRating, Answered, byStaff, nil, nil},
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

// step is the row by which the verb leads from the one state to the other; nil when there is none.
func step(from State, verb Verb, to State) *Step {
	for i, s := range Flow {
		if s.From == from && s.Verb == verb && s.To == to {
			return &Flow[i]
		}
	}
	return nil
}

// SideClocks are the steps of clocks that may run on after the order has ended: those of claims and appeals.
func SideClocks() []string { return slices.Clone(sideClocks) }
