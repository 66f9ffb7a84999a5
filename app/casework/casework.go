// Package casework is the room of the work order (工单): one file a verb, one choke point (act.go), one table of life (flow.go).
// See DESIGN.md.
package casework

import (
	"context"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"

	pb "hotline/api/casework/v1"
	"hotline/app/files"
	"hotline/ent"
	"hotline/ent/store"
	"hotline/tenants/access"
	"hotline/tenants/directory"
	"hotline/tenants/policy"
	"hotline/tenants/vault"
)

// Service carries out the verbs; it serves pb.WorkOrders, pb.Applications and pb.Transfers, and the portal and the importer come through its doors.
type Service struct {
	pb.UnimplementedWorkOrdersServer
	pb.UnimplementedApplicationsServer
	pb.UnimplementedTransfersServer
	db        *store.Store
	vault     *vault.Vault
	book      *policy.Book
	directory *directory.Directory
	access    *access.Access
	files     *files.Store
	numbers   numbers
	// Between is set by who puts the rooms together, when the city is in a region.
	Between Between
	// AfterChange hears of the city of every change once it is committed, so that who watches on this process needn't wait; may be nil.
	AfterChange func(city string)
	// Behind gives the condition for the orders behind a number of a report, for filters that speak of one; nil where there are no reports.
	Behind func(ctx context.Context, figure string) (*sql.Predicate, error)
}

// New makes the room.
func New(db *store.Store, v *vault.Vault, b *policy.Book, d *directory.Directory, a *access.Access, f *files.Store) *Service {
	return &Service{db: db, vault: v, book: b, directory: d, access: a, files: f, numbers: numbers{blocks: map[string]*block{}}}
}

func (s *Service) ent() *ent.Client { return s.db.Ent }

// word is an enum of the contract as it is stored: in lower case.
func word(e interface{ String() string }) string { return strings.ToLower(e.String()) }

// StateOf is a stored state as the contract has it.
func StateOf(w string) pb.State { return stateOf(State(w)) }

// Due says whether a due moment is one: on an order without a running clock it is far away.
func Due(at time.Time) bool { return at.Before(never) }

func stateOf(w State) pb.State { return pb.State(pb.State_value[strings.ToUpper(string(w))]) }

func enumOf[E ~int32](values map[string]int32, w string) E { return E(values[strings.ToUpper(w)]) }

// numberOf is the last part of tenants/{city}/workOrders/{number}.
func numberOf(name string) string { return name[strings.LastIndexByte(name, '/')+1:] }

// cityOf is the city in tenants/{city}/….
func cityOf(name string) string {
	city, _, _ := strings.Cut(strings.TrimPrefix(name, "tenants/"), "/")
	return city
}

// Unsorted (待分类) is the category of what citizens file themselves, until a dispatcher sorts it.
const Unsorted = "00"
