package directory

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/go-kratos/kratos/v2/errors"

	tenantv1 "hotline/api/tenant/v1"
	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
	"hotline/tenants/privacy"
	"hotline/tenants/record"
	"hotline/tenants/vault"
	"hotline/tenants/vault/lately"
)

const (
	nanjing = "320100"
	suzhou  = "320500"
)

func in(code string) context.Context {
	return tenants.With(context.Background(), &tenants.Viewer{Login: "admin." + code, Tenant: code})
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// start is a small city: two departments, a district with two streets, one category with entries.
func start() Start {
	return Start{
		Units: []*tenantv1.Unit{
			{Code: "U02", Title: "城管局", Kind: "department"},
			{Code: "U06", Title: "市场监管局", Kind: "department"},
			{Code: "D01", Title: "江宁区政府", Kind: "district", District: "江宁区"},
			{Code: "S1", Title: "东山街道", Kind: "street", Parent: "D01", District: "江宁区"},
			{Code: "S2", Title: "汤山街道", Kind: "street", Parent: "D01", District: "江宁区"},
		},
		Categories: []*tenantv1.Category{{Code: "12", Title: "城市管理"}, {Code: "1203", Title: "占道经营"}, {Code: "1299", Title: "其他"}},
		Catalogue: []*tenantv1.CatalogueEntry{
			{Category: "1203", Lead: "U02", Ground: "三定方案", NotToStreet: true, Keywords: []string{"摆摊", "夜宵摊占了人行道"}},
			{Category: "1203", Lead: "U06", Ground: "无照经营", NotToStreet: true},
			{Category: "1203", District: "江宁区", Lead: "U02", Assist: []string{"S1"}, Ground: "三定方案"},
			{Category: "12", Lead: "U02", Ground: "三定方案"},
		},
	}
}

// open founds two cities; time passes on the directory only when the test says so.
func open(t *testing.T, s *store.Store) *Directory {
	t.Helper()
	m, _ := privacy.NewMaster()
	v := vault.New(s, m)
	d := New(s, record.New(s, v))
	now := time.Now()
	d.kept.Now = func() time.Time { return now }
	for code, region := range map[string]string{nanjing: "长三角", suzhou: "长三角", "100002": "长三角"} {
		must(t, s.Do(in(code), func(ctx context.Context) error {
			if err := s.Ent.City.Create().SetCode(code).SetTitle(code).SetRegion(region).Exec(ctx); err != nil {
				return err
			}
			return v.Create(ctx, privacy.AES)
		}))
	}
	must(t, d.Found(in(nanjing), start()))
	return d
}

func putUnit(d *Directory, u *tenantv1.Unit) error {
	_, err := d.PutUnit(in(nanjing), &tenantv1.PutUnitRequest{Parent: "tenants/" + nanjing, Unit: u})
	return err
}

func putEntry(d *Directory, e *tenantv1.CatalogueEntry) error {
	_, err := d.PutCatalogueEntry(in(nanjing), &tenantv1.PutCatalogueEntryRequest{Parent: "tenants/" + nanjing, Entry: e})
	return err
}

func putCategory(d *Directory, c *tenantv1.Category) error {
	_, err := d.PutCategory(in(nanjing), &tenantv1.PutCategoryRequest{Parent: "tenants/" + nanjing, Category: c})
	return err
}

func TestAUnitThatMovesTakesAllBelowItAlong(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s)
		must(t, putUnit(d, &tenantv1.Unit{Code: "S1_1", Title: "东山街道城管中队", Kind: "department", Parent: "S1"}))
		must(t, putUnit(d, &tenantv1.Unit{Code: "S1", Title: "东山街道办", Kind: "street", Parent: "S2", District: "江宁区"}))
		must(t, putUnit(d, &tenantv1.Unit{Code: "U02", Title: "城市管理局", Kind: "department"}))
		for code, path := range map[string]string{"D01": "D01/", "S2": "D01/S2/", "S1": "D01/S2/S1/", "S1_1": "D01/S2/S1/S1_1/", "U02": "U02/"} {
			if u, err := d.Unit(in(nanjing), code); err != nil || u.Path != path {
				t.Errorf("%s lies at %v, %v; want %s", code, u, err, path)
			}
		}
		list, err := d.ListUnits(in(nanjing), &tenantv1.ListUnitsRequest{Parent: "tenants/" + nanjing})
		must(t, err)
		var codes []string
		for _, u := range list.GetUnits() {
			codes = append(codes, u.GetCode())
		}
		if !slices.Equal(codes, []string{"D01", "S2", "S1", "S1_1", "U02", "U06"}) {
			t.Errorf("listed as %v: a unit comes after the one above it", codes)
		}
	})
}

func TestUnitsThatCanNotBe(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s)
		must(t, putUnit(d, &tenantv1.Unit{Code: "OLD", Title: "旧局", Kind: "department", Retired: true}))
		for name, c := range map[string]struct {
			unit  *tenantv1.Unit
			field string
		}{
			"under itself":       {&tenantv1.Unit{Code: "D01", Title: "江宁区政府", Kind: "district", Parent: "D01"}, "unit.parent"},
			"under its own unit": {&tenantv1.Unit{Code: "D01", Title: "江宁区政府", Kind: "district", Parent: "S1"}, "unit.parent"},
			"under nobody":       {&tenantv1.Unit{Code: "X", Title: "新局", Kind: "department", Parent: "NONE"}, "unit.parent"},
			"under a retired":    {&tenantv1.Unit{Code: "X", Title: "新局", Kind: "department", Parent: "OLD"}, "unit.parent"},
			"of no kind":         {&tenantv1.Unit{Code: "X", Title: "新局", Kind: "club"}, "unit.kind"},
			"without a name":     {&tenantv1.Unit{Code: "X", Kind: "department"}, "unit.title"},
			"with a slash":       {&tenantv1.Unit{Code: "X/Y", Title: "新局", Kind: "department"}, "unit.code"},
		} {
			err := putUnit(d, c.unit)
			if !errors.IsBadRequest(err) || errors.FromError(err).GetMetadata()["field."+c.field] == "" {
				t.Errorf("a unit %s: %v", name, err)
			}
		}
		err := putUnit(d, &tenantv1.Unit{Code: "D01", Title: "江宁区政府", Kind: "district", District: "江宁区", Retired: true})
		if errors.Reason(err) != "UNIT_HAS_CHILDREN" {
			t.Errorf("retiring a district with streets: %v", err)
		}
		for _, code := range []string{"S1", "S2"} {
			must(t, putUnit(d, &tenantv1.Unit{Code: code, Title: code, Kind: "street", Parent: "D01", Retired: true}))
		}
		must(t, putUnit(d, &tenantv1.Unit{Code: "D01", Title: "江宁区政府", Kind: "district", District: "江宁区", Retired: true}))
		if u, err := d.Unit(in(nanjing), "D01"); err != nil || !u.Retired {
			t.Errorf("old orders must still name the unit: %v, %v", u, err)
		}
	})
}

func TestTwoMovesAtOnceMakeNoRing(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s)
		done := make(chan error, 2)
		for child, parent := range map[string]string{"S1": "S2", "S2": "S1"} {
			go func() { done <- putUnit(d, &tenantv1.Unit{Code: child, Title: child, Kind: "street", Parent: parent}) }()
		}
		won := 0
		for range cap(done) {
			switch err := <-done; {
			case err == nil:
				won++
			case errors.Reason(err) != "CONFLICT" && !errors.IsBadRequest(err):
				t.Error(err)
			}
		}
		tree, err := d.Tree(in(nanjing))
		must(t, err)
		if won != 1 || tree["S1"].Parent == "S2" && tree["S2"].Parent == "S1" {
			t.Errorf("%d moves succeeded: S1 under %s, S2 under %s", won, tree["S1"].Parent, tree["S2"].Parent)
		}
	})
}

func TestTheCatalogueNamesOnlyWhatIsInUse(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s)
		must(t, putUnit(d, &tenantv1.Unit{Code: "OLD", Title: "旧局", Kind: "department", Retired: true}))
		must(t, putCategory(d, &tenantv1.Category{Code: "1298", Title: "旧类", Retired: true}))
		for name, c := range map[string]struct {
			entry *tenantv1.CatalogueEntry
			field string
		}{
			"an unknown lead":                  {&tenantv1.CatalogueEntry{Category: "1203", Lead: "NONE", Ground: "三定方案"}, "entry.lead"},
			"a retired lead":                   {&tenantv1.CatalogueEntry{Category: "1203", Lead: "OLD", Ground: "三定方案"}, "entry.lead"},
			"an unknown assist":                {&tenantv1.CatalogueEntry{Category: "1203", Lead: "U02", Assist: []string{"S1", "NONE"}, Ground: "三定方案"}, "entry.assist[1]"},
			"a lead that assists":              {&tenantv1.CatalogueEntry{Category: "1203", Lead: "U02", Assist: []string{"U02"}, Ground: "三定方案"}, "entry.assist[0]"},
			"an unknown category":              {&tenantv1.CatalogueEntry{Category: "9999", Lead: "U02", Ground: "三定方案"}, "entry.category"},
			"a retired category":               {&tenantv1.CatalogueEntry{Category: "1298", Lead: "U02", Ground: "三定方案"}, "entry.category"},
			"another city's place":             {&tenantv1.CatalogueEntry{Category: "1203", District: "姑苏区", Lead: "U02", Ground: "三定方案"}, "entry.district"},
			"no ground":                        {&tenantv1.CatalogueEntry{Category: "1203", Lead: "U02"}, "entry.ground"},
			"a department's duty for a street": {&tenantv1.CatalogueEntry{Category: "1203", Lead: "S1", Ground: "三定方案", NotToStreet: true}, "entry.lead"},
		} {
			err := putEntry(d, c.entry)
			if !errors.IsBadRequest(err) || errors.FromError(err).GetMetadata()["field."+c.field] == "" {
				t.Errorf("an entry with %s: %v", name, err)
			}
		}
		must(t, putEntry(d, &tenantv1.CatalogueEntry{Category: "1299", Lead: "S1", Ground: "属地管理"}))
		must(t, putEntry(d, &tenantv1.CatalogueEntry{Category: "1299", Lead: "S1", Ground: "裁决结果"}))
		list, err := d.ListCatalogue(in(nanjing), &tenantv1.ListCatalogueRequest{Parent: "tenants/" + nanjing})
		must(t, err)
		if n := len(list.GetEntries()); n != 5 || list.GetEntries()[4].GetGround() != "裁决结果" {
			t.Errorf("%d entries: %v", n, list.GetEntries())
		}
	})
}

func TestSuggestionsSayWhoAndWhy(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s)
		for _, c := range []struct {
			name, category, district, text string
			leads                          []string
			ground                         string
		}{
			{"district before city", "1203", "江宁区", "", []string{"U02", "U06", "D01"}, "目录：占道经营 × 江宁区（城管局）"},
			{"the whole city", "1203", "", "", []string{"U02", "U06"}, "目录：占道经营（城管局）"},
			{"a word raises", "1203", "鼓楼区", "门口每晚有人摆摊", []string{"U02", "U06"}, "目录：占道经营（城管局）；诉求提到“摆摊”"},
			{"a phrase in other words", "1203", "", "夜宵摊把人行道占了", []string{"U02", "U06"}, "目录：占道经营（城管局）；诉求提到“夜宵摊占了人行道”"},
			{"the category above", "1299", "江宁区", "", []string{"U02", "D01"}, "目录：城市管理（城管局）"},
			{"no category yet", "", "江宁区", "有人摆摊", []string{"U02", "D01"}, "目录：占道经营（城管局）；诉求提到“摆摊”"},
			{"nobody's matter", "0101", "江宁区", "", []string{"D01"}, "区县兜底：目录之外的事项由江宁区研究办理（江宁区政府）"},
			{"nobody and nowhere", "0101", "", "", nil, ""},
		} {
			got, err := d.Suggest(in(nanjing), c.category, c.district, c.text)
			must(t, err)
			var leads []string
			for i, g := range got {
				leads = append(leads, g.Lead)
				if g.Confidence < 1 || g.Confidence > surest || i > 0 && g.Confidence > got[i-1].Confidence {
					t.Errorf("%s: confidence %d after %d", c.name, g.Confidence, got[max(i-1, 0)].Confidence)
				}
			}
			if !slices.Equal(leads, c.leads) || len(got) > 0 && got[0].Ground != c.ground {
				t.Errorf("%s: %+v", c.name, got)
			}
		}
		got, err := d.Suggest(in(nanjing), "1203", "江宁区", "")
		must(t, err)
		if !slices.Equal(got[0].Assist, []string{"S1"}) || got[0].NotToStreet || !got[1].NotToStreet {
			t.Errorf("assist and street rule: %+v", got)
		}
		plain, err := d.Suggest(in(nanjing), "1203", "", "")
		must(t, err)
		words, err := d.Suggest(in(nanjing), "1203", "", "摆摊")
		must(t, err)
		if words[0].Confidence <= plain[0].Confidence {
			t.Errorf("the word did not raise: %d, %d", words[0].Confidence, plain[0].Confidence)
		}
	})
}

func TestARetiredUnitIsNotSuggested(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s)
		must(t, putUnit(d, &tenantv1.Unit{Code: "S1", Title: "东山街道", Kind: "street", Parent: "D01", District: "江宁区", Retired: true}))
		must(t, putUnit(d, &tenantv1.Unit{Code: "U06", Title: "市场监管局", Kind: "department", Retired: true}))
		must(t, putEntry(d, &tenantv1.CatalogueEntry{Category: "12", Lead: "U02", Ground: "三定方案", Retired: true}))
		got, err := d.Suggest(in(nanjing), "1203", "江宁区", "")
		must(t, err)
		if len(got) != 2 || got[0].Lead != "U02" || len(got[0].Assist) != 0 {
			t.Errorf("%+v", got)
		}
	})
}

func TestAnotherCitysDirectoryDoesNotExist(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s)
		ctx, parent := in(suzhou), "tenants/"+nanjing
		_, unit := d.Unit(ctx, "U02")
		_, category := d.Category(ctx, "1203")
		_, units := d.ListUnits(ctx, &tenantv1.ListUnitsRequest{Parent: parent})
		_, categories := d.ListCategories(ctx, &tenantv1.ListCategoriesRequest{Parent: parent})
		_, catalogue := d.ListCatalogue(ctx, &tenantv1.ListCatalogueRequest{Parent: parent})
		_, put := d.PutUnit(ctx, &tenantv1.PutUnitRequest{Parent: parent, Unit: start().Units[0]})
		_, putC := d.PutCategory(ctx, &tenantv1.PutCategoryRequest{Parent: parent, Category: start().Categories[0]})
		_, putE := d.PutCatalogueEntry(ctx, &tenantv1.PutCatalogueEntryRequest{Parent: parent, Entry: start().Catalogue[0]})
		for name, err := range map[string]error{"unit": unit, "category": category, "units": units, "categories": categories,
			"catalogue": catalogue, "put unit": put, "put category": putC, "put entry": putE} {
			if !errors.IsNotFound(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if got, err := d.Suggest(ctx, "1203", "江宁区", "摆摊"); err != nil || len(got) != 0 {
			t.Errorf("Suzhou is told of Nanjing's units: %v, %v", got, err)
		}
	})
}

func TestEverybodyMayReadTheListOfCities(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s)
		res, err := d.ListCities(context.Background(), &tenantv1.ListCitiesRequest{})
		must(t, err)
		if len(res.GetCities()) != 2 || res.GetCities()[0].GetTenant() != nanjing || res.GetCities()[0].GetRegion() != "长三角" {
			t.Errorf("cities %v: places of work of a region are none", res.GetCities())
		}
		regions, err := d.Regions(context.Background())
		if err != nil || len(regions) != 1 || len(regions[0].Cities) != 2 {
			t.Errorf("regions %v, %v", regions, err)
		}
	})
}

func TestEveryChangeIsRecordedAndReachesOtherReplicasWithinTwoSeconds(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s)
		there := New(s, d.rec)
		now := time.Now()
		there.kept.Now = func() time.Time { return now }
		_, err := there.Tree(in(nanjing))
		must(t, err)
		must(t, putCategory(d, &tenantv1.Category{Code: "1203", Title: "占道经营与店招", NationalTitle: "占道经营"}))
		if c, err := d.Category(in(nanjing), "1203"); err != nil || c.Title != "占道经营与店招" {
			t.Errorf("here: %v, %v", c, err)
		}
		now = now.Add(lately.Age)
		if c, err := there.Category(in(nanjing), "1203"); err != nil || c.Title != "占道经营与店招" {
			t.Errorf("there: %v, %v", c, err)
		}
		lines, err := d.rec.Verify(in(nanjing))
		if err != nil || lines != 2 {
			t.Errorf("%d lines, %v", lines, err)
		}
	})
}

func TestADirectoryIsFoundedOnceAndWhole(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d := open(t, s)
		if err := d.Found(in(nanjing), start()); errors.Reason(err) != "DIRECTORY_EXISTS" {
			t.Errorf("a second time: %v", err)
		}
		for name, spoil := range map[string]func(*Start){
			"a unit before the one above it": func(s *Start) { slices.Reverse(s.Units) },
			"a unit twice":                   func(s *Start) { s.Units = append(s.Units, s.Units[0]) },
			"a category without a name":      func(s *Start) { s.Categories[0].Title = "" },
			"an entry for nobody":            func(s *Start) { s.Catalogue[0].Lead = "NONE" },
			"an entry without ground":        func(s *Start) { s.Catalogue[0].Ground = "" },
		} {
			bad := start()
			spoil(&bad)
			if err := d.Found(in(suzhou), bad); !errors.IsBadRequest(err) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if tree, err := d.Tree(in(suzhou)); err != nil || len(tree) != 0 {
			t.Errorf("half a directory: %v, %v", tree, err)
		}
		err := d.Found(in(suzhou), Start{Units: []*tenantv1.Unit{{Code: "U02", Title: "城管局", Kind: "club"}}})
		if !strings.Contains(err.Error(), "units[0].kind") {
			t.Errorf("which unit is wrong: %v", err)
		}
		must(t, d.Found(in(suzhou), Start{Categories: start().Categories})) // units are the city's own to enter
		if _, err := d.Category(in(suzhou), "1203"); err != nil {
			t.Error(err)
		}
	})
}

func TestTheSlowerOfTwoAdministratorsIsToldNotOverruled(t *testing.T) {
	storetest.Each(t, func(t *testing.T, s *store.Store) {
		d, parent := open(t, s), "tenants/"+nanjing
		units, err := d.ListUnits(in(nanjing), &tenantv1.ListUnitsRequest{Parent: parent})
		must(t, err)
		categories, err := d.ListCategories(in(nanjing), &tenantv1.ListCategoriesRequest{Parent: parent})
		must(t, err)
		entries, err := d.ListCatalogue(in(nanjing), &tenantv1.ListCatalogueRequest{Parent: parent})
		must(t, err)
		u, c, e := units.GetUnits()[0], categories.GetCategories()[0], entries.GetEntries()[0]
		for name, put := range map[string]func(words, etag string) (string, error){
			"unit": func(words, etag string) (string, error) {
				u.Title, u.Etag = words, etag
				out, err := d.PutUnit(in(nanjing), &tenantv1.PutUnitRequest{Parent: parent, Unit: u})
				return out.GetEtag(), err
			},
			"category": func(words, etag string) (string, error) {
				c.Definition, c.Etag = words, etag
				out, err := d.PutCategory(in(nanjing), &tenantv1.PutCategoryRequest{Parent: parent, Category: c})
				return out.GetEtag(), err
			},
			"entry": func(words, etag string) (string, error) {
				e.Ground, e.Etag = words, etag
				out, err := d.PutCatalogueEntry(in(nanjing), &tenantv1.PutCatalogueEntryRequest{Parent: parent, Entry: e})
				return out.GetEtag(), err
			},
		} {
			seen := map[string]string{"unit": u.GetEtag(), "category": c.GetEtag(), "entry": e.GetEtag()}[name]
			now, err := put("先到的修改", seen)
			if err != nil || now == "" || now == seen {
				t.Fatalf("%s: %q, %v", name, now, err)
			}
			if _, err := put("后到的修改", seen); errors.Reason(err) != "CONFLICT" {
				t.Errorf("%s: what somebody else changed was overwritten: %v", name, err)
			}
			if _, err := put("看过之后的修改", now); err != nil {
				t.Errorf("%s: %v", name, err)
			}
		}
	})
}
