package calendar

import (
	"encoding/csv"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Kind says what a Day is: off or at work.
type Kind uint8

const (
	// Holiday is a day off (放假): a statutory holiday, a day moved to make a longer
	// one, or a city's own day off such as 彝族年.
	Holiday Kind = iota + 1
	// Workday is a day at work on what would be a day off (调休上班).
	Workday
)

// ParseKind reads "holiday" or "workday", or what people write in a sheet: 放假,
// 休, 上班, 调休上班, 班. Its error is an *InvalidError.
func ParseKind(text string) (Kind, error) {
	switch text {
	case "holiday", "放假", "休":
		return Holiday, nil
	case "workday", "上班", "调休上班", "班":
		return Workday, nil
	}
	return 0, invalid("kind", "类型“%s”无效，应为holiday（放假）或workday（上班）", clip(text))
}

// String is "holiday", "workday", or "" for no kind.
func (k Kind) String() string {
	switch k {
	case Holiday:
		return "holiday"
	case Workday:
		return "workday"
	}
	return ""
}

// MarshalText writes "holiday" or "workday"; any other Kind is an *InvalidError.
func (k Kind) MarshalText() ([]byte, error) {
	if k != Holiday && k != Workday {
		return nil, invalid("kind", "类型无效，应为holiday（放假）或workday（上班）")
	}
	return []byte(k.String()), nil
}

// UnmarshalText reads what ParseKind reads.
func (k *Kind) UnmarshalText(text []byte) error {
	parsed, err := ParseKind(string(text))
	if err != nil {
		return err
	}
	*k = parsed
	return nil
}

// Day is one entry of a notice (放假通知的一天): a date that differs from the plain
// week, or that bears a festival's name. Days without an entry follow the week:
// Monday to Friday are working days.
type Day struct {
	Date Date   `json:"date"`
	Kind Kind   `json:"kind"`
	Name string `json:"name,omitempty"` // the festival, e.g. 春节; may be empty
}

const (
	maxNameRunes = 40
	maxDays      = 1000
	maxDaysBytes = 1 << 20
)

func (d Day) check() error {
	if err := d.Date.check(); err != nil {
		return err
	}
	if _, err := d.Kind.MarshalText(); err != nil {
		return invalid("kind", "%s的%s", d.Date, err)
	}
	if !utf8.ValidString(d.Name) || strings.ContainsFunc(d.Name, unprintable) {
		return invalid("name", "%s的名称含有不可见的字符", d.Date)
	}
	if utf8.RuneCountInString(d.Name) > maxNameRunes {
		return invalid("name", "%s的名称超过%d个字", d.Date, maxNameRunes)
	}
	return nil
}

func unprintable(r rune) bool { return !unicode.IsPrint(r) }

// ParseDays reads a list of days as an administrator brings it: CSV with the
// columns date,kind,name (a header line is optional, Excel's 2026/2/14 is read
// too), or JSON lines such as {"date":"2026-11-20","kind":"holiday","name":"彝族年"}.
// Lines that begin with # are comments. The text must be UTF-8; the order is kept.
//
// It is all or nothing: the first wrong line is an *InvalidError with its number,
// and so are a date given twice, an empty list and more than 1000 days.
func ParseDays(text string) ([]Day, error) {
	if len(text) > maxDaysBytes {
		return nil, invalid("text", "文件超过1MB，不像节假日清单")
	}
	if !utf8.ValidString(text) {
		return nil, invalid("text", "文件不是UTF-8编码：请在表格软件中另存为“CSV UTF-8”")
	}
	list := &dayList{seen: map[Date]int{}}
	text = strings.TrimPrefix(text, "\ufeff")
	read := list.readCSV
	if firstMeaningful(text) == '{' {
		read = list.readJSONLines
	}
	if err := read(text); err != nil {
		return nil, err
	}
	if len(list.days) == 0 {
		return nil, invalid("text", "没有读到任何日期")
	}
	return list.days, nil
}

// dayList gathers the days of one text and remembers where each date stood.
type dayList struct {
	days []Day
	seen map[Date]int
}

func (l *dayList) readCSV(text string) error {
	r := csv.NewReader(strings.NewReader(text))
	r.Comment, r.FieldsPerRecord, r.TrimLeadingSpace = '#', -1, true
	for first := true; ; first = false {
		fields, err := r.Read()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return csvError(err)
		}
		line, _ := r.FieldPos(0)
		fields = trimFields(fields)
		if len(fields) == 0 || first && (fields[0] == "date" || fields[0] == "日期") {
			continue
		}
		if len(fields) < 2 || len(fields) > 3 {
			return &InvalidError{Field: "text", Line: line, Reason: "应为“日期,类型,名称”三列，名称可以空着"}
		}
		if err := l.add(line, append(fields, "")); err != nil {
			return err
		}
	}
}

func csvError(err error) error {
	out := &InvalidError{Field: "text", Reason: "不是正确的CSV：引号不成对"}
	if parse, ok := errors.AsType[*csv.ParseError](err); ok {
		out.Line = parse.Line
	}
	return out
}

// trimFields drops blanks, and the empty columns that spreadsheets add at the end.
func trimFields(fields []string) []string {
	for i := range fields {
		fields[i] = strings.TrimSpace(fields[i])
	}
	for len(fields) > 0 && fields[len(fields)-1] == "" {
		fields = fields[:len(fields)-1]
	}
	return fields
}

func (l *dayList) readJSONLines(text string) error {
	number := 0
	for line := range strings.Lines(text) {
		number++
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		var row struct{ Date, Kind, Name string }
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&row); err != nil || decoder.InputOffset() != int64(len(line)) {
			return &InvalidError{Field: "text", Line: number,
				Reason: `这一行不是正确的JSON，应为{"date":"2026-11-20","kind":"holiday","name":"彝族年"}`}
		}
		if err := l.add(number, []string{row.Date, row.Kind, strings.TrimSpace(row.Name)}); err != nil {
			return err
		}
	}
	return nil
}

// add takes the fields date, kind and name of one line.
func (l *dayList) add(line int, fields []string) error {
	d, err := parseDay(fields[0], fields[1], fields[2])
	if err == nil && l.seen[d.Date] != 0 {
		err = invalid("date", "%s与第%d行重复", d.Date, l.seen[d.Date])
	}
	if err == nil && len(l.days) == maxDays {
		err = invalid("text", "超过%d天，不像节假日清单", maxDays)
	}
	if err != nil {
		if wrong, ok := errors.AsType[*InvalidError](err); ok {
			wrong.Line = line
		}
		return err
	}
	l.seen[d.Date] = line
	l.days = append(l.days, d)
	return nil
}

func parseDay(date, kind, name string) (Day, error) {
	// "2006-1-2" also reads 2026-02-14; the slash is how Excel exports a date.
	when, err := parseDate("2006-1-2", strings.ReplaceAll(date, "/", "-"))
	if err != nil {
		return Day{}, err
	}
	k, err := ParseKind(kind)
	if err != nil {
		return Day{}, err
	}
	d := Day{Date: when, Kind: k, Name: name}
	return d, d.check()
}

// firstMeaningful is the first byte of the first line that is neither blank nor a
// comment, 0 when there is none.
func firstMeaningful(text string) byte {
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" && line[0] != '#' {
			return line[0]
		}
	}
	return 0
}
