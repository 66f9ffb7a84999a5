package privacy

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func one(role string) []string { return []string{role} }

func Test默认规则(t *testing.T) {
	p := DefaultPolicy()
	for _, c := range []struct {
		rule         string
		role         string
		class        Class
		at           Situation
		confidential bool
		want         Sight
	}{
		{"坐席在详情里看到脱敏的电话", "agent", Phone, Detail, false, Mask},
		{"坐席看到脱敏的证件号", "agent", IDNumber, Detail, false, Mask},
		{"派单员看不到证件号", "dispatcher", IDNumber, Detail, false, Hide},
		{"值班长看不到证件号", "supervisor", IDNumber, Detail, false, Hide},
		{"审核员看到脱敏的正文", "reviewer", Text, Detail, false, Mask},
		{"承办人看到脱敏的住址", "handler", Address, Detail, false, Mask},
		{"承办人看不到保密工单的姓名", "handler", Name, Detail, true, Hide},
		{"回访员打开要回访的工单看到明文电话", "callback_agent", Phone, Callback, false, Clear},
		{"回访员打开要回访的工单看到明文姓名", "callback_agent", Name, Callback, false, Clear},
		{"回访员回访保密工单看到脱敏电话", "callback_agent", Phone, Callback, true, Mask},
		{"回访员在详情里看到脱敏电话", "callback_agent", Phone, Detail, false, Mask},
		{"承办人不因回访场景看到电话", "handler", Phone, Callback, false, Hide},
		{"诉求人看到脱敏的本人电话", "citizen", Phone, Detail, false, Mask},
		{"接口只取得脱敏正文", "machine", Text, Share, false, Mask},
		{"接口取不到电话", "machine", Phone, Share, false, Hide},
		{"接口看不到详情", "machine", Text, Detail, false, Hide},
		{"审计看不到诉求人", "auditor", Name, Detail, false, Hide},
		{"历史里的正文对能看详情的人脱敏", "handler", Text, History, false, Mask},
		{"知识编辑看不到历史正文", "knowledge_editor", Text, History, false, Hide},
		{"能申请查看的在申请场景看到明文", "handler", Phone, Reveal, false, Clear},
		{"不能申请查看的在申请场景同详情", "dispatcher", Phone, Reveal, false, Mask},
		{"保密工单承办人在申请场景仍看不到", "handler", Phone, Reveal, true, Hide},
		{"保密工单值班长申请后可看", "supervisor", Phone, Reveal, true, Clear},
		{"不认识的角色什么也看不到", "root", Text, Detail, false, Hide},
	} {
		if got := p.Sight(one(c.role), c.class, c.at, c.confidential); got != c.want {
			t.Errorf("%s: %v", c.rule, got)
		}
	}
	if p.Sight(one("agent"), Class(99), Detail, false) != Hide || p.Sight(one("agent"), Phone, Situation(99), false) != Hide ||
		p.Sight(one("agent"), 0, Detail, false) != Hide || p.Sight(nil, Phone, Detail, false) != Hide || p.MayReveal(one("agent"), Class(99), false) {
		t.Error("something out of range is visible")
	}
}

func Test默认规则里谁可说明理由后查看(t *testing.T) {
	p := DefaultPolicy()
	for _, c := range []struct {
		role              string
		class             Class
		ordinary, secrecy bool
	}{
		{"handler", Phone, true, false}, {"unit_lead", Text, true, false}, {"handler", IDNumber, false, false},
		{"agent", Address, true, false}, {"supervisor", Name, true, true}, {"adjudicator", Phone, true, true},
		{"callback_agent", Phone, true, true}, {"callback_agent", Text, false, false},
		{"quality_inspector", Recording, true, false}, {"quality_inspector", Phone, false, false},
		{"dispatcher", Phone, false, false}, {"auditor", Text, false, false}, {"machine", Text, false, false}, {"x", Text, false, false},
	} {
		if a, b := p.MayReveal(one(c.role), c.class, false), p.MayReveal(one(c.role), c.class, true); a != c.ordinary || b != c.secrecy {
			t.Errorf("%s %v: ordinary %v, confidential %v", c.role, c.class, a, b)
		}
	}
}

func Test突破底线的规则被拒绝并指出哪一条(t *testing.T) {
	for _, c := range []struct{ text, path, rule string }{
		{`{"sight":{"agent":{"list":{"phone":"clear"}}}}`, "sight.agent.list.phone", ruleRoad},
		{`{"sight":{"agent":{"export":{"name":"clear"}}}}`, "sight.agent.export.name", ruleRoad},
		{`{"sight":{"handler":{"detail":{"id_number":"clear"}}}}`, "sight.handler.detail.id_number", ruleReveal},
		{`{"sight":{"quality_inspector":{"detail":{"recording":"clear"}}}}`, "recording", ruleReveal},
		{`{"sight":{"auditor":{"detail":{"text":"clear"}}}}`, "sight.auditor", ruleOffice},
		{`{"reveal":{"city_admin":["text"]}}`, "reveal.city_admin", ruleOffice},
		{`{"sight":{"mayor":{}}}`, "sight.mayor", "不认识的角色"},
		{`{"reveal":{"mayor":[]}}`, "reveal.mayor", "不认识的角色"},
		{`{"sight":{"agent":{"bath":{}}}}`, "sight.agent.bath", "不认识的场景"},
		{`{"sight":{"agent":{"reveal":{"phone":"clear"}}}}`, "sight.agent.reveal", "写在 reveal 里"},
		{`{"sight":{"agent":{"detail":{"blood":"mask"}}}}`, "sight.agent.detail.blood", "不认识的类别"},
		{`{"sight":{"agent":{"detail":{"phone":"half"}}}}`, "sight.agent.detail.phone", "不认识的可见程度"},
		{`{"reveal":{"agent":["blood"]}}`, "reveal.agent", "不认识的类别"},
		{`{"sigth":{}}`, "隐私规则", "JSON"},
		{`{} {}`, "隐私规则", "多余"},
		{`{`, "隐私规则", "JSON"},
		{``, "隐私规则", "JSON"},
	} {
		p, err := ParsePolicy([]byte(c.text))
		if err == nil || p != nil || !strings.Contains(err.Error(), c.path) || !strings.Contains(err.Error(), c.rule) {
			t.Errorf("%s: %v", c.text, err)
		}
	}
}

func Test未写明的一律不显示(t *testing.T) {
	p, err := ParsePolicy([]byte(`{"sight":{"agent":{"detail":{"phone":"mask"}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	if p.Sight(one("agent"), Phone, Detail, false) != Mask || p.Sight(one("agent"), Name, Detail, false) != Hide || p.Sight(one("supervisor"), Phone, Detail, false) != Hide {
		t.Error("a city's policy must not inherit from the default")
	}
}

func Test规则写成JSON稳定且可读回(t *testing.T) {
	text, err := json.Marshal(DefaultPolicy())
	if err != nil {
		t.Fatal(err)
	}
	back, err := ParsePolicy(text)
	if err != nil {
		t.Fatal(err)
	}
	if *back != *DefaultPolicy() {
		t.Error("the policy read back differs")
	}
	again, err := json.Marshal(back)
	if err != nil || !bytes.Equal(text, again) {
		t.Errorf("unstable: %v", err)
	}
	if !strings.Contains(string(text), `"callback_agent":{"callback":{"address":"mask"`) {
		t.Errorf("unreadable: %s", text)
	}
}

func Test多个角色取最宽的一个(t *testing.T) {
	p := DefaultPolicy()
	rapid.Check(t, func(t *rapid.T) {
		roles, more := anyRoles.Draw(t, "roles"), anyRoles.Draw(t, "more")
		class, at, secret := anyClass.Draw(t, "class"), anySituation.Draw(t, "at"), rapid.Bool().Draw(t, "confidential")
		both := slices.Concat(roles, more)
		if got := p.Sight(both, class, at, secret); got != max(p.Sight(roles, class, at, secret), p.Sight(more, class, at, secret)) {
			t.Fatalf("%v see %v", both, got)
		}
	})
}

// wild draws a policy text of right words, floors not minded.
func wild(t *rapid.T) []byte {
	doc := document{Sight: map[string]map[string]map[string]string{}, Reveal: map[string][]string{}}
	for range rapid.IntRange(0, 30).Draw(t, "lines") {
		role := rapid.SampledFrom(roleNames[:]).Draw(t, "role")
		if rapid.IntRange(0, 4).Draw(t, "which") == 0 {
			doc.Reveal[role] = append(doc.Reveal[role], anyClass.Draw(t, "class").String())
			continue
		}
		if doc.Sight[role] == nil {
			doc.Sight[role] = map[string]map[string]string{}
		}
		at := rapid.SampledFrom([]Situation{Detail, Callback, Detail, List, Export, Share}).Draw(t, "at").String()
		if doc.Sight[role][at] == nil {
			doc.Sight[role][at] = map[string]string{}
		}
		doc.Sight[role][at][anyClass.Draw(t, "class").String()] = rapid.SampledFrom(sightNames[:]).Draw(t, "sight")
	}
	text, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// wantFloors states the floors once more in plain words, apart from the code's tables.
func wantFloors(t rapid.TB, p *Policy) {
	t.Helper()
	never := []string{"auditor", "central_admin", "regional_coordinator", "knowledge_editor", "knowledge_reviewer", "city_admin"}
	guarded := []string{"callback_agent", "supervisor", "adjudicator"}
	for _, role := range Roles() {
		for class := Name; class <= Recording; class++ {
			for at := List; at <= Callback; at++ {
				open, secret := p.Sight(one(role), class, at, false), p.Sight(one(role), class, at, true)
				if secret > open {
					t.Fatalf("%s %v %v: confidential is wider", role, class, at)
				}
				if at != Reveal && open != Hide && secret != open-1 && !(class == Text && open == Mask && secret == Mask) {
					t.Fatalf("%s %v %v: confidential isn't one step tighter", role, class, at)
				}
				if open != Clear {
					continue
				}
				if at != Detail && at != Callback && at != Reveal {
					t.Fatalf("%s sees %v in full in %v", role, class, at)
				}
				if at != Reveal && (class == IDNumber || class == Recording) || slices.Contains(never, role) {
					t.Fatalf("%s sees %v in full in %v", role, class, at)
				}
			}
			if p.MayReveal(one(role), class, true) && !slices.Contains(guarded, role) || p.MayReveal(one(role), class, false) && slices.Contains(never, role) {
				t.Fatalf("%s may reveal %v", role, class)
			}
		}
	}
}

func Test任何规则都不能放宽底线且保密只会更严(t *testing.T) {
	wantFloors(t, DefaultPolicy())
	taken := 0
	rapid.Check(t, func(t *rapid.T) {
		if p, err := ParsePolicy(wild(t)); err == nil {
			taken++
			wantFloors(t, p)
		}
	})
	if taken == 0 {
		t.Error("no drawn policy was valid: the property saw nothing")
	}
}

func Test底线在查表时再压一次(t *testing.T) {
	// As if a fault in reading had let everything through.
	p := &Policy{}
	for role := range roles {
		for class := range classes {
			p.reveal[role][class][0] = true
			for at := range situations {
				p.stated[role][class][at] = Clear
			}
		}
	}
	p.settle()
	wantFloors(t, p)
}

func Fuzz隐私规则(f *testing.F) {
	text, err := json.Marshal(DefaultPolicy())
	if err != nil {
		f.Fatal(err)
	}
	f.Add(text)
	f.Add([]byte(`{"sight":{"agent":{"list":{"phone":"clear"}}},"reveal":{"auditor":["text"]}}`))
	f.Add([]byte(`null`))
	f.Fuzz(func(t *testing.T, text []byte) {
		p, err := ParsePolicy(text)
		if err != nil {
			return
		}
		wantFloors(t, p)
		out, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := ParsePolicy(out); err != nil || *back != *p {
			t.Fatalf("%s doesn't come back: %v", out, err)
		}
	})
}

func BenchmarkPolicySight(b *testing.B) {
	p, roles := DefaultPolicy(), []string{"agent", "supervisor"}
	b.ReportAllocs()
	for b.Loop() {
		p.Sight(roles, Phone, Detail, true)
	}
}
