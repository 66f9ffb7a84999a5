package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// City (城市) is a tenant of the deployment; a region or the centre is a place of work too, with its own code.
type City struct{ ent.Schema }

// Mixin of City.
func (City) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of City.
func (City) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Unique().Immutable().Comment("GB/T 2260"),
		field.String("title"),
		field.String("region").Default(""),
		field.String("suite").Default("aes").Comment("cipher suite of its keys: aes or sm"),
		moment("shredded_at"),
		created(),
	}
}

// Account (人员) is one member of staff; what they may do where is in their grants.
type Account struct{ ent.Schema }

// Mixin of Account.
func (Account) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of Account.
func (Account) Fields() []ent.Field {
	return []ent.Field{
		field.String("login").Unique().Immutable(),
		field.String("display_name"),
		field.String("password").Sensitive().Comment("argon2id, in PHC string form"),
		field.Bool("disabled").Default(false),
		field.Bool("must_change").Default(false).Comment("somebody else knows the password: nothing goes before changing it"),
		created(),
	}
}

// Grant (授权) is one post: a role of an account in a city, and the unit it belongs to.
type Grant struct{ ent.Schema }

// Mixin of Grant.
func (Grant) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of Grant.
func (Grant) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("account_id", uuid.UUID{}).Immutable(),
		field.String("city").Immutable(),
		field.String("role").Immutable(),
		field.String("unit").Default("").Immutable().Comment("unit code, for roles of a unit"),
		created(),
	}
}

// Indexes of Grant.
func (Grant) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("account_id", "city", "role", "unit").Unique(),
		index.Fields("city"),
	}
}

// Session (登录会话) is one sign-in of an account in one city. Only the hash of its refresh token is kept.
type Session struct{ ent.Schema }

// Mixin of Session.
func (Session) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of Session.
func (Session) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("account_id", uuid.UUID{}).Immutable(),
		field.String("city").Immutable(),
		field.Bytes("refresh").Sensitive().Comment("SHA-256 of the refresh token that may be used next"),
		field.Int("turn").Default(0).Comment("how often it was refreshed; an older token is a stolen one"),
		field.Time("expires_at"),
		moment("ended_at"),
		field.String("ended_why").Default(""),
		created(),
	}
}

// Indexes of Session.
func (Session) Indexes() []ent.Index { return []ent.Index{index.Fields("account_id", "city")} }

// SigningKey (签名密钥) signs access tokens; its private half is sealed by the master key.
type SigningKey struct{ ent.Schema }

// Mixin of SigningKey.
func (SigningKey) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of SigningKey.
func (SigningKey) Fields() []ent.Field {
	return []ent.Field{
		field.String("kid").Unique().Immutable(),
		field.Bytes("public").Immutable(),
		field.Bytes("sealed").Sensitive(),
		field.Time("signs_until"),
		field.Time("verifies_until"),
		created(),
	}
}

// Throttle (限次) counts failed proofs per account or address, so that guessing is slow on every replica.
type Throttle struct{ ent.Schema }

// Mixin of Throttle.
func (Throttle) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of Throttle.
func (Throttle) Fields() []ent.Field {
	return []ent.Field{
		field.Bytes("key").Unique().Immutable().Comment("hash of what is throttled; no address is stored in clear"),
		field.Int("failures").Default(0),
		field.Time("until").Comment("no try is taken before"),
		field.Time("updated_at"),
	}
}

// HolidayYear (节假日安排) is a year's notice of the State Council that an operator entered after this program was built.
type HolidayYear struct{ ent.Schema }

// Mixin of HolidayYear.
func (HolidayYear) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of HolidayYear.
func (HolidayYear) Fields() []ent.Field {
	return []ent.Field{
		field.Int("year").Unique().Immutable(),
		field.String("source").Immutable().Comment("title and number of the notice"),
		field.Text("days").Immutable().Comment("date,kind,name, one a line"),
		created(),
	}
}
