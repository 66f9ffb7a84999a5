package consolidation_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/consolidation/v1"
	"hotline/app/house/housetest"
	"hotline/ent/numberchange"
)

func TestTheHardRulesOfTheRegister(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01")
		parent := "tenants/" + beijing
		enroll := func(number, founded string) error {
			_, err := c.Enroll(admin, &pb.EnrollRequest{Parent: parent, Number: number, Title: "某区便民电话", Purpose: "便民咨询", FoundedDate: founded,
				Unit: "U06", Approvals: papers()})
			return err
		}
		for _, n := range []string{"110", "119", "120", "122"} {
			wants(t, enroll(n, "2000-01-01"), "EMERGENCY_NUMBER", "紧急热线")
			_, err := c.Adopt(admin, &pb.AdoptRequest{Name: name(beijing, n), Mode: pb.Mode_WHOLE_MERGE, Unit: "U06"})
			wants(t, err, "EMERGENCY_NUMBER", "一（二）")
			_, err = c.ApplyException(admin, &pb.ApplyExceptionRequest{Parent: parent, Kind: pb.ExceptionKind_NEW_NUMBER, Number: n, Wanted: "某电话",
				Words: "申请新设一个号码用于应急", Papers: papers()})
			wants(t, err, "EMERGENCY_NUMBER", "紧急热线")
		}
		wants(t, enroll("12345", "2000-01-01"), "HOTLINE_ITSELF", "热线本身")
		wants(t, enroll("96999", "2021-06-01"), "NO_NEW_NUMBER", "五（二）")
		wants(t, enroll("12358", "2000-01-01"), "NUMBER_KNOWN", "已在台账中")
		if err := enroll("96998", "2015-06-01"); err != nil {
			t.Fatal(err)
		}
		must[*pb.Number](t)(c.ConfirmNumber(on(as(beijing, "supervisor"), "2026-12-01"), &pb.ConfirmNumberRequest{Name: name(beijing, "96998")}))
		for _, mode := range []pb.Mode{pb.Mode_DUAL_NUMBER, pb.Mode_SUB_CENTER} {
			_, err := c.Adopt(admin, &pb.AdoptRequest{Name: name(beijing, "96998"), Mode: mode, Unit: "U06"})
			wants(t, err, "LOCAL_MUST_MERGE", "二（二）1")
			_, err = c.Adopt(admin, &pb.AdoptRequest{Name: name(beijing, "12358"), Mode: mode, Unit: "U06"})
			wants(t, err, "LOOSER_THAN_LIST", "要求12358整体并入")
		}
		_, err := c.Amend(admin, &pb.AmendRequest{Name: name(beijing, "12333"), Title: "人社热线"})
		wants(t, err, "NO_NEW_TITLE", "五（二）")
		_, err = c.Amend(admin, &pb.AmendRequest{Name: name(beijing, "96998"), Purpose: "改作招商热线"})
		wants(t, err, "NO_NEW_PURPOSE", "申请例外")
		_, err = c.Adopt(admin, &pb.AdoptRequest{Name: name(beijing, "12348"), Mode: pb.Mode_DUAL_NUMBER, Unit: "U30", Seats: 5})
		wants(t, err, "INVALID_ARGUMENT", "专家座席")
		_, err = c.Adopt(admin, &pb.AdoptRequest{Name: name(beijing, "12358"), Mode: pb.Mode_WHOLE_MERGE, Unit: "X99"})
		wants(t, err, "NOT_FOUND", "没有单位")
		// More closely than the list says is allowed.
		if n := adopt(t, town, admin, beijing, "12369", pb.Mode_WHOLE_MERGE); n.GetTarget() != pb.Mode_WHOLE_MERGE || n.GetBaseline() != pb.Mode_DUAL_NUMBER {
			t.Errorf("%v", n)
		}
	})
}

func TestACancelledNumberNeverComesBack(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin, second := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01"), on(as(beijing, "supervisor"), "2026-12-01")
		adopt(t, town, admin, beijing, "12358", pb.Mode_WHOLE_MERGE)
		ready(t, town, admin, second, beijing, "12358", "2026-10-01")
		n := must[*pb.Number](t)(c.CutOver(admin, &pb.CutOverRequest{Name: name(beijing, "12358")}))
		if n.GetStandingTitle() != "过渡期" || n.GetMode() != pb.Mode_WHOLE_MERGE {
			t.Errorf("after the cut-over: %v", n)
		}
		for _, date := range []string{"2026-12-02", "2027-09-01"} {
			admin := on(as(beijing, "city_admin"), date)
			_, err := c.Adopt(admin, &pb.AdoptRequest{Name: name(beijing, "12358"), Mode: pb.Mode_DUAL_NUMBER, Unit: "U06"})
			wants(t, err, "NUMBER_CANCELLED", "不能恢复")
			_, err = c.Promote(admin, &pb.PromoteRequest{Name: name(beijing, "12358"), Mode: pb.Mode_DUAL_NUMBER, Approvals: papers()})
			wants(t, err, "NUMBER_CANCELLED", "二（一）2")
			_, err = c.Enroll(admin, &pb.EnrollRequest{Parent: "tenants/" + beijing, Number: "12358", Title: "价格热线", Purpose: "价格举报", FoundedDate: "2001-01-01",
				Unit: "U06", Approvals: papers()})
			wants(t, err, "NUMBER_CANCELLED", "不能恢复或重新设立")
			_, err = c.Amend(admin, &pb.AmendRequest{Name: name(beijing, "12358"), Title: "价格热线"})
			wants(t, err, "NUMBER_CANCELLED", "不能恢复")
			_, err = c.Route(admin, &pb.RouteRequest{Name: name(beijing, "12358"), Line: "8009", Skill: "价格"})
			wants(t, err, "NUMBER_CANCELLED", "不能恢复")
			_, err = c.ApplyException(admin, &pb.ApplyExceptionRequest{Parent: "tenants/" + beijing, Kind: pb.ExceptionKind_NEW_NUMBER, Number: "12358",
				Wanted: "价格热线", Words: "群众仍习惯拨打这个号码", Papers: papers()})
			wants(t, err, "NUMBER_CANCELLED", "不能以例外恢复")
		}
	})
}

func TestACutOverWaitsForEveryGuard(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin, second := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01"), on(as(beijing, "supervisor"), "2026-12-01")
		at := name(beijing, "12331")
		_, err := c.CutOver(admin, &pb.CutOverRequest{Name: at})
		wants(t, err, "NOT_ADOPTED", "没有待切换的方案")
		adopt(t, town, admin, beijing, "12331", pb.Mode_WHOLE_MERGE)
		blocked := func(words string) {
			t.Helper()
			_, err := c.CutOver(admin, &pb.CutOverRequest{Name: at})
			wants(t, err, "NOT_READY", words)
		}
		ok := must[*pb.Number](t)
		blocked("还没有制定方案")
		ok(c.Plan(admin, &pb.PlanRequest{Name: at, StartDate: "2026-10-01", Owner: "热线办"}))
		blocked("还没有设置过渡期语音提示")
		_, err = c.Prompt(admin, &pb.PromptRequest{Name: at, Text: "本号码已经停用了谢谢您的来电", UntilDate: "2027-06-01"})
		wants(t, err, "INVALID_ARGUMENT", "拨打12345")
		_, err = c.Prompt(admin, &pb.PromptRequest{Name: at, Text: "本号码已并入12345，请拨打12345", UntilDate: "2026-06-01"})
		wants(t, err, "INVALID_ARGUMENT", "已过")
		ok(c.Prompt(admin, &pb.PromptRequest{Name: at, Text: "本号码已并入12345，请拨打12345", UntilDate: "2027-06-01"}))
		blocked("还没有设置转接")
		for line, words := range map[string]string{"13800000000": "个人手机", "110": "紧急热线", "12331": "循环"} {
			_, err = c.Route(admin, &pb.RouteRequest{Name: at, Line: line, Skill: "市场监管"})
			wants(t, err, "INVALID_ARGUMENT", words)
		}
		ok(c.Route(admin, &pb.RouteRequest{Name: at, Skill: "市场监管"}))
		blocked("还没有由另一位同志试拨")
		_, err = c.Test(admin, &pb.TestRequest{Name: at, Connected: true, Words: "接通"})
		wants(t, err, "SAME_PERSON", "另一位同志试拨")
		ok(c.Test(second, &pb.TestRequest{Name: at, Words: "忙音"}))
		blocked("最近一次试拨没有接通")
		ok(c.Test(second, &pb.TestRequest{Name: at, Connected: true, Words: "接通"}))
		ok(c.Route(admin, &pb.RouteRequest{Name: at, Skill: "食品药品"}))
		blocked("还没有由另一位同志试拨") // what was tested is not what is set now
		ok(c.Test(second, &pb.TestRequest{Name: at, Connected: true, Words: "接通"}))
		blocked("“知识库导入12345”还没有提交依据")
		ok(c.Complete(admin, &pb.CompleteRequest{Name: at + "/steps/knowledge", Evidence: "导入 860 条"}))
		_, err = c.Confirm(admin, &pb.ConfirmRequest{Name: at + "/steps/knowledge"})
		wants(t, err, "SAME_PERSON", "另一位同志复核")
		blocked("“知识库导入12345”还没有由另一位同志复核")
		ok(c.Confirm(second, &pb.ConfirmRequest{Name: at + "/steps/knowledge"}))
		_, err = c.Complete(admin, &pb.CompleteRequest{Name: at + "/steps/roster", Evidence: "排班表"})
		wants(t, err, "STEP_WAITS", "要在“人员与话务座席衔接”完成之后")
		_, err = c.Complete(admin, &pb.CompleteRequest{Name: at + "/steps/cutover", Evidence: "已切换"})
		wants(t, err, "USE_CUT_OVER", "请用“切换”")
		for _, code := range strings.Fields("people site workflow systems indicators funds roster prompt") {
			ok(c.Complete(admin, &pb.CompleteRequest{Name: at + "/steps/" + code, Evidence: "验收记录"}))
		}
		blocked("排班”还没有由另一位同志复核")
		ok(c.Confirm(second, &pb.ConfirmRequest{Name: at + "/steps/roster"}))
		blocked("还没有登记归并前的服务水平")
		ok(c.Measure(admin, &pb.MeasureRequest{Name: at, FromDate: "2026-01-01", ToDate: "2026-03-31", Calls: 900, AnsweredPermille: 912, Source: "话务报表"}))
		n := ok(c.CutOver(admin, &pb.CutOverRequest{Name: at}))
		// The service must not be worse afterwards.
		check := &pb.CompleteRequest{Name: at + "/steps/aftercheck", Evidence: "核查报告"}
		late := on(as(beijing, "city_admin"), "2027-01-15")
		_, err = c.Complete(late, check)
		wants(t, err, "NO_FIGURES", "还没有登记归并后的服务水平")
		after := &pb.MeasureRequest{Name: at, After: true, FromDate: "2026-12-02", ToDate: "2026-12-31", Calls: 800, AnsweredPermille: 880, Source: "平台话务报表"}
		ok(c.Measure(late, after))
		_, err = c.Complete(late, check)
		wants(t, err, "SERVICE_DROPPED", "91.2%降到88.0%")
		after.AnsweredPermille = 955
		ok(c.Measure(late, after))
		n = ok(c.Complete(late, check))
		if open := n.GetSteps()[len(n.GetSteps())-1]; open.GetDoneBy() == "" {
			t.Errorf("the last step is open: %v", open)
		}
	})
}

func TestASubCentreIsPromotedAndNeverLedBack(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c := town.Consolidation
		admin, second := on(as(beijing, "city_admin"), "2026-12-01"), on(as(beijing, "supervisor"), "2026-12-01")
		at := name(beijing, "12313")
		promote := func(mode pb.Mode) (*pb.Number, error) {
			return c.Promote(admin, &pb.PromoteRequest{Name: at, Mode: mode, Approvals: papers()})
		}
		_, err := promote(pb.Mode_DUAL_NUMBER)
		wants(t, err, "USE_ADOPT", "尚未归并")
		adopt(t, town, admin, beijing, "12313", pb.Mode_SUB_CENTER)
		ready(t, town, admin, second, beijing, "12313", "2026-10-01")
		must[*pb.Number](t)(c.CutOver(admin, &pb.CutOverRequest{Name: at}))
		dial := func(date string) *pb.Dial {
			return must[*pb.Dial](t)(c.ResolveDial(on(as(beijing, "agent"), date), &pb.ResolveDialRequest{Parent: "tenants/" + beijing, Number: "12313",
				At: timestamppb.New(noon(date))}))
		}
		if l := dial("2026-12-02").GetLegs(); l[0].GetKind() != "seats" || l[0].GetTarget() != "8001" || l[1].GetKind() != "three_way" {
			t.Errorf("a sub-centre is called by %v", l)
		}
		for step, mode := range []pb.Mode{pb.Mode_DUAL_NUMBER, pb.Mode_WHOLE_MERGE} {
			must[*pb.Number](t)(promote(mode))
			// While it is prepared, calls are answered as before.
			before := dial("2026-12-01").GetLegs()[0].GetKind()
			ready(t, town, admin, second, beijing, "12313", "2026-10-01")
			if now := dial("2026-12-01").GetLegs()[0].GetKind(); now != before || (step == 0) != (now == "seats") {
				t.Errorf("before the cut-over to %s: %s, was %s", mode, now, before)
			}
			must[*pb.Number](t)(c.CutOver(admin, &pb.CutOverRequest{Name: at}))
			if _, err := promote(pb.Mode_SUB_CENTER); err == nil {
				t.Error("led back")
			}
		}
		if d := dial("2026-12-02"); d.GetLegs()[0].GetKind() != "queue" || !strings.Contains(d.GetSays(), "12313已并入12345") {
			t.Errorf("merged whole: %v", d)
		}
		if d := dial("2028-01-01"); d.GetLegs()[0].GetKind() != "queue" || !strings.Contains(d.GetSays(), "已取消") {
			t.Errorf("after the prompt: %v", d)
		}
	})
}

func TestAnExceptionIsAskedForDecidedAndUsedOnce(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin, centre := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01"), on(as(office, "central_admin"), "2026-12-01")
		parent := "tenants/" + beijing
		ask := func() *pb.Exception {
			return must[*pb.Exception](t)(c.ApplyException(admin, &pb.ApplyExceptionRequest{Parent: parent, Kind: pb.ExceptionKind_NEW_NUMBER, Number: "96777",
				Wanted: "冬奥服务热线", Words: "重大活动期间专用，活动结束即并入", Papers: papers()}))
		}
		enroll := func() error {
			_, err := c.Enroll(admin, &pb.EnrollRequest{Parent: parent, Number: "96777", Title: "冬奥服务热线", Purpose: "活动咨询", FoundedDate: "2026-11-01",
				Unit: "U20", Approvals: papers()})
			return err
		}
		decide := func(e *pb.Exception, grant bool) *pb.Exception {
			id := e.GetName()[strings.LastIndexByte(e.GetName(), '/')+1:]
			return must[*pb.Exception](t)(c.DecideException(centre, &pb.DecideExceptionRequest{Name: "tenants/000000/exceptions/" + id, Grant: grant,
				Decision: "限期一年，期满整体并入", Reference: "国办秘函〔2026〕9号"}))
		}
		first := ask()
		wants(t, enroll(), "NO_NEW_NUMBER", "申请例外")
		decide(first, false)
		wants(t, enroll(), "NO_NEW_NUMBER", "申请例外")
		decide(ask(), true)
		if err := enroll(); err != nil {
			t.Fatal(err)
		}
		wants(t, enroll(), "NUMBER_KNOWN", "已在台账中")
		n := must[*pb.Number](t)(c.GetNumber(admin, &pb.GetNumberRequest{Name: name(beijing, "96777")}))
		if n.GetApprovals()[0].GetReference() != "国办秘函〔2026〕9号" {
			t.Errorf("it does not rest on the decision: %v", n.GetApprovals())
		}
		if n.GetOrigin() != pb.Origin_GRANTED || n.GetBaseline() != pb.Mode_MODE_UNSPECIFIED || n.GetStandingTitle() != "待归并" || n.GetOverdue() || n.GetBehind() {
			t.Errorf("what the centre granted: %v", n)
		}
		for _, r := range must[*pb.Matrix](t)(c.GetMatrix(centre, &pb.GetMatrixRequest{Parent: "tenants/000000"})).GetRows() {
			if r.GetCity() == beijing && (len(r.GetCells()) != 33 || r.GetFinished() != 0) {
				t.Errorf("what was granted counts as finished from the first day: %d cells, %d finished", len(r.GetCells()), r.GetFinished())
			}
		}
		for _, g := range must[*pb.GetStatisticsResponse](t)(c.GetStatistics(centre, &pb.GetStatisticsRequest{Parent: "tenants/000000", By: pb.Grouping_PROVINCE})).GetStatistics() {
			if g.GetTitle() == "北京" && g.GetCells() != 32 {
				t.Errorf("%d numbers of 北京 are to join", g.GetCells())
			}
		}
		theirs := must[*pb.ListExceptionsResponse](t)(c.ListExceptions(on(as(shanghai, "city_admin"), "2026-12-01"), &pb.ListExceptionsRequest{Parent: "tenants/" + shanghai}))
		all := must[*pb.ListExceptionsResponse](t)(c.ListExceptions(centre, &pb.ListExceptionsRequest{Parent: "tenants/000000"}))
		if len(theirs.GetExceptions()) != 0 || len(all.GetExceptions()) != 2 {
			t.Errorf("another city sees %d, the centre %d", len(theirs.GetExceptions()), len(all.GetExceptions()))
		}
		_, err := c.DecideException(as(beijing, "city_admin"), &pb.DecideExceptionRequest{Name: strings.Replace(first.GetName(), beijing, office, 1), Grant: true})
		wants(t, err, "NOT_FOUND", "没有找到")
	})
}

func TestTheHistoryOfANumberIsSealed(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01")
		adopt(t, town, admin, beijing, "12358", pb.Mode_WHOLE_MERGE)
		must[*pb.Number](t)(c.Plan(admin, &pb.PlanRequest{Name: name(beijing, "12358"), StartDate: "2026-12-01", Owner: "热线办"}))
		if lines, broken, err := c.Verify(admin); err != nil || lines != 2 || len(broken) != 0 {
			t.Fatalf("%d lines, %v, %v", lines, broken, err)
		}
		err := town.Store.Do(admin, func(ctx context.Context) error {
			_, err := town.Store.Ent.ExecContext(ctx, "UPDATE number_changes SET summary = 'x' WHERE tenant = '110000' AND seq = 1")
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, broken, err := c.Verify(admin); err != nil || len(broken) != 1 || broken[0].Seq != 1 {
			t.Errorf("an edited line: %v, %v", broken, err)
		}
		err = town.Store.Do(admin, func(ctx context.Context) error {
			_, err := town.Store.Ent.NumberChange.Delete().Where(numberchange.Seq(2)).Exec(ctx)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, broken, err := c.Verify(admin); err != nil || len(broken) != 2 {
			t.Errorf("a line cut off: %v, %v", broken, err)
		}
	})
}

func TestOneCitySeesNothingOfAnothersRegister(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01")
		adopt(t, town, admin, beijing, "12358", pb.Mode_WHOLE_MERGE)
		there := must[*pb.Number](t)(c.GetNumber(on(as(shanghai, "agent"), "2026-12-01"), &pb.GetNumberRequest{Name: name(shanghai, "12358")}))
		if there.GetTarget() != pb.Mode_MODE_UNSPECIFIED || there.GetUnit() != "" {
			t.Errorf("another city's number: %v", there)
		}
		_, err := c.GetNumber(as(shanghai, "agent"), &pb.GetNumberRequest{Name: name(beijing, "12358")})
		wants(t, err, "NOT_FOUND", "没有找到")
		_, err = c.Adopt(as(shanghai, "city_admin"), &pb.AdoptRequest{Name: name(beijing, "12358"), Mode: pb.Mode_WHOLE_MERGE, Unit: "U06"})
		wants(t, err, "NOT_FOUND", "没有找到")
	})
}

func TestOfTwoWhoActAtOnceTheSlowerIsTold(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01")
		n := adopt(t, town, admin, beijing, "12358", pb.Mode_WHOLE_MERGE)
		must[*pb.Number](t)(c.Plan(admin, &pb.PlanRequest{Name: n.GetName(), StartDate: "2026-12-01", Owner: "热线办", Etag: n.GetEtag()}))
		_, err := c.Plan(admin, &pb.PlanRequest{Name: n.GetName(), StartDate: "2026-12-02", Owner: "热线办", Etag: n.GetEtag()})
		wants(t, err, "CONFLICT", "刚刚被他人更新")
	})
}

func TestWhatSomebodyWritesOfAPersonIsNotKept(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01")
		const phone = "13900007777"
		adopt(t, town, admin, beijing, "12358", pb.Mode_WHOLE_MERGE)
		at := name(beijing, "12358")
		must[*pb.Number](t)(c.Plan(admin, &pb.PlanRequest{Name: at, StartDate: "2026-12-01", Owner: "某科长" + phone}))
		must[*pb.Number](t)(c.Arrange(admin, &pb.ArrangeRequest{Name: at + "/steps/site", Owner: phone, DueDate: "2026-12-09", Risk: "联系" + phone}))
		must[*pb.Number](t)(c.Complete(admin, &pb.CompleteRequest{Name: at + "/steps/site", Evidence: "见证人" + phone, Papers: []*pb.Paper{{Title: "记录" + phone, Reference: phone}}}))
		must[*pb.Number](t)(c.Prompt(admin, &pb.PromptRequest{Name: at, Text: "请拨打12345或" + phone, UntilDate: "2027-01-01"}))
		must[*pb.Number](t)(c.Route(admin, &pb.RouteRequest{Name: at, Skill: "找" + phone}))
		must[*pb.Number](t)(c.Measure(admin, &pb.MeasureRequest{Name: at, FromDate: "2026-01-01", ToDate: "2026-01-02", Source: "来电" + phone}))
		must[*pb.Question](t)(c.Ask(admin, &pb.AskRequest{Parent: "tenants/" + beijing, Title: "关于" + phone, Words: "群众" + phone + "来电"}))
		must[*pb.Urge](t)(c.SendUrge(on(as(office, "central_admin"), "2026-12-01"), &pb.SendUrgeRequest{Parent: "tenants/000000", City: beijing,
			Words: "请联系" + phone, DueDate: "2026-12-20"}))
		must[*pb.Exception](t)(c.ApplyException(admin, &pb.ApplyExceptionRequest{Parent: "tenants/" + beijing, Kind: pb.ExceptionKind_NEW_TITLE, Number: "12333",
			Wanted: "名称" + phone, Words: "联系人电话是" + phone, Papers: papers()}))
		err := town.Store.View(admin, func(ctx context.Context) error {
			for _, table := range []string{"city_numbers", "number_changes", "list_letters", "list_progresses", "records"} {
				rows, err := town.Store.Ent.QueryContext(ctx, "SELECT * FROM "+table)
				if err != nil {
					return err
				}
				columns, _ := rows.Columns()
				for rows.Next() {
					cells, into := make([]any, len(columns)), make([]any, len(columns))
					for i := range cells {
						into[i] = &cells[i]
					}
					if err := rows.Scan(into...); err != nil {
						return err
					}
					for i, cell := range cells {
						if strings.Contains(fmt.Sprintf("%s", cell), phone) {
							t.Errorf("%s.%s keeps %v", table, columns[i], cell)
						}
					}
				}
				_ = rows.Close()
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestAStepSaysWhatItsViewerMayDoWithItAndWhyNot(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c := town.Consolidation
		admin, second := on(as(nanjing, "city_admin"), "2026-12-01"), on(as(nanjing, "supervisor"), "2026-12-01")
		adopt(t, town, admin, nanjing, "12358", pb.Mode_WHOLE_MERGE)
		must[*pb.Number](t)(c.Plan(admin, &pb.PlanRequest{Name: name(nanjing, "12358"), StartDate: "2026-11-01", Owner: "热线办综合科"}))
		must[*pb.Number](t)(c.Complete(admin, &pb.CompleteRequest{Name: name(nanjing, "12358") + "/steps/knowledge", Evidence: "入库清单"}))
		acts := func(ctx context.Context, code string) string {
			out := ""
			for _, st := range must[*pb.Number](t)(c.GetNumber(ctx, &pb.GetNumberRequest{Name: name(nanjing, "12358")})).GetSteps() {
				for _, a := range st.GetActs() {
					if st.GetCode() == code {
						out += fmt.Sprintf("%s %t %s;", a.GetVerb(), a.GetAllowed(), a.GetWhyNot())
					}
				}
			}
			return out
		}
		for who, want := range map[string][2]string{
			"people":    {"arrange true ;complete true ;", ""},
			"roster":    {"arrange true ;complete false ““7×24小时”人工排班”要在“人员与话务座席衔接”完成之后。;confirm false ““7×24小时”人工排班”还没有完成，请等待责任人提交依据。;", "confirm false ““7×24小时”人工排班”还没有完成，请等待责任人提交依据。;"},
			"knowledge": {"arrange false 已完成，不能再调整。;complete false “知识库导入12345”已完成。;confirm false “知识库导入12345”是您提交的，请由另一位同志复核。;", "confirm true ;"},
		} {
			if one, two := acts(admin, who), acts(second, who); one != want[0] || two != want[1] {
				t.Errorf("%s: %q and %q", who, one, two)
			}
		}
	})
}

func TestACancelledNumberGetsNoTransitionAgainAndNoneIsLongerThanAYear(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin, second := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01"), on(as(beijing, "supervisor"), "2026-12-01")
		at := name(beijing, "12358")
		adopt(t, town, admin, beijing, "12358", pb.Mode_WHOLE_MERGE)
		ready(t, town, admin, second, beijing, "12358", "2026-10-01")
		must[*pb.Number](t)(c.CutOver(admin, &pb.CutOverRequest{Name: at}))
		prompt := func(date, words, until string) error {
			_, err := c.Prompt(on(as(beijing, "city_admin"), date), &pb.PromptRequest{Name: at, Text: words, UntilDate: until})
			return err
		}
		const good = "12358已并入12345，请拨打12345。"
		if err := prompt("2026-12-20", good, "2027-12-01"); err != nil {
			t.Error(err)
		}
		wants(t, prompt("2026-12-20", good, "2027-12-03"), "INVALID_ARGUMENT", "最长一年，请改为2027-12-01或以前")
		wants(t, prompt("2026-12-20", "不要拨打12345，请拨打88880000。", "2027-06-01"), "INVALID_ARGUMENT", "别的号码")
		wants(t, prompt("2026-12-20", "请拨打123456，为您服务。", "2027-06-01"), "INVALID_ARGUMENT", "请拨打12345")
		wants(t, prompt("2027-12-02", good, "2027-12-20"), "NUMBER_CANCELLED", "过渡期已经结束")
		n := must[*pb.Number](t)(c.GetNumber(on(as(beijing, "agent"), "2027-12-02"), &pb.GetNumberRequest{Name: at}))
		if n.GetStanding() != pb.Standing_CANCELLED {
			t.Errorf("%s", n.GetStanding())
		}
	})
}

func TestAPromotionBeginsAnewAndIsNotSweptAwayWhileItIsCarriedOut(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin, second := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01"), on(as(beijing, "supervisor"), "2026-12-01")
		at, ok := name(beijing, "12315"), must[*pb.Number](t)
		ok(c.Adopt(admin, &pb.AdoptRequest{Name: at, Mode: pb.Mode_DUAL_NUMBER, SeatsStay: true, Unit: "U06", ExpertSeats: 2}))
		ready(t, town, admin, second, beijing, "12315", "2026-10-01")
		ok(c.CutOver(admin, &pb.CutOverRequest{Name: at}))
		promote := func(mode pb.Mode) (*pb.Number, error) {
			return c.Promote(admin, &pb.PromoteRequest{Name: at, Mode: mode, Approvals: papers()})
		}
		// Seats that stayed for the time being are given up: plain 双号并行.
		ok(promote(pb.Mode_DUAL_NUMBER))
		ok(c.Plan(admin, &pb.PlanRequest{Name: at, StartDate: "2026-10-01", Owner: "热线办"}))
		_, err := c.CutOver(admin, &pb.CutOverRequest{Name: at})
		wants(t, err, "NOT_READY", "还没有登记归并前的服务水平")
		_, err = promote(pb.Mode_DUAL_NUMBER)
		wants(t, err, "NO_CHANGE", "已决定")
		ok(c.Complete(admin, &pb.CompleteRequest{Name: at + "/steps/people", Evidence: "座席并入12345"}))
		_, err = promote(pb.Mode_WHOLE_MERGE)
		wants(t, err, "PLAN_RUNNING", "方案已在实施")
		ready2(t, town, admin, second, "12315")
		n := ok(c.CutOver(admin, &pb.CutOverRequest{Name: at}))
		if n.GetMode() != pb.Mode_DUAL_NUMBER || n.GetSeatsStay() {
			t.Errorf("%v", n)
		}
		_, err = promote(pb.Mode_DUAL_NUMBER)
		wants(t, err, "NO_CHANGE", "已是双号并行")
	})
}

// ready2 is what is still open of a plan that was begun.
func ready2(t testing.TB, town *housetest.Town, ctx, second context.Context, number string) {
	t.Helper()
	c, at, ok := town.Consolidation, name(beijing, number), must[*pb.Number](t)
	ok(c.Prompt(ctx, &pb.PromptRequest{Name: at, Text: number + "已并入12345，请拨打12345。", UntilDate: "2027-03-01"}))
	ok(c.Route(ctx, &pb.RouteRequest{Name: at, Skill: "市场监管"}))
	ok(c.Test(second, &pb.TestRequest{Name: at, Connected: true, Words: "接通"}))
	ok(c.Measure(ctx, &pb.MeasureRequest{Name: at, FromDate: "2026-11-01", ToDate: "2026-11-30", Calls: 3000, AnsweredPermille: 900, Source: "话务报表"}))
	n := ok(c.GetNumber(ctx, &pb.GetNumberRequest{Name: at}))
	for _, st := range n.GetSteps() {
		if st.GetCode() == "cutover" || st.GetCode() == "aftercheck" || st.GetDoneTime() != nil {
			continue
		}
		ok(c.Complete(ctx, &pb.CompleteRequest{Name: st.GetName(), Evidence: "验收记录"}))
		if st.GetNeedsConfirmation() {
			ok(c.Confirm(second, &pb.ConfirmRequest{Name: st.GetName()}))
		}
	}
}

func TestCallersAreLedToANewLineOnlyWhenSomebodyHasReachedIt(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin, second := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01"), on(as(beijing, "supervisor"), "2026-12-01")
		at, ok := name(beijing, "12315"), must[*pb.Number](t)
		ok(c.Adopt(admin, &pb.AdoptRequest{Name: at, Mode: pb.Mode_DUAL_NUMBER, SeatsStay: true, Unit: "U06", ExpertSeats: 2}))
		ready(t, town, admin, second, beijing, "12315", "2026-10-01")
		ok(c.CutOver(admin, &pb.CutOverRequest{Name: at}))
		line := func() string { return resolved(t, town, beijing, "12315", noon("2026-12-05")).GetLegs()[0].GetTarget() }
		ok(c.Route(on(as(beijing, "city_admin"), "2026-12-02"), &pb.RouteRequest{Name: at, Line: "8002", Skill: "市场监管"}))
		if line() != "8001" {
			t.Errorf("nobody has reached it yet: %s", line())
		}
		ok(c.Test(on(as(beijing, "supervisor"), "2026-12-03"), &pb.TestRequest{Name: at, Words: "忙音"}))
		if line() != "8001" {
			t.Errorf("nobody could reach it: %s", line())
		}
		ok(c.Test(on(as(beijing, "supervisor"), "2026-12-04"), &pb.TestRequest{Name: at, Connected: true, Words: "接通"}))
		if line() != "8002" {
			t.Errorf("it was reached: %s", line())
		}
	})
}

func TestNoLineLeadsRoundInACircleHoweverItIsWritten(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01")
		adopt(t, town, admin, beijing, "12315", pb.Mode_DUAL_NUMBER)
		for line, words := range map[string]string{"0110": "紧急热线", "1-10": "紧急热线", "110#": "紧急热线", "013800000000": "个人手机", "138-0000-0000": "个人手机",
			"8613800000000": "个人手机", "12345": "循环", "123-45": "循环", "12315": "循环", "012315": "循环", "12358": "台账中的热线号码", "***": "不是号码"} {
			_, err := c.Route(admin, &pb.RouteRequest{Name: name(beijing, "12315"), Line: line, Skill: "市场监管"})
			wants(t, err, "INVALID_ARGUMENT", words)
		}
		must[*pb.Number](t)(c.Route(admin, &pb.RouteRequest{Name: name(beijing, "12315"), Line: "010-66660001", Skill: "市场监管"}))
	})
}

func TestAHotlineOfThePlacesOwnRestsOnADocumentOfBeforeThePolicy(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		enroll := func(founded string, papers ...*pb.Paper) error {
			_, err := town.Consolidation.Enroll(on(as(beijing, "city_admin"), "2026-12-01"), &pb.EnrollRequest{Parent: "tenants/" + beijing, Number: "96998",
				Title: "某区便民电话", Purpose: "便民咨询", FoundedDate: founded, Unit: "U06", Approvals: papers})
			return err
		}
		wants(t, enroll("2015-06-01", &pb.Paper{Title: "会议纪要"}), "INVALID_ARGUMENT", "文号")
		wants(t, enroll("2020-12-28", papers()...), "NO_NEW_NUMBER", "五（二）")
		if err := enroll("2020-12-27", papers()...); err != nil {
			t.Error(err)
		}
	})
}

// One person's word makes no number: what they enter leads no call, stands in no public register and in no matrix until another vouches for it.
func TestAHotlineOfThePlacesOwnCountsWhenASecondPersonHasConfirmedIt(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, admin, second := town.Consolidation, on(as(beijing, "city_admin"), "2026-12-01"), on(as(beijing, "supervisor"), "2026-12-01")
		at, parent := name(beijing, "96998"), "tenants/"+beijing
		enroll := func(who context.Context, founded string) (*pb.Number, error) {
			return c.Enroll(who, &pb.EnrollRequest{Parent: parent, Number: "96998", Title: "某区便民电话", Purpose: "便民", FoundedDate: founded, Unit: "U06", Approvals: papers()})
		}
		counts := func() (places int) {
			for _, l := range must[*pb.Register](t)(c.ShowRegister(admin, &pb.ShowRegisterRequest{Parent: parent})).GetLines() {
				places += yes(l.GetNumber() == "96998")
			}
			for _, r := range must[*pb.Matrix](t)(c.GetMatrix(on(as(office, "central_admin"), "2026-12-01"), &pb.GetMatrixRequest{Parent: "tenants/000000"})).GetRows() {
				places += yes(len(r.GetCells()) == 33)
			}
			plan := must[*pb.Sheet](t)(c.ExportDialPlan(admin, &pb.ExportDialPlanRequest{Parent: parent}))
			d := must[*pb.Dial](t)(c.ResolveDial(admin, &pb.ResolveDialRequest{Parent: parent, Number: "96998", At: timestamppb.New(noon("2026-12-02"))}))
			return places + yes(strings.Contains(string(plan.GetContent()), "96998")) + yes(!strings.Contains(d.GetSays(), "未登记"))
		}
		n := must[*pb.Number](t)(enroll(admin, "2012-06-01"))
		if n.GetStandingTitle() != "待复核" || n.GetOverdue() || counts() != 0 {
			t.Errorf("one person's word: %s, counts in %d places", n.GetStandingTitle(), counts())
		}
		_, err := c.Adopt(admin, &pb.AdoptRequest{Name: at, Mode: pb.Mode_WHOLE_MERGE, Unit: "U06"})
		wants(t, err, "UNCONFIRMED", "请先复核")
		_, err = c.Route(admin, &pb.RouteRequest{Name: at, Line: "8009", Skill: "综合"})
		wants(t, err, "UNCONFIRMED", "请先复核")
		if n = must[*pb.Number](t)(enroll(admin, "2015-06-01")); len(n.GetApprovals()) != len(papers()) { // the year was mistyped
			t.Errorf("entered anew it rests on %v", n.GetApprovals())
		}
		_, err = c.ConfirmNumber(admin, &pb.ConfirmNumberRequest{Name: at})
		wants(t, err, "SAME_PERSON", "另一位同志复核")
		must[*pb.Number](t)(c.ConfirmNumber(second, &pb.ConfirmNumberRequest{Name: at, Etag: n.GetEtag()}))
		if counts() != 4 {
			t.Errorf("confirmed it counts in %d places of four", counts())
		}
		_, err = c.ConfirmNumber(second, &pb.ConfirmNumberRequest{Name: at})
		wants(t, err, "NO_CONFIRMATION", "没有待复核")
		_, err = enroll(admin, "2015-06-01")
		wants(t, err, "NUMBER_KNOWN", "已在台账中")

		adopt(t, town, admin, beijing, "96998", pb.Mode_WHOLE_MERGE)
		ready(t, town, admin, second, beijing, "96998", "2026-10-01")
		_, err = c.CutOver(admin, &pb.CutOverRequest{Name: at})
		wants(t, err, "NOT_READY", "整体并入的决定还没有由另一位同志复核")
		must[*pb.Number](t)(c.ConfirmNumber(second, &pb.ConfirmNumberRequest{Name: at}))
		if n = must[*pb.Number](t)(c.CutOver(admin, &pb.CutOverRequest{Name: at})); n.GetStandingTitle() != "过渡期" {
			t.Errorf("merged whole: %s", n.GetStandingTitle())
		}
		if lines, broken, err := c.Verify(admin); err != nil || lines == 0 || len(broken) > 0 {
			t.Errorf("the sealed history: %d, %v, %v", lines, broken, err)
		}
	})
}

func yes(is bool) int {
	if is {
		return 1
	}
	return 0
}
