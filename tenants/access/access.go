// Package access asks Casbin whether a role may do what a method's rule (权限规则) names, and how far its reach goes. See DESIGN.md.
package access

import (
	_ "embed"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/casbin/casbin/v2"
	"github.com/casbin/casbin/v2/model"
	stringadapter "github.com/casbin/casbin/v2/persist/string-adapter"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	accesspb "hotline/api/access"
)

//go:embed policy.csv
var policy string

// The model knows roles, never people: who holds which role is a row of the city's own, so a decision costs the same with
// four hundred cities as with one. The scope is carried along and matched by nobody: it belongs into the query.
const shape = `
[request_definition]
r = sub, obj, act
[policy_definition]
p = sub, obj, act, scope
[policy_effect]
e = some(where (p.eft == allow))
[matchers]
m = r.act == p.act && r.sub == p.sub && r.obj == p.obj
`

// Scope (可见范围) is how far a right reaches; a wider one is greater.
type Scope int

// The scopes, from none to the whole nation.
const (
	None    Scope = iota
	Own           // 本人
	Unit          // 本单位
	Subtree       // 本单位及下级
	City          // 全市
	Region        // 区域
	Nation        // 全国
)

var scopes = map[string]Scope{"own": Own, "unit": Unit, "subtree": Subtree, "city": City, "region": Region, "nation": Nation}

type right struct{ role, object, act string }

// Access decides by the policy that is built into the program.
type Access struct {
	enforcer *casbin.SyncedCachedEnforcer
	scopes   map[right]Scope
	rules    map[string][]string
}

// New reads the built-in policy and refuses one with an unknown scope or a line given twice.
func New() (*Access, error) { return parse(policy) }

func parse(text string) (*Access, error) {
	m, err := model.NewModelFromString(shape)
	if err != nil {
		return nil, fmt.Errorf("access model: %w", err)
	}
	// Cached, always: without its cache Casbin walks all lines of the policy for each decision.
	e, err := casbin.NewSyncedCachedEnforcer(m, stringadapter.NewAdapter(text))
	if err != nil {
		return nil, fmt.Errorf("access policy: %w", err)
	}
	lines, err := e.GetPolicy()
	if err != nil {
		return nil, fmt.Errorf("access policy: %w", err)
	}
	a := &Access{enforcer: e, scopes: map[right]Scope{}, rules: map[string][]string{}}
	for _, line := range lines {
		r, scope := right{line[0], line[1], line[2]}, scopes[line[3]]
		if scope == None || a.scopes[r] != None {
			return nil, fmt.Errorf("access policy: unknown scope or second line: %s", strings.Join(line, ", "))
		}
		a.scopes[r] = scope
		a.rules[r.role] = append(a.rules[r.role], r.object+"."+r.act)
	}
	return a, nil
}

// May says whether one of the roles may do the act to the object.
func (a *Access) May(roles []string, object, act string) bool {
	for _, role := range roles {
		if a.rules[role] == nil {
			continue // keeps the cache as small as the policy, whatever words come in
		}
		if ok, err := a.enforcer.Enforce(role, object, act); ok && err == nil {
			return true
		}
	}
	return false
}

// Scope is the widest reach of the act among the roles; None when no role holds it.
func (a *Access) Scope(roles []string, object, act string) Scope {
	widest := None
	for _, role := range roles {
		widest = max(widest, a.scopes[right{role, object, act}])
	}
	return widest
}

// Rules are all rights of the roles together, as object.act, sorted.
func (a *Access) Rules(roles []string) []string {
	var rules []string
	for _, role := range roles {
		rules = append(rules, a.rules[role]...)
	}
	slices.Sort(rules)
	return slices.Compact(rules)
}

var known sync.Map // operation → *accesspb.Rule; only methods that exist, so that invented names can't fill it

// RuleOf is the rule written beside the method in its .proto, by the name that gRPC gives it
// ("/hotline.casework.v1.WorkOrders/Dispatch"); nil for a method that has none or does not exist.
func RuleOf(operation string) *accesspb.Rule {
	if r, ok := known.Load(operation); ok {
		return r.(*accesspb.Rule)
	}
	service, method, ok := strings.Cut(strings.TrimPrefix(operation, "/"), "/")
	if !ok {
		return nil
	}
	d, err := protoregistry.GlobalFiles.FindDescriptorByName(protoreflect.FullName(service + "." + method))
	if err != nil {
		return nil
	}
	if _, ok := d.(protoreflect.MethodDescriptor); !ok || !proto.HasExtension(d.Options(), accesspb.E_Rule) {
		return nil
	}
	r, _ := proto.GetExtension(d.Options(), accesspb.E_Rule).(*accesspb.Rule)
	known.Store(operation, r)
	return r
}
