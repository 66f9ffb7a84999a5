package casework

import (
	"context"
	"fmt"

	pb "hotline/api/casework/v1"
	"hotline/ent/assignment"
)

// notReached ends the history line of an attempt that failed; reply.go counts these lines before it lets 联系不上 stand.
const notReached = "未联系上"

// Contact (联系诉求人) records one attempt of the unit, reached or not; the first one stops the contact clock.
func (s *Service) Contact(ctx context.Context, in *pb.ContactRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Contact, in, func(a *act) error {
		part, err := a.mine()
		if err != nil {
			return err
		}
		if part.SignedAt == nil {
			return refused("NOT_SIGNED", "请先签收，再联系诉求人。")
		}
		if part.ContactedAt == nil {
			if err := a.s.ent().Assignment.Update().Where(assignment.ID(part.ID)).SetContactedAt(a.now).Exec(a.ctx); err != nil {
				return fmt.Errorf("contact: %w", err)
			}
		}
		result := notReached
		if in.GetReached() {
			result = "已联系上"
		}
		means := map[string]string{"phone": "电话", "visit": "上门", "message": "短信"}[in.GetMeans()]
		a.summary, a.note, a.public = a.titleOf(part.Unit)+means+"联系诉求人，"+result, in.GetNote(), true
		return a.stop(part.Unit, ClockContact)
	})
}
