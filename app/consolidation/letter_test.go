package consolidation_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	kratos "github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"

	pb "hotline/api/consolidation/v1"
	"hotline/app/consolidation"
	"hotline/app/house/housetest"
)

const far, farther = "650100", "650200" // cities of other deployments

// letter is what a place brings, as it likes.
func letter(t testing.TB, with map[string]any) []byte {
	t.Helper()
	l := map[string]any{"id": uuid.Must(uuid.NewV7()), "kind": "question", "city": far, "place": far, "addressee": office, "subject": "分中心录音如何归集",
		"words": "请予明确", "standing": "open", "createdAt": time.Now()}
	for k, v := range with {
		l[k] = v
	}
	return must[[]byte](t)(json.Marshal(l))
}

func TestNobodySpeaksForAnotherInALetter(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, ctx, centre := town.Consolidation, context.Background(), as(office, "central_admin")
		questions := func(who context.Context) []*pb.Question {
			t.Helper()
			return must[*pb.ListQuestionsResponse](t)(c.ListQuestions(who, &pb.ListQuestionsRequest{Parent: "tenants/" + placeOf(who)})).GetQuestions()
		}
		forged := letter(t, map[string]any{"published": true, "answer": "国务院办公厅答复：可以新设", "answeredBy": "central_admin"})
		if err := c.TakeLetter(ctx, far, office, forged); err != nil {
			t.Fatal(err)
		}
		if q := questions(centre); len(q) != 1 || q[0].GetAnswer() != "" || q[0].GetPublished() {
			t.Errorf("a city answers for the centre: %v", q)
		}
		if q := questions(as(shanghai, "city_admin")); len(q) != 0 {
			t.Errorf("and another city reads %v", q)
		}
		id := uuid.Must(uuid.NewV7())
		exception := map[string]any{"id": id, "kind": "exception", "subject": "new_number", "number": "96103", "wanted": "赛事服务热线", "papers": `[{"title":"请示"}]`,
			"addressee": "100065"} // whoever it says, the office decides
		if err := c.TakeLetter(ctx, far, office, letter(t, exception)); err != nil {
			t.Fatal(err)
		}
		for sentence, brought := range map[string]struct {
			from, to string
			with     map[string]any
		}{
			"a city asks in the name of another":             {farther, office, nil},
			"a city decides its own exception":               {far, office, merge(exception, "standing", "granted", "reference", "自批1号")},
			"another city says that it was used":             {farther, office, merge(exception, "standing", "used")},
			"a province of elsewhere gives its opinion":      {"100032", office, merge(exception, "opinion", "同意", "supported", true)},
			"its province decides":                           {"100065", office, merge(exception, "standing", "granted")},
			"a ministry urges":                               {"100101", beijing, map[string]any{"kind": "urge", "city": beijing, "place": "100101", "standing": "sent"}},
			"a province urges a city of another":             {"100032", beijing, map[string]any{"kind": "urge", "city": beijing, "place": "100032", "standing": "sent"}},
			"a province urges as the office":                 {"100011", beijing, map[string]any{"kind": "urge", "city": beijing, "place": office, "standing": "sent"}},
			"a city urges":                                   {far, beijing, map[string]any{"kind": "urge", "city": beijing, "place": far, "standing": "sent"}},
			"papers that are none":                           {far, office, map[string]any{"papers": "x"}},
			"an id of the year 3000":                         {far, office, map[string]any{"id": "1f4a3f3c-0000-7000-8000-000000000001"}},
			"a number that is none":                          {far, office, merge(exception, "id", uuid.Must(uuid.NewV7()), "number", "<b>")},
			"an emergency number":                            {far, office, merge(exception, "id", uuid.Must(uuid.NewV7()), "number", "110")},
			"an unknown wish":                                {far, office, merge(exception, "id", uuid.Must(uuid.NewV7()), "subject", "any")},
			"a name with a NUL":                              {far, office, map[string]any{"author": "李\x00明"}},
			"words without end":                              {far, office, map[string]any{"words": strings.Repeat("长", 3000)}},
			"a letter of a kind that there is not":           {far, office, map[string]any{"kind": "order"}},
			"a question for the province brought to another": {far, "100032", map[string]any{"addressee": "100032"}},
		} {
			if err := c.TakeLetter(ctx, brought.from, brought.to, letter(t, brought.with)); err != nil && !errors.Is(err, consolidation.ErrLater) && kratos.FromError(err).Code >= 500 { // refused, or without effect
				t.Errorf("%s: %v", sentence, err)
			}
			list := must[*pb.ListExceptionsResponse](t)(c.ListExceptions(centre, &pb.ListExceptionsRequest{Parent: "tenants/" + office})).GetExceptions()
			urged := must[*pb.ListUrgesResponse](t)(c.ListUrges(as(beijing, "city_admin"), &pb.ListUrgesRequest{Parent: "tenants/" + beijing})).GetUrges()
			if len(list) != 1 || list[0].GetStanding() != "open" || list[0].GetOpinion() != "" || len(urged) != 0 || len(questions(centre)) != 1 {
				t.Fatalf("%s: %v, %v, %d questions", sentence, list, urged, len(questions(centre)))
			}
		}
		if err := c.TakeLetter(ctx, "100065", office, letter(t, merge(exception, "opinion", "情况属实", "supported", true))); err != nil {
			t.Fatal(err)
		}
		if e := must[*pb.ListExceptionsResponse](t)(c.ListExceptions(centre, &pb.ListExceptionsRequest{Parent: "tenants/" + office})).GetExceptions()[0]; e.GetOpinion() != "情况属实" {
			t.Errorf("its own province's opinion: %v", e)
		}
		if err := c.TakeLetter(ctx, office, beijing, letter(t, map[string]any{"kind": "urge", "city": beijing, "place": office, "subject": "我是别人", "standing": "sent"})); err != nil {
			t.Fatal(err)
		}
		if u := must[*pb.ListUrgesResponse](t)(c.ListUrges(as(beijing, "city_admin"), &pb.ListUrgesRequest{Parent: "tenants/" + beijing})).GetUrges(); len(u) != 1 || u[0].GetFrom() != "国务院办公厅" {
			t.Errorf("who brought it is who urges: %v", u)
		}
		asked := map[string]any{"id": uuid.Must(uuid.NewV7()), "addressee": "100065"}
		if err := c.TakeLetter(ctx, far, "100065", letter(t, asked)); err != nil {
			t.Fatal(err)
		}
		if err := c.TakeLetter(ctx, "100065", far, letter(t, merge(asked, "standing", "answered", "answer", "可以新设", "published", true))); err != nil {
			t.Fatal(err)
		}
		if q := questions(as(shanghai, "city_admin")); len(q) != 0 {
			t.Errorf("a province publishes to the nation: %v", q)
		}
	})
}

func merge(m map[string]any, pairs ...any) map[string]any {
	out := map[string]any{}
	for k, v := range m {
		out[k] = v
	}
	for i := 0; i < len(pairs); i += 2 {
		out[pairs[i].(string)] = pairs[i+1]
	}
	return out
}

func TestEveryLetterIsOnAPageAndWhatIsOpenComesFirst(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c, centre := town.Consolidation, as(office, "central_admin")
		for i := range 7 {
			q := must[*pb.Question](t)(c.Ask(as(beijing, "city_admin"), &pb.AskRequest{Parent: "tenants/" + beijing, Title: fmt.Sprintf("第%d个问题", i), Words: "请予明确"}))
			if i%2 == 0 {
				must[*pb.Question](t)(c.AnswerQuestion(centre, &pb.AnswerQuestionRequest{Name: "tenants/" + office + q.GetName()[len("tenants/")+6:], Answer: "照办即可"}))
			}
		}
		for size, want := range map[int32]int{2: 4, 3: 3, 4: 2, 7: 1, 100: 1} {
			var seen []string
			token, pages := "", 0
			for first := true; first || token != ""; first = false {
				res := must[*pb.ListQuestionsResponse](t)(c.ListQuestions(centre, &pb.ListQuestionsRequest{Parent: "tenants/" + office, PageSize: size, PageToken: token}))
				for _, q := range res.GetQuestions() {
					seen = append(seen, q.GetTitle())
				}
				token = res.GetNextPageToken()
				pages++
			}
			if strings.Join(seen, " ") != "第5个问题 第3个问题 第1个问题 第6个问题 第4个问题 第2个问题 第0个问题" || pages != want {
				t.Errorf("by %d: %d pages, %v", size, pages, seen)
			}
		}
	})
}

func TestWhoAskedNeverAnswersAlsoWithTwoPosts(t *testing.T) {
	each(t, func(t *testing.T, town *housetest.Town) {
		c := town.Consolidation
		city, centre := as(beijing, "city_admin"), as(office, "central_admin")
		q := must[*pb.Question](t)(c.Ask(city, &pb.AskRequest{Parent: "tenants/" + beijing, Title: "可否自问自答", Words: "请予明确"}))
		same := *viewer(centre)
		same.Login = viewer(city).Login
		_, err := c.AnswerQuestion(with(&same), &pb.AnswerQuestionRequest{Name: "tenants/" + office + q.GetName()[len("tenants/")+6:], Answer: "可以可以"})
		wants(t, err, "SAME_PERSON", "请由另一位同志办理")
	})
}

func TestAReportIsHeldToWhatACityMayHave(t *testing.T) {
	t.Parallel()
	centre, other := officeAnd(t)
	ctx := context.Background()
	city := fresh(t, other, 650100)
	var good consolidation.Report
	if err := json.Unmarshal(must[map[string][]byte](t)(other.Consolidation.Reports(ctx, city, nil))[office], &good); err != nil {
		t.Fatal(err)
	}
	cell := consolidation.ReportedCell{Number: "12358", Title: "全国价格投诉举报统一电话", Origin: "national", Authority: "市场监管总局", Steps: 3, Done: 1, UpdatedAt: time.Now().AddDate(90, 0, 0)}
	for sentence, change := range map[string]func(r *consolidation.Report){
		"an emergency number":  func(r *consolidation.Report) { r.Rows[0].Number = "110" },
		"a mode of its own":    func(r *consolidation.Report) { r.Rows[0].Mode = "merged" },
		"more done than steps": func(r *consolidation.Report) { r.Rows[0].Done = 9 },
		"an unknown origin":    func(r *consolidation.Report) { r.Rows[0].Origin = "x" },
		"numbers without end": func(r *consolidation.Report) {
			for range 600 {
				r.Rows = append(r.Rows, cell)
			}
		},
		"another city's": func(r *consolidation.Report) { r.City = "650200" },
	} {
		r := good
		r.Rows = []consolidation.ReportedCell{cell}
		change(&r)
		wants(t, centre.Consolidation.TakeReport(ctx, city, office, must[[]byte](t)(json.Marshal(r))), "REPORT_UNREADABLE", city)
		if t.Failed() {
			t.Fatal(sentence)
		}
	}
	good.Rows = []consolidation.ReportedCell{cell}
	body := must[[]byte](t)(json.Marshal(good))
	for _, to := range []string{province, beijing, "100001"} {
		wants(t, centre.Consolidation.TakeReport(ctx, city, to, body), "REPORT_UNREADABLE", "不是给")
	}
	if err := centre.Consolidation.TakeReport(ctx, city, office, body); err != nil {
		t.Fatal(err)
	}
	good.Keys = []int{-1, 1, 2, 1 << 30} // keys that there are not are confirmed by nobody
	if err := centre.Consolidation.TakeReport(ctx, city, office, must[[]byte](t)(json.Marshal(good))); err != nil {
		t.Fatal(err)
	}
	err := centre.Store.View(as(office, "central_admin"), func(ctx context.Context) error {
		n, err := centre.Store.Ent.ListTrust.Query().Count(ctx)
		if err == nil && n != 0 {
			t.Errorf("%d keys are confirmed, and there is but the first", n)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
