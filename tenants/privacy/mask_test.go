package privacy

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func Test脱敏样式(t *testing.T) {
	for _, c := range []struct {
		class       Class
		plain, want string
	}{
		{Phone, "13800005678", "138****5678"},
		{Phone, "+86 138-0000-5678", "138****5678"},
		{Phone, "１３８００００５６７８", "138****5678"},
		{Phone, "010-80000012", "010-****0012"},
		{Phone, "0826-8000012", "0826-****12"},
		{Phone, "80000012", "****12"},
		{Phone, "12345", "****"},
		{Phone, "7", "****"},
		{Phone, "138****5678", "****"},
		{Phone, "邻居家 13800005678", "****"},
		{Phone, "13800005678 13900005678", "****78"},
		{Phone, "+1 212 000 0000", "****"},
		{Phone, "  ", ""},
		{Name, "张三", "张*"},
		{Name, "张三丰", "张**"},
		{Name, "欧阳锋", "欧阳*"},
		{Name, "欧阳震华", "欧阳**"},
		{Name, "欧阳", "欧*"},
		{Name, "阿依其曼·麦尔丹", "阿**"},
		{Name, "Oliver Brennick", "O**"},
		{Name, "张", "*"},
		{Name, "匿名", "匿名"},
		{Name, " 鱼得水　", "鱼**"},
		{IDNumber, "11010119900101123X", "11**************3X"},
		{IDNumber, "110101900101123", "11**************23"},
		{IDNumber, "E00000012", "****12"},
		{IDNumber, "1234", "****"},
		{Address, "北京市海淀区云杉路8号院3号楼412室", "北京市海淀区***"},
		{Address, "岳池县坪滩乡蒲家沟村", "岳池县坪滩乡***"},
		{Address, "廊坊市三河市燕郊镇“溪畔里”5号楼", "廊坊市三河市燕郊镇***"},
		{Address, "浙江省杭州市余杭区闲林街道某小区27楼", "浙江省杭州市余杭区闲林街道***"},
		{Address, "江西省景德镇市浮梁县浮梁镇旧城路1号", "江西省景德镇市浮梁县浮梁镇***"},
		{Address, "新疆维吾尔自治区伊犁哈萨克自治州伊宁县青年街1号", "新疆维吾尔自治区伊犁哈萨克自治州伊宁县***"},
		{Address, "南京市鼓楼区青云里9号", "南京市鼓楼区***"},
		{Address, "四川省成都市金牛区三洞路1号", "四川省成都市金牛区***"},
		{Address, "乐山市市中区云杉路1号", "乐山市市中区***"},
		{Address, "朝阳区", "朝阳区"},
		{Address, "云杉路8号院", "***"},
		{Address, "云杉小区3号楼", "***"},
		{Address, "海淀区中关村超市旁", "海淀区***"},
		{Address, "海淀区中关村大街道北", "海淀区***"},
		{Address, "海淀区望京西园四区1号", "海淀区***"},
		{Address, "12 Long Road", "***"},
		{Email, "yu@example.cn", "y***@example.cn"},
		{Email, "y@example.cn", "***@example.cn"},
		{Email, "yu＠example.cn", "y***@example.cn"},
		{Email, "@example.cn", "***@example.cn"},
		{Email, "yu@", "***"},
		{Email, "13800005678", "***"},
		{Recording, "rec/1.wav", "〔录音〕"},
		{Text, "打13800005678", "打〔电话〕"},
		{Class(99), "13800005678", "***"},
	} {
		if got := MaskOf(c.class, c.plain); got != c.want {
			t.Errorf("%v %q → %q, want %q", c.class, c.plain, got, c.want)
		}
	}
}

func Test脱敏结果不含原文中段(t *testing.T) {
	// Each class with the part that must never show; the parts share no characters.
	rapid.Check(t, func(t *rapid.T) {
		phone := rapid.StringMatching(`1[3-9][0-9]0000[1-9]{4}`).Draw(t, "phone")
		birth := rapid.StringMatching(`(19|20)[0-9]{2}(0[1-9]|1[0-2])(0[1-9]|[12][0-9])`).Draw(t, "birth")
		given := rapid.StringMatching(`[得水山石]{1,3}`).Draw(t, "given")
		door := rapid.StringMatching(`云杉[路街]([1-9][0-9]{0,2})号`).Draw(t, "door")
		local := rapid.StringMatching(`[d-m]{2,12}`).Draw(t, "local")
		for _, c := range []struct {
			class          Class
			plain, mustNot string
		}{
			{Phone, phone, phone[3:7]},
			{Phone, "010-8000" + phone[7:], "8000"},
			{IDNumber, "110101" + birth + "1239", birth},
			{Name, "鱼" + given, given},
			{Name, "欧阳" + given, given},
			{Address, "杭州市余杭区" + door, "云杉"},
			{Address, door, "云杉"},
			{Email, "a" + local + "@0.cn", local},
			{Text, "电话" + phone + "，证件110101" + birth + "1239", phone[3:7] + phone[7:]},
			{Text, "证件110101" + birth + "1239", birth},
			{Recording, local, local},
		} {
			if got := MaskOf(c.class, c.plain); strings.Contains(got, c.mustNot) {
				t.Fatalf("%v %q → %q", c.class, c.plain, got)
			}
		}
	})
}

func Test任意输入脱敏都不原样返回长串(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		plain := rapid.StringMatching(`[0-9A-Za-z +\-]{8,40}`).Draw(t, "plain")
		for _, class := range []Class{Name, Phone, IDNumber, Address, Recording} {
			if trimmed := strings.TrimSpace(plain); len(trimmed) > 7 && strings.Contains(MaskOf(class, plain), trimmed) {
				t.Fatalf("%v %q comes back whole", class, plain)
			}
		}
	})
}
