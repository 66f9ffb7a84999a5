// Package live tells who watches what happens to the orders they may see (实时变动), while it happens and after a cut. See DESIGN.md.
package live

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync"
	"time"

	kerrors "github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/timestamppb"

	pb "hotline/api/casework/v1"
	"hotline/app/casework"
	"hotline/ent"
	"hotline/tenants"
)

// Service carries the streams of this process.
type Service struct {
	Cases *casework.Service
	Log   *slog.Logger
	// PerPerson and PerCity are how many streams one person and one city may have open on this process.
	PerPerson, PerCity int
	// Poll is how long a change of another process may go unnoticed, Sign how often a stream says that it lives.
	Poll, Sign time.Duration

	mu     sync.Mutex
	feeds  map[string]*feed // by city
	people map[string]int   // streams open, by city and login
}

// New makes the room. A person has a few tabs and devices, a city a few hundred people on each process.
func New(cases *casework.Service, log *slog.Logger) *Service {
	return &Service{Cases: cases, Log: log, PerPerson: 12, PerCity: 5000, Poll: time.Second, Sign: 15 * time.Second,
		feeds: map[string]*feed{}, people: map[string]int{}}
}

// Watch (关注变动) opens a stream for the viewer.
func (s *Service) Watch(ctx context.Context, in *pb.WatchRequest) (func(context.Context, func(*pb.Change) error) error, error) {
	w := &watcher{s: s, v: tenants.From(ctx), id: uuid.Must(uuid.NewV7()), order: in.GetWorkOrder()}
	if in.GetAfter() != "" {
		p, err := casework.ParsePlace(in.GetAfter())
		if err != nil {
			return nil, err
		}
		w.after = &p
	}
	if w.order != "" {
		if _, err := s.Cases.Present(ctx, w.order); err != nil { // not found when it is out of scope
			return nil, err
		}
	}
	var err error
	if w.feed, err = s.join(w.v); err != nil {
		return nil, err
	}
	return func(ctx context.Context, send func(*pb.Change) error) error {
		defer s.part(w.v, w.feed)
		w.send = send
		if err := w.run(ctx); !errors.Is(err, errEnded) {
			return err
		}
		return nil
	}, nil
}

// join counts the viewer in and finds the feed of their city, or begins it.
func (s *Service) join(v *tenants.Viewer) (*feed, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := v.Tenant + " " + v.Login
	f := s.feeds[v.Tenant]
	if s.people[who] >= s.PerPerson || f != nil && f.streams >= s.PerCity {
		return nil, kerrors.New(429, "TOO_MANY_STREAMS", "打开的页面太多，请关闭不用的页面后重试。").
			WithMetadata(map[string]string{"retry_after": "30"})
	}
	if f == nil {
		f = newFeed(s, v.Tenant)
		s.feeds[v.Tenant] = f
		go f.run()
	}
	s.people[who]++
	f.streams++
	return f, nil
}

// part counts the viewer out; the last one out ends the feed.
func (s *Service) part(v *tenants.Viewer, f *feed) {
	s.mu.Lock()
	defer s.mu.Unlock()
	who := v.Tenant + " " + v.Login
	if s.people[who]--; s.people[who] == 0 {
		delete(s.people, who)
	}
	if f.streams--; f.streams == 0 {
		s.drop(f)
	}
}

// drop ends a feed: the next stream begins another.
func (s *Service) drop(f *feed) {
	f.stop()
	if s.feeds[f.city] == f {
		delete(s.feeds, f.city)
	}
}

// Wake lets a city's streams look at once; it is called after every change that this process made.
func (s *Service) Wake(city string) {
	s.mu.Lock()
	f := s.feeds[city]
	s.mu.Unlock()
	if f != nil {
		select {
		case f.wake <- struct{}{}:
		default: // it will look anyway
		}
	}
}

// watcher is one stream.
type watcher struct {
	s     *Service
	v     *tenants.Viewer
	id    uuid.UUID
	order string          // the order that is open, or ""
	after *casework.Place // where the stream before this one was cut
	feed  *feed
	at    casework.Place // all up to here was told
	send  func(*pb.Change) error
}

func (w *watcher) run(ctx context.Context) error {
	head, err := w.feed.begun(ctx)
	if err != nil {
		return err
	}
	if w.order != "" {
		if err := w.enter(ctx); err != nil {
			return err
		}
		defer w.leave(ctx)
	}
	w.at = head
	if err := w.resume(ctx); err != nil {
		return err
	}
	if w.order != "" {
		if err := w.present(ctx); err != nil {
			return err
		}
	}
	sign := time.NewTicker(w.s.Sign)
	defer sign.Stop()
	for {
		fresh, more, ok := w.feed.since(w.at)
		if !ok {
			return w.end("SLOW", "接收太慢或数据来源有变动，请重新连接。")
		}
		if err := w.tell(ctx, fresh); err != nil {
			return err
		}
		if len(fresh) > 0 {
			continue
		}
		select {
		case <-ctx.Done():
			return nil
		case <-more:
		case <-sign.C:
			w.at.On = time.Now() // who comes back from here has missed nothing that is forgotten
			if err := w.send(&pb.Change{Kind: pb.ChangeKind_ALIVE, Id: w.at.String(), CreateTime: timestamppb.Now()}); err != nil {
				return err
			}
		}
	}
}

// resume says that the stream is open, and tells what was missed since it was cut.
func (w *watcher) resume(ctx context.Context) error {
	ready := &pb.Change{Kind: pb.ChangeKind_READY, Id: w.at.String(), CreateTime: timestamppb.Now()}
	if w.after == nil {
		return w.send(ready)
	}
	head := w.at
	w.at = *w.after
	ready.Id = w.at.String()
	if err := w.send(ready); err != nil {
		return err
	}
	for {
		missed, err := w.s.Cases.Changes(system(w.v.Tenant, ctx), w.at, page)
		if errors.Is(err, casework.ErrLost) {
			w.at = head
			return w.send(&pb.Change{Kind: pb.ChangeKind_RESET, Id: w.at.String(), CreateTime: timestamppb.Now(),
				Reason: "LOST", Message: "离线时间较长，请刷新列表。"})
		}
		if err != nil {
			return err
		}
		if err := w.tell(ctx, missed); err != nil {
			return err
		}
		if len(missed) < page {
			if w.at.Before(head) { // nothing lies between: what was settled then has been read
				w.at = head
			}
			return nil
		}
	}
}

// tell sends those of the changes that the viewer may hear of.
func (w *watcher) tell(ctx context.Context, changes []*casework.Changed) error {
	for _, c := range changes {
		w.at = c.Place
		switch may, err := w.s.Cases.MayHear(ctx, c); {
		case err != nil:
			return err
		case !may:
		case c.Kind != casework.ChangePresence:
			if err := w.send(render(c)); err != nil {
				return err
			}
		case c.Number == w.order:
			if err := w.present(ctx); err != nil {
				return err
			}
		}
	}
	return nil
}

var kinds = map[string]pb.ChangeKind{casework.ChangeAct: pb.ChangeKind_ACT, casework.ChangeWarning: pb.ChangeKind_WARNING,
	casework.ChangeOverdue: pb.ChangeKind_OVERDUE}

func render(c *casework.Changed) *pb.Change {
	out := &pb.Change{Id: c.Place.String(), Kind: kinds[c.Kind], WorkOrder: c.Number, Verb: c.Verb, State: casework.StateOf(c.State),
		Etag: strconv.Itoa(c.Version), Seq: int32(c.Seq), Warning: int32(c.Warning), Actor: c.Actor, ActorRole: c.Role, ActorUnit: c.Unit,
		CreateTime: timestamppb.New(c.CreatedAt)}
	if casework.Due(c.DueAt) {
		out.DueTime = timestamppb.New(c.DueAt)
	}
	return out
}

// enter lets others who have the order open see the viewer.
func (w *watcher) enter(ctx context.Context) error {
	if err := w.s.Cases.Enter(ctx, w.id, w.order); err != nil {
		return err
	}
	w.feed.stays(w.id, true)
	return nil
}

func (w *watcher) leave(ctx context.Context) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*time.Second)
	defer cancel()
	w.feed.stays(w.id, false)
	if err := w.s.Cases.Leave(ctx, w.id); err != nil {
		w.s.Log.WarnContext(ctx, "presence not ended, it runs out by itself", "tenant", w.v.Tenant, "error", err.Error())
	}
}

// present sends who else has the order open.
func (w *watcher) present(ctx context.Context) error {
	who, err := w.s.Cases.Present(ctx, w.order)
	if kerrors.IsNotFound(err) {
		return w.end("OUT_OF_SCOPE", "这件工单已不在您可见的范围内，请返回列表。")
	}
	if err != nil {
		return err
	}
	out := &pb.Change{Id: w.at.String(), Kind: pb.ChangeKind_PRESENCE, WorkOrder: w.order, CreateTime: timestamppb.Now()}
	for _, p := range who {
		out.Present = append(out.Present, person(p))
	}
	return w.send(out)
}

// errEnded says that the reader knows why it ends.
var errEnded = errors.New("ended")

func (w *watcher) end(reason, message string) error {
	if err := w.send(&pb.Change{Kind: pb.ChangeKind_END, Reason: reason, Message: message}); err != nil {
		return err
	}
	return errEnded
}

func person(p *ent.Presence) *pb.Person {
	return &pb.Person{Login: p.Login, Role: p.Role, Unit: p.Unit}
}

// system is the platform in a city: what it reads is told to each viewer by their own scope.
func system(city string, ctx context.Context) context.Context {
	return tenants.With(ctx, tenants.System(city))
}
