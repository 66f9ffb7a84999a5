// Package policy is a city's rules as versioned data (城市规则): the limits that the national flow leaves to the city, and the
// privacy matrix. A city tunes data, never code. See DESIGN.md.
package policy

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/encoding/protojson"

	tenantv1 "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/ent/rulebook"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/calendar"
	"hotline/tenants/privacy"
	"hotline/tenants/record"
	"hotline/tenants/vault"
	"hotline/tenants/vault/lately"
)

// The kinds of rulebooks.
const (
	kindPolicy  = "policy"
	kindPrivacy = "privacy"
)

// Book serves the rulebooks of all cities.
type Book struct {
	tenantv1.UnimplementedRulebooksServer

	// AfterRotate, when set, runs in the transaction that changed the keys, to queue the moving of sealed data.
	AfterRotate func(ctx context.Context) error
	// AfterDays, when set, runs in the transaction that changed the city's own days, to queue the working out of due moments.
	AfterDays func(ctx context.Context) error

	db    *store.Store
	vault *vault.Vault
	rec   *record.Record
	kept  *lately.Kept[*InForce]
}

// New opens the book.
func New(db *store.Store, v *vault.Vault, rec *record.Record) *Book {
	b := &Book{db: db, vault: v, rec: rec}
	b.kept = lately.Keep(db, b.mark, b.load)
	return b
}

// InForce (现行规则) is what holds in a city now. It is shared and must not be changed.
type InForce struct {
	Version        int // 0 while the city has stated nothing and the defaults hold
	Policy         *tenantv1.Policy
	Calendar       *calendar.Calendar
	Privacy        *privacy.Policy
	PrivacyVersion int

	spans map[string]calendar.Span // by path of the field
}

// InForce gives the rules in force in the viewer's city.
func (b *Book) InForce(ctx context.Context) (*InForce, error) { return b.kept.Get(ctx) }

func (b *Book) mark(ctx context.Context) (string, error) {
	policy, err := b.latest(ctx, kindPolicy)
	if err != nil {
		return "", err
	}
	matrix, err := b.latest(ctx, kindPrivacy)
	if err != nil {
		return "", err
	}
	years, err := b.yearsMark(ctx)
	return fmt.Sprint(policy, " ", matrix, " ", years), err
}

func (b *Book) load(ctx context.Context) (*InForce, error) {
	policy, err := b.version(ctx, kindPolicy, 0)
	if err != nil && !errors.IsNotFound(err) {
		return nil, err
	}
	nation, err := b.Nation(ctx)
	if err != nil {
		return nil, err
	}
	f, err := inForce(Default(), nation)
	if policy != nil {
		p := &tenantv1.Policy{}
		if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal([]byte(policy.Body), p); err != nil {
			return nil, fmt.Errorf("policy %d: %w", policy.Version, err)
		}
		if f, err = inForce(p, nation); err == nil {
			f.Version = policy.Version
		}
	}
	if err != nil {
		return nil, err
	}
	matrix, err := b.version(ctx, kindPrivacy, 0)
	if errors.IsNotFound(err) {
		f.Privacy = privacy.DefaultPolicy()
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if f.Privacy, err = privacy.ParsePolicy([]byte(matrix.Body)); err != nil {
		return nil, fmt.Errorf("privacy policy %d: %w", matrix.Version, err)
	}
	f.PrivacyVersion = matrix.Version
	return f, nil
}

// latest is the number of the last version; 0 before the first.
func (b *Book) latest(ctx context.Context, kind string) (int, error) {
	r, err := b.db.Ent.Rulebook.Query().Where(rulebook.Kind(kind)).Order(ent.Desc(rulebook.FieldVersion)).
		Select(rulebook.FieldVersion).First(ctx)
	if ent.IsNotFound(err) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("rulebook %s: %w", kind, err)
	}
	return r.Version, nil
}

// version reads one version, the last one for 0.
func (b *Book) version(ctx context.Context, kind string, version int) (*ent.Rulebook, error) {
	q := b.db.Ent.Rulebook.Query().Where(rulebook.Kind(kind)).Order(ent.Desc(rulebook.FieldVersion))
	if version > 0 {
		q = q.Where(rulebook.Version(version))
	}
	r, err := q.First(ctx)
	if ent.IsNotFound(err) {
		return nil, errors.NotFound("NOT_FOUND", "没有这一版规则，请先查看现行版本。")
	}
	if err != nil {
		return nil, fmt.Errorf("rulebook %s: %w", kind, err)
	}
	return r, nil
}

// next writes the version after base, if base still is the last one.
func (b *Book) next(ctx context.Context, kind string, base int, body []byte, reason string) (*ent.Rulebook, error) {
	last, err := b.latest(ctx, kind)
	if err != nil {
		return nil, err
	}
	if last != base {
		return nil, faster(last)
	}
	r, err := b.db.Ent.Rulebook.Create().SetKind(kind).SetVersion(base + 1).SetBody(string(body)).
		SetAuthor(tenants.From(ctx).Login).SetReason(reason).SetCreatedAt(store.Now(ctx)).Save(ctx)
	if ent.IsConstraintError(err) {
		return nil, faster(base + 1)
	}
	if err != nil {
		return nil, fmt.Errorf("rulebook %s: %w", kind, err)
	}
	title := map[string]string{kindPolicy: "城市规则", kindPrivacy: "隐私矩阵"}[kind]
	err = b.rec.Write(ctx, kind+".edit", fmt.Sprintf("%s改为第 %d 版：%s", title, r.Version, reason))
	if err != nil {
		return nil, err
	}
	b.kept.Drop(ctx)
	return r, nil
}

func faster(last int) error {
	return errors.Conflict("VERSION_CHANGED",
		fmt.Sprintf("规则已被他人改为第 %d 版，请在新版上重新修改。", last))
}

// Found (开通) writes the first version of both rulebooks of a new city.
func (b *Book) Found(ctx context.Context, p *tenantv1.Policy, matrix *privacy.Policy) error {
	if err := b.sound(ctx, p); err != nil {
		return err
	}
	body, err := protojson.Marshal(p)
	if err != nil {
		return fmt.Errorf("policy: %w", err)
	}
	rules, err := matrix.MarshalJSON()
	if err != nil {
		return fmt.Errorf("privacy policy: %w", err)
	}
	return b.db.Do(ctx, func(ctx context.Context) error {
		if _, err := b.next(ctx, kindPolicy, 0, body, "开通"); err != nil {
			return err
		}
		_, err := b.next(ctx, kindPrivacy, 0, rules, "开通")
		return err
	})
}

// sound is Validate with all years that are known now.
func (b *Book) sound(ctx context.Context, p *tenantv1.Policy) error {
	nation, err := b.Nation(ctx)
	if err != nil {
		return err
	}
	return Validate(p, "policy", nation)
}

// own refuses a name of another city as if it did not exist.
func own(ctx context.Context, name string) error {
	code, _, _ := strings.Cut(strings.TrimPrefix(name, "tenants/"), "/")
	if v := tenants.From(ctx); v == nil || v.Tenant == "" || v.Tenant != code {
		return errors.NotFound("NOT_FOUND", "没有找到，或不在您可见的范围内。")
	}
	return nil
}
