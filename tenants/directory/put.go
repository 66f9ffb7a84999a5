package directory

import (
	"context"
	"fmt"
	"strings"

	"github.com/go-kratos/kratos/v2/errors"
	"google.golang.org/protobuf/proto"

	tenantv1 "hotline/api/tenant/v1"
	"hotline/ent"
	"hotline/ent/catalogueentry"
	"hotline/ent/category"
	"hotline/ent/unit"
	"hotline/tenants/policy/fault"
)

// PutUnit (维护单位) adds a unit or changes it. A unit that moves takes everything below it along.
func (d *Directory) PutUnit(ctx context.Context, req *tenantv1.PutUnitRequest) (*tenantv1.Unit, error) {
	put := unitOf(req.GetUnit())
	summary := fmt.Sprintf("单位 %s %s，上级 %q，停用 %t", put.Code, put.Title, put.Parent, put.Retired)
	err := d.change(ctx, req, summary, func(ctx context.Context, l *lists, faults *fault.Faults) error {
		old := l.units[put.Code]
		if old != nil {
			if err := base(req.GetUnit().GetEtag(), renderUnit(old).GetEtag()); err != nil {
				return err
			}
		}
		if err := l.checkUnit(put, old, faults); err != nil {
			return err
		}
		l.units[put.Code] = put
		put.Path = pathOf(l.units, put.Code)
		return d.saveUnit(ctx, put, old)
	})
	if err != nil {
		return nil, err
	}
	return renderUnit(put), nil
}

// request is what all changes are asked by.
type request interface {
	proto.Message
	GetParent() string
}

// change runs one change of the viewer's city. The line of the record goes first: it makes a second change wait, and fail,
// so that the lists read after it stay as they are (two moves at once could else make a ring of units).
func (d *Directory) change(ctx context.Context, req request, summary string,
	edit func(context.Context, *lists, *fault.Faults) error) error {
	if err := own(ctx, req.GetParent()); err != nil {
		return err
	}
	faults, err := fault.Check(req, "")
	if err == nil {
		err = faults.Err()
	}
	if err != nil {
		return err
	}
	return d.db.Do(ctx, func(ctx context.Context) error {
		if err := d.rec.Write(ctx, "directory.edit", summary); err != nil {
			return err
		}
		l, err := d.load(ctx)
		if err != nil {
			return err
		}
		if err := edit(ctx, l, faults); err != nil {
			return err
		}
		d.kept.Drop(ctx)
		return nil
	})
}

func unitOf(u *tenantv1.Unit) *ent.Unit {
	return &ent.Unit{Code: u.GetCode(), Title: u.GetTitle(), Parent: u.GetParent(), Kind: u.GetKind(), District: u.GetDistrict(),
		Retired: u.GetRetired()}
}

// checkUnit looks at what the tree would become.
func (l *lists) checkUnit(put, old *ent.Unit, faults *fault.Faults) error {
	above := l.units[put.Parent]
	switch {
	case put.Parent == "":
	case above == nil:
		faults.Add("unit.parent", "没有上级单位“%s”，请先建立它。", put.Parent)
	case above.Retired && !put.Retired:
		faults.Add("unit.parent", "上级单位“%s”已停用，请另选上级。", above.Title)
	}
	for up, steps := above, 0; up != nil && steps <= len(l.units); up, steps = l.units[up.Parent], steps+1 {
		if up.Code == put.Code {
			faults.Add("unit.parent", "不能把单位放到它自己或下级单位之下，请另选上级。")
			break
		}
	}
	if err := faults.Err(); err != nil {
		return err
	}
	if put.Retired && old != nil && !old.Retired {
		for _, u := range l.units {
			if u.Parent == put.Code && !u.Retired {
				return errors.Conflict("UNIT_HAS_CHILDREN", fmt.Sprintf("“%s”还有下级单位“%s”在用，请先停用或移走下级。", put.Title, u.Title))
			}
		}
	}
	return nil
}

// saveUnit writes the unit, and the new path of all below it when it moved.
func (d *Directory) saveUnit(ctx context.Context, put, old *ent.Unit) error {
	if old == nil {
		return d.db.Ent.Unit.Create().SetCode(put.Code).SetTitle(put.Title).SetParent(put.Parent).SetPath(put.Path).
			SetKind(put.Kind).SetDistrict(put.District).SetRetired(put.Retired).Exec(ctx)
	}
	err := d.db.Ent.Unit.Update().Where(unit.Code(put.Code)).SetTitle(put.Title).SetParent(put.Parent).
		SetPath(put.Path).SetKind(put.Kind).SetDistrict(put.District).SetRetired(put.Retired).Exec(ctx)
	if err != nil || old.Path == put.Path {
		return err
	}
	below, err := d.db.Ent.Unit.Query().Where(unit.PathHasPrefix(old.Path)).All(ctx)
	if err != nil {
		return err
	}
	for _, u := range below {
		path := put.Path + strings.TrimPrefix(u.Path, old.Path)
		if err := d.db.Ent.Unit.Update().Where(unit.ID(u.ID)).SetPath(path).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// PutCategory (维护分类) adds a category or changes it.
func (d *Directory) PutCategory(ctx context.Context, req *tenantv1.PutCategoryRequest) (*tenantv1.Category, error) {
	c := req.GetCategory()
	summary := fmt.Sprintf("分类 %s %s，停用 %t", c.GetCode(), c.GetTitle(), c.GetRetired())
	err := d.change(ctx, req, summary, func(ctx context.Context, l *lists, _ *fault.Faults) error {
		old := l.categories[c.GetCode()]
		if old == nil {
			return d.newCategory(c).Exec(ctx)
		}
		if err := base(c.GetEtag(), renderCategory(old).GetEtag()); err != nil {
			return err
		}
		return d.db.Ent.Category.Update().Where(category.Code(c.GetCode())).SetTitle(c.GetTitle()).
			SetNationalTitle(c.GetNationalTitle()).SetDefinition(c.GetDefinition()).SetDistinguish(c.GetDistinguish()).
			SetTypical(c.GetTypical()).SetRetired(c.GetRetired()).Exec(ctx)
	})
	if err != nil {
		return nil, err
	}
	c.Etag = etagOf(c)
	return c, nil
}

func (d *Directory) newCategory(c *tenantv1.Category) *ent.CategoryCreate {
	return d.db.Ent.Category.Create().SetCode(c.GetCode()).SetTitle(c.GetTitle()).SetNationalTitle(c.GetNationalTitle()).
		SetDefinition(c.GetDefinition()).SetDistinguish(c.GetDistinguish()).SetTypical(c.GetTypical()).SetRetired(c.GetRetired())
}

// PutCatalogueEntry (维护派单目录) adds an entry or changes the one of the same category, district and lead.
func (d *Directory) PutCatalogueEntry(ctx context.Context, req *tenantv1.PutCatalogueEntryRequest) (*tenantv1.CatalogueEntry, error) {
	e := req.GetEntry()
	summary := fmt.Sprintf("派单目录 %s × %q → %s，停用 %t", e.GetCategory(), e.GetDistrict(), e.GetLead(), e.GetRetired())
	err := d.change(ctx, req, summary, func(ctx context.Context, l *lists, faults *fault.Faults) error {
		l.checkEntry(e, faults)
		if err := faults.Err(); err != nil {
			return err
		}
		for _, old := range l.catalogue {
			if old.Category == e.GetCategory() && old.District == e.GetDistrict() && old.Lead == e.GetLead() {
				if err := base(e.GetEtag(), renderEntry(old).GetEtag()); err != nil {
					return err
				}
			}
		}
		n, err := d.db.Ent.CatalogueEntry.Update().Where(catalogueentry.Category(e.GetCategory()),
			catalogueentry.District(e.GetDistrict()), catalogueentry.Lead(e.GetLead())).SetAssist(e.GetAssist()).SetGround(e.GetGround()).
			SetNotToStreet(e.GetNotToStreet()).SetKeywords(e.GetKeywords()).SetRetired(e.GetRetired()).Save(ctx)
		if err == nil && n == 0 {
			err = d.newEntry(e).Exec(ctx)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	e.Etag = etagOf(e)
	return e, nil
}

func (d *Directory) newEntry(e *tenantv1.CatalogueEntry) *ent.CatalogueEntryCreate {
	return d.db.Ent.CatalogueEntry.Create().SetCategory(e.GetCategory()).SetDistrict(e.GetDistrict()).SetLead(e.GetLead()).
		SetAssist(e.GetAssist()).SetGround(e.GetGround()).SetNotToStreet(e.GetNotToStreet()).SetKeywords(e.GetKeywords()).
		SetRetired(e.GetRetired())
}

// checkEntry: all that an entry names must be in use, and duties of departments are not pushed down to streets.
func (l *lists) checkEntry(e *tenantv1.CatalogueEntry, faults *fault.Faults) {
	if e.GetRetired() {
		return // an entry must be removable whatever has become of its units
	}
	if c := l.categories[e.GetCategory()]; c == nil || c.Retired {
		faults.Add("entry.category", "没有诉求分类“%s”或已停用，请从分类中选择。", e.GetCategory())
	}
	if l.districts[e.GetDistrict()] == nil && e.GetDistrict() != "" {
		faults.Add("entry.district", "本市没有“%s”，请从区县单位中选择。", e.GetDistrict())
	}
	lead := l.units[e.GetLead()]
	switch {
	case lead == nil || lead.Retired:
		faults.Add("entry.lead", "没有单位“%s”或已停用，请从单位名录中选择。", e.GetLead())
	case e.GetNotToStreet() && lead.Kind == "street":
		faults.Add("entry.lead", "此事项不得分派给街道乡镇，主办不能是“%s”。", lead.Title)
	}
	for i, a := range e.GetAssist() {
		at := fmt.Sprintf("entry.assist[%d]", i)
		switch u := l.units[a]; {
		case u == nil || u.Retired:
			faults.Add(at, "没有单位“%s”或已停用，请从单位名录中选择。", a)
		case a == e.GetLead():
			faults.Add(at, "主办单位不能同时是协办单位。")
		}
	}
}
