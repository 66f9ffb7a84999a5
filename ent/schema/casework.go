package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
	"github.com/google/uuid"
)

// WorkOrder (工单) is what the citizen follows.
type WorkOrder struct{ ent.Schema }

// Mixin of WorkOrder.
func (WorkOrder) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of WorkOrder. States and words are those of app/casework/flow.go; personal columns are sealed.
func (WorkOrder) Fields() []ent.Field {
	return []ent.Field{
		field.String("number").Immutable(),
		field.Int("version").Default(1).Comment("one more with every act; guards against two acts at once"),
		field.String("state"),
		field.String("disposition"),
		field.String("kind"),
		field.String("category"),
		field.String("urgency"),
		field.String("channel"),
		field.String("title").Comment("without personal data"),
		field.String("district").Default(""),
		field.Bool("confidential").Default(false),
		field.Bool("anonymous").Default(false),
		field.Bool("law_enforcement").Default(false),
		personal("name"), personal("phone"), personal("id_number"), personal("address"), personal("email"),
		personal("words"), personal("body"), personal("location"), personal("evidence"),
		field.Bytes("phone_index").Optional().Comment("keyed hash of the number, for exact search"),
		field.Bytes("code").Optional().Sensitive().Comment("keyed hash of the citizen's follow-up code"),
		field.String("reason").Default(""),
		field.String("told").Default(""),
		field.String("citation").Default(""),
		field.String("target_city").Default(""),
		field.String("repeat_of").Default(""),
		field.String("source_id").Optional().Nillable().Comment("number in the system it came from"),
		field.String("taken_by").Default("").Comment("login of who took it in; the citizen when empty"),
		field.String("holder").Default("").Comment("login of who holds it in their private pool"),
		field.String("lead").Default("").Comment("unit code of the lead"),
		field.String("lead_path").Default("").Comment("path of the lead in the unit tree, for subtree lists"),
		field.String("conclusion").Default(""),
		field.Text("public_answer").Default(""),
		field.Int("urges").Default(0),
		field.Int("reworks").Default(0),
		field.Int("supplements").Default(0),
		field.Bool("overdue").Default(false),
		field.Int("warning").Default(0).Comment("highest share of a running span that passed, of the city's thresholds, percent"),
		field.Int("returns").Default(0).Comment("退单 asked for, all units together"),
		field.Int("improper_returns").Default(0).Comment("of these, rejected"),
		field.Int("escalations").Default(0).Comment("levels it climbed, by a person or by being overdue"),
		field.Bool("locked").Default(false).Comment("adjudicated: no unit may return it"),
		field.Bool("adjudicating").Default(false).Comment("an adjudication is open"),
		field.Bool("hard").Default(false).Comment("疑难, found by rule"),
		field.Bool("supervised").Default(false).Comment("督办 mark"),
		field.Bool("unreasonable").Default(false).Comment("不合理诉求 stands now"),
		field.Bool("clustered").Default(false).Comment("one of many in the same place and category"),
		field.Bool("suspicious").Default(false).Comment("its rating is one of an unusual cluster"),
		field.String("excluded").Default("").Comment("figures it is left out of by score appeal, comma-separated"),
		field.Bool("sides").Default(false).Comment("something hangs on it beside the straight way: applications, merges, hand-offs, files, moved clocks"),
		field.UUID("main_id", uuid.UUID{}).Optional().Nillable().Comment("the order it is merged into (主单)"),
		field.UUID("transfer_id", uuid.UUID{}).Optional().Nillable().Comment("its last transfer between cities (跨域转办), to here or away"),
		personal("brief"),
		field.Bytes("place_index").Optional().Comment("keyed hash of the place, for clusters and repeats"),
		field.Int("events").Default(0).Comment("lines of its history"),
		field.Bytes("event_head").Optional().Comment("seal of the last line of its history"),
		field.Int("readings").Default(0).Comment("lines of its read ledger"),
		field.Bytes("reading_head").Optional(),
		field.Time("received_at"),
		moment("dispatched_at"),
		moment("concluded_at"),
		moment("closed_at"),
		field.Time("due_at").Comment("soonest due of its running clocks; far away when none runs"),
		created(),
	}
}

// Indexes of WorkOrder: each serves one list of the API, by keyset.
func (WorkOrder) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("tenant", "number").Unique(),
		index.Fields("tenant", "received_at", "id"),
		index.Fields("tenant", "due_at", "id"),
		index.Fields("tenant", "state", "received_at", "id"),
		index.Fields("tenant", "state", "due_at", "id"),
		index.Fields("tenant", "phone_index", "received_at"),
		index.Fields("tenant", "category", "district", "received_at"),
		index.Fields("tenant", "source_id").Unique(),
		index.Fields("tenant", "main_id", "id"),
		index.Fields("tenant", "place_index", "received_at"),
		index.Fields("tenant", "dispatched_at"), // reports
		index.Fields("tenant", "concluded_at"),
	}
}

// Assignment (承办子任务) is one unit's part in an order. Its parent is the assignment it was handed down from (下派).
type Assignment struct{ ent.Schema }

// Mixin of Assignment.
func (Assignment) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Assignment.
func (Assignment) Fields() []ent.Field {
	return []ent.Field{
		ref("work_order_id"),
		field.UUID("parent_id", uuid.UUID{}).Optional().Nillable(),
		field.String("unit"),
		field.String("path").Comment("path of the unit in the tree when it was dispatched"),
		field.Bool("lead"),
		field.String("state"),
		field.String("instruction").Default(""),
		field.String("handler").Default("").Comment("login of who signed"),
		field.Int("round").Default(0).Comment("how often it replied"),
		field.Int("missed").Default(0).Comment("recorded attempts that did not reach the citizen"),
		field.String("climbed_to").Default("").Comment("unit above that its being overdue was reported to"),
		field.Time("dispatched_at"),
		moment("signed_at"),
		moment("contacted_at"),
		moment("replied_at"),
		moment("ended_at"),
	}
}

// Indexes of Assignment.
func (Assignment) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("tenant", "work_order_id", "id"),
		index.Fields("tenant", "unit", "state"),
		index.Fields("tenant", "path"),
	}
}

// Clock (时钟) is one deadline. Its due moment is stored and moved only by the events flow.md names.
type Clock struct{ ent.Schema }

// Mixin of Clock.
func (Clock) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Clock.
func (Clock) Fields() []ent.Field {
	return []ent.Field{
		ref("work_order_id"),
		field.String("step"),
		field.String("unit").Default(""),
		field.String("span"),
		field.Int("policy").Comment("version of the city's rules it was set by"),
		field.Time("start_at"),
		field.Time("due_at"),
		moment("stop_at"),
		moment("overdue_at"), // when the sweep found it late
		field.UUID("application_id", uuid.UUID{}).Optional().Nillable().Comment("the side life it belongs to"),
		field.Int("warned").Default(0).Comment("highest warning threshold that passed, percent"),
		field.Time("warn_at").Optional().Nillable().Comment("when the next threshold passes"),
		field.Bool("fires").Default(false).Comment("something happens when it runs out"),
		moment("fired_at"),
		moment("paused_at"),
		field.String("remaining").Default("").Comment("span left when it was paused"),
		field.Int("held").Default(0).Comment("seconds that it was held in all: warnings count from the start without them"),
	}
}

// Indexes of Clock.
func (Clock) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("tenant", "work_order_id", "id"),
		index.Fields("tenant", "stop_at", "overdue_at", "due_at"),
		index.Fields("tenant", "stop_at", "warn_at"),
		index.Fields("tenant", "fires", "stop_at", "fired_at", "due_at"),
		index.Fields("tenant", "step", "due_at"), // reports
		index.Fields("tenant", "overdue_at"),
	}
}

// ClockMove (时限变更) is one change of a due moment: due = base + span, both kept, so that every due moment can be worked out
// again from its clock's start and its moves.
type ClockMove struct{ ent.Schema }

// Mixin of ClockMove.
func (ClockMove) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of ClockMove.
func (ClockMove) Fields() []ent.Field {
	return []ent.Field{
		ref("work_order_id"), ref("clock_id"),
		field.Int("seq").Immutable(),
		field.String("cause").Immutable().Comment("extension, suspension, await, adjudication, calendar"),
		field.Time("base_at").Immutable(),
		field.String("span").Immutable(),
		field.Time("before_at").Immutable(),
		field.Time("after_at").Immutable(),
		created(),
	}
}

// Indexes of ClockMove.
func (ClockMove) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "clock_id", "seq").Unique(), index.Fields("tenant", "work_order_id", "id")}
}

// Application (申请) is a side life of an order: what a unit, a citizen or a rule asks for, with ground and evidence, decided by
// someone else, on a clock of its own.
type Application struct{ ent.Schema }

// Mixin of Application.
func (Application) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Application. Kinds and standings are those of app/casework/application.go.
func (Application) Fields() []ent.Field {
	return []ent.Field{
		ref("work_order_id"),
		field.UUID("assignment_id", uuid.UUID{}).Optional().Nillable().Immutable(),
		field.UUID("about_id", uuid.UUID{}).Optional().Nillable().Immutable().Comment("the application it disputes or appeals against"),
		field.String("kind").Immutable(),
		field.String("standing").Comment("open, first, upheld, rejected, lapsed, expired, revoked"),
		field.String("asked_by").Immutable().Comment("login; empty for the citizen and for a rule"),
		field.String("asked_unit").Default("").Immutable(),
		field.String("reason").Default("").Immutable().Comment("code of the kind's list"),
		field.String("ground").Default("").Immutable(),
		personal("evidence"),
		field.String("suggested_unit").Default("").Immutable(),
		field.String("span").Default("").Immutable(),
		moment("until_at"),
		field.String("responsible").Default("").Immutable(),
		field.String("milestones").Default("").Immutable(),
		field.String("heard").Default("").Comment("empty, agrees, objects or silent"),
		field.String("heard_by").Default(""),
		field.String("heard_words").Default(""),
		field.String("first_by").Default("").Comment("who decided on the first of two levels"),
		field.String("first_words").Default(""),
		field.String("decided_by").Default(""),
		field.String("decision").Default(""),
		moment("decided_at"),
		created(),
	}
}

// Indexes of Application.
func (Application) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("tenant", "work_order_id", "id"),
		index.Fields("tenant", "standing", "kind", "id"),
		index.Fields("tenant", "asked_unit", "kind", "id"),
		index.Fields("tenant", "suggested_unit", "standing"),
	}
}

// HandOff (紧急联动) is one consultation with an emergency line or a linked utility: who spoke, who keeps the matter.
type HandOff struct{ ent.Schema }

// Mixin of HandOff.
func (HandOff) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of HandOff.
func (HandOff) Fields() []ent.Field {
	return []ent.Field{
		ref("work_order_id"),
		field.String("unit").Immutable().Comment("code of the linked unit"),
		field.Bool("three_way").Immutable(),
		field.Bool("life_at_risk").Immutable(),
		field.String("outcome").Immutable().Comment("taken, kept or both"),
		personal("words"),
		field.String("author").Immutable(),
		field.String("back_reason").Default(""),
		field.String("back_by").Default(""),
		moment("back_at"),
		created(),
	}
}

// Indexes of HandOff.
func (HandOff) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "work_order_id", "id"), index.Fields("tenant", "unit", "id")}
}

// Attachment (附件) is a file of an order: its bytes lie encrypted in the blob store under their own key.
type Attachment struct{ ent.Schema }

// Mixin of Attachment.
func (Attachment) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Attachment.
func (Attachment) Fields() []ent.Field {
	return []ent.Field{
		ref("work_order_id"),
		personal("title"),
		personal("secret"),
		field.String("media_type").Immutable(),
		field.Int64("size").Immutable(),
		field.String("digest").Immutable().Comment("SHA-256 of the content, hex"),
		field.String("source").Default("").Immutable().Comment("the name it is sealed under in the city that it came from"),
		field.Bool("here").Default(true).Comment("false while it is on its way from another city"),
		field.Bool("by_citizen").Immutable(),
		field.String("author").Immutable(),
		field.String("unit").Immutable(),
		created(),
	}
}

// Indexes of Attachment.
func (Attachment) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "work_order_id", "digest").Unique()}
}

// Event (流转记录) is one line of an order's history, sealed to the line before.
type Event struct{ ent.Schema }

// Mixin of Event.
func (Event) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Event.
func (Event) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("work_order_id", uuid.UUID{}).Immutable(),
		field.Int("seq").Immutable(),
		field.String("verb").Immutable(),
		field.String("from_state").Immutable(),
		field.String("to_state").Immutable(),
		field.String("actor").Immutable().Comment("login; empty for the citizen and the clock"),
		field.String("role").Immutable(),
		field.String("unit").Immutable(),
		field.String("summary").Immutable(),
		personal("note"),
		field.Bytes("note_digest").Optional().Immutable().Comment("keyed digest of the note, so that the chain survives new keys"),
		field.Bool("public").Immutable(),
		field.Bytes("seal").Immutable(),
		field.Time("created_at").Immutable(),
	}
}

// Indexes of Event.
func (Event) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "work_order_id", "seq").Unique()}
}

// Reply (答复) is one answer of a unit; rework adds another, none is edited but by its review.
type Reply struct{ ent.Schema }

// Mixin of Reply.
func (Reply) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Reply.
func (Reply) Fields() []ent.Field {
	return []ent.Field{
		ref("work_order_id"), ref("assignment_id"),
		field.Int("round").Immutable(),
		field.Text("public_part").Immutable(),
		personal("internal_part"),
		field.String("conclusion").Immutable(),
		field.String("measures").Default("").Immutable(),
		field.String("ground").Default("").Immutable(),
		field.String("author").Immutable(),
		field.String("verdict").Default("").Comment("empty, passed or failed"),
		field.String("remark").Default(""),
		created(),
	}
}

// Indexes of Reply.
func (Reply) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "assignment_id", "round").Unique(), index.Fields("tenant", "work_order_id", "id")}
}

// Callback (回访) is one attempt; none is ever changed, so that first and final results are both kept.
type Callback struct{ ent.Schema }

// Mixin of Callback.
func (Callback) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Callback.
func (Callback) Fields() []ent.Field {
	return []ent.Field{
		ref("work_order_id"),
		field.Int("round").Immutable(),
		field.Int("attempt").Immutable(),
		field.Bool("reached").Immutable(),
		field.Bool("contacted").Default(false).Immutable(),
		field.Bool("solved").Default(false).Immutable(),
		field.Int("result_grade").Default(0).Immutable(),
		field.Int("attitude_grade").Default(0).Immutable(),
		personal("words"),
		field.String("channel").Immutable(),
		field.String("author").Immutable(),
		created(),
	}
}

// Indexes of Callback.
func (Callback) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "work_order_id", "round", "attempt").Unique(), index.Fields("tenant", "created_at")}
}

// Rating (评价) is a one-time invitation and, once used, the citizen's grades.
type Rating struct{ ent.Schema }

// Mixin of Rating.
func (Rating) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Rating.
func (Rating) Fields() []ent.Field {
	return []ent.Field{
		ref("work_order_id"),
		field.Bytes("token").Immutable().Sensitive(),
		field.Time("expires_at").Immutable(),
		moment("rated_at"),
		field.Int("result_grade").Default(0),
		field.Int("attitude_grade").Default(0),
		personal("words"),
		created(),
	}
}

// Indexes of Rating.
func (Rating) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "token").Unique(), index.Fields("tenant", "work_order_id", "id"), index.Fields("tenant", "rated_at")}
}

// Reading (查看留痕) is one line of the read ledger, sealed to the line before of the same order.
type Reading struct{ ent.Schema }

// Mixin of Reading.
func (Reading) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Reading.
func (Reading) Fields() []ent.Field {
	return []ent.Field{
		field.UUID("work_order_id", uuid.UUID{}).Immutable(),
		field.Int("seq").Immutable(),
		field.String("actor").Immutable(),
		field.String("role").Immutable(),
		field.String("unit").Immutable(),
		field.String("fields").Immutable().Comment("names of the fields that were clear, comma-separated"),
		field.String("situation").Immutable(),
		field.String("reason").Immutable(),
		field.Time("until_at").Optional().Nillable().Immutable().Comment("a reveal's end"),
		field.Bytes("seal").Immutable(),
		field.Time("created_at").Immutable(),
	}
}

// Indexes of Reading.
func (Reading) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("tenant", "work_order_id", "seq").Unique(),
		index.Fields("tenant", "actor", "id"),
	}
}

// Receipt (回执) remembers a request_id, so that a retry finds what the first try did.
type Receipt struct{ ent.Schema }

// Mixin of Receipt.
func (Receipt) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of Receipt.
func (Receipt) Fields() []ent.Field {
	return []ent.Field{
		field.String("actor").Immutable(),
		field.String("request_id").Immutable(),
		field.String("verb").Immutable(),
		field.Bytes("fingerprint").Immutable().Comment("keyed hash of the request: another request under the same id is refused"),
		ref("work_order_id"),
		personal("code"),
		created(),
	}
}

// Indexes of Receipt.
func (Receipt) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "actor", "request_id").Unique()}
}

// NumberBlock (号段) counts the work order numbers of a day; replicas take them in blocks.
type NumberBlock struct{ ent.Schema }

// Mixin of NumberBlock.
func (NumberBlock) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of NumberBlock.
func (NumberBlock) Fields() []ent.Field {
	return []ent.Field{
		field.String("day").Immutable(),
		field.Int("next"),
	}
}

// Indexes of NumberBlock.
func (NumberBlock) Indexes() []ent.Index { return []ent.Index{index.Fields("tenant", "day").Unique()} }
