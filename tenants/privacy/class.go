// Package privacy keeps citizens' personal data (个人信息) opaque: sealed at rest,
// printed as a token, shown only as far as the city's rule (隐私规则) allows, and
// written to the read ledger (查阅台账) whenever it is shown in full.
//
// Three types carry it. Personal is one sealed piece of data; it has no method that
// gives the plaintext. Keyring holds one tenant's keys. Reader is the one road from
// Personal to text: it asks the Policy and writes the ledger.
//
// The SM suite uses the algorithms of GB/T 32905 (SM3) and GB/T 32907 (SM4) in plain
// software. No certification (密评, 商用密码产品认证) is claimed for it.
package privacy

import (
	"errors"
	"fmt"
)

// Errors that callers may tell apart with errors.Is.
var (
	// ErrUnreadable: the sealed bytes are damaged, cut, of another row, class or
	// tenant. The cases are not told apart: the difference would help a forger only.
	ErrUnreadable = errors.New("密文无法解开：已损坏，或不属于这一行、这一类、这一租户")
	// ErrNoKey: the data key of this generation was dropped or never belonged here.
	ErrNoKey = errors.New("没有这一代数据密钥")
	// ErrForgotten: the keyring was closed by Forget.
	ErrForgotten = errors.New("密钥已清除")
	// ErrNoLedger: something would have been shown in full and nothing records it.
	ErrNoLedger = errors.New("没有查阅台账，不予显示明文")
	// ErrRefused: a sealed value can't come from outside text.
	ErrRefused = errors.New("个人信息不能由外部文本直接写入")
)

// Class is the kind of a personal datum (个人信息类别); the policy speaks in classes.
type Class uint8

// The classes. Zero is no class.
const (
	Name      Class = iota + 1 // 姓名
	Phone                      // 电话
	IDNumber                   // 证件号
	Address                    // 住址
	Email                      // 电子邮箱
	Text                       // 自由文本, where anything may be mentioned
	Recording                  // 录音
	classes                    // one more than the last
)

var classNames = [classes]string{"", "name", "phone", "id_number", "address", "email", "text", "recording"}
var classTitles = [classes]string{"", "姓名", "电话", "证件号", "住址", "电子邮箱", "自由文本", "录音"}

func (c Class) known() bool { return c > 0 && c < classes }

// String gives the code used in JSON and in the ledger, such as "id_number".
func (c Class) String() string { return nameAt(classNames[:], int(c), "class") }

// Title gives the Chinese word, such as 证件号.
func (c Class) Title() string { return nameAt(classTitles[:], int(c), "类别") }

// ParseClass reads the code that String gives.
func ParseClass(text string) (Class, error) {
	i, err := indexOf(classNames[:], text, "类别")
	return Class(i), err
}

// Sight is how much of a datum a viewer sees. The order is the width: a wider sight
// is greater, so the widest of several is their maximum.
type Sight uint8

// Hide is the zero value: what nobody stated stays hidden.
const (
	Hide   Sight = iota // 不显示
	Mask                // 脱敏
	Clear               // 明文
	sights              // one more than the last
)

var sightNames = [sights]string{"hide", "mask", "clear"}

func (s Sight) String() string { return nameAt(sightNames[:], int(s), "sight") }

// ParseSight reads "hide", "mask" or "clear".
func ParseSight(text string) (Sight, error) {
	for i, name := range sightNames {
		if name == text {
			return Sight(i), nil
		}
	}
	return Hide, fmt.Errorf("不认识的可见程度 %q，应为 hide、mask 或 clear", text)
}

// tightened is one step narrower (保密工单从严). A masked text stays: identity is already taken out of it, and a unit
// that may not read what happened can't handle the order.
func (s Sight) tightened(class Class) Sight {
	if s == Hide || s == Mask && class == Text {
		return s
	}
	return s - 1
}

// Situation is the road by which data would go out (场景).
type Situation uint8

// The situations. Zero is none, where everything is hidden.
const (
	List       Situation = iota + 1 // 列表
	Detail                          // 详情
	Search                          // 检索
	History                         // 历史记录
	Print                           // 打印
	Export                          // 导出
	Notify                          // 通知
	Reveal                          // 说明理由后限时查看
	Share                           // 数据共享
	Callback                        // 回访
	Emergency                       // 紧急联动
	situations                      // one more than the last
)

var situationNames = [situations]string{"", "list", "detail", "search", "history", "print", "export", "notify", "reveal", "share", "callback", "emergency"}
var situationTitles = [situations]string{"", "列表", "详情", "检索", "历史", "打印", "导出", "通知", "申请查看", "共享", "回访", "紧急联动"}

func (s Situation) known() bool { return s > 0 && s < situations }

// String gives the code used in JSON and in the ledger, such as "detail".
func (s Situation) String() string { return nameAt(situationNames[:], int(s), "situation") }

// Title gives the Chinese word, such as 详情.
func (s Situation) Title() string { return nameAt(situationTitles[:], int(s), "场景") }

// ParseSituation reads the code that String gives.
func ParseSituation(text string) (Situation, error) {
	i, err := indexOf(situationNames[:], text, "场景")
	return Situation(i), err
}

func nameAt(names []string, i int, kind string) string {
	if i < len(names) && names[i] != "" {
		return names[i]
	}
	return fmt.Sprintf("%s(%d)", kind, i)
}

func indexOf(names []string, text, kind string) (int, error) {
	for i, name := range names {
		if name == text && text != "" {
			return i, nil
		}
	}
	return 0, fmt.Errorf("不认识的%s %q", kind, text)
}
