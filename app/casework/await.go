package casework

import (
	"context"

	pb "hotline/api/casework/v1"
)

// awaits is how often one unit may wait for the citizen in one order; its clock must not become a hiding place.
const awaits = 2

// Await (待补充) asks the citizen for what is missing. The unit's clocks wait, no longer than the city allows, and go on as soon
// as the citizen answers.
func (s *Service) Await(ctx context.Context, in *pb.AwaitRequest) (*pb.WorkOrder, error) {
	return s.act(ctx, Await, in, func(a *act) error {
		part, err := a.mine()
		if err != nil {
			return err
		}
		if State(part.State) != Handling {
			return refused("NOT_HANDLING", "本单位现在没有在办理，不能要求补充。")
		}
		if len(a.running(part.Unit, ClockAwaiting)) > 0 {
			return refused("ALREADY_AWAITING", "已在等待诉求人补充。")
		}
		waited := 0 // whoever asked for it: the unit above, or somebody whose first post is another
		for _, c := range a.clocks {
			if c.Step == ClockAwaiting && c.Unit == part.Unit {
				waited++
			}
		}
		if waited >= awaits {
			return refused("TOO_MANY_AWAITS", "每个单位最多可要求诉求人补充 %d 次。", awaits)
		}
		question := in.GetQuestion()
		if err := a.clean(&question); err != nil {
			return err
		}
		if err := a.pause(part.Unit); err != nil {
			return err
		}
		a.summary, a.public = asking+question, true
		return a.start(ClockAwaiting, part.Unit)
	})
}

// asking begins the public line of a question to the citizen.
const asking = "请您补充："

// heardFrom lets the clocks go on that waited for the citizen, who has now added something; those of a unit whose return is
// being adjudicated go on waiting for that.
func (a *act) heardFrom() error {
	for _, c := range a.running("", ClockAwaiting) {
		if err := a.stopClock(c); err != nil {
			return err
		}
		verdict, err := a.pending(kindAdjudication, c.Unit)
		if err != nil {
			return err
		}
		if verdict != nil {
			continue
		}
		if err := a.goOn(c.Unit, causeAwait); err != nil {
			return err
		}
	}
	return nil
}
