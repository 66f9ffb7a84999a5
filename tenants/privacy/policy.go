package privacy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
)

// roleNames lists the roles that a policy may speak of; the index is the table's row.
var roleNames = [...]string{
	"agent", "dispatcher", "reviewer", "adjudicator", "handler", "unit_lead", "expert",
	"callback_agent", "supervisor", "knowledge_editor", "knowledge_reviewer",
	"quality_inspector", "city_admin", "auditor", "regional_coordinator",
	"central_admin", "citizen", "machine",
}

const roles = len(roleNames)

var roleIndex = func() map[string]int {
	index := make(map[string]int, roles)
	for i, name := range roleNames {
		index[name] = i
	}
	return index
}()

// Roles lists the roles that a policy may speak of.
func Roles() []string { return slices.Clone(roleNames[:]) }

// cell is what one role may see of one class in one situation: [0] for an ordinary
// work order, [1] for a confidential one (保密工单).
type cell [2]Sight

// Policy is a city's privacy rule (隐私规则): role × class × situation → Sight, and who
// may ask to see what (申请查看). What it doesn't state is hidden. It is immutable.
//
// Everything is worked out when the policy is made; asking it is an array index.
type Policy struct {
	stated [roles][classes][situations]Sight
	sight  [roles][classes][situations]cell
	reveal [roles][classes][2]bool
}

// document is the policy as JSON:
//
//	{"sight": {"handler": {"detail": {"phone": "mask"}}}, "reveal": {"handler": ["phone"]}}
type document struct {
	Sight  map[string]map[string]map[string]string `json:"sight"`
	Reveal map[string][]string                     `json:"reveal"`
}

// ParsePolicy reads a city's policy. It refuses words it doesn't know and whatever
// would loosen a national floor (底线); the error names the rule.
func ParsePolicy(text []byte) (*Policy, error) {
	var doc document
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&doc); err != nil {
		return nil, fmt.Errorf("隐私规则不是有效的 JSON: %w", err)
	}
	if _, err := decoder.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("隐私规则之后还有多余内容")
	}
	p := &Policy{}
	// In sorted order, so that a document with two faults always gets the same error.
	for _, name := range slices.Sorted(maps.Keys(doc.Sight)) {
		if err := p.stateRole(name, doc.Sight[name]); err != nil {
			return nil, err
		}
	}
	for _, name := range slices.Sorted(maps.Keys(doc.Reveal)) {
		if err := p.stateReveal(name, doc.Reveal[name]); err != nil {
			return nil, err
		}
	}
	p.settle()
	return p, nil
}

func (p *Policy) stateRole(name string, places map[string]map[string]string) error {
	role, ok := roleIndex[name]
	if !ok {
		return fmt.Errorf("sight.%s: 不认识的角色", name)
	}
	for _, place := range slices.Sorted(maps.Keys(places)) {
		at, err := ParseSituation(place)
		if err != nil {
			return fmt.Errorf("sight.%s.%s: %w", name, place, err)
		}
		if at == Reveal {
			return fmt.Errorf("sight.%s.reveal: 可申请查看的类别写在 reveal 里，不写在 sight 里", name)
		}
		for _, code := range slices.Sorted(maps.Keys(places[place])) {
			path := "sight." + name + "." + place + "." + code
			class, err := ParseClass(code)
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			sight, err := ParseSight(places[place][code])
			if err != nil {
				return fmt.Errorf("%s: %w", path, err)
			}
			if top, rule := ceiling(role, class, at); sight > top {
				return fmt.Errorf("%s: %s 超出底线：%s", path, sight, rule)
			}
			p.stated[role][class][at] = sight
		}
	}
	return nil
}

func (p *Policy) stateReveal(name string, codes []string) error {
	role, ok := roleIndex[name]
	if !ok {
		return fmt.Errorf("reveal.%s: 不认识的角色", name)
	}
	for _, code := range codes {
		class, err := ParseClass(code)
		if err != nil {
			return fmt.Errorf("reveal.%s: %w", name, err)
		}
		if neverClear[role] {
			return fmt.Errorf("reveal.%s: %s 超出底线：%s", name, code, ruleOffice)
		}
		p.reveal[role][class][0] = true
	}
	return nil
}

// settle works out the tables that are asked, from what was stated.
func (p *Policy) settle() {
	for role := range roles {
		for class := Class(1); class < classes; class++ {
			may := p.reveal[role][class][0] && !neverClear[role]
			p.reveal[role][class] = [2]bool{may, may && revealsConfidential[role]}
			for at := Situation(1); at < situations; at++ {
				top, _ := ceiling(role, class, at)
				s := min(p.stated[role][class][at], top)
				p.sight[role][class][at] = cell{s, s.tightened(class)}
				if at == Emergency { // a life goes before an identity
					p.sight[role][class][at] = cell{s, s}
				}
			}
			// To ask and be refused shows no less than the detail page does.
			p.sight[role][class][Reveal] = p.sight[role][class][Detail]
			for i, may := range p.reveal[role][class] {
				if may {
					p.sight[role][class][Reveal][i] = Clear
				}
			}
		}
	}
}

// Sight tells how much somebody with these roles sees; the widest role wins. An
// unknown role, class or situation sees nothing. At Reveal it is Clear for what
// MayReveal, otherwise as in Detail.
func (p *Policy) Sight(roles []string, class Class, at Situation, confidential bool) Sight {
	if !class.known() || !at.known() {
		return Hide
	}
	i, widest := column(confidential), Hide
	for _, name := range roles {
		if role, ok := roleIndex[name]; ok {
			widest = max(widest, p.sight[role][class][at][i])
		}
	}
	return widest
}

// MayReveal tells whether somebody with these roles may see the class in full for a
// limited time after giving a reason (说明理由后限时查看).
func (p *Policy) MayReveal(roles []string, class Class, confidential bool) bool {
	if !class.known() {
		return false
	}
	i := column(confidential)
	for _, name := range roles {
		if role, ok := roleIndex[name]; ok && p.reveal[role][class][i] {
			return true
		}
	}
	return false
}

func column(confidential bool) int {
	if confidential {
		return 1
	}
	return 0
}

// MarshalJSON writes what the policy states, in a stable order; ParsePolicy reads it.
func (p *Policy) MarshalJSON() ([]byte, error) {
	doc := document{Sight: map[string]map[string]map[string]string{}, Reveal: map[string][]string{}}
	for role, name := range roleNames {
		places := map[string]map[string]string{}
		for at := Situation(1); at < situations; at++ {
			codes := map[string]string{}
			for class := Class(1); class < classes; class++ {
				if s := p.stated[role][class][at]; s != Hide {
					codes[class.String()] = s.String()
				}
			}
			if len(codes) > 0 {
				places[at.String()] = codes
			}
		}
		if len(places) > 0 {
			doc.Sight[name] = places
		}
		for class := Class(1); class < classes; class++ {
			if p.reveal[role][class][0] {
				doc.Reveal[name] = append(doc.Reveal[name], class.String())
			}
		}
	}
	return json.Marshal(doc)
}
