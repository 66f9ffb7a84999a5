// Package directory is a city's name list (名录): its units in a tree, its categories under its own names, and the dispatch
// catalogue (派单目录) that says which unit a matter goes to. See DESIGN.md.
package directory

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-kratos/kratos/v2/errors"

	tenantv1 "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/ent/catalogueentry"
	"hotline/ent/city"
	"hotline/ent/store"
	"hotline/ent/unit"
	"hotline/tenants"
	"hotline/tenants/record"
	"hotline/tenants/vault/lately"
)

// Directory serves the name lists of all cities.
type Directory struct {
	tenantv1.UnimplementedDirectoryServer

	db   *store.Store
	rec  *record.Record
	kept *lately.Kept[*lists]
}

// lists are a city's lists in memory; shared, never changed.
type lists struct {
	units      map[string]*ent.Unit
	districts  map[string]*ent.Unit // by the district's name
	categories map[string]*ent.Category
	catalogue  []*ent.CatalogueEntry
}

// New opens the directory.
func New(db *store.Store, rec *record.Record) *Directory {
	d := &Directory{db: db, rec: rec}
	d.kept = lately.Keep(db, d.mark, d.load)
	return d
}

// mark is the last line of the city's record: no change to the directory goes without one.
func (d *Directory) mark(ctx context.Context) (string, error) {
	seq, err := d.rec.Latest(ctx)
	return strconv.Itoa(seq), err
}

func (d *Directory) load(ctx context.Context) (*lists, error) {
	l := &lists{units: map[string]*ent.Unit{}, districts: map[string]*ent.Unit{}, categories: map[string]*ent.Category{}}
	units, err := d.db.Ent.Unit.Query().Order(ent.Asc(unit.FieldCode)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("units: %w", err)
	}
	for _, u := range units {
		l.units[u.Code] = u
		if u.Kind == "district" && u.District != "" && !u.Retired {
			l.districts[u.District] = u
		}
	}
	categories, err := d.db.Ent.Category.Query().All(ctx)
	if err != nil {
		return nil, fmt.Errorf("categories: %w", err)
	}
	for _, c := range categories {
		l.categories[c.Code] = c
	}
	l.catalogue, err = d.db.Ent.CatalogueEntry.Query().Order(ent.Asc(catalogueentry.FieldCategory, catalogueentry.FieldDistrict,
		catalogueentry.FieldLead)).All(ctx)
	if err != nil {
		return nil, fmt.Errorf("catalogue: %w", err)
	}
	return l, nil
}

// Tree (单位树) are the units of the viewer's city by code, retired ones too: old orders name them. Not to be changed.
func (d *Directory) Tree(ctx context.Context) (map[string]*ent.Unit, error) {
	l, err := d.kept.Get(ctx)
	if err != nil {
		return nil, err
	}
	return l.units, nil
}

// Unit (承办单位) finds a unit of the viewer's city, also a retired one.
func (d *Directory) Unit(ctx context.Context, code string) (*ent.Unit, error) {
	tree, err := d.Tree(ctx)
	if err != nil {
		return nil, err
	}
	if u := tree[code]; u != nil {
		return u, nil
	}
	return nil, errors.NotFound("NOT_FOUND", fmt.Sprintf("本市名录中没有单位“%s”，请从单位名录中选择。", code))
}

// Categories (诉求分类) are the categories of the viewer's city by code, retired ones too. Not to be changed.
func (d *Directory) Categories(ctx context.Context) (map[string]*ent.Category, error) {
	l, err := d.kept.Get(ctx)
	if err != nil {
		return nil, err
	}
	return l.categories, nil
}

// Category (诉求分类) finds a category of the viewer's city, also a retired one.
func (d *Directory) Category(ctx context.Context, code string) (*ent.Category, error) {
	categories, err := d.Categories(ctx)
	if err != nil {
		return nil, err
	}
	if c := categories[code]; c != nil {
		return c, nil
	}
	return nil, errors.NotFound("NOT_FOUND", fmt.Sprintf("本市没有诉求分类“%s”，请从分类中选择。", code))
}

// Region (联动区域) are cities that help each other.
type Region struct {
	Name   string
	Cities []*ent.City
}

// Cities are the cities of the deployment by code, without the shredded ones. The places of work of the centre and the
// regions are no cities: GB/T 2260 begins at 110000.
func (d *Directory) Cities(ctx context.Context) (cities []*ent.City, err error) {
	err = d.db.View(ctx, func(ctx context.Context) error {
		cities, err = d.db.Ent.City.Query().Where(city.CodeGTE("110000"), city.ShreddedAtIsNil()).
			Order(ent.Asc(city.FieldCode)).All(ctx)
		if err != nil {
			return fmt.Errorf("cities: %w", err)
		}
		return nil
	})
	return cities, err
}

// All are the cities and the places of work by code, shredded ones too: what an operator looks after.
func (d *Directory) All(ctx context.Context) (all []*ent.City, err error) {
	err = d.db.View(ctx, func(ctx context.Context) error {
		if all, err = d.db.Ent.City.Query().Order(ent.Asc(city.FieldCode)).All(ctx); err != nil {
			return fmt.Errorf("cities: %w", err)
		}
		return nil
	})
	return all, err
}

// Regions are the cities by region; those without one are left out.
func (d *Directory) Regions(ctx context.Context) ([]Region, error) {
	cities, err := d.Cities(ctx)
	if err != nil {
		return nil, err
	}
	var regions []Region
	for _, c := range cities {
		i := slices.IndexFunc(regions, func(r Region) bool { return r.Name == c.Region })
		switch {
		case c.Region == "":
		case i < 0:
			regions = append(regions, Region{c.Region, []*ent.City{c}})
		default:
			regions[i].Cities = append(regions[i].Cities, c)
		}
	}
	return regions, nil
}

// own refuses the name of another city as if it did not exist.
func own(ctx context.Context, parent string) error {
	if v := tenants.From(ctx); v == nil || v.Tenant == "" || parent != "tenants/"+v.Tenant {
		return errors.NotFound("NOT_FOUND", "没有找到，或不在您可见的范围内。")
	}
	return nil
}

// pathOf is the unit's place in the tree: the codes from the top, each followed by a slash.
func pathOf(units map[string]*ent.Unit, code string) string {
	var codes []string
	for code != "" && len(codes) <= len(units) {
		codes = append(codes, code)
		code = units[code].Parent
	}
	slices.Reverse(codes)
	return strings.Join(codes, "/") + "/"
}
