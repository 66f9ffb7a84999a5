package consolidation

import (
	"context"
	"fmt"
	"strings"
	"time"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/numberchange"
	"hotline/ent/store"
)

// ResolveDial (拨号解析) answers for any dialled number at any moment: of the past by the history, of the future by what is set now.
func (s *Service) ResolveDial(ctx context.Context, req *pb.ResolveDialRequest) (out *pb.Dial, err error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	at := store.Moment(ctx)
	if req.GetAt() != nil {
		at = req.GetAt().AsTime()
	}
	list, err := s.listAt(ctx, at)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		out, err = s.dialled(ctx, req.GetNumber(), at, list)
		return err
	})
	return out, err
}

// listAt is the list in force at a moment; before the first, the first.
func (s *Service) listAt(ctx context.Context, at time.Time) (*Document, error) {
	m, _, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	if d := m.at(at); d != nil {
		return d, nil
	}
	return m.versions[0], nil
}

func (s *Service) dialled(ctx context.Context, number string, at time.Time, list *Document) (*pb.Dial, error) {
	l, err := s.ent().NumberChange.Query().Where(numberchange.Number(number), numberchange.CreatedAtLTE(at)).
		Order(ent.Desc(numberchange.FieldSeq)).First(ctx)
	if ent.IsNotFound(err) {
		return resolve(number, at, list, nil), nil
	}
	if err != nil {
		return nil, fmt.Errorf("history of number %s: %w", number, err)
	}
	d, err := dialOf(l)
	if err != nil {
		return nil, err
	}
	out := resolve(number, at, list, &d)
	out.ChangeSeq = int32(l.Seq)
	return out, nil
}

// ExportDialPlan (导出拨号计划) writes the dial plan of a moment as a plain file: one line a number, the legs in their order.
func (s *Service) ExportDialPlan(ctx context.Context, req *pb.ExportDialPlanRequest) (*pb.Sheet, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	at := store.Moment(ctx)
	if req.GetAt() != nil {
		at = req.GetAt().AsTime()
	}
	return s.DialPlan(ctx, at)
}

// DialPlan (拨号计划) is the dial plan of the viewer's city.
func (s *Service) DialPlan(ctx context.Context, at time.Time) (*pb.Sheet, error) {
	list, err := s.listAt(ctx, at)
	if err != nil {
		return nil, err
	}
	t := table{title: "拨号计划", head: []string{"number", "says", "leg1", "leg2", "leg3"}}
	err = s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.rows(ctx, list)
		if err != nil {
			return err
		}
		numbers := []string{"12345", "110", "119", "120", "122"}
		for _, r := range rows {
			if !r.entering() {
				numbers = append(numbers, r.Number)
			}
		}
		for _, n := range numbers {
			d, err := s.dialled(ctx, n, at, list)
			if err != nil {
				return err
			}
			line := []string{n, d.GetSays(), "", "", ""}
			for i, leg := range d.GetLegs() {
				if 2+i < len(line) {
					line[2+i] = strings.Join([]string{leg.GetKind(), leg.GetTarget(), leg.GetSkill()}, "|")
				}
			}
			t.rows = append(t.rows, line)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return t.csv("dialplan-" + placeOf(ctx))
}
