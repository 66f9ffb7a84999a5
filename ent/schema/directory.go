package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// Unit (承办单位) is a node of a city's unit tree.
type Unit struct{ ent.Schema }

// Mixin of Unit.
func (Unit) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Unit.
func (Unit) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Immutable(),
		field.String("title"),
		field.String("parent").Default("").Comment("code of the unit above"),
		field.String("path").Comment("codes from the top, each followed by a slash: a subtree is a prefix"),
		field.String("kind").Comment("department district street sub_centre utility emergency"),
		field.String("district").Default(""),
		field.Bool("retired").Default(false),
	}
}

// Indexes of Unit.
func (Unit) Indexes() []ent.Index { return []ent.Index{index.Fields("tenant", "code").Unique()} }

// Category (诉求分类) is a node of the category tree under the city's own name.
type Category struct{ ent.Schema }

// Mixin of Category.
func (Category) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Category.
func (Category) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Immutable(),
		field.String("title"),
		field.String("national_title").Default(""),
		field.String("definition").Default(""),
		field.String("distinguish").Default(""),
		field.Strings("typical").Optional(),
		field.Bool("retired").Default(false),
	}
}

// Indexes of Category.
func (Category) Indexes() []ent.Index { return []ent.Index{index.Fields("tenant", "code").Unique()} }

// CatalogueEntry (派单目录) says which units a category goes to in a place.
type CatalogueEntry struct{ ent.Schema }

// Mixin of CatalogueEntry.
func (CatalogueEntry) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of CatalogueEntry.
func (CatalogueEntry) Fields() []ent.Field {
	return []ent.Field{
		field.String("category"),
		field.String("district").Default(""),
		field.String("lead"),
		field.Strings("assist").Optional(),
		field.String("ground"),
		field.Bool("not_to_street").Default(false),
		field.Strings("keywords").Optional(),
		field.Bool("retired").Default(false),
	}
}

// Indexes of CatalogueEntry.
func (CatalogueEntry) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "category", "district", "lead").Unique()}
}

// Rulebook (城市规则) is one version of a city's data of one kind: policy or privacy.
type Rulebook struct{ ent.Schema }

// Mixin of Rulebook.
func (Rulebook) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Rulebook.
func (Rulebook) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").Immutable(),
		field.Int("version").Immutable(),
		field.Text("body").Immutable().Comment("JSON as its kind defines it"),
		field.String("author").Immutable(),
		field.String("reason").Immutable(),
		created(),
	}
}

// Indexes of Rulebook.
func (Rulebook) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "kind", "version").Unique()}
}

// DataKey (数据密钥) is one of a city's keys, wrapped by the master key. Without its rows the city's sealed data is gone.
type DataKey struct{ ent.Schema }

// Mixin of DataKey.
func (DataKey) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of DataKey.
func (DataKey) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").Immutable(),
		field.Int("generation").Immutable(),
		field.String("suite").Immutable(),
		field.String("master_id"),
		field.Bytes("wrapped").Sensitive(),
		created(),
	}
}

// Indexes of DataKey.
func (DataKey) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "kind", "generation").Unique()}
}

// Record (管理留痕) is one change to how the city is run, chained like an order's history.
type Record struct{ ent.Schema }

// Mixin of Record.
func (Record) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Record.
func (Record) Fields() []ent.Field {
	return []ent.Field{
		field.Int("seq").Immutable(),
		field.String("act").Immutable(),
		field.String("actor").Immutable(),
		field.String("summary").Immutable(),
		field.Bytes("seal").Immutable(),
		created(),
	}
}

// Indexes of Record.
func (Record) Indexes() []ent.Index { return []ent.Index{index.Fields("tenant", "seq").Unique()} }
