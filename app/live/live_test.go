package live_test

import (
	"context"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"entgo.io/ent/dialect"
	"github.com/google/uuid"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/app/house/housetest"
	"hotline/app/play"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
)

func system() context.Context { return tenants.With(context.Background(), tenants.System(city)) }

func walked(t *testing.T, town *housetest.Town, until pb.State) *play.Walk {
	t.Helper()
	r := sample(t)
	r.ID = uuid.NewString()
	w, err := town.Stage.Go(t.Context(), r, until)
	if err != nil {
		t.Fatal(err)
	}
	return w
}

func TestWhoMaySeeAnOrderHearsOfEveryActAndNobodyElse(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		desk := watch(t, town, tokenOf(t, town, "dispatcher."+city), "", "")
		unit := watch(t, town, tokenOf(t, town, handlerOf(t)), "", "")
		other := watch(t, town, tokenOf(t, town, otherUnit(t)), "", "")
		w := walked(t, town, pb.State_HANDLING)
		if c := desk.next(); c.GetKind() != pb.ChangeKind_ACT || c.GetVerb() != "intake" || c.GetWorkOrder() != w.Order.GetNumber() || c.GetId() == "" {
			t.Errorf("the desk hears first %v", c)
		}
		desk.verb("sign")
		first := unit.verb("dispatch")
		if first.GetWorkOrder() != w.Order.GetNumber() || first.GetState() != pb.State_DISPATCHED || first.GetActor() != "dispatcher."+city || first.GetDueTime() == nil {
			t.Errorf("the unit hears first %v", first)
		}
		if c := unit.next(); c.GetVerb() != "sign" || c.GetEtag() == "" || c.GetSeq() == 0 {
			t.Errorf("the unit hears then %v", c)
		}
		own := sample(t)
		own.ID = uuid.NewString()
		o, err := town.Stage.Go(t.Context(), own, pb.State_RECEIVED)
		if err != nil {
			t.Fatal(err)
		}
		unit2 := strings.ToUpper(strings.TrimSuffix(otherUnit(t), "."+city))
		dispatcher, err := town.Stage.As(t.Context(), "dispatcher."+city)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := play.Post[pb.WorkOrder](t.Context(), dispatcher, "/v1/"+o.Order.GetName()+":dispatch", &pb.DispatchRequest{Lead: unit2}); err != nil {
			t.Fatal(err)
		}
		if c := other.next(); c.GetWorkOrder() != o.Order.GetNumber() {
			t.Errorf("another unit hears %v", c)
		}
	})
}

func TestAStreamGoesOnWhereItWasCut(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		token := tokenOf(t, town, "dispatcher."+city)
		before := watch(t, town, token, "", "")
		w := walked(t, town, pb.State_DISPATCHED)
		before.verb("dispatch")
		before.stop()
		handler, err := town.Stage.As(t.Context(), handlerOf(t))
		if err != nil {
			t.Fatal(err)
		}
		if _, err := play.Post[pb.WorkOrder](t.Context(), handler, "/v1/"+w.Order.GetName()+":sign", &pb.SignRequest{}); err != nil {
			t.Fatal(err)
		}
		after := watch(t, town, token, "", before.last)
		if c := after.next(); c.GetVerb() != "sign" {
			t.Errorf("after the cut comes %v", c)
		}
		again := watch(t, town, token, "after="+after.last, "")
		if _, err := play.Post[pb.WorkOrder](t.Context(), handler, "/v1/"+w.Order.GetName()+":contact",
			&pb.ContactRequest{Reached: true, Means: "phone", Note: "已核实"}); err != nil {
			t.Fatal(err)
		}
		if c := again.next(); c.GetVerb() != "contact" {
			t.Errorf("after a cut with nothing missed comes %v", c)
		}
	})
}

func TestWhatWasForgottenIsSaidToBeLost(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		token := tokenOf(t, town, "dispatcher."+city)
		here, err := town.Casework.Here(system())
		if err != nil {
			t.Fatal(err)
		}
		old, far := here, here
		old.On = time.Now().Add(-casework.Kept)
		far.At += 1 << 40 // of a database that had come further
		for _, place := range []casework.Place{old, far} {
			r := watch(t, town, token, "", place.String())
			if c := r.next(); c.GetKind() != pb.ChangeKind_RESET || c.GetReason() != "LOST" {
				t.Errorf("from %s comes %v", place, c)
			}
			walked(t, town, pb.State_RECEIVED)
			if c := r.next(); c.GetVerb() != "intake" {
				t.Errorf("after the reset comes %v", c)
			}
		}
		if r := open(t, town, token, "after=nonsense", ""); r.status != http.StatusBadRequest {
			t.Errorf("nonsense as an id: %d", r.status)
		}
	})
}

// urge is an act of a supervisor on an order of its own for each writer.
func urge(ctx context.Context, town *housetest.Town, name string) error {
	_, err := town.Casework.Urge(ctx, &pb.UrgeUnitRequest{Name: name, Words: "请尽快办理。"})
	return err
}

func supervisor() context.Context {
	return tenants.With(context.Background(), &tenants.Viewer{Account: uuid.New(), Login: "supervisor." + city, Tenant: city,
		Posts: []tenants.Post{{Role: tenants.Supervisor}}})
}

// TestNoChangeIsLostOrDoubledHoweverManyWriteAtOnce has writers whose transactions overlap, some with a pause between their write and
// their commit, and readers on two processes, of which one is cut again and again.
func TestNoChangeIsLostOrDoubledHoweverManyWriteAtOnce(t *testing.T) {
	for name, at := range map[string]func(testing.TB) string{"SQLite": storetest.SQLiteURL, "PostgreSQL": storetest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := housetest.Open(t, at(t), t.Output())
			two := housetest.Reopen(t, one.URL, one.Master, one.Blobs, t.Output())
			const writers, each = 6, 30
			var names []string
			for range writers {
				names = append(names, walked(t, one, pb.State_RECEIVED).Order.GetName())
			}
			token := tokenOf(t, one, "dispatcher."+city)
			steady, other, cut := watch(t, one, token, "", ""), watch(t, two, token, "", ""), watch(t, two, token, "", "")
			var all sync.WaitGroup
			for n := range writers {
				all.Go(func() {
					town := []*housetest.Town{one, two}[n%2]
					for range each {
						err := town.Store.Do(supervisor(), func(ctx context.Context) error {
							err := urge(ctx, town, names[n])
							if err == nil && town.Store.Dialect() == dialect.Postgres { // who begins later may commit first
								_, err = town.Store.Ent.ExecContext(ctx, "select pg_sleep($1)", float64(n)*.002)
							}
							return err
						})
						if err != nil {
							t.Error(err)
						}
					}
				})
			}
			all.Go(func() { readAll(t, steady, writers*each, nil) })
			all.Go(func() { readAll(t, other, writers*each, nil) })
			readAll(t, cut, writers*each, func(last string) *reader { return watch(t, two, token, "", last) })
			all.Wait()
		})
	}
}

// readAll reads until so many urges came, each once and those of an order in their order; anew, when given, goes on with another stream
// after every few.
func readAll(t *testing.T, r *reader, n int, anew func(last string) *reader) {
	seen, last := 0, map[string]int32{}
	for seen < n {
		c := r.next()
		if c == nil || c.GetKind() != pb.ChangeKind_ACT && c.GetKind() != pb.ChangeKind_READY {
			t.Errorf("%v after %d", c, seen)
			return
		}
		if c.GetVerb() != "urge" {
			continue
		}
		if before := last[c.GetWorkOrder()]; before != 0 && c.GetSeq() != before+1 {
			t.Errorf("line %d of %s comes after %d", c.GetSeq(), c.GetWorkOrder(), before)
		}
		last[c.GetWorkOrder()] = c.GetSeq()
		if seen++; anew != nil && seen%17 == 0 {
			r.stop()
			r = anew(r.last)
		}
	}
}

func TestAChangeIsToldOnlyWhenNoneBeforeItCanCome(t *testing.T) {
	t.Parallel()
	town := housetest.Open(t, storetest.PostgresURL(t), t.Output())
	slow, quick := walked(t, town, pb.State_RECEIVED).Order, walked(t, town, pb.State_RECEIVED).Order
	begin, err := town.Casework.Here(system())
	if err != nil {
		t.Fatal(err)
	}
	err = town.Store.Do(supervisor(), func(ctx context.Context) error {
		if err := urge(ctx, town, slow.GetName()); err != nil {
			return err
		}
		if err := urge(supervisor(), town, quick.GetName()); err != nil { // another transaction, over before this one
			return err
		}
		if early, err := town.Casework.Changes(system(), begin, 10); err != nil || len(early) != 0 {
			t.Errorf("told while one before it was on its way: %v, %v", early, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	both, err := town.Casework.Changes(system(), begin, 10)
	if err != nil || len(both) != 2 || both[0].Number != slow.GetNumber() || both[1].Number != quick.GetNumber() {
		t.Errorf("%v, %v", both, err)
	}
}

func TestTwoPeopleOnOneOrderSeeEachOther(t *testing.T) {
	for name, at := range map[string]func(testing.TB) string{"SQLite": storetest.SQLiteURL, "PostgreSQL": storetest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			one := housetest.Open(t, at(t), t.Output())
			two := housetest.Reopen(t, one.URL, one.Master, one.Blobs, t.Output())
			w := walked(t, one, pb.State_DISPATCHED)
			on := "work_order=" + w.Order.GetNumber()
			a := watch(t, one, tokenOf(t, one, "dispatcher."+city), on, "")
			if c := a.until(pb.ChangeKind_PRESENCE); len(c.GetPresent()) != 0 {
				t.Errorf("alone, and sees %v", c.GetPresent())
			}
			b := watch(t, two, tokenOf(t, two, handlerOf(t)), on, "")
			if c := b.until(pb.ChangeKind_PRESENCE); len(c.GetPresent()) != 1 || c.GetPresent()[0].GetLogin() != "dispatcher."+city {
				t.Errorf("the second sees %v", c.GetPresent())
			}
			for {
				c := a.until(pb.ChangeKind_PRESENCE)
				if len(c.GetPresent()) == 1 && c.GetPresent()[0].GetLogin() == handlerOf(t) {
					break
				}
			}
			b.stop()
			for len(a.until(pb.ChangeKind_PRESENCE).GetPresent()) != 0 {
			}
			if r := open(t, one, tokenOf(t, one, otherUnit(t)), on, ""); r.status != http.StatusNotFound {
				t.Errorf("another unit opens the order: %d", r.status)
			}
		})
	}
}

func TestWhoWasCutOffByACrashIsNotSeenForLong(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		w := walked(t, town, pb.State_DISPATCHED)
		dispatcher := &tenants.Viewer{Account: uuid.New(), Login: "gone." + city, Tenant: city, Posts: []tenants.Post{{Role: tenants.Dispatcher}}}
		if err := town.Casework.Enter(tenants.With(context.Background(), dispatcher), uuid.New(), w.Order.GetNumber()); err != nil {
			t.Fatal(err)
		}
		seen := watch(t, town, tokenOf(t, town, "dispatcher."+city), "work_order="+w.Order.GetNumber(), "")
		if c := seen.until(pb.ChangeKind_PRESENCE); len(c.GetPresent()) != 1 {
			t.Fatalf("sees %v", c.GetPresent())
		}
		if err := town.Casework.Forget(store.At(system(), time.Now().Add(time.Minute))); err != nil {
			t.Fatal(err)
		}
		for len(seen.until(pb.ChangeKind_PRESENCE).GetPresent()) != 0 {
		}
	})
}

func TestDeadlinesComeByThemselves(t *testing.T) {
	housetest.Each(t, func(t *testing.T, town *housetest.Town) {
		w := walked(t, town, pb.State_DISPATCHED)
		desk := watch(t, town, tokenOf(t, town, "dispatcher."+city), "", "")
		late := w.Order.GetDueTime().AsTime()
		for _, c := range w.Order.GetClocks() {
			if c.GetStep() == casework.ClockReply {
				late = c.GetStartTime().AsTime().Add(c.GetDueTime().AsTime().Sub(c.GetStartTime().AsTime()) * 9 / 10)
			}
		}
		if _, err := town.Casework.Sweep(store.At(system(), late)); err != nil {
			t.Fatal(err)
		}
		if c := desk.until(pb.ChangeKind_OVERDUE); c.GetWorkOrder() != w.Order.GetNumber() || c.GetSeq() != 0 || c.GetActor() != "" {
			t.Errorf("%v", c)
		}
		if c := desk.until(pb.ChangeKind_WARNING); c.GetWorkOrder() != w.Order.GetNumber() || c.GetWarning() == 0 {
			t.Errorf("%v", c)
		}
	})
}

func TestAPersonHasOnlySoManyStreams(t *testing.T) {
	t.Parallel()
	town := housetest.Open(t, storetest.SQLiteURL(t), t.Output())
	town.Live.PerPerson, town.Live.PerCity = 2, 3
	token := tokenOf(t, town, "dispatcher."+city)
	a, _ := watch(t, town, token, "", ""), watch(t, town, token, "", "")
	if r := open(t, town, token, "", ""); r.status != http.StatusTooManyRequests {
		t.Errorf("the third stream: %d", r.status)
	}
	watch(t, town, tokenOf(t, town, "reviewer."+city), "", "")
	if r := open(t, town, tokenOf(t, town, "supervisor."+city), "", ""); r.status != http.StatusTooManyRequests {
		t.Errorf("the city's fourth stream: %d", r.status)
	}
	a.stop()
	for end := time.Now().Add(patience); ; {
		if r := open(t, town, token, "", ""); r.status == http.StatusOK {
			break
		} else if time.Now().After(end) {
			t.Fatalf("the place that was left stays taken: %d", r.status)
		}
	}
}

func TestAStreamNeedsAPostThatReadsOrders(t *testing.T) {
	t.Parallel()
	town := housetest.Open(t, storetest.SQLiteURL(t), t.Output())
	for who, want := range map[string]int{"": 401, "knowledge_editor." + city: 403, "agent.120000": 404} {
		token := ""
		if who != "" {
			token = tokenOf(t, town, who)
		}
		if r := open(t, town, token, "", ""); r.status != want {
			t.Errorf("%q: %d, not %d", who, r.status, want)
		}
	}
}

func TestWhoseSessionEndsHearsNoMore(t *testing.T) {
	t.Parallel()
	town := housetest.Open(t, storetest.SQLiteURL(t), t.Output())
	town.Live.Sign = 50 * time.Millisecond
	p, err := town.Stage.As(t.Context(), "dispatcher."+city)
	if err != nil {
		t.Fatal(err)
	}
	r := watch(t, town, p.Token(), "", "")
	if err := p.Do(t.Context(), http.MethodPost, "/v1/sessions:logout", nil, nil); err != nil {
		t.Fatal(err)
	}
	if c := r.until(pb.ChangeKind_END); c.GetReason() != "UNAUTHENTICATED" {
		t.Errorf("%v", c)
	}
	if c := r.next(); c != nil {
		t.Errorf("after the end comes %v", c)
	}
}
