package ledger

import (
	"bytes"
	"cmp"
	"regexp"
	"slices"
	"strings"

	federationv1 "hotline/api/federation/v1"
)

// The board (公告栏) is where each member puts up what all others may read: the newest post of each topic. The centre publishes the
// national list there, and the cities say there how far they are.

const (
	maxPost   = 48 << 10
	maxPosts  = 256  // topics of one city
	mostPosts = 4096 // topics of the coordinator
)

var topicForm = regexp.MustCompile(`^[a-z0-9][-a-z0-9/]{0,63}$`)

// place is one topic on one city's board.
type place struct {
	city  city
	topic string
}

func places(a, b place) int {
	return cmp.Or(cmp.Compare(a.city, b.city), cmp.Compare(a.topic, b.topic))
}

// post is what hangs there; it never changes, another comes in its place.
type post struct {
	number uint64
	id     []byte
	signed []byte
}

func (p *post) record(at place) *federationv1.PostRecord {
	return &federationv1.PostRecord{City: at.city.String(), Topic: at.topic, Number: p.number, Signed: p.signed}
}

// post takes a post. Its sequence counts within its topic, so that cities do not wait for each other.
func (l *Ledger) post(c *command) Result {
	p := c.GetPost()
	at := place{c.who, p.GetTopic()}
	now := l.board[at]
	number := uint64(0)
	if now != nil {
		number = now.number
	}
	switch {
	case now != nil && p.GetNumber() == number && bytes.Equal(now.id, c.GetId()):
		return Result{Again: true, Sequence: number}
	case c.GetSequence() != 0 || !topicForm.MatchString(p.GetTopic()) || len(p.GetBody()) == 0 || len(p.GetBody()) > maxPost:
		return Result{Reason: federationv1.Reason_MALFORMED, Sequence: number}
	case p.GetNumber() != number+1:
		return Result{Reason: federationv1.Reason_WRONG_SEQUENCE, Sequence: number}
	case now == nil && !l.roomFor(c.who):
		return Result{Reason: federationv1.Reason_BOARD_FULL}
	}
	l.board[at] = &post{p.GetNumber(), bytes.Clone(c.GetId()), c.signed}
	l.acts++
	return Result{Sequence: p.GetNumber()}
}

func (l *Ledger) roomFor(who city) bool {
	most, n := maxPosts, 0
	if who == l.coordinator {
		most = mostPosts
	}
	for at := range l.board {
		if at.city == who {
			n++
		}
	}
	return n < most
}

// Posts shows the newest posts of topics that begin so, by city and topic. Who acts on one verifies it first (Verify).
func (l *Ledger) Posts(prefix string) []*federationv1.PostRecord {
	l.mu.RLock()
	defer l.mu.RUnlock()
	var found []place
	for at := range l.board {
		if strings.HasPrefix(at.topic, prefix) {
			found = append(found, at)
		}
	}
	slices.SortFunc(found, places)
	all := make([]*federationv1.PostRecord, len(found))
	for i, at := range found {
		all[i] = l.board[at].record(at)
	}
	return all
}

// Post shows a city's newest post on a topic, nil before the first.
func (l *Ledger) Post(code, topic string) *federationv1.PostRecord {
	l.mu.RLock()
	defer l.mu.RUnlock()
	who, _ := parseCity(code)
	at := place{who, topic}
	if p := l.board[at]; p != nil {
		return p.record(at)
	}
	return nil
}

// Posted is the number of a city's newest post on a topic, 0 before the first.
func (l *Ledger) Posted(code, topic string) uint64 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	who, _ := parseCity(code)
	if p := l.board[place{who, topic}]; p != nil {
		return p.number
	}
	return 0
}

func (l *Ledger) loadPost(r *federationv1.PostRecord) error {
	code, good := parseCity(r.GetCity())
	at := place{code, r.GetTopic()}
	c, reason := decode(r.GetSigned(), l.version)
	if !good || l.board[at] != nil || reason != ok || c.GetPost() == nil || c.GetPost().GetNumber() != r.GetNumber() {
		return ErrDamaged
	}
	l.board[at] = &post{r.GetNumber(), c.GetId(), r.GetSigned()}
	return nil
}
