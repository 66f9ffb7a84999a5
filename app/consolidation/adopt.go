package consolidation

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/tenants/calendar"
	"hotline/tenants/privacy"
)

// Adopt (落实归并) says how a listed number is to join here and who is responsible. A city may join it more closely than the list says,
// never more loosely.
func (s *Service) Adopt(ctx context.Context, req *pb.AdoptRequest) (*pb.Number, error) {
	return s.change(ctx, req.GetName(), req.GetEtag(), "adopt", func(c *change) error {
		if err := c.alive(); err != nil {
			return err
		}
		mode, stay := word(req.GetMode()), req.GetSeatsStay()
		if err := c.mayJoin(mode); err != nil {
			return err
		}
		if c.Mode != "" {
			return refused("USE_PROMOTE", "%s已是%s，进一步归并请用“实质性归并”办理。", c.Number, modeTitles[c.Mode])
		}
		if err := c.mayTurn(mode); err != nil {
			return err
		}
		if stay && mode != dualNumber {
			return invalid("seats_stay", "只有双号并行可以暂时保留话务座席、建立转接机制。")
		}
		if e := c.list.Entry(c.Number); e != nil && e.Experts && req.GetExpertSeats() == 0 && mode != wholeMerge {
			return invalid("expert_seats", "清单要求%s设专家座席，请填写专家座席数。", c.Number)
		}
		if err := c.unit("unit", req.GetUnit()); err != nil {
			return err
		}
		if c.Target != mode {
			c.steps = nil // the plan of another mode has other steps
		}
		c.Target, c.SeatsStay, c.Seats, c.ExpertSeats = mode, stay, int(req.GetSeats()), int(req.GetExpertSeats())
		c.approve(req.GetApprovals())
		if c.Origin == local {
			c.Unconfirmed = c.v.Login
		}
		c.summary, c.public = fmt.Sprintf("确定归并方式：%s", modeTitles[mode]), true
		return nil
	})
}

// mayJoin holds a mode against what the list says of the number, or against its being local, and against what is so already.
func (c *change) mayJoin(mode string) error {
	base := baselineOf(c.row, c.list)
	switch {
	case c.Origin == local && mode != wholeMerge:
		return refused("LOCAL_MUST_MERGE", "%s是地方自建热线，只能整体并入%s。", c.Number, clauseLocal)
	case rank(mode) < rank(c.Mode):
		return refused("NEVER_BACK", "%s已是%s，不能退回%s，只能向更实质的归并升级%s。", c.Number, modeTitles[c.Mode], modeTitles[mode], clausePromote)
	case rank(mode) < rank(base):
		return refused("LOOSER_THAN_LIST", "清单第 %d 版要求%s%s，不能改为%s；可以按清单或更进一步归并。", c.list.Version, c.Number, modeTitles[base], modeTitles[mode])
	}
	return nil
}

// mayTurn keeps a plan that is being carried out from being swept away by another decision.
func (c *change) mayTurn(mode string) error {
	if c.Target != "" && c.Target != mode && slices.ContainsFunc(c.steps, func(st *step) bool { return st.DoneAt != nil }) {
		return refused("PLAN_RUNNING", "%s的%s方案已在实施，请先完成切换，再作新的决定。", c.Number, modeTitles[c.Target])
	}
	return nil
}

// baselineOf is what the nation says of the number: the list's mode, or the whole merge of a local hotline.
func baselineOf(r *row, list *Document) string {
	if e := list.Entry(r.Number); e != nil {
		return e.Mode
	}
	if r.Origin == local {
		return wholeMerge
	}
	return ""
}

// newDate is when 国办发〔2020〕53号 was issued: what was founded from that day on is new.
const newDate = "2020-12-28"

// Enroll (登记自建热线) enters a hotline of the place's own. One that was there before the policy is to be merged whole; a newer one, a
// number that was cancelled, and an emergency number are refused, unless the centre granted a new number.
func (s *Service) Enroll(ctx context.Context, req *pb.EnrollRequest) (out *pb.Number, err error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	number := req.GetNumber()
	if err := enterable(number); err != nil {
		return nil, err
	}
	if err := day("founded_date", req.GetFoundedDate()); err != nil {
		return nil, err
	}
	m, list, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		r, err := s.row(ctx, number, list)
		if err != nil {
			return err
		}
		if r == nil {
			r = &row{CityNumber: &ent.CityNumber{Tenant: placeOf(ctx), Number: number}}
		} else if !r.entering() { // what nobody has confirmed yet may be entered anew, without the mistake
			return known(r)
		}
		r.Title, r.Purpose, r.approvals = privacy.Scrub(req.GetTitle()), privacy.Scrub(req.GetPurpose()), nil
		r.Origin, r.FoundedOn, r.Seats = local, req.GetFoundedDate(), int(req.GetSeats())
		out, err = s.carry(ctx, m, list, r, "", "enroll", func(c *change) error { return c.enroll(req) })
		return err
	})
	return out, err
}

// known refuses a number that is in the register or on the list already.
func known(r *row) error {
	if r.cancelled() {
		return refused("NUMBER_CANCELLED", "%s已整体并入，号码已取消，不能恢复或重新设立%s。", r.Number, clauseRestore)
	}
	return refused("NUMBER_KNOWN", "%s（%s）已在台账中，不能另行登记。", r.Number, r.Title)
}

func (c *change) enroll(req *pb.EnrollRequest) error {
	if req.GetFoundedDate() > today(c.now) {
		return refused("NO_NEW_NUMBER", "%s尚未设立。不得新设热线号码；确有需要的，请向国务院办公厅申请例外%s。", c.Number, clauseNew)
	}
	c.summary, c.Unconfirmed = "登记地方自建热线“"+c.Title+"”，待另一位同志复核", c.v.Login
	if !slices.ContainsFunc(req.GetApprovals(), func(p *pb.Paper) bool { return strings.TrimSpace(p.GetReference()) != "" }) {
		return invalid("approvals", "请填写设立%s的文件和文号。", c.Number)
	}
	if c.FoundedOn >= newDate {
		decision, err := c.s.use(c.ctx, c.Number, "new_number", c.Title)
		if err != nil {
			return err
		}
		if decision == nil {
			return refused("NO_NEW_NUMBER", "%s设立于%s，不得新设热线号码；确有需要的，请向国务院办公厅申请例外%s。", c.Number, c.FoundedOn, clauseNew)
		}
		c.Origin, c.Unconfirmed, c.public = granted, "", true // the centre is the second person
		c.approvals = append(c.approvals, *decision)
		c.summary = "经批准例外设立“" + c.Title + "”：" + decision.Reference
	}
	c.approve(req.GetApprovals())
	c.Skill = "综合"
	return c.unit("unit", req.GetUnit())
}

// entering says that somebody has entered the hotline and nobody else has confirmed it: until then it counts nowhere.
func (r *row) entering() bool { return r.Unconfirmed != "" && r.Target == "" }

// ConfirmNumber (复核号码) is the second person's word on a hotline of the place's own: that it was founded when and as it was entered, and
// later that it is to be merged whole, which can't be undone.
func (s *Service) ConfirmNumber(ctx context.Context, req *pb.ConfirmNumberRequest) (*pb.Number, error) {
	return s.change(ctx, req.GetName(), req.GetEtag(), "confirm_number", func(c *change) error {
		if err := c.mayConfirm(c.v.Login); err != nil {
			return err
		}
		c.summary, c.public = "复核归并决定："+modeTitles[c.Target], true
		if c.Target == "" {
			c.summary = "登记地方自建热线“" + c.Title + "”，已复核，应整体并入"
		}
		c.Unconfirmed = ""
		return nil
	})
}

func (r *row) mayConfirm(login string) error {
	switch r.Unconfirmed {
	case "":
		return refused("NO_CONFIRMATION", "%s没有待复核的登记或决定。", r.Number)
	case login:
		return refused("SAME_PERSON", "%s是您登记或决定的，请由另一位同志复核。", r.Number)
	}
	return nil
}

// Amend (变更名称用途) changes a number's name or purpose, if the centre granted exactly that.
func (s *Service) Amend(ctx context.Context, req *pb.AmendRequest) (*pb.Number, error) {
	return s.change(ctx, req.GetName(), req.GetEtag(), "amend", func(c *change) error {
		if err := c.alive(); err != nil {
			return err
		}
		if req.GetTitle() == "" && req.GetPurpose() == "" {
			return invalid("title", "请填写新的名称或用途。")
		}
		for _, w := range []struct {
			kind, what, reason, to string
			into                   *string
		}{{"new_title", "名称", "NO_NEW_TITLE", privacy.Scrub(req.GetTitle()), &c.Title},
			{"new_purpose", "用途", "NO_NEW_PURPOSE", privacy.Scrub(req.GetPurpose()), &c.Purpose}} {
			if w.to == "" || w.to == *w.into {
				continue
			}
			decision, err := c.s.use(c.ctx, c.Number, w.kind, w.to)
			if err != nil {
				return err
			}
			if decision == nil {
				return refused(w.reason, "不得变更%s的%s；确有需要的，请向国务院办公厅申请例外%s。", c.Number, w.what, clauseNew)
			}
			*w.into = w.to
			c.approvals = append(c.approvals, *decision)
			c.summary += fmt.Sprintf("经批准变更%s为“%s”（%s）", w.what, w.to, decision.Reference)
		}
		if c.summary == "" {
			return refused("NO_CHANGE", "名称和用途都没有变化。")
		}
		c.public = true
		return nil
	})
}

// Promote (实质性归并) leads a number that has joined to a closer mode.
func (s *Service) Promote(ctx context.Context, req *pb.PromoteRequest) (*pb.Number, error) {
	return s.change(ctx, req.GetName(), req.GetEtag(), "promote", func(c *change) error {
		mode := word(req.GetMode())
		switch {
		case c.cancelled() && mode != wholeMerge:
			return refused("NUMBER_CANCELLED", "%s已整体并入，号码已取消，不能恢复为%s%s。", c.Number, modeTitles[mode], clauseRestore)
		case c.cancelled():
			return c.alive()
		case c.Mode == "":
			return refused("USE_ADOPT", "%s尚未归并，请先按清单“落实归并”。", c.Number)
		}
		if err := c.mayJoin(mode); err != nil {
			return err
		}
		switch {
		case mode == c.Target:
			return refused("NO_CHANGE", "已决定将%s升级为%s，请按方案实施。", c.Number, modeTitles[mode])
		case mode == c.Mode && !c.SeatsStay: // seats that stayed for the time being may be given up
			return refused("NO_CHANGE", "%s已是%s。", c.Number, modeTitles[mode])
		}
		if err := c.mayTurn(mode); err != nil {
			return err
		}
		from := c.Mode
		c.Target, c.steps = mode, nil
		c.tested, c.Prompt, c.PromptUntil, c.SeatsStay = testCall{}, "", (*time.Time)(nil), false
		c.levels = nil // the service level before is that of now, not that of before an earlier merge
		c.approve(req.GetApprovals())
		c.summary, c.public = fmt.Sprintf("决定由%s升级为%s", modeTitles[from], modeTitles[mode]), true
		return nil
	})
}

// Prompt (过渡期语音提示) sets what callers hear until a day. Of a number that joined before it counts at once, else from the cut-over.
func (s *Service) Prompt(ctx context.Context, req *pb.PromptRequest) (*pb.Number, error) {
	return s.change(ctx, req.GetName(), req.GetEtag(), "prompt", func(c *change) error {
		if err := day("until_date", req.GetUntilDate()); err != nil {
			return err
		}
		until := endOf(req.GetUntilDate())
		if !until.After(c.now) {
			return invalid("until_date", "截止日期%s已过，请改为今天或以后。", req.GetUntilDate())
		}
		from := c.now
		if c.Target == "" && c.CutOverAt != nil {
			from = *c.CutOverAt
		}
		switch {
		case c.Mode == "" && c.Target == "":
			return refused("NOT_ADOPTED", "请先确定%s的归并方式。", c.Number)
		case c.cancelled() && (c.PromptUntil == nil || !c.PromptUntil.After(c.now)):
			return refused("NUMBER_CANCELLED", "%s的过渡期已经结束，号码已取消，不能再设置语音提示%s。", c.Number, clauseRestore)
		case until.After(from.AddDate(1, 0, 1)):
			return invalid("until_date", "过渡期语音提示最长一年，请改为%s或以前。", calendar.DateOf(from.AddDate(1, 0, 0)))
		}
		words := privacy.Scrub(req.GetText())
		switch {
		case !mentions(words):
			return invalid("text", "语音提示要告诉来电人以后请拨打12345。")
		case slices.ContainsFunc(digitsRE.FindAllString(words, -1), func(n string) bool { return n != "12345" && n != c.Number }):
			return invalid("text", "语音提示里只能有12345和%s，不能引导到别的号码。", c.Number)
		}
		c.Prompt, c.PromptUntil = words, &until
		c.summary, c.public = fmt.Sprintf("设置过渡期语音提示，至%s：%s", req.GetUntilDate(), words), true
		return nil
	})
}

// Route (设置转接) sets where the number's own seats are reached, and the skill that answers at 12345. It needs a test call anew.
func (s *Service) Route(ctx context.Context, req *pb.RouteRequest) (*pb.Number, error) {
	return s.change(ctx, req.GetName(), req.GetEtag(), "route", func(c *change) error {
		if err := c.alive(); err != nil {
			return err
		}
		line := req.GetLine()
		if line == "" && c.ownSeats() {
			return invalid("line", "%s保留话务座席，请填写座席线路。", c.Number)
		}
		if err := c.leads(line); err != nil {
			return err
		}
		c.Line, c.Skill = line, privacy.Scrub(req.GetSkill())
		c.tested = testCall{Line: c.Line, Skill: c.Skill, SetBy: c.v.Login}
		c.summary = fmt.Sprintf("设置转接：座席线路“%s”，12345技能组“%s”", c.Line, c.Skill)
		return nil
	})
}

var digitsRE = regexp.MustCompile(`[0-9]{3,}`)

// leads refuses a line that leads to a person's own telephone, an emergency hotline, or round in a circle: to 12345 or to a number that
// is itself led somewhere. It looks at the digits that are dialled, however the line is written.
func (c *change) leads(line string) error {
	dialled := strings.TrimLeft(strings.NewReplacer("-", "", "*", "", "#", "").Replace(line), "0")
	if len(dialled) == 13 {
		dialled = strings.TrimPrefix(dialled, "86")
	}
	if dialled == "" {
		if line != "" {
			return invalid("line", "座席线路“%s”不是号码。", line)
		}
		return nil
	}
	merged, err := c.s.row(c.ctx, dialled, c.list)
	if err != nil {
		return err
	}
	switch {
	case len(dialled) == 11 && dialled[0] == '1':
		return invalid("line", "转接目标应为座席线路，不能是个人手机号码。")
	case emergencies[dialled] != "":
		return invalid("line", "转接目标不能是紧急热线；紧急来电由话务员一键转接。")
	case dialled == "12345", dialled == c.Number:
		return invalid("line", "转接目标不能是%s，来电会循环。", dialled)
	case merged != nil:
		return invalid("line", "转接目标不能是台账中的热线号码%s，来电会循环；请填写座席的线路。", dialled)
	}
	return nil
}

// ownSeats says whether the number keeps seats of its own in the mode it has or is to have.
func (r *row) ownSeats() bool {
	mode := r.Mode
	if r.Target != "" {
		mode = r.Target
	}
	return mode == subCenter || mode == dualNumber && r.SeatsStay || mode == ""
}

// Test (试拨) records a test call, by somebody who did not set the route.
func (s *Service) Test(ctx context.Context, req *pb.TestRequest) (*pb.Number, error) {
	return s.change(ctx, req.GetName(), req.GetEtag(), "test", func(c *change) error {
		switch {
		case c.cancelled():
			return c.alive()
		case c.tested.SetBy == "":
			return refused("NO_ROUTE", "请先设置%s的转接，再试拨。", c.Number)
		case c.tested.SetBy == c.v.Login:
			return refused("SAME_PERSON", "转接是您设置的，请由另一位同志试拨。")
		}
		now := c.now
		c.tested.Connected, c.tested.Words, c.tested.By, c.tested.At = req.GetConnected(), privacy.Scrub(req.GetWords()), c.v.Login, &now
		c.summary = "试拨转接目标：" + map[bool]string{true: "接通", false: "未接通"}[req.GetConnected()]
		return nil
	})
}
