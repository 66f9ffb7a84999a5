package policy

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"google.golang.org/protobuf/proto"

	tenantv1 "hotline/api/tenant/v1"
	"hotline/tenants/calendar"
	"hotline/tenants/policy/fault"
)

// urgencies from the shortest limit to the longest.
var urgencies = []string{"critical", "urgent", "normal", "complex"}

// written are all spans of a policy as written, by the path of the field.
func written(p *tenantv1.Policy) map[string]string {
	all := map[string]string{"contact": p.GetContact(), "reply_consult": p.GetReplyConsult(), "review": p.GetReview(),
		"callback": p.GetCallback(), "rework": p.GetRework(), "reopen_within": p.GetReopenWithin()}
	for step, s := range map[string]*tenantv1.Spans{"dispatch": p.GetDispatch(), "sign": p.GetSign(), "reply": p.GetReply()} {
		all[step+".critical"], all[step+".urgent"] = s.GetCritical(), s.GetUrgent()
		all[step+".normal"], all[step+".complex"] = s.GetNormal(), s.GetComplex()
	}
	side := p.GetSideLives()
	for path, text := range map[string]string{"return_within": side.GetReturnWithin(), "return_review": side.GetReturnReview(),
		"hearing": side.GetHearing(), "adjudication": side.GetAdjudication(), "extension_decision": side.GetExtensionDecision(),
		"suspension_review": side.GetSuspensionReview(), "suspension_decision": side.GetSuspensionDecision(),
		"awaiting": side.GetAwaiting(), "climb": side.GetClimb(), "unreasonable_review": side.GetUnreasonableReview(),
		"appeal_within": side.GetAppealWithin(), "appeal_review": side.GetAppealReview(),
		"score_appeal_within": side.GetScoreAppealWithin(), "score_appeal_review": side.GetScoreAppealReview(),
		"contest_within": side.GetContestWithin(), "contest_review": side.GetContestReview()} {
		all["side_lives."+path] = text
	}
	return all
}

// whole is a policy with the national side lives and scoring where the city states none; what the city wrote stays as it is.
func whole(p *tenantv1.Policy) *tenantv1.Policy {
	if p == nil || p.GetSideLives() != nil && p.GetScoring() != nil {
		return p
	}
	p = proto.Clone(p).(*tenantv1.Policy)
	if p.GetSideLives() == nil {
		p.SideLives = Default().GetSideLives()
	}
	if p.GetScoring() == nil {
		p.Scoring = Default().GetScoring()
	}
	return p
}

// inForce works out a policy's spans, and its calendar on top of the nation's; it fails for what Validate would have refused.
func inForce(p *tenantv1.Policy, nation *calendar.Calendar) (*InForce, error) {
	p = whole(p)
	f := &InForce{Policy: p, spans: map[string]calendar.Span{}}
	for path, text := range written(p) {
		s, err := calendar.ParseSpan(text)
		if err != nil {
			return nil, fmt.Errorf("policy %s: %w", path, err)
		}
		f.spans[path] = s
	}
	days, err := cityDays(p)
	if err != nil {
		return nil, err
	}
	if f.Calendar, err = nation.With(days...); err != nil {
		return nil, fmt.Errorf("policy days: %w", err)
	}
	return f, nil
}

func cityDays(p *tenantv1.Policy) ([]calendar.Day, error) {
	var days []calendar.Day
	for _, d := range p.GetDays() {
		day, err := cityDay(d)
		if err != nil {
			return nil, fmt.Errorf("policy days: %w", err)
		}
		days = append(days, day)
	}
	return days, nil
}

func cityDay(d *tenantv1.CityDay) (calendar.Day, error) {
	date, err := calendar.ParseDate(d.GetDate())
	kind := calendar.Holiday
	if d.GetWorking() {
		kind = calendar.Workday
	}
	return calendar.Day{Date: date, Kind: kind, Name: d.GetTitle()}, err
}

// Span (时限) is how long a step may take for a request of this kind and urgency. A reply to something critical or urgent goes
// by urgency even when it is a question; other questions (咨询) have a limit of their own.
func (f *InForce) Span(step, kind, urgency string) (calendar.Span, error) {
	path := step
	switch step {
	case "reply":
		path = "reply." + urgency
		if kind == "consult" && urgency != "critical" && urgency != "urgent" {
			path = "reply_consult"
		}
	case "dispatch", "sign":
		path = step + "." + urgency
	}
	s, ok := f.spans[path]
	if !ok {
		s, ok = f.spans["side_lives."+path]
	}
	if !ok {
		return calendar.Span{}, fmt.Errorf("no span for step %q, kind %q, urgency %q", step, kind, urgency)
	}
	return s, nil
}

// ReopenWithin (重开期限) is how long after closing a citizen may say that it is unsolved.
func (f *InForce) ReopenWithin() calendar.Span { return f.spans["reopen_within"] }

// Due (截止时刻) is the moment at which a span that begins at start ends in this city's calendar, in UTC.
func (f *InForce) Due(start time.Time, s calendar.Span) (time.Time, error) {
	due, err := f.Calendar.Add(start, s)
	if err != nil {
		return time.Time{}, fmt.Errorf("due moment: %w", err)
	}
	return due.UTC(), nil
}

// Validate checks a policy by the rules of the contract and for sense between its fields; prefix is where it stands in the
// request. The error names every field that is wrong.
func Validate(p *tenantv1.Policy, prefix string, nation *calendar.Calendar) error {
	faults, err := fault.Check(p, prefix)
	if err != nil {
		return err
	}
	p = whole(p)
	all := written(p)
	for _, path := range slices.Sorted(maps.Keys(all)) { // the same order each time, so that the same sentence comes first
		s, err := calendar.ParseSpan(all[path])
		switch at := prefix + "." + path; {
		case err != nil:
			faults.Add(at, "%s", err.Error())
		case s.N == 0 && s.Unit != calendar.WorkingDay && s.Unit != calendar.NaturalDay:
			faults.Add(at, "时限不能为零。")
		}
	}
	for _, step := range []string{"dispatch", "sign", "reply"} {
		grows(faults, p, prefix, step)
	}
	checkDays(faults, p, prefix, nation)
	score := p.GetScoring()
	if sum := score.GetResponseWeight() + score.GetSolvedWeight() + score.GetSatisfactionWeight(); sum != 100 {
		faults.Add(prefix+".scoring", "三率的权重合计应为 100，现在是 %d。", sum)
	}
	return faults.Err()
}

// grows: what is more urgent may not take longer.
func grows(faults *fault.Faults, p *tenantv1.Policy, prefix, step string) {
	all := written(p)
	titles := map[string]string{"critical": "特急", "urgent": "紧急", "normal": "一般", "complex": "复杂"}
	for i := 1; i < len(urgencies); i++ {
		shorter, err1 := calendar.ParseSpan(all[step+"."+urgencies[i-1]])
		longer, err2 := calendar.ParseSpan(all[step+"."+urgencies[i]])
		if err1 == nil && err2 == nil && minutes(shorter) > minutes(longer) {
			faults.Add(prefix+"."+step+"."+urgencies[i], "“%s”的时限（%s）不能短于“%s”的时限（%s）。",
				titles[urgencies[i]], longer.Words(), titles[urgencies[i-1]], shorter.Words())
		}
	}
}

// minutes is a rough measure to compare spans of different units: a week has five working days of seven office hours.
func minutes(s calendar.Span) int {
	const week = 7 * 24 * 60
	return s.N * map[calendar.Unit]int{calendar.Minute: 1, calendar.Hour: 60, calendar.NaturalDay: week / 7,
		calendar.WorkingDay: week / 5, calendar.WorkingHour: week / 35}[s.Unit]
}

func checkDays(faults *fault.Faults, p *tenantv1.Policy, prefix string, nation *calendar.Calendar) {
	seen := map[string]bool{}
	for i, d := range p.GetDays() {
		at := fmt.Sprintf("%s.days[%d].date", prefix, i)
		day, err := cityDay(d)
		if err == nil {
			_, err = nation.With(day)
		}
		switch {
		case err != nil:
			faults.Add(at, "%s", err.Error())
		case seen[d.GetDate()]:
			faults.Add(at, "这一天写了两次，请删去一次。")
		}
		seen[d.GetDate()] = true
	}
}

// Default is the national default of what a city may set (flow.md, ⚙).
func Default() *tenantv1.Policy {
	return &tenantv1.Policy{
		Dispatch: &tenantv1.Spans{Critical: "5m", Urgent: "15m", Normal: "2h", Complex: "2h"},
		Sign:     &tenantv1.Spans{Critical: "30m", Urgent: "1h", Normal: "1wd", Complex: "1wd"},
		Contact:  "1wd",
		Reply:    &tenantv1.Spans{Critical: "2h", Urgent: "24h", Normal: "7wd", Complex: "15wd"},
		// Asking what the rules are needs no visit and no hearing.
		ReplyConsult: "1wd", Review: "1wd", Callback: "3wd", Rework: "3wd",
		CallbackAttempts: 3, ReworkRounds: 2, ReopenWithin: "30d", RepeatDays: 30, RevealMinutes: 10,
		RatingDays: 7, TrackDays: 365, AccountRate: 600, AddressRate: 120,
		Source: "全国缺省值；地方另有规定的由城市修改。",
		SideLives: &tenantv1.SideLives{
			ReturnWithin: "1wd", ReturnReview: "4wh", Hearing: "4wh", Adjudication: "2wd", Returns: 3,
			ExtensionTimes: 2, ExtensionDays: 10, ExtensionDecision: "1wd",
			SuspensionMonths: 9, SuspensionReview: "30d", SuspensionDecision: "2wd", Awaiting: "3wd",
			Warnings: []int32{50, 80, 100}, Climb: "1wd", HardReturns: 3, HardReworks: 3, ClusterOrders: 3, ClusterDays: 7,
			UnreasonableReview: "3wd", UnreasonableDays: 180, AppealWithin: "30d", AppealReview: "5wd",
			ScoreAppealWithin: "5wd", ScoreAppealReview: "3wd", ContestWithin: "30d", ContestReview: "3wd",
			CallbackChannels: []string{"phone", "sms", "web"}, RatingCluster: 10, RatingMinutes: 60,
			Attachments: 20, AttachmentMib: 10, CitizenUrges: 3, CitizenSupplements: 10,
			TransferSign: "2wh", TransferAnswer: "1wd", TransferCritical: "10m", TransferSample: 10,
		},
		// No national document weighs the three rates; a city that has a rule of its own writes it here.
		Scoring: &tenantv1.Scoring{ResponseWeight: 20, SolvedWeight: 40, SatisfactionWeight: 40},
	}
}
