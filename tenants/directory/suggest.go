package directory

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"hotline/ent"
)

// Suggestion (派单建议) is one way to dispatch a request, and why.
type Suggestion struct {
	Lead        string
	Assist      []string
	Ground      string
	Confidence  int // 0 to 100
	NotToStreet bool
}

// Confidence by what an entry rests on; a word of the request that the entry names raises it.
const (
	forDistrict = 80 // category and district fit
	forCity     = 65 // category fits, the entry is for the whole city
	forCategory = 50 // only the category above fits
	byWords     = 30 // no category yet, the words alone point there
	fallback    = 20 // 区县兜底
	perKeyword  = 10
	wordless    = 10 // less for an entry without words of its own: possible, not usual
	surest      = 99 // a catalogue is never certain: a person decides
)

const most = 5

// Suggest (派单建议) says to whom a request may go, the likeliest first: the catalogue's entries for category and district
// before those for the category alone, and last the district itself, which must take what nobody else does (区县兜底).
func (d *Directory) Suggest(ctx context.Context, category, district, text string) ([]Suggestion, error) {
	l, err := d.kept.Get(ctx)
	if err != nil {
		return nil, err
	}
	var found []Suggestion
	for _, e := range l.catalogue {
		if s, ok := l.weigh(e, category, district, text); ok {
			found = append(found, s)
		}
	}
	slices.SortStableFunc(found, func(a, b Suggestion) int { return cmp.Compare(b.Confidence, a.Confidence) })
	found = once(found)
	if len(found) > most {
		found = found[:most]
	}
	if u := l.districts[district]; u != nil && !slices.ContainsFunc(found, func(s Suggestion) bool { return s.Lead == u.Code }) {
		found = append(found, Suggestion{Lead: u.Code, Confidence: fallback,
			Ground: fmt.Sprintf("区县兜底：目录之外的事项由%s研究办理（%s）", district, u.Title)})
	}
	return found, nil
}

// once keeps the likeliest suggestion of each lead.
func once(found []Suggestion) []Suggestion {
	seen := map[string]bool{}
	return slices.DeleteFunc(found, func(s Suggestion) bool {
		again := seen[s.Lead]
		seen[s.Lead] = true
		return again
	})
}

// weigh says how well an entry fits the request.
func (l *lists) weigh(e *ent.CatalogueEntry, category, district, text string) (Suggestion, bool) {
	lead := l.units[e.Lead]
	if e.Retired || lead == nil || lead.Retired || e.District != "" && e.District != district {
		return Suggestion{}, false
	}
	words := mentioned(e.Keywords, text)
	s := Suggestion{Lead: e.Lead, NotToStreet: e.NotToStreet}
	switch {
	case category == "" && len(words) > 0:
		s.Confidence = byWords
	case e.Category == category && e.District != "":
		s.Confidence = forDistrict
	case e.Category == category:
		s.Confidence = forCity
	case category != "" && strings.HasPrefix(category, e.Category):
		s.Confidence = forCategory
	default:
		return Suggestion{}, false
	}
	if len(e.Keywords) == 0 {
		s.Confidence -= wordless
	}
	s.Confidence = min(s.Confidence+perKeyword*len(words), surest)
	for _, a := range e.Assist {
		if u := l.units[a]; u != nil && !u.Retired {
			s.Assist = append(s.Assist, a)
		}
	}
	s.Ground = l.explain(e, lead, words)
	return s, true
}

// explain is the sentence for the dispatcher: 目录：占道经营 × 江宁区（城管局）.
func (l *lists) explain(e *ent.CatalogueEntry, lead *ent.Unit, words []string) string {
	title := e.Category
	if c := l.categories[e.Category]; c != nil {
		title = c.Title
	}
	ground := "目录：" + title
	if e.District != "" {
		ground += " × " + e.District
	}
	ground += "（" + lead.Title + "）"
	if len(words) > 0 {
		ground += "；诉求提到“" + strings.Join(words, "”“") + "”"
	}
	return ground
}

// mentioned are the keywords that the text speaks of: word for word, or, for phrases, by most of their pairs of characters,
// since nobody says "取消人工窗口老人不会用" in these very words.
func mentioned(keywords []string, text string) []string {
	var words []string
	for _, k := range keywords {
		if k != "" && (strings.Contains(text, k) || alike(k, text)) {
			words = append(words, k)
		}
	}
	return words
}

func alike(phrase, text string) bool {
	r := []rune(phrase)
	if len(r) < 5 {
		return false
	}
	hits := 0
	for i := 0; i+1 < len(r); i++ {
		if strings.Contains(text, string(r[i:i+2])) {
			hits++
		}
	}
	return hits*2 >= len(r)-1
}
