package crossing_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/app/crossing/crossingtest"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent"
	"hotline/ent/event"
	"hotline/ent/outgoing"
	"hotline/ent/transfer"
	"hotline/federation/ledger"
)

// storm are cases that move while the courier is stopped again and again, wherever it is.
type storm struct {
	*story
	town *housetest.Town
	all  *tally
}

// tally is what all of them have done.
type tally struct {
	mu    sync.Mutex
	said  map[string][]string // by order number: each supplement once
	acts  atomic.Int64
	stops int
}

// number reads a number from the environment, for a longer or a repeated run.
func number(t *testing.T, name string, otherwise int) int {
	n := otherwise
	if text := os.Getenv(name); text != "" {
		if _, err := fmt.Sscan(text, &n); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
	}
	return n
}

func TestHoweverOftenTheCourierIsStoppedNothingIsLostDoubledOrInTwoHands(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, node := linked(t, town)
		seed := number(t, "HOTLINE_CROSSING_SEED", 20261123)
		cases := number(t, "HOTLINE_CROSSING_CASES", 12)
		t.Logf("HOTLINE_CROSSING_SEED=%d HOTLINE_CROSSING_CASES=%d", seed, cases)
		w := &storm{s, town, &tally{said: map[string][]string{}}}
		for _, login := range []string{"dispatcher.110000", "dispatcher.120000", "dispatcher.130100", "agent.110000"} {
			s.person(login) // signed in before many do so at once
		}
		over := make(chan struct{})
		var people sync.WaitGroup
		for k := range 3 {
			chance := rand.New(rand.NewPCG(uint64(seed), uint64(k)))
			people.Go(func() {
				for n := k; n < cases; n += 3 {
					w.live(chance, n)
				}
			})
		}
		go func() { people.Wait(); close(over) }()
		w.stopping(node, rand.New(rand.NewPCG(uint64(seed), 99)), over)
		w.quiet()
		w.agree()
		t.Logf("%d acts, the courier stopped %d times", w.all.acts.Load(), w.all.stops)
	})
}

// stopping ends the courier at any moment and starts it again, until the people are done.
func (w *storm) stopping(node *crossingtest.Node, chance *rand.Rand, over chan struct{}) {
	for {
		pause := time.Duration(chance.IntN(40)) * time.Millisecond // before it has done much
		if chance.IntN(2) == 0 {
			pause += time.Duration(200+chance.IntN(600)) * time.Millisecond
		}
		select {
		case <-over:
			return
		case <-time.After(pause):
			node.Rest()
			w.all.stops++
			node.Carry()
		}
	}
}

// try does a verb that may come too late.
func (w *storm) try(login, name, verb string, in proto.Message) bool {
	_, err := play.Post[pb.WorkOrder](context.Background(), w.person(login), "/v1/"+name+":"+verb, in)
	if err == nil {
		w.all.acts.Add(1)
	}
	return err == nil
}

// say adds something to a case, and notes it if it was taken.
func (w *storm) say(walk *play.Walk, n int) {
	words := fmt.Sprintf("第%03d次补充。", n)
	_, err := play.Post[pb.Petition](context.Background(), w.stage[beijing].Nobody(), "/v1/tenants/110000/petitions/"+walk.Order.GetNumber()+":add", &pb.AddRequest{Code: walk.Code, Facts: words})
	if err == nil {
		w.all.acts.Add(1)
		w.all.mu.Lock()
		w.all.said[walk.Order.GetNumber()] = append(w.all.said[walk.Order.GetNumber()], words)
		w.all.mu.Unlock()
	}
}

// live is one case: offered, spoken of, accepted, declined, recalled, offered again, as it comes.
func (w *storm) live(chance *rand.Rand, n int) {
	one := *w.story // what it sees last is its own
	w = &storm{story: &one, town: w.town, all: w.all}
	walk := w.takenBy(beijing, fmt.Sprintf("-storm-%d", n), func(*nation.Request) {})
	name := walk.Order.GetName()
	for step := range 14 {
		target := []string{tianjin, shijiazhuang}[chance.IntN(2)]
		switch chance.IntN(6) {
		case 0, 1:
			if w.get("dispatcher.110000", name).GetState() == pb.State_TRANSFERRED {
				w.say(walk, step)
			}
		case 2:
			w.try("dispatcher.110000", name, "recall", &pb.RecallRequest{Reason: "由本市办理"})
		case 3:
			w.try("dispatcher.110000", name, "transfer", cold(target))
		case 4:
			w.answer(walk, target, "accept", &pb.AcceptRequest{})
		case 5:
			w.answer(walk, target, "decline", declining(beijing))
		}
	}
	w.settle("some city has taken the case", func() bool {
		w.try("dispatcher.110000", name, "transfer", cold(tianjin))
		w.answer(walk, tianjin, "accept", &pb.AcceptRequest{})
		w.answer(walk, shijiazhuang, "accept", &pb.AcceptRequest{})
		o := w.get("dispatcher.110000", name)
		if o.GetTransfer().GetState() == "disputed" {
			w.try("dispatcher.110000", name, "recall", &pb.RecallRequest{Reason: "由本市办理"})
		}
		w.last = fmt.Sprint(o.GetState(), o.GetTransfer())
		return o.GetState() == pb.State_TRANSFERRED
	})
	for step := range 30 {
		w.say(walk, 100+step)
	}
}

// answer is what the other city's people do with what has come, if it has.
func (w *storm) answer(walk *play.Walk, city, verb string, in proto.Message) {
	if t := w.transfer(city, walk.Order.GetNumber()); t.GetWorkOrder() != "" {
		w.try("dispatcher."+city, t.GetWorkOrder(), verb, in)
	}
}

// quiet waits until nothing is on its way any more.
func (w *storm) quiet() {
	w.t.Helper()
	w.settle("everything has been sent and has come", func() bool {
		still := 0
		for _, city := range []string{beijing, tianjin, shijiazhuang} {
			w.view(city, func(ctx context.Context, e *ent.Client) error {
				n, err := e.Outgoing.Query().Where(outgoing.SentAtIsNil()).Count(ctx)
				if err != nil {
					return err
				}
				pending, err := e.Transfer.Query().Where(transfer.PendingNEQ("")).Count(ctx)
				still += n + pending
				return err
			})
		}
		w.last = fmt.Sprintf("%d wait", still)
		return still == 0 && w.level()
	})
}

func (w *storm) view(city string, fn func(ctx context.Context, e *ent.Client) error) {
	w.t.Helper()
	if err := w.town.Store.View(in(city), func(ctx context.Context) error { return fn(ctx, w.town.Store.Ent) }); err != nil {
		w.t.Fatal(err)
	}
}

// rows are a city's transfers by origin and number.
func (w *storm) rows(city string) map[string]*ent.Transfer {
	out := map[string]*ent.Transfer{}
	w.view(city, func(ctx context.Context, e *ent.Client) error {
		rows, err := e.Transfer.Query().All(ctx)
		for _, t := range rows {
			out[fmt.Sprintf("%s/%d", t.Origin, t.Number)] = t
		}
		return err
	})
	return out
}

// level says that every city has all acts of the ledger.
func (w *storm) level() bool {
	cities := map[string]map[string]*ent.Transfer{beijing: w.rows(beijing), tianjin: w.rows(tianjin), shijiazhuang: w.rows(shijiazhuang)}
	for t := range w.town.Crossing.Region(region).Ledger().Transfers(nil) {
		for _, p := range t.GetParties() {
			if rows := cities[p.GetCity()]; rows != nil {
				if row := rows[fmt.Sprintf("%s/%d", t.GetId().GetOrigin(), t.GetId().GetNumber())]; row == nil || row.Sequence != int(t.GetSequence()) {
					w.last = fmt.Sprintf("%s of %s/%d: %v", p.GetCity(), t.GetId().GetOrigin(), t.GetId().GetNumber(), row)
					return false
				}
			}
		}
	}
	return true
}

// agree compares the tables of the cities with the ledger and with each other.
func (w *storm) agree() {
	w.t.Helper()
	home := w.rows(beijing)
	others := map[string]map[string]*ent.Transfer{tianjin: w.rows(tianjin), shijiazhuang: w.rows(shijiazhuang)}
	for t := range w.town.Crossing.Region(region).Ledger().Transfers(nil) {
		row := home[fmt.Sprintf("%s/%d", t.GetId().GetOrigin(), t.GetId().GetNumber())]
		if row == nil || row.State != strings.ToLower(t.GetState().String()) || row.Target != t.GetTarget() {
			w.t.Errorf("the ledger has %v, the origin %v", t, row)
		}
	}
	for key, row := range home {
		if row.State == "cancelled" {
			continue
		}
		far := others[row.Target][key]
		if far == nil || far.State != row.State || far.Sequence != row.Sequence {
			w.t.Errorf("%s: the origin has %v, the target %v", key, row, far)
			continue
		}
		w.hands(row, others)
	}
	w.heard(home, others[tianjin], others[shijiazhuang])
}

// hands: whoever has custody works on the case, and nobody else.
func (w *storm) hands(row *ent.Transfer, others map[string]map[string]*ent.Transfer) {
	w.t.Helper()
	if last := w.newest(row.OrderNumber); last.ID != row.ID {
		return // offered anew under another number since
	}
	working := map[string]bool{}
	o := w.get("dispatcher.110000", "tenants/110000/workOrders/"+row.OrderNumber)
	if o.GetState() == pb.State_RECEIVED {
		working[beijing] = true
	}
	for city, rows := range others {
		t := rows[fmt.Sprintf("%s/%d", row.Origin, row.Number)]
		if t == nil || t.WorkOrderID == nil {
			continue
		}
		w.view(city, func(ctx context.Context, e *ent.Client) error {
			there, err := e.WorkOrder.Get(ctx, *t.WorkOrderID)
			if err == nil && there.State == "received" {
				working[city] = true
			}
			return err
		})
	}
	with := ledger.Custodian(w.record(row))
	if len(working) > 1 || with != beijing && !working[with] || with != beijing && o.GetState() != pb.State_TRANSFERRED {
		w.t.Errorf("%s is %s with %s; at home %s; working: %v", row.OrderNumber, row.State, with, o.GetState(), working)
	}
}

// newest is the last transfer of an order at home.
func (w *storm) newest(order string) *ent.Transfer {
	var last *ent.Transfer
	for _, t := range w.rows(beijing) {
		if t.OrderNumber == order && (last == nil || t.Number > last.Number) {
			last = t
		}
	}
	return last
}

// record is a row as the ledger writes it.
func (w *storm) record(t *ent.Transfer) *federationv1.TransferRecord {
	return &federationv1.TransferRecord{Id: &federationv1.TransferId{Origin: t.Origin, Number: uint64(t.Number)}, Target: t.Target,
		State: federationv1.State(federationv1.State_value[strings.ToUpper(t.State)])}
}

// heard: each supplement that was taken while the other city had the case is there once.
func (w *storm) heard(home map[string]*ent.Transfer, far ...map[string]*ent.Transfer) {
	w.t.Helper()
	got := map[string]int{}
	for i, city := range []string{tianjin, shijiazhuang} {
		w.view(city, func(ctx context.Context, e *ent.Client) error {
			for _, t := range far[i] {
				if t.WorkOrderID == nil {
					continue
				}
				n, err := e.Event.Query().Where(event.WorkOrderID(*t.WorkOrderID), event.SummaryHasSuffix("补充情况")).Count(ctx)
				if err != nil {
					return err
				}
				got[t.OrderNumber] += n
			}
			return nil
		})
	}
	for order, said := range w.all.said {
		if got[order] != len(said) {
			w.t.Errorf("%s: %d supplements were taken, %d came", order, len(said), got[order])
		}
	}
}
