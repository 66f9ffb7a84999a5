package vault

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/go-kratos/kratos/v2/errors"

	"hotline/ent/datakey"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
	"hotline/tenants/privacy"
	"hotline/tenants/vault/lately"
)

const (
	beijing  = "110000"
	shanghai = "310000"
)

func in(code string) context.Context {
	return tenants.With(context.Background(), tenants.System(code))
}

// open makes a vault on which time passes only when the test says so, and the rows of two cities.
func open(t *testing.T, s *store.Store, m *privacy.Master) (*Vault, *time.Time) {
	t.Helper()
	v := New(s, m)
	now := time.Now()
	v.kept.Now = func() time.Time { return now }
	for _, code := range []string{beijing, shanghai} {
		err := s.Do(in(code), func(ctx context.Context) error {
			return s.Ent.City.Create().SetCode(code).SetTitle(code).Exec(ctx)
		})
		must(t, err)
		must(t, v.Create(in(code), privacy.SM))
	}
	return v, &now
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func keyring(t *testing.T, v *Vault, code string) *privacy.Keyring {
	t.Helper()
	k, err := v.Keyring(in(code))
	must(t, err)
	return k
}

// readable says whether the city can read the phone that was sealed for the row.
func readable(k *privacy.Keyring, p privacy.Personal) error {
	r := privacy.Reader{Keys: k, Policy: privacy.DefaultPolicy(), Situation: privacy.Detail,
		Ledger: func(context.Context, privacy.Look) error { return nil }}
	_, err := r.Open(context.Background(), "row", "测试", privacy.Field{Name: "phone", Data: p})
	return err
}

func sealed(t *testing.T, k *privacy.Keyring) privacy.Personal {
	t.Helper()
	p, err := k.Seal(privacy.Phone, "row", "13800000000")
	must(t, err)
	return p
}

func TestEachCityHasKeysOfItsOwn(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m, _ := privacy.NewMaster()
		v, _ := open(t, s, m)
		p := sealed(t, keyring(t, v, beijing))
		must(t, readable(keyring(t, v, beijing), p))
		if readable(keyring(t, v, shanghai), p) == nil {
			t.Error("Shanghai reads what Beijing sealed")
		}
		if keyring(t, v, beijing).Suite() != privacy.SM {
			t.Error("the suite was not kept")
		}
		if err := v.Create(in(beijing), privacy.AES); errors.Reason(err) != "KEYS_EXIST" {
			t.Errorf("a second Create says %v", err)
		}
		if _, err := v.Keyring(in("999999")); !errors.IsNotFound(err) {
			t.Errorf("a city that isn't there: %v", err)
		}
		if err := v.Create(in("999999"), privacy.AES); !errors.IsNotFound(err) {
			t.Errorf("keys for a city that isn't there: %v", err)
		}
		if _, err := v.Keyring(context.Background()); err == nil {
			t.Error("a keyring without a city")
		}
	})
}

func TestRotationIsSeenAtOnceHereAndWithinTwoSecondsElsewhere(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m, _ := privacy.NewMaster()
		here, _ := open(t, s, m)
		there := New(s, m)
		now := time.Now()
		there.kept.Now = func() time.Time { return now }
		old := sealed(t, keyring(t, there, beijing))

		generation, err := here.Rotate(in(beijing))
		must(t, err)
		if generation != 2 || keyring(t, here, beijing).Current() != 2 {
			t.Errorf("generation %d, here %d", generation, keyring(t, here, beijing).Current())
		}
		if keyring(t, there, beijing).Current() != 1 {
			t.Error("the other replica asked the database before its copy was old")
		}
		now = now.Add(lately.Age)
		if k := keyring(t, there, beijing); k.Current() != 2 || readable(k, old) != nil {
			t.Error("the other replica did not learn of the rotation, or lost the old key")
		}
		if keyring(t, here, shanghai).Current() != 1 {
			t.Error("Beijing's rotation touched Shanghai")
		}
		same := keyring(t, there, beijing)
		now = now.Add(lately.Age)
		if keyring(t, there, beijing) != same {
			t.Error("unchanged keys were unwrapped again")
		}
	})
}

func TestARotationThatRollsBackNeverHappened(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m, _ := privacy.NewMaster()
		v, now := open(t, s, m)
		err := s.Do(in(beijing), func(ctx context.Context) error {
			if _, err := v.Rotate(ctx); err != nil {
				return err
			}
			*now = now.Add(time.Hour) // the copy is old, so the transaction reads its own rotation
			if k, err := v.Keyring(ctx); err != nil || k.Current() != 2 {
				t.Errorf("inside: %v, %v", k, err)
			}
			return context.Canceled
		})
		if err == nil {
			t.Fatal("committed")
		}
		if keyring(t, v, beijing).Current() != 1 {
			t.Error("keys that were rolled back are in use: what they seal is lost")
		}
	})
}

func TestAnOldKeyIsDroppedAndNeverTheCurrentOne(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m, _ := privacy.NewMaster()
		v, _ := open(t, s, m)
		p := sealed(t, keyring(t, v, beijing))
		_, err := v.Rotate(in(beijing))
		must(t, err)
		if err := v.Drop(in(beijing), 2); errors.Reason(err) != "KEY_IN_USE" {
			t.Errorf("dropping the current key: %v", err)
		}
		must(t, v.Drop(in(beijing), 1))
		if readable(keyring(t, v, beijing), p) == nil {
			t.Error("the dropped key still opens")
		}
		if err := v.Drop(in(beijing), 1); !errors.IsNotFound(err) {
			t.Errorf("dropping twice: %v", err)
		}
	})
}

func TestTheMasterChangesCityByCity(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		first, _ := privacy.NewMaster()
		second, _ := privacy.NewMaster()
		v, _ := open(t, s, first)
		p := sealed(t, keyring(t, v, beijing))
		must(t, v.Rewrap(in(beijing), second))
		must(t, v.Rewrap(in(beijing), second)) // again: nothing to do
		must(t, readable(keyring(t, v, beijing), p))
		keyring(t, v, shanghai) // still under the first
		generation, err := v.Rotate(in(beijing))
		must(t, err)
		if generation != 2 {
			t.Errorf("generation %d", generation)
		}

		onlySecond := New(s, second)
		must(t, readable(keyring(t, onlySecond, beijing), p))
		if _, err := onlySecond.Keyring(in(shanghai)); errors.Reason(err) != "MASTER_KEY_MISSING" {
			t.Errorf("a city under a master that isn't there: %v", err)
		}
		keyring(t, New(s, second, first), shanghai)
	})
}

func TestAShreddedCityIsUnreadableForEver(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m, _ := privacy.NewMaster()
		v, now := open(t, s, m)
		elsewhere := New(s, m)
		keyring(t, elsewhere, beijing)
		p := sealed(t, keyring(t, v, beijing))
		must(t, v.Shred(in(beijing)))

		_, err := v.Keyring(in(beijing))
		if errors.Reason(err) != "CITY_SHREDDED" || !strings.Contains(err.Error(), "销毁") {
			t.Errorf("a shredded city's keyring: %v", err)
		}
		elsewhere.kept.Now = func() time.Time { return now.Add(time.Hour) }
		if _, err := elsewhere.Keyring(in(beijing)); errors.Reason(err) != "CITY_SHREDDED" {
			t.Errorf("another replica: %v", err)
		}
		if err := v.Create(in(beijing), privacy.SM); errors.Reason(err) != "CITY_SHREDDED" {
			t.Errorf("new keys for a shredded city: %v", err)
		}
		if err := v.Shred(in(beijing)); errors.Reason(err) != "CITY_SHREDDED" {
			t.Errorf("shredding twice: %v", err)
		}
		for name, err := range map[string]error{"rewrap": v.Rewrap(in(beijing), m), "drop": v.Drop(in(beijing), 1)} {
			if errors.Reason(err) != "CITY_SHREDDED" {
				t.Errorf("%s: %v", name, err)
			}
		}
		if k, err := privacy.NewKeyring(beijing, privacy.SM); err != nil || readable(k, p) == nil {
			t.Errorf("keys made anew read old data, %v", err)
		}
		must(t, s.View(in(beijing), func(ctx context.Context) error {
			n, err := s.Ent.DataKey.Query().Where(datakey.GenerationGTE(0)).Count(ctx)
			if n != 0 {
				t.Errorf("%d keys left", n)
			}
			return err
		}))
		keyring(t, v, shanghai)
	})
}

func TestOfTwoRotationsAtOnceOneWinsOrBothFollow(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		m, _ := privacy.NewMaster()
		v, _ := open(t, s, m)
		done := make(chan error, 4)
		for range cap(done) {
			go func() {
				_, err := v.Rotate(in(beijing))
				done <- err
			}()
		}
		won := 0
		for range cap(done) {
			switch err := <-done; {
			case err == nil:
				won++
			case errors.Reason(err) != "CONFLICT":
				t.Errorf("rotation: %v", err)
			}
		}
		if k := keyring(t, v, beijing); k.Current() != 1+won || won == 0 {
			t.Errorf("%d rotations took place and the generation is %d", won, k.Current())
		}
	})
}
