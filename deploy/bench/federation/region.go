package main

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"time"

	"google.golang.org/protobuf/proto"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation"
	"hotline/federation/authority"
	"hotline/federation/ledger"
	"hotline/federation/seal"
)

const group = "bench"

// settings is what a node in a process of its own is started with.
type settings struct {
	federation.Peer
	Folder, CA, Certificate, Key string
	Voters                       []federation.Peer
	Genesis                      ledger.Genesis
	First                        []byte // an act to bring in after the start
	Profile                      string // where a CPU profile goes, if it is asked for
}

func (s settings) start() (*federation.Region, *federation.Node) {
	r, err := federation.NewRegion(s.Genesis)
	must(err)
	n, err := federation.Start(context.Background(), federation.Config{Name: s.Name, Listen: s.Address, Folder: s.Folder, CA: s.CA, Certificate: s.Certificate, Key: s.Key,
		Timing: federation.Timing{Heartbeat: time.Second, Election: time.Second}, Groups: []federation.Group{r.Group(s.Voters)}, Log: slog.New(slog.DiscardHandler)})
	must(err)
	r.Join(n)
	return r, n
}

func serveNode(path string) {
	b, err := os.ReadFile(path)
	must(err)
	var s settings
	must(json.Unmarshal(b, &s))
	if s.Profile != "" {
		go profileWhenTold(s.Profile)
	}
	r, n := s.start()
	if s.First != nil {
		result, err := r.Propose(context.Background(), s.First)
		must(err)
		if result.Refusal() != nil {
			must(fmt.Errorf("refused: %v", result.Refusal()))
		}
		fmt.Print(servingWord)
	}
	<-n.Stopped()
	must(n.Reason())
}

type city struct {
	code    string
	signing *federationv1.Key
	private ed25519.PrivateKey
	sealing *federationv1.Key
	numbers atomic.Uint64
	box     *federationv1.Sealed
}

// region is three nodes: two in processes of their own, of which one leads, and one in this, over which its cities propose.
type region struct {
	dir      string
	settings [3]settings
	running  [2]*exec.Cmd
	own      *federation.Region
	node     *federation.Node
	cities   []*city
	couriers []*courier // of the cities that propose
	nonce    atomic.Uint64
}

// backlog lets one city have more on its way than a real one may: nobody takes these offers.
const backlog = 8 << 30

func startRegion(dir string, ca *authority.Authority) system {
	dir, err := os.MkdirTemp(dir, "region-")
	must(err)
	r := &region{dir: dir}
	for i := range 40 {
		r.cities = append(r.cities, newCity(fmt.Sprintf("%06d", 110000+10000*(i%50))))
	}
	first := r.cities[0]
	genesis := ledger.Genesis{Group: group, Coordinator: first.code, Signing: first.signing, Sealing: first.sealing}
	var voters []federation.Peer
	for i := range 3 {
		voters = append(voters, federation.Peer{Name: r.cities[i].code + "-1", Address: fmt.Sprintf("127.0.0.1:%d", freePort())})
	}
	for i, p := range voters {
		cert, key := issue(ca, p.Name)
		r.settings[i] = settings{Peer: p, Folder: filepath.Join(dir, p.Name), CA: ca.CA(), Certificate: cert, Key: key, Voters: voters, Genesis: genesis}
		if *profile != "" {
			r.settings[i].Profile = fmt.Sprintf("%s.%d", *profile, i)
		}
	}
	for i := range r.running {
		r.run(i)
	}
	r.own, r.node = r.settings[2].start()
	r.otherLeads()
	r.joinAll()
	for _, c := range r.cities[2 : 2+*proposing] {
		r.couriers = append(r.couriers, newCourier(r, c))
	}
	return r
}

const speaks = 2 // the version by which it is measured

// joinAll makes the cities members, says that all know version 2, and raises the backlog, which version 3 would not let be raised so far: here
// nobody takes what is offered until it has been measured.
func (r *region) joinAll() {
	first, sequence := r.cities[0], uint64(0)
	govern := func(c *federationv1.Command) {
		sequence++
		c.Sequence = sequence
		must(r.propose(r.sign(first, c)))
	}
	for _, c := range r.cities[1:] {
		govern(&federationv1.Command{Act: &federationv1.Command_Join{Join: &federationv1.Join{City: c.code, Signing: c.signing, Sealing: c.sealing, Speaks: speaks}}})
	}
	govern(&federationv1.Command{Act: &federationv1.Command_Announce{Announce: &federationv1.Announce{Speaks: speaks}}})
	rules := ledger.DefaultRules()
	rules.Version, rules.Backlog, rules.VerifyAtApply = 1, backlog, *verify
	govern(&federationv1.Command{Act: &federationv1.Command_SetRules{SetRules: &federationv1.SetRules{Rules: rules}}})
}

func newCity(code string) *city {
	public, private, err := ed25519.GenerateKey(rand.Reader)
	must(err)
	box, err := seal.Generate(seal.AES)
	must(err)
	return &city{code: code, private: private, signing: &federationv1.Key{Algorithm: federationv1.Algorithm_ED25519, Public: public}, sealing: box.Public()}
}

func (r *region) name() string { return "region" }

func (r *region) run(i int) {
	r.running[i] = r.command(i)
	must(r.running[i].Start())
}

// command is the node in a process of its own.
func (r *region) command(i int) *exec.Cmd {
	path := filepath.Join(r.dir, fmt.Sprintf("%d.json", i))
	b, err := json.Marshal(r.settings[i])
	must(err)
	must(os.WriteFile(path, b, 0o600))
	self, err := os.Executable()
	must(err)
	c := exec.Command(self, "node", path)
	c.Stderr = os.Stderr
	return c
}

// otherLeads waits for a leader in another process: a city's commands have a way to go. It says which.
func (r *region) otherLeads() int {
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		leader := r.own.Status().Leader
		for i := range r.running {
			if leader == r.settings[i].Name {
				return i
			}
		}
		if leader != "" || time.Since(began) > 30*time.Second {
			must(r.node.Close())
			time.Sleep(3 * time.Second) // the others elect one of them
			r.own, r.node = r.settings[2].start()
		}
	}
}

func (r *region) fill(c *city, command *federationv1.Command) *federationv1.Command {
	id := sha256.Sum256(binary.BigEndian.AppendUint64(nil, r.nonce.Add(1)))
	command.Id, command.Group, command.City, command.Time = id[:16], group, c.code, time.Now().UnixMilli()
	return command
}

func (r *region) sign(c *city, command *federationv1.Command) []byte {
	signed, err := ledger.Sign(r.fill(c, command), c.signing, c.private)
	must(err)
	return signed
}

// offerOf is a transfer from one city to the next, 1 KiB with everything but the branch. What lies in the box, and so to which transfer it
// belongs, only the receiver could tell: one box for each pair of cities is enough.
func (r *region) offerOf(i int, from, to *city) (*federationv1.TransferId, *federationv1.Command) {
	id := &federationv1.TransferId{Origin: from.code, Number: from.numbers.Add(1)}
	if from.box == nil {
		var err error
		from.box, err = seal.For(to.sealing, seal.About{Group: group, Transfer: id, Receiver: to.code}, make([]byte, 714))
		must(err)
	}
	now := time.Now().UnixMilli()
	return id, &federationv1.Command{Transfer: id, Sequence: 1, Act: &federationv1.Command_Offer{Offer: &federationv1.Offer{
		Target: to.code, Mode: federationv1.Mode_COLD, Urgency: federationv1.Urgency_ORDINARY, Order: fmt.Sprintf("CN%012d", i), Category: "噪声",
		TargetCategory: "噪声", Basis: "属地", SignDue: now + 12*3600_000, AnswerDue: now + 24*3600_000, Started: now, Callback: to.code, Consent: true,
		Sealed: []*federationv1.Sealed{from.box}}}}
}

// prepare looks that a command is as long as it should be. Each is made when its proposer comes to it.
func (r *region) prepare(int) {
	for i := range r.couriers {
		size := proto.Size(r.offer(i)) + ed25519.SignatureSize + 20 // the key's name, what says how long they are
		if size < 1000 || size > 1048 {
			must(fmt.Errorf("a command has %d bytes, not 1 KiB", size))
		}
	}
}

func (r *region) offer(i int) *federationv1.Command {
	from := r.couriers[i%len(r.couriers)].city
	_, offer := r.offerOf(i, from, r.cities[0])
	return r.fill(from, offer)
}

func (r *region) commit(i int) error {
	return r.couriers[i%len(r.couriers)].propose(r.offer(i))
}

func (r *region) propose(signed []byte) error {
	result, err := r.own.Propose(context.Background(), signed)
	if err == nil && result.Refusal() != nil {
		err = fmt.Errorf("refused: %v", result.Refusal())
	}
	return err
}

func (r *region) failover() time.Duration {
	leader := r.otherLeads()
	must(r.commit(0))
	began := time.Now()
	must(r.running[leader].Process.Kill())
	must(r.commit(0))
	took := time.Since(began)
	_ = r.running[leader].Wait()
	r.run(leader)
	return took
}

func (r *region) processes() []int {
	return []int{os.Getpid(), r.running[0].Process.Pid, r.running[1].Process.Pid}
}

func (r *region) stop() {
	for _, c := range r.couriers {
		close(c.waiting)
	}
	_ = r.node.Close() // the others may be gone before it
	for _, c := range r.running {
		must(c.Process.Kill())
		_ = c.Wait()
	}
	must(os.RemoveAll(r.dir))
}
