package calendar

import (
	"embed"
	"fmt"
	"io/fs"
	"strings"
	"sync"
)

// One file a year, named by the year; its first line is a comment that names the
// notice it was typed from.
//
//go:embed national/*.csv
var nationalFiles embed.FS

var national = sync.OnceValue(func() *Calendar {
	c, err := readNational(nationalFiles)
	if err != nil {
		// The data is compiled in and read by every test of this package: a broken
		// file can't reach a release, and no calendar at all must not go unnoticed.
		panic(fmt.Sprintf("embedded national calendar: %v", err))
	}
	return c
})

// National is the country's calendar (全国工作日历) as the State Council's General
// Office published it, with the default office hours. Always the same value; it
// never changes, and With, WithYear and WithOfficeHours build others from it.
func National() *Calendar { return national() }

func readNational(files fs.FS) (*Calendar, error) {
	names, err := fs.Glob(files, "national/*.csv") // sorted, so the years are in order
	if err != nil || len(names) == 0 {
		return nil, fmt.Errorf("list of national years: %d files, %w", len(names), err)
	}
	var c *Calendar
	for _, name := range names {
		var year int
		if _, err := fmt.Sscanf(name, "national/%d.csv", &year); err != nil {
			return nil, fmt.Errorf("name of %s: %w", name, err)
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			return nil, fmt.Errorf("national year %d: %w", year, err)
		}
		days, err := ParseDays(string(text))
		if err != nil {
			return nil, fmt.Errorf("national year %d: %w", year, err)
		}
		if c == nil {
			c = before(year)
		}
		source, _, _ := strings.Cut(strings.TrimPrefix(string(text), "# "), "\n")
		if c, err = c.WithYear(year, strings.TrimSpace(source), days...); err != nil {
			return nil, fmt.Errorf("national year %d: %w", year, err)
		}
	}
	return c, nil
}
