package vault

import (
	"context"
	"fmt"

	"github.com/go-kratos/kratos/v2/errors"

	"hotline/ent"
	"hotline/ent/city"
	"hotline/ent/datakey"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// Create (建立密钥) makes the keys of the viewer's city, whose row must be there. A shredded city stays shredded: new keys
// would let it look alive with data that nobody can read.
func (v *Vault) Create(ctx context.Context, suite privacy.Suite) error {
	return v.db.Do(ctx, func(ctx context.Context) error {
		c, err := v.city(ctx)
		if err != nil {
			return err
		}
		if c.ShreddedAt != nil {
			return shredded()
		}
		rows, err := v.rows(ctx)
		if err != nil {
			return err
		}
		if len(rows) > 0 {
			return errors.Conflict("KEYS_EXIST", "本市已有密钥；要换新密钥请用“更换密钥”。")
		}
		k, err := privacy.NewKeyring(c.Code, suite)
		if err != nil {
			return fmt.Errorf("new keys: %w", err)
		}
		keys, err := k.Wrap(v.newest())
		if err != nil {
			return fmt.Errorf("wrap keys: %w", err)
		}
		if err := v.insert(ctx, keys...); err != nil {
			return err
		}
		if err := v.db.Ent.City.Update().Where(city.Code(c.Code)).SetSuite(suite.String()).Exec(ctx); err != nil {
			return fmt.Errorf("suite of the city: %w", err)
		}
		v.kept.Drop(ctx)
		return nil
	})
}

func (v *Vault) insert(ctx context.Context, keys ...privacy.WrappedKey) error {
	rows := make([]*ent.DataKeyCreate, len(keys))
	for i, k := range keys {
		rows[i] = v.db.Ent.DataKey.Create().SetKind(k.Kind).SetGeneration(k.Generation).SetSuite(k.Suite).
			SetMasterID(k.MasterID).SetWrapped(k.Wrapped).SetCreatedAt(store.Now(ctx))
	}
	err := v.db.Ent.DataKey.CreateBulk(rows...).Exec(ctx)
	if ent.IsConstraintError(err) {
		return conflict()
	}
	if err != nil {
		return fmt.Errorf("store keys: %w", err)
	}
	return nil
}

// Rotate (更换密钥) adds a data key, which seals from now on. What older ones sealed still opens.
func (v *Vault) Rotate(ctx context.Context) (generation int, err error) {
	err = v.db.Do(ctx, func(ctx context.Context) error {
		k, rows, err := v.locked(ctx)
		if err != nil {
			return err
		}
		next, err := k.Rotate()
		if err != nil {
			return fmt.Errorf("rotate: %w", err)
		}
		keys, err := next.Wrap(v.master(rows[0].MasterID)) // one city's keys lie under one master
		if err != nil {
			return fmt.Errorf("wrap keys: %w", err)
		}
		generation = next.Current()
		for _, w := range keys {
			if w.Kind == "data" && w.Generation == generation {
				if err := v.insert(ctx, w); err != nil {
					return err
				}
			}
		}
		v.kept.Drop(ctx)
		return nil
	})
	return generation, err
}

// Drop (废止旧密钥) removes an old data key once nothing is sealed by it any more: what still is can't be read again.
func (v *Vault) Drop(ctx context.Context, generation int) error {
	return v.db.Do(ctx, func(ctx context.Context) error {
		k, _, err := v.locked(ctx)
		if err != nil {
			return err
		}
		if generation == k.Current() {
			return errors.Conflict("KEY_IN_USE", "现用的密钥不能废止，请先更换密钥。")
		}
		n, err := v.db.Ent.DataKey.Delete().Where(datakey.Kind("data"), datakey.Generation(generation)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("drop data key %d: %w", generation, err)
		}
		if n == 0 {
			return errors.NotFound("NOT_FOUND", fmt.Sprintf("没有第 %d 代密钥。", generation))
		}
		v.kept.Drop(ctx)
		return nil
	})
}

// Rewrap (更换主密钥) wraps the city's keys by another master. The data stays as it is. New cities get the new master at
// once; the old one is needed until every city has been through.
func (v *Vault) Rewrap(ctx context.Context, m *privacy.Master) error {
	return v.db.Do(ctx, func(ctx context.Context) error {
		k, rows, err := v.locked(ctx)
		if err != nil {
			return err
		}
		store.AfterCommit(ctx, func() { v.adopt(m) })
		v.kept.Drop(ctx)
		if rows[0].MasterID == m.ID() {
			return nil
		}
		keys, err := k.Wrap(m)
		if err != nil {
			return fmt.Errorf("wrap keys: %w", err)
		}
		for _, w := range keys {
			err := v.db.Ent.DataKey.Update().Where(datakey.Kind(w.Kind), datakey.Generation(w.Generation)).
				SetMasterID(w.MasterID).SetWrapped(w.Wrapped).Exec(ctx)
			if err != nil {
				return fmt.Errorf("store keys: %w", err)
			}
		}
		return nil
	})
}

func (v *Vault) adopt(m *privacy.Master) {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.masters[m.ID()] = m
	v.current = m
}

// Shred (销毁密钥) deletes the city's keys: its personal data stays sealed for ever, in backups too. It can't be undone.
func (v *Vault) Shred(ctx context.Context) error {
	return v.db.Do(ctx, func(ctx context.Context) error {
		if _, err := v.db.Ent.DataKey.Delete().Exec(ctx); err != nil {
			return fmt.Errorf("delete keys: %w", err)
		}
		n, err := v.db.Ent.City.Update().Where(city.Code(tenants.From(ctx).Tenant), city.ShreddedAtIsNil()).
			SetShreddedAt(store.Now(ctx)).Save(ctx)
		if err != nil {
			return fmt.Errorf("mark the city: %w", err)
		}
		if n == 0 {
			return v.whyNone(ctx)
		}
		v.kept.Drop(ctx)
		return nil
	})
}

// locked reads the city's keys past the memory, after locking one row of them: changing keys and changing the master must
// not pass each other, or one city's keys would lie under two masters.
func (v *Vault) locked(ctx context.Context) (*privacy.Keyring, []*ent.DataKey, error) {
	index, err := v.db.Ent.DataKey.Query().Where(datakey.Kind("index")).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil, v.whyNone(ctx)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("data keys: %w", err)
	}
	n, err := v.db.Ent.DataKey.Update().Where(datakey.ID(index.ID), datakey.MasterID(index.MasterID)).
		SetMasterID(index.MasterID).Save(ctx)
	if err != nil {
		return nil, nil, fmt.Errorf("lock the keys: %w", err)
	}
	if n == 0 {
		return nil, nil, conflict()
	}
	rows, err := v.rows(ctx)
	if err != nil {
		return nil, nil, err
	}
	k, err := v.unwrap(ctx, rows)
	return k, rows, err
}
