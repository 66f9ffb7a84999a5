package main

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/hashicorp/raft"
	"google.golang.org/protobuf/proto"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation"
	"hotline/federation/authority"
	"hotline/federation/ledger"
)

// What the cities have not acknowledged.
const (
	nothing = "nothing"
	offers  = "open offers"
	all     = "anything"
)

// size starts a node on the state of a region with a million transfers that are over and a hundred thousand open, and says how long
// that takes and how much memory it needs. The state is made by the ledger itself, without a log: a million lives through one would
// take an hour. Kept says what the cities have not acknowledged, so that the ledger keeps it with its 1 KiB each.
func size(dir string, ca *authority.Authority, kept string) {
	r := &region{dir: dir}
	for i := range 40 {
		r.cities = append(r.cities, newCity(fmt.Sprintf("%06d", 110000+10000*i)))
	}
	cert, key := issue(ca, "110000-1")
	p := federation.Peer{Name: "110000-1", Address: fmt.Sprintf("127.0.0.1:%d", freePort())}
	s := settings{Peer: p, Folder: filepath.Join(dir, "size-"+kept), CA: ca.CA(), Certificate: cert, Key: key, Voters: []federation.Peer{p},
		Genesis: ledger.Genesis{Group: group, Coordinator: "110000", Signing: r.cities[0].signing, Sealing: r.cities[0].sealing}}
	var node *federation.Node
	r.own, node = s.start()
	*verify = false // of transfers; acknowledgements always are
	r.joinAll()
	must(node.Snapshot(group))
	r.live(kept)
	figures := r.own.Ledger().Figures()
	var state bytes.Buffer
	_, err := r.own.Ledger().Snapshot().WriteTo(&state)
	must(err)
	must(node.Close())
	replaceSnapshot(filepath.Join(s.Folder, group), state.Bytes())
	s.First = r.sign(r.cities[0], &federationv1.Command{Sequence: uint64(len(r.cities)) + 2, Act: &federationv1.Command_Announce{Announce: &federationv1.Announce{Speaks: speaks}}})
	r.settings[0] = s
	began := time.Now()
	serving := r.runUntilServing()
	took := time.Since(began)
	time.Sleep(5 * time.Second)
	fmt.Printf("%d over and gone, %d in memory, unacknowledged %s: snapshot %.0f MB, from start to the first act taken %.1f s, resident %.0f MB, at most %s\n",
		figures.Gone, figures.Open, kept, float64(state.Len())/1e6, took.Seconds(), memory([]int{serving.Process.Pid}), peak(serving.Process.Pid))
	must(serving.Process.Kill())
	_ = serving.Wait()
}

// live plays the lives, transfers with signatures in form only, which the ledger does not look at under such rules.
func (r *region) live(kept string) {
	const over, open = 1_000_000, 100_000
	inForm := func(c *city, command *federationv1.Command) []byte {
		r.fill(c, command).Key = c.signing.ID()
		text, err := proto.Marshal(command)
		must(err)
		signed, err := proto.Marshal(&federationv1.Signed{Command: text, Signature: make([]byte, 64)})
		must(err)
		return signed
	}
	apply := func(signed []byte) {
		result, err := r.own.Ledger().Apply(signed, time.Now())
		must(err)
		if result.Refusal() != nil {
			must(fmt.Errorf("refused: %v", result.Refusal()))
		}
	}
	taken := map[*city][]*federationv1.Acknowledge_Taken{}
	acknowledge := func(c *city) {
		apply(r.sign(c, &federationv1.Command{Act: &federationv1.Command_Acknowledge{Acknowledge: &federationv1.Acknowledge{Taken: taken[c]}}}))
		taken[c] = nil
	}
	for i := range over + open {
		from, to := r.cities[i%40], r.cities[(i+1)%40]
		id, offer := r.offerOf(i, from, to)
		apply(inForm(from, offer))
		last := uint64(1)
		if i < over {
			apply(inForm(from, &federationv1.Command{Transfer: id, Sequence: 2, Act: &federationv1.Command_Withdraw{Withdraw: &federationv1.Withdraw{}}}))
			last = 2
		}
		if kept == all || kept == offers && i >= over {
			continue
		}
		for _, c := range []*city{from, to} {
			if taken[c] = append(taken[c], &federationv1.Acknowledge_Taken{Transfer: id, Sequence: last}); len(taken[c]) == 100 {
				acknowledge(c)
			}
		}
	}
	for c, left := range taken {
		if len(left) > 0 {
			acknowledge(c)
		}
	}
}

// replaceSnapshot puts a state in the place of the one that the node wrote last.
func replaceSnapshot(folder string, state []byte) {
	store, err := raft.NewFileSnapshotStore(folder, 1, io.Discard)
	must(err)
	list, err := store.List()
	must(err)
	m := list[0]
	_, transport := raft.NewInmemTransport("")
	sink, err := store.Create(m.Version, m.Index, m.Term, m.Configuration, m.ConfigurationIndex, transport)
	must(err)
	must(binary.Write(sink, binary.BigEndian, m.Index))
	_, err = sink.Write(state)
	must(err)
	must(sink.Close())
}

// runUntilServing starts the node as a process and waits until its first act is in the ledger.
func (r *region) runUntilServing() *exec.Cmd {
	c := r.command(0)
	out, err := c.StdoutPipe()
	must(err)
	must(c.Start())
	_, err = io.ReadFull(out, make([]byte, len(servingWord)))
	must(err)
	return c
}

const servingWord = "serving\n"

// peak is the most memory that a process ever had resident.
func peak(pid int) string {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	must(err)
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			return strings.TrimSpace(rest)
		}
	}
	return "unknown"
}
