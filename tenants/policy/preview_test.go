package policy

import (
	"testing"

	"google.golang.org/protobuf/types/known/structpb"

	privacypb "hotline/api/privacy"
	tenantv1 "hotline/api/tenant/v1"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants/privacy"
)

func TestAMatrixIsSeenWithARolesEyesBeforeItIsSaved(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		b := open(t, s)
		look := func(matrix map[string]any, role, at string, confidential bool) (map[string]*tenantv1.PreviewedField, error) {
			m, err := structpb.NewStruct(matrix)
			must(t, err)
			out, err := b.PreviewPrivacyPolicy(in(beijing), &tenantv1.PreviewPrivacyPolicyRequest{Name: "tenants/" + beijing + "/privacyPolicy",
				Matrix: m, Role: role, Situation: at, Confidential: confidential})
			fields := map[string]*tenantv1.PreviewedField{}
			for _, f := range out.GetFields() {
				fields[f.GetField()] = f
			}
			return fields, err
		}
		// Nothing stated: the handler sees nothing of what they see masked today.
		fields, err := look(map[string]any{}, "handler", "detail", false)
		must(t, err)
		phone := fields["petitioner.phone"]
		if phone.GetNow().GetText() != "138****0000" || phone.GetProposed().GetSight() != privacypb.Sight_HIDDEN || phone.GetProposed().GetText() != "" {
			t.Errorf("the phone: %v", phone)
		}
		clear := map[string]any{"sight": map[string]any{"handler": map[string]any{"detail": map[string]any{"phone": "mask", "text": "mask"}}}}
		fields, err = look(clear, "handler", "detail", false)
		must(t, err)
		if words := fields["words"].GetProposed().GetText(); words == "" || len(privacy.Find(words)) > 0 {
			t.Errorf("the words: %q", words)
		}
		fields, err = look(clear, "handler", "detail", true)
		must(t, err)
		if got := fields["petitioner.phone"].GetProposed().GetSight(); got != privacypb.Sight_HIDDEN {
			t.Errorf("of a confidential order the phone is %v", got)
		}
		// What no city may loosen is refused before it is seen.
		if _, err := look(map[string]any{"sight": map[string]any{"city_admin": map[string]any{"detail": map[string]any{"phone": "clear"}}}}, "city_admin", "detail", false); err == nil {
			t.Error("a matrix below the floor was shown")
		}
		if _, err := look(map[string]any{}, "handler", "elsewhere", false); err == nil {
			t.Error("a situation that is none was shown")
		}
		// Nothing was saved.
		got, err := b.GetPrivacyPolicy(in(beijing), &tenantv1.GetPrivacyPolicyRequest{Name: "tenants/" + beijing + "/privacyPolicy"})
		must(t, err)
		if got.GetVersion() != 1 {
			t.Errorf("version %d", got.GetVersion())
		}
	})
}
