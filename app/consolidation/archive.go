package consolidation

import (
	"context"
	"fmt"
	"slices"
	"time"

	"hotline/ent/store"
	"hotline/tenants/vault/lately"
)

// era (密钥期) is one of the office's keys and the versions that it signed.
type era struct {
	public   string
	act      *KeyAct // by which it replaced the key before; nil of the first
	doubted  bool    // counts only for places that confirmed it
	versions []*Document
}

// archive (本地档案) is all that this process holds of the list: every key and every version, verified. It is shared and never changed.
type archive struct {
	eras   []*era
	trusts map[int]map[string]bool // places that confirmed a doubted key, by its slot
	cities []string                // of this deployment; known only where a key is doubted
	views  []*memory               // the chain up to each key
	seen   time.Time
}

// memory is what one place knows of the list: the versions that lead up to the newest key it trusts.
type memory struct {
	key      string // the office's public key that signs now; empty before the first list
	level    int    // how many keys it knows
	versions []*Document
}

// chain are the versions up to a key: of the keys before it, those up to the moment when each was replaced.
func (a *archive) chain(level int) *memory {
	m := &memory{level: level}
	for i, e := range a.eras[:level] {
		m.key = e.public
		versions := e.versions
		if i+1 < level {
			start := 0
			if e.act != nil {
				start = e.act.After
			}
			versions = versions[:min(len(versions), a.eras[i+1].act.After-start)]
		}
		m.versions = append(m.versions, versions...)
	}
	return m
}

// whole is all that follows from all keys, trusted or not: what is handed on to others, who judge for themselves.
func (a *archive) whole() *memory { return a.views[len(a.eras)] }

// level is how many of the keys a place trusts. Everybody at once, who are no place, trust a key that all cities here confirmed.
func (a *archive) level(place string) int {
	for i, e := range a.eras {
		if e.doubted && !a.confirmed(i+1, place) {
			return i
		}
	}
	return len(a.eras)
}

func (a *archive) confirmed(slot int, place string) bool {
	trusts := a.trusts[slot]
	if place != "" {
		return trusts[place]
	}
	return len(trusts) > 0 && !slices.ContainsFunc(a.cities, func(c string) bool { return !trusts[c] })
}

// anybody says whether some place of this deployment trusts a key: from then on it is not replaced by another that claims its place.
func (a *archive) anybody(slot int, here map[string]bool) bool {
	for place := range a.trusts[slot] {
		if here[place] {
			return true
		}
	}
	return false
}

// known (本地清单) is what the viewer's place knows of the list. It opens a connection of its own now and then, so it is not to be called inside a
// transaction.
func (s *Service) known(ctx context.Context) (*memory, error) {
	a, err := s.archive(ctx)
	if err != nil {
		return nil, err
	}
	return a.view(placeOf(ctx)), nil
}

// view is what a place knows.
func (a *archive) view(place string) *memory { return a.views[a.level(place)] }

// archive answers from memory alone for lately.Age; after that it looks for what other processes took in. Where the database can't be asked,
// the memory stays; what it holds and does not verify is not believed.
func (s *Service) archive(ctx context.Context) (*archive, error) {
	a := s.memory.Load()
	if a != nil && time.Since(a.seen) < lately.Age {
		return a, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if a = s.memory.Load(); a != nil && time.Since(a.seen) < lately.Age {
		return a, nil // somebody else has just looked
	}
	next, err := s.readOn(nowhere(ctx), a)
	switch {
	case err == nil:
		s.memory.Store(next)
		return next, nil
	case a == nil || len(a.eras) == 0:
		return nil, err
	}
	s.opts.Log.WarnContext(ctx, "list", "error", err.Error(), "version", len(a.whole().versions))
	stale := *a
	stale.seen = time.Now()
	s.memory.Store(&stale)
	return &stale, nil
}

// fresh is what the database holds now, past the age of the memory.
func (s *Service) fresh(ctx context.Context) (*archive, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, err := s.readOn(ctx, s.memory.Load())
	if err != nil {
		return nil, err
	}
	s.memory.Store(a)
	return a, nil
}

// keyRow is a key as it lies in the database.
type keyRow struct {
	slot    int
	public  string
	act     []byte
	doubted bool
}

// readOn reads the keys, and of each the versions that are not known yet, and believes what carries on the chain.
func (s *Service) readOn(ctx context.Context, was *archive) (*archive, error) {
	next := &archive{seen: time.Now()}
	var keys []keyRow
	err := s.db.Glance(ctx, "SELECT slot, public, act, doubted FROM list_keys ORDER BY slot", nil, func(scan func(...any) error) error {
		var k keyRow
		err := scan(&k.slot, &k.public, &k.act, &k.doubted)
		keys = append(keys, k)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list keys: %w", err)
	}
	counts := map[int]int{}
	err = s.db.Glance(ctx, "SELECT slot, COUNT(*) FROM list_versions GROUP BY slot", nil, func(scan func(...any) error) error {
		var slot, n int
		err := scan(&slot, &n)
		counts[slot] = n
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("list versions: %w", err)
	}
	for i, k := range keys {
		e, err := next.follow(k, s.opts.Key)
		if err != nil {
			s.complain(ctx, "list: a key in the database is not what was signed", fmt.Sprint("key ", i+1), err)
			break
		}
		if was != nil && i < len(was.eras) && was.eras[i].same(e) {
			e.versions = slices.Clip(was.eras[i].versions)
		}
		next.eras = append(next.eras, e)
		if counts[k.slot] > len(e.versions) {
			if err := s.readVersions(ctx, next, k.slot); err != nil {
				return nil, err
			}
		}
	}
	for level := range len(next.eras) + 1 {
		next.views = append(next.views, next.chain(level))
	}
	return next, s.readTrusts(ctx, next)
}

// same says that a key is the one that was known before.
func (e *era) same(o *era) bool {
	return e.public == o.public && (e.act == nil) == (o.act == nil) && (e.act == nil || e.act.Digest() == o.act.Digest())
}

// follow verifies the next key.
func (a *archive) follow(k keyRow, first string) (*era, error) {
	e := &era{public: k.public, doubted: k.doubted}
	switch {
	case k.slot != len(a.eras)+1:
		return nil, ErrForged
	case k.slot == 1 && (first == "" || first == k.public):
		return e, nil
	case k.slot == 1:
		return nil, ErrForged
	}
	var err error
	if e.act, err = VerifyKeyAct(k.act); err != nil {
		return nil, err
	}
	if e.act.New != k.public {
		return nil, ErrForged
	}
	e.doubted = e.doubted || e.act.Kind == refounded
	return e, a.carriesOn(e.act, len(a.eras))
}

// readVersions reads what the newest key of the archive signed and is not known yet.
func (s *Service) readVersions(ctx context.Context, a *archive, slot int) error {
	e := a.eras[len(a.eras)-1]
	after := len(e.versions)
	if e.act != nil {
		after += e.act.After
	}
	var raws [][]byte
	err := s.db.Glance(ctx, "SELECT document FROM list_versions WHERE slot = $1 AND version > $2 ORDER BY version", []any{slot, after},
		func(scan func(...any) error) error {
			var raw []byte
			err := scan(&raw)
			raws = append(raws, raw)
			return err
		})
	if err != nil {
		return fmt.Errorf("list versions: %w", err)
	}
	for _, raw := range raws {
		d, err := a.chain(len(a.eras)).accept(raw)
		if err != nil {
			s.complain(ctx, "list: what lies in the database is not what was signed", fmt.Sprintf("after version %d of key %d", after, slot), err)
			break // what was signed still counts
		}
		e.versions = append(e.versions, d)
	}
	return nil
}

// complain logs what is wrong in the database once, not at every look.
func (s *Service) complain(ctx context.Context, what, where string, err error) {
	if _, said := s.complained.LoadOrStore(what+where+err.Error(), true); !said {
		s.opts.Log.ErrorContext(ctx, what, "where", where, "error", err.Error())
	}
}

// readTrusts reads who confirmed what, where anything is doubted at all.
func (s *Service) readTrusts(ctx context.Context, a *archive) error {
	if !slices.ContainsFunc(a.eras, func(e *era) bool { return e.doubted }) {
		return nil
	}
	a.trusts = map[int]map[string]bool{}
	err := s.db.Glance(ctx, "SELECT slot, place FROM list_trusts", nil, func(scan func(...any) error) error {
		var slot int
		var place string
		err := scan(&slot, &place)
		if a.trusts[slot] == nil {
			a.trusts[slot] = map[string]bool{}
		}
		a.trusts[slot][place] = true
		return err
	})
	if err != nil {
		return fmt.Errorf("confirmed keys: %w", err)
	}
	cities, err := s.directory.Cities(nowhere(ctx))
	for _, c := range cities {
		a.cities = append(a.cities, c.Code)
	}
	return err
}

// newest is the last version, in force or to come; nil before the first.
func (m *memory) newest() *Document {
	if len(m.versions) == 0 {
		return nil
	}
	return m.versions[len(m.versions)-1]
}

// at is the version in force at a moment; nil before the first.
func (m *memory) at(now time.Time) *Document {
	for _, d := range slices.Backward(m.versions) {
		if !now.Before(startOf(d.Effective)) {
			return d
		}
	}
	return nil
}

// deadline is the end of the day by which a city is to have the number joined as the list in force says: that of the first version since
// which it says so. A local hotline has the annex's.
func (m *memory) deadline(number string, now time.Time) time.Time {
	mode, deadline := "", annex().Deadline
	for _, d := range m.versions {
		if now.Before(startOf(d.Effective)) {
			break
		}
		if e := d.Entry(number); e != nil && e.Mode != mode {
			mode, deadline = e.Mode, d.Deadline
		}
	}
	return endOf(deadline)
}

// accept verifies the next document of the chain.
func (m *memory) accept(raw []byte) (*Document, error) {
	d, err := Verify(raw, m.key)
	if err != nil {
		return nil, err
	}
	if newest := m.newest(); newest != nil {
		return d, d.follows(newest)
	}
	if !d.isAnnex() {
		return nil, refused("NOT_THE_ANNEX", "第一版清单必须与%s的附件一致。", annex().Basis)
	}
	return d, nil
}

// version finds one; the one in force for 0.
func (s *Service) version(ctx context.Context, version int) (m *memory, d *Document, err error) {
	if m, err = s.known(ctx); err != nil {
		return nil, nil, err
	}
	switch {
	case version == 0:
		d = m.at(store.Moment(ctx))
	case version <= len(m.versions):
		d = m.versions[version-1]
	}
	if d == nil {
		return nil, nil, notFound()
	}
	return m, d, nil
}

// inForce is the memory and the list in force; refused before the first list has come.
func (s *Service) inForce(ctx context.Context) (*memory, *Document, error) {
	m, d, err := s.version(ctx, 0)
	if err == nil {
		return m, d, nil
	}
	if m, known := s.known(ctx); known == nil && len(m.versions) == 0 {
		return nil, nil, refused("NO_LIST", "本平台还没有收到国务院办公厅的归并清单，请运维人员导入签名件（hotline list receive）。")
	}
	return nil, nil, err
}
