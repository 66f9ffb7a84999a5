package federationtest

import (
	"bytes"
	"cmp"
	"encoding/binary"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation/ledger"
)

// operation is one act that a city sent.
type operation struct {
	key, origin string // the case
	who, kind   string
	target      string // whom it names, if it names one
	sequence    uint64
	nonce       uint64
	signed      []byte
	together    bool // with other acts of its city
}

// custody is the book of one case, written from the rules of custody alone: exactly one city has it.
type custody struct {
	sequence       uint64
	holder, target string
	caller         string // who calls back
	state          federationv1.State
	declines       int
}

func (l *Transfers) record(client int, o operation, r ledger.Result, call time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r.Reason != 0 {
		l.refused[r.Reason]++
	}
	o.signed = nil // the history of a long run is long
	l.history = append(l.history, porcupine.Operation{ClientId: client, Input: o, Call: int64(call), Output: r, Return: int64(time.Since(l.began))})
}

// step says whether an act can have had this result where the case stood, and where it stands then.
func step(state, input, output any) (bool, any) {
	s, o, r := state.(custody), input.(operation), output.(ledger.Result)
	switch {
	case r.Reason != 0 && r.State == 0:
		return r.Reason != federationv1.Reason_NO_TRANSFER || s.state == 0, s // refused before anybody looked at the case
	case r.Reason != 0:
		return r.State == s.state && r.Sequence == s.sequence, s
	case r.Again && s.sequence >= o.sequence:
		return true, s
	case o.sequence != s.sequence+1 || r.Sequence < o.sequence || !r.Again && r.Sequence != o.sequence:
		return false, s
	}
	next := s.after(o)
	return s.may(o) && (r.Again || next.state == r.State), next
}

// may says whether the act was that city's to do.
func (s custody) may(o operation) bool {
	switch o.kind {
	case "offer", "withdraw", "supplement":
		return o.who == o.origin && (o.kind == "supplement" || s.holder == "" || s.holder == o.origin)
	case "deliver", "sign", "accept", "decline":
		return o.who == s.target && s.holder == o.origin
	case "handle", "reply", "conclude":
		return o.who == s.holder && o.who == s.target
	case "callback", "rework":
		return o.who == s.caller
	case "expire":
		return s.holder == o.origin
	case "designate":
		return o.who == coordinating && s.state == federationv1.State_DISPUTED
	}
	return o.kind == "dispute"
}

// coordinating is the first of the cities.
const coordinating = "110000"

var leads = map[string]federationv1.State{
	"offer": federationv1.State_OFFERED, "deliver": federationv1.State_DELIVERED, "sign": federationv1.State_SIGNED,
	"accept": federationv1.State_ACCEPTED, "decline": federationv1.State_DECLINED, "dispute": federationv1.State_DISPUTED,
	"designate": federationv1.State_DESIGNATED, "handle": federationv1.State_HANDLING, "reply": federationv1.State_REPLIED,
	"conclude": federationv1.State_CONCLUDED, "callback": federationv1.State_CALLED_BACK, "rework": federationv1.State_HANDLING,
	"withdraw": federationv1.State_WITHDRAWN, "expire": federationv1.State_EXPIRED,
}

func (s custody) after(o operation) custody {
	s.sequence = o.sequence
	if to, moves := leads[o.kind]; moves {
		s.state = to
	}
	switch o.kind {
	case "offer":
		s.holder, s.target, s.caller = o.origin, o.target, o.target
	case "decline": // the second is a dispute by itself
		if s.declines++; s.declines >= 2 {
			s.state = federationv1.State_DISPUTED
		}
	case "accept", "expire":
		s.holder = s.target
	case "designate":
		s.holder, s.target, s.caller = o.target, o.target, o.origin
	}
	return s
}

var model = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		by := map[string][]porcupine.Operation{}
		for _, o := range history {
			key := o.Input.(operation).key
			by[key] = append(by[key], o)
		}
		var parts [][]porcupine.Operation
		for _, part := range by {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() any { return custody{} },
	Step: step,
}

// Figures tell what a load was.
type Figures struct {
	Cases, Gone, Acts int64
	Together          int64 // acts that were signed with others
	Operations        int
	Refused           map[federationv1.Reason]int
}

// Check ends the load and proves that no act is lost and none counted twice, that every case had exactly one custodian at any
// time, that all nodes have the same, and that no disk shows what is sealed. The cluster has to be whole.
func (l *Transfers) Check() Figures {
	t := l.c.t
	t.Helper()
	l.stop()
	l.done.Wait()
	for _, f := range l.faults {
		t.Error(f)
	}
	l.sameLedgers()
	figures := Figures{int64(l.cases.Load()), l.gone.Load(), l.taken.Load(), l.together.Load(), len(l.history), l.refused}
	if result := porcupine.CheckOperationsTimeout(model, l.history, time.Minute); result != porcupine.Ok {
		t.Errorf("the history of %d operations on %d cases: %v", len(l.history), figures.Cases, result)
		l.explain()
	}
	for _, name := range l.c.Running() {
		got := l.c.Region(name, l.group).Ledger().Figures()
		if got.Open != 0 || got.Gone != uint64(figures.Gone) {
			t.Errorf("%s: %d transfers are over and %d open, %d came to their end", name, got.Gone, got.Open, figures.Gone)
		}
		if want := uint64(figures.Acts + l.noted.Load() + l.Besides); got.Acts != want {
			t.Errorf("%s: %d acts are in the ledger, %d were taken", name, got.Acts, want)
		}
	}
	l.c.nothingPlanted()
	return figures
}

// sameLedgers waits until all nodes that run have come to the same.
func (l *Transfers) sameLedgers() {
	l.c.t.Helper()
	l.c.Until("all nodes have the same ledger", func() bool {
		var first []byte
		for _, name := range l.c.Running() {
			f := l.c.Region(name, l.group).Ledger().Figures()
			digest := binary.BigEndian.AppendUint64(binary.BigEndian.AppendUint64(f.Digest, f.Acts), f.Open)
			if first == nil {
				first = digest
			}
			if !bytes.Equal(first, digest) {
				return false
			}
		}
		return true
	})
}

// explain shows the cases that can't have happened.
func (l *Transfers) explain() {
	for _, part := range model.Partition(l.history) {
		if porcupine.CheckOperations(model, part) {
			continue
		}
		slices.SortFunc(part, func(a, b porcupine.Operation) int { return cmp.Compare(a.Call, b.Call) })
		for _, o := range part {
			in, out := o.Input.(operation), o.Output.(ledger.Result)
			l.c.t.Logf("%s: %v–%v %s %s %s at %d: %v again %v, %v at %d", in.key, time.Duration(o.Call), time.Duration(o.Return), in.who, in.kind, in.target,
				in.sequence, out.Reason, out.Again, out.State, out.Sequence)
		}
		return // one is enough to begin with
	}
}

// nothingPlanted looks through all that the nodes have written. What every offer says openly has to be
// found there on each of them, or it was not there that they write.
func (c *Cluster) nothingPlanted() {
	c.t.Helper()
	open := map[string]bool{}
	for _, name := range c.Names() {
		err := filepath.WalkDir(c.Config(name).Folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return nil // files come and go while nodes run
			}
			b, err := os.ReadFile(path)
			if err != nil {
				return nil
			}
			open[name] = open[name] || bytes.Contains(b, []byte(openly))
			for word := range strings.FieldsSeq(Planted) {
				if bytes.Contains(b, []byte(word)) {
					c.t.Errorf("%s shows %s", path, word)
				}
			}
			return nil
		})
		c.must(err)
	}
	for _, name := range c.Names() {
		if !open[name] {
			c.t.Errorf("not even what is open was found in what %s has written", name)
		}
	}
}
