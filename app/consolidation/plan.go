package consolidation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-kratos/kratos/v2/errors"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/tenants/calendar"
	"hotline/tenants/privacy"
)

// step (步骤) is one part of a plan.
type step struct {
	Code, Title, Owner, Due, Risk string
	After                         []string
	Confirm                       bool // a second person must vouch for it
	Evidence                      string
	Papers                        []paper
	DoneBy, ConfirmedBy           string
	DoneAt, ConfirmedAt           *time.Time
}

// done says that nothing of it is open any more.
func (st *step) done() bool { return st.DoneAt != nil && (!st.Confirm || st.ConfirmedAt != nil) }

// The steps that the platform itself looks at.
const (
	stepKnowledge = "knowledge"
	stepRoster    = "roster"
	stepPrompt    = "prompt"
	stepCutOver   = "cutover"
	stepAfter     = "aftercheck"
)

// planTemplate are the steps of a plan: for which modes, how many days after the start, what must be done before.
var planTemplate = []struct {
	code, modes, title string
	days               int
	after              string
	confirm            bool
}{
	{"people", "whole_merge dual_number", "人员与话务座席衔接", 15, "", false},
	{"people", "sub_center", "保留座席的人员安排", 15, "", false},
	{"site", "whole_merge dual_number", "场地与设施设备", 20, "", false},
	{"workflow", "whole_merge dual_number", "工作流程衔接：受理、派单、办理、答复", 20, "", false},
	{"workflow", "sub_center", "工作流程衔接：三方转接、派发工单、纳入考核督办", 20, "", false},
	{"systems", "whole_merge dual_number", "平台与部门业务系统对接", 30, "workflow", false},
	{"systems", "sub_center", "系统对接与数据实时归集", 30, "workflow", false},
	{"indicators", "whole_merge dual_number sub_center", "业务指标：归并前后口径一致", 20, "", false},
	{"knowledge", "whole_merge dual_number", "知识库导入12345", 30, "", true},
	{"knowledge", "sub_center", "知识库共建共享", 30, "", true},
	{"funds", "whole_merge dual_number sub_center", "经费保障", 20, "", false},
	{"roster", "whole_merge dual_number sub_center", "“7×24小时”人工排班", 35, "people", true},
	{"prompt", "whole_merge dual_number sub_center", "过渡期电话语音提示", 40, "", false},
	{"cutover", "whole_merge dual_number sub_center", "切换", 45, "people site workflow systems indicators knowledge funds roster prompt", false},
	{"aftercheck", "whole_merge dual_number sub_center", "切换后核查：服务水平不降低", 75, "cutover", false},
}

// Plan (制定方案) makes the steps from the template of the mode.
func (s *Service) Plan(ctx context.Context, req *pb.PlanRequest) (*pb.Number, error) {
	return s.change(ctx, req.GetName(), req.GetEtag(), "plan", func(c *change) error {
		if err := day("start_date", req.GetStartDate()); err != nil {
			return err
		}
		switch {
		case c.Target == "":
			return refused("NOT_ADOPTED", "请先确定%s的归并方式，再制定方案。", c.Number)
		case slices.ContainsFunc(c.steps, func(st *step) bool { return st.DoneAt != nil }):
			return refused("PLAN_RUNNING", "%s的方案已在实施，请逐项调整步骤。", c.Number)
		}
		c.steps = stepsFor(c.Target, startOf(req.GetStartDate()), privacy.Scrub(req.GetOwner()))
		c.summary = fmt.Sprintf("制定%s方案，%d 个步骤，切换日期%s", modeTitles[c.Target], len(c.steps), c.step(stepCutOver).Due)
		return nil
	})
}

func stepsFor(mode string, start time.Time, owner string) (steps []*step) {
	for _, t := range planTemplate {
		if slices.Contains(strings.Fields(t.modes), mode) {
			steps = append(steps, &step{Code: t.code, Title: t.title, Owner: owner, After: strings.Fields(t.after), Confirm: t.confirm,
				Due: calendar.DateOf(start.AddDate(0, 0, t.days)).String()})
		}
	}
	for _, st := range steps { // a sub-centre keeps its site
		st.After = slices.DeleteFunc(st.After, func(code string) bool {
			return !slices.ContainsFunc(steps, func(o *step) bool { return o.Code == code })
		})
	}
	return steps
}

// step finds one of the plan; nil when there is none.
func (r *row) step(code string) *step {
	for _, st := range r.steps {
		if st.Code == code {
			return st
		}
	}
	return nil
}

// onStep is a change of one step of a number.
func (s *Service) onStep(ctx context.Context, name, etag, act string, do func(c *change, st *step) error) (*pb.Number, error) {
	return s.change(ctx, name, etag, act, func(c *change) error {
		st := c.step(part(name, "steps"))
		if st == nil {
			return notFound()
		}
		return do(c, st)
	})
}

// Arrange (安排步骤) gives a step its owner, day and risk.
func (s *Service) Arrange(ctx context.Context, req *pb.ArrangeRequest) (*pb.Number, error) {
	return s.onStep(ctx, req.GetName(), req.GetEtag(), "arrange", func(c *change, st *step) error {
		if err := day("due_date", req.GetDueDate()); err != nil {
			return err
		}
		if st.DoneAt != nil {
			return refused("STEP_DONE", "“%s”已完成，不能再调整。", st.Title)
		}
		was := st.Due
		st.Owner, st.Due, st.Risk = privacy.Scrub(req.GetOwner()), req.GetDueDate(), privacy.Scrub(req.GetRisk())
		c.summary = fmt.Sprintf("安排步骤“%s”：责任人%s，期限由%s改为%s", st.Title, st.Owner, was, st.Due)
		return nil
	})
}

// Complete (完成步骤) ends a step with its evidence, once what it depends on is done.
func (s *Service) Complete(ctx context.Context, req *pb.CompleteRequest) (*pb.Number, error) {
	return s.onStep(ctx, req.GetName(), req.GetEtag(), "complete", func(c *change, st *step) error {
		if err := c.mayComplete(st); err != nil {
			return err
		}
		if st.Code == stepAfter {
			if err := c.notWorse(); err != nil {
				return err
			}
		}
		now := c.now
		st.Evidence, st.Papers, st.DoneBy, st.DoneAt = privacy.Scrub(req.GetEvidence()), papersOf(req.GetPapers()), c.v.Login, &now
		c.summary = fmt.Sprintf("完成步骤“%s”：%s", st.Title, st.Evidence)
		return nil
	})
}

// Confirm (复核步骤) is the second person's word on evidence that the platform can't check itself.
func (s *Service) Confirm(ctx context.Context, req *pb.ConfirmRequest) (*pb.Number, error) {
	return s.onStep(ctx, req.GetName(), req.GetEtag(), "confirm", func(c *change, st *step) error {
		if err := st.mayConfirm(c.v.Login); err != nil {
			return err
		}
		now := c.now
		st.ConfirmedBy, st.ConfirmedAt = c.v.Login, &now
		c.summary = fmt.Sprintf("复核步骤“%s”", st.Title)
		return nil
	})
}

// mayComplete says what keeps a step from being completed, save for its evidence.
func (r *row) mayComplete(st *step) error {
	switch {
	case st.DoneAt != nil:
		return refused("STEP_DONE", "“%s”已完成。", st.Title)
	case st.Code == stepCutOver:
		return refused("USE_CUT_OVER", "切换要由系统核对条件，请用“切换”办理。")
	case st.Code == stepPrompt && (r.Prompt == "" || r.PromptUntil == nil):
		return refused("NO_PROMPT", "还没有设置过渡期语音提示，请先设置。")
	}
	for _, code := range st.After {
		if before := r.step(code); !before.done() {
			return refused("STEP_WAITS", "“%s”要在“%s”完成之后。", st.Title, before.Title)
		}
	}
	return nil
}

func (st *step) mayConfirm(login string) error {
	switch {
	case !st.Confirm:
		return refused("NO_CONFIRMATION", "“%s”不需要复核。", st.Title)
	case st.DoneAt == nil:
		return refused("STEP_OPEN", "“%s”还没有完成，请等待责任人提交依据。", st.Title)
	case st.ConfirmedAt != nil:
		return refused("STEP_DONE", "“%s”已复核。", st.Title)
	case st.DoneBy == login:
		return refused("SAME_PERSON", "“%s”是您提交的，请由另一位同志复核。", st.Title)
	}
	return nil
}

// mentions says whether a prompt names the number to call from now on.
func mentions(words string) bool { return slices.Contains(digitsRE.FindAllString(words, -1), "12345") }

// guards (切换条件) are what must hold before the cut-over. The prompt, the route, its test call and the figures are looked up in what was
// recorded here; knowledge and roster rest on the evidence of one person and the word of a second.
func (r *row) guards(now time.Time) []*pb.Guard {
	if r.Target == "" {
		return nil
	}
	var out []*pb.Guard
	add := func(code, title string, why error) {
		words, reason := said(why)
		out = append(out, &pb.Guard{Code: code, Title: title, Met: why == nil, WhyNot: words, Reason: reason})
	}
	add("prompt", "过渡期语音提示已设置", r.whyNoPrompt(now))
	add("reachable", "转接目标已试拨接通", r.whyUnreachable())
	add("knowledge", "知识库已导入", r.whyUnconfirmed(stepKnowledge))
	add("roster", "“7×24小时”排班已覆盖", r.whyUnconfirmed(stepRoster))
	add("steps", "方案中切换之前的步骤已完成", r.whyStepsOpen())
	var before error
	if r.level("before") == nil {
		before = refused("NO_FIGURES", "还没有登记归并前的服务水平。")
	}
	add("before", "归并前的服务水平已登记", before)
	return out
}

func noPlan() error { return refused("NO_PLAN", "还没有制定方案。") }

func (r *row) whyStepsOpen() error {
	c, open := r.step(stepCutOver), ""
	if c == nil {
		return noPlan()
	}
	for _, code := range c.After {
		if st := r.step(code); !st.done() {
			open += "“" + st.Title + "”"
		}
	}
	if open == "" {
		return nil
	}
	return refused("STEP_OPEN", "%s还没有完成。", open)
}

func (r *row) whyNoPrompt(now time.Time) error {
	switch {
	case r.Prompt == "" || r.PromptUntil == nil:
		return refused("NO_PROMPT", "还没有设置过渡期语音提示。")
	case !r.PromptUntil.After(now):
		return refused("PROMPT_ENDED", "过渡期语音提示的截止日期已过，请延长。")
	case utf8.RuneCountInString(r.Prompt) < 10 || !mentions(r.Prompt):
		return refused("PROMPT_SILENT", "过渡期语音提示没有告诉来电人拨打12345。")
	}
	return nil
}

func (r *row) whyUnreachable() error {
	switch t := r.tested; {
	case t.SetBy == "" || t.Skill == "":
		return refused("NO_ROUTE", "还没有设置转接。")
	case r.ownSeats() && r.Line == "":
		return refused("NO_LINE", "保留座席的号码要填写座席线路。")
	case t.At == nil:
		return refused("NOT_TESTED", "设置转接后还没有由另一位同志试拨。")
	case !t.Connected:
		return refused("TEST_FAILED", "最近一次试拨没有接通。")
	case t.Line != r.Line || t.Skill != r.Skill:
		return refused("ROUTE_CHANGED", "转接在试拨之后又有变化，请重新试拨。")
	}
	return nil
}

func (r *row) whyUnconfirmed(code string) error {
	switch st := r.step(code); {
	case st == nil:
		return noPlan()
	case st.DoneAt == nil:
		return refused("STEP_OPEN", "“%s”还没有提交依据。", st.Title)
	case st.ConfirmedAt == nil:
		return refused("STEP_UNCONFIRMED", "“%s”还没有由另一位同志复核。", st.Title)
	}
	return nil
}

// CutOver (切换) puts the target mode into effect, when every guard holds.
func (s *Service) CutOver(ctx context.Context, req *pb.CutOverRequest) (*pb.Number, error) {
	return s.change(ctx, req.GetName(), req.GetEtag(), "cut_over", func(c *change) error {
		if c.Target == "" {
			return refused("NOT_ADOPTED", "%s没有待切换的方案。", c.Number)
		}
		if err := c.mayJoin(c.Target); err != nil {
			return err // the list may have been promoted meanwhile
		}
		if err := unready(c.guards(c.now)); err != nil {
			return refused("NOT_READY", "不能切换：%s", errors.FromError(err).GetMessage())
		}
		now := c.now
		from := c.Mode
		c.Mode, c.Target, c.CutOverAt = c.Target, "", &now
		if c.Mode == wholeMerge {
			c.Seats, c.SeatsStay = 0, false // its seats are 12345's now
		}
		st := c.step(stepCutOver)
		st.Evidence, st.DoneBy, st.DoneAt = "系统核对切换条件全部满足", c.v.Login, &now
		c.summary, c.public = fmt.Sprintf("切换：由%s改为%s", modeTitles[from], modeTitles[c.Mode]), true
		if c.Mode == wholeMerge {
			c.summary += fmt.Sprintf("，号码取消，过渡期语音提示至%s", calendar.DateOf(c.PromptUntil.Add(-time.Second)))
		}
		return nil
	})
}

// unitTitle is the name of a unit as the directory has it.
func unitTitle(tree map[string]*ent.Unit, code string) string {
	if u := tree[code]; u != nil {
		return u.Title
	}
	return ""
}
