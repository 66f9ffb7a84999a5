package federation

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/hashicorp/raft"
)

var (
	// ErrClosed says that the node was closed.
	ErrClosed = errors.New("the node is closed")
	// ErrUnknownGroup says that this node is no member of the group.
	ErrUnknownGroup = errors.New("this node is no member of the group")
	// ErrBusy says that too many proposals wait already; nothing was proposed.
	ErrBusy = errors.New("too many proposals wait: try again later")
	// ErrNotProposed says that no leader was reached in time: the command is in no log.
	ErrNotProposed = errors.New("no leader was reached in time; the command was not proposed")
	// ErrUncertain says that the command may or may not be in the log: propose it again with the same id.
	ErrUncertain = errors.New("the answer was lost; the command may have been applied: propose it again with the same id")
	// ErrRefused says that the leader takes no such proposal from this node.
	ErrRefused = errors.New("refused")

	errNotLeader = errors.New("not the leader")
	errLost      = errors.New("the line to the leader broke")
)

// MaxCommand is the size of the longest command of a group that names no other.
const MaxCommand = 1 << 20

const (
	waitingProposals = 4096 // per group and node
	onOneLine        = 1024
	linesOfOne       = 4 // that a member has open at most: one, and those that are about to end
	enqueueTime      = 2 * time.Second
	retryAfter       = 20 * time.Millisecond
)

// What the leader says to a forwarded command, before the words.
const (
	saidDone = iota
	saidNotLeader
	saidUncertain
	saidBusy
	saidRefused
)

// propose is the one place where a command finds the leader. It is tried again until the context ends: a command that was
// lost on the way and one whose answer was lost look the same, and both may be repeated because the machine knows its id.
func (g *group) propose(ctx context.Context, command []byte) ([]byte, error) {
	if len(command) == 0 || len(command) > g.conf.MaxCommand {
		return nil, fmt.Errorf("%w: a command has 1 to %d bytes, this one has %d", ErrRefused, g.conf.MaxCommand, len(command))
	}
	select {
	case g.slots <- struct{}{}:
		defer func() { <-g.slots }()
	default:
		return nil, ErrBusy
	}
	uncertain := false
	for {
		answer, err := g.attempt(ctx, command)
		if err == nil || errors.Is(err, ErrRefused) {
			return answer, err
		}
		uncertain = uncertain || errors.Is(err, ErrUncertain)
		select {
		case <-ctx.Done():
			return nil, gaveUp(uncertain, ctx.Err(), err)
		case <-g.closed:
			return nil, gaveUp(uncertain, ErrClosed, err)
		case <-time.After(retryAfter):
		}
	}
}

func gaveUp(uncertain bool, why, last error) error {
	if uncertain {
		return fmt.Errorf("%w (%w)", ErrUncertain, why)
	}
	return fmt.Errorf("%w (%w, %w)", ErrNotProposed, last, why)
}

func (g *group) attempt(ctx context.Context, command []byte) ([]byte, error) {
	leader, ok := g.leader()
	if !ok {
		return nil, errors.New("there is no leader")
	}
	if leader.Name != g.node.conf.Name {
		return g.line(leader).propose(ctx, command)
	}
	return g.enterHere(ctx, command)
}

// enterHere is for commands of the process that leads. Raft's future can't be left early, so it is waited for beside; how many are is bounded,
// also when their proposers have gone.
func (g *group) enterHere(ctx context.Context, command []byte) ([]byte, error) {
	select {
	case g.entered <- struct{}{}:
	default:
		return nil, sayError(saidBusy, "too many commands have no answer yet")
	}
	g.judges <- struct{}{}
	verdict := g.door(command)
	<-g.judges
	open := g.enter(command, verdict)
	done := make(chan said, 1)
	go func() {
		done <- open()
		<-g.entered
	}()
	select {
	case s := <-done:
		if s.byte != saidDone {
			return nil, sayError(s.byte, string(s.words))
		}
		return s.words, nil
	case <-ctx.Done():
		return nil, ErrUncertain
	}
}

// say is what raft's error means for the proposer.
func say(err error) byte {
	switch {
	case err == nil:
		return saidDone
	case errors.Is(err, raft.ErrNotLeader), errors.Is(err, raft.ErrLeadershipTransferInProgress):
		return saidNotLeader
	case errors.Is(err, raft.ErrEnqueueTimeout):
		return saidBusy
	}
	return saidUncertain
}

func sayError(said byte, words string) error {
	switch said {
	case saidNotLeader:
		return errNotLeader
	case saidBusy:
		return fmt.Errorf("the leader is busy: %s", words)
	case saidRefused:
		return fmt.Errorf("%w: %s", ErrRefused, words)
	}
	return fmt.Errorf("%w: %s", ErrUncertain, words)
}

// proposal waits for its answer on a line.
type proposal struct {
	command []byte
	sent    atomic.Bool
	answer  []byte
	err     error
	done    chan struct{}
}

// line carries the commands of a node to the leader, one after another on one stream; answers come in the same order.
type line struct {
	to      Peer
	queue   chan *proposal // to be written
	waiting chan *proposal // written, to be answered
	answers atomic.Uint64
	dead    chan struct{}
	once    sync.Once
}

// line gives the one to the leader, a new one if the leader or the line died.
func (g *group) line(leader Peer) *line {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.toLeader != nil {
		if g.toLeader.to == leader && !g.toLeader.isDead() {
			return g.toLeader
		}
		g.toLeader.kill()
	}
	l := &line{to: leader, queue: make(chan *proposal, onOneLine), waiting: make(chan *proposal, onOneLine), dead: make(chan struct{})}
	g.toLeader = l
	go g.runLine(l)
	return l
}

func (l *line) kill() { l.once.Do(func() { close(l.dead) }) }

func (l *line) isDead() bool {
	select {
	case <-l.dead:
		return true
	default:
		return false
	}
}

func (l *line) propose(ctx context.Context, command []byte) ([]byte, error) {
	p := &proposal{command: command, done: make(chan struct{})}
	select {
	case l.queue <- p:
	case <-l.dead:
		return nil, errLost
	case <-ctx.Done():
		return nil, ctx.Err()
	}
	select {
	case <-p.done:
		return p.answer, p.err
	case <-l.dead:
	case <-ctx.Done():
	}
	// It may be written right now: only what never reached the line is certainly not proposed.
	if p.sent.Swap(true) {
		return nil, ErrUncertain
	}
	return nil, errLost
}

func (g *group) runLine(l *line) {
	defer l.kill()
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	go func() { // a dead line must not go on dialling
		select {
		case <-l.dead:
		case <-ctx.Done():
		}
		cancel()
	}()
	conn, err := g.node.mux.call(ctx, l.to, hello{kind: kindPropose, group: g.conf.Name})
	if err != nil {
		return
	}
	go func() { defer l.kill(); l.read(bufio.NewReaderSize(conn, 64<<10)) }()
	go func() { defer l.kill(); l.write(conn) }()
	g.watch(l)
	conn.Close()
}

// watch ends a line whose leader is no longer one, or has been silent for too long.
func (g *group) watch(l *line) {
	patience := g.node.conf.Timing.patience()
	tick := time.NewTicker(g.node.conf.Timing.Heartbeat / 4)
	defer tick.Stop()
	heard, since := l.answers.Load(), time.Now()
	for {
		select {
		case <-l.dead:
			return
		case <-g.closed:
			return
		case <-tick.C:
		}
		if now := l.answers.Load(); now != heard || len(l.waiting) == 0 {
			heard, since = now, time.Now()
		}
		// In an election nobody leads; what the old leader has taken may still be answered.
		if leader, ok := g.leader(); ok && leader != l.to || time.Since(since) > patience {
			return
		}
	}
}

func (l *line) write(conn net.Conn) {
	w := bufio.NewWriterSize(conn, 64<<10)
	for {
		select {
		case p := <-l.queue:
			if l.writeOne(w, p) != nil {
				return
			}
		case <-l.dead:
			return
		}
		if len(l.queue) == 0 {
			runtime.Gosched() // whoever is about to propose comes along in the same write
		}
		if len(l.queue) == 0 && w.Flush() != nil {
			return
		}
	}
}

func (l *line) writeOne(w *bufio.Writer, p *proposal) error {
	if p.sent.Swap(true) { // its proposer is gone
		return nil
	}
	select {
	case l.waiting <- p:
	default: // the line is full: what it waits for may still lie in the buffer
		if err := w.Flush(); err != nil {
			return err
		}
		select {
		case l.waiting <- p:
		case <-l.dead:
			return errLost
		}
	}
	return writeFrame(w, p.command)
}

func (l *line) read(r *bufio.Reader) {
	for {
		said, err := r.ReadByte()
		if err != nil {
			return
		}
		words, err := readFrame(r, MaxCommand)
		if err != nil {
			return
		}
		select {
		case p := <-l.waiting:
			if p.answer = words; said != saidDone {
				p.answer, p.err = nil, sayError(said, string(words))
			}
			l.answers.Add(1)
			close(p.done)
		default: // an answer to nothing
			return
		}
	}
}

func writeFrame(w *bufio.Writer, b []byte) error {
	var n [4]byte
	binary.BigEndian.PutUint32(n[:], uint32(len(b)))
	w.Write(n[:])
	_, err := w.Write(b) // a bufio.Writer keeps its first error
	return err
}

func readFrame(r io.Reader, longest int) ([]byte, error) {
	var n [4]byte
	if _, err := io.ReadFull(r, n[:]); err != nil {
		return nil, err
	}
	length := binary.BigEndian.Uint32(n[:])
	if uint64(length) > uint64(longest) {
		return nil, fmt.Errorf("a frame of %d bytes is longer than %d", length, longest)
	}
	b := make([]byte, length)
	_, err := io.ReadFull(r, b)
	return b, err
}

// said is what the leader answers to one command.
type said struct {
	byte
	words []byte
}

// bundle is commands that came together: they are judged together, beside others, and enter the log in the order in which they came.
type bundle struct {
	commands [][]byte
	verdicts []*said
	judged   chan struct{}
}

// bundled is how many commands are judged together at most.
const bundled = 64

// hasty gives each write a time by which it must be done.
type hasty struct {
	net.Conn
	within time.Duration
}

func (h *hasty) Write(b []byte) (int, error) {
	if err := h.SetWriteDeadline(time.Now().Add(h.within)); err != nil {
		return 0, err
	}
	return h.Conn.Write(b)
}

// serveProposals takes commands of a member and answers them in their order. It reads no further while too many are open:
// then the member's queue fills, and after that its proposers hear that it is busy.
func (g *group) serveProposals(from string, conn net.Conn) {
	defer g.lines.add(from, conn)()
	came, open, answers := make(chan *bundle, onOneLine/bundled), make(chan func() said, onOneLine), make(chan said, onOneLine)
	go g.takeCommands(from, conn, came)
	go func() {
		defer close(open)
		for t := range came {
			<-t.judged
			for i, command := range t.commands {
				open <- g.enter(command, t.verdicts[i])
			}
		}
	}()
	go func() {
		defer close(answers)
		for answer := range open {
			answers <- answer()
		}
	}()
	// Who reads no answers must not keep what was asked for ever.
	w := bufio.NewWriterSize(&hasty{conn, g.node.conf.Timing.patience()}, 64<<10)
	for a := range answers {
		w.WriteByte(a.byte)
		err := writeFrame(w, a.words)
		if len(answers) == 0 {
			runtime.Gosched() // what was committed together is answered in one write
		}
		if len(answers) == 0 {
			err = w.Flush()
		}
		if err != nil {
			conn.Close() // the reader ends, and with it all of this
		}
	}
}

func (g *group) takeCommands(from string, conn net.Conn, came chan<- *bundle) {
	defer close(came)
	r := bufio.NewReaderSize(conn, 64<<10)
	for member := true; member; {
		t, err := readTogether(r, g.conf.MaxCommand)
		if err != nil {
			return
		}
		if member = g.knows(from); member {
			g.judges <- struct{}{}
			go func() {
				t.judge(g.door)
				<-g.judges
			}()
		} else {
			stranger := &said{saidRefused, fmt.Appendf(nil, "%s is no member of group %s", from, g.conf.Name)}
			t.judge(func([]byte) *said { return stranger })
		}
		came <- t
	}
}

func (t *bundle) judge(door func([]byte) *said) {
	defer close(t.judged)
	for i, command := range t.commands {
		t.verdicts[i] = door(command)
	}
}

// readTogether waits for a command and takes those along that have come already.
func readTogether(r *bufio.Reader, longest int) (*bundle, error) {
	t := &bundle{judged: make(chan struct{})}
	for len(t.commands) == 0 || len(t.commands) < bundled && frameCame(r) {
		command, err := readFrame(r, longest)
		if err != nil {
			return nil, err
		}
		t.commands = append(t.commands, command)
	}
	t.verdicts = make([]*said, len(t.commands))
	return t, nil
}

// frameCame says that a whole frame can be read without waiting.
func frameCame(r *bufio.Reader) bool {
	if r.Buffered() < 4 {
		return false
	}
	head, err := r.Peek(4)
	return err == nil && uint64(r.Buffered()) >= 4+uint64(binary.BigEndian.Uint32(head))
}

// at is an answer that is there at once.
func at(s said) func() said { return func() said { return s } }

// door is the door of the log on the leader: nil lets a command in.
func (g *group) door(command []byte) *said {
	if g.raft.State() != raft.Leader {
		return &said{saidNotLeader, nil}
	}
	answer, err := g.check(command)
	switch {
	case err != nil:
		return &said{say(err), []byte(err.Error())}
	case answer != nil:
		return &said{saidDone, answer}
	}
	return nil
}

// enter puts a command into the log. What it returns waits for the answer.
func (g *group) enter(command []byte, verdict *said) func() said {
	if verdict != nil {
		return at(*verdict)
	}
	future := g.raft.ApplyLog(raft.Log{Data: command, Extensions: stamp(g.node.conf.Now())}, enqueueTime)
	return func() said {
		if err := future.Error(); err != nil {
			return said{say(err), []byte(err.Error())}
		}
		answer, ok := future.Response().([]byte)
		if !ok { // this node stopped before it; the others go on
			return said{saidUncertain, []byte(fmt.Sprint(future.Response()))}
		}
		return said{saidDone, answer}
	}
}

// check asks the machine's own door. A refusal counts only from a state that has everything committed before: a leader that is
// new, or slow to apply, may not know yet the member or the key that the command speaks of.
func (g *group) check(command []byte) ([]byte, error) {
	if g.conf.Check == nil {
		return nil, nil
	}
	if g.conf.Check(command, g.node.conf.Now()) == nil {
		return nil, nil
	}
	if term := g.raft.CurrentTerm(); g.settled.Load() != term {
		if err := g.raft.Barrier(enqueueTime).Error(); err != nil {
			return nil, err
		}
		g.settled.Store(term)
	}
	enough := time.After(enqueueTime)
	for commit := g.raft.CommitIndex(); g.raft.AppliedIndex() < commit; {
		select {
		case <-g.closed:
			return nil, ErrClosed
		case <-enough:
			return nil, raft.ErrEnqueueTimeout // it is busy applying
		case <-time.After(time.Millisecond):
		}
	}
	return g.conf.Check(command, g.node.conf.Now()), nil
}
