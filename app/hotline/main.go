// Command hotline is the whole platform in one program: a city hall's hotline (serve), a small nation to try (demo), and the
// operator's tools.
package main

import (
	"context"
	stderrors "errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/go-kratos/kratos/v2/errors"
	"github.com/spf13/cobra"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := root().ExecuteContext(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "hotline:", plain(err))
		os.Exit(1)
	}
}

// plain is the sentence of a refusal; what it has for programs says nothing to an operator.
func plain(err error) string {
	var refusal *errors.Error
	if !stderrors.As(err, &refusal) {
		return err.Error()
	}
	return strings.Replace(err.Error(), refusal.Error(), refusal.Message, 1)
}

func root() *cobra.Command {
	c := &cobra.Command{
		Use:           "hotline",
		Short:         "12345 政务服务便民热线平台",
		SilenceUsage:  true,
		SilenceErrors: true,
	}
	c.AddCommand(serveCommand(), demoCommand(), migrateCommand(), auditCommand(), importCommand(), tenantCommand(), calendarCommand(), listCommand(), choresCommand(),
		memberCommand())
	return c
}

// logger writes what an operator needs to know; personal data never gets here (app/gate).
func logger() *slog.Logger { return slog.New(slog.NewTextHandler(os.Stderr, nil)) }
