package casework

import (
	"bytes"
	"slices"
	"strings"

	pb "hotline/api/casework/v1"
	"hotline/tenants/privacy"
)

// branch is where an intake goes by its disposition, and what its first history line says.
type branch struct {
	to      State
	summary string
}

// branch checks what each of the five branches (五分支) must carry, and says where it leads.
func (a *act) branch(in *pb.IntakeRequest) (branch, error) {
	told, reason := strings.TrimSpace(in.GetTold()), strings.TrimSpace(in.GetReason())
	if err := carries(in); err != nil {
		return branch{}, err
	}
	if err := finished(told); err != nil {
		return branch{}, err
	}
	switch in.GetDisposition() {
	case pb.Disposition_IN_SCOPE:
		return branch{Received, "受理，待派单"}, nil
	case pb.Disposition_ANSWERED_ON_SPOT:
		if told == "" {
			return branch{}, invalid("told", "当场答复要写明答复内容。")
		}
		if strings.TrimSpace(in.GetCitation()) == "" {
			return branch{}, invalid("citation", "当场答复要注明所依据的知识条目及版本。")
		}
		return branch{Answered, "当场答复，依据：" + in.GetCitation()}, nil
	case pb.Disposition_EMERGENCY_TRANSFER, pb.Disposition_LEGAL_CHANNEL, pb.Disposition_EXPLAIN_DECLINE:
		if reason == "" {
			return branch{}, invalid("reason", "请选择%s的事由。", dispositionTitles[in.GetDisposition()])
		}
		if told == "" {
			return branch{}, invalid("told", "请写明告知诉求人的内容：正确的渠道和办法。")
		}
		if reason == repeated {
			if err := a.isRepeat(in.GetFacts()); err != nil {
				return branch{}, err
			}
		}
		return branch{Redirected, dispositionTitles[in.GetDisposition()] + "：" + reason}, nil
	case pb.Disposition_POLICE_REFERRAL:
		if strings.TrimSpace(in.GetEvidence()) == "" {
			return branch{}, invalid("evidence", "移送公安要固定证据：录音编号、通话记录或提交日志。")
		}
		return branch{Received, "拟移送公安，待另一人审批：" + reason}, nil // a second person redirects it
	case pb.Disposition_CROSS_CITY:
		if in.GetTargetCity() == "" || in.GetTargetCity() == a.v.Tenant {
			return branch{}, invalid("target_city", "跨市转办要写明另一城市。")
		}
		return branch{Received, "属其他城市职责，待跨市转办"}, nil
	}
	return branch{}, invalid("disposition", "请选择分类处理方式。")
}

// carried are the parts that belong to a branch; what was meant for another one would stand on the order and send it astray: the city
// of a hand-over, words that send the citizen elsewhere.
var carried = map[pb.Disposition][]string{
	pb.Disposition_ANSWERED_ON_SPOT: {"told", "citation", "reason"}, pb.Disposition_EMERGENCY_TRANSFER: {"reason", "told"},
	pb.Disposition_LEGAL_CHANNEL: {"reason", "told"}, pb.Disposition_EXPLAIN_DECLINE: {"reason", "told"},
	pb.Disposition_POLICE_REFERRAL: {"reason", "evidence", "told"}, pb.Disposition_CROSS_CITY: {"target_city", "reason", "told"},
}

func carries(in *pb.IntakeRequest) error {
	for _, part := range []struct{ name, title, text string }{{"reason", "事由", in.GetReason()}, {"told", "告知内容", in.GetTold()},
		{"citation", "知识条目", in.GetCitation()}, {"evidence", "证据", in.GetEvidence()}, {"target_city", "转往城市", in.GetTargetCity()}} {
		if part.text != "" && !slices.Contains(carried[in.GetDisposition()], part.name) {
			return invalid(part.name, "“%s”不填%s，请清空后再提交，或改选分类处理方式。", dispositionTitles[in.GetDisposition()], part.title)
		}
	}
	return nil
}

// finished refuses words that stop in the middle: some doors begin a sentence that only who speaks with the citizen can end.
func finished(told string) error {
	if strings.HasSuffix(told, "：") || strings.HasSuffix(told, ":") {
		return invalid("told", "告知内容没有写完，请在冒号后写明具体的途径或结果。")
	}
	return nil
}

// repeated is the ground for not taking in again what was handled already: same caller, same matter, nothing new.
const repeated = "重复诉求无新情况"

// isRepeat holds the rule for it (flow.md, domain practice): the same caller, the earlier order concluded within the city's
// days. What is still in work is merged instead, and what brings new facts is taken in.
func (a *act) isRepeat(f *pb.Facts) error {
	if f.GetRepeatOf() == "" {
		return invalid("facts.repeat_of", "以“%s”解释说明，须注明已办结的历史工单号。", repeated)
	}
	earlier, err := a.s.find(a.ctx, f.GetRepeatOf(), string(Intake))
	if err != nil {
		return invalid("facts.repeat_of", "没有找到历史工单 %s。", f.GetRepeatOf())
	}
	known := !earlier.Confidential || a.rules.Privacy.MayReveal(a.v.Roles(), privacy.Phone, true)
	if same := a.keys.Blind(privacy.Phone, f.GetCaller().GetPhone()); !known || len(same) == 0 || !bytes.Equal(same, earlier.PhoneIndex) {
		return refused("NOT_SAME_CALLER", "历史工单不是同一来电人提出的，不能按重复诉求处理。")
	}
	if s := State(earlier.State); s != Concluded && s != Closed {
		return refused("STILL_OPEN", "历史工单%s，请并单办理，不能解释说明后了结。", StateTitles[s])
	}
	if earlier.ConcludedAt.Before(a.now.AddDate(0, 0, -int(a.rules.Policy.GetRepeatDays()))) {
		return refused("TOO_OLD", "历史工单办结已超过 %d 天，请作为新诉求受理。", a.rules.Policy.GetRepeatDays())
	}
	return nil
}

var dispositionTitles = map[pb.Disposition]string{
	pb.Disposition_IN_SCOPE: "受理派单", pb.Disposition_ANSWERED_ON_SPOT: "当场答复",
	pb.Disposition_EMERGENCY_TRANSFER: "即时转紧急平台", pb.Disposition_LEGAL_CHANNEL: "告知法定途径",
	pb.Disposition_EXPLAIN_DECLINE: "解释说明", pb.Disposition_POLICE_REFERRAL: "线索移送公安", pb.Disposition_CROSS_CITY: "跨市转办",
}
