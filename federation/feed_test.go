package federation_test

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"testing"
	"time"

	"hotline/federation"
	"hotline/federation/federationtest"
)

func TestAReaderGetsEveryEntryOnceInOrderWithItsAnswer(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 3, 1, group)
	const commands = 100
	got := make(chan error, 1)
	go func() {
		position, n := uint64(0), 0
		for n < commands {
			entries, err := c.Node("f1").Next(t.Context(), group, position, 7)
			if err != nil || len(entries) > 7 {
				got <- fmt.Errorf("%d entries, %w", len(entries), err)
				return
			}
			for _, e := range entries {
				if n++; string(e.Answer) != strconv.Itoa(n) || e.Index <= position {
					got <- fmt.Errorf("entry %d after %d, answer %q as number %d", e.Index, position, e.Answer, n)
					return
				}
				position = e.Index
			}
		}
		got <- nil
	}()
	for i := range commands {
		if _, err := c.Node("v1").Propose(within(t, 10*time.Second), group, federationtest.Command(strconv.Itoa(i), "key", 0)); err != nil {
			t.Fatal(err)
		}
	}
	if err := <-got; err != nil {
		t.Error(err)
	}
}

func TestAReaderGoesOnAfterARestartFromItsPosition(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 1, 0, group)
	propose := func(id string) {
		t.Helper()
		if _, err := c.Node("v1").Propose(within(t, 10*time.Second), group, federationtest.Command(id, "key", 0)); err != nil {
			t.Fatal(err)
		}
	}
	next := func(after uint64) ([]federation.Entry, error) {
		return c.Node("v1").Next(within(t, 10*time.Second), group, after, 100)
	}
	propose("one")
	propose("two")
	first, err := next(0)
	if err != nil {
		t.Fatal(err)
	}
	position := first[0].Index
	c.Kill("v1")
	c.Start("v1")
	if again, err := next(position); err != nil || string(again[0].Answer) != "2" {
		t.Errorf("the second entry came again as %v, %v", again, err)
	}
	if err := c.Node("v1").Snapshot(group); err != nil {
		t.Fatal(err)
	}
	c.Kill("v1")
	c.Start("v1")
	if _, err := next(position); !errors.Is(err, federation.ErrTakeState) {
		t.Errorf("before the snapshot: %v", err)
	}
	var index uint64
	sum := 0
	if err := c.Node("v1").Read(group, func(i uint64) { index, sum = i, c.Tally("v1", group).Sum("key") }); err != nil || sum != 2 {
		t.Fatalf("%d, %v", sum, err)
	}
	c.Leader(group)
	propose("three")
	if entries, err := next(index); err != nil || string(entries[0].Answer) != "3" {
		t.Errorf("%v, %v", entries, err)
	}
}

func TestAReaderThatWaitsIsToldWhenTheNodeCloses(t *testing.T) {
	t.Parallel()
	c := federationtest.Open(t, 1, 0, group)
	node, got := c.Node("v1"), make(chan error, 1)
	go func() {
		_, err := node.Next(context.Background(), group, 1<<40, 1)
		got <- err
	}()
	c.Kill("v1")
	if err := <-got; !errors.Is(err, federation.ErrClosed) {
		t.Errorf("%v", err)
	}
}
