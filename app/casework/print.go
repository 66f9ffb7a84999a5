package casework

import (
	"context"
	"fmt"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/event"
	"hotline/tenants/privacy"
)

// mostPrinted is how many lines of history go on paper.
const mostPrinted = 500

// PrintWorkOrder (打印工单) shows an order as the city lets it stand on paper, where nobody sees who reads it: nothing in the clear, what
// was revealed neither. That it was printed stands in the ledger, for its citizen as well.
func (s *Service) PrintWorkOrder(ctx context.Context, in *pb.PrintWorkOrderRequest) (out *pb.PrintWorkOrderResponse, err error) {
	err = s.again(ctx, func(ctx context.Context) error {
		out, err = s.print(ctx, numberOf(in.GetName()))
		return err
	})
	return out, err
}

func (s *Service) print(ctx context.Context, number string) (*pb.PrintWorkOrderResponse, error) {
	a, err := s.open(ctx, "get")
	if err != nil {
		return nil, err
	}
	o, err := s.find(ctx, number, "get")
	if err != nil {
		return nil, err
	}
	r, _, err := s.reader(ctx, a.keys, a.rules, o, privacy.Print)
	if err != nil {
		return nil, err
	}
	out := &pb.PrintWorkOrderResponse{}
	if out.WorkOrder, err = s.renderBy(ctx, r, a.rules, o, nil); err != nil {
		return nil, err
	}
	lines, err := s.ent().Event.Query().Where(event.WorkOrderID(o.ID)).Order(ent.Asc(event.FieldSeq)).Limit(mostPrinted).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", o.Number, err)
	}
	for _, e := range lines {
		one, err := s.renderEvent(ctx, r, o, e)
		if err != nil {
			return nil, err
		}
		out.Events = append(out.Events, one)
	}
	return out, s.read(ctx, a.keys, o, privacy.Look{Fields: printed(out.GetWorkOrder()), Situation: privacy.Print, Reason: "打印工单（脱敏）"}, a.now, nil)
}

// printed are the names of the fields that stand on the paper, masked as they are.
func printed(o *pb.WorkOrder) []string {
	p := o.GetPetitioner()
	var names []string
	for _, f := range []struct {
		name string
		text string
	}{{"petitioner.name", p.GetName().GetText()}, {"petitioner.phone", p.GetPhone().GetText()}, {"petitioner.address", p.GetAddress().GetText()},
		{"petitioner.email", p.GetEmail().GetText()}, {"words", o.GetWords().GetText()}, {"body", o.GetBody().GetText()}, {"location", o.GetLocation().GetText()},
		{"brief", o.GetBrief().GetText()}} {
		if f.text != "" {
			names = append(names, f.name)
		}
	}
	if len(names) == 0 {
		names = []string{"body"} // the answer and the history, which name nobody
	}
	return names
}
