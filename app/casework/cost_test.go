package casework_test

import (
	"context"
	"io"
	"strings"
	"testing"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
)

// budget is how many statements the acts of the straight way may take, the order shown afterwards included. An act that needs more
// must say so here. Of each act two are for who watches: the change, and on SQLite its place.
var budget = map[string]int64{"intake": 8, "dispatch": 15, "sign": 13, "contact": 13, "reply": 15, "review": 17, "callback": 18, "get": 6}

func TestAnActTakesNoMoreStatementsThanItsBudget(t *testing.T) {
	town := housetest.Open(t, storetest.SQLiteURL(t), io.Discard)
	c, unit := town.Casework, nation.UnitCode(inScope(t).Lead)
	handler := as("handler."+city, tenants.Handler, unit)
	var o *pb.WorkOrder
	for _, act := range []struct {
		verb string
		who  context.Context
		do   func(ctx context.Context) (*pb.WorkOrder, error)
	}{
		{"warm up", agent(), func(ctx context.Context) (*pb.WorkOrder, error) { return intakeOf(ctx, c.Intake, request(t, "warm")) }},
		{"intake", agent(), func(ctx context.Context) (*pb.WorkOrder, error) { return intakeOf(ctx, c.Intake, request(t, "cost")) }},
		{"dispatch", dispatcher(1), func(ctx context.Context) (*pb.WorkOrder, error) { return c.Dispatch(ctx, dispatch(t, o)) }},
		{"sign", handler, func(ctx context.Context) (*pb.WorkOrder, error) {
			return c.Sign(ctx, &pb.SignRequest{Name: o.GetName()})
		}},
		{"contact", handler, func(ctx context.Context) (*pb.WorkOrder, error) {
			return c.Contact(ctx, &pb.ContactRequest{Name: o.GetName(), Reached: true, Means: "phone", Note: "已核实"})
		}},
		{"reply", handler, func(ctx context.Context) (*pb.WorkOrder, error) {
			return c.Reply(ctx, &pb.ReplyRequest{Name: o.GetName(), Draft: &pb.Draft{Conclusion: pb.Conclusion_SOLVED,
				PublicPart: strings.Repeat("您反映的问题已到现场核实并处理，现场已设置安全警示。", 2)}})
		}},
		{"review", as("reviewer."+city, tenants.Reviewer, ""), func(ctx context.Context) (*pb.WorkOrder, error) {
			return c.Review(ctx, &pb.ReviewRequest{Name: o.GetName(), Pass: true})
		}},
		{"callback", as("callback."+city, tenants.CallbackAgent, ""), func(ctx context.Context) (*pb.WorkOrder, error) {
			return c.Callback(ctx, &pb.CallbackRequest{Name: o.GetName(), Reached: true, Contacted: true, Solved: true, Channel: "phone",
				ResultGrade: pb.Grade_SATISFIED, AttitudeGrade: pb.Grade_SATISFIED})
		}},
		{"get", as("supervisor."+city, tenants.Supervisor, ""), func(ctx context.Context) (*pb.WorkOrder, error) {
			return c.GetWorkOrder(ctx, &pb.GetWorkOrderRequest{Name: o.GetName()})
		}},
	} {
		ctx, n := store.Counting(act.who)
		var err error
		if o, err = act.do(ctx); err != nil {
			t.Fatalf("%s: %v", act.verb, err)
		}
		t.Logf("%s: %d statements", act.verb, n.Load())
		if most, held := budget[act.verb]; held && n.Load() > most {
			t.Errorf("%s takes %d statements, its budget is %d", act.verb, n.Load(), most)
		}
	}
}

func intakeOf(ctx context.Context, intake func(context.Context, *pb.IntakeRequest) (*pb.IntakeResponse, error), in *pb.IntakeRequest) (*pb.WorkOrder, error) {
	out, err := intake(ctx, in)
	return out.GetWorkOrder(), err
}
