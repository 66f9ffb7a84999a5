package privacy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"entgo.io/ent/schema/field"
)

func Test个人信息无论怎样打印编码都只有类别标记(t *testing.T) {
	k := newKeys(t, AES)
	p := sealed(t, k, Phone, "row", "13800005678")
	order := struct {
		Contact Personal
		Pointer *Personal
	}{p, &p}
	asJSON, err := json.Marshal(order)
	if err != nil {
		t.Fatal(err)
	}
	var log bytes.Buffer
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "contact", p, "order", order)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "contact", p)
	out := []string{string(asJSON), log.String(), p.String(), p.GoString()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T%v", "%10.3s"} {
		if verb != "%T%v" {
			out = append(out, fmt.Sprintf(verb, p), fmt.Sprintf(verb, &p), fmt.Sprintf(verb, order))
		}
	}
	for _, text := range out {
		if strings.Contains(text, "5678") || strings.Contains(text, p.sealed) || strings.Contains(text, fmt.Sprintf("%x", p.sealed)) {
			t.Errorf("%q tells something", text)
		}
	}
	if p.String() != "〔电话〕" || string(asJSON) != `{"Contact":"〔电话〕","Pointer":"〔电话〕"}` {
		t.Errorf("token = %s, JSON = %s", p, asJSON)
	}
}

func Test未提供的个人信息是零值且存为空(t *testing.T) {
	k := newKeys(t, AES)
	p := sealed(t, k, Phone, "row", "")
	if v, err := p.Value(); !p.Empty() || p != (Personal{}) || v != nil || err != nil || p.Class() != 0 || p.String() != "" {
		t.Errorf("p = %v, Value = %v, %v", p, v, err)
	}
	full := sealed(t, k, Phone, "row", "13800005678")
	if err := full.Scan(nil); err != nil || !full.Empty() {
		t.Errorf("Scan(nil) leaves %v, %v", full, err)
	}
}

func Test个人信息往返数据库列后仍可打开(t *testing.T) {
	k := newKeys(t, SM)
	p := sealed(t, k, Address, "row", "海淀区云杉路8号院")
	v, err := p.Value()
	if err != nil {
		t.Fatal(err)
	}
	raw := v.([]byte)
	for _, column := range []any{raw, string(raw)} {
		var back Personal
		if err := back.Scan(column); err != nil || back != p {
			t.Errorf("Scan(%T) = %v, %v", column, back, err)
		}
	}
	var back Personal
	if err := back.Scan(raw); err != nil {
		t.Fatal(err)
	}
	clear(raw) // the driver reuses its buffer
	if back != p {
		t.Error("the scanned value shares the driver's buffer")
	}
	for _, bad := range []any{7, []byte("13800005678"), raw[:20], string(bytes.Repeat([]byte{9}, 80))} {
		if err := back.Scan(bad); err == nil {
			t.Errorf("Scan(%v) was taken", bad)
		}
	}
}

func Test外部文本不能冒充封存的个人信息(t *testing.T) {
	var p Personal
	if err := json.Unmarshal([]byte(`"13800005678"`), &p); !errors.Is(err, ErrRefused) {
		t.Errorf("err = %v", err)
	}
	if err := p.UnmarshalText([]byte("13800005678")); !errors.Is(err, ErrRefused) || !p.Empty() {
		t.Errorf("err = %v", err)
	}
}

func Test个人信息可作为ent的字节列类型(t *testing.T) {
	for _, d := range []*field.Descriptor{
		field.Bytes("phone").GoType(Personal{}).Optional().Descriptor(),
		field.Bytes("phone").GoType(Personal{}).Descriptor(),
	} {
		if d.Err != nil || !d.Info.ValueScanner() {
			t.Errorf("ent: %v", d.Err)
		}
	}
}

func Test类别可见程度和场景的代码互逆(t *testing.T) {
	for c := Class(1); c < classes; c++ {
		if back, err := ParseClass(c.String()); err != nil || back != c || c.Title() == "" {
			t.Errorf("%v: %v, %v", c, back, err)
		}
	}
	for s := Hide; s < sights; s++ {
		if back, err := ParseSight(s.String()); err != nil || back != s {
			t.Errorf("%v: %v, %v", s, back, err)
		}
	}
	for s := Situation(1); s < situations; s++ {
		if back, err := ParseSituation(s.String()); err != nil || back != s || s.Title() == "" {
			t.Errorf("%v: %v, %v", s, back, err)
		}
	}
	for _, s := range bothSuites {
		if back, err := ParseSuite(s.String()); err != nil || back != s {
			t.Errorf("%v: %v, %v", s, back, err)
		}
	}
	for _, bad := range []string{"", "PHONE", "class(9)"} {
		_, e1 := ParseClass(bad)
		_, e2 := ParseSight(bad)
		_, e3 := ParseSituation(bad)
		_, e4 := ParseSuite(bad)
		if e1 == nil || e2 == nil || e3 == nil || e4 == nil {
			t.Errorf("%q was taken", bad)
		}
	}
	if Class(99).String() != "class(99)" || Situation(0).Title() != "场景(0)" {
		t.Error("an unknown value must print, not panic")
	}
}
