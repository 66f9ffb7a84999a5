package casework

import (
	"cmp"
	"context"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/clock"
	"hotline/ent/event"
	"hotline/ent/reading"
	"hotline/ent/workorder"
	"hotline/tenants"
	"hotline/tenants/calendar"
	"hotline/tenants/policy"
	"hotline/tenants/privacy"
)

// This file is the citizen's door: who holds a case's number and code may follow it, add, urge, withdraw and see who looked.

// ErrProof is the one answer for a wrong code, a wrong number and a case of another city.
var ErrProof = errors.New("number and code don't belong together")

// proven is a citizen's request: the case and the proof that it is theirs.
type proven interface {
	request
	GetCode() string
}

// Track (进度查询) shows the case in plain sentences.
func (s *Service) Track(ctx context.Context, in proven) (out *pb.Petition, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		a, err := s.prove(ctx, "track", in)
		if err != nil {
			return err
		}
		out, err = s.petition(ctx, a)
		return err
	})
	return out, err
}

// prove finds the case of number and code.
func (s *Service) prove(ctx context.Context, verb Verb, in proven) (*act, error) {
	a, err := s.open(ctx, verb)
	if err != nil {
		return nil, err
	}
	a.order, err = s.ent().WorkOrder.Query().Where(workorder.Number(numberOf(in.GetName()))).First(ctx)
	if ent.IsNotFound(err) {
		return nil, ErrProof
	}
	if err != nil {
		return nil, fmt.Errorf("case: %w", err)
	}
	code := strings.ToUpper(strings.Join(strings.Fields(in.GetCode()), ""))
	if subtle.ConstantTimeCompare(a.order.Code, a.keys.Code(a.order.Number+code)) != 1 {
		return nil, ErrProof
	}
	return a, nil
}

// byCitizen carries out a citizen's verb through the choke point, the proof first.
func (s *Service) byCitizen(ctx context.Context, verb Verb, in proven, do func(a *act) error) (out *pb.Petition, err error) {
	err = s.again(ctx, func(ctx context.Context) error {
		if _, err := s.prove(ctx, verb, in); err != nil {
			return err
		}
		if _, err := s.carry(ctx, verb, in, do); err != nil {
			return err
		}
		a, err := s.prove(ctx, verb, in)
		if err != nil {
			return err
		}
		out, err = s.petition(ctx, a)
		return err
	})
	return out, err
}

// Add (补充) adds facts while the case is open.
func (s *Service) Add(ctx context.Context, in *pb.AddRequest) (*pb.Petition, error) {
	return s.byCitizen(ctx, Supplement, in, func(a *act) error {
		side, nation := a.rules.Policy.GetSideLives(), policy.Default().GetSideLives()
		if err := a.daily(cmp.Or(side.GetCitizenSupplements(), nation.GetCitizenSupplements())); err != nil {
			return err
		}
		a.order.Supplements++
		a.summary, a.note, a.public = "诉求人补充情况", in.GetFacts(), true
		return a.heardFrom()
	})
}

// UrgeFor (催办) is the citizen's; it is counted and seen by all who hold the case.
func (s *Service) UrgeFor(ctx context.Context, in *pb.UrgeRequest) (*pb.Petition, error) {
	return s.byCitizen(ctx, Urge, in, func(a *act) error {
		side, nation := a.rules.Policy.GetSideLives(), policy.Default().GetSideLives()
		if err := a.daily(cmp.Or(side.GetCitizenUrges(), nation.GetCitizenUrges())); err != nil {
			return err
		}
		a.order.Urges++
		a.summary, a.public = fmt.Sprintf("诉求人催办（第%d次）", a.order.Urges), true
		return nil
	})
}

// daily holds a citizen's act to so many a day (每日次数): what is repeated all day reaches the unit no sooner.
func (a *act) daily(most int32) error {
	y, m, d := a.now.In(calendar.Zone).Date()
	n, err := a.s.ent().Event.Query().Where(event.WorkOrderID(a.order.ID), event.Verb(string(a.verb)), event.Actor(""),
		event.CreatedAtGTE(time.Date(y, m, d, 0, 0, 0, 0, calendar.Zone).UTC())).Count(a.ctx)
	if err != nil {
		return fmt.Errorf("acts of today on %s: %w", a.order.Number, err)
	}
	if n >= int(most) {
		return refused("ENOUGH_TODAY", "今天已%s %d 次，承办单位都已收到，请明天再试；如有危险请立即拨打110、119或120。", VerbTitles[a.verb], n)
	}
	return nil
}

// Withdraw (撤回) takes the request back; all clocks end.
func (s *Service) Withdraw(ctx context.Context, in *pb.WithdrawRequest) (*pb.Petition, error) {
	return s.byCitizen(ctx, Withdraw, in, func(a *act) error {
		a.summary, a.public = "诉求人撤回", true
		if State(a.order.State) == Transferring { // the other city may accept at this very moment: the ledger says which came first
			return a.recall("withdraw", a.withdrawNow)
		}
		return a.withdrawNow()
	})
}

func (a *act) withdrawNow() error {
	a.order.Conclusion = word(pb.Conclusion_WITHDRAWN_BY_CITIZEN)
	if err := a.end(); err != nil {
		return err
	}
	a.order.State, a.order.MainID = string(Withdrawn), nil
	if err := a.lapse(""); err != nil {
		return err
	}
	if err := a.splitChildren("已被其诉求人撤回"); err != nil {
		return err
	}
	return a.stop("", slices.Concat(awayClocks, workClocks)...)
}

// ListViewers (谁看过我的信息) tells the citizen who saw their data in the clear: unit and role, never a staff member's name.
func (s *Service) ListViewers(ctx context.Context, in proven) (out *pb.ListViewersResponse, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		a, err := s.prove(ctx, "track", in)
		if err != nil {
			return err
		}
		lines, err := s.ent().Reading.Query().Where(reading.WorkOrderID(a.order.ID)).Order(ent.Asc(reading.FieldSeq)).All(ctx)
		if err != nil {
			return fmt.Errorf("ledger of %s: %w", a.order.Number, err)
		}
		out = &pb.ListViewersResponse{}
		for _, l := range lines {
			who := tenants.Titles[tenants.Role(l.Role)]
			if l.Unit != "" {
				who = a.titleOf(l.Unit) + who
			}
			out.Viewings = append(out.Viewings, &pb.Viewing{CreateTime: timestamppb.New(l.CreatedAt), Who: who,
				What: titlesOf(l.Fields), Reason: l.Reason})
		}
		return nil
	})
	return out, err
}

var fieldTitles = map[string]string{
	"petitioner.name": "姓名", "petitioner.phone": "电话", "petitioner.id_number": "证件号", "petitioner.address": "住址",
	"petitioner.email": "电子邮箱", "words": "诉求原文", "body": "诉求内容", "location": "事发地", "attachment": "附件",
}

func titlesOf(fields string) string {
	var out []string
	for f := range strings.SplitSeq(fields, ",") {
		if t := fieldTitles[f]; t != "" {
			out = append(out, t)
		} else {
			out = append(out, "往来记录")
		}
	}
	return strings.Join(out, "、")
}

// petition is the case as its citizen sees it.
func (s *Service) petition(ctx context.Context, a *act) (*pb.Petition, error) {
	o := a.order
	r, _, err := s.reader(ctx, a.keys, a.rules, o, privacy.Detail)
	if err != nil {
		return nil, err
	}
	shown, err := r.Show(ctx, rowOf(o.ID), o.Confidential, fields(o)[:5]...)
	if err != nil {
		return nil, err
	}
	out := &pb.Petition{Name: "tenants/" + o.Tenant + "/petitions/" + o.Number, Number: o.Number, Title: o.Title,
		Progress: a.progress(), Answer: o.PublicAnswer, Open: !State(o.State).Ended(), ReceiveTime: timestamppb.New(o.ReceivedAt),
		Petitioner: &pb.Petitioner{Name: show(shown[0]), Phone: show(shown[1]), IdNumber: show(shown[2]), Address: show(shown[3]),
			Email: show(shown[4]), Anonymous: o.Anonymous}}
	if out.Answer == "" {
		out.Answer = o.Told
	}
	if o.DueAt.Before(never) {
		out.DueTime = timestamppb.New(o.DueAt)
	}
	for _, verb := range []Verb{Supplement, Attach, Correct, Urge, Withdraw, Contest, Appeal} {
		if allows(State(o.State), verb) && (verb != Appeal || o.Unreasonable) {
			out.Acts = append(out.Acts, citizenActs[verb])
		}
	}
	awaiting, err := s.ent().Clock.Query().Where(clock.WorkOrderID(o.ID), clock.Step(ClockAwaiting), clock.StopAtIsNil()).Count(ctx)
	if err != nil {
		return nil, fmt.Errorf("clocks of %s: %w", o.Number, err)
	}
	out.Elapsed = a.elapsed()
	lines, err := s.ent().Event.Query().Where(event.WorkOrderID(o.ID), event.Public(true)).Order(ent.Asc(event.FieldSeq)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", o.Number, err)
	}
	for _, e := range lines {
		out.Steps = append(out.Steps, &pb.Step{CreateTime: timestamppb.New(e.CreatedAt), Text: toThem(e.Summary)})
		if e.Verb == string(Await) && awaiting > 0 {
			out.Question = strings.TrimPrefix(e.Summary, asking)
		}
	}
	return out, nil
}

// toThem words a line of the history for its citizen: who reads it is the one it is about.
func toThem(summary string) string { return theirs.Replace(summary) }

// theirs leaves another petitioner one: the main order's, say.
var theirs = strings.NewReplacer("其诉求人", "其诉求人", "诉求人", "您")

var citizenActs = map[Verb]string{Supplement: "add", Attach: "addFile", Correct: "correct", Urge: "urge", Withdraw: "withdraw",
	Contest: "contest", Appeal: "appeal"}

// Correct (更正) mends what the citizen said of how to reach them or of the place; what stood there before is gone with its seal,
// the history says that it was changed.
func (s *Service) Correct(ctx context.Context, in *pb.CorrectRequest) (*pb.Petition, error) {
	return s.byCitizen(ctx, Correct, in, func(a *act) error {
		var changed []string
		update := a.s.ent().WorkOrder.Update().Where(workorder.ID(a.order.ID))
		for _, c := range []struct {
			title string
			class privacy.Class
			text  string
			set   func(privacy.Personal) *ent.WorkOrderUpdate
		}{
			{"电话", privacy.Phone, in.GetPhone(), update.SetPhone}, {"电子邮箱", privacy.Email, in.GetEmail(), update.SetEmail},
			{"事发地", privacy.Text, in.GetLocation(), update.SetLocation},
		} {
			if c.text == "" {
				continue
			}
			sealed, err := a.keys.Seal(c.class, rowOf(a.order.ID), c.text)
			if err != nil {
				return err
			}
			c.set(sealed)
			changed = append(changed, c.title)
		}
		if len(changed) == 0 {
			return invalid("phone", "请填写要更正的内容。")
		}
		if in.GetPhone() != "" {
			update.SetPhoneIndex(a.keys.Blind(privacy.Phone, in.GetPhone()))
		}
		if in.GetLocation() != "" {
			update.SetPlaceIndex(placeIndex(a.keys, a.order.District, in.GetLocation()))
		}
		a.summary, a.public = "诉求人更正"+strings.Join(changed, "、"), true
		if err := update.Exec(a.ctx); err != nil {
			return fmt.Errorf("correct: %w", err)
		}
		return nil
	})
}

// elapsed is the citizen's own time, in words: from when they asked to the end, or to now. Nothing stops it, no day off either.
func (a *act) elapsed() string {
	end := a.now
	if a.order.ClosedAt != nil {
		end = *a.order.ClosedAt
	}
	gone := max(0, end.Sub(a.order.ReceivedAt))
	days, hours := int(gone/(24*time.Hour)), int(gone/time.Hour)%24
	switch {
	case days > 0 && hours > 0:
		return fmt.Sprintf("%d天%d小时", days, hours)
	case days > 0:
		return fmt.Sprintf("%d天", days)
	case hours > 0:
		return fmt.Sprintf("%d小时", hours)
	}
	return fmt.Sprintf("%d分钟", int(gone/time.Minute))
}

// progress says in a sentence where the case stands and by when what comes next.
func (a *act) progress() string {
	o := a.order
	by := ""
	if o.DueAt.Before(never) {
		by = "，最晚" + a.rules.Calendar.DescribeDue(a.now, o.DueAt)
	}
	switch State(o.State) {
	case Received:
		if o.TargetCity != "" {
			return "您的诉求属于其他城市职责，正在为您跨市转办。"
		}
		return "您的诉求已受理" + by + "转交承办单位。"
	case Transferring:
		return "您的诉求属于" + a.cityTitle(o.TargetCity) + "职责，已转给当地12345，对方接收前仍由我们负责。"
	case Transferred:
		return "您的诉求由" + a.cityTitle(o.TargetCity) + "12345办理，结果会在这里告知您。"
	case Dispatched, Handling:
		return "您的诉求已转给" + a.titleOf(o.Lead) + by + "办理并联系您。"
	case Replied:
		return a.titleOf(o.Lead) + "已提交答复，热线正在审核。"
	case Suspended:
		return "您的诉求受条件所限，经批准挂账办理，热线每月复核，恢复办理后会告知您。"
	case Merged:
		return "您的诉求已与同一事项的其他工单一并办理，办结后单独回访您。"
	case Concluded:
		return "您的诉求已办结，热线将回访您的意见。"
	case Answered:
		return "您的咨询已答复。"
	case Redirected:
		return "已告知您办理的渠道。"
	case Withdrawn:
		return "您已撤回诉求。"
	}
	return "您的诉求已办结并归档。"
}
