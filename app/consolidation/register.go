package consolidation

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/city"
	"hotline/ent/numberchange"
	"hotline/ent/predicate"
	"hotline/ent/store"
	"hotline/tenants/calendar"
)

// ShowRegister (对外公开电话台账) is what everybody may know, as 国办函〔2025〕66号 asks: numbers, what who dials them finds, and every change.
func (s *Service) ShowRegister(ctx context.Context, req *pb.ShowRegisterRequest) (out *pb.Register, err error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	_, list, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		there, err := s.ent().City.Query().Where(city.Code(placeOf(ctx)), city.ShreddedAtIsNil(), city.CodeGTE("110000")).Exist(ctx)
		if err != nil {
			return fmt.Errorf("city: %w", err)
		}
		if !there {
			return notFound()
		}
		out = &pb.Register{City: placeOf(ctx), ListVersion: int32(list.Version)}
		return s.fillRegister(ctx, list, out)
	})
	return out, err
}

const publicChanges = 100

func (s *Service) fillRegister(ctx context.Context, list *Document, out *pb.Register) error {
	rows, err := s.rows(ctx, list)
	if err != nil {
		return err
	}
	rows = slices.DeleteFunc(rows, (*row).entering)
	tree, err := s.directory.Tree(ctx)
	if err != nil {
		return err
	}
	changes, err := s.ent().NumberChange.Query().Where(numberchange.Public(true)).
		Order(ent.Desc(numberchange.FieldCreatedAt, numberchange.FieldID)).Limit(publicChanges).All(ctx)
	if err != nil {
		return fmt.Errorf("public changes: %w", err)
	}
	latest := map[string]*ent.NumberChange{}
	for _, l := range changes {
		c := renderChange(l)
		c.Actor = "" // who did it is the city's affair
		out.Changes = append(out.Changes, c)
		if latest[l.Number] == nil {
			latest[l.Number] = l
		}
	}
	now := store.Now(ctx)
	live, err := s.liveAll(ctx, rows)
	if err != nil {
		return err
	}
	for _, r := range rows {
		d := live[r.Number]
		at := standing(r.Mode, r.Target, r.PromptUntil, now)
		line := &pb.RegisterLine{Number: r.Number, Title: r.Title, Authority: r.Authority, UnitTitle: unitTitle(tree, r.Unit), Mode: modeOf(r.Mode),
			StandingTitle: standingTitles[at], Dialling: dialling(resolve(r.Number, now, list, &d))}
		if l := latest[r.Number]; l != nil {
			line.ChangeTime = timestamppb.New(l.CreatedAt)
		}
		out.Lines = append(out.Lines, line)
	}
	return nil
}

// liveAll is live for many numbers at one go.
func (s *Service) liveAll(ctx context.Context, rows []*row) (map[string]dial, error) {
	out := map[string]dial{}
	var lasts []predicate.NumberChange
	for _, r := range rows {
		out[r.Number] = dial{Title: r.Title, Authority: r.Authority}
		if r.Changes > 0 {
			lasts = append(lasts, numberchange.And(numberchange.Number(r.Number), numberchange.Seq(r.Changes)))
		}
	}
	if len(lasts) == 0 {
		return out, nil
	}
	lines, err := s.ent().NumberChange.Query().Where(numberchange.Or(lasts...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("last changes: %w", err)
	}
	for _, l := range lines {
		if out[l.Number], err = dialOf(l); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// dialling says in a line where a call ends.
func dialling(d *pb.Dial) string {
	for _, leg := range d.GetLegs() {
		if leg.GetKind() == "three_way" {
			return "由分中心接听"
		}
	}
	return map[string]string{"queue": "由12345接听", "seats": "由原座席接听", "network": "由原座席接听", "emergency": "紧急热线"}[d.GetLegs()[0].GetKind()]
}

// ExportRegister (导出公开台账) writes the public register.
func (s *Service) ExportRegister(ctx context.Context, req *pb.ExportRegisterRequest) (*pb.Sheet, error) {
	r, err := s.ShowRegister(ctx, &pb.ShowRegisterRequest{Parent: req.GetParent()})
	if err != nil {
		return nil, err
	}
	t := table{title: "对外公开电话台账", notes: []string{fmt.Sprintf("归并清单第 %d 版", r.GetListVersion())},
		head: []string{"号码", "名称", "责任部门", "本市责任单位", "归并方式", "状态", "拨打时", "最近变更"}}
	for _, l := range r.GetLines() {
		changed := ""
		if l.GetChangeTime() != nil {
			changed = calendar.DateOf(l.GetChangeTime().AsTime()).String()
		}
		t.rows = append(t.rows, []string{l.GetNumber(), l.GetTitle(), l.GetAuthority(), l.GetUnitTitle(), modeTitles[word(l.GetMode())],
			l.GetStandingTitle(), l.GetDialling(), changed})
	}
	return t.sheet(ctx, "register-"+r.GetCity(), req.GetFormat())
}
