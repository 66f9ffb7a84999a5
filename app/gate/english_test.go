package gate

import (
	"io/fs"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/go-kratos/kratos/v2/errors"

	caseworkpb "hotline/api/casework/v1"
)

// made finds where a refusal is made with a reason of its own.
var made = regexp.MustCompile(`(?:refused|errors\.(?:New|Newf|BadRequest|Conflict|NotFound|Forbidden|Unauthorized|ServiceUnavailable|GatewayTimeout|ClientClosed))\((?:\d+, |http\.\w+, )?"([A-Z][A-Z_]+)"`)

func TestEveryReasonHasAnEnglishSentence(t *testing.T) {
	found := map[string]string{}
	for _, root := range []string{"../../app", "../../tenants", "../../api/rest"} {
		tree := os.DirFS(root)
		err := fs.WalkDir(tree, ".", func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			if d.IsDir() && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			if d.IsDir() || !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
				return nil
			}
			text, err := fs.ReadFile(tree, path)
			for _, m := range made.FindAllStringSubmatch(string(text), -1) {
				found[m[1]] = path
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if len(found) < 100 {
		t.Fatalf("only %d reasons were found", len(found))
	}
	for _, reason := range slices.Sorted(maps.Keys(found)) {
		open := strings.HasSuffix(reason, "_") // put together of parts: one with each beginning is there
		has := func(known string) bool { return known == reason || open && strings.HasPrefix(known, reason) }
		if !slices.ContainsFunc(slices.Collect(maps.Keys(english)), has) {
			t.Errorf("%s (%s) has no English sentence", reason, found[reason])
		}
	}
}

func TestARefusalIsWordedInTheLanguageThatWasAskedFor(t *testing.T) {
	held := errors.Conflict("HELD", "工单已由 a.110000 领取，请等待其处理或放回公共池。")
	field := errors.BadRequest("INVALID_ARGUMENT", checkFields).WithMetadata(map[string]string{"field.title": "太短，至少 2 个字。", "field.day": "请填写要校验的日期。"})
	for _, c := range []struct {
		accept string
		err    error
		want   string
	}{
		{"", held, "工单已由 a.110000 领取"},
		{"zh-CN,en;q=0.8", held, "工单已由 a.110000 领取"},
		{"english", held, "工单已由 a.110000 领取"},
		{"en", held, `"message":"A colleague holds this order."`},
		{"en-GB;q=0.9, zh", held, `"reason":"HELD"`},
		{"EN", field, "Too short: at least 2 characters."},
		{"en", field, "请填写要校验的日期。"}, // what a room says of a field is not lost
		{"en", errors.BadRequest("INVALID_ARGUMENT", "没有这个诉求分类：99。"), "没有这个诉求分类：99。"},
		{"en", errors.Conflict("NEW_REASON", "新的理由。"), "新的理由。"},
	} {
		r := httptest.NewRequest(http.MethodPost, "/v1/x", nil)
		r.Header.Set("Accept-Language", c.accept)
		res := httptest.NewRecorder()
		(&Gate{parts: Parts{Log: slog.New(slog.DiscardHandler)}, meters: newMeters(func() map[string]int { return nil })}).refuse(res, r, c.err)
		if !strings.Contains(res.Body.String(), c.want) {
			t.Errorf("%q: %s, want %s", c.accept, res.Body, c.want)
		}
		if code := errors.FromError(c.err).GetCode(); res.Code != int(code) {
			t.Errorf("%q: code %d, want %d", c.accept, res.Code, code)
		}
	}
}

func TestEveryRuleOfTheContractHasAnEnglishSentence(t *testing.T) {
	for _, m := range []map[string]string{sentences, bounds} {
		for rule, chinese := range m {
			if got := englishRule(strings.Replace(chinese, "%s", "7", 1)); got == strings.Replace(chinese, "%s", "7", 1) || strings.Contains(chinese, "%s") != strings.Contains(got, "7") {
				t.Errorf("%s: %s", rule, got)
			}
		}
	}
}

func TestWhyAnActIsClosedIsWordedInTheLanguageThatWasAskedFor(t *testing.T) {
	order := &caseworkpb.WorkOrder{Acts: []*caseworkpb.Act{
		{Verb: "dispatch", WhyNot: "工单已由 a.110000 领取。", Reason: "HELD"},
		{Verb: "refer", WhyNot: "已提交拒收，正在等待区域台账确认。", Reason: "PENDING"},
		{Verb: "sign", Allowed: true},
		{Verb: "new", WhyNot: "新的理由。", Reason: "NEW_REASON"},
	}}
	rewordAll(order.ProtoReflect())
	for i, want := range []string{"A colleague holds this order.", "Waiting for the region's ledger. Please refresh shortly. （已提交拒收，正在等待区域台账确认。）", "", "新的理由。"} {
		if got := order.GetActs()[i].GetWhyNot(); got != want {
			t.Errorf("%s: %q, want %q", order.GetActs()[i].GetVerb(), got, want)
		}
	}
}
