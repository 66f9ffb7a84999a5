package casework

import (
	"context"
	"fmt"
	"regexp"

	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/app/files"
	"hotline/ent"
	"hotline/ent/attachment"
	"hotline/ent/predicate"
	"hotline/ent/store"
	"hotline/ent/transfer"
	"hotline/tenants/privacy"
)

// Files of a case that moves to another city travel apart from the ledger: the act carries their hash and key, sealed to that city,
// the bytes are fetched as they lie here, encrypted, and held against the hash.

// filesFor are the files that go along. What the citizen gave may show who they are, so it goes only with their consent.
func (a *act) filesFor(t *ent.Transfer, which ...predicate.Attachment) ([]*pb.File, error) {
	rows, err := a.s.ent().Attachment.Query().Where(append(which, attachment.WorkOrderID(a.order.ID), attachment.Here(true))...).Order(ent.Asc(attachment.FieldID)).All(a.ctx)
	if err != nil {
		return nil, fmt.Errorf("attachments of %s: %w", a.order.Number, err)
	}
	var out []*pb.File
	for _, f := range rows {
		if f.Unit == "" && !t.Consent {
			continue
		}
		key, err := a.keys.Secret(f.Secret, secretRow(f.ID))
		if err != nil {
			return nil, err
		}
		title, err := a.keys.Secret(f.Title, rowOf(f.ID))
		if err != nil {
			return nil, err
		}
		out = append(out, &pb.File{Title: title, MediaType: f.MediaType, Size: f.Size, Digest: f.Digest, Source: boundName(a.order, f), Key: key, ByCitizen: f.ByCitizen})
	}
	return out, nil
}

// boundName is the name that a file is sealed under: its own, or the one it had where it came from.
func boundName(o *ent.WorkOrder, f *ent.Attachment) string {
	if f.Source != "" {
		return f.Source
	}
	return blobOf(o, f.ID)
}

// FetchJob brings a file of a transferred case here (附件传输).
type FetchJob struct {
	Tenant string    `json:"tenant"`
	File   uuid.UUID `json:"file"`
}

// Kind names the job in the queue.
func (FetchJob) Kind() string { return "fetch_file" }

// City is whose file it is.
func (j FetchJob) City() string { return j.Tenant }

// fetchLater notes the files that another city sent word of, and lets them be fetched.
func (s *Service) fetchLater(ctx context.Context, t *ent.Transfer, o *ent.WorkOrder, list []*pb.File) error {
	keys, err := s.vault.Keyring(ctx)
	if err != nil {
		return err
	}
	rules, err := s.book.InForce(ctx)
	if err != nil {
		return err
	}
	have, err := s.ent().Attachment.Query().Where(attachment.WorkOrderID(o.ID)).Select(attachment.FieldDigest).Strings(ctx)
	if err != nil {
		return fmt.Errorf("attachments of %s: %w", o.Number, err)
	}
	seen := map[string]bool{}
	for _, digest := range have {
		seen[digest] = true
	}
	for _, f := range list {
		if seen[f.GetDigest()] || len(seen) >= int(rules.Policy.GetSideLives().GetAttachments()) || !soundFile(f) {
			continue // more than any city takes in, or nothing that one of ours would send
		}
		seen[f.GetDigest()] = true
		id := newID()
		title, err := keys.Seal(privacy.Text, rowOf(id), f.GetTitle())
		if err != nil {
			return err
		}
		secret, err := keys.Seal(privacy.Text, secretRow(id), f.GetKey())
		if err != nil {
			return err
		}
		err = s.ent().Attachment.Create().SetID(id).SetWorkOrderID(o.ID).SetTitle(title).SetSecret(secret).SetMediaType(f.GetMediaType()).
			SetSize(f.GetSize()).SetDigest(f.GetDigest()).SetSource(f.GetSource()).SetHere(false).SetByCitizen(f.GetByCitizen()).
			SetAuthor("").SetUnit("").SetCreatedAt(store.Now(ctx)).Exec(ctx)
		if err != nil {
			return fmt.Errorf("attachment: %w", err)
		}
		if err := s.db.Later(ctx, FetchJob{Tenant: o.Tenant, File: id}, nil); err != nil {
			return err
		}
	}
	return nil
}

// MaxFile is the most that the contract takes in.
const MaxFile = 10 << 20

var (
	digestForm = regexp.MustCompile(`^[0-9a-f]{64}$`)
	sourceForm = regexp.MustCompile(`^[0-9a-zA-Z/-]{1,120}$`)
	mediaForm  = regexp.MustCompile(`^[a-z0-9.+-]{1,40}/[a-z0-9.+-]{1,80}$`)
)

func soundFile(f *pb.File) bool {
	return f.GetSize() > 0 && f.GetSize() <= MaxFile && digestForm.MatchString(f.GetDigest()) && sourceForm.MatchString(f.GetSource()) &&
		mediaForm.MatchString(f.GetMediaType()) && len(f.GetTitle()) <= 800 && len(f.GetKey()) <= 200
}

// Wanted names a file as its origin knows it.
type Wanted struct {
	Region, Origin string
	Number         int64
	Source         string
}

// Fetch brings one file here by what get fetches: bytes as they lie in the city that the case came from. Get may have them from several
// nodes, and goes on until some fit.
func (s *Service) Fetch(ctx context.Context, file uuid.UUID, get func(ctx context.Context, w Wanted, fits func(sealed []byte) error) error) error {
	var (
		row  *ent.Attachment
		o    *ent.WorkOrder
		t    *ent.Transfer
		open string
	)
	err := s.db.View(ctx, func(ctx context.Context) (err error) {
		if row, err = s.ent().Attachment.Get(ctx, file); err != nil {
			return err
		}
		if o, err = s.ent().WorkOrder.Get(ctx, row.WorkOrderID); err != nil {
			return err
		}
		if t, err = s.ent().Transfer.Get(ctx, *o.TransferID); err != nil {
			return err
		}
		keys, err := s.vault.Keyring(ctx)
		if err != nil {
			return err
		}
		open, err = keys.Secret(row.Secret, secretRow(row.ID))
		return err
	})
	if err != nil || row.Here {
		return err
	}
	err = get(ctx, Wanted{t.Region, t.Origin, t.Number, row.Source}, func(sealed []byte) error {
		content, err := files.Unseal(sealed, row.Source, open, row.Digest)
		if err != nil {
			return err
		}
		// Another city's program may be old or stolen: what comes from it is held to the same rules as what a citizen brings.
		if clean, media, err := files.Check(content); err != nil || files.Digest(clean) != row.Digest || media != row.MediaType {
			return fmt.Errorf("a file from %s is not what may come in: %w", t.Origin, err)
		}
		return s.files.Keep(ctx, blobOf(o, row.ID), sealed)
	})
	if err != nil {
		return err
	}
	return s.db.Do(ctx, func(ctx context.Context) error {
		return s.ent().Attachment.Update().Where(attachment.ID(row.ID)).SetHere(true).Exec(ctx)
	})
}

// Convey gives another city bytes of a file of a case that it is offered, or has, as they lie here, encrypted: the key was sealed to it
// with the name. Whom the case is taken from, or who has declined it, gets nothing more.
func (s *Service) Convey(ctx context.Context, to, region string, number int64, source string, from, most int64) (part []byte, size int64, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		t, err := s.ent().Transfer.Query().Where(transfer.Region(region), transfer.Origin(tenantOf(ctx)), transfer.Number(number), transfer.Target(to),
			transfer.Or(transfer.StateNotIn(transferCancelled, "declined", "disputed", "withdrawn"), transfer.Pending("offer"))).Only(ctx)
		if err != nil {
			return notFound()
		}
		o, err := s.orderOf(ctx, t)
		if err != nil {
			return err
		}
		if o == nil {
			return notFound()
		}
		rows, err := s.ent().Attachment.Query().Where(attachment.WorkOrderID(o.ID), attachment.Here(true)).All(ctx)
		if err != nil {
			return fmt.Errorf("attachments of %s: %w", o.Number, err)
		}
		for _, f := range rows {
			if boundName(o, f) == source && (t.Consent || f.Unit != "") {
				source = blobOf(o, f.ID)
				return nil
			}
		}
		return notFound()
	})
	if err != nil {
		return nil, 0, err
	}
	return s.files.Sealed(ctx, source, from, most)
}
