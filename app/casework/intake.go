package casework

import (
	"context"
	"crypto/rand"
	"fmt"
	"time"

	"github.com/go-kratos/kratos/v2/errors"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// Intake (受理) takes a request in by one of the branches of 国办函〔2025〕66号; every branch leaves a record with number and code.
func (s *Service) Intake(ctx context.Context, in *pb.IntakeRequest) (*pb.IntakeResponse, error) {
	return s.intakeBy(ctx, in, tenants.From(ctx).Login)
}

// IntakeFor takes in what a citizen filed for themselves: nobody of the staff has it in hand yet.
func (s *Service) IntakeFor(ctx context.Context, in *pb.IntakeRequest) (*pb.IntakeResponse, error) {
	return s.intakeBy(ctx, in, "")
}

// alreadyTakenIn refuses what another intake took in under the same number of the system it came from.
const alreadyTakenIn = "ALREADY_TAKEN_IN"

func (s *Service) intakeBy(ctx context.Context, in *pb.IntakeRequest, login string) (*pb.IntakeResponse, error) {
	out, err := s.intake(ctx, in, login)
	if in.GetRequestId() != "" && (isConflict(err) || errors.Reason(err) == alreadyTakenIn) {
		// The same request twice at once: the first has acted by now and its receipt is there, if it was the same.
		return s.intake(ctx, in, login)
	}
	return out, err
}

func (s *Service) intake(ctx context.Context, in *pb.IntakeRequest, takenBy string) (out *pb.IntakeResponse, err error) {
	number, err := s.number(ctx, word(in.GetFacts().GetChannel()), store.Moment(ctx))
	if err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, Intake)
		if err != nil {
			return err
		}
		code := newCode()
		if done, err := a.receipt(in); err != nil {
			return err
		} else if done != nil {
			out, err = a.again(done)
			return err
		}
		if err := a.takeIn(in, number, code, takenBy); err != nil {
			return err
		}
		r, _, err := s.reader(ctx, a.keys, a.rules, a.order, privacy.Detail)
		if err != nil {
			return err
		}
		w, err := s.row(ctx, r, a.order)
		if err != nil {
			return err
		}
		for _, c := range a.clocks {
			w.Clocks = append(w.Clocks, renderClock(a.rules.Calendar, c, a.now))
		}
		w.Acts = s.acts(ctx, a.order)
		out = &pb.IntakeResponse{WorkOrder: w, Code: code, Say: a.say(code)}
		return nil
	})
	return out, err
}

// again answers a retry with what the first try did, the code included.
func (a *act) again(r *ent.Receipt) (*pb.IntakeResponse, error) {
	code, err := a.keys.Secret(r.Code, rowOf(r.ID))
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	w, err := a.s.render(a.ctx, a.keys, a.rules, a.order, privacy.Detail)
	if err != nil {
		return nil, err
	}
	return &pb.IntakeResponse{WorkOrder: w, Code: code, Say: a.say(code)}, nil
}

func (a *act) takeIn(in *pb.IntakeRequest, number, code, takenBy string) error {
	branch, err := a.branch(in)
	if err != nil {
		return err
	}
	if err := a.checkFacts(in.GetFacts()); err != nil {
		return err
	}
	if err := a.fill(in, number, code, takenBy, branch.to); err != nil {
		return err
	}
	if branch.to == Received {
		if err := a.start(ClockDispatch, ""); err != nil {
			return err
		}
	}
	if err := a.cluster(); err != nil {
		return err
	}
	a.summary, a.public = privacy.Scrub(branch.summary, in.GetFacts().GetCaller().GetName()), true
	if err := a.line(None); err != nil {
		return err
	}
	a.order.DueAt = soonest(a.clocks)
	if err := a.create(); err != nil {
		return err
	}
	return a.follow(in, code)
}

// checkFacts refuses what the city does not know: its categories, a moment in the future, an order to repeat that isn't there.
func (a *act) checkFacts(f *pb.Facts) error {
	if c, err := a.s.directory.Category(a.ctx, f.GetCategory()); (err != nil || c.Retired) && f.GetCategory() != Unsorted {
		return invalid("facts.category", "没有这个诉求分类：%s，请从本市分类中选择。", f.GetCategory())
	}
	if t := f.GetReceiveTime(); t != nil && t.AsTime().After(a.now.Add(time.Minute)) {
		return invalid("facts.receive_time", "受理时间不能晚于现在。")
	}
	if n := f.GetRepeatOf(); n != "" {
		if !ValidNumber(n) {
			return invalid("facts.repeat_of", "历史工单号有误，请核对。")
		}
		if _, err := a.s.find(a.ctx, n, "intake"); err != nil {
			return invalid("facts.repeat_of", "没有找到历史工单 %s。", n)
		}
	}
	if !f.GetCaller().GetAnonymous() && f.GetCaller().GetPhone() == "" && f.GetCaller().GetEmail() == "" && f.GetCaller().GetName() == "" {
		return invalid("facts.caller", "请填写诉求人的联系方式，或选择匿名。")
	}
	return nil
}

// fill makes the order in memory, its personal parts sealed.
func (a *act) fill(in *pb.IntakeRequest, number, code, takenBy string, to State) error {
	f, c := in.GetFacts(), in.GetFacts().GetCaller()
	o := &ent.WorkOrder{ID: newID(), Tenant: a.v.Tenant, Number: number, Version: 1, State: string(to),
		Disposition: word(in.GetDisposition()), Kind: word(f.GetKind()), Category: f.GetCategory(), Urgency: word(f.GetUrgency()),
		Channel: word(f.GetChannel()), Title: privacy.Scrub(f.GetTitle(), c.GetName()), District: privacy.Scrub(f.GetDistrict(), c.GetName()),
		Confidential: f.GetConfidential() || f.GetKind() == pb.Kind_REPORT && !f.GetNamed(), Anonymous: c.GetAnonymous(), LawEnforcement: f.GetLawEnforcement(),
		Reason: privacy.Scrub(in.GetReason(), c.GetName()), Told: privacy.Scrub(in.GetTold(), c.GetName()),
		Citation:   privacy.Scrub(in.GetCitation(), c.GetName()),
		TargetCity: in.GetTargetCity(), RepeatOf: f.GetRepeatOf(), TakenBy: takenBy, ReceivedAt: a.now, CreatedAt: a.now}
	if f.GetReceiveTime() != nil {
		o.ReceivedAt = f.GetReceiveTime().AsTime().UTC().Truncate(time.Microsecond)
	}
	if f.GetSourceId() != "" {
		id := f.GetSourceId()
		o.SourceID = &id
	}
	if to.Ended() {
		now := a.now
		o.ClosedAt = &now
	}
	a.order = o
	o.PhoneIndex = a.keys.Blind(privacy.Phone, c.GetPhone())
	o.PlaceIndex = placeIndex(a.keys, f.GetDistrict(), f.GetLocation())
	o.Code = a.keys.Code(number + code)
	return a.seal([]sealing{{&o.Name, privacy.Name, c.GetName()}, {&o.Phone, privacy.Phone, c.GetPhone()},
		{&o.IDNumber, privacy.IDNumber, c.GetIdNumber()}, {&o.Address, privacy.Address, c.GetAddress()},
		{&o.Email, privacy.Email, c.GetEmail()}, {&o.Words, privacy.Text, f.GetWords()}, {&o.Body, privacy.Text, f.GetBody()},
		{&o.Location, privacy.Text, f.GetLocation()}, {&o.Evidence, privacy.Text, in.GetEvidence()}})
}

type sealing struct {
	to    *privacy.Personal
	class privacy.Class
	plain string
}

func (a *act) seal(all []sealing) (err error) {
	for _, one := range all {
		if *one.to, err = a.keys.Seal(one.class, rowOf(a.order.ID), one.plain); err != nil {
			return fmt.Errorf("seal: %w", err)
		}
	}
	return nil
}

func (a *act) create() error {
	o := a.order
	order := a.s.ent().WorkOrder.Create().SetID(o.ID).SetNumber(o.Number).SetState(o.State).SetDisposition(o.Disposition).
		SetKind(o.Kind).SetCategory(o.Category).SetUrgency(o.Urgency).SetChannel(o.Channel).SetTitle(o.Title).
		SetDistrict(o.District).SetConfidential(o.Confidential).SetAnonymous(o.Anonymous).SetLawEnforcement(o.LawEnforcement).
		SetName(o.Name).SetPhone(o.Phone).SetIDNumber(o.IDNumber).SetAddress(o.Address).SetEmail(o.Email).
		SetWords(o.Words).SetBody(o.Body).SetLocation(o.Location).SetEvidence(o.Evidence).
		SetPhoneIndex(o.PhoneIndex).SetPlaceIndex(o.PlaceIndex).SetClustered(o.Clustered).SetCode(o.Code).SetReason(o.Reason).SetTold(o.Told).SetCitation(o.Citation).
		SetTargetCity(o.TargetCity).SetRepeatOf(o.RepeatOf).SetNillableSourceID(o.SourceID).SetNillableTransferID(o.TransferID).SetSides(o.Sides).SetTakenBy(o.TakenBy).
		SetEvents(o.Events).SetEventHead(o.EventHead).SetReceivedAt(o.ReceivedAt).SetNillableClosedAt(o.ClosedAt).
		SetDueAt(o.DueAt).SetCreatedAt(o.CreatedAt)
	return a.s.db.Soon(a.ctx, order.Exec, func(err error) error {
		if store.IsConstraint(err) && o.SourceID != nil {
			return refused(alreadyTakenIn, "原系统号 %s 的诉求已经受理过。", *o.SourceID)
		}
		return fmt.Errorf("create %s: %w", o.Number, err)
	})
}

// say is what the agent reads out: the number in groups that can be written down, the code, and by when.
func (a *act) say(code string) string {
	n := a.order.Number
	text := fmt.Sprintf("您的诉求已登记，工单号 %s %s %s %s，查询码 %s。", n[:6], n[6:14], n[14:16], n[16:], code)
	switch State(a.order.State) {
	case Received:
		if a.order.TargetCity != "" {
			return text + "事项属于其他城市，我们会为您转办并告知结果。"
		}
		span, err := a.rules.Span(ClockReply, a.order.Kind, a.order.Urgency)
		if err == nil {
			return text + fmt.Sprintf("派单后承办单位将在%s内答复您。", span.Words())
		}
		return text
	case Answered:
		return text + "刚才的答复也可以凭号码查询。"
	default:
		return text + a.order.Told
	}
}

// codeLetters leave out what is misheard or misread: 0 O 1 I L 5 S 2 Z.
const codeLetters = "346789ABCDEFGHJKMNPQRTUVWXY"

// newCode makes a follow-up code (查询码) of eight letters, some 38 bits; guesses are throttled per order and address.
func newCode() string {
	var b [8]byte
	for i := range b {
		for {
			var one [1]byte
			_, _ = rand.Read(one[:])
			if int(one[0]) < 256-256%len(codeLetters) {
				b[i] = codeLetters[int(one[0])%len(codeLetters)]
				break
			}
		}
	}
	return string(b[:])
}
