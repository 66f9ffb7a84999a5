package casework

import (
	"context"

	pb "hotline/api/casework/v1"
	"hotline/tenants/privacy"
)

// Answer (直接答复) ends a consultation that waits for dispatch from the knowledge base; the article is cited.
func (s *Service) Answer(ctx context.Context, in *pb.AnswerRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Answer, in, func(a *act) error {
		if err := a.hold(); err != nil {
			return err
		}
		if found := privacy.Find(in.GetAnswer()); len(found) > 0 {
			return invalid("answer", "答复中不能出现个人信息：%s。", found[0].Class.Title())
		}
		now := a.now
		a.order.State, a.order.Holder, a.order.ClosedAt = string(Answered), "", &now
		a.order.Disposition = word(pb.Disposition_ANSWERED_ON_SPOT)
		a.order.PublicAnswer, a.order.Citation = in.GetAnswer(), in.GetCitation()
		if err := a.clean(&a.order.PublicAnswer, &a.order.Citation); err != nil {
			return err
		}
		a.order.Told = a.order.PublicAnswer
		a.summary, a.public = "直接答复，依据："+a.order.Citation, true
		if err := a.splitChildren("已直接答复"); err != nil {
			return err
		}
		return a.stop("", ClockDispatch)
	})
}
