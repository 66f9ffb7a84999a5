package policy

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/go-kratos/kratos/v2/errors"

	"hotline/ent"
	"hotline/ent/holidayyear"
	"hotline/ent/store"
	"hotline/tenants/calendar"
)

// Nation (全国工作日历) is the calendar of the whole country: the years that the program brings, then those that an operator
// entered. When a later program brings an entered year itself, the program's counts.
func (b *Book) Nation(ctx context.Context) (c *calendar.Calendar, err error) {
	err = b.db.View(ctx, func(ctx context.Context) error {
		rows, err := b.years(ctx)
		if err != nil {
			return err
		}
		c, err = after(calendar.National(), rows)
		return err
	})
	return c, err
}

func (b *Book) years(ctx context.Context) ([]*ent.HolidayYear, error) {
	rows, err := b.db.Ent.HolidayYear.Query().Order(ent.Asc(holidayyear.FieldYear)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("holiday years: %w", err)
	}
	return rows, nil
}

// after adds the entered years to the calendar.
func after(c *calendar.Calendar, rows []*ent.HolidayYear) (*calendar.Calendar, error) {
	for _, r := range rows {
		if _, last := c.Years(); r.Year <= last {
			continue
		}
		days, err := calendar.ParseDays(r.Days)
		if err == nil {
			c, err = c.WithYear(r.Year, r.Source, days...)
		}
		if err != nil {
			return nil, fmt.Errorf("holiday year %d: %w", r.Year, err)
		}
	}
	return c, nil
}

// yearsMark changes whenever a year is entered or replaced.
func (b *Book) yearsMark(ctx context.Context) (string, error) {
	ids, err := b.db.Ent.HolidayYear.Query().Order(ent.Asc(holidayyear.FieldYear)).IDs(ctx)
	if err != nil {
		return "", fmt.Errorf("holiday years: %w", err)
	}
	return fmt.Sprint(ids), nil
}

// EnterYear (录入节假日安排) adds the year after the last known one from the State Council's notice: columns date, kind, name. The
// source is the notice's title and number; when empty it is the comment in the first line. Replace puts a corrected list in the
// place of the last year that was entered; due moments already stored stay. The year is given back with all that is known then.
func (b *Book) EnterYear(ctx context.Context, text, source string, replace bool) (year int, c *calendar.Calendar, err error) {
	days, err := calendar.ParseDays(text)
	if err != nil {
		return 0, nil, wrong(err)
	}
	for _, d := range days { // a notice may also touch the December before
		year = max(year, d.Date.Year)
	}
	if source == "" {
		source = firstComment(text)
	}
	if err := checkSource(year, source); err != nil {
		return 0, nil, err
	}
	err = b.db.Do(ctx, func(ctx context.Context) error {
		rows, err := b.years(ctx)
		if err != nil {
			return err
		}
		if replace {
			if rows, err = b.removeLast(ctx, year, rows); err != nil {
				return err
			}
		}
		if c, err = after(calendar.National(), rows); err != nil {
			return err
		}
		if c, err = c.WithYear(year, source, days...); err != nil {
			return wrong(err)
		}
		return b.keepYear(ctx, year, source, days)
	})
	return year, c, err
}

// removeLast takes the last entered year away, to be replaced: of those before it, other years may depend.
func (b *Book) removeLast(ctx context.Context, year int, rows []*ent.HolidayYear) ([]*ent.HolidayYear, error) {
	if len(rows) == 0 || rows[len(rows)-1].Year != year {
		return nil, errors.Conflict("NOT_REPLACEABLE",
			fmt.Sprintf("%d年不是最后一个由运维录入的年份，不能替换；随程序发布的年份只能由新版程序更正。", year))
	}
	if err := b.db.Ent.HolidayYear.DeleteOne(rows[len(rows)-1]).Exec(ctx); err != nil {
		return nil, fmt.Errorf("holiday year %d: %w", year, err)
	}
	return rows[:len(rows)-1], nil
}

func (b *Book) keepYear(ctx context.Context, year int, source string, days []calendar.Day) error {
	var list strings.Builder
	for _, d := range days {
		fmt.Fprintf(&list, "%s,%s,\"%s\"\n", d.Date, d.Kind, strings.ReplaceAll(d.Name, `"`, `""`))
	}
	err := b.db.Ent.HolidayYear.Create().SetYear(year).SetSource(source).SetDays(list.String()).
		SetCreatedAt(store.Now(ctx)).Exec(ctx)
	if ent.IsConstraintError(err) {
		return errors.Conflict("CONFLICT", fmt.Sprintf("%d年的节假日安排刚刚由他人录入，请核对。", year))
	}
	if err != nil {
		return fmt.Errorf("holiday year %d: %w", year, err)
	}
	return nil
}

// firstComment is the text of a comment in the first line: there the program's own lists name their notice.
func firstComment(text string) string {
	line, _, _ := strings.Cut(strings.TrimPrefix(text, "\ufeff"), "\n")
	comment, ok := strings.CutPrefix(strings.TrimSpace(line), "#")
	if !ok {
		return ""
	}
	return strings.TrimSpace(comment)
}

// checkSource wants the notice of that year: a list under last year's title was typed from last year's notice.
func checkSource(year int, source string) error {
	switch {
	case source == "":
		return errors.BadRequest("INVALID_ARGUMENT",
			fmt.Sprintf("请写明%d年节假日安排的依据：文件第一行写“# 通知名称（文号）”，或用 --source 给出。", year))
	case !utf8.ValidString(source) || utf8.RuneCountInString(source) > 200 || strings.ContainsFunc(source, unicode.IsControl):
		return errors.BadRequest("INVALID_ARGUMENT", "依据应为一行文字，至多 200 个字。")
	case !strings.Contains(source, fmt.Sprintf("%d年", year)):
		return errors.BadRequest("INVALID_ARGUMENT", fmt.Sprintf("依据“%s”里没有写%d年，请核对是不是这一年的通知。", source, year))
	}
	return nil
}

// wrong makes a refusal of what the calendar says about a list.
func wrong(err error) error {
	return errors.BadRequest("INVALID_ARGUMENT", err.Error()+"。")
}

// Missing (缺少下一年) is a warning from October on while the year after this one is not known; "" when all is well.
func Missing(c *calendar.Calendar, now time.Time) string {
	_, last := c.Years()
	if now.Before(time.Date(last, time.October, 1, 0, 0, 0, 0, calendar.Zone)) {
		return ""
	}
	const year = 366 * 24 * time.Hour
	return c.Warn(now, year)
}
