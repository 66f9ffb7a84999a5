package consolidation

import (
	"fmt"

	"github.com/go-kratos/kratos/v2/errors"
)

// The clauses that refusals cite.
const (
	clauseEmergency = "（国办发〔2020〕53号一（二）：推进除110、119、120、122等紧急热线外的热线归并）"
	clauseRestore   = "（国办发〔2020〕53号二（一）2：热线号码已经取消的，原则上不再恢复）"
	clausePromote   = "（国办发〔2020〕53号二（一）3：支持对设分中心的热线进行整体并入、双号并行等实质性归并探索）"
	clauseLocal     = "（国办发〔2020〕53号二（二）1：各地区设立的热线要全部取消号码，整体并入12345热线）"
	clauseSmooth    = "（国办发〔2020〕53号二（二）2：保障热线服务水平不降低、业务有序办理）"
	clauseNew       = "（国办发〔2020〕53号五（二）：原则上不得再新设政务服务便民热线，包括新设号码和变更原有号码名称、用途）"
)

// notFound is the answer for what does not exist or is another place's.
func notFound() error {
	return errors.NotFound("NOT_FOUND", "没有找到，或不在您可见的范围内。")
}

// refused tells the person why an act can't be done and what to do instead.
func refused(reason, format string, args ...any) error {
	return errors.Conflict(reason, fmt.Sprintf(format, args...))
}

// invalid points at one field of the request.
func invalid(field, format string, args ...any) error {
	sentence := fmt.Sprintf(format, args...)
	return errors.BadRequest("INVALID_ARGUMENT", sentence).WithMetadata(map[string]string{"field." + field: sentence})
}

// conflict is for the slower of two people who acted at once.
func conflict() error {
	return errors.Conflict("CONFLICT", "刚刚被他人更新，请刷新后再操作。")
}

// emergencies (紧急热线) are never merged, listed or entered.
var emergencies = map[string]string{"110": "公安报警", "119": "火警", "120": "医疗急救", "122": "交通事故报警"}

// enterable refuses the numbers that no register and no list may hold.
func enterable(number string) error {
	switch {
	case emergencies[number] != "":
		return refused("EMERGENCY_NUMBER", "%s是紧急热线，不参加归并，不能登记%s。", number, clauseEmergency)
	case number == "12345":
		return refused("HOTLINE_ITSELF", "12345是归并后的热线本身，不作为被归并的号码登记。")
	}
	return nil
}
