package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"time"

	kratos "github.com/go-kratos/kratos/v2/errors"
	"github.com/spf13/cobra"
	"golang.org/x/term"

	listpb "hotline/api/consolidation/v1"
	tenantpb "hotline/api/tenant/v1"
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
	c.AddCommand(listVerifyCommand(), listReceiveCommand(), listExportCommand(), listFoundCommand(), listPlaceCommand(), listAdmitCommand(),
		listKeysCommand(), listReplaceCommand(), listConfirmCommand(), listDialPlanCommand())
	return c
}

// verify needs no database: anybody can do it.
func listVerifyCommand() *cobra.Command {
	var key string
	c := &cobra.Command{
		Use: "verify FILE", Short: "check that a file is a list, or an act on its key, that the office signed; --key gives its public key", Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			raw, err := os.ReadFile(args[0])
			if err != nil {
				return err
			}
			if consolidation.IsKeyAct(raw) {
				return verifyKeyAct(cmd, raw, key)
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

// verifyKeyAct checks an act by which one key of the office replaced another; key is the one that it replaced.
func verifyKeyAct(cmd *cobra.Command, raw []byte, key string) error {
	k, err := consolidation.VerifyKeyAct(raw)
	if err == nil && key != "" && k.Old != key {
		err = consolidation.ErrForged
	}
	if err != nil {
		return err
	}
	cmd.Printf("验签通过：第 %d 把清单签名密钥，旧密钥签到第 %d 版，%s，原因：%s\n旧公钥 %s\n新公钥 %s\n新密钥指纹 %s\n", k.Number, k.After, k.Moment.Format(time.RFC3339), k.Reason,
		k.Old, k.New, consolidation.Fingerprint(k.New))
	if len(k.Handed) == 0 {
		cmd.Println("注意：旧密钥已遗失，没有签名；请以电话或公文与国务院办公厅核对指纹，再由各市确认。")
	}
	return nil
}

// trusts wants to know whose key the first list shall be signed by: whoever brings the annex under a key of their own could sign whatever they
// like from then on.
func trusts(cmd *cobra.Command, h *house.House, raw []byte, trust string) error {
	docs, err := h.Consolidation.Documents(cmd.Context(), 0)
	if err != nil || len(docs) > 0 {
		return err
	}
	d, err := consolidation.Verify(raw, trust)
	if err == nil && trust == "" {
		return fmt.Errorf("这里还没有清单。这份清单由下面的公钥签署，请与国务院办公厅公布的公钥核对后，用 --trust 写明：\n%s", d.Key)
	}
	return err
}

func listReceiveCommand() *cobra.Command {
	s := &settings{}
	var trust string
	c := &cobra.Command{
		Use: "receive FILE…", Short: "take in signed lists and acts on the office's key, in whatever order they stand; safe to run again", Args: cobra.MinimumNArgs(1),
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, args []string) error {
			for waiting := args; len(waiting) > 0; {
				var later []string
				var why error
				for _, file := range waiting {
					raw, err := os.ReadFile(file)
					if err != nil {
						return err
					}
					if !consolidation.IsKeyAct(raw) {
						if err := trusts(cmd, h, raw, trust); err != nil {
							return fmt.Errorf("%s: %w", file, err)
						}
					}
					err = h.Consolidation.Receive(cmd.Context(), raw)
					if reason := kratos.Reason(err); err != nil && (reason == "LIST_GAP" || reason == "KEY_GAP" || reason == "LIST_FORGED") {
						later, why = append(later, file), errors.Join(why, fmt.Errorf("%s: %w", file, err)) // another file may come before it
						continue
					}
					if err != nil {
						return fmt.Errorf("%s: %w", file, err)
					}
					cmd.Printf("%s：已收取，各市随即生效\n", file)
				}
				if len(later) == len(waiting) {
					return why
				}
				waiting = later
			}
			return nil
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&trust, "trust", "", "before the first list: the office's public key, suite:base64, as the office made it known")
	return c
}

func listAdmitCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use: "admit CODE TITLE", Args: cobra.ExactArgs(2),
		Short: "at the office: which member of the nation is which ministry, under the name the list has for it; the cities report its column to it",
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, args []string) error {
			if err := h.Consolidation.Admit(cmd.Context(), args[0], args[1]); err != nil {
				return err
			}
			cmd.Printf("%s 列为%s，各市随后向其报送本条线进度\n", args[0], args[1])
			return nil
		}),
	}
	s.flags(c)
	return c
}

func listKeysCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use: "keys", Short: "the office's signing keys in their order, which versions each signed, and which this deployment trusts", Args: cobra.NoArgs,
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, _ []string) error {
			res, err := h.Consolidation.ListKeys(tenants.With(cmd.Context(), &tenants.Viewer{Login: "operator"}), &listpb.ListKeysRequest{})
			if err != nil {
				return err
			}
			for _, k := range res.GetKeys() {
				to := "起"
				if k.GetToVersion() > 0 {
					to = fmt.Sprintf("至第 %d 版", k.GetToVersion())
				}
				cmd.Printf("第 %d 把：%s，第 %d 版%s，%s\n  %s\n  %s\n", k.GetNumber(), k.GetStandingTitle(), k.GetFromVersion(), to, k.GetReason(),
					consolidation.Spoken(k.GetFingerprint()), k.GetKey())
			}
			return nil
		}),
	}
	s.flags(c)
	return c
}

func listReplaceCommand() *cobra.Command {
	s := &settings{}
	var suite string
	var lost []string
	c := &cobra.Command{
		Use: "replace REASON", Args: cobra.ExactArgs(1),
		Short: "at the office: a new signing key; the present one hands over, or, if it is lost, two administrators of the office found the new one",
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, args []string) error {
			var err error
			if lost == nil {
				err = h.Consolidation.HandOver(tenants.With(cmd.Context(), tenants.System(consolidation.Office)), suite, args[0])
			} else {
				err = refound(cmd, h, suite, args[0], lost)
			}
			if err != nil {
				return err
			}
			return tellKey(cmd, h)
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&suite, "suite", "sm", "suite of the new key: sm (SM2, SM3) or aes (Ed25519, SHA-256)")
	c.Flags().StringSliceVar(&lost, "lost", nil, "the present key is lost or in wrong hands: the logins of the two who found the new one, who proposes and who carries it out")
	return c
}

// refound lets two people of the office, each with their own password, put a key in the place of one that is lost.
func refound(cmd *cobra.Command, h *house.House, suite, reason string, logins []string) error {
	if len(logins) != 2 || logins[0] == logins[1] {
		return errors.New("重立密钥要由两位同志办理，请用 --lost 提议人,办理人 写明两个账号")
	}
	typed := bufio.NewReader(cmd.InOrStdin())
	var people []context.Context // both prove who they are before anything is written
	for _, login := range logins {
		who, err := signIn(cmd, h, typed, login)
		if err != nil {
			return fmt.Errorf("%s：%w", login, err)
		}
		people = append(people, who)
	}
	p, err := h.Consolidation.ProposeKey(people[0], &listpb.ProposeKeyRequest{Parent: "tenants/" + consolidation.Office, Suite: suite, Lost: true, Reason: reason})
	if err != nil {
		return err
	}
	act := &listpb.KeyProposalActRequest{Name: p.GetName()}
	if _, err := h.Consolidation.ReplaceKey(people[1], act); err != nil {
		_, e := h.Consolidation.DropKeyProposal(people[0], act)
		return errors.Join(err, e)
	}
	return nil
}

// signIn asks for a person's password and gives what they do at the office; without the right to replace its key they are refused.
func signIn(cmd *cobra.Command, h *house.House, typed *bufio.Reader, login string) (context.Context, error) {
	cmd.Printf("%s 的口令：", login)
	password, err := unseen(cmd, typed)
	cmd.Println()
	if err != nil {
		return nil, err
	}
	ctx := cmd.Context()
	in, err := h.Identity.Login(ctx, &tenantpb.LoginRequest{Login: login, Password: password, Tenant: consolidation.Office})
	if err != nil {
		return nil, err
	}
	v, err := h.Identity.Identify(ctx, "Bearer "+in.GetTokens().GetAccessToken())
	if err != nil {
		return nil, err
	}
	who := tenants.With(ctx, v)
	if _, err := h.Identity.Logout(who, &tenantpb.LogoutRequest{}); err != nil { // the proof is all that was wanted
		return nil, err
	}
	if !h.Access.May(v.Roles(), "list", "replace_key") {
		return nil, errors.New("这个账号不能更换清单签名密钥")
	}
	return who, nil
}

// unseen reads a line that a terminal does not show.
func unseen(cmd *cobra.Command, typed *bufio.Reader) (string, error) {
	if f, ok := cmd.InOrStdin().(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		line, err := term.ReadPassword(int(f.Fd()))
		return string(line), err
	}
	line, err := typed.ReadString('\n')
	if err != nil && line == "" {
		return "", errors.New("没有输入口令")
	}
	return strings.TrimRight(line, "\r\n"), nil
}

// tellKey says what the office has to make known of its newest key.
func tellKey(cmd *cobra.Command, h *house.House) error {
	res, err := h.Consolidation.ListKeys(tenants.With(cmd.Context(), tenants.System(consolidation.Office)), &listpb.ListKeysRequest{})
	if err != nil {
		return err
	}
	k := res.GetKeys()[len(res.GetKeys())-1]
	cmd.Printf("第 %d 把清单签名密钥自第 %d 版起签名，旧密钥已销毁\n公钥 %s\n指纹 %s\n", k.GetNumber(), k.GetFromVersion(), k.GetKey(), consolidation.Spoken(k.GetFingerprint()))
	if k.GetKind() == "refounded" {
		cmd.Println("旧密钥没有签名：请以电话或公文把指纹告知各地，由各地核对确认后采用。")
	}
	return nil
}

func listConfirmCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use: "confirm CODE FINGERPRINT", Args: cobra.MinimumNArgs(2),
		Short: "for a place without an administrator: its people have the fingerprint of the office's new key by telephone or on paper",
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, args []string) error {
			there, err := find(cmd.Context(), h, args[0])
			if err != nil {
				return err
			}
			if there == nil {
				return fmt.Errorf("没有代码为“%s”的城市", args[0])
			}
			if err := h.Consolidation.TrustKey(tenants.With(cmd.Context(), tenants.System(args[0])), strings.Join(args[1:], "")); err != nil {
				return err
			}
			cmd.Printf("%s已确认新的清单签名密钥\n", there.Title)
			return nil
		}),
	}
	s.flags(c)
	return c
}

func listExportCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use: "export FOLDER", Short: "write every signed version, and every act on the office's key, into a folder, to hand on or to verify", Args: cobra.ExactArgs(1),
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
			acts, err := h.Consolidation.KeyActs(cmd.Context())
			if err != nil {
				return err
			}
			for i, raw := range acts {
				file := filepath.Join(args[0], fmt.Sprintf("key-%d.txt", i+2))
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
