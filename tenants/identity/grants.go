package identity

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	kratos "github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"

	pb "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/ent/account"
	"hotline/ent/grant"
	"hotline/ent/session"
	"hotline/ent/store"
	"hotline/ent/unit"
	"hotline/tenants"
)

func selfGrant() error {
	return forbidden("SELF_GRANT", "不能给自己授予岗位，请由另一位城市管理员办理。")
}

func isNotFound(err error) bool { return kratos.Reason(err) == "NOT_FOUND" }

// ofUnit are the roles that are nothing without a unit.
func ofUnit(r tenants.Role) bool { return r == tenants.Handler || r == tenants.UnitLead }

// grantable says whether a city may give the role to a person.
func grantable(r tenants.Role) error {
	switch r {
	case tenants.Citizen, tenants.Machine, tenants.RegionalCoordinator, tenants.CentralAdmin:
		return forbidden("ROLE_NOT_GRANTABLE", "该岗位不由城市授予，请选择本市的岗位。")
	}
	return nil
}

// grantableRoles are the roles that a city may give, by name.
func grantableRoles() []*pb.Role {
	var out []*pb.Role
	for _, r := range slices.Sorted(maps.Keys(tenants.Titles)) {
		if grantable(r) == nil {
			out = append(out, &pb.Role{Role: string(r), Title: tenants.Titles[r], OfUnit: ofUnit(r)})
		}
	}
	return out
}

func postsOf(grants ...*pb.Grant) []tenants.Post {
	posts := make([]tenants.Post, len(grants))
	for i, g := range grants {
		posts[i] = tenants.Post{Role: tenants.Role(g.GetRole()), Unit: g.GetUnit()}
	}
	return posts
}

// describe names posts in a sentence.
func describe(posts []tenants.Post) string {
	words := make([]string, len(posts))
	for i, p := range posts {
		words[i] = tenants.Titles[p.Role]
		if p.Unit != "" {
			words[i] += "（" + p.Unit + "）"
		}
	}
	return strings.Join(words, "、")
}

// give grants one post; a post already held stays as it is.
func (s *Service) give(ctx context.Context, id uuid.UUID, city string, p tenants.Post) error {
	switch {
	case tenants.Titles[p.Role] == "" || p.Role == tenants.Citizen:
		return invalid("post.role", "没有这个岗位，请从岗位列表中选择。")
	case ofUnit(p.Role) && p.Unit == "":
		return invalid("post.unit", tenants.Titles[p.Role]+"必须属于一个单位，请选择单位。")
	case !ofUnit(p.Role) && p.Unit != "":
		return invalid("post.unit", tenants.Titles[p.Role]+"不属于单位，请不要填写单位。")
	case !plain(p.Unit):
		return invalid("post.unit", "本市没有这个单位，或已停用，请从单位目录中选择。")
	case p.Unit != "":
		ok, err := s.db.Ent.Unit.Query().Where(unit.Code(p.Unit), unit.Retired(false)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("unit: %w", err)
		}
		if !ok {
			return invalid("post.unit", "本市没有这个单位，或已停用，请从单位目录中选择。")
		}
	}
	err := s.db.Ent.Grant.Create().SetAccountID(id).SetCity(city).SetRole(string(p.Role)).SetUnit(p.Unit).SetCreatedAt(store.Now(ctx)).
		OnConflictColumns(grant.FieldAccountID, grant.FieldCity, grant.FieldRole, grant.FieldUnit).Ignore().Exec(ctx)
	if err != nil {
		return fmt.Errorf("grant: %w", err)
	}
	return nil
}

// GrantPost (授予岗位) gives a role in this city; it counts from the next request. Nobody grants themselves.
func (s *Service) GrantPost(ctx context.Context, in *pb.GrantPostRequest) (out *pb.Account, err error) {
	v, err := admin(ctx, parentOf(in.Name))
	if err != nil {
		return nil, err
	}
	post := postsOf(in.Post)[0]
	if loginOf(in.Name) == v.Login {
		return nil, selfGrant()
	}
	if err := grantable(post.Role); err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		acc, err := s.person(ctx, in.Name)
		if err != nil {
			return err
		}
		if err := s.give(ctx, acc.ID, v.Tenant, post); err != nil {
			return err
		}
		if err := s.opts.Record(ctx, "grant_post", fmt.Sprintf("授予 %s：%s", acc.Login, describe([]tenants.Post{post}))); err != nil {
			return err
		}
		out, err = s.render(ctx, acc)
		return err
	})
	return out, err
}

// RevokePost (收回岗位) takes a role away; it counts from the next request. The city keeps at least one administrator.
func (s *Service) RevokePost(ctx context.Context, in *pb.RevokePostRequest) (out *pb.Account, err error) {
	v, err := admin(ctx, parentOf(in.Name))
	if err != nil {
		return nil, err
	}
	post := postsOf(in.Post)[0]
	err = s.db.Do(ctx, func(ctx context.Context) error {
		acc, err := s.person(ctx, in.Name)
		if err != nil {
			return err
		}
		if post.Role == tenants.CityAdmin {
			if err := s.keepAdmin(ctx, v.Tenant, acc.ID); err != nil {
				return err
			}
		}
		if err := s.take(ctx, acc.ID, v.Tenant, post); err != nil {
			return err
		}
		if err := s.opts.Record(ctx, "revoke_post", fmt.Sprintf("收回 %s：%s", acc.Login, describe([]tenants.Post{post}))); err != nil {
			return err
		}
		out, err = s.render(ctx, acc)
		return err
	})
	return out, err
}

// take removes one post, and with the last one the person's sessions in the city.
func (s *Service) take(ctx context.Context, id uuid.UUID, city string, p tenants.Post) error {
	notHeld := conflict("POST_NOT_HELD", "该人员没有这个岗位，请刷新后核对。")
	if tenants.Titles[p.Role] == "" || !plain(p.Unit) {
		return notHeld
	}
	n, err := s.db.Ent.Grant.Delete().
		Where(grant.AccountID(id), grant.City(city), grant.Role(string(p.Role)), grant.Unit(p.Unit)).Exec(ctx)
	if err != nil {
		return fmt.Errorf("grant: %w", err)
	}
	if n == 0 {
		return notHeld
	}
	left, err := s.db.Ent.Grant.Query().Where(grant.AccountID(id), grant.City(city)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("grants: %w", err)
	}
	if left {
		return nil
	}
	return s.end(ctx, "revoked", session.AccountID(id), session.City(city))
}

// keepAdmin refuses to leave the city without an administrator who can sign in. The administrators' posts are locked, so
// that two of them can't remove each other at the same moment.
func (s *Service) keepAdmin(ctx context.Context, city string, leaving uuid.UUID) error {
	admins, err := s.db.Ent.Grant.Query().Where(grant.City(city), grant.Role(string(tenants.CityAdmin)), locked).
		Order(ent.Asc(grant.FieldID)).All(ctx)
	if err != nil {
		return fmt.Errorf("administrators: %w", err)
	}
	var others []uuid.UUID
	for _, g := range admins {
		if g.AccountID != leaving {
			others = append(others, g.AccountID)
		}
	}
	ok, err := s.db.Ent.Account.Query().Where(account.IDIn(others...), account.Disabled(false)).Exist(ctx)
	if err != nil {
		return fmt.Errorf("administrators: %w", err)
	}
	if !ok {
		return conflict("LAST_ADMIN", "这是本市最后一位城市管理员，请先授予另一位，再收回。")
	}
	return nil
}

// locked takes the rows for this transaction; SQLite has one writer and needs no lock.
func locked(g *sql.Selector) {
	if g.Dialect() == dialect.Postgres {
		g.ForUpdate()
	}
}
