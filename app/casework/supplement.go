package casework

import (
	"context"

	pb "hotline/api/casework/v1"
)

// Supplement (补充) adds facts the citizen gave later, written down by the staff.
func (s *Service) Supplement(ctx context.Context, in *pb.SupplementRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Supplement, in, func(a *act) error {
		a.order.Supplements++
		a.summary, a.note, a.public = "诉求人补充情况", in.GetFacts(), true
		return a.heardFrom()
	})
}
