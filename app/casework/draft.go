package casework

import (
	"context"
	"fmt"
	"strings"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/reply"
	"hotline/tenants/policy"
)

// standard is the answer that cities without a template of their own start from.
const standard = "您好！您反映的“{title}”已收悉，现答复如下：{assist}经{unit}核实，{measures}如有疑问，欢迎继续向12345反映。感谢您的监督。"

// DraftReply (拟稿) starts the unit's answer from the city's template for the category, with what the assisting units and those
// below answered, for the lead to merge into one (合并答复).
func (s *Service) DraftReply(ctx context.Context, in *pb.DraftReplyRequest) (out *pb.DraftReplyResponse, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, Reply)
		if err != nil {
			return err
		}
		if a.order, err = s.find(ctx, numberOf(in.GetName()), string(Reply)); err != nil {
			return err
		}
		part, err := a.mine()
		if err != nil {
			return err
		}
		text := templateFor(a.rules, a.order.Category)
		assist, measures, err := a.othersAnswers(part)
		if err != nil {
			return err
		}
		title, err := s.openTitle(ctx, a.order)
		if err != nil {
			return err
		}
		out = &pb.DraftReplyResponse{PublicPart: strings.NewReplacer("{title}", title, "{unit}", a.titleOf(part.Unit),
			"{assist}", assist, "{measures}", measures).Replace(text)}
		return nil
	})
	return out, err
}

// templateFor is the city's template of the longest category that fits.
func templateFor(rules *policy.InForce, category string) string {
	text, best := standard, -1
	for _, t := range rules.Policy.GetTemplates() {
		if strings.HasPrefix(category, t.GetCategory()) && len(t.GetCategory()) > best {
			text, best = t.GetText(), len(t.GetCategory())
		}
	}
	return text
}

// othersAnswers are the latest answers of the other units of the order and the measures they took.
func (a *act) othersAnswers(mine *ent.Assignment) (answers, measures string, err error) {
	parts, err := a.parts()
	if err != nil {
		return "", "", err
	}
	for _, p := range parts {
		if p.ID == mine.ID || p.Round == 0 {
			continue
		}
		last, err := a.s.ent().Reply.Query().Where(reply.AssignmentID(p.ID), reply.Round(p.Round)).First(a.ctx)
		if err != nil {
			return "", "", fmt.Errorf("answer of %s: %w", p.Unit, err)
		}
		answers += a.titleOf(p.Unit) + "答复：" + last.PublicPart
		if last.Measures != "" {
			measures += last.Measures + "。"
		}
	}
	return answers, measures, nil
}
