package features

import (
	"context"
	"fmt"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
)

// The sentences of 主协办与下派.
func delegateSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+[人员])下派给(\S+)$`, func(ctx context.Context, who, unit string) error {
		return w.act(ctx, who, "delegate", &pb.DelegateRequest{Unit: w.unit(unit), Instruction: "请到现场核实后报我单位。"})
	})
	sc.Step(`^(\S+的派单员)派给(\S+)主办，(\S+)和(\S+)协办$`, func(ctx context.Context, who, lead, one, two string) error {
		return w.act(ctx, who, "dispatch", &pb.DispatchRequest{Lead: w.unit(lead), Assist: []string{w.unit(one), w.unit(two)}})
	})
	sc.Step(`^(\S+)答复协办情况“(.+)”$`, func(ctx context.Context, who, text string) error {
		if err := w.contacts(ctx, who); err != nil || w.refused != nil {
			return err
		}
		return w.replies(ctx, who, text)
	})
	sc.Step(`^(\S+)拟稿，草稿里有“(.+)”$`, w.drafts)
	sc.Step(`^(\S+)的任务是(\S+)下派的$`, w.handedDown)
	sc.Step(`^(\S+)是主办单位$`, func(ctx context.Context, unit string) error {
		p, err := w.part(ctx, unit)
		if err == nil && !p.GetLead() {
			err = fmt.Errorf("%s不是主办单位", unit)
		}
		return err
	})
}

func (w *world) drafts(ctx context.Context, who, text string) error {
	out := new(pb.DraftReplyResponse)
	if err := w.get(ctx, who, w.order.GetName()+":draftReply", out); err != nil {
		return err
	}
	return want(out.GetPublicPart(), text)
}

// part is the unit's part in the order as it stands now.
func (w *world) part(ctx context.Context, unit string) (*pb.Assignment, error) {
	o, err := w.fresh(ctx)
	if err != nil {
		return nil, err
	}
	for _, a := range o.GetAssignments() {
		if a.GetUnit() == w.unit(unit) && a.GetEndTime() == nil {
			return a, nil
		}
	}
	return nil, fmt.Errorf("%s不在工单上", unit)
}

func (w *world) handedDown(ctx context.Context, unit, above string) error {
	p, err := w.part(ctx, unit)
	if err != nil {
		return err
	}
	up, err := w.part(ctx, above)
	if err != nil {
		return err
	}
	return exactly(p.GetParent(), up.GetId())
}
