package gate

import (
	"context"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"

	caseworkpb "hotline/api/casework/v1"
	privacypb "hotline/api/privacy"
	tenantpb "hotline/api/tenant/v1"
)

func TestPersonalDataLeavesOnlyAsShown(t *testing.T) {
	shown := &privacypb.Shown{Text: phone, Sight: privacypb.Sight_CLEAR}
	for _, c := range []struct {
		name string
		out  proto.Message
		ok   bool
	}{
		{"as Shown", &caseworkpb.WorkOrder{Petitioner: &caseworkpb.Petitioner{Phone: shown}, Words: shown}, true},
		{"a secret of one's own", &caseworkpb.IntakeResponse{Code: "123456"}, true},
		{"tokens, further in", &tenantpb.LoginResponse{Tokens: &tenantpb.Tokens{AccessToken: "a.b.c"}}, true},
		{"nothing", &caseworkpb.WorkOrder{}, true},
		{"a personal field that is empty", &caseworkpb.Caller{Anonymous: true}, true},
		{"a phone as text", &caseworkpb.Caller{Phone: phone}, false},
		{"a name further in", &caseworkpb.IntakeRequest{Facts: &caseworkpb.Facts{Caller: &caseworkpb.Caller{Name: "张三"}}}, false},
		{"free text", &caseworkpb.Facts{Words: "楼上漏水"}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			if err := Privacy(c.out); (err == nil) != c.ok {
				t.Error(err)
			} else if err != nil && (strings.Contains(err.Error(), phone) || strings.Contains(err.Error(), "张三")) {
				t.Errorf("the error tells it: %v", err)
			}
		})
	}
	wrapped, err := anypb.New(&caseworkpb.Caller{Phone: phone})
	if err != nil {
		t.Fatal(err)
	}
	if err := Privacy(wrapped); err == nil {
		t.Error("an Any hides a phone")
	}
}

func TestAClassNobodyKnowsYetIsPersonal(t *testing.T) {
	if !personalClass(privacypb.Class(99)) || personalClass(privacypb.Class_SECRET) || personalClass(privacypb.Class_CLASS_UNSPECIFIED) {
		t.Error("wrong")
	}
}

func TestAnAnswerThatLeaksDoesNotLeave(t *testing.T) {
	g := &Gate{}
	out, err := g.conceal(func(context.Context, any) (any, error) { return &caseworkpb.Caller{Phone: phone}, nil })(t.Context(), nil)
	if out != nil || err == nil {
		t.Errorf("%v, %v", out, err)
	}
	out, err = g.conceal(func(context.Context, any) (any, error) { return "no message", nil })(t.Context(), nil)
	if out != nil || err == nil {
		t.Errorf("what can't be looked at leaves: %v, %v", out, err)
	}
}
