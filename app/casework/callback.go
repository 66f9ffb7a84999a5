package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/assignment"
	"hotline/ent/callback"
	"hotline/ent/event"
	"hotline/tenants/calendar"
	"hotline/tenants/privacy"
)

// Callback (回访) records one attempt: 是否联系您 → 是否解决 → 对结果 → 对态度. A citizen who calls it solved closes the order;
// one who doesn't, or is dissatisfied with the result, sends it to rework (重办), supervised, at most the rounds the city allows.
func (s *Service) Callback(ctx context.Context, in *pb.CallbackRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Callback, in, func(a *act) error {
		if err := a.hold(); err != nil {
			return err
		}
		if a.elsewhere() {
			return a.callElsewhere(in)
		}
		lead, last, err := a.lastReply()
		if err != nil {
			return err
		}
		if a.order.Adjudicating {
			return refused("ADJUDICATING", "工单正在裁决，裁决后再回访。")
		}
		if err := a.mayCallOurselves(); err != nil {
			return err
		}
		if err := a.mayCall(lead, last); err != nil {
			return err
		}
		if err := a.keepCallback(in); err != nil {
			return err
		}
		a.note = in.GetWords()
		if !in.GetReached() {
			a.summary = "回访未接通"
			return nil
		}
		if err := a.stop("", ClockCallback); err != nil {
			return err
		}
		a.order.Holder = ""
		rounds, err := a.rounds()
		if err != nil {
			return err
		}
		if satisfied(in) || !a.scored() {
			a.summary, a.public = "回访完成，归档", true
			return a.end()
		}
		if rounds >= int(a.rules.Policy.GetReworkRounds()) {
			a.summary, a.public = "回访：诉求人仍认为未解决，已达重办上限，转裁决", true
			return a.referAs("", nil, "rework", "重办后诉求人仍认为未解决")
		}
		a.summary, a.public, a.order.Supervised = "回访：诉求人认为未解决，发回重办", true, true
		return a.rework(lead)
	})
}

// elsewhere says that another city handled the order.
func (a *act) elsewhere() bool {
	return a.order.TransferID != nil && a.order.Disposition == word(pb.Disposition_CROSS_CITY)
}

// callElsewhere calls back for a case that another city handled: because the offer said that we do, or as a sample (抽查) of what that
// city did. Unsolved, the one goes back to it, the other is ours to deal with anew.
func (a *act) callElsewhere(in *pb.CallbackRequest) error {
	t, err := a.transfer()
	if err != nil {
		return err
	}
	if err := mayAsk(t); err != nil {
		return err
	}
	if err := a.keepCallback(in); err != nil {
		return err
	}
	a.note = in.GetWords()
	if !in.GetReached() {
		a.summary = "回访未接通"
		return nil
	}
	good := satisfied(in) || !a.scored()
	if !t.Sampled {
		return a.askCallback(t, !good && a.order.Reworks < int(a.rules.Policy.GetReworkRounds()))
	}
	if err := a.stop("", ClockCallback, ClockAdjudicate); err != nil {
		return err
	}
	a.order.Holder, a.public = "", true
	if good {
		a.summary = "回访完成，归档"
		return a.end()
	}
	a.summary, a.order.Supervised = "抽查回访：诉求人认为未解决，重新受理", true
	return a.home()
}

// askCallback puts what our callback brought before the ledger; the order moves when the ledger has it (calledBack). Until then whoever
// called keeps it in hand.
func (a *act) askCallback(t *ent.Transfer, rework bool) error {
	if err := a.ask(t, "callback"); err != nil {
		return err
	}
	if err := a.stop("", ClockCallback); err != nil {
		return err
	}
	if a.summary == "" {
		a.summary = "回访接通，结果已提交区域台账"
	}
	return a.send(t, "callback", &pb.Content{Visit: a.visit, Open: &pb.Open{Rework: rework}})
}

// calledBack: the ledger has our callback. A case that its citizen calls unsolved goes back to the other city, at most the rounds that the
// city allows; after them it is ours to decide.
func (a *act) calledBack(t *ent.Transfer, rework bool) error {
	if err := a.stop("", ClockCallback, ClockAdjudicate); err != nil {
		return err
	}
	a.order.Holder, a.public = "", true
	if rework {
		a.order.Reworks++
		a.summary, a.order.Supervised, a.order.State = "回访：诉求人认为未解决，退回"+a.cityTitle(t.Target)+"重办", true, string(Transferred)
		return nil
	}
	last, unsolved, err := a.lastCallback()
	if err != nil {
		return err
	}
	if unsolved {
		a.summary, a.order.Supervised = "回访：诉求人仍认为未解决，已达重办上限，由本市重新受理并督办", true
		return a.home()
	}
	a.summary = "回访完成，归档"
	if last == nil || !last.Reached {
		a.summary = "多次回访未接通，归档"
	}
	return a.end()
}

// lastCallback is the last time that we called, nil if we never did, and whether the citizen calls it unsolved.
func (a *act) lastCallback() (last *ent.Callback, unsolved bool, err error) {
	last, err = a.s.ent().Callback.Query().Where(callback.WorkOrderID(a.order.ID)).Order(ent.Desc(callback.FieldRound), ent.Desc(callback.FieldAttempt)).First(a.ctx)
	if ent.IsNotFound(err) {
		return nil, false, nil
	}
	if err != nil {
		return nil, false, fmt.Errorf("callbacks of %s: %w", a.order.Number, err)
	}
	return last, last.Reached && a.scored() && !satisfied(&pb.CallbackRequest{Solved: last.Solved, ResultGrade: pb.Grade(last.ResultGrade)}), nil
}

// callsBack says whether this city calls its citizen back: not where another city transferred the case and said that it will.
func (a *act) callsBack() (bool, error) {
	t, err := a.transfer()
	if err != nil || t == nil {
		return true, err
	}
	return t.Target != a.v.Tenant || t.Callback == a.v.Tenant || settled(t), nil
}

// mayCallOurselves keeps us from calling back a case whose origin said that it will.
func (a *act) mayCallOurselves() error {
	ours, err := a.callsBack()
	if err != nil || ours {
		return err
	}
	return refused("CALLED_BACK_BY_ORIGIN", "这件工单由转出城市回访，请等待其结果。")
}

// rounds counts how often a citizen's callback sent the order to 重办; 返工 by review and reopening are no such rounds.
func (a *act) rounds() (int, error) {
	n, err := a.s.ent().Event.Query().
		Where(event.WorkOrderID(a.order.ID), event.Verb(string(Callback)), event.ToState(string(Handling))).Count(a.ctx)
	if err != nil {
		return 0, fmt.Errorf("history of %s: %w", a.order.Number, err)
	}
	return n, nil
}

func satisfied(in *pb.CallbackRequest) bool {
	return in.GetSolved() && in.GetResultGrade() != pb.Grade_DISSATISFIED && in.GetResultGrade() != pb.Grade_VERY_DISSATISFIED
}

// scored says whether dissatisfaction with this order counts: what the law decides, and what two levels found unreasonable, is left
// out of 满意率 and is not done again for it.
func (a *act) scored() bool {
	return !a.order.LawEnforcement && !a.order.Unreasonable && a.order.Conclusion != word(pb.Conclusion_TO_LEGAL_PROCEDURE)
}

// mayCall keeps the unit and the people who handled the order from calling it back themselves, and from what stands in for a
// callback: to close it unreached, to hold the link by which it is rated, to let its result stand.
func (a *act) mayCall(lead *ent.Assignment, last *ent.Reply) error {
	if last.Author == a.v.Login || lead.Handler == a.v.Login {
		return refused("SECOND_PERSON", "办理人不能回访自己办理的工单。")
	}
	for _, p := range a.v.Posts {
		if p.Unit != "" && p.Unit == lead.Unit {
			return refused("OWN_CASE", "承办单位不能回访本单位办理的工单。")
		}
	}
	return nil
}

func (a *act) keepCallback(in *pb.CallbackRequest) error {
	if in.GetReached() && (in.GetResultGrade() == 0 || in.GetAttitudeGrade() == 0) {
		return invalid("result_grade", "接通后请记录诉求人对结果和态度的评价。")
	}
	round := a.order.Reworks + 1
	earlier, err := a.s.ent().Callback.Query().Where(callback.WorkOrderID(a.order.ID), callback.Round(round)).All(a.ctx)
	if err != nil {
		return fmt.Errorf("callbacks of %s: %w", a.order.Number, err)
	}
	if err := a.mayTry(in, earlier); err != nil {
		return err
	}
	id := newID()
	words, err := a.keys.Seal(privacy.Text, rowOf(id), strings.TrimSpace(in.GetWords()))
	if err != nil {
		return err
	}
	create := a.s.ent().Callback.Create().SetID(id).SetWorkOrderID(a.order.ID).SetRound(round).SetAttempt(len(earlier) + 1).
		SetReached(in.GetReached()).SetChannel(in.GetChannel()).SetWords(words).SetAuthor(a.v.Login).SetCreatedAt(a.now)
	a.visit = &pb.Visit{Reached: in.GetReached(), Contacted: in.GetContacted(), Solved: in.GetSolved(), ResultGrade: in.GetResultGrade(), AttitudeGrade: in.GetAttitudeGrade()}
	if in.GetReached() {
		create.SetContacted(in.GetContacted()).SetSolved(in.GetSolved()).
			SetResultGrade(int(in.GetResultGrade())).SetAttitudeGrade(int(in.GetAttitudeGrade()))
	}
	if err := create.Exec(a.ctx); err != nil {
		if ent.IsConstraintError(err) {
			return conflict()
		}
		return fmt.Errorf("callback: %w", err)
	}
	return nil
}

// mayTry: attempts that fail lie on different days and hours, and a further channel is tried only after the one before it.
func (a *act) mayTry(in *pb.CallbackRequest, earlier []*ent.Callback) error {
	channels := a.rules.Policy.GetSideLives().GetCallbackChannels()
	at := slices.Index(channels, in.GetChannel())
	if at < 0 {
		return invalid("channel", "本市不以这个渠道回访。")
	}
	if at > len(earlier) {
		return refused("CHANNEL_ORDER", "请按本市规定的渠道顺序回访，先试前一渠道。")
	}
	if in.GetReached() {
		return nil
	}
	now := a.now.In(calendar.Zone)
	for _, c := range earlier {
		then := c.CreatedAt.In(calendar.Zone)
		if calendar.DateOf(then) == calendar.DateOf(now) {
			return refused("SAME_DAY", "今天已有一次未接通的回访，请换一天再试。")
		}
		if then.Hour() == now.Hour() {
			return refused("SAME_HOUR", "前次也是在%d点钟未接通，请换一个时段再试。", now.Hour())
		}
	}
	return nil
}

// end closes the order and every part of it.
func (a *act) end() error {
	now := a.now
	a.order.State, a.order.ClosedAt, a.order.Holder = string(Closed), &now, ""
	err := a.s.ent().Assignment.Update().Where(assignment.WorkOrderID(a.order.ID), assignment.EndedAtIsNil()).
		SetState(string(Closed)).Exec(a.ctx)
	if err != nil {
		return fmt.Errorf("close: %w", err)
	}
	return nil
}
