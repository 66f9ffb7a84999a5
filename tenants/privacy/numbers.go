package privacy

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// Numbers are read in groups: a group is an unbroken row of digits, in ASCII, full
// width or spoken Chinese (一三八). A number is one group or several that blanks or
// dashes join. It begins and ends where a group does, so that no part of a 24-digit
// work order number (工单编号) is taken for a phone.

// joint is what stands between a group and the one before it.
type joint uint8

const (
	apart  joint = iota // not one number
	spoken              // a comma or a point: joins the 3-4-4 of a spoken mobile only
	joined              // blanks, dashes, brackets
)

type group struct {
	start, end int // in the text
	from, to   int // in the digits
	joint      joint
	x          bool // an X follows: the check character of an identity number
}

// numbers is a segment's groups with all their digits as ASCII in one row.
type numbers struct {
	text   string
	groups []group
	digits []byte
}

// maxGroups bounds how many groups one number may have; eighteen single digits and a
// country code are the longest that anybody writes. It keeps the search linear.
const maxGroups = 20

func findNumbers(text string) (hits []hit) {
	n := readNumbers(text)
	for i := 0; i < len(n.groups); {
		kind, last, ok := n.at(i)
		if !ok {
			i++
			continue
		}
		start, end := n.groups[i].start, n.groups[last].end
		if kind == idKind && n.groups[last].x {
			_, size := utf8.DecodeRuneInString(text[end:])
			end += size
		}
		hits = append(hits, hit{kind, n.widen(i, start), end})
		i = last + 1
	}
	return hits
}

func readNumbers(text string) numbers {
	n := numbers{text: text}
	in := false
	for i, r := range text {
		d := digitOf(r)
		if d < 0 {
			in = false
			continue
		}
		if !in {
			g := group{start: i, from: len(n.digits)}
			if k := len(n.groups); k > 0 {
				g.joint = jointOf(text[n.groups[k-1].end:i])
			}
			n.groups = append(n.groups, g)
			in = true
		}
		n.digits = append(n.digits, byte('0'+d))
		g := &n.groups[len(n.groups)-1]
		g.end, g.to = i+utf8.RuneLen(r), len(n.digits)
	}
	for i := range n.groups {
		n.groups[i].x = followedByX(text[n.groups[i].end:])
	}
	return n
}

// digitOf gives the value of a digit in any of the ways to write one, or -1.
func digitOf(r rune) int {
	switch {
	case r >= '0' && r <= '9':
		return int(r - '0')
	case r >= '０' && r <= '９':
		return int(r - '０')
	case r < '〇':
		return -1
	}
	return spokenDigit(r)
}

func spokenDigit(r rune) int {
	switch r {
	case '零', '〇':
		return 0
	case '一', '幺', '壹':
		return 1
	case '二', '贰':
		return 2
	case '三', '叁':
		return 3
	case '四', '肆':
		return 4
	case '五', '伍':
		return 5
	case '六', '陆':
		return 6
	case '七', '柒':
		return 7
	case '八', '捌':
		return 8
	case '九', '玖':
		return 9
	}
	return -1
}

func jointOf(between string) joint {
	if len(between) > 12 || utf8.RuneCountInString(between) > 4 {
		return apart
	}
	kind := joined
	for _, r := range between {
		switch {
		case r == '\n' || r == '\r':
			return apart
		case strings.ContainsRune(",，、.．·", r):
			kind = spoken
		case !blank(r) && !strings.ContainsRune("-‐‑‒–—―－_()（）", r):
			return apart
		}
	}
	return kind
}

func followedByX(text string) bool {
	r, size := utf8.DecodeRuneInString(text)
	if r = narrow(r); r != 'X' && r != 'x' {
		return false
	}
	next := narrow(firstRune(text[size:]))
	return !(next >= 'a' && next <= 'z' || next >= 'A' && next <= 'Z')
}

// at looks for the longest number that begins with group i.
func (n *numbers) at(i int) (found kind, last int, ok bool) {
	label := n.label(i)
	for j := i; j < len(n.groups) && j-i < maxGroups; j++ {
		if j > i && n.groups[j].joint == apart {
			break
		}
		digits := n.digits[n.groups[i].from:n.groups[j].to]
		if len(digits) > 33 {
			break
		}
		if k, yes := n.classify(i, j, digits, label); yes {
			found, last, ok = k, j, true
		}
	}
	return found, last, ok
}

// classify tells what the groups i to j are together.
func (n *numbers) classify(i, j int, digits []byte, label kind) (kind, bool) {
	shape := n.shape(i, j)
	if slices.ContainsFunc(n.groups[i+1:j+1], func(g group) bool { return g.joint == spoken }) {
		return phoneKind, mobile(digits) && shape == "344"
	}
	x := n.groups[j].x
	switch {
	case isID(digits, x), label == idKind && (len(digits) >= 15 || len(digits) == 14 && x):
		return idKind, true
	case isPhone(digits), isLandline(digits, n.groups[i].to-n.groups[i].from), n.international(i, digits):
		return phoneKind, true
	case label == cardKind && len(digits) >= 12, isCard(digits):
		return cardKind, true
	case label == phoneKind && (shape == "44" || shape == "34" || i == j && len(digits) >= 7 && len(digits) <= 15):
		// A local number, or one with a digit too many or too few.
		return phoneKind, true
	}
	return 0, false
}

// shape writes the lengths of the groups, such as "344"; what is longer than any
// shape asked for gives "".
func (n *numbers) shape(i, j int) string {
	if j-i > 2 {
		return ""
	}
	var shape [3]byte
	for k := i; k <= j; k++ {
		size := n.groups[k].to - n.groups[k].from
		if size > 9 {
			return ""
		}
		shape[k-i] = byte('0' + size)
	}
	return string(shape[:j-i+1])
}

// labels are words that say what number follows.
var labels = []struct {
	kind  kind
	words []string
}{
	{phoneKind, []string{"电话", "座机", "固话", "手机", "联系方式", "致电", "传真"}},
	{idKind, []string{"身份证", "证件"}},
	{cardKind, []string{"银行卡", "卡号", "账号", "帐号", "账户", "帐户", "存折"}},
}

// label tells what the words just before group i announce, or kinds for nothing. It
// doesn't look beyond the group before: that may be taken already.
func (n *numbers) label(i int) kind {
	from := max(0, n.groups[i].start-40)
	if i > 0 {
		from = max(from, n.groups[i-1].end)
	}
	before := strings.TrimRight(n.text[from:n.groups[i].start], " \t　:：是为,，“\"（(号码")
	for _, l := range labels {
		for _, word := range l.words {
			if strings.HasSuffix(before, word) || strings.HasSuffix(before+"号", word) {
				return l.kind
			}
		}
	}
	return kinds
}

// widen takes a plus before a country code and a bracket before an area code along.
func (n *numbers) widen(i, start int) int {
	before := n.text[:start]
	if i > 0 {
		before = n.text[n.groups[i-1].end:start]
	}
	for _, mark := range []string{"+", "＋"} {
		if strings.HasSuffix(before, mark) {
			return start - len(mark)
		}
	}
	closes := n.text[n.groups[i].end:]
	for open, shut := range map[string]string{"(": ")", "（": "）"} {
		if strings.HasSuffix(before, open) && strings.HasPrefix(closes, shut) {
			return start - len(open)
		}
	}
	return start
}

// international: a plus and ten to fifteen digits.
func (n *numbers) international(i int, digits []byte) bool {
	before := n.text[:n.groups[i].start]
	return len(digits) >= 10 && len(digits) <= 15 && (strings.HasSuffix(before, "+") || strings.HasSuffix(before, "＋"))
}

// isPhone tells one mobile number, with or without a prefix, or two or three of them
// written without a gap.
func isPhone(digits []byte) bool {
	switch len(digits) {
	case 11:
		return mobile(digits)
	case 12:
		return digits[0] == '0' && mobile(digits[1:])
	case 13:
		return string(digits[:2]) == "86" && mobile(digits[2:])
	case 15:
		return string(digits[:4]) == "0086" && mobile(digits[4:])
	case 22, 33:
		for one := range slices.Chunk(digits, 11) {
			if !mobile(one) {
				return false
			}
		}
		return true
	}
	return false
}

// isLandline tells an area code and a local number. A first group that is neither the
// area code nor everything is the tail of something else, such as a date.
func isLandline(digits []byte, first int) bool {
	if digits[0] != '0' || len(digits) < 10 || len(digits) > 12 {
		return false // the common case, without the pattern
	}
	m := area.FindSubmatch(digits)
	return m != nil && (first == len(m[1]) || first == len(digits))
}

// isID tells an identity number of 18 or 15 places. The check character is not asked
// for: people mistype, and a mistyped number still tells who it is.
func isID(digits []byte, x bool) bool {
	if len(digits) < 15 || !province(digits) {
		return false
	}
	switch {
	case len(digits) == 18, len(digits) == 17 && x:
		century := string(digits[6:8])
		return (century == "19" || century == "20") && monthDay(digits[10:14])
	case len(digits) == 15:
		return monthDay(digits[8:12])
	}
	return false
}

// province tells a number's first two places; 00 stands in fictional numbers.
func province(digits []byte) bool {
	const codes = "00 11 12 13 14 15 21 22 23 31 32 33 34 35 36 37 41 42 43 44 45 46 50 51 52 53 54 61 62 63 64 65 71 81 82 83 91"
	return strings.Contains(codes, string(digits[:2]))
}

func monthDay(digits []byte) bool {
	month := int(digits[0]-'0')*10 + int(digits[1]-'0')
	day := int(digits[2]-'0')*10 + int(digits[3]-'0')
	return month >= 1 && month <= 12 && day >= 1 && day <= 31
}

// isCard tells a bank card by its length, first digit and check digit (Luhn).
func isCard(digits []byte) bool {
	if len(digits) < 15 || len(digits) > 19 || digits[0] < '3' || digits[0] > '6' && digits[0] != '9' {
		return false
	}
	sum := 0
	for i, d := range digits {
		v := int(d - '0')
		if (len(digits)-i)%2 == 0 {
			if v *= 2; v > 9 {
				v -= 9
			}
		}
		sum += v
	}
	return sum%10 == 0
}
