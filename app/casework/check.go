package casework

import (
	"context"
	"regexp"
	"strings"
	"unicode/utf8"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/tenants/policy"
	"hotline/tenants/privacy"
)

// rule is one check of a reply (答复检查), readable as a sentence: what it looks for, and what to do about it.
type rule struct {
	code     string
	message  string
	blocking bool
	fails    func(sentence string) bool
}

var sourced = regexp.MustCompile(`《[^》]{2,}》|〔\d{4}〕\d+号|第[一二三四五六七八九十百\d]+条`)

func has(words ...string) func(string) bool {
	return func(sentence string) bool {
		for _, w := range words {
			if strings.Contains(sentence, w) {
				return true
			}
		}
		return false
	}
}

// rules are the national ones (flow.md "Reply, review, conclusion"), sentence by sentence of the public part.
var rules = []rule{
	{"PERSONAL_DATA", "公开答复中不能出现电话、证件号、门牌等个人信息，请删除。", true,
		func(s string) bool { return len(privacy.Find(withoutOffice(s))) > 0 }},
	{"OVER_PROMISE", "不要过度承诺，请写明已做和能做的事。", true, has("保证解决", "绝对不会", "百分之百", "永远不会", "一定彻底")},
	{"DEADLINE_PROMISE", "不要承诺具体办结日期，请写明安排和后续告知方式。", false,
		regexp.MustCompile(`(保证|承诺|确保|一定)[^，。]{0,8}(\d+|[一二三四五六七八九十两]+)(天|日|个工作日|周|个月)内`).MatchString},
	{"SHIRKING", "不要推诿，请说明本单位做了什么、由谁负责。", true, has("不归我们管", "与我单位无关", "爱找谁找谁", "没办法解决")},
	{"NO_SOURCE", "提到政策规定时请写明文件名称或条款。", false, func(s string) bool {
		return has("根据规定", "按照规定", "依据政策", "根据政策", "按有关规定", "根据相关")(s) && !sourced.MatchString(s)
	}},
}

// forbidden are the city's own words that must not stand in a public answer.
func forbidden(city *policy.InForce) []rule {
	if words := city.Policy.GetForbiddenWords(); len(words) > 0 {
		return []rule{{"FORBIDDEN_WORD", "本市规定公开答复不得使用这一用语，请改写。", true, has(words...)}}
	}
	return nil
}

// answers says whether an answer speaks of what was asked: they share a word of the title.
func answers(title, answer string) bool {
	asked := bigrams(title)
	if len(asked) < 4 {
		return true // too little was said to tell
	}
	for pair := range bigrams(answer) {
		if asked[pair] {
			return true
		}
	}
	return false
}

var dangers = regexp.MustCompile(`燃气|漏电|触电|坍塌|塌陷|井盖|火灾|消防通道|电梯|坠落|溺水|高空抛物`)
var hints = regexp.MustCompile(`安全|警示|远离|请勿|注意|围挡|隔离`)

// officePhone is a unit's published number behind words that say so. A bare 电话 or 联系电话 may be a citizen's landline.
var officePhone = regexp.MustCompile(`(咨询|服务|值班|办公|监督)(电话|热线)[:：]?\s*\(?0\d{2,3}\)?[- ]?\d{7,8}`)

func withoutOffice(s string) string { return officePhone.ReplaceAllString(s, "") }

// findings runs every check over a draft and names the sentence that failed. Whether the petitioner of a confidential order is
// named in it the unit is not told, or it could try name after name and leave no trace; the review looks for that.
func (s *Service) findings(ctx context.Context, k *privacy.Keyring, city *policy.InForce, o *ent.WorkOrder, d *pb.Draft) ([]*pb.Finding, error) {
	var out []*pb.Finding
	name := o.Name
	if s.unknowing(ctx, o) {
		name = privacy.Personal{}
	}
	add := func(code, message, sentence string, blocking bool) error {
		clean, err := k.ScrubOf(sentence, rowOf(o.ID), name)
		out = append(out, &pb.Finding{Rule: code, Message: message, Sentence: clean, Blocking: blocking})
		return err
	}
	sentences := split(d.GetPublicPart())
	for _, sentence := range sentences {
		for _, r := range append(rules, forbidden(city)...) {
			if r.fails(sentence) {
				if err := add(r.code, r.message, sentence, r.blocking); err != nil {
					return nil, err
				}
			}
		}
	}
	is, err := tells(k, name, o, d.GetPublicPart())
	if err != nil {
		return nil, err
	}
	if is {
		out = append(out, &pb.Finding{Rule: "PERSONAL_DATA", Message: namesPetitioner, Blocking: true})
	}
	if utf8.RuneCountInString(d.GetPublicPart()) < 20 {
		if err := add("TOO_SHORT", "答复过短，请正面回应诉求：查了什么、做了什么、结果怎样。", d.GetPublicPart(), true); err != nil {
			return nil, err
		}
	}
	if !veiled(o) && !answers(o.Title, d.GetPublicPart()) { // the unit has not read the title
		if err := add("NOT_TO_THE_POINT", "答复没有提到诉求的内容，请正面回应所问。", sentences[0], false); err != nil {
			return nil, err
		}
	}
	if dangers.MatchString(o.Title) && !hints.MatchString(d.GetPublicPart()) {
		out = append(out, &pb.Finding{Rule: "NO_SAFETY_HINT", Message: "诉求涉及安全隐患，请写明防护措施或安全提示。"})
	}
	if d.GetConclusion() == pb.Conclusion_TO_LEGAL_PROCEDURE && !sourced.MatchString(d.GetGround()+d.GetPublicPart()) {
		out = append(out, &pb.Finding{Rule: "NO_SOURCE", Message: "转法定程序请写明法律依据。", Blocking: true})
	}
	return out, nil
}

// unknowing says whether the viewer belongs to a unit that must not learn who the petitioner is. Nothing that leaves no trace may
// tell them a right guess from a wrong one.
func (s *Service) unknowing(ctx context.Context, o *ent.WorkOrder) bool {
	return o.Confidential && s.forUnit(ctx)
}

const namesPetitioner = "公开答复中不能出现诉求人姓名，请用“您”或“市民”。"

// tells says whether the petitioner's name stands in a text.
func tells(k *privacy.Keyring, name privacy.Personal, o *ent.WorkOrder, text string) (bool, error) {
	if name.Empty() {
		return false, nil
	}
	n, err := k.Likeness(name, rowOf(o.ID), func(name string) int {
		if utf8.RuneCountInString(name) > 1 && name != "匿名" && strings.Contains(text, name) {
			return 1
		}
		return 0
	})
	return n > 0, err
}

var ends = regexp.MustCompile(`[。！？!?；;\n]+`)

func split(text string) []string {
	var out []string
	for _, s := range ends.Split(text, -1) {
		if s = strings.TrimSpace(s); s != "" {
			out = append(out, s)
		}
	}
	return out
}
