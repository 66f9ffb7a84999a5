package federationtest

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/anishathalye/porcupine"
	"google.golang.org/protobuf/proto"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation/ledger"
	"hotline/federation/seal"
)

// Planted is what no disk may show: it stands inside the boxes only.
const Planted = "张三 13900001111 朝阳区甲路1号"

// Transfers is cities that hand cases to each other while a test breaks things. Up to three of them act on the same case at the
// same moment; who comes first is the ledger's to say.
type Transfers struct {
	c     *Cluster
	group string
	seed  uint64
	began time.Time

	Besides int64 // acts that a test itself has put into the ledger

	ended    chan struct{}
	stop     func()
	done     sync.WaitGroup
	cases    atomic.Uint64
	taken    atomic.Int64 // acts that are in the ledger, each counted once
	together atomic.Int64 // of which so many were signed with others
	gone     atomic.Int64 // transfers that are over and acknowledged
	noted    atomic.Int64 // acknowledgements of those who took part

	mu      sync.Mutex
	history []porcupine.Operation
	faults  []string
	refused map[federationv1.Reason]int
}

// StartTransfers lets so many cases be on their way at once. What a case does follows from the seed and the case's number.
func (c *Cluster) StartTransfers(group string, seed uint64, atOnce int) *Transfers {
	l := &Transfers{c: c, group: group, seed: seed, began: time.Now(), ended: make(chan struct{}), refused: map[federationv1.Reason]int{}}
	l.stop = sync.OnceFunc(func() { close(l.ended) })
	l.taken.Store(int64(len(c.cities.Codes) - 1 + c.announced)) // those that joined, and said what they know
	for range atOnce {
		l.done.Go(func() {
			for !l.isEnded() {
				l.play(l.cases.Add(1))
			}
		})
	}
	c.t.Cleanup(l.stop)
	return l
}

func (l *Transfers) isEnded() bool {
	select {
	case <-l.ended:
		return true
	default:
		return false
	}
}

// play is the life of one case. It goes on to its end when the load was stopped, so the cluster has to be whole then.
func (l *Transfers) play(number uint64) {
	k := &played{l: l, parties: map[string]bool{}, random: rand.New(rand.NewPCG(l.seed, number))}
	codes := l.c.cities.Codes
	from := k.random.IntN(len(codes))
	k.origin, k.target = codes[from], codes[(from+1+k.random.IntN(len(codes)-1))%len(codes)]
	k.id = &federationv1.TransferId{Origin: k.origin, Number: l.c.cities.number(k.origin)}
	if k.random.IntN(4) == 0 {
		l.c.letTimePass(8 * time.Minute)
	}
	k.round([]move{{k.origin, "offer"}})
	for round := 0; k.state != 0 && !k.over(); round++ {
		if round > 60 {
			l.fault("%v stands in %v after %d rounds", k.id, k.state, round)
			return
		}
		k.round(k.moves(round))
	}
	if k.state == 0 {
		l.c.cities.giveBack(k.id)
		return
	}
	k.acknowledge()
}

// More waits until so many more acts were taken.
func (l *Transfers) More(n int64) {
	l.c.t.Helper()
	until := l.taken.Load() + n
	l.c.Until(fmt.Sprintf("%d acts more are taken", n), func() bool { return l.taken.Load() >= until })
}

func (l *Transfers) fault(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.faults = append(l.faults, fmt.Sprintf(format, args...))
}

// propose goes on with the same bytes until there is an answer, over the city's own node or, while that is down, another.
func (l *Transfers) propose(who string, signed []byte) (ledger.Result, bool) {
	deadline := time.Now().Add(4 * patience)
	for attempt := 0; time.Now().Before(deadline); attempt++ {
		if r := l.c.regionOf(who, l.group, attempt); r != nil {
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			result, err := r.Propose(ctx, signed)
			cancel()
			// The clock that was wrong may be the leader's: that one hands over.
			if err == nil && result.Reason != federationv1.Reason_WRONG_CLOCK {
				return result, true
			}
		}
		time.Sleep(5 * time.Millisecond)
	}
	l.fault("an act of %s got no answer", who)
	return ledger.Result{}, false
}

// played is a case as its actors see it.
type played struct {
	l              *Transfers
	random         *rand.Rand
	id             *federationv1.TransferId
	origin, target string // the target as it was named last
	state          federationv1.State
	sequence       uint64
	sent           []operation // what was sent before, to be sent again
	parties        map[string]bool
}

// move is what one city tries.
type move struct{ who, kind string }

func (k *played) over() bool {
	return k.state == federationv1.State_CALLED_BACK || k.state == federationv1.State_WITHDRAWN
}

// ways are the moves that lead on from a state; "origin", "target" and "coordinator" stand for the cities.
var ways = map[federationv1.State][]move{
	federationv1.State_OFFERED: {{"target", "deliver"}, {"target", "sign"}, {"target", "accept"}, {"target", "decline"}, {"origin", "withdraw"},
		{"origin", "supplement"}, {"coordinator", "expire"}},
	federationv1.State_DELIVERED:  {{"target", "sign"}, {"target", "accept"}, {"target", "decline"}, {"origin", "supplement"}, {"origin", "expire"}},
	federationv1.State_SIGNED:     {{"target", "decline"}, {"target", "accept"}, {"origin", "withdraw"}, {"origin", "expire"}},
	federationv1.State_DECLINED:   {{"origin", "offer"}, {"origin", "offer"}, {"origin", "dispute"}, {"origin", "withdraw"}},
	federationv1.State_DISPUTED:   {{"coordinator", "designate"}, {"coordinator", "designate"}, {"origin", "withdraw"}, {"origin", "dispute"}},
	federationv1.State_ACCEPTED:   {{"target", "handle"}, {"target", "reply"}, {"origin", "supplement"}},
	federationv1.State_EXPIRED:    {{"target", "handle"}, {"target", "reply"}},
	federationv1.State_DESIGNATED: {{"target", "handle"}, {"target", "reply"}},
	federationv1.State_HANDLING:   {{"target", "reply"}, {"target", "reply"}, {"target", "handle"}, {"origin", "supplement"}},
	federationv1.State_REPLIED:    {{"target", "conclude"}, {"target", "conclude"}, {"target", "handle"}},
	federationv1.State_CONCLUDED:  {{"target", "callback"}, {"target", "callback"}, {"target", "rework"}, {"origin", "supplement"}},
}

// moves are up to three at the same moment, mostly such as lead on, now and then anybody's anything.
func (k *played) moves(round int) []move {
	list := ways[k.state]
	if round > 20 { // it has to come to its end
		return []move{k.named(list[min(1, len(list)-1)])}
	}
	var out []move
	for range 1 + k.random.IntN(3) {
		m := k.named(list[k.random.IntN(len(list))])
		if k.random.IntN(10) == 0 {
			codes := k.l.c.cities.Codes
			m = move{codes[k.random.IntN(len(codes))], kinds[k.random.IntN(len(kinds))]}
		}
		out = append(out, m)
	}
	return out
}

func (k *played) named(m move) move {
	switch m.who {
	case "origin":
		m.who = k.origin
	case "target":
		m.who = k.target
	case "coordinator":
		m.who = k.l.c.cities.Codes[0]
	}
	return m
}

// round plays moves at the same moment and looks where the case stands then.
func (k *played) round(moves []move) {
	sent := k.operations(moves)
	if len(k.sent) > 0 && k.random.IntN(6) == 0 {
		sent = append(sent, k.sent[k.random.IntN(len(k.sent))]) // a replay
	}
	results := make([]ledger.Result, len(sent))
	var done sync.WaitGroup
	for i, o := range sent {
		done.Go(func() {
			var answered bool
			call := time.Since(k.l.began)
			if results[i], answered = k.l.propose(o.who, o.signed); answered {
				k.l.record(i, o, results[i], call)
			}
		})
	}
	done.Wait()
	for i, r := range results {
		if r.Sequence > k.sequence {
			k.sequence, k.state = r.Sequence, r.State
		}
		if r.Reason == 0 && !slices.ContainsFunc(k.sent, func(o operation) bool { return o.nonce == sent[i].nonce }) {
			k.l.taken.Add(1)
			if sent[i].together {
				k.l.together.Add(1)
			}
			k.sent = append(k.sent, sent[i])
			if sent[i].target != "" {
				k.target = sent[i].target
			}
		}
	}
	k.parties[k.origin], k.parties[k.target] = true, true
	if k.state == federationv1.State_DISPUTED || k.state == federationv1.State_DESIGNATED {
		k.parties[coordinating] = true
	}
}

// operations writes and signs what cities send. Each signs together what it does at the same moment, and now and then something that it
// never sends: any part of a tree stands for itself.
func (k *played) operations(moves []move) []operation {
	all, commands := make([]operation, len(moves)), map[string][]*federationv1.Command{}
	for i, m := range moves {
		all[i] = operation{who: m.who, kind: m.kind, sequence: k.sequence + 1, key: k.id.String(), origin: k.origin, nonce: k.random.Uint64()}
		c := k.command(m, &all[i])
		c.Transfer, c.Sequence = k.id, all[i].sequence
		commands[m.who] = append(commands[m.who], fill(k.l.group, m.who, k.l.c.Clock.Now(), all[i].nonce, c))
	}
	unsent := k.random.IntN(2) == 0
	for who, list := range commands {
		if c := proto.CloneOf(list[0]); unsent {
			commands[who] = append(list, fill(k.l.group, who, k.l.c.Clock.Now(), ^all[0].nonce, c))
		}
	}
	signed, versions := map[string][][]byte{}, map[string]uint32{}
	for who, list := range commands {
		versions[who] = k.l.version(who)
		signed[who] = k.l.c.cities.SignAll(who, versions[who], list...)
	}
	for i, o := range all {
		all[i].signed, signed[o.who] = signed[o.who][0], signed[o.who][1:]
		all[i].together = len(commands[o.who]) > 1 && versions[o.who] > 1
	}
	return all
}

// version is that of the region, as a node of the city knows it.
func (l *Transfers) version(who string) uint32 {
	if r := l.c.regionOf(who, l.group, 0); r != nil {
		return r.Ledger().Figures().Version
	}
	return 1
}

func (k *played) command(m move, o *operation) *federationv1.Command {
	switch m.kind {
	case "offer":
		o.target = k.l.c.cities.Others(m.who)[k.random.IntN(len(k.l.c.cities.Codes)-1)]
		if k.state == 0 {
			o.target = k.target
		}
		now := k.l.c.Clock.Now()
		offer := k.l.c.cities.Offer(k.l.group, k.id, o.target, now)
		if k.random.IntN(2) == 0 {
			offer.Urgency = federationv1.Urgency_CRITICAL
			offer.SignDue, offer.AnswerDue = now.Add(20*time.Minute).UnixMilli(), now.Add(30*time.Minute).UnixMilli()
		}
		return &federationv1.Command{Act: &federationv1.Command_Offer{Offer: offer}}
	case "designate":
		o.target = k.l.c.cities.Codes[k.random.IntN(len(k.l.c.cities.Codes))]
		return &federationv1.Command{Act: &federationv1.Command_Designate{Designate: &federationv1.Designate{Target: o.target, Callback: o.target, Basis: "协调"}}}
	case "supplement":
		return &federationv1.Command{Act: &federationv1.Command_Supplement{Supplement: &federationv1.Supplement{Sealed: k.boxes(k.target)}}}
	case "reply":
		var boxes []*federationv1.Sealed
		if m.who != k.origin {
			boxes = k.boxes(k.origin)
		}
		return &federationv1.Command{Act: &federationv1.Command_Reply{Reply: &federationv1.Reply{Sealed: boxes}}}
	}
	return plainCommand(m.kind)
}

// boxes are sealed to a city for real.
func (k *played) boxes(to string) []*federationv1.Sealed {
	about := seal.About{Group: k.l.group, Transfer: k.id, Receiver: to}
	box, err := seal.For(k.l.c.cities.keys[to].ring.Public(), about, []byte(Planted))
	if err != nil {
		panic(err) // keys are our own
	}
	return []*federationv1.Sealed{box}
}

var kinds = []string{"offer", "deliver", "sign", "accept", "decline", "dispute", "designate", "handle", "reply", "conclude", "callback", "rework",
	"withdraw", "expire", "supplement"}

func plainCommand(kind string) *federationv1.Command {
	switch kind {
	case "deliver":
		return &federationv1.Command{Act: &federationv1.Command_Deliver{Deliver: &federationv1.Deliver{}}}
	case "sign":
		return &federationv1.Command{Act: &federationv1.Command_Sign{Sign: &federationv1.Sign{}}}
	case "accept":
		return &federationv1.Command{Act: &federationv1.Command_Accept{Accept: &federationv1.Accept{Order: "theirs"}}}
	case "decline":
		return &federationv1.Command{Act: &federationv1.Command_Decline{Decline: &federationv1.Decline{
			Reason: federationv1.DeclineReason_NOT_OUR_PLACE, Basis: "属地", Responsible: "130000"}}}
	case "dispute":
		return &federationv1.Command{Act: &federationv1.Command_Dispute{Dispute: &federationv1.Dispute{Basis: "属地"}}}
	case "handle":
		return &federationv1.Command{Act: &federationv1.Command_Handle{Handle: &federationv1.Handle{}}}
	case "conclude":
		return &federationv1.Command{Act: &federationv1.Command_Conclude{Conclude: &federationv1.Conclude{}}}
	case "callback", "rework":
		return &federationv1.Command{Act: &federationv1.Command_Callback{Callback: &federationv1.Callback{Rework: kind == "rework"}}}
	case "withdraw":
		return &federationv1.Command{Act: &federationv1.Command_Withdraw{Withdraw: &federationv1.Withdraw{}}}
	case "expire":
		return &federationv1.Command{Act: &federationv1.Command_Expire{Expire: &federationv1.Expire{}}}
	}
	panic("no act " + kind)
}

// acknowledge lets every city that took part take what there is, so that the transfer leaves memory.
func (k *played) acknowledge() {
	for _, who := range k.l.c.cities.Codes {
		a := &federationv1.Acknowledge{Taken: []*federationv1.Acknowledge_Taken{{Transfer: k.id, Sequence: k.sequence}}}
		signed := k.l.c.cities.Sign(k.l.group, who, k.l.c.Clock.Now(), k.random.Uint64(), &federationv1.Command{Act: &federationv1.Command_Acknowledge{Acknowledge: a}})
		result, answered := k.l.propose(who, signed)
		if !answered {
			return
		}
		if k.parties[who] {
			k.l.noted.Add(1)
			if result.Reason != 0 {
				k.l.fault("%s took part in %v and may not acknowledge: %v", who, k.id, result.Reason)
			}
		}
	}
	k.l.gone.Add(1)
}
