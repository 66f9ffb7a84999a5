package casework

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/event"
	"hotline/ent/predicate"
	"hotline/ent/reading"
	"hotline/ent/workorder"
	"hotline/tenants"
	"hotline/tenants/policy"
	"hotline/tenants/privacy"
)

// GetWorkOrder (查看工单). Looking at personal data in the clear writes the ledger, so then the transaction is a writing one.
func (s *Service) GetWorkOrder(ctx context.Context, in *pb.GetWorkOrderRequest) (out *pb.WorkOrder, err error) {
	err = s.looking(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, "get")
		if err != nil {
			return err
		}
		o, err := s.find(ctx, numberOf(in.GetName()), "get")
		if err != nil {
			return err
		}
		out, err = s.render(ctx, a.keys, a.rules, o, privacy.Detail)
		return err
	})
	return out, err
}

// ListWorkOrders (工单列表) pages by keyset over an index that leads with the tenant; nothing is counted.
func (s *Service) ListWorkOrders(ctx context.Context, in *pb.ListWorkOrdersRequest) (out *pb.ListWorkOrdersResponse, err error) {
	order, err := orderOf(in.GetOrderBy())
	if err != nil {
		return nil, err
	}
	from, err := order.after(in.GetPageToken())
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		visible, err := s.visible(ctx, "get")
		if err != nil {
			return err
		}
		reads, err := s.filters(ctx)
		if err != nil {
			return err
		}
		filter, err := parseFilter(in.GetFilter(), reads)
		if err != nil {
			return err
		}
		out, err = s.page(ctx, order, int(in.GetPageSize()), visible, filter, from)
		return err
	})
	return out, err
}

// Search (按来电号码查找) finds orders by the blind index of the whole number; part of a number finds nothing. A confidential order
// is found only by who may also ask for its number: to find it is to know whose it is.
func (s *Service) Search(ctx context.Context, in *pb.SearchRequest) (out *pb.ListWorkOrdersResponse, err error) {
	from, err := byReceived.after(in.GetPageToken())
	if err != nil {
		return nil, err
	}
	keys, err := s.vault.Keyring(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		visible, err := s.visible(ctx, "search")
		if err != nil {
			return err
		}
		rules, err := s.book.InForce(ctx)
		if err != nil {
			return err
		}
		same := workorder.PhoneIndex(keys.Blind(privacy.Phone, in.GetPhone()))
		out, err = s.page(ctx, byReceived, int(in.GetPageSize()), visible, same, findable(ctx, rules), from)
		return err
	})
	return out, err
}

// findable narrows a search by number to the orders whose number the viewer may ask for.
func findable(ctx context.Context, rules *policy.InForce) predicate.WorkOrder {
	if rules.Privacy.MayReveal(tenants.From(ctx).Roles(), privacy.Phone, true) {
		return all
	}
	return workorder.Confidential(false)
}

func (s *Service) page(ctx context.Context, by order, size int, where ...predicate.WorkOrder) (*pb.ListWorkOrdersResponse, error) {
	if size == 0 {
		size = 50
	}
	a, err := s.open(ctx, "get")
	if err != nil {
		return nil, err
	}
	rows, err := s.ent().WorkOrder.Query().Where(where...).Order(by.sort).Limit(size + 1).Select(listed...).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("list: %w", err)
	}
	out := &pb.ListWorkOrdersResponse{Watermark: watermark(ctx, "工单列表", a.now)}
	if len(rows) > size {
		rows = rows[:size]
		out.NextPageToken = by.token(rows[size-1])
	}
	for _, o := range rows {
		r, _, err := s.reader(ctx, a.keys, a.rules, o, privacy.List)
		if err != nil {
			return nil, err
		}
		w, err := s.row(ctx, r, o)
		if err != nil {
			return nil, err
		}
		out.WorkOrders = append(out.WorkOrders, w)
	}
	return out, nil
}

// listed are the columns of a list row: long texts and what is never shown in a list are not even read.
var listed = slices.DeleteFunc(slices.Clone(workorder.Columns), func(c string) bool {
	switch c {
	case workorder.FieldWords, workorder.FieldBody, workorder.FieldEvidence, workorder.FieldIDNumber, workorder.FieldPublicAnswer,
		workorder.FieldTold, workorder.FieldCode, workorder.FieldEventHead, workorder.FieldReadingHead:
		return true
	}
	return false
})

// order is one way to sort the list, each on an index of its own.
type order struct {
	name, column string
	desc         bool
}

var byReceived = order{"receive_time desc", workorder.FieldReceivedAt, true}

var orders = []order{
	byReceived,
	{"receive_time", workorder.FieldReceivedAt, false},
	{"due_time", workorder.FieldDueAt, false},
	{"due_time desc", workorder.FieldDueAt, true},
}

func orderOf(text string) (order, error) {
	text = strings.Join(strings.Fields(text), " ")
	if text == "" {
		return byReceived, nil
	}
	for _, o := range orders {
		if o.name == text {
			return o, nil
		}
	}
	return order{}, invalid("order_by", "不能这样排序，可用：receive_time、due_time，各可加 desc。")
}

func (o order) sort(s *sql.Selector) {
	dir := sql.Asc
	if o.desc {
		dir = sql.Desc
	}
	s.OrderBy(dir(s.C(o.column)), dir(s.C(workorder.FieldID)))
}

// place is where a page ended; the token says so and by which order, and nothing of the row itself.
type place struct {
	By string    `json:"b"`
	At time.Time `json:"t"`
	ID uuid.UUID `json:"i"`
}

func (o order) token(w *ent.WorkOrder) string {
	p := place{o.name, w.ReceivedAt, w.ID}
	if o.column == workorder.FieldDueAt {
		p.At = w.DueAt
	}
	return encode(p)
}

func (o order) after(token string) (predicate.WorkOrder, error) {
	if token == "" {
		return all, nil
	}
	var p place
	if err := decode(token, &p); err != nil || p.By != o.name {
		return nil, invalid("page_token", "翻页标记无效，请从第一页重新开始。")
	}
	return func(s *sql.Selector) {
		columns := []string{s.C(o.column), s.C(workorder.FieldID)}
		if o.desc {
			s.Where(sql.CompositeLT(columns, p.At.UTC(), p.ID))
		} else {
			s.Where(sql.CompositeGT(columns, p.At.UTC(), p.ID))
		}
	}, nil
}

func encode(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic("casework: page token: " + err.Error())
	}
	return base64.RawURLEncoding.EncodeToString(b)
}

func decode(token string, v any) error {
	b, err := base64.RawURLEncoding.DecodeString(token)
	if err != nil {
		return err
	}
	return json.Unmarshal(b, v)
}

// ListEvents (流转记录) is the history of one order, oldest first.
func (s *Service) ListEvents(ctx context.Context, in *pb.ListEventsRequest) (out *pb.ListEventsResponse, err error) {
	from, err := seqAfter(in.GetPageToken())
	if err != nil {
		return nil, err
	}
	size := sizeOr(in.GetPageSize(), 200)
	err = s.looking(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, "get")
		if err != nil {
			return err
		}
		o, err := s.find(ctx, numberOf(in.GetParent()), "get")
		if err != nil {
			return err
		}
		r, _, err := s.reader(ctx, a.keys, a.rules, o, privacy.History)
		if err != nil {
			return err
		}
		lines, err := s.ent().Event.Query().Where(event.WorkOrderID(o.ID), event.SeqGT(from)).
			Order(ent.Asc(event.FieldSeq)).Limit(size + 1).All(ctx)
		if err != nil {
			return fmt.Errorf("history of %s: %w", o.Number, err)
		}
		out = &pb.ListEventsResponse{Watermark: watermark(ctx, o.Number, a.now)}
		if len(lines) > size {
			lines = lines[:size]
			out.NextPageToken = encode(lines[size-1].Seq)
		}
		for _, e := range lines {
			one, err := s.renderEvent(ctx, r, o, e)
			if err != nil {
				return err
			}
			out.Events = append(out.Events, one)
		}
		return nil
	})
	return out, err
}

func seqAfter(token string) (seq int, err error) {
	if token != "" {
		if err := decode(token, &seq); err != nil {
			return 0, invalid("page_token", "翻页标记无效，请从第一页重新开始。")
		}
	}
	return seq, nil
}

func sizeOr(size int32, standard int) int {
	if size == 0 {
		return standard
	}
	return int(size)
}

// ListReadings (查看留痕): who saw which field of which order, when and why; of one order, or of the city newest first.
func (s *Service) ListReadings(ctx context.Context, in *pb.ListReadingsRequest) (out *pb.ListReadingsResponse, err error) {
	size := sizeOr(in.GetPageSize(), 100)
	query := s.ent().Reading.Query().Order(ent.Desc(reading.FieldID)).Limit(size + 1)
	if t := in.GetPageToken(); t != "" {
		var id uuid.UUID
		if err := decode(t, &id); err != nil {
			return nil, invalid("page_token", "翻页标记无效，请从第一页重新开始。")
		}
		query.Where(reading.IDLT(id))
	}
	if in.GetActor() != "" {
		query.Where(reading.Actor(in.GetActor()))
	}
	if t := in.GetStartTime(); t != nil {
		query.Where(reading.CreatedAtGTE(t.AsTime()))
	}
	if t := in.GetEndTime(); t != nil {
		query.Where(reading.CreatedAtLT(t.AsTime()))
	}
	if in.GetSituation() != "" {
		query.Where(reading.Situation(in.GetSituation()))
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		if n := numberOf(in.GetParent()); n != "-" {
			o, err := s.ent().WorkOrder.Query().Where(workorder.Number(n)).First(ctx)
			if ent.IsNotFound(err) {
				return notFound()
			}
			if err != nil {
				return fmt.Errorf("order %s: %w", n, err)
			}
			query.Where(reading.WorkOrderID(o.ID))
		}
		lines, err := query.All(ctx)
		if err != nil {
			return fmt.Errorf("ledger: %w", err)
		}
		out, err = s.renderReadings(ctx, lines, size, cityOf(in.GetParent()))
		return err
	})
	return out, err
}

func (s *Service) renderReadings(ctx context.Context, lines []*ent.Reading, size int, city string) (*pb.ListReadingsResponse, error) {
	out := &pb.ListReadingsResponse{}
	if len(lines) > size {
		lines = lines[:size]
		out.NextPageToken = encode(lines[size-1].ID)
	}
	var ids []uuid.UUID
	for _, l := range lines {
		ids = append(ids, l.WorkOrderID)
	}
	numbers, err := s.numbersOf(ctx, ids)
	if err != nil {
		return nil, err
	}
	for _, l := range lines {
		out.Readings = append(out.Readings, renderReading(city, numbers[l.WorkOrderID], l))
	}
	return out, nil
}
