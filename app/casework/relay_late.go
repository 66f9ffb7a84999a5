package casework

import (
	"context"
	"fmt"

	"hotline/ent"
	"hotline/ent/outgoing"
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
func noticeOf(t *ent.Transfer) string {
	switch {
	case t.Overruled && t.State == "expired" && !t.Objected:
		return overruledNotice
	case t.Objected:
		return "承办城市对逾期视为接收提出异议，正在等待区域协调方指定；指定之前仍由其办理。"
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
