// Package portal is the citizen's room (群众端): it takes self-filed requests and guards the citizen's door of casework
// against guessing.
package portal

import (
	"context"
	stderrors "errors"
	"strings"

	"github.com/go-kratos/kratos/v2/errors"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/tenants"
)

// Guard slows down who guesses codes: per address, and per case from an address, on every replica (tenants/identity has it).
type Guard struct {
	// Try counts a try against the keys before it is looked at, so that guesses made at once count too.
	Try func(ctx context.Context, keys ...string) error
	// Forgive takes the try back.
	Forgive func(ctx context.Context, keys ...string) error
	Address func(ctx context.Context) string
}

// Service serves pb.Portal.
type Service struct {
	pb.UnimplementedPortalServer
	casework *casework.Service
	guard    Guard
	cities   func(ctx context.Context, code string) bool
}

// New makes the room; cities says whether a city's code is one of this deployment.
func New(c *casework.Service, g Guard, cities func(ctx context.Context, code string) bool) *Service {
	return &Service{casework: c, guard: g, cities: cities}
}

// denied is the one answer for whatever does not prove itself: it never says whether a case exists.
func denied() error {
	return errors.NotFound("NOT_FOUND", "号码或查询码不对，请核对后再试。")
}

// proof lets a citizen's request through once its number and code belong together. Wrong codes are counted for the address, and for the
// case from that address: not for the case alone, or whoever knows a number could lock its citizen out from afar. What that leaves to
// somebody with ten thousand addresses is some ninety thousand guesses an hour at one case, of 280 billion codes.
func proof[T any](ctx context.Context, s *Service, key string, do func() (T, error)) (T, error) {
	var none T
	if v := tenants.From(ctx); v == nil || !s.cities(ctx, v.Tenant) {
		return none, denied()
	}
	address := s.guard.Address(ctx)
	keys := []string{address}
	if key != "" {
		keys = append(keys, "case:"+key+" "+address)
	}
	if err := s.guard.Try(ctx, keys...); err != nil {
		return none, err
	}
	out, err := do()
	if stderrors.Is(err, casework.ErrProof) {
		return none, denied()
	}
	// Whatever else went wrong, it was no guess.
	if err := s.guard.Forgive(ctx, keys...); err != nil {
		return none, err
	}
	return out, err
}

// Submit (自助提交) takes a request in for dispatch; the citizen gets number and code.
func (s *Service) Submit(ctx context.Context, in *pb.SubmitRequest) (*pb.SubmitResponse, error) {
	if v := tenants.From(ctx); v == nil || !s.cities(ctx, v.Tenant) {
		return nil, errors.NotFound("NOT_FOUND", "没有这个城市的热线。")
	}
	channel := in.GetChannel()
	if channel == pb.Channel_CHANNEL_UNSPECIFIED {
		channel = pb.Channel_WEB
	}
	taken, err := s.casework.IntakeFor(ctx, &pb.IntakeRequest{Parent: in.GetParent(), RequestId: in.GetRequestId(),
		Disposition: pb.Disposition_IN_SCOPE,
		Facts: &pb.Facts{Kind: in.GetKind(), Category: casework.Unsorted, Urgency: pb.Urgency_NORMAL, Channel: channel,
			Title: titleOf(in.GetWords()), Words: in.GetWords(), Body: in.GetWords(), District: in.GetDistrict(),
			Location: in.GetLocation(), Caller: in.GetCaller(), Confidential: in.GetConfidential()}})
	if err != nil {
		return nil, err
	}
	name := in.GetParent() + "/petitions/" + taken.GetWorkOrder().GetNumber()
	p, err := s.casework.Track(ctx, &pb.TrackRequest{Name: name, Code: taken.GetCode()})
	if err != nil {
		return nil, err
	}
	return &pb.SubmitResponse{Petition: p, Code: taken.GetCode()}, nil
}

// titleOf is the first sentence of what the citizen wrote, short enough for a list; casework takes personal data out of it.
func titleOf(words string) string {
	words = strings.Join(strings.Fields(words), " ")
	if i := strings.IndexAny(words, "。！？!?\n"); i > 0 {
		words = words[:i]
	}
	runes := []rune(words)
	if len(runes) > 40 {
		return string(runes[:40]) + "…"
	}
	if len(runes) < 2 {
		return "群众诉求"
	}
	return words
}

// Track (进度查询).
func (s *Service) Track(ctx context.Context, in *pb.TrackRequest) (*pb.Petition, error) {
	return proof(ctx, s, in.GetName(), func() (*pb.Petition, error) { return s.casework.Track(ctx, in) })
}

// Add (补充).
func (s *Service) Add(ctx context.Context, in *pb.AddRequest) (*pb.Petition, error) {
	return proof(ctx, s, in.GetName(), func() (*pb.Petition, error) { return s.casework.Add(ctx, in) })
}

// Urge (催办).
func (s *Service) Urge(ctx context.Context, in *pb.UrgeRequest) (*pb.Petition, error) {
	return proof(ctx, s, in.GetName(), func() (*pb.Petition, error) { return s.casework.UrgeFor(ctx, in) })
}

// Withdraw (撤回).
func (s *Service) Withdraw(ctx context.Context, in *pb.WithdrawRequest) (*pb.Petition, error) {
	return proof(ctx, s, in.GetName(), func() (*pb.Petition, error) { return s.casework.Withdraw(ctx, in) })
}

// Correct (更正).
func (s *Service) Correct(ctx context.Context, in *pb.CorrectRequest) (*pb.Petition, error) {
	return proof(ctx, s, in.GetName(), func() (*pb.Petition, error) { return s.casework.Correct(ctx, in) })
}

// AddFile (补充材料).
func (s *Service) AddFile(ctx context.Context, in *pb.AddFileRequest) (*pb.Petition, error) {
	return proof(ctx, s, in.GetName(), func() (*pb.Petition, error) { return s.casework.AddFile(ctx, in) })
}

// Contest (对不予受理提出异议).
func (s *Service) Contest(ctx context.Context, in *pb.ContestRequest) (*pb.Petition, error) {
	return proof(ctx, s, in.GetName(), func() (*pb.Petition, error) { return s.casework.Contest(ctx, in) })
}

// Appeal (申诉).
func (s *Service) Appeal(ctx context.Context, in *pb.AppealRequest) (*pb.Petition, error) {
	return proof(ctx, s, in.GetName(), func() (*pb.Petition, error) { return s.casework.Appeal(ctx, in) })
}

// Rate (评价).
func (s *Service) Rate(ctx context.Context, in *pb.RateRequest) (*pb.RateResponse, error) {
	return proof(ctx, s, "", func() (*pb.RateResponse, error) { return s.casework.Rate(ctx, in) })
}

// ListViewers (谁看过我的信息).
func (s *Service) ListViewers(ctx context.Context, in *pb.ListViewersRequest) (*pb.ListViewersResponse, error) {
	return proof(ctx, s, in.GetName(), func() (*pb.ListViewersResponse, error) { return s.casework.ListViewers(ctx, in) })
}
