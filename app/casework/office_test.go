package casework

import (
	"testing"

	"hotline/tenants/privacy"
)

func TestOnlyAPublishedNumberMayStandInAPublicAnswer(t *testing.T) {
	for sentence, personal := range map[string]bool{
		"如有疑问请拨打咨询电话010-10000000": false,
		"值班电话：010-10000000":       false,
		"诉求人电话010-10000000":       true,
		"联系电话：010-10000000":       true,
		"咨询电话13800000000":         true, // a mobile is somebody's
	} {
		if got := len(privacy.Find(withoutOffice(sentence))) > 0; got != personal {
			t.Errorf("%s: personal %v, want %v", sentence, got, personal)
		}
	}
}
