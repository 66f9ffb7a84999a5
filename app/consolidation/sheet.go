package consolidation

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"html/template"
	"slices"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	pb "hotline/api/consolidation/v1"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/calendar"
)

// table is what an export writes: a title, notes, a head and rows.
type table struct {
	title string
	notes []string
	head  []string
	rows  [][]string
}

// page is a page to print; html/template escapes what people wrote.
var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{{.Title}}</title><style>
body{font-family:"Noto Serif CJK SC",SimSun,serif;margin:2cm}h1{text-align:center;font-size:22px}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{border:1px solid #333;padding:4px 6px;text-align:left}
thead{display:table-header-group}tr{page-break-inside:avoid}.note{font-size:12px;word-break:break-all}
</style></head><body><h1>{{.Title}}</h1>{{range .Notes}}<p class="note">{{.}}</p>{{end}}
<table><thead><tr>{{range .Head}}<th>{{.}}</th>{{end}}</tr></thead><tbody>{{range .Rows}}<tr>{{range .}}<td>{{.}}</td>{{end}}</tr>
{{end}}</tbody></table></body></html>
`))

// sheet writes the table for people: what it is in front, who took it away and when behind.
func (t table) sheet(ctx context.Context, name string, format pb.Format) (*pb.Sheet, error) {
	taken := "导出时间：" + store.Moment(ctx).In(calendar.Zone).Format("2006-01-02 15:04")
	if v := tenants.From(ctx); v != nil && v.Login != "" {
		taken = "导出人：" + v.Login + "，" + taken
	}
	switch format {
	case pb.Format_XLSX:
		return t.excel(name, taken)
	case pb.Format_HTML:
		var b bytes.Buffer
		err := page.Execute(&b, struct {
			Title       string
			Notes, Head []string
			Rows        [][]string
		}{t.title, append(slices.Clone(t.notes), taken), t.head, t.rows})
		return &pb.Sheet{Filename: name + ".html", ContentType: "text/html; charset=utf-8", Content: b.Bytes()}, err
	}
	t.rows = slices.Clone(t.rows)
	for _, note := range append([]string{"", t.title}, append(slices.Clone(t.notes), taken)...) {
		t.rows = append(t.rows, append([]string{note}, make([]string, max(0, len(t.head)-1))...))
	}
	out, err := t.csv(name)
	if err == nil {
		out.Content = append([]byte("\uFEFF"), out.Content...) // Excel takes it for GBK otherwise
	}
	return out, err
}

// csv writes the bare table, for machines.
func (t table) csv(name string) (*pb.Sheet, error) {
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	_ = w.Write(t.head)
	for _, r := range t.rows {
		line := make([]string, len(r))
		for i, cell := range r {
			line[i] = plainCell(cell)
		}
		_ = w.Write(line)
	}
	w.Flush()
	return &pb.Sheet{Filename: name + ".csv", ContentType: "text/csv; charset=utf-8", Content: b.Bytes()}, w.Error()
}

// plainCell keeps a spreadsheet from taking what somebody wrote for a formula.
func plainCell(cell string) string {
	if cell != "" && strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return "'" + cell
	}
	return cell
}

func (t table) excel(name, taken string) (*pb.Sheet, error) {
	f := excelize.NewFile()
	defer func() { _ = f.Close() }()
	const sheet = "Sheet1"
	line := 0
	write := func(cells []string) error {
		line++
		for i, cell := range cells {
			at, err := excelize.CoordinatesToCellName(i+1, line)
			if err != nil {
				return err
			}
			if err := f.SetCellStr(sheet, at, cell); err != nil { // a string never becomes a formula
				return err
			}
		}
		return nil
	}
	all := append([][]string{t.head}, t.rows...)
	for _, note := range append([]string{"", t.title}, append(slices.Clone(t.notes), taken)...) {
		all = append(all, []string{note})
	}
	for _, cells := range all {
		if err := write(cells); err != nil {
			return nil, fmt.Errorf("excel: %w", err)
		}
	}
	b, err := f.WriteToBuffer()
	if err != nil {
		return nil, fmt.Errorf("excel: %w", err)
	}
	return &pb.Sheet{Filename: name + ".xlsx", ContentType: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", Content: b.Bytes()}, nil
}

// ExportList (导出清单) writes a version in the columns of the annex.
func (s *Service) ExportList(ctx context.Context, req *pb.ExportListRequest) (*pb.Sheet, error) {
	_, d, err := s.version(ctx, int(req.GetVersion()))
	if err != nil {
		return nil, err
	}
	t := table{title: fmt.Sprintf("%s（第 %d 版，共 %d 条）", d.Title, d.Version, len(d.Entries)),
		notes: []string{"依据：" + d.Basis, "生效日期：" + d.Effective + "，完成期限：" + d.Deadline, "文件摘要：" + d.Digest(), "签名公钥：" + d.Key},
		head:  []string{"归并方式", "序号", "名称", "号码", "责任单位", "备注"}}
	for _, e := range d.Entries {
		note := ""
		if e.Experts {
			note = "设专家座席"
		}
		t.rows = append(t.rows, []string{modeTitles[e.Mode], strconv.Itoa(e.Seq), e.Title, e.Number, e.Authority, note})
	}
	return t.sheet(ctx, fmt.Sprintf("consolidation-list-%d", d.Version), req.GetFormat())
}
