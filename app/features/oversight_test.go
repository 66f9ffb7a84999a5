package features

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"

	"github.com/cucumber/godog"

	listpb "hotline/api/consolidation/v1"
)

// The sentences of 归并统筹.
func oversightSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+)看到(\d+)个城市、(\d+)个号码，其中(\S+)的(\d+)是“(.+)”$`, w.seesMatrix)
	sc.Step(`^(\S+)催办(\S+)的(\d+)，“(.+)”$`, w.sendsUrge)
	sc.Step(`^(\S+)收到(\S+)的催办“(.+)”$`, w.isUrged)
	sc.Step(`^(\S+员)请示“(.+)”$`, func(ctx context.Context, who, title string) error { return w.asksAbove(ctx, who, title, false) })
	sc.Step(`^(\S+)向省级请示“(.+)”$`, func(ctx context.Context, who, title string) error { return w.asksAbove(ctx, who, title, true) })
	sc.Step(`^(\S+)答复并公开“(.+)”$`, func(ctx context.Context, who, answer string) error { return w.answersCity(ctx, who, answer, true) })
	sc.Step(`^(\S+)答复请示“(.+)”$`, func(ctx context.Context, who, answer string) error { return w.answersCity(ctx, who, answer, false) })
	sc.Step(`^(\S+)看到问题“(.+)”的答复“([^”]+)”$`, func(ctx context.Context, city, title, answer string) error {
		_, err := w.readsAny(ctx, city, title, answer)
		return err
	})
	sc.Step(`^(\S+)审核这个例外“(.+)”$`, w.reviewsException)
	sc.Step(`^(\S+)看到例外已批准，省级意见是“(.+)”$`, w.readsException)
	sc.Step(`^(\S+)看到问题“(.+)”的答复“(.+)”，看不到是哪个城市问的$`, w.readsAnswer)
}

var standings = map[string]listpb.Standing{"待归并": listpb.Standing_WAITING, "实施中": listpb.Standing_PLANNED}

func (w *world) seesMatrix(ctx context.Context, who string, cities, numbers int, city, number, standing string) error {
	m := new(listpb.Matrix)
	if err := w.asks(ctx, who, http.MethodGet, "{here}/progress:matrix", nil, m); err != nil {
		return err
	}
	if len(m.GetRows()) != cities || len(m.GetColumns()) != numbers {
		return fmt.Errorf("看到%d个城市、%d个号码", len(m.GetRows()), len(m.GetColumns()))
	}
	for _, r := range m.GetRows() {
		for _, c := range r.GetCells() {
			if r.GetCity() == cityCodes[city] && c.GetNumber() == number {
				return exactly(c.GetStanding().String(), standings[standing].String())
			}
		}
	}
	return errors.New("看不到")
}

func (w *world) sendsUrge(ctx context.Context, who, city, number, words string) error {
	return w.asks(ctx, who, http.MethodPost, "{here}/urges:send", &listpb.SendUrgeRequest{City: cityCodes[city], Number: number, Words: words,
		DueDate: "2098-12-31"}, new(listpb.Urge))
}

func (w *world) isUrged(ctx context.Context, city, from, words string) error {
	res := new(listpb.ListUrgesResponse)
	if err := w.asks(ctx, city+"的城市管理员", http.MethodGet, "{here}/urges", nil, res); err != nil {
		return err
	}
	for _, u := range res.GetUrges() {
		if u.GetFrom() == from && u.GetWords() == words {
			return nil
		}
	}
	return fmt.Errorf("收到的是%v", res.GetUrges())
}

func (w *world) asksAbove(ctx context.Context, who, title string, province bool) error {
	w.merging.question = new(listpb.Question)
	return w.asks(ctx, who, http.MethodPost, "{here}/questions:ask", &listpb.AskRequest{Title: title, Words: "请予明确。", Province: province}, w.merging.question)
}

func (w *world) reviewsException(ctx context.Context, who, opinion string) error {
	id := w.merging.exception.GetName()[strings.LastIndexByte(w.merging.exception.GetName(), '/')+1:]
	return w.asks(ctx, who, http.MethodPost, "{here}/exceptions/"+id+":review", &listpb.ReviewExceptionRequest{Support: true, Opinion: opinion}, new(listpb.Exception))
}

func (w *world) readsException(ctx context.Context, city, opinion string) error {
	res := new(listpb.ListExceptionsResponse)
	if err := w.asks(ctx, city+"的城市管理员", http.MethodGet, "{here}/exceptions", nil, res); err != nil {
		return err
	}
	if len(res.GetExceptions()) == 0 {
		return errors.New("看不到这个例外")
	}
	e := res.GetExceptions()[0]
	return errors.Join(exactly(e.GetStanding(), "granted"), exactly(e.GetOpinion(), opinion))
}

func (w *world) answersCity(ctx context.Context, who, answer string, publish bool) error {
	id := w.merging.question.GetName()[strings.LastIndexByte(w.merging.question.GetName(), '/')+1:]
	return w.asks(ctx, who, http.MethodPost, "{here}/questions/"+id+":answer", &listpb.AnswerQuestionRequest{Answer: answer, Publish: publish}, new(listpb.Question))
}

func (w *world) readsAnswer(ctx context.Context, city, title, answer string) error {
	q, err := w.readsAny(ctx, city, title, answer)
	if err != nil {
		return err
	}
	return exactly(q.GetCity(), "")
}

func (w *world) readsAny(ctx context.Context, city, title, answer string) (*listpb.Question, error) {
	res := new(listpb.ListQuestionsResponse)
	if err := w.asks(ctx, city+"的城市管理员", http.MethodGet, "{here}/questions", nil, res); err != nil {
		return nil, err
	}
	for _, q := range res.GetQuestions() {
		if q.GetTitle() == title {
			return q, want(q.GetAnswer(), answer)
		}
	}
	return nil, errors.New("看不到这个问题")
}
