package gate

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"slices"
	"time"

	khttp "github.com/go-kratos/kratos/v2/transport/http"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	pb "hotline/api/casework/v1"
	"hotline/api/rest"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

const (
	writeWait = 5 * time.Second // how long a reader may take for one event; who is slower is dropped and comes back where it was
	proofLife = 5 * time.Second // how old the answer to "who is it?" may be when an event goes out
)

// Watch opens a stream (实时变动): what can be refused is refused here, within the chain, and run carries the stream; it is always called.
type Watch func(ctx context.Context, in *pb.WatchRequest) (run func(ctx context.Context, send func(*pb.Change) error) error, err error)

// watch mounts the stream.
func (g *Gate) watch() error {
	if g.parts.Watch == nil {
		return nil
	}
	if err := g.checkRule("/" + pb.Live_ServiceDesc.ServiceName + "/" + pb.Live_ServiceDesc.Streams[0].StreamName); err != nil {
		return err
	}
	if err := rest.MountStream(g.HTTP, &pb.Live_ServiceDesc, g.stream); err != nil {
		return fmt.Errorf("gate: %w", err)
	}
	return nil
}

// stream lets the opening pass the chain like any call; then it goes on outside, for the chain's time and places are those of calls.
func (g *Gate) stream(c khttp.Context, in proto.Message) error {
	var run func(ctx context.Context, send func(*pb.Change) error) error
	var v *tenants.Viewer
	_, err := c.Middleware(func(ctx context.Context, in any) (_ any, err error) {
		req := in.(*pb.WatchRequest)
		if last := c.Request().Header.Get("Last-Event-ID"); last != "" {
			req.After = last
		}
		v = tenants.From(ctx)
		run, err = g.parts.Watch(ctx, req)
		return req, err
	})(c.Request().Context(), in)
	if err != nil {
		return err
	}
	w := c.Response()
	if raw, ok := w.(interface{ Unwrap() http.ResponseWriter }); ok {
		w = raw.Unwrap() // kratos' own writes the status again with every part
	}
	ctx, cancel := context.WithCancelCause(tenants.With(c.Request().Context(), v))
	defer cancel(nil)
	defer context.AfterFunc(g.leaving, func() { cancel(errLeaving) })()
	if !v.Until.IsZero() {
		defer time.AfterFunc(time.Until(v.Until), func() { cancel(errExpired) }).Stop()
	}
	s := &stream{g: g, w: w, out: http.NewResponseController(w), header: c.Request().Header.Get("Authorization"), v: v, proven: time.Now()}
	g.meters.streams.Inc()
	defer g.meters.streams.Dec()
	err = run(ctx, func(m *pb.Change) error { return s.send(ctx, m) })
	s.end(ctx, err)
	return nil
}

// ending is why the gate ends a stream that could have gone on: a stable code and what to do.
type ending struct{ reason, message string }

func (e ending) Error() string { return e.reason }

var (
	errExpired = ending{"UNAUTHENTICATED", "登录已到期，请重新登录后继续接收变动。"}
	errLeaving = ending{"LEAVING", "服务正在更新，请稍后重新连接。"}
	errPosts   = ending{"POSTS_CHANGED", "您的岗位有变动，请重新连接。"}
)

// stream is one reader.
type stream struct {
	g      *Gate
	w      http.ResponseWriter
	out    *http.ResponseController
	header string
	v      *tenants.Viewer
	proven time.Time
	begun  bool
}

// send writes one event, if its reader still is who they were and may leave the house with it.
func (s *stream) send(ctx context.Context, m *pb.Change) error {
	if err := s.prove(ctx); err != nil {
		return err
	}
	return s.write(m)
}

// prove asks again who the reader is: a session that was ended, a post that was taken away count at once, or nearly.
func (s *stream) prove(ctx context.Context) error {
	if time.Since(s.proven) < proofLife {
		return nil
	}
	v, err := s.g.parts.Identify(ctx, s.header)
	if err != nil || v == nil {
		return errExpired
	}
	if v.Tenant != s.v.Tenant || !slices.Equal(v.Posts, s.v.Posts) {
		return errPosts
	}
	s.proven = time.Now()
	return nil
}

func (s *stream) write(m *pb.Change) error {
	if err := Privacy(m); err != nil {
		return err
	}
	data, err := protojson.MarshalOptions{EmitDefaultValues: true}.Marshal(m)
	if err != nil {
		return fmt.Errorf("event: %w", err)
	}
	var b bytes.Buffer
	if !s.begun {
		s.begun = true
		h := s.w.Header()
		h.Set("Content-Type", "text/event-stream; charset=utf-8")
		h.Set("X-Accel-Buffering", "no") // a proxy that collects would keep events back
		_ = s.out.SetReadDeadline(time.Time{})
		b.WriteString("retry: 2000\n\n")
	}
	if m.GetId() != "" {
		fmt.Fprintf(&b, "id: %s\n", m.GetId())
	}
	fmt.Fprintf(&b, "event: %s\ndata: %s\n\n", m.GetKind(), data)
	if err := s.out.SetWriteDeadline(time.Now().Add(writeWait)); err != nil {
		return fmt.Errorf("event: %w", err)
	}
	if _, err := s.w.Write(b.Bytes()); err != nil {
		return fmt.Errorf("event: %w", err)
	}
	if err := s.out.Flush(); err != nil {
		return fmt.Errorf("event: %w", err)
	}
	return nil
}

// end says why, to who still listens; what ended without an error has said it already.
func (s *stream) end(ctx context.Context, err error) {
	why, ours := context.Cause(ctx).(ending)
	if !ours {
		why, ours = err.(ending)
	}
	if !ours {
		if err == nil || ctx.Err() != nil {
			return
		}
		s.g.parts.Log.ErrorContext(ctx, "stream", "trace", traceOf(ctx), "tenant", s.v.Tenant, "error", privacy.Scrub(err.Error()))
		why = ending{"INTERNAL", "连接中断，请重新连接。"}
	}
	_ = s.write(&pb.Change{Kind: pb.ChangeKind_END, Reason: why.reason, Message: why.message}) // the reader may be gone
}
