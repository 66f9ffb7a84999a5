package schema

import (
	"entgo.io/ent"
	"entgo.io/ent/schema/field"
	"entgo.io/ent/schema/index"
)

// ListKey (清单签名密钥) is one of the State Council office's keys, in the order in which they replaced each other: every deployment holds
// the public halves, only the office's the private ones, sealed by the master key.
type ListKey struct{ ent.Schema }

// Mixin of ListKey.
func (ListKey) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of ListKey.
func (ListKey) Fields() []ent.Field {
	return []ent.Field{
		field.Int("slot").Unique().Immutable().Comment("1 for the first key, one more for each that replaced the one before"),
		field.String("public").Immutable().Comment("suite:base64 of the public half"),
		field.Bytes("sealed").Optional().Sensitive().Comment("empty where lists are only received, and once the key is replaced"),
		field.Bytes("act").Optional().Immutable().Comment("the signed act by which it replaced the one before; empty for the first"),
		field.Bool("doubted").Default(false).Immutable().Comment("counts only for places that confirmed its fingerprint"),
		created(),
	}
}

// ListTrust (密钥确认) says that a place has confirmed the fingerprint of a key that nothing else vouches for.
type ListTrust struct{ ent.Schema }

// Mixin of ListTrust.
func (ListTrust) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of ListTrust.
func (ListTrust) Fields() []ent.Field {
	return []ent.Field{
		field.Int("slot").Immutable().Comment("of the key"),
		field.String("place").Immutable(),
		field.String("by").Immutable(),
		created(),
	}
}

// Indexes of ListTrust.
func (ListTrust) Indexes() []ent.Index {
	return []ent.Index{index.Fields("slot", "place").Unique()}
}

// KeyProposal (密钥更换提议) is one person's proposal at the office to replace the key, which a second one carries out.
type KeyProposal struct{ ent.Schema }

// Mixin of KeyProposal.
func (KeyProposal) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of KeyProposal.
func (KeyProposal) Fields() []ent.Field {
	return []ent.Field{
		field.Int("number").Immutable(),
		field.Int("slot").Immutable().Comment("of the key to come"),
		field.String("suite").Immutable().Comment("aes or sm"),
		field.Bool("lost").Immutable().Comment("the old key can't sign: the new one is founded anew"),
		field.String("reason").Immutable(),
		field.String("author").Immutable(),
		field.String("standing").Comment("open, done, dropped"),
		field.String("decided_by").Default(""),
		created(),
	}
}

// Indexes of KeyProposal.
func (KeyProposal) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "number").Unique()}
}

// ListVersion (归并清单版本) is one signed list as it was published. It never changes.
type ListVersion struct{ ent.Schema }

// Mixin of ListVersion.
func (ListVersion) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of ListVersion.
func (ListVersion) Fields() []ent.Field {
	return []ent.Field{
		field.Int("version").Immutable(),
		field.Int("slot").Default(1).Immutable().Comment("of the key that signed it: what a stolen key signed lies beside what replaces it"),
		field.Bytes("document").Immutable().Comment("the signed bytes"),
		created(),
	}
}

// Indexes of ListVersion.
func (ListVersion) Indexes() []ent.Index {
	return []ent.Index{index.Fields("slot", "version").Unique()}
}

// FarPlace (异地单位) is a city of another deployment that reported here, or a ministry's place of work elsewhere that the centre admitted.
type FarPlace struct{ ent.Schema }

// Mixin of FarPlace.
func (FarPlace) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of FarPlace.
func (FarPlace) Fields() []ent.Field {
	return []ent.Field{
		field.String("code").Unique().Immutable(),
		field.String("title").Comment("a city's name; the name that the list has for a ministry"),
		field.String("region").Default(""),
		created(),
	}
}

// Acknowledgement (签收) says that a city has a version of the list; it is the centre's knowledge, so it lies outside the cities.
type Acknowledgement struct{ ent.Schema }

// Mixin of Acknowledgement.
func (Acknowledgement) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of Acknowledgement.
func (Acknowledgement) Fields() []ent.Field {
	return []ent.Field{
		field.String("city").Immutable(),
		field.Int("version").Immutable(),
		field.String("digest").Immutable().Comment("of the document that the city verified"),
		field.Time("received_at").Immutable(),
		field.String("acknowledged_by").Default(""),
		moment("acknowledged_at"),
	}
}

// Indexes of Acknowledgement.
func (Acknowledgement) Indexes() []ent.Index {
	return []ent.Index{index.Fields("city", "version").Unique()}
}

// ListProgress (归并进度) is what the centre, a province and a ministry see of one number of one city: written with the city's own
// row, without a person in it.
type ListProgress struct{ ent.Schema }

// Mixin of ListProgress.
func (ListProgress) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of ListProgress.
func (ListProgress) Fields() []ent.Field {
	return []ent.Field{
		field.String("city").Immutable(),
		field.String("number").Immutable(),
		field.String("title"),
		field.String("origin"),
		field.String("authority").Default(""),
		field.String("mode").Default(""),
		field.String("target").Default(""),
		field.Time("prompt_until").Optional().Nillable(),
		field.Int("steps").Default(0),
		field.Int("done").Default(0),
		field.Int("evidence").Default(0),
		moment("due_at"), // soonest due of the open steps
		field.Text("plan").Default("[]").Comment("JSON of the steps with their evidence, without people"),
		field.Int("revision").Default(1).Comment("how often the row was written: their sum says whether a city has something new to report"),
		field.Time("updated_at"),
	}
}

// Indexes of ListProgress.
func (ListProgress) Indexes() []ent.Index {
	return []ent.Index{index.Fields("city", "number").Unique(), index.Fields("number", "city")}
}

// ListLetter (往来) is what passes between a city and those above it: exceptions asked for, questions, urges.
type ListLetter struct{ ent.Schema }

// Mixin of ListLetter.
func (ListLetter) Mixin() []ent.Mixin { return []ent.Mixin{Global{}} }

// Fields of ListLetter.
func (ListLetter) Fields() []ent.Field {
	return []ent.Field{
		field.String("kind").Immutable().Comment("exception, question, urge"),
		field.String("city").Immutable(),
		field.String("number").Default("").Immutable(),
		field.String("subject").Immutable().Comment("an exception's kind or a question's title"),
		field.Text("words").Immutable(),
		field.Text("papers").Default("[]").Immutable().Comment("JSON of papers: title, reference, digest"),
		field.String("wanted").Default("").Immutable().Comment("the name or purpose asked for"),
		field.String("author").Immutable(),
		field.String("place").Immutable().Comment("where the author works"),
		field.String("addressee").Default("000000").Immutable().Comment("who is to answer: the office or a province; of an urge, the city"),
		field.String("standing").Comment("open, granted, refused, answered, used, sent"),
		field.Text("answer").Default(""),
		field.String("reference").Default("").Comment("number of the decision"),
		field.String("answered_by").Default(""),
		moment("answered_at"),
		field.Bool("published").Default(false),
		field.Text("opinion").Default("").Comment("of the province, on an exception that the centre decides"),
		field.Bool("supported").Default(false),
		field.String("opinion_by").Default(""),
		moment("opinion_at"),
		moment("due_at"),
		field.Bool("pending").Default(true).Comment("a place of another deployment may not have it as it stands"),
		field.Text("told").Default("{}").Comment("JSON: which places of other deployments have it in which standing"),
		created(),
	}
}

// Indexes of ListLetter.
func (ListLetter) Indexes() []ent.Index {
	return []ent.Index{index.Fields("kind", "city", "id"), index.Fields("kind", "standing", "id"), index.Fields("pending", "id")}
}

// ListDraft (清单草案) is the next version in the making, a row of the office's own place of work.
type ListDraft struct{ ent.Schema }

// Mixin of ListDraft.
func (ListDraft) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of ListDraft.
func (ListDraft) Fields() []ent.Field {
	return []ent.Field{
		field.Int("number").Immutable(),
		field.Int("base").Immutable().Comment("the version it changes"),
		field.Text("body").Comment("the unsigned document"),
		field.String("standing").Comment("editing, reviewing, reviewed, signed, published, dropped"),
		field.String("authors").Comment("logins who wrote on it, comma-separated"),
		field.String("reviewer").Default(""),
		field.String("words").Default("").Comment("of the review"),
		field.Bytes("document").Optional().Comment("once signed"),
		field.Int("revision").Default(1),
		created(),
	}
}

// Indexes of ListDraft.
func (ListDraft) Indexes() []ent.Index { return []ent.Index{index.Fields("tenant", "number").Unique()} }

// CityNumber (号码登记) is one hotline number in a city's register: what the nation says and what is so here.
type CityNumber struct{ ent.Schema }

// Mixin of CityNumber.
func (CityNumber) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of CityNumber. Modes are whole_merge, dual_number, sub_center; empty while the number runs by itself.
func (CityNumber) Fields() []ent.Field {
	return []ent.Field{
		field.String("number").Immutable(),
		field.String("title"),
		field.String("origin").Comment("national, local or granted; what is entered may be entered anew until it is confirmed"),
		field.String("purpose").Default(""),
		field.String("authority").Default(""),
		field.String("founded_on").Default(""),
		field.String("unconfirmed").Default("").Comment("of a hotline of the place's own: who entered it, or decided on its merge, until a second person has confirmed that"),
		field.String("mode").Default(""),
		field.String("target").Default("").Comment("the mode that the plan leads to"),
		field.String("unit").Default(""),
		field.Int("seats").Default(0),
		field.Int("expert_seats").Default(0),
		field.Bool("seats_stay").Default(false).Comment("双号并行 where seats can't merge yet: calls transfer both ways"),
		field.Text("prompt").Default(""),
		moment("prompt_until"),
		field.String("line").Default("").Comment("where its own seats are reached"),
		field.String("skill").Default(""),
		field.Text("approvals").Default("[]").Comment("JSON of papers"),
		field.Text("plan").Default("[]").Comment("JSON of steps"),
		field.Text("levels").Default("[]").Comment("JSON of service levels"),
		field.Text("test").Default("").Comment("JSON of the last test call"),
		moment("cut_over_at"),
		field.Int("version").Default(1),
		field.Int("changes").Default(0).Comment("lines of its history"),
		field.Bytes("change_head").Optional(),
		created(),
	}
}

// Indexes of CityNumber.
func (CityNumber) Indexes() []ent.Index {
	return []ent.Index{index.Fields("tenant", "number").Unique()}
}

// NumberChange (号码变更) is one line of a number's history, sealed to the line before, with how calls were answered from then on.
type NumberChange struct{ ent.Schema }

// Mixin of NumberChange.
func (NumberChange) Mixin() []ent.Mixin { return []ent.Mixin{Tenanted{}} }

// Fields of NumberChange.
func (NumberChange) Fields() []ent.Field {
	return []ent.Field{
		field.String("number").Immutable(),
		field.Int("seq").Immutable(),
		field.String("act").Immutable(),
		field.String("actor").Immutable(),
		field.String("summary").Immutable(),
		field.Bool("public").Immutable(),
		field.Text("dial").Immutable().Comment("JSON of how calls are answered from this line on"),
		field.Bytes("seal").Immutable(),
		created(),
	}
}

// Indexes of NumberChange.
func (NumberChange) Indexes() []ent.Index {
	return []ent.Index{
		index.Fields("tenant", "number", "seq").Unique(),
		index.Fields("tenant", "number", "created_at"),
		index.Fields("tenant", "public", "created_at", "id"),
	}
}
