package house_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/xuri/excelize/v2"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	reportpb "hotline/api/report/v1"
	"hotline/app/crossing/crossingtest"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent/store/storetest"
)

// The planted values: nobody else has them, so wherever they turn up, they got out.
const (
	plantedPhone, plantedName, plantedID = "13900007777", "欧阳植入", "110101199003077777"
	plantedMail, plantedHome             = "planted@example.com", "幸福路7号楼3单元777室"
	planted                              = plantedName + "，电话" + plantedPhone + "，证件" + plantedID + "，邮箱" + plantedMail + "，住" + plantedHome
)

var plantedAll = []string{plantedPhone, plantedName, plantedID, plantedMail, plantedHome}

// record is a log that is read while servers write.
type record struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (r *record) Write(p []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.Write(p)
}

func (r *record) String() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.b.String()
}

// field is one order with the planted person in it, and all who look at it.
type field struct {
	*testing.T
	town   *housetest.Town
	log    record
	people map[string]*caller
	roles  []string
	order  *pb.WorkOrder
	code   string
	said   map[string]bool // each way out is told once
	clear  map[string]map[string]bool
	calls  int
}

func TestPlantedPersonalDataComesOutNowhereButWhereTheLedgerSaysSo(t *testing.T) {
	for name, at := range map[string]func(testing.TB) string{"SQLite": storetest.SQLiteURL, "PostgreSQL": storetest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &field{T: t, people: map[string]*caller{}, said: map[string]bool{}, clear: map[string]map[string]bool{}}
			f.town = housetest.Open(t, at(t), &f.log)
			crossingtest.Link(t, f.town.House, "jing-jin-ji", "100001", "110000", "120000", "130100")
			f.people[""] = nobody(f.town)
			f.roles = everyRole("110000")
			silence := f.listen()
			f.walk(sample(t, "110000"))
			f.others(sample(t, "110000"))
			f.sides(sample(t, "110000"))
			f.crosses(sample(t, "110000"))
			f.workbooks()
			f.refusals()
			f.reveals()
			f.ledger()
			for _, page := range []string{"/metrics", "/openapi.yaml", "/readyz", "/.well-known/jwks.json"} {
				f.do("", "GET", page, page, nil)
			}
			silence()
			f.check("the log", f.log.String())
			f.check("the database", f.dump())
			if f.calls < 500 || !strings.Contains(f.log.String(), "GetWorkOrder") {
				t.Errorf("only %d calls looked at", f.calls)
			}
		})
	}
}

var key = regexp.MustCompile(`"(\w+)": ?(\{"text": ?)?"[^"]*$`)

// check tells each way out once: by the method and the field of the answer it came in.
func (f *field) check(where, text string) {
	f.Helper()
	for _, v := range plantedAll {
		i := strings.Index(text, v)
		if i < 0 {
			if i = strings.Index(text, url.QueryEscape(v)); i < 0 {
				continue
			}
		}
		way, _, _ := strings.Cut(where, " as ")
		if m := key.FindStringSubmatch(text[max(0, i-400):i]); m != nil {
			way = way + " in " + m[1]
		}
		if !f.said[way] {
			f.said[way] = true
			f.Errorf("%s lets %s out: …%q…", where, v, text[max(0, i-90):min(len(text), i+60)])
		}
	}
}

func (f *field) as(who string) *caller {
	if f.people[who] == nil {
		f.people[who] = login(f.T, f.town, who)
	}
	return f.people[who]
}

// do calls and looks at the answer; where names the way in a report.
func (f *field) do(who, verb, where, path string, in any) (int, string) {
	f.Helper()
	body := ""
	switch in := in.(type) {
	case proto.Message:
		raw, err := protojson.Marshal(in)
		if err != nil {
			f.Fatal(err)
		}
		body = string(raw)
	case string:
		body = in
	}
	f.calls++
	code, raw := f.as(who).call(f.T, verb, path, body)
	if f.allowed(who, where, raw) {
		return code, raw
	}
	role, _, _ := strings.Cut(who, ".")
	f.check(fmt.Sprintf("%s as %q (%d)", where, role, code), raw)
	return code, raw
}

// allowed are Reveal, what stays open after it, the callback agent's own look, and that of a unit to which an emergency was handed; what was clear there the ledger must have.
func (f *field) allowed(who, where, raw string) bool {
	held := where == "WorkOrders.GetWorkOrder" && who == "callback_agent.110000" && f.order.GetState() == pb.State_CONCLUDED &&
		f.order.GetHolder() != ""
	taken := where == "WorkOrders.Take" && who == "callback_agent.110000" // taking it opens it, to call
	linked := where == "WorkOrders.GetWorkOrder" && who == linkedUnit     // it must reach the caller and the place
	if !held && !taken && !linked && where != "WorkOrders.Reveal" {
		return false
	}
	var doc map[string]any
	if json.Unmarshal([]byte(raw), &doc) != nil {
		return false
	}
	if order, ok := doc["workOrder"].(map[string]any); ok {
		doc = order
	}
	if doc["number"] == nil {
		return false
	}
	f.note(who, "", doc)
	clean, _ := json.Marshal(doc)
	f.check(where+" beside the clear fields as "+who, string(clean))
	return true
}

var camel = regexp.MustCompile(`[A-Z]`)

// note remembers the fields shown clear and takes them out of the document.
func (f *field) note(who, path string, doc map[string]any) {
	for k, v := range doc {
		at := strings.TrimPrefix(path+"."+camel.ReplaceAllStringFunc(k, func(s string) string { return "_" + strings.ToLower(s) }), ".")
		switch v := v.(type) {
		case map[string]any:
			if v["sight"] == "CLEAR" && v["text"] != nil {
				if f.clear[who] == nil {
					f.clear[who] = map[string]bool{}
				}
				f.clear[who][at] = true
				delete(v, "text")
			}
			f.note(who, at, v)
		case []any:
			for _, e := range v {
				if m, ok := e.(map[string]any); ok {
					f.note(who, strings.TrimSuffix(at, "s"), m) // the ledger names one of them
				}
			}
		}
	}
}

// listen has a stream open as every role and nobody, from before the first act; the function that it answers looks at what they heard.
func (f *field) listen() (silence func()) {
	ctx, stop := context.WithCancel(context.Background())
	heard := map[string]*record{}
	var all sync.WaitGroup
	for _, who := range append([]string{""}, f.roles...) {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, f.town.Server.URL+"/v1/tenants/110000/events?after="+url.QueryEscape(planted)[:80], nil)
		if err != nil {
			f.Fatal(err)
		}
		r.Header.Set("Authorization", "Bearer "+f.as(who).token)
		send := func() *http.Response {
			res, err := f.town.Server.Client().Do(r)
			if err != nil {
				f.Fatal(err)
			}
			return res
		}
		refused := send() // for the id, or for the role
		said, _ := io.ReadAll(refused.Body)
		_ = refused.Body.Close()
		f.check("Live.Watch refused", string(said))
		if refused.StatusCode != http.StatusBadRequest {
			continue
		}
		r.URL.RawQuery = ""
		open, log := send(), &record{}
		heard[who] = log
		all.Go(func() {
			_, _ = io.Copy(log, open.Body)
			_ = open.Body.Close()
		})
	}
	split := regexp.MustCompile(`"verb": ?"split"`)
	return func() {
		for end := time.Now().Add(time.Minute); !split.MatchString(heard["dispatcher.110000"].String()); time.Sleep(50 * time.Millisecond) { // what came late is there
			if time.Now().After(end) {
				f.Error("the dispatcher never heard of the split")
				break
			}
		}
		stop()
		all.Wait()
		for who, log := range heard {
			f.check("Live.Watch as "+who, log.String())
		}
		if len(heard) < 10 {
			f.Errorf("only %d roles have a stream", len(heard))
		}
	}
}

func (f *field) facts(r nation.Request) *pb.Facts {
	facts := play.Facts(r)
	facts.Title, facts.Body, facts.Words, facts.Location = "关于"+planted+"的问题", "来电："+planted, "我是"+planted, plantedHome
	facts.SourceId = ""
	facts.Caller = &pb.Caller{Name: plantedName, Phone: plantedPhone, IdNumber: plantedID, Address: plantedHome, Email: plantedMail}
	return facts
}

// act does a step that must succeed, then everybody looks.
func (f *field) act(who, verb string, in proto.Message) {
	f.Helper()
	code, raw := f.do(who, "POST", "WorkOrders:"+verb, "/v1/"+f.order.GetName()+":"+verb, in)
	if code != 200 {
		f.Fatalf("%s %s: %d %s", who, verb, code, raw)
	}
	f.order = order(f.T, raw)
	f.look()
}

func (f *field) walk(r nation.Request) {
	const base = "/v1/tenants/110000/"
	f.take(base, r)
	unit := nation.UnitCode(r.Lead)
	handler, callback := strings.ToLower(unit)+".110000", "callback_agent.110000"
	f.roles = append(f.roles, handler, "lead."+handler, "")
	f.look()
	f.act("dispatcher.110000", "dispatch", &pb.DispatchRequest{Lead: unit, Instruction: "请联系" + planted})
	f.act(handler, "sign", &pb.SignRequest{})
	f.act("agent.110000", "supplement", &pb.SupplementRequest{Facts: "补充：" + planted})
	f.act(handler, "contact", &pb.ContactRequest{Reached: true, Means: "phone", Note: "已联系" + planted})
	f.citizen("add", &pb.AddRequest{Code: f.code, Facts: "我再补充：" + planted})
	f.citizen("urge", &pb.UrgeRequest{Code: f.code})
	f.citizen("addFile", &pb.AddFileRequest{Code: f.code, Title: "我的照片，" + planted, Content: paper("1 " + planted)})
	f.act("agent.110000", "attach", &pb.AttachRequest{Title: "来电人的材料，" + planted, Content: paper("2 " + planted)})
	f.act(handler, "attach", &pb.AttachRequest{Title: "现场照片，" + planted, Content: paper("3 " + planted)})
	draft := &pb.Draft{PublicPart: "您好！" + planted + "反映的问题已收悉。", Conclusion: pb.Conclusion_SOLVED}
	f.do(handler, "POST", "WorkOrders.CheckReply", "/v1/"+f.order.GetName()+":checkReply", &pb.CheckReplyRequest{Draft: draft})
	f.do(handler, "POST", "WorkOrders.Reply refused", "/v1/"+f.order.GetName()+":reply", &pb.ReplyRequest{Draft: draft})
	f.act(handler, "reply", &pb.ReplyRequest{Draft: &pb.Draft{InternalPart: "内部：" + planted, Conclusion: pb.Conclusion_SOLVED,
		PublicPart: "您好！您反映的问题已收悉。我单位已到现场核实，并按职责采取措施处理，现场已设置安全警示。感谢您的监督。",
		Measures:   "已走访" + planted, Ground: "《信访工作条例》第二条，" + planted}})
	f.act("reviewer.110000", "review", &pb.ReviewRequest{Pass: true, Remark: "已核对" + planted})
	f.do(callback, "POST", "WorkOrders.Take", base+"workOrders:take", &pb.TakeRequest{Pool: pb.State_CONCLUDED})
	_, raw := f.as(callback).call(f.T, "GET", "/v1/"+f.order.GetName(), "")
	f.order = order(f.T, raw)
	f.look()
	if !f.clear[callback]["petitioner.phone"] || !f.clear[callback]["petitioner.name"] {
		f.Errorf("the callback agent could not read whom to call: %v", f.clear[callback])
	}
	f.act(callback, "callback", &pb.CallbackRequest{Reached: true, Contacted: true, Solved: true, ResultGrade: pb.Grade_SATISFIED,
		AttitudeGrade: pb.Grade_SATISFIED, Channel: "phone", Words: "回访：" + planted})
	f.rate(base)
	f.look()
	if f.order.GetState() != pb.State_CLOSED {
		f.Errorf("ended %s", f.order.GetState())
	}
}

func (f *field) take(base string, r nation.Request) {
	code, raw := f.do("agent.110000", "POST", "WorkOrders.Intake", base+"workOrders:intake",
		&pb.IntakeRequest{Facts: f.facts(r), Disposition: pb.Disposition_IN_SCOPE})
	var out pb.IntakeResponse
	if err := protojson.Unmarshal([]byte(raw), &out); err != nil || code != 200 {
		f.Fatalf("intake: %d %s", code, raw)
	}
	f.order, f.code = out.GetWorkOrder(), out.GetCode()
}

func (f *field) citizen(verb string, in proto.Message) {
	f.Helper()
	code, raw := f.do("", "POST", "Portal:"+verb, "/v1/tenants/110000/petitions/"+f.order.GetNumber()+":"+verb, in)
	for try := 0; code == 429 && try < 20; try++ { // the wrong codes of the refusals count
		time.Sleep(time.Second)
		code, raw = f.do("", "POST", "Portal:"+verb, "/v1/tenants/110000/petitions/"+f.order.GetNumber()+":"+verb, in)
	}
	if code != 200 {
		f.Fatalf("%s: %d %s", verb, code, raw)
	}
}

func (f *field) rate(base string) {
	_, raw := f.do("callback_agent.110000", "POST", "WorkOrders.InviteRating", "/v1/"+f.order.GetName()+":inviteRating", &pb.InviteRatingRequest{})
	var link pb.InviteRatingResponse
	_ = protojson.Unmarshal([]byte(raw), &link)
	token := link.GetLink()[strings.LastIndexByte(link.GetLink(), '/')+1:]
	code, raw := f.do("", "POST", "Portal.Rate", base+"petitions:rate", &pb.RateRequest{Token: token, ResultGrade: pb.Grade_SATISFIED,
		AttitudeGrade: pb.Grade_SATISFIED, Words: "评价：" + planted})
	if code != 200 {
		f.Fatalf("rate: %d %s", code, raw)
	}
}

// look reads everything that can be read, as everybody.
func (f *field) look() {
	f.Helper()
	things := map[string]string{"tenants": "110000", "workOrders": f.order.GetNumber(), "petitions": f.order.GetNumber(), "accounts": "agent.110000",
		"attachments": zero, "transfers": zero, "regions": "jing-jin-ji", "listDrafts": "1", "keyProposals": "1", "numbers": "12358", "steps": "prompt", "exceptions": zero, "questions": zero}
	if name := f.order.GetTransfer().GetName(); name != "" {
		things["transfers"] = name[strings.LastIndexByte(name, '/')+1:]
	}
	for _, a := range f.order.GetAttachments() {
		things["attachments"] = a.GetName()[strings.LastIndexByte(a.GetName(), '/')+1:]
	}
	for _, m := range methods(f.T) {
		if m.verb != "GET" || m.stream {
			continue
		}
		path, err := m.at(things)
		if err != nil {
			f.Fatal(err)
		}
		for _, who := range f.roles {
			f.do(who, "GET", m.name, path, nil)
		}
	}
	r := sample(f.T, "110000")
	for _, who := range f.roles {
		f.do(who, "POST", "WorkOrders.Search", "/v1/tenants/110000/workOrders:search", &pb.SearchRequest{Phone: plantedPhone})
		f.do(who, "POST", "WorkOrders.Hint", "/v1/tenants/110000/workOrders:hint", &pb.HintRequest{Facts: f.facts(r)})
	}
	f.citizen("track", &pb.TrackRequest{Code: f.code})
	f.citizen("listViewers", &pb.ListViewersRequest{Code: f.code})
}

// workbooks looks into what the reports are taken away as: in the file they are packed, so the answer alone says nothing.
func (f *field) workbooks() {
	opened := 0
	for _, who := range f.roles {
		code, raw := f.do(who, "POST", "Reports.Export", "/v1/tenants/110000/reports:export", &reportpb.ExportRequest{Form: reportpb.Form_EXCEL})
		var out reportpb.Sheet
		if code != http.StatusOK {
			continue
		}
		if err := protojson.Unmarshal([]byte(raw), &out); err != nil {
			f.Fatal(err)
		}
		book, err := excelize.OpenReader(bytes.NewReader(out.GetContent()))
		if err != nil {
			f.Fatal(err)
		}
		for _, sheet := range book.GetSheetList() {
			rows, err := book.GetRows(sheet)
			if err != nil {
				f.Fatal(err)
			}
			f.check("Reports.Export "+sheet+" as "+who, fmt.Sprint(rows))
		}
		opened++
	}
	if opened < 3 {
		f.Errorf("only %d roles have a workbook", opened)
	}
}

// crosses lets the planted person's case go to another city: without their consent and then with it. Both cities' people look.
func (f *field) crosses(r nation.Request) {
	kept, code := f.order, f.code
	for known, consent := range map[string]bool{"": false, planted: true} { // what was not told to a city, its people can't write down
		f.take("/v1/tenants/110000/", r)
		f.act("dispatcher.110000", "transfer", &pb.TransferRequest{Target: "120000", Mode: pb.Mode_COLD, Basis: "属地管理 " + plantedPhone, Consent: consent, Done: "已联系" + planted})
		f.citizen("add", &pb.AddRequest{Code: f.code, Facts: "我再补充：" + planted})
		there := f.arrived()
		for _, verb := range []string{"signFor", "decline"} {
			in := map[string]proto.Message{"signFor": &pb.SignForRequest{}, "decline": &pb.DeclineRequest{Reason: pb.DeclineReason_NOT_OUR_PLACE,
				Basis: "属地管理 " + plantedPhone, Responsible: "130100", Words: "已核实。" + known}}[verb]
			if code, raw := f.do("dispatcher.120000", "POST", "Transfers:"+verb, "/v1/"+there+":"+verb, in); code != 200 {
				f.Fatalf("%s: %d %s", verb, code, raw)
			}
		}
		for _, who := range everyRole("120000") {
			for _, path := range []string{there, there + "/events", "tenants/120000/transfers", f.transferOf("120000")} {
				f.do(who, "GET", "Transfers at the target", "/v1/"+path, nil)
			}
		}
		f.do("regional_coordinator.100001", "GET", "Regions.ListRegionTransfers", "/v1/tenants/100001/regions/jing-jin-ji/transfers", nil)
		f.look()
	}
	f.order, f.code = kept, code
}

// transferOf is a city's name of the transfer of the order.
func (f *field) transferOf(city string) string {
	var all pb.ListTransfersResponse
	_, raw := f.do("dispatcher."+city, "GET", "Transfers.ListTransfers", "/v1/tenants/"+city+"/transfers", nil)
	if err := protojson.Unmarshal([]byte(raw), &all); err != nil {
		f.Fatal(err)
	}
	for _, t := range all.GetTransfers() {
		if t.GetOrderNumber() == f.order.GetNumber() {
			return t.GetName()
		}
	}
	return ""
}

// arrived waits until Tianjin has an order of it.
func (f *field) arrived() string {
	for begin := time.Now(); time.Since(begin) < 20*time.Second; time.Sleep(20 * time.Millisecond) {
		if name := f.transferOf("120000"); name != "" {
			var one pb.Transfer
			_, raw := f.do("dispatcher.120000", "GET", "Transfers.GetTransfer", "/v1/"+name, nil)
			if err := protojson.Unmarshal([]byte(raw), &one); err == nil && one.GetWorkOrder() != "" && len(one.GetActs()) >= 3 { // offer, deliver, supplement
				return one.GetWorkOrder()
			}
		}
	}
	f.Fatal("nothing has come to Tianjin")
	return ""
}

// refusals are the ways to be turned away with the planted person in what was sent.
func (f *field) refusals() {
	name, number := "/v1/"+f.order.GetName(), f.order.GetNumber()
	q := url.QueryEscape(planted)
	gets := []string{"/v1/tenants/110000/workOrders/" + plantedPhone, "/v1/" + plantedPhone, "/" + q, name + "?" + q + "=1", name + "/" + plantedPhone}
	for _, param := range []string{"filter=" + q, "filter=phone%3D" + plantedPhone, "filter=state%3D%22" + plantedPhone + "%22", "filter=unit%3D%22" + q + "%22", "order_by=" + plantedPhone,
		"page_token=" + plantedPhone, "page_size=" + plantedPhone, "filter=" + strings.Repeat(q, 9)} {
		gets = append(gets, "/v1/tenants/110000/workOrders?"+param)
	}
	gets = append(gets, "/v1/tenants/110000/workOrders/-/readings?actor="+q)
	for _, who := range f.roles {
		for i, path := range gets {
			f.do(who, "GET", fmt.Sprintf("GET refused %d", i), path, nil)
		}
	}
	wrong := []string{`{"` + planted + `":1}`, `{"phone":` + plantedPhone + `,`, `{"phone":` + plantedPhone + `}`, planted, `{"facts":"` + planted + `"}`,
		`{"disposition":"` + planted + `"}`, `{"facts":{"kind":"` + planted + `"}}`, `{"facts":{"receiveTime":"` + planted + `"}}`,
		`{"reached":"` + planted + `"}`, `{"etag":"` + plantedPhone + plantedName + `"}`, `{"requestId":"` + planted + `"}`,
		`{"lead":"` + plantedPhone + `","instruction":"` + planted + `"}`, `{"means":"` + planted + `"}`, `{"fields":["` + planted + `"],"reason":"` + planted + `"}`,
		`{"code":"` + plantedPhone + `"}`, `{"token":"` + planted + `"}`, `{"login":"` + planted + `","password":"` + planted + `"}`}
	things := map[string]string{"tenants": "110000", "workOrders": number, "petitions": number, "accounts": "agent.110000",
		"attachments": zero, "transfers": zero, "regions": "jing-jin-ji", "listDrafts": "1", "keyProposals": "1", "numbers": "12358", "steps": "prompt", "exceptions": zero, "questions": zero}
	for _, m := range methods(f.T) {
		if m.verb == "GET" || m.name == "Sessions.Logout" || m.name == "Accounts.ResetPassword" || m.name == "Accounts.EndSessions" {
			continue // these need no words
		}
		path, err := m.at(things)
		if err != nil {
			f.Fatal(err)
		}
		for i, body := range wrong {
			for _, who := range []string{"", "agent.110000", "dispatcher.110000", "callback_agent.110000", "city_admin.110000", f.roles[len(f.roles)-3]} {
				f.do(who, m.verb, fmt.Sprintf("%s wrong %d", m.name, i), path, body)
			}
		}
	}
	f.wrongActs(name)
}

const zero = "00000000-0000-0000-0000-000000000000"

// wrongActs are well formed, and come in the wrong state or from the wrong people.
func (f *field) wrongActs(name string) {
	for verb, in := range map[string]proto.Message{
		"dispatch": &pb.DispatchRequest{Lead: plantedPhone, Assist: []string{plantedName}, Instruction: planted},
		"contact":  &pb.ContactRequest{Means: "phone", Note: planted}, "supplement": &pb.SupplementRequest{Facts: planted},
		"answer":   &pb.AnswerRequest{Answer: planted, Citation: planted},
		"redirect": &pb.RedirectRequest{Disposition: pb.Disposition_LEGAL_CHANNEL, Reason: plantedPhone + plantedName, Told: planted},
		"review":   &pb.ReviewRequest{Remark: planted}, "callback": &pb.CallbackRequest{Reached: true, Channel: "phone", Words: planted},
		"reply":  &pb.ReplyRequest{Draft: &pb.Draft{PublicPart: planted, InternalPart: planted, Conclusion: pb.Conclusion_SOLVED}},
		"reopen": &pb.ReopenRequest{Reason: "重启，因为" + planted},
		"attach": &pb.AttachRequest{Title: planted, Content: []byte(planted)},
		"reveal": &pb.RevealRequest{Fields: []string{plantedPhone, plantedName}, Reason: "核对" + planted},
		"return": &pb.ReturnRequest{Reason: pb.ReturnReason_OTHER, Ground: planted, SuggestedUnit: plantedName + plantedPhone, Evidence: planted},
		"hear":   &pb.HearRequest{Application: zero, Words: planted}, "dispute": &pb.DisputeRequest{Application: zero, Ground: planted},
		"decideReturn":      &pb.DecideReturnRequest{Application: zero, Words: planted, Lead: plantedPhone, Instruction: planted},
		"adjudicate":        &pb.AdjudicateRequest{Application: zero, Words: planted, Lead: plantedPhone},
		"extend":            &pb.ExtendRequest{Days: 1, Reason: planted, Ground: planted},
		"decideExtension":   &pb.DecideRequest{Application: zero, Words: planted},
		"suspend":           &pb.SuspendRequest{Reason: plantedPhone, Ground: planted, Responsible: planted, Milestones: planted},
		"await":             &pb.AwaitRequest{Question: planted},
		"claimUnreasonable": &pb.ClaimUnreasonableRequest{Ground: planted, Evidence: planted},
		"delegate":          &pb.DelegateRequest{Unit: plantedPhone, Instruction: planted},
		"merge":             &pb.MergeRequest{Main: plantedPhone, Words: planted},
		"escalate":          &pb.EscalateRequest{Words: planted},
		"handOff":           &pb.HandOffRequest{Unit: plantedPhone, Outcome: pb.Outcome_TAKEN, Words: planted},
		"handBack":          &pb.HandBackRequest{Reason: planted, Words: planted},
	} {
		for _, who := range f.roles {
			f.do(who, "POST", "WorkOrders:"+verb+" refused", name+":"+verb, in)
		}
	}
	f.look() // what was accepted is read too
}

var revealable = []string{"petitioner.name", "petitioner.phone", "petitioner.id_number", "petitioner.address", "petitioner.email", "words", "body", "location"}

func (f *field) reveals() {
	shown := 0
	for _, who := range f.roles {
		for _, field := range revealable {
			code, _ := f.do(who, "POST", "WorkOrders.Reveal", "/v1/"+f.order.GetName()+":reveal",
				&pb.RevealRequest{Fields: []string{field}, Reason: "核对" + planted})
			if code == 200 {
				shown++
			}
		}
	}
	if shown == 0 {
		f.Error("nobody could reveal anything")
	}
}

// ledger has a line for every field that was seen in the clear, by whom.
func (f *field) ledger() {
	for who, fields := range f.clear {
		_, raw := f.do("auditor.110000", "GET", "WorkOrders.ListReadings", "/v1/tenants/110000/workOrders/-/readings?page_size=500&actor="+who, nil)
		var out pb.ListReadingsResponse
		if err := protojson.Unmarshal([]byte(raw), &out); err != nil {
			f.Fatal(err)
		}
		for name := range fields {
			if !slices.ContainsFunc(out.GetReadings(), func(r *pb.Reading) bool { return slices.Contains(r.GetFields(), name) }) {
				f.Errorf("%s saw %s in the clear, and the ledger has no line for it: %s", who, name, raw)
			}
		}
	}
}

// paper is a PDF with the words in it, in the clear.
func paper(words string) []byte {
	return []byte("%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Note (" + words + ") >>\nendobj\ntrailer << /Root 1 0 R >>\n%%EOF\n")
}

// dump is all that lies at rest: the files of SQLite, every row of PostgreSQL as text, and the attachments.
func (f *field) dump() string {
	var all strings.Builder
	blobs := 0
	err := filepath.WalkDir(strings.TrimPrefix(f.town.Blobs, "file://"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		blobs++
		raw, err := os.ReadFile(path)
		all.WriteString(path + "\n")
		all.Write(raw)
		return err
	})
	if err != nil || blobs != 3 {
		f.Errorf("%d attachments at rest, %v", blobs, err)
	}
	if file, ok := strings.CutPrefix(f.town.URL, "sqlite:"); ok {
		for _, end := range []string{"", "-wal"} {
			raw, err := os.ReadFile(file + end)
			if err != nil && end == "" {
				f.Fatal(err)
			}
			all.Write(raw)
		}
	} else {
		f.dumpPostgres(&all)
	}
	if !strings.Contains(all.String(), f.order.GetNumber()) {
		f.Error("the order is not in the dump")
	}
	return all.String()
}

func (f *field) dumpPostgres(all *strings.Builder) {
	ctx := context.Background()
	conn, err := pgx.Connect(ctx, f.town.URL)
	if err != nil {
		f.Fatal(err)
	}
	defer func() { _ = conn.Close(ctx) }()
	// The owner too sees the rows of one city only (row level security).
	if _, err := conn.Exec(ctx, "select set_config('app.tenant', '110000', false)"); err != nil {
		f.Fatal(err)
	}
	rows, _ := conn.Query(ctx, `select format('%I.%I', schemaname, tablename) from pg_tables where schemaname not in ('pg_catalog', 'information_schema')`)
	tables, err := pgx.CollectRows(rows, pgx.RowTo[string])
	if err != nil || len(tables) < 10 {
		f.Fatal(len(tables), err)
	}
	for _, table := range tables {
		rows, _ := conn.Query(ctx, "select t::text from "+table+" t")
		lines, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil {
			f.Fatal(table, err)
		}
		for _, l := range lines {
			all.WriteString(table + " " + l + "\n")
		}
	}
}
