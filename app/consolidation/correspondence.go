package consolidation

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/google/uuid"

	pb "hotline/api/consolidation/v1"
	"hotline/ent"
	"hotline/ent/listletter"
	"hotline/ent/store"
	"hotline/tenants/privacy"
)

// Letters between deployments (往来传递): what a city asks goes to the centre or its province, what they answer and urge goes to the city.

// Carried (待传往来) is a letter for one place that may not have it as it stands.
type Carried struct {
	ID       uuid.UUID
	From, To string
	Body     []byte
}

// Digest names what is carried, for the receiver to say that it has it.
func (c Carried) Digest() string { return LetterDigest(c.Body) }

// LetterDigest names a letter as it was brought.
func LetterDigest(body []byte) string {
	sum := sha256.Sum256(body)
	return hex.EncodeToString(sum[:12])
}

// mailed is a letter as it goes from place to place.
type mailed struct {
	ID         uuid.UUID  `json:"id"`
	Kind       string     `json:"kind"`
	City       string     `json:"city,omitempty"`
	Number     string     `json:"number,omitempty"`
	Subject    string     `json:"subject"`
	Words      string     `json:"words"`
	Papers     string     `json:"papers,omitempty"`
	Wanted     string     `json:"wanted,omitempty"`
	Author     string     `json:"author,omitempty"`
	Place      string     `json:"place,omitempty"`
	Addressee  string     `json:"addressee,omitempty"`
	Standing   string     `json:"standing"`
	Answer     string     `json:"answer,omitempty"`
	Reference  string     `json:"reference,omitempty"`
	AnsweredBy string     `json:"answeredBy,omitempty"`
	AnsweredAt *time.Time `json:"answeredAt,omitempty"`
	Published  bool       `json:"published,omitempty"`
	Opinion    string     `json:"opinion,omitempty"`
	Supported  bool       `json:"supported,omitempty"`
	OpinionBy  string     `json:"opinionBy,omitempty"`
	OpinionAt  *time.Time `json:"opinionAt,omitempty"`
	DueAt      *time.Time `json:"dueAt,omitempty"`
	CreatedAt  time.Time  `json:"createdAt"`
}

func mailOf(l *ent.ListLetter) *mailed {
	return &mailed{ID: l.ID, Kind: l.Kind, City: l.City, Number: l.Number, Subject: l.Subject, Words: l.Words, Papers: l.Papers, Wanted: l.Wanted,
		Author: l.Author, Place: l.Place, Addressee: l.Addressee, Standing: l.Standing, Answer: l.Answer, Reference: l.Reference, AnsweredBy: l.AnsweredBy,
		AnsweredAt: l.AnsweredAt, Published: l.Published, Opinion: l.Opinion, Supported: l.Supported, OpinionBy: l.OpinionBy, OpinionAt: l.OpinionAt,
		DueAt: l.DueAt, CreatedAt: l.CreatedAt}
}

// decided says that somebody above answered it.
func decided(l *ent.ListLetter) bool { return l.Standing != "open" && l.Standing != "sent" }

// ways are who tells whom of a letter as it stands.
func ways(l *ent.ListLetter) (out [][2]string) {
	add := func(from, to string) { out = append(out, [2]string{from, to}) }
	switch l.Kind {
	case urge:
		add(l.Place, l.City)
	case question:
		add(l.City, l.Addressee)
		if decided(l) {
			add(l.Addressee, l.City)
		}
	case exception:
		province := Province(l.City)
		add(l.City, Office)
		add(l.City, province)
		if l.Opinion != "" {
			add(province, Office)
			add(province, l.City)
		}
		if decided(l) {
			add(Office, l.City)
			add(Office, province)
		}
	}
	return out
}

// Letters gives what places of this deployment have to tell places of others, the oldest first. What is for a place that is no member of
// the nation's group is let go; what comes from one waits until it is.
func (s *Service) Letters(ctx context.Context, member func(code string) bool) (out []Carried, err error) {
	ctx = nowhere(ctx)
	here, err := s.here(ctx)
	if err != nil {
		return nil, err
	}
	var over []uuid.UUID
	err = s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.ent().ListLetter.Query().Where(listletter.Pending(true), listletter.CityNEQ("")).Order(ent.Asc(listletter.FieldID)).
			Limit(lettersShown).All(ctx)
		if err != nil {
			return fmt.Errorf("letters: %w", err)
		}
		for _, l := range rows {
			body, told, open := []byte(text(mailOf(l))), toldOf(l), 0
			for _, w := range ways(l) {
				if !here[w[0]] || here[w[1]] || !member(w[1]) || told[w[0]+w[1]] == LetterDigest(body) {
					continue
				}
				if open++; member(w[0]) {
					out = append(out, Carried{l.ID, w[0], w[1], body})
				}
			}
			if open == 0 {
				over = append(over, l.ID)
			}
		}
		return nil
	})
	if err != nil || len(over) == 0 {
		return out, err
	}
	return out, s.db.Do(ctx, func(ctx context.Context) error {
		return s.ent().ListLetter.Update().Where(listletter.IDIn(over...)).SetPending(false).Exec(ctx)
	})
}

func toldOf(l *ent.ListLetter) map[string]string {
	told := map[string]string{}
	if err := json.Unmarshal([]byte(l.Told), &told); err != nil {
		return map[string]string{} // it is told once more
	}
	return told
}

// Told notes that the receivers have what was carried to them.
func (s *Service) Told(ctx context.Context, carried []Carried) error {
	return s.db.Do(nowhere(ctx), func(ctx context.Context) error {
		for _, c := range carried {
			l, err := s.ent().ListLetter.Query().Where(listletter.ID(c.ID)).Only(ctx)
			if err != nil {
				return fmt.Errorf("letter: %w", err)
			}
			told := toldOf(l)
			told[c.From+c.To] = c.Digest()
			if err := s.ent().ListLetter.UpdateOneID(c.ID).SetTold(text(told)).Exec(ctx); err != nil {
				return fmt.Errorf("letter: %w", err)
			}
		}
		return nil
	})
}

// here are the places that this deployment serves.
func (s *Service) here(ctx context.Context) (map[string]bool, error) {
	all, err := s.directory.All(ctx)
	here := map[string]bool{}
	for _, c := range all {
		if c.ShreddedAt == nil {
			here[c.Code] = true
		}
	}
	return here, err
}

// TakeLetter takes in what one place brought to another that is served here. Nobody speaks for another: a city asks for itself alone, only
// who was asked answers, only those above a city urge it, and only its province gives an opinion.
func (s *Service) TakeLetter(ctx context.Context, from, to string, body []byte) error {
	ctx = nowhere(ctx)
	var l mailed
	if err := json.Unmarshal(body, &l); err != nil || !l.sound(store.Moment(ctx)) || !isCity(l.City) {
		return refused("LETTER_UNREADABLE", "%s的来件无法读取。", from)
	}
	return s.db.Do(ctx, func(ctx context.Context) error {
		was, err := s.ent().ListLetter.Query().Where(listletter.ID(l.ID)).Only(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("letter: %w", err)
		}
		switch {
		case was == nil && from == l.City:
			return s.takeAsked(ctx, to, &l)
		case was == nil && l.Kind == urge:
			return s.takeUrge(ctx, from, to, &l)
		case was == nil:
			return fmt.Errorf("an answer of %s: %w", from, ErrLater)
		case was.Kind == l.Kind && was.City == l.City && (to == Office || to == was.City || to == Province(was.City)):
			return s.takeWord(ctx, from, was, &l)
		}
		return foreign(from)
	})
}

// sound holds what came to the limits of what people may write here, whoever wrote it.
func (l *mailed) sound(now time.Time) bool {
	var papers []paper
	if l.Papers != "" && json.Unmarshal([]byte(l.Papers), &papers) != nil || len(papers) > 50 {
		return false
	}
	l.Papers = text(papers)
	if papers == nil {
		l.Papers = "[]"
	}
	for _, f := range []struct {
		text *string
		most int
	}{{&l.Subject, 100}, {&l.Words, 2000}, {&l.Papers, 20000}, {&l.Wanted, 200}, {&l.Author, 100}, {&l.Answer, 2000}, {&l.Reference, 100}, {&l.AnsweredBy, 100}, {&l.Opinion, 1000},
		{&l.OpinionBy, 100}, {&l.Place, 6}, {&l.Addressee, 6}, {&l.Standing, 20}} {
		if utf8.RuneCountInString(*f.text) > f.most || strings.ContainsFunc(*f.text, unprintable) { // PostgreSQL takes no NUL
			return false
		}
	}
	for _, words := range []*string{&l.Subject, &l.Words, &l.Wanted, &l.Answer, &l.Opinion} {
		*words = privacy.Scrub(*words)
	}
	seconds, nanos := l.ID.Time().UnixTime() // an id from the time to come would stand on top for ever
	ahead := l.ID.Version() != 7 || time.Unix(seconds, nanos).After(now.Add(time.Hour)) || l.CreatedAt.After(now.Add(time.Hour))
	return !ahead && (l.Number == "" || numberForm.MatchString(l.Number)) && (l.Kind == exception || l.Kind == question || l.Kind == urge)
}

// unprintable is no part of what people write.
func unprintable(r rune) bool { return unicode.IsControl(r) && r != '\n' && r != '\r' && r != '\t' }

func foreign(from string) error {
	return refused("NOT_YOURS", "%s的来件不属其职责，不予采信。", from)
}

// takeAsked takes in what a city asks of those above it.
func (s *Service) takeAsked(ctx context.Context, to string, l *mailed) error {
	asks := l.Kind == exception && (to == Office || to == Province(l.City)) && (l.Standing == "open" || decidedWord(l.Standing)) ||
		l.Kind == question && to == l.Addressee && (to == Office || to == Province(l.City)) && l.Standing == "open"
	if !asks || l.Place != l.City {
		return foreign(l.City)
	}
	if _, wish := pb.ExceptionKind_value[strings.ToUpper(l.Subject)]; l.Kind == exception && (!wish || enterable(l.Number) != nil) {
		return foreign(l.City)
	}
	if l.Kind == exception {
		l.Addressee = Office // whoever it says: the office alone decides
	}
	// What was said to it comes from those who said it.
	return s.putLetter(ctx, &mailed{ID: l.ID, Kind: l.Kind, City: l.City, Number: l.Number, Subject: l.Subject, Words: l.Words, Papers: l.Papers, Wanted: l.Wanted,
		Author: l.Author, Place: l.Place, Addressee: l.Addressee, Standing: "open", CreatedAt: l.CreatedAt})
}

func decidedWord(standing string) bool {
	return standing == "granted" || standing == "refused" || standing == "used"
}

// takeUrge takes in what those above a city tell it. Who says it is who brought it, not who they call themselves.
func (s *Service) takeUrge(ctx context.Context, from, to string, l *mailed) error {
	if l.Place != from || l.City != to || from != Office && from != Province(to) {
		return foreign(from)
	}
	switch name := provinces[to[:2]]; {
	case from == Office:
		l.Subject = "国务院办公厅"
	case !strings.HasPrefix(l.Subject, name) || len(l.Subject) > 120:
		l.Subject = name + "省级主管部门"
	}
	l.Standing, l.Published, l.Answer = "sent", false, ""
	return s.putLetter(ctx, l)
}

// takeWord takes in what somebody said to a letter that is here.
func (s *Service) takeWord(ctx context.Context, from string, was *ent.ListLetter, l *mailed) error {
	update := s.ent().ListLetter.Update().Where(listletter.ID(was.ID), listletter.Standing(was.Standing))
	switch {
	case from == was.City && was.Kind == exception && was.Standing == "granted" && l.Standing == "used":
		update.SetStanding("used")
	case from == was.City:
		return nil // it says what is known
	case from == was.Addressee && was.Kind != urge && was.Standing == "open":
		if was.Kind == question && l.Standing != "answered" || was.Kind == exception && !decidedWord(l.Standing) {
			return foreign(from)
		}
		update.SetStanding(l.Standing).SetAnswer(l.Answer).SetReference(l.Reference).
			SetPublished(l.Published && from == Office).SetAnsweredBy(l.AnsweredBy).SetNillableAnsweredAt(l.AnsweredAt)
	case from == Province(was.City) && was.Kind == exception && was.Opinion == "" && l.Opinion != "":
		update.SetOpinion(l.Opinion).SetSupported(l.Supported).SetOpinionBy(l.OpinionBy).SetNillableOpinionAt(l.OpinionAt)
	case from == was.Addressee || from == Province(was.City) || from == was.Place:
		return nil // it is known
	default:
		return foreign(from)
	}
	if err := update.Exec(ctx); err != nil {
		return fmt.Errorf("letter: %w", err)
	}
	return nil
}

func (s *Service) putLetter(ctx context.Context, l *mailed) error {
	return s.ent().ListLetter.Create().SetID(l.ID).SetKind(l.Kind).SetCity(l.City).SetNumber(l.Number).SetSubject(l.Subject).SetWords(l.Words).
		SetPapers(l.Papers).SetWanted(l.Wanted).SetAuthor(l.Author).SetPlace(l.Place).SetAddressee(l.Addressee).SetStanding(l.Standing).
		SetAnswer(l.Answer).SetReference(l.Reference).SetAnsweredBy(l.AnsweredBy).SetNillableAnsweredAt(l.AnsweredAt).SetPublished(l.Published).
		SetNillableDueAt(l.DueAt).SetPending(false).SetCreatedAt(l.CreatedAt).Exec(ctx)
}

// Published (公开答复) are the questions that the centre published with their answers, by id: open to all, so without who asked.
func (s *Service) Published(ctx context.Context) (out map[string][]byte, err error) {
	out = map[string][]byte{}
	err = s.db.View(nowhere(ctx), func(ctx context.Context) error {
		rows, err := s.ent().ListLetter.Query().Where(listletter.Kind(question), listletter.Published(true), listletter.Addressee(Office)).
			Order(ent.Desc(listletter.FieldID)).Limit(lettersShown).All(ctx)
		for _, l := range rows {
			out[l.ID.String()] = []byte(text(mailed{ID: l.ID, Kind: question, Subject: l.Subject, Words: l.Words, Addressee: Office, Standing: l.Standing,
				Answer: l.Answer, AnsweredAt: l.AnsweredAt, Published: true, CreatedAt: l.CreatedAt}))
		}
		return err
	})
	return out, err
}

// TakePublished takes in what the centre of another deployment published; the city that asked has it already.
func (s *Service) TakePublished(ctx context.Context, body []byte) error {
	var l mailed
	if err := json.Unmarshal(body, &l); err != nil || !l.sound(store.Moment(ctx)) || l.Kind != question || !l.Published || l.Standing != "answered" {
		return refused("LETTER_UNREADABLE", "公开的答复无法读取。")
	}
	return s.db.Do(nowhere(ctx), func(ctx context.Context) error {
		there, err := s.ent().ListLetter.Query().Where(listletter.ID(l.ID)).Exist(ctx)
		if err != nil || there {
			return err
		}
		l.City, l.Author, l.Place, l.Addressee, l.Number = "", "", "", Office, ""
		return s.putLetter(ctx, &l)
	})
}
