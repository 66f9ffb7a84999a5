package privacy

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// A door (门牌) is a building with a unit or a room: 3号楼2单元1402, 8号院3号楼412室. A
// building alone stays: officials must find where the matter is.
const (
	doorNumber = `[0-9０-９零〇一二三四五六七八九十百幺壹贰叁肆伍陆柒捌玖]+`
	doorRoom   = `[0-9０-９零〇一二三四五六七八九幺]{3,}`
	doorGap    = `[ ,，、\-－—]{0,2}`
	building   = `(?:[A-Za-z]?` + doorNumber + `[A-Za-z]?(?:号楼|号院|栋|幢|座|弄|号|楼)|[A-Za-z](?:座|栋|幢))`
	house      = `(?:[A-Za-z]?` + doorNumber + `[A-Za-z]?(?:号楼|栋|幢|座)|[A-Za-z](?:座|栋|幢))`
	doorEnd    = `(?:室|号房|房|户|家)`
)

// Three forms: with a unit and perhaps a room; a building and a room; a room alone.
var doorPattern = regexp.MustCompile(
	`((?:` + building + doorGap + `)*` + doorNumber + `单元)(` + doorGap + doorNumber + `(?:[\-－—]` + doorNumber + `)?(?:` + doorEnd + `|号)?)?` +
		`|(?:` + building + doorGap + `)*(?:` + doorNumber + `门` + doorGap + `|` + house + doorGap + `)` + doorRoom + `(?:[\-－—]` + doorNumber + `)?` + doorEnd + `?` +
		`|(?:` + building + doorGap + `)*` + doorRoom + `(?:室|号房)`)

func findDoors(text string) []hit { return bySentence(text, mentionsDoor, doorsIn) }

func doorsIn(text string) (hits []hit) {
	for _, m := range doorPattern.FindAllStringSubmatchIndex(text, -1) {
		start, end := m[0], m[1]
		if last, _ := utf8.DecodeLastRuneInString(text[start:end]); digitOf(last) >= 0 && startsWithAny(text[end:], measures) {
			// What looked like a room is the beginning of a year or an amount.
			if end = m[3]; end < 0 {
				continue
			}
		}
		hits = append(hits, hit{doorKind, start, end})
	}
	return hits
}

// mentionsDoor is a cheap look ahead of the pattern: it costs as much as reading, and
// few sentences pass it.
func mentionsDoor(text string) bool {
	for i, r := range text {
		switch r {
		case '单', '号', '室', '栋', '幢', '座', '门':
			last, _ := utf8.DecodeLastRuneInString(text[:i])
			if digitOf(last) >= 0 || last == '十' || last == '百' || last < utf8.RuneSelf && last > ' ' {
				return true
			}
		}
	}
	return false
}

// bySentence runs a costly pass only on the sentences that may hold something for it.
// No pattern reaches over an end of sentence, so the result is the same.
func bySentence(text string, may func(string) bool, p pass) (hits []hit) {
	if !may(text) {
		return nil
	}
	for from := 0; from < len(text); {
		end := from + sentence(text[from:])
		if may(text[from:end]) {
			for _, h := range p(text[from:end]) {
				hits = append(hits, hit{h.kind, h.start + from, h.end + from})
			}
		}
		from = end
	}
	return hits
}

// sentence is the length of the first one.
func sentence(text string) int {
	for i, r := range text { // strings.IndexAny is slow on Chinese text
		switch r {
		case '。', '；', '！', '？':
			return i + len("。")
		}
	}
	return len(text)
}

func firstRune(text string) rune {
	r, _ := utf8.DecodeRuneInString(text)
	return r
}

func startsWithAny(text, set string) bool {
	return text != "" && strings.ContainsRune(set, firstRune(text))
}
