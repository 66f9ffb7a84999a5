package store_test

import (
	"context"
	"sync"
	"testing"

	"hotline/ent"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/ent/unit"
)

func TestOfTwoTransactionsThatWaitForEachOtherTheLoserIsRunAgain(t *testing.T) {
	s, err := store.Open(t.Context(), storetest.PostgresURL(t))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	one, two := unitOf(t, s, here, "A").ID, unitOf(t, s, here, "B").ID
	var both sync.WaitGroup
	both.Add(2)
	runs := make(chan int, 8)
	work := func(firstID, secondID [16]byte) error {
		run := 0
		return s.Do(as(here), func(ctx context.Context) error {
			run++
			runs <- run
			if err := move(ctx, s.Ent, firstID); err != nil {
				return err
			}
			if run == 1 { // both hold their first row before either asks for its second
				both.Done()
				both.Wait()
			}
			return move(ctx, s.Ent, secondID)
		})
	}
	done := make(chan error, 2)
	go func() { done <- work(one, two) }()
	go func() { done <- work(two, one) }()
	for range 2 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
	if len(runs) < 3 {
		t.Errorf("%d runs: nobody waited in vain", len(runs))
	}
}

func move(ctx context.Context, c *ent.Client, id [16]byte) error {
	return c.Unit.Update().Where(unit.ID(id)).SetDistrict("moved").Exec(ctx)
}
