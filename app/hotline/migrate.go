package main

import (
	"github.com/spf13/cobra"

	"hotline/ent/store"
)

func migrateCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{Use: "migrate", Short: "bring the database to this program's schema"}
	up := &cobra.Command{Use: "up", Short: "apply what is missing", RunE: func(cmd *cobra.Command, _ []string) error {
		url, err := s.url()
		if err != nil {
			return err
		}
		return store.Migrate(cmd.Context(), url)
	}}
	status := &cobra.Command{Use: "status", Short: "say how far the database is", RunE: func(cmd *cobra.Command, _ []string) error {
		url, err := s.url()
		if err != nil {
			return err
		}
		current, latest, err := store.Status(cmd.Context(), url)
		if err != nil {
			return err
		}
		cmd.Printf("database %d, program %d\n", current, latest)
		return nil
	}}
	s.flags(up)
	s.flags(status)
	c.AddCommand(up, status)
	return c
}
