package crossing_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/app/house/housetest"
)

// rogue is an offer to Tianjin as a stolen house of Beijing may write it.
func rogue(t *testing.T, town *housetest.Town, number uint64, content *pb.Content, change func(o *federationv1.Offer)) {
	t.Helper()
	id := &federationv1.TransferId{Origin: beijing, Number: number}
	box, err := town.Crossing.SealFor(region, beijing, tianjin, id, content)
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	o := &federationv1.Offer{Target: tianjin, Mode: federationv1.Mode_COLD, Urgency: federationv1.Urgency_ORDINARY, Order: "110000202611230000000017",
		Category: "1203", Basis: "属地管理", SignDue: now.Add(3 * time.Hour).UnixMilli(), AnswerDue: now.Add(24 * time.Hour).UnixMilli(),
		Started: now.UnixMilli(), Callback: tianjin, Sealed: []*federationv1.Sealed{box}}
	change(o)
	result, err := town.Crossing.Rogue(in(beijing), region, &federationv1.Command{Transfer: id, Sequence: 1, Act: &federationv1.Command_Offer{Offer: o}})
	if err != nil || result.Refusal() != nil {
		t.Fatalf("%v, %v", result.Refusal(), err)
	}
}

// cameTo waits for a number's transfer with its order.
func (s *story) cameTo(city string, number int64) *pb.WorkOrder {
	s.t.Helper()
	var name string
	s.settle("it has come", func() bool {
		var out pb.ListTransfersResponse
		if err := s.person("dispatcher."+city).Do(context.Background(), "GET", "/v1/tenants/"+city+"/transfers?direction=in&pageSize=200", nil, &out); err != nil {
			s.t.Fatal(err)
		}
		for _, t := range out.GetTransfers() {
			if t.GetNumber() == number && t.GetWorkOrder() != "" {
				name = t.GetWorkOrder()
			}
		}
		return name != ""
	})
	return s.get("dispatcher."+city, name)
}

func TestWhateverAStolenHouseSendsBecomesAnOrderToDeclineOrAcceptAndStopsNobody(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		sound := func() *pb.Facts {
			return &pb.Facts{Kind: pb.Kind_HELP, Category: "1203", Urgency: pb.Urgency_NORMAL, Channel: pb.Channel_PHONE, Title: "占道经营",
				Body: "路口", Words: "路口", Caller: &pb.Caller{Anonymous: true}}
		}
		nothing := func(*federationv1.Offer) {}
		bad := []struct {
			content *pb.Content
			change  func(o *federationv1.Offer)
		}{
			{&pb.Content{}, nothing},
			{&pb.Content{Packet: &pb.Packet{}}, nothing},
			{&pb.Content{Packet: &pb.Packet{Facts: &pb.Facts{Kind: 99, Category: "x", Title: strings.Repeat("长", 9000)}}}, nothing},
			{&pb.Content{Packet: &pb.Packet{Facts: func() *pb.Facts { f := sound(); f.Title = "<script>alert(1)</script>"; return f }()}}, nothing},
			{&pb.Content{Packet: &pb.Packet{Facts: func() *pb.Facts { f := sound(); f.Title, f.District = "标题\x00\x1b[2J", "区\x00"; return f }(),
				CategoryTitle: "类\x00", Call: "c\x00" + strings.Repeat("c", 500), Done: "做\x00"}}, nothing},
			{&pb.Content{Packet: &pb.Packet{Facts: func() *pb.Facts {
				f := sound()
				f.ReceiveTime = &timestamppb.Timestamp{Seconds: 1 << 60, Nanos: -5}
				return f
			}()}}, func(o *federationv1.Offer) { o.Started = 1 << 44 }},
			{&pb.Content{Packet: &pb.Packet{Facts: sound(), Files: []*pb.File{{Title: "x", Size: -1, Digest: "\x00", Source: "../../etc", MediaType: "\x00"},
				{Title: "y", Size: 1 << 40, Digest: strings.Repeat("a", 64), Source: "a", MediaType: "text/html"}}}},
				func(o *federationv1.Offer) {
					o.Basis, o.Category, o.TargetCategory, o.Order = "属地\x00", "\x00", "\x00", "京\x001"
				}},
		}
		for i, b := range slices.Backward(bad) { // the highest number first: whenever its courier starts, the house counts on behind them all
			rogue(t, town, uint64(900+i), b.content, b.change)
		}
		for i := range bad {
			o := s.cameTo(tianjin, int64(900+i))
			if o.GetState() != pb.State_OFFERED || strings.ContainsAny(o.GetTitle(), "\x00\x1b") || len(o.GetTitle()) > 800 {
				t.Errorf("%d became %s %q", i, o.GetState(), o.GetTitle())
			}
			if i%2 == 0 {
				s.as("dispatcher.120000", o.GetName(), "decline", declining(shijiazhuang))
				s.until("dispatcher.120000", o.GetName(), pb.State_DECLINED)
			} else {
				s.as("dispatcher.120000", o.GetName(), "accept", &pb.AcceptRequest{})
				s.until("dispatcher.120000", o.GetName(), pb.State_RECEIVED)
			}
		}
		// An honest case goes its way beside them.
		accepted(s, s.taken(beijing), cold(tianjin))
	})
}

func TestACityOffersOnBehindTheNumbersThatACopyOfItsHouseHasUsed(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		accepted(s, s.taken(beijing), cold(tianjin)) // number 1
		for _, number := range []uint64{2, 9000} {
			rogue(t, town, number, &pb.Content{}, func(*federationv1.Offer) {})
			s.cameTo(tianjin, int64(number))
		}
		for _, want := range []int64{9001, 9002} {
			home, _ := accepted(s, s.takenAgain(beijing), cold(tianjin))
			if got := s.transfer(beijing, home.GetNumber()).GetNumber(); got != want {
				t.Errorf("the next offer has the number %d, not %d", got, want)
			}
		}
	})
}
