package main

import (
	"container/heap"
	"context"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/google/uuid"

	"hotline/app/house"
	"hotline/app/nation"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/calendar"
	"hotline/tenants/privacy"
)

const city = "340100"

// The year: orders come in 2025, and what is still open may end until the spring after.
var (
	first = time.Date(2025, 1, 1, 0, 0, 0, 0, calendar.Zone)
	last  = time.Date(2026, 1, 1, 0, 0, 0, 0, calendar.Zone)
	drain = time.Date(2026, 10, 1, 0, 0, 0, 0, calendar.Zone)
)

// year is one city, its people, and what will happen next.
type year struct {
	house   *house.House
	ctx     context.Context
	seed    uint64
	now     time.Time
	next    queue
	seq     int
	people  map[string]*tenants.Viewer
	lives   []*life
	acts    int
	done    map[string]int // acts by verb
	refused map[string]int // refusals by reason
	fired   int
	samples []nation.Request
}

// open builds the house on a new database with the one city in it.
func open(ctx context.Context, url string, seed uint64) (*year, error) {
	if err := store.Migrate(ctx, url); err != nil {
		return nil, err
	}
	master, _ := privacy.NewMaster()
	h, err := house.Open(ctx, house.Config{URL: url, Master: master, Log: slog.New(slog.NewTextHandler(io.Discard, nil)), Unlimited: true})
	if err != nil {
		return nil, err
	}
	y := &year{house: h, ctx: ctx, seed: seed, people: map[string]*tenants.Viewer{}, done: map[string]int{}, refused: map[string]int{}}
	for _, r := range nation.Requests() {
		if r.Disposition == "in_scope" && nation.UnitCode(r.Lead) != "" {
			y.samples = append(y.samples, r)
		}
	}
	err = nation.Build(ctx, nation.Deps{Store: h.Store, Vault: h.Vault, Book: h.Book, Directory: h.Directory,
		Hash: func(string) string { return "nobody signs in here" }})
	if err != nil {
		_ = h.Close()
		return nil, err
	}
	return y, nil
}

// as is the context of a person at the moment of the play: role and unit make the person.
func (y *year) as(role tenants.Role, unit string, second bool) context.Context {
	login := fmt.Sprintf("%s.%s.%t", role, unit, second)
	v := y.people[login]
	if v == nil {
		v = &tenants.Viewer{Account: uuid.New(), Login: login, Tenant: city, Posts: []tenants.Post{{Role: role, Unit: unit}}}
		y.people[login] = v
	}
	return tenants.With(store.At(y.ctx, y.now), v)
}

func (y *year) platform() context.Context {
	return tenants.With(store.At(y.ctx, y.now), tenants.System(city))
}

// happening is something that will happen at a moment.
type happening struct {
	at  time.Time
	seq int
	do  func() error
}

type queue []happening

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].seq < q[j].seq
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(happening)) }
func (q *queue) Pop() any {
	old := *q
	x := old[len(old)-1]
	*q = old[:len(old)-1]
	return x
}

func (y *year) at(at time.Time, do func() error) {
	y.seq++
	heap.Push(&y.next, happening{at, y.seq, do})
}

// play lets the year pass.
func (y *year) play(orders int) error {
	dice := rand.New(rand.NewPCG(y.seed, 0))
	for i := range orders {
		y.at(arrival(dice), func() error { return y.born(uint64(i)) })
	}
	for t := first; t.Before(drain); t = t.Add(30 * time.Minute) {
		y.at(t, y.sweep)
	}
	for y.next.Len() > 0 {
		h := heap.Pop(&y.next).(happening)
		if h.at.After(drain) {
			return nil
		}
		y.now = h.at
		if err := h.do(); err != nil {
			return fmt.Errorf("%s: %w", h.at.Format(time.RFC3339), err)
		}
	}
	return nil
}

// arrival is a moment of the year: by day rather than by night.
func arrival(dice *rand.Rand) time.Time {
	day := first.AddDate(0, 0, dice.IntN(365))
	hour := 8 + dice.IntN(12)
	if dice.IntN(10) == 0 {
		hour = dice.IntN(24)
	}
	return day.Add(time.Duration(hour)*time.Hour + time.Duration(dice.IntN(3600))*time.Second)
}

func (y *year) sweep() error {
	done, err := y.house.Casework.Sweep(y.platform())
	y.fired += done.Fired
	return err
}

// tried counts an act; a refusal is part of life, anything else ends the play.
func (y *year) tried(verb string, err error) (ok bool, fatal error) {
	if err == nil {
		y.acts++
		y.done[verb]++
		return true, nil
	}
	e := errors.FromError(err)
	if e.Code >= 400 && e.Code < 500 {
		y.refused[verb+" "+e.Reason]++
		return false, nil
	}
	return false, fmt.Errorf("%s: %w", verb, err)
}
