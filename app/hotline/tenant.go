package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/spf13/cobra"

	"hotline/app/house"
	"hotline/app/nation"
	"hotline/ent"
	"hotline/ent/datakey"
	"hotline/tenants"
	"hotline/tenants/policy"
	"hotline/tenants/privacy"
)

func tenantCommand() *cobra.Command {
	c := &cobra.Command{Use: "tenant", Short: "the cities of this deployment: list, found, change the master key, end"}
	c.AddCommand(tenantListCommand(), tenantAddCommand(), tenantRewrapCommand(), tenantShredCommand())
	return c
}

// inside opens the house for one command of the operator.
func (s *settings) inside(do func(cmd *cobra.Command, h *house.House, args []string) error) func(*cobra.Command, []string) error {
	return func(cmd *cobra.Command, args []string) error {
		h, err := s.open(cmd.Context(), logger())
		if err != nil {
			return err
		}
		defer func() { _ = h.Close() }()
		return do(cmd, h, args)
	}
}

func tenantListCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use: "list", Short: "the cities and places of work, their cipher suite and the state of their keys", Args: cobra.NoArgs,
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, _ []string) error {
			all, err := h.Directory.All(cmd.Context())
			if err != nil {
				return err
			}
			for _, c := range all {
				keys, err := keysOf(cmd.Context(), h, c)
				if err != nil {
					return err
				}
				cmd.Printf("%s  %s  %s  %s\n", c.Code, c.Title, c.Suite, keys)
			}
			return nil
		}),
	}
	s.flags(c)
	return c
}

// keysOf says how a city's keys stand.
func keysOf(ctx context.Context, h *house.House, c *ent.City) (words string, err error) {
	if c.ShreddedAt != nil {
		return "密钥已于 " + c.ShreddedAt.Format("2006-01-02 15:04:05Z07:00") + " 销毁", nil
	}
	err = h.Store.View(tenants.With(ctx, tenants.System(c.Code)), func(ctx context.Context) error {
		last, err := h.Store.Ent.DataKey.Query().Where(datakey.Kind("data")).Order(ent.Desc(datakey.FieldGeneration)).First(ctx)
		if ent.IsNotFound(err) {
			words = "尚无密钥"
			return nil
		}
		if err != nil {
			return fmt.Errorf("keys of %s: %w", c.Code, err)
		}
		words = fmt.Sprintf("第 %d 代数据密钥，主密钥 %s", last.Generation, last.MasterID)
		return nil
	})
	return words, err
}

func tenantAddCommand() *cobra.Command {
	s := &settings{}
	var suite, login string
	c := &cobra.Command{
		Use: "add CODE TITLE", Short: "found a city and print its administrator's password once", Args: cobra.ExactArgs(2),
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, args []string) error {
			city := nation.City{Code: args[0], Title: args[1], Suite: suite}
			if err := foundable(cmd.Context(), h, city); err != nil {
				return err
			}
			if login == "" {
				login = "admin." + city.Code
			}
			password, err := establish(cmd.Context(), h, city, login)
			if err != nil {
				return err
			}
			cmd.Printf("已开通 %s（%s）。城市管理员账号：%s\n初始口令（只显示这一次）：%s\n", city.Title, city.Code, login, password)
			return nil
		}),
	}
	s.flags(c)
	c.Flags().StringVar(&suite, "suite", "aes", "cipher suite of the city's keys, aes or sm (国密)")
	c.Flags().StringVar(&login, "admin", "", "login of the first administrator; default admin.CODE")
	return c
}

var cityCode = regexp.MustCompile(`^[1-9][0-9]{5}$`)

// foundable refuses what is no city, or is one already.
func foundable(ctx context.Context, h *house.House, c nation.City) error {
	if !cityCode.MatchString(c.Code) || c.Code < "110000" {
		return fmt.Errorf("“%s”不是城市代码：应为六位数字（GB/T 2260，从 110000 起）", c.Code)
	}
	if strings.TrimSpace(c.Title) == "" || utf8.RuneCountInString(c.Title) > 40 || strings.ContainsFunc(c.Title, unicode.IsControl) {
		return errors.New("城市名称不能为空，至多 40 个字，不能含有控制字符")
	}
	if _, err := privacy.ParseSuite(c.Suite); err != nil {
		return err
	}
	there, err := find(ctx, h, c.Code)
	switch {
	case err != nil:
		return err
	case there != nil && there.ShreddedAt != nil:
		return fmt.Errorf("%s（%s）的密钥已销毁，这个代码不能再次开通", there.Title, c.Code)
	case there != nil:
		return fmt.Errorf("%s（%s）已经开通", there.Title, c.Code)
	}
	return nil
}

// find is the city of the code, shredded or not; nil when there is none.
func find(ctx context.Context, h *house.House, code string) (*ent.City, error) {
	all, err := h.Directory.All(ctx)
	if err != nil {
		return nil, err
	}
	for _, c := range all {
		if c.Code == code {
			return c, nil
		}
	}
	return nil, nil
}

// establish founds a city and hires its first administrator, both or neither. A login that exists is refused: whoever thought
// of the name first, perhaps in another city, would become administrator here.
func establish(ctx context.Context, h *house.House, c nation.City, login string) (password string, err error) {
	err = h.Store.Do(tenants.With(ctx, tenants.System(c.Code)), func(ctx context.Context) error {
		d := nation.Deps{Store: h.Store, Vault: h.Vault, Book: h.Book, Directory: h.Directory}
		if err := nation.FoundCity(ctx, d, c, policy.Default()); err != nil {
			return err
		}
		password, err = h.Identity.Bootstrap(ctx, login, c.Title+"管理员", c.Code, string(tenants.CityAdmin))
		if err == nil && password == "" {
			return fmt.Errorf("账号 %s 已有人使用，请用 --admin 另起一个", login)
		}
		return err
	})
	return password, err
}

func tenantRewrapCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use:   "rewrap",
		Short: "put all keys under the master key of --master-key; the one before is given as --old-master-key",
		Args:  cobra.NoArgs,
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, _ []string) error {
			m, err := s.master()
			if err != nil {
				return err
			}
			return rewrap(cmd, h, m)
		}),
	}
	s.flags(c)
	return c
}

// rewrap goes city by city; after an interruption it is run again and does the rest.
func rewrap(cmd *cobra.Command, h *house.House, m *privacy.Master) error {
	ctx := cmd.Context()
	all, err := h.Directory.All(ctx)
	if err != nil {
		return err
	}
	moved, there := 0, 0
	for _, c := range all {
		if c.ShreddedAt != nil {
			continue
		}
		done, err := rewrapCity(tenants.With(ctx, tenants.System(c.Code)), h, m)
		if err != nil {
			return fmt.Errorf("%s（%s）：%w。之前的城市已经更换，排除原因后重新执行即可", c.Title, c.Code, err)
		}
		if there++; done {
			moved++
		}
	}
	if err := h.Identity.RewrapKeys(ctx); err != nil {
		return err
	}
	if err := h.Consolidation.RewrapKey(ctx); err != nil {
		return err
	}
	cmd.Printf("全部 %d 个租户的密钥都在主密钥 %s 之下，其中 %d 个是这次更换的。所有进程改用新主密钥后，请销毁旧主密钥。\n", there, m.ID(), moved)
	return nil
}

// rewrapCity moves one city's keys, and says so in its record, unless they are there already.
func rewrapCity(ctx context.Context, h *house.House, m *privacy.Master) (moved bool, err error) {
	err = h.Store.Do(ctx, func(ctx context.Context) error {
		moved, err = h.Store.Ent.DataKey.Query().Where(datakey.MasterIDNEQ(m.ID())).Exist(ctx)
		if err != nil || !moved {
			return err
		}
		if err := h.Vault.Rewrap(ctx, m); err != nil {
			return err
		}
		return h.Record.Write(ctx, "key.rewrap", "更换主密钥为 "+m.ID())
	})
	return moved, err
}

func tenantShredCommand() *cobra.Command {
	s := &settings{}
	c := &cobra.Command{
		Use: "shred CODE", Short: "destroy a city's keys for good: its personal data can never be read again", Args: cobra.ExactArgs(1),
		RunE: s.inside(func(cmd *cobra.Command, h *house.House, args []string) error {
			c, err := find(cmd.Context(), h, args[0])
			switch {
			case err != nil:
				return err
			case c == nil:
				return fmt.Errorf("没有代码为“%s”的城市", args[0])
			case c.ShreddedAt != nil:
				return fmt.Errorf("%s（%s）的密钥已经销毁", c.Title, c.Code)
			}
			cmd.Printf("将销毁 %s（%s）的全部密钥，收回所有岗位，结束所有登录。该市个人信息从此无法读出，不能恢复。\n请输入城市代码确认：", c.Title, c.Code)
			typed, _ := bufio.NewReader(cmd.InOrStdin()).ReadString('\n')
			if strings.TrimSpace(typed) != c.Code {
				return errors.New("输入的代码不符，什么都没有销毁")
			}
			if err := shred(cmd.Context(), h, c.Code); err != nil {
				return err
			}
			cmd.Printf("已销毁。数据库备份中还有被主密钥包裹的旧密钥：请销毁这些备份，或用 hotline tenant rewrap 为其余城市更换主密钥后销毁旧主密钥。\n")
			return nil
		}),
	}
	s.flags(c)
	return c
}

// shred ends a city in one transaction. The line of record comes first: it is sealed by a key that is gone afterwards.
func shred(ctx context.Context, h *house.House, code string) error {
	return h.Store.Do(tenants.With(ctx, tenants.System(code)), func(ctx context.Context) error {
		if err := h.Record.Write(ctx, "city.shred", "销毁本市密钥，收回所有岗位，结束所有登录"); err != nil {
			return err
		}
		if err := h.Identity.CloseCity(ctx, code); err != nil {
			return err
		}
		return h.Vault.Shred(ctx)
	})
}
