package store

import (
	"context"
	stdsql "database/sql"
	"errors"
	"fmt"
	"strings"

	entgo "entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"hotline/ent"
	"hotline/ent/intercept"
	"hotline/tenants"
)

var (
	errOver          = errors.New("database used after its transaction ended")
	errNoTransaction = errors.New("database used outside a transaction")
	errNoTenant      = errors.New("database used without a city")
	errCrossTenant   = errors.New("row of another city")
)

// router sends ent's statements to the transaction in the context. Without one nothing is sent.
type router struct{ name string }

func (r router) Dialect() string { return r.name }
func (r router) Close() error    { return nil }

func (r router) Exec(ctx context.Context, query string, args, v any) error {
	a, err := ambientOf(ctx)
	if err != nil {
		return err
	}
	a.counted()
	if values, ok := args.([]any); ok && a.conn != nil {
		return a.execute(ctx, query, values, v)
	}
	return a.note(sql.Conn{ExecQuerier: a.exec}.Exec(ctx, query, args, v))
}

func (r router) Query(ctx context.Context, query string, args, v any) error {
	a, err := ambientOf(ctx)
	if err != nil {
		return err
	}
	a.counted()
	query, args = inCity(a.tenant, query, args)
	values, ok := args.([]any)
	if found, is := v.(*sql.Rows); ok && is && a.conn != nil {
		return a.ask(ctx, query, values, found)
	}
	return a.note(sql.Conn{ExecQuerier: a.exec}.Query(ctx, query, args, v))
}

// inCity completes the one statement that no hook of ent's can: after updating one row it reads the row back by its id
// alone. Without the tenant that finds another city's row (when nothing was to be changed), misses the key, which leads with
// tenant, and goes to every shard.
func inCity(tenant, query string, args any) (string, any) {
	values, ok := args.([]any)
	if !ok || len(values) != 1 || !strings.HasPrefix(query, "SELECT ") {
		return query, args
	}
	for _, d := range []struct{ column, end, more string }{
		{"`tenant`", " WHERE `id` = ?", " AND `tenant` = ?"},
		{`"tenant"`, ` WHERE "id" = $1`, ` AND "tenant" = $2`},
	} {
		if strings.HasSuffix(query, d.end) && strings.Contains(query, d.column) {
			return query + d.more, []any{values[0], tenant}
		}
	}
	return query, args
}

// ExecContext is for statements that ent can't say (full text). No guard narrows them: they must name their tenant.
func (r router) ExecContext(ctx context.Context, query string, args ...any) (stdsql.Result, error) {
	a, err := ambientOf(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.send(ctx); err != nil {
		return nil, err
	}
	res, err := a.exec.ExecContext(ctx, query, args...)
	return res, a.note(err)
}

// QueryContext is for queries that ent can't say (reports). No guard narrows them: they must name their tenant.
func (r router) QueryContext(ctx context.Context, query string, args ...any) (*stdsql.Rows, error) {
	a, err := ambientOf(ctx)
	if err != nil {
		return nil, err
	}
	if err := a.send(ctx); err != nil {
		return nil, err
	}
	rows, err := a.exec.QueryContext(ctx, query, args...)
	return rows, a.note(err)
}

// Tx joins the transaction that is open: ent asks for one when an operation takes several statements.
func (r router) Tx(context.Context) (dialect.Tx, error) { return dialect.NopTx(r), nil }

// global are the tables of no city; every other type is a city's.
var global = map[string]bool{
	ent.TypeCity: true, ent.TypeAccount: true, ent.TypeGrant: true,
	ent.TypeSession: true, ent.TypeSigningKey: true, ent.TypeThrottle: true, ent.TypeHolidayYear: true,
	ent.TypeListKey: true, ent.TypeListVersion: true, ent.TypeListProgress: true, ent.TypeListLetter: true, ent.TypeAcknowledgement: true,
	ent.TypeListTrust: true, ent.TypeFarPlace: true,
}

// tenantMutation is what every mutation of a tenant table can do, by its mixin.
type tenantMutation interface {
	SetTenant(string)
	Tenant() (string, bool)
	WhereP(...func(*sql.Selector))
}

// guard narrows every query and mutation of a city's tables to the viewer's city; without a city they are refused.
func guard(c *ent.Client) *ent.Client {
	c.Intercept(intercept.TraverseFunc(func(ctx context.Context, q intercept.Query) error {
		if global[q.Type()] {
			return nil
		}
		tenant, err := tenantOf(ctx)
		if err != nil {
			return err
		}
		q.WhereP(sql.FieldEQ("tenant", tenant))
		return nil
	}))
	c.Use(func(next entgo.Mutator) entgo.Mutator {
		return entgo.MutateFunc(func(ctx context.Context, m entgo.Mutation) (entgo.Value, error) {
			if global[m.Type()] {
				return next.Mutate(ctx, m)
			}
			if err := narrow(ctx, m); err != nil {
				return nil, err
			}
			return next.Mutate(ctx, m)
		})
	})
	return c
}

func narrow(ctx context.Context, m entgo.Mutation) error {
	tenant, err := tenantOf(ctx)
	if err != nil {
		return err
	}
	tm, ok := m.(tenantMutation)
	if !ok {
		return fmt.Errorf("%s: %w", m.Type(), errNoTenant)
	}
	if !m.Op().Is(entgo.OpCreate) {
		tm.WhereP(sql.FieldEQ("tenant", tenant))
		return nil
	}
	if set, ok := tm.Tenant(); ok && set != tenant {
		return errCrossTenant
	}
	tm.SetTenant(tenant)
	return nil
}

// tenantOf is the city of the viewer and of the transaction, which must be one: changing the viewer inside a transaction
// opens no other city.
func tenantOf(ctx context.Context) (string, error) {
	v := tenants.From(ctx)
	if v == nil || v.Tenant == "" {
		return "", errNoTenant
	}
	a, err := ambientOf(ctx)
	if err != nil {
		return "", err
	}
	if v.Tenant != a.tenant {
		return "", errCrossTenant
	}
	return v.Tenant, nil
}
