package main

import (
	"context"
	"fmt"
	"os"

	kratos "github.com/go-kratos/kratos/v2/errors"
	"github.com/spf13/cobra"

	"hotline/app/house"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/calendar"
	"hotline/tenants/policy"
)

func calendarCommand() *cobra.Command {
	c := &cobra.Command{Use: "calendar", Short: "the nation's working days: the State Council's notices, year by year"}
	c.AddCommand(calendarListCommand(), calendarAddCommand())
	return c
}

func calendarListCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use: "list", Short: "the years that are known, and a warning when the next one is due", Args: cobra.NoArgs,
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, _ []string) error {
			c, err := h.Book.Nation(cmd.Context())
			if err != nil {
				return err
			}
			first, last := c.Years()
			_, brought := calendar.National().Years()
			for year := first; year <= last; year++ {
				origin := "随程序发布"
				if year > brought {
					origin = "运维录入"
				}
				cmd.Printf("%d年  %s  %s  %s\n", year, counted(c, year), origin, c.Source(year))
			}
			if warning := policy.Missing(c, store.Moment(cmd.Context())); warning != "" {
				cmd.Println("警告：" + warning)
			}
			return nil
		}),
	}
	s.flags(c)
	return c
}

func counted(c *calendar.Calendar, year int) string {
	off, on := 0, 0
	for _, d := range c.Days(year) {
		if d.Kind == calendar.Holiday {
			off++
		} else {
			on++
		}
	}
	return fmt.Sprintf("放假 %d 天，调休上班 %d 天", off, on)
}

// tell writes into the record of every city, after the fact, and lets its running clocks be worked out again: one transaction
// holds one city.
func tell(ctx context.Context, h *house.House, summary string) error {
	all, err := h.Directory.All(ctx)
	if err != nil {
		return err
	}
	for _, c := range all {
		if c.ShreddedAt != nil {
			continue
		}
		write := func() error {
			return h.Store.Do(tenants.With(ctx, tenants.System(c.Code)), func(ctx context.Context) error {
				if err := h.Record.Write(ctx, "calendar.enter", summary); err != nil {
					return err
				}
				return h.Book.AfterDays(ctx)
			})
		}
		err := write()
		for range 5 { // somebody may be changing that city at this moment
			if err == nil || !kratos.IsConflict(err) {
				break
			}
			err = write()
		}
		if err != nil {
			return fmt.Errorf("年份已录入，但没有写进 %s 的管理留痕：%w", c.Title, err)
		}
	}
	return nil
}

func calendarAddCommand() *cobra.Command {
	s := &settings{}
	var source string
	var replace bool
	c := &cobra.Command{
		Use:   "add FILE.csv",
		Short: "enter the notice of the year after the last known one: columns date,kind,name as in tenants/calendar/national",
		Args:  cobra.ExactArgs(1),
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, args []string) error {
			text, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			year, c, err := h.Book.EnterYear(cmd.Context(), string(text), source, replace)
			if err != nil {
				return err
			}
			cmd.Printf("已录入 %d 年：%s，依据：%s\n请与通知逐日核对；各进程在两秒内生效，正在计时的截止时刻随后重算，前后都留痕。\n", year, counted(c, year), c.Source(year))
			return tell(cmd.Context(), h, fmt.Sprintf("运维录入%d年节假日安排，%s，依据：%s", year, counted(c, year), c.Source(year)))
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&source, "source", "", "title and number of the notice; default: the comment in the file's first line")
	c.Flags().BoolVar(&replace, "replace", false, "put a corrected list in the place of the last year that was entered")
	return c
}
