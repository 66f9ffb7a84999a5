package consolidation_test

import (
	"strings"
	"testing"

	pb "hotline/api/consolidation/v1"
	"hotline/app/house/housetest"
)

func TestTheCentreSeesEveryCityAProvinceItsOwnAndAMinistryItsColumn(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c := town.Consolidation
		admin, second := on(as(nanjing, "city_admin"), "2026-12-01"), on(as(nanjing, "supervisor"), "2026-12-01")
		adopt(t, town, admin, nanjing, "12358", pb.Mode_WHOLE_MERGE)
		ready(t, town, admin, second, nanjing, "12358", "2026-10-01")
		must[*pb.Number](t)(c.CutOver(admin, &pb.CutOverRequest{Name: name(nanjing, "12358")}))
		adopt(t, town, on(as(beijing, "city_admin"), "2026-12-01"), beijing, "12315", pb.Mode_DUAL_NUMBER)
		must[*pb.Number](t)(c.Enroll(admin, &pb.EnrollRequest{Parent: "tenants/" + nanjing, Number: "96888", Title: "某区便民电话", Purpose: "便民",
			FoundedDate: "2012-01-01", Unit: "U13", Approvals: papers()}))
		must[*pb.Number](t)(c.ConfirmNumber(second, &pb.ConfirmNumberRequest{Name: name(nanjing, "96888")}))
		matrix := func(place, role string) *pb.Matrix {
			return must[*pb.Matrix](t)(c.GetMatrix(on(as(place, role), "2026-12-02"), &pb.GetMatrixRequest{Parent: "tenants/" + place}))
		}
		all := matrix(office, "central_admin")
		if len(all.GetColumns()) != 32 || len(all.GetRows()) != 12 {
			t.Fatalf("%d columns, %d rows", len(all.GetColumns()), len(all.GetRows()))
		}
		for _, r := range all.GetRows() {
			want := 32
			if r.GetCity() == nanjing {
				want = 33 // its own hotline beside the list
			}
			if len(r.GetCells()) != want {
				t.Errorf("%s has %d cells", r.GetTitle(), len(r.GetCells()))
			}
			for _, cell := range r.GetCells() {
				at := r.GetCity() + " " + cell.GetNumber()
				switch {
				case at == nanjing+" 12358" && (cell.GetStanding() != pb.Standing_TRANSITION || cell.GetOverdue() || cell.GetDone() != 10 || cell.GetEvidence() != 10):
					t.Errorf("merged whole: %v", cell)
				case at == beijing+" 12315" && (cell.GetStanding() != pb.Standing_PLANNED || !cell.GetOverdue()):
					t.Errorf("adopted, and past the list's deadline: %v", cell)
				case at == nanjing+" 96888" && (cell.GetStanding() != pb.Standing_WAITING || !cell.GetOverdue()):
					t.Errorf("a local hotline that is not merged: %v", cell)
				}
			}
		}
		var seen []string
		for _, r := range matrix(province, "province_admin").GetRows() {
			seen = append(seen, r.GetCity())
		}
		if strings.Join(seen, " ") != "320100 320500" {
			t.Errorf("the province sees %v", seen)
		}
		if rows := matrix("100002", "regional_coordinator").GetRows(); len(rows) != 5 {
			t.Errorf("the region sees %d cities", len(rows))
		}
		column := matrix(ministry, "ministry_officer")
		if len(column.GetRows()) != 12 || len(column.GetColumns()) != 5 {
			t.Errorf("the ministry sees %d cities and %d numbers", len(column.GetRows()), len(column.GetColumns()))
		}
		for _, e := range column.GetColumns() {
			if e.GetAuthority() != "市场监管总局" {
				t.Errorf("the ministry sees %v", e)
			}
		}
		for _, r := range column.GetRows() {
			if len(r.GetCells()) != 5 {
				t.Errorf("the ministry sees %d cells of %s", len(r.GetCells()), r.GetTitle())
			}
		}
		late := must[*pb.Matrix](t)(c.GetMatrix(on(as(office, "central_admin"), "2026-12-02"), &pb.GetMatrixRequest{Parent: "tenants/000000", Overdue: true}))
		if n := len(late.GetRows()[5].GetCells()); n != 32 || int(late.GetRows()[5].GetOverdue()) != n {
			t.Errorf("of %s %d are overdue", late.GetRows()[5].GetTitle(), n)
		}
		_, err := c.GetMatrix(as(beijing, "city_admin"), &pb.GetMatrixRequest{Parent: "tenants/000000"})
		wants(t, err, "NOT_FOUND", "没有找到")
	})
}

func TestStatisticsAddUp(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c := town.Consolidation
		adopt(t, town, on(as(beijing, "city_admin"), "2026-12-01"), beijing, "12315", pb.Mode_DUAL_NUMBER)
		for by, groups := range map[pb.Grouping]int{pb.Grouping_PROVINCE: 9, pb.Grouping_REGION: 3, pb.Grouping_AUTHORITY: 24} {
			res := must[*pb.GetStatisticsResponse](t)(c.GetStatistics(on(as(office, "central_admin"), "2026-12-02"), &pb.GetStatisticsRequest{Parent: "tenants/000000", By: by}))
			cells, planned := 0, 0
			for _, s := range res.GetStatistics() {
				cells += int(s.GetCells())
				planned += int(s.GetPlanned())
			}
			if cells != 12*32 || planned != 1 || len(res.GetStatistics()) != groups {
				t.Errorf("%s: %d groups, %d cells, %d planned", by, len(res.GetStatistics()), cells, planned)
			}
		}
	})
}

func TestThoseAboveUrgeAndAnswerAndTheCityIsTold(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c := town.Consolidation
		urge := func(place, role, city, number string) error {
			_, err := c.SendUrge(on(as(place, role), "2026-12-01"), &pb.SendUrgeRequest{Parent: "tenants/" + place, City: city, Number: number,
				Words: "请按期完成归并并报送方案", DueDate: "2026-12-20"})
			return err
		}
		if err := urge(office, "central_admin", beijing, "12358"); err != nil {
			t.Fatal(err)
		}
		if err := urge(province, "province_admin", nanjing, ""); err != nil {
			t.Fatal(err)
		}
		wants(t, urge(province, "province_admin", beijing, "12358"), "NOT_FOUND", "没有找到")
		wants(t, urge(office, "central_admin", beijing, "99999"), "NOT_FOUND", "没有找到")
		got := must[*pb.ListUrgesResponse](t)(c.ListUrges(as(beijing, "city_admin"), &pb.ListUrgesRequest{Parent: "tenants/" + beijing})).GetUrges()
		if len(got) != 1 || got[0].GetFrom() != "国务院办公厅" || got[0].GetDueDate() != "2026-12-20" {
			t.Errorf("the city is told %v", got)
		}
		if n := must[*pb.Number](t)(c.GetNumber(as(nanjing, "agent"), &pb.GetNumberRequest{Name: name(nanjing, "12358")})); n.GetUrges() != 1 {
			t.Errorf("the urge about the whole list does not show at the number: %d", n.GetUrges())
		}
		ask := func(title string) string {
			q := must[*pb.Question](t)(c.Ask(as(beijing, "city_admin"), &pb.AskRequest{Parent: "tenants/" + beijing, Title: title, Words: "垂管单位座席不足，如何排班？"}))
			return "tenants/000000/questions/" + q.GetName()[strings.LastIndexByte(q.GetName(), '/')+1:]
		}
		open, private := ask("分中心如何做到7×24小时"), ask("本市的一件具体事")
		centre := as(office, "central_admin")
		must[*pb.Question](t)(c.AnswerQuestion(centre, &pb.AnswerQuestionRequest{Name: open, Answer: "可由12345夜间代接，次日转分中心。", Publish: true}))
		must[*pb.Question](t)(c.AnswerQuestion(centre, &pb.AnswerQuestionRequest{Name: private, Answer: "请来函说明。"}))
		_, err := c.AnswerQuestion(centre, &pb.AnswerQuestionRequest{Name: open, Answer: "再答一次可以吗"})
		wants(t, err, "ANSWERED", "已经答复")
		theirs := must[*pb.ListQuestionsResponse](t)(c.ListQuestions(as(shanghai, "city_admin"), &pb.ListQuestionsRequest{Parent: "tenants/" + shanghai})).GetQuestions()
		if len(theirs) != 1 || theirs[0].GetCity() != "" || !strings.Contains(theirs[0].GetAnswer(), "夜间代接") {
			t.Errorf("another city reads %v", theirs)
		}
	})
}

func TestThePublicRegisterTellsNumbersAndChangesAndNobodysName(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01")
		adopt(t, town, admin, beijing, "12315", pb.Mode_DUAL_NUMBER)
		must[*pb.Number](t)(c.Route(admin, &pb.RouteRequest{Name: name(beijing, "12315"), Line: "8123", Skill: "市场监管"}))
		raw, err := town.Stage.Nobody().Raw(t.Context(), "GET", "/v1/tenants/110000/numbers:register", nil)
		if err != nil {
			t.Fatal(err)
		}
		if s := string(raw); !strings.Contains(s, "确定归并方式：双号并行") || strings.Contains(s, "city_admin") || strings.Contains(s, "8123") ||
			strings.Count(s, `"dialling"`) != 32 {
			t.Errorf("%s", s)
		}
		_, err = town.Stage.Nobody().Raw(t.Context(), "GET", "/v1/tenants/999999/numbers:register", nil)
		if err == nil || !strings.Contains(err.Error(), "NOT_FOUND") {
			t.Errorf("a city that is nowhere: %v", err)
		}
		for _, f := range []string{"CSV", "XLSX", "HTML"} {
			if _, err := town.Stage.Nobody().Raw(t.Context(), "GET", "/v1/tenants/110000/numbers:export?format="+f, nil); err != nil {
				t.Errorf("%s: %v", f, err)
			}
		}
	})
}

func TestWhoOverseesOpensACellWithItsEvidenceAndLearnsNobodysName(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c := town.Consolidation
		admin, second := on(as(nanjing, "city_admin"), "2026-12-01"), on(as(nanjing, "supervisor"), "2026-12-01")
		adopt(t, town, admin, nanjing, "12358", pb.Mode_WHOLE_MERGE)
		ready(t, town, admin, second, nanjing, "12358", "2026-10-01")
		open := func(place, role, city, number string) (*pb.Progress, error) {
			return c.GetProgress(on(as(place, role), "2026-12-02"), &pb.GetProgressRequest{Parent: "tenants/" + place, City: city, Number: number})
		}
		must[*pb.Urge](t)(c.SendUrge(on(as(province, "province_admin"), "2026-12-02"), &pb.SendUrgeRequest{Parent: "tenants/" + province, City: nanjing,
			Number: "12358", Words: "请尽快切换", DueDate: "2026-12-20"}))
		got := must[*pb.Progress](t)(open(province, "province_admin", nanjing, "12358"))
		proved := 0
		for _, st := range got.GetSteps() {
			if st.GetOwner() != "" || st.GetDoneBy() != "" || st.GetConfirmedBy() != "" || len(st.GetActs()) > 0 {
				t.Errorf("somebody is named: %v", st)
			}
			if st.GetEvidence() == "验收记录" && len(st.GetPapers()) == 1 && st.GetDoneTime() != nil {
				proved++
			}
		}
		if proved != 9 || len(got.GetUrges()) != 1 || got.GetBaseline() != pb.Mode_WHOLE_MERGE || got.GetStanding() != pb.Standing_PLANNED || !got.GetOverdue() {
			t.Errorf("%d steps with evidence: %v", proved, got)
		}
		if got := must[*pb.Progress](t)(open(office, "central_admin", nanjing, "12358")); len(got.GetUrges()) != 0 {
			t.Errorf("the centre reads what the province urged: %v", got.GetUrges())
		}
		if got := must[*pb.Progress](t)(open(office, "central_admin", beijing, "12315")); len(got.GetSteps()) != 0 || got.GetStanding() != pb.Standing_WAITING {
			t.Errorf("what nobody has begun: %v", got)
		}
		for _, no := range [][4]string{{province, "province_admin", beijing, "12358"}, {ministry, "ministry_officer", nanjing, "12366"},
			{office, "central_admin", nanjing, "99999"}, {office, "central_admin", "999999", "12358"}} {
			_, err := open(no[0], no[1], no[2], no[3])
			wants(t, err, "NOT_FOUND", "没有找到")
		}
	})
}

func TestWhatIsTakenAwayOfTheMatrixNamesWhoTookIt(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		for _, f := range []pb.Format{pb.Format_CSV, pb.Format_HTML} {
			sheet := must[*pb.Sheet](t)(town.Consolidation.ExportMatrix(on(as(province, "province_admin"), "2026-12-02"),
				&pb.ExportMatrixRequest{Parent: "tenants/" + province, Format: f}))
			if !strings.Contains(string(sheet.GetContent()), "导出人：province_admin.100032，导出时间：2026-12-02 12:00") {
				t.Errorf("%s: %s", f, sheet.GetContent())
			}
		}
	})
}
