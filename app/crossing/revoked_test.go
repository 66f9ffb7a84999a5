package crossing_test

import (
	"context"
	"strings"
	"testing"

	pb "hotline/api/casework/v1"
	"hotline/app/crossing"
)

func TestARevokedCitysNodeIsOutOfTheRegionAndHearsNoMore(t *testing.T) {
	p := apart(t, false)
	p.newest()
	ctx := context.Background()
	said, err := p.towns[beijing].Crossing.Carry(ctx, crossing.Order{Verb: "revoke", Region: region, City: shijiazhuang})
	if err != nil || !strings.Contains(said, "130100-1 removed") {
		t.Fatal(said, err)
	}
	p.settle("it is in the list no more", func() bool {
		p.last, err = p.towns[beijing].Crossing.Carry(ctx, crossing.Order{Verb: "list", Region: region})
		return err == nil && !strings.Contains(p.last, "130100-1") && strings.Contains(p.last, shijiazhuang+" 石家庄市 revoked")
	})
	// The two that are left go on; what they do does not come to it.
	home := p.as("dispatcher.110000", p.taken(beijing).Order.GetName(), "transfer", cold(tianjin))
	there := p.coming(tianjin, home.GetNumber())
	p.as("dispatcher.120000", there.GetName(), "accept", &pb.AcceptRequest{})
	p.until("dispatcher.110000", home.GetName(), pb.State_TRANSFERRED)
	number := uint64(p.transfer(beijing, home.GetNumber()).GetNumber())
	p.settle("the revoked city's node is cut off", func() bool {
		r := p.towns[shijiazhuang].Crossing.Region(region)
		return r.Status().Leader == "" && r.Ledger().Transfer(beijing, number) == nil
	})
	// It can be told so, and another city's operator revokes nobody.
	if said, err := p.towns[tianjin].Crossing.Carry(ctx, crossing.Order{Verb: "revoke", Region: region, City: beijing}); err == nil {
		t.Error(said)
	}
}
