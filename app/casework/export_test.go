package casework

import (
	"context"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/tenants/privacy"
)

// Row renders one order as a list shows it, from the row that was read to the message.
func (s *Service) Row(ctx context.Context, o *ent.WorkOrder) (*pb.WorkOrder, error) {
	a, err := s.open(ctx, "get")
	if err != nil {
		return nil, err
	}
	r, _, err := s.reader(ctx, a.keys, a.rules, o, privacy.List)
	if err != nil {
		return nil, err
	}
	return s.row(ctx, r, o)
}

// Late is whether somebody is waited for past the moment.
var Late = late
