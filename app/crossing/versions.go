package crossing

import (
	"context"
	"slices"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation"
	"hotline/federation/ledger"
)

// announce says (版本声明) for the cities here which version of the ledger they know, so that the region goes by it once all do. A city
// speaks for all of its nodes: where this deployment has another node in the region, its operator says when that is upgraded too
// (`hotline member announce`), for a node that was forgotten stops.
func (s *Service) announce(ctx context.Context, r *federation.Region) {
	cities, err := s.locals(ctx, r)
	if err != nil || s.othersOf(r, cities) {
		return
	}
	for _, city := range cities {
		if err := s.announceFor(ctx, r, city); err != nil && ctx.Err() == nil {
			s.log.Warn("the region was not told which version this city knows", "region", r.Name(), "city", city, "error", err)
			return
		}
	}
}

// othersOf says that another node of the region is called after a city that is served here.
func (s *Service) othersOf(r *federation.Region, cities []string) bool {
	return slices.ContainsFunc(s.node().Peers(r.Name()), func(p federation.Peer) bool {
		return slices.ContainsFunc(cities, func(city string) bool { return cityOfNode(p.Name) == city })
	})
}

// cityOfNode is the city that a node is called after, such as 110000 for 110000-1.
func cityOfNode(name string) string { return name[:min(6, len(name))] }

func (s *Service) announceFor(ctx context.Context, r *federation.Region, city string) error {
	m := member(r.Ledger().Members(), city)
	if m == nil || m.GetRevoked() || m.GetSpeaks() >= ledger.Version {
		return nil
	}
	return s.Govern(as(ctx, city), r.Name(), &federationv1.Command{Act: &federationv1.Command_Announce{Announce: &federationv1.Announce{Speaks: ledger.Version}}})
}

// begin puts the first rules of a new region in force where its coordinator is served: every node verifies every signature as it applies
// (verify_at_apply), so that a stolen leader's forgery is an entry that counts for nothing, and not one that the ledgers follow and the
// cities do not. It costs each node 0.05 ms of a processor an act. The coordinator may decide otherwise (区域规则).
func (s *Service) begin(ctx context.Context, r *federation.Region) {
	coordinator, rules := r.Ledger().Region()
	if rules.GetVersion() != 0 || !s.here(ctx, coordinator) {
		return
	}
	rules.Version, rules.VerifyAtApply = 1, true
	err := s.Govern(as(ctx, coordinator), r.Name(), &federationv1.Command{Act: &federationv1.Command_SetRules{SetRules: &federationv1.SetRules{Rules: rules}}})
	if err != nil && ctx.Err() == nil {
		s.log.Warn("the region's first rules are not in force yet", "region", r.Name(), "error", err)
	}
}
