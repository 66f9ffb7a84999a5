package report

import (
	"context"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/report/v1"
)

// trendDays is how far back the trend of the overview goes, today included.
const trendDays = 14

// six are the figures of the overview and what screens call them.
var six = []struct{ key, title string }{
	{received, "受理"}, {answered, "直接答复"}, {dispatched, "派单"}, {concluded, "办结"}, {overdue, "超期"}, {satisfaction, "满意率"},
}

// GetOverview (总览) is how today stands.
func (s *Service) GetOverview(ctx context.Context, in *pb.GetOverviewRequest) (out *pb.Overview, err error) {
	err = s.look(ctx, in.GetParent(), func(d *desk) error {
		out, err = d.overview()
		return err
	})
	return out, err
}

func (d *desk) overview() (*pb.Overview, error) {
	out := &pb.Overview{CreateTime: timestamppb.New(d.now), Watermark: d.watermark("看板总览")}
	for _, f := range six {
		one := &pb.Figure{Key: f.key, Title: f.title}
		var err error
		if f.key == satisfaction {
			err = d.ratedByDay(one)
		} else {
			err = d.countedByDay(one)
		}
		if err != nil {
			return nil, err
		}
		one.Today, one.Yesterday = one.Trend[trendDays-1], one.Trend[trendDays-2]
		out.Figures = append(out.Figures, one)
	}
	return out, nil
}

// trend is the span of the trend.
func (d *desk) trend() span { return span{before(d.today(), trendDays-1), d.today()} }

// each calls for each day of the trend.
func (d *desk) each(day func(p span)) {
	for i := trendDays - 1; i >= 0; i-- {
		on := before(d.today(), i)
		day(span{on, on})
	}
}

// moments are the columns that say when it happened to an order.
var moments = map[string]string{received: "o.received_at", answered: "o.received_at", dispatched: "o.dispatched_at",
	concluded: "o.concluded_at", heat: "o.received_at", confidential: "o.received_at"}

// happened narrows orders to those to which it happened in the span. What another city only offers is not received yet.
func (d *desk) happened(figure string, p span) phrase { return d.between(figure, p.start(), p.end()) }

// ours leaves out what another city only offered: declined, not answered yet, or taken back, which leaves no conclusion.
const ours = "o.state not in ('offered', 'declined') and not (o.state = 'withdrawn' and o.conclusion = '')"

func (d *desk) between(figure string, from, to time.Time) phrase {
	if figure == overdue {
		return say("and o.id in (select c.work_order_id from clocks c where c.tenant = ? and c.overdue_at >= ? and c.overdue_at < ?",
			d.city, from, to).with(d.ours("c.unit")).and(")")
	}
	q := say("and "+moments[figure]+" >= ? and "+moments[figure]+" < ?", from, to)
	switch figure {
	case received:
		return q.and("and " + ours)
	case answered:
		return q.and("and o.disposition = 'answered_on_spot'")
	case heat:
		return q.and("and " + ours + " and not o.confidential")
	case confidential:
		return q.and("and " + ours + " and o.confidential")
	}
	return q
}

func (d *desk) countedByDay(f *pb.Figure) error {
	by := map[string]int32{}
	err := d.rows(d.byDay(f.GetKey()), func(scan func(...any) error) error {
		var day string
		var n int32
		err := scan(&day, &n)
		by[day] = n
		return err
	})
	if err != nil {
		return err
	}
	d.each(func(p span) {
		f.Trend = append(f.Trend, &pb.Day{Date: p.first.String(), Count: about(f.GetKey(), p).count(by[p.first.String()])})
	})
	from := before(d.today(), 1).Start().UTC()
	f.YesterdayByNow, err = d.number(say("select count(*) from work_orders o where o.tenant = ?", d.city).
		with(d.between(f.GetKey(), from, d.now.AddDate(0, 0, -1))).with(d.mine()))
	return err
}

// byDay counts orders by the day on which it happened. An order has one such day, but its clocks may run out on several.
func (d *desk) byDay(figure string) phrase {
	p := d.trend()
	if figure == overdue {
		day := d.day("c.overdue_at")
		return say("select "+day+", count(distinct c.work_order_id) from clocks c join work_orders o on o.tenant = c.tenant and o.id = c.work_order_id"+
			" where c.tenant = ? and c.overdue_at >= ? and c.overdue_at < ?", d.city, p.start(), p.end()).
			with(d.ours("c.unit")).with(d.mine()).and("group by 1")
	}
	return say("select "+d.day(moments[figure])+", count(*) from work_orders o where o.tenant = ?", d.city).
		with(d.happened(figure, p)).with(d.mine()).and("group by 1")
}

// ratedByDay is the rate of each day by itself: an order that was rated on two days counts on both.
func (d *desk) ratedByDay(f *pb.Figure) error {
	tallies, _, err := d.tally(satisfaction, d.trend(), d.day("y.at"))
	if err != nil {
		return err
	}
	d.each(func(p span) {
		f.Trend = append(f.Trend, &pb.Day{Date: p.first.String(), Rate: d.rate(about(satisfaction, p), tallies[p.first.String()])})
	})
	return nil
}
