package identity

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	kratos "github.com/go-kratos/kratos/v2/errors"

	pb "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/tenants"
)

func refreshing(token string) *pb.RefreshRequest { return &pb.RefreshRequest{RefreshToken: token} }

func (w *world) guess(ctx context.Context, login string) error {
	_, err := w.Login(ctx, &pb.LoginRequest{Login: login, Password: "guess"})
	return err
}

func TestAfterFiveFailuresAnAccountHasToWait(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		for _, login := range []string{"zhang", "nobody"} { // whether it exists can't be seen from here either
			w.now = morning
			for i := range 5 {
				w.wants(w.guess(w.from(fmt.Sprintf("10.0.0.%d", i)), login), "LOGIN_FAILED")
			}
			_, err := w.Login(w.from("10.0.0.9"), &pb.LoginRequest{Login: login, Password: secret})
			w.wants(err, "TOO_MANY_TRIES") // the right password does not help
			if e := kratos.FromError(err); e.Code != 429 || e.Metadata["retry_after"] != "1" {
				w.t.Errorf("%v", e)
			}
			for _, wait := range []string{"2", "4", "8", "16", "32", "64", "128", "256", "512"} {
				w.now = w.now.Add(longestWait / 2) // less than what makes it forget one
				w.wants(w.guess(w.ctx(), login), "LOGIN_FAILED")
				err := w.guess(w.ctx(), login)
				if got := kratos.FromError(err).Metadata["retry_after"]; got != wait {
					w.t.Errorf("wait %s, want %s", got, wait)
				}
			}
		}
	})
}

func TestTheWaitDoublesUpToAQuarterOfAnHour(t *testing.T) {
	p := patienceFor("account:zhang")
	for failures, want := range map[int]time.Duration{0: 0, 4: 0, 5: time.Second, 6: 2 * time.Second, 14: 512 * time.Second, 15: longestWait, 999: longestWait} {
		if got := p.wait(failures); got != want {
			t.Errorf("after %d failures: %v, want %v", failures, got, want)
		}
	}
	if p := patienceFor("address:10.0.0.1"); p.wait(19) != 0 || p.wait(20) != time.Second {
		t.Error("an address has twenty")
	}
	at := &ent.Throttle{Failures: 6, UpdatedAt: morning}
	for after, want := range map[time.Duration]int{0: 6, 14 * time.Minute: 6, 15 * time.Minute: 5, 2 * time.Hour: 0, -time.Hour: 6} {
		if got := p.left(at, morning.Add(after)); got != want {
			t.Errorf("after %v it remembers %d, want %d", after, got, want)
		}
	}
}

func TestASuccessForgetsTheAccountsFailures(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		for range 3 {
			for range 4 {
				w.wants(w.guess(w.ctx(), "zhang"), "LOGIN_FAILED")
			}
			w.login("zhang", "")
		}
	})
}

func TestAfterTwentyFailuresAnAddressHasToWaitForAnyAccount(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		from := w.from("10.1.1.1:4000")
		for i := range 20 {
			w.wants(w.guess(from, fmt.Sprintf("guess%d", i)), "LOGIN_FAILED")
			if i%5 == 0 { // an own account does not wash the address clean
				if _, err := w.Login(from, &pb.LoginRequest{Login: "zhang", Password: secret}); err != nil {
					w.t.Fatal(err)
				}
			}
		}
		_, err := w.Login(w.from("10.1.1.1:5000"), &pb.LoginRequest{Login: "zhang", Password: secret})
		w.wants(err, "TOO_MANY_TRIES")
		if _, err := w.Login(w.from("10.1.1.2:5000"), &pb.LoginRequest{Login: "zhang", Password: secret}); err != nil {
			w.t.Errorf("another address: %v", err)
		}
	})
}

func TestGuessesSentAtOnceAreCountedOneByOne(t *testing.T) {
	each(t, func(w *world) {
		w.staff(hangzhou, "zhang", role(tenants.Agent))
		replicas := []*Service{w.Service, w.replica(w.db)}
		var mu sync.Mutex
		got := map[string]int{}
		var wg sync.WaitGroup
		for i := range 40 {
			wg.Go(func() {
				_, err := replicas[i%2].Login(w.ctx(), &pb.LoginRequest{Login: "zhang", Password: "guess"})
				mu.Lock()
				defer mu.Unlock()
				got[kratos.Reason(err)]++
			})
		}
		wg.Wait()
		if got["LOGIN_FAILED"] != 5 || got["TOO_MANY_TRIES"] != 35 {
			w.t.Errorf("%v", got)
		}
	})
}

func TestOthersMayCountTheirOwnProofs(t *testing.T) {
	each(t, func(w *world) {
		const key = "code:33010020261123000001"
		for range 5 {
			if err := w.Throttled(w.ctx(), key); err != nil {
				w.t.Fatal(err)
			}
			if err := w.Failed(w.ctx(), key); err != nil {
				w.t.Fatal(err)
			}
		}
		w.wants(w.Throttled(w.ctx(), key), "TOO_MANY_TRIES")
		w.wants(w.Try(w.ctx(), "code:another", key), "TOO_MANY_TRIES")
		if err := w.Throttled(w.ctx(), "code:another"); err != nil {
			w.t.Error(err)
		}
		if err := w.Succeeded(w.ctx(), key); err != nil {
			w.t.Fatal(err)
		}
		for range 5 {
			if err := w.Try(w.ctx(), key, ""); err != nil {
				w.t.Fatal(err)
			}
		}
		w.wants(w.Try(w.ctx(), key), "TOO_MANY_TRIES")
	})
}

func TestTheTableKeepsNoAddressAndIsSwept(t *testing.T) {
	each(t, func(w *world) {
		w.wants(w.guess(w.from("10.1.1.1:4000"), "zhang"), "LOGIN_FAILED")
		count := func() (n int) {
			err := w.db.View(w.ctx(), func(ctx context.Context) error {
				rows, err := w.db.Ent.Throttle.Query().All(ctx)
				for _, r := range rows {
					if n++; len(r.Key) != 32 || strings.Contains(string(r.Key), "10.1") {
						w.t.Errorf("key %q", r.Key)
					}
				}
				return err
			})
			if err != nil {
				w.t.Fatal(err)
			}
			return n
		}
		if n := count(); n != 2 {
			w.t.Errorf("%d rows", n)
		}
		w.now = w.now.Add(25 * time.Hour)
		if err := w.Sweep(w.ctx()); err != nil {
			w.t.Fatal(err)
		}
		if n := count(); n != 0 {
			w.t.Errorf("%d rows stay", n)
		}
	})
}

func TestAddressesThatAreOnePersonsCountAsOne(t *testing.T) {
	for address, want := range map[string]string{
		"10.0.0.1:80": "address:10.0.0.1", "10.0.0.1": "address:10.0.0.1", "::ffff:10.0.0.1": "address:10.0.0.1",
		"[2001:db8:1:2:3::4]:80": "address:2001:db8:1:2::/64", "2001:db8:1:2::9": "address:2001:db8:1:2::/64",
		"fe80::1%eth0": "address:fe80::/64", "unix": "address:unix", "": "",
	} {
		if got := AddressKey(WithAddress(context.Background(), address)); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
	if AddressKey(context.Background()) != "" {
		t.Error("an address out of nowhere")
	}
}
