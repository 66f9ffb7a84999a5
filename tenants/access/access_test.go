package access

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"

	accesspb "hotline/api/access"
	_ "hotline/api/casework/v1"
	_ "hotline/api/consolidation/v1"
	_ "hotline/api/report/v1"
	_ "hotline/api/tenant/v1"
	"hotline/tenants"
)

func opened(t testing.TB) *Access {
	t.Helper()
	a, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// methods are all methods of the contract with their rules.
func methods() map[string]*accesspb.Rule {
	found := map[string]*accesspb.Rule{}
	protoregistry.GlobalFiles.RangeFiles(func(f protoreflect.FileDescriptor) bool {
		if !strings.HasPrefix(string(f.Package()), "hotline.") {
			return true
		}
		for i := range f.Services().Len() {
			s := f.Services().Get(i)
			for j := range s.Methods().Len() {
				op := fmt.Sprintf("/%s/%s", s.FullName(), s.Methods().Get(j).Name())
				found[op] = RuleOf(op)
			}
		}
		return true
	})
	return found
}

func declared() map[string]bool {
	rules := map[string]bool{}
	for _, r := range methods() {
		if r.GetObject() != "" {
			rules[r.Object+"."+r.Act] = true
		}
	}
	return rules
}

func TestEveryMethodHasExactlyOneKindOfRule(t *testing.T) {
	all := methods()
	if len(all) < 50 {
		t.Fatalf("only %d methods are registered", len(all))
	}
	for op, r := range all {
		kinds := 0
		for _, is := range []bool{r.GetObject() != "" && r.GetAct() != "", r.GetPublic(), r.GetAny()} {
			if is {
				kinds++
			}
		}
		if kinds != 1 || (r.GetObject() == "") != (r.GetAct() == "") {
			t.Errorf("%s: %v", op, r)
		}
	}
}

func TestEveryDeclaredRuleIsHeldBySomeRoleAndEveryLineIsDeclared(t *testing.T) {
	a, rules := opened(t), declared()
	held := map[string]bool{}
	for r := range a.scopes {
		if tenants.Titles[tenants.Role(r.role)] == "" {
			t.Errorf("no such role: %s", r.role)
		}
		if !rules[r.object+"."+r.act] {
			t.Errorf("no method declares %s.%s", r.object, r.act)
		}
		held[r.object+"."+r.act] = true
	}
	for rule := range rules {
		if !held[rule] {
			t.Errorf("nobody holds %s", rule)
		}
	}
}

func TestScopeAndCasbinAgreeOnAllTriples(t *testing.T) {
	a := opened(t)
	for role := range tenants.Titles {
		roles := []string{string(role)}
		for rule := range declared() {
			object, act, _ := strings.Cut(rule, ".")
			may := a.May(roles, object, act)
			if may != (a.Scope(roles, object, act) != None) || may != slices.Contains(a.Rules(roles), rule) {
				t.Errorf("%s %s: Casbin says %v, the scope is %d", role, rule, may, a.Scope(roles, object, act))
			}
			if again := a.May(roles, object, act); again != may {
				t.Errorf("%s %s: the cache says %v", role, rule, again)
			}
		}
	}
}

func TestWhoMayWhatReadsAsTheRulebook(t *testing.T) {
	a := opened(t)
	for _, c := range []struct {
		sentence, role, rule string
		want                 Scope
	}{
		{"an agent takes requests in for the whole city", "agent", "work_order.intake", City},
		{"an agent dispatches nothing", "agent", "work_order.dispatch", None},
		{"a handler replies for their own unit", "handler", "work_order.reply", Unit},
		{"a unit lead replies for the units below too", "unit_lead", "work_order.reply", Subtree},
		{"a handler does not review their own reply", "handler", "work_order.review", None},
		{"the administrator does not read orders", "city_admin", "work_order.get", None},
		{"the administrator does not read the clear text", "city_admin", "work_order.reveal", None},
		{"the auditor reads orders", "auditor", "work_order.get", City},
		{"the auditor does not reveal", "auditor", "work_order.reveal", None},
		{"the auditor changes no account", "auditor", "account.edit", None},
		{"the police referral needs a second person", "reviewer", "work_order.redirect", City},
		{"knowledge editors see no orders", "knowledge_editor", "work_order.get", None},
		{"a citizen holds no staff right", "citizen", "work_order.get", None},
		{"the centre holds nothing on a city's data", "central_admin", "work_order.get", None},
		{"the centre sees the progress of the whole nation", "central_admin", "progress.get", Nation},
		{"a province sees its own cities' progress", "province_admin", "progress.get", Region},
		{"a ministry urges nobody", "ministry_officer", "progress.urge", None},
		{"a city does not write the national list", "city_admin", "list.draft", None},
		{"the centre cuts no city's number over", "central_admin", "number.cut_over", None},
		{"the region holds nothing on a city's data", "regional_coordinator", "work_order.get", None},
		{"an unknown role is denied", "root", "work_order.get", None},
		{"an unknown object is denied", "agent", "bank.get", None},
		{"an unknown act is denied", "agent", "work_order.delete", None},
		{"an empty question is denied", "", ".", None},
	} {
		t.Run(c.sentence, func(t *testing.T) {
			object, act, _ := strings.Cut(c.rule, ".")
			roles := []string{c.role}
			if got := a.Scope(roles, object, act); got != c.want {
				t.Errorf("scope %d, want %d", got, c.want)
			}
			if got := a.May(roles, object, act); got != (c.want != None) {
				t.Errorf("may: %v", got)
			}
		})
	}
}

func TestSeveralRolesAddUp(t *testing.T) {
	a := opened(t)
	roles := []string{"handler", "unit_lead", "nobody"}
	if got := a.Scope(roles, "work_order", "get"); got != Subtree {
		t.Errorf("the widest scope: %d", got)
	}
	if !a.May([]string{"knowledge_editor", "agent"}, "work_order", "intake") {
		t.Error("the second role does not count")
	}
	if a.May(nil, "work_order", "get") || a.Scope(nil, "work_order", "get") != None || a.Rules(nil) != nil {
		t.Error("no role holds something")
	}
	rules := a.Rules(roles)
	if !slices.IsSorted(rules) || len(rules) != len(slices.Compact(slices.Clone(rules))) || !slices.Contains(rules, "work_order.sign") {
		t.Errorf("rules: %v", rules)
	}
}

func TestABrokenPolicyIsRefused(t *testing.T) {
	for sentence, text := range map[string]string{
		"unknown scope":       "p, agent, work_order, get, galaxy",
		"second line":         "p, agent, work_order, get, city\np, agent, work_order, get, unit",
		"a word is missing":   "p, agent, work_order, get",
		"another kind of row": "x, agent, work_order, get, city",
	} {
		t.Run(sentence, func(t *testing.T) {
			if a, err := parse(text); err == nil && len(a.scopes) != 0 {
				t.Error("taken")
			}
		})
	}
}

func TestRuleOfFindsOnlyMethods(t *testing.T) {
	want := &accesspb.Rule{Object: "work_order", Act: "dispatch"}
	for range 2 { // the second comes from the cache
		if got := RuleOf("/hotline.casework.v1.WorkOrders/Dispatch"); !proto.Equal(got, want) {
			t.Errorf("rule: %v", got)
		}
	}
	for _, op := range []string{"", "/", "x", "/hotline.casework.v1.WorkOrders/Nothing", "/hotline.casework.v1.WorkOrders",
		"/hotline.casework.v1/WorkOrder", "hotline.casework.v1.WorkOrder/number", "/../.", "/ /\x00"} {
		if r := RuleOf(op); r != nil {
			t.Errorf("%q has a rule: %v", op, r)
		}
	}
}

// BenchmarkDecision decides for the people of a nation: 400 cities with 300 people each, who hold two roles.
func BenchmarkDecision(b *testing.B) {
	a := opened(b)
	var roles []string
	for role := range tenants.Titles {
		roles = append(roles, string(role))
	}
	slices.Sort(roles)
	people := make([][]string, 400*300)
	for i := range people {
		people[i] = []string{roles[i%len(roles)], roles[(i/7)%len(roles)]}
	}
	ops := []string{"/hotline.casework.v1.WorkOrders/Dispatch", "/hotline.casework.v1.WorkOrders/GetWorkOrder", "/hotline.tenant.v1.Accounts/ListAccounts"}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for i := 0; pb.Next(); i++ {
			r := RuleOf(ops[i%len(ops)])
			a.May(people[i*7919%len(people)], r.Object, r.Act)
		}
	})
}
