package consolidation

import (
	"context"
	"fmt"
	"time"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/listkey"
	"hotline/ent/store"
	"hotline/tenants"
)

// FoundOffice (启用清单发布) makes the office's key and publishes the first version, the annex of 国办发〔2020〕53号. Where there is a list
// already it does nothing.
func (s *Service) FoundOffice(ctx context.Context, suite string) error {
	ctx = nowhere(ctx)
	a, err := s.fresh(ctx)
	if err != nil || a.whole().newest() != nil {
		return err
	}
	key, err := newKey(suite)
	if err != nil {
		return err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		err := s.ent().ListKey.Create().SetSlot(1).SetPublic(key.public).SetSealed(s.opts.Seal(key.secret)).SetCreatedAt(store.Now(ctx)).
			OnConflictColumns(listkey.FieldSlot).Ignore().Exec(ctx)
		if err != nil {
			return fmt.Errorf("list key: %w", err)
		}
		return nil
	})
	if err != nil {
		return err
	}
	if key, err = s.office(ctx); err != nil { // another process may have been faster
		return err
	}
	first := annex()
	first.Key = key.public
	if first.Signature, err = key.sign(first.body()); err != nil {
		return fmt.Errorf("sign the list: %w", err)
	}
	return s.Receive(ctx, first.Bytes())
}

// office is the key that signs, the newest; refused where lists are only received.
func (s *Service) office(ctx context.Context) (*officeKey, error) {
	var k *ent.ListKey
	err := s.db.View(ctx, func(ctx context.Context) (err error) {
		k, err = s.ent().ListKey.Query().Order(ent.Desc(listkey.FieldSlot)).First(ctx)
		return err
	})
	if ent.IsNotFound(err) || err == nil && len(k.Sealed) == 0 {
		return nil, refused("NO_OFFICE_KEY", "本平台没有国务院办公厅的清单签名密钥，只能收取清单。")
	}
	if err != nil {
		return nil, fmt.Errorf("list key: %w", err)
	}
	return s.unseal(k)
}

func (s *Service) unseal(k *ent.ListKey) (*officeKey, error) {
	secret, err := s.opts.Open(k.Sealed)
	if err != nil {
		return nil, fmt.Errorf("open the list key: %w", err)
	}
	kind := "ed25519"
	if len(k.Public) > 4 && k.Public[:4] == "sm2:" {
		kind = "sm2"
	}
	key, err := openKey(kind, secret)
	if err == nil && key.public != k.Public {
		return nil, fmt.Errorf("list key: its halves don't fit")
	}
	return key, err
}

// RewrapKey (更换主密钥) seals the office's key by the master key of now.
func (s *Service) RewrapKey(ctx context.Context) error {
	return s.db.Do(nowhere(ctx), func(ctx context.Context) error {
		keys, err := s.ent().ListKey.Query().Where(listkey.SealedNotNil()).All(ctx)
		if err != nil {
			return fmt.Errorf("list keys: %w", err)
		}
		for _, k := range keys {
			key, err := s.unseal(k)
			if err != nil {
				return err
			}
			if err := s.ent().ListKey.UpdateOne(k).SetSealed(s.opts.Seal(key.secret)).Exec(ctx); err != nil {
				return fmt.Errorf("list key %d: %w", k.Slot, err)
			}
		}
		return nil
	})
}

// Sign (签署) makes the signed document of a draft that a second person passed.
func (s *Service) Sign(ctx context.Context, req *pb.DraftActRequest) (*pb.ListDraft, error) {
	key, err := s.office(ctx)
	if err != nil {
		return nil, err
	}
	return s.draft(ctx, req.GetName(), req.GetEtag(), "list.sign", "签署", func(ctx context.Context, m *memory, dr *drafted) error {
		d := dr.doc
		d.Key, d.Issued = key.public, store.Now(ctx).Truncate(time.Second)
		if err := publishable(d, m, store.Now(ctx)); err != nil {
			return err
		}
		if d.Signature, err = key.sign(d.body()); err != nil {
			return fmt.Errorf("sign the list: %w", err)
		}
		dr.row.Document = d.Bytes()
		return nil
	})
}

// publishable is what must hold when a list is signed and when it is published.
func publishable(d *Document, m *memory, now time.Time) error {
	newest := m.newest()
	if newest == nil || d.Version != newest.Version+1 {
		return refused("VERSION_TAKEN", "草案所改的第 %d 版已不是最新版，请撤销后在最新版上重新起草。", d.Version-1)
	}
	if d.Effective < today(now) {
		return invalid("effective_date", "生效日期%s已过，请改为今天或以后。", d.Effective)
	}
	if err := d.sound(); err != nil {
		return err
	}
	return d.follows(newest)
}

// Publish (发布) hands the signed document to all cities of this deployment, by the same way as one that came from elsewhere. First the draft is
// marked as going out, so that nobody drops it meanwhile; should it stop there, it is published once more; Receive takes a document twice.
func (s *Service) Publish(ctx context.Context, req *pb.DraftActRequest) (*pb.List, error) {
	var d *Document
	_, err := s.draft(ctx, req.GetName(), req.GetEtag(), "list.send", "发布", func(ctx context.Context, m *memory, dr *drafted) (err error) {
		if d, err = Parse(dr.row.Document); err != nil {
			return err
		}
		if d.out(m) {
			return nil // it went out before, and only the draft did not learn of it
		}
		if d.Key != m.key {
			return refused("LIST_KEY_REPLACED", "草案是用已更换的旧密钥签署的，请撤销后重新起草、签署。")
		}
		return publishable(d, m, store.Now(ctx))
	})
	if err != nil {
		return nil, err
	}
	if err := s.Receive(ctx, d.raw); err != nil {
		return nil, err
	}
	_, err = s.draft(ctx, req.GetName(), "", "list.publish", "发布", func(context.Context, *memory, *drafted) error { return nil })
	if err != nil {
		return nil, err
	}
	m, err := s.known(ctx)
	if err != nil {
		return nil, err
	}
	return m.render(ctx, d, true), nil
}

// out says that the list has gone out.
func (d *Document) out(m *memory) bool {
	return len(m.versions) >= d.Version && m.versions[d.Version-1].Digest() == d.Digest()
}

// Drop (撤销草案) ends a draft; one that is going out only where it can't go out any more.
func (s *Service) Drop(ctx context.Context, req *pb.DraftActRequest) (*pb.ListDraft, error) {
	return s.draft(ctx, req.GetName(), req.GetEtag(), "list.drop", "撤销", func(ctx context.Context, m *memory, dr *drafted) error {
		if dr.row.Standing == "publishing" {
			d, err := Parse(dr.row.Document)
			if err != nil {
				return err
			}
			if d.out(m) || d.Version == m.newest().Version+1 && d.Key == m.key {
				return refused("PUBLISHING", "草案正在发布，请再次发布以完成，不能撤销。")
			}
		}
		dr.row.Words = tenants.From(ctx).Login + "撤销"
		return nil
	})
}
