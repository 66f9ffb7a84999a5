package identity

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	pb "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/ent/account"
	"hotline/ent/city"
	"hotline/ent/predicate"
	"hotline/ent/session"
	"hotline/ent/store"
	"hotline/ent/unit"
	"hotline/tenants"
)

// end ends sessions that still live.
func (s *Service) end(ctx context.Context, why string, which ...predicate.Session) error {
	err := s.db.Ent.Session.Update().SetEndedAt(store.Now(ctx)).SetEndedWhy(why).
		Where(append(which, session.EndedAtIsNil())...).Exec(ctx)
	if err != nil {
		return fmt.Errorf("end sessions: %w", err)
	}
	return nil
}

// viewer is the signed-in person; the citizen and the platform have no account.
func viewer(ctx context.Context) (*tenants.Viewer, error) {
	if v := tenants.From(ctx); v != nil && v.Account != uuid.Nil {
		return v, nil
	}
	return nil, unauthenticated()
}

// Logout (退出) ends this session at once.
func (s *Service) Logout(ctx context.Context, _ *pb.LogoutRequest) (*pb.LogoutResponse, error) {
	v, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error { return s.end(ctx, "logout", session.ID(v.Session)) })
	if err != nil {
		return nil, err
	}
	return &pb.LogoutResponse{}, nil
}

// GetMe (当前身份) says who the bearer is and what they may call.
func (s *Service) GetMe(ctx context.Context, _ *pb.GetMeRequest) (*pb.Me, error) {
	v, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	me := &pb.Me{Login: v.Login, DisplayName: v.Name, Tenant: v.Tenant, May: s.access.Rules(v.Roles())}
	err = s.db.View(ctx, func(ctx context.Context) error {
		c, err := s.db.Ent.City.Query().Where(city.Code(v.Tenant)).Only(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("city: %w", err)
		}
		if c != nil {
			me.TenantTitle = c.Title
		}
		me.MustChangePassword, err = s.db.Ent.Account.Query().Where(account.ID(v.Account), account.MustChange(true)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("account: %w", err)
		}
		me.Posts, err = s.titled(ctx, v.Posts)
		return err
	})
	if err != nil {
		return nil, err
	}
	return me, nil
}

// titled adds the titles of roles and units.
func (s *Service) titled(ctx context.Context, posts []tenants.Post) ([]*pb.Post, error) {
	var codes []string
	for _, p := range posts {
		if p.Unit != "" {
			codes = append(codes, p.Unit)
		}
	}
	titles := map[string]string{}
	if len(codes) > 0 {
		units, err := s.db.Ent.Unit.Query().Where(unit.CodeIn(codes...)).All(ctx)
		if err != nil {
			return nil, fmt.Errorf("units: %w", err)
		}
		for _, u := range units {
			titles[u.Code] = u.Title
		}
	}
	out := make([]*pb.Post, len(posts))
	for i, p := range posts {
		out[i] = &pb.Post{Role: string(p.Role), RoleTitle: tenants.Titles[p.Role], Unit: p.Unit, UnitTitle: titles[p.Unit]}
	}
	return out, nil
}

// ChangePassword (修改口令) ends all other sessions of the account, in every city.
func (s *Service) ChangePassword(ctx context.Context, in *pb.ChangePasswordRequest) (*pb.ChangePasswordResponse, error) {
	v, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	if err := checkPassword("new_password", v.Login, in.NewPassword); err != nil {
		return nil, err
	}
	if in.NewPassword == in.OldPassword {
		return nil, invalid("new_password", "新口令与原口令相同，请换一个。")
	}
	acc, _, err := s.find(ctx, v.Login)
	if err != nil {
		return nil, err
	}
	if acc == nil {
		return nil, unauthenticated()
	}
	key := accountPrefix + v.Login
	ok, err := s.prove(ctx, acc.Password, in.OldPassword, key, AddressKey(ctx))
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, forbidden("WRONG_PASSWORD", "原口令不正确，请重新输入。")
	}
	hash, err := s.hash(ctx, in.NewPassword)
	if err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		if err := s.Succeeded(ctx, key); err != nil {
			return err
		}
		if err := s.forgive(ctx, AddressKey(ctx)); err != nil {
			return err
		}
		return s.replace(ctx, acc, hash, v)
	})
	if err != nil {
		return nil, err
	}
	return &pb.ChangePasswordResponse{}, nil
}

// replace sets the new password, unless somebody else was faster, and leaves only this session alive.
func (s *Service) replace(ctx context.Context, acc *ent.Account, hash string, v *tenants.Viewer) error {
	n, err := s.db.Ent.Account.Update().SetPassword(hash).SetMustChange(false).
		Where(account.ID(acc.ID), account.Password(acc.Password)).Save(ctx)
	if err != nil {
		return fmt.Errorf("account: %w", err)
	}
	if n == 0 {
		return conflict("CONFLICT", "口令刚刚被修改，请重新登录后再试。")
	}
	if err := s.end(ctx, "password", session.AccountID(acc.ID), session.IDNEQ(v.Session)); err != nil {
		return err
	}
	return s.opts.Record(ctx, "change_password", fmt.Sprintf("%s 修改了自己的口令", acc.Login))
}
