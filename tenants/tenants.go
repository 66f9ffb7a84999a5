// Package tenants says who is looking: the viewer (当前身份) that every request and chore carries, and the city it is bound to.
// It imports nothing of ours, so that the tables, the stores and the rooms can all ask it.
package tenants

import (
	"context"
	"time"

	"github.com/google/uuid"
)

// Role is what a person may be in a city (角色); tenants/access says what each may do.
type Role string

// The roles of the platform.
const (
	Agent               Role = "agent"                // 话务员
	Dispatcher          Role = "dispatcher"           // 派单员
	Reviewer            Role = "reviewer"             // 审核员
	Adjudicator         Role = "adjudicator"          // 裁决员
	Handler             Role = "handler"              // 承办人
	UnitLead            Role = "unit_lead"            // 单位负责人
	Expert              Role = "expert"               // 专家座席
	CallbackAgent       Role = "callback_agent"       // 回访员
	Supervisor          Role = "supervisor"           // 督办员
	KnowledgeEditor     Role = "knowledge_editor"     // 知识编辑
	KnowledgeReviewer   Role = "knowledge_reviewer"   // 知识审核
	QualityInspector    Role = "quality_inspector"    // 质检员
	CityAdmin           Role = "city_admin"           // 城市管理员
	Auditor             Role = "auditor"              // 审计员
	RegionalCoordinator Role = "regional_coordinator" // 区域协调员
	ProvinceAdmin       Role = "province_admin"       // 省级管理员
	MinistryOfficer     Role = "ministry_officer"     // 部委联络员
	CentralAdmin        Role = "central_admin"        // 国办管理员
	Citizen             Role = "citizen"              // 群众
	Machine             Role = "machine"              // 部门系统
)

// Titles are the Chinese names of the roles.
var Titles = map[Role]string{
	Agent: "话务员", Dispatcher: "派单员", Reviewer: "审核员", Adjudicator: "裁决员", Handler: "承办人",
	UnitLead: "单位负责人", Expert: "专家座席", CallbackAgent: "回访员", Supervisor: "督办员",
	KnowledgeEditor: "知识编辑", KnowledgeReviewer: "知识审核", QualityInspector: "质检员",
	CityAdmin: "城市管理员", Auditor: "审计员", RegionalCoordinator: "区域协调员",
	ProvinceAdmin: "省级管理员", MinistryOfficer: "部委联络员",
	CentralAdmin: "国办管理员", Citizen: "群众", Machine: "部门系统",
}

// Post (岗位) is one role a person holds in the city, and the unit it belongs to.
type Post struct {
	Role Role
	Unit string // unit code; empty for roles of the whole city
}

// Viewer (当前身份) is on whose behalf something happens: an account in one city, the citizen, or the platform itself.
type Viewer struct {
	Account uuid.UUID // nil for the citizen and the platform
	Login   string
	Name    string
	Tenant  string // GB/T 2260 code; empty for global affairs
	Posts   []Post
	Session uuid.UUID
	Until   time.Time // when the proof of who it is runs out; zero for who needs none
}

// Roles are the viewer's roles, each once, in the order of the posts.
func (v *Viewer) Roles() []string {
	var roles []string
	seen := map[Role]bool{}
	for _, p := range v.Posts {
		if !seen[p.Role] {
			seen[p.Role] = true
			roles = append(roles, string(p.Role))
		}
	}
	return roles
}

// Mark (水印) says who looks at what, when; screens, prints and exports carry it, so that a photograph of them can be traced.
func (v *Viewer) Mark(what string, at time.Time) string {
	who := v.Login
	if who == "" {
		who = "本人"
	}
	return who + " " + at.Format("2006-01-02 15:04") + " " + what
}

// Has says whether the viewer holds the role; for naming people in sentences, never for deciding what they may do.
func (v *Viewer) Has(r Role) bool {
	for _, p := range v.Posts {
		if p.Role == r {
			return true
		}
	}
	return false
}

// System (平台自身) is the viewer of chores and of set-up in one city.
func System(tenant string) *Viewer { return &Viewer{Login: "system", Name: "平台", Tenant: tenant} }

// CitizenOf is the viewer of a citizen's own acts, once their code or token is proven.
func CitizenOf(tenant string) *Viewer {
	return &Viewer{Name: "群众", Tenant: tenant, Posts: []Post{{Role: Citizen}}}
}

type key struct{}

// With puts the viewer into the context.
func With(ctx context.Context, v *Viewer) context.Context { return context.WithValue(ctx, key{}, v) }

// From finds the viewer in the context; nil when there is none.
func From(ctx context.Context) *Viewer {
	v, _ := ctx.Value(key{}).(*Viewer)
	return v
}
