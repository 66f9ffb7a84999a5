package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"hotline/ent/store/storetest"
)

// anybody runs a command that needs no database.
func anybody(args ...string) (string, error) {
	var out bytes.Buffer
	c := root()
	c.SetOut(&out)
	c.SetErr(&out)
	c.SetArgs(args)
	err := c.ExecuteContext(context.Background())
	return out.String(), err
}

// elsewhere is another deployment.
func (o *office) elsewhere() *office {
	o.Helper()
	there := &office{T: o.T, dir: o.TempDir(), url: storetest.SQLiteURL(o)}
	there.master = there.key("master.key")
	return there
}

func TestTheListIsFoundedHandedOnVerifiedAndTakenIn(t *testing.T) {
	eachOffice(t, func(o *office) {
		out, err := o.run("", "list", "found")
		if err != nil || strings.Count(out, "初始口令") != 2 {
			t.Fatalf("%v: %s", err, out)
		}
		if again, err := o.run("", "list", "found"); err != nil || strings.Contains(again, "口令") {
			t.Errorf("founded twice: %v: %s", err, again)
		}
		if out, err := o.run("", "list", "place", "100032", "江苏省"); err != nil || !strings.Contains(out, "province_admin.100032") {
			t.Errorf("a province: %v: %s", err, out)
		}
		for _, code := range []string{"320000", "100001", "1000321", "x"} {
			if out, err := o.run("", "list", "place", code, "某地"); err == nil {
				t.Errorf("%s became a place: %s", code, out)
			}
		}
		folder := filepath.Join(o.dir, "lists")
		if _, err := o.run("", "list", "export", folder); err != nil {
			t.Fatal(err)
		}
		file := filepath.Join(folder, "list-1.txt")
		out, err = anybody("list", "verify", file)
		if err != nil || !strings.Contains(out, "第 1 版，32 条") {
			t.Fatalf("%v: %s", err, out)
		}
		key := regexp.MustCompile(`sm2:\S+`).FindString(out)
		if out, err := anybody("list", "verify", "--key", key, file); err != nil || strings.Contains(out, "注意") {
			t.Errorf("with the key: %v: %s", err, out)
		}
		raw, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		forged := filepath.Join(folder, "forged.txt")
		if err := os.WriteFile(forged, []byte(strings.Replace(string(raw), "12396", "12397", 1)), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{{"list", "verify", forged}, {"list", "verify", "--key", strings.Replace(key, "sm2", "ed25519", 1), file}} {
			if out, err := anybody(args...); err == nil || !strings.Contains(err.Error(), "签名不对") {
				t.Errorf("%v: %v, %s", args, err, out)
			}
		}
		o.refused("拒收清单", "", "list", "receive", forged)
		if out, err := o.run("", "list", "receive", file); err != nil || !strings.Contains(out, "已收取") {
			t.Errorf("%v: %s", err, out)
		}
		if _, err := o.run("", "tenant", "add", "330100", "杭州市"); err != nil {
			t.Fatal(err)
		}
		if out, err := o.run("", "list", "dialplan", "330100"); err != nil || strings.Count(out, "\n") != 38 || !strings.Contains(out, "110,,emergency|110|") {
			t.Errorf("%v: %s", err, out)
		}
	})
}

func TestTheFirstListIsTakenFromAKeyThatTheOperatorNamesAndKeysAreConfirmedByHand(t *testing.T) {
	eachOffice(t, func(o *office) {
		if _, err := o.run("", "list", "found"); err != nil {
			t.Fatal(err)
		}
		folder := filepath.Join(o.dir, "lists")
		o.must("list", "export", folder)
		first := filepath.Join(folder, "list-1.txt")
		out, err := anybody("list", "verify", first)
		if err != nil {
			t.Fatal(err)
		}
		key := regexp.MustCompile(`sm2:\S+`).FindString(out)
		there := o.elsewhere()
		there.refused(key, "", "list", "receive", first)
		there.refused("签名不对", "", "list", "receive", first, "--trust", strings.Replace(key, "sm2", "ed25519", 1))
		there.must("list", "receive", first, "--trust", key)

		if out := there.must("list", "keys"); strings.Count(out, "把：") != 1 || !strings.Contains(out, key) || !strings.Contains(out, "现用") {
			t.Errorf("the keys: %s", out)
		}
		there.must("tenant", "add", "330100", "杭州市")
		there.refused("没有待确认", "", "list", "confirm", "330100", strings.Repeat("0", 64))
		there.refused("没有代码为", "", "list", "confirm", "999999", strings.Repeat("0", 64))
		if out := o.must("list", "admit", "100101", "市场监管总局"); !strings.Contains(out, "100101") {
			t.Error(out)
		}
		o.refused("清单上没有责任单位", "", "list", "admit", "100101", "某某总局")
		o.refused("1001 加两位序号", "", "list", "admit", "320100", "市场监管总局")
	})
}
