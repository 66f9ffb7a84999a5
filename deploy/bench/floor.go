package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"

	"hotline/app/nation"
)

// row is a row that the platform wrote, to be written again by hand under new ids: the same columns, sizes and indexes.
type row struct {
	table   string
	insert  string
	columns []string
	values  []any
}

// copyOf reads one row of the city's table.
func copyOf(ctx context.Context, tx pgx.Tx, table string) (*row, error) {
	rows, err := tx.Query(ctx, "select * from "+table+" order by id desc limit 1")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	if !rows.Next() {
		return nil, fmt.Errorf("%s is empty", table)
	}
	r := &row{table: table}
	var places []string
	for i, f := range rows.FieldDescriptions() {
		r.columns = append(r.columns, f.Name)
		places = append(places, fmt.Sprintf("$%d", i+1))
	}
	r.values, err = rows.Values()
	r.insert = "insert into " + table + " (" + strings.Join(r.columns, ",") + ") values (" + strings.Join(places, ",") + ")"
	return r, err
}

// with is the row under new ids.
func (r *row) with(order uuid.UUID) []any {
	out := append([]any(nil), r.values...)
	for i, c := range r.columns {
		switch {
		case c == "id" && r.table == "work_orders", c == "work_order_id":
			out[i] = order
		case c == "id":
			out[i] = uuid.Must(uuid.NewV7())
		case c == "number", c == "request_id":
			out[i] = uuid.NewString()
		case c == "source_id":
			out[i] = nil
		}
	}
	return out
}

// floor is intake's five statements by hand on the platform's own tables, under the runtime role and row-level security: look
// for the receipt, then order, clock, history line and receipt, in one transaction.
func floor(ctx context.Context, url string) (l *work, err error) {
	conf, err := pgxpool.ParseConfig(url + "&pool_max_conns=32")
	if err != nil {
		return nil, err
	}
	conf.AfterConnect = func(ctx context.Context, c *pgx.Conn) error {
		_, err := c.Exec(ctx, "set role hotline_app")
		return err
	}
	pool, err := pgxpool.NewWithConfig(ctx, conf)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			pool.Close()
		}
	}()
	rows := map[string][]*row{}
	for _, c := range nation.Cities() {
		err := inCity(ctx, pool, c.Code, func(tx pgx.Tx) error {
			for _, table := range []string{"work_orders", "clocks", "events", "receipts"} {
				r, err := copyOf(ctx, tx, table)
				if err != nil {
					return err
				}
				rows[c.Code] = append(rows[c.Code], r)
			}
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	cities := nation.Cities()
	return &work{name: "PostgreSQL: intake's five statements by hand", close: pool.Close, do: func(ctx context.Context, i int64) error {
		city := cities[i%int64(len(cities))].Code
		return inCity(ctx, pool, city, func(tx pgx.Tx) error {
			var there bool
			err := tx.QueryRow(ctx, "select exists(select 1 from receipts where tenant=$1 and actor='x' and request_id=$2)", city, uuid.NewString()).Scan(&there)
			if err != nil {
				return err
			}
			order := uuid.Must(uuid.NewV7())
			for _, r := range rows[city] {
				if _, err := tx.Exec(ctx, r.insert, r.with(order)...); err != nil {
					return err
				}
			}
			return nil
		})
	}}, nil
}

func inCity(ctx context.Context, pool *pgxpool.Pool, city string, do func(tx pgx.Tx) error) error {
	return pgx.BeginTxFunc(ctx, pool, pgx.TxOptions{BeginQuery: "begin; set local app.tenant = '" + city + "'"}, do)
}
