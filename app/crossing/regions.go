package crossing

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/app/casework"
	"hotline/ent"
	"hotline/ent/outgoing"
	"hotline/ent/store"
	"hotline/ent/transfer"
	"hotline/federation"
	"hotline/federation/ledger"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

func notFound() error {
	return errors.NotFound("NOT_FOUND", "没有找到，或不在您可见的范围内。")
}

func refused(reason, format string, args ...any) error {
	return errors.Conflict(reason, fmt.Sprintf(format, args...))
}

// ListRegions (所在区域) shows the regions of the viewer's city and how it stands with them now.
func (s *Service) ListRegions(ctx context.Context, _ *pb.ListRegionsRequest) (*pb.ListRegionsResponse, error) {
	out := &pb.ListRegionsResponse{}
	for _, r := range s.regions() {
		if member(r.Ledger().Members(), tenants.From(ctx).Tenant) == nil {
			continue
		}
		one, err := s.render(ctx, r)
		if err != nil {
			return nil, err
		}
		out.Regions = append(out.Regions, one)
	}
	return out, nil
}

func (s *Service) render(ctx context.Context, r *federation.Region) (*pb.Region, error) {
	coordinator, rules := r.Ledger().Region()
	out := &pb.Region{Name: "tenants/" + tenants.From(ctx).Tenant + "/regions/" + r.Name(), Coordinator: coordinator, Rules: renderRules(rules)}
	for _, m := range r.Ledger().Members() {
		out.Members = append(out.Members, &pb.RegionMember{City: m.GetCity(), Title: s.title(ctx, m.GetCity()), Revoked: m.GetRevoked()})
	}
	err := s.db.View(ctx, func(ctx context.Context) error {
		waits := s.db.Ent.Outgoing.Query().Where(outgoing.Region(r.Name()), outgoing.SentAtIsNil())
		n, err := waits.Clone().Limit(backlog).Count(ctx)
		if err != nil {
			return fmt.Errorf("outgoing: %w", err)
		}
		out.Waiting = int32(n)
		oldest, err := waits.Order(ent.Asc(outgoing.FieldID)).First(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("outgoing: %w", err)
		}
		out.WaitingSince = timestamppb.New(oldest.CreatedAt)
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.Connected = s.connected(r)
	out.Status = "区域联动正常。"
	if !out.Connected {
		out.Status = fmt.Sprintf("区域联动中断，本市照常受理；%d 件转办事项已排队，恢复后自动补发。", out.Waiting)
	}
	out.Status += s.troubled(line{r.Name(), tenants.From(ctx).Tenant})
	return out, nil
}

// connected says whether the region answers this node now.
func (s *Service) connected(r *federation.Region) bool {
	s.mu.Lock()
	cut := !s.cut[r.Name()].IsZero()
	s.mu.Unlock()
	status := r.Status()
	return !cut && status.Problem == nil && status.Leader != "" && status.Contact < silence
}

// silence is how long a node may hear nothing of its region's leader before it counts as cut off; heartbeats come every second or so.
const silence = 30 * time.Second

// CutOff (区域中断) names the regions that don't answer now, for /readyz: a city without its region goes on taking calls.
func (s *Service) CutOff() []string {
	var out []string
	for _, r := range s.regions() {
		if !s.connected(r) {
			out = append(out, r.Name())
		}
	}
	return out
}

func renderRules(r *federationv1.Rules) *pb.RegionRules {
	return &pb.RegionRules{Version: int64(r.GetVersion()), SignLeast: r.GetSignLeast(), AnswerLeast: r.GetAnswerLeast(),
		CriticalSignLeast: r.GetCriticalSignLeast(), CriticalAnswerLeast: r.GetCriticalAnswerLeast(), AnswerMost: r.GetAnswerMost(),
		Skew: r.GetSkew(), Declines: int32(r.GetDeclines()), Backlog: int64(r.GetBacklog()), VerifyAtApply: r.GetVerifyAtApply()}
}

// coordinated is the region of a name that the viewer's city coordinates; to everybody else it does not exist.
func (s *Service) coordinated(ctx context.Context, name string) (*federation.Region, error) {
	r := s.region(name[strings.LastIndexByte(name, '/')+1:])
	if r == nil {
		return nil, notFound()
	}
	if coordinator, _ := r.Ledger().Region(); coordinator != tenants.From(ctx).Tenant {
		return nil, notFound()
	}
	return r, nil
}

// ListRegionTransfers (区域转办) reads the ledger itself: what is not over, in the order of origin and number.
func (s *Service) ListRegionTransfers(ctx context.Context, in *pb.ListRegionTransfersRequest) (*pb.ListTransfersResponse, error) {
	r, err := s.coordinated(ctx, in.GetParent())
	if err != nil {
		return nil, err
	}
	size := cmp.Or(int(in.GetPageSize()), 50)
	from := ""
	if in.GetPageToken() != "" {
		from = in.GetPageToken()
	}
	var fits []*federationv1.TransferRecord
	for _, t := range r.Ledger().Transfers() {
		if (in.GetState() == "" || stateWord(t) == in.GetState()) && key(t) > from {
			fits = append(fits, t)
		}
	}
	out := &pb.ListTransfersResponse{}
	if len(fits) > size {
		fits = fits[:size]
		out.NextPageToken = key(fits[size-1])
	}
	names, err := s.rowsOf(ctx, r, fits)
	if err != nil {
		return nil, err
	}
	members := r.Ledger().Members()
	for _, t := range fits {
		name := names[key(t)]
		if name == "" && orphaned(members, t) { // it may be designated, so it has to have a name
			name = "tenants/" + tenants.From(ctx).Tenant + "/transfers/" + orphanID(r, t).String()
		}
		out.Transfers = append(out.Transfers, s.renderRecord(ctx, r, t, name))
	}
	return out, nil
}

// key orders transfers, and is where a page ends.
func key(t *federationv1.TransferRecord) string {
	return fmt.Sprintf("%s/%020d", t.GetId().GetOrigin(), t.GetId().GetNumber())
}

func stateWord(t *federationv1.TransferRecord) string { return strings.ToLower(t.GetState().String()) }

// rowsOf are the names of the coordinator's own rows: it has one of each dispute.
func (s *Service) rowsOf(ctx context.Context, r *federation.Region, list []*federationv1.TransferRecord) (map[string]string, error) {
	out := map[string]string{}
	var numbers []int64
	for _, t := range list {
		numbers = append(numbers, int64(t.GetId().GetNumber()))
	}
	err := s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.db.Ent.Transfer.Query().Where(transfer.Region(r.Name()), transfer.NumberIn(numbers...)).All(ctx)
		for _, t := range rows {
			out[fmt.Sprintf("%s/%020d", t.Origin, t.Number)] = "tenants/" + t.Tenant + "/transfers/" + t.ID.String()
		}
		return err
	})
	return out, err
}

func (s *Service) renderRecord(ctx context.Context, r *federation.Region, t *federationv1.TransferRecord, name string) *pb.Transfer {
	state := stateWord(t)
	out := &pb.Transfer{Name: name, Region: r.Name(), Origin: t.GetId().GetOrigin(), Number: int64(t.GetId().GetNumber()), Target: t.GetTarget(),
		OriginTitle: s.title(ctx, t.GetId().GetOrigin()), TargetTitle: s.title(ctx, t.GetTarget()), State: state,
		StateTitle: casework.TransferStates[state], Mode: pb.Mode(t.GetMode()), Critical: t.GetUrgency() == federationv1.Urgency_CRITICAL, OrderNumber: t.GetOrder(),
		CallsBack: pb.CallsBack_TARGET, Declines: int32(t.GetDeclines()), StartTime: timestamppb.New(time.UnixMilli(t.GetOffered())),
		SignDueTime: timestamppb.New(time.UnixMilli(t.GetSignDue())), AnswerDueTime: timestamppb.New(time.UnixMilli(t.GetAnswerDue())),
		ChangeTime: timestamppb.New(time.UnixMilli(t.GetChanged())), Custodian: ledger.Custodian(t)}
	if t.GetCallback() == t.GetId().GetOrigin() {
		out.CallsBack = pb.CallsBack_ORIGIN
	}
	return out
}

// orphaned (无主转办) says that a case is with a city that was revoked, or waits for its callback: it is not disputed, and yet somebody has
// to be designated.
func orphaned(members []*federationv1.MemberRecord, t *federationv1.TransferRecord) bool {
	with := ledger.Custodian(t)
	return !ended(t) && (!active(members, with) || with == t.GetTarget() && !active(members, t.GetCallback()))
}

// orphanID names the coordinator's row of such a transfer before there is one.
func orphanID(r *federation.Region, t *federationv1.TransferRecord) uuid.UUID {
	return uuid.NewSHA1(uuid.NameSpaceOID, []byte(r.Name()+"/"+key(t)))
}

// GetRegionFigures (区域统计) counts over the ledger.
func (s *Service) GetRegionFigures(ctx context.Context, in *pb.GetRegionFiguresRequest) (*pb.RegionFigures, error) {
	r, err := s.coordinated(ctx, in.GetName())
	if err != nil {
		return nil, err
	}
	now := time.Now()
	out := &pb.RegionFigures{Over: int64(r.Ledger().Figures().Gone)}
	pairs := map[string]*pb.PairFigures{}
	for _, t := range r.Ledger().Transfers() {
		if ended(t) {
			out.Over++
			continue
		}
		name := t.GetId().GetOrigin() + t.GetTarget()
		if pairs[name] == nil {
			pairs[name] = &pb.PairFigures{Origin: t.GetId().GetOrigin(), Target: t.GetTarget(), States: map[string]int64{}}
		}
		p := pairs[name]
		p.Open++
		out.Open++
		p.States[stateWord(t)]++
		p.OldestHours = max(p.OldestHours, int64(now.Sub(time.UnixMilli(t.GetOffered())).Hours()))
		if t.GetState() == federationv1.State_DISPUTED {
			p.Disputed++
			out.Disputed++
		}
		if late(t, now) {
			p.Overdue++
			out.Overdue++
		}
	}
	for _, name := range slices.Sorted(maps.Keys(pairs)) {
		out.Pairs = append(out.Pairs, pairs[name])
	}
	return out, nil
}

func ended(t *federationv1.TransferRecord) bool {
	return t.GetState() == federationv1.State_CALLED_BACK || t.GetState() == federationv1.State_WITHDRAWN
}

// late: not signed for, or not answered, in time.
func late(t *federationv1.TransferRecord, now time.Time) bool {
	switch t.GetState() {
	case federationv1.State_OFFERED, federationv1.State_DELIVERED:
		return now.UnixMilli() > t.GetSignDue()
	case federationv1.State_SIGNED:
		return now.UnixMilli() > t.GetAnswerDue()
	}
	return false
}

// Designate (指定承办) puts the coordinator's word into its outbox; it is in force when the ledger has it. The reasons go to both cities.
func (s *Service) Designate(ctx context.Context, in *pb.DesignateRequest) (out *pb.Transfer, err error) {
	err = s.db.Do(ctx, func(ctx context.Context) error {
		t, err := s.mayDesignate(ctx, in)
		if err != nil {
			return err
		}
		keys, err := s.vault.Keyring(ctx)
		if err != nil {
			return err
		}
		callback := in.GetTarget()
		if in.GetCallsBack() == pb.CallsBack_ORIGIN {
			callback = t.Origin
		}
		content := &pb.Content{Words: privacy.Scrub(in.GetWords()), Open: &pb.Open{Target: in.GetTarget(), Basis: privacy.Scrub(in.GetBasis()), Callback: callback}}
		if err := s.casework.Send(ctx, keys, t, "designate", content); err != nil {
			return err
		}
		return s.db.Ent.Transfer.Update().Where(transfer.ID(t.ID)).SetPending("designate").Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	return s.casework.GetTransfer(ctx, &pb.GetTransferRequest{Name: in.GetName()})
}

func (s *Service) mayDesignate(ctx context.Context, in *pb.DesignateRequest) (*ent.Transfer, error) {
	id, err := uuid.Parse(in.GetName()[strings.LastIndexByte(in.GetName(), '/')+1:])
	if err != nil {
		return nil, notFound()
	}
	t, err := s.db.Ent.Transfer.Query().Where(transfer.ID(id)).Only(ctx)
	if ent.IsNotFound(err) {
		t, err = s.adopt(ctx, id)
	}
	if err != nil {
		return nil, err
	}
	r, err := s.coordinated(ctx, t.Region)
	if err != nil {
		return nil, err
	}
	now := r.Ledger().Transfer(t.Origin, uint64(t.Number))
	switch {
	case t.Pending != "":
		return nil, refused("PENDING", "已提交指定，正在等待区域台账确认，请稍后刷新。")
	case t.State != "disputed" && (now == nil || !orphaned(r.Ledger().Members(), now)):
		return nil, refused("NOT_DISPUTED", "这件转办不在争议中，不需要指定。")
	case !active(r.Ledger().Members(), in.GetTarget()):
		return nil, refused("NOT_LINKED", "被指定的城市不在本区域，请从成员中选择。")
	}
	return t, nil
}

// adopt makes the coordinator's row of a transfer whose city was revoked.
func (s *Service) adopt(ctx context.Context, id uuid.UUID) (*ent.Transfer, error) {
	for _, r := range s.regions() {
		if _, err := s.coordinated(ctx, r.Name()); err != nil {
			continue
		}
		for _, t := range r.Ledger().Transfers() {
			if orphanID(r, t) != id || !orphaned(r.Ledger().Members(), t) {
				continue
			}
			row, err := s.db.Ent.Transfer.Create().SetID(id).SetRegion(r.Name()).SetOrigin(t.GetId().GetOrigin()).SetNumber(int64(t.GetId().GetNumber())).
				SetTarget(t.GetTarget()).SetState(stateWord(t)).SetSequence(int(t.GetSequence())).SetMode(strings.ToLower(t.GetMode().String())).
				SetUrgency(strings.ToLower(t.GetUrgency().String())).SetOrderNumber(t.GetOrder()).SetCallback(t.GetCallback()).SetDeclines(int(t.GetDeclines())).
				SetStartedAt(time.UnixMilli(t.GetOffered()).UTC()).SetChangedAt(time.UnixMilli(t.GetChanged()).UTC()).SetCreatedAt(store.Now(ctx)).Save(ctx)
			if err != nil {
				return nil, fmt.Errorf("transfer: %w", err)
			}
			return row, nil
		}
	}
	return nil, notFound()
}

// SetRegionRules (区域规则) puts the next version of the rules into the ledger; they hold for what comes after them.
func (s *Service) SetRegionRules(ctx context.Context, in *pb.SetRegionRulesRequest) (*pb.Region, error) {
	r, err := s.coordinated(ctx, in.GetName())
	if err != nil {
		return nil, err
	}
	_, now := r.Ledger().Region()
	n := in.GetRules()
	if n.GetVersion() != 0 && n.GetVersion() != int64(now.GetVersion())+1 {
		return nil, refused("VERSION", "区域规则现为第 %d 版，请在最新版上修改。", now.GetVersion())
	}
	rules := &federationv1.Rules{Version: now.GetVersion() + 1, SignLeast: n.GetSignLeast(), AnswerLeast: n.GetAnswerLeast(),
		CriticalSignLeast: n.GetCriticalSignLeast(), CriticalAnswerLeast: n.GetCriticalAnswerLeast(), AnswerMost: n.GetAnswerMost(), Skew: n.GetSkew(),
		Declines: uint32(n.GetDeclines()), Backlog: uint64(n.GetBacklog()), VerifyAtApply: n.GetVerifyAtApply()}
	if err := s.Govern(ctx, r.Name(), &federationv1.Command{Act: &federationv1.Command_SetRules{SetRules: &federationv1.SetRules{Rules: rules}}}); err != nil {
		return nil, err
	}
	return s.render(ctx, r)
}

// Govern carries out an act of the viewer's city on the region itself: members, keys, coordinator, rules, version.
func (s *Service) Govern(ctx context.Context, region string, c *federationv1.Command) error {
	r := s.region(region)
	if r == nil {
		return notFound()
	}
	c.Group, c.City = r.Name(), tenants.From(ctx).Tenant
	_, c.Sequence = r.Ledger().Next(c.City)
	for range 10 {
		result, err := s.act(ctx, r, c)
		switch {
		case err != nil:
			return errors.ServiceUnavailable("REGION_CUT_OFF", "区域联动中断，请稍后再试。").WithCause(err)
		case result.Reason == 0:
			return s.seen(ctx, r, result.Sequence)
		case result.Reason != federationv1.Reason_WRONG_SEQUENCE:
			return refused(result.Reason.String(), "区域台账不接受：%s。", result.Refusal().GetMessage())
		}
		c.Sequence = result.Sequence + 1
	}
	return refused("CONFLICT", "区域台账正在变更，请稍后再试。")
}

// seen waits until this node's own state has what it was told.
func (s *Service) seen(ctx context.Context, r *federation.Region, sequence uint64) error {
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until) && ctx.Err() == nil; rest(ctx, 5*time.Millisecond) {
		if _, next := r.Ledger().Next(tenants.From(ctx).Tenant); next > sequence {
			return nil
		}
	}
	return nil // it is in the ledger; this node will see it
}
