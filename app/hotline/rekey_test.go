package main

import (
	"context"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	tenantpb "hotline/api/tenant/v1"
	"hotline/app/consolidation"
	"hotline/app/play"
)

// own gives an account of the office a password of its own, over the API, as its holder does after the first sign-in.
func (o *office) own(base, login, first, password string) {
	o.Helper()
	p, err := (&play.Stage{Base: base, Client: http.DefaultClient, Password: first}).As(context.Background(), login)
	if err != nil {
		o.Fatal(err)
	}
	if _, err := play.Post[tenantpb.ChangePasswordResponse](context.Background(), p, "/v1/me:changePassword",
		&tenantpb.ChangePasswordRequest{OldPassword: first, NewPassword: password}); err != nil {
		o.Fatal(err)
	}
}

// shown is what anybody is told of a signed file.
func (o *office) shown(file string) string {
	o.Helper()
	out, err := anybody("list", "verify", file)
	if err != nil {
		o.Fatal(err)
	}
	return out
}

var fingerprint = regexp.MustCompile(`指纹 ((?:[0-9a-f]{4} ){15}[0-9a-f]{4})\n`)

func TestTheOfficesKeyHandsOverInOneActAndALostOneIsFoundedAnewByTwoPeople(t *testing.T) {
	eachOffice(t, func(o *office) {
		first := printed.FindAllStringSubmatch(strings.ReplaceAll(o.must("list", "found"), "，初始口令", "\n初始口令"), -1)
		if len(first) != 2 {
			o.Fatalf("founded: %v", first)
		}
		o.refused("四个字", "", "list", "replace", "换 吧")
		out := o.must("list", "replace", "年度例行更换", "--suite", "aes")
		if !strings.Contains(out, "第 2 把清单签名密钥自第 2 版起签名") || !strings.Contains(out, "ed25519:") || !fingerprint.MatchString(out) || strings.Contains(out, "没有签名") {
			o.Errorf("handed over: %s", out)
		}

		o.refused("两位同志", "", "list", "replace", "介质损坏，重立", "--lost", "central_admin")
		o.refused("两位同志", "", "list", "replace", "介质损坏，重立", "--lost", "central_admin,central_admin")
		both := []string{"list", "replace", "介质损坏，重立", "--lost", "central_admin,central_admin2"}
		o.refused("修改口令", first[0][2]+"\n"+first[1][2]+"\n", both...) // somebody else has seen the first password
		one, two := "Jing-an-temple-2026", "Xuan-wu-lake-2026"
		town := o.town(o.master)
		o.own(town.Server.URL, "central_admin", first[0][2], one)
		o.own(town.Server.URL, "central_admin2", first[1][2], two)
		o.refused("没有输入口令", one+"\n", both...)
		o.refused("central_admin2", one+"\nguessed-in-vain-1\n", both...)
		admin := printed.FindStringSubmatch(o.must("tenant", "add", "330700", "金华市"))
		o.refused("admin.330700", one+"\n"+admin[2]+"\n", "list", "replace", "介质损坏，重立", "--lost", "central_admin,admin.330700")
		if out := o.must("list", "keys"); strings.Count(out, "把：") != 2 {
			o.Fatalf("somebody alone replaced the key: %s", out)
		}
		out, err := o.run(one+"\n"+two+"\n", both...)
		if err != nil {
			o.Fatal(err)
		}
		spoken := fingerprint.FindStringSubmatch(out)
		if spoken == nil || !strings.Contains(out, "第 3 把") || !strings.Contains(out, "旧密钥没有签名") || strings.Contains(out, one) || strings.Contains(out, two) {
			o.Fatalf("founded anew: %s", out)
		}

		// The acts go to another deployment by hand, and the city there confirms what its people were told by telephone.
		folder := filepath.Join(o.dir, "lists")
		files := strings.Fields(o.must("list", "export", folder))
		key := regexp.MustCompile(`sm2:\S+`).FindString(o.shown(files[0]))
		if out := o.shown(files[2]); len(files) != 3 || !strings.Contains(out, "介质损坏，重立") || !strings.Contains(out, "旧密钥已遗失") {
			o.Errorf("the acts %v: %s", files, out)
		}
		there := o.elsewhere()
		slices.Reverse(files)
		there.must(append([]string{"list", "receive", "--trust", key}, files...)...)
		there.must("tenant", "add", "330100", "杭州市")
		there.refused("不符", "", "list", "confirm", "330100", consolidation.Spoken(strings.Repeat("0", 64)))
		there.must(append([]string{"list", "confirm", "330100"}, strings.Fields(spoken[1])...)...)
		there.refused("没有待确认", "", "list", "confirm", "330100", spoken[1])
		there.refused("只能收取清单", "", "list", "replace", "冒名更换密钥")
		there.refused("central_admin", one+"\n"+two+"\n", both...)
		if out := o.must("audit", "verify"); !strings.Contains(out, consolidation.Office) {
			o.Errorf("the record of the office: %s", out)
		}
	})
}
