package casework

import (
	"context"
	"strings"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/tenants/privacy"
)

// Dispatch (派单) gives the order to one lead and any number of assisting units. Their clocks start now, not when they sign.
func (s *Service) Dispatch(ctx context.Context, in *pb.DispatchRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Dispatch, in, func(a *act) error {
		if err := a.hold(); err != nil {
			return err
		}
		if a.order.TargetCity != "" {
			return refused("CROSS_CITY", "事项属于其他城市，应跨市转办，不派给本市单位。")
		}
		if a.order.Disposition == word(pb.Disposition_POLICE_REFERRAL) {
			return refused("POLICE_REFERRAL", "拟移送公安的诉求请审批转告，不派单。")
		}
		if err := a.sort(in.GetCategory()); err != nil {
			return err
		}
		lead, assist, err := a.units(in)
		if err != nil {
			return err
		}
		if err := a.redact(in.GetBrief()); err != nil {
			return err
		}
		instruction := in.GetInstruction()
		if err := a.clean(&instruction); err != nil {
			return err
		}
		if err := a.assign(lead, true, instruction); err != nil {
			return err
		}
		names := make([]string, 0, len(assist))
		for _, u := range assist {
			if err := a.assign(u, false, instruction); err != nil {
				return err
			}
			names = append(names, u.Title)
		}
		now := a.now
		a.order.State, a.order.Holder, a.order.DispatchedAt = string(Dispatched), "", &now
		a.order.Disposition = word(pb.Disposition_IN_SCOPE)
		a.order.Lead, a.order.LeadPath = lead.Code, lead.Path
		a.summary, a.public = "派单：主办"+lead.Title, true
		if len(names) > 0 {
			a.summary += "，协办" + strings.Join(names, "、")
		}
		return a.stop("", ClockDispatch)
	})
}

// redact is the second redaction (二次脱敏): the units read the brief in place of an informer's words, and of those of anybody who
// asked not to be known when the dispatcher writes one.
func (a *act) redact(brief string) (err error) {
	if brief = strings.TrimSpace(brief); brief == "" {
		if a.order.Kind == word(pb.Kind_REPORT) && a.order.Confidential && a.order.Brief.Empty() {
			return refused("NO_BRIEF", "举报件%s前，请另写派单内容（brief），去掉可以推知举报人的细节。", map[bool]string{true: "转办", false: "派单"}[a.verb == Transfer])
		}
		return nil
	}
	if err := a.clean(&brief); err != nil {
		return err
	}
	a.order.Brief, err = a.keys.Seal(privacy.Text, rowOf(a.order.ID), brief)
	return err
}

// sort puts the order into a category; nothing goes out unsorted.
func (a *act) sort(category string) error {
	if category == "" && a.order.Category != Unsorted {
		return nil
	}
	c, err := a.s.directory.Category(a.ctx, category)
	if err != nil || c.Retired {
		return invalid("category", "派单前请选择本市的诉求分类。")
	}
	a.order.Category = category
	return a.cluster() // what citizens file themselves is sorted only now
}

// units checks that lead and assisting units exist, work, differ, and that a department's duty is not pushed down to a street.
func (a *act) units(in *pb.DispatchRequest) (lead *ent.Unit, assist []*ent.Unit, err error) {
	if lead, err = a.unit("lead", in.GetLead()); err != nil {
		return nil, nil, err
	}
	if err := a.notToStreet(lead); err != nil {
		return nil, nil, err
	}
	for _, code := range in.GetAssist() {
		if code == lead.Code {
			return nil, nil, invalid("assist", "主办单位不能同时是协办单位。")
		}
		u, err := a.unit("assist", code)
		if err != nil {
			return nil, nil, err
		}
		assist = append(assist, u)
	}
	return lead, assist, nil
}

func (a *act) unit(field, code string) (*ent.Unit, error) {
	u, err := a.s.directory.Unit(a.ctx, code)
	if err != nil {
		if a.s.unknowing(a.ctx, a.order) {
			code = privacy.Scrub(code)
		} else if err := a.clean(&code); err != nil { // whatever was typed there
			return nil, err
		}
		return nil, invalid(field, "没有这个承办单位：%s。", code)
	}
	if u.Retired {
		return nil, invalid(field, "%s已停用，请另选单位。", u.Title)
	}
	return u, nil
}

// notToStreet holds 国办函〔2025〕66号: what a department must do is not dispatched to the grass roots.
func (a *act) notToStreet(lead *ent.Unit) error {
	if lead.Kind != "street" {
		return nil
	}
	ways, err := a.s.directory.Suggest(a.ctx, a.order.Category, a.order.District, a.order.Title)
	if err != nil {
		return err
	}
	for _, w := range ways {
		if w.NotToStreet {
			return refused("NOT_TO_STREET", "本事项不得分派给街道乡镇（%s）。", w.Ground)
		}
	}
	return nil
}

// assign makes one unit's part and starts its clocks.
func (a *act) assign(u *ent.Unit, lead bool, instruction string) error {
	_, err := a.assignUnder(u, lead, instruction, nil)
	return err
}

// Suggest (派单建议) says which units the catalogue would send this order to, with its ground.
func (s *Service) Suggest(ctx context.Context, in *pb.SuggestRequest) (out *pb.SuggestResponse, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		o, err := s.find(ctx, numberOf(in.GetName()), "dispatch")
		if err != nil {
			return err
		}
		ways, err := s.directory.Suggest(ctx, o.Category, o.District, o.Title)
		if err != nil {
			return err
		}
		tree, err := s.directory.Tree(ctx)
		if err != nil {
			return err
		}
		out = &pb.SuggestResponse{}
		for _, w := range ways {
			one := &pb.Suggestion{Lead: w.Lead, Assist: w.Assist, Ground: w.Ground, Confidence: int32(w.Confidence)}
			if u := tree[w.Lead]; u != nil {
				one.LeadTitle = u.Title
			}
			for _, code := range w.Assist {
				if u := tree[code]; u != nil {
					one.AssistTitles = append(one.AssistTitles, u.Title)
				}
			}
			out.Suggestions = append(out.Suggestions, one)
		}
		return nil
	})
	return out, err
}
