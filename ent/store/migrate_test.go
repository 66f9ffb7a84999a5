package store_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"entgo.io/ent/dialect"
	"github.com/jackc/pgx/v5"

	"hotline/ent/migrate"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
)

// fresh are addresses of databases that nobody has migrated.
func fresh(t *testing.T) map[string]string {
	return map[string]string{
		"sqlite":   "sqlite:" + filepath.Join(t.TempDir(), "with space & 50%.db"),
		"postgres": storetest.EmptyPostgresURL(t),
	}
}

func status(t *testing.T, url string) (current, latest int64) {
	t.Helper()
	current, latest, err := store.Status(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	return current, latest
}

func TestMigratingBringsAnEmptyDatabaseToTheLatestAndAgainDoesNothing(t *testing.T) {
	for name, url := range fresh(t) {
		t.Run(name, func(t *testing.T) {
			if current, latest := status(t, url); current != 0 || latest == 0 {
				t.Fatalf("an empty database is at %d of %d", current, latest)
			}
			for range 2 {
				if err := store.Migrate(t.Context(), url); err != nil {
					t.Fatal(err)
				}
				if current, latest := status(t, url); current != latest {
					t.Fatalf("migrated to %d of %d", current, latest)
				}
			}
			s, err := store.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if err := s.Check(t.Context()); err != nil {
				t.Error(err)
			}
			unitOf(t, s, here, "a")
		})
	}
}

func TestAskingForTheStatusCreatesNoFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "none.db")
	status(t, "sqlite:"+path)
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("stat: %v", err)
	}
}

func TestOnlyItsOwnerMayReadTheFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "new.db")
	if err := store.Migrate(t.Context(), "sqlite:"+path); err != nil {
		t.Fatal(err)
	}
	if st, err := os.Stat(path); err != nil || st.Mode().Perm() != 0o600 {
		t.Errorf("%v, %v", st.Mode(), err)
	}
}

func TestAnOlderSchemaIsRefusedWithTheCommandToRun(t *testing.T) {
	for name, url := range fresh(t) {
		t.Run(name, func(t *testing.T) {
			s, err := store.Open(t.Context(), url)
			if err == nil {
				defer func() { _ = s.Close() }()
				err = s.Check(t.Context())
			}
			if !errors.Is(err, store.ErrOlder) {
				t.Fatal(err)
			}
			wantError(t, err, "hotline migrate up")
		})
	}
}

func TestANewerSchemaIsRefusedAndNotMigrated(t *testing.T) {
	for name, url := range map[string]string{"sqlite": storetest.SQLiteURL(t), "postgres": storetest.PostgresURL(t)} {
		t.Run(name, func(t *testing.T) {
			asOwner(t, url, "insert into goose_db_version (version_id, is_applied) values (20991231235959, true)")
			s, err := store.Open(t.Context(), url)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = s.Close() }()
			if err := s.Check(t.Context()); !errors.Is(err, store.ErrNewer) {
				t.Errorf("check: %v", err)
			}
			if err := store.Migrate(t.Context(), url); !errors.Is(err, store.ErrNewer) {
				t.Errorf("migrate: %v", err)
			}
		})
	}
}

// asOwner runs statements past the store.
func asOwner(t *testing.T, url string, queries ...string) {
	t.Helper()
	driver, dsn := "pgx", url
	if path, ok := strings.CutPrefix(url, "sqlite:"); ok {
		driver, dsn = "sqlite", "file:"+path+"?_pragma=foreign_keys(1)"
	}
	db, err := sql.Open(driver, dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, q := range queries {
		if _, err := db.Exec(q); err != nil {
			t.Fatalf("%s: %v", q, err)
		}
	}
}

func TestTwoWhoMigrateAtOnceWaitForEachOther(t *testing.T) {
	url := storetest.EmptyPostgresURL(t)
	done := make(chan error)
	for range 3 {
		go func() { done <- store.Migrate(context.Background(), url) }()
	}
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}

// rebuilt is a migration as Atlas writes it when a column of work_orders changes in SQLite: a new table takes the old one's
// place. The two tables beside it have the actions that lost their rows when foreign keys were on.
func rebuilt(t *testing.T, path string) fstest.MapFS {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	var create string
	if err := db.QueryRow("select sql from sqlite_master where name = 'work_orders'").Scan(&create); err != nil {
		t.Fatal(err)
	}
	text := "-- +goose Up\nPRAGMA foreign_keys = off;\n"
	for table, create := range map[string]string{"work_orders": create, "trees": "CREATE TABLE `trees` (id integer PRIMARY KEY)"} {
		create = strings.Replace(create, `"`+table+`"`, "`"+table+"`", 1) // so it is written after a first rebuilding
		text += strings.Replace(create, "`"+table+"`", "`new_"+table+"`", 1) + ";\n" +
			"INSERT INTO `new_" + table + "` SELECT * FROM `" + table + "`;\n" +
			"DROP TABLE `" + table + "`;\nALTER TABLE `new_" + table + "` RENAME TO `" + table + "`;\n"
	}
	return fstest.MapFS{"20990101000000_rebuild.sql": {Data: []byte(text + "PRAGMA foreign_keys = on;\n")}}
}

func TestRebuildingATableKeepsItsChildren(t *testing.T) {
	url := storetest.SQLiteURL(t)
	path := strings.TrimPrefix(url, "sqlite:")
	s, err := store.Open(t.Context(), url)
	if err != nil {
		t.Fatal(err)
	}
	order := orderOf(t, s, here)
	do(t, s, here, func(ctx context.Context) error {
		return s.Ent.Callback.Create().SetWorkOrderID(order).SetRound(1).SetAttempt(1).SetReached(true).
			SetChannel("phone").SetAuthor("a").Exec(ctx)
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	asOwner(t, url, "CREATE TABLE `trees` (id integer PRIMARY KEY)", "INSERT INTO trees VALUES (7)",
		"CREATE TABLE leaves (tree integer REFERENCES trees ON DELETE SET NULL)", "INSERT INTO leaves VALUES (7)",
		"CREATE TABLE roots (tree integer REFERENCES trees ON DELETE CASCADE)", "INSERT INTO roots VALUES (7)")
	if err := store.MigrateSQLite(t.Context(), path, with(t, rebuilt(t, path))); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+path+"?_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close() }()
	for _, q := range []string{
		"select count(*) from callbacks join work_orders on work_orders.id = work_order_id",
		"select count(*) from leaves where tree = 7",
		"select count(*) from roots where tree = 7",
	} {
		var n int
		if err := db.QueryRow(q).Scan(&n); err != nil || n != 1 {
			t.Errorf("%s: %d, %v", q, n, err)
		}
	}
	if _, err := db.Exec("insert into leaves values (8)"); err == nil {
		t.Error("the foreign key of the rebuilt table holds no more")
	}
	if _, err := db.Exec("delete from work_orders"); err == nil {
		t.Error("an order with children was deleted")
	}
}

// with adds files to the migrations there are.
func with(t *testing.T, more fstest.MapFS) fstest.MapFS {
	t.Helper()
	files := store.Migrations(dialect.SQLite)
	names, err := fs.Glob(files, "*.sql")
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range names {
		b, err := fs.ReadFile(files, n)
		if err != nil {
			t.Fatal(err)
		}
		more[n] = &fstest.MapFile{Data: b}
	}
	return more
}

func TestAMigrationThatOrphansRowsIsReported(t *testing.T) {
	url := storetest.SQLiteURL(t)
	asOwner(t, url, "CREATE TABLE trees (id integer PRIMARY KEY)", "INSERT INTO trees VALUES (7)",
		"CREATE TABLE leaves (tree integer REFERENCES trees)", "INSERT INTO leaves VALUES (7)")
	err := store.MigrateSQLite(t.Context(), strings.TrimPrefix(url, "sqlite:"), with(t, fstest.MapFS{
		"20990101000000_fell.sql": {Data: []byte("-- +goose Up\nDELETE FROM trees;\n")}}))
	wantError(t, err, "1 rows of leaves point to no row of trees")
}

func TestAFailedMigrationLeavesTheSchemaAsItWas(t *testing.T) {
	url := storetest.SQLiteURL(t)
	before, _ := status(t, url)
	err := store.MigrateSQLite(t.Context(), strings.TrimPrefix(url, "sqlite:"), with(t, fstest.MapFS{
		"20990101000000_half.sql": {Data: []byte("-- +goose Up\nCREATE TABLE half (id integer);\nDROP TABLE nowhere;\n")}}))
	wantError(t, err, "nowhere")
	if after, _ := status(t, url); after != before {
		t.Errorf("went from %d to %d", before, after)
	}
	asOwner(t, url, "CREATE TABLE half (id integer)") // fails if it is there
}

// TestInEveryTableOfACityTheTenantLeadsEveryKey reads the catalogue, so that a new table is held to it too.
func TestInEveryTableOfACityTheTenantLeadsEveryKey(t *testing.T) {
	conn, err := pgx.Connect(t.Context(), storetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = conn.Close(context.Background()) }()
	const city = `select attrelid from pg_attribute where attname = 'tenant' and not attisdropped`
	const public = `c.relnamespace = 'public'::regnamespace and c.relkind in ('r', 'p')`
	for what, query := range map[string]string{
		"index that does not lead with tenant": `select i.indexrelid::regclass::text from pg_index i join pg_class c on c.oid = i.indrelid
			where ` + public + ` and c.oid in (` + city + `)
			and (select attname from pg_attribute where attrelid = c.oid and attnum = i.indkey[0]) <> 'tenant'`,
		"table whose primary key is not (tenant, id)": `select c.relname from pg_class c where ` + public + ` and c.oid in (` + city + `)
			and not exists (select from pg_constraint where conrelid = c.oid and contype = 'p'
				and pg_get_constraintdef(oid) = 'PRIMARY KEY (tenant, id)')`,
		"foreign key that does not lead with tenant": `select conname from pg_constraint k join pg_class c on c.oid = k.conrelid
			where ` + public + ` and contype = 'f' and pg_get_constraintdef(k.oid) not like 'FOREIGN KEY (tenant, %) REFERENCES %(tenant, id)%'`,
		"table without forced row-level security": `select c.relname from pg_class c where ` + public + ` and c.oid in (` + city + `)
			and not (relrowsecurity and relforcerowsecurity)`,
		"table whose policies are not the one": `select c.relname from pg_class c where ` + public + ` and c.oid in (` + city + `)
			and (select array_agg(polcmd::text || pg_get_expr(polqual, polrelid) || pg_get_expr(polwithcheck, polrelid))
				from pg_policy where polrelid = c.oid and polpermissive) is distinct from (
				select array['*' || e || e] from (select '((tenant)::text = NULLIF(current_setting(''app.tenant''::text, true), ''''::text))' as e) x)`,
		"table the runtime role owns": `select c.relname from pg_class c where ` + public + ` and relowner = 'hotline_app'::regrole`,
	} {
		rows, err := conn.Query(t.Context(), query)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		found, err := pgx.CollectRows(rows, pgx.RowTo[string])
		if err != nil || len(found) > 0 {
			t.Errorf("%s: %v %v", what, found, err)
		}
	}
	var n int
	if err := conn.QueryRow(t.Context(), "select count(*) from ("+city+") x").Scan(&n); err != nil || n < 10 {
		t.Errorf("only %d columns named tenant, %v: the test looks in the wrong place", n, err)
	}
}

func TestTheGuardKnowsWhichTablesBelongToNoCity(t *testing.T) {
	var without []string
	for _, table := range migrate.Tables {
		city := false
		for _, c := range table.Columns {
			city = city || c.Name == "tenant"
		}
		if !city {
			without = append(without, strings.ReplaceAll(table.Name, "_", ""))
		}
	}
	if len(without) != len(store.GlobalTypes) {
		t.Errorf("tables without tenant %v, types the guard lets pass %v", without, store.GlobalTypes)
	}
	for name := range store.GlobalTypes {
		stem := strings.ToLower(name[:len(name)-1]) // City, cities
		found := false
		for _, table := range without {
			found = found || strings.HasPrefix(table, stem)
		}
		if !found {
			t.Errorf("%s has a tenant, but the guard lets it pass", name)
		}
	}
}

func TestARuntimeRoleThatOwnsTablesIsRefused(t *testing.T) {
	url := storetest.PostgresURL(t)
	asOwner(t, url, "grant create on schema public to hotline_app", "alter table units owner to hotline_app")
	_, err := store.Open(t.Context(), url)
	wantError(t, err, "would not be kept apart")
}

// stranger makes a role that is no member of hotline_app and a database of its own for it.
func stranger(t *testing.T) string {
	t.Helper()
	url := storetest.EmptyPostgresURL(t)
	conf, err := pgx.ParseConfig(url)
	if err != nil {
		t.Fatal(err)
	}
	name := "stranger_" + conf.Database
	asOwner(t, url, "create role "+name+" login", "grant "+name+" to current_user",
		fmt.Sprintf("alter database %s owner to %s", conf.Database, name))
	t.Cleanup(func() {
		asOwner(t, url, fmt.Sprintf("alter database %s owner to %s", conf.Database, conf.User),
			"drop owned by "+name, "drop role "+name)
	})
	return strings.Replace(url, "//"+conf.User+"@", "//"+name+"@", 1)
}

func TestWhoIsNoMemberOfTheRuntimeRoleIsToldWhatToGrant(t *testing.T) {
	storetest.PostgresURL(t) // so that the role is there: it belongs to the whole server
	url := stranger(t)
	_, err := store.Open(t.Context(), url)
	wantError(t, err, "GRANT hotline_app TO it")
	wantError(t, store.Migrate(t.Context(), url), "GRANT hotline_app TO stranger_")
}
