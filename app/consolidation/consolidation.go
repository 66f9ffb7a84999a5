// Package consolidation is the room of the national list (归并清单): the State Council's office drafts, signs and publishes it, every
// city keeps it in memory, carries it out number by number, and answers every dialled number from its register. See DESIGN.md.
package consolidation

import (
	"context"
	"log/slog"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/access"
	"hotline/tenants/calendar"
	"hotline/tenants/directory"
	"hotline/tenants/record"
	"hotline/tenants/vault"
)

// Office (国务院办公厅) is the place of work of those who make the list.
const Office = "000000"

// Options are what the house gives the room beside its neighbours.
type Options struct {
	// Key is the office's public key, when the operator knows it; else that of the first list counts, which must be the annex.
	Key string
	// Seal and Open wrap the office's private key by the master key.
	Seal func(secret []byte) []byte
	Open func(sealed []byte) ([]byte, error)
	Log  *slog.Logger
}

// Service serves pb.Lists, pb.Numbers and pb.Oversight.
type Service struct {
	pb.UnimplementedListsServer
	pb.UnimplementedNumbersServer
	pb.UnimplementedOversightServer
	db        *store.Store
	vault     *vault.Vault
	directory *directory.Directory
	record    *record.Record
	access    *access.Access
	opts      Options

	mu     sync.Mutex // held while the memory is read anew
	memory atomic.Pointer[archive]

	complained sync.Map // what was logged once
}

// New makes the room.
func New(db *store.Store, v *vault.Vault, d *directory.Directory, r *record.Record, a *access.Access, opts Options) *Service {
	return &Service{db: db, vault: v, directory: d, record: r, access: a, opts: opts}
}

func (s *Service) ent() *ent.Client { return s.db.Ent }

// word is an enum of the contract as it is stored: in lower case, empty when unspecified.
func word(e interface{ String() string }) string {
	w := strings.ToLower(e.String())
	if strings.HasSuffix(w, "_unspecified") {
		return ""
	}
	return w
}

func enumOf[E ~int32](values map[string]int32, w string) E { return E(values[strings.ToUpper(w)]) }

func modeOf(w string) pb.Mode { return enumOf[pb.Mode](pb.Mode_value, w) }

// rank is how closely a mode joins 12345; none at all is 0.
func rank(mode string) int {
	switch mode {
	case subCenter:
		return 1
	case dualNumber:
		return 2
	case wholeMerge:
		return 3
	}
	return 0
}

// modeTitles are the Chinese names of the modes.
var modeTitles = map[string]string{"": "未归并", "sub_center": "设分中心", "dual_number": "双号并行", "whole_merge": "整体并入"}

// The modes as they are stored.
const (
	subCenter  = "sub_center"
	dualNumber = "dual_number"
	wholeMerge = "whole_merge"
)

// last is the last part of a name.
func last(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// part is the piece after a collection: part("tenants/1/numbers/2", "numbers") is 2.
func part(name, collection string) string {
	pieces := strings.Split(name, "/")
	for i := 0; i+1 < len(pieces); i += 2 {
		if pieces[i] == collection {
			return pieces[i+1]
		}
	}
	return ""
}

func placeOf(ctx context.Context) string {
	if v := tenants.From(ctx); v != nil {
		return v.Tenant
	}
	return ""
}

// own refuses the name of another place as if it did not exist.
func own(ctx context.Context, name string) error {
	if p := placeOf(ctx); p == "" || part(name, "tenants") != p {
		return notFound()
	}
	return nil
}

// mark is the watermark of what the viewer's place looks at.
func mark(ctx context.Context, what string) string {
	return tenants.From(ctx).Mark(what, store.Moment(ctx).In(calendar.Zone))
}

func stamp(t *time.Time) *timestamppb.Timestamp {
	if t == nil {
		return nil
	}
	return timestamppb.New(*t)
}

// today is the day of the moment, as dates are written.
func today(now time.Time) string { return calendar.DateOf(now).String() }

// startOf is the beginning of a day that was checked before.
func startOf(date string) time.Time {
	d, err := calendar.ParseDate(date)
	if err != nil {
		return time.Time{}
	}
	return d.Start()
}

// endOf is the end of the day.
func endOf(date string) time.Time { return startOf(date).Add(24 * time.Hour) }

func day(field, date string) error {
	if _, err := calendar.ParseDate(date); err != nil {
		return invalid(field, "日期“%s”不存在，应写作2026-12-01。", date)
	}
	return nil
}

func atoi(s string) int { n, _ := strconv.Atoi(s); return n }
