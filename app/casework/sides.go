package casework

import (
	"context"
	"fmt"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/application"
	"hotline/ent/attachment"
	"hotline/ent/clockmove"
	"hotline/ent/handoff"
	"hotline/ent/workorder"
	"hotline/tenants/privacy"
)

// renderSides shows the side lives of an order: applications, merges, hand-offs, moved due moments, attachments. Most orders have
// none, and ask for none.
func (s *Service) renderSides(ctx context.Context, r *privacy.Reader, o *ent.WorkOrder, clocks []*ent.Clock, out *pb.WorkOrder) (err error) {
	if !o.Sides {
		return nil
	}
	if err := s.renderMerged(ctx, o, out); err != nil {
		return err
	}
	apps, err := s.ent().Application.Query().Where(application.WorkOrderID(o.ID)).Order(ent.Asc(application.FieldID)).All(ctx)
	if err != nil {
		return fmt.Errorf("applications of %s: %w", o.Number, err)
	}
	for _, p := range apps {
		one := renderApplication(o.Tenant, o.Number, p)
		if p.AskedBy == "" && s.briefed(ctx, r, o) {
			p.Evidence = privacy.Personal{} // the informer wrote it
		}
		shown, err := r.Show(ctx, rowOf(p.ID), o.Confidential, privacy.Field{Name: "application.evidence", Data: p.Evidence})
		if err != nil {
			return err
		}
		one.Evidence = show(shown[0])
		for _, c := range clocks {
			if c.ApplicationID != nil && *c.ApplicationID == p.ID && c.StopAt == nil && c.Step != ClockHearing {
				one.DueTime = timestamppb.New(c.DueAt)
			}
		}
		out.Applications = append(out.Applications, one)
	}
	if err := s.renderMoves(ctx, o, clocks, out); err != nil {
		return err
	}
	if err := s.renderHandOffs(ctx, r, o, out); err != nil {
		return err
	}
	return s.renderAttachments(ctx, r, o, out)
}

func (s *Service) renderMerged(ctx context.Context, o *ent.WorkOrder, out *pb.WorkOrder) error {
	if o.MainID != nil {
		numbers, err := s.numbersOf(ctx, []uuid.UUID{*o.MainID})
		if err != nil {
			return err
		}
		out.Main = numbers[*o.MainID]
	}
	children, err := s.ent().WorkOrder.Query().Where(workorder.MainID(o.ID)).Order(ent.Asc(workorder.FieldID)).
		Select(workorder.FieldNumber).All(ctx)
	if err != nil {
		return fmt.Errorf("merged orders of %s: %w", o.Number, err)
	}
	for _, c := range children {
		out.Merged = append(out.Merged, c.Number)
	}
	return nil
}

func renderApplication(tenant, number string, p *ent.Application) *pb.Application {
	return &pb.Application{Id: rowOf(p.ID), WorkOrder: "tenants/" + tenant + "/workOrders/" + number, Kind: p.Kind, KindTitle: Kinds[p.Kind],
		Standing: p.Standing, StandingTitle: Standings[p.Standing], AskedBy: p.AskedBy, AskedUnit: p.AskedUnit, Reason: p.Reason,
		Ground: p.Ground, SuggestedUnit: p.SuggestedUnit, Heard: p.Heard, HeardWords: p.HeardWords, Span: p.Span,
		UntilTime: stamp(p.UntilAt), Responsible: p.Responsible, Milestones: p.Milestones, FirstBy: p.FirstBy, FirstWords: p.FirstWords,
		DecidedBy: p.DecidedBy, Decision: p.Decision, CreateTime: timestamppb.New(p.CreatedAt), DecideTime: stamp(p.DecidedAt)}
}

func (s *Service) renderMoves(ctx context.Context, o *ent.WorkOrder, clocks []*ent.Clock, out *pb.WorkOrder) error {
	moves, err := s.ent().ClockMove.Query().Where(clockmove.WorkOrderID(o.ID)).Order(ent.Asc(clockmove.FieldID)).All(ctx)
	if err != nil {
		return fmt.Errorf("moves of clocks of %s: %w", o.Number, err)
	}
	of := map[uuid.UUID]*ent.Clock{}
	for _, c := range clocks {
		of[c.ID] = c
	}
	for _, m := range moves {
		c := of[m.ClockID]
		out.ClockMoves = append(out.ClockMoves, &pb.ClockMove{Step: c.Step, Unit: c.Unit, Cause: m.Cause,
			BeforeTime: timestamppb.New(m.BeforeAt), AfterTime: timestamppb.New(m.AfterAt), CreateTime: timestamppb.New(m.CreatedAt)})
	}
	return nil
}

func (s *Service) renderHandOffs(ctx context.Context, r *privacy.Reader, o *ent.WorkOrder, out *pb.WorkOrder) error {
	list, err := s.ent().HandOff.Query().Where(handoff.WorkOrderID(o.ID)).Order(ent.Asc(handoff.FieldID)).All(ctx)
	if err != nil {
		return fmt.Errorf("hand-offs of %s: %w", o.Number, err)
	}
	tree, err := s.directory.Tree(ctx)
	if err != nil {
		return err
	}
	for _, h := range list {
		if s.briefed(ctx, r, o) {
			h.Words = privacy.Personal{} // the informer may have said them
		}
		shown, err := r.Show(ctx, rowOf(h.ID), o.Confidential, privacy.Field{Name: "hand_off.words", Data: h.Words})
		if err != nil {
			return err
		}
		one := &pb.HandOff{Id: rowOf(h.ID), Unit: h.Unit, ThreeWay: h.ThreeWay, LifeAtRisk: h.LifeAtRisk,
			Outcome: enumOf[pb.Outcome](pb.Outcome_value, h.Outcome), Words: show(shown[0]), Author: h.Author,
			CreateTime: timestamppb.New(h.CreatedAt), BackTime: stamp(h.BackAt), BackReason: h.BackReason}
		if u := tree[h.Unit]; u != nil {
			one.UnitTitle = u.Title
		}
		out.HandOffs = append(out.HandOffs, one)
	}
	return nil
}

func (s *Service) renderAttachments(ctx context.Context, r *privacy.Reader, o *ent.WorkOrder, out *pb.WorkOrder) error {
	list, err := s.ent().Attachment.Query().Where(attachment.WorkOrderID(o.ID)).Order(ent.Asc(attachment.FieldID)).All(ctx)
	if err != nil {
		return fmt.Errorf("attachments of %s: %w", o.Number, err)
	}
	for _, f := range list {
		one, err := s.renderAttachment(ctx, r, o, f)
		if err != nil {
			return err
		}
		out.Attachments = append(out.Attachments, one)
	}
	return nil
}

func (s *Service) renderAttachment(ctx context.Context, r *privacy.Reader, o *ent.WorkOrder, f *ent.Attachment) (*pb.Attachment, error) {
	if !fromUnit(f) && s.briefed(ctx, r, o) {
		f.Title = privacy.Personal{} // the informer chose it
	}
	shown, err := r.Show(ctx, rowOf(f.ID), o.Confidential, privacy.Field{Name: "attachment.title", Data: f.Title})
	if err != nil {
		return nil, err
	}
	return &pb.Attachment{Name: "tenants/" + o.Tenant + "/workOrders/" + o.Number + "/attachments/" + rowOf(f.ID), Title: show(shown[0]),
		MediaType: f.MediaType, Size: f.Size, Digest: f.Digest, ByCitizen: f.ByCitizen, Author: f.Author, Unit: f.Unit,
		CreateTime: timestamppb.New(f.CreatedAt), Here: f.Here, NeedsReason: needsReason(r, o, f)}, nil
}

// ListApplications (申请列表) pages through applications, newest first: of one order, or of the orders in the viewer's scope with -.
func (s *Service) ListApplications(ctx context.Context, in *pb.ListApplicationsRequest) (out *pb.ListApplicationsResponse, err error) {
	size := sizeOr(in.GetPageSize(), 100)
	query := s.ent().Application.Query().Order(ent.Desc(application.FieldID)).Limit(size + 1)
	if t := in.GetPageToken(); t != "" {
		var id uuid.UUID
		if err := decode(t, &id); err != nil {
			return nil, invalid("page_token", "翻页标记无效，请从第一页重新开始。")
		}
		query.Where(application.IDLT(id))
	}
	if in.GetKind() != "" {
		query.Where(application.Kind(in.GetKind()))
	}
	if in.GetStanding() != "" {
		query.Where(application.Standing(in.GetStanding()))
	}
	if in.GetUnit() != "" {
		query.Where(application.AskedUnit(in.GetUnit()))
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		visible, err := s.visible(ctx, "get")
		if err != nil {
			return err
		}
		if n := numberOf(in.GetParent()); n != "-" {
			o, err := s.find(ctx, n, "get")
			if err != nil {
				return err
			}
			query.Where(application.WorkOrderID(o.ID))
		}
		apps, err := query.Where(ofOrders(cityOf(in.GetParent()), visible)).All(ctx)
		if err != nil {
			return fmt.Errorf("applications: %w", err)
		}
		out, err = s.renderApplications(ctx, apps, size, cityOf(in.GetParent()))
		return err
	})
	return out, err
}

func (s *Service) renderApplications(ctx context.Context, apps []*ent.Application, size int, city string) (*pb.ListApplicationsResponse, error) {
	out := &pb.ListApplicationsResponse{}
	if len(apps) > size {
		apps = apps[:size]
		out.NextPageToken = encode(apps[size-1].ID)
	}
	ids := make([]uuid.UUID, len(apps))
	for i, p := range apps {
		ids[i] = p.WorkOrderID
	}
	numbers, err := s.numbersOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, p := range apps {
		out.Applications = append(out.Applications, renderApplication(city, numbers[p.WorkOrderID], p))
	}
	return out, nil
}

// numbersOf are the numbers of orders by id.
func (s *Service) numbersOf(ctx context.Context, ids []uuid.UUID) (map[uuid.UUID]string, error) {
	orders, err := s.ent().WorkOrder.Query().Where(workorder.IDIn(ids...)).Select(workorder.FieldID, workorder.FieldNumber).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("numbers: %w", err)
	}
	numbers := map[uuid.UUID]string{}
	for _, o := range orders {
		numbers[o.ID] = o.Number
	}
	return numbers, nil
}
