package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"hotline/app/consolidation"
	"hotline/app/house"
	"hotline/app/nation"
	"hotline/ent"
	"hotline/ent/account"
	"hotline/ent/grant"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/policy"
)

func listCommand() *cobra.Command {
	c := &cobra.Command{Use: "list", Short: "the national consolidation list (归并清单): verify, take in, hand on, and the office that publishes it"}
	c.AddCommand(listVerifyCommand(), listReceiveCommand(), listExportCommand(), listFoundCommand(), listPlaceCommand(), listDialPlanCommand())
	return c
}

// verify needs no database: anybody can do it.
func listVerifyCommand() *cobra.Command {
	var key string
	c := &cobra.Command{
		Use: "verify FILE", Short: "check that a file is a list that the office signed; --key gives its public key", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			d, err := consolidation.Verify(raw, key)
			if err != nil {
				return err
			}
			cmd.Printf("验签通过：%s第 %d 版，%d 条，依据%s，%s起生效\n摘要 %s\n公钥 %s\n", d.Title, d.Version, len(d.Entries), d.Basis, d.Effective, d.Digest(), d.Key)
			if key == "" {
				cmd.Println("注意：没有给出 --key，只证明文件与它自带的公钥相符；请与国务院办公厅公布的公钥核对。")
			}
			return nil
		},
	}
	c.Flags().StringVar(&key, "key", "", "the office's public key, suite:base64")
	return c
}

func listReceiveCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use: "receive FILE…", Short: "take signed lists in, in the order of their versions; safe to run again", Args: cobra.MinimumNArgs(1),
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, args []string) error {
			for _, file := range args {
				raw, err := os.ReadFile(file)
				if err != nil {
					return err
				}
				if err := h.Consolidation.Receive(cmd.Context(), raw); err != nil {
					return fmt.Errorf("%s: %w", file, err)
				}
				cmd.Printf("%s：已收取，各市随即生效\n", file)
			}
			return nil
		}),
	}
	s.flags(c)
	return c
}

func listExportCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use: "export FOLDER", Short: "write every signed version into a folder, to hand on or to verify", Args: cobra.ExactArgs(1),
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, args []string) error {
			docs, err := h.Consolidation.Documents(cmd.Context(), 0)
			if err != nil {
				return err
			}
			if err := os.MkdirAll(args[0], 0o755); err != nil {
				return err
			}
			for i, raw := range docs {
				file := filepath.Join(args[0], fmt.Sprintf("list-%d.txt", i+1))
				if err := os.WriteFile(file, raw, 0o644); err != nil {
					return err
				}
				cmd.Println(file)
			}
			return nil
		}),
	}
	s.flags(c)
	return c
}

func listFoundCommand() *cobra.Command {
	s := &settings{}
	var suite string
	c := &cobra.Command{
		Use: "found", Args: cobra.NoArgs,
		Short: "make this deployment the office's: its place of work, two administrators, its key, and the annex as version 1",
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, _ []string) error {
			office := nation.City{Code: consolidation.Office, Title: "国务院办公厅", Suite: suite}
			for _, login := range []string{"central_admin", "central_admin2"} { // nobody reviews their own draft
				if err := hire(cmd, h, office, login, tenants.CentralAdmin); err != nil {
					return err
				}
			}
			return h.Consolidation.FoundOffice(cmd.Context(), suite)
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&suite, "suite", "sm", "suite of the office's key: sm (SM2, SM3) or aes (Ed25519, SHA-256)")
	return c
}

var digits = regexp.MustCompile(`^[0-9]{6}$`)

func listPlaceCommand() *cobra.Command {
	s := &settings{}
	var suite string
	c := &cobra.Command{
		Use: "place CODE TITLE", Args: cobra.ExactArgs(2),
		Short: "a place of work above the cities: a province is 1000 and its two digits, a ministry 1001NN under the name the list has for it",
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, args []string) error {
			code, role := args[0], tenants.ProvinceAdmin
			switch {
			case digits.MatchString(code) && strings.HasPrefix(code, "1000") && code >= "100011":
			case digits.MatchString(code) && strings.HasPrefix(code, "1001"):
				role = tenants.MinistryOfficer
			default:
				return errors.New("代码不对：省级为 1000 加省份两位代码，如 100032；部委为 1001 加两位序号，名称与清单上的责任单位一致")
			}
			return hire(cmd, h, nation.City{Code: code, Title: args[1], Suite: suite}, string(role)+"."+code, role)
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&suite, "suite", "aes", "cipher suite of the place's keys, aes or sm (国密)")
	return c
}

// hire makes the place, unless it is there, and one person in it; who is there already stays as they are. A login that is somebody
// else's is refused: whoever thought of the name first, perhaps in a city, would speak for the place.
func hire(cmd *cobra.Command, h *house.House, place nation.City, login string, role tenants.Role) error {
	ctx := cmd.Context()
	there, err := find(ctx, h, place.Code)
	if err != nil {
		return err
	}
	if there == nil {
		d := nation.Deps{Store: h.Store, Vault: h.Vault, Book: h.Book, Directory: h.Directory}
		if err := nation.FoundCity(ctx, d, place, policy.Default()); err != nil {
			return err
		}
	}
	if here, err := posted(ctx, h, place, login); err != nil || here {
		return err
	}
	password, err := h.Identity.Bootstrap(tenants.With(ctx, tenants.System(place.Code)), login, place.Title+tenants.Titles[role], place.Code, string(role))
	if err != nil {
		return err
	}
	cmd.Printf("%s：账号 %s，初始口令（只显示这一次）：%s\n", place.Title, login, password)
	return nil
}

// posted says whether the login has a post at the place.
func posted(ctx context.Context, h *house.House, place nation.City, login string) (here bool, err error) {
	err = h.Store.View(ctx, func(ctx context.Context) error {
		a, err := h.Store.Ent.Account.Query().Where(account.Login(login)).Only(ctx)
		if ent.IsNotFound(err) {
			return nil
		}
		if err == nil {
			here, err = h.Store.Ent.Grant.Query().Where(grant.AccountID(a.ID), grant.City(place.Code)).Exist(ctx)
		}
		if err == nil && !here {
			return fmt.Errorf("账号 %s 已有人使用，请先改名再启用%s", login, place.Title)
		}
		return err
	})
	return here, err
}

func listDialPlanCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use: "dialplan CITY", Short: "print a city's dial plan of now as a plain file for a switch", Args: cobra.ExactArgs(1),
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, args []string) error {
			there, err := find(cmd.Context(), h, args[0])
			if err != nil {
				return err
			}
			if there == nil {
				return fmt.Errorf("没有代码为“%s”的城市", args[0])
			}
			ctx := tenants.With(cmd.Context(), tenants.System(args[0]))
			sheet, err := h.Consolidation.DialPlan(ctx, store.Moment(ctx))
			if err != nil {
				return err
			}
			_, err = cmd.OutOrStdout().Write(sheet.GetContent())
			return err
		}),
	}
	s.flags(c)
	return c
}
