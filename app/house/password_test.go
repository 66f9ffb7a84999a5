package house_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	tenantpb "hotline/api/tenant/v1"
	"hotline/app/house/housetest"
)

// open are the methods for who must change their password; one more is a decision, not an accident.
var open = []string{"Sessions.ChangePassword", "Sessions.GetMe", "Sessions.Logout"}

// newcomer signs in with a password that somebody else has set.
func newcomer(t *testing.T, town *housetest.Town, who, password string) *caller {
	t.Helper()
	in, _ := protojson.Marshal(&tenantpb.LoginRequest{Login: who, Password: password})
	code, raw := nobody(town).call(t, "POST", "/v1/sessions:login", string(in))
	var out tenantpb.LoginResponse
	if err := protojson.Unmarshal([]byte(raw), &out); err != nil || code != 200 {
		t.Fatalf("login %s: %d %s", who, code, raw)
	}
	return &caller{town, who, out.GetTokens().GetAccessToken()}
}

// must calls something that has to succeed.
func (c *caller) must(t *testing.T, verb, path string, in, out proto.Message) {
	t.Helper()
	body, err := protojson.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	code, raw := c.call(t, verb, path, string(body))
	if err := protojson.Unmarshal([]byte(raw), out); err != nil || code != 200 {
		t.Fatalf("%s: %d %s", path, code, raw)
	}
}

func TestWhosePasswordSomebodyElseSetCanDoNothingBeforeChangingIt(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		admin := login(t, town, "city_admin.110000")
		var made tenantpb.CreateAccountResponse
		admin.must(t, "POST", "/v1/tenants/110000/accounts", &tenantpb.CreateAccountRequest{Login: "newcomer", DisplayName: "新来的人",
			Posts: []*tenantpb.Grant{{Role: "agent"}, {Role: "city_admin"}}}, &made)
		password := settle(t, town, "newcomer", made.GetPassword())
		var reset tenantpb.ResetPasswordResponse
		admin.must(t, "POST", "/v1/tenants/110000/accounts/newcomer:resetPassword", &tenantpb.ResetPasswordRequest{}, &reset)
		if reset.GetPassword() == password {
			t.Error("nothing was reset")
		}
		settle(t, town, "newcomer", reset.GetPassword())
	})
}

// settle tries every method with a password that somebody else set, changes it, and goes to work; the new one is given back.
func settle(t *testing.T, town *housetest.Town, who, password string) string {
	t.Helper()
	c := newcomer(t, town, who, password)
	for _, m := range methods(t) {
		if m.rule.GetPublic() || slices.Contains(open, m.name) {
			continue
		}
		path := strings.ReplaceAll(variable.ReplaceAllString(m.path, "$2"), "*", "0") // whatever it names: that is not looked at
		body, err := content(m)
		if err != nil {
			t.Fatal(err)
		}
		code, raw := c.call(t, m.verb, path, body)
		var said struct{ Reason string }
		_ = json.Unmarshal([]byte(raw), &said)
		if code != 403 || said.Reason != "MUST_CHANGE_PASSWORD" {
			t.Errorf("%s before the password was changed: %d %s", m.name, code, raw)
		}
	}
	var me tenantpb.Me
	if c.must(t, "GET", "/v1/me", &tenantpb.GetMeRequest{}, &me); !me.GetMustChangePassword() {
		t.Error("nobody says that the password must be changed")
	}
	next := fmt.Sprintf("chosen by myself %d", len(password))
	c.must(t, "POST", "/v1/me:changePassword", &tenantpb.ChangePasswordRequest{OldPassword: password, NewPassword: next},
		&tenantpb.ChangePasswordResponse{})
	if c.must(t, "GET", "/v1/me", &tenantpb.GetMeRequest{}, &me); me.GetMustChangePassword() {
		t.Error("the password must be changed again")
	}
	c.must(t, "GET", "/v1/tenants/110000/accounts", &tenantpb.ListAccountsRequest{}, &tenantpb.ListAccountsResponse{})
	again := newcomer(t, town, who, next)
	again.must(t, "POST", "/v1/sessions:logout", &tenantpb.LogoutRequest{}, &tenantpb.LogoutResponse{})
	return next
}

func TestALoginOfAnotherCityIsOnlyGrantedAndItsPasswordStaysItsOwn(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		admin := login(t, town, "city_admin.110000")
		var made tenantpb.CreateAccountResponse
		admin.must(t, "POST", "/v1/tenants/110000/accounts", &tenantpb.CreateAccountRequest{Login: "agent.120000", DisplayName: "换个名字",
			Posts: []*tenantpb.Grant{{Role: "agent"}}}, &made)
		if made.GetPassword() != "" || made.GetAccount().GetDisplayName() == "换个名字" {
			t.Errorf("told or changed: %v", &made)
		}
		code, raw := admin.call(t, "POST", "/v1/tenants/110000/accounts/agent.120000:resetPassword", "{}")
		if code != 409 {
			t.Errorf("reset by the city that joined it: %d %s", code, raw)
		}
		in, _ := protojson.Marshal(&tenantpb.LoginRequest{Login: "agent.120000", Password: housetest.Password, Tenant: "120000"})
		if code, raw := nobody(town).call(t, "POST", "/v1/sessions:login", string(in)); code != 200 {
			t.Errorf("with the old password: %d %s", code, raw)
		}
	})
}
