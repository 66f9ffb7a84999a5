package main

import (
	"fmt"
	"slices"

	"entgo.io/ent/dialect/sql/schema"

	tables "hotline/ent/migrate"
	declared "hotline/ent/schema"
)

// cityTables are ent's tables as the databases hold them: in a city's table the tenant leads every key, so that PostgreSQL
// can be sharded by city and a foreign key can't point into another city. ent itself can't say so.
func cityTables() ([]*schema.Table, error) {
	byName := map[string]*schema.Table{}
	for _, t := range tables.Tables {
		byName[t.Name] = t
		tenant := column(t, "tenant")
		if tenant == nil {
			continue
		}
		id := column(t, "id")
		t.PrimaryKey = []*schema.Column{tenant, id}
		// Atlas reads a primary key of SQLite in the order of the columns, so they need the order of the key; otherwise it
		// would build every table anew each time.
		rest := slices.DeleteFunc(slices.Clone(t.Columns), func(c *schema.Column) bool { return c == tenant || c == id })
		t.Columns = append([]*schema.Column{tenant, id}, rest...)
		if err := led(t, tenant); err != nil {
			return nil, err
		}
	}
	for _, r := range declared.Refs {
		if err := refer(byName[r.Table], byName[r.To], r); err != nil {
			return nil, err
		}
	}
	return tables.Tables, nil
}

// led refuses keys and indexes that a sharded database could not hold.
func led(t *schema.Table, tenant *schema.Column) error {
	for _, c := range t.Columns {
		if c.Unique {
			return fmt.Errorf("%s.%s is unique by itself: say index.Fields(\"tenant\", %q).Unique()", t.Name, c.Name, c.Name)
		}
	}
	for _, i := range t.Indexes {
		if i.Columns[0] != tenant {
			return fmt.Errorf("index %s does not lead with tenant", i.Name)
		}
	}
	return nil
}

// refer adds the foreign key (tenant, column) → (tenant, id).
func refer(from, to *schema.Table, r declared.Ref) error {
	symbol := r.Table + "_" + r.Column
	if from == nil || to == nil {
		return fmt.Errorf("reference %s: no such table", symbol)
	}
	if slices.ContainsFunc(from.ForeignKeys, func(k *schema.ForeignKey) bool { return k.Symbol == symbol }) {
		return nil
	}
	col, tenant, toTenant := column(from, r.Column), column(from, "tenant"), column(to, "tenant")
	if col == nil || tenant == nil || toTenant == nil {
		return fmt.Errorf("reference %s: no such column, or not between tables of a city", symbol)
	}
	from.ForeignKeys = append(from.ForeignKeys, &schema.ForeignKey{
		Symbol: symbol, Columns: []*schema.Column{tenant, col},
		RefTable: to, RefColumns: []*schema.Column{toTenant, column(to, "id")},
		OnUpdate: schema.NoAction, OnDelete: schema.NoAction,
	})
	return nil
}

func column(t *schema.Table, name string) *schema.Column {
	for _, c := range t.Columns {
		if c.Name == name {
			return c
		}
	}
	return nil
}
