package crossing

import (
	"cmp"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"hotline/app/casework"
	"hotline/federation"
	"hotline/federation/ledger"
	"hotline/tenants"
)

// chunk is how much of a file travels at once; a line that breaks costs no more than that.
const chunk = 1 << 20

// wanted is what one city asks another for, through the nodes of both.
type wanted struct {
	City   string `json:"city"` // that asks
	Node   string `json:"node"` // that carries the question for it: nobody else can hand it on
	Time   int64  `json:"time"`
	Region string `json:"region"`
	Origin string `json:"origin"`
	Number int64  `json:"number"`
	Source string `json:"source"`
	From   int64  `json:"from"`
}

// question is wanted with the signature of the city that asks: whose node it is that brings it, says nothing of for whom.
type question struct {
	Wanted    []byte `json:"wanted"`
	Signature []byte `json:"signature"`
}

// askedLately is how old a question may be.
const askedLately = 5 * time.Minute

// Fetch brings a file of a transferred case here (附件传输): from this deployment, or from the nodes of the region.
func (s *Service) Fetch(ctx context.Context, job casework.FetchJob) error {
	return s.casework.Fetch(ctx, job.File, s.fetch)
}

// fetch asks the nodes one after the other, and takes the whole file from one of them: what that one gives has to fit, or the next is
// asked. So no node can keep a file from coming by answering first.
func (s *Service) fetch(ctx context.Context, w casework.Wanted, fits func([]byte) error) error {
	one := wanted{City: tenants.From(ctx).Tenant, Region: w.Region, Origin: w.Origin, Number: w.Number, Source: w.Source}
	if s.here(ctx, w.Origin) {
		whole, err := whole(one, func(w wanted) ([]byte, int64, error) {
			return s.casework.Convey(as(ctx, w.Origin), w.City, w.Region, w.Number, w.Source, w.From, chunk)
		})
		if err != nil {
			return err
		}
		return fits(whole)
	}
	node := s.node()
	if node == nil {
		return fmt.Errorf("no node that could ask %s for a file", w.Origin)
	}
	return fromOne(nearest(node.Peers(w.Region), w.Origin), fits, func(p federation.Peer) ([]byte, error) {
		return whole(one, func(w wanted) ([]byte, int64, error) { return s.ask(ctx, p, w) })
	})
}

// fromOne takes a file from the first node that gives one which fits.
func fromOne(peers []federation.Peer, fits func([]byte) error, get func(p federation.Peer) ([]byte, error)) error {
	failed := []error{errors.New("no node gave the file")}
	for _, p := range peers {
		content, err := get(p)
		if err == nil {
			err = fits(content)
		}
		if err == nil {
			return nil
		}
		failed = append(failed, fmt.Errorf("%s: %w", p.Name, err))
	}
	return errors.Join(failed...)
}

// nearest puts the nodes that are called after a city before the others: its deployment may have more.
func nearest(peers []federation.Peer, city string) []federation.Peer {
	slices.SortStableFunc(peers, func(a, b federation.Peer) int {
		far := map[bool]int{false: 1}
		return cmp.Compare(far[cityOfNode(a.Name) == city], far[cityOfNode(b.Name) == city])
	})
	return peers
}

// whole puts a file together, part by part.
func whole(w wanted, ask func(w wanted) (part []byte, size int64, err error)) (all []byte, err error) {
	for {
		w.From = int64(len(all))
		part, size, err := ask(w)
		if err != nil {
			return nil, err
		}
		all = append(all, part...)
		switch {
		case len(all) > casework.MaxFile+chunk:
			return nil, errors.New("it is longer than any file")
		case int64(len(all)) >= size || len(part) == 0:
			return all, nil
		}
	}
}

// ask puts one question to a node, signed by the city that asks.
func (s *Service) ask(ctx context.Context, p federation.Peer, w wanted) (part []byte, size int64, err error) {
	text, err := s.question(ctx, w)
	if err != nil {
		return nil, 0, err
	}
	answer, err := s.node().Call(ctx, w.Region, p, text)
	switch {
	case err != nil:
		return nil, 0, err
	case len(answer) < 8:
		return nil, 0, errors.New("the answer is cut")
	}
	return answer[8:], int64(binary.BigEndian.Uint64(answer)), nil
}

// question signs what a city asks.
func (s *Service) question(ctx context.Context, w wanted) ([]byte, error) {
	r := s.region(w.Region)
	if r == nil || member(r.Ledger().Members(), w.City) == nil {
		return nil, fmt.Errorf("%s is no member of %s", w.City, w.Region)
	}
	var q question
	err := s.db.View(ctx, func(ctx context.Context) error {
		own, err := s.keysOf(ctx)
		if err != nil {
			return err
		}
		public, signer, err := own.signer(member(r.Ledger().Members(), w.City))
		if err != nil {
			return err
		}
		w.Node, w.Time = s.links.Load().name, s.now().UnixMilli()
		if q.Wanted, err = json.Marshal(w); err != nil {
			return err
		}
		q.Signature, err = ledger.SignAside(q.Wanted, public, signer)
		return err
	})
	if err != nil {
		return nil, err
	}
	return json.Marshal(q)
}

// serveFile answers another process, if the city that it asks for may have the file.
func (s *Service) serveFile(ctx context.Context, group, from string, text []byte) []byte {
	var q question
	var w wanted
	if json.Unmarshal(text, &q) != nil || json.Unmarshal(q.Wanted, &w) != nil || w.Region != group || w.From < 0 || !s.here(ctx, w.Origin) {
		return nil
	}
	r := s.region(group)
	age := s.now().Sub(time.UnixMilli(w.Time)).Abs()
	if r == nil || w.Node != from || age > askedLately || !r.Ledger().VerifyAside(w.City, q.Wanted, q.Signature) {
		s.log.Warn("a file was asked for in a city's name that did not ask", "region", group, "node", from, "city", w.City, "age", age)
		return nil
	}
	part, size, err := s.casework.Convey(as(ctx, w.Origin), w.City, group, w.Number, w.Source, w.From, chunk)
	if err != nil {
		s.log.Warn("a file was asked for that is not given", "region", group, "node", from, "city", w.City, "error", err)
		return nil
	}
	return append(binary.BigEndian.AppendUint64(nil, uint64(size)), part...)
}
