package casework

import (
	"context"
	"fmt"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/event"
)

// Contest (对不予受理提出异议): a citizen who was shown another door may ask once for a second look.
func (s *Service) Contest(ctx context.Context, in *pb.ContestRequest) (*pb.Petition, error) {
	return s.byCitizen(ctx, Contest, in, func(a *act) error {
		apps, err := a.applications()
		if err != nil {
			return err
		}
		for _, p := range apps {
			if p.Kind == kindContest && p.Standing != standsUpheld { // after one that was upheld it is another refusal
				return refused("ALREADY_CONTESTED", "您已提出过异议（%s），同一诉求只能提出一次。", Standings[p.Standing])
			}
		}
		if err := a.inTime("contest_within", *a.order.ClosedAt, "异议"); err != nil {
			return err
		}
		a.summary, a.public = "诉求人对不予受理提出异议", true
		return a.apply(&ent.Application{Kind: kindContest}, in.GetGround(), ClockContest)
	})
}

// refuser is the login of who last showed the citizen another door after intake.
func (a *act) refuser() (string, error) {
	e, err := a.s.ent().Event.Query().Where(event.WorkOrderID(a.order.ID), event.VerbIn(string(Redirect), string(HandOff)),
		event.ToState(string(Redirected))).Order(ent.Desc(event.FieldSeq)).First(a.ctx)
	if ent.IsNotFound(err) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("history of %s: %w", a.order.Number, err)
	}
	return e.Actor, nil
}

// DecideContest (异议复核) by somebody other than who refused; upheld, the order is taken in and waits for dispatch.
func (s *Service) DecideContest(ctx context.Context, in *pb.DecideRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, DecideContest, in, func(a *act) error {
		app, err := a.asked(in.GetApplication(), kindContest)
		if err != nil {
			return err
		}
		refuser, err := a.refuser()
		if err != nil {
			return err
		}
		if err := a.other(app, a.order.TakenBy, refuser); err != nil {
			return err
		}
		words := in.GetWords()
		if err := a.clean(&words); err != nil {
			return err
		}
		a.public = true
		if !in.GetUphold() {
			a.summary = "异议复核：维持原处理。" + words
			return a.decide(app, standsRejected, words)
		}
		if err := a.decide(app, standsUpheld, words); err != nil {
			return err
		}
		a.order.State, a.order.Disposition, a.order.ClosedAt = string(Received), word(pb.Disposition_IN_SCOPE), nil
		a.order.Reason = ""
		a.summary = "异议成立，受理并待派单。" + words
		return a.start(ClockDispatch, "")
	})
}
