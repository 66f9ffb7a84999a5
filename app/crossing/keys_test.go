package crossing_test

import (
	"context"
	"testing"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/app/house/housetest"
)

func TestACityChangesItsKeysWhileOffersAreOnTheWay(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, node := linked(t, town)
		// Sealed to Tianjin's old key, and in the ledger before Tianjin can read it.
		node.Rest()
		first := s.as("dispatcher.110000", s.taken(beijing).Order.GetName(), "transfer", cold(tianjin))
		if err := town.Crossing.ShipNow(in(beijing), region); err != nil {
			t.Fatal(err)
		}
		// Another waits in Beijing's own outbox.
		second := s.as("dispatcher.110000", s.takenAgain(beijing).Order.GetName(), "transfer", cold(tianjin))
		for _, city := range []string{beijing, tianjin} {
			before, err := town.Crossing.EnsureKeys(in(city))
			if err != nil {
				t.Fatal(err)
			}
			after, err := town.Crossing.RotateKeys(in(city))
			if err != nil {
				t.Fatal(err)
			}
			if before.String() == after.String() {
				t.Errorf("%s has its old keys", city)
			}
		}
		// The data key of the city changes too, and the old one goes: its private keys must have moved.
		ctx := in(tianjin)
		ring, err := town.Vault.Keyring(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := town.Vault.Rotate(ctx); err != nil {
			t.Fatal(err)
		}
		if err := town.Casework.Reseal(ctx); err != nil {
			t.Fatal(err)
		}
		if err := town.Vault.Drop(ctx, ring.Current()); err != nil {
			t.Fatal(err)
		}
		node.Carry()
		for _, o := range []*pb.WorkOrder{first, second} {
			there := s.coming(tianjin, o.GetNumber())
			if there.GetTitle() != o.GetTitle() {
				t.Errorf("what came of %s: %s", o.GetNumber(), there.GetTitle())
			}
			s.as("dispatcher.120000", there.GetName(), "accept", &pb.AcceptRequest{})
			s.until("dispatcher.110000", o.GetName(), pb.State_TRANSFERRED)
		}
	})
}

func TestACaseOfACityThatWasRevokedIsDesignatedToAnother(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		s, _ := linked(t, town)
		home, there := accepted(s, s.taken(beijing), cold(tianjin))
		s.as("dispatcher.120000", there.GetName(), "dispatch", &pb.DispatchRequest{Lead: "U02", Category: "1203", Instruction: "请办理。"})
		if got := s.transfer(coordinator, home.GetNumber()); got != nil {
			t.Errorf("the coordinator has what is none of its business: %v", got)
		}
		err := town.Crossing.Govern(in(coordinator), region, &federationv1.Command{Act: &federationv1.Command_Revoke{Revoke: &federationv1.Revoke{City: tianjin}}})
		if err != nil {
			t.Fatal(err)
		}
		var all pb.ListTransfersResponse
		if err := s.person("regional_coordinator.100001").Do(context.Background(), "GET", "/v1/tenants/100001/regions/"+region+"/transfers", nil, &all); err != nil {
			t.Fatal(err)
		}
		if len(all.GetTransfers()) != 1 || all.GetTransfers()[0].GetName() == "" {
			t.Fatalf("the region's transfers: %v", all.GetTransfers())
		}
		designate(s, all.GetTransfers()[0], shijiazhuang)
		third := s.coming(shijiazhuang, home.GetNumber())
		third = s.until("dispatcher.130100", third.GetName(), pb.State_RECEIVED)
		s.until("dispatcher.120000", there.GetName(), pb.State_WITHDRAWN)
		s.stands(coordinator, home.GetNumber(), "designated")
		finishAtHome(s, home, third)
		s.stands(beijing, home.GetNumber(), "called_back")
	})
}
