package casework

import (
	"context"
	"fmt"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/assignment"
	"hotline/ent/clock"
	"hotline/ent/event"
	"hotline/tenants/calendar"
)

// letterTitles are the papers (文书) that go with an act of supervision.
var letterTitles = map[Verb]string{Urge: "工单催办单", Supervise: "工单督办通知单"}

// WriteLetter (催办单、督办单) words the last urging or supervision of an order as a letter to the units that work on it. It says
// nothing of the citizen: the units know the order, and paper lies about.
func (s *Service) WriteLetter(ctx context.Context, in *pb.WriteLetterRequest) (out *pb.Letter, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, Supervise)
		if err != nil {
			return err
		}
		o, err := s.find(ctx, numberOf(in.GetName()), string(Supervise))
		if err != nil {
			return err
		}
		verb := Verb(in.GetVerb())
		lines, err := s.ent().Event.Query().Where(event.WorkOrderID(o.ID), event.Verb(string(verb)), event.ActorNEQ("")).
			Order(ent.Asc(event.FieldSeq)).All(ctx)
		if err != nil {
			return fmt.Errorf("letter of %s: %w", o.Number, err)
		}
		if len(lines) == 0 || verb == Supervise && !o.Supervised {
			return refused("NOTHING_TO_WRITE", "这件工单还没有%s，请先%s。", VerbTitles[verb], VerbTitles[verb])
		}
		last := lines[len(lines)-1]
		units, err := s.unitsAtWork(ctx, o)
		if err != nil {
			return err
		}
		out = &pb.Letter{Title: letterTitles[verb], Number: fmt.Sprintf("%s-%s-%d", o.Number, map[Verb]string{Urge: "催", Supervise: "督"}[verb], len(lines)),
			To: strings.Join(units, "、"), Date: timestamppb.New(last.CreatedAt), Watermark: watermark(ctx, o.Number, a.now)}
		if out.Paragraphs, err = s.letterText(ctx, o, last); err != nil {
			return err
		}
		out.From, err = s.officeOf(ctx, o.Tenant)
		return err
	})
	return out, err
}

// unitsAtWork are the titles of the units whose part has not ended, the lead first.
func (s *Service) unitsAtWork(ctx context.Context, o *ent.WorkOrder) (titles []string, err error) {
	parts, err := s.ent().Assignment.Query().Where(assignment.WorkOrderID(o.ID), assignment.EndedAtIsNil()).
		Order(ent.Desc(assignment.FieldLead), ent.Asc(assignment.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("units of %s: %w", o.Number, err)
	}
	tree, err := s.directory.Tree(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		if u := tree[p.Unit]; u != nil {
			titles = append(titles, u.Title)
		}
	}
	if len(titles) == 0 {
		titles = []string{"热线派单组"}
	}
	return titles, nil
}

func (s *Service) letterText(ctx context.Context, o *ent.WorkOrder, last *ent.Event) ([]string, error) {
	title, err := s.openTitle(ctx, o)
	if err != nil {
		return nil, err
	}
	day := o.ReceivedAt.In(calendar.Zone)
	text := []string{fmt.Sprintf("%d年%d月%d日受理的第%s号工单《%s》，%s。", day.Year(), day.Month(), day.Day(), o.Number, title,
		map[bool]string{true: "现由你单位办理", false: "现待派单"}[State(o.State) != Received])}
	runs, err := s.ent().Clock.Query().Where(clock.WorkOrderID(o.ID), clock.StopAtIsNil(), clock.Step(ClockReply)).Order(ent.Asc(clock.FieldDueAt)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("clocks of %s: %w", o.Number, err)
	}
	if len(runs) > 0 && runs[0].PausedAt == nil {
		due := runs[0].DueAt.In(calendar.Zone)
		at := fmt.Sprintf("%d月%d日%02d:%02d", due.Month(), due.Day(), due.Hour(), due.Minute())
		if last.CreatedAt.After(runs[0].DueAt) {
			text = append(text, "答复时限为"+at+"，已经超期。")
		} else {
			text = append(text, "答复时限为"+at+"。")
		}
	}
	return append(text, last.Summary+"。", "请收到后立即办理，及时联系诉求人，并在系统内答复办理情况。"), nil
}

// officeOf is who signs: the city's hotline.
func (s *Service) officeOf(ctx context.Context, tenant string) (string, error) {
	const office = "12345政务服务便民热线"
	cities, err := s.directory.Cities(ctx)
	if err != nil {
		return "", err
	}
	for _, c := range cities {
		if c.Code == tenant {
			return c.Title + office, nil
		}
	}
	return office, nil
}
