package policy

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
	"google.golang.org/protobuf/types/known/timestamppb"

	tenantv1 "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/tenants"
	"hotline/tenants/policy/fault"
	"hotline/tenants/privacy"
)

// GetPolicy (查看城市规则) gives the rules in force, or an earlier version.
func (b *Book) GetPolicy(ctx context.Context, req *tenantv1.GetPolicyRequest) (*tenantv1.PolicyVersion, error) {
	if err := own(ctx, req.GetName()); err != nil {
		return nil, err
	}
	r, err := b.read(ctx, kindPolicy, int(req.GetVersion()))
	if errors.IsNotFound(err) && req.GetVersion() == 0 {
		return &tenantv1.PolicyVersion{Name: req.GetName(), Policy: Default()}, nil
	}
	if err != nil {
		return nil, err
	}
	return renderPolicy(r)
}

func (b *Book) read(ctx context.Context, kind string, version int) (r *ent.Rulebook, err error) {
	err = b.db.View(ctx, func(ctx context.Context) (err error) {
		r, err = b.version(ctx, kind, version)
		return err
	})
	return r, err
}

// PutPolicy (修改城市规则) writes the next version.
func (b *Book) PutPolicy(ctx context.Context, req *tenantv1.PutPolicyRequest) (*tenantv1.PolicyVersion, error) {
	if err := own(ctx, req.GetName()); err != nil {
		return nil, err
	}
	if err := b.sound(ctx, req.GetPolicy()); err != nil {
		return nil, err
	}
	if err := checked(fault.Check(req, "")); err != nil {
		return nil, err
	}
	body, err := protojson.Marshal(req.GetPolicy())
	if err != nil {
		return nil, fmt.Errorf("policy: %w", err)
	}
	var r *ent.Rulebook
	err = b.db.Do(ctx, func(ctx context.Context) error {
		before, err := b.InForce(ctx)
		if err != nil {
			return err
		}
		if r, err = b.next(ctx, kindPolicy, int(req.GetBaseVersion()), body, req.GetReason()); err != nil {
			return err
		}
		same := slices.EqualFunc(before.Policy.GetDays(), req.GetPolicy().GetDays(), func(x, y *tenantv1.CityDay) bool { return proto.Equal(x, y) })
		if same || b.AfterDays == nil {
			return nil
		}
		return b.AfterDays(ctx)
	})
	if err != nil {
		return nil, err
	}
	return renderPolicy(r)
}

func (b *Book) put(ctx context.Context, kind string, base int32, body []byte, reason string) (r *ent.Rulebook, err error) {
	err = b.db.Do(ctx, func(ctx context.Context) (err error) {
		r, err = b.next(ctx, kind, int(base), body, reason)
		return err
	})
	return r, err
}

func renderPolicy(r *ent.Rulebook) (*tenantv1.PolicyVersion, error) {
	p := &tenantv1.Policy{}
	if err := (protojson.UnmarshalOptions{DiscardUnknown: true}).Unmarshal([]byte(r.Body), p); err != nil {
		return nil, fmt.Errorf("policy %d: %w", r.Version, err)
	}
	return &tenantv1.PolicyVersion{Name: "tenants/" + r.Tenant + "/policy", Version: int32(r.Version), Policy: p,
		CreateTime: timestamppb.New(r.CreatedAt), Author: r.Author, Reason: r.Reason}, nil
}

// GetPrivacyPolicy (查看隐私矩阵) gives the matrix in force, or an earlier version.
func (b *Book) GetPrivacyPolicy(ctx context.Context, req *tenantv1.GetPrivacyPolicyRequest) (*tenantv1.PrivacyPolicyVersion, error) {
	if err := own(ctx, req.GetName()); err != nil {
		return nil, err
	}
	r, err := b.read(ctx, kindPrivacy, int(req.GetVersion()))
	if errors.IsNotFound(err) && req.GetVersion() == 0 {
		body, err := privacy.DefaultPolicy().MarshalJSON()
		if err != nil {
			return nil, fmt.Errorf("privacy policy: %w", err)
		}
		return renderPrivacy(&ent.Rulebook{Tenant: tenants.From(ctx).Tenant, Body: string(body)})
	}
	if err != nil {
		return nil, err
	}
	return renderPrivacy(r)
}

// PutPrivacyPolicy (修改隐私矩阵) writes the next version; what would loosen a national floor (底线) is refused.
func (b *Book) PutPrivacyPolicy(ctx context.Context, req *tenantv1.PutPrivacyPolicyRequest) (*tenantv1.PrivacyPolicyVersion, error) {
	if err := own(ctx, req.GetName()); err != nil {
		return nil, err
	}
	if err := checked(fault.Check(req, "")); err != nil {
		return nil, err
	}
	parsed, err := parseMatrix(req.GetMatrix())
	if err != nil {
		return nil, err
	}
	body, err := parsed.MarshalJSON() // in its stable order, not as it was sent
	if err != nil {
		return nil, fmt.Errorf("privacy policy: %w", err)
	}
	r, err := b.put(ctx, kindPrivacy, req.GetBaseVersion(), body, req.GetReason())
	if err != nil {
		return nil, err
	}
	return renderPrivacy(r)
}

// parseMatrix reads a matrix as it was sent; what would loosen a national floor (底线) is refused.
func parseMatrix(matrix *structpb.Struct) (*privacy.Policy, error) {
	text, err := matrix.MarshalJSON()
	if err != nil {
		return nil, fault.One("matrix", "不是有效的 JSON 对象，请按示例填写。")
	}
	parsed, err := privacy.ParsePolicy(text)
	if err != nil {
		return nil, fault.One("matrix", "%s", err.Error())
	}
	return parsed, nil
}

func renderPrivacy(r *ent.Rulebook) (*tenantv1.PrivacyPolicyVersion, error) {
	matrix := &structpb.Struct{}
	if err := matrix.UnmarshalJSON([]byte(r.Body)); err != nil {
		return nil, fmt.Errorf("privacy policy %d: %w", r.Version, err)
	}
	v := &tenantv1.PrivacyPolicyVersion{Name: "tenants/" + r.Tenant + "/privacyPolicy", Version: int32(r.Version),
		Matrix: matrix, Author: r.Author, Reason: r.Reason}
	if !r.CreatedAt.IsZero() { // the national default was never written
		v.CreateTime = timestamppb.New(r.CreatedAt)
	}
	return v, nil
}

// RotateKeys (更换密钥) makes a new data key, says so in the record, and queues the moving of what the old one sealed, all in
// one transaction.
func (b *Book) RotateKeys(ctx context.Context, req *tenantv1.RotateKeysRequest) (*tenantv1.RotateKeysResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	if err := checked(fault.Check(req, "")); err != nil {
		return nil, err
	}
	res := &tenantv1.RotateKeysResponse{}
	err := b.db.Do(ctx, func(ctx context.Context) error {
		generation, err := b.vault.Rotate(ctx)
		if err != nil {
			return err
		}
		res.Generation = int32(generation)
		err = b.rec.Write(ctx, "key.rotate", fmt.Sprintf("更换为第 %d 代数据密钥：%s", generation, req.GetReason()))
		if err != nil || b.AfterRotate == nil {
			return err
		}
		return b.AfterRotate(ctx)
	})
	if err != nil {
		return nil, err
	}
	return res, nil
}

const defaultPage = 50

// ListRecords (管理留痕) gives the lines of the city's record, the newest first.
func (b *Book) ListRecords(ctx context.Context, req *tenantv1.ListRecordsRequest) (*tenantv1.ListRecordsResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	if err := checked(fault.Check(req, "")); err != nil {
		return nil, err
	}
	before := 0
	if t := req.GetPageToken(); t != "" {
		var err error
		if before, err = strconv.Atoi(t); err != nil || before < 1 {
			return nil, fault.One("page_token", "翻页标记无效，请从第一页开始。")
		}
	}
	size := int(req.GetPageSize())
	if size == 0 {
		size = defaultPage
	}
	lines, err := b.rec.List(ctx, before, size+1)
	if err != nil {
		return nil, err
	}
	res := &tenantv1.ListRecordsResponse{}
	if len(lines) > size {
		lines = lines[:size]
		res.NextPageToken = strconv.Itoa(lines[size-1].Seq)
	}
	for _, l := range lines {
		res.Records = append(res.Records, &tenantv1.Record{Seq: int32(l.Seq), Act: l.Act, Actor: l.Actor, Summary: l.Summary,
			CreateTime: timestamppb.New(l.CreatedAt)})
	}
	return res, nil
}

func checked(f *fault.Faults, err error) error {
	if err != nil {
		return err
	}
	return f.Err()
}
