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

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/app/casework"
	"hotline/ent"
	"hotline/ent/outgoing"
	"hotline/ent/predicate"
	"hotline/ent/store"
	"hotline/ent/transfer"
	"hotline/ent/transfernumber"
	"hotline/federation"
	"hotline/federation/ledger"
	"hotline/federation/seal"
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

// lastOf is what the ledger knows of a transfer's last offer, and of the declines before an act.
func lastOf(t *federationv1.TransferRecord, c *federationv1.Command) (casework.Offer, int) {
	declines := int(t.GetDeclines())
	if c.GetDecline() != nil && declines > 0 {
		declines--
	}
	return casework.Offer{Target: t.GetTarget(), Callback: t.GetCallback(), Mode: strings.ToLower(t.GetMode().String()),
		Urgency: strings.ToLower(t.GetUrgency().String()), Order: t.GetOrder()}, declines
}

// actOf is the act's word.
func actOf(c *federationv1.Command) string {
	f := c.ProtoReflect().WhichOneof(c.ProtoReflect().Descriptor().Oneofs().ByName("act"))
	if f == nil {
		return ""
	}
	return string(f.Name())
}

func openOf(c *federationv1.Command) casework.Offer {
	switch a := c.GetAct().(type) {
	case *federationv1.Command_Offer:
		o := a.Offer
		return casework.Offer{Target: o.GetTarget(), Callback: o.GetCallback(), Mode: strings.ToLower(o.GetMode().String()),
			Urgency: strings.ToLower(o.GetUrgency().String()), Order: o.GetOrder(), Category: o.GetCategory(), CategoryFor: o.GetTargetCategory(),
			Basis: o.GetBasis(), SignDue: time.UnixMilli(o.GetSignDue()).UTC(), AnswerDue: time.UnixMilli(o.GetAnswerDue()).UTC(),
			Started: time.UnixMilli(o.GetStarted()).UTC(), Consent: o.GetConsent(), Confidential: o.GetConfidential()}
	case *federationv1.Command_Decline:
		return casework.Offer{Reason: strings.ToLower(a.Decline.GetReason().String()), Basis: a.Decline.GetBasis(), Responsible: a.Decline.GetResponsible()}
	case *federationv1.Command_Dispute:
		return casework.Offer{Basis: a.Dispute.GetBasis()}
	case *federationv1.Command_Designate:
		return casework.Offer{Target: a.Designate.GetTarget(), Callback: a.Designate.GetCallback(), Basis: a.Designate.GetBasis()}
	case *federationv1.Command_Callback:
		return casework.Offer{Rework: a.Callback.GetRework()}
	}
	return casework.Offer{}
}

// after is where each act leads; a supplement leaves a transfer where it is, and a decline may be the one too many.
var after = map[string]federationv1.State{"offer": federationv1.State_OFFERED, "deliver": federationv1.State_DELIVERED, "sign": federationv1.State_SIGNED,
	"accept": federationv1.State_ACCEPTED, "decline": federationv1.State_DECLINED, "dispute": federationv1.State_DISPUTED,
	"designate": federationv1.State_DESIGNATED, "handle": federationv1.State_HANDLING, "reply": federationv1.State_REPLIED,
	"conclude": federationv1.State_CONCLUDED, "callback": federationv1.State_CALLED_BACK, "withdraw": federationv1.State_WITHDRAWN,
	"expire": federationv1.State_EXPIRED}

// stateAfter is where the transfer stands after an act. The feed tells; the ledger's state only tells of the last one.
func (s *Service) stateAfter(ctx context.Context, r *federation.Region, c *federationv1.Command, known federationv1.State) (string, error) {
	to := known
	if to == 0 {
		to = after[actOf(c)]
		now := r.Ledger().Transfer(c.GetTransfer().GetOrigin(), c.GetTransfer().GetNumber())
		switch {
		case now.GetSequence() == c.GetSequence():
			to = now.GetState()
		case c.GetCallback().GetRework():
			to = federationv1.State_HANDLING
		case to == 0 || c.GetDecline() != nil || c.GetDispute() != nil:
			return s.stateBefore(ctx, r, c)
		}
	}
	return strings.ToLower(to.String()), nil
}

// stateBefore: a supplement changes nothing, and how many declines there were before this one is known here.
func (s *Service) stateBefore(ctx context.Context, r *federation.Region, c *federationv1.Command) (state string, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		t, err := s.db.Ent.Transfer.Query().Where(transfer.Region(r.Name()), transfer.Origin(c.GetTransfer().GetOrigin()),
			transfer.Number(int64(c.GetTransfer().GetNumber()))).First(ctx)
		now := r.Ledger().Transfer(c.GetTransfer().GetOrigin(), c.GetTransfer().GetNumber())
		if ent.IsNotFound(err) && c.GetDispute() != nil && !now.GetObjected() {
			state = "disputed"
			return nil
		}
		if ent.IsNotFound(err) { // the first that comes to us; where it led, those behind it tell
			state = strings.ToLower(now.GetState().String())
			return nil
		}
		if err != nil {
			return fmt.Errorf("transfer: %w", err)
		}
		_, rules := r.Ledger().Region()
		switch {
		case c.GetDispute() != nil && t.State != "expired":
			state = "disputed"
		case c.GetDecline() == nil:
			state = t.State
		case t.Declines+1 >= int(rules.GetDeclines()):
			state = "disputed"
		default:
			state = "declined"
		}
		return nil
	})
	return state, err
}

// open opens what is sealed to the viewer's city. What can't be opened stays closed: it is kept with the act as it came.
func (s *Service) open(ctx context.Context, r *federation.Region, c *federationv1.Command) (*pb.Content, error) {
	me := tenants.From(ctx).Tenant
	for _, box := range boxesOf(c) {
		if box.GetCity() != me {
			continue
		}
		var own *own
		err := s.db.View(ctx, func(ctx context.Context) (err error) {
			own, err = s.keysOf(ctx)
			return err
		})
		if err != nil {
			return nil, err
		}
		plain, err := own.ring.Open(seal.About{Group: r.Name(), Transfer: c.GetTransfer(), Receiver: me, Sender: c.GetCity(), Sequence: c.GetSequence()}, box)
		content := &pb.Content{}
		if err == nil {
			err = proto.Unmarshal(plain, content)
		}
		if err != nil {
			s.log.Error("what is sealed to a city can't be read", "region", r.Name(), "city", me, "from", c.GetCity(), "error", err)
			return nil, nil
		}
		return content, nil
	}
	return nil, nil
}

func boxesOf(c *federationv1.Command) []*federationv1.Sealed {
	switch a := c.GetAct().(type) {
	case *federationv1.Command_Offer:
		return a.Offer.GetSealed()
	case *federationv1.Command_Decline:
		return a.Decline.GetSealed()
	case *federationv1.Command_Dispute:
		return a.Dispute.GetSealed()
	case *federationv1.Command_Designate:
		return a.Designate.GetSealed()
	case *federationv1.Command_Handle:
		return a.Handle.GetSealed()
	case *federationv1.Command_Reply:
		return a.Reply.GetSealed()
	case *federationv1.Command_Conclude:
		return a.Conclude.GetSealed()
	case *federationv1.Command_Callback:
		return a.Callback.GetSealed()
	case *federationv1.Command_Withdraw:
		return a.Withdraw.GetSealed()
	case *federationv1.Command_Supplement:
		return a.Supplement.GetSealed()
	}
	return nil
}

// touch remembers that the city has acts of a transfer which the ledger need not keep for it any more.
func (s *Service) touch(at line, told *casework.Told) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.touched[at] == nil {
		s.touched[at] = map[string]uint64{}
	}
	name := fmt.Sprintf("%s/%d", told.Origin, told.Number)
	s.touched[at][name] = max(s.touched[at][name], uint64(told.Sequence))
	if s.waits[at] { // perhaps for this
		delete(s.waits, at)
		s.wakeAll()
	}
}

// acknowledge tells the ledger what its cities have here (收讫), so that it can let go of it.
func (s *Service) acknowledge(ctx context.Context, r *federation.Region) {
	s.mu.Lock()
	todo := map[string]map[string]uint64{}
	for at, list := range s.touched {
		if at.region == r.Name() && len(list) > 0 {
			todo[at.city] = list
			delete(s.touched, at)
		}
	}
	s.mu.Unlock()
	for city, list := range todo {
		if err := s.acknowledgeFor(as(ctx, city), r, list); err != nil {
			if ctx.Err() == nil {
				s.report(r.Name(), city, err)
			}
			s.mu.Lock() // they stay to be told
			for name, sequence := range s.touched[line{r.Name(), city}] {
				list[name] = max(list[name], sequence)
			}
			s.touched[line{r.Name(), city}] = list
			s.mu.Unlock()
		}
	}
}

func (s *Service) acknowledgeFor(ctx context.Context, r *federation.Region, list map[string]uint64) error {
	me := tenants.From(ctx).Tenant
	a := &federationv1.Acknowledge{}
	for name, sequence := range list {
		origin, number, _ := strings.Cut(name, "/")
		var n uint64
		if _, err := fmt.Sscan(number, &n); err != nil {
			return err
		}
		a.Taken = append(a.Taken, &federationv1.Acknowledge_Taken{Transfer: &federationv1.TransferId{Origin: origin, Number: n}, Sequence: sequence})
	}
	for part := range slices.Chunk(a.Taken, 200) {
		if err := s.acknowledgePart(ctx, r, me, part); err != nil {
			return err
		}
	}
	return nil
}

// acknowledgePart sends some at once. The ledger refuses them all for one that is wrong: then they go one by one, and what it does not
// know, or not as ours, is not told again. Whatever else it refuses passes: all of them are told later.
func (s *Service) acknowledgePart(ctx context.Context, r *federation.Region, me string, part []*federationv1.Acknowledge_Taken) error {
	c := &federationv1.Command{Group: r.Name(), City: me, Act: &federationv1.Command_Acknowledge{Acknowledge: &federationv1.Acknowledge{Taken: part}}}
	result, err := s.act(ctx, r, c)
	if err != nil || result.Reason == 0 {
		return err
	}
	switch result.Reason {
	case federationv1.Reason_NO_TRANSFER, federationv1.Reason_NOT_YOURS, federationv1.Reason_WRONG_SEQUENCE:
	default:
		return fmt.Errorf("acknowledgement of %d: %s", len(part), result.Refusal().GetMessage())
	}
	if len(part) == 1 {
		s.log.Warn("an acknowledgement was not taken", "region", r.Name(), "city", me, "transfer", part[0].GetTransfer(), "reason", result.Reason)
		return nil
	}
	for one := range slices.Chunk(part, 1) {
		if err := s.acknowledgePart(ctx, r, me, one); err != nil {
			return err
		}
	}
	return nil
}

// act signs an act of the viewer's city that needs no outbox, because it can be made again from what is there, and proposes it.
func (s *Service) act(ctx context.Context, r *federation.Region, c *federationv1.Command) (ledger.Result, error) {
	var own *own
	err := s.db.View(ctx, func(ctx context.Context) (err error) {
		own, err = s.keysOf(ctx)
		return err
	})
	if err != nil {
		return ledger.Result{}, err
	}
	m := member(r.Ledger().Members(), c.GetCity())
	if m == nil {
		return ledger.Result{}, fmt.Errorf("%s is no member of %s", c.GetCity(), r.Name())
	}
	public, signer, err := own.signer(m)
	if err != nil {
		return ledger.Result{}, err
	}
	id := uuid.Must(uuid.NewV7())
	c.Id, c.Time = id[:], s.now().UnixMilli()
	signed, err := ledger.Sign(c, public, signer)
	if err != nil {
		return ledger.Result{}, err
	}
	return s.propose(ctx, r, signed)
}

// expire asks the ledger to take silence for acceptance (逾期视为接收), once for each offer whose moment has passed by more than the
// clocks of two cities may differ. Whoever of the two comes first; the ledger judges by its own clock too.
func (s *Service) expire(ctx context.Context, r *federation.Region) {
	s.mu.Lock()
	due := time.Since(s.expired[r.Name()]) > 5*time.Second
	if due {
		s.expired[r.Name()] = time.Now()
	}
	s.mu.Unlock()
	if !due {
		return
	}
	cities, err := s.locals(ctx, r)
	if err != nil {
		s.fail(ctx, r, err)
		return
	}
	for _, city := range cities {
		if err := s.Expire(as(ctx, city), r.Name(), s.now()); err != nil && ctx.Err() == nil {
			s.log.Error("courier", "region", r.Name(), "city", city, "error", err)
		}
		if err := s.Callbacks(as(ctx, city), r.Name(), s.now()); err != nil && ctx.Err() == nil {
			s.log.Error("courier", "region", r.Name(), "city", city, "error", err)
		}
	}
}

// Callbacks urges the cities whose callback to a citizen of the viewer's city is overdue by now, and takes over what the rules let it.
func (s *Service) Callbacks(ctx context.Context, region string, now time.Time) error {
	r := s.region(region)
	if r == nil {
		return fmt.Errorf("no region %s", region)
	}
	_, rules := r.Ledger().Region()
	after := time.Duration(ledger.CallbackHandover(rules, 0)-ledger.CallbackDue(rules, 0)) * time.Millisecond
	// What the clocks of two cities may differ, so that the ledger agrees.
	taken := now.Add(-after - time.Duration(rules.GetSkew()+1)*time.Second)
	late, me := []*ent.Transfer(nil), tenants.From(ctx).Tenant
	err := s.db.View(ctx, func(ctx context.Context) (err error) {
		late, err = s.db.Ent.Transfer.Query().Where(transfer.Region(region), transfer.State("concluded"), transfer.Origin(me), transfer.CallbackNEQ(me),
			transfer.Or(transfer.And(transfer.CallbackDueAtLT(now), transfer.CallbackUrgedAtIsNil()), transfer.CallbackDueAtLT(taken))).Limit(batch).All(ctx)
		return err
	})
	if err != nil {
		return fmt.Errorf("transfers: %w", err)
	}
	for _, t := range late { // one by one: somebody may act on an order just now, and the others do not wait for it
		err := s.db.Do(ctx, func(ctx context.Context) error {
			switch {
			case t.CallbackUrgedAt == nil:
				return s.casework.UrgeCallback(ctx, t)
			case r.Ledger().Figures().Version >= 2 && t.CallbackDueAt.Before(taken):
				return s.casework.TakeCallback(ctx, t)
			}
			return nil
		})
		if err != nil && !casework.IsConflict(err) {
			return fmt.Errorf("callback of %s/%d: %w", t.Origin, t.Number, err)
		}
	}
	return nil
}

// Expire puts into the outbox of the viewer's city that offers have expired by now.
func (s *Service) Expire(ctx context.Context, region string, now time.Time) error {
	r := s.region(region)
	if r == nil {
		return fmt.Errorf("no region %s", region)
	}
	_, rules := r.Ledger().Region()
	before, members := now.Add(-time.Duration(rules.GetSkew()+1)*time.Second), r.Ledger().Members()
	return s.db.Do(store.At(ctx, now), func(ctx context.Context) error {
		late, err := s.db.Ent.Transfer.Query().Where(transfer.Region(region), transfer.StateIn("offered", "delivered", "signed"),
			transfer.Or(transfer.AnswerDueAtLT(before.Add(-time.Duration(rules.GetDeclineGrace())*time.Second)),
				transfer.And(transfer.Urgency("critical"), transfer.AnswerDueAtLT(before))), notAsked(now)).
			Order(ent.Asc(transfer.FieldAnswerDueAt), ent.Asc(transfer.FieldID)).Limit(batch).All(ctx)
		if err != nil {
			return fmt.Errorf("transfers: %w", err)
		}
		keys, err := s.vault.Keyring(ctx)
		if err != nil {
			return err
		}
		for _, t := range late {
			if me := tenants.From(ctx).Tenant; t.Origin == me && !active(members, t.Target) { // nobody can answer any more
				if err := s.casework.TakeBack(ctx, t); err != nil {
					return err
				}
				continue
			}
			if err := s.casework.Send(ctx, keys, t, "expire", &pb.Content{}); err != nil {
				return err
			}
		}
		return nil
	})
}

// again is how long after the ledger refused to take silence for acceptance it is asked anew: the other city may have been let in again.
const again = time.Hour

// notAsked leaves out the offers for which it waits in the outbox, is in the ledger, or was refused lately.
func notAsked(now time.Time) predicate.Transfer {
	return func(t *sql.Selector) {
		o := sql.Table(outgoing.Table)
		t.Where(sql.NotExists(sql.Select().From(o).Where(sql.And(
			sql.ColumnsEQ(o.C(outgoing.FieldTenant), t.C(transfer.FieldTenant)), sql.ColumnsEQ(o.C(outgoing.FieldTransferID), t.C(transfer.FieldID)),
			sql.EQ(o.C(outgoing.FieldAct), "expire"), sql.ColumnsGT(o.C(outgoing.FieldCreatedAt), t.C(transfer.FieldAnswerDueAt)),
			sql.Or(sql.EQ(o.C(outgoing.FieldRefused), ""), sql.GT(o.C(outgoing.FieldCreatedAt), now.Add(-again)))))))
	}
}
