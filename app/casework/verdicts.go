package casework

import (
	"context"
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/application"
	"hotline/ent/assignment"
	"hotline/ent/event"
	"hotline/ent/predicate"
	"hotline/ent/workorder"
)

// mostVerdicts is how many past verdicts an adjudicator reads before the next one.
const mostVerdicts = 20

// ListVerdicts (判例): what was decided about the same category or between the same units, so that like is decided alike.
func (s *Service) ListVerdicts(ctx context.Context, in *pb.ListVerdictsRequest) (out *pb.ListVerdictsResponse, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		o, err := s.find(ctx, numberOf(in.GetName()), string(Adjudicate))
		if err != nil {
			return err
		}
		visible, err := s.visible(ctx, string(Adjudicate))
		if err != nil {
			return err
		}
		units, err := s.sidesOf(ctx, o)
		if err != nil {
			return err
		}
		near := application.And(application.AskedUnitIn(units...), application.AskedUnitNEQ(""))
		past, err := s.ent().Application.Query().
			Where(application.Kind(kindAdjudication), application.Standing(standsUpheld), application.WorkOrderIDNEQ(o.ID),
				ofOrders(o.Tenant, visible), application.Or(near, ofCategory(o.Tenant, o.Category))).
			Order(ent.Desc(application.FieldID)).Limit(mostVerdicts).All(ctx)
		if err != nil {
			return fmt.Errorf("verdicts near %s: %w", o.Number, err)
		}
		out, err = s.renderVerdicts(ctx, o, units, past)
		return err
	})
	return out, err
}

// sidesOf are the units that stand in the order's dispute: who had a part in it, who asked and who was asked about.
func (s *Service) sidesOf(ctx context.Context, o *ent.WorkOrder) ([]string, error) {
	units, err := s.ent().Assignment.Query().Where(assignment.WorkOrderID(o.ID)).Select(assignment.FieldUnit).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("units of %s: %w", o.Number, err)
	}
	apps, err := s.ent().Application.Query().Where(application.WorkOrderID(o.ID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("applications of %s: %w", o.Number, err)
	}
	for _, p := range apps {
		units = append(units, p.AskedUnit, p.SuggestedUnit)
	}
	slices.Sort(units)
	return slices.Compact(units), nil
}

// ofCategory are the applications of orders of one category.
func ofCategory(tenant, category string) predicate.Application {
	return ofOrders(tenant, func(s *sql.Selector) { s.Where(sql.EQ(s.C(workorder.FieldCategory), category)) })
}

func (s *Service) renderVerdicts(ctx context.Context, about *ent.WorkOrder, units []string, past []*ent.Application) (*pb.ListVerdictsResponse, error) {
	var ids []uuid.UUID
	for _, p := range past {
		ids = append(ids, p.WorkOrderID)
	}
	orders := map[uuid.UUID]*ent.WorkOrder{}
	rows, err := s.ent().WorkOrder.Query().Where(workorder.IDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("orders of verdicts: %w", err)
	}
	for _, o := range rows {
		orders[o.ID] = o
	}
	lines, err := s.ent().Event.Query().Where(event.WorkOrderIDIn(ids...), event.Verb(string(Adjudicate))).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("lines of verdicts: %w", err)
	}
	categories, err := s.directory.Categories(ctx)
	if err != nil {
		return nil, err
	}
	out := &pb.ListVerdictsResponse{}
	for _, p := range past {
		o := orders[p.WorkOrderID]
		v := &pb.Verdict{Number: o.Number, Category: o.Category, AskedUnit: p.AskedUnit, Ground: p.Ground, Summary: p.Decision}
		if v.Title, err = s.openTitle(ctx, o); err != nil {
			return nil, err
		}
		if c := categories[o.Category]; c != nil {
			v.CategoryTitle = c.Title
		}
		if p.DecidedAt != nil {
			v.DecideTime = timestamppb.New(*p.DecidedAt)
			if i := slices.IndexFunc(lines, func(e *ent.Event) bool { return e.WorkOrderID == o.ID && e.CreatedAt.Equal(*p.DecidedAt) }); i >= 0 {
				v.Summary = lines[i].Summary
			}
		}
		if o.Category == about.Category {
			v.Near = append(v.Near, "同类事项")
		}
		if p.AskedUnit != "" && slices.Contains(units, p.AskedUnit) {
			v.Near = append(v.Near, "同一单位")
		}
		out.Verdicts = append(out.Verdicts, v)
	}
	return out, nil
}
