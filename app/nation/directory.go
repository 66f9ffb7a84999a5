package nation

import (
	"fmt"
	"slices"
	"strings"

	tenantv1 "hotline/api/tenant/v1"
	"hotline/tenants/directory"
)

// streetNames are invented; each district takes the next two.
var streetNames = []string{"云溪", "梧桐", "清荷", "石桥", "青禾", "望江", "松岭", "柳湾"}

// subOffices are the departments that have an office in some districts.
var subOffices = []string{"U02", "U06"}

// withOffices is in how many districts of a city they have one.
const withOffices = 3

// ownTitles are categories under a city's own name; the national name stays beside it.
var ownTitles = map[string]map[string]string{
	"110000": {"0504": "供暖", "0602": "物业服务与业委会"},
	"310000": {"0506": "养老服务与民政", "0605": "旧区改造与加装电梯"},
	"320100": {"1203": "占道经营"},
	"510100": {"1203": "占道经营与店招店牌", "0706": "文明养犬"},
	"340100": {"0801": "工资支付与欠薪", "1206": "油烟扰民"},
}

// Districts (区县) of a city are those that occur in the samples, in the order they do.
func Districts(code string) []string {
	var names []string
	for _, r := range Requests() {
		if r.Handled() == code && r.District != "" && !slices.Contains(names, r.District) {
			names = append(names, r.District)
		}
	}
	return names
}

// start is the directory that a city begins with.
func start(code string) directory.Start {
	s := directory.Start{Units: unitsOf(code)}
	for _, c := range categories() {
		title := c.Title
		if own := ownTitles[code][c.Code]; own != "" {
			title = own
		}
		s.Categories = append(s.Categories, &tenantv1.Category{Code: c.Code, Title: title, NationalTitle: c.Title,
			Definition: c.Definition, Distinguish: c.Distinguish, Typical: c.Typical})
		if c.Lead != "" {
			s.Catalogue = append(s.Catalogue, entriesOf(code, c)...)
		}
	}
	return s
}

// unitsOf are the city's units: one of each type, its districts, under them streets and towns, and a few sub-offices.
func unitsOf(code string) []*tenantv1.Unit {
	var units []*tenantv1.Unit
	for _, t := range unitTypes() {
		units = append(units, &tenantv1.Unit{Code: t.Code, Title: t.Title, Kind: t.Kind})
	}
	for i, d := range Districts(code) {
		at := districtCode(i)
		title := d + "政府"
		if strings.HasSuffix(d, "园区") || strings.HasSuffix(d, "新区") {
			title = d + "管委会"
		}
		units = append(units, &tenantv1.Unit{Code: at, Title: title, Kind: "district", District: d})
		for n := range 2 {
			kind := "街道"
			if n == 1 && !strings.HasSuffix(d, "区") {
				kind = "镇"
			}
			units = append(units, &tenantv1.Unit{Code: fmt.Sprintf("%sS%d", at, n+1), Parent: at, Kind: "street", District: d,
				Title: d + streetNames[(2*i+n)%len(streetNames)] + kind})
		}
		if i < withOffices {
			for _, o := range subOffices {
				units = append(units, &tenantv1.Unit{Code: at + o, Title: d + titleOf(o), Parent: at, Kind: "department", District: d})
			}
		}
	}
	return units
}

// UnitOf finds the code of a city's unit by its title, districts, streets and offices included; "" when there is none.
func UnitOf(city, title string) string {
	for _, u := range unitsOf(city) {
		if u.GetTitle() == title {
			return u.GetCode()
		}
	}
	return ""
}

func districtCode(i int) string { return fmt.Sprintf("D%02d", i+1) }

func titleOf(code string) string {
	for _, t := range unitTypes() {
		if t.Code == code {
			return t.Title
		}
	}
	return ""
}

// entriesOf are the catalogue's entries of a category: whose it is as a rule, who else it may be, and in districts with an
// office of that department the same lead with the office assisting (属地协办).
func entriesOf(code string, c sampleCategory) []*tenantv1.CatalogueEntry {
	lead := UnitCode(c.Lead)
	ground := fmt.Sprintf("职责分工：%s主管“%s”", c.Lead, c.Title)
	byDepartments := !slices.ContainsFunc(c.Units, territorial)
	entries := []*tenantv1.CatalogueEntry{{Category: c.Code, Lead: lead, Ground: ground, NotToStreet: byDepartments, Keywords: c.Typical}}
	for _, other := range c.Units {
		if other != c.Lead {
			entries = append(entries, &tenantv1.CatalogueEntry{Category: c.Code, Lead: UnitCode(other), NotToStreet: byDepartments,
				Ground: fmt.Sprintf("职责交叉：“%s”中属%s的部分", c.Title, other)})
		}
	}
	if !slices.Contains(subOffices, lead) {
		return entries
	}
	for i, d := range Districts(code) {
		if i < withOffices {
			entries = append(entries, &tenantv1.CatalogueEntry{Category: c.Code, District: d, Lead: lead, Ground: ground,
				Assist: []string{districtCode(i) + lead}, NotToStreet: byDepartments, Keywords: c.Typical})
		}
	}
	return entries
}

// territorial tells the unit types of a place (属地) from departments.
func territorial(title string) bool {
	return title == "街道办" || title == "乡镇政府" || title == "区政府"
}
