package casework_test

import (
	"context"
	"slices"
	"testing"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/tenants"
)

func queuesOf(t *testing.T, town *housetest.Town, who context.Context) []*pb.Queue {
	t.Helper()
	out, err := town.Casework.ListQueues(who, &pb.ListQueuesRequest{Parent: "tenants/" + city})
	if err != nil {
		t.Fatal(err)
	}
	return out.GetQueues()
}

func keysOf(queues []*pb.Queue) (keys []string) {
	for _, q := range queues {
		keys = append(keys, q.GetKey())
	}
	return keys
}

func handlerOf(t *testing.T) context.Context {
	t.Helper()
	unit := nation.UnitCode(inScope(t).Lead)
	return as("handler."+unit+"."+city, tenants.Handler, unit)
}

func TestEverybodySeesTheQueuesOfTheirPostsAndNoOthers(t *testing.T) {
	t.Parallel()
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		for _, c := range []struct {
			role tenants.Role
			unit string
			want []string
		}{
			{tenants.Agent, "", []string{"clustered", "all"}},
			{tenants.Dispatcher, "", []string{"dispatch", "held", "clustered", "all"}},
			{tenants.Handler, "U02", []string{"sign", "handle", "overdue", "suspended", "all"}},
			{tenants.Reviewer, "", []string{"review", "held", "all"}},
			{tenants.CallbackAgent, "", []string{"callback", "held", "all"}},
			{tenants.Auditor, "", []string{"all"}},
		} {
			who := as("somebody."+city, c.role, c.unit)
			queues := queuesOf(t, town, who)
			if got := keysOf(queues); !slices.Equal(got, c.want) {
				t.Errorf("%s sees %v, want %v", c.role, got, c.want)
			}
			for _, q := range queues {
				_, err := town.Casework.ListWorkOrders(who, &pb.ListWorkOrdersRequest{Parent: "tenants/" + city, Filter: q.GetFilter(), OrderBy: q.GetOrderBy()})
				if err != nil {
					t.Errorf("%s can't be listed: %v", q.GetKey(), err)
				}
			}
		}
	})
}

func TestAQueueCountsWhatTheViewerMaySee(t *testing.T) {
	t.Parallel()
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		count := func(who context.Context, key string) int32 {
			for _, q := range queuesOf(t, town, who) {
				if q.GetKey() == key {
					return q.GetCount()
				}
			}
			t.Fatalf("no queue %s", key)
			return 0
		}
		stranger := as("handler.stranger", tenants.Handler, "U19")
		before := count(dispatcher(1), "dispatch")
		o := take(t, town, "queue-1")
		if got := count(dispatcher(1), "dispatch"); got != before+1 {
			t.Errorf("%d wait for dispatch, want %d", got, before+1)
		}
		mine, theirs := count(handlerOf(t), "sign"), count(stranger, "sign")
		if _, err := town.Casework.Dispatch(dispatcher(1), dispatch(t, o)); err != nil {
			t.Fatal(err)
		}
		if got := count(handlerOf(t), "sign"); got != mine+1 {
			t.Errorf("%d wait to be signed by the unit, want %d", got, mine+1)
		}
		if got := count(stranger, "sign"); got != theirs {
			t.Errorf("another unit counts %d, want %d", got, theirs)
		}
	})
}

func TestTheMainActIsWhatTheOrderWaitsFor(t *testing.T) {
	t.Parallel()
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		main := func(who context.Context, o *pb.WorkOrder) (verb string) {
			t.Helper()
			seen, err := town.Casework.GetWorkOrder(who, &pb.GetWorkOrderRequest{Name: o.GetName()})
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range seen.GetActs() {
				switch {
				case a.GetMain() && verb != "":
					t.Errorf("both %s and %s are the main act", verb, a.GetVerb())
				case a.GetMain() && !a.GetAllowed():
					t.Errorf("the main act %s is closed", a.GetVerb())
				case a.GetMain():
					verb = a.GetVerb()
				}
			}
			return verb
		}
		o, unit := take(t, town, "main-1"), handlerOf(t)
		want := func(who context.Context, verb string) {
			t.Helper()
			if got := main(who, o); got != verb {
				t.Errorf("the main act is %q, want %q", got, verb)
			}
		}
		want(agent(), "")
		want(dispatcher(1), "dispatch")
		if _, err := town.Casework.Dispatch(dispatcher(1), dispatch(t, o)); err != nil {
			t.Fatal(err)
		}
		want(dispatcher(1), "")
		want(unit, "sign")
		if _, err := town.Casework.Sign(unit, &pb.SignRequest{Name: o.GetName()}); err != nil {
			t.Fatal(err)
		}
		want(unit, "contact")
		_, err := town.Casework.Contact(unit, &pb.ContactRequest{Name: o.GetName(), Reached: true, Means: "phone", Note: "已电话核实"})
		if err != nil {
			t.Fatal(err)
		}
		want(unit, "reply")
	})
}

func TestADecisionNamesTheApplicationsItMayBeAbout(t *testing.T) {
	t.Parallel()
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o, unit := take(t, town, "about-1"), handlerOf(t)
		if _, err := town.Casework.Dispatch(dispatcher(1), dispatch(t, o)); err != nil {
			t.Fatal(err)
		}
		asked, err := town.Casework.Return(unit, &pb.ReturnRequest{Name: o.GetName(), Reason: pb.ReturnReason_INSUFFICIENT, Ground: "缺少具体地点，无法核实"})
		if err != nil {
			t.Fatal(err)
		}
		id := asked.GetApplications()[0].GetId()
		about := func(who context.Context, verb string) []string {
			seen, err := town.Casework.GetWorkOrder(who, &pb.GetWorkOrderRequest{Name: o.GetName()})
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range seen.GetActs() {
				if a.GetVerb() == verb {
					return a.GetApplications()
				}
			}
			return nil
		}
		if got := about(dispatcher(1), "decide_return"); !slices.Equal(got, []string{id}) {
			t.Errorf("the return to decide is %v, want %s", got, id)
		}
		if got := about(dispatcher(1), "merge"); len(got) != 0 {
			t.Errorf("a merge is about %v", got)
		}
		if got := about(unit, "dispute"); len(got) != 0 {
			t.Errorf("a return that is not rejected can be disputed: %v", got)
		}
		_, err = town.Casework.DecideReturn(dispatcher(1), &pb.DecideReturnRequest{Name: o.GetName(), Application: id, Words: "地点已在工单中写明"})
		if err != nil {
			t.Fatal(err)
		}
		if got := about(unit, "dispute"); !slices.Equal(got, []string{id}) {
			t.Errorf("the rejected return to dispute is %v, want %s", got, id)
		}
	})
}

func TestEveryBranchAwayFromIntakeHasADoor(t *testing.T) {
	t.Parallel()
	out, err := new(casework.Service).ListDoors(agent(), nil)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[pb.Disposition]int{}
	for _, d := range out.GetDoors() {
		seen[d.GetDisposition()]++
		if d.GetTold() == "" && d.GetDisposition() != pb.Disposition_POLICE_REFERRAL {
			t.Errorf("%s sends the citizen away without a word", d.GetReason())
		}
	}
	for _, d := range []pb.Disposition{pb.Disposition_EMERGENCY_TRANSFER, pb.Disposition_LEGAL_CHANNEL, pb.Disposition_EXPLAIN_DECLINE, pb.Disposition_POLICE_REFERRAL} {
		if seen[d] == 0 {
			t.Errorf("%s has no door", d)
		}
	}
}

func TestAUnitsQueuesGoByItsOwnPart(t *testing.T) {
	t.Parallel()
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		unit := func(code string) context.Context { return as("handler."+code+"."+city, tenants.Handler, code) }
		waits := func(who context.Context, key string, o *pb.WorkOrder) bool {
			t.Helper()
			queues := queuesOf(t, town, who)
			q := queues[slices.IndexFunc(queues, func(q *pb.Queue) bool { return q.GetKey() == key })]
			list, err := town.Casework.ListWorkOrders(who, &pb.ListWorkOrdersRequest{Parent: "tenants/" + city, Filter: q.GetFilter(), OrderBy: q.GetOrderBy(), PageSize: 200})
			if err != nil {
				t.Fatal(err)
			}
			if n := len(list.GetWorkOrders()); q.Count != nil && int(q.GetCount()) != n {
				t.Errorf("%s counts %d of %d", key, q.GetCount(), n)
			}
			return slices.ContainsFunc(list.GetWorkOrders(), func(w *pb.WorkOrder) bool { return w.GetNumber() == o.GetNumber() })
		}
		want := func(who context.Context, o *pb.WorkOrder, key string) {
			t.Helper()
			for _, k := range []string{"sign", "handle"} {
				if got := waits(who, k, o); got != (k == key) {
					t.Errorf("it waits in %s: %t, want it in %q", k, got, key)
				}
			}
		}
		// Two units on one order: the one that has not signed still has to, although the other is at work.
		both := take(t, town, "parts-both")
		_, err := town.Casework.Dispatch(dispatcher(1), &pb.DispatchRequest{Name: both.GetName(), Lead: "U02", Assist: []string{"U03"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := town.Casework.Sign(unit("U02"), &pb.SignRequest{Name: both.GetName()}); err != nil {
			t.Fatal(err)
		}
		want(unit("U02"), both, "handle")
		want(unit("U03"), both, "sign")
		want(as("lead.U03."+city, tenants.UnitLead, "U03"), both, "sign")

		// A unit that is asked about a return, and one whose return was upheld, have nothing to sign.
		o := take(t, town, "parts-return")
		if _, err := town.Casework.Dispatch(dispatcher(1), &pb.DispatchRequest{Name: o.GetName(), Lead: "U02"}); err != nil {
			t.Fatal(err)
		}
		asked, err := town.Casework.Return(unit("U02"), &pb.ReturnRequest{Name: o.GetName(), Reason: pb.ReturnReason_OTHER_DUTY, Ground: "三定方案", SuggestedUnit: "U03"})
		if err != nil {
			t.Fatal(err)
		}
		want(unit("U03"), o, "")
		if _, err := town.Casework.Hear(unit("U03"), &pb.HearRequest{Name: o.GetName(), Application: asked.GetApplications()[0].GetId(), Agree: true, Words: "属我单位职责"}); err != nil {
			t.Fatal(err)
		}
		_, err = town.Casework.DecideReturn(dispatcher(1), &pb.DecideReturnRequest{Name: o.GetName(), Application: asked.GetApplications()[0].GetId(), Uphold: true, Words: "同意", Lead: "U03"})
		if err != nil {
			t.Fatal(err)
		}
		want(unit("U02"), o, "")
		want(unit("U03"), o, "sign")
	})
}
