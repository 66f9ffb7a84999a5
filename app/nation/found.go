package nation

import (
	"context"
	"fmt"

	tenantv1 "hotline/api/tenant/v1"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/directory"
	"hotline/tenants/privacy"
)

// FoundCity (开通城市) makes one real city: its row, its keys, its rules and the category tree to begin with. Units and people
// are the city's own to enter.
func FoundCity(ctx context.Context, d Deps, c City, rules *tenantv1.Policy) error {
	suite, err := privacy.ParseSuite(c.Suite)
	if err != nil {
		return err
	}
	ctx = tenants.With(ctx, tenants.System(c.Code))
	err = d.Store.Do(ctx, func(ctx context.Context) error {
		err := d.Store.Ent.City.Create().SetCode(c.Code).SetTitle(c.Title).SetRegion(c.Region).SetSuite(c.Suite).
			SetCreatedAt(store.Now(ctx)).Exec(ctx)
		if err != nil {
			return err
		}
		if err := d.Vault.Create(ctx, suite); err != nil {
			return err
		}
		if err := d.Book.Found(ctx, rules, privacy.DefaultPolicy()); err != nil {
			return err
		}
		return d.Directory.Found(ctx, directory.Start{Categories: start(c.Code).Categories})
	})
	if err != nil {
		return fmt.Errorf("found city %s: %w", c.Title, err)
	}
	return nil
}
