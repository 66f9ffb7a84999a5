package report

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"entgo.io/ent/dialect/sql"
)

// phrase is a piece of SQL, each of its values a ? in the text. Values never stand in the text itself.
type phrase struct {
	text string
	args []any
}

func say(text string, args ...any) phrase { return phrase{text, args} }

// and goes on with another piece.
func (p phrase) and(text string, args ...any) phrase {
	return phrase{p.text + " " + text, append(p.args[:len(p.args):len(p.args)], args...)}
}

// with goes on with a phrase.
func (p phrase) with(q phrase) phrase { return p.and(q.text, q.args...) }

// in puts the phrase between the two halves of a text.
func (p phrase) in(head, tail string) phrase { return phrase{head + p.text + tail, p.args} }

// numbered is the text with the values numbered, as both databases read them.
func (p phrase) numbered() string {
	var b strings.Builder
	n := 0
	for _, r := range p.text {
		if r != '?' {
			b.WriteRune(r)
			continue
		}
		n++
		b.WriteString("$" + strconv.Itoa(n))
	}
	return b.String()
}

// write puts the phrase into a query of ent's, whose values are numbered by what stands around it.
func (p phrase) write(b *sql.Builder) {
	for i, part := range strings.Split(p.text, "?") {
		if i > 0 {
			b.Arg(p.args[i-1])
		}
		b.WriteString(part)
	}
}

// list is the inside of an IN (…).
func list(values []string) (text string, args []any) {
	for _, v := range values {
		args = append(args, v)
	}
	return strings.TrimSuffix(strings.Repeat("?,", len(values)), ","), args
}

// rows runs a question; one is called for each row of the answer.
func (d *desk) rows(q phrase, one func(scan func(...any) error) error) error {
	rows, err := d.s.db.Ent.QueryContext(d.ctx, q.numbered(), q.args...)
	if err != nil {
		return fmt.Errorf("report: %w", err)
	}
	defer func() { _ = rows.Close() }()
	for rows.Next() {
		if err := one(rows.Scan); err != nil {
			return fmt.Errorf("report: %w", err)
		}
	}
	if err := rows.Err(); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	return nil
}

// number runs a question whose answer is one number.
func (d *desk) number(q phrase) (n int32, err error) {
	err = d.rows(q, func(scan func(...any) error) error { return scan(&n) })
	return n, err
}

// mine narrows orders to those in the viewer's reach: of a subtree, those in which one of its units has or had a part. Both the units as
// they stand now and the path at the time must fit, so that what is counted can be listed too.
func (d *desk) mine() phrase {
	if d.reach == nil {
		return phrase{}
	}
	marks, units := list(d.reach)
	// For each order by itself: there are fewer orders in a span than in the life of a unit, and PostgreSQL would guess otherwise.
	p := say("and case when exists (select 1 from assignments s where s.tenant = ? and s.work_order_id = o.id and s.unit in ("+marks+") and (1 = 0",
		append([]any{d.city}, units...)...)
	for _, top := range d.above {
		p = p.and("or substr(s.path, 1, "+strconv.Itoa(utf8.RuneCountInString(top))+") = ?", top)
	}
	return p.and(")) then 1 else 0 end = 1")
}

// ours narrows a column of units to the viewer's reach.
func (d *desk) ours(column string) phrase {
	if d.reach == nil {
		return phrase{}
	}
	marks, units := list(d.reach)
	return say("and "+column+" in ("+marks+")", units...)
}
