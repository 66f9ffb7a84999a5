package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Clock is a time of day in Zone in minutes after 00:00, from 0 to 1440 (24:00).
type Clock int

const endOfDayClock Clock = 24 * 60

// String is "09:00"; 24:00 is the end of the day.
func (k Clock) String() string { return fmt.Sprintf("%02d:%02d", int(k)/60, int(k)%60) }

func (k Clock) duration() time.Duration { return time.Duration(k) * time.Minute }

// ParseClock reads "09:00" up to "24:00". Its error is an *InvalidError.
func ParseClock(text string) (Clock, error) {
	var hour, minute int
	_, err := fmt.Sscanf(text, "%2d:%2d", &hour, &minute)
	k := Clock(hour*60 + minute)
	// Printing back refuses what Sscanf lets pass: 9:5, signs, anything trailing.
	if err != nil || k < 0 || k > endOfDayClock || k.String() != text {
		return 0, invalid("clock", "钟点“%s”写法不对，应写作09:00，最晚24:00", clip(text))
	}
	return k, nil
}

// Session is one stretch of office hours (办公时段) from Open to Close.
type Session struct{ Open, Close Clock }

// String is "09:00-12:00".
func (s Session) String() string { return s.Open.String() + "-" + s.Close.String() }

// ParseSessions reads stretches with commas between: "09:00-12:00,13:30-17:30".
// The error is an *InvalidError; order and overlap are checked by WithOfficeHours.
func ParseSessions(text string) ([]Session, error) {
	parts := strings.Split(text, ",")
	if len(parts) > maxSessions {
		return nil, invalid("office", "一天的办公时段不能超过%d段", maxSessions)
	}
	sessions := make([]Session, 0, len(parts))
	for _, part := range parts {
		from, to, _ := strings.Cut(part, "-")
		opens, err := ParseClock(from)
		if err != nil {
			return nil, err
		}
		closes, err := ParseClock(to)
		if err != nil {
			return nil, err
		}
		sessions = append(sessions, Session{Open: opens, Close: closes})
	}
	return sessions, nil
}

const maxSessions = 8

var defaultOffice = []Session{{Open: 9 * 60, Close: 12 * 60}, {Open: 13*60 + 30, Close: 17*60 + 30}}

// WithOfficeHours replaces the office hours (办公时间), 09:00–12:00 and 13:30–17:30
// by default, in which working hours are counted: the same on every working day,
// Beijing time. A city in Xinjiang gives 10:00–14:00 and 15:30–19:30.
//
// The error is an *InvalidError: at least one stretch and at most 8, each ending
// after it begins, in order and without overlap.
func (c *Calendar) WithOfficeHours(sessions ...Session) (*Calendar, error) {
	if len(sessions) == 0 || len(sessions) > maxSessions {
		return nil, invalid("office", "办公时段应有1至%d段", maxSessions)
	}
	var previous Clock
	for _, s := range sessions {
		if s.Open < 0 || s.Close > endOfDayClock || s.Open >= s.Close {
			return nil, invalid("office", "办公时段%s不对：结束应晚于开始，且在00:00至24:00之间", s)
		}
		if s.Open < previous {
			return nil, invalid("office", "办公时段%s与前一段重叠或次序不对", s)
		}
		previous = s.Close
	}
	next := c.clone()
	next.setOffice(slices.Clone(sessions))
	return next, nil
}

// OfficeHours are the stretches in which working hours count. The slice is the
// caller's.
func (c *Calendar) OfficeHours() []Session { return slices.Clone(c.office) }

func (c *Calendar) setOffice(sessions []Session) {
	c.office, c.officeDay = sessions, 0
	for _, s := range sessions {
		c.officeDay += (s.Close - s.Open).duration()
	}
}

// addWorkingHours turns the start into a reading of a clock that runs only in
// office hours, moves that clock on, and reads it back as a moment. Where a reading
// stands for closing time as well as for the next opening, it is closing time.
func (c *Calendar) addWorkingHours(start time.Time, n int) (time.Time, error) {
	i := dayNumber(start) - c.base
	if !c.knows(i) {
		return time.Time{}, c.unknown(i)
	}
	if n == 0 {
		return c.nextOfficeMoment(start)
	}
	reading := time.Duration(c.before[i])*c.officeDay + time.Duration(n)*time.Hour
	if c.works(i) {
		reading += c.officeElapsed(sinceMidnight(start))
	}
	k := int((reading - 1) / c.officeDay)
	if k >= len(c.working) {
		return time.Time{}, c.unknown(len(c.before) - 1)
	}
	within := reading - time.Duration(k)*c.officeDay
	return startOf(c.base + int(c.working[k])).Add(c.officeMoment(within)), nil
}

// nextOfficeMoment is t itself in office hours, closing time included, else the
// next opening.
func (c *Calendar) nextOfficeMoment(t time.Time) (time.Time, error) {
	number, clock := dayNumber(t), sinceMidnight(t)
	if c.works(number - c.base) {
		for _, s := range c.office {
			if clock < s.Open.duration() {
				return startOf(number).Add(s.Open.duration()), nil
			}
			if clock <= s.Close.duration() {
				return t.In(Zone), nil
			}
		}
	}
	number, err := c.nthWorkingDay(number, 1)
	if err != nil {
		return time.Time{}, err
	}
	return startOf(number).Add(c.office[0].Open.duration()), nil
}

// officeElapsed is how much of a working day's office hours lies before the clock.
func (c *Calendar) officeElapsed(clock time.Duration) time.Duration {
	var sum time.Duration
	for _, s := range c.office {
		if clock <= s.Open.duration() {
			break
		}
		sum += min(clock, s.Close.duration()) - s.Open.duration()
	}
	return sum
}

// officeMoment is the clock at which that much of the office hours has passed:
// the reverse of officeElapsed, for 0 < elapsed <= officeDay.
func (c *Calendar) officeMoment(elapsed time.Duration) time.Duration {
	for _, s := range c.office {
		length := (s.Close - s.Open).duration()
		if elapsed <= length {
			return s.Open.duration() + elapsed
		}
		elapsed -= length
	}
	return c.office[len(c.office)-1].Close.duration()
}
