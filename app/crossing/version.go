package crossing

import (
	"context"
	"time"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation"
	"hotline/federation/ledger"
)

// lookAround is the time between two looks whether all nodes of a region know a newer version.
const lookAround = 10 * time.Second

// announcing says for the cities here that they know a newer version than they have said so far (版本声明), as soon as all nodes of the region
// do: a region that went by it before would stop those that don't.
func (s *Service) announcing(ctx context.Context, r *federation.Region) {
	for ctx.Err() == nil {
		if err := s.announce(ctx, r); err != nil && ctx.Err() == nil {
			s.log.Warn("the version could not be announced", "region", r.Name(), "error", err)
		}
		rest(ctx, lookAround)
	}
}

func (s *Service) announce(ctx context.Context, r *federation.Region) error {
	cities, err := s.locals(ctx, r)
	if err != nil {
		return err
	}
	known := uint32(0)
	for _, city := range cities {
		m := member(r.Ledger().Members(), city)
		if m.GetRevoked() || m.GetSpeaks() >= ledger.Version {
			continue
		}
		if known == 0 {
			if known, err = s.knownToAll(ctx, r); err != nil {
				return err
			}
		}
		if m.GetSpeaks() >= known {
			continue
		}
		act := &federationv1.Command{Act: &federationv1.Command_Announce{Announce: &federationv1.Announce{Speaks: known}}}
		if err := s.Govern(as(ctx, city), r.Name(), act); err != nil {
			return err
		}
	}
	return nil
}

// knownToAll is the newest version that every node of a region knows; none is known of a node that does not answer.
func (s *Service) knownToAll(ctx context.Context, r *federation.Region) (uint32, error) {
	nodes, err := s.node().Observe(ctx, r.Name())
	if err != nil {
		return 0, err
	}
	known := uint32(ledger.Version)
	for _, n := range nodes {
		known = min(known, max(n.Speaks, 1))
	}
	return known, nil
}
