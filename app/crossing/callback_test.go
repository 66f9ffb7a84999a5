package crossing_test

import (
	"context"
	"strings"
	"testing"
	"time"

	pb "hotline/api/casework/v1"
	tenantv1 "hotline/api/tenant/v1"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent/store"
	"hotline/tenants"
)

// accepted is a case that another city has taken over.
func accepted(s *story, w *play.Walk, in *pb.TransferRequest) (home, there *pb.WorkOrder) {
	s.t.Helper()
	home = s.as("dispatcher.110000", w.Order.GetName(), "transfer", in)
	there = s.coming(in.GetTarget(), home.GetNumber())
	s.as("dispatcher."+in.GetTarget(), there.GetName(), "accept", &pb.AcceptRequest{})
	there = s.until("dispatcher."+in.GetTarget(), there.GetName(), pb.State_RECEIVED)
	return s.until("dispatcher.110000", home.GetName(), pb.State_TRANSFERRED), there
}

func TestTheOriginCallsBackWhenTheOfferSaysSoAndTheOtherCityDoesItAgain(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		in := cold(tianjin)
		in.CallsBack = pb.CallsBack_ORIGIN
		home, there := accepted(s, s.taken(beijing), in)
		work(s, there)
		s.until("dispatcher.120000", there.GetName(), pb.State_CONCLUDED)
		s.refused("CALLED_BACK_BY_ORIGIN", "callback_agent.120000", there.GetName(), "callback", solved())
		s.until("dispatcher.110000", home.GetName(), pb.State_CONCLUDED)
		s.as("callback_agent.110000", home.GetName(), "callback", unsolved())
		again1 := s.until("dispatcher.120000", there.GetName(), pb.State_HANDLING)
		if !again1.GetMarks().GetSupervised() {
			t.Error("a rework is not supervised")
		}
		again(s, there)
		s.until("dispatcher.110000", home.GetName(), pb.State_CONCLUDED)
		s.as("callback_agent.110000", home.GetName(), "callback", solved())
		s.until("dispatcher.110000", home.GetName(), pb.State_CLOSED)
		s.until("dispatcher.120000", there.GetName(), pb.State_CLOSED)
		s.stands(tianjin, home.GetNumber(), "called_back")
	})
}

func TestTheHandlingCityCallsBackAndDoesItAgainByItself(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		home, there := accepted(s, s.taken(beijing), cold(tianjin))
		work(s, there)
		s.as("callback_agent.120000", there.GetName(), "callback", unsolved())
		s.settle("the origin hears of the rework", func() bool {
			return strings.Contains(s.history("dispatcher.110000", home.GetName()), "重新办理")
		})
		if o := s.get("dispatcher.110000", home.GetName()); o.GetState() != pb.State_TRANSFERRED {
			t.Errorf("at home it is %s", o.GetState())
		}
		again(s, there)
		s.as("callback_agent.120000", there.GetName(), "callback", solved())
		s.stands(beijing, home.GetNumber(), "called_back")
	})
}

func TestWhatWasAnsweredAtOnceAndDidNotHelpIsDispatchedThere(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		in := cold(tianjin)
		in.CallsBack = pb.CallsBack_ORIGIN
		home, there := accepted(s, s.taken(beijing), in)
		s.as("agent.120000", there.GetName(), "answer", &pb.AnswerRequest{Answer: "该事项可在政务服务中心一楼窗口办理。", Citation: "知识库 1203 第1版"})
		home = s.until("dispatcher.110000", home.GetName(), pb.State_CONCLUDED)
		s.contains(home.GetPublicAnswer(), "一楼窗口")
		s.as("callback_agent.110000", home.GetName(), "callback", unsolved())
		there = s.until("dispatcher.120000", there.GetName(), pb.State_RECEIVED)
		work(s, there)
		s.until("dispatcher.110000", home.GetName(), pb.State_CONCLUDED)
		s.as("callback_agent.110000", home.GetName(), "callback", solved())
		s.until("dispatcher.120000", there.GetName(), pb.State_CLOSED)
	})
}

func TestACaseWhoseCitizenNobodyReachesIsClosedInBothCities(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		in := cold(tianjin)
		in.CallsBack = pb.CallsBack_ORIGIN
		home, there := accepted(s, s.taken(beijing), in)
		work(s, there)
		s.until("dispatcher.110000", home.GetName(), pb.State_CONCLUDED)
		who := &tenants.Viewer{Login: "callback_agent.110000", Tenant: beijing, Posts: []tenants.Post{{Role: tenants.CallbackAgent}}}
		for day := range 3 {
			at := time.Now().Add(time.Duration(day*25) * time.Hour)
			if _, err := town.Casework.Callback(tenants.With(store.At(context.Background(), at), who), &pb.CallbackRequest{Name: home.GetName(), Channel: "phone"}); err != nil {
				t.Fatal(err)
			}
		}
		s.as("callback_agent.110000", home.GetName(), "close", &pb.CloseRequest{})
		s.until("dispatcher.120000", there.GetName(), pb.State_CLOSED)
		s.stands(beijing, home.GetNumber(), "called_back")
	})
}

// samples lets a city call back each case that another city handled.
func samples(t *testing.T, town *housetest.Town, city string) {
	t.Helper()
	ctx := tenants.With(context.Background(), tenants.System(city))
	now, err := town.Book.GetPolicy(ctx, &tenantv1.GetPolicyRequest{Name: "tenants/" + city + "/policy"})
	if err != nil {
		t.Fatal(err)
	}
	now.Policy.SideLives.TransferSample = 100
	if _, err := town.Book.PutPolicy(ctx, &tenantv1.PutPolicyRequest{Name: "tenants/" + city + "/policy", BaseVersion: now.GetVersion(), Policy: now.GetPolicy(), Reason: "全部抽查"}); err != nil {
		t.Fatal(err)
	}
}

func TestTheOriginSamplesAndWhatIsNotSolvedIsItsOwnAgain(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		samples(t, town, beijing)
		home, there := accepted(s, s.taken(beijing), cold(tianjin))
		finish(s, there)
		home = s.until("dispatcher.110000", home.GetName(), pb.State_CONCLUDED)
		if !home.GetTransfer().GetSampled() {
			t.Fatalf("not sampled: %v", home.GetTransfer())
		}
		taken, err := play.Post[pb.TakeResponse](context.Background(), s.person("callback_agent.110000"), "/v1/tenants/110000/workOrders:take", &pb.TakeRequest{Pool: pb.State_CONCLUDED})
		if err != nil || taken.GetWorkOrder().GetNumber() != home.GetNumber() {
			t.Fatalf("the pool of callbacks: %v, %v", taken, err)
		}
		s.as("callback_agent.110000", home.GetName(), "callback", unsolved())
		home = s.until("dispatcher.110000", home.GetName(), pb.State_RECEIVED)
		first := home.GetTransfer().GetNumber()
		home = s.as("dispatcher.110000", home.GetName(), "transfer", cold(tianjin))
		if home.GetTransfer().GetNumber() == first {
			t.Error("the second transfer has the number of the first")
		}
		s.stands(beijing, home.GetNumber(), "delivered")
		home = s.as("dispatcher.110000", home.GetName(), "recall", &pb.RecallRequest{Reason: "由本市办理"})
		s.until("dispatcher.110000", home.GetName(), pb.State_RECEIVED)
		finish(s, home)
	})
}

func TestAHotTransferIsFoundByItsCallAndDueInMinutes(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		w := s.takenBy(beijing, "", func(r *nation.Request) {})
		in := cold(tianjin)
		in.Mode, in.Call = pb.Mode_HOT, "line-7/20261123-001"
		s.as("agent.110000", w.Order.GetName(), "transfer", in)
		s.coming(tianjin, w.Order.GetNumber())
		var found pb.ListTransfersResponse
		if err := s.person("agent.120000").Do(context.Background(), "GET", "/v1/tenants/120000/transfers?call=line-7/20261123-001", nil, &found); err != nil {
			t.Fatal(err)
		}
		if len(found.GetTransfers()) != 1 || !found.GetTransfers()[0].GetCritical() {
			t.Fatalf("found: %v", found.GetTransfers())
		}
		one := found.GetTransfers()[0]
		if left := time.Until(one.GetAnswerDueTime().AsTime()); left > 15*time.Minute || left < 9*time.Minute {
			t.Errorf("due in %s", left)
		}
		o := s.get("agent.120000", one.GetWorkOrder())
		phone := o.GetPetitioner().GetPhone().GetText()
		if o.GetTitle() != w.Order.GetTitle() || phone == "" || phone == w.Sample.Caller.Phone {
			t.Errorf("what the seat sees: %s, %s", o.GetTitle(), phone)
		}
		s.as("agent.120000", o.GetName(), "accept", &pb.AcceptRequest{})
		s.until("dispatcher.110000", w.Order.GetName(), pb.State_TRANSFERRED)
	})
}
