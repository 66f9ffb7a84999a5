// The city's names (名录): units, categories and what intake tells whom it sends elsewhere. Read once, they change rarely.
import { defineStore } from 'pinia'
import { whole, type Category, type Door, type Unit } from '../../api/client'
import { api, useSession } from './session'

export const useDirectory = defineStore('directory', {
  state: () => ({ units: [] as Unit[], categories: [] as Category[], doors: [] as Door[], loading: null as Promise<void> | null }),
  getters: {
    districts: (s) => [...new Set(s.units.map((u) => u.district).filter(Boolean))],
    live: (s) => s.categories.filter((c) => !c.retired),
  },
  actions: {
    load(): Promise<void> {
      return (this.loading ??= this.read().catch((e: unknown) => {
        this.loading = null
        throw e
      }))
    },
    async read() {
      const params = { path: { tenant: useSession().city } }
      const [units, categories, doors] = await Promise.all([
        whole(api.GET('/v1/tenants/{tenant}/units', { params })),
        whole(api.GET('/v1/tenants/{tenant}/categories', { params })),
        whole(api.GET('/v1/tenants/{tenant}/workOrders:listDoors', { params })),
      ])
      this.units = units.units
      this.categories = categories.categories
      this.doors = doors.doors
    },
    reread() {
      this.loading = null
      return this.load()
    },
    unit(code: string) {
      return this.units.find((u) => u.code === code)?.title ?? code
    },
    category(code: string) {
      return this.categories.find((c) => c.code === code)?.title ?? code
    },
  },
})
