package crossing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
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
	beijing      = "110000"
	tianjin      = "120000"
	shijiazhuang = "130100"
	coordinator  = "100001"
)

// story is one case between people of several cities.
type story struct {
	t     *testing.T
	stage map[string]*play.Stage // of each city's deployment
	again int
	last  string // what was seen while waiting, for a failure
}

// region is the one that most stories happen in.
const region = "jing-jin-ji"

// linked are the three cities and their coordinator in one house.
func linked(t *testing.T, town *housetest.Town) (*story, *crossingtest.Node) {
	t.Helper()
	n := crossingtest.Link(t, town.House, region, coordinator, beijing, tianjin, shijiazhuang)
	return &story{t: t, stage: map[string]*play.Stage{beijing: town.Stage, tianjin: town.Stage, shijiazhuang: town.Stage, coordinator: town.Stage}}, n
}

func (s *story) person(login string) *play.Person {
	s.t.Helper()
	p, err := s.stage[login[len(login)-6:]].As(context.Background(), login)
	if err != nil {
		s.t.Fatal(err)
	}
	return p
}

// refused calls a verb that must be refused for the reason.
func (s *story) refused(reason, login, name, verb string, in proto.Message) {
	s.t.Helper()
	_, err := play.Post[pb.WorkOrder](context.Background(), s.person(login), "/v1/"+name+":"+verb, in)
	if no := new(play.Refusal); !errors.As(err, &no) || no.Reason != reason {
		s.t.Fatalf("%s %s: %v, not %s", login, verb, err, reason)
	}
}

// settle waits for what comes by the ledger.
func (s *story) settle(what string, holds func() bool) {
	s.t.Helper()
	for begin := time.Now(); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Since(begin) > time.Minute {
			s.t.Fatalf("it did not come true that %s: %s", what, s.last)
		}
	}
}

// transfer is a city's own view of the transfer of an order.
func (s *story) transfer(city, number string) *pb.Transfer {
	s.t.Helper()
	login := "dispatcher." + city
	if city == coordinator {
		login = "regional_coordinator." + city
	}
	var out pb.ListTransfersResponse
	if err := s.person(login).Do(context.Background(), "GET", "/v1/tenants/"+city+"/transfers?pageSize=200", nil, &out); err != nil {
		s.t.Fatal(err)
	}
	for _, t := range out.GetTransfers() {
		if t.GetOrderNumber() == number {
			return t
		}
	}
	return nil
}

// stands waits until a city sees the transfer in the state, and nothing asked for.
func (s *story) stands(city, number, state string) *pb.Transfer {
	s.t.Helper()
	var t *pb.Transfer
	for begin := time.Now(); ; time.Sleep(10 * time.Millisecond) {
		if t = s.transfer(city, number); t.GetState() == state && t.GetPending() == "" {
			return t
		}
		if time.Since(begin) > 30*time.Second {
			s.t.Fatalf("%s sees %v, not %s", city, t, state)
		}
	}
}

// history are the lines of an order as a person reads them.
func (s *story) history(login, name string) string {
	s.t.Helper()
	var out pb.ListEventsResponse
	if err := s.person(login).Do(context.Background(), "GET", "/v1/"+name+"/events?pageSize=200", nil, &out); err != nil {
		s.t.Fatal(err)
	}
	text := ""
	for _, e := range out.GetEvents() {
		text += e.GetSummary() + " / " + e.GetNote().GetText() + "\n"
	}
	return text
}

func (s *story) contains(text string, parts ...string) {
	s.t.Helper()
	for _, p := range parts {
		if !strings.Contains(text, p) {
			s.t.Errorf("%q is missing in:\n%s", p, text)
		}
	}
}

// cold is an offer of an order whose citizen agreed that the other city learns who they are.
func cold(target string) *pb.TransferRequest {
	return &pb.TransferRequest{Target: target, Mode: pb.Mode_COLD, Basis: "属地管理：事发地在该市", Consent: true, Done: "已电话核实地点"}
}

func declining(responsible string) *pb.DeclineRequest {
	return &pb.DeclineRequest{Reason: pb.DeclineReason_NOT_OUR_PLACE, Basis: "属地管理：事发地不在本市", Responsible: responsible, Words: "经核实，该地点属于其他城市管辖。"}
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

// transferOf is another city's view of the same transfer.
func (s *story) transferOf(city string, t *pb.Transfer) *pb.Transfer {
	s.t.Helper()
	var out pb.ListTransfersResponse
	if err := s.person("dispatcher."+city).Do(context.Background(), "GET", "/v1/tenants/"+city+"/transfers?pageSize=200", nil, &out); err != nil {
		s.t.Fatal(err)
	}
	for _, other := range out.GetTransfers() {
		if other.GetOrigin() == t.GetOrigin() && other.GetNumber() == t.GetNumber() && other.GetRegion() == t.GetRegion() {
			return other
		}
	}
	s.t.Fatalf("%s does not know %v", city, t)
	return nil
}

// takenAgain is taken once more, as another case.
func (s *story) takenAgain(city string) *play.Walk {
	s.t.Helper()
	s.again++
	return s.takenBy(city, fmt.Sprintf("-%d", s.again), func(*nation.Request) {})
}

// takenBy takes in a sample with what a test changes in it.
func (s *story) takenBy(city, more string, change func(r *nation.Request)) *play.Walk {
	s.t.Helper()
	for _, r := range nation.Requests() {
		if r.City == city && r.Disposition == "cross_city" && !r.Confidential {
			r.ID += more
			change(&r)
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

// taken is an order of a city's first sample that is another's matter.
func (s *story) taken(city string) *play.Walk {
	s.t.Helper()
	return s.takenBy(city, "", func(*nation.Request) {})
}

func TestACaseIsHandledByTheOtherCityAndItsCitizenFollowsItByTheSameNumber(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
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

// finish walks an order of a city to its end.
func finish(s *story, o *pb.WorkOrder) {
	s.t.Helper()
	work(s, o)
	s.as("callback_agent."+cityOf(o), o.GetName(), "callback", solved())
}

// finishAtHome walks an order of another city to its end, of which the citizen hears at home.
func finishAtHome(s *story, home, there *pb.WorkOrder) {
	s.t.Helper()
	work(s, there)
	s.until("dispatcher."+cityOf(there), there.GetName(), pb.State_CONCLUDED)
	s.until("dispatcher."+cityOf(home), home.GetName(), pb.State_CONCLUDED)
	s.as("callback_agent."+cityOf(home), home.GetName(), "callback", solved())
}

func cityOf(o *pb.WorkOrder) string { return strings.Split(o.GetName(), "/")[1] }

func solved() *pb.CallbackRequest {
	return &pb.CallbackRequest{Reached: true, Contacted: true, Solved: true, ResultGrade: pb.Grade_SATISFIED, AttitudeGrade: pb.Grade_SATISFIED, Channel: "phone"}
}

func unsolved() *pb.CallbackRequest {
	return &pb.CallbackRequest{Reached: true, Contacted: true, ResultGrade: pb.Grade_DISSATISFIED, AttitudeGrade: pb.Grade_SATISFIED, Channel: "phone", Words: "问题还在"}
}

// work dispatches, handles and reviews an order.
func work(s *story, o *pb.WorkOrder) {
	s.t.Helper()
	in := &pb.DispatchRequest{Lead: "U02", Category: "1203", Instruction: "请依法依规办理。"}
	if o.GetKind() == pb.Kind_REPORT {
		in.Brief = "市民举报，请依法核查。"
	}
	s.as("dispatcher."+cityOf(o), o.GetName(), "dispatch", in)
	s.as("u02."+cityOf(o), o.GetName(), "sign", &pb.SignRequest{})
	again(s, o)
}

// again is what the unit does each time: contact, answer, review.
func again(s *story, o *pb.WorkOrder) {
	s.t.Helper()
	city := cityOf(o)
	if !o.GetConfidential() {
		s.as("u02."+city, o.GetName(), "contact", &pb.ContactRequest{Reached: true, Means: "phone", Note: "已电话核实"})
	}
	s.as("u02."+city, o.GetName(), "reply", &pb.ReplyRequest{Draft: &pb.Draft{Conclusion: pb.Conclusion_SOLVED,
		PublicPart: "您好！您反映的问题已收悉，工作人员当日到场核实并已处理完毕，感谢您的监督。", Measures: "现场核实并处理。"}})
	s.as("reviewer."+city, o.GetName(), "review", &pb.ReviewRequest{Pass: true})
}
