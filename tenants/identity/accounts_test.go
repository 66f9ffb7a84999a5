package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	kratos "github.com/go-kratos/kratos/v2/errors"

	pb "hotline/api/tenant/v1"
	"hotline/tenants"
)

func name(city, login string) string { return "tenants/" + city + "/accounts/" + login }

// office is 杭州 with an administrator who has signed in.
func (w *world) office() context.Context {
	w.t.Helper()
	w.staff(hangzhou, "boss", role(tenants.CityAdmin))
	return w.as("boss", hangzhou)
}

func creating(login string, posts ...*pb.Grant) *pb.CreateAccountRequest {
	return &pb.CreateAccountRequest{Parent: "tenants/" + hangzhou, Login: login, DisplayName: "新人", Posts: posts}
}

func TestACityMakesAnAccountWithAFirstPasswordShownOnce(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.office()
		out, err := w.CreateAccount(ctx, creating("zhang", &pb.Grant{Role: "agent"}, &pb.Grant{Role: "handler", Unit: "water3301"}))
		if err != nil {
			w.t.Fatal(err)
		}
		if a := out.Account; a.Name != name(hangzhou, "zhang") || len(a.Posts) != 2 || a.Posts[1].Unit != "water3301" || a.DisplayName != "新人" {
			w.t.Errorf("account: %v", a)
		}
		in, err := w.Login(w.ctx(), &pb.LoginRequest{Login: "zhang", Password: out.Password})
		if err != nil || in.Tokens == nil {
			w.t.Fatalf("first password: %v", err)
		}
		if last := w.records[len(w.records)-1]; !strings.Contains(last, "create_account") || !strings.Contains(last, "话务员") || strings.Contains(last, out.Password) {
			w.t.Errorf("record: %s", last)
		}
		_, err = w.CreateAccount(ctx, creating("zhang", &pb.Grant{Role: "agent"}))
		w.wants(err, "ALREADY_EXISTS")
	})
}

func TestALoginOfAnotherCityIsJoinedUntouched(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.office()
		w.staff(ningbo, "zhang", role(tenants.Supervisor))
		out, err := w.CreateAccount(ctx, creating("zhang", &pb.Grant{Role: "agent"}))
		if err != nil || out.Password != "" {
			w.t.Fatalf("%v, %v", out, err)
		}
		if p := out.Account.Posts; len(p) != 1 || p[0].Role != "agent" || out.Account.DisplayName != "某人" {
			w.t.Errorf("the city sees %v", out.Account)
		}
		if v := w.identify(w.login("zhang", ningbo).AccessToken); !v.Has(tenants.Supervisor) || v.Has(tenants.Agent) {
			w.t.Errorf("in the other city: %+v", v)
		}
	})
}

func TestWhatACityMayNotGrant(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.office()
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		for _, c := range []struct {
			sentence, login, role, unit, reason string
		}{
			{"the centre's role", "zhang", "central_admin", "", "ROLE_NOT_GRANTABLE"},
			{"the region's role", "zhang", "regional_coordinator", "", "ROLE_NOT_GRANTABLE"},
			{"being a citizen", "zhang", "citizen", "", "ROLE_NOT_GRANTABLE"},
			{"being a machine", "zhang", "machine", "", "ROLE_NOT_GRANTABLE"},
			{"a role that does not exist", "zhang", "king\x00", "", "INVALID_ARGUMENT"},
			{"a handler of no unit", "zhang", "handler", "", "INVALID_ARGUMENT"},
			{"a lead of no unit", "zhang", "unit_lead", "", "INVALID_ARGUMENT"},
			{"a unit of another city", "zhang", "handler", "water3302", "INVALID_ARGUMENT"},
			{"a unit that is closed", "zhang", "handler", "old", "INVALID_ARGUMENT"},
			{"a unit that is nonsense", "zhang", "handler", "a\x00b", "INVALID_ARGUMENT"},
			{"a unit for a role of the whole city", "zhang", "agent", "water3301", "INVALID_ARGUMENT"},
			{"oneself", "boss", "agent", "", "SELF_GRANT"},
			{"somebody who is not here", "nobody", "agent", "", "NOT_FOUND"},
			{"a login that is nonsense", "a\x00b", "agent", "", "NOT_FOUND"},
		} {
			before := len(w.records)
			_, err := w.GrantPost(ctx, &pb.GrantPostRequest{Name: name(hangzhou, c.login), Post: &pb.Grant{Role: c.role, Unit: c.unit}})
			if kratos.Reason(err) != c.reason || len(w.records) != before {
				w.t.Errorf("%s: %v", c.sentence, err)
			}
			if c.login == "zhang" {
				_, err := w.CreateAccount(ctx, creating("fresh", &pb.Grant{Role: "agent"}, &pb.Grant{Role: c.role, Unit: c.unit}))
				w.wants(err, c.reason)
			}
		}
		for _, login := range []string{"system", "A", "", "-x", "a b", strings.Repeat("a", 64)} {
			_, err := w.CreateAccount(ctx, creating(login, &pb.Grant{Role: "agent"}))
			w.wants(err, "INVALID_ARGUMENT")
		}
		_, err := w.CreateAccount(ctx, creating("boss", &pb.Grant{Role: "agent"}))
		w.wants(err, "SELF_GRANT")
		if l := w.list(ctx, 0, ""); len(l.Accounts) != 2 {
			w.t.Errorf("half of something was written: %v", l.Accounts)
		}
	})
}

func (w *world) list(ctx context.Context, size int32, token string) *pb.ListAccountsResponse {
	w.t.Helper()
	out, err := w.ListAccounts(ctx, &pb.ListAccountsRequest{Parent: "tenants/" + hangzhou, PageSize: size, PageToken: token})
	if err != nil {
		w.t.Fatal(err)
	}
	return out
}

func TestAPostGrantedOrRevokedCountsOnTheNextRequest(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.office()
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		token := w.login("zhang", "").AccessToken
		post := &pb.Grant{Role: "handler", Unit: "water3301"}
		for range 2 { // twice is once
			a, err := w.GrantPost(ctx, &pb.GrantPostRequest{Name: name(hangzhou, "zhang"), Post: post})
			if err != nil || len(a.Posts) != 2 {
				w.t.Fatalf("%v, %v", a, err)
			}
		}
		if !w.identify(token).Has(tenants.Handler) {
			w.t.Error("not granted")
		}
		a, err := w.RevokePost(ctx, &pb.RevokePostRequest{Name: name(hangzhou, "zhang"), Post: post})
		if err != nil || len(a.Posts) != 1 || w.identify(token).Has(tenants.Handler) {
			w.t.Fatalf("%v, %v", a, err)
		}
		_, err = w.RevokePost(ctx, &pb.RevokePostRequest{Name: name(hangzhou, "zhang"), Post: post})
		w.wants(err, "POST_NOT_HELD")
		_, err = w.RevokePost(ctx, &pb.RevokePostRequest{Name: name(hangzhou, "zhang"), Post: &pb.Grant{Role: "x\x00"}})
		w.wants(err, "POST_NOT_HELD")
		v := w.identify(token)
		if _, err := w.RevokePost(ctx, &pb.RevokePostRequest{Name: name(hangzhou, "zhang"), Post: &pb.Grant{Role: "agent"}}); err != nil {
			w.t.Fatal(err)
		}
		if s := w.session(v); s.EndedWhy != "revoked" {
			w.t.Errorf("with the last post the session ends: %+v", s)
		}
		_, err = w.Identify(w.ctx(), token)
		w.wants(err, "UNAUTHENTICATED")
	})
}

func TestTheLastAdministratorStays(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.office()
		w.staff(ningbo, "other", role(tenants.CityAdmin)) // another city's does not count
		w.staff(hangzhou, "gone", role(tenants.CityAdmin))
		w.disable("gone") // nor does one who can't sign in
		revoke := func(login string) error {
			_, err := w.RevokePost(ctx, &pb.RevokePostRequest{Name: name(hangzhou, login), Post: &pb.Grant{Role: "city_admin"}})
			return err
		}
		w.wants(revoke("boss"), "LAST_ADMIN")
		w.staff(hangzhou, "second", role(tenants.CityAdmin))
		if err := revoke("boss"); err != nil {
			w.t.Error(err)
		}
		w.wants(revoke("second"), "LAST_ADMIN")
	})
}

func TestTwoAdministratorsCanNotRemoveEachOtherAtOnce(t *testing.T) {
	each(t, func(w *world) {
		for i := range 4 {
			a, b := fmt.Sprintf("a%d", i), fmt.Sprintf("b%d", i)
			w.staff(hangzhou, a, role(tenants.CityAdmin))
			w.staff(hangzhou, b, role(tenants.CityAdmin))
			if i > 0 { // the survivor of the last round leaves
				w.drop(fmt.Sprintf("a%d", i-1), "city_admin")
				w.drop(fmt.Sprintf("b%d", i-1), "city_admin")
			}
			ctxs, victims, errs := []context.Context{w.as(a, ""), w.as(b, "")}, []string{b, a}, make([]error, 2)
			var wg sync.WaitGroup
			for j := range 2 {
				wg.Go(func() {
					_, errs[j] = w.RevokePost(ctxs[j], &pb.RevokePostRequest{Name: name(hangzhou, victims[j]), Post: &pb.Grant{Role: "city_admin"}})
				})
			}
			wg.Wait()
			if (errs[0] == nil) == (errs[1] == nil) {
				w.t.Errorf("round %d: %v", i, errs)
			}
		}
	})
}

func TestAPasswordIsResetOnlyForPeopleOfThisCityAlone(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.office()
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		w.staff(hangzhou, "both", role(tenants.Agent))
		w.staff(ningbo, "both", role(tenants.Agent))
		w.staff(ningbo, "theirs", role(tenants.Agent))
		token := w.login("zhang", "").AccessToken
		for range 6 {
			_ = w.guess(w.ctx(), "zhang")
		}
		reset := func(login string) (*pb.ResetPasswordResponse, error) {
			return w.ResetPassword(ctx, &pb.ResetPasswordRequest{Name: name(hangzhou, login)})
		}
		out, err := reset("zhang")
		if err != nil {
			w.t.Fatal(err)
		}
		_, err = w.Identify(w.ctx(), token)
		w.wants(err, "UNAUTHENTICATED")
		if _, err := w.Login(w.ctx(), &pb.LoginRequest{Login: "zhang", Password: out.Password}); err != nil {
			w.t.Errorf("the new password, without waiting: %v", err)
		}
		for login, reason := range map[string]string{"both": "POSTS_ELSEWHERE", "theirs": "NOT_FOUND", "nobody": "NOT_FOUND", "boss": "SELF_RESET"} {
			_, err := reset(login)
			w.wants(err, reason)
		}
		w.login("both", ningbo)
		w.login("theirs", ningbo)
	})
}

func TestSessionsAreEndedInThisCityOnly(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.office()
		w.staff(hangzhou, "both", role(tenants.Agent))
		w.staff(ningbo, "both", role(tenants.Agent))
		here, there := w.login("both", hangzhou).AccessToken, w.login("both", ningbo).AccessToken
		if _, err := w.EndSessions(ctx, &pb.EndSessionsRequest{Name: name(hangzhou, "both")}); err != nil {
			w.t.Fatal(err)
		}
		_, err := w.Identify(w.ctx(), here)
		w.wants(err, "UNAUTHENTICATED")
		w.identify(there)
	})
}

func TestAnotherCitysPeopleDoNotExist(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.office()
		w.staff(ningbo, "theirs", role(tenants.Agent))
		for _, n := range []string{name(ningbo, "theirs"), name(hangzhou, "theirs"), "", "tenants/", "x"} {
			post := &pb.Grant{Role: "agent"}
			_, err1 := w.GrantPost(ctx, &pb.GrantPostRequest{Name: n, Post: post})
			_, err2 := w.RevokePost(ctx, &pb.RevokePostRequest{Name: n, Post: post})
			_, err3 := w.ResetPassword(ctx, &pb.ResetPasswordRequest{Name: n})
			_, err4 := w.EndSessions(ctx, &pb.EndSessionsRequest{Name: n})
			for _, err := range []error{err1, err2, err3, err4} {
				w.wants(err, "NOT_FOUND")
			}
		}
		_, err := w.ListAccounts(ctx, &pb.ListAccountsRequest{Parent: "tenants/" + ningbo})
		w.wants(err, "NOT_FOUND")
		_, err = w.CreateAccount(ctx, &pb.CreateAccountRequest{Parent: "tenants/" + ningbo, Login: "zhang", DisplayName: "新人"})
		w.wants(err, "NOT_FOUND")
		_, err = w.ListAccounts(w.ctx(), &pb.ListAccountsRequest{Parent: "tenants/"})
		w.wants(err, "UNAUTHENTICATED")
	})
}

func TestTheListIsPagedByLogin(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.office()
		want := []string{"boss"}
		for i := range 6 {
			login := fmt.Sprintf("u%d", i)
			w.staff(hangzhou, login, role(tenants.Agent), role(tenants.Reviewer))
			want = append(want, login)
		}
		w.staff(ningbo, "u3", role(tenants.Auditor))
		w.staff(ningbo, "u31", role(tenants.Auditor))
		var got []string
		for token, pages := "", 0; pages < 9; pages++ {
			out := w.list(ctx, 3, token)
			for _, a := range out.Accounts {
				got = append(got, a.Login)
				if a.Login != "boss" && len(a.Posts) != 2 {
					w.t.Errorf("posts: %v", a)
				}
			}
			if token = out.NextPageToken; token == "" {
				break
			}
		}
		if !slices.Equal(got, want) {
			w.t.Errorf("got %v, want %v", got, want)
		}
		for _, bad := range []string{"%%%", "AA", "AAAA"} {
			_, err := w.ListAccounts(ctx, &pb.ListAccountsRequest{Parent: "tenants/" + hangzhou, PageToken: bad})
			w.wants(err, "INVALID_ARGUMENT")
		}
	})
}

func TestAChangeThatCanNotBeRecordedDoesNotHappen(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.office()
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		token := w.login("zhang", "").AccessToken
		boom := errors.New("boom")
		w.opts.Record = func(context.Context, string, string) error { return boom }
		n, post := name(hangzhou, "zhang"), &pb.Grant{Role: "reviewer"}
		_, err1 := w.GrantPost(ctx, &pb.GrantPostRequest{Name: n, Post: post})
		_, err2 := w.RevokePost(ctx, &pb.RevokePostRequest{Name: n, Post: &pb.Grant{Role: "agent"}})
		_, err3 := w.ResetPassword(ctx, &pb.ResetPasswordRequest{Name: n})
		_, err4 := w.EndSessions(ctx, &pb.EndSessionsRequest{Name: n})
		_, err5 := w.CreateAccount(ctx, creating("fresh", post))
		_, err6 := w.ChangePassword(tenants.With(w.ctx(), w.identify(token)), &pb.ChangePasswordRequest{OldPassword: secret, NewPassword: "staple battery"})
		for i, err := range []error{err1, err2, err3, err4, err5, err6} {
			if !errors.Is(err, boom) {
				w.t.Errorf("%d: %v", i, err)
			}
		}
		if v := w.identify(token); len(v.Posts) != 1 || !v.Has(tenants.Agent) {
			w.t.Errorf("posts: %v", v.Posts)
		}
		w.login("zhang", "")
		if l := w.list(ctx, 0, ""); len(l.Accounts) != 2 {
			w.t.Errorf("accounts: %v", l.Accounts)
		}
	})
}

func TestTheListNamesTheRolesThatACityMayGiveAndNoOthers(t *testing.T) {
	each(t, func(w *world) {
		ctx := w.office()
		roles := map[string]*pb.Role{}
		for _, r := range w.list(ctx, 10, "").GetRoles() {
			roles[r.GetRole()] = r
		}
		if a, h := roles["agent"], roles["handler"]; a.GetTitle() != "话务员" || a.GetOfUnit() || !h.GetOfUnit() {
			w.t.Errorf("agent %v, handler %v", a, h)
		}
		for _, r := range []string{"central_admin", "regional_coordinator", "machine", "citizen"} {
			if roles[r] != nil {
				w.t.Errorf("%s is offered, and would be refused", r)
			}
		}
	})
}
