package crossing_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/app/play"
)

// aid calls one of the region's acts on mutual aid as a city's supervisor.
func aid(s *story, city, verb string, in proto.Message) (*pb.Aid, error) {
	s.t.Helper()
	return play.Post[pb.Aid](context.Background(), s.person("supervisor."+city), "/v1/tenants/"+city+"/regions/"+region+":"+verb, in)
}

func TestWhatAHelpersSeatsHandOverInTheAgreedTimeIsAcceptedOnArrivalAndNotBeforeOrAfter(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		ask := &pb.AskAidRequest{Helper: beijing, StartTime: timestamppb.New(time.Now().Add(-time.Minute)), EndTime: timestamppb.New(time.Now().Add(24 * time.Hour)),
			Seats: 20, Ground: "暴雨受灾，话务中心停电"}
		hand := func() *pb.WorkOrder {
			w := s.takenAgain(beijing)
			s.as("agent.110000", w.Order.GetName(), "transfer", &pb.TransferRequest{Target: tianjin, Mode: pb.Mode_HOT, Basis: "话务互援", Consent: true, Call: "line-7"})
			return s.coming(tianjin, w.Order.GetNumber())
		}
		early := hand()
		if early.GetState() != pb.State_OFFERED {
			t.Fatalf("without an agreement it is %s", early.GetState())
		}
		seen := hand() // somebody there sees it, and will answer it
		s.as("dispatcher.120000", seen.GetName(), "signFor", &pb.SignForRequest{})
		s.stands(tianjin, s.get("dispatcher.120000", seen.GetName()).GetTransfer().GetOrderNumber(), "signed")
		got, err := aid(s, tianjin, "askAid", ask)
		if err != nil || got.GetState() != "asked" || got.GetActive() {
			t.Fatalf("asked: %v, %v", got, err)
		}
		if _, err := aid(s, shijiazhuang, "answerAid", &pb.AnswerAidRequest{Asker: tianjin, Agree: true}); err == nil {
			t.Fatal("a city answers for another")
		}
		if got, err = aid(s, beijing, "answerAid", &pb.AnswerAidRequest{Asker: tianjin, Agree: true}); err != nil || !got.GetActive() || got.GetSeats() != 20 {
			t.Fatalf("agreed: %v, %v", got, err)
		}
		there := hand()
		s.until("dispatcher.120000", there.GetName(), pb.State_RECEIVED)
		// What came in that time and was not accepted on arrival is not forgotten; what a person has signed for is left to them.
		s.until("dispatcher.120000", early.GetName(), pb.State_RECEIVED)
		if o := s.get("dispatcher.120000", seen.GetName()); o.GetState() != pb.State_OFFERED {
			t.Errorf("what was signed for is %s", o.GetState())
		}
		if got, err = aid(s, tianjin, "endAid", &pb.EndAidRequest{Helper: beijing}); err != nil || got.GetState() != "ended" {
			t.Fatalf("ended: %v, %v", got, err)
		}
		if o := hand(); o.GetState() != pb.State_OFFERED {
			t.Errorf("after the end it is %s", o.GetState())
		}
		var all pb.ListAidsResponse
		if err := s.person("supervisor.110000").Do(context.Background(), "GET", "/v1/tenants/110000/regions/"+region+"/aids", nil, &all); err != nil || len(all.GetAids()) != 1 {
			t.Errorf("what the helper sees: %v, %v", all.GetAids(), err)
		}
	})
}
