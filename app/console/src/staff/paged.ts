// A list that comes in pages: what is shown, whether there is more, and what went wrong.
import { ref, shallowRef } from 'vue'
import type { Problem } from '../api/client'

export function paged<T>(read: (token: string) => Promise<{ rows: T[]; next: string }>) {
  const rows = ref<T[]>([]) as { value: T[] }
  const next = ref('')
  const loading = ref(false)
  const problem = shallowRef<Problem | null>(null)
  let turn = 0
  async function load(token = '') {
    const mine = ++turn
    loading.value = true
    problem.value = null
    if (!token) rows.value = []
    try {
      const out = await read(token)
      if (mine !== turn) return
      rows.value = token ? [...rows.value, ...out.rows] : out.rows
      next.value = out.next
    } catch (e) {
      if (mine === turn) problem.value = e as Problem
    } finally {
      if (mine === turn) loading.value = false
    }
  }
  return { rows, next, loading, problem, load }
}
