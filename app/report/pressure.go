package report

import (
	"cmp"
	"context"
	"slices"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/report/v1"
)

// stages are the clocks at whose end somebody is late, as screens call them. At the end of the others silence counts or a date has come.
var stages = map[string]string{
	"dispatch": "派单", "sign": "签收", "contact": "首次联系", "reply": "办理", "review": "审核", "callback": "回访",
	"return_review": "退单审核", "adjudication": "裁决", "extension_decision": "延期审批", "suspension_decision": "挂账审批",
	"suspension_review": "挂账复核", "unreasonable_review": "不合理诉求审核", "appeal_review": "申诉复核",
	"score_appeal_review": "考核申诉审核", "contest_review": "异议复核", "transfer_sign": "转办签收", "transfer_away": "等待对方接收",
}

// stageKeys are the same, in one order.
var stageKeys = func() (keys []string) {
	for k := range stages {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}()

// GetPressure (临期超期) counts the orders with a clock at risk now.
func (s *Service) GetPressure(ctx context.Context, in *pb.GetPressureRequest) (out *pb.Pressure, err error) {
	err = s.look(ctx, in.GetParent(), func(d *desk) error {
		out, err = d.pressure()
		return err
	})
	return out, err
}

func (d *desk) pressure() (*pb.Pressure, error) {
	out := &pb.Pressure{Threshold: int32(d.threshold()), CreateTime: timestamppb.New(d.now), Watermark: d.watermark("临期超期")}
	rows := map[[2]string]*pb.AtRisk{}
	for _, figure := range []string{warned, late} {
		total, err := d.number(d.clocks(figure).in("select count(distinct c.work_order_id) ", ""))
		if err != nil {
			return nil, err
		}
		if figure == warned {
			out.Warned = ask{figure: figure}.count(total)
		} else {
			out.Overdue = ask{figure: figure}.count(total)
		}
		err = d.rows(d.clocks(figure).in("select c.step, c.unit, count(distinct c.work_order_id) ", " group by 1, 2"), func(scan func(...any) error) error {
			var key [2]string
			var n int32
			if err := scan(&key[0], &key[1], &n); err != nil {
				return err
			}
			if rows[key] == nil {
				rows[key] = &pb.AtRisk{Step: key[0], StepTitle: stages[key[0]], Unit: key[1], UnitTitle: d.titleOf(key[1]),
					Warned: &pb.Count{}, Overdue: &pb.Count{}}
			}
			count := ask{figure: figure}.of("step", key[0]).of("unit", key[1]).count(n)
			if figure == warned {
				rows[key].Warned = count
			} else {
				rows[key].Overdue = count
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	for _, r := range rows {
		out.Rows = append(out.Rows, r)
	}
	slices.SortFunc(out.GetRows(), func(a, b *pb.AtRisk) int {
		return cmp.Or(cmp.Compare(b.GetOverdue().GetOrders(), a.GetOverdue().GetOrders()), cmp.Compare(b.GetWarned().GetOrders(), a.GetWarned().GetOrders()),
			cmp.Compare(a.GetStep(), b.GetStep()), cmp.Compare(a.GetUnit(), b.GetUnit()))
	})
	return out, nil
}

// threshold is the last of the city's warnings before the end, or the end itself when it has no other.
func (d *desk) threshold() int {
	last := 100
	for i, w := range slices.Sorted(slices.Values(d.rules.Policy.GetSideLives().GetWarnings())) {
		if i == 0 || w < 100 {
			last = int(w)
		}
	}
	return last
}

// clocks are the running clocks at risk, from FROM on. One that is held is nobody's risk.
func (d *desk) clocks(figure string) phrase {
	marks, steps := list(stageKeys)
	q := say("from clocks c join work_orders o on o.tenant = c.tenant and o.id = c.work_order_id"+
		" where c.tenant = ? and c.stop_at is null and c.paused_at is null and c.step in ("+marks+")", append([]any{d.city}, steps...)...)
	if figure == late {
		q = q.and("and c.due_at <= ?", d.now)
	} else {
		q = q.and("and c.due_at > ? and c.warned >= ?", d.now, d.threshold())
	}
	return q.with(d.ours("c.unit")).with(d.mine())
}

// risky is the question for the ids behind warned and late.
func (d *desk) risky(a ask) phrase {
	q := d.clocks(a.figure).in("select c.work_order_id ", "")
	if a.has("step") {
		q = q.and("and c.step = ?", a.keys.Get("step"))
	}
	if a.has("unit") {
		q = q.and("and c.unit = ?", a.keys.Get("unit"))
	}
	return q
}
