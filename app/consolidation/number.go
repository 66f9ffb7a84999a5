package consolidation

import (
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	entgo "entgo.io/ent"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/citynumber"
	"hotline/ent/numberchange"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// The origins of a number.
const (
	national = "national" // on the list
	local    = "local"    // founded by the place itself before 2020-12-28
	granted  = "granted"  // new, by decision of the centre; it is to join nothing
)

// paper (文件) is what a decision or a fact rests on.
type paper struct {
	Title     string `json:"title"`
	Reference string `json:"reference,omitempty"`
	Digest    string `json:"digest,omitempty"`
}

// testCall (试拨) is the last test of where calls are to go, and who had set that.
type testCall struct {
	Line, Skill, SetBy string
	Connected          bool
	Words, By          string
	At                 *time.Time
}

// row is a number of the register with its JSON columns read.
type row struct {
	*ent.CityNumber
	approvals []paper
	steps     []*step
	levels    []level
	tested    testCall
}

// change is one act on one number under way: everything in it belongs to one transaction and one moment.
type change struct {
	s    *Service
	ctx  context.Context
	m    *memory
	list *Document
	now  time.Time
	v    *tenants.Viewer
	*row
	before  dial   // how calls were answered before
	summary string // what happened, without personal data
	public  bool   // the public register tells it
}

// change (变更号码) carries out one act: the row, the act, then the row, its history line, how calls are answered from now on, and what
// the centre sees, all in one transaction. Every change of a number passes here.
func (s *Service) change(ctx context.Context, name, etag, act string, do func(c *change) error) (out *pb.Number, err error) {
	if err := own(ctx, name); err != nil {
		return nil, err
	}
	number := part(name, "numbers")
	if err := enterable(number); err != nil {
		return nil, err
	}
	m, list, err := s.inForce(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		r, err := s.row(ctx, number, list)
		if err != nil {
			return err
		}
		if r == nil {
			return notFound()
		}
		out, err = s.carry(ctx, m, list, r, etag, act, do)
		return err
	})
	return out, err
}

// carry is change on a row that is at hand.
func (s *Service) carry(ctx context.Context, m *memory, list *Document, r *row, etag, act string, do func(c *change) error) (*pb.Number, error) {
	if etag != "" && etag != strconv.Itoa(r.Version) {
		return nil, conflict()
	}
	c := &change{s: s, ctx: ctx, m: m, list: list, now: store.Now(ctx), v: tenants.From(ctx), row: r}
	if r.entering() && act != "enroll" && act != "confirm_number" {
		return nil, refused("UNCONFIRMED", "%s的登记还没有由另一位同志复核，请先复核。", r.Number)
	}
	var err error
	if c.before, err = s.live(ctx, r); err != nil {
		return nil, err
	}
	if err := do(c); err != nil {
		return nil, err
	}
	if err := c.save(act); err != nil {
		return nil, err
	}
	return s.render(ctx, m, list, r)
}

// row reads a number of the register; that of a listed number which nobody has touched yet is made from the list, and nil stands for
// a number that is in neither.
func (s *Service) row(ctx context.Context, number string, list *Document) (*row, error) {
	r, err := s.ent().CityNumber.Query().Where(citynumber.Number(number)).Only(ctx)
	if err == nil {
		return read(r, list)
	}
	if !ent.IsNotFound(err) {
		return nil, fmt.Errorf("number %s: %w", number, err)
	}
	if e := list.Entry(number); e != nil {
		return fromEntry(placeOf(ctx), e), nil
	}
	return nil, nil
}

func fromEntry(city string, e *Entry) *row {
	return &row{CityNumber: &ent.CityNumber{Tenant: city, Number: e.Number, Title: e.Title, Origin: national, Authority: e.Authority, Skill: e.Authority}}
}

// read opens the row's JSON columns. Whose a listed number is, the list in force says, whatever it said when the city first touched it.
func read(n *ent.CityNumber, list *Document) (*row, error) {
	r := &row{CityNumber: n}
	if e := list.Entry(n.Number); e != nil {
		r.Authority = e.Authority
	}
	for _, j := range []struct {
		text string
		into any
	}{{n.Approvals, &r.approvals}, {n.Plan, &r.steps}, {n.Levels, &r.levels}, {n.Test, &r.tested}} {
		if j.text == "" {
			continue
		}
		if err := json.Unmarshal([]byte(j.text), j.into); err != nil {
			return nil, fmt.Errorf("number %s: %w", n.Number, err)
		}
	}
	return r, nil
}

func text(v any) string {
	b, err := json.Marshal(v)
	if err != nil {
		panic(err) // only our own plain structs come here
	}
	return string(b)
}

// put writes the columns into a new or an old row.
func (r *row) put(m *ent.CityNumberMutation) {
	m.SetTitle(r.Title)
	m.SetOrigin(r.Origin)
	m.SetFoundedOn(r.FoundedOn)
	m.SetUnconfirmed(r.Unconfirmed)
	m.SetPurpose(r.Purpose)
	m.SetAuthority(r.Authority)
	m.SetMode(r.Mode)
	m.SetTarget(r.Target)
	m.SetUnit(r.Unit)
	m.SetSeats(r.Seats)
	m.SetExpertSeats(r.ExpertSeats)
	m.SetSeatsStay(r.SeatsStay)
	m.SetPrompt(r.Prompt)
	if r.PromptUntil != nil {
		m.SetPromptUntil(*r.PromptUntil)
	} else if !m.Op().Is(entgo.OpCreate) {
		m.ClearPromptUntil() // a promotion begins without a prompt
	}
	m.SetLine(r.Line)
	m.SetSkill(r.Skill)
	m.SetApprovals(text(r.approvals))
	m.SetPlan(text(r.steps))
	m.SetLevels(text(r.levels))
	m.SetTest(text(r.tested))
	if r.CutOverAt != nil {
		m.SetCutOverAt(*r.CutOverAt)
	}
	m.SetVersion(r.Version + 1)
	m.SetChanges(r.Changes + 1)
	m.SetChangeHead(r.ChangeHead)
}

// save writes history line, row and projection.
func (c *change) save(act string) error {
	line, err := c.line(act)
	if err != nil {
		return err
	}
	c.ChangeHead = line.Seal
	if c.Version == 0 {
		create := c.s.ent().CityNumber.Create().SetNumber(c.Number).SetCreatedAt(c.now)
		c.put(create.Mutation())
		if err := create.Exec(c.ctx); ent.IsConstraintError(err) {
			return conflict()
		} else if err != nil {
			return fmt.Errorf("number %s: %w", c.Number, err)
		}
	} else {
		update := c.s.ent().CityNumber.Update().Where(citynumber.ID(c.ID), citynumber.Version(c.Version))
		c.put(update.Mutation())
		n, err := update.Save(c.ctx)
		if err != nil {
			return fmt.Errorf("number %s: %w", c.Number, err)
		}
		if n == 0 {
			return conflict()
		}
	}
	c.Version, c.Changes = c.Version+1, c.Changes+1
	err = c.s.ent().NumberChange.Create().SetNumber(line.Number).SetSeq(line.Seq).SetAct(line.Act).SetActor(line.Actor).
		SetSummary(line.Summary).SetPublic(line.Public).SetDial(line.Dial).SetSeal(line.Seal).SetCreatedAt(line.CreatedAt).Exec(c.ctx)
	if ent.IsConstraintError(err) {
		return conflict()
	}
	if err != nil {
		return fmt.Errorf("history of number %s: %w", c.Number, err)
	}
	return c.project()
}

// line is the next line of the number's history. While a plan leads elsewhere, calls are answered as before: what is set then counts
// from the cut-over.
func (c *change) line(act string) (*ent.NumberChange, error) {
	keys, err := c.s.vault.Keyring(c.ctx)
	if err != nil {
		return nil, err
	}
	d := c.before
	if c.Target == "" {
		if d = c.facts(); !c.reachable() { // callers are led to a new line once somebody has reached it
			d.Line, d.Skill = c.before.Line, c.before.Skill
		}
	}
	d.Title, d.Authority, d.Entering = c.Title, c.Authority, c.entering()
	l := &ent.NumberChange{Tenant: c.v.Tenant, Number: c.Number, Seq: c.Changes + 1, Act: act, Actor: c.v.Login, Summary: c.summary,
		Public: c.public, Dial: text(d), CreatedAt: c.now}
	l.Seal = changeSeal(keys, c.ChangeHead, l)
	return l, nil
}

// reachable says that where calls are to go was tried as it is set now. What was never set needs no trial.
func (r *row) reachable() bool {
	t := r.tested
	return t.SetBy == "" || t.Connected && t.At != nil && t.Line == r.Line && t.Skill == r.Skill
}

// facts are how calls are answered by the columns of the row.
func (r *row) facts() dial {
	return dial{Mode: r.Mode, Prompt: r.Prompt, Until: r.PromptUntil, Line: r.Line, Skill: r.Skill, Experts: r.ExpertSeats > 0,
		Stay: r.SeatsStay, Title: r.Title, Authority: r.Authority}
}

// live is how calls to the number are answered now, by the last line of its history.
func (s *Service) live(ctx context.Context, r *row) (dial, error) {
	if r.Changes == 0 {
		return dial{Title: r.Title, Authority: r.Authority}, nil
	}
	l, err := s.ent().NumberChange.Query().Where(numberchange.Number(r.Number), numberchange.Seq(r.Changes)).Only(ctx)
	if err != nil {
		return dial{}, fmt.Errorf("history of number %s: %w", r.Number, err)
	}
	return dialOf(l)
}

// changeSeal chains the lines of one number like the history of an order.
func changeSeal(k *privacy.Keyring, prev []byte, l *ent.NumberChange) []byte {
	public := "0"
	if l.Public {
		public = "1"
	}
	num := func(n int64) []byte { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
	return k.MAC([]byte("number"), prev, []byte(l.Tenant), []byte(l.Number), num(int64(l.Seq)), []byte(l.Act), []byte(l.Actor),
		[]byte(l.Summary), []byte(public), []byte(l.Dial), num(l.CreatedAt.UnixMicro()))
}

// project writes what those above the city may see: nothing of what one person alone has entered.
func (c *change) project() error {
	if c.entering() {
		return nil
	}
	done, evidence := 0, 0
	for _, st := range c.steps {
		if st.done() {
			done++
		}
		if st.Evidence != "" {
			evidence++
		}
	}
	until := c.PromptUntil
	if c.Mode != wholeMerge {
		until = nil
	}
	err := c.s.putProgress(c.ctx, &ent.ListProgress{City: c.v.Tenant, Number: c.Number, Title: c.Title, Origin: c.Origin, Authority: c.Authority,
		Mode: c.Mode, Target: c.Target, PromptUntil: until, Steps: len(c.steps), Done: done, Evidence: evidence, Plan: planShown(c.steps), DueAt: c.due(), UpdatedAt: c.now})
	if err != nil {
		return fmt.Errorf("progress of number %s: %w", c.Number, err)
	}
	return nil
}

// cancelled says that the number is merged whole: it is given up for good.
func (r *row) cancelled() bool { return r.Mode == wholeMerge }

// alive refuses what can't be done any more to a number that was given up.
func (c *change) alive() error {
	if c.cancelled() {
		return refused("NUMBER_CANCELLED", "%s已整体并入，号码已取消，不能恢复，也不能再作变更%s。", c.Number, clauseRestore)
	}
	return nil
}

// unit wants a unit of the city's directory that is in use.
func (c *change) unit(field, code string) error {
	u, err := c.s.directory.Unit(c.ctx, code)
	if err != nil {
		return err
	}
	if u.Retired {
		return invalid(field, "单位“%s”已停用，请从单位名录中另选。", u.Title)
	}
	c.Unit = code
	return nil
}

// approve adds papers to those that the number rests on.
func (c *change) approve(papers []*pb.Paper) { c.approvals = append(c.approvals, papersOf(papers)...) }

func papersOf(papers []*pb.Paper) (out []paper) {
	for _, p := range papers {
		out = append(out, paper{privacy.Scrub(p.GetTitle()), privacy.Scrub(p.GetReference()), p.GetDigest()})
	}
	return out
}
