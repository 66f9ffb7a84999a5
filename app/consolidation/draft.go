package consolidation

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/listdraft"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// drafted is a draft under an act: its row, and the list that it holds.
type drafted struct {
	row *ent.ListDraft
	doc *Document
}

// The life of a draft: from which standings an act goes, and to which it leads.
var draftFlow = []struct{ act, title, from, to string }{
	{"list.edit", "修改", "editing", "editing"},
	{"list.submit", "送审", "editing", "reviewing"},
	{"list.review", "审核", "reviewing", "reviewed"}, // or back to editing
	{"list.sign", "签署", "reviewed", "signed"},
	{"list.send", "发布", "signed publishing", "publishing"}, // about to go out: from here there is no way back
	{"list.publish", "发布", "publishing", "published"},
	{"list.drop", "撤销", "editing reviewing reviewed signed publishing", "dropped"},
}

var draftTitles = map[string]string{"editing": "起草中", "reviewing": "待审核", "reviewed": "审核通过", "signed": "已签署", "publishing": "发布中",
	"published": "已发布",
	"dropped":   "已撤销"}

// Draft (起草) begins the next version as a copy of the newest. One draft is open at a time.
func (s *Service) Draft(ctx context.Context, req *pb.DraftRequest) (out *pb.ListDraft, err error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	m, base, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	base = m.newest()
	err = s.db.Do(ctx, func(ctx context.Context) error {
		open, err := s.ent().ListDraft.Query().Where(listdraft.StandingNotIn("published", "dropped")).First(ctx)
		if err == nil {
			return refused("DRAFT_OPEN", "第 %d 号草案还在办理（%s），请先发布或撤销它。", open.Number, draftTitles[open.Standing])
		}
		if !ent.IsNotFound(err) {
			return fmt.Errorf("drafts: %w", err)
		}
		n, err := s.ent().ListDraft.Query().Count(ctx)
		if err != nil {
			return fmt.Errorf("drafts: %w", err)
		}
		next := *base
		next.Version, next.Previous, next.Signature, next.Issued, next.digest = base.Version+1, base.Digest(), nil, time.Unix(0, 0), ""
		next.Effective = max(today(store.Now(ctx)), base.Effective)
		next.Deadline = max(next.Deadline, next.Effective)
		row, err := s.ent().ListDraft.Create().SetNumber(n + 1).SetBase(base.Version).SetBody(string(next.Bytes())).SetStanding("editing").
			SetAuthors(tenants.From(ctx).Login).SetCreatedAt(store.Now(ctx)).Save(ctx)
		if ent.IsConstraintError(err) {
			return conflict()
		}
		if err != nil {
			return fmt.Errorf("draft: %w", err)
		}
		if err := s.record.Write(ctx, "list.draft", fmt.Sprintf("起草归并清单第 %d 版（草案 %d 号）", next.Version, row.Number)); err != nil {
			return err
		}
		out, err = s.renderDraft(ctx, m, row)
		return err
	})
	return out, err
}

// Edit (修改草案) changes the head and the named entries.
func (s *Service) Edit(ctx context.Context, req *pb.EditRequest) (*pb.ListDraft, error) {
	return s.draft(ctx, req.GetName(), req.GetEtag(), "list.edit", "修改", func(ctx context.Context, m *memory, dr *drafted) error {
		d := dr.doc
		d.Title, d.Basis, d.Effective, d.Deadline = req.GetTitle(), req.GetBasis(), req.GetEffectiveDate(), req.GetDeadlineDate()
		for _, e := range req.GetEntries() {
			put := Entry{Mode: word(e.GetMode()), Seq: int(e.GetSeq()), Number: e.GetNumber(), Authority: e.GetAuthority(),
				Experts: e.GetExpertSeats(), Title: e.GetTitle()}
			if old := d.Entry(put.Number); old != nil {
				*old = put
			} else {
				d.Entries = append(d.Entries, put)
			}
		}
		for _, number := range req.GetRemoveNumbers() {
			if m.versions[dr.row.Base-1].Entry(number) != nil {
				return invalid("remove_numbers", "%s已在第 %d 版清单中，列入的号码不能删除。", number, dr.row.Base)
			}
			d.Entries = slices.DeleteFunc(d.Entries, func(e Entry) bool { return e.Number == number })
		}
		slices.SortFunc(d.Entries, order)
		if err := d.sound(); err != nil {
			return err
		}
		if err := d.follows(m.versions[dr.row.Base-1]); err != nil {
			return err
		}
		if login := tenants.From(ctx).Login; !slices.Contains(strings.Split(dr.row.Authors, ","), login) {
			dr.row.Authors += "," + login
		}
		dr.row.Body = string(d.Bytes())
		return nil
	})
}

// Submit (送审) asks for the review.
func (s *Service) Submit(ctx context.Context, req *pb.DraftActRequest) (*pb.ListDraft, error) {
	return s.draft(ctx, req.GetName(), req.GetEtag(), "list.submit", "送审", func(_ context.Context, m *memory, dr *drafted) error {
		if !slices.ContainsFunc(compare(m.versions[dr.row.Base-1], dr.doc), func(c *pb.ListChange) bool { return !strings.HasSuffix(c.GetField(), "_date") }) {
			return refused("NO_CHANGE", "草案与第 %d 版除日期外没有差别，请先修改。", dr.row.Base)
		}
		return nil
	})
}

// Review (审核草案) is the second person's word.
func (s *Service) Review(ctx context.Context, req *pb.ReviewDraftRequest) (*pb.ListDraft, error) {
	return s.draft(ctx, req.GetName(), req.GetEtag(), "list.review", "审核", func(ctx context.Context, _ *memory, dr *drafted) error {
		if slices.Contains(strings.Split(dr.row.Authors, ","), tenants.From(ctx).Login) {
			return refused("SAME_PERSON", "您参与了起草，请由另一位同志审核。")
		}
		dr.row.Reviewer, dr.row.Words = tenants.From(ctx).Login, privacy.Scrub(req.GetWords())
		if !req.GetPass() {
			dr.row.Standing = "editing"
		}
		return nil
	})
}

// draft carries out one act on a draft: one transaction, its flow, the act, a line in the office's record.
func (s *Service) draft(ctx context.Context, name, etag, act, title string, do func(context.Context, *memory, *drafted) error) (out *pb.ListDraft, err error) {
	if err := own(ctx, name); err != nil {
		return nil, err
	}
	m, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		row, err := s.draftRow(ctx, name)
		if err != nil {
			return err
		}
		if etag != "" && etag != strconv.Itoa(row.Revision) {
			return conflict()
		}
		from, to := flowOf(act)
		if !slices.Contains(strings.Fields(from), row.Standing) {
			return refused("WRONG_STATE", "草案%s，现在不能%s。", draftTitles[row.Standing], title)
		}
		doc, err := parse([]byte(row.Body))
		if err != nil {
			return fmt.Errorf("draft %d: %w", row.Number, err)
		}
		was := row.Standing
		if err := do(ctx, m, &drafted{row, doc}); err != nil {
			return err
		}
		if row.Standing == was {
			row.Standing = to
		}
		if err := s.saveDraft(ctx, row); err != nil {
			return err
		}
		summary := fmt.Sprintf("%s归并清单第 %d 版（草案 %d 号）：%s", title, doc.Version, row.Number, draftTitles[row.Standing])
		if act != "list.send" { // said once, when it is out
			if err := s.record.Write(ctx, act, summary); err != nil {
				return err
			}
		}
		out, err = s.renderDraft(ctx, m, row)
		return err
	})
	return out, err
}

func flowOf(act string) (from, to string) {
	for _, f := range draftFlow {
		if f.act == act {
			return f.from, f.to
		}
	}
	return "", ""
}

func (s *Service) draftRow(ctx context.Context, name string) (*ent.ListDraft, error) {
	row, err := s.ent().ListDraft.Query().Where(listdraft.Number(atoi(last(name)))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, notFound()
	}
	if err != nil {
		return nil, fmt.Errorf("draft: %w", err)
	}
	return row, nil
}

func (s *Service) saveDraft(ctx context.Context, r *ent.ListDraft) error {
	n, err := s.ent().ListDraft.Update().Where(listdraft.ID(r.ID), listdraft.Revision(r.Revision)).SetBody(r.Body).SetStanding(r.Standing).
		SetAuthors(r.Authors).SetReviewer(r.Reviewer).SetWords(r.Words).SetDocument(r.Document).SetRevision(r.Revision + 1).Save(ctx)
	if err != nil {
		return fmt.Errorf("draft %d: %w", r.Number, err)
	}
	if n == 0 {
		return conflict()
	}
	r.Revision++
	return nil
}

// GetDraft (查看草案) shows one with its differences.
func (s *Service) GetDraft(ctx context.Context, req *pb.GetDraftRequest) (out *pb.ListDraft, err error) {
	if err := own(ctx, req.GetName()); err != nil {
		return nil, err
	}
	m, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		row, err := s.draftRow(ctx, req.GetName())
		if err == nil {
			out, err = s.renderDraft(ctx, m, row)
		}
		return err
	})
	return out, err
}

// ListDrafts (草案列表) gives all of them, the newest first.
func (s *Service) ListDrafts(ctx context.Context, req *pb.ListDraftsRequest) (*pb.ListDraftsResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	m, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	res := &pb.ListDraftsResponse{}
	err = s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.ent().ListDraft.Query().Order(ent.Desc(listdraft.FieldNumber)).Limit(200).All(ctx)
		if err != nil {
			return fmt.Errorf("drafts: %w", err)
		}
		for _, r := range rows {
			d, err := s.renderDraft(ctx, m, r)
			if err != nil {
				return err
			}
			d.List.Entries = nil
			res.Drafts = append(res.Drafts, d)
		}
		return nil
	})
	return res, err
}

func (s *Service) renderDraft(ctx context.Context, m *memory, r *ent.ListDraft) (*pb.ListDraft, error) {
	body := []byte(r.Body)
	if len(r.Document) > 0 {
		body = r.Document
	}
	d, err := parse(body)
	if err != nil {
		return nil, fmt.Errorf("draft %d: %w", r.Number, err)
	}
	out := &pb.ListDraft{Name: fmt.Sprintf("tenants/%s/listDrafts/%d", r.Tenant, r.Number), BaseVersion: int32(r.Base), Standing: r.Standing,
		StandingTitle: draftTitles[r.Standing], List: d.render(true), Authors: strings.Split(r.Authors, ","), Reviewer: r.Reviewer,
		Words: r.Words, Etag: strconv.Itoa(r.Revision)}
	if r.Base >= 1 && r.Base <= len(m.versions) {
		out.Changes = compare(m.versions[r.Base-1], d)
	}
	if len(r.Document) == 0 {
		out.List.PublishTime, out.List.Digest, out.List.Key = nil, "", ""
	}
	v := tenants.From(ctx)
	for _, f := range draftFlow {
		object, verb, _ := strings.Cut(f.act, ".")
		if verb == "publish" {
			continue // it ends what send began, in one act of the person
		}
		if verb == "send" {
			verb = "publish"
		}
		right := map[string]string{"edit": "draft", "submit": "draft", "drop": "draft"}[verb]
		if right == "" {
			right = verb
		}
		if !s.access.May(v.Roles(), object, right) {
			continue
		}
		var why error
		switch {
		case !slices.Contains(strings.Fields(f.from), r.Standing):
			why = refused("WRONG_STATE", "草案%s，现在不能%s。", draftTitles[r.Standing], f.title)
		case verb == "review" && slices.Contains(out.GetAuthors(), v.Login):
			why = refused("SAME_PERSON", "您参与了起草，请由另一位同志审核。")
		}
		out.Acts = append(out.Acts, listAct(verb, f.title, why))
	}
	return out, nil
}
