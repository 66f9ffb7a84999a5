package gate

import (
	"context"
	stderrors "errors"
	"fmt"
	"strings"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"buf.build/go/protovalidate"
	"github.com/go-kratos/kratos/v2/errors"
	"github.com/go-kratos/kratos/v2/middleware"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"hotline/api/rest"
)

// checkFields stands over what is wrong with single fields.
const checkFields = "请检查填写的内容。"

// check (填写检查) holds the rules that the contract declares on its messages, and says all that is wrong at once.
func check(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		m, ok := in.(proto.Message)
		if !ok {
			return nil, fmt.Errorf("gate: request %T is no proto message", in)
		}
		err := protovalidate.Validate(m)
		if err == nil {
			return next(ctx, in)
		}
		wrong := new(protovalidate.ValidationError)
		if !stderrors.As(err, &wrong) {
			return nil, fmt.Errorf("rules of the contract: %w", err)
		}
		refusal := errors.BadRequest("INVALID_ARGUMENT", checkFields)
		for _, v := range wrong.Violations {
			refusal = rest.Violation(refusal, jsonPath(m.ProtoReflect().Descriptor(), v.Proto.GetField()), sentence(v))
		}
		return nil, refusal
	}
}

// jsonPath names a field as the sender wrote it: caller.idNumber, posts[1].role.
func jsonPath(d protoreflect.MessageDescriptor, path *validate.FieldPath) string {
	var b strings.Builder
	for _, e := range path.GetElements() {
		name := e.GetFieldName()
		if d != nil {
			if f := d.Fields().ByNumber(protoreflect.FieldNumber(e.GetFieldNumber())); f != nil {
				name, d = f.JSONName(), f.Message()
			}
		}
		if b.Len() > 0 {
			b.WriteByte('.')
		}
		b.WriteString(name)
		if e.GetSubscript() != nil {
			// A map key is what somebody typed; only positions are repeated.
			if i, ok := e.GetSubscript().(*validate.FieldPathElement_Index); ok {
				fmt.Fprintf(&b, "[%d]", i.Index)
			}
		}
	}
	return b.String()
}

// sentences say the rules of the contract in Chinese; %s is the bound that the rule names.
var sentences = map[string]string{
	"required":           "必须填写。",
	"string.min_len":     "太短，至少 %s 个字。",
	"string.max_len":     "太长，至多 %s 个字。",
	"string.len":         "应为 %s 个字。",
	"string.min_bytes":   "太短。",
	"string.max_bytes":   "太长。",
	"string.pattern":     "格式不对，请按说明填写。",
	"string.prefix":      "开头不对，请按说明填写。",
	"string.const":       "只能填写规定的值。",
	"string.email":       "不是正确的电子邮箱。",
	"string.uuid":        "不是正确的编号。",
	"string.uri":         "不是正确的网址。",
	"string.in":          "不在可选的值之内。",
	"string.not_in":      "不能是这个值。",
	"enum.defined_only":  "没有这个选项。",
	"enum.in":            "这里不能用这个选项。",
	"enum.not_in":        "请选择一项。",
	"repeated.min_items": "至少要有 %s 项。",
	"repeated.max_items": "至多 %s 项。",
	"repeated.unique":    "有重复的项，请删去。",
	"map.max_pairs":      "至多 %s 项。",
	"bytes.min_len":      "不能为空。",
	"bytes.max_len":      "太大，至多 %s 字节。",
	"bool.const":         "必须确认这一项。",
}

// bounds say the rules that numbers, times and spans have in common.
var bounds = map[string]string{
	"gt": "应大于 %s。", "gte": "不能小于 %s。", "lt": "应小于 %s。", "lte": "不能大于 %s。",
	"in": "不在可选的值之内。", "not_in": "不能是这个值。", "const": "只能填写规定的值。",
	"lt_now": "应早于现在。", "gt_now": "应晚于现在。",
}

// sentence puts one violation into words. It repeats the bound, never the value, which may be somebody's phone number.
func sentence(v *protovalidate.Violation) string {
	rule := v.Proto.GetRuleId()
	text, known := sentences[rule]
	if !known {
		// int32.gte, and int32.gte_lte when both ends are given: the bound of the second is not in RuleValue.
		kind, bound, _ := strings.Cut(rule, ".")
		switch text, known = bounds[bound]; {
		case known:
		case strings.Contains(bound, "_lt") || strings.Contains(bound, "_lte"):
			return "超出允许的范围，请按说明填写。"
		case strings.HasSuffix(bound, "_empty") && kind == "string":
			return "格式不对，请按说明填写。"
		default:
			return "不符合要求，请按说明填写。"
		}
	}
	if !strings.Contains(text, "%s") {
		return text
	}
	if !v.RuleValue.IsValid() {
		return "不符合要求，请按说明填写。"
	}
	if _, ok := v.RuleValue.Interface().(protoreflect.Message); ok {
		return "超出允许的范围，请按说明填写。" // a moment or a span, whose own text is not for people
	}
	return fmt.Sprintf(text, v.RuleValue.String())
}
