package main

import (
	"sync/atomic"

	federationv1 "hotline/api/federation/v1"
	"hotline/federation/ledger"
)

// batchMost is how many acts a batch has at most.
const batchMost = 256

// courier gathers what waits of a city and signs it together, as the product's does with its outbox. The city's proposers share it.
type courier struct {
	region  *region
	city    *city
	waiting chan *act
	onWay   chan struct{} // batches of which something has no answer yet
}

// act waits to be signed, and then for its answer with the others of its batch.
type act struct {
	command *federationv1.Command
	signed  chan []byte
	left    *atomic.Int32 // of the batch, without an answer
}

func newCourier(r *region, c *city) *courier {
	k := &courier{region: r, city: c, waiting: make(chan *act, batchMost), onWay: make(chan struct{}, *onWay)}
	go k.run()
	return k
}

func (k *courier) run() {
	for first := range k.waiting {
		k.onWay <- struct{}{}
		batch := []*act{first}
		for len(batch) < batchMost && len(k.waiting) > 0 {
			batch = append(batch, <-k.waiting)
		}
		commands, left := make([]*federationv1.Command, len(batch)), new(atomic.Int32)
		for i, a := range batch {
			commands[i] = a.command
		}
		left.Store(int32(len(batch)))
		signed, err := ledger.SignAll(commands, k.city.signing, k.city.private, speaks)
		must(err)
		for i, a := range batch {
			a.left = left
			a.signed <- signed[i]
		}
	}
}

// propose brings a command in with others of its city.
func (k *courier) propose(c *federationv1.Command) error {
	a := &act{command: c, signed: make(chan []byte, 1)}
	k.waiting <- a
	err := k.region.propose(<-a.signed)
	if a.left.Add(-1) == 0 {
		<-k.onWay
	}
	return err
}
