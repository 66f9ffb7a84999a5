import type zh from './zh-CN'

const key = 'hotline.language'

interface I18n { global: { locale: { value: string }; setLocaleMessage(locale: string, messages: typeof zh): void } }

// speak is set once at start; English is fetched by who wants it. The choice is kept at once, for who goes on meanwhile.
export let speak: (language: string) => Promise<void> = () => Promise.resolve()

export function setLanguage(i18n: unknown) {
  const { global } = i18n as I18n
  speak = async (language) => {
    localStorage.setItem(key, language)
    if (language === 'en') global.setLocaleMessage('en', (await import('./en')).default)
    if (localStorage.getItem(key) !== language) return // another one was chosen meanwhile
    global.locale.value = language
    document.documentElement.lang = language
  }
  if (localStorage.getItem(key) === 'en') void speak('en')
}
