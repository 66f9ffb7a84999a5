package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"hotline/tenants/calendar"
)

// choresCommand shows what the chores could not do, so that no deadline fails in silence.
func choresCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use:   "chores",
		Short: "list the chores that failed and wait for another try or were given up; fails when there are any",
		RunE: func(cmd *cobra.Command, _ []string) error {
			h, err := s.open(cmd.Context(), logger())
			if err != nil {
				return err
			}
			defer func() { _ = h.Close() }()
			troubles, err := h.Store.Troubles(cmd.Context())
			if err != nil {
				return err
			}
			for _, t := range troubles {
				next := "下次重试 " + t.Next.In(calendar.Zone).Format("2006-01-02 15:04:05")
				if t.GivenUp {
					next = "已放弃重试"
				}
				cmd.Printf("%s %s：失败 %d 次，%s。%s\n", t.Kind, t.Args, t.Tries, next, t.Last)
			}
			if len(troubles) > 0 {
				return fmt.Errorf("%d chores failed", len(troubles))
			}
			cmd.Println("没有失败的定时任务")
			return nil
		},
	}
	s.flags(c)
	return c
}
