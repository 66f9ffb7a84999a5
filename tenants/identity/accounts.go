package identity

import (
	"context"
	"encoding/base64"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/ent/account"
	"hotline/ent/grant"
	"hotline/ent/predicate"
	"hotline/ent/session"
	"hotline/ent/store"
	"hotline/tenants"
)

// admin is the viewer, if the request names their own city; another city does not exist.
func admin(ctx context.Context, parent string) (*tenants.Viewer, error) {
	v, err := viewer(ctx)
	if err != nil {
		return nil, err
	}
	if v.Tenant == "" || parent != "tenants/"+v.Tenant {
		return nil, notFound()
	}
	return v, nil
}

// person finds who holds a post in the viewer's city by the name of the resource, tenants/{city}/accounts/{login}.
func (s *Service) person(ctx context.Context, name string) (*ent.Account, error) {
	v := tenants.From(ctx)
	if !isLogin(loginOf(name)) {
		return nil, notFound()
	}
	acc, err := s.db.Ent.Account.Query().Where(account.Login(loginOf(name)), staffOf(v.Tenant)).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, notFound()
	}
	if err != nil {
		return nil, fmt.Errorf("account: %w", err)
	}
	return acc, nil
}

func parentOf(name string) string {
	parent, _, _ := strings.Cut(name, "/accounts/")
	return parent
}

func loginOf(name string) string {
	_, login, _ := strings.Cut(name, "/accounts/")
	return login
}

// staffOf are accounts that hold a post in the city.
func staffOf(city string) predicate.Account {
	return func(a *sql.Selector) {
		g := sql.Table(grant.Table)
		a.Where(sql.In(a.C(account.FieldID), sql.Select(g.C(grant.FieldAccountID)).From(g).Where(sql.EQ(g.C(grant.FieldCity), city))))
	}
}

// CreateAccount (新增人员) makes an account with a random first password, shown once. A login that exists is joined: it
// gets the posts here, and nothing is told or changed of what it is elsewhere.
func (s *Service) CreateAccount(ctx context.Context, in *pb.CreateAccountRequest) (*pb.CreateAccountResponse, error) {
	v, err := admin(ctx, in.Parent)
	if err != nil {
		return nil, err
	}
	if in.Login == v.Login {
		return nil, selfGrant()
	}
	if err := checkPerson(in.Login, in.DisplayName); err != nil {
		return nil, err
	}
	posts := postsOf(in.Posts...)
	for _, p := range posts {
		if err := grantable(p.Role); err != nil {
			return nil, err
		}
	}
	password := randomPassword()
	hash, err := s.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	out := &pb.CreateAccountResponse{}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		if _, err := s.person(ctx, in.Parent+"/accounts/"+in.Login); err == nil {
			return conflict("ALREADY_EXISTS", "该账号在本市已有岗位，请直接授予新岗位。")
		} else if !isNotFound(err) {
			return err
		}
		acc, created, err := s.enroll(ctx, v.Tenant, in.Login, in.DisplayName, hash, posts)
		if err != nil {
			return err
		}
		if created {
			out.Password = password
		}
		if err := s.opts.Record(ctx, "create_account", fmt.Sprintf("新增人员 %s：%s", in.Login, describe(posts))); err != nil {
			return err
		}
		out.Account, err = s.render(ctx, acc)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ListAccounts (人员列表) pages through who holds a post in the city, by login.
func (s *Service) ListAccounts(ctx context.Context, in *pb.ListAccountsRequest) (*pb.ListAccountsResponse, error) {
	v, err := admin(ctx, in.Parent)
	if err != nil {
		return nil, err
	}
	after, err := base64.RawURLEncoding.DecodeString(in.PageToken)
	if err != nil || len(after) > 0 && !isLogin(string(after)) {
		return nil, invalid("page_token", "翻页标记无效，请从第一页重新查看。")
	}
	size := int(in.PageSize)
	if size <= 0 {
		size = 50
	}
	size = min(size, 200)
	out := &pb.ListAccountsResponse{Roles: grantableRoles()}
	err = s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.db.Ent.Account.Query().Where(staffOf(v.Tenant), account.LoginGT(string(after))).
			Order(ent.Asc(account.FieldLogin)).Limit(size + 1).All(ctx)
		if err != nil {
			return fmt.Errorf("accounts: %w", err)
		}
		if len(rows) > size {
			rows = rows[:size]
			out.NextPageToken = base64.RawURLEncoding.EncodeToString([]byte(rows[size-1].Login))
		}
		out.Accounts, err = s.renderAll(ctx, rows)
		return err
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// ResetPassword (重置口令) gives a new random password, shown once and to be changed at once, and ends the person's sessions. Who has posts in another
// city too is out of reach: whoever resets a password can sign in with it, there as well.
func (s *Service) ResetPassword(ctx context.Context, in *pb.ResetPasswordRequest) (*pb.ResetPasswordResponse, error) {
	v, err := admin(ctx, parentOf(in.Name))
	if err != nil {
		return nil, err
	}
	if loginOf(in.Name) == v.Login {
		return nil, forbidden("SELF_RESET", "不能重置自己的口令，请使用“修改口令”。")
	}
	password := randomPassword()
	hash, err := s.hash(ctx, password)
	if err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		acc, err := s.person(ctx, in.Name)
		if err != nil {
			return err
		}
		elsewhere, err := s.db.Ent.Grant.Query().Where(grant.AccountID(acc.ID), grant.CityNEQ(v.Tenant)).Exist(ctx)
		if err != nil {
			return fmt.Errorf("grants: %w", err)
		}
		if elsewhere {
			return conflict("POSTS_ELSEWHERE", "该人员不只在本市任职，不能由本市重置口令，请本人使用“修改口令”。")
		}
		if err := acc.Update().SetPassword(hash).SetMustChange(true).Exec(ctx); err != nil {
			return fmt.Errorf("account: %w", err)
		}
		if err := s.end(ctx, "reset", session.AccountID(acc.ID)); err != nil {
			return err
		}
		if err := s.Succeeded(ctx, accountPrefix+acc.Login); err != nil {
			return err
		}
		return s.opts.Record(ctx, "reset_password", fmt.Sprintf("重置 %s 的口令", acc.Login))
	})
	if err != nil {
		return nil, err
	}
	return &pb.ResetPasswordResponse{Password: password}, nil
}

// EndSessions (强制下线) ends every session of the person in this city at once.
func (s *Service) EndSessions(ctx context.Context, in *pb.EndSessionsRequest) (*pb.EndSessionsResponse, error) {
	v, err := admin(ctx, parentOf(in.Name))
	if err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		acc, err := s.person(ctx, in.Name)
		if err != nil {
			return err
		}
		if err := s.end(ctx, "forced", session.AccountID(acc.ID), session.City(v.Tenant)); err != nil {
			return err
		}
		return s.opts.Record(ctx, "end_sessions", fmt.Sprintf("强制 %s 下线", acc.Login))
	})
	if err != nil {
		return nil, err
	}
	return &pb.EndSessionsResponse{}, nil
}

func (s *Service) render(ctx context.Context, acc *ent.Account) (*pb.Account, error) {
	all, err := s.renderAll(ctx, []*ent.Account{acc})
	if err != nil {
		return nil, err
	}
	return all[0], nil
}

// renderAll shows accounts as the viewer's city sees them: with their posts there and no others.
func (s *Service) renderAll(ctx context.Context, rows []*ent.Account) ([]*pb.Account, error) {
	city := tenants.From(ctx).Tenant
	out, byID, ids := make([]*pb.Account, len(rows)), map[uuid.UUID]*pb.Account{}, make([]uuid.UUID, len(rows))
	for i, a := range rows {
		out[i] = &pb.Account{
			Name: "tenants/" + city + "/accounts/" + a.Login, Login: a.Login, DisplayName: a.DisplayName,
			Disabled: a.Disabled, CreateTime: timestamppb.New(a.CreatedAt),
		}
		byID[a.ID], ids[i] = out[i], a.ID
	}
	grants, err := s.db.Ent.Grant.Query().Where(grant.City(city), grant.AccountIDIn(ids...)).
		Order(ent.Asc(grant.FieldRole, grant.FieldUnit)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("grants: %w", err)
	}
	for _, g := range grants {
		a := byID[g.AccountID]
		a.Posts = append(a.Posts, &pb.Grant{Role: g.Role, Unit: g.Unit})
	}
	return out, nil
}

// enroll makes the account, or finds the one that exists, and gives it the posts in the city. A new account's password is
// somebody else's idea, so its owner must change it; of one that exists nothing changes. Inside a writing transaction of that
// city.
func (s *Service) enroll(ctx context.Context, city, login, name, hash string, posts []tenants.Post) (acc *ent.Account, created bool, err error) {
	now := store.Now(ctx)
	fresh := uuid.Must(uuid.NewV7())
	err = s.db.Ent.Account.Create().SetID(fresh).SetLogin(login).SetDisplayName(name).SetPassword(hash).SetMustChange(true).SetCreatedAt(now).
		OnConflictColumns(account.FieldLogin).Ignore().Exec(ctx)
	if err != nil {
		return nil, false, fmt.Errorf("account: %w", err)
	}
	if acc, err = s.db.Ent.Account.Query().Where(account.Login(login)).Only(ctx); err != nil {
		return nil, false, fmt.Errorf("account: %w", err)
	}
	for _, p := range posts {
		if err := s.give(ctx, acc.ID, city, p); err != nil {
			return nil, false, err
		}
	}
	return acc, acc.ID == fresh, nil
}

// isLogin repeats the contract's pattern for callers that don't come through it. Nobody may be called like the platform
// itself (tenants.System), whose acts are not narrowed to a person's reach.
func isLogin(login string) bool {
	return len(login) >= 2 && len(login) <= 63 && strings.Trim(login, "abcdefghijklmnopqrstuvwxyz0123456789._-") == "" &&
		!strings.ContainsRune("._-", rune(login[0])) && login != tenants.System("").Login
}

func checkPerson(login, name string) error {
	if !isLogin(login) {
		return invalid("login", "账号应为 2 至 63 位小写字母、数字或 . _ -，以字母或数字开头，且不能是保留字，请换一个。")
	}
	if strings.TrimSpace(name) == "" || !plain(name) {
		return invalid("display_name", "姓名不能为空，也不能含有控制字符，请修改。")
	}
	return nil
}

// plain says that the text has nothing in it that a database refuses or a screen can't show.
func plain(text string) bool {
	return utf8.ValidString(text) && !strings.ContainsFunc(text, unicode.IsControl)
}

// Bootstrap makes the first account of a city, or of the region or the centre, for the command line. The password is empty
// when the login existed already and only got the post.
func (s *Service) Bootstrap(ctx context.Context, login, displayName, tenant, role string) (password string, err error) {
	password = randomPassword()
	created, err := s.staff(ctx, tenant, login, displayName, password, []tenants.Post{{Role: tenants.Role(role)}})
	if err != nil || !created {
		return "", err
	}
	return password, nil
}

// CloseCity (撤销城市) takes all posts in the city and ends it for everybody: the sessions there are gone, and nobody can
// sign in. The accounts stay, for they may have posts elsewhere.
func (s *Service) CloseCity(ctx context.Context, city string) error {
	return s.db.Do(ctx, func(ctx context.Context) error {
		if _, err := s.db.Ent.Grant.Delete().Where(grant.City(city)).Exec(ctx); err != nil {
			return fmt.Errorf("grants: %w", err)
		}
		if _, err := s.db.Ent.Session.Delete().Where(session.City(city)).Exec(ctx); err != nil {
			return fmt.Errorf("sessions: %w", err)
		}
		return nil
	})
}

// CreateStaff sets up a person with a known first password, which they must change; an existing login only gets the posts.
func (s *Service) CreateStaff(ctx context.Context, tenant, login, name, password string, posts []tenants.Post) error {
	if err := checkPassword("password", login, password); err != nil {
		return err
	}
	_, err := s.staff(ctx, tenant, login, name, password, posts)
	return err
}

func (s *Service) staff(ctx context.Context, tenant, login, name, password string, posts []tenants.Post) (created bool, err error) {
	if err := checkPerson(login, name); err != nil {
		return false, err
	}
	hash, err := s.hash(ctx, password)
	if err != nil {
		return false, err
	}
	err = s.db.Do(tenants.With(ctx, tenants.System(tenant)), func(ctx context.Context) error {
		if _, created, err = s.enroll(ctx, tenant, login, name, hash, posts); err != nil {
			return err
		}
		return s.opts.Record(ctx, "create_account", fmt.Sprintf("设立人员 %s：%s", login, describe(posts)))
	})
	return created, err
}
