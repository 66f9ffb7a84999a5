package house_test

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/types/dynamicpb"
	"google.golang.org/protobuf/types/known/emptypb"

	pb "hotline/api/casework/v1"
	listpb "hotline/api/consolidation/v1"
	"hotline/app/casework"
	"hotline/app/crossing/crossingtest"
	"hotline/app/house/housetest"
	"hotline/app/play"
)

// noCity are the methods that name no city in their path; one more is a decision, not an accident.
var noCity = []string{"Directory.ListCities", "Lists.CompareLists", "Lists.ExportList", "Lists.GetDocument", "Lists.GetList", "Lists.ListKeys", "Lists.ListVersions",
	"Sessions.ChangePassword", "Sessions.GetMe", "Sessions.Login", "Sessions.Logout", "Sessions.Refresh"}

// aim is one method pointed at another city: at something that is there, and at something that is not.
type aim struct {
	method
	there, missing string
	content        string
	named          bool // names a thing inside the city, not the city alone
	// The same two as messages, for gRPC.
	message, messageMissing *dynamicpb.Message
}

// answer is what a caller hears, whichever way the call went; code is HTTP's.
type answer struct {
	code         int
	reason, text string
}

// sender sends both requests of an aim.
type sender func(t *testing.T, c *caller, a aim) (there, missing answer)

func TestNoMethodTellsAnotherCityOrNobodyWhatIsThere(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) { tryAll(t, town, overHTTP) })
}

func TestNoMethodTellsAnotherCityOrNobodyWhatIsThereOverGRPC(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		conn := dial(t, town)
		onlyTheContract(t, town, conn) // first: after so many wrong codes nobody can sign in from here
		tryAll(t, town, overGRPC(conn))
	})
}

// tryAll lets every role of another city, the region, the centre and nobody try every method.
func tryAll(t *testing.T, town *housetest.Town, send sender) {
	t.Helper()
	w, err := town.Stage.Go(context.Background(), sample(t, "120000"), pb.State_HANDLING)
	if err != nil || w.Order.GetState() != pb.State_HANDLING {
		t.Fatalf("%v, %s", err, w.Order.GetState())
	}
	aims := aimAll(t, w.Order.GetNumber(), belongings(t, town, w.Order))
	strangers := []*caller{nobody(town)}
	for _, who := range append(everyRole("110000"), "central_admin.000000", "regional_coordinator.100001", "province_admin.100032",
		"ministry_officer.100101") {
		strangers = append(strangers, login(t, town, who))
	}
	for _, c := range strangers {
		for _, a := range aims {
			a.try(t, c, send)
		}
	}
	agent, err := town.Stage.As(context.Background(), "agent.120000") // signed in before
	if err != nil {
		t.Fatal(err)
	}
	var now pb.WorkOrder
	if err := agent.Do(context.Background(), "GET", "/v1/"+w.Order.GetName(), nil, &now); err != nil {
		t.Fatal(err)
	}
	if now.GetEtag() != w.Order.GetEtag() || now.GetState() != pb.State_HANDLING {
		t.Errorf("strangers changed the order: etag %s, was %s, state %s", now.GetEtag(), w.Order.GetEtag(), now.GetState())
	}
}

// offered is the id of a transfer that Tianjin has in its region.
func offered(t *testing.T, town *housetest.Town) string {
	t.Helper()
	crossingtest.Link(t, town.House, "jing-jin-ji", "100001", "110000", "120000", "130100")
	r := sample(t, "120000")
	r.ID += "-offered"
	w, err := town.Stage.Go(context.Background(), r, pb.State_RECEIVED)
	if err != nil {
		t.Fatal(err)
	}
	dispatcher, err := town.Stage.As(context.Background(), "dispatcher.120000")
	if err != nil {
		t.Fatal(err)
	}
	o, err := play.Post[pb.WorkOrder](context.Background(), dispatcher, "/v1/"+w.Order.GetName()+":transfer",
		&pb.TransferRequest{Target: "130100", Mode: pb.Mode_COLD, Basis: "属地管理"})
	if err != nil {
		t.Fatal(err)
	}
	name := o.GetTransfer().GetName()
	return name[strings.LastIndexByte(name, '/')+1:]
}

// belongings are one thing of each kind that Tianjin has: what it filed, and what strangers must not find.
func belongings(t *testing.T, town *housetest.Town, order *pb.WorkOrder) map[string]string {
	t.Helper()
	ctx, city := context.Background(), "/v1/tenants/120000/"
	last := func(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }
	as := func(who string) *play.Person {
		p, err := town.Stage.As(ctx, who)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	admin := as("city_admin.120000")
	papers := []*listpb.Paper{{Title: "市政府会议纪要", Reference: "津政阅〔2015〕8号"}}
	number, err := play.Post[listpb.Number](ctx, admin, city+"numbers:enroll", &listpb.EnrollRequest{Number: "96998", Title: "某区便民电话",
		Purpose: "便民咨询", FoundedDate: "2015-06-01", Unit: "U06", Approvals: papers})
	if err != nil {
		t.Fatal(err)
	}
	exception, err := play.Post[listpb.Exception](ctx, admin, city+"exceptions:apply", &listpb.ApplyExceptionRequest{
		Kind: listpb.ExceptionKind_NEW_NUMBER, Number: "96777", Wanted: "冬奥服务热线", Words: "赛事期间需要一个独立的咨询号码", Papers: papers})
	if err != nil {
		t.Fatal(err)
	}
	question, err := play.Post[listpb.Question](ctx, admin, city+"questions:ask", &listpb.AskRequest{Title: "分中心的座席", Words: "分中心夜间座席可否由市级统一承担？"})
	if err != nil {
		t.Fatal(err)
	}
	with, err := play.Post[pb.WorkOrder](ctx, as("agent.120000"), "/v1/"+order.GetName()+":attach",
		&pb.AttachRequest{Etag: order.GetEtag(), Title: "现场.pdf", Content: []byte("%PDF-1.7\n1 0 obj\n<< /Type /Catalog >>\nendobj\n%%EOF\n")})
	if err != nil {
		t.Fatal(err)
	}
	order.Etag = with.GetEtag()
	return map[string]string{"transfers": offered(t, town), "numbers": last(number.GetName()), "exceptions": last(exception.GetName()),
		"questions": last(question.GetName()), "attachments": last(with.GetAttachments()[0].GetName())}
}

func aimAll(t *testing.T, number string, belongings map[string]string) []aim {
	t.Helper()
	other, nothing := unused(t, number), "00000000-0000-7000-8000-000000000000"
	there := map[string]string{"tenants": "120000", "workOrders": number, "petitions": number, "accounts": "agent.120000", "regions": "jing-jin-ji",
		"listDrafts": "1", "keyProposals": "1", "steps": "prompt"}
	maps.Copy(there, belongings)
	missing := map[string]string{"tenants": "120000", "workOrders": other, "petitions": other, "accounts": "zzz.120000", "regions": "none",
		"listDrafts": "99", "keyProposals": "99", "steps": "site", "attachments": nothing, "transfers": nothing, "numbers": "96997", "exceptions": nothing, "questions": nothing}
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
		if a.named = a.there != a.missing; !a.named { // the city alone: one that is nowhere
			a.missing = strings.Replace(a.there, "120000", "999999", 1)
			missing["tenants"] = "999999"
		}
		if err == nil {
			a.message, err = m.message(there)
		}
		if err == nil {
			a.messageMissing, err = m.message(missing)
		}
		missing["tenants"] = "120000"
		if err != nil {
			t.Errorf("no request could be built: %v", err)
			continue
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

// message is the whole request at once, with what stands in the path of HTTP in its fields.
func (m method) message(things map[string]string) (*dynamicpb.Message, error) {
	in := dynamicpb.NewMessage(m.in)
	fill(in, 0)
	for _, v := range variable.FindAllStringSubmatch(m.path, -1) {
		f := m.in.Fields().ByName(protoreflect.Name(v[1]))
		if f == nil {
			return nil, fmt.Errorf("%s: no field %s", m.name, v[1])
		}
		name, err := m.put(v[2], things)
		if err != nil {
			return nil, err
		}
		in.Set(f, protoreflect.ValueOfString(name))
	}
	return in, nil
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

func overHTTP(t *testing.T, c *caller, a aim) (there, missing answer) {
	t.Helper()
	send := func(path string) answer {
		code, body := c.call(t, a.verb, path, a.content)
		var said struct{ Reason string }
		_ = json.Unmarshal([]byte(body), &said)
		return answer{code, said.Reason, traces.ReplaceAllString(body, `"traceId":""`)}
	}
	return send(a.there), send(a.missing)
}

func overGRPC(conn *grpc.ClientConn) sender {
	return func(t *testing.T, c *caller, a aim) (there, missing answer) {
		t.Helper()
		if a.stream {
			return overHTTP(t, c, a)
		}
		return c.invoke(conn, a.full, a.message, dynamicpb.NewMessage(a.out)),
			c.invoke(conn, a.full, a.messageMissing, dynamicpb.NewMessage(a.out))
	}
}

// dial serves the town's gRPC side on loopback and connects to it.
func dial(t *testing.T, town *housetest.Town) *grpc.ClientConn {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	go func() { _ = town.Gate.GRPC.Serve(l) }()
	t.Cleanup(town.Gate.GRPC.Server.Stop)
	conn, err := grpc.NewClient(l.Addr().String(), grpc.WithTransportCredentials(insecure.NewCredentials()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func (c *caller) invoke(conn *grpc.ClientConn, full string, in, out proto.Message) answer {
	ctx := context.Background()
	if c.token != "" {
		ctx = metadata.AppendToOutgoingContext(ctx, "authorization", "Bearer "+c.token)
	}
	err := conn.Invoke(ctx, full, in, out)
	if err == nil {
		return answer{200, "", fmt.Sprint(out)}
	}
	e := errors.FromError(err)
	delete(e.Metadata, "trace_id")
	return answer{int(e.Code), e.Reason, fmt.Sprint(e.Message, e.Metadata)}
}

// onlyTheContract: whatever else a library registered on the server answers nobody and nobody's role, and every method of
// the contract was among those tried.
func onlyTheContract(t *testing.T, town *housetest.Town, conn *grpc.ClientConn) {
	t.Helper()
	tried := map[string]bool{}
	for _, m := range methods(t) {
		if !m.stream {
			tried[m.full] = true
		}
	}
	served := 0
	for service, info := range town.Gate.GRPC.GetServiceInfo() {
		for _, m := range info.Methods {
			full := "/" + service + "/" + m.Name
			if served++; tried[full] || m.IsClientStream || m.IsServerStream {
				continue // streams are refused as such, see app/gate
			}
			for _, c := range []*caller{nobody(town), login(t, town, "city_admin.110000"), login(t, town, "central_admin.000000")} {
				if a := c.invoke(conn, full, &emptypb.Empty{}, &emptypb.Empty{}); a.code != 401 && a.code != 403 && a.code != 404 {
					t.Errorf("%s, which is none of the contract, answers %q: %v", full, c.login, a)
				}
			}
		}
	}
	if served < len(tried) {
		t.Errorf("%d methods are served, the contract has %d", served, len(tried))
	}
}

// try sends both requests and judges the answers.
func (a aim) try(t *testing.T, c *caller, send sender) {
	t.Helper()
	if a.rule.GetAny() && c.login != "" || a.rule.GetPublic() && slices.Contains(noCity, a.name) {
		return // one's own affairs, and what is nobody's secret
	}
	there, missing := send(t, c, a)
	who := c.login
	if who == "" {
		who = "nobody"
	}
	if a.rule.GetPublic() && !a.named {
		return // open to all: it names nothing inside the city
	}
	if a.rule.GetPublic() && (there.code == 429 || missing.code == 429) {
		// Wrong codes add up, of what is there and of what is not; the first few of nobody, who comes first, are never throttled.
		if there.code != 404 && there.code != 429 || missing.code != 404 && missing.code != 429 {
			t.Errorf("%s as %s: %d, %d", a.name, c.login, there.code, missing.code)
		}
		return
	}
	if there != missing {
		t.Errorf("%s as %s tells what is there:\n there: %v\nmissing: %v", a.name, who, there, missing)
	}
	want, reason := 404, "NOT_FOUND"
	if c.login == "" && !a.rule.GetPublic() {
		want, reason = 401, "UNAUTHENTICATED"
	}
	if there.code != want || there.reason != reason {
		t.Errorf("%s as %s: %v, should be %d %s", a.name, who, there, want, reason)
	}
}
