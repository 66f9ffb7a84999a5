package intakefile

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// field is one thing a line can say: its English name, and the headers by which it is known without a column map, the first
// of which names it in sentences.
type field struct {
	name    string
	also    []string // other English names
	headers []string
}

var known = []field{
	{"source_id", []string{"id"}, []string{"原系统号", "原工单号", "编号"}},
	{"city", nil, []string{"城市代码"}},
	{"received_at", []string{"receive_time"}, []string{"受理时间", "来电时间"}},
	{"title", nil, []string{"标题"}},
	{"body", nil, []string{"内容", "工单正文", "诉求内容"}},
	{"words", []string{"transcript"}, []string{"诉求原文"}},
	{"kind", nil, []string{"诉求类型"}},
	{"category", nil, []string{"分类", "诉求分类"}},
	{"urgency", nil, []string{"紧急程度"}},
	{"channel", nil, []string{"渠道", "受理渠道"}},
	{"name", nil, []string{"姓名", "诉求人"}},
	{"phone", nil, []string{"电话", "联系电话", "来电号码"}},
	{"id_number", nil, []string{"证件号", "身份证号"}},
	{"address", nil, []string{"住址"}},
	{"email", nil, []string{"邮箱", "电子邮箱"}},
	{"anonymous", nil, []string{"匿名"}},
	{"district", nil, []string{"区县"}},
	{"location", nil, []string{"地址", "事发地址"}},
	{"confidential", nil, []string{"保密"}},
	{"law_enforcement", nil, []string{"行政执法类"}},
	{"disposition", nil, []string{"处理方式"}},
	{"reason", nil, []string{"事由"}},
	{"told", nil, []string{"告知内容"}},
	{"answer", nil, []string{"答复"}},
	{"citation", nil, []string{"依据"}},
	{"evidence", nil, []string{"证据"}},
	{"target_city", []string{"cross_city"}, []string{"转办城市"}},
	{"repeat_of", nil, []string{"历史工单号"}},
}

// fieldOf finds a field by an English name, and by a Chinese header where headers count.
func fieldOf(name string, headers bool) (string, bool) {
	for _, f := range known {
		if f.name == name || slices.Contains(f.also, name) || headers && slices.Contains(f.headers, name) {
			return f.name, true
		}
	}
	return "", false
}

// wrongField says what is wrong with a field by both its names, and never what stood in it.
func wrongField(name, format string, args ...any) error {
	for _, f := range known {
		if f.name == name {
			name = f.headers[0] + "（" + name + "）"
		}
	}
	return bad("%s：%s", name, fmt.Sprintf(format, args...))
}

// parseColumns reads field=header,… into headers by field.
func parseColumns(text string) (map[string]string, error) {
	mapped := map[string]string{}
	if strings.TrimSpace(text) == "" {
		return mapped, nil
	}
	for pair := range strings.SplitSeq(text, ",") {
		name, header, ok := strings.Cut(pair, "=")
		if header = normal(header); !ok || header == "" {
			return nil, fmt.Errorf("列对应写作 字段=表头，用英文逗号隔开：%q 不对。", pair)
		}
		field, ok := fieldOf(normal(name), true)
		if !ok {
			return nil, fmt.Errorf("列对应里没有字段 %q。", name)
		}
		if _, twice := mapped[field]; twice {
			return nil, fmt.Errorf("列对应里字段 %q 写了两次。", name)
		}
		mapped[field] = header
	}
	return mapped, nil
}

// normal is a header without what forms put around it: spaces, and stars for what must be filled in.
func normal(header string) string {
	return strings.ToLower(strings.Trim(header, " \t\r\n\u3000*＊:："))
}

// bind says which field stands in which column; a field that the map names is looked for under that header only.
func bind(header []string, mapped map[string]string) (fields []string, unknown []string, err error) {
	fields = make([]string, len(header))
	at := map[string]bool{}
	byHeader := map[string]string{}
	for name, h := range mapped {
		if other := byHeader[h]; other != "" {
			return nil, nil, fmt.Errorf("列对应里 %q 对应了两个字段。", h)
		}
		byHeader[h] = name
	}
	for i, h := range header {
		h = normal(h)
		name, ok := byHeader[h]
		if !ok {
			if name, ok = fieldOf(h, true); ok && mapped[name] != "" {
				ok = false
			}
		}
		if !ok || at[name] {
			if h != "" {
				unknown = append(unknown, strconv.Itoa(i+1))
			}
			continue
		}
		fields[i], at[name] = name, true
	}
	for name, h := range mapped {
		if !at[name] {
			return nil, nil, fmt.Errorf("文件里没有列对应中的表头 %q。", h)
		}
	}
	if len(at) == 0 {
		return nil, nil, errors.New("没有认出任何一列，请检查第一行是不是表头，或用列对应说明。")
	}
	return fields, unknown, nil
}
