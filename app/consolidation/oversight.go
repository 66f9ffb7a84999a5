package consolidation

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/acknowledgement"
	"hotline/ent/city"
	"hotline/ent/store"
	"hotline/tenants"
)

// reach (统筹范围) is what a place above the cities oversees. Which place it is, its code says: 000000 is the office; 1000PP a province,
// whose cities' codes begin with PP; 1001NN a ministry, which has the title that the list names it by; any other a region.
type reach struct {
	title     string
	authority string // a ministry sees this column only
	cities    []*ent.City
}

func (s *Service) reach(ctx context.Context) (*reach, error) {
	place, err := s.ent().City.Query().Where(city.Code(placeOf(ctx))).Only(ctx)
	if ent.IsNotFound(err) {
		return nil, notFound()
	}
	if err != nil {
		return nil, fmt.Errorf("place: %w", err)
	}
	r := &reach{title: place.Title}
	if r.cities, err = s.directory.Cities(ctx); err != nil {
		return nil, err
	}
	far, err := s.far(ctx, r.cities)
	if err != nil {
		return nil, err
	}
	switch {
	case place.Code == Office:
		r.cities = append(r.cities, far...)
	case isProvince(place.Code):
		r.cities = slices.DeleteFunc(append(r.cities, far...), func(c *ent.City) bool { return Province(c.Code) != place.Code })
	case isMinistry(place.Code):
		r.cities, r.authority = append(r.cities, far...), place.Title
	default: // a region is told nothing by other deployments
		r.cities = slices.DeleteFunc(r.cities, func(c *ent.City) bool { return place.Region == "" || c.Region != place.Region })
	}
	slices.SortFunc(r.cities, func(a, b *ent.City) int { return strings.Compare(a.Code, b.Code) })
	return r, nil
}

// city finds one within reach; nil when there is none.
func (r *reach) city(code string) *ent.City {
	for _, c := range r.cities {
		if c.Code == code {
			return c
		}
	}
	return nil
}

// cell is one number of one city as it lies in the projection.
type cell struct {
	city, number, title, origin, authority, mode, target string
	until, due                                           *time.Time
	steps, done, evidence                                int
}

const (
	cells      = "SELECT city, number, title, origin, authority, mode, target, prompt_until, due_at, steps, done, evidence FROM list_progresses"
	cellsOfAll = cells + " WHERE city >= $1 AND city <= $2 ORDER BY city, number"
)

// view is all that a matrix is made from, read at one go.
type view struct {
	*reach
	m       *memory
	list    *Document
	entries []Entry
	cells   map[string][]cell // by city, in the order of their numbers
	acked   map[string]int
	now     time.Time
	aims    map[string]aim // of the numbers on the list
}

// overview reads the projection within the viewer's reach: one indexed read, whatever the cities' histories hold.
func (s *Service) overview(ctx context.Context) (*view, error) {
	m, list, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	v := &view{m: m, list: list, cells: map[string][]cell{}, acked: map[string]int{}, now: store.Moment(ctx), aims: map[string]aim{}}
	err = s.db.View(ctx, func(ctx context.Context) error {
		if v.reach, err = s.reach(ctx); err != nil {
			return err
		}
		rows, err := s.ent().Acknowledgement.Query().Where(acknowledgement.AcknowledgedAtNotNil()).All(ctx)
		for _, a := range rows {
			v.acked[a.City] = max(v.acked[a.City], a.Version)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	for _, e := range list.Entries {
		v.aims[e.Number] = aim{e.Mode, m.deadline(e.Number, v.now)}
		if v.authority == "" || e.Authority == v.authority {
			v.entries = append(v.entries, e)
		}
	}
	if len(v.cities) == 0 || len(v.entries) == 0 {
		return v, nil
	}
	query, args := cellsOfAll, []any{v.cities[0].Code, v.cities[len(v.cities)-1].Code}
	if v.authority != "" { // by the numbers of the list in force: a number may have had another authority when a city touched it
		query, args = v.columns()
	}
	err = s.db.Glance(ctx, query, args, func(scan func(...any) error) error {
		var c cell
		err := scan(&c.city, &c.number, &c.title, &c.origin, &c.authority, &c.mode, &c.target, &c.until, &c.due, &c.steps, &c.done, &c.evidence)
		v.cells[c.city] = append(v.cells[c.city], c)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("progress: %w", err)
	}
	return v, nil
}

// columns is the reading of a ministry's numbers; none when the list has none of them.
func (v *view) columns() (query string, args []any) {
	places := []string{"''"}
	for i, e := range v.entries {
		places, args = append(places, fmt.Sprintf("$%d", i+1)), append(args, e.Number)
	}
	return cells + " WHERE number IN (" + strings.Join(places, ", ") + ") ORDER BY city, number", args
}

// judge says where a cell stands. What the centre granted is neither to join nor finished, until a version lists it.
func (v *view) judge(c *cell) (at pb.Standing, finished, late bool) {
	a, listed := v.aims[c.number]
	if !listed && c.origin == local {
		a = aim{wholeMerge, v.m.deadline(c.number, v.now)}
	}
	at = standing(c.mode, c.target, c.until, v.now)
	return at, a.mode != "" && rank(c.mode) >= rank(a.mode), overdue(c.mode, a, c.due, v.now)
}

// of are the cells of a city: one for each column, then those of its local hotlines.
func (v *view) of(code string) []cell {
	have := v.cells[code]
	out := make([]cell, 0, len(v.entries)+2)
	used := 0
	for _, e := range v.entries {
		i, found := slices.BinarySearchFunc(have, e.Number, func(c cell, n string) int { return strings.Compare(c.number, n) })
		if found { // name and authority are the list's, whatever they were when the city touched it
			c := have[i]
			c.title, c.authority = e.Title, e.Authority
			out, used = append(out, c), used+1
		} else {
			out = append(out, cell{city: code, number: e.Number, title: e.Title, origin: national, authority: e.Authority})
		}
	}
	if used < len(have) && v.authority == "" {
		for _, c := range have {
			if v.list.Entry(c.number) == nil {
				out = append(out, c)
			}
		}
	}
	return out
}

// GetMatrix (归并进度) gives every city within reach against every number of the list.
func (s *Service) GetMatrix(ctx context.Context, req *pb.GetMatrixRequest) (*pb.Matrix, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	v, err := s.overview(ctx)
	if err != nil {
		return nil, err
	}
	out := &pb.Matrix{ListVersion: int32(v.list.Version), Watermark: mark(ctx, "归并进度")}
	for _, e := range v.entries {
		out.Columns = append(out.Columns, e.render())
	}
	for _, c := range v.cities {
		row := &pb.MatrixRow{City: c.Code, Title: c.Title, Acknowledged: int32(v.acked[c.Code]), Province: provinces[c.Code[:2]], Region: c.Region}
		all := v.of(c.Code)
		row.Cells = make([]*pb.Cell, 0, len(all))
		for i := range all {
			at, finished, overdue := v.judge(&all[i])
			row.Finished += count(finished)
			row.Overdue += count(overdue)
			if req.GetOverdue() && !overdue {
				continue
			}
			row.Cells = append(row.Cells, &pb.Cell{Number: all[i].number, Standing: at, Done: int32(all[i].done), Steps: int32(all[i].steps),
				Evidence: int32(all[i].evidence), Overdue: overdue})
		}
		out.Rows = append(out.Rows, row)
	}
	return out, nil
}

func count(is bool) int32 {
	if is {
		return 1
	}
	return 0
}

// provinces are the names by the first two digits of GB/T 2260.
var provinces = map[string]string{"11": "北京", "12": "天津", "13": "河北", "14": "山西", "15": "内蒙古", "21": "辽宁", "22": "吉林", "23": "黑龙江",
	"31": "上海", "32": "江苏", "33": "浙江", "34": "安徽", "35": "福建", "36": "江西", "37": "山东", "41": "河南", "42": "湖北", "43": "湖南", "44": "广东",
	"45": "广西", "46": "海南", "50": "重庆", "51": "四川", "52": "贵州", "53": "云南", "54": "西藏", "61": "陕西", "62": "甘肃", "63": "青海", "64": "宁夏",
	"65": "新疆"}

// GetStatistics (归并统计) counts the cells by province, region or authority.
func (s *Service) GetStatistics(ctx context.Context, req *pb.GetStatisticsRequest) (*pb.GetStatisticsResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	v, err := s.overview(ctx)
	if err != nil {
		return nil, err
	}
	groups, cities := map[string]*pb.Statistic{}, map[string]bool{}
	res := &pb.GetStatisticsResponse{}
	for _, c := range v.cities {
		all := v.of(c.Code)
		for i := range all {
			title := groupOf(req.GetBy(), c, &all[i])
			g := groups[title]
			if g == nil {
				g = &pb.Statistic{Title: title}
				groups[title] = g
				res.Statistics = append(res.Statistics, g)
			}
			if key := title + c.Code; !cities[key] {
				cities[key] = true
				g.Cities++
			}
			at, finished, overdue := v.judge(&all[i])
			g.Cells += count(all[i].origin != granted || v.list.Entry(all[i].number) != nil)
			g.Finished += count(finished)
			g.Planned += count(at == pb.Standing_PLANNED)
			g.Waiting += count(at == pb.Standing_WAITING)
			g.Overdue += count(overdue)
		}
	}
	slices.SortFunc(res.Statistics, func(a, b *pb.Statistic) int { return strings.Compare(a.Title, b.Title) })
	return res, nil
}

func groupOf(by pb.Grouping, c *ent.City, of *cell) string {
	title := ""
	switch by {
	case pb.Grouping_PROVINCE:
		title = provinces[c.Code[:2]]
	case pb.Grouping_REGION:
		title = c.Region
	case pb.Grouping_AUTHORITY:
		if title = of.authority; title == "" {
			return "地方自建"
		}
	}
	if title == "" {
		return "其他"
	}
	return title
}

// ExportMatrix (导出归并进度) writes the matrix to take away.
func (s *Service) ExportMatrix(ctx context.Context, req *pb.ExportMatrixRequest) (*pb.Sheet, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	v, err := s.overview(ctx)
	if err != nil {
		return nil, err
	}
	t := table{title: "归并进度", notes: []string{fmt.Sprintf("归并清单第 %d 版，%s，范围：%s", v.list.Version, today(v.now), v.title)},
		head: []string{"城市", "已签收版本"}}
	for _, e := range v.entries {
		t.head = append(t.head, e.Number)
	}
	t.head = append(t.head, "地方自建")
	for _, c := range v.cities {
		line := []string{c.Title, fmt.Sprint(v.acked[c.Code])}
		var locals []string
		all := v.of(c.Code)
		for i := range all {
			at, _, overdue := v.judge(&all[i])
			words := standingTitles[at] + when(overdue, "（逾期）")
			if i < len(v.entries) {
				line = append(line, words)
			} else {
				locals = append(locals, all[i].number+words)
			}
		}
		t.rows = append(t.rows, append(line, strings.Join(locals, "；")))
	}
	return t.sheet(ctx, "progress", req.GetFormat())
}

// acknowledge writes the city's word on a version; the row may be missing where the city is younger than the version.
func (s *Service) acknowledge(ctx context.Context, d *Document) (*ent.Acknowledgement, error) {
	err := s.ent().Acknowledgement.Create().SetCity(placeOf(ctx)).SetVersion(d.Version).SetDigest(d.Digest()).SetReceivedAt(store.Now(ctx)).
		OnConflictColumns(acknowledgement.FieldCity, acknowledgement.FieldVersion).Ignore().Exec(ctx)
	if err != nil {
		return nil, fmt.Errorf("acknowledgement: %w", err)
	}
	n, err := s.ent().Acknowledgement.Update().Where(acknowledgement.City(placeOf(ctx)), acknowledgement.Version(d.Version),
		acknowledgement.AcknowledgedAtIsNil()).SetAcknowledgedAt(store.Now(ctx)).SetAcknowledgedBy(tenants.From(ctx).Login).Save(ctx)
	if err != nil {
		return nil, fmt.Errorf("acknowledgement: %w", err)
	}
	if n > 0 {
		if err := s.record.Write(ctx, "list.acknowledge", fmt.Sprintf("签收归并清单第 %d 版", d.Version)); err != nil {
			return nil, err
		}
	}
	a, err := s.ent().Acknowledgement.Query().Where(acknowledgement.City(placeOf(ctx)), acknowledgement.Version(d.Version)).Only(ctx)
	if err != nil {
		return nil, fmt.Errorf("acknowledgement: %w", err)
	}
	return a, nil
}

func renderAcknowledgement(a *ent.Acknowledgement, title string) *pb.Acknowledgement {
	return &pb.Acknowledgement{City: a.City, CityTitle: title, Version: int32(a.Version), Digest: a.Digest, ReceiveTime: timestamppb.New(a.ReceivedAt),
		AcknowledgedBy: a.AcknowledgedBy, AcknowledgeTime: stamp(a.AcknowledgedAt)}
}

// ListAcknowledgements (签收情况) says which city has a version, and which was left on an older one.
func (s *Service) ListAcknowledgements(ctx context.Context, req *pb.ListAcknowledgementsRequest) (*pb.ListAcknowledgementsResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	m, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	version := int(req.GetVersion())
	if version == 0 {
		version = len(m.versions)
	}
	if version < 1 || version > len(m.versions) {
		return nil, notFound()
	}
	res := &pb.ListAcknowledgementsResponse{}
	err = s.db.View(ctx, func(ctx context.Context) error {
		r, err := s.reach(ctx)
		if err != nil {
			return err
		}
		rows, err := s.ent().Acknowledgement.Query().Where(acknowledgement.Version(version)).All(ctx)
		if err != nil {
			return fmt.Errorf("acknowledgements: %w", err)
		}
		have := map[string]*ent.Acknowledgement{}
		for _, a := range rows {
			have[a.City] = a
		}
		for _, c := range r.cities {
			if a := have[c.Code]; a != nil {
				a.AcknowledgedBy = "" // above the city it is the city that counts
				res.Acknowledgements = append(res.Acknowledgements, renderAcknowledgement(a, c.Title))
			} else {
				res.Missing = append(res.Missing, c.Code)
			}
		}
		return nil
	})
	return res, err
}
