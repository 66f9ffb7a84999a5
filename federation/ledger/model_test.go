package ledger

import (
	"bytes"
	"errors"
	"testing"
	"time"

	"pgregory.net/rapid"

	federationv1 "hotline/api/federation/v1"
)

// model plays random cities and keeps its own book of who has which case. It knows the rules of custody and nothing else: the case is with
// the origin until somebody accepts, is silent too long, or is designated.
type model struct {
	*region
	t       *rapid.T
	twin    *Ledger // another node with the same log, restored from snapshots now and then
	ids     []*federationv1.TransferId
	holders map[string]string
	targets map[string]string
	log     [][]byte
	offices map[string][]*office // a city's keys, the newest last
}

var everybody = []string{beijing, tianjin, hebei, shanxi, shanghai}

func newModel(t *rapid.T, real *testing.T) *model {
	r := newRegion(real)
	m := &model{region: r, t: t, twin: newLike(real, r), holders: map[string]string{}, targets: map[string]string{}, offices: map[string][]*office{}}
	for code, o := range r.cities {
		m.offices[code] = []*office{o}
	}
	return m
}

// TestRandomCitiesNeverShareACase: whatever they send, there is one custodian, refusals change nothing, and all nodes come to the same bytes.
func TestRandomCitiesNeverShareACase(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		m := newModel(rt, t)
		rt.Repeat(map[string]func(*rapid.T){
			"offer": m.offers, "act": m.acts, "act more": m.acts, "act yet more": m.acts, "acknowledge": m.acknowledges, "govern": m.governs,
			"replay": m.replays, "forge": m.forges, "stumble": m.stumbles, "time": m.passes, "restore": m.restores,
			"": func(*rapid.T) { m.agrees() },
		})
	})
}

func (m *model) city(t *rapid.T, label string) string {
	return rapid.SampledFrom(everybody).Draw(t, label)
}

// transferId is one that was offered, or none that ever was.
func (m *model) transferID(t *rapid.T) *federationv1.TransferId {
	if n := rapid.IntRange(0, len(m.ids)).Draw(t, "transfer"); n < len(m.ids) {
		return m.ids[n]
	}
	return &federationv1.TransferId{Origin: hebei, Number: 999}
}

func (m *model) offers(t *rapid.T) {
	c := m.offer(m.city(t, "from"), m.city(t, "to"))
	if rapid.Bool().Draw(t, "again") {
		c = m.offerAs(m.transferID(t), c.GetOffer().GetTarget())
	}
	if rapid.IntRange(0, 3).Draw(t, "callback") == 0 {
		c.GetOffer().Callback = c.GetTransfer().GetOrigin()
	}
	if m.sends(c) == ok && c.Sequence == 1 {
		m.ids = append(m.ids, c.GetTransfer())
	}
}

// acts lets mostly the one act that may, or a case would seldom get anywhere.
func (m *model) acts(t *rapid.T) {
	i := m.transferID(t)
	record := m.ledger.Transfer(i.GetOrigin(), i.GetNumber())
	who := m.city(t, "who")
	if rapid.IntRange(0, 3).Draw(t, "fitting") > 0 && record != nil {
		who = rapid.SampledFrom([]string{record.GetTarget(), record.GetTarget(), record.GetTarget(), i.GetOrigin(), beijing}).Draw(t, "party")
	}
	c := m.act(rapid.SampledFrom(actNames).Draw(t, "act"), i)
	if d := c.GetDesignate(); d != nil {
		d.Target = m.city(t, "designated")
		d.Callback = rapid.SampledFrom([]string{d.Target, i.GetOrigin()}).Draw(t, "calls back")
	}
	m.sends(m.on(who, i, c))
}

func (m *model) acknowledges(t *rapid.T) {
	i := m.transferID(t)
	record := m.ledger.Transfer(i.GetOrigin(), i.GetNumber())
	m.sends(m.acknowledge(m.city(t, "who"), uint64(rapid.IntRange(0, int(record.GetSequence())+1).Draw(t, "up to")), i))
}

func (m *model) governs(t *rapid.T) {
	about := m.city(t, "about")
	fresh := newOffice(about, rapid.StringMatching("[a-z]{6}").Draw(t, "key"))
	var c *federationv1.Command
	switch rapid.IntRange(0, 9).Draw(t, "act") {
	case 0:
		c = revoke(about)
	case 1:
		c = appoint(about)
	case 2:
		_, rules := m.ledger.Region()
		rules.Version, rules.Declines = rules.Version+1, uint32(rapid.IntRange(0, 3).Draw(t, "declines"))
		c = setRules(rules)
	case 3:
		c = announce(rapid.Uint32Range(1, Version).Draw(t, "speaks"))
	case 4, 5, 6:
		c = m.joining(about)
		c.GetJoin().Signing, c.GetJoin().Sealing = fresh.signing, fresh.sealing
	default:
		c = rotate(fresh)
	}
	coordinator, _ := m.ledger.Region()
	who := rapid.SampledFrom([]string{coordinator, coordinator, about, m.city(t, "who")}).Draw(t, "governor")
	if reason := m.sends(m.govern(who, c)); reason == ok && (c.GetJoin() != nil || c.GetRotateKeys() != nil) {
		m.offices[about] = append(m.offices[about], fresh)
		m.cities[about] = fresh
	}
}

// replays plays again what was played before, by whom it may be: nothing happens.
func (m *model) replays(t *rapid.T) {
	if len(m.log) == 0 {
		return // nothing was played yet
	}
	signed := rapid.SampledFrom(m.log).Draw(t, "entry")
	before := m.bytes()
	result := m.applies(signed)
	if result.Reason == ok && !result.Again {
		t.Fatalf("it counted twice: %+v", result)
	}
	if !bytes.Equal(before, m.bytes()) {
		t.Fatal("a replay changed the state")
	}
}

// forges signs for another city with its own or an outdated key.
func (m *model) forges(t *rapid.T) {
	i := m.transferID(t)
	victim, thief := m.city(t, "victim"), m.city(t, "thief")
	key := rapid.SampledFrom(m.offices[thief]).Draw(t, "key")
	if key == m.cities[victim] {
		return // with its own key in force it forges nothing
	}
	c := m.on(victim, i, m.act(rapid.SampledFrom(actNames).Draw(t, "act"), i))
	public := rapid.SampledFrom([]*federationv1.Key{key.signing, m.cities[victim].signing}).Draw(t, "named")
	signed, err := Sign(c, public, key.private)
	if err != nil {
		t.Fatal(err)
	}
	if m.ledger.Admit(signed, m.now) == nil {
		t.Fatalf("%s was let in for %s", thief, victim)
	}
}

// stumbles sends what is out of place: another sequence, group, time, transfer.
func (m *model) stumbles(t *rapid.T) {
	i := m.transferID(t)
	record := m.ledger.Transfer(i.GetOrigin(), i.GetNumber())
	c := m.on(rapid.SampledFrom([]string{record.GetTarget(), i.GetOrigin()}).Draw(t, "who"), i, m.act(rapid.SampledFrom(actNames).Draw(t, "act"), i))
	if m.cities[c.City] == nil {
		return // a transfer that is not there yet has no city to stumble
	}
	switch rapid.IntRange(0, 3).Draw(t, "how") {
	case 0:
		c.Sequence += uint64(rapid.IntRange(1, 3).Draw(t, "leap"))
	case 1:
		c.Sequence--
	case 2:
		c.Group = "cheng-yu"
	case 3:
		c.Id = c.Id[:15]
	}
	before := m.bytes()
	if m.applies(m.sign(c)).Reason == ok || !bytes.Equal(before, m.bytes()) {
		t.Fatal("it counted")
	}
}

func (m *model) passes(t *rapid.T) {
	m.now = m.now.Add(time.Duration(rapid.IntRange(1, 30).Draw(t, "hours")) * time.Hour)
}

// restores puts the twin up anew from what the ledger writes down.
func (m *model) restores(*rapid.T) { m.twin = newLike(m.region.t, m.region) }

func (m *model) agrees() {
	if !bytes.Equal(m.bytes(), snapshotBytes(m.region.t, m.twin)) {
		m.t.Fatal("the nodes went apart")
	}
	var held uint64
	for _, i := range m.ids {
		record := m.ledger.Transfer(i.GetOrigin(), i.GetNumber())
		if record == nil {
			continue
		}
		held += overhead
		for _, a := range record.GetActs() {
			held += uint64(len(a.GetSigned()))
		}
		if got := Custodian(record); got != m.holders[i.String()] {
			m.t.Fatalf("%v is with %s in %v, and should be with %s", i, got, record.GetState(), m.holders[i.String()])
		}
	}
	if held != m.ledger.held {
		m.t.Fatal("the region's backlog is miscounted: ", m.ledger.held, " is not ", held)
	}
	for _, member := range m.ledger.members {
		held -= member.held
	}
	if held != 0 {
		m.t.Fatal("the backlog is miscounted by ", held)
	}
}

// sends plays a command on both nodes and writes the book.
func (m *model) sends(c *federationv1.Command) federationv1.Reason {
	signed := m.sign(c)
	before := m.bytes()
	result := m.applies(signed)
	if result.Reason != ok || result.Again {
		if !bytes.Equal(before, m.bytes()) {
			m.t.Fatalf("%v changed the state", result)
		}
		return result.Reason
	}
	m.log = append(m.log, signed)
	m.books(c)
	return result.Reason
}

func (m *model) applies(signed []byte) Result {
	if refusal := m.ledger.Admit(signed, m.now); refusal != nil && refusal.GetReason() == federationv1.Reason_FORGED {
		m.t.Fatal("a city's own signature was refused")
	}
	result, err := m.ledger.Apply(signed, m.now)
	other, otherErr := m.twin.Apply(signed, m.now)
	if err != nil || otherErr != nil || result != other {
		m.t.Fatal(result, other, errors.Join(err, otherErr))
	}
	if _, known := messages[result.Reason]; !known && result.Reason != ok {
		m.t.Fatal("no words for ", result.Reason)
	}
	return result
}

// books follows the case and sees that nobody took or gave what was not his.
func (m *model) books(c *federationv1.Command) {
	key := c.GetTransfer().String()
	must := func(who string) {
		if c.GetCity() != who {
			m.t.Fatalf("%T was %s's, and %s did it", c.GetAct(), who, c.GetCity())
		}
	}
	coordinator, _ := m.ledger.Region()
	switch a := c.GetAct().(type) {
	case *federationv1.Command_Offer:
		must(c.GetTransfer().GetOrigin())
		m.holders[key], m.targets[key] = c.GetTransfer().GetOrigin(), a.Offer.GetTarget()
	case *federationv1.Command_Accept:
		must(m.targets[key])
		m.holders[key] = m.targets[key]
	case *federationv1.Command_Expire:
		m.holders[key] = m.targets[key]
	case *federationv1.Command_Designate:
		must(coordinator)
		m.holders[key], m.targets[key] = a.Designate.GetTarget(), a.Designate.GetTarget()
	case *federationv1.Command_Handle, *federationv1.Command_Reply, *federationv1.Command_Conclude:
		must(m.holders[key])
	case *federationv1.Command_Decline:
		must(m.targets[key])
	case *federationv1.Command_Withdraw, *federationv1.Command_Supplement:
		must(c.GetTransfer().GetOrigin())
	}
}
