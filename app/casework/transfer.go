package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/attachment"
	"hotline/ent/event"
	"hotline/ent/outgoing"
	"hotline/ent/store"
	"hotline/ent/transfer"
	"hotline/ent/transfernumber"
	"hotline/ent/workorder"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// Where a transfer stands besides the words of the ledger: an offer that the ledger does not have yet, and one that never got there.
const (
	transferQueued    = "queued"
	transferCancelled = "cancelled"
)

// TransferStates are where a transfer stands, as screens call it.
var TransferStates = map[string]string{transferQueued: "待发送", transferCancelled: "未发出即收回", "offered": "已转出", "delivered": "已送达",
	"signed": "已签收", "accepted": "已接收", "declined": "已拒收", "disputed": "争议待指定", "designated": "已指定", "handling": "办理中",
	"replied": "已答复", "concluded": "已办结", "called_back": "已回访", "withdrawn": "已撤回", "expired": "逾期视为接收"}

// custodian is the one city that is answerable for the case now, as the ledger has it.
func custodian(t *ent.Transfer) string {
	if slices.Contains([]string{"accepted", "expired", "designated", "handling", "replied", "concluded", "called_back"}, t.State) {
		return t.Target
	}
	return t.Origin
}

// settled says that nothing can follow on a transfer.
func settled(t *ent.Transfer) bool {
	return t.State == "called_back" || t.State == "withdrawn" || t.State == transferCancelled
}

// Between (两市之间) tells the casework room of the regions it is in; the courier knows them.
type Between struct {
	// Region is the group in whose ledger a case goes from the viewer's city to another, or why none can.
	Region func(ctx context.Context, target string) (region string, err error)
	// Last is the highest number under which the viewer's city has offered anything in a region, as its ledger knows.
	Last func(ctx context.Context, region string) int64
	// Title is a city's name.
	Title func(ctx context.Context, city string) string
	// Wake tells the courier that something waits.
	Wake func()
}

// Transfer (跨域转办) offers an order to the city whose matter it is. Until the ledger says that the city has accepted, and be it by
// its silence, the order stays ours. Who the citizen is goes along only when they agreed to it (单独同意) and nothing is confidential.
func (s *Service) Transfer(ctx context.Context, in *pb.TransferRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Transfer, in, func(a *act) error {
		if err := a.hold(); err != nil {
			return err
		}
		region, err := a.regionTo(in.GetTarget())
		if err != nil {
			return err
		}
		if err := a.redact(in.GetBrief()); err != nil {
			return err
		}
		t, err := a.offered(in, region)
		if err != nil {
			return err
		}
		packet, err := a.packet(t, in)
		if err != nil {
			return err
		}
		a.order.State, a.order.Holder, a.order.Disposition = string(Transferring), "", word(pb.Disposition_CROSS_CITY)
		a.order.TargetCity, a.order.TransferID, a.order.Sides = in.GetTarget(), &t.ID, true
		a.order.Lead, a.order.LeadPath = "", ""
		a.summary, a.public = "转办"+a.cityTitle(in.GetTarget())+"12345："+in.GetBasis(), true
		if err := a.clean(&a.summary); err != nil {
			return err
		}
		if err := a.splitChildren("已转外市"); err != nil {
			return err
		}
		if err := a.away(); err != nil {
			return err
		}
		return a.send(t, "offer", &pb.Content{Packet: packet})
	})
}

// away runs the clock of a case that is on its way to another city and still ours: by the span in which a case must be dispatched, and
// from when the ledger has the offer to the moment by which that city must answer.
func (a *act) away() error {
	if err := a.stop("", awayClocks...); err != nil {
		return err
	}
	return a.startBy(ClockAway, "", ClockDispatch)
}

func (a *act) regionTo(target string) (string, error) {
	if target == a.v.Tenant {
		return "", invalid("target", "本市的诉求请直接派单。")
	}
	if a.s.Between.Region == nil {
		return "", refused("NOT_LINKED", "本市还没有加入区域联动，请告知诉求人当地的12345。")
	}
	return a.s.Between.Region(a.ctx, target)
}

// offered is the row of a new transfer, or of one that was declined and is offered again: it stays the same case.
func (a *act) offered(in *pb.TransferRequest, region string) (*ent.Transfer, error) {
	t, err := a.transfer()
	if err != nil {
		return nil, err
	}
	if t != nil && !settled(t) && t.Origin != a.v.Tenant { // it would have two origins, and the first would never hear of it again
		return nil, refused("CAME_BY_TRANSFER", "这件工单由%s转来，本市已接收，不能再转其他城市；请依法办理，或答复时说明理由。", a.cityTitle(t.Origin))
	}
	if t != nil && !settled(t) {
		if t.State != "declined" || t.Pending != "" {
			return nil, refused("TRANSFER_UNDER_WAY", "%s", "这件工单正在转办（"+TransferStates[t.State]+"），请等待结果。")
		}
		if t.Region != region {
			return nil, refused("OTHER_REGION", "对方不在同一区域，请先收回再转办。")
		}
	} else if t, err = a.newTransfer(region); err != nil {
		return nil, err
	}
	t.Target, t.Mode, t.Urgency = in.GetTarget(), word(in.GetMode()), "ordinary"
	if a.order.Urgency == word(pb.Urgency_CRITICAL) || in.GetMode() == pb.Mode_HOT {
		t.Urgency = "critical"
	}
	t.Consent = in.GetConsent() && !a.order.Confidential
	t.Callback = in.GetTarget()
	if in.GetCallsBack() == pb.CallsBack_ORIGIN || !t.Consent && !a.order.Anonymous { // who is not told whom to call can't call back
		t.Callback = a.v.Tenant
	}
	t.Basis, t.TargetCategory, t.Call, t.Pending = in.GetBasis(), in.GetTargetCategory(), in.GetCall(), "offer"
	if err := a.clean(&t.Basis); err != nil {
		return nil, err
	}
	t.ChangedAt = a.now
	return t, a.s.ent().Transfer.Update().Where(transfer.ID(t.ID)).SetTarget(t.Target).SetMode(t.Mode).SetUrgency(t.Urgency).SetConsent(t.Consent).
		SetCallback(t.Callback).SetBasis(t.Basis).SetTargetCategory(t.TargetCategory).SetCall(t.Call).SetPending(t.Pending).SetChangedAt(a.now).Exec(a.ctx)
}

func (a *act) newTransfer(region string) (*ent.Transfer, error) {
	number, err := a.nextNumber(region)
	if err != nil {
		return nil, err
	}
	categories, err := a.s.directory.Categories(a.ctx)
	if err != nil {
		return nil, err
	}
	title := ""
	if c := categories[a.order.Category]; c != nil {
		title = c.Title
	}
	t, err := a.s.ent().Transfer.Create().SetID(newID()).SetRegion(region).SetOrigin(a.v.Tenant).SetNumber(number).SetWorkOrderID(a.order.ID).
		SetTarget("").SetState(transferQueued).SetMode("").SetUrgency("").SetOrderNumber(a.order.Number).SetCategory(a.order.Category).
		SetCategoryTitle(title).SetCallback("").SetConfidential(a.order.Confidential).SetStartedAt(a.order.ReceivedAt).
		SetChangedAt(a.now).SetCreatedAt(a.now).Save(a.ctx)
	if err != nil {
		return nil, fmt.Errorf("transfer of %s: %w", a.order.Number, err)
	}
	return t, nil
}

// nextNumber is one that this city never gave to another transfer of the region, and that no copy of this house gave in its name.
func (a *act) nextNumber(region string) (int64, error) {
	at, last := transfernumber.Region(region), int64(0)
	if a.s.Between.Last != nil {
		last = a.s.Between.Last(a.ctx, region)
	}
	if err := a.s.ent().TransferNumber.Update().Where(at, transfernumber.LastLT(last)).SetLast(last).Exec(a.ctx); err != nil {
		return 0, fmt.Errorf("number of the transfer: %w", err)
	}
	n, err := a.s.ent().TransferNumber.Update().Where(at).AddLast(1).Save(a.ctx)
	if err != nil {
		return 0, fmt.Errorf("number of the transfer: %w", err)
	}
	if n == 0 { // the first of all; of two at once, one has to try again
		if err := a.s.ent().TransferNumber.Create().SetRegion(region).SetLast(last + 1).Exec(a.ctx); ent.IsConstraintError(err) {
			return 0, conflict()
		} else if err != nil {
			return 0, fmt.Errorf("number of the transfer: %w", err)
		}
	}
	row, err := a.s.ent().TransferNumber.Query().Where(at).Only(a.ctx)
	if err != nil {
		return 0, fmt.Errorf("number of the transfer: %w", err)
	}
	return row.Last, nil
}

// packet is the case as the other city gets it, so that nobody asks twice (上下文包). Opening it has its line in the read ledger.
func (a *act) packet(t *ent.Transfer, in *pb.TransferRequest) (_ *pb.Packet, err error) {
	o := a.order
	f := &pb.Facts{Kind: enumOf[pb.Kind](pb.Kind_value, o.Kind), Category: o.Category, Urgency: enumOf[pb.Urgency](pb.Urgency_value, o.Urgency),
		Channel: pb.Channel_CITY_TRANSFER, Title: o.Title, District: o.District, Confidential: o.Confidential || !t.Consent && !o.Anonymous,
		LawEnforcement: o.LawEnforcement, ReceiveTime: timestamppb.New(o.ReceivedAt), Named: t.Consent,
		Caller: &pb.Caller{Anonymous: !t.Consent}}
	r := &privacy.Reader{Keys: a.keys, Policy: a.rules.Privacy, Roles: a.v.Roles(), Situation: privacy.Share}
	r.Ledger = func(ctx context.Context, l privacy.Look) error { return a.s.read(ctx, a.keys, o, l, a.now, nil) }
	all := fields(o)
	if veiled(o) { // who reported reads like who they are: the units' words go in place of theirs, here as there
		all[5].Data, all[6].Data, all[7].Data = privacy.Personal{}, privacy.Personal{}, privacy.Personal{}
		if f.Title, err = a.s.openTitle(a.ctx, o); err != nil {
			return nil, err
		}
	}
	if !t.Consent {
		for i := range all[:5] {
			all[i].Data = privacy.Personal{}
		}
	}
	all = append(all, privacy.Field{Name: "brief", Data: o.Brief})
	plain, err := r.Open(a.ctx, rowOf(o.ID), "转办"+a.cityTitle(t.Target), all...)
	if err != nil {
		return nil, err
	}
	done := strings.TrimSpace(in.GetDone())
	if !veiled(o) {
		more, err := a.supplements(r, "转办"+a.cityTitle(t.Target))
		if err != nil {
			return nil, err
		}
		plain[5] += more
	}
	f.Words, f.Body, f.Location = plain[5], plain[6], plain[7]
	if plain[8] != "" {
		f.Body = plain[8]
	}
	if t.Consent {
		f.Caller = &pb.Caller{Name: plain[0], Phone: plain[1], IdNumber: plain[2], Address: plain[3], Email: plain[4], Anonymous: o.Anonymous}
	} else if err := a.clean(&f.Words, &f.Body, &f.Title, &done); err != nil {
		return nil, err
	}
	files, err := a.filesFor(t)
	if err != nil {
		return nil, err
	}
	return &pb.Packet{Facts: f, Done: done, CategoryTitle: t.CategoryTitle, ReceiveTime: timestamppb.New(o.ReceivedAt),
		Call: in.GetCall(), Files: files, Consent: t.Consent}, nil
}

// supplements are what the citizen has added since, so that the other city has it too.
func (a *act) supplements(r *privacy.Reader, reason string) (string, error) {
	lines, err := a.s.ent().Event.Query().Where(event.WorkOrderID(a.order.ID), event.Verb(string(Supplement))).Order(ent.Asc(event.FieldSeq)).All(a.ctx)
	if err != nil {
		return "", fmt.Errorf("history of %s: %w", a.order.Number, err)
	}
	all := ""
	for _, e := range lines {
		text, err := r.Open(a.ctx, rowOf(e.ID), reason, privacy.Field{Name: "supplement", Data: e.Note})
		if err != nil {
			return "", err
		}
		all += "\n补充：" + text[0]
	}
	return all, nil
}

// transfer is the order's last transfer, nil when there never was one.
func (a *act) transfer() (*ent.Transfer, error) {
	if a.order.TransferID == nil {
		return nil, nil
	}
	t, err := a.s.held(a.s.ent().Transfer.Query().Where(transfer.ID(*a.order.TransferID))).Only(a.ctx)
	if err != nil {
		return nil, fmt.Errorf("transfer of %s: %w", a.order.Number, err)
	}
	return t, nil
}

// held keeps a transfer for this transaction: a person and the ledger may both be about to change it, and neither may write what it read
// before the other. SQLite has one writer anyway.
func (s *Service) held(q *ent.TransferQuery) *ent.TransferQuery {
	if s.db.Dialect() == dialect.Postgres {
		return q.ForUpdate()
	}
	return q
}

// send puts an act into the outbox, in the transaction of its cause.
func (a *act) send(t *ent.Transfer, what string, content *pb.Content) error {
	return a.s.Send(a.ctx, a.keys, t, what, content)
}

// Send puts an act on a transfer into the outbox of the viewer's city (待发指令). The courier ships it in order.
func (s *Service) Send(ctx context.Context, keys *privacy.Keyring, t *ent.Transfer, what string, content *pb.Content) error {
	shorten(content)
	b, err := proto.Marshal(content)
	if err != nil {
		return fmt.Errorf("content of %s: %w", what, err)
	}
	id := newID()
	sealed, err := keys.Seal(privacy.Text, rowOf(id), string(b))
	if err != nil {
		return err
	}
	if s.Between.Wake != nil {
		store.AfterCommit(ctx, s.Between.Wake)
	}
	err = s.ent().Outgoing.Create().SetID(id).SetRegion(t.Region).SetTransferID(t.ID).SetAct(what).SetContent(sealed).
		SetCreatedAt(store.Now(ctx)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("outgoing %s: %w", what, err)
	}
	return nil
}

// maxContent leaves room in a command of the ledger for what lies open in it, the seal and the signature.
const maxContent = 56 << 10

// shorten cuts what is longer than the ledger carries: first what the citizen said at length, whose gist is in the body.
func shorten(c *pb.Content) {
	const cut = "……（内容过长，其余请向转出城市索取）"
	texts := []*string{&c.Words}
	if f := c.GetPacket().GetFacts(); f != nil {
		texts = []*string{&f.Words, &f.Body, &c.Packet.Done}
	}
	if c.Answer != nil {
		texts = append(texts, &c.Answer.PublicAnswer)
	}
	for _, text := range texts {
		if over := proto.Size(c) - maxContent; over > 0 {
			keep := max(0, len(*text)-over-len(cut)-8)
			*text = strings.ToValidUTF8((*text)[:keep], "") + cut
		}
	}
}

func (a *act) cityTitle(code string) string {
	if a.s.Between.Title != nil {
		if t := a.s.Between.Title(a.ctx, code); t != "" {
			return t
		}
	}
	return code
}

// ask notes what a person asks of the ledger; nothing else can be asked until it has answered.
func (a *act) ask(t *ent.Transfer, what string) error {
	if err := mayAsk(t); err != nil {
		return err
	}
	t.Pending = what
	if err := a.s.ent().Transfer.Update().Where(transfer.ID(t.ID)).SetPending(what).SetChangedAt(a.now).Exec(a.ctx); err != nil {
		return fmt.Errorf("transfer of %s: %w", a.order.Number, err)
	}
	return nil
}

func mayAsk(t *ent.Transfer) error {
	if t.Pending != "" {
		return refused("PENDING", "%s", "已提交"+pendingTitles[t.Pending]+"，正在等待区域台账确认，请稍后刷新。")
	}
	return nil
}

var pendingTitles = map[string]string{"offer": "转办", "accept": "接收", "decline": "拒收", "recall": "收回", "withdraw": "撤回", "dispute": "提请指定",
	"designate": "指定承办", "callback": "回访结果"}

// Recall (收回) takes an offer back: at once when it has not left yet, otherwise when the ledger agrees that nobody had accepted.
func (s *Service) Recall(ctx context.Context, in *pb.RecallRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Recall, in, func(a *act) error {
		a.summary, a.note = "收回转办", in.GetReason()
		return a.recall("recall", a.home)
	})
}

// TakeBack (自动收回) recalls an offer that nobody can answer any more, because its city was revoked: the case comes back to dispatch.
func (s *Service) TakeBack(ctx context.Context, t *ent.Transfer) error {
	o, err := s.orderOf(ctx, t)
	if err != nil || o == nil || t.Pending != "" || State(o.State) != Transferring || o.TransferID == nil || *o.TransferID != t.ID {
		return err
	}
	_, err = s.carry(ctx, Recall, named(o), func(a *act) error {
		a.summary = a.cityTitle(t.Target) + "已退出区域联动，自动收回转办"
		return a.recall("recall", a.home)
	})
	return err
}

// recall is Recall, and a citizen's withdrawal of what was offered to another city; home is what happens when it never left.
func (a *act) recall(what string, home func() error) error {
	t, err := a.transfer()
	if err != nil {
		return err
	}
	if t == nil {
		return fmt.Errorf("%s is being transferred without a transfer", a.order.Number)
	}
	if t.State == transferQueued {
		unsent := a.s.ent().Outgoing.Delete
		n, err := unsent().Where(outgoing.TransferID(t.ID), outgoing.Act("offer"), outgoing.Sequence(0), outgoing.SentAtIsNil()).Exec(a.ctx)
		if err != nil {
			return fmt.Errorf("outgoing of %s: %w", a.order.Number, err)
		}
		if n > 0 { // what was to follow the offer goes with it
			if _, err := unsent().Where(outgoing.TransferID(t.ID)).Exec(a.ctx); err != nil {
				return fmt.Errorf("outgoing of %s: %w", a.order.Number, err)
			}
			err := a.s.ent().Transfer.Update().Where(transfer.ID(t.ID)).SetState(transferCancelled).SetPending("").SetChangedAt(a.now).Exec(a.ctx)
			if err != nil {
				return fmt.Errorf("transfer of %s: %w", a.order.Number, err)
			}
			if err := a.stop("", awayClocks...); err != nil {
				return err
			}
			return home()
		}
	}
	if t.Pending == "offer" { // it is on its way: what comes after it comes after it
		t.Pending = ""
	}
	if err := a.ask(t, what); err != nil {
		return err
	}
	if err := a.away(); err != nil {
		return err
	}
	return a.send(t, "withdraw", &pb.Content{})
}

// Refer (提请指定) brings a decline before the coordinator, with our papers sealed to it. Who declined may lay down its own (陈述意见).
func (s *Service) Refer(ctx context.Context, in *pb.ReferRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Refer, in, func(a *act) error {
		t, err := a.transfer()
		if err != nil {
			return err
		}
		ours := t != nil && t.Origin == a.v.Tenant
		objects := t != nil && t.Overruled && t.State == "expired"
		if t == nil || t.State != "disputed" && !(ours && t.State == "declined") && !objects {
			return refused("NOT_DECLINED", "对方拒收之后才能提请区域协调方指定。")
		}
		basis, words := in.GetBasis(), in.GetWords()
		if err := a.clean(&basis, &words); err != nil {
			return err
		}
		if t.State == "declined" || objects {
			if err := a.ask(t, "dispute"); err != nil {
				return err
			}
		}
		a.summary, a.note = "提请区域协调方指定："+basis, words
		switch {
		case objects:
			a.summary = "对逾期视为接收提出异议，提请区域协调方指定：" + basis
		case !ours:
			a.summary = "向区域协调方提交材料：" + basis
		}
		if ours { // who objects keeps the case, and its clock runs on
			if err := a.away(); err != nil {
				return err
			}
		}
		return a.send(t, "dispute", &pb.Content{Words: words, Open: &pb.Open{Basis: basis}})
	})
}

// SignFor (签收转办): somebody here has seen what another city offers.
func (s *Service) SignFor(ctx context.Context, in *pb.SignForRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, SignFor, in, func(a *act) error {
		t, err := a.transfer()
		if err != nil {
			return err
		}
		if len(a.running("", ClockSignFor)) == 0 {
			return refused("ALREADY_SIGNED", "这件转办已经签收。")
		}
		a.summary = "签收" + a.cityTitle(t.Origin) + "转办"
		if err := a.stop("", ClockSignFor); err != nil {
			return err
		}
		return a.send(t, "sign", &pb.Content{})
	})
}

// Accept (接收转办) takes the case over. It is ours when the ledger has it, which takes a moment.
func (s *Service) Accept(ctx context.Context, in *pb.AcceptRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Accept, in, func(a *act) error {
		t, err := a.transfer()
		if err != nil {
			return err
		}
		if err := a.ask(t, "accept"); err != nil {
			return err
		}
		a.summary = "接收" + a.cityTitle(t.Origin) + "转办"
		if err := a.stop("", ClockSignFor); err != nil {
			return err
		}
		return a.send(t, "accept", &pb.Content{Open: &pb.Open{Order: a.order.Number}})
	})
}

// Decline (拒收转办) says why, by which clause, and which city is believed responsible; with the second the case goes to the coordinator.
func (s *Service) Decline(ctx context.Context, in *pb.DeclineRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Decline, in, func(a *act) error {
		t, err := a.transfer()
		if err != nil {
			return err
		}
		if in.GetResponsible() == a.v.Tenant {
			return invalid("responsible", "请填写您认为应当办理的其他城市；属于本市的请接收。")
		}
		if t.AnswerDueAt != nil && a.now.After(*t.AnswerDueAt) {
			return refused("TOO_LATE", "已过接收期限，逾期视为接收。")
		}
		basis, words := in.GetBasis(), in.GetWords()
		if err := a.clean(&basis, &words); err != nil {
			return err
		}
		if err := a.ask(t, "decline"); err != nil {
			return err
		}
		a.summary, a.note = "拒收"+a.cityTitle(t.Origin)+"转办："+basis, words
		if err := a.stop("", ClockSignFor); err != nil {
			return err
		}
		return a.send(t, "decline", &pb.Content{Words: words,
			Open: &pb.Open{Basis: basis, Reason: int32(in.GetReason()), Responsible: in.GetResponsible()}})
	})
}

var betweenVerbs = []Verb{Transfer, Recall, Refer, SignFor, Accept, Decline}

// whyNotBetween closes the acts between cities for which the transfer does not stand right.
func whyNotBetween(verb Verb, t *pb.Transfer) error {
	switch {
	case t == nil && verb == Refer:
		return refused("NOT_TRANSFERRED", "这件工单没有转办。")
	case t == nil:
		return nil
	case t.GetPending() != "" && !(verb == Recall && t.GetPending() == "offer"):
		return refused("PENDING", "已提交%s，正在等待区域台账确认。", pendingTitles[t.GetPending()])
	case verb == Transfer && t.GetOrigin() != cityOf(t.GetName()) && t.GetState() != "called_back":
		return refused("CAME_BY_TRANSFER", "这件工单由其他城市转来，本市已接收，不能再转。")
	case verb == Transfer && t.GetState() != "declined" && !slices.Contains([]string{"called_back", "withdrawn", transferCancelled}, t.GetState()):
		return refused("TRANSFER_UNDER_WAY", "这件工单正在转办，请等待结果。")
	case verb == Refer && t.GetState() != "declined" && t.GetState() != "disputed" && t.GetNotice() != overruledNotice:
		return refused("NOT_DECLINED", "对方拒收之后才能提请区域协调方指定。")
	}
	return nil
}

// orderOf is the number of the order that a transfer is about here.
func (s *Service) orderOf(ctx context.Context, t *ent.Transfer) (*ent.WorkOrder, error) {
	if t.WorkOrderID == nil {
		return nil, nil
	}
	o, err := s.ent().WorkOrder.Query().Where(workorder.ID(*t.WorkOrderID)).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("order of transfer %s: %w", t.ID, err)
	}
	return o, nil
}

// tellOther lets the other city know what an act here means for its citizen. The acts between cities speak for themselves.
func (a *act) tellOther(from State) error {
	if a.order.TransferID == nil || a.verb == Relay || slices.Contains(betweenVerbs, a.verb) {
		return nil
	}
	t, err := a.transfer()
	if err != nil {
		return err
	}
	switch {
	case t.Target == a.v.Tenant && custodian(t) == a.v.Tenant && !settled(t):
		return a.tellOrigin(t, from)
	case t.Origin == a.v.Tenant && !settled(t) && (State(a.order.State) == Transferring || State(a.order.State) == Transferred):
		return a.tellTarget(t)
	}
	return nil
}

// What the origin hears of the handling.
const (
	handledThere   = "承办单位办理中"
	suspendedThere = "列入挂账，届时继续办理"
)

// tellOrigin: the origin sees handling, the public answer, the end and the callback; nothing of who does what in this city.
func (a *act) tellOrigin(t *ent.Transfer, from State) error {
	to := State(a.order.State)
	switch {
	case a.verb == Await: // the citizen reads it at home, by the number that they know
		return a.send(t, "handle", &pb.Content{Words: a.summary})
	case from == to:
		return nil
	case a.verb == Dispatch, to == Suspended:
		return a.send(t, "handle", &pb.Content{Words: map[bool]string{true: suspendedThere, false: handledThere}[to == Suspended]})
	case to == Concluded && from != Closed, to == Answered, to == Redirected, to == Withdrawn:
		return a.answerOrigin(t)
	case from == Concluded && to == Closed:
		return a.visitOrigin(t, false)
	case from == Concluded && to == Handling:
		return a.visitOrigin(t, true)
	}
	return nil
}

// answerOrigin sends the public answer; what was answered at once needs no callback.
func (a *act) answerOrigin(t *ent.Transfer) error {
	text := a.order.PublicAnswer
	if text == "" {
		text = a.order.Told
	}
	answer := &pb.Answer{PublicAnswer: text, Conclusion: enumOf[pb.Conclusion](pb.Conclusion_value, a.order.Conclusion)}
	if err := a.send(t, "reply", &pb.Content{Answer: answer}); err != nil {
		return err
	}
	if err := a.send(t, "conclude", &pb.Content{}); err != nil {
		return err
	}
	if State(a.order.State) == Concluded || t.Callback != a.v.Tenant {
		return nil
	}
	return a.visitOrigin(t, false)
}

// visitOrigin sends what the callback brought.
func (a *act) visitOrigin(t *ent.Transfer, rework bool) error {
	if t.Callback != a.v.Tenant {
		return nil
	}
	return a.send(t, "callback", &pb.Content{Visit: a.visit, Open: &pb.Open{Rework: rework}})
}

// tellTarget: the citizen speaks to us, the other city has to hear it. After a decline there is nobody to hear it: whoever gets the
// case next gets it all.
func (a *act) tellTarget(t *ent.Transfer) error {
	if (t.State == "declined" || t.State == "disputed") && t.Pending != "offer" {
		return nil
	}
	switch a.verb {
	case Supplement:
		words := a.note
		if veiled(a.order) { // who reported reads like who they are
			words = "诉求人补充了情况，可能透露其身份，请与转出城市联系。"
		}
		if !t.Consent {
			if err := a.clean(&words); err != nil {
				return err
			}
		}
		return a.send(t, "supplement", &pb.Content{Words: words})
	case Urge, Supervise:
		return a.send(t, "supplement", &pb.Content{Words: a.summary, Urges: true})
	case Attach:
		files, err := a.filesFor(t, attachment.CreatedAt(a.now))
		if err != nil || len(files) == 0 {
			return err
		}
		return a.send(t, "supplement", &pb.Content{Words: a.summary, Files: files})
	}
	return nil
}

func tenantOf(ctx context.Context) string { return tenants.From(ctx).Tenant }
