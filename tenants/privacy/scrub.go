package privacy

import (
	"regexp"
	"slices"
	"strings"
)

// kind is what a scrubbed piece was. It is finer than Class, because a reader of the
// text should still understand what stood there.
type kind uint8

const (
	nameKind kind = iota
	phoneKind
	idKind
	mailKind
	cardKind
	chatKind
	doorKind
	recordingKind
	kinds
)

// tokens stand in the text in place of what was found. None has a digit, a letter or
// a marker word that a pass would find again.
var tokens = [kinds]string{"〔姓名〕", "〔电话〕", "〔证件号〕", "〔邮箱〕", "〔银行卡〕", "〔账号〕", "〔门牌〕", "〔录音〕"}

var kindClasses = [kinds]Class{Name, Phone, IDNumber, Email, IDNumber, Phone, Address, Recording}

// Found is one piece of personal data inside a text (文中的个人信息), in byte offsets.
// A bank card counts as IDNumber, a WeChat or QQ id as Phone, a door number as Address.
type Found struct {
	Class      Class
	Start, End int
}

// Find tells where personal data stands in a free text, in order.
func Find(text string) []Found {
	var found []Found
	for _, h := range scan(text, nil) {
		found = append(found, Found{kindClasses[h.kind], h.start, h.end})
	}
	return found
}

// Scrub takes personal data out of a free text (自由文本脱敏): phone numbers, identity
// numbers, bank cards, e-mail addresses, WeChat and QQ ids, door numbers, and each of
// the known strings, such as the caller's name. 鱼先生 stays: it is how officials
// speak of a caller. Dates, amounts and order numbers stay readable.
//
// Scrubbing twice changes nothing, and the time is linear in the text.
func Scrub(text string, known ...string) string {
	if text == "" {
		return ""
	}
	hits := scan(text, known)
	if len(hits) == 0 {
		return text
	}
	var out strings.Builder
	out.Grow(len(text) + 16*len(hits))
	from := 0
	for _, h := range hits {
		out.WriteString(text[from:h.start])
		out.WriteString(tokens[h.kind])
		from = h.end
	}
	out.WriteString(text[from:])
	return out.String()
}

type hit struct {
	kind       kind
	start, end int
}

// pass finds pieces of some kinds in a segment, in order and without overlap.
type pass func(text string) []hit

// scan runs the passes one after another, each on what the former left. A found piece
// is a wall for all later passes, exactly as its token is when the text is scrubbed
// again; together with passes that look at nothing beyond what they take, that makes
// Scrub idempotent.
func scan(text string, known []string) []hit {
	segments := []span{{0, len(text)}}
	if strings.Contains(text, "〔") {
		segments, _ = run(text, segments, findTokens)
	}
	var hits, more []hit
	passes := []pass{findMail, findChat, findNumbers, findDoors}
	if names := knownNames(known); len(names) > 0 {
		passes = slices.Insert(passes, 0, func(s string) []hit { return findNames(s, names) })
	}
	for _, p := range passes {
		segments, more = run(text, segments, p)
		hits = append(hits, more...)
	}
	slices.SortFunc(hits, func(a, b hit) int { return a.start - b.start })
	return hits
}

type span struct{ start, end int }

// run applies a pass to each segment and cuts the segments at what it found.
func run(text string, segments []span, p pass) (rest []span, hits []hit) {
	for _, s := range segments {
		from := s.start
		for _, h := range p(text[s.start:s.end]) {
			h.start, h.end = h.start+s.start, h.end+s.start
			hits = append(hits, h)
			if h.start > from {
				rest = append(rest, span{from, h.start})
			}
			from = h.end
		}
		if s.end > from {
			rest = append(rest, span{from, s.end})
		}
	}
	return rest, hits
}

var tokenPattern = regexp.MustCompile(strings.Join(tokens[:], "|"))

func findTokens(text string) (hits []hit) {
	for _, m := range tokenPattern.FindAllStringIndex(text, -1) {
		hits = append(hits, hit{start: m[0], end: m[1]})
	}
	return hits
}

// knownNames drops what would tear the text apart: single characters and 匿名. Longer
// ones go first, so that a part of a name doesn't leave its other part standing.
func knownNames(known []string) []string {
	var names []string
	for _, name := range known {
		name = strings.TrimFunc(name, blank)
		if len([]rune(name)) > 1 && name != anonymous {
			names = append(names, name)
		}
	}
	slices.SortFunc(names, func(a, b string) int { return len(b) - len(a) })
	return names
}

func findNames(text string, names []string) []hit {
	segments, hits := []span{{0, len(text)}}, []hit(nil)
	for _, name := range names {
		var more []hit
		segments, more = run(text, segments, func(s string) (found []hit) {
			for from := 0; ; {
				i := strings.Index(s[from:], name)
				if i < 0 {
					return found
				}
				found = append(found, hit{nameKind, from + i, from + i + len(name)})
				from += i + len(name)
			}
		})
		hits = append(hits, more...)
	}
	slices.SortFunc(hits, func(a, b hit) int { return a.start - b.start })
	return hits
}

var mailPattern = regexp.MustCompile(`[A-Za-z0-9._%+\-Ａ-Ｚａ-ｚ０-９．＿－]+[@＠](?:[A-Za-z0-9\-Ａ-Ｚａ-ｚ０-９－]+[.．])+[A-Za-zＡ-Ｚａ-ｚ]{2,}`)

func findMail(text string) (hits []hit) {
	if !strings.Contains(text, "@") && !strings.Contains(text, "＠") { // ContainsAny is slow on Chinese text
		return nil
	}
	for _, m := range mailPattern.FindAllStringIndex(text, -1) {
		hits = append(hits, hit{mailKind, m[0], m[1]})
	}
	return hits
}

// An id of WeChat (微信号) or QQ stands after its word and a few words between. A
// WeChat id begins with a letter and has six characters or more. No upper length: a
// longer one would become a fitting one when a later pass cuts it.
var chatPattern = regexp.MustCompile(`(?i)(?:微信|薇信|威信|[v薇]信|\bvx|wechat|weixin|qq|扣扣|企鹅)` +
	`(?:账号|帐号|号码|号|id)?[\s:：是为，,“"'（(]{0,4}([a-zａ-ｚ][a-z0-9_\-ａ-ｚ０-９＿－]{5,}|[0-9０-９]{5,})`)

// measures follow an amount or a date; digits before them are no id and no room.
const measures = "元块万亿千百年月日号点时分秒人个张名户次家天件条度米平岁%％"

func findChat(text string) []hit { return bySentence(text, mentionsChat, chatsIn) }

func mentionsChat(text string) bool {
	return strings.Contains(text, "信") || strings.Contains(text, "扣扣") || strings.Contains(text, "企鹅") ||
		strings.ContainsAny(text, "QqVvWw")
}

func chatsIn(text string) (hits []hit) {
	for _, m := range chatPattern.FindAllStringSubmatchIndex(text, -1) {
		id := text[m[2]:m[3]]
		if id == "12345" || (digitOf(firstRune(id)) >= 0 && startsWithAny(text[m[3]:], measures)) {
			continue
		}
		hits = append(hits, hit{chatKind, m[2], m[3]})
	}
	return hits
}
