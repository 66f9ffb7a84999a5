package crossing

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	kratos "github.com/go-kratos/kratos/v2/errors"

	federationv1 "hotline/api/federation/v1"
	"hotline/app/consolidation"
	"hotline/federation"
	"hotline/tenants"
)

// The national list goes by the board of the nation's ledger. Open to all hang there what is public: the signed versions, the acts that
// replaced the office's key, which ministry is who, and the answers that the centre published. What a city reports and what it and those
// above it write to each other is sealed to the receiver (sealed.go).

// Nation is the group that all cities are in.
const Nation = "nation"

const (
	topicList       = "list/"     // by the centre: list/1, list/2 …
	topicKey        = "list-key/" // by the centre: list-key/2, the act by which the second key replaced the first …
	topicMinistries = "ministries"
	topicPublished  = "answer/" // and the question's id: by the centre
	topicReport     = "report/" // and the receiver's code: by a city, sealed
	topicMail       = "mail/"   // and the receiver's code: sealed
)

// noticeEvery is how often the board is looked at, besides at once when the courier wakes.
const noticeEvery = 2 * time.Second

// notices brings lists down and reports up, and letters both ways.
func (s *Service) notices(ctx context.Context, r *federation.Region) {
	if r.Name() != Nation || s.lists == nil || time.Since(s.noticed) < noticeEvery {
		return
	}
	s.noticed = time.Now()
	if err := s.Notices(ctx); err != nil && ctx.Err() == nil {
		s.report(r.Name(), Nation, err)
	}
}

// Notices brings what is new on the nation's board here, and what is new here onto the board. Trouble with one part keeps no other waiting.
func (s *Service) Notices(ctx context.Context) error {
	r := s.region(Nation)
	if r == nil {
		return nil
	}
	var err error
	if s.here(ctx, consolidation.Office) {
		err = errors.Join(s.putUpLists(ctx, r), s.putUpOpen(ctx, r))
	} else {
		err = errors.Join(s.takeLists(ctx, r), s.takeAnswers(ctx, r))
	}
	return errors.Join(err, s.putUpReports(ctx, r), s.takeReports(ctx, r), s.mail(ctx, r))
}

// putUpLists lets every version, and every act that replaced the office's key, hang on the board that does not yet.
func (s *Service) putUpLists(ctx context.Context, r *federation.Region) error {
	acts, err := s.lists.KeyActs(ctx)
	if err != nil {
		return err
	}
	for i, act := range acts {
		if err := s.postOnce(ctx, r, fmt.Sprintf("%s%d", topicKey, i+2), act); err != nil {
			return err
		}
	}
	documents, err := s.lists.Documents(ctx, s.putUp)
	if err != nil {
		return err
	}
	for _, d := range documents {
		if err := s.postOnce(ctx, r, fmt.Sprintf("%s%d", topicList, s.putUp+1), d); err != nil {
			return err
		}
		s.putUp++
	}
	return nil
}

// postOnce puts up what never changes. What else hangs under its name is no word of the office, which a stolen node may have hung there
// before: it is covered.
func (s *Service) postOnce(ctx context.Context, r *federation.Region, topic string, body []byte) error {
	if now, found, err := s.read(r, consolidation.Office, topic); err == nil && found && bytes.Equal(now, body) {
		return nil
	}
	return s.post(as(ctx, consolidation.Office), r, topic, plainly(body))
}

// putUpOpen lets hang what else the centre tells everybody.
func (s *Service) putUpOpen(ctx context.Context, r *federation.Region) error {
	ministries, err := s.lists.Ministries(ctx)
	if err != nil {
		return err
	}
	body, err := json.Marshal(ministries)
	if err != nil {
		return err
	}
	if now, _, err := s.read(r, consolidation.Office, topicMinistries); err == nil && string(now) != string(body) {
		if err := s.post(as(ctx, consolidation.Office), r, topicMinistries, plainly(body)); err != nil {
			return err
		}
	}
	published, err := s.lists.Published(ctx)
	if err != nil {
		return err
	}
	for id, answer := range published {
		if err := s.postOnce(ctx, r, topicPublished+id, answer); err != nil {
			return err
		}
	}
	return nil
}

// takeLists takes the versions that are not here yet, and before those that it signs each key that replaced another. Each carries the
// signature of the office itself: what a stolen node or a coordinator without the office's key puts up is refused.
func (s *Service) takeLists(ctx context.Context, r *federation.Region) error {
	for {
		act, found, err := s.read(r, consolidation.Office, fmt.Sprintf("%s%d", topicKey, s.keys+2))
		if err != nil {
			return err
		}
		if k, err := consolidation.VerifyKeyAct(act); found && (err != nil || k.After <= s.putUp) {
			if err := s.lists.Receive(ctx, act); err != nil {
				return fmt.Errorf("key %d of the national list: %w", s.keys+2, err)
			}
			s.keys++
			continue
		}
		body, found, err := s.read(r, consolidation.Office, fmt.Sprintf("%s%d", topicList, s.putUp+1))
		if err != nil || !found {
			return err
		}
		if err := s.lists.Receive(ctx, body); err != nil {
			return fmt.Errorf("version %d of the national list: %w", s.putUp+1, err)
		}
		s.putUp++
	}
}

// takeAnswers takes what the centre published.
func (s *Service) takeAnswers(ctx context.Context, r *federation.Region) error {
	for _, p := range r.Ledger().Posts(topicPublished) {
		at := p.GetCity() + "/" + p.GetTopic()
		if s.heard[at] >= p.GetNumber() || p.GetCity() != consolidation.Office {
			continue
		}
		body, err := s.verified(r, p)
		if err == nil {
			err = s.lists.TakePublished(ctx, body)
		}
		if err != nil { // forged, or signed by a key long gone: it keeps no other answer from being read
			s.log.Error("an answer of the centre", "topic", p.GetTopic(), "error", err)
		}
		if err == nil || lasting(err) {
			s.heard[at] = p.GetNumber()
		}
	}
	return nil
}

// putUpReports lets the cities here tell those above them elsewhere what has changed.
func (s *Service) putUpReports(ctx context.Context, r *federation.Region) error {
	marks, err := s.lists.ReportMarks(ctx)
	if err != nil {
		return err
	}
	ministries, told := map[string]string{}, ""
	if body, found, err := s.read(r, consolidation.Office, topicMinistries); err == nil && found {
		if json.Unmarshal(body, &ministries) == nil {
			told = string(body)
		}
	}
	for city, mark := range marks {
		mark += " " + told + " " + s.reachable(r, city, ministries)
		if s.said[city] == mark || !s.Member(r.Name(), city) {
			continue
		}
		if bad := s.putUpReport(ctx, r, city, ministries); bad != nil { // it keeps no other city from being heard
			err = errors.Join(err, fmt.Errorf("report of %s: %w", city, bad))
			continue
		}
		s.said[city] = mark
	}
	return err
}

func (s *Service) putUpReport(ctx context.Context, r *federation.Region, city string, ministries map[string]string) error {
	reports, err := s.lists.Reports(ctx, city, ministries)
	if err != nil {
		return err
	}
	for to, body := range reports {
		if s.here(ctx, to) || !s.Member(r.Name(), to) {
			continue
		}
		if err := s.postSealed(as(ctx, city), r, to, topicReport+to, fitting(body)); err != nil {
			return fmt.Errorf("to %s: %w", to, err)
		}
	}
	return nil
}

// fitting is a report with as much evidence as a post holds.
func fitting(report []byte) []byte {
	for {
		if _, err := pack(report); err == nil {
			return report
		}
		shorter, ok := consolidation.Shorter(report)
		if !ok {
			return report
		}
		report = shorter
	}
}

// reachable are the keys to which a city's reports are sealed: with one more member, or a member's new key, it reports anew.
func (s *Service) reachable(r *federation.Region, city string, ministries map[string]string) string {
	var b strings.Builder
	for _, m := range r.Ledger().Members() {
		code := m.GetCity()
		if (code == consolidation.Office || code == consolidation.Province(city) || ministries[code] != "") && !m.GetRevoked() {
			fmt.Fprintf(&b, "%s%x", code, inForce(m.GetSealing()).ID())
		}
	}
	return b.String()
}

// takeReports takes what is for the places here. What one city got wrong keeps no other's from being read.
func (s *Service) takeReports(ctx context.Context, r *federation.Region) error {
	for _, p := range r.Ledger().Posts(topicReport) {
		from, to, at := p.GetCity(), strings.TrimPrefix(p.GetTopic(), topicReport), p.GetCity()+"/"+p.GetTopic()
		if s.heard[at] >= p.GetNumber() || s.here(ctx, from) || !s.here(ctx, to) {
			continue
		}
		body, err := s.openSealed(as(ctx, to), r, p)
		if err == nil {
			err = s.lists.TakeReport(ctx, from, to, body)
		}
		if errors.Is(err, consolidation.ErrLater) {
			continue
		}
		if err != nil {
			s.log.Error("a city's report on the national list", "city", from, "to", to, "error", err)
		}
		if err == nil || lasting(err) {
			s.heard[at] = p.GetNumber()
		}
	}
	return nil
}

// errPost: what hangs on the board is at fault, and will be whenever it is read.
var errPost = errors.New("unreadable")

// lasting says that a post would come to the same whenever it is read. The database may have failed for a moment only.
func lasting(err error) bool {
	refusal := new(kratos.Error)
	return errors.Is(err, errPost) || errors.As(err, &refusal) && refusal.Code < 500
}

// read finds a city's newest post, its signature verified.
func (s *Service) read(r *federation.Region, city, topic string) (body []byte, found bool, err error) {
	p := r.Ledger().Post(city, topic)
	if p == nil {
		return nil, false, nil
	}
	body, err = s.verified(r, p)
	return body, err == nil, err
}

// verified is what a post says, once its signature is checked.
func (s *Service) verified(r *federation.Region, p *federationv1.PostRecord) ([]byte, error) {
	c, refusal := r.Ledger().Verify(p.GetSigned())
	if refusal != nil || c.GetCity() != p.GetCity() || c.GetPost().GetTopic() != p.GetTopic() || c.GetPost().GetNumber() != p.GetNumber() {
		return nil, fmt.Errorf("%w: a post of %s is forged: %s", errPost, p.GetCity(), strings.TrimSpace(refusal.GetMessage()))
	}
	return c.GetPost().GetBody(), nil
}

// plainly is the body of a post that is the same whatever its number.
func plainly(body []byte) func(uint64) ([]byte, error) {
	return func(uint64) ([]byte, error) { return body, nil }
}

// post puts up the next post of a topic for the viewer's city.
func (s *Service) post(ctx context.Context, r *federation.Region, topic string, body func(number uint64) ([]byte, error)) error {
	me := tenants.From(ctx).Tenant
	number := r.Ledger().Posted(me, topic) + 1
	for range 5 {
		text, err := body(number)
		if err != nil {
			return err
		}
		c := &federationv1.Command{Group: r.Name(), City: me, Act: &federationv1.Command_Post{Post: &federationv1.Post{Topic: topic, Number: number, Body: text}}}
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
