package casework

import (
	"context"
	"fmt"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/handoff"
	"hotline/ent/predicate"
	"hotline/ent/workorder"
	"hotline/tenants/privacy"
)

// packetOpen is how long a linked unit sees the caller and the place in the clear after a hand-off.
const packetOpen = 24 * time.Hour

// HandOff (紧急联动): 110, 119, 120, 122 or a linked utility takes the matter, or does not. Citizen, hotline and line may speak
// together; when nobody agrees the first receiver keeps it, and where a life is at risk the line acts first, whoever keeps it
// (国办发〔2022〕12号). What was said is recorded either way.
func (s *Service) HandOff(ctx context.Context, in *pb.HandOffRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, HandOff, in, func(a *act) error {
		line, err := a.unit("unit", in.GetUnit())
		if err != nil {
			return err
		}
		if line.Kind != "emergency" && line.Kind != "utility" {
			return invalid("unit", "%s不是紧急联动单位，请按派单办理。", line.Title)
		}
		if a.isOf(line.Code) { // the line sees caller and place in the clear, so nobody opens an order for themselves
			return refused("SECOND_PERSON", "您是%s的人员，不能把工单转接给本单位，请由他人联动。", line.Title)
		}
		if in.GetLifeAtRisk() && in.GetOutcome() == pb.Outcome_KEPT {
			return refused("LIFE_FIRST", "危及生命的，须由紧急平台先行处置，热线可同时受理。")
		}
		if in.GetOutcome() == pb.Outcome_KEPT && !in.GetThreeWay() {
			return refused("THREE_WAY_FIRST", "职责不明的，请先三方通话协商；协商不成由首接平台先行受理。")
		}
		if in.GetOutcome() == pb.Outcome_TAKEN && State(a.order.State) != Received {
			return refused("UNITS_AT_WORK", "工单已派给承办单位，请由对方先行处置、热线同时办理。")
		}
		if err := a.keepHandOff(in); err != nil {
			return err
		}
		how := map[bool]string{true: "三方通话", false: "转接"}[in.GetThreeWay()]
		a.summary, a.public = how+line.Title+"："+outcomes[in.GetOutcome()], true
		if in.GetOutcome() != pb.Outcome_TAKEN {
			return nil
		}
		now := a.now
		a.order.State, a.order.Holder, a.order.ClosedAt = string(Redirected), "", &now
		a.order.Disposition, a.order.Reason = word(pb.Disposition_EMERGENCY_TRANSFER), line.Title
		a.order.Told = "您反映的情况已转" + line.Title + "处置。"
		if err := a.splitChildren("已转紧急平台"); err != nil {
			return err
		}
		return a.stop("", ClockDispatch)
	})
}

var outcomes = map[pb.Outcome]string{pb.Outcome_TAKEN: "对方接处", pb.Outcome_KEPT: "协商不成，热线先行受理", pb.Outcome_BOTH: "对方先行处置，热线同时受理"}

func (a *act) keepHandOff(in *pb.HandOffRequest) error {
	id := newID()
	words, err := a.keys.Seal(privacy.Text, rowOf(id), strings.TrimSpace(in.GetWords()))
	if err != nil {
		return err
	}
	a.order.Sides = true
	err = a.s.ent().HandOff.Create().SetID(id).SetWorkOrderID(a.order.ID).SetUnit(in.GetUnit()).SetThreeWay(in.GetThreeWay()).
		SetLifeAtRisk(in.GetLifeAtRisk()).SetOutcome(word(in.GetOutcome())).SetWords(words).SetAuthor(a.v.Login).SetCreatedAt(a.now).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("hand off: %w", err)
	}
	return nil
}

// HandBack (联动退回): what turns out not to be the line's matter (非警务) comes back; the hotline takes it in and answers for it.
func (s *Service) HandBack(ctx context.Context, in *pb.HandBackRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, HandBack, in, func(a *act) error {
		h, err := a.s.ent().HandOff.Query().Where(handoff.WorkOrderID(a.order.ID), handoff.UnitIn(codes(a.v)...), handoff.BackAtIsNil(),
			handoff.OutcomeNEQ(word(pb.Outcome_KEPT))).Order(ent.Desc(handoff.FieldID)).First(a.ctx)
		if ent.IsNotFound(err) {
			return notFound()
		}
		if err != nil {
			return fmt.Errorf("hand-off: %w", err)
		}
		reason := in.GetReason()
		if err := a.clean(&reason); err != nil {
			return err
		}
		err = a.s.ent().HandOff.Update().Where(handoff.ID(h.ID)).SetBackAt(a.now).SetBackBy(a.v.Login).SetBackReason(reason).Exec(a.ctx)
		if err != nil {
			return fmt.Errorf("hand back: %w", err)
		}
		a.summary, a.note, a.public = a.titleOf(h.Unit)+"退回："+reason, in.GetWords(), true
		if State(a.order.State) != Redirected {
			return nil
		}
		a.order.State, a.order.Disposition, a.order.ClosedAt = string(Received), word(pb.Disposition_IN_SCOPE), nil
		a.order.Reason, a.order.Told = "", ""
		a.summary += "，热线受理并待派单"
		return a.start(ClockDispatch, "")
	})
}

// handedTo are the orders that a linked unit was handed and did not give back.
func handedTo(tenant string, one bool, units []any) predicate.WorkOrder {
	return func(o *sql.Selector) {
		t := sql.Table(handoff.Table)
		o.Where(sql.In(o.C(workorder.FieldID), sql.Select(t.C(handoff.FieldWorkOrderID)).From(t).
			Where(sql.And(hangs(o, t, tenant, one), sql.In(t.C(handoff.FieldUnit), units...),
				sql.NEQ(t.C(handoff.FieldOutcome), "kept"), sql.IsNull(t.C(handoff.FieldBackAt))))))
	}
}

// linked says whether the viewer belongs to a unit that was handed this order lately: it must reach the caller and the place.
func (s *Service) linked(ctx context.Context, o *ent.WorkOrder, units []string, now time.Time) (bool, error) {
	tree, err := s.directory.Tree(ctx)
	if err != nil {
		return false, err
	}
	var lines []string
	for _, code := range units {
		if u := tree[code]; u != nil && (u.Kind == "emergency" || u.Kind == "utility") {
			lines = append(lines, code)
		}
	}
	if len(lines) == 0 {
		return false, nil
	}
	yes, err := s.ent().HandOff.Query().Where(handoff.WorkOrderID(o.ID), handoff.UnitIn(lines...), handoff.BackAtIsNil(),
		handoff.OutcomeNEQ("kept"), handoff.CreatedAtGT(now.Add(-packetOpen))).Exist(ctx)
	if err != nil {
		return false, fmt.Errorf("hand-offs of %s: %w", o.Number, err)
	}
	return yes, nil
}
