package casework

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/predicate"
	"hotline/ent/workorder"
	"hotline/tenants/calendar"
)

// mostWalked is how many orders one call verifies; who asks for a day goes on by the token.
const mostWalked = 200

// VerifyChains (审计校验) does what `hotline audit verify` does, for one order or for the orders received on one day.
func (s *Service) VerifyChains(ctx context.Context, in *pb.VerifyChainsRequest) (out *pb.VerifyChainsResponse, err error) {
	which, err := chainsOf(in)
	if err != nil {
		return nil, err
	}
	keys, err := s.vault.Keyring(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.ent().WorkOrder.Query().Where(which...).Order(ent.Asc(workorder.FieldID)).Limit(mostWalked + 1).All(ctx)
		if err != nil {
			return fmt.Errorf("orders to verify: %w", err)
		}
		if len(rows) == 0 && in.GetDay() == "" {
			return notFound()
		}
		out = &pb.VerifyChainsResponse{}
		if len(rows) > mostWalked {
			rows = rows[:mostWalked]
			out.NextPageToken = encode(rows[mostWalked-1].ID)
		}
		for _, o := range rows {
			lines, broken, err := s.verifyOrder(ctx, keys, o)
			if err != nil {
				return err
			}
			out.Orders++
			out.Lines += int32(lines)
			for _, b := range broken {
				out.Breaks = append(out.Breaks, &pb.Break{Number: b.Number, Chain: b.Chain, Seq: int32(b.Seq), Why: b.Why})
			}
		}
		return nil
	})
	return out, err
}

// chainsOf are the orders that the request names: one, or those of a day after the last that was walked.
func chainsOf(in *pb.VerifyChainsRequest) ([]predicate.WorkOrder, error) {
	if n := numberOf(in.GetName()); n != "-" {
		if in.GetDay() != "" || in.GetPageToken() != "" {
			return nil, invalid("day", "校验一件工单时不填日期。")
		}
		return []predicate.WorkOrder{workorder.Number(n)}, nil
	}
	day, err := time.ParseInLocation(time.DateOnly, in.GetDay(), calendar.Zone)
	if err != nil {
		return nil, invalid("day", "请填写要校验的日期，如 2026-11-23。")
	}
	where := []predicate.WorkOrder{workorder.ReceivedAtGTE(day.UTC()), workorder.ReceivedAtLT(day.AddDate(0, 0, 1).UTC())}
	if t := in.GetPageToken(); t != "" {
		var after uuid.UUID
		if err := decode(t, &after); err != nil {
			return nil, invalid("page_token", "翻页标记无效，请从第一页重新开始。")
		}
		where = append(where, workorder.IDGT(after))
	}
	return where, nil
}
