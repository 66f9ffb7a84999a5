package access

import (
	"testing"

	"hotline/tenants"
)

// BenchmarkMay decides for 400 cities with 300 people each, everybody in turn. A decision knows roles only, so the number of
// cities and people must not matter.
func BenchmarkMay(b *testing.B) {
	a := opened(b)
	roles := []tenants.Role{tenants.Agent, tenants.Dispatcher, tenants.Handler, tenants.UnitLead, tenants.Reviewer,
		tenants.CallbackAgent, tenants.Supervisor, tenants.Auditor, tenants.CityAdmin}
	for name, people := range map[string]int{"63 people": 63, "400 cities with 300 people": 400 * 300} {
		viewers := make([]*tenants.Viewer, people)
		for i := range viewers {
			posts := []tenants.Post{{Role: roles[i%len(roles)]}, {Role: roles[(i/7)%len(roles)]}}
			viewers[i] = &tenants.Viewer{Posts: posts}
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := range b.N {
				a.May(viewers[i%people].Roles(), "work_order", "dispatch")
			}
		})
	}
}
