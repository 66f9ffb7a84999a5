package casework

import (
	"context"
	"fmt"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/workorder"
	"hotline/tenants/privacy"
)

// Take (领取) moves the order that is due soonest from the public pool (公共池) into the caller's private pool (私人池).
// Two people who take at once get two different orders; an order goes to exactly one person.
func (s *Service) Take(ctx context.Context, in *pb.TakeRequest) (out *pb.TakeResponse, err error) {
	pool := State(word(in.GetPool()))
	err = s.again(ctx, func(ctx context.Context) error {
		out = &pb.TakeResponse{}
		return s.takeOne(ctx, pool, in, out)
	})
	return out, err
}

func (s *Service) takeOne(ctx context.Context, pool State, in *pb.TakeRequest, out *pb.TakeResponse) error {
	a, err := s.open(ctx, "take")
	if err != nil {
		return err
	}
	if !s.access.May(a.v.Roles(), "work_order", string(poolVerb[pool])) {
		return refused("OTHER_POOL", "这个公共池的工单不由您的岗位处理。")
	}
	done, err := s.findReceipt(ctx, a.keys, "take", in)
	if err != nil {
		return err
	}
	if done != nil { // the answer was lost on the way: the same order again, not a second one
		o, err := s.ent().WorkOrder.Get(ctx, done.WorkOrderID)
		if err != nil {
			return fmt.Errorf("taken before: %w", err)
		}
		out.WorkOrder, err = s.render(ctx, a.keys, a.rules, o, privacy.Detail)
		return err
	}
	o, err := s.nextIn(ctx, pool)
	if err != nil || o == nil {
		return err
	}
	n, err := s.ent().WorkOrder.Update().
		Where(workorder.ID(o.ID), workorder.Version(o.Version), workorder.Holder("")).
		SetHolder(a.v.Login).SetVersion(o.Version + 1).Save(ctx)
	if err != nil {
		return fmt.Errorf("take %s: %w", o.Number, err)
	}
	if n == 0 {
		return conflict()
	}
	o.Holder, o.Version = a.v.Login, o.Version+1
	if err := a.held(o, "take"); err != nil {
		return err
	}
	a.verb, a.order = "take", o
	if err := a.keepReceipt(in, ""); err != nil {
		return err
	}
	out.WorkOrder, err = s.render(ctx, a.keys, a.rules, o, privacy.Detail)
	return err
}

// poolVerb is the act a pool waits for; who may do it may take from it.
var poolVerb = map[State]Verb{Received: Dispatch, Replied: Review, Concluded: Callback}

// nextIn is the most urgent order of a pool that nobody holds, skipping those that another taker has its hand on.
func (s *Service) nextIn(ctx context.Context, pool State) (*ent.WorkOrder, error) {
	query := s.ent().WorkOrder.Query().Where(workorder.State(string(pool)), workorder.Holder(""))
	if pool == Received { // another city's matter is not dispatched here; its callback may be ours
		query.Where(workorder.TargetCity(""))
	}
	query.
		Order(ent.Asc(workorder.FieldDueAt), ent.Asc(workorder.FieldID))
	if s.db.Dialect() == dialect.Postgres {
		query.ForUpdate(sql.WithLockAction(sql.SkipLocked))
	}
	o, err := query.First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("pool %s: %w", pool, err)
	}
	return o, nil
}

// Release (放回) puts a held order back into the public pool.
func (s *Service) Release(ctx context.Context, in *pb.ReleaseRequest) (out *pb.WorkOrder, err error) {
	err = s.again(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, "take")
		if err != nil {
			return err
		}
		o, err := s.find(ctx, numberOf(in.GetName()), "take")
		if err != nil {
			return err
		}
		switch o.Holder {
		case a.v.Login:
			n, err := s.ent().WorkOrder.Update().Where(workorder.ID(o.ID), workorder.Version(o.Version)).
				SetHolder("").SetVersion(o.Version + 1).Save(ctx)
			if err != nil {
				return fmt.Errorf("release %s: %w", o.Number, err)
			}
			if n == 0 {
				return conflict()
			}
			o.Holder, o.Version = "", o.Version+1
			if err := a.held(o, "release"); err != nil {
				return err
			}
		case "": // a retry: it lies in the pool already
		default:
			return refused("HELD", "工单在 %s 手中，不能由您放回；其不在岗时，请督办员收回。", o.Holder)
		}
		out, err = s.render(ctx, a.keys, a.rules, o, privacy.Detail)
		return err
	})
	return out, err
}

// held tells those who watch who has the order now: what lies in which pool is no line of its history.
func (a *act) held(o *ent.WorkOrder, what string) error {
	c := ent.Change{Kind: ChangeAct, Verb: what, Seq: o.Events}
	c.Actor, c.Role, c.Unit = a.s.actorOf(a.v, "take")
	return a.s.tell(a.ctx, o, c)
}

// Reclaim (收回) takes an order out of the private pool of somebody who is absent and puts it back into the public one. Unlike release it
// is done to another, so it wants a reason and stands in the history.
func (s *Service) Reclaim(ctx context.Context, in *pb.ReclaimRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Reclaim, in, func(a *act) error {
		reason := in.GetReason()
		if err := a.clean(&reason); err != nil {
			return err
		}
		if a.order.Holder == "" {
			return refused("NOT_HELD", "工单已在公共池中，不需要收回。")
		}
		a.summary = "从 " + a.order.Holder + " 处收回，放回公共池：" + reason
		a.order.Holder = ""
		return nil
	})
}
