package directory

import (
	"context"
	"fmt"

	"github.com/go-kratos/kratos/v2/errors"

	tenantv1 "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/tenants/policy/fault"
)

// Start (初始名录) is the directory that a new city begins with.
type Start struct {
	Units      []*tenantv1.Unit
	Categories []*tenantv1.Category
	Catalogue  []*tenantv1.CatalogueEntry
}

// Found (开通) writes a new city's directory at once, under the same checks as piece by piece and with one line of record.
func (d *Directory) Found(ctx context.Context, start Start) error {
	return d.db.Do(ctx, func(ctx context.Context) error {
		l, err := d.load(ctx)
		if err != nil {
			return err
		}
		if len(l.units)+len(l.categories) > 0 {
			return errors.Conflict("DIRECTORY_EXISTS", "本市已有名录，请逐项维护。")
		}
		if err := l.found(start); err != nil {
			return err
		}
		if err := d.saveAll(ctx, l, start); err != nil {
			return err
		}
		d.kept.Drop(ctx)
		return d.rec.Write(ctx, "directory.found", fmt.Sprintf("建立名录：单位 %d 个，分类 %d 个，派单目录 %d 条",
			len(start.Units), len(start.Categories), len(start.Catalogue)))
	})
}

// found builds the lists in memory, a unit after the one above it, and checks each piece.
func (l *lists) found(start Start) error {
	for i, u := range start.Units {
		faults, err := fault.Check(u, fmt.Sprintf("units[%d]", i))
		if err != nil {
			return err
		}
		put := unitOf(u)
		if l.units[put.Code] != nil {
			faults.Add(fmt.Sprintf("units[%d].code", i), "单位代码“%s”写了两次。", put.Code)
		}
		if err := l.checkUnit(put, nil, faults); err != nil {
			return err
		}
		l.units[put.Code] = put
		put.Path = pathOf(l.units, put.Code)
		if put.Kind == "district" && put.District != "" {
			l.districts[put.District] = put
		}
	}
	for i, c := range start.Categories {
		faults, err := fault.Check(c, fmt.Sprintf("categories[%d]", i))
		if err != nil {
			return err
		}
		if err := faults.Err(); err != nil {
			return err
		}
		l.categories[c.GetCode()] = &ent.Category{Code: c.GetCode(), Title: c.GetTitle(), Retired: c.GetRetired()}
	}
	for i, e := range start.Catalogue {
		faults, err := fault.Check(e, fmt.Sprintf("catalogue[%d]", i))
		if err != nil {
			return err
		}
		if l.checkEntry(e, faults); faults.Err() != nil {
			return fmt.Errorf("catalogue[%d]: %w", i, faults.Err())
		}
	}
	return nil
}

func (d *Directory) saveAll(ctx context.Context, l *lists, start Start) error {
	var units []*ent.UnitCreate
	for _, s := range start.Units {
		u := l.units[s.GetCode()]
		units = append(units, d.db.Ent.Unit.Create().SetCode(u.Code).SetTitle(u.Title).SetParent(u.Parent).SetPath(u.Path).
			SetKind(u.Kind).SetDistrict(u.District).SetRetired(u.Retired))
	}
	var categories []*ent.CategoryCreate
	for _, c := range start.Categories {
		categories = append(categories, d.newCategory(c))
	}
	var entries []*ent.CatalogueEntryCreate
	for _, e := range start.Catalogue {
		entries = append(entries, d.newEntry(e))
	}
	if err := d.db.Ent.Unit.CreateBulk(units...).Exec(ctx); err != nil {
		return fmt.Errorf("units: %w", err)
	}
	if err := d.db.Ent.Category.CreateBulk(categories...).Exec(ctx); err != nil {
		return fmt.Errorf("categories: %w", err)
	}
	if err := d.db.Ent.CatalogueEntry.CreateBulk(entries...).Exec(ctx); err != nil {
		return fmt.Errorf("catalogue: %w", err)
	}
	return nil
}
