package casework

import (
	"encoding/base64"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"entgo.io/ent/dialect/sql"
	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/encoding/protojson"

	pb "hotline/api/casework/v1"
	"hotline/ent"
	"hotline/tenants/policy"
	"hotline/tenants/privacy"
)

func whole(digits string) string { return digits + string('0'+checkDigit(digits)) }

// someNumbers are valid numbers of all channels.
func someNumbers() []string {
	r := rand.New(rand.NewPCG(12345, 1))
	var out []string
	for _, code := range channelCodes {
		for range 20 {
			out = append(out, whole(fmt.Sprintf("%06d%s%s%07d", r.IntN(1_000_000), "20261123", code, r.IntN(10_000_000))))
		}
	}
	return out
}

func TestTheCheckDigitCatchesEveryWrongDigit(t *testing.T) {
	for _, n := range someNumbers() {
		if !ValidNumber(n) {
			t.Fatalf("%s is refused", n)
		}
		for i := range n {
			for d := byte('0'); d <= '9'; d++ {
				if d != n[i] && ValidNumber(n[:i]+string(d)+n[i+1:]) {
					t.Errorf("%s with %c at %d passes", n, d, i)
				}
			}
		}
	}
}

// Luhn can't tell 09 from 90; all other swaps of neighbours change the sum.
func TestTheCheckDigitCatchesSwappedNeighboursExceptNineAndNought(t *testing.T) {
	for _, n := range someNumbers() {
		for i := range len(n) - 1 {
			a, b := n[i], n[i+1]
			if a == b {
				continue
			}
			blind := a == '0' && b == '9' || a == '9' && b == '0'
			if ValidNumber(n[:i]+string(b)+string(a)+n[i+2:]) != blind {
				t.Errorf("%s with %c%c swapped at %d: passes %t", n, a, b, i, !blind)
			}
		}
	}
}

func TestOnlyTwentyFourDigitsAreANumber(t *testing.T) {
	n := someNumbers()[0]
	for _, bad := range []string{"", "0", n[:23], n + "0", n[:23] + "x", " " + n[1:], "１" + n[3:], strings.Repeat("a", 24)} {
		if ValidNumber(bad) {
			t.Errorf("%q passes", bad)
		}
	}
}

// isBad says whether the error is the caller's own fault, said as such.
func isBad(err error) bool {
	return errors.Code(err) == 400 && errors.Reason(err) == "INVALID_ARGUMENT"
}

func FuzzFilter(f *testing.F) {
	for _, s := range []string{"", " ", `state = "HANDLING" AND urgency = "URGENT"`, `NOT overdue`, `overdue = true OR confidential`,
		`receive_time < timestamp("2026-11-23T00:00:00+08:00")`, `due_time > "2026-11-23T00:00:00Z"`, `due_time > "x"`, `a`, `true`,
		`state`, `state:"x"`, `"x" = state`, `state = state`, `-overdue`, `overdue overdue`, `timestamp("x") = receive_time`,
		`number = "1" AND (unit != "U02" OR NOT holder = "")`, `((((`, `state = 1`, `duration("1s")`, "state = \"\x00\""} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := parseFilter(text, filterReader{})
		if err != nil {
			if !isBad(err) {
				t.Fatalf("%q: %v", text, err)
			}
			return
		}
		for _, d := range []string{"sqlite3", "postgres"} {
			s := sql.Dialect(d).Select().From(sql.Table("work_orders"))
			p(s)
			if query, _ := s.Query(); query == "" || s.Err() != nil {
				t.Fatalf("%q: %q, %v", text, query, s.Err())
			}
		}
	})
}

func FuzzPageToken(f *testing.F) {
	f.Add("")
	f.Add("e30")
	f.Add(byReceived.token(&ent.WorkOrder{ID: newID()}))
	f.Add(base64.RawURLEncoding.EncodeToString([]byte(`{"b":"due_time","t":"x","i":null}`)))
	f.Add(encode(7))
	f.Fuzz(func(t *testing.T, token string) {
		for _, o := range orders {
			p, err := o.after(token)
			if err != nil && !isBad(err) {
				t.Fatalf("%q: %v", token, err)
			}
			if err == nil {
				p(sql.Dialect("postgres").Select().From(sql.Table("work_orders")))
			}
		}
		if _, err := seqAfter(token); err != nil && !isBad(err) {
			t.Fatalf("%q: %v", token, err)
		}
	})
}

func TestATokenOfOneOrderDoesNotPassForAnother(t *testing.T) {
	w := &ent.WorkOrder{ID: newID()}
	for _, o := range orders {
		for _, other := range orders {
			_, err := other.after(o.token(w))
			if o == other && err != nil || o != other && !isBad(err) {
				t.Errorf("token by %s read by %s: %v", o.name, other.name, err)
			}
		}
	}
}

func TestAFilterThatFitsNothingIsTheCallersFault(t *testing.T) {
	for _, s := range []string{`phone = "13800000000"`, `true`, `state > `, `due_time > "yesterday"`, `state = kind`, `words:"x"`, `figure = "received"`, `figure != "x"`, `part = "HANDLING"`, `part = 7`} {
		if _, err := parseFilter(s, filterReader{}); !isBad(err) {
			t.Errorf("%s: %v", s, err)
		}
	}
}

const fine = "您反映的路灯问题已于昨日修复，我单位加装了两盏新灯"

func TestEveryRuleOfASentenceFailsOneAndPassesAnother(t *testing.T) {
	cases := map[string][]struct{ fails, passes string }{
		"PERSONAL_DATA": {{"我们已联系您的手机13812345678", "如有疑问请拨打咨询电话010-12345678"},
			{"当事人身份证110101199003077758已登记", fine}},
		"OVER_PROMISE":     {{"我们保证解决这个问题", "我们将于月底前完成维修"}, {"以后绝对不会再发生", fine}},
		"DEADLINE_PROMISE": {{"我们承诺三天内全部修好", "修好后会告知您"}, {"保证5个工作日内办结", fine}},
		"SHIRKING":         {{"这件事不归我们管", "本事项由我单位负责"}, {"我们没办法解决", fine}},
		"NO_SOURCE": {{"根据规定不能办理", "根据规定（《信访工作条例》第二条）不能办理"},
			{"按照规定需要补交材料", "按照规定国办发〔2020〕53号需要补交材料"}},
	}
	for _, r := range rules {
		if len(cases[r.code]) == 0 {
			t.Errorf("rule %s has no case", r.code)
		}
		for _, c := range cases[r.code] {
			if !r.fails(c.fails) || r.fails(c.passes) {
				t.Errorf("%s: %q fails %t, %q fails %t", r.code, c.fails, r.fails(c.fails), c.passes, r.fails(c.passes))
			}
		}
	}
}

func TestEveryRuleOfAWholeReplyFailsOneAndPassesAnother(t *testing.T) {
	keys, err := privacy.NewKeyring("110000", privacy.AES)
	if err != nil {
		t.Fatal(err)
	}
	legal := pb.Conclusion_TO_LEGAL_PROCEDURE
	for _, c := range []struct {
		code, title, name string
		draft             *pb.Draft
		blocking, fails   bool
	}{
		{"TOO_SHORT", "路灯不亮", "", &pb.Draft{PublicPart: "已处理，谢谢。"}, true, true},
		{"TOO_SHORT", "路灯不亮", "", &pb.Draft{PublicPart: fine}, true, false},
		{"NO_SAFETY_HINT", "井盖缺失", "", &pb.Draft{PublicPart: fine}, false, true},
		{"NO_SAFETY_HINT", "井盖缺失", "", &pb.Draft{PublicPart: fine + "，现场已设围挡，请勿靠近"}, false, false},
		{"NO_SOURCE", "工资拖欠", "", &pb.Draft{PublicPart: fine, Conclusion: legal}, true, true},
		{"NO_SOURCE", "工资拖欠", "", &pb.Draft{PublicPart: fine, Conclusion: legal, Ground: "《劳动法》第五十条"}, true, false},
		{"PERSONAL_DATA", "路灯不亮", "欧阳示范", &pb.Draft{PublicPart: "欧阳示范，" + fine}, true, true},
		{"PERSONAL_DATA", "路灯不亮", "欧阳示范", &pb.Draft{PublicPart: fine}, true, false},
	} {
		o := &ent.WorkOrder{ID: newID(), Title: c.title}
		if o.Name, err = keys.Seal(privacy.Name, rowOf(o.ID), c.name); err != nil {
			t.Fatal(err)
		}
		found, err := (&Service{}).findings(t.Context(), keys, &policy.InForce{}, o, c.draft)
		if err != nil {
			t.Fatal(err)
		}
		failed := false
		for _, one := range found {
			failed = failed || one.GetRule() == c.code && one.GetBlocking() == c.blocking
		}
		if failed != c.fails {
			t.Errorf("%s on %s: %t, %v", c.code, protojson.Format(c.draft), failed, found)
		}
	}
}
