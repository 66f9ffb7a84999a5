package play

import (
	"context"
	"fmt"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/app/nation"
)

// Aside (旁路) is one side life that the demo shows: from which state it starts, who does what, and how it can be told that it came
// about.
type Aside struct {
	Title string
	From  pb.State
	Go    func(s *Stage, ctx context.Context, w *Walk) error
	Came  func(o *pb.WorkOrder) bool
}

// Asides are the side lives in the order of the rules. Each ends where people of the demo find something to decide or to see.
var Asides = []Aside{
	{"退单待审核", pb.State_DISPATCHED, (*Stage).giveBack, open("return")},
	{"退单转裁决", pb.State_DISPATCHED, (*Stage).dispute, func(o *pb.WorkOrder) bool { return o.GetMarks().GetAdjudicating() }},
	{"裁决锁定", pb.State_DISPATCHED, (*Stage).verdict, func(o *pb.WorkOrder) bool {
		return o.GetMarks().GetLocked() && o.GetState() == pb.State_HANDLING
	}},
	{"延期待审批", pb.State_HANDLING, (*Stage).extend, open("extension")},
	{"经批准延期", pb.State_HANDLING, (*Stage).extended, func(o *pb.WorkOrder) bool { return len(o.GetClockMoves()) == 1 }},
	{"挂账待审批", pb.State_HANDLING, (*Stage).suspend, open("suspension")},
	{"挂账", pb.State_HANDLING, (*Stage).suspended, func(o *pb.WorkOrder) bool { return o.GetState() == pb.State_SUSPENDED }},
	{"等待诉求人补充", pb.State_HANDLING, (*Stage).await, func(o *pb.WorkOrder) bool {
		for _, c := range o.GetClocks() {
			if c.GetStatus() == "paused" {
				return true
			}
		}
		return false
	}},
	{"不合理诉求待二级审核", pb.State_HANDLING, (*Stage).unreasonable, func(o *pb.WorkOrder) bool {
		return o.GetApplications()[0].GetStanding() == "first"
	}},
	{"督办", pb.State_HANDLING, (*Stage).supervise, func(o *pb.WorkOrder) bool { return o.GetMarks().GetSupervised() && o.GetMarks().GetUrges() == 1 }},
	{"紧急联动，热线同时受理", pb.State_RECEIVED, (*Stage).handOff, func(o *pb.WorkOrder) bool { return len(o.GetHandOffs()) == 1 }},
	{"并单", pb.State_RECEIVED, (*Stage).merge, func(o *pb.WorkOrder) bool { return o.GetState() == pb.State_MERGED }},
}

func open(kind string) func(*pb.WorkOrder) bool {
	return func(o *pb.WorkOrder) bool {
		for _, a := range o.GetApplications() {
			if a.GetKind() == kind && a.GetStanding() == "open" {
				return true
			}
		}
		return false
	}
}

// Stray plays a sample as far as the side life begins and on into it.
func (s *Stage) Stray(ctx context.Context, r nation.Request, a Aside) (*Walk, error) {
	w, err := s.Go(ctx, r, a.From)
	if err != nil {
		return w, err
	}
	if err := a.Go(s, ctx, w); err != nil {
		return w, fmt.Errorf("%s %s: %w", r.ID, a.Title, err)
	}
	if !a.Came(w.Order) {
		return w, fmt.Errorf("%s %s did not come about: %s", r.ID, a.Title, w.Order.GetState())
	}
	return w, nil
}

// CanStray says whether a sample goes to a unit of its city, so that side lives can befall it.
func CanStray(r nation.Request) bool {
	return r.Disposition == "in_scope" && nation.UnitCode(r.Lead) != "" && r.CrossCity == ""
}

// hotline is the login of one of the city's own people, unit that of the lead's handler.
func (w *Walk) hotline(role string) string { return role + "." + w.Sample.City }
func (w *Walk) unit() string               { return w.handler(w.lead()) }

// last is the id of the latest application of a kind.
func (w *Walk) last(kind string) string {
	id := ""
	for _, a := range w.Order.GetApplications() {
		if a.GetKind() == kind {
			id = a.GetId()
		}
	}
	return id
}

// deed is one act of a side life.
type deed struct {
	login, verb, title string
	in                 proto.Message
}

func (s *Stage) deeds(ctx context.Context, w *Walk, all ...func() deed) error {
	for _, one := range all {
		d := one()
		if err := s.act(ctx, w, d.login, d.verb, d.title, d.in); err != nil {
			return err
		}
	}
	return nil
}

func (w *Walk) returns() deed {
	other := "U03"
	if w.lead() == other {
		other = "U02"
	}
	return deed{w.unit(), "return", "申请退单", &pb.ReturnRequest{Reason: pb.ReturnReason_OTHER_DUTY, SuggestedUnit: other,
		Ground: "按部门“三定”规定，本事项由该部门负责。", Evidence: "附职责分工文件。"}}
}

func (s *Stage) giveBack(ctx context.Context, w *Walk) error { return s.deeds(ctx, w, w.returns) }

func (s *Stage) dispute(ctx context.Context, w *Walk) error {
	return s.deeds(ctx, w, w.returns, func() deed {
		return deed{w.hotline("dispatcher"), "decideReturn", "退单审核", &pb.DecideReturnRequest{Application: w.last("return"), Words: "目录明确由你单位办理。"}}
	}, func() deed {
		return deed{w.unit(), "dispute", "退单异议", &pb.DisputeRequest{Application: w.last("return"), Ground: "该路段已移交属地管理。"}}
	})
}

func (s *Stage) verdict(ctx context.Context, w *Walk) error {
	if err := s.dispute(ctx, w); err != nil {
		return err
	}
	return s.deeds(ctx, w, func() deed {
		return deed{w.hotline("adjudicator"), "adjudicate", "裁决", &pb.AdjudicateRequest{Application: w.last("adjudication"), Lead: w.lead(),
			Words: "移交手续尚未完成，先由原单位办理。"}}
	})
}

func (s *Stage) extend(ctx context.Context, w *Walk) error {
	return s.deeds(ctx, w, func() deed {
		return deed{w.unit(), "extend", "申请延期", &pb.ExtendRequest{Days: 5, Reason: "需委托检测", Ground: "检测机构出具报告需五个工作日"}}
	})
}

func (s *Stage) extended(ctx context.Context, w *Walk) error {
	if err := s.extend(ctx, w); err != nil {
		return err
	}
	return s.deeds(ctx, w, func() deed {
		return deed{"lead." + w.unit(), "decideExtension", "延期审批", &pb.DecideRequest{Application: w.last("extension"), Uphold: true, Words: "情况属实，同意。"}}
	})
}

func (s *Stage) suspend(ctx context.Context, w *Walk) error {
	return s.deeds(ctx, w, func() deed {
		return deed{w.unit(), "suspend", "申请挂账", &pb.SuspendRequest{Reason: "engineering", Ground: "须待管网改造完成后施工。", Responsible: "工程科科长",
			Milestones: "首月完成勘察设计，次月进场施工。", UntilTime: timestamppb.New(time.Now().AddDate(0, 2, 0))}}
	})
}

func (s *Stage) suspended(ctx context.Context, w *Walk) error {
	if err := s.suspend(ctx, w); err != nil {
		return err
	}
	return s.deeds(ctx, w, func() deed {
		return deed{w.hotline("supervisor"), "decideSuspension", "挂账审批", &pb.DecideRequest{Application: w.last("suspension"), Uphold: true,
			Words: "同意挂账，每月复核。"}}
	})
}

func (s *Stage) await(ctx context.Context, w *Walk) error {
	return s.deeds(ctx, w, func() deed {
		return deed{w.unit(), "await", "待补充", &pb.AwaitRequest{Question: "请补充发生的具体时间和位置。"}}
	})
}

func (s *Stage) unreasonable(ctx context.Context, w *Walk) error {
	return s.deeds(ctx, w, func() deed {
		return deed{w.unit(), "claimUnreasonable", "申请认定不合理诉求", &pb.ClaimUnreasonableRequest{Ground: "同一事实已依规答复三次，无新情况。",
			Evidence: "历次答复与送达记录。"}}
	}, func() deed {
		return deed{w.hotline("reviewer"), "decideUnreasonable", "一级审核", &pb.DecideRequest{Application: w.last("unreasonable"), Uphold: true, Words: "材料齐全。"}}
	})
}

func (s *Stage) supervise(ctx context.Context, w *Walk) error {
	return s.deeds(ctx, w, func() deed {
		return deed{w.hotline("supervisor"), "urge", "催办", &pb.UrgeUnitRequest{Words: "请尽快联系诉求人。"}}
	}, func() deed {
		return deed{w.hotline("supervisor"), "supervise", "督办", &pb.SuperviseRequest{Supervised: true, Words: "涉及多户居民。"}}
	})
}

func (s *Stage) handOff(ctx context.Context, w *Walk) error {
	return s.deeds(ctx, w, func() deed {
		return deed{w.hotline("agent"), "handOff", "紧急联动", &pb.HandOffRequest{Unit: "U47", ThreeWay: true, LifeAtRisk: true,
			Outcome: pb.Outcome_BOTH, Words: "三方通话：110先行派警，热线同时受理。"}}
	})
}

// merge files the same matter once more and merges that into the walk's order: a repeat stays with its own caller.
func (s *Stage) merge(ctx context.Context, w *Walk) error {
	main := w.Order.GetNumber()
	again := w.Sample
	again.ID += "-again"
	repeat, err := s.Go(ctx, again, pb.State_RECEIVED)
	if err != nil {
		return err
	}
	w.Order = repeat.Order
	return s.deeds(ctx, w, func() deed {
		return deed{w.hotline("dispatcher"), "merge", "并单", &pb.MergeRequest{Main: main, Words: "同一事项重复反映。"}}
	})
}
