package crossing_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/uuid"

	listpb "hotline/api/consolidation/v1"
	"hotline/app/crossing"
	"hotline/app/crossing/crossingtest"
	"hotline/app/house"
	"hotline/ent/listprogress"
	"hotline/ent/store/storetest"
	"hotline/tenants"
)

const (
	nanjing, office, jiangsu, market = "320100", "000000", "100032", "100101"
	plantedHotline                   = "某区鹤鸣便民电话"     // is a city's, its province's and the centre's business
	plantedQuestion                  = "夜间话务琥珀外包可否续签" // between a city and the centre
	plantedToProvince                = "省级云杉平台何时对接"
	plantedException                 = "因青瓷赛事需要临时设立"
	plantedUrge                      = "请于月底前报送砚台方案"
	plantedAnswer                    = "可由12345夜间代接"
)

// above is a person of a place above the cities.
func above(role tenants.Role, place string) context.Context {
	return tenants.With(context.Background(), &tenants.Viewer{Account: uuid.New(), Login: string(role) + "." + place, Tenant: place, Posts: []tenants.Post{{Role: role}}})
}

// four are the centre's deployment, one of two cities, one of a province and a ministry that starts later, and one that none of it concerns.
type four struct {
	t                             *testing.T
	centre, cities, away, nobodys *process
	node                          *crossingtest.Node // of away
}

func openFour(t *testing.T) *four {
	t.Helper()
	ctx := context.Background()
	f := &four{t: t, centre: openProcess(t, storetest.PostgresURL(t), office), cities: openProcess(t, storetest.SQLiteURL(t), nanjing, beijing),
		away: openProcess(t, storetest.SQLiteURL(t), jiangsu, market), nobodys: openProcess(t, storetest.SQLiteURL(t), tianjin)}
	if err := f.centre.Consolidation.FoundOffice(ctx, "sm"); err != nil {
		t.Fatal(err)
	}
	if err := f.centre.Consolidation.Admit(ctx, market, "市场监管总局"); err != nil {
		t.Fatal(err)
	}
	together(t, office, f.centre, f.cities, f.away, f.nobodys)
	crossingtest.Found(t, []*house.House{f.centre.House, f.cities.House}, []crossing.Config{f.centre.conf, f.cities.conf})
	for _, p := range []*process{f.cities, f.away, f.nobodys} {
		for _, place := range p.places {
			crossingtest.JoinCity(t, p.House, f.centre.House, crossing.Nation, office, place)
		}
	}
	crossingtest.Start(t, f.nobodys.House, f.nobodys.conf)
	eventually(t, "the list in 南京", func() bool {
		l, err := f.cities.Consolidation.GetList(admin(nanjing), &listpb.GetListRequest{})
		return err == nil && l.GetVersion() == 1
	})
	return f
}

func (f *four) adopts(city, number string, mode listpb.Mode) {
	f.t.Helper()
	_, err := f.cities.Consolidation.Adopt(admin(city), &listpb.AdoptRequest{Name: "tenants/" + city + "/numbers/" + number, Mode: mode, Unit: "U06", Seats: 12, ExpertSeats: 2,
		Approvals: []*listpb.Paper{{Title: "归并工作方案", Reference: "试办发〔2026〕1号"}}})
	if err != nil {
		f.t.Fatal(err)
	}
}

// sees gives the standing of every cell in a place's matrix, by city and number, and the cities.
func (f *four) sees(p *process, who context.Context) (cells map[string]listpb.Standing, cities []string) {
	f.t.Helper()
	m, err := p.Consolidation.GetMatrix(who, &listpb.GetMatrixRequest{Parent: "tenants/" + tenants.From(who).Tenant})
	if err != nil {
		return nil, nil // the list is not there yet
	}
	cells = map[string]listpb.Standing{}
	for _, r := range m.GetRows() {
		cities = append(cities, r.GetCity()+r.GetTitle())
		for _, c := range r.GetCells() {
			cells[r.GetCity()+" "+c.GetNumber()] = c.GetStanding()
		}
	}
	return cells, cities
}

func TestAProvinceAndAMinistrySeeWhatIsTheirsWhereverTheCitiesAreDeployedAndNobodyElseReadsIt(t *testing.T) {
	t.Parallel()
	f := openFour(t)
	f.adopts(nanjing, "12315", listpb.Mode_DUAL_NUMBER)
	f.adopts(nanjing, "12366", listpb.Mode_DUAL_NUMBER)
	f.adopts(beijing, "12366", listpb.Mode_DUAL_NUMBER)
	if _, err := f.cities.Consolidation.Enroll(admin(nanjing), &listpb.EnrollRequest{Parent: "tenants/" + nanjing, Number: "96888", Title: plantedHotline, Purpose: "便民",
		FoundedDate: "2012-01-01", Unit: "U13", Approvals: []*listpb.Paper{{Title: "设立批复", Reference: "试办发〔2012〕1号"}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.cities.Consolidation.ConfirmNumber(above(tenants.Supervisor, nanjing), &listpb.ConfirmNumberRequest{Name: "tenants/" + nanjing + "/numbers/96888"}); err != nil {
		t.Fatal(err)
	}
	centre, province, ministry := above(tenants.CentralAdmin, office), above(tenants.ProvinceAdmin, jiangsu), above(tenants.MinistryOfficer, market)
	eventually(t, "the centre to see all of it", func() bool {
		cells, cities := f.sees(f.centre, centre)
		return len(cities) == 3 && cells[nanjing+" 12366"] == listpb.Standing_PLANNED && cells[beijing+" 12366"] == listpb.Standing_PLANNED &&
			cells[nanjing+" 96888"] == listpb.Standing_WAITING && strings.Contains(strings.Join(cities, " "), "320100南京")
	})

	f.node = crossingtest.Start(t, f.away.House, f.away.conf) // it was away until now
	eventually(t, "the province to see its city", func() bool {
		cells, cities := f.sees(f.away, province)
		return len(cities) == 1 && len(cells) == 33 && cells[nanjing+" 12366"] == listpb.Standing_PLANNED && cells[nanjing+" 96888"] == listpb.Standing_WAITING
	})
	eventually(t, "the ministry to see its column", func() bool {
		cells, cities := f.sees(f.away, ministry)
		return len(cities) == 3 && len(cells) == 15 && cells[nanjing+" 12315"] == listpb.Standing_PLANNED && cells[beijing+" 12315"] == listpb.Standing_WAITING
	})
	f.keepsToItsColumn()

	f.node.Stop() // away once more
	f.adopts(beijing, "12315", listpb.Mode_WHOLE_MERGE)
	f.adopts(beijing, "12358", listpb.Mode_WHOLE_MERGE)
	eventually(t, "the centre to see what is new", func() bool {
		cells, _ := f.sees(f.centre, centre)
		return cells[beijing+" 12315"] == listpb.Standing_PLANNED
	})
	if cells, _ := f.sees(f.away, ministry); cells[beijing+" 12315"] != listpb.Standing_WAITING {
		t.Error("who is away knows what is new")
	}
	f.node.Again()
	eventually(t, "the ministry to see what is new", func() bool {
		cells, _ := f.sees(f.away, ministry)
		return cells[beijing+" 12315"] == listpb.Standing_PLANNED
	})
	f.keepsToItsColumn()
	if _, err := f.away.Consolidation.SendUrge(province, &listpb.SendUrgeRequest{Parent: "tenants/" + jiangsu, City: beijing, Number: "12358", Words: plantedUrge, DueDate: "2098-12-31"}); err == nil {
		t.Error("the province urges a city of another one")
	}
	f.nobodyElseReads(plantedHotline)
}

// keepsToItsColumn: of a city that is not its province's, the ministry's deployment holds nothing but the ministry's column.
func (f *four) keepsToItsColumn() {
	f.t.Helper()
	err := f.away.Store.View(tenants.With(context.Background(), &tenants.Viewer{Login: "system"}), func(ctx context.Context) error {
		rows, err := f.away.Store.Ent.ListProgress.Query().Where(listprogress.City(beijing)).All(ctx)
		for _, r := range rows {
			if r.Authority != "市场监管总局" {
				f.t.Errorf("the ministry holds %s of %s", r.Number, r.Authority)
			}
		}
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
}

// nobodyElseReads: who is none of the parties finds the words nowhere, neither on its board nor in its log, snapshot, disk and database, and
// can't open what hangs there.
func (f *four) nobodyElseReads(words ...string) {
	f.t.Helper()
	p := f.nobodys
	if _, err := p.Crossing.Carry(context.Background(), crossing.Order{Verb: "snapshot", Region: crossing.Nation}); err != nil {
		f.t.Fatal(err)
	}
	sealed := 0
	for _, post := range p.Crossing.Board() {
		topic := post.GetTopic()
		if !strings.HasPrefix(topic, "report/") && !strings.HasPrefix(topic, "mail/") || strings.HasSuffix(topic, tianjin) {
			continue
		}
		sealed++
		if text, err := p.Crossing.OpenSealed(tenants.With(context.Background(), tenants.System(tianjin)), post); err == nil {
			f.t.Errorf("%s reads %s of %s: %s", tianjin, topic, post.GetCity(), text)
		}
		_, to, _ := strings.Cut(topic, "/")
		for _, other := range []string{jiangsu, market} { // nor can one of two places that share a deployment read the other's
			if _, err := f.away.Crossing.OpenSealed(tenants.With(context.Background(), tenants.System(other)), post); (err == nil) != (to == other) {
				f.t.Errorf("%s reads %s: %v", other, topic, err)
			}
		}
	}
	if sealed < 5 {
		f.t.Errorf("only %d sealed posts hang there", sealed)
	}
	all := map[string]string{"the database": dump(f.t, p.URL, tianjin), "the log": p.log.String()}
	err := filepath.WalkDir(p.conf.Folder, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all[path] = string(b)
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	if len(all) < 4 {
		f.t.Errorf("only %d places were looked at", len(all))
	}
	for where, text := range all {
		for _, w := range words {
			if strings.Contains(text, w) {
				f.t.Errorf("%s lies open in %s", w, where)
			}
		}
	}
}

func TestQuestionsExceptionsAndUrgesReachWhomTheyAreForAndNobodyElse(t *testing.T) {
	t.Parallel()
	f := openFour(t)
	city, centre, province := f.cities.Consolidation, above(tenants.CentralAdmin, office), above(tenants.ProvinceAdmin, jiangsu)
	for words, toProvince := range map[string]bool{plantedQuestion: false, plantedToProvince: true} {
		if _, err := city.Ask(admin(nanjing), &listpb.AskRequest{Parent: "tenants/" + nanjing, Title: words, Words: words, Province: toProvince}); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := city.ApplyException(admin(nanjing), &listpb.ApplyExceptionRequest{Parent: "tenants/" + nanjing, Kind: listpb.ExceptionKind_NEW_NUMBER, Number: "96103",
		Wanted: "赛事服务热线", Words: plantedException, Papers: []*listpb.Paper{{Title: "请示", Reference: "试办文〔2026〕3号"}}}); err != nil {
		t.Fatal(err)
	}
	asked := func(p *process, who context.Context, title string) (found *listpb.Question) {
		t.Helper()
		res, err := p.Consolidation.ListQuestions(who, &listpb.ListQuestionsRequest{Parent: "tenants/" + tenants.From(who).Tenant})
		if err != nil {
			t.Fatal(err)
		}
		for _, q := range res.GetQuestions() {
			if q.GetTitle() == title {
				found = q
			}
		}
		return found
	}
	applied := func(p *process, who context.Context) *listpb.Exception {
		t.Helper()
		res, err := p.Consolidation.ListExceptions(who, &listpb.ListExceptionsRequest{Parent: "tenants/" + tenants.From(who).Tenant})
		if err != nil {
			t.Fatal(err)
		}
		if len(res.GetExceptions()) == 0 {
			return &listpb.Exception{}
		}
		return res.GetExceptions()[0]
	}
	eventually(t, "the centre to be asked", func() bool {
		return asked(f.centre, centre, plantedQuestion) != nil && applied(f.centre, centre).GetWords() == plantedException
	})
	if asked(f.centre, centre, plantedToProvince) != nil {
		t.Error("the centre reads what the province was asked")
	}
	if _, err := f.centre.Consolidation.SendUrge(centre, &listpb.SendUrgeRequest{Parent: "tenants/" + office, City: nanjing, Number: "12358", Words: plantedUrge, DueDate: "2098-12-31"}); err != nil {
		t.Fatal(err)
	}

	f.node = crossingtest.Start(t, f.away.House, f.away.conf) // the province was away
	eventually(t, "the province to be asked", func() bool {
		return asked(f.away, province, plantedToProvince) != nil && applied(f.away, province).GetWords() == plantedException
	})
	if asked(f.away, province, plantedQuestion) != nil {
		t.Error("the province reads what the centre was asked")
	}
	if _, err := f.away.Consolidation.ReviewException(province, &listpb.ReviewExceptionRequest{Name: applied(f.away, province).GetName(), Support: true, Opinion: "情况属实，建议批准。"}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.away.Consolidation.AnswerQuestion(province, &listpb.AnswerQuestionRequest{Name: asked(f.away, province, plantedToProvince).GetName(), Answer: "下季度完成对接。"}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.away.Consolidation.SendUrge(province, &listpb.SendUrgeRequest{Parent: "tenants/" + jiangsu, City: nanjing, Words: plantedUrge + "（省级）", DueDate: "2098-12-31"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the centre to read the province's opinion", func() bool { return applied(f.centre, centre).GetOpinion() == "情况属实，建议批准。" })
	if _, err := f.centre.Consolidation.DecideException(centre, &listpb.DecideExceptionRequest{Name: applied(f.centre, centre).GetName(), Grant: true, Decision: "限期一年",
		Reference: "国办秘函〔2026〕9号"}); err != nil {
		t.Fatal(err)
	}
	if _, err := f.centre.Consolidation.AnswerQuestion(centre, &listpb.AnswerQuestionRequest{Name: asked(f.centre, centre, plantedQuestion).GetName(), Answer: plantedAnswer}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the city to hear all of it", func() bool {
		urges, err := city.ListUrges(admin(nanjing), &listpb.ListUrgesRequest{Parent: "tenants/" + nanjing})
		if err != nil {
			t.Fatal(err)
		}
		from := map[string]bool{}
		for _, u := range urges.GetUrges() {
			from[u.GetFrom()] = true
		}
		e := applied(f.cities, admin(nanjing))
		return asked(f.cities, admin(nanjing), plantedQuestion).GetAnswer() == plantedAnswer && asked(f.cities, admin(nanjing), plantedToProvince).GetAnswer() != "" &&
			e.GetStanding() == "granted" && e.GetSupported() && len(from) == 2 && from["国务院办公厅"] && from["江苏省政务服务办"]
	})
	if _, err := city.Enroll(admin(nanjing), &listpb.EnrollRequest{Parent: "tenants/" + nanjing, Number: "96103", Title: "赛事服务热线", Purpose: "赛事", FoundedDate: "2026-01-15",
		Unit: "U13", Approvals: []*listpb.Paper{{Title: "批复", Reference: "国办秘函〔2026〕9号"}}}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "centre and province to know that the exception was used, once", func() bool {
		return applied(f.centre, centre).GetStanding() == "used" && applied(f.away, province).GetStanding() == "used"
	})
	if asked(f.cities, admin(beijing), plantedQuestion) != nil || applied(f.cities, admin(beijing)).GetWords() != "" {
		t.Error("another city reads it")
	}
	f.nobodyElseReads(plantedQuestion, plantedToProvince, plantedException, plantedUrge, plantedAnswer, "情况属实", "city_admin."+nanjing)
	eventually(t, "the bags to be empty", func() bool { // what was taken does not hang there for ever
		for _, post := range f.centre.Crossing.Board() {
			if post.GetTopic() == "mail/"+nanjing && post.GetCity() == office {
				text, err := f.cities.Crossing.OpenSealed(tenants.With(context.Background(), tenants.System(nanjing)), post)
				return err == nil && !strings.Contains(fmt.Sprintf("%s", text), "letters")
			}
		}
		return false
	})
}
