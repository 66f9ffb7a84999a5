package casework

import (
	"context"
	"crypto/rand"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/ent/rating"
	"hotline/ent/workorder"
	"hotline/tenants/privacy"
)

// InviteRating (发出评价邀请) makes a one-time link; only the keyed hash of its token is kept, so nobody who reads the
// database can rate in a citizen's place.
func (s *Service) InviteRating(ctx context.Context, in *pb.InviteRatingRequest) (*pb.InviteRatingResponse, error) {
	secret := make([]byte, 18)
	_, _ = rand.Read(secret)
	token := base64.RawURLEncoding.EncodeToString(secret)
	var expires time.Time
	_, err := s.act(ctx, InviteRating, in, func(a *act) error {
		if a.order.Lead != "" {
			lead, last, err := a.lastReply()
			if err != nil {
				return err
			}
			if err := a.mayCall(lead, last); err != nil {
				return err
			}
		}
		expires = a.now.AddDate(0, 0, int(a.rules.Policy.GetRatingDays()))
		a.summary = "发出评价邀请"
		err := a.s.ent().Rating.Create().SetID(newID()).SetWorkOrderID(a.order.ID).SetToken(a.keys.Code(token)).
			SetExpiresAt(expires).SetCreatedAt(a.now).Exec(a.ctx)
		if err != nil {
			return fmt.Errorf("invite rating: %w", err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return &pb.InviteRatingResponse{Link: "/rate/" + cityOf(in.GetName()) + "/" + token, ExpireTime: timestamppb.New(expires)}, nil
}

// rated names the order of a rating for the choke point.
type rated struct {
	*pb.RateRequest
	name string
}

func (r rated) GetName() string { return r.name }

// Rate (评价) takes the citizen's five grades once per link. It is ErrProof for a link that is wrong, used or expired.
func (s *Service) Rate(ctx context.Context, in *pb.RateRequest) (*pb.RateResponse, error) {
	err := s.again(ctx, func(ctx context.Context) error {
		a, err := s.open(ctx, Rate)
		if err != nil {
			return err
		}
		link, err := s.ent().Rating.Query().Where(rating.Token(a.keys.Code(in.GetToken())), rating.RatedAtIsNil(), rating.ExpiresAtGT(a.now)).First(ctx)
		if ent.IsNotFound(err) {
			return ErrProof
		}
		if err != nil {
			return fmt.Errorf("rating: %w", err)
		}
		o, err := s.ent().WorkOrder.Query().Where(workorder.ID(link.WorkOrderID)).Only(ctx)
		if err != nil {
			return fmt.Errorf("rated order: %w", err)
		}
		_, err = s.carry(ctx, Rate, rated{in, "tenants/" + o.Tenant + "/workOrders/" + o.Number}, func(a *act) error { return a.rate(link, in) })
		return err
	})
	if err != nil {
		return nil, err
	}
	return &pb.RateResponse{Say: "感谢您的评价，我们会继续改进。"}, nil
}

func (a *act) rate(link *ent.Rating, in *pb.RateRequest) error {
	words, err := a.keys.Seal(privacy.Text, rowOf(link.ID), strings.TrimSpace(in.GetWords()))
	if err != nil {
		return err
	}
	n, err := a.s.ent().Rating.Update().Where(rating.ID(link.ID), rating.RatedAtIsNil()).SetRatedAt(a.now).
		SetResultGrade(int(in.GetResultGrade())).SetAttitudeGrade(int(in.GetAttitudeGrade())).SetWords(words).Save(a.ctx)
	if err != nil {
		return fmt.Errorf("rate: %w", err)
	}
	if n == 0 {
		return ErrProof
	}
	a.summary, a.note = "诉求人评价", strings.TrimSpace(in.GetWords())
	return a.unusual(in)
}

// unusual flags an unusual cluster of ratings (评价异常): so many of one unit with the same grade within the city's minutes. They
// stay as they are; somebody looks at them.
func (a *act) unusual(in *pb.RateRequest) error {
	if a.order.Lead == "" {
		return nil
	}
	side := a.rules.Policy.GetSideLives()
	near, err := a.s.ent().Rating.Query().Where(rating.RatedAtGT(a.now.Add(-time.Duration(side.GetRatingMinutes())*time.Minute)),
		rating.ResultGrade(int(in.GetResultGrade()))).Limit(1000).Select(rating.FieldWorkOrderID).All(a.ctx)
	if err != nil {
		return fmt.Errorf("ratings: %w", err)
	}
	ids := make([]uuid.UUID, len(near))
	for i, r := range near {
		ids[i] = r.WorkOrderID
	}
	alike, err := a.s.ent().WorkOrder.Query().Where(workorder.IDIn(ids...), workorder.Lead(a.order.Lead), workorder.IDNEQ(a.order.ID)).IDs(a.ctx)
	if err != nil {
		return fmt.Errorf("rated orders: %w", err)
	}
	if len(alike)+1 < int(side.GetRatingCluster()) {
		return nil
	}
	a.order.Suspicious = true
	return a.mark(alike, (*ent.WorkOrderUpdate).SetSuspicious)
}
