package features

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/cucumber/godog"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	"hotline/app/play"
	"hotline/ent/store"
	"hotline/tenants"
)

// The sentences of 进度自助查询.
func citizenSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^市民凭工单号和查询码查询$`, func(ctx context.Context) error {
		return w.door(ctx, "track", w.order.GetNumber(), &pb.TrackRequest{Code: w.code})
	})
	sc.Step(`^市民催办$`, func(ctx context.Context) error {
		return w.door(ctx, "urge", w.order.GetNumber(), &pb.UrgeRequest{Code: w.code})
	})
	sc.Step(`^市民补充“(.+)”$`, func(ctx context.Context, facts string) error {
		return w.door(ctx, "add", w.order.GetNumber(), &pb.AddRequest{Code: w.code, Facts: facts})
	})
	sc.Step(`^市民撤回诉求$`, func(ctx context.Context) error {
		return w.door(ctx, "withdraw", w.order.GetNumber(), &pb.WithdrawRequest{Code: w.code})
	})
	sc.Step(`^有人用错误的查询码查询这张工单$`, w.guesses)
	sc.Step(`^有人查询一张并不存在的工单$`, w.invents)
	sc.Step(`^系统两次的答复一字不差$`, w.sameAnswers)
	sc.Step(`^市民看到进度“(.+)”$`, func(text string) error { return want(w.found.GetProgress(), text) })
	sc.Step(`^市民看到答复“(.+)”$`, func(text string) error { return want(w.found.GetAnswer(), text) })
	sc.Step(`^市民看到的经过里有“(.+)”$`, w.sawStep)
	sc.Step(`^(\S+)看到催办(\d+)次、补充(\d+)次$`, w.sawMarks)
	sc.Step(`^市民(\S+)在(北京|上海)的网页上自助提交“(.+)”$`, w.submits)
}

// door is one call at the citizen's door; the answer is the case as they see it.
func (w *world) door(ctx context.Context, verb, number string, in proto.Message) error {
	out, err := w.knock(ctx, verb, "tenants/"+w.city+"/petitions/"+number, in)
	if err == nil {
		w.found = out
	}
	if err := w.note(err); err != nil {
		return err
	}
	if w.refused != nil {
		w.answers = append(w.answers, fmt.Sprint(w.refused.Code, w.refused.Reason, w.refused.Message))
	}
	return nil
}

func (w *world) knock(ctx context.Context, verb, name string, in proto.Message) (*pb.Petition, error) {
	if w.now.IsZero() {
		return play.Post[pb.Petition](ctx, w.town.Stage.Nobody(), "/v1/"+name+":"+verb, in)
	}
	if verb == "urge" { // the staff's has that name in the room
		verb = "urgeFor"
	}
	return direct[pb.Petition](tenants.With(store.At(ctx, w.now), tenants.CitizenOf(w.city)), w.town.Casework, verb, name, in)
}

func (w *world) guesses(ctx context.Context) error {
	return w.door(ctx, "track", w.order.GetNumber(), &pb.TrackRequest{Code: "AAAAAA"})
}

func (w *world) invents(ctx context.Context) error {
	w.refused = nil
	return w.door(ctx, "track", w.order.GetNumber()[:6]+"202601010100000000", &pb.TrackRequest{Code: w.code})
}

func (w *world) sameAnswers() error {
	w.refused = nil
	if len(w.answers) != 2 || w.answers[0] != w.answers[1] {
		return errors.New(strings.Join(w.answers, " / "))
	}
	return nil
}

func (w *world) sawStep(text string) error {
	var all []string
	for _, s := range w.found.GetSteps() {
		all = append(all, s.GetText())
	}
	return want(strings.Join(all, "；"), text)
}

func (w *world) sawMarks(ctx context.Context, who string, urges, supplements int32) error {
	if err := w.look(ctx, who); err != nil || w.refused != nil {
		return err
	}
	if m := w.order.GetMarks(); m.GetUrges() != urges || m.GetSupplements() != supplements {
		return fmt.Errorf("看到的是 %v", m)
	}
	return nil
}

func (w *world) submits(ctx context.Context, name, city, words string) error {
	w.city = cityCodes[city]
	parent := "tenants/" + w.city
	out, err := play.Post[pb.SubmitResponse](ctx, w.town.Stage.Nobody(), "/v1/"+parent+"/petitions:submit",
		&pb.SubmitRequest{Words: words, Kind: pb.Kind_COMPLAINT, Caller: &pb.Caller{Name: name, Phone: phone}})
	if err == nil {
		w.found, w.code = out.GetPetition(), out.GetCode()
		w.order = &pb.WorkOrder{Name: parent + "/workOrders/" + w.found.GetNumber(), Number: w.found.GetNumber()}
	}
	return w.note(err)
}
