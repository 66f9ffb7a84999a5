package identity

import (
	"testing"

	"hotline/ent/store"
	"hotline/ent/store/storetest"
	"hotline/tenants"
)

func BenchmarkIdentify(b *testing.B) {
	for name, open := range map[string]func(testing.TB) *store.Store{"sqlite": storetest.SQLite, "postgres": storetest.Postgres} {
		b.Run(name, func(b *testing.B) {
			w := newWorld(b, open(b))
			w.staff(hangzhou, "zhang", role(tenants.Agent), role(tenants.Reviewer))
			token := w.login("zhang", "").AccessToken
			b.ResetTimer()
			for range b.N {
				w.identify(token)
			}
		})
	}
}
