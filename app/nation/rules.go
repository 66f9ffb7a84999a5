package nation

import (
	tenantv1 "hotline/api/tenant/v1"
	"hotline/tenants/policy"
)

// Rules (城市规则) are what a city of the demo nation starts with: four cities by what their published rules say, as far as
// domain.md §2.5–2.6 knows them, the others by the national defaults. What a source doesn't say stays the default.
func Rules(code string) *tenantv1.Policy {
	p := policy.Default()
	switch code {
	case "110000":
		beijing(p)
	case "310000":
		shanghai(p)
	case "510100":
		chengdu(p)
	case "340100":
		hefei(p)
	}
	return p
}

// beijing counts natural days and sends orders out within minutes.
func beijing(p *tenantv1.Policy) {
	p.Dispatch = &tenantv1.Spans{Critical: "5m", Urgent: "6m", Normal: "2h", Complex: "2h"}
	p.Reply = &tenantv1.Spans{Critical: "2h", Urgent: "24h", Normal: "7d", Complex: "15d"}
	p.Source = "《12345热线服务与管理规范》征求意见稿（北京日报2021-12-28；正式文本DB11/T 2021—2022）：2小时、24小时、7天、15天，" +
		"网络渠道受理不超过2小时；派单约6分钟见《您的声音》。自然日。其余为全国缺省值。"
}

// shanghai has 1, 5 and 15 working days, and 3 for a second round.
func shanghai(p *tenantv1.Policy) {
	p.Contact = "1wd"
	p.Reply = &tenantv1.Spans{Critical: "2h", Urgent: "24h", Normal: "5wd", Complex: "15wd"}
	p.ReplyConsult, p.Callback, p.Rework = "1wd", "3wd", "3wd"
	p.Source = "2015年报道：按业务类型1、5、15个工作日；大宁路街道办法（2019）：咨询建议1、求助投诉5、复杂经批准15个工作日，" +
		"督办与回访复核3个工作日；夏阳街道办法（2022）：先行联系1个工作日，再次处置3个工作日。其余为全国缺省值。"
}

// chengdu follows the province: 3 for questions, 7, and 15 for what must be looked into.
func chengdu(p *tenantv1.Policy) {
	p.Reply = &tenantv1.Spans{Critical: "2h", Urgent: "24h", Normal: "7wd", Complex: "15wd"}
	p.ReplyConsult = "3wd"
	p.Source = "《四川省12345政务服务便民热线运行管理办法》解读（2025-12-25）：咨询3、求助和意见建议7、投诉举报15个工作日。" +
		"投诉举报须调查的按“复杂”计15个工作日。其余为全国缺省值。"
}

// hefei follows the province: one limit for all that is no question; what can't be done now is 承诺办理, up to nine months.
func hefei(p *tenantv1.Policy) {
	p.Reply = &tenantv1.Spans{Critical: "2h", Urgent: "24h", Normal: "10wd", Complex: "10wd"}
	p.ReplyConsult = "3wd"
	p.Templates = []*tenantv1.ReplyTemplate{{Text: "尊敬的市民：您好！您反映的“{title}”已收悉，现将有关情况答复如下：{assist}{unit}工作人员已与您联系，" +
		"{measures}如有疑问请继续向12345反映。感谢您对我市工作的关心和支持。"}}
	p.Source = "安徽2022年“接热线、办实事”（新华社2022-02）与《安徽省12345热线诉求闭环办理工作规范》（2025，转述）：咨询3、非咨询10个工作日，" +
		"紧急24小时内反馈进展，复杂的申请延期或承诺办理（不超过9个月）。其余为全国缺省值。"
}
