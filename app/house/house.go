// Package house puts the rooms together: one place says what is built on what. The program, the scenarios and the benchmarks
// all live in the same house.
package house

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/netip"
	"time"

	"github.com/riverqueue/river"

	"hotline/api"
	accesspb "hotline/api/access"
	caseworkpb "hotline/api/casework/v1"
	consolidationpb "hotline/api/consolidation/v1"
	reportpb "hotline/api/report/v1"
	tenantpb "hotline/api/tenant/v1"
	"hotline/app/casework"
	"hotline/app/console"
	"hotline/app/consolidation"
	"hotline/app/crossing"
	"hotline/app/files"
	"hotline/app/gate"
	"hotline/app/live"
	"hotline/app/portal"
	"hotline/app/report"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/access"
	"hotline/tenants/directory"
	"hotline/tenants/identity"
	"hotline/tenants/policy"
	"hotline/tenants/privacy"
	"hotline/tenants/record"
	"hotline/tenants/vault"
	"hotline/tenants/vault/lately"
)

// Config is what an operator decides.
type Config struct {
	URL    string          // sqlite:PATH or postgres://…
	Master *privacy.Master // wraps every city's keys; lies outside the database
	// Older are masters before it, while cities still lie under them (hotline tenant rewrap).
	Older   []*privacy.Master
	Log     *slog.Logger
	Proxies []netip.Prefix // trusted reverse proxies
	// Unlimited lifts the calls-a-minute limits, for the demo and benchmarks, where one machine is everybody.
	Unlimited bool
	// ListKey is the office's public key that national lists must be signed by; empty: the first list's, which must be the annex.
	ListKey string
	Blobs   string // where attachments lie: file:///folder or s3://bucket?region=…
}

// House is the whole platform, open.
type House struct {
	unlimited     bool
	Store         *store.Store
	Vault         *vault.Vault
	Record        *record.Record
	Book          *policy.Book
	Directory     *directory.Directory
	Access        *access.Access
	Identity      *identity.Service
	Casework      *casework.Service
	Portal        *portal.Service
	Consolidation *consolidation.Service
	Crossing      *crossing.Service
	Live          *live.Service
	Reports       *report.Service
	Gate          *gate.Gate
	Files         *files.Store
	log           *slog.Logger
}

// Open builds the house on a database that is migrated already.
func Open(ctx context.Context, c Config) (*House, error) {
	h := &House{log: c.Log, unlimited: c.Unlimited}
	var err error
	if h.Store, err = store.Open(ctx, c.URL); err != nil {
		return nil, err
	}
	if err := h.build(ctx, c); err != nil {
		_ = h.Close()
		return nil, err
	}
	return h, nil
}

func (h *House) build(ctx context.Context, c Config) (err error) {
	if err := h.Store.Check(ctx); err != nil {
		return err
	}
	if h.Access, err = access.New(); err != nil {
		return err
	}
	h.Vault = vault.New(h.Store, c.Master, c.Older...)
	h.Record = record.New(h.Store, h.Vault)
	h.Book = policy.New(h.Store, h.Vault, h.Record)
	h.Directory = directory.New(h.Store, h.Record)
	h.Identity, err = identity.New(h.Store, h.Access, identity.Options{
		Seal:   func(b []byte) ([]byte, error) { return c.Master.SealSecret("signing key", b), nil },
		Open:   func(b []byte) ([]byte, error) { return c.openSecret("signing key", b) },
		Record: h.Record.Write,
	})
	if err != nil {
		return err
	}
	if c.Blobs != "" { // only who serves needs it
		if h.Files, err = files.Open(ctx, c.Blobs); err != nil {
			return err
		}
	}
	h.Casework = casework.New(h.Store, h.Vault, h.Book, h.Directory, h.Access, h.Files)
	h.Portal = portal.New(h.Casework, portal.Guard{Try: h.Identity.Try, Forgive: h.Identity.Forgive,
		Address: identity.AddressKey}, h.serves)
	h.Consolidation = consolidation.New(h.Store, h.Vault, h.Directory, h.Record, h.Access, consolidation.Options{Key: c.ListKey, Log: c.Log,
		Seal: func(b []byte) []byte { return c.Master.SealSecret("list key", b) },
		Open: func(b []byte) ([]byte, error) { return c.openSecret("list key", b) },
	})
	h.Crossing = crossing.New(h.Store, h.Vault, h.Book, h.Directory, h.Casework, h.Consolidation, h.Record, c.Log)
	h.Reports = report.New(h.Store, h.Book, h.Directory, h.Access, h.Record)
	h.Casework.Behind = h.Reports.Behind
	h.Live = live.New(h.Casework, c.Log)
	h.Casework.AfterChange = h.Live.Wake
	if c.Unlimited {
		h.Live.PerPerson, h.Live.PerCity = 1_000_000, 1_000_000
	}
	h.Book.AfterRotate = func(ctx context.Context) error {
		// Until then every replica knows the new key, and what began with the old one has ended: nothing stays behind.
		opts := &river.InsertOpts{ScheduledAt: store.Now(ctx).Add(time.Minute)}
		return h.Store.Later(ctx, casework.ResealJob{Tenant: tenants.From(ctx).Tenant}, opts)
	}
	h.Book.AfterDays = func(ctx context.Context) error {
		// Not at once: another replica learns of the new days within seconds only.
		return h.Store.Later(ctx, casework.RecomputeJob{Tenant: tenants.From(ctx).Tenant},
			&river.InsertOpts{ScheduledAt: store.Now(ctx).Add(2 * lately.Age)})
	}
	h.Gate, err = gate.New(gate.Parts{
		Services: []gate.Service{
			{Desc: &caseworkpb.WorkOrders_ServiceDesc, Impl: h.Casework},
			{Desc: &caseworkpb.Applications_ServiceDesc, Impl: h.Casework},
			{Desc: &caseworkpb.Transfers_ServiceDesc, Impl: h.Casework},
			{Desc: &caseworkpb.Regions_ServiceDesc, Impl: h.Crossing},
			{Desc: &caseworkpb.Portal_ServiceDesc, Impl: h.Portal},
			{Desc: &consolidationpb.Lists_ServiceDesc, Impl: h.Consolidation},
			{Desc: &consolidationpb.Numbers_ServiceDesc, Impl: h.Consolidation},
			{Desc: &consolidationpb.Oversight_ServiceDesc, Impl: h.Consolidation},
			{Desc: &reportpb.Reports_ServiceDesc, Impl: h.Reports},
			{Desc: &tenantpb.Sessions_ServiceDesc, Impl: h.Identity},
			{Desc: &tenantpb.Accounts_ServiceDesc, Impl: h.Identity},
			{Desc: &tenantpb.Directory_ServiceDesc, Impl: h.Directory},
			{Desc: &tenantpb.Rulebooks_ServiceDesc, Impl: h.Book},
		},
		Watch: h.Live.Watch, Identify: h.Identity.Identify, Address: identity.WithAddress,
		RuleOf: func(operation string) *accesspb.Rule { return access.RuleOf(operation) },
		May:    h.Access.May, Rates: h.rates, Ready: h.Store.Ping, CutOff: h.Crossing.CutOff, Forged: h.Crossing.Forged, JWKS: h.Identity.JWKS,
		OpenAPI: api.OpenAPI, Pages: console.New(), Log: c.Log, Proxies: c.Proxies, Again: h.again,
		Large: map[string]int64{caseworkpb.WorkOrders_Attach_FullMethodName: withFile, caseworkpb.Portal_AddFile_FullMethodName: withFile},
	})
	return err
}

// openSecret opens what the master key or one before it sealed.
func (c Config) openSecret(purpose string, sealed []byte) ([]byte, error) {
	secret, err := c.Master.OpenSecret(purpose, sealed)
	for _, m := range c.Older {
		if err == nil {
			break
		}
		secret, err = m.OpenSecret(purpose, sealed)
	}
	return secret, err
}

// again: data sealed by a key that another replica made within the last two seconds can be read once we know the key.
func (h *House) again(ctx context.Context, err error) bool {
	if !errors.Is(err, privacy.ErrNoKey) {
		return false
	}
	h.Vault.Refresh(ctx)
	return true
}

// withFile is how many bytes a request with a file may have: the 10 MiB of the contract in base64, and the words beside them.
const withFile = 14 << 20

// Close ends all connections to the database and lets go of the store of attachments.
func (h *House) Close() error {
	err := h.Store.Close()
	if h.Files != nil {
		err = errors.Join(err, h.Files.Close())
	}
	return err
}

// serves says whether the code is a city of this deployment.
func (h *House) serves(ctx context.Context, code string) bool {
	cities, err := h.Directory.Cities(ctx)
	if err != nil {
		return false
	}
	for _, c := range cities {
		if c.Code == code {
			return true
		}
	}
	return false
}

// rates are how many calls a minute the city allows one account, and one address without login.
func (h *House) rates(ctx context.Context, tenant string) (account, address int) {
	if h.unlimited {
		return 1_000_000, 1_000_000
	}
	if rules, err := h.Book.InForce(tenants.With(ctx, tenants.System(tenant))); err == nil {
		return int(rules.Policy.GetAccountRate()), int(rules.Policy.GetAddressRate())
	}
	d := policy.Default()
	return int(d.GetAccountRate()), int(d.GetAddressRate())
}

// SweepJob looks for clocks that ran out, in every city.
type SweepJob struct{}

// Kind names the job in the queue.
func (SweepJob) Kind() string { return "sweep" }

// InsertOpts keep one sweep at a time.
func (SweepJob) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 3} }

// ForgetJob deletes what no longer says anything of how people signed in: old throttles, sessions and signing keys.
type ForgetJob struct{}

// Kind names the job in the queue.
func (ForgetJob) Kind() string { return "forget_sessions" }

// InsertOpts leave a failure to the next hour.
func (ForgetJob) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 3} }

// StraysJob takes away the files of uploads that were cut off.
type StraysJob struct{}

// Kind names the job in the queue.
func (StraysJob) Kind() string { return "strays" }

// InsertOpts leave a failure to the next day.
func (StraysJob) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 3} }

// CalendarJob warns where a calendar ends soon (工作日历将尽).
type CalendarJob struct{}

// Kind names the job in the queue.
func (CalendarJob) Kind() string { return "calendar" }

// InsertOpts leave a failure to the next day.
func (CalendarJob) InsertOpts() river.InsertOpts { return river.InsertOpts{MaxAttempts: 3} }

// Work runs the chores (定时任务) until stop is called.
func (h *House) Work(ctx context.Context) (stop func(context.Context) error, err error) {
	jobs := store.NewJobs()
	store.Handle(jobs, func(ctx context.Context, _ SweepJob) error { return h.Sweep(ctx) })
	store.Handle(jobs, func(ctx context.Context, _ casework.RecomputeJob) error {
		_, err := h.Casework.Recompute(ctx)
		return err
	})
	store.Handle(jobs, func(ctx context.Context, _ casework.ResealJob) error { return h.Reseal(ctx) })
	store.Handle(jobs, func(ctx context.Context, job casework.FetchJob) error { return h.Crossing.Fetch(ctx, job) })
	store.Handle(jobs, func(ctx context.Context, _ ForgetJob) error { return h.Identity.Sweep(ctx) })
	if h.Files != nil {
		store.Handle(jobs, func(ctx context.Context, _ StraysJob) error { return h.removeStrays(ctx) })
		jobs.Every(24*time.Hour, StraysJob{})
	}
	store.Handle(jobs, func(ctx context.Context, _ CalendarJob) error { return h.warn(ctx, time.Now()) })
	jobs.Every(24*time.Hour, CalendarJob{})
	jobs.Every(time.Minute, SweepJob{})
	jobs.Every(time.Hour, ForgetJob{})
	return h.Store.Work(ctx, jobs, h.log)
}

// Reseal moves the data of the viewer's city to its newest key.
func (h *House) Reseal(ctx context.Context) error {
	h.Vault.Refresh(ctx) // by a key that was the newest a moment ago nothing would move
	return h.Casework.Reseal(ctx)
}

func (h *House) removeStrays(ctx context.Context) error {
	cities, err := h.Directory.Cities(ctx)
	if err != nil {
		return err
	}
	var failed error
	for _, c := range cities {
		if _, err := h.Casework.RemoveStrays(tenants.With(ctx, tenants.System(c.Code))); err != nil {
			failed = errors.Join(failed, fmt.Errorf("strays of %s: %w", c.Code, err))
		}
	}
	return failed
}

// Sweep marks overdue clocks in every city; one city's trouble does not keep the others waiting.
func (h *House) Sweep(ctx context.Context) error {
	cities, err := h.Directory.Cities(ctx)
	if err != nil {
		return err
	}
	failed := h.Consolidation.Settle(ctx)
	for _, c := range cities {
		city := tenants.With(ctx, tenants.System(c.Code))
		if _, err := h.Casework.Sweep(city); err != nil {
			failed = errors.Join(failed, fmt.Errorf("sweep %s: %w", c.Code, err))
		}
		if err := h.Casework.Forget(city); err != nil {
			failed = errors.Join(failed, fmt.Errorf("sweep %s: %w", c.Code, err))
		}
	}
	return failed
}

// warn logs for every city how soon its calendar ends, while that can be mended.
func (h *House) warn(ctx context.Context, now time.Time) error {
	cities, err := h.Directory.Cities(ctx)
	if err != nil {
		return err
	}
	for _, c := range cities {
		rules, err := h.Book.InForce(tenants.With(ctx, tenants.System(c.Code)))
		if err != nil {
			return fmt.Errorf("calendar of %s: %w", c.Code, err)
		}
		if warning := rules.Calendar.Warn(now, 0); warning != "" {
			h.log.Warn("calendar", "city", c.Code, "warning", warning)
		}
	}
	return nil
}
