package casework_test

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/tenants"
)

const city = "110000"

// as is a person of the city with one post, as the gate would have let them in.
func as(login string, role tenants.Role, unit string) context.Context {
	return tenants.With(context.Background(), &tenants.Viewer{Account: uuid.NewSHA1(uuid.Nil, []byte(login)), Login: login, Name: login,
		Tenant: city, Posts: []tenants.Post{{Role: role, Unit: unit}}})
}

func agent() context.Context { return as("agent."+city, tenants.Agent, "") }

func auditor() context.Context { return as("auditor."+city, tenants.Auditor, "") }

func dispatcher(n int) context.Context {
	return as(fmt.Sprintf("dispatcher%d.%s", n, city), tenants.Dispatcher, "")
}

// inScope is a sample of the city that is dispatched.
func inScope(t *testing.T) nation.Request {
	t.Helper()
	for _, r := range nation.Requests() {
		if r.City == city && r.Disposition == "in_scope" && nation.UnitCode(r.Lead) != "" {
			return r
		}
	}
	t.Fatal("the city has no sample in scope")
	return nation.Request{}
}

// request is an intake of the sample, another one for each id.
func request(t *testing.T, id string) *pb.IntakeRequest {
	t.Helper()
	in := play.Intake(inScope(t))
	in.RequestId, in.Facts.SourceId = id, ""
	return in
}

func take(t *testing.T, town *housetest.Town, id string) *pb.WorkOrder {
	t.Helper()
	out, err := town.Casework.Intake(agent(), request(t, id))
	if err != nil {
		t.Fatal(err)
	}
	return out.GetWorkOrder()
}

func dispatch(t *testing.T, o *pb.WorkOrder) *pb.DispatchRequest {
	t.Helper()
	return &pb.DispatchRequest{Name: o.GetName(), Lead: nation.UnitCode(inScope(t).Lead), Instruction: "请办理"}
}

// lines is how long the history of an order is.
func lines(t *testing.T, town *housetest.Town, o *pb.WorkOrder) int {
	t.Helper()
	out, err := town.Casework.ListEvents(auditor(), &pb.ListEventsRequest{Parent: o.GetName()})
	if err != nil {
		t.Fatal(err)
	}
	return len(out.GetEvents())
}

// together runs all at the same moment and returns what each got.
func together[T any](n int, do func(i int) (T, error)) ([]T, []error) {
	outs, errs := make([]T, n), make([]error, n)
	var ready, done sync.WaitGroup
	ready.Add(n)
	for i := range n {
		done.Go(func() {
			ready.Done()
			ready.Wait()
			outs[i], errs[i] = do(i)
		})
	}
	done.Wait()
	return outs, errs
}

func refusedAs(t *testing.T, what string, err error, reason string) {
	t.Helper()
	if errors.Code(err) != 409 || reason != "" && errors.Reason(err) != reason {
		t.Errorf("%s: want 409 %s, got %v", what, reason, err)
	}
}

func TestOfTwoWhoDispatchAtOnceExactlyOneWins(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		for round := range 5 {
			o := take(t, town, fmt.Sprint("race-", round))
			in := dispatch(t, o)
			_, errs := together(2, func(i int) (*pb.WorkOrder, error) {
				return town.Casework.Dispatch(dispatcher(i), proto.CloneOf(in))
			})
			switch {
			case errs[0] == nil:
				refusedAs(t, "the second", errs[1], "")
			case errs[1] == nil:
				refusedAs(t, "the first", errs[0], "")
			default:
				t.Errorf("nobody won: %v", errs)
			}
			if n := lines(t, town, o); n != 2 {
				t.Errorf("%d history lines after intake and one dispatch", n)
			}
		}
	})
}

func TestEightWhoTakeAtOnceGetEightDifferentOrders(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		const takers = 8
		for i := range takers {
			take(t, town, fmt.Sprint("pool-", i))
		}
		outs, errs := together(takers, func(i int) (*pb.TakeResponse, error) {
			return town.Casework.Take(dispatcher(i), &pb.TakeRequest{Parent: "tenants/" + city, Pool: pb.State_RECEIVED})
		})
		holders := map[string]int{}
		for i, out := range outs {
			if errs[i] != nil || out.GetWorkOrder() == nil {
				t.Errorf("taker %d: %v, %v", i, out, errs[i])
				continue
			}
			n := out.GetWorkOrder().GetNumber()
			if other, twice := holders[n]; twice {
				t.Errorf("%s went to %d and %d", n, other, i)
			}
			holders[n] = i
		}
		out, err := town.Casework.Take(dispatcher(9), &pb.TakeRequest{Parent: "tenants/" + city, Pool: pb.State_RECEIVED})
		if err != nil || out.GetWorkOrder() != nil {
			t.Errorf("from the empty pool: %v, %v", out, err)
		}
	})
}

func TestTheSamePressOfTakeGivesTheSameOrderAgain(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		take(t, town, "press-1")
		take(t, town, "press-2")
		press := func(id string) string {
			t.Helper()
			out, err := town.Casework.Take(dispatcher(1), &pb.TakeRequest{Parent: "tenants/" + city, Pool: pb.State_RECEIVED, RequestId: id})
			if err != nil || out.GetWorkOrder() == nil {
				t.Fatalf("%v, %v", out, err)
			}
			return out.GetWorkOrder().GetNumber()
		}
		first := press("press-a")
		if again := press("press-a"); again != first {
			t.Errorf("the answer was lost, and the person holds two: %s, %s", first, again)
		}
		if next := press("press-b"); next == first {
			t.Error("another press gave the same order")
		}
	})
}

func TestTheSameRequestAgainActsOnceAndOtherWordsUnderItsIDAreRefused(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o := take(t, town, "once")
		in := dispatch(t, o)
		in.RequestId, in.Etag = "dispatch-once", o.GetEtag()
		first, err := town.Casework.Dispatch(dispatcher(1), proto.CloneOf(in))
		if err != nil {
			t.Fatal(err)
		}
		before := lines(t, town, o)
		again, err := town.Casework.Dispatch(dispatcher(1), proto.CloneOf(in))
		if err != nil || again.GetName() != first.GetName() || again.GetEtag() != first.GetEtag() ||
			again.GetState() != pb.State_DISPATCHED {
			t.Errorf("again: %v, %v", again, err)
		}
		if after := lines(t, town, o); after != before {
			t.Errorf("the history grew from %d to %d lines", before, after)
		}
		in.Instruction = "另一件事"
		_, err = town.Casework.Dispatch(dispatcher(1), in)
		refusedAs(t, "other words", err, "REQUEST_ID_REUSED")
		other := request(t, "once")
		other.Facts.Title = "另一件诉求"
		_, err = town.Casework.Intake(agent(), other)
		refusedAs(t, "another intake", err, "REQUEST_ID_REUSED")
	})
}

func TestAStaleEtagIsRefused(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o := take(t, town, "etag")
		add := &pb.SupplementRequest{Name: o.GetName(), Etag: o.GetEtag(), Facts: "昨晚又坏了"}
		newer, err := town.Casework.Supplement(agent(), add)
		if err != nil || newer.GetEtag() == o.GetEtag() {
			t.Fatalf("supplement: %v, %v", newer, err)
		}
		in := dispatch(t, o)
		in.Etag = o.GetEtag()
		_, err = town.Casework.Dispatch(dispatcher(1), in)
		refusedAs(t, "stale", err, "CONFLICT")
		in.Etag = newer.GetEtag()
		if _, err := town.Casework.Dispatch(dispatcher(1), in); err != nil {
			t.Errorf("the present one: %v", err)
		}
	})
}

func TestAnIntakeRetriedInParallelGivesOneOrderAndOneCode(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		for round := range 4 {
			in := request(t, fmt.Sprint("parallel-", round))
			in.Facts.SourceId = []string{"", "OLD-1", "", "OLD-2"}[round] // with and without an id that is unique itself
			outs, errs := together(6, func(int) (*pb.IntakeResponse, error) {
				return town.Casework.Intake(agent(), proto.CloneOf(in))
			})
			for i, out := range outs {
				if errs[i] != nil {
					t.Errorf("round %d, try %d: %v", round, i, errs[i])
					continue
				}
				if out.GetWorkOrder().GetNumber() != outs[0].GetWorkOrder().GetNumber() || out.GetCode() != outs[0].GetCode() || out.GetCode() == "" {
					t.Errorf("round %d, try %d: another order or code than the first", round, i)
				}
			}
			orders, err := town.Casework.ListWorkOrders(auditor(), &pb.ListWorkOrdersRequest{Parent: "tenants/" + city})
			if err != nil || len(orders.GetWorkOrders()) != round+1 {
				t.Errorf("%d orders after %d requests, %v", len(orders.GetWorkOrders()), round+1, err)
			}
		}
	})
}

// A citizen whose phone sends the form again before the first answer is there.
func TestACitizensFormSentAgainInParallelGivesOneOrderAndOneCode(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		for round := range 5 {
			outs, errs := together(6, func(int) (*pb.SubmitResponse, error) {
				return play.Post[pb.SubmitResponse](t.Context(), town.Stage.Nobody(), "/v1/tenants/"+city+"/petitions:submit",
					&pb.SubmitRequest{Words: "小区门口路灯坏了三天，晚上看不见路。", Kind: pb.Kind_HELP, District: "朝阳区",
						Caller: &pb.Caller{Name: "试一试", Phone: "13800000000"}, RequestId: fmt.Sprint("form-", round)})
			})
			for i, out := range outs {
				if errs[i] != nil {
					t.Errorf("round %d, try %d: %v", round, i, errs[i])
				} else if out.GetCode() == "" || errs[0] == nil && out.GetCode() != outs[0].GetCode() {
					t.Errorf("round %d, try %d: another code than the first", round, i)
				}
			}
		}
	})
}

func TestTheOrderOfWhoIsAbsentIsRecalledWithAReason(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o := take(t, town, "absent")
		supervisor := as("supervisor."+city, tenants.Supervisor, "")
		_, err := town.Casework.Reclaim(supervisor, &pb.ReclaimRequest{Name: o.GetName(), Reason: "无人领取"})
		refusedAs(t, "recall of what nobody holds", err, "NOT_HELD")
		if _, err := town.Casework.Take(dispatcher(1), &pb.TakeRequest{Parent: "tenants/" + city, Pool: pb.State_RECEIVED}); err != nil {
			t.Fatal(err)
		}
		out, err := town.Casework.Reclaim(supervisor, &pb.ReclaimRequest{Name: o.GetName(), Reason: "其今日请假，电话13900007777"})
		if err != nil || out.GetHolder() != "" {
			t.Fatalf("%v, %v", out.GetHolder(), err)
		}
		lines, err := town.Casework.ListEvents(auditor(), &pb.ListEventsRequest{Parent: o.GetName()})
		if err != nil {
			t.Fatal(err)
		}
		last := lines.GetEvents()[len(lines.GetEvents())-1]
		if last.GetVerb() != "reclaim" || last.GetActor() != "supervisor."+city || last.GetPublic() ||
			!strings.Contains(last.GetSummary(), "dispatcher1."+city) || strings.Contains(last.GetSummary(), "13900007777") {
			t.Errorf("%v", last)
		}
		got, err := town.Casework.Take(dispatcher(2), &pb.TakeRequest{Parent: "tenants/" + city, Pool: pb.State_RECEIVED})
		if err != nil || got.GetWorkOrder().GetName() != o.GetName() {
			t.Errorf("the next takes %v, %v", got, err)
		}
	})
}

func TestAnOrderInSomebodysHandsIsNotTakenFromThem(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		o := take(t, town, "held")
		got, err := town.Casework.Take(dispatcher(1), &pb.TakeRequest{Parent: "tenants/" + city, Pool: pb.State_RECEIVED})
		if err != nil || got.GetWorkOrder().GetName() != o.GetName() {
			t.Fatalf("take: %v, %v", got, err)
		}
		_, err = town.Casework.Dispatch(dispatcher(2), dispatch(t, o))
		refusedAs(t, "dispatch by another", err, "HELD")
		_, err = town.Casework.Release(dispatcher(2), &pb.ReleaseRequest{Name: o.GetName()})
		refusedAs(t, "release by another", err, "HELD")
		if _, err := town.Casework.Release(dispatcher(1), &pb.ReleaseRequest{Name: o.GetName()}); err != nil {
			t.Errorf("release by the holder: %v", err)
		}
		out, err := town.Casework.Dispatch(dispatcher(2), dispatch(t, o))
		if err != nil || out.GetState() != pb.State_DISPATCHED {
			t.Errorf("dispatch after release: %v", err)
		}
	})
}

// Two replicas on one database share its number blocks.
func TestNumbersAreUniqueUnderEightWhoTakeInAtOnce(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		const workers, each = 8, 20 // more than two blocks
		replica := casework.New(town.Store, town.Vault, town.Book, town.Directory, town.Access, town.Files)
		rooms := []*casework.Service{town.Casework, replica}
		outs, errs := together(workers, func(w int) (numbers []string, err error) {
			for i := range each {
				out, err := rooms[w%2].Intake(agent(), request(t, fmt.Sprintf("worker-%d-%d", w, i)))
				if err != nil {
					return numbers, err
				}
				numbers = append(numbers, out.GetWorkOrder().GetNumber())
			}
			return numbers, nil
		})
		seen := map[string]bool{}
		for w, numbers := range outs {
			if errs[w] != nil {
				t.Errorf("worker %d: %v", w, errs[w])
			}
			for _, n := range numbers {
				if seen[n] || !casework.ValidNumber(n) {
					t.Errorf("%s is given twice or is no number", n)
				}
				seen[n] = true
			}
		}
	})
}
