package report

import (
	"context"
	"fmt"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/xuri/excelize/v2"

	pb "hotline/api/report/v1"
	"hotline/tenants"
)

// Export (导出) makes the workbook, or words the mark for a picture. Nothing leaves without its line in the city's record.
func (s *Service) Export(ctx context.Context, in *pb.ExportRequest) (out *pb.Sheet, err error) {
	form, what := "图片", ""
	err = s.look(ctx, in.GetParent(), func(d *desk) error {
		p, err := d.days(in.GetFrom(), in.GetTo())
		if err != nil {
			return err
		}
		what = p.first.String() + " 至 " + p.last.String()
		out = &pb.Sheet{Watermark: d.watermark("看板导出 " + what)}
		if in.GetForm() == pb.Form_EXCEL {
			form = "Excel"
			return d.workbook(out, p)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	for try := 0; ; try++ { // of two lines written at once the slower is written again
		err = s.db.Do(ctx, func(ctx context.Context) error {
			return s.rec.Write(ctx, "report.export", "导出看板（"+form+"）："+what)
		})
		if errors.Reason(err) != "CONFLICT" || try == 4 {
			break
		}
	}
	if err != nil {
		return nil, err
	}
	return out, nil
}

const excelType = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

// workbook writes every report on a sheet of its own.
func (d *desk) workbook(out *pb.Sheet, p span) error {
	w := &book{file: excelize.NewFile(), mark: out.GetWatermark()}
	defer func() { _ = w.file.Close() }()
	for _, sheet := range []func(*book, span) error{d.overviewSheet, d.pressureSheet, d.heatSheet, d.ratesSheet, d.excludedSheet} {
		if err := sheet(w, p); err != nil {
			return err
		}
	}
	if w.err != nil {
		return fmt.Errorf("excel: %w", w.err)
	}
	b, err := w.file.WriteToBuffer()
	if err != nil {
		return fmt.Errorf("excel: %w", err)
	}
	out.Content, out.ContentType = b.Bytes(), excelType
	out.Filename = fmt.Sprintf("dashboard-%s-%s-%s.xlsx", d.city, p.first, p.last)
	return nil
}

// book is a workbook that is being written; the first error stays.
type book struct {
	file  *excelize.File
	mark  string
	sheet string
	line  int
	err   error
}

// begin opens a sheet: its first line is the watermark, which is its header and footer on paper too.
func (w *book) begin(name string, widths ...float64) {
	if w.sheet == "" {
		w.keep(w.file.SetSheetName("Sheet1", name))
	} else if _, err := w.file.NewSheet(name); err != nil {
		w.keep(err)
	}
	w.sheet, w.line = name, 0
	mark := "&R" + w.mark
	w.keep(w.file.SetHeaderFooter(name, &excelize.HeaderFooterOptions{OddHeader: mark, OddFooter: mark}))
	for i, width := range widths {
		col, err := excelize.ColumnNumberToName(i + 1)
		w.keep(err)
		w.keep(w.file.SetColWidth(name, col, col, width))
	}
	w.row(w.mark)
}

func (w *book) keep(err error) {
	if w.err == nil {
		w.err = err
	}
}

// row writes a line; a string stays a string and never becomes a formula.
func (w *book) row(cells ...any) {
	w.line++
	for i, cell := range cells {
		at, err := excelize.CoordinatesToCellName(i+1, w.line)
		w.keep(err)
		if text, ok := cell.(string); ok {
			w.keep(w.file.SetCellStr(w.sheet, at, text))
		} else if cell != nil {
			w.keep(w.file.SetCellValue(w.sheet, at, cell))
		}
	}
}

// percent is a rate as people read it; a dash when there is nothing to count.
func percent(good, due *pb.Count) string {
	if due.GetOrders() == 0 {
		return "—"
	}
	return fmt.Sprintf("%.2f%%", float64(good.GetOrders())/float64(due.GetOrders())*100)
}

func points(score *int32) string {
	if score == nil {
		return "—"
	}
	return fmt.Sprintf("%.2f", float64(*score)/100)
}

func (d *desk) overviewSheet(w *book, _ span) error {
	o, err := d.overview()
	if err != nil {
		return err
	}
	w.begin("总览", 14, 12, 12, 12)
	head := []any{"指标", "今日", "昨日", "昨日同刻"}
	for _, day := range o.GetFigures()[0].GetTrend() {
		head = append(head, day.GetDate())
	}
	w.row(head...)
	for _, f := range o.GetFigures() {
		var line []any
		if f.GetKey() == satisfaction {
			line = []any{f.GetTitle() + "（剔除后）", after(f.GetToday()), after(f.GetYesterday()), nil}
			before := []any{f.GetTitle() + "（剔除前）", beforeOf(f.GetToday()), beforeOf(f.GetYesterday()), nil}
			for _, day := range f.GetTrend() {
				line, before = append(line, after(day)), append(before, beforeOf(day))
			}
			w.row(line...)
			w.row(before...)
			continue
		}
		line = []any{f.GetTitle(), f.GetToday().GetCount().GetOrders(), f.GetYesterday().GetCount().GetOrders(), f.GetYesterdayByNow()}
		for _, day := range f.GetTrend() {
			line = append(line, day.GetCount().GetOrders())
		}
		w.row(line...)
	}
	return nil
}

func after(day *pb.Day) string { return percent(day.GetRate().GetGood(), day.GetRate().GetDue()) }
func beforeOf(day *pb.Day) string {
	return percent(day.GetRate().GetGoodBefore(), day.GetRate().GetDueBefore())
}

func (d *desk) pressureSheet(w *book, _ span) error {
	p, err := d.pressure()
	if err != nil {
		return err
	}
	w.begin("临期超期", 18, 30, 10, 10)
	w.row("环节", "单位", "临期", "超期")
	w.row("合计", "", p.GetWarned().GetOrders(), p.GetOverdue().GetOrders())
	for _, r := range p.GetRows() {
		w.row(r.GetStepTitle(), r.GetUnitTitle(), r.GetWarned().GetOrders(), r.GetOverdue().GetOrders())
	}
	return nil
}

func (d *desk) heatSheet(w *book, p span) error {
	h, err := d.heat(p, "")
	if err != nil {
		return err
	}
	w.begin("热力图", 22)
	head := []any{"分类＼区县"}
	column := map[string]int{}
	for i, line := range h.GetDistricts() {
		head, column[line.GetKey()] = append(head, line.GetTitle()), i+1
	}
	w.row(append(head, "合计")...)
	for _, line := range h.GetCategories() {
		cells := make([]any, len(head)+1)
		cells[0], cells[len(head)] = line.GetTitle(), line.GetOrders().GetOrders()
		for _, c := range h.GetCells() {
			if c.GetCategory() == line.GetKey() {
				cells[column[c.GetDistrict()]] = c.GetOrders().GetOrders()
			}
		}
		w.row(cells...)
	}
	w.row("图中合计", h.GetShown().GetOrders())
	w.row("保密工单（不分类、不分区县）", h.GetConfidential().GetOrders())
	return nil
}

func (d *desk) ratesSheet(w *book, p span) error {
	r, err := d.rates(p)
	if err != nil {
		return err
	}
	w.begin("单位三率", 8, 30)
	w.row(fmt.Sprintf("统计期 %s 至 %s，城市规则第 %d 版", r.GetFrom(), r.GetTo(), r.GetPolicyVersion()))
	head := []any{"名次", "单位"}
	for _, f := range r.GetFormulas() {
		w.row(f.GetTitle(), f.GetText(), fmt.Sprintf("权重 %d%%", f.GetWeight()))
		head = append(head, f.GetTitle()+"（剔除后）", "分子", "分母", f.GetTitle()+"（剔除前）", "分子", "分母")
	}
	w.row(append(head, "得分（剔除后）", "得分（剔除前）")...)
	for _, u := range append([]*pb.UnitRates{r.GetTotal()}, r.GetUnits()...) {
		var line []any
		if line = append(line, nil, u.GetTitle()); u.GetRank() > 0 {
			line[0] = u.GetRank()
		}
		for _, rate := range []*pb.Rate{u.GetResponse(), u.GetSolved(), u.GetSatisfaction()} {
			line = append(line, percent(rate.GetGood(), rate.GetDue()), rate.GetGood().GetOrders(), rate.GetDue().GetOrders(),
				percent(rate.GetGoodBefore(), rate.GetDueBefore()), rate.GetGoodBefore().GetOrders(), rate.GetDueBefore().GetOrders())
		}
		w.row(append(line, points(u.Score), points(u.ScoreBefore))...)
	}
	return nil
}

// mostExcluded is how many orders of a rate a workbook lists, which is made in memory.
const mostExcluded = 10_000

// excludedSheet lists what was left out of each rate and why, order by order: numbers of orders, nothing of a citizen. Only who may list
// the orders gets it.
func (d *desk) excludedSheet(w *book, p span) error {
	v := tenants.From(d.ctx)
	if !d.s.access.May(v.Roles(), "work_order", "get") {
		return nil
	}
	w.begin("剔除清单", 12, 28, 30, 26)
	w.row("指标", "剔除事由", "单位", "工单编号")
	for _, figure := range []string{response, solved, satisfaction} {
		q := d.final(figure, p, "y.unit").in("select f.ground, f.unit, o.number from (", ") f").
			and("join work_orders o on o.tenant = ? and o.id = f.id where f.ground <> '' order by 1, 2, 3 limit ?", d.city, mostExcluded+1)
		titles := map[string]string{}
		for _, r := range d.reasons(figure) {
			titles[r.key] = r.title
		}
		lines := 0
		err := d.rows(q, func(scan func(...any) error) error {
			var ground, unit, number string
			if err := scan(&ground, &unit, &number); err != nil {
				return err
			}
			if lines++; lines > mostExcluded {
				w.row(texts[figure].title, fmt.Sprintf("仅列前 %d 件，请缩短统计期后再导出", mostExcluded))
				return nil
			}
			w.row(texts[figure].title, titles[ground], d.titleOf(unit), number)
			return nil
		})
		if err != nil {
			return err
		}
	}
	return nil
}
