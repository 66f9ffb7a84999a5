package intakefile

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/tenants/calendar"
)

var kinds = map[string]pb.Kind{"咨询": pb.Kind_CONSULT, "求助": pb.Kind_HELP, "投诉": pb.Kind_COMPLAINT, "举报": pb.Kind_REPORT,
	"意见建议": pb.Kind_SUGGEST, "建议": pb.Kind_SUGGEST, "表扬": pb.Kind_PRAISE}

var urgencies = map[string]pb.Urgency{"特急": pb.Urgency_CRITICAL, "紧急": pb.Urgency_URGENT, "一般": pb.Urgency_NORMAL,
	"复杂疑难": pb.Urgency_COMPLEX}

var channels = map[string]pb.Channel{"电话": pb.Channel_PHONE, "网站": pb.Channel_WEB, "微信": pb.Channel_WECHAT,
	"移动端": pb.Channel_APP, "电子邮件": pb.Channel_EMAIL, "窗口走访": pb.Channel_WALK_IN,
	"110 转来": pb.Channel_TRANSFER_110, "110转来": pb.Channel_TRANSFER_110, "110_transfer": pb.Channel_TRANSFER_110}

var dispositions = map[string]pb.Disposition{"受理派单": pb.Disposition_IN_SCOPE, "当场答复": pb.Disposition_ANSWERED_ON_SPOT,
	"answer_on_spot": pb.Disposition_ANSWERED_ON_SPOT, "即时转紧急平台": pb.Disposition_EMERGENCY_TRANSFER,
	"告知法定途径": pb.Disposition_LEGAL_CHANNEL, "解释说明": pb.Disposition_EXPLAIN_DECLINE,
	"线索移送公安": pb.Disposition_POLICE_REFERRAL, "跨市转办": pb.Disposition_CROSS_CITY}

// choice reads a word of a list: Chinese, or the contract's English in any case. An empty cell takes the default.
func choice[E ~int32](r record, name string, chinese map[string]E, english map[string]int32, empty E) (E, error) {
	text := r[name]
	if text == "" && empty != 0 {
		return empty, nil
	}
	if e, ok := chinese[strings.ToLower(text)]; ok {
		return e, nil
	}
	if n := english[strings.ToUpper(text)]; n != 0 {
		return E(n), nil
	}
	if text == "" {
		return 0, wrongField(name, "必须填写。")
	}
	return 0, wrongField(name, "不在可选值之内。")
}

func (r record) truth(name string) (bool, error) {
	switch strings.ToLower(r[name]) {
	case "", "0", "false", "no", "n", "否", "不":
		return false, nil
	case "1", "true", "yes", "y", "是", "保密", "匿名":
		return true, nil
	}
	return false, wrongField(name, "请填是或否。")
}

// moments are the forms in which systems and people write a time; without a zone it is China's.
var moments = []string{"2006-1-2 15:04:05", "2006-1-2 15:04", "2006/1/2 15:04:05", "2006/1/2 15:04", "2006-1-2T15:04:05",
	"2006年1月2日 15:04:05", "2006年1月2日 15:04", "2006年1月2日15时04分", "20060102150405", "2006-1-2", "2006/1/2", "2006年1月2日"}

// oldest is before any hotline; an earlier moment is a slip, and far earlier ones no database keeps.
var oldest = time.Date(1980, 1, 1, 0, 0, 0, 0, calendar.Zone)

func (r record) moment(name string) (*timestamppb.Timestamp, error) {
	text := r[name]
	if text == "" {
		return nil, nil
	}
	t, err := time.Parse(time.RFC3339, text)
	for i := 0; err != nil && i < len(moments); i++ {
		t, err = time.ParseInLocation(moments[i], text, calendar.Zone)
	}
	if err != nil {
		return nil, wrongField(name, "看不懂这个时间，请写作 2026-09-01 08:45:37。")
	}
	if t.Before(oldest) {
		return nil, wrongField(name, "时间过早。")
	}
	return timestamppb.New(t), nil
}

// id is the original number, or a stable one for a line without: the same content gives the same, so that it comes in once.
func (r record) id() string {
	if r["source_id"] != "" {
		return r["source_id"]
	}
	h := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(r)) {
		_, _ = fmt.Fprintf(h, "%s %d %s\n", name, len(r[name]), r[name])
	}
	return "line-" + hex.EncodeToString(h.Sum(nil)[:16])
}

// request makes the intake of a line. Parent is set only where the line names its city, for Import to compare.
func (r record) request() (*pb.IntakeRequest, error) {
	for _, name := range slices.Sorted(maps.Keys(r)) {
		if strings.ContainsRune(r[name], 0) { // no text column of PostgreSQL keeps it
			return nil, wrongField(name, "含有空字符。")
		}
	}
	facts, err := r.facts()
	if err != nil {
		return nil, err
	}
	in := &pb.IntakeRequest{Facts: facts, Reason: r["reason"], Told: r["told"], Citation: r["citation"],
		Evidence: r["evidence"], TargetCity: r["target_city"]}
	if in.Disposition, err = choice(r, "disposition", dispositions, pb.Disposition_value, pb.Disposition_IN_SCOPE); err != nil {
		return nil, err
	}
	if r["city"] != "" {
		in.Parent = "tenants/" + r["city"]
	}
	complete(in, r["answer"])
	return in, nil
}

func (r record) facts() (f *pb.Facts, err error) {
	f = &pb.Facts{Category: r["category"], Title: r["title"], Body: r["body"], Words: r["words"], District: r["district"],
		Location: r["location"], SourceId: r.id(), Caller: &pb.Caller{Name: r["name"], Phone: r["phone"],
			IdNumber: r["id_number"], Address: r["address"], Email: r["email"]}}
	if f.Category == "" {
		f.Category = casework.Unsorted // as what citizens file: a dispatcher sorts it
	}
	if casework.ValidNumber(r["repeat_of"]) { // a number of the other system names no order here
		f.RepeatOf = r["repeat_of"]
	}
	if f.Kind, err = choice(r, "kind", kinds, pb.Kind_value, 0); err != nil {
		return nil, err
	}
	if f.Urgency, err = choice(r, "urgency", urgencies, pb.Urgency_value, pb.Urgency_NORMAL); err != nil {
		return nil, err
	}
	if f.Channel, err = choice(r, "channel", channels, pb.Channel_value, 0); err != nil {
		return nil, err
	}
	if f.ReceiveTime, err = r.moment("received_at"); err != nil {
		return nil, err
	}
	if f.Confidential, err = r.truth("confidential"); err != nil {
		return nil, err
	}
	if f.LawEnforcement, err = r.truth("law_enforcement"); err != nil {
		return nil, err
	}
	f.Caller.Anonymous, err = r.truth("anonymous")
	return f, err
}

// complete fills in what a branch must carry and old systems did not ask for. It says only what the line itself says; where
// there is no reason or answer, intake refuses the line.
func complete(in *pb.IntakeRequest, answer string) {
	origin := "原系统记录 " + in.GetFacts().GetSourceId()
	if in.GetTold() == "" {
		in.Told = answer
	}
	said := ""
	switch in.GetDisposition() {
	case pb.Disposition_ANSWERED_ON_SPOT:
		if in.GetCitation() == "" {
			in.Citation = origin
		}
	case pb.Disposition_EMERGENCY_TRANSFER:
		said = "事项属于紧急情况，已告知并转接相应的紧急服务平台："
	case pb.Disposition_LEGAL_CHANNEL:
		said = "事项应通过法定途径解决，已告知诉求人："
	case pb.Disposition_EXPLAIN_DECLINE:
		said = "事项不属热线受理范围，已向诉求人解释说明："
	case pb.Disposition_POLICE_REFERRAL:
		if in.GetEvidence() == "" {
			in.Evidence = origin
		}
	}
	if in.GetTold() == "" && said != "" && in.GetReason() != "" {
		in.Told = said + in.GetReason() + "。"
	}
}
