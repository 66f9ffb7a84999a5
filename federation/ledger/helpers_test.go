package ledger

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"testing"
	"time"

	"google.golang.org/protobuf/proto"

	federationv1 "hotline/api/federation/v1"
)

const (
	beijing  = "110000"
	tianjin  = "120000"
	hebei    = "130000"
	shanxi   = "140000"
	shanghai = "310000" // of another region
)

const hour = int64(3600_000)

// noon is when the tests begin.
var noon = time.Date(2026, 3, 2, 12, 0, 0, 0, time.UTC)

// office is a city as the tests play it: it has keys and counts its own ids.
type office struct {
	code             string
	private          ed25519.PrivateKey
	signing, sealing *federationv1.Key
	number           uint64
}

// newOffice makes keys from a name, so that a test has the same ones each time.
func newOffice(code, generation string) *office {
	seed := sha256.Sum256([]byte(code + generation))
	private := ed25519.NewKeyFromSeed(seed[:])
	return &office{
		code: code, private: private,
		signing: &federationv1.Key{Algorithm: federationv1.Algorithm_ED25519, Public: private.Public().(ed25519.PublicKey)},
		// Nothing is opened here: any 32 bytes are a public key of X25519.
		sealing: &federationv1.Key{Algorithm: federationv1.Algorithm_HPKE_X25519, Public: bytes.Clone(seed[:])},
	}
}

// region is a ledger with four cities, Beijing coordinating, and a clock.
type region struct {
	t       testing.TB
	ledger  *Ledger
	cities  map[string]*office
	now     time.Time
	counter uint64
}

func (o *office) genesis(group string) Genesis {
	return Genesis{Group: group, Coordinator: o.code, Signing: o.signing, Sealing: o.sealing}
}

func newRegion(t testing.TB) *region {
	r := &region{t: t, cities: map[string]*office{}, now: noon}
	for _, code := range []string{beijing, tianjin, hebei, shanxi, shanghai} {
		r.cities[code] = newOffice(code, "")
	}
	var err error
	if r.ledger, err = New(r.cities[beijing].genesis("jing-jin-ji")); err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{tianjin, hebei, shanxi} {
		r.take(r.govern(beijing, r.joining(code)))
	}
	return r
}

// upgraded is a region in which all members speak the newest version.
func upgraded(t testing.TB) *region {
	r := newRegion(t)
	r.upgrade(Version)
	return r
}

// upgrade lets every member say that it knows a version.
func (r *region) upgrade(version uint32) {
	r.t.Helper()
	for _, code := range []string{beijing, tianjin, hebei, shanxi} {
		r.take(r.govern(code, announce(version)))
	}
	if got := r.ledger.Figures().Version; got != version {
		r.t.Fatal("the region goes by version ", got)
	}
}

// rule changes the rules of the region.
func (r *region) rule(change func(rules *federationv1.Rules)) {
	r.t.Helper()
	_, rules := r.ledger.Region()
	rules.Version++
	change(rules)
	r.take(r.govern(beijing, setRules(rules)))
}

func (r *region) joining(code string) *federationv1.Command {
	o := r.cities[code]
	return &federationv1.Command{Act: &federationv1.Command_Join{Join: &federationv1.Join{
		City: code, Signing: o.signing, Sealing: o.sealing, Speaks: 1,
	}}}
}

// fill puts in what every command needs.
func (r *region) fill(who string, c *federationv1.Command) *federationv1.Command {
	r.counter++
	c.Id = binary.BigEndian.AppendUint64(make([]byte, 8), r.counter)
	c.Group, c.City, c.Time = "jing-jin-ji", who, r.now.UnixMilli()
	return c
}

func (r *region) govern(who string, c *federationv1.Command) *federationv1.Command {
	_, c.Sequence = r.ledger.Next(who)
	return r.fill(who, c)
}

// on writes an act on a transfer, next in its sequence.
func (r *region) on(who string, i *federationv1.TransferId, c *federationv1.Command) *federationv1.Command {
	c.Transfer = i
	c.Sequence = r.ledger.Transfer(i.GetOrigin(), i.GetNumber()).GetSequence() + 1
	return r.fill(who, c)
}

// box is a sealed box; its content is nobody's business here.
func (r *region) box(to string) *federationv1.Sealed {
	return &federationv1.Sealed{City: to, Key: r.cities[to].sealing.ID(), Sealed: []byte("box")}
}

func (r *region) offer(from, to string) *federationv1.Command {
	number, _ := r.ledger.Next(from)
	return r.offerAs(&federationv1.TransferId{Origin: from, Number: number}, to)
}

func (r *region) offerAs(i *federationv1.TransferId, to string) *federationv1.Command {
	now := r.now.UnixMilli()
	return r.on(i.GetOrigin(), i, &federationv1.Command{Act: &federationv1.Command_Offer{Offer: &federationv1.Offer{
		Target: to, Mode: federationv1.Mode_COLD, Urgency: federationv1.Urgency_ORDINARY, Order: "order", Category: "噪声", TargetCategory: "噪声",
		Basis: "属地", SignDue: now + 3*hour, AnswerDue: now + 24*hour, Started: now, Callback: to, Consent: true,
		Sealed: []*federationv1.Sealed{r.box(to)},
	}}})
}

// act is an act of the kind with the least that it needs.
func (r *region) act(name string, i *federationv1.TransferId) *federationv1.Command {
	c := &federationv1.Command{}
	origin := []*federationv1.Sealed{r.box(i.GetOrigin())}
	switch name {
	case "deliver":
		c.Act = &federationv1.Command_Deliver{Deliver: &federationv1.Deliver{}}
	case "sign":
		c.Act = &federationv1.Command_Sign{Sign: &federationv1.Sign{}}
	case "accept":
		c.Act = &federationv1.Command_Accept{Accept: &federationv1.Accept{Order: "theirs"}}
	case "decline":
		c.Act = &federationv1.Command_Decline{Decline: &federationv1.Decline{
			Reason: federationv1.DeclineReason_NOT_OUR_PLACE, Basis: "属地", Responsible: hebei,
		}}
	case "dispute":
		c.Act = &federationv1.Command_Dispute{Dispute: &federationv1.Dispute{Basis: "属地"}}
	case "designate":
		back := i.GetOrigin()
		if code, _ := parseCity(back); !r.ledger.active(code) {
			back = hebei
		}
		c.Act = &federationv1.Command_Designate{Designate: &federationv1.Designate{Target: hebei, Callback: back, Basis: "协调"}}
	case "handle":
		c.Act = &federationv1.Command_Handle{Handle: &federationv1.Handle{}}
	case "reply":
		c.Act = &federationv1.Command_Reply{Reply: &federationv1.Reply{Sealed: origin}}
	case "conclude":
		c.Act = &federationv1.Command_Conclude{Conclude: &federationv1.Conclude{}}
	case "callback":
		c.Act = &federationv1.Command_Callback{Callback: &federationv1.Callback{}}
	case "rework":
		c.Act = &federationv1.Command_Callback{Callback: &federationv1.Callback{Rework: true}}
	case "withdraw":
		c.Act = &federationv1.Command_Withdraw{Withdraw: &federationv1.Withdraw{}}
	case "expire":
		c.Act = &federationv1.Command_Expire{Expire: &federationv1.Expire{}}
	case "supplement":
		target := r.ledger.Transfer(i.GetOrigin(), i.GetNumber()).GetTarget()
		if r.cities[target] == nil {
			target = tianjin
		}
		c.Act = &federationv1.Command_Supplement{Supplement: &federationv1.Supplement{Sealed: []*federationv1.Sealed{r.box(target)}}}
	default:
		r.t.Fatal("no act ", name)
	}
	return c
}

var actNames = []string{"deliver", "sign", "accept", "decline", "dispute", "designate", "handle", "reply", "conclude", "callback", "rework",
	"withdraw", "expire", "supplement"}

func (r *region) sign(c *federationv1.Command) []byte {
	o := r.cities[c.GetCity()]
	signed, err := Sign(c, o.signing, o.private)
	if err != nil {
		r.t.Fatal(err)
	}
	return signed
}

// play admits and applies a command.
func (r *region) play(c *federationv1.Command) Result { return r.playBytes(r.sign(c)) }

func (r *region) playBytes(signed []byte) Result {
	r.t.Helper()
	if refusal := r.ledger.Admit(signed, r.now); refusal != nil {
		return Result{Reason: refusal.Reason}
	}
	result, err := r.ledger.Apply(signed, r.now)
	if err != nil {
		r.t.Fatal(err)
	}
	return result
}

// take plays a command that must be taken.
func (r *region) take(c *federationv1.Command) Result {
	r.t.Helper()
	result := r.play(c)
	if refusal := result.Refusal(); refusal != nil {
		r.t.Fatalf("%T was refused: %v", c.GetAct(), refusal)
	}
	return result
}

// refuse plays a command that must be refused, and changes nothing.
func (r *region) refuse(c *federationv1.Command, reason federationv1.Reason) {
	r.t.Helper()
	r.refuseBytes(r.sign(c), reason)
}

func (r *region) refuseBytes(signed []byte, reason federationv1.Reason) {
	r.t.Helper()
	before := r.bytes()
	if got := r.playBytes(signed).Reason; got != reason {
		r.t.Fatalf("reason is %v, not %v", got, reason)
	}
	// The log may hold it all the same, when a stolen leader put it there.
	if reason != federationv1.Reason_WRONG_CLOCK {
		if result, err := r.ledger.Apply(signed, r.now); err != nil || result.Reason != reason {
			r.t.Fatalf("applied, it is %v %v, not %v", result.Reason, err, reason)
		}
	}
	if !bytes.Equal(before, r.bytes()) {
		r.t.Fatal("what was refused changed the state")
	}
}

func (r *region) bytes() []byte { return snapshotBytes(r.t, r.ledger) }

func snapshotBytes(t testing.TB, l *Ledger) []byte {
	var b bytes.Buffer
	n, err := l.Snapshot().WriteTo(&b)
	if err != nil || n != int64(b.Len()) {
		t.Fatal(n, err)
	}
	return b.Bytes()
}

// walk offers a transfer from Beijing to Tianjin and plays "city act, city act …" on it.
func (r *region) walk(steps ...[2]string) *federationv1.TransferId {
	r.t.Helper()
	c := r.offer(beijing, tianjin)
	r.take(c)
	r.steps(c.GetTransfer(), steps...)
	return c.GetTransfer()
}

func (r *region) steps(i *federationv1.TransferId, steps ...[2]string) {
	r.t.Helper()
	for _, s := range steps {
		r.take(r.on(s[0], i, r.act(s[1], i)))
	}
}

func (r *region) state(i *federationv1.TransferId) federationv1.State {
	return r.ledger.Transfer(i.GetOrigin(), i.GetNumber()).GetState()
}

func (r *region) acknowledge(who string, sequence uint64, ids ...*federationv1.TransferId) *federationv1.Command {
	a := &federationv1.Acknowledge{}
	for _, i := range ids {
		a.Taken = append(a.Taken, &federationv1.Acknowledge_Taken{Transfer: i, Sequence: sequence})
	}
	return r.fill(who, &federationv1.Command{Act: &federationv1.Command_Acknowledge{Acknowledge: a}})
}

func clone(c *federationv1.Command) *federationv1.Command { return proto.CloneOf(c) }
