package casework_test

import (
	"context"
	"testing"

	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/tenants"
)

func TestWhoHearsOfAnOrderIsWhoMaySeeIt(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		system := tenants.With(context.Background(), tenants.System(city))
		begin, err := town.Casework.Here(system)
		if err != nil {
			t.Fatal(err)
		}
		var samples []nation.Request
		for _, r := range nation.Requests() {
			if r.City == city && play.CanStray(r) {
				samples = append(samples, r)
			}
		}
		for i, aside := range play.Asides {
			r := samples[i%len(samples)]
			r.ID = uuid.NewString()
			if _, err := town.Stage.Stray(context.Background(), r, aside); err != nil {
				t.Fatal(err)
			}
		}
		changes, err := town.Casework.Changes(system, begin, 1000)
		if err != nil {
			t.Fatal(err)
		}
		var viewers []context.Context
		tree, err := town.Directory.Tree(system)
		if err != nil {
			t.Fatal(err)
		}
		for role := range tenants.Titles {
			viewers = append(viewers, as(string(role)+"."+city, role, ""))
			for code := range tree {
				if role == tenants.Handler || role == tenants.UnitLead {
					viewers = append(viewers, as("x."+city, role, code))
				}
			}
		}
		seen, hidden, asked := 0, 0, map[string]bool{}
		for _, c := range changes {
			if asked[c.Number] {
				continue
			}
			asked[c.Number] = true
			for _, who := range viewers {
				v := tenants.From(who)
				may, err := town.Casework.MayHear(who, c)
				if err != nil {
					t.Fatal(err)
				}
				_, err = town.Casework.GetWorkOrder(who, &pb.GetWorkOrderRequest{Name: "tenants/" + city + "/workOrders/" + c.Number})
				if may != (err == nil) {
					t.Errorf("%v of %s: hears %v, sees %v", v.Posts, c.Number, may, err)
				}
				if may {
					seen++
				} else {
					hidden++
				}
			}
		}
		if len(asked) < len(play.Asides) || seen < 100 || hidden < 1000 {
			t.Errorf("%d orders, %d seen, %d hidden", len(asked), seen, hidden)
		}
	})
}
