package consolidation

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/citynumber"
	"hotline/ent/listletter"
	"hotline/ent/numberchange"
	"hotline/ent/store"
	"hotline/tenants"
)

// render shows a number, the nation's word beside what is so here, with what the viewer may do.
func (s *Service) render(ctx context.Context, m *memory, list *Document, r *row) (*pb.Number, error) {
	tree, err := s.directory.Tree(ctx)
	if err != nil {
		return nil, err
	}
	now := store.Now(ctx)
	base := baselineOf(r, list)
	at := standing(r.Mode, r.Target, r.PromptUntil, now)
	out := &pb.Number{Name: "tenants/" + r.Tenant + "/numbers/" + r.Number, Number: r.Number, Title: r.Title,
		Origin: enumOf[pb.Origin](pb.Origin_value, r.Origin), Authority: r.Authority, Purpose: r.Purpose, Baseline: modeOf(base),
		ListVersion: int32(list.Version), Mode: modeOf(r.Mode), Target: modeOf(r.Target), Standing: at, StandingTitle: standingTitles[at],
		Behind: rank(r.Mode) < rank(base), Unit: r.Unit, UnitTitle: unitTitle(tree, r.Unit), Seats: int32(r.Seats), ExpertSeats: int32(r.ExpertSeats),
		SeatsStay: r.SeatsStay, Approvals: renderPapers(r.approvals), Prompt: r.Prompt, PromptUntil: stamp(r.PromptUntil), Line: r.Line,
		Skill: r.Skill, Guards: r.guards(now), CutOverTime: stamp(r.CutOverAt), Etag: strconv.Itoa(r.Version)}
	if r.Origin == granted {
		out.Origin = pb.Origin_LOCAL
	}
	if e := list.Entry(r.Number); e != nil {
		out.ExpertListed = e.Experts
	}
	if t := r.tested; t.At != nil {
		out.Test = &pb.TestCall{Line: t.Line, Connected: t.Connected, Words: t.Words, By: t.By, Time: stamp(t.At)}
	}
	for _, st := range r.steps {
		one := st.render(out.GetName(), now)
		one.Acts = s.stepActs(ctx, r, st)
		out.Steps = append(out.Steps, one)
	}
	for i := range r.levels {
		out.Levels = append(out.Levels, r.levels[i].render())
	}
	out.Overdue = overdue(r.Mode, aim{base, m.deadline(r.Number, now)}, r.due(), now)
	out.Acts = s.acts(ctx, r)
	return out, nil
}

// due is the end of the soonest open step; nil when none is open.
func (r *row) due() (due *time.Time) {
	for _, st := range r.steps {
		if end := endOf(st.Due); !st.done() && (due == nil || end.Before(*due)) {
			due = &end
		}
	}
	return due
}

// overdue says that a step is late, or that the number has not joined as the nation says by the day it was to.
func overdue(mode string, a aim, due *time.Time, now time.Time) bool {
	return due != nil && !now.Before(*due) || rank(mode) < rank(a.mode) && !now.Before(a.by)
}

// aim is what the nation says of a number: how it is to join, and the end of the day by which.
type aim struct {
	mode string
	by   time.Time
}

func renderPapers(papers []paper) (out []*pb.Paper) {
	for _, p := range papers {
		out = append(out, &pb.Paper{Title: p.Title, Reference: p.Reference, Digest: p.Digest})
	}
	return out
}

func (st *step) render(number string, now time.Time) *pb.Step {
	name := ""
	if number != "" {
		name = number + "/steps/" + st.Code
	}
	return &pb.Step{Name: name, Code: st.Code, Title: st.Title, Owner: st.Owner, DueDate: st.Due, After: st.After,
		Risk: st.Risk, NeedsConfirmation: st.Confirm, Evidence: st.Evidence, Papers: renderPapers(st.Papers), DoneBy: st.DoneBy,
		DoneTime: stamp(st.DoneAt), ConfirmedBy: st.ConfirmedBy, ConfirmTime: stamp(st.ConfirmedAt), Overdue: !st.done() && !now.Before(endOf(st.Due))}
}

// acts are what the viewer may do with the number now, and for the rest of what their posts may do, why not.
func (s *Service) acts(ctx context.Context, r *row) (out []*pb.ListAct) {
	v := tenants.From(ctx)
	cancelled := func() error { return refused("NUMBER_CANCELLED", "号码已取消，不能恢复。") }
	undecided := func() error { return refused("NOT_ADOPTED", "请先确定归并方式。") }
	for _, a := range []struct {
		verb, right, title string
		why                error
	}{
		{"adopt", "adopt", "落实归并", when(r.Mode != "", refused("USE_PROMOTE", "已归并，进一步归并请用“实质性归并”。"))},
		{"promote", "promote", "实质性归并", when(r.Mode == "", refused("USE_ADOPT", "尚未归并，请先按清单落实。"))},
		{"amend", "amend", "变更名称用途", nil},
		{"plan", "plan", "制定方案", when(r.Target == "", undecided())},
		{"prompt", "route", "设置语音提示", when(r.Mode == "" && r.Target == "", undecided())},
		{"route", "route", "设置转接", nil},
		{"test", "test", "试拨", r.whyNoTest(v.Login)},
		{"measure", "measure", "登记服务水平", nil}, // before the cut-over those before it, afterwards those after it
		{"cutOver", "cut_over", "切换", when(r.Target == "", refused("NOT_ADOPTED", "没有待切换的方案。"))},
	} {
		if !s.access.May(v.Roles(), "number", a.right) {
			continue
		}
		if r.cancelled() && a.verb != "measure" && a.verb != "prompt" {
			a.why = cancelled()
		}
		if a.verb == "cutOver" && a.why == nil {
			a.why = unready(r.guards(store.Now(ctx)))
		}
		out = append(out, listAct(a.verb, a.title, a.why))
	}
	return out
}

func (r *row) whyNoTest(login string) error {
	switch r.tested.SetBy {
	case "":
		return refused("NO_ROUTE", "请先设置转接。")
	case login:
		return refused("SAME_PERSON", "转接是您设置的，请由另一位同志试拨。")
	}
	return nil
}

// unready are all guards that do not hold, as one refusal.
func unready(guards []*pb.Guard) error {
	why := ""
	for _, g := range guards {
		why += g.GetWhyNot()
	}
	if why == "" {
		return nil
	}
	return refused("NOT_READY", "%s", why)
}

// said is a refusal as its sentence and its code.
func said(refusal error) (words, reason string) {
	if refusal == nil {
		return "", ""
	}
	e := errors.FromError(refusal)
	return e.GetMessage(), e.GetReason()
}

func listAct(verb, title string, why error) *pb.ListAct {
	words, reason := said(why)
	return &pb.ListAct{Verb: verb, Title: title, Allowed: why == nil, WhyNot: words, Reason: reason}
}

// stepActs are what the viewer may do with a step.
func (s *Service) stepActs(ctx context.Context, r *row, st *step) (out []*pb.ListAct) {
	v := tenants.From(ctx)
	for _, a := range []struct {
		verb, right, title string
		why                error
	}{
		{"arrange", "plan", "安排", when(st.DoneAt != nil, refused("STEP_DONE", "已完成，不能再调整。"))},
		{"complete", "complete", "完成", r.mayComplete(st)},
		{"confirm", "confirm", "复核", st.mayConfirm(v.Login)},
	} {
		if s.access.May(v.Roles(), "number", a.right) && (a.verb != "confirm" || st.Confirm) {
			out = append(out, listAct(a.verb, a.title, a.why))
		}
	}
	return out
}

func when[T any](is bool, what T) (nothing T) {
	if is {
		return what
	}
	return nothing
}

// ListNumbers (号码台账) gives every number of the list in its order, then the local hotlines.
func (s *Service) ListNumbers(ctx context.Context, req *pb.ListNumbersRequest) (*pb.ListNumbersResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	m, list, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	res := &pb.ListNumbersResponse{ListVersion: int32(list.Version), Watermark: mark(ctx, "号码归并")}
	err = s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.rows(ctx, list)
		if err != nil {
			return err
		}
		for _, r := range rows {
			n, err := s.render(ctx, m, list, r)
			if err != nil {
				return err
			}
			n.Steps, n.Guards, n.Levels = nil, nil, nil // these are of one number shown whole
			res.Numbers = append(res.Numbers, n)
		}
		return nil
	})
	return res, err
}

// rows are all numbers of the city: those of the list, touched or not, then the others.
func (s *Service) rows(ctx context.Context, list *Document) ([]*row, error) {
	found, err := s.ent().CityNumber.Query().Order(ent.Asc(citynumber.FieldNumber)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("numbers: %w", err)
	}
	byNumber := map[string]*row{}
	var others []*row
	for _, f := range found {
		r, err := read(f, list)
		if err != nil {
			return nil, err
		}
		byNumber[r.Number] = r
		if list.Entry(r.Number) == nil {
			others = append(others, r)
		}
	}
	var out []*row
	for i := range list.Entries {
		e := &list.Entries[i]
		if r := byNumber[e.Number]; r != nil {
			out = append(out, r)
		} else {
			out = append(out, fromEntry(placeOf(ctx), e))
		}
	}
	return append(out, others...), nil
}

// GetNumber (查看号码) shows one whole, with the figures computed from its orders.
func (s *Service) GetNumber(ctx context.Context, req *pb.GetNumberRequest) (out *pb.Number, err error) {
	if err := own(ctx, req.GetName()); err != nil {
		return nil, err
	}
	m, list, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		r, err := s.row(ctx, last(req.GetName()), list)
		if err != nil {
			return err
		}
		if r == nil {
			return notFound()
		}
		if out, err = s.render(ctx, m, list, r); err != nil {
			return err
		}
		l, err := s.computed(ctx, r)
		if err != nil {
			return err
		}
		if l != nil {
			out.Levels = append(out.Levels, l.render())
		}
		n, err := s.ent().ListLetter.Query().Where(listletter.Kind(urge), listletter.City(placeOf(ctx)), listletter.NumberIn("", r.Number)).Count(ctx)
		if err != nil {
			return fmt.Errorf("urges: %w", err)
		}
		out.Urges = int32(n)
		return nil
	})
	return out, err
}

const defaultPage = 50

// ListNumberChanges (号码变更记录) gives the history of one number, the newest line first.
func (s *Service) ListNumberChanges(ctx context.Context, req *pb.ListNumberChangesRequest) (*pb.ListNumberChangesResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	size := int(req.GetPageSize())
	if size == 0 {
		size = defaultPage
	}
	before := 1 << 30
	if t := req.GetPageToken(); t != "" {
		if before = atoi(t); before < 1 {
			return nil, invalid("page_token", "翻页标记无效，请从第一页开始。")
		}
	}
	_, list, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	res := &pb.ListNumberChangesResponse{}
	err = s.db.View(ctx, func(ctx context.Context) error {
		number := last(req.GetParent())
		if r, err := s.row(ctx, number, list); err != nil || r == nil {
			if err == nil {
				err = notFound()
			}
			return err
		}
		rows, err := s.ent().NumberChange.Query().Where(numberchange.Number(number), numberchange.SeqLT(before)).
			Order(ent.Desc(numberchange.FieldSeq)).Limit(size + 1).All(ctx)
		if err != nil {
			return fmt.Errorf("history of number %s: %w", number, err)
		}
		if len(rows) > size {
			rows = rows[:size]
			res.NextPageToken = strconv.Itoa(rows[size-1].Seq)
		}
		for _, l := range rows {
			res.Changes = append(res.Changes, renderChange(l))
		}
		return nil
	})
	return res, err
}

func renderChange(l *ent.NumberChange) *pb.NumberChange {
	return &pb.NumberChange{Number: l.Number, Seq: int32(l.Seq), Act: l.Act, Actor: l.Actor, Summary: l.Summary, CreateTime: timestamppb.New(l.CreatedAt)}
}

// Acknowledge (签收清单) is a person's word that the city has read a version.
func (s *Service) Acknowledge(ctx context.Context, req *pb.AcknowledgeRequest) (*pb.AcknowledgeResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	_, d, err := s.version(ctx, int(req.GetVersion()))
	if err != nil {
		return nil, err
	}
	res := &pb.AcknowledgeResponse{}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		a, err := s.acknowledge(ctx, d)
		if err == nil {
			res.Acknowledgement = renderAcknowledgement(a, "")
		}
		return err
	})
	return res, err
}
