// Command diff writes the versioned migration that brings the databases from the migrations there are to the tables of
// ent/schema, for SQLite and PostgreSQL:
//
//	go run ./ent/store/diff NAME     write what is missing
//	go run ./ent/store/diff -sum     seal migrations written or edited by hand (atlas.sum)
//
// Look at what it wrote before committing; see ent/store/DESIGN.md.
package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	"entgo.io/ent/dialect"
	entsql "entgo.io/ent/dialect/sql"
	"entgo.io/ent/dialect/sql/schema"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver "pgx"
	_ "modernc.org/sqlite"             // the driver "sqlite"

	"hotline/ent/store/pgtest"
)

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "diff:", err)
		os.Exit(1)
	}
}

func run(args []string) error {
	if len(args) != 1 {
		return errors.New("usage: go run ./ent/store/diff NAME | -sum")
	}
	const root = "ent/migrate"
	for _, name := range []string{dialect.SQLite, dialect.Postgres} {
		dir, err := sqltool.NewGooseDir(filepath.Join(root, folder(name)))
		if err != nil {
			return fmt.Errorf("run it at the root of the repository: %w", err)
		}
		if args[0] == "-sum" {
			err = seal(dir)
		} else {
			err = diff(context.Background(), name, dir, args[0])
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	return nil
}

func folder(name string) string {
	if name == dialect.SQLite {
		return "sqlite"
	}
	return name
}

func seal(dir migrate.Dir) error {
	sum, err := dir.Checksum()
	if err != nil {
		return err
	}
	return migrate.WriteSumFile(dir, sum)
}

// diff replays the migrations in an empty database, compares it with the tables and writes the difference, if any.
func diff(ctx context.Context, name string, dir migrate.Dir, title string) error {
	db, stop, err := scratch(ctx, name)
	if err != nil {
		return err
	}
	defer stop()
	tables, err := cityTables()
	if err != nil {
		return err
	}
	m, err := schema.NewMigrate(entsql.OpenDB(name, db), schema.WithDir(dir), schema.WithDialect(name),
		schema.WithMigrationMode(schema.ModeReplay), schema.WithFormatter(sqltool.GooseFormatter),
		schema.WithDropColumn(true), schema.WithDropIndex(true))
	if err != nil {
		return err
	}
	return m.NamedDiff(ctx, title, tables...)
}

// scratch is an empty database.
func scratch(ctx context.Context, name string) (*sql.DB, func(), error) {
	if name == dialect.SQLite {
		db, err := sql.Open("sqlite", "file:diff?mode=memory&cache=shared&_pragma=foreign_keys(1)")
		if err != nil {
			return nil, nil, err
		}
		return db, func() { _ = db.Close() }, nil
	}
	server, err := pgtest.Start(pgtest.Options{})
	if err != nil {
		return nil, nil, err
	}
	if err := server.Create(ctx, "diff", false); err != nil {
		server.Stop()
		return nil, nil, err
	}
	db, err := sql.Open("pgx", server.URL("diff"))
	if err != nil {
		server.Stop()
		return nil, nil, err
	}
	return db, func() { _ = db.Close(); server.Stop() }, nil
}
