package casework

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/predicate"
	"hotline/ent/store"
	"hotline/ent/transfer"
	"hotline/ent/transferact"
	"hotline/ent/workorder"
	"hotline/tenants/privacy"
)

// ListTransfers (转办列表) pages by id, the newest first: ids sort by time.
func (s *Service) ListTransfers(ctx context.Context, in *pb.ListTransfersRequest) (out *pb.ListTransfersResponse, err error) {
	fits, err := s.transferFilter(ctx, in)
	if err != nil {
		return nil, err
	}
	size := int(in.GetPageSize())
	if size == 0 {
		size = 50
	}
	out = &pb.ListTransfersResponse{Watermark: watermark(ctx, "跨域转办", store.Moment(ctx))}
	err = s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.ent().Transfer.Query().Where(fits...).Order(ent.Desc(transfer.FieldID)).Limit(size + 1).All(ctx)
		if err != nil {
			return fmt.Errorf("transfers: %w", err)
		}
		if len(rows) > size {
			rows = rows[:size]
			out.NextPageToken = rows[size-1].ID.String()
		}
		numbers, err := s.numbersOfTransfers(ctx, rows)
		if err != nil {
			return err
		}
		for _, t := range rows {
			one := s.renderTransfer(ctx, t, numbers[t.ID])
			one.Overdue = late(t, store.Moment(ctx))
			out.Transfers = append(out.Transfers, one)
		}
		return nil
	})
	return out, err
}

// late (转办超时): not signed for, not answered, or not called back in time.
func late(t *ent.Transfer, now time.Time) bool {
	switch t.State {
	case "offered", "delivered":
		return t.SignDueAt != nil && now.After(*t.SignDueAt)
	case "signed":
		return t.AnswerDueAt != nil && now.After(*t.AnswerDueAt)
	case "concluded":
		return t.Callback == t.Target && t.CallbackDueAt != nil && now.After(*t.CallbackDueAt)
	}
	return false
}

func (s *Service) transferFilter(ctx context.Context, in *pb.ListTransfersRequest) (fits []predicate.Transfer, err error) {
	if token := in.GetPageToken(); token != "" {
		after, err := uuid.Parse(token)
		if err != nil {
			return nil, invalid("page_token", "翻页标记有误，请从第一页重新查看。")
		}
		fits = append(fits, transfer.IDLT(after))
	}
	switch in.GetDirection() {
	case "in":
		fits = append(fits, transfer.Target(tenantOf(ctx)))
	case "out":
		fits = append(fits, transfer.Origin(tenantOf(ctx)))
	}
	if in.GetState() != "" {
		if TransferStates[in.GetState()] == "" {
			return nil, invalid("state", "没有这个转办状态。")
		}
		fits = append(fits, transfer.State(in.GetState()))
	}
	if in.GetCall() != "" {
		fits = append(fits, transfer.Call(in.GetCall()))
	}
	return fits, nil
}

// numbersOfTransfers are the numbers of the orders here.
func (s *Service) numbersOfTransfers(ctx context.Context, rows []*ent.Transfer) (map[uuid.UUID]string, error) {
	byOrder := map[uuid.UUID][]uuid.UUID{}
	var ids []uuid.UUID
	for _, t := range rows {
		if t.WorkOrderID != nil {
			byOrder[*t.WorkOrderID] = append(byOrder[*t.WorkOrderID], t.ID)
			ids = append(ids, *t.WorkOrderID)
		}
	}
	numbers := map[uuid.UUID]string{}
	if len(ids) == 0 {
		return numbers, nil
	}
	orders, err := s.ent().WorkOrder.Query().Where(workorder.IDIn(ids...)).Select(workorder.FieldID, workorder.FieldNumber).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("orders of transfers: %w", err)
	}
	for _, o := range orders {
		for _, id := range byOrder[o.ID] {
			numbers[id] = o.Number
		}
	}
	return numbers, nil
}

// GetTransfer (查看转办) shows a transfer with its signed acts. What was sealed to this city shows by its privacy rules, looked at with
// a line in the read ledger of the order here.
func (s *Service) GetTransfer(ctx context.Context, in *pb.GetTransferRequest) (out *pb.Transfer, err error) {
	err = s.looking(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, "get")
		if err != nil {
			return err
		}
		id, err := uuid.Parse(numberOf(in.GetName()))
		if err != nil {
			return notFound()
		}
		t, err := s.ent().Transfer.Query().Where(transfer.ID(id)).Only(ctx)
		if ent.IsNotFound(err) {
			return notFound()
		}
		if err != nil {
			return fmt.Errorf("transfer: %w", err)
		}
		o, err := s.orderOf(ctx, t)
		if err != nil {
			return err
		}
		number := ""
		if o != nil {
			number = o.Number
		}
		out = s.renderTransfer(ctx, t, number)
		out.Overdue = late(t, a.now)
		out.Acts, err = s.renderTransferActs(ctx, a, t, o)
		return err
	})
	return out, err
}

func (s *Service) renderTransferActs(ctx context.Context, a *act, t *ent.Transfer, o *ent.WorkOrder) ([]*pb.TransferAct, error) {
	rows, err := s.ent().TransferAct.Query().Where(transferact.TransferID(t.ID)).Order(ent.Asc(transferact.FieldSequence)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("acts of transfer: %w", err)
	}
	// The coordinator has no order, so nothing it reads is a citizen's page: the papers of the two sides are addressed to it.
	r := &privacy.Reader{Keys: a.keys, Policy: a.rules.Privacy, Roles: a.v.Roles(), Situation: privacy.History}
	if o != nil {
		if r, _, err = s.reader(ctx, a.keys, a.rules, o, privacy.Detail); err != nil {
			return nil, err
		}
	}
	var out []*pb.TransferAct
	for _, e := range rows {
		shown, err := r.Show(ctx, rowOf(e.ID), t.Confidential, privacy.Field{Name: "transfer.words", Data: e.Words})
		if err != nil {
			return nil, err
		}
		out = append(out, &pb.TransferAct{Sequence: int32(e.Sequence), Act: e.Act, ActTitle: ActTitles[e.Act], City: e.City,
			CityTitle: a.cityTitle(e.City), Summary: e.Summary, Words: show(shown[0]), ActTime: timestamppb.New(e.ActedAt)})
	}
	return out, nil
}

func (s *Service) renderTransfer(ctx context.Context, t *ent.Transfer, number string) *pb.Transfer {
	a := &act{s: s, ctx: ctx}
	out := &pb.Transfer{Name: "tenants/" + t.Tenant + "/transfers/" + t.ID.String(), Region: t.Region, Origin: t.Origin, Number: t.Number,
		Target: t.Target, OriginTitle: a.cityTitle(t.Origin), TargetTitle: a.cityTitle(t.Target), State: t.State, StateTitle: TransferStates[t.State],
		Custodian: custodian(t), Mode: enumOf[pb.Mode](pb.Mode_value, t.Mode), Critical: t.Urgency == "critical", OrderNumber: t.OrderNumber,
		Category: t.Category, CategoryTitle: t.CategoryTitle, TargetCategory: t.TargetCategory, Basis: t.Basis, CallsBack: pb.CallsBack_TARGET,
		Consent: t.Consent, Confidential: t.Confidential, Declines: int32(t.Declines), Reason: t.Reason, Ground: t.Ground, Responsible: t.Responsible,
		Notice: noticeOf(t, store.Now(ctx)), Objected: t.Objected, CallbackDueTime: stamp(t.CallbackDueAt), Call: t.Call, Pending: t.Pending, Sampled: t.Sampled, StartTime: timestamppb.New(t.StartedAt), SignDueTime: stamp(t.SignDueAt),
		AnswerDueTime: stamp(t.AnswerDueAt), ChangeTime: timestamppb.New(t.ChangedAt), CreateTime: timestamppb.New(t.CreatedAt)}
	if t.Callback == t.Origin {
		out.CallsBack = pb.CallsBack_ORIGIN
	}
	if number != "" {
		out.WorkOrder = strings.Join([]string{"tenants", t.Tenant, "workOrders", number}, "/")
	}
	return out
}
