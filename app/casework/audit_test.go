package casework_test

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"
	"testing"

	_ "github.com/jackc/pgx/v5/stdlib" // the owner's own way into PostgreSQL

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/app/play"
	"hotline/tenants"
)

// intruder is somebody with the database in their hands and without the keys.
type intruder struct {
	t  *testing.T
	db *sql.DB
	pg bool
}

func breakIn(t *testing.T, url string) *intruder {
	t.Helper()
	driver, address := "pgx", url
	path, file := strings.CutPrefix(url, "sqlite:")
	if file {
		driver, address = "sqlite", "file:"+path+"?_pragma=busy_timeout(10000)"
	}
	db, err := sql.Open(driver, address)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	db.SetMaxOpenConns(1) // the setting below is the connection's
	if !file {
		if _, err := db.ExecContext(t.Context(), "select set_config('app.tenant', $1, false)", city); err != nil {
			t.Fatal(err)
		}
	}
	return &intruder{t, db, !file}
}

// one runs a statement that must change exactly one row.
func (i *intruder) one(query string, args ...any) {
	i.t.Helper()
	if !i.pg {
		query = strings.NewReplacer("$1", "?1", "$2", "?2").Replace(query)
	}
	res, err := i.db.ExecContext(i.t.Context(), query, args...)
	if err != nil {
		i.t.Fatalf("%s: %v", query, err)
	}
	if n, err := res.RowsAffected(); n != 1 || err != nil {
		i.t.Fatalf("%s: %d rows, %v", query, n, err)
	}
}

// flip changes the lowest bit of the last byte of one field; the text stays text.
func (i *intruder) flip(table, column, where string) {
	i.t.Helper()
	var b []byte
	row := i.db.QueryRowContext(i.t.Context(), fmt.Sprintf("select %s from %s where %s", column, table, where))
	if err := row.Scan(&b); err != nil || len(b) == 0 {
		i.t.Fatalf("%s of %s: %q, %v", column, table, b, err)
	}
	b[len(b)-1] ^= 1
	var value any = b
	if column != "seal" && column != "note" {
		value = string(b)
	}
	i.one(fmt.Sprintf("update %s set %s = $1 where %s", table, column, where), value)
}

func of(number string) string {
	return fmt.Sprintf("work_order_id = (select id from work_orders where number = '%s')", number)
}

func at(number string, seq int) string { return fmt.Sprintf("%s and seq = %d", of(number), seq) }

func last(table, number string) string {
	return fmt.Sprintf("%s and seq = (select max(seq) from %s where %s)", of(number), table, of(number))
}

// tampers are the changes that must be seen, each done to an order of its own.
var tampers = []struct {
	name string
	do   func(i *intruder, number string)
}{
	{"an event's summary", func(i *intruder, n string) { i.flip("events", "summary", at(n, 2)) }},
	{"an event's seal", func(i *intruder, n string) { i.flip("events", "seal", at(n, 2)) }},
	{"the last event's seal", func(i *intruder, n string) { i.flip("events", "seal", last("events", n)) }},
	{"an event's note", func(i *intruder, n string) {
		i.flip("events", "note", of(n)+" and verb = 'contact' and seq = (select min(seq) from events where "+of(n)+" and verb = 'contact')")
	}},
	{"an event's note, wiped", func(i *intruder, n string) {
		i.one("update events set note = null where " + of(n) + " and verb = 'contact'")
	}},
	{"an event's public mark", func(i *intruder, n string) { i.one("update events set public = not public where " + at(n, 2)) }},
	{"a reading's reason", func(i *intruder, n string) { i.flip("readings", "reason", last("readings", n)) }},
	{"the order's state", func(i *intruder, n string) { i.flip("work_orders", "state", "number = '"+n+"'") }},
	{"a middle event, deleted", func(i *intruder, n string) { i.one("delete from events where " + at(n, 3)) }},
	{"the last event, deleted", func(i *intruder, n string) { i.one("delete from events where " + last("events", n)) }},
	{"the last reading, deleted", func(i *intruder, n string) { i.one("delete from readings where " + last("readings", n)) }},
}

// walked is an order that went the whole way and whose caller's phone was looked at twice.
func walked(t *testing.T, town *housetest.Town, i int) string {
	t.Helper()
	r := inScope(t)
	r.ID = fmt.Sprint("audit-", i)
	w, err := town.Stage.Go(t.Context(), r, pb.State_CLOSED)
	if err != nil {
		t.Fatal(err)
	}
	supervisor, err := town.Stage.As(t.Context(), "supervisor."+city)
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		_, err := play.Post[pb.WorkOrder](t.Context(), supervisor, "/v1/"+w.Order.GetName()+":reveal",
			&pb.RevealRequest{Fields: []string{"petitioner.phone"}, Reason: "督办核实情况"})
		if err != nil {
			t.Fatal(err)
		}
	}
	return w.Order.GetNumber()
}

// brokenIn is what the audit of the city reports, by order.
func brokenIn(t *testing.T, town *housetest.Town) (orders int, broken map[string][]string) {
	t.Helper()
	orders, lines, places, err := town.Casework.Verify(tenants.With(context.Background(), tenants.System(city)))
	if err != nil || lines < orders {
		t.Fatalf("%d orders, %d lines, %v", orders, lines, err)
	}
	broken = map[string][]string{}
	for _, b := range places {
		broken[b.Number] = append(broken[b.Number], b.Error())
	}
	return orders, broken
}

func TestTheAuditReportsEveryChangeByWhoHasTheDatabaseAndNoKeys(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		numbers := []string{walked(t, town, len(tampers))} // the first stays as it is
		for i := range tampers {
			numbers = append(numbers, walked(t, town, i))
		}
		if orders, broken := brokenIn(t, town); orders != len(numbers) || len(broken) > 0 {
			t.Fatalf("before: %d orders, broken %v", orders, broken)
		}
		thief := breakIn(t, town.URL)
		for i, tamper := range tampers {
			tamper.do(thief, numbers[i+1])
			_, broken := brokenIn(t, town)
			if len(broken[numbers[i+1]]) == 0 {
				t.Errorf("%s: nothing is reported", tamper.name)
			}
			for n := range broken {
				if !slices.Contains(numbers[1:i+2], n) {
					t.Errorf("%s: the untouched %s is reported: %v", tamper.name, n, broken[n])
				}
			}
		}
	})
}

func TestTheAuditReportsALineMovedToAnotherOrder(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		a, b := walked(t, town, 1), walked(t, town, 2)
		thief := breakIn(t, town.URL)
		thief.one("update events set summary = (select summary from events where " + last("events", b) + ") where " + at(a, 2))
		thief.one("delete from readings where " + last("readings", b))
		_, broken := brokenIn(t, town)
		if len(broken[a]) == 0 || len(broken[b]) == 0 {
			t.Errorf("reported: %v", broken)
		}
	})
}
