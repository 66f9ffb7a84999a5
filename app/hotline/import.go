package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"hotline/app/intakefile"
	"hotline/tenants"
)

func importCommand() *cobra.Command {
	s := &settings{}
	var city, columns, format string
	c := &cobra.Command{
		Use:   "import FILE",
		Short: "take in requests from a JSON Lines, CSV or Excel file; run again after an interruption, nothing is taken in twice",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			h, err := s.open(cmd.Context(), logger())
			if err != nil {
				return err
			}
			defer func() { _ = h.Close() }()
			f, err := os.Open(args[0])
			if err != nil {
				return err
			}
			defer func() { _ = f.Close() }()
			source, err := intakefile.Open(f, args[0], format, columns)
			if err != nil {
				return err
			}
			ctx := tenants.With(cmd.Context(), tenants.System(city))
			sum, err := intakefile.Import(ctx, h.Casework, source, func(line int, err error) {
				cmd.PrintErrf("第 %d 行：%v\n", line, err)
			}, func(s intakefile.Sum) { cmd.PrintErrf("\r%s", s) })
			cmd.PrintErrf("\r%s\n", sum)
			if err != nil {
				return err
			}
			if sum.Wrong > 0 {
				return fmt.Errorf("%d lines were wrong", sum.Wrong)
			}
			return nil
		},
	}
	s.flags(c)
	c.Flags().StringVar(&city, "city", "", "GB/T 2260 code of the city")
	c.Flags().StringVar(&columns, "columns", "", "column map for CSV and Excel: field=header,… e.g. title=标题,phone=来电号码")
	c.Flags().StringVar(&format, "format", "", "jsonl, csv or xlsx; by the file's name when empty")
	_ = c.MarkFlagRequired("city")
	return c
}
