package features

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/cucumber/godog"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
)

// The sentences of 话务互援.
func aidSteps(sc *godog.ScenarioContext, w *world) {
	sc.Step(`^(\S+的督办员)因“(.+)”请求(\S+)援助(\d+)个席位，时长(\d+)小时$`, func(ctx context.Context, who, ground, helper string, seats, hours int) error {
		start := time.Now().Add(-time.Minute)
		return w.asksAid(ctx, who, ground, helper, seats, start, start.Add(time.Duration(hours)*time.Hour))
	})
	sc.Step(`^(\S+的督办员)因“(.+)”请求(\S+)援助(\d+)个席位，时段在昨天$`, func(ctx context.Context, who, ground, helper string, seats int) error {
		end := time.Now().Add(-time.Hour)
		return w.asksAid(ctx, who, ground, helper, seats, end.Add(-10*time.Hour), end)
	})
	sc.Step(`^(\S+的(?:督办员|话务员))(同意|不同意)援助(\S+)$`, func(ctx context.Context, who, agrees, asker string) error {
		return w.aid(ctx, who, "answerAid", &pb.AnswerAidRequest{Asker: cityCodes[asker], Agree: agrees == "同意"})
	})
	sc.Step(`^(\S+的督办员)结束(\S+)的互援$`, func(ctx context.Context, who, helper string) error {
		return w.aid(ctx, who, "endAid", &pb.EndAidRequest{Helper: cityCodes[helper]})
	})
	sc.Step(`^(\S+的督办员)看到(\S+)请求的互援“(.+)”，(\d+)个席位$`, w.seesAid)
	sc.Step(`^(\S+的督办员)看不到(\S+)请求(\S+)的互援$`, func(ctx context.Context, who, asker, helper string) error {
		a, err := w.aidOf(ctx, who, func(a *pb.Aid) bool { return a.GetAsker() == cityCodes[asker] && a.GetHelper() == cityCodes[helper] })
		if err == nil && a != nil {
			err = fmt.Errorf("看到了%v", a)
		}
		return err
	})
	sc.Step(`^北京的话务员代天津接听，把通话热转过去$`, func(ctx context.Context) error {
		if err := w.takesForeign(ctx, "天津", "同意"); err != nil {
			return err
		}
		return w.transfers(ctx, "北京的话务员", &pb.TransferRequest{Target: cityCodes["天津"], Mode: pb.Mode_HOT, Call: "line-9"})
	})
}

func (w *world) asksAid(ctx context.Context, who, ground, helper string, seats int, start, end time.Time) error {
	return w.aid(ctx, who, "askAid", &pb.AskAidRequest{Helper: cityCodes[helper], StartTime: timestamppb.New(start), EndTime: timestamppb.New(end),
		Seats: int32(seats), Ground: ground})
}

// aid is one of the region's acts on mutual aid, over HTTP.
func (w *world) aid(ctx context.Context, who, verb string, in proto.Message) error {
	return w.asks(ctx, who, http.MethodPost, "{here}/regions/"+jingJinJi+":"+verb, in, new(pb.Aid))
}

// aidOf is the newest aid that fits, as a person sees them; nil when there is none.
func (w *world) aidOf(ctx context.Context, who string, fits func(*pb.Aid) bool) (*pb.Aid, error) {
	var all pb.ListAidsResponse
	if err := w.asks(ctx, who, http.MethodGet, "{here}/regions/"+jingJinJi+"/aids", nil, &all); err != nil {
		return nil, err
	}
	for _, a := range all.GetAids() {
		if fits(a) {
			return a, nil
		}
	}
	return nil, nil
}

func (w *world) seesAid(ctx context.Context, who, asker, state string, seats int) error {
	return patiently(func() error {
		a, err := w.aidOf(ctx, who, func(a *pb.Aid) bool { return a.GetAsker() == cityCodes[asker] })
		if err != nil {
			return err
		}
		if err := want(a.GetStateTitle(), state); err != nil {
			return err
		}
		return want(fmt.Sprint(a.GetSeats()), fmt.Sprint(seats))
	})
}
