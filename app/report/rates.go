package report

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/report/v1"
	tenantv1 "hotline/api/tenant/v1"
)

// The grounds (剔除事由) on which an order is left out of a rate, in the order in which they are asked: it is left out on the first.
var reasons = []struct{ key, title, when string }{
	{"law_enforcement", "行政执法、行政调解", "o.law_enforcement"},
	{"legal_procedure", "转法定程序", "o.conclusion = 'to_legal_procedure'"},
	{"unreasonable", "不合理诉求（已认定）", "o.unreasonable"},
	{"withdrawn", "撤单", "(o.state = 'withdrawn' or o.conclusion = 'withdrawn_by_citizen')"},
	{"unreachable", "联系不上", "o.conclusion = 'unreachable'"},
	{"suspended", "挂账期间", "o.state = 'suspended'"},
	{"appeal", "考核申诉成立", "',' || o.excluded || ',' like '%%,%s,%%'"}, // of this figure
}

// always leave an order out of every rate; national leave it out of 满意率 in every city.
var (
	always   = []string{"suspended", "appeal"}
	national = []string{"law_enforcement", "legal_procedure", "unreasonable", "withdrawn", "unreachable"}
)

// grounds are those in force of each rate.
func grounds(s *tenantv1.Scoring) map[string][]string {
	return map[string][]string{response: slices.Concat(s.GetResponseGrounds(), always), solved: slices.Concat(s.GetSolvedGrounds(), always),
		satisfaction: slices.Concat(national, always)}
}

// GetRates (三率) are the rates by unit.
func (s *Service) GetRates(ctx context.Context, in *pb.GetRatesRequest) (out *pb.Rates, err error) {
	err = s.look(ctx, in.GetParent(), func(d *desk) error {
		p, err := d.days(in.GetFrom(), in.GetTo())
		if err != nil {
			return err
		}
		out, err = d.rates(p)
		return err
	})
	return out, err
}

func (d *desk) rates(p span) (*pb.Rates, error) {
	out := &pb.Rates{From: p.first.String(), To: p.last.String(), Total: &pb.UnitRates{Title: "合计"}, Formulas: d.formulas(),
		PolicyVersion: int32(d.rules.Version), CreateTime: timestamppb.New(d.now),
		Watermark: d.watermark("三率 " + p.first.String() + "—" + p.last.String())}
	units := map[string]*pb.UnitRates{}
	for _, figure := range []string{response, solved, satisfaction} {
		by, whole, err := d.tally(figure, p, "y.unit")
		if err != nil {
			return nil, err
		}
		set(out.GetTotal(), figure, d.rate(about(figure, p), whole))
		for unit, t := range by {
			if units[unit] == nil {
				units[unit] = &pb.UnitRates{Unit: unit, Title: d.titleOf(unit)}
			}
			set(units[unit], figure, d.rate(about(figure, p).of("unit", unit), t))
		}
	}
	d.score(out.GetTotal())
	for _, u := range units {
		d.score(u)
		out.Units = append(out.Units, u)
	}
	rank(out.GetUnits())
	return out, nil
}

func set(u *pb.UnitRates, figure string, r *pb.Rate) {
	switch figure {
	case response:
		u.Response = r
	case solved:
		u.Solved = r
	case satisfaction:
		u.Satisfaction = r
	}
}

// score is the weighted sum of the rates, by the weights of the city's rules.
func (d *desk) score(u *pb.UnitRates) {
	for _, figure := range []string{response, solved, satisfaction} { // what is absent counts nothing
		if rateOf(u, figure) == nil {
			set(u, figure, &pb.Rate{Good: &pb.Count{}, Due: &pb.Count{}, GoodBefore: &pb.Count{}, DueBefore: &pb.Count{}})
		}
	}
	u.Score = d.weigh(u, func(r *pb.Rate) (good, due int32) { return r.GetGood().GetOrders(), r.GetDue().GetOrders() })
	u.ScoreBefore = d.weigh(u, func(r *pb.Rate) (good, due int32) { return r.GetGoodBefore().GetOrders(), r.GetDueBefore().GetOrders() })
}

func rateOf(u *pb.UnitRates, figure string) *pb.Rate {
	return map[string]*pb.Rate{response: u.GetResponse(), solved: u.GetSolved(), satisfaction: u.GetSatisfaction()}[figure]
}

func (d *desk) weigh(u *pb.UnitRates, of func(*pb.Rate) (good, due int32)) *int32 {
	sum := 0.0
	for figure, weight := range d.weights() {
		good, due := of(rateOf(u, figure))
		switch {
		case weight == 0:
		case due == 0:
			return nil
		default:
			sum += float64(weight) * float64(good) / float64(due)
		}
	}
	score := int32(math.Round(sum * 100))
	return &score
}

func (d *desk) weights() map[string]int32 {
	s := d.rules.Policy.GetScoring()
	return map[string]int32{response: s.GetResponseWeight(), solved: s.GetSolvedWeight(), satisfaction: s.GetSatisfactionWeight()}
}

// rank sorts by score and gives each its place.
func rank(units []*pb.UnitRates) {
	slices.SortFunc(units, func(a, b *pb.UnitRates) int {
		return cmp.Or(cmp.Compare(scored(b), scored(a)), cmp.Compare(a.GetUnit(), b.GetUnit()))
	})
	for i, u := range units {
		switch {
		case u.Score == nil:
		case i > 0 && scored(u) == scored(units[i-1]):
			u.Rank = units[i-1].GetRank()
		default:
			u.Rank = int32(i + 1)
		}
	}
}

func scored(u *pb.UnitRates) int32 {
	if u.Score == nil {
		return -1
	}
	return u.GetScore()
}

// texts say how each rate is counted.
var texts = map[string]struct{ title, text string }{
	response: {"响应率", "统计期内首次联系时限到期的工单中，承办单位按时联系了诉求人的占比。同一单位同一工单计一次；到期前经退单、撤回等离开本单位的不计；未经联系径行答复的不算按时联系。合计按工单计一次，以最先到期的为准。"},
	solved:   {"解决率", "统计期内回访接通的工单中，诉求人认为已解决或部分解决的占比。同一工单以统计期内最后一次接通的回访为准，计入主办单位。"},
	satisfaction: {"满意率", "统计期内对办理结果作出评价的工单中，非常满意、满意、基本满意的占比，回访评价与评价链接合并计算。" +
		"同一工单以统计期内最后一次评价为准，计入主办单位。"},
}

func (d *desk) formulas() (out []*pb.Formula) {
	weights := d.weights()
	for _, figure := range []string{response, solved, satisfaction} {
		f := &pb.Formula{Key: figure, Title: texts[figure].title, Text: texts[figure].text, Weight: weights[figure]}
		for _, r := range d.reasons(figure) {
			f.Grounds = append(f.Grounds, r.title)
		}
		out = append(out, f)
	}
	return out
}

type reason struct{ key, title, when string }

// reasons are the grounds in force of a figure, in their order.
func (d *desk) reasons(figure string) (out []reason) {
	for _, r := range reasons {
		if slices.Contains(d.scoring[figure], r.key) {
			when := r.when
			if strings.Contains(when, "%s") {
				when = fmt.Sprintf(when, figure)
			}
			out = append(out, reason{r.key, r.title, when})
		}
	}
	return out
}

// ground is the SQL for why an order is left out; empty for one that counts.
func (d *desk) ground(figure string) string {
	var b strings.Builder
	b.WriteString("case")
	for _, r := range d.reasons(figure) {
		b.WriteString(" when " + r.when + " then '" + r.key + "'")
	}
	return b.String() + " else '' end"
}

// base has a row for whatever may count: id, unit, at, tie, good (1 or 0) and ground.
func (d *desk) base(figure string, p span) phrase {
	from, to := p.start(), p.end()
	switch figure {
	case response:
		return d.contacts(from, to)
	case solved:
		return say("select cb.work_order_id as id, o.lead as unit, cb.created_at as at, cb.id as tie, case when cb.solved then 1 else 0 end as good, "+
			d.ground(figure)+" as ground from callbacks cb join work_orders o on o.tenant = cb.tenant and o.id = cb.work_order_id"+
			" where cb.tenant = ? and cb.created_at >= ? and cb.created_at < ? and cb.reached", d.city, from, to).with(d.ours("o.lead")).with(d.mine())
	}
	return say("select g.id, o.lead as unit, g.at, g.tie, case when g.grade <= 3 then 1 else 0 end as good, "+d.ground(figure)+" as ground from ("+
		"select work_order_id as id, created_at as at, id as tie, result_grade as grade from callbacks"+
		" where tenant = ? and created_at >= ? and created_at < ? and reached and result_grade > 0"+
		" union all select work_order_id, rated_at, id, result_grade from ratings"+
		" where tenant = ? and rated_at >= ? and rated_at < ? and result_grade > 0) g"+
		" join work_orders o on o.tenant = ? and o.id = g.id where 1 = 1", d.city, from, to, d.city, from, to, d.city).with(d.ours("o.lead")).with(d.mine())
}

// contacts are the clocks of first contacts that fell due: kept, or run out. A clock that ended before it was due because the unit was no
// longer to act is nobody's; one that a reply ended without any contact was not kept.
func (d *desk) contacts(from, to any) phrase {
	const part = "exists (select 1 from assignments a where a.tenant = c.tenant and a.work_order_id = c.work_order_id and a.unit = c.unit and "
	q := say("select c.work_order_id as id, c.unit as unit, c.due_at as at, c.id as tie,"+
		" case when "+part+"a.contacted_at >= c.start_at and a.contacted_at <= c.due_at) then 1"+
		" when c.stop_at < c.due_at and not "+part+"a.replied_at >= c.start_at) then null else 0 end as good, "+d.ground(response)+" as ground"+
		" from clocks c join work_orders o on o.tenant = c.tenant and o.id = c.work_order_id"+
		" where c.tenant = ? and c.step = 'contact' and c.due_at >= ? and c.due_at < ? and c.paused_at is null", d.city, from, to).
		with(d.ours("c.unit")).with(d.mine())
	return q.in("select k.id, k.unit, k.at, k.tie, k.good, k.ground from (", ") k where k.good = 1").and("or k.good = 0 and k.at <= ?", d.now)
}

// final keeps one row of each order and part (an expression on y): the contact that fell due first, the callback or rating that came last.
// The one with all 1 is the order's only one when parts do not matter.
func (d *desk) final(figure string, p span, part string) phrase {
	by := " order by y.at desc, y.tie desc) as "
	if figure == response {
		by = " order by y.at, y.tie) as "
	}
	return d.base(figure, p).in("select * from (select y.*, "+part+" as part, row_number() over (partition by y.id, "+part+by+"turn"+
		", row_number() over (partition by y.id"+by+"whole from (", ") y) z where z.turn = 1")
}

// tally is how many count for a rate on each ground, and how many of them well.
type tally map[string]score

type score struct{ good, due int32 }

// tally counts a rate by part, y.unit or the day, and all parts together, where an order counts once.
func (d *desk) tally(figure string, p span, part string) (by map[string]tally, whole tally, err error) {
	by, whole = map[string]tally{}, tally{}
	q := d.final(figure, p, part).in("select f.part, f.ground, sum(f.good), count(*), sum(case when f.whole = 1 then f.good else 0 end),"+
		" sum(case when f.whole = 1 then 1 else 0 end) from (", ") f group by 1, 2")
	err = d.rows(q, func(scan func(...any) error) error {
		var key, ground string
		var good, due, wholeGood, wholeDue int32
		if err := scan(&key, &ground, &good, &due, &wholeGood, &wholeDue); err != nil {
			return err
		}
		if by[key] == nil {
			by[key] = tally{}
		}
		by[key][ground] = score{good, due}
		whole[ground] = score{whole[ground].good + wholeGood, whole[ground].due + wholeDue}
		return nil
	})
	return by, whole, err
}

// rate is a tally in both ways of counting.
func (d *desk) rate(a ask, t tally) *pb.Rate {
	good, due := int32(0), int32(0)
	out := &pb.Rate{Good: a.of("part", "good").count(t[""].good), Due: a.count(t[""].due)}
	for _, n := range t {
		good, due = good+n.good, due+n.due
	}
	out.GoodBefore, out.DueBefore = a.of("part", "good").of("ground", "all").count(good), a.of("ground", "all").count(due)
	for _, r := range d.reasons(a.figure) {
		if n := t[r.key].due; n > 0 {
			out.Excluded = append(out.Excluded, &pb.Excluded{Ground: r.key, Title: r.title, Orders: a.of("ground", r.key).count(n)})
		}
	}
	return out
}

// rated is the question for the ids behind a rate.
func (d *desk) rated(a ask, p span) (phrase, error) {
	part := "''"
	if a.has("unit") {
		part = "y.unit"
	}
	q := d.final(a.figure, p, part).in("select f.id from (", ") f where 1 = 1")
	if a.has("unit") {
		q = q.and("and f.unit = ?", a.keys.Get("unit"))
	}
	switch a.keys.Get("part") {
	case "":
	case "good":
		q = q.and("and f.good = 1")
	case "bad":
		q = q.and("and f.good = 0")
	default:
		return q, wrong()
	}
	if g := a.keys.Get("ground"); g != "all" {
		q = q.and("and f.ground = ?", g)
	}
	return q, nil
}
