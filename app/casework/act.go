package casework

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/clock"
	"hotline/ent/store"
	"hotline/ent/workorder"
	"hotline/tenants"
	"hotline/tenants/policy"
	"hotline/tenants/privacy"
)

// request is what every verb's message has: the order's name, and a request_id and etag where the verb takes them.
type request interface {
	proto.Message
	GetName() string
}

// act is one verb under way on one order: everything in it belongs to one transaction and one moment.
type act struct {
	s     *Service
	ctx   context.Context
	v     *tenants.Viewer
	now   time.Time
	keys  *privacy.Keyring
	rules *policy.InForce

	verb    Verb
	order   *ent.WorkOrder // the verb changes it in place; save writes it
	clocks  []*ent.Clock
	started []*ent.Clock // those of clocks that are new
	ended   []string     // steps of the clocks that stopped
	apps    []*ent.Application
	event   *ent.Event // the history line
	visit   *pb.Visit  // what a callback brought, for the city that the order came from

	summary string // what happened, without personal data
	note    string // words given with the act; sealed
	public  bool   // the citizen sees the line
}

// act carries out one verb: one transaction, one now, the row in the viewer's scope, the flow's leave, the verb itself,
// then the order, its history line and the receipt together, and the order as the viewer may see it. Who names the version they saw
// (etag) is refused when it is over; who names none is held to the order as it stands.
// Every change of a work order passes here or through intake, which has no order yet.
func (s *Service) act(ctx context.Context, verb Verb, in request, do func(a *act) error) (out *pb.WorkOrder, err error) {
	run := s.again
	if etagOf(in) != "" {
		run = s.db.Do
	}
	err = run(ctx, func(ctx context.Context) error {
		a, err := s.carry(ctx, verb, in, do)
		if err != nil {
			return err
		}
		out, err = s.render(ctx, a.keys, a.rules, a.order, privacy.Detail)
		return err
	})
	return out, err
}

// carry is an act that nobody looks at: a chore's, or one that follows from another act in the same transaction.
func (s *Service) carry(ctx context.Context, verb Verb, in request, do func(a *act) error) (*act, error) {
	a, err := s.open(ctx, verb)
	if err != nil {
		return nil, err
	}
	done, err := a.receipt(in)
	if err != nil || done != nil {
		return a, err
	}
	return a, a.carryOut(in, do)
}

func (s *Service) open(ctx context.Context, verb Verb) (*act, error) {
	keys, err := s.vault.Keyring(ctx)
	if err != nil {
		return nil, err
	}
	rules, err := s.book.InForce(ctx)
	if err != nil {
		return nil, err
	}
	return &act{s: s, ctx: ctx, v: tenants.From(ctx), now: store.Now(ctx), keys: keys, rules: rules, verb: verb}, nil
}

func (a *act) carryOut(in request, do func(a *act) error) (err error) {
	if a.order, err = a.s.find(a.ctx, numberOf(in.GetName()), string(a.verb)); err != nil {
		return err
	}
	if seen := etagOf(in); seen != "" && seen != etag(a.order) {
		return conflict()
	}
	from := State(a.order.State)
	if !allows(from, a.verb) {
		return refused("WRONG_STATE", "工单%s，现在不能%s。", StateTitles[from], VerbTitles[a.verb])
	}
	if a.clocks, err = a.s.ent().Clock.Query().Where(clock.WorkOrderID(a.order.ID)).Order(ent.Asc(clock.FieldID)).All(a.ctx); err != nil {
		return fmt.Errorf("clocks of %s: %w", a.order.Number, err)
	}
	if err := do(a); err != nil {
		return err
	}
	if err := a.holdsTo(step(from, a.verb, State(a.order.State)), from); err != nil {
		return err
	}
	if err := a.tellOther(from); err != nil {
		return err
	}
	if err := a.line(from); err != nil {
		return err
	}
	if err := a.save(); err != nil {
		return err
	}
	return a.follow(in, "")
}

// holdsTo checks that the verb did what its row says and nothing else: a clock that no row starts or stops is a mistake of ours.
func (a *act) holdsTo(row *Step, from State) error {
	if row == nil {
		return fmt.Errorf("flow: %s can't lead from %s to %s", a.verb, from, a.order.State)
	}
	for _, c := range a.started {
		if !slices.Contains(row.Starts, c.Step) {
			return fmt.Errorf("flow: %s from %s to %s does not start the clock %s", a.verb, from, row.To, c.Step)
		}
	}
	for _, step := range a.ended {
		if !slices.Contains(row.Stops, step) {
			return fmt.Errorf("flow: %s from %s to %s does not stop the clock %s", a.verb, from, row.To, step)
		}
	}
	return nil
}

// follow writes what hangs on the order: the clocks that started, the history line, the change for who watches and the receipt.
func (a *act) follow(in proto.Message, code string) error {
	if err := a.writeClocks(); err != nil {
		return err
	}
	if err := a.writeLine(); err != nil {
		return err
	}
	if err := a.tell(); err != nil {
		return err
	}
	return a.keepReceipt(in, code)
}

// line makes the order's next history line, sealed to the line before.
func (a *act) line(from State) error {
	e := &ent.Event{ID: newID(), WorkOrderID: a.order.ID, Seq: a.order.Events + 1, Verb: string(a.verb), FromState: string(from),
		ToState: a.order.State, Summary: a.summary, Public: a.public, CreatedAt: a.now}
	e.Actor, e.Role, e.Unit = a.s.actorOf(a.v, string(a.verb))
	var err error
	if a.note != "" {
		if e.Note, err = a.keys.Seal(privacy.Text, rowOf(e.ID), a.note); err != nil {
			return err
		}
		e.NoteDigest = a.keys.Digest(rowOf(e.ID), a.note)
	}
	e.Seal = eventSeal(a.keys, a.order.EventHead, e)
	a.order.Events, a.order.EventHead, a.event = e.Seq, e.Seal, e
	return nil
}

func (a *act) writeLine() error {
	e := a.event
	line := a.s.ent().Event.Create().SetID(e.ID).SetWorkOrderID(e.WorkOrderID).SetSeq(e.Seq).SetVerb(e.Verb).
		SetFromState(e.FromState).SetToState(e.ToState).SetActor(e.Actor).SetRole(e.Role).SetUnit(e.Unit).
		SetSummary(e.Summary).SetNote(e.Note).SetNoteDigest(e.NoteDigest).SetPublic(e.Public).SetSeal(e.Seal).
		SetCreatedAt(e.CreatedAt)
	return a.s.db.Soon(a.ctx, line.Exec, func(err error) error {
		if store.IsConstraint(err) {
			return conflict()
		}
		return fmt.Errorf("history of %s: %w", a.order.Number, err)
	})
}

// save writes the order if nobody else has since it was read: of two acts at once, one wins.
func (a *act) save() error {
	o := a.order
	o.DueAt, o.Warning = soonest(a.clocks), warning(a.clocks)
	side := a.rules.Policy.GetSideLives()
	o.Hard = o.Hard || o.Returns >= int(side.GetHardReturns()) || o.Reworks >= int(side.GetHardReworks())
	update := a.s.ent().WorkOrder.Update().Where(workorder.ID(o.ID), workorder.Version(o.Version)).
		SetVersion(o.Version + 1).SetState(o.State).SetCategory(o.Category).SetDisposition(o.Disposition).SetHolder(o.Holder).
		SetTargetCity(o.TargetCity).SetReason(o.Reason).SetTold(o.Told).SetCitation(o.Citation).
		SetLead(o.Lead).SetLeadPath(o.LeadPath).SetConclusion(o.Conclusion).SetPublicAnswer(o.PublicAnswer).
		SetUrges(o.Urges).SetReworks(o.Reworks).SetSupplements(o.Supplements).SetWarning(o.Warning).SetReturns(o.Returns).
		SetImproperReturns(o.ImproperReturns).SetEscalations(o.Escalations).SetLocked(o.Locked).SetAdjudicating(o.Adjudicating).
		SetHard(o.Hard).SetSupervised(o.Supervised).SetUnreasonable(o.Unreasonable).SetSuspicious(o.Suspicious).SetClustered(o.Clustered).
		SetExcluded(o.Excluded).SetSides(o.Sides).SetNillableMainID(o.MainID).SetNillableTransferID(o.TransferID).SetBrief(o.Brief).
		SetEvents(o.Events).SetEventHead(o.EventHead).SetDueAt(o.DueAt).
		SetNillableDispatchedAt(o.DispatchedAt).SetNillableConcludedAt(o.ConcludedAt).SetNillableClosedAt(o.ClosedAt)
	if o.ClosedAt == nil {
		update.ClearClosedAt()
	}
	if o.MainID == nil {
		update.ClearMainID()
	}
	n, err := update.Save(a.ctx)
	if err != nil {
		return fmt.Errorf("save %s: %w", o.Number, err)
	}
	if n == 0 {
		return conflict()
	}
	o.Version++
	return nil
}

// hold takes the order into the actor's private pool, or refuses when it is in somebody else's.
func (a *act) hold() error {
	if a.order.Holder != "" && a.order.Holder != a.v.Login {
		return refused("HELD", "工单已由 %s 领取，请等待其处理或放回公共池。", a.order.Holder)
	}
	a.order.Holder = a.v.Login
	return nil
}

func etag(o *ent.WorkOrder) string { return strconv.Itoa(o.Version) }

// etagOf is the version that the request was made on, empty when it names none.
func etagOf(in request) string {
	if e, ok := in.(interface{ GetEtag() string }); ok {
		return e.GetEtag()
	}
	return ""
}
