// Package app_test holds the house's import rule.
package app_test

import (
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// may is who may import whom: for each package of ours, the prefixes of our packages it may import directly. A package that
// is not named here takes the rule of the longest prefix that is.
var may = map[string][]string{
	"hotline/api":                       {"hotline/api"},
	"hotline/tenants":                   {},
	"hotline/tenants/privacy":           {},
	"hotline/tenants/calendar":          {},
	"hotline/ent":                       {"hotline/ent", "hotline/tenants/privacy"},
	"hotline/ent/schema":                {"hotline/tenants/privacy"},
	"hotline/ent/store":                 {"hotline/ent", "hotline/tenants"},
	"hotline/tenants/access":            {"hotline/tenants", "hotline/api"},
	"hotline/tenants/identity":          {"hotline/tenants", "hotline/ent", "hotline/api"},
	"hotline/tenants/vault":             {"hotline/tenants", "hotline/ent"},
	"hotline/tenants/record":            {"hotline/tenants", "hotline/ent"},
	"hotline/tenants/policy":            {"hotline/tenants", "hotline/ent", "hotline/api"},
	"hotline/tenants/directory":         {"hotline/tenants", "hotline/ent", "hotline/api"},
	"hotline/app/casework":              {"hotline/tenants", "hotline/ent", "hotline/api", "hotline/app/files"},
	"hotline/app/consolidation":         {"hotline/tenants", "hotline/ent", "hotline/api"},
	"hotline/app/files":                 {},
	"hotline/app/crossing":              {"hotline/tenants", "hotline/ent", "hotline/api", "hotline/app/casework", "hotline/app/consolidation", "hotline/federation"},
	"hotline/app/crossing/crossingtest": {"hotline/"},
	"hotline/federation/authority":      {},
	"hotline/app/live":                  {"hotline/tenants", "hotline/ent", "hotline/api", "hotline/app/casework"},
	"hotline/app/report":                {"hotline/tenants", "hotline/ent", "hotline/api"},
	"hotline/app/console":               {},
	"hotline/app/portal":                {"hotline/tenants", "hotline/ent", "hotline/api", "hotline/app/casework"},
	"hotline/app/intakefile":            {"hotline/tenants", "hotline/api", "hotline/app/casework"},
	"hotline/app/gate":                  {"hotline/tenants", "hotline/api"},
	"hotline/app/nation":                {"hotline/tenants", "hotline/ent", "hotline/api"},
	"hotline/app/play":                  {"hotline/api", "hotline/app/nation"},
	"hotline/app/house":                 {"hotline/"},
	"hotline/app/features":              {"hotline/"},
	"hotline/app/hotline":               {"hotline/"},
	"hotline/app/house/housetest":       {"hotline/"},
	"hotline/tenants/vault/lately":      {"hotline/tenants", "hotline/ent"},
	"hotline/tenants/policy/fault":      {},
	"hotline/app":                       {},
	"hotline/deploy":                    {"hotline/"},
	"hotline/ent/store/diff":            {"hotline/ent"},
	"hotline/api/rest":                  {"hotline/api"},
	"hotline/federation/ledger":         {"hotline/api/federation"},
	"hotline/federation/seal":           {"hotline/api/federation"},
	"hotline/federation":                {"hotline/federation/ledger", "hotline/api/federation"},
	"hotline/federation/federationtest": {"hotline/federation", "hotline/api/federation"},
}

func TestNobodyImportsWhatTheHouseForbids(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", `{{.ImportPath}}:{{join .Imports " "}}`, "hotline/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for line := range strings.Lines(string(out)) {
		pkg, imports, _ := strings.Cut(strings.TrimSpace(line), ":")
		allowed, ok := rule(pkg)
		if !ok {
			t.Errorf("%s has no room in the house: name it in may", pkg)
		}
		seen++
		for _, i := range strings.Fields(imports) {
			if i == "hotline/app/hotline" {
				t.Errorf("%s imports the program", pkg)
			}
			if strings.HasPrefix(i, "hotline/") && !slices.ContainsFunc(allowed, func(a string) bool { return strings.HasPrefix(i, a) }) {
				t.Errorf("%s imports %s", pkg, i)
			}
		}
	}
	if seen < 40 {
		t.Fatalf("only %d packages were looked at", seen)
	}
}

// rule is that of the package or of the nearest folder above it.
func rule(pkg string) ([]string, bool) {
	for p := pkg; p != "hotline"; p = p[:strings.LastIndexByte(p, '/')] {
		if allowed, ok := may[p]; ok {
			return allowed, true
		}
	}
	return nil, false
}
