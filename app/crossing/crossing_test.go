package crossing_test

import (
	"context"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	"hotline/app/crossing/crossingtest"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
)

const (
	beijing = "110000"
	tianjin = "120000"
)

// story is one case between people of several cities.
type story struct {
	t     *testing.T
	stage map[string]*play.Stage // of each city's deployment
}

// as calls an order's verb as somebody of a city.
func (s *story) as(login, name, verb string, in proto.Message) *pb.WorkOrder {
	s.t.Helper()
	city := login[len(login)-6:]
	p, err := s.stage[city].As(context.Background(), login)
	if err != nil {
		s.t.Fatal(err)
	}
	out, err := play.Post[pb.WorkOrder](context.Background(), p, "/v1/"+name+":"+verb, in)
	if err != nil {
		s.t.Fatalf("%s %s: %v", login, verb, err)
	}
	return out
}

func (s *story) get(login, name string) *pb.WorkOrder {
	s.t.Helper()
	p, err := s.stage[login[len(login)-6:]].As(context.Background(), login)
	if err != nil {
		s.t.Fatal(err)
	}
	var out pb.WorkOrder
	if err := p.Do(context.Background(), "GET", "/v1/"+name, nil, &out); err != nil {
		s.t.Fatal(err)
	}
	return &out
}

// until waits for an order to come into a state.
func (s *story) until(login, name string, want pb.State) *pb.WorkOrder {
	s.t.Helper()
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		o := s.get(login, name)
		if o.GetState() == want {
			return o
		}
		if time.Since(begin) > 20*time.Second {
			s.t.Fatalf("%s is %s, not %s; transfer %v", name, o.GetState(), want, o.GetTransfer())
		}
	}
}

// coming waits for what another city offers.
func (s *story) coming(city, number string) *pb.WorkOrder {
	s.t.Helper()
	p, err := s.stage[city].As(context.Background(), "dispatcher."+city)
	if err != nil {
		s.t.Fatal(err)
	}
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		var out pb.ListTransfersResponse
		if err := p.Do(context.Background(), "GET", "/v1/tenants/"+city+"/transfers?direction=in", nil, &out); err != nil {
			s.t.Fatal(err)
		}
		for _, t := range out.GetTransfers() {
			if t.GetOrderNumber() == number && t.GetWorkOrder() != "" {
				return s.get("dispatcher."+city, t.GetWorkOrder())
			}
		}
		if time.Since(begin) > 20*time.Second {
			s.t.Fatalf("nothing of %s has come to %s: %v", number, city, out.GetTransfers())
		}
	}
}

// taken is an order of a city's first sample that is another's matter.
func (s *story) taken(city string) *play.Walk {
	s.t.Helper()
	for _, r := range nation.Requests() {
		if r.City == city && r.Disposition == "cross_city" && !r.Confidential {
			w, err := s.stage[city].Go(context.Background(), r, pb.State_RECEIVED)
			if err != nil {
				s.t.Fatal(err)
			}
			return w
		}
	}
	s.t.Fatal("no sample of " + city)
	return nil
}

func TestACaseIsHandledByTheOtherCityAndItsCitizenFollowsItByTheSameNumber(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		crossingtest.Link(t, town.House, "jing-jin-ji", "100001", beijing, tianjin, "130100")
		s := &story{t, map[string]*play.Stage{beijing: town.Stage, tianjin: town.Stage}}
		w := s.taken(beijing)
		o := s.as("dispatcher.110000", w.Order.GetName(), "transfer", &pb.TransferRequest{Target: tianjin, Mode: pb.Mode_COLD, Basis: "属地管理：事发地在天津市", Consent: true, Done: "已电话核实地点"})
		if o.GetState() != pb.State_TRANSFERRING || o.GetTransfer().GetCustodian() != beijing {
			t.Fatalf("after the offer: %s, %v", o.GetState(), o.GetTransfer())
		}
		there := s.coming(tianjin, w.Order.GetNumber())
		if there.GetState() != pb.State_OFFERED || there.GetTitle() != o.GetTitle() {
			t.Fatalf("what came: %v", there)
		}
		s.as("dispatcher.120000", there.GetName(), "signFor", &pb.SignForRequest{})
		s.as("dispatcher.120000", there.GetName(), "accept", &pb.AcceptRequest{})
		s.until("dispatcher.110000", o.GetName(), pb.State_TRANSFERRED)
		s.until("dispatcher.120000", there.GetName(), pb.State_RECEIVED)
		finish(s, there)
		// ten in a hundred are called back here once more
		done := s.get("dispatcher.110000", o.GetName())
		for begin := time.Now(); done.GetState() == pb.State_TRANSFERRED; done = s.get("dispatcher.110000", o.GetName()) {
			if time.Since(begin) > 20*time.Second {
				t.Fatalf("after the callback: %v", done.GetTransfer())
			}
		}
		if done.GetState() != pb.State_CLOSED && !done.GetTransfer().GetSampled() || done.GetPublicAnswer() == "" {
			t.Fatalf("the order at home: %s, %q", done.GetState(), done.GetPublicAnswer())
		}
		p, err := town.Stage.Track(context.Background(), w)
		if err != nil || p.GetAnswer() != done.GetPublicAnswer() || len(p.GetSteps()) < 5 {
			t.Errorf("what the citizen reads: %v, %v", p, err)
		}
	})
}

// finish walks an order of Tianjin's to its end.
func finish(s *story, o *pb.WorkOrder) {
	s.t.Helper()
	s.as("dispatcher.120000", o.GetName(), "dispatch", &pb.DispatchRequest{Lead: "U02", Category: "1203", Instruction: "请依法依规办理。"})
	s.as("u02.120000", o.GetName(), "sign", &pb.SignRequest{})
	s.as("u02.120000", o.GetName(), "contact", &pb.ContactRequest{Reached: true, Means: "phone", Note: "已电话核实"})
	s.as("u02.120000", o.GetName(), "reply", &pb.ReplyRequest{Draft: &pb.Draft{Conclusion: pb.Conclusion_SOLVED,
		PublicPart: "您好！您反映的问题已收悉，工作人员当日到场核实并已处理完毕，感谢您的监督。", Measures: "现场核实并处理。"}})
	s.as("reviewer.120000", o.GetName(), "review", &pb.ReviewRequest{Pass: true})
	s.as("callback_agent.120000", o.GetName(), "callback", &pb.CallbackRequest{Reached: true, Contacted: true, Solved: true,
		ResultGrade: pb.Grade_SATISFIED, AttitudeGrade: pb.Grade_SATISFIED, Channel: "phone"})
}
