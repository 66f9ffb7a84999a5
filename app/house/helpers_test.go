package house_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"google.golang.org/genproto/googleapis/api/annotations"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	accesspb "hotline/api/access"
	pb "hotline/api/casework/v1"
	tenantpb "hotline/api/tenant/v1"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/tenants"
)

// method is one of the contract, with one way to reach it over HTTP.
type method struct {
	name       string // WorkOrders.Dispatch
	full       string // /hotline.casework.v1.WorkOrders/Dispatch, as gRPC calls it
	verb, path string // as declared
	body       string
	stream     bool // its answer; over HTTP only
	rule       *accesspb.Rule
	in, out    protoreflect.MessageDescriptor
}

// methods are all of the contract, found and not listed.
func methods(t *testing.T) []method {
	t.Helper()
	var all []method
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			if !strings.HasPrefix(string(s.FullName()), "hotline.") {
				continue
			}
			for j := range s.Methods().Len() {
				all = append(all, ways(t, s, s.Methods().Get(j))...)
			}
		}
		return true
	})
	slices.SortFunc(all, func(a, b method) int { return strings.Compare(a.name, b.name) })
	if len(all) < 40 {
		t.Fatalf("only %d methods", len(all))
	}
	return all
}

func ways(t *testing.T, s protoreflect.ServiceDescriptor, m protoreflect.MethodDescriptor) []method {
	t.Helper()
	name := fmt.Sprintf("%s.%s", s.Name(), m.Name())
	h, _ := proto.GetExtension(m.Options(), annotations.E_Http).(*annotations.HttpRule)
	rule, _ := proto.GetExtension(m.Options(), accesspb.E_Rule).(*accesspb.Rule)
	var all []method
	for _, h := range append([]*annotations.HttpRule{h}, h.GetAdditionalBindings()...) {
		way := method{name: name, full: fmt.Sprintf("/%s/%s", s.FullName(), m.Name()), body: h.GetBody(),
			stream: m.IsStreamingServer(), rule: rule, in: m.Input(), out: m.Output()}
		for verb, path := range map[string]string{"GET": h.GetGet(), "POST": h.GetPost(), "PUT": h.GetPut(), "DELETE": h.GetDelete(), "PATCH": h.GetPatch()} {
			if path != "" {
				way.verb, way.path = verb, path
			}
		}
		if way.path == "" || rule == nil {
			t.Errorf("%s: no way or no rule", name)
			continue
		}
		all = append(all, way)
	}
	return all
}

var variable = regexp.MustCompile(`\{([a-z_.]+)=([^}]*)\}`)

// at puts things into the path: what stands for * after each collection. It fails for a collection it knows nothing of.
func (m method) at(things map[string]string) (string, error) {
	if bare := regexp.MustCompile(`\{[^=}]*\}|\*\*`).FindString(m.path); bare != "" {
		return "", fmt.Errorf("%s: can't fill %s of %s", m.name, bare, m.path)
	}
	return m.put(variable.ReplaceAllString(m.path, "$2"), things)
}

// put is at for a part of the path.
func (m method) put(part string, things map[string]string) (string, error) {
	parts := strings.Split(part, "/")
	for i, p := range parts {
		rest, star := strings.CutPrefix(p, "*")
		if !star {
			continue
		}
		thing, known := things[parts[i-1]]
		if !known {
			return "", fmt.Errorf("%s: no thing to name in %q of %s", m.name, parts[i-1], m.path)
		}
		parts[i] = thing + rest
	}
	return strings.Join(parts, "/"), nil
}

// caller calls the platform as one login, or as nobody.
type caller struct {
	town         *housetest.Town
	login, token string
}

func nobody(town *housetest.Town) *caller { return &caller{town: town} }

func login(t *testing.T, town *housetest.Town, who string) *caller {
	t.Helper()
	in, _ := protojson.Marshal(&tenantpb.LoginRequest{Login: who, Password: housetest.Password})
	code, raw := nobody(town).call(t, "POST", "/v1/sessions:login", string(in))
	var out tenantpb.LoginResponse
	if err := protojson.Unmarshal([]byte(raw), &out); err != nil || code != 200 || out.GetTokens().GetAccessToken() == "" {
		t.Fatalf("login %s: %d %v", who, code, err)
	}
	return &caller{town, who, out.GetTokens().GetAccessToken()}
}

func (c *caller) call(t *testing.T, verb, path, body string) (int, string) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), verb, c.town.Server.URL+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	res, err := c.town.Server.Client().Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(raw)
}

// everyRole are logins of all roles of a city, and of a unit's people; a new role without an account can't sign in and fails.
func everyRole(city string) []string {
	all := []string{"u02." + city, "lead.u02." + city}
	for r := range tenants.Titles {
		switch r {
		case tenants.RegionalCoordinator, tenants.CentralAdmin, tenants.ProvinceAdmin, tenants.MinistryOfficer, tenants.Citizen:
		default:
			all = append(all, string(r)+"."+city)
		}
	}
	slices.Sort(all)
	return all
}

// sample is one of the city that goes to a unit.
func sample(t *testing.T, city string) nation.Request {
	t.Helper()
	for _, r := range nation.Requests() {
		if r.City == city && r.Disposition == "in_scope" && nation.UnitCode(r.Lead) != "" && !r.Confidential {
			r.Assist = nil
			return r
		}
	}
	t.Fatalf("no sample of %s goes to a unit", city)
	return nation.Request{}
}

func order(t *testing.T, raw string) *pb.WorkOrder {
	t.Helper()
	var o pb.WorkOrder
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal([]byte(raw), &o); err != nil {
		t.Fatal(err)
	}
	return &o
}
