package crossing_test

import (
	"context"
	"strings"
	"testing"
	"time"

	pb "hotline/api/casework/v1"
)

// owed is a case that Tianjin concluded and does not call back.
func owed(p *places) (home, there *pb.WorkOrder) {
	p.t.Helper()
	p.rule(func(r *pb.RegionRules) { r.CallbackDue, r.CallbackHandover = new(int64(3600)), new(int64(2*3600)) })
	home, there = accepted(p.story, p.taken(beijing), cold(tianjin))
	work(p.story, there)
	p.until("dispatcher.120000", there.GetName(), pb.State_CONCLUDED)
	p.stands(beijing, home.GetNumber(), "concluded")
	return home, there
}

// late lets the callback be overdue and sees that everybody knows.
func (p *places) late(home, there *pb.WorkOrder) {
	p.t.Helper()
	due := p.transfer(beijing, home.GetNumber()).GetCallbackDueTime().AsTime()
	if left := time.Until(due); left < 50*time.Minute || left > time.Hour {
		p.t.Fatalf("it is due in %s", left)
	}
	p.pass(due.Add(time.Minute))
	p.settle("the other city is urged", func() bool {
		return strings.Contains(p.history("dispatcher.120000", there.GetName()), "回访已逾期，请尽快回访诉求人") &&
			strings.Contains(p.history("dispatcher.110000", home.GetName()), "天津市12345办结后逾期未回访，已督促")
	})
	person := p.person("regional_coordinator.100001")
	var figures pb.RegionFigures
	if err := person.Do(context.Background(), "GET", "/v1/tenants/100001/regions/"+region+"/figures", nil, &figures); err != nil || figures.GetOverdue() != 1 {
		p.t.Errorf("the coordinator's figures: %v, %v", &figures, err)
	}
	var all pb.ListTransfersResponse
	if err := person.Do(context.Background(), "GET", "/v1/tenants/100001/regions/"+region+"/transfers?state=overdue", nil, &all); err != nil ||
		len(all.GetTransfers()) != 1 || all.GetTransfers()[0].GetCallbackDueTime() == nil {
		p.t.Errorf("what is overdue in the region: %v, %v", all.GetTransfers(), err)
	}
	if o := p.get("dispatcher.110000", home.GetName()); o.GetState() != pb.State_TRANSFERRED {
		p.t.Errorf("at home it is %s before its time", o.GetState())
	}
}

// handedOver lets the time pass after which the origin calls itself.
func (p *places) handedOver(home *pb.WorkOrder) {
	p.t.Helper()
	p.pass(p.transfer(beijing, home.GetNumber()).GetCallbackDueTime().AsTime().Add(time.Hour + 5*time.Minute))
	p.until("dispatcher.110000", home.GetName(), pb.State_CONCLUDED)
}

func TestACallbackThatNeverComesIsUrgedAndThenTheOriginsOwn(t *testing.T) {
	onBoth(t, func(t *testing.T, p *places) {
		home, there := owed(p)
		p.late(home, there)
		p.handedOver(home)
		p.contains(p.get("dispatcher.110000", home.GetName()).GetTransfer().GetNotice(), "由首接城市回访")
		p.settle("the other city knows", func() bool {
			return strings.Contains(p.history("dispatcher.120000", there.GetName()), "改由首接城市回访")
		})
		p.as("callback_agent.110000", home.GetName(), "callback", unsolved())
		p.until("dispatcher.120000", there.GetName(), pb.State_HANDLING)
		// From now on it is the origin's.
		again(p.story, there)
		p.until("dispatcher.110000", home.GetName(), pb.State_CONCLUDED)
		p.refused("CALLED_BACK_BY_ORIGIN", "callback_agent.120000", there.GetName(), "callback", solved())
		p.as("callback_agent.110000", home.GetName(), "callback", solved())
		p.until("dispatcher.110000", home.GetName(), pb.State_CLOSED)
		p.until("dispatcher.120000", there.GetName(), pb.State_CLOSED)
		p.stands(tianjin, home.GetNumber(), "called_back")
		if n := strings.Count(p.history("dispatcher.120000", there.GetName()), "回访已逾期"); n != 1 {
			t.Errorf("it was urged %d times", n)
		}
	})
}

func TestALateCallbackOfTheHandlingCityStillCountsIfItIsFirst(t *testing.T) {
	p := apart(t, false)
	home, there := owed(p)
	p.late(home, there)
	p.handedOver(home)
	p.as("callback_agent.120000", there.GetName(), "callback", unsolved())
	p.until("dispatcher.110000", home.GetName(), pb.State_TRANSFERRED)
	for _, c := range p.get("dispatcher.110000", home.GetName()).GetClocks() {
		if c.GetStep() == "callback" && c.GetStopTime() == nil {
			t.Errorf("the clock of a callback that is not ours runs: %v", c)
		}
	}
	again(p.story, there)
	p.as("callback_agent.120000", there.GetName(), "callback", solved())
	p.stands(beijing, home.GetNumber(), "called_back")
}

func TestWhenBothCitiesCallNoCitizensWordIsLost(t *testing.T) {
	for name, first := range map[string]string{"the origin's no is in the ledger first": beijing, "the target's yes is in the ledger first": tianjin} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := apart(t, false)
			home, there := owed(p)
			p.late(home, there)
			p.handedOver(home)
			p.settle("nothing waits", func() bool { _, n := waits(t, p.towns[beijing], beijing, "supplement"); return n == 0 })
			p.settle("the other city has it", func() bool {
				return strings.Contains(p.history("dispatcher.120000", there.GetName()), "改由首接城市回访")
			})
			second := map[string]string{beijing: tianjin, tianjin: beijing}[first]
			p.nodes[second].Rest()
			p.as("callback_agent.110000", home.GetName(), "callback", unsolved())
			p.as("callback_agent.120000", there.GetName(), "callback", solved())
			p.settle("the first is in the ledger", func() bool { _, n := waits(t, p.towns[first], first, "callback"); return n == 0 })
			p.nodes[second].Carry()
			if first == beijing { // the case goes on where it is handled
				p.until("dispatcher.120000", there.GetName(), pb.State_HANDLING)
				p.until("dispatcher.110000", home.GetName(), pb.State_TRANSFERRED) // it was concluded before
				again(p.story, there)
				p.until("dispatcher.110000", home.GetName(), pb.State_CONCLUDED)
				p.as("callback_agent.110000", home.GetName(), "callback", solved())
				p.until("dispatcher.120000", there.GetName(), pb.State_CLOSED)
			} else { // the transfer is over, and the citizen's case is ours
				p.until("dispatcher.110000", home.GetName(), pb.State_RECEIVED)
				p.contains(p.history("dispatcher.110000", home.GetName()), "本市回访诉求人认为未解决，重新受理")
			}
			p.stands(beijing, home.GetNumber(), "called_back")
		})
	}
}
