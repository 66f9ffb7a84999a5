package casework

import (
	"context"
	"encoding/hex"
	"fmt"

	"google.golang.org/protobuf/proto"

	"hotline/ent"
	"hotline/ent/receipt"
	"hotline/ent/store"
	"hotline/ent/workorder"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// A request_id makes a write safe to retry: the first try leaves a receipt (回执) in its own transaction, a second try with
// the same id and the same words finds it and is shown the order instead of acting again.

func requestID(in proto.Message) string {
	if r, ok := in.(interface{ GetRequestId() string }); ok {
		return r.GetRequestId()
	}
	return ""
}

// receipt finds what an earlier try with the same request_id did; nil when this is the first.
func (a *act) receipt(in proto.Message) (*ent.Receipt, error) {
	r, err := a.s.findReceipt(a.ctx, a.keys, a.verb, in)
	if err != nil || r == nil {
		return nil, err
	}
	visible, err := a.s.visible(a.ctx, string(a.verb)) // a post may have been taken away since the first try
	if err != nil {
		return nil, err
	}
	a.order, err = a.s.ent().WorkOrder.Query().Where(workorder.ID(r.WorkOrderID), visible).Only(a.ctx)
	if ent.IsNotFound(err) {
		return nil, notFound()
	}
	if err != nil {
		return nil, fmt.Errorf("order of receipt: %w", err)
	}
	return r, nil
}

func (s *Service) findReceipt(ctx context.Context, k *privacy.Keyring, verb Verb, in proto.Message) (*ent.Receipt, error) {
	id := requestID(in)
	if id == "" {
		return nil, nil
	}
	r, err := s.ent().Receipt.Query().Where(receipt.Actor(receiptActor(ctx, k, in)), receipt.RequestID(id)).First(ctx)
	if ent.IsNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("receipt: %w", err)
	}
	if r.Verb != string(verb) || string(r.Fingerprint) != string(fingerprint(k, in)) {
		return nil, refused("REQUEST_ID_REUSED", "这个 request_id 已用于另一次操作，请换一个新的。")
	}
	return r, nil
}

// keepReceipt remembers the request in the transaction of its act; code is the follow-up code an intake gave out.
func (a *act) keepReceipt(in proto.Message, code string) error {
	if requestID(in) == "" {
		return nil
	}
	id := newID()
	sealed, err := a.keys.Seal(privacy.Text, rowOf(id), code)
	if err != nil {
		return err
	}
	kept := a.s.ent().Receipt.Create().SetID(id).SetActor(receiptActor(a.ctx, a.keys, in)).SetRequestID(requestID(in)).SetVerb(string(a.verb)).
		SetFingerprint(fingerprint(a.keys, in)).SetWorkOrderID(a.order.ID).SetCode(sealed).SetCreatedAt(a.now)
	return a.s.db.Soon(a.ctx, kept.Exec, func(err error) error {
		if store.IsConstraint(err) { // the same request twice at once: the other one acts
			return conflict()
		}
		return fmt.Errorf("receipt: %w", err)
	})
}

// receiptActor is whose request_ids are told apart: each account's; for citizens, who have none, each case's, and before there
// is a case each form's own words.
func receiptActor(ctx context.Context, k *privacy.Keyring, in proto.Message) string {
	if v := tenants.From(ctx); v.Login != "" {
		return v.Login
	}
	if r, ok := in.(request); ok {
		return r.GetName()
	}
	return hex.EncodeToString(fingerprint(k, in))
}

// fingerprint tells one request from another without keeping its words.
func fingerprint(k *privacy.Keyring, in proto.Message) []byte {
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(in)
	if err != nil {
		panic("casework: a request that came off the wire can't be written: " + err.Error())
	}
	return k.MAC([]byte("receipt"), b)
}
