package consolidation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/consolidation/v1"
	"hotline/ent/store"
	"hotline/tenants/vault/lately"
)

// memory is what this process knows of the list: every version, verified. It is shared and never changed.
type memory struct {
	key      string // the office's public key that is trusted here; empty before the first list
	versions []*Document
	seen     time.Time
}

// newest is the last version, in force or to come; nil before the first.
func (m *memory) newest() *Document {
	if len(m.versions) == 0 {
		return nil
	}
	return m.versions[len(m.versions)-1]
}

// at is the version in force at a moment; nil before the first.
func (m *memory) at(now time.Time) *Document {
	for _, d := range slices.Backward(m.versions) {
		if !now.Before(startOf(d.Effective)) {
			return d
		}
	}
	return nil
}

// deadline is the end of the day by which a city is to have the number joined as the list in force says: that of the first version since
// which it says so. A local hotline has the annex's.
func (m *memory) deadline(number string, now time.Time) time.Time {
	mode, deadline := "", annex().Deadline
	for _, d := range m.versions {
		if now.Before(startOf(d.Effective)) {
			break
		}
		if e := d.Entry(number); e != nil && e.Mode != mode {
			mode, deadline = e.Mode, d.Deadline
		}
	}
	return endOf(deadline)
}

// known (本地清单) is what this process knows. For lately.Age it answers from memory alone; after that it looks for what other
// processes took in. Where the database can't be asked, the memory stays; what it
// holds and does not verify is not believed.
// It opens a connection of its own, so it is not to be called inside a transaction.
func (s *Service) known(ctx context.Context) (*memory, error) {
	m := s.memory.Load()
	if m != nil && time.Since(m.seen) < lately.Age {
		return m, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if m = s.memory.Load(); m != nil && time.Since(m.seen) < lately.Age {
		return m, nil // somebody else has just looked
	}
	next, err := s.readOn(ctx, m)
	switch {
	case err == nil:
		s.memory.Store(next)
		return next, nil
	case m == nil || len(m.versions) == 0:
		return nil, err
	}
	s.opts.Log.WarnContext(ctx, "list", "error", err.Error(), "version", m.newest().Version)
	stale := *m
	stale.seen = time.Now()
	s.memory.Store(&stale)
	return &stale, nil
}

// readOn reads the versions after those that are known, and believes what carries on the chain under the trusted key.
func (s *Service) readOn(ctx context.Context, m *memory) (*memory, error) {
	next := &memory{seen: time.Now()}
	if m != nil {
		next.key, next.versions = m.key, slices.Clip(m.versions)
	}
	if next.key == "" {
		var err error
		if next.key, err = s.trusted(ctx); err != nil {
			return nil, err
		}
	}
	var raws [][]byte
	err := s.db.Glance(ctx, "SELECT document FROM list_versions WHERE version > $1 ORDER BY version", []any{len(next.versions)},
		func(scan func(...any) error) error {
			var raw []byte
			err := scan(&raw)
			raws = append(raws, raw)
			return err
		})
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	for _, raw := range raws {
		d, err := next.accept(raw)
		if err != nil {
			s.opts.Log.ErrorContext(ctx, "list: what lies in the database is not what was signed", "after", len(next.versions), "error", err.Error())
			break // what was signed still counts
		}
		next.versions = append(next.versions, d)
	}
	return next, nil
}

// trusted is the key that lists must be signed by here: what the operator gave, else what the first list brought.
func (s *Service) trusted(ctx context.Context) (key string, err error) {
	if s.opts.Key != "" {
		return s.opts.Key, nil
	}
	err = s.db.Glance(ctx, "SELECT public FROM list_keys", nil, func(scan func(...any) error) error { return scan(&key) })
	if err != nil {
		return "", fmt.Errorf("list key: %w", err)
	}
	return key, nil
}

// accept verifies the next document of the chain.
func (m *memory) accept(raw []byte) (*Document, error) {
	d, err := Verify(raw, m.key)
	if err != nil {
		return nil, err
	}
	if newest := m.newest(); newest != nil {
		return d, d.follows(newest)
	}
	if !d.isAnnex() {
		return nil, refused("NOT_THE_ANNEX", "第一版清单必须与%s的附件一致。", annex().Basis)
	}
	return d, nil
}

// version finds one; the one in force for 0.
func (s *Service) version(ctx context.Context, version int) (m *memory, d *Document, err error) {
	if m, err = s.known(ctx); err != nil {
		return nil, nil, err
	}
	switch {
	case version == 0:
		d = m.at(store.Moment(ctx))
	case version <= len(m.versions):
		d = m.versions[version-1]
	}
	if d == nil {
		return nil, nil, notFound()
	}
	return m, d, nil
}

// inForce is the memory and the list in force; refused before the first list has come.
func (s *Service) inForce(ctx context.Context) (*memory, *Document, error) {
	m, d, err := s.version(ctx, 0)
	if err == nil {
		return m, d, nil
	}
	if m, known := s.known(ctx); known == nil && len(m.versions) == 0 {
		return nil, nil, refused("NO_LIST", "本平台还没有收到国务院办公厅的归并清单，请运维人员导入签名件（hotline list receive）。")
	}
	return nil, nil, err
}

// GetList (查看归并清单) gives the version in force, or another one.
func (s *Service) GetList(ctx context.Context, req *pb.GetListRequest) (*pb.List, error) {
	m, d, err := s.version(ctx, int(req.GetVersion()))
	if err != nil {
		return nil, err
	}
	return m.render(ctx, d, true), nil
}

// ListVersions (清单版本) gives all versions, the newest first.
func (s *Service) ListVersions(ctx context.Context, _ *pb.ListVersionsRequest) (*pb.ListVersionsResponse, error) {
	m, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	res := &pb.ListVersionsResponse{}
	for _, d := range slices.Backward(m.versions) {
		res.Versions = append(res.Versions, m.render(ctx, d, false))
	}
	return res, nil
}

// GetDocument (清单签名件) gives the bytes that were signed.
func (s *Service) GetDocument(ctx context.Context, req *pb.GetDocumentRequest) (*pb.Document, error) {
	_, d, err := s.version(ctx, int(req.GetVersion()))
	if err != nil {
		return nil, err
	}
	return &pb.Document{Version: int32(d.Version), Content: d.raw, Digest: d.Digest(), Key: d.Key}, nil
}

// CompareLists (比较版本) says what changed between two versions.
func (s *Service) CompareLists(ctx context.Context, req *pb.CompareListsRequest) (*pb.CompareListsResponse, error) {
	_, from, err := s.version(ctx, int(req.GetFrom()))
	if err != nil {
		return nil, err
	}
	_, to, err := s.version(ctx, int(req.GetTo()))
	if err != nil {
		return nil, err
	}
	return &pb.CompareListsResponse{Changes: compare(from, to)}, nil
}

func (m *memory) render(ctx context.Context, d *Document, whole bool) *pb.List {
	out := d.render(whole)
	now := m.at(store.Moment(ctx))
	out.InForce = now != nil && now.Version == d.Version
	return out
}

func (d *Document) render(whole bool) *pb.List {
	out := &pb.List{Version: int32(d.Version), Title: d.Title, Basis: d.Basis, EffectiveDate: d.Effective, DeadlineDate: d.Deadline,
		Digest: d.Digest(), PreviousDigest: d.Previous, Key: d.Key}
	if !d.Issued.IsZero() {
		out.PublishTime = timestamppb.New(d.Issued)
	}
	if whole {
		for _, e := range d.Entries {
			out.Entries = append(out.Entries, e.render())
		}
	}
	return out
}

func (e Entry) render() *pb.Entry {
	return &pb.Entry{Mode: modeOf(e.Mode), Seq: int32(e.Seq), Title: e.Title, Number: e.Number, Authority: e.Authority, ExpertSeats: e.Experts}
}

// compare lists the differences, field by field, in the order of the newer list.
func compare(from, to *Document) []*pb.ListChange {
	var out []*pb.ListChange
	add := func(number, field, title, before, after string) {
		if before == after {
			return
		}
		name := number
		if number == "" {
			name = "清单"
		}
		out = append(out, &pb.ListChange{Number: number, Field: field, Before: before, After: after,
			Summary: fmt.Sprintf("%s的%s：由“%s”改为“%s”", name, title, before, after)})
	}
	add("", "title", "标题", from.Title, to.Title)
	add("", "basis", "依据", from.Basis, to.Basis)
	add("", "effective_date", "生效日期", from.Effective, to.Effective)
	add("", "deadline_date", "完成期限", from.Deadline, to.Deadline)
	for _, now := range to.Entries {
		was := from.Entry(now.Number)
		if was == nil {
			out = append(out, &pb.ListChange{Number: now.Number, Field: "added", After: now.Title,
				Summary: fmt.Sprintf("新列入%s（%s），%s，责任单位%s", now.Number, now.Title, modeTitles[now.Mode], now.Authority)})
			continue
		}
		add(now.Number, "mode", "归并方式", modeTitles[was.Mode], modeTitles[now.Mode])
		add(now.Number, "seq", "序号", fmt.Sprint(was.Seq), fmt.Sprint(now.Seq))
		add(now.Number, "title", "名称", was.Title, now.Title)
		add(now.Number, "authority", "责任单位", was.Authority, now.Authority)
		add(now.Number, "expert_seats", "专家座席", yesNo(was.Experts), yesNo(now.Experts))
	}
	for _, was := range from.Entries {
		if to.Entry(was.Number) == nil {
			out = append(out, &pb.ListChange{Number: was.Number, Field: "absent", Before: was.Title, Summary: was.Number + "（" + was.Title + "）不在其中"})
		}
	}
	return out
}

func yesNo(b bool) string {
	if b {
		return "设专家座席"
	}
	return "不设"
}
