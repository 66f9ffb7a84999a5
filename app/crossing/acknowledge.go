package crossing

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	federationv1 "hotline/api/federation/v1"
	"hotline/app/casework"
	"hotline/federation"
	"hotline/federation/ledger"
	"hotline/tenants"
)

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
