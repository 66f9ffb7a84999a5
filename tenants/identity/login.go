package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	pb "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/ent/account"
	"hotline/ent/city"
	"hotline/ent/grant"
	"hotline/ent/session"
	"hotline/ent/store"
)

// Login (登录) proves who somebody is and opens a session in one city. All refusals read alike and cost alike.
func (s *Service) Login(ctx context.Context, in *pb.LoginRequest) (*pb.LoginResponse, error) {
	login := strings.ToLower(strings.TrimSpace(in.Login))
	keys := []string{accountPrefix + login, AddressKey(ctx)}
	for _, key := range keys { // who has to wait must not even queue
		if err := s.Throttled(ctx, key); err != nil {
			return nil, err
		}
	}
	acc, places, err := s.find(ctx, login)
	if err != nil {
		return nil, err
	}
	hash := ""
	if acc != nil {
		hash = acc.Password
	}
	ok, err := s.prove(ctx, hash, in.Password, keys...)
	if err != nil {
		return nil, err
	}
	tenant, held := choose(in.Tenant, places)
	if !ok || !held || acc.Disabled {
		return nil, loginFailed()
	}
	out := &pb.LoginResponse{}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		if err := s.Succeeded(ctx, keys[0]); err != nil {
			return err
		}
		if err := s.forgive(ctx, keys[1]); err != nil {
			return err
		}
		if tenant == "" {
			out.Places = places
			return nil
		}
		out.Tokens, err = s.open(ctx, acc, tenant)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// choose is the city to sign in to, empty when the person must choose; held says whether there is a post to sign in with.
func choose(asked string, places []*pb.Place) (tenant string, held bool) {
	if asked == "" && len(places) == 1 {
		return places[0].Tenant, true
	}
	if asked == "" {
		return "", len(places) > 0
	}
	return asked, slices.ContainsFunc(places, func(p *pb.Place) bool { return p.Tenant == asked })
}

// find loads the account and the places where it has a post; nil when there is no such login.
func (s *Service) find(ctx context.Context, login string) (acc *ent.Account, places []*pb.Place, err error) {
	if !isLogin(login) {
		login = "?" // nobody is called so, and the database need not see what people type
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		id := uuid.Nil // the same questions are asked for a login that does not exist
		acc, err = s.db.Ent.Account.Query().Where(account.Login(login)).Only(ctx)
		switch {
		case err == nil:
			id = acc.ID
		case !ent.IsNotFound(err):
			return fmt.Errorf("account: %w", err)
		}
		places, err = s.places(ctx, id)
		return err
	})
	return acc, places, err
}

func (s *Service) places(ctx context.Context, id uuid.UUID) ([]*pb.Place, error) {
	grants, err := s.db.Ent.Grant.Query().Where(grant.AccountID(id)).Order(ent.Asc(grant.FieldCity, grant.FieldRole)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("grants: %w", err)
	}
	var places []*pb.Place
	var codes []string
	for _, g := range grants {
		if len(places) == 0 || places[len(places)-1].Tenant != g.City {
			places = append(places, &pb.Place{Tenant: g.City})
			codes = append(codes, g.City)
		}
		p := places[len(places)-1]
		if !slices.Contains(p.Roles, g.Role) {
			p.Roles = append(p.Roles, g.Role)
		}
	}
	cities, err := s.db.Ent.City.Query().Where(city.CodeIn(codes...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("cities: %w", err)
	}
	for _, c := range cities {
		places[slices.Index(codes, c.Code)].Title = c.Title
	}
	for _, c := range cities {
		if c.ShreddedAt != nil { // a post granted at the very moment when the city ended
			places = slices.DeleteFunc(places, func(p *pb.Place) bool { return p.Tenant == c.Code })
		}
	}
	return places, nil
}

// open starts a session in the city, unless the account was changed while the password was being checked.
func (s *Service) open(ctx context.Context, acc *ent.Account, tenant string) (*pb.Tokens, error) {
	now := store.Now(ctx)
	secret, stored := newSecret()
	ses, err := s.db.Ent.Session.Create().SetAccountID(acc.ID).SetCity(tenant).SetRefresh(stored).
		SetExpiresAt(now.Add(sessionLife)).SetCreatedAt(now).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("session: %w", err)
	}
	_, again, _, err := s.living(ctx, ses.ID)
	if errors.Is(err, errToken) || err == nil && again.Password != acc.Password {
		return nil, loginFailed()
	}
	if err != nil {
		return nil, err
	}
	return s.issue(ctx, ses, secret)
}

// Refresh (续期) turns a refresh token into a new pair, once. Whoever shows one that is not the next one holds a stolen or a
// stale copy, and nobody can tell which: the session ends. A retry after a lost answer is no exception.
func (s *Service) Refresh(ctx context.Context, in *pb.RefreshRequest) (*pb.Tokens, error) {
	id, secret, ok := splitRefresh(in.RefreshToken)
	if !ok {
		return nil, unauthenticated()
	}
	var out *pb.Tokens
	err := s.db.Do(ctx, func(ctx context.Context) error {
		ses, _, _, err := s.living(ctx, id)
		if errors.Is(err, errToken) {
			return nil
		}
		if err != nil {
			return err
		}
		next, stored := newSecret()
		n, err := s.db.Ent.Session.Update().SetRefresh(stored).AddTurn(1).
			Where(session.ID(id), session.Refresh(hashSecret(secret)), session.EndedAtIsNil()).Save(ctx)
		if err != nil {
			return fmt.Errorf("session: %w", err)
		}
		if n == 0 {
			return s.end(ctx, "reuse", session.ID(id)) // must stay, so the refusal comes after the commit
		}
		out, err = s.issue(ctx, ses, next)
		return err
	})
	if err != nil {
		return nil, err
	}
	if out == nil {
		return nil, unauthenticated()
	}
	return out, nil
}
