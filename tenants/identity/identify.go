package identity

import (
	"context"
	"errors"
	"fmt"

	"github.com/go-kratos/kratos/v2/transport"
	"github.com/google/uuid"

	pb "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/ent/account"
	"hotline/ent/grant"
	"hotline/ent/session"
	"hotline/ent/store"
	"hotline/tenants"
)

// unchanged are the methods for who must change their password first: doing that, seeing who one is, and leaving.
var unchanged = map[string]bool{
	pb.Sessions_ChangePassword_FullMethodName: true, pb.Sessions_GetMe_FullMethodName: true, pb.Sessions_Logout_FullMethodName: true,
}

// operation is the method that is called; empty for a call that came no usual way.
func operation(ctx context.Context) string {
	if tr, ok := transport.FromServerContext(ctx); ok {
		return tr.Operation()
	}
	return ""
}

// Identify finds who bears the access token. Session, account and posts are read anew each time: what was revoked a moment
// ago no longer counts. It answers UNAUTHENTICATED for every cause, and MUST_CHANGE_PASSWORD to whose password somebody else
// set, for all but the few methods that lead out of that.
func (s *Service) Identify(ctx context.Context, header string) (*tenants.Viewer, error) {
	token, ok := bearer(header)
	if !ok {
		return nil, unauthenticated()
	}
	var v *tenants.Viewer
	err := s.db.View(ctx, func(ctx context.Context) error {
		c, err := s.verify(ctx, token)
		if err != nil {
			return err
		}
		id, err := uuid.Parse(c.Session)
		if err != nil {
			return errToken
		}
		ses, acc, posts, err := s.living(ctx, id)
		if err != nil {
			return err
		}
		if acc.ID.String() != c.Subject || ses.City != c.Tenant {
			return errToken
		}
		if acc.MustChange && !unchanged[operation(ctx)] {
			return mustChange()
		}
		v = &tenants.Viewer{Account: acc.ID, Login: acc.Login, Name: acc.DisplayName, Tenant: ses.City, Posts: posts, Session: ses.ID}
		return nil
	})
	if errors.Is(err, errToken) {
		return nil, unauthenticated()
	}
	if err != nil {
		return nil, err
	}
	return v, nil
}

// living loads a session that still lives, its account and the account's posts in the session's city; errToken when the
// session ended or expired, the account is disabled or holds no post there any more.
func (s *Service) living(ctx context.Context, id uuid.UUID) (*ent.Session, *ent.Account, []tenants.Post, error) {
	ses, err := s.db.Ent.Session.Query().Where(session.ID(id)).Only(ctx)
	if err != nil {
		return nil, nil, nil, missing("session", err)
	}
	if ses.EndedAt != nil || !store.Now(ctx).Before(ses.ExpiresAt) {
		return nil, nil, nil, errToken
	}
	acc, err := s.db.Ent.Account.Query().Where(account.ID(ses.AccountID)).Only(ctx)
	if err != nil {
		return nil, nil, nil, missing("account", err)
	}
	posts, err := s.posts(ctx, acc.ID, ses.City)
	if err != nil {
		return nil, nil, nil, err
	}
	if acc.Disabled || len(posts) == 0 {
		return nil, nil, nil, errToken
	}
	return ses, acc, posts, nil
}

func missing(noun string, err error) error {
	if ent.IsNotFound(err) {
		return errToken
	}
	return fmt.Errorf("%s: %w", noun, err)
}

// posts are what the account may be in the city.
func (s *Service) posts(ctx context.Context, id uuid.UUID, city string) ([]tenants.Post, error) {
	rows, err := s.db.Ent.Grant.Query().Where(grant.AccountID(id), grant.City(city)).
		Order(ent.Asc(grant.FieldRole, grant.FieldUnit)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("grants: %w", err)
	}
	posts := make([]tenants.Post, len(rows))
	for i, g := range rows {
		posts[i] = tenants.Post{Role: tenants.Role(g.Role), Unit: g.Unit}
	}
	return posts, nil
}
