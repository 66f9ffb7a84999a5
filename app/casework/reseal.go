package casework

import (
	"context"
	"fmt"

	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/application"
	"hotline/ent/attachment"
	"hotline/ent/callback"
	"hotline/ent/citykey"
	"hotline/ent/event"
	"hotline/ent/handoff"
	"hotline/ent/outgoing"
	"hotline/ent/rating"
	"hotline/ent/receipt"
	"hotline/ent/reply"
	"hotline/ent/transferact"
	"hotline/ent/workorder"
	"hotline/tenants/privacy"
)

// ResealJob moves a city's sealed data to its newest key after a rotation (更换密钥), in the background.
type ResealJob struct {
	Tenant string `json:"tenant"`
}

// Kind names the job in the queue.
func (ResealJob) Kind() string { return "reseal" }

// City is whose data is moved.
func (j ResealJob) City() string { return j.Tenant }

// Reseal walks all sealed columns of the viewer's city in small transactions; whoever works meanwhile is not held up, since
// older keys still open. It is safe to run again.
func (s *Service) Reseal(ctx context.Context) error {
	for _, table := range []func(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (uuid.UUID, error){
		s.resealOrders, s.resealEvents, s.resealReplies, s.resealCallbacks, s.resealRatings, s.resealApplications, s.resealHandOffs,
		s.resealAttachments, s.resealReceipts, s.resealOutgoing, s.resealTransferActs, s.resealCityKeys,
	} {
		for after := uuid.Nil; ; {
			var last uuid.UUID
			err := s.db.Do(ctx, func(ctx context.Context) (err error) {
				k, err := s.vault.Keyring(ctx)
				if err != nil {
					return err
				}
				last, err = table(ctx, k, after)
				return err
			})
			if isConflict(err) {
				continue
			}
			if err != nil {
				return fmt.Errorf("reseal: %w", err)
			}
			if last == uuid.Nil {
				break
			}
			after = last
		}
	}
	return nil
}

const resealPage = 100

// fresh reseals one datum if it lies under an older key.
func fresh(k *privacy.Keyring, p *privacy.Personal, row uuid.UUID) (err error) {
	if !p.Empty() && k.Stale(*p) {
		*p, err = k.Reseal(*p, rowOf(row))
	}
	return err
}

func (s *Service) resealOrders(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (last uuid.UUID, err error) {
	rows, err := s.ent().WorkOrder.Query().Where(workorder.IDGT(after)).Order(ent.Asc(workorder.FieldID)).Limit(resealPage).All(ctx)
	for _, o := range rows {
		last = o.ID
		old := false
		for _, p := range []*privacy.Personal{&o.Name, &o.Phone, &o.IDNumber, &o.Address, &o.Email, &o.Words, &o.Body, &o.Location, &o.Evidence,
			&o.Brief} {
			old = old || !p.Empty() && k.Stale(*p)
			if err := fresh(k, p, o.ID); err != nil {
				return last, err
			}
		}
		if !old {
			continue
		}
		// Neither version nor history moves: nothing about the order has changed.
		n, err := s.ent().WorkOrder.Update().Where(workorder.ID(o.ID), workorder.Version(o.Version)).SetName(o.Name).SetPhone(o.Phone).SetIDNumber(o.IDNumber).
			SetAddress(o.Address).SetEmail(o.Email).SetWords(o.Words).SetBody(o.Body).SetLocation(o.Location).
			SetEvidence(o.Evidence).SetBrief(o.Brief).Save(ctx)
		if err == nil && n == 0 {
			err = conflict() // somebody acts on it, a citizen may be correcting their number: read again
		}
		if err != nil {
			return last, err
		}
	}
	return last, err
}

func (s *Service) resealEvents(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (last uuid.UUID, err error) {
	rows, err := s.ent().Event.Query().Where(event.IDGT(after)).Order(ent.Asc(event.FieldID)).Limit(resealPage).All(ctx)
	for _, e := range rows {
		last = e.ID
		if e.Note.Empty() || !k.Stale(e.Note) {
			continue
		}
		if err := fresh(k, &e.Note, e.ID); err != nil {
			return last, err
		}
		if err := s.ent().Event.Update().Where(event.ID(e.ID)).SetNote(e.Note).Exec(ctx); err != nil {
			return last, err
		}
	}
	return last, err
}

func (s *Service) resealReplies(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (last uuid.UUID, err error) {
	rows, err := s.ent().Reply.Query().Where(reply.IDGT(after)).Order(ent.Asc(reply.FieldID)).Limit(resealPage).All(ctx)
	for _, r := range rows {
		last = r.ID
		if r.InternalPart.Empty() || !k.Stale(r.InternalPart) {
			continue
		}
		if err := fresh(k, &r.InternalPart, r.ID); err != nil {
			return last, err
		}
		if err := s.ent().Reply.Update().Where(reply.ID(r.ID)).SetInternalPart(r.InternalPart).Exec(ctx); err != nil {
			return last, err
		}
	}
	return last, err
}

func (s *Service) resealCallbacks(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (last uuid.UUID, err error) {
	rows, err := s.ent().Callback.Query().Where(callback.IDGT(after)).Order(ent.Asc(callback.FieldID)).Limit(resealPage).All(ctx)
	for _, c := range rows {
		last = c.ID
		if c.Words.Empty() || !k.Stale(c.Words) {
			continue
		}
		if err := fresh(k, &c.Words, c.ID); err != nil {
			return last, err
		}
		if err := s.ent().Callback.Update().Where(callback.ID(c.ID)).SetWords(c.Words).Exec(ctx); err != nil {
			return last, err
		}
	}
	return last, err
}

func (s *Service) resealRatings(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (last uuid.UUID, err error) {
	rows, err := s.ent().Rating.Query().Where(rating.IDGT(after)).Order(ent.Asc(rating.FieldID)).Limit(resealPage).All(ctx)
	for _, g := range rows {
		last = g.ID
		if g.Words.Empty() || !k.Stale(g.Words) {
			continue
		}
		if err := fresh(k, &g.Words, g.ID); err != nil {
			return last, err
		}
		if err := s.ent().Rating.Update().Where(rating.ID(g.ID)).SetWords(g.Words).Exec(ctx); err != nil {
			return last, err
		}
	}
	return last, err
}

func (s *Service) resealApplications(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (last uuid.UUID, err error) {
	rows, err := s.ent().Application.Query().Where(application.IDGT(after)).Order(ent.Asc(application.FieldID)).Limit(resealPage).All(ctx)
	for _, p := range rows {
		last = p.ID
		if p.Evidence.Empty() || !k.Stale(p.Evidence) {
			continue
		}
		if err := fresh(k, &p.Evidence, p.ID); err != nil {
			return last, err
		}
		if err := s.ent().Application.Update().Where(application.ID(p.ID)).SetEvidence(p.Evidence).Exec(ctx); err != nil {
			return last, err
		}
	}
	return last, err
}

func (s *Service) resealHandOffs(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (last uuid.UUID, err error) {
	rows, err := s.ent().HandOff.Query().Where(handoff.IDGT(after)).Order(ent.Asc(handoff.FieldID)).Limit(resealPage).All(ctx)
	for _, h := range rows {
		last = h.ID
		if h.Words.Empty() || !k.Stale(h.Words) {
			continue
		}
		if err := fresh(k, &h.Words, h.ID); err != nil {
			return last, err
		}
		if err := s.ent().HandOff.Update().Where(handoff.ID(h.ID)).SetWords(h.Words).Exec(ctx); err != nil {
			return last, err
		}
	}
	return last, err
}

// resealAttachments moves a file's title and the key it lies under; the file itself stays as it is.
func (s *Service) resealAttachments(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (last uuid.UUID, err error) {
	rows, err := s.ent().Attachment.Query().Where(attachment.IDGT(after)).Order(ent.Asc(attachment.FieldID)).Limit(resealPage).All(ctx)
	for _, f := range rows {
		last = f.ID
		if !k.Stale(f.Title) && !k.Stale(f.Secret) {
			continue
		}
		if err := fresh(k, &f.Title, f.ID); err != nil {
			return last, err
		}
		if k.Stale(f.Secret) {
			if f.Secret, err = k.Reseal(f.Secret, secretRow(f.ID)); err != nil {
				return last, err
			}
		}
		if err := s.ent().Attachment.Update().Where(attachment.ID(f.ID)).SetTitle(f.Title).SetSecret(f.Secret).Exec(ctx); err != nil {
			return last, err
		}
	}
	return last, err
}

func (s *Service) resealReceipts(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (last uuid.UUID, err error) {
	rows, err := s.ent().Receipt.Query().Where(receipt.IDGT(after)).Order(ent.Asc(receipt.FieldID)).Limit(resealPage).All(ctx)
	for _, r := range rows {
		last = r.ID
		if r.Code.Empty() || !k.Stale(r.Code) {
			continue
		}
		if err := fresh(k, &r.Code, r.ID); err != nil {
			return last, err
		}
		if err := s.ent().Receipt.Update().Where(receipt.ID(r.ID)).SetCode(r.Code).Exec(ctx); err != nil {
			return last, err
		}
	}
	return last, err
}

// resealOutgoing moves what waits for a region; what was sent has no content any more.
func (s *Service) resealOutgoing(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (last uuid.UUID, err error) {
	rows, err := s.ent().Outgoing.Query().Where(outgoing.IDGT(after), outgoing.SentAtIsNil()).Order(ent.Asc(outgoing.FieldID)).Limit(resealPage).All(ctx)
	for _, o := range rows {
		last = o.ID
		if o.Content.Empty() || !k.Stale(o.Content) {
			continue
		}
		if err := fresh(k, &o.Content, o.ID); err != nil {
			return last, err
		}
		if err := s.ent().Outgoing.Update().Where(outgoing.ID(o.ID), outgoing.SentAtIsNil()).SetContent(o.Content).Exec(ctx); err != nil {
			return last, err
		}
	}
	return last, err
}

func (s *Service) resealTransferActs(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (last uuid.UUID, err error) {
	rows, err := s.ent().TransferAct.Query().Where(transferact.IDGT(after)).Order(ent.Asc(transferact.FieldID)).Limit(resealPage).All(ctx)
	for _, e := range rows {
		last = e.ID
		if e.Words.Empty() || !k.Stale(e.Words) {
			continue
		}
		if err := fresh(k, &e.Words, e.ID); err != nil {
			return last, err
		}
		if err := s.ent().TransferAct.Update().Where(transferact.ID(e.ID)).SetWords(e.Words).Exec(ctx); err != nil {
			return last, err
		}
	}
	return last, err
}

// resealCityKeys: without them the city could neither speak in its regions nor read what is for it.
func (s *Service) resealCityKeys(ctx context.Context, k *privacy.Keyring, after uuid.UUID) (last uuid.UUID, err error) {
	rows, err := s.ent().CityKey.Query().Where(citykey.IDGT(after)).Order(ent.Asc(citykey.FieldID)).Limit(resealPage).All(ctx)
	for _, c := range rows {
		last = c.ID
		if !k.Stale(c.Private) {
			continue
		}
		if err := fresh(k, &c.Private, c.ID); err != nil {
			return last, err
		}
		if err := s.ent().CityKey.Update().Where(citykey.ID(c.ID)).SetPrivate(c.Private).Exec(ctx); err != nil {
			return last, err
		}
	}
	return last, err
}
