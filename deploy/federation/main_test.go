package main

import (
	"context"
	"os/exec"
	"path/filepath"
	"testing"
)

func TestThreeProcessesWithThreeDatabasesHandACaseFromCityToCity(t *testing.T) {
	program := filepath.Join(t.TempDir(), "hotline")
	if out, err := exec.Command("go", "build", "-o", program, "hotline/app/hotline").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if err := run(context.Background(), program, t.TempDir(), false); err != nil {
		t.Fatal(err)
	}
}
