// Package report counts (看板): one file a report. Every figure is one query, and the same query lists the orders behind it. See DESIGN.md.
package report

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"github.com/go-kratos/kratos/v2/errors"

	pb "hotline/api/report/v1"
	"hotline/ent"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/access"
	"hotline/tenants/calendar"
	"hotline/tenants/directory"
	"hotline/tenants/policy"
	"hotline/tenants/record"
)

// Service counts for all cities.
type Service struct {
	pb.UnimplementedReportsServer

	db        *store.Store
	book      *policy.Book
	directory *directory.Directory
	access    *access.Access
	rec       *record.Record
}

// New opens the room.
func New(db *store.Store, book *policy.Book, dir *directory.Directory, acc *access.Access, rec *record.Record) *Service {
	return &Service{db: db, book: book, directory: dir, access: acc, rec: rec}
}

// desk is what one report is made with: who looks, how far, by which rules, and at which moment.
type desk struct {
	s       *Service
	ctx     context.Context
	city    string
	now     time.Time
	rules   *policy.InForce
	tree    map[string]*ent.Unit
	reach   []string // units of the viewer's subtree; nil for the whole city
	above   []string // paths of the units on top of it
	scoring map[string][]string
}

// look opens a desk in a reading transaction.
func (s *Service) look(ctx context.Context, parent string, fn func(d *desk) error) error {
	v := tenants.From(ctx)
	if parent != "tenants/"+v.Tenant {
		return notFound()
	}
	return s.db.View(ctx, func(ctx context.Context) error {
		d, err := s.sit(ctx)
		if err != nil {
			return err
		}
		return fn(d)
	})
}

func (s *Service) sit(ctx context.Context) (*desk, error) {
	v := tenants.From(ctx)
	d := &desk{s: s, ctx: ctx, city: v.Tenant, now: store.Now(ctx)}
	var err error
	if d.rules, err = s.book.InForce(ctx); err != nil {
		return nil, err
	}
	if d.tree, err = s.directory.Tree(ctx); err != nil {
		return nil, err
	}
	d.scoring = grounds(d.rules.Policy.GetScoring())
	switch s.access.Scope(v.Roles(), "report", "get") {
	case access.City:
		return d, nil
	case access.Subtree:
		d.reach = []string{"-"} // no unit's code: never an empty IN ()
		for _, p := range v.Posts {
			if u := d.tree[p.Unit]; u != nil {
				d.above = append(d.above, u.Path)
			}
		}
		for code, u := range d.tree {
			if slices.ContainsFunc(d.above, func(top string) bool { return strings.HasPrefix(u.Path, top) }) {
				d.reach = append(d.reach, code)
			}
		}
		slices.Sort(d.reach)
		return d, nil
	}
	return nil, errors.Forbidden("DENIED", "您的岗位不能查看看板，请联系城市管理员。")
}

func notFound() error {
	return errors.NotFound("NOT_FOUND", "没有找到，或不在您可见的范围内。")
}

func invalid(field, format string, args ...any) error {
	sentence := fmt.Sprintf(format, args...)
	return errors.BadRequest("INVALID_ARGUMENT", sentence).WithMetadata(map[string]string{"field." + field: sentence})
}

// span (统计期) is a run of days in Beijing, both included.
type span struct{ first, last calendar.Date }

// longest is how many days one report may cover: two years to compare.
const longest = 732

// today is the day in Beijing.
func (d *desk) today() calendar.Date { return calendar.DateOf(d.now) }

// days reads the span of a request; the last 30 days when it names none.
func (d *desk) days(from, to string) (span, error) {
	p := span{last: d.today()}
	var err error
	if to != "" {
		if p.last, err = calendar.ParseDate(to); err != nil {
			return p, invalid("to", "没有“%s”这一天，请写作 2026-11-23。", to)
		}
	}
	p.first = before(p.last, 29)
	if from != "" {
		if p.first, err = calendar.ParseDate(from); err != nil {
			return p, invalid("from", "没有“%s”这一天，请写作 2026-11-01。", from)
		}
	}
	switch n := int(p.end().Sub(p.start()).Hours() / 24); {
	case n < 1:
		return p, invalid("from", "开始日期不能晚于结束日期。")
	case n > longest:
		return p, invalid("from", "一次最多统计 %d 天，请缩短日期范围。", longest)
	}
	return p, nil
}

// start and end are the moments between which the span lies; the end is no part of it.
func (p span) start() time.Time { return p.first.Start().UTC() }
func (p span) end() time.Time   { return before(p.last, -1).Start().UTC() }

// before is so many days earlier.
func before(d calendar.Date, days int) calendar.Date {
	return calendar.DateOf(d.Start().AddDate(0, 0, -days))
}

// watermark (水印) says who looked at what and when.
func (d *desk) watermark(title string) string {
	return tenants.From(d.ctx).Login + " " + d.now.In(calendar.Zone).Format("2006-01-02 15:04") + " " + title
}

// titleOf names a unit; what no unit did the hotline did.
func (d *desk) titleOf(unit string) string {
	if unit == "" {
		return "12345 热线"
	}
	if u := d.tree[unit]; u != nil {
		return u.Title
	}
	return unit
}

// day is the SQL for the day in Beijing on which a moment lies.
func (d *desk) day(moment string) string {
	if d.s.db.Dialect() == dialect.SQLite {
		return "date(" + moment + ", '+8 hours')"
	}
	return "to_char(" + moment + " at time zone 'UTC' + interval '8 hours', 'YYYY-MM-DD')"
}
