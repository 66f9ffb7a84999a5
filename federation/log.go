package federation

import (
	"context"
	"io"
	"log/slog"
	"strings"

	"github.com/hashicorp/go-hclog"
)

// library is the logger of the log library and its parts. What they say goes to the platform's own logger, at the level that it has for an
// operator: a leader is elected at every start, peers come and go, and a node that stops cuts its own lines.
func (g *group) library(part string) hclog.Logger {
	l := hclog.NewInterceptLogger(&hclog.LoggerOptions{Level: hclog.Off, Output: io.Discard})
	l.RegisterSink(&sink{g.log.With("part", part), g})
	return l
}

type sink struct {
	log   *slog.Logger
	group *group
}

// Accept takes one line of the library.
func (s *sink) Accept(_ string, level hclog.Level, words string, args ...any) {
	if level >= hclog.Warn {
		s.log.Log(context.Background(), s.level(level, words), words, args...)
	}
}

// everyday are words of what happens at every start and every change of a leader.
var everyday = []string{"election", "heartbeat timeout", "vote"}

func (s *sink) level(said hclog.Level, words string) slog.Level {
	if s.group.node.mux.isCut() {
		return slog.LevelDebug
	}
	for _, w := range everyday {
		if strings.Contains(strings.ToLower(words), w) {
			return slog.LevelDebug
		}
	}
	if said >= hclog.Error {
		return slog.LevelWarn // that the region does not answer, the courier says
	}
	return slog.LevelInfo
}
