package crossing

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	federationv1 "hotline/api/federation/v1"
	"hotline/app/casework"
	"hotline/ent"
	"hotline/ent/transfer"
	"hotline/ent/transfernumber"
	"hotline/federation"
	"hotline/federation/ledger"
	"hotline/tenants"
)

// batch is how many entries of the ledger are taken at once, and atOnce how many cities take theirs side by side.
const (
	batch  = 256
	atOnce = 4
)

// follow takes the acts of a region into its cities here, in order. A city that could not take one catches up from the ledger's
// state, which keeps every act until all that it concerns have it; the others go on.
func (s *Service) follow(ctx context.Context, r *federation.Region) {
	after, started := uint64(0), false
	for ctx.Err() == nil {
		if !started {
			at, err := s.start(ctx, r)
			if err != nil {
				s.fail(ctx, r, err)
				continue
			}
			after, started = at, true
			s.catchUp(ctx, r) // at once: what waits to be sent may wait for it
		}
		wait, cancel := context.WithTimeout(ctx, pause)
		acts, err := r.Next(wait, after, batch)
		cancel()
		switch {
		case errors.Is(err, federation.ErrTakeState):
			started = false
			continue
		case err != nil && wait.Err() == nil:
			s.fail(ctx, r, err)
			continue
		}
		if len(acts) > 0 {
			if err := s.deliver(ctx, r, acts); err != nil { // nobody has got any of them
				s.fail(ctx, r, err)
				continue
			}
			after = acts[len(acts)-1].Index
		}
		s.catchUp(ctx, r)
		s.acknowledge(ctx, r)
		s.acceptAided(ctx, r)
		s.expire(ctx, r)
		s.notices(ctx, r)
	}
}

func (s *Service) fail(ctx context.Context, r *federation.Region, err error) {
	if ctx.Err() == nil {
		s.log.Error("courier", "region", r.Name(), "error", err)
	}
	rest(ctx, pause)
}

// start lets every city catch up, and gives the entry from which all go on.
func (s *Service) start(ctx context.Context, r *federation.Region) (after uint64, err error) {
	index, _, err := r.Take("") // nothing waits for no city: it is the index that matters
	if err != nil {
		return 0, err
	}
	cities, err := s.locals(ctx, r)
	if err != nil {
		return 0, err
	}
	for _, city := range cities {
		if err := s.number(as(ctx, city), r); err != nil {
			return 0, err
		}
		s.mu.Lock()
		s.behind[line{r.Name(), city}] = true
		s.mu.Unlock()
	}
	return index, nil
}

// number lets the city's count of transfers begin behind those that the ledger knows, so that a database brought back from a backup
// names none a second time.
func (s *Service) number(ctx context.Context, r *federation.Region) error {
	next, _ := r.Ledger().Next(tenants.From(ctx).Tenant)
	last := int64(next) - 1
	return s.db.Do(ctx, func(ctx context.Context) error {
		row, err := s.db.Ent.TransferNumber.Query().Where(transfernumber.Region(r.Name())).Only(ctx)
		switch {
		case ent.IsNotFound(err):
			err = s.db.Ent.TransferNumber.Create().SetRegion(r.Name()).SetLast(last).Exec(ctx)
		case err == nil && row.Last < last:
			err = s.db.Ent.TransferNumber.Update().Where(transfernumber.ID(row.ID)).SetLast(last).Exec(ctx)
		}
		if err != nil {
			return fmt.Errorf("number of transfers: %w", err)
		}
		return nil
	})
}

// item is one act for one city.
type item struct {
	signed []byte
	state  federationv1.State // after it; 0 where it has to be worked out
}

// deliver gives each city here the acts that concern it.
func (s *Service) deliver(ctx context.Context, r *federation.Region, acts []federation.Act) error {
	cities, err := s.locals(ctx, r)
	if err != nil {
		return err
	}
	work := map[string][]item{}
	for _, a := range acts {
		if a.Result.Reason == federationv1.Reason_FORGED { // no honest leader lets it into the log
			c, _ := command(a.Signed)
			s.alarm(r, c, "refused by all nodes")
		}
		if a.Result.Reason != 0 || a.Result.Again {
			continue
		}
		for _, city := range concerned(r, a.Signed) {
			if slices.Contains(cities, city) {
				work[city] = append(work[city], item{a.Signed, a.Result.State})
			}
		}
	}
	var all sync.WaitGroup
	gate := make(chan struct{}, atOnce)
	for city, items := range work {
		gate <- struct{}{}
		all.Go(func() {
			defer func() { <-gate }()
			s.takeAll(as(ctx, city), r, city, items)
		})
	}
	all.Wait()
	return nil
}

// takeAll takes acts in order. A transfer one of whose acts can't be taken rests, and takes the rest from the ledger's state; the city's
// others go on.
func (s *Service) takeAll(ctx context.Context, r *federation.Region, city string, items []item) {
	at := line{r.Name(), city}
	for _, i := range items {
		s.mu.Lock()
		waits := s.behind[at]
		s.mu.Unlock()
		if waits {
			return
		}
		name := nameOf(i.signed)
		if is, _ := s.stuck(at, name, time.Now()); is {
			continue
		}
		if err := s.take(ctx, r, i); err != nil {
			s.rests(at, takes+name, uuid.Nil, err, time.Now())
		}
		if ctx.Err() != nil { // what was not taken is caught up with after a restart
			return
		}
	}
}

// nameOf is the transfer that an entry is about.
func nameOf(signed []byte) string {
	c, err := command(signed)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s/%d", c.GetTransfer().GetOrigin(), c.GetTransfer().GetNumber())
}

// concerned are the cities that get an act: the parties of its transfer. What is gone from the ledger, all of them have.
func concerned(r *federation.Region, signed []byte) []string {
	c, err := command(signed)
	if err != nil || c.GetTransfer() == nil {
		return nil
	}
	t := r.Ledger().Transfer(c.GetTransfer().GetOrigin(), c.GetTransfer().GetNumber())
	var out []string
	for _, p := range t.GetParties() {
		out = append(out, p.GetCity())
	}
	return out
}

func command(signed []byte) (*federationv1.Command, error) {
	var envelope federationv1.Signed
	if err := proto.Unmarshal(signed, &envelope); err != nil {
		return nil, fmt.Errorf("an entry of the ledger: %w", err)
	}
	var c federationv1.Command
	if err := proto.Unmarshal(envelope.GetCommand(), &c); err != nil {
		return nil, fmt.Errorf("an entry of the ledger: %w", err)
	}
	return &c, nil
}

// catchUp takes what the cities that are behind have missed.
func (s *Service) catchUp(ctx context.Context, r *federation.Region) {
	s.mu.Lock()
	late := map[line]bool{}
	for at, is := range s.behind {
		late[at] = is && at.region == r.Name()
	}
	some := slices.Collect(maps.Keys(s.troubles))
	s.mu.Unlock()
	for _, at := range some {
		late[at] = late[at] || at.region == r.Name() && s.anyDue(at, time.Now())
	}
	for at, is := range late {
		if !is {
			continue
		}
		if err := s.takeState(as(ctx, at.city), r, at); err != nil && ctx.Err() == nil {
			s.log.Error("courier", "region", r.Name(), "city", at.city, "error", err)
		}
	}
}

func (s *Service) takeState(ctx context.Context, r *federation.Region, at line) error {
	began := time.Now()
	_, acts, err := r.Take(at.city)
	if err != nil {
		return err
	}
	stuck := map[string]bool{} // one transfer that can't be taken must not keep the city's others waiting
	here, err := s.sequences(ctx, r, acts)
	if err != nil {
		return err
	}
	for _, a := range acts {
		c, err := command(a.GetSigned())
		if err != nil {
			return err
		}
		name := fmt.Sprintf("%s/%d", c.GetTransfer().GetOrigin(), c.GetTransfer().GetNumber())
		if is, due := s.stuck(at, name, time.Now()); stuck[name] || is && !due {
			continue
		}
		if here[name] >= c.GetSequence() { // taken before; the ledger was not told yet
			s.touch(at, &casework.Told{Origin: c.GetTransfer().GetOrigin(), Number: int64(c.GetTransfer().GetNumber()), Sequence: int(here[name])})
			continue
		}
		if err := s.take(ctx, r, item{signed: a.GetSigned()}); err != nil {
			stuck[name] = true
			s.rests(at, takes+name, uuid.Nil, err, time.Now())
		}
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	s.mu.Lock()
	delete(s.behind, at)
	for key, t := range s.troubles[at] { // what was due and is not stuck any more
		if name, is := strings.CutPrefix(key, takes); is && !stuck[name] && !began.Before(t.next) {
			delete(s.troubles[at], key)
		}
	}
	s.mu.Unlock()
	return nil
}

// sequences are how many acts of each transfer are here already.
func (s *Service) sequences(ctx context.Context, r *federation.Region, acts []*federationv1.ActRecord) (map[string]uint64, error) {
	numbers := map[int64]bool{}
	for _, a := range acts {
		if c, err := command(a.GetSigned()); err == nil {
			numbers[int64(c.GetTransfer().GetNumber())] = true
		}
	}
	here := map[string]uint64{}
	for some := range slices.Chunk(slices.Collect(maps.Keys(numbers)), 1000) {
		err := s.db.View(ctx, func(ctx context.Context) error {
			rows, err := s.db.Ent.Transfer.Query().Where(transfer.Region(r.Name()), transfer.NumberIn(some...)).All(ctx)
			for _, t := range rows {
				here[fmt.Sprintf("%s/%d", t.Origin, t.Number)] = uint64(t.Sequence)
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("transfers: %w", err)
		}
	}
	return here, nil
}

// take brings one act into the tables of the viewer's city. Its signature is verified once more here: a stolen leader can write into
// the log, but not in another city's name.
func (s *Service) take(ctx context.Context, r *federation.Region, i item) error {
	c, refusal := r.Ledger().Verify(i.signed)
	if refusal != nil {
		var err error
		if c, err = command(i.signed); err != nil {
			return err
		}
		s.alarm(r, c, "the ledger followed it, this city does not")
	}
	id, err := uuid.FromBytes(c.GetId())
	if err != nil {
		return fmt.Errorf("an entry of the ledger: %w", err)
	}
	told := &casework.Told{Command: id, Region: r.Name(), Origin: c.GetTransfer().GetOrigin(), Number: int64(c.GetTransfer().GetNumber()),
		Sequence: int(c.GetSequence()), Act: actOf(c), City: c.GetCity(), At: time.UnixMilli(c.GetTime()).UTC(), Signed: i.signed,
		Forged: refusal != nil, Open: openOf(c)}
	told.Last, told.Declines = lastOf(r.Ledger().Transfer(told.Origin, uint64(told.Number)), c)
	if c.GetConclude() != nil {
		_, rules := r.Ledger().Region()
		told.CallbackDue = time.UnixMilli(ledger.CallbackDue(rules, c.GetTime())).UTC()
	}
	if told.State, err = s.stateAfter(ctx, r, c, i.state); err != nil {
		return err
	}
	if told.Content, err = s.open(ctx, r, c); err != nil {
		return err
	}
	for try := 0; ; try++ {
		err := s.casework.Relay(ctx, told)
		if err == nil {
			s.touch(line{r.Name(), tenants.From(ctx).Tenant}, told)
			return nil
		}
		if !casework.IsConflict(err) || try == 5 { // somebody acted on the order at the same moment
			return err
		}
	}
}

// alarm is for the operator (台账伪造告警): only a node that led can have let it in, so one of them is stolen or not what it says.
func (s *Service) alarm(r *federation.Region, c *federationv1.Command, became string) {
	s.mu.Lock()
	s.forged[r.Name()]++
	s.mu.Unlock()
	s.log.Error("an entry of the ledger is forged: a node that led the region may be stolen; remove it, and revoke its certificate",
		"region", r.Name(), "in_the_name_of", c.GetCity(), "act", actOf(c), "transfer", c.GetTransfer(), "became", became, "leads_now", r.Status().Leader)
}

// Forged counts the forged entries of each region that this process has met, for /readyz and /metrics.
func (s *Service) Forged() map[string]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := maps.Clone(s.forged)
	for _, r := range s.regions() {
		out[r.Name()] += 0 // a counter that is there before it counts
	}
	return out
}
