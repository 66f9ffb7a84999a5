package casework

import (
	"fmt"
	"testing"

	"hotline/tenants/privacy"
)

func TestWhoIsSampledFollowsFromTheCitysKeyAlone(t *testing.T) {
	t.Parallel()
	const orders, percent = 4000, 10
	ours, err := privacy.NewKeyring("110000", privacy.AES)
	if err != nil {
		t.Fatal(err)
	}
	others, err := privacy.NewKeyring("110000", privacy.SM)
	if err != nil {
		t.Fatal(err)
	}
	fresh, err := ours.Rotate() // an auditor looks when the data key is another
	if err != nil {
		t.Fatal(err)
	}
	sampled, both := 0, 0
	for i := range orders {
		number := fmt.Sprintf("110000202611230%09d", i)
		is := inSample(ours, number, percent)
		if is != inSample(fresh, number, percent) {
			t.Fatalf("%s is sampled before the rotation of keys or after, not both", number)
		}
		if !inSample(ours, number, 100) || inSample(ours, number, 0) {
			t.Fatalf("%s: all of a hundred or none of a hundred is neither all nor none", number)
		}
		if is {
			if sampled++; inSample(others, number, percent) {
				both++
			}
		}
	}
	// 400 and 40 are expected; the bounds are eight and six deviations away.
	if sampled < 250 || sampled > 550 || both > 80 {
		t.Errorf("%d of %d are sampled, %d of them under another key too", sampled, orders, both)
	}
}
