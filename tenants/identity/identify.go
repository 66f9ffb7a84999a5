package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

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
	v, err := s.bearerOf(ctx, token)
	if errors.Is(err, errToken) {
		return nil, unauthenticated()
	}
	return v, err
}

func (s *Service) bearerOf(ctx context.Context, token string) (*tenants.Viewer, error) {
	c, err := s.verify(ctx, token)
	if err != nil {
		return nil, err
	}
	id, err := uuid.Parse(c.Session)
	if err != nil {
		return nil, errToken
	}
	v, stale, err := s.look(ctx, id)
	if err != nil {
		return nil, err
	}
	if v.Account.String() != c.Subject || v.Tenant != c.Tenant {
		return nil, errToken
	}
	if stale && !unchanged[operation(ctx)] {
		return nil, mustChange()
	}
	v.Until = c.ExpiresAt.Time
	return v, nil
}

// whoBears is living in one query, a row for each post: every request asks it, so it must not cost a transaction.
const whoBears = `SELECT s.city, s.expires_at, s.ended_at, a.id, a.login, a.display_name, a.disabled, a.must_change, g.role, g.unit
	FROM sessions s JOIN accounts a ON a.id = s.account_id JOIN grants g ON g.account_id = a.id AND g.city = s.city
	WHERE s.id = $1 ORDER BY g.role, g.unit`

// look finds the viewer of a session, by the same rules as living; stale says that somebody else knows the password.
func (s *Service) look(ctx context.Context, id uuid.UUID) (v *tenants.Viewer, stale bool, err error) {
	now := store.Moment(ctx)
	v = &tenants.Viewer{Session: id}
	err = s.db.Glance(ctx, whoBears, []any{id}, func(scan func(...any) error) error {
		var expires time.Time
		var ended *time.Time
		var disabled bool
		var p tenants.Post
		if err := scan(&v.Tenant, &expires, &ended, &v.Account, &v.Login, &v.Name, &disabled, &stale, &p.Role, &p.Unit); err != nil {
			return err
		}
		if ended != nil || disabled || !now.Before(expires) {
			return errToken
		}
		v.Posts = append(v.Posts, p)
		return nil
	})
	if err != nil {
		return nil, false, fmt.Errorf("session: %w", err)
	}
	if len(v.Posts) == 0 {
		return nil, false, errToken
	}
	return v, stale, nil
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
