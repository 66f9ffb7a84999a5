package casework

import (
	"context"
	"fmt"
	"time"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/outgoing"
	"hotline/ent/store"
	"hotline/ent/transfer"
	"hotline/tenants/calendar"
	"hotline/tenants/privacy"
)

// What people here asked for and the ledger did not take: nothing of it is lost without a word. The act itself stands in the history
// since it was asked for; what became of it is a line more, and who watches the order sees it at once.

// objectHint is what a city may still do that has a case by its silence.
const objectHint = "请依法办理；确应由其他城市办理的，可在派单之前“提请指定”，由区域协调方裁定。"

// overruledNotice stands on the transfer as long as that is so.
const overruledNotice = "本市在期限内提交的拒收未能及时送达区域台账，已按逾期视为接收。" + objectHint

// noticeOf is what people here should know of a transfer, and may do now.
func noticeOf(t *ent.Transfer, now time.Time) string {
	switch {
	case t.Overruled && t.State == "expired" && !t.Objected:
		return overruledNotice
	case t.Objected:
		return "承办城市对逾期视为接收提出异议，正在等待区域协调方指定；指定之前仍由其办理。"
	case t.State == "concluded" && t.CallbackDueAt != nil && now.After(*t.CallbackDueAt) && t.Callback == t.Target:
		return callbackOverdue
	case t.State == "concluded" && t.CallbackDueAt != nil && t.Callback == t.Origin:
		return "承办城市逾期未回访，由首接城市回访。"
	}
	return ""
}

// overrule: silence was quicker in the ledger than the decline that waits here. It goes nowhere any more, and the order says so.
func (r *relaying) overrule() error {
	r.t.Overruled = true
	err := r.s.ent().Outgoing.Update().Where(outgoing.TransferID(r.t.ID), outgoing.Act("decline"), outgoing.SentAtIsNil()).
		SetSentAt(r.e.At).SetRefused("SILENCE").SetContent(privacy.Personal{}).Exec(r.ctx)
	if err != nil {
		return fmt.Errorf("outgoing: %w", err)
	}
	return nil
}

// unheardTitles are the acts of people that the ledger may refuse.
var unheardTitles = map[string]string{"accept": "接收", "decline": "拒收", "withdraw": "收回或撤回", "dispute": "提请指定", "callback": "回访结果",
	"handle": "办理情况", "reply": "答复", "conclude": "办结", "supplement": "补充情况"}

// unheard writes on the order what became of an act that the ledger refused.
func (s *Service) unheard(ctx context.Context, row *ent.Outgoing, reason, words string) error {
	t, err := s.held(s.ent().Transfer.Query().Where(transfer.ID(row.TransferID))).Only(ctx)
	if err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	if row.Act == "decline" && reason == "TOO_LATE" { // silence will count: then the order says what can be done
		if err := s.ent().Transfer.Update().Where(transfer.ID(t.ID)).SetOverruled(true).Exec(ctx); err != nil {
			return fmt.Errorf("transfer: %w", err)
		}
	}
	o, err := s.orderOf(ctx, t)
	if err != nil || o == nil || unheardTitles[row.Act] == "" || step(State(o.State), Relay, State(o.State)) == nil {
		return err
	}
	_, err = s.carry(ctx, Relay, named(o), func(a *act) error {
		a.summary = fmt.Sprintf("%s提交的%s没有生效：%s", row.CreatedAt.In(calendar.Zone).Format("01-02 15:04"), unheardTitles[row.Act], words)
		return nil
	})
	return err
}

// A target that never calls back keeps nobody's case open (回访逾期): it is urged when the region's rules say so, and after their time the
// origin calls back itself.

const callbackOverdue = "承办城市办结后逾期未回访，已督促；再逾期的由首接城市回访。"

// UrgeCallback (督促回访) urges the city that owes the citizen a callback.
func (s *Service) UrgeCallback(ctx context.Context, t *ent.Transfer) error {
	t, err := s.owed(ctx, t)
	if err != nil || t == nil {
		return err
	}
	err = s.ent().Transfer.Update().Where(transfer.ID(t.ID)).SetCallbackUrgedAt(store.Now(ctx)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	return s.overdueThere(ctx, t, "回访已逾期，请尽快回访诉求人。", func(a *act) error {
		a.summary = a.cityTitle(t.Target) + "12345办结后逾期未回访，已督促"
		return nil
	})
}

// TakeCallback (转由首接城市回访) takes the callback over, as the rules let us now: it waits in our own pool. Whoever calls first counts.
func (s *Service) TakeCallback(ctx context.Context, t *ent.Transfer) error {
	t, err := s.owed(ctx, t)
	if err != nil || t == nil {
		return err
	}
	if err := s.ent().Transfer.Update().Where(transfer.ID(t.ID)).SetCallback(t.Origin).Exec(ctx); err != nil {
		return fmt.Errorf("transfer: %w", err)
	}
	return s.overdueThere(ctx, t, "逾期未回访，改由首接城市回访。", func(a *act) error {
		now := a.now
		a.summary, a.public = a.cityTitle(t.Target)+"12345逾期未回访，改由本市回访", true
		a.order.State, a.order.ConcludedAt = string(Concluded), &now
		return a.start(ClockCallback, "")
	})
}

// owed is the transfer as it is now, nil if nobody owes a callback any more.
func (s *Service) owed(ctx context.Context, t *ent.Transfer) (*ent.Transfer, error) {
	t, err := s.held(s.ent().Transfer.Query().Where(transfer.ID(t.ID))).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("transfer: %w", err)
	}
	if t.State != "concluded" || t.Callback == t.Origin {
		return nil, nil
	}
	return t, nil
}

// overdueThere is an act on the order at home that the other city hears of.
func (s *Service) overdueThere(ctx context.Context, t *ent.Transfer, words string, effect func(a *act) error) error {
	o, err := s.orderOf(ctx, t)
	if err != nil || o == nil || State(o.State) != Transferred {
		return err
	}
	_, err = s.carry(ctx, Relay, named(o), func(a *act) error {
		if err := effect(a); err != nil {
			return err
		}
		return a.send(t, "supplement", &pb.Content{Words: words})
	})
	return err
}

// contradicted: both cities called, the other's "solved" came to the ledger first, and ours heard that it is not. What our citizen told us
// counts with us: the case is ours to deal with anew, as after a sample.
func (r *relaying) contradicted(a *act, other string) (bool, error) {
	from := State(a.order.State)
	if r.e.Open.Rework || from != Transferred && from != Concluded {
		return false, nil
	}
	n, err := r.overtaken()
	if err != nil || n == 0 {
		return false, err
	}
	if _, unsolved, err := a.lastCallback(); err != nil || !unsolved {
		return false, err
	}
	if err := a.stop("", ClockCallback, ClockAdjudicate); err != nil {
		return false, err
	}
	a.summary, a.public, a.order.Supervised = other+"回访称已解决，本市回访诉求人认为未解决，重新受理", true, true
	return true, a.home()
}

// overtaken drops a callback of ours that waits while the other city's is in the ledger.
func (r *relaying) overtaken() (int, error) {
	n, err := r.s.ent().Outgoing.Update().Where(outgoing.TransferID(r.t.ID), outgoing.Act("callback"), outgoing.SentAtIsNil()).
		SetSentAt(store.Now(r.ctx)).SetRefused("OVERTAKEN").SetContent(privacy.Personal{}).Save(r.ctx)
	if err != nil {
		return 0, fmt.Errorf("outgoing: %w", err)
	}
	return n, nil
}

// reopens: we had called back and closed the order, and the origin, to whom the citizen said that it is not solved, was first in the ledger.
func (r *relaying) reopens() bool {
	return r.e.Act == "callback" && r.e.Open.Rework && !r.mine() && r.t.Target == tenantOf(r.ctx) && r.t.Origin != tenantOf(r.ctx)
}
