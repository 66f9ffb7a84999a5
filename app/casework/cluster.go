package casework

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/workorder"
	"hotline/tenants/privacy"
)

// placeIndex is the keyed hash of a place, so that orders of one place meet without the place lying open: letters and digits
// only, since people write one address in many ways. Nil when nothing is left.
func placeIndex(k *privacy.Keyring, district, location string) []byte {
	place := strings.Map(func(r rune) rune {
		if unicode.IsLetter(r) || unicode.IsDigit(r) {
			return unicode.ToLower(r)
		}
		return -1
	}, strings.TrimPrefix(location, district))
	if place == "" {
		return nil
	}
	return k.Blind(privacy.Text, district+"|"+place)
}

// cluster marks the order that was taken in or sorted just now and those it meets when so many of one place and category came within the city's days
// (聚集预警): what many people see is worth more than one answer each.
func (a *act) cluster() error {
	o, side := a.order, a.rules.Policy.GetSideLives()
	if o.Category == Unsorted || len(o.PlaceIndex) == 0 {
		return nil
	}
	since := a.now.AddDate(0, 0, -int(side.GetClusterDays()))
	near, err := a.s.ent().WorkOrder.Query().Where(workorder.PlaceIndex(o.PlaceIndex), workorder.Category(o.Category),
		workorder.IDNEQ(o.ID), workorder.ReceivedAtGTE(since)).Order(ent.Desc(workorder.FieldReceivedAt)).Limit(int(side.GetClusterOrders())).
		Select(workorder.FieldID, workorder.FieldClustered).All(a.ctx)
	if err != nil {
		return fmt.Errorf("orders of one place: %w", err)
	}
	if len(near)+1 < int(side.GetClusterOrders()) {
		return nil
	}
	o.Clustered = true
	var unmarked []uuid.UUID
	for _, x := range near {
		if !x.Clustered {
			unmarked = append(unmarked, x.ID)
		}
	}
	return a.mark(unmarked, (*ent.WorkOrderUpdate).SetClustered)
}

// mark sets a mark on other orders, always in the order of their ids: two who mark the same ones at once must not wait for each
// other in a ring. A mark is no act, it moves neither version nor history.
func (a *act) mark(ids []uuid.UUID, set func(*ent.WorkOrderUpdate, bool) *ent.WorkOrderUpdate) error {
	slices.SortFunc(ids, func(x, y uuid.UUID) int { return bytes.Compare(x[:], y[:]) })
	for _, id := range ids {
		if err := set(a.s.ent().WorkOrder.Update().Where(workorder.ID(id)), true).Exec(a.ctx); err != nil {
			return fmt.Errorf("mark other orders: %w", err)
		}
	}
	return nil
}

// ListClusters (聚集预警) names the places and categories with unusually many orders within the city's days: of one place, and
// of a district where it is three times as many.
func (s *Service) ListClusters(ctx context.Context, in *pb.ListClustersRequest) (out *pb.ListClustersResponse, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, "cluster")
		if err != nil {
			return err
		}
		side := a.rules.Policy.GetSideLives()
		since := a.now.AddDate(0, 0, -int(side.GetClusterDays()))
		rows, err := s.ent().WorkOrder.Query().Where(workorder.ReceivedAtGTE(since), workorder.Clustered(true)).
			Order(ent.Desc(workorder.FieldReceivedAt)).Limit(1000).
			Select(workorder.FieldNumber, workorder.FieldCategory, workorder.FieldDistrict, workorder.FieldPlaceIndex).All(ctx)
		if err != nil {
			return fmt.Errorf("clusters: %w", err)
		}
		categories, err := s.directory.Categories(ctx)
		if err != nil {
			return err
		}
		out = &pb.ListClustersResponse{Clusters: gather(rows)}
		for _, c := range out.Clusters {
			if t := categories[c.GetCategory()]; t != nil {
				c.CategoryTitle = t.Title
			}
		}
		return nil
	})
	return out, err
}

// gather puts the orders of one place and category together, the largest cluster first.
func gather(rows []*ent.WorkOrder) []*pb.Cluster {
	at := map[string]*pb.Cluster{}
	var out []*pb.Cluster
	for _, o := range rows {
		key := o.Category + "|" + string(o.PlaceIndex)
		c := at[key]
		if c == nil {
			c = &pb.Cluster{Category: o.Category, District: o.District, OnePlace: true}
			at[key], out = c, append(out, c)
		}
		c.Orders++
		if len(c.Numbers) < 10 {
			c.Numbers = append(c.Numbers, o.Number)
		}
	}
	slices.SortStableFunc(out, func(a, b *pb.Cluster) int { return int(b.Orders - a.Orders) })
	return out
}
