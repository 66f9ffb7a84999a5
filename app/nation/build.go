package nation

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/google/uuid"

	"hotline/ent"
	"hotline/ent/city"
	"hotline/ent/store"
	"hotline/tenants"
	"hotline/tenants/directory"
	"hotline/tenants/policy"
	"hotline/tenants/privacy"
	"hotline/tenants/vault"
)

// Deps are what Build works with.
type Deps struct {
	Store     *store.Store
	Vault     *vault.Vault
	Book      *policy.Book
	Directory *directory.Directory
	// Hash makes the stored form of a password; it is called once, since all demo accounts share the password.
	Hash     func(password string) string
	Password string
	// Only are the codes to build; empty builds the whole nation. Cities of other deployments stay out.
	Only []string
}

// Build (建立演示国) sets up every city and place of work that isn't there yet, each in one transaction: what is there, whoever
// changed it since, stays as it is.
func Build(ctx context.Context, d Deps) error {
	if err := d.sampleYear(ctx); err != nil {
		return err
	}
	hash := ""
	for _, c := range append(Places(), Cities()...) {
		if len(d.Only) > 0 && !slices.Contains(d.Only, c.Code) {
			continue
		}
		ctx := tenants.With(ctx, tenants.System(c.Code))
		there, err := d.there(ctx, c.Code)
		if err != nil {
			return err
		}
		if there {
			continue
		}
		if hash == "" {
			hash = d.Hash(d.Password)
		}
		if err := d.Store.Do(ctx, func(ctx context.Context) error { return d.build(ctx, c, hash) }); err != nil {
			return fmt.Errorf("demo city %s: %w", c.Title, err)
		}
	}
	return nil
}

// sampleYear enters the statutory days off of the year whose notice this release doesn't bring yet, marked as a sample: the demo
// nation promises due moments in it. A real deployment waits for the notice; a release that brings it makes this row idle.
func (d Deps) sampleYear(ctx context.Context) error {
	const year = 2027
	c, err := d.Book.Nation(ctx)
	if err != nil {
		return err
	}
	if _, last := c.Years(); last >= year {
		return nil
	}
	text, err := data.ReadFile(fmt.Sprintf("data/%d.csv", year))
	if err != nil {
		return err
	}
	if _, _, err := d.Book.EnterYear(ctx, string(text), "", false); err != nil {
		return fmt.Errorf("sample year %d: %w", year, err)
	}
	return nil
}

func (d Deps) there(ctx context.Context, code string) (there bool, err error) {
	err = d.Store.View(ctx, func(ctx context.Context) error {
		there, err = d.Store.Ent.City.Query().Where(city.Code(code)).Exist(ctx)
		return err
	})
	if err != nil {
		return false, fmt.Errorf("demo city %s: %w", code, err)
	}
	return there, nil
}

func (d Deps) build(ctx context.Context, c City, hash string) error {
	suite, err := privacy.ParseSuite(c.Suite)
	if err != nil {
		return err
	}
	err = d.Store.Ent.City.Create().SetCode(c.Code).SetTitle(c.Title).SetRegion(c.Region).SetSuite(c.Suite).
		SetCreatedAt(store.Now(ctx)).Exec(ctx)
	if err != nil {
		return err
	}
	if err := d.Vault.Create(ctx, suite); err != nil {
		return err
	}
	if err := d.Book.Found(ctx, Rules(c.Code), privacy.DefaultPolicy()); err != nil {
		return err
	}
	if !c.takesCalls() {
		return d.hire(ctx, hash, staffOfPlace(c))
	}
	begin := start(c.Code)
	if err := d.Directory.Found(ctx, begin); err != nil {
		return err
	}
	people := staffOfCity(c)
	for _, u := range begin.Units {
		people = append(people, staffOfUnit(c, u.GetCode(), u.GetTitle())...)
	}
	return d.hire(ctx, hash, people)
}

// takesCalls tells a city from the places of work of the centre and the regions.
func (c City) takesCalls() bool { return c.Code >= "110000" }

// person is one demo account with its one post.
type person struct {
	login, name string
	role        tenants.Role
	unit        string
}

// roles are those of the city's hotline itself; everybody's login is the role and the city's code.
var roles = []tenants.Role{tenants.Agent, tenants.Dispatcher, tenants.Reviewer, tenants.Adjudicator, tenants.CallbackAgent,
	tenants.Supervisor, tenants.KnowledgeEditor, tenants.KnowledgeReviewer, tenants.QualityInspector, tenants.CityAdmin,
	tenants.Auditor, tenants.Machine}

// staffOfCity: one of each role, and a second reviewer, since nobody may review what they did themselves.
func staffOfCity(c City) []person {
	var all []person
	for _, r := range roles {
		all = append(all, person{string(r) + "." + c.Code, c.Title + tenants.Titles[r], r, ""})
	}
	return append(all,
		person{"reviewer2." + c.Code, c.Title + "审核员乙", tenants.Reviewer, ""},
		person{"expert." + c.Code, c.Title + "专家座席", tenants.Expert, "U04"},
		person{"handler." + c.Code, c.Title + "城管局承办人甲", tenants.Handler, "U02"},
		person{"unit_lead." + c.Code, c.Title + "城管局负责人甲", tenants.UnitLead, "U02"})
}

// staffOfUnit: every unit of the city can act, so that any dispatch of the demo can be walked to its end.
func staffOfUnit(c City, code, title string) []person {
	login := strings.ToLower(code) + "." + c.Code
	return []person{{login, title + "承办人", tenants.Handler, code}, {"lead." + login, title + "负责人", tenants.UnitLead, code}}
}

// staffOfPlace: the centre has two administrators, for nobody reviews their own draft; a region has its coordinator, a province its
// administrator, a ministry its officer. All keep a record that somebody audits.
func staffOfPlace(c City) []person {
	var role tenants.Role
	var second []person
	switch {
	case c.Code == "000000":
		role = tenants.CentralAdmin
		second = []person{{string(role) + "2." + c.Code, c.Title + tenants.Titles[role] + "乙", role, ""}}
	case c.Code > "100100":
		role = tenants.MinistryOfficer
	case c.Code > "100010":
		role = tenants.ProvinceAdmin
	default:
		role = tenants.RegionalCoordinator
	}
	return append(second, person{string(role) + "." + c.Code, c.Title + tenants.Titles[role], role, ""},
		person{"auditor." + c.Code, c.Title + tenants.Titles[tenants.Auditor], tenants.Auditor, ""})
}

// hire writes accounts and grants in bulk. The password is made known on purpose, so nobody must change it.
func (d Deps) hire(ctx context.Context, hash string, people []person) error {
	var accounts []*ent.AccountCreate
	var grants []*ent.GrantCreate
	for _, p := range people {
		id := uuid.Must(uuid.NewV7())
		accounts = append(accounts, d.Store.Ent.Account.Create().SetID(id).SetLogin(p.login).SetDisplayName(p.name).
			SetPassword(hash).SetCreatedAt(store.Now(ctx)))
		grants = append(grants, d.Store.Ent.Grant.Create().SetAccountID(id).SetCity(tenants.From(ctx).Tenant).
			SetRole(string(p.role)).SetUnit(p.unit).SetCreatedAt(store.Now(ctx)))
	}
	if err := d.Store.Ent.Account.CreateBulk(accounts...).Exec(ctx); err != nil {
		return fmt.Errorf("accounts: %w", err)
	}
	if err := d.Store.Ent.Grant.CreateBulk(grants...).Exec(ctx); err != nil {
		return fmt.Errorf("grants: %w", err)
	}
	return nil
}
