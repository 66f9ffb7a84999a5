package casework

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/event"
	"hotline/ent/reading"
	"hotline/ent/workorder"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// The history and the read ledger of an order are two chains: each line's seal is a keyed MAC over the line and the seal
// before it, and the order holds both heads. Whoever can write the database but has no key can change no line unseen.

func eventSeal(k *privacy.Keyring, prev []byte, e *ent.Event) []byte {
	public := "0"
	if e.Public {
		public = "1"
	}
	return k.MAC([]byte("event"), prev, e.WorkOrderID[:], num(e.Seq), []byte(e.Verb), []byte(e.FromState), []byte(e.ToState),
		[]byte(e.Actor), []byte(e.Role), []byte(e.Unit), []byte(e.Summary), e.NoteDigest, []byte(public), at(e.CreatedAt))
}

func readingSeal(k *privacy.Keyring, prev []byte, r *ent.Reading) []byte {
	until := []byte{}
	if r.UntilAt != nil {
		until = at(*r.UntilAt)
	}
	return k.MAC([]byte("reading"), prev, r.WorkOrderID[:], num(r.Seq), []byte(r.Actor), []byte(r.Role), []byte(r.Unit),
		[]byte(r.Fields), []byte(r.Situation), []byte(r.Reason), until, at(r.CreatedAt))
}

func num(n int) []byte          { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
func at(t time.Time) []byte     { return binary.BigEndian.AppendUint64(nil, uint64(t.UnixMicro())) }
func rowOf(id uuid.UUID) string { return id.String() }

// actorOf is who acts: login, role and unit as the history shows them. Of several posts the first that may do the act counts.
func (s *Service) actorOf(v *tenants.Viewer, act string) (login, role, unit string) {
	for _, p := range v.Posts {
		if s.access.May([]string{string(p.Role)}, "work_order", act) {
			return v.Login, string(p.Role), p.Unit
		}
	}
	if len(v.Posts) > 0 {
		role, unit = string(v.Posts[0].Role), v.Posts[0].Unit
	}
	return v.Login, role, unit
}

// read writes one line of the read ledger of an order, in the transaction that shows the data.
func (s *Service) read(ctx context.Context, k *privacy.Keyring, o *ent.WorkOrder, l privacy.Look, now time.Time, until *time.Time) error {
	r := &ent.Reading{ID: newID(), WorkOrderID: o.ID, Seq: o.Readings + 1, Fields: strings.Join(l.Fields, ","),
		Situation: l.Situation.String(), Reason: l.Reason, UntilAt: until, CreatedAt: now}
	r.Actor, r.Role, r.Unit = s.actorOf(tenants.From(ctx), "get")
	r.Seal = readingSeal(k, o.ReadingHead, r)
	err := s.ent().Reading.Create().SetID(r.ID).SetWorkOrderID(r.WorkOrderID).SetSeq(r.Seq).SetActor(r.Actor).SetRole(r.Role).
		SetUnit(r.Unit).SetFields(r.Fields).SetSituation(r.Situation).SetReason(r.Reason).SetNillableUntilAt(until).
		SetSeal(r.Seal).SetCreatedAt(now).Exec(ctx)
	if ent.IsConstraintError(err) {
		return conflict()
	}
	if err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	n, err := s.ent().WorkOrder.Update().Where(workorder.ID(o.ID), workorder.Readings(o.Readings)).
		SetReadings(r.Seq).SetReadingHead(r.Seal).Save(ctx)
	if err != nil {
		return fmt.Errorf("read ledger: %w", err)
	}
	if n == 0 {
		return conflict()
	}
	o.Readings, o.ReadingHead = r.Seq, r.Seal
	return nil
}

// Broken (链条断裂) is one place where history or ledger is not what was written.
type Broken struct {
	Number string
	Chain  string // event or reading
	Seq    int
	Why    string
}

func (b Broken) Error() string {
	return fmt.Sprintf("工单 %s 的%s第 %d 行：%s", b.Number, map[string]string{"event": "流转记录", "reading": "查看留痕"}[b.Chain], b.Seq, b.Why)
}

// Verify (审计校验) walks both chains of every order of the viewer's city and reports each place that was changed.
func (s *Service) Verify(ctx context.Context) (orders, lines int, broken []Broken, err error) {
	keys, err := s.vault.Keyring(ctx)
	if err != nil {
		return 0, 0, nil, err
	}
	after := uuid.Nil
	for {
		var page []*ent.WorkOrder
		err = s.db.View(ctx, func(ctx context.Context) (err error) {
			page, err = s.ent().WorkOrder.Query().Where(workorder.IDGT(after)).Order(ent.Asc(workorder.FieldID)).Limit(200).All(ctx)
			for _, o := range page {
				n, b, err := s.verifyOrder(ctx, keys, o)
				if err != nil {
					return err
				}
				lines += n
				broken = append(broken, b...)
			}
			return err
		})
		if err != nil || len(page) == 0 {
			return orders, lines, broken, err
		}
		orders += len(page)
		after = page[len(page)-1].ID
	}
}

func (s *Service) verifyOrder(ctx context.Context, k *privacy.Keyring, o *ent.WorkOrder) (int, []Broken, error) {
	var broken []Broken
	bad := func(chain string, seq int, why string) { broken = append(broken, Broken{o.Number, chain, seq, why}) }
	events, err := s.ent().Event.Query().Where(event.WorkOrderID(o.ID)).Order(ent.Asc(event.FieldSeq)).All(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("history of %s: %w", o.Number, err)
	}
	var head []byte
	for i, e := range events {
		switch {
		case e.Seq != i+1:
			bad("event", i+1, "缺行")
		case !bytes.Equal(e.Seal, eventSeal(k, head, e)):
			bad("event", e.Seq, "内容与封印不符")
		case !s.noteIntact(k, e):
			bad("event", e.Seq, "附言与摘要不符")
		}
		head = e.Seal
	}
	if len(events) != o.Events || !bytes.Equal(head, o.EventHead) {
		bad("event", len(events), "末行与工单不符")
	}
	if len(events) > 0 && events[len(events)-1].ToState != o.State {
		bad("event", len(events), "工单状态与记录不符")
	}
	readings, err := s.ent().Reading.Query().Where(reading.WorkOrderID(o.ID)).Order(ent.Asc(reading.FieldSeq)).All(ctx)
	if err != nil {
		return 0, nil, fmt.Errorf("ledger of %s: %w", o.Number, err)
	}
	head = nil
	for i, r := range readings {
		if r.Seq != i+1 || !bytes.Equal(r.Seal, readingSeal(k, head, r)) {
			bad("reading", i+1, "内容与封印不符")
		}
		head = r.Seal
	}
	if len(readings) != o.Readings || !bytes.Equal(head, o.ReadingHead) {
		bad("reading", len(readings), "末行与工单不符")
	}
	return len(events) + len(readings), broken, nil
}

// noteIntact says whether a note still is what its digest in the sealed line says.
func (s *Service) noteIntact(k *privacy.Keyring, e *ent.Event) bool {
	if e.Note.Empty() {
		return len(e.NoteDigest) == 0
	}
	return k.Matches(e.Note, rowOf(e.ID), e.NoteDigest)
}

func newID() uuid.UUID { return uuid.Must(uuid.NewV7()) }
