package consolidation

import (
	"context"
	"fmt"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/consolidation/v1"
	"hotline/ent/store"
)

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
