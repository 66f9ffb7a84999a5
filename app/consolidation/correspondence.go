package consolidation

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/listletter"
)

// Letters between deployments (往来传递): what a city asks goes to the centre, what the centre answers or urges goes to the city.

// Carried (待传往来) is a letter as a courier carries it; which one and in what standing says whether it was carried before.
type Carried struct {
	ID   uuid.UUID
	City string
	Body []byte
}

// Letters gives what this deployment has to say to others: as the centre its answers and urges to cities elsewhere, otherwise what its
// own cities ask.
func (s *Service) Letters(ctx context.Context, centre bool) (out []Carried, err error) {
	ctx = nowhere(ctx)
	here, err := s.directory.Cities(ctx)
	if err != nil {
		return nil, err
	}
	err = s.db.View(ctx, func(ctx context.Context) error {
		rows, err := s.ent().ListLetter.Query().Order(ent.Desc(listletter.FieldID)).Limit(lettersShown).All(ctx)
		if err != nil {
			return fmt.Errorf("letters: %w", err)
		}
		for _, l := range rows {
			asks := l.Kind != urge && (l.Standing == "open" || l.Standing == "used")
			says := l.Kind == urge || l.Standing == "granted" || l.Standing == "refused" || l.Standing == "answered"
			if !centre && !(asks && holds(here, l.City)) || centre && !(says && !holds(here, l.City)) {
				continue
			}
			body, err := json.Marshal(l)
			if err != nil {
				return fmt.Errorf("letter: %w", err)
			}
			out = append(out, Carried{l.ID, l.City, body})
		}
		return nil
	})
	return out, err
}

// TakeLetter takes a letter in that a city, or the centre, put up. Nobody speaks for another: a city only asks for itself, and only the
// centre answers and urges.
func (s *Service) TakeLetter(ctx context.Context, from string, byCentre bool, body []byte) error {
	ctx = nowhere(ctx)
	var l ent.ListLetter
	if err := json.Unmarshal(body, &l); err != nil || l.ID == uuid.Nil || len(l.Words) > 20000 {
		return refused("LETTER_UNREADABLE", "%s的来件无法读取。", from)
	}
	here, err := s.directory.Cities(ctx)
	if err != nil {
		return err
	}
	return s.db.Do(ctx, func(ctx context.Context) error {
		now, err := s.ent().ListLetter.Query().Where(listletter.ID(l.ID)).Only(ctx)
		if err != nil && !ent.IsNotFound(err) {
			return fmt.Errorf("letter: %w", err)
		}
		switch {
		case byCentre && l.Kind == urge && now == nil && holds(here, l.City):
			return s.putLetter(ctx, &l)
		case byCentre && l.Kind != urge && now != nil && now.Standing == "open" && holds(here, now.City):
			return s.ent().ListLetter.Update().Where(listletter.ID(l.ID), listletter.Standing("open")).SetStanding(l.Standing).SetAnswer(l.Answer).
				SetReference(l.Reference).SetPublished(l.Published).SetAnsweredBy(l.AnsweredBy).SetNillableAnsweredAt(l.AnsweredAt).Exec(ctx)
		case byCentre && l.Kind == question && l.Published && now == nil:
			l.City = "" // which city asked is nobody else's business
			return s.putLetter(ctx, &l)
		case !byCentre && l.City == from && l.Kind != urge && now == nil && l.Standing == "open":
			return s.putLetter(ctx, &l)
		case !byCentre && l.City == from && now != nil && now.City == from && now.Standing == "granted" && l.Standing == "used":
			return s.ent().ListLetter.Update().Where(listletter.ID(l.ID)).SetStanding("used").Exec(ctx)
		}
		return nil
	})
}

func (s *Service) putLetter(ctx context.Context, l *ent.ListLetter) error {
	return s.ent().ListLetter.Create().SetID(l.ID).SetKind(l.Kind).SetCity(l.City).SetNumber(l.Number).SetSubject(l.Subject).SetWords(l.Words).
		SetPapers(l.Papers).SetWanted(l.Wanted).SetAuthor(l.Author).SetPlace(l.Place).SetStanding(l.Standing).SetAnswer(l.Answer).
		SetReference(l.Reference).SetAnsweredBy(l.AnsweredBy).SetNillableAnsweredAt(l.AnsweredAt).SetPublished(l.Published).
		SetNillableDueAt(l.DueAt).SetCreatedAt(l.CreatedAt).Exec(ctx)
}
