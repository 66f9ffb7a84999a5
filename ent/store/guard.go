package store

import (
	"context"
	"errors"
	"fmt"

	entgo "entgo.io/ent"
	"entgo.io/ent/dialect"
	"entgo.io/ent/dialect/sql"

	"hotline/ent"
	"hotline/ent/intercept"
	"hotline/tenants"
)

var (
	errNoTransaction = errors.New("database used outside a transaction")
	errNoTenant      = errors.New("database used without a city")
	errCrossTenant   = errors.New("row of another city")
)

// router sends ent's statements to the transaction in the context. Without one nothing is sent.
type router struct{ name string }

func (r router) Dialect() string { return r.name }
func (r router) Close() error    { return nil }

func (r router) Exec(ctx context.Context, query string, args, v any) error {
	a, ok := ctx.Value(ambientKey{}).(*ambient)
	if !ok {
		return errNoTransaction
	}
	return sql.Conn{ExecQuerier: a.exec}.Exec(ctx, query, args, v)
}

func (r router) Query(ctx context.Context, query string, args, v any) error {
	a, ok := ctx.Value(ambientKey{}).(*ambient)
	if !ok {
		return errNoTransaction
	}
	return sql.Conn{ExecQuerier: a.exec}.Query(ctx, query, args, v)
}

// Tx joins the transaction that is open: ent asks for one when an operation takes several statements.
func (r router) Tx(context.Context) (dialect.Tx, error) { return dialect.NopTx(r), nil }

// global are the tables of no city; every other type is a city's.
var global = map[string]bool{
	ent.TypeCity: true, ent.TypeAccount: true, ent.TypeGrant: true,
	ent.TypeSession: true, ent.TypeSigningKey: true, ent.TypeThrottle: true,
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

func tenantOf(ctx context.Context) (string, error) {
	v := tenants.From(ctx)
	if v == nil || v.Tenant == "" {
		return "", errNoTenant
	}
	return v.Tenant, nil
}
