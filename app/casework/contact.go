package casework

import (
	"context"
	"fmt"

	pb "hotline/api/casework/v1"
	"hotline/ent/assignment"
)

// Contact (联系诉求人) records one attempt of the unit, reached or not; the first one stops the contact clock. By relay (代为联系)
// the hotline passes the unit's words on, so that the unit need not know whom it asks.
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
		unit := a.titleOf(part.Unit)
		if in.GetMeans() == "relay" {
			note := in.GetNote()
			if err := a.clean(&note); err != nil {
				return err
			}
			a.summary, a.public = unit+"经热线转达："+note, true
			return a.stop(part.Unit, ClockContact)
		}
		result := "已联系上"
		if !in.GetReached() {
			result = "未联系上"
			if err := a.s.ent().Assignment.Update().Where(assignment.ID(part.ID)).AddMissed(1).Exec(a.ctx); err != nil {
				return fmt.Errorf("contact: %w", err)
			}
		}
		means := map[string]string{"phone": "电话", "visit": "上门", "message": "短信"}[in.GetMeans()]
		a.summary, a.note, a.public = unit+means+"联系诉求人，"+result, in.GetNote(), true
		return a.stop(part.Unit, ClockContact)
	})
}
