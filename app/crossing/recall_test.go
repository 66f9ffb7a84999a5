package crossing_test

import (
	"context"
	"strings"
	"sync"
	"testing"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/app/play"
	"hotline/tenants"
)

func TestAnOfferThatNeverLeftIsTakenBackAtOnce(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, node := linked(t, town)
		node.Rest()
		w := s.taken(beijing)
		o := s.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
		if _, err := play.Post[pb.Petition](context.Background(), town.Stage.Nobody(), "/v1/tenants/110000/petitions/"+o.GetNumber()+":add",
			&pb.AddRequest{Code: w.Code, Facts: "补充：在路口东侧。"}); err != nil {
			t.Fatal(err)
		}
		back := s.as("dispatcher.110000", o.GetName(), "recall", &pb.RecallRequest{Reason: "地点核实有误"})
		if back.GetState() != pb.State_RECEIVED || back.GetTargetCity() != "" || back.GetTransfer().GetState() != "cancelled" {
			t.Fatalf("taken back: %s %v", back.GetState(), back.GetTransfer())
		}
		node.Carry()
		// The next one leaves; of the first nothing ever does.
		s.as("dispatcher.110000", o.GetName(), "transfer", cold(shijiazhuang))
		s.coming(shijiazhuang, o.GetNumber())
		if got := s.transfer(tianjin, o.GetNumber()); got != nil {
			t.Errorf("the city hears of what never left: %v", got)
		}
	})
}

func TestAnOfferIsTakenBackAndMayBeMadeAgain(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		w := s.taken(beijing)
		o := s.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
		there := s.coming(tianjin, o.GetNumber())
		s.stands(beijing, o.GetNumber(), "delivered") // a line that comes just now is another's word on the order
		s.as("dispatcher.110000", o.GetName(), "recall", &pb.RecallRequest{Reason: "地点核实有误"})
		s.until("dispatcher.110000", o.GetName(), pb.State_RECEIVED)
		s.until("dispatcher.120000", there.GetName(), pb.State_WITHDRAWN)
		s.refused("WRONG_STATE", "dispatcher.120000", there.GetName(), "accept", &pb.AcceptRequest{})
		finish(s, o) // at home
	})
}

func TestOfARecallAndAnAcceptanceAtTheSameMomentTheLedgerTakesOneAndTheOtherSeesIt(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		w := s.taken(beijing)
		ends := map[pb.State]int{}
		for range 6 {
			o := s.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
			s.coming(tianjin, o.GetNumber())
			offer := s.stands(beijing, o.GetNumber(), "delivered")
			there := s.get("dispatcher.120000", s.transferOf(tianjin, offer).GetWorkOrder())
			var both sync.WaitGroup
			both.Go(func() {
				_, _ = play.Post[pb.WorkOrder](context.Background(), s.person("dispatcher.110000"), "/v1/"+o.GetName()+":recall", &pb.RecallRequest{Reason: "地点核实有误"})
			})
			both.Go(func() {
				_, _ = play.Post[pb.WorkOrder](context.Background(), s.person("dispatcher.120000"), "/v1/"+there.GetName()+":accept", &pb.AcceptRequest{})
			})
			both.Wait()
			var home, far pb.State
			s.settle("both cities know who has the case", func() bool {
				home, far = s.get("dispatcher.110000", o.GetName()).GetState(), s.get("dispatcher.120000", there.GetName()).GetState()
				s.last = home.String() + " " + far.String()
				return home == pb.State_RECEIVED && far == pb.State_WITHDRAWN || home == pb.State_TRANSFERRED && far == pb.State_RECEIVED
			})
			if ends[home]++; home == pb.State_TRANSFERRED {
				w = s.takenAgain(beijing)
			}
		}
		t.Logf("who was first: %v", ends)
	})
}

func TestACitizenWithdrawsWhatIsOfferedElsewhereAndWhoeverHasItHearsOfIt(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, node := linked(t, town)
		withdraw := func(w *play.Walk) {
			t.Helper()
			if _, err := play.Post[pb.Petition](context.Background(), town.Stage.Nobody(), "/v1/tenants/110000/petitions/"+w.Order.GetNumber()+":withdraw",
				&pb.WithdrawRequest{Code: w.Code}); err != nil {
				t.Fatal(err)
			}
		}
		w := s.taken(beijing)
		o := s.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
		there := s.coming(tianjin, o.GetNumber())
		withdraw(w)
		s.until("dispatcher.110000", o.GetName(), pb.State_WITHDRAWN)
		s.until("dispatcher.120000", there.GetName(), pb.State_WITHDRAWN)
		// A moment too late: the other city has it, and learns what the citizen wants.
		w = s.takenAgain(beijing)
		o = s.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
		there = s.coming(tianjin, o.GetNumber())
		s.stands(beijing, o.GetNumber(), "delivered")
		s.stands(tianjin, o.GetNumber(), "delivered") // else its acceptance has to wait for that
		node.Rest()
		s.as("dispatcher.120000", there.GetName(), "accept", &pb.AcceptRequest{})
		if err := town.Crossing.ShipNow(tenants.With(context.Background(), tenants.System(tianjin)), region); err != nil {
			t.Fatal(err)
		}
		withdraw(w)
		node.Carry()
		s.until("dispatcher.110000", o.GetName(), pb.State_TRANSFERRED)
		s.settle("the other city reads that the citizen took it back", func() bool {
			s.last = s.history("dispatcher.120000", there.GetName())
			return strings.Contains(s.last, "诉求人要求撤回诉求")
		})
	})
}
