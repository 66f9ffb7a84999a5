package gate

import (
	"strings"
	"testing"
	"unicode"

	"buf.build/gen/go/bufbuild/protovalidate/protocolbuffers/go/buf/validate"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	caseworkpb "hotline/api/casework/v1"
	tenantpb "hotline/api/tenant/v1"
)

func refused(t *testing.T, in proto.Message) refusal {
	t.Helper()
	_, err := check(nil)(t.Context(), in)
	return readGRPC(err)
}

func TestWhatIsFilledInWrongIsSaidInChinese(t *testing.T) {
	r := refused(t, &caseworkpb.IntakeRequest{Parent: "tenants/110000", RequestId: strings.Repeat("x", 65), TargetCity: phone, Facts: &caseworkpb.Facts{
		Kind: 99, Category: "12", Urgency: 1, Channel: 1, Title: "漏", Caller: &caseworkpb.Caller{Phone: "我的电话" + phone},
	}})
	if r.Code != 400 || r.Reason != "INVALID_ARGUMENT" || r.Message != "请检查填写的内容。" {
		t.Errorf("%+v", r)
	}
	for field, want := range map[string]string{
		"requestId": "太长，至多 64 个字。", "targetCity": "格式不对，请按说明填写。", "disposition": "请选择一项。", "facts.kind": "没有这个选项。",
		"facts.title": "太短，至少 2 个字。", "facts.caller.phone": "格式不对，请按说明填写。",
	} {
		if got := r.field(field); got != want {
			t.Errorf("%s: %q", field, got)
		}
	}
	if len(r.Violations) != 6 {
		t.Errorf("%+v", r.Violations)
	}
	if r := refused(t, &caseworkpb.IntakeRequest{Parent: "tenants/110000", Disposition: 1}); r.field("facts") != "必须填写。" {
		t.Errorf("%+v", r)
	}
	if r := refused(t, &caseworkpb.SearchRequest{Parent: "tenants/110000", Phone: phone, PageSize: 900}); r.field("pageSize") != "超出允许的范围，请按说明填写。" {
		t.Errorf("%+v", r)
	}
	entry := &tenantpb.CatalogueEntry{Category: "12", Lead: "a", Ground: "三定", Assist: []string{"b", "b"}}
	if r := refused(t, &tenantpb.PutCatalogueEntryRequest{Parent: "tenants/110000", Entry: entry}); r.field("entry.assist") != "有重复的项，请删去。" {
		t.Errorf("%+v", r)
	}
}

// Every rule that the contract uses has a sentence: the test finds them in the descriptors, so that a new one can't be forgotten.
func TestEveryRuleOfTheContractHasASentence(t *testing.T) {
	used := map[string]bool{}
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if strings.HasPrefix(string(f.Package()), "hotline.") && strings.HasSuffix(string(f.Package()), ".v1") {
			collect(f.Messages(), used)
		}
		return true
	})
	if len(used) < 8 {
		t.Fatalf("only %v found", used)
	}
	for rule := range used {
		_, bound, _ := strings.Cut(rule, ".")
		if sentences[rule] == "" && bounds[bound] == "" {
			t.Errorf("%s has no sentence", rule)
		}
	}
	for rule, text := range sentences {
		if !strings.HasSuffix(text, "。") || !strings.ContainsFunc(text, func(r rune) bool { return unicode.Is(unicode.Han, r) }) {
			t.Errorf("%s: %q", rule, text)
		}
	}
}

// collect notes the ids of the rules on the fields of the messages: string.min_len, required …
func collect(ms protoreflect.MessageDescriptors, used map[string]bool) {
	for i := range ms.Len() {
		collect(ms.Get(i).Messages(), used)
		fields := ms.Get(i).Fields()
		for j := range fields.Len() {
			rules, _ := proto.GetExtension(fields.Get(j).Options(), validate.E_Field).(*validate.FieldRules)
			if rules == nil {
				continue
			}
			rules.ProtoReflect().Range(func(kind protoreflect.FieldDescriptor, v protoreflect.Value) bool {
				if kind.Message() == nil {
					if kind.Name() != "ignore" { // says when the rules hold, and is none itself
						used[string(kind.Name())] = true
					}
					return true
				}
				v.Message().Range(func(rule protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
					if rule.Name() != "items" {
						used[string(kind.Name())+"."+string(rule.Name())] = true
					}
					return true
				})
				return true
			})
		}
	}
}

// The tenant step sees a city only in name or parent: a request of the contract that hides it elsewhere would pass unseen.
func TestEveryRequestWithACityNamesItWhereTheGateLooks(t *testing.T) {
	for _, desc := range []*grpc.ServiceDesc{
		&caseworkpb.WorkOrders_ServiceDesc, &caseworkpb.Portal_ServiceDesc, &tenantpb.Sessions_ServiceDesc,
		&tenantpb.Accounts_ServiceDesc, &tenantpb.Directory_ServiceDesc, &tenantpb.Rulebooks_ServiceDesc,
	} {
		d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(desc.ServiceName))
		if err != nil {
			t.Fatal(err)
		}
		methods := d.(protoreflect.ServiceDescriptor).Methods()
		for i := range methods.Len() {
			fields := methods.Get(i).Input().Fields()
			for j := range fields.Len() {
				f := fields.Get(j)
				rules, _ := proto.GetExtension(f.Options(), validate.E_Field).(*validate.FieldRules)
				if strings.Contains(rules.GetString().GetPattern(), "tenants/") && f.Name() != "name" && f.Name() != "parent" {
					t.Errorf("%s names a city in %s", methods.Get(i).FullName(), f.Name())
				}
			}
		}
	}
}
