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
	"hotline/ent/listprogress"
	"hotline/ent/store"
	"hotline/tenants"
)

// nowhere is the context of what belongs to no city: the tables of the list are nobody's.
func nowhere(ctx context.Context) context.Context {
	return tenants.With(ctx, &tenants.Viewer{Login: "system", Name: "平台"})
}

// Receive (收取清单) takes in a signed document, wherever it came from: this deployment's own office, the national group, a file.
// It must be signed by the trusted key and be the version after the one known here; every city of this deployment then has it, and
// the centre learns so by Acknowledged. A document that is here already is taken again without effect.
func (s *Service) Receive(ctx context.Context, signed []byte) error {
	ctx = nowhere(ctx)
	m, err := s.fresh(ctx)
	if err != nil {
		return err
	}
	d, err := m.next(signed)
	if err != nil || d == nil {
		return err
	}
	err = s.db.Do(ctx, func(ctx context.Context) error {
		if err := s.pin(ctx, d.Key); err != nil {
			return err
		}
		err := s.ent().ListVersion.Create().SetVersion(d.Version).SetDocument(signed).SetCreatedAt(store.Now(ctx)).Exec(ctx)
		if ent.IsConstraintError(err) {
			return conflict()
		}
		if err != nil {
			return fmt.Errorf("list version %d: %w", d.Version, err)
		}
		return s.deliver(ctx, d)
	})
	if err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if now := s.memory.Load(); now == nil || len(now.versions) < d.Version {
		s.memory.Store(&memory{key: d.Key, versions: append(slices.Clip(m.versions), d), seen: time.Now()})
	}
	return nil
}

// fresh is what the database holds now, past the age of the memory.
func (s *Service) fresh(ctx context.Context) (*memory, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	m, err := s.readOn(ctx, s.memory.Load())
	if err != nil {
		return nil, err
	}
	s.memory.Store(m)
	return m, nil
}

// next judges a document that came in; nil when it is here already.
func (m *memory) next(signed []byte) (*Document, error) {
	d, err := Verify(signed, m.key)
	if err != nil {
		return nil, refused("LIST_FORGED", "拒收清单：%s。", err)
	}
	switch n := len(m.versions); {
	case d.Version <= n && bytes.Equal(m.versions[d.Version-1].body(), d.body()):
		return nil, nil
	case d.Version <= n:
		return nil, refused("LIST_ROLLBACK", "拒收清单：这里已有第 %d 版，收到的第 %d 版与已发布的不同，已发布的版本不能替换或退回。", n, d.Version)
	case d.Version > n+1:
		return nil, refused("LIST_GAP", "这里只有到第 %d 版的清单，请先收取第 %d 版，再收第 %d 版。", n, n+1, d.Version)
	}
	return m.accept(signed)
}

// pin remembers the key that the first list brought.
func (s *Service) pin(ctx context.Context, key string) error {
	err := s.ent().ListKey.Create().SetSlot(1).SetPublic(key).SetCreatedAt(store.Now(ctx)).
		OnConflictColumns(listkey.FieldSlot).Ignore().Exec(ctx)
	if err != nil {
		return fmt.Errorf("list key: %w", err)
	}
	k, err := s.ent().ListKey.Query().Only(ctx)
	if err != nil {
		return fmt.Errorf("list key: %w", err)
	}
	if k.Public != key {
		return refused("LIST_FORGED", "拒收清单：%s。", ErrForged)
	}
	return nil
}

// deliver notes for every city of this deployment that it has the version.
func (s *Service) deliver(ctx context.Context, d *Document) error {
	cities, err := s.directory.Cities(ctx)
	if err != nil {
		return err
	}
	rows := make([]*ent.AcknowledgementCreate, len(cities))
	for i, c := range cities {
		rows[i] = s.ent().Acknowledgement.Create().SetCity(c.Code).SetVersion(d.Version).SetDigest(d.Digest()).SetReceivedAt(store.Now(ctx))
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

// Settle (补登签收) notes the newest version for cities that were founded after it came.
func (s *Service) Settle(ctx context.Context) error {
	ctx = nowhere(ctx)
	m, err := s.known(ctx)
	if err != nil || m.newest() == nil {
		return err
	}
	whole := false
	err = s.db.View(ctx, func(ctx context.Context) error {
		cities, err := s.directory.Cities(ctx)
		if err != nil {
			return err
		}
		n, err := s.ent().Acknowledgement.Query().Where(acknowledgement.Version(m.newest().Version)).Count(ctx)
		whole = n >= len(cities)
		return err
	})
	if err != nil || whole {
		return err
	}
	return s.db.Do(ctx, func(ctx context.Context) error { return s.deliver(ctx, m.newest()) })
}

// Documents (清单签名件) are the signed documents after a version, in their order: what a process that was away still needs.
func (s *Service) Documents(ctx context.Context, after int) ([][]byte, error) {
	m, err := s.known(nowhere(ctx))
	if err != nil {
		return nil, err
	}
	var out [][]byte
	for _, d := range m.versions {
		if d.Version > after {
			out = append(out, d.raw)
		}
	}
	return out, nil
}

func holds(cities []*ent.City, code string) bool {
	return slices.ContainsFunc(cities, func(c *ent.City) bool { return c.Code == code })
}

// Acknowledged (签收情况) is what the cities of this deployment have, for a courier to carry to the centre.
type Acknowledged struct {
	City     string
	Version  int
	Digest   string
	Received time.Time
	By       string
	At       *time.Time
}

// Acknowledged gives the newest acknowledgement of every city of this deployment.
func (s *Service) Acknowledged(ctx context.Context) (out []Acknowledged, err error) {
	ctx = nowhere(ctx)
	err = s.db.View(ctx, func(ctx context.Context) error {
		cities, err := s.directory.Cities(ctx)
		if err != nil {
			return err
		}
		rows, err := s.ent().Acknowledgement.Query().Order(ent.Asc(acknowledgement.FieldCity, acknowledgement.FieldVersion)).All(ctx)
		if err != nil {
			return fmt.Errorf("acknowledgements: %w", err)
		}
		for _, r := range rows {
			if !holds(cities, r.City) {
				continue // another deployment's, which this one only heard of
			}
			a := Acknowledged{r.City, r.Version, r.Digest, r.ReceivedAt, r.AcknowledgedBy, r.AcknowledgedAt}
			if n := len(out); n > 0 && out[n-1].City == a.City {
				out[n-1] = a
			} else {
				out = append(out, a)
			}
		}
		return nil
	})
	return out, err
}

// TakeAcknowledged (收取签收) writes down at the centre what a courier brought from other deployments. What names a document that was
// never published is refused whole; of its own cities a deployment believes nobody else.
func (s *Service) TakeAcknowledged(ctx context.Context, brought []Acknowledged) error {
	ctx = nowhere(ctx)
	m, err := s.known(ctx)
	if err != nil {
		return err
	}
	for _, a := range brought {
		if a.Version < 1 || a.Version > len(m.versions) || m.versions[a.Version-1].Digest() != a.Digest {
			return refused("LIST_FORGED", "%s签收的第 %d 版与发布的不一致，请核查该市收到的清单。", a.City, a.Version)
		}
	}
	return s.db.Do(ctx, func(ctx context.Context) error {
		here, err := s.directory.Cities(ctx)
		if err != nil {
			return err
		}
		for _, a := range brought {
			if holds(here, a.City) {
				continue
			}
			err := s.ent().Acknowledgement.Create().SetCity(a.City).SetVersion(a.Version).SetDigest(a.Digest).SetReceivedAt(a.Received).
				SetAcknowledgedBy(a.By).SetNillableAcknowledgedAt(a.At).
				OnConflictColumns(acknowledgement.FieldCity, acknowledgement.FieldVersion).
				Update(func(u *ent.AcknowledgementUpsert) { u.UpdateAcknowledgedBy().UpdateAcknowledgedAt() }).Exec(ctx)
			if err != nil {
				return fmt.Errorf("acknowledgement of %s: %w", a.City, err)
			}
		}
		return nil
	})
}

// putProgress writes a cell; how often the city was urged is the centre's own knowledge and stays.
func (s *Service) putProgress(ctx context.Context, p *ent.ListProgress) error {
	return s.ent().ListProgress.Create().SetCity(p.City).SetNumber(p.Number).SetTitle(p.Title).SetOrigin(p.Origin).SetAuthority(p.Authority).
		SetMode(p.Mode).SetTarget(p.Target).SetNillablePromptUntil(p.PromptUntil).SetSteps(p.Steps).SetDone(p.Done).SetEvidence(p.Evidence).SetPlan(p.Plan).
		SetNillableDueAt(p.DueAt).SetUpdatedAt(p.UpdatedAt).
		OnConflictColumns(listprogress.FieldCity, listprogress.FieldNumber).
		Update(func(u *ent.ListProgressUpsert) {
			u.UpdateTitle().UpdateAuthority().UpdateMode().UpdateTarget().UpdatePromptUntil().UpdateSteps().UpdateDone().UpdateEvidence().UpdatePlan().
				UpdateDueAt().UpdateUpdatedAt()
		}).Exec(ctx)
}
