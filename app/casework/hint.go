package casework

import (
	"context"
	"fmt"
	"slices"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/workorder"
	"hotline/tenants/policy"
	"hotline/tenants/privacy"
)

// Hint (重复提示) looks for earlier orders that the facts may repeat, before anything is saved: the same caller by blind
// index, or near text on the same matter in the same place, within the days the city looks back.
func (s *Service) Hint(ctx context.Context, in *pb.HintRequest) (out *pb.HintResponse, err error) {
	f := in.GetFacts()
	err = s.db.View(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, "intake")
		if err != nil {
			return err
		}
		since := a.now.AddDate(0, 0, -int(a.rules.Policy.GetRepeatDays()))
		blind := a.keys.Blind(privacy.Phone, f.GetCaller().GetPhone())
		near, err := s.candidates(ctx, a.rules, f, blind, since)
		if err != nil {
			return err
		}
		out = &pb.HintResponse{Hints: rank(f, near, blind)}
		return nil
	})
	return out, err
}

func (s *Service) candidates(ctx context.Context, rules *policy.InForce, f *pb.Facts, blind []byte, since time.Time) ([]*ent.WorkOrder, error) {
	query := func() *ent.WorkOrderQuery {
		return s.ent().WorkOrder.Query().Where(workorder.ReceivedAtGTE(since)).Order(ent.Desc(workorder.FieldReceivedAt)).Limit(50)
	}
	var out []*ent.WorkOrder
	if len(blind) > 0 {
		same, err := query().Where(workorder.PhoneIndex(blind), findable(ctx, rules)).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("hint by caller: %w", err)
		}
		out = same
	}
	if f.GetCategory() == "" {
		return out, nil
	}
	near, err := query().Where(workorder.Category(f.GetCategory()), workorder.District(f.GetDistrict())).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("hint by matter: %w", err)
	}
	for _, o := range near {
		if !slices.ContainsFunc(out, func(x *ent.WorkOrder) bool { return x.ID == o.ID }) {
			o.PhoneIndex = nil // the same caller's stand in out already, as far as the viewer may find them
			out = append(out, o)
		}
	}
	return out, nil
}

// rank scores the candidates: the same caller counts for 40, the same matter and place for 20, near titles for up to 40.
func rank(f *pb.Facts, near []*ent.WorkOrder, blind []byte) []*pb.Hint {
	var out []*pb.Hint
	title := bigrams(privacy.Scrub(f.GetTitle(), f.GetCaller().GetName()))
	for _, o := range near {
		h := &pb.Hint{Number: o.Number, Title: o.Title, State: stateOf(State(o.State)), ReceiveTime: timestamppb.New(o.ReceivedAt)}
		if len(blind) > 0 && string(blind) == string(o.PhoneIndex) {
			h.Likeness += 40
			h.Reasons = append(h.Reasons, "同一来电")
		}
		if o.Category == f.GetCategory() && o.District == f.GetDistrict() && o.District != "" {
			h.Likeness += 20
			h.Reasons = append(h.Reasons, "同类事项、同一区县")
		}
		if alike := likeness(title, bigrams(o.Title)); alike >= 30 {
			h.Likeness += int32(alike * 40 / 100)
			h.Reasons = append(h.Reasons, fmt.Sprintf("文字相近（%d%%）", alike))
		}
		if h.Likeness >= 35 {
			out = append(out, h)
		}
	}
	slices.SortStableFunc(out, func(a, b *pb.Hint) int { return int(b.Likeness - a.Likeness) })
	return out[:min(len(out), 10)]
}

// bigrams are the pairs of neighbouring characters of a title: good enough for Chinese without a dictionary.
func bigrams(text string) map[string]bool {
	out := map[string]bool{}
	runes := []rune(text)
	for i := 0; i+1 < len(runes); i++ {
		out[string(runes[i:i+2])] = true
	}
	for _, stock := range []string{"关于", "问题", "的问", "反映", "咨询", "请求"} {
		delete(out, stock)
	}
	return out
}

// likeness is the share of common pairs, in percent.
func likeness(a, b map[string]bool) int {
	common := 0
	for g := range a {
		if b[g] {
			common++
		}
	}
	if all := len(a) + len(b) - common; all > 0 {
		return common * 100 / all
	}
	return 0
}
