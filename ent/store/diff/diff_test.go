package main

import (
	"os"
	"path/filepath"
	"testing"

	"ariga.io/atlas/sql/migrate"
	"ariga.io/atlas/sql/sqltool"
	"entgo.io/ent/dialect"
)

func TestTheMigrationsSayWhatTheSchemaSays(t *testing.T) {
	for _, name := range []string{dialect.SQLite, dialect.Postgres} {
		t.Run(name, func(t *testing.T) {
			path := t.TempDir()
			if err := os.CopyFS(path, os.DirFS(filepath.Join("../../migrate", folder(name)))); err != nil {
				t.Fatal(err)
			}
			dir, err := sqltool.NewGooseDir(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := migrate.Validate(dir); err != nil {
				t.Fatalf("%v: run go run ./ent/store/diff -sum if the edit was meant", err)
			}
			before, _ := dir.Files()
			if err := diff(t.Context(), name, dir, "missing"); err != nil {
				t.Fatal(err)
			}
			after, _ := dir.Files()
			if len(after) > len(before) {
				t.Errorf("run go run ./ent/store/diff NAME: the migrations lack\n%s", after[len(after)-1].Bytes())
			}
		})
	}
}
