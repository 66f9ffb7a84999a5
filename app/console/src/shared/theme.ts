// How a person likes their screen; kept on this machine.
export type Theme = 'auto' | 'light' | 'dark'
export type Density = 'comfortable' | 'compact'

const read = (key: string, fallback: string) => localStorage.getItem(`hotline.${key}`) ?? fallback

export const preferences = {
  get theme() { return read('theme', 'auto') as Theme },
  set theme(v: Theme) { localStorage.setItem('hotline.theme', v); applyPreferences() },
  get density() { return read('density', 'comfortable') as Density },
  set density(v: Density) { localStorage.setItem('hotline.density', v); applyPreferences() },
}

export function applyPreferences() {
  const dark = preferences.theme === 'dark' || (preferences.theme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.dataset.theme = dark ? 'dark' : 'light'
  document.documentElement.classList.toggle('dark', dark) // Element Plus' own word for it
  document.documentElement.dataset.density = preferences.density
}
