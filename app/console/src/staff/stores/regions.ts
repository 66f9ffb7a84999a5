// The regions (区域联动) this city is in, and whether they answer: while one does not, what goes to other cities waits here.
import { defineStore } from 'pinia'
import { whole, type Region } from '../../api/client'
import { isCity } from '../lane'
import { api, useSession } from './session'

interface City { code: string; title: string }

export const useRegions = defineStore('regions', {
  state: () => ({ regions: [] as Region[], all: [] as City[] }),
  getters: {
    cut: (s) => s.regions.filter((r) => !r.connected),
    // partners are the cities that a case can go to.
    partners: (s): City[] => others(s.regions.flatMap((r) => r.members).filter((m) => !m.revoked && isCity(m.city)).map((m) => ({ code: m.city, title: m.title }))),
    // cities are all that are known here: who believes another city responsible may mean one of another region.
    cities(s): City[] { return others([...this.partners, ...s.all]) },
  },
  actions: {
    async load() {
      if (!useSession().may('region.get')) return
      this.regions = (await whole(api.GET('/v1/tenants/{tenant}/regions', { params: { path: { tenant: useSession().city } } }))).regions
    },
    async loadCities() {
      const [out] = await Promise.all([whole(api.GET('/v1/cities')), this.load()])
      this.all = out.cities.map((c) => ({ code: c.tenant, title: c.title }))
    },
  },
})

// others are each city once, without our own.
function others(cities: City[]): City[] {
  const own = useSession().city
  return [...new Map(cities.map((c) => [c.code, c])).values()].filter((c) => c.code !== own).sort((a, b) => a.code.localeCompare(b.code))
}
