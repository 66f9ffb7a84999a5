package casework

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"entgo.io/ent/dialect/sql"
	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/application"
	"hotline/ent/assignment"
	"hotline/ent/predicate"
	"hotline/ent/workorder"
	"hotline/tenants"
	"hotline/tenants/access"
)

// find loads one order if it lies in the viewer's scope for the act; otherwise it does not exist.
func (s *Service) find(ctx context.Context, number, act string) (*ent.WorkOrder, error) {
	visible, err := s.scope(ctx, act, true)
	if err != nil {
		return nil, err
	}
	o, err := s.ent().WorkOrder.Query().Where(workorder.Number(number), visible).First(ctx)
	if ent.IsNotFound(err) {
		return nil, notFound()
	}
	if err != nil {
		return nil, fmt.Errorf("order %s: %w", number, err)
	}
	return o, nil
}

// visible is the row scope (可见范围) of the viewer for an act, as a condition of the query itself.
func (s *Service) visible(ctx context.Context, act string) (predicate.WorkOrder, error) {
	return s.scope(ctx, act, false)
}

// scope is visible for a list, or for one order: then what hangs on it is looked for on that order alone, and the query does not
// grow with all that the unit ever had.
func (s *Service) scope(ctx context.Context, act string, one bool) (predicate.WorkOrder, error) {
	v := tenants.From(ctx)
	// The citizen, whose code is proven; the platform's own chores; and what follows from an act that was allowed.
	if v.Account == uuid.Nil || ctx.Value(onwardKey{}) != nil {
		return all, nil
	}
	switch s.access.Scope(v.Roles(), "work_order", act) {
	case access.City, access.Region, access.Nation:
		return all, nil
	case access.Unit:
		return also(v, act, one, assigned(v.Tenant, one, still(act, sql.In("unit", unitsOf(v)...)))), nil
	case access.Subtree:
		paths, err := s.pathsOf(ctx, v)
		if err != nil {
			return nil, err
		}
		return also(v, act, one, assigned(v.Tenant, one, still(act, sql.Or(paths...)))), nil
	case access.Own:
		return workorder.Or(workorder.TakenBy(v.Login), workorder.Holder(v.Login)), nil
	}
	return nil, notFound()
}

// also adds what a unit sees without a part in it: the order it is asked about in a return, and the one that it, a linked unit,
// was handed. It may look, say its word or give it back, no more.
func also(v *tenants.Viewer, act string, one bool, p predicate.WorkOrder) predicate.WorkOrder {
	switch Verb(act) {
	case "get", Hear:
		return workorder.Or(p, askedAbout(v.Tenant, one, unitsOf(v)), handedTo(v.Tenant, one, unitsOf(v)))
	case HandBack, "reveal", "open_attachment":
		return workorder.Or(p, handedTo(v.Tenant, one, unitsOf(v)))
	}
	return p
}

// MayHear says of a change whether its order is in the viewer's scope for get: scope once more, on what was read of the order for all
// who watch, because a thousand streams can't ask the database of every change. A test holds the two to each other.
func (s *Service) MayHear(ctx context.Context, c *Changed) (bool, error) {
	v, r := tenants.From(ctx), c.reach
	own := codes(v)
	switch s.access.Scope(v.Roles(), "work_order", "get") {
	case access.City, access.Region, access.Nation:
		return true, nil
	case access.Unit:
		return overlap(own, r.looks) || slices.ContainsFunc(r.parts, func(p *ent.Assignment) bool { return slices.Contains(own, p.Unit) }), nil
	case access.Subtree:
		tree, err := s.directory.Tree(ctx)
		if err != nil {
			return false, err
		}
		return overlap(own, r.looks) || slices.ContainsFunc(r.parts, func(p *ent.Assignment) bool {
			return slices.ContainsFunc(own, func(code string) bool { return tree[code] != nil && strings.HasPrefix(p.Path, tree[code].Path) })
		}), nil
	case access.Own:
		return v.Login == r.takenBy || v.Login == r.holder, nil
	}
	return false, nil
}

func overlap(a, b []string) bool {
	return slices.ContainsFunc(a, func(x string) bool { return slices.Contains(b, x) })
}

// still narrows to parts that have not ended where the act opens what identifies somebody: a unit that is out of an order may look
// back at it, but has nobody to call.
func still(act string, fits *sql.Predicate) *sql.Predicate {
	switch act {
	case "reveal", "open_attachment":
		return sql.And(fits, sql.IsNull(assignment.FieldEndedAt))
	}
	return fits
}

// askedAbout are the orders with an open return that names one of the units.
func askedAbout(tenant string, one bool, units []any) predicate.WorkOrder {
	return func(o *sql.Selector) {
		t := sql.Table(application.Table)
		o.Where(sql.In(o.C(workorder.FieldID), sql.Select(t.C(application.FieldWorkOrderID)).From(t).
			Where(sql.And(hangs(o, t, tenant, one), sql.EQ(t.C(application.FieldKind), kindReturn),
				sql.In(t.C(application.FieldSuggestedUnit), units...), sql.EQ(t.C(application.FieldStanding), standsOpen)))))
	}
}

// ofOrders narrows applications to those of visible orders.
func ofOrders(tenant string, visible predicate.WorkOrder) predicate.Application {
	return func(p *sql.Selector) {
		o := sql.Table(workorder.Table)
		orders := sql.Dialect(p.Dialect()).Select(o.C(workorder.FieldID)).From(o).Where(sql.EQ(o.C("tenant"), tenant))
		visible(orders)
		p.Where(sql.In(p.C(application.FieldWorkOrderID), orders))
	}
}

func all(*sql.Selector) {}

// ownParts gives the condition that the viewer has an open part (本单位的子任务) in that state: one of their units', for who looks after
// a subtree one of any unit in it, and for who looks after no units anybody's.
func (s *Service) ownParts(ctx context.Context) (func(state string) *sql.Predicate, error) {
	v := tenants.From(ctx)
	whose := sql.NotNull(assignment.FieldUnit)
	switch s.access.Scope(v.Roles(), "work_order", "get") {
	case access.Unit:
		whose = sql.In(assignment.FieldUnit, unitsOf(v)...)
	case access.Subtree:
		paths, err := s.pathsOf(ctx, v)
		if err != nil {
			return nil, err
		}
		whose = sql.Or(paths...)
	}
	return func(state string) *sql.Predicate {
		t := sql.Table(assignment.Table)
		return sql.In(workorder.FieldID, sql.Select(t.C(assignment.FieldWorkOrderID)).From(t).
			Where(sql.And(sql.EQ(t.C("tenant"), v.Tenant), sql.EQ(assignment.FieldState, state), sql.IsNull(assignment.FieldEndedAt), whose)))
	}, nil
}

// assigned narrows to orders that have an assignment which fits.
func assigned(tenant string, one bool, fits *sql.Predicate) predicate.WorkOrder {
	return func(o *sql.Selector) {
		t := sql.Table(assignment.Table)
		o.Where(sql.In(o.C(workorder.FieldID), sql.Select(t.C(assignment.FieldWorkOrderID)).From(t).
			Where(sql.And(hangs(o, t, tenant, one), fits))))
	}
}

// hangs narrows rows that hang on orders to the city's, and for one order to those of that order.
func hangs(o *sql.Selector, t *sql.SelectTable, tenant string, one bool) *sql.Predicate {
	if one {
		return sql.And(sql.EQ(t.C("tenant"), tenant), sql.ColumnsEQ(t.C("work_order_id"), o.C(workorder.FieldID)))
	}
	return sql.EQ(t.C("tenant"), tenant)
}

// codes are those of the viewer's units.
func codes(v *tenants.Viewer) []string {
	var out []string
	for _, p := range v.Posts {
		if p.Unit != "" {
			out = append(out, p.Unit)
		}
	}
	return out
}

// noUnit is no unit's code, nor the empty one of a row that names none.
const noUnit = "-"

// unitsOf are the same for a query.
func unitsOf(v *tenants.Viewer) []any {
	units := []any{noUnit} // never an empty IN ()
	for _, code := range codes(v) {
		units = append(units, code)
	}
	return units
}

// pathsOf are conditions on the path column: the viewer's units and everything below.
func (s *Service) pathsOf(ctx context.Context, v *tenants.Viewer) ([]*sql.Predicate, error) {
	tree, err := s.directory.Tree(ctx)
	if err != nil {
		return nil, err
	}
	under := []*sql.Predicate{sql.EQ("unit", noUnit)}
	for _, p := range v.Posts {
		if u := tree[p.Unit]; u != nil {
			under = append(under, sql.HasPrefix("path", u.Path))
		}
	}
	return under, nil
}

// mine is the assignment of the order that the viewer's unit holds: their own unit's, or for a lead of a subtree one below it.
func (a *act) mine() (*ent.Assignment, error) {
	parts, err := a.s.ent().Assignment.Query().Where(assignment.WorkOrderID(a.order.ID), assignment.EndedAtIsNil()).
		Order(ent.Desc(assignment.FieldLead), ent.Asc(assignment.FieldID)).All(a.ctx)
	if err != nil {
		return nil, fmt.Errorf("assignments of %s: %w", a.order.Number, err)
	}
	for _, p := range parts {
		for _, post := range a.v.Posts {
			if post.Unit != "" && post.Unit == p.Unit {
				return p, nil
			}
		}
	}
	if a.s.access.Scope(a.v.Roles(), "work_order", string(a.verb)) != access.Subtree {
		return nil, notFound()
	}
	tree, err := a.s.directory.Tree(a.ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range parts {
		for _, post := range a.v.Posts {
			if u := tree[post.Unit]; u != nil && strings.HasPrefix(p.Path, u.Path) {
				return p, nil
			}
		}
	}
	return nil, notFound()
}
