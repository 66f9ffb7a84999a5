package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/entsql"
	"entgo.io/ent/schema"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Change (变动) is one thing that happened to an order, for who watches; it is written with what it tells of, kept for hours and
// then forgotten. The history is elsewhere (Event).
type Change struct{ ent.Schema }

// Mixin of Change.
func (Change) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Change. None is personal.
func (Change) Fields() []ent.Field {
	return []ent.Field{
		field.Int64("place").Optional().Immutable().
			Annotations(entsql.DefaultExprs(map[string]string{dialect.Postgres: "((pg_current_xact_id())::text)::bigint"})).
			Comment("where it stands among all changes of the city: the transaction's number on PostgreSQL, see ent/store Settled"),
		field.UUID("work_order_id", uuid.UUID{}).Immutable(),
		field.String("number").Immutable(),
		field.String("kind").Immutable().Comment("act, warning, overdue or presence"),
		field.String("verb").Default("").Immutable(),
		field.String("state").Default("").Immutable(),
		field.Int("version").Default(0).Immutable(),
		field.Int("seq").Default(0).Immutable(),
		field.Int("warning").Default(0).Immutable(),
		field.Time("due_at").Immutable(),
		field.String("actor").Default("").Immutable(),
		field.String("role").Default("").Immutable(),
		field.String("unit").Default("").Immutable(),
		field.Time("created_at").Immutable(),
	}
}

// Indexes of Change.
func (Change) Indexes() []ent.Index { return []ent.Index{index.Fields("tenant", "place", "id")} }

// Presence (在看) says that somebody has an order open; its id is that of their stream. It ends with the stream, or when nobody
// renewed it.
type Presence struct{ ent.Schema }

// Annotations of Presence.
func (Presence) Annotations() []schema.Annotation {
	return []schema.Annotation{entsql.Annotation{Table: "presences"}}
}

// Mixin of Presence.
func (Presence) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Presence.
func (Presence) Fields() []ent.Field {
	return []ent.Field{
		ref("work_order_id"),
		field.String("login").Immutable(),
		field.String("role").Immutable(),
		field.String("unit").Default("").Immutable(),
		field.Time("until_at"),
	}
}

// Indexes of Presence.
func (Presence) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "work_order_id", "id")}
}
