package casework

import (
	"context"
	stderrors "errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/app/files"
	"hotline/ent"
	"hotline/ent/attachment"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// uploading is a request that carries a file.
type uploading interface {
	request
	GetTitle() string
	GetContent() []byte
}

// upload is a file on its way in: it lies in the store already, its row does not exist yet.
type upload struct {
	id      uuid.UUID
	blob    string
	key     string
	title   string
	media   string
	digest  string
	size    int
	mib     int32
	carried bool // into a row, by an act that may have been committed
}

// Attach (上传附件) adds a file of the staff, or one that the citizen gave them.
func (s *Service) Attach(ctx context.Context, in *pb.AttachRequest) (*pb.WorkOrder, error) {
	f, err := s.take(ctx, in, func(ctx context.Context) (*act, error) {
		a, err := s.open(ctx, Attach)
		if err == nil {
			a.order, err = s.find(ctx, numberOf(in.GetName()), string(Attach))
		}
		return a, err
	})
	if err != nil {
		return nil, err
	}
	out, err := s.act(ctx, Attach, in, f.add)
	return out, s.settle(ctx, f, err)
}

// AddFile (补充材料) adds a file of the citizen while the case is open.
func (s *Service) AddFile(ctx context.Context, in *pb.AddFileRequest) (*pb.Petition, error) {
	f, err := s.take(ctx, in, func(ctx context.Context) (*act, error) { return s.prove(ctx, Attach, in) })
	if err != nil {
		return nil, err
	}
	out, err := s.byCitizen(ctx, Attach, in, f.add)
	return out, s.settle(ctx, f, err)
}

// take checks a file and puts it into the store. That may be slow, so no transaction waits for it: the blob is there before its
// row, and without a row it is nothing but noise. A request that was carried out before brings nothing new.
func (s *Service) take(ctx context.Context, in uploading, find func(ctx context.Context) (*act, error)) (f *upload, err error) {
	var a *act
	err = s.db.View(ctx, func(ctx context.Context) error {
		if a, err = find(ctx); err != nil {
			return err
		}
		done, err := s.findReceipt(ctx, a.keys, Attach, in)
		if err != nil || done != nil {
			return err
		}
		if !allows(State(a.order.State), Attach) {
			return refused("WRONG_STATE", "工单%s，现在不能%s。", StateTitles[State(a.order.State)], VerbTitles[Attach])
		}
		f = &upload{id: newID(), title: in.GetTitle(), mib: a.rules.Policy.GetSideLives().GetAttachmentMib()}
		f.blob = blobOf(a.order, f.id)
		return nil
	})
	if err != nil || f == nil {
		return f, err
	}
	if len(in.GetContent()) > int(f.mib)<<20 {
		return nil, refused("FILE_TOO_LARGE", "附件太大，每个最大 %d MB。请压缩或分开上传。", f.mib)
	}
	content, media, err := files.Check(in.GetContent())
	if no := new(files.Refusal); stderrors.As(err, &no) {
		return nil, refused(no.Reason, "%s", no.Words)
	}
	if err != nil {
		return nil, err
	}
	f.media, f.digest, f.size = media, files.Digest(content), len(content)
	f.key, err = s.files.Put(ctx, f.blob, content)
	return f, err
}

// blobOf is the name a file lies under; it says nothing about anybody.
func blobOf(o *ent.WorkOrder, id uuid.UUID) string {
	return o.Tenant + "/" + rowOf(o.ID) + "/" + rowOf(id)
}

// secretRow binds the key of a file to its column: a title put in its place would not open.
func secretRow(id uuid.UUID) string { return rowOf(id) + "/secret" }

// add writes the row of the file. What the citizen brings, also through an agent, is what a unit that waits for them waits for.
func (f *upload) add(a *act) error {
	_, _, unit := a.s.actorOf(a.v, string(Attach))
	if unit != "" {
		if _, err := a.mine(); err != nil {
			return err
		}
	}
	if err := f.fits(a); err != nil {
		return err
	}
	title := strings.TrimSpace(f.title)
	if err := a.clean(&title); err != nil {
		return err
	}
	if err := f.write(a, title, unit); err != nil {
		return err
	}
	f.carried, a.order.Sides = true, true
	if unit != "" {
		a.summary = a.titleOf(unit) + "上传附件"
		return nil
	}
	a.order.Supplements++
	a.summary, a.public = "诉求人补充附件", true
	return a.heardFrom()
}

// fits holds the file to the city's number of files, and to one of each.
func (f *upload) fits(a *act) error {
	others, err := a.s.ent().Attachment.Query().Where(attachment.WorkOrderID(a.order.ID)).Select(attachment.FieldDigest).Strings(a.ctx)
	if err != nil {
		return fmt.Errorf("attachments of %s: %w", a.order.Number, err)
	}
	for _, digest := range others {
		if digest == f.digest {
			return refused("SAME_FILE", "这个文件已经上传过，不用再传。")
		}
	}
	if most := a.rules.Policy.GetSideLives().GetAttachments(); len(others) >= int(most) {
		return refused("TOO_MANY_FILES", "每张工单最多 %d 个附件，已经满了。", most)
	}
	return nil
}

func (f *upload) write(a *act, title, unit string) error {
	sealed, err := a.keys.Seal(privacy.Text, rowOf(f.id), title)
	if err != nil {
		return err
	}
	secret, err := a.keys.Seal(privacy.Text, secretRow(f.id), f.key)
	if err != nil {
		return err
	}
	err = a.s.ent().Attachment.Create().SetID(f.id).SetWorkOrderID(a.order.ID).SetTitle(sealed).SetSecret(secret).SetMediaType(f.media).
		SetSize(int64(f.size)).SetDigest(f.digest).SetByCitizen(a.v.Login == "").SetAuthor(a.v.Login).SetUnit(unit).SetCreatedAt(a.now).Exec(a.ctx)
	if ent.IsConstraintError(err) { // the same file twice at once
		return conflict()
	}
	if err != nil {
		return fmt.Errorf("attachment: %w", err)
	}
	return nil
}

// settle takes the blob away again when the act was refused, or had been done before. After any other failure nobody knows whether
// the row was committed, so the blob stays: without a row it does no harm, a row without a blob would.
func (s *Service) settle(ctx context.Context, f *upload, err error) error {
	refusal := new(errors.Error)
	if f == nil || f.carried && err == nil || err != nil && !stderrors.As(err, &refusal) && !stderrors.Is(err, ErrProof) {
		return err
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	_ = s.files.Remove(ctx, f.blob) // an orphan does no harm
	return err
}

// strayAfter is how old a blob without a row must be before it is taken away: older than any upload that is still under way, and than
// the time in which somebody notices that the wrong backup was restored.
const strayAfter = 7 * 24 * time.Hour

// RemoveStrays (清理无主附件) takes away the blobs of the viewer's city that no row refers to: their uploads were cut off.
func (s *Service) RemoveStrays(ctx context.Context) (removed int, err error) {
	var page []string
	look := func() error {
		strays, err := s.strays(ctx, page)
		for _, name := range strays {
			if err == nil {
				err = s.files.Remove(ctx, name)
				removed++
			}
		}
		page = page[:0]
		return err
	}
	err = s.files.Each(ctx, tenants.From(ctx).Tenant+"/", store.Moment(ctx).Add(-strayAfter), func(name string) error {
		if page = append(page, name); len(page) < 500 {
			return nil
		}
		return look()
	})
	if err == nil {
		err = look()
	}
	return removed, err
}

// strays are those of the blobs that no attachment has.
func (s *Service) strays(ctx context.Context, names []string) (out []string, err error) {
	ids := map[uuid.UUID]string{}
	for _, name := range names {
		if id, err := uuid.Parse(name[strings.LastIndexByte(name, '/')+1:]); err == nil { // anything else is not ours
			ids[id] = name
		}
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.ent().Attachment.Query().Where(attachment.IDIn(slices.Collect(maps.Keys(ids))...)).IDs(ctx)
		if err != nil {
			return fmt.Errorf("attachments: %w", err)
		}
		for _, id := range rows {
			delete(ids, id)
		}
		return nil
	})
	return slices.Collect(maps.Values(ids)), err
}

// GetAttachment (查看附件) opens a file. A file can't be shown masked, so every opening is a look in the clear: it has its line in
// the read ledger before anything is given out.
func (s *Service) GetAttachment(ctx context.Context, in *pb.GetAttachmentRequest) (*pb.AttachmentContent, error) {
	var blob, bound, key, digest string
	err := s.db.View(ctx, func(ctx context.Context) error {
		o := opening{s: s}
		if err := o.find(ctx, in); err != nil {
			return err
		}
		if !o.file.Here {
			return refused("FILE_ON_ITS_WAY", "附件正在从转出城市传来，请稍后再试。")
		}
		var err error
		blob, digest = blobOf(o.a.order, o.file.ID), o.file.Digest
		if bound = o.file.Source; bound == "" {
			bound = blob
		}
		key, err = o.a.keys.Secret(o.file.Secret, secretRow(o.file.ID))
		return err
	})
	if err != nil {
		return nil, err
	}
	content, err := s.files.Get(ctx, blob, bound, key, digest)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", in.GetName(), err)
	}
	out := &pb.AttachmentContent{Content: content}
	err = s.again(ctx, func(ctx context.Context) error {
		o := opening{s: s}
		if err := o.find(ctx, in); err != nil {
			return err
		}
		return o.record(ctx, in.GetReason(), out)
	})
	if err != nil {
		return nil, err
	}
	return out, nil
}

// opening is one look at one file in one transaction.
type opening struct {
	s    *Service
	a    *act
	r    *privacy.Reader
	file *ent.Attachment
}

// find loads the file if the viewer may open it.
func (o *opening) find(ctx context.Context, in *pb.GetAttachmentRequest) (err error) {
	if o.a, err = o.s.open(ctx, "open_attachment"); err != nil {
		return err
	}
	order, id, _ := strings.Cut(in.GetName(), "/attachments/")
	if o.a.order, err = o.s.find(ctx, numberOf(order), "open_attachment"); err != nil {
		return err
	}
	row, err := uuid.Parse(id)
	if err != nil {
		return notFound()
	}
	o.file, err = o.s.ent().Attachment.Query().Where(attachment.ID(row), attachment.WorkOrderID(o.a.order.ID)).First(ctx)
	if ent.IsNotFound(err) {
		return notFound()
	}
	if err != nil {
		return fmt.Errorf("attachment of %s: %w", o.a.order.Number, err)
	}
	if o.r, _, err = o.s.reader(ctx, o.a.keys, o.a.rules, o.a.order, privacy.Detail); err != nil {
		return err
	}
	if err := o.may(ctx); err != nil {
		return err
	}
	if needsReason(o.r, o.a.order, o.file) && utf8.RuneCountInString(strings.TrimSpace(in.GetReason())) < 4 {
		return invalid("reason", "请填写查看附件的理由，至少 4 个字，诉求人能看到。")
	}
	return nil
}

// may holds the file to the city's privacy rules. What a unit made itself tells nobody's identity; what came from the citizen may.
func (o *opening) may(ctx context.Context) error {
	rules, roles, confidential := o.r.Policy, o.r.Roles, o.a.order.Confidential
	sight := rules.Sight(roles, privacy.Text, o.r.Situation, confidential)
	switch {
	case sight == privacy.Hide:
		return refused("NOT_OPENABLE", "按本市隐私规则，您的岗位不能查看附件。")
	case fromUnit(o.file):
		return nil
	case o.s.briefed(ctx, o.r, o.a.order):
		return refused("NOT_OPENABLE", "这张工单以摘要代替原文，诉求人的附件不向承办单位开放。如确需查看，请联系热线。")
	case confidential && sight != privacy.Clear && !rules.MayReveal(roles, privacy.Text, true):
		return refused("NOT_OPENABLE", "保密工单，诉求人的附件可能透露其身份，您的岗位不能查看。如确需查看，请联系热线。")
	}
	return nil
}

// record writes the ledger's line and says what the file is.
func (o *opening) record(ctx context.Context, reason string, out *pb.AttachmentContent) (err error) {
	reason = strings.TrimSpace(reason)
	if err := o.a.clean(&reason); err != nil {
		return err
	}
	look := privacy.Look{Row: rowOf(o.file.ID), Fields: []string{"attachment"}, Situation: o.r.Situation, Reason: reason}
	if err := o.s.read(ctx, o.a.keys, o.a.order, look, o.a.now, nil); err != nil {
		return err
	}
	out.Watermark = watermark(ctx, o.a.order.Number, o.a.now)
	out.Attachment, err = o.s.renderAttachment(ctx, o.r, o.a.order, o.file)
	return err
}

func fromUnit(f *ent.Attachment) bool { return f.Unit != "" }

// needsReason: what came from the citizen may show what is masked in their words, so opening it is asked like revealing those.
func needsReason(r *privacy.Reader, o *ent.WorkOrder, f *ent.Attachment) bool {
	return !fromUnit(f) && r.Policy.Sight(r.Roles, privacy.Text, r.Situation, o.Confidential) != privacy.Clear
}
