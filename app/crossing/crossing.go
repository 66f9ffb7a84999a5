// Package crossing is the courier between a city and its regions (跨域转办信使): it ships what the city's people ask of the other cities
// into the ledger of the region, and takes what the ledger says into the city's tables. See DESIGN.md.
package crossing

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/go-kratos/kratos/v2/errors"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/app/casework"
	"hotline/app/consolidation"
	"hotline/ent/outgoing"
	"hotline/ent/store"
	"hotline/federation"
	"hotline/tenants"
	"hotline/tenants/directory"
	"hotline/tenants/policy"
	"hotline/tenants/record"
	"hotline/tenants/vault"
	"hotline/tenants/vault/lately"
)

// Service is the courier of all cities of this deployment; it serves pb.Regions.
type Service struct {
	pb.UnimplementedRegionsServer
	db        *store.Store
	vault     *vault.Vault
	book      *policy.Book
	directory *directory.Directory
	casework  *casework.Service
	lists     *consolidation.Service
	record    *record.Record
	log       *slog.Logger

	links atomic.Pointer[links]

	// Of the nation's board, touched by its follower alone: versions put up or taken, when it was looked at, what was heard and said, which
	// letters of others are here.
	putUp   int
	keys    int // acts that replaced the office's key, taken
	noticed time.Time
	heard   map[string]uint64
	later   map[string]time.Time // a bag some of whose letters rest on what has not come
	said    map[string]string
	have    map[between][]string

	mu      sync.Mutex
	known   map[string]string // places by code, as of knownAt
	knownAt time.Time
	behind  map[line]bool              // has to take what it missed from the ledger's state
	touched map[line]map[string]uint64 // transfers with acts that the ledger does not know to be here
	expired map[string]time.Time       // when it was last looked for silence
	cut     map[string]time.Time       // regions that did not answer, since when
	forged  map[string]int             // forged entries by region, since this process began
	waits   map[line]bool              // an act of the city may have to wait until another comes in
	wake    chan struct{}              // closed when something new waits

	troubles map[line]map[string]trouble // what can't be sent or taken now
}

// links are the node of this process and the regions it is in; none until it has been started, and let in where it is new.
type links struct {
	node    *federation.Node
	name    string // of the node
	regions []*federation.Region
	titles  map[string]string // of cities that are not here
	clock   func() time.Time  // Config.Now
}

// line is a city's place in a region.
type line struct{ region, city string }

// New makes the room. It is linked to nothing until Start.
func New(db *store.Store, v *vault.Vault, b *policy.Book, d *directory.Directory, c *casework.Service, n *consolidation.Service,
	rec *record.Record, log *slog.Logger) *Service {
	s := &Service{db: db, vault: v, book: b, directory: d, casework: c, lists: n, record: rec, log: log, wake: make(chan struct{}), troubles: map[line]map[string]trouble{},
		behind: map[line]bool{}, touched: map[line]map[string]uint64{}, expired: map[string]time.Time{}, cut: map[string]time.Time{}, heard: map[string]uint64{}, later: map[string]time.Time{},
		said: map[string]string{}, have: map[between][]string{}, waits: map[line]bool{}, forged: map[string]int{}}
	s.links.Store(&links{})
	c.Between = casework.Between{Region: s.between, Last: s.last, Title: s.title, Wake: s.nudge}
	return s
}

// now is the moment by which the courier acts.
func (s *Service) now() time.Time {
	if clock := s.links.Load().clock; clock != nil {
		return clock().UTC()
	}
	return time.Now().UTC()
}

func (s *Service) node() *federation.Node { return s.links.Load().node }

// regions are those of this process, the nearest first: a case goes by the first that both cities are in.
func (s *Service) regions() []*federation.Region { return s.links.Load().regions }

// nudge wakes the shipping of all regions.
func (s *Service) nudge() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.wakeAll()
}

// wakeAll is nudge for who holds the lock.
func (s *Service) wakeAll() {
	close(s.wake)
	s.wake = make(chan struct{})
}

// waking is closed by the next nudge: who takes it before looking for what waits misses none.
func (s *Service) waking() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.wake
}

// backlog is how many acts of a city may wait for the ledger; beyond it nothing new is offered, so that what waits is not buried.
const backlog = 10_000

// between finds the region by whose ledger a case goes to another city.
func (s *Service) between(ctx context.Context, target string) (string, error) {
	me := tenants.From(ctx).Tenant
	for _, r := range s.regions() {
		members := r.Ledger().Members()
		if !active(members, me) || !active(members, target) {
			continue
		}
		full, err := s.db.Ent.Outgoing.Query().Where(outgoing.SentAtIsNil()).Offset(backlog).Limit(1).Exist(ctx)
		if err != nil {
			return "", fmt.Errorf("outgoing: %w", err)
		}
		if full {
			return "", errors.Conflict("REGION_BACKLOG", "区域联动中断，待发送的转办已达上限，请先由本市受理，恢复后再转办。")
		}
		return r.Name(), nil
	}
	if starting, err := s.starting(ctx); starting || err != nil {
		return "", cmp.Or(err, error(errors.ServiceUnavailable("REGION_STARTING", "区域联动正在启动，暂时不知道有哪些城市，请稍后再转办；紧急的请先由本市受理。")))
	}
	return "", errors.Conflict("NOT_LINKED", "对方城市不在本市的联动区域内，请告知诉求人拨打当地12345，或提交国家平台协调。")
}

// last is the highest number of the viewer's city in a region.
func (s *Service) last(ctx context.Context, region string) int64 {
	r := s.region(region)
	if r == nil {
		return 0
	}
	next, _ := r.Ledger().Next(tenants.From(ctx).Tenant)
	return int64(next) - 1
}

// starting says that this process does not know yet who is in a region that this city is in: its node has not been let in, or another
// process of the deployment runs it.
func (s *Service) starting(ctx context.Context) (bool, error) {
	for _, r := range s.regions() {
		if r.Status().Applied == 0 {
			return true, nil
		}
	}
	if len(s.regions()) > 0 {
		return false, nil
	}
	is, err := s.db.Ent.TransferNumber.Query().Exist(ctx)
	if err != nil {
		return false, fmt.Errorf("regions of the city: %w", err)
	}
	return is, nil
}

// Member says whether a city is a member of a region of this process.
func (s *Service) Member(region, city string) bool {
	r := s.region(region)
	return r != nil && active(r.Ledger().Members(), city)
}

func active(members []*federationv1.MemberRecord, city string) bool {
	m := member(members, city)
	return m != nil && !m.GetRevoked()
}

func member(members []*federationv1.MemberRecord, city string) *federationv1.MemberRecord {
	for _, m := range members {
		if m.GetCity() == city {
			return m
		}
	}
	return nil
}

// places are the cities and places of work of this deployment, at most two seconds old; the shredded are no more.
func (s *Service) places(ctx context.Context) (map[string]string, error) {
	s.mu.Lock()
	kept, fresh := s.known, time.Since(s.knownAt) < lately.Age
	s.mu.Unlock()
	if fresh {
		return kept, nil
	}
	all, err := s.directory.All(ctx)
	if err != nil {
		return nil, err
	}
	known := map[string]string{}
	for _, c := range all {
		if c.ShreddedAt == nil {
			known[c.Code] = c.Title
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.known, s.knownAt = known, time.Now()
	return known, nil
}

// title is a city's name, its code where nobody here knows it.
func (s *Service) title(ctx context.Context, code string) string {
	if known, err := s.places(ctx); err == nil && known[code] != "" {
		return known[code]
	}
	return s.links.Load().titles[code]
}

// here says whether a city, or a coordinator's place, is served by this deployment.
func (s *Service) here(ctx context.Context, code string) bool {
	known, err := s.places(ctx)
	return err == nil && known[code] != ""
}

// region finds one of ours by name.
func (s *Service) region(name string) *federation.Region {
	i := slices.IndexFunc(s.regions(), func(r *federation.Region) bool { return r.Name() == name })
	if i < 0 {
		return nil
	}
	return s.regions()[i]
}

// locals are the cities and places of this deployment that are members of a region.
func (s *Service) locals(ctx context.Context, r *federation.Region) ([]string, error) {
	known, err := s.places(ctx)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, m := range r.Ledger().Members() {
		if known[m.GetCity()] != "" {
			out = append(out, m.GetCity())
		}
	}
	return out, nil
}

// as is the platform itself in a city.
func as(ctx context.Context, city string) context.Context {
	return tenants.With(ctx, tenants.System(city))
}

// pause is how long the courier rests when nothing wakes it, and after a failure.
const pause = time.Second

// Run carries until the context ends.
func (s *Service) Run(ctx context.Context) {
	var all sync.WaitGroup
	for _, r := range s.regions() {
		all.Go(func() { s.follow(ctx, r) })
		all.Go(func() { s.announcing(ctx, r) })
		all.Go(func() { s.shipping(ctx, r) })
	}
	all.Go(func() { s.sweeping(ctx) })
	all.Wait()
}

func rest(ctx context.Context, d time.Duration) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
	case <-t.C:
	}
}
