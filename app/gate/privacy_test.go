package gate

import (
	"context"
	"slices"
	"strings"
	"testing"

	"google.golang.org/grpc"
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

// careless is the contract's service with one method that answers with what came in. The contract itself has no answer that
// could leak so; the check is for the one that somebody adds.
func careless() *grpc.ServiceDesc {
	desc := caseworkpb.WorkOrders_ServiceDesc
	desc.Methods = slices.Clone(desc.Methods)
	for i := range desc.Methods {
		if desc.Methods[i].MethodName != "GetWorkOrder" {
			continue
		}
		desc.Methods[i].Handler = func(_ any, ctx context.Context, decode func(any) error, around grpc.UnaryServerInterceptor) (any, error) {
			in := new(caseworkpb.GetWorkOrderRequest)
			if err := decode(in); err != nil {
				return nil, err
			}
			return around(ctx, in, &grpc.UnaryServerInfo{FullMethod: "/" + desc.ServiceName + "/GetWorkOrder"},
				func(context.Context, any) (any, error) { return &caseworkpb.Caller{Phone: phone}, nil })
		}
	}
	return &desc
}

func TestTheDoorItselfHoldsBackAnAnswerThatLeaks(t *testing.T) {
	h := open(t, func(p *Parts) { p.Services = []Service{{careless(), &orders{}}} })
	if r := h.get(t, "Bearer agent", here); r.Reason != "INTERNAL" || r.Code != 500 {
		t.Errorf("%+v", r)
	}
	if l := h.log.String(); !strings.Contains(l, "hotline.casework.v1.Caller.phone") || strings.Contains(l, phone) {
		t.Errorf("the operator reads: %s", l)
	}
}
