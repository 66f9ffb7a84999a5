package crossing_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	pb "hotline/api/casework/v1"
	"hotline/app/play"
	"hotline/federation/ledger"
)

// cutOff cuts a city's node off from all others.
func (p *places) cutOff(city string) {
	for other, n := range p.nodes {
		if other != city {
			n.Lines.Cut(n.Conf.Name, p.nodes[city].Conf.Name)
		}
	}
}

// onBoth lets a story of three deployments happen with all databases on SQLite, and with Tianjin's on PostgreSQL.
func onBoth(t *testing.T, tell func(t *testing.T, p *places)) {
	t.Run("SQLite", func(t *testing.T) { t.Parallel(); tell(t, apart(t, false)) })
	t.Run("PostgreSQL", func(t *testing.T) {
		t.Parallel()
		tell(t, apart(t, true))
	})
}

// newest waits until the region goes by the newest version of the ledger.
func (p *places) newest() {
	p.t.Helper()
	p.settle("the region goes by the newest version", func() bool {
		return p.towns[beijing].Crossing.Region(region).Ledger().Figures().Version == ledger.Version
	})
}

// rule changes the region's rules.
func (p *places) rule(change func(r *pb.RegionRules)) {
	p.t.Helper()
	p.newest()
	var all pb.ListRegionsResponse
	person := p.person("regional_coordinator.100001")
	if err := person.Do(context.Background(), "GET", "/v1/tenants/100001/regions", nil, &all); err != nil {
		p.t.Fatal(err)
	}
	rules := all.GetRegions()[0].GetRules()
	rules.Version++
	change(rules)
	if _, err := play.Post[pb.Region](context.Background(), person, "/v1/tenants/100001/regions/"+region+":setRules", &pb.SetRegionRulesRequest{Rules: rules}); err != nil {
		p.t.Fatal(err)
	}
	p.settle("every node has the rules", func() bool {
		for _, town := range p.towns {
			if _, now := town.Crossing.Region(region).Ledger().Region(); now.GetVersion() != uint64(rules.GetVersion()) {
				return false
			}
		}
		return true
	})
}

// declinedCutOff is a case that Tianjin declines in time while nobody hears it.
func declinedCutOff(p *places) (home, there *pb.WorkOrder, due time.Time) {
	p.t.Helper()
	home = p.as("dispatcher.110000", p.taken(beijing).Order.GetName(), "transfer", cold(tianjin))
	there = p.coming(tianjin, home.GetNumber())
	due = p.stands(beijing, home.GetNumber(), "delivered").GetAnswerDueTime().AsTime()
	p.cutOff(tianjin)
	there = p.as("dispatcher.120000", there.GetName(), "decline", declining(shijiazhuang))
	if there.GetTransfer().GetPending() != "decline" {
		p.t.Fatalf("what was asked for: %v", there.GetTransfer())
	}
	return home, there, due
}

// pass lets the region's time come to a moment.
func (p *places) pass(to time.Time) {
	p.nodes[beijing].Clock.Advance(to.Sub(p.nodes[beijing].Clock.Now()))
}

func TestADeclineThatSilenceWasQuickerThanIsToldAndMayBeHeardByTheCoordinator(t *testing.T) {
	onBoth(t, func(t *testing.T, p *places) {
		p.newest()
		home, there, due := declinedCutOff(p)
		p.pass(due.Add(5 * time.Minute))
		p.stands(beijing, home.GetNumber(), "expired") // the others go on without it
		if got := p.get("dispatcher.120000", there.GetName()); got.GetState() != pb.State_OFFERED || got.GetTransfer().GetPending() != "decline" {
			t.Fatalf("cut off: %s %v", got.GetState(), got.GetTransfer())
		}
		p.nodes[tianjin].Lines.Heal()
		there = p.until("dispatcher.120000", there.GetName(), pb.State_RECEIVED)
		p.contains(p.history("dispatcher.120000", there.GetName()), "拒收北京市转办：属地管理：事发地不在本市", "经核实，该地点属于其他城市管辖。",
			"本市在期限内提交的拒收因区域联动中断未能及时送达，没有生效", "提请指定")
		p.contains(there.GetTransfer().GetNotice(), "已按逾期视为接收", "提请指定")
		for _, a := range there.GetActs() {
			if a.GetVerb() == "refer" && !a.GetAllowed() {
				t.Errorf("it may not be referred: %s", a.GetWhyNot())
			}
		}
		// Nothing waits, and nothing was sent behind silence's back.
		p.settle("nothing waits", func() bool { _, unsent := waits(t, p.towns[tianjin], tianjin, "decline"); return unsent == 0 })
		p.refused("WRONG_STATE", "dispatcher.120000", there.GetName(), "decline", declining(shijiazhuang))

		p.as("dispatcher.120000", there.GetName(), "refer", &pb.ReferRequest{Basis: "属地管理", Words: "本市已在期限内拒收，附中断记录。"})
		p.settle("the coordinator has the objection", func() bool {
			var all pb.ListTransfersResponse
			if err := p.person("regional_coordinator.100001").Do(context.Background(), "GET", "/v1/tenants/100001/regions/"+region+"/transfers?state=disputed", nil, &all); err != nil {
				t.Fatal(err)
			}
			p.last = fmt.Sprint(all.GetTransfers())
			return len(all.GetTransfers()) == 1 && all.GetTransfers()[0].GetObjected() && all.GetTransfers()[0].GetName() != "" && all.GetTransfers()[0].GetCustodian() == tianjin
		})
		p.settle("both cities read of it", func() bool {
			return strings.Contains(p.history("dispatcher.110000", home.GetName()), "提出异议") &&
				strings.Contains(p.get("dispatcher.120000", there.GetName()).GetTransfer().GetNotice(), "正在等待区域协调方指定")
		})
		var row *pb.Transfer
		p.settle("the coordinator's row is there", func() bool { row = p.transfer(coordinator, home.GetNumber()); return row != nil })
		designate(p.story, row, shijiazhuang)
		p.until("dispatcher.120000", there.GetName(), pb.State_WITHDRAWN)
		next := p.coming(shijiazhuang, home.GetNumber())
		p.until("dispatcher.130100", next.GetName(), pb.State_RECEIVED)
		if got := p.stands(beijing, home.GetNumber(), "designated"); got.GetCustodian() != shijiazhuang || got.GetObjected() {
			t.Errorf("in the end: %v", got)
		}
	})
}

func TestInTheRegionsGraceADeclineAskedForInTimeStillCounts(t *testing.T) {
	onBoth(t, func(t *testing.T, p *places) {
		p.rule(func(r *pb.RegionRules) { r.DeclineGrace = new(int64(3600)) })
		home, there, due := declinedCutOff(p)
		p.pass(due.Add(20 * time.Minute))
		if err := p.towns[beijing].Crossing.Expire(in(beijing), region, due.Add(20*time.Minute)); err != nil {
			t.Fatal(err)
		}
		if all, _ := waits(t, p.towns[beijing], beijing, "expire"); all != 0 {
			t.Errorf("silence was asked for in the grace")
		}
		p.nodes[tianjin].Lines.Heal()
		p.until("dispatcher.120000", there.GetName(), pb.State_DECLINED)
		p.stands(beijing, home.GetNumber(), "declined")
		p.contains(p.history("dispatcher.110000", home.GetName()), "拒收：属地管理：事发地不在本市")
	})
}

func TestTheCoordinatorMayLeaveACaseWhereSilencePutIt(t *testing.T) {
	p := apart(t, false)
	p.newest()
	home, there, due := declinedCutOff(p)
	p.pass(due.Add(5 * time.Minute))
	p.stands(beijing, home.GetNumber(), "expired")
	p.nodes[tianjin].Lines.Heal()
	there = p.until("dispatcher.120000", there.GetName(), pb.State_RECEIVED)
	p.as("dispatcher.120000", there.GetName(), "refer", &pb.ReferRequest{Basis: "属地管理", Words: "本市已在期限内拒收。"})
	var row *pb.Transfer
	p.settle("the coordinator has it", func() bool { row = p.transfer(coordinator, home.GetNumber()); return row.GetObjected() })
	designate(p.story, row, tianjin)
	p.settle("the city reads the coordinator's word", func() bool {
		return strings.Contains(p.history("dispatcher.120000", there.GetName()), "区域协调方指定仍由本市承办")
	})
	there = p.get("dispatcher.120000", there.GetName())
	if there.GetState() != pb.State_RECEIVED || there.GetTransfer().GetNotice() != "" {
		t.Errorf("there it is %s: %v", there.GetState(), there.GetTransfer())
	}
	p.refused("NOT_DECLINED", "dispatcher.120000", there.GetName(), "refer", &pb.ReferRequest{Basis: "属地管理", Words: "再次提出。"})
	finish(p.story, there)
	p.stands(beijing, home.GetNumber(), "called_back")
}

func TestSilenceIsAcceptanceInBothCitiesAndWhoWasSimplySilentHasNoObjection(t *testing.T) {
	onBoth(t, func(t *testing.T, p *places) {
		p.newest()
		home := p.as("dispatcher.110000", p.taken(beijing).Order.GetName(), "transfer", cold(tianjin))
		there := p.coming(tianjin, home.GetNumber())
		p.pass(p.stands(beijing, home.GetNumber(), "delivered").GetAnswerDueTime().AsTime().Add(5 * time.Minute))
		p.stands(beijing, home.GetNumber(), "expired")
		there = p.until("dispatcher.120000", there.GetName(), pb.State_RECEIVED)
		if got := p.until("dispatcher.110000", home.GetName(), pb.State_TRANSFERRED); got.GetTransfer().GetCustodian() != tianjin {
			t.Errorf("at home: %v", got.GetTransfer())
		}
		text := p.history("dispatcher.120000", there.GetName())
		if strings.Count(text, "逾期未答复，视为接收") != 1 || there.GetTransfer().GetNotice() != "" {
			t.Errorf("%v\n%s", there.GetTransfer(), text)
		}
		p.refused("NOT_DECLINED", "dispatcher.120000", there.GetName(), "refer", &pb.ReferRequest{Basis: "属地管理", Words: "我们没来得及。"})
		own := p.takenAgain(tianjin)
		p.refused("NOT_DECLINED", "dispatcher.120000", own.Order.GetName(), "refer", &pb.ReferRequest{Basis: "属地管理", Words: "没有转办的工单。"})
	})
}
