package privacy

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// hiddenMark stands where showing any character would say too much.
const hiddenMark = "***"

// MaskOf gives the masked form (脱敏) of a plaintext. Whatever doesn't have the usual
// form of its class is masked whole rather than shown by accident.
func MaskOf(class Class, plain string) string {
	plain = strings.TrimFunc(plain, blank)
	if plain == "" {
		return ""
	}
	switch class {
	case Name:
		return maskName(plain)
	case Phone:
		return maskPhone(plain)
	case IDNumber:
		return maskID(plain)
	case Address:
		return maskAddress(plain)
	case Email:
		return maskEmail(plain)
	case Text:
		return Scrub(plain)
	case Recording:
		return tokens[recordingKind]
	}
	return hiddenMark
}

// anonymous is what is written when the caller gave no name (匿名); it tells nothing.
const anonymous = "匿名"

// compound lists the surnames of two characters (复姓) that still occur.
var compound = words(`欧阳 司马 上官 诸葛 东方 皇甫 尉迟 公孙 慕容 令狐 司徒 司空 夏侯 轩辕 端木 独孤 南宫
	西门 东郭 公冶 宇文 长孙 鲜于 闾丘 太史 申屠 钟离 澹台 百里 呼延 左丘 公羊 赫连 濮阳 淳于 单于 太叔 仲孙
	宗政 公西 万俟 闻人 拓跋 夹谷 谷梁 段干 东门 南门 微生 梁丘 第五 纳兰 完颜 叶赫`)

func words(text string) map[string]bool {
	set := map[string]bool{}
	for _, word := range strings.Fields(text) {
		set[word] = true
	}
	return set
}

// maskName keeps the surname; at most two stars follow, so that the length of a long
// name isn't told. Of a single character nothing is kept.
func maskName(name string) string {
	if name == anonymous {
		return name
	}
	runes := []rune(name)
	if len(runes) == 1 {
		return "*"
	}
	keep := 1
	if len(runes) > 2 && compound[string(runes[:2])] {
		keep = 2
	}
	return string(runes[:keep]) + strings.Repeat("*", min(len(runes)-keep, 2))
}

// area splits a landline into area code (区号) and local number.
var area = regexp.MustCompile(`^(0(?:10|2\d|[3-9]\d\d))(\d{7,8})$`)

func maskPhone(phone string) string {
	digits := normalPhone(phone)
	if mobile(digits) {
		return digits[:3] + "****" + digits[7:]
	}
	if m := area.FindStringSubmatch(digits); m != nil {
		// Of seven local digits two may stand, of eight four.
		return m[1] + "-****" + m[2][len(m[2])-(2+2*(len(m[2])-7)):]
	}
	if len(digits) >= 8 && strings.Trim(digits, "0123456789") == "" {
		return "****" + digits[len(digits)-2:]
	}
	return "****"
}

// maskID shows a character or two at each end; what lies between includes the birth
// date, sex and serial number.
func maskID(id string) string {
	runes := []rune(normal(IDNumber, id))
	n := len(runes)
	switch {
	case n >= 15:
		return string(runes[:2]) + strings.Repeat("*", 14) + string(runes[n-2:])
	case n >= 8:
		return "****" + string(runes[n-2:])
	}
	return "****"
}

func maskEmail(email string) string {
	email = strings.Map(dropBlank, email)
	at := strings.LastIndexByte(email, '@')
	if at < 0 || at == len(email)-1 {
		return hiddenMark
	}
	first := ""
	if utf8.RuneCountInString(email[:at]) > 1 {
		r, _ := utf8.DecodeRuneInString(email)
		first = string(r)
	}
	return first + hiddenMark + email[at:]
}

// The levels of an address (行政区划层级), each optional and read in this order. Lazy,
// so that each takes the nearest ending.
var levels = []*regexp.Regexp{
	regexp.MustCompile(`^\p{Han}{2,7}?(?:省|自治区|特别行政区)`),
	regexp.MustCompile(`^\p{Han}{1,10}?(?:自治州|市|地区|盟)`),
	regexp.MustCompile(`^(?:\p{Han}{1,6}?(?:县|区|旗|市)|\p{Han}{2,14}?(?:自治县|自治旗))`),
	regexp.MustCompile(`^\p{Han}{1,8}?(?:街道|镇|乡|苏木)`),
}

// placeNames hold a character that otherwise shows that a road or a building began,
// or that one level was read over.
var placeNames = strings.NewReplacer("鼓楼区", "", "路桥区", "", "路南区", "", "路北区", "", "驻马店市", "",
	"工业园区", "", "景德镇市", "", "镇江市", "", "新乡市", "", "萍乡市", "", "镇海区", "", "市中区", "", "市南区", "", "市北区", "")

// beyond are characters after which an address is finer than a street office.
const beyond = "路巷弄号楼栋幢室院店厦"

// falseEnds are endings that look like a level but aren't (小区, 超市, 大街道), and
// parts that ran over a whole level.
var falseEnds = regexp.MustCompile(`[小社园厂校景院库住业车一二三四五六七八九十]区$|..[东西南北中]区$|[超门菜夜集早闹]市$|大街道$|[区县市镇乡].+[市区盟]$`)

// maskAddress keeps 省、市、区县、街道或镇 and hides the rest.
func maskAddress(address string) string {
	rest := address
	for _, level := range levels {
		part := level.FindString(rest)
		bare := placeNames.Replace(part)
		if part == "" || strings.ContainsAny(bare, beyond) || falseEnds.MatchString(bare) {
			continue
		}
		rest = rest[len(part):]
	}
	if rest == "" {
		return address
	}
	return address[:len(address)-len(rest)] + hiddenMark
}
