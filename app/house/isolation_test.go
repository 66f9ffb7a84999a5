package house_test

import (
	"context"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/app/house/housetest"
)

// noCity are the methods that name no city in their path; one more is a decision, not an accident.
var noCity = []string{"Directory.ListCities", "Sessions.ChangePassword", "Sessions.GetMe", "Sessions.Login", "Sessions.Logout", "Sessions.Refresh"}

// aim is one method pointed at another city: at something that is there, and at something that is not.
type aim struct {
	method
	there, missing string
	content        string
	named          bool // names a thing inside the city, not the city alone
}

func TestNoMethodTellsAnotherCityOrNobodyWhatIsThere(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		w, err := town.Stage.Go(context.Background(), sample(t, "120000"), pb.State_CONCLUDED)
		if err != nil || w.Order.GetState() != pb.State_CONCLUDED {
			t.Fatalf("%v, %s", err, w.Order.GetState())
		}
		aims := aimAll(t, w.Order.GetNumber())
		strangers := []*caller{nobody(town)}
		for _, who := range append(everyRole("110000"), "central_admin.000000", "regional_coordinator.100001") {
			strangers = append(strangers, login(t, town, who))
		}
		for _, c := range strangers {
			for _, a := range aims {
				a.try(t, c)
			}
		}
		reviewer, err := town.Stage.As(context.Background(), "reviewer.120000") // signed in before
		if err != nil {
			t.Fatal(err)
		}
		var now pb.WorkOrder
		if err := reviewer.Do(context.Background(), "GET", "/v1/"+w.Order.GetName(), nil, &now); err != nil {
			t.Fatal(err)
		}
		if now.GetEtag() != w.Order.GetEtag() || now.GetState() != pb.State_CONCLUDED {
			t.Errorf("strangers changed the order: etag %s, was %s, state %s", now.GetEtag(), w.Order.GetEtag(), now.GetState())
		}
	})
}

func aimAll(t *testing.T, number string) []aim {
	t.Helper()
	other := unused(t, number)
	there := map[string]string{"tenants": "120000", "workOrders": number, "petitions": number, "accounts": "agent.120000",
		"attachments": "00000000-0000-0000-0000-000000000000"}
	missing := map[string]string{"tenants": "120000", "workOrders": other, "petitions": other, "accounts": "zzz.120000",
		"attachments": "00000000-0000-0000-0000-000000000000"}
	var aims []aim
	var without []string
	for _, m := range methods(t) {
		a := aim{method: m}
		if !strings.Contains(m.path, "tenants/*") {
			without = append(without, m.name)
		}
		var err error
		if a.there, err = m.at(there); err == nil {
			a.missing, err = m.at(missing)
		}
		if err == nil {
			a.content, err = content(m)
		}
		if err != nil {
			t.Errorf("no request could be built: %v", err)
			continue
		}
		if a.named = a.there != a.missing; !a.named { // the city alone: one that is nowhere
			a.missing = strings.Replace(a.there, "120000", "999999", 1)
		}
		aims = append(aims, a)
	}
	if without = slices.Compact(without); !slices.Equal(without, noCity) {
		t.Errorf("methods without a city: %v", without)
	}
	return aims
}

// unused is a number of the same city and day, well formed, under which there is no order.
func unused(t *testing.T, number string) string {
	t.Helper()
	for _, last := range "0123456789" {
		if n := number[:16] + "9876543" + string(last); casework.ValidNumber(n) {
			return n
		}
	}
	t.Fatal("no number is well formed")
	return ""
}

// content fills a request well enough to be read and, for simple rules, to be accepted.
func content(m method) (string, error) {
	if m.body == "" {
		return "", nil
	}
	in := dynamicpb.NewMessage(m.in)
	fill(in, 0)
	for _, f := range []protoreflect.Name{"name", "parent"} { // these come from the path
		if d := m.in.Fields().ByName(f); d != nil {
			in.Clear(d)
		}
	}
	if m.body != "*" {
		raw, err := protojson.Marshal(in.Get(m.in.Fields().ByName(protoreflect.Name(m.body))).Message().Interface())
		return string(raw), err
	}
	raw, err := protojson.Marshal(in)
	return string(raw), err
}

func fill(m protoreflect.Message, depth int) {
	for i := range m.Descriptor().Fields().Len() {
		f := m.Descriptor().Fields().Get(i)
		switch {
		case f.IsMap() || f.IsList() || f.Name() == "email":
		case f.Message() != nil:
			if depth < 3 && f.Message().ParentFile().Package() != "google.protobuf" {
				fill(m.Mutable(f).Message(), depth+1)
			}
		case f.Kind() == protoreflect.EnumKind:
			m.Set(f, protoreflect.ValueOfEnum(f.Enum().Values().Get(min(3, f.Enum().Values().Len()-1)).Number()))
		case f.Kind() == protoreflect.BytesKind:
			m.Set(f, protoreflect.ValueOfBytes([]byte("0000000000000000")))
		case f.Kind() == protoreflect.StringKind:
			m.Set(f, protoreflect.ValueOfString("0000000000000000"))
		}
	}
}

var traces = regexp.MustCompile(`"traceId": ?"[0-9a-f]{32}"`)

// try sends both requests and judges the answers.
func (a aim) try(t *testing.T, c *caller) {
	t.Helper()
	if a.rule.GetAny() && c.login != "" || a.rule.GetPublic() && slices.Contains(noCity, a.name) {
		return // one's own affairs, and what is nobody's secret
	}
	code, body := c.call(t, a.verb, a.there, a.content)
	code2, body2 := c.call(t, a.verb, a.missing, a.content)
	body, body2 = traces.ReplaceAllString(body, `"traceId":""`), traces.ReplaceAllString(body2, `"traceId":""`)
	var said struct{ Reason string }
	_ = json.Unmarshal([]byte(body), &said)
	who := c.login
	if who == "" {
		who = "nobody"
	}
	if a.rule.GetPublic() && !a.named {
		return // open to all: it names nothing inside the city
	}
	if a.rule.GetPublic() && (code == 429 || code2 == 429) {
		// Wrong codes add up, of what is there and of what is not; the first few of nobody, who comes first, are never throttled.
		if code != 404 && code != 429 || code2 != 404 && code2 != 429 {
			t.Errorf("%s as %s: %d, %d", a.name, c.login, code, code2)
		}
		return
	}
	if code != code2 || body != body2 {
		t.Errorf("%s as %s tells what is there:\n there: %d %s\nmissing: %d %s", a.name, who, code, body, code2, body2)
	}
	want, reason := 404, "NOT_FOUND"
	if c.login == "" && !a.rule.GetPublic() {
		want, reason = 401, "UNAUTHENTICATED"
	}
	if code != want || said.Reason != reason {
		t.Errorf("%s as %s: %d %s, should be %d %s", a.name, who, code, body, want, reason)
	}
}
