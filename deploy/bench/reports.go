package main

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/jackc/pgx/v5"

	"hotline/app/house"
	"hotline/app/play"
	"hotline/tenants"
)

// behind gives each copied order what reports count beside it: the unit's clocks, and a callback where it was closed.
var behind = map[string][]string{
	"postgres": {
		`insert into clocks (tenant, id, work_order_id, step, unit, span, policy, start_at, due_at, stop_at, overdue_at, warned, fires, remaining, held)
			select w.tenant, gen_random_uuid(), w.id, s.step, w.lead, '1wd', 1, w.received_at, w.received_at + s.span,
				case when w.state = 'closed' then w.received_at + s.span * (0.2 + random()) end, null, 80, false, '', 0
			from work_orders w cross join (values ('contact', interval '1 day'), ('reply', interval '7 days')) s(step, span)
			where w.tenant = $1 and w.lead <> '' and not exists (select 1 from clocks c where c.tenant = w.tenant and c.work_order_id = w.id)`,
		`update clocks set overdue_at = due_at where tenant = $1 and stop_at > due_at`,
		`update assignments a set contacted_at = c.stop_at from clocks c where a.tenant = $1 and a.contacted_at is null and c.tenant = a.tenant
			and c.work_order_id = a.work_order_id and c.unit = a.unit and c.step = 'contact'`,
		`insert into callbacks (tenant, id, work_order_id, round, attempt, reached, contacted, solved, result_grade, attitude_grade, channel, author, created_at)
			select w.tenant, gen_random_uuid(), w.id, 1, 1, true, true, random() < 0.9, 1 + floor(random() * 5)::int, 2, 'phone', 'bench', w.received_at + interval '8 days'
			from work_orders w where w.tenant = $1 and w.state = 'closed'
			and not exists (select 1 from callbacks c where c.tenant = w.tenant and c.work_order_id = w.id)`,
	},
	"sqlite3": {
		`insert into clocks (tenant, id, work_order_id, step, unit, span, policy, start_at, due_at, stop_at, overdue_at, warned, fires, remaining, held)
			select w.tenant, ` + uuid4 + `, w.id, s.step, w.lead, '1wd', 1, w.received_at, ` + later(`s.span || ' days'`) + `,
				case when w.state = 'closed' then ` + later(`(s.span * (20 + abs(random()) % 100) / 100.0) || ' days'`) + ` end, null, 80, 0, '', 0
			from work_orders w cross join (select 'contact' as step, 1 as span union all select 'reply', 7) s
			where w.tenant = $1 and w.lead <> '' and not exists (select 1 from clocks c where c.tenant = w.tenant and c.work_order_id = w.id)`,
		`update clocks set overdue_at = due_at where tenant = $1 and stop_at > due_at`,
		`update assignments set contacted_at = (select c.stop_at from clocks c where c.tenant = assignments.tenant and c.work_order_id = assignments.work_order_id
			and c.unit = assignments.unit and c.step = 'contact') where tenant = $1 and contacted_at is null`,
		`insert into callbacks (tenant, id, work_order_id, round, attempt, reached, contacted, solved, result_grade, attitude_grade, channel, author, created_at)
			select w.tenant, ` + uuid4 + `, w.id, 1, 1, 1, 1, abs(random()) % 10 < 9, 1 + abs(random()) % 5, 2, 'phone', 'bench', ` + later(`'8 days'`) + `
			from work_orders w where w.tenant = $1 and w.state = 'closed'
			and not exists (select 1 from callbacks c where c.tenant = w.tenant and c.work_order_id = w.id)`,
		`analyze`,
	},
}

const uuid4 = `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-8' ||
	substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`

// later is the moment so long after an order came in, as SQLite keeps moments.
func later(span string) string {
	return `strftime('%Y-%m-%d %H:%M:%f+00:00', w.received_at, ` + span + `)`
}

// reports measures each report of the big city, for its supervisor and for the lead of a busy unit, in turns.
func reports(ctx context.Context, h *house.House, stage *play.Stage, name, url string, many int, span time.Duration) error {
	const city = "120000"
	start := time.Now()
	if err := fill(ctx, h, stage, url, city, many); err != nil {
		return fmt.Errorf("fill: %w", err)
	}
	for _, statement := range behind[h.Store.Dialect()] {
		err := h.Store.Do(tenants.With(ctx, tenants.System(city)), func(ctx context.Context) error {
			var args []any
			if strings.Contains(statement, "$1") {
				args = append(args, city)
			}
			_, err := h.Store.Ent.ExecContext(ctx, statement, args...)
			return err
		})
		if err != nil {
			return fmt.Errorf("%.40s: %w", statement, err)
		}
	}
	if h.Store.Dialect() == "postgres" { // what autovacuum does on a server that lives longer
		conn, err := pgx.Connect(ctx, url)
		if err != nil {
			return err
		}
		_, err = conn.Exec(ctx, "vacuum analyze clocks, callbacks, assignments")
		_ = conn.Close(ctx)
		if err != nil {
			return err
		}
	}
	fmt.Printf("%d orders written in %s\n", many, time.Since(start).Round(time.Second))
	unit, had, err := busiest(ctx, h, city)
	if err != nil {
		return err
	}
	type ask struct {
		title, path string
		p           *play.Person
		times       []time.Duration
	}
	var asks []*ask
	for _, who := range []struct{ login, title string }{{"supervisor", "the city"}, {"lead." + strings.ToLower(unit), fmt.Sprintf("a unit with %d", had)}} {
		p, err := stage.As(ctx, who.login+"."+city)
		if err != nil {
			return err
		}
		for _, path := range []string{"overview", "pressure", "heat", "rates", "heat?from=" + time.Now().AddDate(0, 0, -364).Format(time.DateOnly)} {
			asks = append(asks, &ask{title: name + ": " + path + " of " + who.title, path: "/v1/tenants/" + city + "/reports/" + path, p: p})
		}
	}
	for start := time.Now(); time.Since(start) < 4*span; {
		for _, a := range asks {
			begun := time.Now()
			if _, err := a.p.Raw(ctx, http.MethodGet, a.path, nil); err != nil {
				return err
			}
			a.times = append(a.times, time.Since(begun))
		}
	}
	for _, a := range asks {
		report(a.title, result{times: a.times, done: int64(len(a.times)), span: 4 * span})
	}
	return nil
}
