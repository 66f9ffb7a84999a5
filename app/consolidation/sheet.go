package consolidation

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"github.com/xuri/excelize/v2"

	pb "hotline/api/consolidation/v1"
)

// table is what an export writes: a title, notes, a head and rows, and who took it away.
type table struct {
	title string
	notes []string
	head  []string
	rows  [][]string
	mark  string // watermark of what is not for everybody: the last line
}

// page is a page to print; html/template escapes what people wrote.
var page = template.Must(template.New("page").Parse(`<!doctype html>
<html lang="zh-CN"><head><meta charset="utf-8"><title>{{.Title}}</title><style>
body{font-family:"Noto Serif CJK SC",SimSun,serif;margin:2cm}h1{text-align:center;font-size:22px}
table{border-collapse:collapse;width:100%;font-size:13px}th,td{border:1px solid #333;padding:4px 6px;text-align:left}
thead{display:table-header-group}tr{page-break-inside:avoid}.note{font-size:12px;word-break:break-all}
</style></head><body><h1>{{.Title}}</h1>{{range .Notes}}<p class="note">{{.}}</p>{{end}}
<table><thead><tr>{{range .Head}}<th>{{.}}</th>{{end}}</tr></thead><tbody>{{range .Rows}}<tr>{{range .}}<td>{{.}}</td>{{end}}</tr>
{{end}}</tbody></table>{{with .Mark}}<p class="note">{{.}}</p>{{end}}</body></html>
`))

func (t table) sheet(name string, format pb.Format) (*pb.Sheet, error) {
	switch format {
	case pb.Format_XLSX:
		return t.excel(name)
	case pb.Format_HTML:
		var b bytes.Buffer
		err := page.Execute(&b, struct {
			Title       string
			Notes, Head []string
			Rows        [][]string
			Mark        string
		}{t.title, t.notes, t.head, t.rows, t.mark})
		return &pb.Sheet{Filename: name + ".html", ContentType: "text/html; charset=utf-8", Content: b.Bytes()}, err
	}
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
	if t.mark != "" {
		_ = w.Write([]string{plainCell(t.mark)})
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

func (t table) excel(name string) (*pb.Sheet, error) {
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
	lines := append([][]string{t.head}, t.rows...)
	if t.mark != "" {
		lines = append(lines, []string{t.mark})
	}
	for _, cells := range lines {
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
	return t.sheet(fmt.Sprintf("consolidation-list-%d", d.Version), req.GetFormat())
}
