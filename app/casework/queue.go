package casework

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	pb "hotline/api/casework/v1"
	"hotline/ent/workorder"
	"hotline/tenants"
)

// queue is one waiting line (工作队列) of the posts that may do its verb.
type queue struct {
	key, title string
	verb       Verb
	filter     string // {me} stands for the viewer's login
	pool       pb.State
	newest     bool // sorted by when it came in; otherwise by what is due first
	counted    bool // by an index that leads with what the filter asks; nothing else is counted
}

const stillOpen = `(state = "RECEIVED" OR state = "DISPATCHED" OR state = "HANDLING" OR state = "REPLIED")`

// withUnits are the orders that units work on. Which of them wait for a unit, and for what, its own part says.
const withUnits = `(state = "DISPATCHED" OR state = "HANDLING")`

// queues are all waiting lines, in the order in which a person's work goes: what comes first is where they land.
var queues = []queue{
	{key: "dispatch", title: "待派单", verb: Dispatch, filter: `state = "RECEIVED" AND holder = ""`, pool: pb.State_RECEIVED, counted: true},
	{key: "sign", title: "待签收", verb: Sign, filter: `part = "DISPATCHED" AND ` + withUnits, counted: true},
	{key: "handle", title: "办理中", verb: Reply, filter: `part = "HANDLING" AND ` + withUnits, counted: true},
	{key: "review", title: "待审核", verb: Review, filter: `state = "REPLIED" AND holder = ""`, pool: pb.State_REPLIED, counted: true},
	{key: "callback", title: "待回访", verb: Callback, filter: `state = "CONCLUDED" AND holder = ""`, pool: pb.State_CONCLUDED, counted: true},
	{key: "held", title: "我领取的", verb: "take", filter: `holder = "{me}" AND (state = "RECEIVED" OR state = "REPLIED" OR state = "CONCLUDED")`, counted: true},
	{key: "adjudicate", title: "待裁决", verb: Adjudicate, filter: `adjudicating = true`},
	{key: "overdue", title: "超期", verb: Supervise, filter: `overdue = true AND ` + stillOpen},
	{key: "overdue", title: "超期", verb: Sign, filter: `overdue = true AND (part = "DISPATCHED" OR part = "HANDLING") AND ` + withUnits},
	{key: "warned", title: "临期", verb: Supervise, filter: `warning >= 80 AND overdue = false AND ` + stillOpen},
	{key: "supervised", title: "督办", verb: Supervise, filter: `supervised = true`},
	{key: "hard", title: "疑难", verb: Supervise, filter: `hard = true AND ` + stillOpen},
	{key: "suspended", title: "挂账", verb: Resume, filter: `state = "SUSPENDED"`, counted: true},
	{key: "clustered", title: "聚集工单", verb: "cluster", filter: `clustered = true`, newest: true},
	{key: "suspicious", title: "评价异常", verb: Supervise, filter: `suspicious = true`, newest: true},
	{key: "all", title: "全部工单", verb: "get", newest: true},
}

// most is how far a queue is counted: whoever has so many waiting need not know how many more.
const most = 100

// ListQueues (工作队列) names the waiting lines of the viewer's posts. A screen that shows them knows no role.
func (s *Service) ListQueues(ctx context.Context, _ *pb.ListQueuesRequest) (out *pb.ListQueuesResponse, err error) {
	v := tenants.From(ctx)
	err = s.db.View(ctx, func(ctx context.Context) error {
		out = &pb.ListQueuesResponse{}
		reads, err := s.filters(ctx)
		if err != nil {
			return err
		}
		seen := map[string]bool{}
		for _, q := range queues {
			if seen[q.key] || !s.access.May(v.Roles(), "work_order", string(q.verb)) {
				continue
			}
			seen[q.key] = true
			one := &pb.Queue{Key: q.key, Title: q.title, Filter: strings.ReplaceAll(q.filter, `"{me}"`, strconv.Quote(v.Login)),
				OrderBy: "due_time", Pool: q.pool}
			if q.newest {
				one.OrderBy = "receive_time desc"
			}
			if q.counted {
				if one.Count, err = s.waiting(ctx, reads, one.GetFilter()); err != nil {
					return err
				}
			}
			out.Queues = append(out.Queues, one)
		}
		return nil
	})
	return out, err
}

// waiting counts the visible orders of a queue, no further than most.
func (s *Service) waiting(ctx context.Context, reads filterReader, filter string) (*int32, error) {
	in, err := parseFilter(filter, reads)
	if err != nil {
		return nil, err
	}
	visible, err := s.visible(ctx, "get")
	if err != nil {
		return nil, err
	}
	ids, err := s.ent().WorkOrder.Query().Where(visible, in).Limit(most).Select(workorder.FieldID).Strings(ctx)
	if err != nil {
		return nil, fmt.Errorf("queue: %w", err)
	}
	n := int32(len(ids))
	return &n, nil
}
