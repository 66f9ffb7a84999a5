// Package ledger is the ledger of a region (区域台账): who has which case, decided by signed acts of the cities in the order of one log.
//
// It is a pure state machine. Apply depends on the acts before and on its arguments, on no clock, no chance and no order of a map; every
// node of the region comes to the same state in the same bytes. It knows nothing of networks, disks or citizens: what concerns a citizen
// passes through it sealed.
package ledger

import (
	"bytes"
	"cmp"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	federationv1 "hotline/api/federation/v1"
)

// Version is the newest version of the commands that this build knows. Version 2 brought trees of commands, the grace of a decline, the
// objection, and the due moment of a callback; version 3 the bounds of what a whole region leaves for its cities to take.
const Version = 3

// MaxCommand is how long a signed command may be. Attachments travel by their hash.
const MaxCommand = 64 << 10

// ErrTooOld: the region goes by a version that this build does not know. The node must stop rather than come to a state of its own.
var ErrTooOld = errors.New("本节点的版本低于区域台账现行版本，请先升级程序")

// Genesis (创始) is what a group is founded with: every node is configured with the same, and a snapshot of another group is refused.
type Genesis struct {
	Group       string // such as "jing-jin-ji"
	Coordinator string // the city that coordinates first (区域协调方)
	Signing     *federationv1.Key
	Sealing     *federationv1.Key
}

// city is a GB/T 2260 code as a number: a ledger holds many of them.
type city uint32

func (c city) String() string { return fmt.Sprintf("%06d", uint32(c)-1) }

// parseCity reads a code; 000000 is the nation's own office. The number is one more than the code, so that zero is none.
func parseCity(code string) (city, bool) {
	n, err := strconv.ParseUint(code, 10, 32)
	if err != nil || len(code) != 6 || n > 0 && n < 100000 {
		return 0, false
	}
	return city(n + 1), true
}

// id is a TransferId.
type id struct {
	origin city
	number uint64
}

func (i id) record() *federationv1.TransferId {
	return &federationv1.TransferId{Origin: i.origin.String(), Number: i.number}
}

func before(a, b id) int {
	return cmp.Or(cmp.Compare(a.origin, b.origin), cmp.Compare(a.number, b.number))
}

// Ledger is the state. Its methods may be called by several at a time.
type Ledger struct {
	mu      sync.RWMutex
	genesis [sha256.Size]byte
	group   string
	knows   uint32 // Version, except in tests of mixed versions

	version     uint32 // that the region goes by: the lowest of its members', never lowered
	sequence    uint64 // of the acts on the region
	coordinator city
	rules       *federationv1.Rules
	members     map[city]*member
	transfers   map[id]*transfer
	board       map[place]*post
	clocks      clocks

	acts   uint64            // taken in all
	held   uint64            // by all members
	gone   uint64            // transfers that are over and left memory
	digest [sha256.Size]byte // rolls over them

	// No part of the state: without them the same would be found, more slowly.
	verified lately[hashed, struct{}] // what signatures cover, by proofName, that were found genuine
	admitted lately[*byte, *command]  // at the door and not applied yet, by where their bytes lie
}

// New founds the ledger of a group: one member, the coordinator, and the default rules.
func New(g Genesis) (*Ledger, error) {
	code, ok := parseCity(g.Coordinator)
	switch {
	case g.Group == "" || len(g.Group) > maxName:
		return nil, errors.New("区域名称为空或过长")
	case !ok:
		return nil, fmt.Errorf("协调方 %q 不是六位区划代码", g.Coordinator)
	case !signs(g.Signing) || !seals(g.Sealing):
		return nil, errors.New("协调方的签名公钥或加密公钥无效")
	}
	// Nodes of all versions found the same: what they know is announced later.
	first := &member{speaks: 1}
	first.rotate(g.Signing, g.Sealing)
	return &Ledger{
		genesis: g.hash(), group: g.Group, knows: Version, version: 1, coordinator: code, rules: DefaultRules(),
		members: map[city]*member{code: first}, transfers: map[id]*transfer{}, board: map[place]*post{},
	}, nil
}

// Knowing makes the ledger one of another build's, which knows other versions: for tests of mixed versions on real nodes.
func (l *Ledger) Knowing(version uint32) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.knows = version
}

// Knows is the newest version that this build knows.
func (l *Ledger) Knows() uint32 {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return l.knows
}

// ID is the same for all who were configured alike.
func (g Genesis) ID() string {
	sum := g.hash()
	return hex.EncodeToString(sum[:])
}

func (g Genesis) hash() (sum [sha256.Size]byte) {
	var b []byte
	for _, part := range [][]byte{[]byte(g.Group), []byte(g.Coordinator), g.Signing.ID(), g.Sealing.ID()} {
		b = binary.AppendUvarint(b, uint64(len(part)))
		b = append(b, part...)
	}
	return sha256.Sum256(b)
}

// Result is what became of a command.
type Result struct {
	Reason   federationv1.Reason // why it was refused; 0 if it was taken
	Again    bool                // it was taken before, and nothing changed now
	Sequence uint64              // where the transfer, or the region, stands now
	State    federationv1.State  // of the transfer now; WRONG_SEQUENCE and WRONG_STATE tell it too
}

// Refusal is nil if the command was taken.
func (r Result) Refusal() *federationv1.Refusal {
	if r.Reason == federationv1.Reason_REASON_UNSPECIFIED {
		return nil
	}
	return &federationv1.Refusal{Reason: r.Reason, Message: messages[r.Reason]}
}

// Apply takes a command, or refuses it and leaves everything as it was. It may keep the bytes, so nobody may write into them. `at` is when
// the log took it, the same on every node: the leader's clock guards against a city whose own is fast, and the city's against a leader's.
// An error means that this node must stop.
func (l *Ledger) Apply(signed []byte, at time.Time) (Result, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.version > l.knows {
		return Result{}, ErrTooOld
	}
	c, reason := l.find(signed)
	if reason == ok && l.verifies(c) && !l.genuine(c) {
		reason = federationv1.Reason_FORGED
	}
	if reason != ok {
		return Result{Reason: reason}, nil
	}
	c.at = max(min(at.UnixMilli(), maxTime), l.clocks.least()-l.rules.GetSkew()*1000)
	result := l.take(c)
	if result.Reason == ok && !result.Again {
		l.clocks.hear(c.who, min(c.GetTime(), c.at))
	}
	return result, nil
}

func (l *Ledger) take(c *command) Result {
	switch {
	case c.GetAcknowledge() != nil:
		return l.acknowledge(c)
	case c.GetPost() != nil:
		return l.post(c)
	case c.id == id{}:
		return l.govern(c)
	}
	return l.transfer(c)
}

// ok is the reason of what is not refused.
const ok = federationv1.Reason_REASON_UNSPECIFIED

// messages are the reasons in words.
var messages = map[federationv1.Reason]string{
	federationv1.Reason_MALFORMED:       "指令损坏、过长，或缺少必填内容",
	federationv1.Reason_UNSUPPORTED:     "指令含有本区域现行版本尚不支持的内容",
	federationv1.Reason_WRONG_GROUP:     "指令属于另一个区域",
	federationv1.Reason_NOT_A_MEMBER:    "该城市不是本区域成员，或已被除名",
	federationv1.Reason_WRONG_KEY:       "签名密钥未登记或已更换，请用现行密钥重新签名",
	federationv1.Reason_FORGED:          "签名与该城市的密钥不符",
	federationv1.Reason_NOT_YOURS:       "该城市无权对这件转办作此操作",
	federationv1.Reason_NOT_COORDINATOR: "只有本区域的协调方可以作此操作",
	federationv1.Reason_WRONG_STATE:     "转办的当前状态不允许此操作",
	federationv1.Reason_WRONG_SEQUENCE:  "序号不衔接，请按台账最新状态重新提交",
	federationv1.Reason_NO_TRANSFER:     "没有这件转办，或早已办结",
	federationv1.Reason_BOARD_FULL:      "本市在公告栏的公告已达上限",
	federationv1.Reason_NUMBER_USED:     "转办编号已使用，或落后过多",
	federationv1.Reason_WRONG_CITY:      "所指城市不是本区域成员，或不能在此指定",
	federationv1.Reason_WRONG_SEAL:      "密封内容缺少收件城市，或未用其现行密钥密封",
	federationv1.Reason_WRONG_DUE:       "时限过近、过远或先后颠倒",
	federationv1.Reason_NOT_DUE:         "时限尚未到期",
	federationv1.Reason_NO_CONSENT:      "诉求人未同意由该城市回访，请指定由转出城市回访",
	federationv1.Reason_TOO_LATE:        "已过接收时限，视为接收，不能再拒收",
	federationv1.Reason_WRONG_CLOCK:     "指令时间不合理，请校准时钟",
	federationv1.Reason_BACKLOG:         "该城市待收讫的内容过多，请稍后再试",
	federationv1.Reason_TOO_MANY_ACTS:   "这件转办的操作次数已达上限",
}

// Transfer shows one transfer, nil if there is none or it is gone.
func (l *Ledger) Transfer(origin string, number uint64) *federationv1.TransferRecord {
	l.mu.RLock()
	defer l.mu.RUnlock()
	code, _ := parseCity(origin)
	i := id{code, number}
	if t := l.transfers[i]; t != nil {
		return t.record(i)
	}
	return nil
}

// Custodian is the one city that is answerable for a case now.
func Custodian(t *federationv1.TransferRecord) string {
	if withTarget(t.GetState()) {
		return t.GetTarget()
	}
	return t.GetId().GetOrigin()
}

// Waiting lists the acts that a city has yet to take, oldest first: how a node that got a snapshot catches up with what it never saw.
func (l *Ledger) Waiting(code string) []*federationv1.ActRecord {
	l.mu.RLock()
	defer l.mu.RUnlock()
	who, _ := parseCity(code)
	var waiting []*federationv1.ActRecord
	for _, t := range l.transfers {
		p := t.party(who)
		if p < 0 {
			continue
		}
		for _, a := range t.acts {
			if a.sequence > t.parties[p].taken {
				waiting = append(waiting, a.record())
			}
		}
	}
	slices.SortFunc(waiting, func(a, b *federationv1.ActRecord) int { return cmp.Compare(a.Index, b.Index) })
	return waiting
}

// Next is what a city needs to write its next command: the number after the highest it has offered, and the sequence after the region's last.
func (l *Ledger) Next(code string) (number, sequence uint64) {
	l.mu.RLock()
	defer l.mu.RUnlock()
	who, _ := parseCity(code)
	if m := l.members[who]; m != nil {
		number = m.numbers.highest
	}
	return number + 1, l.sequence + 1
}

// Figures are a few counts for monitoring.
type Figures struct {
	Acts, Open, Gone uint64
	Version          uint32
	Digest           []byte // rolls over all transfers that are gone
}

// Figures counts.
func (l *Ledger) Figures() Figures {
	l.mu.RLock()
	defer l.mu.RUnlock()
	return Figures{l.acts, uint64(len(l.transfers)), l.gone, l.version, bytes.Clone(l.digest[:])}
}

// sorted are the keys in their order, wherever the order could show.
func sorted[K comparable, V any](m map[K]V, order func(a, b K) int) []K {
	return slices.SortedFunc(maps.Keys(m), order)
}
