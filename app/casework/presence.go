package casework

import (
	"context"
	"fmt"
	"time"

	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/presence"
	"hotline/ent/store"
	"hotline/ent/workorder"
	"hotline/tenants"
)

// presentFor is how long somebody counts as present (在看) without a sign of life: longer than two streams' signs are apart, so that
// only who was cut off by a crash is still seen after having gone.
const presentFor = 45 * time.Second

// Enter (打开工单) says that the viewer has the order open on a stream; the order must be in their scope.
func (s *Service) Enter(ctx context.Context, stream uuid.UUID, number string) error {
	return s.db.Do(ctx, func(ctx context.Context) error {
		o, err := s.find(ctx, number, "get")
		if err != nil {
			return err
		}
		login, role, unit := s.actorOf(tenants.From(ctx), "get")
		err = s.ent().Presence.Create().SetID(stream).SetWorkOrderID(o.ID).SetLogin(login).SetRole(role).SetUnit(unit).
			SetUntilAt(store.Now(ctx).Add(presentFor)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("enter %s: %w", number, err)
		}
		return s.tell(ctx, o, ent.Change{Kind: ChangePresence})
	})
}

// Stay says that those of the streams are still there.
func (s *Service) Stay(ctx context.Context, streams []uuid.UUID) error {
	return s.db.Do(ctx, func(ctx context.Context) error {
		err := s.ent().Presence.Update().Where(presence.IDIn(streams...)).SetUntilAt(store.Now(ctx).Add(presentFor)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("presence: %w", err)
		}
		return nil
	})
}

// Leave (离开工单) ends it.
func (s *Service) Leave(ctx context.Context, stream uuid.UUID) error {
	return s.db.Do(ctx, func(ctx context.Context) error {
		p, err := s.ent().Presence.Query().Where(presence.ID(stream)).Only(ctx)
		if ent.IsNotFound(err) {
			return nil // too long without a sign
		}
		if err != nil {
			return fmt.Errorf("presence: %w", err)
		}
		return s.gone(ctx, p)
	})
}

func (s *Service) gone(ctx context.Context, p *ent.Presence) error {
	if _, err := s.ent().Presence.Delete().Where(presence.ID(p.ID)).Exec(ctx); err != nil {
		return fmt.Errorf("presence: %w", err)
	}
	o, err := s.ent().WorkOrder.Query().Where(workorder.ID(p.WorkOrderID)).Only(ctx)
	if err != nil {
		return fmt.Errorf("order of a presence: %w", err)
	}
	return s.tell(ctx, o, ent.Change{Kind: ChangePresence})
}

// forgetPresence ends the presence of those whose process ended without a word.
func (s *Service) forgetPresence(ctx context.Context) error {
	past, err := s.ent().Presence.Query().Where(presence.UntilAtLT(store.Now(ctx))).Limit(100).All(ctx)
	if err != nil {
		return fmt.Errorf("presence: %w", err)
	}
	for _, p := range past {
		if err := s.gone(ctx, p); err != nil {
			return err
		}
	}
	return nil
}

// Present are those who have the order open, each person once, without the viewer.
func (s *Service) Present(ctx context.Context, number string) (out []*ent.Presence, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		o, err := s.find(ctx, number, "get")
		if err != nil {
			return err
		}
		all, err := s.ent().Presence.Query().Where(presence.WorkOrderID(o.ID), presence.UntilAtGTE(store.Now(ctx)),
			presence.LoginNEQ(tenants.From(ctx).Login)).Order(ent.Asc(presence.FieldLogin, presence.FieldID)).All(ctx)
		if err != nil {
			return fmt.Errorf("presence: %w", err)
		}
		for _, p := range all {
			if len(out) == 0 || out[len(out)-1].Login != p.Login {
				out = append(out, p)
			}
		}
		return nil
	})
	return out, err
}
