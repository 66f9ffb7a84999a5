package identity

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	kratos "github.com/go-kratos/kratos/v2/errors"

	pb "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/ent/account"
	"hotline/ent/session"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
	"hotline/tenants/access"
)

const (
	hangzhou = "330100"
	ningbo   = "330200"
	secret   = "correct horse battery"
)

var morning = time.Date(2026, 11, 23, 8, 0, 0, 0, time.UTC)

// world is a service in front of two cities, with a clock that stands until the test moves it.
type world struct {
	*Service
	t       testing.TB
	now     time.Time
	records []string
}

func each(t *testing.T, fn func(w *world)) {
	t.Helper()
	storetest.Each(t, func(t *testing.T, s *store.Store) { fn(newWorld(t, s)) })
}

func flip(b []byte) ([]byte, error) {
	out := slices.Clone(b)
	for i := range out {
		out[i] ^= 0xa5
	}
	return out, nil
}

func newWorld(t testing.TB, s *store.Store) *world {
	t.Helper()
	w := &world{t: t, now: morning}
	w.Service = w.replica(s)
	err := s.Do(w.ctx(), func(ctx context.Context) error {
		for code, title := range map[string]string{hangzhou: "杭州市", ningbo: "宁波市"} {
			if err := s.Ent.City.Create().SetCode(code).SetTitle(title).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, city := range []string{hangzhou, ningbo} {
		err := s.Do(tenants.With(w.ctx(), tenants.System(city)), func(ctx context.Context) error {
			u := s.Ent.Unit.Create().SetCode("water" + city[:4]).SetTitle("水务局").SetPath("water/").SetKind("department")
			if err := u.Exec(ctx); err != nil {
				return err
			}
			return s.Ent.Unit.Create().SetCode("old").SetTitle("旧局").SetPath("old/").SetKind("department").SetRetired(true).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return w
}

// replica is one more process on the same database.
func (w *world) replica(s *store.Store) *Service {
	w.t.Helper()
	acc, err := access.New()
	if err != nil {
		w.t.Fatal(err)
	}
	var mu sync.Mutex
	svc, err := New(s, acc, Options{Seal: flip, Open: flip, Record: func(_ context.Context, act, summary string) error {
		mu.Lock()
		defer mu.Unlock()
		w.records = append(w.records, act+" "+summary)
		return nil
	}})
	if err != nil {
		w.t.Fatal(err)
	}
	return svc
}

func (w *world) ctx() context.Context { return store.At(context.Background(), w.now) }

func (w *world) from(address string) context.Context { return WithAddress(w.ctx(), address) }

// staff are people who have chosen their passwords themselves.
func (w *world) staff(city, login string, posts ...tenants.Post) {
	w.t.Helper()
	if err := w.CreateStaff(w.ctx(), city, login, "某人", secret, posts); err != nil {
		w.t.Fatal(err)
	}
	err := w.db.Do(w.ctx(), func(ctx context.Context) error {
		return w.db.Ent.Account.Update().Where(account.Login(login)).SetMustChange(false).Exec(ctx)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func role(r tenants.Role) tenants.Post { return tenants.Post{Role: r} }

func (w *world) login(login, city string) *pb.Tokens {
	w.t.Helper()
	out, err := w.Login(w.ctx(), &pb.LoginRequest{Login: login, Password: secret, Tenant: city})
	if err != nil {
		w.t.Fatal(err)
	}
	if out.Tokens == nil {
		w.t.Fatalf("no tokens: %v", out.Places)
	}
	return out.Tokens
}

func (w *world) identify(token string) *tenants.Viewer {
	w.t.Helper()
	v, err := w.Identify(w.ctx(), "Bearer "+token)
	if err != nil {
		w.t.Fatal(err)
	}
	return v
}

// as is the context of somebody who has signed in.
func (w *world) as(login, city string) context.Context {
	w.t.Helper()
	return tenants.With(w.ctx(), w.identify(w.login(login, city).AccessToken))
}

func (w *world) session(v *tenants.Viewer) (found *ent.Session) {
	w.t.Helper()
	err := w.db.View(w.ctx(), func(ctx context.Context) (err error) {
		found, err = w.db.Ent.Session.Query().Where(session.ID(v.Session)).Only(ctx)
		return err
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return found
}

func (w *world) wants(err error, reason string) {
	w.t.Helper()
	if kratos.Reason(err) != reason || err == nil {
		w.t.Fatalf("got %v, want %s", err, reason)
	}
	if reason != "" && !strings.ContainsRune(kratos.FromError(err).Message, '。') {
		w.t.Errorf("%s says nothing to a person: %v", reason, err)
	}
}

func TestWhoHasOnePostSignsInWithoutChoosing(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		v := w.identify(w.login(" Zhang ", "").AccessToken)
		if v.Login != "zhang" || v.Tenant != hangzhou || v.Name != "某人" || len(v.Posts) != 1 || v.Posts[0] != role(tenants.Agent) {
			w.t.Errorf("viewer: %+v", v)
		}
	})
}

func TestInTwoCitiesOnePersonHasTheRolesOfEach(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent), role(tenants.Reviewer))
		w.staff(ningbo, "zhang", role(tenants.Auditor))
		out, err := w.Login(w.ctx(), &pb.LoginRequest{Login: "zhang", Password: secret})
		if err != nil || out.Tokens != nil || len(out.Places) != 2 {
			w.t.Fatalf("places: %v, %v", out, err)
		}
		if p := out.Places[0]; p.Tenant != hangzhou || p.Title != "杭州市" || !slices.Equal(p.Roles, []string{"agent", "reviewer"}) {
			w.t.Errorf("first place: %v", p)
		}
		if r := w.identify(w.login("zhang", hangzhou).AccessToken).Roles(); !slices.Equal(r, []string{"agent", "reviewer"}) {
			w.t.Errorf("in 杭州: %v", r)
		}
		if r := w.identify(w.login("zhang", ningbo).AccessToken).Roles(); !slices.Equal(r, []string{"auditor"}) {
			w.t.Errorf("in 宁波: %v", r)
		}
	})
}

func TestAllRefusedLoginsReadAlike(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		w.staff(ningbo, "gone", role(tenants.Agent))
		w.staff(ningbo, "postless")
		w.disable("gone")
		var first error
		for sentence, in := range map[string]*pb.LoginRequest{
			"unknown login":    {Login: "nobody", Password: secret},
			"wrong password":   {Login: "zhang", Password: "wrong horse battery"},
			"no post there":    {Login: "zhang", Password: secret, Tenant: ningbo},
			"no such city":     {Login: "zhang", Password: secret, Tenant: "999999"},
			"disabled":         {Login: "gone", Password: secret},
			"no post anywhere": {Login: "postless", Password: secret},
			"nonsense":         {Login: "a\x00'; --", Password: secret},
			"empty password":   {Login: "zhang"},
		} {
			out, err := w.Login(w.ctx(), in)
			w.wants(err, "LOGIN_FAILED")
			if first == nil {
				first = err
			}
			if out != nil || err.Error() != first.Error() {
				w.t.Errorf("%s: %v", sentence, err)
			}
		}
	})
}

func (w *world) disable(login string) {
	w.t.Helper()
	err := w.db.Do(w.ctx(), func(ctx context.Context) error {
		return w.db.Ent.Account.Update().Where(account.Login(login)).SetDisabled(true).Exec(ctx)
	})
	if err != nil {
		w.t.Fatal(err)
	}
}

func TestGetMeTitlesThePosts(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent), tenants.Post{Role: tenants.Handler, Unit: "water3301"})
		me, err := w.GetMe(w.as("zhang", hangzhou), &pb.GetMeRequest{})
		if err != nil {
			w.t.Fatal(err)
		}
		if me.Login != "zhang" || me.TenantTitle != "杭州市" || len(me.Posts) != 2 ||
			me.Posts[0].RoleTitle != "话务员" || me.Posts[1].UnitTitle != "水务局" {
			w.t.Errorf("me: %v", me)
		}
		if !slices.Contains(me.May, "work_order.intake") || !slices.Contains(me.May, "work_order.sign") || slices.Contains(me.May, "account.edit") {
			w.t.Errorf("may: %v", me.May)
		}
		_, err = w.GetMe(w.ctx(), &pb.GetMeRequest{})
		w.wants(err, "UNAUTHENTICATED")
		_, err = w.GetMe(tenants.With(w.ctx(), tenants.System(hangzhou)), &pb.GetMeRequest{})
		w.wants(err, "UNAUTHENTICATED")
	})
}

func TestLogoutCountsAtOnce(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		tokens, other := w.login("zhang", ""), w.login("zhang", "")
		v := w.identify(tokens.AccessToken)
		if _, err := w.Logout(tenants.With(w.ctx(), v), &pb.LogoutRequest{}); err != nil {
			w.t.Fatal(err)
		}
		_, err := w.Identify(w.ctx(), tokens.AccessToken)
		w.wants(err, "UNAUTHENTICATED")
		_, err = w.Refresh(w.ctx(), &pb.RefreshRequest{RefreshToken: tokens.RefreshToken})
		w.wants(err, "UNAUTHENTICATED")
		if why := w.session(v).EndedWhy; why != "logout" {
			w.t.Errorf("ended because of %q", why)
		}
		w.identify(other.AccessToken)
	})
}

func TestAChangedPasswordEndsTheOtherSessions(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		w.staff(ningbo, "zhang", role(tenants.Agent))
		mine, other := w.login("zhang", hangzhou), w.login("zhang", ningbo)
		ctx := tenants.With(w.ctx(), w.identify(mine.AccessToken))
		for _, password := range []string{"short", secret, "my name is Zhang", strings.Repeat("长", 201)} {
			_, err := w.ChangePassword(ctx, &pb.ChangePasswordRequest{OldPassword: secret, NewPassword: password})
			w.wants(err, "INVALID_ARGUMENT")
		}
		_, err := w.ChangePassword(ctx, &pb.ChangePasswordRequest{OldPassword: "not my password", NewPassword: "staple battery horse"})
		w.wants(err, "WRONG_PASSWORD")
		if _, err := w.ChangePassword(ctx, &pb.ChangePasswordRequest{OldPassword: secret, NewPassword: "staple battery horse"}); err != nil {
			w.t.Fatal(err)
		}
		w.identify(mine.AccessToken)
		_, err = w.Identify(w.ctx(), other.AccessToken)
		w.wants(err, "UNAUTHENTICATED")
		_, err = w.Login(w.ctx(), &pb.LoginRequest{Login: "zhang", Password: secret, Tenant: hangzhou})
		w.wants(err, "LOGIN_FAILED")
		out, err := w.Login(w.ctx(), &pb.LoginRequest{Login: "zhang", Password: "staple battery horse", Tenant: hangzhou})
		if err != nil || out.Tokens == nil {
			w.t.Errorf("the new password: %v", err)
		}
	})
}

func TestASessionLivesTwelveHours(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		tokens := w.login("zhang", "")
		if got := tokens.RefreshExpireTime.AsTime(); !got.Equal(morning.Add(12 * time.Hour)) {
			w.t.Errorf("until %v", got)
		}
		w.now = morning.Add(12*time.Hour - 3*time.Minute)
		tokens, err := w.Refresh(w.ctx(), &pb.RefreshRequest{RefreshToken: tokens.RefreshToken})
		if err != nil {
			w.t.Fatal(err)
		}
		if got := tokens.AccessExpireTime.AsTime(); !got.Equal(morning.Add(12 * time.Hour)) {
			w.t.Errorf("the access token outlives its session: %v", got)
		}
		w.now = morning.Add(12 * time.Hour)
		_, err = w.Refresh(w.ctx(), &pb.RefreshRequest{RefreshToken: tokens.RefreshToken})
		w.wants(err, "UNAUTHENTICATED")
		_, err = w.Identify(w.ctx(), tokens.AccessToken)
		w.wants(err, "UNAUTHENTICATED")
	})
}

func TestARefreshTokenWorksOnce(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		first := w.login("zhang", "")
		w.now = w.now.Add(time.Hour)
		second, err := w.Refresh(w.ctx(), &pb.RefreshRequest{RefreshToken: first.RefreshToken})
		if err != nil {
			w.t.Fatal(err)
		}
		v := w.identify(second.AccessToken)
		if s := w.session(v); s.Turn != 1 || strings.Contains(string(s.Refresh), strings.Split(second.RefreshToken, ".")[1]) || len(s.Refresh) != 32 {
			w.t.Errorf("session: %+v", s)
		}
		w.now = w.now.Add(2 * time.Second) // a retry of the same client: nobody can tell it from a thief
		_, err = w.Refresh(w.ctx(), &pb.RefreshRequest{RefreshToken: first.RefreshToken})
		w.wants(err, "UNAUTHENTICATED")
		if s := w.session(v); s.EndedAt == nil || s.EndedWhy != "reuse" {
			w.t.Errorf("session: %+v", s)
		}
		_, err = w.Refresh(w.ctx(), &pb.RefreshRequest{RefreshToken: second.RefreshToken})
		w.wants(err, "UNAUTHENTICATED")
		_, err = w.Identify(w.ctx(), second.AccessToken)
		w.wants(err, "UNAUTHENTICATED")
	})
}

func TestOfManyRefreshesAtOnceAtMostOneWinsAndTheSessionEnds(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		first := w.login("zhang", "")
		v := w.identify(first.AccessToken)
		won := 0
		var mu sync.Mutex
		var wg sync.WaitGroup
		for range 8 {
			wg.Go(func() {
				out, err := w.Refresh(w.ctx(), &pb.RefreshRequest{RefreshToken: first.RefreshToken})
				mu.Lock()
				defer mu.Unlock()
				if err == nil && out != nil {
					won++
				} else if kratos.Reason(err) != "UNAUTHENTICATED" {
					w.t.Errorf("refused with %v", err)
				}
			})
		}
		wg.Wait()
		if s := w.session(v); won != 1 || s.EndedWhy != "reuse" {
			w.t.Errorf("%d won, ended %q", won, s.EndedWhy)
		}
	})
}

func TestARefreshNeedsALivingAccountWithAPost(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		tokens := w.login("zhang", "")
		w.disable("zhang")
		_, err := w.Refresh(w.ctx(), &pb.RefreshRequest{RefreshToken: tokens.RefreshToken})
		w.wants(err, "UNAUTHENTICATED")
		_, err = w.Identify(w.ctx(), tokens.AccessToken)
		w.wants(err, "UNAUTHENTICATED")
	})
}

func TestBootstrapMakesTheFirstAccount(t *testing.T) {
	each(t, func(w *world) {
		password, err := w.Bootstrap(w.ctx(), "admin", "管理员", hangzhou, "city_admin")
		if err != nil || len(password) != 19 {
			w.t.Fatalf("%q, %v", password, err)
		}
		out, err := w.Login(w.ctx(), &pb.LoginRequest{Login: "admin", Password: password})
		if err != nil {
			w.t.Fatal(err)
		}
		_, err = w.Identify(w.ctx(), out.Tokens.AccessToken)
		w.wants(err, "MUST_CHANGE_PASSWORD")
		if again, err := w.Bootstrap(w.ctx(), "admin", "管理员", ningbo, "city_admin"); err != nil || again != "" {
			w.t.Errorf("joined: %q, %v", again, err)
		}
		for _, bad := range [][3]string{{"system", hangzhou, "city_admin"}, {"A", hangzhou, "city_admin"}, {"ok", hangzhou, "king"}, {"ok", hangzhou, "citizen"}, {"ok", hangzhou, "handler"}} {
			_, err := w.Bootstrap(w.ctx(), bad[0], "管理员", bad[1], bad[2])
			w.wants(err, "INVALID_ARGUMENT")
		}
	})
}
