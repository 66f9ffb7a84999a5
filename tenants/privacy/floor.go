package privacy

// The floors (底线): what no city's policy can loosen. They are data here and applied
// twice, once to refuse a policy and once more when its tables are worked out.

const (
	ruleRoad   = "列表、检索、历史、通知、共享、打印、导出一律不得显示明文"
	ruleReveal = "证件号、录音只能说明理由后限时查看，不得直接显示明文"
	ruleOffice = "审计、中央与区域管理、城市管理、知识库和系统接口角色不得查看明文，也不得申请查看"
)

// clearRoads are the situations where a datum may stand in full at all.
var clearRoads = [situations]bool{Detail: true, Callback: true, Reveal: true, Emergency: true}

// onlyRevealed are the classes that open by Reveal alone.
var onlyRevealed = [classes]bool{IDNumber: true, Recording: true}

// neverClear are the roles that work on the whole and never call a citizen; a machine
// can't give a reason either.
var neverClear = among("auditor", "central_admin", "regional_coordinator",
	"knowledge_editor", "knowledge_reviewer", "city_admin", "machine")

// revealsConfidential are the roles that may ask for the data of a confidential order.
var revealsConfidential = among("callback_agent", "supervisor", "adjudicator")

func among(names ...string) (set [roles]bool) {
	for _, name := range names {
		i, ok := roleIndex[name]
		if !ok {
			panic("no role " + name) // a slip in this file
		}
		set[i] = true
	}
	return set
}

// ceiling is the widest sight that a policy may state, and the rule that says so.
func ceiling(role int, class Class, at Situation) (Sight, string) {
	switch {
	case !clearRoads[at]:
		return Mask, ruleRoad
	case onlyRevealed[class]:
		return Mask, ruleReveal
	case neverClear[role]:
		return Mask, ruleOffice
	}
	return Clear, ""
}
