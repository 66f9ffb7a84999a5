package policy

import (
	"context"
	"fmt"

	privacypb "hotline/api/privacy"
	tenantv1 "hotline/api/tenant/v1"
	"hotline/tenants/policy/fault"
	"hotline/tenants/privacy"
)

// sampleRow is the row under which the fictional order is sealed; it is never stored.
const sampleRow = "sample"

// sample is the fictional order (示例工单) of the preview: nobody's name, number or door.
var sample = []struct {
	name  string
	class privacy.Class
	plain string
}{
	{"petitioner.name", privacy.Name, "欧阳示例"},
	{"petitioner.phone", privacy.Phone, "13800000000"},
	{"petitioner.id_number", privacy.IDNumber, "110101190001010000"},
	{"petitioner.address", privacy.Address, "示例市示例区幸福路1号院2号楼303室"},
	{"petitioner.email", privacy.Email, "sample@example.com"},
	{"words", privacy.Text, "我叫欧阳示例，住幸福路1号院2号楼303室，楼下饭店半夜排烟，请回我电话13800000000。"},
	{"location", privacy.Text, "幸福路1号院南门"},
	{"recording", privacy.Recording, "sample.wav"},
}

// PreviewPrivacyPolicy (以岗位查看) shows the fictional order to one role by the matrix in force and by one that is not saved yet. It
// goes the road of every real order, so that what the administrator sees is what that role will see; the ledger is not written,
// for nobody's data is shown.
func (b *Book) PreviewPrivacyPolicy(ctx context.Context, req *tenantv1.PreviewPrivacyPolicyRequest) (*tenantv1.PreviewPrivacyPolicyResponse, error) {
	if err := own(ctx, req.GetName()); err != nil {
		return nil, err
	}
	if err := checked(fault.Check(req, "")); err != nil {
		return nil, err
	}
	proposed, err := parseMatrix(req.GetMatrix())
	if err != nil {
		return nil, err
	}
	at, err := privacy.ParseSituation(req.GetSituation())
	if err != nil {
		return nil, fault.One("situation", "%s", err.Error())
	}
	keys, err := b.vault.Keyring(ctx)
	if err != nil {
		return nil, err
	}
	rules, err := b.InForce(ctx)
	if err != nil {
		return nil, err
	}
	fields := make([]privacy.Field, len(sample))
	for i, f := range sample {
		data, err := keys.Seal(f.class, sampleRow, f.plain)
		if err != nil {
			return nil, fmt.Errorf("preview: %w", err)
		}
		fields[i] = privacy.Field{Name: f.name, Data: data}
	}
	look := func(p *privacy.Policy) ([]privacy.Shown, error) {
		r := &privacy.Reader{Keys: keys, Policy: p, Roles: []string{req.GetRole()}, Situation: at,
			Ledger: func(context.Context, privacy.Look) error { return nil }}
		return r.Show(ctx, sampleRow, req.GetConfidential(), fields...)
	}
	now, err := look(rules.Privacy)
	if err != nil {
		return nil, err
	}
	then, err := look(proposed)
	if err != nil {
		return nil, err
	}
	out := &tenantv1.PreviewPrivacyPolicyResponse{}
	for i, f := range sample {
		out.Fields = append(out.Fields, &tenantv1.PreviewedField{Field: f.name, Now: shownOf(now[i]), Proposed: shownOf(then[i])})
	}
	return out, nil
}

func shownOf(s privacy.Shown) *privacypb.Shown {
	return &privacypb.Shown{Text: s.Text, Why: s.Why, Askable: s.Askable,
		Sight: [...]privacypb.Sight{privacy.Hide: privacypb.Sight_HIDDEN, privacy.Mask: privacypb.Sight_MASKED, privacy.Clear: privacypb.Sight_CLEAR}[s.Sight]}
}
