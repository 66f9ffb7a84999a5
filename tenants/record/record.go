// Package record writes down who changed how the city is run (管理留痕): accounts, grants, directory, rules and keys. The lines
// form a chain: each one's seal is a keyed MAC over the line and the seal before it, so whoever can write the database but
// has no key can change, remove or reorder no line unseen, save cutting off the last ones.
package record

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"time"

	"github.com/go-kratos/kratos/v2/errors"

	"hotline/ent"
	line "hotline/ent/record"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/privacy"
	"hotline/tenants/vault"
)

// Record is the chain of each city.
type Record struct {
	db    *store.Store
	vault *vault.Vault
}

// New makes the chain.
func New(db *store.Store, v *vault.Vault) *Record { return &Record{db: db, vault: v} }

// Write (留痕) appends a line in the viewer's name, within the transaction of what it tells. Of two that write at once the
// slower gets CONFLICT, and its whole transaction is undone.
func (r *Record) Write(ctx context.Context, act, summary string) error {
	return r.db.Do(ctx, func(ctx context.Context) error {
		keys, err := r.vault.Keyring(ctx)
		if err != nil {
			return err
		}
		last, err := r.last(ctx)
		if err != nil {
			return err
		}
		l := &ent.Record{Tenant: tenants.From(ctx).Tenant, Seq: last.Seq + 1, Act: act, Actor: tenants.From(ctx).Login,
			Summary: summary, CreatedAt: store.Now(ctx)}
		err = r.db.Ent.Record.Create().SetSeq(l.Seq).SetAct(l.Act).SetActor(l.Actor).SetSummary(l.Summary).
			SetSeal(seal(keys, last.Seal, l)).SetCreatedAt(l.CreatedAt).Exec(ctx)
		if ent.IsConstraintError(err) {
			return errors.Conflict("CONFLICT", "本市设置刚刚被他人修改，请刷新后再操作。")
		}
		if err != nil {
			return fmt.Errorf("record: %w", err)
		}
		return nil
	})
}

// Latest is the number of the last line; every recorded change moves it.
func (r *Record) Latest(ctx context.Context) (seq int, err error) {
	err = r.db.View(ctx, func(ctx context.Context) error {
		last, err := r.last(ctx)
		if err == nil {
			seq = last.Seq
		}
		return err
	})
	return seq, err
}

// last is the last line; an empty one with seq 0 before the first.
func (r *Record) last(ctx context.Context) (*ent.Record, error) {
	last, err := r.db.Ent.Record.Query().Order(ent.Desc(line.FieldSeq)).First(ctx)
	if ent.IsNotFound(err) {
		return &ent.Record{}, nil
	}
	if err != nil {
		return nil, fmt.Errorf("record: %w", err)
	}
	return last, nil
}

func seal(k *privacy.Keyring, prev []byte, l *ent.Record) []byte {
	return k.MAC([]byte("record"), prev, []byte(l.Tenant), num(int64(l.Seq)), []byte(l.Act), []byte(l.Actor),
		[]byte(l.Summary), at(l.CreatedAt))
}

func num(n int64) []byte    { return binary.BigEndian.AppendUint64(nil, uint64(n)) }
func at(t time.Time) []byte { return num(t.UnixMicro()) }

// Broken (链条断裂) is the first place where the chain is not what was written.
type Broken struct {
	Seq int
	Why string
}

func (b *Broken) Error() string { return fmt.Sprintf("管理留痕第 %d 行：%s", b.Seq, b.Why) }

const page = 500

// Verify (审计校验) walks the chain of the viewer's city. The error is a *Broken where a line was edited, removed from the
// middle or moved; any other error says that the chain couldn't be read.
func (r *Record) Verify(ctx context.Context) (lines int, broken error) {
	keys, err := r.vault.Keyring(ctx)
	if err != nil {
		return 0, err
	}
	var head []byte
	for {
		n := 0
		err := r.db.View(ctx, func(ctx context.Context) error {
			rows, err := r.db.Ent.Record.Query().Where(line.SeqGT(lines)).Order(ent.Asc(line.FieldSeq)).Limit(page).All(ctx)
			if err != nil {
				return fmt.Errorf("record: %w", err)
			}
			n = len(rows)
			for _, l := range rows {
				switch {
				case l.Seq != lines+1:
					return &Broken{lines + 1, "缺行"}
				case !bytes.Equal(l.Seal, seal(keys, head, l)):
					return &Broken{l.Seq, "内容与封印不符"}
				}
				head, lines = l.Seal, l.Seq
			}
			return nil
		})
		if err != nil || n < page {
			return lines, err
		}
	}
}

// List gives the lines before a number, the newest first; before 0 begins with the last.
func (r *Record) List(ctx context.Context, before, limit int) (lines []*ent.Record, err error) {
	err = r.db.View(ctx, func(ctx context.Context) error {
		q := r.db.Ent.Record.Query().Order(ent.Desc(line.FieldSeq)).Limit(limit)
		if before > 0 {
			q = q.Where(line.SeqLT(before))
		}
		if lines, err = q.All(ctx); err != nil {
			return fmt.Errorf("record: %w", err)
		}
		return nil
	})
	return lines, err
}
