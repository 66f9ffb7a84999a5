package casework

import (
	"context"
	"fmt"

	pb "hotline/api/casework/v1"
)

// Supervise (督办) sets or lifts the mark that the order is watched.
func (s *Service) Supervise(ctx context.Context, in *pb.SuperviseRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Supervise, in, func(a *act) error {
		words := in.GetWords()
		if err := a.clean(&words); err != nil {
			return err
		}
		a.order.Supervised = in.GetSupervised()
		a.summary = map[bool]string{true: "列入督办：", false: "解除督办："}[in.GetSupervised()] + words
		return nil
	})
}

// Urge (催办) by the staff is counted with the citizen's and seen by all who hold the order.
func (s *Service) Urge(ctx context.Context, in *pb.UrgeUnitRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Urge, in, func(a *act) error {
		words := in.GetWords()
		if err := a.clean(&words); err != nil {
			return err
		}
		a.order.Urges++
		a.summary = fmt.Sprintf("热线催办（第%d次）：%s", a.order.Urges, words)
		return nil
	})
}
