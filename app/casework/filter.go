package casework

import (
	"context"
	"strings"
	"time"

	"entgo.io/ent/dialect/sql"
	"go.einride.tech/aip/filtering"
	expr "google.golang.org/genproto/googleapis/api/expr/v1alpha1"

	"hotline/ent/predicate"
	"hotline/ent/workorder"
)

// columns are the fields that AIP-160 filters may name; no personal field is among them.
var columns = map[string]string{
	"state": workorder.FieldState, "kind": workorder.FieldKind, "urgency": workorder.FieldUrgency,
	"category": workorder.FieldCategory, "district": workorder.FieldDistrict, "channel": workorder.FieldChannel,
	"disposition": workorder.FieldDisposition, "unit": workorder.FieldLead, "holder": workorder.FieldHolder,
	"number": workorder.FieldNumber, "overdue": workorder.FieldOverdue, "confidential": workorder.FieldConfidential,
	"hard": workorder.FieldHard, "supervised": workorder.FieldSupervised, "unreasonable": workorder.FieldUnreasonable,
	"clustered": workorder.FieldClustered, "suspicious": workorder.FieldSuspicious, "adjudicating": workorder.FieldAdjudicating,
	"warning": workorder.FieldWarning, "returns": workorder.FieldReturns, "reworks": workorder.FieldReworks, "urges": workorder.FieldUrges,
	"receive_time": workorder.FieldReceivedAt, "due_time": workorder.FieldDueAt,
}

// figureField names the orders behind a number of a report; which these are, the reports say (Service.Behind).
const figureField = "figure"

// partField asks for the state of the viewer's own part in the order (本单位的子任务): what waits for a unit is its part, wherever the
// rest of the order stands.
const partField = "part"

// words are the fields whose values are enum words: written as in the contract, stored in lower case.
var words = map[string]bool{"state": true, "kind": true, "urgency": true, "channel": true, "disposition": true}

var declarations = declare()

func declare() *filtering.Declarations {
	options := []filtering.DeclarationOption{filtering.DeclareStandardFunctions()}
	for name := range columns {
		kind := filtering.TypeString
		switch name {
		case "overdue", "confidential", "hard", "supervised", "unreasonable", "clustered", "suspicious", "adjudicating":
			kind = filtering.TypeBool
		case "warning", "returns", "reworks", "urges":
			kind = filtering.TypeInt
		case "receive_time", "due_time":
			kind = filtering.TypeTimestamp
		}
		options = append(options, filtering.DeclareIdent(name, kind))
	}
	options = append(options, filtering.DeclareIdent(figureField, filtering.TypeString), filtering.DeclareIdent(partField, filtering.TypeString))
	options = append(options, filtering.DeclareIdent("true", filtering.TypeBool), filtering.DeclareIdent("false", filtering.TypeBool))
	d, err := filtering.NewDeclarations(options...)
	if err != nil {
		panic("casework: filter declarations: " + err.Error())
	}
	return d
}

// parseFilter turns an AIP-160 filter into a condition of the query.
func parseFilter(text string, r filterReader) (predicate.WorkOrder, error) {
	if strings.TrimSpace(text) == "" {
		return all, nil
	}
	filter, err := filtering.ParseFilterString(text, declarations)
	if err != nil {
		return nil, invalid("filter", "筛选条件有误，请检查写法。例：state = \"HANDLING\" AND urgency = \"URGENT\"")
	}
	p, err := r.condition(filter.CheckedExpr.GetExpr())
	if err != nil {
		return nil, err
	}
	return func(s *sql.Selector) { s.Where(p) }, nil
}

var badFilter = invalid("filter", "筛选条件只能用 字段 = 值、!=、<、<=、>、>= 以及 AND、OR、NOT。")

// filterReader reads filters for one viewer: what is no column of the order is asked of these; nil knows none.
type filterReader struct {
	behind func(figure string) (*sql.Predicate, error)
	part   func(state string) *sql.Predicate
}

// filters reads what the viewer may ask.
func (s *Service) filters(ctx context.Context) (r filterReader, err error) {
	if s.Behind != nil {
		r.behind = func(figure string) (*sql.Predicate, error) { return s.Behind(ctx, figure) }
	}
	r.part, err = s.ownParts(ctx)
	return r, err
}

func (r filterReader) condition(e *expr.Expr) (*sql.Predicate, error) {
	if e.GetIdentExpr() != nil {
		return compare(filtering.FunctionEquals, e.GetIdentExpr().GetName(), true)
	}
	call := e.GetCallExpr()
	if call == nil {
		return nil, badFilter
	}
	switch call.GetFunction() {
	case filtering.FunctionAnd, filtering.FunctionFuzzyAnd, filtering.FunctionOr:
		left, err := r.condition(call.GetArgs()[0])
		if err != nil {
			return nil, err
		}
		right, err := r.condition(call.GetArgs()[1])
		if err != nil {
			return nil, err
		}
		if call.GetFunction() == filtering.FunctionOr {
			return sql.Or(left, right), nil
		}
		return sql.And(left, right), nil
	case filtering.FunctionNot:
		inner, err := r.condition(call.GetArgs()[0])
		if err != nil {
			return nil, err
		}
		return sql.Not(inner), nil
	}
	if len(call.GetArgs()) != 2 {
		return nil, badFilter
	}
	value, err := constant(call.GetArgs()[1])
	if err != nil {
		return nil, err
	}
	field := call.GetArgs()[0].GetIdentExpr().GetName()
	if field != figureField && field != partField {
		return compare(call.GetFunction(), field, value)
	}
	word, ok := value.(string)
	switch {
	case !ok || call.GetFunction() != filtering.FunctionEquals:
	case field == figureField && r.behind != nil:
		return r.behind(word)
	case field == partField && r.part != nil:
		return r.part(strings.ToLower(word)), nil
	}
	return nil, badFilter
}

// constant is the right side: a string, a truth value or timestamp("…").
func constant(e *expr.Expr) (any, error) {
	switch c := e.GetConstExpr().GetConstantKind().(type) {
	case *expr.Constant_StringValue:
		return c.StringValue, nil
	case *expr.Constant_Int64Value:
		return c.Int64Value, nil
	case *expr.Constant_BoolValue:
		return c.BoolValue, nil
	}
	if name := e.GetIdentExpr().GetName(); name == "true" || name == "false" {
		return name == "true", nil
	}
	if call := e.GetCallExpr(); call.GetFunction() == filtering.FunctionTimestamp && len(call.GetArgs()) == 1 {
		t, err := time.Parse(time.RFC3339, call.GetArgs()[0].GetConstExpr().GetStringValue())
		if err != nil {
			return nil, invalid("filter", "时间请写作 timestamp(\"2026-11-23T00:00:00+08:00\")。")
		}
		return t.UTC(), nil
	}
	return nil, badFilter
}

func compare(function, field string, value any) (*sql.Predicate, error) {
	column, ok := columns[field]
	if !ok {
		return nil, badFilter
	}
	if s, ok := value.(string); ok {
		if words[field] {
			value = strings.ToLower(s)
		} else if field == "receive_time" || field == "due_time" {
			t, err := time.Parse(time.RFC3339, s)
			if err != nil {
				return nil, badFilter
			}
			value = t.UTC()
		}
	}
	switch function {
	case filtering.FunctionEquals:
		return sql.EQ(column, value), nil
	case filtering.FunctionNotEquals:
		return sql.NEQ(column, value), nil
	case filtering.FunctionLessThan:
		return sql.LT(column, value), nil
	case filtering.FunctionLessEquals:
		return sql.LTE(column, value), nil
	case filtering.FunctionGreaterThan:
		return sql.GT(column, value), nil
	case filtering.FunctionGreaterEquals:
		return sql.GTE(column, value), nil
	}
	return nil, badFilter
}
