package privacy

import (
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

func Test正文脱敏(t *testing.T) {
	for _, c := range []struct{ rule, text, want string }{
		{"连写手机号", "请打13800005678找我", "请打〔电话〕找我"},
		{"空格手机号", "138 0000 5678", "〔电话〕"},
		{"横线手机号", "138-0000-5678", "〔电话〕"},
		{"逐位空格", "1 3 8 0 0 0 0 5 6 7 8", "〔电话〕"},
		{"全角手机号", "１３８００００５６７８", "〔电话〕"},
		{"国家码", "+86 138 0000 5678、0086-13800005678、8613800005678", "〔电话〕、〔电话〕、〔电话〕"},
		{"口述手机号", "号码是一三八零零零零五六七八", "号码是〔电话〕"},
		{"口述夹幺", "幺三八，零零零零，五六七八", "〔电话〕"},
		{"混写", "138零零零零5678", "〔电话〕"},
		{"零宽字符", "138\u200b0000\u200b5678", "〔电话〕"},
		{"两个号连写", "1380000567813900001234", "〔电话〕"},
		{"字母贴着", "V13800005678", "V〔电话〕"},
		{"钱数贴着", "1000元补贴加我13900000990全网", "1000元补贴加我〔电话〕全网"},
		{"固定电话", "座机010-80000000或（0826）8000000", "座机〔电话〕或〔电话〕"},
		{"固定电话连写", "01080000000", "〔电话〕"},
		{"本地号要有词", "家里电话：8000 0000", "家里电话：〔电话〕"},
		{"有词而多打一位", "手机138000056789", "手机〔电话〕"},
		{"有词的400号码照常可读", "客服电话400-800-0000", "客服电话400-800-0000"},
		{"境外号码", "+12120000000", "〔电话〕"},
		{"身份证", "身份证11010119900101123X，", "身份证〔证件号〕，"},
		{"身份证小写x空格", "110101 19900101 123x", "〔证件号〕"},
		{"十五位证件", "110101900101123", "〔证件号〕"},
		{"虚构证件", "000000198803104633", "〔证件号〕"},
		{"有词就算证件", "身份证号：990000000000000000", "身份证号：〔证件号〕"},
		{"银行卡", "6222020000000000004", "6222020000000000004"},
		{"银行卡带校验", "4000 0000 0000 0002", "〔银行卡〕"},
		{"有词就算卡号", "卡号6222020000000000004", "卡号〔银行卡〕"},
		{"邮箱", "写信到yu.ds+1@mail.example.cn。", "写信到〔邮箱〕。"},
		{"全角邮箱", "ｙｕ＠example．cn", "〔邮箱〕"},
		{"邮箱后接号码", "a@b.com13800005678", "〔邮箱〕〔电话〕"},
		{"微信号", "加微信：yu_deshui88聊", "加微信：〔账号〕聊"},
		{"微信数字号", "微信号是 1000001", "微信号是 〔账号〕"},
		{"QQ号", "QQ10000010，qq号：10000011", "QQ〔账号〕，qq号：〔账号〕"},
		{"门牌", "景泽苑5号楼2单元1402的租户", "景泽苑〔门牌〕的租户"},
		{"门牌逐级", "8号院3号楼412室", "〔门牌〕"},
		{"门牌汉字", "22号楼四单元五〇一", "〔门牌〕"},
		{"门牌带横", "35号2单元19-4", "〔门牌〕"},
		{"栋与房号", "10栋302家漏水", "〔门牌〕漏水"},
		{"只有室", "楼上202室", "楼上〔门牌〕"},
		{"姓名", "我叫鱼得水，鱼先生", "我叫〔姓名〕，鱼先生"},
	} {
		if got := Scrub(c.text, "鱼得水"); got != c.want {
			t.Errorf("%s: %q → %q, want %q", c.rule, c.text, got, c.want)
		}
	}
}

func Test平常的数字和词照常可读(t *testing.T) {
	for _, text := range []string{
		"2026年9月1日 08:45，2026-09-01 08:45:37，20260901",
		"15,750元、9300块、5130.50元、391万元、100000000元",
		"打12345转1，拨打110、119、95588、400-800-0000",
		"工单编号202609010845371234567890",
		"工单编号 330100202609010000012345",
		"受理号260901084537123456",
		"国办发〔2020〕53号，XF-2026-0000823，ZF2026-08-0000417",
		"对面9号楼顶层，16号线，3号楼2025年装的电梯，9月25号300多人",
		"三室两厅一卫，三门课程，两单元楼房改造的第3名",
		"微信转账5000元，微信12345公众号，QQ群，微信咨询",
		"统一社会信用代码里的91开头",
		"二〇二六年十一月，一百三十八户，一三五七限行",
		"第1 2 3 4项，38.5℃，0.35毫米，14.8度",
		"岳先生微信反映，鱼女士来电",
		"2026-09-01 13:00至2026-10-01 14:00",
		"金额1500 2000 2500 3000元",
	} {
		if got := Scrub(text, "鱼得水", "匿名", "1", ""); got != text {
			t.Errorf("%q → %q", text, got)
		}
	}
}

func Test已知姓名长的先替换单字和匿名不替换(t *testing.T) {
	if got := Scrub("欧阳震华与欧阳、张、匿名", "欧阳", "欧阳震华", "张", "匿名"); got != "〔姓名〕与〔姓名〕、张、匿名" {
		t.Error(got)
	}
	if got := Scrub("〔姓名〕电话〔电话〕", "姓名", "电话"); got != "〔姓名〕〔姓名〕〔电话〕" {
		t.Error(got)
	}
}

func Test查找给出类别和字节位置(t *testing.T) {
	text := "鱼的电话13800005678，邮箱yu@example.cn，住5号楼2单元，卡号6222020000000000004，证件11010119900101123X，QQ：10000010"
	var got []string
	for _, f := range Find(text) {
		got = append(got, f.Class.String()+" "+text[f.Start:f.End])
	}
	want := "phone 13800005678|email yu@example.cn|address 5号楼2单元|id_number 6222020000000000004|id_number 11010119900101123X|phone 10000010"
	if strings.Join(got, "|") != want {
		t.Errorf("found %q", got)
	}
	if Find("没有") != nil {
		t.Error("found something in nothing")
	}
}

// around is text that a planted number may stand in without becoming part of a longer
// number or of a word that makes it one.
var around = rapid.StringMatching(`[鱼水山，。；、 a-z\n〔〕@：元号楼年月]{0,12}`)

func planted(t *rapid.T, digits string, sizes ...int) string {
	gap := rapid.SampledFrom([]string{"", " ", "-", "－", "　", " - ", "\u200b"}).Draw(t, "gap")
	var parts []string
	for _, size := range sizes {
		parts, digits = append(parts, digits[:size]), digits[size:]
	}
	text := strings.Join(append(parts, digits), gap)
	switch rapid.IntRange(0, 2).Draw(t, "digits") {
	case 1:
		text = strings.NewReplacer("0", "０", "1", "１", "2", "２", "3", "３", "5", "５", "8", "８").Replace(text)
	case 2:
		text = strings.NewReplacer("0", "零", "1", "幺", "2", "二", "3", "三", "5", "五", "8", "八").Replace(text)
	}
	return text
}

func Test埋进正文的电话和证件号都被抹去(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		phone := planted(t, anyPhone.Draw(t, "phone"), 3, 4)
		id := planted(t, rapid.StringMatching(`(11|33|51)0000(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9])[0-9]{4}`).Draw(t, "id"), 6, 8)
		text := around.Draw(t, "a") + "；" + phone + "；" + around.Draw(t, "b") + "。" + id + "。" + around.Draw(t, "c")
		got := Scrub(text)
		if strings.Contains(got, phone) || strings.Contains(got, id) {
			t.Fatalf("%q → %q", text, got)
		}
		for _, r := range got {
			if digitOf(r) >= 0 {
				t.Fatalf("%q → %q: a digit is left", text, got)
			}
		}
	})
}

// tricky is made of the pieces that the passes look for, in any order.
var tricky = rapid.Custom(func(t *rapid.T) string {
	return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
		"138", "0000", "5678", "13800005678", "110101", "19900101", "123", "X", " ", "-", "，", "(", ")", "+86", "010", "8000000",
		"微信", "QQ", "：", "号", "abc", "yu_ds", "@", "a.cn", ".", "电话", "身份证", "卡号", "4000", "0002", "3", "号楼", "单元", "室", "栋", "门",
		"年", "元", "〔", "〕", "〔电话〕", "鱼得水", "鱼", "得水", "一三八", "零", "幺", "\n", "\u200b", "１",
	}), 0, 24).Draw(t, "pieces"), "")
})

func Test脱敏两次与一次相同(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := tricky.Draw(t, "text")
		known := rapid.SliceOfN(rapid.SampledFrom([]string{"鱼得水", "138", "号楼", "微信", "00", "得水", "电话"}), 0, 3).Draw(t, "known")
		once := Scrub(text, known...)
		if twice := Scrub(once, known...); twice != once {
			t.Fatalf("%q\n→ %q\n→ %q", text, once, twice)
		}
	})
}

func Test脱敏耗时随长度线性(t *testing.T) {
	for _, piece := range []string{"1 ", "138-", "微信", "qq：", "3号楼", "3单元", "a@", "a.", "〔", "〔电话〕", "电话8", "一", "鱼得", "+", "("} {
		text := strings.Repeat(piece, 200_000/len(piece))
		start := time.Now()
		Scrub(text, "鱼得水")
		// Quadratic work on 200 kB would take minutes.
		if took := time.Since(start); took > 3*time.Second {
			t.Errorf("%q: %v", piece, took)
		}
	}
}

func Fuzz正文脱敏(f *testing.F) {
	f.Add("3号楼2单元1402，138-0000-0000 微信 abcdef13 QQ：1000001 a@b.cn 110101199001011234 电话 8000000", "鱼得水")
	f.Add("a@b.com13800005678〔电话〕", "〔")
	f.Add("138000056781234号楼2单元501年", "00")
	f.Fuzz(func(t *testing.T, text, known string) {
		once := Scrub(text, known)
		if twice := Scrub(once, known); twice != once {
			t.Fatalf("%q\n→ %q\n→ %q", text, once, twice)
		}
		last := 0
		for _, found := range Find(text) {
			if found.Start < last || found.End <= found.Start || found.End > len(text) || !found.Class.known() {
				t.Fatalf("%q: %+v", text, found)
			}
			last = found.End
		}
	})
}

func BenchmarkScrub(b *testing.B) {
	text := strings.Repeat("昨晚八点半，楼上又在装修，给物业打电话没人接。", 20) + "我电话13800005678，住5号楼2单元1402。"
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		Scrub(text, "鱼得水")
	}
}
