package report

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"entgo.io/ent/dialect/sql"

	pb "hotline/api/report/v1"
	"hotline/ent/workorder"
)

// The figures (指标). Their words stand in filters: figure = "received?from=2026-11-01&to=2026-11-23".
const (
	received     = "received"     // 受理
	answered     = "answered"     // 直接答复
	dispatched   = "dispatched"   // 派单
	concluded    = "concluded"    // 办结
	overdue      = "overdue"      // 超期: a clock ran out in the span
	warned       = "warned"       // 临期: a running clock is at risk now
	late         = "late"         // 超期未办: a running clock has run out now
	heat         = "heat"         // 热力图
	confidential = "confidential" // 保密: what the heat map leaves out
	response     = "response"     // 响应率
	solved       = "solved_rate"  // 解决率
	satisfaction = "satisfaction" // 满意率
)

// may are the keys that each figure knows.
var may = map[string][]string{
	received: {"from", "to"}, answered: {"from", "to"}, dispatched: {"from", "to"}, concluded: {"from", "to"}, overdue: {"from", "to"},
	warned: {"step", "unit"}, late: {"step", "unit"},
	heat: {"from", "to", "category", "exact", "district"}, confidential: {"from", "to"},
	response: {"from", "to", "unit", "part", "ground"}, solved: {"from", "to", "unit", "part", "ground"},
	satisfaction: {"from", "to", "unit", "part", "ground"},
}

// ask (问法) names orders: those behind one figure, and of these which.
type ask struct {
	figure string
	keys   url.Values
}

func about(figure string, p span) ask {
	return ask{figure, url.Values{"from": {p.first.String()}, "to": {p.last.String()}}}
}

// of is the ask narrowed by one key more.
func (a ask) of(key, value string) ask {
	keys := url.Values{}
	for k, v := range a.keys {
		keys[k] = v
	}
	keys.Set(key, value)
	return ask{a.figure, keys}
}

func (a ask) has(key string) bool { return a.keys.Has(key) }

// count is the number of an ask, with the filter that lists its orders.
func (a ask) count(n int32) *pb.Count {
	if n == 0 {
		return &pb.Count{}
	}
	text := a.figure
	if len(a.keys) > 0 {
		text += "?" + a.keys.Encode()
	}
	return &pb.Count{Orders: n, Filter: "figure = " + strconv.Quote(text)}
}

func read(text string) (ask, error) {
	figure, query, _ := strings.Cut(text, "?")
	keys, err := url.ParseQuery(query)
	known, ok := may[figure]
	if err != nil || !ok {
		return ask{}, wrong()
	}
	for k, v := range keys {
		if !slices.Contains(known, k) || len(v) != 1 {
			return ask{}, wrong()
		}
	}
	return ask{figure, keys}, nil
}

func wrong() error {
	return invalid("filter", "没有这个看板指标，请从看板上的数字点进来。")
}

// Behind (钻取) is the condition that narrows a list to the orders which one figure counts for the viewer; ListWorkOrders asks for it
// where a filter speaks of a figure. It runs in the list's transaction.
func (s *Service) Behind(ctx context.Context, text string) (*sql.Predicate, error) {
	a, err := read(text)
	if err != nil {
		return nil, err
	}
	d, err := s.sit(ctx)
	if err != nil {
		return nil, err
	}
	ids, err := d.orders(a)
	if err != nil {
		return nil, err
	}
	return sql.P(func(b *sql.Builder) {
		b.Ident(workorder.FieldID).WriteString(" IN (")
		ids.write(b)
		b.WriteString(")")
	}), nil
}

// orders is the question for the ids behind an ask.
func (d *desk) orders(a ask) (phrase, error) {
	p, err := d.days(a.keys.Get("from"), a.keys.Get("to"))
	if err != nil {
		return phrase{}, err
	}
	switch a.figure {
	case response, solved, satisfaction:
		return d.rated(a, p)
	case warned, late:
		return d.risky(a), nil
	}
	q := say("select o.id from work_orders o where o.tenant = ?", d.city).with(d.happened(a.figure, p)).with(d.mine())
	if c := a.keys.Get("category"); a.has("exact") {
		q = q.and("and o.category = ?", c)
	} else if c != "" {
		q = q.and("and substr(o.category, 1, "+strconv.Itoa(len(c))+") = ?", c)
	}
	if a.has("district") {
		q = q.and("and o.district = ?", a.keys.Get("district"))
	}
	return q, nil
}
