package directory

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"

	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/proto"

	tenantv1 "hotline/api/tenant/v1"
	"hotline/ent"
)

// ListCities (城市名录) is open to everybody.
func (d *Directory) ListCities(ctx context.Context, _ *tenantv1.ListCitiesRequest) (*tenantv1.ListCitiesResponse, error) {
	cities, err := d.Cities(ctx)
	if err != nil {
		return nil, err
	}
	res := &tenantv1.ListCitiesResponse{}
	for _, c := range cities {
		res.Cities = append(res.Cities, &tenantv1.City{Tenant: c.Code, Title: c.Title, Region: c.Region})
	}
	return res, nil
}

// ListUnits (单位名录) gives the city's tree, each unit after the one above it.
func (d *Directory) ListUnits(ctx context.Context, req *tenantv1.ListUnitsRequest) (*tenantv1.ListUnitsResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	tree, err := d.Tree(ctx)
	if err != nil {
		return nil, err
	}
	byPath := slices.SortedFunc(maps.Values(tree), func(a, b *ent.Unit) int { return cmp.Compare(a.Path, b.Path) })
	res := &tenantv1.ListUnitsResponse{}
	for _, u := range byPath {
		res.Units = append(res.Units, renderUnit(u))
	}
	return res, nil
}

// ListCategories (诉求分类) gives the city's categories under its own names.
func (d *Directory) ListCategories(ctx context.Context, req *tenantv1.ListCategoriesRequest) (*tenantv1.ListCategoriesResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	all, err := d.Categories(ctx)
	if err != nil {
		return nil, err
	}
	res := &tenantv1.ListCategoriesResponse{}
	for _, code := range slices.Sorted(maps.Keys(all)) {
		res.Categories = append(res.Categories, renderCategory(all[code]))
	}
	return res, nil
}

// ListCatalogue (派单目录) gives the city's entries.
func (d *Directory) ListCatalogue(ctx context.Context, req *tenantv1.ListCatalogueRequest) (*tenantv1.ListCatalogueResponse, error) {
	if err := own(ctx, req.GetParent()); err != nil {
		return nil, err
	}
	l, err := d.kept.Get(ctx)
	if err != nil {
		return nil, err
	}
	res := &tenantv1.ListCatalogueResponse{}
	for _, e := range l.catalogue {
		res.Entries = append(res.Entries, renderEntry(e))
	}
	return res, nil
}

func renderUnit(u *ent.Unit) *tenantv1.Unit {
	out := &tenantv1.Unit{Code: u.Code, Title: u.Title, Parent: u.Parent, Kind: u.Kind, District: u.District, Retired: u.Retired}
	out.Etag = etagOf(out)
	return out
}

func renderCategory(c *ent.Category) *tenantv1.Category {
	out := &tenantv1.Category{Code: c.Code, Title: c.Title, NationalTitle: c.NationalTitle, Definition: c.Definition,
		Distinguish: c.Distinguish, Typical: c.Typical, Retired: c.Retired}
	out.Etag = etagOf(out)
	return out
}

func renderEntry(e *ent.CatalogueEntry) *tenantv1.CatalogueEntry {
	out := &tenantv1.CatalogueEntry{Category: e.Category, District: e.District, Lead: e.Lead, Assist: e.Assist, Ground: e.Ground,
		NotToStreet: e.NotToStreet, Keywords: e.Keywords, Retired: e.Retired}
	out.Etag = etagOf(out)
	return out
}

// etagOf is a digest of what a row says; its own etag is left out.
func etagOf(m interface {
	proto.Message
	GetEtag() string
}) string {
	bare := proto.Clone(m)
	bare.ProtoReflect().Clear(bare.ProtoReflect().Descriptor().Fields().ByName("etag"))
	raw, err := proto.MarshalOptions{Deterministic: true}.Marshal(bare)
	if err != nil {
		return "" // no row that was checked fails here; without an etag no base is asked for
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:8])
}

// base refuses a change of what is no longer as the one who changes it saw it.
func base(seen, now string) error {
	if seen != "" && seen != now {
		return errors.Conflict("CONFLICT", "其他同志刚刚修改了这一条，请刷新后在新的内容上修改。")
	}
	return nil
}
