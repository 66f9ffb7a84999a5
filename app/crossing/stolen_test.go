package crossing_test

import (
	"context"
	"log/slog"
	"strings"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/federation"
	"hotline/federation/ledger"
)

// stolen puts a thief's program in the place of a city's node: same folder, same certificate, and no door before the log. It leads.
func (p *places) stolen(city string) *federation.Node {
	p.t.Helper()
	n := p.nodes[city]
	n.Stop()
	conf := federation.Config{Name: n.Conf.Name, Listen: n.Conf.Listen, Folder: n.Conf.Folder, CA: n.Conf.CA, Certificate: n.Conf.Certificate, Key: n.Conf.Key,
		Timing: federation.Timing{Heartbeat: 300 * time.Millisecond, Election: 300 * time.Millisecond}, Log: slog.New(slog.NewTextHandler(p.logs[city], nil)), Dial: n.Conf.Dial, Now: n.Conf.Now}
	rc := n.Conf.Regions[0]
	r, err := federation.NewRegion(ledger.Genesis{Group: rc.Name, Coordinator: rc.Coordinator.City, Signing: rc.Coordinator.Signing.Key(), Sealing: rc.Coordinator.Sealing.Key()})
	if err != nil {
		p.t.Fatal(err)
	}
	g := r.Group(rc.Voters)
	g.Check = nil
	conf.Groups = []federation.Group{g}
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	thief, err := federation.Start(ctx, conf)
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() { _ = thief.Close() })
	r.Join(thief)
	// Whoever else leads is cut off until the thief does.
	p.settle("the stolen node leads", func() bool {
		leader, _ := thief.Leader(region)
		if leader.Name == conf.Name {
			return true
		}
		for other, node := range p.nodes {
			if node.Conf.Name == leader.Name {
				p.cutOff(other)
				time.Sleep(time.Second) // an election
				n.Lines.Heal()
			}
		}
		return false
	})
	return thief
}

// forge is what the thief writes: "Tianjin accepts", signed by nobody.
func forge(t *testing.T, r *federation.Region, offer *pb.Transfer) []byte {
	t.Helper()
	c := &federationv1.Command{Id: make([]byte, 16), Group: region, City: tianjin, Time: time.Now().UnixMilli(), Sequence: 3,
		Transfer: &federationv1.TransferId{Origin: beijing, Number: uint64(offer.GetNumber())},
		Act:      &federationv1.Command_Accept{Accept: &federationv1.Accept{Order: "x"}}}
	for _, m := range r.Ledger().Members() {
		if m.GetCity() == tianjin {
			c.Key = m.GetSigning()[0].ID()
		}
	}
	text, err := proto.MarshalOptions{Deterministic: true}.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	signed, err := proto.Marshal(&federationv1.Signed{Command: text, Signature: make([]byte, 64)})
	if err != nil {
		t.Fatal(err)
	}
	return signed
}

func TestWhatAReallyStolenLeaderWritesInAnothersNameNobodyFollowsAndEveryOperatorSees(t *testing.T) {
	for name, verify := range map[string]bool{"every node verifies": true, "only the cities verify": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p := apart(t, verify) // one of them with PostgreSQL
			p.rule(func(r *pb.RegionRules) {
				if !r.GetVerifyAtApply() {
					t.Error("a new region does not verify as it applies")
				}
				if r.VerifyAtApply = nil; !verify { // left as it is when nobody speaks of it
					r.VerifyAtApply = proto.Bool(false)
				}
			})
			home := p.as("dispatcher.110000", p.taken(beijing).Order.GetName(), "transfer", cold(tianjin))
			there := p.coming(tianjin, home.GetNumber())
			offer := p.stands(beijing, home.GetNumber(), "delivered")
			thief := p.stolen(shijiazhuang)
			ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
			defer cancel()
			if _, err := thief.Propose(ctx, region, forge(t, p.towns[beijing].Crossing.Region(region), offer)); err != nil {
				t.Fatal(err)
			}
			for _, city := range []string{beijing, tianjin} {
				p.settle("the operator of "+city+" sees it", func() bool {
					ready, err := p.person("dispatcher."+city).Raw(context.Background(), "GET", "/readyz", nil)
					if err != nil {
						t.Fatal(err)
					}
					p.last = string(ready)
					return strings.Contains(p.last, "region "+region+": 1 forged entries")
				})
				figures, err := p.person("dispatcher."+city).Raw(context.Background(), "GET", "/metrics", nil)
				if err != nil || !strings.Contains(string(figures), `hotline_region_forged_entries_total{region="`+region+`"} 1`) {
					t.Errorf("/metrics of %s: %v", city, err)
				}
				if !strings.Contains(p.logs[city].String(), "a node that led the region may be stolen") {
					t.Errorf("the log of %s is silent", city)
				}
			}
			if got := p.get("dispatcher.110000", home.GetName()); got.GetState() != pb.State_TRANSFERRING || got.GetTransfer().GetCustodian() != beijing {
				t.Errorf("at home it is %s with %s", got.GetState(), got.GetTransfer().GetCustodian())
			}
			if got := p.get("dispatcher.120000", there.GetName()); got.GetState() != pb.State_OFFERED {
				t.Errorf("there it is %s", got.GetState())
			}
			record := p.towns[beijing].Crossing.Region(region).Ledger().Transfer(beijing, uint64(offer.GetNumber()))
			if !verify { // the ledger was deceived, the cities keep what it says and do not follow
				if record.GetState() != federationv1.State_ACCEPTED {
					t.Errorf("the ledger has it %s", record.GetState())
				}
				var one pb.Transfer
				if err := p.person("dispatcher.110000").Do(context.Background(), "GET", "/v1/"+offer.GetName(), nil, &one); err != nil {
					t.Fatal(err)
				}
				p.contains(one.String(), "签名无效，未采纳")
				return
			}
			// The ledger was not deceived either, and the case goes its honest way, even through the thief.
			if record.GetState() != federationv1.State_DELIVERED {
				t.Errorf("the ledger has it %s", record.GetState())
			}
			p.as("dispatcher.120000", there.GetName(), "accept", &pb.AcceptRequest{})
			p.until("dispatcher.110000", home.GetName(), pb.State_TRANSFERRED)
			p.until("dispatcher.120000", there.GetName(), pb.State_RECEIVED)
		})
	}
}
