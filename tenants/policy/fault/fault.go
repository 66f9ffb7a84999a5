// Package fault gathers what is wrong with the fields of a request (填写错误) and says it in Chinese, all at once.
package fault

import (
	stderrors "errors"
	"fmt"
	"strings"

	"buf.build/go/protovalidate"
	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/proto"
)

// Faults are what is wrong, in the order of finding.
type Faults struct {
	fields []string
	said   map[string]string
}

// Check applies the rules that the contract declares on the message; prefix is where the message stands in the request.
func Check(m proto.Message, prefix string) (*Faults, error) {
	f := &Faults{}
	err := protovalidate.Validate(m)
	var v *protovalidate.ValidationError
	if err != nil && !stderrors.As(err, &v) {
		return nil, fmt.Errorf("rules of the contract: %w", err)
	}
	if v != nil {
		for _, one := range v.Violations {
			path := protovalidate.FieldPathString(one.Proto.GetField())
			f.Add(strings.Trim(prefix+"."+path, "."), "%s", say(one.Proto.GetRuleId(), one.RuleValue.String()))
		}
	}
	return f, nil
}

// Add notes one fault; the first about a field stays.
func (f *Faults) Add(field, format string, args ...any) {
	if f.said == nil {
		f.said = map[string]string{}
	}
	if _, ok := f.said[field]; !ok {
		f.fields = append(f.fields, field)
		f.said[field] = fmt.Sprintf(format, args...)
	}
}

// Has says whether a field is known to be wrong.
func (f *Faults) Has(field string) bool {
	_, ok := f.said[field]
	return ok
}

// Err is nil when nothing is wrong, else the sentence of the first fault with all of them as metadata "field.<path>".
func (f *Faults) Err() error {
	if len(f.fields) == 0 {
		return nil
	}
	md := map[string]string{}
	for field, sentence := range f.said {
		md["field."+field] = sentence
	}
	first := f.fields[0]
	sentence := fmt.Sprintf("%s：%s", first, f.said[first])
	if n := len(f.fields); n > 1 {
		sentence += fmt.Sprintf("（共 %d 处需要改正）", n)
	}
	return errors.BadRequest("INVALID_ARGUMENT", sentence).WithMetadata(md)
}

// One is an error about a single field.
func One(field, format string, args ...any) error {
	f := &Faults{}
	f.Add(field, format, args...)
	return f.Err()
}

// say puts a rule of the contract into words.
func say(rule, value string) string {
	switch rule {
	case "required":
		return "必须填写。"
	case "string.pattern":
		if strings.Contains(value, "wd") {
			return "时限写法不对，应如 30m（分钟）、2h（小时）、2wh（工作小时）、7d（自然日）、5wd（工作日）。"
		}
		return "格式不对，请按示例填写。"
	case "string.in":
		return "不在可选值之内。"
	case "string.min_len":
		return "太短，至少 " + value + " 个字。"
	case "string.max_len":
		return "太长，至多 " + value + " 个字。"
	case "repeated.max_items":
		return "太多，至多 " + value + " 项。"
	case "repeated.unique":
		return "有重复项，请删去一项。"
	}
	if strings.HasPrefix(rule, "int32.") {
		return "数值超出允许的范围，请按说明填写。"
	}
	return "不符合规定（" + rule + "）。"
}
