package main

import (
	"context"
	"testing"
)

func TestAYearOfACityLeavesNothingBehindAndComesOutAlikeTwice(t *testing.T) {
	if testing.Short() {
		t.Log("a short year")
	}
	var reports []string
	for range 2 {
		url, done, err := database(context.Background(), "sqlite")
		if err != nil {
			t.Fatal(err)
		}
		defer done()
		y, err := open(context.Background(), url, 7)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = y.house.Close() }()
		if err := y.play(150); err != nil {
			t.Fatal(err)
		}
		report, err := y.check()
		if err != nil {
			t.Fatalf("%v after\n%s", err, report)
		}
		reports = append(reports, report)
	}
	if reports[0] != reports[1] {
		t.Errorf("the same dice, another year:\n%s\n%s", reports[0], reports[1])
	}
	t.Log(reports[0])
}
