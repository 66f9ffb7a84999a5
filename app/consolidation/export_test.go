package consolidation

import "time"

// Age makes the memory as old as it is after a while.
func (s *Service) Age() {
	m := *s.memory.Load()
	m.seen = time.Time{}
	s.memory.Store(&m)
}
