package casework

import (
	"flag"
	"fmt"
	"os"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "write the flow table into DESIGN.md")

// table prints the table of life as the document shows it.
func table() string {
	var b strings.Builder
	b.WriteString("| from | verb | to | who | starts | stops |\n|---|---|---|---|---|---|\n")
	title := func(s State) string {
		if s == None {
			return "—"
		}
		return string(s) + " " + StateTitles[s]
	}
	for _, s := range Flow {
		fmt.Fprintf(&b, "| %s | %s %s | %s | %s | %s | %s |\n", title(s.From), s.Verb, VerbTitles[s.Verb], title(s.To), s.Who,
			strings.Join(s.Starts, " "), strings.Join(s.Stops, " "))
	}
	return b.String()
}

const begin, end = "<!-- flow -->\n", "<!-- /flow -->\n"

func TestTheDocumentShowsTheTableOfLifeAsItIs(t *testing.T) {
	raw, err := os.ReadFile("DESIGN.md")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, ok := strings.Cut(string(raw), begin)
	shown, after, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatal("DESIGN.md has no place for the flow table")
	}
	if *update {
		if err := os.WriteFile("DESIGN.md", []byte(before+begin+table()+end+after), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if shown != table() {
		t.Error("DESIGN.md shows another flow: go test ./app/casework -run TableOfLife -update")
	}
}
