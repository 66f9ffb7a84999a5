// Which city the citizen speaks to: one for who deploys for one city, otherwise chosen once and remembered.
import { computed, ref } from 'vue'
import { client, whole, type Schemas, type Whole } from '../api/client'

export const api = client()
type City = Whole<Schemas['hotline.tenant.v1.City']>

export const cities = ref<City[]>([])
const asked = new URLSearchParams(location.search).get('city')
const code = ref(asked ?? localStorage.getItem('hotline.city') ?? '')
export const city = computed(() => cities.value.find((c) => c.tenant === code.value) ?? (cities.value.length === 1 ? cities.value[0] : undefined))

let loading: Promise<void> | undefined
export function loadCities(): Promise<void> {
  return (loading ??= whole(api.GET('/v1/cities')).then((out) => { cities.value = out.cities as City[] }).catch((e: unknown) => {
    loading = undefined
    throw e
  }))
}

export function choose(tenant: string) {
  code.value = tenant
  localStorage.setItem('hotline.city', tenant)
}
