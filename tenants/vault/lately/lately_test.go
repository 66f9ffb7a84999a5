package lately

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"time"

	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
)

// source is what the database would hold, with a count of how often it was asked.
type source struct {
	value        int
	marks, reads int
	fails        error
}

func (s *source) mark(context.Context) (string, error) {
	s.marks++
	return strconv.Itoa(s.value), s.fails
}
func (s *source) load(context.Context) (int, error) { s.reads++; return s.value, nil }

func open(t *testing.T) (*Kept[int], *source, *store.Store, *time.Time) {
	t.Helper()
	db, src, now := storetest.SQLite(t), &source{value: 1}, time.Now()
	k := Keep(db, src.mark, src.load)
	k.Now = func() time.Time { return now }
	return k, src, db, &now
}

func in(code string) context.Context { return tenants.With(context.Background(), tenants.System(code)) }

func want(t *testing.T, k *Kept[int], ctx context.Context, value int) {
	t.Helper()
	if got, err := k.Get(ctx); err != nil || got != value {
		t.Fatalf("got %d, %v; want %d", got, err, value)
	}
}

func TestAYoungCopyAsksNobodyAndAnOldOneOnlyForTheMark(t *testing.T) {
	k, src, _, now := open(t)
	want(t, k, in("110000"), 1)
	src.value = 2
	want(t, k, in("110000"), 1)
	*now = now.Add(Age)
	want(t, k, in("110000"), 2)
	*now = now.Add(Age)
	want(t, k, in("110000"), 2)
	if src.marks != 3 || src.reads != 2 {
		t.Errorf("%d marks, %d reads", src.marks, src.reads)
	}
}

func TestADropCountsOnlyWhenCommitted(t *testing.T) {
	k, src, db, _ := open(t)
	ctx := in("110000")
	want(t, k, ctx, 1)
	src.value = 2
	_ = db.Do(ctx, func(ctx context.Context) error { k.Drop(ctx); return context.Canceled })
	want(t, k, ctx, 1)
	if err := db.Do(ctx, func(ctx context.Context) error { k.Drop(ctx); return nil }); err != nil {
		t.Fatal(err)
	}
	want(t, k, ctx, 2)
}

func TestWhatWasReadBeforeADropIsNotKeptAfterIt(t *testing.T) {
	k, src, db, _ := open(t)
	ctx := in("110000")
	err := db.View(ctx, func(inside context.Context) error {
		want(t, k, inside, 1) // to be kept when this view ends
		src.value = 2
		return db.Do(ctx, func(ctx context.Context) error { k.Drop(ctx); return nil }) // somebody else, meanwhile
	})
	if err != nil {
		t.Fatal(err)
	}
	want(t, k, ctx, 2)
}

func TestAFailureIsNotKept(t *testing.T) {
	k, src, _, _ := open(t)
	src.fails = errors.New("database is away")
	if _, err := k.Get(in("110000")); err == nil {
		t.Fatal("no error")
	}
	src.fails = nil
	want(t, k, in("110000"), 1)
}

func TestCitiesAreKeptApart(t *testing.T) {
	k, src, _, _ := open(t)
	want(t, k, in("110000"), 1)
	src.value = 7
	want(t, k, in("310000"), 7)
	want(t, k, in("110000"), 1)
}
