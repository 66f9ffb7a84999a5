package consolidation_test

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/xuri/excelize/v2"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/consolidation/v1"
	"hotline/app/consolidation"
	"hotline/app/house"
	"hotline/app/house/housetest"
	"hotline/ent/store/storetest"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

func TestTheFirstVersionIsTheAnnexExactly(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		list := must[*pb.List](t)(town.Consolidation.GetList(as(beijing, "agent"), &pb.GetListRequest{}))
		var got []string
		for _, e := range list.GetEntries() {
			line := fmt.Sprintf("%s %d %s %s", e.GetMode(), e.GetSeq(), e.GetNumber(), e.GetAuthority())
			if e.GetExpertSeats() {
				line += " 设专家座席"
			}
			if got = append(got, line); utf8.RuneCountInString(e.GetTitle()) < 8 {
				t.Errorf("%s is called %s", e.GetNumber(), e.GetTitle())
			}
		}
		if want := strings.Fields(notice); list.GetVersion() != 1 || !list.GetInForce() || !slices.Equal(strings.Fields(strings.Join(got, "\n")), want) {
			t.Errorf("the list is\n%s", strings.Join(got, "\n"))
		}
	})
}

// notice is the annex as the notice of 2020 has it: number, 责任单位, 备注.
const notice = `
WHOLE_MERGE 1 12396 科技部
WHOLE_MERGE 2 12300 工业和信息化部
WHOLE_MERGE 3 12349 民政部
WHOLE_MERGE 4 12336 自然资源部
WHOLE_MERGE 5 12312 商务部
WHOLE_MERGE 6 12301 文化和旅游部
WHOLE_MERGE 7 12356 国家卫生健康委
WHOLE_MERGE 8 96119 应急部
WHOLE_MERGE 9 12330 市场监管总局
WHOLE_MERGE 10 12331 市场监管总局
WHOLE_MERGE 11 12358 市场监管总局
WHOLE_MERGE 12 12365 市场监管总局
WHOLE_MERGE 13 12322 中国地震局
DUAL_NUMBER 1 12348 司法部 设专家座席
DUAL_NUMBER 2 12333 人力资源社会保障部 设专家座席
DUAL_NUMBER 3 12369 生态环境部
DUAL_NUMBER 4 12319 住房城乡建设部
DUAL_NUMBER 5 12329 住房城乡建设部 设专家座席
DUAL_NUMBER 6 12328 交通运输部
DUAL_NUMBER 7 12316 农业农村部 设专家座席
DUAL_NUMBER 8 12318 文化和旅游部
DUAL_NUMBER 9 12320 国家卫生健康委 设专家座席
DUAL_NUMBER 10 12350 应急部
DUAL_NUMBER 11 12315 市场监管总局
DUAL_NUMBER 12 12393 国家医保局
DUAL_NUMBER 13 12317 国家乡村振兴局
DUAL_NUMBER 14 12385 中国残联
SUB_CENTER 1 12360 海关总署
SUB_CENTER 2 12366 税务总局
SUB_CENTER 3 12313 国家烟草局
SUB_CENTER 4 12367 国家移民局
SUB_CENTER 5 12305 国家邮政局
`

func TestAListIsDraftedReviewedSignedAndPublishedByTwoPeople(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, one, two := town.Consolidation, on(as(office, "central_admin"), "2026-12-01"), on(as(office, "central_admin2"), "2026-12-01")
		d := must[*pb.ListDraft](t)(c.Draft(one, &pb.DraftRequest{Parent: "tenants/000000"}))
		_, err := c.Draft(one, &pb.DraftRequest{Parent: "tenants/000000"})
		wants(t, err, "DRAFT_OPEN", "请先发布或撤销")
		act := &pb.DraftActRequest{Name: d.GetName()}
		_, err = c.Submit(one, act)
		wants(t, err, "NO_CHANGE", "没有差别")
		for _, bad := range []struct {
			entry         *pb.Entry
			reason, words string
		}{
			{&pb.Entry{Mode: pb.Mode_WHOLE_MERGE, Seq: 99, Number: "110", Title: "报警电话", Authority: "公安部"}, "EMERGENCY_NUMBER", "一（二）"},
			{&pb.Entry{Mode: pb.Mode_SUB_CENTER, Seq: 9, Number: "12358", Title: "全国价格投诉举报统一电话", Authority: "市场监管总局"}, "NEVER_BACK", "不能退回"},
			{&pb.Entry{Mode: pb.Mode_SUB_CENTER, Seq: 1, Number: "12399", Title: "试一试", Authority: "某部"}, "INVALID_ARGUMENT", "出现了两次"},
		} {
			_, err = c.Edit(one, edit(d, "2026-12-01", bad.entry))
			wants(t, err, bad.reason, bad.words)
		}
		_, err = c.Edit(one, edit(d, "2019-12-01", promoted()))
		wants(t, err, "INVALID_ARGUMENT", "不能早于上一版")
		d = must[*pb.ListDraft](t)(c.Edit(one, edit(d, "2026-12-01", promoted())))
		var said []string
		for _, ch := range d.GetChanges() {
			said = append(said, ch.GetSummary())
		}
		if !slices.Contains(said, "12366的归并方式：由“设分中心”改为“双号并行”") {
			t.Errorf("the differences are %v", said)
		}
		_, err = c.Sign(one, act)
		wants(t, err, "WRONG_STATE", "起草中")
		must[*pb.ListDraft](t)(c.Submit(one, act))
		_, err = c.Edit(one, edit(d, "2026-12-01", promoted()))
		wants(t, err, "WRONG_STATE", "待审核")
		_, err = c.Review(one, &pb.ReviewDraftRequest{Name: d.GetName(), Pass: true, Words: "同意"})
		wants(t, err, "SAME_PERSON", "另一位同志")
		must[*pb.ListDraft](t)(c.Review(two, &pb.ReviewDraftRequest{Name: d.GetName(), Words: "请核对序号"}))
		must[*pb.ListDraft](t)(c.Submit(one, act))
		must[*pb.ListDraft](t)(c.Review(two, &pb.ReviewDraftRequest{Name: d.GetName(), Pass: true, Words: "同意"}))
		_, err = c.Publish(one, act)
		wants(t, err, "WRONG_STATE", "审核通过")
		must[*pb.ListDraft](t)(c.Sign(one, act))
		list := must[*pb.List](t)(c.Publish(one, act))
		if list.GetVersion() != 2 || !list.GetInForce() || list.GetPreviousDigest() == "" {
			t.Errorf("published version %d, in force %t", list.GetVersion(), list.GetInForce())
		}
		_, err = c.Publish(one, act)
		wants(t, err, "WRONG_STATE", "已发布")
		_, err = c.Drop(one, act)
		wants(t, err, "WRONG_STATE", "已发布")
		diff := must[*pb.CompareListsResponse](t)(c.CompareLists(one, &pb.CompareListsRequest{From: 2, To: 1}))
		if len(diff.GetChanges()) == 0 {
			t.Error("two versions can't be compared backwards")
		}
		all := must[*pb.ListVersionsResponse](t)(c.ListVersions(one, &pb.ListVersionsRequest{}))
		if len(all.GetVersions()) != 2 || all.GetVersions()[1].GetVersion() != 1 {
			t.Errorf("versions %v", all)
		}
	})
}

func TestAVersionCountsFromItsEffectiveDate(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c := town.Consolidation
		ahead := on(as(office, "central_admin"), "2026-12-01")
		d := must[*pb.ListDraft](t)(c.Draft(ahead, &pb.DraftRequest{Parent: "tenants/000000"}))
		must[*pb.ListDraft](t)(c.Edit(ahead, edit(d, "2027-03-01", promoted())))
		act := &pb.DraftActRequest{Name: d.GetName()}
		must[*pb.ListDraft](t)(c.Submit(ahead, act))
		must[*pb.ListDraft](t)(c.Review(on(as(office, "central_admin2"), "2026-12-01"), &pb.ReviewDraftRequest{Name: d.GetName(), Pass: true, Words: "同意"}))
		must[*pb.ListDraft](t)(c.Sign(ahead, act))
		must[*pb.List](t)(c.Publish(ahead, act))
		for date, want := range map[string]int32{"2027-02-28": 1, "2027-03-01": 2} {
			list := must[*pb.List](t)(c.GetList(on(as(beijing, "agent"), date), &pb.GetListRequest{}))
			if list.GetVersion() != want {
				t.Errorf("on %s version %d is in force", date, list.GetVersion())
			}
		}
		n := must[*pb.Number](t)(c.GetNumber(on(as(beijing, "agent"), "2027-03-02"), &pb.GetNumberRequest{Name: name(beijing, "12366")}))
		if n.GetBaseline() != pb.Mode_DUAL_NUMBER || !n.GetBehind() || n.GetOverdue() {
			t.Errorf("12366 under the new version: %v", n)
		}
	})
}

func TestAnybodyCanVerifyAndNobodyCanChangeOrSendBackAList(t *testing.T) {
	t.Parallel()
	towns := apart(t, 2)
	centre, city := towns[0], towns[1]
	ctx := context.Background()
	if err := centre.Consolidation.FoundOffice(ctx, "sm"); err != nil {
		t.Fatal(err)
	}
	publish(t, centre, "2026-12-01", promoted())
	docs := must[[][]byte](t)(centre.Consolidation.Documents(ctx, 0))
	one, two := docs[0], docs[1]
	key := must[*pb.List](t)(centre.Consolidation.GetList(as(office, "central_admin"), &pb.GetListRequest{Version: 1})).GetKey()
	if d, err := consolidation.Verify(two, key); err != nil || d.Version != 2 {
		t.Fatalf("a true list: %v", err)
	}
	for sentence, forged := range map[string][]byte{
		"an entry changed":    bytes.Replace(one, []byte("whole_merge\t1\t"), []byte("dual_number\t1\t"), 1),
		"a title changed":     bytes.Replace(one, []byte("科技部"), []byte("科学部"), 1),
		"a line removed":      []byte(strings.Replace(string(one), "basis=国办发〔2020〕53号\n", "", 1)),
		"a blank added":       append(bytes.Clone(one), '\n'),
		"a signature cut":     one[:len(one)-9],
		"another's signature": slices.Concat(one[:bytes.LastIndex(one, []byte("signature="))], two[bytes.LastIndex(two, []byte("signature=")):]),
		"nothing":             {},
	} {
		if err := city.Consolidation.Receive(ctx, forged); err == nil {
			t.Errorf("%s: taken", sentence)
		} else {
			wants(t, err, "LIST_FORGED", "拒收清单")
		}
	}
	wants(t, city.Consolidation.Receive(ctx, two), "LIST_GAP", "请先收取第 1 版")
	for _, doc := range [][]byte{one, one, two, two, one} { // what is here already is taken again without effect
		if err := city.Consolidation.Receive(ctx, doc); err != nil {
			t.Fatal(err)
		}
	}
	stranger := housetest.OpenBare(t, storetest.SQLiteURL(t), io.Discard)
	if err := stranger.Consolidation.FoundOffice(ctx, "aes"); err != nil {
		t.Fatal(err)
	}
	publish(t, stranger, "2026-12-01", promoted())
	for _, doc := range must[[][]byte](t)(stranger.Consolidation.Documents(ctx, 0)) {
		wants(t, city.Consolidation.Receive(ctx, doc), "LIST_FORGED", "不是国务院办公厅签署的")
	}
	if d := must[*pb.List](t)(city.Consolidation.GetList(on(as(beijing, "agent"), "2026-12-02"), &pb.GetListRequest{})); d.GetVersion() != 2 {
		t.Errorf("the city has version %d", d.GetVersion())
	}
}

func TestAVersionOfTheSameNumberWithOtherContentIsARollback(t *testing.T) {
	t.Parallel()
	towns := apart(t, 2)
	ctx := context.Background()
	if err := towns[0].Consolidation.FoundOffice(ctx, "aes"); err != nil {
		t.Fatal(err)
	}
	// Signed but not published, dropped, and a second version 2 published in its place.
	leaked := signed(t, towns[0], "2026-12-01", promoted())
	one := on(as(office, "central_admin"), "2026-12-01")
	old := must[[][]byte](t)(towns[0].Consolidation.Documents(ctx, 0))[0]
	var first []byte
	err := towns[0].Store.View(one, func(ctx context.Context) error {
		d, err := towns[0].Store.Ent.ListDraft.Query().Only(ctx)
		first = d.Document
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	must[*pb.ListDraft](t)(towns[0].Consolidation.Drop(one, &pb.DraftActRequest{Name: leaked.GetName()}))
	e := promoted()
	e.Mode, e.Seq = pb.Mode_WHOLE_MERGE, 14
	publish(t, towns[0], "2026-12-01", e)
	second := must[[][]byte](t)(towns[0].Consolidation.Documents(ctx, 1))[0]
	for _, doc := range [][]byte{old, second} {
		if err := towns[1].Consolidation.Receive(ctx, doc); err != nil {
			t.Fatal(err)
		}
	}
	wants(t, towns[1].Consolidation.Receive(ctx, first), "LIST_ROLLBACK", "不能替换或退回")
}

func TestAProcessBelievesItsDatabaseOnlyWhatVerifies(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		publish(t, town, "2026-12-01", promoted())
		ctx := tenants.With(context.Background(), &tenants.Viewer{})
		docs := must[[][]byte](t)(town.Consolidation.Documents(ctx, 0))
		forged := bytes.Replace(docs[1], []byte("version=2"), []byte("version=3"), 1)
		err := town.Store.Do(ctx, func(ctx context.Context) error {
			return town.Store.Ent.ListVersion.Create().SetVersion(3).SetDocument(forged).Exec(ctx)
		})
		if err != nil {
			t.Fatal(err)
		}
		again := housetest.Reopen(t, town.URL, town.Master, town.Blobs, io.Discard)
		for _, each := range []*housetest.Town{town, again} {
			each.Consolidation.Age()
			if l, err := each.Consolidation.GetList(on(as(beijing, "agent"), "2026-12-02"), &pb.GetListRequest{}); err != nil || l.GetVersion() != 2 {
				t.Errorf("beside a version that nobody signed: %v, %v", l.GetVersion(), err)
			}
		}
	})
}

func TestThreeProcessesAndOneThatWasOffline(t *testing.T) {
	t.Parallel()
	towns := apart(t, 3)
	centre, near, far := towns[0], towns[1], towns[2]
	ctx := context.Background()
	if err := centre.Consolidation.FoundOffice(ctx, "sm"); err != nil {
		t.Fatal(err)
	}
	deliver := func(to *housetest.Town, after int) {
		t.Helper()
		for _, doc := range must[[][]byte](t)(centre.Consolidation.Documents(ctx, after)) {
			if err := to.Consolidation.Receive(ctx, doc); err != nil {
				t.Fatal(err)
			}
		}
	}
	away := fresh(t, far, 650100)
	deliver(near, 0)
	deliver(far, 0)
	publish(t, centre, "2026-12-01", promoted()) // far is cut off from now on
	deliver(near, 1)
	whole := promoted()
	whole.Mode, whole.Seq = pb.Mode_WHOLE_MERGE, 14
	publish(t, centre, "2026-12-02", whole)
	deliver(near, 2)
	at := func(town *housetest.Town) int32 {
		return must[*pb.List](t)(town.Consolidation.GetList(on(as(beijing, "agent"), "2026-12-03"), &pb.GetListRequest{})).GetVersion()
	}
	if at(near) != 3 || at(far) != 1 {
		t.Errorf("near has %d, the one that is cut off %d", at(near), at(far))
	}
	// The centre sees who was left behind.
	bring := func(from *housetest.Town) {
		t.Helper()
		if err := hear(ctx, centre, from); err != nil {
			t.Fatal(err)
		}
	}
	bring(far)
	received := func() *pb.ListAcknowledgementsResponse {
		t.Helper()
		return must[*pb.ListAcknowledgementsResponse](t)(centre.Consolidation.ListAcknowledgements(as(office, "central_admin"),
			&pb.ListAcknowledgementsRequest{Parent: "tenants/000000"}))
	}
	if res := received(); !slices.Equal(res.GetMissing(), []string{away}) || len(res.GetAcknowledgements()) != 12 {
		t.Errorf("the centre does not see who was left behind: %v", res.GetMissing())
	}
	last := must[[][]byte](t)(centre.Consolidation.Documents(ctx, 2))[0]
	wants(t, far.Consolidation.Receive(ctx, last), "LIST_GAP", "请先收取第 2 版")
	deliver(far, 1) // it is back
	must[*pb.AcknowledgeResponse](t)(far.Consolidation.Acknowledge(on(as(away, "city_admin"), "2026-12-03"),
		&pb.AcknowledgeRequest{Parent: "tenants/" + away, Version: 3}))
	bring(near)
	bring(far)
	res := received()
	if last := res.GetAcknowledgements()[len(res.GetAcknowledgements())-1]; at(far) != 3 || len(res.GetMissing()) != 0 ||
		last.GetAcknowledgeTime() == nil || last.GetAcknowledgedBy() != "" {
		t.Errorf("far has %d, the centre sees %v", at(far), last)
	}
	var forged consolidation.Report
	if err := json.Unmarshal(must[map[string][]byte](t)(far.Consolidation.Reports(ctx, away, nil))[office], &forged); err != nil {
		t.Fatal(err)
	}
	forged.Taken.Digest = strings.Repeat("0", 64)
	body := must[[]byte](t)(json.Marshal(forged))
	wants(t, centre.Consolidation.TakeReport(ctx, away, office, body), "LIST_FORGED", "与发布的不一致")
	wants(t, centre.Consolidation.TakeReport(ctx, "650200", office, body), "REPORT_UNREADABLE", "无法读取")
}

func TestTheCentreHearsOfCitiesOfOtherDeploymentsAndBelievesNobodyAboutItsOwn(t *testing.T) {
	t.Parallel()
	towns := apart(t, 2)
	centre, far := towns[0], towns[1]
	ctx := context.Background()
	if err := centre.Consolidation.FoundOffice(ctx, "sm"); err != nil {
		t.Fatal(err)
	}
	if err := far.Consolidation.Receive(ctx, must[[][]byte](t)(centre.Consolidation.Documents(ctx, 0))[0]); err != nil {
		t.Fatal(err)
	}
	city := fresh(t, far, 650100)
	if err := far.Consolidation.Settle(ctx); err != nil {
		t.Fatal(err)
	}
	adopt(t, far, on(as(city, "city_admin"), "2026-12-01"), city, "12358", pb.Mode_WHOLE_MERGE)
	adopt(t, far, on(as(beijing, "city_admin"), "2026-12-01"), beijing, "12358", pb.Mode_WHOLE_MERGE)
	carry := func() {
		t.Helper()
		if err := hear(ctx, centre, far); err != nil {
			t.Fatal(err)
		}
	}
	carry()
	carry() // a courier may come twice
	m := must[*pb.Matrix](t)(centre.Consolidation.GetMatrix(as(office, "central_admin"), &pb.GetMatrixRequest{Parent: "tenants/000000"}))
	standing := map[string]pb.Standing{}
	for _, r := range m.GetRows() {
		for _, c := range r.GetCells() {
			standing[r.GetCity()+c.GetNumber()] = c.GetStanding()
		}
	}
	if standing[city+"12358"] != pb.Standing_PLANNED || standing[beijing+"12358"] != pb.Standing_WAITING || len(m.GetRows()) != 13 {
		t.Errorf("%d cities, the far one %s, the centre's own %s", len(m.GetRows()), standing[city+"12358"], standing[beijing+"12358"])
	}
}

func TestAnotherReplicaLearnsOfANewVersionWithinSeconds(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		replica := housetest.Reopen(t, town.URL, town.Master, town.Blobs, io.Discard)
		agent := on(as(beijing, "agent"), "2026-12-02")
		must[*pb.List](t)(replica.Consolidation.GetList(agent, &pb.GetListRequest{}))
		publish(t, town, "2026-12-01", promoted())
		if l := must[*pb.List](t)(town.Consolidation.GetList(agent, &pb.GetListRequest{})); l.GetVersion() != 2 {
			t.Error("the process that published does not know at once")
		}
		start := time.Now()
		for must[*pb.List](t)(replica.Consolidation.GetList(agent, &pb.GetListRequest{})).GetVersion() != 2 {
			if time.Since(start) > 5*time.Second {
				t.Fatal("the other replica did not learn of it")
			}
			time.Sleep(20 * time.Millisecond)
		}
	})
}

func TestACityKeepsItsListWhenTheDatabaseIsGone(t *testing.T) {
	t.Parallel()
	town := housetest.OpenBare(t, storetest.SQLiteURL(t), io.Discard)
	if err := town.Consolidation.FoundOffice(context.Background(), "aes"); err != nil {
		t.Fatal(err)
	}
	must[*pb.List](t)(town.Consolidation.GetList(as(beijing, "agent"), &pb.GetListRequest{}))
	if err := town.Store.Close(); err != nil {
		t.Fatal(err)
	}
	town.Consolidation.Age() // as after two seconds: it looks for news and finds nobody
	if l, err := town.Consolidation.GetList(as(beijing, "agent"), &pb.GetListRequest{}); err != nil || len(l.GetEntries()) != 32 {
		t.Errorf("%v, %v", l, err)
	}
}

func TestTheListGoesOutAsCSVExcelAndAPage(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		get := func(f pb.Format) []byte {
			s := must[*pb.Sheet](t)(town.Consolidation.ExportList(as(beijing, "agent"), &pb.ExportListRequest{Version: 1, Format: f}))
			return s.GetContent()
		}
		text, bom := bytes.CutPrefix(get(pb.Format_CSV), []byte("\uFEFF"))
		rows, err := csv.NewReader(bytes.NewReader(text)).ReadAll()
		if err != nil || !bom || len(rows) != 33+7 || !strings.HasPrefix(rows[39][0], "导出人：agent.110000，导出时间：20") || !slices.Equal(rows[1], []string{"整体并入", "1", "全国统一科技公益服务电话", "12396", "科技部", ""}) ||
			!slices.Equal(rows[14], []string{"双号并行", "1", "全国公共法律服务专用电话", "12348", "司法部", "设专家座席"}) {
			t.Errorf("CSV: %v, %v", rows, err)
		}
		f, err := excelize.OpenReader(bytes.NewReader(get(pb.Format_XLSX)))
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = f.Close() }()
		cells, err := f.GetRows("Sheet1")
		if err != nil || len(cells) != 33+7 || cells[32][3] != "12305" || !strings.HasPrefix(cells[39][0], "导出人：agent.110000") {
			t.Errorf("Excel: %d rows, %v", len(cells), err)
		}
		page := string(get(pb.Format_HTML))
		if strings.Count(page, "<tr>") != 33 || !strings.Contains(page, "<td>12385</td>") || !strings.Contains(page, "共 32 条") ||
			!strings.Contains(page, "导出人：agent.110000") {
			t.Error("the page does not show the 32 entries")
		}
	})
}

func TestTheOfficeSignsUnderANewMasterKey(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		ctx := context.Background()
		next, _ := privacy.NewMaster()
		under := func(older ...*privacy.Master) *consolidation.Service {
			t.Helper()
			h, err := house.Open(ctx, house.Config{URL: town.URL, Master: next, Older: older, Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = h.Close() })
			return h.Consolidation
		}
		d := signed(t, town, "2026-12-01", promoted())
		one := on(as(office, "central_admin"), "2026-12-01")
		if _, err := under().Sign(one, &pb.DraftActRequest{Name: d.GetName()}); err == nil || errors.FromError(err).GetCode() != 500 {
			t.Errorf("signed without the key: %v", err)
		}
		if err := under(town.Master).RewrapKey(ctx); err != nil {
			t.Fatal(err)
		}
		_, err := under().Sign(one, &pb.DraftActRequest{Name: d.GetName()})
		wants(t, err, "WRONG_STATE", "已签署") // the key opens, and the draft says why not
	})
}

// hear brings what the cities of one deployment report of themselves to the centre of another, as a courier does.
func hear(ctx context.Context, centre, far *housetest.Town) error {
	cities, err := far.Consolidation.ReportMarks(ctx)
	for city := range cities {
		var reports map[string][]byte
		if reports, err = far.Consolidation.Reports(ctx, city, nil); err == nil {
			err = centre.Consolidation.TakeReport(ctx, city, office, reports[office])
		}
		if err != nil {
			return err
		}
	}
	return err
}

func TestAnEntryAddedByMistakeIsTakenOutAgainAndNoneThatWasListed(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, one := town.Consolidation, on(as(office, "central_admin"), "2026-12-01")
		ok := must[*pb.ListDraft](t)
		d := ok(c.Draft(one, &pb.DraftRequest{Parent: "tenants/" + office}))
		mistyped := &pb.Entry{Mode: pb.Mode_WHOLE_MERGE, Seq: 99, Number: "12399", Title: "某热线", Authority: "某部"}
		d = ok(c.Edit(one, edit(d, "2026-12-01", mistyped)))
		req := edit(d, "2026-12-01")
		req.RemoveNumbers = []string{"12358"}
		_, err := c.Edit(one, req)
		wants(t, err, "INVALID_ARGUMENT", "列入的号码不能删除")
		req.RemoveNumbers = []string{"12399"}
		if d = ok(c.Edit(one, req)); len(d.GetList().GetEntries()) != 32 {
			t.Errorf("%d entries", len(d.GetList().GetEntries()))
		}
	})
}

func TestAMinistrySeesItsColumnAlsoWhenTheListGaveItTheNumberLater(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin, second := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01"), on(as(beijing, "supervisor"), "2026-12-01")
		was := must[*pb.List](t)(c.GetList(admin, &pb.GetListRequest{}))
		i := slices.IndexFunc(was.GetEntries(), func(e *pb.Entry) bool { return e.GetNumber() == "12396" })
		adopt(t, town, admin, beijing, "12396", pb.Mode_WHOLE_MERGE)
		ready(t, town, admin, second, beijing, "12396", "2026-10-01")
		must[*pb.Number](t)(c.CutOver(admin, &pb.CutOverRequest{Name: name(beijing, "12396")}))
		moved := proto.Clone(was.GetEntries()[i]).(*pb.Entry)
		moved.Authority = "市场监管总局"
		publish(t, town, "2026-12-02", moved)
		tax := on(as("100101", "ministry_officer"), "2026-12-03")
		m := must[*pb.Matrix](t)(c.GetMatrix(tax, &pb.GetMatrixRequest{Parent: "tenants/100101"}))
		at := slices.IndexFunc(m.GetRows(), func(r *pb.MatrixRow) bool { return r.GetCity() == beijing })
		if at < 0 || !slices.ContainsFunc(m.GetRows()[at].GetCells(), func(c *pb.Cell) bool {
			return c.GetNumber() == "12396" && c.GetStanding() == pb.Standing_TRANSITION
		}) {
			t.Errorf("%v", m)
		}
		n := must[*pb.Number](t)(c.GetNumber(on(as(beijing, "agent"), "2026-12-03"), &pb.GetNumberRequest{Name: name(beijing, "12396")}))
		if n.GetAuthority() != "市场监管总局" {
			t.Errorf("the register says %s", n.GetAuthority())
		}
	})
}
