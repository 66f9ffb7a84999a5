package crossing

import (
	"context"
	"fmt"
	"strings"
	"time"

	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	federationv1 "hotline/api/federation/v1"
	"hotline/app/casework"
	"hotline/ent"
	"hotline/ent/transfer"
	"hotline/federation"
	"hotline/federation/seal"
	"hotline/tenants"
)

// lastOf is what the ledger knows of a transfer's last offer, and of the declines before an act.
func lastOf(t *federationv1.TransferRecord, c *federationv1.Command) (casework.Offer, int) {
	declines := int(t.GetDeclines())
	if c.GetDecline() != nil && declines > 0 {
		declines--
	}
	return casework.Offer{Target: t.GetTarget(), Callback: t.GetCallback(), Mode: strings.ToLower(t.GetMode().String()),
		Urgency: strings.ToLower(t.GetUrgency().String()), Order: t.GetOrder()}, declines
}

// actOf is the act's word.
func actOf(c *federationv1.Command) string {
	f := c.ProtoReflect().WhichOneof(c.ProtoReflect().Descriptor().Oneofs().ByName("act"))
	if f == nil {
		return ""
	}
	return string(f.Name())
}

func openOf(c *federationv1.Command) casework.Offer {
	switch a := c.GetAct().(type) {
	case *federationv1.Command_Offer:
		o := a.Offer
		return casework.Offer{Target: o.GetTarget(), Callback: o.GetCallback(), Mode: strings.ToLower(o.GetMode().String()),
			Urgency: strings.ToLower(o.GetUrgency().String()), Order: o.GetOrder(), Category: o.GetCategory(), CategoryFor: o.GetTargetCategory(),
			Basis: o.GetBasis(), SignDue: time.UnixMilli(o.GetSignDue()).UTC(), AnswerDue: time.UnixMilli(o.GetAnswerDue()).UTC(),
			Started: time.UnixMilli(o.GetStarted()).UTC(), Consent: o.GetConsent(), Confidential: o.GetConfidential()}
	case *federationv1.Command_Decline:
		return casework.Offer{Reason: strings.ToLower(a.Decline.GetReason().String()), Basis: a.Decline.GetBasis(), Responsible: a.Decline.GetResponsible()}
	case *federationv1.Command_Dispute:
		return casework.Offer{Basis: a.Dispute.GetBasis()}
	case *federationv1.Command_Designate:
		return casework.Offer{Target: a.Designate.GetTarget(), Callback: a.Designate.GetCallback(), Basis: a.Designate.GetBasis()}
	case *federationv1.Command_Callback:
		return casework.Offer{Rework: a.Callback.GetRework()}
	}
	return casework.Offer{}
}

// after is where each act leads; a supplement leaves a transfer where it is, and a decline may be the one too many.
var after = map[string]federationv1.State{"offer": federationv1.State_OFFERED, "deliver": federationv1.State_DELIVERED, "sign": federationv1.State_SIGNED,
	"accept": federationv1.State_ACCEPTED, "decline": federationv1.State_DECLINED, "dispute": federationv1.State_DISPUTED,
	"designate": federationv1.State_DESIGNATED, "handle": federationv1.State_HANDLING, "reply": federationv1.State_REPLIED,
	"conclude": federationv1.State_CONCLUDED, "callback": federationv1.State_CALLED_BACK, "withdraw": federationv1.State_WITHDRAWN,
	"expire": federationv1.State_EXPIRED}

// stateAfter is where the transfer stands after an act. The feed tells; the ledger's state only tells of the last one.
func (s *Service) stateAfter(ctx context.Context, r *federation.Region, c *federationv1.Command, known federationv1.State) (string, error) {
	to := known
	if to == 0 {
		to = after[actOf(c)]
		now := r.Ledger().Transfer(c.GetTransfer().GetOrigin(), c.GetTransfer().GetNumber())
		switch {
		case now.GetSequence() == c.GetSequence():
			to = now.GetState()
		case c.GetCallback().GetRework():
			to = federationv1.State_HANDLING
		case to == 0 || c.GetDecline() != nil || c.GetDispute() != nil:
			return s.stateBefore(ctx, r, c)
		}
	}
	return strings.ToLower(to.String()), nil
}

// stateBefore: a supplement changes nothing, and how many declines there were before this one is known here.
func (s *Service) stateBefore(ctx context.Context, r *federation.Region, c *federationv1.Command) (state string, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		t, err := s.db.Ent.Transfer.Query().Where(transfer.Region(r.Name()), transfer.Origin(c.GetTransfer().GetOrigin()),
			transfer.Number(int64(c.GetTransfer().GetNumber()))).First(ctx)
		now := r.Ledger().Transfer(c.GetTransfer().GetOrigin(), c.GetTransfer().GetNumber())
		if ent.IsNotFound(err) && c.GetDispute() != nil && !now.GetObjected() {
			state = "disputed"
			return nil
		}
		if ent.IsNotFound(err) { // the first that comes to us; where it led, those behind it tell
			state = strings.ToLower(now.GetState().String())
			return nil
		}
		if err != nil {
			return fmt.Errorf("transfer: %w", err)
		}
		_, rules := r.Ledger().Region()
		switch {
		case c.GetDispute() != nil && t.State != "expired":
			state = "disputed"
		case c.GetDecline() == nil:
			state = t.State
		case t.Declines+1 >= int(rules.GetDeclines()):
			state = "disputed"
		default:
			state = "declined"
		}
		return nil
	})
	return state, err
}

// open opens what is sealed to the viewer's city. What can't be opened stays closed: it is kept with the act as it came.
func (s *Service) open(ctx context.Context, r *federation.Region, c *federationv1.Command) (*pb.Content, error) {
	me := tenants.From(ctx).Tenant
	for _, box := range boxesOf(c) {
		if box.GetCity() != me {
			continue
		}
		var own *own
		err := s.db.View(ctx, func(ctx context.Context) (err error) {
			own, err = s.keysOf(ctx)
			return err
		})
		if err != nil {
			return nil, err
		}
		plain, err := own.ring.Open(seal.About{Group: r.Name(), Transfer: c.GetTransfer(), Receiver: me, Sender: c.GetCity(), Sequence: c.GetSequence()}, box)
		content := &pb.Content{}
		if err == nil {
			err = proto.Unmarshal(plain, content)
		}
		if err != nil {
			s.log.Error("what is sealed to a city can't be read", "region", r.Name(), "city", me, "from", c.GetCity(), "error", err)
			return nil, nil
		}
		return content, nil
	}
	return nil, nil
}

func boxesOf(c *federationv1.Command) []*federationv1.Sealed {
	switch a := c.GetAct().(type) {
	case *federationv1.Command_Offer:
		return a.Offer.GetSealed()
	case *federationv1.Command_Decline:
		return a.Decline.GetSealed()
	case *federationv1.Command_Dispute:
		return a.Dispute.GetSealed()
	case *federationv1.Command_Designate:
		return a.Designate.GetSealed()
	case *federationv1.Command_Handle:
		return a.Handle.GetSealed()
	case *federationv1.Command_Reply:
		return a.Reply.GetSealed()
	case *federationv1.Command_Conclude:
		return a.Conclude.GetSealed()
	case *federationv1.Command_Callback:
		return a.Callback.GetSealed()
	case *federationv1.Command_Withdraw:
		return a.Withdraw.GetSealed()
	case *federationv1.Command_Supplement:
		return a.Supplement.GetSealed()
	}
	return nil
}
