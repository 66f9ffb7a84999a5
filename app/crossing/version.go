package crossing

import (
	"context"
	"slices"
	"time"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation"
	"hotline/federation/ledger"
)

// lookAround is the time between two looks whether all nodes of a city know a newer version.
const lookAround = 5 * time.Second

// announcing says for the cities here which version of the ledger they know (版本声明), as soon as all their nodes do: the region goes by it
// when all its cities have said so, and stops a node that was forgotten.
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
	late := func(city string) bool {
		m := member(r.Ledger().Members(), city)
		return !m.GetRevoked() && m.GetSpeaks() < ledger.Version
	}
	if !slices.ContainsFunc(cities, late) {
		return nil
	}
	known, err := s.knownHere(ctx, r, cities)
	if err != nil {
		return err
	}
	for _, city := range cities {
		if err := s.announceFor(ctx, r, city, known); err != nil {
			return err
		}
	}
	return nil
}

// knownHere is the newest version that every node of these cities knows, and every node that is called after no member. Of one that does
// not answer only the first is known; if it is gone for good, the operator removes it, or says that it was upgraded (`hotline member
// announce`).
func (s *Service) knownHere(ctx context.Context, r *federation.Region, cities []string) (uint32, error) {
	nodes, err := s.node().Observe(ctx, r.Name())
	if err != nil {
		return 0, err
	}
	known := uint32(ledger.Version)
	for _, n := range nodes {
		city := cityOfNode(n.Name)
		if slices.Contains(cities, city) || !s.Member(r.Name(), city) {
			known = min(known, max(n.Speaks, 1))
		}
	}
	return known, nil
}

// cityOfNode is the city that a node is called after, such as 110000 for 110000-1.
func cityOfNode(name string) string { return name[:min(6, len(name))] }

// announceFor says for one city that all its nodes know a version, if that is news.
func (s *Service) announceFor(ctx context.Context, r *federation.Region, city string, known uint32) error {
	m := member(r.Ledger().Members(), city)
	if m == nil || m.GetRevoked() || m.GetSpeaks() >= known {
		return nil
	}
	act := &federationv1.Command{Act: &federationv1.Command_Announce{Announce: &federationv1.Announce{Speaks: known}}}
	return s.Govern(as(ctx, city), r.Name(), act)
}
