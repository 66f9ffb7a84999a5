package casework

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/application"
	"hotline/ent/assignment"
	"hotline/ent/change"
	"hotline/ent/handoff"
	"hotline/ent/store"
	"hotline/ent/workorder"
)

// A change (变动) is told to who watches (app/live). It is written in the transaction of what it tells of: both are there or neither.

// The kinds of changes.
const (
	ChangeAct      = "act"
	ChangeWarning  = "warning"
	ChangeOverdue  = "overdue"
	ChangePresence = "presence"
)

// tell writes the change that an act is.
func (a *act) tell() error {
	e := a.event
	return a.s.tell(a.ctx, a.order, ent.Change{Kind: ChangeAct, Verb: e.Verb, Seq: e.Seq, Actor: e.Actor, Role: e.Role, Unit: e.Unit})
}

// tell writes changes of one order: what they say of it is how it is now.
func (s *Service) tell(ctx context.Context, o *ent.WorkOrder, c ent.Change) error {
	row := s.ent().Change.Create().SetID(newID()).SetWorkOrderID(o.ID).SetNumber(o.Number).SetKind(c.Kind).SetVerb(c.Verb).
		SetState(o.State).SetVersion(o.Version).SetSeq(c.Seq).SetWarning(o.Warning).SetDueAt(o.DueAt).
		SetActor(c.Actor).SetRole(c.Role).SetUnit(c.Unit).SetCreatedAt(store.Now(ctx))
	if s.db.Dialect() == dialect.SQLite { // PostgreSQL fills in the transaction's number
		last, err := s.lastPlace(ctx)
		if err != nil {
			return err
		}
		row.SetPlace(last + 1)
	}
	store.AfterCommit(ctx, func() {
		if s.AfterChange != nil {
			s.AfterChange(o.Tenant)
		}
	})
	return s.db.Soon(ctx, row.Exec, func(err error) error { return fmt.Errorf("tell of %s: %w", o.Number, err) })
}

func (s *Service) lastPlace(ctx context.Context) (int64, error) {
	last, err := s.ent().Change.Query().Order(ent.Desc(change.FieldPlace, change.FieldID)).Select(change.FieldPlace).First(ctx)
	if ent.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("last change: %w", err)
	}
	return last.Place, nil
}

// Place is how far somebody has read the changes of a city.
type Place struct {
	At int64
	ID uuid.UUID
	On time.Time // when that was: what is forgotten since then could have been missed
}

func (p Place) String() string {
	return strconv.FormatInt(p.At, 36) + "." + p.ID.String() + "." + strconv.FormatInt(p.On.Unix(), 36)
}

// ParsePlace reads what String wrote.
func ParsePlace(text string) (p Place, err error) {
	parts := strings.Split(text, ".")
	if len(parts) != 3 || len(text) > 80 {
		return p, invalid("after", "事件编号有误，请重新打开页面。")
	}
	at, err1 := strconv.ParseInt(parts[0], 36, 64)
	id, err2 := uuid.Parse(parts[1])
	on, err3 := strconv.ParseInt(parts[2], 36, 64)
	if err1 != nil || err2 != nil || err3 != nil {
		return p, invalid("after", "事件编号有误，请重新打开页面。")
	}
	return Place{at, id, time.Unix(on, 0)}, nil
}

// Before says whether p comes before q.
func (p Place) Before(q Place) bool {
	return p.At < q.At || p.At == q.At && bytes.Compare(p.ID[:], q.ID[:]) < 0
}

// Changed is a change, and who may hear of it.
type Changed struct {
	*ent.Change
	Place Place
	reach *reach
}

// reach is whom an order concerns: what the row scope (scope.go) asks of the order, asked once for everybody who watches.
type reach struct {
	parts           []*ent.Assignment
	looks           []string // units asked about it in an open return, and linked units that have it
	takenBy, holder string
}

// Here is the place up to which everything has been seen by who begins to watch now.
func (s *Service) Here(ctx context.Context) (p Place, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		last, err := s.settled(ctx)
		p = Place{last, uuid.Max, time.Now()}
		return err
	})
	return p, err
}

// settled is the last place to which no more can be added.
func (s *Service) settled(ctx context.Context) (int64, error) {
	if s.db.Dialect() == dialect.SQLite {
		return s.lastPlace(ctx)
	}
	below, err := s.db.Settled(ctx)
	return below - 1, err
}

// Kept is how long changes are kept for who was cut off.
const Kept = 6 * time.Hour

// ErrLost says that what came after a place can't be told any more: it is forgotten, or the database is another one than then.
var ErrLost = errors.New("changes since then are not kept")

// Changes are those after a place that are settled, oldest first, at most so many; ErrLost when they are not all there.
func (s *Service) Changes(ctx context.Context, after Place, most int) (out []*Changed, err error) {
	if time.Since(after.On) > Kept-time.Minute {
		return nil, ErrLost
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		last, err := s.settled(ctx)
		if err != nil {
			return err
		}
		if last < after.At {
			return ErrLost
		}
		rows, err := s.ent().Change.Query().Where(change.PlaceLTE(last), func(c *sql.Selector) {
			c.Where(sql.CompositeGT([]string{c.C(change.FieldPlace), c.C(change.FieldID)}, after.At, after.ID))
		}).Order(ent.Asc(change.FieldPlace, change.FieldID)).Limit(most).All(ctx)
		if err != nil {
			return fmt.Errorf("changes: %w", err)
		}
		if len(rows) == 0 {
			return nil
		}
		reaches, err := s.reaches(ctx, rows)
		if err != nil {
			return err
		}
		for _, c := range rows {
			out = append(out, &Changed{c, Place{c.Place, c.ID, time.Now()}, reaches[c.WorkOrderID]})
		}
		return nil
	})
	return out, err
}

// Forget (清理变动) deletes changes that nobody can ask for any more, and ends the presence of who is no longer there.
func (s *Service) Forget(ctx context.Context) error {
	return s.db.Do(ctx, func(ctx context.Context) error {
		last, err := s.lastPlace(ctx)
		if err != nil {
			return err
		}
		// The newest stays: SQLite counts on from it.
		_, err = s.ent().Change.Delete().Where(change.IDLT(madeAt(time.Now().Add(-Kept))), change.PlaceLT(last)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("forget changes: %w", err)
		}
		return s.forgetPresence(ctx)
	})
}

// madeAt is the smallest id that newID could have made at a moment.
func madeAt(t time.Time) (id uuid.UUID) {
	ms := t.UnixMilli()
	for i := range 6 {
		id[i] = byte(ms >> (40 - 8*i))
	}
	return id
}

// reaches says of the orders that changed whom they concern now.
func (s *Service) reaches(ctx context.Context, rows []*ent.Change) (map[uuid.UUID]*reach, error) {
	of := map[uuid.UUID]*reach{}
	var ids []uuid.UUID
	for _, c := range rows {
		if of[c.WorkOrderID] == nil {
			of[c.WorkOrderID] = &reach{}
			ids = append(ids, c.WorkOrderID)
		}
	}
	orders, err := s.ent().WorkOrder.Query().Where(workorder.IDIn(ids...)).
		Select(workorder.FieldID, workorder.FieldTakenBy, workorder.FieldHolder).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("orders that changed: %w", err)
	}
	for _, o := range orders {
		of[o.ID].takenBy, of[o.ID].holder = o.TakenBy, o.Holder
	}
	parts, err := s.ent().Assignment.Query().Where(assignment.WorkOrderIDIn(ids...)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("assignments of what changed: %w", err)
	}
	for _, p := range parts {
		of[p.WorkOrderID].parts = append(of[p.WorkOrderID].parts, p)
	}
	asked, err := s.ent().Application.Query().Where(application.WorkOrderIDIn(ids...), application.Kind(kindReturn),
		application.Standing(standsOpen)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("returns of what changed: %w", err)
	}
	for _, p := range asked {
		of[p.WorkOrderID].looks = append(of[p.WorkOrderID].looks, p.SuggestedUnit)
	}
	handed, err := s.ent().HandOff.Query().Where(handoff.WorkOrderIDIn(ids...), handoff.OutcomeNEQ("kept"), handoff.BackAtIsNil()).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("hand-offs of what changed: %w", err)
	}
	for _, h := range handed {
		of[h.WorkOrderID].looks = append(of[h.WorkOrderID].looks, h.Unit)
	}
	return of, nil
}
