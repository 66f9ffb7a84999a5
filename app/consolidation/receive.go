package consolidation

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"time"

	"hotline/ent"
	"hotline/ent/acknowledgement"
	"hotline/ent/listkey"
	"hotline/ent/store"
)

// Receive (收取清单) takes in a signed document, wherever it came from: this deployment's own office, the national group, a file. A list must be
// signed by the key in force and be the version after the one known here; every city of this deployment that trusts the key then has it, and
// those above it learn so by its report. An act on the office's key follows the keys that are here (receiveKey). What is here already is taken
// again without effect.
func (s *Service) Receive(ctx context.Context, signed []byte) error {
	ctx = nowhere(ctx)
	a, err := s.fresh(ctx)
	if err != nil {
		return err
	}
	if IsKeyAct(signed) {
		return s.receiveKey(ctx, a, signed)
	}
	here, err := s.here(ctx)
	if err != nil {
		return err
	}
	slot, d, err := a.next(signed, s.opts.Key, here)
	if err != nil || d == nil {
		return err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		if slot == 1 {
			if err := s.pin(ctx, d.Key); err != nil {
				return err
			}
		}
		err := s.ent().ListVersion.Create().SetVersion(d.Version).SetSlot(slot).SetDocument(signed).SetCreatedAt(store.Now(ctx)).Exec(ctx)
		if ent.IsConstraintError(err) {
			return conflict()
		}
		if err != nil {
			return fmt.Errorf("list version %d: %w", d.Version, err)
		}
		return s.deliver(ctx, d, func(city string) bool { return len(a.eras) == 0 || a.level(city) == slot })
	})
	if err != nil {
		return err
	}
	_, err = s.fresh(ctx)
	return err
}

// next judges a list that came in, and says which key it belongs to; nil when it is here already.
func (a *archive) next(signed []byte, first string, here map[string]bool) (slot int, d *Document, err error) {
	d, err = Verify(signed, "")
	if err != nil {
		return 0, nil, refused("LIST_FORGED", "拒收清单：%s。", err)
	}
	if len(a.eras) == 0 {
		if first != "" && d.Key != first {
			return 0, nil, refused("LIST_FORGED", "拒收清单：%s。", ErrForged)
		}
		if d.Version > 1 {
			return 0, nil, refused("LIST_GAP", "这里还没有清单，请先收取第 1 版，再收第 %d 版。", d.Version)
		}
		d, err = new(memory).accept(signed)
		return 1, d, err
	}
	slot = slices.IndexFunc(a.eras, func(e *era) bool { return e.public == d.Key }) + 1
	if slot == 0 {
		return 0, nil, refused("LIST_FORGED", "拒收清单：%s。", ErrForged)
	}
	if slot < len(a.eras) {
		after := a.eras[slot]
		if d.Version > after.act.After && (!after.doubted || a.anybody(slot+1, here)) {
			return 0, nil, refused("LIST_KEY_REPLACED", "拒收清单：第 %d 版是用%s换下的旧密钥签署的，旧密钥只签到第 %d 版。", d.Version,
				today(after.act.Moment), after.act.After)
		}
	}
	m := a.chain(slot)
	switch n := len(m.versions); {
	case d.Version <= n && bytes.Equal(m.versions[d.Version-1].body(), d.body()):
		return slot, nil, nil
	case d.Version <= n:
		return 0, nil, refused("LIST_ROLLBACK", "拒收清单：这里已有第 %d 版，收到的第 %d 版与已发布的不同，已发布的版本不能替换或退回。", n, d.Version)
	case d.Version > n+1:
		return 0, nil, refused("LIST_GAP", "这里只有到第 %d 版的清单，请先收取第 %d 版，再收第 %d 版。", n, n+1, d.Version)
	}
	d, err = m.accept(signed)
	return slot, d, err
}

// pin remembers the key that the first list brought.
func (s *Service) pin(ctx context.Context, key string) error {
	err := s.ent().ListKey.Create().SetSlot(1).SetPublic(key).SetCreatedAt(store.Now(ctx)).
		OnConflictColumns(listkey.FieldSlot).Ignore().Exec(ctx)
	if err != nil {
		return fmt.Errorf("list key: %w", err)
	}
	k, err := s.ent().ListKey.Query().Where(listkey.Slot(1)).Only(ctx)
	if err != nil {
		return fmt.Errorf("list key: %w", err)
	}
	if k.Public != key {
		return refused("LIST_FORGED", "拒收清单：%s。", ErrForged)
	}
	return nil
}

// deliver notes for every city of this deployment that trusts it that it has the version.
func (s *Service) deliver(ctx context.Context, d *Document, trusts func(city string) bool) error {
	cities, err := s.directory.Cities(ctx)
	if err != nil {
		return err
	}
	var rows []*ent.AcknowledgementCreate
	for _, c := range cities {
		if trusts(c.Code) {
			rows = append(rows, s.ent().Acknowledgement.Create().SetCity(c.Code).SetVersion(d.Version).SetDigest(d.Digest()).SetReceivedAt(store.Now(ctx)))
		}
	}
	if len(rows) == 0 {
		return nil
	}
	err = s.ent().Acknowledgement.CreateBulk(rows...).OnConflictColumns(acknowledgement.FieldCity, acknowledgement.FieldVersion).
		Ignore().Exec(ctx)
	if err != nil {
		return fmt.Errorf("acknowledgements: %w", err)
	}
	return nil
}

// Settle (补登签收) notes the newest version for cities that were founded after it came, or confirmed the key since.
func (s *Service) Settle(ctx context.Context) error {
	ctx = nowhere(ctx)
	a, err := s.archive(ctx)
	if err != nil || len(a.whole().versions) == 0 {
		return err
	}
	newest := a.whole().newest()
	whole := false
	err = s.db.View(ctx, func(ctx context.Context) error {
		cities, err := s.directory.Cities(ctx)
		if err != nil {
			return err
		}
		n, err := s.ent().Acknowledgement.Query().Where(acknowledgement.Version(newest.Version)).Count(ctx)
		whole = n >= len(cities)
		return err
	})
	if err != nil || whole {
		return err
	}
	return s.db.Do(ctx, func(ctx context.Context) error {
		return s.deliver(ctx, newest, func(city string) bool { return a.level(city) == len(a.eras) })
	})
}

// Documents (清单签名件) are the signed documents after a version, in their order: what a process that was away still needs.
func (s *Service) Documents(ctx context.Context, after int) ([][]byte, error) {
	a, err := s.archive(ctx)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, d := range a.whole().versions {
		if d.Version > after {
			out = append(out, d.raw)
		}
	}
	return out, nil
}

// KeyActs (密钥更换令) are the acts by which the office's keys replaced each other, in their order: the first is that of the second key.
func (s *Service) KeyActs(ctx context.Context) ([][]byte, error) {
	a, err := s.archive(ctx)
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, e := range a.eras {
		if e.act != nil {
			out = append(out, e.act.raw)
		}
	}
	return out, nil
}

func holds(cities []*ent.City, code string) bool {
	return slices.ContainsFunc(cities, func(c *ent.City) bool { return c.Code == code })
}

// Acknowledged (签收情况) is what a city has of the list.
type Acknowledged struct {
	Version  int        `json:"version"`
	Digest   string     `json:"digest"`
	Received time.Time  `json:"received"`
	At       *time.Time `json:"at,omitempty"`
}
