package crossing

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	kratos "github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/outgoing"
)

// What can't be sent or taken just now rests by itself: one act, or one transfer, keeps nothing else waiting, is tried again after growing
// pauses, and stands on the screen of the region until it has gone.

// firstPause and longestPause are how long what failed rests: twice as long each time.
const (
	firstPause   = 2 * time.Second
	longestPause = 5 * time.Minute
)

// trouble is an act or a transfer that rests.
type trouble struct {
	transfer uuid.UUID // of an act that can't be sent
	next     time.Time
	pause    time.Duration
	words    string // for the operator
	sentence string // for people; empty when they can do nothing about it
}

// notYet is why the ledger does not take an act yet, in words for people.
type notYet string

func (n notYet) Error() string { return string(n) }

// rests notes that what a key names could not be done. It is logged when the reason is news.
func (s *Service) rests(at line, key string, transfer uuid.UUID, err error, now time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.troubles[at] == nil {
		s.troubles[at] = map[string]trouble{}
	}
	was, known := s.troubles[at][key]
	pause := min(max(firstPause, 2*was.pause), longestPause)
	words, sentence := err.Error(), ""
	if why, refusal := notYet(""), new(kratos.Error); errors.As(err, &why) {
		sentence = string(why)
	} else if errors.As(err, &refusal) && refusal.Code < 500 {
		sentence = refusal.Message
	}
	s.troubles[at][key] = trouble{transfer, now.Add(pause), pause, words, sentence}
	if !known || was.words != words {
		s.log.Error("courier: something has to wait", "region", at.region, "city", at.city, "what", key, "why", words)
	}
}

// eased forgets what could be done after all.
func (s *Service) eased(at line, key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.troubles[at], key)
}

// easeOver forgets the acts that can't be sent and no longer have to be: what was taken back, or came to nothing.
func (s *Service) easeOver(ctx context.Context, at line) error {
	var ids []uuid.UUID
	s.mu.Lock()
	for key := range s.troubles[at] {
		if id, ok := strings.CutPrefix(key, sends); ok {
			ids = append(ids, uuid.MustParse(id))
		}
	}
	s.mu.Unlock()
	if len(ids) == 0 {
		return nil
	}
	var waiting []uuid.UUID
	err := s.db.View(ctx, func(ctx context.Context) error {
		return s.db.Ent.Outgoing.Query().Where(outgoing.IDIn(ids...), outgoing.SentAtIsNil()).Select(outgoing.FieldID).Scan(ctx, &waiting)
	})
	if err != nil {
		return fmt.Errorf("outgoing: %w", err)
	}
	for _, id := range ids {
		if !slices.Contains(waiting, id) {
			s.eased(at, sends+id.String())
		}
	}
	return nil
}

// resting are the transfers of a city one of whose acts can't be sent yet.
func (s *Service) resting(at line, now time.Time) map[uuid.UUID]bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := map[uuid.UUID]bool{}
	for _, t := range s.troubles[at] {
		if t.transfer != uuid.Nil && now.Before(t.next) {
			out[t.transfer] = true
		}
	}
	return out
}

// stuck says whether a transfer could not be taken, and whether it is time to try again.
func (s *Service) stuck(at line, name string, now time.Time) (is, due bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, is := s.troubles[at][takes+name]
	return is, is && !now.Before(t.next)
}

// anyDue says whether one of a city's stuck transfers is to be tried again.
func (s *Service) anyDue(at line, now time.Time) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range s.troubles[at] {
		if t.transfer == uuid.Nil && !now.Before(t.next) {
			return true
		}
	}
	return false
}

// The keys of troubles: an outgoing row, or a transfer that can't be taken.
const (
	sends = "send "
	takes = "take "
)

func sending(row *ent.Outgoing) string { return sends + row.ID.String() }

// troubled says on a screen what can't be sent or taken now; empty when nothing.
func (s *Service) troubled(at line) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	out, in, why := 0, 0, ""
	for _, t := range s.troubles[at] {
		if t.transfer == uuid.Nil {
			in++
			continue
		}
		if out++; why == "" || t.sentence != "" && t.sentence < why {
			why = t.sentence
		}
	}
	text := ""
	if out > 0 {
		text = fmt.Sprintf("%d 件转办事项暂时无法送出，将自动重试：%s。", out, cmp.Or(why, "请联系运维人员"))
	}
	if in > 0 {
		text += fmt.Sprintf("%d 件转办的回执暂时无法写入，将自动重试，请联系运维人员。", in)
	}
	return text
}
