// Package schema declares the tables. It imports no generated code: the tenant rule is attached at run time (ent/store),
// so that generating never needs what it generates. Tables have no ent edges; references between them are listed in
// refs.go and become foreign keys that lead with the tenant.
package schema

import (
	"time"

	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/mixin"
	"github.com/google/uuid"

	"hotline/tenants/privacy"
)

// Tenanted marks the tables of a city: every row names its city, and no query leaves it.
// The primary key becomes (tenant, id) in the migrations, so that a sharded database can distribute by city.
type Tenanted struct{ mixin.Schema }

// Fields of every tenant table.
func (Tenanted) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("id", uuid.UUID{}).Default(newID).Immutable(),
		field.String("tenant").MinLen(6).MaxLen(6).Immutable().Comment("GB/T 2260 code of the city"),
	}
}

// Global marks the few small tables that belong to no city.
type Global struct{ mixin.Schema }

// Fields of every global table.
func (Global) Fields() []ent.Field {
	return []ent.Field{field.UUID("id", uuid.UUID{}).Default(newID).Immutable()}
}

// newID makes ids that sort by time, so that new rows land at the end of the index.
func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }

// personal is a sealed column.
func personal(name string) ent.Field {
	return field.Bytes(name).GoType(privacy.Personal{}).Optional()
}

// ref is a reference to a row of the same city; refs.go says to which table.
func ref(name string) ent.Field { return field.UUID(name, uuid.UUID{}) }

// moment is an optional point in time.
func moment(name string) ent.Field { return field.Time(name).Optional().Nillable() }

// created is when the row was written, as its transaction's now.
func created() ent.Field { return field.Time("created_at").Default(time.Now).Immutable() }
