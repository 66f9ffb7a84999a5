package casework

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	privacypb "hotline/api/privacy"
	"hotline/ent"
	"hotline/ent/assignment"
	"hotline/ent/callback"
	"hotline/ent/clock"
	"hotline/ent/rating"
	"hotline/ent/reading"
	"hotline/ent/reply"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/access"
	"hotline/tenants/calendar"
	"hotline/tenants/policy"
	"hotline/tenants/privacy"
)

// This file is the only place where a record becomes an answer, and the only road by which personal data leaves the room.

// fields are the personal columns of an order under the names that reveal and the ledger use.
func fields(o *ent.WorkOrder) []privacy.Field {
	return []privacy.Field{
		{Name: "petitioner.name", Data: o.Name}, {Name: "petitioner.phone", Data: o.Phone},
		{Name: "petitioner.id_number", Data: o.IDNumber}, {Name: "petitioner.address", Data: o.Address},
		{Name: "petitioner.email", Data: o.Email}, {Name: "words", Data: o.Words}, {Name: "body", Data: o.Body},
		{Name: "location", Data: o.Location},
	}
}

// reader is how this viewer may look at this order now; what it shows in the clear it writes into the ledger.
func (s *Service) reader(ctx context.Context, k *privacy.Keyring, rules *policy.InForce, o *ent.WorkOrder, at privacy.Situation) (*privacy.Reader, *time.Time, error) {
	v, now := tenants.From(ctx), store.Now(ctx)
	if at == privacy.Detail {
		if yes, err := s.linked(ctx, o, codes(v), now); err != nil {
			return nil, nil, err
		} else if yes {
			at = privacy.Emergency
		}
	}
	if at == privacy.Detail && State(o.State) == Concluded && o.Holder == v.Login && s.access.May(v.Roles(), "work_order", "callback") {
		at = privacy.Callback // who holds the order to call the citizen back needs the number
	}
	r := &privacy.Reader{Keys: k, Policy: rules.Privacy, Roles: v.Roles(), Situation: at, Revealed: map[string]bool{}}
	r.Ledger = func(ctx context.Context, l privacy.Look) error {
		if ctx.Value(readOnlyKey{}) != nil {
			return errLedger{}
		}
		return s.read(ctx, k, o, l, now, nil)
	}
	if err := r.Know(rowOf(o.ID), o.Name); err != nil {
		return nil, nil, err
	}
	if o.Readings == 0 || at == privacy.List || v.Account == uuid.Nil {
		return r, nil, nil
	}
	open, err := s.ent().Reading.Query().
		Where(reading.WorkOrderID(o.ID), reading.Actor(v.Login), reading.UntilAtGT(now)).All(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("open reveals: %w", err)
	}
	var until *time.Time
	for _, line := range open {
		for f := range strings.SplitSeq(line.Fields, ",") {
			r.Revealed[f] = true
		}
		if until == nil || line.UntilAt.After(*until) {
			until = line.UntilAt
		}
	}
	return r, until, nil
}

// render shows an order whole, as the viewer may see it.
func (s *Service) render(ctx context.Context, k *privacy.Keyring, rules *policy.InForce, o *ent.WorkOrder, at privacy.Situation) (*pb.WorkOrder, error) {
	r, until, err := s.reader(ctx, k, rules, o, at)
	if err != nil {
		return nil, err
	}
	return s.renderBy(ctx, r, rules, o, until)
}

func (s *Service) renderBy(ctx context.Context, r *privacy.Reader, rules *policy.InForce, o *ent.WorkOrder, until *time.Time) (*pb.WorkOrder, error) {
	out, err := s.row(ctx, r, o)
	if err != nil {
		return nil, err
	}
	out.RevealUntil = stamp(until)
	now := store.Now(ctx)
	out.Watermark = watermark(ctx, o.Number, now)
	out.Elapsed = (&act{order: o, now: now}).elapsed()
	clocks, err := s.ent().Clock.Query().Where(clock.WorkOrderID(o.ID)).Order(ent.Asc(clock.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("clocks of %s: %w", o.Number, err)
	}
	for _, c := range clocks {
		out.Clocks = append(out.Clocks, renderClock(rules.Calendar, c, now))
	}
	if err := s.renderSides(ctx, r, o, clocks, out); err != nil {
		return nil, err
	}
	if out.Assignments, err = s.renderAssignments(ctx, r, o); err != nil {
		return nil, err
	}
	if out.Callbacks, err = s.renderCallbacks(ctx, r, o); err != nil {
		return nil, err
	}
	if out.Rating, err = s.renderRating(ctx, r, o); err != nil {
		return nil, err
	}
	if o.TransferID != nil {
		t, err := s.ent().Transfer.Get(ctx, *o.TransferID)
		if err != nil {
			return nil, fmt.Errorf("transfer of %s: %w", o.Number, err)
		}
		out.Transfer = s.renderTransfer(ctx, t, o.Number)
	}
	out.Acts = s.acts(ctx, o)
	return out, s.narrow(ctx, out)
}

// watermark (水印) is what the viewer's screen of an order carries.
func watermark(ctx context.Context, number string, now time.Time) string {
	return tenants.From(ctx).Mark(number, now.In(calendar.Zone))
}

// row is an order as lists show it: without what hangs on it.
func (s *Service) row(ctx context.Context, r *privacy.Reader, o *ent.WorkOrder) (*pb.WorkOrder, error) {
	shown, brief, err := s.showFields(ctx, r, o)
	if err != nil {
		return nil, err
	}
	categories, err := s.directory.Categories(ctx)
	if err != nil {
		return nil, err
	}
	out := &pb.WorkOrder{
		Name: "tenants/" + o.Tenant + "/workOrders/" + o.Number, Number: o.Number, Etag: etag(o), State: stateOf(State(o.State)),
		Disposition: enumOf[pb.Disposition](pb.Disposition_value, o.Disposition), Kind: enumOf[pb.Kind](pb.Kind_value, o.Kind),
		Category: o.Category, Urgency: enumOf[pb.Urgency](pb.Urgency_value, o.Urgency),
		Channel: enumOf[pb.Channel](pb.Channel_value, o.Channel), Title: o.Title, District: o.District,
		Confidential: o.Confidential, LawEnforcement: o.LawEnforcement, Reason: o.Reason, Told: o.Told, Citation: o.Citation,
		TargetCity: o.TargetCity, Conclusion: enumOf[pb.Conclusion](pb.Conclusion_value, o.Conclusion),
		PublicAnswer: o.PublicAnswer, Holder: o.Holder, RepeatOf: o.RepeatOf,
		ReceiveTime: timestamppb.New(o.ReceivedAt), DispatchTime: stamp(o.DispatchedAt),
		ConcludeTime: stamp(o.ConcludedAt), CloseTime: stamp(o.ClosedAt),
		Petitioner: &pb.Petitioner{Name: show(shown[0]), Phone: show(shown[1]), IdNumber: show(shown[2]),
			Address: show(shown[3]), Email: show(shown[4]), Anonymous: o.Anonymous},
		Words: show(shown[5]), Body: show(shown[6]), Location: show(shown[7]), Brief: brief,
		Marks: &pb.Marks{Urges: int32(o.Urges), Reworks: int32(o.Reworks), Supplements: int32(o.Supplements), Overdue: o.Overdue,
			Repeated: o.RepeatOf != "" || o.MainID != nil, AwaitingTransfer: o.TargetCity != "" && State(o.State) == Received,
			Warning: int32(o.Warning), Returns: int32(o.Returns), ImproperReturns: int32(o.ImproperReturns),
			Escalations: int32(o.Escalations), Locked: o.Locked, Adjudicating: o.Adjudicating, Hard: o.Hard, Supervised: o.Supervised,
			Unreasonable: o.Unreasonable, Clustered: o.Clustered, Suspicious: o.Suspicious},
		Excluded: strings.FieldsFunc(o.Excluded, func(r rune) bool { return r == ',' }),
	}
	if c := categories[o.Category]; c != nil {
		out.CategoryTitle = c.Title
	} else if o.Category == Unsorted {
		out.CategoryTitle = "待分类"
	}
	if s.briefed(ctx, r, o) {
		out.Title = untold(categories[o.Category])
	}
	if o.SourceID != nil {
		out.SourceId = *o.SourceID
	}
	if o.DueAt.Before(never) {
		out.DueTime = timestamppb.New(o.DueAt)
	}
	return out, nil
}

// showFields shows the personal columns. Whoever sees an order for a unit and finds a brief reads that in place of the words:
// what the informer said could tell who they are (二次脱敏).
func (s *Service) showFields(ctx context.Context, r *privacy.Reader, o *ent.WorkOrder) (shown []privacy.Shown, brief *privacypb.Shown, err error) {
	all := fields(o)
	if s.briefed(ctx, r, o) {
		all[5].Data, all[6].Data, all[7].Data = privacy.Personal{}, privacy.Personal{}, privacy.Personal{}
	}
	if !o.Brief.Empty() && r.Situation != privacy.List {
		text, err := r.Show(ctx, rowOf(o.ID), o.Confidential, privacy.Field{Name: "brief", Data: o.Brief})
		if err != nil {
			return nil, nil, err
		}
		brief = show(text[0])
	}
	shown, err = r.Show(ctx, rowOf(o.ID), o.Confidential, all...)
	return shown, brief, err
}

// briefed says whether this viewer reads a brief in place of what the citizen gave; a 举报 that reached the unit by another way
// than dispatch may still have none.
func (s *Service) briefed(ctx context.Context, r *privacy.Reader, o *ent.WorkOrder) bool {
	return veiled(o) && r.Situation != privacy.Emergency && s.forUnit(ctx)
}

// untold is a title that tells nothing of what the citizen said: the first sentence of a request filed by themselves is its title.
func untold(c *ent.Category) string {
	if c == nil {
		return "群众诉求"
	}
	return c.Title
}

// openTitle is the title as it may go on from here, into an answer or a rule.
func (s *Service) openTitle(ctx context.Context, o *ent.WorkOrder) (string, error) {
	if !veiled(o) {
		return o.Title, nil
	}
	categories, err := s.directory.Categories(ctx)
	return untold(categories[o.Category]), err
}

// veiled says whether the units must not read the citizen's own words in this order.
func veiled(o *ent.WorkOrder) bool {
	return !o.Brief.Empty() || o.Confidential && o.Kind == word(pb.Kind_REPORT)
}

// forUnit says whether the viewer sees orders only as a member of a unit.
func (s *Service) forUnit(ctx context.Context) bool {
	switch s.access.Scope(tenants.From(ctx).Roles(), "work_order", "get") {
	case access.Unit, access.Subtree:
		return true
	}
	return false
}

func show(s privacy.Shown) *privacypb.Shown {
	return &privacypb.Shown{Text: s.Text, Why: s.Why, Askable: s.Askable,
		Sight: [...]privacypb.Sight{privacy.Hide: privacypb.Sight_HIDDEN, privacy.Mask: privacypb.Sight_MASKED, privacy.Clear: privacypb.Sight_CLEAR}[s.Sight]}
}

func stamp(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}

func renderClock(cal *calendar.Calendar, c *ent.Clock, now time.Time) *pb.Clock {
	out := &pb.Clock{Step: c.Step, Unit: c.Unit, StartTime: timestamppb.New(c.StartAt), DueTime: timestamppb.New(c.DueAt),
		StopTime: stamp(c.StopAt), Span: c.Span, Status: "running", DueTitle: cal.DescribeDue(now, c.DueAt), Warned: int32(c.Warned)}
	if c.ApplicationID != nil {
		out.Application = rowOf(*c.ApplicationID)
	}
	if span, err := calendar.ParseSpan(c.Span); err == nil {
		out.SpanTitle = span.Words()
	}
	switch {
	case c.StopAt == nil && c.PausedAt != nil:
		out.Status, out.Left, out.DueTitle = "paused", "", ""
		if left, err := calendar.ParseSpan(c.Remaining); err == nil {
			out.Left = left.Words()
		}
		return out
	case c.StopAt != nil && c.StopAt.After(c.DueAt), c.StopAt == nil && now.After(c.DueAt):
		out.Status = "overdue"
	case c.StopAt != nil:
		out.Status = "stopped"
	}
	if c.StopAt == nil {
		out.Left = cal.Between(now, c.DueAt).Words()
	}
	return out
}

func (s *Service) renderAssignments(ctx context.Context, r *privacy.Reader, o *ent.WorkOrder) ([]*pb.Assignment, error) {
	if o.DispatchedAt == nil {
		return nil, nil
	}
	parts, err := s.ent().Assignment.Query().Where(assignment.WorkOrderID(o.ID)).
		Order(ent.Desc(assignment.FieldLead), ent.Asc(assignment.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("assignments of %s: %w", o.Number, err)
	}
	replies, err := s.ent().Reply.Query().Where(reply.WorkOrderID(o.ID)).Order(ent.Asc(reply.FieldID)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("replies of %s: %w", o.Number, err)
	}
	tree, err := s.directory.Tree(ctx)
	if err != nil {
		return nil, err
	}
	var out []*pb.Assignment
	for _, p := range parts {
		one := &pb.Assignment{Id: rowOf(p.ID), Unit: p.Unit, Lead: p.Lead, State: stateOf(State(p.State)), Instruction: p.Instruction,
			DispatchTime: timestamppb.New(p.DispatchedAt), SignTime: stamp(p.SignedAt), ContactTime: stamp(p.ContactedAt),
			ReplyTime: stamp(p.RepliedAt), Handler: p.Handler, EndTime: stamp(p.EndedAt), ClimbedTo: p.ClimbedTo, Missed: int32(p.Missed)}
		if p.ParentID != nil {
			one.Parent = rowOf(*p.ParentID)
		}
		if u := tree[p.Unit]; u != nil {
			one.UnitTitle = u.Title
		}
		for _, a := range replies {
			if a.AssignmentID != p.ID {
				continue
			}
			shown, err := r.Show(ctx, rowOf(a.ID), o.Confidential, privacy.Field{Name: "reply.internal_part", Data: a.InternalPart})
			if err != nil {
				return nil, err
			}
			one.Replies = append(one.Replies, &pb.Reply{Round: int32(a.Round), PublicPart: a.PublicPart, InternalPart: show(shown[0]),
				Conclusion: enumOf[pb.Conclusion](pb.Conclusion_value, a.Conclusion), CreateTime: timestamppb.New(a.CreatedAt),
				Author: a.Author, Verdict: a.Verdict, Remark: a.Remark, Measures: a.Measures, Ground: a.Ground})
		}
		out = append(out, one)
	}
	return out, nil
}

func (s *Service) renderCallbacks(ctx context.Context, r *privacy.Reader, o *ent.WorkOrder) ([]*pb.Callback, error) {
	if o.ConcludedAt == nil {
		return nil, nil
	}
	calls, err := s.ent().Callback.Query().Where(callback.WorkOrderID(o.ID)).Order(ent.Asc(callback.FieldRound, callback.FieldAttempt)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("callbacks of %s: %w", o.Number, err)
	}
	var out []*pb.Callback
	for _, c := range calls {
		if s.briefed(ctx, r, o) {
			c.Words = privacy.Personal{} // the informer said them
		}
		shown, err := r.Show(ctx, rowOf(c.ID), o.Confidential, privacy.Field{Name: "callback.words", Data: c.Words})
		if err != nil {
			return nil, err
		}
		out = append(out, &pb.Callback{Round: int32(c.Round), Attempt: int32(c.Attempt), Reached: c.Reached, Contacted: c.Contacted,
			Solved: c.Solved, ResultGrade: pb.Grade(c.ResultGrade), AttitudeGrade: pb.Grade(c.AttitudeGrade), Words: show(shown[0]),
			CreateTime: timestamppb.New(c.CreatedAt), Author: c.Author, Channel: c.Channel})
	}
	return out, nil
}

func (s *Service) renderRating(ctx context.Context, r *privacy.Reader, o *ent.WorkOrder) (*pb.Rating, error) {
	g, err := s.ent().Rating.Query().Where(rating.WorkOrderID(o.ID), rating.RatedAtNotNil()).Order(ent.Desc(rating.FieldID)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("rating of %s: %w", o.Number, err)
	}
	if s.briefed(ctx, r, o) {
		g.Words = privacy.Personal{} // the informer wrote them
	}
	shown, err := r.Show(ctx, rowOf(g.ID), o.Confidential, privacy.Field{Name: "rating.words", Data: g.Words})
	if err != nil {
		return nil, err
	}
	return &pb.Rating{ResultGrade: pb.Grade(g.ResultGrade), AttitudeGrade: pb.Grade(g.AttitudeGrade), Words: show(shown[0]),
		CreateTime: stamp(g.RatedAt)}, nil
}

func (s *Service) renderEvent(ctx context.Context, r *privacy.Reader, o *ent.WorkOrder, e *ent.Event) (*pb.Event, error) {
	note := e.Note
	if (e.Actor == "" || Verb(e.Verb) == Supplement || Verb(e.Verb) == Callback) && s.briefed(ctx, r, o) {
		note = privacy.Personal{} // what an informer adds later the hotline passes on in its own words, whoever wrote it down
	}
	shown, err := r.Show(ctx, rowOf(e.ID), o.Confidential, privacy.Field{Name: "event.note", Data: note})
	if err != nil {
		return nil, err
	}
	return &pb.Event{Seq: int32(e.Seq), Verb: e.Verb, VerbTitle: VerbTitles[Verb(e.Verb)], From: stateOf(State(e.FromState)),
		To: stateOf(State(e.ToState)), Actor: e.Actor, ActorRole: e.Role, ActorUnit: e.Unit, CreateTime: timestamppb.New(e.CreatedAt),
		Summary: e.Summary, Note: show(shown[0]), Public: e.Public, Seal: fmt.Sprintf("%x", e.Seal)}, nil
}

func renderReading(tenant, number string, l *ent.Reading) *pb.Reading {
	return &pb.Reading{WorkOrder: "tenants/" + tenant + "/workOrders/" + number, Seq: int32(l.Seq), Actor: l.Actor, ActorRole: l.Role,
		ActorUnit: l.Unit, Fields: strings.Split(l.Fields, ","), Situation: l.Situation, Reason: l.Reason,
		CreateTime: timestamppb.New(l.CreatedAt), UntilTime: stamp(l.UntilAt)}
}
