package crossing_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"testing"
	"time"

	pb "hotline/api/casework/v1"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent"
	"hotline/ent/outgoing"
	"hotline/ent/transfer"
	"hotline/federation/ledger"
)

var threeCities = []string{beijing, tianjin, shijiazhuang}

// cutting cuts lines between the nodes, one pair both ways, one pair one way, or one node off from all, and mends them, until the people
// are done.
func (p *places) cutting(chance *rand.Rand, over chan struct{}) (cuts int) {
	lines := p.nodes[beijing].Lines
	name := func(i int) string { return p.nodes[threeCities[i%3]].Conf.Name }
	for {
		i := chance.IntN(3)
		switch chance.IntN(4) {
		case 0:
			lines.Cut(name(i), name(i+1))
		case 1:
			lines.CutOneWay(name(i), name(i+1))
		case 2: // two ways of three, so that each node is reached and hears nothing of one
			lines.CutOneWay(name(i), name(i+1))
			lines.CutOneWay(name(i+1), name(i+2))
		default:
			lines.Cut(name(i), name(i+1))
			lines.Cut(name(i), name(i+2))
		}
		cuts++
		for _, d := range []time.Duration{time.Duration(400+chance.IntN(1200)) * time.Millisecond, time.Duration(600+chance.IntN(600)) * time.Millisecond} {
			select {
			case <-over:
				lines.Heal()
				return cuts
			case <-time.After(d):
			}
			lines.Heal()
		}
	}
}

// carried is a case that moves under cut lines.
type carried struct {
	walk  *play.Walk
	home  string // its name
	files [][]byte
	said  []string
}

// sees waits until somebody's order is in one of the states.
func (p *places) sees(login, name string, want ...pb.State) *pb.WorkOrder {
	p.t.Helper()
	var o *pb.WorkOrder
	p.settle(fmt.Sprintf("%s of %s is %v", name, login, want), func() bool {
		o = p.get(login, name)
		p.last = fmt.Sprint(o.GetState(), o.GetTransfer())
		for _, s := range want {
			if o.GetState() == s && o.GetTransfer().GetPending() == "" {
				return true
			}
		}
		return false
	})
	return o
}

// arrives waits until an offer stands in a city, ready to be answered.
func (p *places) arrives(city, number string) *pb.WorkOrder {
	p.t.Helper()
	var name string
	p.settle(number+" has come to "+city, func() bool {
		t := p.transfer(city, number)
		name = t.GetWorkOrder()
		return name != ""
	})
	return p.sees("dispatcher."+city, name, pb.State_OFFERED)
}

// live is one case: accepted, declined once, or declined twice and designated, with files and words before and after.
func (p *places) live(n int, kind int) *carried {
	one := *p.story
	p = &places{story: &one, towns: p.towns, nodes: p.nodes, logs: p.logs}
	c := &carried{walk: p.takenBy(beijing, fmt.Sprintf("-lines-%d", n), func(*nation.Request) {})}
	c.home = c.walk.Order.GetName()
	number := c.walk.Order.GetNumber()
	p.attach(c, 100+n)
	p.as("dispatcher.110000", c.home, "transfer", cold(tianjin))
	there := p.arrives(tianjin, number)
	last, city := there, tianjin
	if kind > 0 {
		p.as("dispatcher.120000", there.GetName(), "decline", declining(shijiazhuang))
		p.settle("the decline has come home", func() bool { return p.transfer(beijing, number).GetState() == "declined" })
		p.as("dispatcher.110000", c.home, "transfer", cold(shijiazhuang))
		last, city = p.arrives(shijiazhuang, number), shijiazhuang
	}
	if kind > 1 {
		p.as("dispatcher.130100", last.GetName(), "decline", declining(tianjin))
		p.settle("the coordinator has the dispute", func() bool { return p.transfer(coordinator, number).GetState() == "disputed" })
		designate(p.story, p.transfer(coordinator, number), tianjin)
		last, city = there, tianjin
	} else {
		p.as("dispatcher."+city, last.GetName(), "accept", &pb.AcceptRequest{})
	}
	p.sees("dispatcher."+city, last.GetName(), pb.State_RECEIVED)
	p.sees("dispatcher.110000", c.home, pb.State_TRANSFERRED)
	p.attach(c, 200+n)
	for i := range 5 {
		words := fmt.Sprintf("第%d件第%d次补充。", n, i)
		p.citizen(c.walk, "add", &pb.AddRequest{Code: c.walk.Code, Facts: words})
		c.said = append(c.said, words)
	}
	return c
}

func (p *places) attach(c *carried, n int) {
	p.citizen(c.walk, "addFile", &pb.AddFileRequest{Code: c.walk.Code, Title: fmt.Sprintf("材料%d", n), Content: pdf(n)})
	c.files = append(c.files, pdf(n))
}

// rows are a city's transfers by origin and number.
func (p *places) rows(city string) map[string]*ent.Transfer {
	p.t.Helper()
	out := map[string]*ent.Transfer{}
	err := p.towns[city].Store.View(in(city), func(ctx context.Context) error {
		rows, err := p.towns[city].Store.Ent.Transfer.Query().All(ctx)
		for _, t := range rows {
			out[fmt.Sprintf("%s/%d", t.Origin, t.Number)] = t
		}
		return err
	})
	if err != nil {
		p.t.Fatal(err)
	}
	return out
}

// still waits until nothing is on its way and every city has all that concerns it.
func (p *places) still() {
	p.t.Helper()
	p.settle("everything has been sent and has come", func() bool {
		for _, city := range threeCities {
			waiting := 0
			err := p.towns[city].Store.View(in(city), func(ctx context.Context) error {
				e := p.towns[city].Store.Ent
				n, err := e.Outgoing.Query().Where(outgoing.SentAtIsNil()).Count(ctx)
				if err != nil {
					return err
				}
				m, err := e.Transfer.Query().Where(transfer.PendingNEQ("")).Count(ctx)
				waiting = n + m
				return err
			})
			if err != nil {
				p.t.Fatal(err)
			}
			if p.last = fmt.Sprintf("%d wait in %s", waiting, city); waiting > 0 {
				return false
			}
			rows := p.rows(city)
			for t := range p.towns[city].Crossing.Region(region).Ledger().Transfers(nil) {
				for _, party := range t.GetParties() {
					key := fmt.Sprintf("%s/%d", t.GetId().GetOrigin(), t.GetId().GetNumber())
					if party.GetCity() == city && (rows[key] == nil || rows[key].Sequence != int(t.GetSequence())) {
						p.last = fmt.Sprintf("%s has %v of %s, the ledger %d", city, rows[key], key, t.GetSequence())
						return false
					}
				}
			}
		}
		return true
	})
}

// one checks that the ledgers of all nodes, the tables of all cities and the orders agree on the one city that has each case.
func (p *places) one() {
	p.t.Helper()
	p.settle("the ledgers of all nodes are the same", func() bool { // acknowledgements may still come
		digests := map[string]bool{}
		for _, city := range threeCities {
			l := p.towns[city].Crossing.Region(region).Ledger()
			text := fmt.Sprint(l.Figures())
			for t := range l.Transfers(nil) {
				text += fmt.Sprintf(" %v %x %v", t.GetId(), t.GetDigest(), t.GetParties())
			}
			digests[text] = true
		}
		return len(digests) == 1
	})
	for _, city := range threeCities {
		l := p.towns[city].Crossing.Region(region).Ledger()
		rows := p.rows(city)
		for t := range l.Transfers(nil) {
			row := rows[fmt.Sprintf("%s/%d", t.GetId().GetOrigin(), t.GetId().GetNumber())]
			if row != nil && (row.Target != t.GetTarget() || row.State != strings.ToLower(t.GetState().String())) {
				p.t.Errorf("%s has %s with %s, the ledger %v with %s", city, row.State, row.Target, t.GetState(), t.GetTarget())
			}
			if row == nil || row.WorkOrderID == nil {
				continue
			}
			var o *ent.WorkOrder
			err := p.towns[city].Store.View(in(city), func(ctx context.Context) (err error) {
				o, err = p.towns[city].Store.Ent.WorkOrder.Get(ctx, *row.WorkOrderID)
				return err
			})
			if err != nil {
				p.t.Fatal(err)
			}
			if works := o.State == "received"; works != (ledger.Custodian(t) == city) {
				p.t.Errorf("%s of %v is %s in %s, and %s has the case", o.Number, t.GetId(), o.State, city, ledger.Custodian(t))
			}
		}
	}
}

// same compares what the city that has the case holds with what was sent: words once each, files byte by byte.
func (p *places) same(c *carried) {
	p.t.Helper()
	now := p.transfer(beijing, c.walk.Order.GetNumber())
	city := now.GetCustodian()
	name := p.transfer(city, c.walk.Order.GetNumber()).GetWorkOrder()
	history := p.history("dispatcher."+city, name)
	for _, words := range c.said {
		if n := strings.Count(history, words); n != 1 {
			p.t.Errorf("%s came %d times", words, n)
		}
	}
	var o *pb.WorkOrder
	p.settle("all files have come", func() bool {
		o = p.get("dispatcher."+city, name)
		p.last = fmt.Sprint(o.GetAttachments())
		for i := range o.GetAttachments() {
			if p.content(city, o, i) == nil {
				return false
			}
		}
		return len(o.GetAttachments()) >= len(c.files)
	})
	if len(o.GetAttachments()) != len(c.files) {
		p.t.Errorf("%d files came, %d were sent", len(o.GetAttachments()), len(c.files))
	}
	home := p.get("dispatcher.110000", c.home)
	for i, want := range c.files {
		got, ours := p.content(city, o, i), p.content(beijing, home, i)
		if !bytes.Equal(got, want) || !bytes.Equal(got, ours) || sha256.Sum256(got) != sha256.Sum256(want) {
			p.t.Errorf("file %d of %s: %d bytes there, %d at home, %d were given", i, c.home, len(got), len(ours), len(want))
		}
	}
}

// content is a file as a person reads it, nil as long as it is not there.
func (p *places) content(city string, o *pb.WorkOrder, i int) []byte {
	p.t.Helper()
	var got pb.AttachmentContent
	if err := p.person("dispatcher."+city).Do(context.Background(), "GET", "/v1/"+o.GetAttachments()[i].GetName()+"?reason=核对现场情况", nil, &got); err != nil {
		p.last = err.Error()
		return nil
	}
	return got.GetContent()
}

func TestWhileLinesAreCutCasesAndTheirFilesMoveAndNothingIsLostDoubledOrInTwoHands(t *testing.T) {
	onBoth(t, func(t *testing.T, p *places) {
		seed := number(t, "HOTLINE_CROSSING_SEED", 20261123)
		cases := number(t, "HOTLINE_CROSSING_CASES", 6)
		t.Logf("HOTLINE_CROSSING_SEED=%d HOTLINE_CROSSING_CASES=%d", seed, cases)
		for _, login := range []string{"dispatcher.110000", "dispatcher.120000", "dispatcher.130100", "agent.110000", "regional_coordinator.100001"} {
			p.person(login)
		}
		over, cuts := make(chan struct{}), 0
		var cutter, people sync.WaitGroup
		cutter.Go(func() { cuts = p.cutting(rand.New(rand.NewPCG(uint64(seed), 7)), over) })
		done := make([]*carried, cases)
		for k := range 3 {
			people.Go(func() {
				for n := k; n < cases; n += 3 {
					done[n] = p.live(n, n%3)
				}
			})
		}
		people.Wait()
		close(over)
		cutter.Wait()
		p.still()
		p.one()
		for _, c := range done {
			if c == nil {
				t.Fatal("a case came to no end")
			}
			p.same(c)
		}
		t.Logf("lines were cut %d times", cuts)
	})
}
