package report_test

import (
	"bytes"
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"

	casework "hotline/api/casework/v1"
	pb "hotline/api/report/v1"
	tenantv1 "hotline/api/tenant/v1"
	"hotline/app/house/housetest"
	"hotline/app/play"
	"hotline/app/report"
	"hotline/tenants"

	stages "hotline/app/casework"
)

// guest is a town with people.
func guest(t *testing.T, town *housetest.Town) *ward {
	t.Helper()
	return &ward{T: t, town: town, now: time.Now().UTC(), people: map[string]*play.Person{}}
}

// refused says with which status and reason a call was refused.
func (w *ward) refused(login, path string, status int, reason string) {
	w.Helper()
	err := w.as(login).Do(context.Background(), "GET", path, nil, &pb.Overview{})
	var r *play.Refusal
	if !errors.As(err, &r) || r.Code != status || reason != "" && r.Reason != reason {
		w.Errorf("%s %s: %v, want %d %s", login, path, err, status, reason)
	}
}

// plant writes one order of a category and district that nobody else has.
func (w *ward) plant(number string, confidential bool) {
	w.Helper()
	err := w.town.Store.Do(tenants.With(context.Background(), tenants.System(city)), func(ctx context.Context) error {
		o, err := w.town.Store.Ent.WorkOrder.Create().SetNumber(number).SetState("handling").SetDisposition("in_scope").SetKind("report").
			SetCategory("0701").SetUrgency("normal").SetChannel("phone").SetTitle("举报").SetDistrict("延庆区").SetConfidential(confidential).
			SetLead("U02").SetLeadPath("U02/").SetReceivedAt(w.now.Add(-time.Hour)).SetDueAt(w.now).Save(ctx)
		if err != nil {
			return err
		}
		return w.town.Store.Ent.Assignment.Create().SetWorkOrderID(o.ID).SetUnit("U02").SetPath("U02/").SetLead(true).SetState("handling").
			SetDispatchedAt(w.now.Add(-time.Hour)).Exec(ctx)
	})
	w.must(err)
}

func (w *ward) export(login string, form pb.Form) *pb.Sheet {
	w.Helper()
	out, err := play.Post[pb.Sheet](context.Background(), w.as(login), base+"/reports:export", &pb.ExportRequest{Form: form})
	w.must(err)
	return out
}

func TestAConfidentialOrderIsInNoCellOfTheHeatMap(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		w := guest(t, town)
		w.plant("110000202611230000000001", true)
		for _, who := range []string{"supervisor.110000", "city_admin.110000", "lead.u02.110000"} {
			for _, category := range []string{"", "07"} {
				var out pb.Heat
				w.must(w.as(who).Do(context.Background(), "GET", base+"/reports/heat?category="+category, nil, &out))
				if out.GetConfidential().GetOrders() != 1 || out.GetShown().GetOrders() != 0 || len(out.GetCells())+len(out.GetCategories())+len(out.GetDistricts()) != 0 {
					t.Errorf("%s: the map says where the confidential order lies: %v", who, &out)
				}
			}
			content := w.export(who, pb.Form_EXCEL).GetContent()
			if text := cells(t, content); strings.Contains(text, "延庆区") || strings.Contains(text, "公共安全") || !strings.Contains(text, "保密工单") {
				t.Errorf("%s: the workbook says where the confidential order lies: %s", who, text)
			}
		}
		w.plant("110000202611230000000002", false)
		var out pb.Heat
		w.must(w.as("supervisor.110000").Do(context.Background(), "GET", base+"/reports/heat", nil, &out))
		if len(out.GetCells()) != 1 || out.GetCells()[0].GetOrders().GetOrders() != 1 {
			t.Errorf("beside an order that is not confidential: %v", out.GetCells())
		}
	})
}

func TestOnlyWhoMaySeeReportsAsksForTheOrdersBehindThem(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		w := guest(t, town)
		w.plant("110000202611230000000001", false)
		w.refused("agent.110000", base+"/reports/overview", 403, "")
		w.refused("u02.110000", base+"/reports/rates", 403, "")
		w.refused("central_admin.000000", base+"/reports/heat", 404, "")
		list := func(filter string) string { return base + "/workOrders?" + url.Values{"filter": {filter}}.Encode() }
		w.refused("agent.110000", list(`figure = "received"`), 403, "DENIED")
		w.refused("agent.110000", list(`state = "HANDLING" OR NOT figure = "satisfaction?part=bad"`), 403, "DENIED")
		w.refused("city_admin.110000", list(`figure = "received"`), 403, "")
		for _, wrong := range []string{`figure = "nothing"`, `figure = "received?unit=U02"`, `figure = "received?from=2026-02-30"`, `figure != "received"`,
			`figure = "received?from=2026-01-01&from=2026-01-02"`, `figure = "satisfaction?part=x"`, `figure = "received?%zz"`, `figure = 7`} {
			w.refused("supervisor.110000", list(wrong), 400, "INVALID_ARGUMENT")
		}
		for who, want := range map[string]int{"supervisor.110000": 1, "lead.u02.110000": 1, "lead.u03.110000": 0} {
			var out casework.ListWorkOrdersResponse
			w.must(w.as(who).Do(context.Background(), "GET", list(`figure = "received" AND state = "HANDLING"`), nil, &out))
			if len(out.GetWorkOrders()) != want {
				t.Errorf("%s finds %d orders behind the figure, want %d", who, len(out.GetWorkOrders()), want)
			}
		}
	})
}

func TestASpanThatIsNoneIsRefused(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		w := guest(t, town)
		for _, q := range []string{"from=2026-11-20&to=2026-11-19", "from=2026-02-30", "to=2026-13-01", "from=2020-01-01", "from=yesterday"} {
			w.refused("supervisor.110000", base+"/reports/heat?"+q, 400, "INVALID_ARGUMENT")
			w.refused("supervisor.110000", base+"/reports/rates?"+q, 400, "INVALID_ARGUMENT")
		}
	})
}

// cells are all cells of a workbook.
func cells(t *testing.T, content []byte) string {
	t.Helper()
	f, err := excelize.OpenReader(bytes.NewReader(content))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	var all strings.Builder
	for _, sheet := range f.GetSheetList() {
		rows, err := f.GetRows(sheet)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range rows {
			all.WriteString(sheet + ": " + strings.Join(r, " | ") + "\n")
		}
	}
	return all.String()
}

func TestEverySheetCarriesWhoAndWhenAndTheRecordHasTheExport(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		w := guest(t, town)
		for who, sheets := range map[string]int{"supervisor.110000": 5, "lead.u02.110000": 5, "city_admin.110000": 4} { // who may list no orders gets no list of them
			out := w.export(who, pb.Form_EXCEL)
			f, err := excelize.OpenReader(bytes.NewReader(out.GetContent()))
			w.must(err)
			if len(f.GetSheetList()) != sheets || !strings.HasPrefix(out.GetWatermark(), who+" 20") {
				t.Errorf("%s: sheets %v, watermark %q", who, f.GetSheetList(), out.GetWatermark())
			}
			for _, sheet := range f.GetSheetList() {
				mark, err := f.GetCellValue(sheet, "A1")
				head, err2 := f.GetHeaderFooter(sheet)
				if err != nil || err2 != nil || mark != out.GetWatermark() || !strings.Contains(head.OddHeader, out.GetWatermark()) {
					t.Errorf("%s: sheet %s says %q, on paper %v", who, sheet, mark, head)
				}
			}
			_ = f.Close()
		}
		if out := w.export("supervisor.110000", pb.Form_IMAGE); len(out.GetContent()) != 0 || !strings.HasPrefix(out.GetWatermark(), "supervisor.110000 20") {
			t.Errorf("for a picture: %v", out)
		}
		var records tenantv1.ListRecordsResponse
		w.must(w.as("auditor.110000").Do(context.Background(), "GET", base+"/records", nil, &records))
		var exports []string
		for _, r := range records.GetRecords() {
			if r.GetAct() == "report.export" {
				exports = append(exports, r.GetActor())
			}
		}
		slices.Sort(exports)
		if !slices.Equal(exports, []string{"city_admin.110000", "lead.u02.110000", "supervisor.110000", "supervisor.110000"}) {
			t.Errorf("the record has exports of %v", exports)
		}
	})
}

func TestExportsAtOnceEachHaveTheirLine(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		w := guest(t, town)
		w.as("supervisor.110000")
		const n = 4
		failed := make(chan error, n)
		for range n {
			go func() {
				_, err := play.Post[pb.Sheet](context.Background(), w.people["supervisor.110000"], base+"/reports:export", &pb.ExportRequest{Form: pb.Form_IMAGE})
				failed <- err
			}()
		}
		for range n {
			w.must(<-failed)
		}
	})
}

func TestACityMayLeaveMoreOutOfTheSolvedRateAndWeighsTheRates(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		w := guest(t, town)
		put := func(s *tenantv1.Scoring) error {
			var now tenantv1.PolicyVersion
			w.must(w.as("city_admin.110000").Do(context.Background(), "GET", base+"/policy", nil, &now))
			now.Policy.Scoring = s
			return w.as("city_admin.110000").Do(context.Background(), "PUT", base+"/policy", &tenantv1.PutPolicyRequest{Policy: now.GetPolicy(),
				BaseVersion: now.GetVersion(), Reason: "考核口径调整"}, &now)
		}
		var r *play.Refusal
		if err := put(&tenantv1.Scoring{ResponseWeight: 50, SolvedWeight: 30, SatisfactionWeight: 30}); !errors.As(err, &r) || r.Code != 400 {
			t.Errorf("weights that make 110: %v", err)
		}
		w.must(put(&tenantv1.Scoring{SolvedWeight: 100, SolvedGrounds: []string{"law_enforcement"}}))
		w.must(w.town.Store.Do(tenants.With(context.Background(), tenants.System(city)), func(ctx context.Context) error {
			for i, enforced := range []bool{true, false, false} {
				o, err := town.Store.Ent.WorkOrder.Create().SetNumber("11000020261123000000000" + string(rune('1'+i))).SetState("closed").
					SetDisposition("in_scope").SetKind("complaint").SetCategory("0701").SetUrgency("normal").SetChannel("phone").SetTitle("t").
					SetLawEnforcement(enforced).SetLead("U02").SetLeadPath("U02/").SetReceivedAt(w.now).SetDueAt(w.now).Save(ctx)
				if err != nil {
					return err
				}
				err = town.Store.Ent.Callback.Create().SetWorkOrderID(o.ID).SetRound(1).SetAttempt(1).SetReached(true).SetSolved(i == 2).
					SetChannel("phone").SetAuthor("a").SetCreatedAt(w.now).Exec(ctx)
				if err != nil {
					return err
				}
			}
			return nil
		}))
		var out pb.Rates
		w.must(w.as("supervisor.110000").Do(context.Background(), "GET", base+"/reports/rates", nil, &out))
		s := out.GetTotal().GetSolved()
		if s.GetDueBefore().GetOrders() != 3 || s.GetDue().GetOrders() != 2 || s.GetGood().GetOrders() != 1 || len(s.GetExcluded()) != 1 ||
			out.GetTotal().GetScore() != 5000 || out.GetTotal().GetScoreBefore() != 3333 || out.GetPolicyVersion() != 2 {
			t.Errorf("%v", &out)
		}
	})
}

func TestTheStagesAreThoseOfTheFlowAtWhichSomebodyIsLate(t *testing.T) {
	for key, title := range report.Stages() {
		if stages.ClockTitles[key] != title {
			t.Errorf("%s is called %s, by the flow %s", key, title, stages.ClockTitles[key])
		}
	}
	quiet := []string{"hearing", "awaiting", "suspended", "unreasonable_expiry", "transfer_answer", "climb"}
	for key := range stages.ClockTitles {
		if _, ok := report.Stages()[key]; ok == slices.Contains(quiet, key) {
			t.Errorf("%s: a stage %v", key, ok)
		}
	}
}
