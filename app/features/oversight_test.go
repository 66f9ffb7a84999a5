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
	sc.Step(`^(\S+)请示“(.+)”$`, w.asksCentre)
	sc.Step(`^(\S+)答复并公开“(.+)”$`, w.answersCity)
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

func (w *world) asksCentre(ctx context.Context, who, title string) error {
	w.merging.question = new(listpb.Question)
	return w.asks(ctx, who, http.MethodPost, "{here}/questions:ask", &listpb.AskRequest{Title: title, Words: "请予明确。"}, w.merging.question)
}

func (w *world) answersCity(ctx context.Context, who, answer string) error {
	id := w.merging.question.GetName()[strings.LastIndexByte(w.merging.question.GetName(), '/')+1:]
	return w.asks(ctx, who, http.MethodPost, "{here}/questions/"+id+":answer", &listpb.AnswerQuestionRequest{Answer: answer, Publish: true}, new(listpb.Question))
}

func (w *world) readsAnswer(ctx context.Context, city, title, answer string) error {
	res := new(listpb.ListQuestionsResponse)
	if err := w.asks(ctx, city+"的城市管理员", http.MethodGet, "{here}/questions", nil, res); err != nil {
		return err
	}
	for _, q := range res.GetQuestions() {
		if q.GetTitle() == title {
			return errors.Join(want(q.GetAnswer(), answer), exactly(q.GetCity(), ""))
		}
	}
	return errors.New("看不到这个问题")
}
