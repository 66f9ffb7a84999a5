package main

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	pb "hotline/api/casework/v1"
	"hotline/app/house/housetest"
	"hotline/app/nation"
	"hotline/app/play"
	"hotline/ent/account"
	"hotline/ent/grant"
	"hotline/ent/session"
	"hotline/ent/store/storetest"
	"hotline/tenants"
	"hotline/tenants/privacy"
)

// office is where an operator sits: the program's flags for one database and its master key.
type office struct {
	*testing.T
	dir, url string
	master   *privacy.Master
}

// eachOffice runs the test on a migrated SQLite and a migrated PostgreSQL.
func eachOffice(t *testing.T, test func(o *office)) {
	t.Helper()
	for name, at := range map[string]func(testing.TB) string{"SQLite": storetest.SQLiteURL, "PostgreSQL": storetest.PostgresURL} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			o := &office{T: t, dir: t.TempDir(), url: at(t)}
			o.master = o.key("master.key")
			test(o)
		})
	}
}

// key makes a master key in the office's folder.
func (o *office) key(name string) *privacy.Master {
	o.Helper()
	m, text := privacy.NewMaster()
	if err := os.WriteFile(filepath.Join(o.dir, name), []byte(text+"\n"), 0o600); err != nil {
		o.Fatal(err)
	}
	return m
}

// run gives a command, types what it asks for, and gives back what it printed.
func (o *office) run(typed string, args ...string) (string, error) {
	o.Helper()
	var out bytes.Buffer
	c := root()
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetIn(strings.NewReader(typed))
	flags := []string{"--data", o.dir, "--database", o.url}
	if file, ok := strings.CutPrefix(o.url, "sqlite:"); ok { // the embedded database lies in the data folder
		flags = []string{"--data", filepath.Dir(file), "--master-key", filepath.Join(o.dir, "master.key")}
	}
	c.SetArgs(append(args[:len(args):len(args)], flags...))
	err := c.ExecuteContext(context.Background())
	return out.String(), err
}

func (o *office) must(args ...string) string {
	o.Helper()
	out, err := o.run("", args...)
	if err != nil {
		o.Fatalf("%v: %v\n%s", args, err, out)
	}
	return out
}

// refused wants the command to fail with words of an operator's language in it.
func (o *office) refused(words, typed string, args ...string) {
	o.Helper()
	out, err := o.run(typed, args...)
	if err == nil || !strings.Contains(plain(err), words) {
		o.Errorf("%v: %v, should say %q\n%s", args, err, words, out)
	}
}

// town opens the house beside the commands, with the demo nation in it.
func (o *office) town(m *privacy.Master) *housetest.Town {
	o.Helper()
	return housetest.Reopen(o.T, o.url, m, "file://"+o.T.TempDir(), io.Discard)
}

// walk brings a sample of the city to its conclusion.
func (o *office) walk(town *housetest.Town, city string) *play.Walk {
	o.Helper()
	for _, r := range nation.Requests() {
		if r.City == city && r.Disposition == "in_scope" && !r.Confidential {
			w, err := town.Stage.Go(context.Background(), r, pb.State_CONCLUDED)
			if err != nil {
				o.Fatal(err)
			}
			return w
		}
	}
	o.Fatal("no sample of " + city)
	return nil
}

// readable says whether the citizen finds their phone number in the case.
func readable(town *housetest.Town, w *play.Walk) bool {
	p, err := town.Stage.Track(context.Background(), w)
	return err == nil && p.GetPetitioner().GetPhone().GetText() != ""
}

var printed = regexp.MustCompile(`(\S+)\n初始口令（只显示这一次）：(\S+)\n`)

func TestAnOperatorFoundsACityWhoseAdministratorSignsIn(t *testing.T) {
	eachOffice(t, func(o *office) {
		out := o.must("tenant", "add", "330100", "杭州", "--suite", "sm")
		found := printed.FindStringSubmatch(out)
		if found == nil || !strings.HasSuffix(found[1], "admin.330100") {
			o.Fatalf("printed: %s", out)
		}
		if out := o.must("tenant", "list"); !strings.Contains(out, "330100  杭州  sm  第 1 代数据密钥，主密钥 "+o.master.ID()) {
			o.Errorf("list: %s", out)
		}
		town := o.town(o.master)
		admin, err := (&play.Stage{Base: town.Server.URL, Client: town.Server.Client(), Password: found[2]}).As(context.Background(), "admin.330100")
		if err != nil {
			o.Fatal(err)
		}
		if err := admin.Do(context.Background(), http.MethodGet, "/v1/me", nil, nil); err != nil {
			o.Error(err)
		}
		o.refused("已经开通", "", "tenant", "add", "330100", "杭州")
		o.refused("不是城市代码", "", "tenant", "add", "33010", "杭州")
		o.refused("不是城市代码", "", "tenant", "add", "100001", "杭州")
		o.refused("名称不能为空", "", "tenant", "add", "330200", " ")
		o.refused("des", "", "tenant", "add", "330200", "宁波", "--suite", "des")
		o.refused("已有人使用", "", "tenant", "add", "330200", "宁波", "--admin", "admin.330100")
		if out := o.must("tenant", "list"); strings.Contains(out, "330200") {
			o.Errorf("half a city was founded: %s", out)
		}
		if out := o.must("audit", "verify"); !strings.Contains(out, "330100") {
			o.Errorf("verify: %s", out)
		}
	})
}

func TestANewMasterKeyTakesOverAndTheOldOneCanGo(t *testing.T) {
	eachOffice(t, func(o *office) {
		town := o.town(o.master)
		w := o.walk(town, "340100")
		if err := os.Rename(filepath.Join(o.dir, "master.key"), filepath.Join(o.dir, "old.key")); err != nil {
			o.Fatal(err)
		}
		m := o.key("master.key")
		o.refused("作为旧主密钥一并提供", "", "tenant", "rewrap")
		old := filepath.Join(o.dir, "old.key")
		out := o.must("tenant", "rewrap", "--old-master-key", old)
		if !strings.Contains(out, "全部 18 个租户的密钥都在主密钥 "+m.ID()+" 之下，其中 18 个") {
			o.Errorf("rewrap: %s", out)
		}
		if out := o.must("tenant", "rewrap", "--old-master-key", old); !strings.Contains(out, "其中 0 个") {
			o.Errorf("again: %s", out)
		}
		now := o.town(m)
		if !readable(now, w) {
			o.Error("the case can't be read under the new master key")
		}
		o.walk(now, "110000") // people sign in, on the same day, with the same signing key
		agent, err := town.Stage.As(context.Background(), "dispatcher.340100")
		if err != nil {
			o.Fatal(err)
		}
		if err := agent.Do(context.Background(), http.MethodGet, "/v1/me", nil, nil); err != nil {
			o.Errorf("a token from before the change: %v", err)
		}
		o.must("audit", "verify")
		lines, err := now.Record.List(tenants.With(context.Background(), tenants.System("340100")), 0, 1)
		if err != nil || lines[0].Act != "key.rewrap" {
			o.Errorf("the record says %v, %v", lines, err)
		}
	})
}

func TestAShreddedCityIsGoneForEverybodyForGood(t *testing.T) {
	eachOffice(t, func(o *office) {
		ctx := context.Background()
		town := o.town(o.master)
		w, other := o.walk(town, "110000"), o.walk(town, "120000")
		agent, err := town.Stage.As(ctx, "dispatcher.110000") // signed in before
		if err != nil {
			o.Fatal(err)
		}
		o.refused("什么都没有销毁", "120000\n", "tenant", "shred", "110000")
		o.refused("什么都没有销毁", "", "tenant", "shred", "110000")
		o.refused("没有代码为", "", "tenant", "shred", "999999")
		if !readable(town, w) {
			o.Fatal("destroyed without confirmation")
		}
		if out, err := o.run("110000\n", "tenant", "shred", "110000"); err != nil || !strings.Contains(out, "已销毁") {
			o.Fatalf("%v\n%s", err, out)
		}
		err = agent.Do(ctx, http.MethodGet, "/v1/me", nil, nil)
		wants(o, "a session from before", err, 401)
		_, err = (&play.Stage{Base: town.Server.URL, Client: town.Server.Client(), Password: housetest.Password}).As(ctx, "dispatcher.110000")
		wants(o, "signing in", err, 401)
		_, err = town.Stage.Track(ctx, w)
		wants(o, "the citizen's case", err, 404)
		again := o.town(o.master) // another process
		if _, err := again.Vault.Keyring(tenants.With(ctx, tenants.System("110000"))); err == nil || !strings.Contains(plain(err), "密钥已销毁") {
			o.Errorf("keys: %v", err)
		}
		o.nothingLeft(again)
		if !readable(again, other) {
			o.Error("another city suffered")
		}
		o.refused("已经销毁", "110000\n", "tenant", "shred", "110000")
		o.refused("不能再次开通", "", "tenant", "add", "110000", "北京")
		if out := o.must("tenant", "list"); !regexp.MustCompile(`110000  北京市?  aes  密钥已于 .* 销毁`).MatchString(out) {
			o.Errorf("list: %s", out)
		}
		if out := o.must("audit", "verify"); !strings.Contains(out, "密钥已销毁，无从校验") {
			o.Errorf("verify: %s", out)
		}
	})
}

// nothingLeft looks for posts, sessions and keys of the shredded city, and for the line that says what happened.
func (o *office) nothingLeft(town *housetest.Town) {
	o.Helper()
	err := town.Store.View(tenants.With(context.Background(), tenants.System("110000")), func(ctx context.Context) error {
		db := town.Store.Ent
		grants, _ := db.Grant.Query().Where(grant.City("110000")).Count(ctx)
		sessions, _ := db.Session.Query().Where(session.City("110000")).Count(ctx)
		keys, _ := db.DataKey.Query().Count(ctx)
		people, _ := db.Account.Query().Where(account.Login("dispatcher.110000")).Count(ctx)
		if grants+sessions+keys != 0 || people != 1 {
			o.Errorf("%d grants, %d sessions, %d keys, %d accounts", grants, sessions, keys, people)
		}
		return nil
	})
	if err != nil {
		o.Error(err)
	}
	lines, err := town.Record.List(tenants.With(context.Background(), tenants.System("110000")), 0, 1)
	if err != nil || lines[0].Act != "city.shred" {
		o.Errorf("the record says %v, %v", lines, err)
	}
}

func wants(o *office, what string, err error, code int) {
	o.Helper()
	var refusal *play.Refusal
	if !errors.As(err, &refusal) || refusal.Code != code {
		o.Errorf("%s: %v, should be %d", what, err, code)
	}
}
