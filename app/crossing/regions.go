package crossing

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/app/casework"
	"hotline/ent"
	"hotline/ent/outgoing"
	"hotline/ent/record"
	"hotline/ent/store"
	"hotline/ent/transfer"
	"hotline/federation"
	"hotline/federation/ledger"
	"hotline/tenants"
	"hotline/tenants/calendar"
	"hotline/tenants/privacy"
)

func notFound() error {
	return errors.NotFound("NOT_FOUND", "没有找到，或不在您可见的范围内。")
}

func refused(reason, format string, args ...any) error {
	return errors.Conflict(reason, fmt.Sprintf(format, args...))
}

// ListRegions (所在区域) shows the regions that the viewer's city is in, or coordinates, and how it stands with them now.
func (s *Service) ListRegions(ctx context.Context, _ *pb.ListRegionsRequest) (*pb.ListRegionsResponse, error) {
	out := &pb.ListRegionsResponse{}
	for _, r := range s.regions() {
		coordinator, _ := r.Ledger().Region()
		if me := tenants.From(ctx).Tenant; member(r.Ledger().Members(), me) == nil && coordinator != me {
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
		Skew: r.GetSkew(), Declines: int32(r.GetDeclines()), Backlog: int64(r.GetBacklog()), VerifyAtApply: proto.Bool(r.GetVerifyAtApply()),
		DeclineGrace: proto.Int64(r.GetDeclineGrace()), CallbackDue: proto.Int64(r.GetCallbackDue()), CallbackHandover: proto.Int64(r.GetCallbackHandover())}
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

// ListRegionTransfers (区域转办) reads the ledger itself: what is not over, in the order of origin and number or of what is due.
func (s *Service) ListRegionTransfers(ctx context.Context, in *pb.ListRegionTransfersRequest) (*pb.ListTransfersResponse, error) {
	r, err := s.coordinated(ctx, in.GetParent())
	if err != nil {
		return nil, err
	}
	size, now, members := cmp.Or(int(in.GetPageSize()), 50), s.now(), r.Ledger().Members()
	place := key
	if in.GetOrderBy() == "due" {
		place = dueKey
	}
	var fits []*federationv1.TransferRecord
	_, rules := r.Ledger().Region()
	for t := range r.Ledger().Transfers(nil) {
		if place(t) > in.GetPageToken() && askedFor(in, members, rules, t, now) {
			fits = append(fits, t)
		}
	}
	slices.SortFunc(fits, func(a, b *federationv1.TransferRecord) int { return strings.Compare(place(a), place(b)) })
	out := &pb.ListTransfersResponse{Watermark: tenants.From(ctx).Mark("区域转办", now.In(calendar.Zone))}
	if len(fits) > size {
		fits = fits[:size]
		out.NextPageToken = place(fits[size-1])
	}
	rows, err := s.rowsOf(ctx, r, fits)
	if err != nil {
		return nil, err
	}
	for _, t := range fits {
		name, pending := "", ""
		if row := rows[key(t)]; row != nil {
			name, pending = "tenants/"+row.Tenant+"/transfers/"+row.ID.String(), row.Pending
		} else if orphaned(members, t) { // it may be designated, so it has to have a name
			name = "tenants/" + tenants.From(ctx).Tenant + "/transfers/" + orphanID(r, t).String()
		}
		one := s.renderRecord(ctx, r, t, name)
		one.Pending, one.Overdue, one.Designable = pending, late(t, rules, now), name != "" && pending == "" && designable(members, t)
		out.Transfers = append(out.Transfers, one)
	}
	return out, nil
}

// askedFor says whether a transfer is one of those asked for.
func askedFor(in *pb.ListRegionTransfersRequest, members []*federationv1.MemberRecord, rules *federationv1.Rules, t *federationv1.TransferRecord, now time.Time) bool {
	return (in.GetState() == "" || in.GetState() == "overdue" || stateWord(t) == in.GetState() || in.GetState() == "disputed" && t.GetObjected()) && (in.GetOrigin() == "" || t.GetId().GetOrigin() == in.GetOrigin()) &&
		(in.GetTarget() == "" || t.GetTarget() == in.GetTarget()) && (in.GetNumber() == 0 || int64(t.GetId().GetNumber()) == in.GetNumber()) &&
		(!in.GetOverdue() && in.GetState() != "overdue" || late(t, rules, now)) && (!in.GetDesignable() || designable(members, t))
}

// designable (待指定) says that somebody has to be designated.
func designable(members []*federationv1.MemberRecord, t *federationv1.TransferRecord) bool {
	return t.GetState() == federationv1.State_DISPUTED || t.GetObjected() || orphaned(members, t)
}

// dueKey orders transfers by what is due soonest; behind them those that nobody waits for.
func dueKey(t *federationv1.TransferRecord) string {
	due := int64(math.MaxInt64)
	switch t.GetState() {
	case federationv1.State_OFFERED, federationv1.State_DELIVERED:
		due = t.GetSignDue()
	case federationv1.State_SIGNED:
		due = t.GetAnswerDue()
	}
	return fmt.Sprintf("%020d/%s", due, key(t))
}

// key orders transfers, and is where a page ends.
func key(t *federationv1.TransferRecord) string {
	return fmt.Sprintf("%s/%020d", t.GetId().GetOrigin(), t.GetId().GetNumber())
}

// idOf reads a key; nil where it is none, or the page is the first.
func idOf(key string) *federationv1.TransferId {
	origin, number, _ := strings.Cut(key, "/")
	n, err := strconv.ParseUint(number, 10, 64)
	if err != nil {
		return nil
	}
	return &federationv1.TransferId{Origin: origin, Number: n}
}

func stateWord(t *federationv1.TransferRecord) string { return strings.ToLower(t.GetState().String()) }

// rowsOf are the coordinator's own rows: it has one of each dispute.
func (s *Service) rowsOf(ctx context.Context, r *federation.Region, list []*federationv1.TransferRecord) (map[string]*ent.Transfer, error) {
	out := map[string]*ent.Transfer{}
	var numbers []int64
	for _, t := range list {
		numbers = append(numbers, int64(t.GetId().GetNumber()))
	}
	err := s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.db.Ent.Transfer.Query().Where(transfer.Region(r.Name()), transfer.NumberIn(numbers...)).All(ctx)
		for _, t := range rows {
			out[fmt.Sprintf("%s/%020d", t.Origin, t.Number)] = t
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
		ChangeTime: timestamppb.New(time.UnixMilli(t.GetChanged())), Custodian: ledger.Custodian(t), Objected: t.GetObjected()}
	if t.GetCallback() == t.GetId().GetOrigin() {
		out.CallsBack = pb.CallsBack_ORIGIN
	} else if t.GetState() == federationv1.State_CONCLUDED {
		_, rules := r.Ledger().Region()
		out.CallbackDueTime = timestamppb.New(time.UnixMilli(ledger.CallbackDue(rules, cmp.Or(t.GetConcluded(), t.GetChanged()))))
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
	now := s.now()
	_, rules := r.Ledger().Region()
	out := &pb.RegionFigures{Over: int64(r.Ledger().Figures().Gone)}
	pairs := map[string]*pb.PairFigures{}
	for t := range r.Ledger().Transfers(nil) {
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
		if t.GetState() == federationv1.State_DISPUTED || t.GetObjected() {
			p.Disputed++
			out.Disputed++
		}
		if late(t, rules, now) {
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

// late: not signed for, not answered, or not called back in time.
func late(t *federationv1.TransferRecord, rules *federationv1.Rules, now time.Time) bool {
	switch t.GetState() {
	case federationv1.State_OFFERED, federationv1.State_DELIVERED:
		return now.UnixMilli() > t.GetSignDue()
	case federationv1.State_SIGNED:
		return now.UnixMilli() > t.GetAnswerDue()
	case federationv1.State_CONCLUDED:
		return t.GetCallback() == t.GetTarget() && now.UnixMilli() > ledger.CallbackDue(rules, cmp.Or(t.GetConcluded(), t.GetChanged()))
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
		callback, err := s.designatedCaller(t, in)
		if err != nil {
			return err
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

// designatedCaller is who calls back after a designation: the city designated where it may know the citizen, otherwise the origin.
func (s *Service) designatedCaller(t *ent.Transfer, in *pb.DesignateRequest) (string, error) {
	r := s.region(t.Region)
	may := ledger.MayCallBack(r.Ledger().Transfer(t.Origin, uint64(t.Number)), in.GetTarget()) || !active(r.Ledger().Members(), t.Origin)
	switch {
	case in.GetCallsBack() == pb.CallsBack_TARGET && !may:
		return "", refused(federationv1.Reason_NO_CONSENT.String(), "诉求人未同意由该城市联系，请指定由转出城市回访。")
	case in.GetCallsBack() == pb.CallsBack_ORIGIN || !may:
		return t.Origin, nil
	}
	return in.GetTarget(), nil
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
	case t.State != "disputed" && !now.GetObjected() && (now == nil || !orphaned(r.Ledger().Members(), now)):
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
		for t := range r.Ledger().Transfers(nil) {
			if orphanID(r, t) != id || !orphaned(r.Ledger().Members(), t) {
				continue
			}
			row, err := s.db.Ent.Transfer.Create().SetID(id).SetRegion(r.Name()).SetOrigin(t.GetId().GetOrigin()).SetNumber(int64(t.GetId().GetNumber())).
				SetTarget(t.GetTarget()).SetState(stateWord(t)).SetSequence(int(t.GetSequence())).SetMode(strings.ToLower(t.GetMode().String())).
				SetUrgency(strings.ToLower(t.GetUrgency().String())).SetOrderNumber(casework.Tidy(t.GetOrder())).SetCallback(t.GetCallback()).SetDeclines(int(t.GetDeclines())).
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
		Declines: uint32(n.GetDeclines()), Backlog: uint64(n.GetBacklog()), VerifyAtApply: now.GetVerifyAtApply(),
		DeclineGrace: now.GetDeclineGrace(), CallbackDue: now.GetCallbackDue(), CallbackHandover: now.GetCallbackHandover()}
	if n.VerifyAtApply != nil { // a safeguard is not switched off by not being spoken of
		rules.VerifyAtApply = n.GetVerifyAtApply()
	}
	for _, span := range []struct{ rule, given *int64 }{{&rules.DeclineGrace, n.DeclineGrace}, {&rules.CallbackDue, n.CallbackDue}, {&rules.CallbackHandover, n.CallbackHandover}} {
		if span.given != nil {
			*span.rule = *span.given
		}
	}
	if err := s.Govern(ctx, r.Name(), &federationv1.Command{Act: &federationv1.Command_SetRules{SetRules: &federationv1.SetRules{Rules: rules}}}); err != nil {
		return nil, err
	}
	if err := s.record.Write(ctx, rulesAct+r.Name(), changedRules(now, rules)); err != nil {
		return nil, err
	}
	return s.render(ctx, r)
}

// rulesAct and a region's name is how a change of its rules stands in the record of its coordinator.
const rulesAct = "region.rules."

// changedRules says in a sentence what the new version of the rules changes.
func changedRules(was, now *federationv1.Rules) string {
	var parts []string
	add := func(title, before, after string) {
		if before != after {
			parts = append(parts, fmt.Sprintf("%s由%s改为%s", title, before, after))
		}
	}
	span := func(title string, before, after int64) { add(title, spanWords(before), spanWords(after)) }
	span("签收最短期限", was.GetSignLeast(), now.GetSignLeast())
	span("接收最短期限", was.GetAnswerLeast(), now.GetAnswerLeast())
	span("特急签收最短期限", was.GetCriticalSignLeast(), now.GetCriticalSignLeast())
	span("特急接收最短期限", was.GetCriticalAnswerLeast(), now.GetCriticalAnswerLeast())
	span("接收最长期限", was.GetAnswerMost(), now.GetAnswerMost())
	span("静默接收宽限", was.GetDeclineGrace(), now.GetDeclineGrace())
	span("回访逾期期限", was.GetCallbackDue(), now.GetCallbackDue())
	span("回访移交期限", was.GetCallbackHandover(), now.GetCallbackHandover())
	span("时钟允许偏差", was.GetSkew(), now.GetSkew())
	add("拒收上限", fmt.Sprintf("%d次", was.GetDeclines()), fmt.Sprintf("%d次", now.GetDeclines()))
	add("台账积压上限", fmt.Sprintf("%d字节", was.GetBacklog()), fmt.Sprintf("%d字节", now.GetBacklog()))
	add("写入时验签", yesNo[was.GetVerifyAtApply()], yesNo[now.GetVerifyAtApply()])
	if len(parts) == 0 {
		parts = append(parts, "内容未变")
	}
	return fmt.Sprintf("第 %d 版：%s", now.GetVersion(), strings.Join(parts, "；"))
}

var yesNo = map[bool]string{true: "是", false: "否"}

// spanWords is a span of seconds as people say it.
func spanWords(seconds int64) string {
	for _, u := range []struct {
		of   int64
		word string
	}{{86400, "天"}, {3600, "小时"}, {60, "分钟"}} {
		if seconds >= u.of && seconds%u.of == 0 {
			return fmt.Sprintf("%d%s", seconds/u.of, u.word)
		}
	}
	return fmt.Sprintf("%d秒", seconds)
}

// ListRegionRules (区域规则沿革) reads the changes from the coordinator's record.
func (s *Service) ListRegionRules(ctx context.Context, in *pb.ListRegionRulesRequest) (*pb.ListRegionRulesResponse, error) {
	r, err := s.coordinated(ctx, in.GetParent())
	if err != nil {
		return nil, err
	}
	out := &pb.ListRegionRulesResponse{}
	err = s.db.View(ctx, func(ctx context.Context) error {
		lines, err := s.db.Ent.Record.Query().Where(record.Act(rulesAct + r.Name())).Order(ent.Desc(record.FieldSeq)).Limit(200).All(ctx)
		if err != nil {
			return fmt.Errorf("rules of %s: %w", r.Name(), err)
		}
		for _, l := range lines {
			v := &pb.RegionRulesVersion{Author: l.Actor, Summary: l.Summary, CreateTime: timestamppb.New(l.CreatedAt)}
			if _, err := fmt.Sscanf(l.Summary, "第 %d 版", &v.Version); err != nil {
				return fmt.Errorf("rules of %s, line %d: %w", r.Name(), l.Seq, err)
			}
			out.Versions = append(out.Versions, v)
		}
		return nil
	})
	return out, err
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
