package casework

import (
	"context"
	"fmt"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/workorder"
)

// soonLate is the share of a running span from which an order counts as soon overdue (临期), as the queue of that name has it.
const soonLate = 80

// MapOverdue (超期分布) says which unit is late at which stage. It counts open orders only, of which a city has as many as it can work on.
func (s *Service) MapOverdue(ctx context.Context, _ *pb.MapOverdueRequest) (out *pb.MapOverdueResponse, err error) {
	var counts []struct {
		Lead    string
		State   string
		Overdue bool
		Count   int32
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		visible, err := s.visible(ctx, string(Supervise))
		if err != nil {
			return err
		}
		tree, err := s.directory.Tree(ctx)
		if err != nil {
			return err
		}
		err = s.ent().WorkOrder.Query().Where(visible,
			workorder.StateIn(string(Received), string(Dispatched), string(Handling), string(Replied)),
			workorder.Or(workorder.Overdue(true), workorder.WarningGTE(soonLate))).
			GroupBy(workorder.FieldLead, workorder.FieldState, workorder.FieldOverdue).Aggregate(ent.As(ent.Count(), "count")).Scan(ctx, &counts)
		if err != nil {
			return fmt.Errorf("map of the overdue: %w", err)
		}
		out = &pb.MapOverdueResponse{}
		cells := map[[2]string]*pb.OverdueCell{}
		for _, c := range counts {
			cell := cells[[2]string{c.Lead, c.State}]
			if cell == nil {
				cell = &pb.OverdueCell{Unit: c.Lead, State: stateOf(State(c.State))}
				if u := tree[c.Lead]; u != nil {
					cell.UnitTitle = u.Title
				}
				cells[[2]string{c.Lead, c.State}] = cell
				out.Cells = append(out.Cells, cell)
			}
			if c.Overdue {
				cell.Overdue += c.Count
			} else {
				cell.Warned += c.Count
			}
		}
		return nil
	})
	return out, err
}
