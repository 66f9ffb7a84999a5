package federation_test

import (
	"bytes"
	"log/slog"
	"strings"
	"sync"
	"testing"

	"hotline/federation/federationtest"
)

// book keeps what nodes log.
type book struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *book) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *book) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestAnOrdinaryLifeAlarmsNobodyAndAPeerThatIsGoneIsAWarning(t *testing.T) {
	t.Parallel()
	c := federationtest.Prepare(t, 3, group)
	said := new(book)
	for _, p := range c.Voters {
		c.Config(p.Name).Log = slog.New(slog.NewTextHandler(said, nil))
	}
	c.Found()
	c.Leader(group)
	c.Until("a command is taken", func() bool {
		_, err := c.Node("v1").Propose(t.Context(), group, federationtest.Command("a", "k", 0))
		return err == nil
	})
	if text := said.String(); strings.Contains(text, "level=WARN") || strings.Contains(text, "level=ERROR") || strings.Contains(text, "election") {
		t.Errorf("founding alarms:\n%s", text)
	}
	gone := follower(c)
	c.Kill(gone)
	c.Until("the leader says that it does not reach it", func() bool {
		return strings.Contains(said.String(), "level=WARN") && strings.Contains(said.String(), "node="+c.Leader(group))
	})
	if text := said.String(); strings.Contains(text, "node="+gone+" group="+group+" part=net") && strings.Contains(text, "closed network connection") {
		t.Errorf("a node that is closed complains of its own lines:\n%s", text)
	}
}
