package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	pb "hotline/api/casework/v1"
	tenantv1 "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/ent/assignment"
)

// Dispute (退单异议): a unit whose return was rejected may say once, in time, why that is wrong; an adjudicator decides.
func (s *Service) Dispute(ctx context.Context, in *pb.DisputeRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Dispute, in, func(a *act) error {
		part, err := a.mine()
		if err != nil {
			return err
		}
		about, err := a.rejectedReturn(in.GetApplication(), part)
		if err != nil {
			return err
		}
		ground := in.GetGround()
		if err := a.clean(&ground); err != nil {
			return err
		}
		a.summary = a.titleOf(part.Unit) + "对退单审核提出异议，转裁决：" + ground
		return a.referAs(part.Unit, about, "dispute", ground)
	})
}

// rejectedReturn is the unit's own rejected return, still in time for a dispute.
func (a *act) rejectedReturn(id string, part *ent.Assignment) (*ent.Application, error) {
	if a.order.Locked || a.order.Adjudicating {
		return nil, refused("LOCKED", "工单正在裁决或已经裁决，不能再提异议。")
	}
	apps, err := a.applications()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(apps, func(p *ent.Application) bool {
		return rowOf(p.ID) == id && p.Kind == kindReturn && p.AskedUnit == part.Unit && p.Standing == standsRejected
	})
	if i < 0 {
		return nil, invalid("application", "没有本单位被驳回的这份退单申请。")
	}
	if slices.ContainsFunc(apps, func(p *ent.Application) bool { return p.AboutID != nil && *p.AboutID == apps[i].ID }) {
		return nil, refused("ALREADY_DISPUTED", "对同一次退单审核只能提出一次异议。")
	}
	span, err := a.rules.Span("return_within", a.order.Kind, a.order.Urgency)
	if err != nil {
		return nil, err
	}
	last, err := a.rules.Calendar.Add(*apps[i].DecidedAt, span)
	if err != nil {
		return nil, refused("CALENDAR_UNKNOWN", "%s", err.Error())
	}
	if a.now.After(last) {
		return nil, refused("TOO_LATE", "退单审核已超过%s，不能再提异议，请继续办理。", span.Words())
	}
	return apps[i], nil
}

// refer sends a return that is one too many to adjudication; its own decision is made there.
func (a *act) refer(unit string, about *ent.Application, reason string) error {
	if err := a.stopOf(about.ID); err != nil {
		return err
	}
	return a.referAs(unit, about, reason, about.Ground)
}

// referAs opens an adjudication (裁决). The unit's clocks are held, the citizen's time runs on.
func (a *act) referAs(unit string, about *ent.Application, reason, ground string) error {
	app := &ent.Application{Kind: kindAdjudication, AskedUnit: unit, Reason: reason, Ground: ground}
	if about != nil {
		app.AboutID, app.AssignmentID = &about.ID, about.AssignmentID
	}
	if err := a.apply(app, "", ClockAdjudicate); err != nil {
		return err
	}
	a.order.Adjudicating = true
	if unit == "" {
		return nil
	}
	return a.pause(unit)
}

// Adjudicate (裁决) designates lead and assisting units; the order is locked against return and work starts at once (先办后议).
// An order whose citizen stays dissatisfied after the last round may also be left as it stands.
func (s *Service) Adjudicate(ctx context.Context, in *pb.AdjudicateRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Adjudicate, in, func(a *act) error {
		app, err := a.asked(in.GetApplication(), kindAdjudication)
		if err != nil {
			return err
		}
		about, err := a.about(app)
		if err != nil {
			return err
		}
		if err := a.other(about, app.AskedBy, about.AskedBy, about.HeardBy, about.DecidedBy); err != nil {
			return err
		}
		words := in.GetWords()
		if err := a.clean(&words); err != nil {
			return err
		}
		if err := a.decide(app, standsUpheld, words); err != nil {
			return err
		}
		a.order.Adjudicating = false
		if in.GetStands() {
			if State(a.order.State) != Concluded {
				return invalid("stands", "尚未办结的工单请指定主办单位。")
			}
			lead, last, err := a.lastReply()
			if err != nil {
				return err
			}
			if err := a.mayCall(lead, last); err != nil {
				return err
			}
			a.summary, a.public = "裁决维持办理结果，归档并记为未解决："+words, true
			return a.end()
		}
		return a.designate(in, about, words)
	})
}

// about is the return that an adjudication is about; empty when it is about none.
func (a *act) about(app *ent.Application) (*ent.Application, error) {
	apps, err := a.applications()
	for _, p := range apps {
		if app.AboutID != nil && p.ID == *app.AboutID {
			return p, nil
		}
	}
	return &ent.Application{}, err
}

func (a *act) designate(in *pb.AdjudicateRequest, about *ent.Application, words string) error {
	lead, assist, err := a.units(&pb.DispatchRequest{Lead: in.GetLead(), Assist: in.GetAssist()})
	if err != nil {
		return err
	}
	finished := State(a.order.State) == Concluded
	if err := a.verdictOn(about, lead, words); err != nil { // before its unit's part ends and takes it along
		return err
	}
	if err := a.leaveOut(lead, assist); err != nil {
		return err
	}
	if err := a.place(lead, assist, "裁决："+words); err != nil {
		return err
	}
	if err := a.goOn("", causeAdjudication); err != nil {
		return err
	}
	if err := a.workAtOnce(lead, finished); err != nil {
		return err
	}
	a.order.State, a.order.Locked, a.order.Holder = string(Handling), true, ""
	var names []string
	for _, u := range assist {
		names = append(names, u.Title)
	}
	a.summary, a.public = "裁决：由"+lead.Title+"主办", true
	if len(names) > 0 {
		a.summary += "，" + strings.Join(names, "、") + "协办"
	}
	a.summary += "，不得退单。理由：" + words
	if in.GetCatalogue() {
		return a.intoCatalogue(lead, assist, words)
	}
	return nil
}

// leaveOut ends the parts of units that the verdict does not name.
func (a *act) leaveOut(lead *ent.Unit, assist []*ent.Unit) error {
	parts, err := a.parts()
	if err != nil {
		return err
	}
	for _, p := range parts {
		named := p.Unit == lead.Code || slices.ContainsFunc(assist, func(u *ent.Unit) bool { return u.Code == p.Unit })
		under := p.ParentID != nil && slices.ContainsFunc(parts, func(up *ent.Assignment) bool { return up.ID == *p.ParentID && up.Unit == lead.Code })
		if named || under {
			continue
		}
		if err := a.endPart(p, nil); err != nil {
			return err
		}
	}
	return nil
}

// workAtOnce counts the verdict as the lead's signature: a designated unit can neither refuse nor wait.
func (a *act) workAtOnce(lead *ent.Unit, again bool) error {
	part, err := a.s.ent().Assignment.Query().
		Where(assignment.WorkOrderID(a.order.ID), assignment.Lead(true), assignment.EndedAtIsNil()).Only(a.ctx)
	if err != nil {
		return fmt.Errorf("lead of %s: %w", a.order.Number, err)
	}
	update := a.s.ent().Assignment.Update().Where(assignment.ID(part.ID)).SetState(string(Handling))
	if part.SignedAt == nil {
		update.SetSignedAt(a.now)
	}
	if err := update.Exec(a.ctx); err != nil {
		return fmt.Errorf("designate %s: %w", lead.Code, err)
	}
	if err := a.stop(lead.Code, ClockSign); err != nil {
		return err
	}
	if again {
		a.order.Reworks++
	}
	if len(a.running(lead.Code, ClockReply)) == 0 {
		return a.startBy(ClockReply, lead.Code, "rework")
	}
	return nil
}

// verdictOn settles the return that led here: upheld when its unit is the lead no more, improper when it is. Other returns that
// still wait come to nothing, since the order is locked against them.
func (a *act) verdictOn(about *ent.Application, lead *ent.Unit, words string) error {
	if about.Kind == kindReturn && about.Standing == standsOpen {
		if err := a.settle(about, lead, words); err != nil {
			return err
		}
	}
	apps, err := a.applications()
	if err != nil {
		return err
	}
	for _, p := range apps {
		if p.Kind == kindReturn && p.Standing == standsOpen { // the verdict has decided whose it is
			if err := a.stand(p, standsLapsed); err != nil {
				return err
			}
		}
	}
	return nil
}

func (a *act) settle(about *ent.Application, lead *ent.Unit, words string) error {
	if about.AskedUnit != lead.Code {
		return a.decide(about, standsUpheld, words)
	}
	a.order.ImproperReturns++
	return a.decide(about, standsRejected, words)
}

// intoCatalogue makes the verdict a rule for the next such matter (判例入派单目录), so that it is not argued twice.
func (a *act) intoCatalogue(lead *ent.Unit, assist []*ent.Unit, words string) error {
	title, err := a.s.openTitle(a.ctx, a.order)
	if err != nil {
		return err
	}
	// The title is its word: the next order that speaks of the same finds this entry before the general ones.
	e := &tenantv1.CatalogueEntry{Category: a.order.Category, District: a.order.District, Lead: lead.Code, Keywords: []string{title},
		Ground: "裁决 " + a.order.Number + "：" + words}
	for _, u := range assist {
		e.Assist = append(e.Assist, u.Code)
	}
	_, err = a.s.directory.PutCatalogueEntry(a.ctx, &tenantv1.PutCatalogueEntryRequest{Parent: "tenants/" + a.v.Tenant, Entry: e})
	return err
}
