package report

import (
	"cmp"
	"context"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/report/v1"
)

// GetHeat (热力图) counts by category and district.
func (s *Service) GetHeat(ctx context.Context, in *pb.GetHeatRequest) (out *pb.Heat, err error) {
	err = s.look(ctx, in.GetParent(), func(d *desk) error {
		p, err := d.days(in.GetFrom(), in.GetTo())
		if err != nil {
			return err
		}
		out, err = d.heat(p, in.GetCategory())
		return err
	})
	return out, err
}

// level is how many digits of its code each level of the categories adds.
const level = 2

func (d *desk) heat(p span, parent string) (*pb.Heat, error) {
	out := &pb.Heat{From: p.first.String(), To: p.last.String(), Category: parent, CreateTime: timestamppb.New(d.now),
		Watermark: d.watermark("热力图 " + p.first.String() + "—" + p.last.String())}
	all := about(heat, p)
	within := all
	if parent != "" {
		within = all.of("category", parent)
	}
	deep := strconv.Itoa(len(parent) + level)
	ids, err := d.orders(within)
	if err != nil {
		return nil, err
	}
	q := phrase{strings.Replace(ids.text, "select o.id", "select substr(o.category, 1, "+deep+"), o.district, count(*)", 1), ids.args}.and("group by 1, 2")
	categories, districts, total := map[string]int32{}, map[string]int32{}, int32(0)
	err = d.rows(q, func(scan func(...any) error) error {
		c := &pb.HeatCell{}
		var n int32
		if err := scan(&c.Category, &c.District, &n); err != nil {
			return err
		}
		c.Orders = line(all, parent, c.GetCategory()).of("district", c.GetDistrict()).count(n)
		out.Cells = append(out.Cells, c)
		categories[c.GetCategory()] += n
		districts[c.GetDistrict()] += n
		total += n
		return nil
	})
	if err != nil {
		return nil, err
	}
	out.Shown = within.count(total)
	if out.Categories, err = d.categoryLines(all, parent, categories); err != nil {
		return nil, err
	}
	for name, n := range districts {
		title := name
		if name == "" {
			title = "未注明"
		}
		out.Districts = append(out.Districts, &pb.HeatLine{Key: name, Title: title, Orders: within.of("district", name).count(n)})
	}
	hottest(out.GetDistricts())
	slices.SortFunc(out.GetCells(), func(a, b *pb.HeatCell) int {
		return cmp.Or(cmp.Compare(a.GetCategory(), b.GetCategory()), cmp.Compare(a.GetDistrict(), b.GetDistrict()))
	})
	// Of all categories at once: by how much one category's number falls short nothing can be told.
	hidden := about(confidential, p)
	if ids, err = d.orders(hidden); err != nil {
		return nil, err
	}
	n, err := d.number(ids.in("select count(*) from (", ") h"))
	out.Confidential = hidden.count(n)
	return out, err
}

// line is the ask for one line of the map; orders of the parent itself that are in none of its parts have a line of their own.
func line(all ask, parent, code string) ask {
	if len(code) < len(parent)+level {
		return all.of("category", code).of("exact", "1")
	}
	return all.of("category", code)
}

func (d *desk) categoryLines(all ask, parent string, counts map[string]int32) (lines []*pb.HeatLine, err error) {
	known, err := d.s.directory.Categories(d.ctx)
	if err != nil {
		return nil, err
	}
	for code, n := range counts {
		one := &pb.HeatLine{Key: code, Title: code, Orders: line(all, parent, code).count(n)}
		switch c := known[code]; {
		case c != nil:
			one.Title = c.Title
		case code == "00":
			one.Title = "待分类"
		case code == parent:
			one.Title = "未细分"
		}
		for deeper := range known {
			one.Parts = one.Parts || code != parent && len(deeper) > len(code) && strings.HasPrefix(deeper, code)
		}
		lines = append(lines, one)
	}
	hottest(lines)
	return lines, nil
}

func hottest(lines []*pb.HeatLine) {
	slices.SortFunc(lines, func(a, b *pb.HeatLine) int {
		return cmp.Or(cmp.Compare(b.GetOrders().GetOrders(), a.GetOrders().GetOrders()), cmp.Compare(a.GetKey(), b.GetKey()))
	})
}
