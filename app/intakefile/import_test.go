package intakefile

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
	"golang.org/x/text/encoding/simplifiedchinese"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/app/nation"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
	"hotline/tenants/access"
	"hotline/tenants/calendar"
	"hotline/tenants/directory"
	"hotline/tenants/policy"
	"hotline/tenants/privacy"
	chronicle "hotline/tenants/record"
	"hotline/tenants/vault"
)

const city = "320100"

// desk is a city with an intake of its own.
type desk struct {
	t      *testing.T
	ctx    context.Context
	db     *store.Store
	intake *casework.Service
	said   map[int]string // what was reported, by line
}

func newDesk(t *testing.T) *desk {
	t.Helper()
	s := storetest.SQLite(t)
	master, _ := privacy.NewMaster()
	v := vault.New(s, master)
	rec := chronicle.New(s, v)
	book, dir := policy.New(s, v, rec), directory.New(s, rec)
	may, err := access.New()
	if err != nil {
		t.Fatal(err)
	}
	deps := nation.Deps{Store: s, Vault: v, Book: book, Directory: dir}
	err = nation.FoundCity(context.Background(), deps, nation.City{Code: city, Title: "南京市", Suite: "aes"}, nation.Rules(city))
	if err != nil {
		t.Fatal(err)
	}
	return &desk{t: t, ctx: tenants.With(context.Background(), tenants.System(city)), db: s,
		intake: casework.New(s, v, book, dir, may, nil), said: map[int]string{}}
}

// run imports with the default settings of the command.
func (d *desk) run(name, columns string, content []byte) Sum {
	d.t.Helper()
	src, err := Open(bytes.NewReader(content), name, "", columns)
	if err != nil {
		d.t.Fatal(err)
	}
	clear(d.said)
	sum, err := Import(d.ctx, d.intake, src, d.report, func(Sum) {})
	if err != nil {
		d.t.Fatal(err)
	}
	return sum
}

func (d *desk) report(line int, err error) { d.said[line] += err.Error() }

func (d *desk) orders() []*pb.WorkOrder {
	d.t.Helper()
	var all []*pb.WorkOrder
	in := &pb.ListWorkOrdersRequest{Parent: "tenants/" + city, PageSize: 200, OrderBy: "receive_time"}
	for {
		out, err := d.intake.ListWorkOrders(d.ctx, in)
		if err != nil {
			d.t.Fatal(err)
		}
		all = append(all, out.GetWorkOrders()...)
		if in.PageToken = out.GetNextPageToken(); in.PageToken == "" {
			return all
		}
	}
}

// samples are the demo nation's requests as if all were this city's, and lay in the past whatever the date is.
func samples(t *testing.T) []byte {
	t.Helper()
	var out bytes.Buffer
	for i, r := range nation.Requests() {
		r.City, r.ReceivedAt = city, time.Now().Add(time.Duration(i-300)*time.Hour)
		if r.CrossCity == city {
			r.CrossCity = "310000"
		}
		if err := json.NewEncoder(&out).Encode(r); err != nil {
			t.Fatal(err)
		}
	}
	return out.Bytes()
}

func TestEverySampleComesInOnce(t *testing.T) {
	d := newDesk(t)
	if sum := d.run("a.jsonl", "", samples(t)); sum != (Sum{Lines: 240, TakenIn: 240}) || len(d.said) > 0 {
		t.Fatalf("%s, reported %v", sum, d.said)
	}
	branches := map[pb.Disposition]int{}
	for _, w := range d.orders() {
		branches[w.GetDisposition()]++
	}
	if len(branches) != 7 || branches[pb.Disposition_ANSWERED_ON_SPOT] != 60 {
		t.Errorf("branches %v", branches)
	}
	sum := d.run("a.jsonl", "", samples(t))
	if sum != (Sum{Lines: 240, Already: 240}) || len(d.orders()) != 240 {
		t.Errorf("the second run: %s, %d orders", sum, len(d.orders()))
	}
	if got := sum.String(); got != "共 240 行：受理 0 件，此前已受理 240 件，有误 0 行" {
		t.Error(got)
	}
}

func TestAnInterruptedRunIsResumed(t *testing.T) {
	d := newDesk(t)
	src, err := Open(bytes.NewReader(samples(t)), "a.jsonl", "", "")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(d.ctx)
	defer cancel()
	sum, err := Import(ctx, d.intake, src, d.report, func(s Sum) {
		if s.Lines == 20 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || sum != (Sum{Lines: 20, TakenIn: 20}) {
		t.Fatalf("stopped at %s, %v", sum, err)
	}
	if sum := d.run("a.jsonl", "", samples(t)); sum != (Sum{Lines: 240, TakenIn: 220, Already: 20}) {
		t.Errorf("resumed: %s", sum)
	}
	if n := len(d.orders()); n != 240 {
		t.Errorf("%d orders", n)
	}
}

func TestTroubleWithTheDatabaseStops(t *testing.T) {
	d := newDesk(t)
	src, err := Open(bytes.NewReader(samples(t)), "a.jsonl", "", "")
	if err != nil {
		t.Fatal(err)
	}
	sum, err := Import(d.ctx, d.intake, src, d.report, func(s Sum) {
		if s.Lines == 3 {
			_ = d.db.Close()
		}
	})
	if err == nil || sum != (Sum{Lines: 3, TakenIn: 3}) || len(d.said) > 0 {
		t.Errorf("%s, %v, reported %v", sum, err, d.said)
	}
	if _, err := Import(context.Background(), d.intake, src, d.report, nil); err == nil {
		t.Error("an import in no city ran")
	}
}

// good is a line that is right, with other fields where given.
func good(id, other string) string {
	return `{"id":"` + id + `","title":"路灯不亮","kind":"help","channel":"phone","caller":{"name":"鱼得水","phone":"17700000519"}` + other + `}`
}

func TestBadLinesAreReportedAndPassedOver(t *testing.T) {
	d := newDesk(t)
	future := time.Now().Add(time.Hour).Format(time.RFC3339)
	content := []string{
		good("A1", ""),
		`{"id":"A2","title":"13800001004`, // 2: cut off
		`[1]`,
		``,
		good("A5", `,"body":"`+strings.Repeat("长", maxLine/3)+`"`),
		good("A6", `,"received_at":"`+future+`"`),
		good("A7", `,"kind":"鱼得水"`),
		good("A8", `,"phone":17700000519,"extra":1,"13800001004":2`), // a note, and taken in
		good("A9", `,"category":"99999999"`),
		good("A10", `,"disposition":"legal_channel"`),
		good("A11", `,"city":"110000"`),
		good("A12", `,"received_at":"鱼得水"`),
		good("A13", `,"caller":{"phone":"call 13800001004"}`),
		good("A14", `,"caller":7`),
		good("A15", `,"body":["13800001004"]`),
		good("A16", `,"body":"a\u0000b"`),
		good("A17", `,"confidential":"鱼得水"`),
		"\xff",
		good("A19", `,"received_at":"0001-01-01"`),
		good("A20", `,"caller":{}`),
		good("A1", ""),
		good("A22", `,"extra":1`),
	}
	sum := d.run("a.jsonl", "", []byte("\ufeff"+strings.Join(content, "\r\n")))
	want := map[int]string{2: "不是有效的 JSON", 3: "应是一个 JSON 对象", 5: "1 MiB", 6: "不能晚于现在", 7: "诉求类型（kind）",
		8: "不认识的字段，已忽略：（名称不规范的字段）、extra", 9: "没有这个诉求分类", 10: "事由", 11: "另一城市", 12: "受理时间（received_at）",
		13: "facts.caller.phone", 14: "caller", 15: "内容（body）", 16: "空字符", 17: "保密（confidential）", 18: "UTF-8",
		19: "时间过早", 20: "联系方式"}
	for no, part := range want {
		if !strings.Contains(d.said[no], part) {
			t.Errorf("line %d: %q, want %q", no, d.said[no], part)
		}
	}
	for no, said := range d.said {
		if want[no] == "" || strings.Contains(said, "鱼得水") || strings.Contains(said, "13800001004") || strings.Contains(said, "code =") {
			t.Errorf("line %d: %s", no, said)
		}
	}
	if sum != (Sum{Lines: 21, TakenIn: 3, Already: 1, Wrong: 17}) {
		t.Error(sum)
	}
}

const chinese = "原系统号,标题,内容,诉求类型,分类,紧急程度,*渠道,姓名,电话,证件号,住址,区县,地址,受理时间,保密\n" +
	"N1,关于路灯的问题,\"路灯不亮，\n已经三天\"\"了\"\"\",求助,1203,紧急,微信,鱼得水,17700000519,000000198803104633,云溪街 1 号,江宁区,石桥,2026-09-01 08:45,是\n" +
	"N2,关于停车的问题,有 5\" 宽的缝,意见建议,,,窗口走访,蒲公英子,13800001004,,,,,2026/9/2 8:05,否\n"

func TestCSVInEachEncoding(t *testing.T) {
	gb, err := simplifiedchinese.GB18030.NewEncoder().Bytes([]byte(chinese))
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{"utf8": []byte(chinese), "mark": []byte("\ufeff" + chinese),
		"gb18030": gb, "crlf": []byte(strings.ReplaceAll(chinese, "\n", "\r\n"))} {
		t.Run(name, func(t *testing.T) {
			d := newDesk(t)
			if sum := d.run("诉求.CSV", "", content); sum != (Sum{Lines: 2, TakenIn: 2}) || len(d.said) > 0 {
				t.Fatalf("%s, reported %v", sum, d.said)
			}
			w := d.orders()[0]
			want := time.Date(2026, 9, 1, 8, 45, 0, 0, calendar.Zone)
			if w.GetTitle() != "关于路灯的问题" || w.GetKind() != pb.Kind_HELP || w.GetUrgency() != pb.Urgency_URGENT || w.GetCategory() != "1203" ||
				w.GetChannel() != pb.Channel_WECHAT || !w.GetConfidential() || w.GetSourceId() != "N1" ||
				w.GetDistrict() != "江宁区" || !w.GetReceiveTime().AsTime().Equal(want) {
				t.Errorf("%v", w)
			}
		})
	}
}

func read(t *testing.T, columns, content string) (all []*pb.IntakeRequest, said map[int]string) {
	t.Helper()
	src, err := Open(strings.NewReader(content), "a.csv", "", columns)
	if err != nil {
		t.Fatal(err)
	}
	said = map[int]string{}
	for {
		line, in, err := src.Next()
		var b *Bad
		var n *Note
		switch {
		case err == nil:
			all = append(all, in)
		case errors.As(err, &b), errors.As(err, &n):
			said[line] += err.Error()
		default:
			return all, said
		}
	}
}

func TestCSVCells(t *testing.T) {
	all, _ := read(t, "", chinese)
	if b := all[0].GetFacts().GetBody(); b != "路灯不亮，\n已经三天\"了\"" {
		t.Errorf("%q", b)
	}
	c := all[0].GetFacts().GetCaller()
	if c.GetAddress() != "云溪街 1 号" || all[0].GetFacts().GetLocation() != "石桥" || c.GetIdNumber() != "000000198803104633" {
		t.Errorf("%v", all[0])
	}
	if b := all[1].GetFacts().GetBody(); b != `有 5" 宽的缝` || all[1].GetFacts().GetCategory() != casework.Unsorted {
		t.Errorf("%v", all[1])
	}
}

func TestCSVDamageCostsOneLine(t *testing.T) {
	const head = "id,title,kind,channel,phone,鱼得水,phone\n"
	all, said := read(t, "", head+"1,\"开了引号,help,phone,1,,\n2,路灯,help,phone,1,,\n3,路灯\n\n,,\n5,路\xff灯,help,phone,1,,\n"+
		strings.Repeat("长", maxLine)+"\n8,路灯,help,phone,1,,\n")
	if len(all) != 2 || all[0].GetFacts().GetSourceId() != "2" || all[1].GetFacts().GetSourceId() != "8" {
		t.Errorf("%v", all)
	}
	for no, part := range map[int]string{2: "引号没有成对", 4: "与表头的 7 列不符", 7: "第 2 列编码有误", 8: "1 MiB"} {
		if !strings.Contains(said[no], part) {
			t.Errorf("line %d: %q", no, said[no])
		}
	}
	if !strings.Contains(said[1], "第 6、7 列的表头不认识或重复") || strings.Contains(said[1], "鱼得水") {
		t.Error(said[1])
	}
}

func TestColumnMap(t *testing.T) {
	all, said := read(t, "title=事项, phone=来电 ,kind=类", "事项,标题,来电,类,渠道\n路灯,别的,17700000519,投诉,电话\n")
	if f := all[0].GetFacts(); f.GetTitle() != "路灯" || f.GetCaller().GetPhone() != "17700000519" || f.GetKind() != pb.Kind_COMPLAINT {
		t.Errorf("%v", f)
	}
	if len(said) != 1 {
		t.Errorf("%v", said)
	}
	for columns, part := range map[string]string{"title": "字段=表头", "nonsense=标题": "没有字段", "title=a,标题=b": "写了两次",
		"title=没有": "没有列对应中的表头", "title=标题,body=标题": "对应了两个字段"} {
		if _, err := Open(strings.NewReader("标题,电话\n"), "a.csv", "", columns); err == nil || !strings.Contains(err.Error(), part) {
			t.Errorf("%s: %v", columns, err)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	for _, c := range []struct{ name, format, columns, content, part string }{
		{"a.doc", "", "", "", "文件格式"}, {"a", "", "", "", "文件格式"}, {"a.csv", "", "", "", "没有表头"},
		{"a.jsonl", "", "title=a", "", "只用于"}, {"a", "csv", "", "鱼得水,17700000519\n", "没有认出"}, {"a", "XLSX", "", "no zip", "打不开"},
		{"a.csv", "", "", "标\xff题,a\n标题\n标题\n", "表头"},
	} {
		_, err := Open(strings.NewReader(c.content), c.name, c.format, c.columns)
		if err == nil || !strings.Contains(err.Error(), c.part) || strings.Contains(err.Error(), "鱼得水") {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func book(t *testing.T, rows ...[]any) []byte {
	t.Helper()
	f := excelize.NewFile()
	for i, r := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", i+1), &r); err != nil {
			t.Fatal(err)
		}
	}
	out, err := f.WriteToBuffer()
	if err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestExcel(t *testing.T) {
	d := newDesk(t)
	day := time.Date(2026, 9, 1, 8, 45, 37, 0, time.UTC) // a cell has no zone
	content := book(t, []any{"标题", "诉求类型", "渠道", "电话", "证件号", "受理时间", "备注"},
		[]any{"路灯不亮", "求助", "电话", 17700000519, "000000198803104633", day, "x"},
		[]any{"停车难", "投诉", "网站", "1.7700000519E+10", nil, "2026年9月2日 10:00"},
		[]any{nil, nil},
		[]any{"证件号丢了末位", "投诉", "网站", "17700000519", "3.20102198803104E+17"},
		[]any{"列太多了", "投诉", "网站", "17700000519", nil, nil, nil, "17700000519"},
		[]any{"日期有误", "投诉", "网站", "17700000519", nil, 1e300})
	if sum := d.run("a.xlsx", "", content); sum != (Sum{Lines: 5, TakenIn: 2, Wrong: 3}) {
		t.Fatalf("%s, %v", sum, d.said)
	}
	if !strings.Contains(d.said[1], "第 7 列") || !strings.Contains(d.said[5], "末几位已丢失") || !strings.Contains(d.said[6], "8 列") ||
		!strings.Contains(d.said[7], "受理时间") {
		t.Errorf("%v", d.said)
	}
	w := d.orders()[0]
	if want := time.Date(2026, 9, 1, 8, 45, 37, 0, calendar.Zone); !w.GetReceiveTime().AsTime().Equal(want) {
		t.Errorf("%s", w.GetReceiveTime().AsTime())
	}
	found, err := d.intake.Search(d.ctx, &pb.SearchRequest{Parent: "tenants/" + city, Phone: "17700000519"})
	if err != nil || len(found.GetWorkOrders()) != 2 {
		t.Errorf("%d orders by phone, %v", len(found.GetWorkOrders()), err)
	}
	// without numbers of their own the rows are known again by what they say
	if sum := d.run("a.xlsx", "", content); sum != (Sum{Lines: 5, Already: 2, Wrong: 3}) {
		t.Errorf("again: %s", sum)
	}
}

func TestWhatABranchMustCarry(t *testing.T) {
	for disposition, want := range map[string][3]string{
		"answer_on_spot":     {"好的", "原系统记录 7", ""},
		"emergency_transfer": {"好的", "", ""},
		"police_referral":    {"好的", "", "原系统记录 7"},
	} {
		in, err := record{"source_id": "7", "title": "路灯", "kind": "咨询", "channel": "电话", "disposition": disposition, "answer": "好的"}.request()
		if err != nil || in.GetTold() != want[0] || in.GetCitation() != want[1] || in.GetEvidence() != want[2] {
			t.Errorf("%s: %v, %v", disposition, in, err)
		}
	}
	in, err := record{"kind": "咨询", "channel": "电话", "disposition": "告知法定途径", "reason": "诉讼"}.request()
	if err != nil || !strings.Contains(in.GetTold(), "诉讼") {
		t.Errorf("%v, %v", in, err)
	}
}
