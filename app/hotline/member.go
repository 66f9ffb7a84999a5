package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"hotline/app/crossing"
	"hotline/app/house"
	"hotline/tenants"
)

func memberCommand() *cobra.Command {
	c := &cobra.Command{Use: "member", Short: "the regions that this deployment is in: cities' keys, members, nodes"}
	c.AddCommand(memberKeysCommand(), memberOrder("list [REGION]", "the regions: coordinator, cities, nodes and how they stand", 0, 1,
		func(a []string) (o crossing.Order, err error) {
			if len(a) > 0 {
				o.Region = a[0]
			}
			return o, nil
		}),
		memberOrder("join REGION KEYS", "let a city be a member; KEYS is the line that `member keys` prints where it is served", 2, 2,
			func(a []string) (o crossing.Order, err error) {
				keys, err := crossing.ReadPublic([]byte(a[1]))
				return crossing.Order{Region: a[0], Keys: &keys}, err
			}),
		memberOrder("revoke REGION CITY", "end a city's membership: it loses its voice at once", 2, 2, ofCity),
		memberOrder("appoint REGION CITY", "hand the coordinator's office on", 2, 2, ofCity),
		memberOrder("announce REGION CITY", "say that all nodes of a city are upgraded; one with a single node says so itself", 2, 2, ofCity),
		memberOrder("rotate CITY", "put fresh keys of a city in force, in all its regions", 1, 1,
			func(a []string) (crossing.Order, error) { return crossing.Order{City: a[0]}, nil }),
		memberOrder("leave REGION", "take this node out of a region, before it is shut down for good", 1, 1,
			func(a []string) (crossing.Order, error) { return crossing.Order{Region: a[0]}, nil }),
		memberOrder("remove REGION NODE", "take a node out, dead or alive", 2, 2, ofNode),
		memberOrder("promote REGION NODE", "give a node that follows a vote", 2, 2, ofNode),
		memberOrder("replace REGION DEAD FRESH", "put a node that follows in the place of a voter that is gone for good", 3, 3,
			func(a []string) (crossing.Order, error) {
				return crossing.Order{Region: a[0], Node: a[1], Fresh: a[2]}, nil
			}),
		memberOrder("snapshot REGION", "write the region's state to disk now and cut the log", 1, 1,
			func(a []string) (crossing.Order, error) { return crossing.Order{Region: a[0]}, nil }))
	return c
}

func ofCity(a []string) (crossing.Order, error) { return crossing.Order{Region: a[0], City: a[1]}, nil }

func ofNode(a []string) (crossing.Order, error) { return crossing.Order{Region: a[0], Node: a[1]}, nil }

// memberKeysCommand needs the database and no running process: the line is wanted before the first start.
func memberKeysCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use: "keys CITY", Short: "the public keys that other cities know a city by, made at first, for their configuration and for `member join`", Args: cobra.ExactArgs(1),
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, args []string) error {
			there, err := served(cmd.Context(), h, args[0])
			if err != nil || !there {
				return errors.Join(err, fmt.Errorf("%s is no city of this deployment", args[0]))
			}
			keys, err := h.Crossing.EnsureKeys(tenants.With(cmd.Context(), tenants.System(args[0])))
			if err != nil {
				return err
			}
			fmt.Fprintln(cmd.OutOrStdout(), keys)
			return nil
		}),
	}
	s.flags(c)
	return c
}

func served(ctx context.Context, h *house.House, code string) (bool, error) {
	cities, err := h.Directory.All(ctx)
	if err != nil {
		return false, err
	}
	for _, c := range cities {
		if c.Code == code && c.ShreddedAt == nil {
			return true, nil
		}
	}
	return false, nil
}

// memberOrder is a command that the running process carries out.
func memberOrder(use, short string, least, most int, order func(args []string) (crossing.Order, error)) *cobra.Command {
	var file string
	c := &cobra.Command{
		Use: use, Short: short, Args: cobra.RangeArgs(least, most),
		RunE: func(cmd *cobra.Command, args []string) error {
			conf, err := crossing.ReadConfig(file)
			if err != nil {
				return err
			}
			o, err := order(args)
			if err != nil {
				return err
			}
			o.Verb, _, _ = strings.Cut(use, " ")
			answer, err := crossing.Ask(cmd.Context(), conf, o)
			if err != nil {
				return err
			}
			fmt.Fprint(cmd.OutOrStdout(), answer)
			return nil
		},
	}
	c.Flags().StringVar(&file, "federation", "federation.json", "the configuration that `hotline serve --federation` runs with")
	return c
}
