package privacy

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
)

const row = "order-1"

// order seals the usual fields of a work order.
func order(t testing.TB, k *Keyring) []Field {
	t.Helper()
	return []Field{
		{"name", sealed(t, k, Name, row, "鱼得水")},
		{"phone", sealed(t, k, Phone, row, "13800005678")},
		{"id_number", sealed(t, k, IDNumber, row, "11010119900101123X")},
		{"address", sealed(t, k, Address, row, "北京市海淀区云杉街道云杉路8号院")},
		{"email", sealed(t, k, Email, row, "yu@example.cn")},
		{"body", sealed(t, k, Text, row, "我叫鱼得水，电话13800005678，楼下12345没人接")},
		{"recording", sealed(t, k, Recording, row, "rec/2026/09/01.wav")},
		{"second_phone", Personal{}},
	}
}

func reader(k *Keyring, l *ledger, at Situation, roles ...string) *Reader {
	return &Reader{Keys: k, Policy: DefaultPolicy(), Roles: roles, Situation: at, Ledger: l.write, Reason: "回访"}
}

func texts(shown []Shown) []string {
	var out []string
	for _, s := range shown {
		out = append(out, s.Text)
	}
	return out
}

func Test坐席在详情里看到脱敏内容且不写台账(t *testing.T) {
	for _, suite := range bothSuites {
		k, l := newKeys(t, suite), &ledger{}
		shown, err := reader(k, l, Detail, "agent").Show(context.Background(), row, false, order(t, k)...)
		if err != nil {
			t.Fatal(err)
		}
		want := []string{"鱼**", "138****5678", "11**************3X", "北京市海淀区云杉街道***", "y***@example.cn",
			"我叫〔姓名〕，电话〔电话〕，楼下12345没人接", "〔录音〕", ""}
		if got := texts(shown); !slices.Equal(got, want) {
			t.Errorf("shown %q", got)
		}
		if len(l.lines) != 0 {
			t.Errorf("ledger = %v", l.lines)
		}
		if s := shown[1]; s.Sight != Mask || !s.Askable || s.Why != "按本市隐私规则脱敏；因工作需要可说明理由后查看。" {
			t.Errorf("phone: %+v", s)
		}
		if s := shown[2]; s.Askable || s.Why != "按本市隐私规则脱敏。" {
			t.Errorf("id number: %+v", s)
		}
		if s := shown[7]; s.Sight != Hide || s.Text != "" || s.Why != "未提供" || s.Askable {
			t.Errorf("absent: %+v", s)
		}
	}
}

func Test回访员看到明文时一单只写一行台账(t *testing.T) {
	k, l := newKeys(t, AES), &ledger{}
	shown, err := reader(k, l, Callback, "callback_agent").Show(context.Background(), row, false, order(t, k)...)
	if err != nil {
		t.Fatal(err)
	}
	if shown[0].Text != "鱼得水" || shown[1].Text != "13800005678" || shown[2].Text != "" || !strings.Contains(shown[1].Why, "台账") {
		t.Errorf("shown %+v", shown)
	}
	if len(l.lines) != 1 || !slices.Equal(l.lines[0].Fields, []string{"name", "phone"}) || l.lines[0].Row != row ||
		l.lines[0].Situation != Callback || l.lines[0].Reason != "回访" {
		t.Errorf("ledger = %+v", l.lines)
	}
}

func Test台账写不进就什么也不显示(t *testing.T) {
	k, full := newKeys(t, AES), errors.New("disk full")
	l := &ledger{err: full}
	r := reader(k, l, Callback, "callback_agent")
	if shown, err := r.Show(context.Background(), row, false, order(t, k)...); !errors.Is(err, full) || shown != nil {
		t.Errorf("shown %v, %v", shown, err)
	}
	if plain, err := r.Open(context.Background(), row, "外呼", order(t, k)...); !errors.Is(err, full) || plain != nil {
		t.Errorf("opened %v, %v", plain, err)
	}
	r.Ledger = nil
	if shown, err := r.Show(context.Background(), row, false, order(t, k)...); !errors.Is(err, ErrNoLedger) || shown != nil {
		t.Errorf("shown %v, %v", shown, err)
	}
}

func Test保密工单对承办单位隐藏诉求人(t *testing.T) {
	k, l := newKeys(t, AES), &ledger{}
	r := reader(k, l, Detail, "handler")
	r.Revealed = map[string]bool{"phone": true, "body": true}
	shown, err := r.Show(context.Background(), row, true, order(t, k)...)
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range shown {
		if order(t, k)[i].Data.Class() == Text { // what happened stays readable, without who it happened to
			if s.Sight == Clear || s.Askable {
				t.Errorf("field %d: %+v", i, s)
			}
			continue
		}
		if s.Text != "" || s.Sight != Hide || s.Askable {
			t.Errorf("field %d: %+v", i, s)
		}
	}
	if shown[0].Why != "保密工单，诉求人身份对承办单位隐藏。" || shown[2].Why != "按本市隐私规则不显示。" || len(l.lines) != 0 {
		t.Errorf("why = %q, %q; ledger = %v", shown[0].Why, shown[2].Why, l.lines)
	}
}

func Test说明理由后限时看到获准的字段(t *testing.T) {
	k := newKeys(t, AES)
	for _, c := range []struct {
		rule         string
		role         string
		at           Situation
		confidential bool
		clear        bool
	}{
		{"承办人获准后在详情看到电话", "handler", Detail, false, true},
		{"承办人获准后在申请场景看到电话", "handler", Reveal, false, true},
		{"获准也不能在列表看明文", "handler", List, false, false},
		{"获准也不能导出明文", "handler", Export, false, false},
		{"派单员没有申请资格", "dispatcher", Detail, false, false},
		{"保密工单承办人没有申请资格", "handler", Detail, true, false},
		{"保密工单值班长获准后看到电话", "supervisor", Detail, true, true},
		{"没有场景就不显示", "handler", 0, false, false},
	} {
		l := &ledger{}
		r := reader(k, l, c.at, c.role)
		r.Revealed = map[string]bool{"phone": true}
		shown, err := r.Show(context.Background(), row, c.confidential, order(t, k)...)
		if err != nil {
			t.Fatal(err)
		}
		if got := shown[1].Sight == Clear; got != c.clear || got != (shown[1].Text == "13800005678") || len(l.lines) > 1 || got != (len(l.lines) == 1) {
			t.Errorf("%s: %+v, ledger %v", c.rule, shown[1], l.lines)
		}
		if shown[0].Sight == Clear {
			t.Errorf("%s: the name wasn't asked for", c.rule)
		}
	}
}

func Test姓名隐藏时脱敏正文里也没有姓名(t *testing.T) {
	k, l := newKeys(t, AES), &ledger{}
	shown, err := reader(k, l, Detail, "expert").Show(context.Background(), row, false, order(t, k)...)
	if err != nil {
		t.Fatal(err)
	}
	if shown[0].Text != "" || shown[5].Text != "我叫〔姓名〕，电话〔电话〕，楼下12345没人接" {
		t.Errorf("shown %q", texts(shown))
	}
}

func Test系统用途打开先写明用途(t *testing.T) {
	k, l := newKeys(t, AES), &ledger{}
	r := reader(k, l, Callback, "machine")
	fields := order(t, k)
	plain, err := r.Open(context.Background(), row, "外呼", fields[1], fields[7])
	if err != nil || !slices.Equal(plain, []string{"13800005678", ""}) {
		t.Errorf("opened %q, %v", plain, err)
	}
	if len(l.lines) != 1 || !slices.Equal(l.lines[0].Fields, []string{"phone"}) || l.lines[0].Reason != "外呼" {
		t.Errorf("ledger = %+v", l.lines)
	}
	if _, err := r.Open(context.Background(), row, " ", fields[1]); err == nil || len(l.lines) != 1 {
		t.Error("opened without a purpose")
	}
	if plain, err := r.Open(context.Background(), row, "外呼", fields[7]); err != nil || plain[0] != "" || len(l.lines) != 1 {
		t.Errorf("nothing to open: %q, %v", plain, err)
	}
	if plain, err := r.Open(context.Background(), "order-2", "外呼", fields[1]); !errors.Is(err, ErrUnreadable) || plain != nil {
		t.Errorf("another row: %q, %v", plain, err)
	}
}

func Test缺密钥或规则或密文损坏时报错不显示(t *testing.T) {
	k, l := newKeys(t, AES), &ledger{}
	r := reader(k, l, Callback, "callback_agent")
	if shown, err := r.Show(context.Background(), "order-2", false, order(t, k)...); !errors.Is(err, ErrUnreadable) || shown != nil || len(l.lines) != 0 {
		t.Errorf("shown %v, %v, ledger %v", shown, err, l.lines)
	}
	if _, err := (&Reader{Policy: DefaultPolicy()}).Show(context.Background(), row, false); err == nil {
		t.Error("shown without keys")
	}
	if _, err := (&Reader{Keys: k}).Show(context.Background(), row, false); err == nil {
		t.Error("shown without a policy")
	}
	if _, err := (&Reader{}).Open(context.Background(), row, "外呼"); err == nil {
		t.Error("opened without keys")
	}
}

func BenchmarkShow(b *testing.B) {
	for _, suite := range bothSuites {
		b.Run(suite.String(), func(b *testing.B) {
			k, l := newKeys(b, suite), &ledger{}
			r, fields := reader(k, l, Detail, "agent"), order(b, k)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := r.Show(context.Background(), row, false, fields...); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
