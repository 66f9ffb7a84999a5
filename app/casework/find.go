package casework

import (
	"context"
	"strings"

	"entgo.io/ent/dialect/sql"

	pb "hotline/api/casework/v1"
	"hotline/ent/predicate"
	"hotline/ent/workorder"
	"hotline/tenants/privacy"
)

// findDays is how far back words are looked for: a title has no index, so that a search reads the rows of this window and no more.
const findDays = 180

// Find (按标题查找) finds orders of the viewer's scope whose titles contain all the words, newest first. A title holds no personal data
// (intake takes it out), so that nobody finds a person by it. What a unit must not read it can't find either: the words of a
// confidential report would otherwise be guessed one by one.
//
// The last digits of a phone find nothing here, and no index of them is kept: see DESIGN.md.
func (s *Service) Find(ctx context.Context, in *pb.FindRequest) (out *pb.ListWorkOrdersResponse, err error) {
	from, err := byReceived.after(in.GetPageToken())
	if err != nil {
		return nil, err
	}
	words := strings.Fields(in.GetWords())
	if len(words) == 0 || len(words) > 5 {
		return nil, invalid("words", "请输入一到五个词，用空格隔开。")
	}
	if len(privacy.Find(in.GetWords())) > 0 {
		return nil, invalid("words", "标题里没有电话、证件号等个人信息，请换成事项或地点的词；按号码查找请输入完整的来电号码。")
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		visible, err := s.visible(ctx, "get")
		if err != nil {
			return err
		}
		a, err := s.open(ctx, "get")
		if err != nil {
			return err
		}
		recent := workorder.ReceivedAtGTE(a.now.AddDate(0, 0, -findDays))
		out, err = s.page(ctx, byReceived, int(in.GetPageSize()), visible, recent, titled(words), s.titleOpen(ctx), from)
		return err
	})
	return out, err
}

// titled narrows to titles that contain every word; letters of either case are the same.
func titled(words []string) predicate.WorkOrder {
	return func(s *sql.Selector) {
		for _, w := range words {
			s.Where(sql.ContainsFold(s.C(workorder.FieldTitle), w))
		}
	}
}

// titleOpen leaves out the orders whose title this viewer is not shown: see briefed.
func (s *Service) titleOpen(ctx context.Context) predicate.WorkOrder {
	if !s.forUnit(ctx) {
		return all
	}
	return workorder.And(workorder.BriefIsNil(), workorder.Not(workorder.And(workorder.Confidential(true), workorder.Kind(word(pb.Kind_REPORT)))))
}
