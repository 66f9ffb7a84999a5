package casework

import (
	"context"
	"fmt"
	"sync"
	"time"

	"hotline/ent"
	"hotline/ent/numberblock"
	"hotline/tenants"
	"hotline/tenants/calendar"
)

// blockSize is how many numbers a process takes at once: taking them one by one would make every intake of a city wait
// for the one before. A restart leaves a gap of at most this many; numbers are unique, not gapless.
const blockSize = 64

// numbers hands out work order numbers (工单号): area (6), date (8), channel (2), sequence (7), check digit (1).
type numbers struct {
	mu     sync.Mutex
	blocks map[string]*block
}

type block struct {
	day       string
	next, end int
}

var channelCodes = map[string]string{
	"phone": "01", "web": "02", "wechat": "03", "app": "04", "email": "05", "walk_in": "06", "transfer_110": "07", "city_transfer": "08",
}

// number takes the next number of the city's day. It must not be called inside a transaction.
func (s *Service) number(ctx context.Context, channel string, now time.Time) (string, error) {
	city, day := tenants.From(ctx).Tenant, now.In(calendar.Zone).Format("20060102")
	s.numbers.mu.Lock()
	defer s.numbers.mu.Unlock()
	b := s.numbers.blocks[city]
	if b == nil || b.day != day || b.next == b.end {
		first, err := s.takeBlock(ctx, day)
		if err != nil {
			return "", err
		}
		b = &block{day: day, next: first, end: first + blockSize}
		s.numbers.blocks[city] = b
	}
	digits := fmt.Sprintf("%s%s%s%07d", city, day, channelCodes[channel], b.next)
	b.next++
	return digits + string('0'+checkDigit(digits)), nil
}

func (s *Service) takeBlock(ctx context.Context, day string) (first int, err error) {
	err = s.db.Do(ctx, func(ctx context.Context) error {
		n, err := s.ent().NumberBlock.Update().Where(numberblock.Day(day)).AddNext(blockSize).Save(ctx)
		if err != nil {
			return fmt.Errorf("number block: %w", err)
		}
		if n == 0 {
			first = 1
			return s.ent().NumberBlock.Create().SetDay(day).SetNext(1 + blockSize).Exec(ctx)
		}
		b, err := s.ent().NumberBlock.Query().Where(numberblock.Day(day)).Only(ctx)
		if err != nil {
			return fmt.Errorf("number block: %w", err)
		}
		first = b.Next - blockSize
		return nil
	})
	if ent.IsConstraintError(err) { // another replica made the day's row first
		return s.takeBlock(ctx, day)
	}
	return first, err
}

// checkDigit is Luhn's, so that a number misheard on the phone is refused rather than another's.
func checkDigit(digits string) rune {
	sum := 0
	for i := range digits {
		d := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			if d *= 2; d > 9 {
				d -= 9
			}
		}
		sum += d
	}
	return rune((10 - sum%10) % 10)
}

// ValidNumber says whether the digits are a work order number, by its check digit.
func ValidNumber(n string) bool {
	if len(n) != 24 {
		return false
	}
	for _, c := range n {
		if c < '0' || c > '9' {
			return false
		}
	}
	return n[23:] == string('0'+checkDigit(n[:23]))
}
