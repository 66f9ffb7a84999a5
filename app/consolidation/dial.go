package consolidation

import (
	"encoding/json"
	"fmt"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/tenants/calendar"
)

// dial (拨号事实) is all that decides how calls to a number are answered; each line of the number's history carries it.
type dial struct {
	Mode, Prompt, Line, Skill, Title, Authority string
	Until                                       *time.Time
	Experts, Stay                               bool
	Entering                                    bool `json:",omitempty"` // nobody has confirmed the number yet, so it leads nowhere
}

// dialOf reads the facts of a line of history.
func dialOf(l *ent.NumberChange) (d dial, err error) {
	if err := json.Unmarshal([]byte(l.Dial), &d); err != nil {
		return d, fmt.Errorf("history of number %s, line %d: %w", l.Number, l.Seq, err)
	}
	return d, nil
}

// standing is where a number stands at a moment, by what is in effect and what is planned.
func standing(mode, target string, until *time.Time, now time.Time) pb.Standing {
	switch {
	case mode == wholeMerge && until != nil && now.Before(*until):
		return pb.Standing_TRANSITION
	case mode == wholeMerge:
		return pb.Standing_CANCELLED
	case target != "":
		return pb.Standing_PLANNED
	case mode == dualNumber:
		return pb.Standing_DUAL
	case mode == subCenter:
		return pb.Standing_SUB
	}
	return pb.Standing_WAITING
}

var standingTitles = map[pb.Standing]string{pb.Standing_UNCONFIRMED: "待复核", pb.Standing_WAITING: "待归并", pb.Standing_PLANNED: "实施中", pb.Standing_TRANSITION: "过渡期",
	pb.Standing_CANCELLED: "已取消", pb.Standing_DUAL: "双号并行", pb.Standing_SUB: "分中心"}

const generalSkill = "综合"

func queue(skill, title string) *pb.Leg {
	if skill == "" {
		skill = generalSkill
	}
	return &pb.Leg{Kind: "queue", Target: "12345", Skill: skill, Title: title}
}

// resolve (拨号解析) says what who dials the number at the moment finds. It is pure, and there is no number that it leaves without an answer:
// every list of legs ends with people.
func resolve(number string, at time.Time, list *Document, d *dial) *pb.Dial {
	out := &pb.Dial{Number: number, At: timestamppb.New(at), ListVersion: int32(list.Version)}
	because := func(format string, args ...any) { out.Because = append(out.Because, fmt.Sprintf(format, args...)) }
	entry := list.Entry(number)
	if d != nil && d.Entering {
		d = nil
	}
	switch {
	case number == "12345":
		because("12345政务服务便民热线，7×24小时人工服务。")
		out.Legs = []*pb.Leg{queue(generalSkill, "12345话务队列")}
		return out
	case emergencies[number] != "":
		because("%s（%s）是紧急热线，不参加归并，直接接入，12345不代接。", number, emergencies[number])
		out.Legs = []*pb.Leg{{Kind: "emergency", Target: number, Title: emergencies[number]}}
		return out
	case d == nil && entry == nil:
		because("%s不在归并清单和本市号码台账中。", number)
		out.Says = "您拨打的号码未登记为政务服务便民热线，现在为您转接12345。"
		out.Legs = []*pb.Leg{queue(generalSkill, "12345话务队列")}
		return out
	case d == nil:
		d = &dial{Title: entry.Title, Authority: entry.Authority}
	}
	if entry != nil {
		because("清单第 %d 版要求%s（%s）%s。", list.Version, number, entry.Title, modeTitles[entry.Mode])
	} else {
		because("%s（%s）在本市号码台账中。", number, d.Title)
	}
	d.answer(out, at, because)
	return out
}

// answer fills what is heard and where the call goes by the mode that is in effect.
func (d *dial) answer(out *pb.Dial, at time.Time, because func(string, ...any)) {
	if d.Mode != "" && d.Until != nil && at.Before(*d.Until) {
		out.Says = d.Prompt
		because("过渡期语音提示播放到%s。", calendar.DateOf(d.Until.Add(-time.Second)).Words())
	}
	own := &pb.Leg{Kind: "seats", Target: d.Line, Title: d.Title + "座席"}
	switch d.Mode {
	case wholeMerge:
		because("本市已整体并入：号码取消，由12345接听。")
		if out.Says == "" {
			out.Says = fmt.Sprintf("%s已取消，以后请直接拨打12345，现在为您转接。", out.GetNumber())
			because("过渡期已过，告知号码已取消后仍转接12345。")
		}
		out.Legs = []*pb.Leg{queue(d.Skill, "12345话务队列")}
	case dualNumber:
		out.Legs = []*pb.Leg{queue(d.Skill, "12345话务队列")}
		because("本市双号并行：号码保留，座席由12345统一管理。")
		if d.Stay {
			out.Legs = []*pb.Leg{own, queue(d.Skill, "12345话务队列")}
			because("暂不具备归并条件，保留话务座席，与12345双向转接。")
		}
	case subCenter:
		out.Legs = []*pb.Leg{own, {Kind: "three_way", Target: "12345", Skill: d.Skill, Title: "12345与分中心三方转接"}, queue(d.Skill, "12345话务队列")}
		because("本市设分中心：保留号码和座席，7×24小时；无人接听时由12345接听，专业问题三方转接。")
	default:
		if own.Title = d.Title + "原座席"; d.Line == "" { // nobody told the platform of a line, so the network goes on as it does
			own.Kind, own.Target = "network", out.GetNumber()
		}
		out.Legs = []*pb.Leg{own, queue(d.Skill, "无人接听时由12345接听")}
		because("本市尚未归并：由原座席接听。")
	}
	if d.Experts && (d.Mode == dualNumber || d.Mode == wholeMerge) {
		out.Legs = append(out.Legs, &pb.Leg{Kind: "expert", Target: "12345", Skill: d.Skill, Title: "专家座席：专业问题由话务员转接"})
		because("设专家座席。")
	}
}
