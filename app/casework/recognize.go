package casework

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect/sql"

	pb "hotline/api/casework/v1"
	"hotline/ent/predicate"
	"hotline/ent/workorder"
	"hotline/tenants/privacy"
)

const (
	mostOpen  = 10 // open orders of one caller on the card
	mostEnded = 3  // and ended ones
)

// Recognize (来电识别) is the card beside intake: who calls, what is open of theirs and may be urged or supplemented there, what was
// last. It finds by the whole number and only what Search would: a confidential order is there for who may ask for its number.
func (s *Service) Recognize(ctx context.Context, in *pb.RecognizeRequest) (out *pb.RecognizeResponse, err error) {
	keys, err := s.vault.Keyring(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, "get")
		if err != nil {
			return err
		}
		visible, err := s.visible(ctx, "search")
		if err != nil {
			return err
		}
		out = &pb.RecognizeResponse{Watermark: watermark(ctx, "来电识别", a.now)}
		caller := []predicate.WorkOrder{visible, workorder.PhoneIndex(keys.Blind(privacy.Phone, in.GetPhone())), findable(ctx, a.rules)}
		if out.Open, err = s.callersOrders(ctx, a, mostOpen, append(caller, unended)); err != nil {
			return err
		}
		if out.Ended, err = s.callersOrders(ctx, a, mostEnded, append(caller, workorder.Not(unended))); err != nil {
			return err
		}
		out.Caller = latestCaller(out.Open, out.Ended)
		return nil
	})
	return out, err
}

// unended are the orders in which something still runs: the caller asks about these.
func unended(s *sql.Selector) {
	var ended []any
	for _, state := range []State{Closed, Answered, Redirected, Withdrawn, Declined} {
		ended = append(ended, string(state))
	}
	s.Where(sql.NotIn(s.C(workorder.FieldState), ended...))
}

func (s *Service) callersOrders(ctx context.Context, a *act, most int, where []predicate.WorkOrder) (out []*pb.WorkOrder, err error) {
	rows, err := s.ent().WorkOrder.Query().Where(where...).Order(byReceived.sort).Limit(most).Select(listed...).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("orders of a caller: %w", err)
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
		if !State(o.State).Ended() {
			w.Acts = s.acts(ctx, o)
		}
		out = append(out, w)
	}
	return out, nil
}

// latestCaller is the caller as the newest of the orders has them.
func latestCaller(lists ...[]*pb.WorkOrder) *pb.Petitioner {
	var newest *pb.WorkOrder
	for _, list := range lists {
		for _, o := range list {
			if newest == nil || o.GetReceiveTime().AsTime().After(newest.GetReceiveTime().AsTime()) {
				newest = o
			}
		}
	}
	return newest.GetPetitioner()
}
