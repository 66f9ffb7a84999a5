package crossing

import (
	"context"
	"encoding/json"
	stderrors "errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/ent"
	"hotline/ent/transfer"
	"hotline/federation"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// Mutual aid (话务互援): for a named time the seats of one city answer for another. Both say so on the region's board, each in its own
// name; while both do, what the helper hands over as a call is accepted on arrival, for the other city has nobody at the seats.

// asked is what the city that asks puts up for one helper, answered what the helper puts up for it.
type asked struct {
	Start  time.Time `json:"start"`
	End    time.Time `json:"end"`
	Seats  int32     `json:"seats"`
	Ground string    `json:"ground"`
	Ended  bool      `json:"ended,omitempty"`
}

type answered struct {
	Ask    uint64 `json:"ask"` // the number of the post that it answers
	Agreed bool   `json:"agreed"`
}

const (
	topicAsk    = "aid/ask/"    // and the helper
	topicAnswer = "aid/answer/" // and who asks
)

// seatless says that a place is no city but an office of coordination, whose code lies before the first province's: nobody answers calls there.
func seatless(code string) bool { return code < "110000" }

// longest is how long one aid may last: an emergency, not an arrangement.
const longest = 30 * 24 * time.Hour

// AskAid (请求话务互援).
func (s *Service) AskAid(ctx context.Context, in *pb.AskAidRequest) (*pb.Aid, error) {
	me := tenants.From(ctx).Tenant
	r, err := s.ours(ctx, in.GetName())
	if err != nil {
		return nil, err
	}
	start, end := in.GetStartTime().AsTime(), in.GetEndTime().AsTime()
	switch {
	case in.GetHelper() == me || !active(r.Ledger().Members(), in.GetHelper()):
		return nil, refused("NOT_LINKED", "请从本区域的其他城市中选择。")
	case seatless(me), seatless(in.GetHelper()):
		return nil, refused("NO_SEATS", "协调机构没有话务席位，不能请求或提供互援，请选择城市。")
	case !end.After(start) || end.Sub(start) > longest || end.Before(time.Now()):
		return nil, refused("WRONG_TIME", "互援时段有误：结束须晚于开始和现在，每次最长30天。")
	}
	if now := s.aid(ctx, r, me, in.GetHelper()); now != nil && (now.GetState() == "asked" || now.GetState() == "agreed") {
		return nil, refused("ALREADY_ASKED", "已向%s请求互援（%s），请先结束再重新请求。", now.GetHelperTitle(), now.GetStateTitle())
	}
	a := asked{Start: start, End: end, Seats: in.GetSeats(), Ground: privacy.Scrub(in.GetGround())}
	return s.sayAid(ctx, r, topicAsk+in.GetHelper(), a, me, in.GetHelper())
}

// EndAid (结束话务互援) takes the request back, agreed or not.
func (s *Service) EndAid(ctx context.Context, in *pb.EndAidRequest) (*pb.Aid, error) {
	me := tenants.From(ctx).Tenant
	r, err := s.ours(ctx, in.GetName())
	if err != nil {
		return nil, err
	}
	a, _, found := readJSON[asked](s, r, me, topicAsk+in.GetHelper())
	if !found || a.Ended {
		return nil, refused("NOT_ASKED", "没有向该市请求互援，或已经结束。")
	}
	a.Ended = true
	return s.sayAid(ctx, r, topicAsk+in.GetHelper(), a, me, in.GetHelper())
}

// AnswerAid (答复话务互援).
func (s *Service) AnswerAid(ctx context.Context, in *pb.AnswerAidRequest) (*pb.Aid, error) {
	me := tenants.From(ctx).Tenant
	r, err := s.ours(ctx, in.GetName())
	if err != nil {
		return nil, err
	}
	a, number, found := readJSON[asked](s, r, in.GetAsker(), topicAsk+me)
	if !found || a.Ended || time.Now().After(a.End) {
		return nil, refused("NOT_ASKED", "该市没有请求互援，或请求已结束。")
	}
	return s.sayAid(ctx, r, topicAnswer+in.GetAsker(), answered{Ask: number, Agreed: in.GetAgree()}, in.GetAsker(), me)
}

// ListAids (话务互援列表).
func (s *Service) ListAids(ctx context.Context, in *pb.ListAidsRequest) (*pb.ListAidsResponse, error) {
	me := tenants.From(ctx).Tenant
	r, err := s.ours(ctx, in.GetParent())
	if err != nil {
		return nil, err
	}
	out := &pb.ListAidsResponse{}
	for _, p := range r.Ledger().Posts(topicAsk) {
		helper := strings.TrimPrefix(p.GetTopic(), topicAsk)
		if p.GetCity() != me && helper != me {
			continue
		}
		if a := s.aid(ctx, r, p.GetCity(), helper); a != nil {
			out.Aids = append(out.Aids, a)
		}
	}
	slices.SortStableFunc(out.Aids, func(a, b *pb.Aid) int { return b.GetStartTime().AsTime().Compare(a.GetStartTime().AsTime()) })
	return out, nil
}

// ours is a region that the viewer's city is in; to others it is not there.
func (s *Service) ours(ctx context.Context, name string) (*federation.Region, error) {
	r := s.region(name[strings.LastIndexByte(name, '/')+1:])
	if r == nil || !active(r.Ledger().Members(), tenants.From(ctx).Tenant) {
		return nil, notFound()
	}
	return r, nil
}

// sayAid puts it up and waits until this node has seen it.
func (s *Service) sayAid(ctx context.Context, r *federation.Region, topic string, what any, asker, helper string) (*pb.Aid, error) {
	body, err := json.Marshal(what)
	if err != nil {
		return nil, err
	}
	me := tenants.From(ctx).Tenant
	before := r.Ledger().Posted(me, topic)
	if err := s.post(ctx, r, topic, plainly(body)); err != nil {
		return nil, errors.ServiceUnavailable("REGION_CUT_OFF", "区域联动中断，请稍后再试。").WithCause(err)
	}
	for until := time.Now().Add(5 * time.Second); time.Now().Before(until) && r.Ledger().Posted(me, topic) == before; {
		rest(ctx, 5*time.Millisecond)
	}
	if a := s.aid(ctx, r, asker, helper); a != nil {
		return a, nil
	}
	return &pb.Aid{Asker: asker, Helper: helper}, nil
}

// readJSON reads a city's newest post, and its number.
func readJSON[T any](s *Service, r *federation.Region, city, topic string) (out T, number uint64, found bool) {
	body, found, err := s.read(r, city, topic)
	if err != nil || !found || json.Unmarshal(body, &out) != nil {
		return out, 0, false
	}
	return out, r.Ledger().Posted(city, topic), true
}

// aid is how it stands between two cities, nil when nothing was ever asked.
func (s *Service) aid(ctx context.Context, r *federation.Region, asker, helper string) *pb.Aid {
	a, number, found := readJSON[asked](s, r, asker, topicAsk+helper)
	if !found {
		return nil
	}
	b, _, said := readJSON[answered](s, r, helper, topicAnswer+asker)
	said = said && b.Ask == number
	now := time.Now()
	out := &pb.Aid{Asker: asker, Helper: helper, AskerTitle: s.title(ctx, asker), HelperTitle: s.title(ctx, helper), Seats: a.Seats, Ground: a.Ground,
		StartTime: timestamppb.New(a.Start), EndTime: timestamppb.New(a.End), State: "asked"}
	switch {
	case a.Ended:
		out.State = "ended"
	case now.After(a.End):
		out.State = "over"
	case said && b.Agreed:
		out.State = "agreed"
	case said:
		out.State = "declined"
	}
	out.StateTitle = aidTitles[out.State]
	out.Active = out.State == "agreed" && !now.Before(a.Start)
	return out
}

var aidTitles = map[string]string{"asked": "待答复", "agreed": "互援中", "declined": "未同意", "ended": "已结束", "over": "到期"}

// acceptAided accepts what the helpers' seats have handed over to the cities here while they answer for them. What failed, or was cut off
// between its arrival and its acceptance, is found here again.
func (s *Service) acceptAided(ctx context.Context, r *federation.Region) {
	asks := r.Ledger().Posts(topicAsk)
	if len(asks) == 0 {
		return
	}
	cities, err := s.locals(ctx, r)
	if err != nil {
		s.fail(ctx, r, err)
		return
	}
	for _, p := range asks {
		if !slices.Contains(cities, p.GetCity()) {
			continue
		}
		a := s.aid(ctx, r, p.GetCity(), strings.TrimPrefix(p.GetTopic(), topicAsk))
		if !a.GetActive() {
			continue
		}
		if err := s.acceptFrom(as(ctx, p.GetCity()), r, a); err != nil && ctx.Err() == nil {
			s.log.Error("mutual aid", "region", r.Name(), "city", p.GetCity(), "error", err)
		}
	}
}

// acceptFrom accepts one helper's. What somebody here has signed for is theirs to answer.
func (s *Service) acceptFrom(ctx context.Context, r *federation.Region, a *pb.Aid) error {
	me := tenants.From(ctx).Tenant
	var orders []*ent.WorkOrder
	err := s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.db.Ent.Transfer.Query().Where(transfer.Region(r.Name()), transfer.Origin(a.GetHelper()), transfer.Target(me), transfer.Mode("hot"),
			transfer.StateIn("offered", "delivered"), transfer.Pending(""), transfer.WorkOrderIDNotNil(), transfer.CreatedAtGTE(a.GetStartTime().AsTime())).Limit(batch).All(ctx)
		if err != nil {
			return fmt.Errorf("transfers: %w", err)
		}
		for _, t := range rows {
			o, err := s.db.Ent.WorkOrder.Get(ctx, *t.WorkOrderID)
			if err != nil {
				return fmt.Errorf("order of transfer %s: %w", t.ID, err)
			}
			orders = append(orders, o)
		}
		return nil
	})
	if err != nil {
		return err
	}
	var failed []error // a person can still accept it, and it is tried again
	for _, o := range orders {
		_, err := s.casework.Accept(ctx, &pb.AcceptRequest{Name: "tenants/" + me + "/workOrders/" + o.Number})
		if err != nil && !casework.IsConflict(err) {
			failed = append(failed, fmt.Errorf("accept %s, which %s handed over: %w", o.Number, a.GetHelper(), err))
		}
	}
	return stderrors.Join(failed...)
}
