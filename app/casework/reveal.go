package casework

import (
	"context"
	"errors"
	"strings"
	"time"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// errLedger asks for a writing transaction: something in the clear would have been shown in a reading one.
type errLedger struct{}

func (errLedger) Error() string { return "a look in the clear needs the ledger" }

// looking runs a view; when it turns out that it shows personal data in the clear, it runs again where the ledger can be
// written. Two looks at one order at once write their lines one after the other.
func (s *Service) looking(ctx context.Context, view func(ctx context.Context) error) error {
	err := s.db.View(ctx, func(ctx context.Context) error { return view(context.WithValue(ctx, readOnlyKey{}, true)) })
	if !wantsLedger(err) {
		return err
	}
	return s.again(ctx, view)
}

type readOnlyKey struct{}

func wantsLedger(err error) bool {
	var want errLedger
	return errors.As(err, &want)
}

// Reveal (查看明文) opens personal fields for a stated reason and for the minutes the city allows. The ledger line is written
// in the same transaction, before anything is shown.
func (s *Service) Reveal(ctx context.Context, in *pb.RevealRequest) (out *pb.WorkOrder, err error) {
	err = s.again(ctx, func(ctx context.Context) error { return s.reveal(ctx, in, &out) })
	return out, err
}

func (s *Service) reveal(ctx context.Context, in *pb.RevealRequest, out **pb.WorkOrder) error {
	a, err := s.open(ctx, "reveal")
	if err != nil {
		return err
	}
	o, err := s.find(ctx, numberOf(in.GetName()), "reveal")
	if err != nil {
		return err
	}
	if err := mayReveal(a, o, in.GetFields()); err != nil {
		return err
	}
	reason := strings.TrimSpace(in.GetReason())
	if err := a.cleanFor(o, &reason); err != nil {
		return err
	}
	until := a.now.Add(time.Duration(a.rules.Policy.GetRevealMinutes()) * time.Minute)
	r := &privacy.Reader{Keys: a.keys, Policy: a.rules.Privacy, Roles: tenants.From(ctx).Roles(), Situation: privacy.Reveal,
		Revealed: map[string]bool{}, Reason: reason}
	for _, f := range in.GetFields() {
		r.Revealed[f] = true
	}
	r.Ledger = func(ctx context.Context, l privacy.Look) error { return s.read(ctx, a.keys, o, l, a.now, &until) }
	if err := r.Know(rowOf(o.ID), o.Name); err != nil {
		return err
	}
	*out, err = s.renderBy(ctx, r, a.rules, o, &until)
	return err
}

// mayReveal says for each field whether this viewer may ask for it at all.
func mayReveal(a *act, o *ent.WorkOrder, asked []string) error {
	known := map[string]privacy.Personal{}
	for _, f := range fields(o) {
		known[f.Name] = f.Data
	}
	for _, name := range asked {
		data, ok := known[name]
		if !ok {
			return invalid("fields", "没有这个字段。可查看：petitioner.name、petitioner.phone、petitioner.id_number、petitioner.address、petitioner.email、words、body、location。")
		}
		if data.Empty() {
			return invalid("fields", "该工单没有填写%s。", name)
		}
		if !a.rules.Privacy.MayReveal(a.v.Roles(), data.Class(), o.Confidential) {
			return refused("NOT_REVEALABLE", "按本市隐私规则，您的岗位不能查看%s明文。", data.Class().Title())
		}
	}
	return nil
}
