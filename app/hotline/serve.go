package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"hotline/app/crossing"
	"hotline/app/house"
	"hotline/app/nation"
	"hotline/ent/store"
)

func serveCommand() *cobra.Command {
	s := &settings{}
	var city, title, suite string
	c := &cobra.Command{
		Use:   "serve",
		Short: "run the hotline; the first start founds a city and prints its administrator's password once",
		RunE: func(cmd *cobra.Command, _ []string) error {
			return s.serve(cmd.Context(), logger(), func(ctx context.Context, h *house.House) error {
				return found(ctx, cmd, h, city, title, suite)
			})
		},
	}
	s.serverFlags(c)
	c.Flags().StringVar(&city, "city", "", "at first start: GB/T 2260 code of the city, e.g. 110000")
	c.Flags().StringVar(&title, "city-title", "", "at first start: name of the city, e.g. 北京")
	c.Flags().StringVar(&suite, "suite", "aes", "at first start: cipher suite of the city's keys, aes or sm (国密)")
	return c
}

// open migrates the embedded database and builds the house on it; a PostgreSQL is migrated by `hotline migrate up`.
func (s *settings) open(ctx context.Context, log *slog.Logger) (*house.House, error) {
	master, err := s.master()
	if err != nil {
		return nil, err
	}
	older, err := s.older()
	if err != nil {
		return nil, err
	}
	url, err := s.url()
	if err != nil {
		return nil, err
	}
	if s.embedded() {
		if err := store.Migrate(ctx, url); err != nil {
			return nil, err
		}
	}
	blobs, err := s.blobURL()
	if err != nil {
		return nil, err
	}
	proxies, err := s.proxyList()
	if err != nil {
		return nil, err
	}
	return house.Open(ctx, house.Config{URL: url, Master: master, Older: older, Log: log, Proxies: proxies, Unlimited: s.unlimited,
		Blobs: blobs, ListKey: s.listKey})
}

// serve opens the house, readies it, and runs gate and chores until the context ends.
func (s *settings) serve(ctx context.Context, log *slog.Logger, ready func(context.Context, *house.House) error) error {
	if blobs, err := s.blobURL(); err != nil || blobs == "" {
		return cmp.Or(err, errNoBlobs)
	}
	h, err := s.open(ctx, log)
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }()
	if err := ready(ctx, h); err != nil {
		return err
	}
	unlink, err := s.link(ctx, log, h)
	if err != nil {
		return err
	}
	defer unlink()
	stop, err := h.Work(ctx)
	if err != nil {
		return fmt.Errorf("chores: %w", err)
	}
	defer func() {
		wait, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		if err := stop(wait); err != nil {
			log.Error("chores", "error", err)
		}
	}()
	return h.Gate.Serve(ctx, s.http, s.grpc)
}

// link joins the house to its regions, if there are any, and lets the courier run until unlink is called.
func (s *settings) link(ctx context.Context, log *slog.Logger, h *house.House) (unlink func(), err error) {
	var conf crossing.Config
	switch {
	case s.federation != "":
		conf, err = crossing.ReadConfig(s.federation)
	case s.nation:
		conf, err = s.together(ctx, h)
	default:
		return func() {}, nil
	}
	if err != nil {
		return nil, err
	}
	if unlink, err = startCrossing(ctx, log, h, conf); err != nil || !s.nation {
		return unlink, err
	}
	if err := joinAll(ctx, h); err != nil {
		unlink()
		return nil, err
	}
	return unlink, nil
}

// letIn is how long serving waits for a new node to be let into its regions: calls are not kept waiting for other cities.
const letIn = 10 * time.Second

// retry is how long a node that could not join its regions rests.
const retry = 30 * time.Second

// startCrossing says at once what is wrong with the configuration; a region that does not answer yet is waited for beside serving.
func startCrossing(ctx context.Context, log *slog.Logger, h *house.House, conf crossing.Config) (unlink func(), err error) {
	ctx, stop := context.WithCancel(ctx)
	started := make(chan error, 1)
	var running sync.WaitGroup
	running.Go(func() {
		begin := time.Now()
		err := h.Crossing.Start(ctx, conf)
		for started <- err; err != nil && time.Since(begin) > letIn; err = h.Crossing.Start(ctx, conf) { // it was served without them: what failed later is tried again
			log.Error("federation: the regions could not be joined, trying again", "error", err)
			select {
			case <-ctx.Done():
				return
			case <-time.After(retry):
			}
		}
		if err != nil {
			return
		}
		running.Go(func() {
			if err := h.Crossing.Operate(ctx, conf.Socket()); err != nil {
				log.Error("operator", "error", err)
			}
		})
		h.Crossing.Run(ctx)
	})
	unlink = func() {
		stop()
		running.Wait()
		if err := h.Crossing.Close(); err != nil {
			log.Error("federation", "error", err)
		}
	}
	select {
	case err := <-started:
		if err != nil {
			unlink()
			return nil, err
		}
	case <-time.After(letIn):
		log.Warn("the regions don't answer yet: serving without them, and waiting")
		go func() {
			if err := <-started; err != nil && ctx.Err() == nil {
				log.Error("federation", "error", err)
			}
		}()
	}
	return unlink, nil
}

// found makes the first city and its administrator; on a database that has one, be it shredded, it does nothing.
func found(ctx context.Context, cmd *cobra.Command, h *house.House, code, title, suite string) error {
	cities, err := h.Directory.All(ctx)
	if err != nil || len(cities) > 0 {
		return err
	}
	if code == "" || title == "" {
		return errors.New("the database is empty: say which city to found, e.g. --city 110000 --city-title 北京")
	}
	password, err := establish(ctx, h, nation.City{Code: code, Title: title, Suite: suite}, "admin")
	if err != nil {
		return err
	}
	cmd.Printf("founded %s (%s). Administrator: admin\nPassword, shown only now: %s\n", title, code, password)
	return nil
}
