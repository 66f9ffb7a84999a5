package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"

	pb "hotline/api/casework/v1"
	"hotline/app/house"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent/assignment"
	"hotline/ent/workorder"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// fill makes the city's orders at least n: its samples walk through the API as far as they go, and what the platform wrote of
// them is written again under new ids, numbers and moments. Personal data is sealed anew for each row, because a sealed field
// opens only in the row it was sealed for.
func fill(ctx context.Context, h *house.House, stage *play.Stage, url, city string, n int) error {
	var samples []nation.Request
	for i, r := range nation.Requests() {
		if r.City != city {
			continue
		}
		samples = append(samples, r)
		r.ID = uuid.NewString()
		// Each to another state, as in a real city.
		if _, err := stage.Go(ctx, r, []pb.State{pb.State_CLOSED, pb.State_HANDLING, pb.State_RECEIVED, pb.State_CLOSED}[i%4]); err != nil {
			return err
		}
	}
	ctx = tenants.With(ctx, tenants.System(city))
	keys, err := h.Vault.Keyring(ctx)
	if err != nil {
		return err
	}
	m := &multiplier{city: city, keys: keys, samples: samples, n: n, from: time.Now().UTC().AddDate(-2, 0, 0)}
	if err := h.Store.View(ctx, func(ctx context.Context) error { return m.learn(ctx, h) }); err != nil {
		return err
	}
	if h.Store.Dialect() == "postgres" {
		return m.copyIn(ctx, url)
	}
	return m.insert(ctx, h)
}

// multiplier turns the rows that the platform wrote into n more.
type multiplier struct {
	city    string
	keys    *privacy.Keyring
	samples []nation.Request
	columns []string
	rows    [][]any
	n, done int
	from    time.Time // the received_at of the first; the last one's is now
}

// learn reads the city's first orders as they lie in the table.
func (m *multiplier) learn(ctx context.Context, h *house.House) error {
	rows, err := h.Store.Ent.QueryContext(ctx, "select * from work_orders where tenant = '"+m.city+"' order by id limit 50")
	if err != nil {
		return err
	}
	defer func() { _ = rows.Close() }()
	if m.columns, err = rows.Columns(); err != nil {
		return err
	}
	for rows.Next() {
		values, into := make([]any, len(m.columns)), make([]any, len(m.columns))
		for i := range values {
			into[i] = &values[i]
		}
		if err := rows.Scan(into...); err != nil {
			return err
		}
		m.rows = append(m.rows, values)
	}
	return rows.Err()
}

// next is one more row.
func (m *multiplier) next() ([]any, error) {
	id := uuid.Must(uuid.NewV7())
	sample := m.samples[m.done%len(m.samples)]
	received := m.from.Add(time.Since(m.from) / time.Duration(m.n) * time.Duration(m.done)).Truncate(time.Microsecond)
	row := append([]any(nil), m.rows[m.done%len(m.rows)]...)
	m.done++
	for i, c := range m.columns {
		switch c {
		case workorder.FieldID:
			row[i] = id
		case workorder.FieldNumber:
			row[i] = fmt.Sprintf("%s%s90%08d", m.city, received.Format("20060102"), m.done)
		case workorder.FieldSourceID:
			row[i] = nil
		case workorder.FieldReceivedAt:
			row[i] = received
		case workorder.FieldDispatchedAt, workorder.FieldConcludedAt, workorder.FieldClosedAt:
			if row[i] != nil {
				row[i] = received.Add(map[string]time.Duration{workorder.FieldDispatchedAt: time.Hour, workorder.FieldConcludedAt: 120 * time.Hour, workorder.FieldClosedAt: 192 * time.Hour}[c])
			}
		case workorder.FieldDueAt:
			if row[i].(time.Time).Year() < 9999 { // a clock runs: between one and ten days, never two alike
				row[i] = received.Add(24*time.Hour + time.Duration(m.done%777)*1000*time.Second)
			}
		default:
			if plain, class := personal(c, sample); class != 0 && row[i] != nil {
				sealed, err := m.keys.Seal(class, id.String(), plain)
				if err != nil {
					return nil, err
				}
				row[i], _ = sealed.Value()
			}
		}
	}
	return row, nil
}

// personal is what the sample says for a personal column of an order.
func personal(column string, r nation.Request) (string, privacy.Class) {
	switch column {
	case workorder.FieldName:
		return r.Caller.Name, privacy.Name
	case workorder.FieldPhone:
		return r.Caller.Phone, privacy.Phone
	case workorder.FieldIDNumber:
		return r.Caller.IDNumber, privacy.IDNumber
	case workorder.FieldAddress:
		return r.Caller.Address, privacy.Address
	case workorder.FieldWords:
		return r.Transcript, privacy.Text
	case workorder.FieldBody:
		return r.Body, privacy.Text
	case workorder.FieldLocation:
		return r.Location, privacy.Text
	}
	return "", 0
}

// copyIn writes with COPY, as the server's superuser: row-level security has no COPY. Then ANALYZE, which on a server that lives
// longer than this autovacuum does.
func (m *multiplier) copyIn(ctx context.Context, url string) error {
	conn, err := pgx.Connect(ctx, url)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close(ctx) }()
	source := pgx.CopyFromFunc(func() ([]any, error) {
		if m.done == m.n {
			return nil, nil
		}
		return m.next()
	})
	if _, err := conn.CopyFrom(ctx, pgx.Identifier{workorder.Table}, m.columns, source); err != nil {
		return err
	}
	if _, err := conn.Exec(ctx, fmt.Sprintf(parts, "gen_random_uuid()", "true"), m.city); err != nil {
		return err
	}
	_, err = conn.Exec(ctx, "vacuum analyze "+workorder.Table+", "+assignment.Table)
	return err
}

// parts gives each copied order that has a lead the lead's part in it, so that units have a history too; an order at work is not over.
const parts = `insert into assignments (tenant, id, work_order_id, unit, path, lead, state, dispatched_at, ended_at)
	select tenant, %s, id, lead, lead_path, %s, case when state = 'handling' then state else 'replied' end, received_at, closed_at
	from work_orders w where tenant = $1 and lead <> '' and not exists (select 1 from assignments a where a.tenant = w.tenant and a.work_order_id = w.id)`

// insert writes through the platform's own connection, so many rows a statement as SQLite takes.
func (m *multiplier) insert(ctx context.Context, h *house.House) error {
	batch := 32_000 / len(m.columns) // SQLite takes so many values a statement
	one := "(" + strings.Repeat("?,", len(m.columns)-1) + "?)"
	for m.done < m.n {
		err := h.Store.Do(ctx, func(ctx context.Context) error {
			for range 20 {
				size := min(batch, m.n-m.done)
				if size == 0 {
					return nil
				}
				var args []any
				for range size {
					row, err := m.next()
					if err != nil {
						return err
					}
					args = append(args, row...)
				}
				_, err := h.Store.Ent.ExecContext(ctx, "insert into work_orders ("+strings.Join(m.columns, ",")+") values "+
					strings.Repeat(one+",", size-1)+one, args...)
				if err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	const id = `lower(hex(randomblob(4)) || '-' || hex(randomblob(2)) || '-7' || substr(hex(randomblob(2)), 2) || '-8' ||
		substr(hex(randomblob(2)), 2) || '-' || hex(randomblob(6)))`
	return h.Store.Do(ctx, func(ctx context.Context) error {
		_, err := h.Store.Ent.ExecContext(ctx, fmt.Sprintf(parts, id, "1"), m.city)
		return err
	})
}

// busiest is the unit of the city with most orders behind it.
func busiest(ctx context.Context, h *house.House, city string) (unit string, orders int, err error) {
	err = h.Store.View(tenants.With(ctx, tenants.System(city)), func(ctx context.Context) error {
		rows, err := h.Store.Ent.QueryContext(ctx, `select unit, count(*) from assignments where tenant = $1 and unit like 'U%'
			group by unit order by 2 desc limit 1`, city)
		if err != nil {
			return err
		}
		defer func() { _ = rows.Close() }()
		for rows.Next() {
			if err := rows.Scan(&unit, &orders); err != nil {
				return err
			}
		}
		return rows.Err()
	})
	return unit, orders, err
}
