package crossing_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/app/play"
)

// disputed is a case that two cities declined and for which both sides laid down their papers.
func disputed(s *story) (home, declined *pb.WorkOrder) {
	s.t.Helper()
	w := s.taken(beijing)
	home = s.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
	first := s.coming(tianjin, w.Order.GetNumber())
	s.as("dispatcher.120000", first.GetName(), "decline", declining(shijiazhuang))
	s.until("dispatcher.120000", first.GetName(), pb.State_DECLINED)
	s.stands(beijing, w.Order.GetNumber(), "declined")
	s.contains(s.history("dispatcher.110000", home.GetName()), "拒收：属地管理：事发地不在本市", "经核实，该地点属于其他城市管辖。")
	s.as("dispatcher.110000", home.GetName(), "transfer", cold(shijiazhuang))
	second := s.coming(shijiazhuang, w.Order.GetNumber())
	s.as("dispatcher.130100", second.GetName(), "decline", declining(tianjin))
	if o := s.get("dispatcher.120000", first.GetName()); o.GetState() != pb.State_DECLINED {
		s.t.Fatalf("the first city's order is %s again", o.GetState())
	}
	s.stands(beijing, w.Order.GetNumber(), "disputed")
	s.as("dispatcher.110000", home.GetName(), "refer", &pb.ReferRequest{Basis: "首接负责制", Words: "事发路段由石家庄市管养，附养护协议。"})
	s.until("dispatcher.130100", second.GetName(), pb.State_DECLINED)
	s.stands(shijiazhuang, w.Order.GetNumber(), "disputed")
	s.as("dispatcher.130100", second.GetName(), "refer", &pb.ReferRequest{Basis: "属地管理", Words: "该路段已于去年移交天津市。"})
	return home, second
}

// papers waits until the coordinator can read what both sides laid down.
func papers(s *story, number string) *pb.Transfer {
	s.t.Helper()
	var t pb.Transfer
	s.settle("the coordinator reads the papers of both", func() bool {
		row := s.transfer(coordinator, number)
		if row == nil {
			return false
		}
		proto.Reset(&t)
		if err := s.person("regional_coordinator.100001").Do(context.Background(), "GET", "/v1/"+row.GetName(), nil, &t); err != nil {
			s.t.Fatal(err)
		}
		read := 0
		for _, a := range t.GetActs() {
			if a.GetAct() == "dispute" && a.GetWords().GetText() != "" {
				read++
			}
		}
		s.last = fmt.Sprint(&t)
		return read == 2
	})
	return &t
}

func designate(s *story, t *pb.Transfer, target string) {
	s.t.Helper()
	_, err := play.Post[pb.Transfer](context.Background(), s.person("regional_coordinator.100001"), "/v1/"+t.GetName()+":designate",
		&pb.DesignateRequest{Target: target, Basis: "区域联动规则第九条", Words: "依据道路移交协议，由该市承办。"})
	if err != nil {
		s.t.Fatal(err)
	}
}

func TestTwoDeclinesGoToTheCoordinatorWhoseDesignationOfAThirdCityBinds(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		home, declined := disputed(s)
		number := home.GetNumber()
		row := papers(s, number)
		var all pb.ListTransfersResponse
		if err := s.person("regional_coordinator.100001").Do(context.Background(), "GET", "/v1/tenants/100001/regions/"+region+"/transfers?state=disputed", nil, &all); err != nil {
			t.Fatal(err)
		}
		if len(all.GetTransfers()) != 1 || all.GetTransfers()[0].GetName() != row.GetName() || all.GetTransfers()[0].GetDeclines() != 2 {
			t.Fatalf("the region's disputes: %v", all.GetTransfers())
		}
		var figures pb.RegionFigures
		if err := s.person("regional_coordinator.100001").Do(context.Background(), "GET", "/v1/tenants/100001/regions/"+region+"/figures", nil, &figures); err != nil {
			t.Fatal(err)
		}
		if figures.GetOpen() != 1 || figures.GetDisputed() != 1 || len(figures.GetPairs()) != 1 || figures.GetPairs()[0].GetTarget() != shijiazhuang {
			t.Errorf("figures: %v", &figures)
		}
		designate(s, row, tianjin)
		s.until("dispatcher.110000", home.GetName(), pb.State_TRANSFERRED)
		there := s.coming(tianjin, number)
		there = s.until("dispatcher.120000", there.GetName(), pb.State_RECEIVED)
		s.settle("the city that declined reads the designation", func() bool {
			return s.get("dispatcher.130100", declined.GetName()).GetState() == pb.State_DECLINED && s.stands(shijiazhuang, number, "designated") != nil
		})
		for login, name := range map[string]string{"dispatcher.110000": home.GetName(), "dispatcher.120000": there.GetName(), "dispatcher.130100": declined.GetName()} {
			s.contains(s.history(login, name), "区域协调方指定")
		}
		s.contains(s.history("dispatcher.110000", home.GetName()), "依据道路移交协议，由该市承办。")
		s.contains(s.history("dispatcher.120000", there.GetName()), "依据道路移交协议，由该市承办。")
		s.refused("CAME_BY_TRANSFER", "dispatcher.120000", there.GetName(), "transfer", cold(beijing))
		finish(s, there)
		s.stands(beijing, number, "called_back")
	})
}

func TestACityThatNeverHadTheCaseGetsItsPacketAfterTheDesignation(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		w := s.taken(beijing)
		home := s.as("dispatcher.110000", w.Order.GetName(), "transfer", cold(tianjin))
		first := s.coming(tianjin, w.Order.GetNumber())
		s.as("dispatcher.120000", first.GetName(), "decline", declining(beijing))
		s.stands(beijing, w.Order.GetNumber(), "declined")
		s.until("dispatcher.120000", first.GetName(), pb.State_DECLINED)
		s.refused("NOT_DECLINED", "dispatcher.120000", first.GetName(), "refer", &pb.ReferRequest{Basis: "属地管理", Words: "对方尚未提请指定。"})
		s.as("dispatcher.110000", home.GetName(), "refer", &pb.ReferRequest{Basis: "首接负责制", Words: "两市均认为不属本市。"})
		s.stands(tianjin, w.Order.GetNumber(), "disputed")
		s.as("dispatcher.120000", first.GetName(), "refer", &pb.ReferRequest{Basis: "属地管理", Words: "该路段属于石家庄市。"})
		designate(s, papers(s, w.Order.GetNumber()), shijiazhuang)
		there := s.coming(shijiazhuang, w.Order.GetNumber())
		there = s.until("dispatcher.130100", there.GetName(), pb.State_RECEIVED)
		s.settle("the packet has come", func() bool {
			there = s.get("dispatcher.130100", there.GetName())
			s.last = there.GetTitle()
			return there.GetTitle() == home.GetTitle()
		})
		// The citizen agreed that the first city learns who they are; of this one nobody asked them.
		if p := there.GetPetitioner(); !p.GetAnonymous() || p.GetPhone().GetText() != "" || s.get("dispatcher.110000", home.GetName()).GetTransfer().GetConsent() {
			t.Errorf("the packet: %v", there)
		}
		finishAtHome(s, home, there) // the citizen agreed to another city
		s.stands(beijing, w.Order.GetNumber(), "called_back")
		s.stands(tianjin, w.Order.GetNumber(), "called_back")
	})
}

func TestTheCoordinatorMaySendACaseHomeWhereItIsHandledToItsEnd(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		home, declined := disputed(s)
		designate(s, papers(s, home.GetNumber()), beijing)
		s.until("dispatcher.110000", home.GetName(), pb.State_RECEIVED)
		s.stands(beijing, home.GetNumber(), "designated")
		s.refused("TRANSFER_UNDER_WAY", "dispatcher.110000", home.GetName(), "transfer", cold(tianjin))
		finish(s, home)
		done := s.until("dispatcher.110000", home.GetName(), pb.State_CLOSED)
		s.stands(shijiazhuang, home.GetNumber(), "called_back")
		s.settle("the ledger lets the transfer go", func() bool {
			var figures pb.RegionFigures
			if err := s.person("regional_coordinator.100001").Do(context.Background(), "GET", "/v1/tenants/100001/regions/"+region+"/figures", nil, &figures); err != nil {
				t.Fatal(err)
			}
			return figures.GetOpen() == 0 && figures.GetOver() == 1
		})
		s.contains(s.history("dispatcher.110000", done.GetName()), "区域协调方指定北京市承办")
		s.contains(s.history("dispatcher.130100", declined.GetName()), "区域协调方指定北京市承办")
	})
}

func TestToWhoeverDoesNotCoordinateARegionItIsNotThere(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		home, _ := disputed(s)
		row := papers(s, home.GetNumber())
		s.stage["100002"] = town.Stage
		other := s.person("regional_coordinator.100002")
		id := row.GetName()[len("tenants/100001/"):]
		for path, in := range map[string]proto.Message{
			"GET /v1/tenants/100002/regions/" + region + "/transfers": nil,
			"GET /v1/tenants/100002/regions/" + region + "/figures":   nil,
			"GET /v1/tenants/100002/regions/" + region + "/rules":     nil,
			"GET /v1/tenants/100001/regions/" + region + "/figures":   nil,
			"GET /v1/" + row.GetName():                                nil,
			"GET /v1/tenants/100002/" + id:                            nil,
			"POST /v1/" + row.GetName() + ":designate":                &pb.DesignateRequest{Target: tianjin, Basis: "规则第九条", Words: "由该市承办。"},
			"POST /v1/tenants/100002/" + id + ":designate":            &pb.DesignateRequest{Target: tianjin, Basis: "规则第九条", Words: "由该市承办。"},
			"POST /v1/tenants/100002/regions/" + region + ":setRules": &pb.SetRegionRulesRequest{Rules: &pb.RegionRules{SignLeast: 60, AnswerLeast: 60,
				CriticalSignLeast: 60, CriticalAnswerLeast: 60, AnswerMost: 86400, Skew: 1, Declines: 1, Backlog: 1 << 20}},
		} {
			verb, at, _ := strings.Cut(path, " ")
			err := other.Do(context.Background(), verb, at, in, nil)
			if no := new(play.Refusal); !errors.As(err, &no) || no.Code != 404 {
				t.Errorf("%s: %v", path, err)
			}
		}
		s.stands(beijing, home.GetNumber(), "disputed")
	})
}

func TestTheCoordinatorFindsWhatIsDueFirstAndWhoChangedTheRules(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		cold1, hot := s.taken(beijing), s.takenAgain(beijing)
		s.as("dispatcher.110000", cold1.Order.GetName(), "transfer", cold(tianjin))
		s.coming(tianjin, cold1.Order.GetNumber())
		soon := cold(shijiazhuang)
		soon.Mode, soon.Call = pb.Mode_HOT, "line-7"
		s.as("dispatcher.110000", hot.Order.GetName(), "transfer", soon)
		s.coming(shijiazhuang, hot.Order.GetNumber())
		list := func(query string) (out []string) {
			var all pb.ListTransfersResponse
			if err := s.person("regional_coordinator.100001").Do(context.Background(), "GET", "/v1/tenants/100001/regions/"+region+"/transfers?"+query, nil, &all); err != nil {
				t.Fatal(err)
			}
			if !strings.HasPrefix(all.GetWatermark(), "regional_coordinator.100001 ") {
				t.Errorf("the screen is marked %q", all.GetWatermark())
			}
			for _, one := range all.GetTransfers() {
				if one.GetDesignable() || one.GetOverdue() {
					t.Errorf("neither disputed nor late: %v", one)
				}
				out = append(out, one.GetOrderNumber())
			}
			if token := all.GetNextPageToken(); token != "" {
				out = append(out, "…"+token)
			}
			return out
		}
		if got := list("order_by=due"); len(got) != 2 || got[0] != hot.Order.GetNumber() {
			t.Errorf("due soonest first: %v", got)
		}
		first := list("order_by=due&page_size=1")
		if len(first) != 2 || first[0] != hot.Order.GetNumber() {
			t.Fatalf("a page: %v", first)
		}
		if got := list("order_by=due&page_size=1&page_token=" + strings.TrimPrefix(first[1], "…")); len(got) != 1 || got[0] != cold1.Order.GetNumber() {
			t.Errorf("the next page: %v", got)
		}
		for query, want := range map[string]int{"target=" + tianjin: 1, "origin=" + tianjin: 0, "overdue=true": 0, "designable=true": 0, "origin=110000&number=1": 1} {
			if got := list(query); len(got) != want {
				t.Errorf("%s: %v", query, got)
			}
		}
		var regions pb.ListRegionsResponse
		coordinator := s.person("regional_coordinator.100001")
		if err := coordinator.Do(context.Background(), "GET", "/v1/tenants/100001/regions", nil, &regions); err != nil {
			t.Fatal(err)
		}
		rules := regions.GetRegions()[0].GetRules()
		set := func(rules *pb.RegionRules) *pb.RegionRules {
			t.Helper()
			out, err := play.Post[pb.Region](context.Background(), coordinator, "/v1/tenants/100001/regions/"+region+":setRules", &pb.SetRegionRulesRequest{Rules: rules})
			if err != nil {
				t.Fatal(err)
			}
			return out.GetRules()
		}
		rules.DeclineGrace, rules.CallbackDue, rules.CallbackHandover = new(int64(7200)), new(int64(86400)), new(int64(2*86400))
		rules.Version++
		set(rules)
		rules.Version, rules.Declines = rules.GetVersion()+1, rules.GetDeclines()+1
		rules.DeclineGrace, rules.CallbackDue, rules.CallbackHandover = nil, nil, nil // not spoken of, so they stay
		if got := set(rules); got.GetDeclineGrace() != 7200 || got.GetCallbackDue() != 86400 || got.GetCallbackHandover() != 2*86400 {
			t.Errorf("the rules are %v", got)
		}
		var versions pb.ListRegionRulesResponse
		if err := coordinator.Do(context.Background(), "GET", "/v1/tenants/100001/regions/"+region+"/rules", nil, &versions); err != nil {
			t.Fatal(err)
		}
		if v := versions.GetVersions(); len(v) != 2 || v[0].GetVersion() != rules.GetVersion() || v[0].GetAuthor() != "regional_coordinator.100001" ||
			!strings.Contains(v[0].GetSummary(), fmt.Sprintf("拒收上限由%d次改为%d次", rules.GetDeclines()-1, rules.GetDeclines())) {
			t.Errorf("the rules' history: %v", v)
		} else if !strings.Contains(v[1].GetSummary(), "静默接收宽限由0秒改为2小时") {
			t.Errorf("the grace is not in the record: %s", v[1].GetSummary())
		}
	})
}
