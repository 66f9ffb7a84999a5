package privacy

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"pgregory.net/rapid"
)

func Test封存后在原处原样打开(t *testing.T) {
	for _, suite := range bothSuites {
		k := newKeys(t, suite)
		rapid.Check(t, func(t *rapid.T) {
			class, row, plain := anyClass.Draw(t, "class"), rapid.StringN(1, 40, -1).Draw(t, "row"), rapid.String().Draw(t, "plain")
			p, err := k.Seal(class, row, plain)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := k.open(p, row); err != nil || got != plain {
				t.Fatalf("open = %q, %v", got, err)
			}
			if plain != "" && p.Class() != class {
				t.Fatalf("class = %v", p.Class())
			}
		})
	}
}

func Test改动截断换行换类换租户的密文一律打不开(t *testing.T) {
	for _, suite := range bothSuites {
		k, other := newKeys(t, suite), newKeys(t, suite)
		p := sealed(t, k, Phone, "row-1", "13800005678")
		for i := range len(p.sealed) {
			forged := []byte(p.sealed)
			forged[i] ^= 1
			if _, err := k.open(Personal{string(forged)}, "row-1"); err == nil {
				t.Errorf("%v: byte %d changed and it opens", suite, i)
			}
		}
		for cut := minSealed; cut < len(p.sealed); cut++ {
			if _, err := k.open(Personal{p.sealed[:cut]}, "row-1"); !errors.Is(err, ErrUnreadable) {
				t.Errorf("%v: cut to %d: %v", suite, cut, err)
			}
		}
		if _, err := k.open(p, "row-2"); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%v: another row: %v", suite, err)
		}
		if _, err := other.open(p, "row-1"); !errors.Is(err, ErrUnreadable) {
			t.Errorf("%v: another tenant: %v", suite, err)
		}
	}
}

func Test同一把密钥下租户名也绑定在密文里(t *testing.T) {
	k := newKeys(t, AES)
	p := sealed(t, k, Name, "row", "鱼得水")
	k.s.tenant = "110000"
	if _, err := k.open(p, "row"); !errors.Is(err, ErrUnreadable) {
		t.Errorf("err = %v", err)
	}
}

func Test相同内容每次封存的密文都不同(t *testing.T) {
	k := newKeys(t, SM)
	if sealed(t, k, Name, "row", "鱼得水") == sealed(t, k, Name, "row", "鱼得水") {
		t.Error("a nonce came twice")
	}
}

func Test没有行或类别不对时不封存(t *testing.T) {
	k := newKeys(t, AES)
	if _, err := k.Seal(Phone, "", "13800005678"); err == nil {
		t.Error("sealed without a row")
	}
	if _, err := k.Seal(0, "row", "13800005678"); err == nil {
		t.Error("sealed without a class")
	}
}

func Test轮换后旧密文仍可打开重封后可删旧钥(t *testing.T) {
	for _, suite := range bothSuites {
		k1 := newKeys(t, suite)
		old := sealed(t, k1, Phone, "row", "13800005678")
		k2, err := k1.Rotate()
		if err != nil {
			t.Fatal(err)
		}
		if k1.Current() != 1 || k2.Current() != 2 || !k2.Stale(old) || k1.Stale(old) || k2.Stale(Personal{}) {
			t.Errorf("%v: rotation changed the wrong keyring", suite)
		}
		if got, err := k2.open(old, "row"); err != nil || got != "13800005678" {
			t.Errorf("old data: %q, %v", got, err)
		}
		fresh, err := k2.Reseal(old, "row")
		if err != nil || k2.Stale(fresh) || fresh.Class() != Phone {
			t.Errorf("Reseal = %v, %v", fresh, err)
		}
		k3, err := k2.Drop(1)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := k3.open(old, "row"); !errors.Is(err, ErrNoKey) {
			t.Errorf("dropped key: %v", err)
		}
		if got, err := k3.open(fresh, "row"); err != nil || got != "13800005678" {
			t.Errorf("fresh data: %q, %v", got, err)
		}
		if _, err := k3.Drop(2); err == nil {
			t.Error("the current key was dropped")
		}
		if _, err := k3.Drop(1); !errors.Is(err, ErrNoKey) {
			t.Errorf("dropped twice: %v", err)
		}
		if !bytes.Equal(k1.Blind(Phone, "13800005678"), k3.Blind(Phone, "13800005678")) ||
			!bytes.Equal(k1.Digest("row", "x"), k3.Digest("row", "x")) || !bytes.Equal(k1.MAC([]byte("x")), k3.MAC([]byte("x"))) {
			t.Error("an index or a chain changed with the data key")
		}
	}
}

func Test主密钥包裹后可还原且换主密钥不影响数据(t *testing.T) {
	for _, suite := range bothSuites {
		m1, text := NewMaster()
		m2, _ := NewMaster()
		k, err := newKeys(t, suite).Rotate()
		if err != nil {
			t.Fatal(err)
		}
		p := sealed(t, k, Name, "row", "鱼得水")
		for _, m := range []*Master{m1, m2} {
			keys, err := k.Wrap(m)
			if err != nil || len(keys) != 4 {
				t.Fatalf("Wrap = %d keys, %v", len(keys), err)
			}
			back, err := OpenKeyring(m, "330100", keys)
			if err != nil {
				t.Fatal(err)
			}
			if got, err := back.open(p, "row"); err != nil || got != "鱼得水" || back.Current() != 2 || back.Suite() != suite || back.Tenant() != "330100" {
				t.Errorf("open = %q, %v", got, err)
			}
		}
		again, err := ParseMaster(text)
		if err != nil || again.ID() != m1.ID() || m1.ID() == m2.ID() {
			t.Errorf("the stored text gives another master: %v", err)
		}
	}
}

func Test密钥表的行缺失调换重复改动都拒绝(t *testing.T) {
	m, _ := NewMaster()
	stranger, _ := NewMaster()
	k, _ := newKeys(t, AES).Rotate()
	good, _ := k.Wrap(m)
	mine := func(change func(keys []WrappedKey) []WrappedKey) []WrappedKey {
		keys := append([]WrappedKey(nil), good...)
		for i := range keys {
			keys[i].Wrapped = bytes.Clone(keys[i].Wrapped)
		}
		return change(keys)
	}
	for name, keys := range map[string][]WrappedKey{
		"nothing":       nil,
		"no index":      mine(func(k []WrappedKey) []WrappedKey { return k[1:] }),
		"no data":       mine(func(k []WrappedKey) []WrappedKey { return k[:2] }),
		"twice":         mine(func(k []WrappedKey) []WrappedKey { return append(k, k[0]) }),
		"data twice":    mine(func(k []WrappedKey) []WrappedKey { return append(k, k[2]) }),
		"kind swapped":  mine(func(k []WrappedKey) []WrappedKey { k[0].Kind, k[1].Kind = k[1].Kind, k[0].Kind; return k }),
		"generation":    mine(func(k []WrappedKey) []WrappedKey { k[2].Generation, k[3].Generation = 2, 1; return k }),
		"unknown kind":  mine(func(k []WrappedKey) []WrappedKey { k[0].Kind = "x"; return k }),
		"other suite":   mine(func(k []WrappedKey) []WrappedKey { k[0].Suite = "sm"; return k }),
		"unknown suite": mine(func(k []WrappedKey) []WrappedKey { k[0].Suite = "des"; return k }),
		"changed":       mine(func(k []WrappedKey) []WrappedKey { k[0].Wrapped[20] ^= 1; return k }),
		"cut":           mine(func(k []WrappedKey) []WrappedKey { k[0].Wrapped = k[0].Wrapped[:9]; return k }),
		"other master":  mine(func(k []WrappedKey) []WrappedKey { k[0].MasterID = stranger.ID(); return k }),
		"all suites lie": mine(func(k []WrappedKey) []WrappedKey {
			for i := range k {
				k[i].Suite = "sm"
			}
			return k
		}),
	} {
		if _, err := OpenKeyring(m, "330100", keys); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
	if _, err := OpenKeyring(m, "110000", good); !errors.Is(err, ErrUnreadable) {
		t.Errorf("another tenant's keys: %v", err)
	}
	if _, err := OpenKeyring(stranger, "330100", good); err == nil || !strings.Contains(err.Error(), "另一把主密钥") {
		t.Errorf("another master: %v", err)
	}
}

func Test主密钥只收三十二个随机字节(t *testing.T) {
	key := []byte("0123456789abcdefghijklmnopqrstuv")
	ids := map[string]bool{}
	for _, text := range []string{
		hex.EncodeToString(key), strings.ToUpper(hex.EncodeToString(key)), " " + hex.EncodeToString(key) + "\n",
		base64.StdEncoding.EncodeToString(key), base64.RawURLEncoding.EncodeToString(key),
	} {
		m, err := ParseMaster(text)
		if err != nil {
			t.Fatalf("%q: %v", text, err)
		}
		ids[m.ID()] = true
	}
	if len(ids) != 1 {
		t.Errorf("one key has names %v", ids)
	}
	for _, bad := range []string{"", "secret", "abcd", hex.EncodeToString(key[:31]), hex.EncodeToString(append(key, 1)),
		strings.Repeat("00", 32), strings.Repeat("7f", 32), base64.StdEncoding.EncodeToString(key[:16]), strings.Repeat("密", 32)} {
		if _, err := ParseMaster(bad); err == nil {
			t.Errorf("%q was taken", bad)
		} else if bad != "" && strings.Contains(err.Error(), bad) {
			t.Errorf("the error quotes the key: %v", err)
		}
	}
}

func Test主密钥可从文件读取(t *testing.T) {
	m, text := NewMaster()
	path := filepath.Join(t.TempDir(), "master")
	if err := os.WriteFile(path, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if back, err := LoadMaster(path); err != nil || back.ID() != m.ID() {
		t.Errorf("LoadMaster: %v", err)
	}
	if _, err := LoadMaster(path + ".gone"); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("err = %v", err)
	}
	if err := os.WriteFile(path, []byte("changeme"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadMaster(path); err == nil || !strings.Contains(err.Error(), path) {
		t.Errorf("err = %v", err)
	}
}

func Test密钥打印时不露任何字节(t *testing.T) {
	m, text := NewMaster()
	k := newKeys(t, AES)
	secret := hex.EncodeToString(k.s.index)
	for _, v := range []any{m, *m, k, *k, struct{ K *Keyring }{k}, &Reader{Keys: k}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%q"} {
			out := fmt.Sprintf(verb, v)
			if strings.Contains(out, text) || strings.Contains(out, secret) || strings.Contains(out, fmt.Sprint(k.s.index)) {
				t.Errorf("%s of %T tells the key", verb, v)
			}
		}
	}
	out, err := json.Marshal(map[string]any{"m": m, "k": k})
	if err != nil || string(out) != `{"k":"〔密钥 330100〕","m":"〔主密钥 `+m.ID()+`〕"}` {
		t.Errorf("JSON = %s, %v", out, err)
	}
}

func Test清除密钥后什么都打不开(t *testing.T) {
	k := newKeys(t, AES)
	p := sealed(t, k, Name, "row", "鱼得水")
	next, _ := k.Rotate()
	index := k.s.index
	k.Forget()
	k.Forget()
	if !bytes.Equal(index, make([]byte, macSize)) {
		t.Error("the index key is still in memory")
	}
	m, _ := NewMaster()
	_, e1 := k.open(p, "row")
	_, e2 := k.Seal(Name, "row", "x")
	_, e3 := k.Rotate()
	_, e4 := k.Drop(1)
	_, e5 := k.Wrap(m)
	_, e6 := k.Reseal(p, "row")
	for i, err := range []error{e1, e2, e3, e4, e5, e6} {
		if !errors.Is(err, ErrForgotten) {
			t.Errorf("call %d: %v", i, err)
		}
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("MAC with a forgotten key must not answer")
			}
		}()
		k.MAC([]byte("x"))
	}()
	if got, err := next.open(p, "row"); err != nil || got != "鱼得水" {
		t.Errorf("the rotated keyring lost its keys: %q, %v", got, err)
	}
}

func Test多个协程可同时使用一个密钥环(t *testing.T) {
	k := newKeys(t, SM)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				p, err := k.Seal(Phone, "row", "13800005678")
				if err != nil {
					continue // forgotten meanwhile
				}
				if got, err := k.open(p, "row"); err == nil && got != "13800005678" {
					t.Errorf("open = %q", got)
				}
			}
		})
	}
	wg.Go(k.Forget)
	wg.Wait()
}

func Test电话怎样写盲索引都一样(t *testing.T) {
	for _, suite := range bothSuites {
		k := newKeys(t, suite)
		same := func(class Class, forms ...string) {
			t.Helper()
			for _, form := range forms {
				if got := k.Blind(class, form); len(got) != indexSize || !bytes.Equal(got, k.Blind(class, forms[0])) {
					t.Errorf("%v: %q and %q differ", class, form, forms[0])
				}
			}
		}
		same(Phone, "13800005678", "138 0000 5678", "138-0000-5678", "+8613800005678", "+86 138 0000 5678", "008613800005678",
			"8613800005678", "013800005678", "１３８００００５６７８", "＋８６－138　0000　5678", " 13800005678\u200b")
		same(Phone, "010-80000000", "(010)80000000", "（010）8000 0000", "+86 10 80000000", "0086-010-80000000")
		same(IDNumber, "11010119900101123X", "11010119900101123x", "１１０１０１１９９００１０１１２３Ｘ", "110101 19900101 123X")
		same(Email, "A@Example.cn", " a@example.CN ", "ａ@example.cn")
		same(Name, "鱼得水", " 鱼得水　")
		for _, class := range []Class{Name, Phone, Text} {
			if k.Blind(class, " 　") != nil {
				t.Errorf("%v: blanks have an index", class)
			}
		}
		if bytes.Equal(k.Blind(Phone, "13800005678"), k.Blind(Name, "13800005678")) {
			t.Error("two classes share an index")
		}
		if bytes.Equal(k.Blind(Phone, "13800005678"), newKeys(t, suite).Blind(Phone, "13800005678")) {
			t.Error("two tenants share an index")
		}
	}
}

func Test带键散列的部分不串用途不混(t *testing.T) {
	for _, suite := range bothSuites {
		k := newKeys(t, suite)
		all := [][]byte{
			k.MAC(), k.MAC(nil), k.MAC([]byte("ab"), []byte("c")), k.MAC([]byte("a"), []byte("bc")), k.MAC([]byte("abc")),
			k.Digest("ab", "c"), k.Digest("a", "bc"), k.Code("abc"), k.Code("ab"),
		}
		seen := map[string]bool{}
		for _, sum := range all {
			if len(sum) != macSize || seen[string(sum)] {
				t.Errorf("%v: %x has a wrong length or comes twice", suite, sum)
			}
			seen[string(sum)] = true
		}
		if !bytes.Equal(k.MAC([]byte("ab"), []byte("c")), all[2]) {
			t.Error("MAC isn't stable")
		}
	}
}

func Test密钥环要有租户和认识的套件(t *testing.T) {
	if _, err := NewKeyring("", AES); err == nil {
		t.Error("a keyring of nobody")
	}
	if _, err := NewKeyring("330100", 0); err == nil {
		t.Error("a keyring without a suite")
	}
}

func Fuzz任意字节都打不开(f *testing.F) {
	k := newKeys(f, AES)
	genuine := sealed(f, k, Phone, "row", "13800005678").sealed
	f.Add([]byte(genuine))
	f.Add([]byte{format, byte(SM), byte(Name), 0, 1})
	f.Fuzz(func(t *testing.T, raw []byte) {
		var p Personal
		if p.Scan(raw) != nil {
			return
		}
		_ = fmt.Sprint(p, p.Class(), k.Stale(p))
		if got, err := k.open(p, "row"); err == nil && !p.Empty() && string(raw) != genuine {
			t.Fatalf("%x opens as %q", raw, got)
		}
	})
}

func BenchmarkSeal(b *testing.B) {
	for _, suite := range bothSuites {
		b.Run(suite.String(), func(b *testing.B) {
			k := newKeys(b, suite)
			b.ReportAllocs()
			for b.Loop() {
				if _, err := k.Seal(Phone, "0190a0b0-0000-7000-8000-000000000001", "13800005678"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkBlind(b *testing.B) {
	k := newKeys(b, AES)
	for b.Loop() {
		k.Blind(Phone, "138 0000 5678")
	}
}
