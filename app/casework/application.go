package casework

import (
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/application"
	"hotline/tenants/access"
	"hotline/tenants/privacy"
)

// The kinds of applications (申请): one table for all side lives, since all are asked by one, decided by another, on a clock.
const (
	kindReturn       = "return"       // 退单
	kindAdjudication = "adjudication" // 裁决, asked by a dispute or by a rule
	kindExtension    = "extension"    // 延期
	kindSuspension   = "suspension"   // 挂账
	kindUnreasonable = "unreasonable" // 不合理诉求认定
	kindAppeal       = "appeal"       // the citizen's appeal against that finding
	kindScoreAppeal  = "score_appeal" // 考核申诉
	kindContest      = "contest"      // 对不予受理的异议
)

// Kinds are the applications as screens call them.
var Kinds = map[string]string{kindReturn: "退单", kindAdjudication: "裁决", kindExtension: "延期", kindSuspension: "挂账",
	kindUnreasonable: "不合理诉求认定", kindAppeal: "不合理认定申诉", kindScoreAppeal: "考核申诉", kindContest: "不予受理异议"}

// Where an application stands.
const (
	standsOpen     = "open"
	standsFirst    = "first" // upheld on the first of two levels
	standsUpheld   = "upheld"
	standsRejected = "rejected"
	standsLapsed   = "lapsed"  // what it was about came to an end first
	standsExpired  = "expired" // upheld, and over
	standsRevoked  = "revoked" // upheld, and taken back on appeal
)

// Standings are the standings as screens call them.
var Standings = map[string]string{standsOpen: "待审核", standsFirst: "待二级审核", standsUpheld: "同意", standsRejected: "不同意",
	standsLapsed: "自动终止", standsExpired: "已到期", standsRevoked: "已撤销"}

// applications are those of the order, oldest first.
func (a *act) applications() ([]*ent.Application, error) {
	if a.apps == nil && a.order.Sides {
		apps, err := a.s.ent().Application.Query().Where(application.WorkOrderID(a.order.ID)).Order(ent.Asc(application.FieldID)).All(a.ctx)
		if err != nil {
			return nil, fmt.Errorf("applications of %s: %w", a.order.Number, err)
		}
		a.apps = apps
	}
	return a.apps, nil
}

// pending finds an undecided application of a kind, asked by the unit ("" for any).
func (a *act) pending(kind, unit string) (*ent.Application, error) {
	apps, err := a.applications()
	for _, p := range apps {
		if p.Kind == kind && (unit == "" || p.AskedUnit == unit) && (p.Standing == standsOpen || p.Standing == standsFirst) {
			return p, nil
		}
	}
	return nil, err
}

// count is how many applications of a kind an assignment made that were not rejected.
func (a *act) count(kind string, part uuid.UUID) (n int, err error) {
	apps, err := a.applications()
	for _, p := range apps {
		if p.Kind == kind && p.AssignmentID != nil && *p.AssignmentID == part && p.Standing != standsRejected {
			n++
		}
	}
	return n, err
}

// apply writes a new application: its words scrubbed, its evidence sealed, its clock started.
func (a *act) apply(app *ent.Application, evidence, clock string) error {
	app.ID, app.WorkOrderID, app.Standing, app.CreatedAt = newID(), a.order.ID, standsOpen, a.now
	app.AskedBy, a.order.Sides = a.v.Login, true
	if err := a.clean(&app.Ground, &app.Milestones, &app.Responsible); err != nil {
		return err
	}
	var err error
	if app.Evidence, err = a.keys.Seal(privacy.Text, rowOf(app.ID), strings.TrimSpace(evidence)); err != nil {
		return err
	}
	err = a.s.ent().Application.Create().SetID(app.ID).SetWorkOrderID(app.WorkOrderID).SetNillableAssignmentID(app.AssignmentID).
		SetNillableAboutID(app.AboutID).SetKind(app.Kind).SetStanding(app.Standing).SetAskedBy(app.AskedBy).SetAskedUnit(app.AskedUnit).
		SetReason(app.Reason).SetGround(app.Ground).SetEvidence(app.Evidence).SetSuggestedUnit(app.SuggestedUnit).SetSpan(app.Span).
		SetNillableUntilAt(app.UntilAt).SetResponsible(app.Responsible).SetMilestones(app.Milestones).SetCreatedAt(app.CreatedAt).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("apply for %s: %w", app.Kind, err)
	}
	if _, err := a.applications(); err != nil {
		return err
	}
	if !slices.ContainsFunc(a.apps, func(p *ent.Application) bool { return p.ID == app.ID }) {
		a.apps = append(a.apps, app)
	}
	return a.startFor(app, clock)
}

// asked finds one of the order's applications that is of the kind and waits for a decision.
func (a *act) asked(id, kind string) (*ent.Application, error) {
	apps, err := a.applications()
	if err != nil {
		return nil, err
	}
	for _, p := range apps {
		if rowOf(p.ID) != id || p.Kind != kind {
			continue
		}
		if p.Standing != standsOpen && p.Standing != standsFirst {
			return nil, refused("ALREADY_DECIDED", "该%s申请已有结果：%s。", Kinds[kind], Standings[p.Standing])
		}
		return p, nil
	}
	return nil, invalid("application", "工单上没有这份%s申请。", Kinds[kind])
}

// other refuses a decision by somebody who asked for it or decided before: nobody decides their own request. Nor does a person of
// the hotline with a second post in the unit that asked; what a unit's own line may decide is above's to say.
func (a *act) other(app *ent.Application, before ...string) error {
	ownLine := a.s.access.Scope(a.v.Roles(), "work_order", string(a.verb)) == access.Subtree
	if app.AskedUnit != "" && !ownLine && a.isOf(app.AskedUnit) {
		return refused("OWN_UNIT", "本单位人员不能审核本单位的申请，请由他人办理。")
	}
	for _, login := range before {
		if login != "" && login == a.v.Login {
			return refused("SECOND_PERSON", "申请人和前一级审核人不能审核同一份申请，请由他人办理。")
		}
	}
	return nil
}

// decide settles an application; its clocks end.
func (a *act) decide(app *ent.Application, standing, words string) error {
	now := a.now
	app.Standing, app.DecidedBy, app.Decision, app.DecidedAt = standing, a.v.Login, words, &now
	err := a.s.ent().Application.Update().Where(application.ID(app.ID)).SetStanding(standing).SetDecidedBy(a.v.Login).
		SetDecision(words).SetDecidedAt(now).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("decide %s: %w", app.Kind, err)
	}
	return a.stopOf(app.ID)
}

// first notes that the first of two levels agrees; the clock of the second starts.
func (a *act) first(app *ent.Application, words, clock string) error {
	app.Standing, app.FirstBy, app.FirstWords = standsFirst, a.v.Login, words
	err := a.s.ent().Application.Update().Where(application.ID(app.ID)).SetStanding(standsFirst).SetFirstBy(a.v.Login).
		SetFirstWords(words).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("first level of %s: %w", app.Kind, err)
	}
	if err := a.stopOf(app.ID); err != nil {
		return err
	}
	return a.startFor(app, clock)
}

// stand changes where a settled application stands, its decision kept.
func (a *act) stand(app *ent.Application, standing string) error {
	app.Standing = standing
	if err := a.s.ent().Application.Update().Where(application.ID(app.ID)).SetStanding(standing).Exec(a.ctx); err != nil {
		return fmt.Errorf("%s %s: %w", app.Kind, standing, err)
	}
	return a.stopOf(app.ID)
}

// workKinds are about the work itself: they come to nothing when it ends.
var workKinds = []string{kindReturn, kindAdjudication, kindExtension, kindSuspension}

// lapse ends what was still asked about the work, since the work has ended; of one unit, or of all with "".
func (a *act) lapse(unit string) error {
	apps, err := a.applications()
	if err != nil {
		return err
	}
	for _, p := range apps {
		waits := p.Standing == standsOpen || p.Standing == standsFirst || p.Kind == kindSuspension && p.Standing == standsUpheld
		if waits && slices.Contains(workKinds, p.Kind) && (unit == "" || p.AskedUnit == unit) {
			if err := a.stand(p, standsLapsed); err != nil {
				return err
			}
			if p.Kind == kindAdjudication {
				a.order.Adjudicating = false
			}
		}
	}
	return nil
}
