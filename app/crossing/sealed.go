package crossing

import (
	"bytes"
	"compress/gzip"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	kratos "github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/proto"

	federationv1 "hotline/api/federation/v1"
	"hotline/app/consolidation"
	"hotline/federation"
	"hotline/federation/seal"
	"hotline/tenants"
)

// A sealed post (密封公告) is for one member alone: signed by the sender outside, its words packed and sealed to the receiver's key inside.
// The others see who wrote to whom, when and how much, and nothing of what it says.

const (
	mostSealed   = 44 << 10 // a packed letter; the board takes 48 KiB
	mostUnpacked = 4 << 20
	mostLetters  = 200 // in one bag
)

// postSealed puts up what the viewer's city says to another one alone, unless it hangs there already.
func (s *Service) postSealed(ctx context.Context, r *federation.Region, to, topic string, body []byte) error {
	me := tenants.From(ctx).Tenant
	m := member(r.Ledger().Members(), to)
	if m.GetRevoked() || inForce(m.GetSealing()) == nil {
		return fmt.Errorf("%s is no member of %s", to, r.Name())
	}
	key := inForce(m.GetSealing())
	if now := r.Ledger().Post(me, topic); now != nil {
		mark, err := s.mark(ctx, topic, now.GetNumber(), key, body)
		if err != nil {
			return err
		}
		var there federationv1.SealedPost
		if text, err := s.verified(r, now); err == nil && proto.Unmarshal(text, &there) == nil && bytes.Equal(there.GetMark(), mark) {
			return nil
		}
	}
	packed, err := pack(body)
	if err != nil {
		return err
	}
	return s.post(ctx, r, topic, func(number uint64) ([]byte, error) {
		mark, err := s.mark(ctx, topic, number, key, body)
		if err != nil {
			return nil, err
		}
		box, err := seal.For(key, aboutPost(r, me, number, topic, to), packed)
		if err != nil {
			return nil, err
		}
		return proto.Marshal(&federationv1.SealedPost{Box: box, Mark: mark})
	})
}

func aboutPost(r *federation.Region, from string, number uint64, topic, to string) seal.About {
	return seal.About{Group: r.Name(), Transfer: &federationv1.TransferId{Origin: from, Number: number}, Topic: topic, Receiver: to}
}

// mark is how a city knows again what it sealed, which it can't open itself: under its own key, and another one each time.
func (s *Service) mark(ctx context.Context, topic string, number uint64, key *federationv1.Key, body []byte) (mark []byte, err error) {
	err = s.db.View(ctx, func(ctx context.Context) error {
		k, err := s.vault.Keyring(ctx)
		if err == nil {
			mark = k.MAC([]byte("post"), []byte(topic), binary.BigEndian.AppendUint64(nil, number), key.ID(), body)
		}
		return err
	})
	return mark, err
}

// openSealed is what a post says to the viewer's city.
func (s *Service) openSealed(ctx context.Context, r *federation.Region, p *federationv1.PostRecord) ([]byte, error) {
	text, err := s.verified(r, p)
	if err != nil {
		return nil, err
	}
	var post federationv1.SealedPost
	if err := proto.Unmarshal(text, &post); err != nil {
		return nil, fmt.Errorf("%w: a sealed post of %s: %w", errPost, p.GetCity(), err)
	}
	var own *own
	err = s.db.View(ctx, func(ctx context.Context) (err error) {
		own, err = s.keysOf(ctx)
		return err
	})
	if err != nil {
		return nil, err
	}
	packed, err := own.ring.Open(aboutPost(r, p.GetCity(), p.GetNumber(), p.GetTopic(), tenants.From(ctx).Tenant), post.GetBox())
	if err != nil {
		return nil, fmt.Errorf("%w: a sealed post of %s: %w", errPost, p.GetCity(), err)
	}
	return unpack(packed)
}

func pack(body []byte) ([]byte, error) {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write(body); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	if b.Len() > mostSealed {
		return nil, fmt.Errorf("%d bytes packed: a post takes %d", b.Len(), mostSealed)
	}
	return b.Bytes(), nil
}

func unpack(packed []byte) ([]byte, error) {
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, fmt.Errorf("%w: a sealed post: %w", errPost, err)
	}
	body, err := io.ReadAll(io.LimitReader(z, mostUnpacked+1))
	if err != nil || len(body) > mostUnpacked {
		return nil, fmt.Errorf("%w: a sealed post is damaged or too long: %w", errPost, err)
	}
	return body, nil
}

// Mail (往来信袋) is all that one place has to say to another: the letters that the other may not have, and which of the other's it has. A
// letter stays in the bag until the other says that it has it, so nothing is lost while one of them is away.
type bag struct {
	Letters []json.RawMessage `json:"letters,omitempty"`
	Have    []string          `json:"have,omitempty"`
}

// between is who writes to whom.
type between struct{ from, to string }

// mail carries questions, exceptions and urges between the places here and those of other deployments.
func (s *Service) mail(ctx context.Context, r *federation.Region) error {
	waiting, err := s.lists.Letters(ctx, func(code string) bool { return s.Member(r.Name(), code) })
	if err != nil {
		return err
	}
	posts := r.Ledger().Posts(topicMail)
	for _, p := range posts {
		from, me := p.GetCity(), strings.TrimPrefix(p.GetTopic(), topicMail)
		if at := from + "/" + p.GetTopic(); !s.here(ctx, from) && s.here(ctx, me) && s.heard[at] < p.GetNumber() && time.Now().After(s.later[at]) {
			var bad error
			waiting, bad = s.takeBag(ctx, r, me, p, waiting)
			err = errors.Join(err, bad) // one bag keeps no other from being opened
		}
	}
	out := map[between]*bag{}
	for at, have := range s.have {
		out[at] = &bag{Have: have}
	}
	for _, c := range waiting {
		at := between{c.From, c.To}
		if out[at] == nil {
			out[at] = &bag{}
		}
		out[at].Letters = append(out[at].Letters, c.Body)
	}
	for _, p := range posts { // an empty bag takes the place of one that was emptied
		if at := (between{p.GetCity(), strings.TrimPrefix(p.GetTopic(), topicMail)}); s.here(ctx, at.from) && out[at] == nil {
			out[at] = &bag{}
		}
	}
	for at, b := range out {
		if !s.Member(r.Name(), at.from) || !s.Member(r.Name(), at.to) {
			continue
		}
		if bad := s.putBag(ctx, r, at, b); bad != nil {
			err = errors.Join(err, fmt.Errorf("mail of %s to %s: %w", at.from, at.to, bad))
		}
	}
	return err
}

// takeBag takes the letters of a bag, and notes which of our own the other has by now.
func (s *Service) takeBag(ctx context.Context, r *federation.Region, me string, p *federationv1.PostRecord, waiting []consolidation.Carried) ([]consolidation.Carried, error) {
	from, whole := p.GetCity(), true
	var b bag
	text, err := s.openSealed(as(ctx, me), r, p)
	if err == nil && (json.Unmarshal(text, &b) != nil || len(b.Letters) > mostLetters) {
		err = fmt.Errorf("%w: a bag with %d letters", errPost, len(b.Letters))
	}
	at := from + "/" + p.GetTopic()
	if lasting(err) {
		s.log.Error("mail about the national list", "from", from, "to", me, "error", err)
		s.heard[at] = p.GetNumber()
		return waiting, nil
	}
	if err != nil {
		return waiting, err
	}
	var have []string
	for _, l := range b.Letters {
		err := s.lists.TakeLetter(ctx, from, me, l)
		switch refusal := new(kratos.Error); {
		case err == nil:
		case errors.As(err, &refusal) && refusal.Code < 500:
			s.log.Error("a letter about the national list", "from", from, "to", me, "error", err) // it stays what it is
		case errors.Is(err, consolidation.ErrLater):
			whole = false
			continue
		default:
			return waiting, err
		}
		have = append(have, consolidation.LetterDigest(l))
	}
	s.have[between{me, from}] = have
	var told []consolidation.Carried
	waiting = slices.DeleteFunc(waiting, func(c consolidation.Carried) bool {
		is := c.From == me && c.To == from && slices.Contains(b.Have, c.Digest())
		if is {
			told = append(told, c)
		}
		return is
	})
	if len(told) > 0 {
		if err := s.lists.Told(ctx, told); err != nil {
			return waiting, err
		}
	}
	if whole {
		s.heard[at] = p.GetNumber()
	} else { // what it rests on comes in another's bag
		s.later[at] = time.Now().Add(time.Minute)
	}
	return waiting, nil
}

// putBag puts a bag up, with as many letters as a post holds: the others wait for their turn.
func (s *Service) putBag(ctx context.Context, r *federation.Region, at between, b *bag) error {
	topic := topicMail + at.to
	if len(b.Letters)+len(b.Have) == 0 && r.Ledger().Posted(at.from, topic) == 0 {
		return nil
	}
	b.Letters = b.Letters[:min(len(b.Letters), mostLetters)]
	for {
		body, err := json.Marshal(b)
		if err != nil {
			return err
		}
		if _, err := pack(body); err != nil && len(b.Letters) > 1 {
			b.Letters = b.Letters[:len(b.Letters)/2]
			continue
		}
		if said := consolidation.LetterDigest(body); s.said[at.from+topic] != said {
			if err := s.postSealed(as(ctx, at.from), r, at.to, topic, body); err != nil {
				return err
			}
			s.said[at.from+topic] = said
		}
		return nil
	}
}
