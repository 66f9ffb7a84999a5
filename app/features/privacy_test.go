package features

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cucumber/godog"

	pb "hotline/api/casework/v1"
	"hotline/app/play"
)

// The sentences of 隐私分级与查看留痕.
func privacySteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^市民要求保密$`, func() error { w.facts.Confidential = true; return nil })
	sc.Step(`^(\S+)打开工单$`, w.look)
	sc.Step(`^看到的电话是“(.*)”$`, func(text string) error { return exactly(w.order.GetPetitioner().GetPhone().GetText(), text) })
	sc.Step(`^看到的姓名是“(.*)”$`, func(text string) error { return exactly(w.order.GetPetitioner().GetName().GetText(), text) })
	sc.Step(`^(\S+)以“(.*)”为由查看(电话|姓名|证件号)明文$`, w.reveals)
	sc.Step(`^(\S+)查到这张工单有(\d+)条查看留痕$`, w.ledger)
	sc.Step(`^留痕写明“(.+)”$`, func(text string) error { return want(strings.Join(w.answers, "；"), text) })
	sc.Step(`^市民查询谁看过自己的信息$`, w.asksViewers)
	sc.Step(`^市民看到“(.+)”看过“(.+)”，理由是“(.+)”$`, w.sawViewer)
	sc.Step(`^市民看不到工作人员的账号$`, func() error {
		if strings.Contains(w.viewers.String(), ".110000") {
			return errors.New(w.viewers.String())
		}
		return nil
	})
}

func exactly(got, wanted string) error {
	if got != wanted {
		return fmt.Errorf("实际是“%s”", got)
	}
	return nil
}

func (w *world) reveals(ctx context.Context, who, reason, field string) error {
	name := map[string]string{"电话": "petitioner.phone", "姓名": "petitioner.name", "证件号": "petitioner.id_number"}[field]
	return w.act(ctx, who, "reveal", &pb.RevealRequest{Fields: []string{name}, Reason: reason})
}

func (w *world) ledger(ctx context.Context, who string, n int) error {
	out := new(pb.ListReadingsResponse)
	if err := w.note(w.get(ctx, who, w.order.GetName()+"/readings", out)); err != nil || w.refused != nil {
		return err
	}
	w.answers = nil
	for _, r := range out.GetReadings() {
		w.answers = append(w.answers, r.GetActor()+" "+r.GetReason()+" "+strings.Join(r.GetFields(), "、"))
	}
	if len(w.answers) != n {
		return fmt.Errorf("留痕 %d 条：%v", len(w.answers), w.answers)
	}
	return nil
}

func (w *world) asksViewers(ctx context.Context) (err error) {
	w.viewers, err = play.Post[pb.ListViewersResponse](ctx, w.town.Stage.Nobody(),
		"/v1/tenants/"+w.city+"/petitions/"+w.order.GetNumber()+":listViewers", &pb.ListViewersRequest{Code: w.code})
	return w.note(err)
}

func (w *world) sawViewer(who, what, reason string) error {
	for _, v := range w.viewers.GetViewings() {
		if strings.Contains(v.GetWho(), who) && strings.Contains(v.GetWhat(), what) && v.GetReason() == reason {
			return nil
		}
	}
	return fmt.Errorf("看到的是 %v", w.viewers)
}
