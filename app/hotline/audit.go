package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"hotline/tenants"
)

func auditCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{Use: "audit", Short: "check the sealed records"}
	verify := &cobra.Command{
		Use:   "verify",
		Short: "walk every chain of history, read ledger and administration; fails when one byte was changed",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			h, err := s.open(ctx, logger())
			if err != nil {
				return err
			}
			defer func() { _ = h.Close() }()
			cities, err := h.Directory.All(ctx)
			if err != nil {
				return err
			}
			broken := 0
			for _, city := range cities {
				if city.ShreddedAt != nil {
					cmd.Printf("%s %s：密钥已销毁，无从校验\n", city.Code, city.Title)
					continue
				}
				ctx := tenants.With(ctx, tenants.System(city.Code))
				orders, lines, places, err := h.Casework.Verify(ctx)
				if err != nil {
					return fmt.Errorf("%s: %w", city.Code, err)
				}
				for _, p := range places {
					cmd.Println(p.Error())
				}
				broken += len(places)
				records, err := h.Record.Verify(ctx)
				if err != nil {
					cmd.Println(err)
					broken++
				}
				changes, changed, err := h.Consolidation.Verify(ctx)
				if err != nil {
					return fmt.Errorf("%s: %w", city.Code, err)
				}
				for _, p := range changed {
					cmd.Println(p.Error())
				}
				broken += len(changed)
				cmd.Printf("%s %s：%d 件工单，%d 行流转与查看记录，%d 行管理记录，%d 行号码变更\n", city.Code, city.Title, orders, lines, records, changes)
			}
			if broken > 0 {
				return fmt.Errorf("%d places were changed", broken)
			}
			cmd.Println("全部完好")
			return nil
		},
	}
	s.flags(verify)
	c.AddCommand(verify)
	return c
}
