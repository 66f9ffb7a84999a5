package privacy

import "slices"

// grant is one line of the default policy: these roles see these classes so.
type grant struct {
	roles   []string
	at      []Situation
	sight   Sight
	classes []Class
}

var (
	centre  = []string{"agent", "dispatcher", "reviewer", "adjudicator", "supervisor"}
	units   = []string{"handler", "unit_lead"}
	onOrder = slices.Concat(centre, units, []string{"callback_agent", "quality_inspector"})
	contact = []Class{Name, Phone, Address, Text}
)

// defaults is the policy of a city that states none of its own (默认规则).
var defaults = []grant{
	{centre, []Situation{Detail}, Mask, []Class{Name, Phone, Address, Email, Text, Recording}},
	{[]string{"agent"}, []Situation{Detail}, Mask, []Class{IDNumber}},
	{units, []Situation{Detail}, Mask, []Class{Name, Phone, Address, Email, Text}},
	{[]string{"callback_agent"}, []Situation{Detail, Callback}, Mask, []Class{Address, Email, Text, Recording}},
	{[]string{"callback_agent"}, []Situation{Detail}, Mask, []Class{Name, Phone}},
	// Whoever opens an order in order to call must read the number and the name.
	{[]string{"callback_agent"}, []Situation{Callback}, Clear, []Class{Name, Phone}},
	// Whoever takes over an emergency must reach the caller and the place at once.
	{units, []Situation{Emergency}, Clear, contact},
	{[]string{"quality_inspector"}, []Situation{Detail}, Mask, []Class{Name, Phone, Text, Recording}},
	{[]string{"expert"}, []Situation{Detail}, Mask, []Class{Text}},
	{[]string{"citizen"}, []Situation{Detail}, Mask, []Class{Name, Phone, IDNumber, Address, Email, Text}},
	{[]string{"machine"}, []Situation{Share}, Mask, []Class{Text}},

	{append(slices.Clone(onOrder), "expert", "citizen"), []Situation{History}, Mask, []Class{Text}},
	// The papers of a dispute between cities are written for the coordinator.
	{[]string{"regional_coordinator"}, []Situation{History}, Mask, []Class{Text}},
	{onOrder, []Situation{List, Search}, Mask, contact},
	{slices.Concat(centre, units), []Situation{Print, Export}, Mask, []Class{Name, Address, Text}},
	{slices.Concat(centre, units, []string{"citizen"}), []Situation{Notify}, Mask, []Class{Name, Text}},
}

// defaultReveals tells who may ask to see what.
var defaultReveals = []grant{
	{roles: slices.Concat(units, []string{"agent", "supervisor", "adjudicator"}), classes: contact},
	{roles: []string{"callback_agent"}, classes: []Class{Name, Phone}},
	{roles: []string{"quality_inspector"}, classes: []Class{Text, Recording}},
}

// DefaultPolicy is the rule of a city that states none of its own.
func DefaultPolicy() *Policy { return defaultPolicy }

// One value serves all: a Policy never changes.
var defaultPolicy = func() *Policy {
	p := &Policy{}
	for _, g := range defaults {
		g.each(func(role int, class Class) {
			for _, at := range g.at {
				p.stated[role][class][at] = g.sight
			}
		})
	}
	for _, g := range defaultReveals {
		g.each(func(role int, class Class) { p.reveal[role][class][0] = true })
	}
	p.settle()
	return p
}()

func (g grant) each(do func(role int, class Class)) {
	for _, name := range g.roles {
		for _, class := range g.classes {
			do(roleIndex[name], class)
		}
	}
}
