package gate

import (
	"container/list"
	"context"
	"net/http"
	"net/netip"
	"strconv"
	"sync"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/go-kratos/kratos/v2/middleware"
	"github.com/go-kratos/kratos/v2/transport"
	"golang.org/x/time/rate"
	"google.golang.org/protobuf/proto"

	"hotline/tenants"
)

const (
	maxBuckets  = 50_000 // remembered accounts and addresses; the longest unseen is forgotten first
	perCityBusy = 64     // calls of one city at work at once, so that a noisy city can't take all connections
	longest     = time.Minute
)

// limits keep one caller and one city from slowing the others.
type limits struct {
	mu      sync.Mutex
	buckets map[string]*list.Element
	recent  *list.List
	busy    map[string]int
}

type bucket struct {
	key string
	*rate.Limiter
}

func newLimits() *limits {
	return &limits{buckets: map[string]*list.Element{}, recent: list.New(), busy: map[string]int{}}
}

// take asks for one call of the key at so many a minute; wait is how long to come back after.
func (l *limits) take(key string, perMinute int, now time.Time) (wait time.Duration) {
	r, burst := rate.Limit(float64(perMinute)/60), max(perMinute/6, 5)
	if perMinute <= 0 {
		return longest
	}
	l.mu.Lock()
	e, ok := l.buckets[key]
	if !ok {
		e = l.recent.PushFront(&bucket{key, rate.NewLimiter(r, burst)})
		l.buckets[key] = e
		if l.recent.Len() > maxBuckets {
			last := l.recent.Back()
			delete(l.buckets, last.Value.(*bucket).key)
			l.recent.Remove(last)
		}
	} else {
		l.recent.MoveToFront(e)
	}
	b := e.Value.(*bucket)
	// The same bucket with another rate, never a fresh one: an address that turns from city to city would start full each time.
	if b.Limit() != r {
		b.SetLimitAt(now, r)
		b.SetBurstAt(now, burst)
	}
	l.mu.Unlock()
	next := b.ReserveN(now, 1)
	if d := next.DelayFrom(now); d > 0 {
		next.CancelAt(now)
		return min(d, longest)
	}
	return 0
}

func (l *limits) begin(whose string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[whose] >= perCityBusy {
		return false
	}
	l.busy[whose]++
	return true
}

func (l *limits) end(whose string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[whose]--; l.busy[whose] <= 0 {
		delete(l.busy, whose)
	}
}

// limit refuses who calls too fast, and holds each city to its share.
func (g *Gate) limit(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		city := ""
		v := tenants.From(ctx)
		if v != nil {
			city = v.Tenant
		}
		account, perAddress := g.parts.Rates(ctx, city)
		key, rate, whose := "account "+city+" ", account, "staff "+city
		if v == nil || ruleOf(ctx).GetPublic() {
			key, rate = "address "+network(ctx), perAddress
			// Passers-by have a share of their own: they can't shut a city's staff out, nor each other from a login.
			if whose = "public " + city; city == "" {
				whose = key
			}
		} else {
			key += v.Login
		}
		if wait := g.limits.take(key, rate, time.Now()); wait > 0 {
			return nil, tooFast(wait)
		}
		if !g.limits.begin(whose) {
			return nil, tooFast(0)
		}
		defer g.limits.end(whose)
		return next(ctx, in)
	}
}

// size holds gRPC to the limit of each method: its server knows only one, the largest of all. Over HTTP each address has its own.
func (g *Gate) size(next middleware.Handler) middleware.Handler {
	return func(ctx context.Context, in any) (any, error) {
		limit := max(g.parts.MaxBody, g.parts.Large[operation(ctx)])
		tr, ok := transport.FromServerContext(ctx)
		if m, is := in.(proto.Message); ok && is && tr.Kind() == transport.KindGRPC && int64(proto.Size(m)) > limit {
			return nil, errors.Newf(http.StatusRequestEntityTooLarge, "TOO_LARGE", "请求正文太大，最多 %d 字节。", limit)
		}
		return next(ctx, in)
	}
}

// network is the caller's address as far as it counts: whoever has IPv6 has a whole /64 of addresses.
func network(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	if ip, err := netip.ParseAddr(address); err == nil && ip.Unmap().Is6() {
		if prefix, err := ip.WithZone("").Prefix(64); err == nil {
			return prefix.String()
		}
	}
	return address
}

func tooFast(wait time.Duration) error {
	return errors.New(429, "TOO_FAST", "操作太快，请稍后再试。").
		WithMetadata(map[string]string{"retry_after": strconv.Itoa(int(wait/time.Second) + 1)})
}
