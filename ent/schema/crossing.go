package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// Transfer (跨域转办) is one case between two cities, as the ledger of their region tells it and as this city sees it. Origin,
// target and a coordinator each have a row of their own; who has custody follows from state and target.
type Transfer struct{ ent.Schema }

// Mixin of Transfer.
func (Transfer) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Transfer. States are those of federation/ledger in lower case; "queued" is an offer that the ledger does not have yet.
func (Transfer) Fields() []ent.Field {
	return []ent.Field{
		field.String("region").Immutable().Comment("the group whose ledger holds it"),
		field.String("origin").Immutable(),
		field.Int64("number").Immutable().Comment("with the origin it names the transfer in the region for ever"),
		field.UUID("work_order_id", uuid.UUID{}).Optional().Nillable().Comment("this city's own order; a target has one from delivery on"),
		field.String("target"),
		field.String("state"),
		field.Int("sequence").Default(0).Comment("acts of the ledger that are applied here"),
		field.String("mode").Comment("cold or hot"),
		field.String("urgency").Comment("ordinary or critical"),
		field.String("order_number").Comment("the origin's, nationwide the same (全网唯一号)"),
		field.String("category").Default(""),
		field.String("category_title").Default(""),
		field.String("target_category").Default(""),
		field.String("basis").Default("").Comment("clause on which it rests"),
		field.String("call").Default("").Comment("the line's reference of a call that moves along (热转)"),
		field.String("callback").Comment("the city that calls the citizen back"),
		field.Bool("consent").Default(false),
		field.Bool("confidential").Default(false),
		field.Int("declines").Default(0),
		field.String("reason").Default("").Comment("of the last decline"),
		field.String("ground").Default("").Comment("of the last decline or designation"),
		field.String("responsible").Default("").Comment("the city that the last decline names"),
		field.String("pending").Default("").Comment("offer, accept, decline, recall, withdraw, dispute, designate or callback: asked for here, not yet in the ledger"),
		field.Bool("sampled").Default(false).Comment("the origin calls back once more itself (抽查)"),
		field.Bool("overruled").Default(false).Comment("a decline was asked for here in time, and silence counted before it was heard"),
		field.Bool("objected").Default(false).Comment("the target objects to having it by its silence; the coordinator decides"),
		field.Time("started_at").Comment("when the citizen's own clock began"),
		moment("sign_due_at"),
		moment("answer_due_at"),
		moment("callback_due_at"),
		moment("callback_urged_at"),
		field.Time("changed_at"),
		created(),
	}
}

// Indexes of Transfer.
func (Transfer) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("tenant", "region", "origin", "number").Unique(),
		index.Fields("tenant", "work_order_id", "id"),
		index.Fields("tenant", "target", "state", "id"),
		index.Fields("tenant", "origin", "state", "id"),
		index.Fields("tenant", "state", "answer_due_at"),
		index.Fields("tenant", "call"),
	}
}

// TransferAct (转办流水) is one signed act of the ledger as it came: what a city did can be proven years later.
type TransferAct struct{ ent.Schema }

// Mixin of TransferAct.
func (TransferAct) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of TransferAct.
func (TransferAct) Fields() []ent.Field {
	return []ent.Field{
		ref("transfer_id"),
		field.Int("sequence").Immutable(),
		field.String("act").Immutable().Comment("offer, deliver, sign … as the ledger names them"),
		field.String("city").Immutable().Comment("who acted"),
		field.String("summary").Immutable().Comment("without personal data"),
		personal("words"),
		field.Bytes("signed").Immutable().Comment("the command and the city's signature"),
		field.Time("acted_at").Immutable(),
		created(),
	}
}

// Indexes of TransferAct.
func (TransferAct) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "transfer_id", "sequence").Unique()}
}

// Outgoing (待发指令) is an act that waits for the ledger: written with its cause in one transaction, shipped in order.
type Outgoing struct{ ent.Schema }

// Mixin of Outgoing.
func (Outgoing) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Outgoing. The id is the command's: sent twice, it counts once.
func (Outgoing) Fields() []ent.Field {
	return []ent.Field{
		field.String("region").Immutable(),
		ref("transfer_id"),
		field.String("act").Immutable(),
		personal("content"),
		field.Int("sequence").Default(0).Comment("the place it was last proposed for; 0 before"),
		field.Int("tries").Default(0),
		moment("next_at"),
		moment("sent_at"),
		field.String("refused").Default("").Comment("why the ledger did not take it"),
		created(),
	}
}

// Indexes of Outgoing.
func (Outgoing) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "sent_at", "id"), index.Fields("tenant", "transfer_id", "id")}
}

// TransferNumber (转办编号) counts the transfers that a city offers in a region; none is ever used again.
type TransferNumber struct{ ent.Schema }

// Mixin of TransferNumber.
func (TransferNumber) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of TransferNumber.
func (TransferNumber) Fields() []ent.Field {
	return []ent.Field{
		field.String("region").Immutable(),
		field.Int64("last"),
	}
}

// Indexes of TransferNumber.
func (TransferNumber) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "region").Unique()}
}

// CityKey (城市密钥) is one of the keys by which a city signs its acts and opens what is sealed to it.
type CityKey struct{ ent.Schema }

// Mixin of CityKey.
func (CityKey) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of CityKey.
func (CityKey) Fields() []ent.Field {
	return []ent.Field{
		field.String("purpose").Immutable().Comment("signing or sealing"),
		field.Int("algorithm").Immutable(),
		field.Bytes("public").Immutable(),
		personal("private"),
		created(),
	}
}

// Indexes of CityKey.
func (CityKey) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "purpose", "id")}
}
