package identity

import (
	"context"
	"crypto/sha256"
	"fmt"
	"strings"
	"time"

	"hotline/ent"
	"hotline/ent/session"
	"hotline/ent/signingkey"
	"hotline/ent/store"
	"hotline/ent/throttle"
)

const (
	addressPrefix = "address:"
	accountPrefix = "account:"
	longestWait   = 15 * time.Minute
)

// patience is how much guessing is borne: free tries before waiting begins, and after how long a quiet time one is forgotten.
type patience struct {
	free int
	leak time.Duration
}

// patienceFor: behind one address sits a whole office whose people mistype, behind everything else one secret.
func patienceFor(key string) patience {
	if strings.HasPrefix(key, addressPrefix) {
		return patience{free: 20, leak: time.Minute}
	}
	return patience{free: 5, leak: longestWait}
}

// wait doubles with each failure from the free ones on: 1 s, 2 s, 4 s … 15 min.
func (p patience) wait(failures int) time.Duration {
	if failures < p.free {
		return 0
	}
	return min(time.Second<<min(failures-p.free, 20), longestWait)
}

// left is how many failures are still remembered.
func (p patience) left(t *ent.Throttle, now time.Time) int {
	return max(0, t.Failures-max(0, int(now.Sub(t.UpdatedAt)/p.leak)))
}

// hashKey hides addresses and logins from whoever reads the table.
func hashKey(key string) []byte {
	sum := sha256.Sum256([]byte("hotline throttle\x00" + key))
	return sum[:]
}

// Throttled (限次) refuses with TOO_MANY_TRIES while the key has to wait. An empty key is never throttled.
func (s *Service) Throttled(ctx context.Context, key string) error {
	if key == "" {
		return nil
	}
	return s.db.View(ctx, func(ctx context.Context) error {
		t, err := s.db.Ent.Throttle.Query().Where(throttle.Key(hashKey(key))).Only(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("throttle: %w", err)
		}
		if wait := t.Until.Sub(store.Now(ctx)); wait > 0 {
			return tooMany(wait)
		}
		return nil
	})
}

// Failed counts a failed proof. Call it outside of the transaction that fails, or the count is rolled back with it.
func (s *Service) Failed(ctx context.Context, key string) error {
	return s.db.Do(ctx, func(ctx context.Context) error { return s.count(ctx, key, 1, false) })
}

// Succeeded forgets the failures of the key.
func (s *Service) Succeeded(ctx context.Context, key string) error {
	if key == "" {
		return nil
	}
	return s.db.Do(ctx, func(ctx context.Context) error {
		if _, err := s.db.Ent.Throttle.Delete().Where(throttle.Key(hashKey(key))).Exec(ctx); err != nil {
			return fmt.Errorf("throttle: %w", err)
		}
		return nil
	})
}

// Try is Throttled and Failed in one step for all keys, before the proof is looked at; call Succeeded (or forgive) when it
// was good. So a thousand guesses sent at once are counted one by one. Call it outside of a transaction that may fail.
func (s *Service) Try(ctx context.Context, keys ...string) error {
	return s.db.Do(ctx, func(ctx context.Context) error {
		for _, key := range keys {
			if err := s.count(ctx, key, 1, true); err != nil {
				return err
			}
		}
		return nil
	})
}

// Forgive takes one try of each key back, when its proof was good: an address or a case must not get a clean slate because
// one of the proofs behind it is the guesser's own.
func (s *Service) Forgive(ctx context.Context, keys ...string) error {
	return s.db.Do(ctx, func(ctx context.Context) error {
		for _, key := range keys {
			if err := s.forgive(ctx, key); err != nil {
				return err
			}
		}
		return nil
	})
}

// forgive takes one failure back: an address must not get a clean slate because one account behind it is the guesser's own.
func (s *Service) forgive(ctx context.Context, key string) error { return s.count(ctx, key, -1, false) }

// noWait is a moment before all tries.
var noWait = time.Unix(0, 0).UTC()

// count adds to the failures of a key; the row is locked first, so that counts on two replicas add up.
func (s *Service) count(ctx context.Context, key string, add int, refuse bool) error {
	if key == "" {
		return nil
	}
	now, hash, p := store.Now(ctx), hashKey(key), patienceFor(key)
	err := s.db.Ent.Throttle.Create().SetKey(hash).SetUntil(noWait).SetUpdatedAt(now).
		OnConflictColumns(throttle.FieldKey).Ignore().Exec(ctx)
	if err != nil {
		return fmt.Errorf("throttle: %w", err)
	}
	t, err := s.db.Ent.Throttle.Query().Where(throttle.Key(hash)).Only(ctx)
	if err != nil {
		return fmt.Errorf("throttle: %w", err)
	}
	if wait := t.Until.Sub(now); wait > 0 && refuse {
		return tooMany(wait)
	}
	failures := min(max(0, p.left(t, now)+add), p.free+10) // more would only be remembered longer
	until := t.Until
	if wait := p.wait(failures); add > 0 && wait > 0 {
		until = now.Add(wait)
	} else if failures < p.free {
		// Not now: of two right tries at once, the one that began earlier may be counted later, and now would lie ahead of it.
		until = noWait
	}
	if err := t.Update().SetFailures(failures).SetUntil(until).SetUpdatedAt(now).Exec(ctx); err != nil {
		return fmt.Errorf("throttle: %w", err)
	}
	return nil
}

// Sweep deletes what no longer says anything: throttles of yesterday, sessions ended long ago, keys that verify nothing.
func (s *Service) Sweep(ctx context.Context) error {
	return s.db.Do(ctx, func(ctx context.Context) error {
		now, db := store.Now(ctx), s.db.Ent
		if _, err := db.Throttle.Delete().Where(throttle.UpdatedAtLT(now.Add(-24 * time.Hour))).Exec(ctx); err != nil {
			return fmt.Errorf("throttle: %w", err)
		}
		if _, err := db.Session.Delete().Where(session.ExpiresAtLT(now.AddDate(0, 0, -90))).Exec(ctx); err != nil {
			return fmt.Errorf("sessions: %w", err)
		}
		if _, err := db.SigningKey.Delete().Where(signingkey.VerifiesUntilLT(now.AddDate(0, 0, -90))).Exec(ctx); err != nil {
			return fmt.Errorf("signing keys: %w", err)
		}
		return nil
	})
}
