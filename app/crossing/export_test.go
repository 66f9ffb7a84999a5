package crossing

import (
	"context"
	"time"

	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/ent"
	"hotline/federation"
	"hotline/federation/ledger"
	"hotline/federation/seal"
	"hotline/tenants"
)

// Backlog is how many acts may wait.
const Backlog = backlog

// Region is one of the service's, to compare with.
func (s *Service) Region(name string) *federation.Region { return s.region(name) }

// Rogue lets the viewer's city say in a region whatever it likes, as a stolen house could.
func (s *Service) Rogue(ctx context.Context, region string, c *federationv1.Command) (ledger.Result, error) {
	c.Group, c.City = region, tenants.From(ctx).Tenant
	return s.act(ctx, s.region(region), c)
}

// SealFor seals any content for a member, to lie in the first act of a transfer.
func (s *Service) SealFor(region, from, city string, id *federationv1.TransferId, content *pb.Content) (*federationv1.Sealed, error) {
	return s.SealAt(region, from, city, id, 1, content)
}

// SealAt is SealFor for a later act.
func (s *Service) SealAt(region, from, city string, id *federationv1.TransferId, sequence uint64, content *pb.Content) (*federationv1.Sealed, error) {
	plain, err := proto.Marshal(content)
	if err != nil {
		return nil, err
	}
	return seal.For(inForce(member(s.region(region).Ledger().Members(), city).GetSealing()), seal.About{Group: region, Transfer: id, Receiver: city, Sender: from, Sequence: sequence}, plain)
}

// Take gives the viewer's city an entry as if the region's feed had brought it: what a stolen leader wrote comes so.
func (s *Service) Take(ctx context.Context, region string, signed []byte, state federationv1.State) error {
	return s.take(ctx, s.region(region), item{signed, state})
}

// Now is a moment as commands carry it.
func Now() int64 { return time.Now().UnixMilli() }

// ShipNow sends what waits in the viewer's city once.
func (s *Service) ShipNow(ctx context.Context, region string) error {
	return s.ship(ctx, s.region(region))
}

// OpenSealed opens a post on the nation's board for the viewer's city.
func (s *Service) OpenSealed(ctx context.Context, p *federationv1.PostRecord) ([]byte, error) {
	return s.openSealed(ctx, s.region(Nation), p)
}

// Hang puts up anything on the nation's board for the viewer's city.
func (s *Service) Hang(ctx context.Context, topic string, body []byte) error {
	return s.post(ctx, s.region(Nation), topic, plainly(body))
}

// Fitting is a report as it is put up, and whether a post holds it.
func Fitting(report []byte) ([]byte, error) {
	out := fitting(report)
	_, err := pack(out)
	return out, err
}

// Judged is what becomes of an act that the ledger does not take.
func (s *Service) Judged(ctx context.Context, region string, reason federationv1.Reason) (over bool, err error) {
	return s.judged(ctx, s.region(region), &letter{result: ledger.Result{Reason: reason}})
}

// Board is all that hangs on the nation's board.
func (s *Service) Board() []*federationv1.PostRecord { return s.region(Nation).Ledger().Posts("") }

// Unknown forgets for a moment which cities are here, as after a start, and takes an empty batch of the region's feed.
func (s *Service) Unknown(ctx context.Context, region string) error {
	s.mu.Lock()
	s.knownAt = time.Time{}
	s.mu.Unlock()
	return s.deliver(ctx, s.region(region), nil)
}

// Wanted is what one city asks another for.
type Wanted = wanted

// Question signs what the viewer's city asks, carried by this node; a moment of zero is now.
func (s *Service) Question(ctx context.Context, w Wanted) ([]byte, error) { return s.question(ctx, w) }

// ServeFile answers a question that a node has brought.
func (s *Service) ServeFile(region, node string, question []byte) []byte {
	return s.serveFile(context.Background(), region, node, question)
}

// FromOne takes a file from the first node whose fits.
var FromOne = fromOne

// Nearest is the order in which nodes are asked.
var Nearest = nearest

// Each does something to transfers one by one.
func (s *Service) Each(ctx context.Context, list []*ent.Transfer, do func(ctx context.Context, t *ent.Transfer) error) error {
	return s.each(ctx, list, "test", do)
}
