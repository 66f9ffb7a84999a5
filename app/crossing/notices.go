package crossing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	federationv1 "hotline/api/federation/v1"
	"hotline/app/consolidation"
	"hotline/federation"
	"hotline/tenants"
)

// The national list goes by the board of the nation's ledger: the centre puts up each signed version, every deployment takes them in
// their order, and the cities put up what they have and how far they are.

// Nation is the group that all cities are in.
const Nation = "nation"

const (
	topicList     = "list/"         // by the centre: list/1, list/2 …
	topicTaken    = "list-taken"    // by a city: the newest version it has
	topicProgress = "list-progress" // by a city: how far it is with each number
	topicLetter   = "letter/"       // and the letter's id: by a city what it asks, by the centre what it answers
)

// noticeEvery is how often the board is looked at, besides at once when the courier wakes.
const noticeEvery = 2 * time.Second

// notices brings lists down and answers up.
func (s *Service) notices(ctx context.Context, r *federation.Region) {
	if r.Name() != Nation || s.lists == nil || time.Since(s.noticed) < noticeEvery {
		return
	}
	s.noticed = time.Now()
	if err := s.Notices(ctx); err != nil && ctx.Err() == nil {
		s.report(r.Name(), Nation, err)
	}
}

// Notices brings what is new on the nation's board here, and what is new here onto the board.
func (s *Service) Notices(ctx context.Context) error {
	r := s.region(Nation)
	if r == nil {
		return nil
	}
	centre, _ := r.Ledger().Region()
	if s.here(ctx, centre) {
		if err := s.putUpLists(ctx, r, centre); err != nil {
			return err
		}
		if err := s.takeReports(ctx, r); err != nil {
			return err
		}
		return s.letters(ctx, r, centre, true)
	}
	if err := s.takeLists(ctx, r, centre); err != nil {
		return err
	}
	if err := s.putUpReports(ctx, r); err != nil {
		return err
	}
	return s.letters(ctx, r, centre, false)
}

// letters carries questions, exceptions and urges between the cities and the centre. What one of them got wrong keeps no other waiting.
func (s *Service) letters(ctx context.Context, r *federation.Region, centre string, isCentre bool) error {
	out, err := s.lists.Letters(ctx, isCentre)
	if err != nil {
		return err
	}
	for _, l := range out {
		from := l.City
		if isCentre {
			from = centre
		}
		if err := s.postChanged(ctx, r, from, topicLetter+l.ID.String(), json.RawMessage(l.Body)); err != nil {
			return err
		}
	}
	for _, p := range r.Ledger().Posts(topicLetter) {
		at := p.GetCity() + "/" + p.GetTopic()
		if s.heard[at] >= p.GetNumber() || (p.GetCity() == centre) == isCentre || s.here(ctx, p.GetCity()) {
			continue // cities write to the centre, the centre to cities
		}
		body, found, err := s.read(r, p.GetCity(), p.GetTopic())
		if err == nil && found {
			err = s.lists.TakeLetter(ctx, p.GetCity(), p.GetCity() == centre, body)
		}
		if err != nil {
			s.log.Error("a letter about the national list", "city", p.GetCity(), "error", err)
		}
		s.heard[at] = p.GetNumber()
	}
	return nil
}

// putUpLists lets every version hang on the board that does not yet.
func (s *Service) putUpLists(ctx context.Context, r *federation.Region, centre string) error {
	documents, err := s.lists.Documents(ctx, s.putUp)
	if err != nil {
		return err
	}
	for _, d := range documents {
		topic := fmt.Sprintf("%s%d", topicList, s.putUp+1)
		if r.Ledger().Posted(centre, topic) == 0 {
			if err := s.post(as(ctx, centre), r, topic, d); err != nil {
				return err
			}
		}
		s.putUp++
	}
	return nil
}

// takeLists takes the versions that are not here yet. Each carries the signature of the office itself: what a stolen node or a
// coordinator without the office's key puts up is refused.
func (s *Service) takeLists(ctx context.Context, r *federation.Region, centre string) error {
	for {
		topic := fmt.Sprintf("%s%d", topicList, s.putUp+1)
		body, found, err := s.read(r, centre, topic)
		if err != nil || !found {
			return err
		}
		if err := s.lists.Receive(ctx, body); err != nil {
			return fmt.Errorf("version %d of the national list: %w", s.putUp+1, err)
		}
		s.putUp++
	}
}

// putUpReports lets the cities here say which version they have and how far they are.
func (s *Service) putUpReports(ctx context.Context, r *federation.Region) error {
	taken, err := s.lists.Acknowledged(ctx)
	if err != nil {
		return err
	}
	var failed []error // one city without its key keeps no other's from being put up
	for _, a := range taken {
		failed = append(failed, s.postChanged(ctx, r, a.City, topicTaken, a))
	}
	progress, newest, err := s.lists.Progress(ctx, s.progressed)
	if err != nil {
		return err
	}
	for _, p := range progress {
		failed = append(failed, s.postChanged(ctx, r, p.City, topicProgress, p))
	}
	if err := errors.Join(failed...); err != nil {
		return err
	}
	s.progressed = newest
	return nil
}

// takeReports is the centre's side of it. What one city got wrong keeps no other's from being read.
func (s *Service) takeReports(ctx context.Context, r *federation.Region) error {
	for _, p := range r.Ledger().Posts("list-") {
		at := p.GetCity() + "/" + p.GetTopic()
		if s.heard[at] >= p.GetNumber() || s.here(ctx, p.GetCity()) {
			continue
		}
		body, found, err := s.read(r, p.GetCity(), p.GetTopic())
		if err != nil { // forged, or signed by a key long gone
			s.log.Error("a city's report on the national list", "city", p.GetCity(), "topic", p.GetTopic(), "error", err)
			s.heard[at] = p.GetNumber()
		}
		if err != nil || !found {
			continue
		}
		if err := s.takeReport(ctx, p.GetCity(), p.GetTopic(), body); err != nil {
			s.log.Error("a city's report on the national list", "city", p.GetCity(), "topic", p.GetTopic(), "error", err)
		}
		s.heard[at] = p.GetNumber()
	}
	return nil
}

func (s *Service) takeReport(ctx context.Context, city, topic string, body []byte) error {
	if topic == topicProgress {
		return s.lists.TakeProgress(ctx, city, body)
	}
	var a consolidation.Acknowledged
	if err := json.Unmarshal(body, &a); err != nil || a.City != city {
		return fmt.Errorf("%s says what it has in a way that can't be read", city)
	}
	return s.lists.TakeAcknowledged(ctx, []consolidation.Acknowledged{a})
}

// read finds a city's newest post, its signature verified.
func (s *Service) read(r *federation.Region, city, topic string) (body []byte, found bool, err error) {
	for _, p := range r.Ledger().Posts(topic) {
		if p.GetCity() != city || p.GetTopic() != topic {
			continue
		}
		c, refusal := r.Ledger().Verify(p.GetSigned())
		if refusal != nil || c.GetCity() != city {
			return nil, false, fmt.Errorf("a post of %s is forged: %s", city, strings.TrimSpace(refusal.GetMessage()))
		}
		return c.GetPost().GetBody(), true, nil
	}
	return nil, false, nil
}

// postChanged puts up what a city says, unless it said the same before.
func (s *Service) postChanged(ctx context.Context, r *federation.Region, city, topic string, what any) error {
	if !s.Member(r.Name(), city) {
		return nil
	}
	body, err := json.Marshal(what)
	if err != nil {
		return err
	}
	if now, found, err := s.read(r, city, topic); err == nil && found && bytes.Equal(now, body) {
		return nil
	}
	return s.post(as(ctx, city), r, topic, body)
}

// post puts up the next post of a topic for the viewer's city.
func (s *Service) post(ctx context.Context, r *federation.Region, topic string, body []byte) error {
	me := tenants.From(ctx).Tenant
	number := r.Ledger().Posted(me, topic) + 1
	for range 5 {
		c := &federationv1.Command{Group: r.Name(), City: me, Act: &federationv1.Command_Post{Post: &federationv1.Post{Topic: topic, Number: number, Body: body}}}
		result, err := s.act(ctx, r, c)
		switch {
		case err != nil:
			return err
		case result.Reason == 0:
			return nil
		case result.Reason != federationv1.Reason_WRONG_SEQUENCE:
			return fmt.Errorf("the board does not take %s of %s: %s", topic, me, result.Refusal().GetMessage())
		}
		number = result.Sequence + 1
	}
	return fmt.Errorf("the board did not take %s of %s: others put it up at the same time", topic, me)
}
